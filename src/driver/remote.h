/* The driver at the other end of a socket: one connection, and the thread that moves its bytes.
 *
 * Any thread asks, and waits without holding a lock.  Nothing that the connection's thread drops holds a
 * DomusConn: closing one waits for that thread. */
#pragma once

#include "driver/event_bus.h"
#include "rpc/connection.h"

typedef struct DmRemote DmRemote;

/* Connects to the socket @path and opens the driver there.  Errors: NOT_FOUND (no socket), GONE (nobody
 * listens there any more), DENIED, FAILED. */
DmRemote *dm_remote_open(const char *path, GError **error);
/* Waits for the thread.  Guests that were started with autodestroy end. */
void dm_remote_close(DmRemote *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmRemote, dm_remote_close)

/* What the server tells goes there, as it was numbered. */
DmEventBus *dm_remote_bus(DmRemote *r);
/* What opening the driver found wrong; borrowed. */
const DmRpcNames *dm_remote_messages(const DmRemote *r);

/* Calls the procedure and waits for its reply.  @ret (nullable) is a struct of its row, filled on success;
 * @ret_fd (nullable) the descriptor that came with it, owned. */
gboolean dm_remote_ask(DmRemote *r, DmRpcProgram program, gint32 number, const void *args, void *ret,
                       int *ret_fd, GError **error);

/* The end of a job: @error is NULL when it succeeded, @end when no run's end was asked for.  On the
 * connection's thread, exactly once; must not wait. */
typedef void (*DmRemoteEndFn)(void *data, const GError *error, const DmRpcDomusExit *end);

/* Tokens of jobs: never the same twice. */
guint64 dm_remote_token(DmRemote *r);
/* As dm_remote_ask() of the program 'domus', where @args hold the @token of a job, which has begun when this
 * returns TRUE; @fn is not called otherwise.  A server that has not told the end some time after @timeout_ms
 * (> 0) is not waited for any longer. */
gboolean dm_remote_begin(DmRemote *r, gint32 number, const void *args, void *ret, guint64 token,
                         int timeout_ms, DmRemoteEndFn fn, void *data, GError **error);
/* Asks for the end of a job that may have ended; returns at once. */
void dm_remote_cancel(DmRemote *r, guint64 token);
