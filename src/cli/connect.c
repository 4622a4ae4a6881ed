/* Connecting, finding guests, and telling what they are (see connect.h). */
#include "cli/connect.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"

void dm_target_clear(DmTarget *t)
{
        g_clear_pointer(&t->domain, domus_domain_unref);
        g_clear_pointer(&t->conn, domus_conn_unref);
}

/* ---- where ---- */

char *dm_default_root(void)
{
        return geteuid() == 0 ? g_strdup("/var/lib/domus")
                              : g_build_filename(g_get_user_data_dir(), "domus", NULL);
}

/* The value of root= in "qemu:///embed?root=…". */
static char *root_of_uri(const char *uri)
{
        const char *query = g_str_has_prefix(uri, "qemu:///embed?") ? strchr(uri, '?') + 1 : NULL;
        g_autoptr(GHashTable) params =
                query ? g_uri_parse_params(query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
        return params ? g_strdup(g_hash_table_lookup(params, "root")) : NULL;
}

static const char *uri_of(const DmCli *cli)
{
        return cli->uri || cli->root ? cli->uri : g_getenv("DOMUS_URI");
}

char *dm_root_of(const DmCli *cli)
{
        if (cli->root)
                return g_canonicalize_filename(cli->root, NULL);
        return uri_of(cli) ? root_of_uri(uri_of(cli)) : dm_default_root();
}

static char *make_uri(const DmCli *cli)
{
        if (uri_of(cli))
                return g_strdup(uri_of(cli));
        g_autofree char *root = dm_root_of(cli), *cache = dm_cache_dir();
        g_autofree char *e_root = g_uri_escape_string(root, "/", FALSE);
        g_autofree char *e_cache = g_uri_escape_string(cache, "/", FALSE);
        return g_strdup_printf("qemu:///embed?root=%s&cache=%s", e_root, e_cache);
}

/* ---- connecting ---- */

static void print_messages(DomusConn *conn)
{
        g_auto(GStrv) messages = domus_conn_messages(conn);
        for (char **m = messages; *m; m++)
                fprintf(stderr, "domus: %s\n", *m);
}

/* The domusd of this user, or the machine's for root, has the default root for itself while it runs. */
static DomusConn *open_daemon(unsigned flags, GError **error)
{
        g_autoptr(GError) reason = NULL;
        DomusConn *conn = domus_open(geteuid() == 0 ? "qemu:///system" : "qemu:///session",
                                     flags & DOMUS_OPEN_READONLY, &reason);
        if (!conn && !g_error_matches(reason, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND) &&
            !g_error_matches(reason, DOMUS_ERROR, DOMUS_ERROR_GONE))
                g_propagate_error(error, g_steal_pointer(&reason));
        return conn;
}

static DomusConn *open_driver(const DmCli *cli, unsigned flags, GError **error)
{
        g_autoptr(GError) reason = NULL;
        gboolean anywhere = !cli->root && !uri_of(cli);
        DomusConn *conn = anywhere ? open_daemon(flags, &reason) : NULL;
        if (conn)
                return conn;
        if (reason) {
                g_propagate_error(error, g_steal_pointer(&reason));
                return NULL;
        }
        g_autofree char *uri = make_uri(cli);
        return domus_open(uri, flags, error);
}

gboolean dm_connect(const DmCli *cli, unsigned flags, DmTarget *ret, GError **error)
{
        if (cli->uri && cli->root)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "--connect and --root both say where: give one of them");
        ret->conn = open_driver(cli, flags, error);
        if (!ret->conn)
                return FALSE;
        /* A domusd tells everybody the same, as long as it lives: who only comes to work is spared that. */
        if (!(flags & DM_CONNECT_STAY))
                print_messages(ret->conn);
        return TRUE;
}

/* Ids are numbers, and names may be: the running guest is meant first, as in virsh. */
static DomusDomain *find(DomusConn *conn, const char *word, GError **error)
{
        guint64 id = 0;
        DomusDomain *domain = NULL;
        if (g_ascii_string_to_unsigned(word, 10, 0, G_MAXINT, &id, NULL))
                domain = domus_lookup_id(conn, (int)id, NULL);
        if (!domain && g_uuid_string_is_valid(word)) {
                g_autofree char *uuid = g_ascii_strdown(word, -1);
                domain = domus_lookup_uuid(conn, uuid, NULL);
        }
        if (!domain)
                domain = domus_lookup_name(conn, word, NULL);
        if (!domain)
                dm_fail(error, DM_ERROR_NOT_FOUND,
                        "there is no domain '%s', neither by name nor by uuid or id: 'domus list --all' "
                        "tells which there are",
                        word);
        return domain;
}

gboolean dm_connect_domain(const DmCli *cli, unsigned flags, const char *word, DmTarget *ret, GError **error)
{
        if (!dm_connect(cli, flags, ret, error))
                return FALSE;
        ret->domain = find(ret->conn, word, error);
        if (!ret->domain && (flags & DM_CONNECT_STAY))
                print_messages(ret->conn); /* they may tell why */
        return ret->domain != NULL;
}

/* ---- telling ---- */

DmJson *dm_domain_json(DomusDomain *domain)
{
        DmJson *j = dm_json_object_new();
        DomusInfo i;
        dm_json_add_string(j, "name", domus_domain_name(domain));
        dm_json_add_string(j, "uuid", domus_domain_uuid(domain));
        if (!domus_domain_info(domain, &i, NULL))
                return j;
        if (i.id >= 0)
                dm_json_add_int(j, "id", i.id);
        dm_json_add_string(j, "state", domus_state_name(i.state));
        dm_json_add_string(j, "reason", domus_reason_name(i.state, i.reason));
        if (i.pid)
                dm_json_add_int(j, "pid", i.pid);
        dm_json_add_uint(j, "vcpus", i.vcpus);
        dm_json_add_uint(j, "max-memory-kib", i.max_memory_kib);
        dm_json_add_uint(j, "memory-kib", i.memory_kib);
        dm_json_add_uint(j, "cpu-time-ns", i.cpu_time_ns);
        if (i.started_us)
                dm_json_add_int(j, "started-us", i.started_us);
        if (i.unresponsive_us)
                dm_json_add_int(j, "unresponsive-us", i.unresponsive_us);
        dm_json_add_bool(j, "persistent", i.persistent);
        dm_json_add_bool(j, "autostart", i.autostart);
        dm_json_add_bool(j, "changed-for-next-start", i.updated);
        return j;
}

int dm_print_done(const DmCli *cli, DomusDomain *domain, const char *done)
{
        if (cli->json) {
                g_autoptr(DmJson) j = dm_domain_json(domain);
                dm_print_json(j);
        } else {
                printf("domain '%s' %s\n", domus_domain_name(domain), done);
        }
        return DM_EXIT_OK;
}
