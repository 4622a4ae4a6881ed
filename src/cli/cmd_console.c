/* domus console: a guest's serial console on this terminal, until ^] or its end. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/connect.h"
#include "cli/pump.h"
#include "cli/terminal.h"
#include "util/fd.h"

#define LEAVE_KEY  0x1d /* ^] */
#define OUTPUT_MAX ((gsize)1024 * 1024)
#define INPUT_MAX  ((gsize)4096)

static gboolean option_history, option_force;
static char *option_device;
GOptionEntry dm_options_console[] = {
        { "history", 0, 0, G_OPTION_ARG_NONE, &option_history, "Print first what it has said so far", NULL },
        { "device", 0, 0, G_OPTION_ARG_STRING, &option_device, "Another than the first: serial1, console1",
          "ALIAS" },
        { "force", 0, 0, G_OPTION_ARG_NONE, &option_force, "Take it from whoever is connected", NULL },
        { 0 },
};

typedef struct Console {
        DmTerminal terminal;
        DmPump *output, *input;
        gboolean left, ended;
} Console;

static gboolean on_signal(gpointer data)
{
        ((Console *)data)->left = TRUE;
        return G_SOURCE_CONTINUE;
}

static void on_output_end(DmPumpEnd how, void *data)
{
        Console *c = data;
        c->ended = TRUE;
        c->left |= how == DM_PUMP_TARGET_GONE;
}

static void on_input_end(DmPumpEnd how G_GNUC_UNUSED, void *data)
{
        Console *c = data;
        c->left |= c->terminal.raw; /* the terminal is lost; a file that ends was only short */
}

static gsize find_key(const char *data, gsize n, void *user)
{
        Console *c = user;
        const char *key = c->terminal.raw ? memchr(data, LEAVE_KEY, n) : NULL;
        c->left |= key != NULL;
        return key ? (gsize)(key - data) : n;
}

static void converse(Console *c, int console)
{
        guint signals[] = { g_unix_signal_add(SIGTERM, on_signal, c), g_unix_signal_add(SIGINT, on_signal, c),
                            g_unix_signal_add(SIGHUP, on_signal, c) };
        DmPumpHandlers out = { .ended = on_output_end, .user = c };
        DmPumpHandlers in = { .filter = find_key, .ended = on_input_end, .user = c };
        signal(SIGPIPE, SIG_IGN);
        c->output = dm_pump_new(console, STDOUT_FILENO, OUTPUT_MAX, &out);
        if (dm_terminal_ours())
                c->input = dm_pump_new(STDIN_FILENO, console, INPUT_MAX, &in);
        while (!c->ended && (!c->left || (c->input && dm_pump_pending(c->input))))
                g_main_context_iteration(NULL, TRUE);
        dm_terminal_restore(&c->terminal);
        dm_pump_free(c->input);
        dm_pump_free(c->output);
        for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
                g_source_remove(signals[i]);
}

int dm_cmd_console(DmCli *cli, int argc, char **argv)
{
        const DmCommandRow *row = dm_command_find("console");
        if (argc != 2)
                return dm_usage(cli, row, "one DOMAIN is needed");
        if (cli->json)
                return dm_usage(cli, row, "a console is no JSON");
        g_autoptr(GError) error = NULL;
        g_auto(DmTarget) t = { 0 };
        if (!dm_connect_domain(cli, DM_CONNECT_STAY, argv[1], &t, &error))
                return dm_print_error(cli, error);
        unsigned flags =
                (option_history ? DOMUS_CONSOLE_HISTORY : 0) | (option_force ? DOMUS_CONSOLE_FORCE : 0);
        dm_autofd int console = domus_domain_open_console(t.domain, option_device, flags, &error);
        if (console < 0)
                return dm_print_error(cli, error);
        Console c = { 0 };
        if (dm_terminal_ours())
                dm_terminal_raw(&c.terminal);
        gboolean terminal = c.terminal.raw;
        if (terminal)
                fprintf(stderr, "domus: console of '%s'; ^] leaves it\n", domus_domain_name(t.domain));
        converse(&c, console);
        if (terminal)
                fprintf(stderr, "\ndomus: %s\n",
                        c.left ? "left the console, the guest goes on" : "the console has ended");
        return DM_EXIT_OK;
}
