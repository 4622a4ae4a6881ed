/* Displays at a start: free ports, the device that draws, passwords. */
#include "qemu/run_graphics.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/domain_graphics.h"
#include "util/error.h"
#include "util/fd.h"

/* ---- who draws ---- */

#define DRI    "/dev/dri"
#define RENDER "renderD"

char *dm_find_render_node(const char *root)
{
        g_autofree char *path = g_strconcat(root, DRI, NULL), *first = NULL;
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;
        while (dir && (name = g_dir_read_name(dir))) {
                if (!g_str_has_prefix(name, RENDER) || (first && strcmp(name, first) > 0))
                        continue;
                g_free(first);
                first = g_strdup(name);
        }
        return first ? g_build_filename(DRI, first, NULL) : NULL;
}

/* ---- ports ---- */

/* The range that firewalls and clients expect displays in. */
#define PORT_FIRST      5900
#define PORT_LAST       6899
#define WEBSOCKET_FIRST 5700

/* QEMU binds to one address only; what is taken on any is left alone. */
static gboolean is_free(int family, int port)
{
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((guint16)port) };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((guint16)port) };
        gboolean v6 = family == AF_INET6;
        dm_autofd int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int one = 1;
        if (fd < 0)
                return v6; /* no IPv6 here */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (v6)
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
        return bind(fd, v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four,
                    v6 ? sizeof(six) : sizeof(four)) == 0;
}

static gboolean take_port(DmPlan *p, const DmDevice *device, DmOptI64 *port, int first, GHashTable *taken,
                          GError **error)
{
        for (int n = first; n <= PORT_LAST; n++) {
                if (g_hash_table_contains(taken, GINT_TO_POINTER(n)) || !is_free(AF_INET, n) ||
                    !is_free(AF_INET6, n))
                        continue;
                g_hash_table_add(taken, GINT_TO_POINTER(n));
                *port = (DmOptI64)DM_OPT(n);
                dm_origins_explain(p->domain->origins, port, "free when the guest was started");
                return TRUE;
        }
        return dm_plan_fail(p, device, port, error, "no port from %d to %d is free on this host", first,
                            PORT_LAST);
}

static gboolean listens_at_port(const DmGraphics *g)
{
        const DmListen *l = g->listens && g->listens->len ? g_ptr_array_index(g->listens, 0) : NULL;
        return !l || l->type == DM_LISTEN_ADDRESS || l->type == DM_LISTEN_NETWORK;
}

static void note_given(const DmPlan *p, GHashTable *taken)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmGraphics *g = (const DmGraphics *)device;
                /* A number beside autoport is that of an earlier start. */
                if (device->kind != DM_DEVICE_GRAPHICS || g->autoport == DM_YES)
                        continue;
                const gint64 ports[] = { g->port.value, g->tls_port.value, g->websocket.value };
                for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
                        g_hash_table_add(taken, GINT_TO_POINTER(ports[i]));
        }
}

gboolean dm_run_graphics_ports(DmPlan *p, const DmSettings *settings, GError **error)
{
        g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
        note_given(p, taken);
        DM_FOREACH_DEVICE (p->domain, device) {
                DmGraphics *g = (DmGraphics *)device;
                if (device->kind != DM_DEVICE_GRAPHICS || !listens_at_port(g))
                        continue;
                gboolean tls = FALSE,
                         plain = g->type == DM_GRAPHICS_VNC && (g->port.value <= 0 || g->autoport == DM_YES);
                if (g->type == DM_GRAPHICS_SPICE)
                        dm_spice_free_ports(device, settings, &plain, &tls);
                if (plain && !take_port(p, device, &g->port, PORT_FIRST, taken, error))
                        return FALSE;
                if (tls && !take_port(p, device, &g->tls_port, PORT_FIRST, taken, error))
                        return FALSE;
                if (g->websocket.set && g->websocket.value <= 0 &&
                    !take_port(p, device, &g->websocket, WEBSOCKET_FIRST, taken, error))
                        return FALSE;
        }
        return TRUE;
}

/* ---- passwords ---- */

static const DmGraphics *with_password(const DmDevice *device)
{
        const DmGraphics *g = (const DmGraphics *)device;
        gboolean server = device->kind == DM_DEVICE_GRAPHICS &&
                          (g->type == DM_GRAPHICS_VNC || g->type == DM_GRAPHICS_SPICE);
        return server && g->password ? g : NULL;
}

DmJson *dm_graphics_set_password(const DmDevice *device)
{
        const DmGraphics *g = with_password(device);
        if (!g)
                return NULL;
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "protocol", dm_enum_name(&dm_graphics_type, g->type));
        dm_json_add_string(j, "password", g->password);
        if (g->connected)
                dm_json_add_string(j, "connected", dm_enum_name(&dm_password_connected, g->connected));
        return j;
}

DmJson *dm_graphics_expire_password(const DmDevice *device, GError **error)
{
        const DmGraphics *g = with_password(device);
        if (!g || !g->password_valid)
                return NULL;
        g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
        g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(g->password_valid, utc);
        if (!time) {
                dm_fail(error, DM_ERROR_INVALID_XML, "'%s' is no time like 2030-01-31T15:00:00",
                        g->password_valid);
                return NULL;
        }
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "protocol", dm_enum_name(&dm_graphics_type, g->type));
        dm_json_add_stringf(j, "time", "%" G_GINT64_FORMAT, g_date_time_to_unix(time));
        return j;
}
