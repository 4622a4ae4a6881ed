/* <graphics>: rows, and the rules between them. */
#include "conf/domain_graphics.h"

DM_ENUM_TABLE(dm_graphics_type, "graphics type", [DM_GRAPHICS_VNC] = "vnc", [DM_GRAPHICS_SPICE] = "spice",
              [DM_GRAPHICS_SDL] = "sdl", [DM_GRAPHICS_EGL_HEADLESS] = "egl-headless",
              [DM_GRAPHICS_DBUS] = "dbus", [DM_GRAPHICS_RDP] = "rdp", [DM_GRAPHICS_DESKTOP] = "desktop");
DM_ENUM_TABLE(dm_listen_type, "listen type", [DM_LISTEN_NONE] = "none", [DM_LISTEN_ADDRESS] = "address",
              [DM_LISTEN_NETWORK] = "network", [DM_LISTEN_SOCKET] = "socket");
DM_ENUM_TABLE(dm_share_policy, "share policy", [DM_SHARE_EXCLUSIVE] = "allow-exclusive",
              [DM_SHARE_FORCE_SHARED] = "force-shared", [DM_SHARE_IGNORE] = "ignore");
DM_ENUM_TABLE(dm_password_connected, "action on connected clients", [DM_CONNECTED_FAIL] = "fail",
              [DM_CONNECTED_DISCONNECT] = "disconnect", [DM_CONNECTED_KEEP] = "keep");

DM_ENUM_TABLE(dm_secure_mode, "channel mode", [DM_SECURE_ANY] = "any", [DM_SECURE_SECURE] = "secure",
              [DM_SECURE_INSECURE] = "insecure");
DM_ENUM_TABLE(
        dm_spice_channel, "spice channel", [DM_SPICE_MAIN] = "main", [DM_SPICE_DISPLAY] = "display",
        [DM_SPICE_INPUTS] = "inputs", [DM_SPICE_CURSOR] = "cursor", [DM_SPICE_PLAYBACK] = "playback",
        [DM_SPICE_RECORD] = "record", [DM_SPICE_SMARTCARD] = "smartcard", [DM_SPICE_USBREDIR] = "usbredir");
DM_ENUM_TABLE(dm_image_compression,
              "image compression", [DM_IMAGE_AUTO_GLZ] = "auto_glz", [DM_IMAGE_AUTO_LZ] = "auto_lz",
              [DM_IMAGE_QUIC] = "quic", [DM_IMAGE_GLZ] = "glz", [DM_IMAGE_LZ] = "lz", [DM_IMAGE_OFF] = "off");
DM_ENUM_TABLE(dm_wan_compression,
              "compression", [DM_WAN_AUTO] = "auto", [DM_WAN_NEVER] = "never", [DM_WAN_ALWAYS] = "always");
DM_ENUM_TABLE(dm_streaming_mode, "streaming mode", [DM_STREAMING_FILTER] = "filter",
              [DM_STREAMING_ALL] = "all", [DM_STREAMING_OFF] = "off");

static const DmXmlRow listen_rows[] = {
        DM_ENUM(DmListen, type, "type", dm_listen_type, .flags = DM_REQUIRED),
        DM_STRING(DmListen, address, "address", DM_WHEN(DmListen, type, DM_LISTEN_ADDRESS)),
        DM_STRING(DmListen, network, "network", .flags = DM_REQUIRED,
                  DM_WHEN(DmListen, type, DM_LISTEN_NETWORK)),
        DM_STRING(DmListen, address, "address", .flags = DM_RUNTIME,
                  DM_WHEN(DmListen, type, DM_LISTEN_NETWORK)),
        DM_STRING(DmListen, socket, "socket", DM_WHEN(DmListen, type, DM_LISTEN_SOCKET)),
        { 0 },
};
static const DmXmlElement listen_element = { "listen", listen_rows, sizeof(DmListen),
                                             "Where clients connect." };

/* ---- spice ---- */

static const DmXmlRow channel_rows[] = {
        DM_ENUM(DmSpiceChannel, name, "name", dm_spice_channel, .flags = DM_REQUIRED),
        DM_ENUM(DmSpiceChannel, mode, "mode", dm_secure_mode, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement channel_element = { "channel", channel_rows, sizeof(DmSpiceChannel),
                                              "One channel." };

/* An element with one attribute for one member. */
#define OPTION(ident, name_, member, attribute, table, doc_)                         \
        static const DmXmlRow ident##_rows[] = {                                     \
                DM_ENUM(DmGraphics, member, attribute, table, .flags = DM_REQUIRED), \
                { 0 },                                                               \
        };                                                                           \
        static const DmXmlElement ident = { name_, ident##_rows, .doc = doc_ }
OPTION(image_element, "image", image, "compression", dm_image_compression, "How images are compressed.");
OPTION(jpeg_element, "jpeg", jpeg, "compression", dm_wan_compression, "Lossy compression on slow lines.");
OPTION(zlib_element, "zlib", zlib, "compression", dm_wan_compression, "Compression on slow lines.");
OPTION(playback_element, "playback", playback, "compression", dm_on_off, "Compression of sound.");
OPTION(streaming_element, "streaming", streaming, "mode", dm_streaming_mode, "What is sent as video.");
OPTION(mouse_element, "mouse", mouse, "mode", dm_mouse_mode, "Who draws the pointer.");
OPTION(clipboard_element, "clipboard", copypaste, "copypaste", dm_yes_no, "Shared clipboard.");
OPTION(filetransfer_element, "filetransfer", filetransfer, "enable", dm_yes_no, "Files may be dropped in.");

/* ---- all ---- */

static const DmXmlRow gl_rows[] = {
        DM_ENUM(DmGraphics, gl, "enable", dm_yes_no),
        DM_STRING(DmGraphics, rendernode, "rendernode", .doc = "Host device that draws."),
        { 0 },
};
static const DmXmlElement gl_element = { "gl", gl_rows, .doc = "Drawing with OpenGL." };
static const DmXmlRow audio_rows[] = { DM_U32(DmGraphics, audio, "id", .min = 1), { 0 } };
static const DmXmlElement audio_element = { "audio", audio_rows, .doc = "Which <audio> clients hear." };

#define ON(...) DM_WHEN(DmGraphics, type, __VA_ARGS__)
#define VNC     ON(DM_GRAPHICS_VNC)
#define SPICE   ON(DM_GRAPHICS_SPICE)
#define REMOTE  ON(DM_GRAPHICS_VNC, DM_GRAPHICS_SPICE)
#define SERVER  ON(DM_GRAPHICS_VNC, DM_GRAPHICS_SPICE, DM_GRAPHICS_RDP)
static const DmXmlRow graphics_rows[] = {
        DM_ENUM(DmGraphics, type, "type", dm_graphics_type, .flags = DM_REQUIRED),
        DM_STRING(DmGraphics, socket, "socket", VNC, .doc = "Old form of <listen type='socket'>."),
        DM_I64(DmGraphics, port, "port", SERVER, .doc = "-1: a free one."),
        DM_I64(DmGraphics, tls_port, "tlsPort", SPICE, .doc = "-1: a free one."),
        DM_ENUM(DmGraphics, autoport, "autoport", dm_yes_no, SERVER),
        DM_REFUSED_ATTR("replaceUser", "it belongs to VirtualBox; leave it out", ON(DM_GRAPHICS_RDP)),
        DM_REFUSED_ATTR("multiUser", "it belongs to VirtualBox; leave it out", ON(DM_GRAPHICS_RDP)),
        DM_I64(DmGraphics, websocket, "websocket", VNC, .doc = "-1: a free one."),
        DM_STRING(DmGraphics, listen, "listen", SERVER, .doc = "Old form of <listen type='address'>."),
        DM_STRING(DmGraphics, display, "display", ON(DM_GRAPHICS_SDL, DM_GRAPHICS_DESKTOP)),
        DM_STRING(DmGraphics, xauth, "xauth", ON(DM_GRAPHICS_SDL)),
        DM_ENUM(DmGraphics, fullscreen, "fullscreen", dm_yes_no, ON(DM_GRAPHICS_SDL, DM_GRAPHICS_DESKTOP)),
        DM_STRING(DmGraphics, bus_address, "address", ON(DM_GRAPHICS_DBUS)),
        DM_ENUM(DmGraphics, p2p, "p2p", dm_yes_no, ON(DM_GRAPHICS_DBUS)),
        DM_STRING(DmGraphics, keymap, "keymap", REMOTE),
        DM_ENUM(DmGraphics, default_mode, "defaultMode", dm_secure_mode, SPICE),
        DM_ENUM(DmGraphics, share_policy, "sharePolicy", dm_share_policy, VNC),
        DM_ENUM(DmGraphics, power_control, "powerControl", dm_yes_no, VNC),
        DM_STRING(DmGraphics, password, "passwd", .flags = DM_SECRET | DM_EMPTY_OK | DM_KEEP_BLANKS, REMOTE),
        DM_STRING(DmGraphics, password_valid, "passwdValidTo", .flags = DM_SECRET, REMOTE,
                  .doc = "UTC, 2030-01-31T15:00:00."),
        DM_ENUM(DmGraphics, connected, "connected", dm_password_connected, .flags = DM_SECRET, REMOTE,
                .doc = "What a new password does to clients."),
        DM_LIST(DmGraphics, listens, listen_element, SERVER),
        DM_LIST(DmGraphics, channels, channel_element, SPICE),
        DM_IN(image_element, SPICE),
        DM_IN(jpeg_element, SPICE),
        DM_IN(zlib_element, SPICE),
        DM_IN(playback_element, SPICE),
        DM_IN(streaming_element, SPICE),
        DM_IN(mouse_element, SPICE),
        DM_IN(clipboard_element, SPICE),
        DM_IN(filetransfer_element, SPICE),
        DM_IN(gl_element, ON(DM_GRAPHICS_SPICE, DM_GRAPHICS_SDL, DM_GRAPHICS_EGL_HEADLESS, DM_GRAPHICS_DBUS)),
        DM_IN(audio_element, ON(DM_GRAPHICS_VNC, DM_GRAPHICS_DBUS)),
        DM_AT(DmGraphics, dev, dm_alias_element),
        { 0 },
};

static void check_port(const DmOptI64 *port, const char *what, const DmXmlCheck *c)
{
        if (port->set && (port->value < -1 || port->value > 65535))
                dm_check_fail(c, port, DM_ERROR_INVALID_XML,
                              "'%" G_GINT64_FORMAT "' is no %s (-1 for a free one, or up to 65535)",
                              port->value, what);
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmGraphics *d = base;
        check_port(&d->port, "port", c);
        check_port(&d->websocket, "websocket port", c);
        check_port(&d->tls_port, "TLS port", c);
        if (d->p2p == DM_YES && d->bus_address)
                dm_check_fail(c, &d->bus_address, DM_ERROR_INVALID_XML, "p2p needs no bus, so no address");
        if (d->socket && d->listen)
                dm_check_fail(c, &d->listen, DM_ERROR_INVALID_XML, "socket and listen exclude each other");
        const DmListen *first = d->listens ? g_ptr_array_index(d->listens, 0) : NULL;
        if (d->listen && first && first->type == DM_LISTEN_ADDRESS && first->address &&
            g_strcmp0(first->address, d->listen) != 0)
                dm_check_fail(c, &d->listen, DM_ERROR_INVALID_XML,
                              "listen='%s' contradicts the first <listen address='%s'>", d->listen,
                              first->address);
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_graphics_type, ((const DmGraphics *)base)->type);
}

const DmXmlElement dm_graphics_schema = {
        "graphics",     graphics_rows,  sizeof(DmGraphics), "How people see the guest's screen.",
        .check = check, .label = label,
};
