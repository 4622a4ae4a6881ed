/* What interfaces and networks share: addresses, routes, VLANs, bandwidth, ports of switches, filters. */
#pragma once

#include "conf/device.h"

typedef enum DmInterfaceFamily { DM_FAMILY_UNSET, DM_FAMILY_IPV4, DM_FAMILY_IPV6 } DmInterfaceFamily;
typedef struct DmInterfaceIp {
        int unused;
        DmInterfaceFamily family;
        char *address, *peer;
        DmOptU32 prefix;
} DmInterfaceIp;
typedef struct DmRoute {
        int unused;
        DmInterfaceFamily family;
        char *address, *netmask, *gateway;
        DmOptU32 prefix, metric;
} DmRoute;

typedef enum DmVlanMode { DM_VLAN_MODE_UNSET, DM_VLAN_TAGGED, DM_VLAN_UNTAGGED } DmVlanMode;
typedef struct DmVlanTag {
        int unused;
        DmOptU32 id;
        DmVlanMode native;
} DmVlanTag;
typedef struct DmVlan {
        int unused;
        DmYesNo trunk;
        GPtrArray *tags; /* of DmVlanTag */
} DmVlan;

/* KiB a second; burst: KiB. */
typedef struct DmRate {
        int unused;
        DmOptU32 average, peak, floor, burst;
} DmRate;
typedef struct DmBandwidth {
        int unused;
        DmOptU32 class_id; /* runtime */
        DmRate *inbound, *outbound;
} DmBandwidth;

typedef enum DmVirtualportType {
        DM_VIRTUALPORT_UNSET,
        DM_VIRTUALPORT_8021QBG,
        DM_VIRTUALPORT_8021QBH,
        DM_VIRTUALPORT_OPENVSWITCH,
        DM_VIRTUALPORT_MIDONET,
} DmVirtualportType;
typedef struct DmVirtualport {
        int unused;
        DmVirtualportType type;
        DmOptU32 managerid, type_id, type_id_version;
        char *instanceid, *interfaceid, *profileid;
} DmVirtualport;

typedef struct DmFilterParameter {
        int unused;
        char *name, *value;
} DmFilterParameter;
typedef struct DmFilterref {
        int unused;
        char *filter;
        GPtrArray *parameters; /* of DmFilterParameter */
} DmFilterref;

extern const DmEnum dm_interface_family, dm_vlan_mode, dm_virtualport_type;
extern const DmXmlElement dm_ip_element, dm_route_element, dm_vlan_element, dm_bandwidth_element,
        dm_virtualport_element, dm_filterref_element;
