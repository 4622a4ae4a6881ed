/* What the commands print, and the documents and connections they open. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "driver/offline.h"
#include "util/error.h"
#include "util/file.h"

#define DOCUMENT_MAX (16u * 1024 * 1024)

DmJson *dm_error_json(const GError *error)
{
        DmJson *e = dm_json_object_new();
        dm_json_add_string(e, "code", domus_error_name(error));
        if (domus_error_line(error))
                dm_json_add_int(e, "line", domus_error_line(error));
        dm_json_add_string(e, "path", domus_error_path(error));
        dm_json_add_string(e, "message", error->message);
        return e;
}

int dm_exit_code(const GError *error)
{
        gboolean document = domus_error_path(error) || domus_error_line(error) ||
                            g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_INVALID_XML);
        if (document)
                return DM_EXIT_DOCUMENT;
        if (g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT))
                return DM_EXIT_TIMED_OUT;
        return g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_UNSUPPORTED) ? DM_EXIT_DOCUMENT
                                                                            : DM_EXIT_FAILED;
}

int dm_print_error(const DmCli *cli, const GError *error)
{
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_take(j, "error", dm_error_json(error));
                dm_print_json(j);
                return dm_exit_code(error);
        }
        fprintf(stderr, "domus: error: ");
        if (domus_error_line(error))
                fprintf(stderr, "line %u: ", domus_error_line(error));
        if (domus_error_path(error))
                fprintf(stderr, "%s: ", domus_error_path(error));
        fprintf(stderr, "%s\n", error->message);
        return dm_exit_code(error);
}

void dm_print_json(const DmJson *j)
{
        g_autofree char *text = dm_json_to_pretty(j);
        printf("%s\n", text);
}

int dm_usage(const DmCli *cli, const DmCommandRow *row, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        if (cli->json) {
                g_autoptr(GError) error = NULL;
                dm_fail(&error, DM_ERROR_INVALID_ARG, "%s", message);
                dm_print_error(cli, error);
        } else if (row) {
                fprintf(stderr, "domus %s: %s\nTry 'domus help %s'.\n", row->name, message, row->name);
        } else {
                fprintf(stderr, "domus: %s\nTry 'domus help'.\n", message);
        }
        return DM_EXIT_USAGE;
}

static char *read_stdin(gsize *ret_length, GError **error)
{
        g_autoptr(GString) s = g_string_new(NULL);
        char buffer[65536];
        for (;;) {
                gssize n = read(STDIN_FILENO, buffer, sizeof buffer);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't read standard input");
                        return NULL;
                }
                if (n == 0)
                        break;
                g_string_append_len(s, buffer, n);
                if (s->len > DOCUMENT_MAX)
                        return dm_fail_null(error, DM_ERROR_INVALID_XML,
                                            "the document has more than %u bytes", DOCUMENT_MAX);
        }
        *ret_length = s->len;
        return g_string_free(g_steal_pointer(&s), FALSE);
}

char *dm_read_document(const char *path, gsize *ret_length, GError **error)
{
        if (strcmp(path, "-") == 0)
                return read_stdin(ret_length, error);
        char *text = NULL;
        return dm_file_read(path, DOCUMENT_MAX, &text, ret_length, error) ? text : NULL;
}

void dm_print_warnings(const char *xml, gsize length)
{
        g_autoptr(DmFindings) findings = dm_offline_read(xml, length);
        for (gsize i = 0; dm_findings_errors(findings) == 0 && i < dm_findings_count(findings); i++) {
                g_autofree char *line = dm_finding_text(dm_findings_at(findings, i));
                fprintf(stderr, "domus: %s\n", line);
        }
}

char *dm_cache_dir(void)
{
        return g_build_filename(g_get_user_cache_dir(), "domus", NULL);
}

DomusConn *dm_open_private(char **ret_root, GError **error)
{
        g_autofree char *template = g_build_filename(g_get_tmp_dir(), "domus-XXXXXX", NULL);
        if (!g_mkdtemp_full(template, 0700)) {
                dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a directory in '%s'",
                              g_get_tmp_dir());
                return NULL;
        }
        g_autofree char *cache = dm_cache_dir();
        g_autofree char *e_root = g_uri_escape_string(template, "/", FALSE);
        g_autofree char *e_cache = g_uri_escape_string(cache, "/", FALSE);
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s&cache=%s", e_root, e_cache);
        DomusConn *conn = domus_open(uri, 0, error);
        if (conn)
                *ret_root = g_steal_pointer(&template);
        else
                dm_remove_tree(template, NULL);
        return conn;
}

void dm_close_private(DomusConn *conn, char *root)
{
        domus_conn_unref(conn);
        dm_remove_tree(root, NULL);
        g_free(root);
}
