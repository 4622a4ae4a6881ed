/* The end of a run: why it ended, who is told, what is left. */
#include "driver/console.h"
#include "driver/driver.h"
#include "driver/guest_owner.h"
#include "driver/history.h"

typedef struct Ending {
        int reason;    /* DM_SHUTOFF_* */
        int detail;    /* of DM_EVENT_STOPPED */
        char *message; /* owned */
} Ending;

/* Classifies: what we were told to do, then what the guest said, then how the process ended. */
static Ending classify(DmGuest *g)
{
        const DmExit *e = dm_run_exit(g->run);
        g_autofree char *how = dm_exit_describe(e), *words = dm_run_last_words(g->run);
        if (g->destroying)
                return (Ending){ DM_SHUTOFF_DESTROYED, DM_STOPPED_DESTROYED, g_strdup("destroyed") };
        if (g->panicked)
                return (Ending){ DM_SHUTOFF_CRASHED, DM_STOPPED_CRASHED, g_strdup("the guest panicked") };
        if (g->powered_off)
                return (Ending){ DM_SHUTOFF_SHUTDOWN, DM_STOPPED_SHUTDOWN, g_strdup("the guest shut down") };
        if (e->kind == DM_EXIT_CODE && e->value == 0)
                return (Ending){ DM_SHUTOFF_SHUTDOWN, DM_STOPPED_SHUTDOWN,
                                 g_strdup_printf("QEMU %s: somebody asked it to end", how) };
        return (Ending){ e->kind == DM_EXIT_UNKNOWN ? DM_SHUTOFF_UNKNOWN : DM_SHUTOFF_CRASHED,
                         DM_STOPPED_FAILED, g_strdup_printf("QEMU %s%s%s", how, *words ? ": " : "", words) };
}

DmRunEnd *dm_run_end_ref(DmRunEnd *end)
{
        g_atomic_ref_count_inc(&end->refs);
        return end;
}

void dm_run_end_unref(void *p)
{
        DmRunEnd *end = p;
        if (end && g_atomic_ref_count_dec(&end->refs))
                g_free(end);
}

void dm_guest_take_run(DmGuest *g, DmRun *run)
{
        dm_run_end_unref(g->end);
        g->end = g_new0(DmRunEnd, 1);
        g_atomic_ref_count_init(&g->end->refs);
        g->run = run;
}

void dm_guest_note_end(const DmGuest *g, const DmView *v)
{
        if (!dm_view_persistent(v))
                return; /* nobody could ask for it */
        const DmHistoryRun end = { .started_us = g->view->started_us,
                                   .ended_us = g_get_real_time(),
                                   .reason = v->reason,
                                   .exit_code = v->exit_code,
                                   .exit_signal = v->exit_signal,
                                   .message = v->exit_message };
        dm_history_ended(dm_driver_root(g->driver), g->uuid, &end);
}

void dm_guest_finish(DmGuest *g, int grace_ms)
{
        if (!g->run)
                return;
        g->finishing = TRUE;
        dm_guest_stop_ping(g);
        /* Only a guest that has ended by itself needs no grace: nothing of its is unwritten in QEMU. */
        dm_run_end(g->run, grace_ms);
        Ending end = classify(g);
        const DmExit *e = dm_run_exit(g->run);

        g_ptr_array_set_size(g->consoles, 0);
        DmView *v = dm_view_copy(g->view);
        v->state = DM_STATE_SHUTOFF;
        v->reason = end.reason;
        v->id = -1;
        v->pid = 0;
        v->started_us = v->unresponsive_us = 0;
        v->exit_code = e->kind == DM_EXIT_CODE ? e->value : -1;
        v->exit_signal = e->kind == DM_EXIT_SIGNAL ? e->value : 0;
        v->gone = !dm_view_persistent(v);
        v->updated = FALSE;
        if (v->next)
                dm_view_set_domain(v, v->next);
        g_free(v->exit_message);
        v->exit_message = g_steal_pointer(&end.message);
        g_clear_pointer(&g->run, dm_run_free);
        g_autofree char *text = g_strdup(v->exit_message);
        dm_guest_note_end(g, v);
        gboolean gone = v->gone;
        dm_guest_publish(g, v);
        if (gone)
                dm_driver_forget(g->driver, g);
        dm_guest_emit(g, DM_EVENT_STOPPED, end.detail, 0, text);
        g->finishing = g->destroying = g->powered_off = g->panicked = g->reboot_pending = g->autodestroy =
                FALSE;
}

/* A destroy that was queued before us may have ended the run, and the one that is there now is another. */
static gboolean finish_job(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error G_GNUC_UNUSED)
{
        if (g->end == args)
                dm_guest_finish(g, DM_RUN_GRACE_MS);
        return TRUE;
}

void dm_guest_finish_later(DmGuest *g)
{
        if (!g->finishing)
                dm_guest_submit(g, finish_job, dm_run_end_ref(g->end), dm_run_end_unref, 0, NULL, NULL, NULL);
        g->finishing = TRUE;
}
