/* <domainCapabilities>: the ways to say which CPU a guest gets. */
#include <string.h>

#include "qemu/capabilities.h"

static DmDomcapsMode *add_mode(DmDomainCapabilities *d, const char *name, gboolean supported)
{
        DmDomcapsMode *m = g_new0(DmDomcapsMode, 1);
        m->name = g_strdup(name);
        m->supported = supported ? DM_YES : DM_NO;
        if (!d->modes)
                d->modes = g_ptr_array_new();
        g_ptr_array_add(d->modes, m);
        return m;
}

static void add_switch(DmDomcapsMode *m, const char *name)
{
        DmDomcapsEnum *e = dm_domcaps_enum(&m->enums, name);
        dm_domcaps_add(e, "on");
        dm_domcaps_add(e, "off");
}

static DmDomcapsModel *add_model(DmDomcapsMode *m, const char *name)
{
        DmDomcapsModel *model = g_new0(DmDomcapsModel, 1);
        model->name = g_strdup(name);
        if (!m->models)
                m->models = g_ptr_array_new();
        g_ptr_array_add(m->models, model);
        return model;
}

/* ---- host-model ---- */

static void add_feature(const char *property, DmJson *value, void *mode)
{
        DmDomcapsMode *m = mode;
        g_autofree char *text = dm_json_kind(value) == DM_JSON_BOOL ? dm_json_to_string(value) : NULL;
        const char *name = text && strcmp(text, "true") == 0 ? dm_cpu_feature_of_property(property) : NULL;
        if (!name)
                return;
        DmDomcapsFeature *f = g_new0(DmDomcapsFeature, 1);
        f->name = g_strdup(name);
        f->policy = g_strdup("require");
        if (!m->features)
                m->features = g_ptr_array_new();
        g_ptr_array_add(m->features, f);
}

/* The newest named model that runs here, and all that the host's CPU has: together a guest's CPU that is this
 * host's.  On s390x the emulator names the model itself. */
static void add_host_model(DmDomainCapabilities *d, const DmCaps *caps, const DmArch *arch, DmVirtType type,
                           const DmHost *host)
{
        gboolean s390 = strcmp(arch->name, "s390x") == 0;
        const DmJson *model = type == DM_VIRT_KVM ? dm_json_get(caps->host_model, "model") : NULL;
        const DmCpuModel *best = dm_cpu_best_model(caps->cpu_models, host->cpu_vendor);
        const char *name = s390 ? dm_json_get_string(model, "name") : best ? best->name : NULL;
        DmDomcapsMode *m = add_mode(d, "host-model", model && name);
        if (!model || !name)
                return;
        add_model(m, name)->fallback = g_strdup("forbid");
        if (!s390)
                m->vendor = g_strdup(dm_cpu_vendor_name(host->cpu_vendor));
        dm_json_each(dm_json_get(model, "props"), add_feature, m);
}

/* ---- custom ---- */

/* "EPYC-v2": a version of a model, for those who name versions themselves. */
static gboolean is_versioned(const char *name)
{
        const char *v = strrchr(name, '-');
        return v && v[1] == 'v' && g_ascii_isdigit(v[2]);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
        const DmCpuModel *x = *(const DmCpuModel *const *)a, *y = *(const DmCpuModel *const *)b;
        return strcmp(x->name, y->name);
}

static void add_custom(DmDomainCapabilities *d, const DmCaps *caps, const DmArch *arch, DmVirtType type)
{
        static const char *const special[] = { "host", "max", "base", NULL };
        const GPtrArray *models = type == DM_VIRT_KVM ? caps->cpu_models : caps->tcg_models;
        gboolean known = models != NULL;
        gboolean x86 = strcmp(arch->name, "x86_64") == 0 || strcmp(arch->name, "i686") == 0;
        g_autoptr(GPtrArray) sorted = g_ptr_array_new();
        models = models ? models : caps->cpu_models;
        for (guint i = 0; models && i < models->len; i++) {
                DmCpuModel *m = g_ptr_array_index(models, i);
                if (!g_strv_contains(special, m->name) && !is_versioned(m->name))
                        g_ptr_array_add(sorted, m);
        }
        g_ptr_array_sort(sorted, by_name);
        DmDomcapsMode *mode = add_mode(d, "custom", sorted->len > 0);
        for (guint i = 0; i < sorted->len; i++) {
                const DmCpuModel *m = g_ptr_array_index(sorted, i);
                DmDomcapsModel *model = add_model(mode, m->name);
                model->usable = g_strdup(!known || !m->unavailable ? "unknown"
                                         : dm_cpu_model_usable(m)  ? "yes"
                                                                   : "no");
                model->vendor = g_strdup(x86 ? dm_cpu_model_vendor(m->name) : "unknown");
                model->deprecated = m->deprecated ? DM_YES : DM_YES_NO_UNSET;
        }
}

void dm_domcaps_cpu(DmDomainCapabilities *d, const DmCaps *caps, const DmArch *arch, DmVirtType type,
                    const DmHost *host)
{
        DmDomcapsMode *m = add_mode(d, "host-passthrough", type == DM_VIRT_KVM);
        if (type == DM_VIRT_KVM)
                add_switch(m, "hostPassthroughMigratable");
        gboolean max = dm_caps_cpu_model(caps, "max") != NULL;
        m = add_mode(d, "maximum", max);
        if (max)
                add_switch(m, "maximumMigratable");
        add_host_model(d, caps, arch, type, host);
        add_custom(d, caps, arch, type);
}
