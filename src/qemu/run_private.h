/* Shared by run*.c only. */
#pragma once

#include "qemu/device_ops.h"
#include "qemu/run.h"

struct DmRun {
        DmRunConfig config; /* owned */
        GMainContext *context;
        char *token; /* 32 hexadecimal digits, new for each start */
        char *monitor_path;
        unsigned steps_done; /* of the table, counted from its start */
        int log_fd;
        gint64 log_start; /* size of the log when QEMU began to write */
        int vsock_fd;     /* holds the guest's address; until QEMU has it */
        GArray *fds;      /* of DmRunFd: what the cards are plugged into; until QEMU has it; NULL: nothing */
        int monitor_fd;   /* listening; until QEMU has it */
        DmProcess process;
        gboolean spawned, exited, exit_told;
        DmExit exit;
        GSource *exit_source;
        DmQmp *qmp;
        gint64 deadline_us;     /* of the start */
        gboolean starting;      /* until dm_run_start() has returned */
        gboolean ending;        /* dm_run_end() has begun */
        gboolean expect_resume; /* our own cont: its RESUME is no news */
        DmState state;          /* as noted in status.json */
        int reason;
        gboolean silent;  /* adopted, and has not answered yet */
        int pause_reason; /* why the next STOP will come: DM_PAUSED_*; 0: somebody asked */
};

/* One step.  `make` undoes nothing of itself that it did before it failed: it leaves nothing.  `undo`
 * (nullable) takes back what `make` did, also when the process is long gone.  `adopt` (nullable) finds what
 * `make` had made in an earlier life. */
typedef struct DmStep {
        const char *name;
        gboolean (*make)(DmRun *run, GError **error);
        void (*undo)(DmRun *run);
        gboolean (*adopt)(DmRun *run, GError **error);
} DmStep;
extern const DmStep dm_run_steps[];
extern const unsigned dm_run_n_steps;

/* Milliseconds left of the start's deadline, at least 1. */
int dm_run_time_left(const DmRun *run);
/* run_events.c */
void dm_run_on_event(DmQmp *qmp, const char *name, const DmJson *data, gint64 timestamp_us, void *user);
void dm_run_on_gone(DmQmp *qmp, const GError *reason, void *user); /* run.c */
/* run_status.c */
gboolean dm_run_write_status(DmRun *run, const char *phase, GError **error);
gboolean dm_run_write_domain(DmRun *run, GError **error);
/* The pid and start time in DIR/pid; waits until a child that is still becoming QEMU has become it. */
gboolean dm_run_read_pid(const char *dir, pid_t *ret_pid, guint64 *ret_start_time, GError **error);
/* run_adopt.c */
/* Removes a run's directory: in one step it is none any more, whatever happens to its files. */
void dm_run_remove_dir(const char *dir);
gboolean dm_run_adopt_status(DmRun *run, GError **error);
gboolean dm_run_adopt_process(DmRun *run, GError **error);
gboolean dm_run_adopt_state(DmRun *run, GError **error);
/* run_nvram.c: the file for the variables of the firmware is there. */
gboolean dm_run_make_nvram(DmRun *run, GError **error);
/* run_secrets.c: DmBuild.secret of a run, and the end of what it leaves behind. */
gboolean dm_run_give_secret(DmBuild *b, const DmSecretAsk *ask, DmJson *props, GError **error);
void dm_run_forget_secrets(const DmRun *run);
/* Watches the pidfd of run->process on the run's context. */
void dm_run_watch_exit(DmRun *run);
