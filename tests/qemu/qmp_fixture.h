/* A client and its peer in one thread, in turn, so every order of bytes is exact; callbacks write a log. */
#pragma once

#include "lib/qmp_peer.h"
#include "qemu/qmp_client.h"
#include "util/error.h"

#include <string.h>

#define LONG_MS 60000 /* a deadline that no test reaches */

typedef struct Fixture {
        GMainContext *context;
        QmpPeer *peer;
        DmQmp *qmp;
        GString *log; /* what the callbacks got: "event NAME DATA TIME;", "reply DATA;", "error CODE TEXT;",
                         "gone TEXT;" */
} Fixture;

G_GNUC_UNUSED static void on_event(G_GNUC_UNUSED DmQmp *qmp, const char *name, const DmJson *data,
                                   gint64 timestamp_us, void *user)
{
        Fixture *f = user;
        g_autofree char *text = data ? dm_json_to_string(data) : g_strdup("-");
        g_string_append_printf(f->log, "event %s %s %" G_GINT64_FORMAT ";", name, text, timestamp_us);
}

G_GNUC_UNUSED static void on_gone(DmQmp *qmp, const GError *reason, void *user)
{
        Fixture *f = user;
        g_assert_error(reason, DM_ERROR, DM_ERROR_GONE);
        g_assert_cmpint(dm_qmp_state(qmp), ==, DM_QMP_GONE);
        g_assert_true(reason == dm_qmp_gone_reason(qmp));
        g_string_append_printf(f->log, "gone %s;", reason->message);
}

G_GNUC_UNUSED static void on_reply(G_GNUC_UNUSED DmQmp *qmp, DmJson *value, const GError *error, void *user)
{
        Fixture *f = user;
        g_assert_true((value != NULL) != (error != NULL));
        if (error) {
                g_assert_true(error->domain == DM_ERROR);
                g_string_append_printf(f->log, "error %s %s;", dm_error_code_name((DmErrorCode)error->code),
                                       error->message);
                return;
        }
        g_autofree char *text = dm_json_to_string(value);
        g_string_append_printf(f->log, "reply %s;", text);
}

static const DmQmpHandlers *handlers(Fixture *f)
{
        static DmQmpHandlers h;
        h = (DmQmpHandlers){ .event = on_event, .gone = on_gone, .user = f };
        return &h;
}

G_GNUC_UNUSED static Fixture *set_up(void)
{
        Fixture *f = g_new0(Fixture, 1);
        int fd;
        f->context = g_main_context_new();
        f->peer = qmp_peer_new(&fd);
        f->log = g_string_new(NULL);
        f->qmp = dm_qmp_new(fd, f->context, handlers(f));
        return f;
}

G_GNUC_UNUSED static void tear_down(Fixture *f)
{
        dm_qmp_free(f->qmp);
        qmp_peer_free(f->peer);
        g_string_free(f->log, TRUE);
        g_main_context_unref(f->context);
        g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, tear_down)

/* Runs the client until it has nothing to do. */
G_GNUC_UNUSED static void pump(Fixture *f)
{
        while (g_main_context_iteration(f->context, FALSE))
                ;
}

/* The log is @expected; empties it. */
G_GNUC_UNUSED static void assert_log(Fixture *f, const char *expected)
{
        g_assert_cmpstr(f->log->str, ==, expected);
        g_string_truncate(f->log, 0);
}

G_GNUC_UNUSED static void assert_log_has(Fixture *f, const char *part)
{
        if (!strstr(f->log->str, part))
                g_error("'%s' is not in the log: %s", part, f->log->str);
        g_string_truncate(f->log, 0);
}

G_GNUC_UNUSED static Fixture *set_up_running(void)
{
        Fixture *f = set_up();
        dm_qmp_start(f->qmp, LONG_MS, NULL, NULL);
        qmp_peer_negotiate(f->peer);
        pump(f);
        g_assert_cmpint(dm_qmp_state(f->qmp), ==, DM_QMP_RUNNING);
        return f;
}

G_GNUC_UNUSED static guint64 say(Fixture *f, const char *command)
{
        return dm_qmp_send(f->qmp, command, NULL, LONG_MS, on_reply, f);
}
