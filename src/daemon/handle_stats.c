/* Handlers: figures of guests. */
#include <string.h>

#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "daemon/work.h"
#include "util/error.h"

/* Figures by name, of the driver's, as typed parameters. */
static void add_figures(DmTypedParams *p, GVariant *figures)
{
        GVariantIter iter;
        const char *name;
        GVariant *value;
        g_variant_iter_init(&iter, figures);
        while (g_variant_iter_loop(&iter, "{&sv}", &name, &value)) {
                switch (g_variant_classify(value)) {
                case G_VARIANT_CLASS_INT32:
                        dm_typed_params_add_int(p, g_variant_get_int32(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_UINT32:
                        dm_typed_params_add_uint(p, g_variant_get_uint32(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_INT64:
                        dm_typed_params_add_llong(p, g_variant_get_int64(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_UINT64:
                        dm_typed_params_add_ullong(p, g_variant_get_uint64(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_DOUBLE:
                        dm_typed_params_add_double(p, g_variant_get_double(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_BOOLEAN:
                        dm_typed_params_add_boolean(p, g_variant_get_boolean(value), "%s", name);
                        break;
                case G_VARIANT_CLASS_STRING:
                        dm_typed_params_add_string(p, g_variant_get_string(value, NULL), "%s", name);
                        break;
                case G_VARIANT_CLASS_BYTE:
                case G_VARIANT_CLASS_INT16:
                case G_VARIANT_CLASS_UINT16:
                case G_VARIANT_CLASS_HANDLE:
                case G_VARIANT_CLASS_OBJECT_PATH:
                case G_VARIANT_CLASS_SIGNATURE:
                case G_VARIANT_CLASS_VARIANT:
                case G_VARIANT_CLASS_MAYBE:
                case G_VARIANT_CLASS_ARRAY:
                case G_VARIANT_CLASS_TUPLE:
                case G_VARIANT_CLASS_DICT_ENTRY:
                        g_assert_not_reached(); /* domus_domain_stats() has no such figures */
                }
        }
}

/* A client that can read strings says so; there are none among the figures of one guest. */
enum { STRING_OKAY = 1 << 2 };

/* ---- all guests ---- */

enum {
        STATS_ENFORCE = (int)(1u << 31), /* what is not known is an error */
        STATS_BACKING = 1 << 30,
        STATS_NOWAIT = 1 << 29,
};

typedef struct Item {
        struct Gather *gather;
        DomusDomain *domain; /* owned */
        GVariant *figures;   /* owned; NULL: it has ended meanwhile */
        unsigned groups;
} Item;

/* One answer from many guests, each of which may be slow. */
typedef struct Gather {
        DmServer *server;
        DmRpcCall *call;
        GPtrArray *items;
        guint waiting;
} Gather;

static void item_free(void *p)
{
        Item *i = p;
        domus_domain_unref(i->domain);
        if (i->figures)
                g_variant_unref(i->figures);
        g_free(i);
}

static void answer(Gather *g)
{
        DM_RPC_AUTO(ConnectGetAllDomainStatsRet, ret) = { 0 };
        DmServer *server = g->server;
        ret.retStats.items = g_new0(DmRpcDomainStatsRecord, g->items->len);
        for (guint i = 0; i < g->items->len; i++) {
                const Item *item = g_ptr_array_index(g->items, i);
                if (!item->figures)
                        continue;
                DmRpcDomainStatsRecord *record = &ret.retStats.items[ret.retStats.n++];
                dm_domain_to_wire(item->domain, &record->dom);
                add_figures(&record->params, item->figures);
        }
        dm_rpc_call_reply(g->call, &ret);
        g_ptr_array_unref(g->items);
        g_free(g);
        dm_server_end_work(server);
}

/* A guest that does not answer in time tells what is known without it. */
static void on_figures(DomusDomain *domain, const GError *error, void *data)
{
        Item *item = data;
        Gather *g = item->gather;
        if (error)
                domus_domain_stats(domain, item->groups, DOMUS_STATS_NOWAIT, &item->figures, NULL, NULL);
        if (--g->waiting == 0)
                answer(g);
}

static void ask(Item *item, gboolean wait)
{
        const DomusCall call = { .timeout_ms = DM_WORK_ASK_MS, .done = on_figures, .data = item };
        DomusInfo info;
        if (!domus_domain_info(item->domain, &info, NULL))
                return;
        if (!wait || info.id < 0 || info.unresponsive_us)
                domus_domain_stats(item->domain, item->groups, DOMUS_STATS_NOWAIT, &item->figures, NULL,
                                   NULL);
        else if (domus_domain_stats(item->domain, item->groups, 0, &item->figures, &call, NULL))
                item->gather->waiting++;
}

/* The guests that were named, each once, or those that @flags means. */
static GPtrArray *stats_domains(DmClient *client, const DmRpcConnectGetAllDomainStatsArgs *args,
                                GError **error)
{
        if (args->doms.n == 0)
                return dm_domains_select(client->conn, args->flags & DM_LIST_ALL_FLAGS, error);
        GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; i < args->doms.n; i++) {
                DomusDomain *d = dm_domain_of_wire(client->conn, &args->doms.items[i], NULL);
                if (!d)
                        continue; /* one that has ended meanwhile is left out, as libvirt does */
                if (g_hash_table_add(seen, (char *)domus_domain_uuid(d)))
                        g_ptr_array_add(list, d);
                else
                        domus_domain_unref(d);
        }
        return list;
}

static gboolean check_stats(const DmRpcConnectGetAllDomainStatsArgs *args, GError **error)
{
        if (!dm_handler_flags(args->flags,
                              (guint32)STATS_ENFORCE | STATS_BACKING | STATS_NOWAIT | DM_LIST_ALL_FLAGS,
                              "virConnectGetAllDomainStats", error))
                return FALSE;
        if ((args->flags & (guint32)STATS_ENFORCE) && (args->stats & ~(guint32)DOMUS_STATS_ALL))
                return dm_handler_fail(error, DM_RPC_ERR_ARGUMENT_UNSUPPORTED,
                                       "Stats types bits 0x%x are not supported by this daemon or QEMU",
                                       args->stats & ~(guint32)DOMUS_STATS_ALL);
        return TRUE;
}

void dm_handle_all_stats(DmClient *client, DmRpcCall *call, DmRpcConnectGetAllDomainStatsArgs *args)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = check_stats(args, &error) ? stats_domains(client, args, &error) : NULL;
        if (!list) {
                dm_handler_answer_error(call, error);
                return;
        }
        Gather *g = g_new0(Gather, 1);
        g->server = client->server;
        g->call = call;
        g->items = g_ptr_array_new_with_free_func(item_free);
        g->waiting = 1; /* ours */
        unsigned groups = args->stats ? args->stats : DOMUS_STATS_ALL;
        gboolean wait = !(args->flags & STATS_NOWAIT) && (groups & (DOMUS_STATS_BLOCK | DOMUS_STATS_VCPU));
        dm_server_begin_work(client->server);
        for (guint i = 0; i < list->len; i++) {
                Item *item = g_new0(Item, 1);
                item->gather = g;
                item->domain = domus_domain_ref(g_ptr_array_index(list, i));
                item->groups = groups;
                g_ptr_array_add(g->items, item);
                ask(item, wait);
        }
        if (--g->waiting == 0)
                answer(g);
}

/* ---- one guest: memory, processors ---- */

gboolean dm_handle_memory_stats(DmClient *client, DmRpcDomainMemoryStatsArgs *args,
                                DmRpcDomainMemoryStatsRet *ret, GError **error)
{
        /* virDomainMemoryStatTags */
        static const struct {
                gint32 tag;
                const char *name;
        } rows[] = { { 6, "balloon.current" }, { 7, "balloon.rss" } };
        if (!dm_handler_flags(args->flags, 0, "virDomainMemoryStats", error))
                return FALSE;
        DomusInfo info;
        g_autoptr(DomusDomain) domain = dm_domain_info_of_wire(client->conn, &args->dom, &info, error);
        g_autoptr(GVariant) figures = NULL;
        if (!domain ||
            !domus_domain_stats(domain, DOMUS_STATS_BALLOON, DOMUS_STATS_NOWAIT, &figures, NULL, error))
                return FALSE;
        if (info.id < 0)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain is not running");
        ret->stats.items = g_new0(DmRpcDomainMemoryStat, G_N_ELEMENTS(rows));
        for (gsize i = 0; i < MIN(G_N_ELEMENTS(rows), args->maxStats); i++) {
                DmRpcDomainMemoryStat *s = &ret->stats.items[ret->stats.n];
                s->tag = rows[i].tag;
                if (g_variant_lookup(figures, rows[i].name, "t", &s->val))
                        ret->stats.n++;
        }
        return TRUE;
}

/* Of all processors together; of each one the kernel only knows when it is told to count. */
gboolean dm_handle_cpu_stats(DmClient *client, DmRpcDomainGetCpuStatsArgs *args,
                             DmRpcDomainGetCpuStatsRet *ret, GError **error)
{
        enum { FIGURES = 3 };
        DomusInfo info;
        g_autoptr(DomusDomain) domain = dm_domain_info_of_wire(client->conn, &args->dom, &info, error);
        if (!domain || !dm_handler_flags(args->flags, STRING_OKAY, "virDomainGetCPUStats", error))
                return FALSE;
        if (info.id < 0)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain is not running");
        if (args->start_cpu != -1)
                return dm_fail(error, DM_ERROR_BAD_STATE,
                               "only totals are counted: ask for cpu-stats --total");
        if (args->nparams == 0) {
                ret->nparams = FIGURES;
                return TRUE;
        }
        static const struct {
                const char *name, *figure;
        } rows[FIGURES] = { { "cpu_time", "cpu.time" },
                            { "user_time", "cpu.user" },
                            { "system_time", "cpu.system" } };
        g_autoptr(GVariant) figures = NULL;
        if (!domus_domain_stats(domain, DOMUS_STATS_CPU, DOMUS_STATS_NOWAIT, &figures, NULL, error))
                return FALSE;
        for (guint i = 0; i < MIN((guint)FIGURES, args->nparams); i++) {
                guint64 value = 0;
                g_variant_lookup(figures, rows[i].figure, "t", &value);
                dm_typed_params_add_ullong(&ret->params, value, "%s", rows[i].name);
        }
        ret->nparams = (gint32)ret->params.n;
        return TRUE;
}

/* ---- one guest: what has to be asked of QEMU ---- */

static DmWork *begin(DmClient *client, DmRpcCall *call, gsize size, GDestroyNotify free_data)
{
        DmWork *w = dm_work_begin(client, call);
        w->job.timeout_ms = DM_WORK_ASK_MS;
        w->data = g_malloc0(size);
        w->free_data = free_data;
        return w;
}

static gboolean fill_block_stats(DmWork *w, DomusDomain *domain G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
        const DomusBlockStats *s = w->data;
        *(DmRpcDomainBlockStatsRet *)w->ret = (DmRpcDomainBlockStatsRet){
                .rd_req = (gint64)s->read_requests,
                .rd_bytes = (gint64)s->read_bytes,
                .wr_req = (gint64)s->write_requests,
                .wr_bytes = (gint64)s->write_bytes,
                .errs = -1, /* nobody counts them */
        };
        return TRUE;
}

static void block_stats(DmClient *client, DmWork *w, const DmRpcDomain *dom, const char *path)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, dom, &error);
        if (!domain || !domus_domain_block_stats(domain, path, w->data, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_block_stats(DmClient *client, DmRpcCall *call, DmRpcDomainBlockStatsArgs *args)
{
        DmWork *w = begin(client, call, sizeof(DomusBlockStats), g_free);
        w->fill = fill_block_stats;
        block_stats(client, w, &args->dom, args->path);
}

static gboolean fill_block_stats_flags(DmWork *w, DomusDomain *domain G_GNUC_UNUSED,
                                       GError **error G_GNUC_UNUSED)
{
        const DomusBlockStats *s = w->data;
        const DmRpcDomainBlockStatsFlagsArgs *args = dm_rpc_call_args(w->call);
        DmRpcParams16Count *ret = w->ret;
        const struct {
                const char *name;
                guint64 value;
        } rows[] = { { "wr_bytes", s->write_bytes },
                     { "wr_operations", s->write_requests },
                     { "rd_bytes", s->read_bytes },
                     { "rd_operations", s->read_requests },
                     { "flush_operations", s->flush_requests },
                     { "wr_total_times", s->write_ns },
                     { "rd_total_times", s->read_ns },
                     { "flush_total_times", s->flush_ns } };
        ret->nparams = G_N_ELEMENTS(rows);
        if (args->nparams == 0)
                return TRUE;
        for (gsize i = 0; i < MIN(G_N_ELEMENTS(rows), (gsize)MAX(args->nparams, 0)); i++)
                dm_typed_params_add_llong(&ret->params, (gint64)rows[i].value, "%s", rows[i].name);
        ret->nparams = (gint32)ret->params.n;
        return TRUE;
}

void dm_handle_block_stats_flags(DmClient *client, DmRpcCall *call, DmRpcDomainBlockStatsFlagsArgs *args)
{
        if (!dm_work_flags(call, args->flags, STRING_OKAY))
                return;
        DmWork *w = begin(client, call, sizeof(DomusBlockStats), g_free);
        w->fill = fill_block_stats_flags;
        block_stats(client, w, &args->dom, args->path);
}

gboolean dm_handle_block_info(DomusConn *conn, DmRpcDomainPathFlags *args, DmRpcDomainGetBlockInfoRet *ret,
                              GError **error)
{
        DomusBlockStats info;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(conn, &args->dom, error);
        if (!domain || !dm_handler_flags(args->flags, 0, "virDomainGetBlockInfo", error) ||
            !domus_domain_block_info(domain, args->path, &info, error))
                return FALSE;
        *ret = (DmRpcDomainGetBlockInfoRet){ info.allocation, info.capacity, info.physical };
        return TRUE;
}

gboolean dm_handle_interface_stats(DmClient *client, DmRpcDomainInterfaceStatsArgs *args,
                                   DmRpcDomainInterfaceStatsRet *ret, GError **error)
{
        DomusInterfaceStats s;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, error);
        if (!domain || !domus_domain_interface_stats(domain, args->device, &s, error))
                return FALSE;
        *ret = (DmRpcDomainInterfaceStatsRet){
                (gint64)s.rx_bytes, (gint64)s.rx_packets, (gint64)s.rx_errors, (gint64)s.rx_dropped,
                (gint64)s.tx_bytes, (gint64)s.tx_packets, (gint64)s.tx_errors, (gint64)s.tx_dropped,
        };
        return TRUE;
}

/* ---- processors ---- */

static void vcpus_free(void *p)
{
        GArray **vcpus = p;
        if (*vcpus)
                g_array_unref(*vcpus);
        g_free(vcpus);
}

static gboolean fill_vcpus(DmWork *w, DomusDomain *domain G_GNUC_UNUSED, GError **error)
{
        enum { RUNNING = 1 };
        const GArray *vcpus = *(GArray **)w->data;
        const DmRpcDomainGetVcpusArgs *args = dm_rpc_call_args(w->call);
        DmRpcDomainGetVcpusRet *ret = w->ret;
        const DomusVcpu *first = (const DomusVcpu *)(void *)vcpus->data;
        if (args->maxinfo < 0 || args->maplen < 0 || args->maplen > (gint32)sizeof first->affinity)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "maxinfo %d or maplen %d is out of range",
                               args->maxinfo, args->maplen);
        guint n = MIN(vcpus->len, (guint)args->maxinfo), length = (guint)args->maplen;
        ret->info.items = g_new0(DmRpcVcpuInfo, n);
        ret->info.n = n;
        ret->cpumaps = (DmXdrBytes){ g_malloc0((gsize)n * length), n * length };
        for (guint i = 0; i < n; i++) {
                const DomusVcpu *v = &g_array_index(vcpus, DomusVcpu, i);
                ret->info.items[i] = (DmRpcVcpuInfo){ v->number, RUNNING, v->time_ns, v->cpu };
                if (length)
                        memcpy(ret->cpumaps.data + (gsize)i * length, v->affinity, length);
        }
        return TRUE;
}

void dm_handle_get_vcpus(DmClient *client, DmRpcCall *call, DmRpcDomainGetVcpusArgs *args)
{
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call, sizeof(GArray *), vcpus_free);
        w->fill = fill_vcpus;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_vcpus(domain, w->data, &w->job, &error))
                dm_work_give_up(w, error);
}

/* Where they may run, as the kernel has it: of a guest that runs. */
static gboolean fill_pin_info(DmWork *w, DomusDomain *domain G_GNUC_UNUSED, GError **error)
{
        const GArray *vcpus = *(GArray **)w->data;
        const DmRpcDomainGetVcpuPinInfoArgs *args = dm_rpc_call_args(w->call);
        DmRpcDomainGetVcpuPinInfoRet *ret = w->ret;
        const gsize most = sizeof((DomusVcpu *)NULL)->affinity;
        if (args->ncpumaps < 0 || args->maplen < 0 || args->maplen > (gint32)most)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "ncpumaps %d or maplen %d is out of range",
                               args->ncpumaps, args->maplen);
        guint n = MIN(vcpus->len, (guint)args->ncpumaps), length = (guint)args->maplen;
        ret->cpumaps = (DmXdrBytes){ g_malloc0((gsize)n * length), n * length };
        ret->num = (gint32)n;
        for (guint i = 0; length && i < n; i++)
                memcpy(ret->cpumaps.data + (gsize)i * length, g_array_index(vcpus, DomusVcpu, i).affinity,
                       length);
        return TRUE;
}

void dm_handle_get_vcpu_pin_info(DmClient *client, DmRpcCall *call, DmRpcDomainGetVcpuPinInfoArgs *args)
{
        if (!dm_work_flags(call, args->flags, DOMUS_AFFECT_LIVE))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = begin(client, call, sizeof(GArray *), vcpus_free);
        w->fill = fill_pin_info;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_vcpus(domain, w->data, &w->job, &error))
                dm_work_give_up(w, error);
}
