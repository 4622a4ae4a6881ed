/* <source> of images of every kind, and <backingStore>: rows, and the rules between them. */
#include "conf/domain_image.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_disk_type, "disk type", [DM_DISK_FILE] = "file", [DM_DISK_BLOCK] = "block",
              [DM_DISK_DIR] = "dir", [DM_DISK_NETWORK] = "network", [DM_DISK_VOLUME] = "volume",
              [DM_DISK_NVME] = "nvme", [DM_DISK_VHOSTUSER] = "vhostuser", [DM_DISK_VHOSTVDPA] = "vhostvdpa");
DM_ENUM_TABLE(
        dm_disk_format, "image format", [DM_DISK_RAW] = "raw", [DM_DISK_QCOW2] = "qcow2",
        [DM_DISK_QCOW] = "qcow", [DM_DISK_VMDK] = "vmdk", [DM_DISK_VDI] = "vdi", [DM_DISK_VPC] = "vpc",
        [DM_DISK_QED] = "qed", [DM_DISK_LUKS] = "luks", [DM_DISK_FAT] = "fat", [DM_DISK_BOCHS] = "bochs",
        [DM_DISK_CLOOP] = "cloop", [DM_DISK_DMG] = "dmg", [DM_DISK_ISO] = "iso", [DM_DISK_DIRECTORY] = "dir",
        [DM_DISK_COW] = "cow", [DM_DISK_VHD] = "vhd", [DM_DISK_PLOOP] = "ploop");
DM_ENUM_TABLE(dm_net_protocol, "network protocol", [DM_NET_NBD] = "nbd", [DM_NET_RBD] = "rbd",
              [DM_NET_SHEEPDOG] = "sheepdog", [DM_NET_GLUSTER] = "gluster", [DM_NET_ISCSI] = "iscsi",
              [DM_NET_HTTP] = "http", [DM_NET_HTTPS] = "https", [DM_NET_FTP] = "ftp", [DM_NET_FTPS] = "ftps",
              [DM_NET_TFTP] = "tftp", [DM_NET_SSH] = "ssh", [DM_NET_VXHS] = "vxhs", [DM_NET_NFS] = "nfs");
DM_ENUM_TABLE(
        dm_net_transport,
        "transport", [DM_TRANSPORT_TCP] = "tcp", [DM_TRANSPORT_UNIX] = "unix", [DM_TRANSPORT_RDMA] = "rdma");
DM_ENUM_TABLE(dm_startup_policy, "startup policy", [DM_STARTUP_MANDATORY] = "mandatory",
              [DM_STARTUP_REQUISITE] = "requisite", [DM_STARTUP_OPTIONAL] = "optional");
DM_ENUM_TABLE(dm_volume_mode, "volume mode", [DM_VOLUME_HOST] = "host", [DM_VOLUME_DIRECT] = "direct");
DM_ENUM_TABLE(dm_secret_type, "secret type", [DM_SECRET_PASSPHRASE] = "passphrase", [DM_SECRET_CEPH] = "ceph",
              [DM_SECRET_ISCSI] = "iscsi", [DM_SECRET_VOLUME] = "volume", [DM_SECRET_TLS] = "tls");
DM_ENUM_TABLE(dm_encryption_format, "encryption format", [DM_ENCRYPTION_DEFAULT] = "default",
              [DM_ENCRYPTION_QCOW] = "qcow", [DM_ENCRYPTION_LUKS] = "luks", [DM_ENCRYPTION_LUKS2] = "luks2");
DM_ENUM_TABLE(dm_encryption_engine,
              "encryption engine", [DM_ENCRYPTION_QEMU] = "qemu", [DM_ENCRYPTION_LIBRBD] = "librbd");
DM_ENUM_TABLE(dm_socket_mode, "socket mode", [DM_SOCKET_SERVER] = "server", [DM_SOCKET_CLIENT] = "client");

/* ---- secrets ---- */

static const DmXmlRow secret_rows[] = {
        DM_ENUM(DmSecretRef, type, "type", dm_secret_type, .flags = DM_REQUIRED),
        DM_CUSTOM(DmSecretRef, uuid, "uuid", dm_uuid_codec),
        DM_STRING(DmSecretRef, usage, "usage"),
        { 0 },
};
static void check_secret(const void *base, const DmXmlCheck *c)
{
        const DmSecretRef *s = base;
        if (!s->uuid == !s->usage && s->type)
                dm_check_fail(c, &s->type, DM_ERROR_INVALID_XML,
                              "a secret is named either by its uuid or by its usage");
}
static const DmXmlElement secret_element = {
        "secret", secret_rows, sizeof(DmSecretRef), "Name of a secret.", .check = check_secret,
};

static const DmXmlRow auth_rows[] = {
        DM_STRING(DmAuth, username, "username", .flags = DM_REQUIRED),
        DM_AT(DmAuth, secret, secret_element, .flags = DM_REQUIRED),
        { 0 },
};
static void check_auth(const void *base, const DmXmlCheck *c)
{
        const DmAuth *a = base;
        if (a->secret.type && a->secret.type != DM_SECRET_CEPH && a->secret.type != DM_SECRET_ISCSI)
                dm_check_fail(c, &a->secret.type, DM_ERROR_INVALID_XML,
                              "to log in a secret of type ceph or iscsi is needed, not '%s'",
                              dm_enum_name(&dm_secret_type, a->secret.type));
}
const DmXmlElement dm_auth_element = { "auth", auth_rows, sizeof(DmAuth), "How to log in.",
                                       .check = check_auth };

static const DmXmlRow cipher_rows[] = {
        DM_STRING(DmEncryption, cipher, "name", .flags = DM_REQUIRED),
        DM_U32(DmEncryption, cipher_size, "size", .flags = DM_REQUIRED, .doc = "Bits."),
        DM_STRING(DmEncryption, cipher_mode, "mode"),
        DM_STRING(DmEncryption, cipher_hash, "hash"),
        { 0 },
};
static const DmXmlElement cipher_element = { "cipher", cipher_rows, .doc = "Of a new image." };
static const DmXmlRow ivgen_rows[] = {
        DM_STRING(DmEncryption, ivgen, "name", .flags = DM_REQUIRED),
        DM_STRING(DmEncryption, ivgen_hash, "hash"),
        { 0 },
};
static const DmXmlElement ivgen_element = { "ivgen", ivgen_rows, .doc = "Of a new image." };
static const DmXmlRow encryption_rows[] = {
        DM_ENUM(DmEncryption, format, "format", dm_encryption_format, .flags = DM_REQUIRED),
        DM_ENUM(DmEncryption, engine, "engine", dm_encryption_engine, .doc = "Who decrypts."),
        DM_LIST(DmEncryption, secrets, secret_element),
        DM_IN(cipher_element),
        DM_IN(ivgen_element),
        { 0 },
};
static void check_encryption(const void *base, const DmXmlCheck *c)
{
        const DmEncryption *e = base;
        if (!e->secrets && e->format != DM_ENCRYPTION_DEFAULT)
                dm_check_fail(c, e, DM_ERROR_INVALID_XML, "an encrypted image needs a <secret>");
        for (guint i = 0; e->secrets && i < e->secrets->len; i++) {
                const DmSecretRef *s = g_ptr_array_index(e->secrets, i);
                if (s->type && s->type != DM_SECRET_PASSPHRASE)
                        dm_check_fail(c, &s->type, DM_ERROR_INVALID_XML,
                                      "an image is decrypted with a secret of type passphrase, not '%s'",
                                      dm_enum_name(&dm_secret_type, s->type));
        }
        if (e->format == DM_ENCRYPTION_LUKS2 && e->engine == DM_ENCRYPTION_QEMU)
                dm_check_fail(c, &e->engine, DM_ERROR_UNSUPPORTED,
                              "luks2 is decrypted by engine='librbd' only");
}
const DmXmlElement dm_encryption_element = {
        "encryption",
        encryption_rows,
        sizeof(DmEncryption),
        "How the content is decrypted.",
        .check = check_encryption,
};

/* ---- parts of <source> ---- */

static const DmXmlRow host_rows[] = {
        DM_ENUM(DmNetHost, transport, "transport", dm_net_transport),
        DM_STRING(DmNetHost, name, "name", .flags = DM_REQUIRED,
                  DM_WHEN(DmNetHost, transport, DM_TRANSPORT_UNSET, DM_TRANSPORT_TCP, DM_TRANSPORT_RDMA)),
        DM_U32(DmNetHost, port, "port", .min = 1, .max = 65535,
               DM_WHEN(DmNetHost, transport, DM_TRANSPORT_UNSET, DM_TRANSPORT_TCP, DM_TRANSPORT_RDMA)),
        DM_STRING(DmNetHost, socket, "socket", .flags = DM_REQUIRED,
                  DM_WHEN(DmNetHost, transport, DM_TRANSPORT_UNIX)),
        { 0 },
};
static const DmXmlElement host_element = { "host", host_rows, sizeof(DmNetHost), "A server." };

static const DmXmlRow snapshot_rows[] = { DM_STRING(DmImage, source.snapshot, "name", .flags = DM_REQUIRED),
                                          { 0 } };
static const DmXmlElement snapshot_element = { "snapshot", snapshot_rows, .doc = "rbd: which snapshot." };
static const DmXmlRow config_rows[] = { DM_STRING(DmImage, source.config_file, "file", .flags = DM_REQUIRED),
                                        { 0 } };
static const DmXmlElement config_element = { "config", config_rows,
                                             .doc = "rbd: the client's configuration." };
static const DmXmlRow iqn_rows[] = { DM_STRING(DmImage, source.initiator_iqn, "name", .flags = DM_REQUIRED),
                                     { 0 } };
static const DmXmlElement iqn_element = { "iqn", iqn_rows, .doc = "Name that the server knows us by." };
static const DmXmlRow initiator_rows[] = { DM_IN(iqn_element), { 0 } };
static const DmXmlElement initiator_element = { "initiator", initiator_rows, .doc = "iscsi: who we are." };
static const DmXmlRow identity_rows[] = {
        DM_STRING(DmImage, source.nfs_user, "user"),
        DM_STRING(DmImage, source.nfs_group, "group"),
        { 0 },
};
static const DmXmlElement identity_element = { "identity", identity_rows, .doc = "nfs: who we are." };
static const DmXmlRow ssl_rows[] = { DM_ENUM(DmImage, source.ssl_verify, "verify", dm_yes_no), { 0 } };
static const DmXmlElement ssl_element = { "ssl", ssl_rows, .doc = "Whether certificates are checked." };
static const DmXmlRow cookie_rows[] = {
        DM_STRING(DmCookie, name, "name", .flags = DM_REQUIRED),
        DM_STRING(DmCookie, value, NULL, .as = DM_AS_TEXT, .flags = DM_SECRET),
        { 0 },
};
static const DmXmlElement cookie_element = { "cookie", cookie_rows, sizeof(DmCookie), "One cookie." };
static const DmXmlRow cookies_rows[] = { DM_LIST(DmImage, source.cookies, cookie_element), { 0 } };
static const DmXmlElement cookies_element = { "cookies", cookies_rows,
                                              .doc = "http: cookies that are sent." };
static const DmXmlRow readahead_rows[] = {
        DM_U64(DmImage, source.readahead, "size", .min = 1, .flags = DM_REQUIRED, .doc = "Bytes."),
        { 0 },
};
static const DmXmlElement readahead_element = { "readahead", readahead_rows,
                                                .doc = "How much is read ahead." };
static const DmXmlRow timeout_rows[] = {
        DM_U32(DmImage, source.timeout, "seconds", .min = 1, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement timeout_element = { "timeout", timeout_rows, .doc = "How long a server may take." };
static const DmXmlRow reconnect_rows[] = {
        DM_ENUM(DmImage, source.reconnect, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_U32(DmImage, source.reconnect_timeout, "timeout", .doc = "Seconds between two tries."),
        { 0 },
};
static const DmXmlElement reconnect_element = { "reconnect", reconnect_rows,
                                                .doc = "Connect again when it breaks." };

static const DmXmlRow pci_rows[] = {
        DM_U32(DmPciAddress, domain, "domain", .hex = 4, .max = 0xffff),
        DM_U32(DmPciAddress, bus, "bus", .hex = 2, .max = 0xff, .flags = DM_REQUIRED),
        DM_U32(DmPciAddress, slot, "slot", .hex = 2, .max = 0x1f, .flags = DM_REQUIRED),
        DM_U32(DmPciAddress, function, "function", .hex = 1, .max = 7, .flags = DM_REQUIRED),
        DM_REFUSED_ATTR("multifunction", "it belongs to the guest's address of the device"),
        { 0 },
};
const DmXmlElement dm_pci_source_address = { "address", pci_rows, sizeof(DmPciAddress),
                                             "Of the host's device." };

static const DmXmlRow slice_rows[] = {
        DM_U64(DmSlice, offset, "offset", .flags = DM_REQUIRED, .doc = "Bytes."),
        DM_U64(DmSlice, size, "size", .flags = DM_REQUIRED, .min = 1, .doc = "Bytes."),
        { 0 },
};
static const DmXmlElement slice_element = {
        "slice", slice_rows, sizeof(DmSlice), "The part that is used.", .tag = { "type", "storage", FALSE },
};
static const DmXmlRow slices_rows[] = { DM_LIST(DmImage, source.slices, slice_element), { 0 } };
static const DmXmlElement slices_element = { "slices", slices_rows,
                                             .doc = "Only a part of the content is used." };

static const DmXmlRow reservation_reconnect_rows[] = {
        DM_ENUM(DmReservations, reconnect, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_U32(DmReservations, reconnect_timeout, "timeout", .doc = "Seconds between two tries."),
        { 0 },
};
static const DmXmlElement reservation_reconnect = {
        "reconnect",
        reservation_reconnect_rows,
        .doc = "Connect again when it breaks.",
};
static const DmXmlRow reservation_source_rows[] = {
        DM_STRING(DmReservations, path, "path", .flags = DM_REQUIRED),
        DM_ENUM(DmReservations, mode, "mode", dm_socket_mode, .flags = DM_REQUIRED),
        DM_IN(reservation_reconnect),
        { 0 },
};
static const DmXmlElement reservation_source = {
        "source",
        reservation_source_rows,
        .doc = "Socket of the helper.",
        .tag = { "type", "unix", FALSE },
};
static const DmXmlRow reservations_rows[] = {
        DM_ENUM(DmReservations, managed, "managed", dm_yes_no, .flags = DM_REQUIRED),
        DM_IN(reservation_source),
        { 0 },
};
static void check_reservations(const void *base, const DmXmlCheck *c)
{
        const DmReservations *r = base;
        if (r->managed == DM_NO && !r->path)
                dm_check_fail(c, r, DM_ERROR_INVALID_XML,
                              "reservations that are not managed need a <source>");
        if (r->mode == DM_SOCKET_SERVER)
                dm_check_fail(c, &r->mode, DM_ERROR_UNSUPPORTED,
                              "the helper is the server; use mode='client'");
}
static const DmXmlElement reservations_element = {
        "reservations",
        reservations_rows,
        sizeof(DmReservations),
        "Who may write to a shared disk.",
        .check = check_reservations,
};

/* ---- <source>, by type ---- */

/* What QEMU has no part in, and nobody else does yet. */
#define BESIDE .flags = DM_BESIDE

#define COMMON_ATTRIBUTES                                                                    \
        DM_ENUM(DmImage, source.startup_policy, "startupPolicy", dm_startup_policy, BESIDE), \
                DM_U32(DmImage, index, "index", .flags = DM_RUNTIME)
#define COMMON_CHILDREN                                                                         \
        DM_REFUSED_EL("privateData", "it belongs to libvirt's own status files; leave it out"), \
                DM_IN(slices_element),                                                          \
                DM_LIST(DmImage, source.seclabels, dm_device_seclabel_element, BESIDE),         \
                DM_SUB(DmImage, source.encryption, dm_encryption_element),                      \
                DM_SUB(DmImage, source.reservations, reservations_element)

static const DmXmlRow file_rows[] = {
        DM_STRING(DmImage, file, "file", .flags = DM_UPDATABLE, .doc = "Absolute path of the image."),
        DM_STRING(DmImage, source.fdgroup, "fdgroup", .flags = DM_DEFERRED,
                  .doc = "Descriptors that stand for the file."),
        COMMON_ATTRIBUTES,
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_file = { "source", file_rows, .doc = "The image." };

static const DmXmlRow block_rows[] = {
        DM_STRING(DmImage, block, "dev", .flags = DM_UPDATABLE, .doc = "Host block device."),
        COMMON_ATTRIBUTES,
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_block = { "source", block_rows, .doc = "The image." };

static const DmXmlRow dir_rows[] = {
        DM_STRING(DmImage, source.dir, "dir", .flags = DM_REQUIRED | DM_UPDATABLE,
                  .doc = "Shown as a FAT disk."),
        COMMON_ATTRIBUTES,
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_dir = { "source", dir_rows, .doc = "The image." };

#define ON(...) DM_WHEN(DmImage, source.protocol, __VA_ARGS__)
static const DmXmlRow network_rows[] = {
        DM_ENUM(DmImage, source.protocol, "protocol", dm_net_protocol, .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_STRING(DmImage, source.name, "name", .flags = DM_UPDATABLE,
                  .doc = "Of the image, as the server knows it."),
        DM_STRING(DmImage, source.query, "query", ON(DM_NET_HTTP, DM_NET_HTTPS)),
        DM_ENUM(DmImage, source.tls, "tls", dm_yes_no, ON(DM_NET_NBD, DM_NET_VXHS)),
        DM_STRING(DmImage, source.tls_hostname, "tlsHostname", ON(DM_NET_NBD)),
        COMMON_ATTRIBUTES,
        DM_LIST(DmImage, source.hosts, host_element),
        DM_IN(snapshot_element, ON(DM_NET_RBD)),
        DM_IN(config_element, ON(DM_NET_RBD)),
        DM_IN(initiator_element, ON(DM_NET_ISCSI)),
        DM_IN(ssl_element, ON(DM_NET_HTTPS, DM_NET_FTPS)),
        DM_IN(cookies_element, ON(DM_NET_HTTP, DM_NET_HTTPS)),
        DM_IN(readahead_element),
        DM_IN(timeout_element),
        DM_IN(identity_element, ON(DM_NET_NFS)),
        DM_IN(reconnect_element, ON(DM_NET_NBD)),
        DM_SUB(DmImage, source.auth, dm_auth_element),
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_network = { "source", network_rows, .doc = "The image." };

static const DmXmlRow volume_rows[] = {
        DM_STRING(DmImage, source.pool, "pool", .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_STRING(DmImage, source.volume, "volume", .flags = DM_REQUIRED | DM_UPDATABLE),
        DM_ENUM(DmImage, source.mode, "mode", dm_volume_mode,
                .doc = "iscsi pools: through the host or by QEMU."),
        COMMON_ATTRIBUTES,
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_volume = { "source", volume_rows, .doc = "The image." };

static const DmXmlRow nvme_rows[] = {
        DM_ENUM(DmImage, source.managed, "managed", dm_yes_no, BESIDE,
                .doc = "Taken from the host's driver and given back."),
        DM_U32(DmImage, source.nvme_namespace, "namespace", .flags = DM_REQUIRED, .min = 1),
        COMMON_ATTRIBUTES,
        DM_AT(DmImage, source.pci, dm_pci_source_address, .flags = DM_REQUIRED),
        COMMON_CHILDREN,
        { 0 },
};
const DmXmlElement dm_source_nvme = {
        "source",
        nvme_rows,
        .doc = "The image.",
        .tag = { "type", "pci", FALSE },
};

static const DmXmlRow vhostuser_rows[] = {
        DM_STRING(DmImage, source.socket, "path", .flags = DM_REQUIRED),
        COMMON_ATTRIBUTES,
        DM_IN(reconnect_element),
        { 0 },
};
const DmXmlElement dm_source_vhostuser = {
        "source",
        vhostuser_rows,
        .doc = "The process with the image.",
        .tag = { "type", "unix", FALSE },
};

static const DmXmlRow vhostvdpa_rows[] = {
        DM_STRING(DmImage, block, "dev", .flags = DM_REQUIRED, .doc = "Such as /dev/vhost-vdpa-0."),
        COMMON_ATTRIBUTES,
        { 0 },
};
const DmXmlElement dm_source_vhostvdpa = { "source", vhostvdpa_rows, .doc = "The host's device." };

/* ---- chains ---- */

static const DmXmlRow max_size_rows[] = {
        DM_BYTES(DmImage, metadata_cache, "max_size", .as = DM_AS_ELEMENT),
        { 0 },
};
const DmXmlElement dm_metadata_cache_element = { "metadata_cache", max_size_rows,
                                                 .doc = "qcow2: cache of its tables." };
static const DmXmlRow format_rows[] = {
        DM_ENUM(DmImage, format, "type", dm_disk_format, .flags = DM_REQUIRED),
        DM_IN(dm_metadata_cache_element),
        { 0 },
};
static const DmXmlElement format_element = { "format", format_rows, .doc = "Format of the image." };

#define BY(TYPE) DM_WHEN(DmImage, type, TYPE)
static const DmXmlRow backing_store_rows[] = {
        DM_ENUM(DmImage, type, "type", dm_disk_type),
        DM_U32(DmImage, chain_index, "index", .flags = DM_RUNTIME),
        DM_IN(format_element),
        DM_IN(dm_source_file, BY(DM_DISK_FILE)),
        DM_IN(dm_source_block, BY(DM_DISK_BLOCK)),
        DM_IN(dm_source_dir, BY(DM_DISK_DIR)),
        DM_IN(dm_source_network, BY(DM_DISK_NETWORK)),
        DM_IN(dm_source_volume, BY(DM_DISK_VOLUME)),
        DM_IN(dm_source_nvme, BY(DM_DISK_NVME)),
        DM_IN(dm_source_vhostuser, BY(DM_DISK_VHOSTUSER)),
        DM_IN(dm_source_vhostvdpa, BY(DM_DISK_VHOSTVDPA)),
        DM_SUB(DmImage, backing, dm_backing_store_element),
        { 0 },
};

gboolean dm_image_given(const DmImage *image)
{
        const DmSource *s = &image->source;
        return image->file || image->block || s->dir || s->protocol || s->pool || s->nvme_namespace.set ||
               s->socket || s->fdgroup;
}

static void check_backing(const void *base, const DmXmlCheck *c)
{
        const DmImage *i = base;
        if (i->type && !dm_image_given(i))
                dm_check_fail(c, i, DM_ERROR_INVALID_XML, "a backing store with a type needs a <source>");
        if (i->type && !i->format)
                dm_check_fail(c, i, DM_ERROR_INVALID_XML,
                              "a backing store needs a <format>: formats are not guessed from the content");
}

const DmXmlElement dm_backing_store_element = {
        "backingStore",         backing_store_rows, sizeof(DmImage), "What the image is an overlay of.",
        .check = check_backing,
};
