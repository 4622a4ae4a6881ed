/* domusd as a service: systemd's sockets and its ear, the configuration and when it is read again. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon_fixture.h"

typedef struct Service {
        TestDaemon d;
        char *notify; /* path */
        int ear;      /* systemd's */
} Service;

static Service *service_new(void)
{
        g_autoptr(GError) error = NULL;
        Service *s = g_new0(Service, 1);
        s->d.dir = g_dir_make_tmp("domus-test-XXXXXX", &error);
        g_assert_no_error(error);
        s->d.process.pidfd = -1;
        s->notify = g_build_filename(s->d.dir, "notify", NULL);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        g_strlcpy(address.sun_path, s->notify, sizeof address.sun_path);
        s->ear = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(bind(s->ear, (struct sockaddr *)&address, sizeof address), ==, 0);
        return s;
}

static void service_free(Service *s)
{
        if (s->d.process.pidfd >= 0)
                daemon_stop(&s->d);
        close(s->ear);
        dm_remove_tree(s->d.dir, NULL);
        g_free(s->d.dir);
        g_free(s->notify);
        g_free(s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)

/* Starts it as systemd does: its pid is in its environment, which only a shell that becomes it can know. */
static void start(Service *s, const char *names, const int *fds, gsize n_fds, const char *option,
                  const char *value)
{
        g_autofree char *program = daemon_program(), *root = g_build_filename(s->d.dir, "r", NULL);
        g_autofree char *cache = g_build_filename(s->d.dir, "cache", NULL);
        g_autofree char *script =
                g_strdup_printf("NOTIFY_SOCKET='%s'; export NOTIFY_SOCKET; LISTEN_PID=$$ LISTEN_FDS=%zu "
                                "LISTEN_FDNAMES='%s' exec \"$0\" \"$@\"",
                                s->notify, n_fds, names);
        char *words[] = { (char *)"/bin/sh",
                          (char *)"-c",
                          script,
                          program,
                          (char *)"--root",
                          root,
                          (char *)"--cache",
                          cache,
                          (char *)option,
                          (char *)value,
                          NULL };
        DmSpawnFd passed[4] = { { STDERR_FILENO, STDERR_FILENO } };
        DmSpawn spawn = test_spawn_init(words);
        g_assert_cmpuint(n_fds, <, G_N_ELEMENTS(passed));
        for (gsize i = 0; i < n_fds; i++)
                passed[i + 1] = (DmSpawnFd){ fds[i], 3 + (int)i };
        spawn.fds = passed;
        spawn.n_fds = n_fds + 1;
        s->d.process = test_spawn(&spawn);
}

static void assert_ends(Service *s, int code)
{
        DmExit e = test_wait(&s->d.process);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, code);
        dm_process_clear(&s->d.process);
}

static void assert_hears(Service *s, const char *expected)
{
        char text[64] = { 0 };
        struct timeval patience = { .tv_sec = READY_MS / 1000 };
        setsockopt(s->ear, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        g_assert_cmpint(recv(s->ear, text, sizeof text - 1, 0), >, 0);
        g_assert_cmpstr(text, ==, expected);
}

static char *version_of(const char *path, gboolean *ret_denied)
{
        g_autoptr(GError) error = NULL, refused = NULL;
        int fd = dm_connect_unix(path, &error);
        g_assert_no_error(error);
        g_assert_true(g_unix_set_fd_nonblocking(fd, TRUE, NULL));
        TestClient c = { .heard = NULL };
        DmRpcHandlers handlers = { .gone = on_gone, .user = &c };
        c.conn = dm_rpc_conn_new(fd, NULL, DM_RPC_CLIENT, &handlers);
        const DmRpcConnectOpenArgs open = { (char *)"qemu:///system", 0 };
        client_ok(&c, DM_REMOTE_CONNECT_OPEN, &open, NULL);
        DM_RPC_AUTO(TypeName, type) = { 0 };
        client_ok(&c, DM_REMOTE_CONNECT_GET_TYPE, NULL, &type);
        const DmRpcXml xml = { (char *)"<domain" };
        dm_rpc_conn_call_wait(c.conn, remote(DM_REMOTE_DOMAIN_DEFINE_XML), &xml, NULL, CALL_MS, &refused);
        *ret_denied = g_error_matches(refused, DM_ERROR, DM_ERROR_DENIED);
        dm_rpc_conn_free(c.conn);
        return g_steal_pointer(&type.type);
}

/* ---- systemd ---- */

static void test_activation(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Service) s = service_new();
        g_autofree char *path = g_build_filename(s->d.dir, "main", NULL),
                        *ro = g_build_filename(s->d.dir, "ro", NULL);
        dm_autofd int main_fd = dm_listen_unix(path, 8, 0600, &error),
                      ro_fd = dm_listen_unix(ro, 8, 0666, &error);
        g_assert_no_error(error);
        const int fds[] = { main_fd, ro_fd };
        start(s, "domusd.socket:virtqemud-ro.socket", fds, 2, NULL, NULL);
        assert_hears(s, "READY=1");
        gboolean denied;
        g_autofree char *type = version_of(path, &denied);
        g_assert_cmpstr(type, ==, "QEMU");
        g_assert_false(denied);
        g_autofree char *again = version_of(ro, &denied);
        g_assert_true(denied);
        /* Its own are there besides. */
        close(daemon_connect(&s->d, "domusd-sock"));
        daemon_stop(&s->d);
        assert_hears(s, "STOPPING=1");
        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS)); /* not ours to be removed */
}

static void test_strange_sockets(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(Service) s = service_new();
        g_autofree char *path = g_build_filename(s->d.dir, "main", NULL);
        dm_autofd int listening = dm_listen_unix(path, 8, 0600, &error);
        const int fds[] = { listening, s->ear };
        /* Of an unknown unit, without name, no listening socket. */
        start(s, "virtqemud-admin.socket", fds, 1, NULL, NULL);
        assert_ends(s, 1);
        start(s, "domusd.socket", fds, 2, NULL, NULL);
        assert_ends(s, 1);
        start(s, "domusd.socket:domusd-ro.socket", fds, 2, NULL, NULL);
        assert_ends(s, 1);
}

/* ---- configuration ---- */

static char *configure(Service *s, const char *text)
{
        g_autoptr(GError) error = NULL;
        char *path = g_build_filename(s->d.dir, "domusd.conf", NULL);
        g_assert_true(dm_file_write_atomic(path, text, strlen(text), 0600, 0, &error));
        return path;
}

static void test_config_refused(void)
{
        static const char *const wrong[] = { "[limits]\nclients = 0\n", "[limits]\nclients = many\n",
                                             "[limits]\nclient = 5\n", "[limit]\nclients = 5\n",
                                             "clients = 5\n" };
        g_autoptr(Service) s = service_new();
        for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
                g_autofree char *path = configure(s, wrong[i]);
                start(s, "", NULL, 0, "--config", path);
                assert_ends(s, 1);
        }
        start(s, "", NULL, 0, "--config", "/nowhere/domusd.conf");
        assert_ends(s, 1);
}

static gboolean is_refused(const TestDaemon *d)
{
        int fd = daemon_connect(d, "domusd-sock");
        struct timeval patience = { .tv_usec = 300000 };
        char byte;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        gboolean ended = recv(fd, &byte, 1, 0) == 0;
        close(fd);
        return ended;
}

static void test_reload(void)
{
        g_autoptr(Service) s = service_new();
        g_autofree char *path = configure(s, "[limits]\nclients = 1\n");
        start(s, "", NULL, 0, "--config", path);
        assert_hears(s, "READY=1");
        dm_autofd int first = daemon_connect(&s->d, "domusd-sock");
        g_assert_true(is_refused(&s->d));
        g_free(configure(s, "[limits]\nclients = 2\n"));
        dm_process_signal(&s->d.process, SIGHUP);
        assert_hears(s, "RELOADING=1");
        assert_hears(s, "READY=1");
        g_assert_false(is_refused(&s->d));
        /* A wrong one changes nothing. */
        g_free(configure(s, "[limits]\nclients = 1\nnonsense = 1\n"));
        dm_process_signal(&s->d.process, SIGHUP);
        assert_hears(s, "RELOADING=1");
        assert_hears(s, "READY=1");
        g_assert_false(is_refused(&s->d));
}

/* ---- autostart ---- */

static guint count(TestClient *c, gint32 number)
{
        DmRpcNum num = { -1 };
        client_ok(c, number, NULL, &num);
        return (guint)num.num;
}

/* Marked guests start with the first daemon after a boot, not with the next one, and others never. */
static void test_autostart(void)
{
        g_autoptr(Service) s = service_new();
        g_autofree char *yes = guest_xml(&s->d, "yes"), *no = yes ? guest_xml(&s->d, "no") : NULL;
        if (!yes)
                return;
        start(s, "", NULL, 0, NULL, NULL);
        {
                g_autoptr(TestClient) c = client_new(&s->d, "domusd-sock");
                const DmRpcXml documents[] = { { yes }, { no } };
                DM_RPC_AUTO(OneDomain, first) = { 0 };
                DM_RPC_AUTO(OneDomain, second) = { 0 };
                client_ok(c, DM_REMOTE_DOMAIN_DEFINE_XML, &documents[0], &first);
                client_ok(c, DM_REMOTE_DOMAIN_DEFINE_XML, &documents[1], &second);
                const DmRpcDomainSetAutostartArgs mark = { first.dom, 1 };
                client_ok(c, DM_REMOTE_DOMAIN_SET_AUTOSTART, &mark, NULL);
        }
        daemon_stop(&s->d);
        start(s, "", NULL, 0, "--autostart", NULL);
        {
                g_autoptr(TestClient) c = client_new(&s->d, "domusd-sock");
                CLIENT_UNTIL(count(c, DM_REMOTE_CONNECT_NUM_OF_DOMAINS) == 1);
                const DmRpcName name = { (char *)"yes" };
                DM_RPC_AUTO(OneDomain, one) = { 0 };
                client_ok(c, DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, &name, &one);
                g_assert_cmpint(one.dom.id, >, 0);
                client_ok(c, DM_REMOTE_DOMAIN_DESTROY, &one, NULL);
        }
        daemon_stop(&s->d);
        start(s, "", NULL, 0, "--autostart", NULL);
        g_autoptr(TestClient) c = client_new(&s->d, "domusd-sock");
        g_usleep(200000); /* a start would be on its way by now */
        g_assert_cmpuint(count(c, DM_REMOTE_CONNECT_NUM_OF_DOMAINS), ==, 0);
        g_assert_cmpuint(count(c, DM_REMOTE_CONNECT_NUM_OF_DEFINED_DOMAINS), ==, 2);
}

/* ---- many ---- */

/* One client that never reads what it asks for, while another is served. */
static void test_slow_reader(void)
{
        g_autoptr(Service) s = service_new();
        start(s, "", NULL, 0, NULL, NULL);
        assert_hears(s, "READY=1");
        dm_autofd int slow = daemon_connect(&s->d, "domusd-sock");
        g_assert_true(g_unix_set_fd_nonblocking(slow, TRUE, NULL));
        const DmXdrType *type = &dm_rpc_type_ConnectOpenArgs;
        const DmRpcConnectOpenArgs open = { NULL, 0 };
        g_autoptr(GByteArray) calls = g_byte_array_new();
        for (guint i = 0; i < 20000; i++) {
                DmRpcHeader header = {
                        DM_RPC_HEADER_SIZE, DM_RPC_PROGRAM_REMOTE,
                        DM_RPC_VERSION,     i ? DM_REMOTE_NODE_GET_INFO : DM_REMOTE_CONNECT_OPEN,
                        DM_RPC_CALL,        i,
                        DM_RPC_OK
                };
                g_autoptr(GByteArray) one = dm_rpc_packet_new(&header, i ? NULL : type, i ? NULL : &open, 0,
                                                              DM_RPC_MESSAGE_MAX, NULL);
                g_byte_array_append(calls, one->data, one->len);
        }
        gsize sent = 0;
        for (int idle = 0; sent < calls->len && idle < 200;) {
                gssize n = send(slow, calls->data + sent, calls->len - sent, MSG_NOSIGNAL);
                if (n > 0)
                        sent += (gsize)n;
                else
                        idle++, g_usleep(1000);
        }
        /* Neither all of it was taken in, nor is anybody else kept waiting. */
        g_autofree char *path = daemon_path(&s->d, "domusd-sock");
        for (int i = 0; i < 20; i++) {
                gboolean denied;
                gint64 before = g_get_monotonic_time();
                g_autofree char *answer = version_of(path, &denied);
                g_assert_cmpstr(answer, ==, "QEMU");
                g_assert_cmpint(g_get_monotonic_time() - before, <, READY_MS * 1000);
        }
        g_autofree char *statm = g_strdup_printf("/proc/%d/statm", (int)s->d.process.pid), *text = NULL;
        g_assert_true(g_file_get_contents(statm, &text, NULL, NULL));
        unsigned long total, resident;
        g_assert_cmpint(sscanf(text, "%lu %lu", &total, &resident), ==, 2);
        g_assert_cmpuint(resident * (gsize)sysconf(_SC_PAGESIZE), <, 400u << 20);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/service/activation", test_activation);
        g_test_add_func("/daemon/service/strange-sockets", test_strange_sockets);
        g_test_add_func("/daemon/service/config-refused", test_config_refused);
        g_test_add_func("/daemon/service/reload", test_reload);
        g_test_add_func("/daemon/service/autostart", test_autostart);
        g_test_add_func("/daemon/service/slow-reader", test_slow_reader);
        return g_test_run();
}
