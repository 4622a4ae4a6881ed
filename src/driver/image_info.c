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

#define HEADER     32
#define STAT_BLOCK 512 /* unit of st_blocks */

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
        }
        return TRUE;
}
