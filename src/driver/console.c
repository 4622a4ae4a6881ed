/* Drain, history and stream of a pty (see console.h).
 *
 *   guest ──> pty ──> history ring
 *                 └─> queue ──> stream socket ──> reader        (queue full: oldest output is dropped)
 *   guest <── pty <── input   <── stream socket <── writer      (input not empty: the socket is not read) */
#include "driver/console.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

#include "util/error.h"
#include "util/fd.h"

#define CHUNK 4096

typedef struct Buffer {
        char *data;
        gsize start, length, size, max;
} Buffer;

struct DmConsole {
        char *alias, *path;
        GMainContext *context;
        int tty;
        int stream; /* -1: nobody is connected */
        GSource *tty_source, *stream_source;
        GIOCondition tty_wants, stream_wants;
        Buffer history, queue, input;
};

/* ---- a ring that grows up to its max and then forgets the oldest ---- */

static void buffer_grow(Buffer *b, gsize need)
{
        gsize size = MAX(b->size, 512);
        while (size < need && size < b->max)
                size *= 2;
        size = MIN(size, b->max);
        if (size == b->size)
                return;
        char *data = g_malloc(size);
        for (gsize i = 0; i < b->length; i++)
                data[i] = b->data[(b->start + i) % b->size];
        g_free(b->data);
        b->data = data;
        b->start = 0;
        b->size = size;
}

static void buffer_drop(Buffer *b, gsize n)
{
        b->start = b->size ? (b->start + n) % b->size : 0;
        b->length -= n;
        if (!b->length)
                b->start = 0;
}

static void buffer_add(Buffer *b, const char *data, gsize n)
{
        if (n > b->max) {
                data += n - b->max;
                n = b->max;
        }
        buffer_grow(b, b->length + n);
        if (b->length + n > b->size)
                buffer_drop(b, b->length + n - b->size);
        for (gsize i = 0; i < n; i++)
                b->data[(b->start + b->length + i) % b->size] = data[i];
        b->length += n;
}

/* The first contiguous part. */
static gsize buffer_front(const Buffer *b, const char **ret_data)
{
        *ret_data = b->data + b->start;
        return MIN(b->length, b->size - b->start);
}

static void buffer_clear(Buffer *b)
{
        g_free(b->data);
        *b = (Buffer){ .max = b->max };
}

/* ---- descriptors ---- */

/* Writes what it takes; FALSE when the other end is gone. */
static gboolean flush(int fd, Buffer *b, gboolean socket)
{
        while (b->length) {
                const char *data;
                gsize n = buffer_front(b, &data);
                gssize written = socket ? send(fd, data, n, MSG_NOSIGNAL) : write(fd, data, n);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return errno == EAGAIN || errno == EWOULDBLOCK;
                buffer_drop(b, (gsize)written);
        }
        return TRUE;
}

static void update(DmConsole *c);

static void close_stream(DmConsole *c)
{
        if (c->stream_source)
                g_source_destroy(c->stream_source);
        g_clear_pointer(&c->stream_source, g_source_unref);
        c->stream_wants = 0;
        dm_close_fd(&c->stream);
        buffer_clear(&c->queue);
        buffer_clear(&c->input);
}

static void close_tty(DmConsole *c)
{
        if (c->tty_source)
                g_source_destroy(c->tty_source);
        g_clear_pointer(&c->tty_source, g_source_unref);
        c->tty_wants = 0;
        dm_close_fd(&c->tty);
}

/* Reads all that is there now; FALSE at the end. */
static gboolean drain(DmConsole *c)
{
        char chunk[CHUNK];
        /* Bounded: a guest that prints without end must not keep its owner here. */
        for (int i = 0; i < 64; i++) {
                gssize n = read(c->tty, chunk, sizeof chunk);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
                buffer_add(&c->history, chunk, (gsize)n);
                if (c->stream >= 0)
                        buffer_add(&c->queue, chunk, (gsize)n);
        }
        return TRUE;
}

static gboolean on_tty(int fd G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
        DmConsole *c = data;
        gboolean open = drain(c) && !((condition & (G_IO_HUP | G_IO_ERR)) && !(condition & G_IO_IN));
        if (open && c->input.length)
                open = flush(c->tty, &c->input, FALSE);
        if (c->stream >= 0 && !flush(c->stream, &c->queue, TRUE))
                close_stream(c);
        if (!open)
                close_tty(c);
        update(c);
        return G_SOURCE_CONTINUE;
}

static gboolean read_stream(DmConsole *c)
{
        char chunk[CHUNK];
        gssize n = recv(c->stream, chunk, sizeof chunk, 0);
        if (n > 0)
                buffer_add(&c->input, chunk, (gsize)n);
        if (n > 0 && c->tty >= 0)
                flush(c->tty, &c->input, FALSE);
        return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static gboolean on_stream(int fd G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
        DmConsole *c = data;
        gboolean open = TRUE;
        if ((condition & G_IO_OUT) && !flush(c->stream, &c->queue, TRUE))
                open = FALSE;
        if (open && (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) && !read_stream(c))
                open = FALSE;
        if (!open)
                close_stream(c);
        update(c);
        return G_SOURCE_CONTINUE;
}

static void watch(DmConsole *c, int fd, GIOCondition wants, GSource **source, GIOCondition *current,
                  GUnixFDSourceFunc fn)
{
        if (fd < 0 || (wants == *current && *source))
                return;
        if (*source)
                g_source_destroy(*source);
        g_clear_pointer(source, g_source_unref);
        *current = wants;
        *source = g_unix_fd_source_new(fd, wants | G_IO_HUP | G_IO_ERR);
        g_source_set_callback(*source, G_SOURCE_FUNC(fn), c, NULL);
        g_source_set_can_recurse(*source, TRUE);
        g_source_attach(*source, c->context);
}

/* What each descriptor waits for follows from the buffers. */
static void update(DmConsole *c)
{
        watch(c, c->tty, G_IO_IN | (c->input.length ? G_IO_OUT : 0), &c->tty_source, &c->tty_wants, on_tty);
        watch(c, c->stream, (c->input.length ? 0 : G_IO_IN) | (c->queue.length ? G_IO_OUT : 0),
              &c->stream_source, &c->stream_wants, on_stream);
        if (c->tty < 0 && c->stream >= 0 && !c->queue.length)
                close_stream(c); /* the guest has ended and everything was said */
}

/* ---- verbs ---- */

DmConsole *dm_console_open(const char *tty, const char *alias, GError **error)
{
        int fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
                dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open the console '%s'", tty);
                return NULL;
        }
        DmConsole *c = g_new0(DmConsole, 1);
        c->alias = g_strdup(alias);
        c->path = g_strdup(tty);
        c->context = g_main_context_ref_thread_default();
        c->tty = fd;
        c->stream = -1;
        c->history.max = DM_CONSOLE_HISTORY_MAX;
        c->queue.max = DM_CONSOLE_QUEUE_MAX;
        c->input.max = CHUNK;
        update(c);
        return c;
}

void dm_console_close(DmConsole *c)
{
        if (!c)
                return;
        if (c->tty >= 0)
                drain(c);
        if (c->stream >= 0)
                flush(c->stream, &c->queue, TRUE);
        close_tty(c);
        close_stream(c);
        buffer_clear(&c->history);
        g_main_context_unref(c->context);
        g_free(c->alias);
        g_free(c->path);
        g_free(c);
}

const char *dm_console_alias(const DmConsole *c)
{
        return c->alias;
}

const char *dm_console_tty(const DmConsole *c)
{
        return c->path;
}

int dm_console_connect(DmConsole *c, gboolean history, gboolean force, GError **error)
{
        int pair[2];
        if (c->stream >= 0 && !force) {
                dm_fail(error, DM_ERROR_BUSY, "somebody is connected to console '%s'; force takes it over",
                        c->alias);
                return -1;
        }
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
                dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a console stream");
                return -1;
        }
        close_stream(c);
        fcntl(pair[0], F_SETFL, O_NONBLOCK);
        c->stream = pair[0];
        for (gsize i = 0; history && i < c->history.length; i++)
                buffer_add(&c->queue, &c->history.data[(c->history.start + i) % c->history.size], 1);
        flush(c->stream, &c->queue, TRUE);
        update(c);
        return pair[1];
}
