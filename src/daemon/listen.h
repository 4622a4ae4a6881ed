/* Listening sockets: who connects, and whether that is allowed. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct DmPeer {
        pid_t pid; /* 0: of another namespace */
        uid_t uid;
        gid_t gid;
} DmPeer;

typedef enum DmListenFlags {
        DM_LISTEN_OWNER = 0,         /* only root and the user that the daemon runs as */
        DM_LISTEN_EVERYBODY = 1 << 0 /* every local user; for sockets that can only read */
} DmListenFlags;

typedef struct DmListener DmListener;
/* @fd is a connected, non-blocking stream socket, taken. */
typedef void (*DmListenFn)(DmListener *l, int fd, const DmPeer *peer, void *user);

/* Listens on a new unix socket at @path, in the context of this thread.  Errors as dm_listen_unix(). */
DmListener *dm_listener_new(const char *path, DmListenFlags flags, DmListenFn fn, void *user, GError **error);
/* On a socket that listens already, which is taken; its file, @path, is left alone. */
DmListener *dm_listener_new_fd(int fd, const char *path, DmListenFlags flags, DmListenFn fn, void *user);
/* Also removes the socket's file, if it was made here.  NULL is allowed. */
void dm_listener_free(DmListener *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmListener, dm_listener_free)

DmListenFlags dm_listener_flags(const DmListener *l);
