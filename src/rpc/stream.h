/* Streams: data that belongs to a call, in one direction or both, beside the other packets of a connection.
 *
 * The life of one.  The server opens it with its reply (call.h), the client with its call.  Then
 *
 *      server → client     the server sends data, then dm_rpc_stream_end(); the client hears `end`, and calls
 *                          dm_rpc_stream_finish(); the server's `finish` confirms with dm_rpc_stream_finish()
 *      client → server     the client sends data, then dm_rpc_stream_finish(); the server's `finish` makes
 * sure that all is where it belongs and confirms with dm_rpc_stream_finish()
 *
 * after which the client hears `closed`.  Each side may end it before with dm_rpc_stream_fail(), the client
 * may also finish before the end.
 *
 * A stream is the connection's.  It is there until `closed` was called or its user has ended it: on the
 * server by finish or fail, on the client by fail. */
#pragma once

#include "rpc/connection.h"

typedef struct DmRpcStream DmRpcStream;

/* All are nullable. */
typedef struct DmRpcStreamHandlers {
        /* @data is borrowed.  A handler that cannot take more calls dm_rpc_stream_pause(). */
        void (*data)(DmRpcStream *s, const guint8 *data, gsize length, void *user);
        /* So many bytes of zeros; only where the call allowed sparse streams. */
        void (*hole)(DmRpcStream *s, gint64 length, void *user);
        /* Client: the server has sent all. */
        void (*end)(DmRpcStream *s, void *user);
        /* Server: the client has finished.  dm_rpc_stream_finish() or _fail() must follow, now or later.
         * Without this handler it is confirmed at once, and `closed` called. */
        void (*finish)(DmRpcStream *s, void *user);
        /* After dm_rpc_stream_send() was FALSE: there is room again. */
        void (*writable)(DmRpcStream *s, void *user);
        /* The last callback, when the other side ended it: @error is NULL when that was in order. */
        void (*closed)(DmRpcStream *s, const GError *error, void *user);
} DmRpcStreamHandlers;

/* Client: calls @proc and has its stream.  Nothing can be sent before @callback has heard the reply, data may
 * come right after it.  NULL as dm_rpc_conn_call().  When the call fails, the stream is gone after @callback;
 * `closed` is not called. */
DmRpcStream *dm_rpc_conn_call_stream(DmRpcConn *conn, const DmRpcProc *proc, const void *args,
                                     int deadline_ms, DmRpcAnswerFn callback,
                                     const DmRpcStreamHandlers *handlers, void *user, GError **error);

/* Sends; packets of at most DM_RPC_STREAM_MAX are made of it.  FALSE: it is taken, but more should wait for
 * `writable`; or, after the stream's end on our side, it is dropped. */
gboolean dm_rpc_stream_send(DmRpcStream *s, const void *data, gsize length);
gboolean dm_rpc_stream_send_hole(DmRpcStream *s, gint64 length);
/* Server: no more data. */
void dm_rpc_stream_end(DmRpcStream *s);
/* Client: no more data in either direction; `closed` will follow.  Server, after `finish`: confirmed. */
void dm_rpc_stream_finish(DmRpcStream *s);
/* Server: the client hears @error.  Client: aborts, @error is not looked at and may be NULL. */
void dm_rpc_stream_fail(DmRpcStream *s, const GError *error);

/* Between these no data, hole or end is delivered. */
void dm_rpc_stream_pause(DmRpcStream *s);
void dm_rpc_stream_resume(DmRpcStream *s);
