/* Codecs of shared scalars: canonical text, and what they refuse. */
#include "conf/codecs.h"

#include <string.h>

/* @text becomes @canonical, or fails with @error (a part of the message). */
typedef struct Case {
        const char *text, *canonical, *error;
} Case;

static void check_codec(const DmXmlCodec *codec, const Case *cases, gsize n)
{
        for (gsize i = 0; i < n; i++) {
                char *value = NULL;
                g_autoptr(GError) error = NULL;
                gboolean ok = codec->parse(cases[i].text, &value, &error);
                g_test_message("'%s' -> '%s'", cases[i].text, ok ? value : error->message);
                g_assert_true(ok == !cases[i].error);
                if (ok) {
                        g_autofree char *text = codec->format(&value);
                        g_assert_cmpstr(text, ==, cases[i].canonical);
                        char *again = NULL;
                        g_assert_true(codec->parse(text, &again, NULL));
                        g_assert_cmpstr(again, ==, text);
                        codec->clear(&again);
                        g_assert_null(again);
                } else {
                        g_assert_nonnull(strstr(error->message, cases[i].error));
                        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_XML);
                }
                codec->clear(&value);
        }
        char *none = NULL;
        g_assert_null(codec->format(&none));
}

static void test_uuid(void)
{
        static const Case cases[] = {
                { "C7A5FDBD-EDAF-9455-926A-D65C16DB1809", "c7a5fdbd-edaf-9455-926a-d65c16db1809", NULL },
                { "c7a5fdbdedaf9455926ad65c16db1809", "c7a5fdbd-edaf-9455-926a-d65c16db1809", NULL },
                { "c7-a5fdbdedaf9455926ad65c16db18-09", "c7a5fdbd-edaf-9455-926a-d65c16db1809", NULL },
                { "c7a5fdbd-edaf-9455-926a-d65c16db180", NULL, "got 31" },
                { "c7a5fdbd-edaf-9455-926a-d65c16db18090", NULL, "expected 32" },
                { "c7a5fdbd-edaf-9455-926a-d65c16db180g", NULL, "expected 32" },
                { "", NULL, "got 0" },
        };
        check_codec(&dm_uuid_codec, cases, G_N_ELEMENTS(cases));
        g_autofree char *a = dm_uuid_new(), *b = dm_uuid_new();
        char *value = NULL;
        g_assert_cmpstr(a, !=, b);
        g_assert_true(dm_uuid_codec.parse(a, &value, NULL));
        g_assert_cmpstr(value, ==, a);
        dm_uuid_codec.clear(&value);
}

static void test_mac(void)
{
        static const Case cases[] = {
                { "52:54:00:AB:cd:01", "52:54:00:ab:cd:01", NULL },
                { "0:1:2:3:4:5", "00:01:02:03:04:05", NULL },
                { "53:54:00:00:00:01", NULL, "multicast" },
                { "ff:ff:ff:ff:ff:ff", NULL, "multicast" },
                { "52:54:00:00:00", NULL, "expected 6 bytes" },
                { "52:54:00:00:00:01:02", NULL, "expected 6 bytes" },
                { "52:54:00:00:00:001", NULL, "expected 6 bytes" },
                { "52:54:00:00:00:0g", NULL, "expected 6 bytes" },
                { "52-54-00-00-00-01", NULL, "expected 6 bytes" },
                { "52:54:00:00:00: 1", NULL, "expected 6 bytes" },
                { "", NULL, "expected 6 bytes" },
        };
        check_codec(&dm_mac_codec, cases, G_N_ELEMENTS(cases));
}

static void test_cpuset(void)
{
        static const Case cases[] = {
                { "0", "0", NULL },
                { "0-3", "0-3", NULL },
                { "0,1", "0-1", NULL },
                { "0-1", "0-1", NULL },
                { "5,0-2,4", "0-2,4-5", NULL },
                { "0-7,^3", "0-2,4-7", NULL },
                { "0-7,^0,^7", "1-6", NULL },
                { " 1 , 3 ", "1,3", NULL },
                { "65535", "65535", NULL },
                { "65536", NULL, "below 65536" },
                { "18446744073709551616", NULL, "below" },
                { "3-1", NULL, "below" },
                { "0-99999999999", NULL, "below" },
                { "^0", NULL, "it is empty" },
                { "0,^0", NULL, "it is empty" },
                { "", NULL, "it is empty" },
                { "1,,2", NULL, "no number or range" },
                { "a", NULL, "no number or range" },
                { "1-", NULL, "no number or range" },
                { "-1", NULL, "no number or range" },
                { "1-2-3", NULL, "no number or range" },
                { "^1-2", NULL, "no number or range" },
        };
        check_codec(&dm_cpuset_codec, cases, G_N_ELEMENTS(cases));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/codecs/uuid", test_uuid);
        g_test_add_func("/conf/codecs/mac", test_mac);
        g_test_add_func("/conf/codecs/cpuset", test_cpuset);
        return g_test_run();
}
