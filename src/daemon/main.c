/* domusd, the owner of one root: options, sockets, signals, the main loop. */
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/server.h"
#include "driver/owner.h"
#include "driver/serve.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define EXIT_USAGE    2
#define MAX_TIMEOUT_S (10 * 365 * 24 * 3600)

typedef struct Options {
        char *root, *cache;
        char **listen;
        gboolean session, system, compat, version;
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
        gboolean everybody; /* there is a socket for reading, for all users */
} Place;

static void options_clear(Options *o)
{
        g_free(o->root);
        g_free(o->cache);
        g_strfreev(o->listen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void place_clear(Place *p)
{
        g_free(p->root);
        g_free(p->sockets);
        g_free(p->compat);
        g_free(p->uri);
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
                ret->everybody = TRUE;
        } else {
                ret->root = g_build_filename(g_get_user_data_dir(), "domus", NULL);
                ret->sockets = g_build_filename(g_get_user_runtime_dir(), "domus", NULL);
                ret->compat = g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL);
                ret->uri = g_strdup("qemu:///session");
        }
}

/* The sockets called @name in @dir: for its owner, and for reading. */
static gboolean listen_pair(DmServer *s, const Place *p, const char *dir, const char *name, GError **error)
{
        g_autofree char *path = g_build_filename(dir, name, NULL), *ro = g_strconcat(path, "-ro", NULL);
        /* Others have to get at the socket for reading; what they may open, its mode says. */
        if (!dm_make_dirs(dir, p->everybody ? 0755 : 0700, error))
                return FALSE;
        return dm_server_listen(s, path, DM_LISTEN_OWNER, error) &&
               dm_server_listen(s, ro, DM_LISTEN_EVERYBODY, error);
}

static gboolean listen_all(DmServer *s, const Options *o, const Place *p, GError **error)
{
        if (!listen_pair(s, p, p->sockets, DM_SOCKET_NAME, error))
                return FALSE;
        if (o->compat && (!listen_pair(s, p, p->compat, "virtqemud-sock", error) ||
                          !listen_pair(s, p, p->compat, "libvirt-sock", error)))
                return FALSE;
        for (char **path = o->listen; path && *path; path++) {
                g_autofree char *full = absolute(*path);
                if (!dm_server_listen(s, full, DM_LISTEN_OWNER, error))
                        return FALSE;
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
        /* Guests that run are known from here on. */
        g_autoptr(DomusConn) conn = domus_open(uri, DOMUS_OPEN_OWNER, error);
        g_autoptr(DomusConn) reader =
                conn ? domus_open(uri, DOMUS_OPEN_OWNER | DOMUS_OPEN_READONLY, error) : NULL;
        if (!reader)
                return FALSE;
        DmServerConfig config = { .conn = conn,
                                  .reader = reader,
                                  .root = p->root,
                                  .uri = p->uri,
                                  .timeout_s = (unsigned)o->timeout_s,
                                  .idle = on_idle,
                                  .user = loop };
        g_autoptr(DmServer) server = dm_server_new(&config);
        if (!listen_all(server, o, p, error))
                return FALSE;
        const int signals[] = { SIGTERM, SIGINT, SIGHUP };
        for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
                g_unix_signal_add(signals[i], on_signal, loop);
        tell(o, DM_OWNER_READY " %d\n", (int)getpid());
        g_main_loop_run(loop);
        return TRUE;
}

int main(int argc, char **argv)
{
        setlocale(LC_ALL, "");
        g_set_prgname("domusd");
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
