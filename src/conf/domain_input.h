/* <input>: mouse, tablet, keyboard. */
#pragma once

#include "conf/device.h"

typedef enum DmInputType {
        DM_INPUT_UNSET,
        DM_INPUT_MOUSE,
        DM_INPUT_TABLET,
        DM_INPUT_KEYBOARD,
        DM_INPUT_PASSTHROUGH,
        DM_INPUT_EVDEV,
} DmInputType;
typedef enum DmInputBus {
        DM_INPUT_BUS_UNSET,
        DM_INPUT_BUS_PS2,
        DM_INPUT_BUS_USB,
        DM_INPUT_BUS_XEN,
        DM_INPUT_BUS_PARALLELS,
        DM_INPUT_BUS_VIRTIO,
        DM_INPUT_BUS_NONE,
} DmInputBus;
typedef enum DmVirtioModel {
        DM_VIRTIO_MODEL_UNSET,
        DM_VIRTIO_MODEL_VIRTIO,
        DM_VIRTIO_MODEL_TRANSITIONAL,
        DM_VIRTIO_MODEL_NON_TRANSITIONAL,
} DmVirtioModel;
typedef enum DmInputGrab { DM_GRAB_UNSET, DM_GRAB_ALL } DmInputGrab;
typedef enum DmGrabToggle {
        DM_TOGGLE_UNSET,
        DM_TOGGLE_CTRL_CTRL,
        DM_TOGGLE_ALT_ALT,
        DM_TOGGLE_SHIFT_SHIFT,
        DM_TOGGLE_META_META,
        DM_TOGGLE_SCROLLLOCK,
        DM_TOGGLE_CTRL_SCROLLLOCK,
} DmGrabToggle;
extern const DmEnum dm_input_type, dm_input_bus, dm_virtio_model, dm_input_grab, dm_grab_toggle;

typedef struct DmInput {
        DmDevice dev;
        DmInputType type;
        DmInputBus bus;
        DmVirtioModel model;
        char *evdev; /* passthrough, evdev */
        DmInputGrab grab;
        DmOnOff repeat;
        DmGrabToggle toggle;
        DmVirtioOptions virtio;
} DmInput;
