/* Limits and deadlines of the QMP client. */
#include "qemu/qmp_fixture.h"
#include "qemu/qmp_lines.h"

/* ---- limits ---- */

/* Sends a string of @length bytes, 4 KiB at a time, in turn with the client. */
static void feed_reply(Fixture *f, guint64 id, gsize line_length)
{
        g_autofree char *head = g_strdup_printf("{\"id\": %" G_GUINT64_FORMAT ", \"return\": \"", id);
        g_autoptr(GString) line = g_string_new(head);
        g_autofree char *fill = g_strnfill(line_length - strlen(head) - 2, 'x');
        g_string_append(line, fill);
        g_string_append(line, "\"}");
        g_assert_cmpuint(line->len, ==, line_length);
        g_string_append(line, "\n");
        for (gsize at = 0; at < line->len && dm_qmp_state(f->qmp) != DM_QMP_GONE; at += 4096) {
                qmp_peer_write(f->peer, line->str + at, MIN(4096, line->len - at));
                pump(f);
        }
}

static void on_length(G_GNUC_UNUSED DmQmp *qmp, DmJson *value, const GError *error, void *user)
{
        Fixture *f = user;
        g_string_append_printf(f->log, "%s %zu;", error ? error->message : "length",
                               value ? strlen(dm_json_string(value)) : 0);
}

static void test_longest_line(void)
{
        const gsize limit = 16 << 20;
        g_autoptr(Fixture) f = set_up_running();
        guint64 id = dm_qmp_send(f->qmp, "a", NULL, LONG_MS, on_length, f);
        feed_reply(f, id, limit);
        assert_log(f, "length 16777193;");
        id = dm_qmp_send(f->qmp, "a", NULL, LONG_MS, on_length, f);
        feed_reply(f, id, limit + 1);
        assert_log_has(f,
                       "gone QEMU broke the QMP protocol: more than 16777216 bytes, in the line '{\"id\": 3, "
                       "\"return\": \"xxxxx");
}

static void test_line_limit(void)
{
        const DmQmpLimits limits = { .line = 200, .output = 100, .unanswered = 3, .events = 2 };
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_set_limits(f->qmp, &limits);
        for (int i = 0; i < 20; i++) { /* what was sent does not count any more */
                feed_reply(f, say(f, "a"), 200);
                assert_log_has(f, "reply \"xxx");
        }
        feed_reply(f, say(f, "a"), 201);
        assert_log_has(f, "gone QEMU broke the QMP protocol: more than 200 bytes");
}

/* Each byte is scanned once however a line arrives; memory of a big one is given back. */
static void test_lines(void)
{
        DmQmpLines l = { 0 };
        const char *line;
        gsize length, room;
        g_assert_cmpint(dm_qmp_lines_next(&l, 10, &line, &length), ==, DM_QMP_LINE_NONE);
        for (int i = 0; i < 100; i++) {
                char *to = dm_qmp_lines_reserve(&l, &room);
                g_assert_cmpuint(room, >=, 4096);
                memset(to, 'x', 1000);
                dm_qmp_lines_received(&l, 1000);
                g_assert_cmpint(dm_qmp_lines_next(&l, 100000, &line, &length), ==, DM_QMP_LINE_NONE);
                g_assert_cmpuint(l.scanned, ==, l.end);
        }
        char *to = dm_qmp_lines_reserve(&l, &room);
        memcpy(to, "\r\nab\n\n\rc\r\nrest", 14);
        dm_qmp_lines_received(&l, 14);
        static const struct {
                gsize length;
                const char *text;
        } lines[] = { { 100000, "x" }, { 2, "ab" }, { 0, "" }, { 2, "\rc" } };
        for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
                g_assert_cmpint(dm_qmp_lines_next(&l, 100001, &line, &length), ==, DM_QMP_LINE_COMPLETE);
                g_assert_cmpuint(length, ==, lines[i].length);
                g_assert_cmpint(memcmp(line, lines[i].text, strlen(lines[i].text)), ==, 0);
        }
        g_assert_cmpint(dm_qmp_lines_next(&l, 100001, &line, &length), ==, DM_QMP_LINE_NONE);
        const char *rest = dm_qmp_lines_rest(&l, &length);
        g_assert_cmpmem(rest, length, "rest", 4);
        dm_qmp_lines_trim(&l);
        g_assert_cmpuint(l.capacity, >, 100000);
        g_assert_cmpint(dm_qmp_lines_next(&l, 3, &line, &length), ==, DM_QMP_LINE_TOO_LONG);
        g_assert_cmpmem(line, length, "rest", 4);
        to = dm_qmp_lines_reserve(&l, &room);
        *to = '\n';
        dm_qmp_lines_received(&l, 1);
        g_assert_cmpint(dm_qmp_lines_next(&l, 3, &line, &length), ==, DM_QMP_LINE_TOO_LONG);
        g_assert_cmpint(dm_qmp_lines_next(&l, 4, &line, &length), ==, DM_QMP_LINE_COMPLETE);
        dm_qmp_lines_trim(&l);
        g_assert_cmpuint(l.capacity, ==, 0);
        dm_qmp_lines_clear(&l);
}

static void test_peer_that_never_reads(void)
{
        g_autoptr(Fixture) f = set_up_running();
        const DmQmpLimits limits = { .line = 1000, .output = 100000, .unanswered = 100000, .events = 1 };
        dm_qmp_set_limits(f->qmp, &limits);
        int n;
        for (n = 0; n < 100000 && f->log->len == 0; n++) {
                dm_qmp_send(f->qmp, "some-command-with-a-rather-long-name", NULL, LONG_MS, on_reply, f);
                g_main_context_iteration(f->context, FALSE);
        }
        assert_log_has(f, "error limit-exceeded 'some-command-with-a-rather-long-name' was not sent: ");
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
        g_assert_cmpuint(dm_qmp_unanswered(f->qmp), ==, n - 1);
        /* What times out before it was sent never will be: the peer sees n - 1 commands and no gap in a line.
         */
        dm_qmp_set_limits(f->qmp, &(DmQmpLimits){ .line = 1000, .output = 200000, .unanswered = 100000 });
        dm_qmp_send(f->qmp, "too-late", NULL, 1, on_reply, f);
        while (f->log->len == 0)
                g_main_context_iteration(f->context, TRUE);
        assert_log(f, "error timed-out QEMU did not answer 'too-late' within 1 ms; it was not sent;");
        guint64 last = say(f, "last");
        for (int i = 0; i < n - 1; i++) {
                qmp_peer_expect(f->peer, "some-command-with-a-rather-long-name");
                if (i % 50 == 0)
                        pump(f);
        }
        pump(f);
        g_assert_cmpuint(qmp_peer_expect(f->peer, "last"), ==, last);
        g_assert_cmpuint(last, ==, n + 3);
}

static void test_unanswered_limit(void)
{
        g_autoptr(Fixture) f = set_up_running();
        const DmQmpLimits limits = { .line = 1000, .output = 1000, .unanswered = 2, .events = 1 };
        dm_qmp_set_limits(f->qmp, &limits);
        say(f, "a");
        say(f, "b");
        say(f, "c");
        pump(f);
        assert_log(f, "error limit-exceeded 'c' was not sent: QEMU has 2 commands to answer already;");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "a"), "{}");
        pump(f);
        assert_log(f, "reply {};");
        say(f, "d");
        qmp_peer_expect(f->peer, "b");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "d"), "4");
        pump(f);
        assert_log(f, "reply 4;");
}

static void test_bad_argument(void)
{
        g_autoptr(Fixture) f = set_up_running();
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "filename", "/tmp/\xff");
        dm_qmp_send(f->qmp, "blockdev-add", args, LONG_MS, on_reply, f);
        assert_log(f, "");
        pump(f);
        assert_log(f, "error invalid-argument 'blockdev-add' was not sent: an argument is not valid UTF-8;");
        say(f, "next");
        qmp_peer_expect(f->peer, "next");
}

/* ---- deadlines ---- */

static void test_late_reply(void)
{
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_send(f->qmp, "slow", NULL, 1, on_reply, f);
        guint64 slow = qmp_peer_expect(f->peer, "slow");
        while (f->log->len == 0)
                g_main_context_iteration(f->context, TRUE);
        assert_log(f, "error timed-out QEMU did not answer 'slow' within 1 ms; it may still be carried out;");
        g_assert_cmpuint(dm_qmp_unanswered(f->qmp), ==, 1);
        say(f, "next");
        qmp_peer_reply(f->peer, slow, "\"late\"");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "next"), "\"next\"");
        pump(f);
        assert_log(f, "reply \"next\";");
        g_assert_cmpuint(dm_qmp_unanswered(f->qmp), ==, 0);
        /* Once is enough. */
        qmp_peer_reply(f->peer, slow, "\"late\"");
        pump(f);
        assert_log_has(f, "gone QEMU broke the QMP protocol: a reply to a command that is not under way");
}

static void test_two_deadlines(void)
{
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_send(f->qmp, "a", NULL, 60, on_reply, f);
        dm_qmp_send(f->qmp, "b", NULL, 20, on_reply, f);
        dm_qmp_send(f->qmp, "c", NULL, LONG_MS, on_reply, f);
        gint64 start = g_get_monotonic_time();
        while (!strstr(f->log->str, "'a'"))
                g_main_context_iteration(f->context, TRUE);
        g_assert_cmpint(g_get_monotonic_time() - start, >=, 59000);
        g_assert_null(strstr(f->log->str, "'c'"));
        assert_log_has(f,
                       "error timed-out QEMU did not answer 'b' within 20 ms; it may still be carried out;");
}

static gint poll_timeout;

static gint record_timeout(GPollFD *fds, guint n, gint timeout)
{
        poll_timeout = timeout;
        return g_poll(fds, n, 0);
}

/* An idle connection wakes nobody: no timer is left from commands that were answered. */
static void test_idle(void)
{
        g_autoptr(Fixture) f = set_up_running();
        g_main_context_set_poll_func(f->context, record_timeout);
        guint64 first = dm_qmp_last_reply_us(f->qmp);
        say(f, "a");
        dm_qmp_send(f->qmp, "b", NULL, 5000, NULL, NULL);
        g_main_context_iteration(f->context, TRUE);
        g_assert_cmpint(poll_timeout, >, 4000);
        g_assert_cmpint(poll_timeout, <=, 5000);
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "a"), "{}");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "b"), "{}");
        pump(f);
        g_main_context_iteration(f->context, TRUE);
        g_assert_cmpint(poll_timeout, ==, -1);
        g_assert_cmpint(dm_qmp_last_reply_us(f->qmp), >, first);
        assert_log(f, "reply {};");
        /* Nor from what timed out and is never answered. */
        dm_qmp_send(f->qmp, "never", NULL, 1, on_reply, f);
        while (f->log->len == 0)
                g_main_context_iteration(f->context, TRUE);
        pump(f);
        g_main_context_iteration(f->context, TRUE);
        g_assert_cmpint(poll_timeout, ==, -1);
        g_assert_cmpint(g_get_monotonic_time() - dm_qmp_last_reply_us(f->qmp), <, 10 * G_USEC_PER_SEC);
}

static void test_abandon(void)
{
        g_autoptr(Fixture) f = set_up_running();
        guint64 sent = say(f, "sent");
        g_assert_false(dm_qmp_abandon(f->qmp, sent));
        g_assert_false(dm_qmp_abandon(f->qmp, sent));
        g_assert_false(dm_qmp_abandon(f->qmp, 12345));
        dm_qmp_cork(f->qmp);
        const DmQmpLimits limits = { .line = 1000, .output = 100, .unanswered = 5, .events = 1 };
        dm_qmp_set_limits(f->qmp, &limits);
        for (int i = 0; i < 20; i++) /* and leaves nothing behind */
                g_assert_true(dm_qmp_abandon(f->qmp, say(f, "unsent")));
        guint64 unsent = say(f, "unsent");
        say(f, "other");
        g_assert_true(dm_qmp_abandon(f->qmp, unsent));
        dm_qmp_uncork(f->qmp);
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "sent"), "1");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "other"), "2");
        pump(f);
        assert_log(f, "reply 2;");
        qmp_peer_close(f->peer);
        g_assert_true(dm_qmp_abandon(f->qmp, say(f, "into a closed socket")));
        pump(f);
        assert_log(f, "gone QEMU closed its monitor connection;");
        g_assert_true(dm_qmp_abandon(f->qmp, say(f, "never")));
        pump(f);
        assert_log(f, "");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/qmp-limits/longest-line", test_longest_line);
        g_test_add_func("/qemu/qmp-limits/line-limit", test_line_limit);
        g_test_add_func("/qemu/qmp-limits/lines", test_lines);
        g_test_add_func("/qemu/qmp-limits/peer-that-never-reads", test_peer_that_never_reads);
        g_test_add_func("/qemu/qmp-limits/unanswered-limit", test_unanswered_limit);
        g_test_add_func("/qemu/qmp-limits/bad-argument", test_bad_argument);
        g_test_add_func("/qemu/qmp-limits/late-reply", test_late_reply);
        g_test_add_func("/qemu/qmp-limits/two-deadlines", test_two_deadlines);
        g_test_add_func("/qemu/qmp-limits/idle", test_idle);
        g_test_add_func("/qemu/qmp-limits/abandon", test_abandon);
        return g_test_run();
}
