/* The driver that a command talks to, and the guest that it names. */
#pragma once

#include "cli/cli.h"

/* What most commands need: a guest, and the connection that it was found by. */
typedef struct DmTarget {
        DomusConn *conn;
        DomusDomain *domain; /* NULL for commands about all guests */
} DmTarget;
void dm_target_clear(DmTarget *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmTarget, dm_target_clear)

/* Where guests are kept when nothing else is asked for.  Owned. */
char *dm_default_root(void);
/* The root of @cli; NULL when --connect names something else.  Owned. */
char *dm_root_of(const DmCli *cli);

/* For commands that deal with guests that run: somebody has to look after these when we have ended, and drain
 * their consoles. */
#define DM_CONNECT_STAY DOMUS_OPEN_SPAWN_OWNER

/* Connects to what @cli asks for; DomusOpenFlags.  What opening found wrong goes to standard error. */
gboolean dm_connect(const DmCli *cli, unsigned flags, DmTarget *ret, GError **error);
/* The same, and finds the guest with this id, uuid or name. */
gboolean dm_connect_domain(const DmCli *cli, unsigned flags, const char *word, DmTarget *ret, GError **error);

/* {name, uuid, id, state, …}: what --json prints of a guest; only name and uuid of one that is gone.  Owned.
 */
DmJson *dm_domain_json(DomusDomain *domain);
/* "domain 'x' started", or its JSON.  Returns DM_EXIT_OK. */
int dm_print_done(const DmCli *cli, DomusDomain *domain, const char *done);
