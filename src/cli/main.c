/* domus, the command line: finds the command's row, parses its options, runs it. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const DmCommandRow rows[] = {
#define DM_COMMAND(name, suffix, arguments, summary) \
        { name, arguments, summary, dm_cmd_##suffix, dm_options_##suffix },
#include "cli/commands.def"
#undef DM_COMMAND
        { 0 },
};

const DmCommandRow *dm_command_rows(void)
{
        return rows;
}

const DmCommandRow *dm_command_find(const char *name)
{
        for (const DmCommandRow *row = rows; row->name; row++)
                if (strcmp(row->name, name) == 0)
                        return row;
        return NULL;
}

static int run_command(DmCli *cli, const DmCommandRow *row, int argc, char **argv)
{
        GOptionEntry common[] = {
                { "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, "Print JSON, errors included", NULL },
                { "help", 'h', 0, G_OPTION_ARG_NONE, &cli->help, "Describe the command", NULL },
                { 0 },
        };
        g_autoptr(GOptionContext) context = g_option_context_new(row->arguments);
        g_autoptr(GError) error = NULL;
        g_option_context_set_help_enabled(context, FALSE);
        g_option_context_add_main_entries(context, row->options, NULL);
        g_option_context_add_main_entries(context, common, NULL);
        if (!g_option_context_parse(context, &argc, &argv, &error))
                return dm_usage(cli, row, "%s", error->message);
        if (cli->help) {
                char *words[] = { (char *)"help", (char *)row->name, NULL };
                return dm_cmd_help(cli, 2, words);
        }
        return row->fn(cli, argc, argv);
}

/* Wherever it stands: an error in another option is to be printed as JSON too. */
static gboolean wants_json(int argc, char **argv)
{
        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--json") == 0)
                        return TRUE;
        return FALSE;
}

static int run_line(int argc, char **argv)
{
        DmCli cli = { .json = wants_json(argc, argv) };
        int first = 1;
        for (; first < argc && argv[first][0] == '-'; first++) {
                if (strcmp(argv[first], "--json") == 0)
                        continue;
                if (strcmp(argv[first], "--help") == 0 || strcmp(argv[first], "-h") == 0)
                        return dm_cmd_help(&cli, 1, argv);
                else if (strcmp(argv[first], "--version") == 0)
                        return dm_cmd_version(&cli, 1, argv);
                else
                        return dm_usage(&cli, NULL, "unknown option '%s'", argv[first]);
        }
        if (first == argc)
                return dm_usage(&cli, NULL, "a command is needed");
        const DmCommandRow *row = dm_command_find(argv[first]);
        if (!row)
                return dm_usage(&cli, NULL, "unknown command '%s'", argv[first]);
        /* GOption changes what it is given. */
        g_autofree char **words = g_new0(char *, (gsize)(argc - first) + 1);
        for (int i = first; i < argc; i++)
                words[i - first] = argv[i];
        return run_command(&cli, row, argc - first, words);
}

int main(int argc, char **argv)
{
        setlocale(LC_ALL, "");
        g_set_prgname("domus");
        int code = run_line(argc, argv);
        if (fflush(stdout) == 0 && !ferror(stdout))
                return code;
        fprintf(stderr, "domus: can't write to standard output: %s\n", g_strerror(errno));
        return code ? code : DM_EXIT_FAILED;
}
