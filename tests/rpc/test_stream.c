/* Streams: the packets that libvirt's clients send and expect, back pressure, and both of our sides together.
 */
#include "server_fixture.h"

#define DOMAIN   "00000002 \"vm\" 0000 | 00112233 44556677 8899aabb ccddeeff | ffffffff "
#define CONSOLE  REMOTE_WORDS "000000c9 "
#define DOWNLOAD REMOTE_WORDS "000000d1 "
#define UPLOAD   REMOTE_WORDS "000000d0 "
#define VOLUME                                                                                          \
        "00000001 \"p\" 000000 00000001 \"v\" 000000 00000001 \"k\" 000000 00000000 00000000 00000000 " \
        "00000000 "
#define OPEN_CALL  "00000000 00000007 00000000 |"
#define OPEN_REPLY "00000001 00000007 00000000"
#define DATA       "00000003 00000007 00000002 "
#define HOLE       "00000006 00000007 00000002 "
#define OK         "00000003 00000007 00000000"
#define ABORT      "00000003 00000007 00000001"

typedef struct Log {
        DmRpcStream *stream; /* NULL once it is gone */
        GString *text;       /* data as text, [n] for a hole, and marks: '.' end, '!' finish, '#' closed */
        char *error;
        gsize bytes;
        guint writable;
        gboolean pause;     /* after each piece of data */
        gboolean keep_open; /* finish is confirmed by the test */
} Log;

static void on_data(DmRpcStream *s, const guint8 *data, gsize length, void *user)
{
        Log *log = user;
        log->bytes += length;
        g_string_append_len(log->text, (const char *)data, (gssize)MIN(length, 16));
        if (log->pause)
                dm_rpc_stream_pause(s);
}

static void on_hole(G_GNUC_UNUSED DmRpcStream *s, gint64 length, void *user)
{
        g_string_append_printf(((Log *)user)->text, "[%" G_GINT64_FORMAT "]", length);
}

static void on_end(DmRpcStream *s, void *user)
{
        Log *log = user;
        g_string_append_c(log->text, '.');
        if (!log->keep_open)
                dm_rpc_stream_finish(s);
}

static void on_finish(DmRpcStream *s, void *user)
{
        Log *log = user;
        g_string_append_c(log->text, '!');
        if (log->keep_open)
                return;
        log->stream = NULL;
        dm_rpc_stream_finish(s);
}

static void on_writable(G_GNUC_UNUSED DmRpcStream *s, void *user)
{
        ((Log *)user)->writable++;
}

static void on_closed(G_GNUC_UNUSED DmRpcStream *s, const GError *error, void *user)
{
        Log *log = user;
        g_assert_nonnull(log->stream);
        log->stream = NULL;
        g_string_append_c(log->text, '#');
        log->error = error ? g_strdup(error->message) : NULL;
}

static const DmRpcStreamHandlers logging = { .data = on_data,
                                             .hole = on_hole,
                                             .end = on_end,
                                             .finish = on_finish,
                                             .writable = on_writable,
                                             .closed = on_closed };

static void log_begin(Log *log)
{
        *log = (Log){ .text = g_string_new(NULL) };
}

static void log_end(Log *log)
{
        g_string_free(log->text, TRUE);
        g_free(log->error);
}

/* A server with one stream, whose call was serial 7. */
static void begin(Server *s, Log *log, const char *call, const char *args, const void *ret,
                  const DmRpcLimits *limits)
{
        server_begin_open(s, DM_RPC_SERVE_MAIN, limits);
        log_begin(log);
        g_autofree char *packet = g_strconcat(call, OPEN_CALL, args, NULL);
        raw_send(s->context, s->peer, packet);
        RAW_WAIT(s->context, s->calls.length == 1);
        log->stream = dm_rpc_call_reply_stream(g_queue_pop_head(&s->calls), ret, &logging, log);
        g_assert_nonnull(log->stream);
}

static void end(Server *s, Log *log)
{
        server_end(s);
        log_end(log);
}

static guint streams(const Server *s)
{
        return server_figures(s).streams;
}

/* DOMAIN_SCREENSHOT: reply, data, the mark of the end, the client's finish, its confirmation. */
static void test_from_server(void)
{
        Server s;
        Log log;
        begin(&s, &log, REMOTE_WORDS "000000d3 ", DOMAIN "00000000 00000000",
              &(DmRpcDomainScreenshotRet){ .mime = (char *)"image/png" }, NULL);
        g_assert_true(dm_rpc_stream_send(log.stream, "\x89PNG\r", 5));
        dm_rpc_stream_end(log.stream);
        g_assert_false(dm_rpc_stream_send(log.stream, "late", 4));
        raw_expect(s.context, s.peer,
                   REMOTE_WORDS "000000d3 " OPEN_REPLY "| 00000001 00000009 \"image/png\" 000000");
        raw_expect(s.context, s.peer, REMOTE_WORDS "000000d3 " DATA "89504e47 0d");
        raw_expect(s.context, s.peer, REMOTE_WORDS "000000d3 " DATA);
        raw_send(s.context, s.peer, REMOTE_WORDS "000000d3 " OK);
        raw_expect(s.context, s.peer, REMOTE_WORDS "000000d3 " OK);
        g_assert_cmpstr(log.text->str, ==, "!");
        g_assert_cmpuint(streams(&s), ==, 0);
        end(&s, &log);
}

static void test_to_server(void)
{
        Server s;
        Log log;
        begin(&s, &log, UPLOAD, VOLUME "00000001", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        raw_send(s.context, s.peer, UPLOAD DATA "\"abc\"");
        raw_send(s.context, s.peer, UPLOAD HOLE "00000000 00080000 00000000");
        raw_send(s.context, s.peer, UPLOAD DATA); /* no client sends it; nothing happens */
        raw_send(s.context, s.peer, UPLOAD DATA "\"de\"");
        raw_send(s.context, s.peer, UPLOAD OK);
        raw_expect(s.context, s.peer, UPLOAD OK);
        g_assert_cmpstr(log.text->str, ==, "abc[524288]de!");
        end(&s, &log);
}

/* The server confirms when its data is where it belongs, or says why not. */
static void test_late_confirmation(void)
{
        for (int fails = 0; fails < 2; fails++) {
                Server s;
                Log log;
                begin(&s, &log, UPLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
                log.keep_open = TRUE;
                raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
                raw_send(s.context, s.peer, UPLOAD OK);
                raw_send(s.context, s.peer, UPLOAD DATA "\"late\"");
                raw_send(s.context, s.peer, UPLOAD OK);
                raw_expect_silence(s.context, s.peer, 20);
                g_assert_cmpstr(log.text->str, ==, "!");
                if (fails) {
                        g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "the disk is full");
                        dm_rpc_stream_fail(log.stream, error);
                        raw_expect_error(s.context, s.peer, UPLOAD ABORT, 9, 10,
                                         "operation failed: the disk is full");
                } else {
                        dm_rpc_stream_finish(log.stream);
                        raw_expect(s.context, s.peer, UPLOAD OK);
                }
                g_assert_cmpuint(streams(&s), ==, 0);
                end(&s, &log);
        }
}

/* A server without a handler for it confirms a finish at once. */
static void test_confirmed_at_once(void)
{
        Server s;
        server_begin_open(&s, DM_RPC_SERVE_MAIN, NULL);
        Log log;
        log_begin(&log);
        raw_send(s.context, s.peer, UPLOAD OPEN_CALL VOLUME "00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        const DmRpcStreamHandlers only_closed = { .closed = on_closed };
        log.stream =
                dm_rpc_call_reply_stream(g_queue_pop_head(&s.calls), &(DmRpcVoid){ 0 }, &only_closed, &log);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        raw_send(s.context, s.peer, UPLOAD OK);
        raw_expect(s.context, s.peer, UPLOAD OK);
        g_assert_cmpstr(log.text->str, ==, "#");
        g_assert_null(log.error);
        end(&s, &log);
}

/* As captured from virsh console: data both ways, then an abort without content, answered by OK. */
static void test_console(void)
{
        Server s;
        Log log;
        begin(&s, &log, CONSOLE, DOMAIN "00000000 00000000", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, CONSOLE OPEN_REPLY);
        raw_send(s.context, s.peer, CONSOLE DATA "\"l\"");
        RAW_WAIT(s.context, log.bytes == 1);
        dm_rpc_stream_send(log.stream, "login: ", 7);
        raw_expect(s.context, s.peer, CONSOLE DATA "\"login: \"");
        raw_send(s.context, s.peer, CONSOLE ABORT);
        raw_expect(s.context, s.peer, CONSOLE OK);
        g_assert_cmpstr(log.text->str, ==, "l#");
        g_assert_cmpstr(log.error, ==, "the client aborted the stream of virDomainOpenConsole");
        raw_send(s.context, s.peer, CONSOLE DATA "\"too late\"");
        raw_send(s.context, s.peer, CONSOLE OK);
        raw_expect_silence(s.context, s.peer, 20);
        end(&s, &log);
}

static void test_server_fails(void)
{
        Server s;
        Log log;
        begin(&s, &log, UPLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "no space");
        dm_rpc_stream_fail(log.stream, error);
        raw_expect_error(s.context, s.peer, UPLOAD ABORT, 9, 10, "operation failed: no space");
        /* What is still on its way is ignored. */
        raw_send(s.context, s.peer, UPLOAD DATA "\"abc\"");
        raw_send(s.context, s.peer, UPLOAD OK);
        raw_expect_silence(s.context, s.peer, 20);
        g_assert_cmpstr(log.text->str, ==, "");
        end(&s, &log);
}

static void test_violations(void)
{
        static const struct {
                const char *sent, *message;
        } cases[] = {
                { DOWNLOAD DATA "\"x\"",
                  "invalid argument: the stream of virStorageVolDownload takes no data" },
                { DOWNLOAD HOLE "00000000 00080000 00000000",
                  "invalid argument: the stream of virStorageVolDownload takes no data" },
                { DOWNLOAD HOLE "00000000",
                  "invalid argument: the stream of virStorageVolDownload got a hole without a length" },
                { DOWNLOAD HOLE "80000000 00000000 00000000",
                  "invalid argument: the stream of virStorageVolDownload got a hole without a length" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                Server s;
                Log log;
                begin(&s, &log, DOWNLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
                raw_expect(s.context, s.peer, DOWNLOAD OPEN_REPLY);
                raw_send(s.context, s.peer, cases[i].sent);
                raw_expect_error(s.context, s.peer, DOWNLOAD ABORT, 8, 10, cases[i].message);
                g_assert_cmpstr(log.text->str, ==, "#");
                g_assert_nonnull(log.error);
                end(&s, &log);
        }
}

/* Packets of the right serial that belong to something else. */
static void test_strangers(void)
{
        Server s;
        Log log;
        begin(&s, &log, UPLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        raw_send(s.context, s.peer, CONSOLE DATA "\"abc\"");
        raw_send(s.context, s.peer, "20008087 00000001 000000d0 " DATA "\"abc\"");
        raw_send(s.context, s.peer, "20008086 00000002 000000d0 " DATA "\"abc\"");
        raw_send(s.context, s.peer, UPLOAD "00000003 00000008 00000002 \"abc\"");
        raw_send(s.context, s.peer, UPLOAD "00000003 00000007 00000009 \"abc\"");
        raw_send(s.context, s.peer, UPLOAD "00000006 00000007 00000000 00000000 00000001 00000000");
        raw_settle(s.context);
        g_assert_cmpstr(log.text->str, ==, "");
        g_assert_cmpuint(streams(&s), ==, 1);
        end(&s, &log);
}

static void test_limits(void)
{
        Server s;
        Log log;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.streams = 2;
        begin(&s, &log, UPLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, &limits);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        static const struct {
                const char *serial, *answer;
                guint32 code;
                const char *message;
        } cases[] = {
                { "00000000 00000007 00000000 |", "00000001 00000007 00000001", 8,
                  "invalid argument: the stream of call 7 is still open" },
                { "00000000 00000008 00000000 |", NULL, 0, NULL },
                { "00000000 00000009 00000000 |", "00000001 00000009 00000001", 9,
                  "operation failed: no more than 2 streams can be open at a time" },
        };
        Log other;
        log_begin(&other);
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *packet = g_strconcat(UPLOAD, cases[i].serial, VOLUME "00000000", NULL);
                raw_send(s.context, s.peer, packet);
                RAW_WAIT(s.context, s.calls.length == 1);
                DmRpcStream *stream = dm_rpc_call_reply_stream(g_queue_pop_head(&s.calls), &(DmRpcVoid){ 0 },
                                                               &logging, &other);
                g_assert_true((stream != NULL) == (cases[i].answer == NULL));
                if (stream) {
                        other.stream = stream;
                        raw_expect(s.context, s.peer, UPLOAD "00000001 00000008 00000000");
                        continue;
                }
                g_autofree char *header = g_strconcat(UPLOAD, cases[i].answer, NULL);
                raw_expect_error(s.context, s.peer, header, cases[i].code, 10, cases[i].message);
        }
        g_assert_cmpuint(streams(&s), ==, 2);
        dm_close_fd(&s.peer);
        RAW_WAIT(s.context, s.gone);
        g_assert_cmpstr(log.text->str, ==, "#");
        g_assert_cmpstr(log.error, ==, "the other side closed the connection");
        g_assert_cmpstr(other.text->str, ==, "#");
        log_end(&other);
        end(&s, &log);
}

/* ---- back pressure ---- */

/* A sender fills its window and no more; calls go on beside it. */
static void test_window(void)
{
        Server s;
        Log log;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.stream_window = 300000;
        limits.output_high = 1000;
        begin(&s, &log, DOWNLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, &limits);
        raw_expect(s.context, s.peer, DOWNLOAD OPEN_REPLY);
        g_autofree char *block = g_strnfill(100000, 'b');
        gsize sent = 0;
        gboolean room = TRUE;
        while (room) {
                room = dm_rpc_stream_send(log.stream, block, 100000);
                sent++;
                raw_settle(s.context);
                g_assert_cmpuint(sent, <, 50);
        }
        g_assert_cmpuint(server_figures(&s).output, >, 200000);
        raw_settle(s.context);
        g_assert_cmpuint(log.writable, ==, 0);
        /* The stream's bytes are no reason not to take calls. */
        raw_send(s.context, s.peer, REMOTE_WORDS "00000004 00000000 00000009 00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        server_answer(&s, &(DmRpcConnectGetVersionRet){ .hv_ver = 1 });
        for (gsize i = 0; i < sent; i++) {
                g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
                g_assert_cmpuint(packet->len, ==, 24 + 100000);
        }
        raw_expect(s.context, s.peer, REMOTE_WORDS "00000004 00000001 00000009 00000000 | 00000000 00000001");
        RAW_WAIT(s.context, log.writable == 1);
        g_assert_cmpuint(server_figures(&s).output, ==, 0);
        end(&s, &log);
}

/* A large block is cut as libvirt cuts it. */
static void test_pieces(void)
{
        Server s;
        Log log;
        begin(&s, &log, DOWNLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, DOWNLOAD OPEN_REPLY);
        g_autofree char *block = g_strnfill(600000, 'b');
        g_assert_false(dm_rpc_stream_send(log.stream, block, 600000));
        static const guint sizes[] = { 262120, 262120, 600000 - 2 * 262120 };
        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
                g_autoptr(GByteArray) packet = raw_read(s.context, s.peer);
                g_assert_cmpuint(packet->len, ==, 24 + sizes[i]);
        }
        g_assert_true(dm_rpc_stream_send(log.stream, "", 0)); /* nothing: no mark of the end */
        dm_rpc_stream_send_hole(log.stream, 1 << 20);
        raw_expect(s.context, s.peer, DOWNLOAD HOLE "00000000 00100000 00000000");
        end(&s, &log);
}

/* A paused stream keeps a little, then the socket is not read; a resumed one gets all of it, in order. */
static void test_pause(void)
{
        Server s;
        Log log;
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.stream_inbox = 4 * 32;
        begin(&s, &log, UPLOAD, VOLUME "00000001", &(DmRpcVoid){ 0 }, &limits);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        log.pause = TRUE;
        for (int letter = 'a'; letter < 'k'; letter++) {
                g_autofree char *packet =
                        g_strdup_printf(UPLOAD DATA "\"%c%c%c%c\"", letter, letter, letter, letter);
                raw_send(s.context, s.peer, packet);
        }
        raw_send(s.context, s.peer, UPLOAD HOLE "00000000 00000005 00000000");
        raw_send(s.context, s.peer, UPLOAD OK);
        raw_settle(s.context);
        g_assert_cmpstr(log.text->str, ==, "aaaa");
        g_assert_false(server_figures(&s).reading);
        g_assert_cmpuint(server_figures(&s).packets_in, ==, 1 + 1 + 4);
        /* A packet of another kind is not read either: it is behind them. */
        raw_send(s.context, s.peer, "6b656570 00000001 00000001 00000002 00000000 00000000");
        raw_expect_silence(s.context, s.peer, 20);
        for (int i = 1; i < 10; i++) {
                dm_rpc_stream_resume(log.stream);
                raw_settle(s.context);
                g_assert_cmpuint(log.text->len, ==, (gsize)(i + 1) * 4);
        }
        /* All the rest fits into the inbox: what is behind it is read. */
        raw_expect(s.context, s.peer, "6b656570 00000001 00000002 00000002 00000000 00000000");
        log.pause = FALSE;
        dm_rpc_stream_resume(log.stream);
        raw_expect(s.context, s.peer, UPLOAD OK);
        g_assert_cmpstr(log.text->str, ==, "aaaabbbbccccddddeeeeffffgggghhhhiiiijjjj[5]!");
        g_assert_true(server_figures(&s).reading);
        end(&s, &log);
}

static void resume_other(G_GNUC_UNUSED DmRpcStream *s, G_GNUC_UNUSED const guint8 *data,
                         G_GNUC_UNUSED gsize length, void *user)
{
        dm_rpc_stream_resume(((Log *)user)->stream);
}

/* Resumed between two packets of one read: what waited comes before what is new. */
static void test_resume_keeps_order(void)
{
        Server s;
        Log log;
        begin(&s, &log, UPLOAD, VOLUME "00000000", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        raw_send(s.context, s.peer, UPLOAD "00000000 00000008 00000000 |" VOLUME "00000000");
        RAW_WAIT(s.context, s.calls.length == 1);
        const DmRpcStreamHandlers resuming = { .data = resume_other };
        g_assert_nonnull(
                dm_rpc_call_reply_stream(g_queue_pop_head(&s.calls), &(DmRpcVoid){ 0 }, &resuming, &log));
        raw_expect(s.context, s.peer, UPLOAD "00000001 00000008 00000000");
        dm_rpc_stream_pause(log.stream);
        raw_send(NULL, s.peer, UPLOAD DATA "\"1\"");
        raw_send(NULL, s.peer, UPLOAD "00000003 00000008 00000002 \"x\"");
        raw_send(NULL, s.peer, UPLOAD DATA "\"2\"");
        RAW_WAIT(s.context, log.bytes == 2);
        g_assert_cmpstr(log.text->str, ==, "12");
        end(&s, &log);
}

static void test_abort_while_paused(void)
{
        Server s;
        Log log;
        begin(&s, &log, UPLOAD, VOLUME "00000001", &(DmRpcVoid){ 0 }, NULL);
        raw_expect(s.context, s.peer, UPLOAD OPEN_REPLY);
        dm_rpc_stream_pause(log.stream);
        raw_send(s.context, s.peer, UPLOAD DATA "\"abc\"");
        raw_send(s.context, s.peer, UPLOAD ABORT);
        raw_expect(s.context, s.peer, UPLOAD OK);
        g_assert_cmpstr(log.text->str, ==, "#");
        end(&s, &log);
}

/* ---- both sides ---- */

typedef struct Duo {
        Server server;
        DmRpcConn *client;
        Log at_server, at_client;
        guint answers;
        gboolean failed;
} Duo;

static void open_stream(Server *s, DmRpcCall *call)
{
        Duo *d = (Duo *)(void *)s; /* its first member */
        d->at_server.stream = dm_rpc_call_reply_stream(call, &(DmRpcVoid){ 0 }, &logging, &d->at_server);
}

static void refuse_stream(G_GNUC_UNUSED Server *s, DmRpcCall *call)
{
        g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_BAD_STATE, "no");
        dm_rpc_call_fail(call, error);
}

static void on_answer(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        Duo *d = (Duo *)(void *)((char *)user - G_STRUCT_OFFSET(Duo, at_client));
        d->answers++;
        d->failed = answer->error != NULL;
}

static const DmRpcProc *volume_call(gint32 number)
{
        return dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, number);
}

static void duo_begin(Duo *d, gint32 number)
{
        *d = (Duo){ 0 };
        server_begin_open(&d->server, DM_RPC_SERVE_MAIN, NULL);
        d->server.on_call = open_stream;
        const DmRpcHandlers none = { 0 };
        d->client = dm_rpc_conn_new(dm_steal_fd(&d->server.peer), d->server.context, DM_RPC_CLIENT, &none);
        log_begin(&d->at_server);
        log_begin(&d->at_client);
        char text[] = "x";
        const DmRpcVolRange args = { .vol = { text, text, text } };
        g_autoptr(GError) error = NULL;
        d->at_client.stream = dm_rpc_conn_call_stream(d->client, volume_call(number), &args, 0, on_answer,
                                                      &logging, &d->at_client, &error);
        g_assert_no_error(error);
}

static void duo_end(Duo *d)
{
        dm_rpc_conn_free(d->client);
        server_end(&d->server);
        log_end(&d->at_server);
        log_end(&d->at_client);
}

static guint duo_streams(const Duo *d)
{
        DmRpcFigures f;
        dm_rpc_conn_figures(d->client, &f);
        return f.streams + streams(&d->server);
}

#define BLOCK  10000u
#define BLOCKS 1000u

/* Ten megabytes through a window of half of one, whoever is faster. */
static void test_duo_transfer(void)
{
        static const gint32 ways[] = { DM_REMOTE_STORAGE_VOL_UPLOAD, DM_REMOTE_STORAGE_VOL_DOWNLOAD };
        g_autofree char *block = g_strnfill(BLOCK, 'b');
        for (gsize way = 0; way < G_N_ELEMENTS(ways); way++) {
                Duo d;
                duo_begin(&d, ways[way]);
                RAW_WAIT(d.server.context, d.answers == 1);
                gboolean upload = ways[way] == DM_REMOTE_STORAGE_VOL_UPLOAD;
                Log *from = upload ? &d.at_client : &d.at_server, *to = upload ? &d.at_server : &d.at_client;
                gsize most = 0;
                for (guint i = 0; i < BLOCKS; i++) {
                        guint asked = from->writable;
                        if (dm_rpc_stream_send(from->stream, block, BLOCK))
                                continue;
                        DmRpcFigures f;
                        dm_rpc_conn_figures(upload ? d.client : d.server.conn, &f);
                        most = MAX(most, f.output);
                        RAW_WAIT(d.server.context, from->writable > asked);
                }
                g_assert_cmpuint(most, >, 0);
                g_assert_cmpuint(most, <, 600000);
                if (upload)
                        dm_rpc_stream_finish(from->stream);
                else
                        dm_rpc_stream_end(from->stream);
                RAW_WAIT(d.server.context, duo_streams(&d) == 0);
                g_assert_cmpuint(to->bytes, ==, BLOCK * BLOCKS);
                g_assert_true(g_str_has_suffix(d.at_server.text->str, "!"));
                g_assert_true(g_str_has_suffix(d.at_client.text->str, upload ? "#" : ".#"));
                g_assert_null(d.at_client.error);
                duo_end(&d);
        }
}

static void test_duo_refused(void)
{
        Duo d;
        duo_begin(&d, DM_REMOTE_STORAGE_VOL_UPLOAD);
        d.server.on_call = refuse_stream;
        g_assert_false(dm_rpc_stream_send(d.at_client.stream, "early", 5));
        RAW_WAIT(d.server.context, d.answers == 1);
        g_assert_true(d.failed);
        g_assert_cmpuint(duo_streams(&d), ==, 0);
        g_assert_cmpstr(d.at_client.text->str, ==, "");
        duo_end(&d);
}

static void test_duo_server_fails(void)
{
        Duo d;
        duo_begin(&d, DM_REMOTE_STORAGE_VOL_DOWNLOAD);
        RAW_WAIT(d.server.context, d.answers == 1);
        g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "the disk is gone");
        dm_rpc_stream_send(d.at_server.stream, "abc", 3);
        dm_rpc_stream_fail(d.at_server.stream, error);
        RAW_WAIT(d.server.context, !d.at_client.stream);
        g_assert_cmpstr(d.at_client.text->str, ==, "abc#");
        g_assert_cmpstr(d.at_client.error, ==, "the disk is gone");
        g_assert_cmpuint(duo_streams(&d), ==, 0);
        duo_end(&d);
}

/* The client aborts: before the reply, after it, and after it has finished. */
static void test_duo_abort(void)
{
        for (int moment = 0; moment < 3; moment++) {
                Duo d;
                duo_begin(&d, DM_REMOTE_STORAGE_VOL_UPLOAD);
                d.at_server.keep_open = TRUE;
                if (moment > 0)
                        RAW_WAIT(d.server.context, d.answers == 1);
                if (moment == 2)
                        dm_rpc_stream_finish(d.at_client.stream);
                dm_rpc_stream_fail(d.at_client.stream, NULL);
                RAW_WAIT(d.server.context, d.answers == 1 && d.at_server.text->len > 0);
                if (moment == 2) {
                        g_assert_cmpstr(d.at_server.text->str, ==, "!");
                        dm_rpc_stream_finish(d.at_server.stream);
                } else {
                        g_assert_cmpstr(d.at_server.text->str, ==, "#");
                }
                RAW_WAIT(d.server.context, duo_streams(&d) == 0);
                g_assert_cmpstr(d.at_client.text->str, ==, ""); /* it was told nothing any more */
                duo_end(&d);
        }
}

typedef struct Last {
        Log log;
        int peer;
        guint64 version;
        gboolean failed;
} Last;

static void on_version(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        Last *last = user;
        if (answer->error)
                last->failed = TRUE;
        else
                last->version = ((DmRpcConnectGetVersionRet *)answer->ret)->hv_ver;
}

/* Out of the writing itself: the server answers and closes, and then we write. */
static void answer_and_close(DmRpcStream *s, void *user)
{
        Last *last = user;
        raw_send(NULL, last->peer, REMOTE_WORDS "00000004 00000001 00000000 00000000 | 00000000 00000005");
        dm_close_fd(&last->peer);
        dm_rpc_stream_send(s, "x", 1);
}

/* What the server said before it closed is heard, although our write fails first. */
static void test_last_words(void)
{
        const DmRpcHandlers none = { 0 };
        int fds[2];
        raw_pair(fds);
        GMainContext *context = g_main_context_new();
        DmRpcConn *client = dm_rpc_conn_new(fds[0], context, DM_RPC_CLIENT, &none);
        Last last = { .peer = fds[1] };
        log_begin(&last.log);
        g_assert_true(dm_rpc_conn_call(client, volume_call(DM_REMOTE_CONNECT_GET_VERSION), &(DmRpcVoid){ 0 },
                                       NULL, 0, 0, on_version, &last, NULL));
        const DmRpcStreamHandlers handlers = { .writable = answer_and_close };
        char text[] = "x";
        const DmRpcVolRange args = { .vol = { text, text, text } };
        DmRpcStream *s = dm_rpc_conn_call_stream(client, volume_call(DM_REMOTE_STORAGE_VOL_UPLOAD), &args, 0,
                                                 NULL, &handlers, &last, NULL);
        raw_expect(context, last.peer, REMOTE_WORDS "00000004 00000000 00000000 00000000");
        raw_send(context, last.peer, UPLOAD "00000001 00000001 00000000");
        raw_settle(context);
        g_autofree char *block = g_strnfill(600000, 'b');
        g_assert_false(dm_rpc_stream_send(s, block, 600000));
        guint8 sink[4096];
        while (last.peer >= 0) {
                while (last.peer >= 0 && recv(last.peer, sink, sizeof sink, MSG_DONTWAIT) > 0)
                        ;
                raw_iterate(context);
        }
        RAW_WAIT(context, dm_rpc_conn_is_gone(client));
        g_assert_cmpuint(last.version, ==, 5);
        g_assert_false(last.failed);
        dm_rpc_conn_free(client);
        log_end(&last.log);
        g_main_context_unref(context);
}

static void free_on_answer(DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        g_assert_nonnull(answer->error);
        Duo *d = (Duo *)(void *)((char *)user - G_STRUCT_OFFSET(Duo, at_client));
        d->answers++;
        d->client = NULL;
        dm_rpc_conn_free(conn);
}

/* A stream that was never open says nothing, also when the connection ends in the very answer. */
static void test_duo_free_in_answer(void)
{
        Duo d;
        duo_begin(&d, DM_REMOTE_STORAGE_VOL_UPLOAD);
        RAW_WAIT(d.server.context, d.answers == 1);
        d.server.on_call = refuse_stream;
        char text[] = "x";
        const DmRpcVolRange args = { .vol = { text, text, text } };
        dm_rpc_stream_fail(d.at_client.stream, NULL);
        d.at_client.stream = dm_rpc_conn_call_stream(d.client, volume_call(DM_REMOTE_STORAGE_VOL_UPLOAD),
                                                     &args, 0, free_on_answer, &logging, &d.at_client, NULL);
        RAW_WAIT(d.server.context, d.answers == 2);
        g_assert_cmpstr(d.at_client.text->str, ==, "");
        RAW_WAIT(d.server.context, d.server.gone);
        duo_end(&d);
}

/* A server that says OK unasked breaks the protocol; one stream ends, the connection does not. */
static void test_unasked(void)
{
        const DmRpcHandlers none = { 0 };
        int fds[2];
        raw_pair(fds);
        GMainContext *context = g_main_context_new();
        DmRpcConn *client = dm_rpc_conn_new(fds[0], context, DM_RPC_CLIENT, &none);
        Log log;
        log_begin(&log);
        char text[] = "x";
        const DmRpcVolRange args = { .vol = { text, text, text } };
        log.stream = dm_rpc_conn_call_stream(client, volume_call(DM_REMOTE_STORAGE_VOL_DOWNLOAD), &args, 0,
                                             NULL, &logging, &log, NULL);
        raw_send(context, fds[1],
                 DOWNLOAD "00000003 00000000 00000002 \"early\""); /* before the reply: nobody's */
        raw_send(context, fds[1], DOWNLOAD "00000001 00000000 00000000");
        raw_send(context, fds[1], DOWNLOAD "00000003 00000000 00000002 \"abc\"");
        raw_send(context, fds[1], DOWNLOAD "00000003 00000000 00000000");
        RAW_WAIT(context, !log.stream);
        g_assert_cmpstr(log.text->str, ==, "abc#");
        g_assert_cmpstr(log.error, ==, "the stream of virStorageVolDownload was ended unasked");
        g_assert_false(dm_rpc_conn_is_gone(client));
        dm_rpc_conn_free(client);
        log_end(&log);
        dm_close_fd(&fds[1]);
        g_main_context_unref(context);
}

/* The connection ends under open streams: each side hears it once, also from inside dm_rpc_conn_free(). */
static void test_duo_gone(void)
{
        Duo d;
        duo_begin(&d, DM_REMOTE_STORAGE_VOL_DOWNLOAD);
        RAW_WAIT(d.server.context, d.answers == 1);
        dm_rpc_conn_free(g_steal_pointer(&d.client));
        g_assert_cmpstr(d.at_client.text->str, ==, "#");
        g_assert_cmpstr(d.at_client.error, ==, "the connection was closed");
        RAW_WAIT(d.server.context, d.server.gone);
        g_assert_cmpstr(d.at_server.text->str, ==, "#");
        duo_end(&d);

        Duo opening;
        duo_begin(&opening, DM_REMOTE_STORAGE_VOL_DOWNLOAD);
        dm_rpc_conn_free(g_steal_pointer(&opening.client));
        g_assert_cmpuint(opening.answers, ==, 1);
        g_assert_true(opening.failed);
        g_assert_cmpstr(opening.at_client.text->str, ==, "");
        duo_end(&opening);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/stream/from-server", test_from_server);
        g_test_add_func("/rpc/stream/to-server", test_to_server);
        g_test_add_func("/rpc/stream/late-confirmation", test_late_confirmation);
        g_test_add_func("/rpc/stream/confirmed-at-once", test_confirmed_at_once);
        g_test_add_func("/rpc/stream/console", test_console);
        g_test_add_func("/rpc/stream/server-fails", test_server_fails);
        g_test_add_func("/rpc/stream/violations", test_violations);
        g_test_add_func("/rpc/stream/strangers", test_strangers);
        g_test_add_func("/rpc/stream/limits", test_limits);
        g_test_add_func("/rpc/stream/window", test_window);
        g_test_add_func("/rpc/stream/pieces", test_pieces);
        g_test_add_func("/rpc/stream/pause", test_pause);
        g_test_add_func("/rpc/stream/resume-keeps-order", test_resume_keeps_order);
        g_test_add_func("/rpc/stream/abort-while-paused", test_abort_while_paused);
        g_test_add_func("/rpc/stream/duo-transfer", test_duo_transfer);
        g_test_add_func("/rpc/stream/duo-refused", test_duo_refused);
        g_test_add_func("/rpc/stream/duo-server-fails", test_duo_server_fails);
        g_test_add_func("/rpc/stream/duo-abort", test_duo_abort);
        g_test_add_func("/rpc/stream/last-words", test_last_words);
        g_test_add_func("/rpc/stream/duo-free-in-answer", test_duo_free_in_answer);
        g_test_add_func("/rpc/stream/unasked", test_unasked);
        g_test_add_func("/rpc/stream/duo-gone", test_duo_gone);
        return g_test_run();
}
