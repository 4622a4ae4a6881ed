/* <features>: rows.  A feature with a state that is there without it is on. */
#include "conf/domain_features.h"

#include <string.h>

DM_ENUM_TABLE(dm_gic_version, "GIC version", [DM_GIC_2] = "2", [DM_GIC_3] = "3", [DM_GIC_HOST] = "host");
DM_ENUM_TABLE(dm_ioapic, "ioapic driver", [DM_IOAPIC_KVM] = "kvm", [DM_IOAPIC_QEMU] = "qemu");

DM_ENUM_TABLE(dm_hyperv_mode,
              "hyperv mode", [DM_HYPERV_CUSTOM] = "custom", [DM_HYPERV_PASSTHROUGH] = "passthrough");
DM_ENUM_TABLE(dm_hpt_resizing, "hpt resizing", [DM_HPT_ENABLED] = "enabled", [DM_HPT_DISABLED] = "disabled",
              [DM_HPT_REQUIRED] = "required");
DM_ENUM_TABLE(dm_msrs_unknown,
              "reaction to unknown MSRs", [DM_MSRS_IGNORE] = "ignore", [DM_MSRS_FAULT] = "fault");
DM_ENUM_TABLE(dm_mitigation, "mitigation", [DM_MITIGATION_BROKEN] = "broken",
              [DM_MITIGATION_WORKAROUND] = "workaround", [DM_MITIGATION_FIXED] = "fixed");
DM_ENUM_TABLE(dm_ibs_mitigation, "ibs mitigation", [DM_MITIGATION_BROKEN] = "broken",
              [DM_MITIGATION_WORKAROUND] = "workaround", [DM_MITIGATION_FIXED_IBS] = "fixed-ibs",
              [DM_MITIGATION_FIXED_CCD] = "fixed-ccd", [DM_MITIGATION_FIXED_NA] = "fixed-na");

/* What no command line is built from yet. */
#define LATER .flags = DM_DEFERRED

/* <NAME state='on'/> for one member. */
#define STATE_ELEMENT(ident, name_, member, flags_, doc_)                                   \
        static const DmXmlRow ident##_rows[] = {                                            \
                DM_ENUM(DmFeatures, member, "state", dm_on_off, .flags = DM_ABI | (flags_), \
                        .preset = (flags_)&DM_REQUIRED ? 0 : DM_ON),                        \
                { 0 },                                                                      \
        };                                                                                  \
        static const DmXmlElement ident = { name_, ident##_rows, .doc = doc_ }

static const DmXmlRow apic_rows[] = {
        DM_PRESENT(DmFeatures, apic),
        DM_ENUM(DmFeatures, apic_eoi, "eoi", dm_on_off, .flags = DM_ABI,
                .doc = "kvm: paravirtual end of interrupt."),
        { 0 },
};
static const DmXmlElement apic_element = { "apic", apic_rows, .doc = "Local interrupt controllers." };

STATE_ELEMENT(hidden_element, "hidden", kvm_hidden, DM_REQUIRED,
              "The guest is not told that it runs on KVM.");
STATE_ELEMENT(hint_element, "hint-dedicated", kvm_hint_dedicated, DM_REQUIRED,
              "vCPUs have host CPUs of their own.");
STATE_ELEMENT(poll_element, "poll-control", kvm_poll_control, DM_REQUIRED,
              "The guest may do the halt polling.");
STATE_ELEMENT(pv_ipi_element, "pv-ipi", kvm_pv_ipi, DM_REQUIRED, "Paravirtual interrupts between vCPUs.");
static const DmXmlRow dirty_ring_rows[] = {
        DM_ENUM(DmFeatures, kvm_dirty_ring, "state", dm_on_off, .flags = DM_REQUIRED),
        DM_U32(DmFeatures, kvm_dirty_ring_size, "size", .doc = "Entries; a power of two from 1024 to 65536."),
        { 0 },
};
static const DmXmlElement dirty_ring_element = { "dirty-ring", dirty_ring_rows,
                                                 .doc = "How written pages are told." };
static const DmXmlRow kvm_rows[] = {
        DM_IN(hidden_element), DM_IN(hint_element),       DM_IN(poll_element),
        DM_IN(pv_ipi_element), DM_IN(dirty_ring_element), { 0 },
};
static const DmXmlElement kvm_element = { "kvm", kvm_rows, .doc = "What KVM shows the guest." };

STATE_ELEMENT(pvspinlock_element, "pvspinlock", pvspinlock, 0, "Paravirtual spinlocks.");
STATE_ELEMENT(pmu_element, "pmu", pmu, 0, "Performance counters.");
STATE_ELEMENT(vmport_element, "vmport", vmport, 0, "VMware's I/O port.");
static const DmXmlRow smm_rows[] = {
        DM_ENUM(DmFeatures, smm, "state", dm_on_off, .flags = DM_ABI, .preset = DM_ON),
        DM_SIZE(DmFeatures, smm_tseg, "tseg", 1024 * 1024, .as = DM_AS_ELEMENT, .flags = DM_ABI,
                .doc = "q35: memory that only SMM sees."),
        { 0 },
};
static const DmXmlElement smm_element = { "smm", smm_rows, .doc = "System management mode." };
STATE_ELEMENT(htm_element, "htm", htm, DM_REQUIRED, "pseries: transactional memory.");
STATE_ELEMENT(nested_element, "nested-hv", nested_hv, DM_REQUIRED, "pseries: guests inside the guest.");
STATE_ELEMENT(ccf_element, "ccf-assist", ccf_assist, DM_REQUIRED, "pseries: count cache flush by the CPU.");
STATE_ELEMENT(teardown_element, "async-teardown", async_teardown, 0,
              "Memory is freed after the process has ended.");
STATE_ELEMENT(ps2_element, "ps2", ps2, DM_REQUIRED, "PS/2 controller.");

static const DmXmlRow gic_rows[] = {
        DM_PRESENT(DmFeatures, gic),
        DM_ENUM(DmFeatures, gic_version, "version", dm_gic_version, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement gic_element = { "gic", gic_rows, .doc = "ARM interrupt controller." };

static const DmXmlRow ioapic_rows[] = {
        DM_ENUM(DmFeatures, ioapic, "driver", dm_ioapic, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement ioapic_element = { "ioapic", ioapic_rows, .doc = "Who emulates the I/O APIC." };

static const DmXmlRow vmcoreinfo_rows[] = {
        DM_PRESENT(DmFeatures, vmcoreinfo),
        DM_ENUM(DmFeatures, vmcoreinfo_state, "state", dm_on_off, .flags = DM_ABI, .preset = DM_ON),
        { 0 },
};
static const DmXmlElement vmcoreinfo_element = { "vmcoreinfo", vmcoreinfo_rows,
                                                 .doc = "The guest says where its notes are." };

static const DmXmlRow hap_rows[] = {
        DM_PRESENT(DmFeatures, hap),
        DM_ENUM(DmFeatures, hap_state, "state", dm_on_off, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement hap_element = { "hap", hap_rows, .doc = "Xen: nested paging." };

/* ---- hyperv ---- */

#define HYPERV_ELEMENT(member, doc_)                                                          \
        static const DmXmlRow member##_rows[] = {                                             \
                DM_ENUM(DmHyperv, member, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI), \
                { 0 },                                                                        \
        };                                                                                    \
        static const DmXmlElement member##_element = { #member, member##_rows, .doc = doc_ }
HYPERV_ELEMENT(relaxed, "Timers may be late.");
HYPERV_ELEMENT(vapic, "Virtual APIC.");
HYPERV_ELEMENT(vpindex, "Number of the virtual processor.");
HYPERV_ELEMENT(runtime, "Time that the processor has run.");
HYPERV_ELEMENT(synic, "Synthetic interrupt controller.");
HYPERV_ELEMENT(reset, "Reset by the guest.");
HYPERV_ELEMENT(frequencies, "Frequencies of TSC and APIC.");
HYPERV_ELEMENT(reenlightenment, "Notice of a new TSC frequency.");
HYPERV_ELEMENT(tlbflush, "Paravirtual TLB flush.");
HYPERV_ELEMENT(ipi, "Paravirtual interrupts between processors.");
HYPERV_ELEMENT(evmcs, "Enlightened VMCS.");
HYPERV_ELEMENT(avic, "Interrupts by AVIC or APICv.");

static const DmXmlRow spinlocks_rows[] = {
        DM_ENUM(DmHyperv, spinlocks, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI),
        DM_U32(DmHyperv, spinlock_retries, "retries", .min = 4095, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement spinlocks_element = { "spinlocks", spinlocks_rows, .doc = "Long waits are told." };
static const DmXmlRow direct_rows[] = {
        DM_ENUM(DmHyperv, stimer_direct, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement direct_element = { "direct", direct_rows,
                                             .doc = "Timers interrupt without messages." };
static const DmXmlRow stimer_rows[] = {
        DM_ENUM(DmHyperv, stimer, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI),
        DM_IN(direct_element),
        { 0 },
};
static const DmXmlElement stimer_element = { "stimer", stimer_rows, .doc = "Synthetic timers." };
static const DmXmlRow vendor_id_rows[] = {
        DM_ENUM(DmHyperv, vendor_id, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI),
        DM_STRING(DmHyperv, vendor_id_value, "value", .flags = DM_ABI, .doc = "Up to 12 characters."),
        { 0 },
};
static const DmXmlElement vendor_id_element = { "vendor_id", vendor_id_rows,
                                                .doc = "Who the guest thinks it runs on." };

#define CUSTOM DM_WHEN(DmHyperv, mode, DM_HYPERV_MODE_UNSET, DM_HYPERV_CUSTOM)
static const DmXmlRow hyperv_rows[] = {
        DM_ENUM(DmHyperv, mode, "mode", dm_hyperv_mode, .flags = DM_ABI),
        DM_IN(relaxed_element, CUSTOM),
        DM_IN(vapic_element, CUSTOM),
        DM_IN(spinlocks_element, CUSTOM),
        DM_IN(vpindex_element, CUSTOM),
        DM_IN(runtime_element, CUSTOM),
        DM_IN(synic_element, CUSTOM),
        DM_IN(stimer_element, CUSTOM),
        DM_IN(reset_element, CUSTOM),
        DM_IN(vendor_id_element, CUSTOM),
        DM_IN(frequencies_element, CUSTOM),
        DM_IN(reenlightenment_element, CUSTOM),
        DM_IN(tlbflush_element, CUSTOM),
        DM_IN(ipi_element, CUSTOM),
        DM_IN(evmcs_element, CUSTOM),
        DM_IN(avic_element, CUSTOM),
        { 0 },
};

/* CPUID has room for so many. */
#define HYPERV_VENDOR_MAX 12

static void check_hyperv(const void *base, const DmXmlCheck *c)
{
        const DmHyperv *h = base;
        if (h->vendor_id == DM_ON && !h->vendor_id_value)
                dm_check_fail(c, &h->vendor_id, DM_ERROR_INVALID_XML, "vendor_id needs a value");
        if (h->vendor_id_value &&
            (strlen(h->vendor_id_value) > HYPERV_VENDOR_MAX || strchr(h->vendor_id_value, ',')))
                dm_check_fail(c, &h->vendor_id_value, DM_ERROR_INVALID_XML,
                              "'%s' must have at most %d characters, none of them a comma",
                              h->vendor_id_value, HYPERV_VENDOR_MAX);
        if (h->spinlocks == DM_ON && !h->spinlock_retries.set)
                dm_check_fail(c, &h->spinlocks, DM_ERROR_INVALID_XML,
                              "spinlocks need retries, at least 4095");
}
static const DmXmlElement hyperv_element = {
        "hyperv", hyperv_rows, sizeof(DmHyperv), "What Windows likes to see.", .check = check_hyperv,
};

/* ---- pseries, MSRs, tcg ---- */

static const DmXmlRow hpt_rows[] = {
        DM_ENUM(DmFeatures, hpt_resizing, "resizing", dm_hpt_resizing, .flags = DM_ABI),
        DM_KIB(DmFeatures, hpt_max_page_size, "maxpagesize", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement hpt_element = { "hpt", hpt_rows, .doc = "pseries: hash page table." };
static const DmXmlRow msrs_rows[] = {
        DM_ENUM(DmFeatures, msrs_unknown, "unknown", dm_msrs_unknown, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement msrs_element = { "msrs", msrs_rows, .doc = "bhyve: what unknown MSRs do." };

#define MITIGATION_ELEMENT(member, table, doc_)                                             \
        static const DmXmlRow member##_rows[] = {                                           \
                DM_ENUM(DmFeatures, member, "value", table, .flags = DM_REQUIRED | DM_ABI), \
                { 0 },                                                                      \
        };                                                                                  \
        static const DmXmlElement member##_element = { #member, member##_rows, .doc = doc_ }
MITIGATION_ELEMENT(cfpc, dm_mitigation, "pseries: cache flush on privilege change.");
MITIGATION_ELEMENT(sbbc, dm_mitigation, "pseries: speculation barrier bounds checking.");
MITIGATION_ELEMENT(ibs, dm_ibs_mitigation, "pseries: indirect branch speculation.");

static const DmXmlRow tcg_rows[] = {
        DM_SIZE(DmFeatures, tcg_tb_cache, "tb-cache", 1024 * 1024, .as = DM_AS_ELEMENT,
                .doc = "Translated code."),
        { 0 },
};
static const DmXmlElement tcg_element = { "tcg", tcg_rows, .doc = "Options of software emulation." };

static const DmXmlRow features_rows[] = {
        DM_FLAG(DmFeatures, acpi, "acpi", .flags = DM_ABI),
        DM_IN(apic_element),
        DM_FLAG(DmFeatures, pae, "pae", .flags = DM_ABI),
        DM_IN(hap_element),
        DM_FLAG(DmFeatures, viridian, "viridian", .flags = DM_ABI),
        DM_FLAG(DmFeatures, privnet, "privnet", .flags = DM_ABI),
        DM_SUB(DmFeatures, hyperv, hyperv_element),
        DM_IN(kvm_element),
        DM_REFUSED_EL("xen", "it belongs to Xen; leave it out"),
        DM_IN(pvspinlock_element),
        DM_REFUSED_EL("capabilities", "it belongs to containers; leave it out"),
        DM_IN(pmu_element),
        DM_IN(vmport_element),
        DM_IN(gic_element),
        DM_IN(smm_element),
        DM_IN(ioapic_element),
        DM_IN(hpt_element),
        DM_IN(vmcoreinfo_element),
        DM_IN(htm_element),
        DM_IN(nested_element),
        DM_IN(msrs_element, LATER),
        DM_IN(ccf_element),
        DM_IN(cfpc_element),
        DM_IN(sbbc_element),
        DM_IN(ibs_element),
        DM_IN(tcg_element),
        DM_IN(teardown_element),
        DM_IN(ps2_element),
        { 0 },
};

static gboolean is_power_of_two(guint64 n)
{
        return n && (n & (n - 1)) == 0;
}

#define DIRTY_RING_MIN 1024
#define DIRTY_RING_MAX 65536

static void check(const void *base, const DmXmlCheck *c)
{
        const DmFeatures *f = base;
        guint32 ring = f->kvm_dirty_ring_size.value;
        if (f->kvm_dirty_ring == DM_ON && !f->kvm_dirty_ring_size.set)
                dm_check_fail(c, &f->kvm_dirty_ring, DM_ERROR_INVALID_XML, "dirty-ring needs a size");
        if (f->kvm_dirty_ring_size.set &&
            (!is_power_of_two(ring) || ring < DIRTY_RING_MIN || ring > DIRTY_RING_MAX))
                dm_check_fail(c, &f->kvm_dirty_ring_size, DM_ERROR_INVALID_XML,
                              "'%u' is not a power of two from %d to %d", ring, DIRTY_RING_MIN,
                              DIRTY_RING_MAX);
        if (f->smm == DM_OFF && f->smm_tseg.set)
                dm_check_fail(c, &f->smm_tseg, DM_ERROR_INVALID_XML, "without smm there is no tseg");
}

const DmXmlElement dm_features_element = {
        "features",     features_rows, sizeof(DmFeatures), "Switches of the board and the hypervisor.",
        .check = check,
};
