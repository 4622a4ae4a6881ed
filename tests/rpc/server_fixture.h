/* A connection's server side, with a raw peer at its other end.  Calls are answered as each test wants: those
 * that open and close at once, the others are kept until the test answers them. */
#pragma once

#include "raw_peer.h"
#include "rpc/call.h"

#define VERSION_CALL REMOTE_WORDS "00000004 00000000 "
#define ANSWERED_AT_ONCE(proc) \
        ((proc)->number == DM_REMOTE_CONNECT_OPEN || (proc)->number == DM_REMOTE_CONNECT_CLOSE)

typedef struct Server {
        GMainContext *context;
        DmRpcConn *conn; /* NULL once freed */
        int peer;
        GQueue calls; /* DmRpcCall *, not answered yet */
        char *gone;   /* the reason, NULL before */
        guint n_gone;
        void (*on_call)(struct Server *s, DmRpcCall *call); /* nullable: for those that would be kept */
} Server;

static inline void server_on_call(DmRpcConn *conn, DmRpcCall *call, void *user)
{
        Server *s = user;
        g_assert_null(s->gone);
        if (dm_rpc_call_proc(call)->number == DM_REMOTE_CONNECT_OPEN) {
                dm_rpc_conn_set_stage(conn, DM_RPC_STAGE_OPEN);
                dm_rpc_call_reply(call, &(DmRpcVoid){ 0 });
        } else if (dm_rpc_call_proc(call)->number == DM_REMOTE_CONNECT_CLOSE) {
                dm_rpc_call_reply(call, &(DmRpcVoid){ 0 });
                dm_rpc_conn_finish(conn);
        } else if (s->on_call) {
                s->on_call(s, call);
        } else {
                g_queue_push_tail(&s->calls, call);
        }
}

static inline void server_on_gone(G_GNUC_UNUSED DmRpcConn *conn, const GError *reason, void *user)
{
        Server *s = user;
        s->n_gone++;
        g_free(s->gone);
        s->gone = g_strdup(reason->message);
}

static inline void server_begin(Server *s, DmRpcConnFlags flags, const DmRpcLimits *limits)
{
        const DmRpcHandlers handlers = { .call = server_on_call, .gone = server_on_gone, .user = s };
        int fds[2];
        raw_pair(fds);
        *s = (Server){ .context = g_main_context_new(), .peer = fds[1] };
        s->conn = dm_rpc_conn_new(fds[0], s->context, flags, &handlers);
        if (limits)
                dm_rpc_conn_set_limits(s->conn, limits);
}

/* With the hypervisor connection open. */
static inline void server_begin_open(Server *s, DmRpcConnFlags flags, const DmRpcLimits *limits)
{
        server_begin(s, flags, limits);
        dm_rpc_conn_set_stage(s->conn, DM_RPC_STAGE_OPEN);
}

static inline void server_end(Server *s)
{
        dm_rpc_conn_free(g_steal_pointer(&s->conn));
        for (DmRpcCall *call; (call = g_queue_pop_head(&s->calls));)
                dm_rpc_call_fail_unsupported(call);
        dm_close_fd(&s->peer);
        g_main_context_unref(s->context);
        g_free(s->gone);
}

static inline DmRpcFigures server_figures(const Server *s)
{
        DmRpcFigures f;
        dm_rpc_conn_figures(s->conn, &f);
        return f;
}

/* Answers the oldest call with @ret. */
static inline void server_answer(Server *s, const void *ret)
{
        g_assert_cmpuint(s->calls.length, >, 0);
        dm_rpc_call_reply(g_queue_pop_head(&s->calls), ret);
}

static inline void server_wait_gone(Server *s, const char *reason)
{
        RAW_WAIT(s->context, s->gone);
        g_assert_cmpstr(s->gone, ==, reason);
        g_assert_cmpuint(s->n_gone, ==, 1);
        g_assert_true(dm_rpc_conn_is_gone(s->conn));
}
