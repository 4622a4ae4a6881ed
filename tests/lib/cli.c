#include "lib/cli.h"

#include <string.h>

#include "lib/process.h"
#include "util/file.h"

#define OUTPUT_MAX (4 * 1024 * 1024)
#define LIMIT_MS   60000

void cli_result_clear(CliResult *r)
{
        g_clear_pointer(&r->out, g_free);
        g_clear_pointer(&r->err, g_free);
}

static char *build_dir(void)
{
        const char *given = g_getenv("DOMUS_BUILD");
        if (given)
                return g_strdup(given);
        g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *layer = g_path_get_dirname(program);
        g_autofree char *tests = g_path_get_dirname(layer);
        return g_path_get_dirname(tests);
}

void cli_init(void)
{
        g_autofree char *build = build_dir();
        g_autofree char *path = g_strdup_printf("%s:%s", build, g_getenv("PATH"));
        g_setenv("PATH", path, TRUE);
        g_setenv("DOMUS_BUILD", build, TRUE);
}

char *cli_program(void)
{
        g_autofree char *build = build_dir();
        return g_build_filename(build, "domus", NULL);
}

CliResult cli(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *script = g_strdup_vprintf(format, args);
        va_end(args);
        g_autoptr(GError) error = NULL;
        CliResult r = { .code = -1 };
        DmExit e = { DM_EXIT_UNKNOWN, -1, FALSE };
        dm_run(SH(script), LIMIT_MS, OUTPUT_MAX, &r.out, &r.err, &e, &error);
        g_assert_no_error(error);
        r.code = e.kind == DM_EXIT_CODE ? e.value : -1;
        return r;
}

DmJson *cli_json(const CliResult *r)
{
        g_autoptr(GError) error = NULL;
        DmJson *j = dm_json_parse(r->out, strlen(r->out), &error);
        if (error)
                g_error("%s: %s", error->message, r->out);
        return j;
}

char *cli_file(const char *dir, const char *name, const char *text)
{
        g_autoptr(GError) error = NULL;
        char *path = g_build_filename(dir, name, NULL);
        g_file_set_contents(path, text, -1, &error);
        g_assert_no_error(error);
        return path;
}

void cli_assert_has_at(const char *file, int line, const char *text, const char *part)
{
        if (!text || !strstr(text, part))
                g_error("%s:%d: no '%s' in: %s", file, line, part, text ? text : "(nothing)");
}

void cli_assert_empty(const char *dir)
{
        g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
        g_assert_nonnull(d);
        g_assert_cmpstr(g_dir_read_name(d), ==, NULL);
}
