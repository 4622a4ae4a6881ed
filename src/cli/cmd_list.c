/* domus list, info, state, xml: what is known of guests. */
#include <stdio.h>
#include <string.h>

#include "cli/connect.h"

static gboolean option_all, option_inactive, option_name, option_uuid, option_reason, option_secure;

GOptionEntry dm_options_list[] = {
        { "all", 'a', 0, G_OPTION_ARG_NONE, &option_all, "Those that do not run, too", NULL },
        { "inactive", 0, 0, G_OPTION_ARG_NONE, &option_inactive, "Only those that do not run", NULL },
        { "name", 0, 0, G_OPTION_ARG_NONE, &option_name, "Only names, one a line", NULL },
        { "uuid", 0, 0, G_OPTION_ARG_NONE, &option_uuid, "Only uuids, one a line", NULL },
        { 0 },
};
GOptionEntry dm_options_info[] = { { 0 } };
GOptionEntry dm_options_state[] = {
        { "reason", 0, 0, G_OPTION_ARG_NONE, &option_reason, "Say why, too", NULL },
        { 0 },
};
GOptionEntry dm_options_xml[] = {
        { "inactive", 0, 0, G_OPTION_ARG_NONE, &option_inactive, "As it would be started the next time",
          NULL },
        { "secure", 0, 0, G_OPTION_ARG_NONE, &option_secure, "With the passwords in it", NULL },
        { 0 },
};

/* ---- list ---- */

typedef struct Line {
        DomusDomain *domain; /* borrowed */
        DomusInfo info;
} Line;

/* Those that are asked for: of Line.  Owned. */
static GArray *choose(const GPtrArray *domains)
{
        GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));
        for (guint i = 0; i < domains->len; i++) {
                Line line = { g_ptr_array_index(domains, i), { 0 } };
                if (!domus_domain_info(line.domain, &line.info, NULL))
                        continue; /* it ended just now */
                gboolean runs = line.info.id >= 0;
                if (option_all || runs != option_inactive)
                        g_array_append_val(lines, line);
        }
        return lines;
}

static char *state_text(const DomusInfo *i)
{
        if (!i->unresponsive_us)
                return g_strdup(domus_state_name(i->state));
        gint64 s = (g_get_real_time() - i->unresponsive_us) / G_USEC_PER_SEC;
        return g_strdup_printf("%s, has not answered for %" G_GINT64_FORMAT " s", domus_state_name(i->state),
                               MAX(s, 0));
}

/* As virsh has it: as wide as needed. */
static void print_table(const GArray *lines)
{
        int id_width = 3, name_width = 4, state_width = 5;
        for (guint i = 0; i < lines->len; i++) {
                const Line *l = &g_array_index(lines, Line, i);
                g_autofree char *id = g_strdup_printf("%d", l->info.id), *state = state_text(&l->info);
                id_width = MAX(id_width, (int)strlen(id));
                name_width = MAX(name_width, (int)g_utf8_strlen(domus_domain_name(l->domain), -1));
                state_width = MAX(state_width, (int)strlen(state));
        }
        printf(" %-*s  %-*s  %s\n", id_width, "Id", name_width, "Name", "State");
        for (int i = 0; i < id_width + name_width + state_width + 6; i++)
                putchar('-');
        putchar('\n');
        for (guint i = 0; i < lines->len; i++) {
                const Line *l = &g_array_index(lines, Line, i);
                g_autofree char *id = l->info.id >= 0 ? g_strdup_printf("%d", l->info.id) : g_strdup("-");
                g_autofree char *state = state_text(&l->info);
                const char *name = domus_domain_name(l->domain);
                int padding = name_width - (int)g_utf8_strlen(name, -1);
                printf(" %-*s  %s%*s  %s\n", id_width, id, name, padding, "", state);
        }
        putchar('\n');
}

static void print_list(const DmCli *cli, const GArray *lines)
{
        g_autoptr(DmJson) list = dm_json_array_new();
        for (guint i = 0; i < lines->len; i++) {
                const Line *l = &g_array_index(lines, Line, i);
                if (cli->json)
                        dm_json_append_take(list, dm_domain_json(l->domain));
                else
                        printf("%s\n",
                               option_uuid ? domus_domain_uuid(l->domain) : domus_domain_name(l->domain));
        }
        if (cli->json)
                dm_print_json(list);
}

int dm_cmd_list(DmCli *cli, int argc, char **argv G_GNUC_UNUSED)
{
        const DmCommandRow *row = dm_command_find("list");
        if (argc != 1)
                return dm_usage(cli, row, "only options are expected");
        if (option_all && option_inactive)
                return dm_usage(cli, row, "--all and --inactive exclude each other");
        if (option_name && option_uuid)
                return dm_usage(cli, row, "--name and --uuid exclude each other");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect(cli, DOMUS_OPEN_READONLY, &t, &error))
                return dm_print_error(cli, error);
        g_autoptr(GPtrArray) domains = domus_conn_list(t.conn, &error);
        if (!domains)
                return dm_print_error(cli, error);
        g_autoptr(GArray) lines = choose(domains);
        if (cli->json || option_name || option_uuid)
                print_list(cli, lines);
        else
                print_table(lines);
        return DM_EXIT_OK;
}

/* ---- one guest ---- */

static gboolean find(const DmCli *cli, const char *word, unsigned flags, DmTarget *t, DomusInfo *i,
                     GError **error)
{
        return dm_connect_domain(cli, flags, word, t, error) && domus_domain_info(t->domain, i, error);
}

static void print_line(const char *left, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void print_line(const char *left, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *value = g_strdup_vprintf(format, args);
        va_end(args);
        printf("%-15s %s\n", left, value);
}

static char *time_text(gint64 us)
{
        g_autoptr(GDateTime) t = g_date_time_new_from_unix_local(us / G_USEC_PER_SEC);
        return t ? g_date_time_format(t, "%Y-%m-%d %H:%M:%S") : g_strdup("");
}

static DmJson *runs_json(DomusDomain *domain)
{
        g_autoptr(GArray) runs = domus_domain_runs(domain, NULL);
        DmJson *list = dm_json_array_new();
        for (guint i = 0; runs && i < runs->len; i++) {
                const DomusRun *r = &g_array_index(runs, DomusRun, i);
                DmJson *j = dm_json_object_new();
                if (r->started_us)
                        dm_json_add_int(j, "started-us", r->started_us);
                if (r->ended_us) {
                        dm_json_add_int(j, "ended-us", r->ended_us);
                        dm_json_add_string(j, "reason",
                                           domus_reason_name(DOMUS_STATE_SHUTOFF, r->end.reason));
                        dm_json_add_string(j, "message", r->end.message);
                }
                dm_json_append_take(list, j);
        }
        return list;
}

/* Those that are over; what runs is told above. */
static void print_runs(DomusDomain *domain)
{
        g_autoptr(GArray) runs = domus_domain_runs(domain, NULL);
        for (guint i = 0; runs && i < runs->len; i++) {
                const DomusRun *r = &g_array_index(runs, DomusRun, i);
                if (!r->ended_us)
                        continue;
                g_autofree char *started = r->started_us ? time_text(r->started_us) : g_strdup("not started"),
                                *ended = time_text(r->ended_us);
                print_line("Run:", "%s to %s, %s%s%s", started, ended,
                           domus_reason_name(DOMUS_STATE_SHUTOFF, r->end.reason), *r->end.message ? ": " : "",
                           r->end.message);
        }
}

int dm_cmd_info(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("info"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        DomusInfo i;
        if (!find(cli, argv[1], DOMUS_OPEN_READONLY, &t, &i, &error))
                return dm_print_error(cli, error);
        g_autofree char *os = domus_domain_os_type(t.domain, NULL);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_domain_json(t.domain);
                dm_json_add_string(j, "os-type", os);
                dm_json_add_take(j, "runs", runs_json(t.domain));
                dm_print_json(j);
                return DM_EXIT_OK;
        }
        g_autofree char *id = i.id >= 0 ? g_strdup_printf("%d", i.id) : g_strdup("-"),
                        *state = state_text(&i);
        print_line("Id:", "%s", id);
        print_line("Name:", "%s", domus_domain_name(t.domain));
        print_line("UUID:", "%s", domus_domain_uuid(t.domain));
        print_line("OS Type:", "%s", os ? os : "");
        print_line("State:", "%s (%s)", state, domus_reason_name(i.state, i.reason));
        print_line("CPU(s):", "%u", i.vcpus);
        if (i.id >= 0) {
                g_autofree char *started = time_text(i.started_us);
                print_line("CPU time:", "%.1fs", (double)i.cpu_time_ns / 1e9);
                print_line("Started:", "%s", started);
                print_line("QEMU's pid:", "%d", i.pid);
        }
        print_line("Max memory:", "%" G_GUINT64_FORMAT " KiB", i.max_memory_kib);
        print_line("Used memory:", "%" G_GUINT64_FORMAT " KiB", i.memory_kib);
        print_line("Persistent:", "%s", i.persistent ? "yes" : "no");
        print_line("Autostart:", "%s", i.autostart ? "enable" : "disable");
        if (i.updated)
                print_line("Next start:", "%s", "uses another definition");
        print_runs(t.domain);
        return DM_EXIT_OK;
}

int dm_cmd_state(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("state"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        DomusInfo i;
        if (!find(cli, argv[1], DOMUS_OPEN_READONLY, &t, &i, &error))
                return dm_print_error(cli, error);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "name", domus_domain_name(t.domain));
                dm_json_add_string(j, "state", domus_state_name(i.state));
                dm_json_add_string(j, "reason", domus_reason_name(i.state, i.reason));
                dm_print_json(j);
        } else if (option_reason) {
                printf("%s (%s)\n", domus_state_name(i.state), domus_reason_name(i.state, i.reason));
        } else {
                printf("%s\n", domus_state_name(i.state));
        }
        return DM_EXIT_OK;
}

int dm_cmd_xml(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("xml"), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        /* Passwords are not for readers. */
        unsigned flags = (option_secure ? DOMUS_XML_SECURE : 0) | (option_inactive ? DOMUS_XML_INACTIVE : 0);
        if (!dm_connect_domain(cli, option_secure ? 0 : DOMUS_OPEN_READONLY, argv[1], &t, &error))
                return dm_print_error(cli, error);
        g_autofree char *xml = domus_domain_xml(t.domain, flags, &error);
        if (!xml)
                return dm_print_error(cli, error);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "name", domus_domain_name(t.domain));
                dm_json_add_string(j, "xml", xml);
                dm_print_json(j);
        } else {
                printf("%s", xml);
        }
        return DM_EXIT_OK;
}
