/* Damaged documents: bytes of the examples are changed at random.  Nothing crashes, whatever is refused says
 * why, and what is still accepted is written and read back the same. */
#include "domain_files.h"

#define MUTANTS 20000

static GPtrArray *load_all(void)
{
        static const char *const dirs[] = { "xml", "err" };
        GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
        for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
                g_autoptr(GPtrArray) names = data_names(dirs[i], ".xml", "//");
                for (guint n = 0; n < names->len; n++) {
                        g_autofree char *file = g_strconcat(names->pdata[n], ".xml", NULL);
                        g_autofree char *path = data_path(dirs[i], file);
                        g_ptr_array_add(texts, data_read(path));
                }
        }
        return texts;
}

static const char *any(const GPtrArray *texts)
{
        return texts->pdata[g_test_rand_int_range(0, (gint32)texts->len)];
}

/* A piece of another document, of up to 60 bytes. */
static void insert_piece(GString *s, gssize at, const GPtrArray *texts)
{
        const char *other = any(texts);
        gsize length = strlen(other), from = (gsize)g_test_rand_int_range(0, (gint32)length);
        gsize piece = (gsize)g_test_rand_int_range(1, 60);
        g_string_insert_len(s, at, other + from, (gssize)MIN(length - from, piece));
}

static void mutate(GString *s, const GPtrArray *texts)
{
        static const char bytes[] = "<>/='\"& \n0123456789-abcdefxX\x01\x7f\xc3\xff";
        gint32 at = g_test_rand_int_range(0, (gint32)s->len), some = g_test_rand_int_range(1, 30);
        switch (g_test_rand_int_range(0, 5)) {
        case 0:
                s->str[at] = bytes[g_test_rand_int_range(0, sizeof bytes - 1)];
                break;
        case 1:
                g_string_insert_c(s, at, bytes[g_test_rand_int_range(0, sizeof bytes - 1)]);
                break;
        case 2:
                g_string_erase(s, at, MIN(some, (gint32)s->len - at - 1));
                break;
        case 3:
                insert_piece(s, at, texts);
                break;
        default:
                /* Values are where the rules are: change a byte between quotes. */
                for (const char *c = s->str + at; *c; c++)
                        if (*c == '\'' && c[1]) {
                                s->str[c - s->str + 1] = bytes[g_test_rand_int_range(0, sizeof bytes - 1)];
                                break;
                        }
        }
}

/* Returns whether @text was accepted. */
static gboolean survives(const char *text, gsize length)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text, length, 0, findings, &error);
        g_assert_true(!d == !!error);
        g_assert_true(!!d == (dm_findings_errors(findings) == 0));
        if (!d) {
                g_assert_cmpstr(error->message, !=, "");
                return FALSE;
        }
        g_autofree char *once = dm_domain_format(d, DM_XML_FORMAT_SECRET);
        g_autoptr(DmDomain) again = dm_domain_parse(once, strlen(once), 0, NULL, &error);
        if (!again)
                g_test_message("%s\n-- became --\n%s", text, once);
        g_assert_no_error(error);
        g_autofree char *twice = dm_domain_format(again, DM_XML_FORMAT_SECRET);
        g_assert_cmpstr(twice, ==, once);
        return TRUE;
}

static void test_mutants(void)
{
        g_autoptr(GPtrArray) texts = load_all();
        unsigned accepted = 0;
        for (int i = 0; i < MUTANTS; i++) {
                g_autoptr(GString) s = g_string_new(any(texts));
                for (int n = g_test_rand_int_range(1, 5); n > 0 && s->len > 1; n--)
                        mutate(s, texts);
                accepted += survives(s->str, s->len);
        }
        g_test_message("%u of %d accepted", accepted, MUTANTS);
        /* Some of both, or the mutants would say nothing. */
        g_assert_cmpuint(accepted, >, MUTANTS / 50);
        g_assert_cmpuint(accepted, <, MUTANTS);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/domain-mutations", test_mutants);
        return g_test_run();
}
