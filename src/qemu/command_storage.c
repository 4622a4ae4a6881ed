/* Where the bytes of an image are: the lowest node, by the type of its <source>. */
#include "qemu/image_nodes.h"

#include <string.h>

#include "util/error.h"

/* How much gfapi logs. */
#define GLUSTER_DEBUG 4
/* Driver of disks that hardware shows as virtio. */
#define VHOST_VDPA "virtio-blk-vhost-vdpa"

/* ---- hosts ---- */

static unsigned default_port(DmNetProtocol protocol)
{
        switch (protocol) {
        case DM_NET_NBD:
                return 10809;
        case DM_NET_SHEEPDOG:
                return 7000;
        case DM_NET_GLUSTER:
                return 24007;
        case DM_NET_ISCSI:
                return 3260;
        case DM_NET_HTTP:
                return 80;
        case DM_NET_HTTPS:
                return 443;
        case DM_NET_FTP:
                return 21;
        case DM_NET_FTPS:
                return 990;
        case DM_NET_TFTP:
                return 69;
        case DM_NET_SSH:
                return 22;
        case DM_NET_VXHS:
                return 9999;
        case DM_NET_RBD:
        case DM_NET_NFS:
        case DM_NET_UNSET:
                break;
        }
        return 0;
}

static const DmNetHost *host_at(const DmSource *s, guint i)
{
        return s->hosts && i < s->hosts->len ? g_ptr_array_index(s->hosts, i) : NULL;
}

static unsigned port_of(const DmSource *s, const DmNetHost *h)
{
        return h->port.set ? h->port.value : default_port(s->protocol);
}

/* {"host": …, "port": …}, with "type" in front where the protocol knows unix sockets as well. */
static DmJson *address_of(const DmSource *s, const DmNetHost *h, gboolean typed)
{
        DmJson *j = dm_json_object_new();
        if (h->transport == DM_TRANSPORT_UNIX) {
                dm_json_add_string(j, "type", "unix");
                dm_json_add_string(j, "path", h->socket);
                return j;
        }
        if (typed)
                dm_json_add_string(j, "type", "inet");
        dm_json_add_string(j, "host", h->name);
        dm_json_add_stringf(j, "port", "%u", port_of(s, h));
        return j;
}

static DmJson *all_addresses(const DmSource *s, gboolean typed)
{
        DmJson *list = dm_json_array_new();
        for (guint i = 0; host_at(s, i); i++)
                dm_json_append_take(list, address_of(s, host_at(s, i), typed));
        return list;
}

/* "host:port" as URLs have it.  Owned. */
static char *authority(const DmSource *s)
{
        const DmNetHost *h = host_at(s, 0);
        gboolean v6 = h->name && strchr(h->name, ':');
        return g_strdup_printf("%s%s%s:%u", v6 ? "[" : "", h->name, v6 ? "]" : "", port_of(s, h));
}

/* ---- protocols ---- */

static void add_gluster(const DmSource *s, DmJson *node)
{
        const char *slash = strchr(s->name, '/');
        g_autofree char *volume = g_strndup(s->name, (gsize)(slash - s->name));
        dm_json_add_string(node, "volume", volume);
        dm_json_add_string(node, "path", slash + 1);
        dm_json_add_take(node, "server", all_addresses(s, TRUE));
        dm_json_add_int(node, "debug", GLUSTER_DEBUG);
}

/* "TARGET/LUN"; number 0 without the second half. */
static void add_iscsi(const DmNode *n, const DmSource *s, DmJson *node)
{
        g_autofree char *portal = authority(s), *target = g_strdup(s->name);
        char *slash = strrchr(target, '/');
        guint64 lun = slash ? g_ascii_strtoull(slash + 1, NULL, 10) : 0;
        if (slash)
                *slash = 0;
        dm_json_add_string(node, "portal", portal);
        dm_json_add_string(node, "target", target);
        dm_json_add_uint(node, "lun", lun);
        dm_json_add_string(node, "transport", "tcp");
        if (n->auth) {
                dm_json_add_string(node, "user", n->auth->username);
                dm_json_add_stringf(node, "password-secret", "%s-storage-auth-secret0", n->name);
        }
        dm_json_add_string(node, "initiator-name", s->initiator_iqn);
}

/* "POOL/IMAGE" or "POOL/NAMESPACE/IMAGE". */
static void add_rbd(const DmNode *n, const DmSource *s, DmJson *node)
{
        g_auto(GStrv) parts = g_strsplit(s->name, "/", 3);
        guint count = g_strv_length(parts);
        dm_json_add_string(node, "pool", parts[0]);
        if (count == 3)
                dm_json_add_string(node, "namespace", parts[1]);
        dm_json_add_string(node, "image", parts[count - 1]);
        dm_json_add_string(node, "snapshot", s->snapshot);
        dm_json_add_string(node, "conf", s->config_file);
        if (host_at(s, 0))
                dm_json_add_take(node, "server", all_addresses(s, FALSE));
        if (n->encryption && n->encryption->engine == DM_ENCRYPTION_LIBRBD) {
                DmJson *encrypt = dm_json_object_new();
                dm_json_add_string(encrypt, "format",
                                   n->encryption->format == DM_ENCRYPTION_LUKS2 ? "luks2" : "luks");
                dm_json_add_stringf(encrypt, "key-secret", "%s-format-encryption-secret0", n->name);
                dm_json_add_take(node, "encrypt", encrypt);
        }
        if (!n->auth)
                return;
        DmJson *ways = dm_json_array_new();
        dm_json_append_string(ways, "cephx");
        dm_json_append_string(ways, "none");
        dm_json_add_string(node, "user", n->auth->username);
        dm_json_add_take(node, "auth-client-required", ways);
        dm_json_add_stringf(node, "key-secret", "%s-storage-auth-secret0", n->name);
}

static void add_nbd(const DmNode *n, const DmSource *s, DmJson *node)
{
        dm_json_add_take(node, "server", address_of(s, host_at(s, 0), TRUE));
        dm_json_add_string(node, "export", s->name);
        if (s->tls == DM_YES)
                dm_json_add_stringf(node, "tls-creds", "obj%s-storage_tls0", n->name);
        dm_json_add_string(node, "tls-hostname", s->tls_hostname);
        if (s->reconnect == DM_YES)
                dm_json_add_uint(node, "reconnect-delay", s->reconnect_timeout.value);
}

static void add_url(const DmNode *n, const DmSource *s, DmJson *node)
{
        g_autofree char *at = authority(s);
        g_autofree char *path = g_uri_escape_string(s->name ? s->name : "", "/;@&=+$,:!*'()", FALSE);
        g_autoptr(GString) url = g_string_new(dm_enum_name(&dm_net_protocol, s->protocol));
        g_string_append_printf(url, "://%s%s%s", at, *path == '/' ? "" : "/", path);
        if (s->query)
                g_string_append_printf(url, "?%s", s->query);
        dm_json_add_string(node, "url", url->str);
        if (n->auth) {
                dm_json_add_string(node, "username", n->auth->username);
                dm_json_add_stringf(node, "password-secret", "%s-storage-auth-secret0", n->name);
        }
        if (s->ssl_verify)
                dm_json_add_bool(node, "sslverify", s->ssl_verify == DM_YES);
        if (s->cookies && s->cookies->len)
                dm_json_add_stringf(node, "cookie-secret", "%s-storage-httpcookie-secret0", n->name);
        if (s->readahead.set)
                dm_json_add_uint(node, "readahead", s->readahead.value);
        if (s->timeout.set)
                dm_json_add_uint(node, "timeout", s->timeout.value);
}

/* Both protocols are gone from newer emulators. */
static void add_vxhs(const DmNode *n, const DmSource *s, DmJson *node)
{
        if (s->tls == DM_YES)
                dm_json_add_stringf(node, "tls-creds", "obj%s-storage_tls0", n->name);
        dm_json_add_string(node, "vdisk-id", s->name);
        dm_json_add_take(node, "server", address_of(s, host_at(s, 0), FALSE));
}

static void add_sheepdog(const DmSource *s, DmJson *node)
{
        dm_json_add_take(node, "server", address_of(s, host_at(s, 0), TRUE));
        dm_json_add_string(node, "vdi", s->name);
}

static void add_ssh(const DmNode *n, const DmSource *s, DmJson *node)
{
        dm_json_add_string(node, "path", s->name);
        dm_json_add_take(node, "server", address_of(s, host_at(s, 0), FALSE));
        if (n->auth)
                dm_json_add_string(node, "user", n->auth->username);
}

/* "+7", "7" */
static void add_nfs_id(DmJson *node, const char *key, const char *text)
{
        if (text)
                dm_json_add_uint(node, key, g_ascii_strtoull(text + (*text == '+'), NULL, 10));
}

static void add_nfs(const DmSource *s, DmJson *node)
{
        DmJson *server = dm_json_object_new();
        dm_json_add_string(server, "host", host_at(s, 0)->name);
        dm_json_add_string(server, "type", "inet");
        dm_json_add_take(node, "server", server);
        dm_json_add_string(node, "path", s->name);
        add_nfs_id(node, "user", s->nfs_user);
        add_nfs_id(node, "group", s->nfs_group);
}

static void add_network(const DmNode *n, DmJson *node)
{
        const DmSource *s = &n->content->source;
        dm_json_add_string(node, "driver", dm_enum_name(&dm_net_protocol, s->protocol));
        switch (s->protocol) {
        case DM_NET_GLUSTER:
                add_gluster(s, node);
                break;
        case DM_NET_ISCSI:
                add_iscsi(n, s, node);
                break;
        case DM_NET_RBD:
                add_rbd(n, s, node);
                break;
        case DM_NET_NBD:
                add_nbd(n, s, node);
                break;
        case DM_NET_HTTP:
        case DM_NET_HTTPS:
        case DM_NET_FTP:
        case DM_NET_FTPS:
                add_url(n, s, node);
                break;
        case DM_NET_SSH:
                add_ssh(n, s, node);
                break;
        case DM_NET_NFS:
                add_nfs(s, node);
                break;
        case DM_NET_SHEEPDOG:
                add_sheepdog(s, node);
                break;
        case DM_NET_VXHS:
                add_vxhs(n, s, node);
                break;
        case DM_NET_TFTP:
        case DM_NET_UNSET:
                break;
        }
}

/* ---- local ---- */

/* Linux's names of CD drives: their media come and go, which only this driver notices. */
static gboolean is_cd_drive(const char *path)
{
        return g_str_has_prefix(path, "/dev/sr") || g_str_has_prefix(path, "/dev/cdrom") ||
               g_str_has_prefix(path, "/dev/dvd");
}

static void add_local(const DmNode *n, DmJson *node, const char *driver, const char *path)
{
        dm_json_add_string(node, "driver", driver);
        dm_json_add_string(node, "filename", path);
        dm_json_add_string(node, "aio", n->disk ? dm_enum_name(&dm_disk_io, n->disk->io) : NULL);
        if (n->image->source.reservations)
                dm_json_add_string(node, "pr-manager", n->pr_manager);
}

static void add_directory(const DmNode *n, DmJson *node)
{
        dm_json_add_string(node, "driver", "vvfat");
        dm_json_add_string(node, "dir", n->content->source.dir);
        dm_json_add_bool(node, "floppy", n->disk && n->disk->device == DM_DISK_FLOPPY);
        dm_json_add_bool(node, "rw", !n->readonly);
}

static void add_nvme(const DmNode *n, DmJson *node)
{
        const DmPciAddress *a = &n->content->source.pci;
        dm_json_add_string(node, "driver", "nvme");
        dm_json_add_stringf(node, "device", "%04x:%02x:%02x.%x", a->domain.value, a->bus.value, a->slot.value,
                            a->function.value);
        dm_json_add_uint(node, "namespace", n->content->source.nvme_namespace.value);
}

DmJson *dm_storage_node(const DmNode *n)
{
        const DmImage *i = n->content;
        gboolean cd = n->disk && n->disk->device == DM_DISK_CDROM;
        DmJson *node = dm_json_object_new();
        switch (i->type) {
        case DM_DISK_TYPE_UNSET:
        case DM_DISK_FILE:
                add_local(n, node, "file", i->file);
                break;
        case DM_DISK_BLOCK:
                add_local(n, node, cd && is_cd_drive(i->block) ? "host_cdrom" : "host_device", i->block);
                break;
        case DM_DISK_DIR:
                add_directory(n, node);
                break;
        case DM_DISK_NETWORK:
                add_network(n, node);
                break;
        case DM_DISK_NVME:
                add_nvme(n, node);
                break;
        case DM_DISK_VHOSTVDPA:
                dm_json_add_string(node, "driver", VHOST_VDPA);
                dm_json_add_string(node, "path", i->block);
                break;
        case DM_DISK_VOLUME:
        case DM_DISK_VHOSTUSER:
                break;
        }
        return node;
}

/* ---- checks ---- */

static gboolean needs_host(DmNetProtocol protocol)
{
        return protocol != DM_NET_RBD;
}

/* Protocols that QEMU does not have any more, or in part. */
static gboolean is_gone(const DmPlan *p, DmNetProtocol protocol)
{
        if (protocol == DM_NET_SHEEPDOG)
                return !dm_caps_has_schema(p->caps, "blockdev-add:driver=sheepdog");
        if (protocol == DM_NET_VXHS)
                return !dm_caps_has_schema(p->caps, "blockdev-add:driver=vxhs");
        return protocol == DM_NET_TFTP;
}

static gboolean is_id(const char *text)
{
        return !text || g_ascii_isdigit(text[*text == '+']);
}

static gboolean check_network(const DmPlan *p, const DmDevice *device, const DmSource *s, GError **error)
{
        const char *protocol = dm_enum_name(&dm_net_protocol, s->protocol);
        gboolean many = s->protocol == DM_NET_RBD || s->protocol == DM_NET_GLUSTER;
        if (is_gone(p, s->protocol))
                return dm_plan_fail(p, device, &s->protocol, error,
                                    "QEMU %s has no images of protocol '%s' any more", p->caps->version_text,
                                    protocol);
        if (needs_host(s->protocol) && !host_at(s, 0))
                return dm_plan_fail(p, device, &s->protocol, error, "protocol '%s' needs a <host>", protocol);
        if (!many && host_at(s, 1))
                return dm_plan_fail(p, device, host_at(s, 1), error, "protocol '%s' takes one <host> only",
                                    protocol);
        for (guint i = 0; host_at(s, i); i++) {
                const DmNetHost *h = host_at(s, i);
                gboolean unix_ok = s->protocol == DM_NET_NBD || s->protocol == DM_NET_GLUSTER;
                if (h->transport == DM_TRANSPORT_UNIX && !unix_ok)
                        return dm_plan_fail(p, device, &h->transport, error,
                                            "protocol '%s' has no transport 'unix'", protocol);
        }
        if (!s->name && s->protocol != DM_NET_NBD)
                return dm_plan_fail(p, device, &s->protocol, error, "protocol '%s' needs a name=", protocol);
        if ((s->protocol == DM_NET_GLUSTER || s->protocol == DM_NET_RBD) &&
            (!strchr(s->name, '/') || s->name[0] == '/'))
                return dm_plan_fail(p, device, &s->name, error, "the name '%s' must be %s/IMAGE", s->name,
                                    s->protocol == DM_NET_RBD ? "POOL" : "VOLUME");
        if (!is_id(s->nfs_user) || !is_id(s->nfs_group))
                return dm_plan_fail(p, device, is_id(s->nfs_user) ? &s->nfs_group : &s->nfs_user, error,
                                    "name the user and the group by their numbers, as in '+1000'");
        if (s->tls_hostname && !dm_caps_has_schema(p->caps, "blockdev-add:driver=nbd:tls-hostname"))
                return dm_plan_fail(p, device, &s->tls_hostname, error,
                                    "QEMU %s cannot check another name of a TLS server; 7.0 is the first",
                                    p->caps->version_text);
        return TRUE;
}

gboolean dm_storage_check(const DmPlan *p, const DmDevice *device, const DmImage *image, GError **error)
{
        if (!dm_image_given(image)) /* an empty drive */
                return TRUE;
        switch (image->type) {
        case DM_DISK_NETWORK:
                return check_network(p, device, &image->source, error);
        case DM_DISK_VHOSTVDPA:
                if (dm_caps_has_schema(p->caps, "blockdev-add:driver=virtio-blk-vhost-vdpa"))
                        break;
                return dm_plan_fail(p, device, &image->type, error,
                                    "QEMU %s cannot have images of type 'vhostvdpa'; use 'block'",
                                    p->caps->version_text);
        case DM_DISK_DIR:
                if (image->format == DM_DISK_FAT)
                        break;
                return dm_plan_fail(p, device, &image->format, error,
                                    "a directory is shown as a disk of format 'fat' only");
        case DM_DISK_TYPE_UNSET:
        case DM_DISK_FILE:
        case DM_DISK_BLOCK:
        case DM_DISK_NVME:
        case DM_DISK_VOLUME:
        case DM_DISK_VHOSTUSER:
                break;
        }
        return TRUE;
}
