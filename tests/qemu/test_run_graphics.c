/* Displays at a start: what is taken of the host, and what QEMU is told apart from its command line. */
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "conf/domain_graphics.h"
#include "plan_fixture.h"
#include "qemu/run_graphics.h"
#include "util/fd.h"

static DmPlan *plan(const char *graphics)
{
        g_autofree char *text = g_strdup_printf(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
                "<devices>%s</devices></domain>",
                graphics);
        DmPlan *p = g_new0(DmPlan, 1);
        p->domain = fixture_domain(text);
        return p;
}

static DmGraphics *display(const DmPlan *p, unsigned n)
{
        return dm_domain_device(p->domain, DM_DEVICE_GRAPHICS, n);
}

static void test_render_node(void)
{
        g_autofree char *root = g_dir_make_tmp("domus-dri-XXXXXX", NULL);
        g_autofree char *dev = g_build_filename(root, "dev", NULL), *dri = g_build_filename(dev, "dri", NULL);
        g_autofree char *second = g_build_filename(dri, "renderD129", NULL),
                        *first = g_build_filename(dri, "renderD128", NULL),
                        *card = g_build_filename(dri, "card0", NULL);
        g_autofree char *none = dm_find_render_node(root);
        g_assert_null(none);
        g_assert_cmpint(g_mkdir_with_parents(dri, 0700), ==, 0);
        const char *files[] = { second, first, card };
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
                g_assert_true(g_file_set_contents(files[i], "", 0, NULL));
        g_autofree char *found = dm_find_render_node(root);
        g_assert_cmpstr(found, ==, "/dev/dri/renderD128");
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
                g_assert_cmpint(g_remove(files[i]), ==, 0);
        const char *dirs[] = { dri, dev, root };
        for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++)
                g_assert_cmpint(g_rmdir(dirs[i]), ==, 0);
}

/* A port of this host that somebody listens at, from 5900 on. */
static int occupy(int *ret_port)
{
        for (int port = 5900; port < 6899; port++) {
                struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((guint16)port) };
                dm_autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                g_assert_cmpint(fd, >=, 0);
                if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0) {
                        *ret_port = port;
                        return dm_steal_fd(&fd);
                }
        }
        g_assert_not_reached();
}

static void test_ports(void)
{
        int taken = 0;
        dm_autofd int fd = occupy(&taken);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = plan("<graphics type='vnc' port='-1' websocket='-1'/>"
                                   "<graphics type='spice' autoport='yes'/>");
        g_assert_true(dm_run_graphics_ports(p, &dm_settings_none, &error));
        g_assert_no_error(error);
        const DmGraphics *vnc = display(p, 0), *spice = display(p, 1);
        g_assert_cmpint(vnc->port.value, >=, 5900);
        g_assert_cmpint(vnc->websocket.value, >=, 5700);
        g_assert_cmpint(spice->port.value, >=, 5900);
        g_assert_cmpint(spice->port.value, !=, vnc->port.value);
        g_assert_cmpint(vnc->port.value, !=, taken);
        g_assert_cmpint(spice->port.value, !=, taken);
        g_assert_false(spice->tls_port.set);
        g_assert_cmpstr(dm_origins_reason(p->domain->origins, &vnc->port), ==,
                        "free when the guest was started");
}

/* A definition made from a running guest holds the port that it had. */
static void test_earlier_port(void)
{
        int taken = 0;
        dm_autofd int fd = occupy(&taken);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("<graphics type='vnc' port='%d' autoport='yes'/>", taken);
        g_autoptr(DmPlan) p = plan(text);
        g_assert_true(dm_run_graphics_ports(p, &dm_settings_none, &error));
        g_assert_no_error(error);
        g_assert_cmpint(display(p, 0)->port.value, !=, taken);
}

static void test_tls_ports(void)
{
        static const DmSettings tls = { .spice = { TRUE, "/certificates", FALSE, NULL } };
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = plan("<graphics type='spice' autoport='yes' defaultMode='secure'/>"
                                   "<graphics type='vnc' port='5999'><listen type='none'/></graphics>");
        g_assert_true(dm_run_graphics_ports(p, &tls, &error));
        g_assert_cmpint(display(p, 0)->tls_port.value, >=, 5900);
        g_assert_false(display(p, 0)->port.set);
        g_assert_cmpint(display(p, 1)->port.value, ==, 5999);
}

static void test_passwords(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = plan("<graphics type='spice' passwd='a\"b' connected='keep' "
                                   "passwdValidTo='2030-01-31T15:00:00'/>"
                                   "<graphics type='vnc' passwd='p' passwdValidTo='soon'/>"
                                   "<graphics type='sdl'/>");
        g_autoptr(DmJson) set = dm_graphics_set_password(&display(p, 0)->dev);
        g_autoptr(DmJson) expire = dm_graphics_expire_password(&display(p, 0)->dev, &error);
        g_assert_no_error(error);
        g_autofree char *set_text = dm_json_to_string(set), *expire_text = dm_json_to_string(expire);
        g_assert_cmpstr(set_text, ==,
                        "{\"protocol\":\"spice\",\"password\":\"a\\\"b\",\"connected\":\"keep\"}");
        g_assert_cmpstr(expire_text, ==, "{\"protocol\":\"spice\",\"time\":\"1896102000\"}");
        g_assert_null(dm_graphics_expire_password(&display(p, 1)->dev, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, "'soon' is no time like"));
        g_assert_null(dm_graphics_set_password(&display(p, 2)->dev));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/run-graphics/render-node", test_render_node);
        g_test_add_func("/qemu/run-graphics/ports", test_ports);
        g_test_add_func("/qemu/run-graphics/earlier-port", test_earlier_port);
        g_test_add_func("/qemu/run-graphics/tls-ports", test_tls_ports);
        g_test_add_func("/qemu/run-graphics/passwords", test_passwords);
        return g_test_run();
}
