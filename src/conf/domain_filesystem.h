/* <filesystem>: a directory of the host that the guest can mount. */
#pragma once

#include "conf/domain_host.h"  /* DmIdmap */
#include "conf/domain_image.h" /* DmDiskFormat */
#include "conf/domain_input.h" /* DmVirtioModel */

typedef enum DmFilesystemType {
        DM_FILESYSTEM_UNSET, /* mount */
        DM_FILESYSTEM_MOUNT,
        DM_FILESYSTEM_FILE,
        DM_FILESYSTEM_BLOCK,
        DM_FILESYSTEM_TEMPLATE,
        DM_FILESYSTEM_RAM,
        DM_FILESYSTEM_BIND,
} DmFilesystemType;
typedef enum DmAccessMode {
        DM_ACCESS_UNSET,
        DM_ACCESS_PASSTHROUGH,
        DM_ACCESS_MAPPED,
        DM_ACCESS_SQUASH
} DmAccessMode;
typedef enum DmMultidevs {
        DM_MULTIDEVS_UNSET,
        DM_MULTIDEVS_DEFAULT,
        DM_MULTIDEVS_REMAP,
        DM_MULTIDEVS_FORBID,
        DM_MULTIDEVS_WARN,
} DmMultidevs;
typedef enum DmFilesystemDriver {
        DM_FILESYSTEM_DRIVER_UNSET,
        DM_FILESYSTEM_PATH,
        DM_FILESYSTEM_HANDLE,
        DM_FILESYSTEM_LOOP,
        DM_FILESYSTEM_NBD,
        DM_FILESYSTEM_PLOOP,
        DM_FILESYSTEM_VIRTIOFS,
        DM_FILESYSTEM_MTP,
} DmFilesystemDriver;
typedef enum DmWritePolicy { DM_WRITE_POLICY_UNSET, DM_WRITE_IMMEDIATE } DmWritePolicy;
typedef enum DmVirtiofsCache {
        DM_VIRTIOFS_CACHE_UNSET,
        DM_VIRTIOFS_CACHE_NONE,
        DM_VIRTIOFS_CACHE_ALWAYS
} DmVirtiofsCache;
typedef enum DmVirtiofsSandbox {
        DM_VIRTIOFS_SANDBOX_UNSET,
        DM_VIRTIOFS_NAMESPACE,
        DM_VIRTIOFS_CHROOT,
} DmVirtiofsSandbox;
extern const DmEnum dm_filesystem_type, dm_access_mode, dm_multidevs, dm_filesystem_driver, dm_write_policy,
        dm_virtiofs_cache, dm_virtiofs_sandbox;

typedef struct DmFilesystem {
        DmDevice dev;
        DmFilesystemType type;
        DmAccessMode accessmode;
        DmMultidevs multidevs;
        char *fmode, *dmode; /* octal */
        DmVirtioModel model;
        /* <driver> */
        DmFilesystemDriver driver;
        DmDiskFormat format;
        DmWritePolicy write_policy;
        DmOptU32 queue;
        DmVirtioOptions virtio;
        /* <binary>: virtiofsd */
        char *binary;
        DmOnOff xattr, posix_locks, flocks;
        DmVirtiofsCache cache;
        DmVirtiofsSandbox sandbox;
        DmOptI64 thread_pool;
        /* <source> */
        char *dir, *socket, *file, *block, *name;
        char *target; /* name that the guest mounts it by */
        DmIdmap *idmap;
        gboolean readonly;
        DmOptU64 hard_limit, soft_limit; /* bytes */
} DmFilesystem;
