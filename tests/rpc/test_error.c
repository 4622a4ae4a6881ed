#include "rpc/error.h"

#include <string.h>

static const DmRpcProc *remote(gint32 number)
{
        return dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, number);
}

static void test_numbers(void)
{
        g_assert_cmpint(DM_RPC_ERR_NO_SUPPORT, ==, 3);
        g_assert_cmpint(DM_RPC_ERR_OPERATION_DENIED, ==, 29);
        g_assert_cmpint(DM_RPC_ERR_RPC, ==, 39);
        g_assert_cmpint(DM_RPC_ERR_NO_DOMAIN, ==, 42);
        g_assert_cmpint(DM_RPC_ERR_MULTIPLE_DOMAINS, ==, 110);
        g_assert_cmpint(DM_RPC_FROM_RPC, ==, 7);
        g_assert_cmpint(DM_RPC_FROM_QEMU, ==, 10);
        g_assert_cmpint(DM_RPC_FROM_CH, ==, 72);
        for (gint32 code = 0; code <= DM_RPC_ERR_MULTIPLE_DOMAINS; code++)
                g_assert_nonnull(strstr(dm_rpc_error_form(code), "%s"));
        g_assert_cmpstr(dm_rpc_error_form(DM_RPC_ERR_MULTIPLE_DOMAINS + 1), ==, "%s");
        g_assert_cmpstr(dm_rpc_error_form(-1), ==, "%s");
        g_assert_cmpstr(dm_rpc_error_form(G_MAXINT32), ==, "%s");
}

/* Each of our codes becomes an error whose text comes back as it was. */
static void test_there_and_back(void)
{
        for (int code = 0; code < DM_ERROR_N; code++) {
                g_autoptr(GError) error = g_error_new(DM_ERROR, code, "disk 'vda' of 100 %%, %s", "odd");
                DM_RPC_AUTO(Error, wire) = { 0 };
                dm_rpc_error_from(&wire, error, remote(DM_REMOTE_DOMAIN_CREATE));
                g_assert_cmpint(wire.code, >, 0);
                g_assert_cmpint(wire.level, ==, 2);
                g_assert_cmpint(wire.int1, ==, -1);
                g_assert_cmpstr(wire.str2, ==, error->message);
                g_assert_true(g_str_has_suffix(wire.message, "disk 'vda' of 100 %, odd"));
                g_autoptr(GError) back = dm_rpc_error_to(&wire);
                g_assert_cmpstr(back->message, ==, error->message);
                g_assert_error(back, DM_ERROR, code);
                /* Only those that share a number of libvirt's need the other member. */
                gboolean shared =
                        code == DM_ERROR_EXISTS || code == DM_ERROR_GONE || code == DM_ERROR_NO_MEMORY;
                g_assert_cmpint(wire.int2, ==, shared ? code : -1);
                g_assert_null(wire.str3);
        }
        g_autoptr(GError) foreign = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "from elsewhere");
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_from(&wire, foreign, NULL);
        g_assert_cmpstr(wire.message, ==, "internal error: from elsewhere");
}

/* The place in the document goes along; a number that stands for something else is none. */
static void test_place(void)
{
        g_autoptr(GError) error = NULL;
        dm_fail_at(&error, DM_ERROR_INVALID_XML, 12, "/domain/memory", "too much");
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_from(&wire, error, remote(DM_REMOTE_DOMAIN_CREATE_XML));
        g_autoptr(GError) back = dm_rpc_error_to(&wire);
        g_assert_cmpstr(dm_error_path(back), ==, "/domain/memory");
        g_assert_cmpuint(dm_error_line(back), ==, 12);
        g_clear_error(&error);
        g_clear_error(&back);
        dm_record_clear(&dm_rpc_type_Error, &wire);
        dm_fail_at(&error, DM_ERROR_INVALID_XML, 3, NULL, "not well-formed");
        dm_rpc_error_from(&wire, error, remote(DM_REMOTE_DOMAIN_CREATE_XML));
        back = dm_rpc_error_to(&wire);
        g_assert_null(dm_error_path(back));
        g_assert_cmpuint(dm_error_line(back), ==, 3);
        g_clear_error(&back);
        g_clear_pointer(&wire.str3, g_free); /* as another server sends an errno */
        back = dm_rpc_error_to(&wire);
        g_assert_cmpuint(dm_error_line(back), ==, 0);
        g_clear_error(&back);
        wire.int2 = DM_ERROR_N;
        back = dm_rpc_error_to(&wire);
        g_assert_error(back, DM_ERROR, DM_ERROR_INVALID_XML);
}

static void test_not_found(void)
{
        static const struct {
                gint32 number, code;
        } cases[] = {
                { DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, 42 },
                { DM_REMOTE_NETWORK_LOOKUP_BY_NAME, 43 },
                { DM_REMOTE_STORAGE_POOL_LOOKUP_BY_NAME, 49 },
                { DM_REMOTE_STORAGE_VOL_LOOKUP_BY_PATH, 50 },
                { DM_REMOTE_NODE_DEVICE_LOOKUP_BY_NAME, 53 },
                { DM_REMOTE_INTERFACE_LOOKUP_BY_NAME, 57 },
                { DM_REMOTE_NWFILTER_LOOKUP_BY_NAME, 62 },
                { DM_REMOTE_SECRET_LOOKUP_BY_UUID, 66 },
                { DM_REMOTE_DOMAIN_SNAPSHOT_LOOKUP_BY_NAME, 72 },
                { DM_REMOTE_DOMAIN_CHECKPOINT_LOOKUP_BY_NAME, 103 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GError) error = g_error_new(DM_ERROR, DM_ERROR_NOT_FOUND, "nothing of name 'x'");
                DM_RPC_AUTO(Error, wire) = { 0 };
                dm_rpc_error_from(&wire, error, remote(cases[i].number));
                g_assert_cmpint(wire.code, ==, cases[i].code);
                g_autoptr(GError) back = dm_rpc_error_to(&wire);
                g_assert_error(back, DM_ERROR, DM_ERROR_NOT_FOUND);
        }
}

static void assert_answer(void (*make)(DmRpcError *, const DmRpcProc *), gint32 number, int code, int domain,
                          const char *message, const char *str1)
{
        DM_RPC_AUTO(Error, wire) = { 0 };
        make(&wire, remote(number));
        g_assert_cmpint(wire.code, ==, code);
        g_assert_cmpint(wire.domain, ==, domain);
        g_assert_cmpstr(wire.message, ==, message);
        g_assert_cmpstr(wire.str1, ==, str1);
}

static void test_standing_answers(void)
{
        const char *form = "this function is not supported by the connection driver: %s";
        assert_answer(dm_rpc_error_unsupported, DM_REMOTE_DOMAIN_FSTRIM, 3, 20,
                      "this function is not supported by the connection driver: virDomainFSTrim", form);
        assert_answer(
                dm_rpc_error_unsupported, DM_REMOTE_CONNECT_LIST_ALL_STORAGE_POOLS, 3, 18,
                "this function is not supported by the connection driver: virConnectListAllStoragePools",
                form);
        assert_answer(dm_rpc_error_unsupported, DM_REMOTE_NODE_GET_INFO, 3, 0,
                      "this function is not supported by the connection driver: virNodeGetInfo", form);
        assert_answer(dm_rpc_error_unsupported, DM_REMOTE_NODE_NUM_OF_DEVICES, 3, 22,
                      "this function is not supported by the connection driver: virNodeNumOfDevices", form);
        assert_answer(dm_rpc_error_read_only, DM_REMOTE_DOMAIN_DESTROY, 29, 20,
                      "operation forbidden: read only access prevents virDomainDestroy",
                      "operation forbidden: %s");
        assert_answer(dm_rpc_error_read_only, DM_REMOTE_DOMAIN_SNAPSHOT_DELETE, 29, 35,
                      "operation forbidden: read only access prevents virDomainSnapshotDelete",
                      "operation forbidden: %s");
}

static void test_from_others(void)
{
        /* libvirt's own message, translated by nobody, and one without a form. */
        DM_RPC_AUTO(Error,
                    wire) = { .code = 42, .message = g_strdup("Domain not found"), .str2 = g_strdup("no") };
        g_autoptr(GError) error = dm_rpc_error_to(&wire);
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
        g_assert_cmpstr(error->message, ==, "Domain not found");
        DM_RPC_AUTO(Error, odd) = { .code = 4711 };
        g_autoptr(GError) unknown = dm_rpc_error_to(&odd);
        g_assert_error(unknown, DM_ERROR, DM_ERROR_FAILED);
        g_assert_cmpstr(unknown->message, ==, "the other side gave no reason");
}

static void test_long_text(void)
{
        g_autofree char *text = g_strnfill(1 << 20, 'x');
        memcpy(text + 16383, "ä", 2); /* the cut is before it, not inside */
        DM_RPC_AUTO(Error, wire) = { 0 };
        dm_rpc_error_make(&wire, DM_RPC_ERR_RPC, DM_RPC_FROM_RPC, "%s", text);
        g_assert_cmpuint(strlen(wire.str2), ==, 16383);
        g_assert_true(g_utf8_validate(wire.message, -1, NULL));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/error/numbers", test_numbers);
        g_test_add_func("/rpc/error/there-and-back", test_there_and_back);
        g_test_add_func("/rpc/error/place", test_place);
        g_test_add_func("/rpc/error/not-found", test_not_found);
        g_test_add_func("/rpc/error/standing-answers", test_standing_answers);
        g_test_add_func("/rpc/error/from-others", test_from_others);
        g_test_add_func("/rpc/error/long-text", test_long_text);
        return g_test_run();
}
