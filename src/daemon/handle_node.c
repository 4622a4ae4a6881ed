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

gboolean dm_handle_node_free_memory(DomusConn *conn, DmRpcVoid *args G_GNUC_UNUSED,
                                    DmRpcNodeGetFreeMemoryRet *ret, GError **error)
{
        DomusNodeUsage usage;
        if (!domus_conn_node_usage(conn, &usage, error))
                return FALSE;
        ret->freeMem = usage.free_kib * 1024;
        return TRUE;
}

gboolean dm_handle_node_cpu_map(DomusConn *conn, DmRpcNodeGetCpuMapArgs *args, DmRpcNodeGetCpuMapRet *ret,
                                GError **error)
{
        DomusNodeUsage usage;
        if (!dm_handler_flags(args->flags, 0, "virNodeGetCPUMap", error) ||
            !domus_conn_node_usage(conn, &usage, error))
                return FALSE;
        gsize length = MIN((usage.cpus + 7) / 8, sizeof usage.online);
        for (guint cpu = 0; args->need_online && cpu < length * 8; cpu++)
                ret->online += (usage.online[cpu / 8] >> (cpu % 8)) & 1u;
        if (args->need_map)
                ret->cpumap = (DmXdrBytes){ g_memdup2(usage.online, length), (guint32)length };
        ret->ret = (gint32)usage.cpus;
        return TRUE;
}

typedef struct Figure {
        const char *name;
        guint64 value;
} Figure;

/* Asked with room for none, how many there are. */
static void add_figures(const Figure *rows, guint n, gint32 room, DmRpcFieldValue **ret_items, guint32 *ret_n,
                        gint32 *ret_nparams)
{
        *ret_nparams = (gint32)n;
        *ret_n = MIN(n, (guint)MAX(room, 0));
        *ret_items = g_new0(DmRpcFieldValue, *ret_n);
        for (guint i = 0; i < *ret_n; i++)
                (*ret_items)[i] = (DmRpcFieldValue){ g_strdup(rows[i].name), rows[i].value };
}

gboolean dm_handle_node_cpu_stats(DomusConn *conn, DmRpcNodeGetCpuStatsArgs *args,
                                  DmRpcNodeGetCpuStatsRet *ret, GError **error)
{
        enum { ALL = -1 };
        DomusNodeUsage u;
        if (!dm_handler_flags(args->flags, 0, "virNodeGetCPUStats", error) ||
            !domus_conn_node_usage(conn, &u, error))
                return FALSE;
        if (args->cpuNum != ALL)
                return dm_handler_fail(error, DM_RPC_ERR_INVALID_ARG,
                                       "figures of one processor (%d) are not kept, only of all",
                                       args->cpuNum);
        const Figure rows[] = { { "kernel", u.kernel_ns },
                                { "user", u.user_ns },
                                { "idle", u.idle_ns },
                                { "iowait", u.iowait_ns } };
        add_figures(rows, G_N_ELEMENTS(rows), args->nparams, &ret->params.items, &ret->params.n,
                    &ret->nparams);
        return TRUE;
}

gboolean dm_handle_node_memory_stats(DomusConn *conn, DmRpcNodeGetMemoryStatsArgs *args,
                                     DmRpcNodeGetMemoryStatsRet *ret, GError **error)
{
        enum { ALL = -1 };
        DomusNodeUsage u;
        if (!dm_handler_flags(args->flags, 0, "virNodeGetMemoryStats", error) ||
            !domus_conn_node_usage(conn, &u, error))
                return FALSE;
        if (args->cellNum != ALL)
                return dm_handler_fail(error, DM_RPC_ERR_INVALID_ARG,
                                       "figures of one NUMA cell (%d) are not kept, only of all",
                                       args->cellNum);
        const Figure rows[] = { { "total", u.memory_kib },
                                { "free", u.free_kib },
                                { "buffers", u.buffers_kib },
                                { "cached", u.cached_kib } };
        add_figures(rows, G_N_ELEMENTS(rows), args->nparams, &ret->params.items, &ret->params.n,
                    &ret->nparams);
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
