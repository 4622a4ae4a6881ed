/* Fuzzing the wire: the input is what the other side sends.
 *
 *      make fuzz T=rpc
 *
 * Byte 0 chooses: 0 the struct of a row (bytes 1 and 2 say which) is decoded; 1 a server, 2 one with a
 * read-only client, 3 a client reads packets.  For a server and a client, 0xf8 to 0xff as the first byte of a
 * piece are acts of our own side in between; a piece is a byte with its length and so many bytes.
 *
 * Checked, besides memory: what was decoded is encoded again, and read as the same; each call that passes the
 * gates can be answered, and each of our own is answered once; nothing is heard after the end. */
#include "rpc/call.h"
#include "util/fd.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_KEPT 8
#define MAX_SENT 16

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* ---- structs ---- */

static void decode_one(const uint8_t *bytes, size_t length)
{
        static gsize n_types;
        const DmXdrType *const *types = dm_rpc_types();
        if (n_types == 0)
                while (types[n_types])
                        n_types++;
        if (length < 2 || n_types == 0)
                return;
        const DmXdrType *type = types[(bytes[0] << 8 | bytes[1]) % n_types];
        DmXdrReader r = { .data = bytes + 2, .length = length - 2 };
        g_autofree void *value = g_malloc0(type->size), *again = g_malloc0(type->size);
        if (!dm_record_decode(type, &r, value, NULL))
                return;
        g_auto(DmXdrWriter) w = { 0 }, v = { 0 };
        dm_xdr_writer_init(&w, length);
        g_assert(dm_record_encode(type, value, &w, NULL));
        g_assert(w.bytes->len == r.offset && w.bytes->len >= dm_record_min_size(type));
        DmXdrReader second = { .data = w.bytes->data, .length = w.bytes->len };
        g_assert(dm_record_decode(type, &second, again, NULL) && dm_xdr_left(&second) == 0);
        dm_xdr_writer_init(&v, length);
        g_assert(dm_record_encode(type, again, &v, NULL));
        g_assert(v.bytes->len == w.bytes->len && memcmp(v.bytes->data, w.bytes->data, v.bytes->len) == 0);
        dm_record_clear(type, value);
        dm_record_clear(type, again);
}

/* ---- connections ---- */

typedef struct Run {
        GMainContext *context;
        DmRpcConn *conn; /* NULL once freed */
        int peer;
        gboolean gone;
        DmRpcCall *kept[MAX_KEPT];
        guint n_kept;
        DmRpcStream *stream; /* the last one that was opened, NULL once it is gone */
        guint sent, answered;
} Run;

static void on_data(DmRpcStream *s, const guint8 *data, gsize length, G_GNUC_UNUSED void *user)
{
        g_assert(length > 0);
        if (data[0] == 'p')
                dm_rpc_stream_pause(s);
        else
                dm_rpc_stream_send(s, data, length);
}

static void on_finish(DmRpcStream *s, void *user)
{
        Run *r = user;
        if (r->stream == s)
                r->stream = NULL;
        dm_rpc_stream_finish(s);
}

static void on_end(DmRpcStream *s, G_GNUC_UNUSED void *user)
{
        dm_rpc_stream_finish(s);
}

static void on_closed(DmRpcStream *s, G_GNUC_UNUSED const GError *error, void *user)
{
        Run *r = user;
        if (r->stream == s)
                r->stream = NULL;
}

static const DmRpcStreamHandlers stream_handlers = {
        .data = on_data, .end = on_end, .finish = on_finish, .closed = on_closed
};

static void answer(Run *r, DmRpcCall *call)
{
        const DmRpcProc *proc = dm_rpc_call_proc(call);
        if (proc->stream != DM_RPC_NO_STREAM && !r->stream) {
                g_autofree void *ret = g_malloc0(proc->ret->size);
                r->stream = dm_rpc_call_reply_stream(call, ret, &stream_handlers, r);
        } else if (proc->number % 2) {
                dm_rpc_call_fail_unsupported(call);
        } else {
                g_autofree void *ret = g_malloc0(proc->ret->size);
                dm_rpc_call_reply(call, ret);
        }
}

static void on_call(DmRpcConn *conn, DmRpcCall *call, void *user)
{
        Run *r = user;
        g_assert(!r->gone && conn == r->conn);
        if (dm_rpc_call_proc(call)->number == DM_REMOTE_CONNECT_CLOSE)
                dm_rpc_conn_finish(conn);
        if (dm_rpc_call_proc(call)->priority == DM_RPC_LOW && r->n_kept < MAX_KEPT)
                r->kept[r->n_kept++] = call;
        else
                answer(r, call);
}

static void on_event(DmRpcConn *conn, const DmRpcProc *proc, G_GNUC_UNUSED void *message, void *user)
{
        Run *r = user;
        g_assert(!r->gone && conn == r->conn && proc->is_event);
}

static void on_answer(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *a, void *user)
{
        g_assert((a->ret != NULL) != (a->error != NULL));
        ((Run *)user)->answered++;
}

/* A stream whose call fails is gone, without a word of its own. */
static void on_opened(DmRpcConn *conn, DmRpcAnswer *a, void *user)
{
        on_answer(conn, a, user);
        if (a->error)
                ((Run *)user)->stream = NULL;
}

static void on_gone(G_GNUC_UNUSED DmRpcConn *conn, const GError *reason, void *user)
{
        Run *r = user;
        g_assert(!r->gone && reason);
        r->gone = TRUE;
}

static void send_one(Run *r)
{
        static const gint32 numbers[] = { DM_REMOTE_CONNECT_GET_VERSION, DM_REMOTE_CONNECT_LIST_ALL_DOMAINS,
                                          DM_REMOTE_CONNECT_GET_LIB_VERSION, DM_REMOTE_NODE_GET_INFO };
        if (r->sent == MAX_SENT)
                return;
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, numbers[r->sent % G_N_ELEMENTS(numbers)]);
        g_autofree void *args = g_malloc0(proc->args->size);
        if (dm_rpc_conn_call(r->conn, proc, args, NULL, 0, 0, on_answer, r, NULL))
                r->sent++;
}

static void open_one(Run *r)
{
        char text[] = "x";
        const DmRpcVolRange args = { .vol = { text, text, text } };
        const DmRpcProc *proc = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_STORAGE_VOL_DOWNLOAD);
        if (r->sent == MAX_SENT || r->stream)
                return;
        r->stream = dm_rpc_conn_call_stream(r->conn, proc, &args, 0, on_opened, &stream_handlers, r, NULL);
        r->sent += r->stream != NULL;
}

static void act(Run *r, uint8_t code, gboolean server)
{
        switch (code) {
        case 0xf8:
                if (server && r->n_kept > 0)
                        answer(r, r->kept[--r->n_kept]);
                else if (!server)
                        send_one(r);
                break;
        case 0xf9:
                if (!server)
                        open_one(r);
                break;
        case 0xfa:
                if (server && r->stream)
                        dm_rpc_stream_end(r->stream);
                break;
        case 0xfb:
                if (r->stream)
                        dm_rpc_stream_resume(r->stream);
                break;
        case 0xfc:
                dm_rpc_conn_free(g_steal_pointer(&r->conn));
                break;
        default:
                dm_close_fd(&r->peer);
                break;
        }
}

static void pump(Run *r)
{
        char sink[4096];
        do
                while (g_main_context_iteration(r->context, FALSE))
                        ;
        while (r->peer >= 0 && recv(r->peer, sink, sizeof sink, MSG_DONTWAIT) > 0);
}

/* A piece of input; a descriptor goes with it when its first byte is 'd'. */
static void say(Run *r, const uint8_t *bytes, size_t length)
{
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        struct iovec part = { (void *)bytes, length };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
        if (length == 1) {
                message.msg_control = control.bytes;
                message.msg_controllen = sizeof control.bytes;
                struct cmsghdr *c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(c), &r->peer, sizeof(int));
        }
        if (r->peer >= 0 && length > 0 && sendmsg(r->peer, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                return;
        pump(r);
}

static void converse(const uint8_t *bytes, size_t length, DmRpcConnFlags flags)
{
        Run r = { .context = g_main_context_new() };
        gboolean server = flags != DM_RPC_CLIENT;
        int fds[2];
        g_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        r.peer = fds[1];
        const DmRpcHandlers handlers = { .call = on_call, .event = on_event, .gone = on_gone, .user = &r };
        DmRpcLimits limits = DM_RPC_DEFAULT_LIMITS;
        limits.stream_inbox = 100;
        limits.stream_window = 100;
        limits.streams = 2;
        r.conn = dm_rpc_conn_new(fds[0], r.context, flags, &handlers);
        dm_rpc_conn_set_limits(r.conn, &limits);
        if (server)
                dm_rpc_conn_set_stage(r.conn, DM_RPC_STAGE_OPEN);
        for (size_t at = 0; at < length && r.conn && !r.gone;) {
                uint8_t first = bytes[at++];
                size_t piece = MIN(first, length - at);
                if (first >= 0xf8) {
                        act(&r, first, server);
                        pump(&r);
                        continue;
                }
                say(&r, bytes + at, piece);
                at += piece;
        }
        dm_rpc_conn_free(g_steal_pointer(&r.conn));
        g_assert(r.sent == r.answered);
        while (r.n_kept > 0)
                dm_rpc_call_fail_unsupported(r.kept[--r.n_kept]);
        dm_close_fd(&r.peer);
        g_main_context_unref(r.context);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        switch (bytes[0]) {
        case 1:
                converse(bytes + 1, length - 1, DM_RPC_SERVE_MAIN | DM_RPC_SERVE_ADMIN);
                break;
        case 2:
                converse(bytes + 1, length - 1, DM_RPC_SERVE_MAIN | DM_RPC_READ_ONLY);
                break;
        case 3:
                converse(bytes + 1, length - 1, DM_RPC_CLIENT);
                break;
        default:
                decode_one(bytes + 1, length - 1);
                break;
        }
        return 0;
}
