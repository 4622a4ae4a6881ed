/* domus version: what runs, for a bug report. */
#include <json-c/json_c_version.h>
#include <libxml/xmlversion.h>
#include <libxml/globals.h>
#include <netlink/version.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

GOptionEntry dm_options_version[] = { { 0 } };

static char *glib_running(void)
{
        return g_strdup_printf("%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
}

/* "20914-GITv2.9.14" is 2.9.14. */
static char *libxml_running(void)
{
        guint64 n = g_ascii_strtoull(xmlParserVersion, NULL, 10);
        return g_strdup_printf("%u.%u.%u", (unsigned)(n / 10000), (unsigned)(n / 100 % 100),
                               (unsigned)(n % 100));
}

static char *json_running(void)
{
        return g_strdup(json_c_version());
}

static char *libnl_running(void)
{
        return g_strdup_printf("%d.%d.%d", nl_ver_maj, nl_ver_min, nl_ver_mic);
}

/* The one library that does not tell: as it was when we were built. */
static char *libcap_ng_built(void)
{
        return g_strdup(DOMUS_LIBCAP_NG_VERSION);
}

static const struct {
        const char *name;
        char *(*version)(void); /* owned */
} libraries[] = {
        { "glib", glib_running },   { "libxml2", libxml_running },    { "json-c", json_running },
        { "libnl", libnl_running }, { "libcap-ng", libcap_ng_built },
};

int dm_cmd_version(DmCli *cli, int argc, char **argv G_GNUC_UNUSED)
{
        if (argc != 1)
                return dm_usage(cli, dm_command_find("version"), "no arguments are expected");
        g_autoptr(DmJson) j = dm_json_object_new();
        DmJson *versions = dm_json_object_new();
        dm_json_add_string(j, "domus", domus_version());
        if (!cli->json)
                printf("domus %s\n", domus_version());
        for (gsize i = 0; i < G_N_ELEMENTS(libraries); i++) {
                g_autofree char *version = libraries[i].version();
                dm_json_add_string(versions, libraries[i].name, version);
                if (!cli->json)
                        printf("  %-10s %s\n", libraries[i].name, version);
        }
        dm_json_add_take(j, "libraries", versions);
        if (cli->json)
                dm_print_json(j);
        return DM_EXIT_OK;
}
