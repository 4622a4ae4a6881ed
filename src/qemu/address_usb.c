/* Ports of USB devices.  Buses are trees: controllers have ports, and hubs in ports have more.  When there
 * are more devices than ports, hubs are added, as libvirt does. */
#include "qemu/address_private.h"

#include <string.h>

#include "conf/domain_hub.h"
#include "util/error.h"

#define HUB_PORTS 8
#define PORTS_MAX 15  /* of an xHCI controller, as QEMU has them */
#define DEPTH_MAX 4   /* numbers in "1.2.3.4" */
#define HUBS_MAX  127 /* no bus numbers more devices than this */

typedef struct Hub Hub;
struct Hub {
        unsigned ports;
        const DmDevice *holder[PORTS_MAX]; /* borrowed; NULL: free */
        Hub *below[PORTS_MAX];             /* owned: the hub that is in this port */
};

static void hub_free(Hub *h)
{
        for (unsigned i = 0; h && i < h->ports; i++)
                hub_free(h->below[i]);
        g_free(h);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hub, hub_free)

static void free_hub(gpointer h)
{
        hub_free(h);
}

static Hub *hub_new(unsigned ports)
{
        Hub *h = g_new0(Hub, 1);
        h->ports = ports;
        return h;
}

typedef struct Tree {
        DmPlan *p;
        GHashTable *buses; /* index → Hub, owned */
        GArray *indexes;   /* of guint: those, ascending */
} Tree;

/* ---- controllers ---- */

static const DmController *usb_controller(const DmDevice *device)
{
        const DmController *c = (const DmController *)device;
        return device->kind == DM_DEVICE_CONTROLLER && c->type == DM_CONTROLLER_USB ? c : NULL;
}

/* Ports of a controller; 0: it has none of its own. */
static unsigned ports_of(const DmController *c)
{
        switch ((int)c->model) {
        case DM_MODEL_UNSET:
        case DM_USB_PIIX3_UHCI:
        case DM_USB_PIIX4_UHCI:
        case DM_USB_VT82C686B_UHCI:
                return 2;
        case DM_USB_EHCI:
        case DM_USB_ICH9_EHCI1:
                return 6;
        case DM_USB_PCI_OHCI:
                return 3;
        case DM_USB_NEC_XHCI:
        case DM_USB_QEMU_XHCI:
                return c->ports.set ? MIN(c->ports.value, PORTS_MAX) : 4;
        }
        return 0; /* companions share the ports of their controller; "none" */
}

static gboolean check_ports(const DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = usb_controller(device);
                if (c && c->ports.value > PORTS_MAX)
                        return dm_plan_fail(p, device, &c->ports, error,
                                            "a '%s' controller has up to %d ports, not %u; add a second one",
                                            dm_enum_name(&dm_usb_model, (int)c->model), PORTS_MAX,
                                            c->ports.value);
        }
        return TRUE;
}

/* The first device that is on USB, hubs apart; NULL: none is. */
static const DmDevice *first_device(const DmPlan *p)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (dm_address_wants(p, device) == DM_WANTS_USB)
                        return device;
        return NULL;
}

gboolean dm_address_usb_controllers(DmPlan *p, GError **error)
{
        const DmDevice *needs = first_device(p);
        const DmController *off = NULL;
        if (!check_ports(p, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = usb_controller(device);
                if (c && c->model != DM_USB_NONE)
                        return TRUE;
                off = c ? c : off;
        }
        if (!needs || (!off && p->board->flags & DM_BOARD_USB_ONBOARD))
                return TRUE;
        if (off)
                return dm_plan_fail(p, needs, needs, error,
                                    "it is on USB, which <controller type='usb' model='none'/> switches off");
        if (!dm_plan_pci(p))
                return dm_plan_fail(p, needs, needs, error, "it is on USB, which machine '%s' does not have",
                                    p->board_name);
        return dm_plan_add_controller(p, DM_CONTROLLER_USB, 0, DM_MODEL_UNSET, 0, "a device is on USB",
                                      error) != NULL;
}

/* ---- the tree ---- */

static void add_bus(Tree *t, unsigned index, unsigned ports)
{
        if (!ports || g_hash_table_contains(t->buses, GUINT_TO_POINTER(index)))
                return;
        g_hash_table_insert(t->buses, GUINT_TO_POINTER(index), hub_new(ports));
        g_array_append_val(t->indexes, index);
}

static void add_buses(Tree *t)
{
        DM_FOREACH_DEVICE (t->p->domain, device) {
                const DmController *c = usb_controller(device);
                if (c)
                        add_bus(t, c->index.value, ports_of(c));
        }
        const DmController on_board = { .type = DM_CONTROLLER_USB };
        if (t->p->board->flags & DM_BOARD_USB_ONBOARD)
                add_bus(t, 0, ports_of(&on_board));
}

/* Splits "1.2.3" into numbers; 0: it is no such text. */
static unsigned parse_path(const char *text, unsigned path[DEPTH_MAX])
{
        unsigned depth = 0;
        for (;;) {
                char *end = NULL;
                if (depth == DEPTH_MAX || !g_ascii_isdigit(*text))
                        return 0;
                guint64 n = g_ascii_strtoull(text, &end, 10);
                if (n == 0 || n > 255)
                        return 0;
                path[depth++] = (unsigned)n;
                if (!*end)
                        return depth;
                if (*end != '.')
                        return 0;
                text = end + 1;
        }
}

static char *format_path(const unsigned path[DEPTH_MAX])
{
        GString *s = g_string_new(NULL);
        for (unsigned i = 0; i < DEPTH_MAX && path[i]; i++)
                g_string_append_printf(s, "%s%u", i ? "." : "", path[i]);
        return g_string_free(s, FALSE);
}

static gboolean no_port(const Tree *t, const DmDevice *device, const char *why, unsigned n, GError **error)
{
        const DmAddress *a = &device->address;
        return dm_plan_fail(t->p, device, a, error, "USB bus %u has no port '%s': %s %u", a->bus.value,
                            a->usb_port, why, n);
}

/* Puts @device, and the hub that it is (or NULL; taken), into the port that it was given. */
static gboolean reserve(Tree *t, const DmDevice *device, Hub *hub, GError **error)
{
        g_autoptr(Hub) own = hub;
        const DmAddress *a = &device->address;
        unsigned path[DEPTH_MAX] = { 0 }, depth = parse_path(a->usb_port, path);
        Hub *at = g_hash_table_lookup(t->buses, GUINT_TO_POINTER(a->bus.value));
        if (!at)
                return dm_plan_fail(t->p, device, a, error, "there is no USB controller with index %u",
                                    a->bus.value);
        if (!depth)
                return dm_plan_fail(t->p, device, a, error,
                                    "'%s' is no USB port; expected such as '1' or '1.2'", a->usb_port);
        for (unsigned i = 0; i < depth; i++) {
                if (path[i] > at->ports)
                        return no_port(t, device, "the number of ports there is", at->ports, error);
                if (i + 1 == depth)
                        break;
                if (!at->below[path[i] - 1])
                        return no_port(t, device, "there is no hub in port", path[i], error);
                at = at->below[path[i] - 1];
        }
        unsigned port = path[depth - 1] - 1;
        if (at->holder[port]) {
                g_autofree char *what = dm_address_describe(a);
                return dm_address_conflict(t->p, device, what, at->holder[port], error);
        }
        at->holder[port] = device;
        at->below[port] = g_steal_pointer(&own);
        return TRUE;
}

/* Finds the first free port: those of the hub itself before those of hubs in it. */
static gboolean find_free(const Hub *h, unsigned path[DEPTH_MAX], unsigned level)
{
        for (unsigned i = 0; i < h->ports; i++)
                if (!h->holder[i]) {
                        path[level] = i + 1;
                        return TRUE;
                }
        for (unsigned i = 0; level + 1 < DEPTH_MAX && i < h->ports; i++)
                if (h->below[i] && find_free(h->below[i], path, level + 1)) {
                        path[level] = i + 1;
                        return TRUE;
                }
        return FALSE;
}

static gboolean give(Tree *t, DmDevice *device, Hub *hub, GError **error)
{
        g_autoptr(Hub) own = hub;
        DmAddress *a = &device->address;
        gboolean fixed = a->type == DM_ADDRESS_USB && a->bus.set; /* the bus was given, the port was not */
        for (guint i = 0; i < t->indexes->len; i++) {
                unsigned index = g_array_index(t->indexes, guint, i), path[DEPTH_MAX] = { 0 };
                if ((fixed && index != a->bus.value) ||
                    !find_free(g_hash_table_lookup(t->buses, GUINT_TO_POINTER(index)), path, 0))
                        continue;
                a->type = DM_ADDRESS_USB;
                a->bus = (DmOptU32)DM_OPT(index);
                g_free(a->usb_port);
                a->usb_port = format_path(path);
                dm_origins_explain(t->p->domain->origins, a, "the first free port");
                return reserve(t, device, g_steal_pointer(&own), error);
        }
        if (fixed && !g_hash_table_contains(t->buses, GUINT_TO_POINTER(a->bus.value)))
                return dm_plan_fail(t->p, device, a, error, "there is no USB controller with index %u",
                                    a->bus.value);
        return dm_plan_fail(
                t->p, device, device, error,
                "no USB port is left; add a <controller type='usb' model='qemu-xhci' ports='15'/>");
}

/* ---- hubs ---- */

static gboolean is_hub(const DmDevice *device)
{
        return device->kind == DM_DEVICE_HUB;
}

static gboolean on_usb(const DmPlan *p, const DmDevice *device)
{
        return dm_address_wants(p, device) == DM_WANTS_USB;
}

/* Each hub takes a port and has eight. */
static gboolean add_hubs(DmPlan *p, GError **error)
{
        gsize ports = 0, devices = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = usb_controller(device);
                if (c)
                        ports += ports_of(c);
                if (is_hub(device))
                        ports += HUB_PORTS;
                else
                        devices += on_usb(p, device);
        }
        if (devices <= ports || !ports)
                return TRUE;
        gsize hubs = (devices - ports + 1 + HUB_PORTS - 2) / (HUB_PORTS - 1);
        if (hubs > HUBS_MAX)
                return dm_plan_fail(p, NULL, p->domain, error,
                                    "%" G_GSIZE_FORMAT " devices are too many for USB", devices);
        for (gsize i = 0; i < hubs; i++) {
                DmHub *hub = dm_domain_add_device(p->domain, DM_DEVICE_HUB);
                hub->type = DM_HUB_USB;
                dm_origins_explain(p->domain->origins, hub, "there are more USB devices than ports");
        }
        return TRUE;
}

/* ---- all of it ---- */

static gboolean has_port(const DmDevice *device)
{
        return device->address.type == DM_ADDRESS_USB && device->address.usb_port;
}

static int compare_paths(const void *a, const void *b)
{
        const DmDevice *const *x = a, *const *y = b;
        gsize n = strlen((*x)->address.usb_port), m = strlen((*y)->address.usb_port);
        return n < m ? -1 : n > m;
}

/* Hubs in hubs come after those. */
static gboolean reserve_hubs(Tree *t, GError **error)
{
        g_autoptr(GPtrArray) hubs = g_ptr_array_new();
        DM_FOREACH_DEVICE (t->p->domain, device)
                if (is_hub(device) && has_port(device))
                        g_ptr_array_add(hubs, device);
        g_ptr_array_sort(hubs, compare_paths);
        for (guint i = 0; i < hubs->len; i++)
                if (!reserve(t, g_ptr_array_index(hubs, i), hub_new(HUB_PORTS), error))
                        return FALSE;
        return TRUE;
}

/* The order in which libvirt plugs them in. */
static const DmDeviceKind order[] = { DM_DEVICE_DISK, DM_DEVICE_CONTROLLER, DM_DEVICE_INPUT,
                                      DM_DEVICE_SERIAL };

static guint place(int kind)
{
        guint i = 0;
        while (i < G_N_ELEMENTS(order) && (int)order[i] != kind)
                i++;
        return i;
}

static gboolean give_all(Tree *t, GError **error)
{
        DM_FOREACH_DEVICE (t->p->domain, device)
                if (is_hub(device) && !has_port(device) && !give(t, device, hub_new(HUB_PORTS), error))
                        return FALSE;
        for (guint i = 0; i <= G_N_ELEMENTS(order); i++)
                DM_FOREACH_DEVICE (t->p->domain, device)
                        if (place(device->kind) == i && !is_hub(device) && on_usb(t->p, device) &&
                            !has_port(device) && !give(t, device, NULL, error))
                                return FALSE;
        return TRUE;
}

gboolean dm_address_usb(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) buses = g_hash_table_new_full(NULL, NULL, NULL, free_hub);
        g_autoptr(GArray) indexes = g_array_new(FALSE, FALSE, sizeof(guint));
        Tree t = { p, buses, indexes };
        if (!add_hubs(p, error))
                return FALSE;
        add_buses(&t);
        if (!reserve_hubs(&t, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (!is_hub(device) && has_port(device) && !reserve(&t, device, NULL, error))
                        return FALSE;
        return give_all(&t, error);
}
