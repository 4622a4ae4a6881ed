/* domus logs: what a guest's QEMU said.
 *
 * QEMU appends to the file itself, so it can be followed without the driver, which is not kept from others
 * meanwhile.  A log that has become too long is cut at its beginning, by copying: it is shorter then, and
 * read again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/connect.h"
#include "util/error.h"
#include "util/fd.h"

/* Of a longer log the end. */
#define LOG_MAX ((off_t)16 * 1024 * 1024)

static gboolean option_follow;
static int option_lines = -1;
GOptionEntry dm_options_logs[] = {
        { "follow", 'f', 0, G_OPTION_ARG_NONE, &option_follow, "Go on as it grows, until interrupted", NULL },
        { "lines", 'n', 0, G_OPTION_ARG_INT, &option_lines, "Only the last ones", "N" },
        { 0 },
};

/* What @fd has from @from on, at most LOG_MAX; *from moves behind it. */
static GString *read_on(int fd, off_t *from)
{
        GString *s = g_string_new(NULL);
        char chunk[16384];
        for (;;) {
                ssize_t n = s->len < LOG_MAX ? pread(fd, chunk, sizeof chunk, *from) : 0;
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return s;
                g_string_append_len(s, chunk, n);
                *from += n;
        }
}

/* Where the last @lines lines of @s begin. */
static const char *last_lines(const GString *s, int lines)
{
        if (lines < 0)
                return s->str;
        const char *end = s->str + s->len, *at = end;
        for (; lines > 0 && at > s->str; at--)
                if (at[-1] == '\n' && at < end && --lines == 0)
                        break;
        return at;
}

static int follow(const char *path, int fd, off_t at)
{
        dm_autofd int changes = inotify_init1(IN_CLOEXEC);
        if (changes < 0 || inotify_add_watch(changes, path, IN_MODIFY) < 0) {
                fprintf(stderr, "domus: can't watch '%s': %s\n", path, g_strerror(errno));
                return DM_EXIT_FAILED;
        }
        for (;;) {
                struct stat st;
                char event[4096];
                if (fstat(fd, &st) == 0 && st.st_size < at)
                        at = 0; /* it was cut */
                g_autoptr(GString) more = read_on(fd, &at);
                fwrite(more->str, 1, more->len, stdout);
                if (fflush(stdout) != 0)
                        return DM_EXIT_FAILED;
                if (!more->len && read(changes, event, sizeof event) < 0 && errno != EINTR)
                        return DM_EXIT_FAILED;
        }
}

/* Its path, by the name of the guest.  The driver is let go of again.  Owned. */
static char *find_log(const DmCli *cli, const char *word, char **ret_name, GError **error)
{
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, DOMUS_OPEN_READONLY, word, &t, error))
                return NULL;
        g_autofree char *root = dm_root_of(cli);
        if (!root)
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED,
                                    "the log of domain '%s' is where its driver is, '%s': only --root and "
                                    "qemu:///embed?root=DIR tell its place",
                                    domus_domain_name(t.domain), domus_conn_uri(t.conn));
        *ret_name = g_strdup(domus_domain_name(t.domain));
        return g_strdup_printf("%s/log/%s.log", root, *ret_name);
}

int dm_cmd_logs(DmCli *cli, int argc, char **argv)
{
        const DmCommandRow *row = dm_command_find("logs");
        if (argc != 2)
                return dm_usage(cli, row, "one DOMAIN is needed");
        if (option_follow && cli->json)
                return dm_usage(cli, row, "--follow has no end, and so is no JSON");
        if (option_lines < -1)
                return dm_usage(cli, row, "'%d' is no number of lines", option_lines);
        g_autoptr(GError) error = NULL;
        g_autofree char *name = NULL, *path = find_log(cli, argv[1], &name, &error);
        if (!path)
                return dm_print_error(cli, error);
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) < 0) {
                if (errno == ENOENT)
                        dm_fail(&error, DM_ERROR_NOT_FOUND,
                                "domain '%s' has no log, since it was never started ('%s')", name, path);
                else
                        dm_fail_errno(&error, dm_error_code_of_errno(errno), errno, "can't read '%s'", path);
                return dm_print_error(cli, error);
        }
        off_t at = MAX(st.st_size - LOG_MAX, 0);
        g_autoptr(GString) text = read_on(fd, &at);
        const char *from = last_lines(text, option_lines);
        if (cli->json) {
                g_autofree char *valid = g_utf8_make_valid(from, (gssize)strlen(from));
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "name", name);
                dm_json_add_string(j, "path", path);
                dm_json_add_string(j, "text", valid);
                dm_print_json(j);
                return DM_EXIT_OK;
        }
        fwrite(from, 1, text->len - (gsize)(from - text->str), stdout);
        return option_follow ? follow(path, fd, at) : DM_EXIT_OK;
}
