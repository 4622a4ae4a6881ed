#include "rpc/typed_params.h"
#include "util/error.h"

static void test_add(void)
{
        g_auto(DmTypedParams) p = { 0 };
        dm_typed_params_add_int(&p, -1, "state.%s", "state");
        dm_typed_params_add_uint(&p, 2, "vcpu.current");
        dm_typed_params_add_llong(&p, G_MININT64, "x");
        dm_typed_params_add_ullong(&p, G_MAXUINT64, "block.%u.rd.bytes", 3);
        dm_typed_params_add_double(&p, 0.5, "d");
        dm_typed_params_add_boolean(&p, 7, "b");
        dm_typed_params_add_string(&p, "vda", "block.%u.name", 3);
        g_assert_cmpuint(p.n, ==, 7);
        g_assert_cmpint(dm_typed_params_find(&p, "state.state")->value.i, ==, -1);
        g_assert_cmpuint(dm_typed_params_find(&p, "vcpu.current")->value.ui, ==, 2);
        g_assert_cmpint(dm_typed_params_find(&p, "x")->value.l, ==, G_MININT64);
        g_assert_cmpuint(dm_typed_params_find(&p, "block.3.rd.bytes")->value.ul, ==, G_MAXUINT64);
        g_assert_cmpint(dm_typed_params_find(&p, "b")->value.b, ==, 1);
        g_assert_cmpstr(dm_typed_params_find(&p, "block.3.name")->value.s, ==, "vda");
        g_assert_null(dm_typed_params_find(&p, "block"));
        for (guint32 i = 0; i < p.n; i++)
                g_assert_cmpint(p.items[i].type, ==, (gint32)i + 1);
}

static void test_drop_strings(void)
{
        g_auto(DmTypedParams) p = { 0 };
        dm_typed_params_drop_strings(&p);
        g_assert_cmpuint(p.n, ==, 0);
        dm_typed_params_add_string(&p, "a", "first");
        dm_typed_params_add_int(&p, 1, "second");
        dm_typed_params_add_string(&p, "b", "third");
        dm_typed_params_add_int(&p, 2, "fourth");
        dm_typed_params_drop_strings(&p);
        g_assert_cmpuint(p.n, ==, 2);
        g_assert_cmpstr(p.items[0].field, ==, "second");
        g_assert_cmpstr(p.items[1].field, ==, "fourth");
        dm_typed_params_add_int(&p, 3, "fifth");
        g_assert_cmpint(p.items[2].value.i, ==, 3);
}

static void test_check(void)
{
        static const DmTypedRule rules[] = {
                { "cpu_shares", DM_TYPED_ULLONG, DM_TYPED_ONCE },
                { "disk", DM_TYPED_STRING, DM_TYPED_REPEATED },
                { 0 },
        };
        g_auto(DmTypedParams) p = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_typed_params_check(&p, rules, NULL));
        dm_typed_params_add_ullong(&p, 1024, "cpu_shares");
        dm_typed_params_add_string(&p, "vda", "disk");
        dm_typed_params_add_string(&p, "vdb", "disk");
        g_assert_true(dm_typed_params_check(&p, rules, NULL));
        dm_typed_params_add_ullong(&p, 1025, "cpu_shares");
        g_assert_false(dm_typed_params_check(&p, rules, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
        g_assert_cmpstr(error->message, ==, "parameter 'cpu_shares' comes more than once");
        g_clear_error(&error);

        g_auto(DmTypedParams) typed = { 0 };
        dm_typed_params_add_int(&typed, 5, "cpu_shares");
        g_assert_false(dm_typed_params_check(&typed, rules, &error));
        g_assert_cmpstr(error->message, ==, "parameter 'cpu_shares' is of type 'int', must be 'ullong'");
        g_clear_error(&error);

        g_auto(DmTypedParams) named = { 0 };
        dm_typed_params_add_int(&named, 5, "cpu_share");
        g_assert_false(dm_typed_params_check(&named, rules, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_cmpstr(error->message, ==, "parameter 'cpu_share' is not supported here");
}

static void test_type_names(void)
{
        g_assert_cmpstr(dm_typed_type_name(DM_TYPED_ULLONG), ==, "ullong");
        g_assert_cmpstr(dm_typed_type_name(DM_TYPED_STRING), ==, "string");
        g_assert_cmpstr(dm_typed_type_name(0), ==, "unknown");
        g_assert_cmpstr(dm_typed_type_name(8), ==, "unknown");
        g_assert_cmpstr(dm_typed_type_name(-1), ==, "unknown");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/typed-params/add", test_add);
        g_test_add_func("/rpc/typed-params/drop-strings", test_drop_strings);
        g_test_add_func("/rpc/typed-params/check", test_check);
        g_test_add_func("/rpc/typed-params/type-names", test_type_names);
        return g_test_run();
}
