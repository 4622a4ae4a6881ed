#include "rpc/keepalive.h"

#define SECOND G_USEC_PER_SEC

/* As measured with libvirt: pings at 5, 10, 15, 20 and 25 s, the end at 30 s. */
static void test_silence(void)
{
        DmRpcKeepalive k = { 0 };
        dm_rpc_keepalive_start(&k, 5000, 5, 100 * SECOND);
        for (int i = 1; i <= 5; i++) {
                gint64 due = dm_rpc_keepalive_due(&k);
                g_assert_cmpint(due, ==, (100 + 5 * i) * SECOND);
                g_assert_cmpint(dm_rpc_keepalive_tick(&k, due - 1), ==, DM_RPC_BEAT_NONE);
                g_assert_cmpint(dm_rpc_keepalive_tick(&k, due), ==, DM_RPC_BEAT_PING);
        }
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 130 * SECOND - 1), ==, DM_RPC_BEAT_NONE);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 130 * SECOND), ==, DM_RPC_BEAT_DEAD);
}

static void test_heard(void)
{
        DmRpcKeepalive k = { 0 };
        dm_rpc_keepalive_start(&k, 1000, 2, 0);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 1 * SECOND), ==, DM_RPC_BEAT_PING);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 2 * SECOND), ==, DM_RPC_BEAT_PING);
        dm_rpc_keepalive_heard(&k, 2 * SECOND + 1);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 3 * SECOND), ==, DM_RPC_BEAT_NONE);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 3 * SECOND + 1), ==, DM_RPC_BEAT_PING);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 4 * SECOND + 1), ==, DM_RPC_BEAT_PING);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 5 * SECOND + 1), ==, DM_RPC_BEAT_DEAD);
}

static void test_off(void)
{
        DmRpcKeepalive k = { 0 };
        g_assert_cmpint(dm_rpc_keepalive_due(&k), ==, G_MAXINT64);
        dm_rpc_keepalive_heard(&k, SECOND);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, 1000 * SECOND), ==, DM_RPC_BEAT_NONE);
        /* No pings at all: silence ends it. */
        dm_rpc_keepalive_start(&k, 1000, 0, 0);
        g_assert_cmpint(dm_rpc_keepalive_tick(&k, SECOND), ==, DM_RPC_BEAT_DEAD);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/keepalive/silence", test_silence);
        g_test_add_func("/rpc/keepalive/heard", test_heard);
        g_test_add_func("/rpc/keepalive/off", test_off);
        return g_test_run();
}
