/* <memballoon>, <rng>, <watchdog>, <panic>: rows, and the rules between them. */
#include "conf/domain_misc.h"

DM_ENUM_TABLE(dm_balloon_model, "memballoon model", [DM_BALLOON_VIRTIO] = "virtio",
              [DM_BALLOON_VIRTIO_TRANSITIONAL] = "virtio-transitional",
              [DM_BALLOON_VIRTIO_NON_TRANSITIONAL] = "virtio-non-transitional", [DM_BALLOON_XEN] = "xen",
              [DM_BALLOON_NONE] = "none");
DM_ENUM_TABLE(dm_rng_backend,
              "rng backend", [DM_RNG_RANDOM] = "random", [DM_RNG_EGD] = "egd", [DM_RNG_BUILTIN] = "builtin");
DM_ENUM_TABLE(dm_watchdog_model, "watchdog model", [DM_WATCHDOG_I6300ESB] = "i6300esb",
              [DM_WATCHDOG_IB700] = "ib700", [DM_WATCHDOG_DIAG288] = "diag288", [DM_WATCHDOG_ITCO] = "itco");
DM_ENUM_TABLE(
        dm_watchdog_action,
        "watchdog action", [DM_WATCHDOG_RESET] = "reset", [DM_WATCHDOG_SHUTDOWN] = "shutdown",
        [DM_WATCHDOG_POWEROFF] = "poweroff", [DM_WATCHDOG_PAUSE] = "pause", [DM_WATCHDOG_NO_ACTION] = "none",
        [DM_WATCHDOG_DUMP] = "dump", [DM_WATCHDOG_INJECT_NMI] = "inject-nmi");
DM_ENUM_TABLE(dm_panic_model, "panic model", [DM_PANIC_ISA] = "isa", [DM_PANIC_PSERIES] = "pseries",
              [DM_PANIC_HYPERV] = "hyperv", [DM_PANIC_S390] = "s390", [DM_PANIC_PVPANIC] = "pvpanic");

/* ---- memballoon ---- */

static const DmXmlRow stats_rows[] = {
        DM_U32(DmMemballoon, stats_period, "period", .flags = DM_REQUIRED | DM_UPDATABLE,
               .doc = "Seconds; 0: off."),
        { 0 },
};
static const DmXmlElement stats_element = { "stats", stats_rows,
                                            .doc = "How often the guest reports its memory." };
static const DmXmlRow balloon_driver_rows[] = { DM_VIRTIO_ROWS(DmMemballoon, virtio), { 0 } };
static const DmXmlElement balloon_driver = { "driver", balloon_driver_rows,
                                             .doc = "Tuning of a virtio device." };
static const DmXmlRow memballoon_rows[] = {
        DM_ENUM(DmMemballoon, model, "model", dm_balloon_model, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmMemballoon, autodeflate, "autodeflate", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmMemballoon, free_page_reporting, "freePageReporting", dm_on_off, .flags = DM_ABI),
        DM_IN(stats_element),
        DM_DEVICE_TAIL(DmMemballoon),
        DM_IN(balloon_driver),
        { 0 },
};
const DmXmlElement dm_memballoon_schema = {
        "memballoon",
        memballoon_rows,
        sizeof(DmMemballoon),
        "Takes memory from the running guest, and gives it back.",
};

/* ---- rng ---- */

static const DmXmlRow rate_rows[] = {
        DM_U32(DmRng, rate_bytes, "bytes", .flags = DM_REQUIRED, .min = 1),
        DM_U32(DmRng, rate_period, "period", .doc = "Milliseconds."),
        { 0 },
};
static const DmXmlElement rate_element = { "rate", rate_rows, .doc = "How fast the guest may take." };

#define EGD DM_WHEN(DmRng, backend, DM_RNG_EGD)
static const DmXmlRow backend_rows[] = {
        DM_ENUM(DmRng, backend, "model", dm_rng_backend, .flags = DM_REQUIRED),
        DM_STRING(DmRng, path, NULL, .as = DM_AS_TEXT, DM_WHEN(DmRng, backend, DM_RNG_RANDOM)),
        DM_CHARDEV_TYPE_ROW(DmRng, egd, .flags = DM_REQUIRED, EGD),
        DM_CHARDEV_SOURCE_ROWS(DmRng, egd),
        { 0 },
};
static const DmXmlElement backend_element = { "backend", backend_rows,
                                              .doc = "Where the entropy comes from." };
static const DmXmlRow rng_driver_rows[] = { DM_VIRTIO_ROWS(DmRng, virtio), { 0 } };
static const DmXmlElement rng_driver = { "driver", rng_driver_rows, .doc = "Tuning of a virtio device." };
static const DmXmlRow rng_rows[] = {
        DM_ENUM(DmRng, model, "model", dm_virtio_model, .flags = DM_REQUIRED | DM_ABI),
        DM_IN(rate_element),
        DM_IN(backend_element, .flags = DM_REQUIRED),
        DM_IN(rng_driver),
        DM_DEVICE_TAIL(DmRng),
        { 0 },
};

static void check_rng(const void *base, const DmXmlCheck *c)
{
        dm_chardev_check(&((const DmRng *)base)->egd, c);
}

const DmXmlElement dm_rng_schema = {
        "rng", rng_rows, sizeof(DmRng), "A source of random numbers.", .check = check_rng,
};

/* ---- watchdog, panic ---- */

static const DmXmlRow watchdog_rows[] = {
        DM_ENUM(DmWatchdog, model, "model", dm_watchdog_model, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmWatchdog, action, "action", dm_watchdog_action,
                .doc = "What happens when the guest hangs."),
        DM_DEVICE_TAIL(DmWatchdog),
        { 0 },
};
static const char *watchdog_label(const void *base)
{
        return dm_enum_name(&dm_watchdog_model, ((const DmWatchdog *)base)->model);
}
const DmXmlElement dm_watchdog_schema = {
        "watchdog", watchdog_rows, sizeof(DmWatchdog), "Acts when the guest hangs.", .label = watchdog_label,
};

static const DmXmlRow panic_rows[] = {
        DM_ENUM(DmPanic, model, "model", dm_panic_model, .flags = DM_ABI),
        DM_DEVICE_TAIL(DmPanic),
        { 0 },
};
static const char *panic_label(const void *base)
{
        return dm_enum_name(&dm_panic_model, ((const DmPanic *)base)->model);
}
const DmXmlElement dm_panic_schema = {
        "panic",
        panic_rows,
        sizeof(DmPanic),
        "Tells the host when the guest's kernel has died.",
        .label = panic_label,
};
