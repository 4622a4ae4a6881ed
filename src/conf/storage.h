/* The documents <pool> and <volume>, as far as folders of images need them. */
#pragma once

#include "conf/xml_schema.h"

typedef enum DmPoolType { DM_POOL_UNSET, DM_POOL_DIR } DmPoolType;
extern const DmEnum dm_pool_type;

/* <permissions>: as they stand in the document; the mode is octal. */
typedef struct DmPermissions {
        int unused;
        char *mode, *owner, *group, *label;
} DmPermissions;

typedef struct DmPool {
        int unused;
        DmPoolType type;
        char *name, *uuid;
        DmOptU64 capacity, allocation, available; /* bytes; only written */
        gboolean source;
        char *path;
        DmPermissions *permissions;
} DmPool;

DmPool *dm_pool_parse(const char *text, gsize length, GError **error);
char *dm_pool_format(const DmPool *p);
void dm_pool_free(DmPool *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmPool, dm_pool_free)

typedef enum DmVolumeType { DM_VOLUME_UNSET, DM_VOLUME_FILE, DM_VOLUME_BLOCK, DM_VOLUME_FOLDER } DmVolumeType;
typedef enum DmVolumeFormat {
        DM_VOLUME_FORMAT_UNSET,
        DM_VOLUME_RAW,
        DM_VOLUME_QCOW2,
        DM_VOLUME_QED,
        DM_VOLUME_QCOW,
        DM_VOLUME_VMDK,
        DM_VOLUME_VDI,
        DM_VOLUME_ISO,
        DM_VOLUME_DIR,
} DmVolumeFormat;
extern const DmEnum dm_volume_type, dm_volume_format;

typedef struct DmBacking {
        int unused;
        char *path;
        DmVolumeFormat format;
} DmBacking;

typedef struct DmVolume {
        int unused;
        DmVolumeType type;
        char *name, *key;
        DmOptU64 capacity, allocation, physical; /* bytes */
        gboolean source;
        char *path;
        DmVolumeFormat format;
        DmPermissions *permissions;
        char *timestamps, *compat, *features; /* verbatim; not looked at */
        DmBacking *backing;
} DmVolume;

DmVolume *dm_volume_parse(const char *text, gsize length, GError **error);
char *dm_volume_format_xml(const DmVolume *v);
void dm_volume_free(DmVolume *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmVolume, dm_volume_free)

/* FALSE: @name could not be that of a file inside a folder. */
gboolean dm_volume_name_ok(const char *name);
