/* Facts about files: what kind they are, who may use them, what their first bytes say.  And the firmware
 * descriptors, by QEMU's rules of precedence (docs/interop/firmware.json). */
#include "qemu/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/domain_disk.h"
#include "util/fd.h"
#include "util/file.h"

#define MAGIC_BYTES          600 /* up to and with the magic of VDI at 64 and of VPC's footer copy at 0 */
#define DESCRIPTOR_BYTES     (1024 * 1024)
#define FIRMWARE_DESCRIPTORS 256
#define GROUPS_MAX           1024

/* ---- rights of another user ---- */

static gboolean in_group(uid_t uid, gid_t primary, gid_t gid)
{
        if (gid == primary)
                return TRUE;
        struct passwd entry, *found = NULL;
        char buffer[4096];
        if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
                return FALSE;
        g_autofree gid_t *groups = g_new(gid_t, GROUPS_MAX);
        int n = GROUPS_MAX;
        if (getgrouplist(entry.pw_name, primary, groups, &n) < 0)
                return FALSE;
        for (int i = 0; i < n; i++)
                if (groups[i] == gid)
                        return TRUE;
        return FALSE;
}

/* By mode bits; access control lists are not looked at. */
static gboolean bits_allow(const DmHost *h, const struct stat *st, int mode)
{
        if (h->uid == 0)
                return !(mode & X_OK) || S_ISDIR(st->st_mode) || (st->st_mode & 0111);
        unsigned shift = st->st_uid == h->uid ? 6 : in_group(h->uid, h->gid, st->st_gid) ? 3 : 0;
        unsigned allowed = (st->st_mode >> shift) & 7;
        return (allowed & (unsigned)mode) == (unsigned)mode;
}

gboolean dm_host_may(const DmHost *h, const char *path, int mode)
{
        if (h->uid == geteuid())
                return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
        struct stat st;
        g_autofree char *real = realpath(path, NULL);
        if (!real || stat(real, &st) < 0 || !bits_allow(h, &st, mode))
                return FALSE;
        for (char *slash = strrchr(real, '/'); slash && slash > real; slash = strrchr(real, '/')) {
                *slash = 0;
                if (stat(real, &st) < 0 || !bits_allow(h, &st, X_OK))
                        return FALSE;
        }
        return TRUE;
}

/* ---- one file ---- */

static const struct {
        gsize offset;
        const char *magic;
        gsize length;
        const char *format;
} magics[] = {
        { 0, "QFI\xfb\0\0\0\1", 8, "qcow" },
        { 0, "QFI\xfb", 4, "qcow2" },
        { 0, "KDMV", 4, "vmdk" },
        { 0, "COWD", 4, "vmdk" },
        { 0, "conectix", 8, "vpc" },
        { 64, "\x7f\x10\xda\xbe", 4, "vdi" },
        { 0, "QED\0", 4, "qed" },
        { 0, "LUKS\xba\xbe", 6, "luks" },
        { 0, "vhdxfile", 8, "vhdx" },
};

/* QEMU's own probing is never used (a guest could write a header into its raw disk); this is for messages
 * such as "looks like qcow2 but is declared raw". */
static void look_inside(DmFileFact *f, const char *path)
{
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char start[MAGIC_BYTES] = "";
        gssize n = fd < 0 ? -1 : pread(fd, start, sizeof(start), 0);
        if (n < 0)
                return;
        f->program = (n >= 4 && memcmp(start,
                                       "\x7f"
                                       "ELF",
                                       4) == 0) ||
                     (n >= 2 && memcmp(start, "#!", 2) == 0);
        for (gsize i = 0; i < G_N_ELEMENTS(magics) && !f->format; i++)
                if ((gsize)n >= magics[i].offset + magics[i].length &&
                    memcmp(start + magics[i].offset, magics[i].magic, magics[i].length) == 0)
                        f->format = g_strdup(magics[i].format);
}

void dm_host_take_fact(DmHost *h, const char *path, DmFileFact *fact)
{
        g_hash_table_replace(h->files, g_strdup(path), fact);
}

void dm_host_gather_path(DmHost *h, const char *path)
{
        if (!g_path_is_absolute(path) || g_hash_table_contains(h->files, path))
                return;
        DmFileFact *f = g_new0(DmFileFact, 1);
        dm_host_take_fact(h, path, f);
        struct stat st;
        if (stat(path, &st) < 0) {
                f->errno_value = errno;
                return;
        }
        f->kind = S_ISREG(st.st_mode)   ? DM_FILE_REGULAR
                  : S_ISDIR(st.st_mode) ? DM_FILE_DIRECTORY
                  : S_ISBLK(st.st_mode) ? DM_FILE_BLOCK
                                        : DM_FILE_OTHER;
        f->size = st.st_size > 0 ? (guint64)st.st_size : 0;
        char *real = realpath(path, NULL);
        f->real = g_strdup(real ? real : path);
        free(real);
        f->executable = f->kind == DM_FILE_REGULAR && (st.st_mode & 0111) && dm_host_may(h, path, X_OK);
        f->readable = dm_host_may(h, path, R_OK);
        f->writable = dm_host_may(h, path, W_OK);
        f->errno_value = f->readable ? 0 : EACCES;
        if (f->kind == DM_FILE_REGULAR || f->kind == DM_FILE_BLOCK)
                look_inside(f, path);
}

const DmFileFact *dm_host_file(const DmHost *h, const char *path)
{
        static const DmFileFact missing = { .kind = DM_FILE_MISSING, .errno_value = ENOENT };
        const DmFileFact *f = g_hash_table_lookup(h->files, path);
        return f ? f : &missing;
}

static void gather(DmHost *h, const char *path)
{
        if (path)
                dm_host_gather_path(h, path);
}

void dm_host_gather(DmHost *h, const DmDomain *d)
{
        const char *paths[] = { d->emulator,  d->os.loader, d->os.nvram_path, d->os.nvram_template,
                                d->os.kernel, d->os.initrd, d->os.dtb };
        for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
                gather(h, paths[i]);
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_DISK)
                        gather(h, dm_disk_source((const DmDisk *)device));
}

/* ---- firmware descriptors ---- */

static void add_dir(DmHost *h, GHashTable *by_name, const char *dir)
{
        dm_host_add_source(h, dir);
        g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
        const char *name;
        while (d && (name = g_dir_read_name(d)) && g_hash_table_size(by_name) < FIRMWARE_DESCRIPTORS)
                if (g_str_has_suffix(name, ".json") && *name != '.')
                        g_hash_table_replace(by_name, g_strdup(name), g_build_filename(dir, name, NULL));
}

static gint by_text(gconstpointer a, gconstpointer b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the descriptor at @path; an empty one only hides others of its name. */
static void add_descriptor(DmHost *h, const char *path)
{
        dm_host_add_source(h, path);
        g_autofree char *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, DESCRIPTOR_BYTES, &text, &length, NULL) || length == 0)
                return;
        DmJson *j = dm_json_parse(text, length, NULL);
        if (dm_json_kind(j) != DM_JSON_OBJECT) {
                dm_json_unref(j);
                return;
        }
        dm_json_add_string(j, "descriptor", path);
        g_ptr_array_add(h->firmwares, j);
        static const char *const files[] = { "mapping.executable.filename", "mapping.nvram-template.filename",
                                             "mapping.filename" };
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
                gather(h, dm_json_string(dm_json_path(j, files[i])));
}

void dm_host_load_firmwares(DmHost *h, const char *root)
{
        g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        /* Later directories hide earlier ones, name by name. */
        static const char *const dirs[] = { "/usr/share/qemu/firmware", "/etc/qemu/firmware" };
        for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
                g_autofree char *dir = g_strconcat(root, dirs[i], NULL);
                add_dir(h, by_name, dir);
        }
        if (!*root && h->uid != 0 && h->uid == geteuid()) {
                g_autofree char *own = g_build_filename(g_get_user_config_dir(), "qemu", "firmware", NULL);
                add_dir(h, by_name, own);
        }
        guint n = 0;
        g_autofree gpointer *names = g_hash_table_get_keys_as_array(by_name, &n);
        qsort(names, n, sizeof(*names), by_text);
        for (guint i = 0; i < n; i++)
                add_descriptor(h, g_hash_table_lookup(by_name, names[i]));
}
