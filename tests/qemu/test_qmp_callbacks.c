/* Held events, what callbacks of the QMP client may do, descriptors. */
#include "qemu/qmp_fixture.h"
#include "util/fd.h"

#include <fcntl.h>
#include <sys/stat.h>

/* ---- events held back ---- */

static void test_held_events(void)
{
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_hold_events(f->qmp);
        dm_qmp_hold_events(f->qmp);
        qmp_peer_event(f->peer, "A", "{\"n\": 1}");
        say(f, "a");
        qmp_peer_reply(f->peer, qmp_peer_expect(f->peer, "a"), "{}");
        qmp_peer_event(f->peer, "B", NULL);
        say(f, "b");
        pump(f);
        assert_log(f, "reply {};");
        dm_qmp_release_events(f->qmp);
        pump(f);
        assert_log(f, "");
        qmp_peer_close(f->peer);
        pump(f);
        assert_log_has(f, "error gone 'b' got no answer");
        dm_qmp_release_events(f->qmp);
        assert_log(f, "");
        pump(f);
        assert_log_has(f, "event A {\"n\":1} 1700000000000250;event B - 1700000000000250;gone QEMU closed");
        pump(f);
        assert_log(f, "");
}

static void test_held_end(void)
{
        g_autoptr(Fixture) f = set_up_running();
        dm_qmp_hold_events(f->qmp);
        qmp_peer_close(f->peer);
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_GONE);
        assert_log(f, "");
        dm_qmp_release_events(f->qmp);
        pump(f);
        assert_log(f, "gone QEMU closed its monitor connection;");
}

static void test_too_many_held_events(void)
{
        g_autoptr(Fixture) f = set_up_running();
        const DmQmpLimits limits = { .line = 1000, .output = 1000, .unanswered = 2, .events = 2 };
        dm_qmp_set_limits(f->qmp, &limits);
        dm_qmp_hold_events(f->qmp);
        for (int i = 0; i < 5; i++)
                qmp_peer_event(f->peer, "E", NULL);
        pump(f);
        dm_qmp_release_events(f->qmp);
        qmp_peer_event(f->peer, "AFTER", NULL);
        pump(f);
        assert_log(f, "event E - 1700000000000250;event E - 1700000000000250;"
                      "event DOMUS_EVENTS_LOST {\"count\":3} -1;event AFTER - 1700000000000250;");
}

/* ---- what callbacks may do ---- */

typedef struct Act {
        Fixture f;
        int calls;
} Act;

static void act_free_event(DmQmp *qmp, G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const DmJson *data,
                           G_GNUC_UNUSED gint64 timestamp_us, void *user)
{
        Act *a = user;
        a->calls++;
        a->f.qmp = NULL; /* callbacks that the next line calls must not free again */
        dm_qmp_free(qmp);
}

static void act_free_gone(DmQmp *qmp, G_GNUC_UNUSED const GError *reason, void *user)
{
        act_free_event(qmp, NULL, NULL, 0, user);
}

static void act_free_reply(DmQmp *qmp, G_GNUC_UNUSED DmJson *value, G_GNUC_UNUSED const GError *error,
                           void *user)
{
        Act *a = user;
        a->calls++;
        if (a->f.qmp)
                act_free_event(qmp, NULL, NULL, 0, user);
}

static void set_up_act(Act *a, const DmQmpHandlers *h)
{
        int fd;
        *a = (Act){ .f.context = g_main_context_new(),
                    .f.peer = qmp_peer_new(&fd),
                    .f.log = g_string_new(NULL) };
        DmQmpHandlers mine = *h;
        mine.user = a;
        a->f.qmp = dm_qmp_new(fd, a->f.context, &mine);
        dm_qmp_start(a->f.qmp, LONG_MS, NULL, NULL);
        qmp_peer_negotiate(a->f.peer);
        pump(&a->f);
}

static void tear_down_act(Act *a)
{
        dm_qmp_free(a->f.qmp);
        qmp_peer_free(a->f.peer);
        g_string_free(a->f.log, TRUE);
        g_main_context_unref(a->f.context);
}

static void test_free_in_callbacks(void)
{
        const DmQmpHandlers h = { .event = act_free_event, .gone = act_free_gone };
        Act a;
        set_up_act(&a, &h); /* in an event, with more lines behind it */
        say(&a.f, "a");
        qmp_peer_event(a.f.peer, "A", NULL);
        qmp_peer_event(a.f.peer, "B", NULL);
        pump(&a.f);
        assert_log(&a.f, "error gone 'a' got no answer: the monitor connection was closed;");
        g_assert_cmpint(a.calls, ==, 1);
        tear_down_act(&a);

        set_up_act(&a, &h); /* in a held event */
        dm_qmp_hold_events(a.f.qmp);
        qmp_peer_event(a.f.peer, "A", NULL);
        qmp_peer_event(a.f.peer, "B", NULL);
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 0);
        dm_qmp_release_events(a.f.qmp);
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 1);
        tear_down_act(&a);

        set_up_act(&a, &h); /* in the gone callback */
        qmp_peer_close(a.f.peer);
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 1);
        tear_down_act(&a);

        set_up_act(&a, &h); /* in a reply; the second command is failed by that */
        dm_qmp_send(a.f.qmp, "a", NULL, LONG_MS, act_free_reply, &a);
        dm_qmp_send(a.f.qmp, "b", NULL, LONG_MS, on_reply, &a.f);
        qmp_peer_reply(a.f.peer, qmp_peer_expect(a.f.peer, "a"), "{}");
        qmp_peer_event(a.f.peer, "B", NULL);
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 2);
        assert_log(&a.f, "error gone 'b' got no answer: the monitor connection was closed;");
        tear_down_act(&a);

        set_up_act(&a, &h); /* in the failure of one command of several, when the connection ends or the time
                               is up */
        for (int i = 0; i < 3; i++)
                dm_qmp_send(a.f.qmp, "a", NULL, LONG_MS, act_free_reply, &a);
        qmp_peer_close(a.f.peer);
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 4);
        tear_down_act(&a);

        set_up_act(&a, &h);
        dm_qmp_send(a.f.qmp, "a", NULL, 1, act_free_reply, &a);
        dm_qmp_send(a.f.qmp, "b", NULL, 1, act_free_reply, &a);
        while (a.f.qmp)
                g_main_context_iteration(a.f.context, TRUE);
        g_assert_cmpint(a.calls, ==, 3);
        tear_down_act(&a);
        dm_qmp_free(NULL);
}

static void act_again(DmQmp *qmp, G_GNUC_UNUSED DmJson *value, const GError *error, void *user)
{
        Act *a = user;
        g_assert_nonnull(error);
        if (++a->calls < 1000)
                dm_qmp_send(qmp, "again", NULL, LONG_MS, act_again, a);
}

/* A sender that never gives up gets one failure per turn of the context, and cannot keep the context for
 * itself. */
static void test_send_again_when_gone(void)
{
        const DmQmpHandlers none = { 0 };
        Act a;
        set_up_act(&a, &none);
        dm_qmp_send(a.f.qmp, "again", NULL, LONG_MS, act_again, &a);
        qmp_peer_close(a.f.peer);
        for (int i = 1; i <= 5; i++) {
                g_assert_true(g_main_context_iteration(a.f.context, FALSE));
                g_assert_cmpint(a.calls, <=, 2 * i);
        }
        pump(&a.f);
        g_assert_cmpint(a.calls, ==, 1000);
        tear_down_act(&a);
}

static void act_hold_again(DmQmp *qmp, const char *name, G_GNUC_UNUSED const DmJson *data,
                           G_GNUC_UNUSED gint64 timestamp_us, void *user)
{
        Act *a = user;
        g_string_append_printf(a->f.log, "%s;", name);
        if (a->calls++ == 0)
                dm_qmp_hold_events(qmp);
        dm_qmp_send(qmp, "query-status", NULL, LONG_MS, on_reply, &a->f);
}

static void test_hold_in_a_callback(void)
{
        const DmQmpHandlers h = { .event = act_hold_again };
        Act a;
        set_up_act(&a, &h);
        qmp_peer_event(a.f.peer, "A", NULL);
        qmp_peer_event(a.f.peer, "B", NULL);
        qmp_peer_event(a.f.peer, "C", NULL);
        pump(&a.f);
        assert_log(&a.f, "A;");
        qmp_peer_reply(a.f.peer, qmp_peer_expect(a.f.peer, "query-status"), "{}");
        pump(&a.f);
        assert_log(&a.f, "reply {};");
        dm_qmp_release_events(a.f.qmp);
        pump(&a.f);
        assert_log(&a.f, "B;C;");
        tear_down_act(&a);

        /* While some are lost, later ones are as well: the gap is in one place, and told there. */
        set_up_act(&a, &h);
        dm_qmp_set_limits(a.f.qmp,
                          &(DmQmpLimits){ .line = 1000, .output = 1000, .unanswered = 10, .events = 2 });
        dm_qmp_hold_events(a.f.qmp);
        qmp_peer_event(a.f.peer, "A", NULL);
        qmp_peer_event(a.f.peer, "B", NULL);
        qmp_peer_event(a.f.peer, "C", NULL);
        pump(&a.f);
        dm_qmp_release_events(a.f.qmp);
        pump(&a.f);
        assert_log(&a.f, "A;");
        qmp_peer_event(a.f.peer, "D", NULL);
        pump(&a.f);
        dm_qmp_release_events(a.f.qmp);
        pump(&a.f);
        assert_log(&a.f, "B;DOMUS_EVENTS_LOST;");
        tear_down_act(&a);
}

/* ---- descriptors ---- */

static int new_file(ino_t *ret_inode)
{
        g_autofree char *path = NULL;
        int fd = g_file_open_tmp("domus-qmp-XXXXXX", &path, NULL);
        struct stat st;
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(unlink(path), ==, 0);
        g_assert_cmpint(fstat(fd, &st), ==, 0);
        *ret_inode = st.st_ino;
        return fd;
}

static void test_descriptors(void)
{
        g_autoptr(Fixture) f = set_up_running();
        ino_t inodes[3];
        int fds[3];
        dm_qmp_cork(f->qmp);
        say(f, "before");
        for (int i = 0; i < 3; i++) {
                fds[i] = new_file(&inodes[i]);
                DmJson *args = dm_json_object_new();
                dm_json_add_stringf(args, "fdname", "fd%d", i);
                dm_qmp_send_fd(f->qmp, "getfd", args, fds[i], LONG_MS, on_reply, f);
                say(f, "between");
        }
        dm_qmp_uncork(f->qmp);
        for (int i = 0; i < 3; i++) /* ours are closed as soon as they are sent */
                g_assert_cmpint(fcntl(fds[i], F_GETFD), ==, -1);
        qmp_peer_expect(f->peer, "before");
        for (int i = 0; i < 3; i++) {
                struct stat st;
                guint64 id = qmp_peer_expect(f->peer, "getfd");
                dm_autofd int fd = qmp_peer_take_fd(f->peer);
                g_assert_cmpint(fd, >=, 0);
                g_assert_cmpint(fstat(fd, &st), ==, 0);
                g_assert_cmpuint(st.st_ino, ==, inodes[i]);
                qmp_peer_reply(f->peer, id, "{}");
                qmp_peer_expect(f->peer, "between");
        }
        g_assert_cmpint(qmp_peer_take_fd(f->peer), ==, -1);
        pump(f);
        assert_log(f, "reply {};reply {};reply {};");
        /* What is not sent is closed as well. */
        qmp_peer_close(f->peer);
        pump(f);
        int fd = new_file(&inodes[0]);
        dm_qmp_send_fd(f->qmp, "getfd", NULL, fd, LONG_MS, on_reply, f);
        pump(f);
        g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

static gpointer use_from_elsewhere(gpointer qmp)
{
        dm_qmp_state(qmp);
        return NULL;
}

static void test_owner(void)
{
        if (g_test_subprocess()) {
                g_autoptr(Fixture) f = set_up_running();
                g_thread_join(g_thread_new("other", use_from_elsewhere, f->qmp));
                return;
        }
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_failed();
        g_test_trap_assert_stderr("*qmp->owner == g_thread_self*");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/qmp-callbacks/held-events", test_held_events);
        g_test_add_func("/qemu/qmp-callbacks/held-end", test_held_end);
        g_test_add_func("/qemu/qmp-callbacks/too-many-held-events", test_too_many_held_events);
        g_test_add_func("/qemu/qmp-callbacks/free-in-callbacks", test_free_in_callbacks);
        g_test_add_func("/qemu/qmp-callbacks/send-again-when-gone", test_send_again_when_gone);
        g_test_add_func("/qemu/qmp-callbacks/hold-in-a-callback", test_hold_in_a_callback);
        g_test_add_func("/qemu/qmp-callbacks/descriptors", test_descriptors);
        g_test_add_func("/qemu/qmp-callbacks/owner", test_owner);
        return g_test_run();
}
