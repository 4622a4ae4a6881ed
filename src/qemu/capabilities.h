/* What this host can run, as the two documents that clients ask for. */
#pragma once

#include "conf/capabilities.h"
#include "conf/domain_capabilities.h"
#include "conf/findings.h"
#include "qemu/plan.h"
#include "qemu/virt_type.h"

/* The whole of <capabilities>.  Emulators are probed two at a time; one that is missing or does not answer is
 * absent, with a note in @findings (nullable).  @arch, nullable: only guests of this architecture, whose
 * emulators alone are waited for.  Never fails.  Owned. */
DmCapabilities *dm_host_capabilities(const DmHost *host, DmCapsSource *source, const char *arch,
                                     DmFindings *findings);

/* What of @caps, for guests of @arch on machines of @machine.  NULL leaves the choice to us: the host's
 * architecture, its emulator, KVM if it is usable, the default machine.  Errors are DM_ERROR_INVALID_ARG, in
 * libvirt's words.  Owned. */
DmDomainCapabilities *dm_domain_capabilities(const DmHost *host, DmCapsSource *source, const char *emulator,
                                             const char *arch, const char *machine, const char *virt_type,
                                             GError **error);

/* ---- between the files of the capabilities ---- */
void dm_capabilities_host_part(DmCapsHost *part, const DmHost *host, const DmCaps *native);
void dm_capabilities_xen(DmCapabilities *c, const DmHost *host);
DmCapsGuest *dm_capabilities_add_guest(DmCapabilities *c, const char *os_type, const char *arch,
                                       unsigned wordsize);
DmCapsDomain *dm_capabilities_add_domain(DmCapsGuest *g, const char *type);
void dm_capabilities_add_machine(GPtrArray **machines, const char *name, const char *canonical,
                                 unsigned max_cpus, gboolean deprecated);
/* "Intel", "AMD", "Hygon" of a CPUID vendor or of a model's name; "unknown". */
const char *dm_cpu_vendor_name(const char *cpuid_vendor);
const char *dm_cpu_model_vendor(const char *model);
/* The newest named model of @models that runs here without loss; NULL.  Borrowed. */
const DmCpuModel *dm_cpu_best_model(const GPtrArray *models, const char *cpuid_vendor);
/* libvirt's name of a CPU flag of /proc/cpuinfo, or of a property of QEMU's CPUs; NULL for those that are no
 * CPU features.  Borrowed. */
const char *dm_cpu_feature_of_flag(const char *flag);
const char *dm_cpu_feature_of_property(const char *property);
/* The <cpu> and <devices>, <features> parts of <domainCapabilities>. */
void dm_domcaps_cpu(DmDomainCapabilities *d, const DmCaps *caps, const DmArch *arch, DmVirtType type,
                    const DmHost *host);
/* @plan has all but devices. */
void dm_domcaps_devices(DmDomainCapabilities *d, const DmPlan *plan, const DmHost *host);
