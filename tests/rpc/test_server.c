/* What a server answers, and when it does not: the gates, odd packets, limits. */
#include "server_fixture.h"

#define PING "6b656570 00000001 00000001 00000002 00000000 00000000"
#define PONG "6b656570 00000001 00000002 00000002 00000000 00000000"

/* ---- the gates ---- */

static void test_stages(void)
{
        Server s;
        server_begin(&s, DM_RPC_SERVE_MAIN, NULL);
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000000 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000000 00000001", 39, 7,
                         "authentication required");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000001 00000000 00000001 00000000 | 00000000 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "00000001 00000001 00000001 00000001", 39, 7,
                         "authentication required");
        /* Authentication's own procedures come through, and keepalive is answered. */
        raw_send(s.context, s.peer, REMOTE_WORDS "00000042 00000000 00000002 00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        gint32 none = 0;
        server_answer(&s, &(DmRpcAuthListRet){ .types = { &none, 1 } });
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000042 00000001 00000002 00000000 | 00000001 00000000");
        raw_send(s.context, s.peer, PING);
        raw_expect(s.context, s.peer, PONG);

        dm_rpc_conn_set_stage(s.conn, DM_RPC_STAGE_AUTHENTICATED);
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000003 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000003 00000001", 1, 7,
                         "internal error: hypervisor connection not open");
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000004 00000000 | 0000000e");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000004 00000001", 1, 7,
                         "internal error: hypervisor connection not open");
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000005 00000000 | 0000000a");
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000005 00000000 | 00000001");

        raw_send(s.context, s.peer, REMOTE_WORDS "00000001 00000000 00000006 00000000 | 00000000 00000006");
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000001 00000001 00000006 00000000");
        g_assert_cmpint(dm_rpc_conn_stage(s.conn), ==, DM_RPC_STAGE_OPEN);
        raw_send(s.context, s.peer, REMOTE_WORDS "00000001 00000000 00000007 00000000 | 00000000 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "00000001 00000001 00000007 00000001", 1, 7,
                         "internal error: connection already open");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000008 00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        server_answer(&s, &(DmRpcConnectGetVersionRet){ .hv_ver = 7002000 });
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000008 00000000 | 00000000 006ad790");

        raw_send(s.context, s.peer, REMOTE_WORDS "00000002 00000000 00000009 00000000");
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000002 00000001 00000009 00000000");
        raw_expect_end(s.context, s.peer);
        server_wait_gone(&s, "the connection was closed");
        server_end(&s);
}

/* CONNECT_CLOSE needs no open connection. */
static void test_close_unopened(void)
{
        Server s;
        server_begin(&s, DM_RPC_SERVE_MAIN, NULL);
        dm_rpc_conn_set_stage(s.conn, DM_RPC_STAGE_AUTHENTICATED);
        raw_send(s.context, s.peer, REMOTE_WORDS "00000002 00000000 00000000 00000000");
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000002 00000001 00000000 00000000");
        raw_expect_end(s.context, s.peer);
        server_end(&s);
}

/* What was sent before the end is written, however long the peer takes to read it. */
static void test_close_with_output(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_EVENT);
        g_autofree char *details = g_strnfill(3 << 20, 'd');
        const DmRpcQemuDomainMonitorEventMsg event = { .dom.name = details, .event = details };
        g_assert_true(dm_rpc_conn_send_event(s.conn, proc, &event, NULL));
        raw_send(s.context, s.peer, REMOTE_WORDS "00000002 00000000 00000000 00000000");
        raw_settle(s.context);
        g_assert_null(s.gone);
        g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
        g_assert_cmpuint(packet->len, >, 6 << 20);
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000002 00000001 00000000 00000000");
        raw_expect_end(s.context, s.peer);
        server_end(&s);
}

static void test_odd_calls(void)
{
        static const struct {
                const char *sent, *header, *message;
        } cases[] = {
                { REMOTE_WORDS "000001bc 00000000 00000001 00000000",
                  REMOTE_WORDS "000001bc 00000001 00000001 00000001", "unknown procedure: 444" },
                { REMOTE_WORDS "00000000 00000000 00000002 00000000",
                  REMOTE_WORDS "00000000 00000001 00000002 00000001", "unknown procedure: 0" },
                { REMOTE_WORDS "ffffffff 00000000 00000002 00000000",
                  REMOTE_WORDS "ffffffff 00000001 00000002 00000001", "unknown procedure: -1" },
                { REMOTE_WORDS "0000013e 00000000 00000003 00000000", /* an event */
                  REMOTE_WORDS "0000013e 00000001 00000003 00000001", "unknown procedure: 318" },
                { "20008086 00000002 00000004 00000000 00000004 00000000",
                  "20008086 00000002 00000004 00000001 00000004 00000001",
                  "Cannot find program 536903814 version 2" },
                { "20008088 00000001 00000001 00000000 00000005 00000000",
                  "20008088 00000001 00000001 00000001 00000005 00000001",
                  "Cannot find program 536903816 version 1" },
                { "06900690 00000001 00000001 00000000 00000005 00000000 00000000", /* on another socket */
                  "06900690 00000001 00000001 00000001 00000005 00000001",
                  "Cannot find program 110102160 version 1" },
                { "6b656570 00000001 00000001 00000000 00000006 00000000", /* a call of keepalive */
                  "6b656570 00000001 00000001 00000001 00000006 00000001",
                  "Cannot find program 1801807216 version 1" },
                { REMOTE_WORDS "00000004 00000000 00000007 00000001",
                  REMOTE_WORDS "00000004 00000001 00000007 00000001", "Unexpected message status 1" },
                { REMOTE_WORDS "00000017 00000000 00000008 00000000 | 00000003",
                  REMOTE_WORDS "00000017 00000001 00000008 00000001",
                  "Unable to decode message payload: field 'name', byte 0: a string of 3 bytes, with 0 "
                  "left" },
                { REMOTE_WORDS "00000017 00000000 00000009 00000000",
                  REMOTE_WORDS "00000017 00000001 00000009 00000001", "Unable to decode message payload" },
        };
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                raw_send(s.context, s.peer, cases[i].sent);
                raw_expect_error(s.context, s.peer, cases[i].header, 39, 7, cases[i].message);
        }
        g_assert_cmpuint(s.calls.length, ==, 0);
        server_end(&s);
}

/* Dropped without a word; the connection goes on. */
static void test_dropped(void)
{
        static const char *const packets[] = {
                REMOTE_WORDS "00000004 00000001 00000000 00000000",          /* a reply */
                REMOTE_WORDS "00000004 00000005 00000000 00000000 00000000", /* with descriptors */
                REMOTE_WORDS "00000004 00000009 00000000 00000000",          /* no such type */
                REMOTE_WORDS "000000d0 00000003 00000000 00000002 12345678", /* data for no stream */
                REMOTE_WORDS "000000d0 00000003 00000000 00000000",
                REMOTE_WORDS "000000d0 00000006 00000000 00000002 00000000 00000001 00000000",
                REMOTE_WORDS "0000013e 00000002 00000001 00000000",      /* an event, from a client */
                "6b656570 00000001 00000003 00000002 00000000 00000000", /* keepalive that nobody knows */
                "6b656570 00000001 00000002 00000002 00000000 00000000", /* a PONG unasked */
                "6b656570 00000002 00000001 00000002 00000000 00000000", /* another version */
        };
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(packets); i++)
                raw_send(s.context, s.peer, packets[i]);
        raw_send(s.context, s.peer, PING);
        raw_expect(s.context, s.peer, PONG);
        raw_expect_silence(s.context, s.peer, 20);
        g_assert_cmpuint(server_figures(&s).packets_in, ==, G_N_ELEMENTS(packets) + 1);
        g_assert_cmpuint(s.calls.length, ==, 0);
        server_end(&s);
}

/* Closed without an answer. */
static void test_broken(void)
{
        static const char *const lengths[] = { "00000003", "0000001b", "02000005", "ffffffff" };
        for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
                Server s;
                server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
                g_autoptr(GByteArray) bytes = raw_bytes(lengths[i]);
                raw_send_bytes(s.context, s.peer, bytes->data, bytes->len);
                raw_expect_end(s.context, s.peer);
                g_assert_nonnull(strstr(s.gone, "the other side sent a packet of "));
                server_end(&s);
        }
}

static void test_trailing(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        raw_send(s.context, s.peer,
                 REMOTE_WORDS "0000003c 00000000 00000001 00000000 | 0000000e 00000000 11");
        RAW_WAIT(s.context, s.calls.length == 1);
        DmRpcCall *call = g_queue_peek_head(&s.calls);
        g_assert_cmpint(((DmRpcConnectSupportsFeatureArgs *)dm_rpc_call_args(call))->feature, ==, 14);
        g_assert_true(dm_rpc_call_conn(call) == s.conn);
        server_answer(&s, &(DmRpcConnectSupportsFeatureRet){ .supported = 1 });
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000001 00000000 | 00000001");
        server_end(&s);
}

#define DOMAIN "00000002 \"vm\" 0000 | 00112233 44556677 8899aabb ccddeeff | ffffffff "

static void test_read_only(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN | DM_RPC_READ_ONLY, NULL);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000c 00000000 00000001 00000000 |" DOMAIN);
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000c 00000001 00000001 00000001", 29, 20,
                         "operation forbidden: read only access prevents virDomainDestroy");
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000e 00000000 00000002 00000000 |" DOMAIN "00000001");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000e 00000001 00000002 00000001", 29, 20,
                         "operation forbidden: read only access prevents virDomainGetXMLDesc");
        /* After decoding, as libvirt does. */
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000c 00000000 00000003 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000c 00000001 00000003 00000001", 39, 7,
                         "Unable to decode message payload");
        g_assert_cmpuint(s.calls.length, ==, 0);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000e 00000000 00000004 00000000 |" DOMAIN "00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        server_end(&s);
}

static void test_admin(void)
{
        Server s;
        server_begin(&s, DM_RPC_SERVE_ADMIN, NULL);
        dm_rpc_conn_set_stage(s.conn, DM_RPC_STAGE_AUTHENTICATED);
        raw_send(s.context, s.peer, "06900690 00000001 00000003 00000000 00000000 00000000");
        raw_expect_error(s.context, s.peer, "06900690 00000001 00000003 00000001 00000000 00000001", 1, 7,
                         "internal error: hypervisor connection not open");
        raw_send(s.context, s.peer, "06900690 00000001 00000001 00000000 00000001 00000000 00000000");
        raw_expect(s.context, s.peer, "06900690 00000001 00000001 00000001 00000001 00000000");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000002 00000000");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000002 00000001", 39, 7,
                         "Cannot find program");
        server_end(&s);
}

/* ---- answers ---- */

static void test_failures(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        for (int i = 1; i <= 4; i++) {
                g_autofree char *call = g_strdup_printf(
                        REMOTE_WORDS "0000000e 00000000 0000000%d 00000000 |" DOMAIN "00000000", i);
                raw_send(s.context, s.peer, call);
        }
        RAW_WAIT(s.context, s.calls.length == 4);
        dm_rpc_call_fail_unsupported(g_queue_pop_head(&s.calls));
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000e 00000001 00000001 00000001", 3, 20,
                         "this function is not supported by the connection driver: virDomainGetXMLDesc");
        g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_NOT_FOUND, "no domain 'x'");
        dm_rpc_call_fail(g_queue_pop_head(&s.calls), error);
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000e 00000001 00000002 00000001", 42, 10,
                         "Domain not found: no domain 'x'");
        dm_rpc_call_fail_code(g_queue_pop_head(&s.calls), DM_RPC_ERR_AGENT_UNRESPONSIVE, DM_RPC_FROM_QEMU,
                              "100%% %s", "silent");
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "0000000e 00000001 00000003 00000001", 86, 10,
                         "Guest agent is not responding: 100% silent");
        /* A reply that cannot be written is an error, not silence. */
        server_answer(&s, &(DmRpcXml){ .xml = NULL });
        raw_expect_error(
                s.context, s.peer, REMOTE_WORDS "0000000e 00000001 00000004 00000001", 39, 7,
                "Unable to encode message payload: Xml cannot be sent: field 'xml': a string must be there");
        server_end(&s);
}

static gpointer answer_elsewhere(gpointer data)
{
        DmRpcCall *call = data;
        g_usleep(1000);
        DM_RPC_AUTO(Xml, ret) = { .xml = g_strdup("<domain/>") };
        dm_rpc_call_reply(call, &ret);
        return NULL;
}

/* Each call answered by a thread of its own, while the owner runs the connection. */
static void test_threads(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.calls = 4;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        GThread *threads[40];
        guint started = 0, answered = 0;
        for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
                g_autofree char *call = g_strdup_printf(
                        REMOTE_WORDS "0000000e 00000000 %08x 00000000 |" DOMAIN "00000000", i);
                raw_send(s.context, s.peer, call);
        }
        while (answered < G_N_ELEMENTS(threads)) {
                RAW_WAIT(s.context, s.calls.length > 0 || started > answered);
                g_assert_cmpuint(server_figures(&s).calls, <=, 4);
                while (s.calls.length > 0)
                        threads[started++] =
                                g_thread_new("answer", answer_elsewhere, g_queue_pop_head(&s.calls));
                g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
                g_assert_cmpuint(raw_word(packet, 3), ==, DM_RPC_REPLY);
                g_assert_cmpuint(raw_word(packet, 5), ==, DM_RPC_OK);
                answered++;
        }
        g_assert_cmpuint(server_figures(&s).calls, ==, 0);
        for (guint i = 0; i < started; i++)
                g_thread_join(threads[i]);
        server_end(&s);
}

/* A connection that ends while calls are worked on: their answers go nowhere, and nothing is lost of them. */
static void test_late_answers(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        for (guint i = 0; i < 4; i++)
                raw_send(s.context, s.peer,
                         REMOTE_WORDS "0000000e 00000000 00000001 00000000 |" DOMAIN "00000000");
        RAW_WAIT(s.context, s.calls.length == 4);
        dm_close_fd(&s.peer);
        server_wait_gone(&s, "the other side closed the connection");
        server_answer(&s, &(DmRpcXml){ .xml = (char *)"x" });
        GThread *one = g_thread_new("answer", answer_elsewhere, g_queue_pop_head(&s.calls));
        g_thread_join(one);
        dm_rpc_conn_free(g_steal_pointer(&s.conn));
        GThread *two = g_thread_new("answer", answer_elsewhere, g_queue_pop_head(&s.calls));
        g_thread_join(two);
        g_assert_cmpuint(s.calls.length, ==, 1); /* answered by server_end() */
        server_end(&s);
}

static void free_in_call(Server *s, DmRpcCall *call)
{
        dm_rpc_conn_free(g_steal_pointer(&s->conn));
        dm_rpc_call_fail_unsupported(call);
}

static void test_free_in_callback(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        s.on_call = free_in_call;
        for (guint i = 0; i < 4; i++)
                raw_send(NULL, s.peer,
                         REMOTE_WORDS "0000000e 00000000 00000001 00000000 |" DOMAIN "00000000");
        raw_expect_end(s.context, s.peer);
        g_assert_null(s.conn);
        g_assert_null(s.gone);
        server_end(&s);
}

/* ---- descriptors ---- */

static void test_fds(void)
{
        guint before = raw_open_fds();
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        int pipes[2];
        g_assert_cmpint(pipe(pipes), ==, 0);
        DmRpcQueue q = { 0 };
        const DmRpcHeader h = { .program = DM_RPC_PROGRAM_REMOTE,
                                .version = 1,
                                .proc = DM_REMOTE_DOMAIN_OPEN_GRAPHICS,
                                .type = DM_RPC_CALL_WITH_FDS,
                                .serial = 1 };
        char name[] = "vm";
        const DmRpcDomainIndex args = { .dom.name = name };
        int sent = dup(pipes[1]);
        dm_rpc_queue_push(&q,
                          dm_rpc_packet_new(&h, &dm_rpc_type_DomainIndex, &args, 1, DM_RPC_MESSAGE_MAX, NULL),
                          &sent, 1, NULL);
        int two[2] = { dup(pipes[1]), dup(pipes[1]) };
        dm_rpc_queue_push(&q,
                          dm_rpc_packet_new(&h, &dm_rpc_type_DomainIndex, &args, 2, DM_RPC_MESSAGE_MAX, NULL),
                          two, 2, NULL);
        g_assert_cmpint(dm_rpc_queue_flush(&q, s.peer, NULL), ==, DM_RPC_IO_DONE);
        raw_expect_error(s.context, s.peer, REMOTE_WORDS "000000f9 00000001 00000001 00000001", 39, 7,
                         "virDomainOpenGraphics takes 1 descriptors, not 2");
        g_assert_cmpuint(s.calls.length, ==, 1);
        DmRpcCall *call = g_queue_peek_head(&s.calls);
        g_assert_cmpuint(dm_rpc_call_n_fds(call), ==, 1);
        int taken = dm_rpc_call_take_fd(call);
        g_assert_true(raw_same_pipe(taken, pipes[0]));
        g_assert_cmpuint(dm_rpc_call_n_fds(call), ==, 0);
        g_assert_cmpint(dm_rpc_call_take_fd(call), ==, -1);
        dm_close_fd(&taken);
        server_answer(&s, &(DmRpcVoid){ 0 });
        raw_expect(s.context, s.peer, REMOTE_WORDS "000000f9 00000001 00000001 00000000");

        /* The other way: the reply is 32 bytes, and the descriptor comes after them. */
        raw_send(s.context, s.peer,
                 REMOTE_WORDS "00000157 00000000 00000002 00000000 |" DOMAIN "00000000 00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        sent = dup(pipes[1]);
        dm_rpc_call_reply_fds(g_queue_pop_head(&s.calls), &(DmRpcVoid){ 0 }, &sent, 1);
        RAW_WAIT(s.context, server_figures(&s).output == 0);
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        while (dm_rpc_reader_fill(&r, s.peer, NULL) == DM_RPC_IO_DONE)
                ;
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(dm_rpc_reader_peek(&r, &packet.header, NULL), ==, DM_RPC_NEXT_PACKET);
        dm_rpc_reader_take(&r, &packet);
        g_assert_cmpuint(packet.header.type, ==, DM_RPC_REPLY_WITH_FDS);
        g_assert_cmpuint(packet.header.length, ==, 32);
        g_assert_cmpuint(packet.n_fds, ==, 1);
        g_assert_true(raw_same_pipe(packet.fds[0], pipes[0]));
        dm_rpc_packet_close(&packet);
        dm_rpc_reader_clear(&r);
        dm_close_fd(&pipes[0]);
        dm_close_fd(&pipes[1]);
        server_end(&s);
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

/* ---- limits ---- */

static void test_calls_in_flight(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        for (guint i = 0; i < 8; i++) {
                g_autofree char *call = g_strdup_printf(
                        REMOTE_WORDS "0000000e 00000000 %08x 00000000 |" DOMAIN "00000000", i);
                raw_send(s.context, s.peer, call);
                if (i == 4) {
                        raw_send(s.context, s.peer, PING); /* answered while five calls are worked on */
                        raw_expect(s.context, s.peer, PONG);
                }
        }
        raw_send(s.context, s.peer, PING); /* not read */
        raw_expect_silence(s.context, s.peer, 30);
        g_assert_cmpuint(s.calls.length, ==, 5);
        g_assert_false(server_figures(&s).reading);
        server_answer(&s, &(DmRpcXml){ .xml = (char *)"x" });
        raw_expect(s.context, s.peer,
                   REMOTE_WORDS "0000000e 00000001 00000000 00000000 | 00000001 \"x\" 000000");
        RAW_WAIT(s.context, s.calls.length == 5);
        raw_settle(s.context);
        g_assert_cmpuint(s.calls.length, ==, 5);
        while (s.calls.length > 0) {
                server_answer(&s, &(DmRpcXml){ .xml = (char *)"x" });
                raw_settle(s.context);
        }
        g_assert_true(server_figures(&s).reading);
        guint pongs = 0;
        for (guint i = 1; i < 9; i++) {
                g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
                pongs += raw_word(packet, 0) == DM_RPC_PROGRAM_KEEPALIVE;
        }
        g_assert_cmpuint(pongs, ==, 1);
        server_end(&s);
}

/* What is not read keeps further calls from being taken; what streams send is no such thing. */
static void test_output_high(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.output_high = 1000;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        g_autofree char *text = g_strnfill(3 << 20, 'x');
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000e 00000000 00000001 00000000 |" DOMAIN "00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        server_answer(&s, &(DmRpcXml){ .xml = text });
        raw_settle(s.context);
        g_assert_cmpuint(server_figures(&s).output, >, 1 << 20);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000000e 00000000 00000002 00000000 |" DOMAIN "00000000");
        for (int i = 0; i < 50; i++)
                raw_iterate(s.context);
        g_assert_cmpuint(s.calls.length, ==, 0);
        g_assert_false(server_figures(&s).reading);
        g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
        g_assert_cmpuint(packet->len, ==, 24 + 4 + (3 << 20));
        RAW_WAIT(s.context, s.calls.length == 1);
        server_end(&s);
}

static void test_output_cap(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.output = 1 << 20;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_EVENT);
        g_autofree char *details = g_strnfill(10000, 'd');
        const DmRpcQemuDomainMonitorEventMsg event = { .dom.name = details,
                                                       .event = details,
                                                       .details = details };
        gsize sent = 0;
        for (; !dm_rpc_conn_is_gone(s.conn); sent++) {
                g_assert_cmpuint(sent, <, 100);
                g_assert_true(dm_rpc_conn_send_event(s.conn, proc, &event, NULL));
                raw_settle(s.context);
        }
        g_assert_cmpuint(sent, >, 30);
        RAW_WAIT(s.context, s.gone);
        g_assert_true(g_str_has_prefix(s.gone, "the other side does not read: "));
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_rpc_conn_send_event(s.conn, proc, &event, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        server_end(&s);
}

static void test_message_unopened(void)
{
        Server s;
        server_begin(&s, DM_RPC_SERVE_MAIN, NULL);
        dm_rpc_conn_set_stage(s.conn, DM_RPC_STAGE_AUTHENTICATED);
        g_autoptr(GByteArray) bytes = raw_bytes("00060000");
        raw_send_bytes(s.context, s.peer, bytes->data, bytes->len);
        server_wait_gone(&s, "the other side sent a packet of 393216 bytes, must be 28 to 327680");
        server_end(&s);

        Server opened;
        server_begin_open(&opened, DM_RPC_SERVE_MAIN, NULL);
        raw_send_bytes(opened.context, opened.peer, bytes->data, bytes->len);
        raw_settle(opened.context);
        g_assert_null(opened.gone);
        server_end(&opened);
}

/* ---- time ---- */

static void test_half_open(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.open_ms = 100;
        gint64 begun = g_get_monotonic_time();
        server_begin(&s, DM_RPC_SERVE_MAIN, &limits);
        /* While a call is worked on (a question to the user, say), time does not count. */
        raw_send(s.context, s.peer, REMOTE_WORDS "00000046 00000000 00000001 00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        gint64 until = g_get_monotonic_time() + 200 * 1000;
        while (g_get_monotonic_time() < until)
                raw_iterate(s.context);
        g_assert_null(s.gone);
        server_answer(&s, &(DmRpcAuthPolkitRet){ .complete = 1 });
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000046 00000001 00000001 00000000 | 00000001");
        raw_send(s.context, s.peer, PING); /* no life sign that would count */
        raw_expect(s.context, s.peer, PONG);
        raw_expect_end(s.context, s.peer);
        g_assert_cmpint(g_get_monotonic_time() - begun, >=, 300 * 1000 - 5000);
        server_wait_gone(&s, "the client opened nothing within 100 ms");
        server_end(&s);

        /* To be authenticated is not enough. */
        Server idle;
        server_begin(&idle, DM_RPC_SERVE_MAIN, &limits);
        dm_rpc_conn_set_stage(idle.conn, DM_RPC_STAGE_AUTHENTICATED);
        server_wait_gone(&idle, "the client opened nothing within 100 ms");
        server_end(&idle);

        Server opened;
        server_begin_open(&opened, DM_RPC_SERVE_MAIN, &limits);
        raw_expect_silence(opened.context, opened.peer, 150);
        g_assert_null(opened.gone);
        server_end(&opened);
}

#define BEAT_MS 60

static void test_keepalive(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.keepalive_ms = BEAT_MS;
        limits.keepalive_count = 3;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        raw_expect_silence(s.context, s.peer, 2 * BEAT_MS); /* it has not been asked for */
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000001 00000000 | 0000000a");
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000001 00000000 | 00000001");
        for (int round = 0; round < 2; round++) {
                gint64 begun = g_get_monotonic_time();
                for (int i = 1; i <= 3; i++) {
                        raw_expect(s.context, s.peer, PING);
                        g_assert_cmpint(g_get_monotonic_time() - begun, >=, (i * BEAT_MS - 10) * 1000);
                }
                if (round == 0) {
                        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000009 00000000 00000000");
                        raw_settle(s.context); /* any packet is a life sign */
                        continue;
                }
                raw_expect_end(s.context, s.peer);
                g_assert_cmpint(g_get_monotonic_time() - begun, >=, (4 * BEAT_MS - 10) * 1000);
        }
        server_wait_gone(&s, "the other side did not answer 3 pings, one every 60 ms");
        server_end(&s);
}

static void test_keepalive_off(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.keepalive_ms = 0;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000001 00000000 | 0000000a");
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000001 00000000 | 00000000");
        server_end(&s);
}

/* A peer that does not read gets no pile of pings. */
static void test_keepalive_unread(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.keepalive_ms = 20;
        limits.keepalive_count = 5;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000001 00000000 | 0000000a");
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000001 00000000 | 00000001");
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_EVENT);
        g_autofree char *details = g_strnfill(2 << 20, 'd');
        const DmRpcQemuDomainMonitorEventMsg event = { .dom.name = details, .event = details };
        g_assert_true(dm_rpc_conn_send_event(s.conn, proc, &event, NULL));
        guint64 before = server_figures(&s).packets_out;
        server_wait_gone(&s, "the other side did not answer 5 pings, one every 20 ms");
        g_assert_cmpuint(server_figures(&s).packets_out, ==, before + 1);
        server_end(&s);
}

/* Silence is not the peer's while we do not read. */
static void test_keepalive_held(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.keepalive_ms = 20;
        limits.keepalive_count = 2;
        limits.calls = 1;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        raw_send(s.context, s.peer, REMOTE_WORDS "0000003c 00000000 00000001 00000000 | 0000000a");
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000003c 00000001 00000001 00000000 | 00000001");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000002 00000000");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000003 00000000");
        raw_settle(s.context);
        g_assert_cmpuint(s.calls.length, ==, 1);
        raw_expect_silence(s.context, s.peer, 150);
        g_assert_null(s.gone);
        server_answer(&s, &(DmRpcConnectGetVersionRet){ .hv_ver = 1 });
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000002 00000000 | 00000000 00000001");
        server_end(&s);
}

/* A client that is gone is noticed even while we do not read. */
static void test_end_while_held(void)
{
        Server s;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.calls = 1;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, &limits);
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000002 00000000");
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000003 00000000");
        raw_settle(s.context);
        dm_close_fd(&s.peer);
        server_wait_gone(&s, "the other side closed the connection");
        g_assert_cmpuint(s.calls.length, ==, 1);
        server_end(&s);
}

static void test_events(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_CONNECT_EVENT_CONNECTION_CLOSED);
        g_assert_true(dm_rpc_conn_send_event(s.conn, proc,
                                             &(DmRpcConnectEventConnectionClosedMsg){ .reason = 2 }, NULL));
        raw_expect(s.context, s.peer, REMOTE_WORDS "0000016a 00000002 00000001 00000000 | 00000002");
        g_autoptr(GError) error = NULL;
        const DmRpcProc *reboot = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_EVENT_CALLBACK_REBOOT);
        g_assert_false(
                dm_rpc_conn_send_event(s.conn, reboot, &(DmRpcDomainEventCallbackRebootMsg){ 0 }, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INTERNAL);
        server_end(&s);
}

/* Packets of random content: the connection lives or ends, and each call is answered or refused. */
static void test_noise(void)
{
        g_autoptr(GRand) rand = g_rand_new_with_seed(7);
        for (int round = 0; round < 300; round++) {
                Server s;
                server_begin_open(&s, round % 2 ? DM_RPC_SERVE_MAIN : DM_RPC_SERVE_MAIN | DM_RPC_READ_ONLY,
                                  NULL);
                for (int i = 0; i < 20; i++) {
                        guint32 words[16] = { GUINT32_TO_BE(sizeof words), GUINT32_TO_BE(0x20008086),
                                              GUINT32_TO_BE(1),
                                              GUINT32_TO_BE((guint32)g_rand_int_range(rand, 0, 460)),
                                              GUINT32_TO_BE((guint32)g_rand_int_range(rand, 0, 8)) };
                        for (gsize w = 5; w < G_N_ELEMENTS(words); w++)
                                words[w] = GUINT32_TO_BE((guint32)g_rand_int_range(rand, 0, w == 6 ? 3 : 5));
                        if (send(s.peer, words, sizeof words, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                                break;
                        raw_settle(s.context);
                        while (s.calls.length > 0)
                                dm_rpc_call_fail_unsupported(g_queue_pop_head(&s.calls));
                }
                raw_settle(s.context);
                server_end(&s);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/server/stages", test_stages);
        g_test_add_func("/rpc/server/close-unopened", test_close_unopened);
        g_test_add_func("/rpc/server/close-with-output", test_close_with_output);
        g_test_add_func("/rpc/server/odd-calls", test_odd_calls);
        g_test_add_func("/rpc/server/dropped", test_dropped);
        g_test_add_func("/rpc/server/broken", test_broken);
        g_test_add_func("/rpc/server/trailing", test_trailing);
        g_test_add_func("/rpc/server/read-only", test_read_only);
        g_test_add_func("/rpc/server/admin", test_admin);
        g_test_add_func("/rpc/server/failures", test_failures);
        g_test_add_func("/rpc/server/threads", test_threads);
        g_test_add_func("/rpc/server/late-answers", test_late_answers);
        g_test_add_func("/rpc/server/free-in-callback", test_free_in_callback);
        g_test_add_func("/rpc/server/fds", test_fds);
        g_test_add_func("/rpc/server/calls-in-flight", test_calls_in_flight);
        g_test_add_func("/rpc/server/output-high", test_output_high);
        g_test_add_func("/rpc/server/output-cap", test_output_cap);
        g_test_add_func("/rpc/server/message-unopened", test_message_unopened);
        g_test_add_func("/rpc/server/half-open", test_half_open);
        g_test_add_func("/rpc/server/keepalive", test_keepalive);
        g_test_add_func("/rpc/server/keepalive-off", test_keepalive_off);
        g_test_add_func("/rpc/server/keepalive-unread", test_keepalive_unread);
        g_test_add_func("/rpc/server/keepalive-held", test_keepalive_held);
        g_test_add_func("/rpc/server/end-while-held", test_end_while_held);
        g_test_add_func("/rpc/server/events", test_events);
        g_test_add_func("/rpc/server/noise", test_noise);
        return g_test_run();
}
