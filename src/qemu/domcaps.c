/* <domainCapabilities>: which emulator, accelerator and machine it is about, with libvirt's words where they
 * do not go together; and firmware.  (CPUs: domcaps_cpu.c, devices: domcaps_devices.c.) */
#include <string.h>

#include "qemu/capabilities.h"
#include "qemu/emulator.h"
#include "qemu/firmware.h"

typedef struct Question {
        const DmHost *host;
        DmCapsSource *source;
        const DmArch *arch;
        DmVirtType type;
        const DmMachine *machine;
        DmCaps *caps; /* owned */
} Question;

static void question_clear(Question *q)
{
        dm_caps_unref(q->caps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* ---- what is asked about ---- */

/* By libvirt's name only: aliases are for documents.  NULL: the host's. */
static const DmArch *find_arch(const Question *q, const char *arch, GError **error)
{
        const char *name = arch ? arch : q->host->arch;
        const DmArch *a = dm_arch_find(name);
        if (a && (!arch || strcmp(a->name, arch) == 0))
                return a;
        return dm_fail_null(error, DM_ERROR_INVALID_ARG, "unknown architecture: %s", name);
}

static gboolean search_emulator(Question *q, const char *arch, GError **error)
{
        const DmArch *a = find_arch(q, arch, error);
        if (!a)
                return FALSE;
        q->arch = a;
        q->caps = dm_emulator_find(q->host, q->source, a, q->type ? q->type : DM_VIRT_KVM, NULL, NULL, NULL);
        if (q->caps)
                return TRUE;
        dm_fail(error, DM_ERROR_INVALID_ARG, "unable to find any emulator to serve '%s' architecture",
                a->name);
        return FALSE;
}

static gboolean named_emulator(Question *q, const char *emulator, const char *arch, GError **error)
{
        g_autoptr(GError) reason = NULL;
        q->caps = dm_caps_source_get(q->source, emulator, &reason);
        if (!q->caps) {
                dm_fail(error, DM_ERROR_INVALID_ARG, "%s", reason->message);
                return FALSE;
        }
        const DmArch *own = dm_arch_of_target(q->caps->target);
        const DmArch *a = arch ? find_arch(q, arch, error) : own;
        if (!a) {
                if (!arch)
                        dm_fail(error, DM_ERROR_INVALID_ARG, "unknown architecture: %s", q->caps->target);
                return FALSE;
        }
        q->arch = a;
        if (dm_arch_target_runs(q->caps->target, a->name))
                return TRUE;
        dm_fail(error, DM_ERROR_INVALID_ARG,
                "architecture from emulator '%s' doesn't match given architecture '%s'",
                own ? own->name : q->caps->target, a->name);
        return FALSE;
}

static gboolean find_type(Question *q, GError **error)
{
        if (!q->type) {
                g_autofree char *refusal = dm_virt_refusal(DM_VIRT_KVM, q->caps, q->arch, q->host);
                q->type = refusal ? DM_VIRT_QEMU : DM_VIRT_KVM;
        }
        g_autofree char *refusal = dm_virt_refusal(q->type, q->caps, q->arch, q->host);
        if (refusal)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "the accel '%s' is not supported by '%s' on this host: %s",
                               dm_enum_name(&dm_virt_type, q->type), q->caps->path, refusal);
        return TRUE;
}

static gboolean find_machine(Question *q, const char *machine, GError **error)
{
        q->machine = machine ? dm_caps_machine(q->caps, machine)
                             : dm_board_default_machine(q->arch->name, q->caps);
        if (!q->machine && !machine)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "a machine must be given for emulator '%s'",
                               q->caps->path);
        if (!q->machine || dm_board_unusable(q->machine->name))
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "the machine '%s' is not supported by emulator '%s'",
                               machine ? machine : q->machine->name, q->caps->path);
        return TRUE;
}

/* Which CPU models tcg can run is known after one more start. */
static void ask_tcg(Question *q)
{
        if (q->type != DM_VIRT_QEMU || q->caps->tcg_models || !q->source->get_tcg || q->caps->help_era)
                return;
        DmCaps *more = q->source->get_tcg(q->source, q->caps->path, NULL);
        const DmMachine *machine = more ? dm_caps_machine(more, q->machine->name) : NULL;
        if (!machine) {
                dm_caps_unref(more);
                return;
        }
        dm_caps_unref(q->caps);
        q->caps = more;
        q->machine = machine;
}

/* ---- firmware ---- */

static void add_value(GPtrArray **values, const char *text)
{
        DmDomcapsValue *v = g_new0(DmDomcapsValue, 1);
        v->text = g_strdup(text);
        if (!*values)
                *values = g_ptr_array_new();
        g_ptr_array_add(*values, v);
}

static void firmware_part(DmDomainCapabilities *d, const Question *q)
{
        gboolean efi = FALSE, bios = FALSE, secure = FALSE;
        DmDomcapsEnum *firmware = dm_domcaps_enum(&d->os.enums, "firmware");
        for (guint i = 0; i < q->host->firmwares->len; i++) {
                const DmJson *f = g_ptr_array_index(q->host->firmwares, i);
                if (!dm_firmware_fits(f, q->arch, q->machine->name))
                        continue;
                const char *code = dm_json_string(dm_json_path(f, "mapping.executable.filename"));
                efi = efi || dm_firmware_lists(f, "interface-types", "uefi");
                bios = bios || dm_firmware_lists(f, "interface-types", "bios");
                secure = secure || dm_firmware_lists(f, "features", "requires-smm");
                if (code)
                        add_value(&d->loader.values, code);
        }
        if (bios)
                dm_domcaps_add(firmware, "bios");
        if (efi)
                dm_domcaps_add(firmware, "efi");
        dm_domcaps_support(&d->os, TRUE);
        dm_domcaps_support(&d->loader, TRUE);
        DmDomcapsEnum *type = dm_domcaps_enum(&d->loader.enums, "type");
        dm_domcaps_add(type, "rom");
        dm_domcaps_add(type, "pflash");
        DmDomcapsEnum *readonly = dm_domcaps_enum(&d->loader.enums, "readonly");
        dm_domcaps_add(readonly, "yes");
        dm_domcaps_add(readonly, "no");
        DmDomcapsEnum *e = dm_domcaps_enum(&d->loader.enums, "secure");
        if (secure)
                dm_domcaps_add(e, "yes");
        dm_domcaps_add(e, "no");
}

/* ---- all of it ---- */

/* A guest without devices, to ask what could be put into it. */
static DmDomain *scratch(void)
{
        static const char text[] = "<domain><name>scratch</name><memory>1</memory></domain>";
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, NULL, NULL);
        g_assert(d);
        return d;
}

DmDomainCapabilities *dm_domain_capabilities(const DmHost *host, DmCapsSource *source, const char *emulator,
                                             const char *arch, const char *machine, const char *virt_type,
                                             GError **error)
{
        g_auto(Question) q = { .host = host, .source = source };
        int type = virt_type ? dm_enum_value(&dm_virt_type, virt_type) : DM_VIRT_NONE;
        if (type < 0)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "unknown virttype: %s", virt_type);
        q.type = (DmVirtType)type;
        if (!(emulator ? named_emulator(&q, emulator, arch, error) : search_emulator(&q, arch, error)) ||
            !find_type(&q, error) || !find_machine(&q, machine, error))
                return NULL;
        ask_tcg(&q);
        DmDomainCapabilities *d = dm_domain_capabilities_new();
        d->path = g_strdup(q.caps->path);
        d->domain = g_strdup(dm_enum_name(&dm_virt_type, q.type));
        d->machine = g_strdup(q.machine->name);
        d->arch = g_strdup(q.arch->name);
        if (q.machine->max_cpus)
                d->max_vcpus = (DmOptU32)DM_OPT(q.machine->max_cpus);
        firmware_part(d, &q);
        dm_domcaps_cpu(d, q.caps, q.arch, q.type, host);
        DmPlan plan = { .domain = scratch(),
                        .caps = q.caps,
                        .arch = q.arch,
                        .machine = q.machine,
                        .board = dm_board_find(q.arch->name, q.machine->name),
                        .accel = dm_virt_accel(q.type),
                        .board_name = q.machine->name };
        dm_domcaps_devices(d, &plan, host);
        dm_domain_unref(plan.domain);
        return d;
}
