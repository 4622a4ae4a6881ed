/* Command lines of whole guests: goldens (tests/data/args, UPDATE=1 rewrites them), each line of which can be
 * explained, and which the installed QEMU accepts where it is a QEMU of that board. */
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/domain_chardev.h"
#include "conf/domain_disk.h"
#include "conf/domain_filesystem.h"
#include "conf/domain_memdev.h"
#include "lib/process.h"
#include "plan_fixture.h"
#include "util/fd.h"

#define START_SECONDS 60 /* for a QEMU on a machine that does much else */

typedef struct Row {
        const char *name, *caps;
        gboolean fds;     /* descriptors are passed and connections encrypted, as libvirt does */
        gboolean on_host; /* names devices of a host: cannot be started here */
} Row;

static const Row rows[] = {
        { "pc", "x86_64-5.0" },
        { "pc", "x86_64-6.0" },
        { "pc", "x86_64-7.2" },
        { "q35", "x86_64-7.2" },
        { "q35", "x86_64-9.0", .on_host = TRUE }, /* its syntax is newer than the installed QEMU may be */
        { "isapc", "x86_64-7.2" },
        { "sound", "x86_64-7.2" },
        { "sound", "x86_64-5.0", .on_host = TRUE }, /* -soundhw is no more */
        { "audio", "x86_64-7.2", .on_host = TRUE },
        { "iommu", "x86_64-7.2" },
        { "iommu-virtio", "x86_64-7.2" },
        { "iommu-smmuv3", "aarch64-7.2" },
        { "hostdev", "x86_64-7.2", .on_host = TRUE },
        { "hostdev", "x86_64-5.0", .fds = TRUE, .on_host = TRUE },
        { "hostdev-s390x", "s390x-6.0", .on_host = TRUE },
        { "filesystem", "x86_64-7.2" },
        { "filesystem-handle", "s390x-6.0", .on_host = TRUE },
        { "tpm-passthrough", "x86_64-7.2", .on_host = TRUE },
        { "tpm-passthrough", "x86_64-5.0", .fds = TRUE, .on_host = TRUE },
        { "tpm-emulator", "x86_64-7.2", .on_host = TRUE },
        { "tpm-external", "aarch64-7.2", .on_host = TRUE },
        { "tpm-spapr", "ppc64-7.2", .on_host = TRUE },
        { "redir", "x86_64-7.2" },
        { "smartcards", "x86_64-7.2", .on_host = TRUE },
        { "shared", "x86_64-7.2", .on_host = TRUE },
        { "shared", "x86_64-5.0", .fds = TRUE, .on_host = TRUE },
        { "spice", "x86_64-7.2" },
        { "spice-ports", "x86_64-7.2", .fds = TRUE, .on_host = TRUE },
        { "spice-none", "x86_64-7.2", .fds = TRUE, .on_host = TRUE },
        { "cards", "x86_64-7.2" },
        { "taps", "x86_64-7.2", .fds = TRUE, .on_host = TRUE },
        { "modules", "x86_64-7.2" },
        { "modules", "x86_64-6.0", .on_host = TRUE }, /* written for older emulators, which nothing here is */
        { "sev", "x86_64-7.2", .on_host = TRUE },
        { "s390x-secure", "s390x-6.0", .on_host = TRUE },
        { "microvm", "x86_64-7.2" },
        { "words", "x86_64-7.2" },
        { "words", "x86_64-5.0" },
        { "words", "x86_64-2.8", .on_host = TRUE }, /* options that later QEMUs have no more */
        { "lines", "x86_64-7.2" },
        { "extras", "x86_64-7.2" },
        { "numa", "x86_64-7.2" },
        { "images", "x86_64-7.2" },
        { "images", "x86_64-5.0", .on_host = TRUE },
        { "images-far", "x86_64-7.2", .fds = TRUE, .on_host = TRUE },
        { "hugepages", "x86_64-7.2", .on_host = TRUE },
        { "hugepages", "x86_64-5.0", .on_host = TRUE },
        { "host", "x86_64-7.2", .fds = TRUE, .on_host = TRUE },
        { "host", "x86_64-5.0", .on_host = TRUE },
        { "aarch64", "aarch64-7.2" },
        { "pseries", "ppc64-7.2" },
        { "s390x", "s390x-6.0" },
        { "riscv64", "riscv64-7.2" },
        { "sparc", "sparc-7.2" },
        { "sparc64", "sparc64-7.2" },
        { "ppc-40p", "ppc-7.2" },
        { "m68k", "m68k-7.2" },
        { "old", "old-0.9.1", .on_host = TRUE },
        { "old", "old-kvm-74", .on_host = TRUE },
        { "old", "old-0.11.0", .on_host = TRUE },
        { "old", "old-1.1.0", .on_host = TRUE },
        { "old-bare", "old-0.8.2", .on_host = TRUE },
        { "old-plain", "old-0.8.2", .on_host = TRUE },
        { "old-bare", "old-1.1.0", .on_host = TRUE },
};

/* ---- goldens ---- */

static int pass_fd(DmBuild *b, DmFdUse use, const char *path, const DmDevice *device)
{
        g_assert_nonnull(path);
        g_assert_nonnull(device);
        return use == DM_FD_LISTEN ? 1729 : 1750 + (int)b->next_fdset;
}

static char *scsi_generic(DmBuild *b, const DmDevice *device, GError **error)
{
        g_assert_null(*error);
        g_assert_cmpint(device->kind, ==, DM_DEVICE_HOSTDEV);
        return g_strdup_printf("/dev/sg%u", b->next_fdset);
}

/* Names what was asked for. */
static gboolean secret(DmBuild *b, const DmSecretAsk *ask, DmJson *props, GError **error)
{
        g_assert_nonnull(b->plan);
        g_assert_null(*error);
        const char *text = ask->text ? ask->text : ask->ref->usage ? ask->ref->usage : ask->ref->uuid;
        dm_json_add_stringf(props, "data", "(%s)", text);
        return TRUE;
}

#define MIB (G_GUINT64_CONSTANT(1) << 20)
static const DmHugeDir huge_dirs[] = { { 2 * MIB, "/huge/2M" }, { 1024 * MIB, "/huge/1G" }, { 0 } };

static const DmSettings settings = {
        .vnc = { TRUE, "/etc/pki/vnc", TRUE, NULL },
        .spice = { TRUE, "/etc/pki/spice", FALSE, NULL },
        .chardev = { TRUE, "/etc/pki/chardev", FALSE, NULL },
        .storage = { .dir = "/etc/pki/nbd", .secret = "11111111-2222-4333-8444-0000000000dd" },
        .vnc_sasl = TRUE,
        .spice_sasl = TRUE,
        .spice_sasl_dir = "/etc/sasl",
};

static DmCommand *build(const DmPlan *p, gboolean fds)
{
        g_autoptr(DmCommand) c = dm_command_new(p->caps->path);
        g_autoptr(GError) error = NULL;
        DmBuild b = {
                .plan = p,
                .command = c,
                .monitor_fd = fds ? 3 : -1,
                .monitor_path = "/run/guest/qmp",
                .master_key = fds,
                .run_dir = "/run/guest",
                .channel_dir = "/run/guest/channel",
                .nvram_dir = "/var/nvram",
                .ram_dir = "/run/guest/ram",
                .huge_dirs = huge_dirs,
                .page_size = 4096,
                .incoming = fds,
                .render_node = fds ? "/dev/dri/renderD128" : NULL,
                .settings = fds ? &settings : NULL,
                .now = 1234567890,
                .pass_fd = fds ? pass_fd : NULL,
                .scsi_generic = scsi_generic,
                .secret = secret,
        };
        dm_build_command(&b, &error);
        g_assert_no_error(error);
        return g_steal_pointer(&c);
}

/* Somebody can say of each item where it comes from. */
static void check_origins(const DmPlan *p, const DmCommand *c)
{
        const DmOrigins *o = p->domain->origins;
        for (gsize i = 0; i < dm_command_count(c); i++) {
                const DmCommandItem *item = dm_command_at(c, i);
                gboolean known = item->origin &&
                                 (dm_origins_given(o, item->origin) || dm_origins_reason(o, item->origin));
                if (!known && !item->why)
                        g_error("%s %s: nobody knows why", item->option, item->value ? item->value : "");
        }
}

static char *row_name(const Row *row)
{
        return g_strdup_printf("%s.%s", row->name, row->caps);
}

static void test_golden(gconstpointer data)
{
        const Row *row = data;
        g_autoptr(DmPlan) p = fixture_plan_of(row->name, row->caps, NULL);
        g_autoptr(DmCommand) c = build(p, row->fds);
        g_autofree char *text = dm_command_format(c), *name = row_name(row);
        g_autofree char *file = g_strconcat(name, ".args", NULL), *path = fixture_path("args", file);
        check_origins(p, c);
        if (g_getenv("UPDATE"))
                g_assert_true(g_file_set_contents(path, text, -1, NULL));
        g_autofree char *expected = fixture_read("args", file);
        g_assert_cmpstr(text, ==, expected);
}

/* ---- acceptance ---- */

static void make_file(const char *path, goffset size)
{
        g_autofree char *quoted = g_shell_quote(path);
        if (g_str_has_suffix(path, ".qcow2")) {
                g_autofree char *script = g_strdup_printf("qemu-img create -q -f qcow2 %s 1M", quoted);
                DmSpawn s = test_spawn_init(SH(script));
                g_autofree char *out = test_output_of(&s);
                g_assert_cmpstr(out, ==, "");
                return;
        }
        FILE *f = g_fopen(path, "a");
        g_assert_nonnull(f);
        g_assert_cmpint(fclose(f), ==, 0);
        g_assert_cmpint(truncate(path, size), ==, 0);
}

/* As much of a Linux kernel for PCs as QEMU looks at: one setup sector, boot protocol 2.2, loaded high. */
static void make_kernel(const char *path)
{
        char image[1 << 16] = { [0x1f1] = 1, [0x211] = 1 };
        memcpy(image + 0x202, "HdrS\2\2", 6);
        g_assert_true(g_file_set_contents(path, image, sizeof(image), NULL));
}

/* A device tree is not made by hand: QEMU writes the board's own. */
static void make_dtb(const char *path, const DmPlan *p)
{
        g_autofree char *machine = g_strdup_printf("%s,dumpdtb=%s", p->board_name, path);
        DmSpawn s =
                test_spawn_init(WORDS(p->caps->path, "-machine", machine, "-display", "none", "-nodefaults"));
        g_autofree char *out = test_output_of(&s);
        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

/* The chain that begins with @image. */
static void make_images(const DmImage *image)
{
        for (const DmImage *i = image; i; i = i->backing) {
                if (i->file || i->block)
                        make_file(i->file ? i->file : i->block, 1474560);
                if (i->source.dir)
                        g_assert_cmpint(g_mkdir(i->source.dir, 0700), ==, 0);
        }
}

/* Everything that the document expects on the host. */
static void make_files(const DmPlan *p)
{
        const DmOs *os = &p->domain->os;
        const char *images[] = { os->initrd, os->loader, os->nvram_path };
        for (gsize i = 0; i < G_N_ELEMENTS(images); i++)
                if (images[i])
                        make_file(images[i], 1 << 16);
        if (os->kernel)
                make_kernel(os->kernel);
        if (os->dtb)
                make_dtb(os->dtb, p);
        DM_FOREACH_DEVICE (p->domain, device) {
                if (device->kind == DM_DEVICE_DISK)
                        make_images(&((const DmDisk *)device)->image);
                if (device->kind == DM_DEVICE_MEMORY && ((const DmMemoryDevice *)device)->path)
                        make_file(((const DmMemoryDevice *)device)->path, 16 << 20);
                if (device->kind == DM_DEVICE_FILESYSTEM)
                        g_assert_cmpint(g_mkdir(((const DmFilesystem *)device)->dir, 0700), ==, 0);
                if (device->kind == DM_DEVICE_PARALLEL &&
                    ((const DmChardev *)device)->type == DM_CHARDEV_PIPE)
                        g_assert_cmpint(mkfifo(((const DmChardev *)device)->path, 0600), ==, 0);
        }
}

static void remove_files(const char *dir)
{
        g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
        const char *name;
        while (d && (name = g_dir_read_name(d))) {
                g_autofree char *path = g_build_filename(dir, name, NULL);
                g_assert_cmpint(g_remove(path), ==, 0);
        }
        g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* Connects to the monitor as soon as it is there, and ends QEMU in an orderly way.  Returns what it said;
 * nothing when it refuses its command line before it listens. */
static char *talk_to(const char *monitor, const DmProcess *process)
{
        static const char words[] =
                "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}{\"execute\":\"quit\"}";
        g_autoptr(GSocketAddress) address = g_unix_socket_address_new(monitor);
        g_autoptr(GSocketClient) client = g_socket_client_new();
        g_autoptr(GSocketConnection) connection = NULL;
        gint64 deadline = g_get_monotonic_time() + START_SECONDS * G_USEC_PER_SEC;
        while (!connection) {
                g_autofree char *stat = g_strdup_printf("/proc/%d/stat", process->pid), *state = NULL;
                g_assert_true(g_file_get_contents(stat, &state, NULL, NULL));
                if (strstr(state, ") Z ") || g_get_monotonic_time() > deadline)
                        return g_strdup("");
                connection = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
                if (!connection)
                        g_usleep(5000);
        }
        GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
        GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
        g_assert_true(g_output_stream_write_all(out, words, strlen(words), NULL, NULL, NULL));
        g_autoptr(GString) answer = g_string_new(NULL);
        char buffer[4096];
        for (gssize n = 1; n > 0;) {
                n = g_input_stream_read(in, buffer, sizeof(buffer), NULL, NULL);
                g_string_append_len(answer, buffer, MAX(n, 0));
        }
        return g_string_free(g_steal_pointer(&answer), FALSE);
}

static void run_accepted(const DmPlan *p, const char *dir)
{
        g_autofree char *monitor = g_strconcat(dir, "qmp", NULL), *log = g_strconcat(dir, "log", NULL);
        g_autoptr(DmCommand) c = dm_command_new(p->caps->path);
        g_autoptr(GError) error = NULL;
        DmBuild b = {
                .plan = p,
                .command = c,
                .monitor_fd = -1,
                .monitor_path = monitor,
                .ram_dir = dir,
                .channel_dir = dir,
                .nvram_dir = dir,
                .run_dir = dir,
        };
        dm_build_command(&b, &error);
        g_assert_no_error(error);
        g_auto(GStrv) words = dm_command_words(c);
        dm_autofd int log_fd = g_open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        DmSpawnFd fds[] = { { log_fd, 1 }, { log_fd, 2 } };
        DmSpawn s = test_spawn_init(words);
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        DmProcess process = test_spawn(&s);
        g_autofree char *answer = talk_to(monitor, &process);
        DmExit status = test_wait(&process);
        g_autofree char *said = NULL, *line = dm_command_format(c);
        g_file_get_contents(log, &said, NULL, NULL);
        dm_process_clear(&process);
        if (status.kind != DM_EXIT_CODE || status.value || !strstr(answer, "\"prelaunch\""))
                g_error("%s\nends with %d and says: %s%s", line, status.value, answer, said);
}

static void test_accepted(gconstpointer data)
{
        const Row *row = data;
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = g_dir_make_tmp("domus-build-XXXXXX", &error);
        g_assert_no_error(error);
        g_autofree char *prefix = g_strconcat(dir, "/", NULL);
        g_autoptr(DmPlan) p = fixture_plan_of(row->name, row->caps, prefix);
        if (g_file_test(p->caps->path, G_FILE_TEST_IS_EXECUTABLE)) {
                make_files(p);
                run_accepted(p, prefix);
        } else {
                g_test_skip("the emulator is not installed");
        }
        remove_files(dir);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *name = row_name(&rows[i]);
                g_autofree char *golden = g_strconcat("/qemu/build/golden/", name, NULL);
                g_autofree char *accepted = g_strconcat("/qemu/build/accepted/", name, NULL);
                g_test_add_data_func(golden, &rows[i], test_golden);
                if (!rows[i].on_host)
                        g_test_add_data_func(accepted, &rows[i], test_accepted);
        }
        return g_test_run();
}
