/* The codec over every row of the tables: values are made from the rows, so a new row is tested on arrival.
 */
#include "rpc/procs.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX  (1 << 20)
#define ROUNDS       20 /* random values of each row */
#define SMALL        3  /* most elements of an array whose bound is large */
#define MOST_GROWTH  4  /* one allocation, over the bytes that were there */
#define TOTAL_GROWTH 16 /* all of a decode together: many small strings */
#define SLACK        512

/* ---- what the codec allocates: GLib's functions that it calls, defined here and so taken by the linker ----
 */

static gsize largest_allocation, all_allocations;

static gsize noted(gsize n)
{
        largest_allocation = MAX(largest_allocation, n);
        all_allocations += n;
        return MAX(n, 1);
}

static gpointer checked(gpointer memory)
{
        if (!memory)
                abort();
        return memory;
}

gpointer g_malloc(gsize n)
{
        return n > 0 ? checked(malloc(noted(n))) : NULL;
}

gpointer g_malloc0(gsize n)
{
        return n > 0 ? checked(calloc(1, noted(n))) : NULL;
}

gpointer g_malloc_n(gsize n, gsize each)
{
        return n > 0 ? checked(malloc(noted(n * each))) : NULL;
}

gpointer g_malloc0_n(gsize n, gsize each)
{
        return n > 0 ? checked(calloc(1, noted(n * each))) : NULL;
}

gchar *g_strndup(const gchar *text, gsize n)
{
        char *copy = checked(calloc(1, noted(n + 1)));
        memcpy(copy, text, n);
        return copy;
}

gpointer g_memdup2(gconstpointer memory, gsize n)
{
        return n > 0 ? memcpy(checked(malloc(noted(n))), memory, n) : NULL;
}

/* ---- random values ---- */

static void make_random(const DmXdrType *type, GRand *rand, void *value);

static guint32 some(GRand *rand, guint32 max)
{
        guint32 most = max <= 32 ? max : SMALL;
        return (guint32)g_rand_int_range(rand, 0, (gint32)most + 1);
}

static char *random_text(GRand *rand)
{
        gsize length = (gsize)g_rand_int_range(rand, 0, 9);
        char *text = g_malloc0(length + 1);
        for (gsize i = 0; i < length; i++)
                text[i] = (char)g_rand_int_range(rand, 1, 256);
        return text;
}

static guint8 *random_bytes(GRand *rand, gsize n)
{
        guint8 *bytes = g_malloc(n);
        for (gsize i = 0; i < n; i++)
                bytes[i] = (guint8)g_rand_int_range(rand, 0, 256);
        return bytes;
}

static guint64 random_u64(GRand *rand)
{
        return (guint64)g_rand_int(rand) << 32 | g_rand_int(rand);
}

static void random_param(GRand *rand, DmTypedParams *p)
{
        switch ((DmTypedType)g_rand_int_range(rand, DM_TYPED_INT, DM_TYPED_STRING + 1)) {
        case DM_TYPED_INT:
                dm_typed_params_add_int(p, (gint32)g_rand_int(rand), "i%u", p->n);
                break;
        case DM_TYPED_UINT:
                dm_typed_params_add_uint(p, g_rand_int(rand), "ui%u", p->n);
                break;
        case DM_TYPED_LLONG:
                dm_typed_params_add_llong(p, (gint64)random_u64(rand), "l%u", p->n);
                break;
        case DM_TYPED_ULLONG:
                dm_typed_params_add_ullong(p, random_u64(rand), "ul%u", p->n);
                break;
        case DM_TYPED_DOUBLE:
                dm_typed_params_add_double(p, g_rand_double(rand), "d");
                break;
        case DM_TYPED_BOOLEAN:
                dm_typed_params_add_boolean(p, g_rand_boolean(rand), "b");
                break;
        case DM_TYPED_STRING: {
                g_autofree char *text = random_text(rand);
                dm_typed_params_add_string(p, text, "s");
                break;
        }
        }
}

/* Bytes of one element in memory; 0 for kinds that are no arrays. */
static gsize element_size(const DmXdrField *f)
{
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
                return 1;
        case DM_XDR_I32S:
        case DM_XDR_U32S:
                return sizeof(gint32);
        case DM_XDR_U64S:
                return sizeof(guint64);
        case DM_XDR_STRINGS:
                return sizeof(char *);
        case DM_XDR_PARAMS:
                return sizeof(DmTypedParam);
        case DM_XDR_ARRAY:
                return f->type->size;
        case DM_XDR_I32:
        case DM_XDR_U32:
        case DM_XDR_I64:
        case DM_XDR_U64:
        case DM_XDR_STRING:
        case DM_XDR_OPT_STRING:
        case DM_XDR_UUID:
        case DM_XDR_NAME:
        case DM_XDR_STRUCT:
        case DM_XDR_OPT:
                return 0;
        }
        g_assert_not_reached();
}

typedef struct Items {
        void *items;
        guint32 n;
} Items;

static void random_items(const DmXdrField *f, GRand *rand, void *at)
{
        guint32 n = some(rand, f->max);
        if (f->kind == DM_XDR_PARAMS) {
                while (n-- > 0)
                        random_param(rand, at);
                return;
        }
        gsize size = element_size(f);
        Items items = { NULL, n };
        if (f->kind == DM_XDR_ARRAY || f->kind == DM_XDR_STRINGS)
                items.items = g_malloc0_n(n, size);
        else
                items.items = random_bytes(rand, n * size);
        memcpy(at, &items, sizeof items);
        for (guint32 i = 0; i < n && f->kind == DM_XDR_ARRAY; i++)
                make_random(f->type, rand, (char *)items.items + i * size);
        for (guint32 i = 0; i < n && f->kind == DM_XDR_STRINGS; i++)
                ((char **)items.items)[i] = random_text(rand);
}

static void random_field(const DmXdrField *f, GRand *rand, char *at)
{
        gsize plain = 0;
        char *text;
        void *inner;
        switch ((DmXdrKind)f->kind) {
        case DM_XDR_I32:
        case DM_XDR_U32:
                plain = 4;
                break;
        case DM_XDR_I64:
        case DM_XDR_U64:
                plain = 8;
                break;
        case DM_XDR_UUID:
                plain = DM_RPC_UUID_SIZE;
                break;
        case DM_XDR_NAME:
                plain = f->max - 1; /* the last stays NUL */
                break;
        case DM_XDR_STRING:
                text = random_text(rand);
                memcpy(at, &text, sizeof text);
                return;
        case DM_XDR_OPT_STRING:
                text = g_rand_boolean(rand) ? random_text(rand) : NULL;
                memcpy(at, &text, sizeof text);
                return;
        case DM_XDR_STRUCT:
                make_random(f->type, rand, at);
                return;
        case DM_XDR_OPT:
                if (g_rand_boolean(rand)) {
                        inner = g_malloc0(f->type->size);
                        make_random(f->type, rand, inner);
                        memcpy(at, &inner, sizeof inner);
                }
                return;
        case DM_XDR_BYTES:
        case DM_XDR_CHARS:
        case DM_XDR_I32S:
        case DM_XDR_U32S:
        case DM_XDR_U64S:
        case DM_XDR_STRINGS:
        case DM_XDR_PARAMS:
        case DM_XDR_ARRAY:
                random_items(f, rand, at);
                return;
        }
        g_autofree guint8 *bytes = random_bytes(rand, plain);
        memcpy(at, bytes, plain);
}

static void make_random(const DmXdrType *type, GRand *rand, void *value)
{
        for (gsize i = 0; i < type->n_fields; i++)
                random_field(&type->fields[i], rand, (char *)value + type->fields[i].offset);
}

/* ---- equality ---- */

static void assert_equal(const DmXdrType *type, const void *a, const void *b);

static void assert_params_equal(const DmTypedParams *a, const DmTypedParams *b)
{
        g_assert_cmpuint(a->n, ==, b->n);
        for (guint32 i = 0; i < a->n; i++) {
                g_assert_cmpstr(a->items[i].field, ==, b->items[i].field);
                g_assert_cmpint(a->items[i].type, ==, b->items[i].type);
                if (a->items[i].type == DM_TYPED_STRING)
                        g_assert_cmpstr(a->items[i].value.s, ==, b->items[i].value.s);
                else if (a->items[i].type == DM_TYPED_DOUBLE)
                        g_assert_cmpfloat(a->items[i].value.d, ==, b->items[i].value.d);
                else if (a->items[i].type == DM_TYPED_LLONG || a->items[i].type == DM_TYPED_ULLONG)
                        g_assert_cmpuint(a->items[i].value.ul, ==, b->items[i].value.ul);
                else
                        g_assert_cmpint(a->items[i].value.i, ==, b->items[i].value.i);
        }
}

static void assert_field_equal(const DmXdrField *f, const char *a, const char *b)
{
        gsize each = element_size(f);
        if (f->kind == DM_XDR_STRUCT) {
                assert_equal(f->type, a, b);
        } else if (f->kind == DM_XDR_PARAMS) {
                assert_params_equal((const void *)a, (const void *)b);
        } else if (each > 0) {
                Items x, y;
                memcpy(&x, a, sizeof x);
                memcpy(&y, b, sizeof y);
                g_assert_cmpuint(x.n, ==, y.n);
                for (guint32 i = 0; i < x.n; i++) {
                        const char *p = (const char *)x.items + i * each,
                                   *q = (const char *)y.items + i * each;
                        if (f->kind == DM_XDR_ARRAY)
                                assert_equal(f->type, p, q);
                        else if (f->kind == DM_XDR_STRINGS)
                                g_assert_cmpstr(*(char *const *)(const void *)p, ==,
                                                *(char *const *)(const void *)q);
                        else
                                g_assert_cmpmem(p, each, q, each);
                }
        } else if (f->kind == DM_XDR_OPT || f->kind == DM_XDR_STRING || f->kind == DM_XDR_OPT_STRING) {
                void *p, *q;
                memcpy(&p, a, sizeof p);
                memcpy(&q, b, sizeof q);
                g_assert_true((p == NULL) == (q == NULL));
                if (f->kind != DM_XDR_OPT)
                        g_assert_cmpstr(p, ==, q);
                else if (p)
                        assert_equal(f->type, p, q);
        } else {
                gsize size = f->kind == DM_XDR_I32 || f->kind == DM_XDR_U32   ? 4
                             : f->kind == DM_XDR_I64 || f->kind == DM_XDR_U64 ? 8
                                                                              : f->max; /* UUID, NAME */
                g_assert_cmpmem(a, size, b, size);
        }
}

static void assert_equal(const DmXdrType *type, const void *a, const void *b)
{
        for (gsize i = 0; i < type->n_fields; i++)
                assert_field_equal(&type->fields[i], (const char *)a + type->fields[i].offset,
                                   (const char *)b + type->fields[i].offset);
}

/* ---- the tests ---- */

static GByteArray *encode(const DmXdrType *type, const void *value)
{
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, MESSAGE_MAX);
        g_autoptr(GError) error = NULL;
        dm_record_encode(type, value, &w, &error);
        g_assert_no_error(error);
        return g_steal_pointer(&w.bytes);
}

/* Decodes from a copy of exactly @length bytes, so that a sanitizer sees a read past them. */
static gboolean decode(const DmXdrType *type, const guint8 *bytes, gsize length, void *ret, gsize *ret_used,
                       GError **error)
{
        g_autofree guint8 *copy = length > 0 ? memcpy(malloc(length), bytes, length) : NULL;
        DmXdrReader r = { .data = copy ? copy : (const guint8 *)"", .length = length };
        largest_allocation = all_allocations = 0;
        gboolean good = dm_record_decode(type, &r, ret, error);
        if (good)
                g_assert_cmpuint(r.offset, <=, length);
        *ret_used = r.offset;
        return good;
}

static void assert_modest(gsize length)
{
        g_assert_cmpuint(largest_allocation, <=, MOST_GROWTH * length + SLACK);
        g_assert_cmpuint(all_allocations, <=, TOTAL_GROWTH * length + SLACK);
}

static gboolean is_zero(const void *value, gsize size)
{
        const char *bytes = value;
        for (gsize i = 0; i < size; i++)
                if (bytes[i])
                        return FALSE;
        return TRUE;
}

typedef void (*RowFn)(const DmXdrType *type, GRand *rand);

static void for_each_row(RowFn fn)
{
        g_autoptr(GRand) rand = g_rand_new_with_seed(20260101);
        for (const DmXdrType *const *types = dm_rpc_types(); *types; types++)
                fn(*types, rand);
}

static void check_round_trip(const DmXdrType *type, GRand *rand)
{
        g_autofree void *value = g_malloc0(type->size), *again = g_malloc0(type->size);
        for (int round = 0; round < ROUNDS; round++) {
                make_random(type, rand, value);
                g_autoptr(GByteArray) bytes = encode(type, value);
                g_assert_cmpuint(bytes->len, >=, dm_record_min_size(type));
                g_assert_cmpuint(bytes->len % 4, ==, 0);
                gsize used;
                g_autoptr(GError) error = NULL;
                decode(type, bytes->data, bytes->len, again, &used, &error);
                g_assert_no_error(error);
                g_assert_cmpuint(used, ==, bytes->len);
                assert_equal(type, value, again);
                g_autoptr(GByteArray) same = encode(type, again);
                g_assert_cmpmem(same->data, same->len, bytes->data, bytes->len);
                dm_record_clear(type, value);
                dm_record_clear(type, again);
                g_assert_true(is_zero(value, type->size) && is_zero(again, type->size));
        }
}

static void test_round_trip(void)
{
        for_each_row(check_round_trip);
}

/* No beginning of a value is a value, and nothing stays of it. */
static void check_truncation(const DmXdrType *type, GRand *rand)
{
        g_autofree void *value = g_malloc0(type->size);
        make_random(type, rand, value);
        g_autoptr(GByteArray) bytes = encode(type, value);
        dm_record_clear(type, value);
        for (gsize length = 0; length < bytes->len; length++) {
                g_autoptr(GError) error = NULL;
                gsize used;
                g_assert_false(decode(type, bytes->data, length, value, &used, &error));
                g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
                g_assert_true(g_str_has_prefix(error->message, "field '"));
                g_assert_nonnull(strstr(error->message, "', byte "));
                g_assert_true(is_zero(value, type->size));
                assert_modest(length);
        }
}

static void test_truncation(void)
{
        for_each_row(check_truncation);
}

/* Every word of a value once a length that is not there. */
static void check_huge(const DmXdrType *type, GRand *rand)
{
        static const guint32 lengths[] = {
                0xffffffff, 0x80000000, 0x7fffffff, 0x01000000, DM_RPC_STRING_MAX, DM_RPC_STRING_MAX - 1,
                262144,     16384,      2048
        };
        g_autofree void *value = g_malloc0(type->size);
        make_random(type, rand, value);
        g_autoptr(GByteArray) bytes = encode(type, value);
        dm_record_clear(type, value);
        for (gsize at = 0; at + 4 <= bytes->len; at += 4)
                for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
                        guint32 before, huge = GUINT32_TO_BE(lengths[i]);
                        memcpy(&before, bytes->data + at, sizeof before);
                        memcpy(bytes->data + at, &huge, sizeof huge);
                        gsize used;
                        if (decode(type, bytes->data, bytes->len, value, &used, NULL))
                                dm_record_clear(type, value);
                        assert_modest(bytes->len);
                        memcpy(bytes->data + at, &before, sizeof before);
                }
}

static void test_huge_lengths(void)
{
        for_each_row(check_huge);
}

/* What is accepted after random changes is a value: it is written as it was read, but for the padding. */
static void check_mutation(const DmXdrType *type, GRand *rand)
{
        g_autofree void *value = g_malloc0(type->size), *again = g_malloc0(type->size);
        make_random(type, rand, value);
        g_autoptr(GByteArray) bytes = encode(type, value);
        dm_record_clear(type, value);
        for (int round = 0; round < 200; round++) {
                g_autofree guint8 *mutant = g_memdup2(bytes->data, bytes->len);
                for (int changes = g_rand_int_range(rand, 1, 4); changes > 0; changes--)
                        mutant[g_rand_int_range(rand, 0, (gint32)bytes->len)] =
                                (guint8)(g_rand_boolean(rand) ? g_rand_int_range(rand, 0, 4)
                                                              : g_rand_int_range(rand, 0, 256));
                gsize used, used_again;
                if (!decode(type, mutant, bytes->len, value, &used, NULL))
                        continue;
                assert_modest(bytes->len);
                g_autoptr(GByteArray) written = encode(type, value);
                g_assert_cmpuint(written->len, ==, used);
                g_assert_true(decode(type, written->data, written->len, again, &used_again, NULL));
                assert_equal(type, value, again);
                dm_record_clear(type, value);
                dm_record_clear(type, again);
        }
}

static void test_mutation(void)
{
        for_each_row(check_mutation);
}

/* Trailing bytes are not looked at: newer clients may say more. */
static void test_trailing(void)
{
        static const guint8 bytes[] = { 0, 0, 0, 7, 0, 0, 0, 1 };
        DM_RPC_AUTO(Flags, flags) = { 0 };
        gsize used;
        g_assert_true(decode(&dm_rpc_type_Flags, bytes, sizeof bytes, &flags, &used, NULL));
        g_assert_cmpuint(flags.flags, ==, 7);
        g_assert_cmpuint(used, ==, 4);
}

/* One more than a field takes is refused in both directions; as many as it takes are not. */
static void check_bounds(const DmXdrType *type, G_GNUC_UNUSED GRand *rand)
{
        for (gsize i = 0; i < type->n_fields; i++) {
                const DmXdrField *f = &type->fields[i];
                gsize each = element_size(f);
                if (each == 0 || f->kind == DM_XDR_ARRAY || f->kind == DM_XDR_PARAMS ||
                    f->kind == DM_XDR_STRINGS)
                        continue;
                /* A struct of this field alone, in an object of the same layout. */
                const DmXdrType alone = { type->name, f, 1, type->size };
                g_autofree void *value = g_malloc0(type->size);
                Items items = { g_malloc0_n((gsize)f->max + 1, each), f->max + 1 };
                memcpy((char *)value + f->offset, &items, sizeof items);
                g_auto(DmXdrWriter) w = { 0 };
                dm_xdr_writer_init(&w, 64 << 20);
                g_autoptr(GError) error = NULL;
                g_assert_false(dm_record_encode(&alone, value, &w, &error));
                g_assert_error(error, DM_ERROR, DM_ERROR_INTERNAL);
                g_assert_nonnull(strstr(error->message, "it has more elements than the other side takes"));
                items.n = f->max;
                memcpy((char *)value + f->offset, &items, sizeof items);
                g_byte_array_set_size(w.bytes, 0);
                g_assert_true(dm_record_encode(&alone, value, &w, NULL));
                dm_record_clear(&alone, value);
                gsize used;
                g_assert_true(decode(&alone, w.bytes->data, w.bytes->len, value, &used, NULL));
                dm_record_clear(&alone, value);
                dm_xdr_patch_u32(&w, 0, f->max + 1);
                g_byte_array_append(w.bytes, (const guint8 *)"\0\0\0\0\0\0\0", 8);
                g_clear_error(&error);
                g_assert_false(decode(&alone, w.bytes->data, w.bytes->len, value, &used, &error));
                g_autofree char *most = g_strdup_printf("at most %u", f->max);
                g_assert_nonnull(strstr(error->message, most));
                g_assert_cmpuint(largest_allocation, <=, SLACK);
        }
}

static void test_bounds(void)
{
        for_each_row(check_bounds);
}

static void test_array_bounds(void)
{
        DM_RPC_AUTO(Names, names) = { 0 };
        names.names.n = 16385;
        names.names.items = g_new0(char *, names.names.n);
        for (guint32 i = 0; i < names.names.n; i++)
                names.names.items[i] = g_strdup("n");
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, MESSAGE_MAX);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_record_encode(&dm_rpc_type_Names, &names, &w, &error));
        g_assert_cmpstr(
                error->message, ==,
                "Names cannot be sent: field 'names': it has more elements than the other side takes");
        g_clear_error(&error);

        DM_RPC_AUTO(Params16Count, ret) = { 0 };
        for (guint i = 0; i < 17; i++)
                dm_typed_params_add_int(&ret.params, 1, "p%u", i);
        g_assert_false(dm_record_encode(&dm_rpc_type_Params16Count, &ret, &w, &error));
        g_assert_nonnull(strstr(error->message, "field 'params': it has more elements"));
}

/* Places in messages: the whole path, with the index. */
static void test_places(void)
{
        g_autoptr(GError) error = NULL;
        DM_RPC_AUTO(DomainParams16, args) = { .dom.name = g_strdup("vm") };
        dm_typed_params_add_uint(&args.params, 5, "first");
        dm_typed_params_add_uint(&args.params, 6, "second");
        g_autoptr(GByteArray) bytes = encode(&dm_rpc_type_DomainParams16, &args);
        /* name 8, uuid 16, id 4, count 4, "first" 12, type 4, value 4, "second" 12, type */
        bytes->data[67] = 99;
        DM_RPC_AUTO(DomainParams16, got) = { 0 };
        gsize used;
        g_assert_false(decode(&dm_rpc_type_DomainParams16, bytes->data, bytes->len, &got, &used, &error));
        g_assert_cmpstr(error->message, ==, "field 'params[1].value', byte 64: 99 is no type of a parameter");
        g_clear_error(&error);
        bytes->data[3] = 200;
        g_assert_false(decode(&dm_rpc_type_DomainParams16, bytes->data, bytes->len, &got, &used, &error));
        g_assert_cmpstr(error->message, ==, "field 'dom.name', byte 0: a string of 200 bytes, with 72 left");
        g_clear_error(&error);

        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, MESSAGE_MAX);
        g_clear_pointer(&args.dom.name, g_free);
        g_assert_false(dm_record_encode(&dm_rpc_type_DomainParams16, &args, &w, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INTERNAL);
        g_assert_cmpstr(error->message, ==,
                        "DomainParams16 cannot be sent: field 'dom.name': a string must be there");
        g_clear_error(&error);
        args.dom.name = g_strdup("vm");
        w.limit = w.bytes->len + 40;
        g_assert_false(dm_record_encode(&dm_rpc_type_DomainParams16, &args, &w, &error));
        g_assert_nonnull(strstr(error->message, "DomainParams16 cannot be sent: it is longer than "));
}

static void test_long_string(void)
{
        DM_RPC_AUTO(Xml, xml) = { .xml = g_malloc(DM_RPC_STRING_MAX + 2) };
        memset(xml.xml, 'x', DM_RPC_STRING_MAX + 1);
        xml.xml[DM_RPC_STRING_MAX + 1] = '\0';
        g_auto(DmXdrWriter) w = { 0 };
        dm_xdr_writer_init(&w, 64 << 20);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_record_encode(&dm_rpc_type_Xml, &xml, &w, &error));
        g_assert_cmpstr(error->message, ==, "Xml cannot be sent: field 'xml': the string is too long");
        xml.xml[DM_RPC_STRING_MAX] = '\0';
        g_assert_true(dm_record_encode(&dm_rpc_type_Xml, &xml, &w, NULL));
        DM_RPC_AUTO(Xml, got) = { 0 };
        gsize used;
        g_assert_true(decode(&dm_rpc_type_Xml, w.bytes->data, w.bytes->len, &got, &used, NULL));
        g_assert_cmpuint(strlen(got.xml), ==, DM_RPC_STRING_MAX);
        g_assert_cmpuint(largest_allocation, ==, DM_RPC_STRING_MAX + 1); /* the measure measures */
}

/* Bytes that rpcgen's clients write as signed and others as unsigned characters. */
static void test_characters(void)
{
        static const guint8 bytes[] = { 0,    0,    0, 3, 0, 0,    0, 'a', 0xff, 0xff,
                                        0xff, 0x80, 0, 0, 0, 0x80, 0, 0,   0,    1 };
        DM_RPC_AUTO(DomainGetSecurityLabelRet, label) = { 0 };
        gsize used;
        g_assert_true(
                decode(&dm_rpc_type_DomainGetSecurityLabelRet, bytes, sizeof bytes, &label, &used, NULL));
        g_assert_cmpmem(label.label.data, label.label.n, "a\x80\x80", 3);
        g_autoptr(GByteArray) written = encode(&dm_rpc_type_DomainGetSecurityLabelRet, &label);
        g_assert_cmpmem(written->data + 8, 8, "\xff\xff\xff\x80\xff\xff\xff\x80", 8);

        static const guint8 wide[] = { 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1 };
        DM_RPC_AUTO(DomainGetSecurityLabelRet, none) = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_false(
                decode(&dm_rpc_type_DomainGetSecurityLabelRet, wide, sizeof wide, &none, &used, &error));
        g_assert_cmpstr(error->message, ==, "field 'label', byte 4: 256 where one character stands");
}

/* A name that fills its place gets its NUL all the same. */
static void test_name(void)
{
        DM_RPC_AUTO(NodeGetInfoRet, info) = { 0 };
        memset(info.model, 'm', sizeof info.model);
        g_autoptr(GByteArray) bytes = encode(&dm_rpc_type_NodeGetInfoRet, &info);
        g_assert_cmpuint(bytes->len, ==, 32 * 4 + 8 + 6 * 4);
        DM_RPC_AUTO(NodeGetInfoRet, got) = { 0 };
        gsize used;
        g_assert_true(decode(&dm_rpc_type_NodeGetInfoRet, bytes->data, bytes->len, &got, &used, NULL));
        g_assert_cmpuint(strlen(got.model), ==, 31);
}

static void test_strings_are_a_strv(void)
{
        DM_RPC_AUTO(Names, names) = { 0 };
        static const guint8 bytes[] = { 0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 1, 'b', 0, 0, 0 };
        gsize used;
        g_assert_true(decode(&dm_rpc_type_Names, bytes, sizeof bytes, &names, &used, NULL));
        g_assert_cmpuint(names.names.n, ==, 2);
        g_assert_cmpuint(g_strv_length(names.names.items), ==, 2);
        g_assert_cmpstr(names.names.items[1], ==, "b");
}

static void test_fields(void)
{
        const DmXdrField *f = dm_record_field(&dm_rpc_type_Params16Count, "params");
        g_assert_cmpuint(f->max, ==, 16);
        g_assert_null(dm_record_field(&dm_rpc_type_Params16Count, "param"));
        gsize n = 0, fields = 0;
        for (const DmXdrType *const *types = dm_rpc_types(); *types; types++, n++)
                fields += (*types)->n_fields;
        g_test_message("%zu rows, %zu fields", n, fields);
        g_assert_cmpuint(n, >=, 395);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/records/round-trip", test_round_trip);
        g_test_add_func("/rpc/records/truncation", test_truncation);
        g_test_add_func("/rpc/records/huge-lengths", test_huge_lengths);
        g_test_add_func("/rpc/records/mutation", test_mutation);
        g_test_add_func("/rpc/records/trailing", test_trailing);
        g_test_add_func("/rpc/records/bounds", test_bounds);
        g_test_add_func("/rpc/records/array-bounds", test_array_bounds);
        g_test_add_func("/rpc/records/places", test_places);
        g_test_add_func("/rpc/records/long-string", test_long_string);
        g_test_add_func("/rpc/records/characters", test_characters);
        g_test_add_func("/rpc/records/name", test_name);
        g_test_add_func("/rpc/records/strings-are-a-strv", test_strings_are_a_strv);
        g_test_add_func("/rpc/records/fields", test_fields);
        return g_test_run();
}
