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

int dm_cmd_completion(DmCli *cli, int argc, char **argv)
{
        if (argc != 2 || strcmp(argv[1], "bash") != 0)
                return dm_usage(cli, dm_command_find("completion"), "the shell is expected: bash");
        printf("# bash completion of domus, printed by `domus completion bash`\n"
               "_domus() {\n"
               "  local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
               "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
               "    COMPREPLY=($(compgen -W '--json --help --version");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++)
                printf(" %s", row->name);
        printf("' -- \"$cur\"))\n    return\n  fi\n  case $command in\n");
        for (const DmCommandRow *row = dm_command_rows(); row->name; row++) {
                printf("    %s) options='--json --help", row->name);
                for (const GOptionEntry *o = row->options; o->long_name; o++)
                        printf(" --%s%s", o->long_name, o->arg_description ? "=" : "");
                printf("' files=%s ;;\n", strstr(row->arguments, "FILE") ? "-f" : "");
        }
        printf("    *) options='' files='' ;;\n  esac\n"
               "  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"));\n"
               "  else COMPREPLY=($(compgen $files -- \"$cur\")); fi\n"
               "}\ncomplete -F _domus domus\n");
        return DM_EXIT_OK;
}
