/* <video>: a display adapter. */
#pragma once

#include "conf/device.h"

typedef enum DmVideoModel {
        DM_VIDEO_UNSET, /* the board's default */
        DM_VIDEO_VGA,
        DM_VIDEO_CIRRUS,
        DM_VIDEO_VMVGA,
        DM_VIDEO_XEN,
        DM_VIDEO_VBOX,
        DM_VIDEO_QXL,
        DM_VIDEO_PARALLELS,
        DM_VIDEO_VIRTIO,
        DM_VIDEO_GOP,
        DM_VIDEO_NONE,
        DM_VIDEO_BOCHS,
        DM_VIDEO_RAMFB,
} DmVideoModel;
typedef enum DmVgaConf { DM_VGACONF_UNSET, DM_VGACONF_IO, DM_VGACONF_ON, DM_VGACONF_OFF } DmVgaConf;
extern const DmEnum dm_video_model, dm_vgaconf;

typedef struct DmVideo {
        DmDevice dev;
        DmVideoModel model;
        DmOptU32 ram, vram, vram64, vgamem; /* KiB */
        DmOptU32 heads;
        DmYesNo primary;
        DmOnOff blob;
        DmYesNo accel3d, accel2d;
        char *rendernode;
        DmOptU32 resolution_x, resolution_y;
        char *driver_name; /* qemu, vhostuser */
        DmVgaConf vgaconf;
        DmVirtioOptions virtio;
} DmVideo;
