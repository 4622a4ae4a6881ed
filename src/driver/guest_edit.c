/* Jobs that change a definition.  Published ones never change: a copy is changed, written, and published. */
#include "driver/guest_edit.h"

#include "driver/driver.h"
#include "driver/guest_owner.h"
#include "driver/store.h"

unsigned dm_affect_resolve(const DmView *v, const char *name, unsigned affect, GError **error)
{
        unsigned wanted = affect & (DOMUS_AFFECT_LIVE | DOMUS_AFFECT_CONFIG);
        if (wanted == DOMUS_AFFECT_CURRENT)
                return dm_view_active(v) ? DOMUS_AFFECT_LIVE : DOMUS_AFFECT_CONFIG;
        if ((wanted & DOMUS_AFFECT_LIVE) && !dm_view_active(v)) {
                dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", name);
                return 0;
        }
        if ((wanted & DOMUS_AFFECT_CONFIG) && !dm_view_persistent(v)) {
                dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is transient: it has no stored definition",
                        name);
                return 0;
        }
        return wanted;
}

void dm_edit_args_free(void *args)
{
        DmEditArgs *a = args;
        if (a->free_args)
                a->free_args(a->args);
        g_free(a);
}

/* A changed copy of @from that still keeps the rules between sections.  Owned. */
static DmDomain *changed(const DmDomain *from, DmEditFn fn, const void *args, GError **error)
{
        g_autoptr(DmDomain) d = dm_domain_copy(from);
        if (fn && !fn(d, args, error))
                return NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        dm_domain_check(d, findings);
        for (gsize i = 0; i < dm_findings_count(findings); i++) {
                const DmFinding *f = dm_findings_at(findings, i);
                if (f->severity == DM_SEVERITY_ERROR)
                        return dm_fail_null(error, DM_ERROR_INVALID_ARG, "%s", f->message);
        }
        return g_steal_pointer(&d);
}

static gboolean edit(DmGuest *g, unsigned wanted, DmEditFn live, DmEditFn config, const void *args,
                     GError **error)
{
        g_autoptr(DmDomain) running = NULL, stored = NULL;
        if ((wanted & DOMUS_AFFECT_LIVE) && live && !(running = changed(g->view->domain, live, args, error)))
                return FALSE;
        if ((wanted & DOMUS_AFFECT_CONFIG) && config &&
            !(stored = changed(g->view->next, config, args, error)))
                return FALSE;
        if (stored && !dm_store_save(dm_driver_root(g->driver), stored, error))
                return FALSE;
        if (running && !dm_run_save_domain(g->run, running, error))
                return FALSE;
        DmView *v = dm_view_copy(g->view);
        if (stored) {
                dm_view_set_next(v, stored);
                v->updated |= dm_view_active(v) && !running;
                if (!dm_view_active(v))
                        dm_view_set_domain(v, stored);
        }
        if (running)
                dm_view_set_domain(v, running);
        dm_guest_publish(g, v);
        if (stored)
                dm_guest_emit(g, DM_EVENT_DEFINED, DM_DEFINED_UPDATED, 0, NULL);
        return TRUE;
}

gboolean dm_job_edit(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        const DmEditArgs *a = args;
        unsigned wanted = dm_affect_resolve(g->view, g->name, a->affect, error);
        if (!wanted)
                return FALSE;
        if (!a->live && (wanted & DOMUS_AFFECT_LIVE))
                return dm_fail(error, DM_ERROR_UNSUPPORTED,
                               "this can't be changed while domain '%s' runs: change its stored definition",
                               g->name);
        return edit(g, wanted, a->live, a->config, a->args, error);
}

/* ---- memory ---- */

static gboolean set_maximum(DmDomain *d, const void *args, GError **error G_GNUC_UNUSED)
{
        guint64 bytes = *(const guint64 *)args * 1024;
        if (d->current_memory.set && d->current_memory.value > bytes)
                d->current_memory.value = bytes;
        d->memory = (DmOptU64)DM_OPT(bytes);
        return TRUE;
}

static gboolean too_much(const DmDomain *d, guint64 kib, GError **error)
{
        if (kib <= d->memory.value / 1024)
                return FALSE;
        return !dm_fail(error, DM_ERROR_INVALID_ARG,
                        "%" G_GUINT64_FORMAT " KiB are more than domain '%s' may have: %" G_GUINT64_FORMAT
                        " KiB",
                        kib, d->name, d->memory.value / 1024);
}

static gboolean set_current(DmDomain *d, const void *args, GError **error)
{
        guint64 kib = *(const guint64 *)args;
        if (too_much(d, kib, error))
                return FALSE;
        d->current_memory = (DmOptU64)DM_OPT(kib * 1024);
        return TRUE;
}

static gboolean balloon(DmGuest *g, DmJob *job, guint64 kib, GError **error)
{
        if (!g->run || g->finishing)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
        if (too_much(g->view->domain, kib, error))
                return FALSE;
        DmJson *args = dm_json_object_new();
        dm_json_add_uint(args, "value", kib * 1024);
        if (dm_run_command(g->run, "balloon", args, dm_job_cancel(job), dm_job_time_left(job, 0), error))
                return TRUE;
        g_prefix_error(error, "domain '%s': ", g->name);
        return FALSE;
}

gboolean dm_job_set_memory(DmGuest *g, DmJob *job, void *args, GError **error)
{
        const DmSetMemoryArgs *a = args;
        gboolean maximum = (a->affect & DOMUS_AFFECT_MAXIMUM) != 0;
        unsigned wanted = dm_affect_resolve(g->view, g->name, a->affect, error);
        if (!wanted)
                return FALSE;
        if (a->kib == 0 || a->kib > G_MAXUINT64 / 1024)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "a guest can't have %" G_GUINT64_FORMAT " KiB",
                               a->kib);
        if (maximum && (wanted & DOMUS_AFFECT_LIVE))
                return dm_fail(error, DM_ERROR_BAD_STATE,
                               "the maximum of memory of domain '%s' can't be changed while it runs",
                               g->name);
        if ((wanted & DOMUS_AFFECT_LIVE) && !balloon(g, job, a->kib, error))
                return FALSE;
        if (!(wanted & DOMUS_AFFECT_CONFIG))
                return TRUE;
        return edit(g, DOMUS_AFFECT_CONFIG, NULL, maximum ? set_maximum : set_current, &a->kib, error);
}
