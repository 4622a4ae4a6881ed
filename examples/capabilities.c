/* Prints what this host offers; with an architecture as argument, what guests of it can have.
 *
 *   build/examples/capabilities [ARCH] */
#include <domus/domus.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *root = g_dir_make_tmp("domus-example-XXXXXX", NULL);
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s", root);
        DomusConn *conn = domus_open(uri, DOMUS_OPEN_READONLY, &error);
        g_autofree char *xml = NULL;
        if (conn && argc > 1)
                xml = domus_conn_domain_capabilities(conn, NULL, argv[1], NULL, NULL, &error);
        else if (conn)
                xml = domus_conn_capabilities(conn, &error);
        if (xml)
                fputs(xml, stdout);
        else
                fprintf(stderr, "error: %s\n", error->message);
        domus_conn_unref(conn);
        g_autofree char *remove = g_strdup_printf("rm -rf '%s'", root);
        return system(remove) == 0 && xml ? 0 : 1; /* NOLINT(cert-env33-c): a path of our own */
}
