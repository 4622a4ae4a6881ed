/* Handlers: the connection itself. */
#include <string.h>

#include "daemon/dispatch.h"

/* The libvirt whose protocol and functions these are: what clients compare with to know what they may ask. */
#define LIBVIRT_VERSION 9000000 /* 9.0.0 */

gboolean dm_handle_auth_list(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED,
                             DmRpcAuthListRet *ret, GError **error G_GNUC_UNUSED)
{
        ret->types.items = g_new0(gint32, 1); /* 0: none is asked for */
        ret->types.n = 1;
        return TRUE;
}

/* libvirt's virDrvFeature: those that this server has.  Keepalive (10) is answered by the connection. */
static const gint32 features[] = {
        8,  /* descriptors go along with calls */
        9,  /* typed parameters may be strings */
        14, /* events have callback ids */
        15, /* the connection's end can be watched */
};

gboolean dm_handle_supports_feature(DmClient *client G_GNUC_UNUSED, DmRpcConnectSupportsFeatureArgs *args,
                                    DmRpcConnectSupportsFeatureRet *ret, GError **error G_GNUC_UNUSED)
{
        for (gsize i = 0; i < G_N_ELEMENTS(features); i++)
                if (features[i] == args->feature)
                        ret->supported = 1;
        return TRUE;
}

/* One daemon has one set of guests: the words for it are all understood. */
static gboolean is_known_uri(const DmServer *server, const char *uri)
{
        static const char *const paths[] = { "qemu:///system", "qemu:///session", "qemu:///embed" };
        const char *query = strchr(uri, '?');
        gsize length = query ? (gsize)(query - uri) : strlen(uri);
        if (strcmp(uri, dm_server_uri(server)) == 0)
                return TRUE;
        for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
                if (strlen(paths[i]) == length && strncmp(paths[i], uri, length) == 0)
                        return TRUE;
        return FALSE;
}

gboolean dm_handle_open(DmClient *client, DmRpcConnectOpenArgs *args, DmRpcVoid *ret G_GNUC_UNUSED,
                        GError **error)
{
        /* The flags are the client's own but for the first, which says what its socket says already. */
        const char *name = args->name && *args->name ? args->name : dm_server_uri(client->server);
        if (!is_known_uri(client->server, name))
                return dm_handler_fail(error, DM_RPC_ERR_NO_CONNECT,
                                       "%s: expected qemu:///system, qemu:///session or no name", name);
        client->uri = g_strdup(name);
        dm_rpc_conn_set_stage(client->rpc, DM_RPC_STAGE_OPEN);
        return TRUE;
}

gboolean dm_handle_close(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcVoid *ret G_GNUC_UNUSED,
                         GError **error G_GNUC_UNUSED)
{
        dm_rpc_conn_finish(client->rpc);
        return TRUE;
}

gboolean dm_handle_register_close(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED,
                                  DmRpcVoid *ret G_GNUC_UNUSED, GError **error)
{
        if (client->close_callback)
                return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR,
                                       "A close callback is already registered");
        client->close_callback = TRUE;
        return TRUE;
}

gboolean dm_handle_unregister_close(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED,
                                    DmRpcVoid *ret G_GNUC_UNUSED, GError **error)
{
        if (!client->close_callback)
                return dm_handler_fail(error, DM_RPC_ERR_INTERNAL_ERROR,
                                       "A close callback is not registered");
        client->close_callback = FALSE;
        return TRUE;
}

gboolean dm_handle_get_type(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED, DmRpcTypeName *ret,
                            GError **error G_GNUC_UNUSED)
{
        ret->type = g_strdup("QEMU");
        return TRUE;
}

gboolean dm_handle_get_uri(DmClient *client, DmRpcVoid *args G_GNUC_UNUSED, DmRpcConnectGetUriRet *ret,
                           GError **error G_GNUC_UNUSED)
{
        ret->uri = g_strdup(client->uri);
        return TRUE;
}

gboolean dm_handle_get_hostname(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED,
                                DmRpcHostname *ret, GError **error G_GNUC_UNUSED)
{
        ret->hostname = g_strdup(g_get_host_name());
        return TRUE;
}

gboolean dm_handle_get_lib_version(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED,
                                   DmRpcConnectGetLibVersionRet *ret, GError **error G_GNUC_UNUSED)
{
        ret->lib_ver = LIBVIRT_VERSION;
        return TRUE;
}

/* A unix socket of this machine is. */
gboolean dm_handle_is_secure(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED,
                             DmRpcConnectIsSecureRet *ret, GError **error G_GNUC_UNUSED)
{
        ret->secure = 1;
        return TRUE;
}
