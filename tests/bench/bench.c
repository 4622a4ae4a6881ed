/* What the driver adds to plain QEMU (make bench): start and destroy of four guests against the floor, with
 * the same command line, interleaved in one run, so that a drifting machine drifts for both.
 *
 *   bench [ROUNDS]     default 40 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/floor.h"
#include "conf/codecs.h"
#include "lib/guests.h"
#include "qemu/caps_cache.h"
#include "qemu/command.h"
#include "qemu/host_cache.h"
#include "qemu/plan.h"
#include "util/file.h"

#include <domus/domus.h>

#define ROUNDS           40
#define DOCUMENTS        300
#define PAUSED           50
#define BUDGET_START     1.15 /* of the floor's median, or … */
#define SLACK_START_US   2000
#define BUDGET_DESTROY   1.3
#define SLACK_DESTROY_US 500

static const char minimal[] =
        "<domain type='%s'><name>bench</name><memory unit='MiB'>64</memory>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
        "<devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>";
static const char typical[] =
        "<domain type='%s'><name>bench</name><memory unit='MiB'>256</memory><vcpu>2</vcpu>"
        "<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/><apic/></features><devices>"
        "<disk type='file'><driver name='qemu' type='raw'/><source file='%s/disk.img'/><target dev='vda' "
        "bus='virtio'/></disk>"
        "<interface type='user'><model type='virtio'/></interface><serial type='pty'/>"
        "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
        "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/><video><model type='vga'/></video>"
        "<memballoon model='virtio'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
        "</devices></domain>";

static char *document(gboolean devices, const char *type, const char *dir)
{
        return devices ? g_strdup_printf(typical, type, dir) : g_strdup_printf(minimal, type);
}

typedef struct Times {
        long start_us[1024], end_us[1024];
} Times;

static int by_value(const void *a, const void *b)
{
        long x = *(const long *)a, y = *(const long *)b;
        return x < y ? -1 : x > y;
}

static long median(long *values, unsigned n)
{
        qsort(values, n, sizeof *values, by_value);
        return values[n / 2];
}

static void fail(const char *what, const GError *error)
{
        fprintf(stderr, "bench: %s: %s\n", what, error ? error->message : "failed");
        exit(1);
}

/* ---- the driver's side ---- */

static DomusDomain *create(DomusConn *conn, const char *xml, unsigned flags, long *ret_us)
{
        g_autoptr(GError) error = NULL;
        gint64 before = g_get_monotonic_time();
        DomusDomain *d = domus_create(conn, xml, flags | DOMUS_CREATE_AUTODESTROY, NULL, &error);
        if (!d)
                fail("start", error);
        *ret_us = (long)(g_get_monotonic_time() - before);
        return d;
}

static void destroy(DomusDomain *d, long *ret_us)
{
        g_autoptr(GError) error = NULL;
        gint64 before = g_get_monotonic_time();
        if (!domus_domain_destroy(d, 0, NULL, &error))
                fail("destroy", error);
        *ret_us = (long)(g_get_monotonic_time() - before);
        domus_domain_unref(d);
}

/* The very words that the driver has started QEMU with. */
static char **words_of(DomusConn *conn, const char *xml, char **ret_text)
{
        long us;
        DomusInfo info;
        DomusDomain *d = create(conn, xml, 0, &us);
        domus_domain_info(d, &info, NULL);
        g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", info.pid);
        char **words = floor_read_argv(path, ret_text);
        destroy(d, &us);
        if (!words)
                fail("command line", NULL);
        return words;
}

/* Sockets of channels are made in the guest's private directory: the floor needs it as well. */
static void make_socket_dirs(char **words)
{
        for (char **w = words; *w; w++) {
                const char *path = strstr(*w, "path=/");
                g_autofree char *file = path ? g_strndup(path + 5, strcspn(path + 5, ",")) : NULL;
                g_autofree char *dir = file ? g_path_get_dirname(file) : NULL;
                if (dir)
                        dm_make_dirs(dir, 0700, NULL);
        }
}

static long own_cpu_us(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000L + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static gboolean verdict(const char *what, long floor_us, long ours_us, double factor, long slack_us)
{
        gboolean ok = (double)ours_us <= (double)floor_us * factor || ours_us <= floor_us + slack_us;
        printf("  %-8s %8.2f %8.2f   %5.2fx  %+7.2f ms  %s\n", what, (double)floor_us / 1000,
               (double)ours_us / 1000, (double)ours_us / (double)MAX(floor_us, 1),
               (double)(ours_us - floor_us) / 1000, ok ? "ok" : "OVER BUDGET");
        return ok;
}

static gboolean measure(DomusConn *conn, const char *name, const char *xml, const char *dir, unsigned rounds)
{
        static Times plain, ours;
        char *text = NULL;
        char **words = words_of(conn, xml, &text);
        long cpu = 0;
        for (unsigned i = 0; i < rounds; i++) {
                struct Floor f;
                make_socket_dirs(words);
                if (floor_start(&f, words, dir) < 0 || (plain.end_us[i] = floor_stop(&f)) < 0) {
                        fprintf(stderr, "bench: the floor: %s\n", f.error);
                        exit(1);
                }
                plain.start_us[i] = f.start_us;
                long before = own_cpu_us();
                DomusDomain *d = create(conn, xml, 0, &ours.start_us[i]);
                cpu += own_cpu_us() - before;
                destroy(d, &ours.end_us[i]);
        }
        printf("%s                    floor    domus    ratio   (medians of %u pairs, ms)\n", name, rounds);
        gboolean ok = verdict("start", median(plain.start_us, rounds), median(ours.start_us, rounds),
                              BUDGET_START, SLACK_START_US);
        ok &= verdict("destroy", median(plain.end_us, rounds), median(ours.end_us, rounds), BUDGET_DESTROY,
                      SLACK_DESTROY_US);
        printf("  minima: start %.2f / %.2f, destroy %.2f / %.2f; own CPU per start %.2f ms\n",
               (double)plain.start_us[0] / 1000, (double)ours.start_us[0] / 1000,
               (double)plain.end_us[0] / 1000, (double)ours.end_us[0] / 1000, (double)cpu / rounds / 1000);
        free(words);
        free(text);
        return ok;
}

/* ---- other figures ---- */

static long resident_kib(void)
{
        g_autofree char *text = NULL;
        gsize length;
        long pages = 0;
        if (dm_file_read("/proc/self/statm", 256, &text, &length, NULL)) {
                g_auto(GStrv) words = g_strsplit(text, " ", 3);
                pages = strtol(words[1], NULL, 10);
        }
        return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* The three pure steps and what they ask the machine, as the driver does them for a start. */
static void once(const char *xml, DmHostCache *hosts, DmCapsCache *caps)
{
        g_autoptr(GError) error = NULL;
        DmDomain *d = dm_domain_parse(xml, strlen(xml), 0, NULL, &error);
        if (!d)
                fail("document", error);
        d->uuid = dm_uuid_new();
        g_autoptr(DmHost) host = dm_host_cache_get(hosts, FALSE);
        dm_host_gather(host, d);
        g_autoptr(DmPlan) plan = dm_resolve(d, host, dm_caps_cache_source(caps), 0, NULL, &error);
        g_autoptr(DmCommand) command = plan ? dm_command_new(plan->domain->emulator) : NULL;
        DmBuild b = { .plan = plan,
                      .command = command,
                      .monitor_fd = 3,
                      .run_dir = "/run/domus/bench",
                      .channel_dir = "/run/domus/bench",
                      .nvram_dir = "/run/domus/bench" };
        if (!plan || !dm_build_command(&b, &error))
                fail("document", error);
}

static void measure_documents(const char *what, const char *xml, const char *cache)
{
        DmHostCache *hosts = dm_host_cache_new();
        DmCapsCache *caps = dm_caps_cache_new(&(DmCapsCacheOptions){ .dir = cache });
        once(xml, hosts, caps);
        long before = own_cpu_us();
        gint64 begin = g_get_monotonic_time();
        for (int i = 0; i < DOCUMENTS; i++)
                once(xml, hosts, caps);
        double us = (double)(g_get_monotonic_time() - begin) / DOCUMENTS;
        double cpu_us = (double)(own_cpu_us() - before) / DOCUMENTS;
        before = own_cpu_us();
        for (int i = 0; i < DOCUMENTS; i++)
                dm_host_unref(dm_host_cache_get(hosts, FALSE));
        printf("%s parsed, resolved and built: %.2f ms each, %.0f/s; CPU %.2f ms, of this %.2f to see "
               "whether "
               "the host has changed\n",
               what, us / 1000, G_USEC_PER_SEC / us, cpu_us / 1000,
               (double)(own_cpu_us() - before) / DOCUMENTS / 1000);
        dm_caps_cache_free(caps);
        dm_host_cache_free(hosts);
}

/* The typical guest with more disks and network cards: 30 devices. */
static char *thirty_devices(const char *dir)
{
        g_autofree char *xml = document(TRUE, "qemu", dir);
        g_autoptr(GString) more = g_string_new(NULL);
        for (int i = 0; i < 11; i++)
                g_string_append_printf(
                        more,
                        "<disk type='file'><driver name='qemu' type='raw'/><source file='%s/disk.img'/>"
                        "<target dev='vd%c' bus='virtio'/></disk><interface type='user'>"
                        "<model type='virtio'/></interface>",
                        dir, 'b' + i);
        g_string_append(more, "</devices>");
        GString *s = g_string_new(xml);
        g_string_replace(s, "</devices>", more->str, 1);
        return g_string_free(s, FALSE);
}

/* The first answer about an architecture, each with a cache of its own that is empty. */
static void measure_probes(const char *dir)
{
        static const char *const arches[] = { "x86_64", "aarch64", "ppc64", "s390x", "riscv64", "sparc" };
        printf("first domain capabilities with an empty cache, then with it, ms:");
        for (gsize i = 0; i < G_N_ELEMENTS(arches); i++) {
                g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s/%s", dir, arches[i]);
                long us[2];
                for (int warm = 0; warm < 2; warm++) {
                        g_autoptr(GError) error = NULL;
                        DomusConn *conn = domus_open(uri, 0, &error);
                        if (!conn)
                                fail("open", error);
                        gint64 before = g_get_monotonic_time();
                        g_autofree char *xml =
                                domus_conn_domain_capabilities(conn, NULL, arches[i], NULL, "qemu", NULL);
                        us[warm] = xml ? (long)(g_get_monotonic_time() - before) : -1;
                        domus_conn_unref(conn);
                }
                if (us[0] >= 0)
                        printf(" %s %.0f/%.1f", arches[i], (double)us[0] / 1000, (double)us[1] / 1000);
        }
        printf("\n");
}

static void measure_memory(DomusConn *conn)
{
        g_autoptr(GPtrArray) guests = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        long before = resident_kib(), us;
        for (int i = 0; i < PAUSED; i++) {
                g_autofree char *xml = document(FALSE, "qemu", "");
                g_autofree char *name = g_strdup_printf("<name>bench%d</name>", i);
                g_autoptr(GString) s = g_string_new(xml);
                g_string_replace(s, "<name>bench</name>", name, 1);
                g_ptr_array_add(guests, create(conn, s->str, DOMUS_CREATE_PAUSED, &us));
        }
        printf("resident: %.1f MiB with no guest, %.0f KiB more for each of %d paused ones\n",
               (double)before / 1024, (double)(resident_kib() - before) / PAUSED, PAUSED);
        for (int i = 0; i < PAUSED; i++)
                destroy(domus_domain_ref(guests->pdata[i]), &us);
}

int main(int argc, char **argv)
{
        unsigned rounds = argc > 1 ? (unsigned)CLAMP(strtol(argv[1], NULL, 10), 1, 1024) : ROUNDS;
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = g_dir_make_tmp("domus-bench-XXXXXX", NULL);
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s/r", dir);
        g_autofree char *cache = g_build_filename(dir, "r", "cache", NULL),
                        *disk = g_build_filename(dir, "disk.img", NULL);
        if (!g_file_set_contents(disk, "", 0, NULL) || truncate(disk, 64 << 20) < 0)
                fail("disk", NULL);
        DomusConn *conn = domus_open(uri, 0, &error);
        if (!conn)
                fail("open", error);
        long us;
        g_autofree char *first = document(FALSE, "qemu", "");
        long end_us;
        destroy(create(conn, first, 0, &us), &end_us);
        printf("first start with an empty cache (one probe within): %.1f ms\n", (double)us / 1000);
        gboolean ok = TRUE;
        g_autofree char *reason = NULL;
        gboolean kvm = dm_guest_kvm_runs(&reason);
        for (int i = 0; i < 4; i++) {
                const char *type = i % 2 ? "kvm" : "qemu";
                g_autofree char *xml = document(i >= 2, type, dir);
                g_autofree char *name = g_strdup_printf("%s/%s", i < 2 ? "minimal" : "typical", type);
                if (i % 2 && !kvm)
                        printf("%s: skipped: %s\n", name, reason);
                else
                        ok &= measure(conn, name, xml, dir, rounds);
        }
        g_autofree char *whole = document(TRUE, "qemu", dir);
        measure_documents("typical documents", whole, cache);
        g_autofree char *many = thirty_devices(dir);
        measure_documents("documents of 30 devices", many, cache);
        measure_probes(dir);
        measure_memory(conn);
        domus_conn_unref(conn);
        dm_remove_tree(dir, NULL);
        return ok ? 0 : 1;
}
