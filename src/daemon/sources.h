/* Event sources of the server's thread: g_idle_add() and its kin know the main one only. */
#pragma once

#include <glib-unix.h>

/* In the context of the calling thread.  Owned: dm_source_stop() ends it, from the same thread. */
GSource *dm_source_fd(int fd, GIOCondition condition, GUnixFDSourceFunc fn, void *data);
GSource *dm_source_timeout(guint ms, GSourceFunc fn, void *data);
/* NULL is allowed, and stays. */
void dm_source_stop(GSource **source);
