/* The public API: what is the same for every connection, and the entrance to what is not (docstrings in
 * domus.h). Each operation checks its privilege here, once, and goes on to the table of its connection: the
 * driver in this process (api_*.c), or the one at the other end of a socket (remote*.c). */
#include "driver/api_private.h"

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

DomusConn *domus_conn_ref(DomusConn *conn)
{
        g_atomic_ref_count_inc(&conn->refs);
        return conn;
}

void domus_conn_unref(DomusConn *conn)
{
        if (!conn || !g_atomic_ref_count_dec(&conn->refs))
                return;
        conn->ops->close(conn);
        g_free(conn->uri);
        g_free(conn);
}

const char *domus_conn_uri(DomusConn *conn)
{
        return conn->uri;
}

gboolean dm_api_allowed(DomusConn *conn, DmPrivilege privilege, GError **error)
{
        if (!conn->readonly || privilege == DM_PRIVILEGE_READ)
                return TRUE;
        return dm_fail(error, DM_ERROR_DENIED, "the connection is read-only");
}

/* ---- names of guests ---- */

DomusDomain *dm_api_domain_new(DomusConn *conn, const char *uuid, const char *name)
{
        DomusDomain *domain = g_new0(DomusDomain, 1);
        g_atomic_ref_count_init(&domain->refs);
        domain->conn = domus_conn_ref(conn);
        domain->uuid = g_strdup(uuid);
        domain->name = g_strdup(name);
        return domain;
}

DomusDomain *domus_domain_named(DomusConn *conn, const char *uuid, const char *name)
{
        return g_uuid_string_is_valid(uuid) ? dm_api_domain_new(conn, uuid, name) : NULL;
}

DomusDomain *domus_domain_ref(DomusDomain *domain)
{
        g_atomic_ref_count_inc(&domain->refs);
        return domain;
}

void domus_domain_unref(DomusDomain *domain)
{
        if (!domain || !g_atomic_ref_count_dec(&domain->refs))
                return;
        domus_conn_unref(domain->conn);
        g_free(domain->uuid);
        g_free(domain->name);
        g_free(domain);
}

const char *domus_domain_name(DomusDomain *domain)
{
        return domain->name;
}

const char *domus_domain_uuid(DomusDomain *domain)
{
        return domain->uuid;
}

/* ---- the operations ---- */

#define PRIVILEGE_READ                 DM_PRIVILEGE_READ
#define PRIVILEGE_WRITE                DM_PRIVILEGE_WRITE
#define PRIVILEGE_SECRET_IF(condition) ((condition) ? DM_PRIVILEGE_SECRET : DM_PRIVILEGE_READ)

#define DM_API(result, name, PRIVILEGE, failure, connection, parameters, arguments) \
        result domus_##name parameters                                              \
        {                                                                           \
                if (!dm_api_allowed((connection), PRIVILEGE_##PRIVILEGE, error))    \
                        return failure;                                             \
                return (connection)->ops->name arguments;                           \
        }
#define DM_API_PLAIN(result, name, connection, parameters, arguments) \
        result domus_##name parameters                                \
        {                                                             \
                return (connection)->ops->name arguments;             \
        }
#include "driver/api.def"

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
        DomusDomain *domain = dm_api_domain_new(s->conn, event->uuid, event->name);
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
        guint id = dm_event_bus_add(conn->ops->bus(conn), domain ? domain->uuid : NULL, on_event, s,
                                    subscription_free, context);
        conn->ops->listen(conn);
        return id;
}

void domus_events_remove(DomusConn *conn, guint id)
{
        dm_event_bus_remove(conn->ops->bus(conn), id);
}
