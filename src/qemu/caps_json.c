/* DmCaps as JSON: the file of the cache and the output of `domus capabilities --json`.  Machines and CPU
 * models keep QEMU's words; sets are sorted, so that equal capabilities give equal text. */
#include "qemu/caps_private.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

static const DmJsonField head_fields[] = {
        { "path", DM_JT_STRING, offsetof(DmCaps, path), TRUE },
        { "program", DM_JT_STRING, offsetof(DmCaps, program) },
        { "version", DM_JT_INT, offsetof(DmCaps, version), TRUE },
        { "version-text", DM_JT_STRING, offsetof(DmCaps, version_text), TRUE },
        { "package", DM_JT_STRING, offsetof(DmCaps, package) },
        { "target", DM_JT_STRING, offsetof(DmCaps, target), TRUE },
        { "help-era", DM_JT_BOOL, offsetof(DmCaps, help_era) },
        { "kvm-enabled", DM_JT_BOOL, offsetof(DmCaps, kvm_enabled) },
        { "partial", DM_JT_BOOL, offsetof(DmCaps, partial) },
        { "module-directories", DM_JT_STRV, offsetof(DmCaps, module_dirs) },
        {},
};

static const struct {
        const char *key;
        gsize offset; /* of a DmJson * in DmCaps */
} documents[] = {
        { "host-model", offsetof(DmCaps, host_model) },
        { "tcg-model", offsetof(DmCaps, tcg_model) },
        { "gic", offsetof(DmCaps, gic) },
        { "sev", offsetof(DmCaps, sev) },
        { "sgx", offsetof(DmCaps, sgx) },
        { "tpm-models", offsetof(DmCaps, tpm_models) },
        { "tpm-types", offsetof(DmCaps, tpm_types) },
};

/* ---- writing ---- */

static int compare_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static DmJson *set_to_json(GHashTable *set)
{
        guint n = 0;
        g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(set, &n);
        qsort(names, n, sizeof(*names), compare_text);
        DmJson *array = dm_json_array_new();
        for (guint i = 0; i < n; i++)
                dm_json_append_string(array, names[i]);
        return array;
}

static DmJson *structs_to_json(const GPtrArray *all, const DmJsonField *fields)
{
        DmJson *array = dm_json_array_new();
        for (guint i = 0; i < all->len; i++) {
                DmJson *object = dm_json_object_new();
                dm_json_write(object, fields, all->pdata[i]);
                dm_json_append_take(array, object);
        }
        return array;
}

static DmJson *bits_to_json(unsigned bits, unsigned n, const char *(*name)(unsigned bit))
{
        DmJson *array = dm_json_array_new();
        for (unsigned i = 0; i < n; i++)
                if (bits & 1u << i)
                        dm_json_append_string(array, name(i));
        return array;
}

static const char *accel_name(unsigned bit)
{
        return dm_accel_name((DmAccel)bit);
}

DmJson *dm_caps_to_json(const DmCaps *c)
{
        DmJson *j = dm_json_object_new();
        dm_json_write(j, head_fields, c);
        dm_json_add_take(j, "accelerators", bits_to_json(c->accels, DM_ACCEL_N, accel_name));
        if (c->help_era)
                dm_json_add_take(j, "help", bits_to_json(c->help, DM_HELP_N, dm_help_flag_name));
        dm_json_add_take(j, "machines", structs_to_json(c->machines, dm_machine_fields));
        dm_json_add_take(j, "cpu-models", structs_to_json(c->cpu_models, dm_cpu_model_fields));
        if (c->tcg_models && c->tcg_models != c->cpu_models)
                dm_json_add_take(j, "tcg-cpu-models", structs_to_json(c->tcg_models, dm_cpu_model_fields));
        dm_json_add_take(j, "types", set_to_json(c->types));
        dm_json_add_take(j, "commands", set_to_json(c->commands));
        dm_json_add_take(j, "features", set_to_json(c->features));
        for (guint i = 0; i < G_N_ELEMENTS(documents); i++)
                dm_json_add_take(j, documents[i].key,
                                 dm_json_copy(G_STRUCT_MEMBER(DmJson *, c, documents[i].offset)));
        return j;
}

/* ---- reading ---- */

static gboolean read_array(const DmJson *j, const char *key, const DmJson **ret_array, GError **error)
{
        *ret_array = dm_json_get(j, key);
        if (dm_json_kind(*ret_array) != DM_JSON_ARRAY)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "capabilities: '%s' is no list", key);
        return TRUE;
}

static gboolean read_set(const DmJson *j, const char *key, GHashTable *set, GError **error)
{
        const DmJson *array = NULL;
        if (!read_array(j, key, &array, error))
                return FALSE;
        for (gsize i = 0; i < dm_json_length(array); i++) {
                const char *name = dm_json_string(dm_json_at(array, i));
                if (!name)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "capabilities: '%s' holds no name", key);
                dm_caps_add(set, name);
        }
        return TRUE;
}

static gboolean read_bits(const DmJson *j, const char *key, unsigned n, const char *(*name)(unsigned bit),
                          unsigned *ret_bits, GError **error)
{
        const DmJson *array = NULL;
        if (!read_array(j, key, &array, error))
                return FALSE;
        unsigned bits = 0;
        for (gsize i = 0; i < dm_json_length(array); i++) {
                const char *word = dm_json_string(dm_json_at(array, i));
                unsigned bit = 0;
                while (bit < n && g_strcmp0(word, name(bit)) != 0)
                        bit++;
                if (bit == n)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "capabilities: '%s' in '%s' is unknown",
                                       word ? word : "", key);
                bits |= 1u << bit;
        }
        *ret_bits = bits;
        return TRUE;
}

/* Replaces *@place by what @read makes of the list, none of whose elements may be damaged. */
static gboolean read_structs(const DmJson *j, const char *key, GPtrArray *(*read)(const DmJson *),
                             GPtrArray **place, GError **error)
{
        const DmJson *array = NULL;
        if (!read_array(j, key, &array, error))
                return FALSE;
        g_autoptr(GPtrArray) all = read(array);
        if (all->len != dm_json_length(array))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "capabilities: an element of '%s' is damaged",
                               key);
        if (*place)
                g_ptr_array_unref(*place);
        *place = g_steal_pointer(&all);
        return TRUE;
}

DmCaps *dm_caps_from_json(const DmJson *j, GError **error)
{
        g_autoptr(DmCaps) c = dm_caps_new(NULL);
        if (!dm_json_read(j, head_fields, c, error) ||
            !read_bits(j, "accelerators", DM_ACCEL_N, accel_name, &c->accels, error) ||
            (c->help_era && !read_bits(j, "help", DM_HELP_N, dm_help_flag_name, &c->help, error)) ||
            !read_structs(j, "machines", dm_machines_read, &c->machines, error) ||
            !read_structs(j, "cpu-models", dm_cpu_models_read, &c->cpu_models, error) ||
            !read_set(j, "types", c->types, error) || !read_set(j, "commands", c->commands, error) ||
            !read_set(j, "features", c->features, error))
                return NULL;
        if (dm_json_has(j, "tcg-cpu-models") &&
            !read_structs(j, "tcg-cpu-models", dm_cpu_models_read, &c->tcg_models, error))
                return NULL;
        for (guint i = 0; i < G_N_ELEMENTS(documents); i++)
                G_STRUCT_MEMBER(DmJson *, c, documents[i].offset) =
                        dm_json_copy(dm_json_get(j, documents[i].key));
        dm_caps_finish(c);
        return g_steal_pointer(&c);
}
