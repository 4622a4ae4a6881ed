/* DomusCall: a job's end finds its way back to the caller, who waits or has given a callback. */
#include "driver/api_private.h"

typedef struct Pending {
        gatomicrefcount refs;
        /* asynchronous */
        DomusDomain *domain; /* owned; NULL in a synchronous call: its caller has one */
        DomusDone done;
        void *data;
        GMainContext *context;
        GError *error; /* what the job ended with */
        /* synchronous */
        GMutex lock;
        GCond cond;
        gboolean ended;
} Pending;

static void pending_unref(void *p)
{
        Pending *w = p;
        if (!g_atomic_ref_count_dec(&w->refs))
                return;
        domus_domain_unref(w->domain);
        if (w->context)
                g_main_context_unref(w->context);
        g_clear_error(&w->error);
        g_mutex_clear(&w->lock);
        g_cond_clear(&w->cond);
        g_free(w);
}

static gboolean call_back(gpointer data)
{
        Pending *w = data;
        w->done(w->domain, w->error, w->data);
        return G_SOURCE_REMOVE;
}

/* On the executor.  What is left to drop here holds no connection: closing one waits for executors. */
static void on_done(DmGuest *guest G_GNUC_UNUSED, const GError *error, void *data)
{
        Pending *w = data;
        if (w->done) {
                w->error = error ? g_error_copy(error) : NULL;
                g_autoptr(GSource) source = g_idle_source_new();
                g_source_set_priority(source, G_PRIORITY_DEFAULT);
                g_source_set_callback(source, call_back, w, pending_unref); /* our reference goes along */
                g_source_attach(source, w->context);
                return;
        }
        g_mutex_lock(&w->lock);
        w->error = error ? g_error_copy(error) : NULL;
        w->ended = TRUE;
        g_cond_signal(&w->cond);
        g_mutex_unlock(&w->lock);
        pending_unref(w);
}

gboolean dm_api_submit(DomusDomain *domain, DmGuest *guest, DmJobFn fn, void *args, GDestroyNotify free_args,
                       const DomusCall *call, GError **error)
{
        static const DomusCall none;
        const DomusCall *c = call ? call : &none;
        Pending *w = g_new0(Pending, 1);
        g_atomic_ref_count_init(&w->refs);
        g_atomic_ref_count_inc(&w->refs); /* the job's */
        g_mutex_init(&w->lock);
        g_cond_init(&w->cond);
        /* Never in a synchronous call: the job's end may be the last to drop @w, on the executor. */
        w->domain = c->done ? domus_domain_ref(domain) : NULL;
        w->done = c->done;
        w->data = c->data;
        if (c->done)
                w->context =
                        c->context ? g_main_context_ref(c->context) : g_main_context_ref_thread_default();
        dm_guest_submit(guest, fn, args, free_args, c->timeout_ms, c->cancel, on_done, w);
        gboolean ok = TRUE;
        if (!c->done) {
                g_mutex_lock(&w->lock);
                while (!w->ended)
                        g_cond_wait(&w->cond, &w->lock);
                g_mutex_unlock(&w->lock);
                ok = !w->error;
                if (w->error)
                        g_propagate_error(error, g_steal_pointer(&w->error));
        }
        pending_unref(w);
        return ok;
}
