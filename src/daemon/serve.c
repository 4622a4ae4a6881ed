/* The server inside a process that has the driver for itself (driver/serve.h): its own thread, the root's
 * socket.
 *
 *      user's connections ──> driver <── connections of the server <── clients in other processes
 *
 * It has references of the driver, but does not keep it: with the user's last connection it ends first. */
#include "driver/serve.h"

#include "daemon/server.h"
#include "driver/api_private.h"

struct DmServing {
        DomusConn *conn, *reader; /* owned */
        char *path;               /* of the socket */
        GMainContext *context;
        GMainLoop *loop;
        GThread *thread;
        GMutex lock; /* of the two below */
        GCond changed;
        gboolean begun;
        GError *error; /* why it could not listen */
};

static void report(DmServing *s, GError *error)
{
        g_mutex_lock(&s->lock);
        s->begun = TRUE;
        s->error = error;
        g_cond_signal(&s->changed);
        g_mutex_unlock(&s->lock);
}

static gboolean listen_pair(DmServer *server, const char *path, GError **error)
{
        g_autofree char *ro = g_strconcat(path, "-ro", NULL);
        return dm_server_listen(server, path, DM_LISTEN_OWNER, error) &&
               dm_server_listen(server, ro, DM_LISTEN_EVERYBODY, error);
}

static gpointer run(gpointer data)
{
        DmServing *s = data;
        g_autoptr(GError) error = NULL;
        g_main_context_push_thread_default(s->context);
        const DmServerConfig config = { .conn = s->conn,
                                        .reader = s->reader,
                                        .root = dm_driver_root(s->conn->driver),
                                        .uri = domus_conn_uri(s->conn) };
        DmServer *server = dm_server_new(&config);
        gboolean listening = listen_pair(server, s->path, &error);
        report(s, g_steal_pointer(&error));
        if (listening)
                g_main_loop_run(s->loop);
        dm_server_free(server);
        g_main_context_pop_thread_default(s->context);
        return NULL;
}

static void serving_free(DmServing *s)
{
        g_thread_join(s->thread);
        domus_conn_unref(s->reader);
        domus_conn_unref(s->conn);
        g_main_loop_unref(s->loop);
        g_main_context_unref(s->context);
        g_clear_error(&s->error);
        g_mutex_clear(&s->lock);
        g_cond_clear(&s->changed);
        g_free(s->path);
        g_free(s);
}

DmServing *dm_serve_begin(DmDriver *d, GError **error)
{
        DmServing *s = g_new0(DmServing, 1);
        g_mutex_init(&s->lock);
        g_cond_init(&s->changed);
        s->conn = dm_api_conn_serving(d, FALSE);
        s->reader = dm_api_conn_serving(d, TRUE);
        s->path = g_build_filename(dm_driver_root(d), DM_SOCKET_NAME, NULL);
        s->context = g_main_context_new();
        s->loop = g_main_loop_new(s->context, FALSE);
        s->thread = g_thread_new("dm-serve", run, s);
        g_mutex_lock(&s->lock);
        while (!s->begun)
                g_cond_wait(&s->changed, &s->lock);
        g_mutex_unlock(&s->lock);
        if (!s->error)
                return s;
        g_propagate_error(error, g_steal_pointer(&s->error));
        serving_free(s);
        return NULL;
}

static gboolean quit(gpointer loop)
{
        g_main_loop_quit(loop);
        return G_SOURCE_REMOVE;
}

void dm_serve_end(DmServing *s)
{
        /* As an event of its own loop: asked for before it runs it would be forgotten. */
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_callback(source, quit, s->loop, NULL);
        g_source_attach(source, s->context);
        serving_free(s);
}
