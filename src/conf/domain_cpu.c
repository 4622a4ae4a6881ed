/* <cpu>: rows, and the rules between them. */
#include "conf/domain_cpu.h"

#include <string.h>

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

static const DmXmlRow cpu_rows[] = {
        DM_ENUM(DmCpu, mode, "mode", dm_cpu_mode, .flags = DM_ABI),
        DM_ENUM(DmCpu, match, "match", dm_cpu_match, .flags = DM_ABI),
        DM_ENUM(DmCpu, check, "check", dm_cpu_check),
        DM_ENUM(DmCpu, migratable, "migratable", dm_on_off, .flags = DM_ABI),
        DM_IN(model_element),
        DM_STRING(DmCpu, vendor, "vendor", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_IN(topology_element),
        DM_LIST(DmCpu, features, feature_element),
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
}

const DmXmlElement dm_cpu_element = {
        "cpu", cpu_rows, sizeof(DmCpu), "Model, features and topology of the processors.", .check = check,
};
