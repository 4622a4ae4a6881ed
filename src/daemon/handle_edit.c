/* Handlers: what a definition says besides, and changing it. */
#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "daemon/work.h"

enum { AFFECT = DOMUS_AFFECT_LIVE | DOMUS_AFFECT_CONFIG, MAXIMUM = 1 << 2 };

gboolean dm_handle_get_metadata(DmClient *client, DmRpcDomainGetMetadataArgs *args,
                                DmRpcDomainGetMetadataRet *ret, GError **error)
{
        g_autoptr(GError) reason = NULL;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, error);
        if (!domain || !dm_handler_flags(args->flags, AFFECT, "virDomainGetMetadata", error))
                return FALSE;
        ret->metadata =
                domus_domain_metadata(domain, (DomusMetadata)args->type, args->uri, args->flags, &reason);
        if (ret->metadata)
                return TRUE;
        if (g_error_matches(reason, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND))
                return dm_handler_fail(error, DM_RPC_ERR_NO_DOMAIN_METADATA,
                                       "Requested metadata element is not present");
        g_propagate_error(error, g_steal_pointer(&reason));
        return FALSE;
}

void dm_handle_set_metadata(DmClient *client, DmRpcCall *call, DmRpcDomainSetMetadataArgs *args)
{
        if (!dm_work_flags(call, args->flags, AFFECT))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_set_metadata(domain, (DomusMetadata)args->type, args->metadata,
                                                  args->key, args->uri, args->flags, &w->job, &error))
                dm_work_give_up(w, error);
}

static void set_memory(DmClient *client, DmRpcCall *call, const DmRpcDomain *dom, guint64 kib, guint32 flags)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, dom, &error);
        if (!domain || !domus_domain_set_memory(domain, kib, flags, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_set_memory(DmClient *client, DmRpcCall *call, DmRpcDomainMemory *args)
{
        set_memory(client, call, &args->dom, args->memory, DOMUS_AFFECT_LIVE);
}

void dm_handle_set_max_memory(DmClient *client, DmRpcCall *call, DmRpcDomainMemory *args)
{
        set_memory(client, call, &args->dom, args->memory, DOMUS_AFFECT_MAXIMUM);
}

void dm_handle_set_memory_flags(DmClient *client, DmRpcCall *call, DmRpcDomainSetMemoryFlagsArgs *args)
{
        if (dm_work_flags(call, args->flags, AFFECT | MAXIMUM))
                set_memory(client, call, &args->dom, args->memory, args->flags);
}

static void set_vcpus(DmClient *client, DmRpcCall *call, const DmRpcDomain *dom, guint32 n, guint32 flags)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, dom, &error);
        if (!domain || !domus_domain_set_vcpus(domain, n, flags, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_set_vcpus(DmClient *client, DmRpcCall *call, DmRpcDomainSetVcpusArgs *args)
{
        set_vcpus(client, call, &args->dom, args->nvcpus, DOMUS_AFFECT_LIVE);
}

void dm_handle_set_vcpus_flags(DmClient *client, DmRpcCall *call, DmRpcDomainSetVcpusFlagsArgs *args)
{
        if (dm_work_flags(call, args->flags, AFFECT | MAXIMUM))
                set_vcpus(client, call, &args->dom, args->nvcpus, args->flags);
}
