/* <interface>: a network card and what it is connected to. */
#pragma once

#include "conf/device.h"

typedef enum DmInterfaceType {
        DM_INTERFACE_UNSET,
        DM_INTERFACE_USER,
} DmInterfaceType;
extern const DmEnum dm_interface_type;

typedef enum DmInterfaceFamily { DM_FAMILY_UNSET, DM_FAMILY_IPV4, DM_FAMILY_IPV6 } DmInterfaceFamily;

typedef struct DmInterfaceIp {
        int unused;
        DmInterfaceFamily family;
        char *address;
        DmOptU32 prefix;
} DmInterfaceIp;

typedef struct DmInterface {
        DmDevice dev;
        DmInterfaceType type;
        char *mac; /* canonical; a new definition without one gets one */
        char *model; /* "virtio", "e1000", …: any name that the emulator has as a device */
        char *target_dev;
        GPtrArray *ips; /* of DmInterfaceIp; type user: the network it shows */
        enum DmLinkState { DM_LINK_UNSET, DM_LINK_UP, DM_LINK_DOWN } link;
        DmOptU32 mtu;
        DmYesNo rom_bar, rom_enabled;
        char *rom_file;
        DmOptU32 queues;
        DmVirtioOptions virtio;
} DmInterface;
