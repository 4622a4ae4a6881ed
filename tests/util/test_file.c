/* Files, directories and unix sockets in a temporary directory of their own. */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/process.h"
#include "util/fd.h"

#define READ_LIMIT  (1 << 20)
#define BIG_BYTES   (3 * 1000 * 1000)
#define NOBODY      65534
#define CHAIN_DEPTH 130 /* more levels than dm_remove_tree goes down */

typedef struct Fixture {
        char *dir;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-test-XXXXXX", &error);
        g_assert_no_error(error);
}

static void tear_down(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autoptr(GError) error = NULL;
        dm_remove_tree(f->dir, &error);
        g_assert_no_error(error);
        g_assert_false(g_file_test(f->dir, G_FILE_TEST_EXISTS));
        g_free(f->dir);
}

static void put(const char *path, const char *text)
{
        g_autoptr(GError) error = NULL;
        dm_file_write_atomic(path, text, strlen(text), 0644, DM_FILE_PLAIN, &error);
        g_assert_no_error(error);
}

static void assert_content(const char *path, const char *expected)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        dm_file_read(path, READ_LIMIT, &text, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(text, ==, expected);
}

static void assert_mode(const char *path, mode_t expected)
{
        struct stat st;
        g_assert_cmpint(lstat(path, &st), ==, 0);
        g_assert_cmpint(st.st_mode & 07777, ==, expected);
}

static guint entries(const char *dir)
{
        g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
        g_assert_nonnull(d);
        guint n = 0;
        while (g_dir_read_name(d))
                n++;
        return n;
}

/* ---- reading ---- */

static void test_read(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "x", NULL);
        g_assert_true(dm_file_write_atomic(path, "ab\0cd", 5, 0600, DM_FILE_PLAIN, NULL));
        g_autofree char *text = NULL;
        gsize length = 0;
        g_assert_true(dm_file_read(path, 5, &text, &length, NULL)); /* exactly the limit */
        g_assert_cmpmem(text, length + 1, "ab\0cd", 6);

        char *untouched = NULL;
        length = 77;
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_file_read(path, 4, &untouched, &length, &error));
        test_assert_error(error, DM_ERROR_NO_MEMORY, "x' is longer than 4 bytes");
        g_assert_null(untouched);
        g_assert_cmpuint(length, ==, 77);

        put(path, "");
        g_autofree char *empty = NULL;
        g_assert_true(dm_file_read(path, 0, &empty, &length, NULL));
        g_assert_cmpstr(empty, ==, "");
        g_assert_cmpuint(length, ==, 0);
}

static void test_read_big(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "big", NULL);
        g_autofree char *content = g_malloc(BIG_BYTES);
        for (gsize i = 0; i < BIG_BYTES; i++)
                content[i] = (char)(i * 31 + i / 977);
        g_assert_true(dm_file_write_atomic(path, content, BIG_BYTES, 0600, DM_FILE_PLAIN, NULL));
        g_autofree char *text = NULL;
        gsize length = 0;
        g_assert_true(dm_file_read(path, BIG_BYTES * 2, &text, &length, NULL));
        g_assert_cmpmem(text, length, content, BIG_BYTES);

        /* from a pipe the length is not known beforehand */
        DmSpawn s = test_spawn_init(WORDS("/bin/cat", path));
        int ends[2];
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        s.fds = (DmSpawnFd[]){ { ends[1], 1 } };
        s.n_fds = 1;
        g_auto(DmProcess) cat = test_spawn(&s);
        close(ends[1]);
        dm_autofd int out = ends[0];
        g_autofree char *piped = NULL;
        g_assert_true(dm_file_read_fd(out, "a pipe", BIG_BYTES, &piped, &length, NULL));
        g_assert_cmpmem(piped, length, content, BIG_BYTES);
        test_wait(&cat);
}

static void test_read_errors(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *missing = g_build_filename(f->dir, "missing", NULL);
        g_autofree char *fifo = g_build_filename(f->dir, "fifo", NULL);
        g_autoptr(GError) error = NULL;
        char *text = NULL;
        g_assert_false(dm_file_read(missing, 10, &text, NULL, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "/missing': No such file or directory");
        g_clear_error(&error);
        g_assert_false(dm_file_read(f->dir, 10, &text, NULL, &error));
        test_assert_error(error, DM_ERROR_FAILED, "': it is a directory");
        g_clear_error(&error);
        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        g_assert_false(dm_file_read(fifo, 10, &text, NULL, &error)); /* nobody writes: it must not block */
        test_assert_error(error, DM_ERROR_FAILED, "/fifo': it is not a regular file");
        g_clear_error(&error);
        g_assert_false(dm_file_read_fd(-1, "nothing", 10, &text, NULL, &error));
        test_assert_error(error, DM_ERROR_FAILED, "cannot read 'nothing': Bad file descriptor");
        g_clear_error(&error);
        /* a file of /proc has no length; the limit holds all the same */
        g_assert_false(dm_file_read("/proc/self/status", 10, &text, NULL, &error));
        test_assert_error(error, DM_ERROR_NO_MEMORY, "longer than 10 bytes");
        g_clear_error(&error);
        g_assert_null(text);
}

/* ---- writing ---- */

static void test_write(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "file", NULL);
        mode_t old = umask(077); /* has no say */
        g_assert_true(dm_file_write_atomic(path, "one", 3, 0664, DM_FILE_PLAIN, NULL));
        umask(old);
        assert_mode(path, 0664);
        assert_content(path, "one");
        struct stat before, after;
        g_assert_cmpint(stat(path, &before), ==, 0);
        dm_autofd int reader = open(path, O_RDONLY | O_CLOEXEC);
        g_assert_true(dm_file_write_atomic(path, "two!", 4, 0600, DM_FILE_SYNC, NULL));
        g_assert_cmpint(stat(path, &after), ==, 0);
        g_assert_cmpuint(before.st_ino, !=, after.st_ino);
        char text[8] = "";
        g_assert_cmpint(read(reader, text, sizeof(text)), ==,
                        3); /* who has it open keeps the old one whole */
        g_assert_cmpstr(text, ==, "one");
        assert_content(path, "two!");
        assert_mode(path, 0600);
        g_assert_cmpuint(entries(f->dir), ==, 1);

        /* relative, and a name as long as names can be */
        g_autofree char *cwd = g_get_current_dir();
        g_assert_cmpint(chdir(f->dir), ==, 0);
        g_autofree char *name = g_strnfill(255, 'n');
        put(name, "long");
        assert_content(name, "long");
        g_assert_cmpint(chdir(cwd), ==, 0);
}

static void test_write_symlink(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *target = g_build_filename(f->dir, "target", NULL);
        g_autofree char *link = g_build_filename(f->dir, "link", NULL);
        put(target, "target");
        g_assert_cmpint(symlink(target, link), ==, 0);
        put(link, "new");
        assert_content(target, "target");
        g_assert_false(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
}

static void test_write_exclusive(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "file", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_file_write_atomic(path, "1", 1, 0600, DM_FILE_EXCLUSIVE | DM_FILE_SYNC, &error));
        g_assert_no_error(error);
        g_assert_false(dm_file_write_atomic(path, "2", 1, 0600, DM_FILE_EXCLUSIVE, &error));
        test_assert_error(error, DM_ERROR_EXISTS, "/file': File exists");
        assert_content(path, "1");
        g_assert_cmpuint(entries(f->dir), ==, 1); /* no temporary file */
}

static void test_write_errors(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *lost = g_build_filename(f->dir, "missing", "file", NULL);
        g_autofree char *slash = g_strconcat(f->dir, "/", NULL);
        g_autofree char *dir = g_build_filename(f->dir, "dir", NULL);
        g_autofree char *in_dir = g_build_filename(dir, "file", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_file_write_atomic(lost, "1", 1, 0600, DM_FILE_PLAIN, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot open its directory: No such file or directory");
        g_clear_error(&error);
        g_assert_false(dm_file_write_atomic(slash, "1", 1, 0600, DM_FILE_PLAIN, &error));
        test_assert_error(error, DM_ERROR_INVALID_ARG, "it names a directory");
        g_clear_error(&error);
        g_assert_cmpint(mkdir(dir, 0700), ==, 0);
        put(in_dir, "x");
        g_assert_false(dm_file_write_atomic(dir, "1", 1, 0600, DM_FILE_PLAIN, &error));
        test_assert_error(error, DM_ERROR_FAILED, "/dir': Is a directory");
        g_clear_error(&error);
        g_assert_cmpuint(entries(f->dir), ==, 1);

        struct rlimit old, small = { 1000, RLIM_INFINITY };
        g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
        small.rlim_max = old.rlim_max;
        void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
        g_autofree char *content = g_strnfill(5000, 'x');
        gboolean done = dm_file_write_atomic(in_dir, content, 5000, 0600, DM_FILE_PLAIN, &error);
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
        signal(SIGXFSZ, handler);
        g_assert_false(done); /* after a part was written */
        test_assert_error(error, DM_ERROR_FAILED, "/dir/file': File too large");
        assert_content(in_dir, "x");
        g_assert_cmpuint(entries(dir), ==, 1);
}

static void test_write_full_disk(Fixture *f, gconstpointer data)
{
        (void)data;
        if (geteuid() != 0 || mount("domus-test", f->dir, "tmpfs", 0, "size=64k") < 0) {
                g_test_skip("needs root to mount a small tmpfs");
                return;
        }
        g_autofree char *path = g_build_filename(f->dir, "file", NULL);
        put(path, "old");
        g_autofree char *content = g_strnfill(1 << 20, 'x');
        g_autoptr(GError) error = NULL;
        gboolean done = dm_file_write_atomic(path, content, 1 << 20, 0600, DM_FILE_SYNC, &error);
        g_autofree char *left = NULL;
        gboolean readable = dm_file_read(path, READ_LIMIT, &left, NULL, NULL);
        guint n = entries(f->dir);
        g_assert_cmpint(umount(f->dir), ==, 0);
        g_assert_false(done);
        test_assert_error(error, DM_ERROR_FAILED, "/file': No space left on device");
        g_assert_cmpint(dm_error_errno(error), ==, ENOSPC);
        g_assert_true(readable);
        g_assert_cmpstr(left, ==, "old");
        g_assert_cmpuint(n, ==, 1);
}

static void test_write_read_only(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "file", NULL);
        put(path, "old");
        g_assert_cmpint(chmod(f->dir, 0555), ==, 0);
        /* root may write anyway: for this thread be an ordinary user */
        gboolean root = geteuid() == 0;
        if (root)
                g_assert_cmpint(seteuid(NOBODY), ==, 0);
        g_autoptr(GError) error = NULL, tree_error = NULL, dir_error = NULL, socket_error = NULL;
        gboolean done = dm_file_write_atomic(path, "new", 3, 0600, DM_FILE_PLAIN, &error);
        gboolean removed = dm_remove_tree(f->dir, &tree_error);
        g_autofree char *sub = g_build_filename(f->dir, "sub", "dir", NULL);
        gboolean made = dm_make_dirs(sub, 0700, &dir_error);
        g_autofree char *socket_path = g_build_filename(f->dir, "socket", NULL);
        int fd = dm_listen_unix(socket_path, 1, 0600, &socket_error);
        if (root)
                g_assert_cmpint(seteuid(0), ==, 0);
        g_assert_cmpint(chmod(f->dir, 0755), ==, 0);
        g_assert_false(done);
        test_assert_error(error, DM_ERROR_DENIED, "/file': Permission denied");
        g_assert_false(removed);
        test_assert_error(tree_error, DM_ERROR_DENIED, "removing 'file': Permission denied");
        g_assert_false(made);
        test_assert_error(dir_error, DM_ERROR_DENIED, "/sub/dir': Permission denied");
        g_assert_cmpint(fd, ==, -1);
        test_assert_error(socket_error, DM_ERROR_DENIED, "cannot listen on");
        assert_content(path, "old");
}

/* Readers see the old or the new content, whole, while writers replace it; killed writers leave it whole too.
 */
static void test_write_killed(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "file", NULL);
        g_autofree char *first = g_strnfill(100000, 'a');
        put(path, first);
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        for (int i = 0; i < 30; i++) {
                g_auto(DmProcess) writer = test_spawn_words(WORDS(self, "--write", path));
                g_usleep((gulong)(i * 700));
                g_autofree char *text = NULL;
                gsize length = 0;
                g_assert_true(dm_file_read(path, READ_LIMIT, &text, &length, NULL));
                g_assert_cmpuint(length, ==, 100000);
                char c = text[0];
                for (gsize k = 0; k < length; k++)
                        g_assert_cmpint(text[k], ==, c);
                dm_process_signal(&writer, SIGKILL);
                test_wait(&writer);
        }
        g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
        const char *name;
        while ((name = g_dir_read_name(dir)))
                g_assert_true(strcmp(name, "file") == 0 || g_str_has_prefix(name, ".domus-tmp-"));
}

static int write_for_ever(const char *path)
{
        char *content = g_malloc(100000);
        for (int i = 0;; i++) {
                memset(content, 'a' + i % 26, 100000);
                if (!dm_file_write_atomic(path, content, 100000, 0600, DM_FILE_PLAIN, NULL))
                        return 1;
        }
}

/* ---- directories ---- */

static void test_make_dirs(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "a", "b", "c", NULL);
        g_autofree char *middle = g_build_filename(f->dir, "a", "b", NULL);
        g_autofree char *slashes = g_strconcat(f->dir, "//a/./b///c/", NULL);
        g_autoptr(GError) error = NULL;
        mode_t old = umask(077);
        g_assert_true(dm_make_dirs(path, 0751, &error));
        umask(old);
        g_assert_no_error(error);
        assert_mode(path, 0751);
        assert_mode(middle, 0751);
        assert_mode(f->dir, 0700); /* was there */
        g_assert_true(dm_make_dirs(path, 0700, NULL));
        assert_mode(path, 0751);
        g_assert_true(dm_make_dirs(slashes, 0700, NULL));
        g_assert_true(dm_make_dirs("/", 0700, NULL));
        g_assert_true(dm_make_dirs(".", 0700, NULL));

        g_autofree char *file = g_build_filename(f->dir, "file", NULL);
        g_autofree char *below = g_build_filename(file, "sub", NULL);
        put(file, "");
        g_assert_false(dm_make_dirs(file, 0700, &error));
        test_assert_error(error, DM_ERROR_EXISTS, "cannot make directory");
        g_clear_error(&error);
        g_assert_false(dm_make_dirs(below, 0700, &error));
        test_assert_error(error, DM_ERROR_EXISTS, "/file/sub': Not a directory");
        g_clear_error(&error);
        g_assert_false(dm_make_dirs("", 0700, &error));
        test_assert_error(error, DM_ERROR_INVALID_ARG, "empty name");

        g_autofree char *link = g_build_filename(f->dir, "link", NULL);
        g_autofree char *through = g_build_filename(link, "d", NULL);
        g_autofree char *real = g_build_filename(path, "d", NULL);
        g_assert_cmpint(symlink(path, link), ==, 0);
        g_assert_true(dm_make_dirs(through, 0700, NULL)); /* as mkdir -p does */
        g_assert_true(g_file_test(real, G_FILE_TEST_IS_DIR));
}

static void test_remove_tree(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *keep = g_build_filename(f->dir, "keep", NULL);
        g_autofree char *kept = g_build_filename(keep, "file", NULL);
        g_autofree char *top = g_build_filename(f->dir, "top", NULL);
        g_autofree char *deep = g_build_filename(top, "1", "2", "3", NULL);
        g_autofree char *link = g_build_filename(deep, "link", NULL);
        g_assert_true(dm_make_dirs(keep, 0755, NULL));
        put(kept, "x");
        g_assert_true(dm_make_dirs(deep, 0755, NULL));
        g_assert_cmpint(symlink(keep, link), ==, 0);
        for (int i = 0; i < 300; i++) {
                g_autofree char *path = g_strdup_printf("%s/%d", i % 2 ? deep : top, i + 10);
                put(path, "x");
        }
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_remove_tree(top, &error));
        g_assert_no_error(error);
        g_assert_false(g_file_test(top, G_FILE_TEST_EXISTS));
        assert_content(kept, "x");

        g_autofree char *top_link = g_build_filename(f->dir, "top-link", NULL);
        g_assert_cmpint(symlink(keep, top_link), ==, 0);
        g_assert_true(dm_remove_tree(top_link, NULL));
        assert_content(kept, "x");
        g_assert_true(dm_remove_tree(kept, NULL)); /* a plain file */
        g_assert_true(dm_remove_tree(kept, NULL)); /* missing */
        g_autofree char *lost = g_build_filename(f->dir, "no", "such", NULL);
        g_assert_true(dm_remove_tree(lost, NULL));
        g_assert_cmpuint(entries(f->dir), ==, 1);
}

static void test_remove_too_deep(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *top = g_build_filename(f->dir, "top", NULL);
        g_autoptr(GString) deepest = g_string_new(top);
        g_autofree char *middle = NULL;
        for (int i = 0; i < CHAIN_DEPTH; i++) {
                g_string_append(deepest, "/d");
                if (i == CHAIN_DEPTH / 2)
                        middle = g_strdup(deepest->str);
        }
        g_assert_true(dm_make_dirs(deepest->str, 0700, NULL));
        g_autofree char *beside = g_build_filename(top, "file", NULL);
        put(beside, "x");
        g_autoptr(GError) error = NULL;
        unsigned before = test_open_fds();
        g_assert_false(dm_remove_tree(top, &error));
        test_assert_error(error, DM_ERROR_FAILED, "too deep: 'd'");
        g_assert_false(g_file_test(beside, G_FILE_TEST_EXISTS)); /* the rest went */
        g_assert_cmpuint(test_open_fds(), ==, before);
        g_assert_true(dm_remove_tree(middle, NULL));
}

static void test_remove_mount(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *other = g_build_filename(f->dir, "other", NULL);
        g_autofree char *precious = g_build_filename(other, "precious", NULL);
        g_autofree char *top = g_build_filename(f->dir, "top", NULL);
        g_autofree char *point = g_build_filename(top, "mnt", NULL);
        g_autofree char *beside = g_build_filename(top, "beside", NULL);
        g_assert_true(dm_make_dirs(other, 0755, NULL) && dm_make_dirs(point, 0755, NULL));
        put(precious, "x");
        put(beside, "x");
        if (geteuid() != 0 || mount(other, point, NULL, MS_BIND, NULL) < 0) {
                g_test_skip("needs root to mount");
                return;
        }
        g_autoptr(GError) error = NULL;
        gboolean done = dm_remove_tree(top, &error);
        g_assert_cmpint(umount(point), ==, 0);
        g_assert_false(done);
        test_assert_error(error, DM_ERROR_BUSY, "something is mounted on 'mnt'");
        assert_content(precious, "x");
        g_assert_false(g_file_test(beside, G_FILE_TEST_EXISTS));
}

/* ---- sockets ---- */

/* A connection goes both ways. */
static void assert_talk(int listener, const char *path)
{
        g_autoptr(GError) error = NULL;
        dm_autofd int client = dm_connect_unix(path, &error);
        g_assert_no_error(error);
        g_assert_cmpint(client, >=, 0);
        g_assert_cmpint(fcntl(client, F_GETFD), ==, FD_CLOEXEC);
        g_assert_cmpint(fcntl(client, F_GETFL) & O_NONBLOCK, ==, 0);
        g_assert_cmpint(write(client, "abc", 3), ==, 3);
        char text[4] = "";
        while (!*text) { /* before us can stand those who only asked whether anybody listens */
                dm_autofd int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                g_assert_cmpint(server, >=, 0);
                g_assert_cmpint(read(server, text, 3), >=, 0);
        }
        g_assert_cmpstr(text, ==, "abc");
}

static void socket_at(const char *path)
{
        g_autoptr(GError) error = NULL;
        mode_t old = umask(0);
        dm_autofd int fd = dm_listen_unix(path, 5, 0640, &error);
        umask(old);
        g_assert_no_error(error);
        g_assert_cmpint(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
        assert_mode(path, 0640);
        assert_talk(fd, path);

        /* a live one is left alone */
        g_assert_cmpint(dm_listen_unix(path, 5, 0600, &error), ==, -1);
        test_assert_error(error, DM_ERROR_BUSY, "another process does");
        g_clear_error(&error);
        assert_mode(path, 0640);
        assert_talk(fd, path);

        /* a stale one is replaced */
        dm_close_fd(&fd);
        g_assert_cmpint(dm_connect_unix(path, &error), ==, -1);
        test_assert_error(error, DM_ERROR_GONE, "nobody listens on it");
        g_clear_error(&error);
        fd = dm_listen_unix(path, 5, 0600, &error);
        g_assert_no_error(error);
        assert_mode(path, 0600);
        assert_talk(fd, path);
}

static void test_unix_short(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *path = g_build_filename(f->dir, "socket", NULL);
        unsigned before = test_open_fds();
        socket_at(path);
        g_assert_cmpuint(test_open_fds(), ==, before);
}

static void test_unix_long(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *long_name = g_strnfill(200, 'd');
        g_autofree char *dir = g_build_filename(f->dir, long_name, long_name, NULL);
        g_autofree char *name = g_strnfill(DM_UNIX_NAME_MAX, 's');
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_assert_cmpuint(strlen(dir), >, 400);
        g_assert_true(dm_make_dirs(dir, 0700, NULL));
        unsigned before = test_open_fds();
        socket_at(path);
        g_assert_cmpuint(test_open_fds(), ==, before);

        g_autofree char *longer = g_strconcat(path, "s", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(dm_listen_unix(longer, 5, 0600, &error), ==, -1);
        test_assert_error(error, DM_ERROR_INVALID_ARG, "the socket's name must have 1 to 80 bytes");
        g_clear_error(&error);
        g_assert_cmpint(dm_connect_unix(longer, &error), ==, -1);
        test_assert_error(error, DM_ERROR_INVALID_ARG, "cannot connect to");
}

static void test_unix_relative(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *cwd = g_get_current_dir();
        g_assert_cmpint(chdir(f->dir), ==, 0);
        socket_at("socket");
        g_assert_cmpint(chdir(cwd), ==, 0);
}

static void test_unix_errors(Fixture *f, gconstpointer data)
{
        (void)data;
        g_autofree char *file = g_build_filename(f->dir, "file", NULL);
        g_autofree char *lost = g_build_filename(f->dir, "missing", "socket", NULL);
        g_autofree char *missing = g_build_filename(f->dir, "socket", NULL);
        g_autoptr(GError) error = NULL;
        put(file, "precious");
        g_assert_cmpint(dm_listen_unix(file, 5, 0600, &error), ==, -1);
        test_assert_error(error, DM_ERROR_EXISTS, "there is something that is no socket");
        assert_content(file, "precious");
        g_clear_error(&error);
        g_assert_cmpint(dm_listen_unix(lost, 5, 0600, &error), ==, -1);
        test_assert_error(error, DM_ERROR_NOT_FOUND, "cannot open its directory");
        g_clear_error(&error);
        g_assert_cmpint(dm_connect_unix(missing, &error), ==, -1);
        test_assert_error(error, DM_ERROR_NOT_FOUND, "/socket': No such file or directory");
        g_clear_error(&error);
        g_assert_cmpint(dm_listen_unix("/", 5, 0600, &error), ==, -1);
        test_assert_error(error, DM_ERROR_INVALID_ARG, "the socket's name");
        g_clear_error(&error);

        /* a listener whose queue is full is alive, and asking must not block */
        dm_autofd int fd = dm_listen_unix(missing, 0, 0600, &error);
        g_assert_no_error(error);
        dm_autofd int waiting = dm_connect_unix(missing, NULL);
        g_assert_cmpint(waiting, >=, 0);
        g_assert_cmpint(dm_listen_unix(missing, 5, 0600, &error), ==, -1);
        g_assert_error(error, DM_ERROR, DM_ERROR_BUSY);
}

static void test_boot_id(void)
{
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL));
        g_assert_cmpstr(dm_boot_id(), ==, g_strchomp(text));
        g_assert_cmpuint(strlen(dm_boot_id()), ==, 36);
        g_assert_true(dm_boot_id() == dm_boot_id());
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[1], "--write") == 0)
                return write_for_ever(argv[2]);
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/util/file/" name, Fixture, NULL, set_up, function, tear_down)
        ADD("read", test_read);
        ADD("read-big", test_read_big);
        ADD("read-errors", test_read_errors);
        ADD("write", test_write);
        ADD("write-symlink", test_write_symlink);
        ADD("write-exclusive", test_write_exclusive);
        ADD("write-errors", test_write_errors);
        ADD("write-full-disk", test_write_full_disk);
        ADD("write-read-only", test_write_read_only);
        ADD("write-killed", test_write_killed);
        ADD("make-dirs", test_make_dirs);
        ADD("remove-tree", test_remove_tree);
        ADD("remove-too-deep", test_remove_too_deep);
        ADD("remove-mount", test_remove_mount);
        ADD("unix-short", test_unix_short);
        ADD("unix-long", test_unix_long);
        ADD("unix-relative", test_unix_relative);
        ADD("unix-errors", test_unix_errors);
        g_test_add_func("/util/file/boot-id", test_boot_id);
        return g_test_run();
}
