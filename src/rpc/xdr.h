/* XDR (RFC 4506) over a byte buffer: big endian, everything padded to four bytes.
 *
 * The bytes come from a peer.  So each length is compared with its bound and with what is left in the buffer
 * before anything is allocated or skipped, and an error (always DM_ERROR_INVALID_ARG) begins with the offset:
 * "byte 28: a string of 99999999 bytes, at most 4194304".  What a field is called is known to the callers. */
#pragma once

#include <glib.h>

/* ---- reading ---- */

/* A position in borrowed bytes.  After an error it stands where the value began. */
typedef struct DmXdrReader {
        const guint8 *data;
        gsize length;
        gsize offset;
} DmXdrReader;

static inline gsize dm_xdr_left(const DmXdrReader *r)
{
        return r->length - r->offset;
}

gboolean dm_xdr_read_u32(DmXdrReader *r, guint32 *ret, GError **error);
gboolean dm_xdr_read_i32(DmXdrReader *r, gint32 *ret, GError **error);
gboolean dm_xdr_read_u64(DmXdrReader *r, guint64 *ret, GError **error);
gboolean dm_xdr_read_i64(DmXdrReader *r, gint64 *ret, GError **error);
gboolean dm_xdr_read_double(DmXdrReader *r, double *ret, GError **error);
/* Also the mark of an optional value.  Anything but 0 and 1 is an error. */
gboolean dm_xdr_read_bool(DmXdrReader *r, gboolean *ret, GError **error);
/* @length bytes as they are, and the padding, whose content nobody looks at. */
gboolean dm_xdr_read_fixed(DmXdrReader *r, gsize length, void *ret, GError **error);
/* The count of an array: at most @max, and so that @each bytes (at least 1) for every element are there. */
gboolean dm_xdr_read_count(DmXdrReader *r, guint32 max, gsize each, guint32 *ret, GError **error);
/* Bytes of a length that is told.  *ret is borrowed from the buffer. */
gboolean dm_xdr_read_bytes(DmXdrReader *r, guint32 max, const guint8 **ret, guint32 *ret_length,
                           GError **error);
/* The same as text, owned by the caller and ended by a NUL; a NUL inside is an error.  Its encoding is not
 * looked at: paths are bytes. */
char *dm_xdr_read_string(DmXdrReader *r, guint32 max, GError **error);

/* ---- writing ---- */

/* Appends to @bytes (owned).  What would make it longer than @limit is not written, and sets failed, which
 * stays: callers look once, at the end. */
typedef struct DmXdrWriter {
        GByteArray *bytes;
        gsize limit;
        gboolean failed;
} DmXdrWriter;

void dm_xdr_writer_init(DmXdrWriter *w, gsize limit);
void dm_xdr_writer_clear(DmXdrWriter *w);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmXdrWriter, dm_xdr_writer_clear)

void dm_xdr_write_u32(DmXdrWriter *w, guint32 value);
void dm_xdr_write_u64(DmXdrWriter *w, guint64 value);
void dm_xdr_write_double(DmXdrWriter *w, double value);
/* @length bytes and the padding; no length before them. */
void dm_xdr_write_fixed(DmXdrWriter *w, const void *data, gsize length);
/* The length, the bytes, the padding. */
void dm_xdr_write_bytes(DmXdrWriter *w, const void *data, guint32 length);
/* Replaces four bytes that were written before, at @offset. */
void dm_xdr_patch_u32(DmXdrWriter *w, gsize offset, guint32 value);
