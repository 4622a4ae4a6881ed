#include "lib/driver.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "driver/owner.h"
#include "lib/process.h"
#include "util/file.h"

/* $DOMUS_TEST_CACHE, or a folder in the temporary directory that lives as long as this process. */
static char *cache_dir(const char *root)
{
        const char *shared = g_getenv("DOMUS_TEST_CACHE");
        return shared ? g_strdup(shared) : g_build_filename(root, "cache", NULL);
}

/* Of the test that runs: set by dm_test_add_both()'s wrappers. */
static DmTestKind current_kind;

char *dm_test_domusd_program(void)
{
        const char *build = g_getenv("DOMUS_BUILD");
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *folder = g_path_get_dirname(self);
        g_autofree char *program = build ? g_build_filename(build, "domusd", NULL)
                                         : g_build_filename(folder, "..", "..", "domusd", NULL);
        return g_canonicalize_filename(program, NULL);
}

static void start_domusd(DmTestDriver *t)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *program = dm_test_domusd_program(), *root = g_build_filename(t->root, "r", NULL),
                        *cache = cache_dir(t->root);
        int ends[2];
        g_assert_true(g_unix_open_pipe(ends, FD_CLOEXEC, NULL));
        DmSpawn s = test_spawn_init(WORDS(program, "--root", root, "--cache", cache, "--ready-fd", "3"));
        const DmSpawnFd fds[] = { { STDERR_FILENO, STDERR_FILENO }, { ends[1], 3 } };
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        t->domusd = test_spawn(&s);
        close(ends[1]);
        dm_owner_await(ends[0], 60000, NULL, &error);
        g_assert_no_error(error);
        close(ends[0]);
}

void dm_test_driver_open(DmTestDriver *t)
{
        g_autoptr(GError) error = NULL;
        if (t->kind == DM_TEST_REMOTE)
                start_domusd(t);
        t->conn = domus_open(t->uri, 0, &error);
        g_assert_no_error(error);
}

void dm_test_driver_close(DmTestDriver *t)
{
        g_clear_pointer(&t->conn, domus_conn_unref);
        if (t->domusd.pidfd < 0)
                return;
        dm_process_signal(&t->domusd, SIGTERM);
        DmExit e = test_wait(&t->domusd);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 0);
        dm_process_clear(&t->domusd);
}

void dm_test_driver_reopen(DmTestDriver *t)
{
        dm_test_driver_close(t);
        dm_test_driver_open(t);
}

DmTestDriver *dm_test_driver_new_kind(DmTestKind kind)
{
        g_autoptr(GError) error = NULL;
        DmTestDriver *t = g_new0(DmTestDriver, 1);
        t->kind = kind;
        t->domusd.pidfd = -1;
        t->root = g_dir_make_tmp("domus-test-XXXXXX", &error);
        g_assert_no_error(error);
        g_autofree char *cache = cache_dir(t->root);
        t->uri = kind == DM_TEST_REMOTE
                         ? g_strdup_printf("qemu+unix:///system?socket=%s/r/domusd-sock", t->root)
                         : g_strdup_printf("qemu:///embed?root=%s/r&cache=%s", t->root, cache);
        dm_test_driver_open(t);
        return t;
}

DmTestDriver *dm_test_driver_new(void)
{
        return dm_test_driver_new_kind(current_kind);
}

static void run_embedded(gconstpointer test)
{
        ((void (*)(void))test)();
}

static void run_remote(gconstpointer test)
{
        current_kind = DM_TEST_REMOTE;
        ((void (*)(void))test)();
        current_kind = DM_TEST_EMBEDDED;
}

void dm_test_add_both(const char *path, const char *name, void (*test)(void))
{
        g_autofree char *embedded = g_strdup_printf("%s/embedded/%s", path, name),
                        *remote = g_strdup_printf("%s/remote/%s", path, name);
        g_test_add_data_func(embedded, (gconstpointer)test, run_embedded);
        g_test_add_data_func(remote, (gconstpointer)test, run_remote);
}

/* Fails when a QEMU of this root has outlived its driver: every run directory must be gone. */
static void check_nothing_left(const DmTestDriver *t)
{
        g_autofree char *run = g_build_filename(t->root, "r", "run", NULL);
        g_autoptr(GDir) dir = g_dir_open(run, 0, NULL);
        const char *left = dir ? g_dir_read_name(dir) : NULL;
        g_assert_cmpstr(left, ==, NULL);
}

void dm_test_driver_free(DmTestDriver *t)
{
        if (!t)
                return;
        dm_test_driver_close(t);
        check_nothing_left(t);
        dm_remove_tree(t->root, NULL);
        g_free(t->root);
        g_free(t->uri);
        g_free(t);
}

/* Puts @name in the place of the document's own. */
static char *rename_document(const char *xml, const char *name)
{
        const char *start = strstr(xml, "<name>"), *end = strstr(xml, "</name>");
        g_assert_true(start && end);
        g_autofree char *head = g_strndup(xml, (gsize)(start - xml));
        return g_strdup_printf("%s<name>%s%s", head, name, end);
}

char *dm_test_xml(DmTestDriver *t, const char *board, const char *name)
{
        g_autoptr(GError) error = NULL;
        const DmGuestBoard *b = dm_guest_board(board);
        g_autofree char *reason = NULL;
        if (!dm_guest_available(b, &reason)) {
                g_test_skip(reason);
                return NULL;
        }
        g_autofree char *dir = g_build_filename(t->root, name ? name : board, NULL);
        g_assert_true(dm_make_dirs(dir, 0700, NULL));
        g_autofree char *xml = dm_guest_board_xml(b, dir, &error);
        g_assert_no_error(error);
        return name ? rename_document(xml, name) : g_steal_pointer(&xml);
}

DomusDomain *dm_test_boot(DmTestDriver *t, const char *board, const char *name, unsigned flags,
                          int *ret_console)
{
        g_autoptr(GError) error = NULL;
        const DmGuestBoard *b = dm_guest_board(board);
        g_autofree char *xml = dm_test_xml(t, board, name);
        if (!xml)
                return NULL;
        DomusDomain *d = domus_create(t->conn, xml, flags | DOMUS_CREATE_AUTODESTROY, NULL, &error);
        g_assert_no_error(error);
        int console = domus_domain_open_console(d, NULL, DOMUS_CONSOLE_HISTORY, &error);
        g_assert_no_error(error);
        g_autoptr(GString) transcript = g_string_new(NULL);
        gsize position = 0;
        if (!(flags & DOMUS_CREATE_PAUSED) &&
            !dm_guest_expect(console, b->marker, b->deadline_s * 1000, transcript, &position))
                g_error("%s: no '%s' within %u s; it said: %s", board, b->marker, b->deadline_s,
                        transcript->str);
        if (ret_console)
                *ret_console = console;
        else
                close(console);
        return d;
}

DomusState dm_test_state(DomusDomain *domain, int *ret_reason)
{
        g_autoptr(GError) error = NULL;
        DomusInfo info;
        domus_domain_info(domain, &info, &error);
        g_assert_no_error(error);
        if (ret_reason)
                *ret_reason = info.reason;
        return info.state;
}

void dm_test_wait_state(DomusDomain *domain, DomusState state)
{
        gint64 until = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
        while (dm_test_state(domain, NULL) != state && g_get_monotonic_time() < until)
                g_usleep(1000);
        g_assert_cmpstr(domus_state_name(dm_test_state(domain, NULL)), ==, domus_state_name(state));
}
