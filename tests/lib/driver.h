/* For tests of the driver: a private root, guests from the table, the usual waits. */
#pragma once

#include <domus/domus.h>

#include "lib/guests.h"

typedef struct DmTestDriver {
        char *root;
        char *uri;
        DomusConn *conn;
} DmTestDriver;

/* A new embedded driver with a temporary root.  Probed capabilities are kept for all tests of one build
 * (below the build directory's cache), so that not every test probes anew. */
DmTestDriver *dm_test_driver_new(void);
/* Closes, and removes the root; fails the test when a QEMU of this root is still alive. */
void dm_test_driver_free(DmTestDriver *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmTestDriver, dm_test_driver_free)

/* Starts a guest of the table under @name (NULL: its own) and waits for its marker; *ret_console (nullable)
 * is the caller's.  NULL after g_test_skip() when the machine can't run it. */
DomusDomain *dm_test_boot(DmTestDriver *t, const char *board, const char *name, unsigned flags,
                          int *ret_console);
/* The board's document under another name, without uuid.  Owned; NULL after g_test_skip(). */
char *dm_test_xml(DmTestDriver *t, const char *board, const char *name);
DomusState dm_test_state(DomusDomain *domain, int *ret_reason);
/* Waits until the state is @state, 10 s at most; fails the test otherwise. */
void dm_test_wait_state(DomusDomain *domain, DomusState state);
