/* Handlers: what is known of a guest.  All of it comes from its view: nothing waits for QEMU. */
#include <string.h>

#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "util/error.h"

/* FALSE with the reason when the guest is not there. */
static gboolean info_of(DmClient *client, const DmRpcDomain *dom, DomusInfo *ret, GError **error)
{
        g_autoptr(DomusDomain) domain = dm_domain_info_of_wire(client->conn, dom, ret, error);
        return domain != NULL;
}

gboolean dm_handle_get_info(DmClient *client, DmRpcOneDomain *args, DmRpcDomainGetInfoRet *ret,
                            GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        *ret = (DmRpcDomainGetInfoRet){ .state = info.state,
                                        .maxMem = info.max_memory_kib,
                                        .memory = info.memory_kib,
                                        .nrVirtCpu = info.vcpus,
                                        .cpuTime = info.cpu_time_ns };
        return TRUE;
}

gboolean dm_handle_get_state(DmClient *client, DmRpcDomainFlags *args, DmRpcDomainGetStateRet *ret,
                             GError **error)
{
        DomusInfo info;
        if (!dm_handler_flags(args->flags, 0, "virDomainGetState", error) ||
            !info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->state = (gint32)info.state;
        ret->reason = info.reason;
        return TRUE;
}

/* virDomainControlState: how it goes with the emulator's monitor. */
enum { CONTROL_OK = 0, CONTROL_ERROR = 3, CONTROL_DETAIL_MONITOR = 2 };

gboolean dm_handle_get_control_info(DmClient *client, DmRpcDomainFlags *args,
                                    DmRpcDomainGetControlInfoRet *ret, GError **error)
{
        DomusInfo info;
        if (!dm_handler_flags(args->flags, 0, "virDomainGetControlInfo", error) ||
            !info_of(client, &args->dom, &info, error))
                return FALSE;
        if (info.id < 0)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain is not running");
        ret->state = info.unresponsive_us ? CONTROL_ERROR : CONTROL_OK;
        ret->details = info.unresponsive_us ? CONTROL_DETAIL_MONITOR : 0;
        if (info.unresponsive_us)
                ret->stateTime = (guint64)MAX(g_get_real_time() - info.unresponsive_us, 0) / 1000;
        return TRUE;
}

enum { XML_SECURE = 1 << 0, XML_INACTIVE = 1 << 1, XML_UPDATE_CPU = 1 << 2 };

gboolean dm_handle_get_xml(DmClient *client, DmRpcDomainFlags *args, DmRpcXml *ret, GError **error)
{
        /* The CPU is always written as it was decided. */
        if (!dm_handler_flags(args->flags, XML_SECURE | XML_INACTIVE | XML_UPDATE_CPU, "virDomainGetXMLDesc",
                              error))
                return FALSE;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, error);
        if (!domain)
                return FALSE;
        ret->xml = domus_domain_xml(domain,
                                    (args->flags & XML_SECURE ? DOMUS_XML_SECURE : 0) |
                                            (args->flags & XML_INACTIVE ? DOMUS_XML_INACTIVE : 0),
                                    error);
        return ret->xml != NULL;
}

gboolean dm_handle_is_active(DmClient *client, DmRpcOneDomain *args, DmRpcActive *ret, GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->active = info.id >= 0;
        return TRUE;
}

gboolean dm_handle_is_persistent(DmClient *client, DmRpcOneDomain *args, DmRpcPersistent *ret, GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->persistent = info.persistent;
        return TRUE;
}

gboolean dm_handle_is_updated(DmClient *client, DmRpcOneDomain *args, DmRpcDomainIsUpdatedRet *ret,
                              GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->updated = info.updated;
        return TRUE;
}

gboolean dm_handle_get_autostart(DmClient *client, DmRpcOneDomain *args, DmRpcAutostart *ret, GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->autostart = info.autostart;
        return TRUE;
}

gboolean dm_handle_get_os_type(DmClient *client, DmRpcOneDomain *args, DmRpcTypeName *ret, GError **error)
{
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, error);
        ret->type = domain ? domus_domain_os_type(domain, error) : NULL;
        return ret->type != NULL;
}

gboolean dm_handle_get_max_memory(DmClient *client, DmRpcOneDomain *args, DmRpcDomainGetMaxMemoryRet *ret,
                                  GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->memory = info.max_memory_kib;
        return TRUE;
}

gboolean dm_handle_get_max_vcpus(DmClient *client, DmRpcOneDomain *args, DmRpcNum *ret, GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->num = (gint32)info.max_vcpus;
        return TRUE;
}

enum { VCPU_LIVE = 1 << 0, VCPU_CONFIG = 1 << 1, VCPU_MAXIMUM = 1 << 2 };

gboolean dm_handle_get_vcpus_flags(DmClient *client, DmRpcDomainFlags *args, DmRpcNum *ret, GError **error)
{
        DomusInfo info;
        if (!dm_handler_flags(args->flags, VCPU_LIVE | VCPU_CONFIG | VCPU_MAXIMUM, "virDomainGetVcpusFlags",
                              error) ||
            !info_of(client, &args->dom, &info, error))
                return FALSE;
        if ((args->flags & VCPU_LIVE) && info.id < 0)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain is not running");
        if ((args->flags & VCPU_CONFIG) && !info.persistent)
                return dm_fail(error, DM_ERROR_BAD_STATE,
                               "transient domains do not have any persistent config");
        ret->num = (gint32)(args->flags & VCPU_MAXIMUM ? info.max_vcpus : info.vcpus);
        return TRUE;
}

/* Saving is not offered, so there is no saved state. */
gboolean dm_handle_has_managed_save(DmClient *client, DmRpcDomainFlags *args, DmRpcResult *ret,
                                    GError **error)
{
        DomusInfo info;
        ret->result = 0;
        return dm_handler_flags(args->flags, 0, "virDomainHasManagedSaveImage", error) &&
               info_of(client, &args->dom, &info, error);
}

/* The empty one; its NUL goes along. */
gboolean dm_handle_security_label(DmClient *client, DmRpcOneDomain *args, DmRpcDomainGetSecurityLabelRet *ret,
                                  GError **error)
{
        DomusInfo info;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        ret->label = (DmXdrBytes){ g_malloc0(1), 1 };
        return TRUE;
}

/* Of jobs that take long, such as migrations, there are none: type 0. */
gboolean dm_handle_job_info(DmClient *client, DmRpcOneDomain *args, DmRpcDomainGetJobInfoRet *ret,
                            GError **error)
{
        DomusInfo info;
        ret->type = 0;
        if (!info_of(client, &args->dom, &info, error))
                return FALSE;
        return info.id >= 0 || dm_fail(error, DM_ERROR_BAD_STATE, "domain is not running");
}

/* Taints and deprecations, of which none is kept. */
gboolean dm_handle_get_messages(DmClient *client, DmRpcDomainFlags *args,
                                DmRpcDomainGetMessagesRet *ret G_GNUC_UNUSED, GError **error)
{
        enum { DEPRECATION = 1 << 0, TAINTING = 1 << 1 };
        DomusInfo info;
        return dm_handler_flags(args->flags, DEPRECATION | TAINTING, "virDomainGetMessages", error) &&
               info_of(client, &args->dom, &info, error);
}

/* ---- statistics of all ---- */

enum {
        STATS_ENFORCE = (int)(1u << 31), /* what is not known is an error */
        STATS_BACKING = 1 << 30,
        STATS_NOWAIT = 1 << 29, /* we never wait */
};

typedef void (*StatsFn)(DmTypedParams *p, const DomusInfo *info);

static void stats_state(DmTypedParams *p, const DomusInfo *info)
{
        dm_typed_params_add_int(p, (gint32)info->state, "state.state");
        dm_typed_params_add_int(p, info->reason, "state.reason");
}

static void stats_cpu(DmTypedParams *p, const DomusInfo *info)
{
        if (info->id >= 0)
                dm_typed_params_add_ullong(p, info->cpu_time_ns, "cpu.time");
}

static void stats_balloon(DmTypedParams *p, const DomusInfo *info)
{
        if (info->id >= 0)
                dm_typed_params_add_ullong(p, info->memory_kib, "balloon.current");
        dm_typed_params_add_ullong(p, info->max_memory_kib, "balloon.maximum");
}

static void stats_vcpu(DmTypedParams *p, const DomusInfo *info)
{
        dm_typed_params_add_uint(p, info->vcpus, "vcpu.current");
        dm_typed_params_add_uint(p, info->max_vcpus, "vcpu.maximum");
}

/* virDomainStatsTypes, from bit 0. */
static const StatsFn stats[] = { stats_state, stats_cpu, stats_balloon, stats_vcpu };
#define STATS_KNOWN ((1u << G_N_ELEMENTS(stats)) - 1)

/* The guests that were named, or those that @flags means. */
static GPtrArray *stats_domains(DmClient *client, const DmRpcConnectGetAllDomainStatsArgs *args,
                                GError **error)
{
        if (args->doms.n == 0)
                return dm_domains_select(client->conn, args->flags & DM_LIST_ALL_FLAGS, error);
        GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (guint i = 0; i < args->doms.n; i++) {
                DomusDomain *d = dm_domain_of_wire(client->conn, &args->doms.items[i], NULL);
                if (d) /* one that has ended meanwhile is left out, as libvirt does */
                        g_ptr_array_add(list, d);
        }
        return list;
}

gboolean dm_handle_all_stats(DmClient *client, DmRpcConnectGetAllDomainStatsArgs *args,
                             DmRpcConnectGetAllDomainStatsRet *ret, GError **error)
{
        if (!dm_handler_flags(args->flags,
                              (guint32)STATS_ENFORCE | STATS_BACKING | STATS_NOWAIT | DM_LIST_ALL_FLAGS,
                              "virConnectGetAllDomainStats", error))
                return FALSE;
        if ((args->flags & (guint32)STATS_ENFORCE) && (args->stats & ~STATS_KNOWN))
                return dm_handler_fail(error, DM_RPC_ERR_ARGUMENT_UNSUPPORTED,
                                       "Stats types bits 0x%x are not supported by this daemon or QEMU",
                                       args->stats & ~STATS_KNOWN);
        g_autoptr(GPtrArray) list = stats_domains(client, args, error);
        if (!list)
                return FALSE;
        guint32 wanted = args->stats ? args->stats : STATS_KNOWN;
        ret->retStats.items = g_new0(DmRpcDomainStatsRecord, list->len);
        for (guint i = 0; i < list->len; i++) {
                DomusInfo info;
                if (!domus_domain_info(g_ptr_array_index(list, i), &info, NULL))
                        continue;
                DmRpcDomainStatsRecord *record = &ret->retStats.items[ret->retStats.n++];
                dm_domain_to_wire(g_ptr_array_index(list, i), &record->dom);
                for (guint bit = 0; bit < G_N_ELEMENTS(stats); bit++)
                        if (wanted & (1u << bit))
                                stats[bit](&record->params, &info);
        }
        return TRUE;
}
