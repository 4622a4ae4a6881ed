/* Devices that exist as virtio devices only: <vsock>, <crypto>. */
#pragma once

#include "conf/domain_input.h" /* DmVirtioModel */

/* Numbers below are the host's own. */
#define DM_VSOCK_CID_MIN 3u

/* Sockets between guest and host, without a network. */
typedef struct DmVsock {
        DmDevice dev;
        DmVirtioModel model;
        DmYesNo auto_cid; /* yes: a free number is taken at each start */
        DmOptU32 cid;
        DmVirtioOptions virtio;
} DmVsock;

typedef enum DmCryptoModel { DM_CRYPTO_MODEL_UNSET, DM_CRYPTO_VIRTIO } DmCryptoModel;
typedef enum DmCryptoType { DM_CRYPTO_TYPE_UNSET, DM_CRYPTO_QEMU } DmCryptoType;
typedef enum DmCryptoBackend { DM_CRYPTO_BACKEND_UNSET, DM_CRYPTO_BUILTIN, DM_CRYPTO_LKCF } DmCryptoBackend;

/* A processor for ciphers. */
typedef struct DmCrypto {
        DmDevice dev;
        DmCryptoModel model;
        DmCryptoType type;
        DmCryptoBackend backend;
        DmOptU32 queues;
        DmVirtioOptions virtio;
} DmCrypto;

extern const DmEnum dm_crypto_model, dm_crypto_type, dm_crypto_backend;
