/* Bus addresses: where the guest finds each device.  Addresses that were given are kept and checked, the
 * others are taken from what is free, in the order in which libvirt takes them, so that a guest defined here
 * and there finds the same hardware at the same place.
 *
 * The stages are those of libvirt: drives and their controllers, virtio-serial ports, then the buses of the
 * platforms (spapr-vio, CCW, virtio-mmio), PCI, and USB.  This file has the order, the checks of what was
 * given, and the simple buses. */
#include "qemu/address_private.h"

#include <string.h>

#include "util/error.h"

/* ---- shared ---- */

DmWants dm_address_wants(const DmPlan *p, const DmDevice *device)
{
        const DmDeviceOps *ops = dm_device_ops(device->kind);
        return ops->wants ? ops->wants(p, device) : DM_WANTS_NOTHING;
}

gboolean dm_address_open(const DmDevice *device)
{
        const DmAddress *a = &device->address;
        if (a->type != DM_ADDRESS_PCI)
                return !a->type;
        /* <address type='pci'/> alone asks for one of that type. */
        return !a->domain.value && !a->bus.value && !a->slot.value && !a->function.value;
}

/* What of @device stands in the document: its address, or itself; NULL: nothing, it was added. */
static const void *placed(const DmOrigins *o, const DmDevice *device)
{
        if (device && dm_origins_given(o, &device->address))
                return &device->address;
        return device && dm_origins_given(o, device) ? device : NULL;
}

gboolean dm_address_conflict(const DmPlan *p, const DmDevice *device, const char *what, const DmDevice *other,
                             GError **error)
{
        const DmOrigins *o = p->domain->origins;
        const void *at = placed(o, device) ? placed(o, device) : placed(o, other);
        g_autofree char *path = at ? dm_origins_path(o, at) : NULL, *name = dm_device_describe(device);
        g_autofree char *holder =
                other ? dm_device_describe(other) : g_strdup_printf("machine '%s'", p->board_name);
        unsigned line = other ? dm_origins_line(o, other) : 0;
        g_autofree char *where = line ? g_strdup_printf(" (line %u)", line) : g_strdup("");
        return dm_fail_at(error, DM_ERROR_INVALID_XML, at ? dm_origins_line(o, at) : 0, path,
                          "%s: %s is taken by %s%s; give another address, or none", name, what, holder,
                          where);
}

/* ---- what was given ---- */

#define TYPE(t) (1u << DM_ADDRESS_##t)
/* Address types that fit what a device wants. */
static unsigned fitting(DmWants wants)
{
        switch (wants) {
        case DM_WANTS_PCI:
        case DM_WANTS_PCIE:
        case DM_WANTS_PCIE_ROOT:
                return TYPE(PCI);
        case DM_WANTS_VIRTIO:
                return TYPE(PCI) | TYPE(CCW) | TYPE(VIRTIO_MMIO) | TYPE(VIRTIO_S390);
        case DM_WANTS_DRIVE:
                return TYPE(DRIVE);
        case DM_WANTS_USB:
                return TYPE(USB);
        case DM_WANTS_VIRTIO_SERIAL:
                return TYPE(VIRTIO_SERIAL);
        case DM_WANTS_SPAPR_VIO:
                return TYPE(SPAPR_VIO);
        case DM_WANTS_ISA:
                return TYPE(ISA);
        case DM_WANTS_CCID:
                return TYPE(CCID);
        case DM_WANTS_DIMM:
                return TYPE(DIMM);
        case DM_WANTS_NOTHING:
                break;
        }
        return ~0u;
}
#undef TYPE

static gboolean check_type(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmAddress *a = &device->address;
        DmWants wants = dm_address_wants(p, device);
        if (!a->type || a->type == DM_ADDRESS_UNASSIGNED)
                return TRUE;
        if (!(fitting(wants) & 1u << a->type))
                return dm_plan_fail(p, device, a, error,
                                    "it cannot have an address of type '%s'; leave <address> out",
                                    dm_enum_name(&dm_address_type, (int)a->type));
        if (a->type == DM_ADDRESS_CCW && !(p->board->flags & DM_BOARD_CCW))
                return dm_plan_fail(p, device, a, error,
                                    "machine '%s' has no ccw addresses; leave <address> out", p->board_name);
        if (a->type == DM_ADDRESS_SPAPR_VIO && !(p->board->flags & DM_BOARD_SPAPR_VIO))
                return dm_plan_fail(p, device, a, error,
                                    "machine '%s' has no spapr-vio addresses; leave <address> out",
                                    p->board_name);
        if (a->type == DM_ADDRESS_VIRTIO_MMIO && !(p->board->flags & DM_BOARD_VIRTIO_MMIO))
                return dm_plan_fail(p, device, a, error,
                                    "machine '%s' has no virtio-mmio; leave <address> out", p->board_name);
        return TRUE;
}

static gboolean check_types(const DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (!check_type(p, device, error))
                        return FALSE;
        return TRUE;
}

/* ---- sets of what is taken ---- */

static gboolean claim(const DmPlan *p, GHashTable *taken, guint64 number, DmDevice *device, GError **error)
{
        const DmDevice *other = g_hash_table_lookup(taken, &number);
        if (other) {
                g_autofree char *what = dm_address_describe(&device->address);
                return dm_address_conflict(p, device, what, other, error);
        }
        g_hash_table_insert(taken, g_memdup2(&number, sizeof number), device);
        return TRUE;
}

static GHashTable *taken_new(void)
{
        return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

/* ---- spapr-vio: registers of the POWER hypervisor ---- */

#define SPAPR_STEP 0x1000
/* Where QEMU itself starts with each kind. */
static const struct {
        DmDeviceKind kind;
        guint64 first;
} spapr_kinds[] = {
        { DM_DEVICE_INTERFACE, 0x1000 }, { DM_DEVICE_CONTROLLER, 0x2000 }, { DM_DEVICE_SERIAL, 0x30000000 },
        { DM_DEVICE_NVRAM, 0x3000 },     { DM_DEVICE_TPM, 0x4000 },
};

static gboolean is_spapr(const DmPlan *p, const DmDevice *device)
{
        return device->address.type == DM_ADDRESS_SPAPR_VIO ||
               (!device->address.type && dm_address_wants(p, device) == DM_WANTS_SPAPR_VIO);
}

static void give_spapr(const DmPlan *p, GHashTable *taken, DmDevice *device, guint64 number)
{
        DmAddress *a = &device->address;
        while (g_hash_table_contains(taken, &number))
                number += SPAPR_STEP;
        g_hash_table_insert(taken, g_memdup2(&number, sizeof number), device);
        a->type = DM_ADDRESS_SPAPR_VIO;
        a->reg = (DmOptU64)DM_OPT(number);
        dm_origins_explain(p->domain->origins, a, "the first free register of its kind");
}

gboolean dm_address_spapr(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) taken = taken_new();
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_SPAPR_VIO && device->address.reg.set &&
                    !claim(p, taken, device->address.reg.value, device, error))
                        return FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(spapr_kinds); i++)
                DM_FOREACH_DEVICE (p->domain, device)
                        if (device->kind == (int)spapr_kinds[i].kind && is_spapr(p, device) &&
                            !device->address.reg.set)
                                give_spapr(p, taken, device, spapr_kinds[i].first);
        return TRUE;
}

/* ---- ccw: the channel subsystem of s390x ---- */

#define CCW_CSSID     0xfe /* virtual devices must be here */
#define CCW_DEVNO_MAX 0xffff
#define CCW_SSID_MAX  3

static guint64 ccw_number(const DmAddress *a)
{
        return (guint64)a->cssid.value << 32 | (guint64)a->ssid.value << 16 | a->devno.value;
}

static gboolean give_ccw(const DmPlan *p, GHashTable *taken, guint64 *next, DmDevice *device, GError **error)
{
        DmAddress *a = &device->address;
        while (g_hash_table_contains(taken, next))
                (*next)++;
        guint64 number = (*next)++;
        if ((number >> 16 & 0xffff) > CCW_SSID_MAX)
                return dm_plan_fail(p, device, device, error, "no free ccw address is left");
        a->type = DM_ADDRESS_CCW;
        a->cssid = (DmOptU32)DM_OPT(CCW_CSSID);
        a->ssid = (DmOptU32)DM_OPT(number >> 16 & 0xffff);
        a->devno = (DmOptU32)DM_OPT(number & CCW_DEVNO_MAX);
        dm_origins_explain(p->domain->origins, a, "the first free device number");
        return TRUE;
}

/* The order in which libvirt numbers them: displays before controllers, controllers before inputs. */
static const DmDeviceKind ccw_order[] = { DM_DEVICE_DISK,      DM_DEVICE_INTERFACE,  DM_DEVICE_HOSTDEV,
                                          DM_DEVICE_VIDEO,     DM_DEVICE_CONTROLLER, DM_DEVICE_INPUT,
                                          DM_DEVICE_FILESYSTEM };

static gboolean listed(const DmDeviceKind *kinds, gsize n, int kind)
{
        for (gsize i = 0; i < n; i++)
                if ((int)kinds[i] == kind)
                        return TRUE;
        return FALSE;
}

static gboolean wants_ccw(const DmPlan *p, const DmDevice *device)
{
        const DmAddress *a = &device->address;
        return (a->type == DM_ADDRESS_CCW && !a->devno.set) ||
               (!a->type && dm_address_wants(p, device) == DM_WANTS_VIRTIO);
}

gboolean dm_address_ccw(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) taken = taken_new();
        guint64 next = (guint64)CCW_CSSID << 32;
        if (!(p->board->flags & DM_BOARD_CCW))
                return TRUE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_CCW && device->address.devno.set &&
                    !claim(p, taken, ccw_number(&device->address), device, error))
                        return FALSE;
        for (gsize i = 0; i <= G_N_ELEMENTS(ccw_order); i++)
                DM_FOREACH_DEVICE (p->domain, device) {
                        gboolean rest = i == G_N_ELEMENTS(ccw_order);
                        gboolean now = rest ? !listed(ccw_order, i, device->kind)
                                            : (int)ccw_order[i] == device->kind;
                        if (now && wants_ccw(p, device) && !give_ccw(p, taken, &next, device, error))
                                return FALSE;
                }
        return TRUE;
}

/* ---- virtio-mmio ---- */

static gboolean uses_mmio(const DmPlan *p)
{
        if (!(p->board->flags & DM_BOARD_VIRTIO_MMIO))
                return FALSE;
        if (!dm_plan_pci(p) || !dm_plan_find_controller(p, DM_CONTROLLER_PCI, 0))
                return TRUE;
        if (!dm_caps_has_type(p->caps, "virtio-mmio"))
                return FALSE;
        if (!dm_caps_has_type(p->caps, "pcie-root-port") && !dm_caps_has_type(p->caps, "ioh3420"))
                return TRUE;
        /* A guest that has one such device was made for them. */
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_VIRTIO_MMIO)
                        return TRUE;
        return FALSE;
}

void dm_address_mmio(DmPlan *p)
{
        if (!uses_mmio(p))
                return;
        DM_FOREACH_DEVICE (p->domain, device) {
                if (device->address.type || dm_address_wants(p, device) != DM_WANTS_VIRTIO)
                        continue;
                device->address.type = DM_ADDRESS_VIRTIO_MMIO;
                dm_origins_explain(p->domain->origins, &device->address, "what machine '%s' has for virtio",
                                   p->board_name);
        }
}

/* ---- dimm ---- */

static gboolean dimm_slots(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) taken = taken_new();
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_DIMM && device->address.slot.set &&
                    !claim(p, taken, device->address.slot.value, device, error))
                        return FALSE;
        DM_FOREACH_DEVICE (p->domain, device) {
                DmAddress *a = &device->address;
                guint64 slot = 0;
                if (dm_address_wants(p, device) != DM_WANTS_DIMM || a->slot.set)
                        continue;
                while (g_hash_table_contains(taken, &slot))
                        slot++;
                if (!p->domain->memory_slots.set)
                        return dm_plan_fail(p, device, device, error,
                                            "memory modules need <maxMemory slots=>, which says how much "
                                            "there can be");
                if (slot >= p->domain->memory_slots.value)
                        return dm_plan_fail(p, device, device, error,
                                            "no memory slot is left; raise <maxMemory slots='%u'>",
                                            p->domain->memory_slots.value);
                a->type = DM_ADDRESS_DIMM;
                a->slot = (DmOptU32)DM_OPT((guint32)slot);
                g_hash_table_insert(taken, g_memdup2(&slot, sizeof slot), device);
                dm_origins_explain(p->domain->origins, a, "the first free memory slot");
        }
        return TRUE;
}

/* ---- all of it ---- */

/* The console that shows the first serial line is the same piece of hardware. */
static void follow_serial(DmPlan *p)
{
        const DmChardev *serial = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 0);
        DmChardev *console = dm_domain_device(p->domain, DM_DEVICE_CONSOLE, 0);
        if (!serial || !console || console->console_type != DM_CONSOLE_SERIAL)
                return;
        g_free(console->dev.address.usb_port);
        console->dev.address = serial->dev.address;
        console->dev.address.usb_port = g_strdup(serial->dev.address.usb_port);
}

gboolean dm_plan_addresses(DmPlan *p, DmFindings *findings, GError **error)
{
        if (!check_types(p, error) || !dm_address_drives(p, findings, error) ||
            !dm_address_virtio_serial(p, error) || !dm_address_ccid(p, error) ||
            !dm_address_spapr(p, error) || !dm_address_ccw(p, error))
                return FALSE;
        dm_address_mmio(p);
        if (!dm_address_usb_controllers(p, error) || !dm_address_pci(p, error) || !dm_address_usb(p, error) ||
            !dimm_slots(p, error))
                return FALSE;
        follow_serial(p);
        return TRUE;
}

/* ---- one device, while the guest runs ---- */

static guint count_holders(const DmDomain *d)
{
        return dm_domain_count(d, DM_DEVICE_CONTROLLER) + dm_domain_count(d, DM_DEVICE_HUB);
}

gboolean dm_plan_address_plugged(DmPlan *p, DmDevice *device, GError **error)
{
        guint before = count_holders(p->domain);
        if (!check_type(p, device, error) || !dm_address_drives(p, NULL, error) ||
            !dm_address_virtio_serial(p, error) || !dm_address_ccid(p, error) ||
            !dm_address_spapr(p, error) || !dm_address_ccw(p, error))
                return FALSE;
        dm_address_mmio(p);
        if (device->address.type == DM_ADDRESS_VIRTIO_MMIO)
                return dm_plan_fail(p, device, device, error,
                                    "machine '%s' takes no virtio devices while the guest runs",
                                    p->board_name);
        if (!dm_address_usb_controllers(p, error) || !dm_address_pci_plugged(p, device, error) ||
            !dm_address_usb(p, error) || !dimm_slots(p, error))
                return FALSE;
        return count_holders(p->domain) == before ||
               dm_plan_fail(p, device, device, error,
                            "no place for it is left on the guest's controllers; plug in another controller "
                            "first");
}
