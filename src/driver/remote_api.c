/* The public API by procedures of the wire: libvirt's where they say all, else those of the program 'domus'.
 */
#include <string.h>

#include "driver/api_private.h"
#include "driver/remote.h"
#include "driver/remote_convert.h"
#include "driver/remote_job.h"

static const DmRpcVoid nothing;

static gboolean ask(DomusConn *conn, gint32 number, const void *args, void *ret, GError **error)
{
        return dm_remote_ask(conn->remote, DM_RPC_PROGRAM_REMOTE, number, args, ret, NULL, error);
}

/* ---- guests on the wire ---- */

gboolean dm_remote_uuid_to_wire(const char *text, guint8 *ret)
{
        if (!g_uuid_string_is_valid(text))
                return FALSE;
        for (guint i = 0; i < DM_RPC_UUID_SIZE; i++) {
                if (*text == '-')
                        text++;
                ret[i] = (guint8)(g_ascii_xdigit_value(text[0]) * 16 + g_ascii_xdigit_value(text[1]));
                text += 2;
        }
        return TRUE;
}

DmRpcDomain dm_remote_domain_to_wire(const DomusDomain *domain)
{
        DmRpcDomain dom = { .name = domain->name, .id = -1 };
        dm_remote_uuid_to_wire(domain->uuid, dom.uuid);
        return dom;
}

static DomusDomain *domain_of_wire(DomusConn *conn, const DmRpcDomain *dom)
{
        GString *uuid = g_string_sized_new(36);
        for (guint i = 0; i < DM_RPC_UUID_SIZE; i++)
                g_string_append_printf(uuid, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                                       dom->uuid[i]);
        DomusDomain *domain = dm_api_domain_new(conn, uuid->str, dom->name);
        g_string_free(uuid, TRUE);
        return domain;
}

/* ---- connection ---- */

char **dm_remote_conn_messages(DomusConn *conn)
{
        const DmRpcNames *m = dm_remote_messages(conn->remote);
        char **messages = g_new0(char *, m->names.n + 1);
        for (guint i = 0; i < m->names.n; i++)
                messages[i] = g_strdup(m->names.items[i]);
        return messages;
}

char *dm_remote_conn_capabilities(DomusConn *conn, GError **error)
{
        DM_RPC_AUTO(Capabilities, ret) = { 0 };
        return ask(conn, DM_REMOTE_CONNECT_GET_CAPABILITIES, &nothing, &ret, error)
                       ? g_steal_pointer(&ret.capabilities)
                       : NULL;
}

char *dm_remote_conn_domain_capabilities(DomusConn *conn, const char *emulator, const char *arch,
                                         const char *machine, const char *type, GError **error)
{
        const DmRpcConnectGetDomainCapabilitiesArgs args = { (char *)emulator, (char *)arch, (char *)machine,
                                                             (char *)type, 0 };
        DM_RPC_AUTO(Capabilities, ret) = { 0 };
        return ask(conn, DM_REMOTE_CONNECT_GET_DOMAIN_CAPABILITIES, &args, &ret, error)
                       ? g_steal_pointer(&ret.capabilities)
                       : NULL;
}

void dm_remote_conn_node_info(DomusConn *conn, DomusNodeInfo *ret_info)
{
        DmRpcNodeGetInfoRet ret = { 0 };
        ask(conn, DM_REMOTE_NODE_GET_INFO, &nothing, &ret, NULL); /* zeros: the connection is lost */
        *ret_info = (DomusNodeInfo){ .memory_kib = ret.memory,
                                     .cpus = (unsigned)ret.cpus,
                                     .mhz = (unsigned)ret.mhz,
                                     .nodes = (unsigned)ret.nodes,
                                     .sockets = (unsigned)ret.sockets,
                                     .cores = (unsigned)ret.cores,
                                     .threads = (unsigned)ret.threads };
        g_strlcpy(ret_info->model, ret.model, sizeof ret_info->model);
}

static guint64 figure(const DmRpcFieldValue *values, guint n, const char *name)
{
        for (guint i = 0; i < n; i++)
                if (strcmp(values[i].field, name) == 0)
                        return values[i].value;
        return 0;
}

gboolean dm_remote_conn_node_usage(DomusConn *conn, DomusNodeUsage *ret_usage, GError **error)
{
        enum { ALL = -1, MOST = 16 };
        const DmRpcNodeGetCpuStatsArgs cpu_args = { ALL, MOST, 0 };
        const DmRpcNodeGetMemoryStatsArgs memory_args = { MOST, ALL, 0 };
        const DmRpcNodeGetCpuMapArgs map_args = { 1, 1, 0 };
        DM_RPC_AUTO(NodeGetCpuStatsRet, cpu) = { 0 };
        DM_RPC_AUTO(NodeGetMemoryStatsRet, memory) = { 0 };
        DM_RPC_AUTO(NodeGetCpuMapRet, map) = { 0 };
        if (!ask(conn, DM_REMOTE_NODE_GET_CPU_STATS, &cpu_args, &cpu, error) ||
            !ask(conn, DM_REMOTE_NODE_GET_MEMORY_STATS, &memory_args, &memory, error) ||
            !ask(conn, DM_REMOTE_NODE_GET_CPU_MAP, &map_args, &map, error))
                return FALSE;
        *ret_usage = (DomusNodeUsage){
                .memory_kib = figure(memory.params.items, memory.params.n, "total"),
                .free_kib = figure(memory.params.items, memory.params.n, "free"),
                .buffers_kib = figure(memory.params.items, memory.params.n, "buffers"),
                .cached_kib = figure(memory.params.items, memory.params.n, "cached"),
                .user_ns = figure(cpu.params.items, cpu.params.n, "user"),
                .kernel_ns = figure(cpu.params.items, cpu.params.n, "kernel"),
                .idle_ns = figure(cpu.params.items, cpu.params.n, "idle"),
                .iowait_ns = figure(cpu.params.items, cpu.params.n, "iowait"),
                .cpus = (unsigned)MAX(map.ret, 0),
        };
        if (map.cpumap.n > 0)
                memcpy(ret_usage->online, map.cpumap.data, MIN(map.cpumap.n, sizeof ret_usage->online));
        return TRUE;
}

unsigned dm_remote_conn_emulator_version(DomusConn *conn, GError **error)
{
        DmRpcConnectGetVersionRet ret = { 0 };
        return ask(conn, DM_REMOTE_CONNECT_GET_VERSION, &nothing, &ret, error) ? (unsigned)ret.hv_ver : 0;
}

/* ---- finding ---- */

GPtrArray *dm_remote_conn_list(DomusConn *conn, GError **error)
{
        const DmRpcListAll args = { 1, 0 };
        DM_RPC_AUTO(ConnectListAllDomainsRet, ret) = { 0 };
        if (!ask(conn, DM_REMOTE_CONNECT_LIST_ALL_DOMAINS, &args, &ret, error))
                return NULL;
        GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (guint i = 0; i < ret.domains.n; i++)
                g_ptr_array_add(list, domain_of_wire(conn, &ret.domains.items[i]));
        return list;
}

static DomusDomain *look_up(DomusConn *conn, gint32 number, const void *args, GError **error)
{
        DM_RPC_AUTO(OneDomain, ret) = { 0 };
        return ask(conn, number, args, &ret, error) ? domain_of_wire(conn, &ret.dom) : NULL;
}

DomusDomain *dm_remote_lookup_name(DomusConn *conn, const char *name, GError **error)
{
        const DmRpcName args = { (char *)name };
        return look_up(conn, DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, &args, error);
}

DomusDomain *dm_remote_lookup_uuid(DomusConn *conn, const char *uuid, GError **error)
{
        DmRpcUuid args;
        if (!dm_remote_uuid_to_wire(uuid, args.uuid))
                return dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching uuid '%s'", uuid);
        return look_up(conn, DM_REMOTE_DOMAIN_LOOKUP_BY_UUID, &args, error);
}

DomusDomain *dm_remote_lookup_id(DomusConn *conn, int id, GError **error)
{
        const DmRpcDomainLookupByIdArgs args = { id };
        return look_up(conn, DM_REMOTE_DOMAIN_LOOKUP_BY_ID, &args, error);
}

/* ---- reading ---- */

gboolean dm_remote_domain_info(DomusDomain *domain, DomusInfo *ret_info, GError **error)
{
        const DmRpcOneDomain args = { dm_remote_domain_to_wire(domain) };
        DmRpcDomusInfo i = { 0 };
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_DOMUS, DM_DOMUS_DOMAIN_INFO, &args, &i, NULL,
                           error))
                return FALSE;
        *ret_info = (DomusInfo){ .state = (DomusState)i.state,
                                 .reason = i.reason,
                                 .id = i.id,
                                 .pid = i.pid,
                                 .vcpus = i.vcpus,
                                 .max_vcpus = i.max_vcpus,
                                 .max_memory_kib = i.max_memory_kib,
                                 .memory_kib = i.memory_kib,
                                 .cpu_time_ns = i.cpu_time_ns,
                                 .started_us = i.started_us,
                                 .unresponsive_us = i.unresponsive_us,
                                 .persistent = (i.flags & DM_RPC_INFO_PERSISTENT) != 0,
                                 .autostart = (i.flags & DM_RPC_INFO_AUTOSTART) != 0,
                                 .updated = (i.flags & DM_RPC_INFO_UPDATED) != 0 };
        return TRUE;
}

/* The flags are libvirt's. */
char *dm_remote_domain_xml(DomusDomain *domain, unsigned flags, GError **error)
{
        const DmRpcDomainFlags args = { dm_remote_domain_to_wire(domain), flags };
        DM_RPC_AUTO(Xml, ret) = { 0 };
        return ask(domain->conn, DM_REMOTE_DOMAIN_GET_XML_DESC, &args, &ret, error)
                       ? g_steal_pointer(&ret.xml)
                       : NULL;
}

char *dm_remote_domain_os_type(DomusDomain *domain, GError **error)
{
        const DmRpcOneDomain args = { dm_remote_domain_to_wire(domain) };
        DM_RPC_AUTO(TypeName, ret) = { 0 };
        return ask(domain->conn, DM_REMOTE_DOMAIN_GET_OS_TYPE, &args, &ret, error)
                       ? g_steal_pointer(&ret.type)
                       : NULL;
}

GArray *dm_remote_domain_runs(DomusDomain *domain, GError **error)
{
        const DmRpcOneDomain args = { dm_remote_domain_to_wire(domain) };
        DM_RPC_AUTO(DomusRuns, ret) = { 0 };
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_DOMUS, DM_DOMUS_DOMAIN_RUNS, &args, &ret,
                           NULL, error))
                return NULL;
        GArray *runs = g_array_new(FALSE, FALSE, sizeof(DomusRun));
        for (guint i = 0; i < ret.runs.n; i++) {
                const DmRpcDomusRun *r = &ret.runs.items[i];
                DomusRun run = { r->started_us,
                                 r->ended_us,
                                 { r->end.reason, r->end.exit_code, r->end.signal, "" } };
                g_strlcpy(run.end.message, r->end.message, sizeof run.end.message);
                g_array_append_val(runs, run);
        }
        return runs;
}

/* ---- jobs of new guests ---- */

static DomusDomain *run_new(DomusConn *conn, gint32 number, const char *xml, unsigned flags,
                            const DomusCall *call, GError **error)
{
        g_autoptr(DmRemoteJob) job = dm_remote_job_new(conn->remote, call);
        const DmRpcDomusNew args = { (char *)xml, flags, dm_remote_job_timeout_ms(job),
                                     dm_remote_job_token(job) };
        DM_RPC_AUTO(OneDomain, ret) = { 0 };
        if (!dm_remote_job_begin(job, number, &args, &ret, error))
                return NULL;
        g_autoptr(DomusDomain) domain = domain_of_wire(conn, &ret.dom);
        return dm_remote_job_finish(job, domain, NULL, error) ? g_steal_pointer(&domain) : NULL;
}

DomusDomain *dm_remote_create(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                              GError **error)
{
        return run_new(conn, DM_DOMUS_DOMAIN_CREATE_XML, xml, flags, call, error);
}

DomusDomain *dm_remote_define(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                              GError **error)
{
        return run_new(conn, DM_DOMUS_DOMAIN_DEFINE_XML, xml, flags, call, error);
}

/* ---- jobs of known guests ---- */

typedef struct What {
        gint32 number;
        unsigned flags;
        const char *text;
        DomusExit *ret_exit;
} What;

static gboolean run(DomusDomain *domain, const What *what, const DomusCall *call, GError **error)
{
        g_autoptr(DmRemoteJob) job = dm_remote_job_new(domain->conn->remote, call);
        const DmRpcDomusJob args = { dm_remote_domain_to_wire(domain), what->flags, (char *)what->text,
                                     dm_remote_job_timeout_ms(job), dm_remote_job_token(job) };
        return dm_remote_job_begin(job, what->number, &args, NULL, error) &&
               dm_remote_job_finish(job, domain, what->ret_exit, error);
}

gboolean dm_remote_domain_wait(DomusDomain *domain, const DomusCall *call, DomusExit *ret_exit,
                               GError **error)
{
        return run(domain, &(What){ DM_DOMUS_DOMAIN_WAIT, .ret_exit = ret_exit }, call, error);
}

gboolean dm_remote_domain_start(DomusDomain *domain, unsigned flags, const DomusCall *call, GError **error)
{
        return run(domain, &(What){ DM_DOMUS_DOMAIN_START, .flags = flags }, call, error);
}

gboolean dm_remote_domain_destroy(DomusDomain *domain, unsigned flags, const DomusCall *call, GError **error)
{
        return run(domain, &(What){ DM_DOMUS_DOMAIN_DESTROY, .flags = flags }, call, error);
}

gboolean dm_remote_domain_set_autostart(DomusDomain *domain, gboolean autostart, const DomusCall *call,
                                        GError **error)
{
        return run(domain, &(What){ DM_DOMUS_DOMAIN_SET_AUTOSTART, .flags = autostart != FALSE }, call,
                   error);
}

gboolean dm_remote_domain_rename(DomusDomain *domain, const char *name, const DomusCall *call, GError **error)
{
        return run(domain, &(What){ DM_DOMUS_DOMAIN_RENAME, .text = name }, call, error);
}

#define SIMPLE_JOB(name, NAME)                                                                       \
        gboolean dm_remote_domain_##name(DomusDomain *domain, const DomusCall *call, GError **error) \
        {                                                                                            \
                return run(domain, &(What){ DM_DOMUS_DOMAIN_##NAME, .flags = 0 }, call, error);      \
        }
SIMPLE_JOB(undefine, UNDEFINE)
SIMPLE_JOB(shutdown, SHUTDOWN)
SIMPLE_JOB(reboot, REBOOT)
SIMPLE_JOB(reset, RESET)
SIMPLE_JOB(suspend, SUSPEND)
SIMPLE_JOB(resume, RESUME)

/* The driver's own socket comes along: nothing stands between it and the caller. */
int dm_remote_domain_open_console(DomusDomain *domain, const char *device, unsigned flags, GError **error)
{
        const DmRpcDomusConsole args = { dm_remote_domain_to_wire(domain), (char *)device, flags };
        int fd = -1;
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_DOMUS, DM_DOMUS_DOMAIN_CONSOLE, &args, NULL,
                           &fd, error))
                return -1;
        if (fd < 0)
                dm_fail(error, DM_ERROR_INTERNAL, "the driver sent no console of domain '%s'", domain->name);
        return fd;
}

/* ---- the table ---- */

static void close_remote(DomusConn *conn)
{
        dm_remote_close(conn->remote);
}

static DmEventBus *bus(DomusConn *conn)
{
        return dm_remote_bus(conn->remote);
}

/* When this has returned nothing is missed.  Without connection there is nothing to be told. */
static void listen_events(DomusConn *conn)
{
        dm_remote_ask(conn->remote, DM_RPC_PROGRAM_DOMUS, DM_DOMUS_CONNECT_EVENTS, &nothing, NULL, NULL,
                      NULL);
}

const DmConnOps dm_remote_ops = {
        .close = close_remote,
        .bus = bus,
        .listen = listen_events,
#define DM_API(result, name, ...) .name = dm_remote_##name,
#include "driver/api.def"
};
