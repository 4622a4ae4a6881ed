/* Network cards at a start: makes taps and plugs them into bridges, opens vhost and vDPA devices.
 *
 * Taps are not persistent: they go with QEMU, whoever ends it, so that neither stop nor recovery has to find
 * them.  What is asked for and cannot be done here is an error that says so. */
#include "qemu/run_network.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "qemu/interface_private.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/netlink.h"

/* ---- descriptors ---- */

static void close_one(gpointer data)
{
        dm_close_fd(&((DmRunFd *)data)->fd);
}

GArray *dm_run_fds_new(void)
{
        GArray *fds = g_array_new(FALSE, FALSE, sizeof(DmRunFd));
        g_array_set_clear_func(fds, close_one);
        return fds;
}

int dm_run_fds_take(GArray *fds, DmFdUse use, const DmDevice *device)
{
        for (guint i = 0; i < fds->len; i++) {
                DmRunFd *f = &g_array_index(fds, DmRunFd, i);
                if (f->passed || f->use != use || f->device != device)
                        continue;
                f->passed = TRUE;
                return (int)i;
        }
        return -1;
}

static void add_fd(GArray *fds, int fd, DmFdUse use, const DmInterface *n)
{
        const DmRunFd f = { fd, use, &n->dev, FALSE };
        g_array_append_val(fds, f);
}

/* ---- taps ---- */

#define TAP_TEMPLATE "vnet%d"

/* The host's end differs from the guest's in its first byte.  A bridge takes the lowest address of its
 * members as its own, and so never this one. */
static gboolean set_mac(const DmInterface *n, const char *tap, GError **error)
{
        g_autofree char *mac = n->mac ? g_strconcat("fe", n->mac + 2, NULL) : NULL;
        return !mac || dm_link_set_mac(tap, mac, error);
}

static gboolean set_up(const DmInterface *n, const char *bridge, const char *tap, GError **error)
{
        if (n->target_managed == DM_NO)
                return TRUE;
        return set_mac(n, tap, error) && (!n->mtu.set || dm_link_set_mtu(tap, n->mtu.value, error)) &&
               (!bridge || dm_link_set_master(tap, bridge, error)) && dm_link_set_up(tap, TRUE, error);
}

static gboolean open_taps(DmPlan *p, DmInterface *n, const char *bridge, GArray *fds, GError **error)
{
        unsigned queues = dm_interface_queues(n);
        char name[DM_LINK_NAME_MAX + 1] = "";
        DmTapFlags flags = (dm_interface_virtio(n) ? DM_TAP_VNET_HDR : 0) |
                           (queues > 1 ? DM_TAP_MULTI_QUEUE : 0),
                   first = n->target_managed == DM_NO ? 0 : DM_TAP_NEW;
        for (unsigned i = 0; i < queues; i++) {
                const char *want = i ? name : n->target_dev ? n->target_dev : TAP_TEMPLATE;
                int fd = dm_tap_open(want, flags | (i ? 0 : first), name, error);
                if (fd < 0)
                        return FALSE;
                add_fd(fds, fd, DM_FD_TAP, n);
        }
        if (!set_up(n, bridge, name, error))
                return FALSE;
        if (!n->target_dev) {
                n->target_dev = g_strdup(name);
                dm_origins_explain(p->domain->origins, &n->target_dev, "free when the guest was started");
        }
        return TRUE;
}

/* ---- vhost ---- */

static gboolean open_vhost(const DmPlan *p, DmInterface *n, GArray *fds, GError **error)
{
        const char *path = n->vhost ? n->vhost : "/dev/vhost-net";
        gboolean needed = n->driver == DM_INTERFACE_DRIVER_VHOST || n->vhost;
        if (!dm_interface_virtio(n) || n->driver == DM_INTERFACE_DRIVER_QEMU || p->accel != DM_ACCEL_KVM)
                return TRUE;
        for (unsigned i = 0; i < dm_interface_queues(n); i++) {
                int fd = open(path, O_RDWR | O_CLOEXEC);
                /* Without it QEMU carries the packets itself. */
                if (fd < 0 && !needed && i == 0)
                        return TRUE;
                if (fd < 0)
                        return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open '%s'", path);
                add_fd(fds, fd, DM_FD_VHOST_NET, n);
        }
        return TRUE;
}

static gboolean open_vdpa(DmInterface *n, GArray *fds, GError **error)
{
        int fd = open(n->source_dev, O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open '%s'", n->source_dev);
        add_fd(fds, fd, DM_FD_VDPA, n);
        return TRUE;
}

/* ---- all cards ---- */

/* What the kernel refuses is said of the card. */
static gboolean told(const DmInterface *n, gboolean ok, GError **error)
{
        if (!ok)
                g_prefix_error(error, "interface %s: ", n->mac);
        return ok;
}

static gboolean open_all(DmPlan *p, DmInterface *n, const char *bridge, GArray *fds, GError **error)
{
        if (n->target_managed == DM_NO && !n->target_dev)
                return dm_plan_fail(p, &n->dev, &n->target_managed, error,
                                    "managed='no' needs the name of the tap: <target dev=>");
        return told(n, open_taps(p, n, bridge, fds, error) && open_vhost(p, n, fds, error), error);
}

static gboolean plug_in(DmPlan *p, DmInterface *n, GArray *fds, GError **error)
{
        if (n->tap)
                return dm_plan_fail(p, &n->dev, &n->tap, error,
                                    "taps are made by /dev/net/tun only; leave tap='%s' out", n->tap);
        switch (n->type) {
        case DM_INTERFACE_NETWORK:
                if (!n->bridge)
                        return dm_plan_fail(p, &n->dev, &n->network, error,
                                            "the driver keeps no networks, so '%s' is not known; use "
                                            "<interface type='bridge'>",
                                            n->network);
                return open_all(p, n, n->bridge, fds, error);
        case DM_INTERFACE_BRIDGE:
                if (!n->bridge)
                        return dm_plan_fail(p, &n->dev, n, error, "say which one: <source bridge=>");
                return open_all(p, n, n->bridge, fds, error);
        case DM_INTERFACE_ETHERNET:
                return open_all(p, n, NULL, fds, error);
        case DM_INTERFACE_DIRECT:
                return dm_plan_fail(p, &n->dev, &n->type, error,
                                    "the driver does not make macvtap devices; use type 'bridge'");
        case DM_INTERFACE_VDPA:
                return told(n, open_vdpa(n, fds, error), error);
        case DM_INTERFACE_UNSET:
        case DM_INTERFACE_USER:
        case DM_INTERFACE_VHOSTUSER:
        case DM_INTERFACE_HOSTDEV:
        case DM_INTERFACE_SERVER:
        case DM_INTERFACE_CLIENT:
        case DM_INTERFACE_MCAST:
        case DM_INTERFACE_UDP:
        case DM_INTERFACE_NULL:
        case DM_INTERFACE_VDS:
        case DM_INTERFACE_INTERNAL:
                break;
        }
        return TRUE;
}

gboolean dm_run_network(DmPlan *p, GArray *fds, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_INTERFACE && !plug_in(p, (DmInterface *)device, fds, error))
                        return FALSE;
        return TRUE;
}

DmJson *dm_interface_set_link(const DmDevice *device)
{
        if (device->kind != DM_DEVICE_INTERFACE || ((const DmInterface *)device)->link != DM_LINK_DOWN)
                return NULL;
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "name", device->alias);
        dm_json_add_bool(j, "up", FALSE);
        return j;
}
