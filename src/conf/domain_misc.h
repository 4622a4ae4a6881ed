/* Small devices: <memballoon>, <rng>, <watchdog>, <panic>. */
#pragma once

#include "conf/domain_chardev.h"
#include "conf/domain_input.h" /* DmVirtioModel */

typedef enum DmBalloonModel {
        DM_BALLOON_UNSET, /* the board's default */
        DM_BALLOON_VIRTIO,
        DM_BALLOON_VIRTIO_TRANSITIONAL,
        DM_BALLOON_VIRTIO_NON_TRANSITIONAL,
        DM_BALLOON_XEN,
        DM_BALLOON_NONE,
} DmBalloonModel;
typedef struct DmMemballoon {
        DmDevice dev;
        DmBalloonModel model;
        DmOnOff autodeflate, free_page_reporting;
        DmOptU32 stats_period; /* seconds */
        DmVirtioOptions virtio;
} DmMemballoon;

typedef enum DmRngBackend { DM_RNG_UNSET, DM_RNG_RANDOM, DM_RNG_EGD, DM_RNG_BUILTIN } DmRngBackend;
typedef struct DmRng {
        DmDevice dev;
        DmVirtioModel model;
        DmOptU32 rate_bytes, rate_period; /* <rate bytes= period=>, period in ms */
        DmRngBackend backend;
        char *path;    /* random: /dev/urandom */
        DmChardev egd; /* the line to the daemon; only its host side */
        DmVirtioOptions virtio;
} DmRng;

typedef enum DmWatchdogModel {
        DM_WATCHDOG_UNSET,
        DM_WATCHDOG_I6300ESB,
        DM_WATCHDOG_IB700,
        DM_WATCHDOG_DIAG288,
        DM_WATCHDOG_ITCO,
} DmWatchdogModel;
typedef enum DmWatchdogAction {
        DM_WATCHDOG_ACTION_UNSET,
        DM_WATCHDOG_RESET,
        DM_WATCHDOG_SHUTDOWN,
        DM_WATCHDOG_POWEROFF,
        DM_WATCHDOG_PAUSE,
        DM_WATCHDOG_NO_ACTION,
        DM_WATCHDOG_DUMP,
        DM_WATCHDOG_INJECT_NMI,
} DmWatchdogAction;
typedef struct DmWatchdog {
        DmDevice dev;
        DmWatchdogModel model;
        DmWatchdogAction action;
} DmWatchdog;

typedef enum DmPanicModel {
        DM_PANIC_UNSET,
        DM_PANIC_ISA,
        DM_PANIC_PSERIES,
        DM_PANIC_HYPERV,
        DM_PANIC_S390,
        DM_PANIC_PVPANIC,
} DmPanicModel;
typedef struct DmPanic {
        DmDevice dev;
        DmPanicModel model;
} DmPanic;

extern const DmEnum dm_balloon_model, dm_rng_backend, dm_watchdog_model, dm_watchdog_action, dm_panic_model;
