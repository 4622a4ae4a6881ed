/* Every board of the table, booted from its example through the API: each proves life on its console, then
 * shuts down or is destroyed.  Seconds to the marker are printed: the table in TESTING.md. */
#pragma once

#include <string.h>
#include <unistd.h>

#include "lib/driver.h"

/* The way out that the table names; FALSE: it has none, destroy it. */
static gboolean end_politely(const DmGuestBoard *b, DomusDomain *d, int console)
{
        g_autoptr(GError) error = NULL;
        if (b->flags & DM_GUEST_BUTTON) {
                domus_domain_shutdown(d, NULL, &error);
                g_assert_no_error(error);
                return TRUE;
        }
        return (b->flags & DM_GUEST_TYPED) && !(b->flags & DM_GUEST_BY_RESET) &&
               dm_guest_type(console, b->off);
}

static void test_board(gconstpointer data)
{
        const DmGuestBoard *b = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        gint64 start = g_get_monotonic_time();
        int console = -1;
        DomusDomain *d = dm_test_boot(t, b->name, NULL, 0, &console);
        if (!d)
                return;
        double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
        g_test_message("%s: '%s' after %.2f s", b->name, b->marker, seconds);
        g_assert_cmpint(dm_test_state(d, NULL), ==, DOMUS_STATE_RUNNING);
        gboolean polite = end_politely(b, d, console);
        if (!polite)
                g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        DomusCall call = { .timeout_ms = 20000 };
        DomusExit end;
        domus_domain_wait(d, &call, &end, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==,
                        polite ? "shutdown" : "destroyed");
        close(console);
        domus_domain_unref(d);
}

/* One test per board whose flags have @with and not @without. */
static int run_boards(int argc, char **argv, unsigned with, unsigned without)
{
        g_test_init(&argc, &argv, NULL);
        gsize n = 0;
        const DmGuestBoard *boards = dm_guest_boards(&n);
        for (gsize i = 0; i < n; i++) {
                if ((boards[i].flags & with) != with || (boards[i].flags & without))
                        continue;
                g_autofree char *path = g_strdup_printf("/driver/boards/%s", boards[i].name);
                g_test_add_data_func(path, &boards[i], test_board);
        }
        return g_test_run();
}
