/* Links by libnl-route, taps by /dev/net/tun (netlink cannot make those).  Every request is one socket, one
 * message and its acknowledgement: no cache is kept, for other programs change the network too. */
#include "util/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <string.h>
#include <sys/ioctl.h>

#include "util/error.h"
#include "util/fd.h"

#define MAC_BYTES  6
#define TUN_DEVICE "/dev/net/tun"

/* The kernel's header of that name cannot stand beside <net/if.h>. */
G_STATIC_ASSERT(DM_LINK_NAME_MAX + 1 == IFNAMSIZ);

typedef struct nl_sock Sock;
typedef struct rtnl_link Link;
typedef struct nl_cache Cache;
typedef struct nl_addr Addr;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sock, nl_socket_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, rtnl_link_put)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cache, nl_cache_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Addr, nl_addr_put)

/* ---- errors ---- */

static DmErrorCode code_of(int nl_error)
{
        switch (-nl_error) {
        case NLE_PERM:
        case NLE_NOACCESS:
                return DM_ERROR_DENIED;
        case NLE_OBJ_NOTFOUND:
        case NLE_NODEV:
                return DM_ERROR_NOT_FOUND;
        case NLE_EXIST:
                return DM_ERROR_EXISTS;
        case NLE_BUSY:
                return DM_ERROR_BUSY;
        case NLE_OPNOTSUPP:
        case NLE_AF_NOSUPPORT:
        case NLE_PROTO_MISMATCH:
                return DM_ERROR_UNSUPPORTED;
        default:
                return DM_ERROR_FAILED;
        }
}

/* "cannot WHAT 'NAME': REASON", with the remedy where there is one. */
static gboolean fail(GError **error, int nl_error, const char *what, const char *name)
{
        DmErrorCode code = code_of(nl_error);
        const char *reason = nl_geterror(nl_error);
        if (code == DM_ERROR_DENIED)
                reason = "Operation not permitted; it needs CAP_NET_ADMIN";
        else if (code == DM_ERROR_NOT_FOUND)
                reason = "no such network link";
        else if (code == DM_ERROR_EXISTS)
                reason = "there is a network link of that name";
        return dm_fail(error, code, "cannot %s '%s': %s", what, name, reason);
}

/* ---- names ---- */

gboolean dm_link_name_valid(const char *name, gboolean template)
{
        gsize length = strlen(name);
        if (length == 0 || length > DM_LINK_NAME_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return FALSE;
        for (const char *c = name; *c; c++)
                if (*c == '/' || *c == ':' || g_ascii_isspace(*c))
                        return FALSE;
        const char *percent = strchr(name, '%');
        return !percent || (template && percent[1] == 'd' && !strchr(percent + 1, '%'));
}

static gboolean check_name(const char *name, gboolean template, GError **error)
{
        if (dm_link_name_valid(name, template))
                return TRUE;
        return dm_fail(
                error, DM_ERROR_INVALID_ARG,
                "'%s' cannot be the name of a network link: 1 to %d bytes without '/', ':', '%%' and blanks",
                name, DM_LINK_NAME_MAX);
}

/* ---- reading ---- */

static Sock *open_socket(GError **error)
{
        g_autoptr(Sock) sock = nl_socket_alloc();
        if (!sock)
                return dm_fail_null(error, DM_ERROR_FAILED, "cannot open a netlink socket: out of memory");
        int result = nl_connect(sock, NETLINK_ROUTE);
        if (result < 0)
                return dm_fail_null(error, code_of(result), "cannot open a netlink socket: %s",
                                    nl_geterror(result));
        return g_steal_pointer(&sock);
}

static Link *find(Sock *sock, const char *name, const char *what, GError **error)
{
        Link *link = NULL;
        if (!check_name(name, FALSE, error))
                return NULL;
        int result = rtnl_link_get_kernel(sock, 0, name, &link);
        if (result < 0)
                fail(error, result, what, name);
        return link;
}

static void describe(Link *from, DmLink *ret_link)
{
        DmLink link = { .index = rtnl_link_get_ifindex(from),
                        .mtu = rtnl_link_get_mtu(from),
                        .up = (rtnl_link_get_flags(from) & IFF_UP) != 0 };
        g_strlcpy(link.name, rtnl_link_get_name(from), sizeof(link.name));
        const char *type = rtnl_link_get_type(from);
        g_strlcpy(link.type, type ? type : "", sizeof(link.type));
        Addr *mac = rtnl_link_get_addr(from);
        if (mac && nl_addr_get_len(mac) == MAC_BYTES)
                nl_addr2str(mac, link.mac, sizeof(link.mac));
        int master = rtnl_link_get_master(from);
        char master_name[IFNAMSIZ];
        if (master > 0 && if_indextoname((unsigned)master, master_name)) /* it can be gone by now */
                g_strlcpy(link.master, master_name, sizeof(link.master));
        *ret_link = link;
}

static int compare_index(gconstpointer a, gconstpointer b)
{
        const DmLink *x = a, *y = b;
        return x->index < y->index ? -1 : x->index > y->index;
}

GArray *dm_link_list(GError **error)
{
        g_autoptr(Sock) sock = open_socket(error);
        if (!sock)
                return NULL;
        g_autoptr(Cache) cache = NULL;
        int result = rtnl_link_alloc_cache(sock, AF_UNSPEC, &cache);
        if (result < 0)
                return dm_fail_null(error, code_of(result), "cannot list the network links: %s",
                                    nl_geterror(result));
        GArray *links = g_array_new(FALSE, TRUE, sizeof(DmLink));
        for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
                DmLink link;
                describe((Link *)o, &link);
                g_array_append_val(links, link);
        }
        g_array_sort(links, compare_index);
        return links;
}

gboolean dm_link_get(const char *name, DmLink *ret_link, GError **error)
{
        g_autoptr(Sock) sock = open_socket(error);
        g_autoptr(Link) link = sock ? find(sock, name, "look up", error) : NULL;
        if (link)
                describe(link, ret_link);
        return link != NULL;
}

/* ---- changing ---- */

gboolean dm_link_add_bridge(const char *name, GError **error)
{
        if (!check_name(name, FALSE, error))
                return FALSE;
        g_autoptr(Sock) sock = open_socket(error);
        if (!sock)
                return FALSE;
        g_autoptr(Link) link = rtnl_link_alloc();
        int result = link ? rtnl_link_set_type(link, "bridge") : -NLE_NOMEM;
        if (result == 0) {
                rtnl_link_set_name(link, name);
                result = rtnl_link_add(sock, link, NLM_F_CREATE | NLM_F_EXCL);
        }
        return result == 0 || fail(error, result, "make bridge", name);
}

gboolean dm_link_remove(const char *name, GError **error)
{
        g_autoptr(Sock) sock = open_socket(error);
        g_autoptr(Link) link = sock ? find(sock, name, "remove", error) : NULL;
        if (!link)
                return FALSE;
        int result = rtnl_link_delete(sock, link);
        return result == 0 || fail(error, result, "remove", name);
}

/* Applies what @changes holds to the link @name. */
static gboolean change(const char *name, Link *changes, const char *what, GError **error)
{
        if (!changes)
                return fail(error, -NLE_NOMEM, what, name);
        g_autoptr(Sock) sock = open_socket(error);
        g_autoptr(Link) link = sock ? find(sock, name, what, error) : NULL;
        if (!link)
                return FALSE;
        int result = rtnl_link_change(sock, link, changes, 0);
        return result == 0 || fail(error, result, what, name);
}

gboolean dm_link_set_up(const char *name, gboolean up, GError **error)
{
        g_autoptr(Link) changes = rtnl_link_alloc();
        if (changes && up)
                rtnl_link_set_flags(changes, IFF_UP);
        else if (changes)
                rtnl_link_unset_flags(changes, IFF_UP);
        return change(name, changes, up ? "bring up" : "bring down", error);
}

gboolean dm_link_set_mtu(const char *name, guint32 mtu, GError **error)
{
        g_autofree char *what = g_strdup_printf("set MTU %u of", mtu);
        g_autoptr(Link) changes = rtnl_link_alloc();
        if (changes)
                rtnl_link_set_mtu(changes, mtu);
        return change(name, changes, what, error);
}

/* libnl's parser takes anything that looks a little like an address of any family. */
static gboolean parse_mac(const char *text, guint8 *ret_bytes)
{
        for (int i = 0; i < MAC_BYTES; i++, text += 3) {
                if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]) ||
                    text[2] != (i < MAC_BYTES - 1 ? ':' : '\0'))
                        return FALSE;
                ret_bytes[i] = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        }
        return TRUE;
}

gboolean dm_link_set_mac(const char *name, const char *mac, GError **error)
{
        guint8 bytes[MAC_BYTES];
        if (!parse_mac(mac, bytes))
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "cannot set the MAC address of '%s': '%s' is not one (52:54:00:12:34:56)",
                               name, mac);
        g_autoptr(Addr) addr = nl_addr_build(AF_LLC, bytes, sizeof(bytes));
        g_autofree char *what = g_strdup_printf("set MAC address %s of", mac);
        g_autoptr(Link) changes = rtnl_link_alloc();
        if (changes && addr)
                rtnl_link_set_addr(changes, addr);
        return change(name, addr ? changes : NULL, what, error);
}

gboolean dm_link_set_master(const char *name, const char *master, GError **error)
{
        int index = 0;
        if (master) {
                DmLink bridge;
                if (!dm_link_get(master, &bridge, error)) {
                        g_prefix_error(error, "cannot add '%s' to a bridge: ", name);
                        return FALSE;
                }
                index = bridge.index;
        }
        g_autofree char *what = master ? g_strdup_printf("add to bridge '%s' the link", master)
                                       : g_strdup("release from its bridge");
        g_autoptr(Link) changes = rtnl_link_alloc();
        if (changes)
                rtnl_link_set_master(changes, index);
        return change(name, changes, what, error);
}

/* ---- taps ---- */

static int fail_tap(GError **error, int errno_value, const char *name, DmTapFlags flags)
{
        if (errno_value == EBUSY && (flags & DM_TAP_NEW))
                dm_fail(error, DM_ERROR_EXISTS, "cannot make tap '%s': there is a network link of that name",
                        name);
        else if (errno_value == EBUSY)
                dm_fail(error, DM_ERROR_BUSY, "cannot open tap '%s': another process uses it%s", name,
                        flags & DM_TAP_MULTI_QUEUE ? "" : ", or it has several queues");
        else if (errno_value == EPERM || errno_value == EACCES)
                dm_fail_errno(error, DM_ERROR_DENIED, errno_value,
                              "cannot open tap '%s' (it needs CAP_NET_ADMIN)", name);
        else if (errno_value == EINVAL)
                dm_fail(error, DM_ERROR_EXISTS,
                        "cannot open tap '%s': there is a link of that name that is no such tap", name);
        else
                dm_fail_errno(error, dm_error_code_of_errno(errno_value), errno_value, "cannot open tap '%s'",
                              name);
        return -1;
}

int dm_tap_open(const char *name, DmTapFlags flags, char ret_name[DM_LINK_NAME_MAX + 1], GError **error)
{
        if (!check_name(name, TRUE, error))
                return -1;
        dm_autofd int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO)) {
                dm_fail(error, DM_ERROR_UNSUPPORTED,
                        "cannot open tap '%s': there is no " TUN_DEVICE "; load the kernel module 'tun'",
                        name);
                return -1;
        }
        if (fd < 0)
                return fail_tap(error, errno, name, flags);
        int mode = IFF_TAP | IFF_NO_PI | (flags & DM_TAP_VNET_HDR ? IFF_VNET_HDR : 0) |
                   (flags & DM_TAP_MULTI_QUEUE ? IFF_MULTI_QUEUE : 0) |
                   (flags & DM_TAP_NEW ? IFF_TUN_EXCL : 0);
        struct ifreq request = { .ifr_flags = (short)mode };
        g_strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
        if (ioctl(fd, TUNSETIFF, &request) < 0)
                return fail_tap(error, errno, name, flags);
        if ((flags & DM_TAP_PERSISTENT) && ioctl(fd, TUNSETPERSIST, 1UL) < 0)
                return fail_tap(error, errno, request.ifr_name, flags);
        memcpy(ret_name, request.ifr_name, DM_LINK_NAME_MAX + 1);
        ret_name[DM_LINK_NAME_MAX] = '\0';
        return dm_steal_fd(&fd);
}
