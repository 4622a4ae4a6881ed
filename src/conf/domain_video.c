/* <video>: rows, and the rules between them. */
#include "conf/domain_video.h"

#include <string.h>

DM_ENUM_TABLE(dm_video_model,
              "video model", [DM_VIDEO_VGA] = "vga", [DM_VIDEO_CIRRUS] = "cirrus", [DM_VIDEO_VMVGA] = "vmvga",
              [DM_VIDEO_XEN] = "xen", [DM_VIDEO_VBOX] = "vbox", [DM_VIDEO_QXL] = "qxl",
              [DM_VIDEO_PARALLELS] = "parallels", [DM_VIDEO_VIRTIO] = "virtio", [DM_VIDEO_GOP] = "gop",
              [DM_VIDEO_NONE] = "none", [DM_VIDEO_BOCHS] = "bochs", [DM_VIDEO_RAMFB] = "ramfb");
DM_ENUM_TABLE(dm_vgaconf,
              "vgaconf mode", [DM_VGACONF_IO] = "io", [DM_VGACONF_ON] = "on", [DM_VGACONF_OFF] = "off");

static const DmXmlRow driver_rows[] = {
        DM_STRING(DmVideo, driver_name, "name", .doc = "qemu or vhostuser."),
        DM_ENUM(DmVideo, vgaconf, "vgaconf", dm_vgaconf),
        DM_VIRTIO_ROWS(DmVideo, virtio),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Who draws." };

static const DmXmlRow acceleration_rows[] = {
        DM_ENUM(DmVideo, accel3d, "accel3d", dm_yes_no),
        DM_ENUM(DmVideo, accel2d, "accel2d", dm_yes_no),
        DM_STRING(DmVideo, rendernode, "rendernode", .doc = "vhostuser: host device that draws."),
        { 0 },
};
static const DmXmlElement acceleration_element = { "acceleration", acceleration_rows,
                                                   .doc = "Drawing by the host." };

static const DmXmlRow resolution_rows[] = {
        DM_U32(DmVideo, resolution_x, "x", .flags = DM_REQUIRED, .min = 1),
        DM_U32(DmVideo, resolution_y, "y", .flags = DM_REQUIRED, .min = 1),
        { 0 },
};
static const DmXmlElement resolution_element = { "resolution", resolution_rows,
                                                 .doc = "Size of the screen at start." };

static const DmXmlRow model_rows[] = {
        DM_ENUM(DmVideo, model, "type", dm_video_model, .flags = DM_ABI),
        DM_U32(DmVideo, ram, "ram", .flags = DM_ABI, .doc = "KiB."),
        DM_U32(DmVideo, vram, "vram", .flags = DM_ABI, .doc = "KiB."),
        DM_U32(DmVideo, vram64, "vram64", .flags = DM_ABI, .doc = "KiB."),
        DM_U32(DmVideo, vgamem, "vgamem", .flags = DM_ABI, .doc = "KiB."),
        DM_U32(DmVideo, heads, "heads", .min = 1, .flags = DM_ABI, .doc = "Screens."),
        DM_ENUM(DmVideo, primary, "primary", dm_yes_no, .flags = DM_ABI),
        DM_ENUM(DmVideo, blob, "blob", dm_on_off, .flags = DM_ABI),
        DM_IN(acceleration_element),
        DM_IN(resolution_element),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "Which adapter the guest sees." };

static const DmXmlRow video_rows[] = {
        DM_IN(driver_element),
        DM_IN(model_element),
        DM_DEVICE_TAIL(DmVideo),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmVideo *d = base;
        gboolean vhostuser = g_strcmp0(d->driver_name, "vhostuser") == 0;
        if (d->driver_name && !vhostuser && strcmp(d->driver_name, "qemu") != 0)
                dm_check_fail(c, &d->driver_name, DM_ERROR_INVALID_XML,
                              "unknown video driver '%s' (expected qemu, vhostuser)", d->driver_name);
        if (vhostuser && d->model && d->model != DM_VIDEO_VIRTIO)
                dm_check_fail(c, &d->driver_name, DM_ERROR_UNSUPPORTED,
                              "driver 'vhostuser' needs <model type='virtio'>, not '%s'",
                              dm_enum_name(&dm_video_model, d->model));
        if (d->heads.value > 1 && d->model && d->model != DM_VIDEO_QXL && d->model != DM_VIDEO_VIRTIO)
                dm_check_fail(c, &d->heads, DM_ERROR_UNSUPPORTED, "a %s adapter has one head only",
                              dm_enum_name(&dm_video_model, d->model));
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_video_model, ((const DmVideo *)base)->model);
}

const DmXmlElement dm_video_schema = {
        "video", video_rows, sizeof(DmVideo), "A display adapter.", .check = check, .label = label,
};
