/* The owner of many guests: killed again and again, and with a guest that does not answer.
 *
 * Small here; `make check-owner` sets DOMUS_GUESTS and DOMUS_ROUNDS. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/driver.h"
#include "lib/process.h"

#define SKIP_UNLESS(d) \
        if (!(d))      \
        return

#define ADOPT_MS 1000
#define READ_MS  30

static guint number(const char *variable, guint otherwise)
{
        const char *text = g_getenv(variable);
        return text ? (guint)g_ascii_strtoull(text, NULL, 10) : otherwise;
}

static double ms_since(gint64 us)
{
        return (double)(g_get_monotonic_time() - us) / 1000;
}

/* ---- figures ---- */

static gint ascending(gconstpointer a, gconstpointer b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return x < y ? -1 : x > y;
}

static double percentile(GArray *values, double part)
{
        g_array_sort(values, ascending);
        return values->len ? g_array_index(values, double, MIN((guint)(part * values->len), values->len - 1))
                           : 0;
}

static void tell(const char *what, GArray *values)
{
        g_test_message("%s: n %u, median %.1f ms, p99 %.1f ms, max %.1f ms", what, values->len,
                       percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1));
}

/* ---- guests ---- */

/* @n transient guests, standing still.  FALSE after g_test_skip(). */
static gboolean start_guests(DmTestDriver *t, guint n)
{
        g_autoptr(GError) error = NULL;
        for (guint i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("g%u", i), *xml = dm_test_xml(t, "x86_64-pc", name);
                if (!xml)
                        return FALSE;
                g_autoptr(DomusDomain) d = domus_create(t->conn, xml, DOMUS_CREATE_PAUSED, NULL, &error);
                g_assert_no_error(error);
        }
        return TRUE;
}

static GPtrArray *list_of(DmTestDriver *t, guint n)
{
        g_autoptr(GError) error = NULL;
        GPtrArray *list = domus_conn_list(t->conn, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(list->len, ==, n);
        return list;
}

static DomusInfo info_of(DomusDomain *d)
{
        g_autoptr(GError) error = NULL;
        DomusInfo info;
        domus_domain_info(d, &info, &error);
        g_assert_no_error(error);
        return info;
}

static void destroy_all(DmTestDriver *t, guint n)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = list_of(t, n);
        for (guint i = 0; i < n; i++)
                if (!domus_domain_destroy(list->pdata[i], DOMUS_DESTROY_FORCE, NULL, &error))
                        g_error("%s", error->message);
}

/* ---- killed ---- */

static void kill_owner(DmTestDriver *t)
{
        dm_process_signal(&t->domusd, SIGKILL);
        test_wait(&t->domusd);
        dm_process_clear(&t->domusd);
        t->domusd.pidfd = -1;
        g_clear_pointer(&t->conn, domus_conn_unref);
}

/* All are there, as they were, and one of them hears. */
static void check_adopted(DmTestDriver *t, guint n, const int *pids, guint round)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = list_of(t, n);
        for (guint i = 0; i < n; i++) {
                DomusInfo info = info_of(list->pdata[i]);
                g_assert_cmpint(info.pid, ==, pids[i]);
                g_assert_cmpint(info.state, ==, DOMUS_STATE_PAUSED);
                g_assert_cmpint(info.unresponsive_us, ==, 0);
        }
        g_assert_true(domus_domain_resume(list->pdata[round % n], NULL, &error));
        g_assert_true(domus_domain_suspend(list->pdata[round % n], NULL, &error));
}

static void test_killed_often(void)
{
        const guint n = number("DOMUS_GUESTS", 6), rounds = number("DOMUS_ROUNDS", 4);
        g_autoptr(DmTestDriver) t = dm_test_driver_new_kind(DM_TEST_REMOTE);
        SKIP_UNLESS(start_guests(t, n));
        g_autofree int *pids = g_new(int, n);
        g_autoptr(GPtrArray) list = list_of(t, n);
        for (guint i = 0; i < n; i++)
                pids[i] = info_of(list->pdata[i]).pid;
        g_ptr_array_set_size(list, 0); /* names keep their connection */
        g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
        for (guint round = 0; round < rounds; round++) {
                kill_owner(t);
                gint64 begin = g_get_monotonic_time();
                dm_test_driver_open(t);
                double ms = ms_since(begin);
                g_array_append_val(times, ms);
                check_adopted(t, n, pids, round);
        }
        g_autofree char *what =
                g_strdup_printf("%u guests, owner killed: exec of the next one to all adopted", n);
        tell(what, times);
        g_assert_cmpfloat(percentile(times, 1), <=, ADOPT_MS);
        destroy_all(t, n);
}

/* ---- one that does not answer ---- */

/* List, state and XML of all, over the socket, for @seconds; each time is one read's. */
static void read_all(DmTestDriver *t, guint n, double seconds, GArray *times)
{
        gint64 until = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
        while (g_get_monotonic_time() < until) {
                gint64 begin = g_get_monotonic_time();
                g_autoptr(GPtrArray) list = list_of(t, n);
                double ms = ms_since(begin);
                g_array_append_val(times, ms);
                for (guint i = 0; i < n; i++) {
                        begin = g_get_monotonic_time();
                        info_of(list->pdata[i]);
                        ms = ms_since(begin);
                        g_array_append_val(times, ms);
                        begin = g_get_monotonic_time();
                        g_autofree char *xml = domus_domain_xml(list->pdata[i], 0, NULL);
                        ms = ms_since(begin);
                        g_array_append_val(times, ms);
                        g_assert_nonnull(xml);
                }
        }
}

static void await_responsive(DomusDomain *d, gboolean responsive)
{
        for (int i = 0; i < 600 && (info_of(d).unresponsive_us == 0) != responsive; i++)
                g_usleep(20000);
        g_assert_true((info_of(d).unresponsive_us == 0) == responsive);
}

static void test_hung(void)
{
        const guint n = MIN(number("DOMUS_GUESTS", 6), 30);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new_kind(DM_TEST_REMOTE);
        SKIP_UNLESS(start_guests(t, n));
        g_autoptr(GPtrArray) list = list_of(t, n);
        g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
        DomusDomain *sleeper = list->pdata[0], *doomed = list->pdata[1];
        int pid = info_of(sleeper).pid;
        kill(pid, SIGSTOP);
        kill(info_of(doomed).pid, SIGSTOP);
        const DomusCall call = { .timeout_ms = 200 };
        g_assert_false(domus_domain_resume(sleeper, &call, &error)); /* a job that waits for it */
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT);
        g_clear_error(&error);
        read_all(t, n, n > 10 ? 5 : 1, times);
        g_autofree char *what = g_strdup_printf("%u guests, 2 of them stopped: a read over the socket", n);
        tell(what, times);
        g_assert_cmpfloat(percentile(times, 0.99), <, READ_MS);
        await_responsive(sleeper, FALSE);
        gint64 begin = g_get_monotonic_time();
        g_assert_true(domus_domain_destroy(doomed, 0, NULL, &error));
        g_test_message("a stopped guest is destroyed in %.1f ms", ms_since(begin));
        g_assert_cmpfloat(ms_since(begin), <=, 1000);
        kill(pid, SIGCONT);
        await_responsive(sleeper, TRUE);
        g_assert_true(domus_domain_resume(sleeper, NULL, &error));
        g_ptr_array_set_size(list, 0);
        destroy_all(t, n - 1);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/owner/killed-often", test_killed_often);
        g_test_add_func("/daemon/owner/hung", test_hung);
        return g_test_run();
}
