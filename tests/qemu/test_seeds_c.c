/* Seed requirements C: architecture and machine. */
#include "qemu/seeds_fixture.h"

#define BIN(x)          "/usr/bin/qemu-system-" x
#define ARCH(a)         "<type arch='" a "'>qemu</type>"
#define MACHINE(a, m)   "<type arch='" a "' machine='" m "'>qemu</type>"
#define IS(b, a, m)     .want_type = "qemu", .emulator = BIN(b), .arch = a, .machine = m, .real = b
#define OLD(path, a, m) .want_type = "qemu", .emulator = path, .arch = a, .machine = m
#define LOADER(p)       "<loader>" p "</loader>"

static const SeedRow rows[] = {
        { "/seeds/C1", H, .os = "<type>qemu</type>", IS("x86_64", "x86_64", "pc") },
        { "/seeds/C2", H, .os = ARCH("ppc"), IS("ppc", "ppc", "g3beige") },
        { "/seeds/C3", H, .os = MACHINE("ppc", "mac99"), IS("ppc", "ppc", "mac99"),
          .argv = { "-machine mac99…" } },
        { "/seeds/C4", H, .os = "<type machine='isapc'>qemu</type>", IS("x86_64", "x86_64", "isapc"),
          .cpu = "486" },
        { "/seeds/C5", H, .os = ARCH("x86"), IS("i386", "i686", "pc"), .cpu = "qemu32" },
        { "/seeds/C6/amd64", H, .os = ARCH("amd64"), IS("x86_64", "x86_64", "pc") },
        { "/seeds/C6/arm64", H, .os = ARCH("arm64"), IS("aarch64", "aarch64", "virt") },
        { "/seeds/C6/i386", H, .os = ARCH("i386"), IS("i386", "i686", "pc") },
        { "/seeds/C6/i586", H, .os = ARCH("i586"), IS("i386", "i686", "pc") },
        { "/seeds/C6/hppa", H, .os = ARCH("hppa"), IS("hppa", "parisc", "hppa") },
        { "/seeds/C6/or1k", H, .os = ARCH("or1k"), IS("or1k", "openrisc", "or1k-sim") },
        { "/seeds/C7/mips", H, .os = ARCH("mips"), IS("mips", "mips", "malta"), .cpu = "24Kf" },
        { "/seeds/C7/sparc", H, .os = ARCH("sparc"), IS("sparc", "sparc", "SS-5") },
        { "/seeds/C7/ppc", H, .os = ARCH("ppc"), IS("ppc", "ppc", "g3beige") },
        { "/seeds/C7/arm", H, .os = ARCH("arm"), IS("arm", "armv7l", "integratorcp") },
        { "/seeds/C7/x86_64", H, .os = ARCH("x86_64"), IS("x86_64", "x86_64", "pc") },
        { "/seeds/C8", H, .os = ARCH("vax"),
          .errors = { "unknown architecture 'vax'; installed: x86_64, i686, aarch64, armv7l", "sparc" },
          .real = "x86_64 i386 aarch64 arm sparc" },
        { "/seeds/C9", H, .os = ARCH("ia64"),
          .errors = { "no emulator found for arch 'ia64' (looked for qemu-system-ia64 in PATH)" } },
        { "/seeds/C10", H, .os = MACHINE("x86_64", "pc"), IS("x86_64", "x86_64", "pc"),
          .canonical = "pc-i440fx-7.2" },
        { "/seeds/C11/q35", H, .os = MACHINE("x86_64", "q35"), IS("x86_64", "x86_64", "q35"),
          .canonical = "pc-q35-7.2" },
        { "/seeds/C11/pseries", H, .os = MACHINE("ppc64", "pseries"), IS("ppc64", "ppc64", "pseries"),
          .canonical = "pseries-7.2", .cpu = "POWER9" },
        { "/seeds/C11/s390", H, .os = MACHINE("s390x", "s390-ccw-virtio"),
          IS("s390x", "s390x", "s390-ccw-virtio"), .canonical = "s390-ccw-virtio-7.2", .cpu = "qemu" },
        { "/seeds/C11/virt", H, .os = MACHINE("armv7l", "virt"), IS("arm", "armv7l", "virt"),
          .canonical = "virt-7.2", .cpu = "cortex-a15" },
        { "/seeds/C12", H, .os = "<type machine='nosuch'>qemu</type>",
          .errors = { "machine 'nosuch' is not offered by " BIN("x86_64") " (QEMU 7.2.22); it has " },
          .real = "x86_64" },
        { "/seeds/C12/near", H, .os = "<type machine='ps'>qemu</type>",
          .errors = { "machine 'ps' is not offered by " BIN("x86_64") " (QEMU 7.2.22); did you mean 'pc'?" },
          .real = "x86_64" },
        { "/seeds/C13", H, .os = MACHINE("sparc", "ss-5"),
          .errors = { "machine 'ss-5'", "did you mean 'SS-5'?" }, .real = "sparc" },
        { "/seeds/C14", H, .os = MACHINE("x86_64", "mac99"),
          .errors = { "machine 'mac99' is not offered by " BIN("x86_64") " (QEMU 7.2.22)",
                      "'mac99' is offered for: ppc, ppc64" },
          .real = "x86_64 ppc ppc64" },
        { "/seeds/C15", H, .os = MACHINE("sparc", "sun4m"), IS("sparc", "sparc", "SS-5"),
          .warning = "machine 'sun4m' is the old name of 'SS-5'" },
        { "/seeds/C16", H, .os = MACHINE("ppc", "g3bw"), IS("ppc", "ppc", "g3beige"),
          .warning = "machine 'g3bw' is the old name of 'g3beige'" },
        { "/seeds/C17", H, .os = MACHINE("ppc", "prep"), IS("ppc", "ppc", "40p"),
          .warning = "machine 'prep' is not offered any more; '40p', its successor, is used" },
        { "/seeds/C18", H, .os = MACHINE("mips", "mips"), IS("mips", "mips", "malta"),
          .warning = "machine 'mips' is not offered any more; 'malta', its successor, is used" },
        { "/seeds/C19/g3bw", H, .os = MACHINE("ppc", "g3bw") LOADER("/opt/k9/qemu-system-ppc"),
          OLD("/opt/k9/qemu-system-ppc", "ppc", "g3bw"), .argv = { "-M g3bw" } },
        { "/seeds/C19/prep", H, .os = MACHINE("ppc", "prep") LOADER("/opt/k9/qemu-system-ppc"),
          OLD("/opt/k9/qemu-system-ppc", "ppc", "prep"), .argv = { "-M prep" } },
        { "/seeds/C19/sun4m", H, .os = MACHINE("sparc", "sun4m") LOADER("/opt/k9/qemu-system-sparc"),
          OLD("/opt/k9/qemu-system-sparc", "sparc", "sun4m"), .argv = { "-M sun4m" } },
        { "/seeds/C19/mips", H, .os = MACHINE("mips", "mips") LOADER("/opt/k9/qemu-system-mips"),
          OLD("/opt/k9/qemu-system-mips", "mips", "mips"), .argv = { "-M mips" } },
        { "/seeds/C20", H, .os = "<type machine='none'>qemu</type>",
          .errors = { "machine 'none' cannot run a guest" }, .real = "x86_64" },
        { "/seeds/C20/x-remote", H, .os = "<type machine='x-remote'>qemu</type>",
          .errors = { "machine 'x-remote' cannot run a guest" }, .real = "x86_64" },
        { "/seeds/C21", H, .os = "<type machine='pc-i440fx-1.4'>qemu</type>",
          IS("x86_64", "x86_64", "pc-i440fx-1.4") },
        { "/seeds/C22", H, .os = ARCH("x86_64"), .devices = "<emulator>" BIN("ppc") "</emulator>",
          .errors = { "emulator " BIN("ppc") " is for ppc, guest arch is x86_64" }, .real = "ppc" },
        { "/seeds/C23", H, .os = "<type>qemu</type>" LOADER(BIN("sparc")), IS("sparc", "sparc", "SS-5") },
        { "/seeds/C24", H, .os = ARCH("i686"), .devices = "<emulator>" BIN("x86_64") "</emulator>",
          IS("x86_64", "i686", "pc"), .cpu = "qemu32" },
        { "/seeds/C24/modern-named", H, .os = "<type arch='i686' machine='pc'>hvm</type>",
          .devices = "<emulator>" BIN("x86_64") "</emulator>", IS("x86_64", "i686", "pc"), .cpu = "qemu64" },
        { "/seeds/C25", H, .os = ARCH("ppc64le"), IS("ppc64", "ppc64le", "pseries"),
          .canonical = "pseries-7.2" },
        { "/seeds/C26", H, .os = ARCH("aarch64"), IS("aarch64", "aarch64", "virt"), .canonical = "virt-7.2",
          .cpu = "cortex-a57" },
        { "/seeds/C26/modern", H, .os = "<type arch='aarch64'>hvm</type>", IS("aarch64", "aarch64", "virt"),
          .canonical = "virt-7.2", .cpu = "cortex-a57" },
        { "/seeds/C26/modern-named", H, .os = "<type arch='aarch64' machine='virt'>hvm</type>",
          IS("aarch64", "aarch64", "virt"), .canonical = "virt-7.2", .cpu = "cortex-a15",
          .warning = "the default CPU of machine 'virt-7.2', cortex-a15, is a 32 bit one" },
        { "/seeds/C27/riscv64", H, .os = ARCH("riscv64"), IS("riscv64", "riscv64", "virt") },
};

int main(int argc, char **argv)
{
        Seeds seeds = { 0 };
        g_test_init(&argc, &argv, NULL);
        seeds_add_rows(&seeds, rows, G_N_ELEMENTS(rows));
        return seeds_finish(&seeds);
}
