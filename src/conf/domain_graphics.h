/* <graphics>: how people see the guest's screen. */
#pragma once

#include "conf/domain_chardev.h" /* DmMouseMode */

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

typedef enum DmSecureMode {
        DM_SECURE_UNSET,
        DM_SECURE_ANY,
        DM_SECURE_SECURE,
        DM_SECURE_INSECURE
} DmSecureMode;
typedef enum DmSpiceChannelName {
        DM_SPICE_CHANNEL_UNSET,
        DM_SPICE_MAIN,
        DM_SPICE_DISPLAY,
        DM_SPICE_INPUTS,
        DM_SPICE_CURSOR,
        DM_SPICE_PLAYBACK,
        DM_SPICE_RECORD,
        DM_SPICE_SMARTCARD,
        DM_SPICE_USBREDIR,
} DmSpiceChannelName;
typedef enum DmImageCompression {
        DM_IMAGE_COMPRESSION_UNSET,
        DM_IMAGE_AUTO_GLZ,
        DM_IMAGE_AUTO_LZ,
        DM_IMAGE_QUIC,
        DM_IMAGE_GLZ,
        DM_IMAGE_LZ,
        DM_IMAGE_OFF,
} DmImageCompression;
typedef enum DmWanCompression { DM_WAN_UNSET, DM_WAN_AUTO, DM_WAN_NEVER, DM_WAN_ALWAYS } DmWanCompression;
typedef enum DmStreamingMode {
        DM_STREAMING_UNSET,
        DM_STREAMING_FILTER,
        DM_STREAMING_ALL,
        DM_STREAMING_OFF
} DmStreamingMode;
extern const DmEnum dm_secure_mode, dm_spice_channel, dm_image_compression, dm_wan_compression,
        dm_streaming_mode;

typedef struct DmSpiceChannel {
        int unused;
        DmSpiceChannelName name;
        DmSecureMode mode;
} DmSpiceChannel;

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
        DmOptU32 audio;     /* id of an <audio>: vnc, dbus */
        /* sdl, desktop */
        char *display, *xauth;
        DmYesNo fullscreen;
        /* sdl, spice, egl-headless, dbus */
        DmYesNo gl;
        char *rendernode;
        /* dbus */
        char *bus_address;
        DmYesNo p2p;
        /* spice */
        DmOptI64 tls_port; /* -1: automatic */
        DmSecureMode default_mode;
        GPtrArray *channels; /* of DmSpiceChannel */
        DmImageCompression image;
        DmWanCompression jpeg, zlib;
        DmOnOff playback;
        DmStreamingMode streaming;
        DmYesNo copypaste, filetransfer;
        DmMouseMode mouse;
} DmGraphics;
