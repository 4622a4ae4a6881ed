/* Storage pools: definitions, and whether they are in use. */
#include "driver/storage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "conf/codecs.h"
#include "driver/storage_private.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"

#define DEFINITION_MAX (64 << 10) /* bytes */
#define FOLDER_MODE    0711

typedef struct Pool {
        char *name, *uuid, *path; /* owned */
        int mode;                 /* of a folder that is made; permissions of the document */
        gboolean autostart, active;
} Pool;

struct DmStorage {
        char *dir;
        gint cancelled; /* atomic */
        GMutex lock;    /* the table and its pools; not held while disks are looked at */
        GPtrArray *pools;
};

static const DmJsonField fields[] = {
        { "name", DM_JT_STRING, offsetof(Pool, name), TRUE },
        { "uuid", DM_JT_STRING, offsetof(Pool, uuid), TRUE },
        { "path", DM_JT_STRING, offsetof(Pool, path), TRUE },
        { "mode", DM_JT_INT, offsetof(Pool, mode), FALSE },
        { "autostart", DM_JT_BOOL, offsetof(Pool, autostart), FALSE },
        { "active", DM_JT_BOOL, offsetof(Pool, active), FALSE },
        { 0 },
};

static void pool_free(void *p)
{
        dm_json_clear(fields, p);
        g_free(p);
}

void dm_pool_info_clear(DmPoolInfo *i)
{
        g_free(i->name);
        g_free(i->uuid);
        g_free(i->path);
        memset(i, 0, sizeof *i);
}

/* ---- on disk ---- */

static char *file_of(const DmStorage *s, const char *uuid)
{
        g_autofree char *name = g_strconcat(uuid, ".json", NULL);
        return g_build_filename(s->dir, name, NULL);
}

static gboolean save(const DmStorage *s, const Pool *p, GError **error)
{
        g_autofree char *path = file_of(s, p->uuid);
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_write(j, fields, p);
        g_autofree char *text = dm_json_to_string(j);
        return dm_make_dirs(s->dir, 0700, error) &&
               dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_SYNC, error);
}

/* NULL when it is damaged: it stays where it is, and others are not stopped by it. */
static Pool *load(const char *path)
{
        g_autofree char *text = NULL;
        gsize length = 0;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmJson) j = NULL;
        Pool *p = g_new0(Pool, 1);
        if (dm_file_read(path, DEFINITION_MAX, &text, &length, &error))
                j = dm_json_parse(text, length, &error);
        if (j && dm_json_read(j, fields, p, &error) && g_uuid_string_is_valid(p->uuid) &&
            dm_volume_name_ok(p->name) && g_path_is_absolute(p->path))
                return p;
        g_debug("the definition of a pool '%s' is passed over: %s", path,
                error ? error->message : "wrong values");
        pool_free(p);
        return NULL;
}

DmStorage *dm_storage_open(const char *root)
{
        DmStorage *s = g_new0(DmStorage, 1);
        s->dir = g_build_filename(root, "storage", NULL);
        s->pools = g_ptr_array_new_with_free_func(pool_free);
        g_mutex_init(&s->lock);
        g_autoptr(GDir) dir = g_dir_open(s->dir, 0, NULL);
        const char *name;
        while (dir && (name = g_dir_read_name(dir)) && s->pools->len < DM_STORAGE_POOLS_MAX) {
                g_autofree char *path = g_build_filename(s->dir, name, NULL);
                Pool *p = g_str_has_suffix(name, ".json") ? load(path) : NULL;
                if (p)
                        g_ptr_array_add(s->pools, p);
        }
        for (guint i = 0; i < s->pools->len; i++) {
                Pool *p = g_ptr_array_index(s->pools, i);
                p->active = (p->active || p->autostart) && g_file_test(p->path, G_FILE_TEST_IS_DIR);
        }
        return s;
}

void dm_storage_close(DmStorage *s)
{
        if (!s)
                return;
        g_ptr_array_unref(s->pools);
        g_mutex_clear(&s->lock);
        g_free(s->dir);
        g_free(s);
}

void dm_storage_cancel(DmStorage *s)
{
        g_atomic_int_set(&s->cancelled, TRUE);
}

gboolean dm_storage_is_cancelled(DmStorage *s)
{
        return g_atomic_int_get(&s->cancelled);
}

/* ---- finding (the lock is held) ---- */

static Pool *find(DmStorage *s, const char *uuid)
{
        for (guint i = 0; i < s->pools->len; i++)
                if (strcmp(((Pool *)g_ptr_array_index(s->pools, i))->uuid, uuid) == 0)
                        return g_ptr_array_index(s->pools, i);
        return NULL;
}

static Pool *find_name(DmStorage *s, const char *name)
{
        for (guint i = 0; i < s->pools->len; i++)
                if (strcmp(((Pool *)g_ptr_array_index(s->pools, i))->name, name) == 0)
                        return g_ptr_array_index(s->pools, i);
        return NULL;
}

static Pool *need(DmStorage *s, const char *uuid, GError **error)
{
        Pool *p = find(s, uuid);
        return p ? p
                 : dm_fail_null(error, DM_ERROR_NOT_FOUND, "no storage pool with matching uuid '%s'", uuid);
}

/* ---- reading ---- */

char **dm_storage_pools(DmStorage *s)
{
        g_mutex_lock(&s->lock);
        char **uuids = g_new0(char *, s->pools->len + 1);
        for (guint i = 0; i < s->pools->len; i++)
                uuids[i] = g_strdup(((Pool *)g_ptr_array_index(s->pools, i))->uuid);
        g_mutex_unlock(&s->lock);
        return uuids;
}

/* What is in the table; sizes are asked of the file system later, without the lock. */
static void copy_info(const Pool *p, DmPoolInfo *ret)
{
        *ret = (DmPoolInfo){ .name = g_strdup(p->name),
                             .uuid = g_strdup(p->uuid),
                             .path = g_strdup(p->path),
                             .active = p->active,
                             .autostart = p->autostart };
}

static void add_sizes(DmPoolInfo *i)
{
        struct statvfs st;
        if (!i->active || statvfs(i->path, &st) < 0)
                return;
        i->capacity = (guint64)st.f_blocks * st.f_frsize;
        i->available = (guint64)st.f_bavail * st.f_frsize;
        i->allocation = i->capacity - MIN((guint64)st.f_bfree * st.f_frsize, i->capacity);
}

gboolean dm_storage_pool_info(DmStorage *s, const char *uuid, DmPoolInfo *ret_info, GError **error)
{
        g_mutex_lock(&s->lock);
        const Pool *p = need(s, uuid, error);
        if (p)
                copy_info(p, ret_info);
        g_mutex_unlock(&s->lock);
        if (p)
                add_sizes(ret_info);
        return p != NULL;
}

gboolean dm_storage_find_pool(DmStorage *s, const char *name, DmPoolInfo *ret_info, GError **error)
{
        g_mutex_lock(&s->lock);
        const Pool *p = find_name(s, name);
        if (p)
                copy_info(p, ret_info);
        g_mutex_unlock(&s->lock);
        return p || dm_fail(error, DM_ERROR_NOT_FOUND, "no storage pool with matching name '%s'", name);
}

char *dm_storage_pool_xml(DmStorage *s, const char *uuid, GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_storage_pool_info(s, uuid, &i, error))
                return NULL;
        struct stat st;
        DmPermissions permissions = { 0 };
        DmPool doc = { .type = DM_POOL_DIR,
                       .name = i.name,
                       .uuid = i.uuid,
                       .capacity = DM_OPT(i.capacity),
                       .allocation = DM_OPT(i.allocation),
                       .available = DM_OPT(i.available),
                       .path = i.path };
        if (i.active && stat(i.path, &st) == 0) {
                dm_permissions_fill(&permissions, &st);
                doc.permissions = &permissions;
        }
        char *xml = dm_pool_format(&doc);
        dm_permissions_clear(&permissions);
        return xml;
}

/* ---- changing ---- */

static gboolean parse_mode(const DmPermissions *p, int *ret, GError **error)
{
        *ret = FOLDER_MODE;
        if (!p || !p->mode)
                return TRUE;
        char *end;
        guint64 mode = g_ascii_strtoull(p->mode, &end, 8);
        if (*end || end == p->mode || mode > 0777)
                return dm_fail(error, DM_ERROR_INVALID_XML, "the mode '%s' is not an octal number up to 0777",
                               p->mode);
        *ret = (int)mode;
        return TRUE;
}

/* The pool that the document means: the one of its name or uuid, or a new one.  NULL: they belong to two. */
static Pool *find_or_add(DmStorage *s, const DmPool *doc, GError **error)
{
        Pool *same_name = find_name(s, doc->name), *same_uuid = doc->uuid ? find(s, doc->uuid) : NULL;
        if (same_name && doc->uuid && same_name != same_uuid)
                return dm_fail_null(error, DM_ERROR_EXISTS, "pool '%s' already exists with uuid %s",
                                    doc->name, same_name->uuid);
        if (same_uuid && same_name != same_uuid)
                return dm_fail_null(error, DM_ERROR_EXISTS, "pool '%s' is already defined with uuid %s",
                                    same_uuid->name, doc->uuid);
        if (same_name)
                return same_name;
        if (s->pools->len >= DM_STORAGE_POOLS_MAX)
                return dm_fail_null(error, DM_ERROR_NO_MEMORY, "there are %d pools already",
                                    DM_STORAGE_POOLS_MAX);
        Pool *p = g_new0(Pool, 1);
        p->name = g_strdup(doc->name);
        p->uuid = doc->uuid ? g_strdup(doc->uuid) : dm_uuid_new();
        g_ptr_array_add(s->pools, p);
        return p;
}

static gboolean define(DmStorage *s, const DmPool *doc, int mode, char **ret_uuid, GError **error)
{
        g_autofree char *path = g_canonicalize_filename(doc->path, NULL);
        for (guint i = 0; i < s->pools->len; i++) {
                const Pool *other = g_ptr_array_index(s->pools, i);
                if (strcmp(other->path, path) == 0 && strcmp(other->name, doc->name) != 0)
                        return dm_fail(error, DM_ERROR_EXISTS,
                                       "Storage source conflict with pool: '%s': it has the folder '%s'",
                                       other->name, path);
        }
        guint before = s->pools->len;
        Pool *p = find_or_add(s, doc, error);
        if (!p)
                return FALSE;
        Pool changed = *p;
        changed.path = path;
        changed.mode = mode;
        if (!save(s, &changed, error)) {
                if (s->pools->len > before)
                        g_ptr_array_remove(s->pools, p);
                return FALSE;
        }
        g_free(p->path);
        p->path = g_steal_pointer(&path);
        p->mode = mode;
        *ret_uuid = g_strdup(p->uuid);
        return TRUE;
}

gboolean dm_storage_define(DmStorage *s, const char *xml, char **ret_uuid, GError **error)
{
        g_autoptr(DmPool) doc = dm_pool_parse(xml, strlen(xml), error);
        int mode;
        if (!doc || !parse_mode(doc->permissions, &mode, error))
                return FALSE;
        g_mutex_lock(&s->lock);
        gboolean ok = define(s, doc, mode, ret_uuid, error);
        g_mutex_unlock(&s->lock);
        return ok;
}

/* Runs @fn on the pool under the lock, and writes it down; what can't be written has not happened. */
static gboolean change(DmStorage *s, const char *uuid, gboolean (*fn)(Pool *p, int value, GError **error),
                       int value, GError **error)
{
        g_mutex_lock(&s->lock);
        Pool *p = need(s, uuid, error);
        const Pool before = p ? *p : (Pool){ 0 };
        gboolean ok = p && fn(p, value, error) && save(s, p, error);
        if (p && !ok)
                *p = before; /* @fn changes no text */
        g_mutex_unlock(&s->lock);
        return ok;
}

static gboolean set_autostart(Pool *p, int value, GError **error G_GNUC_UNUSED)
{
        p->autostart = value != 0;
        return TRUE;
}

gboolean dm_storage_set_autostart(DmStorage *s, const char *uuid, gboolean autostart, GError **error)
{
        return change(s, uuid, set_autostart, autostart, error);
}

static gboolean start(Pool *p, int value G_GNUC_UNUSED, GError **error)
{
        if (p->active)
                return dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is already active", p->name);
        if (!g_file_test(p->path, G_FILE_TEST_IS_DIR))
                return dm_fail(error, DM_ERROR_FAILED,
                               "cannot open path '%s': it is no directory; build the pool", p->path);
        p->active = TRUE;
        return TRUE;
}

gboolean dm_storage_start(DmStorage *s, const char *uuid, GError **error)
{
        return change(s, uuid, start, 0, error);
}

static gboolean stop(Pool *p, int value G_GNUC_UNUSED, GError **error)
{
        if (!p->active)
                return dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is not active", p->name);
        p->active = FALSE;
        return TRUE;
}

gboolean dm_storage_stop(DmStorage *s, const char *uuid, GError **error)
{
        return change(s, uuid, stop, 0, error);
}

static gboolean undefine(DmStorage *s, const char *uuid, GError **error)
{
        Pool *p = need(s, uuid, error);
        if (!p)
                return FALSE;
        if (p->active)
                return dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is still active", p->name);
        g_autofree char *path = file_of(s, uuid);
        if (unlink(path) < 0 && errno != ENOENT)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't remove '%s'", path);
        g_ptr_array_remove(s->pools, p);
        return TRUE;
}

gboolean dm_storage_undefine(DmStorage *s, const char *uuid, GError **error)
{
        g_mutex_lock(&s->lock);
        gboolean ok = undefine(s, uuid, error);
        g_mutex_unlock(&s->lock);
        return ok;
}

gboolean dm_storage_build(DmStorage *s, const char *uuid, GError **error)
{
        g_mutex_lock(&s->lock);
        const Pool *p = need(s, uuid, error);
        g_autofree char *path = p ? g_strdup(p->path) : NULL;
        mode_t mode = p ? (mode_t)p->mode : 0;
        g_mutex_unlock(&s->lock);
        return path && dm_make_dirs(path, mode, error);
}

gboolean dm_storage_delete(DmStorage *s, const char *uuid, GError **error)
{
        g_auto(DmPoolInfo) i = { 0 };
        if (!dm_storage_pool_info(s, uuid, &i, error))
                return FALSE;
        if (i.active)
                return dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is still active", i.name);
        if (rmdir(i.path) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't remove the folder '%s'", i.path);
        return TRUE;
}
