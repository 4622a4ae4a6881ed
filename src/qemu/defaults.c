/* What a definition gains once it is known what it runs on: the defaults of its head, the controllers and
 * devices that the board or other devices imply, and each device's own defaults.
 *
 * These are libvirt's, so that a document means the same here and there, with one rule above them: nothing is
 * added that the board cannot hold.  Every addition and choice is explained. */
#include <stdlib.h>
#include <string.h>

#include "conf/codecs.h"
#include "qemu/plan_private.h"

#define MIB           (G_GUINT64_CONSTANT(1) << 20)
#define PSERIES_BLOCK (256 * MIB) /* memory is plugged in blocks of this size there */

/* ---- the head ---- */

static void explain(const DmPlan *p, const void *value, const char *why)
{
        dm_origins_explain(p->domain->origins, value, "%s", why);
}

/* A uuid that is made of another text: the same every time, for documents that are only looked at. */
static char *derived_uuid(const char *text)
{
        g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
        return g_strdup_printf("%.8s-%.4s-4%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12, hash + 15,
                               hash + 18);
}

static void default_identity(DmPlan *p, DmResolveFlags flags)
{
        DmDomain *d = p->domain;
        gboolean new = (flags & DM_RESOLVE_NEW) != 0;
        if (!d->uuid) {
                d->uuid = new ? dm_uuid_new() : derived_uuid(d->name ? d->name : "");
                explain(p, &d->uuid, new ? "made up: none was given" : "made of the name: none was given");
        }
        if (d->genid_wanted && !d->genid) {
                g_autofree char *text = g_strconcat("genid ", d->uuid, NULL);
                d->genid = new ? dm_uuid_new() : derived_uuid(text);
                explain(p, &d->genid, new ? "made up: none was given" : "made of the uuid: none was given");
        }
}

static void default_memory(DmPlan *p, DmResolveFlags flags)
{
        DmDomain *d = p->domain;
        guint64 block = p->board->flags & DM_BOARD_SPAPR_VIO ? PSERIES_BLOCK : MIB;
        guint64 more = d->memory.value % block ? block - d->memory.value % block : 0;
        /* What an old definition says stays as it was written; its guest gets whole blocks all the same. */
        if (flags & DM_RESOLVE_NEW && d->memory.set && more && d->memory.value <= G_MAXUINT64 - more) {
                d->memory.value += more;
                dm_origins_explain(d->origins, &d->memory,
                                   "rounded up to whole blocks of %" G_GUINT64_FORMAT " MiB", block / MIB);
        }
        if (d->memory.set && !d->current_memory.value) {
                d->current_memory = d->memory;
                explain(p, &d->current_memory, "all of <memory>");
        }
}

static void default_action(DmPlan *p, DmAction *member, DmAction value)
{
        if (*member)
                return;
        *member = value;
        explain(p, member, "libvirt's default");
}

static void default_boot(DmPlan *p)
{
        DmDomain *d = p->domain;
        if (d->os.boot && d->os.boot->len)
                return;
        DM_FOREACH_DEVICE (d, device)
                if (device->boot_order.set)
                        return;
        if (!d->os.boot)
                d->os.boot = g_ptr_array_new();
        DmBoot *boot = g_new0(DmBoot, 1);
        boot->dev = DM_BOOT_DISK;
        g_ptr_array_add(d->os.boot, boot);
        explain(p, boot, "libvirt's default");
}

/* The newest interrupt controller that QEMU has for this accelerator; the emulated version 3 lacks the
 * message interrupts that PCI Express needs. */
static DmGicVersion best_gic(const DmPlan *p)
{
        DmGicVersion best = DM_GIC_2;
        for (gsize i = 0; p->caps->gic && i < dm_json_length(p->caps->gic); i++) {
                const DmJson *one = dm_json_at(p->caps->gic, i);
                if (p->accel == DM_ACCEL_KVM && dm_json_get_i64(one, "version", 0) == 3 &&
                    dm_json_get_bool(one, "kernel", FALSE))
                        best = DM_GIC_3;
        }
        return best;
}

static void default_features(DmPlan *p)
{
        DmDomain *d = p->domain;
        gboolean arm = g_str_has_prefix(p->arch->name, "arm") || !strcmp(p->arch->name, "aarch64");
        gboolean virt = arm && p->board->flags & DM_BOARD_PCIE && p->board->flags & DM_BOARD_VIRTIO_MMIO;
        gboolean given = d->features && d->features->gic;
        if ((!virt && !given) || (given && d->features->gic_version))
                return;
        if (!d->features)
                d->features = g_new0(DmFeatures, 1);
        d->features->gic = TRUE;
        d->features->gic_version = best_gic(p);
        explain(p, &d->features->gic_version, "the newest that works with this accelerator");
}

static void default_cpu(DmPlan *p)
{
        DmCpu *cpu = p->domain->cpu;
        if (!cpu)
                return;
        if (cpu->sockets.set && !cpu->dies.set) {
                cpu->dies = (DmOptU32)DM_OPT(1);
                explain(p, &cpu->dies, "libvirt's default");
        }
        if (cpu->model && !cpu->fallback) {
                cpu->fallback = DM_FALLBACK_ALLOW;
                explain(p, &cpu->fallback, "libvirt's default");
        }
        if (!cpu->mode && !cpu->model)
                return; /* topology only */
        if (!cpu->mode) {
                cpu->mode = DM_CPU_CUSTOM;
                explain(p, &cpu->mode, "a model is named");
        }
        if (cpu->mode == DM_CPU_CUSTOM && cpu->model && !cpu->match) {
                cpu->match = DM_MATCH_EXACT;
                explain(p, &cpu->match, "libvirt's default");
        }
        if (!cpu->check) {
                gboolean custom = cpu->mode == DM_CPU_CUSTOM;
                cpu->check = cpu->mode == DM_CPU_HOST_MODEL || (custom && p->accel != DM_ACCEL_TCG)
                                     ? DM_CHECK_PARTIAL
                                     : DM_CHECK_NONE;
                explain(p, &cpu->check, "libvirt's default for this mode");
        }
        if (cpu->mode == DM_CPU_HOST_PASSTHROUGH && !cpu->migratable && dm_plan_x86(p)) {
                cpu->migratable = DM_ON;
                explain(p, &cpu->migratable, "QEMU's default");
        }
}

/* ---- memory's nodes ---- */

/* Processors that no node has are the first node's. */
static void default_cell_cpus(DmPlan *p, GPtrArray *cells)
{
        unsigned n = p->domain->vcpus.value;
        g_autofree gboolean *taken = g_new0(gboolean, n);
        g_autoptr(GString) text = g_string_new(NULL);
        DmNumaCell *first = NULL;
        for (guint i = 0; i < cells->len; i++) {
                DmNumaCell *cell = g_ptr_array_index(cells, i);
                if (cell->id.value == 0) {
                        first = cell;
                        continue;
                }
                g_autoptr(GArray) cpus = dm_cpuset_members(cell->cpus);
                for (guint c = 0; c < cpus->len; c++)
                        if (g_array_index(cpus, unsigned, c) < n)
                                taken[g_array_index(cpus, unsigned, c)] = TRUE;
        }
        g_autoptr(GArray) own = dm_cpuset_members(first ? first->cpus : NULL);
        guint missing = 0;
        for (unsigned i = 0; i < n; i++)
                missing += !taken[i];
        if (!first || missing <= own->len)
                return;
        for (unsigned i = 0; i < n; i++)
                if (!taken[i])
                        g_string_append_printf(text, text->len ? ",%u" : "%u", i);
        g_free(first->cpus);
        first->cpus = NULL;
        if (dm_cpuset_codec.parse(text->str, &first->cpus, NULL))
                explain(p, &first->cpus, "all processors that no other cell has");
}

static void default_numa(DmPlan *p)
{
        DmDomain *d = p->domain;
        GPtrArray *cells = d->cpu && d->cpu->numa ? d->cpu->numa->cells : NULL;
        for (guint i = 0; cells && i < cells->len; i++) {
                DmNumaCell *cell = g_ptr_array_index(cells, i);
                if (cell->id.set)
                        continue;
                cell->id = (DmOptU32)DM_OPT(i);
                explain(p, &cell->id, "its place");
        }
        if (cells && cells->len)
                default_cell_cpus(p, cells);
        if (d->placement == DM_PLACEMENT_AUTO && !d->numatune)
                d->numatune = g_new0(DmNumatune, 1);
        DmNumatune *tune = d->numatune;
        if (!tune)
                return;
        if (d->placement == DM_PLACEMENT_AUTO && !tune->memory && !(tune->memnodes && tune->memnodes->len)) {
                tune->memory = TRUE;
                tune->placement = DM_PLACEMENT_AUTO;
                explain(p, &tune->placement, "<vcpu placement='auto'>");
        }
        if (tune->memory && !tune->mode) {
                tune->mode = DM_NUMA_STRICT;
                explain(p, &tune->mode, "libvirt's default");
        }
        for (guint i = 0; tune->memnodes && i < tune->memnodes->len; i++) {
                DmMemnode *m = g_ptr_array_index(tune->memnodes, i);
                if (m->mode)
                        continue;
                m->mode = DM_NUMA_STRICT;
                explain(p, &m->mode, "libvirt's default");
        }
}

static void head_defaults(DmPlan *p, DmResolveFlags flags)
{
        DmDomain *d = p->domain;
        default_identity(p, flags);
        default_memory(p, flags);
        if (!d->vcpus.set) {
                d->vcpus = (DmOptU32)DM_OPT(1);
                explain(p, &d->vcpus, "libvirt's default");
        }
        if (!d->placement) {
                d->placement = DM_PLACEMENT_STATIC;
                explain(p, &d->placement, "libvirt's default");
        }
        default_numa(p);
        default_boot(p);
        default_features(p);
        default_cpu(p);
        default_action(p, &d->on_poweroff, DM_ACTION_DESTROY);
        default_action(p, &d->on_reboot, DM_ACTION_RESTART);
        default_action(p, &d->on_crash, DM_ACTION_DESTROY);
        if (!d->clock)
                d->clock = g_new0(DmClock, 1);
        if (!d->clock->offset) {
                d->clock->offset = DM_CLOCK_UTC;
                explain(p, &d->clock->offset, "libvirt's default");
        }
}

/* ---- devices ---- */

typedef struct Sorted {
        gpointer device;
        guint group; /* where its group comes up first */
        gint64 place;
        guint was;
} Sorted;

static int compare(const void *a, const void *b)
{
        const Sorted *x = a, *y = b;
        if (x->group != y->group)
                return x->group < y->group ? -1 : 1;
        if (x->place != y->place)
                return x->place < y->place ? -1 : 1;
        return x->was < y->was ? -1 : 1;
}

void dm_plan_sort(DmDomain *d, DmDeviceKind kind, gboolean together, int (*group)(const DmDevice *),
                  gint64 (*place)(const DmDevice *))
{
        guint first = 0, n = dm_domain_count(d, kind);
        if (!n)
                return;
        while (dm_domain_nth(d, first)->kind != (int)kind)
                first++;
        gpointer *all = d->devices->pdata + first;
        g_autofree Sorted *sorted = g_new0(Sorted, n);
        g_autofree guint *groups = g_new0(guint, n), *next = g_new0(guint, n);
        g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
        for (guint i = 0; i < n; i++) {
                gpointer key = GINT_TO_POINTER(group(all[i]));
                if (!g_hash_table_contains(firsts, key))
                        g_hash_table_insert(firsts, key, GUINT_TO_POINTER(i));
                groups[i] = GPOINTER_TO_UINT(g_hash_table_lookup(firsts, key));
                sorted[i] = (Sorted){ all[i], groups[i], place(all[i]), i };
        }
        qsort(sorted, n, sizeof *sorted, compare);
        for (guint i = n; i-- > 0;)
                next[sorted[i].group] = i; /* where the group begins */
        for (guint i = 0; i < n; i++)
                all[i] = sorted[together ? i : next[groups[i]]++].device;
}

gboolean dm_plan_own_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        const DmDeviceOps *ops = dm_device_ops(device->kind);
        return !ops->defaults || ops->defaults(p, device, flags, error);
}

static gboolean all_own_defaults(DmPlan *p, DmResolveFlags flags, GError **error)
{
        /* A device's defaults never add another, so the list is stable here. */
        DM_FOREACH_DEVICE (p->domain, device)
                if (!dm_plan_own_defaults(p, device, flags, error))
                        return FALSE;
        return TRUE;
}

gboolean dm_plan_defaults(DmPlan *p, const DmHost *host, DmResolveFlags flags, DmFindings *findings,
                          GError **error)
{
        (void)host;
        (void)findings;
        head_defaults(p, flags);
        dm_defaults_number_controllers(p);
        dm_defaults_chardev_types(p);
        dm_defaults_images(p);
        dm_defaults_sort_videos(p);
        if (!all_own_defaults(p, flags, error) || !dm_defaults_board_controllers(p, flags, error) ||
            !dm_defaults_add_devices(p, flags, error))
                return FALSE;
        dm_defaults_sort_disks(p);
        return TRUE;
}
