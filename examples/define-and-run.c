/* Defines a guest from a document, starts it inside this process, shows its console until it ends, says how.
 *
 *   build/examples/define-and-run examples/ppc-mac99.xml [SECONDS]
 *
 * A guest that has not ended by itself after SECONDS (default 5) is destroyed. */
#include <domus/domus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const GError *error)
{
        fprintf(stderr, "error (%s): %s%s%s\n", domus_error_name(error), error->message,
                domus_error_path(error) ? " at " : "",
                domus_error_path(error) ? domus_error_path(error) : "");
        return 1;
}

/* Copies the console to standard output: TRUE when it ended, FALSE when the time is over. */
static gboolean show(int console, int seconds)
{
        gint64 until = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
        for (;;) {
                struct pollfd p = { .fd = console, .events = POLLIN };
                gint64 left_ms = (until - g_get_monotonic_time()) / 1000;
                char text[1024];
                if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0)
                        return FALSE;
                ssize_t n = read(console, text, sizeof text);
                if (n <= 0)
                        return TRUE;
                fwrite(text, 1, (size_t)n, stdout);
                fflush(stdout);
        }
}

static int run(DomusConn *conn, const char *xml, int seconds)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DomusDomain) guest = domus_define(conn, xml, 0, NULL, &error);
        if (!guest || !domus_domain_start(guest, DOMUS_CREATE_AUTODESTROY, NULL, &error))
                return fail(error);
        printf("'%s' runs\n", domus_domain_name(guest));
        gboolean ended = FALSE;
        int console = domus_domain_open_console(guest, NULL, DOMUS_CONSOLE_HISTORY, NULL);
        if (console >= 0) {
                ended = show(console, seconds);
                close(console);
        }
        DomusCall call = { .timeout_ms = 10000 };
        DomusExit end;
        if (!ended) /* fails when it has ended meanwhile, which the wait tells */
                domus_domain_destroy(guest, 0, &call, NULL);
        if (!domus_domain_wait(guest, &call, &end, &error))
                return fail(error);
        printf("\n'%s' ended: %s\n", domus_domain_name(guest), end.message);
        return 0;
}

int main(int argc, char **argv)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = NULL;
        if (argc < 2 || !g_file_get_contents(argv[1], &xml, NULL, &error)) {
                fprintf(stderr, "usage: define-and-run FILE [SECONDS]%s%s\n", error ? ": " : "",
                        error ? error->message : "");
                return 2;
        }
        g_autofree char *root = g_dir_make_tmp("domus-example-XXXXXX", NULL);
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s", root);
        DomusConn *conn = domus_open(uri, 0, &error);
        int result = conn ? run(conn, xml, argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5) : fail(error);
        domus_conn_unref(conn);
        g_autofree char *remove = g_strdup_printf("rm -rf '%s'", root);
        return system(remove) == 0 ? result : 1; /* NOLINT(cert-env33-c): a path of our own */
}
