/* The last runs of a defined guest, beside its definition: when each began, and how it ended.
 *
 * Written by the guest's executor, read by anybody: each write replaces the file.  What can't be written is
 * lost: a full disk stops no guest. */
#pragma once

#include <glib.h>

#define DM_HISTORY_MAX 16 /* runs that are kept */

typedef struct DmHistoryRun {
        gint64 started_us;          /* wall clock; 0: it never ran, the start failed */
        gint64 ended_us;            /* 0: it runs */
        int reason;                 /* DM_SHUTOFF_* */
        int exit_code, exit_signal; /* -1, 0: unknown */
        char *message;              /* nullable */
} DmHistoryRun;
void dm_history_run_clear(DmHistoryRun *run);

/* Oldest first; empty when nothing is known.  Owned, with its contents. */
GArray *dm_history_read(const char *root, const char *uuid);
void dm_history_started(const char *root, const char *uuid, gint64 started_us);
/* Ends the run that is open, or adds one that nobody saw begin. */
void dm_history_ended(const char *root, const char *uuid, const DmHistoryRun *end);
void dm_history_remove(const char *root, const char *uuid);
