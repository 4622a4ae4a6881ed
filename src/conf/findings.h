/* What a reader of a document has to say: errors, warnings and notes, each with its place.  A document is
 * read to its end even when something is wrong, so that `domus check` shows everything at once; the caller
 * that only wants a yes or no takes the first error. */
#pragma once

#include <glib.h>
#include "util/error.h"

typedef enum DmSeverity { DM_SEVERITY_ERROR, DM_SEVERITY_WARNING, DM_SEVERITY_NOTE } DmSeverity;

typedef struct DmFinding {
        DmSeverity severity;
        DmErrorCode code; /* meaningful for errors */
        unsigned line;    /* 0: unknown */
        char *path;       /* owned, nullable */
        char *message;    /* owned */
} DmFinding;

typedef struct DmFindings DmFindings;

/* At most this many findings are kept; of the rest only the number. */
#define DM_FINDINGS_MAX 200
/* Longer messages and paths (they quote the document) are cut. */
#define DM_FINDINGS_TEXT_MAX 600

DmFindings *dm_findings_new(void);
DmFindings *dm_findings_ref(DmFindings *f);
void dm_findings_unref(DmFindings *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmFindings, dm_findings_unref)

/* Adds one finding; @path may be NULL.  @f may be NULL: then nothing is kept. */
void dm_findings_add(DmFindings *f, DmSeverity severity, DmErrorCode code, unsigned line, const char *path,
                     const char *format, ...) G_GNUC_PRINTF(6, 7);
/* Adds an error that a function returned, with the place it carries. */
void dm_findings_add_error(DmFindings *f, const GError *error);

gsize dm_findings_count(const DmFindings *f);
const DmFinding *dm_findings_at(const DmFindings *f, gsize index); /* borrowed */
gsize dm_findings_dropped(const DmFindings *f);
gsize dm_findings_errors(const DmFindings *f);
/* FALSE when one more of @severity would not be kept: its text need not be made, only dm_findings_drop()
 * called. */
gboolean dm_findings_wants(const DmFindings *f, DmSeverity severity);
void dm_findings_drop(DmFindings *f, DmSeverity severity);
/* TRUE when no further finding will be kept: a reader may stop. */
gboolean dm_findings_full(const DmFindings *f);
/* FALSE and *@error set to the first error, if there is one. */
gboolean dm_findings_check(const DmFindings *f, GError **error);
const char *dm_severity_name(DmSeverity s);
