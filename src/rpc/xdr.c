/* XDR scalars, bytes and text; what they make up together is record.c's. */
#include "rpc/xdr.h"
#include "util/error.h"

#include <string.h>

#define XDR_UNIT 4u

/* Bytes that follow @length bytes of data. */
static gsize padding(gsize length)
{
        return -length % XDR_UNIT;
}

/* ---- reading ---- */

static gboolean need(const DmXdrReader *r, gsize length, GError **error)
{
        if (dm_xdr_left(r) >= length)
                return TRUE;
        return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %zu bytes are needed, %zu are left", r->offset,
                       length, dm_xdr_left(r));
}

static guint32 load_u32(const guint8 *at)
{
        guint32 value;
        memcpy(&value, at, sizeof value);
        return GUINT32_FROM_BE(value);
}

gboolean dm_xdr_read_u32(DmXdrReader *r, guint32 *ret, GError **error)
{
        if (!need(r, sizeof *ret, error))
                return FALSE;
        *ret = load_u32(r->data + r->offset);
        r->offset += sizeof *ret;
        return TRUE;
}

gboolean dm_xdr_read_i32(DmXdrReader *r, gint32 *ret, GError **error)
{
        guint32 value;
        if (!dm_xdr_read_u32(r, &value, error))
                return FALSE;
        *ret = (gint32)value;
        return TRUE;
}

gboolean dm_xdr_read_u64(DmXdrReader *r, guint64 *ret, GError **error)
{
        if (!need(r, sizeof *ret, error))
                return FALSE;
        guint64 value;
        memcpy(&value, r->data + r->offset, sizeof value);
        *ret = GUINT64_FROM_BE(value);
        r->offset += sizeof *ret;
        return TRUE;
}

gboolean dm_xdr_read_i64(DmXdrReader *r, gint64 *ret, GError **error)
{
        guint64 value;
        if (!dm_xdr_read_u64(r, &value, error))
                return FALSE;
        *ret = (gint64)value;
        return TRUE;
}

gboolean dm_xdr_read_double(DmXdrReader *r, double *ret, GError **error)
{
        guint64 value;
        if (!dm_xdr_read_u64(r, &value, error))
                return FALSE;
        memcpy(ret, &value, sizeof *ret);
        return TRUE;
}

gboolean dm_xdr_read_bool(DmXdrReader *r, gboolean *ret, GError **error)
{
        guint32 value;
        if (!dm_xdr_read_u32(r, &value, error))
                return FALSE;
        if (value > 1) {
                r->offset -= sizeof value;
                return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %u where only 0 and 1 may stand",
                               r->offset, value);
        }
        *ret = value == 1;
        return TRUE;
}

gboolean dm_xdr_read_fixed(DmXdrReader *r, gsize length, void *ret, GError **error)
{
        /* First the bytes alone: @length may be so large that the padding would overflow it. */
        if (!need(r, length, error) || !need(r, length + padding(length), error))
                return FALSE;
        memcpy(ret, r->data + r->offset, length);
        r->offset += length + padding(length);
        return TRUE;
}

gboolean dm_xdr_read_count(DmXdrReader *r, guint32 max, gsize each, guint32 *ret, GError **error)
{
        g_assert(each > 0);
        guint32 count;
        if (!dm_xdr_read_u32(r, &count, error))
                return FALSE;
        gsize left = dm_xdr_left(r);
        if (count <= max && count <= left / each) {
                *ret = count;
                return TRUE;
        }
        r->offset -= sizeof count;
        if (count > max)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: an array of %u elements, at most %u",
                               r->offset, count, max);
        return dm_fail(error, DM_ERROR_INVALID_ARG,
                       "byte %zu: an array of %u elements of at least %zu bytes, with %zu bytes left",
                       r->offset, count, each, left);
}

/* @what: "a string", for messages. */
static gboolean read_counted(DmXdrReader *r, guint32 max, const char *what, const guint8 **ret,
                             guint32 *ret_length, GError **error)
{
        gsize start = r->offset;
        guint32 length;
        if (!dm_xdr_read_u32(r, &length, error))
                return FALSE;
        gsize left = dm_xdr_left(r);
        if (length <= max && length <= left && padding(length) <= left - length) {
                *ret = r->data + r->offset;
                *ret_length = length;
                r->offset += length + padding(length);
                return TRUE;
        }
        r->offset = start;
        if (length > max)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %s of %u bytes, at most %u", start,
                               what, length, max);
        return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %s of %u bytes, with %zu left", start, what,
                       length, left);
}

gboolean dm_xdr_read_bytes(DmXdrReader *r, guint32 max, const guint8 **ret, guint32 *ret_length,
                           GError **error)
{
        return read_counted(r, max, "data", ret, ret_length, error);
}

char *dm_xdr_read_string(DmXdrReader *r, guint32 max, GError **error)
{
        gsize start = r->offset;
        const guint8 *text = (const guint8 *)"";
        guint32 length = 0;
        if (!read_counted(r, max, "a string", &text, &length, error))
                return NULL;
        if (memchr(text, '\0', length)) {
                r->offset = start;
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "byte %zu: a string with a NUL inside",
                                    start);
        }
        return g_strndup((const char *)text, length);
}

/* ---- writing ---- */

void dm_xdr_writer_init(DmXdrWriter *w, gsize limit)
{
        *w = (DmXdrWriter){ .bytes = g_byte_array_new(), .limit = limit };
}

void dm_xdr_writer_clear(DmXdrWriter *w)
{
        g_clear_pointer(&w->bytes, g_byte_array_unref);
}

static gboolean room(DmXdrWriter *w, gsize length)
{
        if (w->failed || length > w->limit || w->bytes->len > w->limit - length)
                w->failed = TRUE;
        return !w->failed;
}

static void append(DmXdrWriter *w, const void *data, gsize length)
{
        if (length > 0)
                g_byte_array_append(w->bytes, data, (guint)length);
}

void dm_xdr_write_u32(DmXdrWriter *w, guint32 value)
{
        value = GUINT32_TO_BE(value);
        if (room(w, sizeof value))
                append(w, &value, sizeof value);
}

void dm_xdr_write_u64(DmXdrWriter *w, guint64 value)
{
        value = GUINT64_TO_BE(value);
        if (room(w, sizeof value))
                append(w, &value, sizeof value);
}

void dm_xdr_write_double(DmXdrWriter *w, double value)
{
        guint64 bits;
        memcpy(&bits, &value, sizeof bits);
        dm_xdr_write_u64(w, bits);
}

void dm_xdr_write_fixed(DmXdrWriter *w, const void *data, gsize length)
{
        static const guint8 zeros[XDR_UNIT];
        if (!room(w, length) || !room(w, length + padding(length)))
                return;
        append(w, data, length);
        append(w, zeros, padding(length));
}

void dm_xdr_write_bytes(DmXdrWriter *w, const void *data, guint32 length)
{
        dm_xdr_write_u32(w, length);
        dm_xdr_write_fixed(w, data, length);
}

void dm_xdr_patch_u32(DmXdrWriter *w, gsize offset, guint32 value)
{
        g_assert(offset + sizeof value <= w->bytes->len);
        value = GUINT32_TO_BE(value);
        memcpy(w->bytes->data + offset, &value, sizeof value);
}
