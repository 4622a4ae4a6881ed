/* <disk>: drives and the nodes behind them.  Each image is a pair of block nodes, libvirt-N-storage (where
 * the bytes are) under libvirt-N-format (what they mean), as libvirt has them: tools find images by these
 * names. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"
#include "qemu/image_nodes.h"

#include <string.h>

#include "conf/domain_disk.h"

/* From here on -blockdev can do all that -drive can. */
#define BLOCKDEV_SINCE DM_QEMU_VERSION(4, 2, 0)

static gboolean has_blockdev(const DmPlan *p)
{
        return p->caps->version >= BLOCKDEV_SINCE;
}

static gboolean has_nodes(const DmPlan *p, const DmDisk *d)
{
        return has_blockdev(p) && d->bus != DM_DISK_BUS_SD;
}

/* Its overlay is made once QEMU runs, and then the disk is plugged. */
static gboolean plugged_later(const DmDisk *d)
{
        return d->transient && d->share_backing == DM_YES;
}

/* There is an image that QEMU opens. */
static gboolean has_image(const DmDisk *d)
{
        return d->type != DM_DISK_VHOSTUSER && dm_image_given(&d->image);
}

/* ---- defaults ---- */

static gboolean scsi_possible(const DmPlan *p)
{
        return dm_plan_virtio(p) || p->board->flags & (DM_BOARD_SCSI | DM_BOARD_SPAPR_VIO);
}

/* The bus that the name <target dev=> stands for on this board. */
static DmDiskBus bus_of_name(const DmPlan *p, const DmDisk *d, const char **ret_why)
{
        unsigned flags = p->board->flags;
        *ret_why = "follows from the name in <target dev=>";
        if (d->device == DM_DISK_FLOPPY || g_str_has_prefix(d->dst, "fd"))
                return DM_DISK_BUS_FDC;
        if (g_str_has_prefix(d->dst, "hd") && flags & DM_BOARD_IDE)
                return DM_DISK_BUS_IDE;
        if (g_str_has_prefix(d->dst, "sd") && scsi_possible(p))
                return DM_DISK_BUS_SCSI;
        if (g_str_has_prefix(d->dst, "vd") && dm_plan_virtio(p))
                return DM_DISK_BUS_VIRTIO;
        *ret_why = "the board's default; it has no bus of the kind that the name in <target dev=> stands for";
        return p->board->disk_bus ? p->board->disk_bus : DM_DISK_BUS_IDE;
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmDisk *d = (DmDisk *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!d->type) {
                d->type = DM_DISK_FILE;
                dm_origins_explain(o, &d->type, "libvirt's default");
        }
        if (!d->device) {
                d->device = DM_DISK_DISK;
                dm_origins_explain(o, &d->device, "libvirt's default");
        }
        if (!d->bus) {
                const char *why = NULL;
                d->bus = bus_of_name(p, d, &why);
                dm_origins_explain(o, &d->bus, "%s", why);
        }
        if (d->device == DM_DISK_CDROM && !d->readonly) {
                d->readonly = TRUE;
                dm_origins_explain(o, &d->readonly, "CDs are read-only");
        }
        if (!d->driver_name) {
                d->driver_name = g_strdup("qemu");
                dm_origins_explain(o, &d->driver_name, "the only one");
        }
        if (!d->format) {
                d->format = DM_DISK_RAW;
                dm_origins_explain(o, &d->format, "formats are not guessed from the content");
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        switch (((const DmDisk *)device)->bus) {
        case DM_DISK_BUS_VIRTIO:
                return ((const DmDisk *)device)->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI
                                                                                       : DM_WANTS_VIRTIO;
        case DM_DISK_BUS_USB:
                return DM_WANTS_USB;
        case DM_DISK_BUS_IDE:
        case DM_DISK_BUS_FDC:
        case DM_DISK_BUS_SCSI:
        case DM_DISK_BUS_SATA:
                return DM_WANTS_DRIVE;
        case DM_DISK_BUS_SD:
        case DM_DISK_BUS_XEN:
        case DM_DISK_BUS_UML:
        case DM_DISK_BUS_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

/* ---- names ---- */

/* "vda" 0, "vdz" 25, "vdaa" 26. */
static unsigned name_index(const char *dst)
{
        static const char *const prefixes[] = { "fd", "hd", "sd", "vd", "xvd", "ubd" };
        const char *p = dst;
        for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
                if (g_str_has_prefix(dst, prefixes[i]))
                        p = dst + strlen(prefixes[i]);
        unsigned n = 0, digits = 0;
        for (; g_ascii_islower(*p) && digits < 6; p++, digits++)
                n = n * 26 + (unsigned)(*p - 'a') + 1;
        return digits ? n - 1 : 0;
}

static const DmController *scsi_controller(const DmPlan *p, const DmDevice *device)
{
        return dm_plan_controller(p, DM_CONTROLLER_SCSI, device->address.controller.value);
}

/* lsi and its like know targets only, no channels or units: their addresses are shorter. */
static gboolean scsi_is_narrow(const DmPlan *p, const DmDevice *device)
{
        const DmController *c = scsi_controller(p, device);
        return c && c->model == DM_SCSI_LSILOGIC;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        const DmDisk *d = (const DmDisk *)device;
        const DmAddress *a = &device->address;
        const char *bus = dm_enum_name(&dm_disk_bus, d->bus);
        (void)n;
        if (a->type != DM_ADDRESS_DRIVE)
                return g_strdup_printf("%s-disk%u", bus, name_index(d->dst));
        if (d->bus == DM_DISK_BUS_SCSI && !scsi_is_narrow(p, device))
                return g_strdup_printf("%s%u-%u-%u-%u", bus, a->controller.value, a->bus.value,
                                       a->target.value, a->unit.value);
        return g_strdup_printf("%s%u-%u-%u", bus, a->controller.value, a->bus.value, a->unit.value);
}

/* ---- checks ---- */

/* Does the board have what @d->bus stands for? */
static gboolean check_bus(const DmPlan *p, const DmDisk *d, GError **error)
{
        unsigned flags = p->board->flags;
        gboolean there = TRUE;
        switch (d->bus) {
        case DM_DISK_BUS_IDE:
                there = (flags & DM_BOARD_IDE) != 0;
                break;
        case DM_DISK_BUS_FDC:
                there = (flags & (DM_BOARD_FLOPPY | DM_BOARD_ISA)) != 0 || dm_plan_x86(p);
                break;
        case DM_DISK_BUS_SD:
                there = (flags & DM_BOARD_SD) != 0;
                break;
        case DM_DISK_BUS_SATA:
                there = (flags & (DM_BOARD_SATA | DM_BOARD_PCI)) != 0;
                break;
        case DM_DISK_BUS_SCSI:
                there = scsi_possible(p);
                break;
        case DM_DISK_BUS_VIRTIO:
                there = dm_plan_virtio(p);
                break;
        case DM_DISK_BUS_USB:
                there = (flags & (DM_BOARD_PCI | DM_BOARD_USB_ONBOARD)) != 0;
                break;
        case DM_DISK_BUS_XEN:
        case DM_DISK_BUS_UML:
        case DM_DISK_BUS_UNSET:
                there = FALSE;
                break;
        }
        const char *other = dm_enum_name(&dm_disk_bus, p->board->disk_bus);
        if (!there)
                return dm_plan_fail(p, &d->dev, &d->bus, error,
                                    "machine '%s' has no bus '%s' for disks%s%s%s", p->board_name,
                                    dm_enum_name(&dm_disk_bus, d->bus), other ? "; use '" : "",
                                    other ? other : "", other ? "'" : "");
        return TRUE;
}

static gboolean check_lun(const DmPlan *p, const DmDisk *d, GError **error)
{
        if (d->bus != DM_DISK_BUS_SCSI)
                return dm_plan_fail(p, &d->dev, &d->device, error, "device='lun' needs <target bus='scsi'>");
        gboolean network = d->type == DM_DISK_NETWORK && d->image.source.protocol == DM_NET_ISCSI;
        if (d->type != DM_DISK_BLOCK && d->type != DM_DISK_VOLUME && !network)
                return dm_plan_fail(p, &d->dev, &d->type, error,
                                    "device='lun' passes a host device through and needs type='block'");
        if (d->format != DM_DISK_RAW)
                return dm_plan_fail(p, &d->dev, &d->format, error, "device='lun' needs <driver type='raw'>");
        return TRUE;
}

/* Options that only some buses know. */
static gboolean check_options(const DmPlan *p, const DmDisk *d, GError **error)
{
        gboolean virtio = d->bus == DM_DISK_BUS_VIRTIO, scsi = d->bus == DM_DISK_BUS_SCSI;
        gboolean ata = d->bus == DM_DISK_BUS_IDE || d->bus == DM_DISK_BUS_SATA;
        const DmVirtioOptions *v = &d->virtio;
        const struct {
                gboolean given, allowed;
                const void *value;
                const char *what, *needs;
        } rules[] = {
                { d->queues.set, virtio, &d->queues, "queues", "virtio" },
                { d->queue_size.set, virtio, &d->queue_size, "queue_size", "virtio" },
                { d->iothread.set, virtio, &d->iothread, "an iothread", "virtio" },
                { d->model, virtio, &d->model, "a model", "virtio" },
                { d->cylinders.set, ata, &d->cylinders, "a geometry", "ide or sata" },
                { d->ioeventfd, virtio, &d->ioeventfd, "ioeventfd", "virtio" },
                { d->event_idx, virtio, &d->event_idx, "event_idx", "virtio" },
                { v->iommu || v->ats || v->packed || v->page_per_vq, virtio, &d->virtio, "virtio options",
                  "virtio" },
                { d->wwn != NULL, ata || scsi, &d->wwn, "a wwn", "ide, sata or scsi" },
                { d->rotation_rate.set, ata || scsi, &d->rotation_rate, "a rotation rate",
                  "ide, sata or scsi" },
                { d->vendor != NULL, scsi, &d->vendor, "a vendor", "scsi" },
                { d->product != NULL, scsi, &d->product, "a product", "scsi" },
                { d->removable, scsi || d->bus == DM_DISK_BUS_USB, &d->removable, "removable",
                  "usb or scsi" },
                { d->device == DM_DISK_CDROM, !virtio, &d->device, "a CD drive", "ide, sata, scsi or usb" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
                if (rules[i].given && !rules[i].allowed)
                        return dm_plan_fail(p, &d->dev, rules[i].value, error,
                                            "%s cannot be had on bus '%s', only on %s", rules[i].what,
                                            dm_enum_name(&dm_disk_bus, d->bus), rules[i].needs);
        if (d->iothread.set && !dm_plan_has_iothread(p, d->iothread.value))
                return dm_plan_fail(p, &d->dev, &d->iothread, error, "there is no iothread %u in this guest",
                                    d->iothread.value);
        guint64 wwn = 0;
        if (d->wwn && !g_ascii_string_to_unsigned(d->wwn, 16, 1, G_MAXUINT64, &wwn, NULL))
                return dm_plan_fail(p, &d->dev, &d->wwn, error,
                                    "the wwn '%s' must have 16 hexadecimal digits", d->wwn);
        return TRUE;
}

/* What only the process with the image could do. */
static gboolean check_vhost_user(const DmPlan *p, const DmDisk *d, GError **error)
{
        const struct {
                gboolean given;
                const void *value;
                const char *what;
        } rules[] = {
                { d->readonly, &d->readonly, "<readonly>" },
                { d->shareable, &d->shareable, "<shareable>" },
                { d->transient, &d->transient, "<transient>" },
                { d->serial != NULL, &d->serial, "<serial>" },
                { d->iotune != NULL, &d->iotune, "<iotune>" },
                { d->cache && d->cache != DM_DISK_CACHE_DEFAULT, &d->cache, "cache" },
                { d->io != DM_DISK_IO_UNSET, &d->io, "io" },
                { d->error_policy != DM_DISK_ERROR_UNSET, &d->error_policy, "error_policy" },
                { d->discard != DM_DISCARD_UNSET, &d->discard, "discard" },
                { d->copy_on_read != DM_ON_OFF_UNSET, &d->copy_on_read, "copy_on_read" },
                { d->logical_block_size.set, &d->logical_block_size, "<blockio>" },
                { d->cylinders.set, &d->cylinders, "<geometry>" },
        };
        if (d->bus != DM_DISK_BUS_VIRTIO)
                return dm_plan_fail(p, &d->dev, &d->bus, error,
                                    "a disk of another process must have <target bus='virtio'>");
        for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
                if (rules[i].given)
                        return dm_plan_fail(p, &d->dev, rules[i].value, error,
                                            "%s is up to the process with the image: leave it out",
                                            rules[i].what);
        if (!dm_plan_memory_shared(p))
                return dm_plan_fail(p, &d->dev, &d->type, error,
                                    "a disk of another process needs memory that is shared: add "
                                    "<memoryBacking><source type='memfd'/><access mode='shared'/>");
        return TRUE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmDisk *d = (const DmDisk *)device;
        (void)host;
        if (!check_bus(p, d, error) || !check_options(p, d, error) ||
            !dm_image_check(p, device, &d->image, d, error))
                return FALSE;
        if (d->type == DM_DISK_VHOSTUSER && !check_vhost_user(p, d, error))
                return FALSE;
        if (!has_nodes(p, d) && dm_image_given(&d->image) && !dm_disk_source(d))
                return dm_plan_fail(
                        p, device, &d->type, error,
                        "SD cards and QEMU before 4.2 take images of type 'file' and 'block' only");
        return d->device != DM_DISK_LUN || check_lun(p, d, error);
}

/* ---- nodes ---- */

/* The node that the drive shows.  Owned. */
static char *top_node(const DmPlan *p, const DmDisk *d)
{
        if (!has_blockdev(p))
                return g_strconcat("drive-", d->dev.alias, NULL);
        if (d->copy_on_read == DM_ON)
                return g_strconcat("libvirt-CoR-", d->dst, NULL);
        return g_strdup_printf("libvirt-%u-format", d->index.value);
}

static gboolean build_nodes(DmBuild *b, const DmDisk *d, GError **error)
{
        g_autofree char *name = g_strdup_printf("libvirt-%u", d->index.value);
        if (!dm_build_image(b, &d->image, d, d, name, d->readonly, error))
                return FALSE;
        if (d->copy_on_read != DM_ON)
                return TRUE;
        g_autofree char *top = top_node(b->plan, d);
        DmJson *node = dm_json_object_new();
        dm_json_add_string(node, "driver", "copy-on-read");
        dm_json_add_string(node, "node-name", top);
        dm_json_add_stringf(node, "file", "libvirt-%u-format", d->index.value);
        dm_json_add_string(node, "discard", "unmap");
        dm_build_blockdev(b, &d->copy_on_read, node);
        return TRUE;
}

/* The process that has the image. */
static void build_vhost_user(DmBuild *b, const DmDisk *d)
{
        const DmSource *source = &d->image.source;
        g_autoptr(GString) s = g_string_new("socket");
        dm_opts_appendf(s, "id", "chr-vu-%s", d->dev.alias);
        dm_opts_append(s, "path", source->socket);
        if (source->reconnect == DM_YES)
                dm_opts_appendf(s, "reconnect", "%u", source->reconnect_timeout.value);
        dm_command_add(b->command, d, NULL, "-chardev", s->str);
}

/* One image as -drive has it: of SD cards, which no -device can have on most boards, and of old emulators. */
static void build_drive(DmBuild *b, const DmDisk *d)
{
        g_autoptr(GString) s = g_string_new(NULL);
        if (dm_disk_source(d)) {
                dm_opts_append(s, "file", dm_disk_source(d));
                dm_opts_append(s, "format", dm_image_driver(&d->image, NULL));
        }
        if (d->bus == DM_DISK_BUS_SD) {
                dm_opts_append(s, "if", "sd");
                dm_opts_appendf(s, "index", "%u", name_index(d->dst));
        } else {
                dm_opts_append(s, "if", "none");
                dm_opts_appendf(s, "id", "drive-%s", d->dev.alias);
        }
        if (d->readonly)
                dm_opts_append(s, "readonly", "on");
        DmDiskCache cache = dm_disk_effective_cache(d);
        if (cache && cache != DM_DISK_CACHE_DEFAULT)
                dm_opts_append(s, "cache", dm_enum_name(&dm_disk_cache, cache));
        if (d->copy_on_read)
                dm_opts_append(s, "copy-on-read", dm_enum_name(&dm_on_off, d->copy_on_read));
        if (d->discard)
                dm_opts_append(s, "discard", dm_enum_name(&dm_disk_discard, d->discard));
        if (d->detect_zeroes)
                dm_opts_append(s, "detect-zeroes", dm_enum_name(&dm_disk_detect_zeroes, d->detect_zeroes));
        if (d->io)
                dm_opts_append(s, "aio", dm_enum_name(&dm_disk_io, d->io));
        dm_command_add(b->command, d, NULL, "-drive", s->str);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmDisk *d = (const DmDisk *)device;
        unsigned boot = dm_boot_index(b->plan, device);
        if (d->bus == DM_DISK_BUS_FDC && boot && b->plan->board->flags & DM_BOARD_FLOPPY)
                dm_command_addf(b->command, device, NULL, "-global", "isa-fdc.bootindex%c=%u",
                                device->address.unit.value ? 'B' : 'A', boot);
        if (plugged_later(d))
                return TRUE;
        if (d->type == DM_DISK_VHOSTUSER)
                build_vhost_user(b, d);
        else if (d->bus == DM_DISK_BUS_SD || (!has_blockdev(b->plan) && has_image(d)))
                build_drive(b, d);
        else if (has_image(d))
                return build_nodes(b, d, error);
        return TRUE;
}

/* ---- the drive ---- */

void dm_props_scsi_place(const DmPlan *p, const DmDevice *device, DmJson *props)
{
        const DmAddress *a = &device->address;
        g_autofree char *controller = dm_controller_name(p, DM_CONTROLLER_SCSI, a->controller.value);
        if (scsi_is_narrow(p, device)) {
                dm_json_add_stringf(props, "bus", "%s.%u", controller, a->bus.value);
                dm_json_add_uint(props, "scsi-id", a->unit.value);
        } else {
                dm_json_add_stringf(props, "bus", "%s.0", controller);
                dm_json_add_uint(props, "channel", a->bus.value);
                dm_json_add_uint(props, "scsi-id", a->target.value);
                dm_json_add_uint(props, "lun", a->unit.value);
        }
}

static void props_scsi(const DmPlan *p, const DmDisk *d, DmJson *props)
{
        if (d->device == DM_DISK_LUN)
                dm_json_add_string(props, "driver", "scsi-block");
        else
                dm_json_add_string(props, "driver", d->device == DM_DISK_CDROM ? "scsi-cd" : "scsi-hd");
        dm_props_scsi_place(p, &d->dev, props);
        if (d->device != DM_DISK_LUN && dm_caps_has_prop(p->caps, "scsi-hd", "device_id"))
                dm_json_add_stringf(props, "device_id", "drive-%s", d->dev.alias);
}

static void props_ata(const DmPlan *p, const DmDisk *d, DmJson *props)
{
        const DmAddress *a = &d->dev.address;
        gboolean ide = d->bus == DM_DISK_BUS_IDE;
        g_autofree char *controller =
                dm_controller_name(p, ide ? DM_CONTROLLER_IDE : DM_CONTROLLER_SATA, a->controller.value);
        dm_json_add_string(props, "driver", d->device == DM_DISK_CDROM ? "ide-cd" : "ide-hd");
        dm_json_add_stringf(props, "bus", "%s.%u", controller, ide ? a->bus.value : a->unit.value);
        if (ide)
                dm_json_add_uint(props, "unit", a->unit.value);
}

static void props_virtio_blk(const DmPlan *p, const DmDisk *d, DmJson *props)
{
        const char *stem = d->type == DM_DISK_VHOSTUSER ? "vhost-user-blk" : "virtio-blk";
        g_autofree char *driver = dm_virtio_type(p, &d->dev, stem, d->model);
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&d->virtio, props);
        if (d->iothread.set)
                dm_json_add_stringf(props, "iothread", "iothread%u", d->iothread.value);
        dm_props_onoff(props, "ioeventfd", d->ioeventfd);
        dm_props_onoff(props, "event_idx", d->event_idx);
        dm_props_u32(props, "num-queues", d->queues);
        dm_props_u32(props, "queue-size", d->queue_size);
        dm_props_address(p, &d->dev, props);
}

/* "stop", "report", "ignore", "enospc"; NULL: QEMU's. */
static const char *error_action(DmDiskErrorPolicy policy)
{
        return policy == DM_DISK_ERROR_ENOSPACE ? "enospc" : dm_enum_name(&dm_disk_error, policy);
}

static void props_common(const DmPlan *p, const DmDisk *d, DmJson *props)
{
        if (d->shareable)
                dm_json_add_bool(props, "share-rw", TRUE);
        if (d->type == DM_DISK_VHOSTUSER) {
                dm_json_add_stringf(props, "chardev", "chr-vu-%s", d->dev.alias);
        } else if (has_image(d)) {
                g_autofree char *node = top_node(p, d);
                dm_json_add_string(props, "drive", node);
        }
        dm_json_add_string(props, "id", d->dev.alias);
        if (d->bus != DM_DISK_BUS_FDC)
                dm_props_boot(p, &d->dev, props);
        dm_props_u32(props, "logical_block_size", d->logical_block_size);
        dm_props_u32(props, "physical_block_size", d->physical_block_size);
        guint64 wwn = 0;
        if (d->wwn && g_ascii_string_to_unsigned(d->wwn, 16, 1, G_MAXUINT64, &wwn, NULL))
                dm_json_add_uint(props, "wwn", wwn);
        dm_props_u32(props, "rotation_rate", d->rotation_rate);
        dm_json_add_string(props, "vendor", d->vendor);
        dm_json_add_string(props, "product", d->product);
        if (d->bus == DM_DISK_BUS_USB)
                dm_json_add_bool(props, "removable", d->removable == DM_ON);
        else
                dm_props_onoff(props, "removable", d->removable);
        DmCacheMode mode;
        if (dm_cache_mode(d, &mode) && d->device != DM_DISK_LUN)
                dm_json_add_string(props, "write-cache", mode.write_cache ? "on" : "off");
        dm_props_u32(props, "cyls", d->cylinders);
        dm_props_u32(props, "heads", d->heads);
        dm_props_u32(props, "secs", d->sectors);
        dm_json_add_string(props, "bios-chs-trans", dm_enum_name(&dm_disk_translation, d->translation));
        dm_json_add_string(props, "serial", d->serial);
        dm_json_add_string(props, "werror", error_action(d->error_policy));
        /* "enospace" is a policy of writes only. */
        DmDiskErrorPolicy reads = d->rerror_policy;
        if (!reads && d->error_policy != DM_DISK_ERROR_ENOSPACE)
                reads = d->error_policy;
        dm_json_add_string(props, "rerror", error_action(reads));
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmDisk *d = (const DmDisk *)device;
        g_autoptr(DmJson) props = dm_json_object_new();
        (void)error;
        if (plugged_later(d))
                return NULL;
        switch (d->bus) {
        case DM_DISK_BUS_IDE:
        case DM_DISK_BUS_SATA:
                props_ata(p, d, props);
                break;
        case DM_DISK_BUS_SCSI:
                props_scsi(p, d, props);
                break;
        case DM_DISK_BUS_VIRTIO:
                props_virtio_blk(p, d, props);
                break;
        case DM_DISK_BUS_USB:
                dm_json_add_string(props, "driver", "usb-storage");
                dm_props_address(p, device, props);
                break;
        case DM_DISK_BUS_FDC:
                dm_json_add_string(props, "driver", "floppy");
                dm_json_add_uint(props, "unit", device->address.unit.value);
                break;
        case DM_DISK_BUS_SD:
        case DM_DISK_BUS_XEN:
        case DM_DISK_BUS_UML:
        case DM_DISK_BUS_UNSET:
                return NULL;
        }
        props_common(p, d, props);
        return g_steal_pointer(&props);
}

static const char *helper(const DmDevice *device)
{
        for (const DmImage *i = &((const DmDisk *)device)->image; i; i = i->backing)
                if (i->source.reservations && i->source.reservations->managed == DM_YES)
                        return "qemu-pr-helper";
        return NULL;
}

const DmDeviceOps dm_disk_ops = {
        .order = DM_ORDER_DISK,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
        .helper = helper,
};
