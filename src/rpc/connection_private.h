/* What the parts of a connection know of each other: connection.c (socket, dispatch, end), call.c (the
 * server's calls), client.c (our own calls), stream.c. */
#pragma once

#include "rpc/call.h"
#include "rpc/connection.h"
#include "rpc/keepalive.h"

typedef struct DmRpcSource {
        GSource base;
        DmRpcConn *conn;
} DmRpcSource;

struct DmRpcConn {
        gint refs; /* atomic: the owner's, one for each DmRpcCall, one for each dispatch */
        const GThread *owner;
        GMainContext *context;
        DmRpcConnFlags flags;
        gboolean server; /* by the flags */
        DmRpcHandlers handlers;
        DmRpcLimits limits;
        DmRpcStage stage;

        int fd; /* -1 when gone */
        DmRpcSource *source;
        void *fd_tag;
        GIOCondition watched;
        DmRpcReader in;
        DmRpcQueue out;
        gboolean held; /* the first packet of `in` has to wait */
        guint64 packets_in, packets_out;

        GError *reason; /* why it ends; set before it is gone */
        gboolean gone;
        gboolean freed;       /* no callbacks any more */
        gboolean finishing;   /* ends when the output is written */
        gint64 finish_due_us; /* or then */
        gboolean dispatching;
        gboolean woken; /* by its owner, since this dispatch began */

        DmRpcKeepalive keepalive;
        gboolean ping_waits;  /* a ping is in the output */
        gint64 open_left_us;  /* of limits.open_ms, counted while no call is worked on */
        gint64 open_since_us; /* since when it counts */

        guint calls;    /* server: being worked on */
        GMutex lock;    /* of the two below */
        GQueue answers; /* Answer *, from other threads */
        gboolean deaf;  /* nobody collects them any more */

        guint32 next_serial;
        GHashTable *waiting; /* client: serial → Waiting * */
        GHashTable *streams; /* serial → DmRpcStream * */
};

DmRpcConn *dm_rpc_conn_ref(DmRpcConn *conn);
void dm_rpc_conn_unref(DmRpcConn *conn);
void dm_rpc_conn_assert_owner(const DmRpcConn *conn);
/* Any thread: dispatch soon. */
void dm_rpc_conn_wake(DmRpcConn *conn);
/* A packet to the output.  @packet and @fds are taken; dropped when the connection is gone. */
void dm_rpc_conn_push(DmRpcConn *conn, GByteArray *packet, const int *fds, guint n_fds, gsize *pending);
/* An answer or stream packet with status ERROR; @header says what it answers. */
void dm_rpc_conn_push_error(DmRpcConn *conn, const DmRpcHeader *header, DmRpcType type,
                            const DmRpcError *wire);

/* call.c */
gboolean dm_rpc_server_may_take(const DmRpcConn *conn);
void dm_rpc_server_packet(DmRpcConn *conn, DmRpcPacket *packet);
void dm_rpc_server_collect(DmRpcConn *conn);
void dm_rpc_server_stop(DmRpcConn *conn);

/* client.c */
typedef struct DmRpcAsk {
        guint32 serial;
        int deadline_ms;
        DmRpcAnswerFn callback;
        void *user;
        gboolean streams; /* the reply opens a stream, which is there already */
} DmRpcAsk;
guint32 dm_rpc_client_next_serial(DmRpcConn *conn);
gboolean dm_rpc_client_send(DmRpcConn *conn, const DmRpcProc *proc, const void *args, const int *fds,
                            guint n_fds, const DmRpcAsk *ask, GError **error);
void dm_rpc_client_reply(DmRpcConn *conn, DmRpcPacket *packet);
void dm_rpc_client_event(DmRpcConn *conn, const DmRpcPacket *packet);
gint64 dm_rpc_client_due(const DmRpcConn *conn);
void dm_rpc_client_expire(DmRpcConn *conn, gint64 now_us);
void dm_rpc_client_fail_all(DmRpcConn *conn);

/* stream.c */
DmRpcStream *dm_rpc_stream_open(DmRpcConn *conn, const DmRpcHeader *header, const DmRpcProc *proc,
                                const DmRpcStreamHandlers *handlers, void *user, GError **error);
/* Bytes in the output that are of open streams. */
gsize dm_rpc_streams_output(const DmRpcConn *conn);
/* TRUE when the packet that begins with @header is data for a stream that takes none now. */
gboolean dm_rpc_stream_must_wait(const DmRpcConn *conn, const DmRpcHeader *header);
void dm_rpc_stream_packet(DmRpcConn *conn, const DmRpcPacket *packet);
/* Client: the reply to the call that opens it; @opened FALSE: it failed, and the stream is freed. */
void dm_rpc_stream_replied(DmRpcConn *conn, guint32 serial, gboolean opened);
/* What waited for streams that are not paused any more. */
void dm_rpc_streams_deliver(DmRpcConn *conn);
/* Asks those with room for more.  TRUE when one was asked. */
gboolean dm_rpc_streams_ask(DmRpcConn *conn);
void dm_rpc_streams_fail_all(DmRpcConn *conn);
