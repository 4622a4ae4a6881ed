/* Architectures: names, aliases, what runs what, where emulators are looked for. */
#include "qemu/arch.h"

static void check_names(void)
{
        static const char *const names[][2] = {
                { "amd64", "x86_64" }, { "x86", "i686" },      { "i386", "i686" },
                { "i586", "i686" },    { "arm", "armv7l" },    { "arm64", "aarch64" },
                { "hppa", "parisc" },  { "or1k", "openrisc" }, { "sparcv9", "sparc64" },
                { "powerpc", "ppc" },  { "x86_64", "x86_64" }, { "armv6l", "armv6l" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                const DmArch *a = dm_arch_find(names[i][0]);
                g_assert_nonnull(a);
                g_assert_cmpstr(a->name, ==, names[i][1]);
        }
        g_assert_null(dm_arch_find("vax"));
        g_assert_null(dm_arch_find(""));
        g_assert_null(dm_arch_find("X86_64"));
}

static void check_targets(void)
{
        g_assert_cmpstr(dm_arch_of_target("arm")->name, ==, "armv7l");
        g_assert_cmpstr(dm_arch_of_target("ppc64")->name, ==, "ppc64");
        g_assert_cmpstr(dm_arch_of_target("or1k")->name, ==, "openrisc");
        g_assert_null(dm_arch_of_target("avr"));
        g_assert_null(dm_arch_of_target("i686"));
        g_assert_cmpuint(dm_arch_find("sh4eb")->wordsize, ==, 32);
        g_assert_false(dm_arch_find("loongarch64")->listed);
}

static void check_runs(void)
{
        g_assert_true(dm_arch_target_runs("x86_64", "x86_64"));
        g_assert_true(dm_arch_target_runs("x86_64", "i686"));
        g_assert_false(dm_arch_target_runs("i386", "x86_64"));
        g_assert_true(dm_arch_target_runs("aarch64", "armv6l"));
        g_assert_true(dm_arch_target_runs("arm", "armv6l"));
        g_assert_false(dm_arch_target_runs("arm", "aarch64"));
        g_assert_true(dm_arch_target_runs("ppc64", "ppc"));
        g_assert_true(dm_arch_target_runs("ppc64", "ppc64le"));
        g_assert_false(dm_arch_target_runs("ppc", "ppc64"));
        g_assert_true(dm_arch_target_runs("mips64el", "mipsel"));
        g_assert_false(dm_arch_target_runs("mips64el", "mips"));
        g_assert_true(dm_arch_target_runs("hppa", "parisc"));
        g_assert_false(dm_arch_target_runs("avr", "avr"));
}

static void check_native(void)
{
        g_assert_true(dm_arch_native("x86_64", "x86_64"));
        g_assert_true(dm_arch_native("x86_64", "i686"));
        g_assert_false(dm_arch_native("i686", "x86_64"));
        g_assert_true(dm_arch_native("aarch64", "armv7l"));
        g_assert_true(dm_arch_native("ppc64le", "ppc64"));
        g_assert_false(dm_arch_native("ppc64", "ppc"));
        g_assert_false(dm_arch_native("x86_64", "sparc"));
}

static void expect_candidates(const char *host, const char *guest, const char *expected)
{
        g_auto(GStrv) names = dm_arch_candidates(host, dm_arch_find(guest));
        g_autofree char *text = g_strjoinv(" ", names);
        g_assert_cmpstr(text, ==, expected);
}

static void check_candidates(void)
{
        expect_candidates("x86_64", "x86_64", "qemu-system-x86_64 qemu-kvm kvm /usr/libexec/qemu-kvm");
        expect_candidates("x86_64", "i686",
                          "qemu-system-i386 qemu-system-x86_64 qemu qemu-kvm kvm /usr/libexec/qemu-kvm");
        expect_candidates("aarch64", "i686", "qemu-system-i386 qemu");
        expect_candidates("aarch64", "armv7l",
                          "qemu-system-aarch64 qemu-system-arm qemu-kvm kvm /usr/libexec/qemu-kvm");
        expect_candidates("x86_64", "armv7l", "qemu-system-arm qemu-system-aarch64");
        expect_candidates("x86_64", "ppc64le", "qemu-system-ppc64 qemu-system-ppc64le");
        expect_candidates("x86_64", "mips", "qemu-system-mips qemu-system-mips64");
        expect_candidates("x86_64", "openrisc", "qemu-system-or1k");
        expect_candidates("x86_64", "ia64", "qemu-system-ia64");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/arch/names", check_names);
        g_test_add_func("/qemu/arch/targets", check_targets);
        g_test_add_func("/qemu/arch/runs", check_runs);
        g_test_add_func("/qemu/arch/native", check_native);
        g_test_add_func("/qemu/arch/candidates", check_candidates);
        return g_test_run();
}
