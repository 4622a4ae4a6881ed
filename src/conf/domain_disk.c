/* <disk>: rows, and the rules between them that hold on any emulator. */
#include "conf/domain_disk.h"

#include <string.h>

DM_ENUM_TABLE(dm_disk_type, "disk type", [DM_DISK_FILE] = "file", [DM_DISK_BLOCK] = "block",
              [DM_DISK_DIR] = "dir", [DM_DISK_NETWORK] = "network", [DM_DISK_VOLUME] = "volume",
              [DM_DISK_NVME] = "nvme", [DM_DISK_VHOSTUSER] = "vhostuser", [DM_DISK_VHOSTVDPA] = "vhostvdpa");
DM_ENUM_TABLE(dm_disk_device, "disk device", [DM_DISK_DISK] = "disk", [DM_DISK_CDROM] = "cdrom",
              [DM_DISK_FLOPPY] = "floppy", [DM_DISK_LUN] = "lun");
DM_ENUM_TABLE(dm_disk_bus,
              "disk bus", [DM_DISK_BUS_IDE] = "ide", [DM_DISK_BUS_FDC] = "fdc", [DM_DISK_BUS_SCSI] = "scsi",
              [DM_DISK_BUS_VIRTIO] = "virtio", [DM_DISK_BUS_USB] = "usb", [DM_DISK_BUS_SATA] = "sata",
              [DM_DISK_BUS_SD] = "sd", [DM_DISK_BUS_XEN] = "xen", [DM_DISK_BUS_UML] = "uml");
DM_ENUM_TABLE(
        dm_disk_format, "image format", [DM_DISK_RAW] = "raw", [DM_DISK_QCOW2] = "qcow2",
        [DM_DISK_QCOW] = "qcow", [DM_DISK_VMDK] = "vmdk", [DM_DISK_VDI] = "vdi", [DM_DISK_VPC] = "vpc",
        [DM_DISK_QED] = "qed", [DM_DISK_LUKS] = "luks", [DM_DISK_FAT] = "fat", [DM_DISK_BOCHS] = "bochs",
        [DM_DISK_CLOOP] = "cloop", [DM_DISK_DMG] = "dmg", [DM_DISK_ISO] = "iso", [DM_DISK_DIRECTORY] = "dir",
        [DM_DISK_COW] = "cow", [DM_DISK_VHD] = "vhd", [DM_DISK_PLOOP] = "ploop");
DM_ENUM_TABLE(dm_disk_cache, "cache mode", [DM_DISK_CACHE_DEFAULT] = "default", [DM_DISK_CACHE_NONE] = "none",
              [DM_DISK_CACHE_WRITETHROUGH] = "writethrough", [DM_DISK_CACHE_WRITEBACK] = "writeback",
              [DM_DISK_CACHE_DIRECTSYNC] = "directsync", [DM_DISK_CACHE_UNSAFE] = "unsafe");
DM_ENUM_TABLE(dm_disk_error, "error policy", [DM_DISK_ERROR_STOP] = "stop", [DM_DISK_ERROR_REPORT] = "report",
              [DM_DISK_ERROR_IGNORE] = "ignore", [DM_DISK_ERROR_ENOSPACE] = "enospace");
DM_ENUM_TABLE(dm_disk_io, "io mode", [DM_DISK_IO_NATIVE] = "native", [DM_DISK_IO_THREADS] = "threads",
              [DM_DISK_IO_URING] = "io_uring");
DM_ENUM_TABLE(dm_disk_discard, "discard mode", [DM_DISCARD_UNMAP] = "unmap", [DM_DISCARD_IGNORE] = "ignore");
DM_ENUM_TABLE(dm_disk_detect_zeroes, "detect_zeroes mode", [DM_DETECT_ZEROES_OFF] = "off",
              [DM_DETECT_ZEROES_ON] = "on", [DM_DETECT_ZEROES_UNMAP] = "unmap");
DM_ENUM_TABLE(dm_disk_tray, "tray state", [DM_TRAY_CLOSED] = "closed", [DM_TRAY_OPEN] = "open");

static const DmXmlRow driver_rows[] = {
        DM_STRING(DmDisk, driver_name, "name", .doc = "Always qemu."),
        DM_ENUM(DmDisk, format, "type", dm_disk_format, .doc = "Image format; never probed."),
        DM_ENUM(DmDisk, cache, "cache", dm_disk_cache, .flags = DM_UPDATABLE,
                .doc = "Host page-cache policy."),
        DM_ENUM(DmDisk, error_policy, "error_policy", dm_disk_error, .doc = "What a write error does."),
        DM_ENUM(DmDisk, rerror_policy, "rerror_policy", dm_disk_error, .doc = "What a read error does."),
        DM_ENUM(DmDisk, io, "io", dm_disk_io, .doc = "How the host does the I/O."),
        DM_ENUM(DmDisk, ioeventfd, "ioeventfd", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmDisk, event_idx, "event_idx", dm_on_off, .flags = DM_ABI),
        DM_ENUM(DmDisk, copy_on_read, "copy_on_read", dm_on_off),
        DM_ENUM(DmDisk, discard, "discard", dm_disk_discard, .doc = "Whether discards reach the image."),
        DM_ENUM(DmDisk, detect_zeroes, "detect_zeroes", dm_disk_detect_zeroes),
        DM_U32(DmDisk, queues, "queues", .min = 1, .max = 1024, .flags = DM_ABI, .doc = "virtio queues."),
        DM_U32(DmDisk, queue_size, "queue_size", .min = 1, .max = 32768, .flags = DM_ABI),
        DM_VIRTIO_ROWS(DmDisk, virtio),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows,
                                             .doc = "How QEMU reads and writes the image." };

static const DmXmlRow source_file_rows[] = {
        DM_STRING(DmDisk, file, "file", .flags = DM_UPDATABLE, .doc = "Absolute path of the image."),
        DM_U32(DmDisk, index, "index", .flags = DM_RUNTIME,
               .doc = "Number of the image while the guest runs."),
        { 0 },
};
static const DmXmlElement source_file = { "source", source_file_rows, .doc = "The image." };

static const DmXmlRow source_block_rows[] = {
        DM_STRING(DmDisk, block, "dev", .flags = DM_UPDATABLE, .doc = "Host block device."),
        DM_U32(DmDisk, index, "index", .flags = DM_RUNTIME,
               .doc = "Number of the image while the guest runs."),
        { 0 },
};
static const DmXmlElement source_block = { "source", source_block_rows, .doc = "The image." };

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

static const DmXmlRow disk_rows[] = {
        DM_ENUM(DmDisk, type, "type", dm_disk_type, .doc = "Where the content lives."),
        DM_ENUM(DmDisk, device, "device", dm_disk_device, .flags = DM_ABI, .doc = "What the guest sees."),
        DM_IN(driver_element),
        DM_IN(source_file, DM_WHEN(DmDisk, type, DM_DISK_FILE, DM_DISK_TYPE_UNSET)),
        DM_IN(source_block, DM_WHEN(DmDisk, type, DM_DISK_BLOCK)),
        DM_IN(blockio_element),
        DM_IN(target_element, .flags = DM_REQUIRED),
        DM_FLAG(DmDisk, readonly, "readonly", .flags = DM_ABI),
        DM_FLAG(DmDisk, shareable, "shareable"),
        DM_STRING(DmDisk, serial, "serial", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, wwn, "wwn", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, vendor, "vendor", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_STRING(DmDisk, product, "product", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_DEVICE_BOOT(DmDisk),
        DM_DEVICE_TAIL(DmDisk),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmDisk *d = base;
        if (d->driver_name && strcmp(d->driver_name, "qemu") != 0)
                dm_check_fail(c, &d->driver_name, DM_ERROR_UNSUPPORTED,
                              "disk driver '%s' is not supported; the only one is 'qemu'", d->driver_name);
        const char *source = dm_disk_source(d);
        if (source && !g_path_is_absolute(source))
                dm_check_fail(c, d->file ? &d->file : &d->block, DM_ERROR_INVALID_XML,
                              "the image's path '%s' must be absolute", source);
        if (d->queues.set && d->bus != DM_DISK_BUS_VIRTIO && d->bus != DM_DISK_BUS_UNSET)
                dm_check_fail(c, &d->queues, DM_ERROR_UNSUPPORTED,
                              "queues need <target bus='virtio'>, not '%s'",
                              dm_enum_name(&dm_disk_bus, d->bus));
        if (d->device == DM_DISK_FLOPPY && d->bus != DM_DISK_BUS_FDC && d->bus != DM_DISK_BUS_UNSET)
                dm_check_fail(c, &d->bus, DM_ERROR_UNSUPPORTED,
                              "a floppy drive must have <target bus='fdc'>, not '%s'",
                              dm_enum_name(&dm_disk_bus, d->bus));
        if (!source &&
            (d->type == DM_DISK_FILE || d->type == DM_DISK_BLOCK || d->type == DM_DISK_TYPE_UNSET) &&
            (d->device == DM_DISK_DISK || d->device == DM_DISK_DEVICE_UNSET))
                dm_check_fail(c, d, DM_ERROR_INVALID_XML,
                              "a disk needs a <source>; only cdrom and floppy drives may be empty");
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
        return d->file ? d->file : d->block;
}
