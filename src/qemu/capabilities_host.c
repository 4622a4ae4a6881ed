/* <capabilities>: the host, and the guests that a Xen hypervisor offers. */
#include <string.h>

#include "qemu/capabilities.h"

static gboolean has_flag(const DmHost *h, const char *flag)
{
        return h->cpu_flags && g_strv_contains((const char *const *)h->cpu_flags, flag);
}

static void add_name(GPtrArray **list, const char *name)
{
        DmCapsName *n = g_new0(DmCapsName, 1);
        n->name = g_strdup(name);
        if (!*list)
                *list = g_ptr_array_new();
        g_ptr_array_add(*list, n);
}

static void add_pages(DmCapsHost *part, guint64 size)
{
        DmCapsPages *pages = g_new0(DmCapsPages, 1);
        pages->size = (DmOptU64)DM_OPT(size);
        if (!part->pages)
                part->pages = g_ptr_array_new();
        g_ptr_array_add(part->pages, pages);
}

static void cpu_part(DmCapsHost *part, const DmHost *host, const DmCaps *native)
{
        gboolean x86 = strcmp(host->arch, "x86_64") == 0 || strcmp(host->arch, "i686") == 0;
        part->arch = g_strdup(host->arch);
        part->sockets = (DmOptU32)DM_OPT(host->sockets);
        part->dies = (DmOptU32)DM_OPT(host->dies);
        part->cores = (DmOptU32)DM_OPT(host->cores);
        part->threads = (DmOptU32)DM_OPT(host->threads);
        add_pages(part, host->page_size);
        for (char **p = host->huge_pages; p && *p; p++)
                add_pages(part, g_ascii_strtoull(*p, NULL, 10) * 1024);
        for (char **f = host->cpu_flags; f && *f; f++) {
                const char *name = x86 ? dm_cpu_feature_of_flag(*f) : **f ? *f : NULL;
                if (name)
                        add_name(&part->cpu_features, name);
        }
        if (!x86)
                return;
        part->pae = has_flag(host, "pae");
        part->vmx = has_flag(host, "vmx");
        part->svm = has_flag(host, "svm");
        part->flags = part->pae || part->vmx || part->svm;
        part->vendor = host->cpu_vendor ? g_strdup(dm_cpu_vendor_name(host->cpu_vendor)) : NULL;
        /* The newest named model that this host can run; on a 64 bit host at least the plainest such. */
        const DmCpuModel *model = native ? dm_cpu_best_model(native->cpu_models, host->cpu_vendor) : NULL;
        gboolean named = model && strcmp(dm_cpu_model_vendor(model->name), "unknown") != 0;
        part->model = g_strdup(named                  ? model->name
                               : has_flag(host, "lm") ? "kvm64"
                               : model                ? model->name
                                                      : NULL);
}

static DmCapsCpuId *add_cell_cpu(DmCapsCell *cell)
{
        DmCapsCpuId *cpu = g_new0(DmCapsCpuId, 1);
        g_ptr_array_add(cell->cpus, cpu);
        return cpu;
}

static DmCapsCell *add_cell(DmCapsHost *part, unsigned id, guint64 memory, unsigned cpus)
{
        DmCapsCell *cell = g_new0(DmCapsCell, 1);
        cell->id = (DmOptU32)DM_OPT(id);
        cell->memory = (DmOptU64)DM_OPT(memory);
        cell->n_cpus = (DmOptU32)DM_OPT(cpus);
        cell->cpus = g_ptr_array_new();
        if (!part->cells)
                part->cells = g_ptr_array_new();
        g_ptr_array_add(part->cells, cell);
        part->n_cells = (DmOptU32)DM_OPT(part->cells->len);
        return cell;
}

/* What libvirt prints without NUMA. */
static void single_cell(DmCapsHost *part, const DmHost *host)
{
        DmCapsCell *cell = add_cell(part, 0, host->memory, host->cpus);
        for (unsigned i = 0; i < host->cpus; i++) {
                DmCapsCpuId *cpu = add_cell_cpu(cell);
                unsigned core = i / host->threads, die = core / host->cores;
                unsigned first = core * host->threads, last = first + host->threads - 1;
                cpu->id = (DmOptU32)DM_OPT(i);
                cpu->socket = (DmOptU32)DM_OPT(die / host->dies);
                cpu->die = (DmOptU32)DM_OPT(die % host->dies);
                cpu->core = (DmOptU32)DM_OPT(core % host->cores);
                cpu->siblings =
                        first == last ? g_strdup_printf("%u", i) : g_strdup_printf("%u-%u", first, last);
        }
}

static void one_cell(DmCapsHost *part, const DmHost *host, const DmHostCell *from)
{
        DmCapsCell *cell = add_cell(part, from->id, from->memory, from->cpus->len);
        for (guint i = 0; i < from->cpus->len; i++) {
                const DmHostCpu *c = g_ptr_array_index(from->cpus, i);
                DmCapsCpuId *cpu = add_cell_cpu(cell);
                cpu->id = (DmOptU32)DM_OPT(c->id);
                cpu->socket = (DmOptU32)DM_OPT(c->socket);
                cpu->die = (DmOptU32)DM_OPT(c->die);
                cpu->core = (DmOptU32)DM_OPT(c->core);
                cpu->siblings = g_strdup(c->siblings);
        }
        for (guint i = 0; i < from->distances->len && i < host->cells->len; i++) {
                DmCapsSibling *s = g_new0(DmCapsSibling, 1);
                s->id = (DmOptU32)DM_OPT(((const DmHostCell *)g_ptr_array_index(host->cells, i))->id);
                s->value = (DmOptU32)DM_OPT(g_array_index(from->distances, unsigned, i));
                if (!cell->distances)
                        cell->distances = g_ptr_array_new();
                g_ptr_array_add(cell->distances, s);
        }
}

static void cells_part(DmCapsHost *part, const DmHost *host)
{
        if (!host->cells)
                single_cell(part, host);
        for (guint i = 0; host->cells && i < host->cells->len; i++)
                one_cell(part, host, g_ptr_array_index(host->cells, i));
}

static void security_part(DmCapsHost *part, const DmHost *host)
{
        static const char *const types[] = { "kvm", "qemu" };
        part->security = g_ptr_array_new();
        DmCapsSecurity *none = g_new0(DmCapsSecurity, 1), *dac = g_new0(DmCapsSecurity, 1);
        none->model = g_strdup("none");
        none->doi = g_strdup("0");
        dac->model = g_strdup("dac");
        dac->doi = g_strdup("0");
        dac->labels = g_ptr_array_new();
        for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
                DmCapsLabel *label = g_new0(DmCapsLabel, 1);
                label->type = g_strdup(types[i]);
                label->label = g_strdup_printf("+%u:+%u", (unsigned)host->uid, (unsigned)host->gid);
                g_ptr_array_add(dac->labels, label);
        }
        g_ptr_array_add(part->security, none);
        g_ptr_array_add(part->security, dac);
}

void dm_capabilities_host_part(DmCapsHost *part, const DmHost *host, const DmCaps *native)
{
        part->uuid = g_strdup(host->uuid);
        cpu_part(part, host, native);
        part->live_migration = TRUE;
        add_name(&part->transports, "tcp");
        cells_part(part, host);
        security_part(part, host);
}

/* ---- Xen ---- */

static const struct {
        const char *name, *arch;
        unsigned wordsize;
        gboolean x86;
} xen_archs[] = {
        { "x86_64", "x86_64", 64, TRUE },    { "x86_32", "i686", 32, TRUE },
        { "x86_32p", "i686", 32, TRUE },     { "ia64", "ia64", 64, FALSE },
        { "powerpc64", "ppc64", 64, FALSE }, { "aarch64", "aarch64", 64, FALSE },
        { "armv7l", "armv7l", 32, FALSE },
};

static void add_xen_domain(DmCapsGuest *g, const DmHost *host, gboolean hvm, gboolean own)
{
        if (dm_caps_guest_domain(g, "xen"))
                return;
        DmCapsDomain *d = dm_capabilities_add_domain(g, "xen");
        if (!hvm)
                return;
        /* A guest that QEMU offers as well keeps its own emulator; Xen's hangs below its domain. */
        char **emulator = own ? &g->emulator : &d->emulator, **loader = own ? &g->loader : &d->loader;
        GPtrArray **machines = own ? &g->machines : &d->machines;
        *emulator = g_strdup(host->xen_device_model);
        *loader = g_strdup(host->xen_loader);
        dm_capabilities_add_machine(machines, "pc", NULL, 0, FALSE);
        dm_capabilities_add_machine(machines, "isapc", NULL, 0, FALSE);
}

/* One word such as "hvm-3.0-x86_32p". */
static void add_xen(DmCapabilities *c, const DmHost *host, const char *word)
{
        g_auto(GStrv) parts = g_strsplit(word, "-", 3);
        if (g_strv_length(parts) != 3)
                return;
        gboolean hvm = strcmp(parts[0], "hvm") == 0;
        for (gsize i = 0; i < G_N_ELEMENTS(xen_archs); i++) {
                if ((!hvm && strcmp(parts[0], "xen") != 0) || strcmp(parts[2], xen_archs[i].name) != 0)
                        continue;
                const char *os_type = hvm ? "hvm" : "xen";
                DmCapsGuest *g = (DmCapsGuest *)dm_capabilities_guest(c, os_type, xen_archs[i].arch);
                gboolean own = !g;
                if (!g)
                        g = dm_capabilities_add_guest(c, os_type, xen_archs[i].arch, xen_archs[i].wordsize);
                add_xen_domain(g, host, hvm, own);
                /* Two words for one architecture make one guest that can be had either way. */
                gboolean plain32 = strcmp(parts[2], "x86_32") == 0;
                g->pae = g->pae || (xen_archs[i].x86 && !plain32);
                g->nonpae = g->nonpae || plain32 || (hvm && xen_archs[i].x86);
        }
}

void dm_capabilities_xen(DmCapabilities *c, const DmHost *host)
{
        if (!host->xen)
                return;
        g_auto(GStrv) words = g_strsplit_set(host->xen, " \n\t", -1);
        for (char **w = words; *w; w++)
                add_xen(c, host, *w);
}
