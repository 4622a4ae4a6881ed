/* Ports of virtio-serial controllers, for channels and virtio consoles, and places of smart card readers. */
#include "qemu/address_private.h"

/* A controller has so many unless its document says otherwise; the most that QEMU can. */
#define PORTS          31
#define CONTROLLER_MAX 255

typedef struct Ports {
        DmPlan *p;
        GHashTable *taken; /* number() → DmDevice, borrowed */
} Ports;

static gboolean is_channel(const DmDevice *device)
{
        return device->kind == DM_DEVICE_CHANNEL &&
               ((const DmChardev *)device)->channel_type == DM_CHANNEL_VIRTIO;
}

static gboolean is_console(const DmDevice *device)
{
        return device->kind == DM_DEVICE_CONSOLE &&
               ((const DmChardev *)device)->console_type == DM_CONSOLE_VIRTIO;
}

static gpointer number(unsigned controller, unsigned port)
{
        return GUINT_TO_POINTER(controller << 16 | port);
}

static unsigned ports_of(const DmController *c)
{
        return c->ports.set ? MIN(c->ports.value, PORTS) : PORTS;
}

/* ---- controllers ---- */

static gboolean add_controllers(DmPlan *p, GError **error)
{
        for (guint i = 0; p->domain->devices && i < p->domain->devices->len; i++) {
                const DmDevice *device = g_ptr_array_index(p->domain->devices, i);
                if (!is_channel(device) && !is_console(device))
                        continue;
                unsigned index = device->address.type == DM_ADDRESS_VIRTIO_SERIAL
                                         ? device->address.controller.value
                                         : 0;
                if (index > CONTROLLER_MAX)
                        return dm_plan_fail(p, device, &device->address, error,
                                            "controller %u is beyond the %d that are possible", index,
                                            CONTROLLER_MAX);
                guint before = p->domain->devices->len;
                if (!dm_plan_need_controller(p, DM_CONTROLLER_VIRTIO_SERIAL, index,
                                             "channels and virtio consoles are on it", error))
                        return FALSE;
                i += p->domain->devices->len - before; /* controllers stand before them */
        }
        return TRUE;
}

/* ---- what was given ---- */

static gboolean reserve(Ports *ports, DmDevice *device, GError **error)
{
        const DmAddress *a = &device->address;
        const DmController *c =
                dm_plan_find_controller(ports->p, DM_CONTROLLER_VIRTIO_SERIAL, a->controller.value);
        if (a->port.value >= ports_of(c))
                return dm_plan_fail(ports->p, device, a, error,
                                    "virtio-serial controller %u has no port %u, only 0 to %u",
                                    a->controller.value, a->port.value, ports_of(c) - 1);
        const DmDevice *other = g_hash_table_lookup(ports->taken, number(a->controller.value, a->port.value));
        if (other) {
                g_autofree char *what = dm_address_describe(a);
                return dm_address_conflict(ports->p, device, what, other, error);
        }
        g_hash_table_insert(ports->taken, number(a->controller.value, a->port.value), device);
        return TRUE;
}

static gboolean is_complete(const DmDevice *device)
{
        return device->address.type == DM_ADDRESS_VIRTIO_SERIAL && device->address.port.value;
}

/* ---- what is free ---- */

/* The first free port of @c from @first; -1: there is none. */
static int free_port(const Ports *ports, const DmController *c, unsigned first)
{
        for (unsigned port = first; port < ports_of(c); port++)
                if (!g_hash_table_contains(ports->taken, number(c->index.value, port)))
                        return (int)port;
        return -1;
}

/* On the first controller with a free port, or on a new one. */
static DmController *find_controller(Ports *ports, const DmDevice *device, unsigned first, GError **error)
{
        DM_FOREACH_DEVICE (ports->p->domain, other) {
                DmController *c = (DmController *)other;
                if (other->kind == DM_DEVICE_CONTROLLER && c->type == DM_CONTROLLER_VIRTIO_SERIAL &&
                    free_port(ports, c, first) >= 0)
                        return c;
        }
        unsigned index = dm_plan_free_index(ports->p, DM_CONTROLLER_VIRTIO_SERIAL);
        if (index > CONTROLLER_MAX) {
                dm_plan_fail(ports->p, device, device, error, "no virtio-serial port is left");
                return NULL;
        }
        return dm_plan_add_controller(ports->p, DM_CONTROLLER_VIRTIO_SERIAL, index, DM_MODEL_UNSET, 0,
                                      "the ports of the others are taken", error);
}

/* Port 0 is kept for consoles: QEMU gives it to the first. */
static gboolean give(Ports *ports, DmDevice *device, GError **error)
{
        gboolean console = is_console(device);
        unsigned first = console ? 0 : 1;
        DmAddress *a = &device->address;
        gboolean fixed = a->type == DM_ADDRESS_VIRTIO_SERIAL;
        DmController *c =
                fixed ? dm_plan_find_controller(ports->p, DM_CONTROLLER_VIRTIO_SERIAL, a->controller.value)
                      : find_controller(ports, device, first, error);
        if (!c)
                return FALSE;
        int port = free_port(ports, c, first);
        if (port < 0)
                return dm_plan_fail(ports->p, device, device, error,
                                    "no free port is left on virtio-serial controller %u", c->index.value);
        g_hash_table_insert(ports->taken, number(c->index.value, (unsigned)port), device);
        /* Consoles stay without an address, as libvirt leaves them: QEMU counts them by itself. */
        if (console)
                return TRUE;
        a->type = DM_ADDRESS_VIRTIO_SERIAL;
        a->controller = c->index;
        a->bus = (DmOptU32)DM_OPT(0);
        a->port = (DmOptU32)DM_OPT((guint32)port);
        dm_origins_explain(ports->p->domain->origins, a, "the first free port");
        return TRUE;
}

gboolean dm_address_virtio_serial(DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
        Ports ports = { p, taken };
        if (!add_controllers(p, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if ((is_channel(device) || is_console(device)) && is_complete(device) &&
                    !reserve(&ports, device, error))
                        return FALSE;
        g_autoptr(GPtrArray) open = g_ptr_array_new();
        DM_FOREACH_DEVICE (p->domain, device) /* consoles are the first of these kinds */
                if ((is_channel(device) || is_console(device)) && !is_complete(device))
                        g_ptr_array_add(open, device);
        for (guint i = 0; i < open->len; i++)
                if (!give(&ports, g_ptr_array_index(open, i), error))
                        return FALSE;
        return TRUE;
}

/* ---- smart cards ---- */

gboolean dm_address_ccid(DmPlan *p, GError **error)
{
        g_autoptr(GPtrArray) cards = g_ptr_array_new();
        DM_FOREACH_DEVICE (p->domain, device)
                if (dm_address_wants(p, device) == DM_WANTS_CCID)
                        g_ptr_array_add(cards, device);
        unsigned next = 0;
        for (guint i = 0; i < cards->len; i++) {
                DmDevice *card = g_ptr_array_index(cards, i);
                DmAddress *a = &card->address;
                if (!a->type) {
                        a->type = DM_ADDRESS_CCID;
                        a->controller = (DmOptU32)DM_OPT(0);
                        a->slot = (DmOptU32)DM_OPT(next);
                        dm_origins_explain(p->domain->origins, a, "the next free place");
                }
                next = MAX(next, a->slot.value + 1);
                if (!dm_plan_need_controller(p, DM_CONTROLLER_CCID, a->controller.value,
                                             "smart cards are on it", error))
                        return FALSE;
        }
        return TRUE;
}
