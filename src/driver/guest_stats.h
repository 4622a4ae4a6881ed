/* Figures of a guest: from its view, from the host, and what only QEMU knows. */
#pragma once

#include <domus/domus.h>

#include "driver/guest.h"

/* Host CPU time of a process, or of one of its threads (@tid > 0), in ns; FALSE when it is gone.  @ret_cpu
 * (nullable): where it ran last. */
gboolean dm_process_cpu_time(int pid, int tid, guint64 *ret_user, guint64 *ret_system, int *ret_cpu);

/* a{sv}, owned: what can be told without QEMU and without looking at images. */
GVariant *dm_guest_stats_known(const DmView *v, unsigned groups);

/* Jobs. */
typedef struct DmStatsArgs {
        unsigned groups;
        GVariant **ret;
} DmStatsArgs;
gboolean dm_job_stats(DmGuest *g, DmJob *job, void *args, GError **error);
typedef struct DmBlockStatsArgs {
        char *disk; /* owned */
        DomusBlockStats *ret;
} DmBlockStatsArgs;
gboolean dm_job_block_stats(DmGuest *g, DmJob *job, void *args, GError **error);
/* @args: GArray ** */
gboolean dm_job_vcpus(DmGuest *g, DmJob *job, void *args, GError **error);

/* The image of @disk; `ret_info` gets sizes only. */
gboolean dm_guest_block_info(const DmView *v, const char *name, const char *disk, DomusBlockStats *ret_info,
                             GError **error);
gboolean dm_guest_interface_stats(const DmView *v, const char *name, const char *interface,
                                  DomusInterfaceStats *ret_stats, GError **error);
