/* Watching and ending processes through their pidfds (theory: process.h).  dm_spawn is in process_spawn.c,
 * dm_run in process_run.c. */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/process_private.h"
#include "util/vfork.h"

/* 52 numbers and a name of 16 bytes; the fields that we need stand in the first half. */
#define PROC_STAT_BYTES  1024
#define FIELD_STATE      3
#define FIELD_START_TIME 22

/* Linux 6.15 keeps the exit status with the pidfd after somebody reaped the process.  Debian 12's headers are
 * older; numbers and layout are from the kernel's include/uapi/linux/pidfd.h. */
typedef struct PidfdInfo {
        guint64 mask;
        guint64 cgroup_id;
        guint32 ids[11]; /* pid, tgid, ppid, and the user and group ids */
        gint32 exit_code;
} PidfdInfo;
G_STATIC_ASSERT(sizeof(PidfdInfo) == 64);
#define PIDFD_INFO_EXIT_BIT (G_GUINT64_CONSTANT(1) << 3)
#define PIDFD_GET_INFO_CALL _IOWR(0xff, 11, PidfdInfo)

/* ---- /proc/PID/stat ---- */

DM_VFORK_CHILD int dm_proc_stat_read(const char *path, DmProcStat *ret_stat)
{
        char text[PROC_STAT_BYTES];
        long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        long length;
        do
                length = syscall(SYS_read, fd, text, sizeof(text));
        while (length < 0 && errno == EINTR);
        int error = length < 0 ? errno : 0;
        syscall(SYS_close, fd);
        if (error)
                return error;
        long at = length - 1; /* field 2 is the name, in parentheses, with anything in it */
        while (at >= 0 && text[at] != ')')
                at--;
        if (at < 0)
                return EIO;
        int field = 2;
        DmProcStat stat = { 0 };
        for (at++; at < length && field <= FIELD_START_TIME; at++) {
                if (text[at] == ' ')
                        field++;
                else if (field == FIELD_STATE)
                        stat.state = text[at];
                else if (field == FIELD_START_TIME)
                        stat.start_time = stat.start_time * 10 + (guint64)(text[at] - '0');
        }
        if (field <= FIELD_START_TIME)
                return EIO;
        *ret_stat = stat;
        return 0;
}

static DmProcStat read_stat(pid_t pid)
{
        char path[32];
        DmProcStat stat = { 0 };
        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        if (pid <= 0 || dm_proc_stat_read(path, &stat) != 0)
                stat = (DmProcStat){ 0 };
        return stat;
}

guint64 dm_process_start_time(pid_t pid)
{
        return read_stat(pid).start_time;
}

char dm_process_state(pid_t pid)
{
        return read_stat(pid).state;
}

/* ---- life cycle ---- */

gboolean dm_process_open(pid_t pid, guint64 start_time, DmProcess *ret_process, GError **error)
{
        if (pid <= 0)
                return dm_fail(error, DM_ERROR_NOT_FOUND, "no process with pid %d", (int)pid);
        g_auto(DmProcess) p = { .pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0) };
        if (p.pidfd < 0 && errno != ESRCH && errno != EINVAL &&
            errno != ENOENT) /* EINVAL, ENOENT: a thread */
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot watch process %d", (int)pid);
        if (p.pidfd < 0)
                return dm_fail(error, DM_ERROR_NOT_FOUND, "no process with pid %d", (int)pid);
        /* What /proc says is about our pidfd's process only if that is alive afterwards: else the pid may
         * have been given to another in between. */
        p.start_time = dm_process_start_time(pid);
        if (!dm_process_alive(&p))
                return dm_fail(error, DM_ERROR_NOT_FOUND, "process %d has ended", (int)pid);
        if (start_time && p.start_time != start_time)
                return dm_fail(error, DM_ERROR_NOT_FOUND,
                               "pid %d belongs to another process now (started at tick %" G_GUINT64_FORMAT
                               ", not %" G_GUINT64_FORMAT ")",
                               (int)pid, p.start_time, start_time);
        *ret_process = p;
        p = (DmProcess)DM_PROCESS_INIT;
        return TRUE;
}

void dm_process_clear(DmProcess *p)
{
        if (p->pid > 0 && p->pidfd >= 0)
                close(p->pidfd);
        *p = (DmProcess)DM_PROCESS_INIT;
}

/* ---- ending ---- */

/* Milliseconds from now to @deadline (monotonic µs), rounded up; -1 when there is none (-1). */
static int remaining_ms(gint64 deadline)
{
        if (deadline < 0)
                return -1;
        gint64 us = deadline - g_get_monotonic_time();
        return us <= 0 ? 0 : (int)MIN((us + 999) / 1000, G_MAXINT);
}

static gint64 deadline_in(int timeout_ms)
{
        return timeout_ms < 0 ? -1 : g_get_monotonic_time() + (gint64)timeout_ms * 1000;
}

/* Waits until poll() reports @events (0: only POLLHUP) or the deadline has passed. */
static gboolean wait_pidfd(int pidfd, short events, gint64 deadline)
{
        struct pollfd p = { .fd = pidfd, .events = events };
        for (;;) {
                int n = poll(&p, 1, remaining_ms(deadline));
                if (n > 0)
                        return TRUE;
                if (n == 0 && deadline >= 0 && g_get_monotonic_time() >= deadline)
                        return FALSE;
                if (n < 0 && errno != EINTR)
                        return FALSE;
        }
}

static gboolean has_ended(const DmProcess *p)
{
        return p->pid <= 0 || p->pidfd < 0 || wait_pidfd(p->pidfd, POLLIN, 0);
}

gboolean dm_process_alive(const DmProcess *p)
{
        return !has_ended(p);
}

gboolean dm_process_signal(const DmProcess *p, int signal)
{
        return !has_ended(p) && syscall(SYS_pidfd_send_signal, p->pidfd, signal, NULL, 0) == 0;
}

/* Status of an ended process that is not (or no longer) ours to wait for.  The kernel has it from the moment
 * when the parent reaps the process, which a parent usually does at once. */
static DmExit foreign_exit(int pidfd)
{
        PidfdInfo info = { .mask = PIDFD_INFO_EXIT_BIT };
        if (ioctl(pidfd, PIDFD_GET_INFO_CALL, &info) < 0 && errno != ESRCH)
                return (DmExit){ .kind = DM_EXIT_UNKNOWN }; /* ENOTTY: Linux before 6.13 */
        if (!(info.mask & PIDFD_INFO_EXIT_BIT)) {
                wait_pidfd(pidfd, 0, deadline_in(DM_PROCESS_REAP_WAIT_MS));
                info = (PidfdInfo){ .mask = PIDFD_INFO_EXIT_BIT };
                if (ioctl(pidfd, PIDFD_GET_INFO_CALL, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT_BIT))
                        return (DmExit){ .kind = DM_EXIT_UNKNOWN };
        }
        if (WIFSIGNALED(info.exit_code))
                return (DmExit){ .kind = DM_EXIT_SIGNAL,
                                 .value = WTERMSIG(info.exit_code),
                                 .core = WCOREDUMP(info.exit_code) != 0 };
        return (DmExit){ .kind = DM_EXIT_CODE, .value = WEXITSTATUS(info.exit_code) };
}

/* Reaps @p, which has ended. */
static DmExit collect_exit(const DmProcess *p)
{
        siginfo_t info = { 0 };
        int result;
        if (p->pid <= 0 || p->pidfd < 0)
                return (DmExit){ .kind = DM_EXIT_UNKNOWN };
        do
                result = waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG | __WALL);
        while (result < 0 && errno == EINTR);
        if (result < 0)
                return foreign_exit(p->pidfd);
        if (info.si_pid == 0) /* somebody traces it and has not let go */
                return (DmExit){ .kind = DM_EXIT_UNKNOWN };
        if (info.si_code == CLD_EXITED)
                return (DmExit){ .kind = DM_EXIT_CODE, .value = info.si_status };
        return (DmExit){ .kind = DM_EXIT_SIGNAL,
                         .value = info.si_status,
                         .core = info.si_code == CLD_DUMPED };
}

gboolean dm_process_wait(const DmProcess *p, int timeout_ms, DmExit *ret_exit)
{
        if (!has_ended(p) && !wait_pidfd(p->pidfd, POLLIN, deadline_in(timeout_ms)))
                return FALSE;
        DmExit e = collect_exit(p);
        if (ret_exit)
                *ret_exit = e;
        return TRUE;
}

gboolean dm_process_end(const DmProcess *p, int grace_ms, DmExit *ret_exit)
{
        char state = dm_process_state(p->pid);
        gboolean stopped = state == 'T' || state == 't';
        if (has_ended(p) || (!stopped && dm_process_signal(p, SIGTERM) &&
                             wait_pidfd(p->pidfd, POLLIN, deadline_in(grace_ms)))) {
                dm_process_wait(p, 0, ret_exit);
                return TRUE;
        }
        /* who may not signal it does not wait for what will not happen */
        int timeout_ms = dm_process_signal(p, SIGKILL) ? DM_PROCESS_KILL_WAIT_MS : 0;
        if (!dm_process_wait(p, timeout_ms, ret_exit) && ret_exit)
                *ret_exit = (DmExit){ .kind = DM_EXIT_UNKNOWN };
        return FALSE;
}

char *dm_exit_describe(const DmExit *e)
{
        switch (e->kind) {
        case DM_EXIT_CODE:
                return g_strdup_printf("exited with code %d", e->value);
        case DM_EXIT_SIGNAL: {
                const char *name = sigdescr_np(e->value);
                return g_strdup_printf("was killed by signal %d (%s)%s", e->value, name ? name : "real-time",
                                       e->core ? ", core dumped" : "");
        }
        case DM_EXIT_UNKNOWN:
                break;
        }
        return g_strdup("ended (its exit status is unknown)");
}
