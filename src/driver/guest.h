/* A guest as the driver knows it: its name, its view for readers, and the executor that owns its QEMU.
 *
 * Threads.  `uuid` and `name` never change.  The view is swapped under the guest's lock, held for a pointer
 * copy only.  Everything in guest_owner.h belongs to the executor: other threads submit jobs. */
#pragma once

#include <gio/gio.h>

#include "driver/executor.h"
#include "driver/view.h"
#include "util/error.h"

typedef struct DmDriver DmDriver;
typedef struct DmGuest DmGuest;
typedef struct DmJob DmJob;

/* A job's body, on the guest's executor; may wait. */
typedef gboolean (*DmJobFn)(DmGuest *guest, DmJob *job, void *args, GError **error);
/* Called exactly once, on the executor's thread; @error is borrowed, NULL on success. */
typedef void (*DmJobDone)(DmGuest *guest, const GError *error, void *data);

/* @driver is borrowed: it outlives its guests' executors. */
DmGuest *dm_guest_new(DmDriver *driver, const char *uuid, const char *name);
DmGuest *dm_guest_ref(DmGuest *g);
void dm_guest_unref(DmGuest *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmGuest, dm_guest_unref)

const char *dm_guest_uuid(const DmGuest *g);
const char *dm_guest_name(const DmGuest *g);
DmView *dm_guest_view(DmGuest *g); /* owned reference; never NULL */
DmDriver *dm_guest_driver(const DmGuest *g);

/* Queues @fn behind the guest's other jobs.  At the deadline (@timeout_ms > 0) or when @cancel fires, a job
 * that has not begun is abandoned with TIMED_OUT or CANCELLED; one that has begun sees dm_job_time_left() and
 * dm_job_cancel(). @free_args (nullable) is called with @args in any case. */
void dm_guest_submit(DmGuest *g, DmJobFn fn, void *args, GDestroyNotify free_args, int timeout_ms,
                     GCancellable *cancel, DmJobDone done, void *data);
/* For a job's function that has found its guest replaced: the whole job, arguments and all, is submitted to
 * @to instead when the function has returned the value of this call. */
gboolean dm_job_forward(DmJob *job, DmGuest *to);
/* Runs @fn on the executor even while a job waits; @fn must not wait.  FALSE when the guest has no executor
 * (does not run). */
gboolean dm_guest_urgent(DmGuest *g, void (*fn)(DmGuest *guest, void *args), void *args,
                         GDestroyNotify free_args);

/* Milliseconds left, at least 1; @fallback_ms when the caller set no deadline. */
int dm_job_time_left(const DmJob *job, int fallback_ms);
GCancellable *dm_job_cancel(const DmJob *job); /* nullable, borrowed */
