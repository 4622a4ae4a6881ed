/* domus version. */
#include <stdio.h>

#include "cli/cli.h"

GOptionEntry dm_options_version[] = { { 0 } };
int dm_cmd_version(DmCli *cli, int argc, char **argv G_GNUC_UNUSED)
{
        if (argc != 1)
                return dm_usage(cli, dm_command_find("version"), "no arguments are expected");
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_string(j, "domus", domus_version());
        if (cli->json)
                dm_print_json(j);
        else
                printf("domus %s\n", domus_version());
        return DM_EXIT_OK;
}
