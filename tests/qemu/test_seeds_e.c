/* Seed requirements E: what is booted.  And those of C that are about starting: C4, C26, C27. */
#include "qemu/seeds_fixture.h"
#include "qemu/start_fixture.h"

#define K9      "/opt/k9/qemu-system-x86_64"
#define X86     "/usr/bin/qemu-system-x86_64"
#define OLD     "<type>qemu</type><loader>" K9 "</loader>"
#define NEW     "<type>qemu</type>"
#define IMAGE   "<source file='/opt/fw/bios.bin'/>"
#define DISK    "<disk type='file'>" IMAGE "<target dev='hda'/></disk>"
#define CDROM   "<disk type='file' device='cdrom'>" IMAGE "<target dev='hdc'/></disk>"
#define FLOPPY  "<disk type='file' device='floppy'>" IMAGE "<target dev='fda'/></disk>"
#define NETWORK "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='rtl8139'/></interface>"
#define ALL     DISK CDROM FLOPPY NETWORK
#define KERNEL                                                                                            \
        "<kernel>/opt/fw/bios.bin</kernel><initrd>/opt/fw/vars.fd</initrd><cmdline>console=ttyS0,115200 " \
        "a=b,,c"                                                                                          \
        "</cmdline>"
#define IS_OLD .want_type = "qemu", .emulator = K9, .arch = "x86_64", .machine = "pc"
#define IS_NEW .want_type = "qemu", .emulator = X86, .arch = "x86_64", .machine = "pc", .real = "x86_64"
#define BOOTED                                                           \
        .argv = { "-kernel /opt/fw/bios.bin", "-initrd /opt/fw/vars.fd", \
                  "-append console=ttyS0,115200 a=b,,c" }

static const SeedRow rows[] = {
        { "/seeds/E1/old", H, .os = OLD, .devices = DISK, IS_OLD, .argv = { "-boot c" } },
        { "/seeds/E2/old/cdrom", H, .os = OLD "<boot dev='cdrom'/>", .devices = ALL, IS_OLD,
          .argv = { "-boot d" } },
        { "/seeds/E2/old/fd", H, .os = OLD "<boot dev='fd'/>", .devices = ALL, IS_OLD,
          .argv = { "-boot a" } },
        { "/seeds/E2/old/hd", H, .os = OLD "<boot dev='hd'/>", .devices = ALL, IS_OLD,
          .argv = { "-boot c" } },
        { "/seeds/E2/old/network", H, .os = OLD "<boot dev='network'/>", .devices = ALL, IS_OLD,
          .argv = { "-boot n" } },
        { "/seeds/E3/old", H, .os = OLD "<boot dev='cdrom'/><boot dev='hd'/>", .devices = ALL, IS_OLD,
          .argv = { "-boot dc" } },
        { "/seeds/E4", H, .os = NEW KERNEL, IS_NEW, BOOTED },
        { "/seeds/E4/modern", H, .os = "<type>hvm</type>" KERNEL, IS_NEW, BOOTED },
        { "/seeds/E5/initrd", H, .os = NEW "<initrd>/i</initrd>",
          .errors = { "<initrd>/<cmdline> need <kernel>" } },
        { "/seeds/E5/cmdline", H, .os = NEW "<cmdline>c</cmdline>",
          .errors = { "<initrd>/<cmdline> need <kernel>" } },
        { "/seeds/E6", H, .os = OLD KERNEL, IS_OLD, BOOTED },
        { "/seeds/E8", H, .os = NEW "<boot dev='foo'/>", .errors = { "unknown boot device 'foo'" } },
        { "/seeds/E9", H, .os = NEW, .devices = ALL "<console/>", IS_NEW },
};

/* ---- E1 to E3 with bootindex ---- */

/* The value of bootindex of the device that has @driver, in either syntax; 0: it has none. */
static guint boot_index(const DmCommand *c, const char *driver)
{
        for (gsize i = 0; i < dm_command_count(c); i++) {
                const DmCommandItem *item = dm_command_at(c, i);
                if (strcmp(item->option, "-device") != 0 || !strstr(item->value, driver))
                        continue;
                const char *at = strstr(item->value, "bootindex");
                return at ? (guint)g_ascii_strtoull(at + strcspn(at, "0123456789"), NULL, 10) : 0;
        }
        g_error("no device '%s'", driver);
}

static void expect_order(const SeedRun *run, const char *boot, const char *devices,
                         const char *const *drivers)
{
        g_autofree char *os = g_strconcat(NEW, boot, NULL);
        g_autofree char *plain = seed_document(&(SeedRow){ .os = os, .devices = devices });
        g_autofree char *text = seed_paths(run, plain);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = seed_resolve(text, run->host, run->source, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(DmCommand) c = seed_command(p);
        for (guint i = 0; drivers[i]; i++)
                g_assert_cmpuint(boot_index(c, drivers[i]), ==, i + 1);
}

#define DRIVERS(...)              \
        (const char *const[])     \
        {                         \
                __VA_ARGS__, NULL \
        }

static void boot_orders(const SeedRun *run)
{
        expect_order(run, "", DISK, DRIVERS("ide-hd"));
        expect_order(run, "<boot dev='cdrom'/>", ALL, DRIVERS("ide-cd"));
        expect_order(run, "<boot dev='hd'/>", ALL, DRIVERS("ide-hd"));
        expect_order(run, "<boot dev='network'/>", ALL, DRIVERS("rtl8139"));
        expect_order(run, "<boot dev='cdrom'/><boot dev='hd'/>", ALL, DRIVERS("ide-cd", "ide-hd"));
        expect_order(run, "<boot dev='network'/><boot dev='cdrom'/><boot dev='hd'/>", ALL,
                     DRIVERS("rtl8139", "ide-cd", "ide-hd"));
}

static void boot_index_rows(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        SeedSource s;
        g_autoptr(DmHost) injected = seed_host(H, &s);
        boot_orders(&(SeedRun){ NULL, injected, &s.source, "/opt", FALSE });
        g_hash_table_unref(s.caps);
        seeds->n_injected++;
        const SeedReal *r = &seeds->real;
        if (!seed_real_has(r, "x86_64"))
                return;
        boot_orders(&(SeedRun){ NULL, r->host, dm_caps_cache_source(r->cache), r->dir, TRUE });
        seeds->n_real++;
}

/* ---- starting ---- */

/* Starts the guest whose <os> is @os on this machine's emulators; *ret_output is owned. */
static gboolean starts(const SeedReal *r, const char *os, char **ret_output)
{
        g_autofree char *usual = seed_document(&(SeedRow){ .os = os });
        g_auto(GStrv) parts = g_strsplit(usual, ">128<", 2);
        /* The one board that wants more than 1 GiB; others have no room for that. */
        g_autofree char *text = g_strjoinv(strstr(os, "loongarch64") ? ">1025<" : ">128<", parts);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = seed_resolve(text, r->host, dm_caps_cache_source(r->cache), NULL, &error);
        if (error)
                g_error("%s: %s", os, error->message);
        g_autofree char *monitor = g_build_filename(r->dir, "monitor", NULL);
        g_autoptr(DmCommand) c = dm_command_new(p->caps->path);
        DmBuild b = { .plan = p,
                      .command = c,
                      .monitor_fd = -1,
                      .monitor_path = monitor,
                      .run_dir = r->dir,
                      .channel_dir = r->dir,
                      .nvram_dir = r->dir };
        dm_build_command(&b, &error);
        g_assert_no_error(error);
        g_auto(GStrv) words = dm_command_words(c);
        g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
        for (char **w = words; *w; w++)
                g_ptr_array_add(all, g_strdup(*w));
        g_ptr_array_add(all, g_strdup("-qmp"));
        g_ptr_array_add(all, g_strdup("stdio"));
        return start_reaches_prelaunch(all, ret_output);
}

static void expect_start(const SeedReal *r, const char *os)
{
        g_autofree char *output = NULL;
        if (!starts(r, os, &output))
                g_error("%s: %s", os, output);
}

static gboolean lacks(const SeedReal *r, const char *targets)
{
        if (seed_real_installed(r, targets))
                return FALSE;
        g_test_skip("the emulators are not installed");
        return TRUE;
}

/* C4: a machine without PCI gets no PCI device unasked. */
static void start_isapc(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        if (lacks(&seeds->real, "x86_64"))
                return;
        expect_start(&seeds->real, "<type machine='isapc'>qemu</type>");
        expect_start(&seeds->real, "<type arch='x86_64' machine='isapc'>hvm</type>");
        seeds->n_real++;
}

static void start_aarch64(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        if (lacks(&seeds->real, "aarch64"))
                return;
        expect_start(&seeds->real, "<type arch='aarch64'>qemu</type>");
        expect_start(&seeds->real, "<type arch='aarch64'>hvm</type>");
        seeds->n_real++;
}

/* E7: the emulator's own words when it wants a kernel. */
static void start_without_kernel(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        if (lacks(&seeds->real, "m68k cris"))
                return;
        static const char *const documents[] = { "<type arch='m68k' machine='mcf5208evb'>qemu</type>",
                                                 "<type arch='cris' machine='axis-dev88'>qemu</type>" };
        for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
                g_autofree char *output = NULL;
                g_assert_false(starts(&seeds->real, documents[i], &output));
                if (!strstr(output, "Kernel image must be specified"))
                        g_error("%s: %s", documents[i], output);
        }
        seeds->n_real++;
}

/* C27: a guest of every architecture that names nothing else. */
static void start_everything(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        static const char *const missing[] = { "Kernel image must be specified",
                                               "Unable to load the RISC-V firmware" };
        unsigned started = 0, wanting = 0;
        if (lacks(&seeds->real, "x86_64"))
                return;
        for (const DmArch *a = dm_arch_all(); a->name; a++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmCaps) caps =
                        dm_emulator_find(seeds->real.host, dm_caps_cache_source(seeds->real.cache), a,
                                         DM_VIRT_QEMU, NULL, NULL, &error);
                if (!caps)
                        continue;
                g_autofree char *os = g_strdup_printf("<type arch='%s'>qemu</type>", a->name), *output = NULL;
                gboolean ok = starts(&seeds->real, os, &output), known = FALSE;
                for (gsize i = 0; i < G_N_ELEMENTS(missing); i++)
                        known = known || strstr(output, missing[i]);
                if (!ok && !known)
                        g_error("%s: %s", a->name, output);
                started += ok;
                wanting += !ok;
        }
        g_test_message("%u architectures start bare, %u name the file that they want", started, wanting);
        g_assert_cmpuint(started, >, 0);
        seeds->n_real++;
}

int main(int argc, char **argv)
{
        Seeds seeds = { 0 };
        g_test_init(&argc, &argv, NULL);
        seeds_add_rows(&seeds, rows, G_N_ELEMENTS(rows));
        g_test_add_data_func("/seeds/E1-E3/bootindex", &seeds, boot_index_rows);
        g_test_add_data_func("/seeds/C4/start", &seeds, start_isapc);
        g_test_add_data_func("/seeds/C26/start", &seeds, start_aarch64);
        g_test_add_data_func("/seeds/C27/start", &seeds, start_everything);
        g_test_add_data_func("/seeds/E7", &seeds, start_without_kernel);
        return seeds_finish(&seeds);
}
