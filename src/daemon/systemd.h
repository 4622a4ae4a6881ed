/* What systemd tells a service, and wants to hear from it, as far as we need it: a few lines each, so that no
 * library is needed.  Nothing happens where it has not started us. */
#pragma once

#include "daemon/listen.h"

#define DM_SYSTEMD_SOCKETS_MAX 16

typedef struct DmSystemdSocket {
        int fd;               /* owned; listens */
        char *path;           /* where; owned */
        DmListenFlags access; /* by its unit's name */
} DmSystemdSocket;

/* The sockets that it listens on for us: a GArray of DmSystemdSocket, empty when there are none.  Its
 * variables are taken out of the environment.  NULL: what it passes cannot be understood, as a socket that
 * nobody serves would be worse. */
GArray *dm_systemd_sockets(GError **error);

/* "READY=1", "STOPPING=1", …  Nobody hears it where nobody has asked to. */
void dm_systemd_notify(const char *state);
