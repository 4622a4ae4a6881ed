/* The QMP client as a state machine: handshake, bytes and lines, order, the end of the connection, garbage.
 */
#include "qemu/qmp_fixture.h"
#include "util/fd.h"

#include <sys/socket.h>

/* ---- handshake ---- */

static void test_handshake(void)
{
        g_autoptr(Fixture) f = set_up();
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_GREETING);
        g_assert_null(dm_qmp_greeting(f->qmp));
        dm_qmp_start(f->qmp, LONG_MS, on_reply, f);
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_GREETING);
        qmp_peer_greet(f->peer);
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_NEGOTIATING);
        g_assert_cmpint(dm_json_get_i64(dm_json_path(dm_qmp_greeting(f->qmp), "version.qemu"), "major", 0),
                        ==, 7);
        guint64 id = qmp_peer_expect(f->peer, "qmp_capabilities");
        assert_log(f, "");
        qmp_peer_reply(f->peer, id, "{}");
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
        assert_log(f, "reply {};");
        g_assert_cmpuint(dm_qmp_unanswered(f->qmp), ==, 0);
}

/* On a socket that keeps message boundaries each write is one message. */
static void test_pipelined_in_one_write(void)
{
        g_autoptr(GMainContext) context = g_main_context_new();
        int fds[2];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
        dm_autofd int peer = fds[1];
        g_autoptr(DmQmp) qmp = dm_qmp_new(fds[0], context, NULL);
        dm_qmp_cork(qmp);
        dm_qmp_start(qmp, LONG_MS, NULL, NULL);
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "path", "/machine");
        dm_qmp_send(qmp, "qom-list", args, LONG_MS, NULL, NULL);
        dm_qmp_cork(qmp);
        dm_qmp_send(qmp, "cont", NULL, LONG_MS, NULL, NULL);
        dm_qmp_uncork(qmp);
        char bytes[4096] = "";
        g_assert_cmpint(recv(peer, bytes, sizeof bytes - 1, MSG_DONTWAIT), ==, -1);
        dm_qmp_uncork(qmp);
        g_assert_cmpint(recv(peer, bytes, sizeof bytes - 1, MSG_DONTWAIT), >, 0);
        g_assert_cmpstr(bytes, ==,
                        "{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
                        "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine\"},\"id\":2}\n"
                        "{\"execute\":\"cont\",\"id\":3}\n");
        g_assert_cmpint(recv(peer, bytes, sizeof bytes - 1, MSG_DONTWAIT), ==, -1);
}

static void test_capabilities_refused(void)
{
        g_autoptr(Fixture) f = set_up();
        dm_qmp_start(f->qmp, LONG_MS, on_reply, f);
        say(f, "cont");
        qmp_peer_greet(f->peer);
        qmp_peer_error(f->peer, qmp_peer_expect(f->peer, "qmp_capabilities"), "GenericError",
                       "no such thing");
        pump(f);
        assert_log(
                f,
                "error gone 'qmp_capabilities' got no answer: QEMU refused 'qmp_capabilities': no such thing;"
                "error gone 'cont' got no answer: QEMU refused 'qmp_capabilities': no such thing;"
                "gone QEMU refused 'qmp_capabilities': no such thing;");
}

/* A QEMU that was stopped while the handshake's deadline passed goes on where it was. */
static void test_late_handshake(void)
{
        g_autoptr(Fixture) f = set_up();
        dm_qmp_start(f->qmp, 1, on_reply, f);
        while (f->log->len == 0)
                g_main_context_iteration(f->context, TRUE);
        assert_log(f, "error timed-out QEMU did not answer 'qmp_capabilities' within 1 ms; it may still be "
                      "carried out;");
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_GREETING);
        qmp_peer_negotiate(f->peer);
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
        assert_log(f, "");

        /* Without qmp_capabilities nothing could ever follow: it is sent even if its deadline passed before.
         */
        g_autoptr(Fixture) corked = set_up();
        dm_qmp_cork(corked->qmp);
        dm_qmp_start(corked->qmp, 1, on_reply, corked);
        while (corked->log->len == 0)
                g_main_context_iteration(corked->context, TRUE);
        dm_qmp_uncork(corked->qmp);
        qmp_peer_negotiate(corked->peer);
        pump(corked);
        g_assert_cmpint(dm_qmp_state(corked->qmp), ==, DM_QMP_RUNNING);
}

/* ---- bytes, lines, order ---- */

static const char conversation[] =
        "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
        "{\"return\": {}, \"id\": 1}\r\n"
        "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 250}, \"event\": \"STOP\"}\r\n"
        "{\"return\": {\"name\": \"\xc3\xa4\"}, \"id\": 2}\r\n"
        "{\"timestamp\": {\"seconds\": -1, \"microseconds\": 5}, \"event\": \"JOB\", \"data\": {\"id\": "
        "\"j\"}}\n"
        "\r\n"
        "{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n";
static const char conversation_log[] = "reply {};event STOP - 1700000000000250;reply {\"name\":\"ä\"};"
                                       "event JOB {\"id\":\"j\"} -1;error failed QEMU refused 'b': no;";

static void start_conversation(Fixture *f)
{
        dm_qmp_start(f->qmp, LONG_MS, on_reply, f);
        say(f, "a");
        say(f, "b");
}

static void test_split_at_every_byte(void)
{
        for (gsize at = 0; at < sizeof conversation; at++) {
                g_autoptr(Fixture) f = set_up();
                start_conversation(f);
                if (at > 0)
                        qmp_peer_write(f->peer, conversation, at);
                pump(f);
                if (at < sizeof conversation - 1)
                        qmp_peer_write(f->peer, conversation + at, sizeof conversation - 1 - at);
                pump(f);
                assert_log(f, conversation_log);
        }
}

static void test_single_bytes(void)
{
        g_autoptr(Fixture) f = set_up();
        start_conversation(f);
        for (gsize i = 0; i < sizeof conversation - 1; i++) {
                qmp_peer_write(f->peer, conversation + i, 1);
                pump(f);
        }
        assert_log(f, conversation_log);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
}

static void test_out_of_order(void)
{
        g_autoptr(Fixture) f = set_up_running();
        say(f, "a");
        say(f, "b");
        say(f, "c");
        guint64 a = qmp_peer_expect(f->peer, "a"), b = qmp_peer_expect(f->peer, "b"),
                c = qmp_peer_expect(f->peer, "c");
        qmp_peer_reply(f->peer, c, "\"c\"");
        qmp_peer_event(f->peer, "RESUME", NULL);
        qmp_peer_reply(f->peer, a, "18446744073709551615");
        qmp_peer_reply(f->peer, b, "null");
        pump(f);
        assert_log(f, "reply \"c\";event RESUME - 1700000000000250;reply 18446744073709551615;reply {};");
}

static void on_error_class(G_GNUC_UNUSED DmQmp *qmp, G_GNUC_UNUSED DmJson *value, const GError *error,
                           void *user)
{
        Fixture *f = user;
        g_autoptr(GError) copy = g_error_copy(error);
        g_string_append_printf(f->log, "%s: %s;", dm_error_qmp_class(copy), copy->message);
}

static void test_errors(void)
{
        g_autoptr(Fixture) f = set_up_running();
        for (int i = 0; i < 4; i++)
                dm_qmp_send(f->qmp, "device_del", NULL, LONG_MS, on_error_class, f);
        guint64 id = 0;
        for (int i = 0; i < 4; i++)
                id = qmp_peer_expect(f->peer, "device_del");
        qmp_peer_error(f->peer, id - 3, "DeviceNotFound", "Device 'x' not found");
        qmp_peer_line(f->peer, "{\"id\": %" G_GUINT64_FORMAT ", \"error\": {}}", id - 2);
        qmp_peer_line(f->peer, "{\"id\": %" G_GUINT64_FORMAT ", \"error\": {\"class\": 1, \"desc\": []}}",
                      id - 1);
        pump(f);
        assert_log(f, "DeviceNotFound: QEMU refused 'device_del': Device 'x' not found;"
                      "(null): QEMU refused 'device_del': it gave no description;"
                      "(null): QEMU refused 'device_del': it gave no description;");
        /* A long description is cut, between two characters or not. */
        g_autoptr(GString) desc = g_string_new("x");
        for (int i = 0; i < 100000; i++)
                g_string_append(desc, "ä");
        qmp_peer_error(f->peer, id, "GenericError", desc->str);
        pump(f);
        g_assert_cmpuint(f->log->len, <, 2100);
        g_assert_true(g_utf8_validate(f->log->str, -1, NULL));
        assert_log_has(f, "GenericError: QEMU refused 'device_del': xää");
        GError *other = g_error_new(G_FILE_ERROR, 0, "x");
        dm_error_set_qmp_class(other, "y");
        g_assert_null(dm_error_qmp_class(other));
        g_error_free(other);
}

/* ---- the end of the connection ---- */

static void test_eof(void)
{
        g_autoptr(Fixture) before_start = set_up();
        qmp_peer_close(before_start->peer);
        pump(before_start);
        assert_log(before_start, "gone QEMU closed its monitor connection before it sent a greeting;");
        dm_qmp_start(before_start->qmp, LONG_MS, on_reply, before_start);
        assert_log(before_start, "");
        pump(before_start);
        assert_log(before_start,
                   "error gone 'qmp_capabilities' was not sent: QEMU closed its monitor connection "
                   "before it sent a greeting;");

        g_autoptr(Fixture) greeting = set_up();
        dm_qmp_start(greeting->qmp, LONG_MS, on_reply, greeting);
        qmp_peer_expect(greeting->peer, "qmp_capabilities");
        qmp_peer_close(greeting->peer);
        pump(greeting);
        assert_log(
                greeting,
                "error gone 'qmp_capabilities' got no answer: QEMU closed its monitor connection before it "
                "sent a greeting;gone QEMU closed its monitor connection before it sent a greeting;");

        g_autoptr(Fixture) negotiating = set_up();
        dm_qmp_start(negotiating->qmp, LONG_MS, NULL, NULL);
        qmp_peer_expect(negotiating->peer, "qmp_capabilities");
        qmp_peer_greet(negotiating->peer);
        qmp_peer_close(negotiating->peer);
        pump(negotiating);
        assert_log(negotiating,
                   "gone QEMU closed its monitor connection before it answered 'qmp_capabilities';");

        g_autoptr(Fixture) running = set_up_running();
        say(running, "a");
        say(running, "b");
        qmp_peer_reply(running->peer, qmp_peer_expect(running->peer, "a"), "1");
        qmp_peer_expect(running->peer, "b");
        qmp_peer_event(running->peer, "SHUTDOWN", "{\"guest\": true}");
        qmp_peer_close(running->peer);
        pump(running);
        assert_log(running, "reply 1;event SHUTDOWN {\"guest\":true} 1700000000000250;"
                            "error gone 'b' got no answer: QEMU closed its monitor connection;"
                            "gone QEMU closed its monitor connection;");
        pump(running);
        say(running, "c");
        assert_log(running, "");
        pump(running);
        assert_log(running, "error gone 'c' was not sent: QEMU closed its monitor connection;");

        g_autoptr(Fixture) inside = set_up_running();
        qmp_peer_write(inside->peer, "{\"event\": \"ST\x01", 14);
        qmp_peer_close(inside->peer);
        pump(inside);
        assert_log(inside,
                   "gone QEMU closed its monitor connection inside the line '{\"event\": \"ST\\x01';");
}

/* The write fails; what QEMU said before is heard first.  Unread input makes the kernel report a reset. */
static void test_last_words(void)
{
        g_autoptr(Fixture) f = set_up_running();
        say(f, "unread");
        qmp_peer_event(f->peer, "SHUTDOWN", NULL);
        qmp_peer_close(f->peer);
        say(f, "quit");
        assert_log(f, "");
        pump(f);
        assert_log_has(f, "event SHUTDOWN - 1700000000000250;error gone 'unread' got no answer: QEMU closed "
                          "its monitor "
                          "connection");
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_GONE);

        /* A peer that only stops reading is found by the write alone. */
        g_autoptr(Fixture) mute = set_up_running();
        g_assert_cmpint(shutdown(qmp_peer_fd(mute->peer), SHUT_RD), ==, 0);
        say(mute, "quit");
        pump(mute);
        assert_log_has(mute, "gone QEMU closed its monitor connection: Broken pipe;");
        g_autoptr(Fixture) deaf = set_up_running();
        g_assert_cmpint(shutdown(qmp_peer_fd(deaf->peer), SHUT_RD), ==, 0);
        qmp_peer_event(deaf->peer, "SHUTDOWN", NULL);
        say(deaf, "quit");
        pump(deaf);
        assert_log(deaf, "event SHUTDOWN - 1700000000000250;"
                         "error gone 'quit' got no answer: QEMU closed its monitor connection: Broken pipe;"
                         "gone QEMU closed its monitor connection: Broken pipe;");
}

static void test_garbage_first(void)
{
        static const struct {
                const char *line, *expected;
        } cases[] = {
                { "SSH-2.0-OpenSSH",
                  "invalid JSON at byte 0: 'SSH' is not a JSON value, in the line 'SSH-2.0-OpenSSH'" },
                { "{\"event\": \"STOP\"}",
                  "the first line is no greeting, in the line '{\"event\": \"STOP\"}'" },
                { "{\"QMP\": 1}", "the first line is no greeting" },
                { "[]", "the first line is no greeting" },
                { "{\"return\": {}, \"id\": 1}", "the first line is no greeting" },
                { "\xff\xfe", "not valid UTF-8, in the line '\\xff\\xfe'" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Fixture) f = set_up();
                dm_qmp_start(f->qmp, LONG_MS, NULL, NULL);
                qmp_peer_line(f->peer, "%s", cases[i].line);
                pump(f);
                g_assert_true(g_str_has_prefix(f->log->str, "gone QEMU broke the QMP protocol: "));
                assert_log_has(f, cases[i].expected);
        }
}

static void test_garbage_later(void)
{
        static const struct {
                const char *line, *expected;
        } cases[] = {
                { "{\"return\": {}, \"id\": 2",
                  "invalid JSON at byte 22: the text ends too early, in the line '{" },
                { "{\"return\": {}}", "a reply without the id of a command" },
                { "{\"return\": {}, \"id\": \"2\"}", "a reply without the id of a command" },
                { "{\"return\": {}, \"id\": 3}", "a reply to a command that is not under way" },
                { "{\"return\": {}, \"id\": 1}", "a reply to a command that is not under way" },
                { "{\"return\": {}, \"error\": {}, \"id\": 2}", "neither a reply nor an event" },
                { "{\"error\": null, \"id\": 2}", "an error that is no object" },
                { "{\"error\": \"x\", \"id\": 2}", "an error that is no object" },
                { "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}",
                  "a reply without the id of a command, in the line '{\"error\": {\"class\": "
                  "\"GenericError\", \"desc\": "
                  "\"JSON parse error" },
                { "{\"QMP\": {}}", "neither a reply nor an event" },
                { "{}", "neither a reply nor an event" },
                { "12", "neither a reply nor an event" },
                { "[{\"return\": {}, \"id\": 2}]", "neither a reply nor an event" },
                { "{\"event\": 1}", "an event without a name" },
                { "{\"event\": \"\"}", "an event without a name" },
                { "{\"event\": \"A\", \"data\": 7}", "an event with data that is no object" },
                { "{\"return\": 18446744073709551616, \"id\": 2}", "out of the range of 64-bit integers" },
                { "{\"return\": \"\xc3\", \"id\": 2}", "not valid UTF-8" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Fixture) f = set_up_running();
                g_assert_cmpuint(say(f, "a"), ==, 2);
                qmp_peer_line(f->peer, "%s", cases[i].line);
                qmp_peer_event(f->peer, "NEVER", NULL);
                pump(f);
                g_assert_true(g_str_has_prefix(
                        f->log->str, "error gone 'a' got no answer: QEMU broke the QMP protocol: "));
                g_assert_null(strstr(f->log->str, "NEVER"));
                g_assert_nonnull(strstr(f->log->str, ";gone QEMU broke the QMP protocol: "));
                assert_log_has(f, cases[i].expected);
                /* The socket is closed, not left to rot. */
                qmp_peer_expect(f->peer, "a");
                qmp_peer_expect_eof(f->peer);
        }
}

/* A reply to what is still in our own queue can only be invented. */
static void test_reply_before_the_command(void)
{
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_cork(f->qmp);
        guint64 id = say(f, "a");
        qmp_peer_reply(f->peer, id, "{}");
        pump(f);
        assert_log_has(f, "gone QEMU broke the QMP protocol: a reply to a command that is not under way");
        dm_qmp_uncork(f->qmp);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/qmp/handshake", test_handshake);
        g_test_add_func("/qemu/qmp/pipelined-in-one-write", test_pipelined_in_one_write);
        g_test_add_func("/qemu/qmp/capabilities-refused", test_capabilities_refused);
        g_test_add_func("/qemu/qmp/late-handshake", test_late_handshake);
        g_test_add_func("/qemu/qmp/split-at-every-byte", test_split_at_every_byte);
        g_test_add_func("/qemu/qmp/single-bytes", test_single_bytes);
        g_test_add_func("/qemu/qmp/out-of-order", test_out_of_order);
        g_test_add_func("/qemu/qmp/errors", test_errors);
        g_test_add_func("/qemu/qmp/eof", test_eof);
        g_test_add_func("/qemu/qmp/last-words", test_last_words);
        g_test_add_func("/qemu/qmp/garbage-first", test_garbage_first);
        g_test_add_func("/qemu/qmp/garbage-later", test_garbage_later);
        g_test_add_func("/qemu/qmp/reply-before-the-command", test_reply_before_the_command);
        return g_test_run();
}
