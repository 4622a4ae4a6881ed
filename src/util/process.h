/* Child processes: spawned without fork, watched through a pidfd, never polled, never waitpid(-1).
 *
 * Theory of operation.  A child is described by a DmSpawn value: words, environment, descriptors and
 * credentials.  dm_spawn() runs it with clone(CLONE_VM|CLONE_VFORK|CLONE_PIDFD): 30 µs whatever our size, the
 * parent's memory is shared until exec and the calling thread sleeps until then, so the child may use only
 * raw system calls: no libc wrapper that takes a lock or broadcasts to threads (setresuid!), no malloc.
 * Errors before exec come back through the shared memory as (step, errno), so a failure is exact and needs no
 * pipe.
 *
 * Exit is learnt from the pidfd, which becomes readable when the process turns into a zombie whoever reaps
 * it; the status comes from waitid(P_PIDFD).  A process that is not our child, or that somebody else reaped,
 * has a status only where the kernel keeps it with the pidfd (Linux 6.15); else it is unknown, and we say so.
 *
 * Needs Linux 5.9 (close_range). */
#pragma once

#include <glib.h>
#include <signal.h>
#include <sys/types.h>

typedef struct DmSpawnFd {
        int fd;     /* ours; borrowed */
        int target; /* the number in the child (>= 0) */
} DmSpawnFd;

typedef struct DmSpawn {
        const char *program;  /* absolute path; words[0] when NULL */
        char *const *words;   /* NULL-terminated argv */
        char *const *env;     /* NULL-terminated NAME=value; NULL: our own environment */
        const char *cwd;      /* NULL: "/" */
        const DmSpawnFd *fds; /* besides these (and 0,1,2 = /dev/null when not named) all are closed */
        gsize n_fds;
        gboolean set_ids; /* setresgid, setgroups, setresuid to the below */
        uid_t uid;
        gid_t gid;
        const gid_t *groups;
        gsize n_groups;
        gboolean drop_caps; /* empty capability sets and bounding set, see util/privilege.h.  Without
                             * CAP_SETPCAP the bounding set cannot be emptied: then the call fails unless
                             * no_new_privs is set too, or we have no capabilities anyway */
        gboolean no_new_privs;
        gboolean new_session;    /* setsid: signals from a terminal don't reach it */
        int parent_death_signal; /* sent when the *thread* that called dm_spawn ends; 0: none */
        int record_fd; /* >= 0: before exec the child writes "PID STARTTIME\n" to it (see below); -1 none */
        int cgroup_fd; /* >= 0: a cgroup v2 directory that the child is born in; -1: none */
        mode_t umask;  /* (mode_t)-1: unchanged */
} DmSpawn;

/* A zeroed DmSpawn has fds 0 in record_fd and cgroup_fd: start from this. */
#define DM_SPAWN_INIT                                                 \
        {                                                             \
                .record_fd = -1, .cgroup_fd = -1, .umask = (mode_t)-1 \
        }

typedef struct DmProcess {
        pid_t pid;
        int pidfd;          /* owned; -1 after dm_process_clear */
        guint64 start_time; /* field 22 of /proc/PID/stat, clock ticks since boot: identity with pid and boot
                               id */
} DmProcess;

/* No process; so is a zeroed one. */
#define DM_PROCESS_INIT     \
        {                   \
                .pidfd = -1 \
        }

typedef struct DmExit {
        enum { DM_EXIT_UNKNOWN, DM_EXIT_CODE, DM_EXIT_SIGNAL } kind; /* see above */
        int value;                                                   /* exit code or signal number */
        gboolean core;
} DmExit;

/* Starts @s.  On success *ret_process is filled and its pidfd owned by the caller.  Errors:
 * DM_ERROR_NOT_FOUND (no such program), DM_ERROR_DENIED, DM_ERROR_FAILED; each names the program and the step
 * that failed. */
gboolean dm_spawn(const DmSpawn *s, DmProcess *ret_process, GError **error);

/* Opens a running process that need not be our child.  FALSE with DM_ERROR_NOT_FOUND when no process with
 * this pid and this start time runs (start_time 0: not compared). */
gboolean dm_process_open(pid_t pid, guint64 start_time, DmProcess *ret_process, GError **error);

/* Start time of @pid as in DmProcess, 0 when there is no such process. */
guint64 dm_process_start_time(pid_t pid);
/* TRUE while the process has not ended (a zombie has ended). */
gboolean dm_process_alive(const DmProcess *p);
/* State letter of /proc/PID/stat ('R','S','T','t','Z',...), 0 when gone. */
char dm_process_state(pid_t pid);
/* Sends @signal through the pidfd.  FALSE when it was not sent: the process has ended, or we may not. */
gboolean dm_process_signal(const DmProcess *p, int signal);
/* Waits until the process ends, at most @timeout_ms (-1: for ever); TRUE when it has, with its status if
 * @ret_exit is not NULL (and reaps it if it is our child).  May take DM_PROCESS_REAP_WAIT_MS longer for a
 * process that is not our child, whose status exists only when its parent has reaped it. */
#define DM_PROCESS_REAP_WAIT_MS 20
gboolean dm_process_wait(const DmProcess *p, int timeout_ms, DmExit *ret_exit);
/* SIGTERM, up to @grace_ms, SIGKILL, wait.  A stopped process gets SIGKILL at once (SIGTERM would never
 * arrive). Returns TRUE when it ended without SIGKILL.  A process that the kernel does not let go (a hung
 * disk) is given up DM_PROCESS_KILL_WAIT_MS after SIGKILL, one that we may not signal at once:
 * dm_process_alive says so. */
#define DM_PROCESS_KILL_WAIT_MS 15000
gboolean dm_process_end(const DmProcess *p, int grace_ms, DmExit *ret_exit);
/* Closes the pidfd.  Does not touch the process. */
void dm_process_clear(DmProcess *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmProcess, dm_process_clear)
/* "exited with code 1", "was killed by signal 9 (Killed)", "ended (its exit status is unknown)".  Owned. */
char *dm_exit_describe(const DmExit *e);

/* Runs a short helper to its end: stdout and stderr captured, each cut at @limit bytes, stdin is /dev/null.
 * Killed when @timeout_ms passes (DM_ERROR_TIMED_OUT; -1: never).  A program that ran and failed is no error:
 * see *ret_exit.  Each ret_ may be NULL.  Output is taken until the program ends: what a background process
 * that it left behind writes later is not. */
gboolean dm_run(char *const *words, int timeout_ms, gsize limit, char **ret_stdout, char **ret_stderr,
                DmExit *ret_exit, GError **error);
/* The same with environment, credentials and directory of @spawn; its descriptors, session and parent death
 * signal are dm_run's. */
gboolean dm_run_spawn(const DmSpawn *spawn, int timeout_ms, gsize limit, char **ret_stdout, char **ret_stderr,
                      DmExit *ret_exit, GError **error);
