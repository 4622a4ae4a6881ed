/* <cputune>, <blkiotune>, <vcpus>, <iothreadids>: what the guest's threads may take of the host, and who they
 * are. */
#pragma once

#include "conf/device.h"

typedef struct DmVcpu {
        int unused;
        DmOptU32 id, order;
        DmYesNo enabled, hotpluggable;
} DmVcpu;
typedef struct DmVcpus {
        int unused;
        GPtrArray *list; /* of DmVcpu */
} DmVcpus;
extern const DmXmlElement dm_vcpus_element;

typedef struct DmIothread {
        int unused;
        DmOptU32 id; /* from 1; in <defaultiothread> unset */
        DmOptU32 pool_min, pool_max;
} DmIothread;
typedef struct DmIothreadIds {
        int unused;
        GPtrArray *list; /* of DmIothread */
} DmIothreadIds;
extern const DmXmlElement dm_iothread_ids_element, dm_default_iothread_element;

typedef enum DmScheduler {
        DM_SCHEDULER_UNSET,
        DM_SCHEDULER_BATCH,
        DM_SCHEDULER_IDLE,
        DM_SCHEDULER_FIFO,
        DM_SCHEDULER_RR,
} DmScheduler;
typedef enum DmCacheType { DM_CACHE_TYPE_UNSET, DM_CACHE_BOTH, DM_CACHE_CODE, DM_CACHE_DATA } DmCacheType;
extern const DmEnum dm_scheduler, dm_cache_type;

/* One thread or group of threads, and host CPUs or a scheduler for it. */
typedef struct DmPin {
        int unused;
        DmOptU32 id; /* vCPU or I/O thread */
        char *cpuset;
} DmPin;
typedef struct DmSched {
        int unused;
        char *threads; /* set of vCPUs or I/O threads; NULL: the emulator's */
        DmScheduler scheduler;
        DmOptU32 priority;
} DmSched;
typedef struct DmCacheShare {
        int unused;
        DmOptU32 id, level;
        DmCacheType type;
        DmOptU64 size; /* bytes */
} DmCacheShare;
typedef struct DmMonitor {
        int unused;
        DmOptU32 level;
        char *vcpus;
} DmMonitor;
typedef struct DmCachetune {
        int unused;
        char *vcpus, *id;
        GPtrArray *caches, *monitors; /* of DmCacheShare, DmMonitor */
} DmCachetune;
typedef struct DmBandwidthShare {
        int unused;
        DmOptU32 id, bandwidth;
} DmBandwidthShare;
typedef struct DmMemorytune {
        int unused;
        char *vcpus;
        GPtrArray *nodes, *monitors; /* of DmBandwidthShare, DmMonitor */
} DmMemorytune;

typedef struct DmCputune {
        int unused;
        DmOptU64 shares;
        /* microseconds; a quota of -1 is none */
        DmOptU64 period, global_period, emulator_period, iothread_period;
        DmOptI64 quota, global_quota, emulator_quota, iothread_quota;
        GPtrArray *vcpu_pins, *iothread_pins; /* of DmPin */
        char *emulator_pin;
        DmSched *emulator_sched;
        GPtrArray *vcpu_scheds, *iothread_scheds; /* of DmSched */
        GPtrArray *cachetunes, *memorytunes;      /* of DmCachetune, DmMemorytune */
} DmCputune;
extern const DmXmlElement dm_cputune_element;

typedef struct DmBlkioDevice {
        int unused;
        char *path;
        DmOptU32 weight, read_iops, write_iops;
        DmOptU64 read_bytes, write_bytes;
} DmBlkioDevice;
typedef struct DmBlkiotune {
        int unused;
        DmOptU32 weight;
        GPtrArray *devices; /* of DmBlkioDevice */
} DmBlkiotune;
extern const DmXmlElement dm_blkiotune_element;
