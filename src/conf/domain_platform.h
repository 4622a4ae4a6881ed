/* Parts of the platform that a document can ask for: <iommu>, <nvram>. */
#pragma once

#include "conf/device.h"

typedef enum DmIommuModel { DM_IOMMU_UNSET, DM_IOMMU_INTEL, DM_IOMMU_SMMUV3, DM_IOMMU_VIRTIO } DmIommuModel;

/* Lets the guest's kernel confine its devices. */
typedef struct DmIommu {
        DmDevice dev;
        DmIommuModel model;
        DmOnOff intremap, caching_mode, eim, iotlb;
        DmOptU32 aw_bits; /* width of addresses */
} DmIommu;

/* pseries: what the firmware remembers. */
typedef struct DmNvram {
        DmDevice dev;
} DmNvram;

extern const DmEnum dm_iommu_model;
