/* Copies one descriptor to another in the main loop, without ever blocking it: a reader that stops reading
 * (a pager, a terminal that was stopped, a guest that does not listen) must not keep us from hearing a
 * signal. */
#pragma once

#include <glib.h>

typedef struct DmPump DmPump;

typedef enum DmPumpEnd {
        DM_PUMP_SOURCE_ENDED, /* end of file, and all of it was written */
        DM_PUMP_TARGET_GONE,  /* nobody takes what is written: EPIPE, EIO */
} DmPumpEnd;

typedef struct DmPumpHandlers {
        /* Of the @n bytes that were read, the first so many (at most all) are passed on.  NULL: all. */
        gsize (*filter)(const char *data, gsize n, void *user);
        /* Once; nothing is copied any more. */
        void (*ended)(DmPumpEnd how, void *user);
        void *user;
} DmPumpHandlers;

/* Reads ahead of a slow target up to @limit bytes.  Both descriptors are borrowed; neither is changed for
 * others that share it. */
DmPump *dm_pump_new(int from, int to, gsize limit, const DmPumpHandlers *handlers);
void dm_pump_free(DmPump *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmPump, dm_pump_free)
/* TRUE while something that was read is not written. */
gboolean dm_pump_pending(const DmPump *p);
