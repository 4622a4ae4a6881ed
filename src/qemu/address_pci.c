/* PCI buses and what is taken on them: which device may be plugged into which bus, the search for a free
 * slot, and the bridges and ports that are added when there is none. */
#include "qemu/address_pci.h"

#include <string.h>

#include "util/error.h"

/* ---- what fits where ---- */

typedef struct BusKind {
        DmControllerModel model;
        unsigned takes, gives;
        unsigned first, last;
        gboolean hotplug;
} BusKind;

#define LAST    (DM_PCI_SLOTS - 1)
#define CLASSIC (DM_PLUG_PCI | DM_PLUG_PCI_BRIDGE)
#define ROOT    (DM_PLUG_ROOT_PORT | DM_PLUG_DMI_BRIDGE | DM_PLUG_PCIE_EXPANDER)
#define PORT    (DM_PLUG_PCIE | DM_PLUG_UPSTREAM | DM_PLUG_PCIE_BRIDGE)

static const BusKind bus_kinds[] = {
        /* Slot 0 is the host bridge's, and on bridges the hot-plug controller's. */
        { DM_PCI_ROOT, CLASSIC | DM_PLUG_EXPANDER, CLASSIC | DM_PLUG_EXPANDER, 1, LAST, TRUE },
        { DM_PCI_BRIDGE, CLASSIC, CLASSIC, 1, LAST, TRUE },
        { DM_PCI_EXPANDER_BUS, CLASSIC, CLASSIC, 0, LAST, TRUE },
        /* Devices are not put on the root itself: they could not be unplugged there. */
        { DM_PCIE_ROOT, DM_PLUG_PCIE | ROOT, ROOT, 1, LAST, FALSE },
        { DM_DMI_TO_PCI_BRIDGE, CLASSIC, DM_PLUG_PCI_BRIDGE, 0, LAST, FALSE },
        { DM_PCIE_TO_PCI_BRIDGE, CLASSIC, CLASSIC, 1, LAST, TRUE },
        { DM_PCIE_ROOT_PORT, PORT, PORT, 0, 0, TRUE },
        { DM_PCIE_SWITCH_DOWNSTREAM_PORT, PORT, PORT, 0, 0, TRUE },
        { DM_PCIE_SWITCH_UPSTREAM_PORT, DM_PLUG_DOWNSTREAM, DM_PLUG_DOWNSTREAM, 0, LAST, FALSE },
        { DM_PCIE_EXPANDER_BUS, DM_PLUG_ROOT_PORT | DM_PLUG_DMI_BRIDGE,
          DM_PLUG_ROOT_PORT | DM_PLUG_DMI_BRIDGE, 0, LAST, FALSE },
};

static const struct {
        DmControllerModel model;
        DmPciPlug plug;
} controller_plugs[] = {
        { DM_PCI_BRIDGE, DM_PLUG_PCI_BRIDGE },
        { DM_DMI_TO_PCI_BRIDGE, DM_PLUG_DMI_BRIDGE },
        { DM_PCIE_TO_PCI_BRIDGE, DM_PLUG_PCIE_BRIDGE },
        { DM_PCIE_ROOT_PORT, DM_PLUG_ROOT_PORT },
        { DM_PCIE_SWITCH_UPSTREAM_PORT, DM_PLUG_UPSTREAM },
        { DM_PCIE_SWITCH_DOWNSTREAM_PORT, DM_PLUG_DOWNSTREAM },
        { DM_PCI_EXPANDER_BUS, DM_PLUG_EXPANDER },
        { DM_PCIE_EXPANDER_BUS, DM_PLUG_PCIE_EXPANDER },
};

static const struct {
        DmPciPlug plug;
        const char *name;
} plug_names[] = {
        { DM_PLUG_PCI, "conventional PCI device" },
        { DM_PLUG_PCIE, "PCI Express device" },
        { DM_PLUG_PCI_BRIDGE, "pci-bridge" },
        { DM_PLUG_DMI_BRIDGE, "dmi-to-pci-bridge" },
        { DM_PLUG_PCIE_BRIDGE, "pcie-to-pci-bridge" },
        { DM_PLUG_ROOT_PORT, "pcie-root-port" },
        { DM_PLUG_UPSTREAM, "pcie-switch-upstream-port" },
        { DM_PLUG_DOWNSTREAM, "pcie-switch-downstream-port" },
        { DM_PLUG_EXPANDER, "pci-expander-bus" },
        { DM_PLUG_PCIE_EXPANDER, "pcie-expander-bus" },
};

static const char *plug_name(unsigned plug)
{
        for (gsize i = 0; i < G_N_ELEMENTS(plug_names); i++)
                if (plug & plug_names[i].plug)
                        return plug_names[i].name;
        return "device";
}

static gboolean express(const DmPlan *p)
{
        const DmController *root = dm_plan_find_controller(p, DM_CONTROLLER_PCI, 0);
        return root && root->model == DM_PCIE_ROOT;
}

unsigned dm_pci_plug(const DmPlan *p, const DmDevice *device)
{
        const DmController *c = (const DmController *)device;
        unsigned pcie = express(p) ? DM_PLUG_PCIE : DM_PLUG_PCI;
        if (device->kind == DM_DEVICE_CONTROLLER && c->type == DM_CONTROLLER_PCI) {
                for (gsize i = 0; i < G_N_ELEMENTS(controller_plugs); i++)
                        if (controller_plugs[i].model == c->model)
                                return controller_plugs[i].plug;
                return 0;
        }
        switch (dm_address_wants(p, device)) {
        case DM_WANTS_PCI:
                return DM_PLUG_PCI;
        case DM_WANTS_PCIE:
        case DM_WANTS_VIRTIO:
                return pcie;
        case DM_WANTS_PCIE_ROOT:
                return pcie | DM_PLUG_INTEGRATED;
        case DM_WANTS_NOTHING:
        case DM_WANTS_DRIVE:
        case DM_WANTS_USB:
        case DM_WANTS_VIRTIO_SERIAL:
        case DM_WANTS_SPAPR_VIO:
        case DM_WANTS_ISA:
        case DM_WANTS_CCID:
        case DM_WANTS_DIMM:
                break;
        }
        return 0;
}

gboolean dm_pci_open(const DmPlan *p, const DmDevice *device)
{
        return dm_address_open(device) && dm_pci_plug(p, device);
}

/* ---- buses ---- */

DmPciBus *dm_pci_bus(const DmPciSpace *s, unsigned index)
{
        return g_ptr_array_index(s->buses, index);
}

static void set_model(DmPciBus *bus, DmControllerModel model)
{
        for (gsize i = 0; i < G_N_ELEMENTS(bus_kinds); i++) {
                const BusKind *k = &bus_kinds[i];
                if (k->model != model)
                        continue;
                bus->model = model;
                bus->takes = k->takes;
                bus->gives = k->gives;
                bus->first = bus->start = k->first;
                bus->last = k->last;
                bus->hotplug = k->hotplug;
        }
}

static gboolean has(const DmPlan *p, const char *driver)
{
        return dm_caps_has_type(p->caps, driver);
}

/* Bus 0 is what the board says it is. */
static void set_board(const DmPlan *p, DmPciBus *bus)
{
        const DmBoard *board = p->board;
        gboolean x86 = dm_plan_x86(p);
        bus->first = MIN(bus->first, board->first_slot);
        bus->start = MAX(bus->start, board->first_slot);
        if (board->flags & DM_BOARD_CCW)
                bus->first = 1;
        else if (!board->first_slot)
                bus->first = bus->start = 0;
        /* Of x86 chipsets each function is known. */
        for (unsigned slot = bus->first; slot <= bus->last && !x86; slot++)
                if (board->taken_slots & 1u << slot)
                        bus->slots[slot].taken = 0xff;
        if (bus->model != DM_PCIE_ROOT)
                return;
        /* Without ports and bridges to put them behind, devices are on the root itself. */
        if (!has(p, "pcie-root-port") && !has(p, "ioh3420"))
                bus->gives |= DM_PLUG_PCIE;
        if (!has(p, "pcie-pci-bridge") && !(has(p, "i82801b11-bridge") && has(p, "pci-bridge"))) {
                bus->takes |= DM_PLUG_PCI;
                bus->gives |= DM_PLUG_PCI;
        }
}

/* What a bus is that the document uses without saying so. */
static DmControllerModel default_model(const DmPlan *p)
{
        if (p->board->flags & DM_BOARD_SPAPR_VIO)
                return DM_PCI_ROOT;
        return express(p) ? DM_PCIE_ROOT_PORT : DM_PCI_BRIDGE;
}

static void add_buses(DmPciSpace *s, unsigned n)
{
        while (s->buses->len < n)
                g_ptr_array_add(s->buses, g_new0(DmPciBus, 1));
}

static gboolean is_pci_controller(const DmDevice *device)
{
        return device->kind == DM_DEVICE_CONTROLLER &&
               ((const DmController *)device)->type == DM_CONTROLLER_PCI;
}

static gboolean read_controllers(DmPciSpace *s, GError **error)
{
        DM_FOREACH_DEVICE (s->p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (!is_pci_controller(device))
                        continue;
                if (c->index.value >= DM_PCI_BUSES)
                        return dm_plan_fail(s->p, device, &c->index, error,
                                            "index %u is beyond the %d PCI buses", c->index.value,
                                            DM_PCI_BUSES);
                add_buses(s, c->index.value + 1);
                DmPciBus *bus = dm_pci_bus(s, c->index.value);
                set_model(bus, c->model);
                bus->hotplug = bus->hotplug && c->hotplug != DM_OFF;
        }
        if (!s->buses->len)
                return TRUE;
        if (!dm_pci_bus(s, 0)->model)
                set_model(dm_pci_bus(s, 0), DM_PCI_ROOT);
        set_board(s->p, dm_pci_bus(s, 0));
        for (guint i = 1; i < s->buses->len; i++)
                if (!dm_pci_bus(s, i)->model)
                        set_model(dm_pci_bus(s, i), default_model(s->p));
        return TRUE;
}

gboolean dm_pci_slot_taken(const DmPciSpace *s, unsigned bus, unsigned slot)
{
        return dm_pci_bus(s, bus)->slots[slot].taken != 0;
}

static void take(DmPciSpace *s, unsigned bus, unsigned slot, unsigned function, const DmDevice *device,
                 unsigned plug)
{
        DmPciSlot *place = &dm_pci_bus(s, bus)->slots[slot];
        if (!place->taken)
                place->shared = (plug & DM_PLUG_ROOT_PORT) != 0;
        place->taken |= (guint8)(1u << function);
        place->holder[function] = device;
}

gboolean dm_pci_take(DmPciSpace *s, unsigned slot, unsigned function, GError **error)
{
        const DmDevice *holder = dm_pci_bus(s, 0)->slots[slot].holder[function];
        if (holder) {
                g_autofree char *what = g_strdup_printf("PCI address 0000:00:%02x.%x", slot, function);
                return dm_address_conflict(s->p, holder, what, NULL, error);
        }
        take(s, 0, slot, function, NULL, 0);
        return TRUE;
}

static void tell(DmPciSpace *s, DmDevice *device, unsigned bus, unsigned slot, unsigned function,
                 const char *why)
{
        DmAddress *a = &device->address;
        a->type = DM_ADDRESS_PCI;
        a->domain = (DmOptU32)DM_OPT(0);
        a->bus = (DmOptU32)DM_OPT(bus);
        a->slot = (DmOptU32)DM_OPT(slot);
        a->function = (DmOptU32)DM_OPT(function);
        dm_origins_explain(s->p->domain->origins, a, "%s", why);
}

gboolean dm_pci_settle(DmPciSpace *s, DmDevice *device, unsigned slot, unsigned function, const char *why,
                       GError **error)
{
        const DmPciSlot *place = &dm_pci_bus(s, 0)->slots[slot];
        if (place->taken & 1u << function) {
                g_autofree char *what = g_strdup_printf("its PCI address, 0000:00:%02x.%x,", slot, function);
                return dm_address_conflict(s->p, device, what, place->holder[function], error);
        }
        take(s, 0, slot, function, device, 0);
        tell(s, device, 0, slot, function, why);
        return TRUE;
}

/* ---- addresses that were given ---- */

static gboolean grow(DmPciSpace *s, unsigned plug, unsigned *bus, const DmDevice *device, GError **error);

/* A document may put conventional devices into Express slots and the other way round. */
static gboolean may_be(const DmPciBus *bus, unsigned plug)
{
        const unsigned either = DM_PLUG_PCI | DM_PLUG_PCIE;
        unsigned takes = bus->takes & either ? bus->takes | either : bus->takes;
        if (plug & DM_PLUG_PCI_BRIDGE)
                plug |= DM_PLUG_PCI;
        return (takes & plug) != 0;
}

static gboolean check_given(DmPciSpace *s, const DmDevice *device, unsigned plug, GError **error)
{
        const DmAddress *a = &device->address;
        unsigned index = a->bus.value;
        if (a->domain.value)
                return dm_plan_fail(s->p, device, a, error, "there is only PCI domain 0, not %u",
                                    a->domain.value);
        if (index >= s->buses->len)
                return dm_plan_fail(
                        s->p, device, a, error,
                        "there is no PCI bus %u, only 0 to %u; add a PCI controller with that index", index,
                        s->buses->len - 1);
        const DmPciBus *bus = dm_pci_bus(s, index);
        const char *model = dm_enum_name(&dm_pci_model, (int)bus->model);
        if (plug & DM_PLUG_INTEGRATED && index)
                plug &= ~(unsigned)DM_PLUG_INTEGRATED; /* the document knows better */
        if (!may_be(bus, plug))
                return dm_plan_fail(s->p, device, a, error, "PCI bus %u, a %s, does not take a %s", index,
                                    model, plug_name(plug));
        if (a->slot.value < bus->first || a->slot.value > bus->last)
                return dm_plan_fail(s->p, device, a, error, "PCI bus %u, a %s, has slots %u to %u, not %u",
                                    index, model, bus->first, bus->last, a->slot.value);
        if (a->function.value >= DM_PCI_FUNCTIONS)
                return dm_plan_fail(s->p, device, a, error, "a PCI slot has functions 0 to %d, not %u",
                                    DM_PCI_FUNCTIONS - 1, a->function.value);
        return TRUE;
}

static gboolean reserve_given(DmPciSpace *s, const DmDevice *device, GError **error)
{
        const DmAddress *a = &device->address;
        unsigned plug = dm_pci_plug(s->p, device), bus = a->bus.value;
        /* What is on the board may have been given its address; libvirt writes it down. */
        plug = plug ? plug : DM_PLUG_PCI;
        if (!s->buses->len)
                return dm_plan_fail(s->p, device, a, error, "machine '%s' has no PCI bus", s->p->board_name);
        /* Buses that are named by the addresses on them alone are added. */
        if (s->dry && !a->domain.value && plug & (DM_PLUG_PCI | DM_PLUG_PCIE) &&
            !grow(s, plug & ~(unsigned)DM_PLUG_INTEGRATED, &bus, device, error))
                return FALSE;
        if (!check_given(s, device, plug, error))
                return FALSE;
        const DmPciSlot *slot = &dm_pci_bus(s, a->bus.value)->slots[a->slot.value];
        if (slot->taken & 1u << a->function.value) {
                g_autofree char *text = dm_address_describe(a),
                                *what = g_strdup_printf("PCI address %s", text);
                return dm_address_conflict(s->p, device, what, slot->holder[a->function.value], error);
        }
        take(s, a->bus.value, a->slot.value, a->function.value, device, plug);
        return TRUE;
}

DmPciSpace *dm_pci_space_new(DmPlan *p, gboolean dry, GError **error)
{
        g_autoptr(DmPciSpace) s = g_new0(DmPciSpace, 1);
        s->p = p;
        s->dry = dry;
        s->buses = g_ptr_array_new_with_free_func(g_free);
        if (!read_controllers(s, error))
                return NULL;
        /* A console has the address of the serial line that it shows. */
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_PCI && !dm_address_open(device) &&
                    device->kind != DM_DEVICE_CONSOLE && !reserve_given(s, device, error))
                        return NULL;
        return g_steal_pointer(&s);
}

void dm_pci_space_free(DmPciSpace *s)
{
        if (!s)
                return;
        g_ptr_array_unref(s->buses);
        g_free(s);
}

/* ---- growing ---- */

static gboolean bridge_fits(const DmPciSpace *s)
{
        for (guint i = 0; i < s->buses->len; i++)
                if (dm_pci_bus(s, i)->takes & DM_PLUG_PCI_BRIDGE)
                        return TRUE;
        return FALSE;
}

static gboolean full(const DmPciSpace *s, unsigned plug, const DmDevice *device, GError **error)
{
        return dm_plan_fail(s->p, device, device, error,
                            "no free PCI slot is left on bus '%s' for a %s, and no bus can be added for it",
                            s->p->board->pci_bus, plug_name(plug));
}

/* The way into conventional PCI from an Express root: a port with a bridge, or the older pair of bridges.
 * Returns the number of buses in front of the one that devices go to. */
static unsigned add_way(DmPciSpace *s, unsigned at)
{
        if (has(s->p, "pcie-pci-bridge")) {
                set_model(dm_pci_bus(s, at), DM_PCIE_ROOT_PORT);
                /* Kept for the bridge: else the first device that comes would sit in it. */
                dm_pci_bus(s, at)->takes = dm_pci_bus(s, at)->gives = DM_PLUG_PCIE_BRIDGE;
                set_model(dm_pci_bus(s, at + 1), DM_PCIE_TO_PCI_BRIDGE);
                return 2;
        }
        set_model(dm_pci_bus(s, at), DM_DMI_TO_PCI_BRIDGE);
        return 1;
}

/* Adds buses up to *@bus, of the kind that has room for @plug.  *@bus is raised when one more was needed. */
static gboolean grow(DmPciSpace *s, unsigned plug, unsigned *bus, const DmDevice *device, GError **error)
{
        const DmPlan *p = s->p;
        unsigned old = s->buses->len, at = old;
        if (*bus < old)
                return TRUE;
        DmControllerModel model;
        gboolean way = FALSE;
        if (plug & DM_PLUG_INTEGRATED || *bus + 2 >= DM_PCI_BUSES)
                return full(s, plug, device, error);
        if (plug & DM_PLUG_PCI) {
                gboolean roots = (p->board->flags & DM_BOARD_SPAPR_VIO) != 0;
                model = roots ? DM_PCI_ROOT : DM_PCI_BRIDGE;
                way = !roots && !bridge_fits(s);
                if (!roots && !(way && has(p, "pcie-pci-bridge")) && !has(p, "pci-bridge"))
                        return full(s, plug, device, error);
        } else if (plug & (DM_PLUG_PCIE | DM_PLUG_UPSTREAM)) {
                model = DM_PCIE_ROOT_PORT;
        } else {
                return full(s, plug, device, error);
        }
        *bus += way && *bus == old;
        add_buses(s, *bus + 1);
        if (way)
                at += add_way(s, at);
        for (; at < s->buses->len; at++)
                set_model(dm_pci_bus(s, at), model);
        return TRUE;
}

/* ---- the search ---- */

static gboolean free_in_slot(const DmPciSlot *slot, unsigned plug, unsigned *function)
{
        if (!slot->taken)
                return TRUE;
        if (!(plug & DM_PLUG_ROOT_PORT) || !slot->shared)
                return FALSE;
        for (unsigned f = 0; f < DM_PCI_FUNCTIONS; f++)
                if (!(slot->taken & 1u << f)) {
                        *function = f;
                        return TRUE;
                }
        return FALSE;
}

static gboolean find_on(const DmPciSpace *s, unsigned index, unsigned plug, unsigned *slot,
                        unsigned *function)
{
        const DmPciBus *bus = dm_pci_bus(s, index);
        gboolean integrated = plug & DM_PLUG_INTEGRATED;
        unsigned fits = integrated ? bus->takes : bus->gives;
        if ((integrated && index) || !(fits & plug) || (s->hotplug && !bus->hotplug))
                return FALSE;
        for (unsigned n = bus->start; n <= bus->last; n++)
                if (free_in_slot(&bus->slots[n], plug, function)) {
                        *slot = n;
                        return TRUE;
                }
        return FALSE;
}

gboolean dm_pci_place(DmPciSpace *s, DmDevice *device, unsigned plug, unsigned function, GError **error)
{
        unsigned bus = 0, slot = 0;
        while (bus < s->buses->len && !find_on(s, bus, plug, &slot, &function))
                bus++;
        if (bus == s->buses->len) {
                if (!s->dry)
                        return full(s, plug, device, error);
                if (!grow(s, plug, &bus, device, error))
                        return FALSE;
                slot = dm_pci_bus(s, bus)->start;
        }
        take(s, bus, slot, function, device, plug);
        if (s->dry || !device)
                return TRUE;
        g_autofree char *why =
                g_strdup_printf("the first free slot for a %s, on bus %u", plug_name(plug), bus);
        tell(s, device, bus, slot, function, why);
        return TRUE;
}

gboolean dm_pci_join(DmPciSpace *s, DmDevice *device, const DmDevice *mate, unsigned function, GError **error)
{
        const DmAddress *a = &mate->address;
        DmPciSlot *slot = &dm_pci_bus(s, a->bus.value)->slots[a->slot.value];
        if (slot->taken & 1u << function) {
                g_autofree char *what = g_strdup_printf("function %u of its slot", function);
                return dm_address_conflict(s->p, device, what, slot->holder[function], error);
        }
        take(s, a->bus.value, a->slot.value, function, device, 0);
        if (!s->dry)
                tell(s, device, a->bus.value, a->slot.value, function, "in the slot of its companion");
        return TRUE;
}
