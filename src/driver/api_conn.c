/* The embedded driver behind the public API: connections and look-up (docstrings in domus.h). */
#include <string.h>

#include "driver/api_private.h"

char **dm_embedded_conn_messages(DomusConn *conn)
{
        const DmFindings *f = dm_driver_findings(conn->driver);
        char **messages = g_new0(char *, dm_findings_count(f) + 1);
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                const DmFinding *item = dm_findings_at(f, i);
                messages[i] = item->path ? g_strdup_printf("%s: %s", item->path, item->message)
                                         : g_strdup(item->message);
        }
        return messages;
}

/* ---- look-up ---- */

DomusDomain *dm_api_domain(DomusConn *conn, DmGuest *guest)
{
        return dm_api_domain_new(conn, dm_guest_uuid(guest), dm_guest_name(guest));
}

static gint by_id_then_name(gconstpointer a, gconstpointer b)
{
        DmGuest *ga = *(DmGuest *const *)a, *gb = *(DmGuest *const *)b;
        g_autoptr(DmView) va = dm_guest_view(ga), vb = dm_guest_view(gb);
        guint ia = (guint)va->id, ib = (guint)vb->id; /* -1, not running, comes last */
        return ia != ib ? (ia < ib ? -1 : 1) : strcmp(dm_guest_name(ga), dm_guest_name(gb));
}

GPtrArray *dm_embedded_conn_list(DomusConn *conn, GError **error G_GNUC_UNUSED)
{
        g_autoptr(GPtrArray) guests = dm_driver_guests(conn->driver);
        g_ptr_array_sort(guests, by_id_then_name);
        GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (guint i = 0; i < guests->len; i++)
                g_ptr_array_add(list, dm_api_domain(conn, g_ptr_array_index(guests, i)));
        return list;
}

DomusDomain *dm_embedded_lookup_name(DomusConn *conn, const char *name, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_name(conn->driver, name);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching name '%s'", name);
}

DomusDomain *dm_embedded_lookup_uuid(DomusConn *conn, const char *uuid, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_uuid(conn->driver, uuid);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching uuid '%s'", uuid);
}

DomusDomain *dm_embedded_lookup_id(DomusConn *conn, int id, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_id(conn->driver, id);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching id %d", id);
}

/* ---- the table ---- */

static void close_driver(DomusConn *conn)
{
        if (conn->serves)
                dm_driver_unref(conn->driver);
        else
                dm_driver_leave(conn->driver);
}

static DmEventBus *bus(DomusConn *conn)
{
        return dm_driver_bus(conn->driver);
}

/* The driver tells its bus of everything, whoever listens. */
static void listen_events(DomusConn *conn G_GNUC_UNUSED)
{
}

const DmConnOps dm_embedded_ops = {
        .close = close_driver,
        .bus = bus,
        .listen = listen_events,
#define DM_API(result, name, ...) .name = dm_embedded_##name,
#include "driver/api.def"
};
