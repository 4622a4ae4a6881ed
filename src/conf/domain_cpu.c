/* <cpu>: rows, and the rules between them. */
#include "conf/domain_cpu.h"

#include <string.h>

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_cpu_mode, "CPU mode", [DM_CPU_CUSTOM] = "custom", [DM_CPU_HOST_MODEL] = "host-model",
              [DM_CPU_HOST_PASSTHROUGH] = "host-passthrough", [DM_CPU_MAXIMUM] = "maximum");
DM_ENUM_TABLE(dm_cpu_match, "CPU match", [DM_MATCH_MINIMUM] = "minimum", [DM_MATCH_EXACT] = "exact",
              [DM_MATCH_STRICT] = "strict");
DM_ENUM_TABLE(
        dm_cpu_check,
        "CPU check", [DM_CHECK_NONE] = "none", [DM_CHECK_PARTIAL] = "partial", [DM_CHECK_FULL] = "full");
DM_ENUM_TABLE(dm_cpu_fallback,
              "CPU fallback", [DM_FALLBACK_ALLOW] = "allow", [DM_FALLBACK_FORBID] = "forbid");
DM_ENUM_TABLE(
        dm_cpu_policy, "CPU feature policy", [DM_POLICY_FORCE] = "force", [DM_POLICY_REQUIRE] = "require",
        [DM_POLICY_OPTIONAL] = "optional", [DM_POLICY_DISABLE] = "disable", [DM_POLICY_FORBID] = "forbid");

DM_ENUM_TABLE(dm_numa_associativity, "associativity", [DM_ASSOCIATIVITY_NONE] = "none",
              [DM_ASSOCIATIVITY_DIRECT] = "direct", [DM_ASSOCIATIVITY_FULL] = "full");
DM_ENUM_TABLE(dm_numa_cache_policy, "cache policy", [DM_CACHE_POLICY_NONE] = "none",
              [DM_CACHE_POLICY_WRITEBACK] = "writeback", [DM_CACHE_POLICY_WRITETHROUGH] = "writethrough");
DM_ENUM_TABLE(dm_numa_access, "kind of access", [DM_NUMA_ACCESS_ACCESS] = "access",
              [DM_NUMA_ACCESS_READ] = "read", [DM_NUMA_ACCESS_WRITE] = "write");
DM_ENUM_TABLE(dm_cpu_cache_mode, "CPU cache mode", [DM_CPU_CACHE_EMULATE] = "emulate",
              [DM_CPU_CACHE_PASSTHROUGH] = "passthrough", [DM_CPU_CACHE_DISABLE] = "disable");
DM_ENUM_TABLE(dm_cpu_address_mode,
              "address mode", [DM_CPU_CACHE_EMULATE] = "emulate", [DM_CPU_CACHE_PASSTHROUGH] = "passthrough");

static const DmXmlRow model_rows[] = {
        DM_ENUM(DmCpu, fallback, "fallback", dm_cpu_fallback, .doc = "Whether a nearby model may stand in."),
        DM_STRING(DmCpu, vendor_id, "vendor_id", .flags = DM_ABI, .doc = "12 letters that CPUID shows."),
        DM_STRING(DmCpu, model, NULL, .as = DM_AS_TEXT, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "Name of the model." };

static const DmXmlRow topology_rows[] = {
        DM_U32(DmCpu, sockets, "sockets", .flags = DM_REQUIRED | DM_ABI, .min = 1, .max = 65535),
        DM_U32(DmCpu, dies, "dies", .flags = DM_ABI, .min = 1, .max = 65535),
        DM_U32(DmCpu, cores, "cores", .flags = DM_REQUIRED | DM_ABI, .min = 1, .max = 65535),
        DM_U32(DmCpu, threads, "threads", .flags = DM_REQUIRED | DM_ABI, .min = 1, .max = 65535),
        { 0 },
};
static const DmXmlElement topology_element = { "topology", topology_rows, .doc = "How vCPUs are grouped." };

static const DmXmlRow feature_rows[] = {
        DM_ENUM(DmCpuFeature, policy, "policy", dm_cpu_policy, .flags = DM_ABI, .preset = DM_POLICY_REQUIRE),
        DM_STRING(DmCpuFeature, name, "name", .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement feature_element = { "feature", feature_rows, sizeof(DmCpuFeature),
                                              "A feature flag." };

/* ---- numa ---- */

static const DmXmlRow sibling_rows[] = {
        DM_U32(DmNumaSibling, id, "id", .flags = DM_REQUIRED | DM_ABI),
        DM_U32(DmNumaSibling, value, "value", .flags = DM_REQUIRED | DM_ABI, .min = 10, .max = 255),
        { 0 },
};
static const DmXmlElement sibling_element = { "sibling", sibling_rows, sizeof(DmNumaSibling),
                                              "To one other node." };
static const DmXmlRow distances_rows[] = { DM_LIST(DmNumaCell, distances, sibling_element), { 0 } };
static const DmXmlElement distances_element = { "distances", distances_rows,
                                                .doc = "How far other nodes are." };
static const DmXmlRow cache_size_rows[] = {
        DM_KIB(DmNumaCache, size, "value", .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement cache_size_element = { "size", cache_size_rows, .doc = "Of the cache." };
static const DmXmlRow cache_line_rows[] = {
        { DM_XML_U64, .name = "value", .offset = DM_TYPED(DmNumaCache, line, DmOptU64), .scale = 1,
          .unit = "B", .flags = DM_REQUIRED | DM_ABI },
        { 0 },
};
static const DmXmlElement cache_line_element = { "line", cache_line_rows, .doc = "Of the cache." };
static const DmXmlRow cache_rows[] = {
        DM_U32(DmNumaCache, level, "level", .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmNumaCache, associativity, "associativity", dm_numa_associativity,
                .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmNumaCache, policy, "policy", dm_numa_cache_policy, .flags = DM_REQUIRED | DM_ABI),
        DM_IN(cache_size_element, .flags = DM_REQUIRED),
        DM_IN(cache_line_element, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement cache_element = { "cache", cache_rows, sizeof(DmNumaCache), "Memory-side cache." };
static const DmXmlRow cell_rows[] = {
        DM_U32(DmNumaCell, id, "id", .flags = DM_ABI),
        DM_CUSTOM(DmNumaCell, cpus, "cpus", dm_cpuset_codec, .flags = DM_ABI, .doc = "vCPUs of the node."),
        DM_KIB(DmNumaCell, memory, "memory", .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmNumaCell, access, "memAccess", dm_memory_access),
        DM_ENUM(DmNumaCell, discard, "discard", dm_yes_no),
        DM_IN(distances_element),
        DM_LIST(DmNumaCell, caches, cache_element),
        { 0 },
};
static const DmXmlElement cell_element = { "cell", cell_rows, sizeof(DmNumaCell), "A node of the guest." };

#define LINK_ROWS                                                                    \
        DM_U32(DmNumaLink, initiator, "initiator", .flags = DM_REQUIRED | DM_ABI),   \
                DM_U32(DmNumaLink, target, "target", .flags = DM_REQUIRED | DM_ABI), \
                DM_U32(DmNumaLink, cache, "cache", .flags = DM_ABI),                 \
                DM_ENUM(DmNumaLink, type, "type", dm_numa_access, .flags = DM_REQUIRED | DM_ABI)
static const DmXmlRow latency_rows[] = {
        LINK_ROWS,
        DM_U64(DmNumaLink, value, "value", .flags = DM_REQUIRED | DM_ABI, .doc = "Nanoseconds."),
        { 0 },
};
static const DmXmlElement latency_element = { "latency", latency_rows, sizeof(DmNumaLink),
                                              "Between two nodes." };
static const DmXmlRow bandwidth_rows[] = {
        LINK_ROWS,
        DM_KIB(DmNumaLink, value, "value", .flags = DM_REQUIRED | DM_ABI, .doc = "A second."),
        { 0 },
};
static const DmXmlElement bandwidth_element = {
        "bandwidth",
        bandwidth_rows,
        sizeof(DmNumaLink),
        "Between two nodes.",
};
static const DmXmlRow interconnects_rows[] = {
        DM_LIST(DmNuma, latencies, latency_element),
        DM_LIST(DmNuma, bandwidths, bandwidth_element),
        { 0 },
};
static const DmXmlElement interconnects_element = { "interconnects", interconnects_rows,
                                                    .doc = "How fast nodes are." };
static const DmXmlRow numa_rows[] = {
        DM_LIST(DmNuma, cells, cell_element),
        DM_IN(interconnects_element),
        { 0 },
};

static guint32 cell_id(const DmNuma *n, guint i)
{
        const DmNumaCell *cell = g_ptr_array_index(n->cells, i);
        return cell->id.set ? cell->id.value : i;
}

static gboolean cell_exists(const DmNuma *n, guint32 id)
{
        for (guint i = 0; n->cells && i < n->cells->len; i++)
                if (cell_id(n, i) == id)
                        return TRUE;
        return FALSE;
}

static void check_links(const DmNuma *n, const GPtrArray *links, const DmXmlCheck *c)
{
        for (guint i = 0; links && i < links->len; i++) {
                const DmNumaLink *l = g_ptr_array_index(links, i);
                const DmOptU32 *const ends[] = { &l->initiator, &l->target };
                for (gsize e = 0; e < G_N_ELEMENTS(ends); e++)
                        if (ends[e]->set && !cell_exists(n, ends[e]->value))
                                dm_check_fail(c, ends[e], DM_ERROR_INVALID_XML, "there is no NUMA cell %u",
                                              ends[e]->value);
        }
}

static void check_numa(const void *base, const DmXmlCheck *c)
{
        const DmNuma *n = base;
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        for (guint i = 0; n->cells && i < n->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(n->cells, i);
                guint32 id = cell_id(n, i);
                if (!g_hash_table_add(seen, GUINT_TO_POINTER(id)))
                        dm_check_fail(c, cell, DM_ERROR_INVALID_XML, "the NUMA cell %u is given twice", id);
                if (id >= n->cells->len)
                        dm_check_fail(c, cell, DM_ERROR_INVALID_XML,
                                      "the %u NUMA cells must be numbered from 0 to %u, not %u",
                                      n->cells->len, n->cells->len - 1, id);
                for (guint s = 0; cell->distances && s < cell->distances->len; s++) {
                        const DmNumaSibling *sibling = g_ptr_array_index(cell->distances, s);
                        if (sibling->id.set && !cell_exists(n, sibling->id.value))
                                dm_check_fail(c, &sibling->id, DM_ERROR_INVALID_XML,
                                              "there is no NUMA cell %u", sibling->id.value);
                }
        }
        check_links(n, n->latencies, c);
        check_links(n, n->bandwidths, c);
}
static const DmXmlElement numa_element = {
        "numa", numa_rows, sizeof(DmNuma), "Nodes of the guest.", .check = check_numa,
};

/* ---- cpu ---- */

static const DmXmlRow cpu_cache_rows[] = {
        DM_U32(DmCpu, cache_level, "level", .flags = DM_ABI, .min = 1, .max = 3),
        DM_ENUM(DmCpu, cache_mode, "mode", dm_cpu_cache_mode, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement cpu_cache_element = { "cache", cpu_cache_rows,
                                                .doc = "What caches the guest sees." };
static const DmXmlRow maxphysaddr_rows[] = {
        DM_ENUM(DmCpu, address_mode, "mode", dm_cpu_address_mode, .flags = DM_REQUIRED | DM_ABI),
        DM_U32(DmCpu, address_bits, "bits", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement maxphysaddr_element = { "maxphysaddr", maxphysaddr_rows,
                                                  .doc = "Bits of an address." };

static const DmXmlRow cpu_rows[] = {
        DM_ENUM(DmCpu, mode, "mode", dm_cpu_mode, .flags = DM_ABI),
        DM_ENUM(DmCpu, match, "match", dm_cpu_match, .flags = DM_ABI),
        DM_ENUM(DmCpu, check, "check", dm_cpu_check),
        DM_ENUM(DmCpu, migratable, "migratable", dm_on_off, .flags = DM_ABI),
        DM_IN(model_element),
        DM_STRING(DmCpu, vendor, "vendor", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_IN(topology_element),
        DM_IN(cpu_cache_element),
        DM_IN(maxphysaddr_element),
        DM_LIST(DmCpu, features, feature_element),
        DM_SUB(DmCpu, numa, numa_element),
        { 0 },
};

static void check_features(const DmCpu *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; d->features && i < d->features->len; i++) {
                const DmCpuFeature *f = g_ptr_array_index(d->features, i);
                if (f->name && !g_hash_table_add(seen, f->name))
                        dm_check_fail(c, &f->name, DM_ERROR_INVALID_XML,
                                      "the CPU feature '%s' is given twice", f->name);
        }
}

/* CPUID leaf 0 has room for exactly this many characters. */
#define VENDOR_ID_LENGTH 12

static void check(const void *base, const DmXmlCheck *c)
{
        const DmCpu *d = base;
        gboolean custom = d->mode == DM_CPU_CUSTOM || d->mode == DM_CPU_MODE_UNSET;
        if (d->match && !d->model && custom)
                dm_check_fail(c, &d->match, DM_ERROR_INVALID_XML, "match needs a <model>");
        if (d->migratable && d->mode != DM_CPU_HOST_PASSTHROUGH && d->mode != DM_CPU_MAXIMUM)
                dm_check_fail(c, &d->migratable, DM_ERROR_INVALID_XML,
                              "migratable is for mode='host-passthrough' and 'maximum' only");
        if (d->vendor_id && strlen(d->vendor_id) != VENDOR_ID_LENGTH)
                dm_check_fail(c, &d->vendor_id, DM_ERROR_INVALID_XML,
                              "vendor_id '%s' must have exactly %d characters", d->vendor_id,
                              VENDOR_ID_LENGTH);
        if (d->vendor_id && strchr(d->vendor_id, ','))
                dm_check_fail(c, &d->vendor_id, DM_ERROR_INVALID_XML, "vendor_id '%s' must not hold a comma",
                              d->vendor_id);
        check_features(d, c);
        if (d->cache_level.set && d->cache_mode == DM_CPU_CACHE_PASSTHROUGH)
                dm_check_fail(c, &d->cache_level, DM_ERROR_INVALID_XML,
                              "passed through are all caches: leave out level");
        if (d->address_bits.set && d->address_mode == DM_CPU_CACHE_PASSTHROUGH)
                dm_check_fail(c, &d->address_bits, DM_ERROR_INVALID_XML,
                              "passed through is the host's number of bits");
        if (d->address_mode == DM_CPU_CACHE_EMULATE && !d->address_bits.set)
                dm_check_fail(c, &d->address_mode, DM_ERROR_INVALID_XML, "mode='emulate' needs bits");
}

const DmXmlElement dm_cpu_element = {
        "cpu", cpu_rows, sizeof(DmCpu), "Model, features and topology of the processors.", .check = check,
};
