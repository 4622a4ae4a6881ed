/* <resource>, <perf>, <pm>, <idmap>: rows. */
#include "conf/domain_host.h"

DM_ENUM_TABLE(
        dm_perf_event, "perf event", [DM_PERF_CMT] = "cmt", [DM_PERF_MBMT] = "mbmt", [DM_PERF_MBML] = "mbml",
        [DM_PERF_CACHE_MISSES] = "cache_misses", [DM_PERF_CACHE_REFERENCES] = "cache_references",
        [DM_PERF_INSTRUCTIONS] = "instructions", [DM_PERF_CPU_CYCLES] = "cpu_cycles",
        [DM_PERF_BRANCH_INSTRUCTIONS] = "branch_instructions", [DM_PERF_BRANCH_MISSES] = "branch_misses",
        [DM_PERF_BUS_CYCLES] = "bus_cycles", [DM_PERF_STALLED_CYCLES_FRONTEND] = "stalled_cycles_frontend",
        [DM_PERF_STALLED_CYCLES_BACKEND] = "stalled_cycles_backend",
        [DM_PERF_REF_CPU_CYCLES] = "ref_cpu_cycles", [DM_PERF_CPU_CLOCK] = "cpu_clock",
        [DM_PERF_TASK_CLOCK] = "task_clock", [DM_PERF_PAGE_FAULTS] = "page_faults",
        [DM_PERF_CONTEXT_SWITCHES] = "context_switches", [DM_PERF_CPU_MIGRATIONS] = "cpu_migrations",
        [DM_PERF_PAGE_FAULTS_MIN] = "page_faults_min", [DM_PERF_PAGE_FAULTS_MAJ] = "page_faults_maj",
        [DM_PERF_ALIGNMENT_FAULTS] = "alignment_faults", [DM_PERF_EMULATION_FAULTS] = "emulation_faults");

static const DmXmlRow fibrechannel_rows[] = {
        DM_STRING(DmResource, appid, "appid", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement fibrechannel_element = { "fibrechannel", fibrechannel_rows,
                                                   .doc = "Fibre Channel VMID." };
static const DmXmlRow resource_rows[] = {
        DM_STRING(DmResource, partition, "partition", .as = DM_AS_ELEMENT, .doc = "Such as /machine."),
        DM_IN(fibrechannel_element),
        { 0 },
};
static void check_resource(const void *base, const DmXmlCheck *c)
{
        const DmResource *r = base;
        if (r->partition && *r->partition != '/')
                dm_check_fail(c, &r->partition, DM_ERROR_INVALID_XML, "the partition '%s' must begin with /",
                              r->partition);
}
const DmXmlElement dm_resource_element = {
        "resource",
        resource_rows,
        sizeof(DmResource),
        "The guest's place among the host's groups.",
        .check = check_resource,
};

static const DmXmlRow event_rows[] = {
        DM_ENUM(DmPerfSwitch, name, "name", dm_perf_event, .flags = DM_REQUIRED),
        DM_ENUM(DmPerfSwitch, enabled, "enabled", dm_yes_no, .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement event_element = { "event", event_rows, sizeof(DmPerfSwitch), "One counter." };
static const DmXmlRow perf_rows[] = { DM_LIST(DmPerf, events, event_element), { 0 } };
static void check_perf(const void *base, const DmXmlCheck *c)
{
        const DmPerf *p = base;
        guint32 seen = 0;
        for (guint i = 0; p->events && i < p->events->len; i++) {
                const DmPerfSwitch *e = g_ptr_array_index(p->events, i);
                if (e->name && (seen & (1u << e->name)))
                        dm_check_fail(c, &e->name, DM_ERROR_INVALID_XML, "the event '%s' is given twice",
                                      dm_enum_name(&dm_perf_event, e->name));
                seen |= 1u << e->name;
        }
}
const DmXmlElement dm_perf_element = {
        "perf", perf_rows, sizeof(DmPerf), "Counters of the host's CPUs.", .check = check_perf,
};

static const DmXmlRow to_mem_rows[] = { DM_ENUM(DmPm, suspend_to_mem, "enabled", dm_yes_no), { 0 } };
static const DmXmlElement to_mem_element = { "suspend-to-mem", to_mem_rows, .doc = "S3." };
static const DmXmlRow to_disk_rows[] = { DM_ENUM(DmPm, suspend_to_disk, "enabled", dm_yes_no), { 0 } };
static const DmXmlElement to_disk_element = { "suspend-to-disk", to_disk_rows, .doc = "S4." };
static const DmXmlRow pm_rows[] = { DM_IN(to_mem_element), DM_IN(to_disk_element), { 0 } };
const DmXmlElement dm_pm_element = { "pm", pm_rows, sizeof(DmPm), "Which sleep states the firmware offers." };

static const DmXmlRow id_rows[] = {
        DM_U32(DmIdmapEntry, start, "start", .flags = DM_REQUIRED),
        DM_U32(DmIdmapEntry, target, "target", .flags = DM_REQUIRED),
        DM_U32(DmIdmapEntry, count, "count", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement uid_element = { "uid", id_rows, sizeof(DmIdmapEntry), "A range of users." };
static const DmXmlElement gid_element = { "gid", id_rows, sizeof(DmIdmapEntry), "A range of groups." };
static const DmXmlRow idmap_rows[] = {
        DM_LIST(DmIdmap, uids, uid_element),
        DM_LIST(DmIdmap, gids, gid_element),
        { 0 },
};
const DmXmlElement dm_idmap_element = {
        "idmap",
        idmap_rows,
        sizeof(DmIdmap),
        "Of containers; kept, and of no effect on a virtual machine.",
};
