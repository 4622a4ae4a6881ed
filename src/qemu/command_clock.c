/* -rtc and the timers of PCs. */
#include "qemu/build_private.h"

#include <string.h>

#include "util/error.h"

const DmTimer *dm_plan_timer(const DmPlan *p, DmTimerName name)
{
        const DmClock *c = p->domain->clock;
        for (guint i = 0; c && c->timers && i < c->timers->len; i++) {
                const DmTimer *t = g_ptr_array_index(c->timers, i);
                if (t->name == name)
                        return t;
        }
        return NULL;
}

/* Seconds in the text of adjustment=; FALSE when it is none ("reset"). */
static gboolean adjustment(const DmClock *c, gint64 *ret_seconds)
{
        *ret_seconds = 0;
        return c->adjustment &&
               g_ascii_string_to_signed(c->adjustment, 10, G_MININT32, G_MAXINT32, ret_seconds, NULL);
}

/* "2009-02-13T23:31:30".  Owned; NULL when out of range. */
static char *date_text(gint64 seconds)
{
        g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
        return date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%S") : NULL;
}

static gboolean add_base(DmBuild *b, const DmClock *c, GString *s, GError **error)
{
        gint64 seconds = 0;
        g_autofree char *date = NULL;
        switch (c ? c->offset : DM_CLOCK_UNSET) {
        case DM_CLOCK_UNSET:
        case DM_CLOCK_UTC:
                if (!c || !adjustment(c, &seconds)) {
                        dm_opts_append(s, "base", "utc");
                        return TRUE;
                }
                date = date_text(b->now + seconds);
                break;
        case DM_CLOCK_LOCALTIME:
                dm_opts_append(s, "base", "localtime");
                return TRUE;
        case DM_CLOCK_TIMEZONE:
                dm_command_env(b->command, "TZ", c->timezone);
                dm_opts_append(s, "base", "localtime");
                return TRUE;
        case DM_CLOCK_VARIABLE:
                adjustment(c, &seconds);
                date = date_text(b->now + seconds + (c->basis == DM_BASIS_LOCALTIME ? b->utc_offset : 0));
                break;
        case DM_CLOCK_ABSOLUTE:
                date = date_text(c->start.value);
                break;
        }
        if (!date)
                return dm_plan_fail(b->plan, NULL, c, error, "the clock's time is out of range");
        dm_opts_append(s, "base", date);
        return TRUE;
}

static gboolean build_rtc(DmBuild *b, GError **error)
{
        static const char *const clocks[] = {
                [DM_TRACK_GUEST] = "vm",
                [DM_TRACK_WALL] = "host",
                [DM_TRACK_REALTIME] = "rt",
                [DM_TRACK_BOOT] = NULL,
        };
        const DmClock *c = b->plan->domain->clock;
        const DmTimer *rtc = dm_plan_timer(b->plan, DM_TIMER_RTC);
        g_autoptr(GString) s = g_string_new(NULL);
        if (!add_base(b, c, s, error))
                return FALSE;
        if (rtc && rtc->track == DM_TRACK_BOOT)
                return dm_plan_fail(b->plan, NULL, &rtc->track, error, "timer 'rtc' cannot track 'boot'");
        if (rtc && rtc->track)
                dm_opts_append(s, "clock", clocks[rtc->track]);
        if (rtc && (rtc->tick_policy == DM_TICK_MERGE || rtc->tick_policy == DM_TICK_DISCARD))
                return dm_plan_fail(b->plan, NULL, &rtc->tick_policy, error,
                                    "timer 'rtc' cannot '%s' lost ticks; use 'catchup' or 'delay'",
                                    dm_enum_name(&dm_tick_policy, rtc->tick_policy));
        if (rtc && rtc->tick_policy == DM_TICK_CATCHUP)
                dm_opts_append(s, "driftfix", "slew");
        dm_command_add(b->command, c, "the clock shows UTC unless the document says otherwise", "-rtc",
                       s->str);
        return TRUE;
}

static gboolean build_pit(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmTimer *pit = dm_plan_timer(p, DM_TIMER_PIT);
        if (!pit)
                return TRUE;
        if (pit->tick_policy == DM_TICK_MERGE)
                return dm_plan_fail(p, NULL, &pit->tick_policy, error,
                                    "timer 'pit' cannot 'merge' lost ticks");
        if ((pit->tick_policy == DM_TICK_DELAY || pit->tick_policy == DM_TICK_DISCARD) &&
            dm_caps_has_prop(p->caps, "kvm-pit", "lost_tick_policy"))
                dm_command_addf(b->command, &pit->tick_policy, NULL, "-global", "kvm-pit.lost_tick_policy=%s",
                                dm_enum_name(&dm_tick_policy, pit->tick_policy));
        return TRUE;
}

/* Emulators whose board has a property for it are told there. */
static gboolean build_hpet(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmTimer *hpet = dm_plan_timer(p, DM_TIMER_HPET);
        if (!hpet || !hpet->present)
                return TRUE;
        if (!dm_plan_x86(p))
                return hpet->present == DM_NO ||
                       dm_plan_fail(p, NULL, &hpet->name, error, "timer 'hpet' exists on PCs only");
        if (hpet->present == DM_NO && !dm_caps_has_option(p->caps, "machine", "hpet"))
                dm_command_add(b->command, hpet, NULL, "-no-hpet", NULL);
        return TRUE;
}

gboolean dm_build_clock(DmBuild *b, GError **error)
{
        return build_rtc(b, error) && build_pit(b, error) && build_hpet(b, error);
}
