/* The small owner that a root gets when nobody has it: a domusd of its own, which ends when it is not needed.
 */
#pragma once

#include <glib.h>

/* Starts a domusd for @root and waits until it answers.  It ends @timeout_s after the last guest and client.
 * @cache is nullable.  Errors: BUSY (another owner was faster), NOT_FOUND (no domusd), else its own words. */
gboolean dm_owner_start(const char *root, const char *cache, unsigned timeout_s, GError **error);

/* The program: $DOMUSD, or the one beside this program, or that of the search path.  Owned. */
char *dm_owner_program(GError **error);

/* What domusd tells through --ready-fd: this word and its pid; or the name of an error's code and
 * its message. */
#define DM_OWNER_READY "ready"
/* Reads it from @fd; TRUE when it is ready.  *@ret_pid is nullable. */
gboolean dm_owner_await(int fd, int timeout_ms, int *ret_pid, GError **error);
