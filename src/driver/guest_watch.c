/* What QEMU and the guest do by themselves: events, wishes, silence, death.
 *
 * These handlers may run inside a job that waits; so they publish, tell, and queue jobs, but never wait. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/domain_chardev.h"
#include "driver/console.h"
#include "driver/guest_owner.h"
#include "util/process.h"

/* A ping every PING_S seconds that must be answered within PING_TIMEOUT_MS: a QEMU that hangs is flagged
 * within 5 s. */
#define PING_S          4
#define PING_TIMEOUT_MS 900

/* QEMU's processors also stop when the guest has shut down, and it also reports a shutdown when we end it:
 * echoes of what was told already. */
static gboolean is_echo(const DmGuest *g, const DmRunChange *change)
{
        if (change->state == DM_STATE_PAUSED)
                return g->view->state != DM_STATE_RUNNING;
        if (change->state == DM_STATE_SHUTDOWN)
                return g->destroying || g->view->state == DM_STATE_SHUTDOWN;
        return FALSE;
}

static void on_change(DmRun *run, const DmRunChange *change, void *user)
{
        DmGuest *g = user;
        if (is_echo(g, change))
                return;
        if (change->state != DM_STATE_NOSTATE) {
                DmView *v = dm_view_copy(g->view); /* only we replace it */
                v->state = change->state;
                v->reason = change->reason;
                dm_guest_publish(g, v);
                dm_run_note_state(run, change->state, change->reason);
        }
        if (change->event && change->type == DM_EVENT_BALLOON_CHANGE) {
                DmView *v = dm_view_copy(g->view);
                v->memory_kib = (guint64)change->value;
                dm_guest_publish(g, v);
        }
        if (change->event)
                dm_guest_emit(g, change->type, change->detail, change->value, change->text);
}

/* ---- wishes: on_poweroff, on_reboot, on_crash ---- */

static gboolean restart_in_place(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args, GError **error)
{
        if (g->end != args || !g->run || g->finishing)
                return TRUE;
        g->powered_off = g->panicked = FALSE;
        return dm_run_command(g->run, "system_reset", NULL, NULL, 0, error) &&
               dm_run_command(g->run, "cont", NULL, NULL, 0, error);
}

static void restart_done(DmGuest *g, const GError *error, void *data G_GNUC_UNUSED)
{
        if (error && g->run)
                dm_guest_finish_later(g);
}

static DmAction policy(const DmDomain *d, DmGuestWish wish)
{
        switch (wish) {
        case DM_WISH_POWEROFF:
                return d->on_poweroff ? d->on_poweroff : DM_ACTION_DESTROY;
        case DM_WISH_REBOOT: /* QEMU only stops at a reboot when it was told to */
                return d->on_reboot ? d->on_reboot : DM_ACTION_DESTROY;
        case DM_WISH_PANIC:
                return d->on_crash ? d->on_crash : DM_ACTION_DESTROY;
        case DM_WISH_NONE:
                break;
        }
        return DM_ACTION_PRESERVE;
}

static void on_wish(DmRun *run, DmGuestWish wish, void *user)
{
        DmGuest *g = user;
        DmAction action = policy(dm_run_plan(run)->domain, wish);
        if (g->reboot_pending && wish == DM_WISH_POWEROFF)
                action = DM_ACTION_RESTART;
        g->reboot_pending = FALSE;
        g->powered_off |= wish != DM_WISH_PANIC;
        g->panicked |= wish == DM_WISH_PANIC;
        switch (action) {
        case DM_ACTION_RESTART:
        case DM_ACTION_RENAME_RESTART:
        case DM_ACTION_COREDUMP_RESTART:
                dm_guest_submit(g, restart_in_place, dm_run_end_ref(g->end), dm_run_end_unref, 0, NULL,
                                restart_done, NULL);
                break;
        case DM_ACTION_DESTROY:
        case DM_ACTION_COREDUMP_DESTROY:
                dm_guest_finish_later(g);
                break;
        case DM_ACTION_PRESERVE:
        case DM_ACTION_UNSET:
                break;
        }
}

static void on_exited(DmRun *run G_GNUC_UNUSED, void *user)
{
        dm_guest_finish_later(user);
}

/* ---- QEMU answers for the first time: consoles and the view, before a processor runs ---- */

/* <console> shows the first serial line again, under the same pty: two readers would each get half of what is
 * said. */
static gboolean is_open(const DmGuest *g, const char *tty)
{
        for (guint i = 0; i < g->consoles->len; i++)
                if (strcmp(dm_console_tty(g_ptr_array_index(g->consoles, i)), tty) == 0)
                        return TRUE;
        return FALSE;
}

static void open_console(DmGuest *g, const DmDevice *device)
{
        const DmChardev *c = (const DmChardev *)device;
        if (c->type != DM_CHARDEV_PTY || !c->path || !device->alias || is_open(g, c->path))
                return;
        DmConsole *console = dm_console_open(c->path, device->alias, NULL);
        if (console)
                g_ptr_array_add(g->consoles, console);
}

static void open_consoles(DmGuest *g, const DmDomain *d)
{
        static const DmDeviceKind kinds[] = { DM_DEVICE_SERIAL, DM_DEVICE_CONSOLE, DM_DEVICE_PARALLEL,
                                              DM_DEVICE_CHANNEL };
        for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
                DM_FOREACH_DEVICE (d, device)
                        if (device->kind == (int)kinds[k])
                                open_console(g, device);
}

/* When the process began, as the wall clock has it: also for one that was adopted. */
static gint64 started_us(int pid)
{
        guint64 ticks = dm_process_start_time(pid);
        struct timespec up;
        if (!ticks || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
                return g_get_real_time();
        gint64 up_us = (gint64)up.tv_sec * G_USEC_PER_SEC + up.tv_nsec / 1000;
        gint64 begun_us = (gint64)(ticks * (guint64)G_USEC_PER_SEC / (guint64)sysconf(_SC_CLK_TCK));
        return g_get_real_time() - MAX(up_us - begun_us, 0);
}

static void on_prepared(DmRun *run, void *user)
{
        DmGuest *g = user;
        DmDomain *d = dm_run_plan(run)->domain;
        open_consoles(g, d);
        DmView *v = dm_view_copy(g->view);
        dm_view_set_domain(v, d);
        v->pid = dm_run_pid(run);
        v->id = (int)d->id.value;
        v->started_us = started_us(v->pid);
        v->state = DM_STATE_PAUSED;
        v->reason = DM_PAUSED_STARTING_UP;
        v->memory_kib = (d->current_memory.set ? d->current_memory.value : d->memory.value) / 1024;
        dm_guest_publish(g, v);
}

DmRunHandlers dm_guest_handlers(DmGuest *g)
{
        return (DmRunHandlers){
                .change = on_change, .wish = on_wish, .prepared = on_prepared, .exited = on_exited, .user = g
        };
}

/* ---- ping ---- */

static void set_unresponsive(DmGuest *g, gint64 since_us)
{
        if (!since_us == !g->view->unresponsive_us)
                return;
        DmView *v = dm_view_copy(g->view);
        v->unresponsive_us = since_us;
        dm_guest_publish(g, v);
        dm_guest_emit(g, DM_EVENT_UNRESPONSIVE, since_us != 0, 0, NULL);
}

static void on_pong(DmQmp *qmp, DmJson *value, const GError *error, void *user)
{
        DmGuest *g = user;
        g->ping_id = 0;
        if (value) {
                set_unresponsive(g, 0);
        } else if (g_error_matches(error, DM_ERROR, DM_ERROR_TIMED_OUT)) {
                gint64 silent_us = g_get_monotonic_time() - dm_qmp_last_reply_us(qmp);
                set_unresponsive(g, g_get_real_time() - silent_us);
        }
}

static gboolean ping(gpointer data)
{
        DmGuest *g = data;
        DmQmp *qmp = g->run ? dm_run_qmp(g->run) : NULL;
        if (!qmp || dm_qmp_state(qmp) != DM_QMP_RUNNING || g->ping_id)
                return G_SOURCE_CONTINUE;
        /* One that was not answered in time is still owed: its late answer tells that QEMU is back, more are
         * not sent. */
        if (dm_qmp_unanswered(qmp) > 0 && g->view->unresponsive_us)
                return G_SOURCE_CONTINUE;
        set_unresponsive(g, 0);
        g->ping_id = dm_qmp_send(qmp, "query-status", NULL, PING_TIMEOUT_MS, on_pong, g);
        return G_SOURCE_CONTINUE;
}

void dm_guest_start_ping(DmGuest *g)
{
        g->ping = g_timeout_source_new_seconds(PING_S);
        g_source_set_callback(g->ping, ping, g, NULL);
        g_source_set_can_recurse(g->ping, TRUE);
        g_source_attach(g->ping, g_main_context_get_thread_default());
}

void dm_guest_stop_ping(DmGuest *g)
{
        if (g->ping)
                g_source_destroy(g->ping);
        g_clear_pointer(&g->ping, g_source_unref);
}
