/* A job's end on its way from the connection's thread to the caller, who waits or has given a callback. */
#include "driver/remote_job.h"

#include "util/error.h"

struct DmRemoteJob {
        gatomicrefcount refs;
        DmRemote *remote; /* borrowed: the caller's connection, or that of `domain` */
        guint64 token;
        DomusCall call; /* `cancel` and `context` are owned */
        gulong cancelled;

        GMutex lock;
        GCond changed;
        gboolean ended; /* the server has told the end */
        GError *error;
        DomusExit exit;
        /* Asynchronous: set when the callback may be called.  Owned; dropped by the callback's own context,
         * as closing a connection waits for the thread that tells of ends. */
        DomusDomain *domain;
};

static DmRemoteJob *job_ref(DmRemoteJob *job)
{
        g_atomic_ref_count_inc(&job->refs);
        return job;
}

void dm_remote_job_free(DmRemoteJob *job)
{
        if (!job || !g_atomic_ref_count_dec(&job->refs))
                return;
        g_clear_object(&job->call.cancel);
        g_clear_pointer(&job->call.context, g_main_context_unref);
        g_clear_error(&job->error);
        g_mutex_clear(&job->lock);
        g_cond_clear(&job->changed);
        g_free(job);
}

DmRemoteJob *dm_remote_job_new(DmRemote *r, const DomusCall *call)
{
        DmRemoteJob *job = g_new0(DmRemoteJob, 1);
        g_atomic_ref_count_init(&job->refs);
        g_mutex_init(&job->lock);
        g_cond_init(&job->changed);
        job->remote = r;
        job->token = dm_remote_token(r);
        if (!call)
                return job;
        job->call = *call;
        if (call->cancel)
                g_object_ref(call->cancel);
        job->call.context = !call->done     ? NULL
                            : call->context ? g_main_context_ref(call->context)
                                            : g_main_context_ref_thread_default();
        return job;
}

guint64 dm_remote_job_token(const DmRemoteJob *job)
{
        return job->token;
}

int dm_remote_job_timeout_ms(const DmRemoteJob *job)
{
        return MAX(job->call.timeout_ms, 0);
}

/* ---- the end ---- */

static gboolean call_back(gpointer data)
{
        DmRemoteJob *job = data;
        g_cancellable_disconnect(job->call.cancel, job->cancelled);
        job->call.done(job->domain, job->error, job->call.data);
        return G_SOURCE_REMOVE;
}

static void called_back(gpointer data)
{
        DmRemoteJob *job = data;
        DomusDomain *domain = g_steal_pointer(&job->domain);
        dm_remote_job_free(job);
        domus_domain_unref(domain);
}

/* Both the end and the domain that it is about are known. */
static void deliver(DmRemoteJob *job)
{
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, call_back, job_ref(job), called_back);
        g_source_attach(source, job->call.context);
}

/* On the connection's thread. */
static void on_end(void *data, const GError *error, const DmRpcDomusExit *end)
{
        DmRemoteJob *job = data;
        g_mutex_lock(&job->lock);
        job->error = error ? g_error_copy(error) : NULL;
        if (end) {
                job->exit = (DomusExit){ end->reason, end->exit_code, end->signal, "" };
                g_strlcpy(job->exit.message, end->message, sizeof job->exit.message);
        }
        job->ended = TRUE;
        gboolean complete = job->domain != NULL;
        g_cond_signal(&job->changed);
        g_mutex_unlock(&job->lock);
        if (complete)
                deliver(job);
        dm_remote_job_free(job);
}

/* ---- the caller ---- */

static void on_cancelled(GCancellable *cancel G_GNUC_UNUSED, gpointer data)
{
        const DmRemoteJob *job = data;
        dm_remote_cancel(job->remote, job->token);
}

gboolean dm_remote_job_begin(DmRemoteJob *job, gint32 number, const void *args, void *ret, GError **error)
{
        if (job->call.cancel && g_cancellable_is_cancelled(job->call.cancel))
                return dm_fail(error, DM_ERROR_CANCELLED, "the call was cancelled");
        if (!dm_remote_begin(job->remote, number, args, ret, job->token, job->call.timeout_ms, on_end,
                             job_ref(job), error)) {
                dm_remote_job_free(job); /* on_end()'s reference */
                return FALSE;
        }
        if (job->call.cancel)
                job->cancelled = g_cancellable_connect(job->call.cancel, G_CALLBACK(on_cancelled), job, NULL);
        return TRUE;
}

gboolean dm_remote_job_finish(DmRemoteJob *job, DomusDomain *domain, DomusExit *ret_exit, GError **error)
{
        g_mutex_lock(&job->lock);
        if (job->call.done) {
                job->domain = domus_domain_ref(domain);
                gboolean complete = job->ended;
                g_mutex_unlock(&job->lock);
                if (complete)
                        deliver(job);
                return TRUE;
        }
        while (!job->ended)
                g_cond_wait(&job->changed, &job->lock);
        g_mutex_unlock(&job->lock);
        g_cancellable_disconnect(job->call.cancel, job->cancelled);
        if (job->error) {
                g_propagate_error(error, g_steal_pointer(&job->error));
                return FALSE;
        }
        if (ret_exit)
                *ret_exit = job->exit;
        return TRUE;
}
