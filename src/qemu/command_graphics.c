/* <graphics>: servers and windows that show the guest's screen.  -spice is in command_spice.c. */
#include "qemu/graphics_private.h"
#include "qemu/image_nodes.h"

#include <string.h>

#define VNC_BASE         5900 /* display 0 */
#define VNC_CERTIFICATES "vnc-tls-creds0"
#define WEBSOCKET_BASE   5700

/* ---- defaults ---- */

DmListen *dm_graphics_listen(const DmGraphics *g)
{
        return g->listens && g->listens->len ? g_ptr_array_index(g->listens, 0) : NULL;
}

/* The old attributes listen= and socket= are the first <listen>, which is what is looked at from here on. */
static void default_listen(DmPlan *p, DmGraphics *g)
{
        if (dm_graphics_listen(g))
                return;
        DmListen *l = g_new0(DmListen, 1);
        if (g->socket) {
                l->type = DM_LISTEN_SOCKET;
                l->socket = g_strdup(g->socket);
                dm_origins_explain(p->domain->origins, &l->type, "from the attribute socket");
        } else {
                l->type = DM_LISTEN_ADDRESS;
                l->address = g_strdup(g->listen);
                dm_origins_explain(p->domain->origins, &l->type,
                                   g->listen ? "from the attribute listen" : "libvirt's default");
        }
        if (!g->listens)
                g->listens = g_ptr_array_new();
        g_ptr_array_add(g->listens, l);
}

/* libvirt writes the sockets that it made up into documents of running guests, as
 * ".../domain-3-name/vnc.sock": in a definition they are nobody's choice. */
static void forget_generated(DmPlan *p, DmGraphics *g)
{
        DmListen *l = dm_graphics_listen(g);
        if (l->type != DM_LISTEN_SOCKET || !l->socket)
                return;
        g_autofree char *file = g_path_get_basename(l->socket), *parent = g_path_get_dirname(l->socket);
        g_autofree char *dir = g_path_get_basename(parent),
                        *own = g_strconcat(dm_enum_name(&dm_graphics_type, g->type), ".sock", NULL);
        if (strcmp(file, own) != 0 || !g_str_has_prefix(dir, "domain-"))
                return;
        g_clear_pointer(&l->socket, g_free);
        g_clear_pointer(&g->socket, g_free);
        dm_origins_explain(p->domain->origins, &l->socket, "made up at each start, as it was before");
}

static void vnc_defaults(DmPlan *p, DmGraphics *g)
{
        DmListenType listen = dm_graphics_listen(g)->type;
        if (listen != DM_LISTEN_ADDRESS && listen != DM_LISTEN_NETWORK)
                return;
        if (!g->port.set || g->port.value <= 0) {
                g->port = (DmOptI64)DM_OPT(-1);
                dm_origins_explain(p->domain->origins, &g->port, "a free port is taken at start");
                g->autoport = DM_YES;
                dm_origins_explain(p->domain->origins, &g->autoport, "no port is given");
        } else if (!g->autoport) {
                g->autoport = DM_NO;
                dm_origins_explain(p->domain->origins, &g->autoport, "a port is given");
        }
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmGraphics *g = (DmGraphics *)device;
        (void)flags;
        (void)error;
        if (g->type != DM_GRAPHICS_VNC && g->type != DM_GRAPHICS_SPICE)
                return TRUE;
        default_listen(p, g);
        forget_generated(p, g);
        if (g->type == DM_GRAPHICS_SPICE)
                dm_spice_defaults(p, g);
        else
                vnc_defaults(p, g);
        return TRUE;
}

/* ---- checks ---- */

static gboolean check_type(const DmPlan *p, const DmGraphics *g, GError **error)
{
        const char *type = dm_enum_name(&dm_graphics_type, g->type);
        gboolean has = FALSE;
        switch (g->type) {
        case DM_GRAPHICS_VNC:
        case DM_GRAPHICS_SDL:
        case DM_GRAPHICS_UNSET:
                return TRUE;
        case DM_GRAPHICS_SPICE:
                has = dm_caps_has_option(p->caps, "spice", "port");
                break;
        case DM_GRAPHICS_EGL_HEADLESS:
                has = dm_caps_has_schema(p->caps, "query-display-options>type=egl-headless");
                break;
        case DM_GRAPHICS_DBUS:
                has = dm_caps_has_schema(p->caps, "query-display-options>type=dbus");
                break;
        case DM_GRAPHICS_RDP:
        case DM_GRAPHICS_DESKTOP:
                break;
        }
        if (has)
                return TRUE;
        return dm_plan_fail(p, &g->dev, &g->type, error, "'%s' (QEMU %s) has no graphics of type '%s'",
                            p->caps->path, p->caps->version_text, type);
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmGraphics *g = (const DmGraphics *)device;
        (void)host;
        if (!check_type(p, g, error))
                return FALSE;
        if (!p->caps->help_era && g->power_control && !dm_caps_has_option(p->caps, "vnc", "power-control"))
                return dm_plan_fail(p, device, &g->power_control, error,
                                    "QEMU %s has no power control over VNC", p->caps->version_text);
        if (g->type == DM_GRAPHICS_VNC && g->port.value > 0 && g->port.value < VNC_BASE)
                return dm_plan_fail(p, device, &g->port, error, "VNC ports begin at %d", VNC_BASE);
        const DmListen *l = dm_graphics_listen(g);
        if (l && l->type == DM_LISTEN_NETWORK && !l->address)
                return dm_plan_fail(p, device, l, error,
                                    "network '%s' has no address to listen at; use type 'address'",
                                    l->network ? l->network : "");
        return TRUE;
}

/* ---- command line ---- */

static void add_address(const DmGraphics *g, const DmListen *l, GString *s)
{
        const char *address = l && l->address ? l->address : DM_LOCAL_ADDRESS;
        gint64 port = g->port.value > 0 ? g->port.value : VNC_BASE;
        gboolean six = strchr(address, ':') != NULL;
        g_string_append_printf(s, "%s%s%s:%" G_GINT64_FORMAT, six ? "[" : "", address, six ? "]" : "",
                               port - VNC_BASE);
        if (g->websocket.set)
                dm_opts_appendf(s, "websocket", "%" G_GINT64_FORMAT,
                                g->websocket.value > 0 ? g->websocket.value : WEBSOCKET_BASE);
}

static void add_options(const DmBuild *b, const DmGraphics *g, GString *s)
{
        static const char *const policies[] = {
                [DM_SHARE_EXCLUSIVE] = "allow-exclusive",
                [DM_SHARE_FORCE_SHARED] = "force-shared",
                [DM_SHARE_IGNORE] = "ignore",
        };
        if (g->share_policy)
                dm_opts_append(s, "share", policies[g->share_policy]);
        /* The password itself is told over QMP, before the guest runs. */
        if (g->password || b->settings->vnc_password)
                dm_opts_append(s, "password", "on");
        if (b->settings->vnc.on)
                dm_opts_append(s, "tls-creds", VNC_CERTIFICATES);
        if (b->settings->vnc_sasl) {
                dm_opts_append(s, "sasl", "on");
                if (b->settings->vnc_sasl_dir)
                        dm_command_env(b->command, "SASL_CONF_PATH", b->settings->vnc_sasl_dir);
        }
        if (g->power_control)
                dm_opts_append(s, "power-control", g->power_control == DM_YES ? "on" : "off");
        g_autofree char *audio = dm_audio_name(b->plan, g->audio);
        if (audio && dm_caps_has_option(b->plan->caps, "vnc", "audiodev"))
                dm_opts_append(s, "audiodev", audio);
}

gboolean dm_graphics_at_socket(const DmBuild *b, const DmGraphics *g)
{
        const DmListen *l = dm_graphics_listen(g);
        gboolean preferred = g->type == DM_GRAPHICS_VNC ? b->settings->vnc_socket : b->settings->spice_socket;
        return l && (l->type == DM_LISTEN_SOCKET ||
                     (preferred && l->type == DM_LISTEN_ADDRESS && !l->address && b->run_dir));
}

char *dm_graphics_socket(const DmBuild *b, const DmGraphics *g)
{
        const DmListen *l = dm_graphics_listen(g);
        if (l->socket || !b->run_dir)
                return g_strdup(l->socket);
        g_autofree char *name = g_strconcat(dm_enum_name(&dm_graphics_type, g->type), ".sock", NULL);
        return g_build_filename(b->run_dir, name, NULL);
}

static gboolean build_vnc(DmBuild *b, const DmGraphics *g, GError **error)
{
        const DmListen *l = dm_graphics_listen(g);
        g_autoptr(GString) s = g_string_new(NULL);
        if (dm_graphics_at_socket(b, g)) {
                g_autofree char *path = dm_graphics_socket(b, g);
                if (!path)
                        return dm_plan_fail(b->plan, &g->dev, l, error,
                                            "<listen type='socket'> needs a path here");
                g_autofree char *display = g_strconcat("unix:", path, NULL);
                dm_opts_append(s, "vnc", display);
        } else if (l && l->type == DM_LISTEN_NONE) {
                g_string_append(s, "none");
        } else {
                add_address(g, l, s);
        }
        add_options(b, g, s);
        if (b->settings->vnc.on &&
            !dm_build_tls(b, g, &b->settings->vnc, TRUE, VNC_CERTIFICATES, VNC_CERTIFICATES, error))
                return FALSE;
        dm_command_add(b->command, g, NULL, "-vnc", s->str);
        return TRUE;
}

/* ---- windows and displays without one ---- */

const char *dm_graphics_rendernode(const DmBuild *b, const DmGraphics *g)
{
        return g->rendernode ? g->rendernode : b->render_node;
}

static void add_gl(const DmBuild *b, const DmGraphics *g, gboolean always, GString *s)
{
        const char *node = always || g->gl == DM_YES ? dm_graphics_rendernode(b, g) : g->rendernode;
        if (g->gl)
                dm_opts_append(s, "gl", g->gl == DM_YES ? "on" : "off");
        if (node)
                dm_opts_append(s, "rendernode", node);
}

static void build_sdl(DmBuild *b, const DmGraphics *g)
{
        g_autoptr(GString) s = g_string_new("sdl");
        if (g->xauth)
                dm_command_env(b->command, "XAUTHORITY", g->xauth);
        if (g->display)
                dm_command_env(b->command, "DISPLAY", g->display);
        if (g->gl)
                dm_opts_append(s, "gl", g->gl == DM_YES ? "on" : "off");
        if (g->fullscreen == DM_YES)
                dm_command_add(b->command, &g->fullscreen, NULL, "-full-screen", NULL);
        dm_command_add(b->command, g, NULL, "-display", s->str);
}

static void build_egl(DmBuild *b, const DmGraphics *g)
{
        g_autoptr(GString) s = g_string_new("egl-headless");
        const char *node = dm_graphics_rendernode(b, g);
        if (node)
                dm_opts_append(s, "rendernode", node);
        dm_command_add(b->command, g, NULL, "-display", s->str);
}

static void build_dbus(DmBuild *b, const DmGraphics *g)
{
        g_autoptr(GString) s = g_string_new("dbus");
        if (g->p2p == DM_YES)
                dm_opts_append(s, "p2p", "on");
        else if (g->bus_address)
                dm_opts_append(s, "addr", g->bus_address);
        add_gl(b, g, FALSE, s);
        g_autofree char *audio = g->audio.set ? dm_audio_name(b->plan, g->audio) : NULL;
        if (audio)
                dm_opts_append(s, "audiodev", audio);
        dm_command_add(b->command, g, NULL, "-display", s->str);
}

static gboolean build_type(DmBuild *b, const DmGraphics *g, GError **error)
{
        switch (g->type) {
        case DM_GRAPHICS_VNC:
                return build_vnc(b, g, error);
        case DM_GRAPHICS_SPICE:
                return dm_build_spice(b, g, error);
        case DM_GRAPHICS_SDL:
                build_sdl(b, g);
                break;
        case DM_GRAPHICS_EGL_HEADLESS:
                build_egl(b, g);
                break;
        case DM_GRAPHICS_DBUS:
                build_dbus(b, g);
                break;
        case DM_GRAPHICS_UNSET:
        case DM_GRAPHICS_RDP:
        case DM_GRAPHICS_DESKTOP:
                break;
        }
        return TRUE;
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmGraphics *g = (const DmGraphics *)device;
        if (!build_type(b, g, error))
                return FALSE;
        if (g->keymap)
                dm_command_add(b->command, &g->keymap, NULL, "-k", g->keymap);
        return TRUE;
}

const DmDeviceOps dm_graphics_ops = {
        .order = DM_ORDER_GRAPHICS,
        .defaults = defaults,
        .check = check,
        .backend = backend,
};
