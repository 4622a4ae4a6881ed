/* The life of a running QEMU (see run.h); the steps it is made of stand in run_steps.c. */
#include "qemu/run.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>

#include "qemu/run_private.h"
#include "util/fd.h"
#include "util/file.h"

/* Of QEMU's last words in errors. */
#define LAST_WORDS_MAX 400
/* From the end of the process until the end of its connection. */
#define DRAIN_MS 200

static char *new_token(void)
{
        g_autofree char *a = g_uuid_string_random();
        GString *s = g_string_new(NULL);
        for (const char *c = a; *c; c++)
                if (*c != '-')
                        g_string_append_c(s, *c);
        return g_string_free(s, FALSE);
}

DmRun *dm_run_new(DmRunConfig *config)
{
        DmRun *run = g_new0(DmRun, 1);
        run->config = *config;
        *config = (DmRunConfig){ 0 };
        if (run->config.cancel)
                g_object_ref(run->config.cancel);
        if (!run->config.nvram_dir)
                run->config.nvram_dir = g_strdup(run->config.dir);
        run->context = g_main_context_ref_thread_default();
        run->token = new_token();
        run->monitor_path = g_build_filename(run->config.dir, "monitor.sock", NULL);
        run->log_fd = run->monitor_fd = run->vsock_fd = run->process.pidfd = -1;
        int timeout_ms = run->config.timeout_ms > 0 ? run->config.timeout_ms : DM_RUN_START_TIMEOUT_MS;
        run->deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
        return run;
}

static void unwatch_exit(DmRun *run)
{
        if (run->exit_source)
                g_source_destroy(run->exit_source);
        g_clear_pointer(&run->exit_source, g_source_unref);
}

void dm_run_free(DmRun *run)
{
        if (!run)
                return;
        unwatch_exit(run);
        dm_qmp_free(run->qmp);
        dm_close_fd(&run->log_fd);
        dm_close_fd(&run->monitor_fd);
        dm_close_fd(&run->vsock_fd);
        g_clear_pointer(&run->fds, g_array_unref);
        dm_process_clear(&run->process);
        dm_plan_free(run->config.plan);
        g_free(run->config.dir);
        g_free(run->config.log_path);
        g_free(run->config.nvram_dir);
        g_clear_object(&run->config.cancel);
        g_main_context_unref(run->context);
        g_free(run->token);
        g_free(run->monitor_path);
        g_free(run);
}

int dm_run_time_left(const DmRun *run)
{
        gint64 left_ms = (run->deadline_us - g_get_monotonic_time()) / 1000;
        return (int)CLAMP(left_ms, 1, G_MAXINT);
}

/* ---- the end of the process ---- */

/* Tells the owner, once.  Nothing is told during a start or an end: these have their own way out. */
static gboolean tell_exit(gpointer data)
{
        DmRun *run = data;
        unwatch_exit(run);
        if (!run->exit_told && !run->starting && !run->ending) {
                run->exit_told = TRUE;
                if (run->config.handlers.exited)
                        run->config.handlers.exited(run, run->config.handlers.user);
        }
        return G_SOURCE_REMOVE;
}

static void set_exit_source(DmRun *run, GSource *source, GSourceFunc fn)
{
        unwatch_exit(run);
        run->exit_source = source;
        g_source_set_callback(source, fn, run, NULL);
        g_source_set_can_recurse(source, TRUE);
        g_source_attach(source, run->context);
}

/* What QEMU wrote before it ended is still in the socket, and the SHUTDOWN event tells why it ended: the exit
 * is told when the connection's end was seen, or after a moment if somebody else keeps the socket open. */
static gboolean on_pidfd(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        DmRun *run = data;
        run->exited = dm_process_wait(&run->process, 0, &run->exit);
        if (!run->exited)
                return G_SOURCE_CONTINUE;
        if (run->qmp && dm_qmp_state(run->qmp) != DM_QMP_GONE)
                set_exit_source(run, g_timeout_source_new(DRAIN_MS), tell_exit);
        else
                tell_exit(run);
        return G_SOURCE_REMOVE;
}

void dm_run_on_gone(DmQmp *qmp G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED, void *user)
{
        DmRun *run = user;
        if (run->exited)
                tell_exit(run);
}

void dm_run_watch_exit(DmRun *run)
{
        /* A GSourceFunc by cast: fd sources call with their own signature. */
        set_exit_source(run, g_unix_fd_source_new(run->process.pidfd, G_IO_IN), G_SOURCE_FUNC(on_pidfd));
}

void dm_run_signal(DmRun *run, gboolean force)
{
        if (!run->spawned || run->exited)
                return;
        char state = dm_process_state(run->process.pid);
        gboolean stopped = state == 'T' || state == 't';
        dm_process_signal(&run->process, force || stopped ? SIGKILL : SIGTERM);
}

static gboolean wake_up(gpointer data)
{
        *(gboolean *)data = TRUE;
        return G_SOURCE_REMOVE;
}

/* Iterates the context until the process has ended, at most @timeout_ms. */
static gboolean wait_exit(DmRun *run, int timeout_ms)
{
        gboolean late = FALSE;
        g_autoptr(GSource) timer = g_timeout_source_new((guint)timeout_ms);
        g_source_set_callback(timer, wake_up, &late, NULL);
        g_source_attach(timer, run->context);
        while (!run->exited && !late)
                g_main_context_iteration(run->context, TRUE);
        g_source_destroy(timer);
        return run->exited;
}

static void undo_steps(DmRun *run)
{
        while (run->steps_done) {
                const DmStep *step = &dm_run_steps[--run->steps_done];
                if (step->undo)
                        step->undo(run);
        }
}

void dm_run_end(DmRun *run, int grace_ms)
{
        run->ending = TRUE;
        if (run->spawned && !run->exited) {
                dm_run_signal(run, grace_ms <= 0);
                if (!wait_exit(run, MAX(grace_ms, 1))) {
                        dm_run_signal(run, TRUE);
                        wait_exit(run, G_MAXINT); /* SIGKILL can't be refused; a process in uninterruptible
                                                     sleep is waited for */
                }
        }
        undo_steps(run);
}

/* ---- start and adopt ---- */

/* QEMU's own words say more than "the connection ended". */
static void explain_death(DmRun *run, GError **error)
{
        if (!run->spawned || !error || !*error)
                return;
        /* The exit follows the end of the connection within a moment. */
        if (!run->exited && !g_error_matches(*error, DM_ERROR, DM_ERROR_GONE))
                return;
        if (!run->exited && !wait_exit(run, 2000))
                return;
        g_autofree char *words = dm_run_last_words(run), *how = dm_exit_describe(&run->exit);
        g_clear_error(error);
        dm_fail(error, DM_ERROR_FAILED, "QEMU %s while it started%s%s", how,
                *words ? ": " : " and said nothing", words);
}

gboolean dm_run_start(DmRun *run, GError **error)
{
        g_autoptr(GError) failure = NULL;
        run->starting = TRUE;
        for (; run->steps_done < dm_run_n_steps; run->steps_done++) {
                const DmStep *step = &dm_run_steps[run->steps_done];
                if (g_cancellable_set_error_if_cancelled(run->config.cancel, NULL)) {
                        dm_fail(&failure, DM_ERROR_CANCELLED, "the start was cancelled");
                        break;
                }
                if (!step->make(run, &failure))
                        break;
        }
        gboolean ok = run->steps_done == dm_run_n_steps;
        if (!ok) {
                explain_death(run, &failure);
                dm_run_end(run, 0);
                g_propagate_error(error, g_steal_pointer(&failure));
        }
        run->starting = FALSE;
        return ok;
}

void dm_run_release(DmRun *run)
{
        dm_qmp_release_events(run->qmp);
}

/* ---- what it is ---- */

const DmPlan *dm_run_plan(const DmRun *run)
{
        return run->config.plan;
}

DmQmp *dm_run_qmp(DmRun *run)
{
        return run->qmp;
}

int dm_run_pid(const DmRun *run)
{
        return run->spawned ? run->process.pid : 0;
}

const char *dm_run_dir(const DmRun *run)
{
        return run->config.dir;
}

gboolean dm_run_exited(const DmRun *run)
{
        return run->exited;
}

const DmExit *dm_run_exit(const DmRun *run)
{
        return &run->exit;
}

/* "2026-11-22T18:00:00.123456Z qemu-system-x86_64: no" → "qemu-system-x86_64: no" */
static const char *without_stamp(const char *line)
{
        const char *blank = strchr(line, ' ');
        return g_ascii_isdigit(line[0]) && blank && blank - line > 20 && blank[-1] == 'Z' ? blank + 1 : line;
}

/* What QEMU says of every pty that it opens explains nothing. */
static gboolean explains(const char *line)
{
        return *line && !g_str_has_prefix(line, "char device redirected to ");
}

/* The last lines of @log after @start, at most LAST_WORDS_MAX bytes. */
static char *last_words(const char *log, gint64 start)
{
        dm_autofd int fd = open(log, O_RDONLY | O_CLOEXEC);
        char buffer[4 * LAST_WORDS_MAX + 1];
        gint64 end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
        start = MAX(start, end - 4 * LAST_WORDS_MAX);
        gssize n = end > start ? pread(fd, buffer, (gsize)(end - start), start) : 0;
        buffer[MAX(n, 0)] = 0;
        g_auto(GStrv) lines = g_strsplit(g_strchomp(buffer), "\n", -1);
        GString *s = g_string_new(NULL);
        for (guint i = g_strv_length(lines); i-- > 0;) {
                const char *line = without_stamp(g_strstrip(lines[i]));
                if (!explains(line))
                        continue;
                if (s->len && s->len + strlen(line) > LAST_WORDS_MAX)
                        break;
                if (s->len)
                        g_string_prepend(s, "; ");
                g_string_prepend(s, line);
        }
        g_string_truncate(s, MIN(s->len, LAST_WORDS_MAX));
        g_autofree char *raw = g_string_free(s, FALSE);
        return g_utf8_make_valid(raw, -1);
}

char *dm_run_last_words(const DmRun *run)
{
        return last_words(run->config.log_path, run->log_start);
}

char *dm_run_log_tail(const char *log)
{
        return last_words(log, 0);
}

gboolean dm_run_command(DmRun *run, const char *command, DmJson *args, GCancellable *cancel, int timeout_ms,
                        GError **error)
{
        if (!run->qmp) {
                dm_json_unref(args);
                return dm_fail(error, DM_ERROR_GONE, "QEMU has ended");
        }
        g_autoptr(DmJson) reply =
                dm_qmp_call(run->qmp, command, args, timeout_ms > 0 ? timeout_ms : DM_RUN_COMMAND_TIMEOUT_MS,
                            cancel, error);
        return reply != NULL;
}
