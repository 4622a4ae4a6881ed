/* The tables of the fields, from the rows in types_*.def. */
#include "rpc/types.h"

#include <stddef.h>

#define FIELD(kind_, T, f, type_, max_) { #f, type_, max_, offsetof(DmRpc##T, f), DM_XDR_##kind_ },

#define DM_FIELD_I32(T, f)           FIELD(I32, T, f, NULL, 0)
#define DM_FIELD_U32(T, f)           FIELD(U32, T, f, NULL, 0)
#define DM_FIELD_I64(T, f)           FIELD(I64, T, f, NULL, 0)
#define DM_FIELD_U64(T, f)           FIELD(U64, T, f, NULL, 0)
#define DM_FIELD_STRING(T, f)        FIELD(STRING, T, f, NULL, DM_RPC_STRING_MAX)
#define DM_FIELD_OPT_STRING(T, f)    FIELD(OPT_STRING, T, f, NULL, DM_RPC_STRING_MAX)
#define DM_FIELD_UUID(T, f)          FIELD(UUID, T, f, NULL, DM_RPC_UUID_SIZE)
#define DM_FIELD_BYTES(T, f, max)    FIELD(BYTES, T, f, NULL, max)
#define DM_FIELD_CHARS(T, f, max)    FIELD(CHARS, T, f, NULL, max)
#define DM_FIELD_NAME(T, f, size)    FIELD(NAME, T, f, NULL, size)
#define DM_FIELD_I32S(T, f, max)     FIELD(I32S, T, f, NULL, max)
#define DM_FIELD_U32S(T, f, max)     FIELD(U32S, T, f, NULL, max)
#define DM_FIELD_U64S(T, f, max)     FIELD(U64S, T, f, NULL, max)
#define DM_FIELD_STRINGS(T, f, max)  FIELD(STRINGS, T, f, NULL, max)
#define DM_FIELD_PARAMS(T, f, max)   FIELD(PARAMS, T, f, NULL, max)
#define DM_FIELD_STRUCT(T, f, S)     FIELD(STRUCT, T, f, &dm_rpc_type_##S, 0)
#define DM_FIELD_OPT(T, f, S)        FIELD(OPT, T, f, &dm_rpc_type_##S, 0)
#define DM_FIELD_ARRAY(T, f, S, max) FIELD(ARRAY, T, f, &dm_rpc_type_##S, max)

#define DM_FIELD_OF(T, kind, ...) DM_FIELD_##kind(T, __VA_ARGS__)
#define DM_BARE(...)              __VA_ARGS__
#define DM_FIELD_CALL(T, ...)     DM_FIELD_OF(T, __VA_ARGS__)
#define DM_FIELD(T, field)        DM_FIELD_CALL(T, DM_BARE field)

#define DM_STRUCT(T, ...)                                                                 \
        static const DmXdrField fields_##T[] = { DM_ROW_EACH(DM_FIELD, T, __VA_ARGS__) }; \
        const DmXdrType dm_rpc_type_##T = { #T, fields_##T, G_N_ELEMENTS(fields_##T), sizeof(DmRpc##T) };
#include "rpc/types.def"

const DmXdrType dm_rpc_type_Void = { "Void", NULL, 0, sizeof(DmRpcVoid) };

const DmXdrType *const *dm_rpc_types(void)
{
        static const DmXdrType *const all[] = {
#define DM_STRUCT(T, ...) &dm_rpc_type_##T,
#include "rpc/types.def"
                NULL
        };
        return all;
}
