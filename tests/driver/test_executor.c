/* Executors: order, urgency, the end of their threads. */
#include "driver/executor.h"

typedef struct Log {
        GMutex lock;
        GString *text;
        gint done;
} Log;

static Log *log_new(void)
{
        Log *log = g_new0(Log, 1);
        g_mutex_init(&log->lock);
        log->text = g_string_new(NULL);
        return log;
}

static void log_add(Log *log, char c)
{
        g_mutex_lock(&log->lock);
        g_string_append_c(log->text, c);
        g_mutex_unlock(&log->lock);
}

static void log_free(Log *log)
{
        g_string_free(log->text, TRUE);
        g_mutex_clear(&log->lock);
        g_free(log);
}

typedef struct Step {
        Log *log;
        char c;
        DmExecutor *executor;
} Step;

static void say(void *data)
{
        Step *s = data;
        log_add(s->log, s->c);
        g_free(s);
}

static Step *step(Log *log, char c, DmExecutor *e)
{
        Step *s = g_new(Step, 1);
        *s = (Step){ log, c, e };
        return s;
}

static void test_order(void)
{
        Log *log = log_new();
        DmExecutorGroup group;
        dm_executor_group_init(&group);
        DmExecutor *e = dm_executor_new("order", &group);
        for (int c = 'a'; c <= 'z'; c++)
                dm_executor_post(e, say, step(log, (char)c, e));
        dm_executor_unref(e); /* what was posted still runs */
        dm_executor_group_wait(&group);
        g_assert_cmpstr(log->text->str, ==, "abcdefghijklmnopqrstuvwxyz");
        g_assert_cmpuint(dm_executor_group_running(&group), ==, 0);
        dm_executor_group_clear(&group);
        log_free(log);
}

/* A job that waits: iterates the context until the urgent closure has come by. */
static void wait_for_urgent(void *data)
{
        Step *s = data;
        log_add(s->log, '(');
        while (!g_atomic_int_get(&s->log->done))
                g_main_context_iteration(dm_executor_context(s->executor), TRUE);
        g_assert_true(dm_executor_is_current(s->executor));
        log_add(s->log, ')');
        g_free(s);
}

static void urgent(void *data)
{
        Step *s = data;
        log_add(s->log, 'u');
        g_atomic_int_set(&s->log->done, 1);
        g_free(s);
}

static void test_urgent(void)
{
        Log *log = log_new();
        DmExecutorGroup group;
        dm_executor_group_init(&group);
        DmExecutor *e = dm_executor_new("urgent", &group);
        dm_executor_post(e, wait_for_urgent, step(log, 0, e));
        dm_executor_post(e, say, step(log, 'j', e)); /* must not start inside the waiting job */
        dm_executor_post_urgent(e, urgent, step(log, 0, e));
        dm_executor_unref(e);
        dm_executor_group_wait(&group);
        /* Urgent may come before the first job has begun, but never after it has ended. */
        g_assert_true(g_str_equal(log->text->str, "(u)j") || g_str_equal(log->text->str, "u()j"));
        dm_executor_group_clear(&group);
        log_free(log);
}

static void add_one(void *data)
{
        g_atomic_int_inc((gint *)data);
}

typedef struct Poster {
        DmExecutor *executor;
        gint *count;
} Poster;

static gpointer post_many(gpointer data)
{
        Poster *p = data;
        for (int i = 0; i < 1000; i++) {
                dm_executor_post(p->executor, add_one, p->count);
                dm_executor_post_urgent(p->executor, add_one, p->count);
        }
        return NULL;
}

static void test_many_posters(void)
{
        gint count = 0;
        DmExecutorGroup group;
        dm_executor_group_init(&group);
        DmExecutor *e = dm_executor_new("many", &group);
        Poster p = { e, &count };
        GThread *threads[8];
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
                threads[i] = g_thread_new("poster", post_many, &p);
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
                g_thread_join(threads[i]);
        dm_executor_unref(e);
        dm_executor_group_wait(&group);
        g_assert_cmpint(count, ==, 8 * 1000 * 2);
        dm_executor_group_clear(&group);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/executor/order", test_order);
        g_test_add_func("/driver/executor/urgent-inside-a-waiting-job", test_urgent);
        g_test_add_func("/driver/executor/many-posters", test_many_posters);
        return g_test_run();
}
