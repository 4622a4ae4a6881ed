/* What runs: one rule for the syntax of 2007 and today's.
 *
 * The two cannot collide: the old one puts an accelerator's name (qemu, kvm, kqemu, qvm86) into <os><type>,
 * where today's list has hvm, linux, xen, xenpvh, exe and uml.  So that text alone decides which is meant.
 * The order of the steps is fixed, each relies on those before it:
 *
 *     dialect → architecture → loader → emulator → accelerator → machine → firmware → CPU → today's form
 *
 * The outcome is written back in today's form, which resolves to itself.  Nothing falls back silently: what
 * was asked for and cannot be had is an error that names the reason and what is available; what was left open
 * is filled in with an explanation. */
#include <string.h>

#include "qemu/resolve_private.h"

/* ---- for all steps ---- */

static const void *first_placed(const DmResolve *r, const void *value)
{
        const void *candidates[] = { value, &r->d->os.type, &r->d->os, r->d };
        for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++)
                if (candidates[i] && dm_origins_given(r->d->origins, candidates[i]))
                        return candidates[i];
        return NULL;
}

gboolean dm_resolve_fail(const DmResolve *r, const void *value, GError **error, DmErrorCode code,
                         const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        const void *at = first_placed(r, value);
        g_autofree char *path = at ? dm_origins_path(r->d->origins, at) : NULL;
        return dm_fail_at(error, code, at ? dm_origins_line(r->d->origins, at) : 0, path, "%s", message);
}

gboolean dm_resolve_place(const DmResolve *r, const void *value, GError **error)
{
        const void *at = first_placed(r, value);
        if (error && *error && at) {
                g_autofree char *path = dm_origins_path(r->d->origins, at);
                dm_error_set_place(*error, dm_origins_line(r->d->origins, at), path);
        }
        return FALSE;
}

void dm_resolve_note(const DmResolve *r, DmSeverity severity, const void *value, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        const void *at = first_placed(r, value);
        g_autofree char *path = at ? dm_origins_path(r->d->origins, at) : NULL;
        dm_findings_add(r->findings, severity, 0, at ? dm_origins_line(r->d->origins, at) : 0, path, "%s",
                        message);
}

void dm_resolve_set(char **member, const char *text)
{
        char *copy = g_strdup(text);
        g_free(*member);
        *member = copy;
}

/* ---- R1: dialect ---- */

static gboolean seed_dialect(DmResolve *r, DmVirtType named, GError **error)
{
        const char *type = r->d->type, *text = r->d->os.type;
        r->seed = TRUE;
        r->want = named;
        /* In 2007 the domain's type named the driver, so "qemu" contradicts nothing. */
        if (type && strcmp(type, "qemu") != 0 && strcmp(type, text) != 0)
                return dm_resolve_fail(r, &r->d->type, error, DM_ERROR_INVALID_XML,
                                       "domain type '%s' contradicts os type '%s'", type, text);
        return TRUE;
}

/* What could be asked for instead of an unknown domain type: that of the emulator that would be used. */
static char *available_types(const DmResolve *r)
{
        const char *name = r->d->os.arch ? r->d->os.arch : r->host->arch;
        const DmArch *arch = dm_arch_find(name);
        g_autoptr(DmCaps) caps =
                arch ? dm_emulator_find(r->host, r->source, arch, DM_VIRT_KVM, NULL, NULL, NULL) : NULL;
        return caps ? dm_virt_offered(caps, arch, r->host) : g_strdup("qemu, kvm");
}

static gboolean modern_dialect(DmResolve *r, GError **error)
{
        const char *type = r->d->type;
        if (!type)
                return dm_resolve_fail(r, r->d, error, DM_ERROR_INVALID_XML, "missing domain type attribute");
        int want = dm_enum_value(&dm_virt_type, type);
        if (want > 0) {
                r->want = (DmVirtType)want;
                return TRUE;
        }
        g_autofree char *available = available_types(r);
        return dm_resolve_fail(r, &r->d->type, error, DM_ERROR_UNSUPPORTED,
                               "domain type '%s' is not handled by this driver; available: %s", type,
                               available);
}

static gboolean refuse_xen(DmResolve *r, GError **error)
{
        const char *text = r->d->os.type;
        const char *why = r->host->xen ? "no installed emulator reports the xen accelerator"
                                       : "no Xen hypervisor on this host";
        gboolean old_name = strcmp(text, "linux") == 0;
        return dm_resolve_fail(r, &r->d->os.type, error, DM_ERROR_UNSUPPORTED,
                               "%sos type '%s' (Xen paravirtualised) is not available: %s; "
                               "available os types for %s: hvm",
                               old_name ? "os type 'linux' is an old name: " : "", old_name ? "xen" : text,
                               why, r->d->os.arch ? r->d->os.arch : r->host->arch);
}

static gboolean find_dialect(DmResolve *r, GError **error)
{
        static const char *const xen[] = { "xen", "linux", "xenpvh" };
        const char *text = r->d->os.type;
        if (!text || !*text)
                return dm_resolve_fail(r, &r->d->os, error, DM_ERROR_INVALID_XML,
                                       "an os <type> must be specified");
        int named = dm_enum_value(&dm_virt_type, text);
        if (named > 0)
                return seed_dialect(r, (DmVirtType)named, error);
        if (strcmp(text, "hvm") == 0)
                return modern_dialect(r, error);
        for (gsize i = 0; i < G_N_ELEMENTS(xen); i++)
                if (strcmp(text, xen[i]) == 0)
                        return refuse_xen(r, error);
        return dm_resolve_fail(r, &r->d->os.type, error, DM_ERROR_INVALID_XML,
                               "unknown os type '%s' (expected hvm, or one of qemu, kvm, kqemu, qvm86)",
                               text);
}

/* ---- R2: architecture ---- */

static gboolean find_arch(DmResolve *r, GError **error)
{
        DmOs *os = &r->d->os;
        r->arch_given = os->arch && *os->arch;
        if (!r->arch_given)
                return TRUE; /* the emulator decides, or the host */
        r->p->arch = dm_arch_find(os->arch);
        if (r->p->arch) {
                if (strcmp(os->arch, r->p->arch->name) != 0)
                        dm_origins_explain(r->d->origins, &os->arch, "alias %s of %s", os->arch,
                                           r->p->arch->name);
                return TRUE;
        }
        g_autofree char *installed = dm_emulator_archs(r->host);
        return dm_resolve_fail(r, &os->arch, error, DM_ERROR_UNSUPPORTED,
                               "unknown architecture '%s'; installed: %s", os->arch, installed);
}

/* ---- R8: today's form ---- */

static void write_back(DmResolve *r)
{
        DmDomain *d = r->d;
        DmPlan *p = r->p;
        const char *type = dm_enum_name(&dm_virt_type, r->want);
        const char *how = r->want == DM_VIRT_KVM ? "tested: KVM can be used" : "offered";
        if (r->seed)
                dm_origins_explain(d->origins, &d->type, "os type '%s' names the accelerator; %s by %s",
                                   d->os.type, how, p->caps->path);
        else
                dm_origins_explain(d->origins, &d->type, "%s by %s", how, p->caps->path);
        if (r->seed)
                dm_origins_explain(d->origins, &d->os.type,
                                   "'%s' is the accelerator; the guest is an unmodified one", d->os.type);
        dm_resolve_set(&d->type, type);
        dm_resolve_set(&d->os.type, "hvm");
        dm_resolve_set(&d->os.arch, p->arch->name);
        dm_resolve_set(&d->os.machine, p->machine->name);
        p->board_name = g_strdup(p->machine->name);
        p->accel = dm_virt_accel(r->want);
}

/* Names of capabilities are libvirt's own: here there is nothing that they could correct. */
static void note_capabilities(DmResolve *r, const GPtrArray *names)
{
        for (guint i = 0; names && i < names->len; i++) {
                const DmQemuArg *a = g_ptr_array_index(names, i);
                dm_resolve_note(
                        r, DM_SEVERITY_WARNING, &a->value,
                        "the capability '%s' is what QEMU says that it is: no correction is needed, and "
                        "none is made",
                        a->value);
        }
}

/* ---- all of it ---- */

gboolean dm_resolve_platform(DmPlan *p, const DmHost *host, DmCapsSource *source, DmFindings *findings,
                             GError **error)
{
        DmResolve r = { .p = p, .d = p->domain, .host = host, .source = source, .findings = findings };
        if (!find_dialect(&r, error) || !find_arch(&r, error) || !dm_resolve_loader(&r, error) ||
            !dm_resolve_emulator(&r, error) || !dm_resolve_machine(&r, error))
                return FALSE;
        write_back(&r);
        const DmQemuCapabilities *corrections = p->domain->qemu_capabilities;
        note_capabilities(&r, corrections ? corrections->added : NULL);
        note_capabilities(&r, corrections ? corrections->removed : NULL);
        return dm_resolve_firmware(&r, error) && dm_resolve_cpu(&r, error);
}

void dm_plan_free(DmPlan *p)
{
        if (!p)
                return;
        dm_domain_unref(p->domain);
        dm_caps_unref(p->caps);
        g_free(p->board_name);
        g_free(p);
}
