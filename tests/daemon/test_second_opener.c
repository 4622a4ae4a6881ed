/* One process owns a root, others that open it are its clients and do not notice. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/driver.h"
#include "lib/process.h"

#define SKIP_UNLESS(d) \
        if (!(d))      \
        return

#define N_READERS 4

/* ---- the owner, a process of its own ---- */

/* Opens @uri, defines and starts what is in the files FOLDER/0.xml and so on, says "ready", and ends when its
 * standard input does. */
static int be_owner(const char *uri, const char *folder, int n)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = domus_open(uri, 0, &error);
        for (int i = 0; conn && i < n; i++) {
                g_autofree char *path = g_strdup_printf("%s/%d.xml", folder, i), *xml = NULL;
                if (!g_file_get_contents(path, &xml, NULL, NULL))
                        return 1;
                g_autoptr(DomusDomain) d = domus_define(conn, xml, 0, NULL, &error);
                if (!d || !domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, &error))
                        break;
        }
        printf("%s\n", error ? error->message : "ready");
        fflush(stdout);
        char byte;
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        domus_conn_unref(conn);
        return 0;
}

typedef struct Owner {
        GPid pid;
        int in, out;
} Owner;

static Owner owner_start(DmTestDriver *t, int n)
{
        g_autoptr(GError) error = NULL;
        Owner o = { 0 };
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL), *count = g_strdup_printf("%d", n);
        char *words[] = { self, (char *)"--owner", t->uri, t->root, count, NULL };
        g_assert_true(g_spawn_async_with_pipes(NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                               &o.pid, &o.in, &o.out, NULL, &error));
        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;
        if (!dm_guest_expect(o.out, "\n", 60000, said, &position) || !g_str_has_prefix(said->str, "ready"))
                g_error("the owner said: %s", said->str);
        return o;
}

static void owner_end(Owner *o, int signal)
{
        if (signal)
                kill(o->pid, signal);
        close(o->in);
        int status = 0;
        g_assert_cmpint(waitpid(o->pid, &status, 0), ==, o->pid);
        close(o->out);
        g_assert_true(signal ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A root whose driver is not open here, with documents of @n guests in files.  NULL after g_test_skip(). */
static DmTestDriver *root_new(int n)
{
        DmTestDriver *t = dm_test_driver_new();
        dm_test_driver_close(t);
        for (int i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("g%d", i), *xml = dm_test_xml(t, "x86_64-pc", name),
                                *path = g_strdup_printf("%s/%d.xml", t->root, i);
                if (!xml) {
                        dm_test_driver_free(t);
                        return NULL;
                }
                g_assert_true(g_file_set_contents(path, xml, -1, NULL));
        }
        return t;
}

static DomusConn *open_root(DmTestDriver *t, unsigned flags)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = domus_open(t->uri, flags, &error);
        g_assert_no_error(error);
        return conn;
}

static void end_all(DomusConn *conn)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = domus_conn_list(conn, &error);
        g_assert_no_error(error);
        for (guint i = 0; i < list->len; i++) {
                DomusInfo info;
                g_assert_true(domus_domain_info(list->pdata[i], &info, &error));
                g_assert_true(info.id < 0 || domus_domain_destroy(list->pdata[i], 0, NULL, &error));
                g_assert_true(!info.persistent || domus_domain_undefine(list->pdata[i], NULL, &error));
        }
}

/* ---- tests ---- */

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *e, void *data)
{
        g_string_append_printf(data, "%s ", domus_event_name(e->type));
        g_assert_cmpuint(e->epoch, >, 0);
}

static void test_joins(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = root_new(1);
        SKIP_UNLESS(t);
        Owner o = owner_start(t, 1);
        t->conn = open_root(t, 0);
        g_assert_cmpstr(domus_conn_uri(t->conn), ==, t->uri);
        g_autoptr(GString) seen = g_string_new(NULL);
        guint id = domus_events_add(t->conn, NULL, on_event, seen, NULL, NULL);
        DomusDomain *d = domus_lookup_name(t->conn, "g0", &error);
        g_assert_no_error(error);
        g_assert_cmpint(dm_test_state(d, NULL), ==, DOMUS_STATE_PAUSED);
        g_assert_true(domus_domain_resume(d, NULL, &error));
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        DomusExit end;
        g_assert_true(domus_domain_wait(d, NULL, &end, &error));
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, "destroyed");
        while (g_main_context_iteration(NULL, FALSE))
                ;
        g_assert_cmpstr(seen->str, ==, "resumed stopped ");
        domus_events_remove(t->conn, id);
        g_assert_null(domus_open(t->uri, DOMUS_OPEN_OWNER, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_BUSY);
        g_clear_error(&error);
        /* The owner closes: what was opened through it is lost, and whoever opens it next owns it. */
        owner_end(&o, 0);
        DomusInfo info;
        g_assert_false(domus_domain_info(d, &info, &error));
        test_assert_error(error, DM_ERROR_GONE, "is lost");
        g_assert_nonnull(strstr(error->message, "open it again"));
        domus_domain_unref(d);
        domus_conn_unref(t->conn);
        t->conn = open_root(t, DOMUS_OPEN_OWNER);
        end_all(t->conn);
}

typedef struct Reader {
        DomusConn *conn;
        guint reads;
        GError *error;
} Reader;

static gpointer read_on(gpointer data)
{
        Reader *r = data;
        while (!r->error) {
                g_autoptr(GPtrArray) list = domus_conn_list(r->conn, &r->error);
                for (guint i = 0; list && i < list->len && !r->error; i++) {
                        DomusInfo info;
                        if (domus_domain_info(list->pdata[i], &info, &r->error))
                                g_atomic_int_inc(&r->reads);
                }
        }
        return NULL;
}

static void on_wait_end(DomusDomain *domain G_GNUC_UNUSED, const GError *error, void *data)
{
        *(int *)data = error ? error->code : -1;
}

/* kill -9 while clients read: each hears it, nobody hangs, and opening again takes up the guests. */
static void test_owner_killed(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = root_new(4);
        SKIP_UNLESS(t);
        Owner o = owner_start(t, 4);
        t->conn = open_root(t, 0);
        Reader readers[N_READERS] = { 0 };
        GThread *threads[N_READERS];
        for (int i = 0; i < N_READERS; i++) {
                readers[i].conn = t->conn;
                threads[i] = g_thread_new("reader", read_on, &readers[i]);
        }
        DomusDomain *d = domus_lookup_name(t->conn, "g1", &error);
        int ended = 0;
        const DomusCall wait = { .done = on_wait_end, .data = &ended };
        g_assert_true(domus_domain_wait(d, &wait, NULL, &error));
        for (int i = 0; i < N_READERS; i++)
                while (g_atomic_int_get(&readers[i].reads) < 50)
                        g_usleep(1000);
        owner_end(&o, SIGKILL);
        for (int i = 0; i < N_READERS; i++) {
                g_thread_join(threads[i]);
                test_assert_error(readers[i].error, DM_ERROR_GONE, "is lost");
                g_clear_error(&readers[i].error);
        }
        while (!ended)
                g_main_context_iteration(NULL, TRUE);
        g_assert_cmpint(ended, ==, DOMUS_ERROR_GONE);
        domus_domain_unref(d);
        domus_conn_unref(t->conn);
        t->conn = open_root(t, 0);
        g_autoptr(GPtrArray) list = domus_conn_list(t->conn, &error);
        g_assert_cmpuint(list->len, ==, 4);
        for (guint i = 0; i < list->len; i++)
                g_assert_cmpint(dm_test_state(list->pdata[i], NULL), ==, DOMUS_STATE_PAUSED);
        end_all(t->conn);
}

/* ---- an owner that is left behind ---- */

static gpointer open_spawning(gpointer data)
{
        return open_root(data, DOMUS_OPEN_SPAWN_OWNER);
}

static void test_spawned(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = root_new(0);
        GThread *threads[N_READERS];
        DomusConn *conns[N_READERS];
        /* Several at once: one owner, and all are its clients. */
        for (int i = 0; i < N_READERS; i++)
                threads[i] = g_thread_new("opener", open_spawning, t);
        for (int i = 0; i < N_READERS; i++)
                conns[i] = g_thread_join(threads[i]);
        g_autofree char *xml = dm_test_xml(t, "x86_64-pc", "left");
        SKIP_UNLESS(xml);
        DomusDomain *d = domus_create(conns[0], xml, 0, NULL, &error);
        g_assert_no_error(error);
        for (int i = 0; i < N_READERS; i++) {
                g_autoptr(DomusDomain) same = domus_lookup_name(conns[i], "left", &error);
                g_assert_no_error(error);
                g_assert_cmpint(dm_test_state(same, NULL), ==, DOMUS_STATE_RUNNING);
        }
        domus_domain_unref(d);
        for (int i = 0; i < N_READERS; i++)
                domus_conn_unref(conns[i]);
        test_assert_no_zombie();
        /* Nobody is connected, a guest runs: the owner stays.  Any way of opening finds it. */
        g_assert_null(domus_open(t->uri, DOMUS_OPEN_OWNER, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_BUSY);
        g_clear_error(&error);
        DomusConn *again = open_root(t, 0);
        d = domus_lookup_name(again, "left", &error);
        g_assert_no_error(error);
        g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        domus_domain_unref(d);
        domus_conn_unref(again);
        /* Nothing is left to do: it ends by itself. */
        gint64 until = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
        while (!t->conn && g_get_monotonic_time() < until)
                t->conn = domus_open(t->uri, DOMUS_OPEN_OWNER, NULL);
        g_assert_nonnull(t->conn);
}

static void test_no_domusd(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = root_new(0);
        g_autofree char *kept = g_strdup(g_getenv("DOMUSD"));
        g_setenv("DOMUSD", "/nowhere/domusd", TRUE);
        g_assert_null(domus_open(t->uri, DOMUS_OPEN_SPAWN_OWNER, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "/nowhere/domusd");
        g_clear_error(&error);
        g_setenv("DOMUSD", "/bin/true", TRUE);
        g_assert_null(domus_open(t->uri, DOMUS_OPEN_SPAWN_OWNER, &error));
        test_assert_error(error, DM_ERROR_FAILED, "domusd ended without a word");
        if (kept)
                g_setenv("DOMUSD", kept, TRUE);
}

int main(int argc, char **argv)
{
        if (argc == 5 && strcmp(argv[1], "--owner") == 0)
                return be_owner(argv[2], argv[3], (int)g_ascii_strtoll(argv[4], NULL, 10));
        g_test_init(&argc, &argv, NULL);
        g_autofree char *program = dm_test_domusd_program();
        g_setenv("DOMUSD", program, TRUE);
        g_test_add_func("/daemon/second-opener/joins", test_joins);
        g_test_add_func("/daemon/second-opener/owner-killed", test_owner_killed);
        g_test_add_func("/daemon/second-opener/spawned", test_spawned);
        g_test_add_func("/daemon/second-opener/no-domusd", test_no_domusd);
        return g_test_run();
}
