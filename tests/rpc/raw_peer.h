/* The other end of a connection under test, byte by byte: packets from hexadecimal text, packets read with
 * the connection's context running meanwhile. */
#pragma once

#include "rpc/message.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define RAW_PATIENCE_US (20 * G_USEC_PER_SEC)

#define REMOTE_WORDS "20008086 00000001 "

/* Bytes of "20 00 80 86 | 'name'": hexadecimal digits, text in quotes; blanks and bars are for the reader. */
static inline GByteArray *raw_bytes(const char *text)
{
        GByteArray *bytes = g_byte_array_new();
        for (const char *p = text; *p; p++) {
                if (*p == ' ' || *p == '|')
                        continue;
                if (*p == '"') {
                        const char *end = strchr(p + 1, '"');
                        g_assert(end);
                        g_byte_array_append(bytes, (const guint8 *)p + 1, (guint)(end - p - 1));
                        p = end;
                        continue;
                }
                g_assert(g_ascii_isxdigit(p[0]) && g_ascii_isxdigit(p[1]));
                guint8 byte = (guint8)(g_ascii_xdigit_value(p[0]) << 4 | g_ascii_xdigit_value(p[1]));
                g_byte_array_append(bytes, &byte, 1);
                p++;
        }
        return bytes;
}

static inline char *raw_hex(const guint8 *bytes, gsize length)
{
        GString *s = g_string_new(NULL);
        for (gsize i = 0; i < length; i++)
                g_string_append_printf(s, i % 4 == 3 ? "%02x " : "%02x", bytes[i]);
        return g_string_free(s, FALSE);
}

static inline void raw_pair(int fds[2])
{
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
}

static inline void raw_iterate(GMainContext *context)
{
        if (!g_main_context_iteration(context, FALSE))
                g_usleep(200);
}

#define RAW_WAIT(context, condition)                                       \
        do {                                                               \
                gint64 until = g_get_monotonic_time() + RAW_PATIENCE_US;   \
                while (!(condition)) {                                     \
                        g_assert_cmpint(g_get_monotonic_time(), <, until); \
                        raw_iterate(context);                              \
                }                                                          \
        } while (0)

/* Lets the connection do all it has to do now. */
static inline void raw_settle(GMainContext *context)
{
        for (int quiet = 0; quiet < 3;)
                quiet = g_main_context_iteration(context, FALSE) ? 0 : quiet + 1;
}

static inline void raw_send_bytes(GMainContext *context, int fd, const guint8 *bytes, gsize length)
{
        for (gsize done = 0; done < length;) {
                gssize n = send(fd, bytes + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0)
                        g_assert_true(errno == EAGAIN);
                else
                        done += (gsize)n;
                if (done < length)
                        raw_iterate(context);
        }
}

/* The length is put before @text, which begins with the program. */
static inline void raw_send(GMainContext *context, int fd, const char *text)
{
        g_autoptr(GByteArray) rest = raw_bytes(text);
        guint32 length = GUINT32_TO_BE(rest->len + 4);
        g_byte_array_prepend(rest, (const guint8 *)&length, sizeof length);
        raw_send_bytes(context, fd, rest->data, rest->len);
}

/* @n bytes; FALSE at the end of the stream. */
static inline gboolean raw_read_bytes(GMainContext *context, int fd, guint8 *bytes, gsize n)
{
        gint64 until = g_get_monotonic_time() + RAW_PATIENCE_US;
        for (gsize done = 0; done < n;) {
                gssize got = recv(fd, bytes + done, n - done, MSG_DONTWAIT);
                if (got == 0 || (got < 0 && errno == ECONNRESET))
                        return FALSE;
                if (got > 0) {
                        done += (gsize)got;
                        continue;
                }
                g_assert_cmpint(errno, ==, EAGAIN);
                g_assert_cmpint(g_get_monotonic_time(), <, until);
                raw_iterate(context);
        }
        return TRUE;
}

/* One packet without its length; NULL at the end of the stream. */
static inline GByteArray *raw_read(GMainContext *context, int fd)
{
        guint32 length;
        if (!raw_read_bytes(context, fd, (guint8 *)&length, sizeof length))
                return NULL;
        length = GUINT32_FROM_BE(length);
        g_assert_cmpuint(length, >=, DM_RPC_HEADER_SIZE);
        GByteArray *packet = g_byte_array_new();
        g_byte_array_set_size(packet, length - 4);
        g_assert_true(raw_read_bytes(context, fd, packet->data, packet->len));
        return packet;
}

static inline void raw_expect(GMainContext *context, int fd, const char *text)
{
        g_autoptr(GByteArray) expected = raw_bytes(text);
        g_autoptr(GByteArray) packet = raw_read(context, fd);
        g_assert_nonnull(packet);
        g_autofree char *want = raw_hex(expected->data, expected->len);
        g_autofree char *got = raw_hex(packet->data, packet->len);
        g_assert_cmpstr(got, ==, want);
}

static inline void raw_expect_end(GMainContext *context, int fd)
{
        g_autoptr(GByteArray) packet = raw_read(context, fd);
        g_assert_null(packet);
}

/* Nothing comes within @ms. */
static inline void raw_expect_silence(GMainContext *context, int fd, int ms)
{
        gint64 until = g_get_monotonic_time() + ms * 1000;
        while (g_get_monotonic_time() < until) {
                raw_iterate(context);
                char byte;
                g_assert_cmpint(recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), ==, -1);
        }
}

static inline guint32 raw_word(const GByteArray *packet, gsize index)
{
        guint32 word;
        g_assert_cmpuint((index + 1) * sizeof word, <=, packet->len);
        memcpy(&word, packet->data + index * sizeof word, sizeof word);
        return GUINT32_FROM_BE(word);
}

/* An error packet: its header, code, domain, and the beginning of its message. */
static inline void raw_expect_error(GMainContext *context, int fd, const char *header, guint32 code,
                                    guint32 domain, const char *message)
{
        g_autoptr(GByteArray) expected = raw_bytes(header);
        g_autoptr(GByteArray) packet = raw_read(context, fd);
        g_assert_nonnull(packet);
        g_autofree char *want = raw_hex(expected->data, expected->len);
        g_autofree char *got = raw_hex(packet->data, MIN(packet->len, expected->len));
        g_assert_cmpstr(got, ==, want);
        DM_RPC_AUTO(Error, error) = { 0 };
        DmXdrReader r = { .data = packet->data, .length = packet->len, .offset = DM_RPC_HEADER_SIZE - 4 };
        g_assert_true(dm_record_decode(&dm_rpc_type_Error, &r, &error, NULL));
        g_assert_cmpint(error.code, ==, (gint32)code);
        g_assert_cmpint(error.domain, ==, (gint32)domain);
        if (!g_str_has_prefix(error.message, message))
                g_assert_cmpstr(error.message, ==, message);
}

/* Whether the two are the same open file. */
static inline gboolean raw_same_pipe(int writer, int reader)
{
        char byte = 'x';
        g_assert_cmpint(write(writer, &byte, 1), ==, 1);
        byte = 0;
        return poll(&(struct pollfd){ reader, POLLIN, 0 }, 1, 1000) == 1 && read(reader, &byte, 1) == 1 &&
               byte == 'x';
}

/* Descriptors of this process. */
static inline guint raw_open_fds(void)
{
        guint n = 0;
        for (int fd = 0; fd < 1024; fd++)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}
