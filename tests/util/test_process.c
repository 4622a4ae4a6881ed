/* The life of processes, on real programs: /bin/sh, cat, sleep, and this program itself (--child). */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "lib/process.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define NOBODY 65534

static const char *self; /* path of this program */

static gboolean kernel_keeps_exit(void)
{
        struct utsname u;
        int major = 0, minor = 0;
        g_assert_cmpint(uname(&u), ==, 0);
        g_assert_cmpint(sscanf(u.release, "%d.%d", &major, &minor), ==, 2);
        return major > 6 || (major == 6 && minor >= 15);
}

/* @e is what can be told of a process that @signal ended and somebody else reaped. */
static void assert_killed_or_unknown(const DmExit *e, int signal)
{
        if (kernel_keeps_exit())
                g_assert_cmpint(e->kind, ==, DM_EXIT_SIGNAL);
        if (e->kind != DM_EXIT_UNKNOWN) {
                g_assert_cmpint(e->kind, ==, DM_EXIT_SIGNAL);
                g_assert_cmpint(e->value, ==, signal);
        }
}

/* ---- exit ---- */

static void test_exit_code(void)
{
        g_auto(DmProcess) p = test_spawn_words(SH("exit 7"));
        DmExit e = test_wait(&p);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 7);
        g_assert_false(e.core);
        g_autofree char *text = dm_exit_describe(&e);
        g_assert_cmpstr(text, ==, "exited with code 7");
        g_assert_cmpint(dm_process_state(p.pid), ==, 0); /* reaped */
        g_assert_cmpuint(dm_process_start_time(p.pid), ==, 0);
        g_assert_false(dm_process_signal(&p, SIGTERM));
}

static void test_exit_signal(void)
{
        g_auto(DmProcess) p = test_spawn_words(SH("kill -9 $$"));
        DmExit e = test_wait(&p);
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
        g_assert_cmpint(e.value, ==, SIGKILL);
        g_autofree char *text = dm_exit_describe(&e);
        g_assert_cmpstr(text, ==, "was killed by signal 9 (Killed)");
}

static void test_exit_describe(void)
{
        g_autofree char *unknown = dm_exit_describe(&(DmExit){ .kind = DM_EXIT_UNKNOWN });
        g_assert_cmpstr(unknown, ==, "ended (its exit status is unknown)");
        g_autofree char *core = dm_exit_describe(&(DmExit){ DM_EXIT_SIGNAL, SIGSEGV, TRUE });
        g_assert_cmpstr(core, ==, "was killed by signal 11 (Segmentation fault), core dumped");
        g_autofree char *odd = dm_exit_describe(&(DmExit){ DM_EXIT_SIGNAL, 40, FALSE });
        g_assert_cmpstr(odd, ==, "was killed by signal 40 (real-time)");
}

static void test_wait_timeout(void)
{
        g_auto(DmProcess) p = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        DmExit e = { DM_EXIT_CODE, 99, FALSE };
        gint64 start = g_get_monotonic_time();
        g_assert_false(dm_process_wait(&p, 50, &e));
        gint64 took_ms = (g_get_monotonic_time() - start) / 1000;
        g_assert_cmpint(took_ms, >=, 50);
        g_assert_cmpint(took_ms, <, 5000);
        g_assert_cmpint(e.value, ==, 99); /* untouched */
        g_assert_true(dm_process_alive(&p));
        g_assert_false(dm_process_wait(&p, 0, NULL));
        g_assert_true(dm_process_signal(&p, SIGKILL));
        g_assert_true(dm_process_wait(&p, -1, &e));
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
}

/* The program that we are embedded in waits for everybody's children. */
static void test_reaped_by_host(void)
{
        g_auto(DmProcess) p = test_spawn_words(SH("exit 5"));
        int status;
        g_assert_cmpint(waitpid(p.pid, &status, 0), ==, p.pid);
        DmExit e = test_wait(&p);
        if (kernel_keeps_exit())
                g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        if (e.kind != DM_EXIT_UNKNOWN)
                g_assert_cmpint(e.value, ==, 5);
}

/* ... or lets the kernel throw exit statuses away, and handles SIGCHLD. */
static void test_sigchld_ignored(void)
{
        struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
        sigaction(SIGCHLD, &ignore, &old);
        g_auto(DmProcess) p = test_spawn_words(SH("kill -15 $$"));
        DmExit e = test_wait(&p);
        assert_killed_or_unknown(&e, SIGTERM);
        DmSpawn bad = test_spawn_init(WORDS("/nonexistent/program"));
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_spawn(&bad, &p, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "execve: No such file or directory");
        sigaction(SIGCHLD, &old, NULL);
}

/* A child of our child, who waits for it. */
static void test_not_our_child(void)
{
        int ends[2];
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        dm_autofd int out = ends[0], in = ends[1];
        DmSpawn s = test_spawn_init(SH("sleep " LONG_SLEEP " & printf %10d $!; wait $!; exit 9"));
        s.fds = (DmSpawnFd[]){ { in, STDOUT_FILENO } };
        s.n_fds = 1;
        g_auto(DmProcess) parent = test_spawn(&s);
        char text[11] = "";
        g_assert_cmpint(read(out, text, 10), ==, 10);

        g_autoptr(GError) error = NULL;
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_assert_true(dm_process_open((pid_t)atoi(text), 0, &p, &error));
        g_assert_no_error(error);
        g_assert_true(dm_process_alive(&p));
        g_assert_cmpuint(p.start_time, ==, dm_process_start_time(p.pid));
        DmExit e;
        g_assert_true(dm_process_end(&p, 5000, &e));
        g_assert_false(dm_process_alive(&p));
        DmExit of_parent = test_wait(&parent);
        g_assert_cmpint(of_parent.value, ==, 9);
        e = test_wait(&p); /* by now its parent has reaped it */
        assert_killed_or_unknown(&e, SIGTERM);
}

/* A process whose parent has gone belongs to PID 1 or the nearest subreaper: to us, here.  Never spawned by
 * us, yet ours to wait for. */
static void test_orphan(void)
{
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        DmSpawn s = test_spawn_init(SH("sleep " LONG_SLEEP " >/dev/null & echo $!"));
        g_autofree char *text = test_output_of(&s);
        g_autoptr(GError) error = NULL;
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_assert_true(dm_process_open((pid_t)atoi(text), 0, &p, &error));
        g_assert_no_error(error);
        DmExit e;
        g_assert_true(dm_process_end(&p, 5000, &e));
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
        g_assert_cmpint(e.value, ==, SIGTERM);
        prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* Its parent lives and does not wait for it: ended, and nobody can know how. */
static void test_foreign_zombie(void)
{
        int ends[2];
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        dm_autofd int out = ends[0], in = ends[1];
        DmSpawn s = test_spawn_init(WORDS(self, "--child", "zombie"));
        s.fds = (DmSpawnFd[]){ { in, STDOUT_FILENO } };
        s.n_fds = 1;
        g_auto(DmProcess) parent = test_spawn(&s);
        pid_t pid = 0;
        g_assert_cmpint(read(out, &pid, sizeof(pid)), ==, sizeof(pid));
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_process_open(pid, 0, &p, &error));
        g_assert_no_error(error);
        g_assert_true(dm_process_signal(&p, SIGKILL));
        DmExit e = test_wait(&p);
        g_assert_cmpint(e.kind, ==, DM_EXIT_UNKNOWN);
        g_assert_cmpint(dm_process_state(pid), ==, 'Z');
        g_assert_false(dm_process_signal(&p, SIGTERM));
        g_auto(DmProcess) again = DM_PROCESS_INIT;
        g_assert_false(dm_process_open(pid, 0, &again, &error)); /* a zombie does not run */
        test_assert_error(error, DM_ERROR_NOT_FOUND, "has ended");
        dm_process_end(&parent, 0, NULL);
}

static void test_end_grace(void)
{
        g_auto(DmProcess) p = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        DmExit e;
        g_assert_true(dm_process_end(&p, 5000, &e));
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
        g_assert_cmpint(e.value, ==, SIGTERM);
        g_assert_true(dm_process_end(&p, 5000, NULL)); /* again: has ended */
}

static void test_end_stubborn(void)
{
        int ends[2];
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        dm_autofd int out = ends[0], in = ends[1];
        DmSpawn s = test_spawn_init(SH("trap '' TERM; echo r; while :; do sleep 0.01; done"));
        s.fds = (DmSpawnFd[]){ { in, STDOUT_FILENO } };
        s.n_fds = 1;
        g_auto(DmProcess) p = test_spawn(&s);
        char c;
        g_assert_cmpint(read(out, &c, 1), ==, 1); /* the trap is set */
        gint64 start = g_get_monotonic_time();
        DmExit e;
        g_assert_false(dm_process_end(&p, 100, &e));
        g_assert_cmpint(g_get_monotonic_time() - start, >=, 100 * 1000);
        g_assert_cmpint(e.value, ==, SIGKILL);
}

static void test_end_stopped(void)
{
        g_auto(DmProcess) p = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_assert_true(dm_process_signal(&p, SIGSTOP));
        test_await_state(p.pid, 'T');
        gint64 start = g_get_monotonic_time();
        DmExit e;
        g_assert_false(dm_process_end(&p, 30000, &e));
        g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
        g_assert_cmpint(e.value, ==, SIGKILL);
}

/* This thread becomes somebody else, who may not signal the process. */
static gpointer end_as_nobody(gpointer data)
{
        const DmProcess *p = data;
        g_assert_cmpint(syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY), ==, 0);
        DmExit e = { DM_EXIT_CODE, 1, FALSE };
        gint64 start = g_get_monotonic_time();
        g_assert_false(dm_process_signal(p, SIGTERM));
        g_assert_false(dm_process_end(p, 100, &e));
        g_assert_cmpint(g_get_monotonic_time() - start, <, DM_PROCESS_KILL_WAIT_MS * 1000 / 2);
        g_assert_cmpint(e.kind, ==, DM_EXIT_UNKNOWN);
        return data;
}

static void test_end_denied(void)
{
        if (geteuid() != 0) {
                g_test_skip("needs root to become somebody else");
                return;
        }
        g_auto(DmProcess) p = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_assert_nonnull(g_thread_join(g_thread_new("nobody", end_as_nobody, &p)));
        g_assert_true(dm_process_alive(&p));
        g_assert_true(dm_process_end(&p, 5000, NULL));
}

static void test_open(void)
{
        g_auto(DmProcess) child = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_process_open(child.pid, child.start_time + 1, &p, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "belongs to another process now");
        g_assert_cmpint(p.pidfd, ==, -1);
        g_clear_error(&error);
        g_assert_true(dm_process_open(child.pid, child.start_time, &p, &error));
        g_assert_no_error(error);
        dm_process_end(&child, 1000, NULL);
        g_assert_false(dm_process_alive(&p));
        g_auto(DmProcess) gone = DM_PROCESS_INIT;
        g_assert_false(dm_process_open(child.pid, child.start_time, &gone, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        g_clear_error(&error);
        g_assert_false(dm_process_open(0, 0, &gone, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "no process with pid 0");
        dm_process_clear(&gone);
        DmProcess zero = { 0 };
        g_assert_false(dm_process_alive(&zero));
        g_assert_false(dm_process_signal(&zero, SIGTERM));
        DmExit e;
        g_assert_true(dm_process_wait(&zero, 0, &e));
        g_assert_cmpint(e.kind, ==, DM_EXIT_UNKNOWN);
        dm_process_clear(&zero); /* must not close descriptor 0 */
        g_assert_cmpint(fcntl(0, F_GETFD), >=, 0);
}

static void test_start_time(void)
{
        guint64 own = dm_process_start_time(getpid());
        g_autofree char *text = NULL;
        g_assert_true(dm_file_read("/proc/self/stat", 4096, &text, NULL, NULL));
        g_auto(GStrv) fields = g_strsplit(strrchr(text, ')') + 2, " ", -1); /* from field 3 */
        g_assert_cmpuint(own, ==, g_ascii_strtoull(fields[22 - 3], NULL, 10));
        g_assert_cmpuint(own, >, 0);
        g_assert_cmpint(dm_process_state(getpid()), ==, 'R');
        g_assert_cmpuint(dm_process_start_time(-5), ==, 0);

        /* a process name can imitate what stands behind it */
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        g_autofree char *program = g_build_filename(dir, "a) Z 1 2 (", NULL);
        g_assert_cmpint(symlink("/bin/sleep", program), ==, 0);
        g_auto(DmProcess) p = test_spawn_words(WORDS(program, LONG_SLEEP));
        test_await_state(p.pid, 'S');
        g_assert_cmpuint(p.start_time, >=, own);
        g_assert_cmpuint(dm_process_start_time(p.pid), ==, p.start_time);
        dm_process_end(&p, 1000, NULL);
        g_assert_true(dm_remove_tree(dir, NULL));
}

/* ---- dm_run ---- */

static void test_run(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *out = NULL, *err = NULL;
        DmExit e;
        g_assert_true(dm_run(SH("echo out; echo err >&2; cat; exit 3"), 20000, 1000, &out, &err, &e, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(out, ==, "out\n");
        g_assert_cmpstr(err, ==, "err\n");
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 3);
        g_assert_true(dm_run(WORDS("/bin/true"), -1, 0, NULL, NULL, NULL, &error));
        g_assert_false(dm_run(WORDS("/nonexistent"), 1000, 10, &out, &err, &e, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
}

static void test_run_limit(void)
{
        g_autofree char *out = NULL, *err = NULL;
        DmExit e;
        /* far more than a pipe holds, on both: nobody may block */
        g_assert_true(dm_run(SH("head -c 3000000 /dev/zero | tr '\\0' x | tee /dev/stderr; echo end"), 60000,
                             1000, &out, &err, &e, NULL));
        g_assert_cmpuint(strlen(out), ==, 1000);
        g_assert_cmpuint(strspn(err, "x"), ==, 1000);
        g_assert_cmpint(e.value, ==, 0);
}

static void test_run_timeout(void)
{
        g_autoptr(GError) error = NULL;
        char *out = NULL;
        unsigned before = test_open_fds();
        gint64 start = g_get_monotonic_time();
        g_assert_false(dm_run(WORDS("/bin/sleep", LONG_SLEEP), 100, 10, &out, NULL, NULL, &error));
        test_assert_error(error, DM_ERROR_TIMED_OUT, "'/bin/sleep' did not end within 100 ms and was killed");
        g_clear_error(&error);
        /* one that writes without end */
        g_assert_false(dm_run(WORDS("/bin/cat", "/dev/zero"), 100, 10, &out, NULL, NULL, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_TIMED_OUT);
        g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
        g_assert_null(out);
        g_assert_cmpuint(test_open_fds(), ==, before);
        test_assert_no_zombie();
}

/* A process left behind holds the pipe open: the end of the program counts. */
static void test_run_background(void)
{
        g_autofree char *out = NULL;
        gint64 start = g_get_monotonic_time();
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        g_assert_true(dm_run(SH("sleep " LONG_SLEEP " & echo $!"), 20000, 100, &out, NULL, NULL, NULL));
        g_assert_cmpint(g_get_monotonic_time() - start, <, 15 * G_USEC_PER_SEC);
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_assert_true(dm_process_open((pid_t)atoi(out), 0, &p, NULL));
        g_assert_true(dm_process_end(&p, 5000, NULL));
        prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* ---- this program as a child ---- */

/* Leaves a child of its own running, prints its pid in binary, and waits for nobody. */
static int child_zombie(void)
{
        pid_t pid = fork();
        if (pid != 0 && write(STDOUT_FILENO, &pid, sizeof(pid)) != sizeof(pid))
                return 1;
        for (;;)
                pause();
}

static int child_main(const char *what)
{
        return strcmp(what, "zombie") == 0 ? child_zombie() : 2;
}

int main(int argc, char **argv)
{
        g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);
        self = path;
        if (argc == 3 && strcmp(argv[1], "--child") == 0)
                _exit(child_main(argv[2]));
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/process/exit-code", test_exit_code);
        g_test_add_func("/util/process/exit-signal", test_exit_signal);
        g_test_add_func("/util/process/exit-describe", test_exit_describe);
        g_test_add_func("/util/process/wait-timeout", test_wait_timeout);
        g_test_add_func("/util/process/reaped-by-host", test_reaped_by_host);
        g_test_add_func("/util/process/sigchld-ignored", test_sigchld_ignored);
        g_test_add_func("/util/process/not-our-child", test_not_our_child);
        g_test_add_func("/util/process/orphan", test_orphan);
        g_test_add_func("/util/process/foreign-zombie", test_foreign_zombie);
        g_test_add_func("/util/process/end-grace", test_end_grace);
        g_test_add_func("/util/process/end-stubborn", test_end_stubborn);
        g_test_add_func("/util/process/end-stopped", test_end_stopped);
        g_test_add_func("/util/process/end-denied", test_end_denied);
        g_test_add_func("/util/process/open", test_open);
        g_test_add_func("/util/process/start-time", test_start_time);
        g_test_add_func("/util/process/run", test_run);
        g_test_add_func("/util/process/run-limit", test_run_limit);
        g_test_add_func("/util/process/run-timeout", test_run_timeout);
        g_test_add_func("/util/process/run-background", test_run_background);
        return g_test_run();
}
