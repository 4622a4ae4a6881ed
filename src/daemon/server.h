/* The server: the driver's connections, the clients, and when there is nothing left to do. */
#pragma once

#include <domus/domus.h>

#include "daemon/config.h"
#include "daemon/listen.h"
#include "driver/storage.h"
#include "rpc/call.h"

typedef struct DmServer DmServer;
typedef struct DmClient DmClient;

typedef struct DmServerConfig {
        DomusConn *conn, *reader;     /* to the driver; references are taken */
        const char *root;             /* the driver's; storage pools are kept below it */
        const char *uri;              /* what clients that ask for none are told */
        const DmServerLimits *limits; /* nullable: the usual ones */
        unsigned timeout_s;           /* to end after, without running guest and client; 0: never */
        void (*idle)(void *user);     /* called when that is so */
        void *user;
} DmServerConfig;

/* Belongs to the calling thread, and works in its thread-default context. */
DmServer *dm_server_new(const DmServerConfig *config);
/* Ends the connections and waits for what is still being worked on.  Guests go on running. */
void dm_server_free(DmServer *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmServer, dm_server_free)

/* Listens on @path too; where everybody may connect, clients can only read. */
gboolean dm_server_listen(DmServer *s, const char *path, DmListenFlags flags, GError **error);
/* The same on a socket that listens already.  @fd is taken; its file is somebody else's. */
void dm_server_listen_fd(DmServer *s, int fd, const char *path, DmListenFlags flags);
/* From now on, for clients that connect. */
void dm_server_set_limits(DmServer *s, const DmServerLimits *limits);

/* ---- for handlers ---- */

const char *dm_server_uri(const DmServer *s);
/* Any thread. */
DmStorage *dm_server_storage(DmServer *s);
/* A call is worked on beyond its handler, and keeps the server from being idle. */
void dm_server_begin_work(DmServer *s);
void dm_server_end_work(DmServer *s);
/* Any thread: @fn in the server's own. */
void dm_server_post(DmServer *s, GSourceFunc fn, void *data);
/* The server is ending, and what its clients asked for is given up. */
GCancellable *dm_server_ending(DmServer *s);
/* Runs @fn on a thread for what may wait: disks, probes of emulators. */
void dm_server_run(DmServer *s, void (*fn)(void *data), void *data);
/* The client of @rpc, NULL when it is gone. */
DmClient *dm_server_client(DmServer *s, DmRpcConn *rpc);
