/* What a network card is plugged into: -netdev.  Taps, sockets of vhost, and whatever else belongs to the
 * host come as descriptors, or are named where none are passed. */
#include "qemu/interface_private.h"

#include "util/error.h"

unsigned dm_interface_queues(const DmInterface *n)
{
        return MAX(n->queues.value, 1);
}

/* ---- what is possible ---- */

/* A tap device, or one of its kind, carries the packets. */
static gboolean is_tap(const DmInterface *n)
{
        return n->type == DM_INTERFACE_BRIDGE || n->type == DM_INTERFACE_NETWORK ||
               n->type == DM_INTERFACE_ETHERNET || n->type == DM_INTERFACE_DIRECT;
}

static gboolean check_queues(const DmPlan *p, const DmInterface *n, GError **error)
{
        const char *type = dm_enum_name(&dm_interface_type, n->type);
        if (n->queues.value <= 1)
                return TRUE;
        if (!is_tap(n) && n->type != DM_INTERFACE_VHOSTUSER && n->type != DM_INTERFACE_VDPA)
                return dm_plan_fail(p, &n->dev, &n->queues, error,
                                    "an interface of type '%s' has one queue only", type);
        if (!dm_interface_virtio(n))
                return dm_plan_fail(p, &n->dev, &n->queues, error, "only virtio cards have several queues");
        return TRUE;
}

static gboolean check_backend(const DmPlan *p, const DmInterface *n, GError **error)
{
        const char *type = dm_enum_name(&dm_interface_type, n->type);
        gboolean tap = is_tap(n) && n->type != DM_INTERFACE_DIRECT;
        if (n->tap && !tap)
                return dm_plan_fail(p, &n->dev, &n->tap, error, "an interface of type '%s' has no tap device",
                                    type);
        if (n->vhost && !is_tap(n))
                return dm_plan_fail(p, &n->dev, &n->vhost, error,
                                    "an interface of type '%s' does not use vhost-net", type);
        if (n->driver == DM_INTERFACE_DRIVER_VHOST && n->model && !dm_interface_virtio(n))
                return dm_plan_fail(p, &n->dev, &n->driver, error, "vhost is for virtio cards only");
        if ((n->type == DM_INTERFACE_VHOSTUSER || n->type == DM_INTERFACE_VDPA) && !dm_interface_virtio(n))
                return dm_plan_fail(p, &n->dev, &n->model, error,
                                    "an interface of type '%s' needs <model type='virtio'>", type);
        if (n->link == DM_LINK_DOWN && n->type == DM_INTERFACE_HOSTDEV)
                return dm_plan_fail(p, &n->dev, &n->link, error, "cards of the host have their own cables");
        return TRUE;
}

static gboolean check_type(const DmPlan *p, const DmInterface *n, GError **error)
{
        const char *type = dm_enum_name(&dm_interface_type, n->type);
        gboolean has = TRUE;
        switch (n->type) {
        case DM_INTERFACE_VDPA:
                has = dm_caps_has_schema(p->caps, "netdev_add:type=vhost-vdpa");
                break;
        case DM_INTERFACE_USER:
                has = n->backend != DM_BACKEND_PASST || dm_caps_has_schema(p->caps, "netdev_add:type=stream");
                type = n->backend == DM_BACKEND_PASST ? "passt" : "user";
                break;
        case DM_INTERFACE_NULL:
        case DM_INTERFACE_VDS:
        case DM_INTERFACE_INTERNAL:
                has = FALSE;
                break;
        case DM_INTERFACE_UNSET:
        case DM_INTERFACE_ETHERNET:
        case DM_INTERFACE_BRIDGE:
        case DM_INTERFACE_NETWORK:
        case DM_INTERFACE_DIRECT:
        case DM_INTERFACE_VHOSTUSER:
        case DM_INTERFACE_HOSTDEV:
        case DM_INTERFACE_SERVER:
        case DM_INTERFACE_CLIENT:
        case DM_INTERFACE_MCAST:
        case DM_INTERFACE_UDP:
                break;
        }
        return has || dm_plan_fail(p, &n->dev, &n->type, error,
                                   "'%s' (QEMU %s) has no interfaces of type '%s'; use another",
                                   p->caps->path, p->caps->version_text, type);
}

gboolean dm_check_netdev(const DmPlan *p, const DmInterface *n, GError **error)
{
        return check_type(p, n, error) && check_queues(p, n, error) && check_backend(p, n, error);
}

/* ---- taps ---- */

/* Passes @count descriptors, as "7" by the name @one or "7:8" by the name @many.  FALSE: none are passed. */
static gboolean add_fds(DmBuild *b, const DmInterface *n, DmFdUse use, const char *path, unsigned count,
                        DmJson *j, const char *one, const char *many)
{
        g_autoptr(GString) s = g_string_new(NULL);
        unsigned got = 0;
        while (got < count) {
                int fd = dm_build_fd(b, use, path, &n->dev);
                if (fd < 0)
                        break;
                g_string_append_printf(s, "%s%d", got++ ? ":" : "", fd);
        }
        if (got)
                dm_json_add_string(j, got > 1 ? many : one, s->str);
        return got > 0;
}

/* vhost: packets go from card to tap in the host's kernel, past QEMU. */
static void add_vhost(DmBuild *b, const DmInterface *n, DmJson *j)
{
        const char *path = n->vhost ? n->vhost : "/dev/vhost-net";
        if (!dm_interface_virtio(n) || n->driver == DM_INTERFACE_DRIVER_QEMU ||
            b->plan->accel != DM_ACCEL_KVM)
                return;
        g_autoptr(DmJson) fds = dm_json_object_new();
        if (!add_fds(b, n, DM_FD_VHOST_NET, path, dm_interface_queues(n), fds, "vhostfd", "vhostfds"))
                return;
        dm_json_add_bool(j, "vhost", TRUE);
        dm_json_add_string(j, "vhostfd", dm_json_get_string(fds, "vhostfd"));
        dm_json_add_string(j, "vhostfds", dm_json_get_string(fds, "vhostfds"));
}

static void add_tap(DmBuild *b, const DmInterface *n, DmJson *j)
{
        unsigned queues = dm_interface_queues(n);
        dm_json_add_string(j, "type", "tap");
        if (!add_fds(b, n, DM_FD_TAP, n->target_dev ? n->target_dev : "", queues, j, "fd", "fds")) {
                /* Nobody has opened it: QEMU does, if it may. */
                dm_json_add_string(j, "ifname", n->target_dev);
                dm_json_add_string(j, "script", "no");
                dm_json_add_string(j, "downscript", "no");
                if (queues > 1)
                        dm_json_add_uint(j, "queues", queues);
        }
        add_vhost(b, n, j);
        if (n->sndbuf.set)
                dm_json_add_uint(j, "sndbuf", n->sndbuf.value);
}

/* ---- the other kinds ---- */

static void add_user(const DmInterface *n, DmJson *j)
{
        dm_json_add_string(j, "type", "user");
        for (guint i = 0; n->ips && i < n->ips->len; i++) {
                const DmInterfaceIp *ip = g_ptr_array_index(n->ips, i);
                gboolean six = ip->family == DM_FAMILY_IPV6;
                if (six || !ip->prefix.set)
                        dm_json_add_string(j, six ? "ipv6-prefix" : "net", ip->address);
                else
                        dm_json_add_stringf(j, "net", "%s/%u", ip->address, ip->prefix.value);
                if (six)
                        dm_props_u32(j, "ipv6-prefixlen", ip->prefix);
        }
}

static gboolean add_passt(const DmBuild *b, const DmInterface *n, DmJson *j, GError **error)
{
        g_autofree char *own = b->run_dir ? g_build_filename(b->run_dir, "passt", NULL) : NULL;
        const char *prefix = b->passt_prefix ? b->passt_prefix : own;
        if (!prefix)
                return dm_plan_fail(b->plan, &n->dev, &n->backend, error,
                                    "there is no directory for the socket of passt");
        DmJson *address = dm_json_object_new();
        dm_json_add_string(address, "type", "unix");
        dm_json_add_stringf(address, "path", "%s-%s.socket", prefix, n->dev.alias);
        dm_json_add_string(j, "type", "stream");
        dm_json_add_take(j, "addr", address);
        dm_json_add_bool(j, "server", FALSE);
        return TRUE;
}

static void add_socket(const DmInterface *n, DmJson *j)
{
        const char *key = n->type == DM_INTERFACE_SERVER   ? "listen"
                          : n->type == DM_INTERFACE_CLIENT ? "connect"
                          : n->type == DM_INTERFACE_MCAST  ? "mcast"
                                                           : "udp";
        dm_json_add_string(j, "type", "socket");
        dm_json_add_stringf(j, key, "%s:%u", n->source_address ? n->source_address : "",
                            n->source_port.value);
        if (n->type == DM_INTERFACE_UDP)
                dm_json_add_stringf(j, "localaddr", "%s:%u", n->local_address ? n->local_address : "",
                                    n->local_port.value);
}

static void add_vhostuser(DmBuild *b, const DmInterface *n, DmJson *j)
{
        gboolean listens = n->socket_mode == DM_SOCKET_SERVER;
        int fd = listens ? dm_build_fd(b, DM_FD_LISTEN, n->socket, &n->dev) : -1;
        g_autoptr(GString) s = g_string_new("socket");
        dm_opts_appendf(s, "id", "char%s", n->dev.alias);
        if (fd >= 0)
                dm_opts_appendf(s, "fd", "%d", fd);
        else
                dm_opts_append(s, "path", n->socket);
        /* QEMU waits until the switch has come: without it the card could not even be made. */
        if (listens)
                dm_opts_append(s, "server", "on");
        else if (n->reconnect)
                dm_opts_appendf(s, "reconnect", "%u",
                                n->reconnect == DM_YES ? n->reconnect_timeout.value : 0);
        dm_command_add(b->command, n, NULL, "-chardev", s->str);
        dm_json_add_string(j, "type", "vhost-user");
        dm_json_add_stringf(j, "chardev", "char%s", n->dev.alias);
        if (n->queues.value > 1)
                dm_json_add_uint(j, "queues", n->queues.value);
}

static void add_vdpa(DmBuild *b, const DmInterface *n, DmJson *j)
{
        g_autofree char *passed = dm_build_fd_path(b, &n->dev, n, DM_FD_VDPA, n->source_dev, "vdpa");
        dm_json_add_string(j, "type", "vhost-vdpa");
        dm_json_add_string(j, "vhostdev", passed ? passed : n->source_dev);
        if (n->queues.value > 1)
                dm_json_add_uint(j, "queues", n->queues.value);
}

DmJson *dm_netdev_props(DmBuild *b, const DmInterface *n, GError **error)
{
        g_autoptr(DmJson) j = dm_json_object_new();
        switch (n->type) {
        case DM_INTERFACE_USER:
        case DM_INTERFACE_UNSET:
                if (n->backend != DM_BACKEND_PASST)
                        add_user(n, j);
                else if (!add_passt(b, n, j, error))
                        return NULL;
                break;
        case DM_INTERFACE_ETHERNET:
        case DM_INTERFACE_BRIDGE:
        case DM_INTERFACE_NETWORK:
        case DM_INTERFACE_DIRECT:
                add_tap(b, n, j);
                break;
        case DM_INTERFACE_SERVER:
        case DM_INTERFACE_CLIENT:
        case DM_INTERFACE_MCAST:
        case DM_INTERFACE_UDP:
                add_socket(n, j);
                break;
        case DM_INTERFACE_VHOSTUSER:
                add_vhostuser(b, n, j);
                break;
        case DM_INTERFACE_VDPA:
                add_vdpa(b, n, j);
                break;
        case DM_INTERFACE_HOSTDEV:
        case DM_INTERFACE_NULL:
        case DM_INTERFACE_VDS:
        case DM_INTERFACE_INTERNAL:
                break;
        }
        dm_json_add_stringf(j, "id", "host%s", n->dev.alias);
        return g_steal_pointer(&j);
}
