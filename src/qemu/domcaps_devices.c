/* <domainCapabilities>: devices and features.
 *
 * An option is offered when all three can: our own documents (their tables are asked, so that a kind which is
 * added there shows up here), the emulator, and the board.  All else is said to be not supported. */
#include <string.h>

#include "conf/domain.h"
#include "conf/domain_chardev.h"
#include "conf/domain_graphics.h"
#include "qemu/capabilities.h"
#include "qemu/device_ops.h"

typedef struct Offer {
        const DmPlan *plan;
        const DmHost *host;
        const DmCaps *caps;
        const DmBoard *board;
        gboolean pci, ccw, mmio;
} Offer;

/* ---- what our documents know ---- */

static gboolean element_known(const DmXmlElement *element, const char *name)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                const char *row_name = row->name ? row->name : row->element ? row->element->name : NULL;
                if (row->as == DM_AS_ELEMENT && row_name && strcmp(row_name, name) == 0)
                        return row->type != DM_XML_REFUSED && !(row->flags & DM_DEFERRED);
        }
        return FALSE;
}

static gboolean device_known(const char *name)
{
        for (int kind = DM_DEVICE_NONE + 1; kind < DM_DEVICE_N; kind++)
                if (strcmp(dm_device_element((DmDeviceKind)kind), name) == 0)
                        return TRUE;
        return FALSE;
}

/* ---- what the emulator and the board can do ---- */

static gboolean has(const Offer *o, const char *type)
{
        return dm_caps_has_type(o->caps, type);
}

/* A virtio device of the kind @stem on whichever bus the board has for them. */
static gboolean has_virtio(const Offer *o, const char *stem)
{
        const struct {
                gboolean bus;
                const char *suffix;
        } forms[] = { { o->pci, "-pci" }, { o->ccw, "-ccw" }, { o->mmio, "-device" } };
        for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
                g_autofree char *type = g_strconcat(stem, forms[i].suffix, NULL);
                if (forms[i].bus && has(o, type))
                        return TRUE;
        }
        return FALSE;
}

static void add_if(DmDomcapsEnum *e, gboolean offered, const char *value)
{
        if (offered)
                dm_domcaps_add(e, value);
}

static void add_virtio_models(DmDomcapsEnum *e, const Offer *o, const char *stem)
{
        g_autofree char *transitional = g_strconcat(stem, "-pci-transitional", NULL);
        g_autofree char *modern = g_strconcat(stem, "-pci-non-transitional", NULL);
        add_if(e, has_virtio(o, stem), "virtio");
        add_if(e, o->pci && has(o, transitional), "virtio-transitional");
        add_if(e, o->pci && has(o, modern), "virtio-non-transitional");
}

/* ---- devices ---- */

static void disk_part(DmDomainCapabilities *d, const Offer *o)
{
        unsigned flags = o->board->flags;
        gboolean floppy = flags & DM_BOARD_FLOPPY || (flags & DM_BOARD_ISA && has(o, "isa-fdc"));
        gboolean usb = o->pci && has(o, "usb-storage");
        gboolean sata = flags & DM_BOARD_SATA || (o->pci && has(o, "ich9-ahci"));
        gboolean scsi = flags & (DM_BOARD_SCSI | DM_BOARD_SPAPR_VIO) || has_virtio(o, "virtio-scsi") ||
                        (o->pci && has(o, "lsi53c895a"));
        dm_domcaps_support(&d->disk, device_known("disk"));
        DmDomcapsEnum *e = dm_domcaps_enum(&d->disk.enums, "diskDevice");
        dm_domcaps_add(e, "disk");
        dm_domcaps_add(e, "cdrom");
        add_if(e, floppy, "floppy");
        add_if(e, scsi || has_virtio(o, "virtio-blk"), "lun");
        e = dm_domcaps_enum(&d->disk.enums, "bus");
        add_if(e, flags & DM_BOARD_IDE, "ide");
        add_if(e, floppy, "fdc");
        add_if(e, scsi, "scsi");
        add_if(e, has_virtio(o, "virtio-blk"), "virtio");
        add_if(e, usb, "usb");
        add_if(e, sata, "sata");
        add_if(e, flags & DM_BOARD_SD, "sd");
        add_virtio_models(dm_domcaps_enum(&d->disk.enums, "model"), o, "virtio-blk");
}

/* The builder of command lines is asked which of them it can build. */
static void graphics_part(DmDomainCapabilities *d, const Offer *o)
{
        dm_domcaps_support(&d->graphics, device_known("graphics"));
        DmDomcapsEnum *e = dm_domcaps_enum(&d->graphics.enums, "type");
        for (int type = 1; type < dm_graphics_type.n; type++) {
                DmGraphics g = { .dev.kind = DM_DEVICE_GRAPHICS, .type = (DmGraphicsType)type };
                gboolean compiled = type != DM_GRAPHICS_SPICE || dm_caps_has_option(o->caps, "spice", "port");
                add_if(e, compiled && dm_graphics_ops.check(o->plan, &g.dev, o->host, NULL),
                       dm_enum_name(&dm_graphics_type, type));
        }
}

static void video_part(DmDomainCapabilities *d, const Offer *o)
{
        const struct {
                DmVideoModel model;
                gboolean offered;
        } rows[] = {
                { DM_VIDEO_VGA, o->pci && has(o, "VGA") },
                { DM_VIDEO_CIRRUS, (o->pci && has(o, "cirrus-vga")) ||
                                           (o->board->flags & DM_BOARD_ISA && has(o, "isa-cirrus-vga")) },
                { DM_VIDEO_VMVGA, o->pci && has(o, "vmware-svga") },
                { DM_VIDEO_QXL, o->pci && (has(o, "qxl-vga") || has(o, "qxl")) },
                { DM_VIDEO_VIRTIO, has_virtio(o, "virtio-gpu") || (o->pci && has(o, "virtio-vga")) },
                { DM_VIDEO_NONE, TRUE },
                { DM_VIDEO_BOCHS, o->pci && has(o, "bochs-display") },
                { DM_VIDEO_RAMFB, has(o, "ramfb") },
        };
        dm_domcaps_support(&d->video, device_known("video"));
        DmDomcapsEnum *e = dm_domcaps_enum(&d->video.enums, "modelType");
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                add_if(e, rows[i].offered, dm_enum_name(&dm_video_model, rows[i].model));
}

static void rng_part(DmDomainCapabilities *d, const Offer *o)
{
        dm_domcaps_support(&d->rng, device_known("rng"));
        add_virtio_models(dm_domcaps_enum(&d->rng.enums, "model"), o, "virtio-rng");
        DmDomcapsEnum *e = dm_domcaps_enum(&d->rng.enums, "backendModel");
        add_if(e, has(o, "rng-random"), "random");
        add_if(e, has(o, "rng-egd"), "egd");
        add_if(e, has(o, "rng-builtin"), "builtin");
}

static void tpm_part(DmDomainCapabilities *d, const Offer *o)
{
        static const char *const models[] = { "tpm-tis", "tpm-crb", "tpm-spapr" };
        gboolean known = device_known("tpm") && dm_json_length(o->caps->tpm_models) > 0;
        dm_domcaps_support(&d->tpm, known);
        if (!known)
                return;
        DmDomcapsEnum *model = dm_domcaps_enum(&d->tpm.enums, "model");
        DmDomcapsEnum *backend = dm_domcaps_enum(&d->tpm.enums, "backendModel");
        for (gsize i = 0; i < dm_json_length(o->caps->tpm_models); i++) {
                const char *name = dm_json_string(dm_json_at(o->caps->tpm_models, i));
                for (gsize j = 0; name && j < G_N_ELEMENTS(models); j++)
                        add_if(model, g_str_has_prefix(name, models[j]), models[j]);
        }
        for (gsize i = 0; i < dm_json_length(o->caps->tpm_types); i++) {
                const char *name = dm_json_string(dm_json_at(o->caps->tpm_types, i));
                if (name)
                        dm_domcaps_add(backend, name);
        }
}

static void channel_part(DmDomainCapabilities *d, const Offer *o)
{
        static const char *const types[] = { "pty", "unix", "spicevmc" };
        dm_domcaps_support(&d->channel, device_known("channel"));
        DmDomcapsEnum *e = dm_domcaps_enum(&d->channel.enums, "type");
        for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
                gboolean spice = strcmp(types[i], "spicevmc") == 0;
                add_if(e,
                       dm_enum_value(&dm_chardev_type, types[i]) > 0 &&
                               (!spice || dm_caps_has_option(o->caps, "spice", "port")),
                       types[i]);
        }
}

/* ---- what is not a device ---- */

static void gic_part(DmDomainCapabilities *d, const Offer *o)
{
        gboolean arm = o->board->flags & DM_BOARD_VIRTIO_MMIO && dm_json_length(o->caps->gic) > 0;
        dm_domcaps_support(&d->gic, arm && element_known(&dm_features_element, "gic"));
        if (d->gic.supported != DM_YES)
                return;
        DmDomcapsEnum *e = dm_domcaps_enum(&d->gic.enums, "version");
        for (gsize i = 0; i < dm_json_length(o->caps->gic); i++) {
                const DmJson *v = dm_json_at(o->caps->gic, i);
                gboolean usable =
                        dm_json_get_bool(v, "emulated", FALSE) || dm_json_get_bool(v, "kernel", FALSE);
                gint64 version = dm_json_get_i64(v, "version", 0);
                add_if(e, usable && version == 2, "2");
                add_if(e, usable && version == 3, "3");
        }
}

static void other_parts(DmDomainCapabilities *d, const Offer *o)
{
        dm_domcaps_support(&d->iothreads,
                           element_known(&dm_domain_element, "iothreads") && has(o, "iothread"));
        gboolean memory = element_known(&dm_domain_element, "memoryBacking");
        dm_domcaps_support(&d->memory_backing, memory);
        if (memory) {
                DmDomcapsEnum *e = dm_domcaps_enum(&d->memory_backing.enums, "sourceType");
                dm_domcaps_add(e, "file");
                dm_domcaps_add(e, "anonymous");
                add_if(e, has(o, "memory-backend-memfd"), "memfd");
        }
        dm_domcaps_support(&d->vmcoreinfo,
                           element_known(&dm_features_element, "vmcoreinfo") && has(o, "vmcoreinfo"));
        dm_domcaps_support(&d->genid, element_known(&dm_domain_element, "genid") && has(o, "vmgenid"));
        DmDomcapsOption *none[] = { &d->hostdev, &d->filesystem, &d->redirdev, &d->backing_store_input,
                                    &d->backup,  &d->sev,        &d->sgx };
        for (gsize i = 0; i < G_N_ELEMENTS(none); i++)
                dm_domcaps_support(none[i], FALSE);
}

void dm_domcaps_devices(DmDomainCapabilities *d, const DmPlan *plan, const DmHost *host)
{
        unsigned flags = plan->board->flags;
        Offer o = { .plan = plan,
                    .host = host,
                    .caps = plan->caps,
                    .board = plan->board,
                    .pci = flags & DM_BOARD_PCI && !(flags & DM_BOARD_CCW),
                    .ccw = (flags & DM_BOARD_CCW) != 0,
                    .mmio = (flags & DM_BOARD_VIRTIO_MMIO) != 0 };
        disk_part(d, &o);
        graphics_part(d, &o);
        video_part(d, &o);
        rng_part(d, &o);
        tpm_part(d, &o);
        channel_part(d, &o);
        gic_part(d, &o);
        other_parts(d, &o);
}
