/* What the QEMU side knows of each device kind: one DmDeviceOps per row of conf/device_kinds.def.
 *
 * To add a kind: a row there, conf/domain_X.{h,c} with dm_X_schema, qemu/command_X.c with dm_X_ops.  There is
 * no switch over kinds anywhere. */
#pragma once

#include "conf/domain_chardev.h"
#include "conf/domain_controller.h"
#include "conf/domain_input.h"
#include "qemu/command.h"

/* Where a device wants to sit; decides which address it is given (address.c). */
typedef enum DmWants {
        DM_WANTS_NOTHING,   /* no address: on board, or has none */
        DM_WANTS_PCI,       /* a conventional PCI slot; on PCIe boards behind a bridge */
        DM_WANTS_PCIE,      /* a PCIe slot: on PCIe boards a root port of its own; else as PCI */
        DM_WANTS_PCIE_ROOT, /* integrated: directly on the root bus */
        DM_WANTS_VIRTIO,    /* PCI(e), CCW or virtio-mmio, as the board has it */
        DM_WANTS_DRIVE,
        DM_WANTS_USB,
        DM_WANTS_VIRTIO_SERIAL,
        DM_WANTS_SPAPR_VIO,
        DM_WANTS_ISA,
        DM_WANTS_CCID,
        DM_WANTS_DIMM,
} DmWants;

/* Where on the command line a kind stands: what others sit on comes first. */
typedef enum DmOrder {
        DM_ORDER_IOMMU = 5,
        DM_ORDER_CONTROLLER = 10,
        DM_ORDER_MEMORY = 15,
        DM_ORDER_HUB = 20,
        DM_ORDER_DISK = 25,
        DM_ORDER_FILESYSTEM = 30,
        DM_ORDER_INTERFACE = 35,
        DM_ORDER_SMARTCARD = 40,
        DM_ORDER_SERIAL = 45,
        DM_ORDER_PARALLEL = 50,
        DM_ORDER_CHANNEL = 55,
        DM_ORDER_CONSOLE = 60,
        DM_ORDER_TPM = 65,
        DM_ORDER_INPUT = 70,
        DM_ORDER_AUDIO = 75, /* audio backends: before what plays through them */
        DM_ORDER_GRAPHICS = 80,
        DM_ORDER_VIDEO = 85,
        DM_ORDER_SOUND = 90,
        DM_ORDER_WATCHDOG = 95,
        DM_ORDER_REDIRDEV = 100,
        DM_ORDER_HOSTDEV = 105,
        DM_ORDER_BALLOON = 110,
        DM_ORDER_RNG = 115,
        DM_ORDER_NVRAM = 120,
        DM_ORDER_LATE = 125, /* from here on after -sandbox */
        DM_ORDER_PANIC = 130,
        DM_ORDER_SHMEM = 135,
        DM_ORDER_VSOCK = 140,
        DM_ORDER_CRYPTO = 145,
        DM_ORDER_END = 1000,
} DmOrder;

typedef struct DmDeviceOps {
        DmOrder order;
        /* Order among the devices of one kind, ascending, before the document's.  Nullable. */
        int (*rank)(const DmDevice *device);
        /* Fills in what was left open (model, bus, …), each with dm_origins_explain.  Called in the order of
         * kinds. Nullable. */
        gboolean (*defaults)(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error);
        /* Fills in what follows from the address (numbers of PCI ports).  May be called again.  Nullable. */
        void (*settle)(DmPlan *p, DmDevice *device);
        /* Nullable: DM_WANTS_NOTHING. */
        DmWants (*wants)(const DmPlan *p, const DmDevice *device);
        /* Id of the device, the @n-th (from 0) of its kind; its address is known.  NULL: it has none.  Owned.
         */
        char *(*alias)(const DmPlan *p, const DmDevice *device, unsigned n);
        /* Can this emulator on this board do it?  Error with the place (dm_plan_fail).  Nullable.  That the
         * emulator has the type which `props` names is checked for all kinds alike. */
        gboolean (*check)(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error);
        /* -netdev -blockdev -chardev -object of the device, or all of it when it is on board.  Nullable. */
        gboolean (*backend)(DmBuild *b, const DmDevice *device, GError **error);
        /* Properties for -device at start and device_add at hot-plug alike.  NULL without error: the device
         * needs none (it is on board, or the backend said it all).  Owned.  Nullable. */
        DmJson *(*props)(const DmPlan *p, const DmDevice *device, GError **error);
        /* Adds the numbers of descriptors that are passed for it to what `props` gave.  Nullable. */
        void (*pass)(DmBuild *b, const DmDevice *device, DmJson *props);
        /* The program that must run beside QEMU for it and that the driver would start ("swtpm"); NULL: none.
         * Nullable. */
        const char *(*helper)(const DmDevice *device);
        /* Further devices that belong to it and sit on it: after its own.  Nullable. */
        gboolean (*parts)(DmBuild *b, const DmDevice *device, GError **error);
} DmDeviceOps;

/* Never NULL for a valid kind. */
const DmDeviceOps *dm_device_ops(DmDeviceKind kind);

#define DM_DEVICE(KIND, element, Struct) extern const DmDeviceOps dm_##element##_ops;
#include "conf/device_kinds.def"
#undef DM_DEVICE

/* Can this emulator on this board do @device?  ops->check, and that the emulator has the type at all. */
gboolean dm_device_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error);

/* ---- for the operations ---- */
/* Fails with @value's place in the document and the device's name in front of the message. */
gboolean dm_plan_fail(const DmPlan *p, const DmDevice *device, const void *value, GError **error,
                      const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Adds "bus" and "addr" (or "devno", "port", "reg", …) of the device's address to @props. */
void dm_props_address(const DmPlan *p, const DmDevice *device, DmJson *props);
/* A virtio device's type with the board's suffix: "virtio-blk" gives virtio-blk-pci, -ccw or -device; the
 * (non-)transitional variants by @model.  Owned. */
char *dm_virtio_type(const DmPlan *p, const DmDevice *device, const char *stem, DmVirtioModel model);
/* TRUE when the board can hold virtio devices at all. */
gboolean dm_plan_virtio(const DmPlan *p);
/* iommu_platform, ats, packed, page-per-vq. */
void dm_props_virtio(const DmVirtioOptions *o, DmJson *props);
/* A boolean property, absent when unset. */
void dm_props_onoff(DmJson *props, const char *key, DmOnOff value);
void dm_props_yesno(DmJson *props, const char *key, DmYesNo value);
/* A number, absent when unset. */
void dm_props_u32(DmJson *props, const char *key, DmOptU32 value);
/* @key: the number of the descriptor that is passed for @path, as text; absent when the path is to be used.
 */
void dm_props_fd(DmBuild *b, const DmDevice *device, DmFdUse use, const char *path, const char *key,
                 DmJson *props);
/* "bootindex", when the device has one. */
void dm_props_boot(const DmPlan *p, const DmDevice *device, DmJson *props);
/* Place in the boot order, from 1; 0: takes no part.  Its own <boot order=>, or the first device of the class
 * that <os><boot> names. */
unsigned dm_boot_index(const DmPlan *p, const DmDevice *device);
/* Name of the emulator's bus for a PCI address: the board's main bus for bus 0, the controller's alias else.
 * Owned. */
char *dm_pci_bus_name(const DmPlan *p, const DmAddress *a);
/* PCI "addr" property: "0x1.0x2", ",multifunction=on" apart.  Owned. */
char *dm_pci_addr(const DmAddress *a);
/* The controller of @type with @index, NULL when there is none (of USB: the one that is no companion). */
const DmController *dm_plan_controller(const DmPlan *p, DmControllerType type, unsigned index);
/* Its alias, or what it would be called.  Owned. */
char *dm_controller_name(const DmPlan *p, DmControllerType type, unsigned index);
/* TRUE when the emulator can create @driver, by this name or the one behind it ("lsi" is lsi53c895a). */
gboolean dm_caps_has_driver(const DmCaps *c, const char *driver);
/* Numbers of the first devices of @kind before @device that have no alias of the user's: libvirt counts so
 * for kinds that are plugged often. */
unsigned dm_alias_number(const DmPlan *p, const DmDevice *device);
