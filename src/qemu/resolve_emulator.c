/* Rules R3 to R5: what <loader> is, which emulator runs, and whether it offers what was asked for. */
#include <string.h>

#include "qemu/resolve_private.h"

/* Fact of a path that was looked at; NULL when nobody did, which is no reason to refuse it. */
static const DmFileFact *known(const DmResolve *r, const char *path)
{
        return g_hash_table_lookup(r->host->files, path);
}

/* The path is absolute, there, and no directory. */
static gboolean check_path(const DmResolve *r, const void *value, const char *what, const char *path,
                           GError **error)
{
        if (!g_path_is_absolute(path))
                return dm_resolve_fail(r, value, error, DM_ERROR_INVALID_XML,
                                       "%s %s: must be an absolute path", what, path);
        const DmFileFact *f = known(r, path);
        if (f && f->kind == DM_FILE_MISSING)
                return dm_resolve_fail(r, value, error, DM_ERROR_NOT_FOUND, "%s %s: %s", what, path,
                                       g_strerror(f->errno_value));
        if (f && f->kind == DM_FILE_DIRECTORY)
                return dm_resolve_fail(r, value, error, DM_ERROR_INVALID_XML, "%s %s: is a directory", what,
                                       path);
        return TRUE;
}

/* ---- R3 ---- */

static gboolean program_loader(DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        if (!check_path(r, &os->loader, "<loader>", os->loader, error))
                return FALSE;
        /* The x bit tells: firmware files may well be ELF (openbios-ppc, s390-ccw.img), but have mode 0644.
         */
        const DmFileFact *f = known(r, os->loader);
        if (f && (f->kind != DM_FILE_REGULAR || !f->executable))
                return dm_resolve_fail(
                        r, &os->loader, error, DM_ERROR_INVALID_XML,
                        "<loader> %s is not a program. With <type>%s</type> the loader is the QEMU "
                        "binary; for firmware use <type>hvm</type> or add type='rom' or type='pflash'",
                        os->loader, os->type);
        r->loader_is_program = TRUE;
        return TRUE;
}

static gboolean firmware_loader(DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        const DmFileFact *f = known(r, os->loader);
        if (f && f->kind == DM_FILE_MISSING)
                /* It may come before the guest is started. */
                dm_resolve_note(r, DM_SEVERITY_WARNING, &os->loader, "<loader> %s: %s", os->loader,
                                g_strerror(f->errno_value));
        else if (!check_path(r, &os->loader, "<loader>", os->loader, error))
                return FALSE;
        if (f && f->kind == DM_FILE_REGULAR && f->executable && f->program)
                return dm_resolve_fail(r, &os->loader, error, DM_ERROR_INVALID_XML,
                                       "<loader> %s is a program, not firmware; use <emulator>", os->loader);
        return TRUE;
}

gboolean dm_resolve_loader(DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        gboolean firmware = os->loader_type || os->loader_readonly || os->loader_secure ||
                            os->loader_stateless || os->loader_format || os->nvram || os->firmware;
        if (!os->loader || !*os->loader)
                return TRUE;
        return r->seed && !firmware ? program_loader(r, error) : firmware_loader(r, error);
}

/* ---- R4 ---- */

/* TRUE when both paths lead to the same file. */
static gboolean same_file(const DmResolve *r, const char *a, const char *b)
{
        const DmFileFact *fa = known(r, a), *fb = known(r, b);
        if (fa && fb && fa->real && fb->real)
                return strcmp(fa->real, fb->real) == 0;
        return strcmp(a, b) == 0;
}

/* The emulator that the document names, in whichever of the two places; the loader moves to <emulator>. */
static gboolean named_emulator(DmResolve *r, GError **error)
{
        DmDomain *d = r->d;
        if (r->loader_is_program && d->emulator && !same_file(r, d->os.loader, d->emulator))
                return dm_resolve_fail(r, &d->emulator, error, DM_ERROR_INVALID_XML,
                                       "two different emulators given: <loader> %s, <emulator> %s",
                                       d->os.loader, d->emulator);
        if (!r->loader_is_program)
                return TRUE;
        if (!d->emulator) {
                d->emulator = g_steal_pointer(&d->os.loader);
                dm_origins_copy(d->origins, &d->os.loader, &d->emulator);
                dm_origins_explain(d->origins, &d->emulator,
                                   "<loader>, which is the emulator with <type>%s</type>", d->os.type);
        }
        g_clear_pointer(&d->os.loader, g_free);
        dm_origins_forget(d->origins, &d->os.loader, sizeof(d->os.loader));
        return TRUE;
}

static gboolean ask_named(DmResolve *r, GError **error)
{
        const char *path = r->d->emulator;
        if (!check_path(r, &r->d->emulator, "<emulator>", path, error))
                return FALSE;
        const DmFileFact *f = known(r, path);
        if (f && !f->executable)
                return dm_resolve_fail(r, &r->d->emulator, error, DM_ERROR_INVALID_XML,
                                       "<emulator> %s: is not executable for user %s", path, r->host->user);
        r->p->caps = dm_caps_source_get(r->source, path, error);
        return r->p->caps || dm_resolve_place(r, &r->d->emulator, error);
}

/* The architecture of a guest that names an emulator but no architecture: the host's if that emulator runs
 * it, else its own. */
static gboolean arch_of_emulator(DmResolve *r, GError **error)
{
        DmDomain *d = r->d;
        const char *target = r->p->caps->target;
        const DmArch *host = dm_arch_find(r->host->arch);
        if (host && dm_arch_target_runs(target, host->name)) {
                r->p->arch = host;
                dm_origins_explain(d->origins, &d->os.arch, "host architecture");
                return TRUE;
        }
        r->p->arch = dm_arch_of_target(target);
        if (!r->p->arch)
                return dm_resolve_fail(r, &d->emulator, error, DM_ERROR_UNSUPPORTED,
                                       "emulator %s is for %s, which no guest can be defined for",
                                       d->emulator, target);
        dm_origins_explain(d->origins, &d->os.arch, "architecture of %s", d->emulator);
        return TRUE;
}

static gboolean host_arch(DmResolve *r, GError **error)
{
        r->p->arch = dm_arch_find(r->host->arch);
        if (!r->p->arch)
                return dm_resolve_fail(r, &r->d->os.type, error, DM_ERROR_UNSUPPORTED,
                                       "the host's architecture '%s' has no emulator; give <type arch='…'>",
                                       r->host->arch);
        dm_origins_explain(r->d->origins, &r->d->os.arch, "host architecture");
        return TRUE;
}

static gboolean search(DmResolve *r, GError **error)
{
        if (!r->arch_given && !host_arch(r, error))
                return FALSE;
        g_autofree char *why = NULL;
        r->p->caps = dm_emulator_find(r->host, r->source, r->p->arch, r->want, &why, r->findings, error);
        if (!r->p->caps)
                return dm_resolve_place(r, &r->d->os.arch, error);
        dm_resolve_set(&r->d->emulator, r->p->caps->path);
        dm_origins_explain(r->d->origins, &r->d->emulator, "%s", why);
        return TRUE;
}

/* ---- R5 ---- */

static gboolean check_offered(DmResolve *r, GError **error)
{
        const DmPlan *p = r->p;
        g_autofree char *refusal = dm_virt_refusal(r->want, p->caps, p->arch, r->host);
        const void *asked = r->seed ? (const void *)&r->d->os.type : &r->d->type;
        if (!refusal)
                return TRUE;
        g_autofree char *offered = dm_virt_offered(p->caps, p->arch, r->host);
        if (!dm_virt_has(p->caps, r->want) && r->want != DM_VIRT_KVM)
                return dm_resolve_fail(r, asked, error, DM_ERROR_UNSUPPORTED,
                                       "%s; available domain types: %s", refusal, offered);
        return dm_resolve_fail(r, asked, error, DM_ERROR_UNSUPPORTED, "%s; available for %s: %s", refusal,
                               p->arch->name, offered);
}

gboolean dm_resolve_emulator(DmResolve *r, GError **error)
{
        if (r->d->emulator && !*r->d->emulator)
                g_clear_pointer(&r->d->emulator, g_free);
        if (!named_emulator(r, error))
                return FALSE;
        if (!r->d->emulator)
                return search(r, error) && check_offered(r, error);
        if (!ask_named(r, error) || (!r->arch_given && !arch_of_emulator(r, error)))
                return FALSE;
        if (!dm_arch_target_runs(r->p->caps->target, r->p->arch->name))
                return dm_resolve_fail(r, &r->d->emulator, error, DM_ERROR_INVALID_XML,
                                       "emulator %s is for %s, guest arch is %s", r->d->emulator,
                                       r->p->caps->target, r->p->arch->name);
        return check_offered(r, error);
}
