/* See pump.h.  The source is watched while there is room, the target while there is something to write. */
#include "cli/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

/* As much as a pipe takes without blocking once it is writable (PIPE_BUF). */
#define CHUNK 4096

struct DmPump {
        int from, to;
        int own; /* our own opening of @to, non-blocking; -1: there is none */
        gboolean socket, source_ended, ended;
        gsize limit;
        DmPumpHandlers handlers;
        guint in, out;    /* watches; 0: none */
        GByteArray *data; /* read and not yet written */
};

static gboolean on_readable(gint fd, GIOCondition condition, gpointer user);
static gboolean on_writable(gint fd, GIOCondition condition, gpointer user);

static void watch(DmPump *p, guint *id, gboolean wanted, int fd, GIOCondition condition, GUnixFDSourceFunc fn)
{
        if (wanted && !*id)
                *id = g_unix_fd_add(fd, condition | G_IO_HUP | G_IO_ERR, fn, p);
        if (!wanted && *id)
                g_source_remove(*id);
        if (!wanted)
                *id = 0;
}

static void update(DmPump *p)
{
        gsize length = p->ended ? 0 : p->data->len;
        watch(p, &p->in, !p->ended && !p->source_ended && length < p->limit, p->from, G_IO_IN, on_readable);
        watch(p, &p->out, length > 0, p->own >= 0 ? p->own : p->to, G_IO_OUT, on_writable);
}

static void end(DmPump *p, DmPumpEnd how)
{
        if (p->ended)
                return;
        p->ended = TRUE;
        if (p->handlers.ended)
                p->handlers.ended(how, p->handlers.user);
}

static gssize put(const DmPump *p)
{
        gsize n = MIN(p->data->len, CHUNK);
        if (p->socket)
                return send(p->to, p->data->data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        return write(p->own >= 0 ? p->own : p->to, p->data->data, n);
}

static gboolean on_writable(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user)
{
        DmPump *p = user;
        gssize n = put(p);
        if (n > 0)
                g_byte_array_remove_range(p->data, 0, (guint)n);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
                end(p, DM_PUMP_TARGET_GONE);
        else if (p->source_ended && !p->data->len)
                end(p, DM_PUMP_SOURCE_ENDED);
        update(p);
        return G_SOURCE_CONTINUE; /* update() has removed it, if so */
}

static gboolean on_readable(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer user)
{
        DmPump *p = user;
        char chunk[CHUNK];
        gssize n = read(fd, chunk, sizeof chunk);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return G_SOURCE_CONTINUE;
        if (n > 0) {
                gsize taken =
                        p->handlers.filter ? p->handlers.filter(chunk, (gsize)n, p->handlers.user) : (gsize)n;
                g_byte_array_append(p->data, (const guint8 *)chunk, (guint)taken);
        } else { /* an error is EIO: the terminal is gone */
                p->source_ended = TRUE;
        }
        if (p->source_ended && !p->data->len)
                end(p, DM_PUMP_SOURCE_ENDED);
        update(p);
        return G_SOURCE_CONTINUE;
}

/* A terminal or pipe is opened once more: O_NONBLOCK belongs to the opening, and the one we were given is
 * shared with whoever started us.  Where that is not allowed, writing may block after all. */
static int open_again(int fd)
{
        struct stat st;
        if (fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || isatty(fd)))
                return -1;
        char path[64];
        g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

DmPump *dm_pump_new(int from, int to, gsize limit, const DmPumpHandlers *handlers)
{
        struct stat st;
        DmPump *p = g_new0(DmPump, 1);
        p->from = from;
        p->to = to;
        p->limit = limit;
        p->handlers = *handlers;
        p->data = g_byte_array_new();
        p->own = open_again(to);
        p->socket = fstat(to, &st) == 0 && S_ISSOCK(st.st_mode);
        update(p);
        return p;
}

void dm_pump_free(DmPump *p)
{
        if (!p)
                return;
        p->ended = TRUE;
        update(p);
        g_byte_array_unref(p->data);
        dm_close_fd(&p->own);
        g_free(p);
}

gboolean dm_pump_pending(const DmPump *p)
{
        return !p->ended && p->data->len > 0;
}
