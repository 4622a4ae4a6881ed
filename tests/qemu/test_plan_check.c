/* What is asked before a guest is started: can the board do it, and are its files there?  Files are judged by
 * facts that somebody gathered, never by looking. */
#include "address_fixture.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

static const FixtureBoard pc = { "x86_64", "pc-i440fx-7.2" };

/* ---- the plan ---- */

static void test_cpus(void)
{
        static const FixtureBoard many = { "x86_64", "pc-i440fx-7.2", .head = "<vcpu>9</vcpu>" },
                                  most = { "x86_64", "pc-i440fx-7.2", .head = "<vcpu>8</vcpu>" };
        fixture_bad(&many, "", "machine 'pc-i440fx-7.2' has 8 virtual CPUs at most, not 9");
        g_autoptr(DmPlan) p = fixture_good(&most, "");
        g_assert_cmpuint(p->domain->vcpus.value, ==, 8);
}

static void test_acpi(void)
{
        static const char *const head = "<features><acpi/></features>";
        static const struct {
                const char *arch, *machine;
                gboolean good;
        } rows[] = {
                { "x86_64", "pc-i440fx-7.2", TRUE }, { "aarch64", "virt", TRUE },
                { "ppc64", "pseries-7.2", FALSE },   { "s390x", "s390-ccw-virtio-7.2", FALSE },
                { "sparc", "SS-5", FALSE },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const FixtureBoard b = { rows[i].arch, rows[i].machine, .head = head };
                g_autofree char *message = g_strdup_printf("machine '%s' has no ACPI", rows[i].machine);
                if (rows[i].good)
                        dm_plan_free(fixture_good(&b, ""));
                else
                        fixture_bad(&b, "", message);
        }
}

/* ---- files ---- */

static void add(DmHost *h, const char *path, DmFileKind kind, int errno_value, gboolean readable,
                gboolean writable, const char *format)
{
        DmFileFact *f = g_new0(DmFileFact, 1);
        f->kind = kind;
        f->errno_value = errno_value;
        f->readable = readable;
        f->writable = writable;
        f->format = g_strdup(format);
        dm_host_take_fact(h, path, f);
}

static DmHost *host_new(void)
{
        DmHost *h = dm_host_new("x86_64");
        g_free(h->user);
        h->user = g_strdup("qemu");
        add(h, "/raw", DM_FILE_REGULAR, 0, TRUE, TRUE, NULL);
        add(h, "/readonly", DM_FILE_REGULAR, 0, TRUE, FALSE, NULL);
        add(h, "/secret", DM_FILE_REGULAR, EACCES, FALSE, FALSE, NULL);
        add(h, "/missing", DM_FILE_MISSING, ENOENT, FALSE, FALSE, NULL);
        add(h, "/hidden", DM_FILE_MISSING, EACCES, FALSE, FALSE, NULL);
        add(h, "/loop", DM_FILE_MISSING, ELOOP, FALSE, FALSE, NULL);
        add(h, "/dir", DM_FILE_DIRECTORY, 0, TRUE, TRUE, NULL);
        add(h, "/disk", DM_FILE_BLOCK, 0, TRUE, TRUE, NULL);
        add(h, "/pipe", DM_FILE_OTHER, 0, TRUE, TRUE, NULL);
        add(h, "/qcow2", DM_FILE_REGULAR, 0, TRUE, TRUE, "qcow2");
        add(h, "/vmdk", DM_FILE_REGULAR, 0, TRUE, TRUE, "vmdk");
        return h;
}

#define FILE_DISK(driver, path, more) \
        "<disk type='file'>" driver "<source file='" path "'/><target dev='vda'/>" more "</disk>"
#define BLOCK_DISK(path) "<disk type='block'><source dev='" path "'/><target dev='vda'/></disk>"
#define TYPE(t)          "<driver name='qemu' type='" t "'/>"

static const struct {
        const char *devices;
        const char *message; /* NULL: nothing is wrong */
        DmErrorCode code;
} disks[] = {
        { FILE_DISK("", "/raw", ""), NULL, 0 },
        { FILE_DISK(TYPE("raw"), "/raw", ""), NULL, 0 },
        { FILE_DISK(TYPE("qcow2"), "/qcow2", ""), NULL, 0 },
        { FILE_DISK("", "/unknown", ""), NULL, 0 }, /* nobody looked */
        { FILE_DISK("", "/readonly", "<readonly/>"), NULL, 0 },
        { FILE_DISK("", "/disk", ""), NULL, 0 },
        { BLOCK_DISK("/disk"), NULL, 0 },
        { "<disk type='file' device='cdrom'><target dev='hda'/></disk>", NULL, 0 },
        /* Who says raw gets raw. */
        { FILE_DISK(TYPE("raw"), "/qcow2", ""), NULL, 0 },
        { FILE_DISK("", "/missing", ""),
          "disk vda: the image '/missing' does not exist; create it, or correct <source file=>",
          DM_ERROR_NOT_FOUND },
        { FILE_DISK("", "/hidden", ""), "the image '/hidden' cannot be written by user 'qemu'",
          DM_ERROR_DENIED },
        { FILE_DISK("", "/loop", ""), "the image '/loop' Too many levels of symbolic links",
          DM_ERROR_NOT_FOUND },
        { FILE_DISK("", "/dir", ""), "the image '/dir' is a directory", DM_ERROR_UNSUPPORTED },
        { FILE_DISK("", "/pipe", ""), "is neither a file nor a block device", DM_ERROR_UNSUPPORTED },
        { FILE_DISK("", "/secret", "<readonly/>"), "the image '/secret' cannot be read by user 'qemu'",
          DM_ERROR_DENIED },
        { FILE_DISK("", "/readonly", ""), "the image '/readonly' cannot be written by user 'qemu'",
          DM_ERROR_DENIED },
        { BLOCK_DISK("/raw"), "the image '/raw' is not a block device; create it, or correct <source dev=>",
          DM_ERROR_UNSUPPORTED },
        { FILE_DISK(TYPE("qcow2"), "/raw", ""),
          "the image '/raw' is not a qcow2 image: it looks like raw; correct <driver type=>",
          DM_ERROR_UNSUPPORTED },
        { FILE_DISK(TYPE("qcow2"), "/vmdk", ""), "is not a qcow2 image: it looks like vmdk",
          DM_ERROR_UNSUPPORTED },
        { FILE_DISK("", "/qcow2", ""),
          "looks like qcow2, and no format is stated, which means raw; correct <driver",
          DM_ERROR_UNSUPPORTED },
};

static void test_disks(void)
{
        g_autoptr(DmHost) h = host_new();
        for (gsize i = 0; i < G_N_ELEMENTS(disks); i++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_good(&pc, disks[i].devices);
                gboolean good = dm_plan_check_files(p, h, &error);
                if (!disks[i].message) {
                        g_assert_no_error(error);
                        g_assert_true(good);
                        continue;
                }
                g_assert_false(good);
                if (!strstr(error->message, disks[i].message))
                        g_error("'%s' has no '%s'", error->message, disks[i].message);
                g_assert_error(error, DM_ERROR, (int)disks[i].code);
                g_assert_true(g_str_has_prefix(dm_error_path(error), "/domain/devices/disk[1]"));
                g_assert_cmpuint(dm_error_line(error), >, 0);
        }
}

static void test_boot_files(void)
{
        static const struct {
                const char *os, *message;
        } rows[] = {
                { "<kernel>/raw</kernel><initrd>/raw</initrd><dtb>/raw</dtb>", NULL },
                { "<kernel>/unknown</kernel>", NULL },
                { "<kernel>/missing</kernel>", "the kernel '/missing' does not exist; correct <kernel>" },
                { "<kernel>/raw</kernel><initrd>/dir</initrd>", "the initial ramdisk '/dir' is a directory" },
                { "<kernel>/raw</kernel><dtb>/secret</dtb>",
                  "the device tree '/secret' cannot be read by user 'qemu'" },
                { "<loader>/missing</loader>", "the firmware '/missing' does not exist; correct <loader>" },
                { "<loader readonly='yes' type='pflash'>/raw</loader><nvram template='/missing'>/new</nvram>",
                  "the template of the NVRAM '/missing' does not exist" },
        };
        g_autoptr(DmHost) h = host_new();
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text = g_strdup_printf(
                        "<domain type='qemu'><name>t</name><memory>65536</memory><os><type arch='x86_64' "
                        "machine='pc-i440fx-7.2'>hvm</type>%s</os></domain>",
                        rows[i].os);
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_complete(&pc, fixture_read_domain(text), &error);
                g_assert_no_error(error);
                gboolean good = dm_plan_check_files(p, h, &error);
                g_assert_cmpint(good, ==, rows[i].message == NULL);
                if (rows[i].message && !strstr(error->message, rows[i].message))
                        g_error("'%s' has no '%s'", error->message, rows[i].message);
        }
}

/* The same with files that there are. */
static void test_real_files(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = g_dir_make_tmp("domus-check-XXXXXX", &error);
        g_assert_no_error(error);
        g_autofree char *image = g_build_filename(dir, "image", NULL);
        g_autofree char *devices = g_strdup_printf(FILE_DISK(TYPE("qcow2"), "%s", ""), image);
        g_autoptr(DmPlan) p = fixture_good(&pc, devices);
        static const struct {
                const char *content; /* NULL: no file */
                const char *message;
        } rows[] = {
                { NULL, "does not exist" },
                { "nothing", "is not a qcow2 image: it looks like raw" },
                { "QFI\xfb", NULL },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmHost) h = dm_host_new("x86_64");
                g_autoptr(GError) reason = NULL;
                h->uid = geteuid();
                h->gid = getegid();
                if (rows[i].content)
                        g_assert_true(g_file_set_contents(image, rows[i].content, -1, NULL));
                dm_host_gather(h, p->domain);
                gboolean good = dm_plan_check_files(p, h, &reason);
                g_assert_cmpint(good, ==, rows[i].message == NULL);
                if (rows[i].message && !strstr(reason->message, rows[i].message))
                        g_error("'%s' has no '%s'", reason->message, rows[i].message);
        }
        g_assert_cmpint(g_unlink(image), ==, 0);
        g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/plan-check/cpus", test_cpus);
        g_test_add_func("/qemu/plan-check/acpi", test_acpi);
        g_test_add_func("/qemu/plan-check/disks", test_disks);
        g_test_add_func("/qemu/plan-check/boot-files", test_boot_files);
        g_test_add_func("/qemu/plan-check/real-files", test_real_files);
        return g_test_run();
}
