/* The list of findings (findings.h).  It is bounded in number and length: what it quotes may be hostile. */
#include "conf/findings.h"

#include <string.h>

struct DmFindings {
        gatomicrefcount refs;
        GPtrArray *items; /* owned DmFinding */
        gsize errors, dropped;
};

static void finding_free(void *p)
{
        DmFinding *f = p;
        g_free(f->path);
        g_free(f->message);
        g_free(f);
}

DmFindings *dm_findings_new(void)
{
        DmFindings *f = g_new0(DmFindings, 1);
        g_atomic_ref_count_init(&f->refs);
        f->items = g_ptr_array_new_with_free_func(finding_free);
        return f;
}

DmFindings *dm_findings_ref(DmFindings *f)
{
        g_atomic_ref_count_inc(&f->refs);
        return f;
}

void dm_findings_unref(DmFindings *f)
{
        if (!f || !g_atomic_ref_count_dec(&f->refs))
                return;
        g_ptr_array_unref(f->items);
        g_free(f);
}

/* A copy of @text, cut between two characters when it is too long. */
static char *shortened(const char *text)
{
        gsize length = strlen(text);
        if (length <= DM_FINDINGS_TEXT_MAX)
                return g_strdup(text);
        const char *end = g_utf8_find_prev_char(text, text + DM_FINDINGS_TEXT_MAX);
        return g_strdup_printf("%.*s…", end ? (int)(end - text) : DM_FINDINGS_TEXT_MAX, text);
}

gboolean dm_findings_wants(const DmFindings *f, DmSeverity severity)
{
        /* The first error always has room: it is what dm_findings_check() returns. */
        return f && (f->items->len < DM_FINDINGS_MAX || (severity == DM_SEVERITY_ERROR && !f->errors));
}

void dm_findings_drop(DmFindings *f, DmSeverity severity)
{
        if (!f)
                return;
        f->errors += severity == DM_SEVERITY_ERROR;
        f->dropped++;
}

void dm_findings_add(DmFindings *f, DmSeverity severity, DmErrorCode code, unsigned line, const char *path,
                     const char *format, ...)
{
        if (!dm_findings_wants(f, severity)) {
                dm_findings_drop(f, severity);
                return;
        }
        f->errors += severity == DM_SEVERITY_ERROR;
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        DmFinding *item = g_new0(DmFinding, 1);
        *item = (DmFinding){ severity, code, line, path ? shortened(path) : NULL, shortened(message) };
        g_ptr_array_add(f->items, item);
}

void dm_findings_add_error(DmFindings *f, const GError *error)
{
        DmErrorCode code = error->domain == DM_ERROR ? (DmErrorCode)error->code : DM_ERROR_INTERNAL;
        dm_findings_add(f, DM_SEVERITY_ERROR, code, dm_error_line(error), dm_error_path(error), "%s",
                        error->message);
}

gsize dm_findings_count(const DmFindings *f)
{
        return f ? f->items->len : 0;
}

const DmFinding *dm_findings_at(const DmFindings *f, gsize index)
{
        return g_ptr_array_index(f->items, index);
}

gsize dm_findings_dropped(const DmFindings *f)
{
        return f ? f->dropped : 0;
}

gsize dm_findings_errors(const DmFindings *f)
{
        return f ? f->errors : 0;
}

gboolean dm_findings_full(const DmFindings *f)
{
        return f && f->errors > 0 && f->items->len >= DM_FINDINGS_MAX;
}

gboolean dm_findings_check(const DmFindings *f, GError **error)
{
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                const DmFinding *item = dm_findings_at(f, i);
                if (item->severity == DM_SEVERITY_ERROR)
                        return dm_fail_at(error, item->code, item->line, item->path, "%s", item->message);
        }
        return TRUE;
}

const char *dm_severity_name(DmSeverity s)
{
        static const char *const names[] = { "error", "warning", "note" };
        return names[s];
}
