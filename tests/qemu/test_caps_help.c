/* Emulators from before QMP: what their help tells. */
#include "qemu/caps_help.h"

#include <string.h>

#include "lib/fake_old_qemu.h"
#include "lib/fake_qmp.h"
#include "qemu/caps_probe.h"
#include "util/error.h"
#include "util/file.h"

#define LIMIT_MS 60000

typedef struct Fixture {
        char *dir;
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-help-test-XXXXXX", &error);
        g_assert_no_error(error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        dm_remove_tree(f->dir, &error);
        g_assert_no_error(error);
        g_free(f->dir);
}

static DmCaps *probe(const char *path)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = LIMIT_MS };
        DmCaps *c = dm_caps_probe(path, &options, &error);
        g_assert_no_error(error);
        g_assert_true(c->help_era);
        g_assert_cmpstr(c->path, ==, path);
        g_assert_false(c->kvm_enabled);
        g_assert_true(c->tcg_models == c->cpu_models);
        return c;
}

static DmCaps *parse(const char *path, const char *help, const char *machines, const char *cpus)
{
        g_autoptr(GError) error = NULL;
        DmCaps *c = dm_caps_from_help(path, "s390x", help, machines, cpus, &error);
        g_assert_no_error(error);
        return c;
}

static void assert_accels(const DmCaps *c, const char *expected)
{
        g_autofree char *list = dm_caps_accel_list(c);
        g_assert_cmpstr(list, ==, expected);
}

/* ---- whole probes ---- */

/* What every line of the help makes of it. */
static void test_kinds(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        static const struct {
                FakeOldQemu kind;
                const char *name, *version, *package, *target, *accels;
                unsigned flags;
        } rows[] = {
                { FAKE_QEMU_0_8_QVM86, "qemu", "0.8.2", NULL, "i386", "tcg, kqemu, qvm86", DM_HELP_NO_KQEMU },
                { FAKE_QEMU_0_9_1, "qemu-system-x86_64", "0.9.1", NULL, "x86_64", "tcg, kqemu",
                  DM_HELP_NO_KQEMU | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE | DM_HELP_VNC_COLON },
                { FAKE_KVM_74, "qemu-kvm", "0.9.1", "kvm-74", "x86_64", "tcg, kvm",
                  DM_HELP_NO_KVM | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE | DM_HELP_DRIVE_BOOT |
                          DM_HELP_DRIVE_FORMAT | DM_HELP_NO_SHUTDOWN | DM_HELP_VNC_COLON },
                { FAKE_QEMU_0_10_5, "qemu-system-x86_64", "0.10.5", NULL, "x86_64", "tcg, kvm, kqemu",
                  DM_HELP_NO_KQEMU | DM_HELP_ENABLE_KVM | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE |
                          DM_HELP_DRIVE_CACHE_V2 | DM_HELP_DRIVE_FORMAT | DM_HELP_DRIVE_SERIAL |
                          DM_HELP_UUID | DM_HELP_VGA | DM_HELP_BIOS | DM_HELP_NO_SHUTDOWN |
                          DM_HELP_VNC_COLON },
                { FAKE_QEMU_0_11, "qemu", "0.11.0", NULL, "i386", "tcg, kqemu",
                  DM_HELP_ENABLE_KQEMU | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE |
                          DM_HELP_BOOT_ORDER | DM_HELP_DRIVE_CACHE_V2 | DM_HELP_DRIVE_FORMAT |
                          DM_HELP_DRIVE_SERIAL | DM_HELP_UUID | DM_HELP_VGA | DM_HELP_BIOS |
                          DM_HELP_NO_SHUTDOWN | DM_HELP_VNC_COLON },
                { FAKE_QEMU_0_12, "qemu-kvm", "0.12.3", "qemu-kvm-0.12.3", "x86_64", "tcg, kvm",
                  DM_HELP_ENABLE_KVM | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE | DM_HELP_BOOT_ORDER |
                          DM_HELP_DRIVE_CACHE_V2 | DM_HELP_DRIVE_FORMAT | DM_HELP_DRIVE_SERIAL |
                          DM_HELP_UUID | DM_HELP_VGA | DM_HELP_BIOS | DM_HELP_NO_SHUTDOWN |
                          DM_HELP_VNC_COLON | DM_HELP_NODEFAULTS | DM_HELP_DEVICE | DM_HELP_CHARDEV |
                          DM_HELP_NETDEV | DM_HELP_QMP },
                { FAKE_QEMU_0_15, "qemu-system-i386", "0.15.1", NULL, "i386", "tcg, kvm, xen",
                  DM_HELP_ENABLE_KVM | DM_HELP_NAME | DM_HELP_DAEMONIZE | DM_HELP_DRIVE | DM_HELP_BOOT_ORDER |
                          DM_HELP_DRIVE_CACHE_V2 | DM_HELP_DRIVE_FORMAT | DM_HELP_DRIVE_SERIAL |
                          DM_HELP_UUID | DM_HELP_VGA | DM_HELP_BIOS | DM_HELP_NO_SHUTDOWN |
                          DM_HELP_VNC_COLON | DM_HELP_NODEFAULTS | DM_HELP_DEVICE | DM_HELP_CHARDEV |
                          DM_HELP_NETDEV | DM_HELP_QMP | DM_HELP_MACHINE_ACCEL },
        };
        G_STATIC_ASSERT(G_N_ELEMENTS(rows) == FAKE_OLD_QEMU_N);
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = fake_old_qemu(f->dir, rows[i].name, rows[i].kind);
                g_autoptr(DmCaps) c = probe(path);
                g_assert_cmpstr(c->version_text, ==, rows[i].version);
                g_assert_cmpstr(c->package, ==, rows[i].package);
                g_assert_cmpstr(c->target, ==, rows[i].target);
                g_assert_cmphex(c->help, ==, rows[i].flags);
                g_assert_false(c->partial);
                assert_accels(c, rows[i].accels);
                g_assert_nonnull(dm_caps_machine(c, "pc"));
                g_assert_nonnull(dm_caps_machine(c, "isapc"));
        }
}

static void test_machines(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_old_qemu(f->dir, "qemu", FAKE_QEMU_0_11);
        g_autoptr(DmCaps) c = probe(path);
        g_assert_cmpuint(c->machines->len, ==, 3); /* the alias is none of its own */
        const DmMachine *pc = dm_caps_machine(c, "pc");
        g_assert_cmpstr(pc->name, ==, "pc-0.11");
        g_assert_cmpstr(pc->alias, ==, "pc");
        g_assert_cmpstr(pc->description, ==, "Standard PC");
        g_assert_true(dm_caps_default_machine(c) == pc);
        g_assert_cmpstr(dm_caps_machine(c, "pc-0.10")->description, ==, "Standard PC, qemu 0.10");

        g_autofree char *ppc_path = fake_old_qemu(f->dir, "qemu-system-ppc", FAKE_QEMU_0_9_1);
        g_autoptr(DmCaps) ppc = probe(ppc_path);
        g_assert_cmpstr(ppc->target, ==, "ppc");
        g_assert_cmpstr(dm_caps_default_machine(ppc)->name, ==, "g3bw");
        g_assert_nonnull(dm_caps_machine(ppc, "prep"));
        g_assert_nonnull(dm_caps_cpu_model(ppc, "601_v1"));
        g_assert_cmpuint(ppc->cpu_models->len, ==, 2);

        g_autofree char *sparc_path = fake_old_qemu(f->dir, "qemu-system-sparc", FAKE_QEMU_0_9_1);
        g_autoptr(DmCaps) sparc = probe(sparc_path);
        g_assert_cmpstr(dm_caps_default_machine(sparc)->name, ==, "sun4m"); /* the first, as none is marked */
        g_assert_nonnull(dm_caps_cpu_model(sparc, "LEON2"));

        g_autofree char *mips_path = fake_old_qemu(f->dir, "qemu-system-mips", FAKE_QEMU_0_9_1);
        g_autoptr(DmCaps) mips = probe(mips_path);
        g_assert_nonnull(dm_caps_machine(mips, "mips"));
        g_assert_nonnull(dm_caps_cpu_model(mips, "24Kf"));
}

/* ---- which target ---- */

static void test_target(void)
{
        static const struct {
                const char *path, *help, *cpus, *target;
        } rows[] = {
                { "/usr/bin/qemu-system-ppc", "", "", "ppc" },
                { "/opt/q/qemu-system-x86_64-0.9", "", "", "x86_64" },
                { "/opt/q/mine", "usage: qemu-system-arm [options]\n", "", "arm" },
                { "/opt/q/mine", "usage: qemu [options]\n", "", "i386" },
                { "/usr/bin/qemu", "", "x86 qemu64\n", "i386" },
                { "/usr/bin/qemu-kvm", "", "x86 qemu64\n", "x86_64" },
                { "/usr/bin/kvm", "", "x86 qemu32\n", "i386" },
                { "/usr/bin/kvm", "", "", "s390x" }, /* nothing tells: the host */
                { "/opt/q/mine", "-no-kvm  x\n", "x86 qemu64\n", "x86_64" },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *help =
                        g_strconcat("QEMU PC emulator version 0.9.1, x\n", rows[i].help, NULL);
                g_autoptr(DmCaps) c = parse(rows[i].path, help, "", rows[i].cpus);
                g_assert_cmpstr(c->target, ==, rows[i].target);
                g_assert_true(c->partial); /* it told no machines */
        }
}

static void test_version(void)
{
        static const struct {
                const char *line, *version, *package;
        } rows[] = {
                { "QEMU PC emulator version 0.8.0, Copyright (c) 2003", "0.8.0", NULL },
                { "QEMU PC emulator version 0.9.1 (kvm-74), Copyright (c) 2003", "0.9.1", "kvm-74" },
                { "QEMU emulator version 1.0,1, Copyright (c) 2003", "1.0.0", NULL },
                { "QEMU emulator version 1.0 (qemu-kvm-1.0), Copyright (c) 2003", "1.0.0", "qemu-kvm-1.0" },
                { "warning: old\nQEMU emulator version 1.1.2", "1.1.2", NULL },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmCaps) c = parse("/usr/bin/qemu", rows[i].line, "", "");
                g_assert_cmpstr(c->version_text, ==, rows[i].version);
                g_assert_cmpstr(c->package, ==, rows[i].package);
        }
}

static void test_words(void)
{
        g_autoptr(DmCaps) c =
                parse("/usr/bin/qemu",
                      "QEMU PC emulator version 0.8.9, x\n"
                      "-std-vga        not -vga\n"
                      "-no-kvm-pit     not that\n"
                      " -drive          indented: an explanation\n"
                      "-named          longer\n",
                      "Supported machines are:\n\nodd\nlast  No default at all\r\n", "rubbish\n \n");
        g_assert_cmphex(c->help, ==, 0);
        assert_accels(c, "tcg");
        g_assert_cmpuint(c->machines->len, ==, 1);
        g_assert_cmpstr(dm_caps_default_machine(c)->name, ==, "last");
        g_assert_cmpstr(dm_caps_default_machine(c)->description, ==, "No default at all");
        g_assert_cmpuint(c->cpu_models->len, ==, 0);
}

/* ---- what is none ---- */

static void assert_fails(const char *path, const char *text)
{
        g_autoptr(GError) error = NULL;
        DmProbeOptions options = { .limit_ms = LIMIT_MS };
        g_assert_null(dm_caps_probe(path, &options, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        if (!strstr(error->message, text))
                g_error("'%s' does not say '%s'", error->message, text);
}

static char *script(const Fixture *f, const char *name, const char *text)
{
        g_autoptr(GError) error = NULL;
        char *path = g_build_filename(f->dir, name, NULL);
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, &error);
        g_assert_no_error(error);
        return path;
}

static void test_not_old(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *other = script(f, "other",
                                        "#!/bin/sh\n[ \"$1\" != -M ] || : > \"$0.asked\"\n"
                                        "echo Usage: other; echo no >&2; exit 2\n");
        assert_fails(other, "; it exited with code 2: no"); /* the reason is QMP's */
        g_autofree char *asked = g_strconcat(other, ".asked", NULL);
        g_assert_false(g_file_test(asked, G_FILE_TEST_EXISTS)); /* it was left in peace after its help */

        /* A QEMU of today that does not start has a help as well. */
        g_autofree char *today =
                script(f, "today",
                       "#!/bin/sh\n[ \"$1\" != -help ] || echo 'QEMU emulator version 7.2.22'\n"
                       "echo cannot load a library >&2; exit 127\n");
        assert_fails(today, "; it exited with code 127: cannot load a library");

        g_assert_null(dm_caps_from_help("/opt/x", "i386", "QEMU emulator version 1.2.0", "", "", &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, "/opt/x (QEMU 1.2.0) did not answer QMP"));
        g_clear_error(&error);
        g_assert_null(dm_caps_from_help("/opt/x", "i386", "hello", "", "", &error));
        g_assert_nonnull(strstr(error->message, "/opt/x did not answer as QEMU: its help names no version"));
}

/* Help that hangs, or never ends, with a child that would outlive the shell. */
static void test_hanging_help(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        static const char *const bodies[] = { "sleep 600", "yes" };
        for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
                g_autofree char *name = g_strdup_printf("old-%u", i);
                g_autofree char *start = g_strdup_printf("[ \"$1\" = -help ] || exit 1; %s; true", bodies[i]);
                g_autofree char *path = fake_qmp(f->dir, name, start, "");
                gint64 began = g_get_monotonic_time();
                assert_fails(path, "; it exited with code 1");
                g_assert_cmpint(g_get_monotonic_time() - began, <, 20 * G_USEC_PER_SEC);
                fake_qmp_assert_gone(path);
                g_assert_cmpuint(fake_qmp_starts(path), ==, 5);
        }
}

#define ADD(name, function) g_test_add("/qemu/caps/help/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("kinds", test_kinds);
        ADD("machines", test_machines);
        g_test_add_func("/qemu/caps/help/target", test_target);
        g_test_add_func("/qemu/caps/help/version", test_version);
        g_test_add_func("/qemu/caps/help/words", test_words);
        ADD("not-old", test_not_old);
        ADD("hanging", test_hanging_help);
        return g_test_run();
}
