/* <hub>: eight more ports in the place of one. */
#include "qemu/device_ops.h"

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_USB;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("hub%u", n);
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        DmJson *props = dm_json_object_new();
        (void)error;
        dm_json_add_string(props, "driver", "usb-hub");
        dm_json_add_string(props, "id", device->alias);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_hub_ops = {
        .order = DM_ORDER_HUB,
        .wants = wants,
        .alias = alias,
        .props = props,
};
