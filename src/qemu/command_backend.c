/* -chardev: the host's side of a line, for every device that has one. */
#include "qemu/device_backends.h"
#include "qemu/image_nodes.h"

#include "util/error.h"

char *dm_chardev_path(const DmBuild *b, const DmChardev *c)
{
        if (c->path || !b->channel_dir)
                return g_strdup(c->path);
        const char *name = c->target_name ? c->target_name : c->dev.alias;
        return g_build_filename(b->channel_dir, name, NULL);
}

char *dm_build_fd_path(DmBuild *b, const DmDevice *device, const void *origin, DmFdUse use, const char *path,
                       const char *suffix)
{
        int fd = dm_build_fd(b, use, path, device);
        if (fd < 0)
                return NULL;
        unsigned set = b->next_fdset++;
        dm_command_addf(b->command, origin, NULL, "-add-fd", "set=%u,fd=%d,opaque=%s-%s", set, fd,
                        device->alias, suffix);
        return g_strdup_printf("/dev/fdset/%u", set);
}

static void add_reconnect(GString *s, const DmChardev *c)
{
        if (c->reconnect)
                dm_opts_appendf(s, "reconnect", "%u",
                                c->reconnect == DM_YES ? c->reconnect_timeout.value : 0);
}

static void add_server(GString *s)
{
        dm_opts_append(s, "server", "on");
        dm_opts_append(s, "wait", "off");
}

static gboolean add_unix(DmBuild *b, const DmChardev *c, GString *s, GError **error)
{
        g_autofree char *path = dm_chardev_path(b, c);
        gboolean listens = c->mode == DM_CHARDEV_BIND || !c->path;
        if (!path)
                return dm_plan_fail(b->plan, &c->dev, c, error, "a unix socket needs <source path=>");
        int fd = listens ? dm_build_fd(b, DM_FD_LISTEN, path, &c->dev) : -1;
        if (fd >= 0)
                dm_opts_appendf(s, "fd", "%d", fd);
        else
                dm_opts_append(s, "path", path);
        if (listens)
                add_server(s);
        else
                add_reconnect(s, c);
        return TRUE;
}

static gboolean add_tls(DmBuild *b, const DmChardev *c, const void *origin, GString *s, GError **error)
{
        const DmTlsSettings *settings = &b->settings->chardev;
        if (c->tls == DM_NO || (!c->tls && !settings->on))
                return TRUE;
        g_autofree char *stem = g_strconcat("char", c->dev.alias, NULL);
        g_autofree char *id = g_strdup_printf("obj%s_tls0", stem);
        dm_opts_append(s, "tls-creds", id);
        return dm_build_tls(b, c->tls ? &c->tls : origin, settings, c->mode == DM_CHARDEV_BIND, id, stem,
                            error);
}

static void add_tcp(const DmChardev *c, GString *s)
{
        dm_opts_append(s, "host", c->host ? c->host : "");
        dm_opts_append(s, "port", c->service);
        if (c->protocol == DM_PROTOCOL_TELNET)
                dm_opts_append(s, "telnet", "on");
        if (c->mode == DM_CHARDEV_BIND)
                add_server(s);
        else
                add_reconnect(s, c);
}

static void add_udp(const DmChardev *c, GString *s)
{
        dm_opts_append(s, "host", c->host ? c->host : "");
        dm_opts_append(s, "port", c->service);
        dm_opts_append(s, "localaddr", c->bind_host ? c->bind_host : "");
        dm_opts_append(s, "localport", c->bind_service ? c->bind_service : "0");
}

static void add_file(DmBuild *b, const DmChardev *c, const void *origin, GString *s)
{
        g_autofree char *passed = dm_build_fd_path(b, &c->dev, origin, DM_FD_SOURCE, c->path, "source");
        dm_opts_append(s, "path", passed ? passed : c->path);
        /* A descriptor was opened as the document says; QEMU must not truncate it again. */
        if (passed || c->append)
                dm_opts_append(s, "append", passed ? "on" : dm_enum_name(&dm_on_off, c->append));
}

static void add_vdagent(const DmChardev *c, GString *s)
{
        dm_opts_append(s, "name", "vdagent");
        if (c->clipboard)
                dm_opts_append(s, "clipboard", c->clipboard == DM_YES ? "on" : "off");
        if (c->mouse)
                dm_opts_append(s, "mouse", c->mouse == DM_MOUSE_CLIENT ? "on" : "off");
}

/* QEMU's name of the backend. */
static const char *backend_name(const DmChardev *c)
{
        switch (c->type) {
        case DM_CHARDEV_DEV:
                return c->dev.kind == DM_DEVICE_PARALLEL ? "parallel" : "serial";
        case DM_CHARDEV_TCP:
        case DM_CHARDEV_UNIX:
                return "socket";
        case DM_CHARDEV_NULL:
        case DM_CHARDEV_VC:
        case DM_CHARDEV_PTY:
        case DM_CHARDEV_FILE:
        case DM_CHARDEV_PIPE:
        case DM_CHARDEV_STDIO:
        case DM_CHARDEV_UDP:
        case DM_CHARDEV_SPICEVMC:
        case DM_CHARDEV_SPICEPORT:
        case DM_CHARDEV_QEMU_VDAGENT:
        case DM_CHARDEV_DBUS:
        case DM_CHARDEV_NMDM:
        case DM_CHARDEV_UNSET:
                break;
        }
        return dm_enum_name(&dm_chardev_type, c->type);
}

/* What the spice client takes the line for. */
static const char *spice_name(const DmChardev *c)
{
        return c->dev.kind == DM_DEVICE_REDIRDEV    ? "usbredir"
               : c->dev.kind == DM_DEVICE_SMARTCARD ? "smartcard"
                                                    : "vdagent";
}

static gboolean add_source(DmBuild *b, const DmChardev *c, const void *origin, GString *s, GError **error)
{
        switch (c->type) {
        case DM_CHARDEV_DEV:
        case DM_CHARDEV_PIPE:
                dm_opts_append(s, "path", c->path);
                break;
        case DM_CHARDEV_FILE:
                add_file(b, c, origin, s);
                break;
        case DM_CHARDEV_UDP:
                add_udp(c, s);
                break;
        case DM_CHARDEV_TCP:
                add_tcp(c, s);
                return add_tls(b, c, origin, s, error);
        case DM_CHARDEV_UNIX:
                return add_unix(b, c, s, error);
        case DM_CHARDEV_SPICEVMC:
                dm_opts_append(s, "name", spice_name(c));
                break;
        case DM_CHARDEV_SPICEPORT:
        case DM_CHARDEV_DBUS:
                dm_opts_append(s, "name", c->channel);
                break;
        case DM_CHARDEV_QEMU_VDAGENT:
                add_vdagent(c, s);
                break;
        case DM_CHARDEV_NMDM:
        case DM_CHARDEV_UNSET:
                return dm_plan_fail(b->plan, &c->dev, &c->type, error,
                                    "lines of this type are not supported");
        case DM_CHARDEV_NULL:
        case DM_CHARDEV_VC:
        case DM_CHARDEV_PTY:
        case DM_CHARDEV_STDIO:
                break;
        }
        return TRUE;
}

gboolean dm_build_chardev(DmBuild *b, const DmChardev *c, const void *origin, GError **error)
{
        g_autoptr(GString) s = g_string_new(backend_name(c));
        dm_opts_appendf(s, "id", "char%s", c->dev.alias);
        if (!add_source(b, c, origin, s, error))
                return FALSE;
        if (c->log_file) {
                g_autofree char *passed = dm_build_fd_path(b, &c->dev, origin, DM_FD_LOG, c->log_file, "log");
                dm_opts_append(s, "logfile", passed ? passed : c->log_file);
                if (passed || c->log_append)
                        dm_opts_append(s, "logappend",
                                       passed ? "on" : dm_enum_name(&dm_on_off, c->log_append));
        }
        dm_command_add(b->command, origin, NULL, "-chardev", s->str);
        return TRUE;
}
