/* For tests of domusd: the real program on a root of its own, and connections to it. */
#pragma once

#include <glib-unix.h>
#include <string.h>

#include "lib/guests.h"
#include "lib/process.h"
#include "rpc/connection.h"
#include "rpc/stream.h"
#include "util/fd.h"
#include "util/file.h"

#define READY_MS 20000 /* a loaded machine */
#define CALL_MS  60000

typedef struct TestDaemon {
        char *dir;
        DmProcess process;
} TestDaemon;

/* An event as it came. */
typedef struct Heard {
        gint32 callback, event, detail;
        char *name;
} Heard;

typedef struct TestClient {
        DmRpcConn *conn;
        GArray *heard; /* of Heard */
        gboolean gone;
} TestClient;

static inline char *daemon_program(void)
{
        const char *build = g_getenv("DOMUS_BUILD");
        if (build)
                return g_build_filename(build, "domusd", NULL);
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *folder = g_path_get_dirname(self);
        return g_build_filename(folder, "..", "..", "domusd", NULL);
}

static inline char *daemon_path(const TestDaemon *d, const char *name)
{
        return g_build_filename(d->dir, "r", name, NULL);
}

static inline int daemon_connect(const TestDaemon *d, const char *socket)
{
        g_autofree char *path = daemon_path(d, socket);
        gint64 until = g_get_monotonic_time() + READY_MS * 1000;
        for (;;) {
                g_autoptr(GError) error = NULL;
                int fd = dm_connect_unix(path, &error);
                if (fd >= 0)
                        return fd;
                if (g_get_monotonic_time() > until || !dm_process_alive(&d->process))
                        g_error("domusd does not listen: %s", error->message);
                g_usleep(2000);
        }
}

/* Also to start it again on the same root. */
static inline void daemon_start(TestDaemon *d, const char *option, const char *value)
{
        g_autofree char *program = daemon_program(), *root = g_build_filename(d->dir, "r", NULL);
        const char *shared = g_getenv("DOMUS_TEST_CACHE");
        g_autofree char *cache = shared ? g_strdup(shared) : g_build_filename(d->dir, "cache", NULL);
        char *words[] = { program, (char *)"--root", root,          (char *)"--cache",
                          cache,   (char *)option,   (char *)value, NULL };
        DmSpawn s = test_spawn_init(words);
        const DmSpawnFd errors[] = { { STDERR_FILENO, STDERR_FILENO } };
        s.fds = errors;
        s.n_fds = G_N_ELEMENTS(errors);
        d->process = test_spawn(&s);
}

static inline TestDaemon *daemon_new(const char *option, const char *value)
{
        g_autoptr(GError) error = NULL;
        TestDaemon *d = g_new0(TestDaemon, 1);
        d->dir = g_dir_make_tmp("domus-test-XXXXXX", &error);
        g_assert_no_error(error);
        daemon_start(d, option, value);
        return d;
}

/* SIGTERM: it must end in order. */
static inline void daemon_stop(TestDaemon *d)
{
        dm_process_signal(&d->process, SIGTERM);
        DmExit e = test_wait(&d->process);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 0);
        dm_process_clear(&d->process);
}

static inline void daemon_free(TestDaemon *d)
{
        if (d->process.pidfd >= 0)
                daemon_stop(d);
        g_autofree char *run = daemon_path(d, "run");
        g_autoptr(GDir) left = g_dir_open(run, 0, NULL);
        g_assert_cmpstr(left ? g_dir_read_name(left) : NULL, ==, NULL); /* no guest outlives its test */
        dm_remove_tree(d->dir, NULL);
        g_free(d->dir);
        g_free(d);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestDaemon, daemon_free)

/* ---- clients ---- */

static inline void on_event(DmRpcConn *conn G_GNUC_UNUSED, const DmRpcProc *proc, void *message, void *user)
{
        TestClient *c = user;
        g_assert_cmpint(proc->number, ==, DM_REMOTE_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
        const DmRpcDomainEventCallbackLifecycleMsg *m = message;
        Heard h = { m->callbackID, m->msg.event, m->msg.detail, g_strdup(m->msg.dom.name) };
        g_array_append_val(c->heard, h);
}

static inline void on_gone(DmRpcConn *conn G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED, void *user)
{
        ((TestClient *)user)->gone = TRUE;
}

static inline void heard_clear(gpointer p)
{
        g_free(((Heard *)p)->name);
}

static inline const DmRpcProc *remote(gint32 number)
{
        return dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, number);
}

static inline void client_ok(TestClient *c, gint32 number, const void *args, void *ret)
{
        g_autoptr(GError) error = NULL;
        const DmRpcVoid none = { 0 };
        dm_rpc_conn_call_wait(c->conn, remote(number), args ? args : &none, ret, CALL_MS, &error);
        g_assert_no_error(error);
}

static inline void client_fails(TestClient *c, gint32 number, const void *args, DmErrorCode code,
                                const char *text)
{
        g_autoptr(GError) error = NULL;
        const DmRpcVoid none = { 0 };
        g_assert_false(
                dm_rpc_conn_call_wait(c->conn, remote(number), args ? args : &none, NULL, CALL_MS, &error));
        test_assert_error(error, code, text);
}

static inline TestClient *client_connect(const TestDaemon *d, const char *socket)
{
        TestClient *c = g_new0(TestClient, 1);
        DmRpcHandlers handlers = { .event = on_event, .gone = on_gone, .user = c };
        c->heard = g_array_new(FALSE, FALSE, sizeof(Heard));
        g_array_set_clear_func(c->heard, heard_clear);
        int fd = daemon_connect(d, socket);
        g_assert_true(g_unix_set_fd_nonblocking(fd, TRUE, NULL));
        c->conn = dm_rpc_conn_new(fd, NULL, DM_RPC_CLIENT, &handlers);
        return c;
}

static inline TestClient *client_new(const TestDaemon *d, const char *socket)
{
        TestClient *c = client_connect(d, socket);
        const DmRpcConnectOpenArgs args = { (char *)"qemu:///system", 0 };
        client_ok(c, DM_REMOTE_CONNECT_OPEN, &args, NULL);
        return c;
}

static inline void client_free(TestClient *c)
{
        dm_rpc_conn_free(c->conn);
        g_array_unref(c->heard);
        g_free(c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestClient, client_free)

static inline gboolean client_tick(gpointer data G_GNUC_UNUSED)
{
        return G_SOURCE_CONTINUE;
}

/* Serves the connections until @done is so. */
#define CLIENT_UNTIL(done)                                                 \
        do {                                                               \
                gint64 until_us = g_get_monotonic_time() + CALL_MS * 1000; \
                guint tick = g_timeout_add(10, client_tick, NULL);         \
                while (!(done) && g_get_monotonic_time() < until_us)       \
                        g_main_context_iteration(NULL, TRUE);              \
                g_source_remove(tick);                                     \
                g_assert_true(done);                                       \
        } while (0)

/* ---- guests ---- */

/* The document of a guest; NULL after g_test_skip(). */
static inline char *guest_xml(const TestDaemon *d, const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *reason = NULL;
        const DmGuestBoard *board = dm_guest_board("x86_64-pc");
        if (!dm_guest_available(board, &reason)) {
                g_test_skip(reason);
                return NULL;
        }
        g_autofree char *xml = dm_guest_board_xml(board, d->dir, &error);
        g_assert_no_error(error);
        g_autofree char *element = g_strdup_printf("<name>%s</name>", name);
        GString *text = g_string_new(xml);
        g_string_replace(text, "<name>x86_64-pc</name>", element, 1);
        return g_string_free(text, FALSE);
}

static inline gint32 guest_state(TestClient *c, const DmRpcDomain *dom, gint32 *ret_reason)
{
        const DmRpcDomainFlags args = { *dom, 0 };
        DmRpcDomainGetStateRet ret = { 0 };
        client_ok(c, DM_REMOTE_DOMAIN_GET_STATE, &args, &ret);
        if (ret_reason)
                *ret_reason = ret.reason;
        return ret.state;
}
