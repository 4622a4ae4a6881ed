/* Shared by command_graphics.c and command_spice.c. */
#pragma once

#include "conf/domain_graphics.h"
#include "qemu/device_backends.h"

#define DM_LOCAL_ADDRESS "127.0.0.1"

/* NULL: it listens nowhere. */
DmListen *dm_graphics_listen(const DmGraphics *g);
/* Does it listen at a socket: the document says so, or nothing, and the driver's own configuration does? */
gboolean dm_graphics_at_socket(const DmBuild *b, const DmGraphics *g);
/* Path of the socket it listens at: the given one, or one in the guest's directory.  Owned; NULL: neither. */
char *dm_graphics_socket(const DmBuild *b, const DmGraphics *g);
/* The host's device that draws for it: the given one, or the host's first.  Nullable. */
const char *dm_graphics_rendernode(const DmBuild *b, const DmGraphics *g);
/* Fills in what spice leaves open. */
void dm_spice_defaults(DmPlan *p, DmGraphics *g);
gboolean dm_build_spice(DmBuild *b, const DmGraphics *g, GError **error);
