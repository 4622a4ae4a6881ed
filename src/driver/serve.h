/* Serving a driver to other processes: what the driver asks of the layer above it (src/daemon/serve.c).
 *
 * The server is built on the public API, and so above the driver; libdomus and the programs contain both.  A
 * program that is linked without it, as the driver's own tests are, has NULL here and serves nobody. */
#pragma once

#include "driver/driver.h"

typedef struct DmServing DmServing;

/* The socket that answers in a root; with "-ro" the one for reading. */
#define DM_SOCKET_NAME "domusd-sock"

/* Listens on the socket in the driver's root, from a thread of its own.  References of @d are taken. */
DmServing *dm_serve_begin(DmDriver *d, GError **error) __attribute__((weak));
/* Ends the clients' connections, waits for the thread, and drops the references. */
void dm_serve_end(DmServing *s) __attribute__((weak));
