/* domus help, completion: printed from the rows. */
#include <stdio.h>
#include <string.h>

#include "cli/connect.h"

GOptionEntry dm_options_help[] = { { 0 } };
GOptionEntry dm_options_completion[] = { { 0 } };

static const char exit_codes[] =
        "Exit codes\n"
        "  0  done; run: the guest shut itself down\n"
        "  1  the operation failed\n"
        "  2  wrong usage\n"
        "  3  the document is wrong, or asks for what is not available\n"
        "  4  run, shutdown --force: the guest did not shut down when asked and was destroyed\n"
        "  5  run: the guest panicked, or its QEMU died\n"
        "  6  --timeout: it did not happen within the time given\n";

static const GOptionEntry common_options[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, NULL, "Print JSON, errors included", NULL },
        { "help", 'h', 0, G_OPTION_ARG_NONE, NULL, "Describe the command", NULL },
        { 0 },
};
/* Of commands that connect. */
static const GOptionEntry connect_options[] = {
        { "connect", 'c', 0, G_OPTION_ARG_STRING, NULL, "The driver at URI, as $DOMUS_URI", "URI" },
        { "root", 0, 0, G_OPTION_ARG_FILENAME, NULL, "The driver of the guests kept in DIR", "DIR" },
        { 0 },
};

static DmJson *row_json(const DmCommandRow *row)
{
        DmJson *j = dm_json_object_new(), *options = dm_json_array_new();
        dm_json_add_string(j, "name", row->name);
        dm_json_add_string(j, "arguments", row->arguments);
        dm_json_add_string(j, "summary", row->summary);
        for (const GOptionEntry *o = row->options; o->long_name; o++) {
                DmJson *option = dm_json_object_new();
                dm_json_add_string(option, "name", o->long_name);
                dm_json_add_string(option, "argument", o->arg_description);
                dm_json_add_string(option, "summary", o->description);
                dm_json_append_take(options, option);
        }
        dm_json_add_take(j, "options", options);
        dm_json_add_bool(j, "connects", row->connects);
        return j;
}

static void print_options(const GOptionEntry *options)
{
        for (const GOptionEntry *o = options; o->long_name; o++) {
                g_autoptr(GString) left = g_string_new(NULL);
                if (o->short_name)
                        g_string_append_printf(left, "-%c, ", o->short_name);
                g_string_append_printf(left, "--%s%s%s", o->long_name, o->arg_description ? "=" : "",
                                       o->arg_description ? o->arg_description : "");
                printf("  %-26s %s\n", left->str, o->description);
        }
}

static int help_one(const DmCli *cli, const DmCommandRow *row)
{
        if (cli->json) {
                g_autoptr(DmJson) j = row_json(row);
                dm_print_json(j);
                return DM_EXIT_OK;
        }
        printf("domus %s%s%s\n  %s\n\nOptions\n", row->name, *row->arguments ? " " : "", row->arguments,
               row->summary);
        print_options(row->options);
        if (row->connects)
                print_options(connect_options);
        print_options(common_options);
        printf("\n%s", exit_codes);
        return DM_EXIT_OK;
}

static int help_all(const DmCli *cli)
{
        if (cli->json) {
                g_autoptr(DmJson) list = dm_json_array_new();
                for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                        dm_json_append_take(list, row_json(row));
                dm_print_json(list);
                return DM_EXIT_OK;
        }
        printf("domus: run QEMU guests from XML\n\nUsage: domus COMMAND [OPTION…] [ARGUMENT…]\n\nCommands\n");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++) {
                g_autofree char *left = g_strdup_printf("%s %s", row->name, row->arguments);
                if (strlen(left) > 26)
                        printf("  %s\n  %-26s %s\n", left, "", row->summary);
                else
                        printf("  %-26s %s\n", left, row->summary);
        }
        g_autofree char *root = dm_default_root();
        printf("\nEvery command takes --json and --help.  DOMAIN is a guest's name, uuid or id.\n"
               "Commands about guests take, before or after the command:\n");
        print_options(connect_options);
        printf("Without them the guests are those kept in '%s'.\n\n%s", root, exit_codes);
        return DM_EXIT_OK;
}

int dm_cmd_help(DmCli *cli, int argc, char **argv)
{
        if (argc > 2)
                return dm_usage(cli, dm_command_find("help"), "at most one COMMAND is expected");
        if (argc < 2)
                return help_all(cli);
        const DmCommandRow *row = dm_command_find(argv[1]);
        return row ? help_one(cli, row) : dm_usage(cli, NULL, "unknown command '%s'", argv[1]);
}

/* Finds the command, the number of words after it, and the driver that is asked for.  bash takes
 * "--option=value" apart at the "=". */
static const char completion_head[] =
        "# bash completion of domus, printed by `domus completion bash`\n"
        "_domus() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} command= place=0 i option\n"
        "  local driver=() names options words\n"
        "  COMPREPLY=()\n"
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    case ${COMP_WORDS[i]} in\n"
        "      --root | --connect | -c)\n"
        "        option=${COMP_WORDS[i]}\n"
        "        [ \"${COMP_WORDS[i + 1]}\" != = ] || i=$((i + 1))\n"
        "        i=$((i + 1))\n"
        "        driver+=(\"$option\" \"${COMP_WORDS[i]-}\") ;;\n"
        "      =) place=$((place - 1)) ;;\n"
        "      -*) ;;\n"
        "      *) if [ -z \"$command\" ]; then command=${COMP_WORDS[i]}; else place=$((place + 1)); fi ;;\n"
        "    esac\n"
        "  done\n"
        "  [ \"$cur\" != = ] || cur=\n"
        "  if ((i > COMP_CWORD)); then\n"
        "    compopt -o filenames 2>/dev/null\n"
        "    [ \"$option\" != --root ] || COMPREPLY=($(compgen -d -- \"$cur\"))\n"
        "    return\n"
        "  fi\n";

/* `words` holds what may stand at each place. */
static const char completion_tail[] =
        "  esac\n"
        "  if [[ $cur == -* ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
        "    case ${COMPREPLY-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
        "    return\n"
        "  fi\n"
        "  # A value of the option before: any file.\n"
        "  [ \"${COMP_WORDS[COMP_CWORD]}\" != = ] && [ \"${COMP_WORDS[COMP_CWORD - 1]}\" != = ] || "
        "words=(FILE) place=0\n"
        "  local IFS=$'\\n'\n"
        "  case ${words[place]-} in\n"
        "    DOMAIN) names=$(\"${COMP_WORDS[0]}\" list --all --name \"${driver[@]}\" 2>/dev/null) ;;\n"
        "    COMMAND) names=${commands// /$IFS} ;;\n"
        "    FILE)\n"
        "      compopt -o filenames 2>/dev/null\n"
        "      COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "      return ;;\n"
        "    [a-z]*) names=${words[place]//|/$IFS} ;;\n"
        "  esac\n"
        "  COMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
        "}\n"
        "complete -F _domus domus\n";

static void add_options(GString *s, const GOptionEntry *options)
{
        for (const GOptionEntry *o = options; o->long_name; o++)
                g_string_append_printf(s, " --%s%s", o->long_name, o->arg_description ? "=" : "");
}

/* Its options, and what its arguments may be: "[A|B]" is one of these words. */
static void add_completion_row(GString *s, const DmCommandRow *row)
{
        g_string_append_printf(s, "    %s) options='--json --help", row->name);
        add_options(s, row->options);
        if (row->connects)
                add_options(s, connect_options);
        g_string_append(s, "' words=(");
        g_auto(GStrv) arguments = g_strsplit(row->arguments, " ", -1);
        for (char **a = arguments; *a; a++) {
                char *word = **a == '[' ? *a + 1 : *a;
                word[strcspn(word, "]")] = 0;
                g_string_append_printf(s, "%s'%s'", a == arguments ? "" : " ", word);
        }
        g_string_append(s, ") ;;\n");
}

int dm_cmd_completion(DmCli *cli, int argc, char **argv)
{
        if (argc != 2 || strcmp(argv[1], "bash") != 0)
                return dm_usage(cli, dm_command_find("completion"), "the shell is expected: bash");
        g_autoptr(GString) s = g_string_new(completion_head);
        g_string_append(s, "  local commands='");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                g_string_append_printf(s, "%s%s", row == dm_command_rows() ? "" : " ", row->name);
        g_string_append(s, "'\n  case $command in\n");
        g_string_append(s, "    '') options='--json --help --version");
        add_options(s, connect_options);
        g_string_append(s, "' words=(COMMAND) ;;\n");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                add_completion_row(s, row);
        g_string_append(s, "    *) return ;;\n");
        g_string_append(s, completion_tail);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "script", s->str);
                dm_print_json(j);
        } else {
                printf("%s", s->str);
        }
        return DM_EXIT_OK;
}
