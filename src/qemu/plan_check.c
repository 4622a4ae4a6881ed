/* Can this be started here?  What only the whole plan, or the host's facts, can tell: asked before anything
 * is changed, so that a guest that cannot run leaves nothing behind. */
#include "qemu/device_ops.h"

#include <errno.h>
#include <string.h>

#include "conf/domain_disk.h"
#include "qemu/image_nodes.h"
#include "qemu/plan_checks.h"
#include "util/error.h"

/* ---- the plan ---- */

static gboolean check_head(const DmPlan *p, GError **error)
{
        const DmDomain *d = p->domain;
        if (p->machine->max_cpus && d->vcpus.set && d->vcpus.value > p->machine->max_cpus)
                return dm_plan_fail(p, NULL, &d->vcpus, error,
                                    "machine '%s' has %u virtual CPUs at most, not %u", p->board_name,
                                    p->machine->max_cpus, d->vcpus.value);
        if (d->features && d->features->acpi && p->board->flags & DM_BOARD_NO_ACPI)
                return dm_plan_fail(p, NULL, &d->features->acpi, error,
                                    "machine '%s' has no ACPI; leave <acpi/> out of <features>",
                                    p->board_name);
        return TRUE;
}

gboolean dm_plan_check(const DmPlan *p, const DmHost *host, GError **error)
{
        if (!dm_domain_check_deferred(p->domain, error) || !check_head(p, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (!dm_device_check(p, device, host, error))
                        return FALSE;
        return dm_plan_check_board(p, error);
}

/* ---- files ---- */

/* One file that the guest needs. */
typedef struct Need {
        const DmDevice *device; /* NULL: the guest itself */
        const void *value;      /* the member that names it, for its place */
        const char *what;       /* "the kernel", "the image" */
        const char *path;
        const char *remedy; /* what to correct */
        gboolean write;
} Need;

static gboolean fail(const DmPlan *p, const Need *n, DmErrorCode code, GError **error, const char *why)
{
        g_autoptr(GError) reason = NULL;
        dm_plan_fail(p, n->device, n->value, &reason, "%s '%s' %s; %s", n->what, n->path, why, n->remedy);
        return dm_fail_at(error, code, dm_error_line(reason), dm_error_path(reason), "%s", reason->message);
}

/* NULL: nobody looked, so nothing is known. */
static const DmFileFact *fact_of(const DmHost *host, const char *path)
{
        return path ? g_hash_table_lookup(host->files, path) : NULL;
}

static gboolean check_file(const DmPlan *p, const DmHost *host, const Need *n, GError **error)
{
        const DmFileFact *f = fact_of(host, n->path);
        if (!f)
                return TRUE;
        g_autofree char *denied = g_strdup_printf("cannot be %s by user '%s'", n->write ? "written" : "read",
                                                  host->user ? host->user : "of the emulator");
        if (f->kind == DM_FILE_MISSING && f->errno_value != EACCES)
                return fail(p, n, DM_ERROR_NOT_FOUND, error,
                            f->errno_value == ENOENT || !f->errno_value ? "does not exist"
                                                                        : g_strerror(f->errno_value));
        if (f->kind == DM_FILE_DIRECTORY)
                return fail(p, n, DM_ERROR_UNSUPPORTED, error, "is a directory");
        if (!f->readable || (n->write && !f->writable))
                return fail(p, n, DM_ERROR_DENIED, error, denied);
        return TRUE;
}

/* ---- images ---- */

/* Formats that the first bytes of a file tell for certain. */
static gboolean is_certain(DmDiskFormat format)
{
        return format == DM_DISK_QCOW2 || format == DM_DISK_QCOW || format == DM_DISK_QED ||
               format == DM_DISK_LUKS || format == DM_DISK_VDI;
}

static gboolean check_format(const DmPlan *p, const DmFileFact *f, const DmDisk *disk, const Need *n,
                             GError **error)
{
        const char *stated = dm_enum_name(&dm_disk_format, (int)disk->format);
        gboolean wrong = f->format ? stated && disk->format != DM_DISK_RAW && strcmp(f->format, stated) != 0
                                   : is_certain(disk->format);
        g_autofree char *why = NULL;
        if (wrong)
                why = g_strdup_printf("is not a %s image: it looks like %s", stated,
                                      f->format ? f->format : "raw");
        /* Raw can be anything; but who named no format did not mean the guest to see another's header. */
        else if (f->format && disk->format == DM_DISK_RAW &&
                 dm_origins_reason(p->domain->origins, &disk->format))
                why = g_strdup_printf("looks like %s, and no format is stated, which means raw", f->format);
        if (!why)
                return TRUE;
        Need named = *n;
        named.value = &disk->format;
        named.remedy = "correct <driver type=>";
        return fail(p, &named, DM_ERROR_UNSUPPORTED, error, why);
}

static gboolean check_disk(const DmPlan *p, const DmHost *host, const DmDisk *disk, GError **error)
{
        gboolean block = disk->type == DM_DISK_BLOCK;
        const Need n = {
                .device = &disk->dev,
                .value = block ? (const void *)&disk->block : &disk->file,
                .what = "the image",
                .path = dm_disk_source(disk),
                .remedy = block ? "create it, or correct <source dev=>"
                                : "create it, or correct <source file=>",
                .write = !disk->readonly,
        };
        const DmSource *s = &disk->image.source;
        if (disk->type == DM_DISK_VOLUME && s->volume)
                return dm_plan_fail(p, &disk->dev, &disk->type, error, DM_NO_POOLS, s->volume, s->pool);
        const DmFileFact *f = fact_of(host, n.path);
        if (!f || (disk->type != DM_DISK_FILE && !block))
                return TRUE;
        if (!check_file(p, host, &n, error))
                return FALSE;
        if (block && f->kind != DM_FILE_BLOCK)
                return fail(p, &n, DM_ERROR_UNSUPPORTED, error, "is not a block device");
        if (f->kind == DM_FILE_OTHER)
                return fail(p, &n, DM_ERROR_UNSUPPORTED, error, "is neither a file nor a block device");
        return check_format(p, f, disk, &n, error);
}

gboolean dm_plan_check_files(const DmPlan *p, const DmHost *host, GError **error)
{
        if (!dm_domain_check_beside(p->domain, error))
                return FALSE;
        const DmOs *os = &p->domain->os;
        const Need needs[] = {
                { NULL, &os->loader, "the firmware", os->loader, "correct <loader>" },
                { NULL, &os->nvram_template, "the template of the NVRAM", os->nvram_template,
                  "correct <nvram template=>" },
                { NULL, &os->kernel, "the kernel", os->kernel, "correct <kernel>" },
                { NULL, &os->initrd, "the initial ramdisk", os->initrd, "correct <initrd>" },
                { NULL, &os->dtb, "the device tree", os->dtb, "correct <dtb>" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(needs); i++)
                if (!check_file(p, host, &needs[i], error))
                        return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_DISK && !check_disk(p, host, (const DmDisk *)device, error))
                        return FALSE;
        return TRUE;
}
