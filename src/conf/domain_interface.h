/* <interface>: a network card and what it is connected to. */
#pragma once

#include "conf/device.h"

typedef enum DmInterfaceType {
        DM_INTERFACE_UNSET,
        DM_INTERFACE_USER,
        DM_INTERFACE_ETHERNET,
        DM_INTERFACE_BRIDGE,
        DM_INTERFACE_NETWORK,
        DM_INTERFACE_DIRECT,
        DM_INTERFACE_VHOSTUSER,
        DM_INTERFACE_VDPA,
        DM_INTERFACE_HOSTDEV,
        DM_INTERFACE_SERVER,
        DM_INTERFACE_CLIENT,
        DM_INTERFACE_MCAST,
        DM_INTERFACE_UDP,
        DM_INTERFACE_NULL,
        DM_INTERFACE_VDS,
        DM_INTERFACE_INTERNAL,
} DmInterfaceType;
extern const DmEnum dm_interface_type;

typedef enum DmInterfaceFamily { DM_FAMILY_UNSET, DM_FAMILY_IPV4, DM_FAMILY_IPV6 } DmInterfaceFamily;

typedef struct DmInterfaceIp {
        int unused;
        DmInterfaceFamily family;
        char *address;
        DmOptU32 prefix;
} DmInterfaceIp;

typedef enum DmLinkState { DM_LINK_UNSET, DM_LINK_UP, DM_LINK_DOWN } DmLinkState;
extern const DmEnum dm_interface_family, dm_link_state;

typedef struct DmInterface {
        DmDevice dev;
        DmInterfaceType type;
        char *mac;   /* canonical; a new definition without one gets one */
        char *model; /* "virtio", "e1000", …: any name that the emulator has as a device */
        char *target_dev;
        GPtrArray *ips; /* of DmInterfaceIp; type user: the network it shows */
        DmLinkState link;
        DmOptU32 mtu;
        DmOnOff rom_bar;
        DmYesNo rom_enabled;
        char *rom_file;
        DmOptU32 queues;
        DmVirtioOptions virtio;
} DmInterface;
