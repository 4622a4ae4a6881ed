/* What interfaces and networks share: rows, and the rules between them. */
#include "conf/domain_net.h"

#include <gio/gio.h>
#include <string.h>

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_interface_family, "address family", [DM_FAMILY_IPV4] = "ipv4", [DM_FAMILY_IPV6] = "ipv6");
DM_ENUM_TABLE(dm_vlan_mode, "native mode", [DM_VLAN_TAGGED] = "tagged", [DM_VLAN_UNTAGGED] = "untagged");
DM_ENUM_TABLE(
        dm_virtualport_type,
        "virtualport type", [DM_VIRTUALPORT_8021QBG] = "802.1Qbg", [DM_VIRTUALPORT_8021QBH] = "802.1Qbh",
        [DM_VIRTUALPORT_OPENVSWITCH] = "openvswitch", [DM_VIRTUALPORT_MIDONET] = "midonet");

/* ---- addresses ---- */

/* FALSE when @text is no address of @family; an unset family takes both. */
static gboolean is_address(const char *text, DmInterfaceFamily family)
{
        g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);
        if (!address)
                return FALSE;
        gboolean v6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
        return family == DM_FAMILY_UNSET || v6 == (family == DM_FAMILY_IPV6);
}

static void check_address(char *const *text, DmInterfaceFamily family, const DmXmlCheck *c)
{
        if (*text && !is_address(*text, family))
                dm_check_fail(c, text, DM_ERROR_INVALID_XML, "'%s' is not an %s address", *text,
                              family == DM_FAMILY_IPV4   ? "IPv4"
                              : family == DM_FAMILY_IPV6 ? "IPv6"
                                                         : "IP");
}

#define IPV4_BITS 32
static void check_prefix(const DmOptU32 *prefix, const char *address, const DmXmlCheck *c)
{
        if (prefix->value > IPV4_BITS && address && is_address(address, DM_FAMILY_IPV4))
                dm_check_fail(c, prefix, DM_ERROR_INVALID_XML, "an IPv4 prefix has at most %d bits, not %u",
                              IPV4_BITS, prefix->value);
}

static const DmXmlRow ip_rows[] = {
        DM_STRING(DmInterfaceIp, address, "address", .flags = DM_REQUIRED),
        DM_ENUM(DmInterfaceIp, family, "family", dm_interface_family),
        DM_U32(DmInterfaceIp, prefix, "prefix", .max = 128),
        DM_STRING(DmInterfaceIp, peer, "peer", .flags = DM_BESIDE),
        { 0 },
};
static void check_ip(const void *base, const DmXmlCheck *c)
{
        const DmInterfaceIp *ip = base;
        check_address(&ip->address, ip->family, c);
        check_address(&ip->peer, ip->family, c);
        check_prefix(&ip->prefix, ip->address, c);
}
const DmXmlElement dm_ip_element = {
        "ip",
        ip_rows,
        sizeof(DmInterfaceIp),
        "An address; type user: the network that the guest sees.",
        .check = check_ip,
};

static const DmXmlRow route_rows[] = {
        DM_ENUM(DmRoute, family, "family", dm_interface_family),
        DM_STRING(DmRoute, address, "address", .flags = DM_REQUIRED),
        DM_STRING(DmRoute, netmask, "netmask"),
        DM_U32(DmRoute, prefix, "prefix", .max = 128),
        DM_STRING(DmRoute, gateway, "gateway", .flags = DM_REQUIRED),
        DM_U32(DmRoute, metric, "metric", .min = 1),
        { 0 },
};
static void check_route(const void *base, const DmXmlCheck *c)
{
        const DmRoute *r = base;
        check_address(&r->address, r->family, c);
        check_address(&r->gateway, r->family, c);
        check_address(&r->netmask, DM_FAMILY_IPV4, c);
        check_prefix(&r->prefix, r->address, c);
        if (r->netmask && r->prefix.set)
                dm_check_fail(c, &r->netmask, DM_ERROR_INVALID_XML, "netmask and prefix exclude each other");
}
const DmXmlElement dm_route_element = { "route", route_rows, sizeof(DmRoute), "A route.",
                                        .check = check_route };

/* ---- vlan, bandwidth ---- */

#define VLAN_ID_MAX 4095
static const DmXmlRow tag_rows[] = {
        DM_U32(DmVlanTag, id, "id", .flags = DM_REQUIRED, .max = VLAN_ID_MAX),
        DM_ENUM(DmVlanTag, native, "nativeMode", dm_vlan_mode),
        { 0 },
};
static const DmXmlElement tag_element = { "tag", tag_rows, sizeof(DmVlanTag), "One VLAN." };
static const DmXmlRow vlan_rows[] = {
        DM_ENUM(DmVlan, trunk, "trunk", dm_yes_no),
        DM_LIST(DmVlan, tags, tag_element, .flags = DM_REQUIRED),
        { 0 },
};
static void check_vlan(const void *base, const DmXmlCheck *c)
{
        const DmVlan *v = base;
        guint n = v->tags ? v->tags->len : 0, native = 0;
        for (guint i = 0; i < n; i++)
                native += ((const DmVlanTag *)v->tags->pdata[i])->native != DM_VLAN_MODE_UNSET;
        if (v->trunk == DM_NO && (n > 1 || native))
                dm_check_fail(c, &v->trunk, DM_ERROR_INVALID_XML,
                              "several tags, or a native one, make a trunk");
        if (native > 1)
                dm_check_fail(c, v, DM_ERROR_INVALID_XML, "only one tag can have a nativeMode");
}
const DmXmlElement dm_vlan_element = { "vlan", vlan_rows, sizeof(DmVlan), "VLANs of the port.",
                                       .check = check_vlan };

static const DmXmlRow rate_rows[] = {
        DM_U32(DmRate, average, "average", .min = 1, .doc = "KiB a second."),
        DM_U32(DmRate, peak, "peak", .min = 1, .doc = "KiB a second."),
        DM_U32(DmRate, floor, "floor", .min = 1, .doc = "KiB a second that are guaranteed."),
        DM_U32(DmRate, burst, "burst", .min = 1, .doc = "KiB."),
        { 0 },
};
static void check_rate(const void *base, const DmXmlCheck *c)
{
        const DmRate *r = base;
        if (!r->average.set && (r->peak.set || r->burst.set || !r->floor.set))
                dm_check_fail(c, r, DM_ERROR_INVALID_XML, "it needs an average");
}
static const DmXmlElement inbound_element = {
        "inbound", rate_rows, sizeof(DmRate), "To the guest.", .check = check_rate,
};
static const DmXmlElement outbound_element = {
        "outbound", rate_rows, sizeof(DmRate), "From the guest.", .check = check_rate,
};
static const DmXmlRow bandwidth_rows[] = {
        DM_U32(DmBandwidth, class_id, "classID", .flags = DM_RUNTIME),
        DM_SUB(DmBandwidth, inbound, inbound_element),
        DM_SUB(DmBandwidth, outbound, outbound_element),
        { 0 },
};
static void check_bandwidth(const void *base, const DmXmlCheck *c)
{
        const DmBandwidth *b = base;
        if (b->outbound && b->outbound->floor.set)
                dm_check_fail(c, &b->outbound->floor, DM_ERROR_INVALID_XML,
                              "a floor is for inbound traffic only");
}
const DmXmlElement dm_bandwidth_element = {
        "bandwidth", bandwidth_rows, sizeof(DmBandwidth), "How fast it may be.", .check = check_bandwidth,
};

/* ---- virtualport, filterref ---- */

static const DmXmlRow parameters_rows[] = {
        DM_U32(DmVirtualport, managerid, "managerid", .max = 255),
        DM_U32(DmVirtualport, type_id, "typeid", .max = 0xffffff),
        DM_U32(DmVirtualport, type_id_version, "typeidversion", .max = 255),
        DM_CUSTOM(DmVirtualport, instanceid, "instanceid", dm_uuid_codec),
        DM_CUSTOM(DmVirtualport, interfaceid, "interfaceid", dm_uuid_codec),
        DM_STRING(DmVirtualport, profileid, "profileid"),
        { 0 },
};
static const DmXmlElement parameters_element = { "parameters", parameters_rows,
                                                 .doc = "What the switch is told." };
static const DmXmlRow virtualport_rows[] = {
        DM_ENUM(DmVirtualport, type, "type", dm_virtualport_type),
        DM_IN(parameters_element),
        { 0 },
};
#define PROFILE_MAX 39
static void check_virtualport(const void *base, const DmXmlCheck *c)
{
        const DmVirtualport *v = base;
        if (v->profileid && strlen(v->profileid) > PROFILE_MAX)
                dm_check_fail(c, &v->profileid, DM_ERROR_INVALID_XML, "the profileid has more than %d bytes",
                              PROFILE_MAX);
        if (v->type == DM_VIRTUALPORT_MIDONET && !v->interfaceid)
                dm_check_fail(c, v, DM_ERROR_INVALID_XML, "a midonet port needs an interfaceid");
}
const DmXmlElement dm_virtualport_element = {
        "virtualport",           virtualport_rows,           sizeof(DmVirtualport),
        "The port of a switch.", .check = check_virtualport,
};

static const DmXmlRow parameter_rows[] = {
        DM_STRING(DmFilterParameter, name, "name", .flags = DM_REQUIRED),
        DM_STRING(DmFilterParameter, value, "value", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement parameter_element = {
        "parameter",
        parameter_rows,
        sizeof(DmFilterParameter),
        "A variable of the filter.",
};
static const DmXmlRow filterref_rows[] = {
        DM_STRING(DmFilterref, filter, "filter", .flags = DM_REQUIRED),
        DM_LIST(DmFilterref, parameters, parameter_element),
        { 0 },
};
const DmXmlElement dm_filterref_element = {
        "filterref",
        filterref_rows,
        sizeof(DmFilterref),
        "Which packets may pass.",
};
