/* The life of a guest through the API, on real guests under TCG. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/driver.h"
#include "util/file.h"
#include "util/process.h"

#define SKIP_UNLESS(d) \
        if (!(d))      \
        return

static void expect(int console, const char *text)
{
        g_autoptr(GString) transcript = g_string_new(NULL);
        gsize position = 0;
        if (!dm_guest_expect(console, text, 10000, transcript, &position))
                g_error("no '%s' on the console; it said: %s", text, transcript->str);
}

/* ---- states ---- */

static void test_states(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        int console = -1, reason = -1;
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "states", 0, &console);
        SKIP_UNLESS(d);
        g_assert_cmpint(dm_test_state(d, &reason), ==, DOMUS_STATE_RUNNING);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_RUNNING, reason), ==, "booted");
        g_assert_true(domus_domain_suspend(d, NULL, &error));
        g_assert_cmpint(dm_test_state(d, &reason), ==, DOMUS_STATE_PAUSED);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_PAUSED, reason), ==, "user");
        g_assert_true(domus_domain_suspend(d, NULL, &error)); /* twice is no error */
        g_assert_true(domus_domain_resume(d, NULL, &error));
        g_assert_cmpint(dm_test_state(d, &reason), ==, DOMUS_STATE_RUNNING);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_RUNNING, reason), ==, "unpaused");
        g_assert_true(dm_guest_type(console, "x"));
        expect(console, "x"); /* it really runs on */
        g_assert_true(domus_domain_reset(d, NULL, &error));
        expect(console, "DOMUS-GUEST-READY");
        g_assert_true(domus_domain_reboot(d, NULL, &error)); /* asked to shut down, then started in place */
        expect(console, "DOMUS-GUEST-READY");
        g_assert_cmpint(dm_test_state(d, NULL), ==, DOMUS_STATE_RUNNING);
        g_assert_true(domus_domain_shutdown(d, NULL, &error));
        DomusExit end;
        DomusCall call = { .timeout_ms = 10000 };
        g_assert_true(domus_domain_wait(d, &call, &end, &error));
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, "shutdown");
        /* It was transient: its name is free, and it is no longer there. */
        DomusInfo info;
        g_assert_false(domus_domain_info(d, &info, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND);
        close(console);
}

static void test_paused_start(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        int console = -1;
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "paused", DOMUS_CREATE_PAUSED, &console);
        SKIP_UNLESS(d);
        g_assert_cmpint(dm_test_state(d, NULL), ==, DOMUS_STATE_PAUSED);
        g_assert_true(domus_domain_resume(d, NULL, &error));
        expect(console, "DOMUS-GUEST-READY");
        close(console);
}

static void test_lookup_and_xml(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "found", DOMUS_CREATE_PAUSED, NULL);
        SKIP_UNLESS(d);
        DomusInfo info;
        g_assert_true(domus_domain_info(d, &info, &error));
        g_assert_cmpint(info.id, ==, 1);
        g_assert_cmpint(info.pid, >, 1);
        g_autoptr(DomusDomain) by_name = domus_lookup_name(t->conn, "found", &error);
        g_autoptr(DomusDomain) by_uuid = domus_lookup_uuid(t->conn, domus_domain_uuid(d), &error);
        g_autoptr(DomusDomain) by_id = domus_lookup_id(t->conn, 1, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(domus_domain_uuid(by_name), ==, domus_domain_uuid(d));
        g_assert_cmpstr(domus_domain_name(by_uuid), ==, "found");
        g_assert_cmpstr(domus_domain_name(by_id), ==, "found");
        g_assert_null(domus_lookup_name(t->conn, "lost", &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND);
        g_clear_error(&error);
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        g_assert_cmpuint(list->len, ==, 1);
        g_autofree char *live = domus_domain_xml(d, 0, &error);
        g_autofree char *inactive = domus_domain_xml(d, DOMUS_XML_INACTIVE, &error);
        g_assert_nonnull(strstr(live, "id='1'>"));
        g_assert_nonnull(strstr(live, "/dev/pts/"));
        g_assert_null(strstr(inactive, "id='1'>"));
        g_assert_null(strstr(inactive, "/dev/pts/"));
        /* Name and uuid are taken. */
        g_autofree char *again = dm_test_xml(t, "x86_64-pc", "found");
        g_assert_null(domus_create(t->conn, again, 0, NULL, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_EXISTS);
        g_assert_nonnull(strstr(error->message, "'found' exists already"));
}

static void test_process_rules(void)
{
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "rules", DOMUS_CREATE_PAUSED, NULL);
        SKIP_UNLESS(d);
        DomusInfo info;
        g_assert_true(domus_domain_info(d, &info, NULL));
        g_autofree char *path = g_strdup_printf("/proc/%d/status", info.pid), *status = NULL;
        gsize length;
        g_assert_true(dm_file_read(path, 65536, &status, &length, NULL));
        g_assert_nonnull(strstr(status, "\nCapEff:\t0000000000000000"));
        g_assert_nonnull(strstr(status, "\nCapPrm:\t0000000000000000"));
        g_assert_nonnull(strstr(status, "\nNoNewPrivs:\t1"));
        g_assert_nonnull(strstr(status, "\nSeccomp:\t2")); /* QEMU's own sandbox */
        g_autofree char *uid = g_strdup_printf("\nUid:\t%u\t%u", getuid(), getuid());
        g_assert_nonnull(strstr(status, uid));
        /* QEMU inherits 0, 1, 2 and the monitor; what else is open it has opened itself. */
        g_autofree char *fd3 = g_strdup_printf("/proc/%d/fd/3", info.pid);
        g_autofree char *target = g_file_read_link(fd3, NULL);
        g_assert_true(target && g_str_has_prefix(target, "socket:"));
}

/* ---- destroy ---- */

static void test_destroy(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        static const unsigned flags[] = { 0, DOMUS_DESTROY_FORCE };
        for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
                g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "doomed", 0, NULL);
                SKIP_UNLESS(d);
                g_assert_true(domus_domain_destroy(d, flags[i], NULL, &error));
                DomusExit end;
                g_assert_true(domus_domain_wait(d, NULL, &end, &error)); /* it is over: returns at once */
                g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, "destroyed");
                g_assert_false(domus_domain_destroy(d, 0, NULL, &error));
                g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND);
                g_clear_error(&error);
        }
}

/* A stopped QEMU answers nothing: reads go on, it is flagged, and it can be destroyed. */
static void test_hung(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) hung = dm_test_boot(t, "x86_64-pc", "hung", 0, NULL);
        SKIP_UNLESS(hung);
        g_autoptr(DomusDomain) well = dm_test_boot(t, "x86_64-pc", "well", 0, NULL);
        DomusInfo info;
        g_assert_true(domus_domain_info(hung, &info, &error));
        kill(info.pid, SIGSTOP);
        gint64 stopped = g_get_monotonic_time(), slowest = 0;
        do {
                gint64 before = g_get_monotonic_time();
                g_autofree char *xml = domus_domain_xml(hung, 0, &error);
                g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
                g_assert_true(xml && list && domus_domain_info(hung, &info, &error));
                slowest = MAX(slowest, g_get_monotonic_time() - before);
                g_usleep(20000);
        } while (!info.unresponsive_us && g_get_monotonic_time() - stopped < 8 * G_USEC_PER_SEC);
        g_assert_cmpint(g_get_monotonic_time() - stopped, <, 6000000);
        g_assert_cmpint(slowest, <, 100000);
        /* A call on it ends at its deadline, the other guest does not notice. */
        DomusCall call = { .timeout_ms = 300 };
        g_assert_false(domus_domain_suspend(hung, &call, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT);
        g_clear_error(&error);
        g_assert_true(domus_domain_suspend(well, &call, &error));
        gint64 before = g_get_monotonic_time();
        g_assert_true(domus_domain_destroy(hung, 0, NULL, &error));
        g_assert_cmpint(g_get_monotonic_time() - before, <, 1000000);
}

static void test_recovers(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "sleeper", 0, NULL);
        SKIP_UNLESS(d);
        DomusInfo info;
        g_assert_true(domus_domain_info(d, &info, &error));
        kill(info.pid, SIGSTOP);
        for (int i = 0; i < 400 && !info.unresponsive_us; i++) {
                g_usleep(20000);
                g_assert_true(domus_domain_info(d, &info, &error));
        }
        g_assert_cmpint(info.unresponsive_us, !=, 0);
        kill(info.pid, SIGCONT);
        for (int i = 0; i < 400 && info.unresponsive_us; i++) {
                g_usleep(20000);
                g_assert_true(domus_domain_info(d, &info, &error));
        }
        g_assert_cmpint(info.unresponsive_us, ==, 0);
        g_assert_true(domus_domain_suspend(d, NULL, &error));
}

/* destroy works while another call hangs on the same QEMU. */
static void on_suspend_ended(DomusDomain *d G_GNUC_UNUSED, const GError *error, void *data)
{
        *(int *)data = error ? error->code : -1;
}

static void test_destroy_behind_hanging_job(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "stuck", 0, NULL);
        SKIP_UNLESS(d);
        DomusInfo info;
        g_assert_true(domus_domain_info(d, &info, &error));
        kill(info.pid, SIGSTOP);
        int ended = 0;
        DomusCall call = { .done = on_suspend_ended, .data = &ended };
        g_assert_true(domus_domain_suspend(d, &call, &error)); /* no deadline: it waits for QEMU */
        g_usleep(100000);
        gint64 before = g_get_monotonic_time();
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_assert_cmpint(g_get_monotonic_time() - before, <, 1000000);
        while (!ended)
                g_main_context_iteration(NULL, TRUE);
        g_assert_cmpint(ended, ==, DOMUS_ERROR_GONE);
}

/* ---- ends that nobody asked for ---- */

static void test_killed_from_outside(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "victim", 0, NULL);
        SKIP_UNLESS(d);
        DomusInfo info;
        g_assert_true(domus_domain_info(d, &info, &error));
        kill(info.pid, SIGKILL);
        DomusCall call = { .timeout_ms = 5000 };
        DomusExit end;
        g_assert_true(domus_domain_wait(d, &call, &end, &error));
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, "crashed");
        g_assert_cmpint(end.signal, ==, SIGKILL);
        g_assert_nonnull(strstr(end.message, "killed by signal 9"));
}

/* ---- starts that fail ---- */

static void assert_nothing_left(DmTestDriver *t)
{
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, NULL);
        g_assert_cmpuint(list->len, ==, 0);
}

static void test_qemu_refuses(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        /* A kernel that is none: QEMU says so and ends. */
        g_autofree char *kernel = g_build_filename(t->root, "kernel", NULL);
        g_assert_true(g_file_set_contents(kernel, "no kernel", -1, NULL));
        g_autofree char *xml =
                g_strdup_printf("<domain type='qemu'><name>refused</name><memory unit='MiB'>64</memory>"
                                "<os><type arch='m68k' machine='virt'>hvm</type><kernel>%s</kernel>"
                                "</os></domain>",
                                kernel);
        g_assert_null(domus_create(t->conn, xml, 0, NULL, &error));
        if (g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_UNSUPPORTED)) {
                g_test_skip("qemu-system-m68k is not installed");
                return;
        }
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_FAILED);
        g_assert_nonnull(
                strstr(error->message, "domain 'refused': QEMU exited with code 1 while it started: "));
        g_assert_nonnull(strstr(error->message, "could not load kernel"));
        assert_nothing_left(t);
}

static void test_cancelled(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autofree char *xml = dm_test_xml(t, "x86_64-pc", "cancelled");
        SKIP_UNLESS(xml);
        g_autoptr(GCancellable) cancel = g_cancellable_new();
        g_cancellable_cancel(cancel);
        DomusCall call = { .cancel = cancel };
        g_assert_null(domus_create(t->conn, xml, 0, &call, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_CANCELLED);
        assert_nothing_left(t);
}

static void test_bad_documents(void)
{
        static const struct {
                const char *xml;
                int code;
                const char *text;
        } cases[] = {
                { "<domain", DOMUS_ERROR_INVALID_XML, "not well-formed XML" },
                { "<domain type='qemu'><name>x</name><memory>1</memory><os><type>foo</type></os></domain>",
                  DOMUS_ERROR_INVALID_XML, "unknown os type 'foo'" },
                { "<domain type='qemu'><memory>1</memory><os><type>hvm</type></os></domain>",
                  DOMUS_ERROR_INVALID_XML, "missing element <name>" },
        };
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GError) error = NULL;
                g_assert_null(domus_create(t->conn, cases[i].xml, 0, NULL, &error));
                g_assert_error(error, DOMUS_ERROR, cases[i].code);
                g_assert_nonnull(strstr(error->message, cases[i].text));
                g_assert_cmpuint(domus_error_line(error), ==, 1);
        }
        assert_nothing_left(t);
}

/* ---- events ---- */

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *e, void *data)
{
        GString *s = data;
        g_string_append_printf(s, "%s/%d ", domus_event_name(e->type), e->detail);
}

static void test_events(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(GString) seen = g_string_new(NULL);
        guint id = domus_events_add(t->conn, NULL, on_event, seen, NULL, NULL);
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "watched", 0, NULL);
        SKIP_UNLESS(d);
        g_assert_true(domus_domain_suspend(d, NULL, &error));
        g_assert_true(domus_domain_resume(d, NULL, &error));
        g_assert_true(domus_domain_shutdown(d, NULL, &error));
        DomusCall call = { .timeout_ms = 10000 };
        g_assert_true(domus_domain_wait(d, &call, NULL, &error));
        while (g_main_context_iteration(NULL, FALSE))
                ;
        g_assert_cmpstr(seen->str, ==, "started/0 suspended/0 resumed/0 shutdown/1 stopped/0 ");
        domus_events_remove(t->conn, id);
}

/* ---- the connection ---- */

static void test_readonly(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusConn *ro = domus_open(t->uri, DOMUS_OPEN_READONLY, &error); /* the same driver */
        g_assert_no_error(error);
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "shared", DOMUS_CREATE_PAUSED, NULL);
        if (d) {
                g_autoptr(DomusDomain) same = domus_lookup_name(ro, "shared", &error);
                g_assert_no_error(error);
                g_assert_false(domus_domain_destroy(same, 0, NULL, &error));
                g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_DENIED);
                g_clear_error(&error);
                g_assert_cmpint(domus_domain_open_console(same, NULL, 0, &error), ==, -1);
                g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_DENIED);
                g_clear_error(&error);
                g_assert_null(domus_domain_xml(same, DOMUS_XML_SECURE, &error));
                g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_DENIED);
        }
        domus_conn_unref(ro);
}

static void test_uris(void)
{
        static const struct {
                const char *uri, *text;
        } cases[] = {
                { "xen:///", "uri 'xen:///' is not known" },
                { "qemu:///embed", "root= must be an absolute path" },
                { "qemu:///embed?root=relative", "root= must be an absolute path" },
                { "qemu:///embed?root=/tmp&colour=red", "unknown parameter 'colour'" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GError) error = NULL;
                g_assert_null(domus_open(cases[i].uri, 0, &error));
                g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_INVALID_ARG);
                g_assert_nonnull(strstr(error->message, cases[i].text));
        }
}

static void test_many(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(GPtrArray) guests = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (int i = 0; i < 20; i++) {
                g_autofree char *name = g_strdup_printf("many%d", i);
                DomusDomain *d = dm_test_boot(t, "x86_64-pc", name, DOMUS_CREATE_PAUSED, NULL);
                SKIP_UNLESS(d);
                g_ptr_array_add(guests, d);
        }
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        g_assert_cmpuint(list->len, ==, 20);
        for (guint i = 0; i < list->len; i++) /* by id, so by age */
                g_assert_cmpstr(domus_domain_name(list->pdata[i]), ==, domus_domain_name(guests->pdata[i]));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        dm_test_add_both("/driver/lifecycle", "states", test_states);
        dm_test_add_both("/driver/lifecycle", "paused-start", test_paused_start);
        dm_test_add_both("/driver/lifecycle", "lookup-and-xml", test_lookup_and_xml);
        dm_test_add_both("/driver/lifecycle", "process-rules", test_process_rules);
        dm_test_add_both("/driver/lifecycle", "destroy", test_destroy);
        dm_test_add_both("/driver/lifecycle", "hung", test_hung);
        dm_test_add_both("/driver/lifecycle", "recovers", test_recovers);
        dm_test_add_both("/driver/lifecycle", "destroy-behind-hanging-job", test_destroy_behind_hanging_job);
        dm_test_add_both("/driver/lifecycle", "killed-from-outside", test_killed_from_outside);
        dm_test_add_both("/driver/lifecycle", "qemu-refuses", test_qemu_refuses);
        dm_test_add_both("/driver/lifecycle", "cancelled", test_cancelled);
        dm_test_add_both("/driver/lifecycle", "bad-documents", test_bad_documents);
        dm_test_add_both("/driver/lifecycle", "events", test_events);
        dm_test_add_both("/driver/lifecycle", "readonly", test_readonly);
        g_test_add_func("/driver/lifecycle/uris", test_uris);
        dm_test_add_both("/driver/lifecycle", "many", test_many);
        return g_test_run();
}
