/* Images as QEMU has them: for each a node of its bytes, NAME-storage, under one of what they mean,
 * NAME-format, and below that those of its backing files; with the secrets that open them. */
#include "qemu/image_nodes.h"

#include <string.h>

#include "util/error.h"

/* ---- formats ---- */

/* QEMU's driver of a format; NULL when it has none that could be used. */
static const char *format_driver(DmDiskFormat format)
{
        switch (format) {
        case DM_DISK_FORMAT_UNSET:
        case DM_DISK_RAW:
        case DM_DISK_ISO:
        case DM_DISK_FAT: /* the layer below shows it */
                return "raw";
        case DM_DISK_QCOW2:
        case DM_DISK_QCOW:
        case DM_DISK_VMDK:
        case DM_DISK_VDI:
        case DM_DISK_VPC:
        case DM_DISK_QED:
        case DM_DISK_BOCHS:
        case DM_DISK_CLOOP:
        case DM_DISK_DMG:
        case DM_DISK_LUKS:
                return dm_enum_name(&dm_disk_format, format);
        case DM_DISK_DIRECTORY:
        case DM_DISK_COW:
        case DM_DISK_VHD:
        case DM_DISK_PLOOP:
                break;
        }
        return NULL;
}

/* Formats that can be overlays. */
static gboolean can_have_backing(DmDiskFormat format)
{
        return format == DM_DISK_QCOW2 || format == DM_DISK_QCOW || format == DM_DISK_QED ||
               format == DM_DISK_VMDK;
}

const char *dm_image_driver(const DmImage *image, const DmEncryption *encryption)
{
        gboolean raw = image->format == DM_DISK_RAW || !image->format;
        return raw && encryption && encryption->engine != DM_ENCRYPTION_LIBRBD ? "luks"
                                                                               : format_driver(image->format);
}

static const DmAuth *auth_of(const DmImage *image, const DmDisk *disk)
{
        return image->source.auth ? image->source.auth : disk && image == &disk->image ? disk->auth : NULL;
}

static const DmEncryption *encryption_of(const DmImage *image, const DmDisk *disk)
{
        if (image->source.encryption)
                return image->source.encryption;
        return disk && image == &disk->image ? disk->encryption : NULL;
}

/* ---- checks ---- */

static gboolean check_encryption(const DmPlan *p, const DmDevice *device, const DmImage *image,
                                 const DmEncryption *e, GError **error)
{
        gboolean rbd = image->type == DM_DISK_NETWORK && image->source.protocol == DM_NET_RBD;
        if (e->format == DM_ENCRYPTION_QCOW || e->format == DM_ENCRYPTION_DEFAULT)
                return dm_plan_fail(p, device, &e->format, error,
                                    "the old encryption of qcow2 is not supported; use format='luks'");
        if (e->engine == DM_ENCRYPTION_LIBRBD && !rbd)
                return dm_plan_fail(p, device, &e->engine, error, "engine 'librbd' needs protocol 'rbd'");
        if (e->format == DM_ENCRYPTION_LUKS2 && e->engine != DM_ENCRYPTION_LIBRBD)
                return dm_plan_fail(p, device, &e->format, error, "only engine 'librbd' has format 'luks2'");
        if (e->engine == DM_ENCRYPTION_LIBRBD &&
            !dm_caps_has_schema(p->caps, "blockdev-add:driver=rbd:encrypt"))
                return dm_plan_fail(p, device, &e->engine, error, "QEMU %s has no engine 'librbd'",
                                    p->caps->version_text);
        if (!e->secrets || e->secrets->len != 1)
                return dm_plan_fail(p, device, e, error, "encryption needs one <secret>");
        if (e->engine != DM_ENCRYPTION_LIBRBD && image->format != DM_DISK_QCOW2 &&
            strcmp(dm_image_driver(image, e), "luks") != 0)
                return dm_plan_fail(p, device, &e->format, error,
                                    "images of format '%s' cannot be encrypted; use raw or qcow2",
                                    dm_enum_name(&dm_disk_format, image->format));
        return TRUE;
}

gboolean dm_image_check(const DmPlan *p, const DmDevice *device, const DmImage *image, const DmDisk *disk,
                        GError **error)
{
        for (const DmImage *i = image; i && (i == image || i->type); i = i->backing) {
                const DmEncryption *e = encryption_of(i, disk);
                if (!format_driver(i->format) || (i->format == DM_DISK_LUKS && !e))
                        return dm_plan_fail(p, device, &i->format, error,
                                            "images of format '%s' are not supported%s",
                                            dm_enum_name(&dm_disk_format, i->format),
                                            i->format == DM_DISK_LUKS ? " without <encryption>" : "");
                if (!dm_storage_check(p, device, i, error))
                        return FALSE;
                if (e && !check_encryption(p, device, i, e, error))
                        return FALSE;
                if (i->metadata_cache.set && i->format != DM_DISK_QCOW2)
                        return dm_plan_fail(p, device, &i->metadata_cache, error,
                                            "metadata_cache is for images of format 'qcow2' only");
                if (i->backing && i->backing->type && !can_have_backing(i->format))
                        return dm_plan_fail(p, device, i->backing, error,
                                            "images of format '%s' have no backing store",
                                            dm_enum_name(&dm_disk_format, i->format));
                if (i->source.slices && i->source.slices->len > 1)
                        return dm_plan_fail(p, device, i->source.slices, error, "one <slice> is possible");
        }
        return TRUE;
}

/* ---- cache ---- */

gboolean dm_cache_mode(const DmDisk *d, DmCacheMode *ret_mode)
{
        *ret_mode = (DmCacheMode){ 0 };
        switch (dm_disk_effective_cache(d)) {
        case DM_DISK_CACHE_UNSET:
        case DM_DISK_CACHE_DEFAULT:
                return FALSE;
        case DM_DISK_CACHE_NONE:
                *ret_mode = (DmCacheMode){ TRUE, TRUE, FALSE };
                break;
        case DM_DISK_CACHE_WRITETHROUGH:
                break;
        case DM_DISK_CACHE_WRITEBACK:
                ret_mode->write_cache = TRUE;
                break;
        case DM_DISK_CACHE_DIRECTSYNC:
                ret_mode->direct = TRUE;
                break;
        case DM_DISK_CACHE_UNSAFE:
                *ret_mode = (DmCacheMode){ TRUE, FALSE, TRUE };
                break;
        }
        return TRUE;
}

/* A disk that others write as well must not be cached, unless the document insists. */
DmDiskCache dm_disk_effective_cache(const DmDisk *d)
{
        gboolean left_open = d->cache == DM_DISK_CACHE_UNSET || d->cache == DM_DISK_CACHE_DEFAULT;
        return left_open && d->shareable && !d->readonly ? DM_DISK_CACHE_NONE : d->cache;
}

static void add_cache(const DmNode *n, DmJson *node)
{
        DmCacheMode mode;
        if (!n->disk || !dm_cache_mode(n->disk, &mode))
                return;
        DmJson *cache = dm_json_object_new();
        dm_json_add_bool(cache, "direct", mode.direct);
        dm_json_add_bool(cache, "no-flush", mode.no_flush);
        dm_json_add_take(node, "cache", cache);
}

/* ---- nodes ---- */

static const DmSlice *slice_of(const DmImage *image)
{
        const GPtrArray *slices = image->source.slices;
        return slices && slices->len ? g_ptr_array_index(slices, 0) : NULL;
}

/* Raw images take it themselves. */
static gboolean needs_slice_node(const DmNode *n)
{
        return slice_of(n->image) && strcmp(dm_image_driver(n->image, n->encryption), "raw") != 0;
}

static void add_slice(DmJson *node, const DmSlice *slice)
{
        dm_json_add_uint(node, "offset", slice->offset.value);
        dm_json_add_uint(node, "size", slice->size.value);
}

static void build_storage(DmBuild *b, const DmNode *n)
{
        DmJson *node = dm_storage_node(n);
        dm_json_add_stringf(node, "node-name", "%s-storage", n->name);
        add_cache(n, node);
        /* The format node says what is really wanted. */
        dm_json_add_bool(node, "auto-read-only", TRUE);
        dm_json_add_string(node, "discard", "unmap");
        dm_build_blockdev(b, n->origin, node);
        if (!needs_slice_node(n))
                return;
        DmJson *slice = dm_json_object_new();
        dm_json_add_string(slice, "driver", "raw");
        dm_json_add_stringf(slice, "node-name", "%s-slice-sto", n->name);
        add_slice(slice, slice_of(n->image));
        dm_json_add_stringf(slice, "file", "%s-storage", n->name);
        dm_json_add_bool(slice, "auto-read-only", TRUE);
        dm_json_add_string(slice, "discard", "unmap");
        dm_build_blockdev(b, n->origin, slice);
}

static void add_encryption(const DmNode *n, DmJson *node, const char *driver)
{
        g_autofree char *secret = g_strconcat(n->name, "-format-encryption-secret0", NULL);
        if (!n->encryption || n->encryption->engine == DM_ENCRYPTION_LIBRBD)
                return;
        if (!strcmp(driver, "luks")) {
                dm_json_add_string(node, "key-secret", secret);
                return;
        }
        DmJson *encrypt = dm_json_object_new();
        dm_json_add_string(encrypt, "format", "luks");
        dm_json_add_string(encrypt, "key-secret", secret);
        dm_json_add_take(node, "encrypt", encrypt);
}

/* Zeroes can become holes only where discards are let through. */
static DmDiskDetectZeroes detect_zeroes(const DmDisk *d)
{
        return d->detect_zeroes == DM_DETECT_ZEROES_UNMAP && d->discard != DM_DISCARD_UNMAP
                       ? DM_DETECT_ZEROES_ON
                       : d->detect_zeroes;
}

static void build_format(DmBuild *b, const DmNode *n, const char *backing)
{
        const DmImage *i = n->image;
        const char *driver = dm_image_driver(i, n->encryption);
        DmJson *node = dm_json_object_new();
        dm_json_add_stringf(node, "node-name", "%s-format", n->name);
        dm_json_add_bool(node, "read-only", n->readonly);
        add_cache(n, node);
        if (n->disk) {
                dm_json_add_string(node, "discard", dm_enum_name(&dm_disk_discard, n->disk->discard));
                if (i == &n->disk->image)
                        dm_json_add_string(node, "detect-zeroes",
                                           dm_enum_name(&dm_disk_detect_zeroes, detect_zeroes(n->disk)));
        }
        dm_json_add_string(node, "driver", driver);
        if (slice_of(i) && !needs_slice_node(n))
                add_slice(node, slice_of(i));
        add_encryption(n, node, driver);
        if (i->metadata_cache.set)
                dm_json_add_uint(node, "cache-size", i->metadata_cache.value);
        dm_json_add_stringf(node, "file", needs_slice_node(n) ? "%s-slice-sto" : "%s-storage", n->name);
        /* An empty <backingStore> says that there is none: QEMU need not look. */
        if (backing)
                dm_json_add_string(node, "backing", backing);
        else if (i->backing && can_have_backing(i->format))
                dm_json_add_null(node, "backing");
        dm_build_blockdev(b, n->origin, node);
}

/* ---- what opens them ---- */

static gboolean has_password(const DmNode *n)
{
        const DmSource *s = &n->content->source;
        return n->auth && n->content->type == DM_DISK_NETWORK && s->protocol != DM_NET_SSH;
}

/* As they are sent: "a=b; c=d".  Owned; NULL: none. */
static char *cookies_text(const DmSource *s)
{
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint i = 0; s->cookies && i < s->cookies->len; i++) {
                const DmCookie *c = g_ptr_array_index(s->cookies, i);
                g_string_append_printf(text, "%s%s=%s", i ? "; " : "", c->name, c->value ? c->value : "");
        }
        return text->len ? g_strdup(text->str) : NULL;
}

static gboolean build_secrets(DmBuild *b, const DmNode *n, GError **error)
{
        const DmSource *s = &n->content->source;
        gboolean network = n->content->type == DM_DISK_NETWORK;
        g_autofree char *cookies = network ? cookies_text(s) : NULL;
        g_autofree char *id = g_strconcat(n->name, "-storage-auth-secret0", NULL);
        if (has_password(n) && !dm_build_secret(b, n->origin, id, &n->auth->secret, NULL, error))
                return FALSE;
        if (cookies) {
                g_autofree char *cookie = g_strconcat(n->name, "-storage-httpcookie-secret0", NULL);
                if (!dm_build_secret(b, n->origin, cookie, NULL, cookies, error))
                        return FALSE;
        }
        if (network && s->tls == DM_YES) {
                g_autofree char *stem = g_strconcat(n->name, "-storage", NULL);
                g_autofree char *tls = g_strdup_printf("obj%s_tls0", stem);
                if (!dm_build_tls(b, &s->tls, &b->settings->storage, FALSE, tls, stem, error))
                        return FALSE;
        }
        g_autofree char *key = g_strconcat(n->name, "-format-encryption-secret0", NULL);
        return !n->encryption ||
               dm_build_secret(b, n->origin, key, g_ptr_array_index(n->encryption->secrets, 0), NULL, error);
}

/* ---- reservations ---- */

#define MANAGED_HELPER "pr-helper0"

static void build_pr_manager(DmBuild *b, const void *origin, const char *id, const char *path)
{
        DmJson *manager = dm_json_object_new();
        dm_json_add_string(manager, "qom-type", "pr-manager-helper");
        dm_json_add_string(manager, "id", id);
        dm_json_add_string(manager, "path", path);
        dm_build_object(b, origin, NULL, manager);
}

void dm_build_managed_pr(DmBuild *b)
{
        DM_FOREACH_DEVICE (b->plan->domain, device) {
                const DmDisk *d = (const DmDisk *)device;
                if (device->kind != DM_DEVICE_DISK)
                        continue;
                for (const DmImage *i = &d->image; i; i = i->backing) {
                        const DmReservations *r = i->source.reservations;
                        g_autofree char *path =
                                g_build_filename(b->run_dir ? b->run_dir : "", MANAGED_HELPER ".sock", NULL);
                        if (!r || r->managed != DM_YES)
                                continue;
                        build_pr_manager(b, r, MANAGED_HELPER, path);
                        return;
                }
        }
}

/* Owned; NULL: the image has no reservations. */
static char *pr_manager_of(DmBuild *b, const DmNode *n)
{
        const DmReservations *r = n->image->source.reservations;
        if (!r)
                return NULL;
        if (r->managed == DM_YES)
                return g_strdup(MANAGED_HELPER);
        char *id = g_strdup_printf("pr-helper-%s", n->disk ? n->disk->dev.alias : n->name);
        build_pr_manager(b, r, id, r->path);
        return id;
}

/* ---- a chain ---- */

static const DmImage *content_of(DmBuild *b, const DmImage *image, const DmDisk *disk, GError **error)
{
        if (image->type != DM_DISK_VOLUME)
                return image;
        if (b->volume)
                return b->volume(b, image, error);
        dm_plan_fail(b->plan, disk ? &disk->dev : NULL, &image->type, error, DM_NO_POOLS,
                     image->source.volume, image->source.pool);
        return NULL;
}

static gboolean build_one(DmBuild *b, const DmImage *image, const DmDisk *disk, const void *origin,
                          const char *name, gboolean readonly, const char *backing, GError **error)
{
        const DmImage *content = content_of(b, image, disk, error);
        if (!content)
                return FALSE;
        DmNode n = {
                .origin = origin,
                .image = image,
                .content = content,
                .disk = disk,
                .name = name,
                .readonly = readonly,
                .auth = content == image ? auth_of(image, disk) : content->source.auth,
                .encryption = encryption_of(image, disk),
        };
        g_autofree char *manager = pr_manager_of(b, &n);
        n.pr_manager = manager;
        if (!build_secrets(b, &n, error))
                return FALSE;
        build_storage(b, &n);
        build_format(b, &n, backing);
        return TRUE;
}

gboolean dm_build_image(DmBuild *b, const DmImage *image, const DmDisk *disk, const void *origin,
                        const char *name, gboolean readonly, GError **error)
{
        g_autoptr(GPtrArray) chain = g_ptr_array_new();
        g_autofree char *below = NULL;
        for (const DmImage *i = image; i && (i == image || i->type); i = i->backing)
                g_ptr_array_add(chain, (gpointer)i);
        for (guint n = chain->len; n-- > 0;) {
                const DmImage *i = g_ptr_array_index(chain, n);
                g_autofree char *own =
                        n ? g_strdup_printf("libvirt-%u", i->chain_index.value) : g_strdup(name);
                if (!build_one(b, i, disk, n ? (const void *)i : origin, own, n || readonly, below, error))
                        return FALSE;
                g_free(below);
                below = g_strconcat(own, "-format", NULL);
        }
        return TRUE;
}
