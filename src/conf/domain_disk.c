/* <disk>: rows, and the rules between them that hold on any emulator. */
#include "conf/domain_disk.h"

#include <string.h>

DM_ENUM_TABLE(dm_disk_device, "disk device", [DM_DISK_DISK] = "disk", [DM_DISK_CDROM] = "cdrom",
              [DM_DISK_FLOPPY] = "floppy", [DM_DISK_LUN] = "lun");
DM_ENUM_TABLE(dm_disk_bus,
              "disk bus", [DM_DISK_BUS_IDE] = "ide", [DM_DISK_BUS_FDC] = "fdc", [DM_DISK_BUS_SCSI] = "scsi",
              [DM_DISK_BUS_VIRTIO] = "virtio", [DM_DISK_BUS_USB] = "usb", [DM_DISK_BUS_SATA] = "sata",
              [DM_DISK_BUS_SD] = "sd", [DM_DISK_BUS_XEN] = "xen", [DM_DISK_BUS_UML] = "uml");
DM_ENUM_TABLE(dm_disk_cache, "cache mode", [DM_DISK_CACHE_DEFAULT] = "default", [DM_DISK_CACHE_NONE] = "none",
              [DM_DISK_CACHE_WRITETHROUGH] = "writethrough", [DM_DISK_CACHE_WRITEBACK] = "writeback",
              [DM_DISK_CACHE_DIRECTSYNC] = "directsync", [DM_DISK_CACHE_UNSAFE] = "unsafe");
DM_ENUM_TABLE(dm_disk_error, "error policy", [DM_DISK_ERROR_STOP] = "stop", [DM_DISK_ERROR_REPORT] = "report",
              [DM_DISK_ERROR_IGNORE] = "ignore", [DM_DISK_ERROR_ENOSPACE] = "enospace");
DM_ENUM_TABLE(dm_disk_read_error, "error policy", [DM_DISK_ERROR_STOP] = "stop",
              [DM_DISK_ERROR_REPORT] = "report", [DM_DISK_ERROR_IGNORE] = "ignore");
DM_ENUM_TABLE(dm_disk_io, "io mode", [DM_DISK_IO_NATIVE] = "native", [DM_DISK_IO_THREADS] = "threads",
              [DM_DISK_IO_URING] = "io_uring");
DM_ENUM_TABLE(dm_disk_discard, "discard mode", [DM_DISCARD_UNMAP] = "unmap", [DM_DISCARD_IGNORE] = "ignore");
DM_ENUM_TABLE(dm_disk_detect_zeroes, "detect_zeroes mode", [DM_DETECT_ZEROES_OFF] = "off",
              [DM_DETECT_ZEROES_ON] = "on", [DM_DETECT_ZEROES_UNMAP] = "unmap");
DM_ENUM_TABLE(dm_disk_tray, "tray state", [DM_TRAY_CLOSED] = "closed", [DM_TRAY_OPEN] = "open");

DM_ENUM_TABLE(dm_disk_snapshot,
              "snapshot mode", [DM_DISK_SNAPSHOT_NO] = "no", [DM_DISK_SNAPSHOT_INTERNAL] = "internal",
              [DM_DISK_SNAPSHOT_EXTERNAL] = "external", [DM_DISK_SNAPSHOT_MANUAL] = "manual");
DM_ENUM_TABLE(dm_sgio, "sgio mode", [DM_SGIO_FILTERED] = "filtered", [DM_SGIO_UNFILTERED] = "unfiltered");
DM_ENUM_TABLE(dm_disk_translation, "translation", [DM_TRANSLATION_NONE] = "none",
              [DM_TRANSLATION_AUTO] = "auto", [DM_TRANSLATION_LBA] = "lba");

static const DmXmlRow driver_rows[] = {
        DM_STRING(DmDisk, driver_name, "name", .doc = "Always qemu."),
        DM_ENUM(DmDisk, format, "type", dm_disk_format, .doc = "Image format; never probed."),
        DM_ENUM(DmDisk, cache, "cache", dm_disk_cache, .flags = DM_UPDATABLE,
                .doc = "Host page-cache policy."),
        DM_ENUM(DmDisk, error_policy, "error_policy", dm_disk_error, .doc = "What a write error does."),
        DM_ENUM(DmDisk, rerror_policy, "rerror_policy", dm_disk_read_error, .doc = "What a read error does."),
        DM_ENUM(DmDisk, io, "io", dm_disk_io, .doc = "How the host does the I/O."),
        DM_ENUM(DmDisk, ioeventfd, "ioeventfd", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmDisk, event_idx, "event_idx", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmDisk, copy_on_read, "copy_on_read", dm_on_off),
        DM_ENUM(DmDisk, discard, "discard", dm_disk_discard, .doc = "Whether discards reach the image."),
        DM_ENUM(DmDisk, detect_zeroes, "detect_zeroes", dm_disk_detect_zeroes),
        DM_U32(DmDisk, queues, "queues", .min = 1, .max = 1024, .flags = DM_ABI, .doc = "virtio queues."),
        DM_U32(DmDisk, queue_size, "queue_size", .min = 1, .max = 32768, .flags = DM_ABI),
        DM_U32(DmDisk, iothread, "iothread", .min = 1),
        DM_VIRTIO_ROWS(DmDisk, virtio),
        DM_AT(DmDisk, image, dm_metadata_cache_element),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows,
                                             .doc = "How QEMU reads and writes the image." };

static const DmXmlRow target_rows[] = {
        DM_STRING(DmDisk, dst, "dev", .flags = DM_REQUIRED | DM_ABI, .doc = "Name hint, such as vda."),
        DM_ENUM(DmDisk, bus, "bus", dm_disk_bus, .flags = DM_ABI, .doc = "Controller kind."),
        DM_ENUM(DmDisk, tray, "tray", dm_disk_tray, .flags = DM_UPDATABLE),
        DM_ENUM(DmDisk, removable, "removable", dm_on_off, .flags = DM_ABI),
        DM_U32(DmDisk, rotation_rate, "rotation_rate", .min = 1, .max = 65534, .flags = DM_ABI,
               .doc = "Turns per minute; 1: no rotating medium."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "What the guest sees." };

static const DmXmlRow blockio_rows[] = {
        DM_U32(DmDisk, logical_block_size, "logical_block_size", .flags = DM_ABI),
        DM_U32(DmDisk, physical_block_size, "physical_block_size", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement blockio_element = { "blockio", blockio_rows,
                                              .doc = "Block sizes that the guest is told." };

static const DmXmlRow geometry_rows[] = {
        DM_U32(DmDisk, cylinders, "cyls", .flags = DM_REQUIRED | DM_ABI, .min = 1),
        DM_U32(DmDisk, heads, "heads", .flags = DM_REQUIRED | DM_ABI, .min = 1),
        DM_U32(DmDisk, sectors, "secs", .flags = DM_REQUIRED | DM_ABI, .min = 1),
        DM_ENUM(DmDisk, translation, "trans", dm_disk_translation, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement geometry_element = { "geometry", geometry_rows, .doc = "What the BIOS is told." };

static const DmXmlRow transient_rows[] = {
        DM_PRESENT(DmDisk, transient),
        DM_ENUM(DmDisk, share_backing, "shareBacking", dm_yes_no),
        { 0 },
};
static const DmXmlElement transient_element = { "transient", transient_rows,
                                                .doc = "Changes are thrown away." };

#define LIMIT(m, name_) DM_U64(DmIotune, m, name_, .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE)
static const DmXmlRow iotune_rows[] = {
        LIMIT(total_bytes, "total_bytes_sec"),
        LIMIT(read_bytes, "read_bytes_sec"),
        LIMIT(write_bytes, "write_bytes_sec"),
        LIMIT(total_iops, "total_iops_sec"),
        LIMIT(read_iops, "read_iops_sec"),
        LIMIT(write_iops, "write_iops_sec"),
        LIMIT(total_bytes_max, "total_bytes_sec_max"),
        LIMIT(read_bytes_max, "read_bytes_sec_max"),
        LIMIT(write_bytes_max, "write_bytes_sec_max"),
        LIMIT(total_iops_max, "total_iops_sec_max"),
        LIMIT(read_iops_max, "read_iops_sec_max"),
        LIMIT(write_iops_max, "write_iops_sec_max"),
        LIMIT(size_iops, "size_iops_sec"),
        DM_STRING(DmIotune, group, "group_name", .as = DM_AS_ELEMENT,
                  .doc = "Disks of one group share the limits."),
        LIMIT(total_bytes_length, "total_bytes_sec_max_length"),
        LIMIT(read_bytes_length, "read_bytes_sec_max_length"),
        LIMIT(write_bytes_length, "write_bytes_sec_max_length"),
        LIMIT(total_iops_length, "total_iops_sec_max_length"),
        LIMIT(read_iops_length, "read_iops_sec_max_length"),
        LIMIT(write_iops_length, "write_iops_sec_max_length"),
        { 0 },
};

/* Both directions together, or each by itself. */
static void check_total(const DmOptU64 *total, const DmOptU64 *read, const DmOptU64 *write, const char *what,
                        const DmXmlCheck *c)
{
        if (total->value && (read->value || write->value))
                dm_check_fail(c, total, DM_ERROR_INVALID_XML, "total and read/write %s exclude each other",
                              what);
}

/* A peak needs the limit that it exceeds, a duration the peak that it is for. */
static void check_peak(const DmOptU64 *limit, const DmOptU64 *peak, const DmOptU64 *length,
                       const DmXmlCheck *c)
{
        if (peak->value && !limit->value)
                dm_check_fail(c, peak, DM_ERROR_INVALID_XML, "a peak needs the limit that it exceeds");
        else if (peak->value && peak->value < limit->value)
                dm_check_fail(c, peak, DM_ERROR_INVALID_XML, "the peak is below the limit");
        if (length->value && !peak->value)
                dm_check_fail(c, length, DM_ERROR_INVALID_XML, "a duration needs the peak that it is for");
}

static void check_iotune(const void *base, const DmXmlCheck *c)
{
        const DmIotune *t = base;
        check_total(&t->total_bytes, &t->read_bytes, &t->write_bytes, "bytes_sec", c);
        check_total(&t->total_iops, &t->read_iops, &t->write_iops, "iops_sec", c);
        check_total(&t->total_bytes_max, &t->read_bytes_max, &t->write_bytes_max, "bytes_sec_max", c);
        check_total(&t->total_iops_max, &t->read_iops_max, &t->write_iops_max, "iops_sec_max", c);
        check_peak(&t->total_bytes, &t->total_bytes_max, &t->total_bytes_length, c);
        check_peak(&t->read_bytes, &t->read_bytes_max, &t->read_bytes_length, c);
        check_peak(&t->write_bytes, &t->write_bytes_max, &t->write_bytes_length, c);
        check_peak(&t->total_iops, &t->total_iops_max, &t->total_iops_length, c);
        check_peak(&t->read_iops, &t->read_iops_max, &t->read_iops_length, c);
        check_peak(&t->write_iops, &t->write_iops_max, &t->write_iops_length, c);
}
static const DmXmlElement iotune_element = {
        "iotune", iotune_rows, sizeof(DmIotune), "How fast the guest may be.", .check = check_iotune,
};

#define BESIDE .flags = DM_BESIDE
static const DmXmlRow disk_rows[] = {
        DM_ENUM(DmDisk, type, "type", dm_disk_type, .doc = "Where the content lives."),
        DM_ENUM(DmDisk, device, "device", dm_disk_device, .flags = DM_ABI, .doc = "What the guest sees."),
        DM_ENUM(DmDisk, model, "model", dm_virtio_model, .flags = DM_ABI),
        DM_ENUM(DmDisk, rawio, "rawio", dm_yes_no, BESIDE,
                .doc = "lun: the guest may send any SCSI command."),
        DM_ENUM(DmDisk, sgio, "sgio", dm_sgio, BESIDE,
                .doc = "lun: whether the kernel filters SCSI commands."),
        DM_ENUM(DmDisk, snapshot, "snapshot", dm_disk_snapshot,
                .doc = "How snapshots of the guest take this disk."),
        DM_IN(driver_element),
        DM_SUB(DmDisk, auth, dm_auth_element),
        DM_IMAGE_SOURCE_ROWS(DmDisk, image),
        DM_SUB(DmDisk, image.backing, dm_backing_store_element),
        DM_REFUSED_EL("privateData", "it belongs to libvirt's own status files; leave it out"),
        DM_REFUSED_EL("backenddomain", "it belongs to Xen; leave it out"),
        DM_IN(geometry_element),
        DM_IN(blockio_element),
        DM_REFUSED_EL("mirror", "a copy in progress is not taken over", .flags = DM_RUNTIME),
        DM_IN(target_element, .flags = DM_REQUIRED),
        DM_SUB(DmDisk, iotune, iotune_element, BESIDE),
        DM_FLAG(DmDisk, readonly, "readonly", .flags = DM_ABI),
        DM_FLAG(DmDisk, shareable, "shareable"),
        DM_IN(transient_element, BESIDE),
        DM_STRING(DmDisk, serial, "serial", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, wwn, "wwn", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, vendor, "vendor", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, product, "product", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_SUB(DmDisk, encryption, dm_encryption_element),
        DM_DEVICE_BOOT(DmDisk),
        DM_DEVICE_TAIL(DmDisk),
        { 0 },
};

static void check_image(const DmDisk *d, const DmXmlCheck *c)
{
        const char *path = dm_disk_source(d);
        const DmSource *s = &d->image.source;
        gboolean may_be_empty = d->device == DM_DISK_CDROM || d->device == DM_DISK_FLOPPY;
        if (path && !g_path_is_absolute(path))
                dm_check_fail(c, d->file ? &d->file : &d->block, DM_ERROR_INVALID_XML,
                              "the image's path '%s' must be absolute", path);
        if (!dm_image_given(&d->image) && !may_be_empty)
                dm_check_fail(c, d, DM_ERROR_INVALID_XML,
                              "a disk needs a <source>; only cdrom and floppy drives may be empty");
        if (d->auth && s->auth)
                dm_check_fail(c, d->auth, DM_ERROR_INVALID_XML,
                              "<auth> is given twice: keep the one in <source>");
        if (d->encryption && s->encryption)
                dm_check_fail(c, d->encryption, DM_ERROR_INVALID_XML,
                              "<encryption> is given twice: keep the one in <source>");
}

static void check_lun(const DmDisk *d, const DmXmlCheck *c)
{
        if (d->rawio && d->device != DM_DISK_LUN)
                dm_check_fail(c, &d->rawio, DM_ERROR_INVALID_XML, "rawio is for device='lun' only");
        if (d->sgio && d->device != DM_DISK_LUN)
                dm_check_fail(c, &d->sgio, DM_ERROR_INVALID_XML, "sgio is for device='lun' only");
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmDisk *d = base;
        gboolean virtio = d->bus == DM_DISK_BUS_VIRTIO || d->bus == DM_DISK_BUS_UNSET;
        if (d->driver_name && strcmp(d->driver_name, "qemu") != 0)
                dm_check_fail(c, &d->driver_name, DM_ERROR_UNSUPPORTED,
                              "disk driver '%s' is not supported; the only one is 'qemu'", d->driver_name);
        check_image(d, c);
        check_lun(d, c);
        if (d->queues.set && !virtio)
                dm_check_fail(c, &d->queues, DM_ERROR_UNSUPPORTED,
                              "queues need <target bus='virtio'>, not '%s'",
                              dm_enum_name(&dm_disk_bus, d->bus));
        if (d->model && !virtio)
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML, "only disks of bus='virtio' have a model");
        if (d->device == DM_DISK_FLOPPY && d->bus != DM_DISK_BUS_FDC && d->bus != DM_DISK_BUS_UNSET)
                dm_check_fail(c, &d->bus, DM_ERROR_UNSUPPORTED,
                              "a floppy drive must have <target bus='fdc'>, not '%s'",
                              dm_enum_name(&dm_disk_bus, d->bus));
        if (d->transient && d->readonly)
                dm_check_fail(c, &d->transient, DM_ERROR_INVALID_XML,
                              "a read-only disk has no changes to throw away");
}

static const char *label(const void *base)
{
        return ((const DmDisk *)base)->dst;
}

const DmXmlElement dm_disk_schema = {
        "disk", disk_rows, sizeof(DmDisk), "A block device.", .check = check, .label = label,
};

const char *dm_disk_source(const DmDisk *d)
{
        switch (d->type) {
        case DM_DISK_FILE:
        case DM_DISK_TYPE_UNSET:
                return d->file;
        case DM_DISK_BLOCK:
                return d->block;
        case DM_DISK_DIR:
        case DM_DISK_NETWORK:
        case DM_DISK_VOLUME:
        case DM_DISK_NVME:
        case DM_DISK_VHOSTUSER:
        case DM_DISK_VHOSTVDPA:
                break;
        }
        return NULL;
}
