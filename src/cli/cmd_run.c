/* domus run: one guest in the foreground.
 *
 *   terminal ──> stdin ──> console ──> guest          ^] : ask the guest to shut down, destroy it after 10 s
 *   terminal <── stdout <── console <── guest         SIGTERM, SIGHUP, SIGINT (no terminal): the same
 *
 * A terminal is put into raw mode, so that Ctrl-C goes to the guest.  The guest lives as long as we do. */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "driver/offline.h"
#include "util/fd.h"

#define DETACH_KEY 0x1d /* ^] */
#define SHUTDOWN_S 10
/* What the guest printed last is still on its way when it ends. */
#define DRAIN_MS 1000

static gboolean option_paused, option_validate;
GOptionEntry dm_options_run[] = {
        { "paused", 0, 0, G_OPTION_ARG_NONE, &option_paused, "Start with the processors standing still",
          NULL },
        { "validate", 0, 0, G_OPTION_ARG_NONE, &option_validate, "Refuse unknown elements and attributes",
          NULL },
        { 0 },
};

typedef struct Run {
        GMainLoop *loop;
        DomusDomain *domain;
        int console; /* -1: none, or ended */
        guint console_watch, stdin_watch;
        gboolean raw;
        struct termios saved;
        gboolean ending; /* asked to shut down */
        gboolean ended, destroyed;
} Run;

/* ---- terminal ---- */

static void set_raw(Run *r)
{
        if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &r->saved) < 0)
                return;
        struct termios t = r->saved;
        cfmakeraw(&t);
        t.c_oflag |= OPOST; /* our own messages want line ends */
        r->raw = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

static void restore_terminal(Run *r)
{
        if (r->raw)
                tcsetattr(STDIN_FILENO, TCSANOW, &r->saved);
        r->raw = FALSE;
}

/* ---- ending ---- */

static gboolean on_patience_end(gpointer data)
{
        Run *r = data;
        DomusCall call = { .timeout_ms = 0 };
        if (!r->ended) {
                r->destroyed = TRUE;
                fprintf(stderr, "\ndomus: the guest did not shut down within %d s and is destroyed\n",
                        SHUTDOWN_S);
                domus_domain_destroy(r->domain, 0, &call, NULL);
        }
        return G_SOURCE_REMOVE;
}

static void on_asked(DomusDomain *domain G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED,
                     void *data G_GNUC_UNUSED)
{
        /* A guest that can't be asked is destroyed when patience ends, like one that does not listen. */
}

static void end_guest(Run *r)
{
        if (r->ending || r->ended)
                return;
        r->ending = TRUE;
        DomusCall call = { .timeout_ms = SHUTDOWN_S * 1000, .done = on_asked };
        domus_domain_shutdown(r->domain, &call, NULL);
        g_timeout_add_seconds(SHUTDOWN_S, on_patience_end, r);
}

static gboolean on_signal(gpointer data)
{
        end_guest(data);
        return G_SOURCE_CONTINUE;
}

static void on_ended(DomusDomain *domain G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        Run *r = data;
        r->ended = TRUE;
        g_main_loop_quit(r->loop);
}

/* ---- console ---- */

static void write_all(int fd, const char *data, gsize n)
{
        while (n) {
                gssize written = write(fd, data, n);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return;
                data += written;
                n -= (gsize)written;
        }
}

static gboolean on_console(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        Run *r = data;
        char buffer[4096];
        gssize n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
                return G_SOURCE_CONTINUE;
        if (n <= 0) {
                dm_close_fd(&r->console);
                r->console_watch = 0;
                return G_SOURCE_REMOVE;
        }
        write_all(STDOUT_FILENO, buffer, (gsize)n);
        return G_SOURCE_CONTINUE;
}

static gboolean on_stdin(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
        Run *r = data;
        char buffer[1024];
        gssize n = read(fd, buffer, sizeof buffer);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return G_SOURCE_CONTINUE;
        if (n <= 0) {
                r->stdin_watch = 0;
                if (r->raw)
                        end_guest(r); /* the terminal is lost */
                return G_SOURCE_REMOVE;
        }
        char *key = r->raw ? memchr(buffer, DETACH_KEY, (gsize)n) : NULL;
        gsize length = key ? (gsize)(key - buffer) : (gsize)n;
        if (r->console >= 0)
                write_all(r->console, buffer, length);
        if (key)
                end_guest(r);
        return G_SOURCE_CONTINUE;
}

static void attach(Run *r)
{
        g_autoptr(GError) error = NULL;
        r->console = domus_domain_open_console(r->domain, NULL, DOMUS_CONSOLE_HISTORY, &error);
        if (r->console < 0) {
                fprintf(stderr, "domus: %s; running without one\n", error->message);
                return;
        }
        set_raw(r);
        if (r->raw)
                fprintf(stderr, "domus: console of '%s'; ^] shuts the guest down\n",
                        domus_domain_name(r->domain));
        r->console_watch = g_unix_fd_add(r->console, G_IO_IN | G_IO_HUP, on_console, r);
        r->stdin_watch = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, r);
}

static void drain_console(Run *r)
{
        gint64 until = g_get_monotonic_time() + DRAIN_MS * 1000;
        while (r->console >= 0 && g_get_monotonic_time() < until) {
                GPollFD p = { r->console, G_IO_IN | G_IO_HUP, 0 };
                if (g_poll(&p, 1, DRAIN_MS / 10) <= 0 || !on_console(r->console, p.revents, r))
                        break;
        }
}

/* ---- result ---- */

static int report(const DmCli *cli, Run *r)
{
        DomusExit e = { 0 };
        g_autoptr(GError) error = NULL;
        if (!domus_domain_wait(r->domain, NULL, &e, &error))
                return dm_print_error(cli, error);
        const char *reason = domus_reason_name(DOMUS_STATE_SHUTOFF, e.reason);
        if (cli->json) {
                g_autoptr(DmJson) j = dm_json_object_new();
                dm_json_add_string(j, "name", domus_domain_name(r->domain));
                dm_json_add_string(j, "uuid", domus_domain_uuid(r->domain));
                dm_json_add_string(j, "reason", reason);
                dm_json_add_int(j, "exit-code", e.exit_code);
                if (e.signal)
                        dm_json_add_int(j, "signal", e.signal);
                dm_json_add_string(j, "message", e.message);
                dm_print_json(j);
        } else if (strcmp(reason, "shutdown") != 0) {
                fprintf(stderr, "domus: domain '%s' ended: %s\n", domus_domain_name(r->domain), e.message);
        }
        if (strcmp(reason, "shutdown") == 0)
                return DM_EXIT_OK;
        return strcmp(reason, "destroyed") == 0 ? DM_EXIT_DESTROYED : DM_EXIT_CRASHED;
}

static int run_guest(const DmCli *cli, DomusConn *conn, const char *xml)
{
        g_autoptr(GError) error = NULL;
        unsigned flags = DOMUS_CREATE_AUTODESTROY | (option_paused ? DOMUS_CREATE_PAUSED : 0) |
                         (option_validate ? DOMUS_CREATE_VALIDATE : 0);
        Run r = { .console = -1 };
        r.domain = domus_create(conn, xml, flags, NULL, &error);
        if (!r.domain)
                return dm_print_error(cli, error);
        r.loop = g_main_loop_new(NULL, FALSE);
        attach(&r);
        guint signals[] = { g_unix_signal_add(SIGTERM, on_signal, &r),
                            g_unix_signal_add(SIGHUP, on_signal, &r),
                            g_unix_signal_add(SIGINT, on_signal, &r) };
        DomusCall call = { .done = on_ended, .data = &r };
        if (!domus_domain_wait(r.domain, &call, NULL, &error))
                r.ended = TRUE; /* it was quicker than we are */
        if (!r.ended)
                g_main_loop_run(r.loop);
        drain_console(&r);
        restore_terminal(&r);
        for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
                g_source_remove(signals[i]);
        if (r.stdin_watch)
                g_source_remove(r.stdin_watch);
        if (r.console_watch)
                g_source_remove(r.console_watch);
        dm_close_fd(&r.console);
        int code = report(cli, &r);
        g_main_loop_unref(r.loop);
        domus_domain_unref(r.domain);
        return code;
}

/* What the reader found questionable, before the guest starts. */
static void print_warnings(const char *xml, gsize length)
{
        g_autoptr(DmFindings) findings = dm_offline_read(xml, length);
        for (gsize i = 0; dm_findings_errors(findings) == 0 && i < dm_findings_count(findings); i++) {
                g_autofree char *line = dm_finding_text(dm_findings_at(findings, i));
                fprintf(stderr, "domus: %s\n", line);
        }
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
        print_warnings(xml, length);
        char *root = NULL;
        DomusConn *conn = dm_open_private(&root, &error);
        if (!conn)
                return dm_print_error(cli, error);
        int code = run_guest(cli, conn, xml);
        dm_close_private(conn, root);
        return code;
}
