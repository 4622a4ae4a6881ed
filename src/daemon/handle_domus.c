/* Handlers of the program 'domus': what our own library asks, in full.
 *
 * A job's handler begins it and answers; its end goes to the client as an event with the client's token. Jobs
 * go on when their client has left, but for those that only wait. */
#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "util/error.h"
#include "util/fd.h"

#define MAX_JOBS 4096 /* of one client, at one time */

typedef struct Job {
        DmClient *client; /* borrowed; NULL when it has left */
        DmServer *server;
        guint64 token;
        const DmRpcProc *proc;
        GCancellable *cancel;
        gulong ending;  /* handler: the server's end cancels it too */
        gboolean waits; /* for a guest's end, and changes nothing */
        gboolean autodestroy;
} Job;

static const DmRpcProc *domus(gint32 number)
{
        return dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, number);
}

static void send(DmClient *client, gint32 number, const void *message)
{
        g_autoptr(GError) error = NULL;
        if (!dm_rpc_conn_send_event(client->rpc, domus(number), message, &error))
                g_debug("%s is not sent: %s", domus(number)->name, error->message);
}

/* ---- connection ---- */

gboolean dm_handle_domus_messages(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNames *ret,
                                  GError **error G_GNUC_UNUSED)
{
        const guint32 max = dm_record_field(&dm_rpc_type_Names, "names")->max;
        ret->names.items = domus_conn_messages(client->conn);
        while (ret->names.n < max && ret->names.items[ret->names.n])
                ret->names.n++;
        for (guint32 i = ret->names.n; ret->names.items[i]; i++)
                g_clear_pointer(&ret->names.items[i], g_free);
        return TRUE;
}

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *event, void *data)
{
        DM_RPC_AUTO(DomusEventMsg, m) = { .epoch = event->epoch,
                                          .sequence = event->sequence,
                                          .time_us = event->time_us,
                                          .type = (gint32)event->type,
                                          .detail = event->detail,
                                          .value = event->value,
                                          .text = g_strdup(event->text) };
        dm_domain_to_wire(event->domain, &m.dom);
        send(data, DM_DOMUS_EVENT, &m);
}

/* Once is enough: all events of all guests. */
gboolean dm_handle_domus_events(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcVoid *ret G_GNUC_UNUSED,
                                GError **error G_GNUC_UNUSED)
{
        if (!client->all_events)
                client->all_events = domus_events_add(client->conn, NULL, on_event, client, NULL, NULL);
        return TRUE;
}

/* ---- reading ---- */

/* Whether it is there or not: the call itself finds out. */
static DomusDomain *named(DmClient *client, const DmRpcDomain *dom)
{
        g_autofree char *uuid = dm_uuid_of_wire(dom->uuid);
        return domus_domain_named(client->conn, uuid, dom->name);
}

gboolean dm_handle_domus_info(DmClient *client, DmRpcOneDomain *args, DmRpcDomusInfo *ret, GError **error)
{
        g_autoptr(DomusDomain) domain = named(client, &args->dom);
        DomusInfo i;
        if (!domus_domain_info(domain, &i, error))
                return FALSE;
        *ret = (DmRpcDomusInfo){ .state = (gint32)i.state,
                                 .reason = i.reason,
                                 .id = i.id,
                                 .pid = i.pid,
                                 .vcpus = i.vcpus,
                                 .max_vcpus = i.max_vcpus,
                                 .max_memory_kib = i.max_memory_kib,
                                 .memory_kib = i.memory_kib,
                                 .cpu_time_ns = i.cpu_time_ns,
                                 .started_us = i.started_us,
                                 .unresponsive_us = i.unresponsive_us,
                                 .flags = (i.persistent ? DM_RPC_INFO_PERSISTENT : 0) |
                                          (i.autostart ? DM_RPC_INFO_AUTOSTART : 0) |
                                          (i.updated ? DM_RPC_INFO_UPDATED : 0) };
        return TRUE;
}

static DmRpcDomusExit exit_to_wire(const DomusExit *e)
{
        return (DmRpcDomusExit){ e->reason, e->exit_code, e->signal, g_strdup(e->message) };
}

gboolean dm_handle_domus_runs(DmClient *client, DmRpcOneDomain *args, DmRpcDomusRuns *ret, GError **error)
{
        g_autoptr(DomusDomain) domain = named(client, &args->dom);
        g_autoptr(GArray) runs = domus_domain_runs(domain, error);
        if (!runs)
                return FALSE;
        ret->runs.items = g_new0(DmRpcDomusRun, runs->len);
        for (; ret->runs.n < runs->len; ret->runs.n++) {
                const DomusRun *r = &g_array_index(runs, DomusRun, ret->runs.n);
                ret->runs.items[ret->runs.n] =
                        (DmRpcDomusRun){ r->started_us, r->ended_us, exit_to_wire(&r->end) };
        }
        return TRUE;
}

/* ---- jobs ---- */

static void job_free(gpointer p)
{
        Job *j = p;
        g_object_unref(j->cancel);
        g_free(j);
}

static void on_server_ending(GCancellable *ending G_GNUC_UNUSED, gpointer data)
{
        g_cancellable_cancel(((Job *)data)->cancel);
}

/* A new job, and the call by which it is begun.  NULL with the reason. */
static Job *job_new(DmClient *client, guint64 token, gint32 number, int timeout_ms, DomusDone done,
                    DomusCall *ret, GError **error)
{
        if (timeout_ms < 0 || g_hash_table_contains(client->jobs, &token))
                return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                    "the token %" G_GUINT64_FORMAT " belongs to another job", token);
        if (g_hash_table_size(client->jobs) >= MAX_JOBS)
                return dm_fail_null(error, DM_ERROR_NO_MEMORY,
                                    "this connection has %d jobs already: wait for some", MAX_JOBS);
        Job *j = g_new0(Job, 1);
        j->client = client;
        j->server = client->server;
        j->token = token;
        j->proc = domus(number);
        j->cancel = g_cancellable_new();
        j->ending = g_cancellable_connect(dm_server_ending(j->server), G_CALLBACK(on_server_ending), j, NULL);
        g_hash_table_insert(client->jobs, &j->token, j);
        dm_server_begin_work(j->server);
        *ret = (DomusCall){ .timeout_ms = timeout_ms, .cancel = j->cancel, .done = done, .data = j };
        return j;
}

/* It was not begun, or has ended. */
static void job_over(Job *j)
{
        DmServer *server = j->server;
        if (j->client)
                g_hash_table_remove(j->client->jobs, &j->token);
        g_cancellable_disconnect(dm_server_ending(server), j->ending);
        job_free(j);
        dm_server_end_work(server);
}

void dm_client_drop_jobs(DmClient *client)
{
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, client->jobs);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                Job *j = value;
                g_hash_table_iter_remove(&iter);
                j->client = NULL;
                if (j->waits)
                        g_cancellable_cancel(j->cancel);
        }
        if (client->all_events)
                domus_events_remove(client->conn, client->all_events);
        client->all_events = 0;
}

/* How the run ended; NULL when it runs again already.  Owned. */
static DmRpcDomusExit *exit_of(DomusDomain *domain)
{
        const DomusCall at_once = { .timeout_ms = 1 };
        DomusExit e;
        if (!domus_domain_wait(domain, &at_once, &e, NULL))
                return NULL;
        DmRpcDomusExit *end = g_new(DmRpcDomusExit, 1);
        *end = exit_to_wire(&e);
        return end;
}

static void on_done(DomusDomain *domain, const GError *error, void *data)
{
        Job *j = data;
        if (!error && j->autodestroy && j->client)
                g_ptr_array_add(j->client->autodestroy, domus_domain_ref(domain));
        else if (!error && j->autodestroy)
                dm_end_with_client(j->server, domain);
        if (j->client) {
                DM_RPC_AUTO(DomusJobEndMsg, m) = { .token = j->token };
                if (error) {
                        m.error = g_new0(DmRpcError, 1);
                        dm_rpc_error_from(m.error, error, j->proc);
                } else if (j->waits) {
                        m.end = exit_of(domain);
                }
                send(j->client, DM_DOMUS_JOB_END, &m);
        }
        job_over(j);
}

gboolean dm_handle_domus_cancel(DmClient *client, DmRpcDomusToken *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                GError **error G_GNUC_UNUSED)
{
        Job *j = g_hash_table_lookup(client->jobs, &args->token);
        if (j) /* else it has ended, and its end is on the way */
                g_cancellable_cancel(j->cancel);
        return TRUE;
}

/* ---- jobs of new guests ---- */

typedef DomusDomain *(*Make)(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                             GError **error);

static gboolean make(DmClient *client, gint32 number, Make fn, const DmRpcDomusNew *args, DmRpcOneDomain *ret,
                     GError **error)
{
        DomusCall call;
        Job *j = job_new(client, args->token, number, args->timeout_ms, on_done, &call, error);
        if (!j)
                return FALSE;
        j->autodestroy = (args->flags & DOMUS_CREATE_AUTODESTROY) != 0;
        g_autoptr(DomusDomain) domain =
                fn(client->conn, args->xml, args->flags & ~(guint32)DOMUS_CREATE_AUTODESTROY, &call, error);
        if (domain)
                dm_domain_to_wire(domain, &ret->dom);
        else
                job_over(j);
        return domain != NULL;
}

gboolean dm_handle_domus_create(DmClient *client, DmRpcDomusNew *args, DmRpcOneDomain *ret, GError **error)
{
        return make(client, DM_DOMUS_DOMAIN_CREATE_XML, domus_create, args, ret, error);
}

gboolean dm_handle_domus_define(DmClient *client, DmRpcDomusNew *args, DmRpcOneDomain *ret, GError **error)
{
        return make(client, DM_DOMUS_DOMAIN_DEFINE_XML, domus_define, args, ret, error);
}

/* ---- jobs of known guests ---- */

static gboolean wait_for(DomusDomain *domain, const DmRpcDomusJob *args G_GNUC_UNUSED, const DomusCall *call,
                         GError **error)
{
        return domus_domain_wait(domain, call, NULL, error);
}

static gboolean start(DomusDomain *domain, const DmRpcDomusJob *args, const DomusCall *call, GError **error)
{
        return domus_domain_start(domain, args->flags & ~(guint32)DOMUS_CREATE_AUTODESTROY, call, error);
}

static gboolean set_autostart(DomusDomain *domain, const DmRpcDomusJob *args, const DomusCall *call,
                              GError **error)
{
        return domus_domain_set_autostart(domain, args->flags != 0, call, error);
}

static gboolean rename_to(DomusDomain *domain, const DmRpcDomusJob *args, const DomusCall *call,
                          GError **error)
{
        return domus_domain_rename(domain, args->text ? args->text : "", call, error);
}

static gboolean destroy(DomusDomain *domain, const DmRpcDomusJob *args, const DomusCall *call, GError **error)
{
        return domus_domain_destroy(domain, args->flags, call, error);
}

#define PLAIN(name)                                                                        \
        static gboolean name(DomusDomain *domain, const DmRpcDomusJob *args G_GNUC_UNUSED, \
                             const DomusCall *call, GError **error)                        \
        {                                                                                  \
                return domus_domain_##name(domain, call, error);                           \
        }
PLAIN(undefine)
PLAIN(shutdown)
PLAIN(reboot)
PLAIN(reset)
PLAIN(suspend)
PLAIN(resume)

typedef gboolean (*Operation)(DomusDomain *domain, const DmRpcDomusJob *args, const DomusCall *call,
                              GError **error);

static gboolean operate(DmClient *client, gint32 number, Operation fn, const DmRpcDomusJob *args,
                        GError **error)
{
        DomusCall call;
        Job *j = job_new(client, args->token, number, args->timeout_ms, on_done, &call, error);
        if (!j)
                return FALSE;
        j->waits = number == DM_DOMUS_DOMAIN_WAIT;
        j->autodestroy = number == DM_DOMUS_DOMAIN_START && (args->flags & DOMUS_CREATE_AUTODESTROY);
        g_autoptr(DomusDomain) domain = named(client, &args->dom);
        if (fn(domain, args, &call, error))
                return TRUE;
        job_over(j);
        return FALSE;
}

#define JOB(handler, NAME, fn)                                                           \
        gboolean dm_handle_domus_##handler(DmClient *client, DmRpcDomusJob *args,        \
                                           DmRpcVoid *ret G_GNUC_UNUSED, GError **error) \
        {                                                                                \
                return operate(client, DM_DOMUS_DOMAIN_##NAME, fn, args, error);         \
        }
JOB(wait, WAIT, wait_for)
JOB(undefine, UNDEFINE, undefine)
JOB(start, START, start)
JOB(set_autostart, SET_AUTOSTART, set_autostart)
JOB(rename, RENAME, rename_to)
JOB(shutdown, SHUTDOWN, shutdown)
JOB(reboot, REBOOT, reboot)
JOB(reset, RESET, reset)
JOB(destroy, DESTROY, destroy)
JOB(suspend, SUSPEND, suspend)
JOB(resume, RESUME, resume)

/* ---- console ---- */

typedef struct Console {
        DmServer *server;
        DmRpcCall *call;
        DomusDomain *domain; /* owned */
        char *device;        /* owned */
        unsigned flags;
} Console;

/* Main thread: what may be the last name of a closed connection is dropped there. */
static gboolean console_over(gpointer data)
{
        Console *c = data;
        DmServer *server = c->server;
        domus_domain_unref(c->domain);
        g_free(c->device);
        g_free(c);
        dm_server_end_work(server);
        return G_SOURCE_REMOVE;
}

/* On a worker: the guest's own thread is asked, which may be busy. */
static void open_console(void *data)
{
        Console *c = data;
        g_autoptr(GError) error = NULL;
        const DmRpcVoid ret = { 0 };
        int fd = domus_domain_open_console(c->domain, c->device, c->flags, &error);
        if (fd >= 0)
                dm_rpc_call_reply_fds(c->call, &ret, &fd, 1);
        else
                dm_rpc_call_fail(c->call, error);
        dm_server_post(c->server, console_over, c);
}

void dm_handle_domus_console(DmClient *client, DmRpcCall *call, DmRpcDomusConsole *args)
{
        Console *c = g_new(Console, 1);
        *c = (Console){ client->server, call, named(client, &args->dom), g_steal_pointer(&args->device),
                        args->flags };
        dm_server_begin_work(client->server);
        dm_server_run(client->server, open_console, c);
}
