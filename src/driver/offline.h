/* What can be said of a document without starting it: findings, decisions, command line.  Nothing here
 * changes anything; with a recorded emulator and given host facts nothing here looks at this machine either.
 */
#pragma once

#include "conf/domain.h"
#include "qemu/command.h"
#include "util/json.h"

typedef struct DmOfflineOptions {
        const char
                *replay;  /* recording that stands for every emulator; NULL: the installed ones are probed */
        const char *host; /* host facts as JSON; NULL: this machine */
        const char *cache_dir; /* of probed capabilities; nullable */
} DmOfflineOptions;

/* How far a document came. */
typedef enum DmStage {
        DM_STAGE_PARSE,
        DM_STAGE_CHECK,
        DM_STAGE_RESOLVE,
        DM_STAGE_BUILD,
        DM_STAGE_DONE
} DmStage;
const char *dm_stage_name(DmStage s);

typedef struct DmOffline {
        DmStage stage;        /* DONE, or where it failed */
        GError *error;        /* owned; NULL when DONE */
        DmFindings *findings; /* owned; errors and warnings, in order */
        DmPlan *plan;         /* owned; from BUILD on */
        DmCommand *command;   /* owned; when DONE */
} DmOffline;

/* Reads, checks, resolves and builds @text.  Never NULL. */
DmOffline *dm_offline_run(const char *text, gsize length, const DmOfflineOptions *options);
void dm_offline_free(DmOffline *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmOffline, dm_offline_free)

/* What the reader says of a document that is not even resolved; owned, never NULL. */
DmFindings *dm_offline_read(const char *text, gsize length);
/* "error: line 3: /domain/…: message".  Owned. */
char *dm_finding_text(const DmFinding *f);
/* [{severity, code, line, path, message}] */
DmJson *dm_findings_to_json(const DmFindings *f);
/* {decisions: [{path, value, reason, line}], words: [{option, value, path, line, why}]} of a DONE one. */
DmJson *dm_offline_explain(const DmOffline *o);
