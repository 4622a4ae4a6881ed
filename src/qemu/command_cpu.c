/* -cpu: the processor's model and features. */
#include "qemu/build_private.h"

#include <string.h>

#include "conf/domain_misc.h"

/* ---- features ---- */

static void feature(GString *s, const char *name, gboolean on)
{
        dm_opts_append(s, name, on ? "on" : "off");
}

static void onoff(GString *s, const char *name, DmOnOff value)
{
        if (value)
                feature(s, name, value == DM_ON);
}

static void add_listed(const DmCpu *cpu, GString *s)
{
        for (guint i = 0; cpu && cpu->features && i < cpu->features->len; i++) {
                const DmCpuFeature *f = g_ptr_array_index(cpu->features, i);
                switch (f->policy) {
                case DM_POLICY_UNSET:
                case DM_POLICY_FORCE:
                case DM_POLICY_REQUIRE:
                case DM_POLICY_OPTIONAL:
                        feature(s, f->name, TRUE);
                        break;
                case DM_POLICY_DISABLE:
                case DM_POLICY_FORBID:
                        feature(s, f->name, FALSE);
                        break;
                }
        }
}

/* <features> that are the processor's for QEMU. */
static void add_features(const DmPlan *p, GString *s)
{
        const DmFeatures *f = p->domain->features;
        if (!f)
                return;
        onoff(s, "kvm-pv-eoi", f->apic_eoi);
        onoff(s, "kvm-pv-unhalt", f->pvspinlock);
        if (f->kvm_hidden == DM_ON)
                feature(s, "kvm", FALSE);
        onoff(s, "kvm-hint-dedicated", f->kvm_hint_dedicated);
        onoff(s, "kvm-poll-control", f->kvm_poll_control);
        onoff(s, "kvm-pv-ipi", f->kvm_pv_ipi);
        onoff(s, "pmu", f->pmu);
}

/* What Windows likes to see. */
static void add_hyperv(const DmPlan *p, GString *s)
{
        const DmHyperv *h = p->domain->features ? p->domain->features->hyperv : NULL;
        if (!h)
                return;
        if (h->mode == DM_HYPERV_PASSTHROUGH) {
                feature(s, "hv-passthrough", TRUE);
                return;
        }
        const struct {
                DmOnOff state;
                const char *name;
        } rows[] = {
                { h->relaxed, "hv-relaxed" },
                { h->vapic, "hv-vapic" },
                { h->vpindex, "hv-vpindex" },
                { h->runtime, "hv-runtime" },
                { h->synic, "hv-synic" },
                { h->stimer, "hv-stimer" },
                { h->stimer == DM_ON ? h->stimer_direct : DM_OFF, "hv-stimer-direct" },
                { h->reset, "hv-reset" },
                { h->frequencies, "hv-frequencies" },
                { h->reenlightenment, "hv-reenlightenment" },
                { h->tlbflush, "hv-tlbflush" },
                { h->ipi, "hv-ipi" },
                { h->evmcs, "hv-evmcs" },
                { h->avic, "hv-avic" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (rows[i].state == DM_ON)
                        feature(s, rows[i].name, TRUE);
        if (h->spinlocks == DM_ON)
                dm_opts_appendf(s, "hv-spinlocks", "0x%x", h->spinlock_retries.value);
        if (h->vendor_id == DM_ON)
                dm_opts_append(s, "hv-vendor-id", h->vendor_id_value);
}

/* Caches and addresses, as the guest sees them. */
static void add_shape(const DmCpu *cpu, GString *s)
{
        if (!cpu)
                return;
        gboolean host = cpu->mode == DM_CPU_HOST_PASSTHROUGH || cpu->mode == DM_CPU_MAXIMUM;
        if (cpu->cache_mode == DM_CPU_CACHE_EMULATE)
                feature(s, "l3-cache", TRUE);
        if (cpu->cache_mode == DM_CPU_CACHE_PASSTHROUGH)
                feature(s, "host-cache-info", TRUE);
        if ((cpu->cache_mode == DM_CPU_CACHE_EMULATE || cpu->cache_mode == DM_CPU_CACHE_DISABLE) && host)
                feature(s, "host-cache-info", FALSE);
        if (cpu->cache_mode == DM_CPU_CACHE_PASSTHROUGH || cpu->cache_mode == DM_CPU_CACHE_DISABLE)
                feature(s, "l3-cache", FALSE);
        if (cpu->address_mode == DM_CPU_CACHE_PASSTHROUGH)
                feature(s, "host-phys-bits", TRUE);
        if (cpu->address_mode == DM_CPU_CACHE_EMULATE)
                dm_opts_appendf(s, "phys-bits", "%u", cpu->address_bits.value);
}

/* Clocks that the processor shows. */
static void add_timers(const DmPlan *p, GString *s)
{
        const DmTimer *kvmclock = dm_plan_timer(p, DM_TIMER_KVMCLOCK), *tsc = dm_plan_timer(p, DM_TIMER_TSC);
        const DmTimer *hyperv = dm_plan_timer(p, DM_TIMER_HYPERVCLOCK),
                      *arm = dm_plan_timer(p, DM_TIMER_ARMVTIMER);
        if (kvmclock && kvmclock->present)
                feature(s, "kvmclock", kvmclock->present == DM_YES);
        if (hyperv && hyperv->present == DM_YES)
                feature(s, "hv-time", TRUE);
        if (tsc && tsc->frequency.set)
                dm_opts_appendf(s, "tsc-frequency", "%" G_GUINT64_FORMAT, tsc->frequency.value);
        if (arm && arm->tick_policy)
                feature(s, "kvm-no-adjvtime", arm->tick_policy == DM_TICK_DISCARD);
}

/* A Hyper-V guest tells of its crash through the processor. */
static void add_panic(const DmPlan *p, GString *s)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_PANIC && ((const DmPanic *)device)->model == DM_PANIC_HYPERV)
                        feature(s, "hv-crash", TRUE);
}

/* ---- models ---- */

static void add_expanded(const char *key, DmJson *value, void *data)
{
        GString *s = data;
        const char *text = dm_json_string(value);
        if (text)
                dm_opts_append(s, key, text);
        else if (dm_json_kind(value) == DM_JSON_BOOL) {
                g_autofree char *word = dm_json_to_string(value);
                feature(s, key, !strcmp(word, "true"));
        }
}

/* The host's processor as the emulator described it: a name and what has to be added to it. */
static gboolean host_model(const DmPlan *p, GString *s)
{
        const DmJson *answer = p->accel == DM_ACCEL_TCG ? p->caps->tcg_model : p->caps->host_model;
        const DmJson *model = dm_json_get(answer, "model");
        const char *name = dm_json_get_string(model ? model : answer, "name");
        if (!name)
                return FALSE;
        g_string_append(s, name);
        dm_json_each(dm_json_get(model ? model : answer, "props"), add_expanded, s);
        return TRUE;
}

static gboolean add_model(const DmPlan *p, const DmCpu *cpu, GString *s, GError **error)
{
        switch (cpu->mode) {
        case DM_CPU_MODE_UNSET:
        case DM_CPU_CUSTOM:
                g_string_append(s, cpu->model);
                break;
        case DM_CPU_HOST_PASSTHROUGH:
                if (p->accel == DM_ACCEL_TCG)
                        return dm_plan_fail(
                                p, NULL, &cpu->mode, error,
                                "cpu mode 'host-passthrough' needs hardware virtualisation; use 'maximum'");
                g_string_append(s, "host");
                onoff(s, "migratable", cpu->migratable);
                break;
        case DM_CPU_MAXIMUM:
                g_string_append(s, "max");
                break;
        case DM_CPU_HOST_MODEL:
                if (p->board->flags & DM_BOARD_SPAPR_VIO)
                        g_string_append(s, "host");
                else if (!host_model(p, s))
                        g_string_append(s, p->accel == DM_ACCEL_TCG ? "max" : "host");
                break;
        }
        if (cpu->vendor_id)
                dm_opts_append(s, "vendor", cpu->vendor_id);
        return TRUE;
}

gboolean dm_build_cpu(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmCpu *cpu = p->domain->cpu;
        g_autoptr(GString) s = g_string_new(NULL), features = g_string_new("");
        gboolean given = cpu && (cpu->model || (cpu->mode && cpu->mode != DM_CPU_CUSTOM));
        if (given && !add_model(p, cpu, s, error))
                return FALSE;
        add_listed(cpu, features);
        add_timers(p, features);
        add_features(p, features);
        add_hyperv(p, features);
        add_shape(cpu, features);
        add_panic(p, features);
        if (!given && !features->len)
                return TRUE; /* the machine's own, which the resolver found no better name for */
        if (!given)
                return dm_plan_fail(p, NULL, cpu ? (const void *)cpu : p->domain->features, error,
                                    "features of the processor need a <model> of it for machine '%s'",
                                    p->board_name);
        if (features->len)
                g_string_append_printf(s, ",%s", features->str);
        dm_command_add(b->command, cpu->model ? (const void *)&cpu->model : &cpu->mode, NULL, "-cpu", s->str);
        return TRUE;
}
