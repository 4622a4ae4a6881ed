/* Shared by command_interface.c (the card) and command_netdev.c (what it is plugged into). */
#pragma once

#include "conf/domain_interface.h"
#include "qemu/device_backends.h"

/* One unless the document says more. */
unsigned dm_interface_queues(const DmInterface *n);
gboolean dm_interface_virtio(const DmInterface *n);
/* Does this connection's type have what the document asks for? */
gboolean dm_check_netdev(const DmPlan *p, const DmInterface *n, GError **error);
/* Properties of -netdev for it; what it needs before (descriptors, lines) is added to the command line.  NULL
 * with the reason.  Owned. */
DmJson *dm_netdev_props(DmBuild *b, const DmInterface *n, GError **error);
