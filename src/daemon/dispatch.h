/* From a call to its handler.
 *
 * handlers.def has one row per procedure that is served; all others are answered as libvirt's drivers answer
 * what they do not have.  A row's kind says where the handler runs:
 *
 *      DM_HANDLE(program, PROCEDURE, fn)         main thread; never waits
 *      DM_HANDLE_SLOW(program, PROCEDURE, fn)    a worker thread; may wait for disks and probes
 *      DM_HANDLE_STORAGE(program, PROCEDURE, fn) the same, about storage pools
 *      DM_HANDLE_LATER(program, PROCEDURE, fn)   main thread; the answer comes when a job has ended
 *
 * The argument and reply types of a handler follow from the procedure's row in rpc/procs.def, so that the
 * compiler refuses a handler that was written for another. */
#pragma once

#include "daemon/client.h"
#include "driver/storage.h"

/* DmArgs_REMOTE_CONNECT_OPEN is DmRpcConnectOpenArgs, DmRet_REMOTE_CONNECT_OPEN is DmRpcVoid. */
#define DM_CALL(P, number, NAME, fn, ARGS, RET, ...)           \
        typedef DmRpc##ARGS DmArgs_##P##_##NAME G_GNUC_UNUSED; \
        typedef DmRpc##RET DmRet_##P##_##NAME G_GNUC_UNUSED;
#define DM_CALL_AUTH(P, number, NAME, ARGS, RET, ...) DM_CALL(P, number, NAME, , ARGS, RET)
#define DM_EVENT(P, number, NAME, MESSAGE)
#include "rpc/procs.def"

#define DM_HANDLE(P, NAME, fn)                                                                        \
        gboolean dm_handle_##fn(DmClient *client, DmArgs_##P##_##NAME *args, DmRet_##P##_##NAME *ret, \
                                GError **error);
#define DM_HANDLE_SLOW(P, NAME, fn)                                                                  \
        gboolean dm_handle_##fn(DomusConn *conn, DmArgs_##P##_##NAME *args, DmRet_##P##_##NAME *ret, \
                                GError **error);
#define DM_HANDLE_STORAGE(P, NAME, fn)                                                                  \
        gboolean dm_handle_##fn(DmStorage *storage, DmArgs_##P##_##NAME *args, DmRet_##P##_##NAME *ret, \
                                GError **error);
#define DM_HANDLE_LATER(P, NAME, fn) \
        void dm_handle_##fn(DmClient *client, DmRpcCall *call, DmArgs_##P##_##NAME *args);
#include "daemon/handlers.def"

/* Serves @call, which passed the gates of the connection. */
void dm_dispatch(DmClient *client, DmRpcCall *call);

/* ---- for handlers ---- */

/* An answer in libvirt's own number where our codes do not tell enough: set as the error of a handler, it
 * reaches the client with @code and the message. */
gboolean dm_handler_fail(GError **error, DmRpcErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* "unsupported flags (0x8) in function virDomainX": FALSE when @flags has more than @known. */
gboolean dm_handler_flags(guint32 flags, guint32 known, const char *function, GError **error);
/* Answers @call with what a handler set. */
void dm_handler_answer_error(DmRpcCall *call, const GError *error);
