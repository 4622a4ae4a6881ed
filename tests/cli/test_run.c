/* `domus run`: the ways a guest ends and what the shell is told, the terminal, and that nothing stays behind.
 * Real guests under TCG. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "lib/cli.h"
#include "lib/guests.h"
#include "lib/process.h"
#include "util/fd.h"
#include "util/file.h"

#define READY_MS   30000
#define SOON_MS    15000
#define PATIENCE_S 10 /* of the program, see cmd_run.c */

#define BOARD "x86_64-pc"
#define UUID  "11111111-2222-3333-4444-555555555555"

typedef struct Run {
        char *dir, *tmp; /* $TMPDIR of the program is tmp */
        char *document;
        DmProcess process;
        int to, from, errors; /* its standard descriptors, or the terminal's other side; -1 */
        GString *said, *complained;
        gsize position;
} Run;

static void setup(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        r->dir = g_dir_make_tmp("domus-run-XXXXXX", &error);
        g_assert_no_error(error);
        r->tmp = g_build_filename(r->dir, "tmp", NULL);
        g_assert_true(dm_make_dirs(r->tmp, 0700, NULL));
        r->process = (DmProcess)DM_PROCESS_INIT;
        r->to = r->from = r->errors = -1;
        r->said = g_string_new(NULL);
        r->complained = g_string_new(NULL);
}

static void teardown(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        dm_process_end(&r->process, 0, NULL);
        dm_process_clear(&r->process);
        dm_close_fd(&r->to);
        dm_close_fd(&r->from);
        dm_close_fd(&r->errors);
        dm_remove_tree(r->dir, NULL);
        g_string_free(r->said, TRUE);
        g_string_free(r->complained, TRUE);
        g_free(r->document);
        g_free(r->tmp);
        g_free(r->dir);
}

/* The guest of tests/guests that sends back what is typed, with @cmdline and @devices; FALSE after a skip. */
static gboolean write_document(Run *r, const char *cmdline, const char *devices, const char *emulator)
{
        g_autofree char *reason = NULL;
        if (!dm_guest_available(dm_guest_board(BOARD), &reason)) {
                g_test_skip(reason);
                return FALSE;
        }
        g_autofree char *kernel = dm_guest_image("x86.elf");
        g_autofree char *xml = g_strdup_printf(
                "<domain type='qemu'>\n<name>runner</name>\n<uuid>" UUID "</uuid>\n"
                "<memory unit='MiB'>32</memory>\n<os><type arch='x86_64' machine='pc'>hvm</type>"
                "<kernel>%s</kernel><cmdline>%s</cmdline></os>\n<features><acpi/></features>\n"
                "<devices>%s<serial type='pty'/>%s</devices>\n</domain>\n",
                kernel, cmdline, emulator, devices);
        r->document = cli_file(r->dir, "guest.xml", xml);
        return TRUE;
}

/* Starts `domus run @options document` on these descriptors. */
static void spawn(Run *r, const char *options, const DmSpawnFd fds[3], gboolean own_terminal)
{
        g_autofree char *program = cli_program();
        g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "TMPDIR", r->tmp, TRUE);
        g_autofree char *setsid = g_find_program_in_path("setsid");
        char *terminal[] = { setsid, (char *)"--ctty", program, (char *)"run", r->document, NULL };
        char *plain[] = { program, (char *)"run", r->document, (char *)options, NULL };
        DmSpawn s = test_spawn_init(own_terminal ? terminal : plain);
        s.env = env;
        s.fds = fds;
        s.n_fds = 3;
        r->process = test_spawn(&s);
}

/* With pipes. */
static void start(Run *r, const char *options)
{
        int in[2], out[2], err[2];
        g_assert_cmpint(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), ==, 0);
        const DmSpawnFd fds[3] = { { in[0], 0 }, { out[1], 1 }, { err[1], 2 } };
        spawn(r, options, fds, FALSE);
        close(in[0]);
        close(out[1]);
        close(err[1]);
        r->to = in[1];
        r->from = out[0];
        r->errors = err[0];
}

static void expect(Run *r, const char *text)
{
        if (!dm_guest_expect(r->from, text, READY_MS, r->said, &r->position))
                g_error("no '%s'; it said: %s", text, r->said->str);
}

static void expect_complaint(Run *r, const char *text)
{
        gsize from_start = 0;
        if (!dm_guest_expect(r->errors, text, READY_MS, r->complained, &from_start))
                g_error("no '%s' in: %s", text, r->complained->str);
}

/* Waits for its end: the exit code, and that its temporary directory is empty again. */
static void assert_ends(Run *r, int code)
{
        DmExit e = { DM_EXIT_UNKNOWN, -1, FALSE };
        if (!dm_process_wait(&r->process, SOON_MS, &e))
                g_error("it does not end; it said: %s", r->said->str);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, code);
        cli_assert_empty(r->tmp);
}

/* pid of its QEMU, once there is one. */
static pid_t qemu_pid(Run *r)
{
        for (gint64 until = g_get_monotonic_time() + READY_MS * 1000; g_get_monotonic_time() < until;) {
                g_auto(CliResult) file = cli("cat %s/domus-*/run/" UUID "/pid 2>/dev/null", r->tmp);
                int pid = (int)g_ascii_strtoll(file.out, NULL, 10);
                if (pid > 0)
                        return pid;
                g_usleep(5000);
        }
        g_error("no QEMU below %s", r->tmp);
}

/* ---- ends ---- */

static void test_powers_off(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "Hello, reader. !p", "", ""))
                return;
        g_auto(CliResult) text = cli("TMPDIR=%s domus run %s </dev/null", r->tmp, r->document);
        cli_assert_has(text.out, "Hello, reader.");
        g_assert_cmpstr(text.err, ==, "");
        g_assert_cmpint(text.code, ==, 0);
        cli_assert_empty(r->tmp);
        /* With --json standard output is the result alone; the console is beside it. */
        g_auto(CliResult) j = cli("domus run --json %s </dev/null", r->document);
        g_autoptr(DmJson) json = cli_json(&j);
        g_assert_cmpint(j.code, ==, 0);
        g_assert_cmpstr(dm_json_get_string(json, "name"), ==, "runner");
        g_assert_cmpstr(dm_json_get_string(json, "uuid"), ==, UUID);
        g_assert_cmpstr(dm_json_get_string(json, "reason"), ==, "shutdown");
        cli_assert_has(j.err, "Hello, reader.");
        g_auto(CliResult) input = cli("domus run - <%s", r->document);
        cli_assert_has(input.out, "Hello, reader.");
        g_assert_cmpint(input.code, ==, 0);
}

/* SIGTERM, SIGHUP and SIGINT press the power button. */
static void test_signals(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
        if (!write_document(r, "", "", ""))
                return;
        for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
                start(r, NULL);
                expect(r, "DOMUS-GUEST-READY pc");
                g_assert_true(dm_process_signal(&r->process, signals[i]));
                expect_complaint(r, "asking the guest to shut down\n");
                expect(r, "GUEST-BUTTON");
                assert_ends(r, 0);
                dm_process_clear(&r->process);
                dm_close_fd(&r->to);
                dm_close_fd(&r->from);
                dm_close_fd(&r->errors);
                g_string_truncate(r->complained, 0);
        }
}

static void test_does_not_listen(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "!h", "", "")) /* deaf once it has said that it is there */
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        gint64 asked = g_get_monotonic_time();
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        expect_complaint(r, "domus: asking the guest to shut down\n");
        expect_complaint(r, "domus: the guest did not shut down within 10 s and is destroyed\n");
        assert_ends(r, 4);
        double seconds = (double)(g_get_monotonic_time() - asked) / G_USEC_PER_SEC;
        g_assert_cmpfloat(seconds, >, PATIENCE_S - 1.0);
        g_assert_cmpfloat(seconds, <, PATIENCE_S + 5.0);
}

static void test_asked_twice(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "!h", "", "")) /* deaf once it has said that it is there */
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        gint64 asked = g_get_monotonic_time();
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        expect_complaint(r, "asking the guest to shut down\n");
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        assert_ends(r, 4);
        g_assert_cmpint(g_get_monotonic_time() - asked, <, (PATIENCE_S - 4) * G_USEC_PER_SEC);
}

static void test_crashes(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "!x", "<panic model='isa'/>", ""))
                return;
        g_auto(CliResult) panic = cli("domus run %s </dev/null", r->document);
        g_assert_cmpstr(panic.err, ==, "domus: domain 'runner' ended: the guest panicked\n");
        g_assert_cmpint(panic.code, ==, 5);
        g_free(r->document);
        if (!write_document(r, "", "", ""))
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        kill(qemu_pid(r), SIGKILL);
        expect_complaint(r, "domus: domain 'runner' ended: QEMU was killed by signal 9 (Killed)\n");
        assert_ends(r, 5);
}

static void test_does_not_start(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "", "<serial type='file'><source path='/nowhere/log'/></serial>", ""))
                return;
        g_auto(CliResult) text = cli("TMPDIR=%s domus run %s </dev/null", r->tmp, r->document),
                          j = cli("TMPDIR=%s domus run --json %s </dev/null", r->tmp, r->document);
        g_assert_cmpint(text.code, ==, 1);
        g_assert_true(g_str_has_prefix(
                text.err, "domus: error: domain 'runner': QEMU exited with code 1 while it started: "));
        cli_assert_has(text.err, "Could not open '/nowhere/log': No such file or directory\n");
        g_autoptr(DmJson) json = cli_json(&j);
        g_assert_cmpint(j.code, ==, 1);
        g_assert_cmpstr(dm_json_string(dm_json_path(json, "error.code")), ==, "failed");
        cli_assert_empty(r->tmp);
}

/* An emulator that can be probed, and never gets ready when it is to run a guest. */
static void test_interrupted_start(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");
        g_autofree char *script =
                g_strdup_printf("#!/bin/sh\ncase \"$*\" in *' -S '*) exec sleep 600 ;; esac\n"
                                "exec %s \"$@\"\n",
                                qemu);
        g_autofree char *path = cli_file(r->dir, "slow-qemu", script);
        g_autofree char *emulator = g_strdup_printf("<emulator>%s</emulator>", path);
        g_assert_cmpint(chmod(path, 0755), ==, 0);
        if (!write_document(r, "", "", emulator))
                return;
        start(r, NULL);
        pid_t pid = qemu_pid(r);
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        expect_complaint(r, "domus: error: interrupted before the guest ran: nothing of it is left\n");
        assert_ends(r, 1);
        g_assert_cmpint(kill(pid, 0), ==, -1);
}

/* Even kill -9 leaves no guest that nobody looks after.  (Its directory it does leave.) */
static void test_killed(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        if (!write_document(r, "", "", ""))
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        g_auto(DmProcess) qemu = DM_PROCESS_INIT;
        dm_process_open(qemu_pid(r), 0, &qemu, &error);
        g_assert_no_error(error);
        g_assert_true(dm_process_signal(&r->process, SIGKILL));
        g_assert_true(dm_process_wait(&qemu, SOON_MS, NULL));
}

/* ---- what QEMU gets is what `domus argv` prints ---- */

static void test_argv(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "a 'b' \"c\"", "<rng model='virtio'><backend model='random'/></rng>", ""))
                return;
        g_auto(CliResult) j = cli("domus argv --json %s", r->document);
        g_autoptr(DmJson) json = cli_json(&j);
        const DmJson *argv = dm_json_get(json, "argv");
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        g_auto(CliResult) real = cli("tr '\\0' '\\n' </proc/%d/cmdline", (int)qemu_pid(r));
        g_autoptr(GString) words = g_string_new(NULL);
        for (gsize i = 0; i < dm_json_length(argv); i++)
                g_string_append_printf(words, "%s\n", dm_json_string(dm_json_at(argv, i)));
        g_assert_cmpstr(real.out, ==, words->str);
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        assert_ends(r, 0);
}

/* ---- without a terminal ---- */

static void test_pipes(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "", "", ""))
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        g_assert_true(dm_guest_type(r->to, "typed \x1d\x03."));
        expect(r, "typed \x1d\x03."); /* no terminal: no key means anything */
        g_assert_true(dm_guest_type(r->to, "!p"));
        assert_ends(r, 0);
}

/* A reader that does not read must not keep us from hearing a signal; and what was said is not lost to it. */
static void test_slow_reader(Run *r, gconstpointer impatient)
{
        g_autoptr(GError) error = NULL;
        if (!write_document(r, "!f!f", "", ""))
                return;
        start(r, NULL);
        g_assert_cmpint(fcntl(r->from, F_SETPIPE_SZ, 4096), >, 0); /* much less than it is going to say */
        g_auto(DmProcess) qemu = DM_PROCESS_INIT;
        dm_process_open(qemu_pid(r), 0, &qemu, &error);
        g_assert_no_error(error);
        struct pollfd something = { .fd = r->from, .events = POLLIN };
        g_assert_cmpint(poll(&something, 1, READY_MS), ==, 1);
        g_assert_true(dm_process_signal(&r->process, SIGTERM));
        g_assert_true(dm_process_wait(&qemu, SOON_MS, NULL));
        g_assert_true(dm_process_alive(&r->process)); /* it still has something for us */
        if (impatient)
                g_assert_true(dm_process_signal(&r->process, SIGTERM));
        else
                expect(r, "GUEST-BUTTON");
        assert_ends(r, 0);
}

static void test_closed_output(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "!f", "", ""))
                return;
        start(r, NULL);
        expect(r, "DOMUS-GUEST-READY pc");
        dm_close_fd(&r->from);
        expect_complaint(r, "domus: standard output was closed; asking the guest to shut down\n");
        assert_ends(r, 0);
}

/* ---- with a terminal ---- */

/* The program on a new terminal of which we hold the other side; @own: it is its controlling terminal. */
static struct termios start_on_terminal(Run *r, const char *options, gboolean own)
{
        struct termios before;
        int master, slave;
        g_assert_cmpint(openpty(&master, &slave, NULL, NULL, NULL), ==, 0);
        fcntl(master, F_SETFD, FD_CLOEXEC);
        g_assert_cmpint(tcgetattr(slave, &before), ==, 0);
        const DmSpawnFd fds[3] = { { slave, 0 }, { slave, 1 }, { slave, 2 } };
        spawn(r, options, fds, own);
        close(slave);
        r->from = master;
        expect(r, "domus: console of 'runner'; ^] shuts the guest down\r\n");
        return before;
}

static void assert_terminal(Run *r, const struct termios *before)
{
        struct termios now;
        g_assert_cmpint(tcgetattr(r->from, &now), ==, 0);
        g_assert_cmpuint(now.c_iflag, ==, before->c_iflag);
        g_assert_cmpuint(now.c_oflag, ==, before->c_oflag);
        g_assert_cmpuint(now.c_cflag, ==, before->c_cflag);
        g_assert_cmpuint(now.c_lflag, ==, before->c_lflag);
        g_assert_cmpmem(now.c_cc, sizeof now.c_cc, before->c_cc, sizeof before->c_cc);
}

static void test_terminal(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "", "", ""))
                return;
        struct termios before = start_on_terminal(r, NULL, TRUE), raw;
        expect(r, "DOMUS-GUEST-READY pc");
        g_assert_cmpint(tcgetattr(r->from, &raw), ==, 0);
        g_assert_cmpuint(raw.c_lflag & (ICANON | ECHO | ISIG), ==, 0);
        g_assert_true(dm_guest_type(r->from, "typed"));
        expect(r, "typed"); /* by the guest: the terminal itself does not echo */
        g_assert_true(dm_guest_type(r->from, "\x03\x1a\x1c."));
        expect(r, "\x03\x1a\x1c."); /* Ctrl-C and its like are the guest's */
        g_assert_true(dm_guest_type(r->from, "\x1dnot this"));
        expect(r, "\ndomus: asking the guest to shut down; ^] again destroys it\r\n");
        expect(r, "GUEST-BUTTON");
        assert_ends(r, 0);
        assert_terminal(r, &before);
        g_assert_null(strstr(r->said->str, "not this"));
}

static void test_terminal_destroy(Run *r, gconstpointer unused G_GNUC_UNUSED)
{
        if (!write_document(r, "", "", ""))
                return;
        struct termios before = start_on_terminal(r, "--paused", FALSE);
        g_assert_true(dm_guest_type(r->from, "\x1d"));
        expect(r, "^] again destroys it");
        g_assert_true(dm_guest_type(r->from, "\x1d"));
        expect(r, "domus: domain 'runner' ended: destroyed");
        assert_ends(r, 4);
        assert_terminal(r, &before);
}

/* The window was closed.  Only who has it as controlling terminal is told by a signal. */
static void test_terminal_lost(Run *r, gconstpointer own)
{
        g_autoptr(GError) error = NULL;
        if (!write_document(r, "", "", ""))
                return;
        start_on_terminal(r, NULL, GPOINTER_TO_INT(own));
        expect(r, "DOMUS-GUEST-READY pc");
        g_auto(DmProcess) qemu = DM_PROCESS_INIT;
        dm_process_open(qemu_pid(r), 0, &qemu, &error);
        g_assert_no_error(error);
        gint64 closed = g_get_monotonic_time();
        dm_close_fd(&r->from);
        assert_ends(r, 0);
        g_assert_true(dm_process_wait(&qemu, SOON_MS, NULL));
        g_assert_cmpint(g_get_monotonic_time() - closed, <,
                        (PATIENCE_S - 2) * G_USEC_PER_SEC); /* it was asked */
}

#define ADD_WITH(name, fn, data) g_test_add("/cli/run/" name, Run, data, setup, fn, teardown)
#define ADD(name, fn)            ADD_WITH(name, fn, NULL)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        cli_init();
        ADD("powers-off", test_powers_off);
        ADD("signals", test_signals);
        ADD("does-not-listen", test_does_not_listen);
        ADD("asked-twice", test_asked_twice);
        ADD("crashes", test_crashes);
        ADD("does-not-start", test_does_not_start);
        ADD("interrupted-start", test_interrupted_start);
        ADD("killed", test_killed);
        ADD("argv", test_argv);
        ADD("pipes", test_pipes);
        ADD("slow-reader/takes-its-time", test_slow_reader);
        ADD_WITH("slow-reader/never-reads", test_slow_reader, GINT_TO_POINTER(TRUE));
        ADD("closed-output", test_closed_output);
        ADD("terminal", test_terminal);
        ADD("terminal-destroy", test_terminal_destroy);
        ADD_WITH("terminal-lost/own", test_terminal_lost, GINT_TO_POINTER(TRUE));
        ADD_WITH("terminal-lost/other", test_terminal_lost, GINT_TO_POINTER(FALSE));
        return g_test_run();
}
