/* Who may call what: every procedure that there is, from each role, against the table's own columns.
 *
 * The arguments are zeros, which are a valid struct of any procedure: what is asked is whether the call is
 * let through, not what becomes of it. */
#include <sys/socket.h>

#include "daemon_fixture.h"

#define ARGUMENTS 512 /* bytes of zeros; what a struct does not take of them is ignored */
#define FORBIDDEN "read only access prevents"
#define NOT_OPEN  "hypervisor connection not open"

static void send_call(int fd, const DmRpcProc *proc)
{
        static const guint8 zeros[ARGUMENTS];
        const DmRpcHeader header = { .program = proc->program,
                                     .version = DM_RPC_VERSION,
                                     .proc = proc->number,
                                     .type = DM_RPC_CALL,
                                     .serial = (guint32)proc->number };
        g_autoptr(GByteArray) packet = dm_rpc_packet_new_raw(&header, zeros, sizeof zeros);
        g_assert_cmpint(send(fd, packet->data, packet->len, MSG_NOSIGNAL), ==, (int)packet->len);
}

static gboolean receive(int fd, void *data, gsize length)
{
        for (gsize done = 0; done < length;) {
                gssize n = recv(fd, (guint8 *)data + done, length - done, 0);
                if (n <= 0)
                        return FALSE;
                done += (gsize)n;
        }
        return TRUE;
}

/* The text of the reply to @proc: its error's message somewhere in it; "" when it succeeded.  NULL: the
 * connection ended.  Owned. */
static char *reply_to(int fd, const DmRpcProc *proc)
{
        for (;;) {
                guint32 words[7];
                if (!receive(fd, words, sizeof words))
                        return NULL;
                for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
                        words[i] = GUINT32_FROM_BE(words[i]);
                g_assert_cmpuint(words[0], >=, sizeof words);
                gsize length = words[0] - sizeof words;
                g_autofree char *payload = g_malloc0(length + 1);
                g_assert_true(receive(fd, payload, length));
                gboolean ours = words[1] == proc->program && words[3] == (guint32)proc->number &&
                                (words[4] == DM_RPC_REPLY || words[4] == DM_RPC_REPLY_WITH_FDS);
                if (!ours)
                        continue; /* an event, or keepalive */
                if (words[6] == DM_RPC_OK)
                        return g_strdup("");
                for (gsize i = 0; i < length; i++)
                        if (!g_ascii_isprint(payload[i]))
                                payload[i] = ' ';
                return g_steal_pointer(&payload);
        }
}

static char *call(int fd, const DmRpcProc *proc)
{
        send_call(fd, proc);
        return reply_to(fd, proc);
}

static int open_socket(const TestDaemon *d, const char *socket)
{
        int fd = daemon_connect(d, socket);
        g_autofree char *opened = call(fd, remote(DM_REMOTE_CONNECT_OPEN));
        g_assert_cmpstr(opened, ==, "");
        return fd;
}

/* What is served here: the administration's program is not. */
static gboolean is_served(const DmRpcProc *p)
{
        return p->program != DM_RPC_PROGRAM_ADMIN;
}

/* ---- before CONNECT_OPEN ---- */

static gboolean works_unopened(const DmRpcProc *p)
{
        return p->before_auth ||
               (p->program == DM_RPC_PROGRAM_REMOTE &&
                (p->number == DM_REMOTE_CONNECT_OPEN || p->number == DM_REMOTE_CONNECT_CLOSE));
}

static void test_unopened(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        gsize n, asked = 0;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        dm_autofd int fd = daemon_connect(d, "domusd-sock");
        for (gsize i = 0; i < n; i++) {
                const DmRpcProc *p = &procs[i];
                if (!is_served(p) || p->is_event || works_unopened(p))
                        continue;
                g_autofree char *text = call(fd, p);
                if (!text || !strstr(text, NOT_OPEN))
                        g_error("%s before CONNECT_OPEN: '%s'", p->name, text);
                asked++;
        }
        g_assert_cmpuint(asked, >, 390);
}

/* ---- the two sockets ---- */

static gboolean may_read(const DmRpcProc *p)
{
        /* All bits of the arguments are zero: what is denied by a flag is allowed without. */
        return p->access == DM_RPC_ALLOW || p->access == DM_RPC_DENY_IF;
}

static void check_role(const char *socket, gboolean reader)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        gsize n, denied = 0;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        dm_autofd int fd = open_socket(d, socket);
        for (gsize i = 0; i < n; i++) {
                const DmRpcProc *p = &procs[i];
                if (!is_served(p) || p->is_event)
                        continue;
                g_autofree char *text = call(fd, p);
                gboolean forbidden = text && strstr(text, FORBIDDEN);
                if (forbidden != (reader && !may_read(p)))
                        g_error("%s through %s: '%s'", p->name, socket, text);
                denied += forbidden;
                if (!text || p->number == DM_REMOTE_CONNECT_CLOSE) {
                        dm_close_fd(&fd);
                        fd = open_socket(d, socket);
                }
        }
        g_assert_cmpuint(denied, ==, reader ? 203u + 14u : 0u);
}

static void test_writer(void)
{
        check_role("domusd-sock", FALSE);
}

static void test_reader(void)
{
        check_role("domusd-sock-ro", TRUE);
}

/* The bits that deny, one after the other. */
static void test_flags(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock-ro");
        gsize n, asked = 0;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        for (gsize i = 0; i < n; i++) {
                const DmRpcProc *p = &procs[i];
                for (guint bit = 0; p->access == DM_RPC_DENY_IF && bit < 32; bit++) {
                        if (!(p->deny_mask & (1u << bit)))
                                continue;
                        g_autofree guint8 *args = g_malloc0(p->args->size);
                        /* The first member is a guest, whose name must not be NULL; of no other a text is
                         * asked. */
                        if (p->args == &dm_rpc_type_DomainFlags)
                                ((DmRpcDomainFlags *)(void *)args)->dom.name = (char *)"";
                        else
                                continue;
                        *(guint32 *)(void *)(args + dm_record_field(p->args, p->deny_field)->offset) = 1u
                                                                                                       << bit;
                        client_fails(c, p->number, args, DM_ERROR_DENIED, FORBIDDEN);
                        asked++;
                }
        }
        g_assert_cmpuint(asked, >=, 3);
}

/* An event's number is no procedure. */
static void test_events(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        dm_autofd int fd = open_socket(d, "domusd-sock");
        gsize n;
        const DmRpcProc *procs = dm_rpc_procs(&n);
        for (gsize i = 0; i < n; i++) {
                if (!is_served(&procs[i]) || !procs[i].is_event)
                        continue;
                g_autofree char *text = call(fd, &procs[i]);
                g_assert_nonnull(text);
                g_assert_nonnull(strstr(text, "unknown procedure"));
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/roles/unopened", test_unopened);
        g_test_add_func("/daemon/roles/writer", test_writer);
        g_test_add_func("/daemon/roles/reader", test_reader);
        g_test_add_func("/daemon/roles/flags", test_flags);
        g_test_add_func("/daemon/roles/events", test_events);
        return g_test_run();
}
