/* Findings (order, bounds, the first error) and origins (places and reasons of values). */
#include <string.h>

#include "conf/findings.h"
#include "conf/origins.h"

static void test_order(void)
{
        g_autoptr(DmFindings) f = dm_findings_new();
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_findings_check(f, &error));
        dm_findings_add(f, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, 7, "/a", "w%d", 1);
        g_assert_true(dm_findings_check(f, &error));
        dm_findings_add(f, DM_SEVERITY_NOTE, DM_ERROR_INVALID_XML, 0, NULL, "n");
        dm_findings_add(f, DM_SEVERITY_ERROR, DM_ERROR_UNSUPPORTED, 9, "/b", "first");
        dm_findings_add(f, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, 8, "/c", "second");
        g_assert_cmpuint(dm_findings_count(f), ==, 4);
        g_assert_cmpuint(dm_findings_errors(f), ==, 2);
        g_assert_cmpuint(dm_findings_dropped(f), ==, 0);
        g_assert_cmpstr(dm_findings_at(f, 0)->message, ==, "w1");
        g_assert_null(dm_findings_at(f, 1)->path);
        g_assert_false(dm_findings_check(f, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_cmpstr(error->message, ==, "first");
        g_assert_cmpstr(dm_error_path(error), ==, "/b");
        g_assert_cmpuint(dm_error_line(error), ==, 9);
}

static void test_bounds(void)
{
        g_autoptr(DmFindings) f = dm_findings_new();
        for (int i = 0; i < DM_FINDINGS_MAX + 50; i++)
                dm_findings_add(f, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, 0, NULL, "w");
        g_assert_cmpuint(dm_findings_count(f), ==, DM_FINDINGS_MAX);
        g_assert_cmpuint(dm_findings_dropped(f), ==, 50);
        g_assert_false(dm_findings_full(f));
        g_assert_false(dm_findings_wants(f, DM_SEVERITY_WARNING));
        g_assert_true(dm_findings_wants(f, DM_SEVERITY_ERROR));
        dm_findings_add(f, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, 0, NULL, "late");
        dm_findings_add(f, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, 0, NULL, "later");
        g_assert_cmpuint(dm_findings_count(f), ==, DM_FINDINGS_MAX + 1);
        g_assert_cmpuint(dm_findings_errors(f), ==, 2);
        g_assert_true(dm_findings_full(f));
        g_assert_false(dm_findings_wants(f, DM_SEVERITY_ERROR));
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_findings_check(f, &error));
        g_assert_cmpstr(error->message, ==, "late");
}

static void test_long(void)
{
        g_autoptr(DmFindings) f = dm_findings_new();
        g_autofree char *text = g_strnfill(5000, 'x');
        dm_findings_add(f, DM_SEVERITY_NOTE, DM_ERROR_INVALID_XML, 0, text, "%s", text);
        g_assert_cmpuint(strlen(dm_findings_at(f, 0)->message), <=, DM_FINDINGS_TEXT_MAX + strlen("…"));
        g_assert_true(g_str_has_suffix(dm_findings_at(f, 0)->message, "xxx…"));
        g_assert_true(g_str_has_suffix(dm_findings_at(f, 0)->path, "xxx…"));
}

static void test_nowhere(void)
{
        dm_findings_add(NULL, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, 0, NULL, "lost");
        dm_findings_drop(NULL, DM_SEVERITY_ERROR);
        g_assert_cmpuint(dm_findings_count(NULL), ==, 0);
        g_assert_cmpuint(dm_findings_errors(NULL), ==, 0);
        g_assert_cmpuint(dm_findings_dropped(NULL), ==, 0);
        g_assert_false(dm_findings_wants(NULL, DM_SEVERITY_ERROR));
        dm_findings_unref(NULL);
}

static void test_add_error(void)
{
        g_autoptr(DmFindings) f = dm_findings_new();
        g_autoptr(GError) ours = NULL, foreign = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");
        dm_fail_at(&ours, DM_ERROR_BUSY, 3, "/x", "held");
        dm_findings_add_error(f, ours);
        dm_findings_add_error(f, foreign);
        const DmFinding *a = dm_findings_at(f, 0), *b = dm_findings_at(f, 1);
        g_assert_cmpint(a->code, ==, DM_ERROR_BUSY);
        g_assert_cmpuint(a->line, ==, 3);
        g_assert_cmpstr(a->path, ==, "/x");
        g_assert_cmpint(b->code, ==, DM_ERROR_INTERNAL);
        g_assert_cmpstr(b->message, ==, "gone");
}

static void test_severity(void)
{
        g_assert_cmpstr(dm_severity_name(DM_SEVERITY_ERROR), ==, "error");
        g_assert_cmpstr(dm_severity_name(DM_SEVERITY_WARNING), ==, "warning");
        g_assert_cmpstr(dm_severity_name(DM_SEVERITY_NOTE), ==, "note");
}

/* ---- origins ---- */

static void test_places(void)
{
        g_autoptr(DmOrigins) o = dm_origins_new();
        int a = 0, b = 0, c = 0;
        const DmPlace *root = dm_origins_place(o, NULL, "toy", 0, 1);
        const DmPlace *wheel = dm_origins_place(o, root, "wheel", 2, 5);
        dm_origins_set(o, &a, wheel, "name");
        dm_origins_set(o, &b, wheel, NULL);
        g_autofree char *pa = dm_origins_path(o, &a), *pb = dm_origins_path(o, &b),
                        *pc = dm_origins_path(o, &c);
        g_autofree char *place = dm_place_path(wheel);
        g_assert_cmpstr(pa, ==, "/toy/wheel[2]/@name");
        g_assert_cmpstr(pb, ==, "/toy/wheel[2]");
        g_assert_cmpstr(pc, ==, NULL);
        g_assert_cmpstr(place, ==, "/toy/wheel[2]");
        g_assert_cmpuint(dm_place_line(wheel), ==, 5);
        g_assert_cmpuint(dm_origins_line(o, &a), ==, 5);
        g_assert_cmpuint(dm_origins_line(o, &c), ==, 0);
        g_assert_true(dm_origins_given(o, &a));
        g_assert_false(dm_origins_given(o, &c));
}

static void test_many_places(void)
{
        g_autoptr(DmOrigins) o = dm_origins_new();
        const DmPlace *root = dm_origins_place(o, NULL, "r", 0, 1), *places[1000];
        for (unsigned i = 0; i < G_N_ELEMENTS(places); i++)
                places[i] = dm_origins_place(o, root, "x", i + 1, i);
        for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
                g_autofree char *path = dm_place_path(places[i]),
                                *expected = g_strdup_printf("/r/x[%u]", i + 1);
                g_assert_cmpstr(path, ==, expected);
                g_assert_cmpuint(dm_place_line(places[i]), ==, i);
        }
}

static void test_reasons(void)
{
        g_autoptr(DmOrigins) o = dm_origins_new();
        int given = 0, filled = 0, copy = 0;
        dm_origins_set(o, &given, dm_origins_place(o, NULL, "r", 0, 1), "x");
        dm_origins_explain(o, &given, "rounded to %d", 4);
        dm_origins_explain(o, &filled, "the board's default");
        dm_origins_explain(o, &filled, "the emulator's default");
        g_assert_true(dm_origins_given(o, &given));
        g_assert_false(dm_origins_given(o, &filled));
        g_assert_cmpstr(dm_origins_reason(o, &given), ==, "rounded to 4");
        g_assert_cmpstr(dm_origins_reason(o, &filled), ==, "the emulator's default");
        dm_origins_copy(o, &given, &copy);
        dm_origins_copy(o, &given, &copy);
        g_assert_cmpstr(dm_origins_reason(o, &copy), ==, "rounded to 4");
        g_assert_true(dm_origins_given(o, &copy));
        dm_origins_forget(o, &given, sizeof given);
        g_assert_null(dm_origins_reason(o, &given));
        g_assert_nonnull(dm_origins_reason(o, &copy));
}

static void test_no_origins(void)
{
        int x = 0;
        dm_origins_set(NULL, &x, NULL, NULL);
        dm_origins_explain(NULL, &x, "lost");
        dm_origins_forget(NULL, &x, sizeof x);
        g_assert_false(dm_origins_given(NULL, &x));
        g_assert_null(dm_origins_path(NULL, &x));
        g_assert_null(dm_origins_reason(NULL, &x));
        dm_origins_free(NULL);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/findings/order", test_order);
        g_test_add_func("/conf/findings/bounds", test_bounds);
        g_test_add_func("/conf/findings/long", test_long);
        g_test_add_func("/conf/findings/nowhere", test_nowhere);
        g_test_add_func("/conf/findings/add-error", test_add_error);
        g_test_add_func("/conf/findings/severity", test_severity);
        g_test_add_func("/conf/origins/places", test_places);
        g_test_add_func("/conf/origins/many-places", test_many_places);
        g_test_add_func("/conf/origins/reasons", test_reasons);
        g_test_add_func("/conf/origins/none", test_no_origins);
        return g_test_run();
}
