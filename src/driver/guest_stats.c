/* Figures of a guest.  What is known without asking anybody comes from the view and from the kernel; only
 * disks and processors are asked of QEMU, by one job. */
#include "driver/guest_stats.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "conf/domain_disk.h"
#include "conf/domain_interface.h"
#include "driver/guest_owner.h"
#include "driver/image_info.h"
#include "util/file.h"

#define MAX_FIGURE   64 /* bytes of a number in /sys */
#define MAX_STAT     4096
#define MAX_THREADS  4096 /* of QEMU's processors, that are looked at */
#define NS_PER_S     G_GUINT64_CONSTANT(1000000000)
#define VCPU_RUNNING 1 /* virVcpuState */

/* ---- the host ---- */

gboolean dm_process_cpu_time(int pid, int tid, guint64 *ret_user, guint64 *ret_system, int *ret_cpu)
{
        enum { UTIME = 12, STIME = 13, PROCESSOR = 37 }; /* after the name; proc(5) counts from the pid, 1 */
        g_autofree char *path = tid > 0 ? g_strdup_printf("/proc/%d/task/%d/stat", pid, tid)
                                        : g_strdup_printf("/proc/%d/stat", pid);
        g_autofree char *text = NULL;
        if (pid <= 0 || !dm_file_read(path, MAX_STAT, &text, NULL, NULL))
                return FALSE;
        const char *after = strrchr(text, ')'); /* the name before it may hold blanks */
        g_auto(GStrv) fields = g_strsplit(after ? after + 1 : "", " ", 64);
        if (g_strv_length(fields) <= PROCESSOR)
                return FALSE;
        guint64 tick = NS_PER_S / (guint64)sysconf(_SC_CLK_TCK);
        *ret_user = g_ascii_strtoull(fields[UTIME], NULL, 10) * tick;
        *ret_system = g_ascii_strtoull(fields[STIME], NULL, 10) * tick;
        if (ret_cpu)
                *ret_cpu = (int)g_ascii_strtoll(fields[PROCESSOR], NULL, 10);
        return TRUE;
}

/* KiB of memory that the process has. */
static guint64 resident_kib(int pid)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/statm", pid), *text = NULL;
        if (pid <= 0 || !dm_file_read(path, MAX_STAT, &text, NULL, NULL))
                return 0;
        g_auto(GStrv) fields = g_strsplit(text, " ", 3);
        guint64 pages = fields[0] && fields[1] ? g_ascii_strtoull(fields[1], NULL, 10) : 0;
        return pages * (guint64)sysconf(_SC_PAGESIZE) / 1024;
}

static guint64 interface_figure(const char *device, const char *name)
{
        g_autofree char *path = g_strdup_printf("/sys/class/net/%s/statistics/%s", device, name);
        g_autofree char *text = NULL;
        return dm_file_read(path, MAX_FIGURE, &text, NULL, NULL) ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* What the host receives from a tap is what the guest has sent.  A macvtap has its own side of it. */
static DomusInterfaceStats interface_figures(const DmInterface *i)
{
        const char *d = i->target_dev;
        DomusInterfaceStats host = {
                interface_figure(d, "rx_bytes"),  interface_figure(d, "rx_packets"),
                interface_figure(d, "rx_errors"), interface_figure(d, "rx_dropped"),
                interface_figure(d, "tx_bytes"),  interface_figure(d, "tx_packets"),
                interface_figure(d, "tx_errors"), interface_figure(d, "tx_dropped"),
        };
        if (i->type == DM_INTERFACE_DIRECT)
                return host;
        return (DomusInterfaceStats){ host.tx_bytes, host.tx_packets, host.tx_errors, host.tx_dropped,
                                      host.rx_bytes, host.rx_packets, host.rx_errors, host.rx_dropped };
}

/* One that the host can see under a name; the name is part of a path here. */
static gboolean has_device(const DmInterface *i)
{
        return i->target_dev && *i->target_dev && *i->target_dev != '.' && !strchr(i->target_dev, '/');
}

gboolean dm_guest_interface_stats(const DmView *v, const char *name, const char *interface,
                                  DomusInterfaceStats *ret_stats, GError **error)
{
        if (!dm_view_active(v))
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", name);
        DM_FOREACH_DEVICE (v->domain, device) {
                const DmInterface *i = (const DmInterface *)device;
                if (device->kind != DM_DEVICE_INTERFACE ||
                    (g_strcmp0(i->target_dev, interface) != 0 && g_strcmp0(i->mac, interface) != 0))
                        continue;
                if (!has_device(i))
                        return dm_fail(error, DM_ERROR_UNSUPPORTED,
                                       "the host has no device for interface '%s' of domain '%s'", interface,
                                       name);
                *ret_stats = interface_figures(i);
                return TRUE;
        }
        return dm_fail(error, DM_ERROR_INVALID_ARG, "invalid path, '%s' is not a known interface", interface);
}

/* ---- a list of figures ---- */

static void add(GVariantBuilder *b, GVariant *value, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void add(GVariantBuilder *b, GVariant *value, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *name = g_strdup_vprintf(format, args);
        va_end(args);
        g_variant_builder_add(b, "{sv}", name, value);
}

static void add_state(GVariantBuilder *b, const DmView *v)
{
        add(b, g_variant_new_int32((gint32)v->state), "state.state");
        add(b, g_variant_new_int32(v->reason), "state.reason");
}

static void add_cpu(GVariantBuilder *b, const DmView *v)
{
        guint64 user, system;
        if (!dm_process_cpu_time(v->pid, 0, &user, &system, NULL))
                return;
        add(b, g_variant_new_uint64(user + system), "cpu.time");
        add(b, g_variant_new_uint64(user), "cpu.user");
        add(b, g_variant_new_uint64(system), "cpu.system");
}

static void add_balloon(GVariantBuilder *b, const DmView *v)
{
        if (dm_view_active(v))
                add(b, g_variant_new_uint64(v->memory_kib), "balloon.current");
        add(b, g_variant_new_uint64(v->domain->memory.value / 1024), "balloon.maximum");
        if (dm_view_active(v))
                add(b, g_variant_new_uint64(resident_kib(v->pid)), "balloon.rss");
}

static void add_vcpu(GVariantBuilder *b, const DmView *v)
{
        guint32 most = v->domain->vcpus.set ? v->domain->vcpus.value : 1;
        guint32 now = v->domain->current_vcpus.set ? v->domain->current_vcpus.value : most;
        add(b, g_variant_new_uint32(now), "vcpu.current");
        add(b, g_variant_new_uint32(most), "vcpu.maximum");
}

static void add_interface(GVariantBuilder *b, const DmView *v)
{
        guint n = 0;
        DM_FOREACH_DEVICE (v->domain, device)
                n += device->kind == DM_DEVICE_INTERFACE && dm_view_active(v) &&
                     has_device((const DmInterface *)device);
        add(b, g_variant_new_uint32(n), "net.count");
        n = 0;
        DM_FOREACH_DEVICE (v->domain, device) {
                const DmInterface *i = (const DmInterface *)device;
                if (device->kind != DM_DEVICE_INTERFACE || !dm_view_active(v) || !has_device(i))
                        continue;
                DomusInterfaceStats s = interface_figures(i);
                const struct {
                        const char *name;
                        guint64 value;
                } rows[] = { { "rx.bytes", s.rx_bytes }, { "rx.pkts", s.rx_packets },
                             { "rx.errs", s.rx_errors }, { "rx.drop", s.rx_dropped },
                             { "tx.bytes", s.tx_bytes }, { "tx.pkts", s.tx_packets },
                             { "tx.errs", s.tx_errors }, { "tx.drop", s.tx_dropped } };
                add(b, g_variant_new_string(i->target_dev), "net.%u.name", n);
                for (gsize r = 0; r < G_N_ELEMENTS(rows); r++)
                        add(b, g_variant_new_uint64(rows[r].value), "net.%u.%s", n, rows[r].name);
                n++;
        }
}

static const struct {
        unsigned group;
        void (*fn)(GVariantBuilder *b, const DmView *v);
} known[] = {
        { DOMUS_STATS_STATE, add_state },         { DOMUS_STATS_CPU, add_cpu },
        { DOMUS_STATS_BALLOON, add_balloon },     { DOMUS_STATS_VCPU, add_vcpu },
        { DOMUS_STATS_INTERFACE, add_interface },
};

static void add_known(GVariantBuilder *b, const DmView *v, unsigned groups)
{
        for (gsize i = 0; v->domain && i < G_N_ELEMENTS(known); i++)
                if (groups & known[i].group)
                        known[i].fn(b, v);
}

/* ---- disks ---- */

static const DmDisk *find_disk(const DmDomain *d, const char *disk)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmDisk *candidate = (const DmDisk *)device;
                if (device->kind == DM_DEVICE_DISK &&
                    (g_strcmp0(candidate->dst, disk) == 0 || g_strcmp0(dm_disk_source(candidate), disk) == 0))
                        return candidate;
        }
        return NULL;
}

static gboolean no_such_disk(const char *disk, GError **error)
{
        return dm_fail(error, DM_ERROR_INVALID_ARG,
                       "invalid path: %s: no disk of the domain has it as target "
                       "or source",
                       disk);
}

static void add_sizes(const DmDisk *disk, DomusBlockStats *s)
{
        const char *path = dm_disk_source(disk);
        g_auto(DmImageInfo) info = { 0 };
        if (!path || !dm_image_info(path, &info, NULL))
                return;
        s->capacity += info.capacity;
        s->allocation += info.allocation;
        s->physical += info.physical;
}

gboolean dm_guest_block_info(const DmView *v, const char *name, const char *disk, DomusBlockStats *ret_info,
                             GError **error)
{
        const DmDisk *found = v->domain ? find_disk(v->domain, disk) : NULL;
        if (!found)
                return no_such_disk(disk, error);
        const char *path = dm_disk_source(found);
        g_auto(DmImageInfo) info = { 0 };
        if (!path)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "disk '%s' of domain '%s' is empty", disk, name);
        if (!dm_image_info(path, &info, error))
                return FALSE;
        *ret_info = (DomusBlockStats){ .capacity = info.capacity,
                                       .allocation = info.allocation,
                                       .physical = info.physical };
        return TRUE;
}

/* ---- what QEMU knows ---- */

static DmJson *ask(DmGuest *g, DmJob *job, const char *command, GError **error)
{
        if (!g->run || g->finishing || dm_run_exited(g->run) || !dm_run_qmp(g->run))
                return dm_fail_null(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
        DmJson *reply =
                dm_qmp_call(dm_run_qmp(g->run), command, NULL,
                            dm_job_time_left(job, DM_RUN_COMMAND_TIMEOUT_MS), dm_job_cancel(job), error);
        if (!reply)
                g_prefix_error(error, "domain '%s': ", g->name);
        return reply;
}

/* QEMU names the device by its path among its objects, in which our alias is one step. */
static gboolean is_step_of(const char *path, const char *alias)
{
        g_auto(GStrv) steps = g_strsplit(path ? path : "", "/", 0);
        return alias && g_strv_contains((const char *const *)steps, alias);
}

static const DmJson *blockstats_of(const DmJson *reply, const DmDisk *disk)
{
        const char *alias = disk->dev.alias;
        for (gsize i = 0; i < dm_json_length(reply); i++) {
                const DmJson *entry = dm_json_at(reply, i);
                const char *device = dm_json_get_string(entry, "device");
                if (is_step_of(dm_json_get_string(entry, "qdev"), alias) ||
                    (alias && device && g_str_has_prefix(device, "drive-") &&
                     strcmp(device + strlen("drive-"), alias) == 0))
                        return dm_json_get(entry, "stats");
        }
        return NULL;
}

static void add_blockstats(const DmJson *stats, DomusBlockStats *s)
{
        s->read_requests += dm_json_get_u64(stats, "rd_operations", 0);
        s->read_bytes += dm_json_get_u64(stats, "rd_bytes", 0);
        s->read_ns += dm_json_get_u64(stats, "rd_total_time_ns", 0);
        s->write_requests += dm_json_get_u64(stats, "wr_operations", 0);
        s->write_bytes += dm_json_get_u64(stats, "wr_bytes", 0);
        s->write_ns += dm_json_get_u64(stats, "wr_total_time_ns", 0);
        s->flush_requests += dm_json_get_u64(stats, "flush_operations", 0);
        s->flush_ns += dm_json_get_u64(stats, "flush_total_time_ns", 0);
}

gboolean dm_job_block_stats(DmGuest *g, DmJob *job, void *args, GError **error)
{
        DmBlockStatsArgs *a = args;
        g_autoptr(DmJson) reply = ask(g, job, "query-blockstats", error);
        if (!reply)
                return FALSE;
        gboolean all = *a->disk == '\0';
        const DmDisk *one = all ? NULL : find_disk(g->view->domain, a->disk);
        if (!all && !one)
                return no_such_disk(a->disk, error);
        DomusBlockStats sum = { 0 };
        DM_FOREACH_DEVICE (g->view->domain, device) {
                const DmDisk *disk = (const DmDisk *)device;
                if (device->kind != DM_DEVICE_DISK || (one && disk != one))
                        continue;
                add_blockstats(blockstats_of(reply, disk), &sum);
                if (one)
                        add_sizes(disk, &sum);
        }
        *a->ret = sum;
        return TRUE;
}

static void add_disk(GVariantBuilder *b, const DmDisk *disk, const DmJson *stats, guint n)
{
        DomusBlockStats s = { 0 };
        add_blockstats(stats, &s);
        add_sizes(disk, &s);
        const struct {
                const char *name;
                guint64 value;
                gboolean from_qemu;
        } rows[] = {
                { "rd.reqs", s.read_requests, TRUE },  { "rd.bytes", s.read_bytes, TRUE },
                { "rd.times", s.read_ns, TRUE },       { "wr.reqs", s.write_requests, TRUE },
                { "wr.bytes", s.write_bytes, TRUE },   { "wr.times", s.write_ns, TRUE },
                { "fl.reqs", s.flush_requests, TRUE }, { "fl.times", s.flush_ns, TRUE },
                { "allocation", s.allocation, FALSE }, { "capacity", s.capacity, FALSE },
                { "physical", s.physical, FALSE },
        };
        const char *path = dm_disk_source(disk);
        add(b, g_variant_new_string(disk->dst ? disk->dst : ""), "block.%u.name", n);
        if (path)
                add(b, g_variant_new_string(path), "block.%u.path", n);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (stats || (path && !rows[i].from_qemu))
                        add(b, g_variant_new_uint64(rows[i].value), "block.%u.%s", n, rows[i].name);
}

static void add_block(GVariantBuilder *b, const DmDomain *d, const DmJson *reply)
{
        guint n = 0;
        add(b, g_variant_new_uint32(dm_domain_count(d, DM_DEVICE_DISK)), "block.count");
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_DISK)
                        add_disk(b, (const DmDisk *)device, blockstats_of(reply, (const DmDisk *)device),
                                 n++);
}

GVariant *dm_guest_stats_known(const DmView *v, unsigned groups)
{
        GVariantBuilder b;
        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        add_known(&b, v, groups);
        return g_variant_ref_sink(g_variant_builder_end(&b));
}

/* ---- processors ---- */

static void fill_vcpu(DomusVcpu *ret, int pid, const DmJson *entry)
{
        gint64 tid = dm_json_get_i64(entry, "thread-id", 0);
        guint64 user = 0, system = 0;
        *ret = (DomusVcpu){ .number = (unsigned)dm_json_get_u64(entry, "cpu-index", 0), .cpu = -1 };
        if (tid <= 0 || tid > G_MAXINT || !dm_process_cpu_time(pid, (int)tid, &user, &system, &ret->cpu))
                return; /* not a thread of this QEMU's */
        ret->time_ns = user + system;
        cpu_set_t set;
        G_STATIC_ASSERT(sizeof set == sizeof ret->affinity);
        if (sched_getaffinity((pid_t)tid, sizeof set, &set) < 0)
                return;
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
                if (CPU_ISSET(cpu, &set))
                        ret->affinity[cpu / 8] |= (guint8)(1u << (cpu % 8));
}

static GArray *ask_vcpus(DmGuest *g, DmJob *job, GError **error)
{
        g_autoptr(DmJson) reply = ask(g, job, "query-cpus-fast", error);
        if (!reply)
                return NULL;
        gsize n = MIN(dm_json_length(reply), MAX_THREADS);
        GArray *vcpus = g_array_sized_new(FALSE, TRUE, sizeof(DomusVcpu), (guint)n);
        for (gsize i = 0; i < n; i++) {
                DomusVcpu v;
                fill_vcpu(&v, g->view->pid, dm_json_at(reply, i));
                g_array_append_val(vcpus, v);
        }
        return vcpus;
}

gboolean dm_job_vcpus(DmGuest *g, DmJob *job, void *args, GError **error)
{
        GArray **ret = args, *vcpus = ask_vcpus(g, job, error);
        if (vcpus)
                *ret = vcpus;
        return vcpus != NULL;
}

static void add_vcpu_times(GVariantBuilder *b, const GArray *vcpus)
{
        for (guint i = 0; i < vcpus->len; i++) {
                const DomusVcpu *v = &g_array_index(vcpus, DomusVcpu, i);
                add(b, g_variant_new_int32(VCPU_RUNNING), "vcpu.%u.state", v->number);
                add(b, g_variant_new_uint64(v->time_ns), "vcpu.%u.time", v->number);
        }
}

gboolean dm_job_stats(DmGuest *g, DmJob *job, void *args, GError **error)
{
        DmStatsArgs *a = args;
        g_autoptr(DmJson) blocks = NULL;
        g_autoptr(GArray) vcpus = NULL;
        if (g->run && (a->groups & DOMUS_STATS_BLOCK) && !(blocks = ask(g, job, "query-blockstats", error)))
                return FALSE;
        if (g->run && (a->groups & DOMUS_STATS_VCPU) && !(vcpus = ask_vcpus(g, job, error)))
                return FALSE;
        if (!g->view->domain)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is just being started", g->name);
        GVariantBuilder b;
        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        add_known(&b, g->view, a->groups);
        if (vcpus)
                add_vcpu_times(&b, vcpus);
        if (a->groups & DOMUS_STATS_BLOCK)
                add_block(&b, g->view->domain, blocks);
        *a->ret = g_variant_ref_sink(g_variant_builder_end(&b));
        return TRUE;
}
