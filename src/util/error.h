/* The one error domain of the project.  A DmError is a GError whose code is the *client's* choice of what
 * to do (see DmErrorCode), whose message names the object, the reason and the remedy, and which carries,
 * where there is one, the place in the document: XPath-like path and line.  src/driver maps the codes to
 * libvirt's numbers; nothing below knows those. */
#pragma once

#include <glib.h>

typedef enum DmErrorCode {
        DM_ERROR_INTERNAL,    /* a bug or an impossible answer; nothing the caller can mend */
        DM_ERROR_INVALID_XML, /* the document contradicts itself or is not well-formed */
        DM_ERROR_UNSUPPORTED, /* understood, but this driver, host or emulator cannot do it */
        DM_ERROR_INVALID_ARG, /* a call's argument is wrong */
        DM_ERROR_NOT_FOUND,   /* no such domain, file, device */
        DM_ERROR_EXISTS,      /* name or uuid is taken */
        DM_ERROR_BAD_STATE,   /* the domain is not in the state that the call needs */
        DM_ERROR_BUSY,        /* another job holds the domain, or a port, image, root is in use */
        DM_ERROR_DENIED,      /* permission */
        DM_ERROR_FAILED,      /* the operation was tried and failed (QEMU or the host said no) */
        DM_ERROR_TIMED_OUT,   /* the deadline passed; the message says whether the job goes on */
        DM_ERROR_CANCELLED,   /* the caller's GCancellable */
        DM_ERROR_GONE,        /* the peer (QEMU, daemon) ended while it was needed */
        DM_ERROR_NO_MEMORY,   /* a limit on size or count was passed */
        DM_ERROR_N
} DmErrorCode;

#define DM_ERROR (dm_error_quark())
GQuark dm_error_quark(void);

/* Stable name of a code, as it stands in JSON output ("invalid-xml").  Never NULL for a valid code. */
const char *dm_error_code_name(DmErrorCode code);

/* Sets *@error (if @error is not NULL) and returns FALSE, so that a failing function is one statement:
 *         return dm_fail(error, DM_ERROR_NOT_FOUND, "no domain with name '%s'", name);
 * dm_fail_null is the same for functions that return a pointer. */
gboolean dm_fail(GError **error, DmErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
void *dm_fail_null(GError **error, DmErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* As dm_fail, with the place in the document.  @path may be NULL, @line 0 when unknown. */
gboolean dm_fail_at(GError **error, DmErrorCode code, unsigned line, const char *path, const char *format,
                    ...) G_GNUC_PRINTF(5, 6);

/* As dm_fail for a system call: appends ": strerror(@errno_value)". */
gboolean dm_fail_errno(GError **error, DmErrorCode code, int errno_value, const char *format, ...)
        G_GNUC_PRINTF(4, 5);

/* Attributes of an error.  Each accepts any GError and answers "unknown" (NULL, 0) for foreign domains.
 * Returned strings are borrowed and live as long as @error. */
const char *dm_error_path(const GError *error);
unsigned dm_error_line(const GError *error);
int dm_error_errno(const GError *error);
void dm_error_set_place(GError *error, unsigned line, const char *path);

/* The code that a failed system call deserves: not-found, denied, exists, busy, timed-out, unsupported, else
 * failed. */
DmErrorCode dm_error_code_of_errno(int errno_value);
/* Class of an error that QEMU answered with ("GenericError", "DeviceNotFound"), NULL for others. */
const char *dm_error_qmp_class(const GError *error);
void dm_error_set_qmp_class(GError *error, const char *qmp_class);
