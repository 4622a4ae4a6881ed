/* <filesystem>: rows, and the rules between them. */
#include "conf/domain_filesystem.h"

DM_ENUM_TABLE(dm_filesystem_type,
              "filesystem type", [DM_FILESYSTEM_MOUNT] = "mount", [DM_FILESYSTEM_FILE] = "file",
              [DM_FILESYSTEM_BLOCK] = "block", [DM_FILESYSTEM_TEMPLATE] = "template",
              [DM_FILESYSTEM_RAM] = "ram", [DM_FILESYSTEM_BIND] = "bind");
DM_ENUM_TABLE(dm_access_mode, "access mode", [DM_ACCESS_PASSTHROUGH] = "passthrough",
              [DM_ACCESS_MAPPED] = "mapped", [DM_ACCESS_SQUASH] = "squash");
DM_ENUM_TABLE(dm_multidevs, "multidevs mode", [DM_MULTIDEVS_DEFAULT] = "default",
              [DM_MULTIDEVS_REMAP] = "remap", [DM_MULTIDEVS_FORBID] = "forbid", [DM_MULTIDEVS_WARN] = "warn");
DM_ENUM_TABLE(dm_filesystem_driver,
              "filesystem driver", [DM_FILESYSTEM_PATH] = "path", [DM_FILESYSTEM_HANDLE] = "handle",
              [DM_FILESYSTEM_LOOP] = "loop", [DM_FILESYSTEM_NBD] = "nbd", [DM_FILESYSTEM_PLOOP] = "ploop",
              [DM_FILESYSTEM_VIRTIOFS] = "virtiofs", [DM_FILESYSTEM_MTP] = "mtp");
DM_ENUM_TABLE(dm_write_policy, "write policy", [DM_WRITE_IMMEDIATE] = "immediate");
DM_ENUM_TABLE(
        dm_virtiofs_cache,
        "virtiofs cache mode", [DM_VIRTIOFS_CACHE_NONE] = "none", [DM_VIRTIOFS_CACHE_ALWAYS] = "always");
DM_ENUM_TABLE(dm_virtiofs_sandbox,
              "virtiofs sandbox", [DM_VIRTIOFS_NAMESPACE] = "namespace", [DM_VIRTIOFS_CHROOT] = "chroot");

static const DmXmlRow driver_rows[] = {
        DM_ENUM(DmFilesystem, driver, "type", dm_filesystem_driver),
        DM_ENUM(DmFilesystem, format, "format", dm_disk_format),
        DM_ENUM(DmFilesystem, write_policy, "wrpolicy", dm_write_policy),
        DM_U32(DmFilesystem, queue, "queue", .min = 1, .doc = "virtiofs: requests in flight."),
        DM_VIRTIO_ROWS(DmFilesystem, virtio),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "How it is shared." };

static const DmXmlRow cache_rows[] = { DM_ENUM(DmFilesystem, cache, "mode", dm_virtiofs_cache), { 0 } };
static const DmXmlElement cache_element = { "cache", cache_rows, .doc = "What the guest may cache." };
static const DmXmlRow sandbox_rows[] = { DM_ENUM(DmFilesystem, sandbox, "mode", dm_virtiofs_sandbox), { 0 } };
static const DmXmlElement sandbox_element = { "sandbox", sandbox_rows, .doc = "How virtiofsd is locked in." };
static const DmXmlRow lock_rows[] = {
        DM_ENUM(DmFilesystem, posix_locks, "posix", dm_on_off),
        DM_ENUM(DmFilesystem, flocks, "flock", dm_on_off),
        { 0 },
};
static const DmXmlElement lock_element = { "lock", lock_rows, .doc = "Locks that the host sees." };
static const DmXmlRow pool_rows[] = { DM_I64(DmFilesystem, thread_pool, "size"), { 0 } };
static const DmXmlElement pool_element = { "thread_pool", pool_rows, .doc = "Threads of virtiofsd." };
static const DmXmlRow binary_rows[] = {
        DM_STRING(DmFilesystem, binary, "path"),
        DM_ENUM(DmFilesystem, xattr, "xattr", dm_on_off, .doc = "Extended attributes."),
        DM_IN(cache_element),
        DM_IN(sandbox_element),
        DM_IN(lock_element),
        DM_IN(pool_element),
        { 0 },
};
static const DmXmlElement binary_element = { "binary", binary_rows, .doc = "Options of virtiofsd." };

#define ON(...) DM_WHEN(DmFilesystem, type, __VA_ARGS__)
static const DmXmlRow source_rows[] = {
        DM_STRING(DmFilesystem, dir, "dir", ON(DM_FILESYSTEM_UNSET, DM_FILESYSTEM_MOUNT, DM_FILESYSTEM_BIND)),
        DM_STRING(DmFilesystem, socket, "socket", ON(DM_FILESYSTEM_UNSET, DM_FILESYSTEM_MOUNT),
                  .doc = "Of a virtiofsd that runs already."),
        DM_STRING(DmFilesystem, file, "file", ON(DM_FILESYSTEM_FILE)),
        DM_STRING(DmFilesystem, block, "dev", ON(DM_FILESYSTEM_BLOCK)),
        DM_STRING(DmFilesystem, name, "name", ON(DM_FILESYSTEM_TEMPLATE)),
        DM_REFUSED_ATTR("usage", "it belongs to containers; share a directory", ON(DM_FILESYSTEM_RAM)),
        DM_REFUSED_ATTR("units", "it belongs to containers; share a directory", ON(DM_FILESYSTEM_RAM)),
        { 0 },
};
static const DmXmlElement source_element = { "source", source_rows, .doc = "What is shared." };
static const DmXmlRow target_rows[] = {
        DM_STRING(DmFilesystem, target, "dir", .flags = DM_REQUIRED | DM_ABI, .doc = "Name in the guest."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "What the guest mounts." };

static const DmXmlRow filesystem_rows[] = {
        DM_ENUM(DmFilesystem, type, "type", dm_filesystem_type),
        DM_ENUM(DmFilesystem, accessmode, "accessmode", dm_access_mode),
        DM_ENUM(DmFilesystem, model, "model", dm_virtio_model, .flags = DM_ABI),
        DM_ENUM(DmFilesystem, multidevs, "multidevs", dm_multidevs),
        DM_STRING(DmFilesystem, fmode, "fmode", .doc = "Mode of new files."),
        DM_STRING(DmFilesystem, dmode, "dmode", .doc = "Mode of new directories."),
        DM_IN(driver_element),
        DM_IN(binary_element),
        DM_IN(source_element),
        DM_IN(target_element, .flags = DM_REQUIRED),
        DM_SUB(DmFilesystem, idmap, dm_idmap_element),
        DM_FLAG(DmFilesystem, readonly, "readonly", .flags = DM_ABI),
        DM_BYTES(DmFilesystem, hard_limit, "space_hard_limit", .as = DM_AS_ELEMENT),
        DM_BYTES(DmFilesystem, soft_limit, "space_soft_limit", .as = DM_AS_ELEMENT),
        DM_DEVICE_BOOT(DmFilesystem),
        DM_DEVICE_TAIL(DmFilesystem),
        { 0 },
};

static void check_mode(char *const *mode, const DmXmlCheck *c)
{
        if (*mode && !g_ascii_string_to_unsigned(*mode, 8, 0, 0777, NULL, NULL))
                dm_check_fail(c, mode, DM_ERROR_INVALID_XML, "'%s' is not an octal mode up to 777", *mode);
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmFilesystem *f = base;
        gboolean virtiofs = f->driver == DM_FILESYSTEM_VIRTIOFS;
        check_mode(&f->fmode, c);
        check_mode(&f->dmode, c);
        if (f->dir && f->socket)
                dm_check_fail(c, &f->socket, DM_ERROR_INVALID_XML, "dir and socket exclude each other");
        if (!f->dir && !f->socket && !f->file && !f->block && !f->name && f->type != DM_FILESYSTEM_RAM)
                dm_check_fail(c, f, DM_ERROR_INVALID_XML, "a filesystem needs a <source>");
        if (f->socket && !virtiofs)
                dm_check_fail(c, &f->socket, DM_ERROR_INVALID_XML, "a socket needs <driver type='virtiofs'>");
        if (f->binary && !virtiofs)
                dm_check_fail(c, &f->binary, DM_ERROR_INVALID_XML, "<binary> needs <driver type='virtiofs'>");
        if (virtiofs && f->accessmode && f->accessmode != DM_ACCESS_PASSTHROUGH)
                dm_check_fail(c, &f->accessmode, DM_ERROR_INVALID_XML,
                              "virtiofs knows accessmode='passthrough' only");
        if (virtiofs && (f->fmode || f->dmode))
                dm_check_fail(c, f->fmode ? &f->fmode : &f->dmode, DM_ERROR_INVALID_XML,
                              "virtiofs leaves modes to the guest");
        if (f->idmap && !virtiofs)
                dm_check_fail(c, f->idmap, DM_ERROR_INVALID_XML, "<idmap> needs <driver type='virtiofs'>");
}

static const char *label(const void *base)
{
        return ((const DmFilesystem *)base)->target;
}

const DmXmlElement dm_filesystem_schema = {
        "filesystem",   filesystem_rows, sizeof(DmFilesystem), "A directory of the host.",
        .check = check, .label = label,
};
