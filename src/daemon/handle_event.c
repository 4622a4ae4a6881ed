/* Handlers: events.  A client subscribes to one kind (libvirt's number), of one guest or of all; with an id
 * of the subscription, or, as clients before 0.10 did, one per kind and connection. */
#include <string.h>

#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "util/error.h"

#define N_EVENT_IDS       27  /* virDomainEventID of libvirt 9.0 */
#define MAX_SUBSCRIPTIONS 256 /* of one client */

typedef struct Row Row;

typedef struct Subscription {
        DmClient *client; /* borrowed */
        gint32 id;
        gint32 event_id;
        gboolean old; /* without an id */
} Subscription;

struct Row {
        gint32 event_id;
        DomusEventType type; /* lifecycle: the first of them */
        gint32 proc, old_proc;
        /* Sends @event of @dom, whose members are borrowed. */
        void (*send)(const Subscription *s, const Row *row, const DomusEvent *event, const DmRpcDomain *dom);
};

/* @message has the id first, @old_message is the rest of it. */
static void send_message(const Subscription *s, const Row *row, const void *message, const void *old_message)
{
        g_autoptr(GError) error = NULL;
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, s->old ? row->old_proc : row->proc);
        if (!dm_rpc_conn_send_event(s->client->rpc, proc, s->old ? old_message : message, &error))
                g_debug("event %s is not sent: %s", proc->name, error->message);
}

static void send_lifecycle(const Subscription *s, const Row *row, const DomusEvent *event,
                           const DmRpcDomain *dom)
{
        DmRpcDomainEventCallbackLifecycleMsg m = { s->id, { *dom, (gint32)event->type, event->detail } };
        send_message(s, row, &m, &m.msg);
}

static void send_reboot(const Subscription *s, const Row *row, const DomusEvent *event G_GNUC_UNUSED,
                        const DmRpcDomain *dom)
{
        DmRpcDomainEventCallbackRebootMsg m = { s->id, { *dom } };
        send_message(s, row, &m, &m.msg);
}

static void send_rtc_change(const Subscription *s, const Row *row, const DomusEvent *event,
                            const DmRpcDomain *dom)
{
        DmRpcDomainEventCallbackRtcChangeMsg m = { s->id, { *dom, event->value } };
        send_message(s, row, &m, &m.msg);
}

static void send_watchdog(const Subscription *s, const Row *row, const DomusEvent *event,
                          const DmRpcDomain *dom)
{
        /* virDomainEventWatchdogAction, by QEMU's words. */
        static const char *const actions[] = { "none",     "pause", "reset",     "poweroff",
                                               "shutdown", "debug", "inject-nmi" };
        DmRpcDomainEventCallbackWatchdogMsg m = { s->id, { *dom, 0 } };
        for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
                if (g_strcmp0(event->text, actions[i]) == 0)
                        m.msg.action = (gint32)i;
        send_message(s, row, &m, &m.msg);
}

static void send_io_error(const Subscription *s, const Row *row, const DomusEvent *event,
                          const DmRpcDomain *dom)
{
        char *alias = (char *)(event->text ? event->text : ""), *path = (char *)"";
        DmRpcDomainEventCallbackIoErrorMsg m = { s->id, { *dom, path, alias, event->detail } };
        send_message(s, row, &m, &m.msg);
}

static void send_io_error_reason(const Subscription *s, const Row *row, const DomusEvent *event,
                                 const DmRpcDomain *dom)
{
        char *alias = (char *)(event->text ? event->text : ""), *none = (char *)"";
        DmRpcDomainEventCallbackIoErrorReasonMsg m = { s->id, { *dom, none, alias, event->detail, none } };
        send_message(s, row, &m, &m.msg);
}

static void send_balloon(const Subscription *s, const Row *row, const DomusEvent *event,
                         const DmRpcDomain *dom)
{
        DmRpcDomainEventCallbackBalloonChangeMsg m = { s->id, { *dom, (guint64)event->value } };
        send_message(s, row, &m, &m.msg);
}

/* The kinds that the driver has.  Others may be subscribed to, and never come. */
static const Row rows[] = {
#define EVENT(id, type, NAME, send) \
        { id, type, DM_REMOTE_DOMAIN_EVENT_CALLBACK_##NAME, DM_REMOTE_DOMAIN_EVENT_##NAME, send },
        EVENT(0, DOMUS_EVENT_DEFINED, LIFECYCLE, send_lifecycle)
                EVENT(1, DOMUS_EVENT_REBOOT, REBOOT, send_reboot) EVENT(2, DOMUS_EVENT_RTC_CHANGE, RTC_CHANGE,
                                                                        send_rtc_change)
                        EVENT(3, DOMUS_EVENT_WATCHDOG, WATCHDOG, send_watchdog) EVENT(4, DOMUS_EVENT_IO_ERROR,
                                                                                      IO_ERROR, send_io_error)
                                EVENT(6, DOMUS_EVENT_IO_ERROR, IO_ERROR_REASON, send_io_error_reason)
                                        EVENT(13, DOMUS_EVENT_BALLOON_CHANGE, BALLOON_CHANGE, send_balloon)
#undef EVENT
};

static gboolean row_fits(const Row *row, const DomusEvent *event)
{
        if (row->type == DOMUS_EVENT_DEFINED)
                return event->type <= DOMUS_EVENT_CRASHED;
        return row->type == event->type;
}

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *event, void *data)
{
        const Subscription *s = data;
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                if (rows[i].event_id != s->event_id || !row_fits(&rows[i], event))
                        continue;
                DM_RPC_AUTO(Domain, dom) = { 0 };
                dm_domain_to_wire(event->domain, &dom);
                rows[i].send(s, &rows[i], event, &dom);
        }
}

/* ---- subscriptions ---- */

static Subscription *find_old(const DmClient *client, gint32 event_id)
{
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, client->events);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                Subscription *s = value;
                if (s->old && s->event_id == event_id)
                        return s;
        }
        return NULL;
}

/* Its id, -1 with the reason. */
static gint32 subscribe(DmClient *client, gint32 event_id, const DmRpcDomain *dom, gboolean old,
                        GError **error)
{
        if (event_id < 0 || event_id >= N_EVENT_IDS) {
                dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR, "unsupported event ID %d", event_id);
                return -1;
        }
        if (g_hash_table_size(client->events) >= MAX_SUBSCRIPTIONS) {
                dm_fail(error, DM_ERROR_NO_MEMORY, "this connection has %d event callbacks already",
                        MAX_SUBSCRIPTIONS);
                return -1;
        }
        g_autoptr(DomusDomain) domain = dom ? dm_domain_of_wire(client->conn, dom, error) : NULL;
        if (dom && !domain)
                return -1;
        Subscription *s = g_new(Subscription, 1);
        *s = (Subscription){ client, 0, event_id, old };
        guint id = domus_events_add(client->conn, domain, on_event, s, NULL, NULL);
        s->id = (gint32)id;
        g_hash_table_insert(client->events, GUINT_TO_POINTER(id), s);
        return s->id;
}

/* @s is freed. */
static void unsubscribe(DmClient *client, Subscription *s)
{
        guint id = (guint)s->id;
        domus_events_remove(client->conn, id);
        g_hash_table_remove(client->events, GUINT_TO_POINTER(id));
}

void dm_client_drop_events(DmClient *client)
{
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, client->events);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                domus_events_remove(client->conn, GPOINTER_TO_UINT(key));
                g_hash_table_iter_remove(&iter);
        }
}

/* ---- handlers ---- */

gboolean dm_handle_event_callback_register(DmClient *client,
                                           DmRpcConnectDomainEventCallbackRegisterAnyArgs *args,
                                           DmRpcCallbackId *ret, GError **error)
{
        ret->callbackID = subscribe(client, args->eventID, args->dom, FALSE, error);
        return ret->callbackID >= 0;
}

gboolean dm_handle_event_callback_deregister(DmClient *client, DmRpcCallbackId *args,
                                             DmRpcVoid *ret G_GNUC_UNUSED, GError **error)
{
        Subscription *s = g_hash_table_lookup(client->events, GINT_TO_POINTER(args->callbackID));
        if (!s)
                return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR,
                                       "domain event callback %d not registered", args->callbackID);
        unsubscribe(client, s);
        return TRUE;
}

static gboolean subscribe_old(DmClient *client, gint32 event_id, GError **error)
{
        if (find_old(client, event_id))
                return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR, "domain event %d already registered",
                                       event_id);
        return subscribe(client, event_id, NULL, TRUE, error) >= 0;
}

static gboolean unsubscribe_old(DmClient *client, gint32 event_id, GError **error)
{
        Subscription *s = find_old(client, event_id);
        if (!s)
                return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR, "domain event %d not registered",
                                       event_id);
        unsubscribe(client, s);
        return TRUE;
}

gboolean dm_handle_event_register_any(DmClient *client, DmRpcEventId *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                      GError **error)
{
        return subscribe_old(client, args->eventID, error);
}

gboolean dm_handle_event_deregister_any(DmClient *client, DmRpcEventId *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                        GError **error)
{
        return unsubscribe_old(client, args->eventID, error);
}

gboolean dm_handle_event_register(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED,
                                  DmRpcCallbackRegistered *ret, GError **error)
{
        ret->cb_registered = 1;
        return subscribe_old(client, 0, error);
}

gboolean dm_handle_event_deregister(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED,
                                    DmRpcCallbackRegistered *ret, GError **error)
{
        ret->cb_registered = 0;
        return unsubscribe_old(client, 0, error);
}
