/* Capabilities out of a recorded probe: emulators of other versions and architectures, without having them.
 */
#pragma once

#include "qemu/caps_ask.h"

/* A recording has one JSON object per line, and may be compressed with gzip:
 *
 *     {"session":0,"seq":N,"execute":COMMAND,"arguments":{…},"return":…}      or "error" in place of "return"
 *
 * Session 0 ran with kvm and tcg, session 1, if there is one, with tcg alone.  The order does not matter. */
typedef enum DmReplayFlags {
        DM_REPLAY_TCG = 1 << 0, /* as on a host without KVM */
        DM_REPLAY_NO_ALIASES =
                1 << 1, /* 'pc' is a name of its own, so that it stays 'pc' whatever the version */
} DmReplayFlags;

/* What an emulator at @path with the answers in @file can do.  A question that was not recorded counts as not
 * available. */
DmCaps *dm_caps_replay(const char *file, const char *path, DmReplayFlags flags, GError **error);

/* Writes down what is asked of another peer, as such a recording. */
typedef struct DmCapsRecorder {
        DmCapsPeer peer;
        DmCapsPeer *asked; /* borrowed */
        GString *lines;    /* borrowed: the recording grows here */
        int session, seq;
} DmCapsRecorder;
DmCapsRecorder dm_caps_recorder(DmCapsPeer *asked, GString *lines, int session);
