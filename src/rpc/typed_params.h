/* Typed parameters: the (name, type, value) lists by which the protocol passes tunables and statistics. */
#pragma once

#include <glib.h>

/* The numbers on the wire. */
typedef enum DmTypedType {
        DM_TYPED_INT = 1,
        DM_TYPED_UINT,
        DM_TYPED_LLONG,
        DM_TYPED_ULLONG,
        DM_TYPED_DOUBLE,
        DM_TYPED_BOOLEAN,
        DM_TYPED_STRING,
} DmTypedType;

typedef struct DmTypedParam {
        char *field; /* owned */
        gint32 type; /* DmTypedType */
        union {
                gint32 i;
                guint32 ui;
                gint64 l;
                guint64 ul;
                double d;
                gint32 b;
                char *s; /* owned */
        } value;
} DmTypedParam;

typedef struct DmTypedParams {
        DmTypedParam *items; /* owned */
        guint32 n;
} DmTypedParams;

void dm_typed_params_clear(DmTypedParams *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DmTypedParams, dm_typed_params_clear)

/* ---- making ----
 *
 * An empty list is a zeroed one.  The name is a format, as in
 * dm_typed_params_add_ullong(&ret->params, bytes, "block.%u.rd.bytes", i).  Clients keep 79 bytes of it. */
void dm_typed_params_add_int(DmTypedParams *p, gint32 value, const char *name, ...) G_GNUC_PRINTF(3, 4);
void dm_typed_params_add_uint(DmTypedParams *p, guint32 value, const char *name, ...) G_GNUC_PRINTF(3, 4);
void dm_typed_params_add_llong(DmTypedParams *p, gint64 value, const char *name, ...) G_GNUC_PRINTF(3, 4);
void dm_typed_params_add_ullong(DmTypedParams *p, guint64 value, const char *name, ...) G_GNUC_PRINTF(3, 4);
void dm_typed_params_add_double(DmTypedParams *p, double value, const char *name, ...) G_GNUC_PRINTF(3, 4);
void dm_typed_params_add_boolean(DmTypedParams *p, gboolean value, const char *name, ...) G_GNUC_PRINTF(3, 4);
/* @value is copied. */
void dm_typed_params_add_string(DmTypedParams *p, const char *value, const char *name, ...)
        G_GNUC_PRINTF(3, 4);

/* Takes out the strings: a client that did not say it can read them must not get any. */
void dm_typed_params_drop_strings(DmTypedParams *p);

/* ---- reading ---- */

/* NULL when there is none of this name; the first of several.  Borrowed. */
const DmTypedParam *dm_typed_params_find(const DmTypedParams *p, const char *name);

typedef enum DmTypedFlags {
        DM_TYPED_ONCE = 0,
        DM_TYPED_REPEATED = 1 << 0, /* may come more than once */
} DmTypedFlags;

typedef struct DmTypedRule {
        const char *name; /* NULL ends the table */
        DmTypedType type;
        DmTypedFlags flags;
} DmTypedRule;

/* TRUE when each parameter is one of @rules, with its type, and not repeated without leave.  Else
 * DM_ERROR_UNSUPPORTED (a name not in the table) or DM_ERROR_INVALID_ARG. */
gboolean dm_typed_params_check(const DmTypedParams *p, const DmTypedRule *rules, GError **error);

/* "int", "ullong" ...; "unknown" for others. */
const char *dm_typed_type_name(gint32 type);
