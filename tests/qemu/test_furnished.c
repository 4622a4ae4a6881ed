/* Furnished guests of many boards on this machine's QEMUs, started and stopped again: that a device is found
 * at the address which it was given, on the bus that the table of boards names, only QEMU itself can tell. */
#include <glib/gstdio.h>

#include "conf/domain_chardev.h"
#include "qemu/build_private.h"
#include "qemu/caps_cache.h"
#include "qemu/start_fixture.h"
#include "util/file.h"

#define IMAGE_BYTES 65536

typedef struct Machine {
        DmHost *host;
        DmCapsCache *cache;
        char *dir, *image;
} Machine;

#define DISK(name, bus) \
        "<disk type='file'><source file='@'/><target dev='" name "' bus='" bus "'/><shareable/></disk>"
#define NIC(model) "<interface type='user'><model type='" model "'/></interface>"
#define USB \
        "<input type='tablet' bus='usb'/><input type='keyboard' bus='usb'/><input type='mouse' bus='usb'/>"
#define RNG "<rng model='virtio'><backend model='builtin'/></rng>"
#define CHANNELS                                                                                         \
        "<channel type='null'><target type='virtio' name='a'/></channel><console type='null'/><console " \
        "type="                                                                                          \
        "'null'><target type='virtio'/></console>"
#define VGA    "<graphics type='vnc'><listen type='none'/></graphics>"
#define TEN(x) x x x x x x x x x x

static const struct {
        const char *name, *arch, *machine, *devices;
        unsigned mib; /* 0: 128 */
} rows[] = {
        { "pc", "x86_64", "pc",
          DISK("vda", "virtio") DISK("hda", "ide") DISK("sda", "scsi") NIC("e1000") USB CHANNELS VGA RNG },
        { "pc-full", "x86_64", "pc", TEN(NIC("virtio")) TEN(NIC("virtio")) TEN(NIC("rtl8139")) },
        { "pc-sata", "x86_64", "pc", DISK("sda", "sata") DISK("sdg", "sata") },
        { "q35", "x86_64", "q35",
          DISK("vda", "virtio") DISK("sda", "sata") DISK("sdb", "usb") NIC("rtl8139") NIC("e1000e")
                  USB CHANNELS VGA RNG },
        { "q35-ports", "x86_64", "q35", TEN(NIC("virtio")) TEN(NIC("virtio")) },
        { "q35-usb2", "x86_64", "q35",
          "<controller type='usb' model='ich9-ehci1'/><controller type='usb' model='ich9-uhci1'/><controller "
          "type='usb' model='ich9-uhci2'/><controller type='usb' model='ich9-uhci3'/>" USB },
        { "hubs", "x86_64", "pc", USB USB USB USB },
        { "isapc", "x86_64", "isapc", DISK("hda", "ide") "<serial type='null'/>" },
        { "microvm", "x86_64", "microvm", DISK("vda", "virtio") NIC("virtio") CHANNELS RNG },
        { "aarch64-virt", "aarch64", "virt",
          DISK("vda", "virtio") DISK("sda", "scsi") NIC("e1000") USB CHANNELS VGA RNG },
        { "riscv64-virt", "riscv64", "virt", DISK("vda", "virtio") NIC("virtio") CHANNELS RNG },
        { "vexpress", "armv7l", "vexpress-a9", DISK("vda", "virtio") "<console type='null'/>" },
        { "versatile", "armv7l", "versatilepb", DISK("sda", "scsi") NIC("rtl8139") "<console type='null'/>" },
        { "pseries", "ppc64", "pseries",
          DISK("sda", "scsi") DISK("vda", "virtio") NIC("spapr-vlan") NIC("spapr-vlan") NIC("e1000")
                  CHANNELS VGA RNG,
          512 },
        { "pseries-full", "ppc64", "pseries",
          TEN(NIC("virtio")) TEN(NIC("virtio")) TEN(NIC("virtio")) NIC("virtio"), 512 },
        { "g3beige", "ppc", "g3beige", DISK("hda", "ide") NIC("rtl8139") "<console type='null'/>" VGA },
        { "mac99", "ppc", "mac99",
          DISK("hda", "ide") NIC("rtl8139") NIC("rtl8139") "<console type='null'/>" },
        { "sun4u", "sparc64", "sun4u", DISK("hda", "ide") NIC("e1000") },
        { "sun4u-full", "sparc64", "sun4u", TEN(NIC("e1000")) },
        { "SS-5", "sparc", "SS-5", DISK("sda", "scsi") NIC("lance") "<console type='null'/>" },
        { "malta", "mips", "malta",
          DISK("hda", "ide") DISK("vda", "virtio") NIC("rtl8139") "<console type='null'/>" VGA },
        { "clipper", "alpha", "clipper", DISK("hda", "ide") NIC("e1000") "<console type='null'/>" VGA },
        { "r2d", "sh4", "r2d", NIC("rtl8139") "<console type='null'/>", 64 },
        { "s390x", "s390x", "s390-ccw-virtio",
          DISK("vda", "virtio")
                  NIC("virtio") "<interface type='user'><model type='virtio'/><address type='pci'/>"
                                "</interface>" CHANNELS VGA RNG },
        { "m68k-virt", "m68k", "virt", DISK("vda", "virtio") NIC("virtio") "<console type='null'/>" },
        { "hppa", "parisc", "hppa", DISK("sda", "scsi") NIC("tulip") "<console type='null'/>" },
};

static DmPlan *resolve(const Machine *m, gsize row, GError **error)
{
        g_autofree char *text = g_strdup_printf(
                "<domain type='qemu'><name>furnished</name><memory unit='MiB'>%u</memory><os><type arch='%s' "
                "machine='%s'>hvm</type></os><devices>%s</devices></domain>",
                rows[row].mib ? rows[row].mib : 128, rows[row].arch, rows[row].machine, rows[row].devices);
        g_auto(GStrv) parts = g_strsplit(text, "@", -1);
        g_autofree char *with_image = g_strjoinv(m->image, parts);
        DmDomain *d = dm_domain_parse(with_image, strlen(with_image), 0, NULL, error);
        g_assert_no_error(*error);
        return dm_resolve(d, m->host, dm_caps_cache_source(m->cache), DM_RESOLVE_NEW, NULL, error);
}

static void run(const Machine *m, const DmPlan *p, const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *monitor = g_build_filename(m->dir, "monitor", NULL), *output = NULL;
        g_autoptr(DmCommand) c = dm_command_new(p->caps->path);
        DmBuild b = { .plan = p,
                      .command = c,
                      .monitor_fd = -1,
                      .monitor_path = monitor,
                      .run_dir = m->dir,
                      .channel_dir = m->dir,
                      .nvram_dir = m->dir };
        dm_build_command(&b, &error);
        g_assert_no_error(error);
        g_auto(GStrv) words = dm_command_words(c);
        g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
        for (char **w = words; *w; w++)
                g_ptr_array_add(all, g_strdup(*w));
        g_ptr_array_add(all, g_strdup("-qmp"));
        g_ptr_array_add(all, g_strdup("stdio"));
        if (!start_reaches_prelaunch(all, &output)) {
                g_autofree char *line = dm_command_format(c);
                g_error("%s: %s\nsays: %s", name, line, output);
        }
}

typedef struct Case {
        const Machine *machine;
        gsize row;
} Case;

static void test_row(gconstpointer data)
{
        const Machine *m = ((const Case *)data)->machine;
        gsize row = ((const Case *)data)->row;
        g_autoptr(GError) error = NULL;
        g_autofree char *program = g_strconcat("qemu-system-", dm_arch_find(rows[row].arch)->target, NULL);
        if (!dm_host_program(m->host, program)) {
                g_test_skip("the emulator is not installed");
                return;
        }
        g_autoptr(DmPlan) p = resolve(m, row, &error);
        g_assert_no_error(error);
        run(m, p, rows[row].name);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_autoptr(GError) error = NULL;
        Machine machine = { 0 };
        Case cases[G_N_ELEMENTS(rows)];
        machine.dir = g_dir_make_tmp("domus-furnished-XXXXXX", &error);
        g_assert_no_error(error);
        machine.image = g_build_filename(machine.dir, "image", NULL);
        g_autofree char *zeros = g_malloc0(IMAGE_BYTES);
        g_assert_true(g_file_set_contents(machine.image, zeros, IMAGE_BYTES, NULL));
        machine.host = dm_host_load(NULL);
        machine.cache = dm_caps_cache_new(&(DmCapsCacheOptions){ .dir = machine.dir });
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strconcat("/qemu/furnished/", rows[i].name, NULL);
                cases[i] = (Case){ &machine, i };
                g_test_add_data_func(path, &cases[i], test_row);
        }
        int status = g_test_run();
        dm_caps_cache_free(machine.cache);
        dm_host_unref(machine.host);
        dm_remove_tree(machine.dir, NULL);
        g_free(machine.image);
        g_free(machine.dir);
        return status;
}
