/* The table of handlers, and how each kind of them is run and answered. */
#include "daemon/dispatch.h"

#include "util/error.h"

typedef enum Kind { KIND_NOW, KIND_SLOW, KIND_STORAGE, KIND_LATER } Kind;

typedef struct Handler {
        DmRpcProgram program;
        gint32 number;
        Kind kind;
        gboolean (*now)(DmClient *client, void *args, void *ret, GError **error);
        gboolean (*slow)(DomusConn *conn, void *args, void *ret, GError **error);
        gboolean (*storage)(DmStorage *storage, void *args, void *ret, GError **error);
        void (*later)(DmClient *client, DmRpcCall *call, void *args);
} Handler;

/* Functions of exactly the types of the table, around the handlers, whose types are their procedures'. */
#define DM_HANDLE(P, NAME, fn)                                                                    \
        static gboolean now_##P##_##NAME(DmClient *client, void *args, void *ret, GError **error) \
        {                                                                                         \
                return dm_handle_##fn(client, args, ret, error);                                  \
        }
#define DM_HANDLE_SLOW(P, NAME, fn)                                                               \
        static gboolean slow_##P##_##NAME(DomusConn *conn, void *args, void *ret, GError **error) \
        {                                                                                         \
                return dm_handle_##fn(conn, args, ret, error);                                    \
        }
#define DM_HANDLE_STORAGE(P, NAME, fn)                                                                  \
        static gboolean storage_##P##_##NAME(DmStorage *storage, void *args, void *ret, GError **error) \
        {                                                                                               \
                return dm_handle_##fn(storage, args, ret, error);                                       \
        }
#define DM_HANDLE_LATER(P, NAME, fn)                                                  \
        static void later_##P##_##NAME(DmClient *client, DmRpcCall *call, void *args) \
        {                                                                             \
                dm_handle_##fn(client, call, args);                                   \
        }
#include "daemon/handlers.def"

static const Handler handlers[] = {
#define DM_HANDLE(P, NAME, fn) { DM_RPC_PROGRAM_##P, DM_##P##_##NAME, KIND_NOW, .now = now_##P##_##NAME },
#define DM_HANDLE_SLOW(P, NAME, fn) \
        { DM_RPC_PROGRAM_##P, DM_##P##_##NAME, KIND_SLOW, .slow = slow_##P##_##NAME },
#define DM_HANDLE_STORAGE(P, NAME, fn) \
        { DM_RPC_PROGRAM_##P, DM_##P##_##NAME, KIND_STORAGE, .storage = storage_##P##_##NAME },
#define DM_HANDLE_LATER(P, NAME, fn) \
        { DM_RPC_PROGRAM_##P, DM_##P##_##NAME, KIND_LATER, .later = later_##P##_##NAME },
#include "daemon/handlers.def"
};

static const Handler *handler_of(const DmRpcProc *proc)
{
        for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
                if (handlers[i].number == proc->number && (guint32)handlers[i].program == proc->program)
                        return &handlers[i];
        return NULL;
}

/* ---- errors with libvirt's own numbers ---- */

static GQuark wire_error_quark(void)
{
        return g_quark_from_static_string("dm-daemon-wire-error");
}

gboolean dm_handler_fail(GError **error, DmRpcErrorCode code, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_propagate_error(error, g_error_new_valist(wire_error_quark(), (int)code, format, args));
        va_end(args);
        return FALSE;
}

gboolean dm_handler_flags(guint32 flags, guint32 known, const char *function, GError **error)
{
        if ((flags & ~known) == 0)
                return TRUE;
        return dm_handler_fail(error, DM_RPC_ERR_INVALID_ARG, "unsupported flags (0x%x) in function %s",
                               flags & ~known, function);
}

void dm_handler_answer_error(DmRpcCall *call, const GError *error)
{
        if (error->domain == wire_error_quark())
                dm_rpc_call_fail_code(call, (DmRpcErrorCode)error->code, DM_RPC_FROM_QEMU, "%s",
                                      error->message);
        else
                dm_rpc_call_fail(call, error);
}

/* ---- running ---- */

/* What a handler has left: @ret, or @error. */
static void settle(DmRpcCall *call, gboolean ok, void *ret, const GError *error)
{
        const DmXdrType *type = dm_rpc_call_proc(call)->ret;
        if (ok)
                dm_rpc_call_reply(call, ret);
        else
                dm_handler_answer_error(call, error);
        dm_record_clear(type, ret);
}

static void run_now(const Handler *h, DmClient *client, DmRpcCall *call)
{
        g_autoptr(GError) error = NULL;
        g_autofree void *ret = g_malloc0(dm_rpc_call_proc(call)->ret->size);
        gboolean ok = h->now(client, dm_rpc_call_args(call), ret, &error);
        settle(call, ok, ret, error);
}

typedef struct Slow {
        const Handler *handler;
        DmServer *server;
        DomusConn *conn; /* owned */
        DmRpcCall *call;
} Slow;

/* Main thread: the connection is dropped here, as closing the last one waits for guests' threads. */
static gboolean end_slow(gpointer data)
{
        Slow *s = data;
        DmServer *server = s->server;
        domus_conn_unref(s->conn);
        g_free(s);
        dm_server_end_work(server);
        return G_SOURCE_REMOVE;
}

static void run_slow(void *data)
{
        Slow *s = data;
        g_autoptr(GError) error = NULL;
        g_autofree void *ret = g_malloc0(dm_rpc_call_proc(s->call)->ret->size);
        void *args = dm_rpc_call_args(s->call);
        gboolean ok = s->handler->kind == KIND_STORAGE
                              ? s->handler->storage(dm_server_storage(s->server), args, ret, &error)
                              : s->handler->slow(s->conn, args, ret, &error);
        settle(s->call, ok, ret, error);
        dm_server_post(s->server, end_slow, s);
}

void dm_dispatch(DmClient *client, DmRpcCall *call)
{
        const Handler *h = handler_of(dm_rpc_call_proc(call));
        if (!h) {
                dm_rpc_call_fail_unsupported(call);
                return;
        }
        switch (h->kind) {
        case KIND_NOW:
                run_now(h, client, call);
                break;
        case KIND_STORAGE:
        case KIND_SLOW: {
                Slow *s = g_new(Slow, 1);
                *s = (Slow){ h, client->server, domus_conn_ref(client->conn), call };
                dm_server_begin_work(client->server);
                dm_server_run(client->server, run_slow, s);
                break;
        }
        case KIND_LATER:
                h->later(client, call, dm_rpc_call_args(call));
                break;
        }
}
