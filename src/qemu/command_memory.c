/* -m and -smp: how much memory, how many processors. */
#include "qemu/build_private.h"

#include "util/error.h"

#define MIB           (G_GUINT64_CONSTANT(1) << 20)
#define PSERIES_BLOCK (256 * MIB) /* memory is plugged in blocks of this size there, from the start */

guint64 dm_plan_memory(const DmPlan *p)
{
        const DmDomain *d = p->domain;
        guint64 block = p->board->flags & DM_BOARD_SPAPR_VIO ? PSERIES_BLOCK : MIB;
        guint64 bytes = d->memory.set ? d->memory.value : d->max_memory.value;
        return (bytes / block + (bytes % block != 0)) * block;
}

static void build_size(DmBuild *b)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        guint64 size = dm_plan_memory(p);
        if (d->max_memory.set)
                dm_command_addf(b->command, &d->max_memory, NULL, "-m",
                                "size=%" G_GUINT64_FORMAT "k,slots=%u,maxmem=%" G_GUINT64_FORMAT "k",
                                size / 1024, d->memory_slots.value, d->max_memory.value / 1024);
        else
                dm_command_addf(b->command, &d->memory, NULL, "-m", "%" G_GUINT64_FORMAT, size / MIB);
        if (!p->machine->default_ram_id)
                return;
        DmJson *ram = dm_json_object_new();
        dm_json_add_string(ram, "qom-type", "memory-backend-ram");
        dm_json_add_string(ram, "id", p->machine->default_ram_id);
        dm_json_add_uint(ram, "size", size);
        dm_build_object(b, &d->memory, NULL, ram);
}

static void build_overcommit(DmBuild *b)
{
        const char *why = "the host may swap the guest's memory";
        if (dm_caps_has_option(b->plan->caps, "overcommit", "mem-lock"))
                dm_command_add(b->command, NULL, why, "-overcommit", "mem-lock=off");
        else if (dm_caps_has_option(b->plan->caps, "realtime", "mlock"))
                dm_command_add(b->command, NULL, why, "-realtime", "mlock=off");
}

static void build_smp(DmBuild *b)
{
        const DmDomain *d = b->plan->domain;
        const DmCpu *cpu = d->cpu;
        unsigned most = d->vcpus.set ? d->vcpus.value : 1;
        unsigned now = d->current_vcpus.set ? d->current_vcpus.value : most;
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
        if (p->machine->max_cpus && d->vcpus.value > p->machine->max_cpus)
                return dm_plan_fail(p, NULL, &d->vcpus, error,
                                    "machine '%s' has %u virtual CPUs at most, not %u", p->board_name,
                                    p->machine->max_cpus, d->vcpus.value);
        build_size(b);
        build_overcommit(b);
        build_smp(b);
        return TRUE;
}
