/* Rules between the document and the board that it runs on: features, timers, processors, firmware, and what
 * sits where.  Each refusal names the value, the reason, and what there is instead. */
#include "qemu/device_ops.h"

#include <string.h>

#include "conf/domain_disk.h"
#include "conf/domain_interface.h"
#include "conf/domain_memdev.h"
#include "conf/domain_misc.h"
#include "conf/domain_platform.h"
#include "conf/domain_video.h"
#include "qemu/plan_checks.h"

#define CPUS_WITHOUT_EIM 255
#define NARROW_UNIT_MAX  7
#define HPT_PAGE_MIN     (64 * 1024)
#define LABEL_MIN        (128 * 1024)
#define VIRTIO_MEM_BLOCK (2 * 1024 * 1024)
#define MIB              (1024 * 1024)

static gboolean is_arm(const DmPlan *p)
{
        return g_str_has_prefix(p->arch->name, "arm") || !strcmp(p->arch->name, "aarch64");
}

static gboolean is_pseries(const DmPlan *p)
{
        return (p->board->flags & DM_BOARD_SPAPR_VIO) != 0;
}

static gboolean is_s390(const DmPlan *p)
{
        return (p->board->flags & DM_BOARD_CCW) != 0;
}

static gboolean is_q35(const DmPlan *p)
{
        return dm_plan_x86(p) && p->board->flags & DM_BOARD_PCIE;
}

/* ---- <features> ---- */

static gboolean check_families(const DmPlan *p, const DmFeatures *f, GError **error)
{
        const struct {
                gboolean set;
                const void *place;
                gboolean possible;
                const char *name, *where;
        } rows[] = {
                { f->gic, &f->gic_version, is_arm(p), "gic", "ARM guests" },
                { f->ioapic != 0, &f->ioapic, dm_plan_x86(p), "ioapic", "x86 guests" },
                { f->smm == DM_ON, &f->smm, dm_plan_x86(p), "smm", "x86 guests" },
                { f->vmport != 0, &f->vmport, dm_plan_x86(p), "vmport", "x86 guests" },
                { f->pvspinlock == DM_ON, &f->pvspinlock, dm_plan_x86(p), "pvspinlock", "x86 guests" },
                { f->hpt_resizing != 0, &f->hpt_resizing, is_pseries(p), "hpt", "machine 'pseries'" },
                { f->hpt_max_page_size.set, &f->hpt_max_page_size, is_pseries(p), "hpt",
                  "machine 'pseries'" },
                { f->htm != 0, &f->htm, is_pseries(p), "htm", "machine 'pseries'" },
                { f->nested_hv != 0, &f->nested_hv, is_pseries(p), "nested-hv", "machine 'pseries'" },
                { f->ccf_assist != 0, &f->ccf_assist, is_pseries(p), "ccf-assist", "machine 'pseries'" },
                { f->cfpc != 0, &f->cfpc, is_pseries(p), "cfpc", "machine 'pseries'" },
                { f->sbbc != 0, &f->sbbc, is_pseries(p), "sbbc", "machine 'pseries'" },
                { f->ibs != 0, &f->ibs, is_pseries(p), "ibs", "machine 'pseries'" },
                { f->async_teardown == DM_ON, &f->async_teardown, is_s390(p), "async-teardown",
                  "s390x guests" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (rows[i].set && !rows[i].possible)
                        return dm_plan_fail(p, NULL, rows[i].place, error,
                                            "<%s> is for %s only, not for machine '%s' (%s); leave it out",
                                            rows[i].name, rows[i].where, p->board_name, p->arch->name);
        return TRUE;
}

static gboolean check_features(const DmPlan *p, GError **error)
{
        const DmFeatures *f = p->domain->features;
        if (!f)
                return TRUE;
        if (!check_families(p, f, error))
                return FALSE;
        guint64 page = f->hpt_max_page_size.value;
        if (f->hpt_max_page_size.set && (page < HPT_PAGE_MIN || page & (page - 1)))
                return dm_plan_fail(p, NULL, &f->hpt_max_page_size, error,
                                    "the page size is a power of two from 64 KiB on");
        if (f->smm_tseg.set && (!f->smm_tseg.value || f->smm_tseg.value % MIB))
                return dm_plan_fail(p, NULL, &f->smm_tseg, error,
                                    "the size of tseg is whole MiB, at least 1");
        if (f->tcg_tb_cache.set && p->accel != DM_ACCEL_TCG)
                return dm_plan_fail(
                        p, NULL, &f->tcg_tb_cache, error,
                        "<tb-cache> is for <domain type='qemu'>: with other accelerators nothing is "
                        "translated");
        return TRUE;
}

/* ---- <clock> ---- */

static gboolean check_timers(const DmPlan *p, GError **error)
{
        const GPtrArray *timers = p->domain->clock ? p->domain->clock->timers : NULL;
        for (guint i = 0; timers && i < timers->len; i++) {
                const DmTimer *t = g_ptr_array_index(timers, i);
                gboolean x86 = t->name == DM_TIMER_TSC || t->name == DM_TIMER_KVMCLOCK ||
                               t->name == DM_TIMER_HYPERVCLOCK || t->name == DM_TIMER_PIT;
                gboolean fits = x86 ? dm_plan_x86(p) : t->name == DM_TIMER_ARMVTIMER ? is_arm(p) : TRUE;
                const char *name = dm_enum_name(&dm_timer_name, (int)t->name);
                if (t->name == DM_TIMER_PLATFORM)
                        return dm_plan_fail(p, NULL, &t->name, error, "QEMU has no timer '%s'; leave it out",
                                            name);
                if (!fits && t->present != DM_NO)
                        return dm_plan_fail(
                                p, NULL, &t->name, error,
                                "the timer '%s' cannot be configured on machine '%s' (%s); leave it out",
                                name, p->board_name, p->arch->name);
        }
        return TRUE;
}

/* ---- processors ---- */

static gboolean check_many(const DmPlan *p, GError **error)
{
        const DmDomain *d = p->domain;
        const DmIommu *iommu = dm_domain_device(d, DM_DEVICE_IOMMU, 0);
        if (!dm_plan_x86(p) || d->vcpus.value <= CPUS_WITHOUT_EIM)
                return TRUE;
        if (!is_q35(p))
                return dm_plan_fail(p, NULL, &d->vcpus, error,
                                    "more than %d CPUs need machine 'q35', not '%s'", CPUS_WITHOUT_EIM,
                                    p->board_name);
        if (!iommu || iommu->eim != DM_ON)
                return dm_plan_fail(p, NULL, &d->vcpus, error,
                                    "more than %d CPUs need <iommu model='intel'> with <driver intremap='on' "
                                    "eim='on'/>",
                                    CPUS_WITHOUT_EIM);
        return TRUE;
}

/* pseries plugs whole cores. */
static gboolean check_cores(const DmPlan *p, GError **error)
{
        const DmDomain *d = p->domain;
        guint32 threads = d->cpu && d->cpu->threads.value ? d->cpu->threads.value : 1;
        const DmOptU32 *now = d->current_vcpus.set ? &d->current_vcpus : &d->vcpus;
        if (!is_pseries(p) || !now->set || now->value % threads == 0)
                return TRUE;
        return dm_plan_fail(
                p, NULL, now, error,
                "machine '%s' plugs whole cores: %u CPUs are no multiple of the %u threads of a core",
                p->board_name, now->value, threads);
}

static const DmCpuFeature *find_feature(const DmCpu *cpu, const char *name)
{
        for (guint i = 0; cpu->features && i < cpu->features->len; i++) {
                const DmCpuFeature *f = g_ptr_array_index(cpu->features, i);
                if (!g_strcmp0(f->name, name))
                        return f;
        }
        return NULL;
}

static gboolean check_cpu(const DmPlan *p, GError **error)
{
        const DmCpu *cpu = p->domain->cpu;
        if (!cpu || dm_plan_x86(p))
                return TRUE;
        const DmCpuFeature *sve = is_arm(p) ? find_feature(cpu, "sve") : NULL;
        for (guint i = 0; cpu->features && i < cpu->features->len; i++) {
                const DmCpuFeature *f = g_ptr_array_index(cpu->features, i);
                if (f->policy && f->policy != DM_POLICY_REQUIRE && f->policy != DM_POLICY_DISABLE)
                        return dm_plan_fail(
                                p, NULL, &f->policy, error,
                                "%s guests know the policies 'require' and 'disable' only, not '%s'",
                                p->arch->name, dm_enum_name(&dm_cpu_policy, (int)f->policy));
                gboolean length = f->name && g_str_has_prefix(f->name, "sve") && g_ascii_isdigit(f->name[3]);
                if (sve && sve->policy == DM_POLICY_DISABLE && length && f->policy != DM_POLICY_DISABLE)
                        return dm_plan_fail(p, NULL, &f->name, error,
                                            "'%s' is a vector length of sve, which is disabled", f->name);
        }
        if (is_s390(p) && (cpu->match == DM_MATCH_MINIMUM || cpu->match == DM_MATCH_STRICT))
                return dm_plan_fail(p, NULL, &cpu->match, error, "s390x guests know match='exact' only");
        return TRUE;
}

/* ---- firmware ---- */

static gboolean check_firmware(const DmPlan *p, GError **error)
{
        const DmDomain *d = p->domain;
        if (d->os.loader_secure != DM_YES)
                return TRUE;
        if (strcmp(p->arch->name, "x86_64") != 0)
                return dm_plan_fail(p, NULL, &d->os.loader_secure, error,
                                    "secure='yes' is for x86_64 guests only, not %s", p->arch->name);
        if (!is_q35(p))
                return dm_plan_fail(p, NULL, &d->os.loader_secure, error,
                                    "secure='yes' needs machine 'q35', not '%s'", p->board_name);
        if (!d->features || d->features->smm != DM_ON)
                return dm_plan_fail(p, NULL, &d->os.loader_secure, error,
                                    "secure='yes' needs <smm state='on'/> in <features>");
        return TRUE;
}

/* ---- sections of one architecture ---- */

static gboolean check_sections(const DmPlan *p, GError **error)
{
        const DmDomain *d = p->domain;
        if (d->keywrap && !is_s390(p))
                return dm_plan_fail(p, NULL, d->keywrap, error, "<keywrap> is for s390x guests only");
        const DmLaunchSecurity *l = d->launch_security;
        if (l && l->type == DM_LAUNCH_SECURITY_SEV && strcmp(p->arch->name, "x86_64") != 0)
                return dm_plan_fail(p, NULL, &l->type, error, "type 'sev' is for x86_64 guests only, not %s",
                                    p->arch->name);
        if (l && l->type == DM_LAUNCH_SECURITY_S390_PV && !is_s390(p))
                return dm_plan_fail(p, NULL, &l->type, error,
                                    "type 's390-pv' is for s390x guests only, not %s", p->arch->name);
        return TRUE;
}

/* ---- devices ---- */

/* Adapters of parallel SCSI: eight units, one target. */
static gboolean is_narrow(DmControllerModel model)
{
        return model == DM_SCSI_LSILOGIC || model == DM_SCSI_BUSLOGIC || model == DM_SCSI_NCR53C90 ||
               model == DM_SCSI_DC390 || model == DM_SCSI_AM53C974;
}

static gboolean check_disk(const DmPlan *p, const DmDisk *disk, GError **error)
{
        const DmAddress *a = &disk->dev.address;
        const DmController *c = disk->bus == DM_DISK_BUS_SCSI && a->type == DM_ADDRESS_DRIVE
                                        ? dm_plan_controller(p, DM_CONTROLLER_SCSI, a->controller.value)
                                        : NULL;
        if (!c || !is_narrow(c->model))
                return TRUE;
        const char *model = dm_enum_name(dm_controller_models(DM_CONTROLLER_SCSI), (int)c->model);
        if (c->model == DM_SCSI_LSILOGIC && a->target.value)
                return dm_plan_fail(p, &disk->dev, &a->target, error,
                                    "the target must be 0 on a controller of model '%s', not %u", model,
                                    a->target.value);
        if (a->unit.value > NARROW_UNIT_MAX)
                return dm_plan_fail(p, &disk->dev, &a->unit, error,
                                    "the unit must be at most %d on a controller of model '%s', not %u",
                                    NARROW_UNIT_MAX, model, a->unit.value);
        return TRUE;
}

static gboolean check_serial(const DmPlan *p, const DmChardev *s, GError **error)
{
        static const struct {
                DmSerialType type;
                unsigned flag;
        } rows[] = {
                { DM_SERIAL_ISA, DM_BOARD_ISA },
                { DM_SERIAL_ISA_DEBUG, DM_BOARD_ISA },
                { DM_SERIAL_SPAPR_VIO, DM_BOARD_SPAPR_VIO },
                { DM_SERIAL_SCLP, DM_BOARD_CCW },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (s->serial_type == rows[i].type && !(p->board->flags & rows[i].flag))
                        return dm_plan_fail(
                                p, &s->dev, &s->serial_type, error,
                                "machine '%s' has no serial lines of type '%s'; leave <target type=> out",
                                p->board_name, dm_enum_name(&dm_serial_type, (int)s->serial_type));
        return TRUE;
}

static gboolean check_sclp(const DmPlan *p, GError **error)
{
        const DmChardev *first[DM_CONSOLE_LXC + 1] = { 0 };
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmChardev *console = (const DmChardev *)device;
                if (device->kind != DM_DEVICE_CONSOLE ||
                    (console->console_type != DM_CONSOLE_SCLP && console->console_type != DM_CONSOLE_SCLPLM))
                        continue;
                if (first[console->console_type])
                        return dm_plan_fail(p, device, &console->console_type, error,
                                            "a guest has one console of type '%s' at most",
                                            dm_enum_name(&dm_console_type, (int)console->console_type));
                first[console->console_type] = console;
        }
        return TRUE;
}

/* A guest has one of each model; only those of ISA and PCI have an address. */
static gboolean check_panics(const DmPlan *p, GError **error)
{
        guint32 seen = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                if (device->kind != DM_DEVICE_PANIC)
                        continue;
                const DmPanic *panic = (const DmPanic *)device;
                DmAddressType type = panic->model == DM_PANIC_ISA       ? DM_ADDRESS_ISA
                                     : panic->model == DM_PANIC_PVPANIC ? DM_ADDRESS_PCI
                                                                        : DM_ADDRESS_NONE;
                const char *model = dm_enum_name(&dm_panic_model, (int)panic->model);
                if (seen & (1u << panic->model))
                        return dm_plan_fail(p, device, &panic->model, error,
                                            "a guest has one panic device of model '%s' at most", model);
                seen |= 1u << panic->model;
                if (device->address.type && device->address.type != type)
                        return dm_plan_fail(
                                p, device, &device->address, error,
                                "a panic device of model '%s' has no such address; leave <address> out",
                                model);
        }
        return TRUE;
}

static gboolean check_place(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmAddress *a = &device->address;
        if ((a->zpci_uid.set || a->zpci_fid.set) && !is_s390(p))
                return dm_plan_fail(p, device, a->zpci_uid.set ? &a->zpci_uid : &a->zpci_fid, error,
                                    "<zpci> is for s390x guests only; leave it out");
        if (a->type == DM_ADDRESS_UNASSIGNED && device->kind != DM_DEVICE_HOSTDEV)
                return dm_plan_fail(p, device, a, error,
                                    "an address of type 'unassigned' is for devices of the host only");
        if (device->acpi_index.set && a->type != DM_ADDRESS_PCI)
                return dm_plan_fail(p, device, &device->acpi_index, error,
                                    "an ACPI index is for PCI devices only");
        return TRUE;
}

static gboolean check_interface(const DmPlan *p, const DmInterface *i, GError **error)
{
        gboolean pci = i->dev.address.type == DM_ADDRESS_PCI,
                 rom = i->rom_bar || i->rom_enabled || i->rom_file;
        if (rom && !pci && i->dev.address.type)
                return dm_plan_fail(p, &i->dev,
                                    i->rom_bar       ? (const void *)&i->rom_bar
                                    : i->rom_enabled ? (const void *)&i->rom_enabled
                                                     : (const void *)&i->rom_file,
                                    error, "<rom> is for PCI devices only");
        if (i->model && strstr(i->model, "transitional") && !pci && i->dev.address.type)
                return dm_plan_fail(p, &i->dev, &i->model, error,
                                    "the model '%s' is a PCI device; use 'virtio' on machine '%s'", i->model,
                                    p->board_name);
        return TRUE;
}

/* Sizes that only fit together. */
static gboolean check_module(const DmPlan *p, const DmMemoryDevice *m, GError **error)
{
        guint64 block = m->block.value;
        if (m->label_size.set && (m->label_size.value < LABEL_MIN || m->label_size.value >= m->size.value))
                return dm_plan_fail(p, &m->dev, &m->label_size, error,
                                    "the label area is at least 128 KiB and less than the module");
        if (m->alignsize.value & (m->alignsize.value - 1))
                return dm_plan_fail(p, &m->dev, &m->alignsize, error, "the alignment must be a power of two");
        if (m->model == DM_MEMORY_VIRTIO_PMEM && m->node.set)
                return dm_plan_fail(p, &m->dev, &m->node, error, "it is in no NUMA cell; leave <node> out");
        if (m->model != DM_MEMORY_VIRTIO_MEM || !block)
                return TRUE;
        if (block < VIRTIO_MEM_BLOCK)
                return dm_plan_fail(p, &m->dev, &m->block, error, "a block is at least 2 MiB");
        if (m->requested.value % block)
                return dm_plan_fail(p, &m->dev, &m->requested, error,
                                    "what is requested must be a multiple of the block size");
        if (m->size.value % block)
                return dm_plan_fail(p, &m->dev, &m->size, error,
                                    "the size must be a multiple of the block size");
        return TRUE;
}

static gboolean check_controllers(const DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) hosts = g_hash_table_new(NULL, NULL);
        const DmController *floppy = NULL;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind != DM_DEVICE_CONTROLLER)
                        continue;
                if (c->type == DM_CONTROLLER_FDC && floppy)
                        return dm_plan_fail(p, device, &c->index, error,
                                            "machine '%s' has one floppy controller at most", p->board_name);
                floppy = c->type == DM_CONTROLLER_FDC ? c : floppy;
                if (c->type != DM_CONTROLLER_PCI)
                        continue;
                const DmNuma *numa = p->domain->cpu ? p->domain->cpu->numa : NULL;
                guint cells = numa && numa->cells ? numa->cells->len : 0;
                if (c->numa_node.set && c->numa_node.value >= cells)
                        return dm_plan_fail(p, device, &c->numa_node, error, "there is no NUMA cell %u",
                                            c->numa_node.value);
                gboolean root = c->model == DM_PCI_ROOT && is_pseries(p);
                if (root && c->target_index.set &&
                    !g_hash_table_add(hosts, GUINT_TO_POINTER(c->target_index.value)))
                        return dm_plan_fail(p, device, &c->target_index, error,
                                            "the target index %u is given twice", c->target_index.value);
                if (root && !c->index.value && c->numa_node.set)
                        return dm_plan_fail(p, device, &c->numa_node, error,
                                            "the first host bridge is in no NUMA cell; leave <node> out");
                if (c->model == DM_PCI_BRIDGE && p->board->flags & DM_BOARD_PCIE &&
                    c->dev.address.type == DM_ADDRESS_PCI && !c->dev.address.bus.value)
                        return dm_plan_fail(p, device, &c->dev.address, error,
                                            "a pci-bridge does not go on a PCI Express bus; put it behind a "
                                            "dmi-to-pci-bridge or pcie-to-pci-bridge");
        }
        return TRUE;
}

static gboolean check_device(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmVideo *v = (const DmVideo *)device;
        const DmIommu *iommu = (const DmIommu *)device;
        if (!check_place(p, device, error))
                return FALSE;
        if (device->kind == DM_DEVICE_DISK)
                return check_disk(p, (const DmDisk *)device, error);
        if (device->kind == DM_DEVICE_SERIAL)
                return check_serial(p, (const DmChardev *)device, error);
        if (device->kind == DM_DEVICE_MEMORY)
                return check_module(p, (const DmMemoryDevice *)device, error);
        if (device->kind == DM_DEVICE_INTERFACE)
                return check_interface(p, (const DmInterface *)device, error);
        gboolean acpi = p->domain->features && p->domain->features->acpi;
        if (device->kind == DM_DEVICE_IOMMU && iommu->model == DM_IOMMU_VIRTIO && !acpi)
                return dm_plan_fail(p, device, &iommu->model, error,
                                    "the guest finds it by ACPI only: add <acpi/> to <features>");
        if (device->kind == DM_DEVICE_VIDEO && v->model == DM_VIDEO_RAMFB &&
            device != dm_domain_device(p->domain, DM_DEVICE_VIDEO, 0))
                return dm_plan_fail(p, device, &v->model, error,
                                    "model 'ramfb' can only be the primary <video>");
        return TRUE;
}

gboolean dm_plan_check_board(const DmPlan *p, GError **error)
{
        if (!check_features(p, error) || !check_timers(p, error) || !check_many(p, error) ||
            !check_cores(p, error) || !check_cpu(p, error) || !check_firmware(p, error) ||
            !check_sections(p, error) || !check_controllers(p, error) || !check_sclp(p, error) ||
            !check_panics(p, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (!check_device(p, device, error))
                        return FALSE;
        return TRUE;
}
