/* <features>: rows.  A feature with a state that is there without it is on. */
#include "conf/domain_features.h"

DM_ENUM_TABLE(dm_gic_version, "GIC version", [DM_GIC_2] = "2", [DM_GIC_3] = "3", [DM_GIC_HOST] = "host");
DM_ENUM_TABLE(dm_ioapic, "ioapic driver", [DM_IOAPIC_KVM] = "kvm", [DM_IOAPIC_QEMU] = "qemu");

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
static const DmXmlRow kvm_rows[] = {
        DM_IN(hidden_element), DM_IN(hint_element), DM_IN(poll_element), DM_IN(pv_ipi_element), { 0 },
};
static const DmXmlElement kvm_element = { "kvm", kvm_rows, .doc = "What KVM shows the guest." };

STATE_ELEMENT(pvspinlock_element, "pvspinlock", pvspinlock, 0, "Paravirtual spinlocks.");
STATE_ELEMENT(pmu_element, "pmu", pmu, 0, "Performance counters.");
STATE_ELEMENT(vmport_element, "vmport", vmport, 0, "VMware's I/O port.");
STATE_ELEMENT(smm_element, "smm", smm, 0, "System management mode.");
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

static const DmXmlRow features_rows[] = {
        DM_FLAG(DmFeatures, acpi, "acpi", .flags = DM_ABI),
        DM_IN(apic_element),
        DM_FLAG(DmFeatures, pae, "pae", .flags = DM_ABI),
        DM_FLAG(DmFeatures, hap, "hap", .flags = DM_ABI),
        DM_FLAG(DmFeatures, viridian, "viridian", .flags = DM_ABI),
        DM_FLAG(DmFeatures, privnet, "privnet", .flags = DM_ABI),
        DM_IN(kvm_element),
        DM_IN(pvspinlock_element),
        DM_IN(pmu_element),
        DM_IN(vmport_element),
        DM_IN(gic_element),
        DM_IN(smm_element),
        DM_IN(ioapic_element),
        DM_IN(vmcoreinfo_element),
        DM_IN(htm_element),
        DM_IN(nested_element),
        DM_IN(ccf_element),
        DM_IN(teardown_element),
        DM_IN(ps2_element),
        { 0 },
};

const DmXmlElement dm_features_element = {
        "features",
        features_rows,
        sizeof(DmFeatures),
        "Switches of the board and the hypervisor.",
};
