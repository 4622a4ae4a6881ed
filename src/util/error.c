/* GError with a private part: path, line, errno and QMP class of the failure (see error.h). */
#include "util/error.h"

#include <errno.h>

typedef struct DmErrorPrivate {
        char *path; /* owned, nullable */
        unsigned line;
        int errno_value;
        char *qmp_class; /* owned, nullable */
} DmErrorPrivate;

static void dm_error_private_init(DmErrorPrivate *p)
{
        *p = (DmErrorPrivate){ 0 };
}

static void dm_error_private_copy(const DmErrorPrivate *from, DmErrorPrivate *to)
{
        *to = *from;
        to->path = g_strdup(from->path);
        to->qmp_class = g_strdup(from->qmp_class);
}

static void dm_error_private_clear(DmErrorPrivate *p)
{
        g_free(p->path);
        g_free(p->qmp_class);
}

/* Declares dm_error_get_private and the copy/clear glue (GLib >= 2.68). */
G_DEFINE_EXTENDED_ERROR(DmError, dm_error)

static const char *const code_names[DM_ERROR_N] = {
        [DM_ERROR_INTERNAL] = "internal",
        [DM_ERROR_INVALID_XML] = "invalid-xml",
        [DM_ERROR_UNSUPPORTED] = "unsupported",
        [DM_ERROR_INVALID_ARG] = "invalid-argument",
        [DM_ERROR_NOT_FOUND] = "not-found",
        [DM_ERROR_EXISTS] = "exists",
        [DM_ERROR_BAD_STATE] = "bad-state",
        [DM_ERROR_BUSY] = "busy",
        [DM_ERROR_DENIED] = "denied",
        [DM_ERROR_FAILED] = "failed",
        [DM_ERROR_TIMED_OUT] = "timed-out",
        [DM_ERROR_CANCELLED] = "cancelled",
        [DM_ERROR_GONE] = "gone",
        [DM_ERROR_NO_MEMORY] = "limit-exceeded",
};

const char *dm_error_code_name(DmErrorCode code)
{
        return (unsigned)code < DM_ERROR_N ? code_names[code] : "unknown";
}

static GError *make(DmErrorCode code, const char *format, va_list args)
{
        return g_error_new_valist(DM_ERROR, (int)code, format, args);
}

gboolean dm_fail(GError **error, DmErrorCode code, const char *format, ...)
{
        if (!error)
                return FALSE;
        va_list args;
        va_start(args, format);
        g_propagate_error(error, make(code, format, args));
        va_end(args);
        return FALSE;
}

void *dm_fail_null(GError **error, DmErrorCode code, const char *format, ...)
{
        if (!error)
                return NULL;
        va_list args;
        va_start(args, format);
        g_propagate_error(error, make(code, format, args));
        va_end(args);
        return NULL;
}

gboolean dm_fail_at(GError **error, DmErrorCode code, unsigned line, const char *path, const char *format,
                    ...)
{
        if (!error)
                return FALSE;
        va_list args;
        va_start(args, format);
        GError *e = make(code, format, args);
        va_end(args);
        dm_error_set_place(e, line, path);
        g_propagate_error(error, e);
        return FALSE;
}

gboolean dm_fail_errno(GError **error, DmErrorCode code, int errno_value, const char *format, ...)
{
        if (!error)
                return FALSE;
        va_list args;
        va_start(args, format);
        g_autofree char *what = g_strdup_vprintf(format, args);
        va_end(args);
        GError *e = g_error_new(DM_ERROR, (int)code, "%s: %s", what, g_strerror(errno_value));
        dm_error_get_private(e)->errno_value = errno_value;
        g_propagate_error(error, e);
        return FALSE;
}

const char *dm_error_path(const GError *error)
{
        return error && error->domain == DM_ERROR ? dm_error_get_private(error)->path : NULL;
}

unsigned dm_error_line(const GError *error)
{
        return error && error->domain == DM_ERROR ? dm_error_get_private(error)->line : 0;
}

int dm_error_errno(const GError *error)
{
        return error && error->domain == DM_ERROR ? dm_error_get_private(error)->errno_value : 0;
}

void dm_error_set_place(GError *error, unsigned line, const char *path)
{
        if (!error || error->domain != DM_ERROR)
                return;
        DmErrorPrivate *p = dm_error_get_private(error);
        g_free(p->path);
        p->path = g_strdup(path);
        p->line = line;
}

DmErrorCode dm_error_code_of_errno(int errno_value)
{
        switch (errno_value) {
        case ENOENT:
        case ENOTDIR:
        case ENODEV:
        case ENXIO:
        case ESRCH:
                return DM_ERROR_NOT_FOUND;
        case EACCES:
        case EPERM:
        case EROFS:
                return DM_ERROR_DENIED;
        case EEXIST:
                return DM_ERROR_EXISTS;
        case EBUSY:
        case EADDRINUSE:
                return DM_ERROR_BUSY;
        case ETIMEDOUT:
                return DM_ERROR_TIMED_OUT;
        case ENOSYS:
        case EOPNOTSUPP:
                return DM_ERROR_UNSUPPORTED;
        default:
                return DM_ERROR_FAILED;
        }
}

const char *dm_error_qmp_class(const GError *error)
{
        return error && error->domain == DM_ERROR ? dm_error_get_private(error)->qmp_class : NULL;
}

void dm_error_set_qmp_class(GError *error, const char *qmp_class)
{
        if (!error || error->domain != DM_ERROR)
                return;
        DmErrorPrivate *p = dm_error_get_private(error);
        g_free(p->qmp_class);
        p->qmp_class = g_strdup(qmp_class);
}
