/* Starts a guest, prints every event of it, suspends, resumes and destroys it on the way.
 *
 *   build/examples/watch-events FILE */
#include <domus/domus.h>
#include <stdio.h>
#include <stdlib.h>

static GMainLoop *loop;

static void on_event(DomusConn *conn, const DomusEvent *event, void *data)
{
        (void)conn;
        (void)data;
        printf("%s: %s (detail %d)%s%s\n", domus_domain_name(event->domain), domus_event_name(event->type),
               event->detail, event->text ? ": " : "", event->text ? event->text : "");
        if (event->type == DOMUS_EVENT_STOPPED)
                g_main_loop_quit(loop);
}

/* Each call is asynchronous: its end starts the next. */
static void on_resumed(DomusDomain *guest, const GError *error, void *data)
{
        (void)data;
        DomusCall call = { .timeout_ms = 10000 };
        if (error)
                fprintf(stderr, "error: %s\n", error->message);
        domus_domain_destroy(guest, 0, &call, NULL);
}

static void on_suspended(DomusDomain *guest, const GError *error, void *data)
{
        DomusCall call = { .timeout_ms = 10000, .done = on_resumed, .data = data };
        if (error)
                fprintf(stderr, "error: %s\n", error->message);
        domus_domain_resume(guest, &call, NULL);
}

int main(int argc, char **argv)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = NULL;
        if (argc != 2 || !g_file_get_contents(argv[1], &xml, NULL, NULL)) {
                fprintf(stderr, "usage: watch-events FILE\n");
                return 2;
        }
        g_autofree char *root = g_dir_make_tmp("domus-example-XXXXXX", NULL);
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s", root);
        DomusConn *conn = domus_open(uri, 0, &error);
        int result = 1;
        if (conn) {
                loop = g_main_loop_new(NULL, FALSE);
                guint id = domus_events_add(conn, NULL, on_event, NULL, NULL, NULL);
                DomusDomain *guest = domus_create(conn, xml, DOMUS_CREATE_AUTODESTROY, NULL, &error);
                if (guest) {
                        DomusCall call = { .timeout_ms = 10000, .done = on_suspended };
                        domus_domain_suspend(guest, &call, NULL);
                        g_main_loop_run(loop);
                        result = 0;
                }
                domus_events_remove(conn, id);
                domus_domain_unref(guest);
                g_main_loop_unref(loop);
        }
        if (error)
                fprintf(stderr, "error: %s\n", error->message);
        domus_conn_unref(conn);
        g_autofree char *remove = g_strdup_printf("rm -rf '%s'", root);
        return system(remove) == 0 ? result : 1; /* NOLINT(cert-env33-c): a path of our own */
}
