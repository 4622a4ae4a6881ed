/* The domain document, by examples.  tests/data/xml/NAME.xml is read without any finding and written as it
 * stands, or as NAME.out.xml when that exists.  tests/data/err/NAME.xml gives exactly the findings in
 * NAME.err.  UPDATE=1 rewrites what is expected; the diff is to be read. */
#include "domain_files.h"

#include "conf/domain_disk.h"

#define ALL DM_XML_FORMAT_SECRET

static DmDomain *parse(const char *text, DmFindings *findings)
{
        g_autoptr(GError) error = NULL;
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, findings, &error);
        g_assert_true(!d == !!error);
        return d;
}

static void test_good(const void *data)
{
        g_autofree char *path = data_path("xml", data), *in = g_strconcat(path, ".xml", NULL),
                        *other = g_strconcat(path, ".out.xml", NULL), *text = data_read(in);
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmDomain) d = parse(text, findings);
        g_autofree char *found = findings_text(findings);
        g_assert_cmpstr(found, ==, "");
        g_autofree char *out = dm_domain_format(d, ALL);
        gboolean changed = g_file_test(other, G_FILE_TEST_EXISTS);
        if (g_getenv("UPDATE") && strcmp(out, text) != 0)
                expect_file(other, out);
        else
                expect_file(changed ? other : in, out);

        g_autoptr(DmDomain) again = parse(out, NULL), copy = dm_domain_copy(d);
        g_autofree char *second = dm_domain_format(again, ALL), *copied = dm_domain_format(copy, ALL);
        g_autofree char *difference = dm_xml_difference(&dm_domain_element, d, again, 0);
        g_assert_cmpstr(second, ==, out);
        g_assert_cmpstr(copied, ==, out);
        g_assert_cmpstr(difference, ==, NULL);
}

static void test_bad(const void *data)
{
        g_autofree char *path = data_path("err", data), *in = g_strconcat(path, ".xml", NULL),
                        *expected = g_strconcat(path, ".err", NULL), *text = data_read(in);
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmDomain) d = parse(text, findings);
        g_autofree char *found = findings_text(findings);
        g_assert_cmpstr(found, !=, "");
        expect_file(expected, found);
}

/* ---- the object ---- */

static const char small[] = "<domain type='qemu'><name>t</name><memory>1</memory><devices>"
                            "<disk><source file='/a'/><target dev='hda'/></disk>"
                            "<disk><source file='/b'/><target dev='hdb'/></disk></devices></domain>";

static void test_devices(void)
{
        g_autoptr(DmDomain) d = parse(small, NULL);
        g_assert_cmpuint(dm_domain_count(d, DM_DEVICE_DISK), ==, 2);
        DmDisk *b = dm_domain_device(d, DM_DEVICE_DISK, 1);
        g_assert_cmpstr(b->dst, ==, "hdb");
        g_assert_null(dm_domain_device(d, DM_DEVICE_DISK, 2));
        g_autofree char *name = dm_device_describe(&b->dev);
        g_assert_cmpstr(name, ==, "disk hdb");
        DmDevice *controller = dm_domain_add_device(d, DM_DEVICE_CONTROLLER);
        DmDevice *disk = dm_domain_add_device(d, DM_DEVICE_DISK);
        g_assert_true(dm_domain_device(d, DM_DEVICE_DISK, 2) == disk);
        g_assert_true(g_ptr_array_index(d->devices, 3) == controller);
        g_autofree char *nameless = dm_device_describe(disk);
        g_assert_cmpstr(nameless, ==, "disk");
        g_assert_true(dm_origins_given(d->origins, &b->dst));
        dm_domain_remove_device(d, &b->dev);
        g_assert_false(dm_origins_given(d->origins, &b->dst));
        g_assert_cmpuint(dm_domain_count(d, DM_DEVICE_DISK), ==, 2);
        unsigned n = 0;
        DM_FOREACH_DEVICE (d, device)
                n += device->kind == DM_DEVICE_DISK;
        g_assert_cmpuint(n, ==, 2);
}

static void test_references(void)
{
        DmDomain *d = parse(small, NULL), *same = dm_domain_ref(d);
        g_assert_true(same == d);
        dm_domain_unref(d);
        g_assert_cmpstr(same->name, ==, "t");
        dm_domain_unref(same);
        dm_domain_unref(NULL);
}

/* An error in a rule between devices is the result, whether or not anybody listens to the findings. */
static void test_check_result(void)
{
        const char *text =
                "<domain "
                "type='qemu'><name>t</name><memory>1</memory><currentMemory>2</currentMemory></domain>";
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_domain_parse(text, strlen(text), 0, NULL, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_XML);
        g_assert_nonnull(
                strstr(error->message, "the current memory, 2 KiB, is more than the 1 KiB of <memory>"));
        g_assert_cmpstr(dm_error_path(error), ==, "/domain/currentMemory");
        g_autoptr(DmFindings) findings = dm_findings_new();
        dm_findings_add(findings, DM_SEVERITY_ERROR, DM_ERROR_BUSY, 0, NULL, "of another document");
        g_autoptr(DmDomain) d = parse(small, findings);
        g_assert_nonnull(d);
}

static void test_strict(void)
{
        const char *text = "<domain type='qemu'><name>t</name><memory>1</memory><zebra/></domain>";
        g_autoptr(GError) error = NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text, strlen(text), 0, NULL, &error);
        g_assert_no_error(error);
        g_assert_null(dm_domain_parse(text, strlen(text), DM_XML_PARSE_STRICT, NULL, &error));
        g_assert_cmpstr(error->message, ==, "unknown element 'zebra'");
}

static void add(const char *group, const char *dir, void (*test)(const void *))
{
        g_autoptr(GPtrArray) names = data_names(dir, ".xml", ".out.xml");
        for (guint i = 0; i < names->len; i++) {
                const char *name = names->pdata[i];
                g_autofree char *path = g_strdup_printf("/conf/domain/%s/%s", group, name);
                g_test_add_data_func_full(path, g_strdup(name), (GTestDataFunc)test, g_free);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        add("good", "xml", test_good);
        add("bad", "err", test_bad);
        g_test_add_func("/conf/domain/devices", test_devices);
        g_test_add_func("/conf/domain/references", test_references);
        g_test_add_func("/conf/domain/check-result", test_check_result);
        g_test_add_func("/conf/domain/strict", test_strict);
        return g_test_run();
}
