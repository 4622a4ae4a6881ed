/* libvirt's error struct from and to ours.  The numbers, and which of our codes each is, are
 * error_codes.def's. */
#include "rpc/error.h"

#include <string.h>

typedef struct Code {
        DmErrorCode ours;
        const char *form;
} Code;

static const Code codes[] = {
#define DM_RPC_CODE(number, NAME, ours, form) [number] = { DM_ERROR_##ours, form },
#include "rpc/error_codes.def"
};

/* Which code and domain ours become.  NOT_FOUND is further told by the procedure. */
static const struct {
        DmRpcErrorCode code;
        DmRpcErrorDomain domain;
} numbers[DM_ERROR_N] = {
        [DM_ERROR_INTERNAL] = { DM_RPC_ERR_INTERNAL_ERROR, DM_RPC_FROM_QEMU },
        [DM_ERROR_INVALID_XML] = { DM_RPC_ERR_XML_ERROR, DM_RPC_FROM_DOMAIN },
        [DM_ERROR_UNSUPPORTED] = { DM_RPC_ERR_CONFIG_UNSUPPORTED, DM_RPC_FROM_QEMU },
        [DM_ERROR_INVALID_ARG] = { DM_RPC_ERR_INVALID_ARG, DM_RPC_FROM_QEMU },
        [DM_ERROR_NOT_FOUND] = { DM_RPC_ERR_NO_DOMAIN, DM_RPC_FROM_QEMU },
        /* libvirt says so of a name or uuid that is taken. */
        [DM_ERROR_EXISTS] = { DM_RPC_ERR_OPERATION_FAILED, DM_RPC_FROM_QEMU },
        [DM_ERROR_BAD_STATE] = { DM_RPC_ERR_OPERATION_INVALID, DM_RPC_FROM_QEMU },
        [DM_ERROR_BUSY] = { DM_RPC_ERR_RESOURCE_BUSY, DM_RPC_FROM_QEMU },
        [DM_ERROR_DENIED] = { DM_RPC_ERR_OPERATION_DENIED, DM_RPC_FROM_QEMU },
        [DM_ERROR_FAILED] = { DM_RPC_ERR_OPERATION_FAILED, DM_RPC_FROM_QEMU },
        [DM_ERROR_TIMED_OUT] = { DM_RPC_ERR_OPERATION_TIMEOUT, DM_RPC_FROM_QEMU },
        [DM_ERROR_CANCELLED] = { DM_RPC_ERR_OPERATION_ABORTED, DM_RPC_FROM_QEMU },
        [DM_ERROR_GONE] = { DM_RPC_ERR_OPERATION_FAILED, DM_RPC_FROM_QEMU },
        [DM_ERROR_NO_MEMORY] = { DM_RPC_ERR_OPERATION_FAILED, DM_RPC_FROM_QEMU },
};

/* What a function is about, by the first of these words in its name; and what is missing when its object is.
 */
typedef struct Family {
        const char *word;
        DmRpcErrorDomain domain;
        DmRpcErrorCode missing;
} Family;

static const Family families[] = {
        { "virAdm", DM_RPC_FROM_ADMIN, DM_RPC_ERR_NO_SERVER },
        { "Snapshot", DM_RPC_FROM_DOMAIN_SNAPSHOT, DM_RPC_ERR_NO_DOMAIN_SNAPSHOT },
        { "Checkpoint", DM_RPC_FROM_DOMAIN_CHECKPOINT, DM_RPC_ERR_NO_DOMAIN_CHECKPOINT },
        { "Domain", DM_RPC_FROM_DOMAIN, DM_RPC_ERR_NO_DOMAIN },
        { "Network", DM_RPC_FROM_NETWORK, DM_RPC_ERR_NO_NETWORK },
        { "StorageVol", DM_RPC_FROM_STORAGE, DM_RPC_ERR_NO_STORAGE_VOL },
        { "Storage", DM_RPC_FROM_STORAGE, DM_RPC_ERR_NO_STORAGE_POOL },
        { "Device", DM_RPC_FROM_NODEDEV, DM_RPC_ERR_NO_NODE_DEVICE },
        { "NWFilter", DM_RPC_FROM_NWFILTER, DM_RPC_ERR_NO_NWFILTER },
        { "Interface", DM_RPC_FROM_INTERFACE, DM_RPC_ERR_NO_INTERFACE },
        { "Secret", DM_RPC_FROM_SECRET, DM_RPC_ERR_NO_SECRET },
};

static const Family *family_of(const DmRpcProc *proc)
{
        static const Family host = { "", DM_RPC_FROM_NONE, DM_RPC_ERR_NO_DOMAIN };
        for (gsize i = 0; proc && i < G_N_ELEMENTS(families); i++)
                if (strstr(proc->function, families[i].word))
                        return &families[i];
        return &host;
}

static const Code *code_of(gint32 code)
{
        static const Code unknown = { DM_ERROR_FAILED, "%s" };
        return code >= 0 && (gsize)code < G_N_ELEMENTS(codes) && codes[code].form ? &codes[code] : &unknown;
}

const char *dm_rpc_error_form(gint32 code)
{
        return code_of(code)->form;
}

/* @form with @text for its %s.  Owned. */
static char *expand(const char *form, const char *text)
{
        const char *mark = strstr(form, "%s");
        g_assert(mark);
        return g_strdup_printf("%.*s%s%s", (int)(mark - form), form, text, mark + strlen("%s"));
}

/* A message may quote what a peer or a document said; nobody reads more than this. */
#define MAX_TEXT 16384

/* @text is taken. */
static void make(DmRpcError *ret, DmRpcErrorCode code, DmRpcErrorDomain domain, char *text)
{
        if (strlen(text) > MAX_TEXT) {
                char *cut = g_utf8_find_prev_char(text, text + MAX_TEXT);
                *(cut ? cut : text + MAX_TEXT) = '\0';
        }
        const char *form = dm_rpc_error_form((gint32)code);
        *ret = (DmRpcError){
                .code = (gint32)code,
                .domain = (gint32)domain,
                .message = expand(form, text),
                .level = DM_RPC_LEVEL_ERROR,
                .str1 = g_strdup(form),
                .str2 = text,
                .int1 = -1,
                .int2 = -1,
        };
}

void dm_rpc_error_make(DmRpcError *ret, DmRpcErrorCode code, DmRpcErrorDomain domain, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        make(ret, code, domain, g_strdup_vprintf(format, args));
        va_end(args);
}

void dm_rpc_error_from(DmRpcError *ret, const GError *error, const DmRpcProc *proc)
{
        DmErrorCode ours = error->domain == DM_ERROR ? (DmErrorCode)error->code : DM_ERROR_INTERNAL;
        g_assert((unsigned)ours < DM_ERROR_N);
        DmRpcErrorCode code = ours == DM_ERROR_NOT_FOUND ? family_of(proc)->missing : numbers[ours].code;
        make(ret, code, numbers[ours].domain, g_strdup(error->message));
        /* What libvirt's struct has members for, but no meaning: only where there is more to say. */
        if (code_of((gint32)code)->ours != ours)
                ret->int2 = (gint32)ours;
        const char *path = dm_error_path(error);
        unsigned line = dm_error_line(error);
        if (!path && !line)
                return;
        ret->str3 = g_strdup(path ? path : "");
        ret->int1 = (gint32)MIN(line, (unsigned)G_MAXINT32);
}

void dm_rpc_error_unsupported(DmRpcError *ret, const DmRpcProc *proc)
{
        dm_rpc_error_make(ret, DM_RPC_ERR_NO_SUPPORT, family_of(proc)->domain, "%s", proc->function);
}

void dm_rpc_error_read_only(DmRpcError *ret, const DmRpcProc *proc)
{
        dm_rpc_error_make(ret, DM_RPC_ERR_OPERATION_DENIED, family_of(proc)->domain,
                          "read only access prevents %s", proc->function);
}

/* The code and the words, as far as the numbers tell. */
static GError *plain(const DmRpcError *wire)
{
        const Code *code = code_of(wire->code);
        int ours = wire->int2 > 0 && wire->int2 < DM_ERROR_N ? wire->int2 : (int)code->ours;
        if (wire->str2) {
                g_autofree char *expanded = expand(code->form, wire->str2);
                if (g_strcmp0(expanded, wire->message) == 0)
                        return g_error_new_literal(DM_ERROR, ours, wire->str2);
        }
        return g_error_new_literal(DM_ERROR, ours,
                                   wire->message ? wire->message : "the other side gave no reason");
}

GError *dm_rpc_error_to(const DmRpcError *wire)
{
        GError *error = plain(wire);
        if (wire->str3) /* without it the number is a server's own, perhaps an errno */
                dm_error_set_place(error, (unsigned)MAX(wire->int1, 0), *wire->str3 ? wire->str3 : NULL);
        return error;
}
