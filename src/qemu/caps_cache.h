/* The emulators of this host: probed at first need, remembered in memory and on disk for as long as they are
 * the same programs.
 *
 * Any thread may ask.  Who asks for an emulator that is being probed waits for that probe; at most
 * DM_CAPS_PROBES run at a time, in the order in which they were asked for.  Every answer is checked against
 * the files first (a few stat(2)), so a new package, module or mode of /dev/kvm is seen by the next call. */
#pragma once

#include "qemu/caps.h"
#include "qemu/caps_probe.h"

#define DM_CAPS_PROBES 2
/* A failure is remembered this long, if the program does not change before. */
#define DM_CAPS_FAILURE_MS 30000

typedef struct DmCapsCache DmCapsCache;

typedef struct DmCapsCacheOptions {
        const char *dir; /* for the files: made when missing, nothing in it is needed; NULL: memory only */
        DmProbeOptions probe;   /* as whom, how long; its record is not used */
        const char *kvm_device; /* NULL: /dev/kvm */
        int failure_ms;         /* 0: DM_CAPS_FAILURE_MS */
} DmCapsCacheOptions;

/* @options is copied. */
DmCapsCache *dm_caps_cache_new(const DmCapsCacheOptions *options);
/* No call may be under way. */
void dm_caps_cache_free(DmCapsCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmCapsCache, dm_caps_cache_free)

/* Lives as long as @cache. */
DmCapsSource *dm_caps_cache_source(DmCapsCache *cache);

/* As the source's get(), with tcg_models and tcg_model (one more start at first need). */
DmCaps *dm_caps_cache_get_tcg(DmCapsCache *cache, const char *path, GError **error);
/* As the source's get(), with the options of @machine: see dm_caps_probe_machine(). */
DmCaps *dm_caps_cache_get_machine(DmCapsCache *cache, const char *path, const char *machine, GError **error);

/* Makes sure that all of @paths are known, DM_CAPS_PROBES at a time; what fails, fails when it is asked for.
 */
void dm_caps_cache_warm(DmCapsCache *cache, char *const *paths);

/* Probes that were made since the start: emulator processes and failed attempts. */
guint dm_caps_cache_probes(DmCapsCache *cache);
