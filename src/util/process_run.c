/* dm_run: a short-lived program run to its end with its output captured. */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "util/error.h"
#include "util/fd.h"

#define READ_BYTES  16384
#define DRAIN_READS 64 /* in one go: a full pipe of the largest usual size; an endless writer has no more */

typedef struct Stream {
        int fd;     /* our end of the pipe, non-blocking; owned; -1 after end of file */
        int theirs; /* owned; -1 once the program runs */
        GString *text;
} Stream;

static void stream_clear(Stream *s)
{
        dm_close_fd(&s->fd);
        dm_close_fd(&s->theirs);
        if (s->text)
                g_string_free(s->text, TRUE);
        s->text = NULL;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stream, stream_clear)

static gboolean stream_open(Stream *s, GError **error)
{
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot make a pipe");
        s->fd = ends[0];
        s->theirs = ends[1];
        s->text = g_string_new(NULL);
        fcntl(s->fd, F_SETFL, O_NONBLOCK); /* ours only: the program's end stays as programs expect it */
        return TRUE;
}

/* Takes what is there now; what passes @limit is read and dropped, so that the program never blocks. */
static void stream_drain(Stream *s, gsize limit)
{
        char data[READ_BYTES];
        for (int i = 0; i < DRAIN_READS && s->fd >= 0; i++) {
                ssize_t n = read(s->fd, data, sizeof(data));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n <= 0)
                        dm_close_fd(&s->fd);
                else
                        g_string_append_len(s->text, data, (gssize)MIN((gsize)n, limit - s->text->len));
        }
}

static char *stream_steal(Stream *s)
{
        return g_string_free(g_steal_pointer(&s->text), FALSE);
}

/* Reads both streams until the process ends (TRUE) or @deadline (monotonic µs, -1: none) has passed. */
static gboolean follow(const DmProcess *p, Stream *out, Stream *err, gsize limit, gint64 deadline)
{
        for (;;) {
                struct pollfd fds[] = {
                        { .fd = p->pidfd, .events = POLLIN },
                        { .fd = out->fd, .events = POLLIN }, /* negative: ignored */
                        { .fd = err->fd, .events = POLLIN },
                };
                gint64 left_us = deadline < 0 ? 0 : deadline - g_get_monotonic_time();
                if (left_us < 0)
                        return FALSE;
                int timeout = deadline < 0 ? -1 : (int)MIN(left_us / 1000 + 1, G_MAXINT);
                if (poll(fds, G_N_ELEMENTS(fds), timeout) < 0 && errno != EINTR)
                        return FALSE;
                stream_drain(out, limit);
                stream_drain(err, limit);
                if (!dm_process_alive(p)) {
                        stream_drain(out, limit); /* written between the last read and the end */
                        stream_drain(err, limit);
                        return TRUE;
                }
        }
}

gboolean dm_run_spawn(const DmSpawn *spawn, int timeout_ms, gsize limit, char **ret_stdout, char **ret_stderr,
                      DmExit *ret_exit, GError **error)
{
        g_auto(Stream) out = { .fd = -1, .theirs = -1 };
        g_auto(Stream) err = { .fd = -1, .theirs = -1 };
        if (!stream_open(&out, error) || !stream_open(&err, error)) {
                g_prefix_error(error, "cannot run '%s': ", spawn->words[0]);
                return FALSE;
        }
        const DmSpawnFd fds[] = { { out.theirs, STDOUT_FILENO }, { err.theirs, STDERR_FILENO } };
        DmSpawn s = *spawn;
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        s.new_session = TRUE;
        s.parent_death_signal = SIGKILL; /* this thread waits for it: nobody would enforce the timeout */
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        gint64 deadline = timeout_ms < 0 ? -1 : g_get_monotonic_time() + (gint64)timeout_ms * 1000;
        if (!dm_spawn(&s, &p, error))
                return FALSE;
        dm_close_fd(&out.theirs);
        dm_close_fd(&err.theirs);
        if (!follow(&p, &out, &err, limit, deadline)) {
                kill(-p.pid, SIGKILL); /* with what it started: a shell waits for a program of its own */
                dm_process_wait(&p, DM_PROCESS_KILL_WAIT_MS, NULL);
                return dm_fail(error, DM_ERROR_TIMED_OUT, "'%s' did not end within %d ms and was killed",
                               spawn->words[0], timeout_ms);
        }
        DmExit e;
        dm_process_wait(&p, 0, &e);
        if (ret_exit)
                *ret_exit = e;
        if (ret_stdout)
                *ret_stdout = stream_steal(&out);
        if (ret_stderr)
                *ret_stderr = stream_steal(&err);
        return TRUE;
}

gboolean dm_run(char *const *words, int timeout_ms, gsize limit, char **ret_stdout, char **ret_stderr,
                DmExit *ret_exit, GError **error)
{
        DmSpawn s = DM_SPAWN_INIT;
        s.words = words;
        return dm_run_spawn(&s, timeout_ms, limit, ret_stdout, ret_stderr, ret_exit, error);
}
