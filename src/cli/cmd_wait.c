/* domus wait: until a guest has a state. */
#include <stdio.h>
#include <string.h>

#include "cli/connect.h"
#include "util/error.h"

/* Changes come as events; in between we look by ourselves, for the few that are told by none. */
#define LOOK_MS 500

static int option_timeout = -1;
GOptionEntry dm_options_wait[] = {
        { "timeout", 0, 0, G_OPTION_ARG_INT, &option_timeout, "At most so long; then the exit code is 6",
          "SECONDS" },
        { 0 },
};

static const struct {
        const char *word;
        DomusState state;
} words[] = {
        { "off", DOMUS_STATE_SHUTOFF },
        { "running", DOMUS_STATE_RUNNING },
        { "paused", DOMUS_STATE_PAUSED },
        { "crashed", DOMUS_STATE_CRASHED },
};

/* "shut off", "shutoff", "shut-off" and "off" are one. */
static gboolean state_of(const char *word, DomusState *ret)
{
        static const char *const also_off[] = { "shut off", "shutoff", "shut-off" };
        for (gsize i = 0; i < G_N_ELEMENTS(also_off); i++)
                if (strcmp(word, also_off[i]) == 0)
                        word = "off";
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
                if (strcmp(word, words[i].word) == 0) {
                        *ret = words[i].state;
                        return TRUE;
                }
        return FALSE;
}

/* ---- its end ---- */

static int wait_for_end(const DmCli *cli, DomusDomain *domain)
{
        g_autoptr(GError) error = NULL;
        DomusCall call = { .timeout_ms = option_timeout < 0 ? 0 : MAX(option_timeout * 1000, 1) };
        DomusExit e = { 0 };
        if (!domus_domain_wait(domain, &call, &e, &error))
                return dm_print_error(cli, error);
        if (!cli->json) {
                printf("domain '%s' is shut off%s%s\n", domus_domain_name(domain), *e.message ? ": " : "",
                       e.message);
                return DM_EXIT_OK;
        }
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_string(j, "name", domus_domain_name(domain));
        dm_json_add_string(j, "uuid", domus_domain_uuid(domain));
        dm_json_add_string(j, "state", domus_state_name(DOMUS_STATE_SHUTOFF));
        dm_json_add_string(j, "reason", domus_reason_name(DOMUS_STATE_SHUTOFF, e.reason));
        dm_json_add_string(j, "message", e.message);
        dm_print_json(j);
        return DM_EXIT_OK;
}

/* ---- another state ---- */

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *event G_GNUC_UNUSED,
                     void *data G_GNUC_UNUSED)
{
        /* That it woke the loop is enough. */
}

static gboolean on_tick(gpointer data G_GNUC_UNUSED)
{
        return G_SOURCE_CONTINUE;
}

static gboolean wait_for_state(const DmTarget *t, DomusState state, GError **error)
{
        gint64 until = g_get_monotonic_time() + option_timeout * G_USEC_PER_SEC;
        guint id = domus_events_add(t->conn, t->domain, on_event, NULL, NULL, NULL);
        guint tick = g_timeout_add(LOOK_MS, on_tick, NULL);
        DomusInfo i = { 0 };
        gboolean ok, late = FALSE;
        while ((ok = domus_domain_info(t->domain, &i, error)) && i.state != state) {
                late = option_timeout >= 0 && g_get_monotonic_time() >= until;
                if (late)
                        break;
                g_main_context_iteration(NULL, TRUE);
        }
        g_source_remove(tick);
        domus_events_remove(t->conn, id);
        if (late)
                return dm_fail(error, DM_ERROR_TIMED_OUT, "domain '%s' is %s still, not %s, after %d s",
                               domus_domain_name(t->domain), domus_state_name(i.state),
                               domus_state_name(state), option_timeout);
        return ok;
}

int dm_cmd_wait(DmCli *cli, int argc, char **argv)
{
        const DmCommandRow *row = dm_command_find("wait");
        DomusState state = DOMUS_STATE_SHUTOFF;
        if (argc != 2 && argc != 3)
                return dm_usage(cli, row, "a DOMAIN is needed, and a state may follow");
        if (argc == 3 && !state_of(argv[2], &state))
                return dm_usage(cli, row, "unknown state '%s' (expected off, running, paused, crashed)",
                                argv[2]);
        if (option_timeout < -1 || option_timeout > G_MAXINT / 1000)
                return dm_usage(cli, row, "'%d' is no number of seconds", option_timeout);
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, DOMUS_OPEN_READONLY | DM_CONNECT_STAY, argv[1], &t, &error))
                return dm_print_error(cli, error);
        if (state == DOMUS_STATE_SHUTOFF)
                return wait_for_end(cli, t.domain);
        if (!wait_for_state(&t, state, &error))
                return dm_print_error(cli, error);
        g_autofree char *done = g_strdup_printf("is %s", domus_state_name(state));
        return dm_print_done(cli, t.domain, done);
}
