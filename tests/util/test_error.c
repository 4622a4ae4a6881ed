#include "util/error.h"

#include <errno.h>
#include <string.h>

static void test_names(void)
{
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (int code = 0; code < DM_ERROR_N; code++) {
                const char *name = dm_error_code_name((DmErrorCode)code);
                g_assert_nonnull(name);
                g_assert_cmpstr(name, !=, "unknown");
                g_assert_true(g_hash_table_add(seen, (gpointer)name));
                for (const char *c = name; *c; c++)
                        g_assert_true(g_ascii_islower(*c) || *c == '-');
        }
        g_assert_cmpstr(dm_error_code_name(DM_ERROR_INVALID_XML), ==, "invalid-xml");
        g_assert_cmpstr(dm_error_code_name(DM_ERROR_NO_MEMORY), ==, "limit-exceeded");
        g_assert_cmpstr(dm_error_code_name(DM_ERROR_N), ==, "unknown");
        g_assert_cmpstr(dm_error_code_name((DmErrorCode)-1), ==, "unknown");
}

static void test_fail(void)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_fail(&error, DM_ERROR_NOT_FOUND, "no domain with name '%s'", "x"));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        g_assert_cmpstr(error->message, ==, "no domain with name 'x'");
        g_assert_null(dm_error_path(error));
        g_assert_cmpuint(dm_error_line(error), ==, 0);
        g_assert_cmpint(dm_error_errno(error), ==, 0);
        g_clear_error(&error);
        g_assert_null(dm_fail_null(&error, DM_ERROR_BUSY, "%d %%", 5));
        g_assert_error(error, DM_ERROR, DM_ERROR_BUSY);
        g_assert_cmpstr(error->message, ==, "5 %");
}

/* A caller who does not want to know. */
static void test_ignored(void)
{
        g_assert_false(dm_fail(NULL, DM_ERROR_FAILED, "%s", "x"));
        g_assert_null(dm_fail_null(NULL, DM_ERROR_FAILED, "%s", "x"));
        g_assert_false(dm_fail_at(NULL, DM_ERROR_FAILED, 3, "/domain", "%s", "x"));
        g_assert_false(dm_fail_errno(NULL, DM_ERROR_FAILED, EIO, "%s", "x"));
        dm_error_set_place(NULL, 3, "/domain");
        g_assert_null(dm_error_path(NULL));
        g_assert_cmpuint(dm_error_line(NULL), ==, 0);
        g_assert_cmpint(dm_error_errno(NULL), ==, 0);
}

static void test_place(void)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_fail_at(&error, DM_ERROR_INVALID_XML, 12, "/domain/name", "'%s' is empty", "name"));
        g_assert_cmpstr(error->message, ==, "'name' is empty");
        g_assert_cmpstr(dm_error_path(error), ==, "/domain/name");
        g_assert_cmpuint(dm_error_line(error), ==, 12);

        g_autoptr(GError) copy = g_error_copy(error); /* carries the place, in memory of its own */
        g_clear_error(&error);
        g_assert_error(copy, DM_ERROR, DM_ERROR_INVALID_XML);
        g_assert_cmpstr(dm_error_path(copy), ==, "/domain/name");
        g_assert_cmpuint(dm_error_line(copy), ==, 12);
        dm_error_set_place(copy, 13, "/domain/uuid");
        g_assert_cmpstr(dm_error_path(copy), ==, "/domain/uuid");
        g_assert_cmpuint(dm_error_line(copy), ==, 13);
        dm_error_set_place(copy, 0, NULL);
        g_assert_null(dm_error_path(copy));
        g_prefix_error(&copy, "disk vda: ");
        g_assert_cmpstr(copy->message, ==, "disk vda: 'name' is empty");

        g_assert_false(dm_fail_at(&error, DM_ERROR_INVALID_XML, 0, NULL, "x"));
        g_assert_null(dm_error_path(error));
}

static void test_errno(void)
{
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_fail_errno(&error, DM_ERROR_DENIED, EACCES, "cannot read '%s'", "/x"));
        g_assert_error(error, DM_ERROR, DM_ERROR_DENIED);
        g_autofree char *expected = g_strdup_printf("cannot read '/x': %s", g_strerror(EACCES));
        g_assert_cmpstr(error->message, ==, expected);
        g_assert_cmpint(dm_error_errno(error), ==, EACCES);
        g_autoptr(GError) copy = g_error_copy(error);
        g_assert_cmpint(dm_error_errno(copy), ==, EACCES);
}

static void test_foreign(void)
{
        g_autoptr(GError) error = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");
        dm_error_set_place(error, 3, "/domain"); /* nowhere to put it */
        g_assert_null(dm_error_path(error));
        g_assert_cmpuint(dm_error_line(error), ==, 0);
        g_assert_cmpint(dm_error_errno(error), ==, 0);
}

static void test_code_of_errno(void)
{
        static const struct {
                int errno_value;
                DmErrorCode code;
        } cases[] = {
                { ENOENT, DM_ERROR_NOT_FOUND },   { ENOTDIR, DM_ERROR_NOT_FOUND },
                { ESRCH, DM_ERROR_NOT_FOUND },    { ENODEV, DM_ERROR_NOT_FOUND },
                { ENXIO, DM_ERROR_NOT_FOUND },    { EACCES, DM_ERROR_DENIED },
                { EPERM, DM_ERROR_DENIED },       { EROFS, DM_ERROR_DENIED },
                { EEXIST, DM_ERROR_EXISTS },      { EBUSY, DM_ERROR_BUSY },
                { EADDRINUSE, DM_ERROR_BUSY },    { ETIMEDOUT, DM_ERROR_TIMED_OUT },
                { ENOSYS, DM_ERROR_UNSUPPORTED }, { EOPNOTSUPP, DM_ERROR_UNSUPPORTED },
                { EIO, DM_ERROR_FAILED },         { ENOSPC, DM_ERROR_FAILED },
                { 0, DM_ERROR_FAILED },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
                g_assert_cmpint(dm_error_code_of_errno(cases[i].errno_value), ==, cases[i].code);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/error/names", test_names);
        g_test_add_func("/util/error/fail", test_fail);
        g_test_add_func("/util/error/ignored", test_ignored);
        g_test_add_func("/util/error/place", test_place);
        g_test_add_func("/util/error/errno", test_errno);
        g_test_add_func("/util/error/foreign", test_foreign);
        g_test_add_func("/util/error/code-of-errno", test_code_of_errno);
        return g_test_run();
}
