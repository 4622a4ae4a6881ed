/* The kinds of device_kinds_later.def: numbers and schemas. */
#pragma once

#include "conf/device.h"

typedef enum DmLaterKind {
        DM_LATER_NONE,
#define DM_DEVICE(KIND, element, Struct) DM_LATER_##KIND,
#include "conf/device_kinds_later.def"
#undef DM_DEVICE
        DM_LATER_N
} DmLaterKind;

#define DM_DEVICE(KIND, element, Struct) extern const DmXmlElement dm_##element##_schema;
#include "conf/device_kinds_later.def"
#undef DM_DEVICE
