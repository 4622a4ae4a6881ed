/* Guests that outlive us: definitions, flags, adoption after the owner's death. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/driver.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/process.h"

#define SKIP_UNLESS(d) \
        if (!(d))      \
        return

static DomusDomain *define(DmTestDriver *t, const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = dm_test_xml(t, "x86_64-pc", name);
        if (!xml)
                return NULL;
        DomusDomain *d = domus_define(t->conn, xml, 0, NULL, &error);
        g_assert_no_error(error);
        return d;
}

static DomusInfo info_of(DomusDomain *d)
{
        g_autoptr(GError) error = NULL;
        DomusInfo info;
        domus_domain_info(d, &info, &error);
        g_assert_no_error(error);
        return info;
}

static DomusDomain *find(DmTestDriver *t, const char *name)
{
        g_autoptr(GError) error = NULL;
        DomusDomain *d = domus_lookup_name(t->conn, name, &error);
        g_assert_no_error(error);
        return d;
}

/* ---- definitions ---- */

static void test_define(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = define(t, "kept");
        SKIP_UNLESS(d);
        g_autofree char *uuid = g_strdup(domus_domain_uuid(d)), *xml = domus_domain_xml(d, 0, NULL);
        g_assert_true(domus_domain_set_autostart(d, TRUE, NULL, &error));
        DomusInfo info = info_of(d);
        g_assert_true(info.persistent && info.autostart && info.id == -1 &&
                      info.state == DOMUS_STATE_SHUTOFF);
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        d = find(t, "kept");
        g_assert_cmpstr(domus_domain_uuid(d), ==, uuid);
        g_assert_true(info_of(d).autostart);
        g_autofree char *again = domus_domain_xml(d, 0, NULL);
        g_assert_cmpstr(again, ==, xml); /* dump, store, load: a fixed point */
        /* It starts, ends, and is still defined. */
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        g_assert_cmpint(info_of(d).id, ==, 1);
        g_assert_false(domus_domain_start(d, 0, NULL, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_BAD_STATE);
        g_clear_error(&error);
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_assert_cmpint(info_of(d).state, ==, DOMUS_STATE_SHUTOFF);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        g_assert_cmpint(info_of(d).id, ==, 2); /* ids are not used again */
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_assert_true(domus_domain_undefine(d, NULL, &error));
        g_assert_null(domus_lookup_name(t->conn, "kept", NULL));
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        g_assert_null(domus_lookup_name(t->conn, "kept", NULL));
}

/* Starts a guest from a thread that only runs while no other wants to: the guest's own inherits that.
 * (Whoever is not root can't leave that policy again, so it is no thread that goes on.) */
static gpointer boot_idle(gpointer data)
{
        g_assert_cmpint(sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 }), ==, 0);
        return dm_test_boot(data, "x86_64-pc", "held", DOMUS_CREATE_PAUSED, NULL);
}

/* The last reference closes the root at once: a call that has returned holds on to nothing.  The guest's
 * thread only runs while this one waits, so it is caught wherever it stands when the caller is woken. */
static void test_close_is_complete(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autofree char *lock = g_build_filename(t->root, "r", "lock", NULL);
        cpu_set_t all, one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        g_assert_cmpint(sched_getaffinity(0, sizeof(all), &all), ==, 0);
        g_assert_cmpint(sched_setaffinity(0, sizeof(one), &one), ==, 0);
        DomusDomain *d = g_thread_join(g_thread_new("idle", boot_idle, t));
        if (d)
                g_assert_true(domus_domain_reset(d, NULL, &error));
        domus_domain_unref(d);
        domus_conn_unref(t->conn);
        dm_autofd int fd = open(lock, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
        dm_close_fd(&fd);
        g_assert_cmpint(sched_setaffinity(0, sizeof(all), &all), ==, 0);
        t->conn = domus_open(t->uri, 0, &error);
        g_assert_no_error(error);
}

static void test_transient_and_persistent(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = dm_test_boot(t, "x86_64-pc", "both", DOMUS_CREATE_PAUSED, NULL);
        SKIP_UNLESS(d);
        g_assert_false(info_of(d).persistent);
        /* Defining over a running transient guest makes it persistent … */
        g_autofree char *xml = domus_domain_xml(d, DOMUS_XML_INACTIVE, NULL);
        g_autoptr(DomusDomain) same = domus_define(t->conn, xml, 0, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(domus_domain_uuid(same), ==, domus_domain_uuid(d));
        DomusInfo info = info_of(d);
        g_assert_true(info.persistent && info.id == 1);
        /* … undefining makes it transient again, and it goes on. */
        g_assert_true(domus_domain_undefine(d, NULL, &error));
        info = info_of(d);
        g_assert_true(!info.persistent && info.id == 1);
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_assert_null(domus_lookup_name(t->conn, "both", NULL));
}

static void test_live_and_next(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = define(t, "twofold");
        SKIP_UNLESS(d);
        g_assert_true(domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, &error));
        g_autofree char *xml = domus_domain_xml(d, DOMUS_XML_INACTIVE, NULL);
        g_autoptr(GString) changed = g_string_new(xml);
        g_string_replace(changed, "</name>", "</name><title>next</title>", 1);
        g_autoptr(DomusDomain) same = domus_define(t->conn, changed->str, 0, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *live = domus_domain_xml(d, 0, NULL),
                        *next = domus_domain_xml(d, DOMUS_XML_INACTIVE, NULL);
        g_assert_null(strstr(live, "<title>"));
        g_assert_nonnull(strstr(next, "<title>next</title>"));
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_autofree char *now = domus_domain_xml(d, 0, NULL);
        g_assert_nonnull(strstr(now, "<title>next</title>"));
}

static void test_rename(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = define(t, "before");
        SKIP_UNLESS(d);
        g_autoptr(DomusDomain) other = define(t, "taken");
        g_assert_false(domus_domain_rename(d, "taken", NULL, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_EXISTS);
        g_clear_error(&error);
        g_assert_false(domus_domain_rename(d, "a/b", NULL, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_INVALID_ARG);
        g_clear_error(&error);
        g_assert_true(domus_domain_rename(d, "after", NULL, &error));
        g_assert_null(domus_lookup_name(t->conn, "before", NULL));
        g_autoptr(DomusDomain) found = find(t, "after");
        g_assert_cmpstr(domus_domain_uuid(found), ==, domus_domain_uuid(d));
        g_autofree char *xml = domus_domain_xml(found, 0, NULL);
        g_assert_nonnull(strstr(xml, "<name>after</name>"));
        dm_test_driver_reopen(t);
        g_autoptr(DomusDomain) again = find(t, "after");
        g_assert_cmpstr(domus_domain_uuid(again), ==, domus_domain_uuid(d));
}

static void test_clashes(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = define(t, "first");
        SKIP_UNLESS(d);
        g_autofree char *xml = domus_domain_xml(d, 0, NULL);
        g_autoptr(GString) other = g_string_new(xml);
        g_string_replace(other, "<name>first<", "<name>second<", 1);
        g_assert_null(domus_define(t->conn, other->str, 0, NULL, &error)); /* the uuid is first's */
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_EXISTS);
        g_clear_error(&error);
        g_string_assign(other, xml);
        g_autofree char *uuid = g_uuid_string_random();
        g_string_replace(other, domus_domain_uuid(d), uuid, 1);
        g_assert_null(domus_define(t->conn, other->str, 0, NULL, &error)); /* the name is first's */
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_EXISTS);
}

/* Each file of a root damaged: the others load, the message names the file, nothing is overwritten. */
static void test_damaged(void)
{
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        static const char *const damages[] = { "", "\0\0\0\0", "<domain", "<domain type='qemu'/>",
                                               "not xml" };
        DomusDomain *well = define(t, "well");
        SKIP_UNLESS(well);
        domus_domain_unref(well); /* a name keeps its connection open */
        for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
                DomusDomain *d = define(t, "hurt");
                g_autofree char *uuid = g_strdup(domus_domain_uuid(d));
                domus_domain_unref(d);
                g_autofree char *path = g_strdup_printf("%s/r/domains/%s.xml", t->root, uuid);
                g_autofree char *aside = g_strconcat(path, ".damaged", NULL), *kept = NULL;
                g_assert_true(g_file_set_contents(path, damages[i], i == 1 ? 4 : -1, NULL));
                dm_test_driver_reopen(t);
                g_assert_null(domus_lookup_name(t->conn, "hurt", NULL));
                g_auto(GStrv) messages = domus_conn_messages(t->conn);
                g_assert_cmpuint(g_strv_length(messages), ==, 1);
                g_assert_nonnull(strstr(messages[0], uuid));
                g_assert_true(g_file_get_contents(aside, &kept, NULL, NULL));
                g_autoptr(DomusDomain) other = find(t, "well");
        }
}

/* ---- adoption ---- */

/* Leaves the guests running: what a killed owner does, but in order. */
static void test_reopen_adopts(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = define(t, "adopted");
        SKIP_UNLESS(d);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        DomusInfo before = info_of(d);
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        d = find(t, "adopted");
        DomusInfo after = info_of(d);
        g_assert_cmpint(after.pid, ==, before.pid);
        g_assert_cmpint(after.id, ==, before.id);
        g_assert_cmpint(after.state, ==, DOMUS_STATE_RUNNING);
        int console = domus_domain_open_console(d, NULL, 0, &error);
        g_assert_no_error(error);
        g_assert_true(dm_guest_type(console, "y"));
        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;
        g_assert_true(dm_guest_expect(console, "y", 10000, said, &position));
        close(console);
        g_assert_true(domus_domain_suspend(d, NULL, &error));
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        d = find(t, "adopted");
        int reason = 0;
        g_assert_cmpint(dm_test_state(d, &reason), ==, DOMUS_STATE_PAUSED);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_PAUSED, reason), ==, "user");
        g_assert_true(domus_domain_resume(d, NULL, &error));
        g_assert_true(domus_domain_shutdown(d, NULL, &error)); /* the guest still hears us */
        DomusCall call = { .timeout_ms = 10000 };
        DomusExit end;
        g_assert_true(domus_domain_wait(d, &call, &end, &error));
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, "shutdown");
        domus_domain_unref(d);
}

static void test_died_meanwhile(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = define(t, "mortal");
        SKIP_UNLESS(d);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        g_auto(DmProcess) process = DM_PROCESS_INIT;
        g_assert_true(dm_process_open(info_of(d).pid, 0, &process, &error));
        domus_domain_unref(d);
        dm_test_driver_close(t);
        dm_process_signal(&process, SIGKILL);
        g_assert_true(dm_process_wait(&process, 10000, NULL));
        dm_test_driver_open(t);
        d = find(t, "mortal");
        g_assert_cmpint(info_of(d).state, ==, DOMUS_STATE_SHUTOFF);
        g_auto(GStrv) messages = domus_conn_messages(t->conn);
        g_assert_nonnull(strstr(messages[0], "'mortal': it ended while no driver ran"));
        g_assert_true(domus_domain_start(d, 0, NULL, &error)); /* and nothing of the old run is in the way */
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        domus_domain_unref(d);
}

/* A stopped QEMU is adopted without waiting for it, flagged, and recovers. */
static void test_adopts_hung(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = define(t, "frozen");
        SKIP_UNLESS(d);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        int pid = info_of(d).pid;
        domus_domain_unref(d);
        kill(pid, SIGSTOP);
        gint64 before = g_get_monotonic_time();
        dm_test_driver_reopen(t);
        g_assert_cmpint(g_get_monotonic_time() - before, <, DM_TEST_SLOWNESS * G_USEC_PER_SEC);
        d = find(t, "frozen");
        DomusInfo info = info_of(d);
        g_assert_cmpint(info.pid, ==, pid);
        g_assert_cmpint(info.state, ==, DOMUS_STATE_RUNNING); /* as it was noted */
        g_assert_cmpint(info.unresponsive_us, !=, 0);
        kill(pid, SIGCONT);
        for (int i = 0; i < 600 && info_of(d).unresponsive_us; i++)
                g_usleep(20000);
        g_assert_cmpint(info_of(d).unresponsive_us, ==, 0);
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        domus_domain_unref(d);
}

/* ---- history, autostart ---- */

static DomusRun last_run(DomusDomain *d, guint n)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) runs = domus_domain_runs(d, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(runs->len, ==, n);
        return n ? g_array_index(runs, DomusRun, n - 1) : (DomusRun){ 0 };
}

static void test_history(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = define(t, "past");
        SKIP_UNLESS(d);
        g_autofree char *uuid = g_strdup(domus_domain_uuid(d));
        last_run(d, 0);
        g_assert_true(domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, &error));
        DomusRun run = last_run(d, 1);
        DomusInfo info = info_of(d);
        g_assert_cmpint(run.started_us, ==, info.started_us);
        g_assert_cmpint(run.ended_us, ==, 0);
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        run = last_run(d, 1);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, run.end.reason), ==, "destroyed");
        g_assert_cmpint(run.started_us, ==, info.started_us);
        g_assert_cmpint(run.ended_us, >=, run.started_us);
        /* Killed from outside, and ended while no driver ran: the run that is open ends. */
        g_assert_true(domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, &error));
        g_auto(DmProcess) process = DM_PROCESS_INIT;
        g_assert_true(dm_process_open(info_of(d).pid, 0, &process, &error));
        gint64 started_us = info_of(d).started_us;
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        d = find(t, "past"); /* the clock is the wall's, which may be set by a little meanwhile */
        g_assert_cmpint(ABS(info_of(d).started_us - started_us), <, 200000);
        domus_domain_unref(d);
        dm_test_driver_close(t);
        dm_process_signal(&process, SIGKILL);
        g_assert_true(dm_process_wait(&process, 10000, NULL));
        dm_test_driver_open(t);
        d = find(t, "past");
        run = last_run(d, 2);
        g_assert_true(run.started_us && run.ended_us);
        g_assert_nonnull(strstr(run.end.message, "it ended while no driver ran"));
        for (int i = 0; i < 17; i++) { /* the file is bounded: the oldest are forgotten */
                g_assert_true(domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, &error));
                g_assert_true(domus_domain_destroy(d, DOMUS_DESTROY_FORCE, NULL, &error));
        }
        run = last_run(d, 16);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, run.end.reason), ==, "destroyed");
        g_assert_true(domus_domain_undefine(d, NULL, &error));
        g_autofree char *path = g_strdup_printf("%s/r/domains/%s.runs", t->root, uuid);
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        domus_domain_unref(d);
}

static void test_failed_start(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(DomusDomain) d = define(t, "unlucky");
        SKIP_UNLESS(d);
        g_autofree char *log = g_build_filename(t->root, "r", "log", NULL);
        g_assert_true(dm_remove_tree(log, NULL) && g_file_set_contents(log, "no directory", -1, NULL));
        g_assert_false(domus_domain_start(d, 0, NULL, &error));
        g_assert_nonnull(error);
        DomusRun run = last_run(d, 1);
        g_assert_cmpint(run.started_us, ==, 0);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, run.end.reason), ==, "failed");
        g_assert_nonnull(strstr(run.end.message, "unlucky"));
}

static void autostart_reopen(DmTestDriver *t)
{
        g_autoptr(GError) error = NULL;
        dm_test_driver_close(t);
        t->conn = domus_open(t->uri, DOMUS_OPEN_AUTOSTART, &error);
        g_assert_no_error(error);
}

/* Once for each boot, those that are marked; what can't be started is told, and stops no other. */
static void test_autostart(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autofree char *good = dm_test_xml(t, "x86_64-pc", "marked"),
                        *other = dm_test_xml(t, "x86_64-pc", "unmarked");
        SKIP_UNLESS(good && other);
        const char *const documents[] = {
                other, good,
                "<domain type='qemu'><name>broken</name><memory unit='MiB'>64</memory>"
                "<os><type arch='x86_64'>hvm</type><kernel>/nowhere/kernel</kernel></os></domain>"
        };
        for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
                g_autoptr(DomusDomain) d = domus_define(t->conn, documents[i], 0, NULL, &error);
                g_assert_no_error(error);
                g_assert_true(i == 0 || domus_domain_set_autostart(d, TRUE, NULL, &error));
        }
        dm_test_driver_reopen(t); /* not asked for: nothing starts */
        DomusDomain *d = find(t, "marked");
        g_assert_cmpint(info_of(d).id, ==, -1);
        domus_domain_unref(d);
        autostart_reopen(t);
        d = find(t, "marked");
        g_assert_cmpint(dm_test_state(d, NULL), ==, DOMUS_STATE_RUNNING);
        g_autoptr(DomusDomain) unmarked = find(t, "unmarked");
        g_assert_cmpint(info_of(unmarked).id, ==, -1);
        g_auto(GStrv) messages = domus_conn_messages(t->conn);
        g_assert_cmpuint(g_strv_length(messages), ==, 1);
        g_assert_nonnull(strstr(messages[0], "autostart: domain 'broken'"));
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        domus_domain_unref(d);
        g_clear_pointer(&unmarked, domus_domain_unref);
        autostart_reopen(t); /* the host has not booted since */
        d = find(t, "marked");
        g_assert_cmpint(info_of(d).id, ==, -1);
        domus_domain_unref(d);
}

/* ---- the owner is killed ---- */

/* Runs in a child: defines and starts guests, then waits to be killed.  Says "ready" on its standard output.
 */
static int be_owner(const char *uri, const char *folder, int n)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = domus_open(uri, 0, &error);
        for (int i = 0; conn && i < n; i++) {
                g_autofree char *path = g_strdup_printf("%s/%d.xml", folder, i), *xml = NULL;
                if (!g_file_get_contents(path, &xml, NULL, NULL))
                        return 1;
                g_autoptr(DomusDomain) d = domus_define(conn, xml, 0, NULL, &error);
                if (!d || !domus_domain_start(d, 0, NULL, &error))
                        break;
        }
        printf("%s\n", error ? error->message : "ready");
        fflush(stdout);
        pause();
        return 0;
}

static void test_owner_killed(void)
{
        const int n = 8;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        for (int i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("orphan%d", i),
                                *xml = dm_test_xml(t, "x86_64-pc", name);
                SKIP_UNLESS(xml);
                g_autofree char *path = g_strdup_printf("%s/%d.xml", t->root, i);
                g_assert_true(g_file_set_contents(path, xml, -1, NULL));
        }
        domus_conn_unref(t->conn); /* the child owns the root */
        t->conn = NULL;
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        char count[8];
        g_snprintf(count, sizeof count, "%d", n);
        char *words[] = { self, (char *)"--owner", t->uri, t->root, count, NULL };
        int pipe_fd = -1;
        GPid pid;
        g_assert_true(g_spawn_async_with_pipes(NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                                               NULL, &pipe_fd, NULL, &error));
        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;
        if (!dm_guest_expect(pipe_fd, "\n", 30000, said, &position) || !g_str_has_prefix(said->str, "ready"))
                g_error("the owner said: %s", said->str);
        g_assert_null(domus_open(t->uri, DOMUS_OPEN_OWNER, &error)); /* one process owns a root */
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_BUSY);
        g_clear_error(&error);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(pipe_fd);
        gint64 before = g_get_monotonic_time();
        t->conn = domus_open(t->uri, 0, &error);
        g_assert_no_error(error);
        g_test_message("%d guests adopted in %.0f ms", n, (double)(g_get_monotonic_time() - before) / 1000);
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        g_assert_cmpuint(list->len, ==, n);
        for (guint i = 0; i < list->len; i++) {
                g_assert_cmpint(dm_test_state(list->pdata[i], NULL), ==, DOMUS_STATE_RUNNING);
                g_assert_true(domus_domain_destroy(list->pdata[i], 0, NULL, &error));
                g_assert_true(domus_domain_undefine(list->pdata[i], NULL, &error));
        }
}

int main(int argc, char **argv)
{
        if (argc == 5 && strcmp(argv[1], "--owner") == 0)
                return be_owner(argv[2], argv[3], (int)g_ascii_strtoll(argv[4], NULL, 10));
        g_test_init(&argc, &argv, NULL);
        dm_test_add_both("/driver/persistent", "define", test_define);
        g_test_add_func("/driver/persistent/close-is-complete", test_close_is_complete);
        dm_test_add_both("/driver/persistent", "transient-and-persistent", test_transient_and_persistent);
        dm_test_add_both("/driver/persistent", "live-and-next", test_live_and_next);
        dm_test_add_both("/driver/persistent", "rename", test_rename);
        dm_test_add_both("/driver/persistent", "clashes", test_clashes);
        dm_test_add_both("/driver/persistent", "damaged", test_damaged);
        dm_test_add_both("/driver/persistent", "reopen-adopts", test_reopen_adopts);
        dm_test_add_both("/driver/persistent", "died-meanwhile", test_died_meanwhile);
        dm_test_add_both("/driver/persistent", "adopts-hung", test_adopts_hung);
        dm_test_add_both("/driver/persistent", "history", test_history);
        dm_test_add_both("/driver/persistent", "failed-start", test_failed_start);
        g_test_add_func("/driver/persistent/autostart", test_autostart);
        g_test_add_func("/driver/persistent/owner-killed", test_owner_killed);
        return g_test_run();
}
