/* <hub>: more ports for USB devices. */
#pragma once

#include "conf/device.h"

typedef enum DmHubType { DM_HUB_UNSET, DM_HUB_USB } DmHubType;
extern const DmEnum dm_hub_type;

typedef struct DmHub {
        DmDevice dev;
        DmHubType type;
} DmHub;
