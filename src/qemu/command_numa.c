/* -numa: nodes of the guest, how far they are apart and how fast. */
#include "qemu/build_private.h"

#include <string.h>

#include "util/error.h"

/* Distances that ACPI gives when nobody says otherwise. */
#define LOCAL_DISTANCE  10
#define REMOTE_DISTANCE 20

static const DmNuma *numa_of(const DmPlan *p)
{
        const DmCpu *cpu = p->domain->cpu;
        return cpu && cpu->numa && cpu->numa->cells && cpu->numa->cells->len ? cpu->numa : NULL;
}

/* Cell number @id: they may stand in any order. */
static const DmNumaCell *cell_at(const DmNuma *n, guint id)
{
        for (guint i = 0; i < n->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(n->cells, i);
                if ((cell->id.set ? cell->id.value : i) == id)
                        return cell;
        }
        return NULL;
}

gboolean dm_plan_hmat(const DmPlan *p)
{
        const DmNuma *n = numa_of(p);
        if (n && ((n->latencies && n->latencies->len) || (n->bandwidths && n->bandwidths->len)))
                return TRUE;
        for (guint i = 0; n && i < n->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(n->cells, i);
                if (cell->caches && cell->caches->len)
                        return TRUE;
        }
        return FALSE;
}

/* ---- nodes ---- */

/* The node that node @id is reached from the fastest; -1: nothing is said of it. */
static int initiator_of(const DmNuma *n, guint id)
{
        guint64 widest = 0, shortest = G_MAXUINT64;
        int by_bandwidth = -1, by_latency = -1;
        for (guint i = 0; n->bandwidths && i < n->bandwidths->len; i++) {
                const DmNumaLink *l = g_ptr_array_index(n->bandwidths, i);
                if (l->target.value == id && l->value.value > widest) {
                        widest = l->value.value;
                        by_bandwidth = (int)l->initiator.value;
                }
        }
        for (guint i = 0; n->latencies && i < n->latencies->len; i++) {
                const DmNumaLink *l = g_ptr_array_index(n->latencies, i);
                if (l->target.value == id && l->value.value < shortest) {
                        shortest = l->value.value;
                        by_latency = (int)l->initiator.value;
                }
        }
        return by_bandwidth >= 0 ? by_bandwidth : by_latency;
}

static int first_with_cpus(const DmNuma *n)
{
        for (guint i = 0; i < n->cells->len; i++)
                if (cell_at(n, i) && cell_at(n, i)->cpus)
                        return (int)i;
        return -1;
}

static void add_cpus(GString *s, const char *set)
{
        g_auto(GStrv) ranges = g_strsplit(set ? set : "", ",", -1);
        for (char **r = ranges; *r; r++)
                dm_opts_append(s, "cpus", *r);
}

static gboolean add_node(DmBuild *b, guint i, const DmRam *ram, DmJson *props, GError **error)
{
        const DmNuma *n = numa_of(b->plan);
        const DmNumaCell *cell = cell_at(n, i);
        g_autoptr(GString) s = g_string_new("node");
        dm_opts_appendf(s, "nodeid", "%u", i);
        add_cpus(s, cell->cpus);
        if (dm_plan_hmat(b->plan)) {
                int from = initiator_of(n, i) >= 0 ? initiator_of(n, i) : first_with_cpus(n);
                if (from < 0)
                        return dm_plan_fail(b->plan, NULL, cell, error,
                                            "at least one NUMA cell must have processors");
                dm_opts_appendf(s, "initiator", "%d", from);
        }
        if (props && ram->size) {
                dm_opts_append(s, "memdev", ram->id);
                dm_build_ram(b, ram, dm_json_ref(props));
        } else if (ram->size) {
                dm_opts_appendf(s, "mem", "%" G_GUINT64_FORMAT, ram->size >> 20);
        }
        dm_command_add(b->command, cell, NULL, "-numa", s->str);
        return TRUE;
}

/* ---- distances ---- */

static unsigned given_distance(const DmNuma *n, guint from, guint to)
{
        const DmNumaCell *cell = cell_at(n, from);
        for (guint i = 0; cell && cell->distances && i < cell->distances->len; i++) {
                const DmNumaSibling *s = g_ptr_array_index(cell->distances, i);
                if (s->id.value == to)
                        return s->value.value;
        }
        return 0;
}

static void add_distances(DmBuild *b, const DmNuma *n)
{
        gboolean any = FALSE;
        for (guint i = 0; i < n->cells->len; i++)
                any = any || (cell_at(n, i)->distances && cell_at(n, i)->distances->len);
        for (guint i = 0; any && i < n->cells->len; i++) {
                for (guint j = 0; j < n->cells->len; j++) {
                        unsigned value = given_distance(n, i, j);
                        if (!value)
                                value = given_distance(n, j, i);
                        if (!value)
                                value = i == j ? LOCAL_DISTANCE : REMOTE_DISTANCE;
                        dm_command_addf(b->command, cell_at(n, i), NULL, "-numa", "dist,src=%u,dst=%u,val=%u",
                                        i, j, value);
                }
        }
}

/* ---- latencies, bandwidths, caches ---- */

static void add_links(DmBuild *b, const GPtrArray *links, gboolean bandwidth)
{
        static const char *const levels[] = { "memory", "first-level", "second-level", "third-level" };
        for (guint i = 0; links && i < links->len; i++) {
                const DmNumaLink *l = g_ptr_array_index(links, i);
                const char *what = bandwidth ? "bandwidth" : "latency";
                guint64 value = bandwidth ? l->value.value / 1024 : l->value.value;
                dm_command_addf(
                        b->command, l, NULL, "-numa",
                        "hmat-lb,initiator=%u,target=%u,hierarchy=%s,data-type=%s-%s,%s=%" G_GUINT64_FORMAT
                        "%s",
                        l->initiator.value, l->target.value,
                        levels[MIN(l->cache.value, G_N_ELEMENTS(levels) - 1)],
                        dm_enum_name(&dm_numa_access, l->type), what, what, value, bandwidth ? "K" : "");
        }
}

static void add_caches(DmBuild *b, const DmNuma *n)
{
        static const char *const associativities[] = {
                [DM_ASSOCIATIVITY_NONE] = "none",
                [DM_ASSOCIATIVITY_DIRECT] = "direct",
                [DM_ASSOCIATIVITY_FULL] = "complex",
        };
        static const char *const policies[] = {
                [DM_CACHE_POLICY_NONE] = "none",
                [DM_CACHE_POLICY_WRITEBACK] = "write-back",
                [DM_CACHE_POLICY_WRITETHROUGH] = "write-through",
        };
        for (guint i = 0; i < n->cells->len; i++) {
                const DmNumaCell *cell = cell_at(n, i);
                for (guint c = 0; cell->caches && c < cell->caches->len; c++) {
                        const DmNumaCache *cache = g_ptr_array_index(cell->caches, c);
                        dm_command_addf(b->command, cache, NULL, "-numa",
                                        "hmat-cache,node-id=%u,size=%" G_GUINT64_FORMAT
                                        "K,level=%u,associativity=%s,policy=%s,line=%" G_GUINT64_FORMAT,
                                        i, cache->size.value / 1024, cache->level.value,
                                        associativities[cache->associativity], policies[cache->policy],
                                        cache->line.value);
                }
        }
}

/* ---- all of it ---- */

static gboolean check(const DmPlan *p, const DmNuma *n, GError **error)
{
        for (guint i = 0; i < n->cells->len; i++)
                if (!cell_at(n, i))
                        return dm_plan_fail(p, NULL, n, error, "there is no NUMA cell %u", i);
        if (dm_plan_hmat(p) && !dm_caps_has_schema(p->caps, "set-numa-node:type=hmat-lb"))
                return dm_plan_fail(p, NULL, n, error, "QEMU %s cannot tell how fast nodes are",
                                    p->caps->version_text);
        return TRUE;
}

gboolean dm_build_numa(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmNuma *n = numa_of(p);
        if (!n)
                return TRUE;
        if (!check(p, n, error))
                return FALSE;
        /* Nodes either all have objects, or none has; newer machines know objects only. */
        gboolean objects = dm_plan_hmat(p) || !p->machine->numa;
        guint cells = n->cells->len;
        g_autofree DmRam *rams = g_new0(DmRam, cells);
        g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) props = g_ptr_array_new_with_free_func((GDestroyNotify)dm_json_unref);
        for (guint i = 0; i < cells; i++) {
                const DmNumaCell *cell = cell_at(n, i);
                gboolean plain = FALSE;
                g_ptr_array_add(ids, g_strdup_printf("ram-node%u", i));
                rams[i] = (DmRam){ .id = g_ptr_array_index(ids, i),
                                   .origin = cell,
                                   .size = dm_plan_round_memory(p, cell->memory.value),
                                   .node = (int)i };
                DmJson *one = dm_ram_props(b, &rams[i], &plain, error);
                if (!one)
                        return FALSE;
                g_ptr_array_add(props, one);
                objects = objects || !plain;
        }
        if (!objects && !dm_build_mem_path(b, error))
                return FALSE;
        for (guint i = 0; i < cells; i++)
                if (!add_node(b, i, &rams[i], objects ? g_ptr_array_index(props, i) : NULL, error))
                        return FALSE;
        add_distances(b, n);
        add_links(b, n->latencies, FALSE);
        add_links(b, n->bandwidths, TRUE);
        add_caches(b, n);
        return TRUE;
}

gboolean dm_plan_has_numa(const DmPlan *p)
{
        return numa_of(p) != NULL;
}

guint64 dm_plan_numa_memory(const DmPlan *p)
{
        const DmNuma *n = numa_of(p);
        guint64 sum = 0;
        for (guint i = 0; n && i < n->cells->len; i++)
                sum += dm_plan_round_memory(
                        p, ((const DmNumaCell *)g_ptr_array_index(n->cells, i))->memory.value);
        return sum;
}
