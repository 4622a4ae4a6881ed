/* Public API: connections, look-up, capabilities, events (docstrings in domus.h). */
#include "driver/api_private.h"

#include <string.h>

/* The public numbers are the internal ones; the compiler keeps them so. */
#define SAME(A) _Static_assert((int)DOMUS_ERROR_##A == (int)DM_ERROR_##A, "error codes differ")
SAME(INTERNAL);
SAME(INVALID_XML);
SAME(UNSUPPORTED);
SAME(INVALID_ARG);
SAME(NOT_FOUND);
SAME(EXISTS);
SAME(BAD_STATE);
SAME(BUSY);
SAME(DENIED);
SAME(FAILED);
SAME(TIMED_OUT);
SAME(CANCELLED);
SAME(GONE);
_Static_assert((int)DOMUS_ERROR_LIMIT == (int)DM_ERROR_NO_MEMORY, "error codes differ");
_Static_assert((int)DOMUS_STATE_PMSUSPENDED == (int)DM_STATE_PMSUSPENDED, "states differ");
_Static_assert((int)DOMUS_EVENT_IO_ERROR == (int)DM_EVENT_IO_ERROR, "events differ");

const char *domus_version(void)
{
        return DOMUS_VERSION;
}

GQuark domus_error_quark(void)
{
        return dm_error_quark();
}

const char *domus_error_name(const GError *error)
{
        return error && error->domain == DM_ERROR ? dm_error_code_name((DmErrorCode)error->code) : "unknown";
}

const char *domus_error_path(const GError *error)
{
        return dm_error_path(error);
}

unsigned domus_error_line(const GError *error)
{
        return dm_error_line(error);
}

const char *domus_state_name(DomusState state)
{
        return dm_state_name((DmState)state);
}

const char *domus_reason_name(DomusState state, int reason)
{
        return dm_reason_name((DmState)state, reason);
}

const char *domus_event_name(DomusEventType type)
{
        return dm_event_name((DmEventType)type);
}

/* ---- connections ---- */

static DmDriver *open_embedded(const char *uri, const char *query, GError **error)
{
        g_autoptr(GHashTable) params =
                g_uri_parse_params(query ? query : "", -1, "&", G_URI_PARAMS_NONE, NULL);
        if (!params)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "uri '%s': the part after '?' can't be read",
                                    uri);
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, params);
        while (g_hash_table_iter_next(&iter, &key, NULL))
                if (strcmp(key, "root") != 0 && strcmp(key, "cache") != 0)
                        return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                            "uri '%s': unknown parameter '%s' (expected root, cache)", uri,
                                            (const char *)key);
        const char *root = g_hash_table_lookup(params, "root"), *cache = g_hash_table_lookup(params, "cache");
        if (!root || !g_path_is_absolute(root))
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "uri '%s': root= must be an absolute path, as in qemu:///embed?root=/tmp/r", uri);
        if (cache && !g_path_is_absolute(cache))
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "uri '%s': cache= must be an absolute path",
                                    uri);
        return dm_driver_open(root, cache, error);
}

DomusConn *domus_open(const char *uri, unsigned flags, GError **error)
{
        static const char embed[] = "qemu:///embed";
        const char *query = uri ? strchr(uri, '?') : NULL;
        gsize length = uri ? (query ? (gsize)(query - uri) : strlen(uri)) : 0;
        if (length != strlen(embed) || strncmp(uri, embed, length) != 0)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                    "uri '%s' is not known (expected qemu:///embed?root=DIR)",
                                    uri ? uri : "");
        DmDriver *driver = open_embedded(uri, query ? query + 1 : NULL, error);
        if (!driver)
                return NULL;
        DomusConn *conn = g_new0(DomusConn, 1);
        g_atomic_ref_count_init(&conn->refs);
        conn->uri = g_strdup(uri);
        conn->driver = driver;
        conn->readonly = (flags & DOMUS_OPEN_READONLY) != 0;
        return conn;
}

DomusConn *domus_conn_ref(DomusConn *conn)
{
        g_atomic_ref_count_inc(&conn->refs);
        return conn;
}

void domus_conn_unref(DomusConn *conn)
{
        if (!conn || !g_atomic_ref_count_dec(&conn->refs))
                return;
        dm_driver_unref(conn->driver);
        g_free(conn->uri);
        g_free(conn);
}

const char *domus_conn_uri(DomusConn *conn)
{
        return conn->uri;
}

char **domus_conn_messages(DomusConn *conn)
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

gboolean dm_api_allowed(DomusConn *conn, DmPrivilege privilege, GError **error)
{
        if (!conn->readonly || privilege == DM_PRIVILEGE_READ)
                return TRUE;
        return dm_fail(error, DM_ERROR_DENIED, "the connection is read-only");
}

/* ---- look-up ---- */

DomusDomain *dm_api_domain(DomusConn *conn, DmGuest *guest)
{
        DomusDomain *domain = g_new0(DomusDomain, 1);
        g_atomic_ref_count_init(&domain->refs);
        domain->conn = domus_conn_ref(conn);
        domain->uuid = g_strdup(dm_guest_uuid(guest));
        domain->name = g_strdup(dm_guest_name(guest));
        return domain;
}

static gint by_id_then_name(gconstpointer a, gconstpointer b)
{
        DmGuest *ga = *(DmGuest *const *)a, *gb = *(DmGuest *const *)b;
        g_autoptr(DmView) va = dm_guest_view(ga), vb = dm_guest_view(gb);
        guint ia = (guint)va->id, ib = (guint)vb->id; /* -1, not running, comes last */
        return ia != ib ? (ia < ib ? -1 : 1) : strcmp(dm_guest_name(ga), dm_guest_name(gb));
}

GPtrArray *domus_conn_list(DomusConn *conn, GError **error G_GNUC_UNUSED)
{
        g_autoptr(GPtrArray) guests = dm_driver_guests(conn->driver);
        g_ptr_array_sort(guests, by_id_then_name);
        GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (guint i = 0; i < guests->len; i++)
                g_ptr_array_add(list, dm_api_domain(conn, g_ptr_array_index(guests, i)));
        return list;
}

DomusDomain *domus_lookup_name(DomusConn *conn, const char *name, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_name(conn->driver, name);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching name '%s'", name);
}

DomusDomain *domus_lookup_uuid(DomusConn *conn, const char *uuid, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_uuid(conn->driver, uuid);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching uuid '%s'", uuid);
}

DomusDomain *domus_lookup_id(DomusConn *conn, int id, GError **error)
{
        g_autoptr(DmGuest) guest = dm_driver_find_id(conn->driver, id);
        return guest ? dm_api_domain(conn, guest)
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching id %d", id);
}

/* ---- events ---- */

typedef struct Subscription {
        DomusConn *conn; /* borrowed: a subscription does not keep its connection open */
        DomusEventFn fn;
        void *data;
        GDestroyNotify destroy;
} Subscription;

static void on_event(const DmEvent *event, void *data)
{
        Subscription *s = data;
        /* The name outlives the call only if the receiver takes a reference; that then keeps the connection.
         */
        DomusDomain *domain = g_new0(DomusDomain, 1);
        g_atomic_ref_count_init(&domain->refs);
        domain->conn = domus_conn_ref(s->conn);
        domain->uuid = g_strdup(event->uuid);
        domain->name = g_strdup(event->name);
        DomusEvent e = { event->epoch,  event->sequence, event->time_us, (DomusEventType)event->type,
                         event->detail, event->value,    domain,         event->text };
        s->fn(s->conn, &e, s->data);
        domus_domain_unref(domain);
}

static void subscription_free(gpointer p)
{
        Subscription *s = p;
        if (s->destroy)
                s->destroy(s->data);
        g_free(s);
}

guint domus_events_add(DomusConn *conn, DomusDomain *domain, DomusEventFn fn, void *data,
                       GDestroyNotify destroy, GMainContext *context)
{
        Subscription *s = g_new(Subscription, 1);
        *s = (Subscription){ conn, fn, data, destroy };
        return dm_event_bus_add(dm_driver_bus(conn->driver), domain ? domain->uuid : NULL, on_event, s,
                                subscription_free, context);
}

void domus_events_remove(DomusConn *conn, guint id)
{
        dm_event_bus_remove(dm_driver_bus(conn->driver), id);
}
