/* <iommu>, <nvram>: rows. */
#include "conf/domain_platform.h"

DM_ENUM_TABLE(dm_iommu_model, "iommu model", [DM_IOMMU_INTEL] = "intel", [DM_IOMMU_SMMUV3] = "smmuv3",
              [DM_IOMMU_VIRTIO] = "virtio");

static const DmXmlRow iommu_driver_rows[] = {
        DM_ENUM(DmIommu, intremap, "intremap", dm_on_off, .flags = DM_ABI, .doc = "Interrupts are remapped."),
        DM_ENUM(DmIommu, caching_mode, "caching_mode", dm_on_off, .flags = DM_ABI,
                .doc = "Needed by devices of the host."),
        DM_ENUM(DmIommu, eim, "eim", dm_on_off, .flags = DM_ABI, .doc = "More than 255 CPUs."),
        DM_ENUM(DmIommu, iotlb, "iotlb", dm_on_off, .flags = DM_ABI,
                .doc = "Devices may keep translations, as vhost does."),
        DM_U32(DmIommu, aw_bits, "aw_bits", .flags = DM_ABI, .doc = "Width of addresses."),
        { 0 },
};
static const DmXmlElement iommu_driver = { "driver", iommu_driver_rows, .doc = "What it can do." };

static const DmXmlRow iommu_rows[] = {
        DM_ENUM(DmIommu, model, "model", dm_iommu_model, .flags = DM_REQUIRED | DM_ABI),
        DM_IN(iommu_driver),
        DM_DEVICE_TAIL(DmIommu),
        { 0 },
};

static void check_iommu(const void *base, const DmXmlCheck *c)
{
        const DmIommu *d = base;
        gboolean tuned = d->intremap || d->caching_mode || d->eim || d->iotlb || d->aw_bits.set;
        const void *given = d->intremap       ? (const void *)&d->intremap
                            : d->caching_mode ? (const void *)&d->caching_mode
                            : d->eim          ? (const void *)&d->eim
                            : d->iotlb        ? (const void *)&d->iotlb
                                              : (const void *)&d->aw_bits;
        if (tuned && d->model && d->model != DM_IOMMU_INTEL)
                dm_check_fail(c, given, DM_ERROR_UNSUPPORTED, "<driver> is for model 'intel' only");
        if (d->eim == DM_ON && d->intremap != DM_ON)
                dm_check_fail(c, &d->eim, DM_ERROR_UNSUPPORTED, "eim='on' needs intremap='on'");
}

static const char *iommu_label(const void *base)
{
        return dm_enum_name(&dm_iommu_model, ((const DmIommu *)base)->model);
}

const DmXmlElement dm_iommu_schema = {
        "iommu",
        iommu_rows,
        sizeof(DmIommu),
        "Lets the guest's kernel confine its devices.",
        .check = check_iommu,
        .label = iommu_label,
};

static const DmXmlRow nvram_rows[] = { DM_DEVICE_TAIL(DmNvram), { 0 } };
const DmXmlElement dm_nvram_schema = { "nvram", nvram_rows, sizeof(DmNvram),
                                       "pseries: what the firmware remembers." };
