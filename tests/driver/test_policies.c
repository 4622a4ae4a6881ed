/* What becomes of a guest that powers off, reboots or panics by itself: on_poweroff, on_reboot, on_crash. */
#include <string.h>
#include <unistd.h>

#include "lib/driver.h"
#include "util/fd.h"

#define READY "DOMUS-GUEST-READY"

typedef struct Guest {
        DmTestDriver *t;
        DomusDomain *domain;
        int console;
        GString *said;
        gsize position; /* in `said`: what was looked at */
} Guest;

static void expect_ready(Guest *g)
{
        if (!dm_guest_expect(g->console, READY, 30000, g->said, &g->position))
                g_error("the guest did not come up (again); it said: %s", g->said->str);
}

/* A guest with @policy among its elements and a panic device, that is up.  FALSE after g_test_skip(). */
static gboolean guest_begin(Guest *g, const char *policy)
{
        g_autoptr(GError) error = NULL;
        *g = (Guest){ .t = dm_test_driver_new(), .console = -1, .said = g_string_new(NULL) };
        g_autofree char *xml = dm_test_xml(g->t, "x86_64-pc", "policy");
        if (!xml)
                return FALSE;
        g_autoptr(GString) text = g_string_new(xml);
        g_assert_cmpuint(g_string_replace(text, "</devices>", "<panic model='isa'/></devices>", 1), ==, 1);
        g_autofree char *end = g_strconcat(policy, "</domain>", NULL);
        g_assert_cmpuint(g_string_replace(text, "</domain>", end, 1), ==, 1);
        g->domain = domus_create(g->t->conn, text->str, DOMUS_CREATE_AUTODESTROY, NULL, &error);
        g_assert_no_error(error);
        g->console = domus_domain_open_console(g->domain, NULL, DOMUS_CONSOLE_HISTORY, &error);
        g_assert_no_error(error);
        expect_ready(g);
        return TRUE;
}

static void guest_end(Guest *g)
{
        dm_close_fd(&g->console);
        domus_domain_unref(g->domain);
        dm_test_driver_free(g->t);
        g_string_free(g->said, TRUE);
}

/* It comes up again, in the same QEMU. */
static void check_restarts(const char *policy, const char *command)
{
        Guest g;
        if (guest_begin(&g, policy)) {
                DomusInfo before, after;
                g_assert_true(domus_domain_info(g.domain, &before, NULL));
                g_assert_true(dm_guest_type(g.console, command));
                expect_ready(&g);
                dm_test_wait_state(g.domain, DOMUS_STATE_RUNNING);
                g_assert_true(domus_domain_info(g.domain, &after, NULL));
                g_assert_cmpint(after.pid, ==, before.pid);
                g_assert_cmpint(after.id, ==, before.id);
                g_assert_true(dm_guest_type(g.console, command)); /* and not only once */
                expect_ready(&g);
        }
        guest_end(&g);
}

static void check_ends(const char *policy, const char *command, const char *reason)
{
        g_autoptr(GError) error = NULL;
        Guest g;
        if (guest_begin(&g, policy)) {
                const DomusCall call = { .timeout_ms = 20000 };
                DomusExit end;
                g_assert_true(dm_guest_type(g.console, command));
                domus_domain_wait(g.domain, &call, &end, &error);
                g_assert_no_error(error);
                g_assert_cmpstr(domus_reason_name(DOMUS_STATE_SHUTOFF, end.reason), ==, reason);
        }
        guest_end(&g);
}

static void test_poweroff(void)
{
        check_ends("", "!p", "shutdown");
        check_restarts("<on_poweroff>restart</on_poweroff>", "!p");
}

static void test_reboot(void)
{
        check_restarts("", "!r");
        check_ends("<on_reboot>destroy</on_reboot>", "!r", "shutdown");
}

static void test_crash(void)
{
        check_ends("<on_crash>destroy</on_crash>", "!x", "crashed");
        check_restarts("<on_crash>restart</on_crash>", "!x");
}

/* It is kept as it was, to be looked at, until somebody ends it. */
static void test_preserve(void)
{
        g_autoptr(GError) error = NULL;
        Guest g;
        if (guest_begin(&g, "<on_crash>preserve</on_crash>")) {
                g_assert_true(dm_guest_type(g.console, "!x"));
                dm_test_wait_state(g.domain, DOMUS_STATE_CRASHED);
                g_assert_true(domus_domain_destroy(g.domain, 0, NULL, &error));
        }
        guest_end(&g);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        dm_test_add_both("/driver/policies", "poweroff", test_poweroff);
        dm_test_add_both("/driver/policies", "reboot", test_reboot);
        dm_test_add_both("/driver/policies", "crash", test_crash);
        dm_test_add_both("/driver/policies", "preserve", test_preserve);
        return g_test_run();
}
