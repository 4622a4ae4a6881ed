/* Capabilities against what the kernel says of them in /proc. */
#include "util/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/file.h"

/* A set of the calling thread, "CapEff" and so on. */
static guint64 kernel_set(const char *name)
{
        g_autofree char *status = NULL;
        g_assert_true(dm_file_read("/proc/thread-self/status", 65536, &status, NULL, NULL));
        const char *line = strstr(status, name);
        g_assert_nonnull(line);
        return g_ascii_strtoull(line + strlen(name) + 1, NULL, 16);
}

static void assert_agrees(void)
{
        guint64 effective = kernel_set("CapEff");
        for (unsigned i = 0; i < 64; i++)
                g_assert_cmpint(dm_privilege_have(i), ==, effective >> i & 1);
        g_assert_false(dm_privilege_have(64));
        g_assert_false(dm_privilege_have(G_MAXUINT));
}

static gpointer in_thread(gpointer data)
{
        assert_agrees();
        return data;
}

static void test_have(void)
{
        assert_agrees();
        g_assert_true(g_thread_join(g_thread_new("caps", in_thread, &in_thread)) == &in_thread);
}

static void test_describe(void)
{
        g_autofree char *text = dm_privilege_describe();
        guint64 effective = kernel_set("CapEff");
        if (effective == 0) {
                g_assert_cmpstr(text, ==, "none");
                return;
        }
        g_auto(GStrv) names = g_strsplit(text, ", ", -1);
        guint64 described = 0;
        for (char **name = names; *name; name++) {
                int capability = capng_name_to_capability(*name);
                described |= G_GUINT64_CONSTANT(1)
                             << (capability >= 0 ? capability : (int)g_ascii_strtoll(*name, NULL, 10));
        }
        g_assert_cmphex(described, ==, effective);
}

/* Capabilities belong to threads: this one keeps a single one, then none, and its process all it had. */
static gpointer with_net_admin_only(gpointer data)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct sets[2] = { { 1u << CAP_NET_ADMIN, 1u << CAP_NET_ADMIN, 0 }, { 0 } };
        g_assert_cmpint(syscall(SYS_capset, &header, sets), ==, 0);
        assert_agrees();
        g_assert_true(dm_privilege_have(CAP_NET_ADMIN));
        g_autofree char *text = dm_privilege_describe();
        g_assert_cmpstr(text, ==, "net_admin");
        DmPrivilegeDrop drop;
        g_assert_true(dm_privilege_prepare_drop(&drop, NULL));
        g_assert_cmphex(drop.bounding, ==, 0); /* without CAP_SETPCAP it stays */
        g_assert_true(drop.keeps_bounding);
        g_assert_cmpint(dm_privilege_drop_bounding(&drop), ==, 0);
        g_assert_cmpint(dm_privilege_drop_sets(), ==, 0);
        g_assert_cmphex(kernel_set("CapPrm"), ==, 0);
        g_assert_false(dm_privilege_have(CAP_NET_ADMIN));
        g_autofree char *none = dm_privilege_describe();
        g_assert_cmpstr(none, ==, "none");
        return data;
}

static void test_one_thread(void)
{
        if (!dm_privilege_have(CAP_NET_ADMIN)) {
                g_test_skip("needs root, who has something to give up");
                return;
        }
        guint64 before = kernel_set("CapEff");
        g_assert_nonnull(g_thread_join(g_thread_new("caps", with_net_admin_only, &before)));
        g_assert_cmphex(kernel_set("CapEff"), ==, before);
        assert_agrees();
}

static gpointer drop_all(gpointer data)
{
        DmPrivilegeDrop drop;
        g_assert_true(dm_privilege_prepare_drop(&drop, NULL));
        g_assert_cmphex(drop.bounding, ==, kernel_set("CapBnd"));
        g_assert_false(drop.keeps_bounding);
        g_assert_cmpint(dm_privilege_drop_bounding(&drop), ==, 0);
        g_assert_cmphex(kernel_set("CapBnd"), ==, 0);
        g_assert_cmphex(kernel_set("CapEff"), !=, 0);
        g_assert_cmpint(dm_privilege_drop_sets(), ==, 0);
        static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
        for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
                g_assert_cmphex(kernel_set(sets[i]), ==, 0);
        g_assert_true(dm_privilege_prepare_drop(&drop, NULL)); /* nothing left to drop */
        g_assert_cmphex(drop.bounding, ==, 0);
        g_assert_false(drop.keeps_bounding);
        drop.bounding = 1; /* and what the kernel refuses is said */
        g_assert_cmpint(dm_privilege_drop_bounding(&drop), ==, EPERM);
        return data;
}

static void test_drop(void)
{
        if (!dm_privilege_have(CAP_SETPCAP)) {
                g_test_skip("needs root, who has something to give up");
                return;
        }
        g_assert_nonnull(g_thread_join(g_thread_new("caps", drop_all, &drop_all)));
        g_assert_true(dm_privilege_have(CAP_SETPCAP)); /* the others keep theirs */
}

/* The program that embeds us may be in the middle of using libcap-ng itself. */
static void test_foreign_state(void)
{
        capng_clear(CAPNG_SELECT_BOTH);
        g_assert_cmpint(capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_KILL), ==, 0);
        dm_privilege_have(CAP_CHOWN);
        g_autofree char *text = dm_privilege_describe();
        DmPrivilegeDrop drop;
        g_assert_true(dm_privilege_prepare_drop(&drop, NULL));
        g_assert_cmpint(capng_have_capability(CAPNG_EFFECTIVE, CAP_KILL), ==, 1);
        g_assert_cmpint(capng_have_capability(CAPNG_EFFECTIVE, CAP_CHOWN), ==, 0);
        g_assert_cmpint(capng_have_capability(CAPNG_BOUNDING_SET, CAP_CHOWN), ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/privilege/have", test_have);
        g_test_add_func("/util/privilege/describe", test_describe);
        g_test_add_func("/util/privilege/foreign-state", test_foreign_state);
        g_test_add_func("/util/privilege/one-thread", test_one_thread);
        g_test_add_func("/util/privilege/drop", test_drop);
        return g_test_run();
}
