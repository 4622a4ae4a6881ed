/* Server: a call that is being worked on, and the ways to answer it.
 *
 * Whoever has a DmRpcCall answers it exactly once; the answer frees it.  dm_rpc_call_reply(), _fail() and
 * their kin may be called by any thread: the answer is encoded there, and sent by the connection's owner. */
#pragma once

#include "rpc/connection.h"
#include "rpc/stream.h"

const DmRpcProc *dm_rpc_call_proc(const DmRpcCall *call);
/* A struct of proc->args.  What it owns may be taken out. */
void *dm_rpc_call_args(DmRpcCall *call);
/* Which connection; to be used by its owner only, and not after handlers.gone. */
DmRpcConn *dm_rpc_call_conn(const DmRpcCall *call);
/* Descriptors that came with the call, and were not taken yet. */
guint dm_rpc_call_n_fds(const DmRpcCall *call);
/* Takes the next one; -1 when there is none. */
int dm_rpc_call_take_fd(DmRpcCall *call);

/* @ret is a struct of proc->ret; it stays the caller's. */
void dm_rpc_call_reply(DmRpcCall *call, const void *ret);
/* With descriptors, which are taken. */
void dm_rpc_call_reply_fds(DmRpcCall *call, const void *ret, const int *fds, guint n_fds);
void dm_rpc_call_fail(DmRpcCall *call, const GError *error);
/* With a number of libvirt's, where clients ask for it. */
void dm_rpc_call_fail_code(DmRpcCall *call, DmRpcErrorCode code, DmRpcErrorDomain domain, const char *format,
                           ...) G_GNUC_PRINTF(4, 5);
/* "this function is not supported by the connection driver", as for every procedure without a handler. */
void dm_rpc_call_fail_unsupported(DmRpcCall *call);

/* Answers a call of a procedure with a stream, and opens it.  Owner only.  NULL when that failed (too many
 * streams, the connection is gone): the call is answered with the reason.  The stream is the connection's:
 * see stream.h. */
DmRpcStream *dm_rpc_call_reply_stream(DmRpcCall *call, const void *ret, const DmRpcStreamHandlers *handlers,
                                      void *user);
