/* DmCaps: its life and the questions that it answers.  It is filled by caps_ask.c (QMP, live or recorded),
 * caps_help.c (emulators older than that) or caps_json.c (our own files). */
#include "qemu/caps_private.h"

#include <string.h>

#include "util/enum.h"

#define SCHEMA_SCOPE    "schema"
#define MIGRATION_SCOPE "migration"

static const char *const accel_names[DM_ACCEL_N] = {
        [DM_ACCEL_TCG] = "tcg",     [DM_ACCEL_KVM] = "kvm",     [DM_ACCEL_XEN] = "xen",
        [DM_ACCEL_KQEMU] = "kqemu", [DM_ACCEL_QVM86] = "qvm86", [DM_ACCEL_HVF] = "hvf",
};

const char *dm_accel_name(DmAccel a)
{
        return a >= 0 && a < DM_ACCEL_N ? accel_names[a] : NULL;
}

static const char *const help_flag_names[] = {
        "no-kqemu",    "enable-kqemu", "no-kvm",       "enable-kvm",   "machine-accel", "drive",
        "drive-boot",  "boot-order",   "name",         "uuid",         "vga",           "vnc-colon",
        "nodefaults",  "device",       "chardev",      "netdev",       "qmp",           "bios",
        "no-shutdown", "drive-cache",  "drive-serial", "drive-format", "daemonize",
};
G_STATIC_ASSERT(G_N_ELEMENTS(help_flag_names) == DM_HELP_N);

const char *dm_help_flag_name(unsigned bit)
{
        return bit < DM_HELP_N ? help_flag_names[bit] : NULL;
}

/* ---- machines and CPU models ---- */

const DmJsonField dm_machine_fields[] = {
        { "name", DM_JT_STRING, offsetof(DmMachine, name), TRUE },
        { "alias", DM_JT_STRING, offsetof(DmMachine, alias) },
        { "description", DM_JT_STRING, offsetof(DmMachine, description) },
        { "is-default", DM_JT_BOOL, offsetof(DmMachine, is_default) },
        { "deprecated", DM_JT_BOOL, offsetof(DmMachine, deprecated) },
        { "cpu-max", DM_JT_INT, offsetof(DmMachine, max_cpus) },
        { "default-cpu-type", DM_JT_STRING, offsetof(DmMachine, default_cpu_type) },
        { "default-ram-id", DM_JT_STRING, offsetof(DmMachine, default_ram_id) },
        { "hotpluggable-cpus", DM_JT_BOOL, offsetof(DmMachine, hotpluggable_cpus) },
        { "numa-mem-supported", DM_JT_BOOL, offsetof(DmMachine, numa) },
        {},
};

const DmJsonField dm_cpu_model_fields[] = {
        { "name", DM_JT_STRING, offsetof(DmCpuModel, name), TRUE },
        { "typename", DM_JT_STRING, offsetof(DmCpuModel, type) },
        { "deprecated", DM_JT_BOOL, offsetof(DmCpuModel, deprecated) },
        { "static", DM_JT_BOOL, offsetof(DmCpuModel, is_static) },
        { "migration-safe", DM_JT_BOOL, offsetof(DmCpuModel, migration_safe) },
        { "unavailable-features", DM_JT_STRV, offsetof(DmCpuModel, unavailable) },
        {},
};

static void machine_free(void *machine)
{
        dm_json_clear(dm_machine_fields, machine);
        g_free(machine);
}

static void cpu_model_free(void *model)
{
        dm_json_clear(dm_cpu_model_fields, model);
        g_free(model);
}

GPtrArray *dm_machines_new(void)
{
        return g_ptr_array_new_with_free_func(machine_free);
}

GPtrArray *dm_cpu_models_new(void)
{
        return g_ptr_array_new_with_free_func(cpu_model_free);
}

/* Appends a structure of @size bytes for each element that can be read. */
static GPtrArray *read_all(GPtrArray *array, const DmJson *answer, const DmJsonField *fields, gsize size)
{
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                g_autofree void *item = g_malloc0(size);
                if (dm_json_read(dm_json_at(answer, i), fields, item, NULL))
                        g_ptr_array_add(array, g_steal_pointer(&item));
        }
        return array;
}

GPtrArray *dm_machines_read(const DmJson *answer)
{
        GPtrArray *all = read_all(dm_machines_new(), answer, dm_machine_fields, sizeof(DmMachine));
        for (guint i = all->len; i-- > 0;) {
                const DmMachine *m = all->pdata[i];
                if (strcmp(m->name, "none") == 0) /* for probing, not for guests */
                        g_ptr_array_remove_index(all, i);
        }
        return all;
}

GPtrArray *dm_cpu_models_read(const DmJson *answer)
{
        return read_all(dm_cpu_models_new(), answer, dm_cpu_model_fields, sizeof(DmCpuModel));
}

/* ---- life cycle ---- */

static GHashTable *set_new(void)
{
        return g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)g_ref_string_release, NULL);
}

GHashTable *dm_caps_set_copy(GHashTable *set)
{
        GHashTable *copy = set_new();
        GHashTableIter i;
        void *name;
        g_hash_table_iter_init(&i, set);
        while (g_hash_table_iter_next(&i, &name, NULL))
                g_hash_table_add(copy, g_ref_string_acquire(name));
        return copy;
}

DmCaps *dm_caps_new(const char *path)
{
        DmCaps *c = g_new0(DmCaps, 1);
        g_atomic_ref_count_init(&c->refs);
        c->path = g_strdup(path);
        c->machines = dm_machines_new();
        c->cpu_models = dm_cpu_models_new();
        c->types = set_new();
        c->commands = set_new();
        c->features = set_new();
        return c;
}

/* A copy of the pointers would need every member to count references from several threads, which json-c's
 * cannot; so the view keeps its base alive instead. */
DmCaps *dm_caps_view(const DmCaps *base, const char *path)
{
        DmCaps *c = g_new(DmCaps, 1);
        *c = *base;
        g_atomic_ref_count_init(&c->refs);
        if (path)
                c->path = g_strdup(path);
        c->base = dm_caps_ref(base);
        return c;
}

DmCaps *dm_caps_ref(const DmCaps *c)
{
        DmCaps *counted = (DmCaps *)c; /* the count is the one thing that changes */
        g_atomic_ref_count_inc(&counted->refs);
        return counted;
}

#define DROP(member, destroy)                                                \
        do {                                                                 \
                if (c->member && !(c->base && c->base->member == c->member)) \
                        destroy(c->member);                                  \
        } while (0)

static void caps_free(DmCaps *c)
{
        DROP(path, g_free);
        DROP(program, g_free);
        DROP(version_text, g_free);
        DROP(package, g_free);
        DROP(target, g_free);
        DROP(module_dirs, g_strfreev);
        DROP(machines, g_ptr_array_unref);
        DROP(cpu_models, g_ptr_array_unref);
        DROP(tcg_models, g_ptr_array_unref);
        DROP(types, g_hash_table_unref);
        DROP(commands, g_hash_table_unref);
        DROP(features, g_hash_table_unref);
        DROP(host_model, dm_json_unref);
        DROP(tcg_model, dm_json_unref);
        DROP(gic, dm_json_unref);
        DROP(sev, dm_json_unref);
        DROP(sgx, dm_json_unref);
        DROP(tpm_models, dm_json_unref);
        DROP(tpm_types, dm_json_unref);
        dm_caps_unref(c->base);
        g_free(c);
}

void dm_caps_unref(const DmCaps *c)
{
        DmCaps *counted = (DmCaps *)c;
        if (c && g_atomic_ref_count_dec(&counted->refs))
                caps_free(counted);
}

/* ---- filling ---- */

void dm_caps_add(GHashTable *set, const char *name)
{
        g_hash_table_add(set, g_ref_string_new_intern(name));
}

/* "scope.name".  Owned. */
static char *feature_key(const char *scope, char separator, const char *name)
{
        const char middle[] = { separator, '\0' };
        return g_strconcat(scope, middle, name, NULL);
}

void dm_caps_add_feature(DmCaps *c, const char *scope, char separator, const char *name)
{
        g_autofree char *key = feature_key(scope, separator, name);
        dm_caps_add(c->features, key);
}

void dm_caps_set_version(DmCaps *c, unsigned major, unsigned minor, unsigned micro, const char *package)
{
        c->version = DM_QEMU_VERSION(major, minor, micro);
        g_free(c->version_text);
        c->version_text = g_strdup_printf("%u.%u.%u", major, minor, micro);
        g_free(c->package);
        c->package = package && *package ? g_strdup(package) : NULL;
}

void dm_caps_add_accel(DmCaps *c, DmAccel a)
{
        c->accels |= 1u << a;
}

void dm_caps_finish(DmCaps *c)
{
        if (!c->kvm_enabled && dm_caps_has_accel(c, DM_ACCEL_TCG) && !c->tcg_models)
                c->tcg_models = g_ptr_array_ref(c->cpu_models);
}

/* ---- questions ---- */

gboolean dm_caps_has_accel(const DmCaps *c, DmAccel a)
{
        return (c->accels & 1u << a) != 0;
}

char *dm_caps_accel_list(const DmCaps *c)
{
        GString *list = g_string_new(NULL);
        for (DmAccel a = 0; a < DM_ACCEL_N; a++)
                if (dm_caps_has_accel(c, a))
                        g_string_append_printf(list, "%s%s", list->len ? ", " : "", accel_names[a]);
        return g_string_free(list, FALSE);
}

gboolean dm_caps_has_type(const DmCaps *c, const char *device_type)
{
        return g_hash_table_contains(c->types, device_type);
}

gboolean dm_caps_has_command(const DmCaps *c, const char *qmp_command)
{
        return g_hash_table_contains(c->commands, qmp_command);
}

static gboolean has_feature(const DmCaps *c, const char *scope, char separator, const char *name)
{
        g_autofree char *key = feature_key(scope, separator, name);
        return g_hash_table_contains(c->features, key);
}

gboolean dm_caps_has_prop(const DmCaps *c, const char *type, const char *property)
{
        static const char *const forms[] = { "-non-transitional", "-transitional" };
        if (has_feature(c, type, '.', property))
                return TRUE;
        for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
                if (!g_str_has_suffix(type, forms[i]))
                        continue;
                g_autofree char *plain = g_strndup(type, strlen(type) - strlen(forms[i]));
                return has_feature(c, plain, '.', property);
        }
        return FALSE;
}

gboolean dm_caps_has_option(const DmCaps *c, const char *option, const char *parameter)
{
        return has_feature(c, option, ':', parameter);
}

gboolean dm_caps_has_migration(const DmCaps *c, const char *name)
{
        return has_feature(c, MIGRATION_SCOPE, ':', name);
}

gboolean dm_caps_has_schema(const DmCaps *c, const char *name)
{
        g_assert(dm_caps_schema_known(name));
        return has_feature(c, SCHEMA_SCOPE, ':', name);
}

const DmMachine *dm_caps_machine(const DmCaps *c, const char *name_or_alias)
{
        const DmMachine *by_alias = NULL;
        for (guint i = 0; i < c->machines->len; i++) {
                const DmMachine *m = c->machines->pdata[i];
                if (strcmp(m->name, name_or_alias) == 0)
                        return m;
                if (m->alias && strcmp(m->alias, name_or_alias) == 0)
                        by_alias = m;
        }
        return by_alias;
}

const DmMachine *dm_caps_default_machine(const DmCaps *c)
{
        for (guint i = 0; i < c->machines->len; i++) {
                const DmMachine *m = c->machines->pdata[i];
                if (m->is_default)
                        return m;
        }
        return NULL;
}

const DmCpuModel *dm_cpu_model_find(const GPtrArray *models, const char *name)
{
        for (guint i = 0; models && i < models->len; i++) {
                const DmCpuModel *m = models->pdata[i];
                if (strcmp(m->name, name) == 0)
                        return m;
        }
        return NULL;
}

const DmCpuModel *dm_caps_cpu_model(const DmCaps *c, const char *name)
{
        return dm_cpu_model_find(c->cpu_models, name);
}
