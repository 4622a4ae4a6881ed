/* The server's side of a call: the gates in front of the handlers, and the answers. */
#include "rpc/connection_private.h"
#include "util/error.h"
#include "util/fd.h"

#define FEATURE_KEEPALIVE 10 /* of CONNECT_SUPPORTS_FEATURE */

struct DmRpcCall {
        DmRpcConn *conn;
        DmRpcHeader header;
        const DmRpcProc *proc;
        void *args;
        int fds[DM_RPC_MAX_FDS];
        guint n_fds, fds_taken;
};

/* An answer on its way from another thread. */
typedef struct Answer {
        GByteArray *packet;
        int fds[DM_RPC_MAX_FDS];
        guint n_fds;
} Answer;

/* ---- answers ---- */

static void call_free(DmRpcCall *call)
{
        for (guint i = call->fds_taken; i < call->n_fds; i++)
                dm_close_fd(&call->fds[i]);
        dm_record_clear(call->proc->args, call->args);
        g_free(call->args);
        dm_rpc_conn_unref(call->conn);
        g_free(call);
}

/* Owner: one call less is worked on. */
static void settled(DmRpcConn *conn)
{
        conn->calls--;
        if (conn->calls == 0)
                conn->open_since_us = g_get_monotonic_time();
}

static void answer_free(Answer *a)
{
        for (guint i = 0; i < a->n_fds; i++)
                dm_close_fd(&a->fds[i]);
        g_byte_array_unref(a->packet);
        g_free(a);
}

/* Takes @packet and @fds, and frees @call.  Any thread. */
static void answer(DmRpcCall *call, GByteArray *packet, const int *fds, guint n_fds)
{
        DmRpcConn *conn = call->conn;
        if (g_thread_self() == conn->owner) {
                dm_rpc_conn_push(conn, packet, fds, n_fds, NULL);
                settled(conn);
                call_free(call);
                return;
        }
        Answer *a = g_new0(Answer, 1);
        a->packet = packet;
        a->n_fds = n_fds;
        for (guint i = 0; i < n_fds; i++)
                a->fds[i] = fds[i];
        g_mutex_lock(&conn->lock);
        gboolean deaf = conn->deaf;
        if (!deaf)
                g_queue_push_tail(&conn->answers, a);
        g_mutex_unlock(&conn->lock);
        if (deaf)
                answer_free(a);
        else
                dm_rpc_conn_wake(conn);
        call_free(call);
}

void dm_rpc_server_collect(DmRpcConn *conn)
{
        for (;;) {
                g_mutex_lock(&conn->lock);
                Answer *a = g_queue_pop_head(&conn->answers);
                g_mutex_unlock(&conn->lock);
                if (!a)
                        return;
                dm_rpc_conn_push(conn, a->packet, a->fds, a->n_fds, NULL);
                g_free(a);
                settled(conn);
        }
}

void dm_rpc_server_stop(DmRpcConn *conn)
{
        g_mutex_lock(&conn->lock);
        conn->deaf = TRUE;
        g_queue_clear_full(&conn->answers, (GDestroyNotify)answer_free);
        g_mutex_unlock(&conn->lock);
}

static GByteArray *error_packet(const DmRpcCall *call, const DmRpcError *wire)
{
        DmRpcHeader h = call->header;
        h.type = DM_RPC_REPLY;
        h.status = DM_RPC_ERROR;
        return dm_rpc_packet_new(&h, &dm_rpc_type_Error, wire, 0, call->conn->limits.message, NULL);
}

static void fail(DmRpcCall *call, const DmRpcError *wire)
{
        answer(call, error_packet(call, wire), NULL, 0);
}

/* The reply as a packet, NULL and @wire when it cannot be one. */
static GByteArray *reply_packet(const DmRpcCall *call, const void *ret, guint n_fds, DmRpcError *wire)
{
        DmRpcHeader h = call->header;
        h.type = n_fds > 0 ? DM_RPC_REPLY_WITH_FDS : DM_RPC_REPLY;
        g_autoptr(GError) error = NULL;
        GByteArray *packet =
                dm_rpc_packet_new(&h, call->proc->ret, ret, n_fds, call->conn->limits.message, &error);
        if (!packet)
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC,
                                  "Unable to encode message payload: %s", error->message);
        return packet;
}

void dm_rpc_call_reply_fds(DmRpcCall *call, const void *ret, const int *fds, guint n_fds)
{
        g_assert(n_fds <= call->proc->reply_fds);
        DM_RPC_AUTO(Error, wire) = { 0 };
        GByteArray *packet = reply_packet(call, ret, n_fds, &wire);
        if (packet) {
                answer(call, packet, fds, n_fds);
                return;
        }
        for (guint i = 0; i < n_fds; i++) {
                int fd = fds[i];
                dm_close_fd(&fd);
        }
        fail(call, &wire);
}

void dm_rpc_call_reply(DmRpcCall *call, const void *ret)
{
        dm_rpc_call_reply_fds(call, ret, NULL, 0);
}

void dm_rpc_call_fail(DmRpcCall *call, const GError *error)
{
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_from(&wire, error, call->proc);
        fail(call, &wire);
}

void dm_rpc_call_fail_code(DmRpcCall *call, DmRpcErrorCode code, DmRpcErrorDomain domain, const char *format,
                           ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *text = g_strdup_vprintf(format, args);
        va_end(args);
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_make(&wire, code, domain, "%s", text);
        fail(call, &wire);
}

void dm_rpc_call_fail_unsupported(DmRpcCall *call)
{
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_unsupported(&wire, call->proc);
        fail(call, &wire);
}

DmRpcStream *dm_rpc_call_reply_stream(DmRpcCall *call, const void *ret, const DmRpcStreamHandlers *handlers,
                                      void *user)
{
        DmRpcConn *conn = call->conn;
        dm_rpc_conn_assert_owner(conn);
        g_assert(call->proc->stream != DM_RPC_NO_STREAM);
        DM_RPC_AUTO(Error, wire) = { 0 };
        GByteArray *packet = reply_packet(call, ret, 0, &wire);
        if (!packet) {
                fail(call, &wire);
                return NULL;
        }
        g_autoptr(GError) error = NULL;
        DmRpcStream *s = dm_rpc_stream_open(conn, &call->header, call->proc, handlers, user, &error);
        if (!s) {
                g_byte_array_unref(packet);
                dm_rpc_call_fail(call, error);
                return NULL;
        }
        answer(call, packet, NULL, 0);
        return s;
}

/* ---- what a handler sees ---- */

const DmRpcProc *dm_rpc_call_proc(const DmRpcCall *call)
{
        return call->proc;
}

void *dm_rpc_call_args(DmRpcCall *call)
{
        return call->args;
}

DmRpcConn *dm_rpc_call_conn(const DmRpcCall *call)
{
        return call->conn;
}

guint dm_rpc_call_n_fds(const DmRpcCall *call)
{
        return call->n_fds - call->fds_taken;
}

int dm_rpc_call_take_fd(DmRpcCall *call)
{
        return call->fds_taken < call->n_fds ? dm_steal_fd(&call->fds[call->fds_taken++]) : -1;
}

/* ---- the gates ---- */

static gboolean serves(const DmRpcConn *conn, const DmRpcHeader *h)
{
        switch ((DmRpcProgram)h->program) {
        case DM_RPC_PROGRAM_REMOTE:
        case DM_RPC_PROGRAM_QEMU:
        case DM_RPC_PROGRAM_DOMUS:
                return h->version == DM_RPC_VERSION && (conn->flags & DM_RPC_SERVE_MAIN);
        case DM_RPC_PROGRAM_ADMIN:
                return h->version == DM_RPC_VERSION && (conn->flags & DM_RPC_SERVE_ADMIN);
        case DM_RPC_PROGRAM_KEEPALIVE:
                break;
        }
        return FALSE;
}

/* The gates that need no arguments.  FALSE: refused, @wire says why. */
static gboolean may_decode(const DmRpcConn *conn, const DmRpcPacket *packet, const DmRpcProc **ret_proc,
                           DmRpcError *wire)
{
        const DmRpcHeader *h = &packet->header;
        if (!serves(conn, h)) {
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "Cannot find program %u version %u",
                                  h->program, h->version);
                return FALSE;
        }
        if (h->status != DM_RPC_OK) {
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "Unexpected message status %u",
                                  h->status);
                return FALSE;
        }
        const DmRpcProc *proc = dm_rpc_proc(h->program, h->proc);
        if (!proc || proc->is_event) {
                /* Clients know this text, and take it for "not supported". */
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "unknown procedure: %d", h->proc);
                return FALSE;
        }
        if (conn->stage < DM_RPC_STAGE_AUTHENTICATED && !proc->before_auth) {
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "authentication required");
                return FALSE;
        }
        if (packet->n_fds > proc->call_fds) {
                dm_rpc_error_make(wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "%s takes %u descriptors, not %u",
                                  proc->function, proc->call_fds, packet->n_fds);
                return FALSE;
        }
        *ret_proc = proc;
        return TRUE;
}

static gboolean is_remote(const DmRpcProc *proc, gint32 number)
{
        return proc->program == DM_RPC_PROGRAM_REMOTE && proc->number == number;
}

static gboolean asks_for_keepalive(const DmRpcProc *proc, const void *args)
{
        return is_remote(proc, DM_REMOTE_CONNECT_SUPPORTS_FEATURE) &&
               ((const DmRpcConnectSupportsFeatureArgs *)args)->feature == FEATURE_KEEPALIVE;
}

/* The gates that look at the arguments. */
static gboolean may_run(const DmRpcConn *conn, const DmRpcProc *proc, const void *args, DmRpcError *wire)
{
        gboolean opens = is_remote(proc, DM_REMOTE_CONNECT_OPEN) ||
                         (proc->program == DM_RPC_PROGRAM_ADMIN && proc->number == DM_ADMIN_CONNECT_OPEN);
        if (conn->stage == DM_RPC_STAGE_OPEN && opens) {
                dm_rpc_error_make(wire, DM_RPC_ERR_INTERNAL_ERROR, DM_RPC_FROM_RPC,
                                  "connection already open");
                return FALSE;
        }
        gboolean closes = is_remote(proc, DM_REMOTE_CONNECT_CLOSE) ||
                          (proc->program == DM_RPC_PROGRAM_ADMIN && proc->number == DM_ADMIN_CONNECT_CLOSE);
        if (conn->stage < DM_RPC_STAGE_OPEN && !opens && !closes && !proc->before_auth &&
            !asks_for_keepalive(proc, args)) {
                dm_rpc_error_make(wire, DM_RPC_ERR_INTERNAL_ERROR, DM_RPC_FROM_RPC,
                                  "hypervisor connection not open");
                return FALSE;
        }
        if ((conn->flags & DM_RPC_READ_ONLY) && !dm_rpc_proc_allows_reader(proc, args)) {
                dm_rpc_error_read_only(wire, proc);
                return FALSE;
        }
        return TRUE;
}

gboolean dm_rpc_server_may_take(const DmRpcConn *conn)
{
        gsize streams = dm_rpc_streams_output(conn);
        gsize unread = conn->out.bytes > streams ? conn->out.bytes - streams : 0;
        return conn->calls < conn->limits.calls && unread <= conn->limits.output_high;
}

static void refuse(DmRpcConn *conn, const DmRpcHeader *header, const DmRpcError *wire)
{
        dm_rpc_conn_push_error(conn, header, DM_RPC_REPLY, wire);
}

/* A call that is @packet, with its arguments and descriptors; counted as being worked on. */
static DmRpcCall *call_new(DmRpcConn *conn, DmRpcPacket *packet, const DmRpcProc *proc, void *args)
{
        DmRpcCall *call = g_new0(DmRpcCall, 1);
        call->conn = dm_rpc_conn_ref(conn);
        call->header = packet->header;
        call->proc = proc;
        call->args = args;
        call->n_fds = packet->n_fds;
        for (guint i = 0; i < packet->n_fds; i++)
                call->fds[i] = dm_steal_fd(&packet->fds[i]);
        if (conn->calls == 0)
                conn->open_left_us -= g_get_monotonic_time() - conn->open_since_us;
        conn->calls++;
        return call;
}

static void reply_keepalive(DmRpcConn *conn, DmRpcCall *call)
{
        const DmRpcConnectSupportsFeatureRet ret = { .supported = conn->limits.keepalive_ms > 0 };
        if (ret.supported)
                dm_rpc_conn_start_keepalive(conn, conn->limits.keepalive_ms, conn->limits.keepalive_count);
        dm_rpc_call_reply(call, &ret);
}

void dm_rpc_server_packet(DmRpcConn *conn, DmRpcPacket *packet)
{
        DM_RPC_AUTO(Error, wire) = { 0 };
        const DmRpcProc *proc = NULL;
        if (!may_decode(conn, packet, &proc, &wire)) {
                refuse(conn, &packet->header, &wire);
                return;
        }
        g_autoptr(GError) error = NULL;
        g_autofree void *args = g_malloc0(proc->args->size);
        /* Bytes after the arguments are a newer client's; libvirt does not look at them either. */
        DmXdrReader r = { .data = packet->payload, .length = packet->length };
        if (!dm_record_decode(proc->args, &r, args, &error)) {
                dm_rpc_error_make(&wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC,
                                  "Unable to decode message payload: %s", error->message);
                refuse(conn, &packet->header, &wire);
                return;
        }
        if (!may_run(conn, proc, args, &wire)) {
                dm_record_clear(proc->args, args);
                refuse(conn, &packet->header, &wire);
                return;
        }
        gboolean keepalive = asks_for_keepalive(proc, args);
        DmRpcCall *call = call_new(conn, packet, proc, g_steal_pointer(&args));
        if (keepalive)
                reply_keepalive(conn, call);
        else
                conn->handlers.call(conn, call, conn->handlers.user);
}
