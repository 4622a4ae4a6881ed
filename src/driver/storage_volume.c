/* Volumes: the files of a pool.  Nothing of them is kept: whoever asks, looks. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/image_info.h"
#include "driver/storage_private.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/process.h"

#define IMAGE_MODE    0600
#define TOOL_LOOK_MS  100  /* between two looks whether it is to be given up */
#define TOOL_OUTPUT   4096 /* bytes that are told of what went wrong */
#define HIDDEN_PREFIX "."

void dm_permissions_fill(DmPermissions *p, const struct stat *st)
{
        p->mode = g_strdup_printf("0%03o", st->st_mode & 0777);
        p->owner = g_strdup_printf("%u", st->st_uid);
        p->group = g_strdup_printf("%u", st->st_gid);
}

void dm_permissions_clear(DmPermissions *p)
{
        g_free(p->mode);
        g_free(p->owner);
        g_free(p->group);
        g_free(p->label);
}

static gboolean active_pool(DmStorage *s, const char *uuid, DmPoolInfo *ret, GError **error)
{
        if (!dm_storage_pool_info(s, uuid, ret, error))
                return FALSE;
        return ret->active ||
               dm_fail(error, DM_ERROR_BAD_STATE, "storage pool '%s' is not active", ret->name);
}

/* ---- looking ---- */

/* Files, devices and folders, also behind a link; pipes and sockets are none. */
static gboolean is_volume(const char *path, struct stat *ret)
{
        return stat(path, ret) == 0 &&
               (S_ISREG(ret->st_mode) || S_ISBLK(ret->st_mode) || S_ISDIR(ret->st_mode));
}

static int by_name(gconstpointer a, gconstpointer b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

char **dm_storage_volumes(DmStorage *s, const char *uuid, GError **error)
{
        g_auto(DmPoolInfo) pool = { 0 };
        if (!active_pool(s, uuid, &pool, error))
                return NULL;
        g_autoptr(GError) reason = NULL;
        g_autoptr(GDir) dir = g_dir_open(pool.path, 0, &reason);
        if (!dir)
                return dm_fail_null(error, DM_ERROR_FAILED, "%s", reason->message);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        const char *name;
        while ((name = g_dir_read_name(dir)) && names->len < DM_STORAGE_VOLUMES_MAX) {
                g_autofree char *path = g_build_filename(pool.path, name, NULL);
                struct stat st;
                if (!g_str_has_prefix(name, HIDDEN_PREFIX) && dm_volume_name_ok(name) &&
                    g_utf8_validate(name, -1, NULL) && is_volume(path, &st))
                        g_ptr_array_add(names, g_strdup(name));
        }
        g_ptr_array_sort(names, by_name);
        g_ptr_array_add(names, NULL);
        return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void look_inside(DmVolume *v)
{
        g_auto(DmImageInfo) info = { 0 };
        v->format = g_str_has_suffix(v->path, ".iso") ? DM_VOLUME_ISO : DM_VOLUME_RAW;
        if (!dm_image_info(v->path, &info, NULL))
                return;
        if (strcmp(info.format, "qcow2") == 0)
                v->format = DM_VOLUME_QCOW2;
        v->capacity = (DmOptU64)DM_OPT(info.capacity);
        v->allocation = (DmOptU64)DM_OPT(info.allocation);
        v->physical = (DmOptU64)DM_OPT(info.physical);
        if (!info.backing)
                return;
        v->backing = g_new0(DmBacking, 1);
        v->backing->path = g_steal_pointer(&info.backing);
}

static DmVolume *volume_of(const DmPoolInfo *pool, const char *name, GError **error)
{
        g_autofree char *path = g_build_filename(pool->path, name, NULL);
        struct stat st;
        if (!dm_volume_name_ok(name) || !is_volume(path, &st))
                return dm_fail_null(error, DM_ERROR_NOT_FOUND, "no storage vol with matching name '%s'",
                                    name);
        DmVolume *v = g_new0(DmVolume, 1);
        v->type = S_ISREG(st.st_mode)   ? DM_VOLUME_FILE
                  : S_ISBLK(st.st_mode) ? DM_VOLUME_BLOCK
                                        : DM_VOLUME_FOLDER;
        v->name = g_strdup(name);
        v->key = g_strdup(path);
        v->path = g_steal_pointer(&path);
        v->permissions = g_new0(DmPermissions, 1);
        dm_permissions_fill(v->permissions, &st);
        v->capacity = v->allocation = (DmOptU64)DM_OPT(0);
        if (v->type == DM_VOLUME_FOLDER)
                v->format = DM_VOLUME_DIR;
        else
                look_inside(v);
        return v;
}

DmVolume *dm_storage_volume(DmStorage *s, const char *uuid, const char *name, GError **error)
{
        g_auto(DmPoolInfo) pool = { 0 };
        return active_pool(s, uuid, &pool, error) ? volume_of(&pool, name, error) : NULL;
}

gboolean dm_storage_find_volume(DmStorage *s, const char *path, DmPoolInfo *ret_pool, char **ret_name,
                                GError **error)
{
        g_autofree char *clean = g_canonicalize_filename(path, "/"), *folder = g_path_get_dirname(clean);
        g_auto(GStrv) uuids = dm_storage_pools(s);
        for (char **uuid = uuids; *uuid; uuid++) {
                g_auto(DmPoolInfo) pool = { 0 };
                if (!dm_storage_pool_info(s, *uuid, &pool, NULL) || !pool.active ||
                    strcmp(pool.path, folder) != 0)
                        continue;
                g_autofree char *name = g_path_get_basename(clean);
                g_autoptr(DmVolume) v = volume_of(&pool, name, NULL);
                if (!v)
                        break;
                *ret_name = g_steal_pointer(&name);
                *ret_pool = pool;
                memset(&pool, 0, sizeof pool);
                return TRUE;
        }
        return dm_fail(error, DM_ERROR_NOT_FOUND, "no storage vol with matching path '%s'", path);
}

/* ---- changing ---- */

/* What the tool has said, at most TOOL_OUTPUT bytes of it.  Owned. */
static char *words_of(int file)
{
        char *text = g_malloc0(TOOL_OUTPUT + 1);
        if (pread(file, text, TOOL_OUTPUT, 0) < 0)
                text[0] = '\0';
        return g_strstrip(text);
}

/* Waits until the tool has ended, by itself or because we are. */
static gboolean wait_for_tool(DmStorage *s, DmProcess *process, DmExit *ret_exit, GError **error)
{
        while (!dm_process_wait(process, TOOL_LOOK_MS, ret_exit)) {
                if (!dm_storage_is_cancelled(s))
                        continue;
                dm_process_end(process, 0, NULL);
                return dm_fail(error, DM_ERROR_CANCELLED, "the server is ending: the image is given up");
        }
        return TRUE;
}

/* qemu-img, whose last words are the error. */
static gboolean run_tool(DmStorage *s, char **words, GError **error)
{
        g_autofree char *program = g_find_program_in_path(words[0]);
        if (!program)
                return dm_fail(error, DM_ERROR_UNSUPPORTED, "'%s' is not installed (Debian: qemu-utils)",
                               words[0]);
        dm_autofd int output = memfd_create("output", MFD_CLOEXEC);
        if (output < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a file in memory");
        const DmSpawnFd fds[] = { { output, STDERR_FILENO } };
        DmSpawn spawn = DM_SPAWN_INIT;
        g_auto(DmProcess) process = DM_PROCESS_INIT;
        DmExit end;
        words[0] = program;
        spawn.words = words;
        spawn.fds = fds;
        spawn.n_fds = G_N_ELEMENTS(fds);
        if (!dm_spawn(&spawn, &process, error) || !wait_for_tool(s, &process, &end, error))
                return FALSE;
        if (end.kind == DM_EXIT_CODE && end.value == 0)
                return TRUE;
        g_autofree char *how = dm_exit_describe(&end), *complaint = words_of(output);
        return dm_fail(error, DM_ERROR_FAILED, "'%s %s' %s: %s", program, words[1], how, complaint);
}

/* Nobody can put a link in its place between this and the tool: the file is there and is ours. */
static gboolean reserve(const char *path, guint64 bytes, guint64 allocate, GError **error)
{
        dm_autofd int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, IMAGE_MODE);
        if (fd < 0 && errno == EEXIST)
                return dm_fail(error, DM_ERROR_EXISTS, "storage volume '%s' already exists", path);
        if (fd < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't create '%s'", path);
        if (bytes > G_MAXINT64 || ftruncate(fd, (off_t)bytes) < 0 ||
            (allocate > 0 && fallocate(fd, 0, 0, (off_t)MIN(allocate, bytes)) < 0 && errno != EOPNOTSUPP)) {
                int code = bytes > G_MAXINT64 ? EFBIG : errno;
                unlink(path);
                return dm_fail_errno(error, dm_error_code_of_errno(code), code,
                                     "can't make '%s' %" G_GUINT64_FORMAT " bytes large", path, bytes);
        }
        return TRUE;
}

static gboolean make_image(DmStorage *s, const DmVolume *v, const char *path, GError **error)
{
        g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, v->capacity.value);
        const char *format = dm_enum_name(&dm_volume_format, v->format);
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        const char *const first[] = { "qemu-img", "create", "-q", "-f", format };
        for (gsize i = 0; i < G_N_ELEMENTS(first); i++)
                g_ptr_array_add(words, (char *)first[i]);
        if (v->backing && v->backing->path) {
                DmVolumeFormat behind = v->backing->format ? v->backing->format : DM_VOLUME_RAW;
                g_ptr_array_add(words, (char *)"-b");
                g_ptr_array_add(words, v->backing->path);
                g_ptr_array_add(words, (char *)"-F");
                g_ptr_array_add(words, (char *)dm_enum_name(&dm_volume_format, behind));
        }
        g_ptr_array_add(words, (char *)path);
        if (v->capacity.value > 0)
                g_ptr_array_add(words, size);
        g_ptr_array_add(words, NULL);
        return run_tool(s, (char **)words->pdata, error);
}

static gboolean copy_image(DmStorage *s, const DmVolume *v, const char *from, const char *path,
                           GError **error)
{
        g_auto(DmImageInfo) info = { 0 };
        if (!dm_image_info(from, &info, error))
                return FALSE;
        const char *format = dm_enum_name(&dm_volume_format, v->format);
        char *words[] = {
                (char *)"qemu-img", (char *)"convert", (char *)"-q", (char *)"-f", (char *)info.format,
                (char *)"-O",       (char *)format,    (char *)from, (char *)path, NULL
        };
        if (!run_tool(s, words, error))
                return FALSE;
        if (v->capacity.value <= info.capacity)
                return TRUE;
        g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, v->capacity.value);
        char *grow[] = { (char *)"qemu-img", (char *)"resize", (char *)"-q", (char *)"-f",
                         (char *)format,     (char *)path,     size,         NULL };
        return run_tool(s, grow, error);
}

static gboolean check_new(DmVolume *v, const char *from, GError **error)
{
        if (v->format == DM_VOLUME_FORMAT_UNSET || v->format == DM_VOLUME_ISO)
                v->format = DM_VOLUME_RAW;
        if (v->format == DM_VOLUME_DIR)
                return dm_fail(error, DM_ERROR_UNSUPPORTED, "volume '%s': folders are not created", v->name);
        if (v->backing && v->backing->path && v->format == DM_VOLUME_RAW)
                return dm_fail(error, DM_ERROR_INVALID_XML,
                               "volume '%s': a raw image can't have a backing store", v->name);
        if (!v->capacity.set && !from && !(v->backing && v->backing->path))
                return dm_fail(error, DM_ERROR_INVALID_XML, "volume '%s': missing capacity element", v->name);
        return TRUE;
}

gboolean dm_storage_create_volume(DmStorage *s, const char *uuid, const char *xml, const char *from,
                                  char **ret_name, GError **error)
{
        g_auto(DmPoolInfo) pool = { 0 };
        g_autoptr(DmVolume) v = dm_volume_parse(xml, strlen(xml), error);
        if (!v || !active_pool(s, uuid, &pool, error) || !check_new(v, from, error))
                return FALSE;
        g_autofree char *path = g_build_filename(pool.path, v->name, NULL);
        gboolean plain = v->format == DM_VOLUME_RAW && !from;
        /* Without <allocation> all of it, as libvirt does: who asks for a raw image wants its place. */
        guint64 allocate = v->allocation.set ? v->allocation.value : v->capacity.value;
        if (!reserve(path, plain ? v->capacity.value : 0, plain ? allocate : 0, error))
                return FALSE;
        if (!plain && !(from ? copy_image(s, v, from, path, error) : make_image(s, v, path, error))) {
                unlink(path);
                return FALSE;
        }
        *ret_name = g_strdup(v->name);
        return TRUE;
}

gboolean dm_storage_delete_volume(DmStorage *s, const char *uuid, const char *name, GError **error)
{
        g_auto(DmPoolInfo) pool = { 0 };
        g_autoptr(DmVolume) v = active_pool(s, uuid, &pool, error) ? volume_of(&pool, name, error) : NULL;
        if (!v)
                return FALSE;
        if ((v->type == DM_VOLUME_FOLDER ? rmdir(v->path) : unlink(v->path)) < 0)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't remove '%s'",
                                     v->path);
        return TRUE;
}

gboolean dm_storage_resize_volume(DmStorage *s, const char *uuid, const char *name, guint64 bytes,
                                  GError **error)
{
        g_auto(DmPoolInfo) pool = { 0 };
        g_autoptr(DmVolume) v = active_pool(s, uuid, &pool, error) ? volume_of(&pool, name, error) : NULL;
        if (!v)
                return FALSE;
        if (v->type != DM_VOLUME_FILE || bytes < v->capacity.value)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "volume '%s' can only be made larger, and only as a file", name);
        g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
        DmVolumeFormat format = v->format == DM_VOLUME_QCOW2 ? DM_VOLUME_QCOW2 : DM_VOLUME_RAW;
        char *words[] = { (char *)"qemu-img",
                          (char *)"resize",
                          (char *)"-q",
                          (char *)"-f",
                          (char *)dm_enum_name(&dm_volume_format, format),
                          v->path,
                          size,
                          NULL };
        return run_tool(s, words, error);
}
