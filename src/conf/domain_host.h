/* <resource>, <perf>, <pm>, <idmap>: small sections on the guest's place in the host. */
#pragma once

#include "conf/device.h"

typedef struct DmResource {
        int unused;
        char *partition; /* cgroup that the guest's own is made in */
        char *appid;     /* fibrechannel */
} DmResource;

typedef enum DmPerfEvent {
        DM_PERF_UNSET,
        DM_PERF_CMT,
        DM_PERF_MBMT,
        DM_PERF_MBML,
        DM_PERF_CACHE_MISSES,
        DM_PERF_CACHE_REFERENCES,
        DM_PERF_INSTRUCTIONS,
        DM_PERF_CPU_CYCLES,
        DM_PERF_BRANCH_INSTRUCTIONS,
        DM_PERF_BRANCH_MISSES,
        DM_PERF_BUS_CYCLES,
        DM_PERF_STALLED_CYCLES_FRONTEND,
        DM_PERF_STALLED_CYCLES_BACKEND,
        DM_PERF_REF_CPU_CYCLES,
        DM_PERF_CPU_CLOCK,
        DM_PERF_TASK_CLOCK,
        DM_PERF_PAGE_FAULTS,
        DM_PERF_CONTEXT_SWITCHES,
        DM_PERF_CPU_MIGRATIONS,
        DM_PERF_PAGE_FAULTS_MIN,
        DM_PERF_PAGE_FAULTS_MAJ,
        DM_PERF_ALIGNMENT_FAULTS,
        DM_PERF_EMULATION_FAULTS,
} DmPerfEvent;
extern const DmEnum dm_perf_event;
typedef struct DmPerfSwitch {
        int unused;
        DmPerfEvent name;
        DmYesNo enabled;
} DmPerfSwitch;
typedef struct DmPerf {
        int unused;
        GPtrArray *events; /* of DmPerfSwitch */
} DmPerf;

typedef struct DmPm {
        int unused;
        DmYesNo suspend_to_mem, suspend_to_disk;
} DmPm;

typedef struct DmIdmapEntry {
        int unused;
        DmOptU32 start, target, count;
} DmIdmapEntry;
typedef struct DmIdmap {
        int unused;
        GPtrArray *uids, *gids; /* of DmIdmapEntry */
} DmIdmap;

extern const DmXmlElement dm_resource_element, dm_perf_element, dm_pm_element, dm_idmap_element;
