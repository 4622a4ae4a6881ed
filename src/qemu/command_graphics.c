/* <graphics>: the server that shows the guest's screen. */
#include "qemu/device_backends.h"

#include <string.h>

#include "conf/domain_graphics.h"

#define VNC_BASE       5900 /* display 0 */
#define WEBSOCKET_BASE 5700
#define LOCAL_ADDRESS  "127.0.0.1"

/* ---- defaults ---- */

static DmListen *first_listen(const DmGraphics *g)
{
        return g->listens && g->listens->len ? g_ptr_array_index(g->listens, 0) : NULL;
}

/* The old attributes listen= and socket= are the first <listen>, which is what is looked at from here on. */
static void default_listen(DmPlan *p, DmGraphics *g)
{
        if (first_listen(g))
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

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmGraphics *g = (DmGraphics *)device;
        (void)flags;
        (void)error;
        if (g->type != DM_GRAPHICS_VNC)
                return TRUE;
        default_listen(p, g);
        DmListenType listen = first_listen(g)->type;
        if (listen != DM_LISTEN_ADDRESS && listen != DM_LISTEN_NETWORK)
                return TRUE;
        if (!g->port.set || g->port.value <= 0) {
                g->port = (DmOptI64)DM_OPT(-1);
                dm_origins_explain(p->domain->origins, &g->port, "a free port is taken at start");
                g->autoport = DM_YES;
                dm_origins_explain(p->domain->origins, &g->autoport, "no port is given");
        } else if (!g->autoport) {
                g->autoport = DM_NO;
                dm_origins_explain(p->domain->origins, &g->autoport, "a port is given");
        }
        return TRUE;
}

/* ---- checks ---- */

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmGraphics *g = (const DmGraphics *)device;
        (void)host;
        if (g->type != DM_GRAPHICS_VNC)
                return dm_plan_fail(p, device, &g->type, error,
                                    "graphics of type '%s' are not supported; use 'vnc'",
                                    dm_enum_name(&dm_graphics_type, g->type));
        if (!p->caps->help_era && g->power_control && !dm_caps_has_option(p->caps, "vnc", "power-control"))
                return dm_plan_fail(p, device, &g->power_control, error,
                                    "QEMU %s has no power control over VNC", p->caps->version_text);
        if (g->port.value > 0 && g->port.value < VNC_BASE)
                return dm_plan_fail(p, device, &g->port, error, "VNC ports begin at %d", VNC_BASE);
        const DmListen *l = first_listen(g);
        if (l && l->type == DM_LISTEN_NETWORK && !l->address)
                return dm_plan_fail(p, device, l, error,
                                    "network '%s' has no address to listen at; use type 'address'",
                                    l->network ? l->network : "");
        return TRUE;
}

/* ---- command line ---- */

static void add_address(const DmGraphics *g, const DmListen *l, GString *s)
{
        const char *address = l && l->address ? l->address : LOCAL_ADDRESS;
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
        if (g->password)
                dm_opts_append(s, "password", "on");
        if (g->power_control)
                dm_opts_append(s, "power-control", g->power_control == DM_YES ? "on" : "off");
        g_autofree char *audio = dm_audio_name(b->plan, g->audio);
        if (audio && dm_caps_has_option(b->plan->caps, "vnc", "audiodev"))
                dm_opts_append(s, "audiodev", audio);
}

/* Where the server's own socket is when the document names none.  Owned; NULL: nowhere. */
static char *socket_path(const DmBuild *b, const DmListen *l)
{
        if (l->socket || !b->run_dir)
                return g_strdup(l->socket);
        return g_build_filename(b->run_dir, "vnc.sock", NULL);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmGraphics *g = (const DmGraphics *)device;
        const DmListen *l = first_listen(g);
        g_autoptr(GString) s = g_string_new(NULL);
        if (l && l->type == DM_LISTEN_SOCKET) {
                g_autofree char *path = socket_path(b, l);
                if (!path)
                        return dm_plan_fail(b->plan, device, l, error,
                                            "<listen type='socket'> needs a path here");
                g_autofree char *display = g_strconcat("unix:", path, NULL);
                dm_opts_append(s, "vnc", display);
        } else if (l && l->type == DM_LISTEN_NONE) {
                g_string_append(s, "none");
        } else {
                add_address(g, l, s);
        }
        add_options(b, g, s);
        dm_command_add(b->command, device, NULL, "-vnc", s->str);
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
