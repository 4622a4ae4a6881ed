/* Devices on boards and emulators: what is filled in, what they are called, what is refused and how. */
#include "conf/domain_disk.h"
#include "conf/domain_graphics.h"
#include "conf/domain_interface.h"
#include "conf/domain_misc.h"
#include "conf/domain_video.h"
#include "plan_fixture.h"

/* A guest of @machine with @devices, and @more beside them. */
static char *document(const char *arch, const char *machine, const char *more, const char *devices)
{
        return g_strdup_printf(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='%s' machine='%s'>hvm</type></os>%s"
                "<devices>%s</devices></domain>",
                arch, machine, more, devices);
}

static DmPlan *plan_on(const char *caps, const char *arch, const char *machine, const char *devices)
{
        g_autofree char *text = document(arch, machine, "", devices);
        g_autoptr(GError) error = NULL;
        DmPlan *p = fixture_plan(text, caps, &error);
        g_assert_no_error(error);
        return p;
}

static DmPlan *pc(const char *devices)
{
        return plan_on("x86_64-7.2", "x86_64", "pc", devices);
}

/* ---- refusals ---- */

typedef struct Refusal {
        const char *name, *caps, *machine, *devices, *expected;
} Refusal;

#define DISK(attrs, inner) \
        "<disk type='file' device='disk'>" inner "<source file='/x'/><target " attrs "/></disk>"
#define PC "x86_64-7.2", "pc"

static const Refusal refusals[] = {
        { "disk/format", PC, DISK("dev='vda' bus='virtio'", "<driver type='cow'/>"),
          "images of format 'cow' are not supported" },
        { "disk/bus-xen", PC, DISK("dev='xvda' bus='xen'", ""),
          "machine 'pc-i440fx-7.2' has no bus 'xen' for disks" },
        { "disk/ide-on-q35", "x86_64-7.2", "q35", DISK("dev='hda' bus='ide'", ""),
          "disk hda: machine 'pc-q35-7.2' has no bus 'ide' for disks; use 'sata'" },
        { "disk/sd", PC, DISK("dev='sda' bus='sd'", ""), "has no bus 'sd' for disks" },
        { "disk/virtio-on-isapc", "x86_64-7.2", "isapc", DISK("dev='vda' bus='virtio'", ""),
          "has no bus 'virtio' for disks" },
        { "disk/event-idx", PC, DISK("dev='hda' bus='ide'", "<driver event_idx='on'/>"),
          "event_idx cannot be had on bus 'ide', only on virtio" },
        { "disk/packed", PC, DISK("dev='hda' bus='ide'", "<driver packed='on'/>"),
          "virtio options cannot be had on bus 'ide'" },
        { "disk/vendor", PC,
          "<disk type='file' device='disk'><source file='/x'/><target dev='hda' "
          "bus='ide'/><vendor>V</vendor></disk>",
          "a vendor cannot be had on bus 'ide', only on scsi" },
        { "disk/rotation", PC, DISK("dev='vda' bus='virtio' rotation_rate='7200'", ""),
          "a rotation rate cannot be had on bus 'virtio'" },
        { "disk/removable", PC, DISK("dev='hda' bus='ide' removable='on'", ""),
          "removable cannot be had on bus 'ide', only on usb or scsi" },
        { "disk/virtio-cd", PC, "<disk type='file' device='cdrom'><target dev='vda' bus='virtio'/></disk>",
          "a CD drive cannot be had on bus 'virtio', only on ide, sata, scsi or usb" },
        { "disk/lun-bus", PC,
          "<disk type='block' device='lun'><source dev='/dev/sda'/><target dev='vda' bus='virtio'/></disk>",
          "device='lun' needs <target bus='scsi'>" },
        { "disk/lun-file", PC,
          "<disk type='file' device='lun'><source file='/x'/><target dev='sda' bus='scsi'/></disk>",
          "device='lun' passes a host device through and needs type='block'" },
        { "disk/lun-qcow2", PC,
          "<disk type='block' device='lun'><driver type='qcow2'/><source dev='/x'/><target dev='sda' "
          "bus='scsi'/></disk>",
          "device='lun' needs <driver type='raw'>" },
        { "controller/ide-second", PC, "<controller type='ide' index='1'/>",
          "machine 'pc-i440fx-7.2' has only one IDE controller; use bus 'sata' or 'scsi'" },
        { "controller/ide-q35", "x86_64-7.2", "q35", "<controller type='ide' index='0'/>",
          "has no IDE controller" },
        { "controller/buslogic", PC, "<controller type='scsi' model='buslogic'/>",
          "QEMU has no buslogic SCSI controller" },
        { "controller/queues", PC,
          "<controller type='scsi' model='lsilogic'><driver queues='2'/></controller>",
          "need a virtio-scsi controller" },
        { "controller/iothread", PC,
          "<controller type='scsi' model='virtio-scsi'><driver iothread='3'/></controller>",
          "there is no iothread 3 in this guest" },
        { "controller/pci-isapc", "x86_64-7.2", "isapc",
          "<controller type='pci' index='1' model='pci-bridge'/>", "machine 'isapc' has no PCI" },
        { "controller/order", PC,
          "<controller type='pci' index='1' model='pci-bridge'><address type='pci' bus='0x02' "
          "slot='0x01'/></controller>",
          "it sits on bus 2, and must have a higher index than that" },
        { "controller/second-root", PC, "<controller type='pci' index='1' model='pci-root'/>",
          "has only one host bridge" },
        { "controller/xenbus", PC, "<controller type='xenbus'/>",
          "QEMU has no xenbus controllers without Xen" },
        { "controller/unknown-device", "x86_64-7.2", "pc", "<controller type='usb' model='vt82c686b-uhci'/>",
          "'/usr/bin/qemu-system-x86_64' (QEMU 7.2.0) has no device 'vt82c686b-usb-uhci'; choose another "
          "model" },
        { "controller/iothread-lsi", PC,
          "<controller type='scsi' model='lsilogic'><driver iothread='1'/></controller>",
          "an iothread needs a virtio-scsi controller" },
        { "controller/root-hotplug", "x86_64-5.0", "pc",
          "<controller type='pci' index='0' model='pci-root'><target hotplug='off'/></controller>",
          "plugging into the root bus of machine 'pc-i440fx-5.0' cannot be switched" },
        { "disk/iothread", PC, DISK("dev='vda' bus='virtio'", "<driver iothread='2'/>"),
          "there is no iothread 2 in this guest" },
        { "disk/geometry", PC,
          "<disk><source file='/x'/><geometry cyls='1' heads='1' secs='1'/><target dev='vda' "
          "bus='virtio'/></disk>",
          "a geometry cannot be had on bus 'virtio', only on ide or sata" },
        { "interface/type", PC, "<interface type='null'></interface>",
          "has no interfaces of type 'null'; use another" },
        { "interface/vhost", PC,
          "<interface type='bridge'><source bridge='b'/><model type='e1000'/><driver "
          "name='vhost'/></interface>",
          "vhost is for virtio cards only" },
        { "interface/vhostuser", PC,
          "<interface type='vhostuser'><source type='unix' path='/s' mode='server'/><model "
          "type='e1000'/></interface>",
          "an interface of type 'vhostuser' needs <model type='virtio'>" },
        { "interface/tap", PC, "<interface type='user'><backend tap='/t'/></interface>",
          "an interface of type 'user' has no tap device" },
        { "interface/rss", PC, "<interface type='user'><model type='e1000'/><driver rss='on'/></interface>",
          "rss needs <model type='virtio'>" },
        { "interface/host-driver", PC,
          "<interface type='hostdev'><driver name='kvm'/><source><address type='pci' bus='1' "
          "slot='0'/></source></interface>",
          "QEMU has no driver 'kvm' for cards of the host any more" },
        { "interface/queues", PC,
          "<interface type='user'><model type='virtio'/><driver queues='4'/></interface>",
          "an interface of type 'user' has one queue only" },
        { "interface/mtu", PC, "<interface type='user'><model type='e1000'/><mtu size='9000'/></interface>",
          "an MTU can be told to virtio cards only" },
        { "interface/packed", PC,
          "<interface type='user'><model type='e1000'/><driver packed='on'/></interface>",
          "virtio options need <model type='virtio'>" },
        { "interface/pci-on-isapc", "x86_64-7.2", "isapc",
          "<interface type='user'><model type='e1000'/></interface>",
          "machine 'isapc' has no PCI for a e1000 card" },
        { "interface/unknown", PC, "<interface type='user'><model type='nosuch'/></interface>",
          "has no device 'nosuch'" },
        { "serial/system", PC, "<serial type='pty'><target type='system-serial'/></serial>",
          "machine 'pc-i440fx-7.2' has no serial chip on board" },
        { "serial/fifth", PC, "<serial type='pty'><target port='4'/></serial>",
          "there are 4 isa-serial ports at most" },
        { "serial/model", PC,
          "<serial type='pty'><target type='usb-serial'><model name='isa-serial'/></target></serial>",
          "model 'isa-serial' is not of type 'usb-serial'" },
        { "serial/spice", PC, "<serial type='spiceport'><source channel='a'/></serial>",
          "type 'spiceport' needs <graphics type='spice'>" },
        { "serial/tls", PC,
          "<serial type='tcp'><source mode='bind' service='1'/><protocol type='tls'/></serial>",
          "protocol 'tls' is not supported; use 'raw' or 'telnet' with tls='yes'" },
        { "parallel/fourth", PC, "<parallel type='null'><target port='3'/></parallel>",
          "there are 3 parallel ports at most" },
        { "parallel/q800", "m68k-7.2", "virt", "<parallel type='null'/>",
          "machine 'virt-7.2' has no parallel ports" },
        { "console/second", PC, "<console type='pty'/><console type='pty'/>",
          "only the first console can be the serial line" },
        { "console/sclp", PC, "<console type='pty'><target type='sclp'/></console>",
          "consoles of type 'sclp' exist on s390x only" },
        { "console/xen", PC, "<console type='pty'><target type='xen'/></console>",
          "QEMU has no consoles of type 'xen'" },
        { "console/virtio", "x86_64-7.2", "isapc", "<console type='pty'><target type='virtio'/></console>",
          "machine 'isapc' has no virtio" },
        { "channel/xen", PC, "<channel type='pty'><target type='xen' name='x'/></channel>",
          "QEMU has no xen channels" },
        { "channel/vdagent", "x86_64-6.0", "pc",
          "<channel type='qemu-vdagent'><target type='virtio'/></channel>",
          "QEMU 6.0.0 has no 'qemu-vdagent'; 6.1 is the first" },
        { "input/xen", PC, "<input type='mouse' bus='xen'/>", "QEMU has no input bus 'xen'" },
        { "input/ps2", "m68k-7.2", "virt", "<input type='mouse' bus='ps2'/>",
          "machine 'virt-7.2' has no PS/2" },
        { "input/virtio", "x86_64-7.2", "isapc", "<input type='mouse' bus='virtio'/>",
          "machine 'isapc' has no virtio" },
        { "graphics/type", PC, "<graphics type='rdp' port='3389'/>", "has no graphics of type 'rdp'" },
        { "graphics/port", PC, "<graphics type='vnc' port='80'/>", "VNC ports begin at 5900" },
        { "graphics/network", PC, "<graphics type='vnc'><listen type='network' network='n'/></graphics>",
          "network 'n' has no address to listen at" },
        { "graphics/power", "x86_64-5.0", "pc", "<graphics type='vnc' powerControl='yes'/>",
          "QEMU 5.0.0 has no power control over VNC" },
        { "video/second-vga", PC, "<video><model type='vga'/></video><video><model type='cirrus'/></video>",
          "model 'cirrus' can only be the first adapter; use 'qxl' or 'virtio'" },
        { "video/none", PC, "<video><model type='none'/></video><video><model type='qxl'/></video>",
          "model 'none' must be the only <video>" },
        { "video/vbox", PC, "<video><model type='vbox'/></video>", "QEMU has no display adapter 'vbox'" },
        { "video/qxl-on-isapc", "x86_64-7.2", "isapc", "<video><model type='qxl'/></video>",
          "QEMU has no display adapter 'qxl' for machine 'isapc'" },
        { "video/3d", PC, "<video><model type='vga'><acceleration accel3d='yes'/></model></video>",
          "3D needs model 'virtio', not 'vga'" },
        { "video/nothing-fits", "aarch64-7.2", "raspi3b", "<video/>",
          "no display adapter fits machine 'raspi3b'" },
        { "memballoon/xen", PC, "<memballoon model='xen'/>", "QEMU has no balloon 'xen'" },
        { "memballoon/isapc", "x86_64-7.2", "isapc", "<memballoon model='virtio'/>",
          "machine 'isapc' has no virtio; use model 'none'" },
        { "memballoon/reporting", "x86_64-5.0", "pc", "<memballoon model='virtio' freePageReporting='on'/>",
          "QEMU 5.0.0 has no free page reporting; 5.1 is the first" },
        { "rng/isapc", "x86_64-7.2", "isapc", "<rng model='virtio'><backend model='random'/></rng>",
          "machine 'isapc' has no virtio" },
        { "watchdog/ccw", PC, "<watchdog model='diag288'/>",
          "machine 'pc-i440fx-7.2' cannot have a watchdog 'diag288'" },
        { "watchdog/itco", PC, "<watchdog model='itco'/>", "cannot have a watchdog 'itco'" },
        { "watchdog/two-actions", PC,
          "<watchdog model='i6300esb' action='reset'/><watchdog model='ib700' action='pause'/>",
          "all watchdogs of a guest must have the same action" },
        { "panic/pseries", PC, "<panic model='pseries'/>", "cannot have a panic device 'pseries'" },
        { "panic/s390", PC, "<panic model='s390'/>", "cannot have a panic device 's390'" },
};

/* "m68k" of "m68k-7.2".  Owned. */
static char *arch_of(const char *caps)
{
        return g_strndup(caps, strcspn(caps, "-"));
}

static void test_refusal(gconstpointer data)
{
        const Refusal *r = data;
        g_autofree char *arch = arch_of(r->caps), *text = document(arch, r->machine, "", r->devices);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_plan(text, r->caps, &error);
        g_assert_null(p);
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        if (!strstr(error->message, r->expected))
                g_error("message: %s\nexpected: %s", error->message, r->expected);
        /* The place is that of the device, or of something in it. */
        g_assert_nonnull(dm_error_path(error));
        g_assert_true(g_str_has_prefix(dm_error_path(error), "/domain/devices/"));
        g_assert_cmpuint(dm_error_line(error), ==, 1);
}

/* ---- what is filled in ---- */

static void assert_explained(const DmPlan *p, const void *value)
{
        g_assert_nonnull(dm_origins_reason(p->domain->origins, value));
}

static void test_disk_bus(void)
{
        static const struct {
                const char *caps, *arch, *machine, *dst;
                DmDiskBus bus;
        } cases[] = {
                { "x86_64-7.2", "x86_64", "pc", "hda", DM_DISK_BUS_IDE },
                { "x86_64-7.2", "x86_64", "pc", "sda", DM_DISK_BUS_SCSI },
                { "x86_64-7.2", "x86_64", "pc", "vdb", DM_DISK_BUS_VIRTIO },
                { "x86_64-7.2", "x86_64", "pc", "fda", DM_DISK_BUS_FDC },
                { "x86_64-7.2", "x86_64", "q35", "hda", DM_DISK_BUS_SATA },
                { "x86_64-7.2", "x86_64", "isapc", "vda", DM_DISK_BUS_IDE },
                { "m68k-7.2", "m68k", "virt", "hda", DM_DISK_BUS_VIRTIO },
                { "sparc-7.2", "sparc", "SS-5", "hda", DM_DISK_BUS_SCSI },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *disk =
                        g_strdup_printf("<disk><source file='/x'/><target dev='%s'/></disk>", cases[i].dst);
                g_autoptr(DmPlan) p = plan_on(cases[i].caps, cases[i].arch, cases[i].machine, disk);
                const DmDisk *d = dm_domain_device(p->domain, DM_DEVICE_DISK, 0);
                g_assert_cmpint(d->bus, ==, cases[i].bus);
                assert_explained(p, &d->bus);
                g_assert_cmpint(d->device, ==, DM_DISK_DISK);
                g_assert_cmpint(d->format, ==, DM_DISK_RAW);
                assert_explained(p, &d->format);
                g_assert_false(d->readonly);
        }
}

static void test_cdrom_readonly(void)
{
        g_autoptr(DmPlan) p = pc("<disk device='cdrom'><target dev='hdc'/></disk>");
        const DmDisk *d = dm_domain_device(p->domain, DM_DEVICE_DISK, 0);
        g_assert_true(d->readonly);
        assert_explained(p, &d->readonly);
}

static void test_usb_model(void)
{
        static const struct {
                const char *caps, *arch, *machine;
                DmResolveFlags flags;
                DmControllerModel model;
        } cases[] = {
                { "x86_64-7.2", "x86_64", "pc", 0, DM_USB_PIIX3_UHCI },
                { "x86_64-7.2", "x86_64", "isapc", 0, DM_MODEL_UNSET },
                { "ppc64-7.2", "ppc64", "pseries", 0, DM_USB_PCI_OHCI },
                { "ppc64-7.2", "ppc64", "pseries", DM_RESOLVE_NEW, DM_USB_QEMU_XHCI },
                { "s390x-6.0", "s390x", "s390-ccw-virtio-6.0", 0, DM_USB_NONE },
                { "riscv64-7.2", "riscv64", "virt", 0, DM_USB_QEMU_XHCI },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(DmPlan) p = plan_on(cases[i].caps, cases[i].arch, cases[i].machine, "");
                DmController *c = dm_domain_add_device(p->domain, DM_DEVICE_CONTROLLER);
                c->type = DM_CONTROLLER_USB;
                g_assert_true(dm_controller_ops.defaults(p, &c->dev, cases[i].flags, NULL));
                g_assert_cmpint(c->model, ==, cases[i].model);
                if (c->model)
                        assert_explained(p, &c->model);
        }
}

static void test_serial_targets(void)
{
        static const struct {
                const char *caps, *arch, *machine;
                DmSerialType type;
                DmSerialModel model;
        } cases[] = {
                { "x86_64-7.2", "x86_64", "pc", DM_SERIAL_ISA, DM_SERIAL_MODEL_ISA_SERIAL },
                { "aarch64-7.2", "aarch64", "virt", DM_SERIAL_SYSTEM, DM_SERIAL_MODEL_PL011 },
                { "riscv64-7.2", "riscv64", "virt", DM_SERIAL_SYSTEM, DM_SERIAL_MODEL_16550A },
                { "ppc64-7.2", "ppc64", "pseries", DM_SERIAL_SPAPR_VIO, DM_SERIAL_MODEL_SPAPR_VTY },
                { "s390x-6.0", "s390x", "s390-ccw-virtio-6.0", DM_SERIAL_SCLP, DM_SERIAL_MODEL_SCLPCONSOLE },
                { "sparc-7.2", "sparc", "SS-5", DM_SERIAL_UNSET, DM_SERIAL_MODEL_UNSET },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(DmPlan) p = plan_on(cases[i].caps, cases[i].arch, cases[i].machine,
                                              "<serial type='null'/><serial type='null'/>");
                const DmChardev *first = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 0);
                const DmChardev *second = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 1);
                g_assert_cmpint(first->serial_type, ==, cases[i].type);
                g_assert_cmpint(first->serial_model, ==, cases[i].model);
                g_assert_cmpuint(first->port.value, ==, 0);
                g_assert_cmpuint(second->port.value, ==, 1);
                assert_explained(p, &second->port);
        }
}

/* A type that is not written follows from the model, or from the address. */
static void test_serial_follows(void)
{
        g_autoptr(DmPlan) p = pc("<serial type='null'><target><model name='pci-serial'/></target></serial>"
                                 "<serial type='null'><address type='usb' bus='0' port='1'/></serial>");
        const DmChardev *pci = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 0);
        const DmChardev *usb = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 1);
        g_assert_cmpint(pci->serial_type, ==, DM_SERIAL_PCI);
        g_assert_cmpint(usb->serial_type, ==, DM_SERIAL_USB);
        g_assert_cmpint(usb->serial_model, ==, DM_SERIAL_MODEL_USB_SERIAL);
}

static void test_video_memory(void)
{
        g_autoptr(DmPlan) p = pc("<video><model type='qxl' vram='100'/></video><video><model type='qxl' "
                                 "ram='70000'/></video>");
        const DmVideo *first = dm_domain_device(p->domain, DM_DEVICE_VIDEO, 0);
        const DmVideo *second = dm_domain_device(p->domain, DM_DEVICE_VIDEO, 1);
        g_assert_cmpuint(first->ram.value, ==, 65536);
        g_assert_cmpuint(first->vram.value, ==, 1024); /* too small: what QEMU takes at least */
        assert_explained(p, &first->vram);
        g_assert_cmpuint(second->ram.value, ==, 131072);
        g_assert_cmpint(first->primary, ==, DM_YES);
        g_assert_cmpint(second->primary, ==, DM_YES_NO_UNSET);
        g_assert_cmpuint(first->heads.value, ==, 1);
}

static void test_graphics_listen(void)
{
        g_autoptr(DmPlan) p = pc("<graphics type='vnc' port='5901' listen='10.0.0.1'/>");
        const DmGraphics *g = dm_domain_device(p->domain, DM_DEVICE_GRAPHICS, 0);
        const DmListen *l = g_ptr_array_index(g->listens, 0);
        g_assert_cmpuint(g->listens->len, ==, 1);
        g_assert_cmpint(l->type, ==, DM_LISTEN_ADDRESS);
        g_assert_cmpstr(l->address, ==, "10.0.0.1");
        g_assert_cmpint(g->autoport, ==, DM_NO);
        g_autoptr(DmPlan) other = pc("<graphics type='vnc' socket='/x'/>");
        g = dm_domain_device(other->domain, DM_DEVICE_GRAPHICS, 0);
        l = g_ptr_array_index(g->listens, 0);
        g_assert_cmpint(l->type, ==, DM_LISTEN_SOCKET);
        g_assert_cmpstr(l->socket, ==, "/x");
        g_assert_false(g->port.set);
        g_autoptr(DmPlan) open = pc("<graphics type='vnc'/>");
        g = dm_domain_device(open->domain, DM_DEVICE_GRAPHICS, 0);
        g_assert_cmpint(g->port.value, ==, -1);
        g_assert_cmpint(g->autoport, ==, DM_YES);
        assert_explained(open, &g->autoport);
}

static void test_small_defaults(void)
{
        g_autoptr(DmPlan) p = pc("<interface type='user'/><input type='mouse'/><input type='tablet'/>"
                                 "<watchdog model='ib700'/><rng model='virtio'><rate bytes='5'/><backend "
                                 "model='random'/></rng>"
                                 "<panic/><channel type='unix'><target type='virtio' name='n'/></channel>");
        const DmInterface *n = dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 0);
        const DmInput *mouse = dm_domain_device(p->domain, DM_DEVICE_INPUT, 0);
        const DmInput *tablet = dm_domain_device(p->domain, DM_DEVICE_INPUT, 1);
        const DmWatchdog *w = dm_domain_device(p->domain, DM_DEVICE_WATCHDOG, 0);
        const DmRng *r = dm_domain_device(p->domain, DM_DEVICE_RNG, 0);
        const DmPanic *panic = dm_domain_device(p->domain, DM_DEVICE_PANIC, 0);
        const DmChardev *channel = dm_domain_device(p->domain, DM_DEVICE_CHANNEL, 0);
        g_assert_cmpstr(n->model, ==, p->board->nic_model);
        g_assert_cmpint(mouse->bus, ==, DM_INPUT_BUS_PS2);
        g_assert_cmpint(tablet->bus, ==, DM_INPUT_BUS_USB);
        g_assert_cmpint(w->action, ==, DM_WATCHDOG_RESET);
        g_assert_cmpuint(r->rate_period.value, ==, 1000);
        g_assert_cmpstr(r->path, ==, "/dev/random");
        g_assert_cmpint(panic->model, ==, DM_PANIC_ISA);
        /* A socket without a path is the driver's own, which is not written down. */
        g_assert_cmpint(channel->mode, ==, DM_CHARDEV_MODE_UNSET);
        const void *values[] = {
                &n->model, &mouse->bus, &w->action, &r->rate_period, &r->path, &panic->model
        };
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
                assert_explained(p, values[i]);
}

/* ---- where they want to sit ---- */

#define IMAGE(dev, bus) "<disk><source file='/" dev "'/><target dev='" dev "' bus='" bus "'/>"

static void test_wants(void)
{
        static const struct {
                const char *machine, *device;
                DmWants wants;
        } cases[] = {
                { "pc", IMAGE("vda", "virtio") "</disk>", DM_WANTS_VIRTIO },
                { "pc", IMAGE("sda", "usb") "</disk>", DM_WANTS_USB },
                { "pc", IMAGE("hda", "ide") "</disk>", DM_WANTS_DRIVE },
                { "pc", IMAGE("fda", "fdc") "</disk>", DM_WANTS_DRIVE },
                { "pc", "<controller type='ide' index='0'/>", DM_WANTS_NOTHING },
                { "pc", "<controller type='sata' index='0'/>", DM_WANTS_PCI },
                { "q35", "<controller type='sata' index='0'/>", DM_WANTS_NOTHING },
                { "pc", "<controller type='fdc' index='0'/>", DM_WANTS_NOTHING },
                { "pc", "<controller type='scsi' model='lsilogic'/>", DM_WANTS_PCI },
                { "pc", "<controller type='scsi' model='virtio-scsi'/>", DM_WANTS_VIRTIO },
                { "pc", "<controller type='scsi' model='virtio-transitional'/>", DM_WANTS_PCI },
                { "pc", "<controller type='usb' model='none'/>", DM_WANTS_NOTHING },
                { "pc", "<controller type='usb' model='piix3-uhci'/>", DM_WANTS_PCI },
                { "pc", "<controller type='usb' model='nec-xhci'/>", DM_WANTS_PCIE },
                { "pc", "<controller type='usb' model='ich9-ehci1'/>", DM_WANTS_PCI },
                { "pc", "<controller type='virtio-serial'/>", DM_WANTS_VIRTIO },
                { "pc", "<controller type='ccid'/>", DM_WANTS_USB },
                { "pc", "<controller type='pci' index='0' model='pci-root'/>", DM_WANTS_NOTHING },
                { "pc", "<controller type='pci' index='1' model='pci-bridge'/>", DM_WANTS_PCI },
                { "q35", "<controller type='pci' index='1' model='pcie-root-port'/>", DM_WANTS_PCIE_ROOT },
                { "q35", "<controller type='pci' index='1' model='pcie-to-pci-bridge'/>", DM_WANTS_PCIE },
                { "pc", "<interface type='user'><model type='virtio'/></interface>", DM_WANTS_VIRTIO },
                { "pc", "<interface type='user'><model type='virtio-transitional'/></interface>",
                  DM_WANTS_PCI },
                { "pc", "<interface type='user'><model type='e1000e'/></interface>", DM_WANTS_PCIE },
                { "pc", "<interface type='user'><model type='rtl8139'/></interface>", DM_WANTS_PCI },
                { "pc", "<interface type='user'><model type='usb-net'/></interface>", DM_WANTS_USB },
                { "pc", "<interface type='user'><model type='ne2k_isa'/></interface>", DM_WANTS_ISA },
                { "pc", "<serial type='null'/>", DM_WANTS_ISA },
                { "pc", "<serial type='null'><target type='usb-serial'/></serial>", DM_WANTS_USB },
                { "pc", "<serial type='null'><target type='pci-serial'/></serial>", DM_WANTS_PCI },
                { "pc", "<parallel type='null'/>", DM_WANTS_ISA },
                { "pc", "<channel type='null'><target type='virtio' name='a'/></channel>",
                  DM_WANTS_VIRTIO_SERIAL },
                { "pc",
                  "<channel type='null'><target type='guestfwd' address='10.0.2.3' port='4'/></channel>",
                  DM_WANTS_NOTHING },
                { "pc", "<input type='tablet' bus='usb'/>", DM_WANTS_USB },
                { "pc", "<input type='tablet' bus='virtio'/>", DM_WANTS_VIRTIO },
                { "pc", "<input type='mouse' bus='ps2'/>", DM_WANTS_NOTHING },
                { "pc", "<video><model type='vga'/></video>", DM_WANTS_PCI },
                { "pc", "<video><model type='virtio'/></video>", DM_WANTS_VIRTIO },
                { "isapc", "<video><model type='vga'/></video>", DM_WANTS_NOTHING },
                { "pc", "<video><model type='none'/></video>", DM_WANTS_NOTHING },
                { "pc", "<watchdog model='i6300esb'/>", DM_WANTS_PCI },
                { "pc", "<watchdog model='ib700'/>", DM_WANTS_NOTHING },
                { "pc", "<memballoon model='virtio'/>", DM_WANTS_VIRTIO },
                { "pc", "<memballoon model='virtio-transitional'/>", DM_WANTS_PCI },
                { "pc", "<memballoon model='none'/>", DM_WANTS_NOTHING },
                { "pc", "<rng model='virtio'><backend model='builtin'/></rng>", DM_WANTS_VIRTIO },
                { "pc", "<panic model='isa'/>", DM_WANTS_NOTHING },
                { "pc", "<panic model='pvpanic'/>", DM_WANTS_PCI },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(DmPlan) p = plan_on("x86_64-7.2", "x86_64", cases[i].machine, cases[i].device);
                const DmDevice *device = dm_domain_nth(p->domain, 0);
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                DmWants wants = ops->wants ? ops->wants(p, device) : DM_WANTS_NOTHING;
                if (wants != cases[i].wants)
                        g_error("%s on %s wants %d, not %d", cases[i].device, cases[i].machine, wants,
                                cases[i].wants);
        }
}

/* ---- ids ---- */

static void assert_aliases(const DmPlan *p, DmDeviceKind kind, const char *expected)
{
        g_autoptr(GString) s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == (int)kind)
                        g_string_append_printf(s, "%s%s", s->len ? " " : "",
                                               device->alias ? device->alias : "-");
        g_assert_cmpstr(s->str, ==, expected);
}

#define DRIVE(c, b, t, u) \
        "<address type='drive' controller='" c "' bus='" b "' target='" t "' unit='" u "'/></disk>"

static void test_aliases(void)
{
        g_autoptr(DmPlan) p = pc(
                IMAGE("hdb", "ide") DRIVE("0", "0", "0", "1") IMAGE("sda", "scsi") DRIVE("0", "0", "2", "1")
                        IMAGE("sdb", "scsi") DRIVE("1", "0", "0", "4") IMAGE("sdc", "sata") DRIVE(
                                "0", "0", "0", "3") IMAGE("fdb", "fdc") DRIVE("0", "0", "0", "1")
                                IMAGE("vdc", "virtio") "</disk>" IMAGE("vdaa", "virtio") "</disk>" IMAGE(
                                        "sdz",
                                        "usb") "</disk>"
                                               "<controller type='scsi' index='0' "
                                               "model='virtio-scsi'/><controller type='scsi' index='1' "
                                               "model='lsilogic'/>"
                                               "<controller type='ide' index='0'/><controller type='sata' "
                                               "index='0'/><controller type='usb' index='0'/>"
                                               "<controller type='usb' index='2' "
                                               "model='qemu-xhci'/><controller type='fdc' index='0'/>"
                                               "<controller type='virtio-serial' index='3'/><controller "
                                               "type='pci' index='0' model='pci-root'/>"
                                               "<controller type='pci' index='1' "
                                               "model='pci-bridge'/><controller type='ccid' index='0'/>"
                                               "<interface type='user'/><interface type='user'><alias "
                                               "name='ua-mine'/></interface><interface type='user'/>"
                                               "<serial type='pty'/><console type='pty'/><console "
                                               "type='pty'><target type='virtio'/></console>"
                                               "<memballoon model='none'/>");
        assert_aliases(
                p, DM_DEVICE_DISK,
                "ide0-0-1 scsi0-0-2-1 scsi1-0-4 sata0-0-3 fdc0-0-1 virtio-disk2 virtio-disk26 usb-disk25");
        assert_aliases(p, DM_DEVICE_CONTROLLER,
                       "scsi0 scsi1 ide sata0 usb usb2 fdc0 virtio-serial3 pci.0 pci.1 ccid0");
        assert_aliases(p, DM_DEVICE_INTERFACE, "net0 ua-mine net1");
        assert_aliases(p, DM_DEVICE_SERIAL, "serial0");
        assert_aliases(p, DM_DEVICE_CONSOLE, "serial0 console1");
        assert_aliases(p, DM_DEVICE_MEMBALLOON, "-");
        g_autoptr(DmPlan) q35 =
                plan_on("x86_64-7.2", "x86_64", "q35",
                        "<controller type='sata' index='0'/><controller type='sata' index='1'/>"
                        "<controller type='pci' index='0' model='pcie-root'/>");
        assert_aliases(q35, DM_DEVICE_CONTROLLER, "ide sata1 pcie.0");
}

/* Images count from the last to the first; one that is added later gets the next number, and none changes. */
static void test_image_numbers(void)
{
        g_autoptr(DmPlan) p = pc(IMAGE("vda", "virtio") "</disk>" IMAGE("vdb", "virtio") "</disk>");
        DmDisk *first = dm_domain_device(p->domain, DM_DEVICE_DISK, 0);
        DmDisk *second = dm_domain_device(p->domain, DM_DEVICE_DISK, 1);
        g_assert_cmpuint(first->index.value, ==, 2);
        g_assert_cmpuint(second->index.value, ==, 1);
        DmDisk *third = dm_domain_add_device(p->domain, DM_DEVICE_DISK);
        third->dst = g_strdup("vdc");
        third->bus = DM_DISK_BUS_VIRTIO;
        third->file = g_strdup("/c");
        g_assert_true(dm_plan_aliases(p, NULL));
        g_assert_cmpuint(third->index.value, ==, 3);
        g_assert_cmpuint(first->index.value, ==, 2);
        g_assert_cmpstr(third->dev.alias, ==, "virtio-disk2");
        /* The number is a matter of the running guest. */
        g_autofree char *definition = dm_domain_format(p->domain, 0);
        g_autofree char *status = dm_domain_format(p->domain, DM_XML_FORMAT_RUNTIME);
        g_assert_null(strstr(definition, "index='3'"));
        g_assert_nonnull(strstr(status, "<source file='/c' index='3'/>"));
}

/* ---- boot order ---- */

static void assert_boot(const char *os, const char *devices, const char *expected)
{
        g_autofree char *text = document("x86_64", "pc", "", devices);
        g_autoptr(GString) s = g_string_new(text);
        g_autoptr(GString) order = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *boot = g_strconcat(os, "</os>", NULL);
        g_string_replace(s, "</os>", boot, 1);
        g_autoptr(DmPlan) p = fixture_plan(s->str, "x86_64-7.2", &error);
        g_assert_no_error(error);
        DM_FOREACH_DEVICE (p->domain, device)
                g_string_append_printf(order, "%u", dm_boot_index(p, device));
        g_assert_cmpstr(order->str, ==, expected);
}

static void test_boot_order(void)
{
        const char *devices = IMAGE("vda", "virtio") "</disk>" IMAGE(
                "vdb", "virtio") "</disk>"
                                 "<disk device='cdrom'><target dev='hdc'/></disk><disk "
                                 "device='floppy'><target dev='fda'/></disk>"
                                 "<interface type='user'/><interface type='user'/>";
        assert_boot("", devices, "100000");
        assert_boot("<boot dev='hd'/>", devices, "100000");
        assert_boot("<boot dev='network'/>", devices, "000010");
        assert_boot("<boot dev='cdrom'/><boot dev='network'/><boot dev='fd'/><boot dev='hd'/>", devices,
                    "401320");
        assert_boot("",
                    IMAGE("vda", "virtio") "</disk>" IMAGE(
                            "vdb", "virtio") "<boot order='3'/></disk>"
                                             "<interface type='user'><boot order='1'/></interface>",
                    "031");
}

/* ---- names of buses ---- */

static void test_pci_names(void)
{
        g_autoptr(DmPlan) p = plan_on("ppc64-7.2", "ppc64", "pseries",
                                      "<controller type='pci' index='0' model='pci-root'/>"
                                      "<controller type='pci' index='1' model='pci-root'/>"
                                      "<controller type='pci' index='2' model='pci-bridge'>"
                                      "<address type='pci' bus='0x01' slot='0x03'/></controller>");
        const struct {
                unsigned bus, slot, function;
                const char *name, *addr;
        } cases[] = { { 0, 1, 0, "pci.0", "0x1" },
                      { 1, 31, 7, "pci.1.0", "0x1f.0x7" },
                      { 2, 10, 0, "pci.2", "0xa" } };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                DmAddress a = { .type = DM_ADDRESS_PCI,
                                .bus = DM_OPT(cases[i].bus),
                                .slot = DM_OPT(cases[i].slot),
                                .function = DM_OPT(cases[i].function) };
                g_autofree char *name = dm_pci_bus_name(p, &a), *addr = dm_pci_addr(&a);
                g_assert_cmpstr(name, ==, cases[i].name);
                g_assert_cmpstr(addr, ==, cases[i].addr);
        }
}

/* Numbers of ports follow from addresses; those that are given stay. */
static void test_port_numbers(void)
{
        g_autoptr(DmPlan) p = plan_on(
                "x86_64-7.2", "x86_64", "q35",
                "<controller type='pci' index='0' model='pcie-root'/>"
                "<controller type='pci' index='4' model='pcie-root-port'>"
                "<address type='pci' slot='0x02' function='0x3'/></controller>"
                "<controller type='pci' index='5' model='pcie-root-port'><target chassis='9' port='0x1'/>"
                "<address type='pci' slot='0x03'/></controller>"
                "<controller type='pci' index='6' model='pcie-expander-bus'/>"
                "<controller type='pci' index='7' model='pcie-expander-bus'/>");
        const DmController *root = dm_plan_controller(p, DM_CONTROLLER_PCI, 4);
        const DmController *given = dm_plan_controller(p, DM_CONTROLLER_PCI, 5);
        g_assert_cmpuint(root->port.value, ==, 2 * 8 + 3);
        g_assert_cmpuint(root->chassis.value, ==, 4);
        g_assert_cmpuint(given->port.value, ==, 1);
        g_assert_cmpuint(given->chassis.value, ==, 9);
        g_assert_cmpuint(dm_plan_controller(p, DM_CONTROLLER_PCI, 6)->bus_nr.value, ==, 254);
        g_assert_cmpuint(dm_plan_controller(p, DM_CONTROLLER_PCI, 7)->bus_nr.value, ==, 252);
        assert_explained(p, &root->port);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
                g_autofree char *name = g_strconcat("/qemu/device-ops/refused/", refusals[i].name, NULL);
                g_test_add_data_func(name, &refusals[i], test_refusal);
        }
        g_test_add_func("/qemu/device-ops/disk-bus", test_disk_bus);
        g_test_add_func("/qemu/device-ops/cdrom-readonly", test_cdrom_readonly);
        g_test_add_func("/qemu/device-ops/usb-model", test_usb_model);
        g_test_add_func("/qemu/device-ops/serial-targets", test_serial_targets);
        g_test_add_func("/qemu/device-ops/serial-follows", test_serial_follows);
        g_test_add_func("/qemu/device-ops/video-memory", test_video_memory);
        g_test_add_func("/qemu/device-ops/graphics-listen", test_graphics_listen);
        g_test_add_func("/qemu/device-ops/small-defaults", test_small_defaults);
        g_test_add_func("/qemu/device-ops/wants", test_wants);
        g_test_add_func("/qemu/device-ops/aliases", test_aliases);
        g_test_add_func("/qemu/device-ops/image-numbers", test_image_numbers);
        g_test_add_func("/qemu/device-ops/boot-order", test_boot_order);
        g_test_add_func("/qemu/device-ops/pci-names", test_pci_names);
        g_test_add_func("/qemu/device-ops/port-numbers", test_port_numbers);
        return g_test_run();
}
