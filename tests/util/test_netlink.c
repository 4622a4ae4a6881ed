/* Links, bridges and taps in a network namespace of this process's own, so that the machine's network stays
 * as it is.  Without the rights for that: reading, and being refused. */
#include "util/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/process.h"
#include "util/fd.h"

#define NOBODY 65534

/* In a namespace of our own, where we may change the network. */
static gboolean own_network;

static gboolean need_network(void)
{
        if (!own_network)
                g_test_skip("needs root to make a network namespace");
        return own_network;
}

static gboolean need_tap(void)
{
        if (!need_network())
                return FALSE;
        if (access("/dev/net/tun", R_OK | W_OK) == 0)
                return TRUE;
        g_test_skip("there is no /dev/net/tun");
        return FALSE;
}

static DmLink get(const char *name)
{
        g_autoptr(GError) error = NULL;
        DmLink link = { 0 };
        dm_link_get(name, &link, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(link.name, ==, name);
        return link;
}

static void assert_missing(const char *name)
{
        g_autoptr(GError) error = NULL;
        DmLink link = { .index = 77 };
        g_assert_false(dm_link_get(name, &link, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "no such network link");
        g_assert_cmpint(link.index, ==, 77);
}

#define OK(call)                                    \
        G_STMT_START                                \
        {                                           \
                g_autoptr(GError) ok_error = NULL;  \
                gboolean ok_done = call(&ok_error); \
                g_assert_no_error(ok_error);        \
                g_assert_true(ok_done);             \
        }                                           \
        G_STMT_END

/* ---- reading ---- */

static void test_names(void)
{
        static const char *const good[] = { "a", "br0", "vnet-12.x", "fifteen-bytes-x" };
        static const char *const bad[] = { "",    ".",   "..",   "a/b",
                                           "a b", "a:1", "a\tb", "sixteen-bytes-xx",
                                           "v%d", "100%" };
        for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
                g_assert_true(dm_link_name_valid(good[i], FALSE) && dm_link_name_valid(good[i], TRUE));
        for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
                g_assert_false(dm_link_name_valid(bad[i], FALSE));
        g_assert_true(dm_link_name_valid("vnet%d", TRUE));
        g_assert_false(dm_link_name_valid("v%d%d", TRUE));
        g_assert_false(dm_link_name_valid("v%s", TRUE));

        g_autoptr(GError) error = NULL;
        DmLink link;
        char name[DM_LINK_NAME_MAX + 1];
        g_assert_false(dm_link_get("a/b", &link, &error));
        test_assert_error(error, DM_ERROR_INVALID_ARG, "'a/b' cannot be the name of a network link");
        g_clear_error(&error);
        g_assert_false(dm_link_add_bridge("v%d", &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
        g_clear_error(&error);
        g_assert_cmpint(dm_tap_open("", DM_TAP_PLAIN, name, &error), ==, -1);
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
}

static void test_list(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) links = dm_link_list(&error);
        g_assert_no_error(error);
        const DmLink *lo = NULL;
        for (guint i = 0; i < links->len; i++) {
                const DmLink *link = &g_array_index(links, DmLink, i);
                g_assert_cmpuint(if_nametoindex(link->name), ==, link->index);
                if (i > 0)
                        g_assert_cmpint(link->index, >, g_array_index(links, DmLink, i - 1).index);
                if (strcmp(link->name, "lo") == 0)
                        lo = link;
        }
        g_assert_nonnull(lo);
        g_assert_cmpuint(lo->mtu, ==, 65536);
        g_assert_cmpstr(lo->type, ==, "");
        g_assert_cmpstr(lo->master, ==, "");
        g_assert_cmpstr(lo->mac, ==, "00:00:00:00:00:00");
        if (own_network) {
                g_assert_cmpuint(links->len, >=, 1);
                g_assert_false(lo->up);
        }
        assert_missing("domus-none");
}

/* Without CAP_NET_ADMIN everything that changes the network is refused, and says what is missing. */
static void test_denied(void)
{
        gboolean root = geteuid() == 0;
        if (root)
                g_assert_cmpint(seteuid(NOBODY), ==, 0);
        g_autoptr(GError) bridge = NULL, up = NULL, tap = NULL;
        char name[DM_LINK_NAME_MAX + 1];
        gboolean made = dm_link_add_bridge("domus-denied", &bridge);
        gboolean changed = dm_link_set_mtu("lo", 65536, &up);
        int fd = dm_tap_open("domus-denied", DM_TAP_NEW, name, &tap);
        if (root)
                g_assert_cmpint(seteuid(0), ==, 0);
        g_assert_false(made);
        test_assert_error(
                bridge, DM_ERROR_DENIED,
                "cannot make bridge 'domus-denied': Operation not permitted; it needs CAP_NET_ADMIN");
        g_assert_false(changed);
        test_assert_error(up, DM_ERROR_DENIED, "cannot set MTU 65536 of 'lo'");
        g_assert_cmpint(fd, ==, -1);
        g_assert_nonnull(strstr(tap->message, "domus-denied"));
        g_assert_true(tap->code == DM_ERROR_DENIED || tap->code == DM_ERROR_UNSUPPORTED);
}

/* ---- bridges ---- */

#define ADD_BRIDGE(e) dm_link_add_bridge("br0", e)
#define UP(e)         dm_link_set_up("br0", TRUE, e)
#define DOWN(e)       dm_link_set_up("br0", FALSE, e)
#define MTU(e)        dm_link_set_mtu("br0", 1400, e)
#define MAC(e)        dm_link_set_mac("br0", "52:54:00:ab:cd:0F", e)
#define REMOVE(e)     dm_link_remove("br0", e)
#define JOIN(e)       dm_link_set_master(tap, "br0", e)
#define LEAVE(e)      dm_link_set_master(tap, NULL, e)
#define TAP_UP(e)     dm_link_set_up(tap, TRUE, e)
#define TAP_REMOVE(e) dm_link_remove(tap, e)

static void test_bridge(void)
{
        if (!need_network())
                return;
        unsigned before = test_open_fds();
        OK(ADD_BRIDGE);
        DmLink link = get("br0");
        g_assert_cmpstr(link.type, ==, "bridge");
        g_assert_cmpuint(link.mtu, ==, 1500);
        g_assert_false(link.up);
        g_assert_cmpuint(strlen(link.mac), ==, 17);
        g_assert_cmpint(link.index, ==, (int)if_nametoindex("br0"));
        OK(UP);
        g_assert_true(get("br0").up);
        OK(MTU);
        OK(MAC);
        link = get("br0");
        g_assert_cmpuint(link.mtu, ==, 1400);
        g_assert_cmpstr(link.mac, ==, "52:54:00:ab:cd:0f");
        g_assert_true(link.up); /* one change does not undo another */
        OK(DOWN);
        g_assert_false(get("br0").up);

        g_autoptr(GError) error = NULL;
        g_assert_false(dm_link_add_bridge("br0", &error));
        test_assert_error(error, DM_ERROR_EXISTS,
                          "cannot make bridge 'br0': there is a network link of that name");
        OK(REMOVE);
        assert_missing("br0");
        g_assert_cmpuint(test_open_fds(), ==, before);
}

static void test_change_errors(void)
{
        if (!need_network())
                return;
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_link_remove("br0", &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot remove 'br0': no such network link");
        g_clear_error(&error);
        g_assert_false(dm_link_set_up("br0", TRUE, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot bring up 'br0': no such network link");
        g_clear_error(&error);
        g_assert_false(dm_link_set_master("lo", "br0", &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot add 'lo' to a bridge: cannot look up 'br0'");
        g_clear_error(&error);
        OK(ADD_BRIDGE);
        static const char *const bad_macs[] = { "52:54:00:ab:cd", "nonsense", "", "52:54:00:ab:cd:ef:01",
                                                "52:54:00:ab:cd:fg" };
        for (gsize i = 0; i < G_N_ELEMENTS(bad_macs); i++) {
                g_assert_false(dm_link_set_mac("br0", bad_macs[i], &error));
                test_assert_error(error, DM_ERROR_INVALID_ARG, "is not one (52:54:00:12:34:56)");
                g_clear_error(&error);
        }
        g_assert_false(
                dm_link_set_mac("br0", "01:00:5e:00:00:01", &error)); /* multicast: the kernel refuses */
        test_assert_error(error, DM_ERROR_FAILED, "cannot set MAC address 01:00:5e:00:00:01 of 'br0'");
        g_clear_error(&error);
        g_assert_false(dm_link_set_mtu("br0", 10000000, &error));
        test_assert_error(error, DM_ERROR_FAILED, "cannot set MTU 10000000 of 'br0'");
        g_clear_error(&error);
        g_assert_false(dm_link_set_master("lo", "br0", &error)); /* no bridge takes the loopback */
        test_assert_error(error, DM_ERROR_FAILED, "cannot add to bridge 'br0' the link 'lo'");
        OK(REMOVE);
}

/* ---- taps ---- */

static int open_tap(const char *name, DmTapFlags flags, char *ret_name)
{
        g_autoptr(GError) error = NULL;
        int fd = dm_tap_open(name, flags, ret_name, &error);
        g_assert_no_error(error);
        g_assert_cmpint(fd, >=, 0);
        return fd;
}

static short tap_flags(int fd)
{
        struct ifreq request = { 0 };
        g_assert_cmpint(ioctl(fd, TUNGETIFF, &request), ==, 0);
        return request.ifr_flags;
}

static void test_tap(void)
{
        if (!need_tap())
                return;
        char tap[DM_LINK_NAME_MAX + 1], second[DM_LINK_NAME_MAX + 1];
        dm_autofd int fd = open_tap("vnet%d", DM_TAP_PLAIN, tap);
        dm_autofd int fd2 = open_tap("vnet%d", DM_TAP_VNET_HDR, second);
        g_assert_cmpstr(tap, ==, "vnet0");
        g_assert_cmpstr(second, ==, "vnet1");
        g_assert_cmpint(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
        g_assert_cmpint(tap_flags(fd) & (IFF_TAP | IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE), ==,
                        IFF_TAP | IFF_NO_PI);
        g_assert_cmpint(tap_flags(fd2) & (IFF_VNET_HDR | IFF_MULTI_QUEUE), ==, IFF_VNET_HDR);
        DmLink link = get("vnet0");
        g_assert_cmpstr(link.type, ==, "tun");
        g_assert_cmpuint(strlen(link.mac), ==, 17);

        g_autoptr(GError) error = NULL;
        char name[DM_LINK_NAME_MAX + 1] = "untouched";
        g_assert_cmpint(dm_tap_open("vnet0", DM_TAP_PLAIN, name, &error), ==, -1);
        test_assert_error(error, DM_ERROR_BUSY, "cannot open tap 'vnet0': another process uses it");
        g_clear_error(&error);
        g_assert_cmpint(dm_tap_open("vnet0", DM_TAP_NEW, name, &error), ==, -1);
        test_assert_error(error, DM_ERROR_EXISTS, "cannot make tap 'vnet0': there is a network link");
        g_clear_error(&error);
        g_assert_cmpint(dm_tap_open("lo", DM_TAP_PLAIN, name, &error), ==, -1);
        test_assert_error(error, DM_ERROR_EXISTS, "there is a link of that name that is no such tap");
        g_assert_cmpstr(name, ==, "untouched");

        dm_close_fd(&fd); /* not persistent */
        assert_missing("vnet0");
        get("vnet1");
}

static void test_tap_persistent(void)
{
        if (!need_tap())
                return;
        char tap[DM_LINK_NAME_MAX + 1];
        dm_autofd int fd = open_tap("keep0", DM_TAP_PERSISTENT | DM_TAP_NEW, tap);
        dm_close_fd(&fd);
        get("keep0");
        fd = open_tap("keep0", DM_TAP_PLAIN, tap); /* attaches */
        g_assert_true(tap_flags(fd) & IFF_PERSIST);
        dm_close_fd(&fd);
        OK(TAP_REMOVE);
        assert_missing("keep0");
}

static void test_tap_queues(void)
{
        if (!need_tap())
                return;
        char tap[DM_LINK_NAME_MAX + 1];
        dm_autofd int first = open_tap("queues%d", DM_TAP_MULTI_QUEUE | DM_TAP_VNET_HDR, tap);
        dm_autofd int second = open_tap(tap, DM_TAP_MULTI_QUEUE | DM_TAP_VNET_HDR, tap);
        g_assert_true(tap_flags(second) & IFF_MULTI_QUEUE);
        dm_close_fd(&first);
        get(tap); /* lives with its last queue */
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(dm_tap_open(tap, DM_TAP_VNET_HDR, tap, &error), ==,
                        -1); /* not as a tap of one queue */
        g_assert_error(error, DM_ERROR, DM_ERROR_EXISTS);
        dm_close_fd(&second);
        assert_missing(tap);
}

/* A frame that a guest sends comes out of another guest's tap on the same bridge. */
static void test_tap_on_bridge(void)
{
        if (!need_tap())
                return;
        char tap[DM_LINK_NAME_MAX + 1], other[DM_LINK_NAME_MAX + 1];
        dm_autofd int fd = open_tap("guest%d", DM_TAP_PLAIN, tap);
        dm_autofd int fd2 = open_tap("guest%d", DM_TAP_PLAIN, other);
        OK(ADD_BRIDGE);
        OK(UP);
        OK(JOIN);
        OK(TAP_UP);
        g_assert_cmpstr(get(tap).master, ==, "br0");
        g_assert_true(dm_link_set_master(other, "br0", NULL) && dm_link_set_up(other, TRUE, NULL));
        g_autoptr(GArray) links = dm_link_list(NULL);
        guint members = 0;
        for (guint i = 0; i < links->len; i++)
                members += strcmp(g_array_index(links, DmLink, i).master, "br0") == 0;
        g_assert_cmpuint(members, ==, 2);

        guint8 frame[64] = {
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 1, 2, 3, 0x88, 0xb5, 'd', 'm'
        };
        guint8 got[2048];
        gboolean arrived = FALSE;
        /* the bridge's port forwards from the moment its state says so: send until it arrives */
        for (int i = 0; i < 500 && !arrived; i++) {
                g_assert_cmpint(write(fd, frame, sizeof(frame)), ==, sizeof(frame));
                g_usleep(10000);
                ssize_t n;
                while ((n = read(fd2, got, sizeof(got))) > 0)
                        arrived = arrived ||
                                  (n >= (ssize_t)sizeof(frame) && memcmp(got, frame, sizeof(frame)) == 0);
        }
        g_assert_true(arrived);

        OK(LEAVE);
        g_assert_cmpstr(get(tap).master, ==, "");
        g_assert_true(get(tap).up);
        OK(REMOVE);
        g_assert_cmpstr(get(other).master, ==, ""); /* a bridge that goes frees its members */
}

static gpointer hammer(gpointer data)
{
        const char *tap = data;
        for (int i = 0; i < 50; i++) {
                g_autoptr(GArray) links = dm_link_list(NULL);
                if (!links || !dm_link_set_mtu(tap, 1000 + (guint32)i, NULL))
                        return GINT_TO_POINTER(0);
        }
        return GINT_TO_POINTER(1);
}

static void test_threads(void)
{
        if (!need_network())
                return;
        OK(ADD_BRIDGE);
        GThread *threads[4];
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
                threads[i] = g_thread_new("hammer", hammer, (gpointer)(guintptr) "br0");
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
                g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(threads[i])), ==, 1);
        OK(REMOVE);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        own_network = unshare(CLONE_NEWNET) == 0;
        g_test_add_func("/util/netlink/names", test_names);
        g_test_add_func("/util/netlink/list", test_list);
        g_test_add_func("/util/netlink/denied", test_denied);
        g_test_add_func("/util/netlink/bridge", test_bridge);
        g_test_add_func("/util/netlink/change-errors", test_change_errors);
        g_test_add_func("/util/netlink/tap", test_tap);
        g_test_add_func("/util/netlink/tap-persistent", test_tap_persistent);
        g_test_add_func("/util/netlink/tap-queues", test_tap_queues);
        g_test_add_func("/util/netlink/tap-on-bridge", test_tap_on_bridge);
        g_test_add_func("/util/netlink/threads", test_threads);
        return g_test_run();
}
