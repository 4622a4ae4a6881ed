/* Devices that a definition gains because the board has them, or because others imply them: inputs, balloon,
 * panic device, the pair of serial line and console, a display for graphics, MAC addresses. */
#include "qemu/plan_private.h"

#include <string.h>

#include "conf/domain_graphics.h"
#include "conf/domain_input.h"
#include "conf/domain_interface.h"
#include "conf/domain_misc.h"
#include "conf/domain_video.h"
#include "qemu/device_backends.h"

/* Puts the last device of its kind at place @at among its kind. */
static void move_last(DmDomain *d, DmDeviceKind kind, guint at)
{
        guint first = 0;
        while (((DmDevice *)g_ptr_array_index(d->devices, first))->kind != (int)kind)
                first++;
        guint last = first + dm_domain_count(d, kind) - 1;
        gpointer device = g_ptr_array_steal_index(d->devices, last);
        g_ptr_array_insert(d->devices, (gint)(first + at), device);
}

/* ---- inputs ---- */

static gboolean add_input(DmPlan *p, DmInputType type, DmInputBus bus, DmResolveFlags flags, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmInput *i = (const DmInput *)device;
                if (device->kind == DM_DEVICE_INPUT && i->type == type && i->bus == bus)
                        return TRUE;
        }
        DmInput *i = dm_domain_add_device(p->domain, DM_DEVICE_INPUT);
        i->type = type;
        i->bus = bus;
        dm_origins_explain(p->domain->origins, i, "%s",
                           bus == DM_INPUT_BUS_PS2 ? "on the board"
                                                   : "guests of this board with graphics get it");
        return dm_plan_own_defaults(p, &i->dev, flags, error);
}

static gboolean has_usb_tablet(const DmDomain *d)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmInput *i = (const DmInput *)device;
                if (device->kind == DM_DEVICE_INPUT && i->type == DM_INPUT_TABLET &&
                    i->bus == DM_INPUT_BUS_USB)
                        return TRUE;
        }
        return FALSE;
}

static gboolean usb_is_off(const DmDomain *d)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && c->type == DM_CONTROLLER_USB &&
                    c->model == DM_USB_NONE)
                        return TRUE;
        }
        return FALSE;
}

static gboolean add_inputs(DmPlan *p, DmResolveFlags flags, GError **error)
{
        const DmDomain *d = p->domain;
        gboolean ps2 = dm_plan_x86(p) && p->board->flags & DM_BOARD_PS2 &&
                       !(d->features && d->features->ps2 == DM_OFF);
        if (ps2 && (!add_input(p, DM_INPUT_MOUSE, DM_INPUT_BUS_PS2, flags, error) ||
                    !add_input(p, DM_INPUT_KEYBOARD, DM_INPUT_BUS_PS2, flags, error)))
                return FALSE;
        /* POWER boards have no other way to type into their display. */
        gboolean usb = g_str_has_prefix(p->arch->name, "ppc64") && p->board->flags & DM_BOARD_USB &&
                       dm_domain_count(d, DM_DEVICE_GRAPHICS) && !usb_is_off(d);
        if (usb && !add_input(p, DM_INPUT_KEYBOARD, DM_INPUT_BUS_USB, flags, error))
                return FALSE;
        return !usb || has_usb_tablet(d) || add_input(p, DM_INPUT_MOUSE, DM_INPUT_BUS_USB, flags, error);
}

/* ---- balloon, panic ---- */

/* On the bus that this guest has for virtio. */
static const char *balloon_driver(const DmPlan *p)
{
        if (p->board->flags & DM_BOARD_CCW)
                return "virtio-balloon-ccw";
        return dm_plan_find_controller(p, DM_CONTROLLER_PCI, 0) ? "virtio-balloon-pci"
                                                                : "virtio-balloon-device";
}

static gboolean add_balloon(DmPlan *p, DmResolveFlags flags, GError **error)
{
        if (!(p->board->flags & DM_BOARD_BALLOON) || dm_domain_count(p->domain, DM_DEVICE_MEMBALLOON) ||
            !dm_caps_has_type(p->caps, balloon_driver(p)))
                return TRUE;
        DmMemballoon *b = dm_domain_add_device(p->domain, DM_DEVICE_MEMBALLOON);
        b->model = DM_BALLOON_VIRTIO;
        dm_origins_explain(p->domain->origins, b, "guests of this board get one unless model='none'");
        return dm_plan_own_defaults(p, &b->dev, flags, error);
}

/* Firmware and hypervisor of these two have it anyway. */
static gboolean add_panic(DmPlan *p, DmResolveFlags flags, GError **error)
{
        DmPanicModel model = DM_PANIC_UNSET;
        if (p->board->flags & DM_BOARD_SPAPR_VIO)
                model = DM_PANIC_PSERIES;
        else if (p->board->flags & DM_BOARD_CCW)
                model = DM_PANIC_S390;
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_PANIC && ((DmPanic *)device)->model == model)
                        return TRUE;
        if (!model)
                return TRUE;
        DmPanic *panic = dm_domain_add_device(p->domain, DM_DEVICE_PANIC);
        panic->model = model;
        dm_origins_explain(p->domain->origins, panic, "part of the platform");
        return dm_plan_own_defaults(p, &panic->dev, flags, error);
}

/* ---- serial lines and consoles ---- */

/* Makes the zeroed @to a device of @kind with the host side of @from; the targets differ. */
static void copy_host_side(DmPlan *p, const DmChardev *from, DmChardev *to, DmDeviceKind kind)
{
        dm_xml_copy(dm_device_schema(from->dev.kind), from, to, p->domain->origins);
        to->dev.kind = (int)kind;
        g_clear_pointer(&to->dev.alias, g_free);
        g_clear_pointer(&to->dev.address.usb_port, g_free);
        memset(&to->dev.address, 0, sizeof to->dev.address);
        to->dev.acpi_index.set = FALSE;
        to->serial_type = DM_SERIAL_UNSET;
        to->serial_model = DM_SERIAL_MODEL_UNSET;
        to->console_type = kind == DM_DEVICE_CONSOLE ? DM_CONSOLE_SERIAL : DM_CONSOLE_UNSET;
        to->port = (DmOptU32)DM_OPT(0);
}

/* Old documents have a <console> only: it is the first serial line, seen from the host. */
static gboolean add_serial(DmPlan *p, const DmChardev *console, DmResolveFlags flags, GError **error)
{
        DmChardev *serial = dm_domain_add_device(p->domain, DM_DEVICE_SERIAL);
        copy_host_side(p, console, serial, DM_DEVICE_SERIAL);
        dm_origins_explain(p->domain->origins, serial, "the line that <console> shows");
        return dm_plan_own_defaults(p, &serial->dev, flags, error);
}

/* What the console shows is the serial line, whatever host side it was given itself. */
static void follow_serial(DmPlan *p, DmChardev *console, const DmChardev *serial)
{
        const DmXmlElement *schema = dm_device_schema(DM_DEVICE_CONSOLE);
        DmChardev *wanted = g_new0(DmChardev, 1);
        copy_host_side(p, serial, wanted, DM_DEVICE_CONSOLE);
        wanted->dev.alias = g_strdup(console->dev.alias);
        wanted->port = serial->port;
        wanted->tty = wanted->tty ? wanted->tty : g_strdup(console->tty);
        g_autofree char *difference = dm_xml_difference(schema, console, wanted, 0);
        if (difference) {
                dm_xml_forget(schema, console, p->domain->origins);
                dm_xml_clear(schema, console);
                dm_xml_copy(schema, wanted, console, p->domain->origins);
                console->dev.kind = DM_DEVICE_CONSOLE;
                dm_origins_explain(p->domain->origins, console, "shows the first serial line");
        }
        dm_xml_forget(schema, wanted, p->domain->origins);
        dm_xml_free(schema, wanted);
}

/* Only lines that a guest looks for by itself: one on a PCI card or on USB is an extra. */
static gboolean is_main_line(const DmChardev *serial)
{
        switch (serial->serial_type) {
        case DM_SERIAL_UNSET:
        case DM_SERIAL_ISA:
        case DM_SERIAL_SPAPR_VIO:
        case DM_SERIAL_SYSTEM:
        case DM_SERIAL_SCLP:
                return TRUE;
        case DM_SERIAL_USB:
        case DM_SERIAL_PCI:
        case DM_SERIAL_ISA_DEBUG:
                break;
        }
        return FALSE;
}

/* Consoles are known by their place, whatever a document says. */
static void number_consoles(DmPlan *p, gboolean first_shows_serial)
{
        for (guint n = first_shows_serial ? 1 : 0; n < dm_domain_count(p->domain, DM_DEVICE_CONSOLE); n++) {
                DmChardev *c = dm_domain_device(p->domain, DM_DEVICE_CONSOLE, n);
                if (c->port.set && c->port.value == n)
                        continue;
                c->port = (DmOptU32)DM_OPT(n);
                dm_origins_explain(p->domain->origins, &c->port, "its place among the consoles");
        }
}

static gboolean pair_consoles(DmPlan *p, DmResolveFlags flags, GError **error)
{
        DmDomain *d = p->domain;
        DmChardev *console = dm_domain_device(d, DM_DEVICE_CONSOLE, 0);
        for (guint n = 1; n < dm_domain_count(d, DM_DEVICE_CONSOLE); n++) {
                const DmChardev *other = dm_domain_device(d, DM_DEVICE_CONSOLE, n);
                if (other->console_type == DM_CONSOLE_SERIAL)
                        return dm_plan_fail(p, &other->dev, &other->console_type, error,
                                            "only the first console can show a serial line; use "
                                            "<target type='virtio'/>");
        }
        gboolean shows_serial = console && console->console_type == DM_CONSOLE_SERIAL;
        if (shows_serial && !dm_domain_count(d, DM_DEVICE_SERIAL) && !add_serial(p, console, flags, error))
                return FALSE;
        const DmChardev *serial = dm_domain_device(d, DM_DEVICE_SERIAL, 0);
        if (!shows_serial && serial && is_main_line(serial)) {
                console = dm_domain_add_device(d, DM_DEVICE_CONSOLE);
                move_last(d, DM_DEVICE_CONSOLE, 0);
                shows_serial = TRUE;
        }
        if (shows_serial)
                follow_serial(p, console, serial);
        number_consoles(p, shows_serial);
        return TRUE;
}

static gboolean is_chardev(const DmDevice *device)
{
        return device->kind == DM_DEVICE_SERIAL || device->kind == DM_DEVICE_PARALLEL ||
               device->kind == DM_DEVICE_CONSOLE || device->kind == DM_DEVICE_CHANNEL;
}

/* Before the devices' own defaults. */
void dm_defaults_chardev_types(DmPlan *p)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                DmChardev *c = (DmChardev *)device;
                if (!is_chardev(device))
                        continue;
                if (device->kind == DM_DEVICE_CONSOLE && !c->console_type) {
                        c->console_type = DM_CONSOLE_SERIAL;
                        dm_origins_explain(p->domain->origins, &c->console_type, "libvirt's default");
                }
                /* What all serial lines were called once: the board's own is meant. */
                if (device->kind == DM_DEVICE_SERIAL && c->serial_type == DM_SERIAL_ISA && !c->serial_model &&
                    !dm_plan_x86(p)) {
                        c->serial_type = DM_SERIAL_UNSET;
                        dm_origins_explain(p->domain->origins, &c->serial_type,
                                           "'isa-serial' was once written for any serial line");
                }
                /* A socket without a path is made, and listened at, by the driver: nothing to write down. */
                if (c->type == DM_CHARDEV_UNIX && !c->path && c->mode == DM_CHARDEV_BIND) {
                        c->mode = DM_CHARDEV_MODE_UNSET;
                        dm_origins_explain(p->domain->origins, &c->mode,
                                           "a socket without a path is the driver's own");
                }
        }
}

/* ---- display ---- */

/* The board's display, or plain VGA where the emulator was built without that; unset: it has neither. */
static DmVideoModel default_video(const DmPlan *p)
{
        static const struct {
                DmVideoModel model;
                const char *driver;
        } drivers[] = { { DM_VIDEO_CIRRUS, "cirrus-vga" }, { DM_VIDEO_VGA, "VGA" } };
        gboolean known = FALSE;
        if (p->caps->help_era)
                return p->board->video;
        for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
                known |= drivers[i].model == p->board->video;
                if (known && dm_caps_has_type(p->caps, drivers[i].driver))
                        return drivers[i].model;
        }
        return known ? DM_VIDEO_UNSET : p->board->video;
}

static gboolean add_video(DmPlan *p, DmResolveFlags flags, GError **error)
{
        DmVideoModel model = default_video(p);
        if (!dm_domain_count(p->domain, DM_DEVICE_GRAPHICS) || dm_domain_count(p->domain, DM_DEVICE_VIDEO) ||
            !model)
                return TRUE;
        DmVideo *v = dm_domain_add_device(p->domain, DM_DEVICE_VIDEO);
        v->model = model;
        dm_origins_explain(p->domain->origins, v, "graphics need a display: the board's default");
        return dm_plan_own_defaults(p, &v->dev, flags, error);
}

/* The display that was marked stands first: the devices' own defaults take the first for it. */
void dm_defaults_sort_videos(DmPlan *p)
{
        guint n = dm_domain_count(p->domain, DM_DEVICE_VIDEO), first = 0;
        if (!n)
                return;
        while (((DmDevice *)g_ptr_array_index(p->domain->devices, first))->kind != DM_DEVICE_VIDEO)
                first++;
        for (guint i = 1; i < n; i++) {
                if (((DmVideo *)g_ptr_array_index(p->domain->devices, first + i))->primary != DM_YES)
                        continue;
                gpointer video = g_ptr_array_steal_index(p->domain->devices, first + i);
                g_ptr_array_insert(p->domain->devices, (gint)first, video);
        }
}

/* ---- MAC addresses ---- */

/* In QEMU's range of locally administered addresses. */
static char *mac_of(guint32 n)
{
        return g_strdup_printf("52:54:00:%02x:%02x:%02x", n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff);
}

static gboolean mac_taken(const DmDomain *d, const char *mac)
{
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_INTERFACE && !g_strcmp0(((DmInterface *)device)->mac, mac))
                        return TRUE;
        return FALSE;
}

/* A new guest's are random; documents that are only looked at get the same each time. */
static void add_macs(DmPlan *p, DmResolveFlags flags)
{
        unsigned n = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                DmInterface *i = (DmInterface *)device;
                if (device->kind != DM_DEVICE_INTERFACE || i->mac)
                        continue;
                g_autofree char *mac = NULL;
                do {
                        g_autofree char *text = g_strdup_printf("mac %u %s", n++, p->domain->uuid);
                        g_free(mac);
                        mac = mac_of(flags & DM_RESOLVE_NEW ? g_random_int() : g_str_hash(text));
                } while (mac_taken(p->domain, mac));
                i->mac = g_steal_pointer(&mac);
                dm_origins_explain(p->domain->origins, &i->mac, "%s",
                                   flags & DM_RESOLVE_NEW ? "made up: none was given"
                                                          : "made of the uuid: none was given");
        }
}

/* ---- all of it ---- */

gboolean dm_defaults_add_devices(DmPlan *p, DmResolveFlags flags, GError **error)
{
        add_macs(p, flags);
        dm_plan_default_audio(p);
        return add_inputs(p, flags, error) && add_balloon(p, flags, error) && add_panic(p, flags, error) &&
               pair_consoles(p, flags, error) && add_video(p, flags, error);
}

/* ---- order of disks ---- */

int dm_disk_index(const char *name)
{
        static const char *const prefixes[] = { "fd", "hd", "vd", "sd", "xvd", "ubd" };
        const char *rest = NULL;
        for (gsize i = 0; i < G_N_ELEMENTS(prefixes) && name && !rest; i++)
                if (g_str_has_prefix(name, prefixes[i]))
                        rest = name + strlen(prefixes[i]);
        if (!rest || !g_ascii_islower(*rest))
                return -1;
        int index = 0;
        for (; g_ascii_islower(*rest); rest++) {
                index = index * 26 + (*rest - 'a' + 1);
                if (index > DM_DISK_INDEX_MAX)
                        return -1;
        }
        /* A partition's number may follow. */
        return rest[strspn(rest, "0123456789")] ? -1 : index - 1;
}

static int bus_of(const DmDevice *device)
{
        return (int)((const DmDisk *)device)->bus;
}

static gint64 place_of(const DmDevice *device)
{
        return dm_disk_index(((const DmDisk *)device)->dst);
}

void dm_defaults_sort_disks(DmPlan *p)
{
        dm_plan_sort(p->domain, DM_DEVICE_DISK, TRUE, bus_of, place_of);
}
