/* The connection to another driver: its thread, calls, jobs, events, and its loss (see remote.h). */
#include "driver/remote.h"

#include <glib-unix.h>
#include <string.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

/* A server that has stopped is noticed after their product. */
#define KEEPALIVE_MS    5000
#define KEEPALIVE_COUNT 5
/* The server keeps the deadlines of its jobs; this much later we do. */
#define GRACE_MS 3000

struct DmRemote {
        char *path;
        GMainContext *context;
        GThread *thread;
        DmEventBus *bus;
        DmRpcNames messages;
        gint last_token; /* atomic */
        /* -- the thread's own from here -- */
        DmRpcConn *rpc;
        GError *lost;     /* why there is no connection any more */
        GHashTable *jobs; /* token → Job, owned */
        gboolean closing;
};

typedef struct Job {
        DmRemote *remote;
        guint64 token;
        DmRemoteEndFn fn;
        void *data;
        GSource *deadline; /* nullable */
        int timeout_ms;
} Job;

/* A call, on the stack of who waits for it. */
typedef struct Ask {
        DmRemote *remote;
        const DmRpcProc *proc;
        const void *args;
        void *ret;
        int *ret_fd;
        Job *job; /* nullable; the table's as soon as it is sent */
        guint64 token;
        GMutex lock;
        GCond answered;
        gboolean done;
        GError *error;
} Ask;

/* ---- jobs ---- */

static void job_free(gpointer p)
{
        Job *j = p;
        if (j->deadline)
                g_source_destroy(j->deadline);
        g_clear_pointer(&j->deadline, g_source_unref);
        g_free(j);
}

static void end_job(DmRemote *r, guint64 token, const GError *error, const DmRpcDomusExit *end)
{
        gpointer key, value;
        if (!g_hash_table_steal_extended(r->jobs, &token, &key, &value))
                return; /* the server was too late */
        Job *j = value;
        j->fn(j->data, error, end);
        job_free(j);
}

static gboolean on_deadline(gpointer data)
{
        const Job *j = data;
        g_autoptr(GError) error = NULL;
        dm_fail(&error, DM_ERROR_TIMED_OUT,
                "the driver behind '%s' did not answer within %d ms; whether the job goes on is not known",
                j->remote->path, j->timeout_ms);
        end_job(j->remote, j->token, error, NULL);
        return G_SOURCE_REMOVE;
}

static void keep_job(DmRemote *r, Job *j)
{
        g_hash_table_insert(r->jobs, &j->token, j);
        if (j->timeout_ms <= 0)
                return;
        j->deadline = g_timeout_source_new((guint)MIN(j->timeout_ms, G_MAXINT - GRACE_MS) + GRACE_MS);
        g_source_set_callback(j->deadline, on_deadline, j, NULL);
        g_source_attach(j->deadline, r->context);
}

static void fail_jobs(DmRemote *r)
{
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, r->jobs);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                Job *j = value;
                g_hash_table_iter_steal(&iter);
                j->fn(j->data, r->lost, NULL);
                job_free(j);
        }
}

/* ---- what the server says ---- */

static void on_job_end(DmRemote *r, const DmRpcDomusJobEndMsg *m)
{
        g_autoptr(GError) error = m->error ? dm_rpc_error_to(m->error) : NULL;
        end_job(r, m->token, error, m->end);
}

static char *uuid_text(const guint8 *uuid)
{
        GString *text = g_string_sized_new(36);
        for (guint i = 0; i < DM_RPC_UUID_SIZE; i++)
                g_string_append_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                                       uuid[i]);
        return g_string_free(text, FALSE);
}

static void on_driver_event(DmRemote *r, const DmRpcDomusEventMsg *m)
{
        g_autofree char *uuid = uuid_text(m->dom.uuid);
        const DmEvent event = { .epoch = m->epoch,
                                .sequence = m->sequence,
                                .time_us = m->time_us,
                                .type = (DmEventType)m->type,
                                .detail = m->detail,
                                .value = m->value,
                                .uuid = uuid,
                                .name = m->dom.name,
                                .text = m->text };
        dm_event_bus_forward(r->bus, &event);
}

static void on_event(DmRpcConn *conn G_GNUC_UNUSED, const DmRpcProc *proc, void *message, void *user)
{
        if (proc == dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, DM_DOMUS_EVENT))
                on_driver_event(user, message);
        else if (proc == dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, DM_DOMUS_JOB_END))
                on_job_end(user, message);
}

/* @reason of the connection in words for who called the driver. */
static void set_lost(DmRemote *r, const GError *reason)
{
        if (!r->lost)
                dm_fail(&r->lost, DM_ERROR_GONE,
                        "the connection to the driver behind '%s' is lost (%s): open it again", r->path,
                        reason->message);
}

static void on_gone(DmRpcConn *conn G_GNUC_UNUSED, const GError *reason, void *user)
{
        DmRemote *r = user;
        set_lost(r, reason);
        fail_jobs(r);
}

/* ---- calls ---- */

static void answer(Ask *a, GError *error)
{
        g_mutex_lock(&a->lock);
        a->error = error;
        a->done = TRUE;
        g_cond_signal(&a->answered);
        g_mutex_unlock(&a->lock);
}

static void on_answer(DmRpcConn *conn G_GNUC_UNUSED, DmRpcAnswer *reply, void *user)
{
        Ask *a = user;
        DmRemote *r = a->remote;
        if (!reply->error && a->ret) {
                memcpy(a->ret, reply->ret, a->proc->ret->size); /* with all that it owns */
                memset(reply->ret, 0, a->proc->ret->size);
        }
        if (!reply->error && a->ret_fd)
                *a->ret_fd = reply->n_fds > 0 ? dm_steal_fd(&reply->fds[0]) : -1;
        const GError *error = reply->error;
        if (error && !reply->wire && g_error_matches(error, DM_ERROR, DM_ERROR_GONE)) {
                set_lost(r, error);
                error = r->lost;
        }
        if (error && a->job && !g_hash_table_remove(r->jobs, &a->token))
                error = NULL; /* its end was told already: who waits for that must not free it */
        answer(a, error ? g_error_copy(error) : NULL);
}

static gboolean send_ask(gpointer data)
{
        Ask *a = data;
        DmRemote *r = a->remote;
        g_autoptr(GError) error = NULL;
        if (a->job)
                keep_job(r, a->job); /* before the reply: the end may come in one read with it */
        if (r->lost)
                error = g_error_copy(r->lost);
        else if (dm_rpc_conn_call(r->rpc, a->proc, a->args, NULL, 0, 0, on_answer, a, &error))
                return G_SOURCE_REMOVE;
        if (a->job)
                g_hash_table_remove(r->jobs, &a->token);
        answer(a, g_steal_pointer(&error));
        return G_SOURCE_REMOVE;
}

static void post(DmRemote *r, GSourceFunc fn, void *data, GDestroyNotify free_data)
{
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, fn, data, free_data);
        g_source_attach(source, r->context);
}

/* @job (nullable) is taken. */
static gboolean ask(DmRemote *r, const DmRpcProc *proc, const void *args, void *ret, int *ret_fd, Job *job,
                    GError **error)
{
        Ask a = { r, proc, args, ret, ret_fd, job, job ? job->token : 0, .done = FALSE };
        g_mutex_init(&a.lock);
        g_cond_init(&a.answered);
        post(r, send_ask, &a, NULL);
        g_mutex_lock(&a.lock);
        while (!a.done)
                g_cond_wait(&a.answered, &a.lock);
        g_mutex_unlock(&a.lock);
        g_mutex_clear(&a.lock);
        g_cond_clear(&a.answered);
        if (a.error)
                g_propagate_error(error, a.error);
        return !a.error;
}

gboolean dm_remote_ask(DmRemote *r, DmRpcProgram program, gint32 number, const void *args, void *ret,
                       int *ret_fd, GError **error)
{
        return ask(r, dm_rpc_proc(program, number), args, ret, ret_fd, NULL, error);
}

guint64 dm_remote_token(DmRemote *r)
{
        return (guint)g_atomic_int_add(&r->last_token, 1) + 1u;
}

gboolean dm_remote_begin(DmRemote *r, gint32 number, const void *args, void *ret, guint64 token,
                         int timeout_ms, DmRemoteEndFn fn, void *data, GError **error)
{
        Job *j = g_new0(Job, 1);
        *j = (Job){ .remote = r, .token = token, .fn = fn, .data = data, .timeout_ms = timeout_ms };
        return ask(r, dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, number), args, ret, NULL, j, error);
}

typedef struct Cancel {
        DmRemote *remote;
        guint64 token;
} Cancel;

static void ignore_answer(DmRpcConn *conn G_GNUC_UNUSED, DmRpcAnswer *reply G_GNUC_UNUSED,
                          void *user G_GNUC_UNUSED)
{
}

static gboolean send_cancel(gpointer data)
{
        const Cancel *c = data;
        const DmRpcDomusToken args = { c->token };
        if (g_hash_table_contains(c->remote->jobs, &c->token) && !c->remote->lost)
                dm_rpc_conn_call(c->remote->rpc, dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, DM_DOMUS_JOB_CANCEL),
                                 &args, NULL, 0, 0, ignore_answer, NULL, NULL);
        return G_SOURCE_REMOVE;
}

void dm_remote_cancel(DmRemote *r, guint64 token)
{
        Cancel *c = g_new(Cancel, 1);
        *c = (Cancel){ r, token };
        post(r, send_cancel, c, g_free);
}

/* ---- the thread ---- */

typedef struct Birth {
        DmRemote *remote;
        int fd;
} Birth;

static gpointer run(gpointer data)
{
        Birth *b = data;
        DmRemote *r = b->remote;
        g_main_context_push_thread_default(r->context);
        const DmRpcHandlers handlers = { .event = on_event, .gone = on_gone, .user = r };
        r->rpc = dm_rpc_conn_new(b->fd, r->context, DM_RPC_CLIENT, &handlers);
        g_free(b);
        dm_rpc_conn_start_keepalive(r->rpc, KEEPALIVE_MS, KEEPALIVE_COUNT);
        while (!r->closing)
                g_main_context_iteration(r->context, TRUE);
        dm_rpc_conn_free(r->rpc);
        g_main_context_pop_thread_default(r->context);
        return NULL;
}

static gboolean stop(gpointer data)
{
        ((DmRemote *)data)->closing = TRUE;
        return G_SOURCE_REMOVE;
}

/* The first words of a connection. */
static gboolean greet(DmRemote *r, GError **error)
{
        const DmRpcConnectOpenArgs open_args = { NULL, 0 };
        const DmRpcVoid none = { 0 };
        if (dm_remote_ask(r, DM_RPC_PROGRAM_REMOTE, DM_REMOTE_CONNECT_OPEN, &open_args, NULL, NULL, error) &&
            dm_remote_ask(r, DM_RPC_PROGRAM_DOMUS, DM_DOMUS_CONNECT_MESSAGES, &none, &r->messages, NULL,
                          error))
                return TRUE;
        g_prefix_error(error, "can't open the driver behind '%s': ", r->path);
        return FALSE;
}

DmRemote *dm_remote_open(const char *path, GError **error)
{
        dm_autofd int fd = dm_connect_unix(path, error);
        if (fd < 0 || !g_unix_set_fd_nonblocking(fd, TRUE, error))
                return NULL;
        DmRemote *r = g_new0(DmRemote, 1);
        r->path = g_strdup(path);
        r->context = g_main_context_new();
        r->bus = dm_event_bus_new(0);
        r->jobs = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, job_free);
        Birth *b = g_new(Birth, 1);
        *b = (Birth){ r, dm_steal_fd(&fd) };
        r->thread = g_thread_new("dm-remote", run, b);
        if (greet(r, error))
                return r;
        dm_remote_close(r);
        return NULL;
}

void dm_remote_close(DmRemote *r)
{
        if (!r)
                return;
        post(r, stop, r, NULL);
        g_thread_join(r->thread);
        g_hash_table_unref(r->jobs);
        g_clear_error(&r->lost);
        dm_event_bus_free(r->bus);
        dm_record_clear(&dm_rpc_type_Names, &r->messages);
        g_main_context_unref(r->context);
        g_free(r->path);
        g_free(r);
}

DmEventBus *dm_remote_bus(DmRemote *r)
{
        return r->bus;
}

const DmRpcNames *dm_remote_messages(const DmRemote *r)
{
        return &r->messages;
}
