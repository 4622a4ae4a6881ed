/* Storage pools: definitions that last, folders, volumes, and what is refused. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/storage.h"
#include "util/error.h"
#include "util/file.h"

typedef struct Test {
        char *dir, *images;
        DmStorage *storage;
        char *uuid; /* of a pool that is active */
} Test;

static void reopen(Test *t)
{
        dm_storage_close(t->storage);
        t->storage = dm_storage_open(t->dir);
}

static char *define(Test *t, const char *name, const char *path)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = g_strdup_printf(
                "<pool type='dir'><name>%s</name><target><path>%s</path></target></pool>", name, path);
        char *uuid = NULL;
        dm_storage_define(t->storage, xml, &uuid, &error);
        g_assert_no_error(error);
        return uuid;
}

static Test *test_new(void)
{
        g_autoptr(GError) error = NULL;
        Test *t = g_new0(Test, 1);
        t->dir = g_dir_make_tmp("domus-test-XXXXXX", &error);
        t->images = g_build_filename(t->dir, "images", NULL);
        reopen(t);
        t->uuid = define(t, "pool", t->images);
        g_assert_true(dm_storage_build(t->storage, t->uuid, &error));
        g_assert_true(dm_storage_start(t->storage, t->uuid, &error));
        return t;
}

static void test_free(Test *t)
{
        dm_storage_close(t->storage);
        g_assert_true(dm_remove_tree(t->dir, NULL));
        g_free(t->dir);
        g_free(t->images);
        g_free(t->uuid);
        g_free(t);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Test, test_free)

static void assert_fails(gboolean ok, GError **error, DmErrorCode code, const char *text)
{
        g_assert_false(ok);
        g_assert_error(*error, DM_ERROR, (int)code);
        g_assert_nonnull(strstr((*error)->message, text));
        g_clear_error(error);
}

static char *volume_xml(const char *name, const char *format, guint64 capacity)
{
        return g_strdup_printf("<volume><name>%s</name><capacity>%" G_GUINT64_FORMAT "</capacity>"
                               "<allocation>0</allocation><target><format type='%s'/></target></volume>",
                               name, capacity, format);
}

static void create(Test *t, const char *name, const char *format, guint64 capacity)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = volume_xml(name, format, capacity), *made = NULL;
        dm_storage_create_volume(t->storage, t->uuid, xml, NULL, &made, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(made, ==, name);
}

/* ---- pools ---- */

static void test_pools(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Test) t = test_new();
        g_assert_true(dm_storage_set_autostart(t->storage, t->uuid, TRUE, &error));
        g_auto(DmPoolInfo) before = { 0 }, after = { 0 };
        g_assert_true(dm_storage_pool_info(t->storage, t->uuid, &before, &error));
        g_assert_true(before.active && before.autostart && before.capacity >= before.available);
        reopen(t);
        g_assert_true(dm_storage_find_pool(t->storage, "pool", &after, &error));
        g_assert_cmpstr(after.uuid, ==, t->uuid);
        g_assert_true(after.active && after.autostart);
        g_autofree char *xml = dm_storage_pool_xml(t->storage, t->uuid, &error);
        g_assert_nonnull(strstr(xml, "<mode>0711</mode>"));
        /* What it says of itself defines it again. */
        g_autofree char *again = NULL;
        g_assert_true(dm_storage_define(t->storage, xml, &again, &error));
        g_assert_cmpstr(again, ==, t->uuid);

        assert_fails(dm_storage_start(t->storage, t->uuid, &error), &error, DM_ERROR_BAD_STATE,
                     "already active");
        assert_fails(dm_storage_undefine(t->storage, t->uuid, &error), &error, DM_ERROR_BAD_STATE,
                     "still active");
        assert_fails(dm_storage_delete(t->storage, t->uuid, &error), &error, DM_ERROR_BAD_STATE,
                     "still active");
        g_assert_true(dm_storage_stop(t->storage, t->uuid, &error));
        assert_fails(dm_storage_stop(t->storage, t->uuid, &error), &error, DM_ERROR_BAD_STATE,
                     "is not active");
        g_assert_null(dm_storage_volumes(t->storage, t->uuid, &error));
        g_clear_error(&error);
        g_assert_true(dm_storage_delete(t->storage, t->uuid, &error));
        assert_fails(dm_storage_start(t->storage, t->uuid, &error), &error, DM_ERROR_FAILED,
                     "it is no directory");
        g_assert_true(dm_storage_undefine(t->storage, t->uuid, &error));
        reopen(t);
        g_auto(GStrv) none = dm_storage_pools(t->storage);
        g_assert_cmpuint(g_strv_length(none), ==, 0);
        assert_fails(dm_storage_start(t->storage, t->uuid, &error), &error, DM_ERROR_NOT_FOUND,
                     "no storage pool with matching uuid");
}

static void test_refused_pools(void)
{
        static const struct {
                const char *xml, *message;
        } rows[] = {
                { "<pool type='dir'><name>x</name></pool>", "target" },
                { "<pool type='iscsi'><name>x</name><target><path>/x</path></target></pool>", "iscsi" },
                { "<pool type='dir'><name>a/b</name><target><path>/x</path></target></pool>",
                  "'a/b' can't be the name of a pool" },
                { "<pool type='dir'><name>x</name><target><path>x</path></target></pool>",
                  "is not absolute" },
                { "<pool "
                  "type='dir'><name>x</name><target><path>/x</path><permissions><mode>9</mode></permissions>"
                  "</target></pool>",
                  "the mode '9' is not an octal number" },
                { "<pool", "" },
        };
        g_autoptr(Test) t = test_new();
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(GError) error = NULL;
                char *uuid = NULL;
                assert_fails(dm_storage_define(t->storage, rows[i].xml, &uuid, &error), &error,
                             DM_ERROR_INVALID_XML, rows[i].message);
                g_assert_null(uuid);
        }
        /* Names, uuids and folders belong to one pool each. */
        g_autoptr(GError) error = NULL;
        char *uuid = NULL;
        g_autofree char *folder = g_strdup_printf(
                "<pool type='dir'><name>other</name><target><path>%s/</path></target></pool>", t->images);
        assert_fails(dm_storage_define(t->storage, folder, &uuid, &error), &error, DM_ERROR_EXISTS,
                     "Storage source conflict with pool: 'pool'");
        assert_fails(dm_storage_define(
                             t->storage,
                             "<pool type='dir'><name>pool</name><uuid>11111111-2222-3333-4444-555555555555"
                             "</uuid><target><path>/elsewhere</path></target></pool>",
                             &uuid, &error),
                     &error, DM_ERROR_EXISTS, "pool 'pool' already exists with uuid");
}

/* One damaged file does not stop the others. */
static void test_damaged(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Test) t = test_new();
        static const char *const wrong[] = {
                "", "{", "{\"name\":\"x\"}",
                "{\"name\":\"../x\",\"uuid\":\"11111111-2222-3333-4444-555555555555\","
                "\"path\":\"/x\"}",
                "{\"name\":\"x\",\"uuid\":\"no\",\"path\":\"/x\"}"
        };
        for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
                g_autofree char *path = g_strdup_printf("%s/storage/%zu.json", t->dir, i);
                g_assert_true(dm_file_write_atomic(path, wrong[i], strlen(wrong[i]), 0600, 0, &error));
        }
        reopen(t);
        g_auto(GStrv) pools = dm_storage_pools(t->storage);
        g_assert_cmpuint(g_strv_length(pools), ==, 1);
}

/* ---- volumes ---- */

static void test_volumes(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Test) t = test_new();
        create(t, "b.img", "raw", 1 << 20);
        g_autofree char *fifo = g_build_filename(t->images, "fifo", NULL);
        g_autofree char *link = g_build_filename(t->images, "dangling", NULL);
        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        g_assert_cmpint(symlink("/nowhere", link), ==, 0);
        create(t, "a.img", "raw", 4096);
        g_auto(GStrv) names = dm_storage_volumes(t->storage, t->uuid, &error);
        g_assert_cmpuint(g_strv_length(names), ==, 2);
        g_assert_cmpstr(names[0], ==, "a.img");
        g_autoptr(DmVolume) v = dm_storage_volume(t->storage, t->uuid, "b.img", &error);
        g_assert_cmpuint(v->capacity.value, ==, 1 << 20);
        g_assert_cmpuint(v->allocation.value, ==, 0);
        g_assert_cmpstr(v->permissions->mode, ==, "0600");
        /* By its path, however that is written. */
        g_auto(DmPoolInfo) pool = { 0 };
        g_autofree char *path = g_strdup_printf("%s/./b.img", t->images), *name = NULL;
        g_assert_true(dm_storage_find_volume(t->storage, path, &pool, &name, &error));
        g_assert_cmpstr(name, ==, "b.img");
        g_assert_true(dm_storage_delete_volume(t->storage, t->uuid, "b.img", &error));
        assert_fails(dm_storage_find_volume(t->storage, path, &pool, &name, &error), &error,
                     DM_ERROR_NOT_FOUND, "no storage vol with matching path");
}

static void test_refused_volumes(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Test) t = test_new();
        create(t, "there", "raw", 512);
        static const struct {
                const char *name, *format;
                guint64 capacity;
                DmErrorCode code;
                const char *message;
        } rows[] = {
                { "there", "raw", 1, DM_ERROR_EXISTS, "already exists" },
                { "../out", "raw", 1, DM_ERROR_INVALID_XML, "'../out' can't be the name of a file" },
                { "..", "raw", 1, DM_ERROR_INVALID_XML, "'..' can't be the name" },
                { "x", "nbd", 1, DM_ERROR_INVALID_XML, "nbd" },
                { "x", "dir", 1, DM_ERROR_UNSUPPORTED, "folders are not created" },
                { "x", "raw", G_MAXUINT64, DM_ERROR_FAILED, "bytes large" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *xml = volume_xml(rows[i].name, rows[i].format, rows[i].capacity);
                char *made = NULL;
                assert_fails(dm_storage_create_volume(t->storage, t->uuid, xml, NULL, &made, &error), &error,
                             rows[i].code, rows[i].message);
                g_assert_null(made);
        }
        g_auto(GStrv) names = dm_storage_volumes(t->storage, t->uuid, &error);
        g_assert_cmpuint(g_strv_length(names), ==, 1); /* nothing is left of what failed */
        static const char *const outside[] = { "../storage", "", ".", "a/b" };
        for (gsize i = 0; i < G_N_ELEMENTS(outside); i++)
                assert_fails(dm_storage_delete_volume(t->storage, t->uuid, outside[i], &error), &error,
                             DM_ERROR_NOT_FOUND, "no storage vol with matching name");
        /* Not through a link that somebody has put there. */
        g_autofree char *link = g_build_filename(t->images, "link", NULL),
                        *target = g_build_filename(t->dir, "t", NULL);
        g_assert_cmpint(symlink(target, link), ==, 0);
        g_autofree char *xml = volume_xml("link", "raw", 1), *made = NULL;
        assert_fails(dm_storage_create_volume(t->storage, t->uuid, xml, NULL, &made, &error), &error,
                     DM_ERROR_EXISTS, "already exists");
        g_assert_false(g_file_test(target, G_FILE_TEST_EXISTS));
}

static void test_images(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *tool = g_find_program_in_path("qemu-img");
        if (!tool) {
                g_test_skip("qemu-img is not installed");
                return;
        }
        g_autoptr(Test) t = test_new();
        create(t, "base", "qcow2", 1 << 20);
        g_autofree char *base = g_build_filename(t->images, "base", NULL), *made = NULL, *copied = NULL;
        g_autofree char *over =
                g_strdup_printf("<volume><name>over</name><target><format type='qcow2'/></target>"
                                "<backingStore><path>%s</path><format type='qcow2'/></backingStore>"
                                "</volume>",
                                base);
        dm_storage_create_volume(t->storage, t->uuid, over, NULL, &made, &error);
        g_assert_no_error(error);
        g_autoptr(DmVolume) v = dm_storage_volume(t->storage, t->uuid, "over", &error);
        g_assert_cmpstr(v->backing->path, ==, base);
        g_assert_cmpuint(v->capacity.value, ==, 1 << 20);
        g_autofree char *larger = volume_xml("copy", "raw", 2 << 20);
        dm_storage_create_volume(t->storage, t->uuid, larger, base, &copied, &error);
        g_assert_no_error(error);
        g_autoptr(DmVolume) copy = dm_storage_volume(t->storage, t->uuid, "copy", &error);
        g_assert_cmpuint(copy->capacity.value, ==, 2 << 20);
        g_assert_true(dm_storage_resize_volume(t->storage, t->uuid, "base", 3 << 20, &error));
        g_autoptr(DmVolume) grown = dm_storage_volume(t->storage, t->uuid, "base", &error);
        g_assert_cmpuint(grown->capacity.value, ==, 3 << 20);
        assert_fails(dm_storage_resize_volume(t->storage, t->uuid, "base", 1, &error), &error,
                     DM_ERROR_INVALID_ARG, "can only be made larger");
        char *none = NULL;
        g_autofree char *wrong = volume_xml("broken", "qcow2", 0);
        assert_fails(dm_storage_create_volume(t->storage, t->uuid, wrong, "/nowhere", &none, &error), &error,
                     DM_ERROR_NOT_FOUND, "/nowhere");
        g_assert_null(dm_storage_volume(t->storage, t->uuid, "broken", NULL));
}

/* A server that ends does not wait for a large copy, and leaves nothing of it. */
static void test_cancelled(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *tool = g_find_program_in_path("qemu-img");
        if (!tool) {
                g_test_skip("qemu-img is not installed");
                return;
        }
        g_autoptr(Test) t = test_new();
        g_autofree char *xml = volume_xml("late", "qcow2", 1 << 20);
        char *made = NULL;
        dm_storage_cancel(t->storage);
        /* The tool may be quicker than the first look at it. */
        if (!dm_storage_create_volume(t->storage, t->uuid, xml, NULL, &made, &error)) {
                g_assert_error(error, DM_ERROR, DM_ERROR_CANCELLED);
                g_assert_null(dm_storage_volume(t->storage, t->uuid, "late", NULL));
        }
        g_free(made);
        g_clear_error(&error);
        /* One that takes longer than a look. */
        g_autofree char *folder = g_build_filename(t->dir, "bin", NULL),
                        *fake = g_build_filename(folder, "qemu-img", NULL);
        g_autofree char *path = g_strdup(g_getenv("PATH"));
        static const char script[] = "#!/bin/sh\nexec /bin/sleep 1000\n";
        g_assert_true(dm_make_dirs(folder, 0700, &error));
        g_assert_true(dm_file_write_atomic(fake, script, strlen(script), 0700, 0, &error));
        g_setenv("PATH", folder, TRUE);
        gint64 before = g_get_monotonic_time();
        g_autofree char *again = volume_xml("slow", "qcow2", 1 << 20);
        assert_fails(dm_storage_create_volume(t->storage, t->uuid, again, NULL, &made, &error), &error,
                     DM_ERROR_CANCELLED, "the server is ending");
        g_setenv("PATH", path, TRUE);
        g_assert_cmpint(g_get_monotonic_time() - before, <, 60 * G_USEC_PER_SEC);
        g_assert_null(dm_storage_volume(t->storage, t->uuid, "slow", NULL));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/storage/pools", test_pools);
        g_test_add_func("/driver/storage/refused-pools", test_refused_pools);
        g_test_add_func("/driver/storage/damaged", test_damaged);
        g_test_add_func("/driver/storage/volumes", test_volumes);
        g_test_add_func("/driver/storage/refused-volumes", test_refused_volumes);
        g_test_add_func("/driver/storage/images", test_images);
        g_test_add_func("/driver/storage/cancelled", test_cancelled);
        return g_test_run();
}
