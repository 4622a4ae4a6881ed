/* domus events: what happens, a line each. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>

#include "cli/connect.h"

#define LOOK_S 2

static int option_count, option_timeout;
GOptionEntry dm_options_events[] = {
        { "count", 0, 0, G_OPTION_ARG_INT, &option_count, "End after so many", "N" },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &option_timeout, "End after so long", "SECONDS" },
        { 0 },
};

typedef struct Watch {
        const DmCli *cli;
        DomusConn *conn; /* borrowed */
        int seen;
        gboolean over;
        GError *error; /* the driver is lost */
} Watch;

static void print_text(const DomusEvent *e)
{
        g_autoptr(GDateTime) t = g_date_time_new_from_unix_local(e->time_us / G_USEC_PER_SEC);
        g_autofree char *second = t ? g_date_time_format(t, "%Y-%m-%d %H:%M:%S") : g_strdup("");
        printf("%s.%03d  %s  %s", second, (int)(e->time_us % G_USEC_PER_SEC / 1000),
               domus_domain_name(e->domain), domus_event_name(e->type));
        if (e->detail)
                printf(" (detail %d)", e->detail);
        if (e->value)
                printf(" %" G_GINT64_FORMAT, e->value);
        printf("%s%s\n", e->text ? ": " : "", e->text ? e->text : "");
}

static void print_line(const DomusEvent *e)
{
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_uint(j, "epoch", e->epoch);
        dm_json_add_uint(j, "sequence", e->sequence);
        dm_json_add_int(j, "time-us", e->time_us);
        dm_json_add_string(j, "name", domus_domain_name(e->domain));
        dm_json_add_string(j, "uuid", domus_domain_uuid(e->domain));
        dm_json_add_string(j, "event", domus_event_name(e->type));
        dm_json_add_int(j, "detail", e->detail);
        if (e->value)
                dm_json_add_int(j, "value", e->value);
        dm_json_add_string(j, "text", e->text);
        g_autofree char *line = dm_json_to_string(j);
        printf("%s\n", line);
}

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *event, void *data)
{
        Watch *w = data;
        if (w->over)
                return;
        if (w->cli->json)
                print_line(event);
        else
                print_text(event);
        w->seen++;
        w->over = fflush(stdout) != 0 || w->seen == option_count;
}

static gboolean on_end(gpointer data)
{
        ((Watch *)data)->over = TRUE;
        return G_SOURCE_CONTINUE;
}

/* A driver that has gone sends no event of that; nothing is asked of QEMU. */
static gboolean on_look(gpointer data)
{
        Watch *w = data;
        g_autoptr(GPtrArray) domains = domus_conn_list(w->conn, &w->error);
        w->over |= !domains;
        return w->over ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

int dm_cmd_events(DmCli *cli, int argc, char **argv)
{
        const DmCommandRow *row = dm_command_find("events");
        if (argc > 2)
                return dm_usage(cli, row, "at most one DOMAIN is expected");
        if (option_count < 0 || option_timeout < 0)
                return dm_usage(cli, row, "--count and --timeout need a number from 1");
        const unsigned flags = DOMUS_OPEN_READONLY | DM_CONNECT_STAY;
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (argc == 2 ? !dm_connect_domain(cli, flags, argv[1], &t, &error)
                      : !dm_connect(cli, flags, &t, &error))
                return dm_print_error(cli, error);
        Watch w = { .cli = cli, .conn = t.conn };
        guint id = domus_events_add(t.conn, t.domain, on_event, &w, NULL, NULL);
        g_unix_signal_add(SIGTERM, on_end, &w);
        g_unix_signal_add(SIGINT, on_end, &w);
        g_timeout_add_seconds(LOOK_S, on_look, &w);
        if (option_timeout)
                g_timeout_add_seconds((guint)option_timeout, on_end, &w);
        while (!w.over)
                g_main_context_iteration(NULL, TRUE);
        domus_events_remove(t.conn, id);
        int code = w.error ? dm_print_error(cli, w.error) : DM_EXIT_OK;
        g_clear_error(&w.error);
        return code;
}
