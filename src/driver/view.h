/* What readers see of a guest: an immutable, reference-counted picture that its owner publishes.  A reader
 * takes the current one and never waits, whatever QEMU does. */
#pragma once

#include "conf/domain.h"
#include "qemu/state.h"

typedef struct DmView {
        gatomicrefcount refs;
        DmDomain
                *domain; /* the running definition, or the one that would be started; shared, never changed */
        DmDomain *next;  /* what the next start uses; NULL: transient */
        DmState state;
        int reason;
        int id;                 /* -1: not running */
        int pid;                /* 0: not running */
        gint64 started_us;      /* wall clock */
        gint64 unresponsive_us; /* wall clock, 0: QEMU answers */
        guint64 memory_kib;     /* last known balloon */
        gboolean autostart;
        gboolean updated; /* defined anew since it was started */
        gboolean gone;    /* it was transient and has ended: nobody finds it any more */
        /* how the last run ended */
        int exit_code, exit_signal; /* -1, 0 */
        char *exit_message;         /* nullable */
} DmView;

/* A changeable copy of @from (NULL: empty, shut off), to be published. */
DmView *dm_view_copy(const DmView *from);
DmView *dm_view_ref(DmView *v);
void dm_view_unref(DmView *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmView, dm_view_unref)
/* Replaces v->domain (v->next) by a reference to @d (nullable). */
void dm_view_set_domain(DmView *v, const DmDomain *d);
void dm_view_set_next(DmView *v, const DmDomain *d);
static inline gboolean dm_view_persistent(const DmView *v)
{
        return v->next != NULL;
}
/* TRUE while there is a QEMU. */
static inline gboolean dm_view_active(const DmView *v)
{
        return v->id >= 0;
}
