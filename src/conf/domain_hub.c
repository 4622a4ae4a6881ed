/* <hub>: its rows. */
#include "conf/domain_hub.h"

DM_ENUM_TABLE(dm_hub_type, "hub type", [DM_HUB_USB] = "usb");

static const DmXmlRow hub_rows[] = {
        DM_ENUM(DmHub, type, "type", dm_hub_type, .flags = DM_REQUIRED | DM_ABI),
        DM_DEVICE_TAIL(DmHub),
        { 0 },
};

static const char *label(const void *base)
{
        return dm_enum_name(&dm_hub_type, ((const DmHub *)base)->type);
}

const DmXmlElement dm_hub_schema = { "hub", hub_rows, sizeof(DmHub), "More ports for USB devices.",
                                     .label = label };
