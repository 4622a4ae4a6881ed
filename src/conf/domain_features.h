/* <features>: switches of the board and hypervisor. */
#pragma once

#include "conf/device.h"

typedef enum DmGicVersion { DM_GIC_UNSET, DM_GIC_2, DM_GIC_3, DM_GIC_HOST } DmGicVersion;
typedef enum DmIoapic { DM_IOAPIC_UNSET, DM_IOAPIC_KVM, DM_IOAPIC_QEMU } DmIoapic;

typedef struct DmFeatures {
        int unused;
        gboolean acpi, apic, pae, hap, privnet, viridian; /* there or not */
        DmOnOff apic_eoi;
        DmOnOff pmu, vmport, smm, htm, nested_hv, ccf_assist, async_teardown, pvspinlock, ps2;
        DmOnOff kvm_hidden, kvm_hint_dedicated, kvm_poll_control, kvm_pv_ipi;
        gboolean gic;
        DmGicVersion gic_version;
        DmIoapic ioapic;
        gboolean vmcoreinfo;
        DmOnOff vmcoreinfo_state;
} DmFeatures;

extern const DmEnum dm_gic_version, dm_ioapic;
extern const DmXmlElement dm_features_element;
