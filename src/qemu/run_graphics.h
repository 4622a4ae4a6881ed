/* What displays need of the host when a guest is started. */
#pragma once

#include "qemu/device_backends.h"

/* "/dev/dri/renderD128": the first one of @root ("" is this host's).  Owned; NULL: there is none. */
char *dm_find_render_node(const char *root);
/* Gives each port that is to be a free one its number.  Somebody else may take it before QEMU does; then QEMU
 * says so and the start fails, as with any port. */
gboolean dm_run_graphics_ports(DmPlan *p, const DmSettings *settings, GError **error);
/* Arguments of set_password and expire_password for @device.  NULL: it has no password, or no such limit.
 * Owned. */
DmJson *dm_graphics_set_password(const DmDevice *device);
DmJson *dm_graphics_expire_password(const DmDevice *device, GError **error);
