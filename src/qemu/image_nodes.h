/* Images as block nodes, and what opens them: shared by disks, flash, and devices with an image of their own.
 */
#pragma once

#include "conf/domain_disk.h"
#include "qemu/device_ops.h"

typedef struct DmCacheMode {
        gboolean write_cache, direct, no_flush;
} DmCacheMode;
/* What <driver cache=> means.  FALSE when the document leaves it to QEMU. */
gboolean dm_cache_mode(const DmDisk *d, DmCacheMode *ret_mode);
DmDiskCache dm_disk_effective_cache(const DmDisk *d);

/* Can this emulator have @image, and all that it is an overlay of?  @disk: whose image it is, nullable. */
gboolean dm_image_check(const DmPlan *p, const DmDevice *device, const DmImage *image, const DmDisk *disk,
                        GError **error);
/* QEMU's driver of the image's format; NULL when it has none that could be used. */
const char *dm_image_driver(const DmImage *image, const DmEncryption *encryption);
/* Adds the nodes of @image and of its backing files, lowest first, with the secrets that open them.  The
 * topmost is called @name-format. */
gboolean dm_build_image(DmBuild *b, const DmImage *image, const DmDisk *disk, const void *origin,
                        const char *name, gboolean readonly, GError **error);
/* Of the names of a volume and its pool. */
#define DM_NO_POOLS \
        "the volume '%s' of pool '%s' cannot be had: the driver keeps no pools; name its file or device"
/* The helper that asks for SCSI reservations on behalf of QEMU, where the driver runs it. */
void dm_build_managed_pr(DmBuild *b);

/* ---- for command_image.c and command_storage.c ---- */
typedef struct DmNode {
        const void *origin;
        const DmImage *image;
        const DmImage *content;         /* where the bytes are: the image, or what its volume is */
        const DmDisk *disk;             /* nullable */
        const char *name;               /* "libvirt-3" */
        const char *pr_manager;         /* nullable */
        const DmAuth *auth;             /* nullable */
        const DmEncryption *encryption; /* nullable */
        gboolean readonly;
} DmNode;
/* The lowest node: where the bytes are. */
DmJson *dm_storage_node(const DmNode *n);
gboolean dm_storage_check(const DmPlan *p, const DmDevice *device, const DmImage *image, GError **error);

/* ---- secrets and certificates (command_secret.c) ---- */
/* The object @id with what @ref names, or, when that is NULL, with @text.  FALSE when it cannot be had. */
gboolean dm_build_secret(DmBuild *b, const void *origin, const char *id, const DmSecretRef *ref,
                         const char *text, GError **error);
/* The object @id with the certificates of @tls, a member of b->settings; @server: QEMU is.  What unlocks the
 * key is @stem-secret0.  FALSE when there are none. */
gboolean dm_build_tls(DmBuild *b, const void *origin, const DmTlsSettings *tls, gboolean server,
                      const char *id, const char *stem, GError **error);
