/* <clock>: what time the guest's clock shows, and its timers. */
#pragma once

#include "conf/device.h"

typedef enum DmClockOffset {
        DM_CLOCK_UNSET, /* utc */
        DM_CLOCK_UTC,
        DM_CLOCK_LOCALTIME,
        DM_CLOCK_VARIABLE,
        DM_CLOCK_TIMEZONE,
        DM_CLOCK_ABSOLUTE,
} DmClockOffset;
typedef enum DmTimerName {
        DM_TIMER_UNSET,
        DM_TIMER_PLATFORM,
        DM_TIMER_HYPERVCLOCK,
        DM_TIMER_HPET,
        DM_TIMER_KVMCLOCK,
        DM_TIMER_PIT,
        DM_TIMER_RTC,
        DM_TIMER_TSC,
        DM_TIMER_ARMVTIMER,
} DmTimerName;
typedef enum DmTickPolicy {
        DM_TICK_UNSET,
        DM_TICK_DELAY,
        DM_TICK_CATCHUP,
        DM_TICK_MERGE,
        DM_TICK_DISCARD,
} DmTickPolicy;
typedef enum DmTimerTrack {
        DM_TRACK_UNSET,
        DM_TRACK_BOOT,
        DM_TRACK_GUEST,
        DM_TRACK_WALL,
        DM_TRACK_REALTIME,
} DmTimerTrack;
typedef enum DmTimerMode {
        DM_TIMER_MODE_UNSET,
        DM_TIMER_MODE_AUTO,
        DM_TIMER_MODE_NATIVE,
        DM_TIMER_MODE_EMULATE,
        DM_TIMER_MODE_PARAVIRT,
        DM_TIMER_MODE_SMPSAFE,
} DmTimerMode;
typedef enum DmClockBasis { DM_BASIS_UNSET, DM_BASIS_UTC, DM_BASIS_LOCALTIME } DmClockBasis;
extern const DmEnum dm_clock_offset, dm_timer_name, dm_tick_policy, dm_timer_track, dm_timer_mode,
        dm_clock_basis;

typedef struct DmTimer {
        int unused;
        DmTimerName name;
        DmYesNo present;
        DmTickPolicy tick_policy;
        DmTimerTrack track;
        DmTimerMode mode;
        DmOptU64 frequency; /* Hz */
        DmOptU32 catchup_threshold, catchup_slew, catchup_limit;
} DmTimer;

typedef struct DmClock {
        int unused;
        DmClockOffset offset;
        char *adjustment; /* seconds, or "reset" */
        DmClockBasis basis;
        char *timezone;
        DmOptI64 start;    /* absolute: seconds since 1970 */
        GPtrArray *timers; /* of DmTimer */
} DmClock;

extern const DmXmlElement dm_clock_element;
