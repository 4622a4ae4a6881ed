/* Architectures: names, what runs what, and how the programs are called that emulate them.
 *
 * The names are libvirt's; QEMU has its own for some (i386, arm, or1k, hppa).  avr, nios2, rx and tricore
 * have no name in libvirt's schema at all: their emulators can be named in a document, but no guest can ask
 * for them. */
#include "qemu/arch.h"

#include <string.h>

/* The first row of a target is the architecture that a binary of that target stands for. */
static const DmArch archs[] = {
        { "x86_64", "x86_64", 64, FALSE, TRUE },
        { "i686", "i386", 32, FALSE, TRUE },
        { "aarch64", "aarch64", 64, FALSE, TRUE },
        { "armv7l", "arm", 32, FALSE, TRUE },
        { "armv6l", "arm", 32, FALSE, TRUE },
        { "alpha", "alpha", 64, FALSE, TRUE },
        { "cris", "cris", 32, FALSE, TRUE },
        { "loongarch64", "loongarch64", 64, FALSE, FALSE }, /* libvirt's schema knows it from 9.9 on */
        { "m68k", "m68k", 32, TRUE, TRUE },
        { "microblaze", "microblaze", 32, TRUE, TRUE },
        { "microblazeel", "microblazeel", 32, FALSE, TRUE },
        { "mips", "mips", 32, TRUE, TRUE },
        { "mipsel", "mipsel", 32, FALSE, TRUE },
        { "mips64", "mips64", 64, TRUE, TRUE },
        { "mips64el", "mips64el", 64, FALSE, TRUE },
        { "openrisc", "or1k", 32, TRUE, TRUE },
        { "parisc", "hppa", 32, TRUE, TRUE },
        { "ppc", "ppc", 32, TRUE, TRUE },
        { "ppc64", "ppc64", 64, TRUE, TRUE },
        { "ppc64le", "ppc64", 64, FALSE, TRUE },
        { "riscv32", "riscv32", 32, FALSE, TRUE },
        { "riscv64", "riscv64", 64, FALSE, TRUE },
        { "s390x", "s390x", 64, TRUE, TRUE },
        { "sh4", "sh4", 32, FALSE, TRUE },
        { "sh4eb", "sh4eb", 32, TRUE, TRUE },
        { "sparc", "sparc", 32, TRUE, TRUE },
        { "sparc64", "sparc64", 64, TRUE, TRUE },
        { "xtensa", "xtensa", 32, FALSE, TRUE },
        { "xtensaeb", "xtensaeb", 32, TRUE, TRUE },
        /* Known to libvirt, emulated by QEMU never or no more. */
        { "ia64", "ia64", 64, FALSE, TRUE },
        { "lm32", "lm32", 32, TRUE, TRUE },
        { "parisc64", "hppa64", 64, TRUE, TRUE },
        { "ppcemb", "ppcemb", 32, TRUE, TRUE },
        { "s390", "s390", 32, TRUE, TRUE },
        { "unicore32", "unicore32", 32, FALSE, TRUE },
        { 0 },
};

/* Read, never written: libvirt refuses all of these, so none changes the meaning of a document that works. */
static const struct {
        const char *alias, *name;
} aliases[] = {
        { "amd64", "x86_64" },  { "x86-64", "x86_64" },   { "x86", "i686" },    { "i386", "i686" },
        { "i486", "i686" },     { "i586", "i686" },       { "arm", "armv7l" },  { "arm64", "aarch64" },
        { "powerpc", "ppc" },   { "powerpc64", "ppc64" }, { "hppa", "parisc" }, { "or1k", "openrisc" },
        { "or32", "openrisc" }, { "sparcv9", "sparc64" }, { "sh", "sh4" },
};

/* Targets that run more than their own architecture. */
static const struct {
        const char *target, *arch;
} also_runs[] = {
        { "x86_64", "i686" }, { "aarch64", "armv7l" }, { "aarch64", "armv6l" },
        { "ppc64", "ppc" },   { "mips64", "mips" },    { "mips64el", "mipsel" },
};

/* Pairs of (host, guest), besides equal ones, whose code the host's CPUs run by themselves. */
static const struct {
        const char *host, *guest;
} native_pairs[] = {
        { "x86_64", "i686" },
        { "aarch64", "armv7l" },
        { "ppc64", "ppc64le" },
        { "ppc64le", "ppc64" },
};

/* KVM builds of distributions, for the host's own architecture only. */
static const char *const kvm_names[] = { "qemu-kvm", "kvm", "/usr/libexec/qemu-kvm" };

const DmArch *dm_arch_all(void)
{
        return archs;
}

const DmArch *dm_arch_find(const char *name_or_alias)
{
        for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++)
                if (strcmp(name_or_alias, aliases[i].alias) == 0)
                        name_or_alias = aliases[i].name;
        for (const DmArch *a = archs; a->name; a++)
                if (strcmp(name_or_alias, a->name) == 0)
                        return a;
        return NULL;
}

const DmArch *dm_arch_of_target(const char *target)
{
        for (const DmArch *a = archs; a->name; a++)
                if (strcmp(target, a->target) == 0)
                        return a;
        return NULL;
}

gboolean dm_arch_target_runs(const char *target, const char *arch)
{
        for (const DmArch *a = archs; a->name; a++)
                if (strcmp(target, a->target) == 0 && strcmp(arch, a->name) == 0)
                        return TRUE;
        for (gsize i = 0; i < G_N_ELEMENTS(also_runs); i++)
                if (strcmp(target, also_runs[i].target) == 0 && strcmp(arch, also_runs[i].arch) == 0)
                        return TRUE;
        return FALSE;
}

gboolean dm_arch_native(const char *host, const char *guest)
{
        for (gsize i = 0; i < G_N_ELEMENTS(native_pairs); i++)
                if (strcmp(host, native_pairs[i].host) == 0 && strcmp(guest, native_pairs[i].guest) == 0)
                        return TRUE;
        return strcmp(host, guest) == 0;
}

/* ---- names of programs ---- */

static void add(GPtrArray *names, char *name)
{
        for (guint i = 0; i < names->len; i++)
                if (strcmp(g_ptr_array_index(names, i), name) == 0) {
                        g_free(name);
                        return;
                }
        g_ptr_array_add(names, name);
}

static char *program(const char *target)
{
        return g_strconcat("qemu-system-", target, NULL);
}

char **dm_arch_candidates(const char *host, const DmArch *guest)
{
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        gboolean native = dm_arch_native(host, guest->name);
        gboolean i686 = strcmp(guest->name, "i686") == 0;
        /* Only the 64 bit binary has KVM on a 64 bit ARM host. */
        if (native && strcmp(guest->name, "armv7l") == 0 && strcmp(host, "aarch64") == 0)
                add(names, program("aarch64"));
        add(names, program(guest->target));
        if (strcmp(guest->name, "ppc64le") == 0)
                add(names, program("ppc64le")); /* a link to the above, if the packager made one */
        for (gsize i = 0; i < G_N_ELEMENTS(also_runs); i++)
                if (strcmp(also_runs[i].arch, guest->name) == 0 && (native || !i686))
                        add(names, program(also_runs[i].target));
        if (i686)
                add(names, g_strdup("qemu")); /* its name until 2010 */
        for (gsize i = 0; native && i < G_N_ELEMENTS(kvm_names); i++)
                add(names, g_strdup(kvm_names[i]));
        g_ptr_array_add(names, NULL);
        return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

char **dm_arch_all_candidates(void)
{
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (const DmArch *a = archs; a->name; a++) {
                g_auto(GStrv) some = dm_arch_candidates(a->name, a);
                for (char **s = some; *s; s++)
                        add(names, g_strdup(*s));
        }
        g_ptr_array_add(names, NULL);
        return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}
