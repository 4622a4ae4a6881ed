/* <interface>: a network card and what it is connected to. */
#pragma once

#include "conf/domain_image.h" /* DmSocketMode */
#include "conf/domain_net.h"

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
typedef enum DmLinkState { DM_LINK_UNSET, DM_LINK_UP, DM_LINK_DOWN } DmLinkState;
typedef enum DmMacType { DM_MAC_TYPE_UNSET, DM_MAC_GENERATED, DM_MAC_STATIC } DmMacType;
typedef enum DmMacTableManager {
        DM_MAC_TABLE_UNSET,
        DM_MAC_TABLE_KERNEL,
        DM_MAC_TABLE_LIBVIRT
} DmMacTableManager;
typedef enum DmDirectMode {
        DM_DIRECT_UNSET,
        DM_DIRECT_VEPA,
        DM_DIRECT_BRIDGE,
        DM_DIRECT_PRIVATE,
        DM_DIRECT_PASSTHROUGH,
} DmDirectMode;
typedef enum DmInterfaceDriver {
        DM_INTERFACE_DRIVER_UNSET,
        DM_INTERFACE_DRIVER_QEMU,
        DM_INTERFACE_DRIVER_VHOST,
        DM_INTERFACE_DRIVER_KVM, /* hostdev, old */
        DM_INTERFACE_DRIVER_VFIO,
        DM_INTERFACE_DRIVER_XEN,
} DmInterfaceDriver;
typedef enum DmTxMode { DM_TXMODE_UNSET, DM_TXMODE_IOTHREAD, DM_TXMODE_TIMER } DmTxMode;
typedef enum DmInterfaceBackend { DM_BACKEND_UNSET, DM_BACKEND_DEFAULT, DM_BACKEND_PASST } DmInterfaceBackend;
typedef enum DmTeaming { DM_TEAMING_UNSET, DM_TEAMING_PERSISTENT, DM_TEAMING_TRANSIENT } DmTeaming;
typedef enum DmForwardProtocol { DM_FORWARD_UNSET, DM_FORWARD_TCP, DM_FORWARD_UDP } DmForwardProtocol;
extern const DmEnum dm_interface_type, dm_link_state, dm_mac_type, dm_mac_table_manager, dm_direct_mode,
        dm_interface_driver, dm_txmode, dm_interface_backend, dm_teaming, dm_forward_protocol;

typedef struct DmForwardRange {
        int unused;
        DmOptU32 start, end, to;
        DmYesNo exclude;
} DmForwardRange;
typedef struct DmPortForward {
        int unused;
        DmForwardProtocol protocol;
        char *address, *dev;
        GPtrArray *ranges; /* of DmForwardRange */
} DmPortForward;

/* What the card does by itself, for the host and for the guest. */
typedef struct DmOffloads {
        DmOnOff csum, gso, tso4, tso6, ecn, ufo, mrg_rxbuf;
} DmOffloads;

typedef struct DmInterface {
        DmDevice dev;
        DmInterfaceType type;
        DmYesNo managed; /* hostdev */
        DmYesNo trust_guest_rx_filters;
        char *mac; /* canonical; a new definition without one gets one */
        DmMacType mac_type;
        DmYesNo mac_check;
        /* <source>; which of these a type has is said by the rows */
        char *network, *portgroup, *portid, *bridge;
        DmMacTableManager mac_table_manager;
        char *source_dev; /* direct, user, vdpa */
        DmDirectMode direct_mode;
        char *socket; /* vhostuser */
        DmSocketMode socket_mode;
        DmYesNo reconnect;
        DmOptU32 reconnect_timeout;           /* seconds */
        char *source_name;                    /* internal */
        char *source_address, *local_address; /* server, client, mcast, udp */
        DmOptU32 source_port, local_port;
        DmAddress host;                        /* hostdev */
        GPtrArray *source_ips, *source_routes; /* ethernet: of the host's end */
        DmVirtualport *virtualport;
        GPtrArray *ips;      /* of DmInterfaceIp; type user: the network it shows */
        GPtrArray *routes;   /* of DmRoute */
        GPtrArray *forwards; /* of DmPortForward */
        char *script, *downscript;
        char *target_dev;
        DmYesNo target_managed;
        char *model; /* "virtio", "e1000", …: any name that the emulator has as a device */
        /* <driver> */
        DmInterfaceDriver driver;
        DmOptU32 queues, rx_queue_size, tx_queue_size;
        DmTxMode txmode;
        DmOnOff ioeventfd, event_idx, rss, rss_hash_report;
        DmVirtioOptions virtio;
        DmOffloads host_offloads, guest_offloads;
        /* <backend> */
        DmInterfaceBackend backend;
        char *tap, *vhost, *log_file;
        DmFilterref *filterref;
        DmOptU32 sndbuf; /* bytes */
        DmLinkState link;
        DmOptU32 mtu;
        DmOptU32 rx_frames_max; /* <coalesce> */
        DmVlan *vlan;
        DmBandwidth *bandwidth;
        DmYesNo isolated;
        DmTeaming teaming;
        char *teaming_persistent; /* alias of the other card */
        DmOnOff rom_bar;
        DmYesNo rom_enabled;
        char *rom_file;
} DmInterface;
