/* Handlers: storage pools. */
#include <string.h>

#include "daemon/domain_ref.h"
#include "daemon/pool_ref.h"
#include "util/error.h"

/* virConnectListAllStoragePoolsFlags; beyond these come the types of pools, of which only folders are had. */
enum {
        POOLS_INACTIVE = 1 << 0,
        POOLS_ACTIVE = 1 << 1,
        POOLS_PERSISTENT = 1 << 2,
        POOLS_TRANSIENT = 1 << 3,
        POOLS_AUTOSTART = 1 << 4,
        POOLS_NO_AUTOSTART = 1 << 5,
        POOLS_DIR = 1 << 6,
        POOLS_TYPES = ((1 << 20) - 1) & ~((1 << 6) - 1),
};

static gboolean fail_with(GError **error, GError *reason, DmRpcErrorCode code)
{
        if (g_error_matches(reason, DM_ERROR, DM_ERROR_NOT_FOUND)) {
                dm_handler_fail(error, code, "%s", reason->message);
                g_error_free(reason);
        } else {
                g_propagate_error(error, reason);
        }
        return FALSE;
}

gboolean dm_pool_fail(GError **error, GError *reason)
{
        return fail_with(error, reason, DM_RPC_ERR_NO_STORAGE_POOL);
}

gboolean dm_volume_fail(GError **error, GError *reason)
{
        return fail_with(error, reason, DM_RPC_ERR_NO_STORAGE_VOL);
}

gboolean dm_pool_of_wire(DmStorage *storage, const DmRpcStoragePool *pool, DmPoolInfo *ret, GError **error)
{
        g_autofree char *uuid = dm_uuid_of_wire(pool->uuid);
        if (dm_storage_pool_info(storage, uuid, ret, NULL))
                return TRUE;
        return dm_handler_fail(error, DM_RPC_ERR_NO_STORAGE_POOL,
                               "no storage pool with matching uuid '%s' (%s)", uuid, pool->name);
}

void dm_pool_to_wire(const DmPoolInfo *info, DmRpcStoragePool *ret)
{
        ret->name = g_strdup(info->name);
        dm_uuid_to_wire(info->uuid, ret->uuid);
}

/* ---- lists ---- */

static gboolean matches(const DmPoolInfo *i, guint32 wanted)
{
        const struct {
                guint32 group, has;
        } rows[] = {
                { POOLS_INACTIVE | POOLS_ACTIVE, i->active ? POOLS_ACTIVE : POOLS_INACTIVE },
                { POOLS_PERSISTENT | POOLS_TRANSIENT, POOLS_PERSISTENT },
                { POOLS_AUTOSTART | POOLS_NO_AUTOSTART, i->autostart ? POOLS_AUTOSTART : POOLS_NO_AUTOSTART },
                { POOLS_TYPES, POOLS_DIR },
        };
        for (gsize r = 0; r < G_N_ELEMENTS(rows); r++)
                if ((wanted & rows[r].group) && !(wanted & rows[r].has))
                        return FALSE;
        return TRUE;
}

static void info_free(gpointer p)
{
        dm_pool_info_clear(p);
        g_free(p);
}

/* DmPoolInfo, owned. */
static GPtrArray *select_pools(DmStorage *storage, guint32 wanted)
{
        GPtrArray *list = g_ptr_array_new_with_free_func(info_free);
        g_auto(GStrv) uuids = dm_storage_pools(storage);
        for (char **uuid = uuids; *uuid; uuid++) {
                g_auto(DmPoolInfo) info = { 0 };
                if (!dm_storage_pool_info(storage, *uuid, &info, NULL) || !matches(&info, wanted))
                        continue;
                g_ptr_array_add(list, g_memdup2(&info, sizeof info));
                memset(&info, 0, sizeof info);
        }
        return list;
}

gboolean dm_handle_list_all_pools(DmStorage *storage, DmRpcListAll *args,
                                  DmRpcConnectListAllStoragePoolsRet *ret, GError **error)
{
        if (!dm_handler_flags(args->flags, POOLS_TYPES | (POOLS_DIR - 1), "virConnectListAllStoragePools",
                              error))
                return FALSE;
        g_autoptr(GPtrArray) list = select_pools(storage, args->flags);
        ret->ret = list->len;
        if (!args->need_results)
                return TRUE;
        ret->pools.items = g_new0(DmRpcStoragePool, list->len);
        ret->pools.n = list->len;
        for (guint i = 0; i < list->len; i++)
                dm_pool_to_wire(g_ptr_array_index(list, i), &ret->pools.items[i]);
        return TRUE;
}

static gboolean count(DmStorage *storage, guint32 wanted, DmRpcNum *ret)
{
        g_autoptr(GPtrArray) list = select_pools(storage, wanted);
        ret->num = (gint32)list->len;
        return TRUE;
}

static gboolean names(DmStorage *storage, guint32 wanted, gint32 most, DmRpcNames *ret)
{
        g_autoptr(GPtrArray) list = select_pools(storage, wanted);
        ret->names.n = MIN(list->len, (guint)MAX(most, 0));
        ret->names.items = g_new0(char *, ret->names.n + 1);
        for (guint i = 0; i < ret->names.n; i++)
                ret->names.items[i] = g_strdup(((DmPoolInfo *)g_ptr_array_index(list, i))->name);
        return TRUE;
}

gboolean dm_handle_num_pools(DmStorage *storage, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNum *ret,
                             GError **error G_GNUC_UNUSED)
{
        return count(storage, POOLS_ACTIVE, ret);
}

gboolean dm_handle_num_defined_pools(DmStorage *storage, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNum *ret,
                                     GError **error G_GNUC_UNUSED)
{
        return count(storage, POOLS_INACTIVE, ret);
}

gboolean dm_handle_list_pools(DmStorage *storage, DmRpcMaxNames *args, DmRpcNames *ret,
                              GError **error G_GNUC_UNUSED)
{
        return names(storage, POOLS_ACTIVE, args->maxnames, ret);
}

gboolean dm_handle_list_defined_pools(DmStorage *storage, DmRpcMaxNames *args, DmRpcNames *ret,
                                      GError **error G_GNUC_UNUSED)
{
        return names(storage, POOLS_INACTIVE, args->maxnames, ret);
}

/* ---- finding ---- */

gboolean dm_handle_pool_by_name(DmStorage *storage, DmRpcName *args, DmRpcOnePool *ret, GError **error)
{
        GError *reason = NULL;
        g_auto(DmPoolInfo) info = { 0 };
        if (!dm_storage_find_pool(storage, args->name, &info, &reason))
                return dm_pool_fail(error, reason);
        dm_pool_to_wire(&info, &ret->pool);
        return TRUE;
}

gboolean dm_handle_pool_by_uuid(DmStorage *storage, DmRpcUuid *args, DmRpcOnePool *ret, GError **error)
{
        GError *reason = NULL;
        g_auto(DmPoolInfo) info = { 0 };
        g_autofree char *uuid = dm_uuid_of_wire(args->uuid);
        if (!dm_storage_pool_info(storage, uuid, &info, &reason))
                return dm_pool_fail(error, reason);
        dm_pool_to_wire(&info, &ret->pool);
        return TRUE;
}

gboolean dm_handle_pool_by_volume(DmStorage *storage, DmRpcOneVol *args, DmRpcOnePool *ret, GError **error)
{
        DmRpcName name = { args->vol.pool };
        return dm_handle_pool_by_name(storage, &name, ret, error);
}

gboolean dm_handle_pool_by_path(DmStorage *storage, DmRpcPath *args, DmRpcOnePool *ret, GError **error)
{
        g_autofree char *path = g_canonicalize_filename(args->path, "/");
        g_autoptr(GPtrArray) list = select_pools(storage, POOLS_ACTIVE);
        for (guint i = 0; i < list->len; i++) {
                const DmPoolInfo *info = g_ptr_array_index(list, i);
                if (strcmp(info->path, path) != 0)
                        continue;
                dm_pool_to_wire(info, &ret->pool);
                return TRUE;
        }
        return dm_handler_fail(error, DM_RPC_ERR_NO_STORAGE_POOL,
                               "no storage pool with matching target path '%s'", args->path);
}

/* ---- reading ---- */

gboolean dm_handle_pool_info(DmStorage *storage, DmRpcOnePool *args, DmRpcStoragePoolGetInfoRet *ret,
                             GError **error)
{
        enum { INACTIVE = 0, RUNNING = 2 };
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_pool_of_wire(storage, &args->pool, &i, error))
                return FALSE;
        *ret = (DmRpcStoragePoolGetInfoRet){ i.active ? RUNNING : INACTIVE, i.capacity, i.allocation,
                                             i.available };
        return TRUE;
}

gboolean dm_handle_pool_xml(DmStorage *storage, DmRpcPoolFlags *args, DmRpcXml *ret, GError **error)
{
        enum { POOL_XML_INACTIVE = 1 << 0 };
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_handler_flags(args->flags, POOL_XML_INACTIVE, "virStoragePoolGetXMLDesc", error) ||
            !dm_pool_of_wire(storage, &args->pool, &i, error))
                return FALSE;
        ret->xml = dm_storage_pool_xml(storage, i.uuid, error);
        return ret->xml != NULL;
}

gboolean dm_handle_pool_autostart(DmStorage *storage, DmRpcOnePool *args, DmRpcAutostart *ret, GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        gboolean ok = dm_pool_of_wire(storage, &args->pool, &i, error);
        ret->autostart = i.autostart;
        return ok;
}

gboolean dm_handle_pool_is_active(DmStorage *storage, DmRpcOnePool *args, DmRpcActive *ret, GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        gboolean ok = dm_pool_of_wire(storage, &args->pool, &i, error);
        ret->active = i.active;
        return ok;
}

gboolean dm_handle_pool_is_persistent(DmStorage *storage, DmRpcOnePool *args, DmRpcPersistent *ret,
                                      GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        ret->persistent = 1;
        return dm_pool_of_wire(storage, &args->pool, &i, error);
}

/* ---- changing ---- */

gboolean dm_handle_pool_define(DmStorage *storage, DmRpcXmlFlags *args, DmRpcOnePool *ret, GError **error)
{
        enum { VALIDATE = 1 << 0 };
        g_autofree char *uuid = NULL;
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_handler_flags(args->flags, VALIDATE, "virStoragePoolDefineXML", error) ||
            !dm_storage_define(storage, args->xml, &uuid, error) ||
            !dm_storage_pool_info(storage, uuid, &i, error))
                return FALSE;
        dm_pool_to_wire(&i, &ret->pool);
        return TRUE;
}

typedef gboolean (*Operation)(DmStorage *storage, const char *uuid, GError **error);

static gboolean operate(DmStorage *storage, const DmRpcStoragePool *pool, Operation operation, GError **error)
{
        g_autofree char *uuid = dm_uuid_of_wire(pool->uuid);
        GError *reason = NULL;
        return operation(storage, uuid, &reason) || dm_pool_fail(error, reason);
}

/* libvirt's flags of creating: to build the folder first, whatever is there. */
enum { WITH_BUILD = 1 << 0, BUILD_OVERWRITE = 1 << 1, BUILD_NO_OVERWRITE = 1 << 2 };

static gboolean start(DmStorage *storage, const char *uuid, guint32 flags, GError **error)
{
        return (!(flags & (WITH_BUILD | BUILD_OVERWRITE | BUILD_NO_OVERWRITE)) ||
                dm_storage_build(storage, uuid, error)) &&
               dm_storage_start(storage, uuid, error);
}

/* Kept like a defined one: a folder has nothing that ends. */
gboolean dm_handle_pool_create_xml(DmStorage *storage, DmRpcXmlFlags *args, DmRpcOnePool *ret, GError **error)
{
        guint32 known = WITH_BUILD | BUILD_OVERWRITE | BUILD_NO_OVERWRITE;
        DmRpcXmlFlags definition = { args->xml, 0 };
        if (!dm_handler_flags(args->flags, known, "virStoragePoolCreateXML", error) ||
            !dm_handle_pool_define(storage, &definition, ret, error))
                return FALSE;
        g_autofree char *uuid = dm_uuid_of_wire(ret->pool.uuid);
        return start(storage, uuid, args->flags, error);
}

gboolean dm_handle_pool_start(DmStorage *storage, DmRpcPoolFlags *args, DmRpcVoid *ret G_GNUC_UNUSED,
                              GError **error)
{
        guint32 known = WITH_BUILD | BUILD_OVERWRITE | BUILD_NO_OVERWRITE;
        g_autofree char *uuid = dm_uuid_of_wire(args->pool.uuid);
        GError *reason = NULL;
        if (!dm_handler_flags(args->flags, known, "virStoragePoolCreate", error))
                return FALSE;
        return start(storage, uuid, args->flags, &reason) || dm_pool_fail(error, reason);
}

gboolean dm_handle_pool_build(DmStorage *storage, DmRpcPoolFlags *args, DmRpcVoid *ret G_GNUC_UNUSED,
                              GError **error)
{
        return dm_handler_flags(args->flags, 0, "virStoragePoolBuild", error) &&
               operate(storage, &args->pool, dm_storage_build, error);
}

gboolean dm_handle_pool_stop(DmStorage *storage, DmRpcOnePool *args, DmRpcVoid *ret G_GNUC_UNUSED,
                             GError **error)
{
        return operate(storage, &args->pool, dm_storage_stop, error);
}

gboolean dm_handle_pool_undefine(DmStorage *storage, DmRpcOnePool *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                 GError **error)
{
        return operate(storage, &args->pool, dm_storage_undefine, error);
}

gboolean dm_handle_pool_delete(DmStorage *storage, DmRpcPoolFlags *args, DmRpcVoid *ret G_GNUC_UNUSED,
                               GError **error)
{
        return dm_handler_flags(args->flags, 0, "virStoragePoolDelete", error) &&
               operate(storage, &args->pool, dm_storage_delete, error);
}

/* Volumes are looked at when somebody asks: there is nothing to be refreshed. */
gboolean dm_handle_pool_refresh(DmStorage *storage, DmRpcPoolFlags *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_handler_flags(args->flags, 0, "virStoragePoolRefresh", error) ||
            !dm_pool_of_wire(storage, &args->pool, &i, error))
                return FALSE;
        return i.active || dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is not active", i.name);
}

gboolean dm_handle_pool_set_autostart(DmStorage *storage, DmRpcStoragePoolSetAutostartArgs *args,
                                      DmRpcVoid *ret G_GNUC_UNUSED, GError **error)
{
        g_autofree char *uuid = dm_uuid_of_wire(args->pool.uuid);
        GError *reason = NULL;
        return dm_storage_set_autostart(storage, uuid, args->autostart != 0, &reason) ||
               dm_pool_fail(error, reason);
}
