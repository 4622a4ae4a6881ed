/* Our own calls: against a raw peer that answers as it likes, and against our own server. */
#include "server_fixture.h"

#define WAIT_MS 20000

typedef struct Client {
        GMainContext *context;
        DmRpcConn *conn;
        int peer;
        guint answers, events, n_gone;
        guint64 last; /* of a version */
        char *error, *gone;
        DmErrorCode code;
        gint32 wire_code;
        int fd;
        gboolean free_in_event;
} Client;

static const DmRpcProc *remote(gint32 number)
{
        return dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, number);
}

static void on_event(G_GNUC_UNUSED DmRpcConn *conn, const DmRpcProc *proc, void *message, void *user)
{
        Client *c = user;
        g_assert_cmpint(proc->number, ==, DM_REMOTE_CONNECT_EVENT_CONNECTION_CLOSED);
        g_assert_cmpint(((DmRpcConnectEventConnectionClosedMsg *)message)->reason, ==, 2);
        c->events++;
        if (c->free_in_event)
                dm_rpc_conn_free(g_steal_pointer(&c->conn));
}

static void on_gone(G_GNUC_UNUSED DmRpcConn *conn, const GError *reason, void *user)
{
        Client *c = user;
        c->n_gone++;
        c->gone = g_strdup(reason->message);
}

static void on_answer(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        Client *c = user;
        g_assert_true((answer->ret != NULL) != (answer->error != NULL));
        c->answers++;
        g_clear_pointer(&c->error, g_free);
        if (answer->error) {
                c->error = g_strdup(answer->error->message);
                c->code = (DmErrorCode)answer->error->code;
                c->wire_code = answer->wire ? answer->wire->code : -1;
                return;
        }
        c->last = ((DmRpcConnectGetVersionRet *)answer->ret)->hv_ver;
}

static void client_begin(Client *c)
{
        const DmRpcHandlers handlers = { .event = on_event, .gone = on_gone, .user = c };
        int fds[2];
        raw_pair(fds);
        *c = (Client){ .context = g_main_context_new(), .peer = fds[1], .fd = -1 };
        c->conn = dm_rpc_conn_new(fds[0], c->context, DM_RPC_CLIENT, &handlers);
}

static void client_end(Client *c)
{
        dm_rpc_conn_free(g_steal_pointer(&c->conn));
        dm_close_fd(&c->peer);
        dm_close_fd(&c->fd);
        g_main_context_unref(c->context);
        g_free(c->error);
        g_free(c->gone);
}

static void ask_version(Client *c, int deadline_ms)
{
        g_autoptr(GError) error = NULL;
        dm_rpc_conn_call(c->conn, remote(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 }, NULL, 0,
                         deadline_ms, on_answer, c, &error);
        g_assert_no_error(error);
}

static guint waiting(const Client *c)
{
        DmRpcFigures f;
        dm_rpc_conn_figures(c->conn, &f);
        return f.calls;
}

/* Serials count from 0; replies may overtake each other, and come between events. */
static void test_serials(void)
{
        Client c;
        client_begin(&c);
        for (guint i = 0; i < 3; i++) {
                ask_version(&c, 0);
                g_autofree char *call = g_strdup_printf(REMOTE_WORDS "00000004 00000000 %08x 00000000", i);
                raw_expect(c.context, c.peer, call);
        }
        g_assert_cmpuint(waiting(&c), ==, 3);
        static const guint32 order[] = { 1, 0, 2 };
        for (guint i = 0; i < 3; i++) {
                raw_send(c.context, c.peer, REMOTE_WORDS "0000016a 00000002 00000001 00000000 | 00000002");
                g_autofree char *reply =
                        g_strdup_printf(REMOTE_WORDS "00000004 00000001 %08x 00000000 | 00000000 %08x",
                                        order[i], order[i] + 100);
                raw_send(c.context, c.peer, reply);
                RAW_WAIT(c.context, c.answers == i + 1);
                g_assert_cmpuint(c.last, ==, order[i] + 100);
                g_assert_cmpuint(c.events, ==, i + 1);
        }
        g_assert_cmpuint(waiting(&c), ==, 0);
        client_end(&c);
}

static void test_unexpected(void)
{
        static const char *const packets[] = {
                REMOTE_WORDS "00000004 00000001 00000009 00000000 | 00000000 00000001", /* another serial */
                REMOTE_WORDS "00000005 00000001 00000000 00000000 | 00000001", /* another procedure */
                "20008087 00000001 00000004 00000001 00000000 00000000 | 00000000 00000001",
                "20008086 00000002 00000004 00000001 00000000 00000000 | 00000000 00000001",
                REMOTE_WORDS "00000004 00000000 00000000 00000000",            /* a call */
                REMOTE_WORDS "00000004 00000002 00000000 00000000 | 00000001", /* an event that is none */
                REMOTE_WORDS "0000016a 00000002 00000001 00000000", /* an event without its content */
                REMOTE_WORDS "0000016a 00000002 00000001 00000001 | 00000002", /* with an odd status */
                REMOTE_WORDS "000001ff 00000002 00000001 00000000 | 00000002", /* of a newer server */
                REMOTE_WORDS "00000004 00000063 00000000 00000000",
                REMOTE_WORDS "00000004 00000003 00000000 00000002 | 01",
        };
        Client c;
        client_begin(&c);
        ask_version(&c, 0);
        for (gsize i = 0; i < G_N_ELEMENTS(packets); i++)
                raw_send(c.context, c.peer, packets[i]);
        raw_send(c.context, c.peer, REMOTE_WORDS "00000004 00000001 00000000 00000000 | 00000000 00000007");
        RAW_WAIT(c.context, c.answers == 1);
        g_assert_cmpuint(c.last, ==, 7);
        g_assert_cmpuint(c.events, ==, 0);
        client_end(&c);
}

static void test_errors(void)
{
        Client c;
        client_begin(&c);
        ask_version(&c, 0);
        raw_send(c.context, c.peer,
                 REMOTE_WORDS "00000004 00000001 00000000 00000001 |"
                              "0000002a 0000000a 00000001 00000016 \"Domain not found: nope\" 0000"
                              "00000002 00000000 00000001 00000014 \"Domain not found: %s\""
                              "00000001 00000004 \"nope\" 00000000 ffffffff ffffffff 00000000");
        RAW_WAIT(c.context, c.answers == 1);
        g_assert_cmpstr(c.error, ==, "nope");
        g_assert_cmpint(c.code, ==, DM_ERROR_NOT_FOUND);
        g_assert_cmpint(c.wire_code, ==, 42);
        client_end(&c);
}

static void test_replies_that_cannot_be_read(void)
{
        Client c;
        client_begin(&c);
        ask_version(&c, 0);
        raw_send(c.context, c.peer, REMOTE_WORDS "00000004 00000001 00000000 00000000 | 00000000");
        RAW_WAIT(c.context, c.answers == 1);
        g_assert_cmpint(c.code, ==, DM_ERROR_INTERNAL);
        g_assert_cmpstr(
                c.error, ==,
                "the reply to virConnectGetVersion cannot be read: field 'hv_ver', byte 0: 8 bytes are "
                "needed, 4 are left");
        ask_version(&c, 0);
        raw_send(c.context, c.peer, REMOTE_WORDS "00000004 00000001 00000001 00000001 | 00000000");
        RAW_WAIT(c.context, c.answers == 2);
        g_assert_cmpint(c.code, ==, DM_ERROR_INTERNAL);
        g_assert_null(c.gone);
        client_end(&c);
}

static void test_deadline(void)
{
        Client c;
        client_begin(&c);
        gint64 begun = g_get_monotonic_time();
        ask_version(&c, 200);
        ask_version(&c, 50);
        RAW_WAIT(c.context, c.answers == 1);
        g_assert_cmpint(g_get_monotonic_time() - begun, >=, 50 * 1000);
        g_assert_cmpint(c.code, ==, DM_ERROR_TIMED_OUT);
        g_assert_cmpstr(c.error, ==,
                        "virConnectGetVersion was not answered within 50 ms; it may still be carried out");
        g_assert_cmpuint(waiting(&c), ==, 1);
        raw_send(c.context, c.peer, REMOTE_WORDS "00000004 00000001 00000001 00000000 | 00000000 00000001");
        raw_send(c.context, c.peer, REMOTE_WORDS "00000004 00000001 00000000 00000000 | 00000000 00000002");
        RAW_WAIT(c.context, c.answers == 2);
        g_assert_cmpuint(c.last, ==, 2); /* the late one was dropped */
        raw_settle(c.context);
        g_assert_cmpuint(c.answers, ==, 2);
        client_end(&c);
}

static void test_gone(void)
{
        Client c;
        client_begin(&c);
        ask_version(&c, 0);
        ask_version(&c, 1000);
        dm_close_fd(&c.peer);
        RAW_WAIT(c.context, c.gone);
        g_assert_cmpuint(c.answers, ==, 2);
        g_assert_cmpint(c.code, ==, DM_ERROR_GONE);
        g_assert_cmpstr(c.error, ==,
                        "virConnectGetVersion was not answered: the other side closed the connection");
        g_assert_cmpstr(c.gone, ==, "the other side closed the connection");
        g_assert_cmpuint(c.n_gone, ==, 1);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_rpc_conn_call(c.conn, remote(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 },
                                        NULL, 0, 0, on_answer, &c, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        client_end(&c);
}

static void test_free(void)
{
        Client c;
        client_begin(&c);
        ask_version(&c, 0);
        dm_rpc_conn_free(g_steal_pointer(&c.conn));
        g_assert_cmpuint(c.answers, ==, 1);
        g_assert_cmpstr(c.error, ==, "virConnectGetVersion was not answered: the connection was closed");
        g_assert_null(c.gone);
        client_end(&c);

        Client in_event;
        client_begin(&in_event);
        in_event.free_in_event = TRUE;
        ask_version(&in_event, 0);
        for (int i = 0; i < 3; i++)
                raw_send(NULL, in_event.peer, REMOTE_WORDS "0000016a 00000002 00000001 00000000 | 00000002");
        RAW_WAIT(in_event.context, in_event.events > 0);
        raw_settle(in_event.context);
        g_assert_cmpuint(in_event.events, ==, 1);
        g_assert_cmpuint(in_event.answers, ==, 1);
        g_assert_null(in_event.gone);
        client_end(&in_event);
}

static void test_limit(void)
{
        Client c;
        client_begin(&c);
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.unanswered = 2;
        dm_rpc_conn_set_limits(c.conn, &limits);
        ask_version(&c, 0);
        ask_version(&c, 0);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_rpc_conn_call(c.conn, remote(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 },
                                        NULL, 0, 0, on_answer, &c, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NO_MEMORY);
        g_clear_error(&error);
        g_assert_false(dm_rpc_conn_call(c.conn, remote(DM_REMOTE_DOMAIN_DEFINE_XML), &(DmRpcXml){ 0 }, NULL,
                                        0, 0, on_answer, &c, &error));
        g_assert_nonnull(error);
        client_end(&c);
}

static void test_keepalive(void)
{
        Client c;
        client_begin(&c);
        dm_rpc_conn_start_keepalive(c.conn, 40, 2);
        gint64 begun = g_get_monotonic_time();
        for (int i = 0; i < 2; i++)
                raw_expect(c.context, c.peer, "6b656570 00000001 00000001 00000002 00000000 00000000");
        raw_send(c.context, c.peer, "6b656570 00000001 00000002 00000002 00000000 00000000");
        for (int i = 0; i < 2; i++)
                raw_expect(c.context, c.peer, "6b656570 00000001 00000001 00000002 00000000 00000000");
        raw_expect_end(c.context, c.peer);
        g_assert_cmpint(g_get_monotonic_time() - begun, >=, 5 * 40 * 1000 - 10000);
        g_assert_cmpstr(c.gone, ==, "the other side did not answer 2 pings, one every 40 ms");
        client_end(&c);
}

/* ---- with our own server ---- */

typedef struct Duo {
        Server server;
        DmRpcConn *client;
        guint answers;
} Duo;

static void duo_begin(Duo *d)
{
        server_begin_open(&d->server, DM_RPC_SERVE_MAIN, NULL);
        const DmRpcHandlers none = { 0 };
        d->answers = 0;
        d->client = dm_rpc_conn_new(dm_steal_fd(&d->server.peer), d->server.context, DM_RPC_CLIENT, &none);
}

static void duo_end(Duo *d)
{
        dm_rpc_conn_free(d->client);
        server_end(&d->server);
}

static void answer_by_name(G_GNUC_UNUSED Server *s, DmRpcCall *call)
{
        if (dm_rpc_call_proc(call)->number != DM_REMOTE_DOMAIN_LOOKUP_BY_NAME) {
                dm_rpc_call_fail_unsupported(call);
                return;
        }
        DmRpcName *args = dm_rpc_call_args(call);
        if (g_str_equal(args->name, "nope")) {
                g_autoptr(GError) error =
                        g_error_new(DM_ERROR, DM_ERROR_NOT_FOUND, "no domain with matching name 'nope'");
                dm_rpc_call_fail(call, error);
                return;
        }
        DM_RPC_AUTO(OneDomain, ret) = { .dom = { .name = g_steal_pointer(&args->name), .id = 5 } };
        dm_rpc_call_reply(call, &ret);
}

static void test_ping_pong(void)
{
        Duo d;
        duo_begin(&d);
        d.server.on_call = answer_by_name;
        char name[] = "vm", nope[] = "nope";
        g_autoptr(GError) error = NULL;
        for (int i = 0; i < 1000; i++) {
                DM_RPC_AUTO(OneDomain, ret) = { 0 };
                dm_rpc_conn_call_wait(d.client, remote(DM_REMOTE_DOMAIN_LOOKUP_BY_NAME),
                                      &(DmRpcName){ .name = name }, &ret, WAIT_MS, &error);
                g_assert_no_error(error);
                g_assert_cmpstr(ret.dom.name, ==, "vm");
                g_assert_cmpint(ret.dom.id, ==, 5);
        }
        g_assert_false(dm_rpc_conn_call_wait(d.client, remote(DM_REMOTE_DOMAIN_LOOKUP_BY_NAME),
                                             &(DmRpcName){ .name = nope }, NULL, WAIT_MS, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        g_assert_cmpstr(error->message, ==, "no domain with matching name 'nope'");
        g_clear_error(&error);
        g_assert_false(dm_rpc_conn_call_wait(d.client, remote(DM_REMOTE_CONNECT_GET_VERSION),
                                             &(DmRpcVoid){ 0 }, NULL, WAIT_MS, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_cmpstr(error->message, ==, "virConnectGetVersion");
        duo_end(&d);
}

static void on_nested(DmRpcConn *conn, G_GNUC_UNUSED DmRpcAnswer *answer, void *user)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_rpc_conn_call_wait(conn, remote(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 },
                                             NULL, WAIT_MS, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_BUSY);
        *(gboolean *)user = TRUE;
}

static void test_no_waiting_in_callbacks(void)
{
        Duo d;
        duo_begin(&d);
        d.server.on_call = answer_by_name;
        gboolean called = FALSE;
        g_assert_true(dm_rpc_conn_call(d.client, remote(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 },
                                       NULL, 0, 0, on_nested, &called, NULL));
        RAW_WAIT(d.server.context, called);
        duo_end(&d);
}

static void count_answer(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        g_assert_error(answer->error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        (*(guint *)user)++;
}

/* Every procedure that can be called with zeroes, in one go: each is answered, whatever the limits. */
static void test_every_procedure(void)
{
        Duo d;
        duo_begin(&d);
        d.server.on_call = answer_by_name;
        gsize n;
        guint sent = 0;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        for (gsize i = 0; i < n; i++) {
                if (procs[i].is_event || procs[i].program == DM_RPC_PROGRAM_ADMIN ||
                    procs[i].number == DM_REMOTE_CONNECT_OPEN || procs[i].number == DM_REMOTE_CONNECT_CLOSE)
                        continue;
                g_autofree void *args = g_malloc0(procs[i].args->size);
                sent += (guint)dm_rpc_conn_call(d.client, &procs[i], args, NULL, 0, 0, count_answer,
                                                &d.answers, NULL);
        }
        g_assert_cmpuint(sent, >, 60); /* those without strings */
        RAW_WAIT(d.server.context, d.answers == sent);
        duo_end(&d);
}

static void take_fd(Server *s, DmRpcCall *call)
{
        int fd = dm_rpc_call_take_fd(call);
        g_assert_cmpint(fd, >=, 0);
        g_assert_null(s->gone);
        dm_rpc_call_reply_fds(call, &(DmRpcResultText){ .result = (char *)"{}" }, &fd, 1);
}

static void on_fd(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        g_assert_no_error(answer->error);
        g_assert_cmpuint(answer->n_fds, ==, 1);
        *(int *)user = dm_steal_fd(&answer->fds[0]);
}

static void test_fds(void)
{
        guint before = raw_open_fds();
        Duo d;
        duo_begin(&d);
        d.server.on_call = take_fd;
        int pipes[2], back = -1;
        g_assert_cmpint(pipe(pipes), ==, 0);
        char text[] = "x";
        const DmRpcDomainCommand args = { .dom.name = text, .cmd = text };
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_COMMAND_WITH_FILES);
        g_assert_true(dm_rpc_conn_call(d.client, proc, &args, &pipes[1], 1, 0, on_fd, &back, NULL));
        RAW_WAIT(d.server.context, back >= 0);
        g_assert_true(raw_same_pipe(back, pipes[0]));
        int closed = -1;
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_rpc_conn_call(d.client, proc, &args, &closed, 1, 0, on_fd, &back, &error));
        g_assert_nonnull(strstr(error->message, "descriptor -1 cannot be duplicated"));
        dm_close_fd(&back);
        dm_close_fd(&pipes[0]);
        dm_close_fd(&pipes[1]);
        duo_end(&d);
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/client/serials", test_serials);
        g_test_add_func("/rpc/client/unexpected", test_unexpected);
        g_test_add_func("/rpc/client/errors", test_errors);
        g_test_add_func("/rpc/client/replies-that-cannot-be-read", test_replies_that_cannot_be_read);
        g_test_add_func("/rpc/client/deadline", test_deadline);
        g_test_add_func("/rpc/client/gone", test_gone);
        g_test_add_func("/rpc/client/free", test_free);
        g_test_add_func("/rpc/client/limit", test_limit);
        g_test_add_func("/rpc/client/keepalive", test_keepalive);
        g_test_add_func("/rpc/client/ping-pong", test_ping_pong);
        g_test_add_func("/rpc/client/no-waiting-in-callbacks", test_no_waiting_in_callbacks);
        g_test_add_func("/rpc/client/every-procedure", test_every_procedure);
        g_test_add_func("/rpc/client/fds", test_fds);
        return g_test_run();
}
