/* Host facts: what the loader finds, facts of files, and the JSON form. */
#include "qemu/host.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "conf/domain_disk.h"
#include "qemu/arch.h"
#include "util/error.h"
#include "util/file.h"

typedef struct Fixture {
        char *dir;
} Fixture;

static void set_up(Fixture *f, gconstpointer unused)
{
        (void)unused;
        f->dir = g_dir_make_tmp("dm-host-XXXXXX", NULL);
        g_assert_nonnull(f->dir);
}

static void tear_down(Fixture *f, gconstpointer unused)
{
        (void)unused;
        g_assert_true(dm_remove_tree(f->dir, NULL));
        g_free(f->dir);
}

static char *put(const Fixture *f, const char *name, const void *data, gsize length, mode_t mode)
{
        char *path = g_build_filename(f->dir, name, NULL);
        g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
        g_assert_cmpint(chmod(path, mode), ==, 0);
        return path;
}

static void this_machine(Fixture *f, gconstpointer unused)
{
        (void)unused;
        g_autofree char *program = put(f, "qemu-system-sparc", "#!/bin/sh\n", 10, 0755);
        g_autofree char *search = g_strdup_printf("relative:%s:/nowhere:%s", f->dir, f->dir);
        g_autoptr(DmHost) h = dm_host_load(search);
        struct utsname u;
        g_assert_cmpint(uname(&u), ==, 0);
        const DmArch *a = dm_arch_find(u.machine);
        g_assert_cmpstr(h->arch, ==, a ? a->name : h->arch);
        g_assert_cmpuint(h->cpus, >=, 1);
        g_assert_cmpuint(h->sockets * h->dies * h->cores * h->threads, ==, h->cpus);
        g_assert_cmpuint(h->memory, >, 1024 * 1024);
        g_assert_cmpuint(h->page_size, ==, (guint)sysconf(_SC_PAGESIZE));
        g_assert_cmpuint(h->uid, ==, geteuid());
        unsigned in_cells = 0;
        for (guint i = 0; h->cells && i < h->cells->len; i++)
                in_cells += ((const DmHostCell *)g_ptr_array_index(h->cells, i))->cpus->len;
        if (h->cells)
                g_assert_cmpuint(in_cells, ==, h->cpus);
        g_assert_nonnull(h->user);
        g_assert_cmpstr(dm_host_program(h, "qemu-system-sparc"), ==, program);
        g_assert_cmpstr(dm_host_program(h, program), ==, program);
        g_assert_null(dm_host_program(h, "qemu-system-alpha"));
        guint found = 0;
        for (guint i = 0; i < h->programs->len; i++)
                found += strcmp(g_ptr_array_index(h->programs, i), program) == 0;
        g_assert_cmpuint(found, ==, 1);
        const DmFileFact *fact = dm_host_file(h, program);
        g_assert_cmpint(fact->kind, ==, DM_FILE_REGULAR);
        g_assert_true(fact->executable && fact->program && fact->readable);
        int e = 0, api = 0;
        g_assert_cmpint(h->kvm, ==, dm_host_test_kvm(&e, &api));
        g_autofree char *reason = dm_host_kvm_reason(h);
        g_assert_true((reason == NULL) == (h->kvm == DM_KVM_USABLE));
}

static void kvm_reasons(void)
{
        static const struct {
                DmKvmState state;
                int error, api;
                const char *text;
        } rows[] = {
                { DM_KVM_NO_DEVICE, ENOENT, 0, "/dev/kvm does not exist" },
                { DM_KVM_NO_ACCESS, EACCES, 0, "/dev/kvm: Permission denied (as user daemon)" },
                { DM_KVM_BAD_API, 0, 11, "KVM API version 11, 12 needed" },
                { DM_KVM_BAD_API, ENOTTY, -1,
                  "/dev/kvm: KVM_GET_API_VERSION failed: Inappropriate ioctl for device; KVM API version 12 "
                  "needed" },
                { DM_KVM_CREATE_FAILED, EBUSY, 12, "KVM_CREATE_VM failed: Device or resource busy" },
                { DM_KVM_USABLE, 0, 12, NULL },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmHost) h = dm_host_new("x86_64");
                h->kvm = rows[i].state;
                h->kvm_errno = rows[i].error;
                h->kvm_api = rows[i].api;
                g_free(h->user);
                h->user = g_strdup("daemon");
                g_autofree char *reason = dm_host_kvm_reason(h);
                g_assert_cmpstr(reason, ==, rows[i].text);
        }
}

static void file_facts(Fixture *f, gconstpointer unused)
{
        (void)unused;
        static const char qcow2[] = "QFI\xfb\0\0\0\3";
        char vdi[80] = "";
        memcpy(vdi + 64, "\x7f\x10\xda\xbe", 4);
        g_autofree char *elf = put(f, "rom",
                                   "\x7f"
                                   "ELFxxxx",
                                   8, 0644);
        g_autofree char *image = put(f, "image", qcow2, sizeof(qcow2), 0600);
        g_autofree char *other = put(f, "other", vdi, sizeof(vdi), 0600);
        g_autofree char *empty = put(f, "empty", "", 0, 0600);
        g_autofree char *link = g_build_filename(f->dir, "link", NULL);
        g_autofree char *missing = g_build_filename(f->dir, "missing", NULL);
        g_assert_cmpint(symlink("rom", link), ==, 0);
        g_autoptr(DmHost) h = dm_host_new("x86_64");
        h->uid = geteuid();
        const char *const paths[] = { elf, image, other, empty, link, missing, f->dir };
        for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
                dm_host_gather_path(h, paths[i]);
        g_assert_true(dm_host_file(h, elf)->program);
        g_assert_false(dm_host_file(h, elf)->executable);
        g_assert_cmpstr(dm_host_file(h, image)->format, ==, "qcow2");
        g_assert_cmpuint(dm_host_file(h, image)->size, ==, sizeof(qcow2));
        g_assert_cmpstr(dm_host_file(h, other)->format, ==, "vdi");
        g_assert_null(dm_host_file(h, empty)->format);
        g_assert_cmpstr(dm_host_file(h, link)->real, ==, dm_host_file(h, elf)->real);
        g_assert_cmpint(dm_host_file(h, missing)->kind, ==, DM_FILE_MISSING);
        g_assert_cmpint(dm_host_file(h, missing)->errno_value, ==, ENOENT);
        g_assert_cmpint(dm_host_file(h, f->dir)->kind, ==, DM_FILE_DIRECTORY);
        g_assert_false(dm_host_file(h, f->dir)->executable);
        g_assert_cmpint(dm_host_file(h, "/never/asked")->errno_value, ==, ENOENT);
}

/* A user who is neither owner nor in the group; the directory above is closed to all but its owner. */
static void other_user(Fixture *f, gconstpointer unused)
{
        (void)unused;
        const uid_t stranger = 54321;
        g_autofree char *open_file = put(f, "open", "#!", 2, 0755);
        g_autofree char *closed = put(f, "closed", "#!", 2, 0750);
        g_assert_cmpint(chmod(f->dir, 0755), ==, 0);
        g_autoptr(DmHost) h = dm_host_new("x86_64");
        h->uid = h->gid = stranger;
        dm_host_gather_path(h, open_file);
        dm_host_gather_path(h, closed);
        gboolean reachable = dm_host_file(h, open_file)->readable; /* TMPDIR itself may be closed */
        g_assert_true(dm_host_file(h, open_file)->executable == reachable);
        g_assert_false(dm_host_file(h, open_file)->writable);
        g_assert_false(dm_host_file(h, closed)->readable);
        g_assert_false(dm_host_file(h, closed)->executable);
        g_assert_cmpint(dm_host_file(h, closed)->errno_value, ==, EACCES);
        g_assert_cmpint(chmod(f->dir, 0700), ==, 0);
        g_autoptr(DmHost) again = dm_host_new("x86_64");
        again->uid = again->gid = stranger;
        dm_host_gather_path(again, open_file);
        g_assert_false(dm_host_file(again, open_file)->readable);
}

static void gathering(Fixture *f, gconstpointer unused)
{
        (void)unused;
        g_autofree char *kernel = put(f, "kernel", "k", 1, 0644);
        g_autofree char *disk = put(f, "disk", "d", 1, 0644);
        g_autofree char *text =
                g_strdup_printf("<domain type='qemu'><name>t</name><memory>1</memory><os><type>hvm</type>"
                                "<kernel>%s</kernel></os><devices><disk type='file'><source file='%s'/>"
                                "<target dev='hda'/></disk></devices></domain>",
                                kernel, disk);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text, strlen(text), 0, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(DmHost) h = dm_host_new("x86_64");
        h->uid = geteuid();
        g_autoptr(DmHost) copy = dm_host_copy(h);
        dm_host_gather(copy, d);
        g_assert_cmpint(dm_host_file(copy, kernel)->kind, ==, DM_FILE_REGULAR);
        g_assert_cmpint(dm_host_file(copy, disk)->kind, ==, DM_FILE_REGULAR);
        g_assert_cmpint(dm_host_file(h, disk)->kind, ==, DM_FILE_MISSING);
}

static DmHost *parse(const char *text, GError **error)
{
        g_autoptr(DmJson) j = dm_json_parse(text, strlen(text), NULL);
        g_assert_nonnull(j);
        return dm_host_from_json(j, error);
}

static void json(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmHost) h =
                parse("{\"arch\":\"ppc64le\",\"cpu-flags\":[\"a\",\"b\"],\"kvm\":\"create-failed\","
                      "\"kvm-errno\":16,\"memory\":68719476736,\"user\":\"daemon\",\"dev-kqemu\":true,"
                      "\"xen\":\"xen-3.0-x86_64\",\"programs\":[\"/bin/q\"],"
                      "\"huge-pages\":[\"2048\"],\"cells\":[{\"id\":3,\"memory\":4096,\"distances\":[10,20],"
                      "\"cpus\":[{\"id\":5,\"core\":2,\"siblings\":\"5,7\"}]}],"
                      "\"files\":{\"/bin/q\":{\"executable\":true,\"size\":5},"
                      "\"/d\":{\"kind\":\"directory\"}},\"firmwares\":[{\"description\":\"x\"}]}",
                      &error);
        g_assert_no_error(error);
        g_assert_cmpstr(h->arch, ==, "ppc64le");
        g_assert_cmpint(h->kvm, ==, DM_KVM_CREATE_FAILED);
        g_assert_cmpuint(h->memory, ==, G_GUINT64_CONSTANT(68719476736));
        g_assert_true(h->dev_kqemu);
        g_assert_cmpint(dm_host_file(h, "/bin/q")->kind, ==, DM_FILE_REGULAR);
        g_assert_cmpstr(dm_host_file(h, "/bin/q")->real, ==, "/bin/q");
        g_assert_cmpint(dm_host_file(h, "/d")->kind, ==, DM_FILE_DIRECTORY);
        g_assert_cmpuint(h->firmwares->len, ==, 1);
        g_assert_cmpstr(h->huge_pages[0], ==, "2048");
        const DmHostCell *cell = g_ptr_array_index(h->cells, 0);
        g_assert_cmpuint(cell->id, ==, 3);
        g_assert_cmpuint(g_array_index(cell->distances, unsigned, 1), ==, 20);
        const DmHostCpu *cpu = g_ptr_array_index(cell->cpus, 0);
        g_assert_cmpuint(cpu->core, ==, 2);
        g_assert_cmpstr(cpu->siblings, ==, "5,7");
        g_autoptr(DmJson) once = dm_host_to_json(h);
        g_autoptr(DmHost) second = dm_host_from_json(once, &error);
        g_assert_no_error(error);
        g_autoptr(DmJson) twice = dm_host_to_json(second);
        g_assert_true(dm_json_equal(once, twice));
        g_autoptr(DmHost) copy = dm_host_copy(h);
        g_autoptr(DmJson) thrice = dm_host_to_json(copy);
        g_assert_true(dm_json_equal(once, thrice));
}

static void json_of_this_machine(void)
{
        g_autoptr(DmHost) h = dm_host_load(NULL);
        g_autoptr(DmJson) once = dm_host_to_json(h);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmHost) second = dm_host_from_json(once, &error);
        g_assert_no_error(error);
        g_autoptr(DmJson) twice = dm_host_to_json(second);
        g_assert_true(dm_json_equal(once, twice));
}

static void json_errors(void)
{
        static const char *const rows[][2] = {
                { "{}", "arch" },
                { "{\"arch\":\"x86_64\",\"kvm\":\"maybe\"}", "'kvm' has the unknown value 'maybe'" },
                { "{\"arch\":\"x86_64\",\"kvm\":5}", "'kvm' is no string" },
                { "{\"arch\":\"x86_64\",\"cpus\":-1}", "is not from 1 to" },
                { "{\"arch\":\"x86_64\",\"cpus\":0}", "is not from 1 to" },
                { "{\"arch\":\"x86_64\",\"cells\":[{\"id\":0}]}", "cells[0]: " },
                { "{\"arch\":\"x86_64\",\"cells\":[{\"id\":0,\"memory\":1,\"distances\":[\"x\"]}]}",
                  "'distances' holds what is no distance" },
                { "{\"arch\":\"x86_64\",\"cells\":[{\"id\":0,\"memory\":1,\"cpus\":[{}]}]}", "cells[0]: " },
                { "{\"arch\":\"x86_64\",\"programs\":[\"q\"]}", "programs[0] is no absolute path" },
                { "{\"arch\":\"x86_64\",\"files\":{\"/a\":{\"kind\":\"odd\"}}}",
                  "file '/a': 'kind' has the unknown value 'odd'" },
                { "{\"arch\":\"x86_64\",\"files\":{\"/a\":{\"size\":\"big\"}}}", "file '/a': " },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmHost) h = parse(rows[i][0], &error);
                g_assert_null(h);
                g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
                g_assert_true(g_str_has_prefix(error->message, "host facts: "));
                g_assert_nonnull(strstr(error->message, rows[i][1]));
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define WITH_DIR(name, fn) g_test_add(name, Fixture, NULL, set_up, fn, tear_down)
        WITH_DIR("/qemu/host/this-machine", this_machine);
        g_test_add_func("/qemu/host/kvm-reasons", kvm_reasons);
        WITH_DIR("/qemu/host/file-facts", file_facts);
        WITH_DIR("/qemu/host/other-user", other_user);
        WITH_DIR("/qemu/host/gather", gathering);
        g_test_add_func("/qemu/host/json", json);
        g_test_add_func("/qemu/host/json-of-this-machine", json_of_this_machine);
        g_test_add_func("/qemu/host/json-errors", json_errors);
        return g_test_run();
}
