/* The connection: socket, dispatch, limits, keepalive, the end.  The server's calls are call.c's, our own
 * calls client.c's, streams stream.c's, bytes to packets message.c's.
 *
 * Theory of operation.  One GSource watches the socket, the nearest deadline, and "there is something to do"
 * (ready time 0).  Everything happens in its dispatch, in this order: answers of other threads, what had to
 * wait, reading, deadlines, writing, the end.  Whoever sends only fills the output and wakes it, so no sender
 * finds itself called back, and what is sent in one go leaves in one write.
 *
 * Packets are taken one by one.  One that has to wait (a call beyond the limits, data for a paused stream
 * that has enough of it) stays first in the reader, and the socket is not read meanwhile: the peer feels it
 * as on any full pipe.  Silence of that time is ours, and not counted against the peer.
 *
 * The end comes by a reason (dm_rpc_conn_break) and is made at the end of a dispatch, or by dm_rpc_conn_free
 * at once.  The reader's memory stays until the dispatch is over, as a callback may still look at data in it.
 */
#include "rpc/connection_private.h"
#include "util/error.h"
#include "util/fd.h"

#include <glib-unix.h>

#define READS_PER_DISPATCH 16   /* other sources of the context get their turn */
#define ROUNDS_OF_WRITING  8    /* of senders that are asked for more, in one dispatch */
#define FINISH_MS          5000 /* for a peer to read the rest, after dm_rpc_conn_finish() */

void dm_rpc_conn_assert_owner(const DmRpcConn *conn)
{
        g_assert(conn->owner == g_thread_self());
}

void dm_rpc_conn_wake(DmRpcConn *conn)
{
        if (g_thread_self() == conn->owner)
                conn->woken = TRUE;
        g_source_set_ready_time(&conn->source->base, 0);
}

DmRpcConn *dm_rpc_conn_ref(DmRpcConn *conn)
{
        g_atomic_int_inc(&conn->refs);
        return conn;
}

void dm_rpc_conn_unref(DmRpcConn *conn)
{
        if (!g_atomic_int_dec_and_test(&conn->refs))
                return;
        g_source_unref(&conn->source->base);
        dm_rpc_reader_clear(&conn->in);
        g_hash_table_unref(conn->waiting);
        g_hash_table_unref(conn->streams);
        g_clear_error(&conn->reason);
        g_mutex_clear(&conn->lock);
        g_main_context_unref(conn->context);
        g_free(conn);
}

/* ---- the end ---- */

void dm_rpc_conn_break(DmRpcConn *conn, GError *reason)
{
        dm_rpc_conn_assert_owner(conn);
        if (conn->reason) {
                g_error_free(reason);
                return;
        }
        conn->reason = reason;
        dm_rpc_conn_wake(conn);
}

static void become_gone(DmRpcConn *conn)
{
        if (conn->gone)
                return;
        conn->gone = TRUE;
        g_source_remove_unix_fd(&conn->source->base, conn->fd_tag);
        dm_close_fd(&conn->fd);
        dm_rpc_queue_clear(&conn->out);
        dm_rpc_server_stop(conn);
        dm_rpc_client_fail_all(conn);
        dm_rpc_streams_fail_all(conn);
        if (!conn->freed && conn->handlers.gone)
                conn->handlers.gone(conn, conn->reason, conn->handlers.user);
        g_source_destroy(&conn->source->base);
}

void dm_rpc_conn_free(DmRpcConn *conn)
{
        if (!conn)
                return;
        dm_rpc_conn_assert_owner(conn);
        g_assert(!conn->freed);
        conn->freed = TRUE;
        if (!conn->reason)
                conn->reason = g_error_new(DM_ERROR, DM_ERROR_GONE, "the connection was closed");
        become_gone(conn);
        if (!conn->dispatching)
                dm_rpc_reader_clear(&conn->in);
        dm_rpc_conn_unref(conn);
}

void dm_rpc_conn_finish(DmRpcConn *conn)
{
        dm_rpc_conn_assert_owner(conn);
        conn->finishing = TRUE;
        conn->finish_due_us = g_get_monotonic_time() + FINISH_MS * 1000;
        dm_rpc_conn_wake(conn);
}

gboolean dm_rpc_conn_is_gone(const DmRpcConn *conn)
{
        return conn->gone || conn->reason;
}

/* ---- output ---- */

void dm_rpc_conn_push(DmRpcConn *conn, GByteArray *packet, const int *fds, guint n_fds, gsize *pending)
{
        /* When it is gone, only to be dropped again. */
        dm_rpc_queue_push(&conn->out, packet, fds, n_fds, pending);
        if (conn->gone) {
                dm_rpc_queue_clear(&conn->out);
                return;
        }
        conn->packets_out++;
        if (conn->out.bytes > conn->limits.output)
                dm_rpc_conn_break(
                        conn, g_error_new(DM_ERROR, DM_ERROR_GONE,
                                          "the other side does not read: %zu bytes wait for it, at most %zu",
                                          conn->out.bytes, conn->limits.output));
        dm_rpc_conn_wake(conn);
}

void dm_rpc_conn_push_error(DmRpcConn *conn, const DmRpcHeader *header, DmRpcType type,
                            const DmRpcError *wire)
{
        DmRpcHeader h = *header;
        h.type = (guint32)type;
        h.status = DM_RPC_ERROR;
        GByteArray *packet = dm_rpc_packet_new(&h, &dm_rpc_type_Error, wire, 0, conn->limits.message, NULL);
        g_assert(packet); /* the texts of errors are bounded */
        dm_rpc_conn_push(conn, packet, NULL, 0, NULL);
}

static void push_keepalive(DmRpcConn *conn, gint32 proc)
{
        const DmRpcHeader h = { .program = DM_RPC_PROGRAM_KEEPALIVE,
                                .version = DM_RPC_VERSION,
                                .proc = proc,
                                .type = DM_RPC_MESSAGE };
        dm_rpc_conn_push(conn, dm_rpc_packet_new_raw(&h, NULL, 0), NULL, 0, NULL);
}

gboolean dm_rpc_conn_send_event(DmRpcConn *conn, const DmRpcProc *proc, const void *message, GError **error)
{
        dm_rpc_conn_assert_owner(conn);
        g_assert(proc->is_event);
        if (dm_rpc_conn_is_gone(conn))
                return dm_fail(error, DM_ERROR_GONE, "%s cannot be sent: the connection is gone", proc->name);
        /* Nobody looks at an event's serial; libvirt sends 1. */
        const DmRpcHeader h = { .program = proc->program,
                                .version = DM_RPC_VERSION,
                                .proc = proc->number,
                                .type = DM_RPC_MESSAGE,
                                .serial = 1 };
        GByteArray *packet = dm_rpc_packet_new(&h, proc->args, message, 0, conn->limits.message, error);
        if (!packet)
                return FALSE;
        dm_rpc_conn_push(conn, packet, NULL, 0, NULL);
        return TRUE;
}

/* ---- input ---- */

static void keepalive_packet(DmRpcConn *conn, const DmRpcHeader *h)
{
        /* A PONG has done its work by being read. */
        if (h->version == DM_RPC_VERSION && h->proc == DM_RPC_KEEPALIVE_PING)
                push_keepalive(conn, DM_RPC_KEEPALIVE_PONG);
}

/* What is none of these, or has no meaning for this side, is dropped, as libvirt does. */
static void handle(DmRpcConn *conn, DmRpcPacket *packet)
{
        switch ((DmRpcType)packet->header.type) {
        case DM_RPC_CALL:
        case DM_RPC_CALL_WITH_FDS:
                if (conn->server)
                        dm_rpc_server_packet(conn, packet);
                break;
        case DM_RPC_REPLY:
        case DM_RPC_REPLY_WITH_FDS:
                if (!conn->server)
                        dm_rpc_client_reply(conn, packet);
                break;
        case DM_RPC_MESSAGE:
                if (packet->header.program == DM_RPC_PROGRAM_KEEPALIVE)
                        keepalive_packet(conn, &packet->header);
                else if (!conn->server)
                        dm_rpc_client_event(conn, packet);
                break;
        case DM_RPC_STREAM:
        case DM_RPC_STREAM_HOLE:
                dm_rpc_stream_packet(conn, packet);
                break;
        }
}

static gboolean must_wait(const DmRpcConn *conn, const DmRpcHeader *h)
{
        if (h->type == DM_RPC_CALL || h->type == DM_RPC_CALL_WITH_FDS)
                return conn->server && !dm_rpc_server_may_take(conn);
        return dm_rpc_stream_must_wait(conn, h);
}

static void take_packets(DmRpcConn *conn)
{
        while (!dm_rpc_conn_is_gone(conn) && !conn->finishing) {
                GError *error = NULL;
                DmRpcHeader header;
                DmRpcNext next = dm_rpc_reader_peek(&conn->in, &header, &error);
                if (next == DM_RPC_NEXT_BROKEN)
                        dm_rpc_conn_break(conn, error);
                conn->held = next == DM_RPC_NEXT_PACKET && must_wait(conn, &header);
                if (next != DM_RPC_NEXT_PACKET || conn->held)
                        return;
                g_auto(DmRpcPacket) packet = { 0 };
                dm_rpc_reader_take(&conn->in, &packet);
                conn->packets_in++;
                handle(conn, &packet);
                dm_rpc_reader_drop(&conn->in);
        }
}

/* Reads until there is nothing more, or enough for now. */
static void receive(DmRpcConn *conn)
{
        for (int reads = 0; reads < READS_PER_DISPATCH; reads++) {
                if (dm_rpc_conn_is_gone(conn) || conn->held || conn->finishing)
                        return;
                GError *error = NULL;
                switch (dm_rpc_reader_fill(&conn->in, conn->fd, &error)) {
                case DM_RPC_IO_DONE:
                        dm_rpc_keepalive_heard(&conn->keepalive, g_get_monotonic_time());
                        take_packets(conn);
                        break;
                case DM_RPC_IO_AGAIN:
                        return;
                case DM_RPC_IO_CLOSED:
                        error = g_error_new(DM_ERROR, DM_ERROR_GONE, "the other side closed the connection");
                        dm_rpc_conn_break(conn, error);
                        return;
                case DM_RPC_IO_FAILED:
                        dm_rpc_conn_break(conn, error);
                        return;
                }
        }
}

/* ---- deadlines ---- */

static gint64 open_due(const DmRpcConn *conn)
{
        gboolean counts = conn->server && conn->stage < DM_RPC_STAGE_OPEN && conn->calls == 0;
        return counts && conn->limits.open_ms > 0 ? conn->open_since_us + conn->open_left_us : G_MAXINT64;
}

static gint64 finish_due(const DmRpcConn *conn)
{
        return conn->finishing ? conn->finish_due_us : G_MAXINT64;
}

static void beat(DmRpcConn *conn, gint64 now_us)
{
        if (conn->held)
                dm_rpc_keepalive_heard(&conn->keepalive, now_us);
        switch (dm_rpc_keepalive_tick(&conn->keepalive, now_us)) {
        case DM_RPC_BEAT_NONE:
                break;
        case DM_RPC_BEAT_PING:
                if (!conn->ping_waits)
                        push_keepalive(conn, DM_RPC_KEEPALIVE_PING);
                conn->ping_waits = TRUE;
                break;
        case DM_RPC_BEAT_DEAD:
                dm_rpc_conn_break(conn, g_error_new(DM_ERROR, DM_ERROR_GONE,
                                                    "the other side did not answer %u pings, one every %d ms",
                                                    conn->keepalive.count,
                                                    (int)(conn->keepalive.interval_us / 1000)));
                break;
        }
}

static void expire(DmRpcConn *conn)
{
        gint64 now = g_get_monotonic_time();
        dm_rpc_client_expire(conn, now);
        if (dm_rpc_conn_is_gone(conn))
                return;
        if (now >= open_due(conn))
                dm_rpc_conn_break(conn, g_error_new(DM_ERROR, DM_ERROR_GONE,
                                                    "the client opened nothing within %d ms",
                                                    conn->limits.open_ms));
        if (now >= finish_due(conn))
                dm_rpc_conn_break(conn, g_error_new(DM_ERROR, DM_ERROR_GONE,
                                                    "the other side did not read the rest within %d ms",
                                                    FINISH_MS));
        beat(conn, now);
}

/* ---- dispatch ---- */

/* A server that answers and closes may have said why our write failed. */
static void write_failed(DmRpcConn *conn, GError *error)
{
        if (!conn->server)
                receive(conn);
        dm_rpc_conn_break(conn, error);
}

static void transmit(DmRpcConn *conn)
{
        for (int round = 0; round < ROUNDS_OF_WRITING && !dm_rpc_conn_is_gone(conn); round++) {
                GError *error = NULL;
                DmRpcIo io = dm_rpc_queue_flush(&conn->out, conn->fd, &error);
                if (io == DM_RPC_IO_FAILED) {
                        write_failed(conn, error);
                        return;
                }
                if (io == DM_RPC_IO_DONE)
                        conn->ping_waits = FALSE;
                gboolean asked = dm_rpc_streams_ask(conn);
                if (io != DM_RPC_IO_DONE || !asked)
                        return;
        }
}

static void watch(DmRpcConn *conn)
{
        GIOCondition wanted =
                (conn->held || conn->finishing ? 0 : G_IO_IN) | (conn->out.bytes > 0 ? G_IO_OUT : 0);
        if (wanted == conn->watched)
                return;
        conn->watched = wanted;
        g_source_modify_unix_fd(&conn->source->base, conn->fd_tag, wanted);
}

/* TRUE when what held the first packet back is over. */
static gboolean may_go_on(DmRpcConn *conn)
{
        DmRpcHeader header;
        return conn->held && dm_rpc_reader_peek(&conn->in, &header, NULL) == DM_RPC_NEXT_PACKET &&
               !must_wait(conn, &header);
}

static void rearm(DmRpcConn *conn)
{
        watch(conn);
        gint64 due = MIN(MIN(open_due(conn), finish_due(conn)),
                         MIN(dm_rpc_keepalive_due(&conn->keepalive), dm_rpc_client_due(conn)));
        if (conn->woken || may_go_on(conn))
                due = 0;
        g_source_set_ready_time(&conn->source->base, due == G_MAXINT64 ? -1 : due);
        /* Another thread may have answered, and its wake was just overwritten. */
        g_mutex_lock(&conn->lock);
        gboolean answered = conn->answers.length > 0;
        g_mutex_unlock(&conn->lock);
        if (answered)
                g_source_set_ready_time(&conn->source->base, 0);
}

static gboolean on_dispatch(GSource *base, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
        DmRpcConn *conn = dm_rpc_conn_ref(((DmRpcSource *)base)->conn);
        GIOCondition ready = g_source_query_unix_fd(base, conn->fd_tag);
        conn->woken = FALSE;
        conn->dispatching = TRUE;
        dm_rpc_server_collect(conn);
        dm_rpc_streams_deliver(conn);
        take_packets(conn);
        if (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR))
                receive(conn);
        if (ready & (G_IO_HUP | G_IO_ERR) && (conn->held || conn->finishing) && !conn->gone)
                dm_rpc_conn_break(
                        conn, g_error_new(DM_ERROR, DM_ERROR_GONE, "the other side closed the connection"));
        if (!dm_rpc_conn_is_gone(conn))
                expire(conn);
        transmit(conn);
        if (conn->finishing && conn->out.bytes == 0 && !dm_rpc_conn_is_gone(conn))
                dm_rpc_conn_break(conn, g_error_new(DM_ERROR, DM_ERROR_GONE, "the connection was closed"));
        if (conn->reason)
                become_gone(conn);
        conn->dispatching = FALSE;
        if (conn->gone)
                dm_rpc_reader_clear(&conn->in);
        else
                rearm(conn);
        dm_rpc_conn_unref(conn);
        return G_SOURCE_CONTINUE;
}

/* ---- life cycle ---- */

DmRpcConn *dm_rpc_conn_new(int fd, GMainContext *context, DmRpcConnFlags flags, const DmRpcHandlers *handlers)
{
        static GSourceFuncs funcs = { .dispatch = on_dispatch };
        DmRpcConn *conn = g_new0(DmRpcConn, 1);
        conn->refs = 1;
        conn->owner = g_thread_self();
        conn->context = g_main_context_ref(context ? context : g_main_context_default());
        conn->flags = flags;
        conn->server = (flags & (DM_RPC_SERVE_MAIN | DM_RPC_SERVE_ADMIN)) != 0;
        conn->handlers = *handlers;
        conn->fd = fd;
        conn->waiting = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        conn->streams = g_hash_table_new(NULL, NULL);
        g_mutex_init(&conn->lock);
        conn->source = (DmRpcSource *)g_source_new(&funcs, sizeof(DmRpcSource));
        conn->source->conn = conn;
        conn->watched = G_IO_IN;
        conn->fd_tag = g_source_add_unix_fd(&conn->source->base, fd, conn->watched);
        dm_rpc_conn_set_limits(conn, &(DmRpcLimits)DM_RPC_DEFAULT_LIMITS);
        g_source_attach(&conn->source->base, conn->context);
        return conn;
}

void dm_rpc_conn_set_limits(DmRpcConn *conn, const DmRpcLimits *limits)
{
        dm_rpc_conn_assert_owner(conn);
        conn->limits = *limits;
        conn->in.max = conn->server ? limits->message_unopened : limits->message;
        conn->open_left_us = (gint64)limits->open_ms * 1000;
        conn->open_since_us = g_get_monotonic_time();
        rearm(conn);
}

void dm_rpc_conn_set_stage(DmRpcConn *conn, DmRpcStage stage)
{
        dm_rpc_conn_assert_owner(conn);
        g_assert(stage >= conn->stage);
        conn->stage = stage;
        if (stage == DM_RPC_STAGE_OPEN)
                conn->in.max = conn->limits.message;
}

DmRpcStage dm_rpc_conn_stage(const DmRpcConn *conn)
{
        return conn->stage;
}

void dm_rpc_conn_start_keepalive(DmRpcConn *conn, int interval_ms, guint count)
{
        dm_rpc_conn_assert_owner(conn);
        dm_rpc_keepalive_start(&conn->keepalive, interval_ms, count, g_get_monotonic_time());
        if (!conn->gone)
                dm_rpc_conn_wake(conn);
}

void dm_rpc_conn_figures(const DmRpcConn *conn, DmRpcFigures *ret)
{
        *ret = (DmRpcFigures){
                .calls = conn->server ? conn->calls : g_hash_table_size(conn->waiting),
                .streams = g_hash_table_size(conn->streams),
                .output = conn->out.bytes,
                .reading = !conn->held && !conn->finishing && !conn->gone,
                .packets_in = conn->packets_in,
                .packets_out = conn->packets_out,
        };
}
