/* -machine and -accel: the board and its switches. */
#include "qemu/build_private.h"

#include <string.h>

#include "conf/domain_memdev.h"
#include "util/error.h"

static void onoff(GString *s, const char *key, DmOnOff value)
{
        if (value)
                dm_opts_append(s, key, value == DM_ON ? "on" : "off");
}

gboolean dm_plan_acpi_off(const DmPlan *p)
{
        const DmFeatures *f = p->domain->features;
        gboolean arm64 = !strcmp(p->arch->name, "aarch64");
        return (dm_plan_x86(p) || arm64) && !(p->board->flags & DM_BOARD_NO_ACPI) && !(f && f->acpi);
}

gboolean dm_plan_acpi_property(const DmPlan *p)
{
        /* The option is older, but was taken out of QEMU 9. */
        return p->caps->version >= DM_QEMU_VERSION(8, 2, 0);
}

static void add_features(const DmPlan *p, GString *s)
{
        static const char *const versions[] = { [DM_GIC_2] = "2", [DM_GIC_3] = "3", [DM_GIC_HOST] = "host" };
        const DmFeatures *f = p->domain->features;
        if (!f)
                return;
        onoff(s, "vmport", f->vmport);
        onoff(s, "smm", f->smm);
        if (f->ioapic)
                dm_opts_append(s, "kernel_irqchip", f->ioapic == DM_IOAPIC_KVM ? "on" : "split");
        if (f->gic_version)
                dm_opts_append(s, "gic-version", versions[f->gic_version]);
        if (dm_plan_x86(p))
                onoff(s, "i8042", f->ps2);
}

static void add_power_features(const DmPlan *p, GString *s)
{
        const DmFeatures *f = p->domain->features;
        if (!f || !(p->board->flags & DM_BOARD_SPAPR_VIO))
                return;
        onoff(s, "cap-htm", f->htm);
        onoff(s, "cap-nested-hv", f->nested_hv);
        onoff(s, "cap-ccf-assist", f->ccf_assist);
        if (f->hpt_resizing)
                dm_opts_append(s, "resize-hpt", dm_enum_name(&dm_hpt_resizing, f->hpt_resizing));
        if (f->hpt_max_page_size.set)
                dm_opts_appendf(s, "cap-hpt-max-page-size", "%" G_GUINT64_FORMAT "k",
                                f->hpt_max_page_size.value / 1024);
        if (f->cfpc)
                dm_opts_append(s, "cap-cfpc", dm_enum_name(&dm_mitigation, f->cfpc));
        if (f->sbbc)
                dm_opts_append(s, "cap-sbbc", dm_enum_name(&dm_mitigation, f->sbbc));
        if (f->ibs)
                dm_opts_append(s, "cap-ibs", dm_enum_name(&dm_ibs_mitigation, f->ibs));
}

/* s390x: the parameter that the loader of the first boot device is given. */
static const char *loadparm(const DmPlan *p)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->boot_loadparm && p->board->flags & DM_BOARD_CCW && device->boot_order.value == 1)
                        return device->boot_loadparm;
        return NULL;
}

static void add_flash(const DmBuild *b, GString *s)
{
        for (unsigned unit = 0; unit < 2; unit++) {
                g_autofree char *key = g_strdup_printf("pflash%u", unit);
                if (dm_build_flash_node(b, unit))
                        dm_opts_append(s, key, dm_build_flash_node(b, unit));
        }
}

/* A POWER host that shall look like an older one. */
static void add_compat(const DmPlan *p, GString *s)
{
        const DmCpu *cpu = p->domain->cpu;
        if (cpu && cpu->mode == DM_CPU_HOST_MODEL && cpu->model && p->board->flags & DM_BOARD_SPAPR_VIO)
                dm_opts_append(s, "max-cpu-compat", cpu->model);
}

static void add_timers(const DmPlan *p, GString *s)
{
        const DmTimer *hpet = dm_plan_timer(p, DM_TIMER_HPET);
        if (hpet && hpet->present && dm_plan_x86(p) && dm_caps_has_option(p->caps, "machine", "hpet"))
                dm_opts_append(s, "hpet", hpet->present == DM_YES ? "on" : "off");
}

/* Options of the accelerator itself. */
static void add_accel_features(const DmPlan *p, GString *s)
{
        const DmFeatures *f = p->domain->features;
        if (f && p->accel == DM_ACCEL_TCG && f->tcg_tb_cache.set)
                dm_opts_appendf(s, "tb-size", "%" G_GUINT64_FORMAT, f->tcg_tb_cache.value >> 20);
        if (f && p->accel == DM_ACCEL_KVM && f->kvm_dirty_ring == DM_ON)
                dm_opts_appendf(s, "dirty-ring-size", "%u", f->kvm_dirty_ring_size.value);
}

/* Written apart since -accel exists. */
static gboolean build_accel(DmBuild *b, GString *machine, GError **error)
{
        const DmPlan *p = b->plan;
        if (p->accel != DM_ACCEL_TCG && p->accel != DM_ACCEL_KVM)
                return dm_plan_fail(p, NULL, &p->domain->type, error,
                                    "accelerator '%s' is not one of QEMU %s", dm_accel_name(p->accel),
                                    p->caps->version_text);
        if (p->caps->version < DM_QEMU_VERSION(2, 9, 0)) {
                dm_opts_append(machine, "accel", dm_accel_name(p->accel));
                dm_command_add(b->command, &p->domain->os.machine, NULL, "-machine", machine->str);
        } else {
                dm_command_add(b->command, &p->domain->os.machine, NULL, "-machine", machine->str);
                g_autoptr(GString) accel = g_string_new(dm_accel_name(p->accel));
                add_accel_features(p, accel);
                dm_command_add(b->command, &p->domain->type, NULL, "-accel", accel->str);
        }
        return TRUE;
}

static gboolean build_tseg(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmFeatures *f = p->domain->features;
        if (!f || !f->smm_tseg.set)
                return TRUE;
        if (!dm_plan_x86(p) || !(p->board->flags & DM_BOARD_PCIE) ||
            !dm_caps_has_prop(p->caps, "mch", "extended-tseg-mbytes"))
                return dm_plan_fail(p, NULL, &f->smm_tseg, error, "machine '%s' of QEMU %s has no <tseg>",
                                    p->board_name, p->caps->version_text);
        dm_command_addf(b->command, &f->smm_tseg, NULL, "-global",
                        "mch.extended-tseg-mbytes=%" G_GUINT64_FORMAT, f->smm_tseg.value >> 20);
        return TRUE;
}

/* Modules that the board itself must know of. */
static void add_modules(const DmPlan *p, GString *s)
{
        gboolean nvdimm = FALSE;
        unsigned epc = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmMemoryDevice *m = (const DmMemoryDevice *)device;
                if (device->kind != DM_DEVICE_MEMORY)
                        continue;
                nvdimm = nvdimm || m->model == DM_MEMORY_NVDIMM;
                if (m->model != DM_MEMORY_SGX_EPC)
                        continue;
                g_autofree char *memdev = g_strdup_printf("sgx-epc.%u.memdev", epc);
                g_autofree char *node = g_strdup_printf("sgx-epc.%u.node", epc++);
                dm_opts_appendf(s, memdev, "mem%s", device->alias);
                if (p->caps->version >= DM_QEMU_VERSION(7, 0, 0))
                        dm_opts_appendf(s, node, "%u", m->node.value);
        }
        if (nvdimm)
                dm_opts_append(s, "nvdimm", "on");
}

static void add_memory(const DmPlan *p, GString *s)
{
        const DmMemoryBacking *m = p->domain->memory_backing;
        if (m && m->nosharepages)
                dm_opts_append(s, "mem-merge", "off");
        if (dm_plan_hmat(p))
                dm_opts_append(s, "hmat", "on");
        add_modules(p, s);
        if (p->machine->default_ram_id && !dm_plan_has_numa(p))
                dm_opts_append(s, "memory-backend", p->machine->default_ram_id);
}

gboolean dm_build_machine(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        g_autoptr(GString) s = g_string_new(p->board_name);
        /* USB controllers are devices of their own. */
        dm_opts_append(s, "usb", "off");
        add_features(p, s);
        dm_opts_append(s, "dump-guest-core", p->domain->dump_core == DM_ON ? "on" : "off");
        add_memory(p, s);
        add_compat(p, s);
        add_flash(b, s);
        add_power_features(p, s);
        if (loadparm(p))
                dm_opts_append(s, "loadparm", loadparm(p));
        add_timers(p, s);
        if (dm_plan_acpi_off(p) && dm_plan_acpi_property(p))
                dm_opts_append(s, "acpi", "off");
        if (dm_plan_graphics_off(p))
                dm_opts_append(s, "graphics", "off");
        return dm_build_security_machine(p, s, error) && build_accel(b, s, error) && build_tseg(b, error);
}
