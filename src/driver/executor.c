/* Executors as threads.
 *
 * One thread runs one loop over one context.  Two queues feed it: `urgent` is emptied whenever the context
 * wakes, also from inside a waiting job; `jobs` only at the bottom of the stack (depth 0). */
#include "driver/executor.h"

typedef struct Item {
        DmExecutorFn fn;
        void *data;
} Item;

struct DmExecutor {
        gatomicrefcount refs;
        GMainContext *context;
        DmExecutorGroup *group; /* borrowed */
        GMutex lock;            /* the two queues and `ending` */
        GQueue jobs, urgent;
        gboolean ending;
        unsigned depth; /* own thread only: jobs on the stack */
};

static Item *take(DmExecutor *e)
{
        g_mutex_lock(&e->lock);
        Item *item = g_queue_pop_head(&e->urgent);
        if (!item && e->depth == 0)
                item = g_queue_pop_head(&e->jobs);
        g_mutex_unlock(&e->lock);
        return item;
}

static gboolean pending(DmExecutor *e)
{
        g_mutex_lock(&e->lock);
        gboolean result = e->urgent.length > 0 || (e->depth == 0 && e->jobs.length > 0);
        g_mutex_unlock(&e->lock);
        return result;
}

/* A source that is ready while there is something to run at this depth. */
typedef struct Source {
        GSource source;
        DmExecutor *executor; /* outlives the source */
} Source;

static gboolean source_prepare(GSource *s, int *timeout)
{
        *timeout = -1;
        return pending(((Source *)s)->executor);
}

static gboolean source_check(GSource *s)
{
        return pending(((Source *)s)->executor);
}

static gboolean source_dispatch(GSource *s, GSourceFunc unused G_GNUC_UNUSED, gpointer unused2 G_GNUC_UNUSED)
{
        DmExecutor *e = ((Source *)s)->executor;
        Item *item = take(e);
        if (item) {
                e->depth++;
                item->fn(item->data);
                e->depth--;
                g_free(item);
        }
        return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { source_prepare, source_check, source_dispatch, NULL, NULL, NULL };

static gboolean finished(DmExecutor *e)
{
        g_mutex_lock(&e->lock);
        gboolean result = e->ending && !e->urgent.length && !e->jobs.length;
        g_mutex_unlock(&e->lock);
        return result;
}

static gpointer run(gpointer data)
{
        DmExecutor *e = data;
        DmExecutorGroup *group = e->group;
        /* Owned for good, not only while it is iterated: what this thread attaches need not wake it. */
        g_main_context_acquire(e->context);
        g_main_context_push_thread_default(e->context);
        GSource *s = g_source_new(&source_funcs, sizeof(Source));
        ((Source *)s)->executor = e;
        g_source_set_can_recurse(s, TRUE);
        g_source_attach(s, e->context);
        while (!finished(e))
                g_main_context_iteration(e->context, TRUE);
        g_source_destroy(s);
        g_source_unref(s);
        g_main_context_pop_thread_default(e->context);
        g_main_context_release(e->context);
        g_main_context_unref(e->context);
        g_mutex_clear(&e->lock);
        g_free(e);
        g_mutex_lock(&group->lock);
        group->running--;
        g_cond_broadcast(&group->changed);
        g_mutex_unlock(&group->lock);
        return NULL;
}

void dm_executor_group_init(DmExecutorGroup *group)
{
        g_mutex_init(&group->lock);
        g_cond_init(&group->changed);
        group->running = 0;
}

void dm_executor_group_clear(DmExecutorGroup *group)
{
        g_mutex_clear(&group->lock);
        g_cond_clear(&group->changed);
}

void dm_executor_group_wait(DmExecutorGroup *group)
{
        g_mutex_lock(&group->lock);
        while (group->running)
                g_cond_wait(&group->changed, &group->lock);
        g_mutex_unlock(&group->lock);
}

guint dm_executor_group_running(DmExecutorGroup *group)
{
        g_mutex_lock(&group->lock);
        guint n = group->running;
        g_mutex_unlock(&group->lock);
        return n;
}

DmExecutor *dm_executor_new(const char *name, DmExecutorGroup *group)
{
        DmExecutor *e = g_new0(DmExecutor, 1);
        g_atomic_ref_count_init(&e->refs);
        g_mutex_init(&e->lock);
        e->context = g_main_context_new();
        e->group = group;
        g_mutex_lock(&group->lock);
        group->running++;
        g_mutex_unlock(&group->lock);
        g_thread_unref(g_thread_new(name, run, e));
        return e;
}

DmExecutor *dm_executor_ref(DmExecutor *e)
{
        g_atomic_ref_count_inc(&e->refs);
        return e;
}

void dm_executor_unref(DmExecutor *e)
{
        if (!e || !g_atomic_ref_count_dec(&e->refs))
                return;
        /* The thread frees the executor: keep what is touched after the lock. */
        g_autoptr(GMainContext) context = g_main_context_ref(e->context);
        g_mutex_lock(&e->lock);
        e->ending = TRUE;
        g_mutex_unlock(&e->lock);
        g_main_context_wakeup(context);
}

static void post(DmExecutor *e, GQueue *queue, DmExecutorFn fn, void *data)
{
        Item *item = g_new(Item, 1);
        *item = (Item){ fn, data };
        g_mutex_lock(&e->lock);
        g_queue_push_tail(queue, item);
        g_mutex_unlock(&e->lock);
        g_main_context_wakeup(e->context);
}

void dm_executor_post(DmExecutor *e, DmExecutorFn job, void *data)
{
        post(e, &e->jobs, job, data);
}

void dm_executor_post_urgent(DmExecutor *e, DmExecutorFn fn, void *data)
{
        post(e, &e->urgent, fn, data);
}

gboolean dm_executor_is_last(DmExecutor *e)
{
        g_mutex_lock(&e->lock);
        gboolean result = e->depth == 1 && !e->jobs.length && !e->urgent.length;
        g_mutex_unlock(&e->lock);
        return result;
}

GMainContext *dm_executor_context(DmExecutor *e)
{
        return e->context;
}

gboolean dm_executor_is_current(DmExecutor *e)
{
        return g_main_context_is_owner(e->context);
}
