/* Domain documents that want to hurt (see test_xml_limits.c for the engine): the tables of a domain are
 * longer than those of a toy, and there are rules between devices. */
#include "bounded.h"
#include "conf/domain.h"

static char *read_domain(const GString *text)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text->str, text->len, 0, findings, &error);
        if (d) {
                g_autofree char *out = dm_domain_format(d, 0);
                g_assert_nonnull(out);
        }
        return error ? g_strdup(error->message) : NULL;
}

/* @n times @what inside @parent (NULL: in the root). */
static void expect_many(const char *parent, const char *what, unsigned n, const char *expected)
{
        g_autoptr(GString) s = g_string_new("<domain><name>n</name><memory>1</memory>");
        if (parent)
                g_string_append_printf(s, "<%s>", parent);
        for (unsigned i = 0; i < n; i++)
                g_string_append(s, what);
        if (parent)
                g_string_append_printf(s, "</%s>", parent);
        g_string_append(s, "</domain>");
        expect_bounded_by(read_domain, s, expected);
}

static void test_unknown(void)
{
        expect_many(NULL, "<zebra/>", 1000000, "");
        expect_many("devices", "<zebra/>", 1000000, "");
        expect_many("features", "<zebra/>", 1000000, "");
}

static void test_known(void)
{
        expect_many("devices", "<emulator/>", 1000000, "");
        expect_many("devices", "<disk/>", 1000000, "missing element <target>");
        expect_many("devices", "<panic/>", 8192, "");
        expect_many("devices", "<panic/>", 1000000, "more than 8192 elements of this kind");
        expect_many("os", "<boot dev='hd'/>", 500000, "more than 8192 elements");
        expect_many("cpu", "<feature name='x'/>", 500000, "more than 8192 elements");
}

/* 8192 devices, each with 100 things in it, all in conflict with each other. */
static void test_conflicts(void)
{
        g_autoptr(GString) disk =
                g_string_new("<interface type='user'><address type='pci' bus='0' slot='1'/>");
        for (int i = 0; i < 40; i++)
                g_string_append(disk, "<ip address='1.2.3.4'/>");
        g_string_append(disk, "</interface>");
        expect_many("devices", disk->str, 8192, "the address 0000:00:01.0 is already taken by interface");
}

/* A chain of backing files as deep as documents may be. */
static void test_chain(void)
{
        g_autoptr(GString) s = g_string_new("<domain><name>n</name><memory>1</memory><devices><disk>"
                                            "<source file='/a'/><target dev='vda'/>");
        for (int i = 0; i < 250; i++)
                g_string_append(s, "<backingStore type='file'><format type='raw'/><source file='/b'/>");
        for (int i = 0; i < 250; i++)
                g_string_append(s, "</backingStore>");
        g_string_append(s, "</disk></devices></domain>");
        expect_bounded_by(read_domain, s, "");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/domain-limits/unknown", test_unknown);
        g_test_add_func("/conf/domain-limits/known", test_known);
        g_test_add_func("/conf/domain-limits/conflicts", test_conflicts);
        g_test_add_func("/conf/domain-limits/chain", test_chain);
        return g_test_run();
}
