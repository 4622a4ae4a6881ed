/* Listening sockets: accept, and the peer's credentials.  What a client may do is not decided here. */
#include "daemon/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/sources.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define BACKLOG         128
#define ACCEPTS_AT_ONCE 16 /* other sources of the loop get their turn */
#define PAUSE_MS        200

struct DmListener {
        char *path;
        gboolean made; /* the socket's file is ours */
        int fd;
        DmListenFlags flags;
        DmListenFn fn;
        void *user;
        GSource *watch, *pause;
};

/* The user at the other end, as the kernel knew it when it connected. */
static gboolean peer_of(int fd, DmPeer *ret)
{
        struct ucred cred;
        socklen_t length = sizeof cred;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length) < 0)
                return FALSE;
        *ret = (DmPeer){ cred.pid, cred.uid, cred.gid };
        return TRUE;
}

static gboolean is_allowed(const DmListener *l, const DmPeer *peer)
{
        return (l->flags & DM_LISTEN_EVERYBODY) || peer->uid == 0 || peer->uid == geteuid();
}

static gboolean on_ready(int fd, GIOCondition condition, gpointer data);

static gboolean on_pause_end(gpointer data)
{
        DmListener *l = data;
        dm_source_stop(&l->pause);
        l->watch = dm_source_fd(l->fd, G_IO_IN, on_ready, l);
        return G_SOURCE_REMOVE;
}

static gboolean on_ready(int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        DmListener *l = data;
        for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
                dm_autofd int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (client < 0 && (errno == EINTR || errno == ECONNABORTED))
                        continue;
                if (client < 0 &&
                    (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
                        /* The socket stays readable: without a pause this would be a busy loop. */
                        dm_source_stop(&l->watch);
                        l->pause = dm_source_timeout(PAUSE_MS, on_pause_end, l);
                        return G_SOURCE_REMOVE;
                }
                if (client < 0)
                        break;
                DmPeer peer;
                if (!peer_of(client, &peer) || !is_allowed(l, &peer)) {
                        g_debug("%s: a client was refused by its credentials", l->path);
                        continue;
                }
                l->fn(l, dm_steal_fd(&client), &peer, l->user);
        }
        return G_SOURCE_CONTINUE;
}

DmListener *dm_listener_new_fd(int fd, const char *path, DmListenFlags flags, DmListenFn fn, void *user)
{
        DmListener *l = g_new0(DmListener, 1);
        g_unix_set_fd_nonblocking(fd, TRUE, NULL);
        l->path = g_strdup(path);
        l->fd = fd;
        l->flags = flags;
        l->fn = fn;
        l->user = user;
        l->watch = dm_source_fd(l->fd, G_IO_IN, on_ready, l);
        return l;
}

DmListener *dm_listener_new(const char *path, DmListenFlags flags, DmListenFn fn, void *user, GError **error)
{
        mode_t mode = (flags & DM_LISTEN_EVERYBODY) ? 0666 : 0600;
        int fd = dm_listen_unix(path, BACKLOG, mode, error);
        if (fd < 0)
                return NULL;
        DmListener *l = dm_listener_new_fd(fd, path, flags, fn, user);
        l->made = TRUE;
        return l;
}

void dm_listener_free(DmListener *l)
{
        if (!l)
                return;
        dm_source_stop(&l->watch);
        dm_source_stop(&l->pause);
        if (l->made)
                unlink(l->path);
        dm_close_fd(&l->fd);
        g_free(l->path);
        g_free(l);
}

DmListenFlags dm_listener_flags(const DmListener *l)
{
        return l->flags;
}
