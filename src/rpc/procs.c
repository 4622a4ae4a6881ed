/* The rows of procs.def as a table.  Numbers of a program are dense from 1, so that a look-up is an index;
 * the tests hold procs.def to that. */
#include "rpc/procs.h"

#include <string.h>

#define DM_CALL_COLUMNS(P, number_, NAME, function_, Args, Ret)                                   \
        .program = DM_RPC_PROGRAM_##P, .number = (number_), .name = #NAME, .function = function_, \
        .args = &dm_rpc_type_##Args, .ret = &dm_rpc_type_##Ret

#define READER_ALLOW                .access = DM_RPC_ALLOW
#define READER_DENY                 .access = DM_RPC_DENY
#define READER_DENY_IF(field, mask) .access = DM_RPC_DENY_IF, .deny_field = #field, .deny_mask = (mask)

#define FDS_0    0
#define FDS_1    1
#define FDS_MANY DM_RPC_MAX_FDS

#define DM_CALL(P, number, NAME, function, Args, Ret, PRIORITY, ACCESS)                          \
        { DM_CALL_COLUMNS(P, number, NAME, #function, Args, Ret), .priority = DM_RPC_##PRIORITY, \
          READER_##ACCESS },
#define DM_CALL_AUTH(P, number, NAME, Args, Ret)                                                     \
        { DM_CALL_COLUMNS(P, number, NAME, #NAME, Args, Ret), .priority = DM_RPC_HIGH, READER_ALLOW, \
          .before_auth = TRUE },
#define DM_CALL_STREAM(P, number, NAME, function, Args, Ret, PRIORITY, ACCESS, STREAM)           \
        { DM_CALL_COLUMNS(P, number, NAME, #function, Args, Ret), .priority = DM_RPC_##PRIORITY, \
          READER_##ACCESS, .stream = DM_RPC_##STREAM },
#define DM_CALL_FDS(P, number, NAME, function, Args, Ret, PRIORITY, ACCESS, CALL, REPLY)         \
        { DM_CALL_COLUMNS(P, number, NAME, #function, Args, Ret), .priority = DM_RPC_##PRIORITY, \
          READER_##ACCESS, .call_fds = FDS_##CALL, .reply_fds = FDS_##REPLY },
#define DM_EVENT(P, number, NAME, Message) \
        { DM_CALL_COLUMNS(P, number, NAME, #NAME, Message, Void), .is_event = TRUE },

static const DmRpcProc procs[] = {
#include "rpc/procs.def"
};

const DmRpcProc *dm_rpc_procs(gsize *ret_n)
{
        *ret_n = G_N_ELEMENTS(procs);
        return procs;
}

/* Index of each row. */
enum {
#define DM_CALL(P, number, NAME, ...) ROW_##P##_##NAME,
#include "rpc/procs.def"
};

const DmRpcProc *dm_rpc_proc(guint32 program, gint32 number)
{
        static const struct {
                guint32 program;
                gsize first;
        } starts[] = {
                { DM_RPC_PROGRAM_REMOTE, ROW_REMOTE_CONNECT_OPEN },
                { DM_RPC_PROGRAM_QEMU, ROW_QEMU_DOMAIN_MONITOR_COMMAND },
                { DM_RPC_PROGRAM_ADMIN, ROW_ADMIN_CONNECT_OPEN },
                { DM_RPC_PROGRAM_DOMUS, ROW_DOMUS_CONNECT_MESSAGES },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
                if (starts[i].program != program || number < 1 || (gsize)number > G_N_ELEMENTS(procs))
                        continue;
                gsize row = starts[i].first + (gsize)number - 1;
                if (row < G_N_ELEMENTS(procs) && procs[row].program == program && procs[row].number == number)
                        return &procs[row];
        }
        return NULL;
}

gboolean dm_rpc_proc_allows_reader(const DmRpcProc *proc, const void *args)
{
        if (proc->access != DM_RPC_DENY_IF)
                return proc->access == DM_RPC_ALLOW;
        const DmXdrField *field = dm_record_field(proc->args, proc->deny_field);
        if (!field || field->kind != DM_XDR_U32)
                return FALSE;
        guint32 value;
        memcpy(&value, (const char *)args + field->offset, sizeof value);
        return (value & proc->deny_mask) == 0;
}
