/* domusd.conf: what an administrator may set; all of it can be read again while the server runs. */
#pragma once

#include <glib.h>

typedef struct DmServerLimits {
        unsigned clients;         /* at one time */
        unsigned clients_of_user; /* the same, of a user who is neither root nor the server's own */
        unsigned calls;           /* of one client, being worked on */
        unsigned keepalive_s;     /* interval; 0: never */
        unsigned keepalive_count;
} DmServerLimits;

#define DM_SERVER_DEFAULT_LIMITS                                                                             \
        {                                                                                                    \
                .clients = 1000, .clients_of_user = 200, .calls = 5, .keepalive_s = 5, .keepalive_count = 5, \
        }

/* Reads @path over *@limits.  A file that is not there is fine unless it is @required; of one with anything
 * unknown or out of range nothing is taken. */
gboolean dm_config_read(const char *path, gboolean required, DmServerLimits *limits, GError **error);
