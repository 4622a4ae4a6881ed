/* What devices need of the host at a start, as far as a machine without such devices can tell. */
#include <glib/gstdio.h>
#include <unistd.h>

#include "plan_fixture.h"
#include "qemu/run_devices.h"

/* ---- SCSI devices by their place ---- */

typedef struct Place {
        const char *adapter;
        unsigned bus, target, unit;
        const char *expected; /* the device, or the message */
        gboolean there;
} Place;

static const Place places[] = {
        { "scsi_host2", 0, 3, 11, "/dev/sg5", TRUE },
        { "scsi_host2", 0, 3, 12, "the host has no SCSI device 0:3:12 on 'scsi_host2'", FALSE },
        { "scsi_host3", 0, 3, 11, "the host has no SCSI device 0:3:11 on 'scsi_host3'", FALSE },
        { "fc_host2", 0, 3, 11, "'fc_host2' names no adapter", FALSE },
        { "scsi_host", 0, 3, 11, "'scsi_host' names no adapter", FALSE },
        { "scsi_host2x", 0, 3, 11, "'scsi_host2x' names no adapter", FALSE },
};

static void test_scsi_generic(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *root = g_dir_make_tmp("domus-scsi-XXXXXX", &error);
        g_assert_no_error(error);
        g_autofree char *generic = g_build_filename(root, "sys/bus/scsi/devices/2:0:3:11/scsi_generic", NULL);
        g_autofree char *device = g_build_filename(generic, "sg5", NULL);
        g_assert_cmpint(g_mkdir_with_parents(device, 0700), ==, 0);
        for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
                const Place *p = &places[i];
                g_autoptr(GError) reason = NULL;
                g_autofree char *path =
                        dm_find_scsi_generic(root, p->adapter, p->bus, p->target, p->unit, &reason);
                if (p->there) {
                        g_assert_no_error(reason);
                        g_assert_cmpstr(path, ==, p->expected);
                } else {
                        g_assert_null(path);
                        g_assert_nonnull(reason);
                        g_assert_nonnull(strstr(reason->message, p->expected));
                }
        }
        /* From the leaf up to the root. */
        while (g_str_has_prefix(device, root)) {
                g_assert_cmpint(g_rmdir(device), ==, 0);
                char *parent = g_path_get_dirname(device);
                g_free(device);
                device = parent;
        }
        g_assert_false(g_file_test(root, G_FILE_TEST_EXISTS));
}

/* ---- PCI devices of the host ---- */

static DmPlan *pci_plan(void)
{
        DmPlan *p = g_new0(DmPlan, 1);
        p->domain = fixture_domain(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
                "<hostdev type='pci'><source><address bus='6' slot='18' function='5'/></source></hostdev>"
                "</devices></domain>");
        return p;
}

static void assert_pci(const char *root, const char *expected)
{
        g_autoptr(DmPlan) p = pci_plan();
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(dm_run_check_host_pci(p, root, &error), ==, expected == NULL);
        g_assert_cmpint(error != NULL, ==, expected != NULL);
        if (expected && !strstr(error->message, expected))
                g_error("message: %s", error->message);
}

static void test_host_pci(void)
{
        g_autofree char *root = g_dir_make_tmp("domus-pci-XXXXXX", NULL);
        g_autofree char *device = g_build_filename(root, "sys/bus/pci/devices/0000:06:12.5", NULL);
        g_autofree char *link = g_build_filename(device, "driver", NULL);
        assert_pci(root, "the host has no PCI device 0000:06:12.5");
        g_assert_cmpint(g_mkdir_with_parents(device, 0700), ==, 0);
        assert_pci(root, "PCI device 0000:06:12.5 of the host belongs to nobody");
        g_assert_cmpint(symlink("../../drivers/e1000e", link), ==, 0);
        assert_pci(root, "belongs to 'e1000e', and the driver takes none away; bind it to 'vfio-pci'");
        g_assert_cmpint(g_remove(link), ==, 0);
        g_assert_cmpint(symlink("../../drivers/vfio-pci", link), ==, 0);
        assert_pci(root, NULL);
        g_assert_cmpint(g_remove(link), ==, 0);
        while (g_str_has_prefix(device, root)) {
                g_assert_cmpint(g_rmdir(device), ==, 0);
                char *parent = g_path_get_dirname(device);
                g_free(device);
                device = parent;
        }
}

/* ---- vsock ---- */

static void test_vsock(void)
{
        g_autoptr(GError) error = NULL;
        guint32 cid = 0;
        gboolean there = g_access("/dev/vhost-vsock", R_OK | W_OK) == 0;
        int fd = dm_open_vsock(&cid, &error);
        if (there) {
                g_assert_no_error(error);
                g_assert_cmpint(fd, >=, 0);
                g_assert_cmpuint(cid, >=, 3);
                close(fd);
        } else {
                g_assert_cmpint(fd, ==, -1);
                g_assert_error(error, DM_ERROR, DM_ERROR_FAILED);
                g_assert_nonnull(strstr(error->message, "can't open '/dev/vhost-vsock'"));
        }
}

/* ---- programs beside QEMU ---- */

static void test_helpers(void)
{
        static const struct {
                const char *device, *expected;
        } rows[] = {
                { "<tpm><backend type='passthrough'/></tpm>", NULL },
                { "<tpm><backend type='external'><source type='unix' path='/s'/></backend></tpm>", NULL },
                { "<tpm><backend type='emulator'/></tpm>",
                  "tpm tpm-tis: the driver does not start 'swtpm'; start it, and name its socket" },
                { "<hostdev type='usb'><source startupPolicy='requisite'><address bus='1' device='2'/>"
                  "</source></hostdev>",
                  NULL },
                { "<hostdev type='usb'><source startupPolicy='optional'><address bus='1' device='2'/>"
                  "</source></hostdev>",
                  "hostdev usb: a guest is not started without its devices" },
                { "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/>"
                  "<backend type='passt'/></interface>",
                  "interface 52:54:00:00:00:01: the driver does not start 'passt'" },
                { "<video><driver name='vhostuser'/><model type='virtio'/></video>",
                  "video virtio: the driver does not start 'vhost-user-gpu'" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text = g_strdup_printf(
                        "<domain type='qemu'><name>t</name><memory unit='MiB'>64</memory>"
                        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>%s</devices></domain>",
                        rows[i].device);
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_plan(text, "x86_64-7.2", &error);
                g_assert_no_error(error);
                g_assert_cmpint(dm_run_check_helpers(p, &error), ==, !rows[i].expected);
                if (!rows[i].expected) {
                        g_assert_no_error(error);
                        continue;
                }
                g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
                g_assert_nonnull(strstr(error->message, rows[i].expected));
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/run-devices/host-pci", test_host_pci);
        g_test_add_func("/qemu/run-devices/scsi-generic", test_scsi_generic);
        g_test_add_func("/qemu/run-devices/vsock", test_vsock);
        g_test_add_func("/qemu/run-devices/helpers", test_helpers);
        return g_test_run();
}
