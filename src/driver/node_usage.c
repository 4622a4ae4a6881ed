/* The embedded driver behind the public API: what the machine is doing (docstrings in domus.h). */
#include "driver/node_usage.h"

#include <string.h>
#include <unistd.h>

#include "driver/api_private.h"
#include "util/file.h"

#define MAX_TEXT (1 << 20) /* bytes of a file in /proc; that of a thousand processors has a tenth */
#define MAX_LIST 65536

unsigned dm_cpu_list_parse(const char *text, guint8 *map, gsize length)
{
        unsigned end = 0;
        g_auto(GStrv) parts = g_strsplit(text, ",", -1);
        for (char **part = parts; *part; part++) {
                g_strstrip(*part);
                if (**part == '\0')
                        continue;
                char *rest;
                guint64 first = g_ascii_strtoull(*part, &rest, 10), last = first;
                if (!g_ascii_isdigit(**part))
                        return 0;
                if (*rest == '-' && g_ascii_isdigit(rest[1]))
                        last = g_ascii_strtoull(rest + 1, &rest, 10);
                if (*rest || last < first || last >= length * 8)
                        return 0;
                for (guint64 cpu = first; cpu <= last; cpu++)
                        map[cpu / 8] |= (guint8)(1u << (cpu % 8));
                end = MAX(end, (unsigned)last + 1);
        }
        return end;
}

/* The number behind "Name:" at the beginning of a line; 0 when there is none. */
static guint64 line_value(const char *text, const char *name)
{
        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (g_str_has_prefix(line, name))
                        return g_ascii_strtoull(line + strlen(name), NULL, 10);
                if (*line == '\0')
                        break;
        }
        return 0;
}

static gboolean read_memory(DomusNodeUsage *u, GError **error)
{
        g_autofree char *text = NULL;
        if (!dm_file_read("/proc/meminfo", MAX_TEXT, &text, NULL, error))
                return FALSE;
        u->memory_kib = line_value(text, "MemTotal:");
        u->free_kib = line_value(text, "MemFree:");
        u->buffers_kib = line_value(text, "Buffers:");
        u->cached_kib = line_value(text, "Cached:");
        return TRUE;
}

/* The first line of /proc/stat: cpu user nice system idle iowait irq softirq …, in ticks. */
static gboolean read_times(DomusNodeUsage *u, GError **error)
{
        enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, N_TIMES };
        g_autofree char *text = NULL;
        guint64 ticks[N_TIMES] = { 0 };
        if (!dm_file_read("/proc/stat", MAX_TEXT, &text, NULL, error))
                return FALSE;
        char *p = g_str_has_prefix(text, "cpu ") ? text + strlen("cpu ") : NULL;
        for (gsize i = 0; p && i < N_TIMES; i++)
                ticks[i] = g_ascii_strtoull(p, &p, 10);
        guint64 tick_ns = G_GUINT64_CONSTANT(1000000000) / (guint64)sysconf(_SC_CLK_TCK);
        u->user_ns = (ticks[USER] + ticks[NICE]) * tick_ns;
        u->kernel_ns = (ticks[SYSTEM] + ticks[IRQ] + ticks[SOFTIRQ]) * tick_ns;
        u->idle_ns = ticks[IDLE] * tick_ns;
        u->iowait_ns = ticks[IOWAIT] * tick_ns;
        return TRUE;
}

static gboolean read_processors(DomusNodeUsage *u, GError **error)
{
        guint8 present[sizeof u->online] = { 0 };
        g_autofree char *online = NULL, *all = NULL;
        if (!dm_file_read("/sys/devices/system/cpu/online", MAX_LIST, &online, NULL, error) ||
            !dm_file_read("/sys/devices/system/cpu/present", MAX_LIST, &all, NULL, error))
                return FALSE;
        unsigned end = dm_cpu_list_parse(online, u->online, sizeof u->online);
        u->cpus = MAX(end, dm_cpu_list_parse(all, present, sizeof present));
        return end > 0 || dm_fail(error, DM_ERROR_FAILED,
                                  "the kernel's list of processors '%s' makes no sense", g_strstrip(online));
}

gboolean dm_embedded_conn_node_usage(DomusConn *conn G_GNUC_UNUSED, DomusNodeUsage *ret_usage, GError **error)
{
        DomusNodeUsage u = { 0 };
        if (!read_memory(&u, error) || !read_times(&u, error) || !read_processors(&u, error))
                return FALSE;
        *ret_usage = u;
        return TRUE;
}
