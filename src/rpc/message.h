/* Packets: how structs and descriptors lie on a stream socket.
 *
 *      u32 length (of all, itself included)  u32 program  u32 version  i32 procedure  u32 type  u32 serial
 *      u32 status  payload
 *
 * The two types that carry descriptors have a u32 count before the struct; after the last byte of the packet,
 * and not in its length, comes one byte for each descriptor, with which it travels. */
#pragma once

#include "rpc/procs.h"

#define DM_RPC_HEADER_SIZE 28u /* the length included; no packet is shorter */
#define DM_RPC_MESSAGE_MAX (33554432u + 4u)
#define DM_RPC_STREAM_MAX  262120u /* payload of one packet of a stream, as libvirt cuts them */

typedef enum DmRpcType {
        DM_RPC_CALL,
        DM_RPC_REPLY,
        DM_RPC_MESSAGE, /* event, or keepalive */
        DM_RPC_STREAM,
        DM_RPC_CALL_WITH_FDS,
        DM_RPC_REPLY_WITH_FDS,
        DM_RPC_STREAM_HOLE,
} DmRpcType;

typedef enum DmRpcStatus {
        DM_RPC_OK,
        DM_RPC_ERROR,
        DM_RPC_CONTINUE, /* of a stream: data, or a hole */
} DmRpcStatus;

/* As they were received: a type or status may be none of the above. */
typedef struct DmRpcHeader {
        guint32 length; /* of the whole packet; only where it was read */
        guint32 program;
        guint32 version;
        gint32 proc;
        guint32 type;
        guint32 serial;
        guint32 status;
} DmRpcHeader;

/* ---- making ---- */

/* The bytes of a packet whose payload is the struct @value of @type (NULL: empty).  @header's type decides
 * whether the count of @n_fds stands before it.  NULL when the value cannot be encoded, or would make a
 * packet of more than @max bytes.  Owned. */
GByteArray *dm_rpc_packet_new(const DmRpcHeader *header, const DmXdrType *type, const void *value,
                              guint n_fds, gsize max, GError **error);
/* The same of bytes as they are: a stream's data.  @length is at most DM_RPC_STREAM_MAX. */
GByteArray *dm_rpc_packet_new_raw(const DmRpcHeader *header, const void *data, gsize length);

/* ---- reading ---- */

typedef struct DmRpcPacket {
        DmRpcHeader header;
        const guint8 *payload; /* borrowed until dm_rpc_reader_drop(); the count of descriptors is skipped */
        gsize length;
        int fds[DM_RPC_MAX_FDS]; /* owned: dm_rpc_packet_close() or taken, with -1 in its place */
        guint n_fds;
} DmRpcPacket;

void dm_rpc_packet_close(DmRpcPacket *packet);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmRpcPacket, dm_rpc_packet_close)

/* A descriptor, and with which byte of the stream it came. */
typedef struct DmRpcReceived {
        guint64 position;
        int fd;
} DmRpcReceived;

#define DM_RPC_READER_FDS (2 * DM_RPC_MAX_FDS)

/* The bytes that came, of which packets are made.  A zeroed one with a max is empty.  The buffer grows with
 * what has come, not with what a length promises, and so never beyond @max and one read. */
typedef struct DmRpcReader {
        gsize max; /* bytes of one packet; may be changed at any time */
        guint8 *buffer;
        gsize capacity, start, end;
        guint64 position; /* in the stream, of buffer[start] */
        DmRpcReceived fds[DM_RPC_READER_FDS];
        guint n_fds;
} DmRpcReader;

void dm_rpc_reader_clear(DmRpcReader *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmRpcReader, dm_rpc_reader_clear)

typedef enum DmRpcIo {
        DM_RPC_IO_DONE,   /* something was read; everything was written */
        DM_RPC_IO_AGAIN,  /* the socket has nothing, or takes nothing more, now */
        DM_RPC_IO_CLOSED, /* end of file */
        DM_RPC_IO_FAILED, /* @error is set */
} DmRpcIo;

/* One read of the socket @fd, which does not block. */
DmRpcIo dm_rpc_reader_fill(DmRpcReader *r, int fd, GError **error);

typedef enum DmRpcNext {
        DM_RPC_NEXT_PACKET,
        DM_RPC_NEXT_NONE,   /* it is not complete yet */
        DM_RPC_NEXT_BROKEN, /* no packet can begin so, or its descriptors are missing; @error is set */
} DmRpcNext;

/* The first packet, without taking it out: asked again it gives the same, until dm_rpc_reader_drop(). */
DmRpcNext dm_rpc_reader_peek(DmRpcReader *r, DmRpcHeader *ret_header, GError **error);
/* After DM_RPC_NEXT_PACKET: the packet with its descriptors. */
void dm_rpc_reader_take(DmRpcReader *r, DmRpcPacket *ret);
/* Forgets the packet that was taken; its payload is invalid then. */
void dm_rpc_reader_drop(DmRpcReader *r);

/* ---- writing ---- */

/* Packets that wait for the socket. */
typedef struct DmRpcQueue {
        GQueue packets;
        gsize bytes; /* that are not written yet */
} DmRpcQueue;

/* @packet and the @n_fds descriptors are taken.  @pending (nullable, a g_rc_box) is what the sender counts
 * its bytes by: they are added to it now, and leave it when the packet is written or dropped. */
void dm_rpc_queue_push(DmRpcQueue *q, GByteArray *packet, const int *fds, guint n_fds, gsize *pending);
/* Writes until all is written (DONE) or the socket @fd takes no more.  Does not block. */
DmRpcIo dm_rpc_queue_flush(DmRpcQueue *q, int fd, GError **error);
void dm_rpc_queue_clear(DmRpcQueue *q);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmRpcQueue, dm_rpc_queue_clear)
