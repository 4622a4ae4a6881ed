/* Where a process stands in each hierarchy of control groups, and which directory that is: pure functions on
 * the texts of /proc/PID/cgroup and /proc/PID/mountinfo.  In a container the two need not agree: the mount
 * can show a part of the hierarchy only (its root), and the path can lie outside of our cgroup namespace
 * ("/..").*/
#include "util/cgroup.h"

#include <string.h>

#include "util/file.h"

#define PROC_TEXT_LIMIT (4 * 1024 * 1024) /* mountinfo of a host with thousands of containers */

/* Fields of a line of mountinfo, see proc(5); a variable number of tags and a "-" stand before the last
 * three. */
enum { MOUNT_ROOT = 3, MOUNT_POINT = 4, MOUNT_TAGS = 6 };
enum { AFTER_DASH_TYPE = 1, AFTER_DASH_OPTIONS = 3 };

typedef struct Mount {
        gboolean unified;
        char *root;     /* the part of the hierarchy that is mounted */
        char *point;    /* and where */
        char **options; /* v1: has the names of its controllers */
} Mount;

static void mount_free(gpointer data)
{
        Mount *m = data;
        g_free(m->root);
        g_free(m->point);
        g_strfreev(m->options);
        g_free(m);
}

static void place_free(gpointer data)
{
        DmCgroupPlace *p = data;
        g_free(p->controllers);
        g_free(p->path);
        g_free(p->dir);
        g_free(p->why);
        g_free(p);
}

static Mount *parse_mount(const char *line)
{
        g_auto(GStrv) fields = g_strsplit(line, " ", -1);
        guint n = g_strv_length(fields);
        guint dash = MOUNT_TAGS;
        while (dash < n && strcmp(fields[dash], "-") != 0)
                dash++;
        if (dash + AFTER_DASH_OPTIONS >= n)
                return NULL;
        const char *type = fields[dash + AFTER_DASH_TYPE];
        gboolean unified = strcmp(type, "cgroup2") == 0;
        if (!unified && strcmp(type, "cgroup") != 0)
                return NULL;
        Mount *m = g_new0(Mount, 1);
        m->unified = unified;
        m->root = g_strcompress(fields[MOUNT_ROOT]); /* blanks and the like stand as \040 */
        m->point = g_strcompress(fields[MOUNT_POINT]);
        m->options = g_strsplit(fields[dash + AFTER_DASH_OPTIONS], ",", -1);
        return m;
}

static GPtrArray *parse_mounts(const char *text)
{
        GPtrArray *mounts = g_ptr_array_new_with_free_func(mount_free);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                Mount *m = parse_mount(*line);
                if (m)
                        g_ptr_array_add(mounts, m);
        }
        return mounts;
}

/* TRUE when @m is of the hierarchy that @p is in: v1 hierarchies are known by their controllers. */
static gboolean is_hierarchy_of(const Mount *m, const DmCgroupPlace *p)
{
        if (m->unified || p->unified)
                return m->unified && p->unified;
        g_auto(GStrv) controllers = g_strsplit(p->controllers, ",", -1);
        for (char **c = controllers; *c; c++)
                if (!g_strv_contains((const char *const *)m->options, *c))
                        return FALSE;
        return TRUE;
}

/* The directory of @path below @m, or NULL when the mount does not show it. */
static char *dir_in_mount(const Mount *m, const char *path)
{
        gsize root_length = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);
        if (strncmp(path, m->root, root_length) != 0)
                return NULL;
        const char *rest = path + root_length;
        if (*rest && *rest != '/')
                return NULL;
        return strcmp(rest, "/") == 0 || !*rest ? g_strdup(m->point) : g_strconcat(m->point, rest, NULL);
}

static void find_dir(DmCgroupPlace *p, GPtrArray *mounts)
{
        gboolean mounted = FALSE;
        if (g_str_has_prefix(p->path, "/..")) {
                p->why = g_strdup("it is outside of this cgroup namespace");
                return;
        }
        if (g_str_has_suffix(p->path, " (deleted)")) {
                p->why = g_strdup("it was removed");
                return;
        }
        for (guint i = 0; i < mounts->len; i++) { /* the last one wins: it may cover those before */
                const Mount *m = g_ptr_array_index(mounts, i);
                if (!is_hierarchy_of(m, p))
                        continue;
                mounted = TRUE;
                char *dir = dir_in_mount(m, p->path);
                if (dir) {
                        g_free(p->dir);
                        p->dir = dir;
                }
        }
        if (!p->dir)
                p->why = g_strdup(mounted ? "what is mounted does not show it"
                                          : "its hierarchy is not mounted");
}

/* "4:cpu,cpuacct:/path", "0::/path"; the path can have colons. */
static DmCgroupPlace *parse_place(const char *line)
{
        g_auto(GStrv) fields = g_strsplit(line, ":", 3);
        if (g_strv_length(fields) != 3 || *fields[2] != '/')
                return NULL;
        DmCgroupPlace *p = g_new0(DmCgroupPlace, 1);
        p->unified = strcmp(fields[0], "0") == 0 && !*fields[1];
        p->controllers = g_strdup(fields[1]);
        p->path = g_strdup(fields[2]);
        return p;
}

GPtrArray *dm_cgroup_parse(const char *cgroup_text, const char *mountinfo_text)
{
        GPtrArray *places = g_ptr_array_new_with_free_func(place_free);
        g_autoptr(GPtrArray) mounts = parse_mounts(mountinfo_text);
        g_auto(GStrv) lines = g_strsplit(cgroup_text, "\n", -1);
        for (char **line = lines; *line; line++) {
                DmCgroupPlace *p = parse_place(*line);
                if (!p)
                        continue;
                find_dir(p, mounts);
                g_ptr_array_add(places, p);
        }
        return places;
}

GPtrArray *dm_cgroup_own_places(GError **error)
{
        g_autofree char *cgroup_text = NULL, *mountinfo_text = NULL;
        if (!dm_file_read("/proc/self/cgroup", PROC_TEXT_LIMIT, &cgroup_text, NULL, error) ||
            !dm_file_read("/proc/self/mountinfo", PROC_TEXT_LIMIT, &mountinfo_text, NULL, error))
                return NULL;
        return dm_cgroup_parse(cgroup_text, mountinfo_text);
}
