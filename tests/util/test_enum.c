#include "util/enum.h"

typedef enum Fruit { FRUIT_UNSET, FRUIT_APPLE, FRUIT_HOLE, FRUIT_PEAR, FRUIT_VIRTIO_SCSI } Fruit;

DM_ENUM_TABLE(
        fruit,
        "kind of fruit", [FRUIT_APPLE] = "apple", [FRUIT_PEAR] = "pear", [FRUIT_VIRTIO_SCSI] = "virtio-scsi");

static void test_names(void)
{
        g_assert_cmpstr(fruit.what, ==, "kind of fruit");
        g_assert_cmpint(fruit.n, ==, FRUIT_VIRTIO_SCSI + 1);
        g_assert_cmpstr(dm_enum_name(&fruit, FRUIT_APPLE), ==, "apple");
        g_assert_cmpstr(dm_enum_name(&fruit, FRUIT_VIRTIO_SCSI), ==, "virtio-scsi");
        g_assert_null(dm_enum_name(&fruit, FRUIT_UNSET));
        g_assert_null(dm_enum_name(&fruit, FRUIT_HOLE));
        g_assert_null(dm_enum_name(&fruit, fruit.n));
        g_assert_null(dm_enum_name(&fruit, -1));
        g_assert_null(dm_enum_name(&fruit, G_MAXINT));
}

static void test_values(void)
{
        g_assert_cmpint(dm_enum_value(&fruit, "apple"), ==, FRUIT_APPLE);
        g_assert_cmpint(dm_enum_value(&fruit, "virtio-scsi"), ==, FRUIT_VIRTIO_SCSI);
        static const char *const none[] = { "", "Apple", "appl", "apple ", "apples", "unset", "(null)" };
        for (gsize i = 0; i < G_N_ELEMENTS(none); i++)
                g_assert_cmpint(dm_enum_value(&fruit, none[i]), ==, -1);
        for (int value = 1; value < fruit.n; value++)
                if (dm_enum_name(&fruit, value))
                        g_assert_cmpint(dm_enum_value(&fruit, dm_enum_name(&fruit, value)), ==, value);
}

static void test_list(void)
{
        g_autofree char *list = dm_enum_list(&fruit);
        g_assert_cmpstr(list, ==, "apple, pear, virtio-scsi");
        static const char *const nothing[] = { NULL };
        const DmEnum empty = { "nothing", nothing, 1 };
        g_autofree char *none = dm_enum_list(&empty);
        g_assert_cmpstr(none, ==, "");
        g_assert_cmpint(dm_enum_value(&empty, ""), ==, -1);
}

static void test_nearest(void)
{
        static const char *const names[] = { "disk", "interface",
                                             "ide",  "memballoon",
                                             "on",   "a-name-of-more-than-forty-characters-in-all",
                                             NULL };
        static const struct {
                const char *given, *nearest;
        } cases[] = {
                { "disk", "disk" },
                { "DISK", "disk" },
                { "dsik", "disk" }, /* two changes */
                { "dis", "disk" },  /* short: one change is near */
                { "dixx", "disk" }, /* two of four letters still count */
                { "interfaec", "interface" },
                { "intrface", "interface" },
                { "intxxxface", NULL },
                { "memballon", "memballoon" },
                { "iDe", "ide" },
                { "idx", "ide" },
                { "xdx", NULL }, /* two changes of three letters is another word */
                { "", NULL },
                { "a-name-of-more-than-forty-characters-in-alx", NULL }, /* too long to compare */
                { "a-name-of-more-than-forty-characters", NULL },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
                g_assert_cmpstr(dm_nearest_name(cases[i].given, names), ==, cases[i].nearest);
}

/* The nearest of several wins, the first of equals, and a difference in case only beats all. */
static void test_nearest_choice(void)
{
        static const char *const names[] = { "abcdef", "abcdeg", "abxdef", "ABCDEH", NULL };
        g_assert_cmpstr(dm_nearest_name("abxdeg", names), ==, "abcdeg");
        g_assert_cmpstr(dm_nearest_name("abcdez", names), ==, "abcdef");
        g_assert_cmpstr(dm_nearest_name("abcdeh", names), ==, "ABCDEH");
        g_assert_true(dm_nearest_name("abxdef", names) == names[2]); /* borrowed, not copied */
        static const char *const none[] = { NULL };
        g_assert_null(dm_nearest_name("abc", none));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/enum/names", test_names);
        g_test_add_func("/util/enum/values", test_values);
        g_test_add_func("/util/enum/list", test_list);
        g_test_add_func("/util/enum/nearest", test_nearest);
        g_test_add_func("/util/enum/nearest-choice", test_nearest_choice);
        return g_test_run();
}
