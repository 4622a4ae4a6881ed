/* Handlers: jobs that change a guest.  Each is begun here, and answered when its end is heard. */
#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "daemon/work.h"

/* libvirt's flags, as far as they are understood. */
enum {
        START_PAUSED = 1 << 0,
        START_AUTODESTROY = 1 << 1,
        START_BYPASS_CACHE = 1 << 2, /* about saved states: there is none */
        START_FORCE_BOOT = 1 << 3,   /* the same */
        START_VALIDATE = 1 << 4,
        DEFINE_VALIDATE = 1 << 0,
        UNDEFINE_MANAGED_SAVE = 1 << 0,
        UNDEFINE_SNAPSHOTS_METADATA = 1 << 1,
        UNDEFINE_NVRAM = 1 << 2,
        UNDEFINE_KEEP_NVRAM = 1 << 3,
        UNDEFINE_CHECKPOINTS_METADATA = 1 << 4,
        SHUTDOWN_ACPI = 1 << 0,
        DESTROY_GRACEFUL = 1 << 0,
};

/* What is told of a guest is its name, uuid and id. */
static gboolean fill_domain(DmWork *w, DomusDomain *domain, GError **error G_GNUC_UNUSED)
{
        dm_domain_to_wire(domain, &((DmRpcOneDomain *)w->ret)->dom);
        return TRUE;
}

static DmWork *begin(DmClient *client, DmRpcCall *call)
{
        DmWork *w = dm_work_begin(client, call);
        if (dm_rpc_call_proc(call)->ret == &dm_rpc_type_OneDomain)
                w->fill = fill_domain;
        return w;
}

/* ---- guests that end with their client ---- */

static void on_unheard_end(DomusDomain *domain G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        dm_server_end_work(data);
}

void dm_end_with_client(DmServer *server, DomusDomain *domain)
{
        const DomusCall call = { .done = on_unheard_end, .data = server };
        dm_server_begin_work(server); /* a server that ends waits for it */
        if (!domus_domain_destroy(domain, 0, &call, NULL))
                dm_server_end_work(server); /* it has ended already */
}

void dm_client_autodestroy(DmClient *client)
{
        for (guint i = 0; i < client->autodestroy->len; i++)
                dm_end_with_client(client->server, g_ptr_array_index(client->autodestroy, i));
}

void dm_client_autodestroy_add(DmServer *server, DmRpcConn *rpc, DomusDomain *domain)
{
        DmClient *client = dm_server_client(server, rpc);
        if (client)
                g_ptr_array_add(client->autodestroy, domus_domain_ref(domain));
        else
                dm_end_with_client(server, domain);
}

/* ---- new guests ---- */

void dm_handle_create_xml(DmClient *client, DmRpcCall *call, DmRpcXmlDescFlags *args)
{
        if (!dm_work_flags(call, args->flags, START_PAUSED | START_AUTODESTROY | START_VALIDATE))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call);
        w->autodestroy = (args->flags & START_AUTODESTROY) != 0;
        unsigned flags = (args->flags & START_PAUSED ? DOMUS_CREATE_PAUSED : 0) |
                         (args->flags & START_VALIDATE ? DOMUS_CREATE_VALIDATE : 0);
        g_autoptr(DomusDomain) domain = domus_create(client->conn, args->xml_desc, flags, &w->job, &error);
        if (!domain)
                dm_work_give_up(w, error);
}

static void define(DmClient *client, DmRpcCall *call, const char *xml, unsigned flags)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call);
        g_autoptr(DomusDomain) domain = domus_define(client->conn, xml, flags, &w->job, &error);
        if (!domain)
                dm_work_give_up(w, error);
}

void dm_handle_define_xml(DmClient *client, DmRpcCall *call, DmRpcXml *args)
{
        define(client, call, args->xml, 0);
}

void dm_handle_define_xml_flags(DmClient *client, DmRpcCall *call, DmRpcXmlFlags *args)
{
        if (dm_work_flags(call, args->flags, DEFINE_VALIDATE))
                define(client, call, args->xml, args->flags & DEFINE_VALIDATE ? DOMUS_CREATE_VALIDATE : 0);
}

/* ---- known guests ---- */

typedef gboolean (*Operation)(DomusDomain *domain, const DomusCall *call, GError **error);

static void operate(DmClient *client, DmRpcCall *call, const DmRpcDomain *dom, Operation operation)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, dom, &error);
        if (!domain || !operation(domain, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_undefine(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        operate(client, call, &args->dom, domus_domain_undefine);
}

void dm_handle_undefine_flags(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        /* Saved states, snapshots and checkpoints to be removed with it: there are none. */
        if (dm_work_flags(call, args->flags,
                          UNDEFINE_MANAGED_SAVE | UNDEFINE_SNAPSHOTS_METADATA | UNDEFINE_KEEP_NVRAM |
                                  UNDEFINE_CHECKPOINTS_METADATA))
                operate(client, call, &args->dom, domus_domain_undefine);
}

static void start(DmClient *client, DmRpcCall *call, const DmRpcDomain *dom, guint32 flags)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call);
        w->autodestroy = (flags & START_AUTODESTROY) != 0;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, dom, &error);
        if (!domain ||
            !domus_domain_start(domain, flags & START_PAUSED ? DOMUS_CREATE_PAUSED : 0, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_start(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        start(client, call, &args->dom, 0);
}

void dm_handle_start_flags(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        if (dm_work_flags(call, args->flags,
                          START_PAUSED | START_AUTODESTROY | START_BYPASS_CACHE | START_FORCE_BOOT))
                start(client, call, &args->dom, args->flags);
}

void dm_handle_shutdown(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        operate(client, call, &args->dom, domus_domain_shutdown);
}

void dm_handle_shutdown_flags(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        if (dm_work_flags(call, args->flags, SHUTDOWN_ACPI))
                operate(client, call, &args->dom, domus_domain_shutdown);
}

void dm_handle_reboot(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        if (dm_work_flags(call, args->flags, SHUTDOWN_ACPI))
                operate(client, call, &args->dom, domus_domain_reboot);
}

void dm_handle_reset(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        if (dm_work_flags(call, args->flags, 0))
                operate(client, call, &args->dom, domus_domain_reset);
}

static gboolean destroy(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return domus_domain_destroy(domain, 0, call, error);
}

void dm_handle_destroy(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        operate(client, call, &args->dom, destroy);
}

void dm_handle_destroy_flags(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        /* The grace that this flag asks for is given anyhow. */
        if (dm_work_flags(call, args->flags, DESTROY_GRACEFUL))
                operate(client, call, &args->dom, destroy);
}

void dm_handle_suspend(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        operate(client, call, &args->dom, domus_domain_suspend);
}

void dm_handle_resume(DmClient *client, DmRpcCall *call, DmRpcOneDomain *args)
{
        operate(client, call, &args->dom, domus_domain_resume);
}

static gboolean set_autostart(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return domus_domain_set_autostart(domain, TRUE, call, error);
}

static gboolean clear_autostart(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return domus_domain_set_autostart(domain, FALSE, call, error);
}

void dm_handle_set_autostart(DmClient *client, DmRpcCall *call, DmRpcDomainSetAutostartArgs *args)
{
        operate(client, call, &args->dom, args->autostart ? set_autostart : clear_autostart);
}

void dm_handle_rename(DmClient *client, DmRpcCall *call, DmRpcDomainRenameArgs *args)
{
        if (!dm_work_flags(call, args->flags, 0))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_rename(domain, args->new_name ? args->new_name : "", &w->job, &error))
                dm_work_give_up(w, error);
}
