/* <features>: switches of the board and hypervisor. */
#pragma once

#include "conf/device.h"

typedef enum DmGicVersion { DM_GIC_UNSET, DM_GIC_2, DM_GIC_3, DM_GIC_HOST } DmGicVersion;
typedef enum DmIoapic { DM_IOAPIC_UNSET, DM_IOAPIC_KVM, DM_IOAPIC_QEMU } DmIoapic;

typedef enum DmHypervMode { DM_HYPERV_MODE_UNSET, DM_HYPERV_CUSTOM, DM_HYPERV_PASSTHROUGH } DmHypervMode;
typedef enum DmHptResizing {
        DM_HPT_UNSET,
        DM_HPT_ENABLED,
        DM_HPT_DISABLED,
        DM_HPT_REQUIRED,
} DmHptResizing;
typedef enum DmMsrsUnknown { DM_MSRS_UNSET, DM_MSRS_IGNORE, DM_MSRS_FAULT } DmMsrsUnknown;
/* pseries: how the guest is protected from the processor's mistakes. */
typedef enum DmMitigation {
        DM_MITIGATION_UNSET,
        DM_MITIGATION_BROKEN,
        DM_MITIGATION_WORKAROUND,
        DM_MITIGATION_FIXED,
        DM_MITIGATION_FIXED_IBS,
        DM_MITIGATION_FIXED_CCD,
        DM_MITIGATION_FIXED_NA,
} DmMitigation;

typedef struct DmHyperv {
        int unused;
        DmHypervMode mode;
        DmOnOff relaxed, vapic, spinlocks, vpindex, runtime, synic, stimer, stimer_direct, reset, vendor_id,
                frequencies, reenlightenment, tlbflush, ipi, evmcs, avic;
        DmOptU32 spinlock_retries;
        char *vendor_id_value;
} DmHyperv;

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
        DmOnOff hap_state;
        DmHyperv *hyperv;
        DmOnOff kvm_dirty_ring;
        DmOptU32 kvm_dirty_ring_size;
        DmOptU64 smm_tseg; /* bytes */
        DmHptResizing hpt_resizing;
        DmOptU64 hpt_max_page_size; /* bytes */
        DmMsrsUnknown msrs_unknown;
        DmMitigation cfpc, sbbc, ibs;
        DmOptU64 tcg_tb_cache; /* bytes */
} DmFeatures;

extern const DmEnum dm_gic_version, dm_ioapic, dm_hyperv_mode, dm_hpt_resizing, dm_msrs_unknown,
        dm_mitigation, dm_ibs_mitigation;
extern const DmXmlElement dm_features_element;
