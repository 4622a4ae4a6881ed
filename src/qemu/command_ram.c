/* Objects that hold guest memory: of what pages, in which file, on which nodes of the host. */
#include "qemu/build_private.h"

#include <string.h>

#include "conf/codecs.h"
#include "util/error.h"

/* ---- what the sections say of one piece ---- */

static const DmNumaCell *cell_of(const DmPlan *p, int node)
{
        const DmCpu *cpu = p->domain->cpu;
        for (guint i = 0; node >= 0 && cpu && cpu->numa && cpu->numa->cells && i < cpu->numa->cells->len;
             i++) {
                const DmNumaCell *cell = g_ptr_array_index(cpu->numa->cells, i);
                if ((cell->id.set ? cell->id.value : i) == (unsigned)node)
                        return cell;
        }
        return NULL;
}

static gboolean in_set(const char *set, int number)
{
        g_autoptr(GArray) members = dm_cpuset_members(set);
        for (guint i = 0; i < members->len; i++)
                if ((int)g_array_index(members, unsigned, i) == number)
                        return TRUE;
        return FALSE;
}

static const DmMemnode *memnode_of(const DmPlan *p, int node)
{
        const DmNumatune *n = p->domain->numatune;
        for (guint i = 0; node >= 0 && n && n->memnodes && i < n->memnodes->len; i++) {
                const DmMemnode *m = g_ptr_array_index(n->memnodes, i);
                if (m->cell.value == (unsigned)node)
                        return m;
        }
        return NULL;
}

/* Nodes of the host that memory comes from; NULL: any. */
static const char *host_nodes(const DmBuild *b, const DmRam *ram)
{
        const DmNumatune *n = b->plan->domain->numatune;
        const DmMemnode *m = memnode_of(b->plan, ram->node);
        if (ram->host_nodes)
                return ram->host_nodes;
        if (n && n->memory && n->placement == DM_PLACEMENT_AUTO)
                return b->auto_nodes;
        if (m)
                return m->nodeset;
        return n && n->memory ? n->nodeset : NULL;
}

static DmNumaMode numa_mode(const DmPlan *p, const DmRam *ram)
{
        const DmNumatune *n = p->domain->numatune;
        const DmMemnode *m = memnode_of(p, ram->node);
        if (m && m->mode)
                return m->mode;
        return n && n->memory && n->mode ? n->mode : DM_NUMA_STRICT;
}

/* QEMU's word; NULL: the host's cgroup decides alone. */
static const char *policy(DmNumaMode mode)
{
        static const char *const words[] = {
                [DM_NUMA_STRICT] = "bind",
                [DM_NUMA_PREFERRED] = "preferred",
                [DM_NUMA_INTERLEAVE] = "interleave",
                [DM_NUMA_RESTRICTIVE] = NULL,
        };
        return words[mode];
}

static DmMemoryAccess access_of(const DmPlan *p, const DmRam *ram)
{
        const DmNumaCell *cell = cell_of(p, ram->node);
        const DmMemoryBacking *m = p->domain->memory_backing;
        if (ram->access)
                return ram->access;
        if (cell && cell->access)
                return cell->access;
        return m ? m->access : DM_MEMORY_ACCESS_UNSET;
}

static gboolean discards(const DmPlan *p, const DmRam *ram)
{
        const DmNumaCell *cell = cell_of(p, ram->node);
        const DmMemoryBacking *m = p->domain->memory_backing;
        if (ram->discard)
                return ram->discard == DM_YES;
        if (cell && cell->discard)
                return cell->discard == DM_YES;
        return m && m->discard;
}

/* ---- huge pages ---- */

const DmHugeDir *dm_build_huge_dir(const DmBuild *b, guint64 size)
{
        for (const DmHugeDir *h = b->huge_dirs; h && h->size; h++)
                if (!size || h->size == size)
                        return h;
        return NULL;
}

typedef struct Pages {
        gboolean huge;
        gboolean own;       /* asked for by node or module, not for the whole guest */
        guint64 size;       /* 0: the host's default */
        const void *origin; /* where the document says so */
} Pages;

static Pages pages_of(const DmBuild *b, const DmRam *ram)
{
        const DmMemoryBacking *m = b->plan->domain->memory_backing;
        const DmHugepage *master = NULL, *own = NULL;
        Pages r = { ram->page_size != 0, ram->page_size != 0, ram->page_size, ram->origin };
        if (r.huge || !m || !m->hugepages)
                return r;
        for (guint i = 0; m->pages && i < m->pages->len && !own; i++) {
                const DmHugepage *page = g_ptr_array_index(m->pages, i);
                if (!page->nodeset)
                        master = page;
                else if (ram->node >= 0 && in_set(page->nodeset, ram->node))
                        own = page;
        }
        const DmHugepage *page = own ? own : master;
        r = (Pages){ page || !m->pages || !m->pages->len, own != NULL, page ? page->size.value : 0,
                     page ? (const void *)page : &m->hugepages };
        /* Who asks for "huge" pages of the usual size asks for nothing. */
        if (r.size && r.size == b->page_size)
                r = (Pages){ 0 };
        return r;
}

static const DmHugeDir *huge_dir(const DmBuild *b, const Pages *pages, GError **error)
{
        const DmHugeDir *h = dm_build_huge_dir(b, pages->size);
        if (!h && pages->size)
                dm_plan_fail(b->plan, NULL, pages->origin, error,
                             "the host has no hugetlbfs for pages of %" G_GUINT64_FORMAT
                             " KiB; mount one with pagesize=",
                             pages->size / 1024);
        else if (!h)
                dm_plan_fail(b->plan, NULL, pages->origin, error, "the host has no hugetlbfs; mount one");
        return h;
}

/* ---- the object ---- */

/* Anonymous memory that has a descriptor. */
static gboolean add_memfd(const DmBuild *b, DmJson *props, const Pages *pages, GError **error)
{
        dm_json_add_string(props, "qom-type", "memory-backend-memfd");
        if (!pages->huge)
                return TRUE;
        const DmHugeDir *h = pages->size ? NULL : huge_dir(b, pages, error);
        if (!h && !pages->size)
                return FALSE;
        dm_json_add_bool(props, "hugetlb", TRUE);
        dm_json_add_uint(props, "hugetlbsize", h ? h->size : pages->size);
        return TRUE;
}

static gboolean add_file(const DmBuild *b, DmJson *props, const DmRam *ram, const Pages *pages,
                         GError **error)
{
        dm_json_add_string(props, "qom-type", "memory-backend-file");
        if (ram->path) {
                dm_json_add_string(props, "mem-path", ram->path);
        } else if (pages->huge) {
                const DmHugeDir *h = huge_dir(b, pages, error);
                if (!h)
                        return FALSE;
                dm_json_add_string(props, "mem-path", h->dir);
        } else if (b->ram_dir) {
                g_autofree char *file = g_build_filename(b->ram_dir, ram->id, NULL);
                dm_json_add_string(props, "mem-path", file);
        } else {
                return dm_plan_fail(b->plan, NULL, b->plan->domain->memory_backing, error,
                                    "there is no directory for files of guest memory");
        }
        if (!ram->path && discards(b->plan, ram))
                dm_json_add_bool(props, "discard-data", TRUE);
        return TRUE;
}

static gboolean preallocates(const DmPlan *p, const DmRam *ram, const Pages *pages, gboolean memfd)
{
        const DmMemoryBacking *m = p->domain->memory_backing;
        return (m && m->allocation == DM_MEMORY_IMMEDIATE) || (pages->huge && !memfd) || ram->path;
}

static void add_nodes(DmJson *props, const char *key, const char *set)
{
        g_autoptr(GArray) members = dm_cpuset_members(set);
        DmJson *list = dm_json_array_new();
        for (guint i = 0; i < members->len; i++)
                dm_json_append_int(list, g_array_index(members, unsigned, i));
        dm_json_add_take(props, key, list);
}

static void add_common(const DmBuild *b, DmJson *props, const DmRam *ram, const Pages *pages, gboolean memfd)
{
        const DmPlan *p = b->plan;
        const DmMemoryBacking *m = p->domain->memory_backing;
        DmMemoryAccess access = access_of(p, ram);
        const char *nodes = host_nodes(b, ram), *word = policy(numa_mode(p, ram));
        if (access)
                dm_json_add_bool(props, "share", access == DM_MEMORY_SHARED);
        if (preallocates(p, ram, pages, memfd)) {
                dm_json_add_bool(props, "prealloc", TRUE);
                if (m && m->threads.set &&
                    dm_caps_has_schema(p->caps, "object-add:qom-type=memory-backend-file:prealloc-threads"))
                        dm_json_add_uint(props, "prealloc-threads", m->threads.value);
        }
        dm_json_add_uint(props, "size", ram->size);
        if (!nodes || !word)
                return;
        add_nodes(props, "host-nodes", nodes);
        dm_json_add_string(props, "policy", word);
}

DmJson *dm_ram_props(const DmBuild *b, const DmRam *ram, gboolean *ret_plain, GError **error)
{
        const DmPlan *p = b->plan;
        const DmMemoryBacking *m = p->domain->memory_backing;
        DmMemorySource source = m ? m->source : DM_MEMORY_SOURCE_UNSET;
        Pages pages = pages_of(b, ram);
        gboolean memfd = !ram->path && source == DM_MEMORY_MEMFD;
        gboolean file = ram->path || source == DM_MEMORY_FILE || pages.huge || access_of(p, ram);
        g_autoptr(DmJson) props = dm_json_object_new();
        if (memfd && !dm_caps_has_schema(p->caps, "object-add:qom-type=memory-backend-memfd"))
                return dm_plan_fail(p, NULL, &m->source, error,
                                    "QEMU %s has no memory of type 'memfd'; use 'file'",
                                    p->caps->version_text),
                       NULL;
        if (memfd ? !add_memfd(b, props, &pages, error) : file && !add_file(b, props, ram, &pages, error))
                return NULL;
        if (!memfd && !file)
                dm_json_add_string(props, "qom-type", "memory-backend-ram");
        dm_json_add_string(props, "id", ram->id);
        if (ram->system && (memfd || file) &&
            dm_caps_has_prop(p->caps, "memory-backend-file", "x-use-canonical-path-for-ramblock-id"))
                dm_json_add_bool(props, "x-use-canonical-path-for-ramblock-id", FALSE);
        add_common(b, props, ram, &pages, memfd);
        *ret_plain = !pages.own && !ram->path && !ram->host_nodes && !memnode_of(p, ram->node) &&
                     !access_of(p, ram) && source != DM_MEMORY_FILE && source != DM_MEMORY_MEMFD;
        return g_steal_pointer(&props);
}

void dm_build_ram(DmBuild *b, const DmRam *ram, DmJson *props)
{
        const char *nodes = host_nodes(b, ram);
        /* Pages come from where the thread runs that touches them first. */
        if (nodes && dm_json_get_bool(props, "prealloc", FALSE) &&
            dm_caps_has_schema(b->plan->caps, "object-add:qom-type=thread-context")) {
                g_autofree char *id = g_strconcat("tc-", ram->id, NULL);
                DmJson *threads = dm_json_object_new();
                dm_json_add_string(threads, "qom-type", "thread-context");
                dm_json_add_string(threads, "id", id);
                add_nodes(threads, "node-affinity", nodes);
                dm_build_object(b, ram->origin, NULL, threads);
                dm_json_add_string(props, "prealloc-context", id);
        }
        dm_build_object(b, ram->origin, NULL, props);
}

gboolean dm_build_mem_path(DmBuild *b, GError **error)
{
        const DmMemoryBacking *m = b->plan->domain->memory_backing;
        if (!m)
                return TRUE;
        const DmRam all = { .node = -1 };
        Pages pages = pages_of(b, &all);
        gboolean prealloc = m->allocation == DM_MEMORY_IMMEDIATE || pages.huge;
        const DmHugeDir *h = pages.huge ? huge_dir(b, &pages, error) : NULL;
        if (pages.huge && !h)
                return FALSE;
        if (prealloc)
                dm_command_add(b->command, m, NULL, "-mem-prealloc", NULL);
        if (h)
                dm_command_add(b->command, m, NULL, "-mem-path", h->dir);
        else if (m->source == DM_MEMORY_FILE && b->ram_dir)
                dm_command_add(b->command, m, NULL, "-mem-path", b->ram_dir);
        return TRUE;
}
