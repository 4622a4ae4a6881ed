/* Reading and writing of the XML engine: each row type, each flag, and the exact text of what it finds. */
#include "toy_xml.h"

/* A toy whose root has @attributes and @children besides the name that it must have. */
#define TOY(attributes, children) "<toy " attributes ">\n<name>t</name>\n" children "</toy>"

/* @text is read without any finding; formatted it is @expected. */
static void expect_format(const char *text, const char *expected)
{
        g_auto(ToyDoc) d;
        toy_read(&d, text, 0);
        g_autofree char *found = toy_findings(d.findings);
        g_assert_cmpstr(found, ==, "");
        g_autofree char *out = dm_xml_format(&toy_element, &d.toy, 0);
        g_assert_cmpstr(out, ==, expected);
        g_auto(ToyDoc) again;
        toy_read(&again, out, 0);
        g_autofree char *difference = dm_xml_difference(&toy_element, &d.toy, &again.toy, 0);
        g_assert_cmpstr(difference, ==, NULL);
}

/* ---- scalars ---- */

static void test_string(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d,
                 "<toy nick=''><name>  a &lt;b&gt; &amp; &quot;c&quot;\n </name><title>  keeps  "
                 "</title></toy>",
                 0);
        g_assert_cmpstr(d.toy.name, ==, "a <b> & \"c\"");
        g_assert_cmpstr(d.toy.title, ==, "  keeps  ");
        g_assert_cmpstr(d.toy.nick, ==, "");
        g_assert_null(d.toy.secret);
        g_autofree char *out = dm_xml_format(&toy_element, &d.toy, 0);
        g_assert_cmpstr(out, ==,
                        "<toy nick=''>\n"
                        "  <name>a &lt;b&gt; &amp; \"c\"</name>\n"
                        "  <title>  keeps  </title>\n"
                        "</toy>\n");
}

static void test_string_pieces(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, "<toy><name>a<!-- no -->b<![CDATA[<c>]]>&#100;</name></toy>", 0);
        g_assert_cmpstr(d.toy.name, ==, "ab<c>d");
}

static void test_string_escapes(void)
{
        Toy toy = { .name = g_strdup("a\rb\nc\td'\""), .nick = g_strdup("a\rb\nc\td'\"") };
        g_autofree char *out = dm_xml_format(&toy_element, &toy, 0);
        g_assert_cmpstr(out, ==,
                        "<toy nick='a&#13;b&#10;c&#9;d&apos;&quot;'>\n"
                        "  <name>a&#13;b\nc\td'\"</name>\n"
                        "</toy>\n");
        g_auto(ToyDoc) d;
        toy_read(&d, out, 0);
        g_assert_cmpstr(d.toy.name, ==, toy.name);
        g_assert_cmpstr(d.toy.nick, ==, toy.nick);
        dm_xml_clear(&toy_element, &toy);
}

static void test_string_empty(void)
{
        /* Empty is absent, unless the row says otherwise; required ones must hold something. */
        expect_format(TOY("nick='' secret=''", "<title/><blank/>"),
                      "<toy nick=''>\n  <name>t</name>\n  <blank/>\n</toy>\n");
        toy_expect("<toy><name>  </name></toy>", "error 1 /toy/name: it must not be empty\n");
        toy_expect(TOY("", "<wheel name=''/>"), "error 3 /toy/wheel[1]/@name: it must not be empty\n");
}

static void test_required(void)
{
        toy_expect("<toy/>", "error 1 /toy: missing element <name>\n");
        toy_expect(TOY("", "<wheel/>"), "error 3 /toy/wheel[1]: missing attribute 'name'\n");
        toy_expect(TOY("shape='square'", ""), "error 1 /toy: missing element <size>\n");
}

static void test_enum(void)
{
        expect_format(TOY("shape='long'", ""), "<toy shape='long'>\n  <name>t</name>\n</toy>\n");
        toy_expect(TOY("shape='oval'", ""),
                   "error 1 /toy/@shape: unknown shape 'oval' (expected round, square, long)\n");
        toy_expect(TOY("shape='Round'", ""),
                   "error 1 /toy/@shape: unknown shape 'Round' (expected round, square, long)\n");
        toy_expect(TOY("shape=''", ""),
                   "error 1 /toy/@shape: unknown shape '' (expected round, square, long)\n");
}

static void test_enum_preset(void)
{
        expect_format(TOY("", "<in/>"), "<toy>\n  <name>t</name>\n  <in preset='long'/>\n</toy>\n");
        expect_format(TOY("", "<in preset='round'/>"),
                      "<toy>\n  <name>t</name>\n  <in preset='round'/>\n</toy>\n");
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("", "<in/>"), 0);
        g_autofree char *path = dm_origins_path(d.origins, &d.toy.preset);
        g_assert_cmpstr(path, ==, "/toy/in");
}

static void test_u32(void)
{
        expect_format(TOY("id='0'", ""), "<toy id='0'>\n  <name>t</name>\n</toy>\n");
        expect_format(TOY("id=' 4294967295 '", ""), "<toy id='4294967295'>\n  <name>t</name>\n</toy>\n");
        expect_format(TOY("ranged='3'", ""), "<toy ranged='3'>\n  <name>t</name>\n</toy>\n");
        static const char *const bad[] = { "-1", "4294967296",          "1.5", "0x1", "1 2", "", "1e3",
                                           "+1", "18446744073709551616" };
        for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_autofree char *text = g_strdup_printf("<toy id='%s'><name>t</name></toy>", bad[i]);
                g_autofree char *expected = g_strdup_printf(
                        "error 1 /toy/@id: '%s' is not a number from 0 to 4294967295\n", bad[i]);
                toy_expect(text, expected);
        }
        toy_expect(TOY("ranged='2'", ""), "error 1 /toy/@ranged: '2' is not a number from 3 to 10\n");
        toy_expect(TOY("ranged='11'", ""), "error 1 /toy/@ranged: '11' is not a number from 3 to 10\n");
}

static void test_hex(void)
{
        expect_format(TOY("hex32='0x1F' hex64='0'", ""),
                      "<toy hex32='0x001f' hex64='0x0'>\n  <name>t</name>\n</toy>\n");
        expect_format(TOY("hex32='31' hex64='037'", ""),
                      "<toy hex32='0x001f' hex64='0x1f'>\n  <name>t</name>\n</toy>\n");
        expect_format(TOY("hex64='0XffffFFFFffffFFFF'", ""),
                      "<toy hex64='0xffffffffffffffff'>\n  <name>t</name>\n</toy>\n");
        toy_expect(TOY("hex32='0x'", ""),
                   "error 1 /toy/@hex32: '0x' is not a number from 0x0 to 0xffffffff\n");
        toy_expect(TOY("hex32='1f'", ""),
                   "error 1 /toy/@hex32: '1f' is not a number from 0x0 to 0xffffffff\n");
        toy_expect(TOY("hex32='08'", ""),
                   "error 1 /toy/@hex32: '08' is not a number from 0x0 to 0xffffffff\n");
        toy_expect(TOY("hex32='0x0x1'", ""),
                   "error 1 /toy/@hex32: '0x0x1' is not a number from 0x0 to 0xffffffff\n");
        toy_expect(TOY("hex64='0x10000000000000000'", ""),
                   "error 1 /toy/@hex64: '0x10000000000000000' is not a number\n");
}

static void test_u64(void)
{
        expect_format(TOY("big='18446744073709551615'", ""),
                      "<toy big='18446744073709551615'>\n  <name>t</name>\n</toy>\n");
        toy_expect(TOY("big='18446744073709551616'", ""),
                   "error 1 /toy/@big: '18446744073709551616' is not a number\n");
        toy_expect(TOY("big='-1'", ""), "error 1 /toy/@big: '-1' is not a number\n");
}

static void test_i64(void)
{
        expect_format(TOY("offset='-9223372036854775808'", ""),
                      "<toy offset='-9223372036854775808'>\n  <name>t</name>\n</toy>\n");
        expect_format(TOY("offset='+7'", ""), "<toy offset='7'>\n  <name>t</name>\n</toy>\n");
        static const char *const bad[] = { "9223372036854775808", "-", "+-1", "", "0x1" };
        for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_autofree char *text = g_strdup_printf("<toy offset='%s'><name>t</name></toy>", bad[i]);
                g_autofree char *expected =
                        g_strdup_printf("error 1 /toy/@offset: '%s' is not an integer\n", bad[i]);
                toy_expect(text, expected);
        }
}

static void test_units(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d,
                 TOY("", "<box mib='2' unit='GiB'><bytes>7</bytes><kib "
                         "unit='b'>2047</kib><pretty>4096</pretty></box>"),
                 0);
        g_assert_cmpuint(d.toy.box.bytes.value, ==, 7);
        g_assert_cmpuint(d.toy.box.kib.value, ==, 2047);
        g_assert_cmpuint(d.toy.box.mib.value, ==, G_GUINT64_CONSTANT(2) << 30);
        g_assert_cmpuint(d.toy.box.pretty.value, ==, 4096 * 1024);
        expect_format(
                TOY("",
                    "<box mib='2' unit='gib'><bytes>7</bytes><kib unit='b'>2047</kib><pretty>4096</pretty>"
                    "</box>"),
                "<toy>\n  <name>t</name>\n"
                "  <box mib='2048' unit='MiB'>\n"
                "    <bytes unit='bytes'>7</bytes>\n"
                "    <kib unit='bytes'>2047</kib>\n"
                "    <pretty unit='MiB'>4</pretty>\n"
                "  </box>\n</toy>\n");
}

static void test_unit_names(void)
{
        static const struct {
                const char *unit;
                guint64 bytes;
        } units[] = {
                { "b", 1 },
                { "bytes", 1 },
                { "byte", 1 },
                { "KB", 1000 },
                { "k", 1024 },
                { "KiB", 1024 },
                { "MB", 1000000 },
                { "M", 1048576 },
                { "MiB", 1048576 },
                { "GB", 1000000000 },
                { "G", 1073741824 },
                { "GiB", 1073741824 },
                { "TB", 1000000000000 },
                { "TiB", 1099511627776 },
                { "PiB", 1125899906842624 },
                { "PB", 1000000000000000 },
                { "EB", 1000000000000000000 },
                { "EiB", 1152921504606846976 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
                g_autofree char *text = g_strdup_printf(
                        "<toy><name>t</name><box><pretty unit='%s'>3</pretty></box></toy>", units[i].unit);
                g_auto(ToyDoc) d;
                toy_read(&d, text, 0);
                g_assert_true(d.ok);
                g_assert_cmpuint(d.toy.box.pretty.value, ==, 3 * units[i].bytes);
        }
}

static void test_units_bad(void)
{
        toy_expect(TOY("", "<box><kib unit='furlong'>1</kib></box>"),
                   "error 3 /toy/box/kib/@unit: unknown unit 'furlong' (expected bytes, KiB, MiB, GiB, TiB, "
                   "…)\n");
        toy_expect(TOY("", "<box><kib unit='MiB'>x</kib></box>"),
                   "error 3 /toy/box/kib: 'x' is not a number\n");
        toy_expect(TOY("", "<box><kib unit='MiB'>2</kib></box>"),
                   "error 3 /toy/box/kib: '2' is not a number from 1 to 1\n");
        toy_expect(TOY("", "<box><kib>0</kib></box>"),
                   "error 3 /toy/box/kib: '0' is not a number from 1 to 1024\n");
        toy_expect(TOY("", "<box><bytes unit='EiB'>16</bytes></box>"),
                   "error 3 /toy/box/bytes: '16' is not a number from 0 to 15\n");
        toy_expect(TOY("", "<box><bytes/></box>"), "error 3 /toy/box/bytes: '' is not a number\n");
}

static void test_flag(void)
{
        expect_format(TOY("", "<broken/>"), "<toy>\n  <name>t</name>\n  <broken/>\n</toy>\n");
        expect_format(TOY("", "<broken></broken>"), "<toy>\n  <name>t</name>\n  <broken/>\n</toy>\n");
        toy_expect(TOY("", "<broken x='1'>no<y/></broken>"),
                   "warning 3 /toy/broken/@x: unknown attribute 'x' is ignored\n"
                   "warning 3 /toy/broken: text inside <broken> has no meaning and is ignored\n"
                   "warning 3 /toy/broken/y: unknown element 'y' is ignored\n");
}

static void test_custom(void)
{
        expect_format(TOY("mac='52:54:0:AB:c:1'", ""),
                      "<toy mac='52:54:00:ab:0c:01'>\n  <name>t</name>\n</toy>\n");
        toy_expect(TOY("mac='zebra'", ""), "error 1 /toy/@mac: 'zebra' is not a MAC address: expected 6 "
                                           "bytes such as 52:54:00:12:34:56\n");
}

/* ---- children ---- */

static void test_in(void)
{
        expect_format(TOY("", "<in preset='round'> x </in>"),
                      "<toy>\n  <name>t</name>\n  <in preset='round'>x</in>\n</toy>\n");
        toy_expect(TOY("", "<in/><in/>"), "error 3 /toy/in[2]: <in> is given twice\n");
        /* A child element with nothing in it leaves no trace. */
        expect_format(TOY("", "<box/>"), "<toy>\n  <name>t</name>\n</toy>\n");
}

static void test_sub(void)
{
        expect_format(TOY("", "<sub label='x'/>"), "<toy>\n  <name>t</name>\n  <sub label='x'/>\n</toy>\n");
        expect_format(TOY("", "<always/>"), "<toy>\n  <name>t</name>\n  <always/>\n</toy>\n");
        toy_expect(TOY("", "<sub/>\n<sub/>"), "error 4 /toy/sub[2]: <sub> is given twice\n");
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("", "<sub label='x'/>"), 0);
        g_autofree char *path = dm_origins_path(d.origins, d.toy.sub),
                        *label = dm_origins_path(d.origins, &d.toy.sub->label);
        g_assert_cmpstr(path, ==, "/toy/sub");
        g_assert_cmpstr(label, ==, "/toy/sub/@label");
}

static void test_sub_of_itself(void)
{
        expect_format(TOY("", "<wheel name='a'><spare name='b'><spare name='c'/></spare></wheel>"),
                      "<toy>\n  <name>t</name>\n  <wheel name='a'>\n    <spare name='b'>\n"
                      "      <spare name='c'/>\n    </spare>\n  </wheel>\n</toy>\n");
}

static void test_list(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("", "<axle>x</axle><wheel name='a'/><note>n</note><axle>y</axle><wheel name='b'/>"),
                 0);
        g_assert_cmpuint(d.toy.parts->len, ==, 4);
        static const char *const names[] = { "a", "b", "x", "y" };
        for (guint i = 0; i < 4; i++) {
                const ToyPart *p = g_ptr_array_index(d.toy.parts, i);
                g_assert_cmpint(p->kind, ==, i < 2 ? 1 : 2);
                g_assert_cmpstr(p->name, ==, names[i]);
        }
        const ToyPart *last = g_ptr_array_index(d.toy.parts, 3);
        g_autofree char *path = dm_origins_path(d.origins, &last->name);
        g_assert_cmpstr(path, ==, "/toy/axle[2]");
        g_autofree char *out = dm_xml_format(&toy_element, &d.toy, 0);
        g_assert_cmpstr(out, ==,
                        "<toy>\n  <name>t</name>\n  <wheel name='a'/>\n  <wheel name='b'/>\n"
                        "  <axle>x</axle>\n  <axle>y</axle>\n  <note>n</note>\n</toy>\n");
}

static void test_when(void)
{
        expect_format(TOY("shape='square'", "<size side='4'/>"),
                      "<toy shape='square'>\n  <name>t</name>\n  <size side='4'/>\n</toy>\n");
        expect_format(TOY("shape='long'", "<size radius='4'/>"),
                      "<toy shape='long'>\n  <name>t</name>\n  <size radius='4'/>\n</toy>\n");
        toy_expect(TOY("shape='square'", "<size radius='4'/>"),
                   "error 3 /toy/size: missing attribute 'side'\n"
                   "warning 3 /toy/size/@radius: unknown attribute 'radius' is ignored\n");
        toy_expect(
                TOY("", "<size side='4'/>"),
                "warning 3 /toy/size: element 'size' has no meaning for this kind of <toy> and is ignored\n");
}

static void test_tag(void)
{
        expect_format(TOY("", "<end mode='b' value='2'/><end value='1' mode='a'/>"),
                      "<toy>\n  <name>t</name>\n  <end mode='a' value='1'/>\n  <end mode='b' "
                      "value='2'/>\n</toy>\n");
        expect_format(TOY("", "<end value='2'/>"),
                      "<toy>\n  <name>t</name>\n  <end mode='b' value='2'/>\n</toy>\n");
        toy_expect(TOY("", "<end mode='a'/><end mode='a'/>"), "error 3 /toy/end[2]: <end> is given twice\n");
        toy_expect(
                TOY("", "<end mode='c'/>"),
                "warning 3 /toy/end: element 'end' has no meaning for this kind of <toy> and is ignored\n");
}

static void test_first(void)
{
        expect_format(TOY("", "<first>1</first><first>2</first>"),
                      "<toy>\n  <name>t</name>\n  <first>1</first>\n</toy>\n");
        toy_expect(TOY("", "<title>1</title><title>2</title>"),
                   "error 3 /toy/title[2]: <title> is given twice\n");
}

/* ---- flags of rows ---- */

static void test_secret(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("secret='s'", ""), 0);
        g_autofree char *plain = dm_xml_format(&toy_element, &d.toy, 0);
        g_autofree char *all = dm_xml_format(&toy_element, &d.toy, DM_XML_FORMAT_SECRET);
        g_assert_cmpstr(plain, ==, "<toy>\n  <name>t</name>\n</toy>\n");
        g_assert_cmpstr(all, ==, "<toy secret='s'>\n  <name>t</name>\n</toy>\n");
}

static void test_runtime(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("runtime='5'", ""), 0);
        g_assert_true(d.ok);
        g_assert_false(d.toy.runtime.set);
        g_assert_cmpuint(dm_findings_count(d.findings), ==, 0);
        g_auto(ToyDoc) status;
        toy_read(&status, TOY("runtime='5'", ""), DM_XML_PARSE_RUNTIME);
        g_assert_cmpuint(status.toy.runtime.value, ==, 5);
        g_autofree char *plain = dm_xml_format(&toy_element, &status.toy, 0);
        g_autofree char *running = dm_xml_format(&toy_element, &status.toy, DM_XML_FORMAT_RUNTIME);
        g_assert_cmpstr(plain, ==, "<toy>\n  <name>t</name>\n</toy>\n");
        g_assert_cmpstr(running, ==, "<toy runtime='5'>\n  <name>t</name>\n</toy>\n");
        /* Required where it is read at all. */
        g_auto(ToyDoc) missing;
        toy_read(&missing, TOY("", ""), DM_XML_PARSE_RUNTIME);
        g_assert_false(missing.ok);
        g_assert_cmpstr(missing.error->message, ==, "missing attribute 'runtime'");
}

/* ---- namespaces, verbatim ---- */

static void test_verbatim(void)
{
        expect_format(
                TOY("xmlns:a='urn:a'", "<metadata><a:b c='1'>x<!-- y --></a:b>\n  <d/></metadata>"),
                "<toy>\n  <name>t</name>\n"
                "  <metadata xmlns:a=\"urn:a\"><a:b c=\"1\">x<!-- y --></a:b>\n  <d/></metadata>\n</toy>\n");
}

static void test_foreign(void)
{
        expect_format(TOY("xmlns:a='urn:a'", "<a:b><c/></a:b><a:d xmlns:e='urn:e' e:f='1'/>"),
                      "<toy>\n  <name>t</name>\n"
                      "  <a:b xmlns:a=\"urn:a\"><c/></a:b>\n  <a:d xmlns:e=\"urn:e\" xmlns:a=\"urn:a\" "
                      "e:f=\"1\"/>\n</toy>\n");
}

static void test_namespace(void)
{
        const char *text =
                "<toy xmlns:x='urn:toy:extra'>\n  <name>t</name>\n"
                "  <x:extra>\n    <x:arg value='-1'/>\n    <x:arg value='2'/>\n  </x:extra>\n</toy>\n";
        expect_format(text, text);
        /* Another prefix, or the default namespace, mean the same. */
        expect_format("<toy><name>t</name><extra xmlns='urn:toy:extra'><arg value='-1'/><arg "
                      "value='2'/></extra></toy>",
                      text);
        toy_expect(TOY("xmlns:x='urn:toy:extra'", "<x:extra><arg value='1'/></x:extra>"),
                   "warning 3 /toy/x:extra/arg: element 'arg' has no meaning for this kind of <extra> and is "
                   "ignored\n");
        toy_expect("<toy xmlns='urn:other'><name>t</name></toy>",
                   "error 1 /toy: <toy> is of the foreign namespace 'urn:other'\n");
}

/* ---- what is wrong ---- */

static void test_refused(void)
{
        toy_expect(
                TOY("bad='1'", "<motor/>\n<motor/>"),
                "error 1 /toy/@bad: understood but not supported: it is bad, use 'good'\n"
                "error 3 /toy/motor[1]: understood but not supported: there is no current; use a spring\n"
                "error 4 /toy/motor[2]: understood but not supported: there is no current; use a spring\n");
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("bad='1'", ""), 0);
        g_assert_error(d.error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_cmpstr(dm_error_path(d.error), ==, "/toy/@bad");
        g_assert_cmpuint(dm_error_line(d.error), ==, 1);
}

static void test_unknown_names(void)
{
        toy_expect(TOY("colour='red' shap='round' ID='1'", ""),
                   "warning 1 /toy/@colour: unknown attribute 'colour' is ignored\n"
                   "warning 1 /toy/@shap: unknown attribute 'shap' is ignored (did you mean 'shape'?)\n"
                   "warning 1 /toy/@ID: unknown attribute 'ID' is ignored (did you mean 'id'?)\n");
        toy_expect(TOY("", "<wheel name='a'\n cuont='1'>\n<sparre/></wheel>\n<wheel name='b' colour='c'/>"),
                   "warning 4 /toy/wheel[1]/@cuont: unknown attribute 'cuont' is ignored (did you mean "
                   "'count'?)\n"
                   "warning 5 /toy/wheel[1]/sparre: unknown element 'sparre' is ignored (did you mean "
                   "'spare'?)\n"
                   "warning 6 /toy/wheel[2]/@colour: unknown attribute 'colour' is ignored\n");
        toy_expect(TOY("", "<title a='1'>x<b/></title>loose"),
                   "warning 3 /toy/title/@a: unknown attribute 'a' is ignored\n"
                   "warning 3 /toy/title/b: unknown element 'b' is ignored\n"
                   "warning 1 /toy: text inside <toy> has no meaning and is ignored\n");
        toy_expect(TOY("xmlns:a='urn:a' a:name='1' xml:space='preserve'", ""),
                   "warning 1 /toy/@a:name: unknown attribute 'a:name' is ignored\n");
}

static void test_strict(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("colour='red' shap='x'", "<name2/>loose"), DM_XML_PARSE_STRICT);
        g_autofree char *found = toy_findings(d.findings);
        g_assert_cmpstr(found, ==,
                        "error 1 /toy/@colour: unknown attribute 'colour'\n"
                        "error 1 /toy/@shap: unknown attribute 'shap' (did you mean 'shape'?)\n"
                        "error 3 /toy/name2: unknown element 'name2' (did you mean 'name'?)\n"
                        "error 1 /toy: text inside <toy> has no meaning\n");
        g_assert_false(d.ok);
}

static void test_check(void)
{
        toy_expect(
                TOY("",
                    "<wheel name='a' shape='square'\ncount='2'/>\n<wheel name='odd'/>\n<axle>nowhere</axle>"),
                "error 4 /toy/wheel[1]/@count: a square part is single, not 2\n"
                "warning 5 /toy/wheel[2]/@name: an odd name\n"
                "error 0 -: no place known\n");
        g_auto(ToyDoc) d;
        toy_read(&d, TOY("", "<wheel name='a' shape='square' count='2'/>"), 0);
        g_assert_error(d.error, DM_ERROR, DM_ERROR_UNSUPPORTED);
}

static void test_root(void)
{
        toy_expect("<game/>", "error 1 /game: the document's root is <game>, expected <toy>\n");
        toy_expect("<toy>", "error 1 -: not well-formed XML: Premature end of data in tag toy line 1\n");
        toy_expect("\n\n<toy><name></toy>",
                   "error 3 -: not well-formed XML: Opening and ending tag mismatch: name line 3 and toy\n");
        toy_expect("", "error 0 -: the document is empty\n");
        toy_expect(" ", "error 1 -: not well-formed XML: Start tag expected, '<' not found\n");
}

/* Everything that is wrong is found, the first error is the result, and what was read can be freed. */
static void test_all_at_once(void)
{
        g_auto(ToyDoc) d;
        toy_read(&d, "<toy id='x' shape='y'>\n<motor/>\n<wheel/><sub label='l'/></toy>", 0);
        g_autofree char *found = toy_findings(d.findings);
        g_assert_cmpstr(
                found, ==,
                "error 1 /toy/@shape: unknown shape 'y' (expected round, square, long)\n"
                "error 1 /toy/@id: 'x' is not a number from 0 to 4294967295\n"
                "error 1 /toy: missing element <name>\n"
                "error 3 /toy/wheel[1]: missing attribute 'name'\n"
                "error 2 /toy/motor: understood but not supported: there is no current; use a spring\n");
        g_assert_cmpstr(d.error->message, ==, "unknown shape 'y' (expected round, square, long)");
        g_assert_cmpstr(d.toy.sub->label, ==, "l");
}

/* Neither origins nor findings nor an error are asked for. */
static void test_nobody_asks(void)
{
        Toy toy = { 0 };
        const char *good = TOY("id='1'", "<sub/>"), *bad = TOY("id='x'", "<sub/><zebra/>");
        g_assert_true(dm_xml_parse(good, strlen(good), &toy_element, 0, &toy, NULL, NULL, NULL));
        g_assert_cmpuint(toy.id.value, ==, 1);
        dm_xml_clear(&toy_element, &toy);
        g_assert_false(dm_xml_parse(bad, strlen(bad), &toy_element, 0, &toy, NULL, NULL, NULL));
        dm_xml_clear(&toy_element, &toy);
        g_assert_null(toy.sub);
}

/* Findings of an earlier document do not count as this one's. */
static void test_shared_findings(void)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(GError) error = NULL;
        Toy toy = { 0 };
        g_assert_false(dm_xml_parse("<x/>", 4, &toy_element, 0, &toy, NULL, findings, NULL));
        const char *good = TOY("", "");
        g_assert_true(dm_xml_parse(good, strlen(good), &toy_element, 0, &toy, NULL, findings, &error));
        g_assert_no_error(error);
        dm_xml_clear(&toy_element, &toy);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/xml/string", test_string);
        g_test_add_func("/conf/xml/string-pieces", test_string_pieces);
        g_test_add_func("/conf/xml/string-escapes", test_string_escapes);
        g_test_add_func("/conf/xml/string-empty", test_string_empty);
        g_test_add_func("/conf/xml/required", test_required);
        g_test_add_func("/conf/xml/enum", test_enum);
        g_test_add_func("/conf/xml/enum-preset", test_enum_preset);
        g_test_add_func("/conf/xml/u32", test_u32);
        g_test_add_func("/conf/xml/hex", test_hex);
        g_test_add_func("/conf/xml/u64", test_u64);
        g_test_add_func("/conf/xml/i64", test_i64);
        g_test_add_func("/conf/xml/units", test_units);
        g_test_add_func("/conf/xml/unit-names", test_unit_names);
        g_test_add_func("/conf/xml/units-bad", test_units_bad);
        g_test_add_func("/conf/xml/flag", test_flag);
        g_test_add_func("/conf/xml/custom", test_custom);
        g_test_add_func("/conf/xml/in", test_in);
        g_test_add_func("/conf/xml/sub", test_sub);
        g_test_add_func("/conf/xml/sub-of-itself", test_sub_of_itself);
        g_test_add_func("/conf/xml/list", test_list);
        g_test_add_func("/conf/xml/when", test_when);
        g_test_add_func("/conf/xml/tag", test_tag);
        g_test_add_func("/conf/xml/first", test_first);
        g_test_add_func("/conf/xml/secret", test_secret);
        g_test_add_func("/conf/xml/runtime", test_runtime);
        g_test_add_func("/conf/xml/verbatim", test_verbatim);
        g_test_add_func("/conf/xml/foreign", test_foreign);
        g_test_add_func("/conf/xml/namespace", test_namespace);
        g_test_add_func("/conf/xml/refused", test_refused);
        g_test_add_func("/conf/xml/unknown-names", test_unknown_names);
        g_test_add_func("/conf/xml/strict", test_strict);
        g_test_add_func("/conf/xml/check", test_check);
        g_test_add_func("/conf/xml/root", test_root);
        g_test_add_func("/conf/xml/all-at-once", test_all_at_once);
        g_test_add_func("/conf/xml/nobody-asks", test_nobody_asks);
        g_test_add_func("/conf/xml/shared-findings", test_shared_findings);
        return g_test_run();
}
