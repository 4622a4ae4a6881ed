/* PCI addresses of a definition: what the chipsets have where, the order in which devices come, and the two
 * runs that find out which bridges and ports are needed and then give the addresses. */
#include "qemu/address_pci.h"

#include "conf/domain_audio.h"
#include "conf/domain_interface.h"
#include "conf/domain_video.h"
#include "util/error.h"

/* ---- chipsets ---- */

static gboolean is_controller(const DmDevice *device, DmControllerType type)
{
        return device->kind == DM_DEVICE_CONTROLLER && ((const DmController *)device)->type == type;
}

static gboolean is_i440fx(const DmPlan *p)
{
        return dm_plan_x86(p) && dm_plan_pci(p) && !(p->board->flags & DM_BOARD_PCIE);
}

static gboolean is_q35(const DmPlan *p)
{
        return dm_plan_x86(p) && dm_plan_pci(p) && p->board->flags & DM_BOARD_PCIE;
}

/* A controller that is part of the chipset: its address can be no other. */
static gboolean fix(DmPciSpace *s, DmDevice *device, unsigned slot, unsigned function, GError **error)
{
        const DmAddress *a = &device->address;
        if (dm_address_open(device))
                return dm_pci_settle(s, device, slot, function, "part of the chipset", error);
        if (!a->bus.value && a->slot.value == slot && a->function.value == function)
                return TRUE; /* taken when the space was made */
        return dm_plan_fail(s->p, device, a, error,
                            "it is part of the chipset, at 0000:00:%02x.%x; leave <address> out", slot,
                            function);
}

/* The first display sits where the BIOS of the time looked for it. */
static gboolean place_video(DmPciSpace *s, unsigned slot, GError **error)
{
        DmDevice *video = dm_domain_device(s->p->domain, DM_DEVICE_VIDEO, 0);
        if (!video || !dm_pci_open(s->p, video))
                return TRUE;
        if (dm_pci_slot_taken(s, 0, slot))
                return dm_pci_place(s, video, dm_pci_plug(s->p, video), 0, error);
        return dm_pci_settle(s, video, slot, 0, "where this chipset's first display is", error);
}

/* Slot 1 is the PIIX3: ISA bridge, IDE, USB, power management. */
#define PIIX3_SLOT    1
#define PIIX3_IDE     1
#define PIIX3_USB     2
#define PIIX3_PM      3
#define PC_VIDEO_SLOT 2

static gboolean piix3(DmPciSpace *s, GError **error)
{
        DM_FOREACH_DEVICE (s->p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind != DM_DEVICE_CONTROLLER || c->index.value)
                        continue;
                if (c->type == DM_CONTROLLER_IDE && !fix(s, device, PIIX3_SLOT, PIIX3_IDE, error))
                        return FALSE;
                if (c->type == DM_CONTROLLER_USB && (c->model == DM_USB_PIIX3_UHCI || !c->model) &&
                    !fix(s, device, PIIX3_SLOT, PIIX3_USB, error))
                        return FALSE;
        }
        return dm_pci_take(s, PIIX3_SLOT, 0, error) && dm_pci_take(s, PIIX3_SLOT, PIIX3_PM, error) &&
               place_video(s, PC_VIDEO_SLOT, error);
}

/* Slot 31 is the ICH9: ISA bridge, SATA, system management. */
#define ICH9_SLOT      31
#define ICH9_SATA      2
#define ICH9_SMBUS     3
#define ICH9_USB_SLOT  0x1d
#define ICH9_USB2_SLOT 0x1a
#define ICH9_DMI_SLOT  0x1e
#define ICH9_HDA_SLOT  0x1b
#define Q35_VIDEO_SLOT 1

/* Where real boards have these; not insisted on. */
static gboolean place_custom(DmPciSpace *s, DmDevice *device, GError **error)
{
        const DmController *c = (const DmController *)device;
        if (is_controller(device, DM_CONTROLLER_USB) && c->model == DM_USB_ICH9_UHCI1) {
                unsigned slot = dm_pci_slot_taken(s, 0, ICH9_USB_SLOT) ? ICH9_USB2_SLOT : ICH9_USB_SLOT;
                if (dm_pci_slot_taken(s, 0, slot))
                        return TRUE;
                device->address.multifunction = DM_ON;
                return dm_pci_settle(s, device, slot, 0, "where boards of this chipset have it", error);
        }
        if (is_controller(device, DM_CONTROLLER_PCI) && c->model == DM_DMI_TO_PCI_BRIDGE &&
            !dm_pci_slot_taken(s, 0, ICH9_DMI_SLOT))
                return dm_pci_settle(s, device, ICH9_DMI_SLOT, 0, "where boards of this chipset have it",
                                     error);
        if (device->kind == DM_DEVICE_SOUND && ((const DmSound *)device)->model == DM_SOUND_ICH9 &&
            !dm_pci_slot_taken(s, 0, ICH9_HDA_SLOT))
                return dm_pci_settle(s, device, ICH9_HDA_SLOT, 0, "where boards of this chipset have it",
                                     error);
        return TRUE;
}

static gboolean ich9(DmPciSpace *s, GError **error)
{
        DM_FOREACH_DEVICE (s->p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (is_controller(device, DM_CONTROLLER_SATA) && !c->index.value &&
                    !fix(s, device, ICH9_SLOT, ICH9_SATA, error))
                        return FALSE;
                if (!device->address.type && !place_custom(s, device, error))
                        return FALSE;
        }
        return dm_pci_take(s, ICH9_SLOT, 0, error) && dm_pci_take(s, ICH9_SLOT, ICH9_SMBUS, error) &&
               place_video(s, Q35_VIDEO_SLOT, error);
}

static gboolean chipset(DmPciSpace *s, GError **error)
{
        if (is_i440fx(s->p))
                return piix3(s, error);
        return !is_q35(s->p) || ich9(s, error);
}

/* ---- the order of devices ---- */

static gboolean is_bridge(const DmDevice *device)
{
        return is_controller(device, DM_CONTROLLER_PCI);
}

static gboolean is_usb2(const DmController *c)
{
        return c->dev.kind == DM_DEVICE_CONTROLLER && c->type == DM_CONTROLLER_USB &&
               (c->model == DM_USB_ICH9_EHCI1 || c->model == DM_USB_ICH9_UHCI1 ||
                c->model == DM_USB_ICH9_UHCI2 || c->model == DM_USB_ICH9_UHCI3);
}

/* The parts of a USB 2 controller share a slot; which function each has is fixed. */
static unsigned usb2_function(const DmController *c)
{
        if (c->model == DM_USB_ICH9_EHCI1)
                return 7;
        return c->model - DM_USB_ICH9_UHCI1;
}

static gboolean place_usb2(DmPciSpace *s, DmController *c, GError **error)
{
        unsigned function = usb2_function(c);
        const DmDevice *mate = NULL;
        DM_FOREACH_DEVICE (s->p->domain, device) {
                const DmController *other = (const DmController *)device;
                if (!mate && is_usb2(other) && other->index.value == c->index.value &&
                    !dm_address_open(device) && device->address.type == DM_ADDRESS_PCI)
                        mate = device;
        }
        if (!(mate ? dm_pci_join(s, &c->dev, mate, function, error)
                   : dm_pci_place(s, &c->dev, dm_pci_plug(s->p, &c->dev), function, error)))
                return FALSE;
        if (!s->dry && !function)
                c->dev.address.multifunction = DM_ON;
        return TRUE;
}

static gboolean place_device(DmPciSpace *s, DmDevice *device, GError **error)
{
        DmController *c = (DmController *)device;
        if (!dm_pci_open(s->p, device))
                return TRUE;
        return is_usb2(c) ? place_usb2(s, c, error)
                          : dm_pci_place(s, device, dm_pci_plug(s->p, device), 0, error);
}

/* The order of QEMU before addresses could be given, which libvirt has kept; further kinds come last. */
static const DmDeviceKind kinds[] = { DM_DEVICE_FILESYSTEM, DM_DEVICE_INTERFACE, DM_DEVICE_SOUND,
                                      DM_DEVICE_CONTROLLER, DM_DEVICE_DISK,      DM_DEVICE_HOSTDEV,
                                      DM_DEVICE_MEMBALLOON, DM_DEVICE_RNG,       DM_DEVICE_WATCHDOG,
                                      DM_DEVICE_VIDEO,      DM_DEVICE_SHMEM,     DM_DEVICE_INPUT,
                                      DM_DEVICE_SERIAL,     DM_DEVICE_VSOCK };

static guint place_of_kind(const DmDevice *device)
{
        /* A card of the host's is one of its devices first. */
        gboolean host = device->kind == DM_DEVICE_INTERFACE &&
                        ((const DmInterface *)device)->type == DM_INTERFACE_HOSTDEV;
        int kind = host ? DM_DEVICE_HOSTDEV : device->kind;
        guint i = 0;
        while (i < G_N_ELEMENTS(kinds) && (int)kinds[i] != kind)
                i++;
        return i;
}

static gboolean place_all(DmPciSpace *s, GError **error)
{
        DM_FOREACH_DEVICE (s->p->domain, device)
                if (is_bridge(device) && !place_device(s, device, error))
                        return FALSE;
        for (guint i = 0; i <= G_N_ELEMENTS(kinds); i++)
                DM_FOREACH_DEVICE (s->p->domain, device)
                        if (place_of_kind(device) == i && !is_bridge(device) &&
                            !place_device(s, device, error))
                                return FALSE;
        return TRUE;
}

/* ---- room to grow ---- */

static int highest_index(const DmPlan *p)
{
        int highest = -1;
        DM_FOREACH_DEVICE (p->domain, device)
                if (is_bridge(device))
                        highest = MAX(highest, (int)((DmController *)device)->index.value);
        return highest;
}

static gboolean any_slot_free(const DmPciSpace *s)
{
        for (guint i = 0; i < s->buses->len; i++) {
                const DmPciBus *bus = dm_pci_bus(s, i);
                for (unsigned slot = bus->first; slot <= bus->last; slot++)
                        if (!bus->slots[slot].taken)
                                return TRUE;
        }
        return FALSE;
}

/* Boards whose bus is so small that a slot for later would cost more than it gives. */
#define SMALL_BUS 8

/* A slot that a bridge could go into, or a device be plugged into, later. */
static gboolean spare_slot(DmPciSpace *s, GError **error)
{
        unsigned usable = 0;
        const DmPciBus *bus = dm_pci_bus(s, 0);
        for (unsigned slot = bus->start; slot <= bus->last; slot++)
                usable += bus->slots[slot].taken != 0xff;
        gboolean can_grow =
                dm_caps_has_type(s->p->caps, "pci-bridge") || s->p->board->flags & DM_BOARD_SPAPR_VIO;
        if (bus->model != DM_PCI_ROOT || usable < SMALL_BUS || !can_grow || !any_slot_free(s))
                return TRUE;
        return dm_pci_place(s, NULL, DM_PLUG_PCI, 0, error);
}

/* Who leaves all ports to us gets one more, for a device to be plugged in. */
static gboolean spare_port(DmPciSpace *s, int highest, GError **error)
{
        if (highest > 0 || (int)s->buses->len <= highest + 1 || dm_pci_bus(s, 0)->model != DM_PCIE_ROOT)
                return TRUE;
        return dm_pci_place(s, NULL, DM_PLUG_PCIE, 0, error);
}

static gboolean add_controllers(DmPciSpace *s, GError **error)
{
        for (guint i = 1; i < s->buses->len; i++) {
                if (dm_plan_find_controller(s->p, DM_CONTROLLER_PCI, i))
                        continue;
                DmControllerModel model = dm_pci_bus(s, i)->model;
                DmController *c = dm_plan_add_controller(s->p, DM_CONTROLLER_PCI, i, model, 0,
                                                         "devices need its slots", error);
                unsigned plug = c ? dm_pci_plug(s->p, &c->dev) : 0;
                /* It needs a slot itself, for which yet another may be needed. */
                if (!c || (plug && !dm_pci_place(s, &c->dev, plug, 0, error)))
                        return FALSE;
        }
        return TRUE;
}

/* ---- afterwards ---- */

/* Slots of which several functions are in use say so at function 0. */
static void mark_multifunction(DmPciSpace *s)
{
        for (guint i = 0; i < s->buses->len; i++)
                for (unsigned n = 0; n < DM_PCI_SLOTS; n++) {
                        const DmPciSlot *slot = &dm_pci_bus(s, i)->slots[n];
                        DmDevice *first = (DmDevice *)slot->holder[0];
                        if (!first || slot->taken == 1 || first->address.multifunction)
                                continue;
                        first->address.multifunction = DM_ON;
                        dm_origins_explain(s->p->domain->origins, &first->address.multifunction,
                                           "other functions of its slot are in use");
                }
}

/* A bridge on a bus behind itself; the host bridge that is on the board of pseries and those that are not. */
static gboolean check_bridges(const DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (!is_bridge(device))
                        continue;
                if (c->target_index.set && !c->index.value != !c->target_index.value)
                        return dm_plan_fail(
                                p, device, &c->target_index, error,
                                "target index 0 is that of the controller with index 0, and of no other");
                if (device->address.type != DM_ADDRESS_PCI)
                        continue;
                if (c->index.value == device->address.bus.value ||
                    (c->model == DM_PCI_BRIDGE && c->index.value < device->address.bus.value))
                        return dm_plan_fail(p, device, &device->address, error,
                                            "index %u must be larger than that of the bus it is on, %u",
                                            c->index.value, device->address.bus.value);
        }
        return TRUE;
}

/* ---- zPCI: what s390x knows PCI devices by ---- */

#define ZPCI_UID_MAX 0xffff

static gboolean take_id(const DmPlan *p, GHashTable *taken, const DmDevice *device, const char *name,
                        guint32 id, GError **error)
{
        const DmDevice *other = g_hash_table_lookup(taken, GUINT_TO_POINTER(id));
        if (other) {
                g_autofree char *what = g_strdup_printf("zPCI %s 0x%x", name, id);
                return dm_address_conflict(p, device, what, other, error);
        }
        g_hash_table_insert(taken, GUINT_TO_POINTER(id), (gpointer)device);
        return TRUE;
}

static void give_id(GHashTable *taken, const DmDevice *device, DmOptU32 *id, guint32 first)
{
        if (id->set)
                return;
        while (g_hash_table_contains(taken, GUINT_TO_POINTER(first)))
                first++;
        *id = (DmOptU32)DM_OPT(first);
        g_hash_table_insert(taken, GUINT_TO_POINTER(first), (gpointer)device);
}

static gboolean has_zpci(const DmDevice *device)
{
        return device->address.type == DM_ADDRESS_PCI && device->kind != DM_DEVICE_SERIAL &&
               device->kind != DM_DEVICE_CONSOLE;
}

static gboolean give_zpci(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) uids = g_hash_table_new(NULL, NULL), fids = g_hash_table_new(NULL, NULL);
        if (!(p->board->flags & DM_BOARD_CCW))
                return TRUE;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmAddress *a = &device->address;
                if (!has_zpci(device))
                        continue;
                if (a->zpci_uid.set && !take_id(p, uids, device, "uid", a->zpci_uid.value, error))
                        return FALSE;
                if (a->zpci_fid.set && !take_id(p, fids, device, "fid", a->zpci_fid.value, error))
                        return FALSE;
        }
        DM_FOREACH_DEVICE (p->domain, device) {
                if (!has_zpci(device))
                        continue;
                give_id(uids, device, &device->address.zpci_uid, 1);
                give_id(fids, device, &device->address.zpci_fid, 0);
                if (device->address.zpci_uid.value > ZPCI_UID_MAX)
                        return dm_plan_fail(p, device, device, error, "no zPCI uid is left");
        }
        return TRUE;
}

/* ---- all of it ---- */

/* Without a PCI bus nothing may be on it. */
static gboolean check_none(const DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                gboolean given = device->address.type == DM_ADDRESS_PCI;
                if (given || dm_pci_open(p, device))
                        return dm_plan_fail(
                                p, device, given ? (const void *)&device->address : device, error,
                                "it is a PCI device, and machine '%s' of '%s' has no PCI; choose another "
                                "model, or another machine",
                                p->board_name, p->caps->path);
        }
        return TRUE;
}

gboolean dm_address_pci(DmPlan *p, GError **error)
{
        int highest = highest_index(p);
        if (!dm_plan_pci(p) || highest < 0)
                return check_none(p, error);
        g_autoptr(DmPciSpace) dry = dm_pci_space_new(p, TRUE, error);
        if (!dry || !chipset(dry, error) || !spare_slot(dry, error) || !place_all(dry, error) ||
            !spare_port(dry, highest, error) || !add_controllers(dry, error))
                return FALSE;
        g_autoptr(DmPciSpace) s = dm_pci_space_new(p, FALSE, error);
        if (!s || !chipset(s, error) || !place_all(s, error))
                return FALSE;
        mark_multifunction(s);
        return check_bridges(p, error) && give_zpci(p, error);
}

/* ---- one device, while the guest runs ---- */

static gboolean check_plugged(const DmPciSpace *s, const DmDevice *device, GError **error)
{
        const DmAddress *a = &device->address;
        const DmPciBus *bus = dm_pci_bus(s, a->bus.value);
        if (!bus->hotplug)
                return dm_plan_fail(
                        s->p, device, a, error,
                        "PCI bus %u, a %s, takes no devices while the guest runs; use another bus",
                        a->bus.value, dm_enum_name(&dm_pci_model, (int)bus->model));
        return !a->function.value ||
               dm_plan_fail(s->p, device, a, error,
                            "a device that is plugged in is function 0 of its slot, not %u",
                            a->function.value);
}

gboolean dm_address_pci_plugged(DmPlan *p, DmDevice *device, GError **error)
{
        unsigned plug = dm_pci_plug(p, device);
        DmAddressType type = device->address.type;
        if (!plug || (type && type != DM_ADDRESS_PCI))
                return TRUE;
        if (!dm_plan_pci(p) || highest_index(p) < 0)
                return check_none(p, error);
        g_autoptr(DmPciSpace) s = dm_pci_space_new(p, FALSE, error);
        if (!s || !chipset(s, error))
                return FALSE;
        s->hotplug = TRUE;
        if (!(dm_address_open(device) ? dm_pci_place(s, device, plug, 0, error)
                                      : check_plugged(s, device, error)))
                return FALSE;
        return give_zpci(p, error);
}
