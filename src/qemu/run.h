/* A running QEMU, as its owner sees it: made by one table of steps, ended by the same table backwards, found
 * again by the table's adopt column.
 *
 * Life:  dm_run_new → dm_run_start (or dm_run_adopt) → … QMP, events … → dm_run_end → dm_run_free.
 * All of it on the owner's thread, whose GMainContext is the thread default.  Functions that wait iterate
 * that context: callbacks may come while they do.
 *
 * What is on disk below `dir` (removed by the last undo):
 *   status.json   intent and identity, written before the spawn: uuid, name, token, boot id, phase, state
 *   domain.xml    the running definition, once QEMU answers
 *   pid           "PID STARTTIME" by the child itself before it becomes QEMU
 *   monitor.sock  QMP, listening; QEMU inherits the descriptor
 * Identity of a QEMU is pid + start time + boot id + token (in its environment), never a pid alone. */
#pragma once

#include <gio/gio.h>

#include "qemu/plan.h"
#include "qemu/qmp_client.h"
#include "qemu/secrets.h"
#include "qemu/state.h"
#include "util/process.h"

typedef struct DmRun DmRun;

/* Time that QEMU has to come up, when the caller sets no deadline: huge guests take long to map. */
#define DM_RUN_START_TIMEOUT_MS 120000
/* A QMP command that QEMU answers from memory; it is only this slow when something is wrong. */
#define DM_RUN_COMMAND_TIMEOUT_MS 30000
/* SIGTERM to SIGKILL. */
#define DM_RUN_GRACE_MS 5000

typedef struct DmRunChange {
        DmState state; /* new state; DM_STATE_NOSTATE: unchanged */
        int reason;
        gboolean event; /* the next three are an event to tell */
        DmEventType type;
        int detail;
        gint64 value;
        const char *text; /* nullable, borrowed */
} DmRunChange;

/* What QEMU's SHUTDOWN event asked for; the owner's policy (on_poweroff, …) decides what is done. */
typedef enum DmGuestWish { DM_WISH_NONE, DM_WISH_POWEROFF, DM_WISH_REBOOT, DM_WISH_PANIC } DmGuestWish;

typedef struct DmRunHandlers {
        void (*change)(DmRun *run, const DmRunChange *change, void *user);
        void (*wish)(DmRun *run, DmGuestWish wish,
                     void *user); /* the guest has ended by itself, QEMU waits */
        void (*prepared)(DmRun *run,
                         void *user); /* QEMU answers, the processors stand still: open consoles, publish */
        void (*exited)(DmRun *run,
                       void *user); /* the process has ended; dm_run_exit() tells how; nothing follows */
        void *user;
} DmRunHandlers;

typedef struct DmRunConfig {
        DmPlan *plan;    /* taken */
        char *dir;       /* taken; absolute, private to this run */
        char *log_path;  /* taken; appended to */
        char *nvram_dir; /* taken; where variables of firmware are kept; NULL: in dir, until the guest ends */
        int id;
        gboolean paused;
        gboolean dies_with_owner; /* killed when the owner's thread ends without dm_run_end(): by kill -9 */
        GCancellable *cancel;     /* nullable, borrowed during start */
        DmSecrets *secrets;       /* nullable: there are none; borrowed during start */
        int timeout_ms;           /* 0: DM_RUN_START_TIMEOUT_MS */
        DmRunHandlers handlers;
} DmRunConfig;

DmRun *dm_run_new(DmRunConfig *config);
/* Forgets; a QEMU that still runs goes on.  Call dm_run_end() first to end it. */
void dm_run_free(DmRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmRun, dm_run_free)

/* Runs the steps.  When one fails, those before it are undone, nothing of the guest is left, and if QEMU
 * ended its own last words are in the error. */
gboolean dm_run_start(DmRun *run, GError **error);
/* After a start: lets the events that were held back since the processors run come to the handlers. */
void dm_run_release(DmRun *run);
/* ---- after somebody's death ---- */

/* What status.json says.  Strings are owned: dm_run_status_clear(). */
typedef struct DmRunStatus {
        char *uuid, *name, *token, *boot_id, *phase, *log;
        int id;
        DmState state;
        int reason;
} DmRunStatus;
gboolean dm_run_status_read(const char *dir, DmRunStatus *ret_status, GError **error);
void dm_run_status_clear(DmRunStatus *s);
/* The definition that runs in @dir.  Owned. */
DmDomain *dm_run_domain_read(const char *dir, GError **error);
/* @d says what runs, from now on: what the next owner reads. */
gboolean dm_run_save_domain(DmRun *run, const DmDomain *d, GError **error);
/* Keeps state and reason in status.json: what the next owner starts from. */
void dm_run_note_state(DmRun *run, DmState state, int reason);

/* State and reason as noted, or as QEMU has told since. */
void dm_run_state(const DmRun *run, DmState *ret_state, int *ret_reason);

/* How long adopting waits for QEMU's first answer: a stopped one must not delay the others. */
#define DM_RUN_ADOPT_TIMEOUT_MS 200
/* Finds the QEMU that was started with the same dir and config; FALSE with NOT_FOUND: it has ended, or is not
 * ours. config.plan needs a domain only.  *ret_silent: it is there, but has not answered in time; the state
 * of status.json stands, and `change` tells when it answers. */
gboolean dm_run_adopt(DmRun *run, gboolean *ret_silent, GError **error);
/* Directories of runs that are being removed end so: what is in them is of no use to anybody. */
#define DM_RUN_REMOVED_SUFFIX "~"
/* Ends whatever a half-done start has left in @dir, and removes it. */
void dm_run_discard(const char *dir);
/* The end of what a QEMU wrote to @log.  Owned. */
char *dm_run_log_tail(const char *log);

/* Ends QEMU (SIGTERM, after @grace_ms SIGKILL; at once when it is stopped or @grace_ms is 0), waits, and
 * undoes all steps.  Works when it has ended already. */
void dm_run_end(DmRun *run, int grace_ms);
/* Sends SIGKILL (@force) or SIGTERM now; may be called inside a waiting job of the same thread. */
void dm_run_signal(DmRun *run, gboolean force);

/* ---- what it is ---- */
const DmPlan *dm_run_plan(const DmRun *run);
DmQmp *dm_run_qmp(DmRun *run);
int dm_run_pid(const DmRun *run);
const char *dm_run_dir(const DmRun *run);
gboolean dm_run_exited(const DmRun *run);
/* Valid once dm_run_exited(). */
const DmExit *dm_run_exit(const DmRun *run);
/* QEMU's last lines in the log of this run, without time stamps, at most 400 bytes; "" when it said nothing.
 * Owned. */
char *dm_run_last_words(const DmRun *run);
/* A QMP command that waits, with the run's usual deadline; the reply is dropped. */
gboolean dm_run_command(DmRun *run, const char *command, DmJson *args, GCancellable *cancel, int timeout_ms,
                        GError **error);
