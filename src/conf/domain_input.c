/* <input>: rows, and the rules between them. */
#include "conf/domain_input.h"

DM_ENUM_TABLE(
        dm_input_type, "input type", [DM_INPUT_MOUSE] = "mouse", [DM_INPUT_TABLET] = "tablet",
        [DM_INPUT_KEYBOARD] = "keyboard", [DM_INPUT_PASSTHROUGH] = "passthrough", [DM_INPUT_EVDEV] = "evdev");
DM_ENUM_TABLE(dm_input_bus, "input bus", [DM_INPUT_BUS_PS2] = "ps2", [DM_INPUT_BUS_USB] = "usb",
              [DM_INPUT_BUS_XEN] = "xen", [DM_INPUT_BUS_PARALLELS] = "parallels",
              [DM_INPUT_BUS_VIRTIO] = "virtio", [DM_INPUT_BUS_NONE] = "none");
DM_ENUM_TABLE(dm_virtio_model, "virtio model", [DM_VIRTIO_MODEL_VIRTIO] = "virtio",
              [DM_VIRTIO_MODEL_TRANSITIONAL] = "virtio-transitional",
              [DM_VIRTIO_MODEL_NON_TRANSITIONAL] = "virtio-non-transitional");
DM_ENUM_TABLE(dm_input_grab, "grab mode", [DM_GRAB_ALL] = "all");
DM_ENUM_TABLE(dm_grab_toggle,
              "grab key combination", [DM_TOGGLE_CTRL_CTRL] = "ctrl-ctrl", [DM_TOGGLE_ALT_ALT] = "alt-alt",
              [DM_TOGGLE_SHIFT_SHIFT] = "shift-shift", [DM_TOGGLE_META_META] = "meta-meta",
              [DM_TOGGLE_SCROLLLOCK] = "scrolllock", [DM_TOGGLE_CTRL_SCROLLLOCK] = "ctrl-scrolllock");

static const DmXmlRow driver_rows[] = { DM_VIRTIO_ROWS(DmInput, virtio), { 0 } };
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Tuning of a virtio device." };

static const DmXmlRow passthrough_rows[] = {
        DM_STRING(DmInput, evdev, "evdev", .flags = DM_REQUIRED, .doc = "Host device, /dev/input/eventN."),
        { 0 },
};
static const DmXmlElement source_passthrough = { "source", passthrough_rows, .doc = "The host's device." };

static const DmXmlRow evdev_rows[] = {
        DM_STRING(DmInput, evdev, "dev", .flags = DM_REQUIRED, .doc = "Host device, /dev/input/eventN."),
        DM_ENUM(DmInput, grab, "grab", dm_input_grab, .doc = "all: every device follows this one's grab."),
        DM_ENUM(DmInput, toggle, "grabToggle", dm_grab_toggle),
        DM_ENUM(DmInput, repeat, "repeat", dm_on_off, .doc = "Key repeat."),
        { 0 },
};
static const DmXmlElement source_evdev = { "source", evdev_rows, .doc = "The host's device." };

static const DmXmlRow input_rows[] = {
        DM_ENUM(DmInput, type, "type", dm_input_type, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmInput, bus, "bus", dm_input_bus, .flags = DM_ABI),
        DM_ENUM(DmInput, model, "model", dm_virtio_model, .flags = DM_ABI),
        DM_IN(driver_element),
        DM_IN(source_passthrough, .flags = DM_REQUIRED, DM_WHEN(DmInput, type, DM_INPUT_PASSTHROUGH)),
        DM_IN(source_evdev, .flags = DM_REQUIRED, DM_WHEN(DmInput, type, DM_INPUT_EVDEV)),
        DM_DEVICE_TAIL(DmInput),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmInput *d = base;
        if (d->type == DM_INPUT_TABLET && d->bus == DM_INPUT_BUS_PS2)
                dm_check_fail(c, &d->bus, DM_ERROR_UNSUPPORTED,
                              "there is no ps2 tablet; use bus='usb' or 'virtio'");
        if (d->type == DM_INPUT_PASSTHROUGH && d->bus && d->bus != DM_INPUT_BUS_VIRTIO)
                dm_check_fail(c, &d->bus, DM_ERROR_UNSUPPORTED,
                              "input passthrough needs bus='virtio', not '%s'",
                              dm_enum_name(&dm_input_bus, d->bus));
        if (d->type == DM_INPUT_EVDEV && d->bus && d->bus != DM_INPUT_BUS_NONE)
                dm_check_fail(c, &d->bus, DM_ERROR_INVALID_XML,
                              "an evdev input sits on no bus, so not on '%s'",
                              dm_enum_name(&dm_input_bus, d->bus));
        if (d->model && d->bus && d->bus != DM_INPUT_BUS_VIRTIO)
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML, "only inputs of bus='virtio' have a model");
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_input_type, ((const DmInput *)base)->type);
}

const DmXmlElement dm_input_schema = {
        "input", input_rows, sizeof(DmInput), "Mouse, tablet or keyboard.", .check = check, .label = label,
};
