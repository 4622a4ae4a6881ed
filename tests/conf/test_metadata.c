/* Applications' elements in <metadata>. */
#include <string.h>

#include "conf/metadata.h"
#include "util/error.h"

static char *set(const char *metadata, const char *text, const char *key, const char *uri)
{
        g_autoptr(GError) error = NULL;
        char *result = NULL;
        g_assert_true(dm_metadata_set(metadata, text, key, uri, &result, &error));
        g_assert_no_error(error);
        return result;
}

static void assert_text(const char *metadata, const char *uri, const char *expected)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *text = dm_metadata_get(metadata, uri, &error);
        g_assert_cmpstr(text, ==, expected);
        if (!expected)
                g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
}

static void test_round_trip(void)
{
        g_autofree char *one = set(NULL, "<app><part n=\"1\"/>text</app>", "a", "urn:a");
        g_assert_nonnull(strstr(one, "<a:app xmlns:a=\"urn:a\"><a:part n=\"1\"/>text</a:app>"));
        assert_text(one, "urn:a", "<app><part n=\"1\"/>text</app>");
        assert_text(one, "urn:b", NULL);
        g_autofree char *two = set(one, "<other/>", "b", "urn:b");
        assert_text(two, "urn:a", "<app><part n=\"1\"/>text</app>");
        assert_text(two, "urn:b", "<other/>");
        /* Another element of the namespace takes the place of the first. */
        g_autofree char *three = set(two, "<new/>", "x", "urn:a");
        assert_text(three, "urn:a", "<new/>");
        g_assert_null(strstr(three, "part"));
        g_autofree char *four = set(three, NULL, NULL, "urn:a");
        assert_text(four, "urn:a", NULL);
        assert_text(four, "urn:b", "<other/>");
        g_autofree char *none = set(four, NULL, NULL, "urn:b");
        g_assert_null(none);
}

/* What an element has of other namespaces stays. */
static void test_foreign(void)
{
        g_autofree char *m = set(NULL, "<app xmlns:z=\"urn:z\"><z:in/></app>", "a", "urn:a");
        assert_text(m, "urn:a", "<app xmlns:z=\"urn:z\"><z:in/></app>");
}

static void assert_refused(const char *text, const char *key, DmErrorCode code, const char *message)
{
        g_autoptr(GError) error = NULL;
        char *result = NULL;
        g_assert_false(dm_metadata_set(NULL, text, key, "urn:a", &result, &error));
        g_assert_error(error, DM_ERROR, (int)code);
        g_assert_nonnull(strstr(error->message, message));
        g_assert_null(result);
}

static void test_refused(void)
{
        assert_refused("<a/>", NULL, DM_ERROR_INVALID_ARG, "'' can't be the prefix of a namespace");
        assert_refused("<a/>", "1x", DM_ERROR_INVALID_ARG, "'1x' can't be the prefix of a namespace");
        assert_refused("<a/>", "a:b", DM_ERROR_INVALID_ARG, "'a:b' can't be the prefix");
        assert_refused("<a", "k", DM_ERROR_INVALID_XML, "");
        assert_refused("<a xmlns:k=\"urn:z\"/>", "k", DM_ERROR_INVALID_ARG,
                       "the prefix 'k' is taken inside the element");
        assert_refused(NULL, NULL, DM_ERROR_NOT_FOUND,
                       "there is no metadata element of the namespace 'urn:a'");
        g_autofree char *blanks = g_strnfill(DM_METADATA_MAX, ' ');
        g_autofree char *large = g_strdup_printf("<a>%s</a>", blanks);
        assert_refused(large, "k", DM_ERROR_NO_MEMORY, "a metadata element has at most 1048576 bytes");
}

/* Deep elements cost no stack. */
static void test_deep(void)
{
        GString *text = g_string_new(NULL);
        for (int i = 0; i < 200; i++)
                g_string_append(text, "<a>");
        for (int i = 0; i < 200; i++)
                g_string_append(text, "</a>");
        g_autofree char *deep = g_string_free(text, FALSE), *m = set(NULL, deep, "k", "urn:a");
        g_autoptr(GError) error = NULL;
        g_autofree char *back = dm_metadata_get(m, "urn:a", &error);
        g_assert_no_error(error);
        g_assert_nonnull(strstr(back, "<a/>"));
        g_assert_null(strstr(back, "k:"));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/metadata/round-trip", test_round_trip);
        g_test_add_func("/conf/metadata/foreign", test_foreign);
        g_test_add_func("/conf/metadata/refused", test_refused);
        g_test_add_func("/conf/metadata/deep", test_deep);
        return g_test_run();
}
