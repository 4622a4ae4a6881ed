/* <serial>, <parallel>, <console>, <channel>: rows of the host side, which all kinds share, and of the
 * targets. What a <source> holds depends on the type; a udp device has two of them, told apart by their mode.
 */
#include "conf/domain_chardev.h"

#include <gio/gio.h>

DM_ENUM_TABLE(
        dm_chardev_type,
        "character device type", [DM_CHARDEV_NULL] = "null", [DM_CHARDEV_VC] = "vc", [DM_CHARDEV_PTY] = "pty",
        [DM_CHARDEV_DEV] = "dev", [DM_CHARDEV_FILE] = "file", [DM_CHARDEV_PIPE] = "pipe",
        [DM_CHARDEV_STDIO] = "stdio", [DM_CHARDEV_UDP] = "udp", [DM_CHARDEV_TCP] = "tcp",
        [DM_CHARDEV_UNIX] = "unix", [DM_CHARDEV_SPICEVMC] = "spicevmc", [DM_CHARDEV_SPICEPORT] = "spiceport",
        [DM_CHARDEV_NMDM] = "nmdm", [DM_CHARDEV_QEMU_VDAGENT] = "qemu-vdagent", [DM_CHARDEV_DBUS] = "dbus");
DM_ENUM_TABLE(dm_chardev_mode, "source mode", [DM_CHARDEV_CONNECT] = "connect", [DM_CHARDEV_BIND] = "bind");
DM_ENUM_TABLE(dm_chardev_protocol, "protocol", [DM_PROTOCOL_RAW] = "raw", [DM_PROTOCOL_TELNET] = "telnet",
              [DM_PROTOCOL_TELNETS] = "telnets", [DM_PROTOCOL_TLS] = "tls");
DM_ENUM_TABLE(dm_serial_type, "serial target type", [DM_SERIAL_ISA] = "isa-serial",
              [DM_SERIAL_USB] = "usb-serial", [DM_SERIAL_PCI] = "pci-serial",
              [DM_SERIAL_SPAPR_VIO] = "spapr-vio-serial", [DM_SERIAL_SYSTEM] = "system-serial",
              [DM_SERIAL_SCLP] = "sclp-serial", [DM_SERIAL_ISA_DEBUG] = "isa-debug");
DM_ENUM_TABLE(
        dm_serial_model, "serial target model", [DM_SERIAL_MODEL_ISA_SERIAL] = "isa-serial",
        [DM_SERIAL_MODEL_USB_SERIAL] = "usb-serial", [DM_SERIAL_MODEL_PCI_SERIAL] = "pci-serial",
        [DM_SERIAL_MODEL_SPAPR_VTY] = "spapr-vty", [DM_SERIAL_MODEL_PL011] = "pl011",
        [DM_SERIAL_MODEL_SCLPCONSOLE] = "sclpconsole", [DM_SERIAL_MODEL_SCLPLMCONSOLE] = "sclplmconsole",
        [DM_SERIAL_MODEL_16550A] = "16550a", [DM_SERIAL_MODEL_ISA_DEBUGCON] = "isa-debugcon");
DM_ENUM_TABLE(dm_console_type,
              "console target type", [DM_CONSOLE_SERIAL] = "serial", [DM_CONSOLE_VIRTIO] = "virtio",
              [DM_CONSOLE_SCLP] = "sclp", [DM_CONSOLE_SCLPLM] = "sclplm", [DM_CONSOLE_XEN] = "xen",
              [DM_CONSOLE_UML] = "uml", [DM_CONSOLE_OPENVZ] = "openvz", [DM_CONSOLE_LXC] = "lxc");
DM_ENUM_TABLE(dm_channel_type, "channel target type", [DM_CHANNEL_GUESTFWD] = "guestfwd",
              [DM_CHANNEL_VIRTIO] = "virtio", [DM_CHANNEL_XEN] = "xen");
DM_ENUM_TABLE(
        dm_channel_state,
        "channel state", [DM_CHANNEL_CONNECTED] = "connected", [DM_CHANNEL_DISCONNECTED] = "disconnected");
DM_ENUM_TABLE(dm_mouse_mode, "mouse mode", [DM_MOUSE_SERVER] = "server", [DM_MOUSE_CLIENT] = "client");

/* ---- the host side ---- */

#define ON(...) DM_WHEN(DmChardev, type, __VA_ARGS__)

#define SECLABELS DM_LIST(DmChardev, seclabels, dm_device_seclabel_element, .flags = DM_DEFERRED)
static const DmXmlRow source_pty_rows[] = {
        DM_STRING(DmChardev, path, "path", .flags = DM_RUNTIME, .doc = "The terminal that was found."),
        SECLABELS,
        { 0 },
};
const DmXmlElement dm_chardev_source_pty = { "source", source_pty_rows, .doc = "The host's end." };

static const DmXmlRow source_path_rows[] = {
        DM_STRING(DmChardev, path, "path", .flags = DM_REQUIRED),
        SECLABELS,
        { 0 },
};
const DmXmlElement dm_chardev_source_path = { "source", source_path_rows, .doc = "The host's end." };

static const DmXmlRow source_file_rows[] = {
        DM_STRING(DmChardev, path, "path", .flags = DM_REQUIRED),
        DM_ENUM(DmChardev, append, "append", dm_on_off, .doc = "on: what the file holds is kept."),
        SECLABELS,
        { 0 },
};
const DmXmlElement dm_chardev_source_file = { "source", source_file_rows, .doc = "The host's end." };

static const DmXmlRow reconnect_rows[] = {
        DM_ENUM(DmChardev, reconnect, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_U32(DmChardev, reconnect_timeout, "timeout", .doc = "Seconds between two tries."),
        { 0 },
};
static const DmXmlElement reconnect_element = { "reconnect", reconnect_rows,
                                                .doc = "Connect again when it breaks." };

static const DmXmlRow source_unix_rows[] = {
        DM_ENUM(DmChardev, mode, "mode", dm_chardev_mode),
        DM_STRING(DmChardev, path, "path", .doc = "Without one a path is made up."),
        DM_IN(reconnect_element),
        SECLABELS,
        { 0 },
};
const DmXmlElement dm_chardev_source_unix = { "source", source_unix_rows, .doc = "The host's end." };

static const DmXmlRow source_tcp_rows[] = {
        DM_ENUM(DmChardev, mode, "mode", dm_chardev_mode),
        DM_STRING(DmChardev, host, "host"),
        DM_STRING(DmChardev, service, "service", .flags = DM_REQUIRED, .doc = "Port."),
        DM_ENUM(DmChardev, tls, "tls", dm_yes_no),
        DM_IN(reconnect_element),
        { 0 },
};
const DmXmlElement dm_chardev_source_tcp = { "source", source_tcp_rows, .doc = "The host's end." };

static const DmXmlRow source_bind_rows[] = {
        DM_STRING(DmChardev, bind_host, "host"),
        DM_STRING(DmChardev, bind_service, "service", .doc = "Port."),
        { 0 },
};
const DmXmlElement dm_chardev_source_bind = {
        "source",
        source_bind_rows,
        .doc = "udp: where packets are received.",
        .tag = { "mode", "bind", FALSE },
};
static const DmXmlRow source_connect_rows[] = {
        DM_STRING(DmChardev, host, "host"),
        DM_STRING(DmChardev, service, "service", .flags = DM_REQUIRED, .doc = "Port."),
        { 0 },
};
const DmXmlElement dm_chardev_source_connect = {
        "source",
        source_connect_rows,
        .doc = "udp: where packets are sent.",
        .tag = { "mode", "connect", TRUE },
};

static const DmXmlRow source_channel_rows[] = {
        DM_STRING(DmChardev, channel, "channel", .flags = DM_REQUIRED, .doc = "Name that clients ask for."),
        { 0 },
};
const DmXmlElement dm_chardev_source_channel = { "source", source_channel_rows, .doc = "The host's end." };

static const DmXmlRow clipboard_rows[] = {
        DM_ENUM(DmChardev, clipboard, "copypaste", dm_yes_no, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement clipboard_element = { "clipboard", clipboard_rows, .doc = "Shared clipboard." };
static const DmXmlRow mouse_rows[] = {
        DM_ENUM(DmChardev, mouse, "mode", dm_mouse_mode, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement mouse_element = { "mouse", mouse_rows, .doc = "Who draws the pointer." };
static const DmXmlRow source_vdagent_rows[] = { DM_IN(clipboard_element), DM_IN(mouse_element), { 0 } };
const DmXmlElement dm_chardev_source_vdagent = { "source", source_vdagent_rows,
                                                 .doc = "What the agent may do." };

static const DmXmlRow protocol_rows[] = {
        DM_ENUM(DmChardev, protocol, "type", dm_chardev_protocol),
        { 0 },
};
const DmXmlElement dm_chardev_protocol_element = { "protocol", protocol_rows,
                                                   .doc = "What is spoken over it." };

static const DmXmlRow log_rows[] = {
        DM_STRING(DmChardev, log_file, "file", .flags = DM_REQUIRED),
        DM_ENUM(DmChardev, log_append, "append", dm_on_off),
        { 0 },
};
const DmXmlElement dm_chardev_log_element = { "log", log_rows,
                                              .doc = "Everything that is written also goes here." };

static const DmXmlRow source_nmdm_rows[] = {
        DM_STRING(DmChardev, master, "master", .flags = DM_REQUIRED),
        DM_STRING(DmChardev, slave, "slave", .flags = DM_REQUIRED),
        { 0 },
};
const DmXmlElement dm_chardev_source_nmdm = { "source", source_nmdm_rows, .doc = "Two ends on FreeBSD." };

/* The kinds hold nothing but a DmChardev, so that it is its own member. */
typedef struct Holder {
        DmChardev self;
} Holder;
#define SOURCE_ROWS DM_CHARDEV_SOURCE_ROWS(Holder, self)
#define TYPE_ROW    DM_CHARDEV_TYPE_ROW(Holder, self, .flags = DM_REQUIRED)

void dm_chardev_check(const DmChardev *d, const DmXmlCheck *c)
{
        if (d->reconnect == DM_YES && d->mode == DM_CHARDEV_BIND)
                dm_check_fail(c, &d->reconnect, DM_ERROR_INVALID_XML, "only mode='connect' can reconnect");
        if (d->reconnect == DM_YES && !d->reconnect_timeout.set)
                dm_check_fail(c, &d->reconnect, DM_ERROR_INVALID_XML,
                              "reconnect needs a timeout, in seconds");
        if (d->type == DM_CHARDEV_NMDM)
                dm_check_fail(c, &d->type, DM_ERROR_UNSUPPORTED, "type 'nmdm' exists on FreeBSD only");
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_chardev_type, ((const DmChardev *)base)->type);
}

static void check(const void *base, const DmXmlCheck *c)
{
        dm_chardev_check(base, c);
}

/* ---- the four kinds ---- */

static const DmXmlRow serial_model_rows[] = {
        DM_ENUM(DmChardev, serial_model, "name", dm_serial_model, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement serial_model_element = { "model", serial_model_rows, .doc = "Which chip." };
static const DmXmlRow serial_target_rows[] = {
        DM_ENUM(DmChardev, serial_type, "type", dm_serial_type, .flags = DM_ABI,
                .doc = "Which kind of chip."),
        DM_U32(DmChardev, port, "port", .flags = DM_ABI),
        DM_IN(serial_model_element),
        { 0 },
};
static const DmXmlElement serial_target = { "target", serial_target_rows, .doc = "What the guest sees." };

static const DmXmlRow serial_rows[] = {
        TYPE_ROW,
        DM_STRING(DmChardev, tty, "tty", .flags = DM_RUNTIME),
        SOURCE_ROWS,
        DM_IN(serial_target),
        DM_DEVICE_TAIL(DmChardev),
        { 0 },
};
const DmXmlElement dm_serial_schema = {
        "serial", serial_rows, sizeof(DmChardev), "A serial line.", .check = check, .label = label,
};

static const DmXmlRow parallel_target_rows[] = { DM_U32(DmChardev, port, "port", .flags = DM_ABI),
                                                 DM_REFUSED_ATTR("type", "a parallel port has no other kind"),
                                                 DM_REFUSED_EL("model", "a parallel port has no other model"),
                                                 { 0 } };
static const DmXmlElement parallel_target = { "target", parallel_target_rows, .doc = "What the guest sees." };
static const DmXmlRow parallel_rows[] = {
        TYPE_ROW,
        DM_STRING(DmChardev, tty, "tty", .flags = DM_RUNTIME),
        SOURCE_ROWS,
        DM_IN(parallel_target),
        DM_DEVICE_TAIL(DmChardev),
        { 0 },
};
const DmXmlElement dm_parallel_schema = {
        "parallel", parallel_rows, sizeof(DmChardev), "A parallel port.", .check = check, .label = label,
};

static const DmXmlRow console_target_rows[] = {
        DM_ENUM(DmChardev, console_type, "type", dm_console_type, .flags = DM_ABI),
        DM_U32(DmChardev, port, "port", .flags = DM_ABI),
        DM_REFUSED_EL("model", "the model belongs to <serial>"),
        { 0 },
};
static const DmXmlElement console_target = { "target", console_target_rows, .doc = "What the guest sees." };
static const DmXmlRow console_rows[] = {
        DM_CHARDEV_TYPE_ROW(Holder, self, .preset = DM_CHARDEV_PTY),
        DM_STRING(DmChardev, tty, "tty", .flags = DM_RUNTIME),
        SOURCE_ROWS,
        DM_IN(console_target),
        DM_DEVICE_TAIL(DmChardev),
        { 0 },
};
const DmXmlElement dm_console_schema = {
        "console",      console_rows,   sizeof(DmChardev), "The guest's text console.",
        .check = check, .label = label,
};

#define CHANNEL(...) DM_WHEN(DmChardev, channel_type, __VA_ARGS__)
static const DmXmlRow channel_target_rows[] = {
        DM_ENUM(DmChardev, channel_type, "type", dm_channel_type, .flags = DM_REQUIRED | DM_ABI),
        DM_STRING(DmChardev, target_name, "name", .flags = DM_ABI,
                  CHANNEL(DM_CHANNEL_VIRTIO, DM_CHANNEL_XEN)),
        DM_ENUM(DmChardev, state, "state", dm_channel_state, .flags = DM_RUNTIME, CHANNEL(DM_CHANNEL_VIRTIO)),
        DM_STRING(DmChardev, guestfwd_address, "address", .flags = DM_REQUIRED | DM_ABI,
                  CHANNEL(DM_CHANNEL_GUESTFWD)),
        DM_STRING(DmChardev, guestfwd_port, "port", .flags = DM_REQUIRED | DM_ABI,
                  CHANNEL(DM_CHANNEL_GUESTFWD)),
        { 0 },
};
static const DmXmlElement channel_target = { "target", channel_target_rows, .doc = "What the guest sees." };
static const DmXmlRow channel_rows[] = {
        TYPE_ROW, SOURCE_ROWS, DM_IN(channel_target, .flags = DM_REQUIRED), DM_DEVICE_TAIL(DmChardev), { 0 },
};

static void check_channel(const void *base, const DmXmlCheck *c)
{
        const DmChardev *d = base;
        dm_chardev_check(d, c);
        if (d->type == DM_CHARDEV_SPICEVMC && d->channel_type != DM_CHANNEL_VIRTIO)
                dm_check_fail(c, &d->type, DM_ERROR_UNSUPPORTED,
                              "a spicevmc channel needs <target type='virtio'>");
        g_autoptr(GInetAddress) address =
                d->guestfwd_address ? g_inet_address_new_from_string(d->guestfwd_address) : NULL;
        if (d->guestfwd_address && (!address || g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV4))
                dm_check_fail(c, &d->guestfwd_address, DM_ERROR_INVALID_XML, "'%s' is not an IPv4 address",
                              d->guestfwd_address);
        guint64 port = 0;
        if (d->guestfwd_port && !g_ascii_string_to_unsigned(d->guestfwd_port, 10, 1, 65535, &port, NULL))
                dm_check_fail(c, &d->guestfwd_port, DM_ERROR_INVALID_XML, "'%s' is not a port",
                              d->guestfwd_port);
}

static const char *channel_label(const void *base)
{
        const DmChardev *d = base;
        return d->target_name ? d->target_name : label(d);
}

const DmXmlElement dm_channel_schema = {
        "channel",
        channel_rows,
        sizeof(DmChardev),
        "A private line between guest and host.",
        .check = check_channel,
        .label = channel_label,
};
