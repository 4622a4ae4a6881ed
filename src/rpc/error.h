/* Errors on the wire: libvirt's struct, numbers and words.
 *
 * A client shows the message, compares the numbers, and takes the message apart again by its form ("Domain
 * not found: %s") and its argument, which stand in str1 and str2.  So all four are filled as libvirt does. */
#pragma once

#include "rpc/procs.h"
#include "util/error.h"

/* DM_RPC_ERR_NO_DOMAIN = 42 ... */
typedef enum DmRpcErrorCode {
#define DM_RPC_CODE(number, NAME, ours, form) DM_RPC_ERR_##NAME = (number),
#include "rpc/error_codes.def"
} DmRpcErrorCode;

/* DM_RPC_FROM_QEMU = 10 ... */
typedef enum DmRpcErrorDomain {
#define DM_RPC_DOMAIN(number, NAME) DM_RPC_FROM_##NAME = (number),
#include "rpc/error_domains.def"
} DmRpcErrorDomain;

#define DM_RPC_LEVEL_ERROR 2

/* The form of a code's messages, with one %s; "%s" for a code that is not known.  Static. */
const char *dm_rpc_error_form(gint32 code);

/* Makes @ret the error @code with the form of that code around the text. */
void dm_rpc_error_make(DmRpcError *ret, DmRpcErrorCode code, DmRpcErrorDomain domain, const char *format, ...)
        G_GNUC_PRINTF(4, 5);

/* What @error of ours becomes as the answer to @proc (NULL: no procedure).  What is not found is the kind of
 * object that the procedure is about. */
void dm_rpc_error_from(DmRpcError *ret, const GError *error, const DmRpcProc *proc);

/* "this function is not supported by the connection driver: virDomainX", and "operation forbidden: read only
 * access prevents virDomainX": libvirt's own answers, which its clients know. */
void dm_rpc_error_unsupported(DmRpcError *ret, const DmRpcProc *proc);
void dm_rpc_error_read_only(DmRpcError *ret, const DmRpcProc *proc);

/* The other way, on the client's side: code and text as they were before dm_rpc_error_from(), as far as the
 * numbers tell.  Owned. */
GError *dm_rpc_error_to(const DmRpcError *wire);
