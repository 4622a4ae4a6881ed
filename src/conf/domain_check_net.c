/* Rules of interfaces that hold on any emulator. */
#include "conf/domain_check_private.h"

#include <string.h>

#include "conf/domain_interface.h"

/* The user-mode network needs room for its own addresses. */
#define SLIRP_IPV4_MIN 4
#define SLIRP_IPV4_MAX 27
#define IFNAME_MAX     15

static const char *type_name(const DmInterface *i)
{
        return dm_enum_name(&dm_interface_type, (int)i->type);
}

/* Connected to the host by a tap device, by QEMU itself or by another program. */
static gboolean has_tap(const DmInterface *i)
{
        return i->type == DM_INTERFACE_ETHERNET || i->type == DM_INTERFACE_BRIDGE ||
               i->type == DM_INTERFACE_NETWORK || i->type == DM_INTERFACE_DIRECT;
}

static gboolean is_virtio(const DmInterface *i)
{
        return !i->model || g_str_has_prefix(i->model, "virtio");
}

/* ---- addresses that the guest is given ---- */

static gboolean is_ipv6(const DmInterfaceIp *ip)
{
        return ip->family == DM_FAMILY_IPV6 || (ip->address && strchr(ip->address, ':'));
}

static void check_ips(const DmInterface *i, const DmXmlCheck *c)
{
        guint v4 = 0, v6 = 0;
        if (i->type == DM_INTERFACE_USER && i->routes)
                CANNOT(i->routes->pdata[0], "QEMU cannot tell its guests routes; leave <route> out");
        for (guint n = 0; i->ips && n < i->ips->len; n++) {
                const DmInterfaceIp *ip = g_ptr_array_index(i->ips, n);
                guint *count = is_ipv6(ip) ? &v6 : &v4;
                if (i->type != DM_INTERFACE_USER) {
                        CANNOT(ip,
                               "the guest's addresses can be told on interfaces of type 'user' only, not "
                               "'%s'",
                               type_name(i));
                        return;
                }
                if (++*count > 1)
                        CANNOT(ip, "one %s address at most can be told", is_ipv6(ip) ? "IPv6" : "IPv4");
                if (ip->peer)
                        CANNOT(&ip->peer, "there is no peer on an interface of type 'user'");
                if (!is_ipv6(ip) && i->backend != DM_BACKEND_PASST && ip->prefix.set &&
                    (ip->prefix.value < SLIRP_IPV4_MIN || ip->prefix.value > SLIRP_IPV4_MAX))
                        CANNOT(&ip->prefix, "the prefix of a user-mode network is from %d to %d, not %u",
                               SLIRP_IPV4_MIN, SLIRP_IPV4_MAX, ip->prefix.value);
        }
}

/* ---- the connection ---- */

static void check_vlan(const DmInterface *i, const DmXmlCheck *c)
{
        const DmVlan *v = i->vlan;
        guint n = v && v->tags ? v->tags->len : 0;
        gboolean ovs = i->virtualport && i->virtualport->type == DM_VIRTUALPORT_OPENVSWITCH;
        if (!v)
                return;
        if (v->trunk == DM_NO && n > 1)
                BAD(&v->trunk, "several tags are a trunk: trunk='yes'");
        if (i->type != DM_INTERFACE_NETWORK && i->type != DM_INTERFACE_HOSTDEV && !ovs)
                CANNOT(v, "VLAN tags need an Open vSwitch port, a network or an SR-IOV device, not type '%s'",
                       type_name(i));
}

static void check_bandwidth(const DmInterface *i, const DmXmlCheck *c)
{
        const DmBandwidth *b = i->bandwidth;
        if (!b)
                return;
        if (b->inbound && b->inbound->floor.set && i->type != DM_INTERFACE_NETWORK)
                CANNOT(&b->inbound->floor,
                       "a floor can be kept on interfaces of type 'network' only, not '%s'", type_name(i));
        if (i->type == DM_INTERFACE_VDPA || i->type == DM_INTERFACE_HOSTDEV)
                CANNOT(b, "the bandwidth of interfaces of type '%s' cannot be limited", type_name(i));
}

static void check_connection(const DmInterface *i, const DmXmlCheck *c)
{
        gboolean filtered = i->type == DM_INTERFACE_NETWORK || i->type == DM_INTERFACE_BRIDGE ||
                            i->type == DM_INTERFACE_ETHERNET;
        if (i->filterref && !filtered)
                CANNOT(i->filterref, "interfaces of type '%s' cannot be filtered", type_name(i));
        if (i->virtualport &&
            (i->type == DM_INTERFACE_USER || i->type == DM_INTERFACE_VHOSTUSER ||
             i->type == DM_INTERFACE_VDPA || i->type == DM_INTERFACE_ETHERNET) &&
            !(i->type == DM_INTERFACE_VHOSTUSER && i->virtualport->type == DM_VIRTUALPORT_OPENVSWITCH))
                CANNOT(i->virtualport, "interfaces of type '%s' have no virtual port", type_name(i));
        if (i->virtualport && i->virtualport->type == DM_VIRTUALPORT_8021QBH && !i->virtualport->profileid)
                BAD(i->virtualport, "802.1Qbh needs <parameters profileid=>");
        if (i->rx_frames_max.set && !has_tap(i))
                CANNOT(&i->rx_frames_max, "<coalesce> is not for interfaces of type '%s'", type_name(i));
        if (i->mtu.set && !i->mtu.value)
                BAD(&i->mtu, "the mtu must be at least 1");
        if (i->mtu.set && i->type == DM_INTERFACE_HOSTDEV)
                CANNOT(&i->mtu, "the mtu of the host's card is the host's");
        if (i->isolated && i->type != DM_INTERFACE_NETWORK && i->type != DM_INTERFACE_BRIDGE)
                CANNOT(&i->isolated, "only ports of bridges can be isolated, not of type '%s'", type_name(i));
        if (i->reconnect == DM_YES && i->socket_mode == DM_SOCKET_SERVER)
                BAD(&i->reconnect, "only mode='client' can reconnect");
        if (i->reconnect == DM_YES && i->reconnect_timeout.set && !i->reconnect_timeout.value)
                BAD(&i->reconnect_timeout, "the timeout must be at least 1 second");
        if (i->target_dev && strlen(i->target_dev) > IFNAME_MAX && has_tap(i))
                BAD(&i->target_dev, "the name '%s' has more than %d characters", i->target_dev, IFNAME_MAX);
        check_vlan(i, c);
        check_bandwidth(i, c);
}

/* ---- the card ---- */

static void check_teaming(const DmInterface *i, const DmXmlCheck *c)
{
        if (i->teaming == DM_TEAMING_PERSISTENT && !is_virtio(i))
                CANNOT(&i->teaming, "the persistent card of a team is of model 'virtio', not '%s'", i->model);
        if (i->teaming == DM_TEAMING_TRANSIENT && i->type != DM_INTERFACE_HOSTDEV &&
            i->type != DM_INTERFACE_NETWORK)
                CANNOT(&i->teaming, "the transient card of a team is one of the host's, not of type '%s'",
                       type_name(i));
}

static void check_card(const DmInterface *i, const DmXmlCheck *c)
{
        if (i->tx_queue_size.set && i->type != DM_INTERFACE_VHOSTUSER && i->type != DM_INTERFACE_VDPA)
                CANNOT(&i->tx_queue_size, "tx_queue_size is for type 'vhostuser' only, not '%s'",
                       type_name(i));
        check_teaming(i, c);
}

void dm_check_interfaces(const DmDomain *d, const DmXmlCheck *c)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmInterface *i = (const DmInterface *)device;
                if (device->kind != DM_DEVICE_INTERFACE)
                        continue;
                check_ips(i, c);
                check_connection(i, c);
                check_card(i, c);
        }
}
