/* Names of x86 CPU features and models as libvirt's clients know them, out of the kernel's and QEMU's.
 *
 * There is no database of models here: a model's own features are QEMU's business.  So of a host's features
 * all are listed, also those that its model implies. */
#include <string.h>

#include "qemu/capabilities.h"

/* What libvirt calls a feature; anything else that the kernel prints is a state of its own or of the machine.
 */
static const char known_features[] =
        " 3dnow 3dnowext 3dnowprefetch abm acpi adx aes amd-no-ssb amd-ssbd amd-stibp amx-bf16 amx-int8 "
        "amx-tile apic"
        " arat arch-capabilities avic avx avx-vnni avx2 avx512-4fmaps avx512-4vnniw avx512-bf16 avx512-fp16"
        " avx512-vp2intersect avx512-vpopcntdq avx512bitalg avx512bw avx512cd avx512dq avx512er avx512f "
        "avx512ifma"
        " avx512pf avx512vbmi avx512vbmi2 avx512vl avx512vnni bmi1 bmi2 bus-lock-detect cid cldemote clflush"
        " clflushopt clwb clzero cmov cmp_legacy cmt core-capability cr8legacy cx16 cx8 dca de decodeassists "
        "ds ds_cpl"
        " dtes64 erms est extapic f16c flushbyasid fma fma4 fpu fsgsbase fsrc fsrm fsrs fxsr fxsr_opt fzrm "
        "gfni hle ht"
        " hypervisor ia64 ibpb ibrs ibs intel-pt invpcid invtsc la57 lahf_lm lbrv lm lwp mca mce md-clear "
        "misalignsse"
        " mmx mmxext monitor movbe movdir64b movdiri mpx msr mtrr nodeid_msr npt nrip-save nx osvw ospke "
        "osxsave pae"
        " pat pause-filter pbe pcid pclmuldq pcommit pdcm pdpe1gb perfctr_core perfctr_nb pfthreshold pge "
        "pks pku pn"
        " pni popcnt pse pse36 rdpid rdrand rdseed rdtscp rtm sep serialize sgx sha-ni skinit smap smep smx "
        "spec-ctrl"
        " ss ssbd sse sse2 sse4.1 sse4.2 sse4a ssse3 stibp svm svm-lock syscall tbm tce tm tm2 topoext tsc "
        "tsc-deadline"
        " tsc-scale tsc_adjust tsx-ldtrk umip vaes vgif virt-ssbd vmcb-clean vme vmx vpclmulqdq waitpkg "
        "wbnoinvd wdt"
        " x2apic xfd xgetbv1 xop xsave xsavec xsaveerptr xsaveopt xsaves xtpr ";

typedef struct Pair {
        const char *from, *to;
} Pair;

/* /proc/cpuinfo's names where they are not the same, nor the same with '-' for '_'. */
static const Pair of_flags[] = {
        { "sse4_1", "sse4.1" },
        { "sse4_2", "sse4.2" },
        { "pclmulqdq", "pclmuldq" },
        { "tsc_deadline_timer", "tsc-deadline" },
        { "avx512_vbmi2", "avx512vbmi2" },
        { "avx512_vnni", "avx512vnni" },
        { "avx512_bitalg", "avx512bitalg" },
        { "cr8_legacy", "cr8legacy" },
        { "nonstop_tsc", "invtsc" },
        { "pausefilter", "pause-filter" },
};

/* QEMU's properties likewise. */
static const Pair of_properties[] = {
        { "cmp-legacy", "cmp_legacy" },     { "ds-cpl", "ds_cpl" },         { "fxsr-opt", "fxsr_opt" },
        { "lahf-lm", "lahf_lm" },           { "nodeid-msr", "nodeid_msr" }, { "pclmulqdq", "pclmuldq" },
        { "perfctr-core", "perfctr_core" }, { "perfctr-nb", "perfctr_nb" }, { "tsc-adjust", "tsc_adjust" },
};

/* The table's own spelling of [@name]; NULL when it is not in it. */
static const char *known(const char *name)
{
        g_autofree char *wanted = g_strdup_printf(" %s ", name);
        const char *at = strstr(known_features, wanted);
        return at && !strchr(name, ' ') ? g_intern_string(name) : NULL;
}

static const char *translate(const Pair *pairs, gsize n, const char *name)
{
        for (gsize i = 0; i < n; i++)
                if (strcmp(pairs[i].from, name) == 0)
                        return pairs[i].to;
        return NULL;
}

const char *dm_cpu_feature_of_flag(const char *flag)
{
        const char *name = translate(of_flags, G_N_ELEMENTS(of_flags), flag);
        if (!name)
                name = known(flag);
        if (name)
                return name;
        g_autofree char *dashed = g_strdelimit(g_strdup(flag), "_", '-');
        return known(dashed);
}

const char *dm_cpu_feature_of_property(const char *property)
{
        const char *name = translate(of_properties, G_N_ELEMENTS(of_properties), property);
        if (name)
                return name;
        /* Switches of the hypervisor, not features of the CPU. */
        if (g_str_has_prefix(property, "kvm") || g_str_has_prefix(property, "hv-"))
                return NULL;
        return g_intern_string(property);
}

/* ---- models, oldest first; a name covers all that begin with it ---- */

static const char *const intel[] = { "coreduo",
                                     "n270",
                                     "core2duo",
                                     "Conroe",
                                     "Penryn",
                                     "Nehalem",
                                     "Westmere",
                                     "SandyBridge",
                                     "IvyBridge",
                                     "Haswell",
                                     "Broadwell",
                                     "Denverton",
                                     "KnightsMill",
                                     "Skylake-Client",
                                     "Skylake-Server",
                                     "Snowridge",
                                     "Cascadelake-Server",
                                     "Cooperlake",
                                     "Icelake-Client",
                                     "Icelake-Server",
                                     "SapphireRapids",
                                     "SierraForest",
                                     "GraniteRapids",
                                     NULL };
static const char *const amd[] = { "athlon",     "phenom",     "Opteron_G1", "Opteron_G2",
                                   "Opteron_G3", "Opteron_G4", "Opteron_G5", "EPYC",
                                   "EPYC-Rome",  "EPYC-Milan", "EPYC-Genoa", NULL };
static const char *const hygon[] = { "Dhyana", NULL };
static const char *const any[] = { "486",   "pentium", "pentium2", "pentium3", "qemu32",
                                   "kvm32", "qemu64",  "kvm64",    NULL };

static const struct {
        const char *cpuid, *name;
        const char *const *models;
} vendors[] = {
        { "GenuineIntel", "Intel", intel },
        { "AuthenticAMD", "AMD", amd },
        { "HygonGenuine", "Hygon", hygon },
};

/* Place of @model in @list, from 1; the longest name that fits counts.  0: it is not of these. */
static guint age(const char *const *list, const char *model)
{
        guint best = 0;
        for (guint i = 0; list[i]; i++) {
                gsize n = strlen(list[i]);
                gboolean fits = strncmp(model, list[i], n) == 0 && (model[n] == 0 || model[n] == '-');
                if (fits && (!best || n > strlen(list[best - 1])))
                        best = i + 1;
        }
        return best;
}

const char *dm_cpu_vendor_name(const char *cpuid_vendor)
{
        for (gsize i = 0; cpuid_vendor && i < G_N_ELEMENTS(vendors); i++)
                if (strcmp(vendors[i].cpuid, cpuid_vendor) == 0)
                        return vendors[i].name;
        return "unknown";
}

const char *dm_cpu_model_vendor(const char *model)
{
        for (gsize i = 0; i < G_N_ELEMENTS(vendors); i++)
                if (age(vendors[i].models, model))
                        return vendors[i].name;
        return "unknown";
}

static const DmCpuModel *newest(const GPtrArray *models, const char *const *list)
{
        const DmCpuModel *best = NULL;
        guint best_age = 0;
        for (guint i = 0; models && i < models->len; i++) {
                const DmCpuModel *m = g_ptr_array_index(models, i);
                guint a = dm_cpu_model_usable(m) ? age(list, m->name) : 0;
                if (a > best_age || (a && a == best_age && strlen(m->name) < strlen(best->name))) {
                        best = m;
                        best_age = a;
                }
        }
        return best;
}

const DmCpuModel *dm_cpu_best_model(const GPtrArray *models, const char *cpuid_vendor)
{
        for (gsize i = 0; cpuid_vendor && i < G_N_ELEMENTS(vendors); i++) {
                const DmCpuModel *m = strcmp(vendors[i].cpuid, cpuid_vendor) == 0
                                              ? newest(models, vendors[i].models)
                                              : NULL;
                if (m)
                        return m;
        }
        return newest(models, any);
}
