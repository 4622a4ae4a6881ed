/* <vsock>, <crypto>: rows. */
#include "conf/domain_virtio.h"

DM_ENUM_TABLE(dm_crypto_model, "crypto model", [DM_CRYPTO_VIRTIO] = "virtio");
DM_ENUM_TABLE(dm_crypto_type, "crypto type", [DM_CRYPTO_QEMU] = "qemu");
DM_ENUM_TABLE(dm_crypto_backend,
              "crypto backend", [DM_CRYPTO_BUILTIN] = "builtin", [DM_CRYPTO_LKCF] = "lkcf");

/* ---- vsock ---- */

static const DmXmlRow cid_rows[] = {
        DM_ENUM(DmVsock, auto_cid, "auto", dm_yes_no, .doc = "A free number is taken at each start."),
        DM_U32(DmVsock, cid, "address", .min = DM_VSOCK_CID_MIN, .doc = "The guest's number."),
        { 0 },
};
static const DmXmlElement cid_element = { "cid", cid_rows, .doc = "The guest's number." };
static const DmXmlRow vsock_driver_rows[] = { DM_VIRTIO_ROWS(DmVsock, virtio), { 0 } };
static const DmXmlElement vsock_driver = { "driver", vsock_driver_rows, .doc = "Tuning of a virtio device." };

static const DmXmlRow vsock_rows[] = {
        DM_ENUM(DmVsock, model, "model", dm_virtio_model, .flags = DM_ABI),
        DM_IN(cid_element),
        DM_DEVICE_TAIL(DmVsock),
        DM_IN(vsock_driver),
        { 0 },
};

static void check_vsock(const void *base, const DmXmlCheck *c)
{
        const DmVsock *d = base;
        if (d->auto_cid == DM_NO && !d->cid.set)
                dm_check_fail(c, &d->auto_cid, DM_ERROR_INVALID_XML, "auto='no' needs an address, from %u on",
                              DM_VSOCK_CID_MIN);
}

const DmXmlElement dm_vsock_schema = {
        "vsock", vsock_rows, sizeof(DmVsock), "Sockets between guest and host.", .check = check_vsock,
};

/* ---- crypto ---- */

static const DmXmlRow backend_rows[] = {
        DM_ENUM(DmCrypto, backend, "model", dm_crypto_backend, .flags = DM_REQUIRED),
        DM_U32(DmCrypto, queues, "queues", .min = 1, .max = 1024),
        { 0 },
};
static const DmXmlElement backend_element = { "backend", backend_rows, .doc = "Who computes." };
static const DmXmlRow crypto_driver_rows[] = { DM_VIRTIO_ROWS(DmCrypto, virtio), { 0 } };
static const DmXmlElement crypto_driver = { "driver", crypto_driver_rows,
                                            .doc = "Tuning of a virtio device." };

static const DmXmlRow crypto_rows[] = {
        DM_ENUM(DmCrypto, model, "model", dm_crypto_model, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmCrypto, type, "type", dm_crypto_type, .flags = DM_REQUIRED | DM_ABI),
        DM_IN(backend_element, .flags = DM_REQUIRED),
        DM_IN(crypto_driver),
        DM_DEVICE_TAIL(DmCrypto),
        { 0 },
};
const DmXmlElement dm_crypto_schema = { "crypto", crypto_rows, sizeof(DmCrypto), "A processor for ciphers." };
