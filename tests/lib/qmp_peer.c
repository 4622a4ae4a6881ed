/* A scripted QMP server (see qmp_peer.h). */
#include "lib/qmp_peer.h"
#include "util/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_S 30

struct QmpPeer {
        int fd;
        GByteArray *input;
        GArray *fds; /* int, received and not yet taken */
        GThread *thread;
        QmpPeerFn script;
        void *data;
};

QmpPeer *qmp_peer_new(int *ret_fd)
{
        int fds[2];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
        struct timeval patience = { .tv_sec = PATIENCE_S };
        g_assert_cmpint(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
        g_assert_cmpint(setsockopt(fds[1], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), ==, 0);
        QmpPeer *peer = g_new0(QmpPeer, 1);
        peer->fd = fds[1];
        peer->input = g_byte_array_new();
        peer->fds = g_array_new(FALSE, FALSE, sizeof(int));
        *ret_fd = fds[0];
        return peer;
}

static gpointer run_script(gpointer data)
{
        QmpPeer *peer = data;
        peer->script(peer, peer->data);
        return NULL;
}

QmpPeer *qmp_peer_start(QmpPeerFn script, void *data, int *ret_fd)
{
        QmpPeer *peer = qmp_peer_new(ret_fd);
        peer->script = script;
        peer->data = data;
        peer->thread = g_thread_new("qmp-peer", run_script, peer);
        return peer;
}

void qmp_peer_free(QmpPeer *peer)
{
        if (!peer)
                return;
        if (peer->thread)
                g_thread_join(peer->thread);
        dm_close_fd(&peer->fd);
        for (guint i = 0; i < peer->fds->len; i++)
                close(g_array_index(peer->fds, int, i));
        g_array_unref(peer->fds);
        g_byte_array_unref(peer->input);
        g_free(peer);
}

void qmp_peer_close(QmpPeer *peer)
{
        dm_close_fd(&peer->fd);
}

void qmp_peer_write(QmpPeer *peer, const void *bytes, gsize length)
{
        for (gsize done = 0; done < length;) {
                gssize n = send(peer->fd, (const char *)bytes + done, length - done, MSG_NOSIGNAL);
                if (n < 0 && errno == EINTR)
                        continue;
                g_assert_cmpint(n, >, 0);
                done += (gsize)n;
        }
}

void qmp_peer_line(QmpPeer *peer, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *text = g_strdup_vprintf(format, args);
        va_end(args);
        g_autofree char *line = g_strconcat(text, "\r\n", NULL);
        qmp_peer_write(peer, line, strlen(line));
}

void qmp_peer_greet(QmpPeer *peer)
{
        qmp_peer_line(peer, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "
                            "\"package\": \"\"}, \"capabilities\": [\"oob\"]}}");
}

void qmp_peer_reply(QmpPeer *peer, guint64 id, const char *json)
{
        qmp_peer_line(peer, "{\"return\": %s, \"id\": %" G_GUINT64_FORMAT "}", json, id);
}

void qmp_peer_error(QmpPeer *peer, guint64 id, const char *error_class, const char *desc)
{
        qmp_peer_line(peer,
                      "{\"id\": %" G_GUINT64_FORMAT ", \"error\": {\"class\": \"%s\", \"desc\": \"%s\"}}", id,
                      error_class, desc);
}

void qmp_peer_event(QmpPeer *peer, const char *name, const char *data_json)
{
        qmp_peer_line(
                peer,
                "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 250}, \"event\": \"%s\"%s%s}",
                name, data_json ? ", \"data\": " : "", data_json ? data_json : "");
}

static void keep_fds(QmpPeer *peer, struct msghdr *message)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                g_assert_true(c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS);
                g_array_append_vals(peer->fds, CMSG_DATA(c),
                                    (guint)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int)));
        }
}

/* FALSE at the end of the connection. */
static gboolean receive(QmpPeer *peer)
{
        char bytes[4096];
        char control[256] __attribute__((aligned(8)));
        struct iovec part = { bytes, sizeof bytes };
        struct msghdr message = {
                .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
        };
        gssize n;
        do
                n = recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == ECONNRESET)
                n = 0;
        g_assert_cmpint(n, >=, 0);
        keep_fds(peer, &message);
        g_byte_array_append(peer->input, (const guint8 *)bytes, (guint)n);
        return n > 0;
}

DmJson *qmp_peer_read(QmpPeer *peer)
{
        const guint8 *newline;
        while (!(newline = peer->input->len ? memchr(peer->input->data, '\n', peer->input->len) : NULL))
                if (!receive(peer)) {
                        g_assert_cmpuint(peer->input->len, ==, 0);
                        return NULL;
                }
        g_autoptr(GError) error = NULL;
        guint length = (guint)(newline - peer->input->data);
        DmJson *command = dm_json_parse((const char *)peer->input->data, length, &error);
        g_assert_no_error(error);
        g_byte_array_remove_range(peer->input, 0, length + 1);
        return command;
}

guint64 qmp_peer_expect(QmpPeer *peer, const char *name)
{
        g_autoptr(DmJson) command = qmp_peer_read(peer);
        g_assert_nonnull(command);
        g_assert_cmpstr(dm_json_get_string(command, "execute"), ==, name);
        guint64 id = dm_json_get_u64(command, "id", 0);
        g_assert_cmpuint(id, >, 0);
        return id;
}

void qmp_peer_expect_eof(QmpPeer *peer)
{
        g_autoptr(DmJson) command = qmp_peer_read(peer);
        g_assert_null(command);
}

void qmp_peer_negotiate(QmpPeer *peer)
{
        qmp_peer_greet(peer);
        qmp_peer_reply(peer, qmp_peer_expect(peer, "qmp_capabilities"), "{}");
}

int qmp_peer_take_fd(QmpPeer *peer)
{
        if (peer->fds->len == 0)
                return -1;
        int fd = g_array_index(peer->fds, int, 0);
        g_array_remove_index(peer->fds, 0);
        return fd;
}

int qmp_peer_fd(const QmpPeer *peer)
{
        return peer->fd;
}
