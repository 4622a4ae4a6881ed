/* domus start, shutdown, reboot, reset, destroy, suspend, resume: what is done to one guest. */
#include <stdio.h>

#include "cli/connect.h"
#include "util/error.h"

static gboolean option_paused, option_force, option_autostart;
static int option_timeout = -1;

#define NO_OPTIONS        \
        {                 \
                {         \
                        0 \
                }         \
        }
GOptionEntry dm_options_reboot[] = NO_OPTIONS;
GOptionEntry dm_options_reset[] = NO_OPTIONS;
GOptionEntry dm_options_suspend[] = NO_OPTIONS;
GOptionEntry dm_options_resume[] = NO_OPTIONS;
GOptionEntry dm_options_start[] = {
        { "paused", 0, 0, G_OPTION_ARG_NONE, &option_paused, "Leave the processors standing still", NULL },
        { "autostart", 0, 0, G_OPTION_ARG_NONE, &option_autostart,
          "All that are marked and do not run, as when the machine has booted", NULL },
        { 0 },
};
GOptionEntry dm_options_shutdown[] = {
        { "timeout", 0, 0, G_OPTION_ARG_INT, &option_timeout, "Wait until it is shut off, at most so long",
          "SECONDS" },
        { "force", 0, 0, G_OPTION_ARG_NONE, &option_force, "Destroy it when the time is over", NULL },
        { 0 },
};
GOptionEntry dm_options_destroy[] = {
        { "force", 0, 0, G_OPTION_ARG_NONE, &option_force,
          "Kill QEMU without giving it time to write what it has cached", NULL },
        { 0 },
};

typedef gboolean (*Operation)(DomusDomain *domain, GError **error);

static int operate(const DmCli *cli, int argc, char **argv, unsigned flags, Operation fn, const char *done)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find(argv[0]), "one DOMAIN is needed");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, flags, argv[1], &t, &error) || !fn(t.domain, &error))
                return dm_print_error(cli, error);
        return dm_print_done(cli, t.domain, done);
}

static gboolean start(DomusDomain *domain, GError **error)
{
        return domus_domain_start(domain, option_paused ? DOMUS_CREATE_PAUSED : 0, NULL, error);
}

static gboolean reboot(DomusDomain *domain, GError **error)
{
        return domus_domain_reboot(domain, NULL, error);
}

static gboolean reset(DomusDomain *domain, GError **error)
{
        return domus_domain_reset(domain, NULL, error);
}

static gboolean destroy(DomusDomain *domain, GError **error)
{
        return domus_domain_destroy(domain, option_force ? DOMUS_DESTROY_FORCE : 0, NULL, error);
}

static gboolean suspend(DomusDomain *domain, GError **error)
{
        return domus_domain_suspend(domain, NULL, error);
}

static gboolean resume(DomusDomain *domain, GError **error)
{
        return domus_domain_resume(domain, NULL, error);
}

/* One that can't be started does not keep the others from it. */
static int start_marked(const DmCli *cli)
{
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        g_autoptr(GPtrArray) domains =
                dm_connect(cli, DM_CONNECT_STAY, &t, &error) ? domus_conn_list(t.conn, &error) : NULL;
        if (!domains)
                return dm_print_error(cli, error);
        g_autoptr(DmJson) list = dm_json_array_new();
        int code = DM_EXIT_OK;
        for (guint i = 0; i < domains->len; i++) {
                g_autoptr(GError) reason = NULL;
                DomusDomain *domain = g_ptr_array_index(domains, i);
                DomusInfo info;
                if (!domus_domain_info(domain, &info, NULL) || !info.autostart || info.id >= 0)
                        continue;
                gboolean started = start(domain, &reason);
                DmJson *j = dm_domain_json(domain);
                if (reason)
                        dm_json_add_take(j, "error", dm_error_json(reason));
                dm_json_append_take(list, j);
                if (!cli->json && started)
                        dm_print_done(cli, domain, "started");
                else if (!cli->json)
                        dm_print_error(cli, reason);
                code = started ? code : DM_EXIT_FAILED;
        }
        if (cli->json)
                dm_print_json(list);
        return code;
}

int dm_cmd_start(DmCli *cli, int argc, char **argv)
{
        if (option_autostart && argc != 1)
                return dm_usage(cli, dm_command_find("start"), "--autostart needs no DOMAIN");
        return option_autostart ? start_marked(cli)
                                : operate(cli, argc, argv, DM_CONNECT_STAY, start, "started");
}

int dm_cmd_reboot(DmCli *cli, int argc, char **argv)
{
        return operate(cli, argc, argv, DM_CONNECT_STAY, reboot, "is asked to reboot");
}

int dm_cmd_reset(DmCli *cli, int argc, char **argv)
{
        return operate(cli, argc, argv, DM_CONNECT_STAY, reset, "reset");
}

int dm_cmd_destroy(DmCli *cli, int argc, char **argv)
{
        return operate(cli, argc, argv, 0, destroy, "destroyed");
}

int dm_cmd_suspend(DmCli *cli, int argc, char **argv)
{
        return operate(cli, argc, argv, DM_CONNECT_STAY, suspend, "suspended");
}

int dm_cmd_resume(DmCli *cli, int argc, char **argv)
{
        return operate(cli, argc, argv, DM_CONNECT_STAY, resume, "resumed");
}

/* ---- shutdown ---- */

/* It was asked, and the time is over. */
static int did_not_listen(const DmCli *cli, DomusDomain *domain)
{
        g_autoptr(GError) error = NULL;
        if (!option_force) {
                dm_fail(&error, DM_ERROR_TIMED_OUT,
                        "domain '%s' did not shut down within %d s, and still runs: 'domus destroy' ends it",
                        domus_domain_name(domain), option_timeout);
                return dm_print_error(cli, error);
        }
        if (!domus_domain_destroy(domain, 0, NULL, &error) &&
            !g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_BAD_STATE)) /* BAD_STATE: it was just quicker */
                return dm_print_error(cli, error);
        g_autofree char *done =
                g_strdup_printf("did not shut down within %d s and was destroyed", option_timeout);
        dm_print_done(cli, domain, done);
        return DM_EXIT_DESTROYED;
}

int dm_cmd_shutdown(DmCli *cli, int argc, char **argv)
{
        const DmCommandRow *row = dm_command_find("shutdown");
        if (argc != 2)
                return dm_usage(cli, row, "one DOMAIN is needed");
        if (option_timeout < -1 || option_timeout > G_MAXINT / 1000)
                return dm_usage(cli, row, "'%d' is no number of seconds", option_timeout);
        if (option_force && option_timeout < 0)
                return dm_usage(cli, row, "--force needs --timeout");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, DM_CONNECT_STAY, argv[1], &t, &error))
                return dm_print_error(cli, error);
        if (option_timeout < 0)
                return domus_domain_shutdown(t.domain, NULL, &error)
                               ? dm_print_done(cli, t.domain, "is asked to shut down")
                               : dm_print_error(cli, error);
        gint64 until = g_get_monotonic_time() + option_timeout * G_USEC_PER_SEC;
        DomusCall ask = { .timeout_ms = MAX(option_timeout * 1000, 1) };
        gboolean asked = domus_domain_shutdown(t.domain, &ask, &error);
        if (!asked && !g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT))
                return dm_print_error(cli, error);
        DomusCall wait = { .timeout_ms = (int)MAX((until - g_get_monotonic_time()) / 1000, 1) };
        g_clear_error(&error);
        if (domus_domain_wait(t.domain, &wait, NULL, &error))
                return dm_print_done(cli, t.domain, "is shut off");
        return g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT) ? did_not_listen(cli, t.domain)
                                                                          : dm_print_error(cli, error);
}
