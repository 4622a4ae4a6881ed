/* The variables of firmware: made once, from the template, and then left alone. */
#include <glib/gstdio.h>

#include "plan_fixture.h"
#include "qemu/run_private.h"

typedef struct Fixture {
        char *dir, *vars;
        DmPlan *plan;
        DmRun run;
} Fixture;

/* A guest with @inner in <os>, in which "/domus/" is a directory of its own. */
static void set_up(Fixture *f, gconstpointer inner)
{
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-nvram-XXXXXX", &error);
        g_assert_no_error(error);
        g_autoptr(GString) text = g_string_new(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type>");
        g_string_append_printf(text, "%s</os><features><acpi/></features></domain>", (const char *)inner);
        g_autofree char *prefix = g_strconcat(f->dir, "/", NULL);
        g_string_replace(text, "/domus/", prefix, 0);
        f->plan = fixture_plan(text->str, "x86_64-7.2", &error);
        g_assert_no_error(error);
        f->vars = g_build_filename(f->dir, "kept", NULL);
        f->run.config.plan = f->plan;
        f->run.config.nvram_dir = f->vars;
}

static void remove_all(const char *dir)
{
        g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
        const char *name;
        while (d && (name = g_dir_read_name(d))) {
                g_autofree char *path = g_build_filename(dir, name, NULL);
                g_assert_cmpint(g_remove(path), ==, 0);
        }
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        remove_all(f->vars);
        remove_all(f->dir);
        g_assert_cmpint(g_rmdir(f->dir), ==, 0);
        dm_plan_free(f->plan);
        g_free(f->dir);
        g_free(f->vars);
}

static void put(const Fixture *f, const char *name, const char *content)
{
        g_autofree char *path = g_build_filename(f->dir, name, NULL);
        g_assert_true(g_file_set_contents(path, content, -1, NULL));
}

static void assert_content(const Fixture *f, const char *name, const char *content)
{
        g_autofree char *path = g_build_filename(f->dir, name, NULL), *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, content);
}

#define LOADER(name) "<loader readonly='yes' type='pflash'>/domus/" name "</loader>"

static void test_template(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        put(f, "template", "empty");
        g_assert_true(dm_run_make_nvram(&f->run, &error));
        g_assert_no_error(error);
        assert_content(f, "kept/t_VARS.fd", "empty");
        put(f, "kept/t_VARS.fd", "the guest's");
        g_assert_true(dm_run_make_nvram(&f->run, &error));
        assert_content(f, "kept/t_VARS.fd", "the guest's");
}

static void test_by_name(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        put(f, "OVMF_VARS_4M.fd", "by name");
        g_assert_true(dm_run_make_nvram(&f->run, &error));
        g_assert_no_error(error);
        assert_content(f, "kept/t_VARS.fd", "by name");
}

static void test_own_path(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        put(f, "template", "empty");
        g_assert_true(dm_run_make_nvram(&f->run, &error));
        g_assert_no_error(error);
        assert_content(f, "mine", "empty");
}

static void test_none(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_run_make_nvram(&f->run, &error));
        g_assert_nonnull(
                strstr(error->message, "no template to make it from; name one in <nvram template=>"));
        g_assert_false(g_file_test(f->vars, G_FILE_TEST_EXISTS));
}

static void test_missing(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_run_make_nvram(&f->run, &error));
        g_assert_true(g_str_has_prefix(error->message, "the variables of the firmware: "));
        g_assert_nonnull(strstr(error->message, "/template"));
}

static void test_stateless(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_run_make_nvram(&f->run, &error));
        g_assert_no_error(error);
        g_assert_false(g_file_test(f->vars, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name, *os;
                void (*test)(Fixture *, gconstpointer);
        } rows[] = {
                { "template", LOADER("code.fd") "<nvram template='/domus/template'/>", test_template },
                { "by-name", LOADER("OVMF_CODE_4M.secboot.fd"), test_by_name },
                { "own-path", LOADER("code.fd") "<nvram template='/domus/template'>/domus/mine</nvram>",
                  test_own_path },
                { "none", LOADER("code.fd"), test_none },
                { "missing", LOADER("code.fd") "<nvram template='/domus/template'/>", test_missing },
                { "stateless", "<loader readonly='yes' type='pflash' stateless='yes'>/domus/code.fd</loader>",
                  test_stateless },
        };
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *name = g_strconcat("/qemu/run-nvram/", rows[i].name, NULL);
                g_test_add(name, Fixture, rows[i].os, set_up, rows[i].test, tear_down);
        }
        return g_test_run();
}
