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

#define ON(...) DM_WHEN(DmGraphics, type, __VA_ARGS__)
#define VNC     ON(DM_GRAPHICS_VNC)
static const DmXmlRow graphics_rows[] = {
        DM_ENUM(DmGraphics, type, "type", dm_graphics_type, .flags = DM_REQUIRED),
        DM_STRING(DmGraphics, socket, "socket", VNC, .doc = "Old form of <listen type='socket'>."),
        DM_I64(DmGraphics, port, "port", VNC, .doc = "-1: a free one."),
        DM_ENUM(DmGraphics, autoport, "autoport", dm_yes_no, VNC),
        DM_I64(DmGraphics, websocket, "websocket", VNC, .doc = "-1: a free one."),
        DM_STRING(DmGraphics, listen, "listen", VNC, .doc = "Old form of <listen type='address'>."),
        DM_STRING(DmGraphics, keymap, "keymap", VNC),
        DM_ENUM(DmGraphics, share_policy, "sharePolicy", dm_share_policy, VNC),
        DM_ENUM(DmGraphics, power_control, "powerControl", dm_yes_no, VNC),
        DM_STRING(DmGraphics, password, "passwd", .flags = DM_SECRET | DM_EMPTY_OK | DM_KEEP_BLANKS, VNC),
        DM_STRING(DmGraphics, password_valid, "passwdValidTo", .flags = DM_SECRET, VNC,
                  .doc = "UTC, 2030-01-31T15:00:00."),
        DM_ENUM(DmGraphics, connected, "connected", dm_password_connected, .flags = DM_SECRET, VNC,
                .doc = "What a new password does to clients."),
        DM_LIST(DmGraphics, listens, listen_element, VNC),
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
