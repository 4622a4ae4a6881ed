/* Jobs that change a definition: the stored one, the running one, or both. */
#pragma once

#include <domus/domus.h>

#include "conf/domain.h"
#include "driver/guest.h"

/* Changes @d, which is a copy. */
typedef gboolean (*DmEditFn)(DmDomain *d, const void *args, GError **error);
typedef struct DmEditArgs {
        unsigned affect;       /* DomusAffect */
        DmEditFn live, config; /* NULL: nothing is to be changed in that one */
        void *args;            /* owned with free_args */
        GDestroyNotify free_args;
} DmEditArgs;
void dm_edit_args_free(void *args);
gboolean dm_job_edit(DmGuest *g, DmJob *job, void *args, GError **error);

typedef struct DmSetMemoryArgs {
        unsigned affect;
        guint64 kib;
} DmSetMemoryArgs;
gboolean dm_job_set_memory(DmGuest *g, DmJob *job, void *args, GError **error);

/* LIVE and CONFIG as they are meant of a guest in this state; 0 with the reason. */
unsigned dm_affect_resolve(const DmView *v, const char *name, unsigned affect, GError **error);
