/* Rules of disks, their images and their addresses that hold on any emulator: what libvirt refuses for QEMU
 * guests before it looks at one. */
#include "conf/domain_check_private.h"

#include <string.h>

#include "conf/domain_disk.h"

#define VENDOR_MAX   8
#define PRODUCT_MAX  16
#define WWN_DIGITS   16
#define LOADPARM_MAX 8
#define THROTTLE_MAX G_GUINT64_CONSTANT(1000000000000000)
#define BLOCK_MIN    512

static gboolean is_printable(const char *s)
{
        for (; *s; s++)
                if (!g_ascii_isprint(*s))
                        return FALSE;
        return TRUE;
}

/* ---- what the guest reads from it ---- */

static void check_name(char *const *text, gsize max, const char *what, const DmXmlCheck *c)
{
        if (!*text)
                return;
        if (strlen(*text) > max)
                BAD(text, "the %s '%s' has more than %" G_GSIZE_FORMAT " characters", what, *text, max);
        else if (!is_printable(*text))
                BAD(text, "the %s holds characters that cannot be printed", what);
}

static void check_identity(const DmDisk *d, const DmXmlCheck *c)
{
        check_name(&d->vendor, VENDOR_MAX, "vendor", c);
        check_name(&d->product, PRODUCT_MAX, "product", c);
        if (d->wwn &&
            (strlen(d->wwn) != WWN_DIGITS || strspn(d->wwn, G_CSET_DIGITS "abcdefABCDEF") != WWN_DIGITS))
                BAD(&d->wwn, "the wwn '%s' is not %d hexadecimal digits", d->wwn, WWN_DIGITS);
        if (d->device != DM_DISK_LUN)
                return;
        if (d->wwn)
                CANNOT(&d->wwn, "device='lun' shows the device's own wwn");
        if (d->vendor || d->product)
                CANNOT(d->vendor ? &d->vendor : &d->product,
                       "device='lun' shows the device's own vendor and product");
}

static void check_target(const DmDisk *d, const DmXmlCheck *c)
{
        static const char *const prefixes[] = { "hd", "sd", "vd", "xvd", "ubd" };
        gboolean disk = d->device == DM_DISK_DISK || d->device == DM_DISK_LUN || !d->device, known = FALSE;
        gboolean medium = d->device == DM_DISK_CDROM || d->device == DM_DISK_FLOPPY;
        for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
                known |= d->dst && g_str_has_prefix(d->dst, prefixes[i]);
        if (d->device == DM_DISK_FLOPPY && d->dst && !g_str_has_prefix(d->dst, "fd"))
                BAD(&d->dst, "the name '%s' is no floppy drive's; use fda or fdb", d->dst);
        if (d->device && disk && d->dst && d->bus && d->bus != DM_DISK_BUS_FDC && !known)
                BAD(&d->dst, "the name '%s' is no disk's; it begins with hd, sd, vd, xvd or ubd", d->dst);
        if (d->bus == DM_DISK_BUS_FDC && d->device && disk)
                CANNOT(&d->bus, "on bus='fdc' there are only floppy drives; add device='floppy'");
        if (d->tray && !medium)
                BAD(&d->tray, "only cdrom and floppy drives have a tray");
        if (d->readonly && disk && (d->bus == DM_DISK_BUS_IDE || d->bus == DM_DISK_BUS_SATA))
                CANNOT(&d->readonly,
                       "%s disks cannot be read-only; use bus='virtio' or 'scsi', or device='cdrom'",
                       dm_enum_name(&dm_disk_bus, d->bus));
        if (d->logical_block_size.set &&
            (!dm_is_power_of_two(d->logical_block_size.value) || d->logical_block_size.value < BLOCK_MIN))
                BAD(&d->logical_block_size, "'%u' is not a power of two from %d on",
                    d->logical_block_size.value, BLOCK_MIN);
        if (d->physical_block_size.value && !dm_is_power_of_two(d->physical_block_size.value))
                BAD(&d->physical_block_size, "'%u' is not a power of two", d->physical_block_size.value);
}

/* ---- how it is driven ---- */

static void check_driver(const DmDisk *d, const DmXmlCheck *c)
{
        gboolean direct = d->cache == DM_DISK_CACHE_NONE || d->cache == DM_DISK_CACHE_DIRECTSYNC;
        if (d->queue_size.set && !dm_is_power_of_two(d->queue_size.value))
                BAD(&d->queue_size, "'%u' is not a power of two", d->queue_size.value);
        if (d->io == DM_DISK_IO_NATIVE && !direct)
                CANNOT(&d->io, "io='native' needs cache='none' or 'directsync'");
        if (d->copy_on_read == DM_ON && d->readonly)
                CANNOT(&d->copy_on_read, "a read-only disk cannot be copied to while it is read");
        if (d->copy_on_read == DM_ON && (d->device == DM_DISK_CDROM || d->device == DM_DISK_FLOPPY))
                CANNOT(&d->copy_on_read,
                       "a medium that can be taken out cannot be copied to while it is read");
        if (d->shareable && d->format && d->format != DM_DISK_RAW)
                CANNOT(&d->format, "guests can share raw images only, not '%s'; leave out <shareable/>",
                       dm_enum_name(&dm_disk_format, (int)d->format));
        if (d->image.metadata_cache.set && d->format != DM_DISK_QCOW2)
                CANNOT(&d->image.metadata_cache, "<metadata_cache> is for qcow2 images only");
        DmStartupPolicy policy = d->image.source.startup_policy;
        if (policy && d->type == DM_DISK_NETWORK)
                BAD(&d->image.source.startup_policy, "startupPolicy is not for images of type 'network'");
        if (policy == DM_STARTUP_REQUISITE && d->device != DM_DISK_CDROM && d->device != DM_DISK_FLOPPY)
                BAD(&d->image.source.startup_policy,
                    "startupPolicy='requisite' is for cdrom and floppy drives only");
}

static void check_limits(const DmDisk *d, const DmXmlCheck *c)
{
        const DmIotune *t = d->iotune;
        if (!t)
                return;
        const DmOptU64 *const limits[] = {
                &t->total_bytes,     &t->read_bytes,     &t->write_bytes,     &t->total_iops,
                &t->read_iops,       &t->write_iops,     &t->total_bytes_max, &t->read_bytes_max,
                &t->write_bytes_max, &t->total_iops_max, &t->read_iops_max,   &t->write_iops_max,
                &t->size_iops,
        };
        for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
                if (limits[i]->value > THROTTLE_MAX)
                        CANNOT(limits[i], "a limit is at most %" G_GUINT64_FORMAT, THROTTLE_MAX);
}

/* Disks of one group have the same limits. */
static void check_groups(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
        DM_FOREACH_DEVICE (d, device) {
                const DmDisk *disk = (const DmDisk *)device;
                if (device->kind != DM_DEVICE_DISK || !disk->iotune || !disk->iotune->group)
                        continue;
                const DmDisk *first = g_hash_table_lookup(groups, disk->iotune->group);
                const DmIotune *a = disk->iotune, *b = first ? first->iotune : a;
                gboolean same = a->total_bytes.value == b->total_bytes.value &&
                                a->read_bytes.value == b->read_bytes.value &&
                                a->write_bytes.value == b->write_bytes.value &&
                                a->total_iops.value == b->total_iops.value &&
                                a->read_iops.value == b->read_iops.value &&
                                a->write_iops.value == b->write_iops.value &&
                                a->size_iops.value == b->size_iops.value;
                if (!first)
                        g_hash_table_insert(groups, a->group, (void *)disk);
                else if (!same)
                        BAD(&a->group,
                            "the limits differ from those of disk %s, which is of the same group '%s'",
                            first->dst, a->group);
        }
}

/* ---- images ---- */

static void check_cookies(const DmSource *s, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; s->cookies && i < s->cookies->len; i++) {
                const DmCookie *cookie = g_ptr_array_index(s->cookies, i);
                if (cookie->name && strpbrk(cookie->name, "()<>@,;:\\\"/[]?={} \t"))
                        BAD(&cookie->name, "the cookie's name '%s' holds a character that separates",
                            cookie->name);
                if (cookie->value && strpbrk(cookie->value, "\",;\\ \t"))
                        BAD(&cookie->value,
                            "the cookie's value holds a quote, comma, semicolon, backslash or blank");
                if (cookie->name && !g_hash_table_add(seen, cookie->name))
                        BAD(&cookie->name, "the cookie '%s' is given twice", cookie->name);
        }
}

static gboolean is_http(DmNetProtocol p)
{
        return p == DM_NET_HTTP || p == DM_NET_HTTPS;
}

/* What only some protocols have. */
static void check_protocol(const DmSource *s, const DmXmlCheck *c)
{
        DmNetProtocol p = s->protocol;
        const char *name = dm_enum_name(&dm_net_protocol, (int)p);
        gboolean url = is_http(p) || p == DM_NET_FTP || p == DM_NET_FTPS || p == DM_NET_TFTP;
        if (s->query && !is_http(p))
                BAD(&s->query, "protocol '%s' has no query", name);
        if (s->cookies && !is_http(p))
                BAD(s->cookies->pdata[0], "protocol '%s' has no cookies", name);
        if (s->ssl_verify && p != DM_NET_HTTPS && p != DM_NET_FTPS)
                BAD(&s->ssl_verify, "protocol '%s' has no certificates to verify", name);
        if (s->readahead.set && !url)
                BAD(&s->readahead, "protocol '%s' does not read ahead", name);
        if (s->timeout.set && !url)
                BAD(&s->timeout, "protocol '%s' has no timeout", name);
        if (s->tls == DM_YES && p != DM_NET_NBD && p != DM_NET_VXHS)
                CANNOT(&s->tls, "TLS is for the protocols nbd and vxhs, not '%s'", name);
        if (!s->name && (p == DM_NET_RBD || p == DM_NET_GLUSTER || p == DM_NET_ISCSI || p == DM_NET_NFS))
                BAD(&s->protocol, "protocol '%s' needs the image's name", name);
        if (s->auth && s->auth->secret.type && p == DM_NET_ISCSI && s->auth->secret.type != DM_SECRET_ISCSI)
                BAD(&s->auth->secret.type, "protocol 'iscsi' takes a secret of type 'iscsi', not '%s'",
                    dm_enum_name(&dm_secret_type, s->auth->secret.type));
        if (s->auth && s->auth->secret.type && p == DM_NET_RBD && s->auth->secret.type != DM_SECRET_CEPH)
                BAD(&s->auth->secret.type, "protocol 'rbd' takes a secret of type 'ceph', not '%s'",
                    dm_enum_name(&dm_secret_type, s->auth->secret.type));
}

static void check_image(const DmImage *i, const DmXmlCheck *c)
{
        const DmSource *s = &i->source;
        if (i->type == DM_DISK_DIR && i->format && i->format != DM_DISK_FAT)
                CANNOT(&i->format, "a directory is shown as <driver type='fat'/> only");
        if (i->type == DM_DISK_NVME && s->nvme_namespace.set && !s->nvme_namespace.value)
                BAD(&s->nvme_namespace, "NVMe namespaces are numbered from 1");
        if (i->type != DM_DISK_NETWORK)
                return;
        check_cookies(s, c);
        check_protocol(s, c);
}

static void check_reservations(const DmDisk *d, const DmXmlCheck *c)
{
        const DmReservations *r = d->image.source.reservations;
        if (!r)
                return;
        if (d->device != DM_DISK_LUN)
                CANNOT(&r->managed, "<reservations> are for device='lun' only");
        if (r->managed == DM_YES && r->path)
                BAD(&r->path, "a managed helper has no <source> of its own");
        if (r->managed == DM_NO && !r->path)
                BAD(&r->managed, "a helper that is not managed needs a <source>");
}

static void check_auth(const DmDisk *d, const DmXmlCheck *c)
{
        const DmAuth *auth = d->auth ? d->auth : d->image.source.auth;
        DmNetProtocol p = d->image.source.protocol;
        if (!d->auth || !auth->secret.type || d->type != DM_DISK_NETWORK)
                return;
        DmSecretType fits = p == DM_NET_ISCSI ? DM_SECRET_ISCSI : p == DM_NET_RBD ? DM_SECRET_CEPH : 0;
        if (fits && auth->secret.type != fits)
                BAD(&auth->secret.type, "protocol '%s' takes a secret of type '%s', not '%s'",
                    dm_enum_name(&dm_net_protocol, (int)p), dm_enum_name(&dm_secret_type, fits),
                    dm_enum_name(&dm_secret_type, auth->secret.type));
}

/* ---- addresses ---- */

/* The highest numbers that an address on the bus can have. */
static void check_drive_address(const DmDisk *d, const DmXmlCheck *c)
{
        static const struct {
                DmDiskBus bus;
                guint32 top_bus, top_target, top_unit;
        } rows[] = {
                { DM_DISK_BUS_IDE, G_MAXUINT32, 0, G_MAXUINT32 }, /* not judged: libvirt takes any */
                { DM_DISK_BUS_SATA, 0, 0, 5 },
                { DM_DISK_BUS_FDC, 0, 0, 1 },
                { DM_DISK_BUS_SCSI, 0, 255, 16383 },
        };
        const DmAddress *a = &d->dev.address;
        if (a->type != DM_ADDRESS_DRIVE)
                return;
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *name = dm_enum_name(&dm_disk_bus, rows[i].bus);
                if (d->bus != rows[i].bus)
                        continue;
                if (a->bus.value > rows[i].top_bus)
                        CANNOT(&a->bus, "a %s controller has no bus %u", name, a->bus.value);
                if (a->target.value > rows[i].top_target)
                        CANNOT(&a->target, "a %s controller has no target %u", name, a->target.value);
                if (a->unit.value > rows[i].top_unit)
                        CANNOT(&a->unit, "a %s controller has no unit %u: the last is %u", name,
                               a->unit.value, rows[i].top_unit);
        }
}

static void check_loadparm(const DmDevice *device, const DmXmlCheck *c)
{
        const char *s = device->boot_loadparm;
        if (s && (!*s || strlen(s) > LOADPARM_MAX ||
                  strspn(s, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ". ") != strlen(s)))
                BAD(&device->boot_loadparm, "loadparm '%s' is not 1 to %d letters, digits, dots and blanks",
                    s, LOADPARM_MAX);
}

void dm_check_disks(const DmDomain *d, const DmXmlCheck *c)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmDisk *disk = (const DmDisk *)device;
                check_loadparm(device, c);
                if (device->kind != DM_DEVICE_DISK)
                        continue;
                check_identity(disk, c);
                check_target(disk, c);
                check_driver(disk, c);
                check_limits(disk, c);
                check_auth(disk, c);
                check_reservations(disk, c);
                for (const DmImage *i = &disk->image; i; i = i->backing)
                        check_image(i, c);
                check_drive_address(disk, c);
        }
        check_groups(d, c);
}
