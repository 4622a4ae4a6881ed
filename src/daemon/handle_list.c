/* Handlers: finding guests. */
#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"

/* ---- one ---- */

/* @domain is taken. */
static gboolean found(DomusDomain *domain, DmRpcOneDomain *ret)
{
        if (!domain)
                return FALSE;
        dm_domain_to_wire(domain, &ret->dom);
        domus_domain_unref(domain);
        return TRUE;
}

gboolean dm_handle_lookup_name(DmClient *client, DmRpcName *args, DmRpcOneDomain *ret, GError **error)
{
        return found(domus_lookup_name(client->conn, args->name, error), ret);
}

gboolean dm_handle_lookup_uuid(DmClient *client, DmRpcUuid *args, DmRpcOneDomain *ret, GError **error)
{
        g_autofree char *uuid = dm_uuid_of_wire(args->uuid);
        return found(domus_lookup_uuid(client->conn, uuid, error), ret);
}

gboolean dm_handle_lookup_id(DmClient *client, DmRpcDomainLookupByIdArgs *args, DmRpcOneDomain *ret,
                             GError **error)
{
        return found(domus_lookup_id(client->conn, args->id, error), ret);
}

/* ---- all ---- */

gboolean dm_handle_list_all(DmClient *client, DmRpcListAll *args, DmRpcConnectListAllDomainsRet *ret,
                            GError **error)
{
        if (!dm_handler_flags(args->flags, DM_LIST_ALL_FLAGS, "virConnectListAllDomains", error))
                return FALSE;
        g_autoptr(GPtrArray) list = dm_domains_select(client->conn, args->flags, error);
        if (!list)
                return FALSE;
        ret->ret = list->len;
        if (!args->need_results)
                return TRUE;
        ret->domains.items = g_new0(DmRpcDomain, list->len);
        ret->domains.n = list->len;
        for (guint i = 0; i < list->len; i++)
                dm_domain_to_wire(g_ptr_array_index(list, i), &ret->domains.items[i]);
        return TRUE;
}

static gboolean count(DmClient *client, guint32 wanted, gint32 *ret, GError **error)
{
        g_autoptr(GPtrArray) list = dm_domains_select(client->conn, wanted, error);
        if (!list)
                return FALSE;
        *ret = (gint32)list->len;
        return TRUE;
}

gboolean dm_handle_num_running(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNum *ret, GError **error)
{
        return count(client, DM_LIST_ACTIVE, &ret->num, error);
}

gboolean dm_handle_num_defined(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNum *ret, GError **error)
{
        return count(client, DM_LIST_INACTIVE, &ret->num, error);
}

gboolean dm_handle_list_running(DmClient *client, DmRpcConnectListDomainsArgs *args,
                                DmRpcConnectListDomainsRet *ret, GError **error)
{
        g_autoptr(GPtrArray) list = dm_domains_select(client->conn, DM_LIST_ACTIVE, error);
        if (!list)
                return FALSE;
        guint n = MIN(list->len, (guint)MAX(args->maxids, 0));
        ret->ids.items = g_new0(gint32, n);
        for (guint i = 0; i < n; i++) {
                DomusInfo info;
                if (domus_domain_info(g_ptr_array_index(list, i), &info, NULL) && info.id >= 0)
                        ret->ids.items[ret->ids.n++] = info.id;
        }
        return TRUE;
}

gboolean dm_handle_list_defined(DmClient *client, DmRpcMaxNames *args, DmRpcNames *ret, GError **error)
{
        g_autoptr(GPtrArray) list = dm_domains_select(client->conn, DM_LIST_INACTIVE, error);
        if (!list)
                return FALSE;
        ret->names.n = MIN(list->len, (guint)MAX(args->maxnames, 0));
        ret->names.items = g_new0(char *, ret->names.n + 1);
        for (guint i = 0; i < ret->names.n; i++)
                ret->names.items[i] = g_strdup(domus_domain_name(g_ptr_array_index(list, i)));
        return TRUE;
}
