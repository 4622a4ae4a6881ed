/* <interface>: rows, and the rules between them. */
#include "conf/domain_interface.h"

#include <string.h>

#include "conf/codecs.h"

DM_ENUM_TABLE(
        dm_interface_type,
        "interface type", [DM_INTERFACE_USER] = "user", [DM_INTERFACE_ETHERNET] = "ethernet",
        [DM_INTERFACE_BRIDGE] = "bridge", [DM_INTERFACE_NETWORK] = "network",
        [DM_INTERFACE_DIRECT] = "direct", [DM_INTERFACE_VHOSTUSER] = "vhostuser",
        [DM_INTERFACE_VDPA] = "vdpa", [DM_INTERFACE_HOSTDEV] = "hostdev", [DM_INTERFACE_SERVER] = "server",
        [DM_INTERFACE_CLIENT] = "client", [DM_INTERFACE_MCAST] = "mcast", [DM_INTERFACE_UDP] = "udp",
        [DM_INTERFACE_NULL] = "null", [DM_INTERFACE_VDS] = "vds", [DM_INTERFACE_INTERNAL] = "internal");
DM_ENUM_TABLE(dm_link_state, "link state", [DM_LINK_UP] = "up", [DM_LINK_DOWN] = "down");
DM_ENUM_TABLE(dm_mac_type, "MAC address type", [DM_MAC_GENERATED] = "generated", [DM_MAC_STATIC] = "static");
DM_ENUM_TABLE(dm_mac_table_manager,
              "MAC table manager", [DM_MAC_TABLE_KERNEL] = "kernel", [DM_MAC_TABLE_LIBVIRT] = "libvirt");
DM_ENUM_TABLE(dm_direct_mode, "direct mode", [DM_DIRECT_VEPA] = "vepa", [DM_DIRECT_BRIDGE] = "bridge",
              [DM_DIRECT_PRIVATE] = "private", [DM_DIRECT_PASSTHROUGH] = "passthrough");
DM_ENUM_TABLE(dm_interface_driver, "interface driver", [DM_INTERFACE_DRIVER_QEMU] = "qemu",
              [DM_INTERFACE_DRIVER_VHOST] = "vhost", [DM_INTERFACE_DRIVER_KVM] = "kvm",
              [DM_INTERFACE_DRIVER_VFIO] = "vfio", [DM_INTERFACE_DRIVER_XEN] = "xen");
DM_ENUM_TABLE(dm_txmode, "txmode", [DM_TXMODE_IOTHREAD] = "iothread", [DM_TXMODE_TIMER] = "timer");
DM_ENUM_TABLE(dm_interface_backend,
              "interface backend", [DM_BACKEND_DEFAULT] = "default", [DM_BACKEND_PASST] = "passt");
DM_ENUM_TABLE(dm_teaming,
              "teaming type", [DM_TEAMING_PERSISTENT] = "persistent", [DM_TEAMING_TRANSIENT] = "transient");
DM_ENUM_TABLE(dm_forward_protocol, "forwarded protocol", [DM_FORWARD_TCP] = "tcp", [DM_FORWARD_UDP] = "udp");

/* What is done beside QEMU, and not done yet. */
#define BESIDE  .flags = DM_BESIDE
#define ON(...) DM_WHEN(DmInterface, type, __VA_ARGS__)

/* ---- source, by type ---- */

static const DmXmlRow source_network_rows[] = {
        DM_STRING(DmInterface, network, "network", .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_STRING(DmInterface, portgroup, "portgroup", .flags = DM_UPDATABLE),
        DM_CUSTOM(DmInterface, portid, "portid", dm_uuid_codec, .flags = DM_RUNTIME),
        DM_STRING(DmInterface, bridge, "bridge", .flags = DM_RUNTIME),
        DM_ENUM(DmInterface, mac_table_manager, "macTableManager", dm_mac_table_manager, .flags = DM_RUNTIME),
        { 0 },
};
static const DmXmlElement source_network = { "source", source_network_rows,
                                             .doc = "A network of the host's." };

static const DmXmlRow source_bridge_rows[] = {
        DM_STRING(DmInterface, bridge, "bridge", .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_ENUM(DmInterface, mac_table_manager, "macTableManager", dm_mac_table_manager),
        { 0 },
};
static const DmXmlElement source_bridge = { "source", source_bridge_rows, .doc = "A bridge of the host's." };

static const DmXmlRow source_direct_rows[] = {
        DM_STRING(DmInterface, source_dev, "dev", .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_ENUM(DmInterface, direct_mode, "mode", dm_direct_mode),
        { 0 },
};
static const DmXmlElement source_direct = { "source", source_direct_rows, .doc = "A device of the host's." };

static const DmXmlRow source_dev_rows[] = {
        DM_STRING(DmInterface, source_dev, "dev", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement source_dev = { "source", source_dev_rows, .doc = "A device of the host's." };

static const DmXmlRow source_ethernet_rows[] = {
        DM_LIST(DmInterface, source_ips, dm_ip_element),
        DM_LIST(DmInterface, source_routes, dm_route_element),
        { 0 },
};
static const DmXmlElement source_ethernet = { "source", source_ethernet_rows, .doc = "The host's end." };

static const DmXmlRow reconnect_rows[] = {
        DM_ENUM(DmInterface, reconnect, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_U32(DmInterface, reconnect_timeout, "timeout", .doc = "Seconds between two tries."),
        { 0 },
};
static const DmXmlElement reconnect_element = { "reconnect", reconnect_rows,
                                                .doc = "Connect again when it breaks." };
static const DmXmlRow source_vhostuser_rows[] = {
        DM_STRING(DmInterface, socket, "path", .flags = DM_REQUIRED),
        DM_ENUM(DmInterface, socket_mode, "mode", dm_socket_mode, .flags = DM_REQUIRED),
        DM_IN(reconnect_element),
        { 0 },
};
static const DmXmlElement source_vhostuser = {
        "source",
        source_vhostuser_rows,
        .doc = "A switch in a process.",
        .tag = { "type", "unix", FALSE },
};

static const DmXmlRow source_internal_rows[] = {
        DM_STRING(DmInterface, source_name, "name", .flags = DM_REQUIRED), { 0 }
};
static const DmXmlElement source_internal = { "source", source_internal_rows,
                                              .doc = "A network of VirtualBox." };

static const DmXmlRow source_socket_rows[] = {
        DM_STRING(DmInterface, source_address, "address"),
        DM_U32(DmInterface, source_port, "port", .flags = DM_REQUIRED, .min = 1, .max = 65535),
        { 0 },
};
static const DmXmlElement source_socket = { "source", source_socket_rows, .doc = "The other end." };
static const DmXmlRow local_rows[] = {
        DM_STRING(DmInterface, local_address, "address"),
        DM_U32(DmInterface, local_port, "port", .flags = DM_REQUIRED, .min = 1, .max = 65535),
        { 0 },
};
static const DmXmlElement local_element = { "local", local_rows, .doc = "Our end." };
static const DmXmlRow source_udp_rows[] = {
        DM_STRING(DmInterface, source_address, "address", .flags = DM_REQUIRED),
        DM_U32(DmInterface, source_port, "port", .flags = DM_REQUIRED, .min = 1, .max = 65535),
        DM_IN(local_element, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement source_udp = { "source", source_udp_rows, .doc = "The other end." };

static const DmXmlRow source_hostdev_rows[] = {
        DM_REFUSED_ATTR("missing", "the device must be there", .flags = DM_RUNTIME),
        DM_AT(DmInterface, host, dm_address_element, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement source_hostdev = { "source", source_hostdev_rows, .doc = "A card of the host's." };

/* ---- small parts ---- */

static const DmXmlRow mac_rows[] = {
        DM_CUSTOM(DmInterface, mac, "address", dm_mac_codec, .flags = DM_REQUIRED | DM_ABI,
                  .doc = "Made up when there is no <mac>."),
        DM_ENUM(DmInterface, mac_type, "type", dm_mac_type),
        DM_ENUM(DmInterface, mac_check, "check", dm_yes_no),
        { 0 },
};
static const DmXmlElement mac_element = { "mac", mac_rows, .doc = "The card's hardware address." };

static const DmXmlRow range_rows[] = {
        DM_U32(DmForwardRange, start, "start", .flags = DM_REQUIRED, .min = 1, .max = 65535),
        DM_U32(DmForwardRange, end, "end", .min = 1, .max = 65535),
        DM_U32(DmForwardRange, to, "to", .min = 1, .max = 65535),
        DM_ENUM(DmForwardRange, exclude, "exclude", dm_yes_no),
        { 0 },
};
static const DmXmlElement range_element = { "range", range_rows, sizeof(DmForwardRange),
                                            "Ports of the host." };
static const DmXmlRow forward_rows[] = {
        DM_ENUM(DmPortForward, protocol, "proto", dm_forward_protocol, .flags = DM_REQUIRED),
        DM_STRING(DmPortForward, address, "address"),
        DM_STRING(DmPortForward, dev, "dev"),
        DM_LIST(DmPortForward, ranges, range_element),
        { 0 },
};
static const DmXmlElement forward_element = {
        "portForward",
        forward_rows,
        sizeof(DmPortForward),
        "Ports of the host that lead to the guest.",
};

static const DmXmlRow script_rows[] = { DM_STRING(DmInterface, script, "path", .flags = DM_REQUIRED), { 0 } };
static const DmXmlElement script_element = { "script", script_rows, .doc = "Run when the host's end is up." };
static const DmXmlRow downscript_rows[] = { DM_STRING(DmInterface, downscript, "path", .flags = DM_REQUIRED),
                                            { 0 } };
static const DmXmlElement downscript_element = { "downscript", downscript_rows,
                                                 .doc = "Run before it goes away." };

static const DmXmlRow target_rows[] = {
        DM_STRING(DmInterface, target_dev, "dev", .doc = "Name of the host's end."),
        DM_ENUM(DmInterface, target_managed, "managed", dm_yes_no, .doc = "no: it exists already."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "The host's end." };

static const DmXmlRow model_rows[] = {
        DM_STRING(DmInterface, model, "type", .flags = DM_ABI,
                  .doc = "virtio, e1000, …: QEMU's name of the card."),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "Which card the guest sees." };

#define OFFLOAD(m, name_) DM_ENUM(DmInterface, m, name_, dm_on_off, .flags = DM_ABI)
static const DmXmlRow host_offload_rows[] = {
        OFFLOAD(host_offloads.csum, "csum"),
        OFFLOAD(host_offloads.gso, "gso"),
        OFFLOAD(host_offloads.tso4, "tso4"),
        OFFLOAD(host_offloads.tso6, "tso6"),
        OFFLOAD(host_offloads.ecn, "ecn"),
        OFFLOAD(host_offloads.ufo, "ufo"),
        OFFLOAD(host_offloads.mrg_rxbuf, "mrg_rxbuf"),
        { 0 },
};
static const DmXmlElement host_offloads = { "host", host_offload_rows,
                                            .doc = "What the host's end does itself." };
static const DmXmlRow guest_offload_rows[] = {
        OFFLOAD(guest_offloads.csum, "csum"), OFFLOAD(guest_offloads.tso4, "tso4"),
        OFFLOAD(guest_offloads.tso6, "tso6"), OFFLOAD(guest_offloads.ecn, "ecn"),
        OFFLOAD(guest_offloads.ufo, "ufo"),   { 0 },
};
static const DmXmlElement guest_offloads = { "guest", guest_offload_rows,
                                             .doc = "What the guest may do itself." };
static const DmXmlRow driver_rows[] = {
        DM_ENUM(DmInterface, driver, "name", dm_interface_driver),
        DM_ENUM(DmInterface, txmode, "txmode", dm_txmode),
        DM_ENUM(DmInterface, ioeventfd, "ioeventfd", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmInterface, event_idx, "event_idx", dm_on_off, .flags = DM_ABI),
        DM_U32(DmInterface, queues, "queues", .min = 1, .max = 256, .flags = DM_ABI),
        DM_U32(DmInterface, rx_queue_size, "rx_queue_size", .min = 1, .max = 1024, .flags = DM_ABI),
        DM_U32(DmInterface, tx_queue_size, "tx_queue_size", .min = 1, .max = 1024, .flags = DM_ABI),
        DM_VIRTIO_ROWS(DmInterface, virtio),
        DM_ENUM(DmInterface, rss, "rss", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmInterface, rss_hash_report, "rss_hash_report", dm_on_off, .flags = DM_ABI),
        DM_IN(host_offloads),
        DM_IN(guest_offloads),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Tuning of a virtio card." };

static const DmXmlRow backend_rows[] = {
        DM_ENUM(DmInterface, backend, "type", dm_interface_backend),
        DM_STRING(DmInterface, tap, "tap", .doc = "Path instead of /dev/net/tun."),
        DM_STRING(DmInterface, vhost, "vhost", .doc = "Path instead of /dev/vhost-net."),
        DM_STRING(DmInterface, log_file, "logFile", .doc = "passt: where it logs."),
        { 0 },
};
static const DmXmlElement backend_element = { "backend", backend_rows, .doc = "Who carries the packets." };

static const DmXmlRow tune_rows[] = { DM_U32(DmInterface, sndbuf, "sndbuf", .as = DM_AS_ELEMENT), { 0 } };
static const DmXmlElement tune_element = { "tune", tune_rows, .doc = "Tuning of the host's end." };

static const DmXmlRow link_rows[] = {
        DM_ENUM(DmInterface, link, "state", dm_link_state, .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement link_element = { "link", link_rows, .doc = "Whether the cable is plugged in." };

static const DmXmlRow mtu_rows[] = {
        DM_U32(DmInterface, mtu, "size", .flags = DM_REQUIRED | DM_ABI, .max = 65535),
        { 0 },
};
static const DmXmlElement mtu_element = { "mtu", mtu_rows, .doc = "Largest packet, told to the guest." };

static const DmXmlRow frames_rows[] = {
        DM_U32(DmInterface, rx_frames_max, "max", .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement frames_element = { "frames", frames_rows, .doc = "In one interrupt." };
static const DmXmlRow rx_rows[] = { DM_IN(frames_element), { 0 } };
static const DmXmlElement rx_element = { "rx", rx_rows, .doc = "Of received packets." };
static const DmXmlRow coalesce_rows[] = { DM_IN(rx_element), { 0 } };
static const DmXmlElement coalesce_element = { "coalesce", coalesce_rows,
                                               .doc = "How packets are gathered." };

static const DmXmlRow port_rows[] = { DM_ENUM(DmInterface, isolated, "isolated", dm_yes_no), { 0 } };
static const DmXmlElement port_element = { "port", port_rows, .doc = "Options of the bridge's port." };

static const DmXmlRow teaming_rows[] = {
        DM_ENUM(DmInterface, teaming, "type", dm_teaming, .flags = DM_REQUIRED | DM_ABI),
        DM_STRING(DmInterface, teaming_persistent, "persistent", .flags = DM_REQUIRED | DM_ABI,
                  DM_WHEN(DmInterface, teaming, DM_TEAMING_TRANSIENT), .doc = "Alias of the other card."),
        { 0 },
};
static const DmXmlElement teaming_element = { "teaming", teaming_rows,
                                              .doc = "Two cards that the guest joins." };

static const DmXmlRow rom_rows[] = {
        DM_ENUM(DmInterface, rom_enabled, "enabled", dm_yes_no, .flags = DM_ABI),
        DM_ENUM(DmInterface, rom_bar, "bar", dm_on_off, .flags = DM_ABI),
        DM_STRING(DmInterface, rom_file, "file", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement rom_element = { "rom", rom_rows, .doc = "The card's option ROM." };

/* ---- interface ---- */

static const DmXmlRow interface_rows[] = {
        DM_ENUM(DmInterface, type, "type", dm_interface_type, .flags = DM_REQUIRED),
        DM_ENUM(DmInterface, managed, "managed", dm_yes_no, ON(DM_INTERFACE_HOSTDEV)),
        DM_ENUM(DmInterface, trust_guest_rx_filters, "trustGuestRxFilters", dm_yes_no, BESIDE),
        DM_IN(mac_element),
        DM_IN(source_network, .flags = DM_REQUIRED, ON(DM_INTERFACE_NETWORK)),
        DM_IN(source_bridge, ON(DM_INTERFACE_BRIDGE)),
        DM_IN(source_direct, .flags = DM_REQUIRED, ON(DM_INTERFACE_DIRECT)),
        DM_IN(source_dev, BESIDE, ON(DM_INTERFACE_USER)),
        DM_IN(source_dev, .flags = DM_REQUIRED, ON(DM_INTERFACE_VDPA)),
        DM_IN(source_ethernet, BESIDE, ON(DM_INTERFACE_ETHERNET)),
        DM_IN(source_vhostuser, .flags = DM_REQUIRED, ON(DM_INTERFACE_VHOSTUSER)),
        DM_IN(source_internal, .flags = DM_REQUIRED, ON(DM_INTERFACE_INTERNAL)),
        DM_IN(source_socket, .flags = DM_REQUIRED,
              ON(DM_INTERFACE_SERVER, DM_INTERFACE_CLIENT, DM_INTERFACE_MCAST)),
        DM_IN(source_udp, .flags = DM_REQUIRED, ON(DM_INTERFACE_UDP)),
        DM_IN(source_hostdev, .flags = DM_REQUIRED, ON(DM_INTERFACE_HOSTDEV)),
        DM_REFUSED_EL("source", "it belongs to VMware; use another type", ON(DM_INTERFACE_VDS)),
        DM_SUB(DmInterface, vlan, dm_vlan_element, BESIDE),
        DM_SUB(DmInterface, virtualport, dm_virtualport_element, BESIDE),
        DM_SUB(DmInterface, bandwidth, dm_bandwidth_element, BESIDE),
        DM_LIST(DmInterface, ips, dm_ip_element),
        DM_LIST(DmInterface, routes, dm_route_element, BESIDE),
        DM_LIST(DmInterface, forwards, forward_element, BESIDE),
        DM_IN(script_element, BESIDE),
        DM_IN(downscript_element, BESIDE),
        DM_REFUSED_EL("backenddomain", "it belongs to Xen; leave it out"),
        DM_IN(target_element),
        DM_REFUSED_EL("guest", "it belongs to containers; leave it out"),
        DM_IN(model_element),
        DM_IN(driver_element),
        DM_IN(backend_element),
        DM_SUB(DmInterface, filterref, dm_filterref_element, BESIDE),
        DM_IN(tune_element),
        DM_IN(teaming_element),
        DM_IN(link_element),
        DM_IN(mtu_element),
        DM_IN(coalesce_element, BESIDE),
        DM_IN(port_element, BESIDE),
        DM_DEVICE_BOOT(DmInterface),
        DM_AT(DmInterface, dev, dm_alias_element),
        DM_IN(rom_element),
        DM_AT(DmInterface, dev, dm_acpi_element),
        DM_AT(DmInterface, dev.address, dm_address_element),
        { 0 },
};

static void check_driver(const DmInterface *d, const DmXmlCheck *c)
{
        gboolean hostdev = d->type == DM_INTERFACE_HOSTDEV;
        gboolean of_host = d->driver >= DM_INTERFACE_DRIVER_KVM;
        if (d->driver && d->type != DM_INTERFACE_NETWORK && of_host != hostdev)
                dm_check_fail(c, &d->driver, DM_ERROR_INVALID_XML,
                              "an interface of type '%s' has no driver '%s'",
                              dm_enum_name(&dm_interface_type, d->type),
                              dm_enum_name(&dm_interface_driver, d->driver));
        const DmOptU32 *const sizes[] = { &d->rx_queue_size, &d->tx_queue_size };
        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
                if (sizes[i]->value & (sizes[i]->value - 1))
                        dm_check_fail(c, sizes[i], DM_ERROR_INVALID_XML, "'%u' is not a power of two",
                                      sizes[i]->value);
}

static void check_forwards(const DmInterface *d, const DmXmlCheck *c)
{
        for (guint i = 0; d->forwards && i < d->forwards->len; i++) {
                const DmPortForward *f = g_ptr_array_index(d->forwards, i);
                for (guint r = 0; f->ranges && r < f->ranges->len; r++) {
                        const DmForwardRange *range = g_ptr_array_index(f->ranges, r);
                        if (range->end.set && range->end.value < range->start.value)
                                dm_check_fail(c, &range->end, DM_ERROR_INVALID_XML,
                                              "the range ends before it begins");
                        if (range->exclude == DM_YES && range->to.set)
                                dm_check_fail(c, &range->to, DM_ERROR_INVALID_XML,
                                              "what is excluded leads nowhere");
                }
        }
        if (d->forwards && d->backend != DM_BACKEND_PASST)
                dm_check_fail(c, d->forwards->pdata[0], DM_ERROR_UNSUPPORTED,
                              "ports are forwarded with <backend type='passt'> only");
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmInterface *d = base;
        if (d->model && strspn(d->model, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.") != strlen(d->model))
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML,
                              "the model '%s' may hold letters, digits and - _ . only", d->model);
        if (d->rom_file && d->rom_enabled == DM_NO)
                dm_check_fail(c, &d->rom_file, DM_ERROR_INVALID_XML, "a disabled ROM has no file");
        if (d->type == DM_INTERFACE_HOSTDEV && d->host.type && d->host.type != DM_ADDRESS_PCI)
                dm_check_fail(c, &d->host.type, DM_ERROR_UNSUPPORTED,
                              "only PCI cards of the host can be given away");
        if (d->backend == DM_BACKEND_PASST && d->type != DM_INTERFACE_USER)
                dm_check_fail(c, &d->backend, DM_ERROR_INVALID_XML,
                              "passt needs <interface type='user'>, not '%s'",
                              dm_enum_name(&dm_interface_type, d->type));
        check_driver(d, c);
        check_forwards(d, c);
}

static const char *label(const void *base)
{
        return ((const DmInterface *)base)->mac;
}

const DmXmlElement dm_interface_schema = {
        "interface", interface_rows, sizeof(DmInterface), "A network card.", .check = check, .label = label,
};
