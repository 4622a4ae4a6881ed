/* Shared by the files of the host facts (host*.c) only. */
#pragma once

#include "qemu/host.h"

/* What the user that emulators run as may do with @path: R_OK, W_OK, X_OK bits as in access(2). */
gboolean dm_host_may(const DmHost *h, const char *path, int mode);
/* Notes that a fact was read from @path, or from its absence. */
void dm_host_add_source(DmHost *h, const char *path);
/* Tests KVM anew, as the user that emulators run as. */
void dm_host_load_kvm(DmHost *h);
/* Processors, NUMA nodes, sizes of pages. */
void dm_host_load_topology(DmHost *h);
DmHostCell *dm_host_add_cell(DmHost *h);
DmHostCpu *dm_host_add_cpu(DmHostCell *cell);

/* The beginning of a file, at most @limit bytes; NULL when it cannot be read.  Owned. */
char *dm_host_read_start(const char *path, gsize limit);
/* A short file without the blanks round it; NULL when it is empty or cannot be read.  Owned. */
char *dm_host_read_trimmed(const char *path);
