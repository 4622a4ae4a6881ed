/* The server: owns the driver's connections and the clients, and tells when it is idle.
 *
 * Everything here belongs to one thread, which never waits for a guest or a disk.  Handlers that may
 * wait run on a few threads (dm_server_run); jobs run on their guests' own threads, and call back. */
#include "daemon/dispatch.h"
#include "daemon/sources.h"
#include "util/error.h"

#define WORKERS        16   /* threads for handlers that may wait */
#define FINISH_WAIT_MS 5000 /* for jobs at the end; guests go on anyhow, and the next start takes them up */

struct DmServer {
        DmServerConfig config;
        DmServerLimits limits;
        char *uri;
        DomusConn *conn, *reader;
        DmStorage *storage;
        GPtrArray *listeners; /* owned; of DmListener */
        GHashTable *clients;  /* owned; DmRpcConn → DmClient */
        GThreadPool *workers;
        guint working; /* calls that are worked on beyond their handlers */
        guint events;  /* subscription */
        GSource *timer;
        GMainContext *context;
        GCancellable *ending;
};

typedef struct Task {
        void (*fn)(void *data);
        void *data;
        gint ready; /* atomic: hands the rest over, as the pool does with a lock that tools can't see */
} Task;

/* ---- idleness ---- */

static gboolean any_guest_runs(DmServer *s)
{
        g_autoptr(GPtrArray) list = domus_conn_list(s->conn, NULL);
        for (guint i = 0; list && i < list->len; i++) {
                DomusInfo info;
                if (domus_domain_info(g_ptr_array_index(list, i), &info, NULL) && info.id >= 0)
                        return TRUE;
        }
        return FALSE;
}

static gboolean is_idle(DmServer *s)
{
        return g_hash_table_size(s->clients) == 0 && s->working == 0 && !any_guest_runs(s);
}

static gboolean on_timeout(gpointer data)
{
        DmServer *s = data;
        dm_source_stop(&s->timer);
        if (is_idle(s))
                s->config.idle(s->config.user);
        return G_SOURCE_REMOVE;
}

/* After each change that idleness depends on: the time begins anew. */
static void review(DmServer *s)
{
        if (s->config.timeout_s == 0)
                return;
        dm_source_stop(&s->timer);
        if (is_idle(s))
                s->timer = dm_source_timeout(s->config.timeout_s * 1000, on_timeout, s);
}

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *event, void *data)
{
        if (event->type == DOMUS_EVENT_STARTED || event->type == DOMUS_EVENT_STOPPED)
                review(data);
}

void dm_server_begin_work(DmServer *s)
{
        s->working++;
}

void dm_server_end_work(DmServer *s)
{
        s->working--;
        review(s);
}

/* ---- clients ---- */

static void client_free(void *p)
{
        DmClient *c = p;
        dm_client_drop_events(c);
        dm_client_drop_jobs(c);
        dm_client_autodestroy(c);
        dm_rpc_conn_free(c->rpc);
        g_hash_table_unref(c->events);
        g_hash_table_unref(c->quiet_events);
        g_hash_table_unref(c->jobs);
        g_ptr_array_unref(c->autodestroy);
        g_free(c->uri);
        g_free(c);
}

static void on_call(DmRpcConn *rpc G_GNUC_UNUSED, DmRpcCall *call, void *user)
{
        dm_dispatch(user, call);
}

static void on_gone(DmRpcConn *rpc, const GError *reason, void *user)
{
        DmClient *c = user;
        DmServer *s = c->server;
        g_debug("client %d has left: %s", (int)c->peer.pid, reason->message);
        g_hash_table_remove(s->clients, rpc);
        review(s);
}

static guint clients_of(DmServer *s, uid_t uid)
{
        guint n = 0;
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, s->clients);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                n += ((DmClient *)value)->peer.uid == uid;
        return n;
}

/* One user who connects without end leaves room for others. */
static gboolean has_room(DmServer *s, uid_t uid)
{
        if (g_hash_table_size(s->clients) >= s->limits.clients)
                return FALSE;
        return uid == 0 || uid == geteuid() || clients_of(s, uid) < s->limits.clients_of_user;
}

static void limit(const DmServer *s, DmRpcConn *rpc)
{
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.calls = s->limits.calls;
        limits.keepalive_ms = (int)(s->limits.keepalive_s * 1000);
        limits.keepalive_count = s->limits.keepalive_count;
        dm_rpc_conn_set_limits(rpc, &limits);
}

static void on_connect(DmListener *l, int fd, const DmPeer *peer, void *user)
{
        DmServer *s = user;
        if (!has_room(s, peer->uid)) {
                g_debug("client %d of user %d was refused: there are too many", (int)peer->pid,
                        (int)peer->uid);
                close(fd);
                return;
        }
        gboolean reads = (dm_listener_flags(l) & DM_LISTEN_EVERYBODY) != 0;
        DmClient *c = g_new0(DmClient, 1);
        c->server = s;
        c->peer = *peer;
        c->conn = reads ? s->reader : s->conn;
        c->events = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        c->quiet_events = g_hash_table_new(NULL, NULL);
        c->jobs = g_hash_table_new(g_int64_hash, g_int64_equal);
        c->autodestroy = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        DmRpcHandlers handlers = { .call = on_call, .gone = on_gone, .user = c };
        c->rpc = dm_rpc_conn_new(fd, s->context, DM_RPC_SERVE_MAIN | (reads ? DM_RPC_READ_ONLY : 0),
                                 &handlers);
        limit(s, c->rpc);
        /* The socket's mode and the peer's credentials have said who it is. */
        dm_rpc_conn_set_stage(c->rpc, DM_RPC_STAGE_AUTHENTICATED);
        g_hash_table_insert(s->clients, c->rpc, c);
        review(s);
}

DmClient *dm_server_client(DmServer *s, DmRpcConn *rpc)
{
        return g_hash_table_lookup(s->clients, rpc);
}

/* ---- workers ---- */

void dm_server_post(DmServer *s, GSourceFunc fn, void *data)
{
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, fn, data, NULL);
        g_source_attach(source, s->context);
}

GCancellable *dm_server_ending(DmServer *s)
{
        return s->ending;
}

static void run_task(gpointer data, gpointer user G_GNUC_UNUSED)
{
        Task *t = data;
        g_assert(g_atomic_int_get(&t->ready));
        t->fn(t->data);
        g_free(t);
}

void dm_server_run(DmServer *s, void (*fn)(void *data), void *data)
{
        Task *t = g_new(Task, 1);
        *t = (Task){ fn, data, 0 };
        g_atomic_int_set(&t->ready, 1);
        g_thread_pool_push(s->workers, t, NULL);
}

/* ---- life cycle ---- */

DmServer *dm_server_new(const DmServerConfig *config)
{
        DmServer *s = g_new0(DmServer, 1);
        static const DmServerLimits standard = DM_SERVER_DEFAULT_LIMITS;
        s->config = *config;
        s->limits = config->limits ? *config->limits : standard;
        s->uri = g_strdup(config->uri);
        s->conn = domus_conn_ref(config->conn);
        s->reader = domus_conn_ref(config->reader);
        s->context = g_main_context_ref_thread_default();
        s->ending = g_cancellable_new();
        s->storage = dm_storage_open(config->root);
        s->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)dm_listener_free);
        s->clients = g_hash_table_new_full(NULL, NULL, NULL, client_free);
        s->workers = g_thread_pool_new(run_task, NULL, WORKERS, FALSE, NULL);
        s->events = domus_events_add(s->conn, NULL, on_event, s, NULL, NULL);
        review(s);
        return s;
}

gboolean dm_server_listen(DmServer *s, const char *path, DmListenFlags flags, GError **error)
{
        DmListener *l = dm_listener_new(path, flags, on_connect, s, error);
        if (l)
                g_ptr_array_add(s->listeners, l);
        return l != NULL;
}

void dm_server_listen_fd(DmServer *s, int fd, const char *path, DmListenFlags flags)
{
        g_ptr_array_add(s->listeners, dm_listener_new_fd(fd, path, flags, on_connect, s));
}

void dm_server_set_limits(DmServer *s, const DmServerLimits *limits)
{
        s->limits = *limits;
}

static gboolean on_patience_end(gpointer data)
{
        *(gboolean *)data = TRUE;
        return G_SOURCE_REMOVE;
}

static void wait_for_work(DmServer *s)
{
        gboolean enough = FALSE;
        GSource *timer = dm_source_timeout(FINISH_WAIT_MS, on_patience_end, &enough);
        while (s->working > 0 && !enough)
                g_main_context_iteration(s->context, TRUE);
        dm_source_stop(&timer);
}

void dm_server_free(DmServer *s)
{
        if (!s)
                return;
        s->config.timeout_s = 0;
        dm_source_stop(&s->timer);
        g_ptr_array_unref(s->listeners);
        g_hash_table_remove_all(s->clients);
        dm_storage_cancel(s->storage);
        wait_for_work(s);
        g_cancellable_cancel(s->ending);
        wait_for_work(s);
        g_thread_pool_free(s->workers, FALSE, TRUE);
        dm_storage_close(s->storage);
        domus_events_remove(s->conn, s->events);
        domus_conn_unref(s->reader);
        domus_conn_unref(s->conn);
        g_hash_table_unref(s->clients);
        g_main_context_unref(s->context);
        g_object_unref(s->ending);
        g_free(s->uri);
        g_free(s);
}

const char *dm_server_uri(const DmServer *s)
{
        return s->uri;
}

DmStorage *dm_server_storage(DmServer *s)
{
        return s->storage;
}
