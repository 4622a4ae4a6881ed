/* domus, the command line: finds the command's row, parses its options, runs it. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const DmCommandRow rows[] = {
#define DM_COMMAND(name, suffix, arguments, summary) \
        { name, arguments, summary, FALSE, dm_cmd_##suffix, dm_options_##suffix },
#define DM_GUEST_COMMAND(name, suffix, arguments, summary) \
        { name, arguments, summary, TRUE, dm_cmd_##suffix, dm_options_##suffix },
#include "cli/commands.def"
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
                /* Those of a row that connects. */
                { "connect", 'c', 0, G_OPTION_ARG_STRING, &cli->uri, "", NULL },
                { "root", 0, 0, G_OPTION_ARG_FILENAME, &cli->root, "", NULL },
                { 0 },
        };
        if (!row->connects)
                common[2] = (GOptionEntry){ 0 };
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

/* "--connect URI", "--connect=URI", "-c URI" before the command: TRUE when it was one of these; *first moves
 * over it.  *ret_value stays NULL when there is none. */
static gboolean option_of_connection(const char *name, const char *letter, int argc, char **argv, int *first,
                                     char **ret_value)
{
        const char *word = argv[*first];
        gsize length = strlen(name);
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
                *ret_value = g_strdup(word + length + 1);
                return TRUE;
        }
        if (strcmp(word, name) != 0 && (!letter || strcmp(word, letter) != 0))
                return FALSE;
        if (*first + 1 < argc)
                *ret_value = g_strdup(argv[++*first]);
        return TRUE;
}

static int run_line(DmCli *cli, int argc, char **argv)
{
        int first = 1;
        for (; first < argc && argv[first][0] == '-'; first++) {
                const char *word = argv[first];
                if (strcmp(word, "--json") == 0)
                        continue;
                if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
                        return dm_cmd_help(cli, 1, argv);
                if (strcmp(word, "--version") == 0)
                        return dm_cmd_version(cli, 1, argv);
                char **value = NULL;
                if (option_of_connection("--connect", "-c", argc, argv, &first, &cli->uri))
                        value = &cli->uri;
                else if (option_of_connection("--root", NULL, argc, argv, &first, &cli->root))
                        value = &cli->root;
                if (!value)
                        return dm_usage(cli, NULL, "unknown option '%s'", word);
                if (!*value)
                        return dm_usage(cli, NULL, "option '%s' needs a value", word);
        }
        if (first == argc)
                return dm_usage(cli, NULL, "a command is needed");
        const DmCommandRow *row = dm_command_find(argv[first]);
        if (!row)
                return dm_usage(cli, NULL, "unknown command '%s'", argv[first]);
        if (!row->connects && (cli->uri || cli->root))
                return dm_usage(cli, row, "it connects to no driver: %s does not apply",
                                cli->uri ? "--connect" : "--root");
        /* GOption changes what it is given. */
        g_autofree char **words = g_new0(char *, (gsize)(argc - first) + 1);
        for (int i = first; i < argc; i++)
                words[i - first] = argv[i];
        return run_command(cli, row, argc - first, words);
}

int main(int argc, char **argv)
{
        setlocale(LC_ALL, "");
        g_set_prgname("domus");
        DmCli cli = { .json = wants_json(argc, argv) };
        int code = run_line(&cli, argc, argv);
        g_free(cli.uri);
        g_free(cli.root);
        if (fflush(stdout) == 0 && !ferror(stdout))
                return code;
        fprintf(stderr, "domus: can't write to standard output: %s\n", g_strerror(errno));
        return code ? code : DM_EXIT_FAILED;
}
