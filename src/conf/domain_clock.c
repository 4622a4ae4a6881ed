/* <clock>: rows, and the rules between them. */
#include "conf/domain_clock.h"

#include <string.h>

DM_ENUM_TABLE(
        dm_clock_offset, "clock offset", [DM_CLOCK_UTC] = "utc", [DM_CLOCK_LOCALTIME] = "localtime",
        [DM_CLOCK_VARIABLE] = "variable", [DM_CLOCK_TIMEZONE] = "timezone", [DM_CLOCK_ABSOLUTE] = "absolute");
DM_ENUM_TABLE(dm_timer_name,
              "timer", [DM_TIMER_PLATFORM] = "platform", [DM_TIMER_HYPERVCLOCK] = "hypervclock",
              [DM_TIMER_HPET] = "hpet", [DM_TIMER_KVMCLOCK] = "kvmclock", [DM_TIMER_PIT] = "pit",
              [DM_TIMER_RTC] = "rtc", [DM_TIMER_TSC] = "tsc", [DM_TIMER_ARMVTIMER] = "armvtimer");
DM_ENUM_TABLE(dm_tick_policy, "tick policy", [DM_TICK_DELAY] = "delay", [DM_TICK_CATCHUP] = "catchup",
              [DM_TICK_MERGE] = "merge", [DM_TICK_DISCARD] = "discard");
DM_ENUM_TABLE(dm_timer_track, "timer track", [DM_TRACK_BOOT] = "boot", [DM_TRACK_GUEST] = "guest",
              [DM_TRACK_WALL] = "wall", [DM_TRACK_REALTIME] = "realtime");
DM_ENUM_TABLE(dm_timer_mode, "timer mode", [DM_TIMER_MODE_AUTO] = "auto", [DM_TIMER_MODE_NATIVE] = "native",
              [DM_TIMER_MODE_EMULATE] = "emulate", [DM_TIMER_MODE_PARAVIRT] = "paravirt",
              [DM_TIMER_MODE_SMPSAFE] = "smpsafe");
DM_ENUM_TABLE(dm_clock_basis, "clock basis", [DM_BASIS_UTC] = "utc", [DM_BASIS_LOCALTIME] = "localtime");

static const DmXmlRow catchup_rows[] = {
        DM_U32(DmTimer, catchup_threshold, "threshold"),
        DM_U32(DmTimer, catchup_slew, "slew"),
        DM_U32(DmTimer, catchup_limit, "limit"),
        { 0 },
};
static const DmXmlElement catchup_element = { "catchup", catchup_rows,
                                              .doc = "How lost ticks are made up for." };

static const DmXmlRow timer_rows[] = {
        DM_ENUM(DmTimer, name, "name", dm_timer_name, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmTimer, present, "present", dm_yes_no, .flags = DM_ABI),
        DM_ENUM(DmTimer, tick_policy, "tickpolicy", dm_tick_policy, .flags = DM_ABI,
                .doc = "What lost ticks become."),
        DM_ENUM(DmTimer, track, "track", dm_timer_track, .flags = DM_ABI,
                DM_WHEN(DmTimer, name, DM_TIMER_PLATFORM, DM_TIMER_RTC)),
        DM_U64(DmTimer, frequency, "frequency", .flags = DM_ABI, DM_WHEN(DmTimer, name, DM_TIMER_TSC),
               .doc = "Hz."),
        DM_ENUM(DmTimer, mode, "mode", dm_timer_mode, .flags = DM_ABI, DM_WHEN(DmTimer, name, DM_TIMER_TSC)),
        DM_IN(catchup_element, DM_WHEN(DmTimer, tick_policy, DM_TICK_CATCHUP)),
        { 0 },
};
static const DmXmlElement timer_element = { "timer", timer_rows, sizeof(DmTimer),
                                            "One of the guest's timers." };

#define ON(...) DM_WHEN(DmClock, offset, __VA_ARGS__)
static const DmXmlRow clock_rows[] = {
        DM_ENUM(DmClock, offset, "offset", dm_clock_offset, .flags = DM_ABI),
        DM_STRING(DmClock, adjustment, "adjustment", ON(DM_CLOCK_UTC, DM_CLOCK_LOCALTIME, DM_CLOCK_VARIABLE),
                  .doc = "Seconds, or reset."),
        DM_ENUM(DmClock, basis, "basis", dm_clock_basis, ON(DM_CLOCK_VARIABLE)),
        DM_STRING(DmClock, timezone, "timezone", ON(DM_CLOCK_TIMEZONE)),
        DM_I64(DmClock, start, "start", .flags = DM_REQUIRED, ON(DM_CLOCK_ABSOLUTE),
               .doc = "Seconds since 1970."),
        DM_LIST(DmClock, timers, timer_element),
        { 0 },
};

static void check_timers(const DmClock *d, const DmXmlCheck *c)
{
        guint32 seen = 0;
        for (guint i = 0; d->timers && i < d->timers->len; i++) {
                const DmTimer *t = g_ptr_array_index(d->timers, i);
                guint32 bit = 1u << t->name;
                if (t->name && (seen & bit))
                        dm_check_fail(c, &t->name, DM_ERROR_INVALID_XML, "the timer '%s' is given twice",
                                      dm_enum_name(&dm_timer_name, t->name));
                seen |= bit;
        }
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmClock *d = base;
        gint64 seconds = 0;
        gboolean reset = g_strcmp0(d->adjustment, "reset") == 0 && d->offset != DM_CLOCK_VARIABLE;
        if (d->adjustment && !reset &&
            !g_ascii_string_to_signed(d->adjustment, 10, G_MININT64, G_MAXINT64, &seconds, NULL))
                dm_check_fail(c, &d->adjustment, DM_ERROR_INVALID_XML, "'%s' is not a number of seconds%s",
                              d->adjustment, d->offset == DM_CLOCK_VARIABLE ? "" : ", nor 'reset'");
        if (d->start.value < 0)
                dm_check_fail(c, &d->start, DM_ERROR_INVALID_XML, "the clock cannot start before 1970");
        check_timers(d, c);
}

const DmXmlElement dm_clock_element = {
        "clock", clock_rows, sizeof(DmClock), "What time the guest's clock shows.", .check = check,
};
