/* Shared by the files of the host facts (host*.c) only. */
#pragma once

#include "qemu/host.h"

/* What the user that emulators run as may do with @path: R_OK, W_OK, X_OK bits as in access(2). */
gboolean dm_host_may(const DmHost *h, const char *path, int mode);
void dm_host_load_firmwares(DmHost *h);
