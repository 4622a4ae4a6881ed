/* What all devices of a domain have in common: kind, alias, address, boot order.  Every device struct starts
 * with a DmDevice named `dev`. */
#pragma once

#include "conf/xml_schema.h"

typedef enum DmDeviceKind {
        DM_DEVICE_NONE,
#define DM_DEVICE(KIND, element, Struct) DM_DEVICE_##KIND,
#include "conf/device_kinds.def"
#undef DM_DEVICE
        DM_DEVICE_N
} DmDeviceKind;

typedef enum DmYesNo { DM_YES_NO_UNSET, DM_YES, DM_NO } DmYesNo;
extern const DmEnum dm_yes_no;
typedef enum DmOnOff { DM_ON_OFF_UNSET, DM_ON, DM_OFF } DmOnOff;
extern const DmEnum dm_on_off;

typedef enum DmAddressType {
        DM_ADDRESS_NONE,
        DM_ADDRESS_PCI,
        DM_ADDRESS_DRIVE,
        DM_ADDRESS_VIRTIO_SERIAL,
        DM_ADDRESS_CCID,
        DM_ADDRESS_USB,
        DM_ADDRESS_SPAPR_VIO,
        DM_ADDRESS_VIRTIO_S390,
        DM_ADDRESS_CCW,
        DM_ADDRESS_VIRTIO_MMIO,
        DM_ADDRESS_ISA,
        DM_ADDRESS_DIMM,
        DM_ADDRESS_UNASSIGNED,
} DmAddressType;
extern const DmEnum dm_address_type;

/* One struct for all types; which members mean something is said by `type` (rows in device.c). */
typedef struct DmAddress {
        int unused; /* so that the struct and its first value have different addresses (origins.h) */
        DmAddressType type;
        DmOptU32 domain, bus, slot,
                function; /* pci; bus also drive, usb, virtio-serial; slot also dimm, ccid */
        DmOnOff multifunction;
        DmOptU32 controller, target, unit; /* drive, virtio-serial, ccid */
        DmOptU32 port;                     /* virtio-serial */
        char *usb_port;                    /* "1.2.3" */
        DmOptU32 cssid, ssid, devno;       /* ccw */
        DmOptU64 reg;                      /* spapr-vio */
        DmOptU32 iobase, irq;              /* isa */
        DmOptU64 base;                     /* dimm */
        DmOptU32 zpci_uid, zpci_fid;       /* pci on s390x */
} DmAddress;

typedef struct DmDevice {
        int kind;    /* DmDeviceKind, set by the reader */
        char *alias; /* id inside the running guest; in definitions only "ua-…" names of the user's */
        DmAddress address;
        DmOptU32 boot_order; /* from 1 */
        char *boot_loadparm; /* s390x */
        DmOptU32 acpi_index;
} DmDevice;

/* Options that every virtio device has, in its <driver>. */
typedef struct DmVirtioOptions {
        DmOnOff iommu, ats, packed, page_per_vq;
} DmVirtioOptions;

/* Rows for the tables of devices.  T is the device's struct. */
#define DM_DEVICE_BOOT(T) DM_AT(T, dev, dm_boot_element)
#define DM_DEVICE_TAIL(T)                                                \
        DM_AT(T, dev, dm_alias_element), DM_AT(T, dev, dm_acpi_element), \
                DM_AT(T, dev.address, dm_address_element)
#define DM_VIRTIO_ROWS(T, m)                                                                                 \
        DM_ENUM(T, m.iommu, "iommu", dm_on_off, .flags = DM_ABI, .doc = "Behind an emulated IOMMU."),        \
                DM_ENUM(T, m.ats, "ats", dm_on_off, .flags = DM_ABI, .doc = "Address translation service."), \
                DM_ENUM(T, m.packed, "packed", dm_on_off, .flags = DM_ABI, .doc = "Packed virtqueues."),     \
                DM_ENUM(T, m.page_per_vq, "page_per_vq", dm_on_off, .flags = DM_ABI,                         \
                        .doc = "One notification page for each queue.")

extern const DmXmlElement dm_boot_element, dm_alias_element, dm_acpi_element, dm_address_element;

/* The schema of a kind, never NULL for a valid kind; its name is the element's. */
const DmXmlElement *dm_device_schema(DmDeviceKind kind);
static inline const char *dm_device_element(DmDeviceKind kind)
{
        return dm_device_schema(kind)->name;
}

/* Schemas, one per row of device_kinds.def. */
#define DM_DEVICE(KIND, element, Struct) extern const DmXmlElement dm_##element##_schema;
#include "conf/device_kinds.def"
#undef DM_DEVICE

/* Text of an address for messages: "0000:00:03.0", "drive 0:0:1", "ccw 0.0.0001"; "none".  Owned. */
char *dm_address_describe(const DmAddress *a);
gboolean dm_address_equal(const DmAddress *a, const DmAddress *b);
