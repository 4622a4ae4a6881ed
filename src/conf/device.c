/* The common head of devices: its rows, and the table of kinds. */
#include "conf/device.h"

DM_ENUM_TABLE(dm_yes_no, "value", [DM_YES] = "yes", [DM_NO] = "no");
DM_ENUM_TABLE(dm_on_off, "value", [DM_ON] = "on", [DM_OFF] = "off");
DM_ENUM_TABLE(
        dm_address_type, "address type", [DM_ADDRESS_PCI] = "pci", [DM_ADDRESS_DRIVE] = "drive",
        [DM_ADDRESS_VIRTIO_SERIAL] = "virtio-serial", [DM_ADDRESS_CCID] = "ccid", [DM_ADDRESS_USB] = "usb",
        [DM_ADDRESS_SPAPR_VIO] = "spapr-vio", [DM_ADDRESS_VIRTIO_S390] = "virtio-s390",
        [DM_ADDRESS_CCW] = "ccw", [DM_ADDRESS_VIRTIO_MMIO] = "virtio-mmio", [DM_ADDRESS_ISA] = "isa",
        [DM_ADDRESS_DIMM] = "dimm", [DM_ADDRESS_UNASSIGNED] = "unassigned");

static const DmXmlRow boot_rows[] = {
        DM_U32(DmDevice, boot_order, "order", .flags = DM_REQUIRED | DM_ABI, .min = 1,
               .doc = "Place in the boot order, from 1; excludes <os><boot>."),
        DM_STRING(DmDevice, boot_loadparm, "loadparm", .flags = DM_ABI,
                  .doc = "s390x: parameter of the loader."),
        { 0 },
};
const DmXmlElement dm_boot_element = { "boot", boot_rows, .doc = "This device takes part in booting." };

static const DmXmlRow alias_rows[] = {
        DM_STRING(DmDevice, alias, "name", .flags = DM_USER_NAMED,
                  .doc = "Name inside the guest's process; the user's own begin with ua-."),
        { 0 },
};
const DmXmlElement dm_alias_element = { "alias", alias_rows, .doc = "The device's identifier." };

static const DmXmlRow acpi_rows[] = {
        DM_U32(DmDevice, acpi_index, "index", .flags = DM_ABI, .min = 1, .max = 16383,
               .doc = "Onboard index."),
        { 0 },
};
const DmXmlElement dm_acpi_element = { "acpi", acpi_rows, .doc = "ACPI naming of a PCI device." };

static const DmXmlRow zpci_rows[] = {
        DM_U32(DmAddress, zpci_uid, "uid", .hex = 4, .min = 1, .max = 0xffff, .flags = DM_ABI),
        DM_U32(DmAddress, zpci_fid, "fid", .hex = 8, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement zpci_element = { "zpci", zpci_rows, .doc = "s390x identity of a PCI device." };

#define ON(...) DM_WHEN(DmAddress, type, __VA_ARGS__)
static const DmXmlRow address_rows[] = {
        DM_ENUM(DmAddress, type, "type", dm_address_type, .flags = DM_REQUIRED | DM_ABI),
        DM_U32(DmAddress, domain, "domain", .hex = 4, .max = 0xffff, .flags = DM_ABI, ON(DM_ADDRESS_PCI)),
        DM_U32(DmAddress, controller, "controller", .flags = DM_ABI,
               ON(DM_ADDRESS_DRIVE, DM_ADDRESS_VIRTIO_SERIAL, DM_ADDRESS_CCID)),
        DM_U32(DmAddress, bus, "bus", .hex = 2, .max = 0xff, .flags = DM_ABI, ON(DM_ADDRESS_PCI)),
        DM_U32(DmAddress, bus, "bus", .flags = DM_ABI,
               ON(DM_ADDRESS_DRIVE, DM_ADDRESS_VIRTIO_SERIAL, DM_ADDRESS_USB)),
        DM_U32(DmAddress, slot, "slot", .hex = 2, .max = 0x1f, .flags = DM_ABI, ON(DM_ADDRESS_PCI)),
        DM_U32(DmAddress, slot, "slot", .flags = DM_ABI, ON(DM_ADDRESS_DIMM, DM_ADDRESS_CCID)),
        DM_U32(DmAddress, function, "function", .hex = 1, .max = 7, .flags = DM_ABI, ON(DM_ADDRESS_PCI)),
        DM_ENUM(DmAddress, multifunction, "multifunction", dm_on_off, .flags = DM_ABI, ON(DM_ADDRESS_PCI)),
        DM_U32(DmAddress, target, "target", .flags = DM_ABI, ON(DM_ADDRESS_DRIVE)),
        DM_U32(DmAddress, unit, "unit", .flags = DM_ABI, ON(DM_ADDRESS_DRIVE)),
        DM_U32(DmAddress, port, "port", .flags = DM_ABI, ON(DM_ADDRESS_VIRTIO_SERIAL)),
        DM_STRING(DmAddress, usb_port, "port", .flags = DM_ABI, ON(DM_ADDRESS_USB)),
        DM_U64(DmAddress, reg, "reg", .hex = 8, .flags = DM_ABI, ON(DM_ADDRESS_SPAPR_VIO)),
        DM_U32(DmAddress, cssid, "cssid", .hex = 1, .max = 0xfe, .flags = DM_ABI, ON(DM_ADDRESS_CCW)),
        DM_U32(DmAddress, ssid, "ssid", .hex = 1, .max = 3, .flags = DM_ABI, ON(DM_ADDRESS_CCW)),
        DM_U32(DmAddress, devno, "devno", .hex = 4, .max = 0xffff, .flags = DM_ABI, ON(DM_ADDRESS_CCW)),
        DM_U32(DmAddress, iobase, "iobase", .hex = 1, .flags = DM_ABI, ON(DM_ADDRESS_ISA)),
        DM_U32(DmAddress, irq, "irq", .hex = 1, .flags = DM_ABI, ON(DM_ADDRESS_ISA)),
        DM_U64(DmAddress, base, "base", .hex = 1, .flags = DM_ABI, ON(DM_ADDRESS_DIMM)),
        DM_IN(zpci_element, ON(DM_ADDRESS_PCI)),
        { 0 },
};
const DmXmlElement dm_address_element = { "address", address_rows,
                                          .doc = "Where the guest finds the device." };

const DmXmlElement *dm_device_schema(DmDeviceKind kind)
{
        static const DmXmlElement *const schemas[DM_DEVICE_N] = {
#define DM_DEVICE(KIND, element, Struct) [DM_DEVICE_##KIND] = &dm_##element##_schema,
#include "conf/device_kinds.def"
#undef DM_DEVICE
        };
        g_assert(kind > DM_DEVICE_NONE && kind < DM_DEVICE_N);
        return schemas[kind];
}

char *dm_address_describe(const DmAddress *a)
{
        switch (a->type) {
        case DM_ADDRESS_PCI:
                return g_strdup_printf("%04x:%02x:%02x.%x", a->domain.value, a->bus.value, a->slot.value,
                                       a->function.value);
        case DM_ADDRESS_DRIVE:
                return g_strdup_printf("drive %u:%u:%u:%u", a->controller.value, a->bus.value,
                                       a->target.value, a->unit.value);
        case DM_ADDRESS_VIRTIO_SERIAL:
                return g_strdup_printf("virtio-serial %u:%u:%u", a->controller.value, a->bus.value,
                                       a->port.value);
        case DM_ADDRESS_CCID:
                return g_strdup_printf("ccid %u:%u", a->controller.value, a->slot.value);
        case DM_ADDRESS_USB:
                return g_strdup_printf("usb %u:%s", a->bus.value, a->usb_port ? a->usb_port : "");
        case DM_ADDRESS_SPAPR_VIO:
                return g_strdup_printf("spapr-vio 0x%" G_GINT64_MODIFIER "x", a->reg.value);
        case DM_ADDRESS_CCW:
                return g_strdup_printf("ccw %x.%x.%04x", a->cssid.value, a->ssid.value, a->devno.value);
        case DM_ADDRESS_ISA:
                return g_strdup_printf("isa 0x%x irq %u", a->iobase.value, a->irq.value);
        case DM_ADDRESS_DIMM:
                return g_strdup_printf("dimm slot %u", a->slot.value);
        case DM_ADDRESS_VIRTIO_S390:
        case DM_ADDRESS_VIRTIO_MMIO:
        case DM_ADDRESS_UNASSIGNED:
                return g_strdup(dm_enum_name(&dm_address_type, a->type));
        case DM_ADDRESS_NONE:
                break;
        }
        return g_strdup("none");
}

gboolean dm_address_equal(const DmAddress *a, const DmAddress *b)
{
        g_autofree char *difference = dm_xml_difference(&dm_address_element, a, b, 0);
        return !difference;
}
