/* <disk>: a block device, floppy or CD drive. */
#pragma once

#include "conf/device.h"

typedef enum DmDiskType {
        DM_DISK_TYPE_UNSET, /* file */
        DM_DISK_FILE,
        DM_DISK_BLOCK,
        DM_DISK_DIR,
        DM_DISK_NETWORK,
        DM_DISK_VOLUME,
        DM_DISK_NVME,
        DM_DISK_VHOSTUSER,
        DM_DISK_VHOSTVDPA,
} DmDiskType;
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
typedef enum DmDiskFormat {
        DM_DISK_FORMAT_UNSET, /* raw: formats are never guessed from content */
        DM_DISK_RAW,
        DM_DISK_QCOW2,
        DM_DISK_QCOW,
        DM_DISK_VMDK,
        DM_DISK_VDI,
        DM_DISK_VPC,
        DM_DISK_QED,
        DM_DISK_LUKS,
        DM_DISK_FAT,
        DM_DISK_BOCHS,
        DM_DISK_CLOOP,
        DM_DISK_DMG,
        DM_DISK_ISO,
        DM_DISK_DIRECTORY,
        DM_DISK_COW,
        DM_DISK_VHD,
        DM_DISK_PLOOP,
} DmDiskFormat;
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

extern const DmEnum dm_disk_type, dm_disk_device, dm_disk_bus, dm_disk_format, dm_disk_cache, dm_disk_error,
        dm_disk_io, dm_disk_discard, dm_disk_detect_zeroes, dm_disk_tray;

typedef struct DmDisk {
        DmDevice dev;
        DmDiskType type;
        DmDiskDevice device;
        /* <driver> */
        char *driver_name; /* "qemu" */
        DmDiskFormat format;
        DmDiskCache cache;
        DmDiskErrorPolicy error_policy, rerror_policy;
        DmDiskIo io;
        DmDiskDiscard discard;
        DmDiskDetectZeroes detect_zeroes;
        DmOnOff ioeventfd, event_idx, copy_on_read;
        DmOptU32 queues, queue_size;
        DmVirtioOptions virtio;
        /* <source> */
        char *file;     /* type file */
        char *block;    /* type block */
        DmOptU32 index; /* runtime: the image's number in the names of QEMU's nodes */
        /* <target> */
        char *dst; /* name hint, vda */
        DmDiskBus bus;
        DmOnOff removable;
        DmOptU32 rotation_rate;
        enum DmDiskTray { DM_TRAY_UNSET, DM_TRAY_CLOSED, DM_TRAY_OPEN } tray;
        gboolean readonly, shareable;
        char *serial, *wwn, *vendor, *product;
        DmOptU32 logical_block_size, physical_block_size;
} DmDisk;

/* The image's path, or NULL for an empty drive.  Borrowed. */
const char *dm_disk_source(const DmDisk *d);
