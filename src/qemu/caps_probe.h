/* Probing: what the emulator at a path can do, found out by starting it once (in 15–60 ms) and asking. */
#pragma once

#include <sys/types.h>

#include "qemu/caps.h"

#define DM_PROBE_LIMIT_MS 10000

typedef struct DmProbeOptions {
        int limit_ms;     /* for all that one probe does; 0: DM_PROBE_LIMIT_MS */
        gboolean set_ids; /* as this user, who guests will run as: KVM is tested with his rights */
        uid_t uid;
        gid_t gid;
        const gid_t *groups;
        gsize n_groups;
        GString *record; /* a recording for dm_caps_replay() is appended; NULL: none */
} DmProbeOptions;

/* What the program at @path (absolute) can do; NULL with the reason:
 *   DM_ERROR_NOT_FOUND, DM_ERROR_DENIED   it cannot be started
 *   DM_ERROR_UNSUPPORTED                  «PATH did not answer as QEMU: …», with its own last words
 *   DM_ERROR_TIMED_OUT                    likewise; it was killed
 * An emulator that dies after it has told its machines is partial, not a failure.  Blocks; any thread. */
DmCaps *dm_caps_probe(const char *path, const DmProbeOptions *options, GError **error);

/* @caps with tcg_models and tcg_model, found out by a start on tcg alone.  Owned. */
DmCaps *dm_caps_probe_tcg(const DmCaps *caps, const DmProbeOptions *options, GError **error);
/* @caps with the options of @machine (its exact name): dm_caps_has_prop(c, "NAME-machine", …).  By a start of
 * its own, as some machines end the emulator when they are asked.  Owned. */
DmCaps *dm_caps_probe_machine(const DmCaps *caps, const char *machine, const DmProbeOptions *options,
                              GError **error);
