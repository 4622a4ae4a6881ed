/* domus help, completion: printed from the rows. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

GOptionEntry dm_options_help[] = { { 0 } };
GOptionEntry dm_options_completion[] = { { 0 } };

static const char exit_codes[] = "Exit codes\n"
                                 "  0  done; run: the guest shut itself down\n"
                                 "  1  the operation failed\n"
                                 "  2  wrong usage\n"
                                 "  3  the document is wrong, or asks for what is not available\n"
                                 "  4  run: the guest did not shut down when asked and was destroyed\n"
                                 "  5  run: the guest panicked, or its QEMU died\n";

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
        return j;
}

static void print_option(const GOptionEntry *o)
{
        g_autofree char *left = g_strdup_printf("--%s%s%s", o->long_name, o->arg_description ? "=" : "",
                                                o->arg_description ? o->arg_description : "");
        printf("  %-26s %s\n", left, o->description);
}

static int help_one(const DmCli *cli, const DmCommandRow *row)
{
        if (cli->json) {
                g_autoptr(DmJson) j = row_json(row);
                dm_print_json(j);
                return DM_EXIT_OK;
        }
        printf("domus %s %s\n  %s\n\nOptions\n", row->name, row->arguments, row->summary);
        for (const GOptionEntry *o = row->options; o->long_name; o++)
                print_option(o);
        printf("  %-26s %s\n\n%s", "--json", "Print JSON, errors included", exit_codes);
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
                printf("  %-26s %s\n", left, row->summary);
        }
        printf("\nEvery command takes --json and --help.\n\n%s", exit_codes);
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

/* What stands before the command's own words. */
static const char completion_head[] =
        "# bash completion of domus, printed by `domus completion bash`\n"
        "_domus() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} command= i\n"
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]} && break ;; esac\n"
        "  done\n"
        "  local options words files\n"
        "  COMPREPLY=()\n"
        "  case $command in\n";

/* bash takes "--option=value" apart at the "=". */
static const char completion_tail[] =
        "  esac\n"
        "  [ \"$cur\" = = ] && cur=\n"
        "  case $cur in\n"
        "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
        "        case ${COMPREPLY-} in *=) compopt -o nospace 2>/dev/null ;; esac ;;\n"
        "    *) [ -n \"$words\" ] && COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "       if [ \"$files\" = yes ]; then\n"
        "         compopt -o filenames 2>/dev/null\n"
        "         local IFS=$'\\n'\n"
        "         COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
        "       fi ;;\n"
        "  esac\n"
        "}\n"
        "complete -F _domus domus\n";

static void add_command_names(GString *s)
{
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                g_string_append_printf(s, "%s%s", row == dm_command_rows() ? "" : " ", row->name);
}

/* The words that may follow a command, and whether files may. */
static void add_completion_row(GString *s, const DmCommandRow *row)
{
        g_string_append_printf(s, "    %s) options='--json --help", row->name);
        for (const GOptionEntry *o = row->options; o->long_name; o++)
                g_string_append_printf(s, " --%s%s", o->long_name, o->arg_description ? "=" : "");
        g_string_append(s, "' words='");
        if (strcmp(row->arguments, "[COMMAND]") == 0)
                add_command_names(s);
        else if (g_ascii_islower(row->arguments[0])) /* a word as it is */
                g_string_append(s, row->arguments);
        g_string_append_printf(s, "' files=%s ;;\n", strstr(row->arguments, "FILE") ? "yes" : "no");
}

int dm_cmd_completion(DmCli *cli, int argc, char **argv)
{
        if (argc != 2 || strcmp(argv[1], "bash") != 0)
                return dm_usage(cli, dm_command_find("completion"), "the shell is expected: bash");
        g_autoptr(GString) s = g_string_new(completion_head);
        g_string_append(s, "    '') options='--json --help --version' words='");
        add_command_names(s);
        g_string_append(s, "' files=no ;;\n");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                add_completion_row(s, row);
        g_string_append_printf(s, "    *) return ;;\n%s", completion_tail);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "script", s->str);
                dm_print_json(j);
        } else {
                printf("%s", s->str);
        }
        return DM_EXIT_OK;
}
