/* The client's side: our own calls, their replies, their deadlines; events. */
#include "rpc/connection_private.h"
#include "util/error.h"
#include "util/fd.h"

#include <errno.h>

#include <fcntl.h>
#include <string.h>

typedef struct Waiting {
        const DmRpcProc *proc;
        guint32 serial;
        int deadline_ms;
        gint64 due_us;
        DmRpcAnswerFn callback;
        void *user;
        gboolean streams; /* the reply opens a stream */
} Waiting;

/* Takes @w out and tells its caller. */
static void settle(DmRpcConn *conn, Waiting *w, DmRpcAnswer *answer)
{
        Waiting done = *w;
        g_hash_table_remove(conn->waiting, GUINT_TO_POINTER(done.serial));
        /* First the stream is open, so that the callback may send. */
        if (done.streams && !answer->error)
                dm_rpc_stream_replied(conn, done.serial, TRUE);
        if (done.callback)
                done.callback(conn, answer, done.user);
        if (done.streams && answer->error)
                dm_rpc_stream_replied(conn, done.serial, FALSE);
}

static void settle_error(DmRpcConn *conn, Waiting *w, const GError *error)
{
        DmRpcAnswer answer = { .error = error };
        settle(conn, w, &answer);
}

/* ---- calls ---- */

static gboolean duplicate(const int *fds, guint n_fds, int *ret, GError **error)
{
        for (guint i = 0; i < n_fds; i++) {
                ret[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
                if (ret[i] >= 0)
                        continue;
                dm_fail_errno(error, DM_ERROR_FAILED, errno, "descriptor %d cannot be duplicated", fds[i]);
                while (i-- > 0)
                        dm_close_fd(&ret[i]);
                return FALSE;
        }
        return TRUE;
}

gboolean dm_rpc_client_send(DmRpcConn *conn, const DmRpcProc *proc, const void *args, const int *fds,
                            guint n_fds, const DmRpcAsk *ask, GError **error)
{
        dm_rpc_conn_assert_owner(conn);
        g_assert(!conn->server && !proc->is_event && n_fds <= proc->call_fds);
        if (dm_rpc_conn_is_gone(conn))
                return dm_fail(error, DM_ERROR_GONE, "%s cannot be called: the connection is gone",
                               proc->function);
        if (g_hash_table_size(conn->waiting) >= conn->limits.unanswered)
                return dm_fail(error, DM_ERROR_NO_MEMORY,
                               "%s cannot be called: %u calls are not answered yet", proc->function,
                               conn->limits.unanswered);
        const DmRpcHeader h = { .program = proc->program,
                                .version = DM_RPC_VERSION,
                                .proc = proc->number,
                                .type = n_fds > 0 ? DM_RPC_CALL_WITH_FDS : DM_RPC_CALL,
                                .serial = ask->serial };
        int copies[DM_RPC_MAX_FDS];
        g_autoptr(GByteArray) packet =
                dm_rpc_packet_new(&h, proc->args, args, n_fds, conn->limits.message, error);
        if (!packet || !duplicate(fds, n_fds, copies, error))
                return FALSE;
        dm_rpc_conn_push(conn, g_steal_pointer(&packet), copies, n_fds, NULL);
        Waiting *w = g_new0(Waiting, 1);
        *w = (Waiting){
                .proc = proc,
                .serial = ask->serial,
                .deadline_ms = ask->deadline_ms,
                .due_us = ask->deadline_ms > 0 ? g_get_monotonic_time() + (gint64)ask->deadline_ms * 1000
                                               : G_MAXINT64,
                .callback = ask->callback,
                .user = ask->user,
                .streams = ask->streams,
        };
        g_hash_table_insert(conn->waiting, GUINT_TO_POINTER(ask->serial), w);
        return TRUE;
}

/* Serials run round after 2^32 calls; one that is still waited for is not used again. */
guint32 dm_rpc_client_next_serial(DmRpcConn *conn)
{
        while (g_hash_table_contains(conn->waiting, GUINT_TO_POINTER(conn->next_serial)) ||
               g_hash_table_contains(conn->streams, GUINT_TO_POINTER(conn->next_serial)))
                conn->next_serial++;
        return conn->next_serial++;
}

gboolean dm_rpc_conn_call(DmRpcConn *conn, const DmRpcProc *proc, const void *args, const int *fds,
                          guint n_fds, int deadline_ms, DmRpcAnswerFn callback, void *user, GError **error)
{
        const DmRpcAsk ask = { .serial = dm_rpc_client_next_serial(conn),
                               .deadline_ms = deadline_ms,
                               .callback = callback,
                               .user = user };
        return dm_rpc_client_send(conn, proc, args, fds, n_fds, &ask, error);
}

typedef struct Wait {
        const DmRpcProc *proc;
        void *ret; /* nullable */
        gboolean done;
        GError *error;
} Wait;

static void on_waited(G_GNUC_UNUSED DmRpcConn *conn, DmRpcAnswer *answer, void *user)
{
        Wait *wait = user;
        wait->done = TRUE;
        if (answer->error) {
                wait->error = g_error_copy(answer->error);
        } else if (wait->ret) {
                memcpy(wait->ret, answer->ret, wait->proc->ret->size);
                memset(answer->ret, 0, wait->proc->ret->size);
        }
}

gboolean dm_rpc_conn_call_wait(DmRpcConn *conn, const DmRpcProc *proc, const void *args, void *ret,
                               int deadline_ms, GError **error)
{
        if (conn->dispatching)
                return dm_fail(error, DM_ERROR_BUSY,
                               "%s cannot be waited for inside a callback of the connection", proc->function);
        Wait wait = { .proc = proc, .ret = ret };
        if (!dm_rpc_conn_call(conn, proc, args, NULL, 0, deadline_ms, on_waited, &wait, error))
                return FALSE;
        while (!wait.done)
                g_main_context_iteration(conn->context, TRUE);
        if (!wait.error)
                return TRUE;
        g_propagate_error(error, wait.error);
        return FALSE;
}

/* ---- replies and events ---- */

static void settle_packet(DmRpcConn *conn, Waiting *w, DmRpcPacket *packet)
{
        const DmXdrType *type = packet->header.status == DM_RPC_OK ? w->proc->ret : &dm_rpc_type_Error;
        g_autofree void *value = g_malloc0(type->size);
        g_autoptr(GError) error = NULL;
        DmXdrReader r = { .data = packet->payload, .length = packet->length };
        if (!dm_record_decode(type, &r, value, &error)) {
                g_autoptr(GError) unreadable =
                        g_error_new(DM_ERROR, DM_ERROR_INTERNAL, "the reply to %s cannot be read: %s",
                                    w->proc->function, error->message);
                settle_error(conn, w, unreadable);
                return;
        }
        DmRpcAnswer answer = { .fds = packet->fds, .n_fds = packet->n_fds };
        if (packet->header.status == DM_RPC_OK) {
                answer.ret = value;
        } else {
                error = dm_rpc_error_to(value);
                answer.error = error;
                answer.wire = value;
        }
        settle(conn, w, &answer);
        dm_record_clear(type, value);
}

void dm_rpc_client_reply(DmRpcConn *conn, DmRpcPacket *packet)
{
        const DmRpcHeader *h = &packet->header;
        Waiting *w = g_hash_table_lookup(conn->waiting, GUINT_TO_POINTER(h->serial));
        /* Nobody waits for it (any more), or it answers something else. */
        if (!w || w->proc->program != h->program || h->version != DM_RPC_VERSION ||
            w->proc->number != h->proc)
                return;
        settle_packet(conn, w, packet);
}

void dm_rpc_client_event(DmRpcConn *conn, const DmRpcPacket *packet)
{
        const DmRpcHeader *h = &packet->header;
        const DmRpcProc *proc = dm_rpc_proc(h->program, h->proc);
        if (!proc || !proc->is_event || h->version != DM_RPC_VERSION || h->status != DM_RPC_OK ||
            !conn->handlers.event)
                return;
        g_autofree void *message = g_malloc0(proc->args->size);
        DmXdrReader r = { .data = packet->payload, .length = packet->length };
        if (!dm_record_decode(proc->args, &r, message, NULL))
                return;
        conn->handlers.event(conn, proc, message, conn->handlers.user);
        dm_record_clear(proc->args, message);
}

/* ---- deadlines, the end ---- */

/* The one whose deadline comes first; NULL when none waits. */
static Waiting *most_urgent(const DmRpcConn *conn)
{
        Waiting *first = NULL;
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, conn->waiting);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                Waiting *w = value;
                if (!first || w->due_us < first->due_us)
                        first = w;
        }
        return first;
}

gint64 dm_rpc_client_due(const DmRpcConn *conn)
{
        const Waiting *w = most_urgent(conn);
        return w ? w->due_us : G_MAXINT64;
}

void dm_rpc_client_expire(DmRpcConn *conn, gint64 now_us)
{
        for (Waiting *w; (w = most_urgent(conn)) && w->due_us <= now_us;) {
                g_autoptr(GError) error =
                        g_error_new(DM_ERROR, DM_ERROR_TIMED_OUT,
                                    "%s was not answered within %d ms; it may still be carried out",
                                    w->proc->function, w->deadline_ms);
                settle_error(conn, w, error);
        }
}

void dm_rpc_client_fail_all(DmRpcConn *conn)
{
        for (Waiting *w; (w = most_urgent(conn));) {
                g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_GONE, "%s was not answered: %s",
                                                      w->proc->function, conn->reason->message);
                settle_error(conn, w, error);
        }
}
