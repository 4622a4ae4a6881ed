/* Secrets on their way to QEMU: files that only it can read, and only until it has. */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "plan_fixture.h"
#include "qemu/run_private.h"

static const char document[] =
        "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
        "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>";

typedef struct Fixture {
        char *dir;
        DmPlan *plan;
        DmRun run;
        DmBuild b;
        DmJson *props;
} Fixture;

static void set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-secrets-XXXXXX", &error);
        g_assert_no_error(error);
        f->plan = fixture_plan(document, "x86_64-7.2", &error);
        g_assert_no_error(error);
        f->run.config.dir = f->dir;
        f->b = (DmBuild){ .plan = f->plan, .data = &f->run };
        f->props = dm_json_object_new();
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        dm_json_unref(f->props);
        dm_plan_free(f->plan);
        g_assert_cmpint(g_rmdir(f->dir), ==, 0);
        g_free(f->dir);
}

static void assert_file(const Fixture *f, const char *name, const char *content)
{
        g_autofree char *path = g_build_filename(f->dir, name, NULL), *text = NULL;
        gsize length = 0;
        struct stat st;
        g_assert_cmpstr(dm_json_get_string(f->props, "file"), ==, path);
        g_assert_true(g_file_get_contents(path, &text, &length, NULL));
        g_assert_cmpmem(text, length, content, strlen(content));
        g_assert_cmpint(stat(path, &st), ==, 0);
        g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
}

static void test_text(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        const DmSecretAsk ask = { "libvirt-1-storage-httpcookie-secret0", NULL, "a=b" };
        g_assert_true(dm_run_give_secret(&f->b, &ask, f->props, &error));
        g_assert_no_error(error);
        assert_file(f, "libvirt-1-storage-httpcookie-secret0.secret", "a=b");
        dm_run_forget_secrets(&f->run);
}

/* Only what it made itself. */
static void test_forget(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autofree char *other = g_build_filename(f->dir, "pid", NULL);
        g_autofree char *mine = g_build_filename(f->dir, "x.secret", NULL);
        g_assert_true(g_file_set_contents(other, "1", 1, NULL));
        g_assert_true(g_file_set_contents(mine, "1", 1, NULL));
        dm_run_forget_secrets(&f->run);
        g_assert_false(g_file_test(mine, G_FILE_TEST_EXISTS));
        g_assert_cmpint(g_remove(other), ==, 0);
}

static void test_no_store(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        const DmSecretRef ref = { .type = DM_SECRET_PASSPHRASE, .usage = (char *)"the key" };
        const DmSecretAsk ask = { "x", &ref, NULL };
        g_assert_false(dm_run_give_secret(&f->b, &ask, f->props, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, "the secret 'the key' cannot be had: the driver keeps none"));
}

static GBytes *get(DmSecrets *secrets G_GNUC_UNUSED, const DmSecretRef *ref, GError **error)
{
        if (g_strcmp0(ref->uuid, "u") == 0)
                return g_bytes_new_static("\1\0\2", 3);
        dm_fail(error, DM_ERROR_NOT_FOUND, "no secret '%s'", ref->uuid);
        return NULL;
}

static void test_store(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        DmSecrets store = { get };
        DmSecretRef ref = { .type = DM_SECRET_CEPH, .uuid = (char *)"other" };
        const DmSecretAsk ask = { "x", &ref, NULL };
        f->run.config.secrets = &store;
        g_assert_false(dm_run_give_secret(&f->b, &ask, f->props, &error));
        g_assert_cmpstr(error ? error->message : NULL, ==, "no secret 'other'");
        g_assert_false(dm_json_has(f->props, "file"));
        g_clear_error(&error);
        ref.uuid = (char *)"u";
        g_assert_true(dm_run_give_secret(&f->b, &ask, f->props, &error));
        g_autofree char *path = g_build_filename(f->dir, "x.secret", NULL), *text = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(path, &text, &length, NULL));
        g_assert_cmpmem(text, length, "\1\0\2", 3);
        dm_run_forget_secrets(&f->run);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/qemu/run-secrets/text", Fixture, NULL, set_up, test_text, tear_down);
        g_test_add("/qemu/run-secrets/forget", Fixture, NULL, set_up, test_forget, tear_down);
        g_test_add("/qemu/run-secrets/no-store", Fixture, NULL, set_up, test_no_store, tear_down);
        g_test_add("/qemu/run-secrets/store", Fixture, NULL, set_up, test_store, tear_down);
        return g_test_run();
}
