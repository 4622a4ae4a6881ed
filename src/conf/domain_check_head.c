/* Rules of the sections outside <devices> that hold on any emulator. */
#include "conf/domain_check_private.h"

#include <string.h>

#include "conf/domain_chardev.h"
#include "conf/domain_disk.h"

#define FWCFG_NAME_MAX 55
#define SHARES_MIN     2
#define SHARES_MAX     262144
#define WEIGHT_MIN     100
#define WEIGHT_MAX     1000
#define SETS_MAX       4096 /* processors */

/* ---- firmware ---- */

static void check_firmware(const DmOs *os, const DmXmlCheck *c)
{
        DmYesNo keys = DM_YES_NO_UNSET, secure = DM_YES_NO_UNSET;
        const void *place = NULL;
        for (guint i = 0; os->firmware_features && i < os->firmware_features->len; i++) {
                const DmFirmwareFeature *f = g_ptr_array_index(os->firmware_features, i);
                if (f->name == DM_FIRMWARE_ENROLLED_KEYS) {
                        keys = f->enabled;
                        place = &f->enabled;
                } else if (f->name == DM_FIRMWARE_SECURE_BOOT) {
                        secure = f->enabled;
                }
        }
        if (keys == DM_YES && secure == DM_NO)
                BAD(place, "enrolled-keys needs secure-boot");
        gboolean modern = os->loader_type || os->loader_readonly || os->loader_secure || os->loader_stateless;
        if (modern && !os->loader && !os->firmware)
                BAD(os->loader_type     ? (const void *)&os->loader_type
                    : os->loader_secure ? (const void *)&os->loader_secure
                                        : (const void *)os,
                    "<loader> needs the firmware's path");
        gboolean nvram = os->nvram || os->nvram_path || os->nvram_template;
        if (os->loader_stateless == DM_YES && nvram)
                CANNOT(&os->loader_stateless, "firmware without a state has no <nvram>");
        if (!os->loader && nvram && !os->firmware)
                BAD(os->nvram_path ? (const void *)&os->nvram_path : (const void *)&os->nvram,
                    "<nvram> needs a <loader>, or <os firmware='efi'>");
        if (os->loader_secure == DM_YES && os->loader_type == DM_LOADER_ROM)
                CANNOT(&os->loader_secure, "secure='yes' needs type='pflash'");
        if (os->acpi_tables && os->acpi_tables->len > 1)
                BAD(os->acpi_tables->pdata[1], "only one <table> is possible");
}

/* ---- tables that the guest reads ---- */

/* mm/dd/yyyy or mm/dd/yy. */
static gboolean is_date(const char *s)
{
        char *end = NULL;
        guint64 month = g_ascii_strtoull(s, &end, 10);
        if (end == s || *end != '/' || month < 1 || month > 12)
                return FALSE;
        const char *at = end + 1;
        guint64 day = g_ascii_strtoull(at, &end, 10);
        if (end == at || *end != '/' || day < 1 || day > 31)
                return FALSE;
        at = end + 1;
        guint64 year = g_ascii_strtoull(at, &end, 10);
        return end != at && !*end && (year < 100 || year >= 1900);
}

static void check_smbios(const DmDomain *d, const DmSysinfo *s, const DmXmlCheck *c)
{
        for (guint i = 0; s->bios && i < s->bios->len; i++) {
                const DmSysinfoEntry *e = g_ptr_array_index(s->bios, i);
                if (e->name == DM_SYSINFO_DATE && e->value && !is_date(e->value))
                        BAD(&e->value, "'%s' is not a date of the form mm/dd/yyyy", e->value);
        }
        (void)d;
}

static void check_sysinfo(const DmDomain *d, const DmXmlCheck *c)
{
        guint32 seen = 0;
        for (guint i = 0; d->sysinfo && i < d->sysinfo->len; i++) {
                const DmSysinfo *s = g_ptr_array_index(d->sysinfo, i);
                if (s->type && seen & (1u << s->type))
                        BAD(&s->type, "there are two <sysinfo> of this type");
                seen |= 1u << s->type;
                check_smbios(d, s, c);
                for (guint k = 0; s->fwcfg && k < s->fwcfg->len; k++) {
                        const DmFwcfgEntry *e = g_ptr_array_index(s->fwcfg, k);
                        if (e->name && strlen(e->name) > FWCFG_NAME_MAX)
                                BAD(&e->name, "the name has more than %d characters", FWCFG_NAME_MAX);
                        if (e->name && (g_str_has_prefix(e->name, "opt/ovmf/") ||
                                        g_str_has_prefix(e->name, "opt/org.qemu/")))
                                CANNOT(&e->name, "'%s' belongs to the firmware or to QEMU", e->name);
                }
        }
}

/* ---- sets of threads ---- */

/* Adds the numbers of @set; TRUE when one of them was there, or is not below @n. */
static gboolean add_set(const char *set, guint8 *taken, gboolean *ret_high, guint32 n)
{
        gboolean twice = FALSE;
        g_auto(GStrv) parts = g_strsplit(set ? set : "", ",", -1);
        for (char **part = parts; *part; part++) {
                char *end = NULL;
                guint64 from = g_ascii_strtoull(*part, &end, 10), to = from;
                if (*end == '-')
                        to = g_ascii_strtoull(end + 1, NULL, 10);
                *ret_high |= to >= n;
                for (guint64 i = from; i <= to && i < SETS_MAX; i++) {
                        twice |= taken[i];
                        taken[i] = 1;
                }
        }
        return twice;
}

static guint32 vcpus_of(const DmDomain *d)
{
        return d->vcpus.set ? d->vcpus.value : 1;
}

static void check_scheds(const DmDomain *d, const DmCputune *t, const DmXmlCheck *c)
{
        guint8 taken[SETS_MAX] = { 0 };
        for (guint i = 0; t->vcpu_scheds && i < t->vcpu_scheds->len; i++) {
                const DmSched *s = g_ptr_array_index(t->vcpu_scheds, i);
                gboolean high = FALSE, twice = add_set(s->threads, taken, &high, vcpus_of(d));
                if (twice)
                        BAD(&s->threads, "a vCPU of '%s' has a scheduler already", s->threads);
        }
        memset(taken, 0, sizeof taken);
        for (guint i = 0; t->iothread_scheds && i < t->iothread_scheds->len; i++) {
                const DmSched *s = g_ptr_array_index(t->iothread_scheds, i);
                gboolean high = FALSE;
                if (add_set(s->threads, taken, &high, SETS_MAX))
                        BAD(&s->threads, "an I/O thread of '%s' has a scheduler already", s->threads);
                if (!d->iothreads.set && !d->iothread_ids)
                        BAD(&s->threads, "there are no I/O threads: add <iothreads>");
        }
}

static gboolean same_cache(const DmCacheShare *a, const DmCacheShare *b)
{
        gboolean type = a->type == b->type || a->type == DM_CACHE_BOTH || b->type == DM_CACHE_BOTH;
        return a->level.value == b->level.value && a->id.value == b->id.value && type;
}

static void check_monitors(const GPtrArray *monitors, const char *vcpus, const DmXmlCheck *c)
{
        guint8 group[SETS_MAX] = { 0 }, taken[SETS_MAX] = { 0 };
        gboolean high = FALSE;
        add_set(vcpus, group, &high, SETS_MAX);
        for (guint i = 0; monitors && i < monitors->len; i++) {
                const DmMonitor *m = g_ptr_array_index(monitors, i);
                guint8 own[SETS_MAX] = { 0 };
                add_set(m->vcpus, own, &high, SETS_MAX);
                gboolean outside = FALSE, twice = FALSE;
                for (guint k = 0; k < SETS_MAX; k++) {
                        outside |= own[k] && !group[k];
                        twice |= own[k] && taken[k];
                        taken[k] |= own[k];
                }
                if (outside)
                        BAD(&m->vcpus, "'%s' are not all of the group's vCPUs '%s'", m->vcpus, vcpus);
                /* A monitor of the whole group goes beside those of its parts. */
                if (twice && g_strcmp0(m->vcpus, vcpus) != 0 && i > 0)
                        BAD(&m->vcpus, "a vCPU of '%s' has another monitor", m->vcpus);
        }
}

static void check_cachetunes(const DmDomain *d, const DmCputune *t, const DmXmlCheck *c)
{
        guint8 taken[SETS_MAX] = { 0 };
        for (guint i = 0; t->cachetunes && i < t->cachetunes->len; i++) {
                const DmCachetune *g = g_ptr_array_index(t->cachetunes, i);
                gboolean high = FALSE;
                if (add_set(g->vcpus, taken, &high, vcpus_of(d)))
                        BAD(&g->vcpus, "a vCPU of '%s' is in another <cachetune>", g->vcpus);
                for (guint a = 0; g->caches && a < g->caches->len; a++)
                        for (guint b = 0; b < a; b++) {
                                const DmCacheShare *x = g_ptr_array_index(g->caches, a);
                                if (same_cache(x, g_ptr_array_index(g->caches, b)))
                                        BAD(x, "this cache is given twice in the group");
                        }
                check_monitors(g->monitors, g->vcpus, c);
        }
        memset(taken, 0, sizeof taken);
        for (guint i = 0; t->memorytunes && i < t->memorytunes->len; i++) {
                const DmMemorytune *g = g_ptr_array_index(t->memorytunes, i);
                g_autoptr(GHashTable) nodes = g_hash_table_new(NULL, NULL);
                gboolean high = FALSE;
                if (add_set(g->vcpus, taken, &high, vcpus_of(d)))
                        BAD(&g->vcpus, "a vCPU of '%s' is in another <memorytune>", g->vcpus);
                for (guint a = 0; g->nodes && a < g->nodes->len; a++) {
                        const DmBandwidthShare *n = g_ptr_array_index(g->nodes, a);
                        if (!g_hash_table_add(nodes, GUINT_TO_POINTER(n->id.value)))
                                BAD(&n->id, "the node %u is given twice in the group", n->id.value);
                }
                check_monitors(g->monitors, g->vcpus, c);
        }
}

void dm_check_tuning(const DmDomain *d, const DmXmlCheck *c)
{
        const DmCputune *t = d->cputune;
        if (d->blkiotune && d->blkiotune->weight.set &&
            (d->blkiotune->weight.value < WEIGHT_MIN || d->blkiotune->weight.value > WEIGHT_MAX))
                BAD(&d->blkiotune->weight, "'%u' is not from %d to %d", d->blkiotune->weight.value,
                    WEIGHT_MIN, WEIGHT_MAX);
        if (!t)
                return;
        if (t->shares.set && (t->shares.value < SHARES_MIN || t->shares.value > SHARES_MAX))
                BAD(&t->shares, "'%" G_GUINT64_FORMAT "' is not from %d to %d", t->shares.value, SHARES_MIN,
                    SHARES_MAX);
        check_scheds(d, t, c);
        check_cachetunes(d, t, c);
}

/* ---- processors that come and go ---- */

static void check_vcpus(const DmDomain *d, const DmXmlCheck *c)
{
        const GPtrArray *list = d->vcpu_list ? d->vcpu_list->list : NULL;
        guint enabled = 0;
        for (guint i = 0; list && i < list->len; i++) {
                const DmVcpu *v = g_ptr_array_index(list, i);
                if (v->id.value >= vcpus_of(d))
                        BAD(&v->id, "there is no vCPU %u: <vcpu> says %u", v->id.value, vcpus_of(d));
                enabled += v->enabled == DM_YES;
                if (v->id.value == 0 && v->enabled == DM_NO)
                        BAD(&v->enabled, "the vCPU 0 cannot be absent");
                else if (v->enabled == DM_NO && v->hotpluggable == DM_NO)
                        BAD(&v->hotpluggable, "a vCPU that is absent must be one that can be plugged");
                if (v->id.value == 0 && v->hotpluggable == DM_YES)
                        CANNOT(&v->hotpluggable, "the vCPU 0 cannot be unplugged");
                if (v->order.set && (!v->order.value || v->order.value > vcpus_of(d)))
                        BAD(&v->order, "the order %u is not from 1 to %u", v->order.value, vcpus_of(d));
        }
        if (list && list->len && list->len != vcpus_of(d))
                BAD(d->vcpu_list, "<vcpus> names %u of the %u vCPUs: it must name all", list->len,
                    vcpus_of(d));
        (void)enabled;
}

/* ---- security labels ---- */

static void check_seclabels(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) models = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; d->seclabels && i < d->seclabels->len; i++) {
                const DmSeclabel *s = g_ptr_array_index(d->seclabels, i);
                if (!s->model && s->type != DM_SECLABEL_NONE && d->seclabels->len > 1)
                        BAD(s, "several seclabels need a model each");
                if (s->model && !g_hash_table_add(models, s->model))
                        BAD(&s->model, "there are two seclabels of model '%s'", s->model);
        }
}

/* Labels of one source: the model tells them apart. */
static void check_device_labels(const GPtrArray *labels, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) models = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; labels && i < labels->len; i++) {
                const DmDeviceSeclabel *s = g_ptr_array_index(labels, i);
                if (!s->model && labels->len > 1)
                        BAD(s, "several seclabels need a model each");
                if (s->model && !g_hash_table_add(models, s->model))
                        BAD(&s->model, "there are two seclabels of model '%s'", s->model);
                if (s->label && s->relabel == DM_NO)
                        BAD(&s->label, "without relabel='yes' no <label> is set");
        }
}

static void check_labels(const DmDomain *d, const DmXmlCheck *c)
{
        check_seclabels(d, c);
        DM_FOREACH_DEVICE (d, device) {
                const DmDisk *disk = (const DmDisk *)device;
                const DmChardev *line = (const DmChardev *)device;
                if (device->kind == DM_DEVICE_DISK)
                        for (const DmImage *i = &disk->image; i; i = i->backing)
                                check_device_labels(i->source.seclabels, c);
                else if (device->kind == DM_DEVICE_SERIAL || device->kind == DM_DEVICE_CHANNEL ||
                         device->kind == DM_DEVICE_CONSOLE || device->kind == DM_DEVICE_PARALLEL)
                        check_device_labels(line->seclabels, c);
        }
}

/* ---- the rest ---- */

static void check_hyperv(const DmDomain *d, const DmXmlCheck *c)
{
        const DmHyperv *h = d->features ? d->features->hyperv : NULL;
        if (!h || h->mode == DM_HYPERV_PASSTHROUGH)
                return;
        const struct {
                const DmOnOff *feature;
                const char *name;
                DmOnOff needed;
                const char *needs;
        } rows[] = {
                { &h->synic, "synic", h->vpindex, "vpindex" },
                { &h->stimer, "stimer", h->synic, "synic" },
                { &h->stimer, "stimer", h->vpindex, "vpindex" },
                { &h->tlbflush, "tlbflush", h->vpindex, "vpindex" },
                { &h->ipi, "ipi", h->vpindex, "vpindex" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (*rows[i].feature == DM_ON && rows[i].needed != DM_ON)
                        CANNOT(rows[i].feature, "%s needs <%s state='on'/>", rows[i].name, rows[i].needs);
}

static void check_numatune(const DmDomain *d, const DmXmlCheck *c)
{
        const DmNumatune *n = d->numatune;
        if (!n)
                return;
        if (n->placement == DM_PLACEMENT_AUTO && n->nodeset)
                BAD(&n->nodeset, "with placement='auto' the nodes are chosen: leave out nodeset");
}

static void check_times(const DmDomain *d, const DmXmlCheck *c)
{
        if (d->clock && d->clock->offset == DM_CLOCK_TIMEZONE && !d->clock->timezone)
                BAD(&d->clock->offset, "offset='timezone' needs a timezone");
        for (guint i = 0; d->clock && d->clock->timers && i < d->clock->timers->len; i++) {
                const DmTimer *t = g_ptr_array_index(d->clock->timers, i);
                gboolean tunes = t->catchup_threshold.set || t->catchup_slew.set || t->catchup_limit.set;
                if (t->frequency.set && t->name != DM_TIMER_TSC)
                        CANNOT(&t->frequency, "only the timer 'tsc' has a frequency");
                if (t->mode && t->name != DM_TIMER_TSC)
                        CANNOT(&t->mode, "only the timer 'tsc' has a mode");
                if (tunes && t->tick_policy != DM_TICK_CATCHUP)
                        BAD(t, "<catchup> needs tickpolicy='catchup'");
        }
}

static void check_actions(const DmDomain *d, const DmXmlCheck *c)
{
        const DmAction *const all[] = { &d->on_poweroff, &d->on_reboot, &d->on_crash };
        for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
                if (*all[i] == DM_ACTION_RENAME_RESTART)
                        CANNOT(all[i], "a guest is not renamed when it ends; use 'restart'");
        if (d->on_poweroff == DM_ACTION_RESTART && d->on_reboot == DM_ACTION_DESTROY)
                CANNOT(&d->on_reboot, "on_reboot 'destroy' contradicts on_poweroff 'restart'");
}

void dm_check_head(const DmDomain *d, const DmXmlCheck *c)
{
        check_firmware(&d->os, c);
        check_sysinfo(d, c);
        check_vcpus(d, c);
        check_labels(d, c);
        check_hyperv(d, c);
        check_numatune(d, c);
        check_times(d, c);
        if (d->title && strchr(d->title, '\n'))
                BAD(&d->title, "the title must be one line");
        if (d->memory.set && !d->memory.value)
                BAD(&d->memory, "a guest needs memory");
        check_actions(d, c);
}
