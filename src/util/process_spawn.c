/* dm_spawn: the way from a DmSpawn to a running program (theory: process.h).  Everything that can be worked
 * out or allocated beforehand is done in the parent (plan_*); the child (child_*) only makes system calls, in
 * an order that matters: record, cgroup    while it still has all rights bounding set      needs CAP_SETPCAP,
 * which the change of ids loses descriptors       closes whatever the steps before needed ids, then the
 * capability sets, then what a change of ids resets (parent death signal) signal mask       last: from here
 * on a signal may end the child, which is then a process that was killed */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/privilege.h"
#include "util/process_private.h"
#include "util/vfork.h"

/* The wrappers of libc change the ids of all threads, and the parent's are reachable from here; 32-bit
 * machines have the calls with wide ids under another name. */
#ifdef SYS_setresuid32
#define NR_SETRESUID SYS_setresuid32
#define NR_SETRESGID SYS_setresgid32
#define NR_SETGROUPS SYS_setgroups32
#else
#define NR_SETRESUID SYS_setresuid
#define NR_SETRESGID SYS_setresgid
#define NR_SETGROUPS SYS_setgroups
#endif

#define CHILD_STACK_BYTES   (64 * 1024)
#define CHILD_GUARD_BYTES   (64 * 1024) /* the largest page size of Linux */
#define KERNEL_SIGSET_BYTES (_NSIG / 8) /* sigset_t as the kernel sees it; libc's is larger */
#define RECORD_BYTES        48          /* "PID STARTTIME\n" in decimal */

typedef enum Step {
        STEP_NONE,
        STEP_RECORD,
        STEP_CGROUP,
        STEP_SESSION,
        STEP_SIGNALS,
        STEP_BOUNDING,
        STEP_FD,
        STEP_CLOSE,
        STEP_GROUPS,
        STEP_GID,
        STEP_UID,
        STEP_CAPS,
        STEP_CWD,
        STEP_NO_NEW_PRIVS,
        STEP_DEATH_SIGNAL,
        STEP_EXEC,
} Step;

/* As they stand in messages, before ": " and the reason. */
static const char *const step_names[] = {
        [STEP_NONE] = "clone",
        [STEP_RECORD] = "writing the process record",
        [STEP_CGROUP] = "joining the cgroup",
        [STEP_SESSION] = "setsid",
        [STEP_SIGNALS] = "resetting signal handlers",
        [STEP_BOUNDING] = "emptying the capability bounding set",
        [STEP_FD] = "passing descriptor",
        [STEP_CLOSE] = "close_range",
        [STEP_GROUPS] = "setgroups",
        [STEP_GID] = "setresgid",
        [STEP_UID] = "setresuid",
        [STEP_CAPS] = "emptying the capability sets",
        [STEP_CWD] = "chdir",
        [STEP_NO_NEW_PRIVS] = "setting no_new_privs",
        [STEP_DEATH_SIGNAL] = "setting the parent death signal",
        [STEP_EXEC] = "execve",
};

typedef struct Child {
        const DmSpawn *s;
        const char *program;
        char *const *env;
        DmSpawnFd *fds; /* owned: the caller's, and /dev/null where 0, 1, 2 are not named; sorted by target */
        gsize n_fds;
        int *copies; /* owned: n_fds, scratch of the child */
        DmPrivilegeDrop drop;
        pid_t parent;
        gboolean join_cgroup; /* the child is to enter cgroup_fd itself */
        /* results, written by the child */
        Step step;
        int error;
        int fd; /* STEP_FD: of the caller */
        int target;
        guint64 start_time;
} Child;

/* ---- the child: nothing below here up to "the parent" may do more than vfork.h allows ---- */

DM_VFORK_CHILD static void child_write_number(char **at, guint64 n)
{
        char digits[24];
        int i = 0;
        do
                digits[i++] = (char)('0' + n % 10);
        while ((n /= 10) != 0);
        while (i > 0)
                *(*at)++ = digits[--i];
}

DM_VFORK_CHILD static int child_write(int fd, const char *data, gsize length)
{
        while (length > 0) {
                long n = syscall(SYS_write, fd, data, length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? errno : EIO;
                data += n;
                length -= (gsize)n;
        }
        return 0;
}

DM_VFORK_CHILD static int child_record(Child *c)
{
        DmProcStat stat = { 0 };
        int error = dm_proc_stat_read("/proc/self/stat", &stat);
        c->start_time = stat.start_time;
        if (c->s->record_fd < 0)
                return 0; /* a machine without /proc can run programs all the same */
        if (error)
                return error;
        char line[RECORD_BYTES];
        char *at = line;
        child_write_number(&at, (guint64)syscall(SYS_getpid));
        *at++ = ' ';
        child_write_number(&at, stat.start_time);
        *at++ = '\n';
        return child_write(c->s->record_fd, line, (gsize)(at - line));
}

DM_VFORK_CHILD static int child_join_cgroup(const Child *c)
{
        long fd = syscall(SYS_openat, c->s->cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        return child_write((int)fd, "0", 1); /* closed with all others */
}

DM_VFORK_CHILD static int child_reset_signals(void)
{
        /* All zero is SIG_DFL with an empty mask, whatever the order of members in this machine's struct. */
        static const guint64 default_action[8];
        for (int signal = 1; signal < _NSIG; signal++)
                if (signal != SIGKILL && signal != SIGSTOP &&
                    syscall(SYS_rt_sigaction, signal, default_action, NULL, KERNEL_SIGSET_BYTES) < 0)
                        return errno;
        return 0;
}

DM_VFORK_CHILD static gboolean child_is_target(const Child *c, long fd)
{
        for (gsize i = 0; i < c->n_fds; i++)
                if (c->fds[i].target == fd)
                        return TRUE;
        return FALSE;
}

/* Sources and targets may overlap in any way: first copy all sources to numbers that are nobody's target. */
DM_VFORK_CHILD static int child_place_fds(Child *c)
{
        for (gsize i = 0; i < c->n_fds; i++) {
                c->fd = c->fds[i].fd;
                c->target = c->fds[i].target;
                long copy = syscall(SYS_fcntl, c->fd, F_DUPFD_CLOEXEC, 3);
                while (copy >= 0 && child_is_target(c, copy)) /* the one too low is closed with all others */
                        copy = syscall(SYS_fcntl, c->fd, F_DUPFD_CLOEXEC, copy + 1);
                if (copy < 0)
                        return errno;
                c->copies[i] = (int)copy;
        }
        for (gsize i = 0; i < c->n_fds; i++) {
                c->fd = c->fds[i].fd;
                c->target = c->fds[i].target;
                if (syscall(SYS_dup3, c->copies[i], c->target, 0) < 0)
                        return errno;
        }
        return 0;
}

DM_VFORK_CHILD static int child_close_others(const Child *c)
{
        unsigned first = 0;
        for (gsize i = 0; i < c->n_fds; i++) {
                unsigned target = (unsigned)c->fds[i].target;
                if (target > first && syscall(SYS_close_range, first, target - 1, 0) < 0)
                        return errno;
                first = target + 1;
        }
        return syscall(SYS_close_range, first, ~0U, 0) < 0 ? errno : 0;
}

DM_VFORK_CHILD static int child_set_ids(Child *c)
{
        const DmSpawn *s = c->s;
        c->step = STEP_GROUPS;
        if (syscall(NR_SETGROUPS, s->n_groups, s->groups) < 0)
                return errno;
        c->step = STEP_GID;
        if (syscall(NR_SETRESGID, s->gid, s->gid, s->gid) < 0)
                return errno;
        c->step = STEP_UID;
        return syscall(NR_SETRESUID, s->uid, s->uid, s->uid) < 0 ? errno : 0;
}

DM_VFORK_CHILD static int child_set_death_signal(const Child *c)
{
        if (syscall(SYS_prctl, PR_SET_PDEATHSIG, (unsigned long)c->s->parent_death_signal, 0UL, 0UL, 0UL) < 0)
                return errno;
        return syscall(SYS_getppid) == c->parent ? 0 : ESRCH; /* it died before the kernel knew our wish */
}

DM_VFORK_CHILD static int child_prepare(Child *c)
{
        const DmSpawn *s = c->s;
        int error = 0;
        c->step = STEP_RECORD;
        if ((error = child_record(c)))
                return error;
        c->step = STEP_CGROUP;
        if (c->join_cgroup && (error = child_join_cgroup(c)))
                return error;
        c->step = STEP_SESSION;
        if (s->new_session && syscall(SYS_setsid) < 0)
                return errno;
        c->step = STEP_SIGNALS;
        if ((error = child_reset_signals()))
                return error;
        c->step = STEP_BOUNDING;
        if (s->drop_caps && (error = dm_privilege_drop_bounding(&c->drop)))
                return error;
        c->step = STEP_FD;
        if ((error = child_place_fds(c)))
                return error;
        c->step = STEP_CLOSE;
        if ((error = child_close_others(c)))
                return error;
        if (s->set_ids && (error = child_set_ids(c)))
                return error;
        c->step = STEP_CAPS;
        if (s->drop_caps && (error = dm_privilege_drop_sets()))
                return error;
        if (s->umask != (mode_t)-1)
                syscall(SYS_umask, s->umask); /* cannot fail */
        c->step = STEP_CWD;
        if (syscall(SYS_chdir, s->cwd ? s->cwd : "/") < 0)
                return errno;
        c->step = STEP_NO_NEW_PRIVS;
        if (s->no_new_privs && syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
                return errno;
        c->step = STEP_DEATH_SIGNAL;
        return s->parent_death_signal ? child_set_death_signal(c) : 0;
}

/* Never returns to its caller; not marked noreturn, for which compilers would add calls of their own. */
DM_VFORK_CHILD static int child_main(void *data)
{
        static const guint64 empty_mask[2];
        Child *c = data;
        int error = child_prepare(c);
        if (!error) {
                c->step = STEP_EXEC;
                syscall(SYS_rt_sigprocmask, SIG_SETMASK, empty_mask, NULL, KERNEL_SIGSET_BYTES);
                syscall(SYS_execve, c->program, c->s->words, c->env);
                error = errno;
        }
        c->error = error;
        syscall(SYS_exit_group, 127);
        return 127;
}

/* ---- the parent ---- */

#define CLONE_FLAGS ((unsigned long)(CLONE_VM | CLONE_VFORK | CLONE_PIDFD))

/* clone_child() makes the child, as clone(), or as clone3() in to c->s->cgroup_fd, and returns its pid or
 * -errno.
 *
 * libc has no wrapper of clone3, and ThreadSanitizer replaces that of clone by one which takes every child
 * for a fork with memory of its own.  So where it is written for the machine the call is made directly: the
 * child comes back from it on its new stack and goes on in child_main.  Elsewhere it is libc's clone, and
 * clone3 is not there. */
#ifdef __x86_64__

static long clone_call(long number, unsigned long a, unsigned long b, unsigned long c, Child *child)
{
        long result;
        register int (*entry)(void *) __asm__("r12") = child_main;
        register void *argument __asm__("r13") = child;
        register long d __asm__("r10") = 0;
        register long e __asm__("r8") = 0;
        __asm__ volatile("syscall\n\t"
                         "test %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "xor %%ebp, %%ebp\n\t" /* the outermost frame, for unwinders */
                         "mov %%r13, %%rdi\n\t"
                         "call *%%r12\n\t"
                         "ud2\n"
                         "1:"
                         : "=a"(result)
                         : "0"(number), "D"(a), "S"(b), "d"(c), "r"(d), "r"(e), "r"(entry), "r"(argument)
                         : "rcx", "r11", "memory", "cc");
        return result;
}

static long clone_child(Child *c, char *stack, int *ret_pidfd, gboolean in_cgroup)
{
        struct clone_args args = {
                .flags = CLONE_FLAGS | CLONE_INTO_CGROUP,
                .pidfd = (guint64)(guintptr)ret_pidfd,
                .exit_signal = SIGCHLD,
                .stack = (guint64)(guintptr)stack,
                .stack_size = CHILD_STACK_BYTES,
                .cgroup = (guint64)c->s->cgroup_fd,
        };
        if (in_cgroup)
                return clone_call(SYS_clone3, (unsigned long)&args, sizeof(args), 0, c);
        return clone_call(SYS_clone, CLONE_FLAGS | SIGCHLD, (unsigned long)stack + CHILD_STACK_BYTES,
                          (unsigned long)ret_pidfd, c);
}

#else

static long clone_child(Child *c, char *stack, int *ret_pidfd, gboolean in_cgroup)
{
        if (in_cgroup)
                return -ENOSYS;
        pid_t pid = clone(child_main, stack + CHILD_STACK_BYTES, (int)(CLONE_FLAGS | SIGCHLD), c, ret_pidfd);
        return pid < 0 ? -errno : pid;
}

#endif

/* Starts the child and returns when it has run exec or ended: its pid, or -errno. */
static long start_child(Child *c, char *stack, int *ret_pidfd)
{
        if (c->s->cgroup_fd < 0)
                return clone_child(c, stack, ret_pidfd, FALSE);
        long pid = clone_child(c, stack, ret_pidfd, TRUE);
        /* an old kernel; or a sandbox that forbids what it cannot look into: then the child enters it by
         * itself */
        if (pid != -ENOSYS && pid != -EPERM && pid != -E2BIG)
                return pid;
        c->join_cgroup = TRUE;
        return clone_child(c, stack, ret_pidfd, FALSE);
}

static int compare_targets(const void *a, const void *b)
{
        const DmSpawnFd *x = a, *y = b;
        return x->target < y->target ? -1 : x->target > y->target;
}

/* Fills c->fds, with @null_fd for what is not named of 0, 1, 2. */
static gboolean plan_fds(Child *c, int null_fd, GError **error)
{
        const DmSpawn *s = c->s;
        gboolean named[3] = { FALSE, FALSE, FALSE };
        c->fds = g_new(DmSpawnFd, s->n_fds + 3);
        c->copies = g_new(int, s->n_fds + 3);
        for (gsize i = 0; i < s->n_fds; i++) {
                if (s->fds[i].target < 0 || s->fds[i].fd < 0)
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "cannot start '%s': descriptor %d as %d is not possible", c->program,
                                       s->fds[i].fd, s->fds[i].target);
                if (s->fds[i].target < 3)
                        named[s->fds[i].target] = TRUE;
                c->fds[c->n_fds++] = s->fds[i];
        }
        for (int i = 0; i < 3; i++)
                if (!named[i])
                        c->fds[c->n_fds++] = (DmSpawnFd){ .fd = null_fd, .target = i };
        qsort(c->fds, c->n_fds, sizeof(*c->fds), compare_targets);
        for (gsize i = 1; i < c->n_fds; i++)
                if (c->fds[i].target == c->fds[i - 1].target)
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "cannot start '%s': descriptor %d is named twice", c->program,
                                       c->fds[i].target);
        return TRUE;
}

static gboolean plan_capabilities(Child *c, GError **error)
{
        if (!c->s->drop_caps)
                return TRUE;
        if (!dm_privilege_prepare_drop(&c->drop, error)) {
                g_prefix_error(error, "cannot start '%s': ", c->program);
                return FALSE;
        }
        /* What stays in the bounding set comes back at exec, to root always, to others by file capabilities.
         */
        if (c->drop.keeps_bounding && !c->s->no_new_privs && geteuid() == 0)
                return dm_fail(
                        error, DM_ERROR_DENIED,
                        "cannot start '%s': emptying the capability bounding set needs CAP_SETPCAP; set "
                        "no_new_privs to do without",
                        c->program);
        return TRUE;
}

/* What errno alone does not say about a failed exec; static text or "". */
static const char *exec_hint(const char *program, int errno_value)
{
        struct stat st;
        gboolean there = stat(program, &st) == 0;
        if (there && S_ISDIR(st.st_mode))
                return " (it is a directory)";
        if (there && errno_value == EACCES && !(st.st_mode & 0111))
                return " (it is not executable)";
        if (there && errno_value == ENOENT)
                return " (it is there, its interpreter is not: #! line or dynamic loader)";
        return "";
}

static gboolean fail_step(const Child *c, GError **error)
{
        DmErrorCode code = dm_error_code_of_errno(c->error);
        const char *step = step_names[c->step];
        if (c->step == STEP_EXEC)
                return dm_fail_errno(error, code, c->error, "cannot start '%s'%s: %s", c->program,
                                     exec_hint(c->program, c->error), step);
        /* NOT_FOUND is a promise about the program */
        if (code == DM_ERROR_NOT_FOUND)
                code = DM_ERROR_FAILED;
        if (c->step == STEP_CWD)
                return dm_fail_errno(error, code, c->error, "cannot start '%s': %s to '%s'", c->program, step,
                                     c->s->cwd ? c->s->cwd : "/");
        if (c->step == STEP_FD)
                return dm_fail_errno(error, code, c->error, "cannot start '%s': %s %d as %d", c->program,
                                     step, c->fd, c->target);
        return dm_fail_errno(error, code, c->error, "cannot start '%s': %s", c->program, step);
}

/* Runs the child on @c, with every signal blocked, so that no handler of ours runs in it. */
static gboolean run_child(Child *c, DmProcess *ret_process, GError **error)
{
        static const guint64 full_mask[2] = { G_MAXUINT64, G_MAXUINT64 };
        guint64 old_mask[2] = { 0 };
        char *area = mmap(NULL, CHILD_GUARD_BYTES + CHILD_STACK_BYTES, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
        if (area == MAP_FAILED)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot start '%s': stack", c->program);
        char *stack = area + CHILD_GUARD_BYTES;
        int pidfd = -1;
        long pid = -ENOMEM;
        if (mprotect(stack, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE) == 0) {
                /* not pthread_sigmask: it leaves out the signals that libc keeps for itself */
                syscall(SYS_rt_sigprocmask, SIG_SETMASK, full_mask, old_mask, KERNEL_SIGSET_BYTES);
                pid = start_child(c, stack, &pidfd);
                if (pid > 0 && c->error) {
                        siginfo_t ignored;
                        while (waitid(P_PIDFD, (id_t)pidfd, &ignored, WEXITED) < 0 && errno == EINTR)
                                continue;
                }
                syscall(SYS_rt_sigprocmask, SIG_SETMASK, old_mask, NULL, KERNEL_SIGSET_BYTES);
        }
        munmap(area, CHILD_GUARD_BYTES + CHILD_STACK_BYTES);
        if (pid < 0) {
                c->step = c->s->cgroup_fd >= 0 && !c->join_cgroup ? STEP_CGROUP : STEP_NONE;
                c->error = (int)-pid;
                return fail_step(c, error);
        }
        if (c->error) {
                close(pidfd);
                return fail_step(c, error);
        }
        *ret_process = (DmProcess){ .pid = (pid_t)pid, .pidfd = pidfd, .start_time = c->start_time };
        return TRUE;
}

gboolean dm_spawn(const DmSpawn *s, DmProcess *ret_process, GError **error)
{
        Child c = {
                .s = s,
                .program = s->program ? s->program : s->words[0],
                .env = s->env ? s->env : environ,
                .parent = getpid(),
        };
        dm_autofd int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null_fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot start '%s': /dev/null",
                                     c.program);
        gboolean done = plan_fds(&c, null_fd, error) && plan_capabilities(&c, error) &&
                        run_child(&c, ret_process, error);
        g_free(c.fds);
        g_free(c.copies);
        return done;
}
