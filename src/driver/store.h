/* What survives us: definitions and their flags, one pair of files per guest below ROOT/domains.
 *
 *   UUID.xml    the definition; its being there is what makes a guest persistent
 *   UUID.json   flags: autostart
 *
 * Each file is replaced atomically and synced before a call returns, so a definition is old or new, never
 * half; a guest is defined from the moment its UUID.xml is renamed into place, and gone from the moment it is
 * unlinked. A file that can't be read is set aside under a name of its own and reported; nothing is
 * overwritten. */
#pragma once

#include "conf/domain.h"

typedef struct DmStored {
        DmDomain *domain; /* owned */
        gboolean autostart;
} DmStored;

/* All definitions below @root: a GPtrArray of DmStored that owns them.  Files that can't be read go to
 * @findings (path: the file's name) and are passed over.  NULL only when the folder itself can't be read. */
GPtrArray *dm_store_load(const char *root, DmFindings *findings, GError **error);
/* Writes the definition of d->uuid. */
gboolean dm_store_save(const char *root, const DmDomain *d, GError **error);
gboolean dm_store_save_flags(const char *root, const char *uuid, gboolean autostart, GError **error);
/* Missing is fine. */
gboolean dm_store_remove(const char *root, const char *uuid, GError **error);
