#include "qemu/state.h"

#include <glib.h>

const char *dm_state_name(DmState state)
{
        static const char *const names[DM_STATE_N] = { "no state",    "running",  "idle",    "paused",
                                                       "in shutdown", "shut off", "crashed", "pmsuspended" };
        return (unsigned)state < DM_STATE_N ? names[state] : "unknown";
}

const char *dm_reason_name(DmState state, int reason)
{
        static const char *const running[] = {
                "unknown",       "booted",   "migrated",           "restored",
                "from snapshot", "unpaused", "migration canceled", "save canceled",
                "event wakeup",  "crashed",  "post-copy"
        };
        static const char *const paused[] = {
                "unknown",   "user",        "migrating",     "saving",          "dumping",
                "I/O error", "watchdog",    "from snapshot", "shutting down",   "creating snapshot",
                "crashed",   "starting up", "post-copy",     "post-copy failed"
        };
        static const char *const shutdown[] = { "unknown", "user" };
        static const char *const shutoff[] = { "unknown", "shutdown", "destroyed",     "crashed", "migrated",
                                               "saved",   "failed",   "from snapshot", "daemon" };
        static const char *const crashed[] = { "unknown", "panicked" };
        static const struct {
                const char *const *names;
                int n;
        } tables[DM_STATE_N] = {
                [DM_STATE_RUNNING] = { running, G_N_ELEMENTS(running) },
                [DM_STATE_PAUSED] = { paused, G_N_ELEMENTS(paused) },
                [DM_STATE_SHUTDOWN] = { shutdown, G_N_ELEMENTS(shutdown) },
                [DM_STATE_SHUTOFF] = { shutoff, G_N_ELEMENTS(shutoff) },
                [DM_STATE_CRASHED] = { crashed, G_N_ELEMENTS(crashed) },
        };
        if ((unsigned)state >= DM_STATE_N || reason < 0 || reason >= tables[state].n)
                return "unknown";
        return tables[state].names[reason];
}

const char *dm_event_name(DmEventType type)
{
        switch (type) {
        case DM_EVENT_DEFINED:
                return "defined";
        case DM_EVENT_UNDEFINED:
                return "undefined";
        case DM_EVENT_STARTED:
                return "started";
        case DM_EVENT_SUSPENDED:
                return "suspended";
        case DM_EVENT_RESUMED:
                return "resumed";
        case DM_EVENT_STOPPED:
                return "stopped";
        case DM_EVENT_SHUTDOWN:
                return "shutdown";
        case DM_EVENT_PMSUSPENDED:
                return "pmsuspended";
        case DM_EVENT_CRASHED:
                return "crashed";
        case DM_EVENT_REBOOT:
                return "reboot";
        case DM_EVENT_WATCHDOG:
                return "watchdog";
        case DM_EVENT_RTC_CHANGE:
                return "rtc-change";
        case DM_EVENT_BALLOON_CHANGE:
                return "balloon-change";
        case DM_EVENT_UNRESPONSIVE:
                return "unresponsive";
        case DM_EVENT_IO_ERROR:
                return "io-error";
        }
        return "unknown";
}
