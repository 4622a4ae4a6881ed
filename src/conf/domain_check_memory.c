/* Rules of NUMA cells, huge pages and processors that hold on any emulator. */
#include "conf/domain_check_private.h"

#include <string.h>

#define LOCAL_DISTANCE  10
#define CPU_CACHE_LEVEL 3
#define CACHE_LEVELS    3

/* ---- NUMA cells ---- */

static void add_cpus(const char *set, guint8 *taken, gsize n, gboolean *ret_twice)
{
        g_auto(GStrv) parts = g_strsplit(set, ",", -1);
        for (char **part = parts; *part; part++) {
                char *end = NULL;
                guint64 from = g_ascii_strtoull(*part, &end, 10), to = from;
                if (*end == '-')
                        to = g_ascii_strtoull(end + 1, NULL, 10);
                for (guint64 i = from; i <= to && i < n; i++) {
                        *ret_twice |= taken[i];
                        taken[i] = 1;
                }
        }
}

static void check_distances(const DmNumaCell *cell, guint32 own, const DmXmlCheck *c)
{
        for (guint i = 0; cell->distances && i < cell->distances->len; i++) {
                const DmNumaSibling *s = g_ptr_array_index(cell->distances, i);
                guint32 id = s->id.set ? s->id.value : i;
                if (id == own && s->value.set && s->value.value != LOCAL_DISTANCE)
                        BAD(&s->value, "the distance of a cell to itself is 10, not %u", s->value.value);
                if (id != own && s->value.set && s->value.value == LOCAL_DISTANCE)
                        BAD(&s->value, "the distance to another cell is more than 10");
        }
}

static void check_cell_caches(const DmNumaCell *cell, const DmXmlCheck *c)
{
        guint32 seen = 0;
        for (guint i = 0; cell->caches && i < cell->caches->len; i++) {
                const DmNumaCache *cache = g_ptr_array_index(cell->caches, i);
                guint32 level = cache->level.value;
                if (!level || level > CACHE_LEVELS)
                        BAD(&cache->level, "a memory-side cache has a level from 1 to %d, not %u",
                            CACHE_LEVELS, level);
                else if (seen & (1u << level))
                        BAD(&cache->level, "the cache of level %u is given twice", level);
                seen |= level <= CACHE_LEVELS ? 1u << level : 0;
        }
}

static void check_numa(const DmDomain *d, const DmXmlCheck *c)
{
        const DmNuma *n = d->cpu ? d->cpu->numa : NULL;
        gsize vcpus = d->vcpus.set ? d->vcpus.value : 1;
        g_autofree guint8 *taken = n && n->cells ? g_new0(guint8, vcpus) : NULL;
        for (guint i = 0; taken && i < n->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(n->cells, i);
                gboolean twice = FALSE;
                if (cell->cpus)
                        add_cpus(cell->cpus, taken, vcpus, &twice);
                if (twice)
                        BAD(&cell->cpus, "a CPU of the NUMA cell is in another cell already");
                check_distances(cell, cell->id.set ? cell->id.value : i, c);
                check_cell_caches(cell, c);
        }
}

/* ---- processors ---- */

static void check_cpu(const DmDomain *d, const DmXmlCheck *c)
{
        const DmCpu *cpu = d->cpu;
        if (!cpu)
                return;
        gboolean host = cpu->mode == DM_CPU_HOST_PASSTHROUGH || cpu->mode == DM_CPU_MAXIMUM;
        gboolean emulate = cpu->cache_mode == DM_CPU_CACHE_EMULATE;
        if (cpu->cache_mode == DM_CPU_CACHE_PASSTHROUGH && !host)
                CANNOT(&cpu->cache_mode, "<cache mode='passthrough'> needs <cpu mode='host-passthrough'>");
        if (emulate && cpu->cache_level.set && cpu->cache_level.value != CPU_CACHE_LEVEL)
                CANNOT(&cpu->cache_level, "only the cache of level 3 is emulated, not %u",
                       cpu->cache_level.value);
        if (emulate && !cpu->cache_level.set)
                CANNOT(&cpu->cache_mode, "<cache mode='emulate'> needs level='3'");
        if (cpu->cache_mode == DM_CPU_CACHE_DISABLE && cpu->cache_level.set)
                CANNOT(&cpu->cache_level, "caches are switched off together: leave out level");
        if (cpu->address_mode == DM_CPU_CACHE_PASSTHROUGH && !host)
                CANNOT(&cpu->address_mode,
                       "<maxphysaddr mode='passthrough'> needs <cpu mode='host-passthrough'>");
}

/* ---- huge pages ---- */

static void check_pages(const DmDomain *d, const DmXmlCheck *c)
{
        const GPtrArray *pages = d->memory_backing ? d->memory_backing->pages : NULL;
        guint8 taken[G_MAXUINT8 + 1] = { 0 };
        for (guint i = 0; pages && i < pages->len; i++) {
                const DmHugepage *p = g_ptr_array_index(pages, i);
                gboolean twice = FALSE;
                if (p->nodeset)
                        add_cpus(p->nodeset, taken, sizeof taken, &twice);
                if (twice)
                        BAD(&p->nodeset, "a node of '%s' has pages of another size already", p->nodeset);
        }
}

void dm_check_memory(const DmDomain *d, const DmXmlCheck *c)
{
        check_numa(d, c);
        check_cpu(d, c);
        check_pages(d, c);
}
