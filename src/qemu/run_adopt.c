/* Finding a QEMU again that an earlier owner started: the adopt column of the steps, and what is done about
 * starts that were never finished.
 *
 * Nothing here waits for QEMU longer than DM_RUN_ADOPT_TIMEOUT_MS: a guest that is there is ours from the
 * moment its process is identified; what state it is in may come later. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "qemu/run_private.h"
#include "util/fd.h"
#include "util/file.h"

#define PID_MAX 64

/* ---- the process ---- */

gboolean dm_run_read_pid(const char *dir, pid_t *ret_pid, guint64 *ret_start_time, GError **error)
{
        g_autofree char *path = g_build_filename(dir, "pid", NULL), *text = NULL;
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't read '%s'", path);
        /* Its starter, or the child that is about to be QEMU, holds the lock for a moment. */
        flock(fd, LOCK_EX);
        gsize length = 0;
        if (!dm_file_read(path, PID_MAX, &text, &length, error))
                return FALSE;
        g_auto(GStrv) words = g_strsplit(g_strchomp(text), " ", 2);
        guint64 pid = 0;
        if (g_strv_length(words) != 2 || !g_ascii_string_to_unsigned(words[0], 10, 1, G_MAXINT, &pid, NULL) ||
            !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64, ret_start_time, NULL))
                return dm_fail(error, DM_ERROR_NOT_FOUND, "'%s' names no process", path);
        *ret_pid = (pid_t)pid;
        return TRUE;
}

/* TRUE when the process was started with @token: the last doubt that a pid and a start time leave. */
static gboolean has_token(pid_t pid, const char *token)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid), *text = NULL;
        g_autofree char *wanted = g_strconcat("DOMUS_TOKEN=", token, NULL);
        gsize length = 0;
        if (!dm_file_read(path, 1024 * 1024, &text, &length, NULL))
                return FALSE;
        for (gsize i = 0; i < length; i += strlen(text + i) + 1)
                if (strcmp(text + i, wanted) == 0)
                        return TRUE;
        return FALSE;
}

static gboolean find_process(const char *dir, const char *token, DmProcess *ret_process, GError **error)
{
        pid_t pid = 0;
        guint64 start_time = 0;
        if (!dm_run_read_pid(dir, &pid, &start_time, error) ||
            !dm_process_open(pid, start_time, ret_process, error))
                return FALSE;
        if (has_token(pid, token))
                return TRUE;
        dm_process_clear(ret_process);
        return dm_fail(error, DM_ERROR_NOT_FOUND, "process %d is not the QEMU that was started here",
                       (int)pid);
}

gboolean dm_run_adopt_process(DmRun *run, GError **error)
{
        if (!find_process(run->config.dir, run->token, &run->process, error))
                return FALSE;
        run->spawned = TRUE;
        dm_run_watch_exit(run);
        return TRUE;
}

/* ---- status ---- */

gboolean dm_run_adopt_status(DmRun *run, GError **error)
{
        DmRunStatus s;
        if (!dm_run_status_read(run->config.dir, &s, error))
                return FALSE;
        gboolean ok = TRUE;
        if (strcmp(s.boot_id, dm_boot_id()) != 0)
                ok = dm_fail(error, DM_ERROR_NOT_FOUND, "the host has been restarted since");
        else if (strcmp(s.phase, "running") != 0)
                ok = dm_fail(error, DM_ERROR_NOT_FOUND, "its start was never finished");
        g_free(run->token);
        run->token = g_steal_pointer(&s.token);
        run->state = s.state;
        run->reason = s.reason;
        dm_run_status_clear(&s);
        return ok;
}

/* ---- state ---- */

static const struct {
        const char *status; /* of query-status */
        DmState state;
        int reason;
} states[] = {
        { "running", DM_STATE_RUNNING, DM_RUNNING_UNKNOWN },
        { "paused", DM_STATE_PAUSED, DM_PAUSED_UNKNOWN },
        { "prelaunch", DM_STATE_PAUSED, DM_PAUSED_USER },
        { "io-error", DM_STATE_PAUSED, DM_PAUSED_IOERROR },
        { "watchdog", DM_STATE_PAUSED, DM_PAUSED_WATCHDOG },
        { "guest-panicked", DM_STATE_CRASHED, DM_CRASHED_PANICKED },
        { "shutdown", DM_STATE_SHUTDOWN, DM_SHUTDOWN_UNKNOWN },
        { "suspended", DM_STATE_PMSUSPENDED, 0 },
};

/* What QEMU says is true; why it is so only the old owner knew, if the state is the one he noted. */
static void take_state(DmRun *run, const DmJson *reply)
{
        const char *status = dm_json_get_string(reply, "status");
        for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
                if (g_strcmp0(states[i].status, status) != 0)
                        continue;
                if (run->state != states[i].state) {
                        run->state = states[i].state;
                        run->reason = states[i].reason;
                }
                return;
        }
}

static void tell_wish(DmRun *run)
{
        DmGuestWish wish = run->state == DM_STATE_SHUTDOWN  ? DM_WISH_POWEROFF
                           : run->state == DM_STATE_CRASHED ? DM_WISH_PANIC
                                                            : DM_WISH_NONE;
        if (wish != DM_WISH_NONE && run->config.handlers.wish)
                run->config.handlers.wish(run, wish, run->config.handlers.user);
}

/* A QEMU that was silent when it was adopted. */
static void on_late_answer(DmQmp *qmp G_GNUC_UNUSED, DmJson *value, const GError *error G_GNUC_UNUSED,
                           void *user)
{
        DmRun *run = user;
        if (!value)
                return;
        run->silent = FALSE;
        take_state(run, value);
        DmRunChange change = { .state = run->state, .reason = run->reason };
        if (run->config.handlers.change)
                run->config.handlers.change(run, &change, run->config.handlers.user);
        tell_wish(run);
}

/* Long enough for any pause; while QEMU lives the answer will come. */
#define LATE_MS G_MAXINT

gboolean dm_run_adopt_state(DmRun *run, GError **error)
{
        g_autoptr(GError) late = NULL;
        g_autoptr(DmJson) reply =
                dm_qmp_call(run->qmp, "query-status", NULL, DM_RUN_ADOPT_TIMEOUT_MS, NULL, &late);
        if (reply) {
                take_state(run, reply);
                return TRUE;
        }
        if (!g_error_matches(late, DM_ERROR, DM_ERROR_TIMED_OUT)) {
                g_propagate_error(error, g_steal_pointer(&late));
                return FALSE;
        }
        run->silent = TRUE;
        dm_qmp_send(run->qmp, "query-status", NULL, LATE_MS, on_late_answer, run);
        return TRUE;
}

/* ---- verbs ---- */

gboolean dm_run_adopt(DmRun *run, gboolean *ret_silent, GError **error)
{
        for (; run->steps_done < dm_run_n_steps; run->steps_done++) {
                const DmStep *step = &dm_run_steps[run->steps_done];
                if (step->adopt && !step->adopt(run, error))
                        return FALSE;
        }
        *ret_silent = run->silent;
        if (!run->silent)
                tell_wish(run);
        return TRUE;
}

void dm_run_remove_dir(const char *dir)
{
        g_autofree char *removed = g_strconcat(dir, DM_RUN_REMOVED_SUFFIX, NULL);
        dm_remove_tree(removed, NULL); /* of an earlier run that did not come so far */
        dm_remove_tree(rename(dir, removed) == 0 ? removed : dir, NULL);
}

void dm_run_discard(const char *dir)
{
        DmRunStatus s = { 0 };
        g_auto(DmProcess) process = DM_PROCESS_INIT;
        if (dm_run_status_read(dir, &s, NULL) && strcmp(s.boot_id, dm_boot_id()) == 0 &&
            find_process(dir, s.token, &process, NULL))
                dm_process_end(&process, 0, NULL);
        dm_run_status_clear(&s);
        dm_run_remove_dir(dir);
}
