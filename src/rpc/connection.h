/* One connection, on either side of it: packets in, calls and streams dispatched, packets out.
 *
 * A DmRpcConn belongs to the thread that made it, its owner, and to that thread's GMainContext; every
 * function is called by the owner, but for those of call.h that answer a call.  All callbacks come out of the
 * context's dispatch, never from inside a function that sends; they may send, answer, and free the
 * connection.
 *
 * What one peer can cost is bounded by DmRpcLimits.  Beyond them a server first stops reading (calls being
 * worked on, output that is not read), and then ends the connection (output beyond all use, silence).
 *
 * What the gates in front of handlers.call do, in libvirt's order: program, procedure, authentication,
 * decoding, whether the hypervisor connection is open, what a read-only client may do.  A handler cannot
 * forget them. */
#pragma once

#include "rpc/error.h"
#include "rpc/message.h"

typedef struct DmRpcConn DmRpcConn;
typedef struct DmRpcCall DmRpcCall;

typedef enum DmRpcConnFlags {
        DM_RPC_CLIENT = 0,
        DM_RPC_SERVE_MAIN = 1 << 0,  /* a server of the programs 'remote', 'qemu' and 'domus' */
        DM_RPC_SERVE_ADMIN = 1 << 1, /* a server of the program 'admin' */
        DM_RPC_READ_ONLY = 1 << 2,   /* server: the peer came through a read-only socket */
} DmRpcConnFlags;

/* How far a client of a server has come; it only goes up. */
typedef enum DmRpcStage {
        DM_RPC_STAGE_CONNECTED,     /* only authentication is answered */
        DM_RPC_STAGE_AUTHENTICATED, /* and what comes before the hypervisor connection is open */
        DM_RPC_STAGE_OPEN,
} DmRpcStage;

typedef struct DmRpcLimits {
        gsize message;          /* bytes of one packet */
        gsize message_unopened; /* the same before DM_RPC_STAGE_OPEN */
        guint calls;            /* server: being worked on; the next one is not read until one is answered */
        guint unanswered;       /* client: calls without a reply */
        gsize output_high;      /* server: while more bytes than this are not read, no call is */
        gsize output;           /* bytes that the peer does not read; more end the connection */
        guint streams;
        gsize stream_window; /* bytes of one stream that wait in the output before its sender has to pause */
        gsize stream_inbox;  /* bytes that wait for a paused stream; more stop reading */
        int open_ms;         /* server: idle time that a client has to reach DM_RPC_STAGE_OPEN; 0: any */
        int keepalive_ms;    /* server: interval, once the client has asked for it; 0: never */
        guint keepalive_count;
} DmRpcLimits;

#define DM_RPC_DEFAULT_LIMITS                                                                  \
        {                                                                                      \
                .message = DM_RPC_MESSAGE_MAX, .message_unopened = 320 << 10, .calls = 5,      \
                .unanswered = 1024, .output_high = 1 << 20, .output = 64 << 20, .streams = 32, \
                .stream_window = 512 << 10, .stream_inbox = 256 << 10, .open_ms = 60000,       \
                .keepalive_ms = 5000, .keepalive_count = 5                                     \
        }

typedef struct DmRpcHandlers {
        /* Server: a call that passed the gates.  @call has to be answered, now or later (call.h). */
        void (*call)(DmRpcConn *conn, DmRpcCall *call, void *user);
        /* Client, nullable: an event.  @message is a struct of proc->args, cleared afterwards. */
        void (*event)(DmRpcConn *conn, const DmRpcProc *proc, void *message, void *user);
        /* Called once, after everything else, unless dm_rpc_conn_free() comes first.  @reason is borrowed. */
        void (*gone)(DmRpcConn *conn, const GError *reason, void *user);
        void *user;
} DmRpcHandlers;

/* ---- life cycle ---- */

/* @fd is a connected stream socket, taken.  @context: a reference is kept; NULL for the default one.  A
 * server's client begins at DM_RPC_STAGE_CONNECTED. */
DmRpcConn *dm_rpc_conn_new(int fd, GMainContext *context, DmRpcConnFlags flags,
                           const DmRpcHandlers *handlers);
/* Closes.  Calls without a reply, and streams, hear DM_ERROR_GONE before it returns; no other callback comes
 * any more.  Calls that are still worked on may be answered as if nothing had happened.  NULL is allowed. */
void dm_rpc_conn_free(DmRpcConn *conn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmRpcConn, dm_rpc_conn_free)

/* To be called before the first dispatch. */
void dm_rpc_conn_set_limits(DmRpcConn *conn, const DmRpcLimits *limits);

/* Takes no more calls, and ends the connection when the output is written: after CONNECT_CLOSE. */
void dm_rpc_conn_finish(DmRpcConn *conn);
/* Ends it with the next dispatch; handlers.gone hears the @reason, which is taken. */
void dm_rpc_conn_break(DmRpcConn *conn, GError *reason);
gboolean dm_rpc_conn_is_gone(const DmRpcConn *conn);

/* ---- server ---- */

void dm_rpc_conn_set_stage(DmRpcConn *conn, DmRpcStage stage);
DmRpcStage dm_rpc_conn_stage(const DmRpcConn *conn);
/* Sends an event: @message is a struct of proc->args.  FALSE when it cannot be encoded or the connection is
 * gone. */
gboolean dm_rpc_conn_send_event(DmRpcConn *conn, const DmRpcProc *proc, const void *message, GError **error);

/* ---- client ---- */

/* From now on pings after each @interval_ms of silence.  Pings of the other side are answered anyway. */
void dm_rpc_conn_start_keepalive(DmRpcConn *conn, int interval_ms, guint count);

/* The one answer to a call of ours. */
typedef struct DmRpcAnswer {
        void *ret;           /* a struct of proc->ret, cleared after the callback; NULL when it failed */
        const GError *error; /* set when it failed */
        const DmRpcError
                *wire; /* the error in the server's own words, NULL when it did not come from there */
        int *fds;      /* closed after the callback; taken with dm_steal_fd() */
        guint n_fds;
} DmRpcAnswer;

typedef void (*DmRpcAnswerFn)(DmRpcConn *conn, DmRpcAnswer *answer, void *user);

/* Calls @proc.  @fds (nullable) are duplicated.  @callback is called exactly once, later; at the deadline
 * (@deadline_ms > 0) with DM_ERROR_TIMED_OUT, and a late reply is dropped.  FALSE, and it never is called,
 * when the arguments cannot be encoded, too many calls are unanswered or the connection is gone. */
gboolean dm_rpc_conn_call(DmRpcConn *conn, const DmRpcProc *proc, const void *args, const int *fds,
                          guint n_fds, int deadline_ms, DmRpcAnswerFn callback, void *user, GError **error);
/* The same, and runs the context until the answer is there.  @ret (nullable) is a struct of proc->ret to
 * fill. */
gboolean dm_rpc_conn_call_wait(DmRpcConn *conn, const DmRpcProc *proc, const void *args, void *ret,
                               int deadline_ms, GError **error);

/* ---- figures ---- */

typedef struct DmRpcFigures {
        guint calls; /* server: being worked on; client: unanswered */
        guint streams;
        gsize output;     /* bytes that the peer has not read */
        gboolean reading; /* FALSE: a limit stops it */
        guint64 packets_in, packets_out;
} DmRpcFigures;

void dm_rpc_conn_figures(const DmRpcConn *conn, DmRpcFigures *ret);
