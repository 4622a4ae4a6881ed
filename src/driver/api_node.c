/* The embedded driver behind the public API: the machine itself, and the emulator it would use (docstrings in
 * domus.h). */
#include <string.h>

#include "driver/api_private.h"
#include "qemu/emulator.h"
#include "util/file.h"

#define MAX_CPUINFO (4 << 20) /* bytes; a thousand processors have less */

/* Of the first processor, 0 where the kernel does not tell. */
static unsigned cpu_mhz(void)
{
        g_autofree char *text = NULL;
        if (!dm_file_read("/proc/cpuinfo", MAX_CPUINFO, &text, NULL, NULL))
                return 0;
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                const char *value = strchr(*line, ':');
                if (value && (g_str_has_prefix(*line, "cpu MHz") || g_str_has_prefix(*line, "clock")))
                        return (unsigned)g_ascii_strtod(value + 1, NULL);
        }
        return 0;
}

void dm_embedded_conn_node_info(DomusConn *conn, DomusNodeInfo *ret_info)
{
        g_autoptr(DmHost) host = dm_driver_host(conn->driver, FALSE);
        unsigned nodes = host->cells ? MAX(host->cells->len, 1) : 1, dies = MAX(host->dies, 1);
        *ret_info = (DomusNodeInfo){
                .memory_kib = host->memory / 1024,
                .cpus = host->cpus,
                .mhz = cpu_mhz(),
                .nodes = nodes,
                .sockets = MAX(host->sockets / nodes, 1),
                .cores = MAX(host->cores, 1) * dies, /* clients multiply these four, and know no dies */
                .threads = MAX(host->threads, 1),
        };
        /* What does not multiply to the processors there are is told flat, as libvirt does. */
        if (nodes * ret_info->sockets * ret_info->cores * ret_info->threads < host->cpus) {
                ret_info->nodes = ret_info->sockets = ret_info->threads = 1;
                ret_info->cores = host->cpus;
        }
        g_strlcpy(ret_info->model, host->arch, sizeof ret_info->model);
}

unsigned dm_embedded_conn_emulator_version(DomusConn *conn, GError **error)
{
        g_autoptr(DmHost) host = dm_driver_host(conn->driver, FALSE);
        const DmArch *arch = dm_arch_find(host->arch);
        if (!arch) {
                dm_fail(error, DM_ERROR_NOT_FOUND, "no emulator is known for this host's architecture '%s'",
                        host->arch);
                return 0;
        }
        g_autoptr(DmCaps) caps =
                dm_emulator_find(host, dm_driver_caps(conn->driver), arch, DM_VIRT_QEMU, NULL, NULL, error);
        return caps ? caps->version : 0;
}
