/* Between qmp_client.c (the connection) and qmp_call.c (waiting on it). */
#pragma once

#include "qemu/qmp_client.h"

/* Opens a wait: FALSE with DM_ERROR_BUSY inside a callback or another wait, DM_ERROR_CANCELLED when
 * @cancellable is cancelled already.  TRUE: the DmQmp lives until dm_qmp_wait_end(), even if somebody frees
 * it. */
gboolean dm_qmp_wait_begin(DmQmp *qmp, const char *what, GCancellable *cancellable, GError **error);
void dm_qmp_wait_end(DmQmp *qmp);
/* TRUE when no callback will be called any more. */
gboolean dm_qmp_is_silent(const DmQmp *qmp);
GMainContext *dm_qmp_context(DmQmp *qmp);
