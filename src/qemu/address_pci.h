/* Shared by the files of PCI addresses (address_pci*.c) only.
 *
 * A space is the PCI buses of one guest with what is taken on them.  It is filled twice, as libvirt does it:
 * a first time to learn how many bridges and ports are needed, which then become controllers of the
 * definition, and a second time to give the addresses. */
#pragma once

#include "qemu/address_private.h"

#define DM_PCI_SLOTS     32
#define DM_PCI_FUNCTIONS 8
#define DM_PCI_BUSES     256

/* What can be plugged in: a device says which of them it is, a bus which of them it takes. */
typedef enum DmPciPlug {
        DM_PLUG_PCI = 1 << 0,  /* a conventional device */
        DM_PLUG_PCIE = 1 << 1, /* a PCI Express device */
        DM_PLUG_PCI_BRIDGE = 1 << 2,
        DM_PLUG_DMI_BRIDGE = 1 << 3,  /* dmi-to-pci-bridge */
        DM_PLUG_PCIE_BRIDGE = 1 << 4, /* pcie-to-pci-bridge */
        DM_PLUG_ROOT_PORT = 1 << 5,
        DM_PLUG_UPSTREAM = 1 << 6,
        DM_PLUG_DOWNSTREAM = 1 << 7,
        DM_PLUG_EXPANDER = 1 << 8,      /* pci-expander-bus */
        DM_PLUG_PCIE_EXPANDER = 1 << 9, /* pcie-expander-bus */
        DM_PLUG_INTEGRATED = 1 << 10,   /* on bus 0, wherever a device of its type may be */
} DmPciPlug;

typedef struct DmPciSlot {
        guint8 taken;                             /* bit N: function N */
        gboolean shared;                          /* its functions are given one by one: root ports */
        const DmDevice *holder[DM_PCI_FUNCTIONS]; /* borrowed; NULL: the board itself, or a spare */
} DmPciSlot;

typedef struct DmPciBus {
        DmControllerModel model; /* unset: not there (yet) */
        unsigned takes;          /* DmPciPlug */
        unsigned gives;          /* those of them that are put here by themselves */
        gboolean hotplug;
        unsigned first, last; /* slots that exist */
        unsigned start;       /* the first of them that is given by itself */
        DmPciSlot slots[DM_PCI_SLOTS];
} DmPciBus;

typedef struct DmPciSpace {
        DmPlan *p;
        GPtrArray *buses; /* DmPciBus, owned */
        gboolean dry;     /* the first time: buses are added, devices are not told */
        gboolean hotplug; /* only where a running guest can be given devices */
} DmPciSpace;

/* A space with the buses of the definition's controllers, and every address that was given.  Owned. */
DmPciSpace *dm_pci_space_new(DmPlan *p, gboolean dry, GError **error);
void dm_pci_space_free(DmPciSpace *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmPciSpace, dm_pci_space_free)

/* What @device is; 0: it has no PCI address. */
unsigned dm_pci_plug(const DmPlan *p, const DmDevice *device);
/* TRUE when it is on PCI and still needs an address. */
gboolean dm_pci_open(const DmPlan *p, const DmDevice *device);
DmPciBus *dm_pci_bus(const DmPciSpace *s, unsigned index);
gboolean dm_pci_slot_taken(const DmPciSpace *s, unsigned bus, unsigned slot);
/* Takes a function of bus 0 for the board itself. */
gboolean dm_pci_take(DmPciSpace *s, unsigned slot, unsigned function, GError **error);
/* Gives @device the function of bus 0, in the dry run as well. */
gboolean dm_pci_settle(DmPciSpace *s, DmDevice *device, unsigned slot, unsigned function, const char *why,
                       GError **error);
/* Gives @device (NULL: takes a spare for) the next free place for @plug; @function is the one that it must
 * have. */
gboolean dm_pci_place(DmPciSpace *s, DmDevice *device, unsigned plug, unsigned function, GError **error);
/* Gives @device a function of the slot that @mate is in. */
gboolean dm_pci_join(DmPciSpace *s, DmDevice *device, const DmDevice *mate, unsigned function,
                     GError **error);
