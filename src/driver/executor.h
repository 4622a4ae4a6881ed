/* A serial executor: closures run one after another, each to its end.  That it is a thread with a
 * GMainContext is known in executor.c only.
 *
 * There are two kinds of closure.  A *job* may wait (for QEMU, for a process) by iterating the context; no
 * other job starts meanwhile.  An *urgent* closure runs also while a job waits; it must be short and must not
 * wait. */
#pragma once

#include <glib.h>

typedef struct DmExecutor DmExecutor;
typedef void (*DmExecutorFn)(void *data);

/* The executors of one driver: what it waits for before it may go away. */
typedef struct DmExecutorGroup {
        GMutex lock;
        GCond changed;
        guint running; /* threads that have not ended */
} DmExecutorGroup;
void dm_executor_group_init(DmExecutorGroup *group);
void dm_executor_group_clear(DmExecutorGroup *group);
/* Waits until no executor of the group runs any more. */
void dm_executor_group_wait(DmExecutorGroup *group);
guint dm_executor_group_running(DmExecutorGroup *group);

/* @name is for debuggers, at most 15 bytes are used.  @group outlives the executor's thread. */
DmExecutor *dm_executor_new(const char *name, DmExecutorGroup *group);
DmExecutor *dm_executor_ref(DmExecutor *e);
/* Drops a reference.  With the last one the executor ends once what was posted has run; nobody waits for it.
 */
void dm_executor_unref(DmExecutor *e);

void dm_executor_post(DmExecutor *e, DmExecutorFn job, void *data);
void dm_executor_post_urgent(DmExecutor *e, DmExecutorFn fn, void *data);

/* Asked by what it runs: TRUE when that is the last, with nothing below it on the stack and nothing posted.
 */
gboolean dm_executor_is_last(DmExecutor *e);

GMainContext *dm_executor_context(DmExecutor *e);
/* TRUE in a closure of @e. */
gboolean dm_executor_is_current(DmExecutor *e);
