/* Handlers: volumes of storage pools. */
#include <string.h>

#include "daemon/pool_ref.h"
#include "util/error.h"

/* ---- lists ---- */

/* @name and the rest of @pool's. */
static void to_wire(const DmPoolInfo *pool, const char *name, DmRpcStorageVol *ret)
{
        ret->pool = g_strdup(pool->name);
        ret->name = g_strdup(name);
        ret->key = g_build_filename(pool->path, name, NULL);
}

static char **list(DmStorage *storage, const DmRpcStoragePool *pool, DmPoolInfo *ret_info, GError **error)
{
        return dm_pool_of_wire(storage, pool, ret_info, error)
                       ? dm_storage_volumes(storage, ret_info->uuid, error)
                       : NULL;
}

gboolean dm_handle_num_volumes(DmStorage *storage, DmRpcOnePool *args, DmRpcNum *ret, GError **error)
{
        g_auto(DmPoolInfo) info = { 0 };
        g_auto(GStrv) names = list(storage, &args->pool, &info, error);
        ret->num = names ? (gint32)g_strv_length(names) : 0;
        return names != NULL;
}

gboolean dm_handle_list_volumes(DmStorage *storage, DmRpcStoragePoolListVolumesArgs *args, DmRpcNames *ret,
                                GError **error)
{
        g_auto(DmPoolInfo) info = { 0 };
        g_auto(GStrv) names = list(storage, &args->pool, &info, error);
        if (!names)
                return FALSE;
        guint n = MIN(g_strv_length(names), (guint)MAX(args->maxnames, 0));
        ret->names.items = g_new0(char *, n + 1);
        for (; ret->names.n < n; ret->names.n++)
                ret->names.items[ret->names.n] = g_strdup(names[ret->names.n]);
        return TRUE;
}

gboolean dm_handle_list_all_volumes(DmStorage *storage, DmRpcStoragePoolListAllVolumesArgs *args,
                                    DmRpcStoragePoolListAllVolumesRet *ret, GError **error)
{
        g_auto(DmPoolInfo) info = { 0 };
        if (!dm_handler_flags(args->flags, 0, "virStoragePoolListAllVolumes", error))
                return FALSE;
        g_auto(GStrv) names = list(storage, &args->pool, &info, error);
        if (!names)
                return FALSE;
        ret->ret = g_strv_length(names);
        if (!args->need_results)
                return TRUE;
        ret->vols.items = g_new0(DmRpcStorageVol, ret->ret);
        for (; ret->vols.n < ret->ret; ret->vols.n++)
                to_wire(&info, names[ret->vols.n], &ret->vols.items[ret->vols.n]);
        return TRUE;
}

/* ---- finding ---- */

gboolean dm_handle_volume_by_name(DmStorage *storage, DmRpcStorageVolLookupByNameArgs *args, DmRpcOneVol *ret,
                                  GError **error)
{
        GError *reason = NULL;
        g_auto(DmPoolInfo) info = { 0 };
        if (!dm_pool_of_wire(storage, &args->pool, &info, error))
                return FALSE;
        g_autoptr(DmVolume) v = dm_storage_volume(storage, info.uuid, args->name, &reason);
        if (!v)
                return dm_volume_fail(error, reason);
        to_wire(&info, v->name, &ret->vol);
        return TRUE;
}

static gboolean by_path(DmStorage *storage, const char *path, DmRpcOneVol *ret, GError **error)
{
        GError *reason = NULL;
        g_auto(DmPoolInfo) info = { 0 };
        g_autofree char *name = NULL;
        if (!dm_storage_find_volume(storage, path, &info, &name, &reason))
                return dm_volume_fail(error, reason);
        to_wire(&info, name, &ret->vol);
        return TRUE;
}

/* The key of a file is its path. */
gboolean dm_handle_volume_by_key(DmStorage *storage, DmRpcStorageVolLookupByKeyArgs *args, DmRpcOneVol *ret,
                                 GError **error)
{
        return by_path(storage, args->key, ret, error);
}

gboolean dm_handle_volume_by_path(DmStorage *storage, DmRpcPath *args, DmRpcOneVol *ret, GError **error)
{
        return by_path(storage, args->path, ret, error);
}

/* The volume that @vol means; *ret_pool (nullable) is the uuid of its pool, owned. */
static DmVolume *volume_of_wire(DmStorage *storage, const DmRpcStorageVol *vol, char **ret_pool,
                                GError **error)
{
        GError *reason = NULL;
        g_auto(DmPoolInfo) info = { 0 };
        if (!dm_storage_find_pool(storage, vol->pool, &info, &reason)) {
                dm_pool_fail(error, reason);
                return NULL;
        }
        DmVolume *v = dm_storage_volume(storage, info.uuid, vol->name, &reason);
        if (!v)
                dm_volume_fail(error, reason);
        else if (ret_pool)
                *ret_pool = g_steal_pointer(&info.uuid);
        return v;
}

/* ---- reading ---- */

gboolean dm_handle_volume_path(DmStorage *storage, DmRpcOneVol *args, DmRpcName *ret, GError **error)
{
        g_autoptr(DmVolume) v = volume_of_wire(storage, &args->vol, NULL, error);
        ret->name = v ? g_strdup(v->path) : NULL;
        return v != NULL;
}

static gboolean info_of(DmStorage *storage, const DmRpcStorageVol *vol, gboolean physical, DmRpcVolInfo *ret,
                        GError **error)
{
        enum { FILE_VOLUME = 0, BLOCK_VOLUME = 1, DIR_VOLUME = 2 };
        g_autoptr(DmVolume) v = volume_of_wire(storage, vol, NULL, error);
        if (!v)
                return FALSE;
        *ret = (DmRpcVolInfo){ v->type == DM_VOLUME_FILE    ? FILE_VOLUME
                               : v->type == DM_VOLUME_BLOCK ? BLOCK_VOLUME
                                                            : DIR_VOLUME,
                               v->capacity.value, physical ? v->physical.value : v->allocation.value };
        return TRUE;
}

gboolean dm_handle_volume_info(DmStorage *storage, DmRpcOneVol *args, DmRpcVolInfo *ret, GError **error)
{
        return info_of(storage, &args->vol, FALSE, ret, error);
}

gboolean dm_handle_volume_info_flags(DmStorage *storage, DmRpcVolFlags *args, DmRpcVolInfo *ret,
                                     GError **error)
{
        enum { GET_PHYSICAL = 1 << 0 };
        return dm_handler_flags(args->flags, GET_PHYSICAL, "virStorageVolGetInfoFlags", error) &&
               info_of(storage, &args->vol, (args->flags & GET_PHYSICAL) != 0, ret, error);
}

gboolean dm_handle_volume_xml(DmStorage *storage, DmRpcVolFlags *args, DmRpcXml *ret, GError **error)
{
        if (!dm_handler_flags(args->flags, 0, "virStorageVolGetXMLDesc", error))
                return FALSE;
        g_autoptr(DmVolume) v = volume_of_wire(storage, &args->vol, NULL, error);
        ret->xml = v ? dm_volume_format_xml(v) : NULL;
        return v != NULL;
}

/* ---- changing ---- */

enum { PREALLOC_METADATA = 1 << 0, REFLINK = 1 << 1 /* both only make it quicker later */ };

static gboolean create(DmStorage *storage, const DmRpcStoragePool *pool, const char *xml, const char *from,
                       DmRpcOneVol *ret, GError **error)
{
        g_auto(DmPoolInfo) info = { 0 };
        g_autofree char *name = NULL;
        if (!dm_pool_of_wire(storage, pool, &info, error))
                return FALSE;
        GError *reason = NULL;
        if (!dm_storage_create_volume(storage, info.uuid, xml, from, &name, &reason)) {
                g_autoptr(GError) owned = reason;
                g_autoptr(DmVolume) doc = dm_volume_parse(xml, strlen(xml), NULL);
                if (doc && g_error_matches(reason, DM_ERROR, DM_ERROR_EXISTS))
                        return dm_handler_fail(error, DM_RPC_ERR_STORAGE_VOL_EXIST, "'%s'", doc->name);
                g_propagate_error(error, g_steal_pointer(&owned));
                return FALSE;
        }
        to_wire(&info, name, &ret->vol);
        return TRUE;
}

gboolean dm_handle_volume_create(DmStorage *storage, DmRpcStorageVolCreateXmlArgs *args, DmRpcOneVol *ret,
                                 GError **error)
{
        return dm_handler_flags(args->flags, PREALLOC_METADATA | REFLINK, "virStorageVolCreateXML", error) &&
               create(storage, &args->pool, args->xml, NULL, ret, error);
}

gboolean dm_handle_volume_create_from(DmStorage *storage, DmRpcStorageVolCreateXmlFromArgs *args,
                                      DmRpcOneVol *ret, GError **error)
{
        if (!dm_handler_flags(args->flags, PREALLOC_METADATA | REFLINK, "virStorageVolCreateXMLFrom", error))
                return FALSE;
        g_autoptr(DmVolume) from = volume_of_wire(storage, &args->clonevol, NULL, error);
        return from && create(storage, &args->pool, args->xml, from->path, ret, error);
}

gboolean dm_handle_volume_delete(DmStorage *storage, DmRpcVolFlags *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                 GError **error)
{
        if (!dm_handler_flags(args->flags, 0, "virStorageVolDelete", error))
                return FALSE;
        g_autofree char *pool = NULL;
        g_autoptr(DmVolume) v = volume_of_wire(storage, &args->vol, &pool, error);
        return v && dm_storage_delete_volume(storage, pool, v->name, error);
}

gboolean dm_handle_volume_resize(DmStorage *storage, DmRpcStorageVolResizeArgs *args,
                                 DmRpcVoid *ret G_GNUC_UNUSED, GError **error)
{
        enum { ALLOCATE = 1 << 0, DELTA = 1 << 1 };
        if (!dm_handler_flags(args->flags, DELTA, "virStorageVolResize", error))
                return FALSE;
        g_autofree char *pool = NULL;
        g_autoptr(DmVolume) v = volume_of_wire(storage, &args->vol, &pool, error);
        if (!v)
                return FALSE;
        guint64 before = args->flags & DELTA ? v->capacity.value : 0;
        if (args->capacity > G_MAXUINT64 - before)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "the capacity is out of range");
        return dm_storage_resize_volume(storage, pool, v->name, before + args->capacity, error);
}
