/* A domain definition: what a guest *is*.  (What it is doing lives in src/driver.)
 *
 * A DmDomain is built by one owner and immutable from the moment it is published; then it is shared by
 * reference.  Change means: copy, change, publish. */
#pragma once

#include "conf/device.h"
#include "conf/domain_clock.h"
#include "conf/domain_cpu.h"
#include "conf/domain_features.h"
#include "conf/domain_host.h"
#include "conf/domain_memory.h"
#include "conf/domain_os.h"
#include "conf/domain_qemu.h"
#include "conf/domain_security.h"
#include "conf/domain_sysinfo.h"
#include "conf/domain_tune.h"

#define DM_DOMAIN_NAME_MAX 255

typedef enum DmAction {
        DM_ACTION_UNSET,
        DM_ACTION_DESTROY,
        DM_ACTION_RESTART,
        DM_ACTION_PRESERVE,
        DM_ACTION_RENAME_RESTART,
        DM_ACTION_COREDUMP_DESTROY, /* on_crash only */
        DM_ACTION_COREDUMP_RESTART,
} DmAction;
typedef enum DmLockFailure {
        DM_LOCK_FAILURE_UNSET,
        DM_LOCK_FAILURE_POWEROFF,
        DM_LOCK_FAILURE_RESTART,
        DM_LOCK_FAILURE_PAUSE,
        DM_LOCK_FAILURE_IGNORE,
} DmLockFailure;
extern const DmEnum dm_action, dm_crash_action, dm_lock_failure;

typedef struct DmDomain {
        gatomicrefcount refs;
        DmOrigins *origins; /* owned; where the values came from; NULL when nobody asked */
        /* -- rows from here -- */
        DmOptU32 id; /* runtime */
        char *type;  /* "qemu", "kvm", …: any text; the resolver judges it */
        char *name, *uuid, *title, *description;
        char *metadata; /* verbatim, with its own element */
        gboolean genid_wanted;
        char *genid;
        DmOptU64 memory, current_memory, max_memory; /* bytes */
        DmOptU32 memory_slots;
        DmOnOff dump_core;
        DmOptU32 vcpus, current_vcpus;
        char *cpuset;
        DmPlacement placement;
        DmVcpus *vcpu_list;
        DmOptU32 iothreads; /* how many */
        DmIothreadIds *iothread_ids;
        DmIothread *default_iothread;
        DmCputune *cputune;
        DmBlkiotune *blkiotune;
        DmMemtune *memtune;
        DmMemoryBacking *memory_backing;
        DmNumatune *numatune;
        DmResource *resource;
        GPtrArray *sysinfo; /* of DmSysinfo */
        DmIdmap *idmap;
        DmOs os;
        DmFeatures *features;
        DmCpu *cpu;
        DmClock *clock;
        DmAction on_poweroff, on_reboot, on_crash;
        DmLockFailure on_lockfailure;
        DmPm *pm;
        DmPerf *perf;
        char *emulator;
        GPtrArray *devices;   /* of structs that begin with a DmDevice, by kind and then in document order;
                                 NULL: none */
        GPtrArray *seclabels; /* of DmSeclabel */
        DmKeywrap *keywrap;
        DmLaunchSecurity *launch_security;
        DmQemuCommandline *qemu_commandline;
        DmQemuCapabilities *qemu_capabilities;
        DmQemuDeprecated *qemu_deprecation;
        DmQemuOverride *qemu_override;
        char *foreign; /* elements of foreign namespaces, verbatim */
} DmDomain;

extern const DmXmlElement dm_domain_element;

/* Reads a document.  Everything found goes to @findings (nullable).  Owned, or NULL with the first error. */
DmDomain *dm_domain_parse(const char *text, gsize length, DmXmlParseFlags flags, DmFindings *findings,
                          GError **error);
/* The rules between devices and sections, beyond what their rows and checks say (domain_check.c);
 * dm_domain_parse has applied them.  @findings is required. */
void dm_domain_check(const DmDomain *d, DmFindings *findings);
/* An independent copy that may be changed until it is published.  Where its values came from is not copied.
 */
DmDomain *dm_domain_copy(const DmDomain *d);
DmDomain *dm_domain_ref(const DmDomain *d);
void dm_domain_unref(const DmDomain *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmDomain, dm_domain_unref)
/* FALSE: the document holds something that is kept in definitions but that no guest can be started with (rows
 * with DM_DEFERRED).  Asked before a guest is started, so that nothing is left out in silence. */
gboolean dm_domain_check_deferred(const DmDomain *d, GError **error);
/* The same for what is done beside QEMU (DM_BESIDE): asked when it is really started. */
gboolean dm_domain_check_beside(const DmDomain *d, GError **error);
char *dm_domain_format(const DmDomain *d, DmXmlFormatFlags flags);

/* Appends a zeroed device of @kind at the end of its kind and returns it (borrowed from @d; cast it). */
void *dm_domain_add_device(DmDomain *d, DmDeviceKind kind);
/* Takes @device out and frees it. */
void dm_domain_remove_device(DmDomain *d, DmDevice *device);
/* The @n-th device of @kind, or NULL. */
void *dm_domain_device(const DmDomain *d, DmDeviceKind kind, unsigned n);
unsigned dm_domain_count(const DmDomain *d, DmDeviceKind kind);
/* "disk vda", "interface 52:54:…", "controller usb 0": how messages name a device.  Owned. */
char *dm_device_describe(const DmDevice *device);

/* The @n-th device of all, or NULL.  Borrowed. */
static inline DmDevice *dm_domain_nth(const DmDomain *d, gsize n)
{
        return d->devices && n < d->devices->len ? (DmDevice *)g_ptr_array_index(d->devices, n) : NULL;
}

/* for (DmDevice *var…) over all devices, in order.  One loop, so that `break` leaves it; the place is counted
 * in a pointer because a `for` declares variables of one type only. */
#define DM_FOREACH_DEVICE(d, var)                                                                        \
        for (DmDevice *var = NULL, *var##_n = NULL; (var = dm_domain_nth(d, GPOINTER_TO_SIZE(var##_n))); \
             var##_n = GSIZE_TO_POINTER(GPOINTER_TO_SIZE(var##_n) + 1))
