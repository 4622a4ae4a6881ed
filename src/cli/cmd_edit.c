/* domus edit: a definition in the user's editor.
 *
 * Nothing that was typed is lost: a document that is refused can be edited again, and stays on disk when the
 * user gives up. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/connect.h"
#include "util/error.h"
#include "util/file.h"

#define DOCUMENT_MAX ((gsize)16 * 1024 * 1024)

GOptionEntry dm_options_edit[] = { { 0 } };

typedef struct Edit {
        char *path; /* what is edited */
        char *before;
        gboolean keep; /* it holds what was refused */
} Edit;

static void edit_clear(Edit *e)
{
        if (e->path && !e->keep)
                unlink(e->path);
        g_free(e->path);
        g_free(e->before);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Edit, edit_clear)

static const char *editor(void)
{
        static const char *const variables[] = { "VISUAL", "EDITOR" };
        for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
                const char *value = g_getenv(variables[i]);
                if (value && *value)
                        return value;
        }
        return "vi";
}

/* Through a shell, since the variable may hold options. */
static gboolean run_editor(const char *path, GError **error)
{
        g_autofree char *quoted = g_shell_quote(path), *line = g_strdup_printf("%s %s", editor(), quoted);
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", line, NULL };
        int status = 0;
        g_autoptr(GError) failure = NULL;
        if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL, &status,
                          &failure))
                return dm_fail(error, DM_ERROR_FAILED, "can't run the editor: %s", failure->message);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return TRUE;
        return dm_fail(error, DM_ERROR_FAILED,
                       "the editor '%s' did not end well: nothing is changed (set $VISUAL or $EDITOR for "
                       "another)",
                       editor());
}

static gboolean edit_begin(Edit *e, DomusDomain *domain, GError **error)
{
        /* With passwords: what is taken out here would be taken out of the definition. */
        e->before = domus_domain_xml(domain, DOMUS_XML_INACTIVE | DOMUS_XML_SECURE, error);
        if (!e->before)
                return FALSE;
        g_autofree char *template = g_build_filename(g_get_tmp_dir(), "domus-XXXXXX.xml", NULL);
        int fd = g_mkstemp_full(template, O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a file in '%s'",
                                     g_get_tmp_dir());
        close(fd);
        e->path = g_steal_pointer(&template);
        return dm_file_write_atomic(e->path, e->before, strlen(e->before), 0600, DM_FILE_PLAIN, error);
}

/* Whether to edit once more; no where nobody can be asked. */
static gboolean again(const GError *error)
{
        char answer[64];
        if (!isatty(STDIN_FILENO))
                return FALSE;
        fprintf(stderr, "domus: %s%s%s\nEdit again? [Y/n] ",
                domus_error_path(error) ? domus_error_path(error) : "", domus_error_path(error) ? ": " : "",
                error->message);
        return fgets(answer, sizeof answer, stdin) && answer[0] != 'n' && answer[0] != 'N';
}

/* NULL without error: it is as it was. */
static DomusDomain *edit_rounds(Edit *e, DomusConn *conn, GError **error)
{
        for (;;) {
                g_autofree char *xml = NULL;
                gsize length = 0;
                g_autoptr(GError) refusal = NULL;
                if (!run_editor(e->path, error) || !dm_file_read(e->path, DOCUMENT_MAX, &xml, &length, error))
                        return NULL;
                if (strcmp(xml, e->before) == 0)
                        return NULL;
                DomusDomain *domain = domus_define(conn, xml, 0, NULL, &refusal);
                if (domain) {
                        dm_print_warnings(xml, length);
                        return domain;
                }
                if (again(refusal))
                        continue;
                e->keep = TRUE;
                g_propagate_error(error, g_steal_pointer(&refusal));
                return NULL;
        }
}

int dm_cmd_edit(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("edit"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        g_auto(Edit) e = { 0 };
        if (!dm_connect_domain(cli, 0, argv[1], &t, &error) || !edit_begin(&e, t.domain, &error))
                return dm_print_error(cli, error);
        g_autoptr(DomusDomain) defined = edit_rounds(&e, t.conn, &error);
        if (defined)
                return dm_print_done(cli, defined, "changed");
        if (!error)
                return dm_print_done(cli, t.domain, "not changed");
        int code = dm_print_error(cli, error);
        if (e.keep)
                fprintf(stderr, "domus: what you wrote is in '%s'\n", e.path);
        return code;
}
