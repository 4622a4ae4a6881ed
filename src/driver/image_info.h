/* How large an image is, from its header: for guests that do not run, and for storage volumes. */
#pragma once

#include <glib.h>

typedef struct DmImageInfo {
        const char *format; /* "qcow2", "raw"; static */
        guint64 capacity;   /* what a guest sees, bytes */
        guint64 allocation; /* what the host has given */
        guint64 physical;   /* where it ends */
        gboolean is_block;  /* a device of the host */
        char *backing;      /* the image behind it, absolute where that is known; nullable, owned */
} DmImageInfo;
void dm_image_info_clear(DmImageInfo *i);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmImageInfo, dm_image_info_clear)

/* Looks at a file or block device; anything else (a FIFO would block) is DM_ERROR_INVALID_ARG. */
gboolean dm_image_info(const char *path, DmImageInfo *ret_info, GError **error);
