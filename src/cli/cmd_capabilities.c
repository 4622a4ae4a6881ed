/* domus capabilities, domcapabilities: what this host can run. */
#include <stdio.h>

#include "cli/cli.h"

static char *option_emulator, *option_arch, *option_machine, *option_type;

GOptionEntry dm_options_capabilities[] = { { 0 } };
GOptionEntry dm_options_domcapabilities[] = {
        { "emulator", 0, 0, G_OPTION_ARG_FILENAME, &option_emulator, "The QEMU binary", "PATH" },
        { "arch", 0, 0, G_OPTION_ARG_STRING, &option_arch, "The guest's architecture", "ARCH" },
        { "machine", 0, 0, G_OPTION_ARG_STRING, &option_machine, "The machine type", "NAME" },
        { "type", 0, 0, G_OPTION_ARG_STRING, &option_type, "The domain type: qemu, kvm", "TYPE" },
        { 0 },
};

static int print_document(const DmCli *cli, const char *key, const char *xml)
{
        if (!cli->json) {
                printf("%s", xml);
                return DM_EXIT_OK;
        }
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_string(j, key, xml);
        dm_print_json(j);
        return DM_EXIT_OK;
}

static int print_of(const DmCli *cli, const char *key, char *(*ask)(DomusConn *conn, GError **error))
{
        g_autoptr(GError) error = NULL;
        char *root = NULL;
        DomusConn *conn = dm_open_private(&root, &error);
        if (!conn)
                return dm_print_error(cli, error);
        g_autofree char *xml = ask(conn, &error);
        dm_close_private(conn, root);
        return xml ? print_document(cli, key, xml) : dm_print_error(cli, error);
}

int dm_cmd_capabilities(DmCli *cli, int argc, char **argv G_GNUC_UNUSED)
{
        if (argc != 1)
                return dm_usage(cli, dm_command_find("capabilities"), "no arguments are expected");
        return print_of(cli, "capabilities", domus_conn_capabilities);
}

static char *ask_domain(DomusConn *conn, GError **error)
{
        return domus_conn_domain_capabilities(conn, option_emulator, option_arch, option_machine, option_type,
                                              error);
}

int dm_cmd_domcapabilities(DmCli *cli, int argc, char **argv G_GNUC_UNUSED)
{
        if (argc != 1)
                return dm_usage(cli, dm_command_find("domcapabilities"), "only options are expected");
        return print_of(cli, "domain-capabilities", ask_domain);
}
