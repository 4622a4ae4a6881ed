/* Seed requirements D: <loader> as the emulator, <emulator>, and firmware. */
#include "qemu/seeds_fixture.h"

#define X86       "/usr/bin/qemu-system-x86_64"
#define PPC       "/usr/bin/qemu-system-ppc"
#define V74       "/opt/v74/qemu-kvm"
#define OVMF      "/opt/fw/code.fd"
#define VARS      "/opt/fw/vars.fd"
#define SEABIOS   "/opt/fw/bios.bin"
#define LOADER(p) "<loader>" p "</loader>"
#define EMU(p)    "<emulator>" p "</emulator>"
#define KVM       "<type>kvm</type>"
#define HVM       "<type>hvm</type>"
#define PC(t, e)  .want_type = t, .emulator = e, .arch = "x86_64", .machine = "pc", .real = "x86_64"
#define PFLASH    "<loader type='pflash' readonly='yes'>" OVMF "</loader>"

static const SeedRow rows[] = {
        { "/seeds/D1", H, .os = KVM LOADER(V74), PC("kvm", V74) },
        { "/seeds/D2", H, .os = "<type arch='ppc'>qemu</type>" LOADER(PPC), .want_type = "qemu",
          .emulator = PPC, .arch = "ppc", .machine = "g3beige" },
        { "/seeds/D3", H, .os = KVM, .devices = EMU(V74), PC("kvm", V74) },
        { "/seeds/D4/same", H, .os = KVM LOADER(V74), .devices = EMU(V74), PC("kvm", V74) },
        { "/seeds/D4/different", H, .os = KVM LOADER(V74), .devices = EMU(X86),
          .errors = { "two different emulators given: <loader> " V74 ", <emulator> " X86 } },
        { "/seeds/D5", H, .os = KVM LOADER(OVMF),
          .errors = { "<loader> " OVMF
                      " is not a program. With <type>kvm</type> the loader is the QEMU binary; for "
                      "firmware use <type>hvm</type> or add type='rom' or type='pflash'" } },
        { "/seeds/D6/pflash", H, .os = KVM PFLASH, .features = "<acpi/>", PC("kvm", X86) },
        { "/seeds/D6/rom", H, .os = KVM "<loader type='rom'>" SEABIOS "</loader>", PC("kvm", X86) },
        { "/seeds/D6/readonly", H, .os = KVM "<loader readonly='yes'>" SEABIOS "</loader>", PC("kvm", X86) },
        { "/seeds/D6/nvram", H, .os = KVM LOADER(OVMF) "<nvram/>", PC("kvm", X86) },
        { "/seeds/D7", H, "kvm",
          HVM "<loader readonly='yes' type='pflash'>" OVMF "</loader><nvram template='" VARS
              "'>/var/lib/v.fd</nvram>",
          .features = "<acpi/>", PC("kvm", X86) },
        { "/seeds/D7/acpi", H, "kvm", HVM PFLASH, .errors = { "UEFI requires ACPI on this architecture" } },
        { "/seeds/D8", H, .os = HVM LOADER(SEABIOS), PC("qemu", X86) },
        { "/seeds/D9", H, "kvm", HVM LOADER(X86),
          .errors = { "<loader> " X86 " is a program, not firmware; use <emulator>" } },
        { "/seeds/D9/elf-firmware", H, .os = "<type arch='ppc'>hvm</type>" LOADER("/opt/fw/openbios"),
          .want_type = "qemu", .emulator = PPC, .arch = "ppc", .machine = "g3beige" },
        { "/seeds/D10/relative", H, .os = KVM LOADER("qemu-kvm"), .errors = { "must be an absolute path" } },
        { "/seeds/D10/missing", H, .os = KVM LOADER("/no/such/file"), .errors = { "No such file" } },
        { "/seeds/D10/directory", H, .os = KVM LOADER("/usr/share"), .errors = { "is a directory" } },
        { "/seeds/D10/firmware-relative", H, .os = HVM LOADER("bios.bin"),
          .errors = { "must be an absolute path" } },
        { "/seeds/D10/firmware-directory", H, .os = HVM LOADER("/usr/share"),
          .errors = { "is a directory" } },
        { "/seeds/D10/firmware-missing", H, .os = HVM LOADER("/no/such/file"), PC("qemu", X86),
          .warning = "No such file" },
        { "/seeds/D10/emulator-missing", H, .os = KVM, .devices = EMU("/no/such/file"),
          .errors = { "<emulator> /no/such/file: No such file" } },
        { "/seeds/D11", H, .os = KVM, .devices = EMU("/bin/true"),
          .errors = { "/bin/true did not answer as QEMU" } },
        { "/seeds/D12", H, .os = "<type arch='i686'>qemu</type>", .want_type = "qemu",
          .emulator = "/usr/bin/qemu-system-i386", .arch = "i686", .machine = "pc" },
};

/* ---- D13: which emulator is chosen when none is named ---- */

static void expect_emulator(SeedHost kind, const char *os, const char *emulator, const char *without)
{
        SeedSource s;
        g_autoptr(DmHost) host = seed_host(kind, &s);
        /* The distribution's KVM build beside a plain emulator without it. */
        dm_host_add_program(host, V74);
        DmCaps *plain = g_hash_table_lookup(s.caps, X86);
        if (without)
                plain->accels &= ~SEED_KVM;
        g_autofree char *text = seed_document(&(SeedRow){ .os = os });
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = seed_resolve(text, host, &s.source, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(p->domain->emulator, ==, emulator);
        g_hash_table_unref(s.caps);
}

static void chosen(void)
{
        expect_emulator(H, KVM, X86, NULL);
        expect_emulator(H, KVM, V74, "kvm");
        expect_emulator(H, "<type>qemu</type>", X86, "kvm");
}

/* ---- D14: firmware='efi' ---- */

static void add_firmware(DmHost *h, const char *name, const char *machines, const char *more)
{
        g_autofree char *text = g_strdup_printf(
                "{\"descriptor\":\"%s.json\",\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":"
                "\"flash\","
                "\"executable\":{\"filename\":\"/fw/%s-code\",\"format\":\"raw\"},"
                "\"nvram-template\":{\"filename\":\"/fw/%s-vars\",\"format\":\"qcow2\"}},"
                "\"targets\":[{\"architecture\":\"x86_64\",\"machines\":[\"%s\"]}],\"features\":[%s]}",
                name, name, name, machines, more);
        g_autoptr(GError) error = NULL;
        g_ptr_array_add(h->firmwares, dm_json_parse(text, strlen(text), &error));
        g_assert_no_error(error);
}

/* Resolves a guest whose <os> has @attributes and @inner, where three firmwares are described. */
static DmPlan *resolve_auto(const char *attributes, const char *inner, const char *features, GError **error)
{
        SeedSource s;
        g_autoptr(DmHost) host = seed_host(H, &s);
        add_firmware(host, "40-q35-secure", "pc-q35-*", "\"requires-smm\",\"secure-boot\"");
        add_firmware(host, "50-q35", "pc-q35-*", "");
        add_firmware(host, "60-both", "pc-*", "");
        g_autofree char *text =
                g_strdup_printf("<domain type='kvm'><name>t</name><memory>1</memory><os %s>%s</os>"
                                "<features>%s</features></domain>",
                                attributes, inner, features);
        g_autoptr(DmPlan) p = seed_resolve(text, host, &s.source, NULL, error);
        if (p)
                seed_expect_fixpoint("firmware", p, host, &s.source);
        g_hash_table_unref(s.caps);
        return g_steal_pointer(&p);
}

#define FEATURE(name, enabled) "<firmware><feature enabled='" enabled "' name='" name "'/></firmware>"
#define MACHINE(m)             "<type arch='x86_64' machine='" m "'>hvm</type>"

static void expect_firmware(const char *inner, const char *features, const char *name, DmOnOff smm)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *start = g_strdup_printf("/fw/%s-", name);
        g_autoptr(DmPlan) p = resolve_auto("firmware='efi'", inner, features, &error);
        g_assert_no_error(error);
        const DmOs *o = &p->domain->os;
        g_assert_true(g_str_has_prefix(o->loader, start));
        g_assert_cmpint(o->loader_type, ==, DM_LOADER_PFLASH);
        g_assert_cmpint(o->loader_readonly, ==, DM_YES);
        g_assert_true(o->nvram && g_str_has_prefix(o->nvram_template, start));
        g_assert_null(o->loader_format);
        g_assert_cmpstr(o->nvram_format, ==, "qcow2");
        g_assert_cmpint(p->domain->features->smm, ==, smm);
        g_assert_cmpint(o->loader_secure, ==, smm == DM_ON ? DM_YES : DM_YES_NO_UNSET);
        g_assert_nonnull(strstr(dm_origins_reason(p->domain->origins, &o->loader), name));
}

static void descriptors(void)
{
        expect_firmware(MACHINE("q35"), "<acpi/>", "40-q35-secure", DM_ON);
        expect_firmware(MACHINE("q35"), "<acpi/><smm state='off'/>", "50-q35", DM_OFF);
        expect_firmware(MACHINE("q35") "<loader secure='yes'/>", "<acpi/>", "40-q35-secure", DM_ON);
        expect_firmware(MACHINE("pc"), "<acpi/>", "60-both", DM_ON_OFF_UNSET);
        expect_firmware(FEATURE("secure-boot", "yes") MACHINE("q35"), "<acpi/>", "40-q35-secure", DM_ON);
        expect_firmware(FEATURE("secure-boot", "no") MACHINE("q35"), "<acpi/>", "50-q35", DM_ON_OFF_UNSET);
        expect_firmware(FEATURE("enrolled-keys", "no") MACHINE("q35"), "<acpi/>", "40-q35-secure", DM_ON);
}

static void firmware_errors(void)
{
        static const struct {
                const char *attributes, *inner, *features, *error;
        } rows14[] = {
                { "firmware='efi'", MACHINE("isapc"), "<acpi/>",
                  "Unable to find any firmware to satisfy 'efi' for machine 'isapc' of x86_64 (3 "
                  "descriptors" },
                { "firmware='efi'", MACHINE("pc") "<loader secure='yes'/>", "<acpi/>",
                  "Unable to find any firmware to satisfy 'efi'" },
                { "firmware='efi'", FEATURE("enrolled-keys", "yes") MACHINE("q35"), "<acpi/>",
                  "Unable to find any firmware to satisfy 'efi'" },
                { "firmware='efi'", FEATURE("secure-boot", "yes") MACHINE("pc"), "<acpi/>",
                  "Unable to find any firmware to satisfy 'efi'" },
                { "firmware='efi'", MACHINE("q35") "<loader secure='no'/>", "<acpi/>",
                  "loader attribute 'secure' cannot be specified when firmware autoselection is enabled" },
                { "firmware='efi'", MACHINE("q35") "<loader type='rom'/>", "<acpi/>",
                  "loader attribute 'type' cannot be specified when firmware autoselection is enabled" },
                { "firmware='efi'", MACHINE("q35"), "", "UEFI requires ACPI on this architecture" },
                { "firmware='bios'", MACHINE("q35") "<nvram>/v</nvram>", "<acpi/>",
                  "firmware type 'bios' does not support nvram" },
                { "", "<type arch='aarch64' machine='virt'>hvm</type>", "<acpi/>",
                  "kvm cannot run aarch64 guests on a x86_64 host" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows14); i++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p =
                        resolve_auto(rows14[i].attributes, rows14[i].inner, rows14[i].features, &error);
                g_assert_null(p);
                g_assert_nonnull(strstr(error->message, rows14[i].error));
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = resolve_auto("firmware='bios'", MACHINE("q35"), "", &error);
        g_assert_no_error(error);
        g_assert_null(p->domain->os.loader);
}

int main(int argc, char **argv)
{
        Seeds seeds = { 0 };
        g_test_init(&argc, &argv, NULL);
        seeds_add_rows(&seeds, rows, G_N_ELEMENTS(rows));
        g_test_add_func("/seeds/D13", chosen);
        g_test_add_func("/seeds/D14/descriptors", descriptors);
        g_test_add_func("/seeds/D14/errors", firmware_errors);
        return seeds_finish(&seeds);
}
