/* Jobs that pass something to QEMU and bring back what it says. */
#pragma once

#include <domus/domus.h>

#include "driver/guest.h"

typedef struct DmMonitorArgs {
        char *command; /* owned */
        gboolean hmp;
        char **ret;
} DmMonitorArgs;
void dm_monitor_args_free(void *args);
gboolean dm_job_monitor(DmGuest *g, DmJob *job, void *args, GError **error);

typedef struct DmKeysArgs {
        unsigned qnums[DOMUS_KEYS_MAX]; /* QEMU's numbers of keys */
        unsigned n, hold_ms;
} DmKeysArgs;
/* QEMU's number of a key; 0: there is none. */
unsigned dm_key_qnum(DomusKeySet set, unsigned key);
gboolean dm_job_send_keys(DmGuest *g, DmJob *job, void *args, GError **error);

gboolean dm_job_inject_nmi(DmGuest *g, DmJob *job, void *args, GError **error);

typedef struct DmScreenshotArgs {
        unsigned screen;
        int *ret_fd;
        const char **ret_mime;
} DmScreenshotArgs;
gboolean dm_job_screenshot(DmGuest *g, DmJob *job, void *args, GError **error);

typedef struct DmGraphicsArgs {
        unsigned index;
        gboolean no_password;
        int *ret_fd;
} DmGraphicsArgs;
gboolean dm_job_open_graphics(DmGuest *g, DmJob *job, void *args, GError **error);
