/* <disk>: a block device, floppy or CD drive. */
#pragma once

#include "conf/domain_image.h"
#include "conf/domain_input.h" /* DmVirtioModel */

typedef enum DmDiskDevice {
        DM_DISK_DEVICE_UNSET, /* disk */
        DM_DISK_DISK,
        DM_DISK_CDROM,
        DM_DISK_FLOPPY,
        DM_DISK_LUN,
} DmDiskDevice;
typedef enum DmDiskBus {
        DM_DISK_BUS_UNSET,
        DM_DISK_BUS_IDE,
        DM_DISK_BUS_FDC,
        DM_DISK_BUS_SCSI,
        DM_DISK_BUS_VIRTIO,
        DM_DISK_BUS_USB,
        DM_DISK_BUS_SATA,
        DM_DISK_BUS_SD,
        DM_DISK_BUS_XEN,
        DM_DISK_BUS_UML,
} DmDiskBus;
typedef enum DmDiskCache {
        DM_DISK_CACHE_UNSET,
        DM_DISK_CACHE_DEFAULT,
        DM_DISK_CACHE_NONE,
        DM_DISK_CACHE_WRITETHROUGH,
        DM_DISK_CACHE_WRITEBACK,
        DM_DISK_CACHE_DIRECTSYNC,
        DM_DISK_CACHE_UNSAFE,
} DmDiskCache;
typedef enum DmDiskErrorPolicy {
        DM_DISK_ERROR_UNSET,
        DM_DISK_ERROR_STOP,
        DM_DISK_ERROR_REPORT,
        DM_DISK_ERROR_IGNORE,
        DM_DISK_ERROR_ENOSPACE,
} DmDiskErrorPolicy;
typedef enum DmDiskIo { DM_DISK_IO_UNSET, DM_DISK_IO_NATIVE, DM_DISK_IO_THREADS, DM_DISK_IO_URING } DmDiskIo;
typedef enum DmDiskDiscard { DM_DISCARD_UNSET, DM_DISCARD_UNMAP, DM_DISCARD_IGNORE } DmDiskDiscard;
typedef enum DmDiskDetectZeroes {
        DM_DETECT_ZEROES_UNSET,
        DM_DETECT_ZEROES_OFF,
        DM_DETECT_ZEROES_ON,
        DM_DETECT_ZEROES_UNMAP,
} DmDiskDetectZeroes;

typedef enum DmDiskTray { DM_TRAY_UNSET, DM_TRAY_CLOSED, DM_TRAY_OPEN } DmDiskTray;
typedef enum DmDiskSnapshot {
        DM_DISK_SNAPSHOT_UNSET,
        DM_DISK_SNAPSHOT_NO,
        DM_DISK_SNAPSHOT_INTERNAL,
        DM_DISK_SNAPSHOT_EXTERNAL,
        DM_DISK_SNAPSHOT_MANUAL,
} DmDiskSnapshot;
typedef enum DmDiskSgio { DM_SGIO_UNSET, DM_SGIO_FILTERED, DM_SGIO_UNFILTERED } DmDiskSgio;
typedef enum DmDiskTranslation {
        DM_TRANSLATION_UNSET,
        DM_TRANSLATION_NONE,
        DM_TRANSLATION_AUTO,
        DM_TRANSLATION_LBA,
} DmDiskTranslation;
extern const DmEnum dm_disk_device, dm_disk_bus, dm_disk_cache, dm_disk_error, dm_disk_read_error, dm_disk_io,
        dm_disk_discard, dm_disk_detect_zeroes, dm_disk_tray, dm_disk_snapshot, dm_sgio, dm_disk_translation;

typedef struct DmIotune {
        int unused;
        DmOptU64 total_bytes, read_bytes, write_bytes; /* a second */
        DmOptU64 total_iops, read_iops, write_iops;
        DmOptU64 total_bytes_max, read_bytes_max, write_bytes_max;
        DmOptU64 total_iops_max, read_iops_max, write_iops_max;
        DmOptU64 size_iops;
        char *group;
        DmOptU64 total_bytes_length, read_bytes_length, write_bytes_length; /* seconds that a _max may last */
        DmOptU64 total_iops_length, read_iops_length, write_iops_length;
} DmIotune;

typedef struct DmDisk {
        DmDevice dev;
        /* <source> and what of <driver> belongs to the image.  The names that most code asks for can be had
         * without image. before them. */
        union {
                DmImage image;
                struct {
                        int image_unused;
                        DmDiskType type;
                        DmDiskFormat format;
                        char *file;     /* type file */
                        char *block;    /* type block */
                        DmOptU32 index; /* runtime: tells the nodes of a chain apart */
                };
        };
        DmDiskDevice device;
        DmVirtioModel model;
        DmYesNo rawio;
        DmDiskSgio sgio;
        DmDiskSnapshot snapshot;
        /* <driver> */
        char *driver_name; /* "qemu" */
        DmDiskCache cache;
        DmDiskErrorPolicy error_policy, rerror_policy;
        DmDiskIo io;
        DmDiskDiscard discard;
        DmDiskDetectZeroes detect_zeroes;
        DmOnOff ioeventfd, event_idx, copy_on_read;
        DmOptU32 queues, queue_size, iothread;
        DmVirtioOptions virtio;
        /* Written here before they moved into <source>. */
        DmAuth *auth;
        DmEncryption *encryption;
        /* <target> */
        char *dst; /* name hint, vda */
        DmDiskBus bus;
        DmOnOff removable;
        DmOptU32 rotation_rate;
        DmDiskTray tray;
        DmIotune *iotune;
        gboolean readonly, shareable, transient;
        DmYesNo share_backing; /* transient */
        char *serial, *wwn, *vendor, *product;
        DmOptU32 logical_block_size, physical_block_size;
        DmOptU32 cylinders, heads, sectors;
        DmDiskTranslation translation;
} DmDisk;
G_STATIC_ASSERT(offsetof(DmDisk, type) == offsetof(DmDisk, image.type));
G_STATIC_ASSERT(offsetof(DmDisk, format) == offsetof(DmDisk, image.format));
G_STATIC_ASSERT(offsetof(DmDisk, file) == offsetof(DmDisk, image.file));
G_STATIC_ASSERT(offsetof(DmDisk, block) == offsetof(DmDisk, image.block));
G_STATIC_ASSERT(offsetof(DmDisk, index) == offsetof(DmDisk, image.index));

/* The image's path, or NULL for an empty drive, and one that is not a file or a block device.  Borrowed. */
const char *dm_disk_source(const DmDisk *d);
