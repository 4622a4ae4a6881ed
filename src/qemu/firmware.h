/* Firmware descriptors (QEMU's docs/interop/firmware.json), as DmHost.firmwares has them. */
#pragma once

#include "qemu/arch.h"
#include "util/json.h"

/* TRUE when the descriptor is for guests of @arch on @machine (a canonical name). */
gboolean dm_firmware_fits(const DmJson *firmware, const DmArch *arch, const char *machine);
/* TRUE when its member @key ("features", "interface-types") lists @text. */
gboolean dm_firmware_lists(const DmJson *firmware, const char *key, const char *text);
