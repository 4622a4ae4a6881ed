/* What the XML engine does with structs that were read: clear, copy, compare, forget, list what is deferred.
 */
#include "toy_xml.h"

/* Something in every row. */
static const char full[] =
        "<toy shape='round' id='1' ranged='5' hex32='2' hex64='3' big='4' offset='-5' nick='n' secret='s' "
        "mac='52:54:00:00:00:01' runtime='6' xmlns:x='urn:toy:extra' xmlns:o='urn:other'>\n"
        "<name>name</name><title>title</title><blank/><first>first</first><broken/>\n"
        "<in preset='square'>in</in><end mode='a' value='A'/><end mode='b' value='B'/><size radius='7'/>\n"
        "<box label='box' mib='8'><bytes>9</bytes><kib>10</kib><pretty>11</pretty></box>\n"
        "<sub label='sub'/><always/>\n"
        "<wheel name='w1' shape='long' count='12'><spare name='s1'><spare name='s2'/></spare></wheel>\n"
        "<wheel name='w2'/><axle count='13'>a1</axle>\n"
        "<note>n1</note><note>n2</note><deferred>14</deferred>\n"
        "<metadata>m</metadata><x:extra><x:arg value='15'/></x:extra><o:f/></toy>";

#define ALL (DM_XML_FORMAT_RUNTIME | DM_XML_FORMAT_SECRET)

static void assert_zero(const Toy *toy)
{
        static const Toy zero;
        g_assert_cmpmem(toy, sizeof *toy, &zero, sizeof zero);
}

static void test_clear(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        g_assert_no_error(d.error);
        dm_xml_clear(&toy_element, &d.toy);
        assert_zero(&d.toy);
        dm_xml_clear(&toy_element, &d.toy);
        assert_zero(&d.toy);
        dm_xml_free(&toy_element, NULL);
}

static void test_copy(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        Toy copy = { 0 };
        dm_xml_copy(&toy_element, &d.toy, &copy, NULL);
        g_autofree char *before = dm_xml_format(&toy_element, &d.toy, ALL);
        g_autofree char *difference = dm_xml_difference(&toy_element, &d.toy, &copy, 0);
        g_assert_cmpstr(difference, ==, NULL);
        /* Nothing is shared: the copy survives the original. */
        dm_xml_clear(&toy_element, &d.toy);
        g_autofree char *after = dm_xml_format(&toy_element, &copy, ALL);
        g_assert_cmpstr(after, ==, before);
        g_assert_nonnull(strstr(after, "<spare name='s2'/>"));
        dm_xml_clear(&toy_element, &copy);
        assert_zero(&copy);
}

static void test_copy_origins(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        dm_origins_explain(d.origins, &d.toy.id, "because of %d", 1);
        Toy copy = { 0 };
        dm_xml_copy(&toy_element, &d.toy, &copy, d.origins);
        const ToyPart *wheel = g_ptr_array_index(copy.parts, 0);
        g_autofree char *name = dm_origins_path(d.origins, &wheel->name),
                        *id = dm_origins_path(d.origins, &copy.id),
                        *label = dm_origins_path(d.origins, &copy.sub->label);
        g_assert_cmpstr(name, ==, "/toy/wheel[1]/@name");
        g_assert_cmpuint(dm_origins_line(d.origins, &wheel->name), ==, 6);
        g_assert_cmpstr(id, ==, "/toy/@id");
        g_assert_cmpstr(dm_origins_reason(d.origins, &copy.id), ==, "because of 1");
        g_assert_cmpstr(label, ==, "/toy/sub/@label");
        dm_xml_clear(&toy_element, &copy);
}

/* Every single change is seen, and named. */
static void test_difference(void)
{
        static const struct {
                const char *from, *to, *where;
        } changes[] = {
                { "shape='round'", "shape='long'", "@shape" },
                { "id='1'", "id='2'", "@id" },
                { "id='1'", "", "@id" },
                { "hex32='2'", "hex32='3'", "@hex32" },
                { "hex64='3'", "hex64='4'", "@hex64" },
                { "big='4'", "big='0'", "@big" },
                { "offset='-5'", "offset='5'", "@offset" },
                { "nick='n'", "nick=''", "@nick" },
                { "mac='52:54:00:00:00:01'", "mac='52:54:00:00:00:02'", "@mac" },
                { "<name>name", "<name>other", "name" },
                { "<blank/>", "", "blank" },
                { "<broken/>", "", "broken" },
                { ">in</in>", ">out</in>", "in" },
                { "preset='square'", "", "in/@preset" },
                { "value='A'", "", "end/@value" },
                { "radius='7'", "radius='8'", "size/@radius" },
                { "mib='8'", "mib='9'", "box/@mib" },
                { "<bytes>9", "<bytes>8", "box/bytes" },
                { "<sub label='sub'/>", "", "sub" },
                { "label='sub'", "label='bus'", "sub/@label" },
                { "<always/>", "", "always" },
                { "name='w1'", "name='w0'", "wheel[1]/@name" },
                { "name='s2'", "name='s3'", "wheel[1]/spare/spare/@name" },
                { "<wheel name='w2'/>", "", "wheel[2]" },
                { ">a1<", ">a2<", "axle[1]" },
                { "count='13'", "", "axle[1]/@count" },
                { "<note>n2</note>", "", "note[2]" },
                { "<note>n1</note>", "", "note[1]" },
                { "<metadata>m", "<metadata>n", "metadata" },
                { "value='15'", "value='16'", "extra/arg[1]/@value" },
                { "<o:f/>", "<o:g/>", "*" },
        };
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
                g_auto(GStrv) parts = g_strsplit(full, changes[i].from, 2);
                g_assert_cmpuint(g_strv_length(parts), ==, 2);
                g_autofree char *text = g_strjoinv(changes[i].to, parts);
                g_auto(ToyDoc) other;
                toy_read(&other, text, DM_XML_PARSE_RUNTIME);
                g_assert_no_error(other.error);
                g_autofree char *there = dm_xml_difference(&toy_element, &d.toy, &other.toy, 0),
                                *back = dm_xml_difference(&toy_element, &other.toy, &d.toy, 0);
                g_assert_cmpstr(there, ==, changes[i].where);
                g_assert_cmpstr(back, ==, changes[i].where);
        }
}

static void test_difference_flags(void)
{
        g_auto(ToyDoc) a, b;
        toy_read(&a, "<toy id='1' ranged='3'><name>n</name><axle count='1'>x</axle></toy>", 0);
        toy_read(&b, "<toy id='2' ranged='4'><name>n</name><axle count='1'>y</axle></toy>", 0);
        g_autofree char *abi = dm_xml_difference(&toy_element, &a.toy, &b.toy, DM_ABI),
                        *updatable = dm_xml_difference(&toy_element, &a.toy, &b.toy, DM_UPDATABLE),
                        *either = dm_xml_difference(&toy_element, &a.toy, &b.toy, DM_ABI | DM_UPDATABLE);
        g_assert_cmpstr(abi, ==, NULL);
        g_assert_cmpstr(updatable, ==, "@ranged");
        g_assert_cmpstr(either, ==, "@ranged");
        g_auto(ToyDoc) c;
        toy_read(&c, "<toy><name>n</name><axle count='2'>x</axle></toy>", 0);
        g_autofree char *deep = dm_xml_difference(&toy_element, &a.toy, &c.toy, DM_ABI);
        g_assert_cmpstr(deep, ==, "axle[1]/@count");
        /* One that is there and one that is not differ whatever its rows say. */
        g_auto(ToyDoc) e;
        toy_read(&e, "<toy><name>n</name></toy>", 0);
        g_autofree char *missing = dm_xml_difference(&toy_element, &c.toy, &e.toy, DM_ABI);
        g_assert_cmpstr(missing, ==, "axle[1]");
}

static void test_forget(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        const ToyPart *wheel = g_ptr_array_index(d.toy.parts, 0);
        g_assert_true(dm_origins_given(d.origins, &wheel->spare->spare->name));
        dm_xml_forget(&toy_element, &d.toy, d.origins);
        g_assert_false(dm_origins_given(d.origins, &d.toy));
        g_assert_false(dm_origins_given(d.origins, &d.toy.box.bytes));
        g_assert_false(dm_origins_given(d.origins, &wheel->name));
        g_assert_false(dm_origins_given(d.origins, &wheel->spare->spare->name));
        const ToyArg *arg = g_ptr_array_index(d.toy.extra->args, 0);
        g_assert_false(dm_origins_given(d.origins, &arg->value));
        g_assert_cmpuint(dm_origins_count(d.origins), ==, 0);
        dm_xml_forget(&toy_element, &d.toy, NULL);
}

static void test_deferred(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, full, DM_XML_PARSE_RUNTIME);
        g_autoptr(DmFindings) findings = dm_findings_new();
        dm_xml_deferred(&toy_element, &d.toy, DM_DEFERRED, d.origins, findings);
        g_autofree char *found = toy_findings(findings);
        g_assert_cmpstr(
                found, ==,
                "error 8 /toy/deferred: <deferred> is understood and kept, but no guest can be started with "
                "it yet\n");
        d.toy.deferred = (DmOptU64){ 0 };
        g_autoptr(DmFindings) none = dm_findings_new();
        dm_xml_deferred(&toy_element, &d.toy, DM_DEFERRED, NULL, none);
        g_assert_cmpuint(dm_findings_count(none), ==, 0);
}

/* Deferred rows of every type, at every depth. */
typedef struct Late {
        int kind;
        char *s, *verbatim, *mac;
        ToyShape e;
        DmOptU32 u32;
        DmOptU64 u64;
        DmOptI64 i64;
        gboolean flag;
        struct Late *sub, *deep;
        GPtrArray *list;
        char *in;
} Late;
static const DmXmlRow late_in_rows[] = { DM_STRING(Late, in, "v"), { 0 } };
static const DmXmlElement late_in = { "in", late_in_rows, .doc = "In." };
static const DmXmlRow late_below[] = { DM_STRING(Late, s, "s", .flags = DM_DEFERRED), { 0 } };
static const DmXmlElement late_sub = { "sub", late_below, sizeof(Late), "Sub." };
static const DmXmlElement late_list = { "list", late_below, sizeof(Late), "List." };
static const DmXmlElement late_deep = { "deep", late_below, sizeof(Late), "Deep." };
static const DmXmlRow late_rows[] = {
        DM_STRING(Late, s, "s", .flags = DM_DEFERRED),
        DM_ENUM(Late, e, "e", toy_shape, .flags = DM_DEFERRED),
        DM_U32(Late, u32, "u32", .flags = DM_DEFERRED),
        DM_U64(Late, u64, "u64", .flags = DM_DEFERRED),
        DM_I64(Late, i64, "i64", .flags = DM_DEFERRED),
        DM_CUSTOM(Late, mac, "mac", dm_mac_codec, .flags = DM_DEFERRED),
        DM_FLAG(Late, flag, "flag", .flags = DM_DEFERRED),
        DM_VERBATIM(Late, verbatim, "verbatim", .flags = DM_DEFERRED),
        DM_IN(late_in, .flags = DM_DEFERRED),
        DM_SUB(Late, sub, late_sub, .flags = DM_DEFERRED),
        DM_LIST(Late, list, late_list, .flags = DM_DEFERRED),
        DM_SUB(Late, deep, late_deep),
        { 0 },
};
static const DmXmlElement late_element = { "late", late_rows, sizeof(Late), "Late." };

static void test_deferred_types(void)
{
        static const struct {
                const char *text, *path;
        } values[] = {
                { "<late s='x'/>", "/late/@s" },
                { "<late e='round'/>", "/late/@e" },
                { "<late u32='0'/>", "/late/@u32" },
                { "<late u64='0'/>", "/late/@u64" },
                { "<late i64='0'/>", "/late/@i64" },
                { "<late mac='52:54:00:00:00:00'/>", "/late/@mac" },
                { "<late><flag/></late>", "/late/flag" },
                { "<late><verbatim/></late>", "/late/verbatim" },
                { "<late><in v='1'/></late>", "/late/in/@v" },
                { "<late><sub/></late>", "/late/sub" },
                { "<late><list/></late>", "/late/list[1]" },
                { "<late><deep s='1'/></late>", "/late/deep/@s" },
                { "<late><deep/><in/></late>", NULL },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
                Late late = { 0 };
                g_autoptr(DmOrigins) origins = dm_origins_new();
                g_autoptr(DmFindings) findings = dm_findings_new();
                g_assert_true(dm_xml_parse(values[i].text, strlen(values[i].text), &late_element, 0, &late,
                                           origins, NULL, NULL));
                dm_xml_deferred(&late_element, &late, DM_DEFERRED, origins, findings);
                g_assert_cmpuint(dm_findings_count(findings), ==, values[i].path ? 1 : 0);
                if (values[i].path)
                        g_assert_cmpstr(dm_findings_at(findings, 0)->path, ==, values[i].path);
                dm_xml_clear(&late_element, &late);
        }
}

typedef struct Seen {
        unsigned rows, spare;
} Seen;

static void see(const DmXmlElement *element, const DmXmlRow *row, void *data)
{
        Seen *seen = data;
        g_assert_nonnull(element->name);
        g_assert_cmpint(row->type, !=, DM_XML_END);
        seen->rows++;
        seen->spare += element == &toy_spare;
}

/* Every table once, also one that contains itself. */
static void test_visit(void)
{
        Seen seen = { 0 };
        dm_xml_visit(&toy_element, see, &seen);
        g_assert_cmpuint(seen.spare, ==, 2);
        g_assert_cmpuint(seen.rows, >, G_N_ELEMENTS(toy_rows));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/xml/clear", test_clear);
        g_test_add_func("/conf/xml/copy", test_copy);
        g_test_add_func("/conf/xml/copy-origins", test_copy_origins);
        g_test_add_func("/conf/xml/difference", test_difference);
        g_test_add_func("/conf/xml/difference-flags", test_difference_flags);
        g_test_add_func("/conf/xml/forget", test_forget);
        g_test_add_func("/conf/xml/deferred", test_deferred);
        g_test_add_func("/conf/xml/deferred-types", test_deferred_types);
        g_test_add_func("/conf/xml/visit", test_visit);
        return g_test_run();
}
