/* Where the host keeps huge pages. */
#pragma once

#include "qemu/command.h"

/* File systems of huge pages, one of each size, the default size first, as DmBuild.huge_dirs wants them;
 * @mounts is the text of /proc/self/mounts, @meminfo that of /proc/meminfo, each nullable.  The array (of
 * DmHugeDir) is owned and owns its strings. */
GArray *dm_huge_mounts(const char *mounts, const char *meminfo);
/* … of this machine. */
GArray *dm_huge_mounts_load(void);
