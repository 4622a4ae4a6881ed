/* A root without space, and one that can't be written: errors that say so, and nothing lost or half done. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/driver.h"
#include "util/fd.h"
#include "util/file.h"

typedef struct Fixture {
        DmTestDriver *base;        /* for its directory, and its cache of probed emulators */
        char *root, *uri, *filler; /* the root on a file system of its own */
        DomusConn *conn;
} Fixture;

static void set_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        f->base = dm_test_driver_new();
        f->root = g_build_filename(f->base->root, "small", NULL);
        f->filler = g_build_filename(f->root, "filler", NULL);
        g_assert_true(dm_make_dirs(f->root, 0700, NULL));
        if (geteuid() != 0 || mount("domus-test", f->root, "tmpfs", 0, "size=512k,mode=0700") < 0)
                return;
        const char *cache = strstr(f->base->uri, "&cache=");
        f->uri = g_strdup_printf("qemu:///embed?root=%s%s", f->root, cache);
        f->conn = domus_open(f->uri, 0, &error);
        g_assert_no_error(error);
}

static gboolean skipped(const Fixture *f)
{
        if (!f->conn)
                g_test_skip("needs root to mount a small tmpfs");
        return !f->conn;
}

static void tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        domus_conn_unref(f->conn);
        if (f->uri)
                g_assert_cmpint(umount2(f->root, MNT_DETACH), ==, 0);
        dm_test_driver_free(f->base);
        g_free(f->root);
        g_free(f->uri);
        g_free(f->filler);
}

static void fill(const Fixture *f)
{
        static const char page[4096];
        dm_autofd int fd = open(f->filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        g_assert_cmpint(fd, >=, 0);
        while (write(fd, page, sizeof page) == sizeof page)
                ;
        g_assert_cmpint(errno, ==, ENOSPC);
}

static void reopen(Fixture *f)
{
        g_autoptr(GError) error = NULL;
        domus_conn_unref(f->conn);
        f->conn = domus_open(f->uri, 0, &error);
        g_assert_no_error(error);
}

static void assert_error(GError **error, const char *text)
{
        g_assert_nonnull(*error);
        if (!strstr((*error)->message, text))
                g_error("'%s' is not in '%s'", text, (*error)->message);
        g_clear_error(error);
}

static DomusDomain *define(const Fixture *f, const char *xml, GError **error)
{
        return domus_define(f->conn, xml, 0, NULL, error);
}

static guint run_dirs(const Fixture *f)
{
        g_autofree char *run = g_build_filename(f->root, "run", NULL);
        g_autoptr(GDir) dir = g_dir_open(run, 0, NULL);
        guint n = 0;
        while (dir && g_dir_read_name(dir))
                n++;
        return n;
}

/* Defines and starts "kept", before anything goes wrong. */
static DomusDomain *start_kept(const Fixture *f)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = dm_test_xml(f->base, "x86_64-pc", "kept");
        if (!xml)
                return NULL;
        DomusDomain *d = define(f, xml, &error);
        g_assert_no_error(error);
        g_assert_true(domus_domain_start(d, 0, NULL, &error));
        return d;
}

/* What must hold while nothing can be written: refusals that change nothing, and guests that go on. */
static void check_unwritable(Fixture *f, DomusDomain *kept, const char *reason)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = dm_test_xml(f->base, "x86_64-pc", "late"),
                        *before = domus_domain_xml(kept, DOMUS_XML_INACTIVE, NULL);
        g_assert_null(define(f, xml, &error));
        assert_error(&error, reason);
        g_assert_null(domus_lookup_name(f->conn, "late", NULL));
        g_assert_null(domus_create(f->conn, xml, 0, NULL, &error));
        assert_error(&error, reason);
        g_assert_null(domus_lookup_name(f->conn, "late", NULL));
        g_assert_cmpuint(run_dirs(f), ==, 1); /* that of the guest which runs */

        g_autoptr(GString) changed = g_string_new(before);
        g_string_replace(changed, "</uuid>", "</uuid><title>new</title>", 1);
        g_assert_null(define(f, changed->str, &error));
        assert_error(&error, reason);
        g_assert_false(domus_domain_set_autostart(kept, TRUE, NULL, &error));
        assert_error(&error, reason);
        g_autofree char *after = domus_domain_xml(kept, DOMUS_XML_INACTIVE, NULL);
        g_assert_cmpstr(after, ==, before);
        DomusInfo info;
        g_assert_true(domus_domain_info(kept, &info, NULL));
        g_assert_false(info.autostart);

        g_assert_true(domus_domain_suspend(kept, NULL, &error));
        g_assert_true(domus_domain_resume(kept, NULL, &error));
        dm_test_wait_state(kept, DOMUS_STATE_RUNNING);
}

/* A new owner finds the guest and the definition, although it can't write either. */
static DomusDomain *find_again(Fixture *f, DomusDomain *kept)
{
        g_autoptr(GError) error = NULL;
        DomusInfo before, after;
        g_assert_true(domus_domain_info(kept, &before, NULL));
        domus_domain_unref(kept);
        reopen(f);
        DomusDomain *d = domus_lookup_name(f->conn, "kept", &error);
        g_assert_no_error(error);
        g_assert_true(domus_domain_info(d, &after, &error));
        g_assert_cmpint(after.pid, ==, before.pid);
        g_assert_cmpint(after.id, ==, before.id);
        g_assert_true(after.persistent);
        return d;
}

static void test_full(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        DomusDomain *kept = skipped(f) ? NULL : start_kept(f);
        if (!kept)
                return;
        fill(f);
        check_unwritable(f, kept, "No space left on device");
        kept = find_again(f, kept);
        g_assert_true(domus_domain_destroy(kept, 0, NULL, &error));
        fill(f); /* what the end of the run has freed */
        g_assert_false(domus_domain_start(kept, 0, NULL, &error));
        assert_error(&error, "No space left on device");
        g_assert_cmpint(dm_test_state(kept, NULL), ==, DOMUS_STATE_SHUTOFF);
        g_assert_cmpuint(run_dirs(f), ==, 0);
        /* Nothing is lost, and with space all is as before. */
        g_assert_cmpint(unlink(f->filler), ==, 0);
        g_assert_true(domus_domain_start(kept, 0, NULL, &error));
        g_assert_true(domus_domain_destroy(kept, 0, NULL, &error));
        g_assert_true(domus_domain_undefine(kept, NULL, &error));
        domus_domain_unref(kept);
}

static void test_read_only(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        DomusDomain *kept = skipped(f) ? NULL : start_kept(f);
        if (!kept)
                return;
        g_autofree char *read_only = g_strdup_printf("%s-ro", f->root);
        /* As a mount of its own: QEMU's log is open for writing, so the first can't become read-only. */
        g_assert_true(dm_make_dirs(read_only, 0700, NULL));
        domus_domain_unref(kept);
        domus_conn_unref(f->conn);
        g_assert_cmpint(mount(f->root, read_only, NULL, MS_BIND, NULL), ==, 0);
        g_assert_cmpint(mount(NULL, read_only, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), ==, 0);
        g_autofree char *uri =
                g_strdup_printf("qemu:///embed?root=%s%s", read_only, strstr(f->uri, "&cache="));
        f->conn = domus_open(uri, 0, &error);
        g_assert_no_error(error);
        g_auto(GStrv) messages = domus_conn_messages(f->conn);
        g_assert_true(messages[0] && strstr(messages[0], "Read-only file system"));
        kept = domus_lookup_name(f->conn, "kept", &error);
        g_assert_no_error(error);
        check_unwritable(f, kept, "Read-only file system");
        g_assert_true(domus_domain_destroy(kept, 0, NULL, &error));
        g_assert_false(domus_domain_undefine(kept, NULL, &error));
        assert_error(&error, "Read-only file system");
        domus_domain_unref(kept);
        domus_conn_unref(f->conn);
        g_assert_cmpint(umount2(read_only, MNT_DETACH), ==, 0);

        f->conn = domus_open(f->uri, 0, &error);
        g_assert_no_error(error);
        kept = domus_lookup_name(f->conn, "kept", &error);
        g_assert_no_error(error);
        g_assert_cmpint(dm_test_state(kept, NULL), ==, DOMUS_STATE_SHUTOFF);
        g_assert_cmpuint(run_dirs(f), ==, 0);
        g_assert_true(domus_domain_undefine(kept, NULL, &error));
        domus_domain_unref(kept);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/driver/faults/full", Fixture, NULL, set_up, test_full, tear_down);
        g_test_add("/driver/faults/read-only", Fixture, NULL, set_up, test_read_only, tear_down);
        return g_test_run();
}
