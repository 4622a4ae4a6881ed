/* domusd's connections: handshake, errors in libvirt's words, readers, ends. */
#include "daemon_fixture.h"

static void test_handshake(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_connect(d, "domusd-sock");
        DM_RPC_AUTO(AuthListRet, auth) = { 0 };
        client_ok(c, DM_REMOTE_AUTH_LIST, NULL, &auth);
        g_assert_cmpuint(auth.types.n, ==, 1);
        g_assert_cmpint(auth.types.items[0], ==, 0);
        client_fails(c, DM_REMOTE_CONNECT_GET_TYPE, NULL, DM_ERROR_INTERNAL,
                     "hypervisor connection not open");
        const DmRpcConnectOpenArgs elsewhere = { (char *)"xen:///system", 0 };
        client_fails(c, DM_REMOTE_CONNECT_OPEN, &elsewhere, DM_ERROR_FAILED, "xen:///system");
        const DmRpcConnectOpenArgs any = { (char *)"", 4 };
        client_ok(c, DM_REMOTE_CONNECT_OPEN, &any, NULL);
        client_fails(c, DM_REMOTE_CONNECT_OPEN, &any, DM_ERROR_INTERNAL, "connection already open");
        DM_RPC_AUTO(ConnectGetUriRet, uri) = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_GET_URI, NULL, &uri);
        g_assert_true(g_str_has_prefix(uri.uri, "qemu:///embed?root=/"));
        static const struct {
                gint32 feature, supported;
        } features[] = {
                { 8, 1 }, { 9, 1 }, { 10, 1 }, { 14, 1 }, { 15, 1 }, { 6, 0 }, { 13, 0 }, { 9999, 0 }
        };
        for (gsize i = 0; i < G_N_ELEMENTS(features); i++) {
                const DmRpcConnectSupportsFeatureArgs args = { features[i].feature };
                DmRpcConnectSupportsFeatureRet ret = { -1 };
                client_ok(c, DM_REMOTE_CONNECT_SUPPORTS_FEATURE, &args, &ret);
                g_assert_cmpint(ret.supported, ==, features[i].supported);
        }
        client_ok(c, DM_REMOTE_CONNECT_REGISTER_CLOSE_CALLBACK, NULL, NULL);
        client_fails(c, DM_REMOTE_CONNECT_REGISTER_CLOSE_CALLBACK, NULL, DM_ERROR_INTERNAL,
                     "already registered");
        client_ok(c, DM_REMOTE_CONNECT_UNREGISTER_CLOSE_CALLBACK, NULL, NULL);
        client_ok(c, DM_REMOTE_CONNECT_CLOSE, NULL, NULL);
        CLIENT_UNTIL(c->gone);
}

static void test_node(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        DmRpcNodeGetInfoRet node = { 0 };
        client_ok(c, DM_REMOTE_NODE_GET_INFO, NULL, &node);
        g_assert_cmpint(node.cpus, >, 0);
        g_assert_cmpint(node.nodes * node.sockets * node.cores * node.threads, >=, node.cpus);
        g_assert_cmpuint(node.memory, >, 1024);
        DM_RPC_AUTO(Hostname, host) = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_GET_HOSTNAME, NULL, &host);
        g_assert_cmpstr(host.hostname, ==, g_get_host_name());
        DM_RPC_AUTO(Capabilities, caps) = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_GET_CAPABILITIES, NULL, &caps);
        g_assert_nonnull(strstr(caps.capabilities, "<capabilities>"));
        g_assert_nonnull(strstr(caps.capabilities, node.model));
        const DmRpcConnectGetDomainCapabilitiesArgs wrong = { .arch = (char *)"pdp11" };
        client_fails(c, DM_REMOTE_CONNECT_GET_DOMAIN_CAPABILITIES, &wrong, DM_ERROR_INVALID_ARG, "pdp11");
}

static void test_errors(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        const DmRpcName name = { (char *)"x" };
        client_fails(c, DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, &name, DM_ERROR_NOT_FOUND,
                     "no domain with matching name 'x'");
        const DmRpcDomainLookupByIdArgs id = { 7 };
        client_fails(c, DM_REMOTE_DOMAIN_LOOKUP_BY_ID, &id, DM_ERROR_NOT_FOUND,
                     "no domain with matching id 7");
        const DmRpcOneDomain gone = { { (char *)"left", { 1, 2, 3 }, -1 } };
        client_fails(c, DM_REMOTE_DOMAIN_CREATE, &gone, DM_ERROR_NOT_FOUND,
                     "no domain with matching uuid '01020300-0000-0000-0000-000000000000' (left)");
        client_fails(c, DM_REMOTE_DOMAIN_GET_INFO, &gone, DM_ERROR_NOT_FOUND, "(left)");
        const DmRpcXml nonsense = { (char *)"<domain" };
        client_fails(c, DM_REMOTE_DOMAIN_DEFINE_XML, &nonsense, DM_ERROR_INVALID_XML, "line 1");
        const DmRpcXmlDescFlags files = { (char *)"<domain/>", 1 << 7 };
        client_fails(c, DM_REMOTE_DOMAIN_CREATE_XML, &files, DM_ERROR_INVALID_ARG,
                     "unsupported flags (0x80) in function virDomainCreateXML");
        const DmRpcNParamsFlags nothing_asked = { 0, 0 };
        client_fails(c, DM_REMOTE_NODE_GET_SEV_INFO, &nothing_asked, DM_ERROR_UNSUPPORTED,
                     "virNodeGetSEVInfo");
}

static void test_reader(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock-ro");
        DmRpcNum num = { -1 };
        client_ok(c, DM_REMOTE_CONNECT_NUM_OF_DOMAINS, NULL, &num);
        g_assert_cmpint(num.num, ==, 0);
        const DmRpcXml xml = { (char *)"<domain/>" };
        client_fails(c, DM_REMOTE_DOMAIN_DEFINE_XML, &xml, DM_ERROR_DENIED,
                     "read only access prevents virDomainDefineXML");
}

static void on_answer(DmRpcConn *conn G_GNUC_UNUSED, DmRpcAnswer *answer, void *user G_GNUC_UNUSED)
{
        g_assert_error(answer->error, DM_ERROR, DM_ERROR_GONE);
}

/* Who leaves in the middle of everything costs nobody else anything. */
static void test_leaving(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) stays = client_new(d, "domusd-sock");
        for (int i = 0; i < 50; i++) {
                g_autoptr(TestClient) c = client_new(d, "domusd-sock");
                const DmRpcConnectDomainEventCallbackRegisterAnyArgs args = { 0, NULL };
                client_ok(c, DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &args, NULL);
                /* Its answer is never read. */
                const DmRpcVoid none = { 0 };
                g_assert_true(dm_rpc_conn_call(c->conn, remote(DM_REMOTE_NODE_GET_INFO), &none, NULL, 0, 0,
                                               on_answer, NULL, NULL));
                g_main_context_iteration(NULL, FALSE);
        }
        DmRpcNum num = { -1 };
        client_ok(stays, DM_REMOTE_CONNECT_NUM_OF_DOMAINS, NULL, &num);
        g_assert_cmpint(num.num, ==, 0);
}

static void test_timeout(void)
{
        g_autoptr(TestDaemon) d = daemon_new("--timeout", "1");
        DmExit e;
        {
                g_autoptr(TestClient) c = client_new(d, "domusd-sock");
                g_assert_false(dm_process_wait(&d->process, 2500, &e)); /* somebody is connected */
        }
        e = test_wait(&d->process);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 0);
        g_autofree char *socket = daemon_path(d, "domusd-sock");
        g_assert_false(g_file_test(socket, G_FILE_TEST_EXISTS));
        dm_process_clear(&d->process);
}

static void test_second_owner(void)
{
        g_autoptr(TestDaemon) d = daemon_new(NULL, NULL);
        g_autoptr(TestClient) c = client_new(d, "domusd-sock");
        g_autofree char *program = daemon_program(), *root = g_build_filename(d->dir, "r", NULL),
                        *text = NULL;
        DmExit e;
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_run(WORDS(program, "--root", root), CALL_MS, 65536, NULL, &text, &e, &error));
        g_assert_no_error(error);
        g_assert_cmpint(e.value, ==, 1);
        g_assert_nonnull(strstr(text, "domusd: another process owns the root"));
        DmRpcConnectIsSecureRet secure = { 0 };
        client_ok(c, DM_REMOTE_CONNECT_IS_SECURE, NULL, &secure); /* the first is not disturbed */
        g_assert_cmpint(secure.secure, ==, 1);
}

static void test_listen(void)
{
        g_autofree char *dir = g_dir_make_tmp("domus-test-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(dir, "other", NULL);
        {
                g_autoptr(TestDaemon) d = daemon_new("--listen", path);
                g_autoptr(TestClient) c = client_new(d, "domusd-sock");
                /* It listens on its own first, on this a moment later. */
                CLIENT_UNTIL(g_file_test(path, G_FILE_TEST_EXISTS));
                dm_autofd int fd = dm_connect_unix(path, NULL);
                g_assert_cmpint(fd, >=, 0);
        }
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        g_assert_true(dm_remove_tree(dir, NULL));
}

static void test_options(void)
{
        static const struct {
                const char *words[4];
                const char *text;
        } rows[] = {
                { { "--session", "--system" }, "only one of --root, --session and --system" },
                { { "--root", "/r", "--compat" }, "--compat belongs to --session or --system" },
                { { "--timeout", "-1" }, "--timeout -1: not a number from 0" },
                { { "extra" }, "there are no arguments, but 'extra' was given" },
                { { "--colour" }, "Unknown option --colour" },
        };
        g_autofree char *program = daemon_program();
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text = NULL;
                DmExit e;
                const char *const *w = rows[i].words;
                g_assert_true(
                        dm_run(WORDS(program, w[0], w[1], w[2]), CALL_MS, 65536, NULL, &text, &e, NULL));
                g_assert_cmpint(e.value, ==, 2);
                if (!strstr(text, rows[i].text))
                        g_error("'%s' is not in: %s", rows[i].text, text);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/daemon/connect/handshake", test_handshake);
        g_test_add_func("/daemon/connect/node", test_node);
        g_test_add_func("/daemon/connect/errors", test_errors);
        g_test_add_func("/daemon/connect/reader", test_reader);
        g_test_add_func("/daemon/connect/leaving", test_leaving);
        g_test_add_func("/daemon/connect/timeout", test_timeout);
        g_test_add_func("/daemon/connect/second-owner", test_second_owner);
        g_test_add_func("/daemon/connect/listen", test_listen);
        g_test_add_func("/daemon/connect/options", test_options);
        return g_test_run();
}
