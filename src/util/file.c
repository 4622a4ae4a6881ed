/* Files and directories.  Everything works relative to a directory descriptor, so that neither a long path
 * nor a directory renamed meanwhile leads elsewhere.  Unix sockets are in file_unix.c. */
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/error.h"
#include "util/fd.h"

#define FIRST_READ_BYTES 4096 /* for files whose size the kernel does not know (/proc) */
#define TEMP_NAME_TRIES  16
#define TREE_MAX_DEPTH   128 /* each level holds a descriptor */
#define TREE_PASSES      3   /* over one directory, when others add to it while it is removed */
#define BOOT_ID_LENGTH   36

static const char temp_prefix[] = ".domus-tmp-";

/* ---- reading ---- */

/* Reads @fd to its end in to a growing buffer; @expected is a guess at the length. */
static gboolean read_all(int fd, const char *what, gsize expected, gsize limit, char **ret_text,
                         gsize *ret_length, GError **error)
{
        gsize space =
                MIN(MAX(expected, FIRST_READ_BYTES), limit) + 1; /* one more, to see that there is more */
        gsize length = 0;
        g_autofree char *text = g_malloc(space + 1);
        for (;;) {
                ssize_t n = read(fd, text + length, space - length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot read '%s'",
                                             what);
                if (n == 0)
                        break;
                length += (gsize)n;
                if (length > limit)
                        return dm_fail(error, DM_ERROR_NO_MEMORY, "'%s' is longer than %zu bytes", what,
                                       limit);
                if (length == space) {
                        space = space > limit / 2 ? limit + 1 : space * 2;
                        text = g_realloc(text, space + 1);
                }
        }
        text[length] = '\0';
        *ret_text = g_steal_pointer(&text);
        if (ret_length)
                *ret_length = length;
        return TRUE;
}

gboolean dm_file_read_fd(int fd, const char *what, gsize limit, char **ret_text, gsize *ret_length,
                         GError **error)
{
        return read_all(fd, what, 0, limit, ret_text, ret_length, error);
}

gboolean dm_file_read(const char *path, gsize limit, char **ret_text, gsize *ret_length, GError **error)
{
        struct stat st;
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot read '%s'", path);
        if (!S_ISREG(st.st_mode))
                return dm_fail(error, DM_ERROR_FAILED, "cannot read '%s': it is %s", path,
                               S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
        if (st.st_size > 0 && (guint64)st.st_size > limit)
                return dm_fail(error, DM_ERROR_NO_MEMORY, "'%s' is longer than %zu bytes", path, limit);
        return read_all(fd, path, (gsize)st.st_size, limit, ret_text, ret_length, error);
}

/* ---- atomic replacement ---- */

static gboolean write_all(int fd, const char *data, gsize length)
{
        while (length > 0) {
                ssize_t n = write(fd, data, length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return FALSE;
                data += n;
                length -= (gsize)n;
        }
        return TRUE;
}

/* A new file in @dir with a name that readers of the directory skip.  Descriptor, or -1 with errno. */
static int open_temp(int dir, char *ret_name, gsize size)
{
        for (int i = 0; i < TEMP_NAME_TRIES; i++) {
                snprintf(ret_name, size, "%s%08x%08x", temp_prefix, g_random_int(), g_random_int());
                int fd = openat(dir, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
                if (fd >= 0 || errno != EEXIST)
                        return fd;
        }
        return -1;
}

/* Gives @temp the name @name; with DM_FILE_EXCLUSIVE only if that is free (EEXIST). */
static gboolean move_in(int dir, const char *temp, const char *name, DmFileFlags flags)
{
        if (!(flags & DM_FILE_EXCLUSIVE))
                return renameat(dir, temp, dir, name) == 0;
        if (renameat2(dir, temp, dir, name, RENAME_NOREPLACE) == 0)
                return TRUE;
        if (errno != EINVAL && errno != ENOSYS) /* a file system without the flag (NFS) */
                return FALSE;
        return linkat(dir, temp, dir, name, 0) == 0 && unlinkat(dir, temp, 0) == 0;
}

static gboolean write_and_move(int dir, const char *name, const void *data, gsize length, mode_t mode,
                               DmFileFlags flags)
{
        char temp[sizeof(temp_prefix) + 16];
        dm_autofd int fd = open_temp(dir, temp, sizeof(temp));
        if (fd < 0)
                return FALSE;
        gboolean done = write_all(fd, data, length) && fchmod(fd, mode) == 0 &&
                        (!(flags & DM_FILE_SYNC) || fsync(fd) == 0);
        done = done && close(dm_steal_fd(&fd)) == 0 && move_in(dir, temp, name, flags);
        if (!done) {
                int saved = errno;
                unlinkat(dir, temp, 0);
                errno = saved;
        }
        return done && (!(flags & DM_FILE_SYNC) || fsync(dir) == 0);
}

gboolean dm_file_write_atomic(const char *path, const void *data, gsize length, mode_t mode,
                              DmFileFlags flags, GError **error)
{
        g_autofree char *dir_name = g_path_get_dirname(path);
        const char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        if (!*name)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "cannot write '%s': it names a directory", path);
        /* syncing needs a descriptor for reading, the rest only the right to search */
        dm_autofd int dir =
                open(dir_name, (flags & DM_FILE_SYNC ? O_RDONLY : O_PATH) | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno,
                                     "cannot write '%s': cannot open its directory", path);
        if (write_and_move(dir, name, data, length, mode, flags))
                return TRUE;
        return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot write '%s'", path);
}

/* ---- directories ---- */

/* Opens @name below @parent as a directory, made with @mode if it is missing.  Descriptor, or -1 with errno.
 */
static int enter_dir(int parent, const char *name, mode_t mode)
{
        int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 || errno != ENOENT)
                return fd;
        if (mkdirat(parent, name, 0700) < 0)
                return errno == EEXIST ? openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && fchmod(fd, mode) < 0)
                dm_close_fd(&fd);
        return fd;
}

gboolean dm_make_dirs(const char *path, mode_t mode, GError **error)
{
        if (!*path)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "cannot make a directory with an empty name");
        dm_autofd int at = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        g_auto(GStrv) names = g_strsplit(path, "/", -1);
        for (char **name = names; at >= 0 && *name; name++) {
                if (!**name)
                        continue;
                int next = enter_dir(at, *name, mode);
                int saved = errno;
                close(at);
                at = next;
                errno = saved;
        }
        if (at >= 0)
                return TRUE;
        /* not-found would be a promise that it isn't there */
        DmErrorCode code = errno == ENOTDIR ? DM_ERROR_EXISTS : dm_error_code_of_errno(errno);
        return dm_fail_errno(error, code, errno, "cannot make directory '%s'", path);
}

typedef struct Tree {
        const char *path; /* for messages */
        struct statx top; /* the mount that the tree is on */
        GError *error;    /* owned: the first one */
} Tree;

static void tree_failed(Tree *t, int errno_value, const char *what, const char *name)
{
        if (!t->error)
                dm_fail_errno(&t->error, dm_error_code_of_errno(errno_value), errno_value,
                              "cannot remove '%s': %s '%s'", t->path, what, name);
}

static gboolean same_mount(const struct statx *a, const struct statx *b)
{
        gboolean same_device = a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
        gboolean ids_known = a->stx_mask & b->stx_mask & STATX_MNT_ID; /* since Linux 5.8 */
        return same_device && (!ids_known || a->stx_mnt_id == b->stx_mnt_id);
}

static void remove_entry(Tree *t, int parent, const char *name, int depth);

/* Removes what @dir holds; takes over the descriptor. */
static void empty_dir(Tree *t, int dir, const char *name, int depth)
{
        DIR *stream = fdopendir(dir);
        if (!stream) {
                tree_failed(t, errno, "reading directory", name);
                close(dir);
                return;
        }
        const struct dirent *entry;
        while ((entry = readdir(stream)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        remove_entry(t, dirfd(stream), entry->d_name, depth + 1);
        closedir(stream);
}

static void remove_dir(Tree *t, int parent, const char *name, int depth)
{
        if (depth > TREE_MAX_DEPTH) {
                tree_failed(t, ELOOP, "too deep:", name);
                return;
        }
        for (int pass = 0; pass < TREE_PASSES; pass++) {
                if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                        return;
                /* at first any error means "look inside": of a full directory that may not be removed either,
                 * the kernel says only the latter */
                if (pass > 0 && (t->error || (errno != ENOTEMPTY && errno != EEXIST)))
                        break;
                struct statx st;
                dm_autofd int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &st) < 0) {
                        tree_failed(t, errno, "opening directory", name);
                        return;
                }
                if (!same_mount(&st, &t->top)) {
                        tree_failed(t, EBUSY, "something is mounted on", name);
                        return;
                }
                empty_dir(t, dm_steal_fd(&fd), name, depth);
        }
        if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                tree_failed(t, errno, "removing directory", name);
}

static void remove_entry(Tree *t, int parent, const char *name, int depth)
{
        if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
                return;
        int saved = errno; /* EISDIR, or that we may not remove it, whatever it is */
        struct stat st;
        if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
                remove_dir(t, parent, name, depth);
        else
                tree_failed(t, saved, "removing", name);
}

gboolean dm_remove_tree(const char *path, GError **error)
{
        Tree t = { .path = path };
        if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MNT_ID, &t.top) < 0) {
                if (errno == ENOENT || errno == ENOTDIR)
                        return TRUE;
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot remove '%s'", path);
        }
        remove_entry(&t, AT_FDCWD, path, 0);
        if (!t.error)
                return TRUE;
        g_propagate_error(error, t.error);
        return FALSE;
}

/* ---- the system ---- */

static void read_boot_id(char *ret_id)
{
        g_autofree char *text = NULL;
        gsize length = 0;
        if (dm_file_read("/proc/sys/kernel/random/boot_id", BOOT_ID_LENGTH + 1, &text, &length, NULL) &&
            length >= BOOT_ID_LENGTH)
                memcpy(ret_id, text, BOOT_ID_LENGTH);
}

const char *dm_boot_id(void)
{
        static char id[BOOT_ID_LENGTH + 1]; /* written once */
        static gsize known;
        if (g_once_init_enter(&known)) {
                read_boot_id(id);
                g_once_init_leave(&known, 1);
        }
        return id;
}
