/* <video>: display adapters. */
#include "qemu/build_private.h"

#include "conf/domain_video.h"

#define KIB_PER_MIB  1024u
#define DEFAULT_VRAM 16384u /* KiB */
#define QXL_RAM      65536u
#define QXL_VGAMEM   16384u
#define QXL_VRAM_MIN 1024u

/* The adapter that is there when the machine is switched on: the marked one, else the first. */
static gboolean is_primary(const DmPlan *p, const DmVideo *v)
{
        if (v->primary)
                return v->primary == DM_YES;
        return dm_domain_device(p->domain, DM_DEVICE_VIDEO, 0) == (const void *)v;
}

/* ---- defaults ---- */

static void set_kib(DmPlan *p, DmOptU32 *value, unsigned kib, const char *why)
{
        if (value->set)
                return;
        *value = (DmOptU32)DM_OPT(kib);
        dm_origins_explain(p->domain->origins, value, "%s", why);
}

/* QEMU wants powers of two here and rounds up by itself; what it makes of a size shall be what is written. */
static void round_up(DmPlan *p, DmOptU32 *value, unsigned at_least)
{
        guint64 power = at_least;
        while (power < value->value && power <= G_MAXUINT32 / 2)
                power *= 2;
        if (power == value->value)
                return;
        value->value = (guint32)power;
        dm_origins_explain(p->domain->origins, value, "rounded up to a power of two, as QEMU does");
}

static void default_memory(DmPlan *p, DmVideo *v)
{
        switch (v->model) {
        case DM_VIDEO_QXL:
                set_kib(p, &v->ram, QXL_RAM, "libvirt's default");
                set_kib(p, &v->vram, QXL_RAM, "libvirt's default");
                set_kib(p, &v->vgamem, QXL_VGAMEM, "libvirt's default");
                round_up(p, &v->ram, QXL_VRAM_MIN);
                round_up(p, &v->vram, QXL_VRAM_MIN);
                round_up(p, &v->vgamem, QXL_VRAM_MIN);
                break;
        case DM_VIDEO_VGA:
        case DM_VIDEO_CIRRUS:
        case DM_VIDEO_VMVGA:
        case DM_VIDEO_BOCHS:
                set_kib(p, &v->vram, DEFAULT_VRAM, "libvirt's default");
                round_up(p, &v->vram, QXL_VRAM_MIN);
                break;
        case DM_VIDEO_UNSET:
        case DM_VIDEO_XEN:
        case DM_VIDEO_VBOX:
        case DM_VIDEO_PARALLELS:
        case DM_VIDEO_VIRTIO:
        case DM_VIDEO_GOP:
        case DM_VIDEO_NONE:
        case DM_VIDEO_RAMFB:
                break;
        }
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmVideo *v = (DmVideo *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!v->model && p->board->video) {
                v->model = p->board->video;
                dm_origins_explain(o, &v->model, "the board's default");
        }
        default_memory(p, v);
        if (v->model != DM_VIDEO_NONE && v->model != DM_VIDEO_RAMFB)
                set_kib(p, &v->heads, 1, "one screen unless more are asked for");
        if (!v->primary && is_primary(p, v) && v->model != DM_VIDEO_NONE) {
                v->primary = DM_YES;
                dm_origins_explain(o, &v->primary, "it is the first");
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmVideo *v = (const DmVideo *)device;
        if (p->board->flags & DM_BOARD_VGA_ONBOARD)
                return DM_WANTS_NOTHING;
        switch (v->model) {
        case DM_VIDEO_VIRTIO:
                return DM_WANTS_VIRTIO;
        case DM_VIDEO_VGA:
        case DM_VIDEO_CIRRUS:
        case DM_VIDEO_VMVGA:
        case DM_VIDEO_QXL:
                return dm_plan_pci(p) ? DM_WANTS_PCI : DM_WANTS_NOTHING;
        case DM_VIDEO_BOCHS:
                return dm_plan_pci(p) ? DM_WANTS_PCIE : DM_WANTS_NOTHING;
        case DM_VIDEO_UNSET:
        case DM_VIDEO_XEN:
        case DM_VIDEO_VBOX:
        case DM_VIDEO_PARALLELS:
        case DM_VIDEO_GOP:
        case DM_VIDEO_NONE:
        case DM_VIDEO_RAMFB:
                break;
        }
        return DM_WANTS_NOTHING;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("video%u", n);
}

/* ---- command line ---- */

/* QEMU's device of a model on PCI and on ISA; NULL: there is none.  virtio is told apart by the caller. */
typedef struct Card {
        const char *first, *further; /* as the first adapter, and as a further one */
        const char *isa;
} Card;

static const Card cards[] = {
        [DM_VIDEO_VGA] = { "VGA", NULL, "isa-vga" },
        [DM_VIDEO_CIRRUS] = { "cirrus-vga", NULL, "isa-cirrus-vga" },
        [DM_VIDEO_VMVGA] = { "vmware-svga", NULL, NULL },
        [DM_VIDEO_QXL] = { "qxl-vga", "qxl", NULL },
        [DM_VIDEO_BOCHS] = { "bochs-display", "bochs-display", NULL },
        [DM_VIDEO_RAMFB] = { "ramfb", "ramfb", "ramfb" },
};

static const char *driver(const DmPlan *p, DmVideoModel model, gboolean primary)
{
        if ((gsize)model >= G_N_ELEMENTS(cards))
                return NULL;
        if (!dm_plan_pci(p))
                return primary ? cards[model].isa : NULL;
        return primary ? cards[model].first : cards[model].further;
}

static gboolean is_vhostuser(const DmVideo *v)
{
        return !g_strcmp0(v->driver_name, "vhostuser");
}

/* virtio has a VGA-compatible form, which firmware of PCs needs, and from 6.1 on separate types with OpenGL.
 * Owned. */
static char *virtio_driver(const DmPlan *p, const DmVideo *v)
{
        if (is_vhostuser(v) && is_primary(p, v) && dm_caps_has_type(p->caps, "vhost-user-vga"))
                return g_strdup("vhost-user-vga");
        if (is_vhostuser(v))
                return dm_virtio_type(p, &v->dev, "vhost-user-gpu", DM_VIRTIO_MODEL_UNSET);
        const char *gl =
                v->accel3d == DM_YES && dm_caps_has_type(p->caps, "virtio-gpu-gl-device") ? "-gl" : "";
        if (is_primary(p, v) && dm_plan_pci(p) && v->dev.address.type != DM_ADDRESS_CCW &&
            dm_caps_has_type(p->caps, "virtio-vga"))
                return g_strconcat("virtio-vga", gl, NULL);
        g_autofree char *stem = g_strconcat("virtio-gpu", gl, NULL);
        return dm_virtio_type(p, &v->dev, stem, DM_VIRTIO_MODEL_UNSET);
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmVideo *v = (const DmVideo *)device;
        const char *model = dm_enum_name(&dm_video_model, v->model);
        (void)host;
        if (v->model == DM_VIDEO_NONE && dm_domain_count(p->domain, DM_DEVICE_VIDEO) > 1)
                return dm_plan_fail(p, device, &v->model, error, "model 'none' must be the only <video>");
        if (v->model == DM_VIDEO_NONE || p->board->flags & DM_BOARD_VGA_ONBOARD)
                return TRUE;
        if (!v->model)
                return dm_plan_fail(p, device, &v->model, error, "no display adapter fits machine '%s'",
                                    p->board_name);
        if (v->model != DM_VIDEO_VIRTIO && !driver(p, v->model, TRUE))
                return dm_plan_fail(p, device, &v->model, error,
                                    "QEMU has no display adapter '%s' for machine '%s'", model,
                                    p->board_name);
        if (v->model != DM_VIDEO_VIRTIO && !driver(p, v->model, is_primary(p, v)))
                return dm_plan_fail(p, device, &v->model, error,
                                    "model '%s' can only be the first adapter; use 'qxl' or 'virtio'", model);
        if (v->accel3d == DM_YES && v->model != DM_VIDEO_VIRTIO)
                return dm_plan_fail(p, device, &v->accel3d, error, "3D needs model 'virtio', not '%s'",
                                    model);
        if (v->model == DM_VIDEO_VMVGA && v->vram.set && v->vram.value % KIB_PER_MIB)
                return dm_plan_fail(p, device, &v->vram, error, "the memory of a vmvga must be whole MiB");
        return TRUE;
}

static void props_qxl(const DmVideo *v, DmJson *props)
{
        dm_json_add_uint(props, "max_outputs", v->heads.set ? v->heads.value : 1);
        dm_json_add_uint(props, "ram_size", (guint64)v->ram.value * 1024);
        dm_json_add_uint(props, "vram_size", (guint64)v->vram.value * 1024);
        dm_json_add_uint(props, "vram64_size_mb", v->vram64.value / KIB_PER_MIB);
        dm_json_add_uint(props, "vgamem_mb", v->vgamem.value / KIB_PER_MIB);
}

static void props_model(const DmPlan *p, const DmVideo *v, DmJson *props)
{
        if (v->model == DM_VIDEO_QXL)
                props_qxl(v, props);
        if (v->model == DM_VIDEO_VIRTIO && v->accel3d && !is_vhostuser(v) &&
            !dm_caps_has_type(p->caps, "virtio-gpu-gl-device"))
                dm_props_yesno(props, "virgl", v->accel3d);
        if (v->model == DM_VIDEO_VIRTIO)
                dm_json_add_uint(props, "max_outputs", v->heads.set ? v->heads.value : 1);
        if (v->model == DM_VIDEO_VIRTIO)
                dm_props_onoff(props, "blob", v->blob);
        if ((v->model == DM_VIDEO_VGA || v->model == DM_VIDEO_VMVGA) && v->vram.set)
                dm_json_add_uint(props, "vgamem_mb", v->vram.value / KIB_PER_MIB);
        if (v->model == DM_VIDEO_BOCHS && v->vram.set)
                dm_json_add_uint(props, "vgamem", (guint64)v->vram.value * 1024);
        dm_props_u32(props, "xres", v->resolution_x);
        dm_props_u32(props, "yres", v->resolution_y);
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmVideo *v = (const DmVideo *)device;
        (void)error;
        if (p->board->flags & DM_BOARD_VGA_ONBOARD)
                return NULL;
        g_autofree char *virtio = v->model == DM_VIDEO_VIRTIO ? virtio_driver(p, v) : NULL;
        const char *type = virtio ? virtio : driver(p, v->model, is_primary(p, v));
        if (!type)
                return NULL;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", type);
        /* As libvirt has it: the VGA-compatible form of vhost-user gets no options of virtio. */
        if (g_strcmp0(virtio, "vhost-user-vga") != 0)
                dm_props_virtio(&v->virtio, props);
        dm_json_add_string(props, "id", device->alias);
        props_model(p, v, props);
        if (is_vhostuser(v))
                dm_json_add_stringf(props, "chardev", "chr-vu-%s", device->alias);
        dm_props_address(p, device, props);
        return props;
}

/* The connection to the program that draws. */
static gboolean build_vhostuser(DmBuild *b, const DmVideo *v, GError **error)
{
        g_autofree char *name = g_strconcat(v->dev.alias, "-vhost-user-gpu.sock", NULL);
        g_autofree char *path = b->run_dir ? g_build_filename(b->run_dir, name, NULL) : NULL;
        int fd = dm_build_fd(b, DM_FD_VHOST_USER, path ? path : name, &v->dev);
        if (fd < 0 && !path)
                return dm_plan_fail(b->plan, &v->dev, &v->driver_name, error,
                                    "there is no socket to the program that draws");
        g_autoptr(GString) s = g_string_new("socket");
        dm_opts_appendf(s, "id", "chr-vu-%s", v->dev.alias);
        if (fd >= 0)
                dm_opts_appendf(s, "fd", "%d", fd);
        else
                dm_opts_append(s, "path", path);
        dm_command_add(b->command, v, NULL, "-chardev", s->str);
        return TRUE;
}

static const char *helper(const DmDevice *device)
{
        return is_vhostuser((const DmVideo *)device) ? "vhost-user-gpu" : NULL;
}

/* Boards with a display of their own are told which by -vga. */
static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        static const char *const names[] = {
                [DM_VIDEO_VGA] = "std", [DM_VIDEO_CIRRUS] = "cirrus", [DM_VIDEO_VMVGA] = "vmware",
                [DM_VIDEO_QXL] = "qxl", [DM_VIDEO_VIRTIO] = "virtio", [DM_VIDEO_NONE] = "none",
        };
        const DmVideo *v = (const DmVideo *)device;
        if (is_vhostuser(v))
                return build_vhostuser(b, v, error);
        if (b->plan->board->flags & DM_BOARD_VGA_ONBOARD && (gsize)v->model < G_N_ELEMENTS(names) &&
            names[v->model])
                dm_command_add(b->command, device, NULL, "-vga", names[v->model]);
        return TRUE;
}

const DmDeviceOps dm_video_ops = {
        .order = DM_ORDER_VIDEO,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .helper = helper,
        .props = props,
};
