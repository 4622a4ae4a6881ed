/* <graphics>: how people see the guest's screen. */
#pragma once

#include "conf/device.h"

typedef enum DmGraphicsType {
        DM_GRAPHICS_UNSET,
        DM_GRAPHICS_VNC,
        DM_GRAPHICS_SPICE,
        DM_GRAPHICS_SDL,
        DM_GRAPHICS_EGL_HEADLESS,
        DM_GRAPHICS_DBUS,
        DM_GRAPHICS_RDP,
        DM_GRAPHICS_DESKTOP,
} DmGraphicsType;
extern const DmEnum dm_graphics_type;

typedef enum DmListenType {
        DM_LISTEN_UNSET,
        DM_LISTEN_NONE,
        DM_LISTEN_ADDRESS,
        DM_LISTEN_NETWORK,
        DM_LISTEN_SOCKET,
} DmListenType;
extern const DmEnum dm_listen_type;

typedef struct DmListen {
        int unused;
        DmListenType type;
        char *address, *network, *socket;
} DmListen;

typedef enum DmSharePolicy {
        DM_SHARE_UNSET,
        DM_SHARE_EXCLUSIVE,
        DM_SHARE_FORCE_SHARED,
        DM_SHARE_IGNORE,
} DmSharePolicy;
/* What becomes of those connected when the password changes. */
typedef enum DmPasswordConnected {
        DM_CONNECTED_UNSET,
        DM_CONNECTED_FAIL,
        DM_CONNECTED_DISCONNECT,
        DM_CONNECTED_KEEP,
} DmPasswordConnected;
extern const DmEnum dm_share_policy, dm_password_connected;

typedef struct DmGraphics {
        DmDevice dev;
        DmGraphicsType type;
        DmOptI64 port; /* -1: automatic */
        DmYesNo autoport;
        DmOptI64 websocket; /* -1: automatic */
        char *socket;       /* vnc: old form of <listen type='socket'> */
        char *listen;       /* old form of <listen type='address'> */
        char *keymap;
        DmSharePolicy share_policy;
        char *password;       /* secret */
        char *password_valid; /* passwdValidTo, an ISO date */
        DmPasswordConnected connected;
        DmYesNo power_control;
        GPtrArray *listens; /* of DmListen */
} DmGraphics;
