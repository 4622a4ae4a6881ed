/* Does ThreadSanitizer, with tsan_glib.c and tsan.supp, tell races from GLib's synchronisation?  Without
 * arguments this program has no race, and nothing may be reported; with "race" it has one, which must be. */
#include <glib.h>
#include <string.h>

#define ROUNDS  1000
#define WORKERS 2

static GMutex lock;
static GCond changed;
static GRWLock table_lock;
static gsize once;
static int counter, finished, table, value, racy;

static int value_get(void)
{
        if (g_once_init_enter(&once)) {
                value = 7;
                g_once_init_leave(&once, 1);
        }
        return value;
}

static gpointer work(gpointer queue)
{
        for (int i = 0; i < ROUNDS; i++) {
                g_mutex_lock(&lock);
                counter++;
                g_mutex_unlock(&lock);
                g_rw_lock_reader_lock(&table_lock);
                gboolean low = table < ROUNDS / 2;
                g_rw_lock_reader_unlock(&table_lock);
                if (low && g_rw_lock_writer_trylock(&table_lock)) {
                        table++;
                        g_rw_lock_writer_unlock(&table_lock);
                }
                g_assert_cmpint(value_get(), ==, 7);
        }
        int *item = g_new(int, 1);
        *item = 5;
        g_async_queue_push(queue, item);
        g_mutex_lock(&lock);
        finished++;
        g_cond_signal(&changed);
        g_mutex_unlock(&lock);
        return NULL;
}

static void use_locks(void)
{
        g_autoptr(GAsyncQueue) queue = g_async_queue_new();
        GThread *workers[WORKERS];
        for (int i = 0; i < WORKERS; i++)
                workers[i] = g_thread_new("worker", work, queue);
        g_mutex_lock(&lock);
        while (finished < WORKERS)
                g_cond_wait(&changed, &lock);
        g_assert_cmpint(counter, ==, WORKERS * ROUNDS);
        g_mutex_unlock(&lock);
        for (int i = 0; i < WORKERS; i++) {
                g_autofree int *item = g_async_queue_pop(queue);
                g_assert_cmpint(*item, ==, 5);
        }
        for (int i = 0; i < WORKERS; i++)
                g_thread_join(workers[i]);
}

static gboolean add_one(gpointer data)
{
        int *item = data;
        *item += 1;
        return G_SOURCE_REMOVE;
}

static gboolean quit(gpointer loop)
{
        g_main_loop_quit(loop);
        return G_SOURCE_REMOVE;
}

static gpointer run_loop(gpointer loop)
{
        GMainContext *context = g_main_loop_get_context(loop);
        g_main_context_push_thread_default(context);
        g_main_loop_run(loop);
        g_main_context_pop_thread_default(context);
        return NULL;
}

static void use_context(void)
{
        g_autoptr(GMainContext) context = g_main_context_new();
        g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
        GThread *thread = g_thread_new("loop", run_loop, loop);
        for (int i = 0; i < ROUNDS; i++) {
                int *item = g_new(int, 1);
                *item = i;
                g_main_context_invoke_full(context, G_PRIORITY_DEFAULT, add_one, item, g_free);
        }
        g_main_context_invoke(context, quit, loop);
        g_thread_join(thread);
}

static gpointer race(gpointer unused G_GNUC_UNUSED)
{
        for (int i = 0; i < ROUNDS; i++)
                racy++;
        return NULL;
}

int main(int argc, char **argv)
{
        use_locks();
        use_context();
        if (argc > 1 && !strcmp(argv[1], "race")) {
                GThread *thread = g_thread_new("race", race, NULL);
                race(NULL);
                g_thread_join(thread);
        }
        return 0;
}
