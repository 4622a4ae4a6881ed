/* Handlers: a guest's console as a stream.
 *
 *      client ── stream ──> to_guest ──> socket of the driver ──> guest
 *      client <── stream <────────────── socket of the driver <── guest
 *
 * Neither direction grows without bound: a stream that the guest does not take from is paused, and the socket
 * is not read while the client does not read.  The guest itself is never stalled: the driver drops what waits
 * too long. */
#include <errno.h>
#include <sys/socket.h>

#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "daemon/sources.h"
#include "util/error.h"
#include "util/fd.h"

#define CHUNK 16384

enum { CONSOLE_FORCE = 1 << 0, CONSOLE_SAFE = 1 << 1 /* always so */ };

typedef struct Bridge {
        DmServer *server;
        DmRpcCall *call;     /* while it is opened */
        DomusDomain *domain; /* the same; owned */
        char *device;        /* the same; nullable, owned */
        unsigned flags;      /* the same */
        GError *error;       /* the same */

        DmRpcStream *stream;     /* borrowed; NULL when it has ended */
        int fd;                  /* -1: the guest has ended */
        GSource *input, *output; /* watches of fd */
        GByteArray *to_guest;
} Bridge;

static void bridge_free(Bridge *b)
{
        dm_source_stop(&b->input);
        dm_source_stop(&b->output);
        dm_close_fd(&b->fd);
        g_byte_array_unref(b->to_guest);
        domus_domain_unref(b->domain);
        g_clear_error(&b->error);
        g_free(b->device);
        g_free(b);
}

/* ---- from the guest ---- */

static void guest_has_ended(Bridge *b)
{
        dm_source_stop(&b->output);
        dm_close_fd(&b->fd);
        dm_rpc_stream_resume(b->stream); /* what is still typed is dropped, and the end must be heard */
        dm_rpc_stream_end(b->stream);
}

static gboolean on_input(int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        Bridge *b = data;
        char chunk[CHUNK];
        gssize n = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return G_SOURCE_CONTINUE;
        if (n > 0 && dm_rpc_stream_send(b->stream, chunk, (gsize)n))
                return G_SOURCE_CONTINUE;
        dm_source_stop(&b->input); /* until on_writable, or for good */
        if (n <= 0)
                guest_has_ended(b);
        return G_SOURCE_REMOVE;
}

static void on_writable(DmRpcStream *s G_GNUC_UNUSED, void *user)
{
        Bridge *b = user;
        if (b->fd >= 0 && !b->input)
                b->input = dm_source_fd(b->fd, G_IO_IN, on_input, b);
}

/* ---- to the guest ---- */

static gboolean flush(Bridge *b)
{
        while (b->to_guest->len > 0) {
                gssize n = send(b->fd, b->to_guest->data, b->to_guest->len, MSG_DONTWAIT | MSG_NOSIGNAL);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return FALSE;
                if (n <= 0) /* its end is seen by the reading side */
                        n = b->to_guest->len;
                g_byte_array_remove_range(b->to_guest, 0, (guint)n);
        }
        return TRUE;
}

static gboolean on_output(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        Bridge *b = data;
        if (!flush(b))
                return G_SOURCE_CONTINUE;
        dm_source_stop(&b->output);
        dm_rpc_stream_resume(b->stream);
        return G_SOURCE_REMOVE;
}

static void on_data(DmRpcStream *s, const guint8 *data, gsize length, void *user)
{
        Bridge *b = user;
        if (b->fd < 0)
                return;
        g_byte_array_append(b->to_guest, data, (guint)length);
        if (flush(b) || b->output)
                return;
        dm_rpc_stream_pause(s);
        b->output = dm_source_fd(b->fd, G_IO_OUT, on_output, b);
}

/* ---- the end ---- */

static void on_finish(DmRpcStream *s, void *user)
{
        if (((Bridge *)user)->fd >= 0)
                flush(user);
        dm_rpc_stream_finish(s);
        bridge_free(user);
}

static void on_closed(DmRpcStream *s G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *user)
{
        bridge_free(user);
}

/* ---- opening ---- */

static gboolean opened(gpointer data)
{
        static const DmRpcStreamHandlers handlers = {
                .data = on_data, .finish = on_finish, .writable = on_writable, .closed = on_closed
        };
        const DmRpcVoid ret = { 0 };
        Bridge *b = data;
        DmServer *server = b->server;
        g_clear_pointer(&b->domain, domus_domain_unref);
        if (b->fd < 0)
                dm_rpc_call_fail(b->call, b->error);
        else
                b->stream = dm_rpc_call_reply_stream(b->call, &ret, &handlers, b);
        b->call = NULL;
        if (b->stream)
                b->input = dm_source_fd(b->fd, G_IO_IN, on_input, b);
        else
                bridge_free(b);
        dm_server_end_work(server);
        return G_SOURCE_REMOVE;
}

/* On a worker: the console is asked of the guest's own thread, which may be busy. */
static void open_fd(void *data)
{
        Bridge *b = data;
        b->fd = domus_domain_open_console(b->domain, b->device, b->flags, &b->error);
        dm_server_post(b->server, opened, b);
}

void dm_handle_open_console(DmClient *client, DmRpcCall *call, DmRpcDomainOpenConsoleArgs *args)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DomusDomain) domain = NULL;
        if (dm_handler_flags(args->flags, CONSOLE_FORCE | CONSOLE_SAFE, "virDomainOpenConsole", &error))
                domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain) {
                dm_handler_answer_error(call, error);
                return;
        }
        Bridge *b = g_new0(Bridge, 1);
        b->server = client->server;
        b->call = call;
        b->domain = g_steal_pointer(&domain);
        b->device = g_steal_pointer(&args->dev_name);
        b->flags = args->flags & CONSOLE_FORCE ? DOMUS_CONSOLE_FORCE : 0;
        b->fd = -1;
        b->to_guest = g_byte_array_new();
        dm_server_begin_work(client->server);
        dm_server_run(client->server, open_fd, b);
}
