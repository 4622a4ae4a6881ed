/* <hostdev>: rows, and the rules between them. */
#include "conf/domain_hostdev.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(
        dm_hostdev_mode,
        "hostdev mode", [DM_HOSTDEV_SUBSYSTEM] = "subsystem", [DM_HOSTDEV_CAPABILITIES] = "capabilities");
DM_ENUM_TABLE(dm_hostdev_type, "hostdev type", [DM_HOSTDEV_PCI] = "pci", [DM_HOSTDEV_USB] = "usb",
              [DM_HOSTDEV_SCSI] = "scsi", [DM_HOSTDEV_SCSI_HOST] = "scsi_host", [DM_HOSTDEV_MDEV] = "mdev",
              [DM_HOSTDEV_STORAGE] = "storage", [DM_HOSTDEV_MISC] = "misc", [DM_HOSTDEV_NET] = "net");
DM_ENUM_TABLE(dm_mdev_model, "mdev model", [DM_MDEV_VFIO_PCI] = "vfio-pci", [DM_MDEV_VFIO_CCW] = "vfio-ccw",
              [DM_MDEV_VFIO_AP] = "vfio-ap");
DM_ENUM_TABLE(dm_guest_reset, "guestReset mode", [DM_GUEST_RESET_OFF] = "off",
              [DM_GUEST_RESET_UNINITIALIZED] = "uninitialized", [DM_GUEST_RESET_ON] = "on");
DM_ENUM_TABLE(dm_scsi_protocol, "scsi protocol", [DM_SCSI_ADAPTER] = "adapter", [DM_SCSI_ISCSI] = "iscsi");
DM_ENUM_TABLE(dm_scsi_host_protocol, "scsi_host protocol", [DM_SCSI_HOST_VHOST] = "vhost");
DM_ENUM_TABLE(dm_hostdev_driver, "hostdev driver", [DM_INTERFACE_DRIVER_KVM] = "kvm",
              [DM_INTERFACE_DRIVER_VFIO] = "vfio", [DM_INTERFACE_DRIVER_XEN] = "xen");

/* ---- source, by type ---- */

static const DmXmlRow pci_rows[] = {
        DM_ENUM(DmHostdev, startup_policy, "startupPolicy", dm_startup_policy),
        DM_ENUM(DmHostdev, write_filtering, "writeFiltering", dm_yes_no),
        DM_AT(DmHostdev, pci, dm_pci_source_address, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement source_pci = { "source", pci_rows, .doc = "The host's device." };

static const DmXmlRow vendor_rows[] = {
        DM_U32(DmHostdev, usb_vendor, "id", .hex = 4, .max = 0xffff, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement vendor_element = { "vendor", vendor_rows, .doc = "Of the USB device." };
static const DmXmlRow product_rows[] = {
        DM_U32(DmHostdev, usb_product, "id", .hex = 4, .max = 0xffff, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement product_element = { "product", product_rows, .doc = "Of the USB device." };
static const DmXmlRow usb_address_rows[] = {
        DM_U32(DmHostdev, usb_bus, "bus", .flags = DM_REQUIRED),
        DM_U32(DmHostdev, usb_device, "device", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement usb_address = { "address", usb_address_rows, .doc = "Where it is plugged in." };
static const DmXmlRow usb_rows[] = {
        DM_ENUM(DmHostdev, startup_policy, "startupPolicy", dm_startup_policy),
        DM_ENUM(DmHostdev, guest_reset, "guestReset", dm_guest_reset),
        DM_REFUSED_ATTR("missing", "the device must be there", .flags = DM_RUNTIME),
        DM_IN(vendor_element),
        DM_IN(product_element),
        DM_IN(usb_address),
        { 0 },
};
static const DmXmlElement source_usb = { "source", usb_rows, .doc = "The host's device." };

static const DmXmlRow adapter_rows[] = { DM_STRING(DmHostdev, adapter, "name", .flags = DM_REQUIRED), { 0 } };
static const DmXmlElement adapter_element = { "adapter", adapter_rows, .doc = "The host's adapter." };
static const DmXmlRow scsi_address_rows[] = {
        DM_U32(DmHostdev, scsi_bus, "bus", .flags = DM_REQUIRED),
        DM_U32(DmHostdev, scsi_target, "target", .flags = DM_REQUIRED),
        DM_U64(DmHostdev, scsi_unit, "unit", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement scsi_address = { "address", scsi_address_rows, .doc = "On the adapter." };
static const DmXmlRow iscsi_host_rows[] = {
        DM_STRING(DmNetHost, name, "name", .flags = DM_REQUIRED),
        DM_U32(DmNetHost, port, "port", .min = 1, .max = 65535),
        { 0 },
};
static const DmXmlElement iscsi_host = { "host", iscsi_host_rows, sizeof(DmNetHost), "A server." };
static const DmXmlRow iqn_rows[] = { DM_STRING(DmHostdev, initiator_iqn, "name", .flags = DM_REQUIRED),
                                     { 0 } };
static const DmXmlElement iqn_element = { "iqn", iqn_rows, .doc = "Name that the server knows us by." };
static const DmXmlRow initiator_rows[] = { DM_IN(iqn_element), { 0 } };
static const DmXmlElement initiator_element = { "initiator", initiator_rows, .doc = "Who we are." };
#define LOCAL DM_WHEN(DmHostdev, scsi_protocol, DM_SCSI_PROTOCOL_UNSET, DM_SCSI_ADAPTER)
#define ISCSI DM_WHEN(DmHostdev, scsi_protocol, DM_SCSI_ISCSI)
static const DmXmlRow scsi_rows[] = {
        DM_ENUM(DmHostdev, scsi_protocol, "protocol", dm_scsi_protocol),
        DM_STRING(DmHostdev, iscsi_name, "name", .flags = DM_REQUIRED, ISCSI),
        DM_IN(adapter_element, .flags = DM_REQUIRED, LOCAL),
        DM_IN(scsi_address, .flags = DM_REQUIRED, LOCAL),
        DM_LIST(DmHostdev, iscsi_hosts, iscsi_host, .flags = DM_REQUIRED, ISCSI),
        DM_SUB(DmHostdev, auth, dm_auth_element, ISCSI),
        DM_IN(initiator_element, ISCSI),
        { 0 },
};
static const DmXmlElement source_scsi = { "source", scsi_rows, .doc = "The host's device." };

static const DmXmlRow scsi_host_rows[] = {
        DM_ENUM(DmHostdev, scsi_host_protocol, "protocol", dm_scsi_host_protocol, .flags = DM_REQUIRED),
        DM_STRING(DmHostdev, wwpn, "wwpn", .flags = DM_REQUIRED, .doc = "naa. and 16 hexadecimal digits."),
        { 0 },
};
static const DmXmlElement source_scsi_host = { "source", scsi_host_rows, .doc = "The host's target." };

static const DmXmlRow mdev_address_rows[] = {
        DM_CUSTOM(DmHostdev, mdev_uuid, "uuid", dm_uuid_codec, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement mdev_address = { "address", mdev_address_rows, .doc = "Of the mediated device." };
static const DmXmlRow mdev_rows[] = { DM_IN(mdev_address, .flags = DM_REQUIRED), { 0 } };
static const DmXmlElement source_mdev = { "source", mdev_rows, .doc = "The host's device." };

/* ---- hostdev ---- */

static const DmXmlRow driver_rows[] = { DM_ENUM(DmHostdev, driver, "name", dm_hostdev_driver), { 0 } };
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Who gives it away." };
static const DmXmlRow teaming_rows[] = {
        DM_ENUM(DmHostdev, teaming, "type", dm_teaming, .flags = DM_REQUIRED | DM_ABI),
        DM_STRING(DmHostdev, teaming_persistent, "persistent", .flags = DM_REQUIRED | DM_ABI,
                  DM_WHEN(DmHostdev, teaming, DM_TEAMING_TRANSIENT), .doc = "Alias of the other card."),
        { 0 },
};
static const DmXmlElement teaming_element = { "teaming", teaming_rows,
                                              .doc = "Two cards that the guest joins." };
static const DmXmlRow rom_rows[] = {
        DM_ENUM(DmHostdev, rom_enabled, "enabled", dm_yes_no, .flags = DM_ABI),
        DM_ENUM(DmHostdev, rom_bar, "bar", dm_on_off, .flags = DM_ABI),
        DM_STRING(DmHostdev, rom_file, "file", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement rom_element = { "rom", rom_rows, .doc = "The device's option ROM." };

#define ON(...)   DM_WHEN(DmHostdev, type, __VA_ARGS__)
#define SCSI_ONLY "it is for type='scsi'; leave it out"
#define MDEV_ONLY "it is for type='mdev'; leave it out"
#define CONTAINER "it belongs to containers; use a disk, a character device or an interface"
static const DmXmlRow hostdev_rows[] = {
        DM_ENUM(DmHostdev, mode, "mode", dm_hostdev_mode, .preset = DM_HOSTDEV_SUBSYSTEM),
        DM_ENUM(DmHostdev, type, "type", dm_hostdev_type, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmHostdev, managed, "managed", dm_yes_no,
                .doc = "Taken from the host's driver and given back."),
        DM_ENUM(DmHostdev, sgio, "sgio", dm_sgio, ON(DM_HOSTDEV_SCSI)),
        DM_ENUM(DmHostdev, rawio, "rawio", dm_yes_no, ON(DM_HOSTDEV_SCSI)),
        DM_REFUSED_ATTR("sgio", SCSI_ONLY,
                        ON(DM_HOSTDEV_PCI, DM_HOSTDEV_USB, DM_HOSTDEV_SCSI_HOST, DM_HOSTDEV_MDEV)),
        DM_REFUSED_ATTR("rawio", SCSI_ONLY,
                        ON(DM_HOSTDEV_PCI, DM_HOSTDEV_USB, DM_HOSTDEV_SCSI_HOST, DM_HOSTDEV_MDEV)),
        DM_REFUSED_ATTR("model", "devices of this type have no other model",
                        ON(DM_HOSTDEV_PCI, DM_HOSTDEV_USB, DM_HOSTDEV_SCSI)),
        DM_REFUSED_ATTR("display", MDEV_ONLY,
                        ON(DM_HOSTDEV_PCI, DM_HOSTDEV_USB, DM_HOSTDEV_SCSI, DM_HOSTDEV_SCSI_HOST)),
        DM_REFUSED_ATTR("ramfb", MDEV_ONLY,
                        ON(DM_HOSTDEV_PCI, DM_HOSTDEV_USB, DM_HOSTDEV_SCSI, DM_HOSTDEV_SCSI_HOST)),
        DM_ENUM(DmHostdev, model, "model", dm_virtio_model, .flags = DM_ABI, ON(DM_HOSTDEV_SCSI_HOST)),
        DM_ENUM(DmHostdev, mdev_model, "model", dm_mdev_model, .flags = DM_REQUIRED | DM_ABI,
                ON(DM_HOSTDEV_MDEV)),
        DM_ENUM(DmHostdev, display, "display", dm_on_off, .flags = DM_ABI, ON(DM_HOSTDEV_MDEV)),
        DM_ENUM(DmHostdev, ramfb, "ramfb", dm_on_off, .flags = DM_ABI, ON(DM_HOSTDEV_MDEV)),
        DM_IN(driver_element, ON(DM_HOSTDEV_PCI)),
        DM_IN(source_pci, .flags = DM_REQUIRED, ON(DM_HOSTDEV_PCI)),
        DM_IN(source_usb, .flags = DM_REQUIRED | DM_ALWAYS, ON(DM_HOSTDEV_USB)),
        DM_IN(source_scsi, .flags = DM_REQUIRED, ON(DM_HOSTDEV_SCSI)),
        DM_IN(source_scsi_host, .flags = DM_REQUIRED, ON(DM_HOSTDEV_SCSI_HOST)),
        DM_IN(source_mdev, .flags = DM_REQUIRED, ON(DM_HOSTDEV_MDEV)),
        DM_REFUSED_EL("ip", CONTAINER),
        DM_REFUSED_EL("route", CONTAINER),
        DM_REFUSED_EL("source", CONTAINER, ON(DM_HOSTDEV_STORAGE, DM_HOSTDEV_MISC, DM_HOSTDEV_NET)),
        DM_IN(teaming_element, ON(DM_HOSTDEV_PCI)),
        DM_FLAG(DmHostdev, readonly, "readonly", .flags = DM_ABI),
        DM_FLAG(DmHostdev, shareable, "shareable"),
        DM_DEVICE_BOOT(DmHostdev),
        DM_AT(DmHostdev, dev, dm_alias_element),
        DM_IN(rom_element),
        DM_AT(DmHostdev, dev, dm_acpi_element),
        DM_AT(DmHostdev, dev.address, dm_address_element),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmHostdev *h = base;
        gboolean product = h->usb_vendor.set || h->usb_product.set;
        if (h->type == DM_HOSTDEV_USB && h->usb_vendor.set != h->usb_product.set)
                dm_check_fail(c, h, DM_ERROR_INVALID_XML, "<vendor> and <product> go together");
        if (h->type == DM_HOSTDEV_USB && !product && !h->usb_bus.set)
                dm_check_fail(c, h, DM_ERROR_INVALID_XML,
                              "a USB device is named by vendor and product, or by its address");
        if (h->rom_file && h->rom_enabled == DM_NO)
                dm_check_fail(c, &h->rom_file, DM_ERROR_INVALID_XML, "a disabled ROM has no file");
        if (h->display && h->mdev_model != DM_MDEV_VFIO_PCI)
                dm_check_fail(c, &h->display, DM_ERROR_INVALID_XML, "display needs model='vfio-pci'");
        if (h->ramfb == DM_ON && h->display != DM_ON)
                dm_check_fail(c, &h->ramfb, DM_ERROR_INVALID_XML, "ramfb needs display='on'");
        if (h->mode == DM_HOSTDEV_CAPABILITIES && h->type && h->type < DM_HOSTDEV_STORAGE)
                dm_check_fail(c, &h->mode, DM_ERROR_INVALID_XML,
                              "devices of type '%s' are of mode='subsystem'",
                              dm_enum_name(&dm_hostdev_type, h->type));
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_hostdev_type, ((const DmHostdev *)base)->type);
}

const DmXmlElement dm_hostdev_schema = {
        "hostdev", hostdev_rows, sizeof(DmHostdev), "A device of the host.", .check = check, .label = label,
};
