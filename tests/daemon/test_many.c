/* A thousand guests that stand still: what they cost the one who looks after them, and how fast he is found
 * again.
 *
 * Few here; `make check-many` sets DOMUS_GUESTS=1000. */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/driver.h"
#include "lib/process.h"
#include "util/file.h"

#define SKIP_UNLESS(d) \
        if (!(d))      \
        return

#define IDLE_S         5
#define STARTS_AT_ONCE 4

/* Of one guest, with what the process needs anyway taken off. */
#define MAX_THREADS 1
#define MAX_FDS     4
#define MAX_RSS_KIB 150

static double ms_since(gint64 us)
{
        return (double)(g_get_monotonic_time() - us) / 1000;
}

/* ---- what a process has ---- */

typedef struct Figures {
        guint threads, fds;
        guint64 rss_kib, cpu_us;
} Figures;

static guint count_entries(int pid, const char *what)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, what);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        g_assert_nonnull(dir);
        guint n = 0;
        while (g_dir_read_name(dir))
                n++;
        return n;
}

static Figures figures_of(int pid)
{
        g_autofree char *status_path = g_strdup_printf("/proc/%d/status", pid), *status = NULL;
        g_autofree char *stat_path = g_strdup_printf("/proc/%d/stat", pid), *stat = NULL;
        g_assert_true(dm_file_read(status_path, 65536, &status, NULL, NULL));
        g_assert_true(dm_file_read(stat_path, 65536, &stat, NULL, NULL));
        Figures f = { count_entries(pid, "task"), count_entries(pid, "fd"), 0, 0 };
        f.rss_kib = g_ascii_strtoull(strstr(status, "VmRSS:") + strlen("VmRSS:"), NULL, 10);
        g_auto(GStrv) fields = g_strsplit(strrchr(stat, ')') + 2, " ", 0);
        guint64 ticks = g_ascii_strtoull(fields[11], NULL, 10) + g_ascii_strtoull(fields[12], NULL, 10);
        f.cpu_us = ticks * G_USEC_PER_SEC / (guint64)sysconf(_SC_CLK_TCK);
        return f;
}

/* ---- starting, some at once ---- */

typedef struct Starter {
        DmTestDriver *t;
        char **documents;
        guint n;
        gint next; /* atomic */
} Starter;

static gpointer start_some(gpointer data)
{
        Starter *s = data;
        for (guint i = (guint)g_atomic_int_add(&s->next, 1); i < s->n;
             i = (guint)g_atomic_int_add(&s->next, 1)) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DomusDomain) d =
                        domus_create(s->t->conn, s->documents[i], DOMUS_CREATE_PAUSED, NULL, &error);
                if (!d)
                        g_error("guest %u: %s", i, error->message);
        }
        return NULL;
}

static void start_all(Starter *s)
{
        GThread *threads[STARTS_AT_ONCE];
        gint64 begin = g_get_monotonic_time();
        for (int i = 0; i < STARTS_AT_ONCE; i++)
                threads[i] = g_thread_new("starter", start_some, s);
        for (int i = 0; i < STARTS_AT_ONCE; i++)
                g_thread_join(threads[i]);
        g_test_message("%u guests started, %d at once: %.1f in a second", s->n, STARTS_AT_ONCE,
                       s->n * 1000 / ms_since(begin));
}

/* ---- the figures ---- */

static void tell_cost(const DmTestDriver *t, const Figures *none, guint n)
{
        Figures f = figures_of(t->domusd.pid);
        double threads = (double)(f.threads - none->threads) / n, fds = (double)(f.fds - none->fds) / n,
               rss = (double)(f.rss_kib - none->rss_kib) / n;
        g_test_message(
                "domusd with %u guests: %u threads, %u descriptors, %.1f MiB; for each guest %.2f threads, "
                "%.2f descriptors, %.1f KiB",
                n, f.threads, f.fds, (double)f.rss_kib / 1024, threads, fds, rss);
        g_assert_cmpfloat(threads, <=, MAX_THREADS + 0.5);
        g_assert_cmpfloat(fds, <=, MAX_FDS + 0.5);
        if (n >= 100) { /* else what the process itself grows by is most of it */
                g_assert_cmpfloat(rss, <=, MAX_RSS_KIB);
        }
        guint64 before_us = f.cpu_us;
        g_usleep(IDLE_S * G_USEC_PER_SEC);
        g_test_message("domusd idle: %.2f %% of a processor",
                       (double)(figures_of(t->domusd.pid).cpu_us - before_us) * 100 /
                               (IDLE_S * G_USEC_PER_SEC));
}

static void tell_reads(const DmTestDriver *t, guint n)
{
        g_autoptr(GError) error = NULL;
        gint64 begin = g_get_monotonic_time();
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        double list_ms = ms_since(begin), worst_ms = 0;
        g_assert_cmpuint(list->len, ==, n);
        begin = g_get_monotonic_time();
        for (guint i = 0; i < n; i++) {
                gint64 one = g_get_monotonic_time();
                DomusInfo info;
                g_assert_true(domus_domain_info(list->pdata[i], &info, &error));
                g_assert_cmpint(info.state, ==, DOMUS_STATE_PAUSED);
                worst_ms = MAX(worst_ms, ms_since(one));
        }
        g_test_message("over the socket: list of %u %.1f ms, info of one %.3f ms, at worst %.1f ms", n,
                       list_ms, ms_since(begin) / n, worst_ms);
}

static void adopt_again(DmTestDriver *t, guint n)
{
        g_clear_pointer(&t->conn, domus_conn_unref);
        dm_process_signal(&t->domusd, SIGKILL);
        test_wait(&t->domusd);
        dm_process_clear(&t->domusd);
        gint64 begin = g_get_monotonic_time();
        dm_test_driver_open(t);
        g_test_message("owner killed: all %u adopted %.0f ms after exec of the next", n, ms_since(begin));
}

static void destroy_all(const DmTestDriver *t)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        gint64 begin = g_get_monotonic_time();
        for (guint i = 0; i < list->len; i++)
                if (!domus_domain_destroy(list->pdata[i], DOMUS_DESTROY_FORCE, NULL, &error))
                        g_error("%s", error->message);
        g_test_message("all destroyed, one after the other, in %.0f ms", ms_since(begin));
}

static void test_many(void)
{
        const char *wanted = g_getenv("DOMUS_GUESTS");
        const guint n = wanted ? (guint)g_ascii_strtoull(wanted, NULL, 10) : 12;
        g_autoptr(DmTestDriver) t = dm_test_driver_new_kind(DM_TEST_REMOTE);
        g_auto(GStrv) documents = g_new0(char *, n + 1);
        for (guint i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("m%u", i);
                documents[i] = dm_test_xml(t, "x86_64-pc", name);
                SKIP_UNLESS(documents[i]);
        }
        /* Once, for what is kept of emulators and host. */
        g_autoptr(GError) error = NULL;
        DomusDomain *d = domus_create(t->conn, documents[0], DOMUS_CREATE_PAUSED, NULL, &error);
        g_assert_no_error(error);
        g_assert_true(domus_domain_destroy(d, DOMUS_DESTROY_FORCE, NULL, &error));
        domus_domain_unref(d);
        const Figures none = figures_of(t->domusd.pid);
        Starter s = { t, documents, n, 0 };
        start_all(&s);
        tell_cost(t, &none, n);
        tell_reads(t, n);
        adopt_again(t, n);
        tell_reads(t, n);
        destroy_all(t);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/many", test_many);
        return g_test_run();
}
