/* <capabilities>: the guests that the installed emulators offer.
 *
 * There is one guest for an architecture and kind of OS.  The first machine listed is the one that a document
 * without a machine gets, by the same function that resolving uses. */
#include "qemu/capabilities.h"

#include <string.h>

#include "qemu/emulator.h"

#define PROBES 2 /* at a time: as many as the source runs, which has its own limit */

/* ---- pieces ---- */

DmCapsGuest *dm_capabilities_add_guest(DmCapabilities *c, const char *os_type, const char *arch,
                                       unsigned wordsize)
{
        DmCapsGuest *g = g_new0(DmCapsGuest, 1);
        g->os_type = g_strdup(os_type);
        g->arch = g_strdup(arch);
        g->wordsize = (DmOptU32)DM_OPT(wordsize);
        if (!c->guests)
                c->guests = g_ptr_array_new();
        g_ptr_array_add(c->guests, g);
        return g;
}

DmCapsDomain *dm_capabilities_add_domain(DmCapsGuest *g, const char *type)
{
        DmCapsDomain *d = g_new0(DmCapsDomain, 1);
        d->type = g_strdup(type);
        if (!g->domains)
                g->domains = g_ptr_array_new();
        g_ptr_array_add(g->domains, d);
        return d;
}

void dm_capabilities_add_machine(GPtrArray **machines, const char *name, const char *canonical,
                                 unsigned max_cpus, gboolean deprecated)
{
        DmCapsMachine *m = g_new0(DmCapsMachine, 1);
        m->name = g_strdup(name);
        m->canonical = g_strdup(canonical);
        if (max_cpus)
                m->max_cpus = (DmOptU32)DM_OPT(max_cpus);
        m->deprecated = deprecated ? DM_YES : DM_YES_NO_UNSET;
        if (!*machines)
                *machines = g_ptr_array_new();
        g_ptr_array_add(*machines, m);
}

/* ---- machines ---- */

static gint by_version(gconstpointer a, gconstpointer b)
{
        const DmMachine *x = *(const DmMachine *const *)a, *y = *(const DmMachine *const *)b;
        return strverscmp(x->name, y->name);
}

static void add_machine(GPtrArray **to, const DmMachine *m)
{
        dm_capabilities_add_machine(to, m->name, NULL, m->max_cpus, m->deprecated);
        if (m->alias)
                dm_capabilities_add_machine(to, m->alias, m->name, m->max_cpus, m->deprecated);
}

/* The default first, then the others in order; an alias right behind what it stands for. */
static void add_machines(GPtrArray **to, const DmCaps *caps, const DmArch *arch)
{
        const DmMachine *first = dm_board_default_machine(arch->name, caps);
        g_autoptr(GPtrArray) sorted = g_ptr_array_new();
        for (guint i = 0; i < caps->machines->len; i++) {
                DmMachine *m = g_ptr_array_index(caps->machines, i);
                if (m != first && !dm_board_unusable(m->name))
                        g_ptr_array_add(sorted, m);
        }
        g_ptr_array_sort(sorted, by_version);
        if (first)
                add_machine(to, first);
        for (guint i = 0; i < sorted->len; i++)
                add_machine(to, g_ptr_array_index(sorted, i));
}

/* ---- one architecture ---- */

static void add_domain(DmCapsGuest *g, DmVirtType type, const DmCaps *plain, const DmArch *arch,
                       const DmHost *host, DmCapsSource *source, DmFindings *findings)
{
        g_autoptr(DmCaps) caps = dm_emulator_find(host, source, arch, type, NULL, NULL, NULL);
        if (!caps)
                return; /* it answered a moment ago, and does no more */
        g_autofree char *refusal = dm_virt_refusal(type, caps, arch, host);
        if (refusal) {
                if (type == DM_VIRT_KVM && dm_arch_native(host->arch, arch->name))
                        dm_findings_add(findings, DM_SEVERITY_NOTE, 0, 0, NULL, "no kvm for %s: %s",
                                        arch->name, refusal);
                return;
        }
        DmCapsDomain *d = dm_capabilities_add_domain(g, dm_enum_name(&dm_virt_type, type));
        if (strcmp(caps->path, plain->path) == 0)
                return;
        d->emulator = g_strdup(caps->path);
        add_machines(&d->machines, caps, arch);
}

static void add_features(DmCapsGuest *g, const DmArch *arch)
{
        gboolean x86 = strcmp(arch->name, "x86_64") == 0 || strcmp(arch->name, "i686") == 0;
        g->pae = g->nonpae = x86;
        if (x86 || strcmp(arch->name, "aarch64") == 0)
                g->acpi = (DmCapsToggle){ TRUE, DM_ON, DM_YES };
        if (x86)
                g->apic = (DmCapsToggle){ TRUE, DM_ON, DM_NO };
        g->cpuselection = g->deviceboot = TRUE;
        g->disksnapshot = (DmCapsToggle){ TRUE, DM_ON, DM_NO };
}

static void add_arch(DmCapabilities *c, const DmArch *arch, const DmHost *host, DmCapsSource *source,
                     DmFindings *findings)
{
        /* qvm86 is left out: libvirt's schema and clients reject it. */
        static const DmVirtType types[] = { DM_VIRT_QEMU, DM_VIRT_KQEMU, DM_VIRT_KVM };
        g_autoptr(DmCaps) caps = dm_emulator_find(host, source, arch, DM_VIRT_QEMU, NULL, findings, NULL);
        if (!caps)
                return;
        DmCapsGuest *g = dm_capabilities_add_guest(c, "hvm", arch->name, arch->wordsize);
        g->emulator = g_strdup(caps->path);
        add_machines(&g->machines, caps, arch);
        for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
                add_domain(g, types[i], caps, arch, host, source, findings);
        add_features(g, arch);
        if (g->domains)
                return;
        /* An emulator for KVM alone, where KVM cannot be used. */
        dm_findings_add(findings, DM_SEVERITY_NOTE, 0, 0, NULL,
                        "no %s guests: %s offers nothing on this host", arch->name, caps->path);
        g_ptr_array_remove(c->guests, g);
        DmCapabilities gone = { .guests = g_ptr_array_new() };
        g_ptr_array_add(gone.guests, g);
        dm_xml_clear(&dm_capabilities_element, &gone);
}

/* ---- all of them ---- */

static void probe(gpointer path, gpointer source)
{
        DmCaps *caps =
                dm_caps_source_get(source, path, NULL); /* a failure comes again when it is asked for */
        dm_caps_unref(caps);
}

/* Asks for all programs before they are needed one by one, so that they are probed side by side. */
static void warm(const DmHost *host, DmCapsSource *source)
{
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        GThreadPool *pool = g_thread_pool_new(probe, source, PROBES, TRUE, NULL);
        for (guint i = 0; i < host->programs->len; i++) {
                char *path = g_ptr_array_index(host->programs, i);
                const DmFileFact *f = dm_host_file(host, path);
                if (f->executable && g_hash_table_add(seen, f->real ? f->real : path))
                        g_thread_pool_push(pool, path, NULL);
        }
        g_thread_pool_free(pool, FALSE, TRUE);
}

/* The host's own first, then what runs on it by itself, then the rest. */
static int rank(const DmArch *arch, const DmHost *host)
{
        return strcmp(arch->name, host->arch) == 0 ? 0 : dm_arch_native(host->arch, arch->name) ? 1 : 2;
}

DmCapabilities *dm_host_capabilities(const DmHost *host, DmCapsSource *source, const char *arch,
                                     DmFindings *findings)
{
        DmCapabilities *c = dm_capabilities_new();
        const DmArch *only = arch ? dm_arch_find(arch) : NULL;
        if (!arch)
                warm(host, source);
        const DmArch *own = dm_arch_find(host->arch);
        g_autoptr(DmCaps) native =
                own && (!arch || own == only)
                        ? dm_emulator_find(host, source, own, DM_VIRT_KVM, NULL, NULL, NULL)
                        : NULL;
        dm_capabilities_host_part(&c->host, host, native);
        for (int r = 0; r <= 2; r++)
                for (const DmArch *a = dm_arch_all(); a->name; a++)
                        if (a->listed && rank(a, host) == r && (!arch || a == only))
                                add_arch(c, a, host, source, findings);
        if (!arch)
                dm_capabilities_xen(c, host);
        return c;
}
