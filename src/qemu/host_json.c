/* Host facts as JSON: what `--host FACTS.json` reads, and how a host is recorded for a report or a test. */
#include "qemu/host_private.h"

#include <stddef.h>
#include <string.h>

#include "util/error.h"

#define COUNT_MAX (1u << 24) /* processors, bytes of a page */

static const char *const kvm_names[] = {
        [DM_KVM_USABLE] = "usable",
        [DM_KVM_NO_DEVICE] = "no-device",
        [DM_KVM_NO_ACCESS] = "no-access",
        [DM_KVM_BAD_API] = "bad-api",
        [DM_KVM_CREATE_FAILED] = "create-failed",
};
static const char *const kind_names[] = {
        [DM_FILE_MISSING] = "missing", [DM_FILE_REGULAR] = "regular", [DM_FILE_DIRECTORY] = "directory",
        [DM_FILE_BLOCK] = "block",     [DM_FILE_OTHER] = "other",
};

#define HOST(m, key, type)                            \
        {                                             \
                key, type, offsetof(DmHost, m), FALSE \
        }
static const DmJsonField host_fields[] = {
        { "arch", DM_JT_STRING, offsetof(DmHost, arch), TRUE },
        HOST(cpu_vendor, "cpu-vendor", DM_JT_STRING),
        HOST(cpu_model, "cpu-model", DM_JT_STRING),
        HOST(cpu_flags, "cpu-flags", DM_JT_STRV),
        HOST(cpus, "cpus", DM_JT_INT),
        HOST(sockets, "sockets", DM_JT_INT),
        HOST(dies, "dies", DM_JT_INT),
        HOST(cores, "cores", DM_JT_INT),
        HOST(threads, "threads", DM_JT_INT),
        HOST(memory, "memory", DM_JT_U64),
        HOST(page_size, "page-size", DM_JT_INT),
        HOST(huge_pages, "huge-pages", DM_JT_STRV),
        HOST(kvm_errno, "kvm-errno", DM_JT_INT),
        HOST(kvm_api, "kvm-api", DM_JT_INT),
        HOST(dev_kqemu, "dev-kqemu", DM_JT_BOOL),
        HOST(dev_qvm86, "dev-qvm86", DM_JT_BOOL),
        HOST(xen, "xen", DM_JT_STRING),
        HOST(xen_device_model, "xen-device-model", DM_JT_STRING),
        HOST(xen_loader, "xen-loader", DM_JT_STRING),
        HOST(uid, "uid", DM_JT_INT),
        HOST(gid, "gid", DM_JT_INT),
        HOST(user, "user", DM_JT_STRING),
        HOST(hostname, "hostname", DM_JT_STRING),
        HOST(uuid, "uuid", DM_JT_STRING),
        { 0 },
};

#define FILE_FACT(m, key, type)                           \
        {                                                 \
                key, type, offsetof(DmFileFact, m), FALSE \
        }
static const DmJsonField file_fields[] = {
        FILE_FACT(errno_value, "errno", DM_JT_INT),
        FILE_FACT(executable, "executable", DM_JT_BOOL),
        FILE_FACT(readable, "readable", DM_JT_BOOL),
        FILE_FACT(writable, "writable", DM_JT_BOOL),
        FILE_FACT(program, "program", DM_JT_BOOL),
        FILE_FACT(real, "real", DM_JT_STRING),
        FILE_FACT(size, "size", DM_JT_U64),
        FILE_FACT(format, "format", DM_JT_STRING),
        { 0 },
};

/* Sets *ret_value to the index of member @key among @names; a missing member leaves it. */
static gboolean read_name(const DmJson *j, const char *key, const char *const *names, int n, int *ret_value,
                          GError **error)
{
        const char *text = dm_json_get_string(j, key);
        if (!text && dm_json_has(j, key))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "'%s' is no string", key);
        for (int i = 0; text && i < n; i++)
                if (strcmp(text, names[i]) == 0) {
                        *ret_value = i;
                        return TRUE;
                }
        return !text || dm_fail(error, DM_ERROR_INVALID_ARG, "'%s' has the unknown value '%s'", key, text);
}

/* ---- NUMA nodes ---- */

static const DmJsonField cpu_fields[] = {
        { "id", DM_JT_INT, offsetof(DmHostCpu, id), TRUE },
        { "socket", DM_JT_INT, offsetof(DmHostCpu, socket), FALSE },
        { "die", DM_JT_INT, offsetof(DmHostCpu, die), FALSE },
        { "core", DM_JT_INT, offsetof(DmHostCpu, core), FALSE },
        { "siblings", DM_JT_STRING, offsetof(DmHostCpu, siblings), TRUE },
        { 0 },
};
static const DmJsonField cell_fields[] = {
        { "id", DM_JT_INT, offsetof(DmHostCell, id), TRUE },
        { "memory", DM_JT_U64, offsetof(DmHostCell, memory), TRUE },
        { 0 },
};

static gboolean read_cell(DmHost *h, const DmJson *j, GError **error)
{
        DmHostCell *cell = dm_host_add_cell(h);
        const DmJson *cpus = dm_json_get(j, "cpus"), *distances = dm_json_get(j, "distances");
        if (!dm_json_read(j, cell_fields, cell, error))
                return FALSE;
        for (gsize i = 0; i < dm_json_length(cpus); i++)
                if (!dm_json_read(dm_json_at(cpus, i), cpu_fields, dm_host_add_cpu(cell), error))
                        return FALSE;
        for (gsize i = 0; i < dm_json_length(distances); i++) {
                guint64 value = 0;
                if (!dm_json_to_u64(dm_json_at(distances, i), &value) || value > COUNT_MAX)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "'distances' holds what is no distance");
                unsigned distance = (unsigned)value;
                g_array_append_val(cell->distances, distance);
        }
        return TRUE;
}

static gboolean read_cells(DmHost *h, const DmJson *cells, GError **error)
{
        for (gsize i = 0; i < dm_json_length(cells); i++)
                if (!read_cell(h, dm_json_at(cells, i), error)) {
                        g_prefix_error(error, "host facts: cells[%" G_GSIZE_FORMAT "]: ", i);
                        return FALSE;
                }
        return TRUE;
}

static DmJson *write_cells(const DmHost *h)
{
        DmJson *cells = dm_json_array_new();
        for (guint i = 0; h->cells && i < h->cells->len; i++) {
                const DmHostCell *cell = g_ptr_array_index(h->cells, i);
                DmJson *j = dm_json_object_new(), *cpus = dm_json_array_new(),
                       *distances = dm_json_array_new();
                dm_json_write(j, cell_fields, cell);
                for (guint k = 0; k < cell->distances->len; k++)
                        dm_json_append_int(distances, g_array_index(cell->distances, unsigned, k));
                for (guint k = 0; k < cell->cpus->len; k++) {
                        DmJson *cpu = dm_json_object_new();
                        dm_json_write(cpu, cpu_fields, g_ptr_array_index(cell->cpus, k));
                        dm_json_append_take(cpus, cpu);
                }
                dm_json_add_take(j, "distances", distances);
                dm_json_add_take(j, "cpus", cpus);
                dm_json_append_take(cells, j);
        }
        return cells;
}

/* ---- files ---- */

typedef struct Reader {
        DmHost *host;
        GError *error; /* the first; owned */
} Reader;

static void read_file(const char *path, DmJson *value, void *data)
{
        Reader *r = data;
        if (r->error)
                return;
        DmFileFact *f = g_new0(DmFileFact, 1);
        dm_host_take_fact(r->host, path, f);
        int kind = DM_FILE_REGULAR;
        if (!dm_json_read(value, file_fields, f, &r->error) ||
            !read_name(value, "kind", kind_names, G_N_ELEMENTS(kind_names), &kind, &r->error)) {
                g_prefix_error(&r->error, "host facts: file '%s': ", path);
                return;
        }
        f->kind = (DmFileKind)kind;
        if (!f->real && f->kind != DM_FILE_MISSING)
                f->real = g_strdup(path);
}

DmHost *dm_host_from_json(const DmJson *j, GError **error)
{
        g_autoptr(DmHost) h = dm_host_new("");
        int kvm = DM_KVM_NO_DEVICE;
        if (!dm_json_read(j, host_fields, h, error) ||
            !read_name(j, "kvm", kvm_names, G_N_ELEMENTS(kvm_names), &kvm, error)) {
                g_prefix_error(error, "host facts: ");
                return NULL;
        }
        h->kvm = (DmKvmState)kvm;
        const unsigned counts[] = { h->cpus, h->sockets, h->dies, h->cores, h->threads, h->page_size };
        for (gsize i = 0; i < G_N_ELEMENTS(counts); i++)
                if (counts[i] == 0 || counts[i] > COUNT_MAX)
                        return dm_fail_null(
                                error, DM_ERROR_INVALID_ARG,
                                "host facts: a number of processors or the page size is not from 1 to %u",
                                COUNT_MAX);
        const DmJson *programs = dm_json_get(j, "programs");
        for (gsize i = 0; i < dm_json_length(programs); i++) {
                const char *path = dm_json_string(dm_json_at(programs, i));
                if (!path || !g_path_is_absolute(path))
                        return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                            "host facts: programs[%" G_GSIZE_FORMAT "] is no absolute path",
                                            i);
                dm_host_add_program(h, path);
        }
        if (!read_cells(h, dm_json_get(j, "cells"), error))
                return NULL;
        Reader r = { h, NULL };
        dm_json_each(dm_json_get(j, "files"), read_file, &r);
        if (r.error) {
                g_propagate_error(error, r.error);
                return NULL;
        }
        const DmJson *firmwares = dm_json_get(j, "firmwares");
        for (gsize i = 0; i < dm_json_length(firmwares); i++)
                g_ptr_array_add(h->firmwares, dm_json_ref(dm_json_at(firmwares, i)));
        return g_steal_pointer(&h);
}

DmJson *dm_host_to_json(const DmHost *h)
{
        DmJson *j = dm_json_object_new();
        dm_json_write(j, host_fields, h);
        dm_json_add_string(j, "kvm", kvm_names[h->kvm]);
        DmJson *programs = dm_json_array_new();
        for (guint i = 0; i < h->programs->len; i++)
                dm_json_append_string(programs, g_ptr_array_index(h->programs, i));
        dm_json_add_take(j, "cells", write_cells(h));
        dm_json_add_take(j, "programs", programs);
        DmJson *files = dm_json_object_new();
        g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(h->files), (GCompareFunc)strcmp);
        for (GList *l = paths; l; l = l->next) {
                const DmFileFact *f = dm_host_file(h, l->data);
                DmJson *file = dm_json_object_new();
                dm_json_add_string(file, "kind", kind_names[f->kind]);
                dm_json_write(file, file_fields, f);
                dm_json_add_take(files, l->data, file);
        }
        dm_json_add_take(j, "files", files);
        DmJson *firmwares = dm_json_array_new();
        for (guint i = 0; i < h->firmwares->len; i++)
                dm_json_append_take(firmwares, dm_json_ref(g_ptr_array_index(h->firmwares, i)));
        dm_json_add_take(j, "firmwares", firmwares);
        return j;
}
