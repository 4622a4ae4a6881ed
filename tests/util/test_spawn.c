/* dm_spawn: failures before exec, and what the child sees; on real programs and this one itself (--child). */
#include "util/process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "lib/process.h"
#include "util/fd.h"
#include "util/file.h"

#define STATUS_LIMIT 65536
#define SPAWNS       200
#define SPAWN_MAX_US 1000
#define NOBODY       65534

static const char *self; /* path of this program */

/* The value of "NAME:\tVALUE" in the text of /proc/PID/status.  Owned. */
static char *status_field(const char *status, const char *name)
{
        g_autofree char *pattern = g_strdup_printf("^%s:[ \\t]*(.*?)[ \\t]*$", name);
        g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        g_assert_true(g_regex_match(regex, status, 0, &match));
        return g_match_info_fetch(match, 1);
}

static void assert_status(const char *status, const char *name, const char *expected)
{
        g_autofree char *value = status_field(status, name);
        g_assert_cmpstr(value, ==, expected);
}

/* ---- failures before exec ---- */

static void assert_spawn_fails(const DmSpawn *s, DmErrorCode code, const char *text)
{
        g_autoptr(GError) error = NULL;
        DmProcess p = { .pid = -77, .pidfd = -78 };
        unsigned before = test_open_fds();
        g_assert_false(dm_spawn(s, &p, &error));
        test_assert_error(error, code, text);
        g_assert_cmpint(p.pid, ==, -77); /* untouched */
        g_assert_cmpuint(test_open_fds(), ==, before);
        test_assert_no_zombie();
}

static void test_exec_failures(void)
{
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        g_autofree char *plain = g_build_filename(dir, "plain", NULL);
        g_autofree char *script = g_build_filename(dir, "script", NULL);
        g_autofree char *below = g_build_filename(plain, "x", NULL);
        g_autofree char *garbage = g_build_filename(dir, "garbage", NULL);
        g_assert_true(dm_file_write_atomic(plain, "x", 1, 0644, DM_FILE_PLAIN, NULL));
        g_assert_true(dm_file_write_atomic(script, "#!/nonexistent/sh\n", 18, 0755, DM_FILE_PLAIN, NULL));
        g_assert_true(dm_file_write_atomic(garbage, "\1\2\3\4", 4, 0755, DM_FILE_PLAIN, NULL));

        DmSpawn s = test_spawn_init(WORDS("/nonexistent/qemu", "-x"));
        assert_spawn_fails(&s, DM_ERROR_NOT_FOUND,
                           "cannot start '/nonexistent/qemu': execve: No such file or directory");
        s.words = WORDS(plain);
        g_autofree char *denied =
                g_strdup_printf("cannot start '%s' (it is not executable): execve: Permission denied", plain);
        assert_spawn_fails(&s, DM_ERROR_DENIED, denied);
        s.words = WORDS(dir);
        g_autofree char *directory =
                g_strdup_printf("cannot start '%s' (it is a directory): execve: Permission denied", dir);
        assert_spawn_fails(&s, DM_ERROR_DENIED, directory);
        s.words = WORDS(script);
        assert_spawn_fails(&s, DM_ERROR_NOT_FOUND,
                           "(it is there, its interpreter is not: #! line or dynamic");
        s.words = WORDS(below);
        assert_spawn_fails(&s, DM_ERROR_NOT_FOUND, "/plain/x': execve: Not a directory");
        s.words = WORDS(garbage);
        assert_spawn_fails(&s, DM_ERROR_FAILED, "execve: Exec format error");
        s.program = "/nonexistent/other"; /* wins over the first word */
        assert_spawn_fails(&s, DM_ERROR_NOT_FOUND, "cannot start '/nonexistent/other'");
        g_assert_true(dm_remove_tree(dir, NULL));
}

static void test_step_failures(void)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/true"));
        s.cwd = "/nonexistent/dir";
        assert_spawn_fails(
                &s, DM_ERROR_FAILED,
                "cannot start '/bin/true': chdir to '/nonexistent/dir': No such file or directory");
        s = test_spawn_init(WORDS("/bin/true"));
        s.fds = (DmSpawnFd[]){ { 9999, 7 } };
        s.n_fds = 1;
        assert_spawn_fails(&s, DM_ERROR_FAILED, "passing descriptor 9999 as 7: Bad file descriptor");
        s.fds = (DmSpawnFd[]){ { 1, 7 }, { 2, 7 } };
        s.n_fds = 2;
        assert_spawn_fails(&s, DM_ERROR_INVALID_ARG, "descriptor 7 is named twice");
        s.fds = (DmSpawnFd[]){ { -1, 7 } };
        s.n_fds = 1;
        assert_spawn_fails(&s, DM_ERROR_INVALID_ARG, "descriptor -1 as 7 is not possible");
        s = test_spawn_init(WORDS("/bin/true"));
        s.record_fd = 9999;
        assert_spawn_fails(&s, DM_ERROR_FAILED, "writing the process record: Bad file descriptor");
        s = test_spawn_init(WORDS("/bin/true"));
        s.cgroup_fd = 9999;
        assert_spawn_fails(&s, DM_ERROR_FAILED, "joining the cgroup: Bad file descriptor");
        s = test_spawn_init(WORDS("/bin/true"));
        s.parent_death_signal = 9999;
        assert_spawn_fails(&s, DM_ERROR_FAILED, "setting the parent death signal: Invalid argument");
        if (geteuid() != 0) {
                s = test_spawn_init(WORDS("/bin/true"));
                s.set_ids = TRUE;
                assert_spawn_fails(&s, DM_ERROR_DENIED, "setgroups: Operation not permitted");
        }
}

/* ---- what the child sees ---- */

static void test_words_env_cwd(void)
{
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        DmSpawn s = test_spawn_init(
                WORDS("name of ours", "-c", "echo \"$0|$1|$A|$HOME|$(pwd)\"", "zero", "o n e"));
        s.program = "/bin/sh";
        s.env = WORDS("A=b c", "PATH=/bin");
        s.cwd = dir;
        g_autofree char *text = test_output_of(&s);
        g_autofree char *expected = g_strdup_printf("zero|o n e|b c||%s\n", dir);
        g_assert_cmpstr(text, ==, expected);

        g_setenv("DOMUS_TEST_VARIABLE", "inherited", TRUE);
        s = test_spawn_init(SH("echo $DOMUS_TEST_VARIABLE; pwd"));
        g_autofree char *inherited = test_output_of(&s);
        g_assert_cmpstr(inherited, ==, "inherited\n/\n");
        g_unsetenv("DOMUS_TEST_VARIABLE");
        g_assert_cmpint(rmdir(dir), ==, 0);
}

static void test_default_fds(void)
{
        dm_autofd int stray = open("/dev/zero", O_RDONLY); /* inheritable, and must not be inherited */
        g_assert_cmpint(stray, >=, 0);
        DmSpawn s = test_spawn_init(WORDS(self, "--child", "fds"));
        g_autofree char *text = test_output_of(&s);
        g_assert_cmpstr(text, ==, "0 /dev/null\n1 /memfd:output (deleted)\n2 /dev/null\n");
}

/* Swapped numbers, one source twice, targets far up and on top of other sources. */
static void test_overlapping_fds(void)
{
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        int fds[6];
        for (int i = 0; i < 6; i++) {
                g_autofree char *path = g_strdup_printf("%s/%c", dir, 'a' + i);
                fds[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
                g_assert_cmpint(fds[i], ==, fds[0] + i);
        }
        g_assert_cmpint(fds[0], >=, 3);
        DmSpawn s = test_spawn_init(WORDS(self, "--child", "fds"));
        s.fds = (DmSpawnFd[]){ { fds[0], fds[1] }, { fds[1], fds[0] }, { fds[2], fds[2] },
                               { fds[3], 700 },    { fds[3], fds[4] }, { fds[5], 0 } };
        s.n_fds = 6;
        g_autofree char *text = test_output_of(&s);
        g_autofree char *expected =
                g_strdup_printf("0 %s/f\n1 /memfd:output (deleted)\n2 /dev/null\n%d %s/b\n%d %s/a\n%d %s/c\n"
                                "%d %s/d\n700 %s/d\n",
                                dir, fds[0], dir, fds[1], dir, fds[2], dir, fds[4], dir, dir);
        g_assert_cmpstr(text, ==, expected);
        for (int i = 0; i < 6; i++)
                close(fds[i]);
        g_assert_true(dm_remove_tree(dir, NULL));
}

static void on_signal(int number)
{
        (void)number;
}

static void test_signals(void)
{
        struct sigaction handler = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN }, old[2];
        sigaction(SIGUSR1, &handler, &old[0]);
        sigaction(SIGUSR2, &ignore, &old[1]);
        sigset_t blocked, before, after;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGHUP);
        sigaddset(&blocked, SIGRTMAX);
        pthread_sigmask(SIG_BLOCK, &blocked, &before);

        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status"));
        g_autofree char *status = test_output_of(&s);
        assert_status(status, "SigBlk", "0000000000000000");
        assert_status(status, "SigIgn", "0000000000000000");
        assert_status(status, "SigCgt", "0000000000000000");

        pthread_sigmask(SIG_SETMASK, &before, &after);
        g_assert_true(sigismember(&after, SIGHUP) && sigismember(&after, SIGRTMAX)); /* ours came back */
        g_assert_false(sigismember(&after, SIGTERM));
        sigaction(SIGUSR1, &old[0], &handler);
        g_assert_true(handler.sa_handler == on_signal);
        sigaction(SIGUSR2, &old[1], NULL);
}

static void test_umask_and_session(void)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/sh", "-c", "umask; cat /proc/$$/stat"));
        s.umask = 0027;
        s.new_session = TRUE;
        g_autofree char *text = test_output_of(&s);
        g_assert_true(g_str_has_prefix(text, "0027\n"));
        int pid = atoi(text + 5);
        g_auto(GStrv) fields = g_strsplit(strrchr(text, ')') + 2, " ", -1);
        g_assert_cmpint(atoi(fields[5 - 3]), ==, pid); /* process group */
        g_assert_cmpint(atoi(fields[6 - 3]), ==, pid); /* session */

        s = test_spawn_init(WORDS("/bin/cat", "/proc/self/stat"));
        g_autofree char *plain = test_output_of(&s);
        g_auto(GStrv) plain_fields = g_strsplit(strrchr(plain, ')') + 2, " ", -1);
        g_assert_cmpint(atoi(plain_fields[6 - 3]), ==, getsid(0));
}

static void test_caps(void)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status"));
        s.drop_caps = TRUE;
        s.no_new_privs = TRUE;
        g_autofree char *status = test_output_of(&s);
        static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
        for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
                assert_status(status, sets[i], "0000000000000000");
        assert_status(status, "NoNewPrivs", "1");
        g_autofree char *uid = status_field(status, "Uid");
        g_assert_cmpint(atoi(uid), ==, (int)getuid());
        if (geteuid() == 0)
                assert_status(status, "CapBnd", "0000000000000000");

        s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status")); /* nothing asked, nothing taken */
        g_autofree char *plain = test_output_of(&s);
        assert_status(plain, "NoNewPrivs", "0");
        g_autofree char *own = NULL;
        g_assert_true(dm_file_read("/proc/self/status", STATUS_LIMIT, &own, NULL, NULL));
        g_autofree char *bounding = status_field(own, "CapBnd");
        assert_status(plain, "CapBnd", bounding);
        if (geteuid() == 0) {
                g_autofree char *effective = status_field(own, "CapEff");
                assert_status(plain, "CapEff", effective);
        }
}

/* As root even without no_new_privs: with an empty bounding set exec gives nothing back. */
static void test_caps_only(void)
{
        if (geteuid() != 0) {
                g_test_skip("needs root, from whom exec would give capabilities back");
                return;
        }
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status"));
        s.drop_caps = TRUE;
        g_autofree char *status = test_output_of(&s);
        assert_status(status, "CapPrm", "0000000000000000");
        assert_status(status, "CapBnd", "0000000000000000");
        assert_status(status, "NoNewPrivs", "0");
}

/* Root in a container that may not change its bounding set: no_new_privs has to keep exec from giving back.
 */
static gpointer without_setpcap(gpointer data)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct sets[2] = { { 1u << CAP_CHOWN, 1u << CAP_CHOWN, 0 }, { 0 } };
        g_assert_cmpint(syscall(SYS_capset, &header, sets), ==, 0); /* of this thread */
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status"));
        s.drop_caps = TRUE;
        assert_spawn_fails(&s, DM_ERROR_DENIED,
                           "emptying the capability bounding set needs CAP_SETPCAP; set");
        s.no_new_privs = TRUE;
        g_autofree char *status = test_output_of(&s);
        assert_status(status, "CapPrm", "0000000000000000");
        assert_status(status, "CapEff", "0000000000000000");
        return data;
}

static void test_caps_without_setpcap(void)
{
        if (geteuid() != 0) {
                g_test_skip("needs root, from whom exec would give capabilities back");
                return;
        }
        g_assert_nonnull(g_thread_join(g_thread_new("caps", without_setpcap, &without_setpcap)));
}

static void test_ids(void)
{
        if (geteuid() != 0) {
                g_test_skip("needs root to become somebody else");
                return;
        }
        const gid_t groups[] = { 12, 34 };
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/status"));
        s.set_ids = TRUE;
        s.uid = NOBODY;
        s.gid = 4321;
        s.groups = groups;
        s.n_groups = G_N_ELEMENTS(groups);
        s.drop_caps = TRUE;
        s.no_new_privs = TRUE;
        g_autofree char *status = test_output_of(&s);
        assert_status(status, "Uid", "65534\t65534\t65534\t65534");
        assert_status(status, "Gid", "4321\t4321\t4321\t4321");
        assert_status(status, "Groups", "12 34");
        assert_status(status, "CapEff", "0000000000000000");
        assert_status(status, "CapBnd", "0000000000000000");
        s.n_groups = 0;
        g_autofree char *no_groups = test_output_of(&s);
        assert_status(no_groups, "Groups", "");
        g_assert_cmpint(getuid(), ==, 0); /* we are still who we were */
}

static void test_record(void)
{
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(dir, "record", NULL);
        dm_autofd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        DmSpawn s = test_spawn_init(WORDS("/bin/sleep", LONG_SLEEP));
        s.record_fd = fd;
        s.fds = (DmSpawnFd[]){ { 0, fd } }; /* its own number is overwritten in the child */
        s.n_fds = 1;
        g_auto(DmProcess) p = test_spawn(&s);
        g_autofree char *text = NULL;
        g_assert_true(dm_file_read(path, 100, &text, NULL, NULL));
        g_autofree char *expected =
                g_strdup_printf("%d %" G_GUINT64_FORMAT "\n", (int)p.pid, dm_process_start_time(p.pid));
        g_assert_cmpstr(text, ==, expected);
        g_assert_cmpuint(p.start_time, ==, dm_process_start_time(p.pid));
        dm_process_end(&p, 1000, NULL);
        g_assert_true(dm_remove_tree(dir, NULL));
}

static void test_death_signal(void)
{
        DmSpawn s = test_spawn_init(WORDS(self, "--child", "orphan")); /* it spawns a sleep and ends */
        g_autofree char *text = test_output_of(&s);
        pid_t pid = (pid_t)atoi(text);
        g_assert_cmpint(pid, >, 1);
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        if (dm_process_open(pid, 0, &p, NULL))
                g_assert_true(dm_process_wait(&p, 10000, NULL));
}

/* ---- many ---- */

static int compare_times(const void *a, const void *b)
{
        gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
        return x < y ? -1 : x > y;
}

static void spawn_many(const char *what, const DmSpawn *s)
{
        gint64 times[SPAWNS];
        unsigned before = test_open_fds();
        for (int i = 0; i < SPAWNS; i++) {
                gint64 start = g_get_monotonic_time();
                g_auto(DmProcess) p = test_spawn(s);
                times[i] = g_get_monotonic_time() - start;
                DmExit e = test_wait(&p);
                g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
                g_assert_cmpint(e.value, ==, 0);
        }
        g_assert_cmpuint(test_open_fds(), ==, before);
        qsort(times, SPAWNS, sizeof(*times), compare_times);
        g_test_message("dm_spawn %s: median %d us, minimum %d us, maximum %d us", what,
                       (int)times[SPAWNS / 2], (int)times[0], (int)times[SPAWNS - 1]);
        g_assert_cmpint(times[0], <, SPAWN_MAX_US); /* the median depends on what else this machine does */
}

static void test_many(void)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/true"));
        spawn_many("plain", &s);
        s.drop_caps = s.no_new_privs = s.new_session = TRUE;
        spawn_many("without capabilities", &s);
}

static gpointer allocate_heavily(gpointer data)
{
        gint *stop = data;
        guint64 rounds = 0;
        while (!g_atomic_int_get(stop)) {
                gpointer blocks[64];
                for (int i = 0; i < 64; i++)
                        blocks[i] = g_malloc0((gsize)(16 << (i % 14)));
                for (int i = 0; i < 64; i++)
                        g_free(blocks[i]);
                rounds++;
        }
        return GSIZE_TO_POINTER(rounds);
}

static void test_while_allocating(void)
{
        gint stop = 0;
        GThread *threads[2];
        for (int i = 0; i < 2; i++)
                threads[i] = g_thread_new("allocate", allocate_heavily, &stop);
        DmSpawn s = test_spawn_init(WORDS("/bin/true"));
        DmSpawn bad = test_spawn_init(WORDS("/nonexistent"));
        for (int i = 0; i < SPAWNS; i++) {
                g_auto(DmProcess) p = test_spawn(&s);
                DmExit e = test_wait(&p);
                g_assert_cmpint(e.value, ==, 0);
                g_autoptr(GError) error = NULL;
                g_assert_false(dm_spawn(&bad, &p, &error));
                g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        }
        g_atomic_int_set(&stop, 1);
        for (int i = 0; i < 2; i++)
                g_assert_cmpuint(GPOINTER_TO_SIZE(g_thread_join(threads[i])), >, 0);
}

/* ---- this program as a child ---- */

static int child_fds(void)
{
        for (int fd = 0; fd < 1024; fd++) {
                g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
                g_autofree char *target = g_file_read_link(link, NULL);
                if (target)
                        g_print("%d %s\n", fd, target);
        }
        return 0;
}

static int child_orphan(void)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/sleep", LONG_SLEEP));
        s.set_ids = geteuid() == 0; /* a change of ids would clear the death signal if it came later */
        s.uid = s.gid = NOBODY;
        DmProcess p = test_spawn(&s);
        g_print("%d\n", (int)p.pid);
        return 0;
}

static int child_main(const char *what)
{
        if (strcmp(what, "fds") == 0)
                return child_fds();
        return strcmp(what, "orphan") == 0 ? child_orphan() : 2;
}

int main(int argc, char **argv)
{
        g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);
        self = path;
        if (argc == 3 && strcmp(argv[1], "--child") == 0)
                _exit(child_main(argv[2]));
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/spawn/exec-failures", test_exec_failures);
        g_test_add_func("/util/spawn/step-failures", test_step_failures);
        g_test_add_func("/util/spawn/words-env-cwd", test_words_env_cwd);
        g_test_add_func("/util/spawn/default-fds", test_default_fds);
        g_test_add_func("/util/spawn/overlapping-fds", test_overlapping_fds);
        g_test_add_func("/util/spawn/signals", test_signals);
        g_test_add_func("/util/spawn/umask-and-session", test_umask_and_session);
        g_test_add_func("/util/spawn/caps", test_caps);
        g_test_add_func("/util/spawn/caps-only", test_caps_only);
        g_test_add_func("/util/spawn/caps-without-setpcap", test_caps_without_setpcap);
        g_test_add_func("/util/spawn/ids", test_ids);
        g_test_add_func("/util/spawn/record", test_record);
        g_test_add_func("/util/spawn/death-signal", test_death_signal);
        g_test_add_func("/util/spawn/many", test_many);
        g_test_add_func("/util/spawn/while-allocating", test_while_allocating);
        return g_test_run();
}
