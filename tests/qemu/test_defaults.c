/* What definitions gain: the head's defaults, controllers and their numbers, inputs, consoles, displays, and
 * the reason of each. */
#include "address_fixture.h"

#include "conf/domain_disk.h"
#include "conf/domain_graphics.h"
#include "conf/domain_input.h"

#define VNC "<graphics type='vnc'/>"

static const FixtureBoard pc = { "x86_64", "pc-i440fx-7.2" }, q35 = { "x86_64", "pc-q35-7.2" },
                          virt = { "aarch64", "virt" }, pseries = { "ppc64", "pseries-7.2" },
                          s390 = { "s390x", "s390-ccw-virtio-7.2" };

/* ---- the head ---- */

static void test_head(void)
{
        g_autoptr(DmPlan) p = fixture_good(&pc, "");
        const DmDomain *d = p->domain;
        g_assert_cmpuint(d->vcpus.value, ==, 1);
        g_assert_cmpint(d->placement, ==, DM_PLACEMENT_STATIC);
        g_assert_cmpuint(d->current_memory.value, ==, d->memory.value);
        g_assert_cmpint(d->on_poweroff, ==, DM_ACTION_DESTROY);
        g_assert_cmpint(d->on_reboot, ==, DM_ACTION_RESTART);
        g_assert_cmpint(d->on_crash, ==, DM_ACTION_DESTROY);
        g_assert_cmpint(d->clock->offset, ==, DM_CLOCK_UTC);
        g_assert_cmpuint(d->os.boot->len, ==, 1);
        const DmBoot *boot = g_ptr_array_index(d->os.boot, 0);
        g_assert_cmpint(boot->dev, ==, DM_BOOT_DISK);
        const void *values[] = { &d->vcpus,     &d->placement, &d->current_memory, &d->on_poweroff,
                                 &d->on_reboot, &d->on_crash,  &d->clock->offset,  boot };
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
                g_assert_nonnull(dm_origins_reason(d->origins, values[i]));
        fixture_fixpoint(&pc, p);
}

static void test_head_given(void)
{
        static const FixtureBoard b = {
                "x86_64",
                "pc-i440fx-7.2",
                .head = "<currentMemory>1024</currentMemory><vcpu placement='auto'>3</vcpu>"
                        "<on_poweroff>preserve</on_poweroff><on_reboot>destroy</on_reboot>"
                        "<on_crash>preserve</on_crash><clock offset='localtime'/>",
        };
        g_autoptr(DmPlan) p = fixture_good(&b, "<disk type='file'><source file='/a'/><target dev='vda'/>"
                                               "<boot order='1'/></disk>");
        const DmDomain *d = p->domain;
        g_assert_cmpuint(d->vcpus.value, ==, 3);
        g_assert_cmpint(d->placement, ==, DM_PLACEMENT_AUTO);
        g_assert_cmpuint(d->current_memory.value, ==, 1024 * 1024);
        g_assert_cmpint(d->on_poweroff, ==, DM_ACTION_PRESERVE);
        g_assert_cmpint(d->on_reboot, ==, DM_ACTION_DESTROY);
        g_assert_cmpint(d->on_crash, ==, DM_ACTION_PRESERVE);
        g_assert_cmpint(d->clock->offset, ==, DM_CLOCK_LOCALTIME);
        /* A device that says when it boots makes <boot dev='hd'/> superfluous. */
        g_assert_true(!d->os.boot || d->os.boot->len == 0);
        fixture_fixpoint(&b, p);
}

static void test_memory(void)
{
        static const struct {
                const char *arch, *machine, *head;
                guint64 memory, current; /* KiB */
                DmResolveFlags flags;
        } rows[] = {
                { "x86_64", "pc-i440fx-7.2", "<memory>65537</memory>", 65537, 65537, 0 },
                { "x86_64", "pc-i440fx-7.2", "<memory>65537</memory>", 66560, 66560, DM_RESOLVE_NEW },
                { "x86_64", "pc-i440fx-7.2", "<memory>65536</memory>", 65536, 65536, DM_RESOLVE_NEW },
                { "ppc64", "pseries-7.2", "<memory>262145</memory>", 524288, 524288, DM_RESOLVE_NEW },
                { "x86_64", "pc-i440fx-7.2", "<memory>65537</memory><currentMemory>65537</currentMemory>",
                  66560, 65537, DM_RESOLVE_NEW },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const FixtureBoard b = { rows[i].arch, rows[i].machine, .flags = rows[i].flags };
                g_autofree char *text = g_strdup_printf("<domain type='qemu'><name>t</name>%s<os><type "
                                                        "arch='%s' machine='%s'>hvm</type></os></domain>",
                                                        rows[i].head, rows[i].arch, rows[i].machine);
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_complete(&b, fixture_read_domain(text), &error);
                g_assert_no_error(error);
                g_assert_cmpuint(p->domain->memory.value / 1024, ==, rows[i].memory);
                g_assert_cmpuint(p->domain->current_memory.value / 1024, ==, rows[i].current);
        }
}

static const char *mac_of(const DmPlan *p, unsigned n)
{
        return ((DmInterface *)dm_domain_device(p->domain, DM_DEVICE_INTERFACE, n))->mac;
}

/* Documents that are only looked at give the same every time; new guests are like no other. */
static void test_identity(void)
{
        static const FixtureBoard old = { "x86_64", "pc-i440fx-7.2", .head = "<genid/>", .no_uuid = TRUE };
        static const FixtureBoard new = { "x86_64", "pc-i440fx-7.2", .head = "<genid/>", .no_uuid = TRUE,
                                          .flags = DM_RESOLVE_NEW };
        const char *nics = "<interface type='user'/><interface type='user'/>";
        g_autoptr(DmPlan) a = fixture_good(&old, nics), b = fixture_good(&old, nics);
        g_autoptr(DmPlan) c = fixture_good(&new, nics), d = fixture_good(&new, nics);
        g_assert_true(g_uuid_string_is_valid(a->domain->uuid));
        g_assert_true(g_uuid_string_is_valid(a->domain->genid));
        g_assert_cmpstr(a->domain->uuid, ==, b->domain->uuid);
        g_assert_cmpstr(a->domain->genid, ==, b->domain->genid);
        g_assert_cmpstr(a->domain->uuid, !=, a->domain->genid);
        g_assert_cmpstr(mac_of(a, 0), ==, mac_of(b, 0));
        g_assert_cmpstr(c->domain->uuid, !=, d->domain->uuid);
        g_assert_cmpstr(c->domain->genid, !=, d->domain->genid);
        const DmPlan *plans[] = { a, c, d };
        for (gsize i = 0; i < G_N_ELEMENTS(plans); i++) {
                g_assert_true(g_str_has_prefix(mac_of(plans[i], 0), "52:54:00:"));
                g_assert_cmpstr(mac_of(plans[i], 0), !=, mac_of(plans[i], 1));
                g_assert_nonnull(dm_origins_reason(plans[i]->domain->origins, &plans[i]->domain->uuid));
                fixture_fixpoint(&old, plans[i]);
        }
}

static void test_gic(void)
{
        static const struct {
                const char *type, *head;
                const char *gic; /* the emulator's answer */
                DmGicVersion version;
        } rows[] = {
                { "qemu", "", NULL, DM_GIC_2 },
                { "kvm", "", "[{\"version\":3,\"emulated\":true,\"kernel\":true}]", DM_GIC_3 },
                { "kvm", "", "[{\"version\":2,\"emulated\":true,\"kernel\":true}]", DM_GIC_2 },
                { "qemu", "", "[{\"version\":3,\"emulated\":true,\"kernel\":true}]", DM_GIC_2 },
                { "qemu", "<features><gic version='3'/></features>", NULL, DM_GIC_3 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const FixtureBoard b = { "aarch64", "virt", .type = rows[i].type, .head = rows[i].head,
                                         .gic = rows[i].gic };
                g_autoptr(DmPlan) p = fixture_good(&b, "");
                g_assert_true(p->domain->features->gic);
                g_assert_cmpint(p->domain->features->gic_version, ==, rows[i].version);
                fixture_fixpoint(&b, p);
        }
        g_autoptr(DmPlan) p = fixture_good(&pc, "");
        g_assert_true(!p->domain->features || !p->domain->features->gic);
}

static void test_cpu(void)
{
        static const struct {
                const char *type, *cpu, *expected;
        } rows[] = {
                { "kvm", "<cpu><model>n270</model></cpu>",
                  "<cpu mode='custom' match='exact' check='partial'>\n"
                  "    <model fallback='allow'>n270</model>" },
                { "qemu", "<cpu match='strict'><model fallback='forbid'>n270</model></cpu>",
                  "<cpu mode='custom' match='strict' check='none'>\n    <model "
                  "fallback='forbid'>n270</model>" },
                { "kvm", "<cpu mode='host-passthrough'/>",
                  "<cpu mode='host-passthrough' check='none' migratable='on'/>" },
                { "kvm", "<cpu mode='host-model'/>", "<cpu mode='host-model' check='partial'/>" },
                { "kvm", "<cpu mode='host-model' check='full'/>", "<cpu mode='host-model' check='full'/>" },
                { "qemu", "<cpu mode='maximum'/>", "<cpu mode='maximum' check='none'" },
                { "qemu", "<cpu><topology sockets='2' cores='1' threads='1'/></cpu><vcpu>2</vcpu>",
                  "<cpu>\n    <topology sockets='2' dies='1' cores='1' threads='1'/>" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const FixtureBoard b = { "x86_64", "pc-i440fx-7.2", .type = rows[i].type,
                                         .head = rows[i].cpu };
                g_autoptr(DmPlan) p = fixture_good(&b, "");
                g_autofree char *text = fixture_text(p);
                if (!strstr(text, rows[i].expected))
                        g_error("'%s' gives %s", rows[i].cpu, text);
                fixture_fixpoint(&b, p);
        }
}

/* ---- controllers ---- */

/* "usb 0 piix3-uhci, …".  Owned. */
static char *controllers_of(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind != DM_DEVICE_CONTROLLER)
                        continue;
                const DmEnum *models = dm_controller_models(c->type);
                const char *model = models ? dm_enum_name(models, (int)c->model) : NULL;
                g_string_append_printf(s, "%s%s %u%s%s", s->len ? ", " : "",
                                       dm_enum_name(&dm_controller_type, (int)c->type), c->index.value,
                                       model ? " " : "", model ? model : "");
        }
        return g_string_free(s, FALSE);
}

static void test_board_controllers(void)
{
        static const FixtureBoard no_xhci = { "x86_64", "pc-q35-7.2", "qemu-xhci" },
                                  usb2 = { "x86_64", "pc-q35-7.2", "qemu-xhci nec-usb-xhci" },
                                  usbless = { "x86_64", "pc-q35-7.2",
                                              "qemu-xhci nec-usb-xhci ich9-usb-ehci1" },
                                  new_pseries = { "ppc64", "pseries-7.2", .flags = DM_RESOLVE_NEW },
                                  zpciless = { "s390x", "s390-ccw-virtio-7.2", "zpci" },
                                  isapc = { "x86_64", "isapc" }, malta = { "mips", "malta" },
                                  virt_old = { "aarch64", "virt", "gpex-pcihost" };
        static const struct {
                const FixtureBoard *board;
                const char *devices, *controllers;
        } rows[] = {
                { &pc, "", "usb 0 piix3-uhci, pci 0 pci-root" },
                { &pc, "<controller type='usb' model='none'/>", "usb 0 none, pci 0 pci-root" },
                { &pc, "<controller type='usb' model='ehci'/>", "usb 0 ehci, pci 0 pci-root" },
                { &pc, "<controller type='usb' index='1' model='ehci'/>",
                  "usb 0 piix3-uhci, usb 1 ehci, pci 0 pci-root" },
                { &usbless, "", "sata 0, pci 0 pcie-root, pci 1 pcie-root-port, pci 2 pcie-root-port" },
                { &no_xhci, "<memballoon model='none'/>",
                  "usb 0 nec-xhci, sata 0, pci 0 pcie-root, pci 1 pcie-root-port, pci 2 pcie-root-port" },
                { &pseries, "", "usb 0 pci-ohci, pci 0 pci-root" },
                { &new_pseries, "", "usb 0 qemu-xhci, pci 0 pci-root" },
                { &s390, "", "pci 0 pci-root" },
                { &zpciless, "", "" },
                { &isapc, "", "" },
                { &malta, "", "usb 0 piix3-uhci, pci 0 pci-root" },
                { &virt, "", "pci 0 pcie-root" },
                { &virt_old, "", "" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                g_autofree char *text = controllers_of(p);
                g_assert_cmpstr(text, ==, rows[i].controllers);
                fixture_fixpoint(rows[i].board, p);
        }
        g_autoptr(DmPlan) p = fixture_good(&usb2, "<memballoon model='none'/>");
        g_autofree char *text = controllers_of(p);
        g_assert_true(g_str_has_prefix(
                text, "usb 0 ich9-ehci1, usb 0 ich9-uhci1, usb 0 ich9-uhci2, usb 0 ich9-uhci3, "));
        g_assert_cmpuint(((DmController *)dm_domain_device(p->domain, DM_DEVICE_CONTROLLER, 3))
                                 ->master_start_port.value,
                         ==, 4);
        fixture_fixpoint(&usb2, p);
}

static void test_numbers(void)
{
        static const struct {
                const char *devices, *controllers;
        } rows[] = {
                { "<controller type='scsi' model='virtio-scsi'/><controller type='scsi' "
                  "model='virtio-scsi'/>",
                  "scsi 0 virtio-scsi, scsi 1 virtio-scsi" },
                /* What has a number keeps it; the others get what is free. */
                { "<controller type='scsi' model='virtio-scsi'/><controller type='scsi' index='0' "
                  "model='lsilogic'/>"
                  "<controller type='scsi' model='virtio-scsi'/>",
                  "scsi 0 lsilogic, scsi 1 virtio-scsi, scsi 2 virtio-scsi" },
                /* Each type counts by itself and keeps its places. */
                { "<controller type='scsi' index='1' model='lsilogic'/><controller type='virtio-serial'/>"
                  "<controller type='scsi' index='0' model='virtio-scsi'/>",
                  "scsi 0 virtio-scsi, virtio-serial 0, scsi 1 lsilogic" },
                /* The parts of a USB 2 controller that follow each other are one. */
                { "<controller type='usb' model='ich9-ehci1'/><controller type='usb' model='ich9-uhci1'/>"
                  "<controller type='usb' model='ich9-ehci1'/><controller type='usb' model='ich9-uhci1'/>",
                  "usb 0 ich9-ehci1, usb 0 ich9-uhci1, usb 1 ich9-ehci1, usb 1 ich9-uhci1" },
                { "<controller type='usb' model='ich9-uhci1'/><controller type='usb' model='ich9-ehci1'/>",
                  "usb 0 ich9-ehci1, usb 0 ich9-uhci1" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *devices = g_strconcat("<memballoon model='none'/>", rows[i].devices, NULL);
                g_autoptr(DmPlan) p = fixture_good(&pc, devices);
                g_autofree char *text = controllers_of(p);
                if (!g_str_has_prefix(text, rows[i].controllers))
                        g_error("'%s' gives %s", rows[i].devices, text);
                fixture_fixpoint(&pc, p);
        }
}

/* As many controllers as a document can hold are numbered in no time. */
static void test_numbers_many(void)
{
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 4000; i++)
                g_string_append(s, "<controller type='virtio-serial'/>");
        gint64 start = g_get_monotonic_time();
        fixture_bad(&pc, s->str, "no free PCI slot is left");
        g_assert_cmpint(g_get_monotonic_time() - start, <, 30 * G_USEC_PER_SEC);
}

/* ---- disks ---- */

static void test_disk_order(void)
{
        g_autoptr(DmPlan) p = fixture_good(
                &pc, "<disk type='file'><source file='/1'/><target dev='vdb' bus='virtio'/></disk>"
                     "<disk type='file'><source file='/2'/><target dev='hdc' bus='ide'/></disk>"
                     "<disk type='file'><source file='/3'/><target dev='vda' bus='virtio'/></disk>"
                     "<disk type='file'><source file='/4'/><target dev='hda' bus='ide'/></disk>");
        static const char *const names[] = { "vda", "vdb", "hda", "hdc" };
        for (guint i = 0; i < G_N_ELEMENTS(names); i++)
                g_assert_cmpstr(((DmDisk *)dm_domain_device(p->domain, DM_DEVICE_DISK, i))->dst, ==,
                                names[i]);
        fixture_fixpoint(&pc, p);
}

/* ---- serial lines and consoles ---- */

typedef struct Lines {
        const FixtureBoard *board;
        const char *devices, *expected;
} Lines;

/* "serial pty 0 isa-serial; console pty 0 serial".  Owned. */
static char *lines_of(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmChardev *c = (const DmChardev *)device;
                if (device->kind != DM_DEVICE_SERIAL && device->kind != DM_DEVICE_CONSOLE)
                        continue;
                const char *type = device->kind == DM_DEVICE_SERIAL
                                           ? dm_enum_name(&dm_serial_type, (int)c->serial_type)
                                           : dm_enum_name(&dm_console_type, (int)c->console_type);
                g_string_append_printf(s, "%s%s %s%s%s %u%s%s", s->len ? "; " : "",
                                       dm_device_element((DmDeviceKind)device->kind),
                                       dm_enum_name(&dm_chardev_type, (int)c->type), c->path ? " " : "",
                                       c->path ? c->path : "", c->port.value, type ? " " : "",
                                       type ? type : "");
        }
        return g_string_free(s, FALSE);
}

static void test_consoles(void)
{
        static const FixtureBoard malta = { "mips", "malta" }, riscv = { "riscv64", "virt" };
        static const Lines rows[] = {
                { &pc, "", "" },
                { &pc, "<serial type='pty'/>", "serial pty 0 isa-serial; console pty 0 serial" },
                { &pc, "<console type='pty'/>", "serial pty 0 isa-serial; console pty 0 serial" },
                { &pc, "<console type='file'><source path='/log'/></console>",
                  "serial file /log 0 isa-serial; console file /log 0 serial" },
                { &pc, "<console type='pty'><target type='serial'/></console>",
                  "serial pty 0 isa-serial; console pty 0 serial" },
                /* The serial line's host side counts. */
                { &pc, "<serial type='file'><source path='/a'/></serial><console type='pty'/>",
                  "serial file /a 0 isa-serial; console file /a 0 serial" },
                { &pc, "<serial type='pty'/><serial type='null'/>",
                  "serial pty 0 isa-serial; serial null 1 isa-serial; console pty 0 serial" },
                { &pc, "<serial type='pty'><target port='2'/></serial>",
                  "serial pty 2 isa-serial; console pty 2 serial" },
                /* Cards are extras. */
                { &pc, "<serial type='pty'><target type='pci-serial'/></serial>", "serial pty 0 pci-serial" },
                { &pc, "<serial type='pty'><target type='usb-serial'/></serial>", "serial pty 0 usb-serial" },
                { &pc, "<console type='pty'><target type='virtio'/></console>", "console pty 0 virtio" },
                { &pc, "<serial type='null'/><console type='pty'><target type='virtio'/></console>",
                  "serial null 0 isa-serial; console null 0 serial; console pty 1 virtio" },
                { &pc, "<console type='pty'/><console type='null'><target type='virtio' port='7'/></console>",
                  "serial pty 0 isa-serial; console pty 0 serial; console null 1 virtio" },
                { &pseries, "<serial type='pty'><target type='isa-serial'/></serial>",
                  "serial pty 0 spapr-vio-serial; console pty 0 serial" },
                { &virt, "<serial type='pty'><target type='isa-serial'/></serial>",
                  "serial pty 0 system-serial; console pty 0 serial" },
                { &riscv, "<console type='pty'/>", "serial pty 0 system-serial; console pty 0 serial" },
                { &s390, "<console type='pty'/>", "serial pty 0 sclp-serial; console pty 0 serial" },
                { &s390, "<console type='pty'><target type='sclp'/></console>", "console pty 0 sclp" },
                { &malta, "<serial type='pty'/>", "serial pty 0; console pty 0 serial" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                g_autofree char *text = lines_of(p);
                g_assert_cmpstr(text, ==, rows[i].expected);
                fixture_fixpoint(rows[i].board, p);
        }
        fixture_bad(&pc, "<console type='pty'><target type='virtio'/></console><console type='pty'/>",
                    "only the first console can show a serial line");
}

/* Errors about a serial line that came of a console name the console. */
static void test_console_place(void)
{
        g_autoptr(DmPlan) p = fixture_good(&pc, "<console type='file'>\n<source path='/log'/></console>");
        const DmChardev *serial = dm_domain_device(p->domain, DM_DEVICE_SERIAL, 0);
        g_autofree char *path = dm_origins_path(p->domain->origins, &serial->path);
        g_assert_cmpstr(path, ==, "/domain/devices/console[1]/source/@path");
        g_assert_cmpstr(dm_origins_reason(p->domain->origins, serial), ==, "the line that <console> shows");
}

/* A socket without a path is the driver's own: mode='bind' goes without saying. */
static void test_own_sockets(void)
{
        g_autoptr(DmPlan) p = fixture_good(
                &pc, "<channel type='unix'><source mode='bind'/><target type='virtio' name='a'/></channel>"
                     "<channel type='unix'><source mode='bind' path='/s'/><target type='virtio' "
                     "name='b'/></channel>");
        g_assert_cmpint(((DmChardev *)dm_domain_device(p->domain, DM_DEVICE_CHANNEL, 0))->mode, ==,
                        DM_CHARDEV_MODE_UNSET);
        g_assert_cmpint(((DmChardev *)dm_domain_device(p->domain, DM_DEVICE_CHANNEL, 1))->mode, ==,
                        DM_CHARDEV_BIND);
}

/* ---- other devices ---- */

static char *inputs_of(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmInput *i = (const DmInput *)device;
                if (device->kind == DM_DEVICE_INPUT)
                        g_string_append_printf(s, "%s%s/%s", s->len ? " " : "",
                                               dm_enum_name(&dm_input_type, (int)i->type),
                                               dm_enum_name(&dm_input_bus, (int)i->bus));
        }
        return g_string_free(s, FALSE);
}

static void test_inputs(void)
{
        static const FixtureBoard no_ps2 = { "x86_64", "pc-q35-7.2",
                                             .head = "<features><ps2 state='off'/></features>" },
                                  microvm = { "x86_64", "microvm" }, malta = { "mips", "malta" },
                                  powernv = { "ppc64", "powernv9" };
        static const Lines rows[] = {
                { &pc, "", "mouse/ps2 keyboard/ps2" },
                { &pc, "<input type='tablet' bus='usb'/>", "tablet/usb mouse/ps2 keyboard/ps2" },
                { &pc, "<input type='keyboard' bus='ps2'/>", "keyboard/ps2 mouse/ps2" },
                { &pc, "<input type='mouse'/>", "mouse/ps2 keyboard/ps2" },
                { &pc, "<input type='mouse' bus='usb'/>", "mouse/usb mouse/ps2 keyboard/ps2" },
                { &no_ps2, "", "" },
                { &microvm, "", "" },
                { &malta, VNC, "" },
                { &virt, VNC, "" },
                { &pseries, "", "" },
                { &pseries, VNC, "keyboard/usb mouse/usb" },
                { &pseries, VNC "<input type='tablet' bus='usb'/>", "tablet/usb keyboard/usb" },
                { &pseries, VNC "<controller type='usb' model='none'/>", "" },
                { &powernv, VNC, "" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                g_autofree char *text = inputs_of(p);
                g_assert_cmpstr(text, ==, rows[i].expected);
                fixture_fixpoint(rows[i].board, p);
        }
}

static void test_video(void)
{
        static const FixtureBoard no_cirrus = { "x86_64", "pc-q35-7.2", "cirrus-vga" },
                                  neither = { "x86_64", "pc-q35-7.2", "cirrus-vga VGA" },
                                  ss5 = { "sparc", "SS-5" };
        static const struct {
                const FixtureBoard *board;
                const char *devices;
                DmVideoModel model; /* of the first; unset: there is none */
        } rows[] = {
                { &pc, "", DM_VIDEO_UNSET },
                { &pc, VNC, DM_VIDEO_CIRRUS },
                { &no_cirrus, VNC, DM_VIDEO_VGA },
                { &neither, VNC, DM_VIDEO_UNSET },
                { &virt, VNC, DM_VIDEO_VIRTIO },
                { &pseries, VNC, DM_VIDEO_VGA },
                { &s390, VNC, DM_VIDEO_VIRTIO },
                { &ss5, VNC, DM_VIDEO_UNSET },
                { &pc, VNC "<video><model type='qxl'/></video>", DM_VIDEO_QXL },
                /* The primary one stands first. */
                { &pc,
                  VNC "<video><model type='virtio'/></video><video><model type='vga' primary='yes'/></video>",
                  DM_VIDEO_VGA },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                const DmVideo *v = dm_domain_device(p->domain, DM_DEVICE_VIDEO, 0);
                g_assert_cmpint(v ? v->model : DM_VIDEO_UNSET, ==, rows[i].model);
                fixture_fixpoint(rows[i].board, p);
        }
}

static void test_balloon_and_panic(void)
{
        static const FixtureBoard no_driver = { "x86_64", "pc-i440fx-7.2", "virtio-balloon-pci" },
                                  isapc = { "x86_64", "isapc" }, ss5 = { "sparc", "SS-5" },
                                  m68k = { "m68k", "virt" };
        static const struct {
                const FixtureBoard *board;
                const char *devices;
                unsigned balloons, panics;
        } rows[] = {
                { &pc, "", 1, 0 },        { &pc, "<memballoon model='none'/>", 1, 0 },
                { &no_driver, "", 0, 0 }, { &q35, "", 1, 0 },
                { &isapc, "", 0, 0 },     { &ss5, "", 0, 0 },
                { &m68k, "", 0, 0 },      { &virt, "", 0, 0 },
                { &pseries, "", 1, 1 },   { &pseries, "<panic model='pseries'/>", 1, 1 },
                { &s390, "", 1, 1 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                g_assert_cmpuint(dm_domain_count(p->domain, DM_DEVICE_MEMBALLOON), ==, rows[i].balloons);
                g_assert_cmpuint(dm_domain_count(p->domain, DM_DEVICE_PANIC), ==, rows[i].panics);
                fixture_fixpoint(rows[i].board, p);
        }
}

/* Nothing comes from nowhere: what is not in the text has a reason, or belongs to something that has. */
/* ---- sources of disks ---- */

#define LUKS(place) "<encryption format='luks'><secret type='passphrase' usage='" place "'/></encryption>"

static void test_images(void)
{
        g_autoptr(DmDomain) d = fixture_read_domain(
                "<domain type='qemu'><name>t</name><memory>1</memory>"
                "<memoryBacking><access mode='shared'/></memoryBacking><devices>"
                "<disk type='network' device='cdrom'><target dev='hda'/></disk>"
                "<disk type='vhostuser'><source type='unix' path='/s'/><target dev='vda'/></disk>"
                "<disk type='file'><source file='/a'>" LUKS(
                        "a") "</source><target dev='vdb'/>"
                             "<backingStore type='file'><format type='raw'/><source file='/b'>" LUKS(
                                     "b") "</source>"
                                          "</backingStore></disk></devices></domain>");
        DmPlan p = { .domain = d };
        dm_defaults_images(&p);
        const DmDisk *empty = dm_domain_device(d, DM_DEVICE_DISK, 0),
                     *served = dm_domain_device(d, DM_DEVICE_DISK, 1),
                     *locked = dm_domain_device(d, DM_DEVICE_DISK, 2);
        g_assert_cmpint(empty->type, ==, DM_DISK_FILE);
        g_assert_cmpint(served->type, ==, DM_DISK_VHOSTUSER);
        g_assert_cmpint(served->snapshot, ==, DM_DISK_SNAPSHOT_NO);
        g_assert_cmpint(locked->snapshot, ==, DM_DISK_SNAPSHOT_UNSET);
        g_assert_cmpint(locked->image.source.encryption->engine, ==, DM_ENCRYPTION_QEMU);
        g_assert_cmpint(locked->image.backing->source.encryption->engine, ==, DM_ENCRYPTION_QEMU);
        g_assert_nonnull(dm_origins_reason(d->origins, &empty->type));
        g_assert_nonnull(dm_origins_reason(d->origins, &locked->image.source.encryption->engine));
}

static void test_explained(void)
{
        g_autoptr(DmPlan) p =
                fixture_good(&q35, VNC "<serial type='pty'/><channel type='null'><target type='virtio' "
                                       "name='a'/></channel><disk type='file'><source file='/a'/><target "
                                       "dev='sda' bus='scsi'/></disk><input type='tablet' bus='usb'/>"
                                       "<interface type='user'/>");
        const DmOrigins *o = p->domain->origins;
        unsigned added = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                if (!dm_origins_given(o, device)) {
                        if (!dm_origins_reason(o, device))
                                g_error("a %s comes from nowhere",
                                        dm_device_element((DmDeviceKind)device->kind));
                        added++;
                }
                gboolean copied = device->kind == DM_DEVICE_CONSOLE;
                if (device->address.type && !copied)
                        g_assert_nonnull(dm_origins_reason(o, &device->address));
        }
        g_assert_cmpuint(added, >, 10);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/defaults/head", test_head);
        g_test_add_func("/qemu/defaults/head-given", test_head_given);
        g_test_add_func("/qemu/defaults/memory", test_memory);
        g_test_add_func("/qemu/defaults/identity", test_identity);
        g_test_add_func("/qemu/defaults/gic", test_gic);
        g_test_add_func("/qemu/defaults/cpu", test_cpu);
        g_test_add_func("/qemu/defaults/board-controllers", test_board_controllers);
        g_test_add_func("/qemu/defaults/numbers", test_numbers);
        g_test_add_func("/qemu/defaults/numbers-many", test_numbers_many);
        g_test_add_func("/qemu/defaults/disk-order", test_disk_order);
        g_test_add_func("/qemu/defaults/consoles", test_consoles);
        g_test_add_func("/qemu/defaults/console-place", test_console_place);
        g_test_add_func("/qemu/defaults/own-sockets", test_own_sockets);
        g_test_add_func("/qemu/defaults/inputs", test_inputs);
        g_test_add_func("/qemu/defaults/video", test_video);
        g_test_add_func("/qemu/defaults/balloon-and-panic", test_balloon_and_panic);
        g_test_add_func("/qemu/defaults/images", test_images);
        g_test_add_func("/qemu/defaults/explained", test_explained);
        return g_test_run();
}
