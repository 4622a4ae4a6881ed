/* domus run: one guest in the foreground.
 *
 *   terminal ──> stdin ──> console ──> guest
 *   terminal <── stdout <── console <── guest
 *
 * ^] asks the guest to shut down, and destroys it when it has not within 10 s; once more destroys it now.
 * SIGTERM, SIGHUP, SIGINT, a lost terminal and a closed standard output do what ^] does.  A terminal is put
 * into raw mode, so that Ctrl-C goes to the guest.  The guest lives as long as we do. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/pump.h"
#include "cli/terminal.h"
#include "util/error.h"
#include "util/fd.h"

#define DETACH_KEY 0x1d /* ^] */
#define SHUTDOWN_S 10
/* What we keep for a reader that takes its time, and of what is typed for a guest that does. */
#define OUTPUT_MAX ((gsize)1024 * 1024)
#define INPUT_MAX  ((gsize)4096)
/* What the guest printed last is still on its way when it ends. */
#define DRAIN_MS 1000

static gboolean option_paused, option_validate;
GOptionEntry dm_options_run[] = {
        { "paused", 0, 0, G_OPTION_ARG_NONE, &option_paused,
          "Start with the processors standing still, for a debugger", NULL },
        { "validate", 0, 0, G_OPTION_ARG_NONE, &option_validate, "Refuse unknown elements and attributes",
          NULL },
        { 0 },
};

typedef struct Run {
        const DmCli *cli;
        DomusDomain *domain;
        GCancellable *start; /* cancelled: it shall not start */
        GError *start_error;
        int console; /* -1: none */
        DmPump *output, *input;
        DmTerminal terminal;
        guint signals[3], patience;
        unsigned calls; /* that have not ended */
        gboolean started, told_to_end, destroying, patience_ended;
        gboolean impatient; /* told more than once: what is left to say does not matter */
        gboolean ended, output_ended;
} Run;

/* To the user; below what the guest prints. */
static void say(const Run *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(const Run *r, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *text = g_strdup_vprintf(format, args);
        va_end(args);
        fprintf(stderr, "%sdomus: %s\n", r->terminal.raw ? "\n" : "", text);
}

/* ---- ending ---- */

/* Its end is what we wait for anyway. */
static void on_destroyed(DomusDomain *domain G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        ((Run *)data)->calls--;
}

static void destroy(Run *r)
{
        DomusCall call = { .done = on_destroyed, .data = r };
        if (!r->destroying && domus_domain_destroy(r->domain, 0, &call, NULL))
                r->calls++;
        r->destroying = TRUE;
}

static gboolean on_patience_end(gpointer data)
{
        Run *r = data;
        r->patience = 0;
        r->patience_ended = TRUE;
        say(r, "the guest did not shut down within %d s and is destroyed", SHUTDOWN_S);
        destroy(r);
        return G_SOURCE_REMOVE;
}

static void on_asked(DomusDomain *domain G_GNUC_UNUSED, const GError *error, void *data)
{
        Run *r = data;
        r->calls--;
        if (!error || r->ended || g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_TIMED_OUT) ||
            g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_GONE))
                return; /* asked; or asked for longer than our patience; or it is ending already */
        say(r, "%s; it is destroyed", error->message);
        destroy(r);
}

/* A lost terminal is seen in several ways: only the first counts. */
static void ask_guest(Run *r, const char *why)
{
        if (!r->started) {
                g_cancellable_cancel(r->start);
                return;
        }
        r->impatient |= r->ended;
        if (r->ended || r->told_to_end)
                return;
        r->told_to_end = TRUE;
        say(r, "%sasking the guest to shut down%s", why, r->terminal.raw ? "; ^] again destroys it" : "");
        DomusCall call = { .timeout_ms = SHUTDOWN_S * 1000, .done = on_asked, .data = r };
        if (domus_domain_shutdown(r->domain, &call, NULL))
                r->calls++;
        r->patience = g_timeout_add_seconds(SHUTDOWN_S, on_patience_end, r);
}

/* Somebody asks.  Who asks twice does not want to wait. */
static void end_guest(Run *r)
{
        r->impatient |= r->told_to_end;
        if (r->told_to_end && !r->ended)
                destroy(r);
        else
                ask_guest(r, "");
}

static gboolean on_signal(gpointer data)
{
        end_guest(data);
        return G_SOURCE_CONTINUE;
}

static gboolean on_hangup(gpointer data)
{
        ask_guest(data, "the terminal is lost; ");
        return G_SOURCE_CONTINUE;
}

/* From the first moment on: an early signal must not leave a guest or a directory. */
static void watch_signals(Run *r)
{
        r->signals[0] = g_unix_signal_add(SIGTERM, on_signal, r);
        r->signals[1] = g_unix_signal_add(SIGINT, on_signal, r);
        r->signals[2] = g_unix_signal_add(SIGHUP, on_hangup, r);
        signal(SIGPIPE, SIG_IGN); /* a closed standard output is seen where it is written */
}

/* ---- console ---- */

static void on_output_end(DmPumpEnd how, void *data)
{
        Run *r = data;
        r->output_ended = TRUE;
        if (how == DM_PUMP_TARGET_GONE)
                ask_guest(r, "standard output was closed; ");
}

static void on_input_end(DmPumpEnd how, void *data)
{
        Run *r = data;
        if (how == DM_PUMP_SOURCE_ENDED && r->terminal.raw)
                ask_guest(r, "the terminal is lost; ");
}

static gsize find_key(const char *data, gsize n, void *user)
{
        Run *r = user;
        const char *key = r->terminal.raw ? memchr(data, DETACH_KEY, n) : NULL;
        if (key)
                end_guest(r);
        return key ? (gsize)(key - data) : n;
}

static void attach(Run *r)
{
        g_autoptr(GError) error = NULL;
        r->console = domus_domain_open_console(r->domain, NULL, DOMUS_CONSOLE_HISTORY, &error);
        if (r->console < 0) {
                r->output_ended = TRUE;
                if (!r->ended)
                        fprintf(stderr, "domus: %s; running without one\n", error->message);
                return;
        }
        gboolean terminal = dm_terminal_ours();
        if (terminal)
                dm_terminal_raw(&r->terminal);
        if (r->terminal.raw)
                fprintf(stderr, "domus: console of '%s'; ^] shuts the guest down\n",
                        domus_domain_name(r->domain));
        /* With --json standard output is for the result. */
        int to = r->cli->json ? STDERR_FILENO : STDOUT_FILENO;
        DmPumpHandlers out = { .ended = on_output_end, .user = r };
        DmPumpHandlers in = { .filter = find_key, .ended = on_input_end, .user = r };
        r->output = dm_pump_new(r->console, to, OUTPUT_MAX, &out);
        if (terminal)
                r->input = dm_pump_new(STDIN_FILENO, r->console, INPUT_MAX, &in);
}

static gboolean on_drain_end(gpointer data)
{
        *(gboolean *)data = TRUE;
        return G_SOURCE_REMOVE;
}

/* The driver closes the console when the guest has ended.  A reader that takes its time (a pager) gets it,
 * until a signal comes. */
static void drain(Run *r)
{
        gboolean late = FALSE;
        guint timer = g_timeout_add(DRAIN_MS, on_drain_end, &late);
        while (!r->output_ended && (!late || (dm_pump_pending(r->output) && !r->impatient)))
                g_main_context_iteration(NULL, TRUE);
        if (!late)
                g_source_remove(timer);
}

/* ---- result ---- */

static int report(const Run *r)
{
        DomusExit e = { 0 };
        g_autoptr(GError) error = NULL;
        if (!domus_domain_wait(r->domain, NULL, &e, &error))
                return dm_print_error(r->cli, error);
        const char *reason = domus_reason_name(DOMUS_STATE_SHUTOFF, e.reason);
        if (r->cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "name", domus_domain_name(r->domain));
                dm_json_add_string(j, "uuid", domus_domain_uuid(r->domain));
                dm_json_add_string(j, "reason", reason);
                dm_json_add_int(j, "exit-code", e.exit_code);
                if (e.signal)
                        dm_json_add_int(j, "signal", e.signal);
                dm_json_add_string(j, "message", e.message);
                dm_print_json(j);
        } else if (strcmp(reason, "shutdown") != 0 && !r->patience_ended) {
                fprintf(stderr, "domus: domain '%s' ended: %s\n", domus_domain_name(r->domain), e.message);
        }
        if (strcmp(reason, "shutdown") == 0)
                return DM_EXIT_OK;
        return strcmp(reason, "destroyed") == 0 ? DM_EXIT_DESTROYED : DM_EXIT_CRASHED;
}

/* ---- the run ---- */

static void on_started(DomusDomain *domain G_GNUC_UNUSED, const GError *error, void *data)
{
        Run *r = data;
        r->started = TRUE;
        r->start_error = error ? g_error_copy(error) : NULL;
}

static void on_ended(DomusDomain *domain G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        ((Run *)data)->ended = TRUE;
}

/* NULL, or why it does not run.  Owned. */
static GError *start(Run *r, DomusConn *conn, const char *xml)
{
        unsigned flags = DOMUS_CREATE_AUTODESTROY | (option_paused ? DOMUS_CREATE_PAUSED : 0) |
                         (option_validate ? DOMUS_CREATE_VALIDATE : 0);
        DomusCall call = { .cancel = r->start, .done = on_started, .data = r };
        r->domain = domus_create(conn, xml, flags, &call, &r->start_error);
        while (r->domain && !r->started)
                g_main_context_iteration(NULL, TRUE);
        return g_steal_pointer(&r->start_error);
}

static int run_guest(Run *r, DomusConn *conn, const char *xml)
{
        g_autoptr(GError) error = start(r, conn, xml);
        if (g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_CANCELLED)) { /* whatever was going on */
                g_clear_error(&error);
                dm_fail(&error, DM_ERROR_CANCELLED,
                        "interrupted before the guest ran: nothing of it is left");
        }
        if (error)
                return dm_print_error(r->cli, error);
        DomusCall call = { .done = on_ended, .data = r };
        attach(r);
        if (!domus_domain_wait(r->domain, &call, NULL, NULL))
                r->ended = TRUE; /* it was quicker than we are */
        while (!r->ended || r->calls)
                g_main_context_iteration(NULL, TRUE);
        drain(r);
        dm_terminal_restore(&r->terminal);
        return report(r);
}

static void run_clear(Run *r)
{
        for (gsize i = 0; i < G_N_ELEMENTS(r->signals); i++)
                g_source_remove(r->signals[i]);
        if (r->patience)
                g_source_remove(r->patience);
        dm_pump_free(r->output);
        dm_pump_free(r->input);
        dm_close_fd(&r->console);
        domus_domain_unref(r->domain);
        g_object_unref(r->start);
}

int dm_cmd_run(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("run"), "one FILE is needed ('-': standard input)");
        g_autoptr(GError) error = NULL;
        gsize length = 0;
        g_autofree char *xml = dm_read_document(argv[1], &length, &error);
        if (!xml)
                return dm_print_error(cli, error);
        if (!option_validate)
                dm_print_warnings(xml, length);
        Run r = { .cli = cli, .start = g_cancellable_new(), .console = -1 };
        watch_signals(&r);
        char *root = NULL;
        DomusConn *conn = dm_open_private(&root, &error);
        int code = conn ? run_guest(&r, conn, xml) : dm_print_error(cli, error);
        run_clear(&r);
        if (conn)
                dm_close_private(conn, root);
        return code;
}
