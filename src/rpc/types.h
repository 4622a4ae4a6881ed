/* The C structs of the rows in types_*.def (DmRpcDomainFlags ...), and the table of each (see record.h). */
#pragma once

#include "rpc/record.h"

/* DM_ROW_EACH(DO, T, (a, b), (c, d)) is DO(T, (a, b)) DO(T, (c, d)): the longest row has 12 fields. */
#define DM_ROW_1(DO, T, f)       DO(T, f)
#define DM_ROW_2(DO, T, f, ...)  DO(T, f) DM_ROW_1(DO, T, __VA_ARGS__)
#define DM_ROW_3(DO, T, f, ...)  DO(T, f) DM_ROW_2(DO, T, __VA_ARGS__)
#define DM_ROW_4(DO, T, f, ...)  DO(T, f) DM_ROW_3(DO, T, __VA_ARGS__)
#define DM_ROW_5(DO, T, f, ...)  DO(T, f) DM_ROW_4(DO, T, __VA_ARGS__)
#define DM_ROW_6(DO, T, f, ...)  DO(T, f) DM_ROW_5(DO, T, __VA_ARGS__)
#define DM_ROW_7(DO, T, f, ...)  DO(T, f) DM_ROW_6(DO, T, __VA_ARGS__)
#define DM_ROW_8(DO, T, f, ...)  DO(T, f) DM_ROW_7(DO, T, __VA_ARGS__)
#define DM_ROW_9(DO, T, f, ...)  DO(T, f) DM_ROW_8(DO, T, __VA_ARGS__)
#define DM_ROW_10(DO, T, f, ...) DO(T, f) DM_ROW_9(DO, T, __VA_ARGS__)
#define DM_ROW_11(DO, T, f, ...) DO(T, f) DM_ROW_10(DO, T, __VA_ARGS__)
#define DM_ROW_12(DO, T, f, ...) DO(T, f) DM_ROW_11(DO, T, __VA_ARGS__)

#define DM_ROW_PICK(a, b, c, d, e, f, g, h, i, j, k, l, chosen, ...) chosen
#define DM_ROW_EACH(DO, T, ...)                                                                           \
        DM_ROW_PICK(__VA_ARGS__, DM_ROW_12, DM_ROW_11, DM_ROW_10, DM_ROW_9, DM_ROW_8, DM_ROW_7, DM_ROW_6, \
                    DM_ROW_5, DM_ROW_4, DM_ROW_3, DM_ROW_2, DM_ROW_1, DM_ROW_0)                           \
        (DO, T, __VA_ARGS__)

/* The members. */
#define DM_MEMBER_I32(f)          gint32 f;
#define DM_MEMBER_U32(f)          guint32 f;
#define DM_MEMBER_I64(f)          gint64 f;
#define DM_MEMBER_U64(f)          guint64 f;
#define DM_MEMBER_STRING(f)       char *f;
#define DM_MEMBER_OPT_STRING(f)   char *f;
#define DM_MEMBER_UUID(f)         guint8 f[DM_RPC_UUID_SIZE];
#define DM_MEMBER_BYTES(f, max)   DmXdrBytes f;
#define DM_MEMBER_CHARS(f, max)   DmXdrBytes f;
#define DM_MEMBER_NAME(f, size)   char f[size];
#define DM_MEMBER_STRINGS(f, max) DmXdrStrings f;
#define DM_MEMBER_PARAMS(f, max)  DmTypedParams f;
#define DM_MEMBER_STRUCT(f, S)    DmRpc##S f;
#define DM_MEMBER_OPT(f, S)       DmRpc##S *f;
#define DM_MEMBER_ITEMS(f, T) \
        struct {              \
                T *items;     \
                guint32 n;    \
        } f;
#define DM_MEMBER_I32S(f, max)     DM_MEMBER_ITEMS(f, gint32)
#define DM_MEMBER_U32S(f, max)     DM_MEMBER_ITEMS(f, guint32)
#define DM_MEMBER_U64S(f, max)     DM_MEMBER_ITEMS(f, guint64)
#define DM_MEMBER_ARRAY(f, S, max) DM_MEMBER_ITEMS(f, DmRpc##S)

#define DM_MEMBER_OF(kind, ...) DM_MEMBER_##kind(__VA_ARGS__)
#define DM_MEMBER(T, field)     DM_MEMBER_OF field

/* dm_rpc_clear_T frees what a DmRpcT owns; DM_RPC_AUTO(T, var) = { ... }; does so at the end of the scope. */
#define DM_RPC_AUTO(T, var) __attribute__((cleanup(dm_rpc_clear_##T))) DmRpc##T var

#define DM_RPC_TYPE(T)                                   \
        extern const DmXdrType dm_rpc_type_##T;          \
        static inline void dm_rpc_clear_##T(DmRpc##T *v) \
        {                                                \
                dm_record_clear(&dm_rpc_type_##T, v);    \
        }

#define DM_STRUCT(T, ...)                              \
        typedef struct DmRpc##T {                      \
                DM_ROW_EACH(DM_MEMBER, T, __VA_ARGS__) \
        } DmRpc##T;                                    \
        DM_RPC_TYPE(T)
#include "rpc/types.def"

/* No arguments, or a reply that says nothing. */
typedef struct DmRpcVoid {
        char none;
} DmRpcVoid;
DM_RPC_TYPE(Void)

/* All rows, in the order of the tables; ended by NULL. */
const DmXdrType *const *dm_rpc_types(void);
