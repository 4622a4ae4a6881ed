/* The table of operations by device kind, and what the operations of several kinds share: messages with the
 * place, addresses as properties, virtio types, boot order.  What one kind alone needs is in its command_*.c.
 */
#include "qemu/device_ops.h"

#include <string.h>

#include "conf/domain_disk.h"
#include "util/error.h"

const DmDeviceOps *dm_device_ops(DmDeviceKind kind)
{
        static const DmDeviceOps *const all[DM_DEVICE_N] = {
#define DM_DEVICE(KIND, element, Struct) [DM_DEVICE_##KIND] = &dm_##element##_ops,
#include "conf/device_kinds.def"
#undef DM_DEVICE
        };
        g_assert(kind > DM_DEVICE_NONE && kind < DM_DEVICE_N);
        return all[kind];
}

gboolean dm_plan_fail(const DmPlan *p, const DmDevice *device, const void *value, GError **error,
                      const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        const DmOrigins *o = p->domain->origins;
        const void *at = value && dm_origins_given(o, value) ? value : device;
        if (!at || !dm_origins_given(o, at))
                at = p->domain; /* a device that was added stands nowhere */
        g_autofree char *path = dm_origins_path(o, at);
        g_autofree char *name = device ? dm_device_describe(device) : NULL;
        return dm_fail_at(error, DM_ERROR_UNSUPPORTED, dm_origins_line(o, at), path, "%s%s%s",
                          name ? name : "", name ? ": " : "", message);
}

/* ---- properties ---- */

void dm_props_onoff(DmJson *props, const char *key, DmOnOff value)
{
        if (value)
                dm_json_add_bool(props, key, value == DM_ON);
}

void dm_props_yesno(DmJson *props, const char *key, DmYesNo value)
{
        if (value)
                dm_json_add_bool(props, key, value == DM_YES);
}

void dm_props_u32(DmJson *props, const char *key, DmOptU32 value)
{
        if (value.set)
                dm_json_add_uint(props, key, value.value);
}

void dm_props_fd(DmBuild *b, const DmDevice *device, DmFdUse use, const char *path, const char *key,
                 DmJson *props)
{
        int fd = dm_build_fd(b, use, path, device);
        if (fd >= 0)
                dm_json_add_stringf(props, key, "%d", fd);
}

void dm_props_virtio(const DmVirtioOptions *o, DmJson *props)
{
        dm_props_onoff(props, "iommu_platform", o->iommu);
        dm_props_onoff(props, "ats", o->ats);
        dm_props_onoff(props, "packed", o->packed);
        dm_props_onoff(props, "page-per-vq", o->page_per_vq);
}

/* ---- addresses ---- */

char *dm_pci_addr(const DmAddress *a)
{
        if (a->function.value)
                return g_strdup_printf("0x%x.0x%x", a->slot.value, a->function.value);
        return g_strdup_printf("0x%x", a->slot.value);
}

const DmController *dm_plan_controller(const DmPlan *p, DmControllerType type, unsigned index)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && c->type == type && c->index.value == index &&
                    !c->master_start_port.set)
                        return c;
        }
        return NULL;
}

char *dm_controller_name(const DmPlan *p, DmControllerType type, unsigned index)
{
        const DmController *c = dm_plan_controller(p, type, index);
        if (c && c->dev.alias)
                return g_strdup(c->dev.alias);
        /* One that is not in the document is the board's own; it is called as a listed one would be. */
        DmController missing = { .dev.kind = DM_DEVICE_CONTROLLER, .type = type, .index = DM_OPT(index) };
        return dm_controller_ops.alias(p, c ? &c->dev : &missing.dev, 0);
}

char *dm_pci_bus_name(const DmPlan *p, const DmAddress *a)
{
        if (!a->bus.value)
                return g_strdup(p->board->pci_bus);
        const DmController *c = dm_plan_controller(p, DM_CONTROLLER_PCI, a->bus.value);
        g_autofree char *name = dm_controller_name(p, DM_CONTROLLER_PCI, a->bus.value);
        /* A further host bridge (pseries) is a device that has a bus, not a bus. */
        return c && c->model == DM_PCI_ROOT ? g_strconcat(name, ".0", NULL) : g_steal_pointer(&name);
}

static void props_pci(const DmPlan *p, const DmDevice *device, DmJson *props)
{
        const DmAddress *a = &device->address;
        g_autofree char *bus = dm_pci_bus_name(p, a), *addr = dm_pci_addr(a);
        dm_json_add_string(props, "bus", bus);
        if (a->multifunction == DM_ON)
                dm_json_add_bool(props, "multifunction", TRUE);
        dm_json_add_string(props, "addr", addr);
        if (device->acpi_index.set)
                dm_json_add_uint(props, "acpi-index", device->acpi_index.value);
}

static void props_usb(const DmPlan *p, const DmAddress *a, DmJson *props)
{
        if (p->board->flags & DM_BOARD_USB_ONBOARD &&
            !dm_plan_controller(p, DM_CONTROLLER_USB, a->bus.value)) {
                dm_json_add_string(props, "bus", "usb-bus.0");
        } else {
                g_autofree char *controller = dm_controller_name(p, DM_CONTROLLER_USB, a->bus.value);
                dm_json_add_stringf(props, "bus", "%s.0", controller);
        }
        dm_json_add_string(props, "port", a->usb_port);
}

void dm_props_address(const DmPlan *p, const DmDevice *device, DmJson *props)
{
        const DmAddress *a = &device->address;
        switch (a->type) {
        case DM_ADDRESS_PCI:
                props_pci(p, device, props);
                break;
        case DM_ADDRESS_USB:
                props_usb(p, a, props);
                break;
        case DM_ADDRESS_CCW:
                dm_json_add_stringf(props, "devno", "%x.%x.%04x", a->cssid.value, a->ssid.value,
                                    a->devno.value);
                break;
        case DM_ADDRESS_SPAPR_VIO:
                if (a->reg.set)
                        dm_json_add_uint(props, "reg", a->reg.value);
                break;
        case DM_ADDRESS_ISA:
                dm_props_u32(props, "iobase", a->iobase);
                dm_props_u32(props, "irq", a->irq);
                break;
        case DM_ADDRESS_VIRTIO_SERIAL: {
                g_autofree char *controller =
                        dm_controller_name(p, DM_CONTROLLER_VIRTIO_SERIAL, a->controller.value);
                dm_json_add_stringf(props, "bus", "%s.%u", controller, a->bus.value);
                dm_props_u32(props, "nr", a->port);
                break;
        }
        case DM_ADDRESS_CCID: {
                g_autofree char *controller = dm_controller_name(p, DM_CONTROLLER_CCID, a->controller.value);
                dm_json_add_stringf(props, "bus", "%s.0", controller);
                break;
        }
        case DM_ADDRESS_DIMM:
                dm_props_u32(props, "slot", a->slot);
                if (a->base.set)
                        dm_json_add_uint(props, "addr", a->base.value);
                break;
        case DM_ADDRESS_NONE:
        case DM_ADDRESS_DRIVE: /* means something else on each bus: command_disk.c */
        case DM_ADDRESS_VIRTIO_S390:
        case DM_ADDRESS_VIRTIO_MMIO: /* QEMU takes the first free slot */
        case DM_ADDRESS_UNASSIGNED:
                break;
        }
}

/* ---- virtio ---- */

gboolean dm_plan_virtio(const DmPlan *p)
{
        return (p->board->flags & (DM_BOARD_PCI | DM_BOARD_CCW | DM_BOARD_VIRTIO_MMIO)) != 0;
}

char *dm_virtio_type(const DmPlan *p, const DmDevice *device, const char *stem, DmVirtioModel model)
{
        DmAddressType on = device->address.type;
        unsigned flags = p->board->flags;
        if (on == DM_ADDRESS_CCW || (on != DM_ADDRESS_PCI && flags & DM_BOARD_CCW))
                return g_strconcat(stem, "-ccw", NULL);
        if (on == DM_ADDRESS_VIRTIO_MMIO || (on != DM_ADDRESS_PCI && !(flags & DM_BOARD_PCI)))
                return g_strconcat(stem, "-device", NULL);
        const char *suffix = "-pci";
        if (model == DM_VIRTIO_MODEL_TRANSITIONAL)
                suffix = "-pci-transitional";
        else if (model == DM_VIRTIO_MODEL_NON_TRANSITIONAL)
                suffix = "-pci-non-transitional";
        return g_strconcat(stem, suffix, NULL);
}

/* ---- boot order ---- */

/* The class of <os><boot> that @device belongs to. */
static DmBootDev boot_class(const DmDevice *device)
{
        if (device->kind == DM_DEVICE_INTERFACE)
                return DM_BOOT_NETWORK;
        if (device->kind != DM_DEVICE_DISK)
                return DM_BOOT_UNSET;
        switch (((const DmDisk *)device)->device) {
        case DM_DISK_CDROM:
                return DM_BOOT_CDROM;
        case DM_DISK_FLOPPY:
                return DM_BOOT_FLOPPY;
        case DM_DISK_DEVICE_UNSET:
        case DM_DISK_DISK:
        case DM_DISK_LUN:
                break;
        }
        return DM_BOOT_DISK;
}

/* Place of @class in <os><boot>, from 1; 0: none.  Without any, the hard disk is booted, unless a device has
 * an order of its own. */
static unsigned class_order(const DmDomain *d, DmBootDev class)
{
        for (guint i = 0; d->os.boot && i < d->os.boot->len; i++)
                if (((const DmBoot *)g_ptr_array_index(d->os.boot, i))->dev == class)
                        return i + 1;
        if (class != DM_BOOT_DISK || (d->os.boot && d->os.boot->len))
                return 0;
        DM_FOREACH_DEVICE (d, device)
                if (device->boot_order.set)
                        return 0;
        return 1;
}

unsigned dm_boot_index(const DmPlan *p, const DmDevice *device)
{
        if (device->boot_order.set)
                return device->boot_order.value;
        DmBootDev class = boot_class(device);
        unsigned order = class ? class_order(p->domain, class) : 0;
        DM_FOREACH_DEVICE (p->domain, other) {
                if (other == device)
                        return order;
                if (boot_class(other) == class)
                        return 0;
        }
        return 0; /* not part of the definition yet: a device being plugged */
}

void dm_props_boot(const DmPlan *p, const DmDevice *device, DmJson *props)
{
        unsigned index = dm_boot_index(p, device);
        if (index)
                dm_json_add_uint(props, "bootindex", index);
}

/* ---- the emulator ---- */

gboolean dm_caps_has_driver(const DmCaps *c, const char *driver)
{
        /* Names that -device takes for a type that is called otherwise (QEMU's own table). */
        static const struct {
                const char *alias, *type;
        } aliases[] = {
                { "lsi", "lsi53c895a" },
                { "ahci", "ich9-ahci" },
                { "virtio-input-host", "virtio-input-host-pci" },
                { "virtio-iommu", "virtio-iommu-pci" },
        };
        if (dm_caps_has_type(c, driver))
                return TRUE;
        for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++)
                if (!strcmp(driver, aliases[i].alias))
                        return dm_caps_has_type(c, aliases[i].type);
        return FALSE;
}
