/* How large an image is, from its header. */
#include "driver/image_info.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/fd.h"

#define HEADER      32
#define STAT_BLOCK  512  /* unit of st_blocks */
#define BACKING_MAX 1023 /* bytes; the format has no more */

static guint64 be64(const guint8 *p)
{
        guint64 value;
        memcpy(&value, p, sizeof value);
        return GUINT64_FROM_BE(value);
}

/* QCOW2: magic, version, …, the size at 24. */
static gboolean is_qcow2(const guint8 *header, gssize length)
{
        return length == HEADER && memcmp(header, "QFI\xfb", 4) == 0;
}

void dm_image_info_clear(DmImageInfo *i)
{
        g_clear_pointer(&i->backing, g_free);
}

/* The name of the image behind it, which is relative to its own folder; NULL when there is none. */
static char *backing_of(int fd, const char *path, const guint8 *header)
{
        guint64 offset = be64(header + 8);
        guint32 length;
        memcpy(&length, header + 16, sizeof length);
        length = GUINT32_FROM_BE(length);
        if (offset == 0 || offset > G_MAXINT32 || length == 0 || length > BACKING_MAX)
                return NULL;
        g_autofree char *name = g_malloc0(length + 1);
        if (pread(fd, name, length, (off_t)offset) != (gssize)length || !g_utf8_validate(name, -1, NULL))
                return NULL;
        if (g_path_is_absolute(name) || strchr(name, ':'))
                return g_steal_pointer(&name);
        g_autofree char *folder = g_path_get_dirname(path);
        return g_canonicalize_filename(name, folder);
}

gboolean dm_image_info(const char *path, DmImageInfo *ret_info, GError **error)
{
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't look at '%s'", path);
        if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "'%s' is neither a file nor a block device",
                               path);
        *ret_info = (DmImageInfo){ .format = "raw",
                                   .physical = (guint64)st.st_size,
                                   .allocation = (guint64)st.st_blocks * STAT_BLOCK,
                                   .is_block = S_ISBLK(st.st_mode) };
        guint64 size = 0;
        if (ret_info->is_block && ioctl(fd, BLKGETSIZE64, &size) == 0)
                ret_info->physical = ret_info->allocation = size;
        ret_info->capacity = ret_info->physical;
        guint8 header[HEADER];
        if (is_qcow2(header, pread(fd, header, sizeof header, 0))) {
                ret_info->format = "qcow2";
                ret_info->capacity = be64(header + 24);
                ret_info->backing = backing_of(fd, path, header);
        }
        return TRUE;
}
