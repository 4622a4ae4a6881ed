/* Keepalive as a clock without a socket: when to ping, and when the other side is dead.
 *
 * After each interval of silence goes one ping; when @count of them had no answer of any kind for another
 * interval, the other side is given up: with 5 s and 5, pings at 5, 10, 15, 20 and 25 s, the end at 30 s. */
#pragma once

#include <glib.h>

#define DM_RPC_KEEPALIVE_PING 1
#define DM_RPC_KEEPALIVE_PONG 2

/* A zeroed one does not run. */
typedef struct DmRpcKeepalive {
        gint64 interval_us; /* 0: off */
        gint64 due_us;      /* monotonic: when silence becomes an interval */
        guint count;
        guint unanswered;
} DmRpcKeepalive;

void dm_rpc_keepalive_start(DmRpcKeepalive *k, int interval_ms, guint count, gint64 now_us);
/* Something was read: the count begins anew. */
void dm_rpc_keepalive_heard(DmRpcKeepalive *k, gint64 now_us);
/* When to tick next, G_MAXINT64 when it is off. */
gint64 dm_rpc_keepalive_due(const DmRpcKeepalive *k);

typedef enum DmRpcBeat {
        DM_RPC_BEAT_NONE,
        DM_RPC_BEAT_PING, /* send one */
        DM_RPC_BEAT_DEAD,
} DmRpcBeat;

DmRpcBeat dm_rpc_keepalive_tick(DmRpcKeepalive *k, gint64 now_us);
