/* Command lines of emulators that are older than QMP probing (0.8 … 1.1): -M, -hda, -net and their like, by
 * what the emulator's help says.  Such guests are planned and shown, never started (there is no QMP to run
 * them by). */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include <string.h>

#include "conf/domain_audio.h"
#include "conf/domain_disk.h"
#include "conf/domain_graphics.h"
#include "conf/domain_interface.h"
#include "conf/domain_video.h"

#define VNC_BASE 5900
#define MIB      (G_GUINT64_CONSTANT(1) << 20)

static gboolean help(const DmBuild *b, DmHelpFlag flag)
{
        return (b->plan->caps->help & flag) != 0;
}

static gboolean fail(const DmBuild *b, const DmDevice *device, const void *value, const char *what,
                     GError **error)
{
        return dm_plan_fail(b->plan, device, value, error,
                            "'%s' (QEMU %s) has no %s; choose a newer emulator", b->plan->caps->path,
                            b->plan->caps->version_text, what);
}

/* ---- accelerator and machine ---- */

/* The option that makes the emulator use what was resolved; NULL when that is its default. */
static const char *accel_option(const DmBuild *b)
{
        switch (b->plan->accel) {
        case DM_ACCEL_TCG:
                /* Both were on unless switched off; never in one emulator. */
                return help(b, DM_HELP_NO_KQEMU) ? "-no-kqemu" : help(b, DM_HELP_NO_KVM) ? "-no-kvm" : NULL;
        case DM_ACCEL_KVM:
                return help(b, DM_HELP_ENABLE_KVM) ? "-enable-kvm" : NULL;
        case DM_ACCEL_KQEMU:
                return help(b, DM_HELP_ENABLE_KQEMU) ? "-enable-kqemu" : NULL;
        case DM_ACCEL_QVM86:
        case DM_ACCEL_XEN:
        case DM_ACCEL_HVF:
        case DM_ACCEL_N:
                break;
        }
        return NULL;
}

static void build_machine(DmBuild *b)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        if (help(b, DM_HELP_MACHINE_ACCEL)) {
                g_autoptr(GString) s = g_string_new(p->board_name);
                dm_opts_append(s, "accel", dm_accel_name(p->accel));
                dm_command_add(b->command, &d->os.machine, NULL, "-machine", s->str);
                return;
        }
        dm_command_add(b->command, &d->os.machine, NULL, "-M", p->board_name);
        if (accel_option(b))
                dm_command_add(b->command, &d->type, NULL, accel_option(b), NULL);
}

static gboolean build_head(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        dm_command_add(b->command, NULL, "vCPUs run only when the driver has set everything up", "-S", NULL);
        build_machine(b);
        if (d->cpu && d->cpu->model)
                dm_command_add(b->command, d->cpu, NULL, "-cpu", d->cpu->model);
        dm_command_addf(b->command, &d->memory, NULL, "-m", "%" G_GUINT64_FORMAT, dm_plan_memory(p) / MIB);
        dm_command_addf(b->command, &d->vcpus, d->vcpus.set ? NULL : "one unless the document says more",
                        "-smp", "%u", d->vcpus.set ? d->vcpus.value : 1);
        if (help(b, DM_HELP_NAME))
                dm_command_add(b->command, &d->name, NULL, "-name", d->name);
        if (help(b, DM_HELP_UUID))
                dm_command_add(b->command, &d->uuid, NULL, "-uuid", d->uuid);
        if (d->os.loader && !help(b, DM_HELP_BIOS))
                return fail(b, NULL, &d->os.loader, "option for other firmware", error);
        if (d->os.loader && d->os.loader_type == DM_LOADER_PFLASH)
                return fail(b, NULL, &d->os.loader_type, "firmware in flash", error);
        if (d->os.loader)
                dm_command_add(b->command, &d->os.loader, NULL, "-bios", d->os.loader);
        return TRUE;
}

static gboolean build_frame(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        DmClockOffset offset = d->clock ? d->clock->offset : DM_CLOCK_UNSET;
        if (!dm_domain_count(d, DM_DEVICE_GRAPHICS))
                dm_command_add(b->command, NULL, "the guest has no <graphics>", "-nographic", NULL);
        if (help(b, DM_HELP_NODEFAULTS))
                dm_command_add(b->command, NULL, "the guest has the devices of its document, no others",
                               "-nodefaults", NULL);
        dm_command_add(b->command, NULL, "the driver's connection to QEMU", "-monitor", "stdio");
        if (offset == DM_CLOCK_LOCALTIME)
                dm_command_add(b->command, d->clock, NULL, "-localtime", NULL);
        else if (offset != DM_CLOCK_UNSET && offset != DM_CLOCK_UTC)
                return fail(b, NULL, d->clock, "other clocks than utc and localtime", error);
        if (d->on_reboot == DM_ACTION_DESTROY)
                dm_command_add(b->command, &d->on_reboot, NULL, "-no-reboot", NULL);
        if (dm_plan_acpi_off(p))
                dm_command_add(b->command, NULL, "the guest has no <acpi/>", "-no-acpi", NULL);
        return TRUE;
}

static void build_boot(DmBuild *b)
{
        const DmOs *os = &b->plan->domain->os;
        g_autofree char *named = dm_boot_letters(b->plan->domain);
        dm_command_addf(b->command, os, NULL, "-boot", "%s%s", help(b, DM_HELP_BOOT_ORDER) ? "order=" : "",
                        named ? named : "c");
}

static void build_kernel(DmBuild *b)
{
        const DmOs *os = &b->plan->domain->os;
        if (os->kernel)
                dm_command_add(b->command, &os->kernel, NULL, "-kernel", os->kernel);
        if (os->initrd)
                dm_command_add(b->command, &os->initrd, NULL, "-initrd", os->initrd);
        if (os->cmdline)
                dm_command_add(b->command, &os->cmdline, NULL, "-append", os->cmdline);
}

/* ---- disks ---- */

static const char *interface_of(const DmDisk *d)
{
        switch (d->bus) {
        case DM_DISK_BUS_IDE:
                return "ide";
        case DM_DISK_BUS_SCSI:
                return "scsi";
        case DM_DISK_BUS_VIRTIO:
                return "virtio";
        case DM_DISK_BUS_FDC:
                return "floppy";
        case DM_DISK_BUS_SD:
                return "sd";
        case DM_DISK_BUS_USB:
        case DM_DISK_BUS_SATA:
        case DM_DISK_BUS_XEN:
        case DM_DISK_BUS_UML:
        case DM_DISK_BUS_UNSET:
                break;
        }
        return NULL;
}

/* Place of a drive among those of its interface: its address, or the letter of its name. */
static unsigned drive_index(const DmDisk *d)
{
        const DmAddress *a = &d->dev.address;
        if (a->type == DM_ADDRESS_DRIVE)
                return d->bus == DM_DISK_BUS_IDE ? a->bus.value * 2 + a->unit.value : a->unit.value;
        char letter = d->dst[0] ? d->dst[strlen(d->dst) - 1] : 'a';
        return g_ascii_islower(letter) ? (unsigned)(letter - 'a') : 0;
}

static const char *cache_word(const DmBuild *b, const DmDisk *d)
{
        if (!d->cache || d->cache == DM_DISK_CACHE_DEFAULT)
                return NULL;
        if (!help(b, DM_HELP_DRIVE_CACHE_V2))
                return d->cache == DM_DISK_CACHE_NONE ? "off" : "on";
        return dm_enum_name(&dm_disk_cache, d->cache);
}

static gboolean build_drive(DmBuild *b, const DmDisk *d, GError **error)
{
        const char *interface = interface_of(d), *source = dm_disk_source(d);
        g_autoptr(GString) s = g_string_new(NULL);
        if (!interface)
                return fail(b, &d->dev, &d->bus, "disks on this bus", error);
        if (d->serial && !help(b, DM_HELP_DRIVE_SERIAL))
                return fail(b, &d->dev, &d->serial, "serial numbers of disks", error);
        if (source)
                dm_opts_append(s, "file", source);
        dm_opts_append(s, "if", interface);
        if (d->device == DM_DISK_CDROM)
                dm_opts_append(s, "media", "cdrom");
        dm_opts_appendf(s, "index", "%u", drive_index(d));
        /* The BIOS of that time finds IDE disks by itself. */
        if (help(b, DM_HELP_DRIVE_BOOT) && d->bus != DM_DISK_BUS_IDE && d->device == DM_DISK_DISK &&
            dm_boot_index(b->plan, &d->dev))
                dm_opts_append(s, "boot", "on");
        if (source && help(b, DM_HELP_DRIVE_FORMAT))
                dm_opts_append(s, "format", d->format ? dm_enum_name(&dm_disk_format, d->format) : "raw");
        if (d->serial)
                dm_opts_append(s, "serial", d->serial);
        if (cache_word(b, d))
                dm_opts_append(s, "cache", cache_word(b, d));
        dm_command_add(b->command, d, NULL, "-drive", s->str);
        return TRUE;
}

static gboolean build_disk(DmBuild *b, const DmDevice *device, GError **error)
{
        static const char *const disks[] = { "-hda", "-hdb", "-hdc", "-hdd" }, *const floppies[] = { "-fda",
                                                                                                     "-fdb" };
        const DmDisk *d = (const DmDisk *)device;
        const char *source = dm_disk_source(d), *option = NULL;
        unsigned index = drive_index(d);
        if (help(b, DM_HELP_DRIVE))
                return build_drive(b, d, error);
        if (d->bus == DM_DISK_BUS_FDC && index < G_N_ELEMENTS(floppies))
                option = floppies[index];
        else if (d->bus == DM_DISK_BUS_IDE && d->device == DM_DISK_CDROM && index == 2)
                option = "-cdrom";
        else if (d->bus == DM_DISK_BUS_IDE && d->device != DM_DISK_CDROM && index < G_N_ELEMENTS(disks))
                option = disks[index];
        if (!option)
                return fail(b, device, &d->bus, "disks at this place", error);
        /* Empty drives are there by themselves. */
        if (source)
                dm_command_add(b->command, device, NULL, option, source);
        return TRUE;
}

/* ---- network ---- */

static gboolean build_interface(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        unsigned vlan = 0;
        (void)error;
        DM_FOREACH_DEVICE (b->plan->domain, other) {
                if (other == device)
                        break;
                vlan += other->kind == DM_DEVICE_INTERFACE;
        }
        g_autoptr(GString) s = g_string_new("nic");
        if (n->mac)
                dm_opts_append(s, "macaddr", n->mac);
        dm_opts_appendf(s, "vlan", "%u", vlan);
        if (n->model)
                dm_opts_append(s, "model", n->model);
        dm_command_add(b->command, device, NULL, "-net", s->str);
        dm_command_addf(b->command, device, NULL, "-net", "user,vlan=%u", vlan);
        return TRUE;
}

/* ---- lines ---- */

/* What -serial and -parallel take.  Owned; NULL: no such backend. */
static char *line_text(const DmBuild *b, const DmChardev *c)
{
        const char *server = c->mode == DM_CHARDEV_BIND ? ",server,nowait" : "";
        switch (c->type) {
        case DM_CHARDEV_NULL:
        case DM_CHARDEV_VC:
        case DM_CHARDEV_PTY:
        case DM_CHARDEV_STDIO:
                return g_strdup(dm_enum_name(&dm_chardev_type, c->type));
        case DM_CHARDEV_DEV:
                return g_strdup(c->path);
        case DM_CHARDEV_FILE:
        case DM_CHARDEV_PIPE:
                return g_strdup_printf("%s:%s", dm_enum_name(&dm_chardev_type, c->type), c->path);
        case DM_CHARDEV_UDP:
                return g_strdup_printf("udp:%s:%s@%s:%s", c->host ? c->host : "", c->service,
                                       c->bind_host ? c->bind_host : "",
                                       c->bind_service ? c->bind_service : "0");
        case DM_CHARDEV_TCP:
                return g_strdup_printf("%s:%s:%s%s", c->protocol == DM_PROTOCOL_TELNET ? "telnet" : "tcp",
                                       c->host ? c->host : "", c->service, server);
        case DM_CHARDEV_UNIX: {
                g_autofree char *path = dm_chardev_path(b, c);
                return path ? g_strdup_printf("unix:%s%s", path, c->path ? server : ",server,nowait") : NULL;
        }
        case DM_CHARDEV_UNSET:
        case DM_CHARDEV_SPICEVMC:
        case DM_CHARDEV_SPICEPORT:
        case DM_CHARDEV_NMDM:
        case DM_CHARDEV_QEMU_VDAGENT:
        case DM_CHARDEV_DBUS:
                break;
        }
        return NULL;
}

static gboolean build_line(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        g_autofree char *text = line_text(b, c);
        if (!text)
                return fail(b, device, &c->type, "lines of this type", error);
        dm_command_add(b->command, device, NULL, device->kind == DM_DEVICE_PARALLEL ? "-parallel" : "-serial",
                       text);
        return TRUE;
}

static gboolean build_console(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmChardev *c = (const DmChardev *)device;
        return dm_console_is_serial(c) ||
               fail(b, device, &c->console_type, "consoles but the serial line", error);
}

/* ---- what people see and touch ---- */

static gboolean build_input(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmInput *i = (const DmInput *)device;
        if (i->bus == DM_INPUT_BUS_PS2)
                return TRUE;
        if (i->bus != DM_INPUT_BUS_USB)
                return fail(b, device, &i->bus, "inputs on this bus", error);
        dm_command_add(b->command, device, NULL, "-usbdevice", dm_enum_name(&dm_input_type, i->type));
        return TRUE;
}

static gboolean build_graphics(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmGraphics *g = (const DmGraphics *)device;
        const DmListen *l = g->listens && g->listens->len ? g_ptr_array_index(g->listens, 0) : NULL;
        unsigned display = g->port.value > VNC_BASE ? (unsigned)g->port.value - VNC_BASE : 0;
        (void)error;
        if (l && l->type == DM_LISTEN_SOCKET && l->socket)
                dm_command_addf(b->command, device, NULL, "-vnc", "unix:%s", l->socket);
        else if (help(b, DM_HELP_VNC_COLON))
                dm_command_addf(b->command, device, NULL, "-vnc", "%s:%u%s",
                                l && l->address ? l->address : "127.0.0.1", display,
                                g->password ? ",password" : "");
        else
                dm_command_addf(b->command, device, NULL, "-vnc", "%u", display);
        if (g->keymap)
                dm_command_add(b->command, &g->keymap, NULL, "-k", g->keymap);
        return TRUE;
}

static gboolean build_video(DmBuild *b, const DmDevice *device, GError **error)
{
        static const struct {
                DmVideoModel model;
                const char *vga, *option; /* before -vga there was an option for each but the default */
        } cards[] = {
                { DM_VIDEO_VGA, "std", "-std-vga" },
                { DM_VIDEO_CIRRUS, "cirrus", NULL },
                { DM_VIDEO_VMVGA, "vmware", "-vmwarevga" },
                { DM_VIDEO_QXL, "qxl", NULL },
                { DM_VIDEO_NONE, "none", NULL },
        };
        const DmVideo *v = (const DmVideo *)device;
        for (gsize i = 0; i < G_N_ELEMENTS(cards); i++) {
                if (cards[i].model != v->model)
                        continue;
                if (help(b, DM_HELP_VGA))
                        dm_command_add(b->command, device, NULL, "-vga", cards[i].vga);
                else if (cards[i].option)
                        dm_command_add(b->command, device, NULL, cards[i].option, NULL);
                else if (v->model == DM_VIDEO_QXL || v->model == DM_VIDEO_NONE)
                        break;
                return TRUE;
        }
        return fail(b, device, &v->model, "display adapter of this model", error);
}

static gboolean build_controller(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmController *c = (const DmController *)device;
        gboolean implied =
                c->type == DM_CONTROLLER_IDE || c->type == DM_CONTROLLER_FDC ||
                c->type == DM_CONTROLLER_SCSI || (c->type == DM_CONTROLLER_PCI && !c->index.value) ||
                (c->type == DM_CONTROLLER_USB && c->model == DM_USB_NONE) || c->type == DM_CONTROLLER_ISA;
        if (!implied && c->type != DM_CONTROLLER_USB)
                return fail(b, device, &c->type, "controllers of this type", error);
        if (!implied && !c->index.value && !c->master_start_port.set)
                dm_command_add(b->command, device, NULL, "-usb", NULL);
        return TRUE;
}

/* One backend for all cards, by the environment; that it has no settings was checked. */
static gboolean build_audio(DmBuild *b, const DmDevice *device, GError **error)
{
        return dm_audio_ops.backend(b, device, error);
}

static gboolean build_sound(DmBuild *b, const DmDevice *device, GError **error)
{
        static const DmSoundModel models[] = { DM_SOUND_SB16, DM_SOUND_ES1370, DM_SOUND_PCSPK,
                                               DM_SOUND_AC97 };
        const DmSound *s = (const DmSound *)device;
        for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
                if (models[i] != s->model)
                        continue;
                dm_command_add(b->command, device, NULL, "-soundhw", dm_enum_name(&dm_sound_model, s->model));
                return TRUE;
        }
        return fail(b, device, &s->model, "sound card of this model", error);
}

/* The balloon of that time is there by itself, or not at all. */
static gboolean build_nothing(DmBuild *b, const DmDevice *device, GError **error)
{
        (void)b;
        (void)device;
        (void)error;
        return TRUE;
}

/* ---- all of it ---- */

typedef gboolean (*Builder)(DmBuild *b, const DmDevice *device, GError **error);

/* Kinds without a builder did not exist. */
static const Builder builders[DM_DEVICE_N] = {
        [DM_DEVICE_DISK] = build_disk,           [DM_DEVICE_CONTROLLER] = build_controller,
        [DM_DEVICE_INTERFACE] = build_interface, [DM_DEVICE_SERIAL] = build_line,
        [DM_DEVICE_PARALLEL] = build_line,       [DM_DEVICE_CONSOLE] = build_console,
        [DM_DEVICE_INPUT] = build_input,         [DM_DEVICE_GRAPHICS] = build_graphics,
        [DM_DEVICE_VIDEO] = build_video,         [DM_DEVICE_MEMBALLOON] = build_nothing,
        [DM_DEVICE_AUDIO] = build_audio,         [DM_DEVICE_SOUND] = build_sound,
};

/* Without a word about it, these emulators add one of each. */
static void switch_defaults_off(DmBuild *b)
{
        static const struct {
                DmDeviceKind kind;
                const char *option;
        } rows[] = {
                { DM_DEVICE_INTERFACE, "-net" },
                { DM_DEVICE_SERIAL, "-serial" },
                { DM_DEVICE_PARALLEL, "-parallel" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (!dm_domain_count(b->plan->domain, rows[i].kind))
                        dm_command_add(b->command, NULL, "the guest does not have this default device",
                                       rows[i].option, "none");
}

/* Sections that came later. */
static gboolean check_sections(const DmBuild *b, GError **error)
{
        const DmDomain *d = b->plan->domain;
        const DmFeatures *f = d->features;
        const struct {
                const void *value;
                const char *what;
        } rows[] = {
                { d->memory_backing, "guest memory but its own" },
                { d->numatune, "host nodes for memory" },
                { d->cpu ? d->cpu->numa : NULL, "NUMA nodes" },
                { f ? f->hyperv : NULL, "Hyper-V features" },
                { d->max_memory.set ? &d->max_memory : NULL, "memory to plug" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (rows[i].value)
                        return fail(b, NULL, rows[i].value, rows[i].what, error);
        return TRUE;
}

gboolean dm_build_old(DmBuild *b, GError **error)
{
        const DmDomain *d = b->plan->domain;
        if (!check_sections(b, error) || !build_head(b, error) || !build_frame(b, error))
                return FALSE;
        build_boot(b);
        build_kernel(b);
        DM_FOREACH_DEVICE (d, device) {
                Builder build = builders[device->kind];
                if (!build)
                        return fail(b, device, device, dm_device_element(device->kind), error);
                if (!build(b, device, error))
                        return FALSE;
        }
        switch_defaults_off(b);
        return TRUE;
}
