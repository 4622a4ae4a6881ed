/* Boards: what a machine type brings with it, and the names of its buses.  One row per family of machines;
 * measured facts, not guesses (which bus a device lands on decides whether the guest boots). */
#pragma once

#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "conf/domain_video.h"
#include "qemu/caps.h"

typedef enum DmBoardFlags {
        DM_BOARD_PCI = 1 << 0,         /* has a PCI bus that devices may be put on */
        DM_BOARD_PCIE = 1 << 1,        /* … whose root is PCI Express */
        DM_BOARD_CCW = 1 << 2,         /* virtio by channel subsystem (s390x) */
        DM_BOARD_VIRTIO_MMIO = 1 << 3, /* has virtio-mmio slots */
        DM_BOARD_ISA = 1 << 4,
        DM_BOARD_SPAPR_VIO = 1 << 5,
        DM_BOARD_FLOPPY = 1 << 6, /* floppy controller on board */
        DM_BOARD_IDE = 1 << 7,    /* IDE channels on board: two of two drives, or `ide_buses` */
        DM_BOARD_SATA = 1 << 8,   /* AHCI on board, buses ide.0 … of one drive each */
        DM_BOARD_SCSI = 1 << 9,   /* SCSI adapter on board, bus scsi.0 */
        DM_BOARD_SD = 1 << 10,
        DM_BOARD_PS2 = 1 << 11,
        DM_BOARD_USB = 1 << 12,     /* gets a USB controller by default */
        DM_BOARD_BALLOON = 1 << 13, /* gets a memballoon by default */
        /* Serial ports are on board: -serial, no -device. */
        DM_BOARD_SERIAL_ONBOARD = 1 << 14,
        /* Must be started without -nodefaults (40p: its serial chip is a default). */
        DM_BOARD_KEEP_DEFAULTS = 1 << 15,
        DM_BOARD_NO_ACPI = 1 << 16,
        /* The NIC `nic_model` is on board: -nic model=, no -device; nic_model NULL: -nic without a model.
         * Other models are ordinary devices, where the board has a bus for them. */
        DM_BOARD_NIC_ONBOARD = 1 << 17,
        /* The display is on board or made by the board: -vga, no -device (sun4u: "-device VGA" aborts
           QEMU 7.2). */
        DM_BOARD_VGA_ONBOARD = 1 << 18,
        /* A USB bus, "usb-bus.0", is on board: input devices need no controller. */
        DM_BOARD_USB_ONBOARD = 1 << 19,
} DmBoardFlags;

typedef struct DmBoard {
        const char *arch;    /* libvirt's names, separated by '|'; NULL: any */
        const char *machine; /* patterns with * and ?, separated by '|', on the canonical name */
        unsigned flags;
        const char *pci_bus;   /* bus that devices of PCI bus 0 are put on: "pci.0", "pcie.0", "pci", "pci.2",
                                  "pciB" */
        unsigned first_slot;   /* first slot of it that devices are given */
        guint32 taken_slots;   /* bit N: slot N of it is not free, or does not work */
        unsigned ide_buses;    /* ide.0 … on board; SATA: one drive each */
        DmDiskBus disk_bus;    /* default for <target> without bus and a name that doesn't tell */
        const char *nic_model; /* default */
        DmVideoModel video;    /* default */
        DmControllerModel usb; /* default USB controller */
        DmControllerModel
                scsi;     /* SCSI adapter on board, or the default one; unset: none is the board's own */
        const char *note; /* where the facts come from */
} DmBoard;

/* The board of a canonical machine name; never NULL (the last row fits all and has no PCI). */
const DmBoard *dm_board_find(const char *arch, const char *machine);
/* All rows, ended by one without `machine`. */
const DmBoard *dm_board_all(void);
/* The machine for @arch when none is given: the table's, else the emulator's own default; NULL: must be
 * given. */
const DmMachine *dm_board_default_machine(const char *arch, const DmCaps *caps);
/* Old names: the name that is the same board today ("sun4m" → "SS-5"), or a successor (*ret_replaced TRUE,
 * "prep" → "40p"); NULL when there is none. */
const char *dm_board_successor(const char *arch, const char *machine, gboolean *ret_replaced);
/* TRUE for machines that QEMU lists but that cannot run a guest by themselves: "none", "x-remote". */
gboolean dm_board_unusable(const char *machine);
