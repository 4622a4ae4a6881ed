/* <memoryBacking>, <memtune>, <numatune>: where guest memory comes from, and how much of the host's it may
 * take. */
#pragma once

#include "conf/device.h"

typedef enum DmMemorySource {
        DM_MEMORY_SOURCE_UNSET,
        DM_MEMORY_FILE,
        DM_MEMORY_ANONYMOUS,
        DM_MEMORY_MEMFD,
} DmMemorySource;
typedef enum DmMemoryAccess { DM_MEMORY_ACCESS_UNSET, DM_MEMORY_SHARED, DM_MEMORY_PRIVATE } DmMemoryAccess;
typedef enum DmMemoryAllocation {
        DM_MEMORY_ALLOCATION_UNSET,
        DM_MEMORY_IMMEDIATE,
        DM_MEMORY_ONDEMAND,
} DmMemoryAllocation;
extern const DmEnum dm_memory_source, dm_memory_access, dm_memory_allocation;

typedef struct DmHugepage {
        int unused;
        DmOptU64 size; /* bytes */
        char *nodeset; /* guest NUMA nodes; NULL: all others */
} DmHugepage;

typedef struct DmMemoryBacking {
        int unused;
        gboolean hugepages, nosharepages, locked, discard;
        GPtrArray *pages; /* of DmHugepage; NULL: the host's default size */
        DmMemorySource source;
        DmMemoryAccess access;
        DmMemoryAllocation allocation;
        DmOptU32 threads; /* that allocate */
} DmMemoryBacking;
extern const DmXmlElement dm_memory_backing_element;

typedef struct DmMemtune {
        int unused;
        DmOptU64 hard_limit, soft_limit, min_guarantee, swap_hard_limit; /* bytes */
} DmMemtune;
extern const DmXmlElement dm_memtune_element;

typedef enum DmNumaMode {
        DM_NUMA_MODE_UNSET,
        DM_NUMA_STRICT,
        DM_NUMA_PREFERRED,
        DM_NUMA_INTERLEAVE,
        DM_NUMA_RESTRICTIVE,
} DmNumaMode;
extern const DmEnum dm_numa_mode, dm_placement;
typedef enum DmPlacement { DM_PLACEMENT_UNSET, DM_PLACEMENT_STATIC, DM_PLACEMENT_AUTO } DmPlacement;

typedef struct DmMemnode {
        int unused;
        DmOptU32 cell;
        DmNumaMode mode;
        char *nodeset;
} DmMemnode;

typedef struct DmNumatune {
        int unused;
        gboolean memory; /* <memory> is there */
        DmNumaMode mode;
        DmPlacement placement;
        char *nodeset;
        GPtrArray *memnodes; /* of DmMemnode */
} DmNumatune;
extern const DmXmlElement dm_numatune_element;
