#include "rpc/xdr.h"
#include "util/error.h"

#include <string.h>

static void assert_refused(GError **error, const char *message)
{
        g_assert_error(*error, DM_ERROR, DM_ERROR_INVALID_ARG);
        g_assert_cmpstr((*error)->message, ==, message);
        g_clear_error(error);
}

static DmXdrReader reader(const void *bytes, gsize length)
{
        return (DmXdrReader){ .data = bytes, .length = length };
}

static void test_numbers(void)
{
        static const guint8 bytes[] = {
                0x00, 0x00, 0x00, 0x2a,                         /* u32 42 */
                0xff, 0xff, 0xff, 0xfe,                         /* i32 -2 */
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd, /* u64 */
                0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* i64: the least */
                0x3f, 0xf8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* double 1.5 */
                0x00, 0x00, 0x00, 0x01,                         /* true */
        };
        DmXdrReader r = reader(bytes, sizeof bytes);
        guint32 u32;
        gint32 i32;
        guint64 u64;
        gint64 i64;
        double d;
        gboolean b;
        g_assert_true(dm_xdr_read_u32(&r, &u32, NULL) && u32 == 42);
        g_assert_true(dm_xdr_read_i32(&r, &i32, NULL) && i32 == -2);
        g_assert_true(dm_xdr_read_u64(&r, &u64, NULL) && u64 == G_MAXUINT64 - 2);
        g_assert_true(dm_xdr_read_i64(&r, &i64, NULL) && i64 == G_MININT64);
        g_assert_true(dm_xdr_read_double(&r, &d, NULL));
        g_assert_cmpfloat(d, ==, 1.5);
        g_assert_true(dm_xdr_read_bool(&r, &b, NULL) && b == TRUE);
        g_assert_cmpuint(dm_xdr_left(&r), ==, 0);

        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, sizeof bytes);
        dm_xdr_write_u32(&w, 1);
        dm_xdr_write_u32(&w, (guint32)i32);
        dm_xdr_write_u64(&w, u64);
        dm_xdr_write_u64(&w, (guint64)i64);
        dm_xdr_write_double(&w, d);
        dm_xdr_write_u32(&w, TRUE);
        dm_xdr_patch_u32(&w, 0, 42);
        g_assert_false(w.failed);
        g_assert_cmpmem(w.bytes->data, w.bytes->len, bytes, sizeof bytes);
}

static void test_short(void)
{
        static const guint8 bytes[7];
        g_autoptr(GError) error = NULL;
        DmXdrReader r = reader(bytes, sizeof bytes);
        guint64 u64;
        g_assert_false(dm_xdr_read_u64(&r, &u64, &error));
        assert_refused(&error, "byte 0: 8 bytes are needed, 7 are left");
        guint32 u32;
        g_assert_true(dm_xdr_read_u32(&r, &u32, NULL));
        g_assert_false(dm_xdr_read_u32(&r, &u32, &error));
        assert_refused(&error, "byte 4: 4 bytes are needed, 3 are left");
        g_assert_cmpuint(r.offset, ==, 4);
        guint8 three[3];
        g_assert_false(dm_xdr_read_fixed(&r, 3, three, &error)); /* the padding is missing */
        assert_refused(&error, "byte 4: 4 bytes are needed, 3 are left");
        g_assert_false(dm_xdr_read_fixed(&r, G_MAXSIZE, three, &error));
        g_assert_nonnull(strstr(error->message, "byte 4: 18446744073709551615 bytes are needed"));
}

static void test_bool(void)
{
        static const guint8 bytes[] = { 0, 0, 0, 0, 0, 0, 0, 2 };
        g_autoptr(GError) error = NULL;
        DmXdrReader r = reader(bytes, sizeof bytes);
        gboolean b = TRUE;
        g_assert_true(dm_xdr_read_bool(&r, &b, NULL) && b == FALSE);
        g_assert_false(dm_xdr_read_bool(&r, &b, &error));
        assert_refused(&error, "byte 4: 2 where only 0 and 1 may stand");
        g_assert_cmpuint(r.offset, ==, 4);
}

static void test_strings(void)
{
        static const guint8 bytes[] = {
                0, 0, 0, 0,                         /* "" */
                0, 0, 0, 4, 'v',  'i',  'r',  't',  /* no padding */
                0, 0, 0, 2, 0xc3, 0xa4, 0xee, 0xff, /* padding is not looked at */
                0, 0, 0, 3, 'a',  0,    'b',  0,    /* a NUL inside */
        };
        g_autoptr(GError) error = NULL;
        DmXdrReader r = reader(bytes, sizeof bytes);
        static const char *const expected[] = { "", "virt", "ä" };
        for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
                g_autofree char *text = dm_xdr_read_string(&r, 4, NULL);
                g_assert_cmpstr(text, ==, expected[i]);
        }
        g_assert_null(dm_xdr_read_string(&r, 4, &error));
        assert_refused(&error, "byte 20: a string with a NUL inside");
        g_assert_null(dm_xdr_read_string(&r, 2, &error));
        assert_refused(&error, "byte 20: a string of 3 bytes, at most 2");
        r.length--;
        g_assert_null(dm_xdr_read_string(&r, 4, &error));
        assert_refused(&error, "byte 20: a string of 3 bytes, with 3 left");
        g_assert_cmpuint(r.offset, ==, 20);
}

static void test_bytes(void)
{
        static const guint8 bytes[] = { 0, 0, 0, 5, 1, 0, 2, 3, 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
        g_autoptr(GError) error = NULL;
        DmXdrReader r = reader(bytes, sizeof bytes);
        const guint8 *data;
        guint32 n;
        g_assert_true(dm_xdr_read_bytes(&r, 5, &data, &n, NULL));
        g_assert_cmpmem(data, n, bytes + 4, 5);
        g_assert_cmpuint(r.offset, ==, 12);
        g_assert_false(dm_xdr_read_bytes(&r, G_MAXUINT32, &data, &n, &error));
        assert_refused(&error, "byte 12: data of 4294967295 bytes, with 0 left");
        g_assert_false(dm_xdr_read_bytes(&r, 100, &data, &n, &error));
        assert_refused(&error, "byte 12: data of 4294967295 bytes, at most 100");
}

static void test_counts(void)
{
        static const guint8 bytes[] = { 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0 };
        g_autoptr(GError) error = NULL;
        DmXdrReader r = reader(bytes, sizeof bytes);
        guint32 n;
        g_assert_true(dm_xdr_read_count(&r, 2, 4, &n, NULL) && n == 2);
        r.offset = 0;
        g_assert_false(dm_xdr_read_count(&r, 1, 4, &n, &error));
        assert_refused(&error, "byte 0: an array of 2 elements, at most 1");
        g_assert_false(dm_xdr_read_count(&r, 2, 5, &n, &error));
        assert_refused(&error, "byte 0: an array of 2 elements of at least 5 bytes, with 8 bytes left");
        /* A product that would wrap round. */
        g_assert_false(dm_xdr_read_count(&r, 2, G_MAXSIZE / 2 + 2, &n, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
}

static void test_writer_limit(void)
{
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, 12);
        dm_xdr_write_bytes(&w, "abc", 3);
        g_assert_cmpmem(w.bytes->data, w.bytes->len, "\0\0\0\3abc\0", 8);
        dm_xdr_write_fixed(&w, "xyz12", 5); /* with its padding 8 */
        g_assert_true(w.failed);
        g_assert_cmpuint(w.bytes->len, ==, 8);
        dm_xdr_write_u32(&w, 0); /* would fit; a failure stays */
        g_assert_true(w.failed);
        g_assert_cmpuint(w.bytes->len, ==, 8);

        g_auto(DmXdrWriter) odd = { 0 };
        dm_xdr_writer_init(&odd, 5); /* the bytes fit, the padding does not */
        dm_xdr_write_fixed(&odd, "vwxyz", 5);
        g_assert_true(odd.failed);
        g_assert_cmpuint(odd.bytes->len, ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/xdr/numbers", test_numbers);
        g_test_add_func("/rpc/xdr/short", test_short);
        g_test_add_func("/rpc/xdr/bool", test_bool);
        g_test_add_func("/rpc/xdr/strings", test_strings);
        g_test_add_func("/rpc/xdr/bytes", test_bytes);
        g_test_add_func("/rpc/xdr/counts", test_counts);
        g_test_add_func("/rpc/xdr/writer-limit", test_writer_limit);
        return g_test_run();
}
