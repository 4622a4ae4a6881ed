/* Handlers: kinds of objects of which there are none here: networks, host interfaces, devices of the machine,
 * secrets, filters, snapshots.  Clients list them all when they connect, and take an empty list better than
 * an error.  Events of them, and of pools, can be subscribed to and never come. */
#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "util/error.h"

#define MAX_SUBSCRIPTIONS 64 /* of one client, to events that never come */

/* ---- lists ---- */

#define NONE_OF(name, ARGS, RET)                                                            \
        gboolean dm_handle_##name(DmClient *client G_GNUC_UNUSED, ARGS *args G_GNUC_UNUSED, \
                                  RET *ret G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)     \
        {                                                                                   \
                return TRUE; /* the reply is all zeros */                                   \
        }
NONE_OF(no_networks, DmRpcListAll, DmRpcConnectListAllNetworksRet)
NONE_OF(no_interfaces, DmRpcListAll, DmRpcConnectListAllInterfacesRet)
NONE_OF(no_devices, DmRpcListAll, DmRpcConnectListAllNodeDevicesRet)
NONE_OF(no_filters, DmRpcListAll, DmRpcConnectListAllNwfiltersRet)
NONE_OF(no_bindings, DmRpcListAll, DmRpcConnectListAllNwfilterBindingsRet)
NONE_OF(no_secrets, DmRpcListAll, DmRpcConnectListAllSecretsRet)
NONE_OF(none, DmRpcVoid, DmRpcNum)
NONE_OF(no_names, DmRpcMaxNames, DmRpcNames)
NONE_OF(no_secret_ids, DmRpcConnectListSecretsArgs, DmRpcConnectListSecretsRet)
NONE_OF(num_devices, DmRpcNodeNumOfDevicesArgs, DmRpcNum)
NONE_OF(list_devices, DmRpcNodeListDevicesArgs, DmRpcNames64k)

/* ---- finding ---- */

#define MISSING(fn, ARGS, RET, CODE, text)                                                          \
        gboolean dm_handle_##fn(DmClient *client G_GNUC_UNUSED, ARGS *args, RET *ret G_GNUC_UNUSED, \
                                GError **error)                                                     \
        {                                                                                           \
                return dm_handler_fail(error, DM_RPC_ERR_##CODE, text, args->name);                 \
        }
MISSING(network_by_name, DmRpcName, DmRpcOneNetwork, NO_NETWORK, "no network with matching name '%s'")
MISSING(interface_by_name, DmRpcName, DmRpcOneInterface, NO_INTERFACE, "couldn't find interface named '%s'")
MISSING(device_by_name, DmRpcName, DmRpcOneNodeDevice, NO_NODE_DEVICE,
        "no node device with matching name '%s'")
MISSING(filter_by_name, DmRpcName, DmRpcOneNWFilter, NO_NWFILTER, "no nwfilter with matching name '%s'")

#define MISSING_UUID(name_, RET, CODE, text)                                                                \
        gboolean dm_handle_##name_(DmClient *client G_GNUC_UNUSED, DmRpcUuid *args, RET *ret G_GNUC_UNUSED, \
                                   GError **error)                                                          \
        {                                                                                                   \
                g_autofree char *uuid = dm_uuid_of_wire(args->uuid);                                        \
                return dm_handler_fail(error, DM_RPC_ERR_##CODE, text, uuid);                               \
        }
MISSING_UUID(network_by_uuid, DmRpcOneNetwork, NO_NETWORK, "no network with matching uuid '%s'")
MISSING_UUID(secret_by_uuid, DmRpcOneSecret, NO_SECRET, "no secret with matching uuid '%s'")
MISSING_UUID(filter_by_uuid, DmRpcOneNWFilter, NO_NWFILTER, "no nwfilter with matching uuid '%s'")

/* ---- of a guest ---- */

static gboolean is_there(DmClient *client, const DmRpcDomain *dom, GError **error)
{
        DomusInfo info;
        g_autoptr(DomusDomain) domain = dm_domain_info_of_wire(client->conn, dom, &info, error);
        return domain != NULL;
}

#define NONE_OF_GUEST(name, ARGS, RET)                                                                  \
        gboolean dm_handle_##name(DmClient *client, ARGS *args, RET *ret G_GNUC_UNUSED, GError **error) \
        {                                                                                               \
                return is_there(client, &args->dom, error);                                             \
        }
NONE_OF_GUEST(no_snapshots, DmRpcDomainListAll, DmRpcSnapshots)
NONE_OF_GUEST(num_snapshots, DmRpcDomainFlags, DmRpcNum)
NONE_OF_GUEST(has_snapshot, DmRpcDomainFlags, DmRpcResult)
NONE_OF_GUEST(no_checkpoints, DmRpcDomainListAll, DmRpcCheckpoints)
NONE_OF_GUEST(job_stats, DmRpcDomainFlags, DmRpcDomainGetJobStatsRet)
NONE_OF_GUEST(no_disk_errors, DmRpcDomainGetDiskErrorsArgs, DmRpcDomainGetDiskErrorsRet)

/* ---- events that never come ---- */

static gboolean subscribe(DmClient *client, DmRpcCallbackId *ret, GError **error)
{
        if (g_hash_table_size(client->quiet_events) >= MAX_SUBSCRIPTIONS)
                return dm_fail(error, DM_ERROR_NO_MEMORY, "this connection has %d event callbacks already",
                               MAX_SUBSCRIPTIONS);
        ret->callbackID = ++client->last_quiet_event;
        return g_hash_table_add(client->quiet_events, GINT_TO_POINTER(ret->callbackID));
}

gboolean dm_handle_quiet_deregister(DmClient *client, DmRpcCallbackId *args, DmRpcVoid *ret G_GNUC_UNUSED,
                                    GError **error)
{
        if (g_hash_table_remove(client->quiet_events, GINT_TO_POINTER(args->callbackID)))
                return TRUE;
        return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR, "event callback %d not registered",
                               args->callbackID);
}

#define QUIET(name, ARGS)                                                                           \
        gboolean dm_handle_##name(DmClient *client, ARGS *args G_GNUC_UNUSED, DmRpcCallbackId *ret, \
                                  GError **error)                                                   \
        {                                                                                           \
                return subscribe(client, ret, error);                                               \
        }
QUIET(network_events, DmRpcConnectNetworkEventRegisterAnyArgs)
QUIET(pool_events, DmRpcConnectStoragePoolEventRegisterAnyArgs)
QUIET(device_events, DmRpcConnectNodeDeviceEventRegisterAnyArgs)
QUIET(secret_events, DmRpcConnectSecretEventRegisterAnyArgs)
