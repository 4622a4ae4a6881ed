/* What network cards need of the host when a guest is started: taps in bridges, sockets of vhost. */
#pragma once

#include "qemu/command.h"

/* A descriptor that QEMU inherits. */
typedef struct DmRunFd {
        int fd;
        DmFdUse use;
        const DmDevice *device;
        gboolean passed; /* its number stands on the command line */
} DmRunFd;

/* An empty list, which closes its descriptors.  Owned (g_array_unref). */
GArray *dm_run_fds_new(void);
/* Place in @fds of the first descriptor for @device that is not passed yet; then it is.  -1: there is none.
 */
int dm_run_fds_take(GArray *fds, DmFdUse use, const DmDevice *device);

/* Opens what the cards of @p are plugged into and adds it to @fds.  A tap goes when its last descriptor is
 * closed, so there is nothing else to take back. */
gboolean dm_run_network(DmPlan *p, GArray *fds, GError **error);
/* Arguments of set_link for a card whose cable is out; NULL: it is in, or @device is none.  Owned. */
DmJson *dm_interface_set_link(const DmDevice *device);
