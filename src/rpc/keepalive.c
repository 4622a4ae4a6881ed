/* The arithmetic of keepalive; the pings are connection.c's. */
#include "rpc/keepalive.h"

void dm_rpc_keepalive_start(DmRpcKeepalive *k, int interval_ms, guint count, gint64 now_us)
{
        *k = (DmRpcKeepalive){ .interval_us = (gint64)interval_ms * 1000, .count = count };
        dm_rpc_keepalive_heard(k, now_us);
}

void dm_rpc_keepalive_heard(DmRpcKeepalive *k, gint64 now_us)
{
        k->unanswered = 0;
        k->due_us = now_us + k->interval_us;
}

gint64 dm_rpc_keepalive_due(const DmRpcKeepalive *k)
{
        return k->interval_us > 0 ? k->due_us : G_MAXINT64;
}

DmRpcBeat dm_rpc_keepalive_tick(DmRpcKeepalive *k, gint64 now_us)
{
        if (now_us < dm_rpc_keepalive_due(k))
                return DM_RPC_BEAT_NONE;
        if (k->unanswered >= k->count)
                return DM_RPC_BEAT_DEAD;
        k->unanswered++;
        k->due_us = now_us + k->interval_us;
        return DM_RPC_BEAT_PING;
}
