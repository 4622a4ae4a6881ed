/* Emulators from before QMP probing (0.8 to 1.1): what their help says. */
#pragma once

#include "qemu/caps.h"
#include "util/process.h"

/* Runs @path with -help, -M ? and -cpu ?, with the surroundings of @spawn.  NULL when it does not answer as
 * such an emulator. */
DmCaps *dm_caps_probe_help(const char *path, const DmSpawn *spawn, int timeout_ms, GError **error);

/* The pure part: what these three texts say of an emulator at @path.  @host_target is QEMU's name of this
 * machine: what "qemu-kvm" runs when nothing else tells. */
DmCaps *dm_caps_from_help(const char *path, const char *host_target, const char *help, const char *machines,
                          const char *cpus, GError **error);
