/* Cached host facts: equal to fresh ones, shared while nothing changes, true as soon as something does. */
#include "qemu/host_cache.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"

typedef struct Fixture {
        char *dir, *path, *program; /* a directory in $PATH, and what $PATH was */
        DmHostCache *cache;
} Fixture;

static void write_program(const Fixture *f, mode_t mode)
{
        g_assert_true(g_file_set_contents(f->program, "#!/bin/sh\n", -1, NULL));
        g_assert_cmpint(chmod(f->program, mode), ==, 0);
}

static void set_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        f->dir = g_dir_make_tmp("dm-host-cache-XXXXXX", NULL);
        f->path = g_strdup(g_getenv("PATH"));
        f->program = g_build_filename(f->dir, "qemu-system-sparc", NULL);
        g_autofree char *search = g_strdup_printf("%s:%s", f->dir, f->path);
        g_setenv("PATH", search, TRUE);
        f->cache = dm_host_cache_new();
}

static void tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        g_setenv("PATH", f->path, TRUE);
        dm_host_cache_free(f->cache);
        g_assert_true(dm_remove_tree(f->dir, NULL));
        g_free(f->dir);
        g_free(f->path);
        g_free(f->program);
}

/* What changes a tick ago is not trusted by the cache: lets that time pass. */
static void settle(const Fixture *f)
{
        g_usleep(50000);
        dm_host_unref(dm_host_cache_get(f->cache, FALSE));
}

static gboolean knows(const Fixture *f)
{
        g_autoptr(DmHost) h = dm_host_cache_get(f->cache, FALSE);
        return dm_host_program(h, f->program) && dm_host_file(h, f->program)->executable;
}

static void equals_fresh(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        settle(f);
        g_autoptr(DmHost) fresh = dm_host_load(NULL);
        g_autoptr(DmJson) expected = dm_host_to_json(fresh);
        for (int kvm = 0; kvm < 2; kvm++) {
                g_autoptr(DmHost) h = dm_host_cache_get(f->cache, kvm);
                g_autoptr(DmJson) j = dm_host_to_json(h);
                g_assert_true(dm_json_equal(j, expected));
        }
}

static void sees_changes(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        settle(f);
        g_assert_false(knows(f));
        write_program(f, 0755); /* a new file: its directory has changed */
        g_assert_true(knows(f));
        settle(f);
        g_assert_cmpint(chmod(f->program, 0644), ==, 0); /* the file alone */
        g_assert_false(knows(f));
        g_assert_cmpint(chmod(f->program, 0755), ==, 0);
        g_assert_true(knows(f));
        settle(f);
        g_setenv("PATH", f->path, TRUE); /* neither */
        g_assert_false(knows(f));
}

/* Changes within one tick of the clock that files' times are taken from. */
static void sees_quick_changes(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        for (int i = 0; i < 200; i++) {
                write_program(f, 0755);
                g_assert_true(knows(f));
                g_assert_cmpint(g_unlink(f->program), ==, 0);
                g_assert_false(knows(f));
        }
}

/* The copies are the callers' own: what one gathers, no other sees. */
static void independent(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        settle(f);
        g_autoptr(DmHost) one = dm_host_cache_get(f->cache, FALSE);
        dm_host_gather_path(one, "/etc/passwd");
        g_autoptr(DmHost) other = dm_host_cache_get(f->cache, FALSE);
        g_assert_cmpint(dm_host_file(one, "/etc/passwd")->kind, ==, DM_FILE_REGULAR);
        g_assert_cmpint(dm_host_file(other, "/etc/passwd")->kind, ==, DM_FILE_MISSING);
}

static gpointer ask(gpointer data)
{
        Fixture *f = data;
        for (int i = 0; i < 50; i++)
                dm_host_unref(dm_host_cache_get(f->cache, i % 8 == 0));
        return NULL;
}

static void threads(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        GThread *t[4];
        for (gsize i = 0; i < G_N_ELEMENTS(t); i++)
                t[i] = g_thread_new("ask", ask, f);
        for (int i = 0; i < 20; i++) {
                write_program(f, i % 2 ? 0755 : 0644);
                g_assert_true(knows(f) == i % 2);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(t); i++)
                g_thread_join(t[i]);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/qemu/host-cache/equals-fresh", Fixture, NULL, set_up, equals_fresh, tear_down);
        g_test_add("/qemu/host-cache/sees-changes", Fixture, NULL, set_up, sees_changes, tear_down);
        g_test_add("/qemu/host-cache/sees-quick-changes", Fixture, NULL, set_up, sees_quick_changes,
                   tear_down);
        g_test_add("/qemu/host-cache/independent", Fixture, NULL, set_up, independent, tear_down);
        g_test_add("/qemu/host-cache/threads", Fixture, NULL, set_up, threads, tear_down);
        return g_test_run();
}
