/* Structs on the wire, by rows: each argument, reply and event struct of the protocol is one row of the
 * tables in types_*.def, and becomes a C struct and a table of its fields.
 *
 *      DM_STRUCT(DomainFlags, (STRUCT, dom, Domain), (U32, flags))
 *
 * gives `typedef struct DmRpcDomainFlags { DmRpcDomain dom; guint32 flags; } DmRpcDomainFlags;` and the
 * `dm_rpc_type_DomainFlags` by which dm_record_decode() and dm_record_encode() go.  So a handler reads
 * args->flags and writes ret->xml, checked by the compiler, where a tree of values would be asked by name at
 * run time, and there is no generated code: four short functions walk the rows.  Structs of equal fields are
 * one row, whatever procedures use them, so that what answers one of them can answer the others.
 *
 * A field is (KIND, name, ...):
 *
 *      I32 U32 I64 U64         a number
 *      STRING OPT_STRING       char *; at most DM_RPC_STRING_MAX bytes; only the second may be NULL
 *      UUID                    guint8[16]
 *      BYTES, max              DmXdrBytes
 *      CHARS, max              DmXdrBytes; on the wire each byte takes four, as rpcgen does with `char x<>`
 *      NAME, size              char[size], the same for `char x[size]`; the last byte is a NUL
 *      I32S U32S U64S, max     { gint32 *items; guint32 n; } and so on
 *      STRINGS, max            DmXdrStrings
 *      PARAMS, max             DmTypedParams
 *      STRUCT, Type            that struct inside
 *      OPT, Type               pointer to it, NULL when it is absent
 *      ARRAY, Type, max        { DmRpcType *items; guint32 n; }
 *
 * Every pointer in such a struct is owned by it (g_malloc) and goes with dm_record_clear(); a value may be
 * taken out with g_steal_pointer(). */
#pragma once

#include "rpc/typed_params.h"
#include "rpc/xdr.h"

#define DM_RPC_STRING_MAX 4194304u
#define DM_RPC_UUID_SIZE  16

typedef struct DmXdrBytes {
        guint8 *data;
        guint32 n;
} DmXdrBytes;

/* Decoded ones have a NULL after the last string, so that @items is a GStrv. */
typedef struct DmXdrStrings {
        char **items;
        guint32 n;
} DmXdrStrings;

typedef enum DmXdrKind {
        DM_XDR_I32,
        DM_XDR_U32,
        DM_XDR_I64,
        DM_XDR_U64,
        DM_XDR_STRING,
        DM_XDR_OPT_STRING,
        DM_XDR_UUID,
        DM_XDR_BYTES,
        DM_XDR_CHARS,
        DM_XDR_NAME,
        DM_XDR_I32S,
        DM_XDR_U32S,
        DM_XDR_U64S,
        DM_XDR_STRINGS,
        DM_XDR_PARAMS,
        DM_XDR_STRUCT,
        DM_XDR_OPT,
        DM_XDR_ARRAY,
} DmXdrKind;

typedef struct DmXdrType DmXdrType;

typedef struct DmXdrField {
        const char *name;
        const DmXdrType *type; /* STRUCT, OPT, ARRAY */
        guint32 max;           /* most elements or bytes; NAME: the size */
        guint16 offset;
        guint16 kind; /* DmXdrKind */
} DmXdrField;

struct DmXdrType {
        const char *name;
        const DmXdrField *fields;
        guint16 n_fields;
        guint16 size; /* of the C struct */
};

/* Fills the struct @ret from @r.  On failure it holds nothing, and the error says which field:
 * "field 'params[3].field', byte 40: ...".  Allocates at most a small multiple of the bytes that are there.
 */
gboolean dm_record_decode(const DmXdrType *type, DmXdrReader *r, void *ret, GError **error);

/* Appends @value.  An error (DM_ERROR_INTERNAL: the caller's) when a string is NULL or too long, an array has
 * more elements than the other side would take, or all is longer than the writer's limit. */
gboolean dm_record_encode(const DmXdrType *type, const void *value, DmXdrWriter *w, GError **error);

/* Frees what the struct owns and zeroes it. */
void dm_record_clear(const DmXdrType *type, void *value);

/* Bytes that the shortest value takes on the wire. */
gsize dm_record_min_size(const DmXdrType *type);

/* The row of a field, NULL when there is none: its bound, for handlers that fill arrays. */
const DmXdrField *dm_record_field(const DmXdrType *type, const char *name);
