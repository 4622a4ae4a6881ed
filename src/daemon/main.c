/* domusd, the owner of one root: options, sockets, signals, the main loop. */
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/server.h"
#include "daemon/systemd.h"
#include "driver/owner.h"
#include "driver/serve.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define EXIT_USAGE    2
#define MAX_TIMEOUT_S (10 * 365 * 24 * 3600)

typedef struct Options {
        char *root, *cache, *config;
        char **listen;
        gboolean session, system, compat, version, autostart;
        gboolean background;
        int timeout_s;
        int ready_fd; /* -1: nobody waits for us */
} Options;

/* Where everything of one daemon is. */
typedef struct Place {
        char *root;    /* the driver's */
        char *sockets; /* the directory of our own */
        char *compat;  /* … of libvirt's */
        char *uri;
        char *config;       /* that is read when it is there; nullable */
        gboolean everybody; /* there is a socket for reading, for all users */
} Place;

static void options_clear(Options *o)
{
        g_free(o->root);
        g_free(o->cache);
        g_free(o->config);
        g_strfreev(o->listen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void place_clear(Place *p)
{
        g_free(p->root);
        g_free(p->sockets);
        g_free(p->compat);
        g_free(p->uri);
        g_free(p->config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static gboolean parse(Options *o, int argc, char **argv, GError **error)
{
        GOptionEntry entries[] = {
                { "root", 0, 0, G_OPTION_ARG_FILENAME, &o->root,
                  "Own the driver of DIR; its socket is DIR/" DM_SOCKET_NAME "", "DIR" },
                { "session", 0, 0, G_OPTION_ARG_NONE, &o->session,
                  "Own this user's guests (what other users than root get without options)", NULL },
                { "system", 0, 0, G_OPTION_ARG_NONE, &o->system,
                  "Own the machine's guests (what root gets without options)", NULL },
                { "listen", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->listen,
                  "Listen on SOCKET too; may be given several times", "SOCKET" },
                { "autostart", 0, 0, G_OPTION_ARG_NONE, &o->autostart,
                  "Start the guests that are marked for it, once after each boot (always so without --root)",
                  NULL },
                { "timeout", 0, 0, G_OPTION_ARG_INT, &o->timeout_s,
                  "End after SECONDS without running guest and client", "SECONDS" },
                { "compat", 0, 0, G_OPTION_ARG_NONE, &o->compat,
                  "Listen where libvirt's clients look, as virtqemud and libvirtd", NULL },
                { "background", 0, 0, G_OPTION_ARG_NONE, &o->background, "Go on in a session of its own",
                  NULL },
                { "ready-fd", 0, 0, G_OPTION_ARG_INT, &o->ready_fd,
                  "Write '" DM_OWNER_READY " PID', or an error, to descriptor FD once the sockets answer",
                  "FD" },
                { "cache", 0, 0, G_OPTION_ARG_FILENAME, &o->cache, "Remember probed emulators in DIR",
                  "DIR" },
                { "config", 0, 0, G_OPTION_ARG_FILENAME, &o->config, "Read limits from FILE (domusd.conf)",
                  "FILE" },
                { "version", 0, 0, G_OPTION_ARG_NONE, &o->version, "Print the version", NULL },
                { 0 },
        };
        g_autoptr(GOptionContext) context = g_option_context_new(NULL);
        o->ready_fd = -1;
        g_option_context_set_summary(context,
                                     "Runs guests, and serves them to virsh and other clients of "
                                     "libvirt.\nStays in the foreground; SIGTERM ends it, guests go on.");
        g_option_context_add_main_entries(context, entries, NULL);
        if (!g_option_context_parse(context, &argc, &argv, error))
                return FALSE;
        if (argc > 1)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "there are no arguments, but '%s' was given",
                               argv[1]);
        if ((o->root != NULL) + o->session + o->system > 1)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "only one of --root, --session and --system can be given");
        if (o->compat && o->root)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "--compat belongs to --session or --system; with --root use --listen SOCKET");
        if (o->timeout_s < 0 || o->timeout_s > MAX_TIMEOUT_S)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "--timeout %d: not a number from 0 to %d",
                               o->timeout_s, MAX_TIMEOUT_S);
        return TRUE;
}

static char *absolute(const char *path)
{
        return path ? g_canonicalize_filename(path, NULL) : NULL;
}

static void find_place(const Options *o, Place *ret)
{
        if (o->root) {
                ret->root = absolute(o->root);
                ret->sockets = g_strdup(ret->root);
                g_autofree char *escaped = g_uri_escape_string(ret->root, "/", FALSE);
                ret->uri = g_strdup_printf("qemu:///embed?root=%s", escaped);
        } else if (o->system || (!o->session && geteuid() == 0)) {
                ret->root = g_strdup("/var/lib/domus");
                ret->sockets = g_strdup("/run/domus");
                ret->compat = g_strdup("/run/libvirt");
                ret->uri = g_strdup("qemu:///system");
                ret->config = g_strdup("/etc/domus/domusd.conf");
                ret->everybody = TRUE;
        } else {
                ret->root = g_build_filename(g_get_user_data_dir(), "domus", NULL);
                ret->sockets = g_build_filename(g_get_user_runtime_dir(), "domus", NULL);
                ret->compat = g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL);
                ret->uri = g_strdup("qemu:///session");
                ret->config = g_build_filename(g_get_user_config_dir(), "domus", "domusd.conf", NULL);
        }
}

/* ---- sockets ---- */

/* Two names of one place: /var/run is a link to /run. */
static gboolean is_same_path(const char *a, const char *b)
{
        g_autofree char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
        return strcmp(a, b) == 0 || (real_a && real_b && strcmp(real_a, real_b) == 0);
}

static gboolean is_passed(const GArray *sockets, const char *path)
{
        for (guint i = 0; i < sockets->len; i++)
                if (is_same_path(g_array_index(sockets, DmSystemdSocket, i).path, path))
                        return TRUE;
        return FALSE;
}

static gboolean listen_at(DmServer *s, const GArray *passed, const char *path, DmListenFlags flags,
                          GError **error)
{
        return is_passed(passed, path) || dm_server_listen(s, path, flags, error);
}

/* The sockets called @name in @dir: for its owner, and for reading. */
static gboolean listen_pair(DmServer *s, const GArray *passed, const Place *p, const char *dir,
                            const char *name, GError **error)
{
        g_autofree char *path = g_build_filename(dir, name, NULL), *ro = g_strconcat(path, "-ro", NULL);
        /* Others have to get at the socket for reading; what they may open, its mode says. */
        if (!dm_make_dirs(dir, p->everybody ? 0755 : 0700, error))
                return FALSE;
        return listen_at(s, passed, path, DM_LISTEN_OWNER, error) &&
               listen_at(s, passed, ro, DM_LISTEN_EVERYBODY, error);
}

static gboolean listen_all(DmServer *s, GArray *passed, const Options *o, const Place *p, GError **error)
{
        if (!listen_pair(s, passed, p, p->sockets, DM_SOCKET_NAME, error))
                return FALSE;
        if (o->compat && (!listen_pair(s, passed, p, p->compat, "virtqemud-sock", error) ||
                          !listen_pair(s, passed, p, p->compat, "libvirt-sock", error)))
                return FALSE;
        for (char **path = o->listen; path && *path; path++) {
                g_autofree char *full = absolute(*path);
                if (!listen_at(s, passed, full, DM_LISTEN_OWNER, error))
                        return FALSE;
        }
        for (guint i = 0; i < passed->len; i++) {
                DmSystemdSocket *socket = &g_array_index(passed, DmSystemdSocket, i);
                dm_server_listen_fd(s, dm_steal_fd(&socket->fd), socket->path, socket->access);
        }
        return TRUE;
}

/* To whoever has started us and waits. */
static void tell(Options *o, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void tell(Options *o, const char *format, ...)
{
        if (o->ready_fd < 0)
                return;
        va_list args;
        va_start(args, format);
        g_autofree char *text = g_strdup_vprintf(format, args);
        va_end(args);
        if (write(o->ready_fd, text, strlen(text)) < 0)
                g_debug("nobody hears that %s", text); /* it has gone meanwhile, and we go on */
        dm_close_fd(&o->ready_fd);
}

static void on_idle(void *user)
{
        g_main_loop_quit(user);
}

static gboolean on_signal(gpointer user)
{
        g_main_loop_quit(user);
        return G_SOURCE_CONTINUE;
}

/* ---- configuration ---- */

static gboolean read_config(const Options *o, const Place *p, DmServerLimits *ret, GError **error)
{
        *ret = (DmServerLimits)DM_SERVER_DEFAULT_LIMITS;
        const char *path = o->config ? o->config : p->config;
        return !path || dm_config_read(path, o->config != NULL, ret, error);
}

typedef struct Reload {
        const Options *options;
        const Place *place;
        DmServer *server;
} Reload;

/* One that is wrong changes nothing. */
static gboolean on_reload(gpointer user)
{
        const Reload *r = user;
        g_autoptr(GError) error = NULL;
        DmServerLimits limits;
        dm_systemd_notify("RELOADING=1");
        if (read_config(r->options, r->place, &limits, &error))
                dm_server_set_limits(r->server, &limits);
        else
                fprintf(stderr, "domusd: the configuration stays as it was: %s\n", error->message);
        dm_systemd_notify("READY=1");
        return G_SOURCE_CONTINUE;
}

static char *driver_uri(const char *root, const char *cache)
{
        g_autofree char *full = absolute(cache), *escaped_root = g_uri_escape_string(root, "/", FALSE);
        g_autofree char *escaped_cache = full ? g_uri_escape_string(full, "/", FALSE) : NULL;
        return g_strdup_printf("qemu:///embed?root=%s%s%s", escaped_root, full ? "&cache=" : "",
                               full ? escaped_cache : "");
}

static gboolean serve(Options *o, const Place *p, GError **error)
{
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        g_autofree char *uri = driver_uri(p->root, o->cache);
        DmServerLimits limits;
        g_autoptr(GArray) passed = read_config(o, p, &limits, error) ? dm_systemd_sockets(error) : NULL;
        if (!passed)
                return FALSE;
        gboolean autostart = o->autostart || !o->root;
        /* Guests that run are known from here on. */
        g_autoptr(DomusConn) conn =
                domus_open(uri, DOMUS_OPEN_OWNER | (autostart ? DOMUS_OPEN_AUTOSTART : 0), error);
        g_autoptr(DomusConn) reader =
                conn ? domus_open(uri, DOMUS_OPEN_OWNER | DOMUS_OPEN_READONLY, error) : NULL;
        if (!reader)
                return FALSE;
        DmServerConfig config = { .conn = conn,
                                  .reader = reader,
                                  .root = p->root,
                                  .uri = p->uri,
                                  .limits = &limits,
                                  .timeout_s = (unsigned)o->timeout_s,
                                  .idle = on_idle,
                                  .user = loop };
        g_autoptr(DmServer) server = dm_server_new(&config);
        if (!listen_all(server, passed, o, p, error))
                return FALSE;
        Reload reload = { o, p, server };
        const int signals[] = { SIGTERM, SIGINT };
        for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
                g_unix_signal_add(signals[i], on_signal, loop);
        g_unix_signal_add(SIGHUP, on_reload, &reload);
        tell(o, DM_OWNER_READY " %d\n", (int)getpid());
        dm_systemd_notify("READY=1");
        g_main_loop_run(loop);
        dm_systemd_notify("STOPPING=1");
        return TRUE;
}

/* Each guest takes four descriptors, and what many systems allow at first is 1024. */
static void raise_limits(void)
{
        struct rlimit files;
        if (getrlimit(RLIMIT_NOFILE, &files) < 0)
                return;
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files); /* else with fewer guests */
}

int main(int argc, char **argv)
{
        setlocale(LC_ALL, "");
        g_set_prgname("domusd");
        raise_limits();
        signal(SIGPIPE, SIG_IGN);
        g_auto(Options) options = { 0 };
        g_auto(Place) place = { 0 };
        g_autoptr(GError) error = NULL;
        if (!parse(&options, argc, argv, &error)) {
                fprintf(stderr, "domusd: %s\nTry 'domusd --help'.\n", error->message);
                return EXIT_USAGE;
        }
        if (options.version) {
                printf("domusd %s\n", domus_version());
                return 0;
        }
        pid_t child = options.background ? fork() : 0;
        if (child != 0) /* the child goes on; without one nobody is ready */
                return child < 0;
        if (options.background)
                setsid();
        find_place(&options, &place);
        if (!serve(&options, &place, &error)) {
                fprintf(stderr, "domusd: %s\n", error->message);
                tell(&options, "%s %s\n", domus_error_name(error), error->message);
                return 1;
        }
        return 0;
}
