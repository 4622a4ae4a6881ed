/* <memoryBacking>, <memtune>, <numatune>: rows, and the rules between them. */
#include "conf/domain_memory.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_memory_source, "memory source", [DM_MEMORY_FILE] = "file",
              [DM_MEMORY_ANONYMOUS] = "anonymous", [DM_MEMORY_MEMFD] = "memfd");
DM_ENUM_TABLE(dm_memory_access,
              "memory access", [DM_MEMORY_SHARED] = "shared", [DM_MEMORY_PRIVATE] = "private");
DM_ENUM_TABLE(dm_memory_allocation,
              "memory allocation", [DM_MEMORY_IMMEDIATE] = "immediate", [DM_MEMORY_ONDEMAND] = "ondemand");
DM_ENUM_TABLE(dm_numa_mode, "NUMA mode", [DM_NUMA_STRICT] = "strict", [DM_NUMA_PREFERRED] = "preferred",
              [DM_NUMA_INTERLEAVE] = "interleave", [DM_NUMA_RESTRICTIVE] = "restrictive");
DM_ENUM_TABLE(dm_placement, "placement", [DM_PLACEMENT_STATIC] = "static", [DM_PLACEMENT_AUTO] = "auto");

/* ---- memoryBacking ---- */

static const DmXmlRow page_rows[] = {
        DM_KIB(DmHugepage, size, "size", .flags = DM_REQUIRED, .min = 1, .doc = "Of one page."),
        DM_CUSTOM(DmHugepage, nodeset, "nodeset", dm_nodeset_codec,
                  .doc = "Guest NUMA nodes; none: all others."),
        { 0 },
};
static const DmXmlElement page_element = { "page", page_rows, sizeof(DmHugepage), "Pages of one size." };

static const DmXmlRow hugepages_rows[] = {
        DM_PRESENT(DmMemoryBacking, hugepages),
        DM_LIST(DmMemoryBacking, pages, page_element),
        { 0 },
};
static const DmXmlElement hugepages_element = { "hugepages", hugepages_rows, .doc = "Memory of huge pages." };

static const DmXmlRow source_rows[] = {
        DM_ENUM(DmMemoryBacking, source, "type", dm_memory_source, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement source_element = { "source", source_rows, .doc = "What memory is made of." };
static const DmXmlRow access_rows[] = {
        DM_ENUM(DmMemoryBacking, access, "mode", dm_memory_access, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement access_element = { "access", access_rows,
                                             .doc = "Whether other processes may map it." };
static const DmXmlRow allocation_rows[] = {
        DM_ENUM(DmMemoryBacking, allocation, "mode", dm_memory_allocation),
        DM_U32(DmMemoryBacking, threads, "threads", .min = 1, .doc = "Threads that allocate."),
        { 0 },
};
static const DmXmlElement allocation_element = { "allocation", allocation_rows,
                                                 .doc = "When memory is allocated." };

static const DmXmlRow backing_rows[] = {
        DM_IN(hugepages_element),
        DM_FLAG(DmMemoryBacking, nosharepages, "nosharepages",
                .doc = "Equal pages of guests are not merged."),
        DM_FLAG(DmMemoryBacking, locked, "locked", .doc = "Memory is never swapped out."),
        DM_IN(source_element),
        DM_IN(access_element),
        DM_IN(allocation_element),
        DM_FLAG(DmMemoryBacking, discard, "discard", .doc = "Files are emptied when the guest ends."),
        { 0 },
};

static void check_backing(const void *base, const DmXmlCheck *c)
{
        const DmMemoryBacking *m = base;
        if (m->hugepages && m->source == DM_MEMORY_ANONYMOUS)
                dm_check_fail(c, &m->source, DM_ERROR_INVALID_XML,
                              "hugepages cannot come from anonymous memory");
        if (m->hugepages && m->allocation == DM_MEMORY_ONDEMAND)
                dm_check_fail(c, &m->allocation, DM_ERROR_INVALID_XML,
                              "hugepages cannot be allocated on demand");
        gboolean rest = FALSE;
        for (guint i = 0; m->pages && i < m->pages->len; i++) {
                const DmHugepage *p = g_ptr_array_index(m->pages, i);
                if (!p->nodeset && rest)
                        dm_check_fail(c, p, DM_ERROR_INVALID_XML, "only one <page> can be without a nodeset");
                rest = rest || !p->nodeset;
        }
}

const DmXmlElement dm_memory_backing_element = {
        "memoryBacking",        backing_rows, sizeof(DmMemoryBacking), "Where guest memory comes from.",
        .check = check_backing,
};

/* ---- memtune ---- */

static const DmXmlRow memtune_rows[] = {
        DM_KIB(DmMemtune, hard_limit, "hard_limit", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_KIB(DmMemtune, soft_limit, "soft_limit", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_KIB(DmMemtune, min_guarantee, "min_guarantee", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_KIB(DmMemtune, swap_hard_limit, "swap_hard_limit", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        { 0 },
};

static void check_memtune(const void *base, const DmXmlCheck *c)
{
        const DmMemtune *m = base;
        if (m->hard_limit.set && m->swap_hard_limit.set && m->swap_hard_limit.value < m->hard_limit.value)
                dm_check_fail(c, &m->swap_hard_limit, DM_ERROR_INVALID_XML,
                              "swap_hard_limit counts memory and swap, so it must not be below hard_limit");
}

const DmXmlElement dm_memtune_element = {
        "memtune",
        memtune_rows,
        sizeof(DmMemtune),
        "What the guest may take of the host's memory.",
        .check = check_memtune,
};

/* ---- numatune ---- */

static const DmXmlRow memory_rows[] = {
        DM_PRESENT(DmNumatune, memory),
        DM_ENUM(DmNumatune, mode, "mode", dm_numa_mode),
        DM_CUSTOM(DmNumatune, nodeset, "nodeset", dm_nodeset_codec, .flags = DM_UPDATABLE,
                  .doc = "Host nodes."),
        DM_ENUM(DmNumatune, placement, "placement", dm_placement),
        { 0 },
};
static const DmXmlElement memory_element = { "memory", memory_rows,
                                             .doc = "Host nodes for the whole guest." };
static const DmXmlRow memnode_rows[] = {
        DM_U32(DmMemnode, cell, "cellid", .flags = DM_REQUIRED, .doc = "Guest NUMA node."),
        DM_ENUM(DmMemnode, mode, "mode", dm_numa_mode),
        DM_CUSTOM(DmMemnode, nodeset, "nodeset", dm_nodeset_codec, .flags = DM_REQUIRED,
                  .doc = "Host nodes."),
        { 0 },
};
static const DmXmlElement memnode_element = { "memnode", memnode_rows, sizeof(DmMemnode),
                                              "For one guest node." };
static const DmXmlRow numatune_rows[] = {
        DM_IN(memory_element),
        DM_LIST(DmNumatune, memnodes, memnode_element),
        { 0 },
};

static void check_numatune(const void *base, const DmXmlCheck *c)
{
        const DmNumatune *n = base;
        if (n->memory && n->placement == DM_PLACEMENT_STATIC && !n->nodeset)
                dm_check_fail(c, &n->placement, DM_ERROR_INVALID_XML, "placement='static' needs a nodeset");
        g_autoptr(GHashTable) cells = g_hash_table_new(NULL, NULL);
        for (guint i = 0; n->memnodes && i < n->memnodes->len; i++) {
                const DmMemnode *m = g_ptr_array_index(n->memnodes, i);
                if (!g_hash_table_add(cells, GUINT_TO_POINTER(m->cell.value)))
                        dm_check_fail(c, &m->cell, DM_ERROR_INVALID_XML, "the guest node %u is given twice",
                                      m->cell.value);
                if (n->placement == DM_PLACEMENT_AUTO && n->mode != DM_NUMA_MODE_UNSET && i == 0)
                        dm_check_fail(c, m, DM_ERROR_INVALID_XML,
                                      "<memnode> cannot go with placement='auto'");
        }
}

const DmXmlElement dm_numatune_element = {
        "numatune",
        numatune_rows,
        sizeof(DmNumatune),
        "Host nodes that memory comes from.",
        .check = check_numatune,
};
