/* Recovery (see recover.h).
 *
 * Definitions first, so that an adopted guest finds its own; then all runs side by side, each on its own
 * executor: one that hangs takes DM_RUN_ADOPT_TIMEOUT_MS, and no other waits for it. */
#include "driver/recover.h"

#include <string.h>

#include "conf/findings.h"
#include "driver/guest_jobs.h"
#include "driver/guest_owner.h"
#include "driver/store.h"
#include "util/file.h"

/* ---- definitions ---- */

static void load_definitions(DmDriver *d)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = dm_store_load(dm_driver_root(d), dm_driver_findings(d), &error);
        if (!list)
                dm_findings_add_error(dm_driver_findings(d), error);
        for (guint i = 0; list && i < list->len; i++) {
                const DmStored *s = g_ptr_array_index(list, i);
                g_autoptr(GError) clash = NULL;
                g_autoptr(DmGuest) g = dm_driver_reserve(d, s->domain->uuid, s->domain->name, &clash);
                if (!g) {
                        dm_findings_add_error(dm_driver_findings(d), clash);
                        continue;
                }
                DmView *v = dm_view_copy(NULL);
                dm_view_set_domain(v, s->domain);
                dm_view_set_next(v, s->domain);
                v->autostart = s->autostart;
                dm_guest_publish(g, v);
        }
}

/* ---- runs ---- */

typedef struct Adoption {
        char *dir;          /* owned */
        DmRunStatus status; /* owned */
        DmDomain *domain;   /* owned until adopted */
} Adoption;

static void adoption_free(void *p)
{
        Adoption *a = p;
        dm_run_status_clear(&a->status);
        dm_domain_unref(a->domain);
        g_free(a->dir);
        g_free(a);
}

/* It ended while nobody looked: what is known is the state it was in, and what QEMU said last. */
static void tell_end(DmGuest *g, const Adoption *a)
{
        gboolean down = a->status.state == DM_STATE_SHUTDOWN;
        g_autofree char *tail = dm_run_log_tail(a->status.log);
        DmView *v = dm_view_copy(g->view);
        v->state = DM_STATE_SHUTOFF;
        v->reason = down ? DM_SHUTOFF_SHUTDOWN : DM_SHUTOFF_UNKNOWN;
        v->gone = !dm_view_persistent(v);
        v->exit_code = -1;
        g_free(v->exit_message);
        v->exit_message =
                g_strdup_printf("it ended while no driver ran%s%s", *tail ? "; QEMU's log ends: " : "", tail);
        dm_findings_add(dm_driver_findings(g->driver), DM_SEVERITY_NOTE, DM_ERROR_GONE, 0, NULL,
                        "domain '%s': %s", g->name, v->exit_message);
        gboolean gone = v->gone;
        g_autofree char *text = g_strdup(v->exit_message);
        dm_guest_note_end(g, v);
        dm_guest_publish(g, v);
        if (gone)
                dm_driver_forget(g->driver, g);
        dm_guest_emit(g, DM_EVENT_STOPPED, down ? DM_STOPPED_SHUTDOWN : DM_STOPPED_FAILED, 0, text);
}

static void publish_adopted(DmGuest *g, gboolean silent, const Adoption *a)
{
        DmView *v = dm_view_copy(g->view); /* on_prepared() has published definition, pid and id */
        DmState state = DM_STATE_NOSTATE;
        int reason = 0;
        dm_run_state(g->run, &state, &reason);
        v->state = state ? state : a->status.state;
        v->reason = state ? reason : a->status.reason;
        if (silent)
                v->unresponsive_us = g_get_real_time();
        dm_guest_publish(g, v);
}

/* A job of its own: its QEMU's owner is this executor from now on. */
static gboolean adopt(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        Adoption *a = args;
        DmPlan *plan = g_new0(DmPlan, 1);
        plan->domain = g_steal_pointer(&a->domain);
        plan->domain->id = (DmOptU32)DM_OPT((guint32)a->status.id);
        DmRunConfig config = {
                .plan = plan,
                .dir = g_strdup(a->dir),
                .log_path = g_strdup(a->status.log),
                .id = a->status.id,
                .handlers = dm_guest_handlers(g),
        };
        dm_guest_take_run(g, dm_run_new(&config));
        gboolean silent = FALSE;
        if (dm_run_adopt(g->run, &silent, error)) {
                publish_adopted(g, silent, a);
                dm_guest_start_ping(g);
                return TRUE;
        }
        g_ptr_array_set_size(g->consoles, 0);
        g_clear_pointer(&g->run, dm_run_free);
        dm_run_discard(a->dir);
        DmView *v = dm_view_copy(g->view);
        v->id = -1;
        v->pid = 0;
        dm_guest_publish(g, v);
        tell_end(g, a);
        return FALSE;
}

/* The guest of a run: its definition's, or a transient one. */
static DmGuest *guest_of(DmDriver *d, const Adoption *a)
{
        DmGuest *g = dm_driver_find_uuid(d, a->status.uuid);
        return g ? g : dm_driver_reserve(d, a->status.uuid, a->status.name, NULL);
}

typedef struct Countdown {
        GMutex lock;
        GCond cond;
        guint left;
} Countdown;

static void count_down(DmGuest *g G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        Countdown *c = data;
        g_mutex_lock(&c->lock);
        if (--c->left == 0)
                g_cond_signal(&c->cond);
        g_mutex_unlock(&c->lock);
}

/* Its own share of one is given up; @c is used up. */
static void wait_for_all(Countdown *c)
{
        count_down(NULL, NULL, c);
        g_mutex_lock(&c->lock);
        while (c->left)
                g_cond_wait(&c->cond, &c->lock);
        g_mutex_unlock(&c->lock);
        g_mutex_clear(&c->lock);
        g_cond_clear(&c->cond);
}

static void recover_run(DmDriver *d, const char *run, const char *name, Countdown *c)
{
        g_autofree char *dir = g_build_filename(run, name, NULL);
        if (g_str_has_suffix(name, DM_RUN_REMOVED_SUFFIX)) {
                dm_remove_tree(dir, NULL);
                return;
        }
        Adoption *a = g_new0(Adoption, 1);
        g_autoptr(GError) error = NULL;
        a->dir = g_steal_pointer(&dir);
        gboolean known = dm_run_status_read(a->dir, &a->status, &error);
        gboolean running = known && strcmp(a->status.phase, "running") == 0;
        a->domain = running ? dm_run_domain_read(a->dir, &error) : NULL;
        g_autoptr(DmGuest) g = a->domain ? guest_of(d, a) : NULL;
        if (known)
                dm_driver_saw_id(d, strcmp(a->status.boot_id, dm_boot_id()) == 0 ? a->status.id : 0);
        if (!g) {
                /* Before the first write of status.json nothing was started; a start that was not finished is
                 * ended. */
                if (known && running)
                        dm_findings_add(dm_driver_findings(d), DM_SEVERITY_ERROR, DM_ERROR_FAILED, 0, a->dir,
                                        "a run that can't be adopted is ended: %s",
                                        error ? error->message : "its name belongs to another guest");
                dm_run_discard(a->dir);
                adoption_free(a);
                return;
        }
        g_mutex_lock(&c->lock);
        c->left++;
        g_mutex_unlock(&c->lock);
        dm_guest_submit(g, adopt, a, adoption_free, 0, NULL, count_down, c);
}

static void recover_runs(DmDriver *d)
{
        g_autofree char *run = g_build_filename(dm_driver_root(d), "run", NULL);
        g_autoptr(GDir) dir = g_dir_open(run, 0, NULL);
        Countdown c = { .left = 1 };
        g_mutex_init(&c.lock);
        g_cond_init(&c.cond);
        for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir))
                recover_run(d, run, name, &c);
        wait_for_all(&c);
}

void dm_driver_recover(DmDriver *d)
{
        load_definitions(d);
        recover_runs(d);
}

/* ---- autostart ---- */

#define MARK_MAX 128 /* bytes of the file that tells when it was done */

/* FALSE: since this boot it was done.  Marked before the first start: a guest that takes the driver down with
 * it must not do so at each opening. */
static gboolean is_due(DmDriver *d)
{
        g_autofree char *path = g_build_filename(dm_driver_root(d), "autostarted", NULL), *text = NULL;
        g_autoptr(GError) error = NULL;
        if (dm_file_read(path, MARK_MAX, &text, NULL, NULL) && strcmp(text, dm_boot_id()) == 0)
                return FALSE;
        if (dm_file_write_atomic(path, dm_boot_id(), strlen(dm_boot_id()), 0600, DM_FILE_PLAIN, &error))
                return TRUE;
        dm_findings_add_error(dm_driver_findings(d), error);
        return FALSE;
}

static void on_autostarted(DmGuest *g, const GError *error, void *data)
{
        Countdown *c = data;
        g_mutex_lock(&c->lock);
        if (error)
                dm_findings_add(dm_driver_findings(g->driver), DM_SEVERITY_ERROR, DM_ERROR_FAILED, 0, NULL,
                                "autostart: %s", error->message);
        g_mutex_unlock(&c->lock);
        count_down(g, error, data);
}

void dm_driver_autostart(DmDriver *d)
{
        if (!is_due(d))
                return;
        g_autoptr(GPtrArray) guests = dm_driver_guests(d);
        Countdown c = { .left = guests->len + 1 };
        g_mutex_init(&c.lock);
        g_cond_init(&c.cond);
        for (guint i = 0; i < guests->len; i++) {
                DmGuest *g = g_ptr_array_index(guests, i);
                g_autoptr(DmView) v = dm_guest_view(g);
                if (v->autostart && !dm_view_active(v))
                        dm_guest_submit(g, dm_job_start, NULL, NULL, 0, NULL, on_autostarted, &c);
                else
                        count_down(g, NULL, &c);
        }
        wait_for_all(&c);
}
