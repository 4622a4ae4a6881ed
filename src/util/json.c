/* JSON values over json-c: building, reading, and the tables between members and structures.  Text is
 * json_text.c's.
 *
 * Two habits of json-c are kept from callers: its getters convert (a string "12" is the integer 12, 2^64-1 as
 * a signed number is 2^63-1), ours answer "absent"; and null is the pointer NULL. */
#include "util/json.h"
#include "util/error.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

/* ---- life cycle ---- */

DmJson *dm_json_ref(DmJson *j)
{
        return json_object_get(j);
}

void dm_json_unref(DmJson *j)
{
        json_object_put(j);
}

DmJson *dm_json_copy(const DmJson *j)
{
        DmJson *copy = NULL;
        if (!j)
                return NULL;
        int result = json_object_deep_copy((DmJson *)j, &copy, NULL); /* it only reads @j */
        g_assert(result == 0); /* memory is the one reason, and running out of it ends the process */
        return copy;
}

/* ---- building ---- */

DmJson *dm_json_object_new(void)
{
        return json_object_new_object();
}

DmJson *dm_json_array_new(void)
{
        return json_object_new_array();
}

DmJson *dm_json_string_new(const char *value)
{
        return json_object_new_string(value);
}

static void add(DmJson *object, const char *key, DmJson *value)
{
        g_assert(json_object_is_type(object, json_type_object));
        int result = json_object_object_add(object, key, value);
        g_assert(result == 0);
}

static void append(DmJson *array, DmJson *value)
{
        g_assert(json_object_is_type(array, json_type_array));
        int result = json_object_array_add(array, value);
        g_assert(result == 0);
}

void dm_json_add_string(DmJson *object, const char *key, const char *value)
{
        if (value)
                add(object, key, json_object_new_string(value));
}

void dm_json_add_stringf(DmJson *object, const char *key, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *value = g_strdup_vprintf(format, args);
        va_end(args);
        add(object, key, json_object_new_string(value));
}

void dm_json_add_int(DmJson *object, const char *key, gint64 value)
{
        add(object, key, json_object_new_int64(value));
}

void dm_json_add_uint(DmJson *object, const char *key, guint64 value)
{
        add(object, key, json_object_new_uint64(value));
}

void dm_json_add_double(DmJson *object, const char *key, double value)
{
        g_assert(isfinite(value));
        add(object, key, json_object_new_double(value));
}

void dm_json_add_bool(DmJson *object, const char *key, gboolean value)
{
        add(object, key, json_object_new_boolean(value));
}

void dm_json_add_null(DmJson *object, const char *key)
{
        add(object, key, NULL);
}

void dm_json_add_take(DmJson *object, const char *key, DmJson *value)
{
        if (value)
                add(object, key, value);
}

void dm_json_append_string(DmJson *array, const char *value)
{
        append(array, json_object_new_string(value));
}

void dm_json_append_int(DmJson *array, gint64 value)
{
        append(array, json_object_new_int64(value));
}

void dm_json_append_take(DmJson *array, DmJson *value)
{
        if (value)
                append(array, value);
}

void dm_json_remove(DmJson *object, const char *key)
{
        if (json_object_is_type(object, json_type_object))
                json_object_object_del(object, key);
}

/* ---- reading ---- */

DmJsonKind dm_json_kind(const DmJson *j)
{
        static const DmJsonKind kinds[] = {
                [json_type_null] = DM_JSON_NULL,     [json_type_boolean] = DM_JSON_BOOL,
                [json_type_double] = DM_JSON_DOUBLE, [json_type_int] = DM_JSON_INT,
                [json_type_object] = DM_JSON_OBJECT, [json_type_array] = DM_JSON_ARRAY,
                [json_type_string] = DM_JSON_STRING,
        };
        return kinds[json_object_get_type(j)];
}

DmJson *dm_json_get(const DmJson *object, const char *key)
{
        DmJson *value = NULL;
        json_object_object_get_ex(object, key, &value); /* also FALSE for what is no object */
        return value;
}

DmJson *dm_json_path(const DmJson *object, const char *dotted)
{
        DmJson *at = (DmJson *)object;
        for (const char *from = dotted, *dot; at; from = dot + 1) {
                dot = strchrnul(from, '.');
                g_autofree char *key = g_strndup(from, (gsize)(dot - from));
                at = dm_json_get(at, key);
                if (!*dot)
                        break;
        }
        return at;
}

gboolean dm_json_has(const DmJson *object, const char *key)
{
        return json_object_object_get_ex(object, key, NULL);
}

const char *dm_json_string(const DmJson *j)
{
        /* For strings it only reads @j. */
        return json_object_is_type(j, json_type_string) ? json_object_get_string((DmJson *)j) : NULL;
}

const char *dm_json_get_string(const DmJson *object, const char *key)
{
        return dm_json_string(dm_json_get(object, key));
}

gboolean dm_json_get_bool(const DmJson *object, const char *key, gboolean fallback)
{
        const DmJson *j = dm_json_get(object, key);
        return json_object_is_type(j, json_type_boolean) ? json_object_get_boolean(j) : fallback;
}

/* json-c stores integers as signed or unsigned and clamps in the getter of the other kind.  A negative number
 * shows as such in the signed getter; any other is exact in the unsigned one. */
gboolean dm_json_to_i64(const DmJson *j, gint64 *ret_value)
{
        if (!json_object_is_type(j, json_type_int) || json_object_get_uint64(j) > G_MAXINT64)
                return FALSE;
        *ret_value = json_object_get_int64(j);
        return TRUE;
}

gboolean dm_json_to_u64(const DmJson *j, guint64 *ret_value)
{
        if (!json_object_is_type(j, json_type_int) || json_object_get_int64(j) < 0)
                return FALSE;
        *ret_value = json_object_get_uint64(j);
        return TRUE;
}

gboolean dm_json_to_double(const DmJson *j, double *ret_value)
{
        guint64 unsigned_value;
        gint64 signed_value;
        if (dm_json_to_u64(j, &unsigned_value))
                *ret_value = (double)unsigned_value;
        else if (dm_json_to_i64(j, &signed_value))
                *ret_value = (double)signed_value;
        else if (json_object_is_type(j, json_type_double))
                *ret_value = json_object_get_double(j);
        else
                return FALSE;
        return TRUE;
}

gint64 dm_json_get_i64(const DmJson *object, const char *key, gint64 fallback)
{
        gint64 value;
        return dm_json_to_i64(dm_json_get(object, key), &value) ? value : fallback;
}

guint64 dm_json_get_u64(const DmJson *object, const char *key, guint64 fallback)
{
        guint64 value;
        return dm_json_to_u64(dm_json_get(object, key), &value) ? value : fallback;
}

gsize dm_json_length(const DmJson *array)
{
        return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

DmJson *dm_json_at(const DmJson *array, gsize index)
{
        return index < dm_json_length(array) ? json_object_array_get_idx(array, index) : NULL;
}

void dm_json_each(const DmJson *object, DmJsonMemberFn fn, void *data)
{
        if (!json_object_is_type(object, json_type_object))
                return;
        struct lh_entry *entry, *next;
        lh_foreach_safe(json_object_get_object(object), entry, next)
        {
                fn(lh_entry_k(entry), lh_entry_v(entry), data);
        }
}

gboolean dm_json_equal(const DmJson *a, const DmJson *b)
{
        return json_object_equal((DmJson *)a, (DmJson *)b); /* it only reads them */
}

/* ---- dispatch ---- */

static gboolean is_strv(const DmJson *j)
{
        if (!json_object_is_type(j, json_type_array))
                return FALSE;
        for (gsize i = 0; i < dm_json_length(j); i++)
                if (!dm_json_string(dm_json_at(j, i)))
                        return FALSE;
        return TRUE;
}

/* NULL when @j can be stored as @type, else what it should have been. */
static const char *mismatch(const DmJson *j, DmJsonType type)
{
        gint64 i64;
        guint64 u64;
        switch (type) {
        case DM_JT_STRING:
                return dm_json_string(j) ? NULL : "a string";
        case DM_JT_BOOL:
                return json_object_is_type(j, json_type_boolean) ? NULL : "true or false";
        case DM_JT_I64:
                return dm_json_to_i64(j, &i64) ? NULL : "an integer of 64 bits";
        case DM_JT_U64:
                return dm_json_to_u64(j, &u64) ? NULL : "an unsigned integer of 64 bits";
        case DM_JT_INT:
                return dm_json_to_i64(j, &i64) && i64 >= G_MININT && i64 <= G_MAXINT
                               ? NULL
                               : "an integer of 32 bits";
        case DM_JT_STRV:
                return is_strv(j) ? NULL : "a list of strings";
        }
        g_assert_not_reached();
}

static char **dup_strv(const DmJson *array)
{
        gsize n = dm_json_length(array);
        char **strv = g_new0(char *, n + 1);
        for (gsize i = 0; i < n; i++)
                strv[i] = g_strdup(dm_json_string(dm_json_at(array, i)));
        return strv;
}

/* @j has passed mismatch(). */
static void store(const DmJson *j, DmJsonType type, void *field)
{
        gint64 i64 = 0;
        switch (type) {
        case DM_JT_STRING:
                g_free(*(char **)field);
                *(char **)field = g_strdup(dm_json_string(j));
                break;
        case DM_JT_BOOL:
                *(gboolean *)field = json_object_get_boolean(j);
                break;
        case DM_JT_I64:
                dm_json_to_i64(j, field);
                break;
        case DM_JT_U64:
                dm_json_to_u64(j, field);
                break;
        case DM_JT_INT:
                dm_json_to_i64(j, &i64);
                *(int *)field = (int)i64;
                break;
        case DM_JT_STRV:
                g_strfreev(*(char ***)field);
                *(char ***)field = dup_strv(j);
                break;
        }
}

gboolean dm_json_read(const DmJson *object, const DmJsonField *fields, void *target, GError **error)
{
        if (!json_object_is_type(object, json_type_object))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "the JSON value is no object");
        for (const DmJsonField *f = fields; f->key; f++) {
                const DmJson *j = dm_json_get(object, f->key);
                if (!j && f->required)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "the JSON member '%s' is missing",
                                       f->key);
                const char *expected = j ? mismatch(j, f->type) : NULL;
                if (expected)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "the JSON member '%s' must be %s", f->key,
                                       expected);
        }
        for (const DmJsonField *f = fields; f->key; f++) {
                const DmJson *j = dm_json_get(object, f->key);
                if (j)
                        store(j, f->type, (char *)target + f->offset);
        }
        return TRUE;
}

static DmJson *new_strv(char **strv)
{
        if (!strv)
                return NULL;
        DmJson *array = dm_json_array_new();
        for (; *strv; strv++)
                dm_json_append_string(array, *strv);
        return array;
}

void dm_json_write(DmJson *object, const DmJsonField *fields, const void *source)
{
        for (const DmJsonField *f = fields; f->key; f++) {
                const void *field = (const char *)source + f->offset;
                switch (f->type) {
                case DM_JT_STRING:
                        dm_json_add_string(object, f->key, *(char *const *)field);
                        break;
                case DM_JT_BOOL:
                        dm_json_add_bool(object, f->key, *(const gboolean *)field);
                        break;
                case DM_JT_I64:
                        dm_json_add_int(object, f->key, *(const gint64 *)field);
                        break;
                case DM_JT_U64:
                        dm_json_add_uint(object, f->key, *(const guint64 *)field);
                        break;
                case DM_JT_INT:
                        dm_json_add_int(object, f->key, *(const int *)field);
                        break;
                case DM_JT_STRV:
                        dm_json_add_take(object, f->key, new_strv(*(char **const *)field));
                        break;
                }
        }
}

void dm_json_clear(const DmJsonField *fields, void *target)
{
        for (const DmJsonField *f = fields; f->key; f++) {
                void *field = (char *)target + f->offset;
                switch (f->type) {
                case DM_JT_STRING:
                        g_clear_pointer((char **)field, g_free);
                        break;
                case DM_JT_STRV:
                        g_clear_pointer((char ***)field, g_strfreev);
                        break;
                case DM_JT_BOOL:
                        *(gboolean *)field = FALSE;
                        break;
                case DM_JT_INT:
                        *(int *)field = 0;
                        break;
                case DM_JT_I64:
                case DM_JT_U64:
                        *(guint64 *)field = 0;
                        break;
                }
        }
}
