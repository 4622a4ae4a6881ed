/* The owner's side of a guest: only for closures on its executor (guest*.c). */
#pragma once

#include "driver/guest.h"
#include "qemu/run.h"

/* A run as those know it who have queued something for it: what comes too late does not touch the next run.
 * The executor's own. */
typedef struct DmRunEnd {
        gatomicrefcount refs;
        gboolean answered; /* a destroy has answered for its end: one does */
} DmRunEnd;

struct DmGuest {
        gatomicrefcount refs;
        DmDriver *driver; /* borrowed */
        char *uuid, *name;

        GMutex lock; /* view, executor */
        DmView *view;
        DmExecutor *executor; /* nullable: created when first needed, dropped when the guest ends */

        /* -- the executor's own from here -- */
        DmRun *run;          /* NULL: not running */
        GPtrArray *consoles; /* DmConsole */
        gboolean autodestroy;
        gboolean destroying;     /* a destroy is on its way */
        DmRunEnd *end;           /* of the current run, or the last one; nullable, owned */
        gboolean reboot_pending; /* the next power-off of the guest is a reboot */
        gboolean powered_off;    /* the guest has shut itself down */
        gboolean panicked;
        gboolean finishing; /* the end is queued */
        GSource *ping;
        guint64 ping_id; /* the unanswered one, 0: none */
};

/* Publishes @view (taken) as the guest's current one. */
void dm_guest_publish(DmGuest *g, DmView *view);
void dm_guest_emit(DmGuest *g, DmEventType type, int detail, gint64 value, const char *text);
DmRunEnd *dm_run_end_ref(DmRunEnd *end);
void dm_run_end_unref(void *end); /* nullable */
/* The guest's run from now on; takes it. */
void dm_guest_take_run(DmGuest *g, DmRun *run);
/* Writes into the history that the run has ended as @v, not published yet, says. */
void dm_guest_note_end(const DmGuest *g, const DmView *v);
/* guest_end.c: ends QEMU if it still runs, tells everybody, forgets a transient guest. */
void dm_guest_finish(DmGuest *g, int grace_ms);
/* The same as a job of its own: for event handlers, which may run inside another job. */
void dm_guest_finish_later(DmGuest *g);
/* guest_watch.c: what QEMU and the guest do by themselves. */
DmRunHandlers dm_guest_handlers(DmGuest *g);
void dm_guest_start_ping(DmGuest *g);
void dm_guest_stop_ping(DmGuest *g);
