/* One control group as a set of directories: making, filling, emptying and removing it.  Limits and
 * statistics are not here.  Where a process stands is found in cgroup_place.c. */
#include "util/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/process.h"

#define SUBGROUP_DEPTH 8           /* of groups below ours; deeper ones are not looked at */
#define VALUE_LIMIT    (64 * 1024) /* of one control file */
#define PROCS_LIMIT    (4 * 1024 * 1024)
#define KILL_BATCH     64  /* processes ended at a time; each needs a descriptor */
#define KILL_ROUND_MS  100 /* how long they are waited for before the list is read again */

struct DmCgroup {
        gboolean unified;
        GPtrArray *dirs; /* NULL-terminated array of owned strings */
        int fd;          /* of dirs[0] on v2; owned */
};

/* What makes sense for a guest as a whole; the others (net_cls, perf_event, hugetlb...) only cost time. */
static const char *const resource_controllers[] = { "cpu",     "cpuacct", "cpuset", "memory", "devices",
                                                    "freezer", "blkio",   "pids",   NULL };

/* A v2 hierarchy with none of these stands beside v1, which has them (systemd's "hybrid"). */
static const char *const v2_resource_controllers[] = { "cpu", "cpuset", "io", "memory", "pids", NULL };

static gboolean any_of(const char *names, const char *separator, const char *const *wanted)
{
        g_auto(GStrv) list = g_strsplit(names, separator, -1);
        for (char **name = list; *name; name++)
                if (g_strv_contains(wanted, *name))
                        return TRUE;
        return FALSE;
}

/* ---- control files ---- */

/* Content without the line feed; NULL when it cannot be read.  Owned. */
static char *read_value(const char *dir, const char *file)
{
        g_autofree char *path = g_build_filename(dir, file, NULL);
        char *text = NULL;
        if (!dm_file_read(path, VALUE_LIMIT, &text, NULL, NULL))
                return NULL;
        return g_strchomp(text);
}

/* 0 or an errno. */
static int write_value(const char *dir, const char *file, const char *value)
{
        g_autofree char *path = g_build_filename(dir, file, NULL);
        dm_autofd int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        ssize_t n;
        do
                n = write(fd, value, strlen(value));
        while (n < 0 && errno == EINTR);
        return n < 0 ? errno : 0;
}

/* ---- life cycle ---- */

static DmCgroup *group_new(gboolean unified)
{
        DmCgroup *g = g_new0(DmCgroup, 1);
        g->unified = unified;
        g->dirs = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(g->dirs, NULL);
        g->fd = -1;
        return g;
}

static void add_dir(DmCgroup *g, const char *dir)
{
        g_ptr_array_insert(g->dirs, (int)g->dirs->len - 1, g_strdup(dir));
}

void dm_cgroup_free(DmCgroup *g)
{
        if (!g)
                return;
        dm_close_fd(&g->fd);
        g_ptr_array_free(g->dirs, TRUE);
        g_free(g);
}

gboolean dm_cgroup_unified(const DmCgroup *g)
{
        return g->unified;
}

const char *const *dm_cgroup_dirs(const DmCgroup *g)
{
        return (const char *const *)g->dirs->pdata;
}

int dm_cgroup_fd(const DmCgroup *g)
{
        return g->fd;
}

/* ---- making ---- */

static void add_why(GString *why, const DmCgroupPlace *p, const char *reason)
{
        g_string_append_printf(why, "%scgroup %s '%s': %s", why->len ? "; " : "",
                               p->unified ? "v2" : p->controllers, p->dir ? p->dir : p->path, reason);
}

/* A new group of the cpuset controller has no CPUs and takes no process before it is given some. */
static int fill_cpuset(const char *parent, const char *dir)
{
        static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *ours = read_value(parent, files[i]);
                g_autofree char *own = read_value(dir, files[i]);
                if (!ours || !own)
                        continue; /* not this controller, or its files have no prefix (noprefix) */
                int error = *own ? 0 : write_value(dir, files[i], ours);
                if (error)
                        return error;
        }
        return 0;
}

/* Why nobody could be born in, or moved to, the new group @dir of v2; NULL when all is well.  Static text. */
static const char *refuses_processes(const DmCgroupPlace *p, const char *dir)
{
        g_autofree char *procs = g_build_filename(p->dir, "cgroup.procs", NULL);
        if (faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) < 0) /* of the common ancestor, here: ours */
                return "its cgroup.procs is not writable";
        g_autofree char *type = read_value(dir, "cgroup.type");
        if (type && strcmp(type, "domain") != 0 && strcmp(type, "domain threaded") != 0)
                return "it is for threads, not for processes";
        return NULL;
}

/* Makes the group @name in @p; on failure a reason is added to @why. */
static gboolean make_in(DmCgroup *g, const DmCgroupPlace *p, const char *name, GString *why)
{
        if (!p->dir) {
                add_why(why, p, p->why);
                return FALSE;
        }
        g_autofree char *dir = g_build_filename(p->dir, name, NULL);
        gboolean made = mkdir(dir, 0755) == 0;
        if (!made && errno != EEXIST) {
                g_autofree char *reason = g_strdup_printf("not writable (%s)", g_strerror(errno));
                add_why(why, p, reason);
                return FALSE;
        }
        g_autofree char *members = made ? NULL : read_value(dir, "cgroup.procs");
        if (!made && (!members || *members)) {
                g_autofree char *reason = g_strdup_printf("'%s' is there already%s", name,
                                                          members ? " and has processes in it" : "");
                add_why(why, p, reason);
                return FALSE;
        }
        int error = p->unified ? 0 : fill_cpuset(p->dir, dir);
        const char *reason = error ? g_strerror(error) : p->unified ? refuses_processes(p, dir) : NULL;
        if (reason) {
                add_why(why, p, reason);
                if (made)
                        rmdir(dir);
                return FALSE;
        }
        add_dir(g, dir);
        return TRUE;
}

static DmCgroup *create_v1(GPtrArray *places, const char *name, const char *const *controllers, GString *why)
{
        g_autoptr(DmCgroup) g = group_new(FALSE);
        for (guint i = 0; i < places->len; i++) {
                const DmCgroupPlace *p = g_ptr_array_index(places, i);
                if (!p->unified && any_of(p->controllers, ",", controllers))
                        make_in(g, p, name, why);
        }
        return *dm_cgroup_dirs(g) ? g_steal_pointer(&g) : NULL;
}

static DmCgroup *create_v2(const DmCgroupPlace *p, const char *name, GString *why)
{
        g_autoptr(DmCgroup) g = group_new(TRUE);
        if (!make_in(g, p, name, why))
                return NULL;
        g->fd = open(*dm_cgroup_dirs(g), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (g->fd >= 0)
                return g_steal_pointer(&g);
        add_why(why, p, g_strerror(errno));
        rmdir(*dm_cgroup_dirs(g));
        return NULL;
}

DmCgroup *dm_cgroup_create(GPtrArray *places, const char *name, const char *const *v1_controllers,
                           char **ret_why)
{
        g_autoptr(GString) why = g_string_new(NULL);
        const DmCgroupPlace *v2 = NULL;
        for (guint i = 0; i < places->len; i++) {
                const DmCgroupPlace *p = g_ptr_array_index(places, i);
                if (p->unified)
                        v2 = p;
        }
        g_autofree char *v2_controllers = v2 && v2->dir ? read_value(v2->dir, "cgroup.controllers") : NULL;
        gboolean v2_first = v2_controllers && any_of(v2_controllers, " ", v2_resource_controllers);
        DmCgroup *g = NULL;
        if (!*name || *name == '.' || strchr(name, '/'))
                g_string_printf(why, "'%s' cannot be the name of a cgroup", name);
        else if (places->len == 0)
                g_string_assign(why, "this kernel has no cgroups");
        else {
                if (v2_first)
                        g = create_v2(v2, name, why);
                if (!g)
                        g = create_v1(places, name, v1_controllers ? v1_controllers : resource_controllers,
                                      why);
                if (!g && v2 && !v2_first)
                        g = create_v2(v2, name, why);
                if (!g && !why->len)
                        g_string_assign(why, "none of the wanted controllers has a hierarchy");
        }
        if (!g)
                *ret_why = g_strdup(why->str);
        return g;
}

DmCgroup *dm_cgroup_open(const char *const *dirs, GError **error)
{
        g_autoptr(DmCgroup) g = group_new(FALSE);
        for (; *dirs; dirs++) {
                struct statfs fs;
                dm_autofd int fd = open(*dirs, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0 && errno == ENOENT)
                        continue;
                if (fd < 0 || fstatfs(fd, &fs) < 0) {
                        dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "cannot open cgroup '%s'",
                                      *dirs);
                        return NULL;
                }
                if (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC)
                        return dm_fail_null(error, DM_ERROR_INVALID_ARG, "'%s' is no cgroup", *dirs);
                add_dir(g, *dirs);
                if (fs.f_type == CGROUP2_SUPER_MAGIC && g->fd < 0) {
                        g->unified = TRUE;
                        g->fd = dm_steal_fd(&fd);
                }
        }
        if (!*dm_cgroup_dirs(g))
                return dm_fail_null(error, DM_ERROR_NOT_FOUND, "the cgroup does not exist any more");
        return g_steal_pointer(&g);
}

/* ---- members ---- */

gboolean dm_cgroup_add(const DmCgroup *g, pid_t pid, GError **error)
{
        char text[16];
        snprintf(text, sizeof(text), "%d", (int)pid);
        for (const char *const *dir = dm_cgroup_dirs(g); *dir; dir++) {
                int errno_value = write_value(*dir, "cgroup.procs", text);
                if (errno_value == ESRCH)
                        return dm_fail(error, DM_ERROR_NOT_FOUND,
                                       "cannot add process %s to cgroup '%s': it has ended", text, *dir);
                if (errno_value)
                        return dm_fail_errno(error, dm_error_code_of_errno(errno_value), errno_value,
                                             "cannot add process %s to cgroup '%s'", text, *dir);
        }
        return TRUE;
}

/* Calls @visit for the groups below @dir, deepest first, then for @dir.  Stops at the first failure. */
typedef gboolean (*Visit)(const char *dir, gpointer data, GError **error);

static gboolean walk(const char *dir, int depth, Visit visit, gpointer data, GError **error)
{
        DIR *stream = depth < SUBGROUP_DEPTH ? opendir(dir) : NULL;
        gboolean done = TRUE;
        const struct dirent *entry;
        while (stream && done && (entry = readdir(stream))) {
                if (entry->d_type != DT_DIR || *entry->d_name == '.')
                        continue;
                g_autofree char *sub = g_build_filename(dir, entry->d_name, NULL);
                done = walk(sub, depth + 1, visit, data, error);
        }
        if (stream)
                closedir(stream);
        return done && visit(dir, data, error);
}

static gboolean walk_all(const DmCgroup *g, Visit visit, gpointer data, GError **error)
{
        for (const char *const *dir = dm_cgroup_dirs(g); *dir; dir++)
                if (!walk(*dir, 0, visit, data, error))
                        return FALSE;
        return TRUE;
}

static gboolean collect_members(const char *dir, gpointer data, GError **error)
{
        GArray *pids = data;
        g_autoptr(GError) local = NULL;
        g_autofree char *path = g_build_filename(dir, "cgroup.procs", NULL);
        g_autofree char *text = NULL;
        if (!dm_file_read(path, PROCS_LIMIT, &text, NULL, &local)) {
                int errno_value = dm_error_errno(local);
                if (errno_value == ENOENT || errno_value == ENODEV) /* gone; gone while it was read */
                        return TRUE;
                g_propagate_error(error, g_steal_pointer(&local));
                return FALSE;
        }
        for (char *at = text; *at;) {
                pid_t pid = (pid_t)g_ascii_strtoll(at, &at, 10);
                if (pid > 0) /* 0: a process of another pid namespace */
                        g_array_append_val(pids, pid);
                at += strcspn(at, "\n");
                at += *at == '\n';
        }
        return TRUE;
}

static int compare_pids(gconstpointer a, gconstpointer b)
{
        pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
        return x < y ? -1 : x > y;
}

GArray *dm_cgroup_members(const DmCgroup *g, GError **error)
{
        g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
        if (!walk_all(g, collect_members, pids, error))
                return NULL;
        g_array_sort(pids, compare_pids);
        for (guint i = 1; i < pids->len;) /* v1: once for each hierarchy */
                if (g_array_index(pids, pid_t, i) == g_array_index(pids, pid_t, i - 1))
                        g_array_remove_index(pids, i);
                else
                        i++;
        return g_steal_pointer(&pids);
}

static gboolean is_in(const GArray *pids, pid_t pid)
{
        guint at;
        return g_array_binary_search((GArray *)pids, &pid, compare_pids, &at);
}

/* ---- ending ---- */

/* Opens up to KILL_BATCH of @pids that run: GArray of DmProcess.  A number may have passed to another process
 * since
 * @pids was read; when we hold a pidfd it cannot any more, so membership is looked up once again then. */
static GArray *open_members(const DmCgroup *g, const GArray *pids)
{
        GArray *processes = g_array_new(FALSE, FALSE, sizeof(DmProcess));
        g_array_set_clear_func(processes, (GDestroyNotify)dm_process_clear);
        for (guint i = 0; i < pids->len && processes->len < KILL_BATCH; i++) {
                DmProcess p;
                if (dm_process_open(g_array_index(pids, pid_t, i), 0, &p, NULL))
                        g_array_append_val(processes, p);
        }
        g_autoptr(GArray) now = dm_cgroup_members(g, NULL);
        for (guint i = processes->len; i-- > 0;)
                if (!now || !is_in(now, g_array_index(processes, DmProcess, i).pid))
                        g_array_remove_index(processes, i);
        return processes;
}

/* Waits for the end of them all, without reaping those that are our children: their owner wants the status.
 */
static void await_end(const GArray *processes)
{
        gint64 deadline = g_get_monotonic_time() + KILL_ROUND_MS * 1000;
        for (guint i = 0; i < processes->len; i++) {
                struct pollfd p = { .fd = g_array_index(processes, DmProcess, i).pidfd, .events = POLLIN };
                gint64 left_us = deadline - g_get_monotonic_time();
                poll(&p, 1, left_us > 0 ? (int)(left_us / 1000 + 1) : 0);
        }
}

gboolean dm_cgroup_kill(const DmCgroup *g, int timeout_ms, GError **error)
{
        gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
        for (;;) {
                g_autoptr(GArray) pids = dm_cgroup_members(g, error);
                if (!pids)
                        return FALSE;
                if (is_in(pids, getpid()))
                        return dm_fail(error, DM_ERROR_BUSY,
                                       "cannot end the processes of cgroup '%s': this process is one of them",
                                       *dm_cgroup_dirs(g));
                g_autoptr(GArray) processes = open_members(g, pids);
                if (processes->len == 0) /* what else is listed has ended */
                        return TRUE;
                if (g_get_monotonic_time() >= deadline)
                        return dm_fail(error, DM_ERROR_TIMED_OUT,
                                       "cgroup '%s' still has processes (%d) after %d ms", *dm_cgroup_dirs(g),
                                       (int)g_array_index(processes, DmProcess, 0).pid, timeout_ms);
                /* the kernel's own way (Linux 5.14) gets what is being forked as well; where it is missing,
                 * the rounds do, unless somebody forks faster than we kill */
                if (g->unified)
                        write_value(*dm_cgroup_dirs(g), "cgroup.kill", "1");
                for (guint i = 0; i < processes->len; i++)
                        dm_process_signal(&g_array_index(processes, DmProcess, i), SIGKILL);
                await_end(processes);
        }
}

static gboolean remove_group(const char *dir, gpointer data, GError **error)
{
        const DmCgroup *g = data;
        if (rmdir(dir) == 0 || errno == ENOENT)
                return TRUE;
        int saved = errno;
        g_autoptr(GArray) pids = saved == EBUSY ? dm_cgroup_members(g, NULL) : NULL;
        if (pids && pids->len > 0)
                return dm_fail(error, DM_ERROR_BUSY, "cannot remove cgroup '%s': process %d is in it", dir,
                               (int)g_array_index(pids, pid_t, 0));
        return dm_fail_errno(error, dm_error_code_of_errno(saved), saved, "cannot remove cgroup '%s'", dir);
}

gboolean dm_cgroup_remove(const DmCgroup *g, GError **error)
{
        return walk_all(g, remove_group, (gpointer)g, error);
}
