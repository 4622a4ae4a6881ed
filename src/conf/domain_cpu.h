/* <cpu>: model, features and topology of the guest's processors. */
#pragma once

#include "conf/device.h"

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
} DmCpu;

extern const DmXmlElement dm_cpu_element;
