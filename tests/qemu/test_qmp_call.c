/* Waiting on the QMP client: calls, pipelines, waits, cancelling, re-entrancy; the peer is a thread.  Last,
 * the same with the installed QEMU. */
#include "lib/process.h"
#include "lib/qmp_peer.h"
#include "qemu/qmp_client.h"
#include "util/error.h"
#include "util/fd.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define LONG_MS 60000 /* a deadline that no test reaches */

typedef struct Fixture {
        GMainContext *context;
        DmQmp *qmp;
        QmpPeer *peer;
        GCancellable *cancellable;
        GString *events; /* "NAME;" */
        gboolean gone;
} Fixture;

static void on_event(G_GNUC_UNUSED DmQmp *qmp, const char *name, G_GNUC_UNUSED const DmJson *data,
                     G_GNUC_UNUSED gint64 timestamp_us, void *user)
{
        Fixture *f = user;
        g_string_append_printf(f->events, "%s;", name);
}

static void on_gone(G_GNUC_UNUSED DmQmp *qmp, G_GNUC_UNUSED const GError *reason, void *user)
{
        Fixture *f = user;
        g_assert_false(f->gone);
        f->gone = TRUE;
}

static void set_up(Fixture *f, QmpPeerFn script)
{
        int fd;
        *f = (Fixture){ .context = g_main_context_new(), .cancellable = g_cancellable_new() };
        f->events = g_string_new(NULL);
        f->peer = qmp_peer_start(script, f, &fd);
        const DmQmpHandlers handlers = { .event = on_event, .gone = on_gone, .user = f };
        f->qmp = dm_qmp_new(fd, f->context, &handlers);
}

static void set_up_running(Fixture *f, QmpPeerFn script)
{
        g_autoptr(GError) error = NULL;
        set_up(f, script);
        g_assert_true(dm_qmp_handshake(f->qmp, LONG_MS, f->cancellable, &error));
        g_assert_no_error(error);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
}

static void fixture_clear(Fixture *f)
{
        dm_qmp_free(f->qmp);
        qmp_peer_free(f->peer);
        g_object_unref(f->cancellable);
        g_string_free(f->events, TRUE);
        g_main_context_unref(f->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

/* @error is @code with @part in its message; frees it. */
static void assert_error(GError **error, DmErrorCode code, const char *part)
{
        g_assert_error(*error, DM_ERROR, (int)code);
        if (!strstr((*error)->message, part))
                g_error("'%s' is not in: %s", part, (*error)->message);
        g_clear_error(error);
}

static void assert_text(const DmJson *j, const char *expected)
{
        g_autofree char *text = dm_json_to_string(j);
        g_assert_cmpstr(text, ==, expected);
}

/* ---- calls ---- */

static void script_calls(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        qmp_peer_event(peer, "FIRST", NULL);
        qmp_peer_reply(peer, qmp_peer_expect(peer, "query-status"), "{\"running\": true}");
        qmp_peer_event(peer, "SECOND", NULL);
        qmp_peer_error(peer, qmp_peer_expect(peer, "device_del"), "DeviceNotFound", "Device 'x' not found");
        guint64 slow = qmp_peer_expect(peer, "slow");
        guint64 next = qmp_peer_expect(peer, "next");
        qmp_peer_reply(peer, slow, "\"late\"");
        qmp_peer_reply(peer, next, "[1,2]");
        qmp_peer_expect(peer, "quit");
        qmp_peer_close(peer);
}

static void test_calls(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_calls);
        g_autoptr(DmJson) status = dm_qmp_call(f.qmp, "query-status", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        assert_text(status, "{\"running\":true}");
        g_assert_true(g_str_has_prefix(f.events->str, "FIRST;"));

        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "id", "x");
        g_assert_null(dm_qmp_call(f.qmp, "device_del", args, LONG_MS, NULL, &error));
        g_assert_cmpstr(dm_error_qmp_class(error), ==, "DeviceNotFound");
        assert_error(&error, DM_ERROR_FAILED, "QEMU refused 'device_del': Device 'x' not found");
        g_assert_cmpstr(f.events->str, ==, "FIRST;SECOND;");

        g_assert_null(dm_qmp_call(f.qmp, "slow", NULL, 20, NULL, &error));
        assert_error(&error, DM_ERROR_TIMED_OUT, "QEMU did not answer 'slow' within 20 ms; it may still be");
        g_autoptr(DmJson) next = dm_qmp_call(f.qmp, "next", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        assert_text(next, "[1,2]");

        g_assert_null(dm_qmp_call(f.qmp, "quit", NULL, LONG_MS, NULL, &error));
        assert_error(&error, DM_ERROR_GONE, "'quit' got no answer: QEMU closed its monitor connection");
        g_assert_true(f.gone);
        g_assert_null(dm_qmp_call(f.qmp, "more", NULL, LONG_MS, NULL, &error));
        assert_error(&error, DM_ERROR_GONE, "'more' was not sent: QEMU closed its monitor connection");
        g_assert_null(dm_qmp_call(f.qmp, "more", NULL, LONG_MS, NULL, NULL));
}

static void script_silent(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_expect(peer, "qmp_capabilities");
        qmp_peer_expect_eof(peer);
}

static void test_no_greeting(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up(&f, script_silent);
        g_assert_false(dm_qmp_handshake(f.qmp, 20, NULL, &error));
        assert_error(&error, DM_ERROR_TIMED_OUT, "QEMU did not answer 'qmp_capabilities' within 20 ms");
        g_assert_cmpint(dm_qmp_state(f.qmp), ==, DM_QMP_GREETING);
        g_clear_pointer(&f.qmp, dm_qmp_free);
}

static void script_cancelled_handshake(QmpPeer *peer, void *data)
{
        Fixture *f = data;
        guint64 id = qmp_peer_expect(peer, "qmp_capabilities");
        g_cancellable_cancel(f->cancellable);
        qmp_peer_expect(peer, "cont");
        qmp_peer_greet(peer);
        qmp_peer_reply(peer, id, "{}");
        qmp_peer_reply(peer, id + 1, "{}");
        qmp_peer_expect_eof(peer);
}

static void test_cancelled_handshake(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up(&f, script_cancelled_handshake);
        g_assert_false(dm_qmp_handshake(f.qmp, LONG_MS, f.cancellable, &error));
        assert_error(&error, DM_ERROR_CANCELLED,
                     "'qmp_capabilities' was cancelled; it may still be carried out");
        g_autoptr(DmJson) reply = dm_qmp_call(f.qmp, "cont", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(dm_qmp_state(f.qmp), ==, DM_QMP_RUNNING);
        g_clear_pointer(&f.qmp, dm_qmp_free);
}

/* ---- pipelines ---- */

#define MANY 500 /* more than one write takes */

static void script_pipelines(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        guint64 first = qmp_peer_expect(peer, "many");
        for (int i = 1; i < MANY; i++)
                g_assert_cmpuint(qmp_peer_expect(peer, "many"), ==, first + (guint64)i);
        for (guint64 i = MANY; i-- > 0;) {
                g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
                if (i % 7 == 0)
                        qmp_peer_event(peer, "E", NULL);
                if (i == 100)
                        qmp_peer_error(peer, first + i, "GenericError", "not this one");
                else
                        qmp_peer_reply(peer, first + i, number);
        }
        qmp_peer_reply(peer, qmp_peer_expect(peer, "a"), "\"a\"");
        qmp_peer_expect(peer, "b");
        qmp_peer_reply(peer, qmp_peer_expect(peer, "c"), "\"c\"");
        qmp_peer_expect_eof(peer);
}

static void test_pipelines(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_pipelines);
        DmQmpItem many[MANY] = { 0 };
        for (int i = 0; i < MANY; i++) {
                many[i].command = "many";
                many[i].args = dm_json_object_new();
                dm_json_add_int(many[i].args, "n", i);
        }
        g_assert_true(dm_qmp_pipeline(f.qmp, many, MANY, LONG_MS, NULL, &error));
        g_assert_no_error(error);
        for (int i = 0; i < MANY; i++) {
                gint64 n = -1;
                g_assert_true((many[i].reply != NULL) != (many[i].error != NULL));
                g_assert_cmpint(dm_json_to_i64(many[i].reply, &n), ==, i != 100);
                g_assert_cmpint(n, ==, i == 100 ? -1 : i);
        }
        g_assert_error(many[100].error, DM_ERROR, DM_ERROR_FAILED);
        g_assert_cmpuint(f.events->len, ==, 2 * ((MANY + 6) / 7));
        dm_qmp_items_clear(many, MANY);
        g_assert_null(many[0].reply);

        DmQmpItem some[] = { { .command = "a" }, { .command = "b" }, { .command = "c" } };
        g_assert_false(dm_qmp_pipeline(f.qmp, some, G_N_ELEMENTS(some), 100, NULL, &error));
        assert_error(&error, DM_ERROR_TIMED_OUT, "QEMU did not answer 'b' within 100 ms");
        assert_text(some[0].reply, "\"a\"");
        assert_text(some[2].reply, "\"c\"");
        g_assert_error(some[1].error, DM_ERROR, DM_ERROR_TIMED_OUT);
        dm_qmp_items_clear(some, G_N_ELEMENTS(some));
        g_assert_true(dm_qmp_pipeline(f.qmp, some, 0, LONG_MS, NULL, NULL));
        g_clear_pointer(&f.qmp, dm_qmp_free);
}

/* ---- cancelling ---- */

static void script_cancel(QmpPeer *peer, void *data)
{
        Fixture *f = data;
        qmp_peer_negotiate(peer);
        guint64 a = qmp_peer_expect(peer, "a"), b = qmp_peer_expect(peer, "b");
        qmp_peer_reply(peer, a, "1");
        g_cancellable_cancel(f->cancellable);
        guint64 c = qmp_peer_expect(peer, "c"); /* never came: what was cancelled before it was sent */
        qmp_peer_reply(peer, b, "2");
        qmp_peer_reply(peer, c, "3");
        qmp_peer_expect_eof(peer);
}

static void test_cancel(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_cancel);
        DmQmpItem items[] = { { .command = "a" }, { .command = "b" } };
        g_assert_false(dm_qmp_pipeline(f.qmp, items, 2, LONG_MS, f.cancellable, &error));
        assert_error(&error, DM_ERROR_CANCELLED, "was cancelled; it may still be carried out");
        g_assert_error(items[1].error, DM_ERROR, DM_ERROR_CANCELLED);
        dm_qmp_items_clear(items, 2);

        DmJson *args = dm_json_object_new();
        g_assert_null(dm_qmp_call(f.qmp, "never sent", args, LONG_MS, f.cancellable, &error));
        assert_error(&error, DM_ERROR_CANCELLED, "cancelled before waiting for never sent");

        g_autoptr(DmJson) c = dm_qmp_call(f.qmp, "c", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        assert_text(c, "3");
        g_clear_pointer(&f.qmp, dm_qmp_free);
}

/* ---- waiting for events ---- */

static void attach(Fixture *f, GSourceFunc callback, void *data)
{
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_callback(source, callback, data, NULL);
        g_source_attach(source, f->context);
}

static gboolean cancel_in_source(gpointer data)
{
        g_cancellable_cancel(((Fixture *)data)->cancellable);
        return G_SOURCE_REMOVE;
}

static gboolean saw_deleted(void *user)
{
        return strstr(((Fixture *)user)->events->str, "DEVICE_DELETED;") != NULL;
}

static gboolean saw_more(void *user)
{
        return strstr(((Fixture *)user)->events->str, "MORE;") != NULL;
}

static void script_events(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        qmp_peer_reply(peer, qmp_peer_expect(peer, "device_del"), "{}");
        qmp_peer_event(peer, "OTHER", NULL);
        qmp_peer_event(peer, "DEVICE_DELETED", "{\"path\": \"/x\"}");
        qmp_peer_expect(peer, "close-now");
        qmp_peer_close(peer);
}

static void test_wait_for_events(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_events);
        dm_json_unref(dm_qmp_call(f.qmp, "device_del", NULL, LONG_MS, NULL, &error));
        g_assert_true(dm_qmp_wait(f.qmp, saw_deleted, &f, "DEVICE_DELETED", LONG_MS, NULL, &error));
        g_assert_true(dm_qmp_wait(f.qmp, saw_deleted, &f, "DEVICE_DELETED", LONG_MS, NULL, &error));
        g_assert_no_error(error);
        g_assert_false(dm_qmp_wait(f.qmp, saw_more, &f, "'MORE'", 20, NULL, &error));
        assert_error(&error, DM_ERROR_TIMED_OUT, "the deadline of 20 ms passed while waiting for 'MORE'");
        attach(&f, cancel_in_source, &f);
        g_assert_false(dm_qmp_wait(f.qmp, saw_more, &f, "'MORE'", LONG_MS, f.cancellable, &error));
        assert_error(&error, DM_ERROR_CANCELLED, "cancelled while waiting for 'MORE'");
        dm_qmp_send(f.qmp, "close-now", NULL, LONG_MS, NULL, NULL);
        g_assert_false(dm_qmp_wait(f.qmp, saw_more, &f, "'MORE'", LONG_MS, NULL, &error));
        assert_error(&error, DM_ERROR_GONE,
                     "'MORE' cannot come any more: QEMU closed its monitor connection");
        g_assert_true(f.gone);
        g_assert_false(dm_qmp_wait(f.qmp, saw_more, &f, "'MORE'", LONG_MS, NULL, &error));
        assert_error(&error, DM_ERROR_GONE, "'MORE' cannot come any more");
}

/* ---- re-entrancy ---- */

typedef struct Nested {
        Fixture *f;
        GError *error;
        int calls;
} Nested;

static void script_nested(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        qmp_peer_expect(peer, "start");
        qmp_peer_event(peer, "E", NULL);
        qmp_peer_expect(peer, "from a callback");
        guint64 outer = qmp_peer_expect(peer, "outer");
        qmp_peer_event(peer, "E", NULL);
        qmp_peer_expect(peer, "from a callback");
        qmp_peer_reply(peer, outer, "{}");
        qmp_peer_expect_eof(peer);
}

static void call_in_event(DmQmp *qmp, G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const DmJson *data,
                          G_GNUC_UNUSED gint64 timestamp_us, void *user)
{
        Nested *n = user;
        n->calls++;
        g_assert_null(dm_qmp_call(qmp, "never", dm_json_object_new(), LONG_MS, NULL, &n->error));
        DmQmpItem items[] = { { .command = "never", .args = dm_json_object_new() }, { .command = "never" } };
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_qmp_pipeline(qmp, items, 2, LONG_MS, NULL, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_BUSY);
        g_assert_error(items[1].error, DM_ERROR, DM_ERROR_BUSY);
        dm_qmp_items_clear(items, 2);
        dm_qmp_send(qmp, "from a callback", NULL, LONG_MS, NULL, NULL);
}

static void test_call_in_a_callback(void)
{
        Fixture f = { .context = g_main_context_new() };
        Nested n = { .f = &f };
        int fd;
        f.peer = qmp_peer_start(script_nested, &f, &fd);
        const DmQmpHandlers handlers = { .event = call_in_event, .user = &n };
        f.qmp = dm_qmp_new(fd, f.context, &handlers);
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_qmp_handshake(f.qmp, LONG_MS, NULL, &error));
        dm_qmp_send(f.qmp, "start", NULL, LONG_MS, NULL, NULL);
        while (n.calls == 0) /* in a plain turn of the context; the next one comes inside a call */
                g_main_context_iteration(f.context, TRUE);
        assert_error(&n.error, DM_ERROR_BUSY, "waiting for never is not possible inside a callback");
        g_autoptr(DmJson) reply = dm_qmp_call(f.qmp, "outer", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(n.calls, ==, 2);
        assert_error(&n.error, DM_ERROR_BUSY, "waiting for never is not possible inside a callback");
        dm_qmp_free(f.qmp);
        qmp_peer_free(f.peer);
        g_main_context_unref(f.context);
}

static void script_one(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        guint64 outer = qmp_peer_expect(peer, "outer");
        qmp_peer_expect(peer, "go on");
        qmp_peer_reply(peer, outer, "{}");
        qmp_peer_expect_eof(peer);
}

/* A source of the same context, as an executor's or a timer's would be. */
static gboolean call_in_source(gpointer data)
{
        Nested *n = data;
        n->calls++;
        g_assert_null(dm_qmp_call(n->f->qmp, "never", NULL, LONG_MS, NULL, &n->error));
        dm_qmp_send(n->f->qmp, "go on", NULL, LONG_MS, NULL, NULL);
        return G_SOURCE_REMOVE;
}

static void test_call_in_a_wait(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_one);
        Nested n = { .f = &f };
        attach(&f, call_in_source, &n);
        g_autoptr(DmJson) reply = dm_qmp_call(f.qmp, "outer", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(n.calls, ==, 1);
        assert_error(&n.error, DM_ERROR_BUSY, "waiting for never is not possible inside another wait");
        g_clear_pointer(&f.qmp, dm_qmp_free);
}

static void script_until_eof(QmpPeer *peer, G_GNUC_UNUSED void *data)
{
        qmp_peer_negotiate(peer);
        qmp_peer_expect(peer, "outer");
        qmp_peer_expect_eof(peer);
}

static gboolean free_in_source(gpointer data)
{
        Fixture *f = data;
        g_clear_pointer(&f->qmp, dm_qmp_free);
        return G_SOURCE_REMOVE;
}

static void test_free_in_a_call(void)
{
        g_auto(Fixture) f;
        g_autoptr(GError) error = NULL;
        set_up_running(&f, script_until_eof);
        attach(&f, free_in_source, &f);
        g_assert_null(dm_qmp_call(f.qmp, "outer", NULL, LONG_MS, NULL, &error));
        assert_error(&error, DM_ERROR_GONE, "'outer' got no answer: the monitor connection was closed");
        g_assert_false(f.gone);
}

/* ---- QEMU ---- */

static DmProcess spawn_qemu(const char *program, int *ret_fd)
{
        int fds[2];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
        dm_autofd int theirs = fds[1];
        DmSpawn s = test_spawn_init(WORDS(program, "-S", "-no-user-config", "-nodefaults", "-display", "none",
                                          "-machine", "none", "-chardev", "socket,id=m,fd=3", "-mon",
                                          "chardev=m,mode=control"));
        const DmSpawnFd monitor = { .fd = theirs, .target = 3 };
        s.fds = &monitor;
        s.n_fds = 1;
        *ret_fd = fds[0];
        return test_spawn(&s);
}

static gboolean is_gone(void *user)
{
        return ((Fixture *)user)->gone;
}

static gboolean has_number(const DmJson *properties, guint64 number)
{
        for (gsize i = 0; i < dm_json_length(properties); i++)
                if (dm_json_get_u64(dm_json_at(properties, i), "default-value", 0) == number)
                        return TRUE;
        return FALSE;
}

static DmJson *typename(const char *name)
{
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "typename", name);
        return args;
}

/* What QEMU says about a thing that the test has just passed to it. */
static void check_descriptor(DmQmp *qmp)
{
        g_autoptr(GError) error = NULL;
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "fdname", "f");
        dm_json_unref(dm_qmp_call_fd(qmp, "getfd", args, dup(STDIN_FILENO), LONG_MS, NULL, &error));
        g_assert_no_error(error);
        for (int i = 0; i < 2; i++) {
                args = dm_json_object_new();
                dm_json_add_string(args, "fdname", "f");
                g_autoptr(DmJson) closed = dm_qmp_call(qmp, "closefd", args, LONG_MS, NULL, &error);
                g_assert_cmpint(closed != NULL, ==, i == 0);
        }
        assert_error(&error, DM_ERROR_FAILED, "QEMU refused 'closefd': ");
}

static void test_qemu(void)
{
        g_autofree char *program = g_find_program_in_path("qemu-system-x86_64");
        if (!program) {
                g_test_skip("qemu-system-x86_64 is not installed");
                return;
        }
        g_auto(Fixture) f = { .context = g_main_context_new(), .cancellable = g_cancellable_new() };
        f.events = g_string_new(NULL);
        int fd;
        g_auto(DmProcess) qemu = spawn_qemu(program, &fd);
        const DmQmpHandlers handlers = { .event = on_event, .gone = on_gone, .user = &f };
        f.qmp = dm_qmp_new(fd, f.context, &handlers);
        g_autoptr(GError) error = NULL;

        /* Everything is written before QEMU has even begun. */
        dm_qmp_start(f.qmp, LONG_MS, NULL, NULL);
        DmQmpItem items[] = {
                { .command = "query-version" },
                { .command = "device-list-properties", .args = typename("pcie-root-port") },
                { .command = "query-qmp-schema" },
                { .command = "device-list-properties", .args = typename("no-such-device") },
        };
        g_assert_true(dm_qmp_pipeline(f.qmp, items, G_N_ELEMENTS(items), LONG_MS, NULL, &error));
        g_assert_no_error(error);
        g_assert_cmpint(dm_qmp_state(f.qmp), ==, DM_QMP_RUNNING);
        gint64 major = dm_json_get_i64(dm_json_get(items[0].reply, "qemu"), "major", -1);
        g_assert_cmpint(major, >=, 2);
        g_assert_cmpint(major, ==,
                        dm_json_get_i64(dm_json_path(dm_qmp_greeting(f.qmp), "version.qemu"), "major", -2));
        g_assert_true(has_number(items[1].reply, G_MAXUINT64));
        g_assert_cmpuint(dm_json_length(items[2].reply), >, 500);
        g_assert_cmpstr(dm_error_qmp_class(items[3].error), ==, "DeviceNotFound");
        dm_qmp_items_clear(items, G_N_ELEMENTS(items));
        check_descriptor(f.qmp);

        /* A stopped QEMU answers late, and that disturbs nothing. */
        g_assert_cmpint(kill(qemu.pid, SIGSTOP), ==, 0);
        g_assert_null(dm_qmp_call(f.qmp, "query-status", NULL, 100, NULL, &error));
        assert_error(&error, DM_ERROR_TIMED_OUT, "QEMU did not answer 'query-status' within 100 ms");
        g_assert_cmpint(g_get_monotonic_time() - dm_qmp_last_reply_us(f.qmp), >=, 100000);
        g_assert_cmpint(kill(qemu.pid, SIGCONT), ==, 0);
        g_autoptr(DmJson) name = dm_qmp_call(f.qmp, "query-name", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        assert_text(name, "{}");
        g_assert_cmpuint(dm_qmp_unanswered(f.qmp), ==, 0);

        g_autoptr(DmJson) quit = dm_qmp_call(f.qmp, "quit", NULL, LONG_MS, NULL, &error);
        g_assert_no_error(error);
        g_assert_true(dm_qmp_wait(f.qmp, is_gone, &f, "the end", LONG_MS, NULL, &error));
        g_assert_cmpstr(f.events->str, ==, "SHUTDOWN;");
        DmExit end = test_wait(&qemu);
        g_assert_cmpint(end.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(end.value, ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/qmp-call/calls", test_calls);
        g_test_add_func("/qemu/qmp-call/no-greeting", test_no_greeting);
        g_test_add_func("/qemu/qmp-call/cancelled-handshake", test_cancelled_handshake);
        g_test_add_func("/qemu/qmp-call/pipelines", test_pipelines);
        g_test_add_func("/qemu/qmp-call/cancel", test_cancel);
        g_test_add_func("/qemu/qmp-call/wait", test_wait_for_events);
        g_test_add_func("/qemu/qmp-call/call-in-a-callback", test_call_in_a_callback);
        g_test_add_func("/qemu/qmp-call/call-in-a-wait", test_call_in_a_wait);
        g_test_add_func("/qemu/qmp-call/free-in-a-call", test_free_in_a_call);
        g_test_add_func("/qemu/qmp-call/qemu", test_qemu);
        return g_test_run();
}
