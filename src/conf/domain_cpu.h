/* <cpu>: model, features and topology of the guest's processors. */
#pragma once

#include "conf/domain_memory.h"

typedef enum DmCpuMode {
        DM_CPU_MODE_UNSET,
        DM_CPU_CUSTOM,
        DM_CPU_HOST_MODEL,
        DM_CPU_HOST_PASSTHROUGH,
        DM_CPU_MAXIMUM,
} DmCpuMode;
typedef enum DmCpuMatch { DM_MATCH_UNSET, DM_MATCH_MINIMUM, DM_MATCH_EXACT, DM_MATCH_STRICT } DmCpuMatch;
typedef enum DmCpuCheck { DM_CHECK_UNSET, DM_CHECK_NONE, DM_CHECK_PARTIAL, DM_CHECK_FULL } DmCpuCheck;
typedef enum DmCpuFallback { DM_FALLBACK_UNSET, DM_FALLBACK_ALLOW, DM_FALLBACK_FORBID } DmCpuFallback;
typedef enum DmCpuPolicy {
        DM_POLICY_UNSET,
        DM_POLICY_FORCE,
        DM_POLICY_REQUIRE,
        DM_POLICY_OPTIONAL,
        DM_POLICY_DISABLE,
        DM_POLICY_FORBID,
} DmCpuPolicy;
extern const DmEnum dm_cpu_mode, dm_cpu_match, dm_cpu_check, dm_cpu_fallback, dm_cpu_policy;

typedef struct DmCpuFeature {
        int unused;
        DmCpuPolicy policy;
        char *name;
} DmCpuFeature;

typedef enum DmNumaAssociativity {
        DM_ASSOCIATIVITY_UNSET,
        DM_ASSOCIATIVITY_NONE,
        DM_ASSOCIATIVITY_DIRECT,
        DM_ASSOCIATIVITY_FULL,
} DmNumaAssociativity;
typedef enum DmNumaCachePolicy {
        DM_CACHE_POLICY_UNSET,
        DM_CACHE_POLICY_NONE,
        DM_CACHE_POLICY_WRITEBACK,
        DM_CACHE_POLICY_WRITETHROUGH,
} DmNumaCachePolicy;
typedef enum DmNumaAccess {
        DM_NUMA_ACCESS_UNSET,
        DM_NUMA_ACCESS_ACCESS,
        DM_NUMA_ACCESS_READ,
        DM_NUMA_ACCESS_WRITE,
} DmNumaAccess;
typedef enum DmCpuCacheMode {
        DM_CPU_CACHE_UNSET,
        DM_CPU_CACHE_EMULATE,
        DM_CPU_CACHE_PASSTHROUGH,
        DM_CPU_CACHE_DISABLE,
} DmCpuCacheMode;
extern const DmEnum dm_numa_associativity, dm_numa_cache_policy, dm_numa_access, dm_cpu_cache_mode,
        dm_cpu_address_mode;

typedef struct DmNumaSibling {
        int unused;
        DmOptU32 id, value;
} DmNumaSibling;
typedef struct DmNumaCache {
        int unused;
        DmOptU32 level;
        DmNumaAssociativity associativity;
        DmNumaCachePolicy policy;
        DmOptU64 size, line; /* bytes */
} DmNumaCache;
typedef struct DmNumaCell {
        int unused;
        DmOptU32 id;
        char *cpus;
        DmOptU64 memory; /* bytes */
        DmMemoryAccess access;
        DmYesNo discard;
        GPtrArray *distances, *caches; /* of DmNumaSibling, DmNumaCache */
} DmNumaCell;
/* <latency> and <bandwidth> between two nodes. */
typedef struct DmNumaLink {
        int unused;
        DmOptU32 initiator, target, cache;
        DmNumaAccess type;
        DmOptU64 value; /* nanoseconds; bandwidth: bytes a second */
} DmNumaLink;
typedef struct DmNuma {
        int unused;
        GPtrArray *cells;                  /* of DmNumaCell */
        GPtrArray *latencies, *bandwidths; /* of DmNumaLink */
} DmNuma;

typedef struct DmCpu {
        int unused;
        DmCpuMode mode;
        DmCpuMatch match;
        DmCpuCheck check;
        DmOnOff migratable;
        char *model;
        DmCpuFallback fallback;
        char *vendor_id;
        char *vendor;
        /* <topology> */
        DmOptU32 sockets, dies, cores, threads;
        GPtrArray *features; /* of DmCpuFeature */
        DmOptU32 cache_level;
        DmCpuCacheMode cache_mode;
        DmCpuCacheMode address_mode; /* <maxphysaddr>: emulate or passthrough */
        DmOptU32 address_bits;
        DmNuma *numa;
} DmCpu;

extern const DmXmlElement dm_cpu_element;
