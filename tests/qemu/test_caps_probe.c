/* Probing: every installed emulator, and programs that behave as none should. */
#include "qemu/caps_probe.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fake_qmp.h"
#include "qemu/caps_private.h"
#include "qemu/caps_replay.h"
#include "util/error.h"
#include "util/file.h"

/* A test that counts on the limit waits it out; one that does not is not to run into it on a busy machine. */
#define SHORT_MS 700
#define LONG_MS  60000

typedef struct Fixture {
        char *dir;
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-probe-test-XXXXXX", &error);
        g_assert_no_error(error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        dm_remove_tree(f->dir, &error);
        g_assert_no_error(error);
        g_free(f->dir);
}

static DmCaps *probe(const char *path, int limit_ms)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = limit_ms };
        DmCaps *c = dm_caps_probe(path, &options, &error);
        g_assert_no_error(error);
        g_assert_nonnull(c);
        return c;
}

static void assert_fails(const char *path, int limit_ms, DmErrorCode code, const char *text)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = limit_ms };
        g_assert_null(dm_caps_probe(path, &options, &error));
        g_assert_error(error, DM_ERROR, (int)code);
        if (!strstr(error->message, text) || !strstr(error->message, path))
                g_error("'%s' does not say '%s' of %s", error->message, text, path);
}

/* A program that a probe gives up on after the limit, and not long after. */
static void assert_given_up(const char *path, const char *text)
{
        gint64 began = g_get_monotonic_time();
        assert_fails(path, SHORT_MS, DM_ERROR_TIMED_OUT, text);
        gint64 took_ms = (g_get_monotonic_time() - began) / 1000;
        g_assert_cmpint(took_ms, >=, SHORT_MS - 50);
        g_assert_cmpint(took_ms, <, SHORT_MS + 5000);
        fake_qmp_assert_gone(path);
}

static char *script(const Fixture *f, const char *name, const char *text)
{
        g_autoptr(GError) error = NULL;
        char *path = g_build_filename(f->dir, name, NULL);
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, &error);
        g_assert_no_error(error);
        return path;
}

static char *read_text(const Fixture *f, const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(f->dir, name, NULL);
        char *text = NULL;
        g_file_get_contents(path, &text, NULL, &error);
        g_assert_no_error(error);
        return text;
}

/* ---- real ones ---- */

/* What `query-target` says where it is not what the name of the program says. */
static const char *target_of(const char *program)
{
        const char *name = program + strlen("qemu-system-");
        if (strcmp(name, "ppc64le") == 0)
                return "ppc64";
        return strcmp(name, "x86_64-microvm") == 0 ? "x86_64" : name;
}

static void check_installed(const char *name, const DmCaps *c)
{
        g_assert_cmpstr(c->target, ==, target_of(name));
        g_assert_cmpuint(c->machines->len, >, 0);
        g_assert_cmpuint(c->version, >=, DM_QEMU_VERSION(1, 2, 0));
        g_assert_false(c->partial);
        g_assert_false(c->help_era);
        g_assert_true(dm_caps_has_accel(c, DM_ACCEL_TCG) || dm_caps_has_accel(c, DM_ACCEL_KVM));
        g_assert_true(dm_caps_has_command(c, "device_add"));
        g_assert_true(dm_caps_has_schema(c, "SHUTDOWN:reason"));
        g_assert_true(dm_caps_has_prop(c, "memory-backend-file", "share"));
        g_assert_true(dm_caps_has_option(c, "machine", "type"));
        g_assert_true(c->program && g_path_is_absolute(c->program));
        g_assert_true(c->module_dirs && c->module_dirs[0]);
        if (dm_caps_has_type(c, "virtio-blk-pci"))
                g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci", "drive"));
        if (!c->kvm_enabled && dm_caps_has_accel(c, DM_ACCEL_TCG))
                g_assert_true(c->tcg_models == c->cpu_models);
}

/* The way of Debian 12; other versions have other figures. */
static void check_7_2(const char *name, const DmCaps *c)
{
        static const struct {
                const char *name, *accels, *machine;
                guint machines, models;
        } rows[] = {
                { "qemu-system-x86_64", "tcg, kvm", "pc", 58, 132 },
                { "qemu-system-i386", "tcg, kvm", "pc", 58, 132 },
                { "qemu-system-x86_64-microvm", "kvm", "microvm", 25, 132 },
                { "qemu-system-aarch64", "tcg", "virt", 108, 42 },
                { "qemu-system-ppc", "tcg", "mac99", 10, 384 },
                { "qemu-system-ppc64le", "tcg", "pseries", 40, 417 },
                { "qemu-system-s390x", "tcg", "s390-ccw-virtio", 23, 78 },
                { "qemu-system-sparc", "tcg", "SS-5", 10, 0 },
                { "qemu-system-or1k", "tcg", "virt", 2, 0 },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                if (strcmp(rows[i].name, name) != 0)
                        continue;
                g_autofree char *accels = dm_caps_accel_list(c);
                g_assert_cmpstr(accels, ==, rows[i].accels);
                g_assert_cmpuint(c->machines->len, ==, rows[i].machines);
                g_assert_cmpuint(c->cpu_models->len, ==, rows[i].models);
                g_assert_nonnull(dm_caps_machine(c, rows[i].machine));
        }
}

static void test_installed(void)
{
        guint n = 0;
        gint64 total = 0;
        g_autoptr(GDir) dir = g_dir_open("/usr/bin", 0, NULL);
        const char *name;
        while (dir && (name = g_dir_read_name(dir))) {
                if (!g_str_has_prefix(name, "qemu-system-"))
                        continue;
                g_autofree char *path = g_build_filename("/usr/bin", name, NULL);
                gint64 began = g_get_monotonic_time();
                g_autoptr(DmCaps) c = probe(path, LONG_MS);
                gint64 took = g_get_monotonic_time() - began;
                g_test_message("%-28s %4u machines %4u models %5u features %4.1f ms", name, c->machines->len,
                               c->cpu_models->len, g_hash_table_size(c->features), (double)took / 1000);
                check_installed(name, c);
                if (c->version / 1000 == 7002 && c->package && g_str_has_prefix(c->package, "Debian"))
                        check_7_2(name, c);
                n++;
                total += took;
        }
        if (n == 0)
                g_test_skip("no emulator is installed");
        g_test_message("%u emulators in %.2f s", n, (double)total / 1e6);
}

/* What a live probe asked, asked of its recording. */
static void test_record(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        const char *path = "/usr/bin/qemu-system-x86_64";
        if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
                g_test_skip("qemu-system-x86_64 is not installed");
                return;
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) lines = g_string_new(NULL);
        g_autofree char *file = g_build_filename(f->dir, "recording", NULL);
        DmProbeOptions options = { .limit_ms = LONG_MS, .record = lines };
        g_autoptr(DmCaps) live = dm_caps_probe(path, &options, &error);
        g_assert_no_error(error);
        g_autoptr(DmCaps) more = dm_caps_probe_tcg(live, &options, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(more->tcg_models->len, ==, live->cpu_models->len);
        g_assert_true(dm_cpu_model_usable(dm_cpu_model_find(more->tcg_models, "qemu64")));

        g_assert_true(g_file_set_contents(file, lines->str, (gssize)lines->len, NULL));
        g_autoptr(DmCaps) replayed = dm_caps_replay(file, path, 0, &error);
        g_assert_no_error(error);
        g_autoptr(DmJson) a = dm_caps_to_json(more), b = dm_caps_to_json(replayed);
        dm_json_remove(a, "module-directories");
        g_autofree char *a_text = dm_json_to_pretty(a), *b_text = dm_json_to_pretty(b);
        g_assert_cmpstr(a_text, ==, b_text);
}

static void test_machine_options(void)
{
        const char *path = "/usr/bin/qemu-system-x86_64";
        if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
                g_test_skip("qemu-system-x86_64 is not installed");
                return;
        }
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = LONG_MS };
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_autofree char *type = g_strconcat(dm_caps_machine(c, "pc")->name, "-machine", NULL);
        g_assert_false(dm_caps_has_prop(c, type, "vmport"));
        g_autoptr(DmCaps) more = dm_caps_probe_machine(c, dm_caps_machine(c, "pc")->name, &options, &error);
        g_assert_no_error(error);
        g_assert_true(dm_caps_has_prop(more, type, "vmport"));
        g_assert_true(dm_caps_has_prop(more, "virtio-blk-pci", "packed"));
        g_assert_false(dm_caps_has_prop(c, type, "vmport")); /* the first is as it was */

        g_assert_null(dm_caps_probe_machine(c, "nosuch", &options, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, "asked for machine 'nosuch': "));
}

/* ---- no emulators ---- */

static void test_cannot_start(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *missing = g_build_filename(f->dir, "missing", NULL);
        g_autofree char *plain = g_build_filename(f->dir, "plain", NULL);
        g_assert_true(g_file_set_contents(plain, "#!/bin/sh\n", -1, NULL));
        g_assert_cmpint(g_chmod(plain, 0644), ==, 0);
        g_autofree char *lost = script(f, "lost", "#!/no/such/interpreter\n");
        assert_fails(missing, LONG_MS, DM_ERROR_NOT_FOUND, "No such file");
        assert_fails(plain, LONG_MS, DM_ERROR_DENIED, "not executable");
        assert_fails(f->dir, LONG_MS, DM_ERROR_DENIED, "is a directory");
        assert_fails(lost, LONG_MS, DM_ERROR_NOT_FOUND, "No such file");
        assert_fails("bin/qemu", LONG_MS, DM_ERROR_INVALID_ARG, "no absolute path");
}

static void test_other_programs(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        assert_fails("/bin/true", LONG_MS, DM_ERROR_UNSUPPORTED,
                     "/bin/true did not answer as QEMU: QEMU closed its monitor connection before it sent a "
                     "greeting");
        assert_fails("/bin/true", LONG_MS, DM_ERROR_UNSUPPORTED, "; it exited with code 0");
        assert_fails("/bin/cat", LONG_MS, DM_ERROR_UNSUPPORTED,
                     "/bin/cat did not answer as QEMU: QEMU closed its monitor connection");
        assert_fails("/bin/cat", LONG_MS, DM_ERROR_UNSUPPORTED,
                     "; it exited with code 1: Try '/bin/cat --help' for more information.");
        g_autofree char *echo = script(f, "echo", "#!/bin/sh\ncat\n");
        assert_fails(echo, LONG_MS, DM_ERROR_UNSUPPORTED, "the first line is no greeting, in the line");
        g_autofree char *killed =
                script(f, "killed", "#!/bin/sh\necho one >&2; echo '  two ' >&2; kill -9 $$\n");
        assert_fails(killed, LONG_MS, DM_ERROR_UNSUPPORTED, "; it was killed by signal 9 (Killed): two");
}

static void test_rubbish(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *rubbish = fake_qmp(f->dir, "rubbish", "echo hello; sleep 600", "");
        assert_fails(rubbish, LONG_MS, DM_ERROR_UNSUPPORTED, "QEMU broke the QMP protocol: ");
        g_autofree char *greeting = fake_qmp(f->dir, "greeting", "echo '{\"QGA\":{}}'; sleep 600", "");
        assert_fails(greeting, LONG_MS, DM_ERROR_UNSUPPORTED,
                     "the first line is no greeting, in the line '{\"QGA\":{}}'");
        g_autofree char *endless = fake_qmp(f->dir, "endless", "exec yes", "");
        assert_fails(endless, LONG_MS, DM_ERROR_UNSUPPORTED, "QEMU broke the QMP protocol: ");
        g_autofree char *late = fake_qmp(f->dir, "late", "", "query-target) answer='{\"arch\":' ;;");
        assert_fails(late, LONG_MS, DM_ERROR_UNSUPPORTED, "late did not answer as QEMU: ");
        const char *all[] = { rubbish, greeting, endless, late };
        for (guint i = 0; i < G_N_ELEMENTS(all); i++)
                fake_qmp_assert_gone(all[i]);
}

/* A line that does not end, an endless stderr: neither is kept in memory. */
static void test_huge(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *line = fake_qmp(f->dir, "line", "tr '\\0' x < /dev/zero", "");
        assert_fails(line, LONG_MS, DM_ERROR_UNSUPPORTED, "more than 4194304 bytes");
        fake_qmp_assert_gone(line);
        g_autofree char *noise = fake_qmp(f->dir, "noise", "yes noise >&2", "");
        assert_given_up(noise, ": nois"); /* the last line may be cut */
        /* Talking on stderr is no fault. */
        g_autofree char *talker = fake_qmp(f->dir, "talker", "yes warning | head -n 100000 >&2", "");
        g_autoptr(DmCaps) c = probe(talker, LONG_MS);
        g_assert_cmpstr(c->target, ==, "x86_64");
}

/* ---- hanging ---- */

static void test_hanging(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        static const struct {
                const char *name, *start, *cases;
        } rows[] = {
                { "at-once", "exec sleep 600", "" },
                { "with-a-child", "sleep 600", "" },
                { "stopped", "kill -STOP $$", "" },
                { "greeted", "", "qmp_capabilities) sleep 600 ;;" },
                { "base", "", "query-machines) sleep 600 ;;" },
                { "silent", "trap '' TERM INT HUP; exec 0<&- 1>&-; sleep 600", "" },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = fake_qmp(f->dir, rows[i].name, rows[i].start, rows[i].cases);
                if (strcmp(rows[i].name, "silent") == 0) {
                        assert_fails(path, SHORT_MS, DM_ERROR_UNSUPPORTED, "closed its monitor connection");
                        fake_qmp_assert_gone(path);
                } else {
                        assert_given_up(path, "did not answer as QEMU: ");
                }
                g_assert_cmpuint(fake_qmp_starts(path), >=, 1);
        }
}

static void test_hanging_text(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "hanging", "echo waiting for a disk >&2; sleep 600", "");
        assert_given_up(
                path, "did not answer as QEMU: it was silent for 700 ms and was killed: waiting for a disk");
        g_assert_cmpuint(fake_qmp_starts(path), ==, 1); /* another accelerator would not help */
}

/* It tells what it is, then hangs: that much is true. */
static void test_hanging_late(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "late", "", "device-list-properties) sleep 600 ;;");
        g_autoptr(DmCaps) c = probe(path, 3 * SHORT_MS);
        g_assert_true(c->partial);
        g_assert_cmpuint(c->machines->len, ==, 2);
        g_assert_true(dm_caps_has_option(c, "machine", "usb"));
        g_assert_cmpuint(fake_qmp_starts(path), ==, 1);
        fake_qmp_assert_gone(path);
}

static void test_ignores_quit(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "stubborn", "trap '' TERM", "quit) answer='{}' ;;");
        gint64 began = g_get_monotonic_time();
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_assert_false(c->partial);
        g_assert_cmpint(g_get_monotonic_time() - began, >=, G_USEC_PER_SEC - 1000); /* a second of patience */
        fake_qmp_assert_gone(path);
}

/* ---- dying ---- */

static void test_dies_late(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path =
                fake_qmp(f->dir, "mortal", "",
                         "device-list-properties) case $line in *virtio-blk-pci*) exit 1 ;; esac\n"
                         "answer='[{\"name\":\"packed\"}]' ;;");
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_assert_true(c->partial);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        g_assert_false(dm_caps_has_prop(c, "virtio-blk-pci", "packed"));
        g_assert_true(dm_caps_has_prop(c, "virtio-net-pci", "packed")); /* asked by the second start */
        g_assert_true(dm_caps_has_prop(c, "memory-backend-file", "pmem"));
        g_assert_true(dm_caps_has_option(c, "machine", "usb"));
        g_assert_cmpuint(c->cpu_models->len, ==, 2);
        g_assert_true(c->kvm_enabled);
        fake_qmp_assert_gone(path);
}

static void test_dies_always(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "mortal", "",
                                         "query-command-line-options|query-migrate-capabilities) exit 1 ;;\n"
                                         "query-cpu-definitions|device-list-properties) kill -9 $$ ;;");
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_assert_true(c->partial);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 4);
        g_assert_cmpuint(c->machines->len, ==, 2);
        g_assert_cmpuint(g_hash_table_size(c->features), ==, 0);
}

static void test_dies_early(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "mortal", "", "query-target) exit 1 ;;");
        assert_fails(path, LONG_MS, DM_ERROR_UNSUPPORTED, "mortal did not answer as QEMU: ");
        fake_qmp_assert_gone(path);
        g_autofree char *dumb = fake_qmp(f->dir, "dumb", "", "query-target) answer='{}' ;;");
        assert_fails(dumb, LONG_MS, DM_ERROR_UNSUPPORTED, "it did not tell its target, machines and types");
}

/* One that knows only one accelerator's name. */
static void test_retry(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        static const char *const accels[] = { "tcg", "kvm", "qtest" };
        for (guint i = 0; i < G_N_ELEMENTS(accels); i++) {
                g_autofree char *start =
                        g_strdup_printf("[ $accel = %s ] || { echo bad accel >&2; exit 1; }", accels[i]);
                g_autofree char *path = fake_qmp(f->dir, accels[i], start, "");
                g_autoptr(DmCaps) c = probe(path, LONG_MS);
                g_assert_false(c->partial);
                g_assert_cmpuint(fake_qmp_starts(path), ==, 2 + i);
                g_assert_cmpint(c->kvm_enabled, ==, i == 1);
        }
        g_autofree char *none = fake_qmp(f->dir, "none", "echo bad $accel >&2; exit 1", "");
        assert_fails(none, LONG_MS, DM_ERROR_UNSUPPORTED, "; it exited with code 1: bad kvm:tcg");
}

/* ---- surroundings ---- */

static void test_surroundings(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "seen",
                                         "env > \"${0%/*}/env\"; ls -l /proc/$$/fd > \"${0%/*}/fds\"\n"
                                         "pwd > \"${0%/*}/cwd\"; echo \"$*\" > \"${0%/*}/words\"\n"
                                         "grep -E '^(Cap|NoNewPrivs)' /proc/$$/status > \"${0%/*}/status\"",
                                         "");
        g_setenv("DOMUS_SECRET", "tell nobody", TRUE);
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_unsetenv("DOMUS_SECRET");
        g_autofree char *env = read_text(f, "env"), *fds = read_text(f, "fds"), *cwd = read_text(f, "cwd");
        g_autofree char *words = read_text(f, "words"), *status = read_text(f, "status");
        g_strchomp(cwd);
        g_autofree char *home = g_strdup_printf("HOME=%s\n", cwd);
        g_assert_nonnull(strstr(env, home));
        g_assert_nonnull(strstr(env, "LC_ALL=C\n"));
        g_assert_nonnull(strstr(env, "PATH="));
        g_assert_null(strstr(env, "DOMUS_SECRET"));
        g_assert_nonnull(strstr(cwd, "domus-probe-"));
        g_assert_false(g_file_test(cwd, G_FILE_TEST_EXISTS)); /* removed */
        g_assert_nonnull(strstr(status, "CapEff:\t0000000000000000"));
        g_assert_nonnull(strstr(status, "NoNewPrivs:\t1"));
        g_assert_cmpstr(
                words, ==,
                "-S -no-user-config -nodefaults -display none -machine none,accel=kvm:tcg -qmp stdio\n");
        for (int fd = 3; fd < 10; fd++) { /* the shell itself has some from 10 */
                g_autofree char *entry = g_strdup_printf(" %d -> ", fd);
                g_assert_null(strstr(fds, entry));
        }
        g_assert_nonnull(strstr(fds, "socket:"));
}

/* The script waits for the emulator as a child: both end. */
static void test_wrapper(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *real = fake_qmp(f->dir, "real", "", "");
        g_autofree char *text = g_strdup_printf("#!/bin/sh\n\"%s\" \"$@\"\nexit 0\n", real);
        g_autofree char *wrapper = script(f, "wrapper", text);
        g_autoptr(DmCaps) c = probe(wrapper, LONG_MS);
        g_assert_cmpstr(c->path, ==, wrapper);
        fake_qmp_assert_gone(real);

        g_autofree char *hung = fake_qmp(f->dir, "hung", "sleep 600", "");
        g_autofree char *hung_text =
                g_strdup_printf("#!/bin/sh\necho $$ >> \"$0.starts\"\n\"%s\" \"$@\"\nexit 0\n", hung);
        g_autofree char *hung_wrapper = script(f, "hung-wrapper", hung_text);
        assert_given_up(hung_wrapper, "it was silent for 700 ms");
}

/* The program that runs is the one that the script replaced itself by. */
static void test_wrapper_program(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *shell = g_build_filename(f->dir, "shell", NULL);
        g_autofree char *bytes = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents("/bin/sh", &bytes, &length, NULL));
        g_assert_true(g_file_set_contents_full(shell, bytes, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT,
                                               0755, NULL));
        g_autofree char *real = fake_qmp(f->dir, "real", "", "");
        g_autofree char *text = g_strdup_printf("#!/bin/sh\nexec '%s' '%s' \"$@\"\n", shell, real);
        g_autofree char *wrapper = script(f, "wrapper", text);
        g_autoptr(DmCaps) c = probe(wrapper, LONG_MS);
        g_assert_cmpstr(c->path, ==, wrapper);
        g_assert_cmpstr(c->program, ==, shell);
}

static void test_user(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        if (geteuid() != 0) {
                g_test_skip("only root can become somebody else");
                return;
        }
        const gid_t groups[] = { 4711 };
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(g_chmod(f->dir, 0777), ==, 0);
        g_autofree char *path = fake_qmp(f->dir, "seen",
                                         "id -u > \"${0%/*}/ids\"; id -G >> \"${0%/*}/ids\"; : > here\n"
                                         "stat -c %u . >> \"${0%/*}/ids\"",
                                         "");
        DmProbeOptions options = { .limit_ms = LONG_MS,
                                   .set_ids = TRUE,
                                   .uid = 65534,
                                   .gid = 65534,
                                   .groups = groups,
                                   .n_groups = 1 };
        g_autoptr(DmCaps) c = dm_caps_probe(path, &options, &error);
        g_assert_no_error(error);
        g_autofree char *ids = read_text(f, "ids");
        g_assert_cmpstr(ids, ==, "65534\n65534 4711\n65534\n");
}

/* ---- later questions ---- */

static void test_tcg(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = LONG_MS };
        g_autofree char *path = fake_qmp(f->dir, "both", "", "");
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_assert_null(c->tcg_models);
        g_autoptr(DmCaps) more = dm_caps_probe_tcg(c, &options, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        g_assert_cmpuint(more->tcg_models->len, ==, 1);
        g_assert_cmpuint(more->cpu_models->len, ==, 2);
        g_assert_nonnull(more->tcg_model);
        g_assert_null(c->tcg_models);
        g_autoptr(DmCaps) again = dm_caps_probe_tcg(more, &options, &error);
        g_assert_true(again == more);

        /* Where kvm does not work the probe was on tcg already. */
        g_autofree char *tcg = fake_qmp(f->dir, "tcg", "accel=tcg", "");
        g_autoptr(DmCaps) only = probe(tcg, LONG_MS);
        g_autoptr(DmCaps) same = dm_caps_probe_tcg(only, &options, &error);
        g_assert_true(same == only);
        g_assert_cmpuint(fake_qmp_starts(tcg), ==, 1);

        g_autofree char *kvm =
                fake_qmp(f->dir, "kvm", "", "qom-list-types) answer='[{\"name\":\"kvm-accel\"}]' ;;");
        g_autoptr(DmCaps) without = probe(kvm, LONG_MS);
        g_assert_null(dm_caps_probe_tcg(without, &options, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, "has no tcg"));
}

static void test_machine_dies(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = LONG_MS };
        g_autofree char *path =
                fake_qmp(f->dir, "mortal", "",
                         "qom-list-properties) case $line in *isapc-machine*) kill -ABRT $$ ;; esac\n"
                         "answer='[{\"name\":\"type\"},{\"name\":\"hpet\"}]' ;;");
        g_autoptr(DmCaps) c = probe(path, LONG_MS);
        g_assert_false(c->partial);
        g_autoptr(DmCaps) more = dm_caps_probe_machine(c, "pc-1", &options, &error);
        g_assert_no_error(error);
        g_assert_true(dm_caps_has_prop(more, "pc-1-machine", "hpet"));
        g_assert_null(dm_caps_probe_machine(c, "isapc", &options, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        g_assert_nonnull(strstr(error->message, "mortal asked for machine 'isapc': "));
        fake_qmp_assert_gone(path);
}

#define ADD(name, function) g_test_add("/qemu/caps/probe/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/caps/probe/installed", test_installed);
        g_test_add_func("/qemu/caps/probe/machine-options", test_machine_options);
        ADD("record", test_record);
        ADD("cannot-start", test_cannot_start);
        ADD("other-programs", test_other_programs);
        ADD("rubbish", test_rubbish);
        ADD("huge", test_huge);
        ADD("hanging", test_hanging);
        ADD("hanging-text", test_hanging_text);
        ADD("hanging-late", test_hanging_late);
        ADD("ignores-quit", test_ignores_quit);
        ADD("dies-late", test_dies_late);
        ADD("dies-always", test_dies_always);
        ADD("dies-early", test_dies_early);
        ADD("retry", test_retry);
        ADD("surroundings", test_surroundings);
        ADD("wrapper", test_wrapper);
        ADD("wrapper-program", test_wrapper_program);
        ADD("user", test_user);
        ADD("tcg", test_tcg);
        ADD("machine-dies", test_machine_dies);
        return g_test_run();
}
