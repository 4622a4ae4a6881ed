/* JSON: exact numbers, strictness where json-c is lax, limits, round trips, tables. */
#include "util/error.h"
#include "util/json.h"

#include <math.h>
#include <string.h>

static DmJson *parse(const char *text)
{
        g_autoptr(GError) error = NULL;
        DmJson *j = dm_json_parse(text, strlen(text), &error);
        g_assert_no_error(error);
        g_assert_nonnull(j);
        return j;
}

/* @text of @length bytes is refused with a message that holds @expected. */
static void refuse_length(const char *text, gsize length, const char *expected)
{
        g_autoptr(GError) error = NULL;
        /* A copy without a NUL behind it: reading too far is then an error under AddressSanitizer. */
        g_autofree char *exact = g_memdup2(text, length);
        g_assert_null(dm_json_parse(length ? exact : "", length, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
        if (!strstr(error->message, expected))
                g_error("text: %s\nmessage: %s\nexpected: %s", text, error->message, expected);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
}

static void refuse(const char *text, const char *expected)
{
        refuse_length(text, strlen(text), expected);
}

static void assert_prints(const DmJson *j, const char *expected)
{
        g_autofree char *text = dm_json_to_string(j);
        g_assert_cmpstr(text, ==, expected);
}

static void test_big_numbers(void)
{
        static const char text[] = "{\"max\":18446744073709551615,\"min\":-9223372036854775808,"
                                   "\"i64\":9223372036854775807,\"above\":9223372036854775808,\"zero\":-0}";
        g_autoptr(DmJson) j = parse(text);
        guint64 u = 0;
        gint64 i = 0;
        g_assert_true(dm_json_to_u64(dm_json_get(j, "max"), &u));
        g_assert_cmpuint(u, ==, G_MAXUINT64);
        g_assert_false(dm_json_to_i64(dm_json_get(j, "max"), &i));
        g_assert_true(dm_json_to_i64(dm_json_get(j, "min"), &i));
        g_assert_cmpint(i, ==, G_MININT64);
        g_assert_false(dm_json_to_u64(dm_json_get(j, "min"), &u));
        g_assert_true(dm_json_to_i64(dm_json_get(j, "i64"), &i));
        g_assert_cmpint(i, ==, G_MAXINT64);
        g_assert_true(dm_json_to_u64(dm_json_get(j, "i64"), &u));
        g_assert_cmpuint(u, ==, G_MAXINT64);
        g_assert_false(dm_json_to_i64(dm_json_get(j, "above"), &i));
        g_assert_cmpuint(dm_json_get_u64(j, "above", 1), ==, (guint64)G_MAXINT64 + 1);
        g_assert_cmpint(dm_json_get_i64(j, "above", -7), ==, -7);
        g_assert_cmpint(dm_json_get_i64(j, "zero", 5), ==, 0);
        assert_prints(j, "{\"max\":18446744073709551615,\"min\":-9223372036854775808,"
                         "\"i64\":9223372036854775807,\"above\":9223372036854775808,\"zero\":0}");
}

static void test_numbers_out_of_range(void)
{
        refuse("18446744073709551616",
               "byte 0: '18446744073709551616' is out of the range of 64-bit integers");
        refuse("[1, -9223372036854775809]", "byte 4: '-9223372036854775809' is out of the range of 64-bit");
        refuse("1e400", "'1e400' is out of the range of a double");
        refuse("-1e400", "out of the range of a double");
        g_autofree char *zeros = g_strnfill(500, '0');
        g_autofree char *number = g_strconcat("0.", zeros, "1", NULL);
        refuse(number, "is too long for a number");
}

static void test_number_grammar(void)
{
        static const char *const wrong[] = { "01",        "-01", "1.",  "-",     "1e",   "1e+",  ".5",
                                             "+1",        "--1", "0x1", "1.e1",  "[01]", "[1.]", "[-]",
                                             "{\"a\":-}", "00",  "-.5", "1.5.5", "1-1" };
        for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
                refuse(wrong[i], "invalid JSON at byte ");
        refuse("-01", "'-01' is not a JSON number");
        g_autoptr(DmJson) j = parse("[0,-0.0,1.5,1e5,1E+5,-2.5e-3,1.0e-400,0.1,100000000000000000000.0]");
        static const double values[] = { 0, -0.0, 1.5, 1e5, 1e5, -2.5e-3, 0, 0.1, 1e20 };
        g_assert_cmpuint(dm_json_length(j), ==, G_N_ELEMENTS(values));
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
                double d = NAN;
                g_assert_cmpint(dm_json_kind(dm_json_at(j, i)), ==, i == 0 ? DM_JSON_INT : DM_JSON_DOUBLE);
                g_assert_true(dm_json_to_double(dm_json_at(j, i), &d));
                g_assert_true(d == values[i] && signbit(d) == signbit(values[i]));
        }
        assert_prints(j, "[0,-0.0,1.5,100000.0,100000.0,-0.0025,0.0,0.1,1e+20]");
}

static void test_strictness(void)
{
        refuse("", "the text is empty");
        refuse("  \n", "the text ends too early");
        refuse("null", "a document of nothing but null");
        refuse("{} {}", "byte 3: ");
        refuse("{}x", "invalid JSON at byte 2: 'x' is not a JSON value");
        refuse("1 2", "byte 2: ");
        refuse("[1]]", "byte 3: ");
        refuse("{\"a\":1", "byte 6: the text ends too early");
        refuse("[1,", "the text ends too early");
        refuse("{\"a\":1,}", "byte 7: ");
        refuse("[1,]", "byte 3: ");
        refuse("[,1]", "byte 1: ");
        refuse("[1 2]", "byte 3: ");
        refuse("{\"a\" 1}", "byte 5: ");
        refuse("{a:1}", "byte 1: 'a' is not a JSON value");
        refuse("{1:1}", "byte 1: ");
        refuse("{'a':1}", "byte 1: unexpected character");
        refuse("NaN", "'NaN' is not a JSON value");
        refuse("[-Infinity]", "'-' is not a JSON number");
        refuse("Infinity", "'Infinity' is not a JSON value");
        refuse("TRUE", "'TRUE' is not a JSON value");
        refuse("nul", "'nul' is not a JSON value");
        refuse("truefalse", "'truefalse' is not a JSON value");
        refuse("/*x*/1", "unexpected character");
        refuse("// x\n1", "unexpected character");
        refuse("\"abc", "byte 0: string does not end");
        refuse("\"abc\\", "unknown escape");
        refuse("\"a\nb\"", "byte 2: control character in a string");
        refuse("\"\\x41\"", "byte 1: unknown escape in a string");
        refuse("]", "byte 0: ");
        refuse(":", "byte 0: ");
        refuse("\v1", "byte 0: unexpected character");
}

static void test_bytes(void)
{
        refuse_length("1\0", 2, "byte 1: NUL byte");
        refuse_length("\"a\0b\"", 5, "byte 2: NUL byte");
        refuse_length("\"a\\\0b\"", 6, "NUL byte");
        refuse("\"\xff\"", "byte 1: not valid UTF-8");
        refuse("\"\xc0\x80\"", "byte 1: not valid UTF-8");
        refuse("\"\xed\xa0\x80\"", "byte 1: not valid UTF-8");
        refuse("\"\xf5\x80\x80\x80\"", "byte 1: not valid UTF-8");
        refuse("[1]\xc3", "byte 3: not valid UTF-8");
        refuse("x\xc3\xa4", "'x' is not a JSON value");
        refuse("\xc3\xa4", "byte 0: unexpected character");
        /* A message never holds part of a character. */
        g_autofree char *word = g_strnfill(100, 'x');
        refuse(word, "xxx...' is not a JSON value");
}

static void test_escapes(void)
{
        g_autoptr(DmJson) j =
                parse("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e4\\u20AC\", \"\\ud83d\\uDE00\", "
                      "\"\\u0001\\u001f\\u007f\", \"\xc3\xa4\"]");
        g_assert_cmpstr(dm_json_string(dm_json_at(j, 0)), ==, "\"\\/\b\f\n\r\t");
        g_assert_cmpstr(dm_json_string(dm_json_at(j, 1)), ==, "ä€");
        g_assert_cmpstr(dm_json_string(dm_json_at(j, 2)), ==, "😀");
        g_assert_cmpstr(dm_json_string(dm_json_at(j, 3)), ==, "\x01\x1f\x7f");
        g_assert_cmpstr(dm_json_string(dm_json_at(j, 4)), ==, "ä");
        assert_prints(j, "[\"\\\"\\\\/\\b\\f\\n\\r\\t\",\"ä€\",\"😀\",\"\\u0001\\u001f\\u007f\",\"ä\"]");
        refuse("\"a\\u0000b\"", "byte 2: \\u0000 is not supported in a string");
        refuse("{\"\\u0000\":1}", "byte 2: \\u0000 is not supported in a string");
        refuse("\"\\ud800\"", "byte 1: \\u escape is the first half");
        refuse("\"\\ud800\\ud800\"", "byte 1: \\u escape is the first half");
        refuse("\"\\ud800\\n\"", "the first half");
        refuse("\"\\ud83d\\u", "the first half");
        refuse("\"\\udc00\"", "byte 1: \\u escape is the second half");
        refuse("\"\\u12", "four hexadecimal digits");
        refuse("\"\\u12g4\"", "byte 1: \\u needs four hexadecimal digits");
}

static char *nested(gsize depth, const char *open, const char *inner, const char *close)
{
        GString *s = g_string_new(NULL);
        for (gsize i = 0; i < depth; i++)
                g_string_append(s, open);
        g_string_append(s, inner);
        for (gsize i = 0; i < depth; i++)
                g_string_append(s, close);
        return g_string_free(s, FALSE);
}

static void test_depth(void)
{
        g_autofree char *arrays = nested(DM_JSON_MAX_DEPTH, "[", "1", "]");
        g_autoptr(DmJson) a = parse(arrays);
        assert_prints(a, arrays);
        g_autofree char *objects = nested(DM_JSON_MAX_DEPTH, "{\"a\":", "null", "}");
        g_autoptr(DmJson) o = parse(objects);
        assert_prints(o, objects);
        g_autofree char *deeper = nested(DM_JSON_MAX_DEPTH + 1, "[", "", "]");
        refuse(deeper, "byte 256: nested too deep");
        g_autofree char *deep_object = nested(DM_JSON_MAX_DEPTH + 1, "{\"a\":", "1", "}");
        refuse(deep_object, "nested too deep");
        g_autofree char *brackets = g_strnfill(1000 * 1000, '[');
        refuse(brackets, "byte 256: nested too deep");
        /* Wide is not deep. */
        g_autofree char *wide = nested(1, "[", "[],[],[],[]", "]");
        g_autoptr(DmJson) w = parse(wide);
        g_assert_cmpuint(dm_json_length(w), ==, 4);
}

static char *repeat(const char *item, gsize n)
{
        GString *s = g_string_new("[");
        for (gsize i = 0; i < n; i++)
                g_string_append_printf(s, "%s%s", i ? "," : "", item);
        g_string_append_c(s, ']');
        return g_string_free(s, FALSE);
}

static void test_counts(void)
{
        g_autofree char *containers = repeat("{}", DM_JSON_MAX_CONTAINERS - 1);
        g_autoptr(DmJson) c = parse(containers);
        g_assert_cmpuint(dm_json_length(c), ==, DM_JSON_MAX_CONTAINERS - 1);
        g_autofree char *more_containers = repeat("{}", DM_JSON_MAX_CONTAINERS);
        refuse(more_containers, "more arrays and objects than a document may have");
        g_autofree char *values = repeat("1", DM_JSON_MAX_VALUES - 1);
        g_autoptr(DmJson) v = parse(values);
        g_assert_cmpuint(dm_json_length(v), ==, DM_JSON_MAX_VALUES - 1);
        g_autofree char *more_values = repeat("1", DM_JSON_MAX_VALUES);
        refuse(more_values, "more values than a document may have");
}

static void test_duplicate_keys(void)
{
        g_autoptr(DmJson) j = parse("{\"a\":1,\"b\":2,\"a\":3}");
        g_assert_cmpint(dm_json_get_i64(j, "a", 0), ==, 3);
        assert_prints(j, "{\"a\":3,\"b\":2}");
}

static void test_absent(void)
{
        g_autoptr(DmJson) j =
                parse("{\"s\":\"12\",\"n\":null,\"d\":1.0,\"b\":true,\"l\":[1],\"o\":{\"i\":{\"x\":9}}}");
        gint64 i = 77;
        guint64 u = 77;
        double d = 77;
        const char *const keys[] = { "s", "n", "d", "b", "l", "o", "missing" };
        for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
                const DmJson *member = dm_json_get(j, keys[k]);
                g_assert_false(dm_json_to_i64(member, &i));
                g_assert_false(dm_json_to_u64(member, &u));
                g_assert_cmpint(dm_json_to_double(member, &d), ==, strcmp(keys[k], "d") == 0);
                g_assert_cmpstr(dm_json_get_string(j, keys[k]), ==, strcmp(keys[k], "s") == 0 ? "12" : NULL);
                g_assert_cmpint(dm_json_get_bool(j, keys[k], FALSE), ==, strcmp(keys[k], "b") == 0);
                g_assert_cmpuint(dm_json_length(member), ==, strcmp(keys[k], "l") == 0);
        }
        g_assert_cmpint(i, ==, 77);
        g_assert_cmpuint(u, ==, 77);
        g_assert_true(d == 1.0);
        g_assert_true(dm_json_has(j, "n"));
        g_assert_false(dm_json_has(j, "missing"));
        g_assert_null(dm_json_get(j, "n"));
        g_assert_cmpint(dm_json_get_i64(dm_json_path(j, "o.i"), "x", 0), ==, 9);
        g_assert_nonnull(dm_json_path(j, "o.i.x"));
        g_assert_null(dm_json_path(j, "o.i.x.y"));
        g_assert_null(dm_json_path(j, "o.z.x"));
        g_assert_null(dm_json_path(j, "s.x"));
        g_assert_null(dm_json_at(dm_json_get(j, "l"), 1));
        g_assert_null(dm_json_at(j, 0));
        g_assert_null(dm_json_get(dm_json_get(j, "l"), "a"));
        g_assert_null(dm_json_get(NULL, "a"));
        g_assert_null(dm_json_path(NULL, "a.b"));
        g_assert_false(dm_json_has(NULL, "a"));
        g_assert_cmpint(dm_json_kind(NULL), ==, DM_JSON_NULL);
        g_assert_null(dm_json_copy(NULL));
        dm_json_unref(dm_json_ref(NULL));
        dm_json_each(NULL, NULL, NULL);
}

static void collect(const char *key, DmJson *value, void *data)
{
        g_string_append_printf(data, "%s%d;", key, (int)dm_json_kind(value));
}

static void test_build(void)
{
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_string(j, "driver", "virtio-blk-pci");
        dm_json_add_string(j, "nothing", NULL);
        dm_json_add_stringf(j, "id", "disk%d", 3);
        dm_json_add_uint(j, "u", G_MAXUINT64);
        dm_json_add_int(j, "i", -1);
        dm_json_add_double(j, "d", 0.1);
        dm_json_add_bool(j, "b", 2);
        dm_json_add_null(j, "null");
        dm_json_add_take(j, "none", NULL);
        DmJson *array = dm_json_array_new();
        dm_json_append_string(array, "/a/b");
        dm_json_append_int(array, 7);
        dm_json_append_take(array, dm_json_string_new("x"));
        dm_json_append_take(array, NULL);
        dm_json_add_take(j, "list", array);
        dm_json_add_int(j, "gone", 1);
        dm_json_remove(j, "gone");
        dm_json_remove(j, "never there");
        static const char expected[] =
                "{\"driver\":\"virtio-blk-pci\",\"id\":\"disk3\",\"u\":18446744073709551615,"
                "\"i\":-1,\"d\":0.1,\"b\":true,\"null\":null,\"list\":[\"/a/b\",7,\"x\"]}";
        assert_prints(j, expected);

        g_autoptr(DmJson) copy = dm_json_copy(j);
        g_assert_true(dm_json_equal(j, copy));
        dm_json_append_int(dm_json_get(copy, "list"), 8);
        g_assert_false(dm_json_equal(j, copy));
        assert_prints(j, expected);

        g_autoptr(GString) keys = g_string_new(NULL);
        dm_json_each(j, collect, keys);
        g_assert_cmpstr(keys->str, ==, "driver4;id4;u2;i2;d3;b1;null0;list5;");
}

static void test_pretty(void)
{
        g_autoptr(DmJson) j = parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}");
        g_autofree char *text = dm_json_to_pretty(j);
        g_assert_cmpstr(
                text, ==,
                "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
        g_autoptr(DmJson) again = parse(text);
        g_assert_true(dm_json_equal(j, again));
}

static DmJson *random_value(int depth);

static DmJson *random_scalar(void)
{
        guint64 bits = (guint64)g_test_rand_int() << 32 | (guint32)g_test_rand_int();
        bits >>= g_test_rand_int_range(0, 64);
        DmJson *holder = dm_json_array_new();
        switch (g_test_rand_int_range(0, 4)) {
        case 0:
                dm_json_append_int(holder, (gint64)bits);
                break;
        case 1: {
                g_autoptr(DmJson) object = dm_json_object_new();
                dm_json_add_uint(object, "u", bits);
                dm_json_append_take(holder, dm_json_ref(dm_json_get(object, "u")));
                break;
        }
        case 2: {
                g_autoptr(DmJson) object = dm_json_object_new();
                double d;
                memcpy(&d, &bits, sizeof d);
                dm_json_add_double(object, "d", isfinite(d) ? d : 1.0 / 3);
                dm_json_append_take(holder, dm_json_ref(dm_json_get(object, "d")));
                break;
        }
        default: {
                GString *s = g_string_new(NULL);
                for (int n = g_test_rand_int_range(0, 8); n > 0; n--) {
                        gunichar c = (gunichar)g_test_rand_int_range(1, g_test_rand_int_range(2, 0x110000));
                        g_string_append_unichar(s, c >= 0xd800 && c <= 0xdfff ? 'x' : c);
                }
                dm_json_append_string(holder, s->str);
                g_string_free(s, TRUE);
                break;
        }
        }
        DmJson *value = dm_json_ref(dm_json_at(holder, 0));
        dm_json_unref(holder);
        return value;
}

static DmJson *random_value(int depth)
{
        int kind = depth > 0 ? g_test_rand_int_range(0, 4) : 3;
        if (kind == 3)
                return random_scalar();
        DmJson *j = kind == 0 ? dm_json_object_new() : dm_json_array_new();
        for (int n = g_test_rand_int_range(0, 5); n > 0; n--) {
                g_autofree char *key = g_strdup_printf("k\"%d", g_test_rand_int_range(0, 100));
                if (kind == 0)
                        dm_json_add_take(j, key, random_value(depth - 1));
                else
                        dm_json_append_take(j, random_value(depth - 1));
        }
        return j;
}

/* parse(print(x)) == x, and printing that again gives the same text; also through the indented form. */
static void test_round_trip(void)
{
        for (int i = 0; i < 5000; i++) {
                g_autoptr(DmJson) j = random_value(4);
                g_autofree char *text = dm_json_to_string(j);
                g_autoptr(DmJson) again = parse(text);
                g_autofree char *text2 = dm_json_to_string(again);
                g_assert_cmpstr(text, ==, text2);
                g_assert_true(dm_json_equal(j, again));
                g_autofree char *pretty = dm_json_to_pretty(j);
                g_autoptr(DmJson) from_pretty = parse(pretty);
                g_assert_true(dm_json_equal(j, from_pretty));
        }
}

/* Every proper prefix of a document that ends in a bracket is refused, and so is every one with a byte too
 * many. */
static void test_prefixes(void)
{
        static const char text[] =
                "{\"a\":[1,-2.5e3,true,null,\"x\\u00e4\\ud83d\\ude00\"],\"b\":{\"c\":\"\"}}";
        for (gsize n = 0; n < sizeof text - 1; n++)
                refuse_length(text, n, "invalid JSON at byte ");
        g_autofree char *exact = g_memdup2(text, sizeof text - 1);
        g_autoptr(DmJson) j = dm_json_parse(exact, sizeof text - 1, NULL);
        g_assert_nonnull(j);
        /* A number has no end of its own. */
        g_autoptr(DmJson) number = dm_json_parse("123456", 3, NULL);
        assert_prints(number, "123");
}

typedef struct Sample {
        char *name;
        gboolean on;
        gint64 signed_value;
        guint64 unsigned_value;
        int small;
        char **list;
} Sample;

static const DmJsonField sample_fields[] = {
        { "name", DM_JT_STRING, offsetof(Sample, name), TRUE },
        { "on", DM_JT_BOOL, offsetof(Sample, on), FALSE },
        { "signed", DM_JT_I64, offsetof(Sample, signed_value), FALSE },
        { "unsigned", DM_JT_U64, offsetof(Sample, unsigned_value), FALSE },
        { "small", DM_JT_INT, offsetof(Sample, small), FALSE },
        { "list", DM_JT_STRV, offsetof(Sample, list), FALSE },
        { 0 },
};

static void test_table(void)
{
        static const char text[] =
                "{\"name\":\"n\",\"on\":true,\"signed\":-9223372036854775808,"
                "\"unsigned\":18446744073709551615,\"small\":-2147483648,\"list\":[\"a\",\"b\"]}";
        g_autoptr(DmJson) j = parse(text);
        g_autoptr(GError) error = NULL;
        Sample s = { .name = g_strdup("replaced") };
        g_assert_true(dm_json_read(j, sample_fields, &s, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(s.name, ==, "n");
        g_assert_cmpint(s.on, ==, TRUE);
        g_assert_cmpint(s.signed_value, ==, G_MININT64);
        g_assert_cmpuint(s.unsigned_value, ==, G_MAXUINT64);
        g_assert_cmpint(s.small, ==, G_MININT);
        g_assert_cmpuint(g_strv_length(s.list), ==, 2);

        g_autoptr(DmJson) out = dm_json_object_new();
        dm_json_write(out, sample_fields, &s);
        assert_prints(out, text);

        /* What is missing, null or unknown changes nothing. */
        g_autoptr(DmJson) partial = parse("{\"name\":\"m\",\"small\":null,\"other\":{}}");
        g_assert_true(dm_json_read(partial, sample_fields, &s, NULL));
        g_assert_cmpstr(s.name, ==, "m");
        g_assert_cmpint(s.small, ==, G_MININT);

        dm_json_clear(sample_fields, &s);
        static const Sample zero;
        g_assert_cmpmem(&s, sizeof s, &zero, sizeof zero);
}

static void test_table_mismatch(void)
{
        static const struct {
                const char *text, *expected;
        } cases[] = {
                { "[]", "the JSON value is no object" },
                { "{}", "the JSON member 'name' is missing" },
                { "{\"name\":null}", "the JSON member 'name' is missing" },
                { "{\"name\":1}", "the JSON member 'name' must be a string" },
                { "{\"name\":\"x\",\"on\":1}", "'on' must be true or false" },
                { "{\"name\":\"x\",\"signed\":9223372036854775808}",
                  "'signed' must be an integer of 64 bits" },
                { "{\"name\":\"x\",\"unsigned\":-1}", "'unsigned' must be an unsigned integer of 64 bits" },
                { "{\"name\":\"x\",\"small\":2147483648}", "'small' must be an integer of 32 bits" },
                { "{\"name\":\"x\",\"small\":1.0}", "'small' must be an integer of 32 bits" },
                { "{\"name\":\"x\",\"list\":[\"a\",1]}", "'list' must be a list of strings" },
                { "{\"name\":\"x\",\"list\":\"a\"}", "'list' must be a list of strings" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(DmJson) j = parse(cases[i].text);
                g_autoptr(GError) error = NULL;
                Sample s = { .name = g_strdup("kept"), .small = 5 };
                g_assert_false(dm_json_read(j, sample_fields, &s, &error));
                g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
                g_assert_nonnull(strstr(error->message, cases[i].expected));
                g_assert_cmpstr(s.name, ==, "kept");
                g_assert_cmpint(s.small, ==, 5);
                dm_json_clear(sample_fields, &s);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/json/big-numbers", test_big_numbers);
        g_test_add_func("/util/json/numbers-out-of-range", test_numbers_out_of_range);
        g_test_add_func("/util/json/number-grammar", test_number_grammar);
        g_test_add_func("/util/json/strictness", test_strictness);
        g_test_add_func("/util/json/bytes", test_bytes);
        g_test_add_func("/util/json/escapes", test_escapes);
        g_test_add_func("/util/json/depth", test_depth);
        g_test_add_func("/util/json/counts", test_counts);
        g_test_add_func("/util/json/duplicate-keys", test_duplicate_keys);
        g_test_add_func("/util/json/absent", test_absent);
        g_test_add_func("/util/json/build", test_build);
        g_test_add_func("/util/json/pretty", test_pretty);
        g_test_add_func("/util/json/round-trip", test_round_trip);
        g_test_add_func("/util/json/prefixes", test_prefixes);
        g_test_add_func("/util/json/table", test_table);
        g_test_add_func("/util/json/table-mismatch", test_table_mismatch);
        return g_test_run();
}
