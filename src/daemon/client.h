/* What the server keeps of one client.  Belongs to the main thread. */
#pragma once

#include "daemon/server.h"

struct DmClient {
        DmServer *server; /* borrowed */
        DmRpcConn *rpc;   /* owned */
        DomusConn *conn;  /* borrowed: the driver, or the same as a reader sees it */
        DmPeer peer;
        char *uri;                /* what it opened; NULL before */
        GHashTable *events;       /* owned; id → subscription (handle_event.c) */
        GHashTable *quiet_events; /* owned; ids of subscriptions to events that never come (handle_none.c) */
        gint32 last_quiet_event;
        gboolean close_callback;
        GPtrArray *autodestroy; /* owned; of DomusDomain: end with the client */
        GHashTable *jobs;       /* owned; token → job (handle_domus.c), which is its own */
        guint all_events;       /* subscription of the program 'domus'; 0: none */
};

/* handle_event.c: to be called when the client goes. */
void dm_client_drop_events(DmClient *client);
/* handle_guest.c: guests that end with their client. */
void dm_client_autodestroy(DmClient *client);
/* One of these, whose client has left already. */
void dm_end_with_client(DmServer *server, DomusDomain *domain);
/* handle_domus.c: to be called when the client goes. */
void dm_client_drop_jobs(DmClient *client);
/* @domain ends with the client of @rpc, or now when it has gone. */
void dm_client_autodestroy_add(DmServer *server, DmRpcConn *rpc, DomusDomain *domain);
