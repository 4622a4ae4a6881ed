/* <iommu>, <nvram>: parts of the platform. */
#include "qemu/build_private.h"

#include "conf/domain_platform.h"

/* ---- iommu ---- */

static gboolean is_arm_virt(const DmPlan *p)
{
        return g_str_has_prefix(p->board_name, "virt") &&
               (g_str_has_prefix(p->arch->name, "arm") || !g_strcmp0(p->arch->name, "aarch64"));
}

static gboolean is_q35(const DmPlan *p)
{
        return dm_plan_x86(p) && p->board->flags & DM_BOARD_PCIE;
}

/* It is a function of the root bus: behind a port it would see nothing. */
static DmWants iommu_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmIommu *)device)->model == DM_IOMMU_VIRTIO ? DM_WANTS_PCIE_ROOT : DM_WANTS_NOTHING;
}

static char *iommu_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("iommu%u", n);
}

static gboolean iommu_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmIommu *d = (const DmIommu *)device;
        const DmFeatures *f = p->domain->features;
        (void)host;
        gboolean there = d->model == DM_IOMMU_INTEL    ? is_q35(p)
                         : d->model == DM_IOMMU_SMMUV3 ? is_arm_virt(p)
                                                       : is_q35(p) || is_arm_virt(p);
        if (!there)
                return dm_plan_fail(p, device, &d->model, error, "machine '%s' cannot have an IOMMU '%s'",
                                    p->board_name, dm_enum_name(&dm_iommu_model, d->model));
        if (d->intremap == DM_ON && p->accel == DM_ACCEL_KVM && (!f || f->ioapic != DM_IOAPIC_QEMU))
                return dm_plan_fail(p, device, &d->intremap, error,
                                    "interrupt remapping with kvm needs <features><ioapic driver='qemu'/>");
        if (d->eim == DM_ON && p->accel != DM_ACCEL_KVM)
                return dm_plan_fail(p, device, &d->eim, error, "QEMU has it with kvm only; leave eim out");
        if (d->model == DM_IOMMU_VIRTIO && !dm_caps_has_prop(p->caps, "virtio-iommu-pci", "boot-bypass"))
                return dm_plan_fail(p, device, &d->model, error,
                                    "QEMU %s cannot boot behind a virtio IOMMU; 7.0 is the first",
                                    p->caps->version_text);
        return TRUE;
}

static gboolean iommu_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmIommu *d = (const DmIommu *)device;
        (void)error;
        if (d->model == DM_IOMMU_SMMUV3)
                dm_command_add(b->command, device, NULL, "-machine", "iommu=smmuv3");
        return TRUE;
}

static DmJson *iommu_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmIommu *d = (const DmIommu *)device;
        (void)error;
        if (d->model == DM_IOMMU_SMMUV3)
                return NULL; /* the board makes it */
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", d->model == DM_IOMMU_INTEL ? "intel-iommu" : "virtio-iommu");
        dm_json_add_string(props, "id", device->alias);
        /* Of type OnOffAuto in QEMU, unlike the others. */
        dm_json_add_string(props, "intremap", d->intremap ? dm_enum_name(&dm_on_off, d->intremap) : NULL);
        dm_props_onoff(props, "caching-mode", d->caching_mode);
        dm_json_add_string(props, "eim", d->eim ? dm_enum_name(&dm_on_off, d->eim) : NULL);
        dm_props_onoff(props, "device-iotlb", d->iotlb);
        dm_props_u32(props, "aw-bits", d->aw_bits);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_iommu_ops = {
        .order = DM_ORDER_IOMMU,
        .wants = iommu_wants,
        .alias = iommu_alias,
        .check = iommu_check,
        .backend = iommu_backend,
        .props = iommu_props,
};

/* ---- nvram ---- */

static DmWants nvram_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_SPAPR_VIO;
}

static char *nvram_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        (void)n;
        return g_strdup("nvram");
}

static gboolean nvram_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        (void)host;
        if (!(p->board->flags & DM_BOARD_SPAPR_VIO))
                return dm_plan_fail(p, device, device, error, "machine '%s' has no such memory; pseries has",
                                    p->board_name);
        return TRUE;
}

/* The board has it anyway; only its place can be told. */
static gboolean nvram_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        (void)error;
        if (device->address.reg.set)
                dm_command_addf(b->command, device, NULL, "-global",
                                "spapr-nvram.reg=0x%" G_GINT64_MODIFIER "x", device->address.reg.value);
        return TRUE;
}

const DmDeviceOps dm_nvram_ops = {
        .order = DM_ORDER_NVRAM,
        .wants = nvram_wants,
        .alias = nvram_alias,
        .check = nvram_check,
        .backend = nvram_backend,
};
