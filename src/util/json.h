/* JSON, kept exact.  QEMU answers with numbers up to 2^64-1 (18446744073709551615 is a default value in
 * device-list-properties); json-c is the one common library that neither rejects nor rounds them.  Its
 * untyped json_object stays behind this header.
 *
 * A DmJson is reference-counted and not thread-safe: share it between threads only when nobody writes. */
#pragma once

#include <glib.h>

typedef struct json_object DmJson;

typedef enum DmJsonKind {
        DM_JSON_NULL,
        DM_JSON_BOOL,
        DM_JSON_INT, /* any integer, signed or unsigned 64 bit */
        DM_JSON_DOUBLE,
        DM_JSON_STRING,
        DM_JSON_ARRAY,
        DM_JSON_OBJECT,
} DmJsonKind;

/* Limits of a document, checked before memory is spent on it.  Depth: query-block nests one object for each
 * image of a backing chain, of which people have up to 200.  Containers cost up to 1 KiB each, other values
 * 100 bytes; query-qmp-schema, QEMU's largest reply, has about 5 thousand and 20 thousand of them. */
#define DM_JSON_MAX_DEPTH      256
#define DM_JSON_MAX_CONTAINERS 131072
#define DM_JSON_MAX_VALUES     1048576 /* containers, strings (also keys), numbers, words */

/* ---- life cycle ---- */

/* Parses exactly one value of @length bytes (trailing blanks allowed; anything else after it is an error).
 * Owned by the caller.  Errors: DM_ERROR_INVALID_ARG with the byte offset.  Everything that could not be kept
 * exactly is refused: integers beyond 64 bits, doubles beyond their range, invalid UTF-8, \u0000, half a
 * surrogate pair; so is a document of nothing but null, as NULL means failure.  Of duplicate keys in an
 * object the last value wins, at the place of the first. */
DmJson *dm_json_parse(const char *text, gsize length, GError **error);
DmJson *dm_json_ref(DmJson *j);        /* NULL is allowed */
void dm_json_unref(DmJson *j);         /* NULL is allowed */
DmJson *dm_json_copy(const DmJson *j); /* deep; owned */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmJson, dm_json_unref)

/* Text of @j: one line without blanks, "/" not escaped, keys in insertion order.  Owned by the caller.  It
 * reads back as an equal value, provided that strings that were added are UTF-8: this is not checked here. */
char *dm_json_to_string(const DmJson *j);
/* The same, indented by two blanks, for people. */
char *dm_json_to_pretty(const DmJson *j);

/* ---- building: every add/append consumes nothing but @value of the _take forms ---- */
DmJson *dm_json_object_new(void);
DmJson *dm_json_array_new(void);
DmJson *dm_json_string_new(const char *value);
void dm_json_add_string(DmJson *object, const char *key,
                        const char *value); /* NULL value: nothing is added */
void dm_json_add_stringf(DmJson *object, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);
void dm_json_add_int(DmJson *object, const char *key, gint64 value);
void dm_json_add_uint(DmJson *object, const char *key, guint64 value);
void dm_json_add_double(DmJson *object, const char *key, double value); /* must be finite */
void dm_json_add_bool(DmJson *object, const char *key, gboolean value);
void dm_json_add_null(DmJson *object, const char *key);
void dm_json_add_take(DmJson *object, const char *key, DmJson *value); /* takes @value; NULL: nothing */
void dm_json_append_string(DmJson *array, const char *value);
void dm_json_append_int(DmJson *array, gint64 value);
void dm_json_append_take(DmJson *array, DmJson *value); /* takes @value; NULL: nothing */
void dm_json_remove(DmJson *object, const char *key);

/* ---- reading: all accept NULL and a value of another kind, and then answer "absent" ----
 * A null is the pointer NULL; only dm_json_has() tells a null member from a missing one. */
DmJsonKind dm_json_kind(const DmJson *j);
/* Member, or NULL.  Borrowed from @object.  dm_json_path walks "a.b.c". */
DmJson *dm_json_get(const DmJson *object, const char *key);
DmJson *dm_json_path(const DmJson *object, const char *dotted);
gboolean dm_json_has(const DmJson *object, const char *key);
/* Value of a string; borrowed; NULL when @j is no string. */
const char *dm_json_string(const DmJson *j);
const char *dm_json_get_string(const DmJson *object, const char *key);
gboolean dm_json_get_bool(const DmJson *object, const char *key, gboolean fallback);
/* Integers are exact or absent: FALSE when the member is missing, no integer, or out of range. */
gboolean dm_json_to_i64(const DmJson *j, gint64 *ret_value);
gboolean dm_json_to_u64(const DmJson *j, guint64 *ret_value);
gboolean dm_json_to_double(const DmJson *j, double *ret_value); /* also of an integer, rounded */
gint64 dm_json_get_i64(const DmJson *object, const char *key, gint64 fallback);
guint64 dm_json_get_u64(const DmJson *object, const char *key, guint64 fallback);
/* Arrays. */
gsize dm_json_length(const DmJson *array);
DmJson *dm_json_at(const DmJson *array, gsize index); /* borrowed */
/* Objects: calls @fn for each member in insertion order. */
typedef void (*DmJsonMemberFn)(const char *key, DmJson *value, void *data);
void dm_json_each(const DmJson *object, DmJsonMemberFn fn, void *data);
gboolean dm_json_equal(const DmJson *a, const DmJson *b);

/* ---- dispatch: one table per structure instead of a chain of getters ---- */
typedef enum DmJsonType { DM_JT_STRING, DM_JT_BOOL, DM_JT_I64, DM_JT_U64, DM_JT_INT, DM_JT_STRV } DmJsonType;

typedef struct DmJsonField {
        const char *key;
        DmJsonType type; /* char * (owned), gboolean, gint64, guint64, int, char ** (owned) */
        gsize offset;
        gboolean required;
} DmJsonField;

/* Fills @target from @object by @fields (ended by a row without key).  Unknown members are ignored (our own
 * files carry a version instead).  A member that is missing or null leaves its field as it is, so defaults
 * can be set before; strings in @target are freed when replaced.  On failure nothing in @target is changed.
 * Errors: DM_ERROR_INVALID_ARG naming the member. */
gboolean dm_json_read(const DmJson *object, const DmJsonField *fields, void *target, GError **error);
/* The reverse: adds each field to @object; strings and string lists only when not NULL. */
void dm_json_write(DmJson *object, const DmJsonField *fields, const void *source);
/* Frees and zeroes what dm_json_read allocated in @target. */
void dm_json_clear(const DmJsonField *fields, void *target);
