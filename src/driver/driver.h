/* The embedded driver: one root directory, its guests, and what they share.
 *
 * Locks, in order: driver (the two name tables, the id counter) → guest (its view pointer).  Neither is held
 * across anything that waits. */
#pragma once

#include "conf/findings.h"
#include "driver/event_bus.h"
#include "driver/guest.h"
#include "qemu/caps.h"
#include "qemu/host.h"

typedef enum DmDriverFlags {
        DM_DRIVER_SERVE =
                1 << 0, /* other processes become our clients, by the socket in the root (serve.h) */
        DM_DRIVER_AUTOSTART = 1 << 1 /* guests that are marked for it are started, once after each boot */
} DmDriverFlags;

/* Opens the driver of @root (absolute, made if missing), or shares the one that this process has open
 * already.
 * @cache_dir NULL: below the root.  DM_ERROR_BUSY when another process owns the root.  The flags count for
 * who opens it first. */
DmDriver *dm_driver_open(const char *root, const char *cache_dir, DmDriverFlags flags, GError **error);
/* To be called for each dm_driver_open().  With the last one the clients' connections end. */
void dm_driver_leave(DmDriver *d);
DmDriver *dm_driver_ref(DmDriver *d);
/* With the last reference: guests with autodestroy are ended, others left running, threads joined. */
void dm_driver_unref(DmDriver *d);

const char *dm_driver_root(const DmDriver *d);
DmEventBus *dm_driver_bus(DmDriver *d);
/* What opening found wrong; written only while it opens. */
DmFindings *dm_driver_findings(DmDriver *d);
DmExecutorGroup *dm_driver_executors(DmDriver *d);
DmCapsSource *dm_driver_caps(DmDriver *d);
/* Facts of this machine, true now; @test_kvm: also whether KVM can be used (see dm_host_cache_get()).  Owned.
 */
DmHost *dm_driver_host(DmDriver *d, gboolean test_kvm);

/* ---- registry ---- */

/* Reserves name and uuid for a new guest: from now on nobody else can have them.  DM_ERROR_EXISTS names the
 * clash. */
DmGuest *dm_driver_reserve(DmDriver *d, const char *uuid, const char *name, GError **error);
/* The guest that has both, or a new one for which they are reserved (*ret_new). */
DmGuest *dm_driver_find_or_reserve(DmDriver *d, const char *uuid, const char *name, gboolean *ret_new,
                                   GError **error);
/* Puts @to in the place of @from, which has the same uuid and does not run: a rename.  DM_ERROR_EXISTS when
 * the name is taken. */
gboolean dm_driver_replace(DmDriver *d, DmGuest *from, DmGuest *to, GError **error);
/* Takes @g out: name and uuid are free again.  Its last view is remembered for a while. */
void dm_driver_forget(DmDriver *d, DmGuest *g);
/* The last view of a guest that is no longer there; NULL when it is too long ago.  Owned. */
DmView *dm_driver_last_view(DmDriver *d, const char *uuid);
DmGuest *dm_driver_find_name(DmDriver *d, const char *name);
DmGuest *dm_driver_find_uuid(DmDriver *d, const char *uuid);
DmGuest *dm_driver_find_id(DmDriver *d, int id);
GPtrArray *dm_driver_guests(DmDriver *d); /* owned array of owned references */
int dm_driver_next_id(DmDriver *d);
/* An adopted guest has @id: no other gets it. */
void dm_driver_saw_id(DmDriver *d, int id);
/* Directories of one guest's run.  Owned. */
char *dm_driver_run_dir(const DmDriver *d, const char *uuid);
char *dm_driver_log_path(const DmDriver *d, const char *name);
char *dm_driver_nvram_dir(const DmDriver *d);
