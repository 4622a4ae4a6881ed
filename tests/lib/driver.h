/* For tests of the driver: a private root, guests from the table, the usual waits. */
#pragma once

#include <domus/domus.h>

#include "lib/guests.h"
#include "util/process.h"

typedef enum DmTestKind {
        DM_TEST_EMBEDDED, /* the driver in the test's process */
        DM_TEST_REMOTE    /* in a domusd, and the test is its client */
} DmTestKind;

/* How much longer everything takes in a build with a sanitizer: what bounds on time are multiplied by. */
#ifdef __SANITIZE_THREAD__
#define DM_TEST_SLOWNESS 5
#else
#define DM_TEST_SLOWNESS 1
#endif

typedef struct DmTestDriver {
        DmTestKind kind;
        char *root; /* that of the driver is "r" in it */
        char *uri;
        DomusConn *conn;
        DmProcess domusd; /* DM_TEST_REMOTE */
} DmTestDriver;

/* A new driver with a temporary root.  Probed capabilities are kept for all tests of one build
 * (below the build directory's cache), so that not every test probes anew. */
DmTestDriver *dm_test_driver_new(void);
DmTestDriver *dm_test_driver_new_kind(DmTestKind kind);
/* Ends the driver, and has another one take up what it left: a new process, or as if. */
void dm_test_driver_reopen(DmTestDriver *t);
/* The two halves of it, for what happens between. */
void dm_test_driver_close(DmTestDriver *t);
void dm_test_driver_open(DmTestDriver *t);

/* The test @name twice: PATH/embedded/NAME and PATH/remote/NAME, where dm_test_driver_new() makes such a
 * driver. */
void dm_test_add_both(const char *path, const char *name, void (*test)(void));
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
/* The domusd of this build.  Owned. */
char *dm_test_domusd_program(void);
