/* Handlers: the machine, and what it can run. */
#include "daemon/dispatch.h"

gboolean dm_handle_get_version(DomusConn *conn, DmRpcVoid *args G_GNUC_UNUSED, DmRpcConnectGetVersionRet *ret,
                               GError **error)
{
        ret->hv_ver = domus_conn_emulator_version(conn, error);
        return ret->hv_ver != 0;
}

gboolean dm_handle_get_capabilities(DomusConn *conn, DmRpcVoid *args G_GNUC_UNUSED, DmRpcCapabilities *ret,
                                    GError **error)
{
        ret->capabilities = domus_conn_capabilities(conn, error);
        return ret->capabilities != NULL;
}

gboolean dm_handle_get_domain_capabilities(DomusConn *conn, DmRpcConnectGetDomainCapabilitiesArgs *args,
                                           DmRpcCapabilities *ret, GError **error)
{
        if (!dm_handler_flags(args->flags, 0, "virConnectGetDomainCapabilities", error))
                return FALSE;
        ret->capabilities = domus_conn_domain_capabilities(conn, args->emulatorbin, args->arch, args->machine,
                                                           args->virttype, error);
        return ret->capabilities != NULL;
}

gboolean dm_handle_node_info(DomusConn *conn, DmRpcVoid *args G_GNUC_UNUSED, DmRpcNodeGetInfoRet *ret,
                             GError **error G_GNUC_UNUSED)
{
        DomusNodeInfo info;
        domus_conn_node_info(conn, &info);
        *ret = (DmRpcNodeGetInfoRet){ .memory = info.memory_kib,
                                      .cpus = (gint32)info.cpus,
                                      .mhz = (gint32)info.mhz,
                                      .nodes = (gint32)info.nodes,
                                      .sockets = (gint32)info.sockets,
                                      .cores = (gint32)info.cores,
                                      .threads = (gint32)info.threads };
        g_strlcpy(ret->model, info.model, sizeof ret->model);
        return TRUE;
}

/* None: the empty name, as libvirt has it on such hosts.  The text's NUL goes along. */
gboolean dm_handle_security_model(DmClient *client G_GNUC_UNUSED, DmRpcVoid *args G_GNUC_UNUSED,
                                  DmRpcNodeGetSecurityModelRet *ret, GError **error G_GNUC_UNUSED)
{
        ret->model = (DmXdrBytes){ g_malloc0(1), 1 };
        ret->doi = (DmXdrBytes){ g_malloc0(1), 1 };
        return TRUE;
}
