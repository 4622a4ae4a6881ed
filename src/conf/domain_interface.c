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
DM_ENUM_TABLE(dm_interface_family, "address family", [DM_FAMILY_IPV4] = "ipv4", [DM_FAMILY_IPV6] = "ipv6");
DM_ENUM_TABLE(dm_link_state, "link state", [DM_LINK_UP] = "up", [DM_LINK_DOWN] = "down");

static const DmXmlRow mac_rows[] = {
        DM_CUSTOM(DmInterface, mac, "address", dm_mac_codec, .flags = DM_REQUIRED | DM_ABI,
                  .doc = "Made up when there is no <mac>."),
        { 0 },
};
static const DmXmlElement mac_element = { "mac", mac_rows, .doc = "The card's hardware address." };

static const DmXmlRow target_rows[] = {
        DM_STRING(DmInterface, target_dev, "dev", .doc = "Name of the host's end."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "The host's end." };

static const DmXmlRow model_rows[] = {
        DM_STRING(DmInterface, model, "type", .flags = DM_ABI,
                  .doc = "virtio, e1000, …: QEMU's name of the card."),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "Which card the guest sees." };

static const DmXmlRow driver_rows[] = {
        DM_U32(DmInterface, queues, "queues", .min = 1, .max = 256, .flags = DM_ABI),
        DM_VIRTIO_ROWS(DmInterface, virtio),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Tuning of a virtio card." };

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

static const DmXmlRow rom_rows[] = {
        DM_ENUM(DmInterface, rom_enabled, "enabled", dm_yes_no, .flags = DM_ABI),
        DM_ENUM(DmInterface, rom_bar, "bar", dm_on_off, .flags = DM_ABI),
        DM_STRING(DmInterface, rom_file, "file", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement rom_element = { "rom", rom_rows, .doc = "The card's option ROM." };

static const DmXmlRow ip_rows[] = {
        DM_STRING(DmInterfaceIp, address, "address", .flags = DM_REQUIRED),
        DM_ENUM(DmInterfaceIp, family, "family", dm_interface_family),
        DM_U32(DmInterfaceIp, prefix, "prefix", .max = 128),
        { 0 },
};
static const DmXmlElement ip_element = {
        "ip",
        ip_rows,
        sizeof(DmInterfaceIp),
        "type user: the network that the guest sees.",
};

static const DmXmlRow interface_rows[] = {
        DM_ENUM(DmInterface, type, "type", dm_interface_type, .flags = DM_REQUIRED),
        DM_IN(mac_element),
        DM_LIST(DmInterface, ips, ip_element),
        DM_IN(target_element),
        DM_IN(model_element),
        DM_IN(driver_element),
        DM_IN(link_element),
        DM_IN(mtu_element),
        DM_DEVICE_BOOT(DmInterface),
        DM_AT(DmInterface, dev, dm_alias_element),
        DM_IN(rom_element),
        DM_AT(DmInterface, dev, dm_acpi_element),
        DM_AT(DmInterface, dev.address, dm_address_element),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmInterface *d = base;
        if (d->model && strspn(d->model, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.") != strlen(d->model))
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML,
                              "the model '%s' may hold letters, digits and - _ . only", d->model);
        if (d->rom_file && d->rom_enabled == DM_NO)
                dm_check_fail(c, &d->rom_file, DM_ERROR_INVALID_XML, "a disabled ROM has no file");
}

static const char *label(const void *base)
{
        return ((const DmInterface *)base)->mac;
}

const DmXmlElement dm_interface_schema = {
        "interface", interface_rows, sizeof(DmInterface), "A network card.", .check = check, .label = label,
};
