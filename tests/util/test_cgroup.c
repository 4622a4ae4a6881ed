/* Control groups: parsing on sample texts, choosing on directories that look like hierarchies, and everything
 * once more on the hierarchies of this machine as far as they are writable. */
#include "util/cgroup.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/process.h"
#include "util/file.h"

static const DmCgroupPlace *place(GPtrArray *places, const char *controllers)
{
        for (guint i = 0; i < places->len; i++) {
                const DmCgroupPlace *p = g_ptr_array_index(places, i);
                if (strcmp(p->controllers, controllers) == 0)
                        return p;
        }
        g_error("no place for '%s'", controllers);
}

static void assert_dir(GPtrArray *places, const char *controllers, const char *dir)
{
        const DmCgroupPlace *p = place(places, controllers);
        g_assert_cmpstr(p->dir, ==, dir);
        g_assert_null(p->why);
}

static void assert_why(GPtrArray *places, const char *controllers, const char *why)
{
        const DmCgroupPlace *p = place(places, controllers);
        g_assert_null(p->dir);
        g_assert_cmpstr(p->why, ==, why);
}

/* ---- parsing ---- */

static void test_parse_v2(void)
{
        g_autoptr(GPtrArray) places = dm_cgroup_parse(
                "0::/system.slice/domus d.service\n",
                "22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
                "28 22 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 "
                "rw,nsdelegate,memory_recursiveprot\n"
                "29 22 0:26 / /sys/fs/pstore rw shared:11 - pstore pstore rw\n");
        g_assert_cmpuint(places->len, ==, 1);
        g_assert_true(place(places, "")->unified);
        g_assert_cmpstr(place(places, "")->path, ==, "/system.slice/domus d.service");
        assert_dir(places, "", "/sys/fs/cgroup/system.slice/domus d.service");
}

static void test_parse_v1(void)
{
        g_autoptr(GPtrArray) places = dm_cgroup_parse(
                "12:cpuset:/\n"
                "4:cpu,cpuacct:/user.slice\n"
                "3:memory:/a:b\n"
                "2:pids:/lost\n"
                "1:name=systemd:/user.slice/session-1.scope\n",
                "30 25 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755\n"
                "31 30 0:27 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd\n"
                "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                "34 30 0:30 / /sys/fs/cgroup/cpuset rw shared:16 master:2 propagate_from:1 - cgroup cgroup "
                "rw,cpuset\n"
                "35 30 0:31 / /sys/fs/cgroup/mem\\040ory rw shared:17 - cgroup cgroup rw,memory\n");
        g_assert_cmpuint(places->len, ==, 5);
        g_assert_false(place(places, "cpuset")->unified);
        assert_dir(places, "cpuset", "/sys/fs/cgroup/cpuset");
        assert_dir(places, "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/user.slice");
        assert_dir(places, "memory", "/sys/fs/cgroup/mem ory/a:b");
        assert_dir(places, "name=systemd", "/sys/fs/cgroup/systemd/user.slice/session-1.scope");
        assert_why(places, "pids", "its hierarchy is not mounted");
}

/* Both at once; and a controller whose name begins another's. */
static void test_parse_hybrid(void)
{
        g_autoptr(GPtrArray) places =
                dm_cgroup_parse("5:cpu:/x\n4:cpuset:/y\n1:name=systemd:/z\n0::/z\n",
                                "1 0 0:1 / /c/cpuset rw - cgroup cgroup rw,cpuset\n"
                                "2 0 0:2 / /c/cpu rw - cgroup cgroup rw,cpu\n"
                                "3 0 0:3 / /c/unified rw - cgroup2 cgroup2 rw\n"
                                "4 0 0:4 / /c/systemd rw - cgroup cgroup rw,name=systemd\n");
        assert_dir(places, "cpu", "/c/cpu/x");
        assert_dir(places, "cpuset", "/c/cpuset/y");
        assert_dir(places, "name=systemd", "/c/systemd/z");
        assert_dir(places, "", "/c/unified/z");
}

/* Containers: a mount that shows a part, a path outside of the namespace, a part that is not ours. */
static void test_parse_container(void)
{
        static const char mounts[] =
                "1 0 0:1 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n"
                "2 0 0:2 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
                "3 0 0:3 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
                "4 0 0:4 /.. /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw\n";
        g_autoptr(GPtrArray) places = dm_cgroup_parse(
                "3:pids:/docker/abc/sub\n2:memory:/docker/abc\n1:cpu:/docker/abcdef\n0::/../other\n", mounts);
        assert_dir(places, "pids", "/sys/fs/cgroup/pids/sub");
        assert_dir(places, "memory", "/sys/fs/cgroup/memory");
        assert_why(places, "cpu", "what is mounted does not show it");
        assert_why(places, "", "it is outside of this cgroup namespace");

        /* mounted twice: the part that shows it, and of two that do the later one */
        g_autoptr(GPtrArray) twice = dm_cgroup_parse("0::/a/b\n", "1 0 0:1 / /first rw - cgroup2 none rw\n"
                                                                  "2 0 0:1 /a /second rw - cgroup2 none rw\n"
                                                                  "3 0 0:1 /x /third rw - cgroup2 none rw\n");
        assert_dir(twice, "", "/second/b");
}

static void test_parse_odd(void)
{
        g_autoptr(GPtrArray) none = dm_cgroup_parse("", "");
        g_assert_cmpuint(none->len, ==, 0);
        g_autoptr(GPtrArray) odd =
                dm_cgroup_parse("\nnonsense\n1:cpu\n1:cpu:relative\n::/\n0::/gone (deleted)\n7:x:/",
                                "\n1 2 3\n1 0 0:1 / /x rw - cgroup\n- - - - - - - -\n"
                                "1 0 0:1 / /c rw cgroup cgroup2 rw\n");
        g_assert_cmpuint(odd->len, ==, 3);
        assert_why(odd, "x", "its hierarchy is not mounted");
        const DmCgroupPlace *deleted = g_ptr_array_index(odd, 1);
        g_assert_true(deleted->unified);
        g_assert_cmpstr(deleted->why, ==, "it was removed");
}

static void test_own_places(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) places = dm_cgroup_own_places(&error);
        g_assert_no_error(error);
        g_autofree char *own = g_strdup_printf("%d", (int)getpid());
        for (guint i = 0; i < places->len; i++) {
                const DmCgroupPlace *p = g_ptr_array_index(places, i);
                g_assert_true((p->dir == NULL) != (p->why == NULL));
                if (!p->dir)
                        continue;
                g_autofree char *path = g_build_filename(p->dir, "cgroup.procs", NULL);
                g_autofree char *text = NULL;
                g_assert_true(dm_file_read(path, 1 << 20, &text, NULL, NULL));
                g_auto(GStrv) pids = g_strsplit(text, "\n", -1);
                g_assert_true(g_strv_contains((const char *const *)pids, own)); /* there we are */
        }
}

/* ---- choosing ---- */

typedef struct Fake {
        char *dir;
        GPtrArray *places;
} Fake;

/* Plain directories: v2 with @v2_controllers, v1 cpu and freezer. */
static void fake_init(Fake *f, const char *v2_controllers)
{
        f->dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        static const char *const names[] = { "v2/own", "cpu/own", "freezer/own" };
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *dir = g_build_filename(f->dir, names[i], NULL);
                g_autofree char *procs = g_build_filename(dir, "cgroup.procs", NULL);
                g_assert_true(dm_make_dirs(dir, 0755, NULL));
                g_assert_true(dm_file_write_atomic(procs, "", 0, 0644, DM_FILE_PLAIN, NULL));
        }
        g_autofree char *controllers = g_build_filename(f->dir, "v2/own/cgroup.controllers", NULL);
        g_autofree char *text = g_strconcat(v2_controllers, "\n", NULL);
        g_assert_true(dm_file_write_atomic(controllers, text, strlen(text), 0644, DM_FILE_PLAIN, NULL));
        g_autofree char *mounts = g_strdup_printf("1 0 0:1 / %s/v2 rw - cgroup2 none rw\n"
                                                  "2 0 0:2 / %s/cpu rw - cgroup none rw,cpu\n"
                                                  "3 0 0:3 / %s/freezer rw - cgroup none rw,freezer\n",
                                                  f->dir, f->dir, f->dir);
        f->places = dm_cgroup_parse("3:freezer:/own\n2:cpu:/own\n0::/own\n", mounts);
}

static void fake_clear(Fake *f)
{
        g_assert_true(dm_remove_tree(f->dir, NULL));
        g_free(f->dir);
        g_ptr_array_unref(f->places);
}

static void fake_lose(Fake *f, const char *name)
{
        g_autofree char *dir = g_build_filename(f->dir, name, "own", NULL);
        g_assert_true(dm_remove_tree(dir, NULL));
}

/* The group's directories relative to the fake, blank-separated. */
static void assert_dirs(Fake *f, const DmCgroup *g, const char *expected)
{
        g_autoptr(GString) text = g_string_new(NULL);
        for (const char *const *dir = dm_cgroup_dirs(g); *dir; dir++) {
                g_assert_true(g_str_has_prefix(*dir, f->dir));
                g_assert_true(g_file_test(*dir, G_FILE_TEST_IS_DIR));
                g_string_append_printf(text, "%s%s", text->len ? " " : "", *dir + strlen(f->dir) + 1);
        }
        g_assert_cmpstr(text->str, ==, expected);
}

static DmCgroup *create(GPtrArray *places, const char *name, const char *const *controllers)
{
        g_autofree char *why = NULL;
        DmCgroup *g = dm_cgroup_create(places, name, controllers, &why);
        if (!g)
                g_error("no cgroup: %s", why);
        return g;
}

static void test_choose(void)
{
        Fake f;
        fake_init(&f, "cpuset cpu io memory");
        g_autoptr(DmCgroup) v2 = create(f.places, "guest", NULL);
        assert_dirs(&f, v2, "v2/own/guest");
        g_assert_true(dm_cgroup_unified(v2));
        g_assert_cmpint(dm_cgroup_fd(v2), >=, 0);
        fake_clear(&f);

        fake_init(&f, "hugetlb misc");
        g_autoptr(DmCgroup) v1 = create(f.places, "guest", NULL);
        assert_dirs(&f, v1, "freezer/own/guest cpu/own/guest");
        g_assert_false(dm_cgroup_unified(v1));
        g_assert_cmpint(dm_cgroup_fd(v1), ==, -1);
        g_autoptr(DmCgroup) one = create(f.places, "guest2", (const char *const[]){ "cpu", "memory", NULL });
        assert_dirs(&f, one, "cpu/own/guest2");
        fake_lose(&f, "cpu");
        g_autoptr(DmCgroup) rest = create(f.places, "guest3", NULL);
        assert_dirs(&f, rest, "freezer/own/guest3");
        fake_lose(&f, "freezer");
        g_autoptr(DmCgroup) bare = create(f.places, "guest4", NULL);
        assert_dirs(&f, bare, "v2/own/guest4");
        g_assert_true(dm_cgroup_unified(bare));
        fake_clear(&f);
}

static void assert_none(GPtrArray *places, const char *name, const char *const *controllers, const char *text)
{
        g_autofree char *why = NULL;
        g_assert_null(dm_cgroup_create(places, name, controllers, &why));
        if (!strstr(why, text))
                g_error("'%s' is not in '%s'", text, why);
}

static void test_choose_none(void)
{
        Fake f;
        fake_init(&f, "");
        assert_none(f.places, "", NULL, "'' cannot be the name of a cgroup");
        assert_none(f.places, "a/b", NULL, "'a/b' cannot be the name of a cgroup");
        assert_none(f.places, "..", NULL, "'..' cannot be the name of a cgroup");
        fake_lose(&f, "cpu");
        fake_lose(&f, "freezer");
        fake_lose(&f, "v2");
        assert_none(f.places, "guest", NULL,
                    "/freezer/own': not writable (No such file or directory); cgroup cpu '");
        assert_none(f.places, "guest", NULL, "; cgroup v2 '");
        fake_clear(&f);

        fake_init(&f, "memory"); /* a group of that name in use */
        g_autofree char *dir = g_build_filename(f.dir, "v2/own/guest", NULL);
        g_autofree char *procs = g_build_filename(dir, "cgroup.procs", NULL);
        g_assert_true(dm_make_dirs(dir, 0755, NULL));
        g_assert_true(dm_file_write_atomic(procs, "17\n", 3, 0644, DM_FILE_PLAIN, NULL));
        assert_none(f.places, "guest", (const char *const[]){ "pids", NULL },
                    "'guest' is there already and has processes in it");
        g_assert_true(dm_file_write_atomic(procs, "", 0, 0644, DM_FILE_PLAIN, NULL));
        g_autoptr(DmCgroup) taken = create(f.places, "guest", NULL);
        assert_dirs(&f, taken, "v2/own/guest");
        fake_clear(&f);

        g_autoptr(GPtrArray) no_places = dm_cgroup_parse("", "");
        assert_none(no_places, "guest", NULL, "this kernel has no cgroups");
        g_autoptr(GPtrArray) useless = dm_cgroup_parse("1:name=systemd:/\n", "");
        assert_none(useless, "guest", NULL, "none of the wanted controllers has a hierarchy");
        g_autoptr(GPtrArray) outside = dm_cgroup_parse("0::/../x\n", "");
        assert_none(outside, "guest", NULL, "cgroup v2 '/../x': it is outside of this cgroup namespace");
}

static void test_not_writable(void)
{
        Fake f;
        fake_init(&f, "memory");
        static const char *const names[] = { "v2/own", "cpu/own", "freezer/own" };
        gboolean root = geteuid() == 0;
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *dir = g_build_filename(f.dir, names[i], NULL);
                g_assert_cmpint(chmod(dir, 0555), ==, 0);
        }
        g_assert_cmpint(chmod(f.dir, 0755), ==, 0);
        if (root)
                g_assert_cmpint(seteuid(65534), ==, 0);
        g_autofree char *why = NULL;
        DmCgroup *g = dm_cgroup_create(f.places, "guest", NULL, &why);
        if (root)
                g_assert_cmpint(seteuid(0), ==, 0);
        g_assert_null(g);
        g_assert_nonnull(strstr(why, "/v2/own': not writable (Permission denied)"));
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *dir = g_build_filename(f.dir, names[i], NULL);
                g_assert_cmpint(chmod(dir, 0755), ==, 0);
        }
        fake_clear(&f);
}

static void test_open_errors(void)
{
        g_autoptr(GError) error = NULL;
        g_assert_null(
                dm_cgroup_open((const char *const[]){ "/nonexistent/a", "/nonexistent/b", NULL }, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "the cgroup does not exist any more");
        g_clear_error(&error);
        g_assert_null(dm_cgroup_open((const char *const[]){ "/usr", NULL }, &error));
        test_assert_error(error, DM_ERROR_INVALID_ARG, "'/usr' is no cgroup");
        g_clear_error(&error);
        g_assert_null(dm_cgroup_open((const char *const[]){ "/bin/sh", NULL }, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot open cgroup '/bin/sh': Not a directory");
        dm_cgroup_free(NULL);
}

/* ---- on this machine ---- */

/* Our places of one kind only, so that both are tested where both are there. */
static GPtrArray *places_of(gboolean unified)
{
        GPtrArray *places = dm_cgroup_own_places(NULL);
        g_assert_nonnull(places);
        for (guint i = places->len; i-- > 0;)
                if (((DmCgroupPlace *)g_ptr_array_index(places, i))->unified != unified)
                        g_ptr_array_remove_index(places, i);
        return places;
}

/* A group on this machine, or NULL and the test is skipped. */
static DmCgroup *real_group(GPtrArray *places, const char *const *controllers)
{
        g_autofree char *name = g_strdup_printf("domus-test-%d", (int)getpid());
        g_autofree char *why = NULL;
        DmCgroup *g = dm_cgroup_create(places, name, controllers, &why);
        if (!g)
                g_test_skip(why);
        return g;
}

static void remove_group(DmCgroup *g)
{
        g_autoptr(GError) error = NULL;
        dm_cgroup_kill(g, 10000, &error);
        g_assert_no_error(error);
        dm_cgroup_remove(g, &error);
        g_assert_no_error(error);
        for (const char *const *dir = dm_cgroup_dirs(g); *dir; dir++)
                g_assert_false(g_file_test(*dir, G_FILE_TEST_EXISTS));
}

static void assert_members(const DmCgroup *g, guint n, const pid_t *pids)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) members = dm_cgroup_members(g, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(members->len, ==, n);
        for (guint i = 0; i < n; i++)
                g_assert_cmpint(g_array_index(members, pid_t, i), ==, pids[i]);
}

static void life_of_group(gboolean unified, const char *const *controllers)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) places = places_of(unified);
        g_autoptr(DmCgroup) g = real_group(places, controllers);
        if (!g)
                return;
        g_test_message("group in %u hierarchies, first %s", g_strv_length((char **)dm_cgroup_dirs(g)),
                       *dm_cgroup_dirs(g));
        assert_members(g, 0, NULL);
        g_auto(DmProcess) a = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_auto(DmProcess) b = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_assert_true(dm_cgroup_add(g, b.pid, &error));
        g_assert_no_error(error);
        assert_members(g, 1, &b.pid);
        g_assert_true(dm_cgroup_add(g, a.pid, &error));
        const pid_t both[] = { MIN(a.pid, b.pid), MAX(a.pid, b.pid) };
        assert_members(g, 2, both);

        /* after a restart of the driver: by the directories that it noted down */
        g_autoptr(DmCgroup) again = dm_cgroup_open(dm_cgroup_dirs(g), &error);
        g_assert_no_error(error);
        g_assert_cmpint(dm_cgroup_unified(again), ==, unified);
        g_assert_cmpint(dm_cgroup_fd(again) >= 0, ==, unified);
        assert_members(again, 2, both);

        g_assert_false(dm_cgroup_remove(g, &error));
        test_assert_error(error, DM_ERROR_BUSY, "is in it");
        g_clear_error(&error);
        g_autofree char *why = NULL;
        g_autofree char *name = g_path_get_basename(*dm_cgroup_dirs(g));
        g_assert_null(dm_cgroup_create(places, name, controllers, &why));
        g_assert_nonnull(strstr(why, "is there already and has processes in it"));

        g_assert_true(dm_cgroup_kill(g, 10000, &error));
        g_assert_no_error(error);
        DmExit e = test_wait(&a); /* ended, but left for us to wait for */
        g_assert_cmpint(e.kind, ==, DM_EXIT_SIGNAL);
        g_assert_cmpint(e.value, ==, SIGKILL);
        test_wait(&b);
        g_assert_true(dm_cgroup_kill(g, 0, &error)); /* nobody there */
        g_assert_false(dm_cgroup_add(g, a.pid, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "it has ended");
        g_clear_error(&error);
        remove_group(g);
        g_assert_true(dm_cgroup_remove(g, &error)); /* gone is fine */
        assert_members(g, 0, NULL);
        g_assert_false(dm_cgroup_add(g, getpid(), &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        g_clear_error(&error);
        g_assert_null(dm_cgroup_open(dm_cgroup_dirs(g), &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
}

static void test_life_v1(void)
{
        life_of_group(FALSE, (const char *const[]){ "freezer", "pids", NULL });
}

/* All controllers, of which cpuset takes nobody before it has been given CPUs. */
static void test_life_v1_all(void)
{
        life_of_group(FALSE, NULL);
}

static void test_life_v2(void)
{
        life_of_group(TRUE, NULL);
}

static void test_subgroups(gconstpointer unified)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) places = places_of(GPOINTER_TO_INT(unified));
        g_autoptr(DmCgroup) g = real_group(places, (const char *const[]){ "freezer", NULL });
        if (!g)
                return;
        g_autofree char *sub = g_build_filename(*dm_cgroup_dirs(g), "emulator", "inner", NULL);
        g_assert_true(dm_make_dirs(sub, 0755, NULL));
        g_autoptr(DmCgroup) inner = dm_cgroup_open((const char *const[]){ sub, NULL }, &error);
        g_assert_no_error(error);
        g_auto(DmProcess) p = test_spawn_words(WORDS("/bin/sleep", LONG_SLEEP));
        g_assert_true(dm_cgroup_add(inner, p.pid, &error));
        g_assert_no_error(error);
        assert_members(g, 1, &p.pid);
        g_assert_false(dm_cgroup_remove(g, &error));
        test_assert_error(error, DM_ERROR_BUSY, "is in it");
        remove_group(g);
        test_wait(&p);
}

/* Many, more than are ended at a time, that go on making more. */
static void test_kill_many(gconstpointer unified)
{
        g_autoptr(GPtrArray) places = places_of(GPOINTER_TO_INT(unified));
        g_autoptr(DmCgroup) g = real_group(places, (const char *const[]){ "freezer", NULL });
        if (!g)
                return;
        g_auto(DmProcess) parent = test_spawn_words(
                SH("kill -STOP $$; i=0; while [ $i -lt 100 ]; do sleep " LONG_SLEEP " & i=$((i+1)); done; "
                   "while :; do sleep 0.01; done"));
        test_await_state(parent.pid, 'T');
        g_assert_true(dm_cgroup_add(g, parent.pid, NULL));
        g_assert_true(dm_process_signal(&parent, SIGCONT));
        guint members = 0;
        for (int i = 0; i < 2000 && members <= 100; i++) {
                g_autoptr(GArray) pids = dm_cgroup_members(g, NULL);
                members = pids->len;
                g_usleep(5000);
        }
        g_assert_cmpuint(members, >, 100);
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_cgroup_kill(g, 20000, &error));
        g_assert_no_error(error);
        assert_members(g, 0, NULL);
        test_wait(&parent);
        remove_group(g);
}

static void test_kill_self(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) places = places_of(TRUE);
        g_autoptr(DmCgroup) g = real_group(places, NULL);
        if (!g)
                return;
        const DmCgroupPlace *ours = g_ptr_array_index(places, 0);
        g_autoptr(DmCgroup) home = dm_cgroup_open((const char *const[]){ ours->dir, NULL }, &error);
        g_assert_no_error(error);
        g_assert_true(dm_cgroup_add(g, getpid(), &error));
        g_assert_no_error(error);
        gboolean killed = dm_cgroup_kill(g, 1000, &error);
        g_assert_true(dm_cgroup_add(home, getpid(), NULL));
        g_assert_false(killed);
        test_assert_error(error, DM_ERROR_BUSY, "this process is one of them");
        remove_group(g);
}

/* ---- born in a group ---- */

static void assert_born_in(const DmCgroup *g)
{
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", "/proc/self/cgroup"));
        s.cgroup_fd = dm_cgroup_fd(g);
        g_autofree char *text = test_output_of(&s);
        g_autofree char *name = g_path_get_basename(*dm_cgroup_dirs(g));
        g_autofree char *end = g_strdup_printf("/%s\n", name);
        const char *v2 = strstr(text, "0::");
        g_assert_nonnull(v2);
        g_assert_true(g_str_has_suffix(v2, end));

        s.words = WORDS("/nonexistent"); /* and an error comes back from there too */
        g_autoptr(GError) error = NULL;
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_assert_false(dm_spawn(&s, &p, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot start '/nonexistent': execve");
}

static void test_spawn_into(void)
{
        g_autoptr(GPtrArray) places = places_of(TRUE);
        g_autoptr(DmCgroup) g = real_group(places, NULL);
        if (!g)
                return;
        gint64 best = G_MAXINT64;
        for (int i = 0; i < 20; i++) {
                DmSpawn s = test_spawn_init(WORDS("/bin/true"));
                s.cgroup_fd = dm_cgroup_fd(g);
                gint64 start = g_get_monotonic_time();
                g_auto(DmProcess) p = test_spawn(&s);
                best = MIN(best, g_get_monotonic_time() - start);
                test_wait(&p);
        }
        g_test_message("dm_spawn in to a cgroup: minimum %d us", (int)best);
        assert_born_in(g);
        remove_group(g);

        /* a group that is gone: no process, and it says so */
        DmSpawn s = test_spawn_init(WORDS("/bin/true"));
        s.cgroup_fd = dm_cgroup_fd(g);
        g_autoptr(GError) error = NULL;
        g_auto(DmProcess) p = DM_PROCESS_INIT;
        g_assert_false(dm_spawn(&s, &p, &error));
        test_assert_error(error, DM_ERROR_FAILED, "cannot start '/bin/true': joining the cgroup: ");
}

/* As in a sandbox that refuses clone3: for this thread and its children. */
static gpointer without_clone3(gpointer data)
{
        static struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { G_N_ELEMENTS(code), code };
        g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
        g_assert_cmpint(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
        g_assert_cmpint(syscall(SYS_clone3, NULL, 0), ==, -1);
        g_assert_cmpint(errno, ==, EPERM);
        assert_born_in(data);
        return data;
}

static void test_spawn_without_clone3(void)
{
        g_autoptr(GPtrArray) places = places_of(TRUE);
        g_autoptr(DmCgroup) g = real_group(places, NULL);
        if (!g)
                return;
        g_assert_nonnull(g_thread_join(g_thread_new("seccomp", without_clone3, g)));
        remove_group(g);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/cgroup/parse-v2", test_parse_v2);
        g_test_add_func("/util/cgroup/parse-v1", test_parse_v1);
        g_test_add_func("/util/cgroup/parse-hybrid", test_parse_hybrid);
        g_test_add_func("/util/cgroup/parse-container", test_parse_container);
        g_test_add_func("/util/cgroup/parse-odd", test_parse_odd);
        g_test_add_func("/util/cgroup/own-places", test_own_places);
        g_test_add_func("/util/cgroup/choose", test_choose);
        g_test_add_func("/util/cgroup/choose-none", test_choose_none);
        g_test_add_func("/util/cgroup/not-writable", test_not_writable);
        g_test_add_func("/util/cgroup/open-errors", test_open_errors);
        g_test_add_func("/util/cgroup/v1/life", test_life_v1);
        g_test_add_func("/util/cgroup/v1/life-all", test_life_v1_all);
        g_test_add_data_func("/util/cgroup/v1/subgroups", GINT_TO_POINTER(FALSE), test_subgroups);
        g_test_add_data_func("/util/cgroup/v1/kill-many", GINT_TO_POINTER(FALSE), test_kill_many);
        g_test_add_func("/util/cgroup/v2/life", test_life_v2);
        g_test_add_data_func("/util/cgroup/v2/subgroups", GINT_TO_POINTER(TRUE), test_subgroups);
        g_test_add_data_func("/util/cgroup/v2/kill-many", GINT_TO_POINTER(TRUE), test_kill_many);
        g_test_add_func("/util/cgroup/v2/kill-self", test_kill_self);
        g_test_add_func("/util/cgroup/v2/spawn", test_spawn_into);
        g_test_add_func("/util/cgroup/v2/spawn-without-clone3", test_spawn_without_clone3);
        return g_test_run();
}
