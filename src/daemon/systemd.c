/* Socket activation and readiness, by systemd's protocols. */
#include "daemon/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/error.h"
#include "util/fd.h"

#define FIRST_FD 3

static void socket_clear(gpointer p)
{
        DmSystemdSocket *s = p;
        dm_close_fd(&s->fd);
        g_free(s->path);
}

static void forget_variables(void)
{
        g_unsetenv("LISTEN_PID");
        g_unsetenv("LISTEN_FDS");
        g_unsetenv("LISTEN_FDNAMES");
}

/* How many are meant for this very process. */
static gboolean count_sockets(guint64 *ret_n, GError **error)
{
        const char *pid = g_getenv("LISTEN_PID"), *fds = g_getenv("LISTEN_FDS");
        guint64 wanted;
        *ret_n = 0;
        if (!pid || !fds || !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT32, &wanted, NULL) ||
            wanted != (guint64)getpid())
                return TRUE;
        return g_ascii_string_to_unsigned(fds, 10, 0, DM_SYSTEMD_SOCKETS_MAX, ret_n, NULL) ||
               dm_fail(error, DM_ERROR_INVALID_ARG, "LISTEN_FDS is '%s': not a number up to %d", fds,
                       DM_SYSTEMD_SOCKETS_MAX);
}

/* "domusd.socket", "virtqemud-ro.socket": the unit that a socket is of says who may connect. */
static gboolean access_of(const char *unit, DmListenFlags *ret, GError **error)
{
        static const char *const programs[] = { "domusd", "virtqemud", "libvirtd" };
        for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
                if (!g_str_has_prefix(unit, programs[i]))
                        continue;
                const char *rest = unit + strlen(programs[i]);
                *ret = strcmp(rest, "-ro.socket") == 0 ? DM_LISTEN_EVERYBODY : DM_LISTEN_OWNER;
                if (*ret == DM_LISTEN_EVERYBODY || strcmp(rest, ".socket") == 0)
                        return TRUE;
        }
        return dm_fail(error, DM_ERROR_INVALID_ARG,
                       "systemd passes a socket of '%s': only domusd.socket and domusd-ro.socket are known",
                       unit);
}

static gboolean take_socket(int fd, const char *unit, DmSystemdSocket *ret, GError **error)
{
        struct sockaddr_un address = { 0 };
        socklen_t length = sizeof address;
        int listens = 0;
        socklen_t size = sizeof listens;
        if (!access_of(unit, &ret->access, error))
                return FALSE;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens ||
            getsockname(fd, (struct sockaddr *)&address, &length) < 0 || address.sun_family != AF_UNIX)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "descriptor %d, which systemd passes for '%s', is no listening unix socket",
                               fd, unit);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        ret->fd = fd;
        gsize most = length > offsetof(struct sockaddr_un, sun_path)
                             ? length - offsetof(struct sockaddr_un, sun_path)
                             : 0;
        ret->path = g_strndup(address.sun_path, MIN(most, sizeof address.sun_path));
        return TRUE;
}

GArray *dm_systemd_sockets(GError **error)
{
        guint64 n;
        g_autoptr(GArray) sockets = g_array_new(FALSE, TRUE, sizeof(DmSystemdSocket));
        g_array_set_clear_func(sockets, socket_clear);
        gboolean ok = count_sockets(&n, error);
        const char *text = g_getenv("LISTEN_FDNAMES");
        g_auto(GStrv) names = g_strsplit(text ? text : "", ":", -1);
        forget_variables();
        if (!ok || n == 0)
                return ok ? g_steal_pointer(&sockets) : NULL;
        if (g_strv_length(names) != n)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                    "systemd passes %u sockets, but names %u of them", (unsigned)n,
                                    g_strv_length(names));
        for (guint64 i = 0; i < n; i++) {
                DmSystemdSocket s = { .fd = -1 };
                if (!take_socket(FIRST_FD + (int)i, names[i], &s, error))
                        return NULL;
                g_array_append_val(sockets, s);
        }
        return g_steal_pointer(&sockets);
}

void dm_systemd_notify(const char *state)
{
        const char *path = g_getenv("NOTIFY_SOCKET");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        gsize length = path ? strlen(path) : 0;
        if (length < 2 || length >= sizeof address.sun_path || (*path != '/' && *path != '@'))
                return;
        memcpy(address.sun_path, path, length);
        if (*path == '@') /* an abstract one, which has no file */
                address.sun_path[0] = '\0';
        dm_autofd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
        if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
                g_debug("'%s' is not told to systemd: %s", state, g_strerror(errno));
}
