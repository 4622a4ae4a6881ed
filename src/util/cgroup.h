/* Control groups: where this process stands, and one group for each guest below that.
 *
 * A host has either the unified hierarchy (v2), or one hierarchy per controller (v1), or both at once; which
 * of it we may write depends on who started us.  "No group, because ..." is therefore a normal answer and
 * comes as a text, not as an error: a guest runs without a group as well, and the audit says why it does.
 *
 * A group on v2 is one directory that a process can be born in (DmSpawn.cgroup_fd); on v1 it is one directory
 * per controller, and the process is written in to each of them, which costs the kernel milliseconds: do it
 * while the program starts up. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* ---- where we stand ---- */

typedef struct DmCgroupPlace {
        gboolean unified;  /* v2 */
        char *controllers; /* v1: as in /proc/self/cgroup, "cpu,cpuacct" or "name=systemd"; v2: "".  Owned */
        char *path;        /* within the hierarchy.  Owned */
        char *dir;         /* the directory for it here, or NULL.  Owned */
        char *why;         /* why there is none.  Owned, NULL when there is */
} DmCgroupPlace;

/* From the texts of /proc/PID/cgroup and /proc/PID/mountinfo: GPtrArray of DmCgroupPlace, in the order of the
 * first. Lines that make no sense are passed over.  Owned by the caller. */
GPtrArray *dm_cgroup_parse(const char *cgroup_text, const char *mountinfo_text);
/* The same for this process. */
GPtrArray *dm_cgroup_own_places(GError **error);

/* ---- groups ---- */

typedef struct DmCgroup DmCgroup;

/* Makes the group @name (or takes an empty one of that name) below ours: on v2 if that has the controllers of
 * resources (cpu, memory...), else on v1 in the hierarchies of @v1_controllers (NULL-terminated; NULL: all
 * that deal in resources), else on v2 all the same.  NULL when none can be made, and then *ret_why (owned)
 * says why. Hierarchies of v1 in which it cannot be made are left out as long as one remains. */
DmCgroup *dm_cgroup_create(GPtrArray *places, const char *name, const char *const *v1_controllers,
                           char **ret_why);
/* A group that exists, by its directories as dm_cgroup_dirs gave them.  DM_ERROR_NOT_FOUND: none of them
 * exists any more; DM_ERROR_INVALID_ARG: what is there is no cgroup. */
DmCgroup *dm_cgroup_open(const char *const *dirs, GError **error);
/* Does not remove the group.  NULL is allowed. */
void dm_cgroup_free(DmCgroup *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmCgroup, dm_cgroup_free)

gboolean dm_cgroup_unified(const DmCgroup *g);
/* NULL-terminated; borrowed. */
const char *const *dm_cgroup_dirs(const DmCgroup *g);
/* For DmSpawn.cgroup_fd: a descriptor of the directory on v2, -1 on v1.  Borrowed. */
int dm_cgroup_fd(const DmCgroup *g);

/* Moves a process in to the group.  DM_ERROR_NOT_FOUND: it has ended; DM_ERROR_DENIED. */
gboolean dm_cgroup_add(const DmCgroup *g, pid_t pid, GError **error);
/* Processes in the group and the groups below it: GArray of pid_t, ascending.  A group that is gone has none.
 */
GArray *dm_cgroup_members(const DmCgroup *g, GError **error);
/* SIGKILL to all members, until there are none.  DM_ERROR_TIMED_OUT when there still are after @timeout_ms;
 * DM_ERROR_BUSY when this process is one of them. */
gboolean dm_cgroup_kill(const DmCgroup *g, int timeout_ms, GError **error);
/* Removes the group and the groups below it; one that is gone is no error.  DM_ERROR_BUSY when it has
 * members. */
gboolean dm_cgroup_remove(const DmCgroup *g, GError **error);
