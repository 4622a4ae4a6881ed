/* Storage pools: folders of images, as installers and graphical managers expect to find them.
 *
 * A pool is a name for a folder; its volumes are the files in it, looked at when somebody asks.  Definitions
 * are below ROOT/storage, one file per pool, replaced atomically.  Everything here may wait for disks, and
 * may be called by any thread; what names a pool or a volume is text, so nothing has to be kept by callers.
 */
#pragma once

#include "conf/storage.h"

#define DM_STORAGE_POOLS_MAX   1024
#define DM_STORAGE_VOLUMES_MAX 16384 /* of a pool, that are told */

typedef struct DmStorage DmStorage;

typedef struct DmPoolInfo {
        char *name, *uuid, *path; /* owned */
        gboolean active, autostart;
        guint64 capacity, allocation, available; /* of the file system; 0 while it is not active */
} DmPoolInfo;
void dm_pool_info_clear(DmPoolInfo *i);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmPoolInfo, dm_pool_info_clear)

/* Reads the definitions; a damaged one is passed over with a message at debug level. */
DmStorage *dm_storage_open(const char *root);
void dm_storage_close(DmStorage *s);
/* What takes long and is being done is given up with CANCELLED, and so is all that begins later. */
void dm_storage_cancel(DmStorage *s);

/* Errors: NOT_FOUND, EXISTS, BAD_STATE (an active one, an inactive one), FAILED. */
char **dm_storage_pools(DmStorage *s); /* uuids; owned */
gboolean dm_storage_pool_info(DmStorage *s, const char *uuid, DmPoolInfo *ret_info, GError **error);
gboolean dm_storage_find_pool(DmStorage *s, const char *name, DmPoolInfo *ret_info, GError **error);
char *dm_storage_pool_xml(DmStorage *s, const char *uuid, GError **error);
/* *ret_uuid is owned. */
gboolean dm_storage_define(DmStorage *s, const char *xml, char **ret_uuid, GError **error);
gboolean dm_storage_undefine(DmStorage *s, const char *uuid, GError **error);
gboolean dm_storage_build(DmStorage *s, const char *uuid, GError **error);
gboolean dm_storage_start(DmStorage *s, const char *uuid, GError **error);
gboolean dm_storage_stop(DmStorage *s, const char *uuid, GError **error);
/* Removes the (empty) folder. */
gboolean dm_storage_delete(DmStorage *s, const char *uuid, GError **error);
gboolean dm_storage_set_autostart(DmStorage *s, const char *uuid, gboolean autostart, GError **error);

/* ---- volumes of active pools ---- */

/* Names, ordered; owned. */
char **dm_storage_volumes(DmStorage *s, const char *uuid, GError **error);
/* All of one, as it is now. */
DmVolume *dm_storage_volume(DmStorage *s, const char *uuid, const char *name, GError **error);
/* The pool and name of a path. */
gboolean dm_storage_find_volume(DmStorage *s, const char *path, DmPoolInfo *ret_pool, char **ret_name,
                                GError **error);
/* Creates; with @from (nullable, a path) as a copy of it.  *ret_name is owned. */
gboolean dm_storage_create_volume(DmStorage *s, const char *uuid, const char *xml, const char *from,
                                  char **ret_name, GError **error);
gboolean dm_storage_delete_volume(DmStorage *s, const char *uuid, const char *name, GError **error);
gboolean dm_storage_resize_volume(DmStorage *s, const char *uuid, const char *name, guint64 bytes,
                                  GError **error);
