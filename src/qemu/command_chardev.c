/* <serial>, <parallel>, <console>, <channel>: the guest's side of a line.  The host's side is in
 * command_backend.c. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include <string.h>

#include "conf/domain_graphics.h"

#define ISA_SERIAL_MAX   4u
#define ISA_PARALLEL_MAX 3u

/* ---- what all four share ---- */

static void explain(DmPlan *p, const void *value, const char *why)
{
        dm_origins_explain(p->domain->origins, value, "%s", why);
}

/* The first number that no device of this kind has. */
static void default_port(DmPlan *p, DmChardev *c)
{
        if (c->port.set)
                return;
        unsigned port = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmChardev *other = (const DmChardev *)device;
                if (device->kind == c->dev.kind && other->port.set)
                        port = MAX(port, other->port.value + 1);
        }
        c->port = (DmOptU32)DM_OPT(port);
        explain(p, &c->port, "the next free one");
}

static gboolean has_graphics(const DmPlan *p, DmGraphicsType type)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_GRAPHICS && ((const DmGraphics *)device)->type == type)
                        return TRUE;
        return FALSE;
}

gboolean dm_check_chardev(const DmPlan *p, const DmDevice *device, const DmChardev *c, GError **error)
{
        const char *type = dm_enum_name(&dm_chardev_type, c->type);
        if ((c->type == DM_CHARDEV_SPICEVMC || c->type == DM_CHARDEV_SPICEPORT) &&
            !has_graphics(p, DM_GRAPHICS_SPICE))
                return dm_plan_fail(p, device, &c->type, error, "type '%s' needs <graphics type='spice'>",
                                    type);
        if (c->type == DM_CHARDEV_DBUS && !has_graphics(p, DM_GRAPHICS_DBUS))
                return dm_plan_fail(p, device, &c->type, error, "type '%s' needs <graphics type='dbus'>",
                                    type);
        if (c->type == DM_CHARDEV_QEMU_VDAGENT && !p->caps->help_era &&
            !dm_caps_has_option(p->caps, "chardev", "clipboard"))
                return dm_plan_fail(p, device, &c->type, error, "QEMU %s has no '%s'; 6.1 is the first",
                                    p->caps->version_text, type);
        if (c->protocol == DM_PROTOCOL_TELNETS || c->protocol == DM_PROTOCOL_TLS)
                return dm_plan_fail(p, device, &c->protocol, error,
                                    "protocol '%s' is not supported; use 'raw' or 'telnet' with tls='yes'",
                                    dm_enum_name(&dm_chardev_protocol, c->protocol));
        return TRUE;
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        return dm_build_chardev(b, (const DmChardev *)device, device, error);
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        return g_strdup_printf("%s%u", dm_device_element(device->kind), n);
}

static DmJson *props_new(const char *driver, const DmDevice *device)
{
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver);
        dm_json_add_stringf(props, "chardev", "char%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        return props;
}

/* ---- serial ---- */

typedef struct SerialKind {
        DmSerialType type;
        DmSerialModel model;
        DmAddressType address;
} SerialKind;

/* The first row of a type is its default model. */
static const SerialKind serial_kinds[] = {
        { DM_SERIAL_ISA, DM_SERIAL_MODEL_ISA_SERIAL, DM_ADDRESS_ISA },
        { DM_SERIAL_USB, DM_SERIAL_MODEL_USB_SERIAL, DM_ADDRESS_USB },
        { DM_SERIAL_PCI, DM_SERIAL_MODEL_PCI_SERIAL, DM_ADDRESS_PCI },
        { DM_SERIAL_SPAPR_VIO, DM_SERIAL_MODEL_SPAPR_VTY, DM_ADDRESS_SPAPR_VIO },
        { DM_SERIAL_SYSTEM, DM_SERIAL_MODEL_PL011, DM_ADDRESS_NONE },
        { DM_SERIAL_SYSTEM, DM_SERIAL_MODEL_16550A, DM_ADDRESS_NONE },
        { DM_SERIAL_SCLP, DM_SERIAL_MODEL_SCLPCONSOLE, DM_ADDRESS_NONE },
        { DM_SERIAL_SCLP, DM_SERIAL_MODEL_SCLPLMCONSOLE, DM_ADDRESS_NONE },
        { DM_SERIAL_ISA_DEBUG, DM_SERIAL_MODEL_ISA_DEBUGCON, DM_ADDRESS_ISA },
};

/* Chips on the board are not always ones that libvirt has a name for. */
static DmSerialModel system_model(const DmPlan *p)
{
        if (g_str_has_prefix(p->arch->name, "riscv"))
                return DM_SERIAL_MODEL_16550A;
        gboolean arm = !strcmp(p->arch->name, "aarch64") || g_str_has_prefix(p->arch->name, "arm");
        return arm && g_str_has_prefix(p->board_name, "virt") ? DM_SERIAL_MODEL_PL011 : DM_SERIAL_MODEL_UNSET;
}

static DmSerialType board_serial(const DmPlan *p)
{
        unsigned flags = p->board->flags;
        if (flags & DM_BOARD_SPAPR_VIO)
                return DM_SERIAL_SPAPR_VIO;
        if (flags & DM_BOARD_CCW)
                return DM_SERIAL_SCLP;
        if (flags & DM_BOARD_SERIAL_ONBOARD)
                return system_model(p) ? DM_SERIAL_SYSTEM : DM_SERIAL_UNSET;
        return flags & DM_BOARD_ISA || dm_plan_x86(p) ? DM_SERIAL_ISA : DM_SERIAL_UNSET;
}

static DmSerialType serial_type(const DmPlan *p, const DmChardev *c)
{
        for (gsize i = 0; i < G_N_ELEMENTS(serial_kinds); i++)
                if (c->serial_model && c->serial_model == serial_kinds[i].model)
                        return serial_kinds[i].type;
        for (gsize i = 0; i < G_N_ELEMENTS(serial_kinds); i++)
                if (c->dev.address.type && c->dev.address.type == serial_kinds[i].address)
                        return serial_kinds[i].type;
        return board_serial(p);
}

static DmSerialModel serial_model(const DmPlan *p, const DmChardev *c)
{
        if (c->serial_type == DM_SERIAL_SYSTEM)
                return system_model(p);
        for (gsize i = 0; i < G_N_ELEMENTS(serial_kinds); i++)
                if (c->serial_type && c->serial_type == serial_kinds[i].type)
                        return serial_kinds[i].model;
        return DM_SERIAL_MODEL_UNSET;
}

static gboolean serial_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmChardev *c = (DmChardev *)device;
        (void)flags;
        (void)error;
        if (p->board->flags & DM_BOARD_SPAPR_VIO && c->serial_type == DM_SERIAL_ISA) {
                c->serial_type = DM_SERIAL_SPAPR_VIO;
                c->serial_model = DM_SERIAL_MODEL_UNSET;
                explain(p, &c->serial_type,
                        "pseries has no ISA; documents of old libvirt say so all the same");
        }
        if (!c->serial_type && serial_type(p, c)) {
                c->serial_type = serial_type(p, c);
                explain(p, &c->serial_type,
                        c->dev.address.type || c->serial_model ? "follows from its model or address"
                                                               : "what the board has");
        }
        if (!c->serial_model && serial_model(p, c)) {
                c->serial_model = serial_model(p, c);
                explain(p, &c->serial_model, "the chip of this type");
        }
        default_port(p, c);
        return TRUE;
}

static DmWants serial_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        switch (((const DmChardev *)device)->serial_type) {
        case DM_SERIAL_USB:
                return DM_WANTS_USB;
        case DM_SERIAL_PCI:
                return DM_WANTS_PCI;
        case DM_SERIAL_SPAPR_VIO:
                return DM_WANTS_SPAPR_VIO;
        case DM_SERIAL_ISA:
        case DM_SERIAL_ISA_DEBUG:
                return DM_WANTS_ISA;
        case DM_SERIAL_SYSTEM:
        case DM_SERIAL_SCLP:
        case DM_SERIAL_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

/* TRUE when the chip is on the board: -serial connects it. */
static gboolean serial_on_board(const DmPlan *p, const DmChardev *c)
{
        return c->serial_type == DM_SERIAL_SYSTEM ||
               (p->board->flags & DM_BOARD_SERIAL_ONBOARD && !c->serial_type);
}

static gboolean serial_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)host;
        if (!c->serial_type && !serial_on_board(p, c))
                return dm_plan_fail(p, device, &c->serial_type, error,
                                    "machine '%s' has no serial line; use a virtio console", p->board_name);
        if (c->serial_type == DM_SERIAL_SYSTEM && !(p->board->flags & DM_BOARD_SERIAL_ONBOARD))
                return dm_plan_fail(p, device, &c->serial_type, error,
                                    "machine '%s' has no serial chip on board", p->board_name);
        if (c->serial_type == DM_SERIAL_ISA && c->port.value >= ISA_SERIAL_MAX)
                return dm_plan_fail(
                        p, device, &c->port, error,
                        "there are %u isa-serial ports at most; use type 'pci-serial' or 'usb-serial'",
                        ISA_SERIAL_MAX);
        if (c->serial_type == DM_SERIAL_ISA && c->protocol && c->type != DM_CHARDEV_TCP)
                return dm_plan_fail(p, device, &c->protocol, error, "a protocol needs type 'tcp'");
        for (gsize i = 0; i < G_N_ELEMENTS(serial_kinds); i++)
                if (c->serial_model == serial_kinds[i].model && c->serial_type != serial_kinds[i].type)
                        return dm_plan_fail(p, device, &c->serial_model, error,
                                            "model '%s' is not of type '%s'",
                                            dm_enum_name(&dm_serial_model, c->serial_model),
                                            dm_enum_name(&dm_serial_type, c->serial_type));
        return dm_check_chardev(p, device, c, error);
}

static gboolean serial_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        if (!backend(b, device, error))
                return FALSE;
        if (serial_on_board(b->plan, (const DmChardev *)device))
                dm_command_addf(b->command, device, NULL, "-serial", "chardev:char%s", device->alias);
        return TRUE;
}

static DmJson *serial_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)error;
        if (serial_on_board(p, c) || !c->serial_type)
                return NULL;
        DmJson *props = props_new(dm_enum_name(&dm_serial_model, c->serial_model), device);
        if (c->serial_type == DM_SERIAL_ISA)
                dm_props_u32(props, "index", c->port);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_serial_ops = {
        .order = DM_ORDER_SERIAL,
        .defaults = serial_defaults,
        .wants = serial_wants,
        .alias = alias,
        .check = serial_check,
        .backend = serial_backend,
        .props = serial_props,
};

/* ---- parallel ---- */

static gboolean parallel_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        (void)flags;
        (void)error;
        default_port(p, (DmChardev *)device);
        return TRUE;
}

static DmWants parallel_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_ISA;
}

static gboolean parallel_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)host;
        if (!(p->board->flags & DM_BOARD_ISA))
                return dm_plan_fail(p, device, device, error, "machine '%s' has no parallel ports",
                                    p->board_name);
        if (c->port.value >= ISA_PARALLEL_MAX)
                return dm_plan_fail(p, device, &c->port, error, "there are %u parallel ports at most",
                                    ISA_PARALLEL_MAX);
        return dm_check_chardev(p, device, c, error);
}

static DmJson *parallel_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        (void)error;
        DmJson *props = props_new("isa-parallel", device);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_parallel_ops = {
        .order = DM_ORDER_PARALLEL,
        .defaults = parallel_defaults,
        .wants = parallel_wants,
        .alias = alias,
        .check = parallel_check,
        .backend = backend,
        .props = parallel_props,
};

/* ---- console ---- */

gboolean dm_console_is_serial(const DmChardev *console)
{
        return console->console_type == DM_CONSOLE_SERIAL || !console->console_type;
}

static gboolean console_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmChardev *c = (DmChardev *)device;
        (void)flags;
        (void)error;
        if (!c->console_type) {
                c->console_type = p->board->flags & DM_BOARD_CCW ? DM_CONSOLE_SCLP : DM_CONSOLE_SERIAL;
                explain(p, &c->console_type, "what the board has");
        }
        default_port(p, c);
        return TRUE;
}

static char *console_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        const DmDevice *serial = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 0);
        if (dm_console_is_serial((const DmChardev *)device) && serial)
                return g_strdup(serial->alias);
        return alias(p, device, n);
}

static gboolean console_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        const char *type = dm_enum_name(&dm_console_type, c->console_type);
        (void)host;
        switch (c->console_type) {
        case DM_CONSOLE_UNSET:
        case DM_CONSOLE_SERIAL:
                if (device != dm_domain_device(p->domain, DM_DEVICE_CONSOLE, 0))
                        return dm_plan_fail(
                                p, device, &c->console_type, error,
                                "only the first console can be the serial line; use type 'virtio'");
                break;
        case DM_CONSOLE_VIRTIO:
                if (!dm_plan_virtio(p))
                        return dm_plan_fail(p, device, &c->console_type, error, "machine '%s' has no virtio",
                                            p->board_name);
                break;
        case DM_CONSOLE_SCLP:
        case DM_CONSOLE_SCLPLM:
                if (!(p->board->flags & DM_BOARD_CCW))
                        return dm_plan_fail(p, device, &c->console_type, error,
                                            "consoles of type '%s' exist on s390x only", type);
                break;
        case DM_CONSOLE_XEN:
        case DM_CONSOLE_UML:
        case DM_CONSOLE_OPENVZ:
        case DM_CONSOLE_LXC:
                return dm_plan_fail(p, device, &c->console_type, error, "QEMU has no consoles of type '%s'",
                                    type);
        }
        return dm_check_chardev(p, device, c, error);
}

static gboolean console_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        return dm_console_is_serial((const DmChardev *)device) || backend(b, device, error);
}

static DmJson *console_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)error;
        if (dm_console_is_serial(c))
                return NULL;
        if (c->console_type == DM_CONSOLE_SCLP)
                return props_new("sclpconsole", device);
        if (c->console_type == DM_CONSOLE_SCLPLM)
                return props_new("sclplmconsole", device);
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", "virtconsole");
        dm_props_address(p, device, props);
        dm_json_add_stringf(props, "chardev", "char%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        return props;
}

const DmDeviceOps dm_console_ops = {
        .order = DM_ORDER_CONSOLE,
        .defaults = console_defaults,
        .alias = console_alias,
        .check = console_check,
        .backend = console_backend,
        .props = console_props,
};

/* ---- channel ---- */

#define AGENT_NAME "com.redhat.spice.0"

static gboolean channel_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmChardev *c = (DmChardev *)device;
        (void)flags;
        (void)error;
        gboolean agent = c->type == DM_CHARDEV_SPICEVMC || c->type == DM_CHARDEV_QEMU_VDAGENT;
        if (agent && c->channel_type == DM_CHANNEL_VIRTIO && !c->target_name) {
                c->target_name = g_strdup(AGENT_NAME);
                explain(p, &c->target_name, "the name under which guests look for this agent");
        }
        return TRUE;
}

static DmWants channel_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmChardev *)device)->channel_type == DM_CHANNEL_VIRTIO ? DM_WANTS_VIRTIO_SERIAL
                                                                              : DM_WANTS_NOTHING;
}

static gboolean channel_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)host;
        if (c->channel_type == DM_CHANNEL_XEN)
                return dm_plan_fail(p, device, &c->channel_type, error,
                                    "QEMU has no xen channels; use type 'virtio'");
        if (c->channel_type == DM_CHANNEL_VIRTIO && !dm_plan_virtio(p))
                return dm_plan_fail(p, device, &c->channel_type, error, "machine '%s' has no virtio",
                                    p->board_name);
        return dm_check_chardev(p, device, c, error);
}

static gboolean channel_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        if (!backend(b, device, error))
                return FALSE;
        if (c->channel_type != DM_CHANNEL_GUESTFWD)
                return TRUE;
        DmJson *netdev = dm_json_object_new(), *list = dm_json_array_new(), *entry = dm_json_object_new();
        dm_json_add_stringf(entry, "str", "tcp:%s:%s-chardev:char%s", c->guestfwd_address, c->guestfwd_port,
                            device->alias);
        dm_json_append_take(list, entry);
        dm_json_add_string(netdev, "type", "user");
        dm_json_add_take(netdev, "guestfwd", list);
        dm_json_add_string(netdev, "id", device->alias);
        dm_build_netdev(b, device, netdev);
        return TRUE;
}

static DmJson *channel_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        (void)error;
        if (c->channel_type != DM_CHANNEL_VIRTIO)
                return NULL;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", "virtserialport");
        dm_props_address(p, device, props);
        dm_json_add_stringf(props, "chardev", "char%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_json_add_string(props, "name", c->target_name);
        return props;
}

const DmDeviceOps dm_channel_ops = {
        .order = DM_ORDER_CHANNEL,
        .defaults = channel_defaults,
        .wants = channel_wants,
        .alias = alias,
        .check = channel_check,
        .backend = channel_backend,
        .props = channel_props,
};
