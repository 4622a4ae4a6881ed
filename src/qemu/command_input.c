/* <input>: mice, keyboards, tablets. */
#include "qemu/device_ops.h"

/* ---- defaults ---- */

static DmInputBus default_bus(const DmPlan *p, const DmInput *i, const char **ret_why)
{
        unsigned flags = p->board->flags;
        *ret_why = "libvirt's default";
        if (i->type == DM_INPUT_PASSTHROUGH || i->model)
                return DM_INPUT_BUS_VIRTIO;
        if ((i->type == DM_INPUT_MOUSE || i->type == DM_INPUT_KEYBOARD) && flags & DM_BOARD_PS2)
                return DM_INPUT_BUS_PS2;
        if (flags & DM_BOARD_CCW) {
                *ret_why = "s390x has no USB";
                return DM_INPUT_BUS_VIRTIO;
        }
        if (flags & (DM_BOARD_PCI | DM_BOARD_USB_ONBOARD))
                return DM_INPUT_BUS_USB;
        *ret_why = "the board has no USB";
        return dm_plan_virtio(p) ? DM_INPUT_BUS_VIRTIO : DM_INPUT_BUS_PS2;
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmInput *i = (DmInput *)device;
        (void)flags;
        (void)error;
        if (i->bus || i->type == DM_INPUT_EVDEV)
                return TRUE; /* an evdev input is on no bus */
        const char *why = NULL;
        i->bus = default_bus(p, i, &why);
        dm_origins_explain(p->domain->origins, &i->bus, "%s", why);
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmInput *i = (const DmInput *)device;
        (void)p;
        switch (i->bus) {
        case DM_INPUT_BUS_USB:
                return DM_WANTS_USB;
        case DM_INPUT_BUS_VIRTIO:
                return i->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
        case DM_INPUT_BUS_PS2:
        case DM_INPUT_BUS_XEN:
        case DM_INPUT_BUS_PARALLELS:
        case DM_INPUT_BUS_NONE:
        case DM_INPUT_BUS_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("input%u", n);
}

/* ---- command line ---- */

/* What QEMU calls a kind of input on USB and on virtio. */
static const struct {
        const char *usb, *virtio;
} names[] = {
        [DM_INPUT_MOUSE] = { "usb-mouse", "virtio-mouse" },
        [DM_INPUT_TABLET] = { "usb-tablet", "virtio-tablet" },
        [DM_INPUT_KEYBOARD] = { "usb-kbd", "virtio-keyboard" },
        [DM_INPUT_PASSTHROUGH] = { NULL, "virtio-input-host" },
        [DM_INPUT_EVDEV] = { NULL, NULL },
};

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmInput *i = (const DmInput *)device;
        const char *bus = dm_enum_name(&dm_input_bus, i->bus);
        (void)host;
        if (i->bus == DM_INPUT_BUS_XEN || i->bus == DM_INPUT_BUS_PARALLELS)
                return dm_plan_fail(p, device, &i->bus, error,
                                    "QEMU has no input bus '%s'; use 'usb' or 'virtio'", bus);
        if (i->bus == DM_INPUT_BUS_PS2 && !(p->board->flags & DM_BOARD_PS2))
                return dm_plan_fail(p, device, &i->bus, error,
                                    "machine '%s' has no PS/2; use bus 'usb' or 'virtio'", p->board_name);
        if (i->bus == DM_INPUT_BUS_PS2 && i->type != DM_INPUT_MOUSE && i->type != DM_INPUT_KEYBOARD)
                return dm_plan_fail(p, device, &i->bus, error, "there is no ps2 %s",
                                    dm_enum_name(&dm_input_type, i->type));
        if (i->bus == DM_INPUT_BUS_VIRTIO && !dm_plan_virtio(p))
                return dm_plan_fail(p, device, &i->bus, error, "machine '%s' has no virtio", p->board_name);
        if (i->bus == DM_INPUT_BUS_USB && !names[i->type].usb)
                return dm_plan_fail(p, device, &i->bus, error,
                                    "there is no USB device for inputs of type '%s'",
                                    dm_enum_name(&dm_input_type, i->type));
        if (i->type == DM_INPUT_EVDEV && !p->caps->help_era && !dm_caps_has_type(p->caps, "input-linux"))
                return dm_plan_fail(p, device, &i->type, error, "'%s' (QEMU %s) cannot read evdev devices",
                                    p->caps->path, p->caps->version_text);
        return TRUE;
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmInput *i = (const DmInput *)device;
        (void)error;
        if (i->type != DM_INPUT_EVDEV)
                return TRUE;
        DmJson *object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", "input-linux");
        dm_json_add_string(object, "id", device->alias);
        dm_json_add_string(object, "evdev", i->evdev);
        dm_props_onoff(object, "repeat", i->repeat);
        if (i->grab == DM_GRAB_ALL)
                dm_json_add_bool(object, "grab_all", TRUE);
        dm_json_add_string(object, "grab-toggle", dm_enum_name(&dm_grab_toggle, i->toggle));
        dm_build_object(b, device, NULL, object);
        return TRUE;
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmInput *i = (const DmInput *)device;
        (void)error;
        gboolean virtio = i->bus == DM_INPUT_BUS_VIRTIO;
        const char *name = virtio ? names[i->type].virtio : names[i->type].usb;
        if (!name || (!virtio && i->bus != DM_INPUT_BUS_USB))
                return NULL; /* on board, or an object */
        g_autofree char *type = virtio ? dm_virtio_type(p, device, name, i->model) : g_strdup(name);
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", type);
        dm_props_virtio(&i->virtio, props);
        dm_json_add_string(props, "id", device->alias);
        dm_json_add_string(props, "evdev", i->evdev);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_input_ops = {
        .order = DM_ORDER_INPUT,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
};
