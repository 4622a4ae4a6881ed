/* Unix sockets at paths of any length: sun_path holds 108 bytes, so a longer directory is opened and the
 * socket reached as /proc/self/fd/N/name, which the kernel resolves to the same place. */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "util/error.h"
#include "util/fd.h"

typedef struct Place {
        int dir;          /* O_PATH descriptor of the directory; owned */
        const char *name; /* last component; borrowed from the path */
        struct sockaddr_un address;
} Place;

static void place_clear(Place *p)
{
        dm_close_fd(&p->dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static gboolean place_find(Place *p, const char *path, const char *verb, GError **error)
{
        const char *slash = strrchr(path, '/');
        p->name = slash ? slash + 1 : path;
        if (!*p->name || strlen(p->name) > DM_UNIX_NAME_MAX)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "cannot %s '%s': the socket's name must have 1 to %d bytes", verb, path,
                               DM_UNIX_NAME_MAX);
        g_autofree char *dir_name = g_path_get_dirname(path);
        p->dir = open(dir_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (p->dir < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno,
                                     "cannot %s '%s': cannot open its directory", verb, path);
        p->address.sun_family = AF_UNIX;
        gsize size = sizeof(p->address.sun_path);
        /* the plain path where it fits: it is what others see in /proc/net/unix and by getpeername */
        if (strlen(path) < size)
                g_strlcpy(p->address.sun_path, path, size);
        else
                snprintf(p->address.sun_path, size, "/proc/self/fd/%d/%s", p->dir, p->name);
        return TRUE;
}

static int connect_retrying(int fd, const Place *p)
{
        int result;
        do
                result = connect(fd, (const struct sockaddr *)&p->address, sizeof(p->address));
        while (result < 0 && errno == EINTR);
        return result;
}

/* Makes room for a socket at @p: removes a socket that nobody listens on. */
static gboolean remove_stale(const Place *p, const char *path, GError **error)
{
        struct stat st;
        if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT || dm_fail_errno(error, dm_error_code_of_errno(errno), errno,
                                                        "cannot listen on '%s'", path);
        if (!S_ISSOCK(st.st_mode))
                return dm_fail(error, DM_ERROR_EXISTS,
                               "cannot listen on '%s': there is something that is no socket; remove it",
                               path);
        dm_autofd int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (probe < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot listen on '%s'", path);
        int result = connect_retrying(probe, p);
        if (result < 0 && errno == ENOENT)
                return TRUE;
        /* anything but a refusal (queue full, other kind of socket, no permission) is somebody's */
        if (result == 0 || errno != ECONNREFUSED)
                return dm_fail(error, DM_ERROR_BUSY, "cannot listen on '%s': another process does", path);
        if (unlinkat(p->dir, p->name, 0) < 0 && errno != ENOENT)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno,
                                     "cannot listen on '%s': cannot remove the old socket", path);
        return TRUE;
}

int dm_listen_unix(const char *path, int backlog, mode_t mode, GError **error)
{
        g_auto(Place) p = { .dir = -1 };
        if (!place_find(&p, path, "listen on", error) || !remove_stale(&p, path, error))
                return -1;
        dm_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || bind(fd, (const struct sockaddr *)&p.address, sizeof(p.address)) < 0) {
                dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot listen on '%s'", path);
                return -1;
        }
        /* connecting is refused until listen(), so the permissions are never wider than asked for */
        if (fchmodat(p.dir, p.name, mode, 0) < 0 || listen(fd, backlog) < 0) {
                dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot listen on '%s'", path);
                unlinkat(p.dir, p.name, 0);
                return -1;
        }
        return dm_steal_fd(&fd);
}

int dm_connect_unix(const char *path, GError **error)
{
        g_auto(Place) p = { .dir = -1 };
        if (!place_find(&p, path, "connect to", error))
                return -1;
        dm_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect_retrying(fd, &p) == 0)
                return dm_steal_fd(&fd);
        if (errno == ECONNREFUSED)
                dm_fail(error, DM_ERROR_GONE, "cannot connect to '%s': nobody listens on it", path);
        else
                dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot connect to '%s'", path);
        return -1;
}
