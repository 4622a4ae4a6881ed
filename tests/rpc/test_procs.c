#include "rpc/procs.h"

#include <string.h>

static void test_dense(void)
{
        gsize n;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        gsize remote = 0, qemu = 0, admin = 0, domus = 0, events = 0;
        for (gsize i = 0; i < n; i++) {
                const DmRpcProc *p = &procs[i];
                g_assert_true(dm_rpc_proc(p->program, p->number) == p);
                remote += p->program == DM_RPC_PROGRAM_REMOTE;
                qemu += p->program == DM_RPC_PROGRAM_QEMU;
                admin += p->program == DM_RPC_PROGRAM_ADMIN;
                domus += p->program == DM_RPC_PROGRAM_DOMUS;
                events += (gsize)p->is_event;
        }
        g_assert_cmpuint(remote, ==, 443);
        g_assert_cmpuint(qemu, ==, 7);
        g_assert_cmpuint(admin, ==, 19);
        g_assert_cmpuint(domus, ==, 22);
        g_assert_cmpuint(events, ==, 54);
}

static void test_unknown(void)
{
        static const struct {
                guint32 program;
                gint32 number;
        } none[] = {
                { DM_RPC_PROGRAM_REMOTE, 0 },
                { DM_RPC_PROGRAM_REMOTE, -1 },
                { DM_RPC_PROGRAM_REMOTE, 444 },
                { DM_RPC_PROGRAM_REMOTE, G_MAXINT32 },
                { DM_RPC_PROGRAM_REMOTE, G_MININT32 },
                { DM_RPC_PROGRAM_QEMU, 8 },
                { DM_RPC_PROGRAM_QEMU, 0 },
                { DM_RPC_PROGRAM_ADMIN, 20 },
                { DM_RPC_PROGRAM_ADMIN, 0 },
                { DM_RPC_PROGRAM_DOMUS, 0 },
                { DM_RPC_PROGRAM_DOMUS, 23 },
                { DM_RPC_PROGRAM_KEEPALIVE, 1 },
                { 0, 1 },
                { 0x20008088, 1 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(none); i++)
                g_assert_null(dm_rpc_proc(none[i].program, none[i].number));
}

/* Rows that say what they must, whatever their number. */
static void test_rows(void)
{
        gsize n, denied = 0, allowed = 0, conditional = 0, before_auth = 0;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        for (gsize i = 0; i < n; i++) {
                const DmRpcProc *p = &procs[i];
                g_assert_true(p->args && p->ret && p->name[0]);
                if (p->is_event) {
                        g_assert_true(p->ret == &dm_rpc_type_Void && p->access == DM_RPC_DENY);
                        continue;
                }
                gboolean named =
                        g_str_has_prefix(p->function, p->program == DM_RPC_PROGRAM_DOMUS ? "domus" : "vir");
                g_assert_true(named != p->before_auth);
                before_auth += (gsize)p->before_auth;
                denied += p->access == DM_RPC_DENY;
                allowed += p->access == DM_RPC_ALLOW;
                if (p->access == DM_RPC_DENY_IF) {
                        const DmXdrField *f = dm_record_field(p->args, p->deny_field);
                        g_assert_true(f && f->kind == DM_XDR_U32 && p->deny_mask != 0);
                        conditional++;
                }
        }
        g_assert_cmpuint(before_auth, ==, 5);
        g_assert_cmpuint(conditional, ==, 6);
        g_assert_cmpuint(allowed, ==, 189 + 6);
        g_assert_cmpuint(denied, ==, 203 + 19 + 14);
}

static void test_names(void)
{
        const DmRpcProc *p = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_GET_XML_DESC);
        g_assert_cmpint(p->number, ==, 14);
        g_assert_cmpstr(p->name, ==, "DOMAIN_GET_XML_DESC");
        g_assert_cmpstr(p->function, ==, "virDomainGetXMLDesc");
        g_assert_true(p->args == &dm_rpc_type_DomainFlags && p->ret == &dm_rpc_type_Xml);
        g_assert_cmpint(p->priority, ==, DM_RPC_LOW);
        p = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_COMMAND);
        g_assert_cmpstr(p->function, ==, "virDomainQemuMonitorCommand");
        p = dm_rpc_proc(DM_RPC_PROGRAM_ADMIN, DM_ADMIN_CONNECT_OPEN);
        g_assert_cmpstr(p->function, ==, "virAdmConnectOpen");
        p = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
        g_assert_cmpint(p->number, ==, 318);
        g_assert_true(p->is_event);
}

static void test_streams_and_descriptors(void)
{
        static const struct {
                gint32 number;
                DmRpcStreamKind kind;
        } streams[] = {
                { DM_REMOTE_DOMAIN_SCREENSHOT, DM_RPC_FROM_SERVER },
                { DM_REMOTE_STORAGE_VOL_DOWNLOAD, DM_RPC_FROM_SERVER },
                { DM_REMOTE_STORAGE_VOL_UPLOAD, DM_RPC_TO_SERVER },
                { DM_REMOTE_DOMAIN_OPEN_CONSOLE, DM_RPC_BOTH },
                { DM_REMOTE_DOMAIN_SUSPEND, DM_RPC_NO_STREAM },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(streams); i++)
                g_assert_cmpint(dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, streams[i].number)->stream, ==,
                                streams[i].kind);
        const DmRpcProc *p = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_OPEN_GRAPHICS);
        g_assert_true(p->call_fds == 1 && p->reply_fds == 0);
        p = dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_OPEN_GRAPHICS_FD);
        g_assert_true(p->call_fds == 0 && p->reply_fds == 1);
        p = dm_rpc_proc(DM_RPC_PROGRAM_QEMU, DM_QEMU_DOMAIN_MONITOR_COMMAND_WITH_FILES);
        g_assert_true(p->call_fds == DM_RPC_MAX_FDS && p->reply_fds == DM_RPC_MAX_FDS);
}

static gboolean reader_may(gint32 number, const void *args)
{
        return dm_rpc_proc_allows_reader(dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, number), args);
}

static void test_readers(void)
{
        DmRpcDomainFlags flags = { .flags = 0 };
        g_assert_true(reader_may(DM_REMOTE_DOMAIN_GET_XML_DESC, &flags));
        flags.flags = 6;
        g_assert_true(reader_may(DM_REMOTE_DOMAIN_GET_XML_DESC, &flags));
        flags.flags = 1; /* secure */
        g_assert_false(reader_may(DM_REMOTE_DOMAIN_GET_XML_DESC, &flags));
        flags.flags = 10; /* migratable */
        g_assert_false(reader_may(DM_REMOTE_DOMAIN_GET_XML_DESC, &flags));
        g_assert_true(reader_may(DM_REMOTE_DOMAIN_GET_VCPUS_FLAGS, &(DmRpcDomainFlags){ .flags = 4 }));
        g_assert_false(reader_may(DM_REMOTE_DOMAIN_GET_VCPUS_FLAGS, &(DmRpcDomainFlags){ .flags = 8 }));
        DmRpcDomainInterfaceAddressesArgs source = { .source = 1 };
        g_assert_false(reader_may(DM_REMOTE_DOMAIN_INTERFACE_ADDRESSES, &source));
        source.source = 2;
        g_assert_true(reader_may(DM_REMOTE_DOMAIN_INTERFACE_ADDRESSES, &source));
        DmRpcOneDomain dom = { .dom.id = 1 };
        g_assert_true(reader_may(DM_REMOTE_DOMAIN_GET_INFO, &dom));
        g_assert_false(reader_may(DM_REMOTE_DOMAIN_DESTROY, &dom));
        /* A row whose condition cannot be read denies. */
        DmRpcProc odd = { .access = DM_RPC_DENY_IF,
                          .args = &dm_rpc_type_OneDomain,
                          .deny_field = "flags",
                          .deny_mask = 1 };
        g_assert_false(dm_rpc_proc_allows_reader(&odd, &dom));
        odd.deny_field = "dom";
        g_assert_false(dm_rpc_proc_allows_reader(&odd, &dom));
        DmRpcProc forgotten = { .name = "FORGOTTEN" };
        g_assert_false(dm_rpc_proc_allows_reader(&forgotten, &dom));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/procs/dense", test_dense);
        g_test_add_func("/rpc/procs/unknown", test_unknown);
        g_test_add_func("/rpc/procs/rows", test_rows);
        g_test_add_func("/rpc/procs/names", test_names);
        g_test_add_func("/rpc/procs/streams-and-descriptors", test_streams_and_descriptors);
        g_test_add_func("/rpc/procs/readers", test_readers);
        return g_test_run();
}
