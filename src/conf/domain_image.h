/* Where the content of a disk, a backing file or a variable store lives: <source>, and the chain of
 * <backingStore>. */
#pragma once

#include "conf/domain_security.h"

typedef enum DmDiskType {
        DM_DISK_TYPE_UNSET, /* file */
        DM_DISK_FILE,
        DM_DISK_BLOCK,
        DM_DISK_DIR,
        DM_DISK_NETWORK,
        DM_DISK_VOLUME,
        DM_DISK_NVME,
        DM_DISK_VHOSTUSER,
        DM_DISK_VHOSTVDPA,
} DmDiskType;
typedef enum DmDiskFormat {
        DM_DISK_FORMAT_UNSET, /* raw: formats are never guessed from content */
        DM_DISK_RAW,
        DM_DISK_QCOW2,
        DM_DISK_QCOW,
        DM_DISK_VMDK,
        DM_DISK_VDI,
        DM_DISK_VPC,
        DM_DISK_QED,
        DM_DISK_LUKS,
        DM_DISK_FAT,
        DM_DISK_BOCHS,
        DM_DISK_CLOOP,
        DM_DISK_DMG,
        DM_DISK_ISO,
        DM_DISK_DIRECTORY,
        DM_DISK_COW,
        DM_DISK_VHD,
        DM_DISK_PLOOP,
} DmDiskFormat;
typedef enum DmNetProtocol {
        DM_NET_UNSET,
        DM_NET_NBD,
        DM_NET_RBD,
        DM_NET_SHEEPDOG,
        DM_NET_GLUSTER,
        DM_NET_ISCSI,
        DM_NET_HTTP,
        DM_NET_HTTPS,
        DM_NET_FTP,
        DM_NET_FTPS,
        DM_NET_TFTP,
        DM_NET_SSH,
        DM_NET_VXHS,
        DM_NET_NFS,
} DmNetProtocol;
typedef enum DmNetTransport {
        DM_TRANSPORT_UNSET, /* tcp */
        DM_TRANSPORT_TCP,
        DM_TRANSPORT_UNIX,
        DM_TRANSPORT_RDMA,
} DmNetTransport;
typedef enum DmStartupPolicy {
        DM_STARTUP_UNSET, /* mandatory */
        DM_STARTUP_MANDATORY,
        DM_STARTUP_REQUISITE,
        DM_STARTUP_OPTIONAL,
} DmStartupPolicy;
typedef enum DmVolumeMode { DM_VOLUME_MODE_UNSET, DM_VOLUME_HOST, DM_VOLUME_DIRECT } DmVolumeMode;
typedef enum DmSecretType {
        DM_SECRET_TYPE_UNSET,
        DM_SECRET_PASSPHRASE,
        DM_SECRET_CEPH,
        DM_SECRET_ISCSI,
        DM_SECRET_VOLUME,
        DM_SECRET_TLS,
} DmSecretType;
typedef enum DmEncryptionFormat {
        DM_ENCRYPTION_UNSET,
        DM_ENCRYPTION_DEFAULT,
        DM_ENCRYPTION_QCOW,
        DM_ENCRYPTION_LUKS,
        DM_ENCRYPTION_LUKS2,
} DmEncryptionFormat;
typedef enum DmEncryptionEngine {
        DM_ENCRYPTION_ENGINE_UNSET,
        DM_ENCRYPTION_QEMU,
        DM_ENCRYPTION_LIBRBD,
} DmEncryptionEngine;
typedef enum DmSocketMode { DM_SOCKET_MODE_UNSET, DM_SOCKET_SERVER, DM_SOCKET_CLIENT } DmSocketMode;
extern const DmEnum dm_disk_type, dm_disk_format, dm_net_protocol, dm_net_transport, dm_startup_policy,
        dm_volume_mode, dm_secret_type, dm_encryption_format, dm_encryption_engine, dm_socket_mode;

/* The name of a secret that somebody keeps: exactly one of both. */
typedef struct DmSecretRef {
        int unused;
        DmSecretType type;
        char *uuid, *usage;
} DmSecretRef;

typedef struct DmAuth {
        int unused;
        char *username;
        DmSecretRef secret;
} DmAuth;

typedef struct DmEncryption {
        int unused;
        DmEncryptionFormat format;
        DmEncryptionEngine engine;
        GPtrArray *secrets; /* of DmSecretRef */
        char *cipher, *cipher_mode, *cipher_hash, *ivgen, *ivgen_hash;
        DmOptU32 cipher_size; /* bits */
} DmEncryption;

typedef struct DmNetHost {
        int unused;
        DmNetTransport transport;
        char *name, *socket;
        DmOptU32 port;
} DmNetHost;

typedef struct DmCookie {
        int unused;
        char *name, *value;
} DmCookie;

typedef struct DmSlice {
        int unused;
        DmOptU64 offset, size; /* bytes */
} DmSlice;

typedef struct DmPciAddress {
        int unused;
        DmOptU32 domain, bus, slot, function;
} DmPciAddress;

/* Who may write to a disk that several guests share. */
typedef struct DmReservations {
        int unused;
        DmYesNo managed;
        char *path;
        DmSocketMode mode;
        DmYesNo reconnect;
        DmOptU32 reconnect_timeout; /* seconds */
} DmReservations;

/* All of <source> but the path of a file or block device. */
typedef struct DmSource {
        int unused;
        DmStartupPolicy startup_policy;
        char *fdgroup; /* file */
        char *dir;
        /* network */
        DmNetProtocol protocol;
        char *name, *query;
        DmYesNo tls;
        char *tls_hostname;
        GPtrArray *hosts; /* of DmNetHost */
        char *snapshot, *config_file, *initiator_iqn, *nfs_user, *nfs_group;
        DmYesNo ssl_verify;
        DmOptU64 readahead; /* bytes */
        DmOptU32 timeout;   /* seconds */
        GPtrArray *cookies; /* of DmCookie */
        DmAuth *auth;
        /* volume */
        char *pool, *volume;
        DmVolumeMode mode;
        /* nvme */
        DmYesNo managed;
        DmOptU32 nvme_namespace;
        DmPciAddress pci;
        /* vhostuser */
        char *socket;
        DmYesNo reconnect;
        DmOptU32 reconnect_timeout; /* seconds */
        /* all */
        GPtrArray *slices; /* of DmSlice; one at most */
        DmEncryption *encryption;
        DmReservations *reservations;
        GPtrArray *seclabels; /* of DmDeviceSeclabel */
} DmSource;

typedef struct DmImage {
        int unused;
        DmDiskType type;
        DmDiskFormat format;
        char *file;     /* type file */
        char *block;    /* types block, vhostvdpa */
        DmOptU32 index; /* runtime: tells the nodes of a chain apart */
        DmSource source;
        DmOptU64 metadata_cache; /* bytes, qcow2 */
        DmOptU32 chain_index;    /* runtime: the same, of a backing store */
        /* What it is an overlay of; one that is empty (type unset) ends the chain, NULL: not told. */
        struct DmImage *backing;
} DmImage;

extern const DmXmlElement dm_backing_store_element, dm_auth_element, dm_encryption_element,
        dm_pci_source_address, dm_metadata_cache_element;
extern const DmXmlElement dm_source_file, dm_source_block, dm_source_dir, dm_source_network, dm_source_volume,
        dm_source_nvme, dm_source_vhostuser, dm_source_vhostvdpa;

/* Rows of <source> for a DmImage that is the member @m of T.  The type's row must stand before them. */
#define DM_IMAGE_SOURCE_ROWS(T, m)                                                         \
        DM_AT(T, m, dm_source_file, DM_WHEN(T, m.type, DM_DISK_FILE, DM_DISK_TYPE_UNSET)), \
                DM_AT(T, m, dm_source_block, DM_WHEN(T, m.type, DM_DISK_BLOCK)),           \
                DM_AT(T, m, dm_source_dir, DM_WHEN(T, m.type, DM_DISK_DIR)),               \
                DM_AT(T, m, dm_source_network, DM_WHEN(T, m.type, DM_DISK_NETWORK)),       \
                DM_AT(T, m, dm_source_volume, DM_WHEN(T, m.type, DM_DISK_VOLUME)),         \
                DM_AT(T, m, dm_source_nvme, DM_WHEN(T, m.type, DM_DISK_NVME)),             \
                DM_AT(T, m, dm_source_vhostuser, DM_WHEN(T, m.type, DM_DISK_VHOSTUSER)),   \
                DM_AT(T, m, dm_source_vhostvdpa, DM_WHEN(T, m.type, DM_DISK_VHOSTVDPA))

/* TRUE when <source> says anything at all. */
gboolean dm_image_given(const DmImage *image);
