/* One emulator process that is asked for its capabilities. */
#pragma once

#include "qemu/caps_ask.h"
#include "qemu/caps_probe.h"
#include "qemu/qmp_client.h"
#include "util/process.h"

/* Where probed programs run: a directory of their own as HOME, and an environment that says nothing about us.
 */
typedef struct DmProbeHome {
        char *dir;  /* owned; removed at the end */
        char **env; /* owned */
} DmProbeHome;
gboolean dm_probe_home_init(DmProbeHome *home, const DmProbeOptions *options, GError **error);
void dm_probe_home_clear(DmProbeHome *home);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmProbeHome, dm_probe_home_clear)
/* What all starts of a probe have in common; words and descriptors are the caller's.  Borrows from both. */
DmSpawn dm_probe_spawn(const DmProbeHome *home, const DmProbeOptions *options);

/* An emulator that waits for questions.  Everything in it belongs to the thread that started it. */
typedef struct DmEmulator {
        DmCapsPeer peer; /* asks it; must be first */
        DmProcess process;
        GMainContext *context;
        DmQmp *qmp;
        int stderr_fd;
        GSource *stderr_source;
        GString *words_kept; /* the end of what it wrote to stderr */
        gint64 deadline_us;  /* monotonic */
        int limit_ms;        /* the same, for messages */
} DmEmulator;

/* Starts @path and waits until it is ready for questions.  *ret_ended (nullable) is set when it fails: TRUE
 * when the program was started and ended by itself, so that a start with other words may do better. */
DmEmulator *dm_emulator_start(const char *path, const char *accel, const DmProbeHome *home,
                              const DmProbeOptions *options, gint64 deadline_us, gboolean *ret_ended,
                              GError **error);
/* Asks it to quit, and kills it when it does not within a second. */
void dm_emulator_end(DmEmulator *e);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmEmulator, dm_emulator_end)

/* The program that runs, which a wrapper may have been replaced by; NULL when the kernel does not tell.
 * Owned. */
char *dm_emulator_program(const DmEmulator *e);
/* Directories that @program loads its modules from: those it has loaded some from, and those that it would
 * look into. Owned (g_strfreev). */
char **dm_emulator_module_dirs(const DmEmulator *e, const char *program);
