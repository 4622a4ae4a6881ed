/* -m and -smp: how much memory, how many processors. */
#include "qemu/build_private.h"

#include "conf/codecs.h"
#include "conf/domain_memdev.h"
#include "util/error.h"

#define MIB           (G_GUINT64_CONSTANT(1) << 20)
#define PSERIES_BLOCK (256 * MIB) /* memory is plugged in blocks of this size there, from the start */

guint64 dm_plan_round_memory(const DmPlan *p, guint64 bytes)
{
        guint64 block = p->board->flags & DM_BOARD_SPAPR_VIO ? PSERIES_BLOCK : MIB;
        return (bytes / block + (bytes % block != 0)) * block;
}

guint64 dm_plan_memory(const DmPlan *p)
{
        const DmDomain *d = p->domain;
        if (dm_plan_has_numa(p))
                return dm_plan_numa_memory(p);
        guint64 all = d->memory.set ? d->memory.value : d->max_memory.value, modules = 0;
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_MEMORY)
                        modules += ((const DmMemoryDevice *)device)->size.value;
        /* <memory> counts them in. */
        return dm_plan_round_memory(p, all > modules ? all - modules : 0);
}

static gboolean build_size(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        guint64 size = dm_plan_memory(p);
        gboolean plain;
        if (d->max_memory.set)
                dm_command_addf(b->command, &d->max_memory, NULL, "-m",
                                "size=%" G_GUINT64_FORMAT "k,slots=%u,maxmem=%" G_GUINT64_FORMAT "k",
                                size / 1024, d->memory_slots.value,
                                dm_plan_round_memory(p, d->max_memory.value) / 1024);
        else
                dm_command_addf(b->command, &d->memory, NULL, "-m", "%" G_GUINT64_FORMAT, size / MIB);
        if (dm_plan_has_numa(p))
                return TRUE;
        if (!p->machine->default_ram_id)
                return dm_build_mem_path(b, error);
        const DmRam ram = {
                .id = p->machine->default_ram_id,
                .origin = &d->memory,
                .size = size,
                .node = -1,
                .system = TRUE,
        };
        DmJson *props = dm_ram_props(b, &ram, &plain, error);
        if (!props)
                return FALSE;
        dm_build_ram(b, &ram, props);
        return TRUE;
}

/* Memory that stays in memory. */
static void build_overcommit(DmBuild *b)
{
        const DmMemoryBacking *m = b->plan->domain->memory_backing;
        gboolean lock = m && m->locked;
        const void *origin = lock ? &m->locked : NULL;
        const char *why = lock ? NULL : "the host may swap the guest's memory";
        if (dm_caps_has_option(b->plan->caps, "overcommit", "mem-lock"))
                dm_command_addf(b->command, origin, why, "-overcommit", "mem-lock=%s", lock ? "on" : "off");
        else if (dm_caps_has_option(b->plan->caps, "realtime", "mlock"))
                dm_command_addf(b->command, origin, why, "-realtime", "mlock=%s", lock ? "on" : "off");
}

/* Nodes that pages are given for must be there; without nodes there is number 0. */
static gboolean check_pages(const DmPlan *p, GError **error)
{
        const DmMemoryBacking *m = p->domain->memory_backing;
        const DmNuma *numa = p->domain->cpu ? p->domain->cpu->numa : NULL;
        guint cells = dm_plan_has_numa(p) ? numa->cells->len : 1;
        for (guint i = 0; m && m->pages && i < m->pages->len; i++) {
                const DmHugepage *page = g_ptr_array_index(m->pages, i);
                g_autoptr(GArray) nodes = dm_cpuset_members(page->nodeset);
                unsigned last = nodes->len ? g_array_index(nodes, unsigned, nodes->len - 1) : 0;
                if (last >= cells)
                        return dm_plan_fail(p, NULL, &page->nodeset, error,
                                            "huge pages are given for NUMA cell %u, which the guest has not",
                                            last);
        }
        return TRUE;
}

/* Processors that <vcpus> says are plugged come when QEMU runs. */
static unsigned from_the_start(const DmDomain *d, unsigned most)
{
        unsigned n = 0;
        for (guint i = 0; d->vcpu_list && d->vcpu_list->list && i < d->vcpu_list->list->len; i++) {
                const DmVcpu *v = g_ptr_array_index(d->vcpu_list->list, i);
                n += v->enabled != DM_NO && v->hotpluggable != DM_YES;
        }
        return n ? n : d->current_vcpus.set ? d->current_vcpus.value : most;
}

static void build_smp(DmBuild *b)
{
        const DmDomain *d = b->plan->domain;
        const DmCpu *cpu = d->cpu;
        unsigned most = d->vcpus.set ? d->vcpus.value : 1;
        unsigned now = from_the_start(d, most);
        gboolean topology = cpu && cpu->sockets.set;
        g_autoptr(GString) s = g_string_new(NULL);
        g_string_printf(s, "%u", now);
        if (now != most)
                dm_opts_appendf(s, "maxcpus", "%u", most);
        dm_opts_appendf(s, "sockets", "%u", topology ? cpu->sockets.value : most);
        if (topology && dm_caps_has_option(b->plan->caps, "smp-opts", "dies"))
                dm_opts_appendf(s, "dies", "%u", cpu->dies.set ? cpu->dies.value : 1);
        dm_opts_appendf(s, "cores", "%u", topology && cpu->cores.set ? cpu->cores.value : 1);
        dm_opts_appendf(s, "threads", "%u", topology && cpu->threads.set ? cpu->threads.value : 1);
        dm_command_add(b->command, &d->vcpus, d->vcpus.set ? NULL : "one unless the document says more",
                       "-smp", s->str);
}

gboolean dm_build_memory(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        if (d->max_memory.set && !p->machine->hotpluggable_cpus && !dm_plan_x86(p) &&
            !(p->board->flags & (DM_BOARD_SPAPR_VIO | DM_BOARD_CCW | DM_BOARD_PCIE)))
                return dm_plan_fail(p, NULL, &d->max_memory, error,
                                    "machine '%s' cannot have memory plugged in", p->board_name);
        if (!check_pages(p, error) || !build_size(b, error))
                return FALSE;
        build_overcommit(b);
        build_smp(b);
        return TRUE;
}
