/* The four walks over the rows of a struct: decode, encode, clear, least size.  What the rows are is in
 * record.h; XDR itself is xdr.c's. */
#include "rpc/record.h"
#include "util/error.h"

#include <string.h>

#define MAX_PATH 256 /* of a field in a message */

/* Where the walk stands, for messages: a list on the stack from the innermost struct outwards. */
typedef struct Place {
        const struct Place *outer;
        const char *name;
        gint64 index; /* in an array; -1: not in one */
} Place;

/* Arrays of any element have the same layout, that of this. */
typedef struct AnyArray {
        void *items;
        guint32 n;
} AnyArray;

G_STATIC_ASSERT(sizeof(DmXdrBytes) == sizeof(AnyArray));
G_STATIC_ASSERT(sizeof(DmXdrStrings) == sizeof(AnyArray));
G_STATIC_ASSERT(sizeof(DmTypedParams) == sizeof(AnyArray));
G_STATIC_ASSERT(offsetof(DmTypedParams, n) == offsetof(AnyArray, n));

/* Copies, not casts: the members have types of their own, which an access through another would break. */
static AnyArray load_array(const void *at)
{
        AnyArray a;
        memcpy(&a, at, sizeof a);
        return a;
}

static void *load_pointer(const void *at)
{
        void *p;
        memcpy(&p, at, sizeof p);
        return p;
}

static void store_pointer(void *at, void *p)
{
        memcpy(at, &p, sizeof p);
}

/* @items has to be zeroed, so that what is not reached can be cleared. */
static void store_array(void *at, void *items, guint32 n)
{
        AnyArray a = { items, n };
        memcpy(at, &a, sizeof a);
}

static void append_place(GString *s, const Place *p)
{
        if (p->outer)
                append_place(s, p->outer);
        if (p->name && s->len > 0)
                g_string_append_c(s, '.');
        if (p->name)
                g_string_append(s, p->name);
        if (p->index >= 0)
                g_string_append_printf(s, "[%" G_GINT64_FORMAT "]", p->index);
        if (s->len > MAX_PATH)
                g_string_truncate(s, MAX_PATH);
}

static gboolean name_field(const Place *place, GError **error)
{
        g_autoptr(GString) path = g_string_new(NULL);
        append_place(path, place);
        g_prefix_error(error, "field '%s', ", path->str);
        return FALSE;
}

/* ---- least size ---- */

#define WORD   4u /* a number, a count, the mark of an optional value */
#define DOUBLE 8u

static gsize field_min_size(const DmXdrField *f)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_I64:
        case DM_XDR_U64:
                return DOUBLE;
        case DM_XDR_UUID:
                return DM_RPC_UUID_SIZE;
        case DM_XDR_NAME:
                return (gsize)f->max * WORD;
        case DM_XDR_STRUCT:
                return dm_record_min_size(f->type);
        case DM_XDR_I32:
        case DM_XDR_U32:
        case DM_XDR_STRING:
        case DM_XDR_OPT_STRING:
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
        case DM_XDR_I32S:
        case DM_XDR_U32S:
        case DM_XDR_U64S:
        case DM_XDR_STRINGS:
        case DM_XDR_PARAMS:
        case DM_XDR_OPT:
        case DM_XDR_ARRAY:
                return WORD;
        }
        g_assert_not_reached();
}

gsize dm_record_min_size(const DmXdrType *type)
{
        gsize sum = 0;
        for (gsize i = 0; i < type->n_fields; i++)
                sum += field_min_size(&type->fields[i]);
        return sum;
}

const DmXdrField *dm_record_field(const DmXdrType *type, const char *name)
{
        for (gsize i = 0; i < type->n_fields; i++)
                if (g_str_equal(type->fields[i].name, name))
                        return &type->fields[i];
        return NULL;
}

/* ---- clear ---- */

static void clear_array(const DmXdrField *f, AnyArray a)
{
        for (guint32 i = 0; i < a.n; i++)
                dm_record_clear(f->type, (char *)a.items + (gsize)i * f->type->size);
        g_free(a.items);
}

static void clear_strings(AnyArray a)
{
        for (guint32 i = 0; i < a.n; i++)
                g_free(((char **)a.items)[i]);
        g_free(a.items);
}

static void clear_field(const DmXdrField *f, void *at)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_I32:
        case DM_XDR_U32:
        case DM_XDR_I64:
        case DM_XDR_U64:
        case DM_XDR_UUID:
        case DM_XDR_NAME:
                break;
        case DM_XDR_STRING:
        case DM_XDR_OPT_STRING:
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
        case DM_XDR_I32S:
        case DM_XDR_U32S:
        case DM_XDR_U64S:
                g_free(load_pointer(at));
                break;
        case DM_XDR_STRINGS:
                clear_strings(load_array(at));
                break;
        case DM_XDR_PARAMS:
                dm_typed_params_clear(at);
                break;
        case DM_XDR_STRUCT:
                dm_record_clear(f->type, at);
                break;
        case DM_XDR_OPT: {
                void *inner = load_pointer(at);
                if (inner)
                        dm_record_clear(f->type, inner);
                g_free(inner);
                break;
        }
        case DM_XDR_ARRAY:
                clear_array(f, load_array(at));
                break;
        }
}

void dm_record_clear(const DmXdrType *type, void *value)
{
        for (gsize i = 0; i < type->n_fields; i++)
                clear_field(&type->fields[i], (char *)value + type->fields[i].offset);
        memset(value, 0, type->size);
}

/* ---- decode ---- */

static gboolean decode_struct(const DmXdrType *type, DmXdrReader *r, void *ret, const Place *place,
                              GError **error);

static gboolean decode_string(DmXdrReader *r, void *at, GError **error)
{
        char *text = dm_xdr_read_string(r, DM_RPC_STRING_MAX, error);
        store_pointer(at, text);
        return text != NULL;
}

static gboolean decode_opt_string(DmXdrReader *r, void *at, GError **error)
{
        gboolean present;
        return dm_xdr_read_bool(r, &present, error) && (!present || decode_string(r, at, error));
}

static gboolean decode_bytes(const DmXdrField *f, DmXdrReader *r, void *at, GError **error)
{
        const guint8 *data;
        guint32 n;
        if (!dm_xdr_read_bytes(r, f->max, &data, &n, error))
                return FALSE;
        store_array(at, g_memdup2(data, n), n);
        return TRUE;
}

static gboolean read_char(DmXdrReader *r, guint8 *ret, GError **error)
{
        /* Signed or not is the peer's choice: rpcgen writes the C compiler's char. */
        gint32 value;
        if (!dm_xdr_read_i32(r, &value, error))
                return FALSE;
        if (value < G_MININT8 || value > (gint32)G_MAXUINT8)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %d where one character stands",
                               r->offset - WORD, value);
        *ret = (guint8)value;
        return TRUE;
}

static gboolean decode_chars(const DmXdrField *f, DmXdrReader *r, void *at, GError **error)
{
        guint32 n;
        if (!dm_xdr_read_count(r, f->max, WORD, &n, error))
                return FALSE;
        guint8 *data = n > 0 ? g_malloc(n) : NULL;
        store_array(at, data, n);
        for (guint32 i = 0; i < n; i++)
                if (!read_char(r, &data[i], error))
                        return FALSE;
        return TRUE;
}

static gboolean decode_name(const DmXdrField *f, DmXdrReader *r, void *at, GError **error)
{
        guint8 *name = at;
        for (guint32 i = 0; i < f->max; i++)
                if (!read_char(r, &name[i], error))
                        return FALSE;
        name[f->max - 1] = '\0';
        return TRUE;
}

/* Numbers of @size bytes. */
static gboolean decode_numbers(const DmXdrField *f, gsize size, DmXdrReader *r, void *at, GError **error)
{
        guint32 n;
        if (!dm_xdr_read_count(r, f->max, size, &n, error))
                return FALSE;
        char *items = n > 0 ? g_malloc_n(n, size) : NULL;
        store_array(at, items, n);
        for (guint32 i = 0; i < n; i++) {
                char *item = items + i * size;
                if (size == DOUBLE ? !dm_xdr_read_u64(r, (guint64 *)(void *)item, error)
                                   : !dm_xdr_read_u32(r, (guint32 *)(void *)item, error))
                        return FALSE;
        }
        return TRUE;
}

static gboolean decode_strings(const DmXdrField *f, DmXdrReader *r, void *at, const Place *place,
                               GError **error)
{
        guint32 n;
        if (!dm_xdr_read_count(r, f->max, WORD, &n, error))
                return name_field(place, error);
        char **items = g_new0(char *, (gsize)n + 1);
        store_array(at, items, n);
        for (guint32 i = 0; i < n; i++)
                if (!decode_string(r, &items[i], error))
                        return name_field(&(Place){ place->outer, place->name, i }, error);
        return TRUE;
}

static gboolean decode_array(const DmXdrField *f, DmXdrReader *r, void *at, const Place *place,
                             GError **error)
{
        guint32 n;
        if (!dm_xdr_read_count(r, f->max, dm_record_min_size(f->type), &n, error))
                return name_field(place, error);
        char *items = g_malloc0_n(n, f->type->size);
        store_array(at, items, n);
        for (guint32 i = 0; i < n; i++)
                if (!decode_struct(f->type, r, items + (gsize)i * f->type->size,
                                   &(Place){ place->outer, place->name, i }, error))
                        return FALSE;
        return TRUE;
}

static gboolean decode_opt(const DmXdrField *f, DmXdrReader *r, void *at, const Place *place, GError **error)
{
        gboolean present;
        if (!dm_xdr_read_bool(r, &present, error))
                return name_field(place, error);
        if (!present)
                return TRUE;
        void *inner = g_malloc0(f->type->size);
        store_pointer(at, inner);
        return decode_struct(f->type, r, inner, place, error);
}

static gboolean decode_param_value(DmXdrReader *r, DmTypedParam *p, GError **error)
{
        gint32 type;
        if (!dm_xdr_read_i32(r, &type, error))
                return FALSE;
        if (type < DM_TYPED_INT || type > DM_TYPED_STRING)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "byte %zu: %d is no type of a parameter",
                               r->offset - WORD, type);
        p->type = type;
        switch ((DmTypedType)type) {
        case DM_TYPED_INT:
                return dm_xdr_read_i32(r, &p->value.i, error);
        case DM_TYPED_UINT:
                return dm_xdr_read_u32(r, &p->value.ui, error);
        case DM_TYPED_LLONG:
                return dm_xdr_read_i64(r, &p->value.l, error);
        case DM_TYPED_ULLONG:
                return dm_xdr_read_u64(r, &p->value.ul, error);
        case DM_TYPED_DOUBLE:
                return dm_xdr_read_double(r, &p->value.d, error);
        case DM_TYPED_BOOLEAN:
                return dm_xdr_read_i32(r, &p->value.b, error);
        case DM_TYPED_STRING:
                return decode_string(r, &p->value.s, error);
        }
        g_assert_not_reached();
}

#define PARAM_MIN_SIZE (3 * WORD) /* an empty name, the type, a number */

static gboolean decode_params(const DmXdrField *f, DmXdrReader *r, DmTypedParams *at, const Place *place,
                              GError **error)
{
        guint32 n;
        if (!dm_xdr_read_count(r, f->max, PARAM_MIN_SIZE, &n, error))
                return name_field(place, error);
        at->items = g_new0(DmTypedParam, n);
        at->n = n;
        for (guint32 i = 0; i < n; i++) {
                Place element = { place->outer, place->name, i };
                if (!decode_string(r, &at->items[i].field, error))
                        return name_field(&(Place){ &element, "field", -1 }, error);
                if (!decode_param_value(r, &at->items[i], error))
                        return name_field(&(Place){ &element, "value", -1 }, error);
        }
        return TRUE;
}

/* A field without fields of its own; the caller names it in the error. */
static gboolean decode_plain(const DmXdrField *f, DmXdrReader *r, void *at, GError **error)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_I32:
                return dm_xdr_read_i32(r, at, error);
        case DM_XDR_U32:
                return dm_xdr_read_u32(r, at, error);
        case DM_XDR_I64:
                return dm_xdr_read_i64(r, at, error);
        case DM_XDR_U64:
                return dm_xdr_read_u64(r, at, error);
        case DM_XDR_STRING:
                return decode_string(r, at, error);
        case DM_XDR_OPT_STRING:
                return decode_opt_string(r, at, error);
        case DM_XDR_UUID:
                return dm_xdr_read_fixed(r, DM_RPC_UUID_SIZE, at, error);
        case DM_XDR_BYTES:
                return decode_bytes(f, r, at, error);
        case DM_XDR_CHARS:
                return decode_chars(f, r, at, error);
        case DM_XDR_NAME:
                return decode_name(f, r, at, error);
        case DM_XDR_I32S:
        case DM_XDR_U32S:
                return decode_numbers(f, WORD, r, at, error);
        case DM_XDR_U64S:
                return decode_numbers(f, DOUBLE, r, at, error);
        case DM_XDR_STRINGS:
        case DM_XDR_PARAMS:
        case DM_XDR_STRUCT:
        case DM_XDR_OPT:
        case DM_XDR_ARRAY:
                break;
        }
        g_assert_not_reached();
}

static gboolean decode_field(const DmXdrField *f, DmXdrReader *r, void *at, const Place *place,
                             GError **error)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_STRINGS:
                return decode_strings(f, r, at, place, error);
        case DM_XDR_PARAMS:
                return decode_params(f, r, at, place, error);
        case DM_XDR_STRUCT:
                return decode_struct(f->type, r, at, place, error);
        case DM_XDR_OPT:
                return decode_opt(f, r, at, place, error);
        case DM_XDR_ARRAY:
                return decode_array(f, r, at, place, error);
        case DM_XDR_I32:
        case DM_XDR_U32:
        case DM_XDR_I64:
        case DM_XDR_U64:
        case DM_XDR_STRING:
        case DM_XDR_OPT_STRING:
        case DM_XDR_UUID:
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
        case DM_XDR_NAME:
        case DM_XDR_I32S:
        case DM_XDR_U32S:
        case DM_XDR_U64S:
                return decode_plain(f, r, at, error) || name_field(place, error);
        }
        g_assert_not_reached();
}

/* @ret is zeroed, and may be left half filled. */
static gboolean decode_struct(const DmXdrType *type, DmXdrReader *r, void *ret, const Place *place,
                              GError **error)
{
        for (gsize i = 0; i < type->n_fields; i++) {
                const DmXdrField *f = &type->fields[i];
                if (!decode_field(f, r, (char *)ret + f->offset, &(Place){ place, f->name, -1 }, error))
                        return FALSE;
        }
        return TRUE;
}

gboolean dm_record_decode(const DmXdrType *type, DmXdrReader *r, void *ret, GError **error)
{
        memset(ret, 0, type->size);
        if (decode_struct(type, r, ret, NULL, error))
                return TRUE;
        dm_record_clear(type, ret);
        return FALSE;
}

/* ---- encode ---- */

/* Why a value cannot be sent, NULL when it was written.  Static text. */
typedef const char *Refusal;

static Refusal encode_struct(const DmXdrType *type, const void *value, DmXdrWriter *w, GString *path);

static Refusal encode_string(const char *text, DmXdrWriter *w)
{
        if (!text)
                return "a string must be there";
        gsize length = strlen(text);
        if (length > DM_RPC_STRING_MAX)
                return "the string is too long";
        dm_xdr_write_bytes(w, text, (guint32)length);
        return NULL;
}

static Refusal encode_opt_string(const char *text, DmXdrWriter *w)
{
        dm_xdr_write_u32(w, text != NULL);
        return text ? encode_string(text, w) : NULL;
}

static void write_chars(DmXdrWriter *w, const void *data, gsize n)
{
        for (gsize i = 0; i < n; i++)
                dm_xdr_write_u32(w, (guint32)((const gint8 *)data)[i]);
}

static Refusal encode_params(const DmTypedParams *p, DmXdrWriter *w)
{
        for (guint32 i = 0; i < p->n; i++) {
                const DmTypedParam *param = &p->items[i];
                Refusal no = encode_string(param->field, w);
                if (no)
                        return no;
                dm_xdr_write_u32(w, (guint32)param->type);
                switch ((DmTypedType)param->type) {
                case DM_TYPED_INT:
                        dm_xdr_write_u32(w, (guint32)param->value.i);
                        continue;
                case DM_TYPED_UINT:
                        dm_xdr_write_u32(w, param->value.ui);
                        continue;
                case DM_TYPED_LLONG:
                        dm_xdr_write_u64(w, (guint64)param->value.l);
                        continue;
                case DM_TYPED_ULLONG:
                        dm_xdr_write_u64(w, param->value.ul);
                        continue;
                case DM_TYPED_DOUBLE:
                        dm_xdr_write_double(w, param->value.d);
                        continue;
                case DM_TYPED_BOOLEAN:
                        dm_xdr_write_u32(w, (guint32)param->value.b);
                        continue;
                case DM_TYPED_STRING:
                        no = encode_string(param->value.s, w);
                        if (no)
                                return no;
                        continue;
                }
                return "a parameter has no type";
        }
        return NULL;
}

/* Kinds whose C type is an array; its count is written already. */
static Refusal encode_items(const DmXdrField *f, AnyArray a, DmXdrWriter *w, GString *path)
{
        for (guint32 i = 0; i < a.n; i++) {
                Refusal no = NULL;
                if (f->kind == DM_XDR_ARRAY)
                        no = encode_struct(f->type, (char *)a.items + (gsize)i * f->type->size, w, path);
                else if (f->kind == DM_XDR_STRINGS)
                        no = encode_string(((char **)a.items)[i], w);
                else if (f->kind == DM_XDR_U64S)
                        dm_xdr_write_u64(w, ((const guint64 *)a.items)[i]);
                else
                        dm_xdr_write_u32(w, ((const guint32 *)a.items)[i]);
                if (no)
                        return no;
        }
        return NULL;
}

static Refusal encode_many(const DmXdrField *f, const void *at, DmXdrWriter *w, GString *path)
{
        AnyArray a = load_array(at);
        if (a.n > f->max)
                return "it has more elements than the other side takes";
        if (f->kind == DM_XDR_BYTES) {
                dm_xdr_write_bytes(w, a.items, a.n);
                return NULL;
        }
        dm_xdr_write_u32(w, a.n);
        if (f->kind == DM_XDR_PARAMS)
                return encode_params(at, w);
        if (f->kind == DM_XDR_CHARS) {
                write_chars(w, a.items, a.n);
                return NULL;
        }
        return encode_items(f, a, w, path);
}

static Refusal encode_field(const DmXdrField *f, const void *at, DmXdrWriter *w, GString *path)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_I32:
        case DM_XDR_U32:
                dm_xdr_write_u32(w, *(const guint32 *)at);
                return NULL;
        case DM_XDR_I64:
        case DM_XDR_U64:
                dm_xdr_write_u64(w, *(const guint64 *)at);
                return NULL;
        case DM_XDR_UUID:
                dm_xdr_write_fixed(w, at, DM_RPC_UUID_SIZE);
                return NULL;
        case DM_XDR_NAME:
                write_chars(w, at, f->max);
                return NULL;
        case DM_XDR_STRING:
                return encode_string(load_pointer(at), w);
        case DM_XDR_OPT_STRING:
                return encode_opt_string(load_pointer(at), w);
        case DM_XDR_STRUCT:
                return encode_struct(f->type, at, w, path);
        case DM_XDR_OPT: {
                const void *inner = load_pointer(at);
                dm_xdr_write_u32(w, inner != NULL);
                return inner ? encode_struct(f->type, inner, w, path) : NULL;
        }
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
        case DM_XDR_I32S:
        case DM_XDR_U32S:
        case DM_XDR_U64S:
        case DM_XDR_STRINGS:
        case DM_XDR_PARAMS:
        case DM_XDR_ARRAY:
                return encode_many(f, at, w, path);
        }
        g_assert_not_reached();
}

/* @path holds the names of the fields outside; after a refusal that of the field, from the inside out. */
static Refusal encode_struct(const DmXdrType *type, const void *value, DmXdrWriter *w, GString *path)
{
        for (gsize i = 0; i < type->n_fields; i++) {
                const DmXdrField *f = &type->fields[i];
                Refusal no = encode_field(f, (const char *)value + f->offset, w, path);
                if (!no)
                        continue;
                if (path->len > 0)
                        g_string_prepend_c(path, '.');
                g_string_prepend(path, f->name);
                return no;
        }
        return NULL;
}

gboolean dm_record_encode(const DmXdrType *type, const void *value, DmXdrWriter *w, GError **error)
{
        g_autoptr(GString) path = g_string_new(NULL);
        Refusal no = encode_struct(type, value, w, path);
        if (no)
                return dm_fail(error, DM_ERROR_INTERNAL, "%s cannot be sent: field '%s': %s", type->name,
                               path->str, no);
        if (w->failed)
                return dm_fail(error, DM_ERROR_INTERNAL, "%s cannot be sent: it is longer than %zu bytes",
                               type->name, w->limit);
        return TRUE;
}
