/* <filesystem>: directories of the host, by QEMU's own server (9p) or by virtiofsd. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include "conf/domain_filesystem.h"
#include "conf/domain_memory.h"

static gboolean is_virtiofs(const DmFilesystem *f)
{
        return f->driver == DM_FILESYSTEM_VIRTIOFS;
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmFilesystem *f = (DmFilesystem *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!f->type) {
                f->type = DM_FILESYSTEM_MOUNT;
                dm_origins_explain(o, &f->type, "libvirt's default");
        }
        if (!f->accessmode) {
                f->accessmode = DM_ACCESS_PASSTHROUGH;
                dm_origins_explain(o, &f->accessmode, "libvirt's default");
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmFilesystem *)device)->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI
                                                                                     : DM_WANTS_VIRTIO;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("fs%u", n);
}

/* ---- what is possible ---- */

/* All nodes of the guest, or its memory as a whole. */
gboolean dm_plan_memory_shared(const DmPlan *p)
{
        const DmMemoryBacking *m = p->domain->memory_backing;
        const DmNuma *numa = p->domain->cpu ? p->domain->cpu->numa : NULL;
        gboolean all = m && m->access == DM_MEMORY_SHARED;
        for (guint i = 0; numa && numa->cells && i < numa->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(numa->cells, i);
                if (cell->access ? cell->access != DM_MEMORY_SHARED : !all)
                        return FALSE;
        }
        return all || (numa && numa->cells && numa->cells->len);
}

static gboolean check_virtiofs(const DmPlan *p, const DmFilesystem *f, GError **error)
{
        if (f->readonly)
                return dm_plan_fail(p, &f->dev, &f->readonly, error,
                                    "virtiofs cannot be read-only; leave <readonly/> out");
        if (f->model == DM_VIRTIO_MODEL_TRANSITIONAL || f->model == DM_VIRTIO_MODEL_NON_TRANSITIONAL)
                return dm_plan_fail(p, &f->dev, &f->model, error, "virtiofs has no model '%s'",
                                    dm_enum_name(&dm_virtio_model, (int)f->model));
        if (f->dev.boot_order.set && !dm_caps_has_prop(p->caps, "vhost-user-fs-device", "bootindex"))
                return dm_plan_fail(p, &f->dev, &f->dev.boot_order, error,
                                    "QEMU %s cannot boot from virtiofs; 6.2 is the first",
                                    p->caps->version_text);
        if (!dm_plan_memory_shared(p))
                return dm_plan_fail(p, &f->dev, &f->driver, error,
                                    "virtiofsd must see the guest's memory: <memoryBacking> needs "
                                    "<access mode='shared'/>");
        return TRUE;
}

static gboolean check_9p(const DmPlan *p, const DmFilesystem *f, GError **error)
{
        if (f->driver && f->driver != DM_FILESYSTEM_PATH && f->driver != DM_FILESYSTEM_HANDLE)
                return dm_plan_fail(p, &f->dev, &f->driver, error,
                                    "the driver '%s' is for containers; use 'path' or 'virtiofs'",
                                    dm_enum_name(&dm_filesystem_driver, (int)f->driver));
        if (f->driver == DM_FILESYSTEM_HANDLE && f->accessmode != DM_ACCESS_PASSTHROUGH)
                return dm_plan_fail(p, &f->dev, &f->accessmode, error,
                                    "driver 'handle' knows accessmode='passthrough' only");
        if (f->queue.set)
                return dm_plan_fail(p, &f->dev, &f->queue, error, "a queue size needs driver 'virtiofs'");
        return TRUE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmFilesystem *f = (const DmFilesystem *)device;
        (void)host;
        if (f->type != DM_FILESYSTEM_MOUNT)
                return dm_plan_fail(p, device, &f->type, error,
                                    "type '%s' is for containers; use 'mount' and a directory",
                                    dm_enum_name(&dm_filesystem_type, (int)f->type));
        if (!dm_plan_virtio(p))
                return dm_plan_fail(p, device, device, error, "machine '%s' has no virtio", p->board_name);
        if (f->hard_limit.set || f->soft_limit.set)
                return dm_plan_fail(p, device, f->hard_limit.set ? &f->hard_limit : &f->soft_limit, error,
                                    "limits of space are for containers; leave them out");
        if (f->format)
                return dm_plan_fail(p, device, &f->format, error, "a format is for containers; leave it out");
        return is_virtiofs(f) ? check_virtiofs(p, f, error) : check_9p(p, f, error);
}

/* ---- the command line ---- */

/* Where virtiofsd listens: somebody else's, or one of the driver's own. */
static char *socket_path(const DmBuild *b, const DmDevice *device)
{
        const DmFilesystem *f = (const DmFilesystem *)device;
        if (f->socket || !b->run_dir)
                return g_strdup(f->socket);
        return g_strdup_printf("%s/%s-fs.sock", b->run_dir, device->alias);
}

static gboolean backend_virtiofs(DmBuild *b, const DmDevice *device, GError **error)
{
        g_autofree char *path = socket_path(b, device);
        if (!path)
                return dm_plan_fail(b->plan, device, device, error, "virtiofs needs <source socket=> here");
        g_autoptr(GString) s = g_string_new("socket");
        dm_opts_appendf(s, "id", "chr-vu-%s", device->alias);
        dm_opts_append(s, "path", path);
        dm_command_add(b->command, device, NULL, "-chardev", s->str);
        return TRUE;
}

static const char *security_model(const DmFilesystem *f)
{
        switch (f->accessmode) {
        case DM_ACCESS_MAPPED:
                return "mapped";
        case DM_ACCESS_SQUASH:
                return "none";
        case DM_ACCESS_PASSTHROUGH:
        case DM_ACCESS_UNSET:
                break;
        }
        return "passthrough";
}

/* "755" as QEMU takes it, "0755". */
static void add_mode(GString *s, const char *key, const char *mode)
{
        guint64 value = 0;
        if (mode && g_ascii_string_to_unsigned(mode, 8, 0, 0777, &value, NULL))
                dm_opts_appendf(s, key, "%04o", (unsigned)value);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmFilesystem *f = (const DmFilesystem *)device;
        if (is_virtiofs(f))
                return backend_virtiofs(b, device, error);
        gboolean handle = f->driver == DM_FILESYSTEM_HANDLE;
        g_autoptr(GString) s = g_string_new(handle ? "handle" : "local");
        if (!handle) {
                dm_opts_append(s, "security_model", security_model(f));
                if (f->multidevs && f->multidevs != DM_MULTIDEVS_DEFAULT)
                        dm_opts_append(s, "multidevs", dm_enum_name(&dm_multidevs, (int)f->multidevs));
                add_mode(s, "fmode", f->fmode);
                add_mode(s, "dmode", f->dmode);
        }
        if (f->write_policy)
                dm_opts_append(s, "writeout", dm_enum_name(&dm_write_policy, (int)f->write_policy));
        dm_opts_appendf(s, "id", "fsdev-%s", device->alias);
        dm_opts_append(s, "path", f->dir);
        if (f->readonly)
                dm_opts_append(s, "readonly", "on");
        dm_command_add(b->command, device, NULL, "-fsdev", s->str);
        return TRUE;
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmFilesystem *f = (const DmFilesystem *)device;
        gboolean virtiofs = is_virtiofs(f);
        g_autofree char *driver =
                dm_virtio_type(p, device, virtiofs ? "vhost-user-fs" : "virtio-9p", (DmVirtioModel)f->model);
        (void)error;
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "driver", driver);
        dm_props_virtio(&f->virtio, j);
        dm_json_add_string(j, "id", device->alias);
        if (virtiofs) {
                dm_json_add_stringf(j, "chardev", "chr-vu-%s", device->alias);
                dm_props_u32(j, "queue-size", f->queue);
                dm_json_add_string(j, "tag", f->target);
                dm_props_boot(p, device, j);
        } else {
                dm_json_add_stringf(j, "fsdev", "fsdev-%s", device->alias);
                dm_json_add_string(j, "mount_tag", f->target);
        }
        dm_props_address(p, device, j);
        return j;
}

/* Who serves the directory, unless it is there already. */
static const char *helper(const DmDevice *device)
{
        const DmFilesystem *f = (const DmFilesystem *)device;
        return is_virtiofs(f) && !f->socket ? "virtiofsd" : NULL;
}

const DmDeviceOps dm_filesystem_ops = {
        .order = DM_ORDER_FILESYSTEM,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
        .helper = helper,
};
