#include "raw_peer.h"
#include "util/error.h"

typedef struct Pair {
        int ours, theirs;
} Pair;

static Pair pair(void)
{
        int fds[2];
        raw_pair(fds);
        return (Pair){ fds[0], fds[1] };
}

static void unpair(Pair *p)
{
        dm_close_fd(&p->ours);
        dm_close_fd(&p->theirs);
}

static GByteArray *call_packet(guint32 serial)
{
        const DmRpcHeader h = {
                .program = DM_RPC_PROGRAM_REMOTE, .version = 1, .proc = 60, .serial = serial
        };
        const DmRpcConnectSupportsFeatureArgs args = { .feature = 10 };
        return dm_rpc_packet_new(&h, &dm_rpc_type_ConnectSupportsFeatureArgs, &args, 0, DM_RPC_MESSAGE_MAX,
                                 NULL);
}

static DmRpcNext next(DmRpcReader *r, DmRpcPacket *packet, GError **error)
{
        DmRpcNext result = dm_rpc_reader_peek(r, &packet->header, error);
        if (result == DM_RPC_NEXT_PACKET)
                dm_rpc_reader_take(r, packet);
        return result;
}

/* Byte by byte: no packet before the last one. */
static void test_incremental(void)
{
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) bytes = call_packet(7);
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_AGAIN);
        for (guint i = 0; i < bytes->len; i++) {
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_NONE);
                raw_send_bytes(NULL, p.theirs, bytes->data + i, 1);
                g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        }
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
        g_assert_cmpuint(packet.header.serial, ==, 7);
        g_assert_cmpuint(packet.length, ==, 4);
        g_assert_cmpmem(packet.payload, packet.length, "\0\0\0\x0a", 4);
        dm_rpc_reader_drop(&r);
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_NONE);
        g_assert_null(r.buffer); /* an idle connection keeps none */
        dm_close_fd(&p.theirs);
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_CLOSED);
        unpair(&p);
}

static void test_many_in_one_read(void)
{
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) all = g_byte_array_new();
        for (guint32 i = 0; i < 100; i++) {
                g_autoptr(GByteArray) one = call_packet(i);
                g_byte_array_append(all, one->data, one->len);
        }
        raw_send_bytes(NULL, p.theirs, all->data, all->len);
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        g_auto(DmRpcPacket) packet = { 0 };
        for (guint32 i = 0; i < 100; i++) {
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
                g_assert_cmpuint(packet.header.serial, ==, i);
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET); /* the same again */
                g_assert_cmpuint(packet.header.serial, ==, i);
                dm_rpc_reader_drop(&r);
        }
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_NONE);
        unpair(&p);
}

static void test_lengths(void)
{
        static const struct {
                const char *bytes, *message;
        } cases[] = {
                { "00000000", "the other side sent a packet of 0 bytes, must be 28 to 1000" },
                { "00000003", "the other side sent a packet of 3 bytes, must be 28 to 1000" },
                { "0000001b", "the other side sent a packet of 27 bytes, must be 28 to 1000" },
                { "000003e9", "the other side sent a packet of 1001 bytes, must be 28 to 1000" },
                { "ffffffff", "the other side sent a packet of 4294967295 bytes, must be 28 to 1000" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                Pair p = pair();
                g_auto(DmRpcReader) r = { .max = 1000 };
                g_autoptr(GByteArray) bytes = raw_bytes(cases[i].bytes);
                raw_send_bytes(NULL, p.theirs, bytes->data, bytes->len);
                g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
                g_autoptr(GError) error = NULL;
                g_auto(DmRpcPacket) packet = { 0 };
                g_assert_cmpint(next(&r, &packet, &error), ==, DM_RPC_NEXT_BROKEN);
                g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
                g_assert_cmpstr(error->message, ==, cases[i].message);
                unpair(&p);
        }
}

/* The buffer follows what has come, not what a length promises. */
static void test_promises(void)
{
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) head = raw_bytes("02000004 20008086 00000001");
        raw_send_bytes(NULL, p.theirs, head->data, head->len);
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_NONE);
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_AGAIN);
        g_assert_cmpuint(r.capacity, <=, 64 << 10);
        /* Now the rest of it. */
        g_autofree guint8 *block = g_malloc0(64 << 10);
        gsize total = DM_RPC_MESSAGE_MAX - head->len;
        while (total > 0) {
                gssize n = send(p.theirs, block, MIN(total, 64 << 10), MSG_DONTWAIT | MSG_NOSIGNAL);
                total -= n > 0 ? (gsize)n : 0;
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_NONE);
                g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), !=, DM_RPC_IO_FAILED);
        }
        while (next(&r, &packet, NULL) == DM_RPC_NEXT_NONE)
                g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        g_assert_cmpuint(packet.length, ==, DM_RPC_MESSAGE_MAX - DM_RPC_HEADER_SIZE);
        g_assert_cmpuint(r.capacity, <=, 2 * DM_RPC_MESSAGE_MAX + (64 << 10));
        dm_rpc_reader_drop(&r);
        g_assert_null(r.buffer);
        unpair(&p);
}

/* ---- descriptors ---- */

static void send_with_fds(int socket, const guint8 *bytes, gsize length, const int *fds, gsize n)
{
        union {
                char bytes[CMSG_SPACE(64 * sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        struct iovec part = { (void *)bytes, length };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
        if (n > 0) {
                message.msg_control = control.bytes;
                message.msg_controllen = CMSG_SPACE(n * sizeof(int));
                struct cmsghdr *c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n * sizeof(int));
                memcpy(CMSG_DATA(c), fds, n * sizeof(int));
        }
        g_assert_cmpint(sendmsg(socket, &message, MSG_NOSIGNAL), ==, (gssize)length);
}

static GByteArray *fds_packet(guint32 n)
{
        const DmRpcHeader h = { .program = DM_RPC_PROGRAM_REMOTE,
                                .version = 1,
                                .proc = DM_REMOTE_DOMAIN_OPEN_GRAPHICS_FD,
                                .type = DM_RPC_REPLY_WITH_FDS,
                                .serial = 3 };
        return dm_rpc_packet_new(&h, &dm_rpc_type_Void, NULL, n, DM_RPC_MESSAGE_MAX, NULL);
}

/* Written by the queue, between other packets; read in one piece and in single bytes. */
static void test_fds(void)
{
        guint before = raw_open_fds();
        for (int in_pieces = 0; in_pieces < 2; in_pieces++) {
                Pair p = pair();
                int first[2], second[2];
                g_assert_true(pipe(first) == 0 && pipe(second) == 0);
                g_auto(DmRpcQueue) q = { 0 };
                dm_rpc_queue_push(&q, call_packet(1), NULL, 0, NULL);
                int sent[2] = { dup(first[1]), dup(second[1]) };
                GByteArray *with = fds_packet(2);
                g_assert_cmpuint(with->len, ==, 32); /* the carriers are not in the length */
                dm_rpc_queue_push(&q, with, sent, 2, NULL);
                dm_rpc_queue_push(&q, call_packet(2), NULL, 0, NULL);
                g_assert_cmpuint(q.bytes, ==, 32 + 32 + 2 + 32);
                g_assert_cmpint(dm_rpc_queue_flush(&q, p.theirs, NULL), ==, DM_RPC_IO_DONE);
                g_assert_cmpuint(q.bytes, ==, 0);
                g_assert_cmpint(fcntl(sent[0], F_GETFD), ==, -1); /* closed once they are sent */

                g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
                g_auto(DmRpcPacket) packet = { 0 };
                while (dm_rpc_reader_fill(&r, p.ours, NULL) == DM_RPC_IO_DONE)
                        if (in_pieces && dm_rpc_reader_peek(&r, &packet.header, NULL) == DM_RPC_NEXT_PACKET &&
                            packet.header.serial == 1)
                                dm_rpc_reader_drop(&r);
                if (!in_pieces) {
                        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
                        g_assert_cmpuint(packet.header.serial, ==, 1);
                        dm_rpc_reader_drop(&r);
                }
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
                g_assert_cmpuint(packet.header.serial, ==, 3);
                g_assert_cmpuint(packet.n_fds, ==, 2);
                g_assert_cmpuint(packet.length, ==, 0);
                g_assert_true(raw_same_pipe(packet.fds[0], first[0]));
                g_assert_true(raw_same_pipe(packet.fds[1], second[0]));
                g_assert_cmpint(fcntl(packet.fds[0], F_GETFD), ==, FD_CLOEXEC);
                dm_rpc_packet_close(&packet);
                dm_rpc_reader_drop(&r);
                g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
                g_assert_cmpuint(packet.header.serial, ==, 2);
                for (int i = 0; i < 2; i++) {
                        dm_close_fd(&first[i]);
                        dm_close_fd(&second[i]);
                }
                unpair(&p);
        }
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

static void test_fds_missing(void)
{
        guint before = raw_open_fds();
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) bytes = fds_packet(2);
        int fd = p.theirs;
        send_with_fds(p.theirs, bytes->data, bytes->len, NULL, 0);
        send_with_fds(p.theirs, (const guint8 *)"", 1, &fd, 1);
        send_with_fds(p.theirs, (const guint8 *)"", 1, NULL, 0);
        while (dm_rpc_reader_fill(&r, p.ours, NULL) == DM_RPC_IO_DONE)
                ;
        g_autoptr(GError) error = NULL;
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(next(&r, &packet, &error), ==, DM_RPC_NEXT_BROKEN);
        g_assert_cmpstr(error->message, ==, "the other side announced 2 descriptors, number 2 did not come");
        dm_rpc_reader_clear(&r);
        unpair(&p);
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

/* With bytes that carry none by right: they are closed, and the packets are as without them. */
static void test_fds_stray(void)
{
        guint before = raw_open_fds();
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) plain = call_packet(1), with = fds_packet(1);
        int pipes[2];
        g_assert_cmpint(pipe(pipes), ==, 0);
        int stray[3] = { p.theirs, p.theirs, p.theirs };
        send_with_fds(p.theirs, plain->data, plain->len, stray, 3);
        send_with_fds(p.theirs, with->data, with->len, stray, 1);
        int both[2] = { pipes[1], p.theirs };
        send_with_fds(p.theirs, (const guint8 *)"", 1, both, 2);
        while (dm_rpc_reader_fill(&r, p.ours, NULL) == DM_RPC_IO_DONE)
                ;
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
        g_assert_cmpuint(packet.n_fds, ==, 0);
        dm_rpc_reader_drop(&r);
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
        g_assert_cmpuint(packet.n_fds, ==, 1);
        g_assert_true(raw_same_pipe(packet.fds[0], pipes[0]));
        dm_rpc_packet_close(&packet);
        dm_rpc_reader_drop(&r);
        dm_close_fd(&pipes[0]);
        dm_close_fd(&pipes[1]);
        unpair(&p);
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

static void test_fds_too_many(void)
{
        guint before = raw_open_fds();
        Pair p = pair();
        g_autoptr(GError) error = NULL;
        g_auto(DmRpcPacket) packet = { 0 };
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_autoptr(GByteArray) bytes = fds_packet(2);
        bytes->data[DM_RPC_HEADER_SIZE + 3] = DM_RPC_MAX_FDS + 1;
        send_with_fds(p.theirs, bytes->data, bytes->len, NULL, 0);
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        g_assert_cmpint(next(&r, &packet, &error), ==, DM_RPC_NEXT_BROKEN);
        g_assert_cmpstr(error->message, ==, "the other side announced 33 descriptors, at most 32");
        dm_rpc_reader_clear(&r);
        g_clear_error(&error);

        int many[DM_RPC_MAX_FDS + 8];
        for (gsize i = 0; i < G_N_ELEMENTS(many); i++)
                many[i] = p.theirs;
        send_with_fds(p.theirs, bytes->data, 4, many, G_N_ELEMENTS(many));
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, &error), ==, DM_RPC_IO_FAILED);
        g_assert_nonnull(strstr(error->message, "sent more than 32 descriptors at once"));
        dm_rpc_reader_clear(&r);
        g_clear_error(&error);

        /* In small portions, with bytes that are never made into a packet. */
        DmRpcIo io = DM_RPC_IO_DONE;
        for (int i = 0; i < 3 * DM_RPC_MAX_FDS && io == DM_RPC_IO_DONE; i++) {
                send_with_fds(p.theirs, bytes->data, 1, many, 1);
                io = dm_rpc_reader_fill(&r, p.ours, NULL);
        }
        g_assert_cmpint(io, ==, DM_RPC_IO_FAILED);
        dm_rpc_reader_clear(&r);
        unpair(&p);
        g_assert_cmpuint(raw_open_fds(), ==, before);
}

/* A type with descriptors, too short for their count. */
static void test_fds_without_count(void)
{
        Pair p = pair();
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        raw_send(NULL, p.theirs, REMOTE_WORDS "000000f9 00000004 00000001 00000000");
        g_assert_cmpint(dm_rpc_reader_fill(&r, p.ours, NULL), ==, DM_RPC_IO_DONE);
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(next(&r, &packet, NULL), ==, DM_RPC_NEXT_PACKET);
        g_assert_cmpuint(packet.n_fds, ==, 0);
        g_assert_cmpuint(packet.length, ==, 0);
        unpair(&p);
}

/* ---- the queue ---- */

static void test_queue(void)
{
        Pair p = pair();
        int small = 1; /* the kernel makes it its least */
        g_assert_cmpint(setsockopt(p.ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), ==, 0);
        g_auto(DmRpcQueue) q = { 0 };
        gsize *pending = g_rc_box_new0(gsize);
        const DmRpcHeader h = {
                .program = DM_RPC_PROGRAM_REMOTE, .version = 1, .proc = 211, .type = DM_RPC_STREAM
        };
        g_autofree guint8 *data = g_malloc(DM_RPC_STREAM_MAX);
        for (gsize i = 0; i < DM_RPC_STREAM_MAX; i++)
                data[i] = (guint8)(i * 7);
        gsize whole = DM_RPC_STREAM_MAX + DM_RPC_HEADER_SIZE;
        for (int i = 0; i < 3; i++)
                dm_rpc_queue_push(&q, dm_rpc_packet_new_raw(&h, data, DM_RPC_STREAM_MAX), NULL, 0, pending);
        g_assert_cmpuint(q.bytes, ==, 3 * whole);
        g_assert_cmpuint(*pending, ==, 3 * whole);
        g_assert_cmpint(dm_rpc_queue_flush(&q, p.ours, NULL), ==, DM_RPC_IO_AGAIN);
        g_assert_cmpuint(q.bytes, >, 2 * whole);
        g_assert_cmpuint(*pending, ==, 3 * whole); /* counted until a packet is written as a whole */

        g_autoptr(GByteArray) got = g_byte_array_new();
        guint8 buffer[5000];
        while (got->len < 3 * whole) {
                gssize n = recv(p.theirs, buffer, sizeof buffer, MSG_DONTWAIT);
                if (n > 0)
                        g_byte_array_append(got, buffer, (guint)n);
                g_assert_cmpint(dm_rpc_queue_flush(&q, p.ours, NULL), !=, DM_RPC_IO_FAILED);
        }
        g_assert_cmpuint(q.bytes, ==, 0);
        g_assert_cmpuint(*pending, ==, 0);
        for (gsize i = 0; i < 3; i++)
                g_assert_cmpmem(got->data + i * whole + DM_RPC_HEADER_SIZE, DM_RPC_STREAM_MAX, data,
                                DM_RPC_STREAM_MAX);

        dm_rpc_queue_push(&q, call_packet(1), NULL, 0, pending);
        dm_rpc_queue_clear(&q);
        g_assert_cmpuint(*pending, ==, 0);
        g_assert_cmpuint(q.bytes, ==, 0);
        dm_close_fd(&p.theirs);
        dm_rpc_queue_push(&q, call_packet(1), NULL, 0, NULL);
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(dm_rpc_queue_flush(&q, p.ours, &error), ==, DM_RPC_IO_FAILED);
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        g_rc_box_release(pending);
        unpair(&p);
}

static void test_too_long(void)
{
        const DmRpcHeader h = { .program = DM_RPC_PROGRAM_REMOTE, .version = 1, .proc = 11 };
        g_autofree char *text = g_strnfill(1000, 'x');
        const DmRpcXml xml = { .xml = text };
        g_autoptr(GError) error = NULL;
        g_autoptr(GByteArray) fits = dm_rpc_packet_new(&h, &dm_rpc_type_Xml, &xml, 0, 28 + 4 + 1000, NULL);
        g_assert_cmpuint(fits->len, ==, 28 + 4 + 1000);
        g_assert_null(dm_rpc_packet_new(&h, &dm_rpc_type_Xml, &xml, 0, 28 + 4 + 999, &error));
        g_assert_cmpstr(error->message, ==, "Xml cannot be sent: it is longer than 1031 bytes");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/message/incremental", test_incremental);
        g_test_add_func("/rpc/message/many-in-one-read", test_many_in_one_read);
        g_test_add_func("/rpc/message/lengths", test_lengths);
        g_test_add_func("/rpc/message/promises", test_promises);
        g_test_add_func("/rpc/message/fds", test_fds);
        g_test_add_func("/rpc/message/fds-missing", test_fds_missing);
        g_test_add_func("/rpc/message/fds-stray", test_fds_stray);
        g_test_add_func("/rpc/message/fds-too-many", test_fds_too_many);
        g_test_add_func("/rpc/message/fds-without-count", test_fds_without_count);
        g_test_add_func("/rpc/message/queue", test_queue);
        g_test_add_func("/rpc/message/too-long", test_too_long);
        return g_test_run();
}
