/* QMP events of a running guest: one row each.  A row's function turns the event into a change of state, an
 * event of ours, or a wish of the guest; what is done about a wish is the owner's policy. */
#include <string.h>

#include "qemu/run_private.h"

typedef void (*EventFn)(DmRun *run, const DmJson *data);

static void tell(DmRun *run, const DmRunChange *change)
{
        if (run->config.handlers.change)
                run->config.handlers.change(run, change, run->config.handlers.user);
}

static void wish(DmRun *run, DmGuestWish w)
{
        if (run->config.handlers.wish && !run->ending)
                run->config.handlers.wish(run, w, run->config.handlers.user);
}

static void on_shutdown(DmRun *run, const DmJson *data)
{
        gboolean guest = dm_json_get_bool(data, "guest", FALSE);
        const char *reason = dm_json_get_string(data, "reason");
        tell(run, &(DmRunChange){ .state = DM_STATE_SHUTDOWN,
                                  .reason = DM_SHUTDOWN_USER,
                                  .event = TRUE,
                                  .type = DM_EVENT_SHUTDOWN,
                                  .detail = guest ? DM_SHUTDOWN_GUEST : DM_SHUTDOWN_HOST });
        if (guest)
                wish(run, g_strcmp0(reason, "guest-reset") == 0 ? DM_WISH_REBOOT : DM_WISH_POWEROFF);
}

static void on_stop(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        static const struct {
                int reason, detail;
        } details[] = { { DM_PAUSED_IOERROR, DM_SUSPENDED_IOERROR },
                        { DM_PAUSED_WATCHDOG, DM_SUSPENDED_WATCHDOG } };
        int reason = run->pause_reason ? run->pause_reason : DM_PAUSED_USER, detail = DM_SUSPENDED_PAUSED;
        for (gsize i = 0; i < G_N_ELEMENTS(details); i++)
                if (details[i].reason == reason)
                        detail = details[i].detail;
        run->pause_reason = 0;
        tell(run, &(DmRunChange){ .state = DM_STATE_PAUSED,
                                  .reason = reason,
                                  .event = TRUE,
                                  .type = DM_EVENT_SUSPENDED,
                                  .detail = detail });
}

static void on_resume(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        gboolean ours = run->expect_resume;
        run->expect_resume = FALSE;
        if (ours)
                return;
        tell(run, &(DmRunChange){ .state = DM_STATE_RUNNING,
                                  .reason = DM_RUNNING_UNPAUSED,
                                  .event = TRUE,
                                  .type = DM_EVENT_RESUMED,
                                  .detail = DM_RESUMED_UNPAUSED });
}

static void on_reset(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        tell(run, &(DmRunChange){ .event = TRUE, .type = DM_EVENT_REBOOT });
}

static void on_watchdog(DmRun *run, const DmJson *data)
{
        const char *action = dm_json_get_string(data, "action");
        if (g_strcmp0(action, "pause") == 0)
                run->pause_reason = DM_PAUSED_WATCHDOG;
        tell(run, &(DmRunChange){ .event = TRUE, .type = DM_EVENT_WATCHDOG, .text = action });
}

static void on_rtc_change(DmRun *run, const DmJson *data)
{
        tell(run, &(DmRunChange){ .event = TRUE,
                                  .type = DM_EVENT_RTC_CHANGE,
                                  .value = dm_json_get_i64(data, "offset", 0) });
}

static void on_balloon(DmRun *run, const DmJson *data)
{
        guint64 bytes = dm_json_get_u64(data, "actual", 0);
        tell(run, &(DmRunChange){
                          .event = TRUE, .type = DM_EVENT_BALLOON_CHANGE, .value = (gint64)(bytes / 1024) });
}

static void on_io_error(DmRun *run, const DmJson *data)
{
        const char *device = dm_json_get_string(data, "device"), *action = dm_json_get_string(data, "action");
        gboolean stops = g_strcmp0(action, "stop") == 0;
        if (stops)
                run->pause_reason = DM_PAUSED_IOERROR;
        tell(run,
             &(DmRunChange){ .event = TRUE,
                             .type = DM_EVENT_IO_ERROR,
                             .detail = stops                              ? DM_IO_ERROR_PAUSE
                                       : g_strcmp0(action, "report") == 0 ? DM_IO_ERROR_REPORT
                                                                          : DM_IO_ERROR_NONE,
                             .text = device && *device ? device : dm_json_get_string(data, "node-name") });
}

static void on_panic(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        run->pause_reason = DM_PAUSED_CRASHED;
        tell(run, &(DmRunChange){ .state = DM_STATE_CRASHED,
                                  .reason = DM_CRASHED_PANICKED,
                                  .event = TRUE,
                                  .type = DM_EVENT_CRASHED,
                                  .detail = DM_CRASHED_EVENT_PANICKED });
        wish(run, DM_WISH_PANIC);
}

static void on_suspend(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        tell(run, &(DmRunChange){ .state = DM_STATE_PMSUSPENDED,
                                  .event = TRUE,
                                  .type = DM_EVENT_PMSUSPENDED,
                                  .detail = DM_PMSUSPENDED_MEMORY });
}

static void on_suspend_disk(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        tell(run,
             &(DmRunChange){ .event = TRUE, .type = DM_EVENT_PMSUSPENDED, .detail = DM_PMSUSPENDED_DISK });
}

static void on_wakeup(DmRun *run, const DmJson *data G_GNUC_UNUSED)
{
        tell(run, &(DmRunChange){ .state = DM_STATE_RUNNING,
                                  .reason = DM_RUNNING_WAKEUP,
                                  .event = TRUE,
                                  .type = DM_EVENT_STARTED,
                                  .detail = DM_STARTED_BOOTED });
}

static const struct {
        const char *name;
        EventFn fn;
} events[] = {
        { "SHUTDOWN", on_shutdown },
        { "STOP", on_stop },
        { "RESUME", on_resume },
        { "RESET", on_reset },
        { "WATCHDOG", on_watchdog },
        { "RTC_CHANGE", on_rtc_change },
        { "BALLOON_CHANGE", on_balloon },
        { "BLOCK_IO_ERROR", on_io_error },
        { "GUEST_PANICKED", on_panic },
        { "SUSPEND", on_suspend },
        { "SUSPEND_DISK", on_suspend_disk },
        { "WAKEUP", on_wakeup },
};

void dm_run_on_event(DmQmp *qmp G_GNUC_UNUSED, const char *name, const DmJson *data,
                     gint64 timestamp_us G_GNUC_UNUSED, void *user)
{
        for (gsize i = 0; i < G_N_ELEMENTS(events); i++)
                if (strcmp(events[i].name, name) == 0) {
                        events[i].fn(user, data);
                        return;
                }
}
