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
