/* One pty of a running guest: always drained, so that a console nobody reads never stalls the guest; the last
 * output kept as history; at most one stream connected.
 *
 * Belongs to the guest's owner thread; everything here is called there. */
#pragma once

#include <glib.h>

/* Bytes of output that are remembered, and that wait for a slow reader. */
#define DM_CONSOLE_HISTORY_MAX (64 * 1024)
#define DM_CONSOLE_QUEUE_MAX   (256 * 1024)

typedef struct DmConsole DmConsole;

/* Opens @tty and drains it on the thread-default context.  NULL with the reason. */
DmConsole *dm_console_open(const char *tty, const char *alias, GError **error);
/* Reads what is still in the pty, closes the stream (its reader sees what was queued, then end of file). */
void dm_console_close(DmConsole *c);
const char *dm_console_alias(const DmConsole *c);
const char *dm_console_tty(const DmConsole *c);

/* Connects a stream; returns the caller's end of the socket, or -1 with DM_ERROR_BUSY when there is one and
 * not @force. */
int dm_console_connect(DmConsole *c, gboolean history, gboolean force, GError **error);
