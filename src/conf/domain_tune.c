/* <cputune>, <blkiotune>, <vcpus>, <iothreadids>: rows, and the rules between them. */
#include "conf/domain_tune.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_scheduler, "scheduler", [DM_SCHEDULER_BATCH] = "batch", [DM_SCHEDULER_IDLE] = "idle",
              [DM_SCHEDULER_FIFO] = "fifo", [DM_SCHEDULER_RR] = "rr");
DM_ENUM_TABLE(dm_cache_type,
              "cache type", [DM_CACHE_BOTH] = "both", [DM_CACHE_CODE] = "code", [DM_CACHE_DATA] = "data");

/* Fails at each item whose DmOptU32 at @offset repeats that of an earlier one. */
static void check_unique(const GPtrArray *list, gsize offset, const char *what, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        for (guint i = 0; list && i < list->len; i++) {
                const DmOptU32 *id = (const void *)((const char *)g_ptr_array_index(list, i) + offset);
                if (id->set && !g_hash_table_add(seen, GUINT_TO_POINTER(id->value)))
                        dm_check_fail(c, id, DM_ERROR_INVALID_XML, "the %s %u is given twice", what,
                                      id->value);
        }
}

/* ---- vcpus, iothreads ---- */

static const DmXmlRow vcpu_rows[] = {
        DM_U32(DmVcpu, id, "id", .flags = DM_REQUIRED),
        DM_ENUM(DmVcpu, enabled, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_ENUM(DmVcpu, hotpluggable, "hotpluggable", dm_yes_no),
        DM_U32(DmVcpu, order, "order", .min = 1, .doc = "In which order vCPUs are plugged in."),
        { 0 },
};
static const DmXmlElement vcpu_element = { "vcpu", vcpu_rows, sizeof(DmVcpu), "State of one vCPU." };
static const DmXmlRow vcpus_rows[] = { DM_LIST(DmVcpus, list, vcpu_element), { 0 } };
static void check_vcpus(const void *base, const DmXmlCheck *c)
{
        const DmVcpus *v = base;
        check_unique(v->list, offsetof(DmVcpu, id), "vCPU", c);
        check_unique(v->list, offsetof(DmVcpu, order), "order", c);
}
const DmXmlElement dm_vcpus_element = {
        "vcpus", vcpus_rows, sizeof(DmVcpus), "Which vCPUs are plugged in.", .check = check_vcpus,
};

#define POOL_ROWS                                                                                \
        DM_U32(DmIothread, pool_min, "thread_pool_min", .doc = "Worker threads that are kept."), \
                DM_U32(DmIothread, pool_max, "thread_pool_max", .doc = "Worker threads at most.")
static const DmXmlRow iothread_rows[] = {
        DM_U32(DmIothread, id, "id", .flags = DM_REQUIRED, .min = 1),
        POOL_ROWS,
        { 0 },
};
static const DmXmlRow default_iothread_rows[] = { POOL_ROWS, { 0 } };

static void check_pool(const void *base, const DmXmlCheck *c)
{
        const DmIothread *t = base;
        if (t->pool_min.set && t->pool_max.set && t->pool_min.value > t->pool_max.value)
                dm_check_fail(c, &t->pool_min, DM_ERROR_INVALID_XML,
                              "thread_pool_min %u is above thread_pool_max %u", t->pool_min.value,
                              t->pool_max.value);
}

static const DmXmlElement iothread_element = {
        "iothread", iothread_rows, sizeof(DmIothread), "An I/O thread.", .check = check_pool,
};
static const DmXmlRow iothread_ids_rows[] = { DM_LIST(DmIothreadIds, list, iothread_element), { 0 } };
static void check_iothread_ids(const void *base, const DmXmlCheck *c)
{
        check_unique(((const DmIothreadIds *)base)->list, offsetof(DmIothread, id), "I/O thread", c);
}
const DmXmlElement dm_iothread_ids_element = {
        "iothreadids",
        iothread_ids_rows,
        sizeof(DmIothreadIds),
        "Numbers of I/O threads.",
        .check = check_iothread_ids,
};
const DmXmlElement dm_default_iothread_element = {
        "defaultiothread",   default_iothread_rows, sizeof(DmIothread), "The main loop's worker threads.",
        .check = check_pool,
};

/* ---- cputune ---- */

#define SCHED_ROWS                                                                               \
        DM_ENUM(DmSched, scheduler, "scheduler", dm_scheduler, .flags = DM_REQUIRED),            \
                DM_U32(DmSched, priority, "priority", .flags = DM_REQUIRED, .min = 1, .max = 99, \
                       DM_WHEN(DmSched, scheduler, DM_SCHEDULER_FIFO, DM_SCHEDULER_RR))

static const DmXmlRow vcpupin_rows[] = {
        DM_U32(DmPin, id, "vcpu", .flags = DM_REQUIRED),
        DM_CUSTOM(DmPin, cpuset, "cpuset", dm_cpuset_codec, .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement vcpupin_element = { "vcpupin", vcpupin_rows, sizeof(DmPin),
                                              "Host CPUs of a vCPU." };
static const DmXmlRow iothreadpin_rows[] = {
        DM_U32(DmPin, id, "iothread", .flags = DM_REQUIRED),
        DM_CUSTOM(DmPin, cpuset, "cpuset", dm_cpuset_codec, .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement iothreadpin_element = {
        "iothreadpin",
        iothreadpin_rows,
        sizeof(DmPin),
        "Host CPUs of an I/O thread.",
};
static const DmXmlRow emulatorpin_rows[] = {
        DM_CUSTOM(DmCputune, emulator_pin, "cpuset", dm_cpuset_codec, .flags = DM_REQUIRED | DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement emulatorpin_element = { "emulatorpin", emulatorpin_rows,
                                                  .doc = "Of all other threads." };

static const DmXmlRow vcpusched_rows[] = {
        DM_CUSTOM(DmSched, threads, "vcpus", dm_cpuset_codec, .flags = DM_REQUIRED),
        SCHED_ROWS,
        { 0 },
};
static const DmXmlElement vcpusched_element = { "vcpusched", vcpusched_rows, sizeof(DmSched), "Of vCPUs." };
static const DmXmlRow iothreadsched_rows[] = {
        DM_CUSTOM(DmSched, threads, "iothreads", dm_cpuset_codec, .flags = DM_REQUIRED),
        SCHED_ROWS,
        { 0 },
};
static const DmXmlElement iothreadsched_element = {
        "iothreadsched",
        iothreadsched_rows,
        sizeof(DmSched),
        "Of I/O threads.",
};
static const DmXmlRow emulatorsched_rows[] = { SCHED_ROWS, { 0 } };
static const DmXmlElement emulatorsched_element = {
        "emulatorsched",
        emulatorsched_rows,
        sizeof(DmSched),
        "Of all other threads.",
};

static const DmXmlRow cache_rows[] = {
        DM_U32(DmCacheShare, id, "id", .flags = DM_REQUIRED),
        DM_U32(DmCacheShare, level, "level", .flags = DM_REQUIRED),
        DM_ENUM(DmCacheShare, type, "type", dm_cache_type, .flags = DM_REQUIRED),
        DM_SIZE(DmCacheShare, size, "size", 1, .flags = DM_REQUIRED, .min = 1),
        { 0 },
};
static const DmXmlElement cache_element = { "cache", cache_rows, sizeof(DmCacheShare),
                                            "A share of a cache." };
static const DmXmlRow cache_monitor_rows[] = {
        DM_U32(DmMonitor, level, "level", .flags = DM_REQUIRED),
        DM_CUSTOM(DmMonitor, vcpus, "vcpus", dm_cpuset_codec, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement cache_monitor = { "monitor", cache_monitor_rows, sizeof(DmMonitor),
                                            "Counts its use." };
static const DmXmlRow cachetune_rows[] = {
        DM_CUSTOM(DmCachetune, vcpus, "vcpus", dm_cpuset_codec, .flags = DM_REQUIRED),
        DM_STRING(DmCachetune, id, "id", .flags = DM_RUNTIME),
        DM_LIST(DmCachetune, caches, cache_element),
        DM_LIST(DmCachetune, monitors, cache_monitor),
        { 0 },
};
static const DmXmlElement cachetune_element = {
        "cachetune",
        cachetune_rows,
        sizeof(DmCachetune),
        "Host cache that vCPUs may use.",
};

static const DmXmlRow bandwidth_rows[] = {
        DM_U32(DmBandwidthShare, id, "id", .flags = DM_REQUIRED),
        DM_U32(DmBandwidthShare, bandwidth, "bandwidth", .flags = DM_REQUIRED, .max = 100, .doc = "Percent."),
        { 0 },
};
static const DmXmlElement bandwidth_element = { "node", bandwidth_rows, sizeof(DmBandwidthShare),
                                                "Of one node." };
static const DmXmlRow memory_monitor_rows[] = {
        DM_CUSTOM(DmMonitor, vcpus, "vcpus", dm_cpuset_codec, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement memory_monitor = { "monitor", memory_monitor_rows, sizeof(DmMonitor),
                                             "Counts its use." };
static const DmXmlRow memorytune_rows[] = {
        DM_CUSTOM(DmMemorytune, vcpus, "vcpus", dm_cpuset_codec, .flags = DM_REQUIRED),
        DM_LIST(DmMemorytune, nodes, bandwidth_element),
        DM_LIST(DmMemorytune, monitors, memory_monitor),
        { 0 },
};
static const DmXmlElement memorytune_element = {
        "memorytune",
        memorytune_rows,
        sizeof(DmMemorytune),
        "Host memory bandwidth that vCPUs may use.",
};

/* The kernel's limits, in microseconds. */
#define PERIOD .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE, .min = 1000, .max = 1000000
#define QUOTA  .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE, .doc = "Microseconds in each period; -1: all."
static const DmXmlRow cputune_rows[] = {
        DM_U64(DmCputune, shares, "shares", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_U64(DmCputune, period, "period", PERIOD),
        DM_I64(DmCputune, quota, "quota", QUOTA),
        DM_U64(DmCputune, global_period, "global_period", PERIOD),
        DM_I64(DmCputune, global_quota, "global_quota", QUOTA),
        DM_U64(DmCputune, emulator_period, "emulator_period", PERIOD),
        DM_I64(DmCputune, emulator_quota, "emulator_quota", QUOTA),
        DM_U64(DmCputune, iothread_period, "iothread_period", PERIOD),
        DM_I64(DmCputune, iothread_quota, "iothread_quota", QUOTA),
        DM_LIST(DmCputune, vcpu_pins, vcpupin_element),
        DM_IN(emulatorpin_element),
        DM_LIST(DmCputune, iothread_pins, iothreadpin_element),
        DM_SUB(DmCputune, emulator_sched, emulatorsched_element),
        DM_LIST(DmCputune, vcpu_scheds, vcpusched_element),
        DM_LIST(DmCputune, iothread_scheds, iothreadsched_element),
        DM_LIST(DmCputune, cachetunes, cachetune_element),
        DM_LIST(DmCputune, memorytunes, memorytune_element),
        { 0 },
};

#define QUOTA_MIN 1000
#define QUOTA_MAX G_GINT64_CONSTANT(17592186044415) /* what the kernel can count in nanoseconds */

static void check_cputune(const void *base, const DmXmlCheck *c)
{
        const DmCputune *t = base;
        const DmOptI64 *const quotas[] = { &t->quota, &t->global_quota, &t->emulator_quota,
                                           &t->iothread_quota };
        for (gsize i = 0; i < G_N_ELEMENTS(quotas); i++) {
                gint64 q = quotas[i]->value;
                if (quotas[i]->set && q >= 0 && (q < QUOTA_MIN || q > QUOTA_MAX))
                        dm_check_fail(c, quotas[i], DM_ERROR_INVALID_XML,
                                      "'%" G_GINT64_FORMAT "' is not from %d to %" G_GINT64_FORMAT
                                      ", nor negative",
                                      q, QUOTA_MIN, QUOTA_MAX);
        }
        check_unique(t->vcpu_pins, offsetof(DmPin, id), "vCPU", c);
        check_unique(t->iothread_pins, offsetof(DmPin, id), "I/O thread", c);
}

const DmXmlElement dm_cputune_element = {
        "cputune",
        cputune_rows,
        sizeof(DmCputune),
        "What the guest's threads may take of the host's CPUs.",
        .check = check_cputune,
};

/* ---- blkiotune ---- */

#define WEIGHT .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE, .max = 1000
static const DmXmlRow blkio_device_rows[] = {
        DM_STRING(DmBlkioDevice, path, "path", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED,
                  .doc = "Host device."),
        DM_U32(DmBlkioDevice, weight, "weight", WEIGHT),
        DM_U32(DmBlkioDevice, read_iops, "read_iops_sec", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_U32(DmBlkioDevice, write_iops, "write_iops_sec", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_U64(DmBlkioDevice, read_bytes, "read_bytes_sec", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_U64(DmBlkioDevice, write_bytes, "write_bytes_sec", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        { 0 },
};
static const DmXmlElement blkio_device = { "device", blkio_device_rows, sizeof(DmBlkioDevice),
                                           "Of one device." };
static const DmXmlRow blkiotune_rows[] = {
        DM_U32(DmBlkiotune, weight, "weight", WEIGHT),
        DM_LIST(DmBlkiotune, devices, blkio_device),
        { 0 },
};

static void check_blkiotune(const void *base, const DmXmlCheck *c)
{
        const DmBlkiotune *b = base;
        g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; b->devices && i < b->devices->len; i++) {
                const DmBlkioDevice *d = g_ptr_array_index(b->devices, i);
                if (d->path && !g_hash_table_add(paths, d->path))
                        dm_check_fail(c, &d->path, DM_ERROR_INVALID_XML, "the device '%s' is given twice",
                                      d->path);
        }
}

const DmXmlElement dm_blkiotune_element = {
        "blkiotune",
        blkiotune_rows,
        sizeof(DmBlkiotune),
        "What the guest may take of the host's disks.",
        .check = check_blkiotune,
};
