/* domus_open(): URIs, and which driver each of them means. */
#include <string.h>

#include "driver/api_private.h"
#include "driver/remote.h"

#define SOCKET_NAME "domusd-sock"

/* ---- parameters ---- */

typedef struct Uri {
        const char *text;   /* borrowed */
        GHashTable *params; /* owned */
} Uri;

static void uri_clear(Uri *u)
{
        g_clear_pointer(&u->params, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Uri, uri_clear)

static gboolean read_params(Uri *u, const char *query, const char *const *known, GError **error)
{
        u->params = g_uri_parse_params(query ? query : "", -1, "&", G_URI_PARAMS_NONE, NULL);
        if (!u->params)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "uri '%s': the part after '?' can't be read",
                               u->text);
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, u->params);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                if (g_strv_contains(known, key))
                        continue;
                g_autofree char *expected = g_strjoinv(", ", (char **)known);
                return dm_fail(error, DM_ERROR_INVALID_ARG, "uri '%s': unknown parameter '%s' (expected %s)",
                               u->text, (const char *)key, *expected ? expected : "none");
        }
        return TRUE;
}

/* The value, an absolute path; NULL when it is not given, and FALSE when it is no such path. */
static gboolean path_param(const Uri *u, const char *name, const char **ret)
{
        *ret = g_hash_table_lookup(u->params, name);
        return !*ret || g_path_is_absolute(*ret);
}

/* ---- drivers ---- */

static DomusConn *open_embedded(const Uri *u, gboolean readonly, GError **error)
{
        const char *root, *cache;
        if (!path_param(u, "root", &root) || !root)
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "uri '%s': root= must be an absolute path, as in qemu:///embed?root=/tmp/r", u->text);
        if (!path_param(u, "cache", &cache))
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "uri '%s': cache= must be an absolute path",
                                    u->text);
        DmDriver *driver = dm_driver_open(root, cache, error);
        return driver ? dm_api_conn_embedded(u->text, driver, readonly) : NULL;
}

static DomusConn *open_socket(const Uri *u, const char *dir, gboolean readonly, GError **error)
{
        /* Readers have a socket of their own, which others than the owner may connect to. */
        g_autofree char *path = g_build_filename(dir, readonly ? SOCKET_NAME "-ro" : SOCKET_NAME, NULL);
        DomusConn *conn = dm_api_conn_remote(u->text, path, readonly, error);
        if (!conn)
                g_prefix_error(error, "uri '%s': is domusd running? ", u->text);
        return conn;
}

static DomusConn *open_system(const Uri *u, gboolean readonly, GError **error)
{
        return open_socket(u, "/run/domus", readonly, error);
}

static DomusConn *open_session(const Uri *u, gboolean readonly, GError **error)
{
        g_autofree char *dir = g_build_filename(g_get_user_runtime_dir(), "domus", NULL);
        return open_socket(u, dir, readonly, error);
}

static DomusConn *open_unix(const Uri *u, gboolean readonly, GError **error)
{
        const char *path;
        if (!path_param(u, "socket", &path) || !path)
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "uri '%s': socket= must be an absolute path, as in qemu+unix:///system?socket=/tmp/s",
                        u->text);
        return dm_api_conn_remote(u->text, path, readonly, error);
}

typedef struct Scheme {
        const char *prefix; /* all before the '?' */
        DomusConn *(*open)(const Uri *uri, gboolean readonly, GError **error);
        const char *params[3];
} Scheme;

static const Scheme schemes[] = {
        { "qemu:///embed", open_embedded, { "root", "cache" } },
        { "qemu:///system", open_system, { NULL } },
        { "qemu:///session", open_session, { NULL } },
        { "qemu+unix:///system", open_unix, { "socket" } },
        { "qemu+unix:///session", open_unix, { "socket" } },
};

DomusConn *domus_open(const char *uri, unsigned flags, GError **error)
{
        const char *query = uri ? strchr(uri, '?') : NULL;
        gsize length = uri ? (query ? (gsize)(query - uri) : strlen(uri)) : 0;
        for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
                const Scheme *s = &schemes[i];
                if (strlen(s->prefix) != length || strncmp(uri, s->prefix, length) != 0)
                        continue;
                g_auto(Uri) u = { uri, NULL };
                if (!read_params(&u, query ? query + 1 : NULL, s->params, error))
                        return NULL;
                return s->open(&u, (flags & DOMUS_OPEN_READONLY) != 0, error);
        }
        return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                            "uri '%s' is not known (expected qemu:///embed?root=DIR, qemu:///system, "
                            "qemu:///session or qemu+unix:///system?socket=PATH)",
                            uri ? uri : "");
}

/* ---- connections ---- */

static DomusConn *conn_new(const char *uri, const DmConnOps *ops, gboolean readonly)
{
        DomusConn *conn = g_new0(DomusConn, 1);
        g_atomic_ref_count_init(&conn->refs);
        conn->uri = g_strdup(uri);
        conn->ops = ops;
        conn->readonly = readonly;
        return conn;
}

DomusConn *dm_api_conn_embedded(const char *uri, DmDriver *driver, gboolean readonly)
{
        DomusConn *conn = conn_new(uri, &dm_embedded_ops, readonly);
        conn->driver = driver;
        return conn;
}

DomusConn *dm_api_conn_remote(const char *uri, const char *path, gboolean readonly, GError **error)
{
        DmRemote *remote = dm_remote_open(path, error);
        if (!remote)
                return NULL;
        DomusConn *conn = conn_new(uri, &dm_remote_ops, readonly);
        conn->remote = remote;
        return conn;
}
