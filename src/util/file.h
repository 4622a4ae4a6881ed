/* Files: whole reads with a limit, atomic replacement, directories. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Reads at most @limit bytes of @path; a longer file is an error (DM_ERROR_NO_MEMORY), and so is what is no
 * regular file (a FIFO would block).  *ret_text is owned and ends with a NUL that *ret_length (may be NULL)
 * does not count. DM_ERROR_NOT_FOUND, _DENIED, _FAILED otherwise. */
gboolean dm_file_read(const char *path, gsize limit, char **ret_text, gsize *ret_length, GError **error);
/* The same from an open descriptor of any kind, up to its end of file; @what names it in messages. */
gboolean dm_file_read_fd(int fd, const char *what, gsize limit, char **ret_text, gsize *ret_length,
                         GError **error);

typedef enum DmFileFlags {
        DM_FILE_PLAIN = 0,
        DM_FILE_SYNC = 1 << 0,      /* fsync file and directory: what must survive a power cut */
        DM_FILE_EXCLUSIVE = 1 << 1, /* fail with DM_ERROR_EXISTS when @path is there */
} DmFileFlags;

/* Replaces @path by a file of @length bytes with exactly @mode, or leaves the old one: temporary file in the
 * same directory, write, (fsync,) rename.  A symbolic link at @path is replaced, not followed.  Nothing of a
 * failed write stays behind; a killed process can leave a file named .domus-tmp-*, which no reader takes for
 * another. */
gboolean dm_file_write_atomic(const char *path, const void *data, gsize length, mode_t mode,
                              DmFileFlags flags, GError **error);

/* mkdir -p with exactly @mode for what is created.  No error when it is there as a directory. */
gboolean dm_make_dirs(const char *path, mode_t mode, GError **error);
/* rm -rf, not following symlinks and not crossing mounts (not even bind mounts of the same file system).
 * Missing is fine.  Goes on after an error, to leave as little as possible, and reports the first. */
gboolean dm_remove_tree(const char *path, GError **error);

/* A listening unix stream socket at @path of any length (long directories are reached through /proc/self/fd;
 * the last component has up to DM_UNIX_NAME_MAX bytes).  Nobody can connect before the file has exactly
 * @mode.  An old socket file there is replaced only if nobody listens on it (else DM_ERROR_BUSY); what is no
 * socket never (DM_ERROR_EXISTS).  Two callers at the same moment need a lock of their own.  Owned descriptor
 * (close-on-exec, blocking), or -1. */
#define DM_UNIX_NAME_MAX 80
int dm_listen_unix(const char *path, int backlog, mode_t mode, GError **error);
/* Connects to such a socket, likewise for long paths.  DM_ERROR_NOT_FOUND: no such file; DM_ERROR_GONE:
 * nobody listens.  Owned descriptor (close-on-exec, blocking), or -1. */
int dm_connect_unix(const char *path, GError **error);
/* The running system's boot id (36 characters, static storage); "" when the kernel does not tell. */
const char *dm_boot_id(void);
