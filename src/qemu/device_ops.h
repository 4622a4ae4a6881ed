/* What the QEMU side knows of each device kind: one DmDeviceOps per row of conf/device_kinds.def.
 *
 * To add a kind: a row there, conf/domain_X.{h,c} with dm_X_schema, qemu/command_X.c with dm_X_ops.  There is
 * no switch over kinds anywhere. */
#pragma once

#include "qemu/command.h"

/* Where a device wants to sit; decides which address it is given (address.c). */
typedef enum DmWants {
        DM_WANTS_NOTHING, /* no address: on board, or has none */
        DM_WANTS_PCI,     /* a conventional PCI slot; on PCIe boards behind a bridge */
        DM_WANTS_PCIE,    /* a PCIe slot: on PCIe boards a root port of its own; else as PCI */
        DM_WANTS_PCIE_ROOT, /* integrated: directly on the root bus */
        DM_WANTS_VIRTIO,  /* PCI(e), CCW or virtio-mmio, as the board has it */
        DM_WANTS_DRIVE,
        DM_WANTS_USB,
        DM_WANTS_VIRTIO_SERIAL,
        DM_WANTS_SPAPR_VIO,
        DM_WANTS_ISA,
        DM_WANTS_CCID,
        DM_WANTS_DIMM,
} DmWants;

typedef struct DmDeviceOps {
        int order; /* on the command line, ascending: what others sit on comes first */
        /* Fills in what was left open (model, bus, …), each with dm_origins_explain.  Called in the order of kinds.
         * Nullable. */
        gboolean (*defaults)(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error);
        DmWants (*wants)(const DmPlan *p, const DmDevice *device);
        /* Id of the @n-th device of its kind.  Owned. */
        char *(*alias)(const DmPlan *p, const DmDevice *device, unsigned n);
        /* Can this emulator on this board do it?  Error with the place (dm_plan_fail).  Nullable. */
        gboolean (*check)(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error);
        /* -netdev -blockdev -chardev -object of the device.  Nullable. */
        gboolean (*backend)(DmBuild *b, const DmDevice *device, GError **error);
        /* Properties for -device at start and device_add at hot-plug alike.  NULL without error: the device needs none
         * (it is on board, or the backend said it all).  Owned. */
        DmJson *(*props)(const DmPlan *p, const DmDevice *device, GError **error);
} DmDeviceOps;

/* Never NULL for a valid kind. */
const DmDeviceOps *dm_device_ops(DmDeviceKind kind);

#define DM_DEVICE(KIND, element, Struct) extern const DmDeviceOps dm_##element##_ops;
#include "conf/device_kinds.def"
#undef DM_DEVICE

/* ---- for the operations ---- */
/* Fails with @value's place in the document and the device's name in front of the message. */
gboolean dm_plan_fail(const DmPlan *p, const DmDevice *device, const void *value, GError **error, const char *format, ...)
        G_GNUC_PRINTF(5, 6);
/* Adds "bus" and "addr" (or "devno", "port", "reg", …) of the device's address to @props. */
void dm_props_address(const DmPlan *p, const DmDevice *device, DmJson *props);
/* "virtio-blk" with the board's suffix: -pci, -ccw, -device; transitional variants by @model.  Owned. */
char *dm_virtio_type(const DmPlan *p, const DmDevice *device, const char *stem, int virtio_model);
/* iommu_platform, ats, packed, page-per-vq. */
void dm_props_virtio(const DmVirtioOptions *o, DmJson *props);
/* on/off values as QEMU's OnOffAuto strings or booleans, absent when unset. */
void dm_props_onoff(DmJson *props, const char *key, DmOnOff value);
/* Name of the emulator's bus for a PCI address: the board's main bus for bus 0, the controller's alias else.  Owned. */
char *dm_pci_bus_name(const DmPlan *p, const DmAddress *a);
/* PCI "addr" property: "0x1.0x2", ",multifunction=on" apart.  Owned. */
char *dm_pci_addr(const DmAddress *a);
