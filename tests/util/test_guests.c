/* The guests' own helper: that every example has its row, that its document can be used, and that a console
 * is read to the right place.  What the guests do is tested where the driver runs them. */
#include "lib/guests.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/process.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

/* Examples that are about something else than a board: who boots them says so. */
static const char *const others[] = { "hello" };

static void test_table(void)
{
        gsize n = 0;
        const DmGuestBoard *boards = dm_guest_boards(&n);
        g_assert_cmpuint(n, >=, 39);
        for (gsize i = 0; i < n; i++) {
                const DmGuestBoard *b = &boards[i];
                g_assert_true(dm_guest_board(b->name) == b);
                g_assert_true(((b->flags & DM_GUEST_TYPED) != 0) == (b->off != NULL));
                g_assert_cmpuint(b->deadline_s, >=, 30);
                for (gsize j = 0; j < i; j++)
                        g_assert_cmpstr(b->name, !=, boards[j].name);
        }
}

/* Every file of examples/ is a row or one of the others, and every row has a file. */
static void test_complete(void)
{
        g_autofree char *examples = dm_guest_examples_dir();
        g_autoptr(GError) error = NULL;
        g_autoptr(GDir) dir = g_dir_open(examples, 0, &error);
        g_assert_no_error(error);
        gsize n = 0;
        gsize found = 0;
        const DmGuestBoard *boards = dm_guest_boards(&n);
        const char *file;
        while ((file = g_dir_read_name(dir)) != NULL) {
                if (!g_str_has_suffix(file, ".xml"))
                        continue;
                g_autofree char *name = g_strndup(file, strlen(file) - strlen(".xml"));
                gboolean known = FALSE;
                for (gsize i = 0; i < n && !known; i++)
                        known = strcmp(boards[i].name, name) == 0;
                found += known;
                for (gsize i = 0; i < G_N_ELEMENTS(others) && !known; i++)
                        known = strcmp(others[i], name) == 0;
                if (!known)
                        g_error("examples/%s is in no table: no test ever reads it", file);
        }
        g_assert_cmpuint(found, ==, n);
}

static char *text_at(xmlXPathContext *context, const char *path)
{
        xmlXPathObject *object = xmlXPathEvalExpression((const xmlChar *)path, context);
        g_assert_nonnull(object);
        xmlChar *text = xmlXPathCastToString(object);
        char *result = g_strdup((const char *)text);
        xmlFree(text);
        xmlXPathFreeObject(object);
        return result;
}

/* A build directory of our own, with an empty file for each image of each board. */
static char *make_build(void)
{
        char *build = g_dir_make_tmp("guests-XXXXXX", NULL);
        g_assert_nonnull(build);
        gsize n = 0;
        const DmGuestBoard *boards = dm_guest_boards(&n);
        for (gsize i = 0; i < n; i++)
                for (gsize k = 0; k < G_N_ELEMENTS(boards[i].images) && boards[i].images[k] != NULL; k++) {
                        const char *image = boards[i].images[k];
                        gboolean linux_guest = g_str_has_prefix(boards[i].name, "linux-");
                        g_autofree char *folder =
                                g_build_filename(build, linux_guest ? "cache" : "guests", NULL);
                        g_autofree char *path = g_build_filename(folder, image, NULL);
                        g_assert_true(dm_make_dirs(folder, 0777, NULL));
                        g_assert_true(
                                dm_file_write_atomic(path, image, strlen(image), 0666, DM_FILE_PLAIN, NULL));
                }
        return build;
}

static void with_build(const char *build, void (*fn)(const char *build))
{
        g_autofree char *old = g_strdup(g_getenv("DOMUS_BUILD"));
        g_setenv("DOMUS_BUILD", build, TRUE);
        fn(build);
        if (old != NULL)
                g_setenv("DOMUS_BUILD", old, TRUE);
        else
                g_unsetenv("DOMUS_BUILD");
}

static void check_documents(const char *build)
{
        gsize n = 0;
        const DmGuestBoard *boards = dm_guest_boards(&n);
        for (gsize i = 0; i < n; i++) {
                const DmGuestBoard *b = &boards[i];
                g_autoptr(GError) error = NULL;
                g_autofree char *xml = dm_guest_board_xml(b, build, &error);
                g_assert_no_error(error);
                g_assert_null(strstr(xml, "/var/lib/domus"));
                xmlDoc *doc = xmlReadMemory(xml, (int)strlen(xml), b->name, NULL, XML_PARSE_NONET);
                g_assert_nonnull(doc);
                xmlXPathContext *context = xmlXPathNewContext(doc);
                g_autofree char *name = text_at(context, "/domain/name");
                g_autofree char *kernel = text_at(context, "/domain/os/kernel");
                g_autofree char *initrd = text_at(context, "/domain/os/initrd");
                g_autofree char *disk = text_at(context, "/domain/devices/disk/source/@file");
                g_autofree char *type = text_at(context, "/domain/os/type");
                xmlXPathFreeContext(context);
                xmlFreeDoc(doc);

                g_assert_cmpstr(name, ==, b->name);
                g_assert_true((strcmp(type, "hvm") != 0) == ((b->flags & DM_GUEST_SEED) != 0));
                const char *named[] = { kernel[0] != '\0' ? kernel : disk, initrd };
                for (gsize k = 0; k < G_N_ELEMENTS(named); k++) {
                        g_autofree char *base = g_path_get_basename(named[k]);
                        if (b->images[k] == NULL) {
                                g_assert_cmpstr(named[k], ==, "");
                                continue;
                        }
                        g_assert_cmpstr(base, ==, b->images[k]);
                        g_autofree char *content = NULL;
                        gsize length = 0;
                        g_assert_true(dm_file_read(named[k], 4096, &content, &length, NULL));
                        g_assert_cmpstr(content, ==, b->images[k]);
                        g_autofree char *original = dm_guest_image(b->images[k]);
                        g_assert_true((strcmp(named[k], original) != 0) ==
                                      g_str_has_suffix(named[k], ".img"));
                }
        }
}

static void test_documents(void)
{
        g_autofree char *build = make_build();
        with_build(build, check_documents);
        g_assert_true(dm_remove_tree(build, NULL));
}

static void check_missing(const char *build)
{
        g_autofree char *reason = NULL;
        DmGuestBoard board = *dm_guest_board("x86_64-pc");
        board.binary = "sh";
        g_assert_true(dm_guest_available(&board, &reason));
        g_assert_null(reason);

        g_autofree char *image = g_build_filename(build, "guests", "x86.elf", NULL);
        g_assert_cmpint(unlink(image), ==, 0);
        g_assert_false(dm_guest_available(&board, &reason));
        g_assert_cmpstr(reason, ==, "no x86.elf (make guests builds it)");
        g_clear_pointer(&reason, g_free);

        g_autofree char *list = g_build_filename(build, "guests", "missing", NULL);
        const char *lines = "x86.elf.old not this\nx86.elf no as on this machine\n";
        g_assert_true(dm_file_write_atomic(list, lines, strlen(lines), 0666, DM_FILE_PLAIN, NULL));
        g_assert_false(dm_guest_available(&board, &reason));
        g_assert_cmpstr(reason, ==, "no x86.elf: no as on this machine");
        g_clear_pointer(&reason, g_free);

        g_autoptr(GError) error = NULL;
        g_assert_null(dm_guest_board_xml(&board, build, &error));
        test_assert_error(error, DM_ERROR_NOT_FOUND, "image 'x86.elf' was neither built nor fetched");

        board.images[0] = "amd64.nothing.linux";
        g_assert_false(dm_guest_available(&board, &reason));
        g_assert_cmpstr(reason, ==, "no amd64.nothing.linux (scripts/fetch-guests fetches it)");
        g_clear_pointer(&reason, g_free);

        board.binary = "qemu-system-of-nobody";
        g_assert_false(dm_guest_available(&board, &reason));
        g_assert_cmpstr(reason, ==, "qemu-system-of-nobody is not installed");
}

static void test_missing(void)
{
        g_autofree char *build = make_build();
        with_build(build, check_missing);
        g_assert_true(dm_remove_tree(build, NULL));
}

/* ---- consoles ---- */

static void say(int fd, const void *bytes, gsize length)
{
        g_assert_cmpint(write(fd, bytes, length), ==, (gssize)length);
}

static void test_expect(void)
{
        int ends[2];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
        dm_autofd int ours = ends[0];
        dm_autofd int guest = ends[1];
        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;

        /* after a NUL, and in two pieces */
        say(guest, "\0boot\r\nREA", 10);
        g_assert_false(dm_guest_expect(ours, "READY", 50, said, &position));
        g_assert_cmpuint(position, ==, 0);
        say(guest, "DY once, READY twice", 20);
        g_assert_true(dm_guest_expect(ours, "READY", 5000, said, &position));
        g_assert_cmpstr(said->str + position, ==, " once, READY twice");

        /* the next one is found without reading, the third isn't there */
        g_assert_true(dm_guest_expect(ours, "READY", 0, said, &position));
        g_assert_cmpstr(said->str + position, ==, " twice");
        gint64 begin_us = g_get_monotonic_time();
        g_assert_false(dm_guest_expect(ours, "READY", 100, said, &position));
        g_assert_cmpint(g_get_monotonic_time() - begin_us, >=, 100 * 1000);

        /* typing goes the other way */
        char buffer[16] = "";
        g_assert_true(dm_guest_type(ours, "hello"));
        g_assert_cmpint(read(guest, buffer, sizeof buffer), ==, 5);
        g_assert_cmpstr(buffer, ==, "hello");

        /* the end of a console is an answer, not a wait */
        say(guest, "last", 4);
        dm_close_fd(&guest);
        begin_us = g_get_monotonic_time();
        g_assert_true(dm_guest_expect(ours, "last", 60000, said, &position));
        g_assert_false(dm_guest_expect(ours, "more", 60000, said, &position));
        g_assert_cmpint(g_get_monotonic_time() - begin_us, <, 30 * G_USEC_PER_SEC);
}

/* Whatever the machine is like, the answer is definite, comes once, and leaves nothing behind. */
static void test_kvm(void)
{
        g_autofree char *reason = NULL;
        g_autofree char *again = NULL;
        unsigned before = test_open_fds();
        gboolean runs = dm_guest_kvm_runs(&reason);
        g_assert_true(runs == (reason == NULL));
        g_assert_cmpuint(test_open_fds(), ==, before);
        test_assert_no_zombie();
        if (access("/dev/kvm", R_OK | W_OK) != 0)
                g_assert_false(runs);
        gint64 begin_us = g_get_monotonic_time();
        g_assert_true(dm_guest_kvm_runs(&again) == runs);
        g_assert_cmpstr(again, ==, reason);
        g_assert_cmpint(g_get_monotonic_time() - begin_us, <, G_USEC_PER_SEC / 10);
        g_test_message("KVM: %s", runs ? "runs guests" : reason);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/util/guests/table", test_table);
        g_test_add_func("/util/guests/complete", test_complete);
        g_test_add_func("/util/guests/documents", test_documents);
        g_test_add_func("/util/guests/missing", test_missing);
        g_test_add_func("/util/guests/expect", test_expect);
        g_test_add_func("/util/guests/kvm", test_kvm);
        return g_test_run();
}
