/* Seed requirements B: the accelerator in <os><type>, and its equivalents of today. */
#include "qemu/seeds_fixture.h"

#define X86       "/usr/bin/qemu-system-x86_64"
#define K9        "/opt/k9/qemu-system-x86_64"
#define K11       "/opt/k11/qemu-system-x86_64"
#define V74       "/opt/v74/qemu-kvm"
#define V10       "/opt/v10/qemu-system-x86_64"
#define QV        "/opt/qv/qemu"
#define TYPE(t)   "<type>" t "</type>"
#define LOADER(p) "<loader>" p "</loader>"
#define HERE      .real = "x86_64"
#define PC(t, accel)                                                                                      \
        .want_type = t, .emulator = X86, .arch = "x86_64", .machine = "pc", .canonical = "pc-i440fx-7.2", \
        HERE, .argv = { "-accel " accel, "-machine pc-i440fx-7.2…" }
#define OLD(t, p) .want_type = t, .emulator = p, .arch = "x86_64", .machine = "pc"
#define NOT_OFFERED(a)                                                                              \
        .errors = { "accelerator '" a "' is not offered by " X86 " (QEMU 7.2.22): it has tcg, kvm", \
                    "; available domain types: qemu, kvm" },                                        \
        HERE
#define XEN(why) \
        "os type 'xen' (Xen paravirtualised) is not available: " why "; available os types for x86_64: hvm"

static const SeedRow rows[] = {
        { "/seeds/B1", H, .os = TYPE("qemu"), PC("qemu", "tcg"), .cpu = "qemu64" },
        { "/seeds/B2", H, .os = TYPE("kvm"), PC("kvm", "kvm") },
        { "/seeds/B3", H0, .os = TYPE("kvm"), HERE,
          .errors = { "KVM is not usable on this host: /dev/kvm does not exist",
                      "available for x86_64: qemu" } },
        { "/seeds/B4", H1, .os = TYPE("kvm"), HERE,
          .errors = { "/dev/kvm: Permission denied", "guestrunner", "available for x86_64: qemu" } },
        { "/seeds/B5", H2, .os = TYPE("kvm"), HERE,
          .errors = { "KVM_CREATE_VM failed: Inappropriate ioctl for device" } },
        { "/seeds/B5/api", H2B, .os = TYPE("kvm"), HERE, .errors = { "KVM API version 11, 12 needed" } },
        { "/seeds/B6", H, .os = "<type arch='sparc'>kvm</type>", .real = "sparc",
          .errors = { "kvm cannot run sparc guests on a x86_64 host; available for sparc: qemu" } },
        { "/seeds/B7", H, .os = "<type arch='i686'>kvm</type>", .want_type = "kvm",
          .emulator = "/usr/bin/qemu-system-i386", .arch = "i686", .machine = "pc", .cpu = "qemu32",
          .real = "i386", .argv = { "-accel kvm", "-cpu qemu32…" } },
        { "/seeds/B8", H64, .os = "<type arch='i686'>kvm</type>", .want_type = "kvm", .emulator = X86,
          .arch = "i686", .machine = "pc", .cpu = "qemu32", HERE, .argv = { "-accel kvm", "-cpu qemu32…" } },
        { "/seeds/B9", H, .os = TYPE("kqemu"), NOT_OFFERED("kqemu") },
        { "/seeds/B10", H, .os = TYPE("qvm86"), NOT_OFFERED("qvm86") },
        { "/seeds/B11", HK, .os = TYPE("kqemu") LOADER(K9), OLD("kqemu", K9), .argv = { "-M pc" },
          .not_argv = { "-no-kqemu", "-enable-kqemu" } },
        { "/seeds/B12", H, .os = TYPE("kqemu") LOADER(K9), .errors = { "/dev/kqemu does not exist" } },
        { "/seeds/B13", H, .os = TYPE("qemu") LOADER(K9), OLD("qemu", K9), .argv = { "-M pc", "-no-kqemu" } },
        { "/seeds/B14", HK, .os = TYPE("kqemu") LOADER(K11), OLD("kqemu", K11), .argv = { "-enable-kqemu" } },
        { "/seeds/B15", H, .os = TYPE("kvm") LOADER(V74), OLD("kvm", V74), .argv = { "-M pc" },
          .not_argv = { "-no-kvm", "-enable-kvm" } },
        { "/seeds/B15/qemu", H, .os = TYPE("qemu") LOADER(V74), OLD("qemu", V74), .argv = { "-no-kvm" } },
        { "/seeds/B16", H, .os = TYPE("kvm") LOADER(V10), OLD("kvm", V10), .argv = { "-enable-kvm" } },
        { "/seeds/B16/qemu", H, .os = TYPE("qemu") LOADER(V10), OLD("qemu", V10),
          .not_argv = { "-enable-kvm" } },
        { "/seeds/B17", HQ, .os = TYPE("qvm86") LOADER(QV), .want_type = "qvm86", .emulator = QV,
          .arch = "i686", .machine = "pc", .argv = { "-M pc" } },
        { "/seeds/B17/x86_64", H, .os = TYPE("qvm86") LOADER(QV),
          .errors = { "qvm86 accelerates i686 guests on i686 hosts only" } },
        { "/seeds/B18", HK, .os = "<type arch='ppc'>kqemu</type>" LOADER("/opt/k9/qemu-system-ppc"),
          .errors = { "kqemu cannot run ppc guests on a x86_64 host" } },
        { "/seeds/B19", H, .os = TYPE("foo"),
          .errors = { "unknown os type 'foo' (expected hvm, or one of qemu, kvm, kqemu, qvm86)" } },
        { "/seeds/B20", H, .os = TYPE(" kvm "), PC("kvm", "kvm") },
        { "/seeds/B21", H, .os = "<type/>", .errors = { "an os <type> must be specified" } },
        { "/seeds/B21/none", H, .os = "", .errors = { "an os <type> must be specified" } },
        { "/seeds/B23", H, "kvm", "<type arch='x86_64' machine='q35'>hvm</type>", .want_type = "kvm",
          .emulator = X86, .arch = "x86_64", .machine = "q35", .canonical = "pc-q35-7.2", HERE },
        { "/seeds/B24", H, "kqemu", TYPE("hvm"), NOT_OFFERED("kqemu") },
        { "/seeds/B25", H, "qvm86", TYPE("hvm"), NOT_OFFERED("qvm86") },
        { "/seeds/B26", H, "qemu", TYPE("kvm"), PC("kvm", "kvm") },
        { "/seeds/B27", H, "", TYPE("kvm"), PC("kvm", "kvm") },
        { "/seeds/B28", H, "", TYPE("hvm"), .errors = { "missing domain type attribute" } },
        { "/seeds/B29", H, "kvm", TYPE("qemu"),
          .errors = { "domain type 'kvm' contradicts os type 'qemu'" } },
        { "/seeds/B30", H, "kvm", TYPE("kvm"), PC("kvm", "kvm") },
        { "/seeds/B31", H, "xen", TYPE("hvm"), HERE,
          .errors = { "domain type 'xen' is not handled by this driver; available: qemu, kvm" } },
        { "/seeds/B32", H, .os = TYPE("xen"), .errors = { XEN("no Xen hypervisor on this host") } },
        { "/seeds/B32/linux", H, .os = TYPE("linux"), .errors = { XEN("no Xen hypervisor on this host") } },
        { "/seeds/B33", HX, "xen", TYPE("linux"),
          .errors = { XEN("no installed emulator reports the xen accelerator") } },
};

/* B22: the stored form of B2 is today's. */
static void stored_form(void)
{
        SeedSource s;
        g_autoptr(DmHost) host = seed_host(H, &s);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = seed_document(&(SeedRow){ .os = TYPE("kvm") LOADER(X86) });
        g_autoptr(DmPlan) p = seed_resolve(text, host, &s.source, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *stored = dm_domain_format(p->domain, 0);
        g_assert_nonnull(strstr(stored, "<domain type='kvm'>"));
        g_assert_nonnull(strstr(stored, "<type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>"));
        g_assert_nonnull(strstr(stored, "<emulator>" X86 "</emulator>"));
        g_assert_null(strstr(stored, "<loader"));
        g_hash_table_unref(s.caps);
}

int main(int argc, char **argv)
{
        Seeds seeds = { 0 };
        g_test_init(&argc, &argv, NULL);
        seeds_add_rows(&seeds, rows, G_N_ELEMENTS(rows));
        g_test_add_func("/seeds/B22", stored_form);
        return seeds_finish(&seeds);
}
