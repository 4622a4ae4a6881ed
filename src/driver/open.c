/* domus_open(): URIs, and which driver each of them means. */
#include <string.h>

#include "driver/api_private.h"
#include "driver/owner.h"
#include "driver/remote.h"
#include "driver/serve.h"

/* A killed owner may be seen dead a moment before the kernel has let go of its files. */
#define LOCK_PATIENCE_MS 100
/* An owner that is just opening the root, or closing it, does not answer yet, or any more. */
#define OWNER_PATIENCE_MS 30000
#define RETRY_MS          5
/* How long an owner that was started for a root stays when it has nothing to do. */
#define LINGER_S 5

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

typedef struct Root {
        const char *uri, *path, *cache; /* borrowed; cache nullable */
        gboolean readonly;
        DmDriverFlags flags;
} Root;

/* We own it, or nobody else does; no matter who, BUSY when it is somebody else. */
static DomusConn *own(const Root *r, GError **error)
{
        DmDriver *driver = dm_driver_open(r->path, r->cache, r->flags, error);
        return driver ? dm_api_conn_embedded(r->uri, driver, r->readonly) : NULL;
}

/* NULL without an error: nobody answers. */
static DomusConn *join(const Root *r, GError **error)
{
        g_autoptr(GError) reason = NULL;
        g_autofree char *path = g_build_filename(r->path, DM_SOCKET_NAME, NULL);
        DomusConn *conn = dm_api_conn_remote(r->uri, path, r->readonly, &reason);
        if (!conn && !g_error_matches(reason, DM_ERROR, DM_ERROR_NOT_FOUND) &&
            !g_error_matches(reason, DM_ERROR, DM_ERROR_GONE))
                g_propagate_error(error, g_steal_pointer(&reason));
        return conn;
}

/* Leaves the root to a domusd, and joins it. */
static DomusConn *spawn_and_join(const Root *r, GError **error)
{
        g_autoptr(GError) reason = NULL;
        DomusConn *conn = join(r, &reason);
        if (!conn && !reason && dm_owner_start(r->path, r->cache, LINGER_S, &reason))
                conn = join(r, &reason);
        if (reason)
                g_propagate_error(error, g_steal_pointer(&reason));
        return conn;
}

static DomusConn *own_or_join(const Root *r, GError **error)
{
        g_autoptr(GError) reason = NULL;
        DomusConn *conn = own(r, &reason);
        if (!conn && g_error_matches(reason, DM_ERROR, DM_ERROR_BUSY)) {
                g_autoptr(GError) refused = NULL;
                conn = join(r, &refused);
                if (refused) {
                        g_propagate_error(error, g_steal_pointer(&refused));
                        return NULL;
                }
        }
        if (!conn)
                g_propagate_error(error, g_steal_pointer(&reason));
        return conn;
}

/* As long as somebody has the root who does not answer, he may be on his way in or out. */
static DomusConn *open_patiently(const Root *r, DomusConn *(*attempt)(const Root *r, GError **error),
                                 int patience_ms, GError **error)
{
        gint64 until = g_get_monotonic_time() + (gint64)patience_ms * 1000;
        for (;;) {
                g_autoptr(GError) reason = NULL;
                DomusConn *conn = attempt(r, &reason);
                if (conn)
                        return conn;
                if (!reason)
                        dm_fail(&reason, DM_ERROR_BUSY, "the owner of the root '%s' does not answer",
                                r->path);
                if (!g_error_matches(reason, DM_ERROR, DM_ERROR_BUSY) || g_get_monotonic_time() > until) {
                        g_propagate_error(error, g_steal_pointer(&reason));
                        return NULL;
                }
                g_usleep(RETRY_MS * 1000);
        }
}

static DomusConn *open_embedded(const Uri *u, unsigned flags, GError **error)
{
        Root r = { .uri = u->text, .readonly = (flags & DOMUS_OPEN_READONLY) != 0 };
        if (!path_param(u, "root", &r.path) || !r.path)
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "uri '%s': root= must be an absolute path, as in qemu:///embed?root=/tmp/r", u->text);
        if (!path_param(u, "cache", &r.cache))
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "uri '%s': cache= must be an absolute path",
                                    u->text);
        r.flags = (flags & DOMUS_OPEN_OWNER ? 0 : DM_DRIVER_SERVE) |
                  (flags & DOMUS_OPEN_AUTOSTART ? DM_DRIVER_AUTOSTART : 0);
        if (flags & DOMUS_OPEN_OWNER)
                return open_patiently(&r, own, LOCK_PATIENCE_MS, error);
        return open_patiently(&r, flags & DOMUS_OPEN_SPAWN_OWNER ? spawn_and_join : own_or_join,
                              OWNER_PATIENCE_MS, error);
}

static DomusConn *open_socket(const Uri *u, const char *dir, gboolean readonly, GError **error)
{
        /* Readers have a socket of their own, which others than the owner may connect to. */
        g_autofree char *path = g_build_filename(dir, readonly ? DM_SOCKET_NAME "-ro" : DM_SOCKET_NAME, NULL);
        DomusConn *conn = dm_api_conn_remote(u->text, path, readonly, error);
        if (!conn)
                g_prefix_error(error, "uri '%s': is domusd running? ", u->text);
        return conn;
}

static DomusConn *open_system(const Uri *u, unsigned flags, GError **error)
{
        return open_socket(u, "/run/domus", (flags & DOMUS_OPEN_READONLY) != 0, error);
}

static DomusConn *open_session(const Uri *u, unsigned flags, GError **error)
{
        g_autofree char *dir = g_build_filename(g_get_user_runtime_dir(), "domus", NULL);
        return open_socket(u, dir, (flags & DOMUS_OPEN_READONLY) != 0, error);
}

static DomusConn *open_unix(const Uri *u, unsigned flags, GError **error)
{
        const char *path;
        if (!path_param(u, "socket", &path) || !path)
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "uri '%s': socket= must be an absolute path, as in qemu+unix:///system?socket=/tmp/s",
                        u->text);
        return dm_api_conn_remote(u->text, path, (flags & DOMUS_OPEN_READONLY) != 0, error);
}

typedef struct Scheme {
        const char *prefix; /* all before the '?' */
        DomusConn *(*open)(const Uri *uri, unsigned flags, GError **error);
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
                return s->open(&u, flags, error);
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

DomusConn *dm_api_conn_serving(DmDriver *driver, gboolean readonly)
{
        g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s", dm_driver_root(driver));
        DomusConn *conn = dm_api_conn_embedded(uri, dm_driver_ref(driver), readonly);
        conn->serves = TRUE;
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
