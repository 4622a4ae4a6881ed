/* The domain document, by its rows: whatever a table can say is written and read back the same, so that a new
 * row is tested on arrival.  And what must hold for every table of names. */
#include "domain_files.h"

#include "conf/codecs.h"
#include "conf/xml_private.h"

#define DOCUMENTS 400

/* ---- the same tables without the rules that span fields ---- */

static const DmXmlElement *without_checks(const DmXmlElement *element, GHashTable *done)
{
        DmXmlElement *copy = g_hash_table_lookup(done, element);
        if (copy)
                return copy;
        copy = g_memdup2(element, sizeof *element);
        copy->check = NULL;
        g_hash_table_insert(done, (void *)element, copy);
        gsize n = 1;
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                n++;
        DmXmlRow *rows = g_memdup2(element->rows, n * sizeof *rows);
        copy->rows = rows;
        for (; rows->type != DM_XML_END; rows++)
                if (rows->element)
                        rows->element = without_checks(rows->element, done);
        return copy;
}

static void free_element(void *p)
{
        DmXmlElement *e = p;
        g_free((void *)e->rows);
        g_free(e);
}

/* ---- random values ---- */

static gboolean coin(int of)
{
        return g_test_rand_int_range(0, of) == 0;
}

static guint64 random_number(guint64 min, guint64 max)
{
        switch (g_test_rand_int_range(0, 4)) {
        case 0:
                return min;
        case 1:
                return max;
        default: {
                guint64 value = ((guint64)(guint32)g_test_rand_int() << 32) | (guint32)g_test_rand_int();
                if (coin(2))
                        value &= 0xff;
                return max - min == G_MAXUINT64 ? value : min + value % (max - min + 1);
        }
        }
}

/* Text that begins and ends with something visible. */
static char *random_string(void)
{
        static const char *const pieces[] = { "a",    "Z",   "0",     "/",  "<",   ">",    "&",
                                              "'",    "\"",  "ä",     "€",  "x y", "a\nb", "a\tb",
                                              "a\rb", "]]>", "&amp;", "-1", "'" };
        GString *s = g_string_new(NULL);
        for (int n = g_test_rand_int_range(1, 6); n > 0; n--)
                g_string_append(s, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
        return g_string_free(s, FALSE);
}

static char *random_codec_text(const DmXmlCodec *codec)
{
        if (codec == &dm_uuid_codec)
                return dm_uuid_new();
        if (codec == &dm_mac_codec)
                return g_strdup_printf("52:54:00:00:%02x:%02x", g_test_rand_int() & 0xff,
                                       g_test_rand_int() & 0xff);
        if (codec == &dm_cpuset_codec || codec == &dm_nodeset_codec)
                return g_strdup_printf("%d-%d,%d", g_test_rand_int_range(0, 9), g_test_rand_int_range(9, 20),
                                       g_test_rand_int_range(30, 60000));
        g_error("no random text for %s: add it here", codec->what);
}

static int random_enum(const DmEnum *e)
{
        int value;
        do
                value = g_test_rand_int_range(1, e->n);
        while (!dm_enum_name(e, value));
        return value;
}

static void fill(const DmXmlElement *element, char *base, unsigned depth);

static void fill_number(const DmXmlRow *row, void *member)
{
        guint64 type_max = row->type == DM_XML_U32 ? G_MAXUINT32 : G_MAXUINT64;
        guint64 value = random_number(row->min, row->max ? row->max : type_max);
        if (row->type == DM_XML_U32)
                *(DmOptU32 *)member = (DmOptU32){ TRUE, (guint32)value };
        else
                *(DmOptU64 *)member = (DmOptU64){ TRUE, value };
}

static void fill_row(const DmXmlRow *row, char *base, unsigned depth)
{
        void *member = base + row->offset;
        switch (row->type) {
        case DM_XML_STRING:
                g_free(*(char **)member);
                *(char **)member = random_string();
                break;
        case DM_XML_ENUM:
                *(int *)member = random_enum(row->values);
                break;
        case DM_XML_U32:
        case DM_XML_U64:
                fill_number(row, member);
                break;
        case DM_XML_I64:
                *(DmOptI64 *)member = (DmOptI64){ TRUE, (gint64)random_number(0, G_MAXUINT64) };
                break;
        case DM_XML_FLAG:
                *(gboolean *)member = TRUE;
                break;
        case DM_XML_CUSTOM: {
                g_autofree char *text = random_codec_text(row->codec);
                row->codec->clear(member);
                g_assert_true(row->codec->parse(text, member, NULL));
                break;
        }
        case DM_XML_VERBATIM:
                *(char **)member =
                        strcmp(row->name, "*") == 0
                                ? g_strdup("<o:f xmlns:o=\"urn:o\" g=\"1\">h</o:f>")
                                : g_strdup_printf("<%s><a b=\"c\">d</a></%s>", row->name, row->name);
                break;
        case DM_XML_IN:
                fill(row->element, member, depth);
                break;
        case DM_XML_SUB:
                if (!*(void **)member)
                        *(void **)member = g_malloc0(row->element->size);
                fill(row->element, *(char **)member, depth + 1);
                break;
        case DM_XML_LIST: {
                GPtrArray **list = member;
                *list = *list ? *list : g_ptr_array_new();
                for (int n = g_test_rand_int_range(1, 4); n > 0; n--) {
                        char *item = g_malloc0(row->element->size);
                        *(int *)item = row->kind;
                        g_ptr_array_add(*list, item);
                        fill(row->element, item, depth + 1);
                }
                break;
        }
        case DM_XML_REFUSED:
        case DM_XML_END:
                break;
        }
}

static gboolean wanted(const DmXmlRow *row, unsigned depth)
{
        if ((row->flags & DM_REQUIRED) || row->preset || (row->type == DM_XML_FLAG && row->as == DM_AS_TEXT))
                return TRUE;
        return depth < 6 && coin(row->type == DM_XML_LIST || row->type == DM_XML_SUB ? 4 : 2);
}

/* In the order of the reader, so that a discriminator is set before what depends on it. */
static void fill(const DmXmlElement *element, char *base, unsigned depth)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (row->as != DM_AS_ELEMENT && dm_xml_row_applies(row, base) && wanted(row, depth))
                        fill_row(row, base, depth);
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (row->as == DM_AS_ELEMENT && dm_xml_row_applies(row, base) && wanted(row, depth))
                        fill_row(row, base, depth);
}

/* ---- written and read back ---- */

static void round_trip(const DmXmlElement *element)
{
        const DmXmlFormatFlags all = DM_XML_FORMAT_RUNTIME | DM_XML_FORMAT_SECRET;
        char *made = g_malloc0(element->size), *read = g_malloc0(element->size),
             *copy = g_malloc0(element->size);
        fill(element, made, 0);
        g_autofree char *text = dm_xml_format(element, made, all);
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmOrigins) origins = dm_origins_new();
        gboolean ok = dm_xml_parse(text, strlen(text), element, DM_XML_PARSE_RUNTIME, read, origins, findings,
                                   NULL);
        g_autofree char *found = findings_text(findings),
                        *difference = dm_xml_difference(element, made, read, 0);
        if (!ok || *found || difference)
                g_test_message("%s", text);
        g_assert_cmpstr(found, ==, "");
        g_assert_true(ok);
        g_assert_cmpstr(difference, ==, NULL);
        g_autofree char *again = dm_xml_format(element, read, all);
        g_assert_cmpstr(again, ==, text);
        dm_xml_copy(element, read, copy, origins);
        dm_xml_free(element, made);
        dm_xml_free(element, read);
        g_autofree char *copied = dm_xml_format(element, copy, all);
        g_assert_cmpstr(copied, ==, text);
        dm_xml_free(element, copy);
}

static void test_domains(void)
{
        g_autoptr(GHashTable) done = g_hash_table_new_full(NULL, NULL, NULL, free_element);
        const DmXmlElement *plain = without_checks(&dm_domain_element, done);
        for (int i = 0; i < DOCUMENTS; i++)
                round_trip(plain);
}

static void test_devices(void)
{
        g_autoptr(GHashTable) done = g_hash_table_new_full(NULL, NULL, NULL, free_element);
        for (int kind = 1; kind < DM_DEVICE_N; kind++) {
                DmXmlElement *plain = (DmXmlElement *)without_checks(dm_device_schema(kind), done);
                for (int i = 0; i < DOCUMENTS; i++)
                        round_trip(plain);
        }
}

/* ---- tables ---- */

typedef struct Tables {
        GHashTable *enums;
        unsigned rows, custom, refused;
} Tables;

static void collect(const DmXmlElement *element, const DmXmlRow *row, void *data)
{
        Tables *t = data;
        if (row->values)
                g_hash_table_add(t->enums, (void *)row->values);
        t->rows++;
        t->custom += row->type == DM_XML_CUSTOM;
        t->refused += row->type == DM_XML_REFUSED;
        /* Lists, and what stands behind a pointer, are allocated by the size that the element says. */
        if (row->type == DM_XML_SUB || row->type == DM_XML_LIST)
                g_assert_cmpuint(row->element->size, >, 0);
        if (row->type == DM_XML_REFUSED)
                g_assert_nonnull(row->doc);
        if (row->as == DM_AS_ATTRIBUTE)
                g_assert_nonnull(row->name);
        if (row->max)
                g_assert_cmpuint(row->max, >, row->min);
        if (row->preset)
                g_assert_nonnull(dm_enum_name(row->values, row->preset));
        g_assert_nonnull(element->doc);
}

static void test_rows(void)
{
        Tables t = { g_hash_table_new(NULL, NULL), 0, 0, 0 };
        dm_xml_visit(&dm_domain_element, collect, &t);
        g_test_message("%u rows, %u custom, %u refused", t.rows, t.custom, t.refused);
        /* A custom row is an escape: above this share the engine lacks a row type, or a struct is wrong. */
        g_assert_cmpuint(t.custom * 10, <, t.rows);
        g_hash_table_unref(t.enums);
}

/* Tables over an enum that several of them share. */
static gboolean may_have_holes(const DmEnum *e)
{
        static const char *const shared[] = { "controller model", " entry", "ibs mitigation",
                                              "hostdev driver" };
        for (gsize i = 0; i < G_N_ELEMENTS(shared); i++)
                if (g_str_has_suffix(e->what, shared[i]))
                        return TRUE;
        return FALSE;
}

static void check_enum(const DmEnum *e)
{
        g_test_message("%s", e->what);
        g_assert_cmpint(e->n, >, 1);
        g_assert_null(e->names[0]);
        g_assert_nonnull(e->names[e->n - 1]);
        for (int i = 1; i < e->n; i++) {
                if (!e->names[i]) {
                        g_assert_true(may_have_holes(e));
                        continue;
                }
                g_assert_cmpstr(e->names[i], !=, "");
                g_assert_cmpint(dm_enum_value(e, e->names[i]), ==, i);
                g_assert_cmpstr(dm_enum_name(e, i), ==, e->names[i]);
        }
        g_assert_null(dm_enum_name(e, 0));
        g_assert_null(dm_enum_name(e, e->n));
        g_assert_null(dm_enum_name(e, -1));
        g_assert_cmpint(dm_enum_value(e, ""), ==, -1);
}

static void test_enums(void)
{
        Tables t = { g_hash_table_new(NULL, NULL), 0, 0, 0 };
        dm_xml_visit(&dm_domain_element, collect, &t);
        GHashTableIter iter;
        void *e;
        g_hash_table_iter_init(&iter, t.enums);
        while (g_hash_table_iter_next(&iter, &e, NULL))
                check_enum(e);
        g_assert_cmpuint(g_hash_table_size(t.enums), >, 40);
        g_hash_table_unref(t.enums);
}

/* ---- the fuzzer's dictionary: every name and word that the tables know ---- */

static void collect_words(const DmXmlElement *element, const DmXmlRow *row, void *data)
{
        GHashTable *words = data;
        g_hash_table_add(words, g_strdup_printf("<%s", element->name));
        const char *name = dm_xml_row_name(row);
        if (name && row->as == DM_AS_ATTRIBUTE)
                g_hash_table_add(words, g_strdup_printf(" %s='", name));
        else if (name && strcmp(name, "*") != 0)
                g_hash_table_add(words, g_strdup_printf("<%s", name));
        for (int i = 1; row->values && i < row->values->n; i++)
                if (row->values->names[i])
                        g_hash_table_add(words, g_strdup_printf("'%s'", row->values->names[i]));
}

static void test_dictionary(void)
{
        g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        dm_xml_visit(&dm_domain_element, collect_words, words);
        guint n = 0;
        g_autofree void **sorted = g_hash_table_get_keys_as_array(words, &n);
        qsort(sorted, n, sizeof *sorted, compare_names);
        g_autoptr(GString) s =
                g_string_new("# Written from the rows by UPDATE=1 build/tests/conf/test_domain_rows.\n");
        for (guint i = 0; i < n; i++)
                g_string_append_printf(s, "\"%s\"\n", (const char *)sorted[i]);
        g_autofree char *path = data_path("..", "fuzz/xml.dict");
        expect_file(path, s->str);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/domain-rows/domains", test_domains);
        g_test_add_func("/conf/domain-rows/devices", test_devices);
        g_test_add_func("/conf/domain-rows/tables", test_rows);
        g_test_add_func("/conf/domain-rows/enums", test_enums);
        g_test_add_func("/conf/domain-rows/dictionary", test_dictionary);
        return g_test_run();
}
