/* The operations on a guest: bodies of jobs for dm_guest_submit(), and what works without a job. */
#pragma once

#include "conf/domain.h"
#include "driver/guest.h"

typedef struct DmCreateArgs {
        DmDomain *domain;  /* taken */
        DmGuest *reserved; /* taken; set back to NULL by the job that starts it.  Else the name is given back
                            */
        gboolean paused, autodestroy;
} DmCreateArgs;
gboolean dm_job_create(DmGuest *g, DmJob *job, void *args, GError **error);
/* Flags of dm_job_start(), given as GINT_TO_POINTER(). */
enum { DM_START_PAUSED = 1 << 0, DM_START_AUTODESTROY = 1 << 1 };
gboolean dm_job_start(DmGuest *g, DmJob *job, void *args, GError **error);
/* Arguments: DmCreateArgs; `reserved` only when the guest is new. */
gboolean dm_job_define(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_undefine(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_autostart(DmGuest *g, DmJob *job, void *args, GError **error);
/* Arguments: the new name. */
gboolean dm_job_rename(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_shutdown(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_reboot(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_reset(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_suspend(DmGuest *g, DmJob *job, void *args, GError **error);
gboolean dm_job_resume(DmGuest *g, DmJob *job, void *args, GError **error);
/* Ends a run: dm_guest_kill() signals at once, even behind a job that hangs on this QEMU; the job with the
 * same arguments, submitted after it, answers.  One destroy answers for each run. */
typedef struct DmDestroyArgs DmDestroyArgs;
DmDestroyArgs *dm_destroy_args_new(gboolean force);
void dm_destroy_args_unref(void *args);
void dm_guest_kill(DmGuest *g, DmDestroyArgs *args);
gboolean dm_job_destroy(DmGuest *g, DmJob *job, void *args, GError **error);
/* A console stream: descriptor or -1.  Does not wait for QEMU. */
int dm_guest_open_console(DmGuest *g, const char *alias, gboolean history, gboolean force, GError **error);
void dm_create_args_free(void *args);
