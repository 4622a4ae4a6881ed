/* The table of procedures: what stands in procs.def, by program and number. */
#pragma once

#include "rpc/types.h"

typedef enum DmRpcProgram {
        DM_RPC_PROGRAM_REMOTE = 0x20008086,
        DM_RPC_PROGRAM_QEMU = 0x20008087,
        DM_RPC_PROGRAM_ADMIN = 0x06900690,
        DM_RPC_PROGRAM_DOMUS = 0x646f6d75,     /* our own: what libvirt's have no words for */
        DM_RPC_PROGRAM_KEEPALIVE = 0x6b656570, /* PING 1 and PONG 2; it has no rows */
} DmRpcProgram;
#define DM_RPC_VERSION 1 /* of every program */

/* The numbers: DM_REMOTE_CONNECT_OPEN = 1 ..., each program by itself. */
#define DM_CALL(P, number, NAME, ...) DM_##P##_##NAME = (number),
enum {
#include "rpc/procs.def"
};

/* The zero of each of these is what a row that forgot the column would have: the most careful. */
typedef enum DmRpcAccess {
        DM_RPC_DENY, /* of a read-only connection; also every event, which nobody may call */
        DM_RPC_DENY_IF,
        DM_RPC_ALLOW,
} DmRpcAccess;

typedef enum DmRpcPriority {
        DM_RPC_LOW, /* may wait for a guest, a disk, another host */
        DM_RPC_HIGH,
} DmRpcPriority;

typedef enum DmRpcStreamKind {
        DM_RPC_NO_STREAM = 0,
        DM_RPC_TO_SERVER = 1 << 0,
        DM_RPC_FROM_SERVER = 1 << 1,
        DM_RPC_BOTH = DM_RPC_TO_SERVER | DM_RPC_FROM_SERVER,
} DmRpcStreamKind;

/* DmRpcDomusInfo.flags */
enum {
        DM_RPC_INFO_PERSISTENT = 1 << 0,
        DM_RPC_INFO_AUTOSTART = 1 << 1,
        DM_RPC_INFO_UPDATED = 1 << 2,
};

typedef struct DmRpcProc {
        guint32 program; /* DmRpcProgram */
        gint32 number;
        const char *name;      /* "DOMAIN_GET_XML_DESC" */
        const char *function;  /* "virDomainGetXMLDesc"; the name again where libvirt has no function */
        const DmXdrType *args; /* of an event: what it says */
        const DmXdrType *ret;
        gboolean is_event;
        gboolean before_auth; /* FALSE: only for clients that are authenticated */
        DmRpcPriority priority;
        DmRpcAccess access;
        const char *deny_field; /* DM_RPC_DENY_IF: the argument, and its bits that deny */
        guint32 deny_mask;
        DmRpcStreamKind stream;
        guint8 call_fds, reply_fds; /* most descriptors */
} DmRpcProc;

/* The most descriptors that go with one packet. */
#define DM_RPC_MAX_FDS 32

/* NULL when there is no such procedure.  Static. */
const DmRpcProc *dm_rpc_proc(guint32 program, gint32 number);

/* All rows of all programs, in the order of procs.def. */
const DmRpcProc *dm_rpc_procs(gsize *ret_n);

/* Whether a read-only connection may make this call with these (decoded) arguments. */
gboolean dm_rpc_proc_allows_reader(const DmRpcProc *proc, const void *args);
