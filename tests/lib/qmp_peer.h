/* The other end of a QMP connection, for tests: either used directly, in the test's own thread and in turn
 * with the client (what was written can then be read at once), or run by a script in a thread of its own.
 *
 * Whatever does not come as expected within 30 s ends the test program. */
#pragma once

#include "util/json.h"

typedef struct QmpPeer QmpPeer;

/* A socketpair; *ret_fd is the client's end, owned by the caller. */
QmpPeer *qmp_peer_new(int *ret_fd);
void qmp_peer_free(QmpPeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpPeer, qmp_peer_free)

/* Runs @script in a thread; qmp_peer_free() waits for its end. */
typedef void (*QmpPeerFn)(QmpPeer *peer, void *data);
QmpPeer *qmp_peer_start(QmpPeerFn script, void *data, int *ret_fd);

/* ---- writing ---- */
void qmp_peer_write(QmpPeer *peer, const void *bytes, gsize length);
void qmp_peer_line(QmpPeer *peer, const char *format, ...) G_GNUC_PRINTF(2, 3); /* with CR LF, as QEMU does */
void qmp_peer_greet(QmpPeer *peer);
void qmp_peer_reply(QmpPeer *peer, guint64 id, const char *json);
void qmp_peer_error(QmpPeer *peer, guint64 id, const char *error_class, const char *desc);
void qmp_peer_event(QmpPeer *peer, const char *name, const char *data_json);
void qmp_peer_close(QmpPeer *peer);

/* ---- reading ---- */
/* The next command, NULL at the end of the connection.  Owned by the caller. */
DmJson *qmp_peer_read(QmpPeer *peer);
/* The next command must be @name; returns its id. */
guint64 qmp_peer_expect(QmpPeer *peer, const char *name);
void qmp_peer_expect_eof(QmpPeer *peer);
/* Greeting, qmp_capabilities, reply. */
void qmp_peer_negotiate(QmpPeer *peer);
/* The oldest descriptor that came and was not yet taken, -1 when there is none.  Owned by the caller. */
int qmp_peer_take_fd(QmpPeer *peer);
/* The raw socket. */
int qmp_peer_fd(const QmpPeer *peer);
