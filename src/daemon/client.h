/* What the server keeps of one client.  Belongs to the main thread. */
#pragma once

#include "daemon/server.h"

struct DmClient {
        DmServer *server; /* borrowed */
        DmRpcConn *rpc;   /* owned */
        DomusConn *conn;  /* borrowed: the driver, or the same as a reader sees it */
        DmPeer peer;
        char *uri;          /* what it opened; NULL before */
        GHashTable *events; /* owned; id → subscription (handle_event.c) */
        gboolean close_callback;
        GPtrArray *autodestroy; /* owned; of DomusDomain: end with the client */
};

/* handle_event.c: to be called when the client goes. */
void dm_client_drop_events(DmClient *client);
/* handle_guest.c: guests that end with their client. */
void dm_client_autodestroy(DmClient *client);
