/* Packets as libvirt 9.0 was seen to send them, byte for byte: what we make of the values is the packet, and
 * what we make of the packet is the values. */
#include "raw_peer.h"
#include "rpc/error.h"

static const guint8 wr1_uuid[DM_RPC_UUID_SIZE] = { 0x4a, 0x18, 0xdf, 0xe7, 0x9a, 0xf4, 0x49, 0x0c,
                                                   0x9b, 0x66, 0x0f, 0xe0, 0x05, 0xdd, 0xb4, 0xb1 };
#define WR1_UUID "4a18dfe7 9af4490c 9b660fe0 05ddb4b1"

/* @text: the whole packet, with its length. */
static void assert_wire(const char *text, const DmRpcHeader *header, const DmXdrType *type, const void *value)
{
        g_autoptr(GByteArray) expected = raw_bytes(text);
        g_autofree char *want = raw_hex(expected->data, expected->len);
        g_autoptr(GError) error = NULL;
        g_autoptr(GByteArray) made = dm_rpc_packet_new(header, type, value, 0, DM_RPC_MESSAGE_MAX, &error);
        g_assert_no_error(error);
        g_autofree char *got = raw_hex(made->data, made->len);
        g_assert_cmpstr(got, ==, want);

        /* And back: the packet is read, its struct decoded and written again. */
        int fds[2];
        raw_pair(fds);
        raw_send_bytes(NULL, fds[0], expected->data, expected->len);
        g_auto(DmRpcReader) r = { .max = DM_RPC_MESSAGE_MAX };
        g_assert_cmpint(dm_rpc_reader_fill(&r, fds[1], NULL), ==, DM_RPC_IO_DONE);
        g_auto(DmRpcPacket) packet = { 0 };
        g_assert_cmpint(dm_rpc_reader_peek(&r, &packet.header, NULL), ==, DM_RPC_NEXT_PACKET);
        dm_rpc_reader_take(&r, &packet);
        g_assert_cmpuint(packet.header.length, ==, expected->len);
        g_assert_cmpuint(packet.header.program, ==, header->program);
        g_assert_cmpint(packet.header.proc, ==, header->proc);
        g_assert_cmpuint(packet.header.type, ==, header->type);
        g_assert_cmpuint(packet.header.serial, ==, header->serial);
        g_assert_cmpuint(packet.header.status, ==, header->status);
        if (type) {
                g_autofree void *decoded = g_malloc0(type->size);
                DmXdrReader payload = { .data = packet.payload, .length = packet.length };
                g_assert_true(dm_record_decode(type, &payload, decoded, &error));
                g_assert_cmpuint(dm_xdr_left(&payload), ==, 0);
                g_autoptr(GByteArray) again =
                        dm_rpc_packet_new(&packet.header, type, decoded, 0, DM_RPC_MESSAGE_MAX, NULL);
                g_assert_cmpmem(again->data, again->len, expected->data, expected->len);
                dm_record_clear(type, decoded);
        } else {
                g_assert_cmpuint(packet.length, ==, 0);
        }
        dm_close_fd(&fds[0]);
        dm_close_fd(&fds[1]);
}

static DmRpcHeader remote(gint32 proc, DmRpcType type, guint32 serial, DmRpcStatus status)
{
        return (DmRpcHeader){ .program = DM_RPC_PROGRAM_REMOTE,
                              .version = 1,
                              .proc = proc,
                              .type = (guint32)type,
                              .serial = serial,
                              .status = (guint32)status };
}

static void test_auth_list(void)
{
        DmRpcHeader h = remote(DM_REMOTE_AUTH_LIST, DM_RPC_CALL, 0, DM_RPC_OK);
        assert_wire("0000001c 20008086 00000001 00000042 00000000 00000000 00000000", &h, &dm_rpc_type_Void,
                    NULL);
        h = remote(DM_REMOTE_AUTH_LIST, DM_RPC_REPLY, 0, DM_RPC_OK);
        gint32 none = 0;
        const DmRpcAuthListRet ret = { .types = { &none, 1 } };
        assert_wire("00000024 20008086 00000001 00000042 00000001 00000000 00000000 | 00000001 00000000", &h,
                    &dm_rpc_type_AuthListRet, &ret);
}

static void test_feature(void)
{
        DmRpcHeader h = remote(DM_REMOTE_CONNECT_SUPPORTS_FEATURE, DM_RPC_CALL, 1, DM_RPC_OK);
        const DmRpcConnectSupportsFeatureArgs args = { .feature = 10 };
        assert_wire("00000020 20008086 00000001 0000003c 00000000 00000001 00000000 | 0000000a", &h,
                    &dm_rpc_type_ConnectSupportsFeatureArgs, &args);
        h = remote(DM_REMOTE_CONNECT_SUPPORTS_FEATURE, DM_RPC_REPLY, 1, DM_RPC_OK);
        const DmRpcConnectSupportsFeatureRet ret = { .supported = 1 };
        assert_wire("00000020 20008086 00000001 0000003c 00000001 00000001 00000000 | 00000001", &h,
                    &dm_rpc_type_ConnectSupportsFeatureRet, &ret);
}

static void test_open(void)
{
        DmRpcHeader h = remote(DM_REMOTE_CONNECT_OPEN, DM_RPC_CALL, 2, DM_RPC_OK);
        char name[] = "qemu:///system";
        const DmRpcConnectOpenArgs args = { .name = name };
        assert_wire("00000038 20008086 00000001 00000001 00000000 00000002 00000000 |"
                    "00000001 0000000e 71656d75 3a2f2f2f 73797374 656d0000 00000000",
                    &h, &dm_rpc_type_ConnectOpenArgs, &args);
        h = remote(DM_REMOTE_CONNECT_OPEN, DM_RPC_REPLY, 2, DM_RPC_OK);
        assert_wire("0000001c 20008086 00000001 00000001 00000001 00000002 00000000", &h, &dm_rpc_type_Void,
                    NULL);
}

static void test_lookup(void)
{
        char name[] = "wr1";
        DmRpcHeader h = remote(DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, DM_RPC_CALL, 5, DM_RPC_OK);
        const DmRpcName args = { .name = name };
        assert_wire("00000024 20008086 00000001 00000017 00000000 00000005 00000000 | 00000003 77723100", &h,
                    &dm_rpc_type_Name, &args);
        h = remote(DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, DM_RPC_REPLY, 5, DM_RPC_OK);
        DmRpcOneDomain ret = { .dom = { .name = name, .id = 74 } };
        memcpy(ret.dom.uuid, wr1_uuid, sizeof wr1_uuid);
        assert_wire(
                "00000038 20008086 00000001 00000017 00000001 00000005 00000000 | 00000003 77723100 " WR1_UUID
                " 0000004a",
                &h, &dm_rpc_type_OneDomain, &ret);
        ret.dom.id = -1;
        assert_wire(
                "00000038 20008086 00000001 00000017 00000001 00000005 00000000 | 00000003 77723100 " WR1_UUID
                " ffffffff",
                &h, &dm_rpc_type_OneDomain, &ret);
}

static void test_callback(void)
{
        DmRpcHeader h =
                remote(DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, DM_RPC_CALL, 6, DM_RPC_OK);
        const DmRpcConnectDomainEventCallbackRegisterAnyArgs args = { .eventID = 0 };
        assert_wire("00000024 20008086 00000001 0000013c 00000000 00000006 00000000 | 00000000 00000000", &h,
                    &dm_rpc_type_ConnectDomainEventCallbackRegisterAnyArgs, &args);
        h = remote(DM_REMOTE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, DM_RPC_REPLY, 6, DM_RPC_OK);
        const DmRpcCallbackId ret = { .callbackID = 152 };
        assert_wire("00000020 20008086 00000001 0000013c 00000001 00000006 00000000 | 00000098", &h,
                    &dm_rpc_type_CallbackId, &ret);
}

static void test_error(void)
{
        DmRpcHeader h = remote(DM_REMOTE_DOMAIN_LOOKUP_BY_NAME, DM_RPC_REPLY, 7, DM_RPC_ERROR);
        g_autoptr(GError) ours =
                g_error_new(DM_ERROR, DM_ERROR_NOT_FOUND, "no domain with matching name '%s'", "nope");
        DM_RPC_AUTO(Error, error) = { 0 };
        dm_rpc_error_from(&error, ours, dm_rpc_proc(DM_RPC_PROGRAM_REMOTE, DM_REMOTE_DOMAIN_LOOKUP_BY_NAME));
        assert_wire("000000c4 20008086 00000001 00000017 00000001 00000007 00000001 |"
                    "0000002a 0000000a"
                    "00000001 00000035 \"Domain not found: no domain with matching name 'nope'\" 000000"
                    "00000002 00000000"
                    "00000001 00000014 \"Domain not found: %s\""
                    "00000001 00000023 \"no domain with matching name 'nope'\" 00"
                    "00000000 ffffffff ffffffff 00000000",
                    &h, &dm_rpc_type_Error, &error);
}

static void test_event(void)
{
        char name[] = "wr1";
        DmRpcHeader h = remote(DM_REMOTE_DOMAIN_EVENT_CALLBACK_LIFECYCLE, DM_RPC_MESSAGE, 1, DM_RPC_OK);
        DmRpcDomainEventCallbackLifecycleMsg msg = {
                .callbackID = 152, .msg = { .dom = { .name = name, .id = 74 }, .event = 3 }
        };
        memcpy(msg.msg.dom.uuid, wr1_uuid, sizeof wr1_uuid);
        assert_wire("00000044 20008086 00000001 0000013e 00000002 00000001 00000000 |"
                    "00000098 00000003 77723100 " WR1_UUID " 0000004a 00000003 00000000",
                    &h, &dm_rpc_type_DomainEventCallbackLifecycleMsg, &msg);
}

static void test_streams(void)
{
        DmRpcHeader h = remote(DM_REMOTE_DOMAIN_OPEN_CONSOLE, DM_RPC_STREAM, 11, DM_RPC_ERROR);
        assert_wire("0000001c 20008086 00000001 000000c9 00000003 0000000b 00000001", &h, NULL, NULL);
        h = remote(DM_REMOTE_STORAGE_VOL_DOWNLOAD, DM_RPC_STREAM_HOLE, 10, DM_RPC_CONTINUE);
        const DmRpcStreamHole hole = { .length = 512 << 10 };
        assert_wire(
                "00000028 20008086 00000001 000000d1 00000006 0000000a 00000002 | 00000000 00080000 00000000",
                &h, &dm_rpc_type_StreamHole, &hole);
        /* Data is no XDR: no length before it, no padding after it. */
        h = remote(DM_REMOTE_DOMAIN_SCREENSHOT, DM_RPC_STREAM, 10, DM_RPC_CONTINUE);
        g_autoptr(GByteArray) raw = dm_rpc_packet_new_raw(&h, "\x89PNG\r", 5);
        g_autoptr(GByteArray) expected =
                raw_bytes("00000021 20008086 00000001 000000d3 00000003 0000000a 00000002 |"
                          "89504e47 0d");
        g_assert_cmpmem(raw->data, raw->len, expected->data, expected->len);
}

static void test_keepalive(void)
{
        DmRpcHeader h = {
                .program = DM_RPC_PROGRAM_KEEPALIVE, .version = 1, .proc = 1, .type = DM_RPC_MESSAGE
        };
        assert_wire("0000001c 6b656570 00000001 00000001 00000002 00000000 00000000", &h, NULL, NULL);
        h.proc = 2;
        assert_wire("0000001c 6b656570 00000001 00000002 00000002 00000000 00000000", &h, NULL, NULL);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rpc/wire/auth-list", test_auth_list);
        g_test_add_func("/rpc/wire/feature", test_feature);
        g_test_add_func("/rpc/wire/open", test_open);
        g_test_add_func("/rpc/wire/lookup", test_lookup);
        g_test_add_func("/rpc/wire/callback", test_callback);
        g_test_add_func("/rpc/wire/error", test_error);
        g_test_add_func("/rpc/wire/event", test_event);
        g_test_add_func("/rpc/wire/streams", test_streams);
        g_test_add_func("/rpc/wire/keepalive", test_keepalive);
        return g_test_run();
}
