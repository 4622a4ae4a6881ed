/* Consoles: drained always, history bounded, one stream, a slow reader loses output but stalls nobody. */
#include "driver/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/error.h"

typedef struct Pty {
        int guest; /* QEMU's end */
        char tty[64];
} Pty;

static Pty pty_new(void)
{
        Pty p;
        int slave;
        struct termios raw;
        memset(&raw, 0, sizeof raw);
        cfmakeraw(&raw);
        g_assert_cmpint(openpty(&p.guest, &slave, p.tty, &raw, NULL), ==, 0);
        fcntl(p.guest, F_SETFL, O_NONBLOCK);
        close(slave);
        return p;
}

static void iterate(int ms)
{
        gint64 until = g_get_monotonic_time() + ms * 1000;
        while (g_get_monotonic_time() < until)
                if (!g_main_context_iteration(NULL, FALSE))
                        g_usleep(500);
}

/* The guest prints @n bytes; fails the test when it is stalled for 5 s. */
static void guest_prints(const Pty *p, const char *data, gsize n)
{
        gint64 until = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
        while (n) {
                gssize written = write(p->guest, data, n);
                if (written > 0) {
                        data += written;
                        n -= (gsize)written;
                }
                while (g_main_context_iteration(NULL, FALSE))
                        ;
                g_assert_cmpint(g_get_monotonic_time(), <, until);
        }
        iterate(5);
}

static GString *read_all(int fd)
{
        GString *s = g_string_new(NULL);
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char chunk[65536];
        for (;;) {
                iterate(2);
                if (poll(&p, 1, 50) <= 0)
                        break;
                gssize n = read(fd, chunk, sizeof chunk);
                if (n <= 0)
                        break;
                g_string_append_len(s, chunk, n);
        }
        return s;
}

static void test_both_ways(void)
{
        g_autoptr(GError) error = NULL;
        Pty p = pty_new();
        DmConsole *c = dm_console_open(p.tty, "serial0", &error);
        g_assert_no_error(error);
        guest_prints(&p, "before ", 7);
        int fd = dm_console_connect(c, TRUE, FALSE, &error);
        g_assert_no_error(error);
        guest_prints(&p, "after", 5);
        g_autoptr(GString) got = read_all(fd);
        g_assert_cmpstr(got->str, ==, "before after");
        g_assert_cmpint(write(fd, "typed", 5), ==, 5);
        iterate(20);
        char typed[16] = "";
        g_assert_cmpint(read(p.guest, typed, sizeof typed), ==, 5);
        g_assert_cmpstr(typed, ==, "typed");
        dm_console_close(c);
        char end;
        g_assert_cmpint(read(fd, &end, 1), ==, 0); /* end of file, not an error */
        close(fd);
        close(p.guest);
}

static void test_unread_never_stalls(void)
{
        Pty p = pty_new();
        DmConsole *c = dm_console_open(p.tty, "serial0", NULL);
        int fd = dm_console_connect(c, FALSE, FALSE, NULL);
        g_autofree char *lines = g_malloc(4 * 1024 * 1024);
        for (gsize i = 0; i < 4 * 1024 * 1024; i++)
                lines[i] = (char)('a' + i / 1024 % 26);
        guest_prints(&p, lines, 4 * 1024 * 1024); /* nobody reads fd */
        guest_prints(&p, "LAST", 4);
        g_autoptr(GString) got = read_all(fd);
        g_assert_cmpuint(got->len, <, 4 * 1024 * 1024);    /* it has lost something … */
        g_assert_true(g_str_has_suffix(got->str, "LAST")); /* … but not the newest */
        close(fd);
        iterate(5);
        fd = dm_console_connect(c, TRUE, FALSE, NULL);
        g_autoptr(GString) history = read_all(fd);
        g_assert_cmpuint(history->len, ==, DM_CONSOLE_HISTORY_MAX);
        g_assert_true(g_str_has_suffix(history->str, "LAST"));
        close(fd);
        dm_console_close(c);
        close(p.guest);
}

static void test_one_stream(void)
{
        g_autoptr(GError) error = NULL;
        Pty p = pty_new();
        DmConsole *c = dm_console_open(p.tty, "serial0", NULL);
        int first = dm_console_connect(c, FALSE, FALSE, NULL);
        g_assert_cmpint(dm_console_connect(c, FALSE, FALSE, &error), ==, -1);
        g_assert_error(error, DM_ERROR, DM_ERROR_BUSY);
        g_clear_error(&error);
        int second = dm_console_connect(c, FALSE, TRUE, &error);
        g_assert_no_error(error);
        char end;
        g_assert_cmpint(read(first, &end, 1), ==, 0);
        guest_prints(&p, "x", 1);
        g_autoptr(GString) got = read_all(second);
        g_assert_cmpstr(got->str, ==, "x");
        close(second); /* the reader goes: the next may come without force */
        iterate(5);
        int third = dm_console_connect(c, FALSE, FALSE, &error);
        g_assert_no_error(error);
        close(third);
        close(first);
        dm_console_close(c);
        close(p.guest);
}

static void test_guest_ends(void)
{
        Pty p = pty_new();
        DmConsole *c = dm_console_open(p.tty, "serial0", NULL);
        int fd = dm_console_connect(c, FALSE, FALSE, NULL);
        guest_prints(&p, "bye", 3);
        close(p.guest);
        iterate(10);
        g_autoptr(GString) got = read_all(fd);
        g_assert_cmpstr(got->str, ==, "bye");
        dm_console_close(c);
        close(fd);
}

static void test_missing(void)
{
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_console_open("/dev/pts/does-not-exist", "serial0", &error));
        g_assert_nonnull(
                strstr(error->message, "can't open the console '/dev/pts/does-not-exist': No such file"));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/console/both-ways", test_both_ways);
        g_test_add_func("/driver/console/unread-never-stalls", test_unread_never_stalls);
        g_test_add_func("/driver/console/one-stream", test_one_stream);
        g_test_add_func("/driver/console/guest-ends", test_guest_ends);
        g_test_add_func("/driver/console/missing", test_missing);
        return g_test_run();
}
