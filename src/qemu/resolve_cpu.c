/* Rule R7: the CPU model when the document names none.
 *
 * Libvirt writes the machine's own default down, so that a guest keeps its CPU when the emulator's default
 * changes; so do we.  The exceptions are where that default cannot run the guest. */
#include <string.h>

#include "qemu/resolve_private.h"

static DmCpu *cpu_of(DmResolve *r)
{
        if (!r->d->cpu)
                r->d->cpu = g_new0(DmCpu, 1);
        return r->d->cpu;
}

static void set_model(DmResolve *r, const char *model)
{
        DmCpu *cpu = cpu_of(r);
        cpu->mode = DM_CPU_CUSTOM;
        if (!cpu->match)
                cpu->match = DM_MATCH_EXACT;
        if (!cpu->check)
                cpu->check = DM_CHECK_NONE;
        if (!cpu->fallback)
                cpu->fallback = DM_FALLBACK_FORBID;
        dm_resolve_set(&cpu->model, model);
}

/* What -cpu calls the model of QOM type @type; NULL when the emulator does not list it.  Of several names the
 * one that the type's begins with: "970fx" is more to the point than "ppc64".  Owned. */
static char *model_of_type(const DmCaps *caps, const DmArch *arch, const char *type)
{
        const char *found = NULL;
        for (guint i = 0; type && caps->cpu_models && i < caps->cpu_models->len; i++) {
                const DmCpuModel *m = g_ptr_array_index(caps->cpu_models, i);
                if (!m->type || strcmp(m->type, type) != 0)
                        continue;
                if (!found || (g_str_has_prefix(type, m->name) && !g_str_has_prefix(type, found)))
                        found = m->name;
        }
        /* libvirt's name of a POWER model is QEMU's in capitals; QEMU takes either. */
        gboolean power = found && g_str_has_prefix(arch->name, "ppc64") && g_str_has_prefix(found, "power");
        return power ? g_ascii_strup(found, -1) : g_strdup(found);
}

static void host_cpu(DmResolve *r)
{
        DmCpu *cpu = cpu_of(r);
        gboolean s390 = strcmp(r->p->arch->name, "s390x") == 0;
        cpu->mode = s390 ? DM_CPU_HOST_MODEL : DM_CPU_HOST_PASSTHROUGH;
        if (!cpu->check)
                cpu->check = s390 ? DM_CHECK_PARTIAL : DM_CHECK_NONE;
        dm_origins_explain(r->d->origins, &cpu->mode, "KVM's default CPU of machine %s", r->p->machine->name);
}

/* A 32 bit guest of a 64 bit ARM binary: KVM has only the host's CPU, which must be told to start in 32 bit.
 */
static void arm_cpu(DmResolve *r)
{
        DmCpu *cpu = cpu_of(r);
        cpu->mode = DM_CPU_HOST_PASSTHROUGH;
        cpu->check = DM_CHECK_NONE;
        if (!cpu->features)
                cpu->features = g_ptr_array_new();
        DmCpuFeature *f = g_new0(DmCpuFeature, 1);
        f->policy = DM_POLICY_DISABLE;
        f->name = g_strdup("aarch64");
        g_ptr_array_add(cpu->features, f);
        dm_origins_explain(r->d->origins, &cpu->mode,
                           "KVM runs %s guests on the host's CPU in its 32 bit state", r->p->arch->name);
}

/* Replaces a default that the guest could not run on.  NULL: it may stay. */
static const char *better(DmResolve *r, const char *model)
{
        const DmPlan *p = r->p;
        /* Who names the machine in libvirt's way gets libvirt's CPU: its guests must not change. */
        gboolean open = r->seed || !r->machine_given;
        if (open && strcmp(p->arch->name, "i686") == 0 && strcmp(model, "qemu64") == 0) {
                dm_origins_explain(r->d->origins, &r->d->cpu->model, "i686 guest of a %s emulator",
                                   p->caps->target);
                return "qemu32";
        }
        if (strcmp(p->arch->name, "aarch64") != 0 || strcmp(model, "cortex-a15") != 0)
                return NULL;
        if (open) {
                dm_origins_explain(r->d->origins, &r->d->cpu->model,
                                   "64 bit; the default of machine %s, %s, is not", p->machine->name, model);
                return "cortex-a57";
        }
        dm_resolve_note(
                r, DM_SEVERITY_WARNING, &r->d->os.machine,
                "the default CPU of machine '%s', %s, is a 32 bit one: give a <cpu> such as cortex-a57",
                p->machine->name, model);
        return NULL;
}

/* Defaults of other architectures hold for tcg only: KVM takes just the host's own CPU there. */
static gboolean default_holds(const DmResolve *r)
{
        static const char *const archs[] = { "x86_64", "i686", "s390x", "ppc64", "ppc64le" };
        for (gsize i = 0; i < G_N_ELEMENTS(archs); i++)
                if (strcmp(r->p->arch->name, archs[i]) == 0)
                        return TRUE;
        return r->want == DM_VIRT_QEMU;
}

gboolean dm_resolve_cpu(DmResolve *r, GError **error)
{
        const DmPlan *p = r->p;
        const DmCpu *given = r->d->cpu;
        (void)error;
        if (given && (given->model || (given->mode != DM_CPU_MODE_UNSET && given->mode != DM_CPU_CUSTOM)))
                return TRUE;
        if (r->want == DM_VIRT_KVM && g_str_has_prefix(p->arch->name, "armv") &&
            strcmp(p->caps->target, "aarch64") == 0) {
                arm_cpu(r);
                return TRUE;
        }
        g_autofree char *model = model_of_type(p->caps, p->arch, p->machine->default_cpu_type);
        if (!model || !default_holds(r))
                return TRUE;
        if (strcmp(model, "host") == 0 && r->want == DM_VIRT_KVM) {
                host_cpu(r);
                return TRUE;
        }
        if (strcmp(model, "host") == 0) {
                /* Probed with KVM; what tcg would answer is known for s390x only. */
                if (strcmp(p->arch->name, "s390x") != 0)
                        return TRUE;
                dm_resolve_set(&model, "qemu");
        }
        DmCpu *cpu = cpu_of(r);
        dm_origins_explain(r->d->origins, &cpu->model, "default CPU of machine %s", p->machine->name);
        const char *other = better(r, model);
        set_model(r, other ? other : model);
        return TRUE;
}
