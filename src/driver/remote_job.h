/* Jobs of another driver as DomusCall has them: waited for or not, with deadline and cancellation. */
#pragma once

#include <domus/domus.h>

#include "driver/remote.h"

typedef struct DmRemoteJob DmRemoteJob;

/* What a job's end tells a waiting caller. */
typedef struct DmRemoteEnd {
        gboolean has_exit;
        DomusExit exit;
} DmRemoteEnd;

/* @call is nullable. */
DmRemoteJob *dm_remote_job_new(DmRemote *r, const DomusCall *call);
void dm_remote_job_free(DmRemoteJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmRemoteJob, dm_remote_job_free)

guint64 dm_remote_job_token(const DmRemoteJob *job);
int dm_remote_job_timeout_ms(const DmRemoteJob *job);

/* Begins it by the procedure @number, whose @args hold token and timeout. */
gboolean dm_remote_job_begin(DmRemoteJob *job, gint32 number, const void *args, void *ret, GError **error);
/* After it has begun: waits for its end; or, when the call is asynchronous, returns TRUE, and the callback
 * will hear of @domain. */
gboolean dm_remote_job_finish(DmRemoteJob *job, DomusDomain *domain, DomusExit *ret_exit, GError **error);
