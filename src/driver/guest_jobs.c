/* The operations on a guest, as jobs on its executor: straight-line code that may wait for QEMU. */
#include "driver/console.h"
#include "driver/driver.h"
#include "driver/guest_jobs.h"
#include "driver/guest_owner.h"
#include "driver/history.h"
#include "driver/store.h"

/* A guest that never came up: nobody finds it any more. */
static void give_up(DmGuest *g)
{
        DmView *v = dm_view_copy(NULL);
        v->reason = DM_SHUTOFF_FAILED;
        v->gone = TRUE;
        dm_guest_publish(g, v);
        dm_driver_forget(g->driver, g);
}

void dm_create_args_free(void *args)
{
        DmCreateArgs *a = args;
        if (a->reserved)
                give_up(a->reserved);
        dm_guest_unref(a->reserved);
        dm_domain_unref(a->domain);
        g_free(a);
}

/* A job may come to its turn when the guest has been undefined or has got another name, or before that of a
 * define which has only reserved its name. */
static gboolean still_there(const DmGuest *g, GError **error)
{
        return (!g->view->gone && g->view->domain) ||
               dm_fail(error, DM_ERROR_NOT_FOUND, "domain '%s' is not there", g->name);
}

/* ---- create ---- */

static DmRun *new_run(DmGuest *g, DmJob *job, DmPlan *plan, gboolean paused)
{
        DmRunConfig config = {
                .plan = plan,
                .dir = dm_driver_run_dir(g->driver, g->uuid),
                .log_path = dm_driver_log_path(g->driver, g->name),
                .nvram_dir = dm_driver_nvram_dir(g->driver),
                .id = dm_driver_next_id(g->driver),
                .paused = paused,
                .dies_with_owner = g->autodestroy,
                .cancel = dm_job_cancel(job),
                .timeout_ms = dm_job_time_left(job, 0),
                .handlers = dm_guest_handlers(g),
        };
        plan->domain->id = (DmOptU32)DM_OPT((guint32)config.id);
        return dm_run_new(&config);
}

/* @domain is taken.  Looks at the host, resolves; pure from there.  @now: its files must be there. */
static DmPlan *resolve(DmGuest *g, DmDomain *domain, DmResolveFlags flags, gboolean now, GError **error)
{
        /* A plain emulated guest has no use for KVM; every other type may come to it. */
        gboolean plain = g_strcmp0(domain->type, "qemu") == 0 && g_strcmp0(domain->os.type, "hvm") == 0;
        g_autoptr(DmHost) host = dm_driver_host(g->driver, !plain);
        dm_host_gather(host, domain);
        g_autoptr(DmPlan) p = dm_resolve(domain, host, dm_driver_caps(g->driver), flags, NULL, error);
        return p && (!now || dm_plan_check_files(p, host, error)) ? g_steal_pointer(&p) : NULL;
}

static gboolean start(DmGuest *g, DmJob *job, DmDomain *domain, DmResolveFlags flags, gboolean paused,
                      GError **error)
{
        g_autoptr(DmPlan) plan = resolve(g, domain, flags, TRUE, error);
        if (!plan)
                return FALSE;
        dm_guest_take_run(g, new_run(g, job, g_steal_pointer(&plan), paused));
        g_autoptr(GError) failure = NULL;
        if (dm_run_start(g->run, &failure))
                return TRUE;
        if (g->destroying)
                dm_fail(error, DM_ERROR_CANCELLED, "it was destroyed while it started");
        else
                g_propagate_error(error, g_steal_pointer(&failure));
        g->destroying = FALSE;
        g_ptr_array_set_size(g->consoles, 0);
        g_clear_pointer(&g->run, dm_run_free);
        return FALSE;
}

static void publish_started(DmGuest *g, gboolean paused)
{
        DmView *v = dm_view_copy(g->view);
        v->state = paused ? DM_STATE_PAUSED : DM_STATE_RUNNING;
        v->reason = paused ? DM_PAUSED_USER : DM_RUNNING_BOOTED;
        dm_guest_publish(g, v);
        dm_run_note_state(g->run, v->state, v->reason);
        dm_guest_emit(g, DM_EVENT_STARTED, DM_STARTED_BOOTED, 0, NULL);
        if (paused)
                dm_guest_emit(g, DM_EVENT_SUSPENDED, DM_SUSPENDED_PAUSED, 0, NULL);
}

static void started(DmGuest *g, gboolean paused)
{
        publish_started(g, paused);
        if (dm_view_persistent(g->view))
                dm_history_started(dm_driver_root(g->driver), g->uuid, g->view->started_us);
        dm_guest_start_ping(g);
        dm_run_release(g->run);
}

gboolean dm_job_create(DmGuest *g, DmJob *job, void *args, GError **error)
{
        DmCreateArgs *a = args;
        g->autodestroy = a->autodestroy;
        if (!start(g, job, g_steal_pointer(&a->domain), DM_RESOLVE_NEW, a->paused, error)) {
                g_prefix_error(error, "domain '%s': ", g->name);
                return FALSE; /* the arguments still hold the reservation */
        }
        g_clear_pointer(&a->reserved, dm_guest_unref);
        started(g, a->paused);
        return TRUE;
}

/* ---- defined guests ---- */

/* @args: GINT_TO_POINTER(DM_START_* flags). */
gboolean dm_job_start(DmGuest *g, DmJob *job, void *args, GError **error)
{
        int flags = GPOINTER_TO_INT(args);
        if (g->run)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is running already", g->name);
        if (!g->view->next)
                return dm_fail(error, DM_ERROR_NOT_FOUND, "domain '%s' is no longer there", g->name);
        g->autodestroy = (flags & DM_START_AUTODESTROY) != 0;
        if (start(g, job, dm_domain_copy(g->view->next), 0, (flags & DM_START_PAUSED) != 0, error)) {
                started(g, (flags & DM_START_PAUSED) != 0);
                return TRUE;
        }
        g_prefix_error(error, "domain '%s': ", g->name);
        DmView *v = dm_view_copy(g->view); /* it may have been shown as starting */
        dm_view_set_domain(v, v->next);
        v->state = DM_STATE_SHUTOFF;
        v->reason = DM_SHUTOFF_FAILED;
        v->id = -1;
        v->pid = 0;
        v->started_us = 0;
        dm_guest_publish(g, v);
        const DmHistoryRun failed = { .ended_us = g_get_real_time(),
                                      .reason = DM_SHUTOFF_FAILED,
                                      .exit_code = -1,
                                      .message = error ? (*error)->message : NULL };
        dm_history_ended(dm_driver_root(g->driver), g->uuid, &failed);
        return FALSE;
}

/* @args: DmCreateArgs; the definition is resolved, so that it says all that is decided, and written. */
gboolean dm_job_define(DmGuest *g, DmJob *job, void *args, GError **error)
{
        DmCreateArgs *a = args;
        if (g->view->gone) { /* it was, when we looked it up: whoever has its name now, or a new one */
                gboolean new;
                g_autoptr(DmGuest) now =
                        dm_driver_find_or_reserve(g->driver, a->domain->uuid, a->domain->name, &new, error);
                if (!now)
                        return FALSE;
                a->reserved = new ? dm_guest_ref(now) : NULL;
                return dm_job_forward(job, now);
        }
        g_autoptr(DmPlan) plan = resolve(g, g_steal_pointer(&a->domain), DM_RESOLVE_NEW, FALSE, error);
        if (!plan || !dm_store_save(dm_driver_root(g->driver), plan->domain, error)) {
                g_prefix_error(error, "domain '%s': ", g->name);
                return FALSE;
        }
        gboolean updated = dm_view_persistent(g->view);
        g_clear_pointer(&a->reserved, dm_guest_unref);
        DmView *v = dm_view_copy(g->view);
        dm_view_set_next(v, plan->domain);
        v->updated = dm_view_active(v);
        if (!v->updated)
                dm_view_set_domain(v, plan->domain);
        dm_guest_publish(g, v);
        dm_guest_emit(g, DM_EVENT_DEFINED, updated ? DM_DEFINED_UPDATED : DM_DEFINED_ADDED, 0, NULL);
        return TRUE;
}

gboolean dm_job_undefine(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args G_GNUC_UNUSED, GError **error)
{
        if (!still_there(g, error))
                return FALSE;
        if (!dm_view_persistent(g->view))
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not defined: it is transient",
                               g->name);
        if (!dm_store_remove(dm_driver_root(g->driver), g->uuid, error))
                return FALSE;
        dm_history_remove(dm_driver_root(g->driver), g->uuid);
        DmView *v = dm_view_copy(g->view);
        dm_view_set_next(v, NULL);
        v->autostart = FALSE;
        v->gone = !dm_view_active(v);
        gboolean gone = v->gone;
        dm_guest_publish(g, v);
        if (gone)
                dm_driver_forget(g->driver, g);
        dm_guest_emit(g, DM_EVENT_UNDEFINED, 0, 0, NULL);
        return TRUE;
}

gboolean dm_job_autostart(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        if (!still_there(g, error))
                return FALSE;
        if (!dm_view_persistent(g->view))
                return dm_fail(error, DM_ERROR_BAD_STATE,
                               "domain '%s' is transient: only a defined one can be autostarted", g->name);
        if (!dm_store_save_flags(dm_driver_root(g->driver), g->uuid, GPOINTER_TO_INT(args), error))
                return FALSE;
        DmView *v = dm_view_copy(g->view);
        v->autostart = GPOINTER_TO_INT(args);
        dm_guest_publish(g, v);
        return TRUE;
}

/* @args: the new name.  A guest of that name takes the place of this one; they share the uuid, which is what
 * others know it by. */
gboolean dm_job_rename(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        const char *name = args;
        if (g->run)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is running: shut it down to rename it",
                               g->name);
        if (!dm_view_persistent(g->view))
                return dm_fail(error, DM_ERROR_NOT_FOUND, "domain '%s' is no longer there", g->name);
        g_autoptr(DmDomain) d = dm_domain_copy(g->view->next);
        g_free(d->name);
        d->name = g_strdup(name);
        g_autoptr(DmGuest) to = dm_guest_new(g->driver, g->uuid, name);
        DmView *v = dm_view_copy(g->view);
        dm_view_set_next(v, d);
        dm_view_set_domain(v, d);
        dm_guest_publish(to, v);
        if (!dm_driver_replace(g->driver, g, to, error))
                return FALSE;
        if (!dm_store_save(dm_driver_root(g->driver), d, error)) {
                dm_driver_replace(g->driver, to, g, NULL);
                return FALSE;
        }
        DmView *old = dm_view_copy(g->view); /* for jobs that still wait for it */
        dm_view_set_next(old, NULL);
        old->gone = TRUE;
        dm_guest_publish(g, old);
        dm_guest_emit(g, DM_EVENT_UNDEFINED, DM_UNDEFINED_RENAMED, 0, NULL);
        dm_guest_emit(to, DM_EVENT_DEFINED, DM_DEFINED_RENAMED, 0, NULL);
        return TRUE;
}

/* ---- operations on a running guest ---- */

static gboolean need_run(DmGuest *g, GError **error)
{
        if (g->run && !g->finishing && !dm_run_exited(g->run))
                return TRUE;
        return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
}

static gboolean command(DmGuest *g, DmJob *job, const char *name, GError **error)
{
        if (dm_run_command(g->run, name, NULL, dm_job_cancel(job), dm_job_time_left(job, 0), error))
                return TRUE;
        g_prefix_error(error, "domain '%s': ", g->name);
        return FALSE;
}

gboolean dm_job_shutdown(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        if (!need_run(g, error))
                return FALSE;
        g->reboot_pending = FALSE;
        return command(g, job, "system_powerdown", error);
}

gboolean dm_job_reboot(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        if (!need_run(g, error))
                return FALSE;
        g->reboot_pending = TRUE;
        if (command(g, job, "system_powerdown", error))
                return TRUE;
        g->reboot_pending = FALSE;
        return FALSE;
}

gboolean dm_job_reset(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        return need_run(g, error) && command(g, job, "system_reset", error);
}

gboolean dm_job_suspend(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        if (!need_run(g, error))
                return FALSE;
        if (g->view->state == DM_STATE_PAUSED)
                return TRUE;
        if (g->view->state != DM_STATE_RUNNING)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is %s, it can't be suspended", g->name,
                               dm_state_name(g->view->state));
        return command(g, job, "stop", error);
}

gboolean dm_job_resume(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        if (!need_run(g, error))
                return FALSE;
        if (g->view->state == DM_STATE_RUNNING)
                return TRUE;
        if (g->view->state != DM_STATE_PAUSED)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is %s, it can't be resumed", g->name,
                               dm_state_name(g->view->state));
        return command(g, job, "cont", error);
}

/* ---- destroy ---- */

struct DmDestroyArgs {
        gatomicrefcount refs;
        gboolean force;
        DmRunEnd *end; /* of the run that was signalled; NULL: there was none.  The executor's own */
};

DmDestroyArgs *dm_destroy_args_new(gboolean force)
{
        DmDestroyArgs *a = g_new0(DmDestroyArgs, 1);
        g_atomic_ref_count_init(&a->refs);
        a->force = force;
        return a;
}

void dm_destroy_args_unref(void *args)
{
        DmDestroyArgs *a = args;
        if (!g_atomic_ref_count_dec(&a->refs))
                return;
        dm_run_end_unref(a->end);
        g_free(a);
}

static void kill_now(DmGuest *g, void *args)
{
        DmDestroyArgs *a = args;
        if (!g->run)
                return;
        g->destroying = TRUE;
        a->end = dm_run_end_ref(g->end);
        dm_run_signal(g->run, a->force);
}

void dm_guest_kill(DmGuest *g, DmDestroyArgs *args)
{
        g_atomic_ref_count_inc(&args->refs);
        dm_guest_urgent(g, kill_now, args, dm_destroy_args_unref);
}

gboolean dm_job_destroy(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        const DmDestroyArgs *a = args;
        /* A run that was started after the one we have signalled is not ours to end. */
        if (g->run && (!a->end || a->end == g->end)) {
                g->destroying = TRUE;
                g->end->answered = TRUE;
                dm_guest_finish(g, a->force ? 0 : DM_RUN_GRACE_MS);
                return TRUE;
        }
        /* Our signal may have ended it before it was our turn. */
        if (a->end && !a->end->answered) {
                a->end->answered = TRUE;
                return TRUE;
        }
        return still_there(g, error) &&
               dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
}

/* ---- console ---- */

typedef struct ConsoleRequest {
        gatomicrefcount refs;
        char *alias;
        gboolean history, force;
        GMutex lock;
        GCond done_cond;
        gboolean done;
        int fd;
        GError *error;
} ConsoleRequest;

static void request_unref(void *p)
{
        ConsoleRequest *r = p;
        if (!g_atomic_ref_count_dec(&r->refs))
                return;
        g_mutex_clear(&r->lock);
        g_cond_clear(&r->done_cond);
        g_clear_error(&r->error);
        g_free(r->alias);
        g_free(r);
}

static DmConsole *find_console(DmGuest *g, const char *alias)
{
        for (guint i = 0; i < g->consoles->len; i++) {
                DmConsole *c = g_ptr_array_index(g->consoles, i);
                if (!alias || g_strcmp0(dm_console_alias(c), alias) == 0)
                        return c;
        }
        return NULL;
}

static void connect_console(DmGuest *g, void *args)
{
        ConsoleRequest *r = args;
        DmConsole *c = find_console(g, r->alias);
        g_mutex_lock(&r->lock);
        if (c)
                r->fd = dm_console_connect(c, r->history, r->force, &r->error);
        else if (r->alias)
                dm_fail(&r->error, DM_ERROR_NOT_FOUND, "domain '%s' has no console '%s' of type 'pty'",
                        g->name, r->alias);
        else
                dm_fail(&r->error, DM_ERROR_NOT_FOUND,
                        "domain '%s' has no console: add <serial type='pty'/> to its <devices>", g->name);
        r->done = TRUE;
        g_cond_signal(&r->done_cond);
        g_mutex_unlock(&r->lock);
}

int dm_guest_open_console(DmGuest *g, const char *alias, gboolean history, gboolean force, GError **error)
{
        ConsoleRequest *r = g_new0(ConsoleRequest, 1);
        g_atomic_ref_count_init(&r->refs);
        g_atomic_ref_count_inc(&r->refs);
        g_mutex_init(&r->lock);
        g_cond_init(&r->done_cond);
        r->alias = g_strdup(alias);
        r->history = history;
        r->force = force;
        r->fd = -1;
        if (!dm_guest_urgent(g, connect_console, r, request_unref)) {
                request_unref(r);
                dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
                return -1;
        }
        g_mutex_lock(&r->lock);
        while (!r->done)
                g_cond_wait(&r->done_cond, &r->lock);
        int fd = r->fd;
        if (r->error)
                g_propagate_error(error, g_steal_pointer(&r->error));
        g_mutex_unlock(&r->lock);
        request_unref(r);
        return fd;
}
