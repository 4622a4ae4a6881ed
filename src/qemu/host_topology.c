/* Processors, NUMA nodes and page sizes, as the kernel tells them in /sys. */
#include "qemu/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util/fd.h"

#define SYSTEM           "/sys/devices/system/"
#define HUGE_PAGES       "/sys/kernel/mm/hugepages"
#define SMALL_FILE_BYTES 65536
#define CPUS_MAX         65536 /* of one list; the kernel's own limit is 8192 */
#define NODES_MAX        1024

/* ---- small readers ---- */

char *dm_host_read_start(const char *path, gsize limit)
{
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return NULL;
        g_autofree char *text = g_malloc(limit + 1);
        gsize n = 0;
        while (n < limit) {
                gssize got = read(fd, text + n, limit - n);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0)
                        break;
                n += (gsize)got;
        }
        text[n] = 0;
        return g_steal_pointer(&text);
}

char *dm_host_read_trimmed(const char *path)
{
        char *text = dm_host_read_start(path, SMALL_FILE_BYTES);
        if (text)
                g_strstrip(text);
        if (text && !*text)
                g_clear_pointer(&text, g_free);
        return text;
}

static unsigned cpu_number(unsigned cpu, const char *name)
{
        g_autofree char *path = g_strdup_printf(SYSTEM "cpu/cpu%u/topology/%s", cpu, name);
        g_autofree char *text = dm_host_read_trimmed(path);
        return text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The numbers of a kernel's list such as "0-3,8"; an absent file is an empty list.  Owned. */
static GArray *read_list(const char *path)
{
        GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
        g_autofree char *text = dm_host_read_trimmed(path);
        g_auto(GStrv) items = g_strsplit(text ? text : "", ",", -1);
        for (char **i = items; *i; i++) {
                char *end = NULL;
                guint64 first = g_ascii_strtoull(*i, &end, 10);
                guint64 last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : first;
                for (guint64 n = first; n <= last && numbers->len < CPUS_MAX; n++) {
                        unsigned number = (unsigned)n;
                        g_array_append_val(numbers, number);
                }
        }
        return numbers;
}

static unsigned count_list(const char *path)
{
        g_autoptr(GArray) numbers = read_list(path);
        return numbers->len;
}

/* ---- cells ---- */

static void cpu_free(void *p)
{
        DmHostCpu *cpu = p;
        g_free(cpu->siblings);
        g_free(cpu);
}

static void cell_free(void *p)
{
        DmHostCell *cell = p;
        g_ptr_array_unref(cell->cpus);
        g_array_unref(cell->distances);
        g_free(cell);
}

DmHostCell *dm_host_add_cell(DmHost *h)
{
        DmHostCell *cell = g_new0(DmHostCell, 1);
        cell->cpus = g_ptr_array_new_with_free_func(cpu_free);
        cell->distances = g_array_new(FALSE, FALSE, sizeof(unsigned));
        if (!h->cells)
                h->cells = g_ptr_array_new_with_free_func(cell_free);
        g_ptr_array_add(h->cells, cell);
        return cell;
}

DmHostCpu *dm_host_add_cpu(DmHostCell *cell)
{
        DmHostCpu *cpu = g_new0(DmHostCpu, 1);
        g_ptr_array_add(cell->cpus, cpu);
        return cpu;
}

static void read_cpu(DmHostCell *cell, unsigned id)
{
        g_autofree char *path = g_strdup_printf(SYSTEM "cpu/cpu%u/topology/thread_siblings_list", id);
        g_autofree char *siblings = dm_host_read_trimmed(path);
        if (!siblings)
                return; /* it is off */
        DmHostCpu *cpu = dm_host_add_cpu(cell);
        cpu->id = id;
        cpu->socket = cpu_number(id, "physical_package_id");
        cpu->die = cpu_number(id, "die_id");
        cpu->core = cpu_number(id, "core_id");
        cpu->siblings = g_steal_pointer(&siblings);
}

/* "Node 0 MemTotal:        7955012 kB" */
static guint64 node_memory(unsigned id)
{
        g_autofree char *path = g_strdup_printf(SYSTEM "node/node%u/meminfo", id);
        g_autofree char *text = dm_host_read_start(path, SMALL_FILE_BYTES);
        const char *total = text ? strstr(text, "MemTotal:") : NULL;
        return total ? g_ascii_strtoull(total + strlen("MemTotal:"), NULL, 10) * 1024 : 0;
}

static void read_cell(DmHost *h, unsigned id)
{
        g_autofree char *list = g_strdup_printf(SYSTEM "node/node%u/cpulist", id);
        g_autofree char *path = g_strdup_printf(SYSTEM "node/node%u/distance", id);
        g_autofree char *distances = dm_host_read_trimmed(path);
        g_autoptr(GArray) cpus = read_list(list);
        DmHostCell *cell = dm_host_add_cell(h);
        cell->id = id;
        cell->memory = node_memory(id);
        g_auto(GStrv) words = g_strsplit(distances ? distances : "", " ", -1);
        for (char **w = words; *w; w++) {
                unsigned value = (unsigned)g_ascii_strtoull(*w, NULL, 10);
                g_array_append_val(cell->distances, value);
        }
        for (guint i = 0; i < cpus->len; i++)
                read_cpu(cell, g_array_index(cpus, unsigned, i));
}

/* ---- all of it ---- */

static void read_counts(DmHost *h)
{
#define TOPOLOGY SYSTEM "cpu/cpu0/topology/"
        unsigned threads = count_list(TOPOLOGY "thread_siblings_list");
        unsigned die = count_list(TOPOLOGY "die_cpus_list");
        unsigned package = count_list(TOPOLOGY "core_siblings_list");
        h->cpus = (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
        h->sockets = h->dies = h->threads = 1;
        h->cores = h->cpus;
        die = die ? die : package;
        if (!threads || !package || package % die || die % threads || h->cpus % package)
                return; /* irregular: CPUs that are off, mixed cores */
        h->threads = threads;
        h->cores = die / threads;
        h->dies = package / die;
        h->sockets = h->cpus / package;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
        guint64 x = g_ascii_strtoull(*(char *const *)a, NULL, 10),
                y = g_ascii_strtoull(*(char *const *)b, NULL, 10);
        return x < y ? -1 : x > y;
}

static void read_page_sizes(DmHost *h)
{
        g_autoptr(GDir) dir = g_dir_open(HUGE_PAGES, 0, NULL);
        g_autoptr(GPtrArray) sizes = g_ptr_array_new_with_free_func(g_free);
        const char *name;
        while (dir && (name = g_dir_read_name(dir)))
                if (g_str_has_prefix(name, "hugepages-") && g_str_has_suffix(name, "kB"))
                        g_ptr_array_add(sizes, g_strndup(name + strlen("hugepages-"),
                                                         strlen(name) - strlen("hugepages-kB")));
        if (sizes->len == 0)
                return;
        g_ptr_array_sort(sizes, by_number);
        g_ptr_array_add(sizes, NULL);
        h->huge_pages = (char **)g_ptr_array_steal(sizes, NULL);
}

void dm_host_load_topology(DmHost *h)
{
        h->page_size = (unsigned)sysconf(_SC_PAGESIZE);
        h->memory = (guint64)sysconf(_SC_PHYS_PAGES) * h->page_size;
        read_counts(h);
        read_page_sizes(h);
        g_autoptr(GArray) nodes = read_list(SYSTEM "node/online");
        for (guint i = 0; i < nodes->len && i < NODES_MAX; i++)
                read_cell(h, g_array_index(nodes, unsigned, i));
}
