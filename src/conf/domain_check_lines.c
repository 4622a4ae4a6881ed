/* Rules of character devices, displays and inputs that hold on any emulator. */
#include "conf/domain_check_private.h"

#include <string.h>
#include <sys/un.h>

#include "conf/domain_chardev.h"
#include "conf/domain_graphics.h"
#include "conf/domain_input.h"
#include "conf/domain_misc.h"
#include "conf/domain_redir.h"
#include "conf/domain_video.h"

#define KIB_PER_MIB      1024u
#define VNC_PORT_MIN     5900
#define VNC_PASSWORD_MAX 8

/* ---- character devices ---- */

/* The host side of @device, or NULL. */
static const DmChardev *line_of(const DmDevice *device)
{
        if (device->kind == DM_DEVICE_SERIAL || device->kind == DM_DEVICE_PARALLEL ||
            device->kind == DM_DEVICE_CONSOLE || device->kind == DM_DEVICE_CHANNEL)
                return (const DmChardev *)device;
        if (device->kind == DM_DEVICE_RNG)
                return ((const DmRng *)device)->backend == DM_RNG_EGD ? &((const DmRng *)device)->egd : NULL;
        if (device->kind == DM_DEVICE_REDIRDEV)
                return &((const DmRedirdev *)device)->chardev;
        gboolean card = device->kind == DM_DEVICE_SMARTCARD &&
                        ((const DmSmartcard *)device)->mode == DM_SMARTCARD_PASSTHROUGH;
        return card ? &((const DmSmartcard *)device)->chardev : NULL;
}

static void check_host_side(const DmDevice *device, const DmChardev *line, const DmXmlCheck *c)
{
        gboolean channel = device->kind == DM_DEVICE_CHANNEL;
        gboolean guest_line = channel || device->kind == DM_DEVICE_SERIAL ||
                              device->kind == DM_DEVICE_CONSOLE || device->kind == DM_DEVICE_PARALLEL;
        if (line->reconnect == DM_YES && line->reconnect_timeout.set && !line->reconnect_timeout.value)
                BAD(&line->reconnect_timeout, "the timeout must be at least 1 second");
        if (line->path && line->type == DM_CHARDEV_UNIX &&
            strlen(line->path) >= sizeof((struct sockaddr_un *)0)->sun_path)
                BAD(&line->path, "the path of a unix socket has less than %d characters",
                    (int)sizeof((struct sockaddr_un *)0)->sun_path);
        if (line->type == DM_CHARDEV_TCP && line->mode != DM_CHARDEV_BIND && !line->host)
                BAD(&line->type, "a tcp connection needs <source host=>");
        if (line->type == DM_CHARDEV_SPICEVMC && guest_line && !channel)
                CANNOT(&line->type, "type 'spicevmc' is for channels, not for a <%s>",
                       dm_device_element((DmDeviceKind)device->kind));
        if (line->type == DM_CHARDEV_SPICEVMC && device->kind == DM_DEVICE_RNG)
                CANNOT(&line->type, "type 'spicevmc' has no random numbers");
        if (line->type == DM_CHARDEV_QEMU_VDAGENT && !channel)
                CANNOT(&line->type, "type 'qemu-vdagent' is for channels only");
        if (line->type == DM_CHARDEV_SPICEPORT && line->channel &&
            strspn(line->channel, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") != strlen(line->channel))
                BAD(&line->channel, "the channel '%s' may hold letters, digits and _ . - only",
                    line->channel);
}

static void check_channel(const DmChardev *ch, const DmXmlCheck *c)
{
        DmAddressType at = ch->dev.address.type;
        if (ch->channel_type == DM_CHANNEL_VIRTIO && at && at != DM_ADDRESS_VIRTIO_SERIAL)
                BAD(&ch->dev.address, "a virtio channel has an address of type 'virtio-serial'");
}

void dm_check_lines(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) ports = g_hash_table_new(NULL, NULL);
        DM_FOREACH_DEVICE (d, device) {
                const DmChardev *line = line_of(device);
                if (!line)
                        continue;
                check_host_side(device, line, c);
                if (device->kind == DM_DEVICE_CHANNEL)
                        check_channel(line, c);
                if (device->kind != DM_DEVICE_SERIAL)
                        continue;
                if (line->port.set && !g_hash_table_add(ports, GUINT_TO_POINTER(line->port.value)))
                        BAD(&line->port, "there is another serial line with port %u", line->port.value);
        }
}

/* ---- graphics ---- */

static void check_listens(const DmGraphics *g, const DmXmlCheck *c)
{
        gboolean remote = g->type == DM_GRAPHICS_VNC || g->type == DM_GRAPHICS_SPICE;
        const DmListen *first = g->listens && g->listens->len ? g_ptr_array_index(g->listens, 0) : NULL;
        if (g->listens && g->listens->len > 1)
                CANNOT(g->listens->pdata[1], "only one <listen> is possible");
        if (!first)
                return;
        if (first->type == DM_LISTEN_SOCKET && !remote)
                CANNOT(&first->type, "graphics of type '%s' do not listen on a socket",
                       dm_enum_name(&dm_graphics_type, (int)g->type));
        if (first->type == DM_LISTEN_NONE && !remote)
                CANNOT(&first->type, "graphics of type '%s' do not listen anyway",
                       dm_enum_name(&dm_graphics_type, (int)g->type));
        if (g->socket && first->type == DM_LISTEN_SOCKET && first->socket &&
            strcmp(g->socket, first->socket) != 0)
                BAD(&g->socket, "socket='%s' contradicts <listen socket='%s'>", g->socket, first->socket);
        if (first->type == DM_LISTEN_NETWORK && !first->network)
                BAD(&first->type, "<listen type='network'> needs a network");
}

/* What is to be encrypted needs a port for it. */
static void check_spice(const DmGraphics *g, const DmXmlCheck *c)
{
        gboolean tls = g->tls_port.value || g->autoport != DM_NO;
        if (g->default_mode == DM_SECURE_SECURE && !tls)
                CANNOT(&g->default_mode, "defaultMode='secure' needs a tlsPort");
        for (guint i = 0; g->channels && i < g->channels->len; i++) {
                const DmSpiceChannel *ch = g_ptr_array_index(g->channels, i);
                if (ch->mode == DM_SECURE_SECURE && !tls)
                        CANNOT(&ch->mode, "a secure channel needs a tlsPort");
        }
}

static void check_graphics(const DmGraphics *g, const DmXmlCheck *c)
{
        check_listens(g, c);
        if (g->type == DM_GRAPHICS_SPICE)
                check_spice(g, c);
        if (g->rendernode && g->gl != DM_YES && g->type != DM_GRAPHICS_EGL_HEADLESS)
                CANNOT(&g->rendernode, "a rendernode needs <gl enable='yes'>");
        if (g->type != DM_GRAPHICS_VNC)
                return;
        if (g->autoport == DM_NO && g->port.set && g->port.value > 0 && g->port.value < VNC_PORT_MIN)
                BAD(&g->port, "a vnc port is from %d on, not %" G_GINT64_FORMAT, VNC_PORT_MIN, g->port.value);
        if (g->password && strlen(g->password) > VNC_PASSWORD_MAX)
                CANNOT(&g->password, "a vnc password has at most %d characters", VNC_PASSWORD_MAX);
}

/* ---- video ---- */

static void check_sizes(const DmVideo *v, const DmXmlCheck *c)
{
        gboolean qxl = v->model == DM_VIDEO_QXL;
        const char *model = dm_enum_name(&dm_video_model, (int)v->model);
        if (v->ram.set && !qxl)
                BAD(&v->ram, "ram is for model 'qxl', not '%s'", model);
        if (v->vram64.set && !qxl)
                BAD(&v->vram64, "vram64 is for model 'qxl', not '%s'", model);
        if (v->vgamem.set && !qxl)
                BAD(&v->vgamem, "vgamem is for model 'qxl', not '%s'", model);
        if (v->vgamem.set && (v->vgamem.value < KIB_PER_MIB || !dm_is_power_of_two(v->vgamem.value)))
                CANNOT(&v->vgamem, "vgamem is a power of two from 1024 KiB on, not %u", v->vgamem.value);
        gboolean vga = v->model == DM_VIDEO_VGA || v->model == DM_VIDEO_VMVGA || v->model == DM_VIDEO_BOCHS;
        if (vga && v->vram.set && v->vram.value < KIB_PER_MIB)
                CANNOT(&v->vram, "vram is at least 1024 KiB, not %u", v->vram.value);
        if (vga && v->vram.set && !dm_is_power_of_two(v->vram.value))
                CANNOT(&v->vram, "vram is a power of two, not %u KiB", v->vram.value);
}

static void check_video(const DmVideo *v, const DmXmlCheck *c)
{
        const char *model = dm_enum_name(&dm_video_model, (int)v->model);
        gboolean virtio = v->model == DM_VIDEO_VIRTIO;
        gboolean sized =
                v->model == DM_VIDEO_VGA || v->model == DM_VIDEO_QXL || virtio || v->model == DM_VIDEO_BOCHS;
        if (!v->model)
                return;
        check_sizes(v, c);
        if (v->accel2d == DM_YES)
                CANNOT(&v->accel2d, "QEMU accelerates no 2D; leave accel2d out");
        if (v->rendernode && g_strcmp0(v->driver_name, "vhostuser") != 0)
                CANNOT(&v->rendernode, "a rendernode is for <driver name='vhostuser'> only");
        if (v->resolution_x.set && !sized)
                CANNOT(&v->resolution_x, "model '%s' has no resolution of its own", model);
        if (v->blob && !virtio)
                BAD(&v->blob, "blob is for model 'virtio', not '%s'", model);
}

static void check_primary(const DmDomain *d, const DmXmlCheck *c)
{
        const DmVideo *primary = NULL;
        DM_FOREACH_DEVICE (d, device) {
                const DmVideo *v = (const DmVideo *)device;
                if (device->kind != DM_DEVICE_VIDEO || v->primary != DM_YES)
                        continue;
                if (primary)
                        BAD(&v->primary, "only one <video> can be the primary one");
                primary = v;
        }
}

/* ---- virtio options on what is not virtio ---- */

static void check_options(const DmVirtioOptions *o, const char *remedy, const DmXmlCheck *c)
{
        const DmOnOff *const all[] = { &o->iommu, &o->ats, &o->packed, &o->page_per_vq };
        static const char *const names[] = { "iommu", "ats", "packed", "page_per_vq" };
        for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
                if (*all[i])
                        CANNOT(all[i], "%s is for virtio devices only; %s", names[i], remedy);
}

static void check_input(const DmInput *i, const DmXmlCheck *c)
{
        if (i->bus && i->bus != DM_INPUT_BUS_VIRTIO)
                check_options(&i->virtio, "use bus='virtio'", c);
        if (i->evdev && i->type != DM_INPUT_PASSTHROUGH && i->type != DM_INPUT_EVDEV)
                BAD(&i->evdev, "a %s has no source: it is emulated",
                    dm_enum_name(&dm_input_type, (int)i->type));
}

void dm_check_displays(const DmDomain *d, const DmXmlCheck *c)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmVideo *v = (const DmVideo *)device;
                if (device->kind == DM_DEVICE_GRAPHICS)
                        check_graphics((const DmGraphics *)device, c);
                if (device->kind == DM_DEVICE_INPUT)
                        check_input((const DmInput *)device, c);
                if (device->kind != DM_DEVICE_VIDEO)
                        continue;
                check_video(v, c);
                if (v->model && v->model != DM_VIDEO_VIRTIO)
                        check_options(&v->virtio, "use <model type='virtio'>", c);
        }
        check_primary(d, c);
}
