/* Guests for everybody: references, views, jobs (see guest.h). */
#include "driver/guest_owner.h"

#include "driver/console.h"
#include "driver/driver.h"

DmGuest *dm_guest_new(DmDriver *driver, const char *uuid, const char *name)
{
        DmGuest *g = g_new0(DmGuest, 1);
        g_atomic_ref_count_init(&g->refs);
        g_mutex_init(&g->lock);
        g->driver = driver;
        g->uuid = g_strdup(uuid);
        g->name = g_strdup(name);
        g->view = dm_view_copy(NULL);
        g->consoles = g_ptr_array_new_with_free_func((GDestroyNotify)dm_console_close);
        return g;
}

DmGuest *dm_guest_ref(DmGuest *g)
{
        g_atomic_ref_count_inc(&g->refs);
        return g;
}

void dm_guest_unref(DmGuest *g)
{
        if (!g || !g_atomic_ref_count_dec(&g->refs))
                return;
        g_assert(!g->run && !g->ping); /* the owner ends or leaves its QEMU before it lets go */
        dm_run_end_unref(g->end);
        g_ptr_array_unref(g->consoles);
        dm_executor_unref(g->executor);
        dm_view_unref(g->view);
        g_mutex_clear(&g->lock);
        g_free(g->uuid);
        g_free(g->name);
        g_free(g);
}

const char *dm_guest_uuid(const DmGuest *g)
{
        return g->uuid;
}

const char *dm_guest_name(const DmGuest *g)
{
        return g->name;
}

DmDriver *dm_guest_driver(const DmGuest *g)
{
        return g->driver;
}

DmView *dm_guest_view(DmGuest *g)
{
        g_mutex_lock(&g->lock);
        DmView *v = dm_view_ref(g->view);
        g_mutex_unlock(&g->lock);
        return v;
}

void dm_guest_publish(DmGuest *g, DmView *view)
{
        g_mutex_lock(&g->lock);
        DmView *old = g->view;
        g->view = view;
        g_mutex_unlock(&g->lock);
        dm_view_unref(old);
}

void dm_guest_emit(DmGuest *g, DmEventType type, int detail, gint64 value, const char *text)
{
        dm_event_bus_emit(dm_driver_bus(g->driver), g->uuid, g->name, type, detail, value, text);
}

/* ---- jobs ---- */

/* Where a job stands; only the executor's thread moves it. */
typedef enum JobState { JOB_QUEUED, JOB_RUNNING, JOB_DONE } JobState;

struct DmJob {
        gatomicrefcount refs;
        DmGuest *guest;
        DmExecutor *executor;
        DmJobFn fn;
        void *args;
        GDestroyNotify free_args;
        gint64 deadline_us; /* 0: none */
        int timeout_ms;
        GCancellable *cancel;
        gulong cancel_id;
        GSource *timer;
        DmJobDone done;
        void *data;
        JobState state;
        DmGuest *forward; /* owned; whom it is passed on to when its function has returned */
};

/* What the arguments hold (a reservation) is given back before anybody hears of the end. */
static void job_drop_args(DmJob *job)
{
        GDestroyNotify free_args = job->free_args;
        job->free_args = NULL;
        if (free_args)
                free_args(job->args);
}

static void job_unref(void *p)
{
        DmJob *job = p;
        if (!g_atomic_ref_count_dec(&job->refs))
                return;
        job_drop_args(job);
        g_clear_object(&job->cancel);
        dm_executor_unref(job->executor);
        dm_guest_unref(job->guest);
        g_free(job);
}

static DmJob *job_ref(DmJob *job)
{
        g_atomic_ref_count_inc(&job->refs);
        return job;
}

static void job_complete(DmJob *job, const GError *error)
{
        job->state = JOB_DONE;
        job_drop_args(job);
        if (job->timer)
                g_source_destroy(job->timer);
        g_clear_pointer(&job->timer, g_source_unref);
        if (job->done)
                job->done(job->guest, error, job->data);
}

static void job_abandon(DmJob *job, DmErrorCode code, const char *why)
{
        if (job->state != JOB_QUEUED)
                return; /* it watches its deadline and its cancellable itself */
        g_autoptr(GError) error = NULL;
        dm_fail(&error, code,
                "domain '%s': %s before it was its turn; it was abandoned and has changed nothing",
                job->guest->name, why);
        job_complete(job, error);
}

static gboolean on_deadline(gpointer data)
{
        g_autofree char *why = g_strdup_printf("the deadline of %d ms passed", ((DmJob *)data)->timeout_ms);
        job_abandon(data, DM_ERROR_TIMED_OUT, why);
        return G_SOURCE_REMOVE;
}

static void on_cancelled_here(void *data)
{
        job_abandon(data, DM_ERROR_CANCELLED, "the call was cancelled");
        job_unref(data);
}

static void on_cancelled(GCancellable *cancel G_GNUC_UNUSED, gpointer data)
{
        DmJob *job = data;
        dm_executor_post_urgent(job->executor, on_cancelled_here, job_ref(job));
}

/* A guest that does not run needs no thread: the last job or closure lets go of it.  Submitting takes the
 * same lock, so nothing is posted to an executor that was let go; and one that still has something to run is
 * kept, else that would run beside the jobs of the next. */
static void release_executor(DmGuest *g)
{
        DmExecutor *idle = NULL;
        g_mutex_lock(&g->lock);
        if (!g->run && g->executor && dm_executor_is_last(g->executor))
                idle = g_steal_pointer(&g->executor);
        g_mutex_unlock(&g->lock);
        dm_executor_unref(idle);
}

/* The same call again, for another guest and with what is left of its time. */
static void pass_on(DmJob *job)
{
        g_autoptr(DmGuest) to = g_steal_pointer(&job->forward);
        GDestroyNotify free_args = g_steal_pointer(&job->free_args);
        if (job->timer)
                g_source_destroy(job->timer);
        g_clear_pointer(&job->timer, g_source_unref);
        job->state = JOB_DONE;
        dm_guest_submit(to, job->fn, job->args, free_args, dm_job_time_left(job, 0), job->cancel, job->done,
                        job->data);
}

gboolean dm_job_forward(DmJob *job, DmGuest *to)
{
        job->forward = dm_guest_ref(to);
        return TRUE;
}

static void job_run(void *data)
{
        DmJob *job = data;
        if (job->cancel && job->cancel_id)
                g_cancellable_disconnect(job->cancel, job->cancel_id);
        if (job->state == JOB_QUEUED) {
                g_autoptr(GError) error = NULL;
                job->state = JOB_RUNNING;
                gboolean ok = job->fn(job->guest, job, job->args, &error);
                g_assert(ok == !error);
                /* What the arguments give back is given back by this thread: the guest may have another the
                 * moment it is released.  And that comes before the end is told: who hears of it may look at
                 * our threads. */
                if (!job->forward)
                        job_drop_args(job);
                release_executor(job->guest);
                if (job->forward)
                        pass_on(job);
                else
                        job_complete(job, error);
        } else {
                release_executor(job->guest);
        }
        job_unref(job);
}

/* Once the executor runs it: deadline and cancellation are watched in its context. */
static void job_arm(void *data)
{
        DmJob *job = data;
        if (job->state == JOB_QUEUED && job->deadline_us) {
                job->timer = g_timeout_source_new((guint)dm_job_time_left(job, 1));
                g_source_set_callback(job->timer, on_deadline, job_ref(job), job_unref);
                g_source_set_can_recurse(job->timer, TRUE);
                g_source_attach(job->timer, dm_executor_context(job->executor));
        }
        job_unref(job);
}

void dm_guest_submit(DmGuest *g, DmJobFn fn, void *args, GDestroyNotify free_args, int timeout_ms,
                     GCancellable *cancel, DmJobDone done, void *data)
{
        DmJob *job = g_new0(DmJob, 1);
        g_atomic_ref_count_init(&job->refs);
        job->guest = dm_guest_ref(g);
        job->fn = fn;
        job->args = args;
        job->free_args = free_args;
        job->timeout_ms = timeout_ms;
        job->deadline_us = timeout_ms > 0 ? g_get_monotonic_time() + (gint64)timeout_ms * 1000 : 0;
        job->cancel = cancel ? g_object_ref(cancel) : NULL;
        job->done = done;
        job->data = data;
        g_mutex_lock(&g->lock);
        if (!g->executor)
                g->executor = dm_executor_new(g->name, dm_driver_executors(g->driver));
        job->executor = dm_executor_ref(g->executor);
        if (timeout_ms > 0)
                dm_executor_post_urgent(job->executor, job_arm, job_ref(job));
        /* Under the lock too: the job must know the id when it runs, and on_cancelled() needs no lock of
         * ours. */
        if (cancel)
                job->cancel_id =
                        g_cancellable_connect(cancel, G_CALLBACK(on_cancelled), job_ref(job), job_unref);
        dm_executor_post(job->executor, job_run, job);
        g_mutex_unlock(&g->lock);
}

int dm_job_time_left(const DmJob *job, int fallback_ms)
{
        if (!job->deadline_us)
                return fallback_ms;
        gint64 left_ms = (job->deadline_us - g_get_monotonic_time()) / 1000;
        return (int)CLAMP(left_ms, 1, G_MAXINT);
}

GCancellable *dm_job_cancel(const DmJob *job)
{
        return job->cancel;
}

/* ---- urgent closures ---- */

typedef struct Urgent {
        DmGuest *guest;
        void (*fn)(DmGuest *guest, void *args);
        void *args;
        GDestroyNotify free_args;
} Urgent;

static void urgent_run(void *data)
{
        Urgent *u = data;
        u->fn(u->guest, u->args);
        if (u->free_args)
                u->free_args(u->args);
        release_executor(u->guest); /* the last job has left it to us */
        dm_guest_unref(u->guest);
        g_free(u);
}

gboolean dm_guest_urgent(DmGuest *g, void (*fn)(DmGuest *guest, void *args), void *args,
                         GDestroyNotify free_args)
{
        Urgent *u = g_new(Urgent, 1);
        *u = (Urgent){ dm_guest_ref(g), fn, args, free_args };
        g_mutex_lock(&g->lock);
        gboolean posted = g->executor != NULL;
        if (posted)
                dm_executor_post_urgent(g->executor, urgent_run, u);
        g_mutex_unlock(&g->lock);
        if (posted)
                return TRUE;
        if (free_args)
                free_args(args);
        dm_guest_unref(u->guest);
        g_free(u);
        return FALSE;
}
