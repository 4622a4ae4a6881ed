/* Streams of a connection: their states, their windows, what waits for a paused one. */
#include "rpc/connection_private.h"
#include "util/error.h"

typedef enum State {
        STATE_OPENING,    /* client: the call is not answered yet */
        STATE_OPEN,       /* both may send */
        STATE_ENDED,      /* server: all is sent; the client finishes */
        STATE_CONFIRMING, /* server: the client has finished; our user confirms */
        STATE_FINISHING,  /* client: finished; the server confirms */
        STATE_ABORTING,   /* client: aborted, or to be aborted when it is open; nobody is told any more */
        STATE_GONE,
} State;

/* A packet that waits for a paused stream. */
typedef struct Kept {
        guint32 type, status;
        GBytes *payload;
} Kept;

struct DmRpcStream {
        int refs; /* the table's, and one for each callback that runs */
        DmRpcConn *conn;
        DmRpcHeader header; /* of the call; type and status are not meant */
        const DmRpcProc *proc;
        DmRpcStreamHandlers handlers;
        void *user;
        State state;
        gsize *pending; /* bytes in the output; a g_rc_box, shared with it */
        gboolean full;  /* the sender waits for `writable` */
        gboolean paused;
        GQueue inbox; /* Kept * */
        gsize inbox_bytes;
};

static DmRpcStream *lookup(const DmRpcConn *conn, guint32 serial)
{
        return g_hash_table_lookup(conn->streams, GUINT_TO_POINTER(serial));
}

static void kept_free(Kept *k)
{
        g_bytes_unref(k->payload);
        g_free(k);
}

static void clear_inbox(DmRpcStream *s)
{
        g_queue_clear_full(&s->inbox, (GDestroyNotify)kept_free);
        s->inbox_bytes = 0;
}

static void stream_unref(DmRpcStream *s)
{
        if (--s->refs > 0)
                return;
        clear_inbox(s);
        g_rc_box_release(s->pending);
        g_free(s);
}

/* Out of the connection.  The memory stays while a callback runs. */
static void remove_stream(DmRpcStream *s)
{
        if (s->state == STATE_GONE)
                return;
        s->state = STATE_GONE;
        g_hash_table_remove(s->conn->streams, GUINT_TO_POINTER(s->header.serial));
        stream_unref(s);
}

/* The other side has ended it. */
static void close_stream(DmRpcStream *s, const GError *error)
{
        gboolean told = s->state != STATE_ABORTING && s->state != STATE_OPENING && s->handlers.closed;
        s->refs++;
        remove_stream(s);
        if (told)
                s->handlers.closed(s, error, s->user);
        stream_unref(s);
}

/* ---- making ---- */

DmRpcStream *dm_rpc_stream_open(DmRpcConn *conn, const DmRpcHeader *header, const DmRpcProc *proc,
                                const DmRpcStreamHandlers *handlers, void *user, GError **error)
{
        if (dm_rpc_conn_is_gone(conn))
                return dm_fail_null(error, DM_ERROR_GONE, "no stream can be opened: the connection is gone");
        if (g_hash_table_size(conn->streams) >= conn->limits.streams)
                return dm_fail_null(error, DM_ERROR_NO_MEMORY,
                                    "no more than %u streams can be open at a time", conn->limits.streams);
        if (g_hash_table_contains(conn->streams, GUINT_TO_POINTER(header->serial)))
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "the stream of call %u is still open",
                                    header->serial);
        DmRpcStream *s = g_new0(DmRpcStream, 1);
        s->refs = 1;
        s->conn = conn;
        s->header = *header;
        s->proc = proc;
        if (handlers)
                s->handlers = *handlers;
        s->user = user;
        s->state = conn->server ? STATE_OPEN : STATE_OPENING;
        s->pending = g_rc_box_new0(gsize);
        g_hash_table_insert(conn->streams, GUINT_TO_POINTER(header->serial), s);
        return s;
}

DmRpcStream *dm_rpc_conn_call_stream(DmRpcConn *conn, const DmRpcProc *proc, const void *args,
                                     int deadline_ms, DmRpcAnswerFn callback,
                                     const DmRpcStreamHandlers *handlers, void *user, GError **error)
{
        g_assert(proc->stream != DM_RPC_NO_STREAM);
        const DmRpcHeader h = { .program = proc->program,
                                .version = DM_RPC_VERSION,
                                .proc = proc->number,
                                .serial = dm_rpc_client_next_serial(conn) };
        DmRpcStream *s = dm_rpc_stream_open(conn, &h, proc, handlers, user, error);
        if (!s)
                return NULL;
        const DmRpcAsk ask = { .serial = h.serial,
                               .deadline_ms = deadline_ms,
                               .callback = callback,
                               .user = user,
                               .streams = TRUE };
        if (dm_rpc_client_send(conn, proc, args, NULL, 0, &ask, error))
                return s;
        remove_stream(s);
        return NULL;
}

/* ---- sending ---- */

static DmRpcHeader header_of(const DmRpcStream *s, DmRpcType type, DmRpcStatus status)
{
        DmRpcHeader h = s->header;
        h.type = (guint32)type;
        h.status = (guint32)status;
        return h;
}

static void push_mark(DmRpcStream *s, DmRpcStatus status)
{
        const DmRpcHeader h = header_of(s, DM_RPC_STREAM, status);
        dm_rpc_conn_push(s->conn, dm_rpc_packet_new_raw(&h, NULL, 0), NULL, 0, NULL);
}

static gboolean has_room(DmRpcStream *s)
{
        s->full = *s->pending >= s->conn->limits.stream_window;
        return !s->full;
}

gboolean dm_rpc_stream_send(DmRpcStream *s, const void *data, gsize length)
{
        dm_rpc_conn_assert_owner(s->conn);
        if (s->state != STATE_OPEN || dm_rpc_conn_is_gone(s->conn))
                return FALSE;
        const DmRpcHeader h = header_of(s, DM_RPC_STREAM, DM_RPC_CONTINUE);
        const guint8 *bytes = data;
        /* An empty packet would be the mark of the end. */
        for (gsize part; length > 0; bytes += part, length -= part) {
                part = MIN(length, DM_RPC_STREAM_MAX);
                dm_rpc_conn_push(s->conn, dm_rpc_packet_new_raw(&h, bytes, part), NULL, 0, s->pending);
        }
        return has_room(s);
}

gboolean dm_rpc_stream_send_hole(DmRpcStream *s, gint64 length)
{
        dm_rpc_conn_assert_owner(s->conn);
        g_assert(length >= 0);
        if (s->state != STATE_OPEN || dm_rpc_conn_is_gone(s->conn))
                return FALSE;
        const DmRpcHeader h = header_of(s, DM_RPC_STREAM_HOLE, DM_RPC_CONTINUE);
        const DmRpcStreamHole hole = { .length = length };
        GByteArray *packet =
                dm_rpc_packet_new(&h, &dm_rpc_type_StreamHole, &hole, 0, DM_RPC_MESSAGE_MAX, NULL);
        dm_rpc_conn_push(s->conn, packet, NULL, 0, s->pending);
        return has_room(s);
}

void dm_rpc_stream_end(DmRpcStream *s)
{
        dm_rpc_conn_assert_owner(s->conn);
        g_assert(s->conn->server);
        if (s->state != STATE_OPEN)
                return;
        push_mark(s, DM_RPC_CONTINUE);
        s->state = STATE_ENDED;
}

void dm_rpc_stream_finish(DmRpcStream *s)
{
        dm_rpc_conn_assert_owner(s->conn);
        if (s->conn->server) {
                g_assert(s->state == STATE_CONFIRMING);
                push_mark(s, DM_RPC_OK);
                remove_stream(s);
        } else if (s->state == STATE_OPEN) {
                push_mark(s, DM_RPC_OK);
                s->state = STATE_FINISHING;
                clear_inbox(s);
        }
}

void dm_rpc_stream_fail(DmRpcStream *s, const GError *error)
{
        dm_rpc_conn_assert_owner(s->conn);
        if (s->conn->server) {
                DM_RPC_AUTO(Error, wire) = { 0 };
                dm_rpc_error_from(&wire, error, s->proc);
                dm_rpc_conn_push_error(s->conn, &s->header, DM_RPC_STREAM, &wire);
                remove_stream(s);
                return;
        }
        /* The server knows the stream only when it has answered; after a finish, it is about to confirm that.
         */
        if (s->state == STATE_OPEN)
                push_mark(s, DM_RPC_ERROR);
        s->state = STATE_ABORTING;
        clear_inbox(s);
}

void dm_rpc_stream_replied(DmRpcConn *conn, guint32 serial, gboolean opened)
{
        DmRpcStream *s = lookup(conn, serial);
        if (!s)
                return;
        if (!opened) {
                remove_stream(s);
                return;
        }
        if (s->state == STATE_ABORTING)
                push_mark(s, DM_RPC_ERROR);
        else
                s->state = STATE_OPEN;
}

/* ---- receiving ---- */

static gboolean takes_data(const DmRpcStream *s)
{
        DmRpcStreamKind towards = s->conn->server ? DM_RPC_TO_SERVER : DM_RPC_FROM_SERVER;
        return (s->proc->stream & towards) != 0;
}

/* Something that no correct peer sends. */
static void violated(DmRpcStream *s, const char *what)
{
        g_autoptr(GError) error =
                g_error_new(DM_ERROR, DM_ERROR_INVALID_ARG, "the stream of %s %s", s->proc->function, what);
        s->refs++;
        if (s->conn->server) {
                DM_RPC_AUTO(Error, wire) = { 0 };
                dm_rpc_error_from(&wire, error, s->proc);
                dm_rpc_conn_push_error(s->conn, &s->header, DM_RPC_STREAM, &wire);
        }
        close_stream(s, error);
        stream_unref(s);
}

static void deliver_data(DmRpcStream *s, const guint8 *data, gsize length)
{
        gboolean server = s->conn->server;
        if (s->state != STATE_OPEN && s->state != STATE_ENDED)
                return;
        if (length > 0 && !takes_data(s))
                violated(s, "takes no data from this side");
        else if (length > 0 && s->handlers.data)
                s->handlers.data(s, data, length, s->user);
        else if (length == 0 && !server && s->handlers.end)
                s->handlers.end(s, s->user);
}

static void deliver_hole(DmRpcStream *s, const guint8 *data, gsize length)
{
        DmXdrReader r = { .data = data, .length = length };
        DmRpcStreamHole hole;
        if (s->state != STATE_OPEN && s->state != STATE_ENDED)
                return;
        if (!dm_record_decode(&dm_rpc_type_StreamHole, &r, &hole, NULL) || hole.length < 0)
                violated(s, "got a hole without a length");
        else if (!takes_data(s))
                violated(s, "takes no data from this side");
        else if (s->handlers.hole)
                s->handlers.hole(s, hole.length, s->user);
}

/* STREAM OK: the client finishes, or the server confirms. */
static void deliver_ok(DmRpcStream *s)
{
        if (!s->conn->server) {
                if (s->state == STATE_FINISHING || s->state == STATE_ABORTING)
                        close_stream(s, NULL);
                else
                        violated(s, "was ended unasked");
                return;
        }
        if (s->state == STATE_CONFIRMING)
                return;
        s->state = STATE_CONFIRMING;
        if (s->handlers.finish) {
                s->handlers.finish(s, s->user);
                return;
        }
        push_mark(s, DM_RPC_OK);
        close_stream(s, NULL);
}

static void deliver_error(DmRpcStream *s, const guint8 *data, gsize length)
{
        g_autoptr(GError) error = NULL;
        if (s->conn->server) {
                push_mark(s, DM_RPC_OK);
                error = g_error_new(DM_ERROR, DM_ERROR_CANCELLED, "the client aborted the stream of %s",
                                    s->proc->function);
        } else {
                DM_RPC_AUTO(Error, wire) = { 0 };
                DmXdrReader r = { .data = data, .length = length };
                if (dm_record_decode(&dm_rpc_type_Error, &r, &wire, &error))
                        error = dm_rpc_error_to(&wire);
        }
        close_stream(s, error);
}

static void deliver(DmRpcStream *s, guint32 type, guint32 status, const guint8 *data, gsize length)
{
        s->refs++;
        if (type == DM_RPC_STREAM_HOLE && status == DM_RPC_CONTINUE)
                deliver_hole(s, data, length);
        else if (type == DM_RPC_STREAM && status == DM_RPC_CONTINUE)
                deliver_data(s, data, length);
        else if (type == DM_RPC_STREAM && status == DM_RPC_OK)
                deliver_ok(s);
        else if (type == DM_RPC_STREAM && status == DM_RPC_ERROR)
                deliver_error(s, data, length);
        stream_unref(s);
}

/* Of the packet's call, NULL when it is none of ours. */
static DmRpcStream *find(const DmRpcConn *conn, const DmRpcHeader *h)
{
        if (h->type != DM_RPC_STREAM && h->type != DM_RPC_STREAM_HOLE)
                return NULL;
        DmRpcStream *s = lookup(conn, h->serial);
        gboolean same = s && s->header.program == h->program && s->header.version == h->version &&
                        s->header.proc == h->proc && s->state != STATE_OPENING;
        return same ? s : NULL;
}

/* An error needs no reader: it ends the stream at once. */
static gboolean is_kept(const DmRpcStream *s, const DmRpcHeader *h)
{
        return h->status != DM_RPC_ERROR && (s->paused || s->inbox.length > 0);
}

gboolean dm_rpc_stream_must_wait(const DmRpcConn *conn, const DmRpcHeader *header)
{
        const DmRpcStream *s = find(conn, header);
        return s && is_kept(s, header) && s->inbox_bytes + header->length > conn->limits.stream_inbox;
}

void dm_rpc_stream_packet(DmRpcConn *conn, const DmRpcPacket *packet)
{
        const DmRpcHeader *h = &packet->header;
        DmRpcStream *s = find(conn, h);
        if (!s)
                return;
        if (!is_kept(s, h)) {
                deliver(s, h->type, h->status, packet->payload, packet->length);
                return;
        }
        Kept *k = g_new0(Kept, 1);
        *k = (Kept){ h->type, h->status, g_bytes_new(packet->payload, packet->length) };
        g_queue_push_tail(&s->inbox, k);
        s->inbox_bytes += h->length;
}

void dm_rpc_stream_pause(DmRpcStream *s)
{
        dm_rpc_conn_assert_owner(s->conn);
        s->paused = TRUE;
}

void dm_rpc_stream_resume(DmRpcStream *s)
{
        dm_rpc_conn_assert_owner(s->conn);
        s->paused = FALSE;
        dm_rpc_conn_wake(s->conn);
}

/* ---- all streams of a connection ---- */

/* Their serials: callbacks may open and close streams meanwhile. */
static GArray *serials(const DmRpcConn *conn)
{
        GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32));
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, conn->streams);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                guint32 serial = GPOINTER_TO_UINT(key);
                g_array_append_val(all, serial);
        }
        return all;
}

gsize dm_rpc_streams_output(const DmRpcConn *conn)
{
        gsize sum = 0;
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, conn->streams);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                sum += *((DmRpcStream *)value)->pending;
        return sum;
}

static void deliver_inbox(DmRpcStream *s)
{
        s->refs++;
        while (!s->paused && s->state != STATE_GONE && s->inbox.length > 0) {
                Kept *k = g_queue_pop_head(&s->inbox);
                gsize length;
                const guint8 *payload = g_bytes_get_data(k->payload, &length);
                s->inbox_bytes -= DM_RPC_HEADER_SIZE + length;
                deliver(s, k->type, k->status, payload, length);
                kept_free(k);
        }
        stream_unref(s);
}

void dm_rpc_streams_deliver(DmRpcConn *conn)
{
        if (g_hash_table_size(conn->streams) == 0)
                return;
        g_autoptr(GArray) all = serials(conn);
        for (guint i = 0; i < all->len && !dm_rpc_conn_is_gone(conn); i++) {
                DmRpcStream *s = lookup(conn, g_array_index(all, guint32, i));
                if (s)
                        deliver_inbox(s);
        }
}

gboolean dm_rpc_streams_ask(DmRpcConn *conn)
{
        gboolean asked = FALSE;
        if (g_hash_table_size(conn->streams) == 0)
                return FALSE;
        g_autoptr(GArray) all = serials(conn);
        for (guint i = 0; i < all->len && !dm_rpc_conn_is_gone(conn); i++) {
                DmRpcStream *s = lookup(conn, g_array_index(all, guint32, i));
                if (!s || !s->full || *s->pending > conn->limits.stream_window / 2)
                        continue;
                s->full = FALSE;
                asked = TRUE;
                if (s->state == STATE_OPEN && s->handlers.writable)
                        s->handlers.writable(s, s->user);
        }
        return asked;
}

void dm_rpc_streams_fail_all(DmRpcConn *conn)
{
        g_autoptr(GArray) all = serials(conn);
        for (guint i = 0; i < all->len; i++) {
                DmRpcStream *s = lookup(conn, g_array_index(all, guint32, i));
                if (s)
                        close_stream(s, conn->reason);
        }
}
