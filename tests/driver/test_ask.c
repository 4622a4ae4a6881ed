/* Statistics, definitions changed in part, and what is passed to QEMU. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/guest_ask.h"
#include "driver/image_info.h"
#include "driver/node_usage.h"
#include "lib/driver.h"
#include "util/file.h"

/* A running guest with a disk of 4 MiB, a screen and a balloon; NULL after g_test_skip(). */
static DomusDomain *boot(DmTestDriver *t, const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = dm_test_xml(t, "x86_64-pc", name);
        if (!xml)
                return NULL;
        g_autofree char *image = g_build_filename(t->root, "disk.img", NULL);
        int fd = open(image, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        g_assert_cmpint(ftruncate(fd, 4 << 20), ==, 0);
        close(fd);
        g_autofree char *more =
                g_strdup_printf("<disk type='file'><driver name='qemu' type='raw'/><source file='%s'/>"
                                "<target dev='vda' bus='virtio'/></disk><video><model type='vga'/>"
                                "</video><graphics type='vnc' autoport='yes' "
                                "listen='127.0.0.1'/><memballoon model='virtio'/></devices>",
                                image);
        GString *text = g_string_new(xml);
        g_string_replace(text, "</devices>", more, 1);
        g_autofree char *document = g_string_free(text, FALSE);
        DomusDomain *d = domus_define(t->conn, document, 0, NULL, &error);
        g_assert_no_error(error);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        return d;
}

static void destroy(DomusDomain *d)
{
        g_assert_true(domus_domain_destroy(d, DOMUS_DESTROY_FORCE, NULL, NULL));
        g_assert_true(domus_domain_undefine(d, NULL, NULL));
        domus_domain_unref(d);
}

static void assert_fails(gboolean ok, GError **error, DomusError code, const char *text)
{
        g_assert_false(ok);
        g_assert_error(*error, DOMUS_ERROR, (int)code);
        g_assert_nonnull(strstr((*error)->message, text));
        g_clear_error(error);
}

static guint64 figure(GVariant *figures, const char *name)
{
        guint64 value = G_MAXUINT64;
        g_assert_true(g_variant_lookup(figures, name, "t", &value));
        return value;
}

/* ---- statistics ---- */

static void test_stats(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "figures");
        if (!d)
                return;
        g_autoptr(GVariant) all = NULL, known = NULL;
        g_assert_true(domus_domain_stats(d, DOMUS_STATS_ALL, 0, &all, NULL, &error));
        g_assert_cmpuint(figure(all, "block.0.capacity"), ==, 4 << 20);
        g_assert_cmpuint(figure(all, "balloon.maximum"), ==, 32768);
        g_assert_cmpuint(figure(all, "cpu.time"), ==, figure(all, "cpu.user") + figure(all, "cpu.system"));
        g_assert_cmpuint(figure(all, "block.0.rd.bytes"), <, 4 << 20);
        g_assert_cmpuint(figure(all, "vcpu.0.time"), <=, figure(all, "cpu.time") + G_USEC_PER_SEC * 1000);
        /* Without QEMU: the same, but for what it alone knows. */
        g_assert_true(domus_domain_stats(d, DOMUS_STATS_ALL, DOMUS_STATS_NOWAIT, &known, NULL, &error));
        g_assert_cmpuint(figure(known, "balloon.maximum"), ==, 32768);
        g_assert_false(g_variant_lookup(known, "block.0.rd.bytes", "t", NULL));
        /* One group only. */
        g_clear_pointer(&known, g_variant_unref);
        g_assert_true(domus_domain_stats(d, DOMUS_STATS_STATE, 0, &known, NULL, &error));
        g_assert_cmpuint(g_variant_n_children(known), ==, 2);

        DomusBlockStats one = { 0 }, sum = { 0 };
        g_assert_true(domus_domain_block_stats(d, "vda", &one, NULL, &error));
        g_assert_true(domus_domain_block_stats(d, "", &sum, NULL, &error));
        g_assert_cmpuint(sum.read_bytes, >=, one.read_bytes);
        g_assert_cmpuint(one.capacity, ==, 4 << 20);
        assert_fails(domus_domain_block_stats(d, "vdz", &one, NULL, &error), &error, DOMUS_ERROR_INVALID_ARG,
                     "invalid path: vdz");
        g_autoptr(GArray) vcpus = NULL;
        g_assert_true(domus_domain_vcpus(d, &vcpus, NULL, &error));
        g_assert_cmpuint(vcpus->len, ==, 1);
        const DomusVcpu *v = &g_array_index(vcpus, DomusVcpu, 0);
        g_assert_cmpint(v->cpu, >=, 0);
        g_assert_cmpuint(v->affinity[v->cpu / 8] & (1u << (v->cpu % 8)), !=, 0);
        DomusInterfaceStats none;
        assert_fails(domus_domain_interface_stats(d, "../../etc", &none, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "'../../etc' is not a known interface");
        destroy(d);
}

/* Sizes of what does not run, and of what is no image. */
static void test_image_info(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", &error);
        g_autofree char *image = g_build_filename(dir, "i", NULL), *fifo = g_build_filename(dir, "f", NULL);
        guint8 header[512] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
        header[28] = 1; /* 16 MiB, big endian */
        g_assert_true(dm_file_write_atomic(image, header, sizeof header, 0600, 0, &error));
        g_auto(DmImageInfo) info = { 0 };
        g_assert_true(dm_image_info(image, &info, &error));
        g_assert_cmpstr(info.format, ==, "qcow2");
        g_assert_cmpuint(info.capacity, ==, 16 << 20);
        g_assert_cmpuint(info.physical, ==, sizeof header);
        /* Too short for a header. */
        g_assert_true(dm_file_write_atomic(image, header, 20, 0600, 0, &error));
        g_assert_true(dm_image_info(image, &info, &error));
        g_assert_cmpstr(info.format, ==, "raw");
        g_assert_cmpuint(info.capacity, ==, 20);
        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        assert_fails(dm_image_info(fifo, &info, &error), &error, DOMUS_ERROR_INVALID_ARG,
                     "is neither a file nor a block device");
        assert_fails(dm_image_info(dir, &info, &error), &error, DOMUS_ERROR_INVALID_ARG,
                     "is neither a file nor a block device");
        g_assert_true(dm_remove_tree(dir, &error));
}

/* ---- definitions ---- */

static void test_metadata(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "titled");
        if (!d)
                return;
        enum { LIVE = DOMUS_AFFECT_LIVE, CONFIG = DOMUS_AFFECT_CONFIG };
        g_assert_true(domus_domain_set_metadata(d, DOMUS_METADATA_TITLE, "now", NULL, NULL, 0, NULL, &error));
        g_assert_true(
                domus_domain_set_metadata(d, DOMUS_METADATA_TITLE, "next", NULL, NULL, CONFIG, NULL, &error));
        g_autofree char *now = domus_domain_metadata(d, DOMUS_METADATA_TITLE, NULL, LIVE, &error);
        g_autofree char *next = domus_domain_metadata(d, DOMUS_METADATA_TITLE, NULL, CONFIG, &error);
        g_assert_cmpstr(now, ==, "now");
        g_assert_cmpstr(next, ==, "next");
        g_assert_true(domus_domain_set_metadata(d, DOMUS_METADATA_ELEMENT, "<e/>", "k", "urn:e",
                                                LIVE | CONFIG, NULL, &error));
        assert_fails(
                domus_domain_set_metadata(d, DOMUS_METADATA_TITLE, "two\nlines", NULL, NULL, 0, NULL, &error),
                &error, DOMUS_ERROR_INVALID_ARG, "a title is one line");
        g_assert_null(domus_domain_metadata(d, DOMUS_METADATA_DESCRIPTION, NULL, 0, &error));
        g_assert_error(error, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND);
        g_clear_error(&error);
        /* The next owner reads both: what is changed is on disk before the call returns. */
        g_autofree char *name = g_strdup(domus_domain_name(d));
        domus_domain_unref(d);
        dm_test_driver_reopen(t);
        d = domus_lookup_name(t->conn, name, &error);
        g_autofree char *kept = domus_domain_metadata(d, DOMUS_METADATA_TITLE, NULL, LIVE, &error);
        g_autofree char *stored = domus_domain_metadata(d, DOMUS_METADATA_TITLE, NULL, CONFIG, &error);
        g_autofree char *element = domus_domain_metadata(d, DOMUS_METADATA_ELEMENT, "urn:e", LIVE, &error);
        g_assert_cmpstr(kept, ==, "now");
        g_assert_cmpstr(stored, ==, "next");
        g_assert_cmpstr(element, ==, "<e/>");
        destroy(d);
}

static void test_sizes(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "sized");
        if (!d)
                return;
        g_assert_true(domus_domain_set_memory(d, 16384, DOMUS_AFFECT_LIVE, NULL, &error));
        g_assert_true(
                domus_domain_set_memory(d, 65536, DOMUS_AFFECT_CONFIG | DOMUS_AFFECT_MAXIMUM, NULL, &error));
        g_assert_true(domus_domain_set_memory(d, 49152, DOMUS_AFFECT_CONFIG, NULL, &error));
        g_assert_true(domus_domain_set_vcpus(d, 2, DOMUS_AFFECT_CONFIG | DOMUS_AFFECT_MAXIMUM, NULL, &error));
        g_autofree char *xml = domus_domain_xml(d, DOMUS_XML_INACTIVE, &error);
        g_assert_nonnull(strstr(xml, "<memory unit='KiB'>65536</memory>"));
        g_assert_nonnull(strstr(xml, "<currentMemory unit='KiB'>49152</currentMemory>"));
        g_assert_nonnull(strstr(xml, ">2</vcpu>"));
        assert_fails(domus_domain_set_memory(d, 65537, DOMUS_AFFECT_CONFIG, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "65537 KiB are more than domain 'sized' may have: 65536 KiB");
        assert_fails(domus_domain_set_memory(d, 65536, DOMUS_AFFECT_LIVE, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "may have: 32768 KiB");
        assert_fails(domus_domain_set_vcpus(d, 3, DOMUS_AFFECT_CONFIG, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "3 > 2");
        assert_fails(domus_domain_set_vcpus(d, 1, DOMUS_AFFECT_LIVE, NULL, &error), &error,
                     DOMUS_ERROR_UNSUPPORTED, "can't be changed while domain 'sized' runs");
        destroy(d);
}

/* ---- QEMU ---- */

static void test_monitor(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "asked");
        if (!d)
                return;
        g_autofree char *status = NULL, *refused = NULL, *people = NULL, *unchanged = NULL;
        g_assert_true(domus_domain_monitor(d, "{\"execute\":\"query-name\",\"id\":\"x\"}", 0, &status, NULL,
                                           &error));
        g_assert_nonnull(strstr(status, "\"return\":{\"name\":\"asked\"}"));
        g_assert_nonnull(strstr(status, "\"id\":\"x\""));
        g_assert_true(domus_domain_monitor(d, "{\"execute\":\"nope\"}", 0, &refused, NULL, &error));
        g_assert_cmpstr(refused, ==,
                        "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":"
                        "\"The command nope has not been found\"}}");
        g_assert_true(domus_domain_monitor(d, "info status", DOMUS_MONITOR_HMP, &people, NULL, &error));
        g_assert_nonnull(strstr(people, "VM status"));
        assert_fails(domus_domain_monitor(d, "{", 0, &unchanged, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "");
        g_assert_null(unchanged);
        const unsigned keys[] = { 29, 46 }, unknown[] = { 29, 700 };
        g_assert_true(domus_domain_send_keys(d, DOMUS_KEYS_LINUX, keys, 2, 50, NULL, &error));
        assert_fails(domus_domain_send_keys(d, DOMUS_KEYS_LINUX, unknown, 2, 0, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "invalid keycode 700 of set 0");
        assert_fails(domus_domain_send_keys(d, DOMUS_KEYS_LINUX, keys, 17, 0, NULL, &error), &error,
                     DOMUS_ERROR_INVALID_ARG, "1 to 16 keys");
        g_assert_true(domus_domain_inject_nmi(d, NULL, &error));
        destroy(d);
}

static void test_screenshot(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "seen");
        if (!d)
                return;
        for (int round = 0; round < 2; round++) { /* the second finds nothing left of the first */
                int fd = -1;
                const char *mime = NULL;
                g_assert_true(domus_domain_screenshot(d, 0, &fd, &mime, NULL, &error));
                char head[8] = { 0 };
                g_assert_cmpint(pread(fd, head, sizeof head, 0), ==, sizeof head);
                if (strcmp(mime, "image/png") == 0)
                        g_assert_cmpint(memcmp(head, "\x89PNG\r\n\x1a\n", sizeof head), ==, 0);
                else
                        g_assert_cmpint(memcmp(head, "P6", 2), ==, 0);
                close(fd);
        }
        int fd = -1;
        const char *mime = NULL;
        assert_fails(domus_domain_screenshot(d, 7, &fd, &mime, NULL, &error), &error, DOMUS_ERROR_INVALID_ARG,
                     "domain 'seen' has no screen 7");
        g_assert_cmpint(fd, ==, -1);
        destroy(d);
}

static void test_graphics(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusDomain *d = boot(t, "shown");
        if (!d)
                return;
        for (int round = 0; round < 2; round++) {
                int fd = -1;
                domus_domain_open_graphics(d, 0, DOMUS_GRAPHICS_NO_PASSWORD, &fd, NULL, &error);
                g_assert_no_error(error);
                char greeting[13] = { 0 };
                for (gsize done = 0; done < 12;) { /* the server of VNC speaks first */
                        gssize n = read(fd, greeting + done, 12 - done);
                        g_assert_cmpint(n, >, 0);
                        done += (gsize)n;
                }
                g_assert_true(g_str_has_prefix(greeting, "RFB 003."));
                close(fd);
        }
        int fd = -1;
        assert_fails(domus_domain_open_graphics(d, 3, 0, &fd, NULL, &error), &error, DOMUS_ERROR_INVALID_ARG,
                     "domain 'shown' has no VNC or SPICE display 3");
        g_assert_cmpint(fd, ==, -1);
        destroy(d);
}

static void test_node(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        DomusNodeUsage first = { 0 }, second = { 0 };
        DomusNodeInfo info;
        g_assert_true(domus_conn_node_usage(t->conn, &first, &error));
        g_assert_true(domus_conn_node_usage(t->conn, &second, &error));
        domus_conn_node_info(t->conn, &info);
        g_assert_cmpuint(first.memory_kib, ==, info.memory_kib);
        g_assert_cmpuint(first.free_kib, <, first.memory_kib);
        g_assert_cmpuint(second.user_ns, >=, first.user_ns);
        g_assert_cmpuint(first.idle_ns, >, 0);
        unsigned online = 0;
        for (unsigned cpu = 0; cpu < sizeof first.online * 8; cpu++)
                online += (first.online[cpu / 8] >> (cpu % 8)) & 1u;
        g_assert_cmpuint(online, ==, (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
        g_assert_cmpuint(first.cpus, >=, online);
}

/* Lists of processors as the kernel writes them, and as it never would. */
static void test_cpu_list(void)
{
        static const struct {
                const char *text;
                unsigned highest, bits;
        } rows[] = { { "0", 1, 1 },       { "0-3\n", 4, 4 },      { "0,2-3,7", 8, 4 }, { "", 0, 0 },
                     { "3-1", 0, 0 },     { "0-99999999", 0, 0 }, { "x", 0, 0 },       { "1,", 2, 1 },
                     { "8191", 8192, 1 }, { "8192", 0, 0 },       { "-1", 0, 0 } };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                guint8 map[1024] = { 0 };
                unsigned bits = 0;
                g_assert_cmpuint(dm_cpu_list_parse(rows[i].text, map, sizeof map), ==, rows[i].highest);
                for (unsigned cpu = 0; cpu < sizeof map * 8; cpu++)
                        bits += (map[cpu / 8] >> (cpu % 8)) & 1u;
                g_assert_cmpuint(bits, ==, rows[i].bits);
        }
}

static void test_keys(void)
{
        /* Escape, right control, up; and what no keyboard has. */
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_LINUX, 1), ==, 1);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_LINUX, 97), ==, 0x9d);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_LINUX, 103), ==, 0xc8);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_LINUX, 84), ==, 0);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_XT, 0xe01d), ==, 0x9d);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_XT, 0x80), ==, 0);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_QNUM, 0x9d), ==, 0x9d);
        g_assert_cmpuint(dm_key_qnum(DOMUS_KEYS_QNUM, 0x100), ==, 0);
        g_assert_cmpuint(dm_key_qnum((DomusKeySet)5, 1), ==, 0);
}

/* What does not run can't be asked, and a reader changes nothing. */
static void test_refused(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autofree char *xml = dm_test_xml(t, "x86_64-pc", "off"), *reply = NULL;
        if (!xml)
                return;
        g_autoptr(DomusDomain) d = domus_define(t->conn, xml, 0, NULL, &error);
        g_assert_no_error(error);
        DomusBlockStats stats;
        GArray *vcpus = NULL;
        assert_fails(domus_domain_monitor(d, "{\"execute\":\"stop\"}", 0, &reply, NULL, &error), &error,
                     DOMUS_ERROR_BAD_STATE, "domain 'off' is not running");
        assert_fails(domus_domain_block_stats(d, "", &stats, NULL, &error), &error, DOMUS_ERROR_BAD_STATE,
                     "domain 'off' is not running");
        assert_fails(domus_domain_vcpus(d, &vcpus, NULL, &error), &error, DOMUS_ERROR_BAD_STATE,
                     "not running");
        assert_fails(domus_domain_set_memory(d, 1024, DOMUS_AFFECT_LIVE, NULL, &error), &error,
                     DOMUS_ERROR_BAD_STATE, "domain 'off' is not running");
        g_autoptr(DomusConn) reader = domus_open(t->uri, DOMUS_OPEN_READONLY, &error);
        g_autoptr(DomusDomain) read = domus_lookup_name(reader, "off", &error);
        assert_fails(domus_domain_monitor(read, "{}", 0, &reply, NULL, &error), &error, DOMUS_ERROR_DENIED,
                     "");
        assert_fails(domus_domain_set_metadata(read, DOMUS_METADATA_TITLE, "x", NULL, NULL, 0, NULL, &error),
                     &error, DOMUS_ERROR_DENIED, "");
        assert_fails(domus_domain_set_memory(read, 1024, 0, NULL, &error), &error, DOMUS_ERROR_DENIED, "");
        g_assert_true(domus_domain_undefine(d, NULL, &error));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        dm_test_add_both("/driver/ask", "stats", test_stats);
        g_test_add_func("/driver/ask/image-info", test_image_info);
        dm_test_add_both("/driver/ask", "metadata", test_metadata);
        dm_test_add_both("/driver/ask", "sizes", test_sizes);
        dm_test_add_both("/driver/ask", "monitor", test_monitor);
        dm_test_add_both("/driver/ask", "screenshot", test_screenshot);
        g_test_add_func("/driver/ask/keys", test_keys);
        g_test_add_func("/driver/ask/cpu-list", test_cpu_list);
        dm_test_add_both("/driver/ask", "graphics", test_graphics);
        dm_test_add_both("/driver/ask", "node", test_node);
        dm_test_add_both("/driver/ask", "refused", test_refused);
        return g_test_run();
}
