/* Huge pages of the host: what its lists of mounts and of memory say. */
#include "qemu/run_memory.h"

#define MIB     (G_GUINT64_CONSTANT(1) << 20)
#define MEMINFO "MemTotal: 1 kB\nHugepagesize:       2048 kB\n"

static void assert_mounts(const char *mounts, const char *meminfo, const char *expected)
{
        g_autoptr(GArray) list = dm_huge_mounts(mounts, meminfo);
        g_autoptr(GString) s = g_string_new(NULL);
        for (const DmHugeDir *h = (const DmHugeDir *)list->data; h->size; h++)
                g_string_append_printf(s, "%" G_GUINT64_FORMAT ":%s\n", h->size / 1024, h->dir);
        g_assert_cmpstr(s->str, ==, expected);
}

static void test_none(void)
{
        assert_mounts(NULL, NULL, "");
        assert_mounts("", MEMINFO, "");
        assert_mounts("proc /proc proc rw 0 0\nhugetlbfs\nnone /x hugetlbfs\n", MEMINFO, "");
}

static void test_default(void)
{
        assert_mounts("h /huge hugetlbfs rw,relatime 0 0\n", MEMINFO, "2048:/huge\n");
        /* Nothing tells how large its pages are. */
        assert_mounts("h /huge hugetlbfs rw,relatime 0 0\n", NULL, "");
        assert_mounts("h /huge hugetlbfs rw 0 0\n", "Hugepagesize: 99999999999999999999 kB\n", "");
}

/* The default size comes first wherever it is mounted; of two with one size the first counts. */
static void test_order(void)
{
        assert_mounts("h /1g hugetlbfs rw,pagesize=1024M 0 0\n"
                      "h /dev/a\\040b hugetlbfs rw,pagesize=2M,mode=1 0 0\n"
                      "h /again hugetlbfs rw,pagesize=2048K 0 0\n",
                      MEMINFO, "2048:/dev/a b\n1048576:/1g\n");
        assert_mounts("h /a hugetlbfs pagesize=1G 0 0\nh /b hugetlbfs pagesize=33554432 0 0\n", NULL,
                      "1048576:/a\n32768:/b\n");
        assert_mounts("h /a hugetlbfs pagesize=99999999999999G 0 0\nh /b hugetlbfs pagesize=x 0 0\n", NULL,
                      "");
}

/* What this machine has is what it says itself. */
static void test_load(void)
{
        g_autofree char *mounts = NULL, *meminfo = NULL;
        g_assert_true(g_file_get_contents("/proc/self/mounts", &mounts, NULL, NULL));
        g_assert_true(g_file_get_contents("/proc/meminfo", &meminfo, NULL, NULL));
        g_autoptr(GArray) expected = dm_huge_mounts(mounts, meminfo), list = dm_huge_mounts_load();
        g_assert_cmpuint(list->len, ==, expected->len);
        for (guint i = 0; i < list->len; i++)
                g_assert_cmpstr(g_array_index(list, DmHugeDir, i).dir, ==,
                                g_array_index(expected, DmHugeDir, i).dir);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/run-memory/none", test_none);
        g_test_add_func("/qemu/run-memory/default", test_default);
        g_test_add_func("/qemu/run-memory/order", test_order);
        g_test_add_func("/qemu/run-memory/load", test_load);
        return g_test_run();
}
