/* Documents that want to hurt: each is refused, or read, within bounded time and memory.  Time and memory are
 * those of a child process, so that the heap of the test itself does not count. */
#include "toy_xml.h"

#include "bounded.h"
#include "conf/xml_doc.h"

static void repeat(GString *s, const char *what, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                g_string_append(s, what);
}

/* As the reader of a toy that has @text for a document. */
static char *read_toy(const GString *text)
{
        Toy toy = { 0 };
        g_autoptr(DmOrigins) origins = dm_origins_new();
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(GError) error = NULL;
        dm_xml_parse(text->str, text->len, &toy_element, 0, &toy, origins, findings, &error);
        dm_xml_clear(&toy_element, &toy);
        return error ? g_strdup(error->message) : NULL;
}

static void expect_bounded(const GString *text, const char *expected)
{
        expect_bounded_by(read_toy, text, expected);
}

static GString *begin(void)
{
        return g_string_new("<toy><name>t</name>");
}

/* @n times @what below the root. */
static void expect_many(const char *what, unsigned n, const char *expected)
{
        g_autoptr(GString) s = begin();
        repeat(s, what, n);
        g_string_append(s, "</toy>");
        expect_bounded(s, expected);
}

static void test_bytes(void)
{
        g_autoptr(GString) s = begin();
        g_string_append(s, "<title>");
        gsize room = DM_XML_MAX_BYTES - s->len - strlen("</title></toy>");
        for (gsize i = 0; i < room; i++)
                g_string_append(s, i % 64 ? "" : "<!---->");
        g_string_append(s, "</title></toy>");
        g_assert_cmpuint(s->len, <, DM_XML_MAX_BYTES);
        expect_bounded(s, "");
        g_string_set_size(s, DM_XML_MAX_BYTES + 1);
        expect_bounded(s, "the document has 16777217 bytes, at most 16777216 are accepted");
}

static void test_depth(void)
{
        g_autoptr(GString) s = begin(), t = begin();
        g_string_append(s, "<wheel name='w'>");
        repeat(s, "<spare>", 254);
        repeat(s, "</spare>", 254);
        g_string_append(s, "</wheel></toy>");
        expect_bounded(s, "");
        repeat(t, "<a>\n", 256);
        expect_bounded(t, "elements are nested more than 256 deep");
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_xml_doc_read(t->str, t->len, &error));
        g_assert_cmpuint(dm_error_line(error), ==, 256);
        repeat(t, "<a>", 2000000);
        expect_bounded(t, "elements are nested more than 256 deep");
}

static void test_doctype(void)
{
        static const char *const documents[] = {
                "<!DOCTYPE toy><toy><name>n</name></toy>",
                "<!DOCTYPE toy SYSTEM 'file:///etc/passwd'><toy><name>n</name></toy>",
                "<?xml version='1.0'?>\n<!DOCTYPE toy [<!ENTITY e SYSTEM "
                "'file:///etc/passwd'>]><toy><name>&e;</name></toy>",
                "<!DOCTYPE toy [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
                "<toy><name>&c;</name></toy>",
        };
        for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
                g_autoptr(GString) s = g_string_new(documents[i]);
                expect_bounded(s, "a document type declaration (<!DOCTYPE …>) is not accepted: remove it");
        }
}

static void test_entities(void)
{
        g_autoptr(GString) s = g_string_new("<toy><name>&nbsp;</name></toy>");
        expect_bounded(s, "not well-formed XML: Entity 'nbsp' not defined");
        g_autoptr(GString) t = begin();
        g_string_append(t, "<title>");
        repeat(t, "&#65;&amp;", 1000000);
        g_string_append(t, "</title></toy>");
        expect_bounded(t, "");
}

/* A million nodes of each kind, wherever the engine has to look at every one. */
static void test_million_unknown(void)
{
        expect_many("<zebra/>\n", 1000000, "");
        expect_many("<zebra a='1'/>", 500000, "");
        expect_many("<x/>y", 1000000, "");
}

static void test_million_known(void)
{
        expect_many("<note/>", 1000000, "more than 8192 elements of this kind");
        expect_many("<title/>", 1000000, "<title> is given twice");
        expect_many("<first/>", 1000000, "");
        expect_many("<motor/>", 1000000, "understood but not supported");
        expect_many("<wheel/>", 1000000, "missing attribute 'name'");
        expect_many("<end mode='c'/>", 500000, "");
}

static void test_million_others(void)
{
        expect_many("<!---->\n", 1000000, "");
        expect_many("<?a?>", 1000000, "");
        expect_many("<![CDATA[]]>", 1000000, "");
        expect_many("<b/>", 1200000, "more than 1200000 elements, attributes and comments");
        expect_many("<!---->", 1200000, "more than 1200000 elements, attributes and comments");
}

static void test_late_error(void)
{
        g_autoptr(GString) s = begin();
        repeat(s, "<zebra/>", 1000000);
        g_string_append(s, "<motor/></toy>");
        expect_bounded(s, "understood but not supported");
}

/* libxml2 compares each attribute with all others of its tag. */
static void test_attributes(void)
{
        g_autoptr(GString) s = g_string_new("\n<toy ");
        for (unsigned i = 0; i < 1000000; i++)
                g_string_append_printf(s, "a%x='' ", i);
        g_string_append(s, "><name>n</name></toy>");
        expect_bounded(s, "an element has more than 256 attributes");
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_xml_doc_read(s->str, s->len, &error));
        g_assert_cmpuint(dm_error_line(error), ==, 2);

        g_autoptr(GString) most = begin();
        for (unsigned n = 0; n < 4500; n++) {
                g_string_append(most, "<zebra");
                for (unsigned i = 0; i < 256; i++)
                        g_string_append_printf(most, " a%x=''", i);
                g_string_append(most, "/>");
        }
        g_string_append(most, "</toy>");
        expect_bounded(most, "");
}

/* Quotes and angle brackets where they mean nothing do not hide a tag from the count. */
static void test_attributes_hidden(void)
{
        static const char *const before[] = { "<!-- ' < \" -->", "<?pi ' < \"?>",
                                              "<title><![CDATA[<' \">]]></title>", "\" '",
                                              "<title a=\"'>\"/>" };
        for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
                g_autoptr(GString) s = begin();
                g_string_append(s, before[i]);
                g_string_append(s, "<zebra");
                for (unsigned n = 0; n < 257; n++)
                        g_string_append_printf(s, " a%x=\">\"", n);
                g_string_append(s, "/></toy>");
                expect_bounded(s, "an element has more than 256 attributes");
        }
}

static void test_namespaces(void)
{
        g_autoptr(GString) s = begin();
        for (unsigned i = 0; i < 250; i++) {
                g_string_append(s, "<z");
                for (unsigned n = 0; n < 250; n++)
                        g_string_append_printf(s, " xmlns:n%u_%u='u'", i, n);
                g_string_append_c(s, '>');
        }
        repeat(s, "<n0_0:a/>", 500000);
        expect_bounded(s, "more than 256 declarations of namespaces");
}

/* Each copy of a foreign element repeats the declaration of its namespace. */
static void test_foreign(void)
{
        g_autoptr(GString) s = g_string_new("<toy xmlns:a='urn:");
        repeat(s, "x", 9000000);
        g_string_append(s, "'><name>t</name>");
        repeat(s, "<a:b/>", 500);
        g_string_append(s, "</toy>");
        expect_bounded(s, "too many elements of foreign namespaces");

        g_autoptr(GString) t = g_string_new("<toy xmlns:a='urn:a'><name>t</name>");
        repeat(t, "<a:b/>", 1000000);
        g_string_append(t, "</toy>");
        expect_bounded(t, "too many elements of foreign namespaces");
}

static void test_metadata(void)
{
        g_autoptr(GString) s = begin();
        g_string_append(s, "<metadata xmlns:a='urn:a'>");
        repeat(s, "<a:b/>", 1000000);
        g_string_append(s, "</metadata></toy>");
        expect_bounded(s, "");
}

/* What findings quote is cut. */
static void test_long_values(void)
{
        g_autoptr(GString) s = g_string_new("<toy id='");
        repeat(s, "ä", 4000000);
        g_string_append(s, "'><name>t</name></toy>");
        expect_bounded(s, "'ä");
        g_autoptr(DmFindings) findings = dm_findings_new();
        Toy toy = { 0 };
        g_assert_false(dm_xml_parse(s->str, s->len, &toy_element, 0, &toy, NULL, findings, NULL));
        const DmFinding *f = dm_findings_at(findings, 0);
        g_assert_cmpuint(strlen(f->message), <, DM_FINDINGS_TEXT_MAX + 4);
        g_assert_true(g_utf8_validate(f->message, -1, NULL));
        g_assert_true(g_str_has_suffix(f->message, "ä…"));
        dm_xml_clear(&toy_element, &toy);
}

static void test_encodings(void)
{
        g_autoptr(GString) latin = g_string_new("<toy>\n<name>\xe9</name></toy>");
        expect_bounded(latin, "the document is not UTF-8 (byte 13)");
        g_autoptr(GString) wide = g_string_new(NULL);
        g_string_append_len(wide, "\xff\xfe<\0t\0/\0>\0", 10);
        expect_bounded(wide, "the document is not UTF-8 (byte 1)");
        g_autoptr(GString) nul = g_string_new(NULL);
        g_string_append_len(nul, "<\0t\0o\0y\0", 8);
        expect_bounded(nul, "the document is not UTF-8 (byte 2)");
        /* The declaration does not count: a string in memory has been converted by who made it. */
        g_autoptr(GString) declared =
                g_string_new("<?xml version='1.0' encoding='UTF-7'?><toy><name>+ADw-</name></toy>");
        expect_bounded(declared, "");
}

/* Half a construct at the end, and a buffer that is not terminated. */
static void test_truncated(void)
{
        static const char text[] =
                "<toy id='1'><!-- c --><name><![CDATA[n]]></name><?p i?><note a=\"b\"/></toy>";
        for (gsize n = 0; n < sizeof text - 1; n++) {
                g_autofree char *exact = g_memdup2(text, n);
                Toy toy = { 0 };
                g_autoptr(GError) error = NULL;
                g_assert_false(dm_xml_parse(exact, n, &toy_element, 0, &toy, NULL, NULL, &error));
                g_assert_nonnull(error);
                dm_xml_clear(&toy_element, &toy);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/xml-limits/bytes", test_bytes);
        g_test_add_func("/conf/xml-limits/depth", test_depth);
        g_test_add_func("/conf/xml-limits/doctype", test_doctype);
        g_test_add_func("/conf/xml-limits/entities", test_entities);
        g_test_add_func("/conf/xml-limits/million-unknown", test_million_unknown);
        g_test_add_func("/conf/xml-limits/million-known", test_million_known);
        g_test_add_func("/conf/xml-limits/million-others", test_million_others);
        g_test_add_func("/conf/xml-limits/late-error", test_late_error);
        g_test_add_func("/conf/xml-limits/attributes", test_attributes);
        g_test_add_func("/conf/xml-limits/attributes-hidden", test_attributes_hidden);
        g_test_add_func("/conf/xml-limits/namespaces", test_namespaces);
        g_test_add_func("/conf/xml-limits/foreign", test_foreign);
        g_test_add_func("/conf/xml-limits/metadata", test_metadata);
        g_test_add_func("/conf/xml-limits/long-values", test_long_values);
        g_test_add_func("/conf/xml-limits/encodings", test_encodings);
        g_test_add_func("/conf/xml-limits/truncated", test_truncated);
        return g_test_run();
}
