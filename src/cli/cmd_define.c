/* domus define, undefine, rename, autostart: which guests there are. */
#include <stdio.h>

#include "cli/connect.h"
#include "driver/offline.h"

static gboolean option_validate, option_disable;

GOptionEntry dm_options_define[] = {
        { "validate", 0, 0, G_OPTION_ARG_NONE, &option_validate, "Refuse unknown elements and attributes",
          NULL },
        { 0 },
};
GOptionEntry dm_options_undefine[] = { { 0 } };
GOptionEntry dm_options_rename[] = { { 0 } };
GOptionEntry dm_options_autostart[] = {
        { "disable", 0, 0, G_OPTION_ARG_NONE, &option_disable, "Take the mark away", NULL },
        { 0 },
};

int dm_cmd_define(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("define"), "one FILE is needed ('-': standard input)");
        g_autoptr(GError) error = NULL;
        gsize length = 0;
        g_autofree char *xml = dm_read_document(argv[1], &length, &error);
        if (!xml)
                return dm_print_error(cli, error);
        if (!option_validate)
                dm_print_warnings(xml, length);
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect(cli, 0, &t, &error))
                return dm_print_error(cli, error);
        t.domain = domus_define(t.conn, xml, option_validate ? DOMUS_CREATE_VALIDATE : 0, NULL, &error);
        return t.domain ? dm_print_done(cli, t.domain, "defined") : dm_print_error(cli, error);
}

int dm_cmd_undefine(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("undefine"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, 0, argv[1], &t, &error) || !domus_domain_undefine(t.domain, NULL, &error))
                return dm_print_error(cli, error);
        return dm_print_done(cli, t.domain, "undefined");
}

int dm_cmd_rename(DmCli *cli, int argc, char **argv)
{
        if (argc != 3)
                return dm_usage(cli, dm_command_find("rename"), "a DOMAIN and its new NAME are needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, 0, argv[1], &t, &error) ||
            !domus_domain_rename(t.domain, argv[2], NULL, &error))
                return dm_print_error(cli, error);
        g_autofree char *old = g_strdup(domus_domain_name(t.domain)),
                        *done = g_strdup_printf("is the new name of '%s'", old);
        DomusDomain *renamed = domus_lookup_name(t.conn, argv[2], &error);
        if (!renamed)
                return dm_print_error(cli, error);
        domus_domain_unref(t.domain);
        t.domain = renamed;
        return dm_print_done(cli, t.domain, done);
}

int dm_cmd_autostart(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("autostart"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, 0, argv[1], &t, &error) ||
            !domus_domain_set_autostart(t.domain, !option_disable, NULL, &error))
                return dm_print_error(cli, error);
        return dm_print_done(cli, t.domain,
                             option_disable ? "is not marked for autostart any more"
                                            : "is marked for autostart");
}
