/* The public API by procedures of the wire: what is asked of a guest, where the answer is more than its end.
 *
 * These are libvirt's procedures, whose answer comes with the reply.  An asynchronous call waits for it on a
 * thread of its own: clients ask few such things at one time. */
#include <string.h>

#include "driver/remote.h"
#include "driver/remote_convert.h"
#include "util/fd.h"

#define MAX_VCPUS 4096

static gboolean ask(DomusDomain *domain, gint32 number, const void *args, void *ret, GError **error)
{
        return dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_REMOTE, number, args, ret, NULL, error);
}

/* ---- later ---- */

typedef gboolean (*AskFn)(DomusDomain *domain, void *args, GError **error);

typedef struct Later {
        DomusDomain *domain; /* owned */
        AskFn fn;
        void *args; /* owned with free_args */
        GDestroyNotify free_args;
        DomusCall call;
        GMainContext *context; /* owned */
        GError *error;
} Later;

static void later_free(void *p)
{
        Later *l = p;
        l->free_args(l->args);
        domus_domain_unref(l->domain);
        g_main_context_unref(l->context);
        g_clear_error(&l->error);
        g_free(l);
}

static gboolean call_back(gpointer data)
{
        Later *l = data;
        l->call.done(l->domain, l->error, l->call.data);
        return G_SOURCE_REMOVE;
}

static gpointer run_later(gpointer data)
{
        Later *l = data;
        l->fn(l->domain, l->args, &l->error);
        GSource *source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, call_back, l, later_free);
        g_source_attach(source, l->context);
        g_source_unref(source);
        return NULL;
}

/* @args is taken, and freed with @free_args. */
static gboolean run(DomusDomain *domain, AskFn fn, void *args, GDestroyNotify free_args,
                    const DomusCall *call, GError **error)
{
        if (!call || !call->done) {
                gboolean ok = fn(domain, args, error);
                free_args(args);
                return ok;
        }
        Later *l = g_new0(Later, 1);
        l->domain = domus_domain_ref(domain);
        l->fn = fn;
        l->args = args;
        l->free_args = free_args;
        l->call = *call;
        l->context = call->context ? g_main_context_ref(call->context) : g_main_context_ref_thread_default();
        g_thread_unref(g_thread_new("ask", run_later, l));
        return TRUE;
}

/* Arguments and result of each: a procedure, its arguments (cleared with them), and where the result goes. */
typedef struct Ask {
        gint32 number;
        const DmXdrType *type; /* of the arguments */
        void *args;            /* owned */
        void *ret;             /* the caller's */
        void *ret_more;        /* the same */
} Ask;

static void ask_free(void *p)
{
        Ask *a = p;
        dm_record_clear(a->type, a->args);
        g_free(a->args);
        g_free(a);
}

#define NEW_ASK(proc, T, result, ...) \
        new_ask(DM_##proc, &dm_rpc_type_##T, &(DmRpc##T)__VA_ARGS__, sizeof(DmRpc##T), result)

/* What @args owns is taken. */
static Ask *new_ask(gint32 number, const DmXdrType *type, const void *args, gsize size, void *ret)
{
        Ask *a = g_new0(Ask, 1);
        a->number = number;
        a->type = type;
        a->args = g_memdup2(args, size);
        a->ret = ret;
        return a;
}

static DmRpcDomain owned_domain(const DomusDomain *domain)
{
        DmRpcDomain dom = dm_remote_domain_to_wire(domain);
        dom.name = g_strdup(dom.name);
        return dom;
}

static gboolean ask_nothing(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        return ask(domain, a->number, a->args, NULL, error);
}

/* ---- definitions ---- */

char *dm_remote_domain_metadata(DomusDomain *domain, DomusMetadata what, const char *uri, unsigned affect,
                                GError **error)
{
        const DmRpcDomainGetMetadataArgs args = { dm_remote_domain_to_wire(domain), (gint32)what, (char *)uri,
                                                  affect };
        DM_RPC_AUTO(DomainGetMetadataRet, ret) = { 0 };
        return ask(domain, DM_REMOTE_DOMAIN_GET_METADATA, &args, &ret, error) ? g_steal_pointer(&ret.metadata)
                                                                              : NULL;
}

gboolean dm_remote_domain_set_metadata(DomusDomain *domain, DomusMetadata what, const char *text,
                                       const char *key, const char *uri, unsigned affect,
                                       const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(
                REMOTE_DOMAIN_SET_METADATA, DomainSetMetadataArgs, NULL,
                { owned_domain(domain), (gint32)what, g_strdup(text), g_strdup(key), g_strdup(uri), affect });
        return run(domain, ask_nothing, a, ask_free, call, error);
}

gboolean dm_remote_domain_set_memory(DomusDomain *domain, guint64 kib, unsigned affect, const DomusCall *call,
                                     GError **error)
{
        Ask *a = NEW_ASK(REMOTE_DOMAIN_SET_MEMORY_FLAGS, DomainSetMemoryFlagsArgs, NULL,
                         { owned_domain(domain), kib, affect });
        return run(domain, ask_nothing, a, ask_free, call, error);
}

gboolean dm_remote_domain_set_vcpus(DomusDomain *domain, unsigned vcpus, unsigned affect,
                                    const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(REMOTE_DOMAIN_SET_VCPUS_FLAGS, DomainSetVcpusFlagsArgs, NULL,
                         { owned_domain(domain), vcpus, affect });
        return run(domain, ask_nothing, a, ask_free, call, error);
}

/* ---- statistics ---- */

static GVariant *value_of(const DmTypedParam *p)
{
        switch ((DmTypedType)p->type) {
        case DM_TYPED_INT:
                return g_variant_new_int32(p->value.i);
        case DM_TYPED_UINT:
                return g_variant_new_uint32(p->value.ui);
        case DM_TYPED_LLONG:
                return g_variant_new_int64(p->value.l);
        case DM_TYPED_ULLONG:
                return g_variant_new_uint64(p->value.ul);
        case DM_TYPED_DOUBLE:
                return g_variant_new_double(p->value.d);
        case DM_TYPED_BOOLEAN:
                return g_variant_new_boolean(p->value.b != 0);
        case DM_TYPED_STRING:
                return g_utf8_validate(p->value.s, -1, NULL) ? g_variant_new_string(p->value.s) : NULL;
        }
        return NULL;
}

static GVariant *figures_of(const DmTypedParams *params)
{
        GVariantBuilder b;
        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        for (guint i = 0; i < params->n; i++) {
                GVariant *value = value_of(&params->items[i]);
                if (value && g_utf8_validate(params->items[i].field, -1, NULL))
                        g_variant_builder_add(&b, "{sv}", params->items[i].field, value);
                else if (value)
                        g_variant_unref(g_variant_ref_sink(value));
        }
        return g_variant_ref_sink(g_variant_builder_end(&b));
}

static gboolean ask_stats(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        DM_RPC_AUTO(ConnectGetAllDomainStatsRet, ret) = { 0 };
        if (!ask(domain, a->number, a->args, &ret, error))
                return FALSE;
        if (ret.retStats.n == 0)
                return dm_fail(error, DM_ERROR_NOT_FOUND, "domain '%s' (%s) is no longer there", domain->name,
                               domain->uuid);
        *(GVariant **)a->ret = figures_of(&ret.retStats.items[0].params);
        return TRUE;
}

gboolean dm_remote_domain_stats(DomusDomain *domain, unsigned groups, unsigned flags, GVariant **ret_stats,
                                const DomusCall *call, GError **error)
{
        enum { WIRE_NOWAIT = 1 << 29 };
        gboolean now = (flags & DOMUS_STATS_NOWAIT) != 0;
        Ask *a = NEW_ASK(REMOTE_CONNECT_GET_ALL_DOMAIN_STATS, ConnectGetAllDomainStatsArgs, ret_stats,
                         { { g_new0(DmRpcDomain, 1), 1 }, groups, now ? WIRE_NOWAIT : 0 });
        ((DmRpcConnectGetAllDomainStatsArgs *)a->args)->doms.items[0] = owned_domain(domain);
        return run(domain, ask_stats, a, ask_free, now ? NULL : call, error);
}

gboolean dm_remote_domain_block_info(DomusDomain *domain, const char *disk, DomusBlockStats *ret_info,
                                     GError **error)
{
        const DmRpcDomainPathFlags args = { dm_remote_domain_to_wire(domain), (char *)disk, 0 };
        DmRpcDomainGetBlockInfoRet ret = { 0 };
        if (!ask(domain, DM_REMOTE_DOMAIN_GET_BLOCK_INFO, &args, &ret, error))
                return FALSE;
        *ret_info = (DomusBlockStats){ .capacity = ret.capacity,
                                       .allocation = ret.allocation,
                                       .physical = ret.physical };
        return TRUE;
}

static guint64 figure(const DmTypedParams *params, const char *name)
{
        const DmTypedParam *p = dm_typed_params_find(params, name);
        return p && p->type == DM_TYPED_LLONG ? (guint64)p->value.l : 0;
}

static gboolean ask_block_stats(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        const DmRpcDomainBlockStatsFlagsArgs *question = a->args;
        DM_RPC_AUTO(Params16Count, ret) = { 0 };
        DomusBlockStats s = { 0 };
        if (!ask(domain, a->number, question, &ret, error))
                return FALSE;
        if (*question->path)
                dm_remote_domain_block_info(domain, question->path, &s,
                                            NULL); /* an empty drive has no sizes */
        s.read_requests = figure(&ret.params, "rd_operations");
        s.read_bytes = figure(&ret.params, "rd_bytes");
        s.read_ns = figure(&ret.params, "rd_total_times");
        s.write_requests = figure(&ret.params, "wr_operations");
        s.write_bytes = figure(&ret.params, "wr_bytes");
        s.write_ns = figure(&ret.params, "wr_total_times");
        s.flush_requests = figure(&ret.params, "flush_operations");
        s.flush_ns = figure(&ret.params, "flush_total_times");
        *(DomusBlockStats *)a->ret = s;
        return TRUE;
}

gboolean dm_remote_domain_block_stats(DomusDomain *domain, const char *disk, DomusBlockStats *ret_stats,
                                      const DomusCall *call, GError **error)
{
        enum { MOST = 16 };
        Ask *a = NEW_ASK(REMOTE_DOMAIN_BLOCK_STATS_FLAGS, DomainBlockStatsFlagsArgs, ret_stats,
                         { owned_domain(domain), g_strdup(disk), MOST, 0 });
        return run(domain, ask_block_stats, a, ask_free, call, error);
}

gboolean dm_remote_domain_interface_stats(DomusDomain *domain, const char *interface,
                                          DomusInterfaceStats *ret_stats, GError **error)
{
        const DmRpcDomainInterfaceStatsArgs args = { dm_remote_domain_to_wire(domain), (char *)interface };
        DmRpcDomainInterfaceStatsRet r = { 0 };
        if (!ask(domain, DM_REMOTE_DOMAIN_INTERFACE_STATS, &args, &r, error))
                return FALSE;
        *ret_stats = (DomusInterfaceStats){
                (guint64)r.rx_bytes, (guint64)r.rx_packets, (guint64)r.rx_errs, (guint64)r.rx_drop,
                (guint64)r.tx_bytes, (guint64)r.tx_packets, (guint64)r.tx_errs, (guint64)r.tx_drop,
        };
        return TRUE;
}

static gboolean ask_vcpus(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        DM_RPC_AUTO(DomainGetVcpusRet, ret) = { 0 };
        if (!ask(domain, a->number, a->args, &ret, error))
                return FALSE;
        GArray *vcpus = g_array_sized_new(FALSE, TRUE, sizeof(DomusVcpu), ret.info.n);
        for (guint i = 0; i < ret.info.n; i++) {
                const DmRpcVcpuInfo *from = &ret.info.items[i];
                DomusVcpu v = { .number = from->number, .cpu = from->cpu, .time_ns = from->cpu_time };
                if ((gsize)(i + 1) * sizeof v.affinity <= ret.cpumaps.n)
                        memcpy(v.affinity, ret.cpumaps.data + i * sizeof v.affinity, sizeof v.affinity);
                g_array_append_val(vcpus, v);
        }
        *(GArray **)a->ret = vcpus;
        return TRUE;
}

gboolean dm_remote_domain_vcpus(DomusDomain *domain, GArray **ret_vcpus, const DomusCall *call,
                                GError **error)
{
        Ask *a = NEW_ASK(REMOTE_DOMAIN_GET_VCPUS, DomainGetVcpusArgs, ret_vcpus,
                         { owned_domain(domain), MAX_VCPUS, sizeof((DomusVcpu *)NULL)->affinity });
        return run(domain, ask_vcpus, a, ask_free, call, error);
}

/* ---- QEMU ---- */

static gboolean ask_monitor(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        DM_RPC_AUTO(ResultText, ret) = { 0 };
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_QEMU, a->number, a->args, &ret, NULL, error))
                return FALSE;
        *(char **)a->ret = g_steal_pointer(&ret.result);
        return TRUE;
}

gboolean dm_remote_domain_monitor(DomusDomain *domain, const char *command, unsigned flags, char **ret_reply,
                                  const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(QEMU_DOMAIN_MONITOR_COMMAND, DomainCommand, ret_reply,
                         { owned_domain(domain), g_strdup(command), flags });
        return run(domain, ask_monitor, a, ask_free, call, error);
}

gboolean dm_remote_domain_send_keys(DomusDomain *domain, DomusKeySet set, const unsigned *keys,
                                    unsigned n_keys, unsigned hold_ms, const DomusCall *call, GError **error)
{
        if (n_keys == 0 || n_keys > DOMUS_KEYS_MAX)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "1 to %d keys can be pressed together, not %u",
                               DOMUS_KEYS_MAX, n_keys);
        Ask *a = NEW_ASK(REMOTE_DOMAIN_SEND_KEY, DomainSendKeyArgs, NULL,
                         { owned_domain(domain),
                           (guint32)set,
                           hold_ms,
                           { g_memdup2(keys, n_keys * sizeof *keys), n_keys },
                           0 });
        return run(domain, ask_nothing, a, ask_free, call, error);
}

gboolean dm_remote_domain_inject_nmi(DomusDomain *domain, const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(REMOTE_DOMAIN_INJECT_NMI, DomainFlags, NULL, { owned_domain(domain), 0 });
        return run(domain, ask_nothing, a, ask_free, call, error);
}

static gboolean ask_screenshot(DomusDomain *domain, void *args, GError **error)
{
        static const char *const known[] = { "image/png", "image/x-portable-pixmap" };
        const Ask *a = args;
        DM_RPC_AUTO(DomainScreenshotRet, ret) = { 0 };
        dm_autofd int fd = -1;
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_DOMUS, a->number, a->args, &ret, &fd, error))
                return FALSE;
        if (fd < 0)
                return dm_fail(error, DM_ERROR_INTERNAL, "the driver sent no picture of domain '%s'",
                               domain->name);
        const char *mime = "application/octet-stream";
        for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
                if (g_strcmp0(ret.mime, known[i]) == 0)
                        mime = known[i];
        *(int *)a->ret = dm_steal_fd(&fd);
        *(const char **)a->ret_more = mime;
        return TRUE;
}

gboolean dm_remote_domain_screenshot(DomusDomain *domain, unsigned screen, int *ret_fd, const char **ret_mime,
                                     const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(DOMUS_DOMAIN_SCREENSHOT, DomainScreenshotArgs, ret_fd,
                         { owned_domain(domain), screen, 0 });
        a->ret_more = ret_mime;
        return run(domain, ask_screenshot, a, ask_free, call, error);
}

static gboolean ask_graphics(DomusDomain *domain, void *args, GError **error)
{
        const Ask *a = args;
        int fd = -1;
        if (!dm_remote_ask(domain->conn->remote, DM_RPC_PROGRAM_REMOTE, a->number, a->args, NULL, &fd, error))
                return FALSE;
        if (fd < 0)
                return dm_fail(error, DM_ERROR_INTERNAL, "the driver sent no display of domain '%s'",
                               domain->name);
        *(int *)a->ret = fd;
        return TRUE;
}

gboolean dm_remote_domain_open_graphics(DomusDomain *domain, unsigned index, unsigned flags, int *ret_fd,
                                        const DomusCall *call, GError **error)
{
        Ask *a = NEW_ASK(REMOTE_DOMAIN_OPEN_GRAPHICS_FD, DomainIndex, ret_fd,
                         { owned_domain(domain), index, flags });
        return run(domain, ask_graphics, a, ask_free, call, error);
}
