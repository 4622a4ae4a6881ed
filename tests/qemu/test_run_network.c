/* Network cards at a start: taps, bridges, what is refused.  In a network of the test's own. */
#include <sched.h>

#include "conf/domain_interface.h"
#include "plan_fixture.h"
#include "qemu/run_network.h"
#include "util/netlink.h"

static gboolean own_network;

static DmPlan *plan(const char *devices)
{
        g_autofree char *text = g_strdup_printf(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
                "<devices>%s</devices></domain>",
                devices);
        DmPlan *p = g_new0(DmPlan, 1);
        p->domain = fixture_domain(text);
        return p;
}

#define CARD(type, more) "<interface type='" type "'><mac address='52:54:00:00:00:01'/>" more "</interface>"

static void test_bridge(void)
{
        if (!own_network) {
                g_test_skip("no right to a network of its own");
                return;
        }
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_link_add_bridge("br0", &error));
        g_autoptr(DmPlan) p = plan(CARD("bridge", "<source bridge='br0'/><model type='virtio'/>"
                                                  "<driver queues='2'/><mtu size='1400'/>")
                                           CARD("ethernet", "<target dev='mine'/><model type='e1000'/>"));
        g_autoptr(GArray) fds = dm_run_fds_new();
        g_assert_true(dm_run_network(p, fds, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(fds->len, ==, 3);
        const DmInterface *first = dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 0);
        const DmDevice *second = dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 1);
        DmLink tap, mine;
        g_assert_cmpstr(first->target_dev, ==, "vnet0");
        g_assert_true(dm_link_get("vnet0", &tap, &error));
        g_assert_cmpstr(tap.master, ==, "br0");
        g_assert_cmpstr(tap.mac, ==, "fe:54:00:00:00:01");
        g_assert_cmpuint(tap.mtu, ==, 1400);
        g_assert_true(tap.up);
        g_assert_true(dm_link_get("mine", &mine, &error));
        g_assert_cmpstr(mine.master, ==, "");
        /* Each queue is passed once. */
        g_assert_cmpint(dm_run_fds_take(fds, DM_FD_TAP, &first->dev), ==, 0);
        g_assert_cmpint(dm_run_fds_take(fds, DM_FD_TAP, second), ==, 2);
        g_assert_cmpint(dm_run_fds_take(fds, DM_FD_TAP, &first->dev), ==, 1);
        g_assert_cmpint(dm_run_fds_take(fds, DM_FD_TAP, &first->dev), ==, -1);
        g_assert_cmpint(dm_run_fds_take(fds, DM_FD_VHOST_NET, &first->dev), ==, -1);
        /* A name that is taken is not shared. */
        g_autoptr(GArray) more = dm_run_fds_new();
        g_autoptr(DmPlan) other = plan(CARD("ethernet", "<target dev='mine'/><model type='e1000'/>"));
        g_assert_false(dm_run_network(other, more, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_EXISTS);
        g_assert_nonnull(strstr(error->message, "interface 52:54:00:00:00:01: "));
        g_clear_error(&error);
        /* Taps go with their descriptors. */
        g_array_set_size(fds, 0);
        g_assert_false(dm_link_get("mine", &mine, NULL));
        g_assert_true(dm_link_remove("br0", &error));
}

static const struct {
        const char *name, *device, *expected;
} refusals[] = {
        { "network", CARD("network", "<source network='lan'/><model type='virtio'/>"),
          "the driver keeps no networks, so 'lan' is not known; use <interface type='bridge'>" },
        { "direct", CARD("direct", "<source dev='eth0'/><model type='virtio'/>"),
          "the driver does not make macvtap devices" },
        { "bridge", CARD("bridge", "<model type='virtio'/>"), "say which one: <source bridge=>" },
        { "tap", CARD("ethernet", "<model type='virtio'/><backend tap='/dev/mytap'/>"),
          "leave tap='/dev/mytap' out" },
        { "managed", CARD("ethernet", "<target managed='no'/><model type='virtio'/>"),
          "managed='no' needs the name of the tap" },
        { "vdpa", CARD("vdpa", "<source dev='/domus/none'/><model type='virtio'/>"),
          "interface 52:54:00:00:00:01: can't open '/domus/none': No such file or directory" },
};

static void test_refused(gconstpointer data)
{
        gsize i = GPOINTER_TO_SIZE(data);
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) fds = dm_run_fds_new();
        g_autoptr(DmPlan) p = plan(refusals[i].device);
        g_assert_false(dm_run_network(p, fds, &error));
        g_assert_nonnull(error);
        if (!strstr(error->message, refusals[i].expected))
                g_error("message: %s", error->message);
        g_assert_cmpuint(fds->len, ==, 0);
}

static void test_nothing(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) fds = dm_run_fds_new();
        g_autoptr(DmPlan) p = plan(CARD("user", "<model type='virtio'/>") CARD(
                "mcast", "<source address='230.0.0.1' port='5558'/><link state='down'/>"));
        g_assert_true(dm_run_network(p, fds, &error));
        g_assert_cmpuint(fds->len, ==, 0);
        DmDevice *down = dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 1);
        down->alias = g_strdup("net1");
        g_autoptr(DmJson) link = dm_interface_set_link(down);
        g_autofree char *text = dm_json_to_string(link);
        g_assert_cmpstr(text, ==, "{\"name\":\"net1\",\"up\":false}");
        g_assert_null(dm_interface_set_link(dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 0)));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        own_network = unshare(CLONE_NEWNET) == 0;
        g_test_add_func("/qemu/run-network/bridge", test_bridge);
        g_test_add_func("/qemu/run-network/nothing", test_nothing);
        for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
                g_autofree char *name = g_strconcat("/qemu/run-network/refused/", refusals[i].name, NULL);
                g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_refused);
        }
        return g_test_run();
}
