/* What QMP messages look like, and what is made of their parts. */
#pragma once

#include "util/json.h"

/* One line with its newline.  @args is taken, nullable.  Owned by the caller. */
char *dm_qmp_command_text(const char *name, DmJson *args, guint64 id);
/* Wall clock of an event since 1970, -1 when there is none. */
gint64 dm_qmp_event_time_us(const DmJson *event);
/* DM_ERROR_FAILED for the caller of @command, out of the "error" of a reply. */
GError *dm_qmp_error_new(const char *command, const DmJson *object);
/* The start of @bytes in printable ASCII, for messages.  Owned by the caller. */
char *dm_qmp_escape(const char *bytes, gsize length);
