/* <graphics type='spice'>: which ports it needs, and -spice. */
#include "qemu/graphics_private.h"

#define FIRST_PORT     5901
#define FIRST_TLS_PORT 5902

/* ---- defaults ---- */

static gboolean no_port(const DmGraphics *g)
{
        return !g->autoport || g->autoport == DM_NO ? !g->port.value && !g->tls_port.value : FALSE;
}

void dm_spice_defaults(DmPlan *p, DmGraphics *g)
{
        DmListen *l = dm_graphics_listen(g);
        if (l->type != DM_LISTEN_ADDRESS && l->type != DM_LISTEN_NETWORK)
                return;
        if (g->port.value == -1 && g->tls_port.value == -1 && g->autoport != DM_YES) {
                g->autoport = DM_YES;
                dm_origins_explain(p->domain->origins, &g->autoport, "both ports are free ones");
        }
        if (l->type == DM_LISTEN_ADDRESS && no_port(g)) {
                l->type = DM_LISTEN_NONE;
                g_clear_pointer(&l->address, g_free);
                g_clear_pointer(&g->listen, g_free);
                g->autoport = DM_YES_NO_UNSET;
                dm_origins_explain(p->domain->origins, &l->type, "it has no port, and is to take none");
                return;
        }
        if (g->autoport == DM_YES) {
                g->port = g->tls_port = (DmOptI64){ 0 };
        } else if (!g->autoport) {
                g->autoport = DM_NO;
                dm_origins_explain(p->domain->origins, &g->autoport, "ports are given");
        }
}

/* ---- ports ---- */

static void need(DmSecureMode mode, const DmGraphics *g, const DmSettings *s, gboolean *plain, gboolean *tls)
{
        if (mode == DM_SECURE_UNSET || mode == DM_SECURE_ANY)
                mode = g->default_mode;
        if (mode == DM_SECURE_SECURE) {
                *tls = TRUE;
        } else if (mode == DM_SECURE_INSECURE) {
                *plain = TRUE;
        } else {
                *plain = TRUE;
                *tls = *tls || s->spice.on;
        }
}

static DmSecureMode channel_mode(const DmGraphics *g, DmSpiceChannelName name)
{
        DmSecureMode mode = DM_SECURE_UNSET;
        for (guint i = 0; g->channels && i < g->channels->len; i++) {
                const DmSpiceChannel *c = g_ptr_array_index(g->channels, i);
                if (c->name == name)
                        mode = c->mode;
        }
        return mode;
}

void dm_spice_free_ports(const DmDevice *device, const DmSettings *s, gboolean *ret_plain, gboolean *ret_tls)
{
        const DmGraphics *g = (const DmGraphics *)device;
        *ret_plain = g->port.value == -1;
        *ret_tls = g->tls_port.value == -1;
        for (DmSpiceChannelName n = DM_SPICE_MAIN; g->autoport == DM_YES && n <= DM_SPICE_USBREDIR; n++)
                need(channel_mode(g, n), g, s, ret_plain, ret_tls);
        *ret_plain = *ret_plain && g->port.value <= 0;
        *ret_tls = *ret_tls && g->tls_port.value <= 0;
}

/* ---- command line ---- */

/* What the server takes: connections as they are, and encrypted ones. */
typedef struct Ways {
        gboolean plain, tls;
} Ways;

static gboolean add_ports(DmBuild *b, const DmGraphics *g, GString *s, Ways *w, GError **error)
{
        const DmListen *l = dm_graphics_listen(g);
        gint64 port = g->port.value, tls = g->tls_port.value;
        gboolean auto_port = FALSE, auto_tls = FALSE;
        dm_spice_free_ports(&g->dev, b->settings, &auto_port, &auto_tls);
        if (auto_port)
                port = FIRST_PORT;
        if (auto_tls)
                tls = FIRST_TLS_PORT;
        w->plain = port > 0;
        w->tls = tls > 0;
        if (w->tls && !b->settings->spice.on)
                return dm_plan_fail(b->plan, &g->dev, &g->tls_port, error,
                                    "the driver has no certificates for spice; leave the TLS port out");
        if (w->plain)
                dm_opts_appendf(s, "port", "%" G_GINT64_FORMAT, port);
        if (w->tls)
                dm_opts_appendf(s, "tls-port", "%" G_GINT64_FORMAT, tls);
        if (w->plain || w->tls)
                dm_opts_append(s, "addr", l->address ? l->address : DM_LOCAL_ADDRESS);
        return TRUE;
}

static gboolean add_listen(DmBuild *b, const DmGraphics *g, GString *s, Ways *w, GError **error)
{
        const DmListen *l = dm_graphics_listen(g);
        if (dm_graphics_at_socket(b, g)) {
                g_autofree char *path = dm_graphics_socket(b, g);
                if (!path)
                        return dm_plan_fail(b->plan, &g->dev, l, error,
                                            "<listen type='socket'> needs a path here");
                dm_opts_append(s, "unix", "on");
                dm_opts_append(s, "addr", path);
                w->plain = TRUE;
                return TRUE;
        }
        if (l->type != DM_LISTEN_NONE)
                return add_ports(b, g, s, w, error);
        /* QEMU wants a port whatever happens; this one is none. */
        dm_opts_append(s, "port", "0");
        w->plain = TRUE;
        return TRUE;
}

static void add_access(DmBuild *b, const DmGraphics *g, GString *s, const Ways *w)
{
        if (b->settings->spice_sasl) {
                dm_opts_append(s, "sasl", "on");
                if (b->settings->spice_sasl_dir)
                        dm_command_env(b->command, "SASL_CONF_PATH", b->settings->spice_sasl_dir);
        }
        if (g->mouse)
                dm_opts_append(s, "agent-mouse", g->mouse == DM_MOUSE_CLIENT ? "on" : "off");
        /* The password itself is told over QMP. */
        if (!g->password && !b->settings->spice_password)
                dm_opts_append(s, "disable-ticketing", "on");
        if (w->tls)
                dm_opts_append(s, "x509-dir", b->settings->spice.dir);
}

static gboolean add_channel(const DmBuild *b, const DmGraphics *g, const void *origin, const char *name,
                            DmSecureMode mode, const Ways *w, GString *s, GError **error)
{
        gboolean secure = mode == DM_SECURE_SECURE;
        if (!secure && mode != DM_SECURE_INSECURE)
                return TRUE;
        if (!(secure ? w->tls : w->plain))
                return dm_plan_fail(b->plan, &g->dev, origin, error,
                                    "channel '%s' is to be %s, but there is no %s port", name,
                                    secure ? "secure" : "insecure", secure ? "TLS" : "plain");
        dm_opts_append(s, secure ? "tls-channel" : "plaintext-channel", name);
        return TRUE;
}

static gboolean add_channels(const DmBuild *b, const DmGraphics *g, const Ways *w, GString *s, GError **error)
{
        if (!add_channel(b, g, &g->default_mode, "default", g->default_mode, w, s, error))
                return FALSE;
        for (DmSpiceChannelName n = DM_SPICE_MAIN; n <= DM_SPICE_USBREDIR; n++)
                if (!add_channel(b, g, &g->channels, dm_enum_name(&dm_spice_channel, n), channel_mode(g, n),
                                 w, s, error))
                        return FALSE;
        return TRUE;
}

static void add_enum(GString *s, const char *key, const DmEnum *table, int value)
{
        if (value)
                dm_opts_append(s, key, dm_enum_name(table, value));
}

static void add_transport(const DmGraphics *g, GString *s)
{
        add_enum(s, "image-compression", &dm_image_compression, g->image);
        add_enum(s, "jpeg-wan-compression", &dm_wan_compression, g->jpeg);
        add_enum(s, "zlib-glz-wan-compression", &dm_wan_compression, g->zlib);
        add_enum(s, "playback-compression", &dm_on_off, g->playback);
        add_enum(s, "streaming-video", &dm_streaming_mode, g->streaming);
        if (g->copypaste == DM_NO)
                dm_opts_append(s, "disable-copy-paste", "on");
        if (g->filetransfer == DM_NO)
                dm_opts_append(s, "disable-agent-file-xfer", "on");
}

gboolean dm_build_spice(DmBuild *b, const DmGraphics *g, GError **error)
{
        g_autoptr(GString) s = g_string_new(NULL);
        Ways w = { FALSE, FALSE };
        if (!add_listen(b, g, s, &w, error))
                return FALSE;
        add_access(b, g, s, &w);
        if (!add_channels(b, g, &w, s, error))
                return FALSE;
        add_transport(g, s);
        if (g->gl == DM_YES) {
                const char *node = dm_graphics_rendernode(b, g);
                dm_opts_append(s, "gl", "on");
                if (node)
                        dm_opts_append(s, "rendernode", node);
        }
        dm_opts_append(s, "seamless-migration", "on");
        dm_command_add(b->command, g, NULL, "-spice", s->str);
        return TRUE;
}
