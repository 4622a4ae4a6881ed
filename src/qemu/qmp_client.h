/* QMP client: one connection to the monitor of one QEMU.
 *
 * A DmQmp belongs to the thread that made it, its owner, and to that thread's GMainContext; every function
 * here is called by the owner (asserted), so there are no locks.  The context must be run by the owner: by a
 * main loop, or by the waiting functions (dm_qmp_call, _pipeline, _wait), which iterate it.  While they wait,
 * all other sources of the context run as well (timers, pidfds, consoles); an executor on the same context
 * must not start its next job there.
 *
 * Replies and events are delivered in the order in which QEMU wrote them, out of the context's dispatch,
 * never from inside dm_qmp_send().  Callbacks may send, cork, hold events and free the DmQmp.  They may not
 * wait: the waiting functions answer DM_ERROR_BUSY inside a callback of this DmQmp and inside another wait on
 * it (an event storm would else nest without end).
 *
 * Errors that a command can end with:
 *   DM_ERROR_FAILED       QEMU answered with an error; dm_error_qmp_class() has its class
 *   DM_ERROR_TIMED_OUT    its deadline passed; the message says whether QEMU may still carry it out
 *   DM_ERROR_CANCELLED    the GCancellable; likewise
 *   DM_ERROR_GONE         the connection ended before the reply; the message has the reason
 *   DM_ERROR_NO_MEMORY    too much is unanswered or unsent; nothing was sent
 *   DM_ERROR_INVALID_ARG  the arguments hold text that is not UTF-8; nothing was sent
 *   DM_ERROR_BUSY         waiting functions only: see above; nothing was sent */
#pragma once

#include "util/json.h"

#include <gio/gio.h>

typedef struct DmQmp DmQmp;

typedef enum DmQmpState {
        DM_QMP_GREETING,    /* nothing has come yet; the greeting leads on */
        DM_QMP_NEGOTIATING, /* greeted; the reply to qmp_capabilities leads on */
        DM_QMP_RUNNING,     /* commands are answered, events come */
        DM_QMP_GONE, /* final, from every state: the connection is closed, every pending command failed once
                      */
} DmQmpState;

/* An event.  @data is borrowed and nullable; @timestamp_us is QEMU's wall clock since 1970, -1 when it gave
 * none. */
typedef void (*DmQmpEventFn)(DmQmp *qmp, const char *name, const DmJson *data, gint64 timestamp_us,
                             void *user);
/* Called once, after the last event and reply, unless dm_qmp_free() comes first.  @reason is borrowed. */
typedef void (*DmQmpGoneFn)(DmQmp *qmp, const GError *reason, void *user);
/* The one answer to a command: @value (borrowed, never NULL on success) or @error (borrowed). */
typedef void (*DmQmpReplyFn)(DmQmp *qmp, DmJson *value, const GError *error, void *user);

typedef struct DmQmpHandlers {
        DmQmpEventFn event; /* nullable */
        DmQmpGoneFn gone;   /* nullable */
        void *user;
} DmQmpHandlers;

/* What one connection may cost.  All of it is in QEMU's hands, and QEMU may be in the guest's. */
typedef struct DmQmpLimits {
        gsize line;       /* bytes of one line without its end; a longer one is a violation of the protocol */
        gsize output;     /* bytes that wait for QEMU to read them */
        guint unanswered; /* commands without a reply, those that timed out included */
        guint events;     /* events that are held (dm_qmp_hold_events) */
} DmQmpLimits;

#define DM_QMP_DEFAULT_LIMITS                                                           \
        {                                                                               \
                .line = 16 << 20, .output = 4 << 20, .unanswered = 1024, .events = 4096 \
        }

/* Name of the event that stands for those which did not fit into the held ones: data is {"count": N}. Whoever
 * gets it knows less than he thinks and asks QEMU for its state. */
#define DM_QMP_EVENTS_LOST "DOMUS_EVENTS_LOST"

/* ---- life cycle ---- */

/* @fd is a connected stream socket, taken.  @context is the owner's (a reference is kept), NULL for the
 * default one. */
DmQmp *dm_qmp_new(int fd, GMainContext *context, const DmQmpHandlers *handlers);
/* Closes.  Commands without a reply are failed with DM_ERROR_GONE before it returns, their callbacks must not
 * send; event and gone callbacks are not called any more.  NULL is allowed. */
void dm_qmp_free(DmQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmQmp, dm_qmp_free)
void dm_qmp_set_limits(DmQmp *qmp, const DmQmpLimits *limits);

/* Writes qmp_capabilities, without waiting for the greeting; to be called once and before any command.
 * @callback (nullable) hears when the connection runs, or why not.  Passing @deadline_ms does not end the
 * connection: when a stopped QEMU comes back, the handshake goes on.  Commands may follow at once; corked,
 * all leave in one write.  Returns an id as dm_qmp_send(). */
guint64 dm_qmp_start(DmQmp *qmp, int deadline_ms, DmQmpReplyFn callback, void *user);
/* The same and waits until the connection is DM_QMP_RUNNING. */
gboolean dm_qmp_handshake(DmQmp *qmp, int deadline_ms, GCancellable *cancellable, GError **error);

DmQmpState dm_qmp_state(const DmQmp *qmp);
/* Why the connection is DM_QMP_GONE, NULL before.  Borrowed. */
const GError *dm_qmp_gone_reason(const DmQmp *qmp);
/* Value of "QMP" in the greeting: version and capabilities; NULL before it came.  Borrowed. */
const DmJson *dm_qmp_greeting(const DmQmp *qmp);
/* Monotonic time of the last reply (or the greeting), of dm_qmp_new() before the first one: an unanswered
 * ping and this tell since when QEMU does not respond. */
gint64 dm_qmp_last_reply_us(const DmQmp *qmp);
/* Commands that QEMU owes a reply, those included that nobody waits for any more. */
guint dm_qmp_unanswered(const DmQmp *qmp);

/* ---- commands ---- */

/* Sends; @callback (nullable) is called exactly once, later.  @args is taken (NULL: none); @deadline_ms > 0
 * counts from now.  Returns an id for dm_qmp_abandon(). */
guint64 dm_qmp_send(DmQmp *qmp, const char *command, DmJson *args, int deadline_ms, DmQmpReplyFn callback,
                    void *user);
/* The same with a descriptor for QEMU (getfd, add-fd).  @fd is taken. */
guint64 dm_qmp_send_fd(DmQmp *qmp, const char *command, DmJson *args, int fd, int deadline_ms,
                       DmQmpReplyFn callback, void *user);
/* Forgets a command: its callback is not called any more, a late reply is dropped.  TRUE when it was not yet
 * sent and now never will be.  Unknown and answered ids are fine (FALSE). */
gboolean dm_qmp_abandon(DmQmp *qmp, guint64 id);

/* Between these commands are collected, and then leave in one write.  They nest; waiting while corked is a
 * bug. */
void dm_qmp_cork(DmQmp *qmp);
void dm_qmp_uncork(DmQmp *qmp);

/* Between these events and the gone callback are kept back, and then delivered in order.  They nest. */
void dm_qmp_hold_events(DmQmp *qmp);
void dm_qmp_release_events(DmQmp *qmp);

/* ---- waiting ---- */

/* Sends and waits for the reply.  Returned value owned by the caller. */
DmJson *dm_qmp_call(DmQmp *qmp, const char *command, DmJson *args, int deadline_ms, GCancellable *cancellable,
                    GError **error);
DmJson *dm_qmp_call_fd(DmQmp *qmp, const char *command, DmJson *args, int fd, int deadline_ms,
                       GCancellable *cancellable, GError **error);

typedef struct DmQmpItem {
        const char *command;
        DmJson *args;  /* taken by the call */
        DmJson *reply; /* owned by the caller, see dm_qmp_items_clear() */
        GError *error; /* likewise; exactly one of the two is set afterwards */
} DmQmpItem;

/* Sends all @items in one write and waits for all replies.  TRUE when QEMU answered each of them, with a
 * value or an error; FALSE with the first other reason (deadline, cancelled, gone, ...) in @error. */
gboolean dm_qmp_pipeline(DmQmp *qmp, DmQmpItem *items, gsize n, int deadline_ms, GCancellable *cancellable,
                         GError **error);
void dm_qmp_items_clear(DmQmpItem *items, gsize n);

/* Waits until @done(user) is TRUE, which is asked after each round of the context: for what events or other
 * callbacks bring about.  @what completes "the deadline of N ms passed while waiting for %s". */
typedef gboolean (*DmQmpDoneFn)(void *user);
gboolean dm_qmp_wait(DmQmp *qmp, DmQmpDoneFn done, void *user, const char *what, int deadline_ms,
                     GCancellable *cancellable, GError **error);
