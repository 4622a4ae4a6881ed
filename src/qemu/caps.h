/* What one QEMU binary can do: the answers of its probe, kept whole enough that a feature of tomorrow needs
 * no new field.  Immutable once probed, shared by reference.
 *
 * Features are asked for by name (a device type, a property, a command, a member of the QMP schema), not by
 * version: distributions patch, and members are what QEMU keeps stable. */
#pragma once

#include <glib.h>

#include "util/json.h"

typedef struct DmMachine {
        char *name;        /* "pc-i440fx-7.2" */
        char *alias;       /* "pc"; nullable */
        char *description; /* -help era only; nullable */
        gboolean is_default, deprecated;
        unsigned max_cpus;
        char *default_cpu_type; /* QOM type, "qemu64-x86_64-cpu"; nullable */
        char *default_ram_id;   /* "pc.ram"; nullable: no memory-backend= possible */
        gboolean hotpluggable_cpus, numa;
} DmMachine;

typedef struct DmCpuModel {
        char *name; /* as -cpu takes it */
        char *type; /* QOM type; nullable */
        gboolean deprecated, is_static, migration_safe;
        char **unavailable; /* features that the host lacks with the accelerator that was probed: empty means
                             * usable; NULL when the emulator does not tell */
} DmCpuModel;

/* Accelerators, as bits of DmCaps.accels.  Names: dm_accel_names. */
typedef enum DmAccel {
        DM_ACCEL_TCG,
        DM_ACCEL_KVM,
        DM_ACCEL_XEN,
        DM_ACCEL_KQEMU,
        DM_ACCEL_QVM86,
        DM_ACCEL_HVF,
        DM_ACCEL_N
} DmAccel;
const char *dm_accel_name(DmAccel a);

/* What the help of an emulator older than QMP probing (≤ 1.1) says (facts by token, see caps_help.c). */
typedef enum DmHelpFlag {
        DM_HELP_NO_KQEMU = 1 << 0,     /* -no-kqemu: built in and on by default */
        DM_HELP_ENABLE_KQEMU = 1 << 1, /* -enable-kqemu: off by default */
        DM_HELP_NO_KVM = 1 << 2,
        DM_HELP_ENABLE_KVM = 1 << 3,
        DM_HELP_MACHINE_ACCEL = 1 << 4, /* -machine accel=, 0.15+ */
        DM_HELP_DRIVE = 1 << 5,
        DM_HELP_DRIVE_BOOT = 1 << 6, /* -drive boot=on */
        DM_HELP_BOOT_ORDER = 1 << 7, /* -boot order= */
        DM_HELP_NAME = 1 << 8,
        DM_HELP_UUID = 1 << 9,
        DM_HELP_VGA = 1 << 10,
        DM_HELP_VNC_COLON = 1 << 11, /* -vnc host:N */
        DM_HELP_NODEFAULTS = 1 << 12,
        DM_HELP_DEVICE = 1 << 13,
        DM_HELP_CHARDEV = 1 << 14,
        DM_HELP_NETDEV = 1 << 15,
        DM_HELP_QMP = 1 << 16,
        DM_HELP_BIOS = 1 << 17,
        DM_HELP_NO_SHUTDOWN = 1 << 18,
        DM_HELP_DRIVE_CACHE_V2 = 1 << 19, /* cache=writethrough|writeback|none */
        DM_HELP_DRIVE_SERIAL = 1 << 20,
        DM_HELP_DRIVE_FORMAT = 1 << 21,
        DM_HELP_DAEMONIZE = 1 << 22,
} DmHelpFlag;
#define DM_HELP_N 23
/* Name of flag number @bit ("no-kqemu"). */
const char *dm_help_flag_name(unsigned bit);

typedef struct DmCaps DmCaps;
struct DmCaps {
        gatomicrefcount refs;
        char *path;         /* as it was asked for, "/usr/bin/qemu-system-i386" */
        char *program;      /* what really ran (a wrapper's target); equals path when no wrapper; nullable */
        unsigned version;   /* 7002022 for 7.2.22 */
        char *version_text; /* "7.2.22" */
        char *package;      /* "Debian 1:7.2+dfsg-7+deb12u18"; nullable */
        char *target;       /* QEMU's name: "x86_64", "or1k" */
        gboolean help_era;  /* probed by -help: can be listed and built for, not run */
        unsigned help;      /* DmHelpFlag */
        unsigned accels;    /* 1 << DmAccel: compiled in */
        gboolean kvm_enabled; /* the probe itself ran on KVM */
        gboolean partial;     /* the probe died on the way; what is here is true, what is missing may exist */
        char **module_dirs;   /* where its loadable modules are, or would be (for the cache); nullable */
        GPtrArray *machines;  /* DmMachine; the emulator's order; without "none" */
        GPtrArray *cpu_models; /* DmCpuModel, with the accelerator of the probe: kvm where it is usable,
                                * else tcg (a binary without tcg: qtest, and then nothing is known of the
                                * host) */
        GPtrArray *tcg_models; /* the same with tcg alone (equal to cpu_models where the probe ran on tcg);
                                * NULL: not asked (yet), see dm_caps_cache_get_tcg() */
        GHashTable *types;     /* char * set: instantiable QOM types: devices, objects, accelerators */
        GHashTable *commands;  /* char * set: QMP commands */
        GHashTable *features; /* char * set: "type.property", "option:parameter", "schema:…", "migration:…" */
        DmJson *host_model; /* query-cpu-model-expansion of "host", when the probe ran on kvm; nullable */
        DmJson *tcg_model;  /* the same of "max" with tcg alone; comes with tcg_models; nullable */
        DmJson *gic, *sev, *sgx, *tpm_models, *tpm_types; /* raw answers; nullable */
        const DmCaps *base; /* private: every pointer above that is equal to base's is base's own; nullable */
};

DmCaps *dm_caps_new(const char *path);
DmCaps *dm_caps_ref(const DmCaps *c);
void dm_caps_unref(const DmCaps *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmCaps, dm_caps_unref)

/* ---- questions ---- */
gboolean dm_caps_has_accel(const DmCaps *c, DmAccel a);
gboolean dm_caps_has_type(const DmCaps *c, const char *device_type);
gboolean dm_caps_has_command(const DmCaps *c, const char *qmp_command);
/* A property of a type in the table of caps_types.c ("virtio-blk-pci", "packed"); the transitional forms of a
 * virtio device are answered as the plain one.  Machine types there stand for the newest version of their
 * family ("virt-machine", "pseries-machine", "none-machine"). */
gboolean dm_caps_has_prop(const DmCaps *c, const char *type, const char *property);
/* A parameter of query-command-line-options ("machine", "hpet"). */
gboolean dm_caps_has_option(const DmCaps *c, const char *option, const char *parameter);
/* A capability of migration, by QEMU's name ("multifd"). */
gboolean dm_caps_has_migration(const DmCaps *c, const char *name);
/* A member of the QMP schema, by the name it has in the table of caps_schema.c (asserted; add a row there):
 * "object-add:qom-type=secret", "device_add!json-cli-hotplug", "netdev_add:type=dgram". */
gboolean dm_caps_has_schema(const DmCaps *c, const char *name);
/* Machine by exact name or alias; borrowed, NULL when not offered. */
const DmMachine *dm_caps_machine(const DmCaps *c, const char *name_or_alias);
const DmMachine *dm_caps_default_machine(const DmCaps *c);
const DmCpuModel *dm_caps_cpu_model(const DmCaps *c, const char *name);
/* The same in one of the two arrays; NULL when @models is NULL. */
const DmCpuModel *dm_cpu_model_find(const GPtrArray *models, const char *name);
/* TRUE when the emulator says that this model runs here without loss. */
static inline gboolean dm_cpu_model_usable(const DmCpuModel *m)
{
        return m->unavailable && !m->unavailable[0];
}
/* "tcg, kvm", for messages.  Owned. */
char *dm_caps_accel_list(const DmCaps *c);
#define DM_QEMU_VERSION(major, minor, micro) ((major)*1000000u + (minor)*1000u + (micro))

/* ---- JSON, for the cache on disk and for `domus capabilities --json` ---- */
DmJson *dm_caps_to_json(const DmCaps *c);
DmCaps *dm_caps_from_json(const DmJson *j, GError **error);

/* ---- where capabilities come from ---- */
/* The probed emulators of a driver.  get() probes at first need (blocking this caller only; others that ask
 * for the same binary wait for the same probe), caches by identity, and is safe to call from any thread.  A
 * test gives a source of its own with ready-made caps. */
typedef struct DmCapsSource DmCapsSource;
struct DmCapsSource {
        /* Owned reference, or NULL with the reason («/bin/true did not answer as QEMU: …»). */
        DmCaps *(*get)(DmCapsSource *source, const char *path, GError **error);
        /* The same with tcg_models, which may take one more start.  NULL: this source has no more than get().
         */
        DmCaps *(*get_tcg)(DmCapsSource *source, const char *path, GError **error);
};
static inline DmCaps *dm_caps_source_get(DmCapsSource *s, const char *path, GError **error)
{
        return s->get(s, path, error);
}
