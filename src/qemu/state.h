/* States, reasons and lifecycle events of guests: libvirt's numbers and names. */
#pragma once

typedef enum DmState {
        DM_STATE_NOSTATE = 0,
        DM_STATE_RUNNING = 1,
        DM_STATE_BLOCKED = 2,
        DM_STATE_PAUSED = 3,
        DM_STATE_SHUTDOWN = 4,
        DM_STATE_SHUTOFF = 5,
        DM_STATE_CRASHED = 6,
        DM_STATE_PMSUSPENDED = 7,
        DM_STATE_N
} DmState;

enum {
        DM_RUNNING_UNKNOWN = 0,
        DM_RUNNING_BOOTED = 1,
        DM_RUNNING_MIGRATED = 2,
        DM_RUNNING_RESTORED = 3,
        DM_RUNNING_FROM_SNAPSHOT = 4,
        DM_RUNNING_UNPAUSED = 5,
        DM_RUNNING_WAKEUP = 8,
        DM_RUNNING_CRASHED = 9,

        DM_PAUSED_UNKNOWN = 0,
        DM_PAUSED_USER = 1,
        DM_PAUSED_IOERROR = 5,
        DM_PAUSED_WATCHDOG = 6,
        DM_PAUSED_SHUTTING_DOWN = 8,
        DM_PAUSED_CRASHED = 10,
        DM_PAUSED_STARTING_UP = 11,

        DM_SHUTDOWN_UNKNOWN = 0,
        DM_SHUTDOWN_USER = 1,

        DM_SHUTOFF_UNKNOWN = 0,
        DM_SHUTOFF_SHUTDOWN = 1,
        DM_SHUTOFF_DESTROYED = 2,
        DM_SHUTOFF_CRASHED = 3,
        DM_SHUTOFF_MIGRATED = 4,
        DM_SHUTOFF_SAVED = 5,
        DM_SHUTOFF_FAILED = 6,
        DM_SHUTOFF_FROM_SNAPSHOT = 7,
        DM_SHUTOFF_DAEMON = 8,

        DM_CRASHED_UNKNOWN = 0,
        DM_CRASHED_PANICKED = 1,
};

typedef enum DmEventType {
        DM_EVENT_DEFINED = 0,
        DM_EVENT_UNDEFINED = 1,
        DM_EVENT_STARTED = 2,
        DM_EVENT_SUSPENDED = 3,
        DM_EVENT_RESUMED = 4,
        DM_EVENT_STOPPED = 5,
        DM_EVENT_SHUTDOWN = 6,
        DM_EVENT_PMSUSPENDED = 7,
        DM_EVENT_CRASHED = 8,
        DM_EVENT_REBOOT = 100,
        DM_EVENT_WATCHDOG = 101,
        DM_EVENT_RTC_CHANGE = 102,
        DM_EVENT_BALLOON_CHANGE = 103,
        DM_EVENT_UNRESPONSIVE = 104,
        DM_EVENT_IO_ERROR = 105,
} DmEventType;

enum { /* details of lifecycle events */
       DM_DEFINED_ADDED = 0,
       DM_DEFINED_UPDATED = 1,
       DM_DEFINED_RENAMED = 2,
       DM_UNDEFINED_REMOVED = 0,
       DM_UNDEFINED_RENAMED = 1,
       DM_STARTED_BOOTED = 0,
       DM_SUSPENDED_PAUSED = 0,
       DM_SUSPENDED_IOERROR = 2,
       DM_SUSPENDED_WATCHDOG = 3,
       DM_RESUMED_UNPAUSED = 0,
       DM_STOPPED_SHUTDOWN = 0,
       DM_STOPPED_DESTROYED = 1,
       DM_STOPPED_CRASHED = 2,
       DM_STOPPED_FAILED = 5,
       DM_SHUTDOWN_FINISHED = 0,
       DM_SHUTDOWN_GUEST = 1,
       DM_SHUTDOWN_HOST = 2,
       DM_PMSUSPENDED_MEMORY = 0,
       DM_PMSUSPENDED_DISK = 1,
       DM_CRASHED_EVENT_PANICKED = 0,
       DM_IO_ERROR_NONE = 0, /* the guest notices nothing */
       DM_IO_ERROR_PAUSE = 1,
       DM_IO_ERROR_REPORT = 2,
};

/* Names as libvirt's tools print them; "unknown" when out of range.  Static. */
const char *dm_state_name(DmState state);
const char *dm_reason_name(DmState state, int reason);
const char *dm_event_name(DmEventType type);
