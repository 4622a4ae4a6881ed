/* Shared by storage.c and storage_volume.c. */
#pragma once

#include <sys/stat.h>

#include "driver/storage.h"

void dm_permissions_fill(DmPermissions *p, const struct stat *st);
void dm_permissions_clear(DmPermissions *p);
gboolean dm_storage_is_cancelled(DmStorage *s);
