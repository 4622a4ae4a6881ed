/* Guests through domusd: life cycle, events, lists, console; what is left when a client or the daemon goes.
 */
#include <signal.h>

#include "daemon_fixture.h"

/* Defined, not started; FALSE after g_test_skip(). */
static gboolean define(TestDaemon *d, TestClient *c, const char *name, DmRpcOneDomain *ret)
{
        g_autofree char *xml = guest_xml(d, name);
        if (!xml)
                return FALSE;
        const DmRpcXml args = { xml };
        client_ok(c, DM_REMOTE_DOMAIN_DEFINE_XML, &args, ret);
        g_assert_cmpstr(ret->dom.name, ==, name);
        g_assert_cmpint(ret->dom.id, ==, -1);
        return TRUE;
}

static guint count(TestClient *c, guint32 flags)
{
        const DmRpcListAll args = { 1, flags };
        DM_RPC_AUTO(ConnectListAllDomainsRet, ret) = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_LIST_ALL_DOMAINS, &args, &ret);
        g_assert_cmpuint(ret.domains.n, ==, ret.ret);
        return ret.ret;
}

static gint32 subscribe(TestClient *c, const DmRpcDomain *dom)
{
        const DmRpcConnectDomainEventCallbackRegisterAnyArgs args = { 0, (DmRpcDomain *)dom };
        DmRpcCallbackId ret = { -1 };
        client_ok(c, DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &args, &ret);
        g_assert_cmpint(ret.callbackID, >=, 0);
        return ret.callbackID;
}

static gboolean heard(const TestClient *c, guint at, gint32 event, gint32 detail)
{
        if (at >= c->heard->len)
                return FALSE;
        const Heard *h = &g_array_index(c->heard, Heard, at);
        g_assert_cmpint(h->event, ==, event);
        g_assert_cmpint(h->detail, ==, detail);
        return TRUE;
}

static void check_running(TestClient *c, const DmRpcOneDomain *one)
{
        enum { ACTIVE = 1, INACTIVE = 2, TRANSIENT = 8, PAUSED = 32, AUTOSTART = 1024 };
        gint32 reason;
        g_assert_cmpint(guest_state(c, &one->dom, &reason), ==, 1);
        g_assert_cmpint(reason, ==, 1);
        client_ok(c, DM_REMOTE_DOMAIN_SUSPEND, one, NULL);
        g_assert_cmpint(guest_state(c, &one->dom, NULL), ==, 3);
        g_assert_cmpuint(count(c, ACTIVE | PAUSED), ==, 1);
        g_assert_cmpuint(count(c, ACTIVE | INACTIVE | TRANSIENT), ==, 0);
        client_ok(c, DM_REMOTE_DOMAIN_RESUME, one, NULL);
        const DmRpcDomainSetAutostartArgs autostart = { one->dom, 1 };
        g_assert_cmpuint(count(c, AUTOSTART), ==, 0);
        client_ok(c, DM_REMOTE_DOMAIN_SET_AUTOSTART, &autostart, NULL);
        g_assert_cmpuint(count(c, AUTOSTART), ==, 1);
        const DmRpcDomainFlags plain = { one->dom, 0 };
        DM_RPC_AUTO(Xml, xml) = { 0 };
        client_ok(c, DM_REMOTE_DOMAIN_GET_XML_DESC, &plain, &xml);
        g_assert_nonnull(strstr(xml.xml, "<domain type='qemu' id='1'>"));
}

static void test_life(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        gint32 callback = subscribe(c, NULL), reason;
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        if (!define(d, c, "life", &one))
                return;
        g_assert_cmpuint(count(c, 0), ==, 1);
        client_fails(c, DM_REMOTE_DOMAIN_DESTROY, &one, DM_ERROR_BAD_STATE, "is not running");
        client_ok(c, DM_REMOTE_DOMAIN_CREATE, &one, NULL);
        client_fails(c, DM_REMOTE_DOMAIN_CREATE, &one, DM_ERROR_BAD_STATE, "is running already");
        check_running(c, &one);
        client_ok(c, DM_REMOTE_DOMAIN_DESTROY, &one, NULL);
        g_assert_cmpint(guest_state(c, &one.dom, &reason), ==, 5);
        g_assert_cmpint(reason, ==, 2);
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &one, NULL);
        g_assert_cmpuint(count(c, 0), ==, 0);
        static const gint32 expected[][2] = { { 0, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 1 }, { 1, 0 } };
        for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
                CLIENT_UNTIL(heard(c, i, expected[i][0], expected[i][1]));
                g_assert_cmpint(g_array_index(c->heard, Heard, i).callback, ==, callback);
                g_assert_cmpstr(g_array_index(c->heard, Heard, i).name, ==, "life");
        }
        g_assert_cmpuint(c->heard->len, ==, G_N_ELEMENTS(expected));
}

static void test_events_of_one(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        DM_RPC_AUTO(OneDomain, two) = { 0 };
        if (!define(d, c, "one", &one) || !define(d, c, "two", &two))
                return;
        const DmRpcCallbackId id = { subscribe(c, &one.dom) };
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &two, NULL);
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &one, NULL);
        CLIENT_UNTIL(heard(c, 0, 1, 0));
        g_assert_cmpstr(g_array_index(c->heard, Heard, 0).name, ==, "one");
        client_ok(c, DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &id, NULL);
        client_fails(c, DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &id, DM_ERROR_INTERNAL,
                     "not registered");
        DM_RPC_AUTO(OneDomain, again) = { 0 };
        g_assert_true(define(d, c, "one", &again));
        g_assert_cmpuint(count(c, 0), ==, 1); /* an event would have come before this answer */
        g_assert_cmpuint(c->heard->len, ==, 1);
}

/* ---- console ---- */

typedef struct Console {
        GString *text;
        gboolean opened, ended, closed;
} Console;

static void on_data(DmRpcStream *s G_GNUC_UNUSED, const guint8 *data, gsize length, void *user)
{
        g_string_append_len(((Console *)user)->text, (const char *)data, (gssize)length);
}

static void on_end(DmRpcStream *s, void *user)
{
        ((Console *)user)->ended = TRUE;
        dm_rpc_stream_finish(s);
}

static void on_closed(DmRpcStream *s G_GNUC_UNUSED, const GError *error, void *user)
{
        g_assert_no_error(error);
        ((Console *)user)->closed = TRUE;
}

static void on_opened(DmRpcConn *conn G_GNUC_UNUSED, DmRpcAnswer *answer, void *user)
{
        g_assert_no_error(answer->error);
        ((Console *)user)->opened = TRUE;
}

static void test_console(void)
{
        static const DmRpcStreamHandlers handlers = { .data = on_data, .end = on_end, .closed = on_closed };
        g_autoptr(GError) error = NULL;
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        if (!define(d, c, "talks", &one))
                return;
        const DmRpcDomainOpenConsoleArgs args = { one.dom, NULL, 0 };
        client_fails(c, DM_REMOTE_DOMAIN_OPEN_CONSOLE, &args, DM_ERROR_BAD_STATE, "is not running");
        const DmRpcDomainFlags paused = { one.dom, 1 };
        DM_RPC_AUTO(OneDomain, started) = { 0 };
        client_ok(c, DM_REMOTE_DOMAIN_CREATE_WITH_FLAGS, &paused, &started);
        g_assert_cmpint(started.dom.id, ==, 1);
        Console con = { g_string_new(NULL), FALSE, FALSE, FALSE };
        DmRpcStream *s = dm_rpc_conn_call_stream(c->conn, remote(DM_REMOTE_DOMAIN_OPEN_CONSOLE), &args,
                                                 CALL_MS, on_opened, &handlers, &con, &error);
        g_assert_no_error(error);
        CLIENT_UNTIL(con.opened);
        client_fails(c, DM_REMOTE_DOMAIN_OPEN_CONSOLE, &args, DM_ERROR_BUSY, "somebody is connected");
        client_ok(c, DM_REMOTE_DOMAIN_RESUME, &one, NULL);
        CLIENT_UNTIL(strstr(con.text->str, "DOMUS-GUEST-READY"));
        dm_rpc_stream_send(s, "typed words", strlen("typed words"));
        CLIENT_UNTIL(strstr(con.text->str, "typed words"));
        client_ok(c, DM_REMOTE_DOMAIN_DESTROY, &one, NULL);
        CLIENT_UNTIL(con.closed);
        g_assert_true(con.ended);
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &one, NULL);
        g_string_free(con.text, TRUE);
}

/* ---- who goes ---- */

static void test_autodestroy(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) stays = client_new(d, "domusd-sock");
        g_autoptr(TestClient) goes = client_new(d, "domusd-sock");
        g_autofree char *xml = guest_xml(d, "short");
        if (!xml)
                return;
        const DmRpcXmlDescFlags args = { xml, 2 };
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        client_ok(goes, DM_REMOTE_DOMAIN_CREATE_XML, &args, &one);
        g_assert_cmpint(one.dom.id, ==, 1);
        subscribe(stays, NULL);
        g_assert_cmpuint(count(stays, 0), ==, 1);
        client_free(g_steal_pointer(&goes));
        CLIENT_UNTIL(heard(stays, 0, 5, 1));
        g_assert_cmpuint(count(stays, 0), ==, 0);
}

/* Guests outlive the daemon, which finds them again. */
static void test_restart(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        {
                g_autoptr(TestClient) c = client_new(d, "domusd-sock");
                if (!define(d, c, "lasts", &one))
                        return;
                client_ok(c, DM_REMOTE_DOMAIN_CREATE, &one, NULL);
        }
        daemon_stop(d);
        daemon_start(d, NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        g_assert_cmpint(guest_state(c, &one.dom, NULL), ==, 1);
        client_ok(c, DM_REMOTE_DOMAIN_DESTROY, &one, NULL);
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &one, NULL);
}

static void test_stats(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        if (!define(d, c, "counted", &one))
                return;
        const DmRpcConnectGetAllDomainStatsArgs args = { .stats = 1 | 4 };
        DM_RPC_AUTO(ConnectGetAllDomainStatsRet, ret) = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_GET_ALL_DOMAIN_STATS, &args, &ret);
        g_assert_cmpuint(ret.retStats.n, ==, 1);
        const DmTypedParams *p = &ret.retStats.items[0].params;
        g_assert_cmpint(dm_typed_params_find(p, "state.state")->value.i, ==, 5);
        g_assert_cmpuint(dm_typed_params_find(p, "balloon.maximum")->value.ul, ==, 32768);
        g_assert_null(dm_typed_params_find(p, "vcpu.maximum"));
        const DmRpcConnectGetAllDomainStatsArgs more = { .stats = 1 << 20, .flags = 1u << 31 };
        client_fails(c, DM_REMOTE_CONNECT_GET_ALL_DOMAIN_STATS, &more, DM_ERROR_UNSUPPORTED,
                     "Stats types bits 0x100000 are not supported");
        client_ok(c, DM_REMOTE_DOMAIN_UNDEFINE, &one, NULL);
}

/* Its QEMU stands still: it is flagged, tells what is known of it, and keeps nobody waiting. */
static void test_hung(void)
{
        enum { STATE = 1, BLOCK = 32, CONTROL_ERROR = 3 };
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock"), other = client_new(d, "domusd-sock");
        DM_RPC_AUTO(OneDomain, one) = { 0 };
        if (!define(d, c, "hung", &one))
                return;
        client_ok(c, DM_REMOTE_DOMAIN_CREATE, &one, NULL);
        DmRpcDomusInfo info = { 0 };
        g_autoptr(GError) error = NULL;
        dm_rpc_conn_call_wait(c->conn, dm_rpc_proc(DM_RPC_PROGRAM_DOMUS, DM_DOMUS_DOMAIN_INFO), &one, &info,
                              CALL_MS, &error);
        g_assert_no_error(error);
        g_assert_cmpint(kill(info.pid, SIGSTOP), ==, 0);
        const DmRpcDomainFlags control_args = { one.dom, 0 };
        DmRpcDomainGetControlInfoRet control = { 0 };
        CLIENT_UNTIL((client_ok(other, DM_REMOTE_DOMAIN_GET_CONTROL_INFO, &control_args, &control),
                      control.state == CONTROL_ERROR));
        const DmRpcConnectGetAllDomainStatsArgs args = { .stats = STATE | BLOCK };
        DM_RPC_AUTO(ConnectGetAllDomainStatsRet, ret) = { 0 };
        gint64 before = g_get_monotonic_time();
        client_ok(c, DM_REMOTE_CONNECT_GET_ALL_DOMAIN_STATS, &args, &ret);
        g_assert_cmpint(g_get_monotonic_time() - before, <,
                        5 * G_USEC_PER_SEC); /* it would be 10 s for an answer */
        g_assert_cmpuint(ret.retStats.n, ==, 1);
        g_assert_nonnull(dm_typed_params_find(&ret.retStats.items[0].params, "state.state"));
        g_assert_null(dm_typed_params_find(&ret.retStats.items[0].params, "block.0.rd.bytes"));
        client_ok(other, DM_REMOTE_DOMAIN_DESTROY, &one, NULL);
        g_assert_cmpint(guest_state(c, &one.dom, NULL), ==, 5);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/guests/life", test_life);
        g_test_add_func("/daemon/guests/events-of-one", test_events_of_one);
        g_test_add_func("/daemon/guests/console", test_console);
        g_test_add_func("/daemon/guests/autodestroy", test_autodestroy);
        g_test_add_func("/daemon/guests/restart", test_restart);
        g_test_add_func("/daemon/guests/stats", test_stats);
        g_test_add_func("/daemon/guests/hung", test_hung);
        return g_test_run();
}
