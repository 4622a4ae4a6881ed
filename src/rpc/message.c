/* Packets to and from a socket.  What they mean is connection.c's. */
#include "rpc/message.h"
#include "util/error.h"
#include "util/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define WORD         4u
#define MIN_ROOM     16384u /* bytes that a read has room for at least */
#define KEPT         4096u  /* an empty reader keeps no larger buffer */
#define WRITE_PARTS  64     /* packets of one write */
#define COUNT_OFFSET DM_RPC_HEADER_SIZE

static gboolean carries_fds(guint32 type)
{
        return type == DM_RPC_CALL_WITH_FDS || type == DM_RPC_REPLY_WITH_FDS;
}

/* ---- making ---- */

static void write_header(DmXdrWriter *w, const DmRpcHeader *h)
{
        dm_xdr_write_u32(w, 0); /* the length, when it is known */
        dm_xdr_write_u32(w, h->program);
        dm_xdr_write_u32(w, h->version);
        dm_xdr_write_u32(w, (guint32)h->proc);
        dm_xdr_write_u32(w, h->type);
        dm_xdr_write_u32(w, h->serial);
        dm_xdr_write_u32(w, h->status);
}

GByteArray *dm_rpc_packet_new(const DmRpcHeader *header, const DmXdrType *type, const void *value,
                              guint n_fds, gsize max, GError **error)
{
        g_assert(n_fds <= DM_RPC_MAX_FDS && (n_fds == 0 || carries_fds(header->type)));
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, max);
        write_header(&w, header);
        if (carries_fds(header->type))
                dm_xdr_write_u32(&w, n_fds);
        if (type && !dm_record_encode(type, value, &w, error))
                return NULL;
        g_assert(!w.failed);
        dm_xdr_patch_u32(&w, 0, w.bytes->len);
        return g_steal_pointer(&w.bytes);
}

GByteArray *dm_rpc_packet_new_raw(const DmRpcHeader *header, const void *data, gsize length)
{
        g_assert(length <= DM_RPC_STREAM_MAX);
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, DM_RPC_HEADER_SIZE + length);
        write_header(&w, header);
        /* No padding: this is no XDR. */
        if (length > 0)
                g_byte_array_append(w.bytes, data, (guint)length);
        dm_xdr_patch_u32(&w, 0, w.bytes->len);
        return g_steal_pointer(&w.bytes);
}

/* ---- reading ---- */

void dm_rpc_packet_close(DmRpcPacket *packet)
{
        for (guint i = 0; i < packet->n_fds; i++)
                dm_close_fd(&packet->fds[i]);
        packet->n_fds = 0;
}

/* Closes the descriptors that came with bytes before @position. */
static void close_before(DmRpcReader *r, guint64 position)
{
        guint kept = 0;
        for (guint i = 0; i < r->n_fds; i++) {
                if (r->fds[i].position < position)
                        dm_close_fd(&r->fds[i].fd);
                else
                        r->fds[kept++] = r->fds[i];
        }
        r->n_fds = kept;
}

void dm_rpc_reader_clear(DmRpcReader *r)
{
        close_before(r, G_MAXUINT64);
        g_free(r->buffer);
        *r = (DmRpcReader){ .max = r->max };
}

static void make_room(DmRpcReader *r)
{
        if (r->start > 0) {
                memmove(r->buffer, r->buffer + r->start, r->end - r->start);
                r->end -= r->start;
                r->start = 0;
        }
        if (r->capacity - r->end < MIN_ROOM) {
                r->capacity = MAX(r->capacity * 2, r->end + MIN_ROOM);
                r->buffer = g_realloc(r->buffer, r->capacity);
        }
}

/* Keeps the descriptors of a message whose last byte is at @position.  The kernel ends a read with the
 * message that carries some, so they belong to that byte. */
static gboolean keep_fds(DmRpcReader *r, struct msghdr *message, guint64 position, GError **error)
{
        gboolean too_many = (message->msg_flags & MSG_CTRUNC) != 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                gsize n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                for (gsize i = 0; i < n; i++) {
                        int fd;
                        memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
                        if (r->n_fds == DM_RPC_READER_FDS) {
                                too_many = TRUE;
                                dm_close_fd(&fd);
                                continue;
                        }
                        r->fds[r->n_fds++] = (DmRpcReceived){ position, fd };
                }
        }
        return !too_many || dm_fail(error, DM_ERROR_GONE,
                                    "the other side sent more than %u descriptors at once", DM_RPC_MAX_FDS);
}

DmRpcIo dm_rpc_reader_fill(DmRpcReader *r, int fd, GError **error)
{
        make_room(r);
        union {
                char bytes[CMSG_SPACE(DM_RPC_MAX_FDS * sizeof(int))];
                struct cmsghdr align;
        } control;
        struct iovec part = { r->buffer + r->end, r->capacity - r->end };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control.bytes,
                                  .msg_controllen = sizeof control.bytes };
        gssize n;
        do
                n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                return DM_RPC_IO_AGAIN;
        if (n < 0) {
                dm_fail_errno(error, DM_ERROR_GONE, errno, "the connection failed");
                return DM_RPC_IO_FAILED;
        }
        if (n == 0)
                return DM_RPC_IO_CLOSED;
        r->end += (gsize)n;
        guint64 last = r->position + (r->end - r->start) - 1;
        return keep_fds(r, &message, last, error) ? DM_RPC_IO_DONE : DM_RPC_IO_FAILED;
}

static guint32 word_at(const DmRpcReader *r, gsize offset)
{
        guint32 value;
        memcpy(&value, r->buffer + r->start + offset, sizeof value);
        return GUINT32_FROM_BE(value);
}

/* Descriptors that follow the first packet, whose bytes are there up to the count of them. */
static guint32 fds_announced(const DmRpcReader *r, gsize length)
{
        gboolean counted = carries_fds(word_at(r, 4 * WORD)) && length >= COUNT_OFFSET + WORD;
        return counted ? word_at(r, COUNT_OFFSET) : 0;
}

/* Index in r->fds of the one that came with the byte at @position, -1 when there is none. */
static int fd_at(const DmRpcReader *r, guint64 position)
{
        for (guint i = 0; i < r->n_fds; i++)
                if (r->fds[i].position == position)
                        return (int)i;
        return -1;
}

DmRpcNext dm_rpc_reader_peek(DmRpcReader *r, DmRpcHeader *ret_header, GError **error)
{
        gsize there = r->end - r->start;
        if (there < WORD)
                return DM_RPC_NEXT_NONE;
        guint32 length = word_at(r, 0);
        if (length < DM_RPC_HEADER_SIZE || length > r->max) {
                dm_fail(error, DM_ERROR_GONE, "the other side sent a packet of %u bytes, must be %u to %zu",
                        length, DM_RPC_HEADER_SIZE, r->max);
                return DM_RPC_NEXT_BROKEN;
        }
        if (there < length)
                return DM_RPC_NEXT_NONE;
        guint32 n_fds = fds_announced(r, length);
        if (n_fds > DM_RPC_MAX_FDS) {
                dm_fail(error, DM_ERROR_GONE, "the other side announced %u descriptors, at most %u", n_fds,
                        DM_RPC_MAX_FDS);
                return DM_RPC_NEXT_BROKEN;
        }
        if (there < length + n_fds)
                return DM_RPC_NEXT_NONE;
        for (guint32 i = 0; i < n_fds; i++)
                if (fd_at(r, r->position + length + i) < 0) {
                        dm_fail(error, DM_ERROR_GONE,
                                "the other side announced %u descriptors, number %u did not come", n_fds,
                                i + 1);
                        return DM_RPC_NEXT_BROKEN;
                }
        *ret_header = (DmRpcHeader){
                .length = length,
                .program = word_at(r, 1 * WORD),
                .version = word_at(r, 2 * WORD),
                .proc = (gint32)word_at(r, 3 * WORD),
                .type = word_at(r, 4 * WORD),
                .serial = word_at(r, 5 * WORD),
                .status = word_at(r, 6 * WORD),
        };
        return DM_RPC_NEXT_PACKET;
}

void dm_rpc_reader_take(DmRpcReader *r, DmRpcPacket *ret)
{
        DmRpcNext next = dm_rpc_reader_peek(r, &ret->header, NULL);
        g_assert(next == DM_RPC_NEXT_PACKET);
        guint32 length = word_at(r, 0);
        gsize skipped = DM_RPC_HEADER_SIZE;
        if (carries_fds(ret->header.type) && length >= COUNT_OFFSET + WORD)
                skipped += WORD;
        ret->payload = r->buffer + r->start + skipped;
        ret->length = length - skipped;
        ret->n_fds = fds_announced(r, length);
        for (guint i = 0; i < ret->n_fds; i++)
                ret->fds[i] = dm_steal_fd(&r->fds[fd_at(r, r->position + length + i)].fd);
}

void dm_rpc_reader_drop(DmRpcReader *r)
{
        guint32 length = word_at(r, 0);
        gsize whole = length + fds_announced(r, length);
        r->start += whole;
        r->position += whole;
        close_before(r, r->position);
        if (r->start < r->end)
                return;
        r->start = r->end = 0;
        if (r->capacity > KEPT) {
                g_clear_pointer(&r->buffer, g_free);
                r->capacity = 0;
        }
}

/* ---- writing ---- */

typedef struct Outgoing {
        GByteArray *bytes;
        gsize written; /* also counts the carriers of the descriptors */
        guint n_fds;
        int fds[DM_RPC_MAX_FDS];
        gsize *pending; /* nullable */
} Outgoing;

static gsize whole_size(const Outgoing *o)
{
        return o->bytes->len + o->n_fds;
}

static void outgoing_free(Outgoing *o)
{
        for (guint i = 0; i < o->n_fds; i++)
                dm_close_fd(&o->fds[i]);
        if (o->pending) {
                *o->pending -= o->bytes->len;
                g_rc_box_release(o->pending);
        }
        g_byte_array_unref(o->bytes);
        g_free(o);
}

void dm_rpc_queue_push(DmRpcQueue *q, GByteArray *packet, const int *fds, guint n_fds, gsize *pending)
{
        g_assert(n_fds <= DM_RPC_MAX_FDS);
        Outgoing *o = g_new0(Outgoing, 1);
        o->bytes = packet;
        o->n_fds = n_fds;
        for (guint i = 0; i < n_fds; i++)
                o->fds[i] = fds[i];
        if (pending) {
                o->pending = g_rc_box_acquire(pending);
                *pending += packet->len;
        }
        g_queue_push_tail(&q->packets, o);
        q->bytes += whole_size(o);
}

void dm_rpc_queue_clear(DmRpcQueue *q)
{
        g_queue_clear_full(&q->packets, (GDestroyNotify)outgoing_free);
        q->bytes = 0;
}

/* One byte with the next descriptor of @o.  Returns what sendmsg() does. */
static gssize send_fd(Outgoing *o, int fd)
{
        guint next = (guint)(o->written - o->bytes->len);
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        static const char carrier = 0;
        struct iovec part = { (void *)&carrier, sizeof carrier };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control.bytes,
                                  .msg_controllen = sizeof control.bytes };
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &o->fds[next], sizeof(int));
        return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Packets in one write, up to the first that has descriptors to follow it. */
static gssize send_bytes(const DmRpcQueue *q, int fd)
{
        struct iovec parts[WRITE_PARTS];
        gsize n = 0;
        for (GList *l = q->packets.head; l && n < WRITE_PARTS; l = l->next) {
                const Outgoing *o = l->data;
                gsize from = n == 0 ? o->written : 0;
                parts[n++] = (struct iovec){ o->bytes->data + from, o->bytes->len - from };
                if (o->n_fds > 0)
                        break;
        }
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
        return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* @n bytes of the queue are written. */
static void account(DmRpcQueue *q, gsize n)
{
        q->bytes -= n;
        while (n > 0) {
                Outgoing *o = q->packets.head->data;
                gsize part = MIN(n, whole_size(o) - o->written);
                o->written += part;
                n -= part;
                if (o->written == whole_size(o))
                        outgoing_free(g_queue_pop_head(&q->packets));
        }
}

DmRpcIo dm_rpc_queue_flush(DmRpcQueue *q, int fd, GError **error)
{
        while (q->bytes > 0) {
                Outgoing *first = q->packets.head->data;
                gssize n = first->written < first->bytes->len ? send_bytes(q, fd) : send_fd(first, fd);
                if (n >= 0) {
                        account(q, (gsize)n);
                        continue;
                }
                if (errno == EINTR)
                        continue;
                if (errno == EAGAIN || errno == EWOULDBLOCK)
                        return DM_RPC_IO_AGAIN;
                dm_fail_errno(error, DM_ERROR_GONE, errno, "the connection failed");
                return DM_RPC_IO_FAILED;
        }
        return DM_RPC_IO_DONE;
}
