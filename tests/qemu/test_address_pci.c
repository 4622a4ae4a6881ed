/* PCI addresses: where chipsets have what, the order of devices, ports and bridges that are added, addresses
 * that were given, and devices that are plugged into a running guest. */
#include <stdio.h>

#include "address_fixture.h"

#define MAC        "<mac address='52:54:00:00:00:01'/>"
#define NIC(model) "<interface type='user'>" MAC "<model type='" model "'/></interface>\n"
#define DISK(name, bus) \
        "<disk type='file'><source file='/" name "'/><target dev='" name "' bus='" bus "'/></disk>\n"
#define VNC "<graphics type='vnc'/>\n"
#define AT(bus, slot, function) \
        "<address type='pci' domain='0' bus='" #bus "' slot='" #slot "' function='" #function "'/>"
#define RNG(address) "<rng model='virtio'><backend model='builtin'/>" address "</rng>\n"
#define ROOT(model)  "<controller type='pci' index='0' model='" model "'/>\n"

static const FixtureBoard pc = { "x86_64", "pc-i440fx-7.2" }, q35 = { "x86_64", "pc-q35-7.2" };

/* ---- x86 ---- */

static void test_pc(void)
{
        fixture_expect(&pc, "",
                       "controller usb: 0000:00:01.2\n"
                       "memballoon: 0000:00:02.0\n");
        /* Slot 2 is the display's, whenever it comes. */
        fixture_expect(&pc, NIC("virtio") DISK("vda", "virtio") DISK("hdc", "ide") VNC,
                       "disk vda: 0000:00:04.0\n"
                       "disk hdc: drive 0:1:0:0\n"
                       "controller usb: 0000:00:01.2\n"
                       "controller ide: 0000:00:01.1\n"
                       "interface 52:54:00:00:00:01: 0000:00:03.0\n"
                       "video cirrus: 0000:00:02.0\n"
                       "memballoon: 0000:00:05.0\n");
        fixture_expect(&pc, VNC RNG(AT(0, 2, 0)),
                       "controller usb: 0000:00:01.2\n"
                       "video cirrus: 0000:00:03.0\n"
                       "memballoon: 0000:00:04.0\n"
                       "rng: 0000:00:02.0\n");
}

/* Kinds in the order of old QEMUs, which is not that of documents. */
static void test_order(void)
{
        fixture_expect(&pc,
                       "<serial type='null'><target type='pci-serial'/></serial>\n"
                       "<input type='tablet' bus='virtio'/>\n<watchdog model='i6300esb'/>\n" RNG("")
                               DISK("vda", "virtio") DISK("sda", "scsi") NIC("e1000") VNC
                       "<video><model type='vga'/></video><video><model type='qxl'/></video>\n"
                       "<controller type='virtio-serial'/>\n",
                       "disk vda: 0000:00:06.0\n"
                       "disk sda: drive 0:0:0:0\n"
                       "controller virtio-serial: 0000:00:04.0\n"
                       "controller usb: 0000:00:01.2\n"
                       "controller scsi: 0000:00:05.0\n"
                       "interface 52:54:00:00:00:01: 0000:00:03.0\n"
                       "serial null: 0000:00:0c.0\n"
                       "input tablet: 0000:00:0b.0\n"
                       "video vga: 0000:00:02.0\n"
                       "video qxl: 0000:00:0a.0\n"
                       "watchdog i6300esb: 0000:00:09.0\n"
                       "memballoon: 0000:00:07.0\n"
                       "rng: 0000:00:08.0\n");
}

static void test_q35(void)
{
        /* Eight ports share a slot; one more than is needed, for a device to be plugged in. */
        fixture_expect(&q35, NIC("virtio") DISK("vda", "virtio") VNC,
                       "disk vda: 0000:03:00.0\n"
                       "controller usb: 0000:02:00.0\n"
                       "controller sata: 0000:00:1f.2\n"
                       "controller pci: 0000:00:02.0 multifunction\n"
                       "controller pci: 0000:00:02.1\n"
                       "controller pci: 0000:00:02.2\n"
                       "controller pci: 0000:00:02.3\n"
                       "controller pci: 0000:00:02.4\n"
                       "interface 52:54:00:00:00:01: 0000:01:00.0\n"
                       "video cirrus: 0000:00:01.0\n"
                       "memballoon: 0000:04:00.0\n");
        /* Who counts his ports himself gets no further one. */
        fixture_expect(&q35,
                       "<controller type='pci' index='1' model='pcie-root-port'/>\n"
                       "<controller type='usb' model='none'/><memballoon model='none'/>\n" RNG(""),
                       "controller sata: 0000:00:1f.2\n"
                       "controller pci: 0000:00:01.0\n"
                       "rng: 0000:01:00.0\n");
}

static void test_ports_by_address(void)
{
        g_autoptr(DmPlan) p = fixture_good(&q35, NIC("virtio") VNC);
        const DmController *first = dm_plan_controller(p, DM_CONTROLLER_PCI, 1);
        const DmController *last = dm_plan_controller(p, DM_CONTROLLER_PCI, 4);
        g_assert_cmpuint(first->chassis.value, ==, 1);
        g_assert_cmpuint(first->port.value, ==, 0x10);
        g_assert_cmpuint(last->chassis.value, ==, 4);
        g_assert_cmpuint(last->port.value, ==, 0x13);
        g_assert_cmpstr(dm_origins_reason(p->domain->origins, last), ==, "devices need its slots");
        g_assert_null(dm_plan_controller(p, DM_CONTROLLER_PCI, 5));
}

/* More than eight ports go on in the next slot. */
static void test_many_ports(void)
{
        g_autoptr(GString) s =
                g_string_new("<memballoon model='none'/><controller type='usb' model='none'/>\n");
        for (int i = 0; i < 20; i++)
                g_string_append(s, "<interface type='user'><model type='virtio'/></interface>\n");
        g_autoptr(DmPlan) p = fixture_good(&q35, s->str);
        const DmController *c = dm_plan_controller(p, DM_CONTROLLER_PCI, 20);
        g_assert_cmpuint(c->dev.address.slot.value, ==, 3);
        g_assert_cmpuint(c->dev.address.function.value, ==, 3);
        g_assert_cmpint(dm_plan_controller(p, DM_CONTROLLER_PCI, 17)->dev.address.multifunction, ==, DM_ON);
        g_assert_nonnull(dm_plan_controller(p, DM_CONTROLLER_PCI, 21)); /* the one for later */
        g_assert_null(dm_plan_controller(p, DM_CONTROLLER_PCI, 22));
        fixture_fixpoint(&q35, p);
}

/* Conventional devices are put behind a bridge: today's kind, the older pair, or not at all. */
static void test_conventional(void)
{
        static const FixtureBoard dmi = { "x86_64", "pc-q35-7.2", "pcie-pci-bridge" };
        static const FixtureBoard neither = { "x86_64", "pc-q35-7.2", "pcie-pci-bridge pci-bridge" };
        const char *devices =
                "<memballoon model='none'/><controller type='usb' model='none'/>\n" NIC("rtl8139");
        fixture_expect(&q35, devices,
                       "controller sata: 0000:00:1f.2\n"
                       "controller pci: 0000:00:01.0 multifunction\n"
                       "controller pci: 0000:01:00.0\n"
                       "controller pci: 0000:00:01.1\n"
                       "interface 52:54:00:00:00:01: 0000:02:01.0\n");
        fixture_expect(&dmi, devices,
                       "controller sata: 0000:00:1f.2\n"
                       "controller pci: 0000:00:1e.0\n"
                       "controller pci: 0000:01:00.0\n"
                       "controller pci: 0000:00:01.0\n"
                       "interface 52:54:00:00:00:01: 0000:02:01.0\n");
        fixture_expect(&neither, devices,
                       "controller sata: 0000:00:1f.2\n"
                       "interface 52:54:00:00:00:01: 0000:00:01.0\n");
        g_autoptr(DmPlan) p = fixture_good(&dmi, devices);
        g_assert_cmpint(dm_plan_controller(p, DM_CONTROLLER_PCI, 1)->model, ==, DM_DMI_TO_PCI_BRIDGE);
        g_assert_cmpint(dm_plan_controller(p, DM_CONTROLLER_PCI, 2)->model, ==, DM_PCI_BRIDGE);
}

/* A bridge is added when bus 0 is full, one slot being kept for it or for later. */
static void test_full(void)
{
        for (unsigned n = 27; n < 32; n++) {
                g_autoptr(GString) s = g_string_new(NULL);
                for (unsigned i = 0; i < n; i++)
                        g_string_append(s, "<interface type='user'><model type='virtio'/></interface>\n");
                g_autoptr(DmPlan) p = fixture_good(&pc, s->str); /* and a balloon */
                const DmController *bridge = dm_plan_controller(p, DM_CONTROLLER_PCI, 1);
                g_assert_cmpint(bridge != NULL, ==, n + 2 > 30);
                if (bridge) {
                        g_assert_cmpint(bridge->model, ==, DM_PCI_BRIDGE);
                        g_assert_cmpuint(bridge->chassis_nr.value, ==, 1);
                        g_assert_cmpuint(bridge->dev.address.slot.value, ==, 2);
                }
                fixture_fixpoint(&pc, p);
        }
        static const FixtureBoard none = { "x86_64", "pc-i440fx-7.2", "pci-bridge" };
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 31; i++)
                g_string_append(s, "<interface type='user'><model type='virtio'/></interface>\n");
        fixture_bad(&none, s->str, "no free PCI slot is left on bus 'pci.0' for a conventional PCI device");
}

static void test_usb2(void)
{
        const char *parts =
                "<controller type='usb' index='0' model='ich9-ehci1'/>\n"
                "<controller type='usb' index='0' model='ich9-uhci1'><master startport='0'/></controller>\n"
                "<controller type='usb' index='0' model='ich9-uhci2'><master startport='2'/></controller>\n"
                "<controller type='usb' index='0' model='ich9-uhci3'><master startport='4'/></controller>\n"
                "<memballoon model='none'/>\n";
        fixture_expect(&q35, parts,
                       "controller usb: 0000:00:1d.7\n"
                       "controller usb: 0000:00:1d.0 multifunction\n"
                       "controller usb: 0000:00:1d.1\n"
                       "controller usb: 0000:00:1d.2\n"
                       "controller sata: 0000:00:1f.2\n");
        fixture_expect(&pc, parts,
                       "controller usb: 0000:00:02.7\n"
                       "controller usb: 0000:00:02.0 multifunction\n"
                       "controller usb: 0000:00:02.1\n"
                       "controller usb: 0000:00:02.2\n");
}

/* ---- other boards ---- */

static void test_boards(void)
{
        static const FixtureBoard mac99 = { "ppc", "mac99" }, sun4u = { "sparc64", "sun4u" },
                                  malta = { "mips", "malta" }, pseries = { "ppc64", "pseries-7.2" };
        fixture_expect(&mac99, NIC("rtl8139") VNC,
                       "controller usb: 0000:00:0e.0\n"
                       "interface 52:54:00:00:00:01: 0000:00:0d.0\n"
                       "video cirrus: 0000:00:10.0\n"
                       "memballoon: 0000:00:0f.0\n");
        fixture_expect(&malta, NIC("rtl8139"),
                       "controller usb: 0000:00:13.0\n"
                       "interface 52:54:00:00:00:01: 0000:00:12.0\n"
                       "memballoon: 0000:00:14.0\n");
        /* Four slots, from 0 on; the fifth device brings a bridge. */
        fixture_expect(&sun4u, NIC("rtl8139"), "interface 52:54:00:00:00:01: 0000:00:00.0\n");
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 5; i++)
                g_string_append(s, "<interface type='user'><model type='rtl8139'/></interface>\n");
        g_autoptr(DmPlan) p = fixture_good(&sun4u, s->str);
        g_assert_cmpuint(dm_plan_controller(p, DM_CONTROLLER_PCI, 1)->dev.address.slot.value, ==, 0);
        fixture_fixpoint(&sun4u, p);
        /* pseries gets a further host bridge instead. */
        for (unsigned i = 5; i < 32; i++)
                g_string_append(s, "<interface type='user'><model type='rtl8139'/></interface>\n");
        g_autoptr(DmPlan) q = fixture_good(&pseries, s->str);
        const DmController *host = dm_plan_controller(q, DM_CONTROLLER_PCI, 1);
        g_assert_cmpint(host->model, ==, DM_PCI_ROOT);
        g_assert_cmpuint(host->target_index.value, ==, 1);
        g_assert_cmpint(host->dev.address.type, ==, DM_ADDRESS_NONE);
        fixture_fixpoint(&pseries, q);
}

/* An emulator without ports and bridges has everything on the root itself. */
static void test_bare_root(void)
{
        static const FixtureBoard virt = { "xtensa", "virt",
                                           "pcie-root-port ioh3420 pcie-pci-bridge i82801b11-bridge" };
        fixture_expect(&virt, NIC("virtio") DISK("vda", "virtio") "<watchdog model='i6300esb'/>",
                       "disk vda: 0000:00:02.0\n"
                       "interface 52:54:00:00:00:01: 0000:00:01.0\n"
                       "watchdog i6300esb: 0000:00:03.0\n");
}

static void test_zpci(void)
{
        static const FixtureBoard s390 = { "s390x", "s390-ccw-virtio-7.2" };
        const char *devices =
                "<memballoon model='none'/>\n<interface type='user'>" MAC
                "<model type='virtio'/><address type='pci'/></interface>\n"
                "<rng model='virtio'><backend model='builtin'/><address type='pci' domain='0' bus='0' "
                "slot='9' function='0'><zpci uid='0x0001' fid='0x00000000'/></address></rng>\n";
        g_autoptr(DmPlan) p = fixture_good(&s390, devices);
        const DmDevice *nic = dm_domain_device(p->domain, DM_DEVICE_INTERFACE, 0);
        g_assert_cmpuint(nic->address.slot.value, ==, 1);
        g_assert_cmpuint(nic->address.zpci_uid.value, ==, 2);
        g_assert_cmpuint(nic->address.zpci_fid.value, ==, 1);
        fixture_fixpoint(&s390, p);
        fixture_bad(&s390,
                    "<rng model='virtio'><backend model='builtin'/><address type='pci' domain='0' bus='0' "
                    "slot='8' "
                    "function='0'><zpci uid='0x7'/></address></rng>\n"
                    "<rng model='virtio'><backend model='builtin'/><address type='pci' domain='0' bus='0' "
                    "slot='9' "
                    "function='0'><zpci uid='0x7'/></address></rng>\n",
                    "zPCI uid 0x7 is taken by rng");
}

/* ---- addresses that were given ---- */

static void test_given(void)
{
        fixture_expect(&pc, RNG(AT(0, 7, 0)),
                       "controller usb: 0000:00:01.2\n"
                       "memballoon: 0000:00:02.0\n"
                       "rng: 0000:00:07.0\n");
        /* Functions of one slot; the first says so. */
        fixture_expect(&pc, RNG(AT(0, 7, 0)) RNG(AT(0, 7, 1)),
                       "controller usb: 0000:00:01.2\n"
                       "memballoon: 0000:00:02.0\n"
                       "rng: 0000:00:07.0 multifunction\n"
                       "rng: 0000:00:07.1\n");
        /* Buses that only addresses name come into being. */
        fixture_expect(&pc, RNG(AT(2, 3, 0)),
                       "controller usb: 0000:00:01.2\n"
                       "controller pci: 0000:00:02.0\n"
                       "controller pci: 0000:00:03.0\n"
                       "memballoon: 0000:00:04.0\n"
                       "rng: 0000:02:03.0\n");
        /* <address type='pci'/> asks for one. */
        fixture_expect(&pc, RNG("<address type='pci'/>"),
                       "controller usb: 0000:00:01.2\n"
                       "memballoon: 0000:00:02.0\n"
                       "rng: 0000:00:03.0\n");
        /* A document may put things where they would not be put. */
        fixture_expect(&q35,
                       "<controller type='usb' model='none'/><memballoon model='none'/>\n" RNG(AT(0, 5, 0)),
                       "controller sata: 0000:00:1f.2\n"
                       "rng: 0000:00:05.0\n");
}

static void test_refused(void)
{
        static const FixtureBoard mac99 = { "ppc", "mac99" }, pseries = { "ppc64", "pseries-7.2" };
        static const struct {
                const FixtureBoard *board;
                const char *devices, *message;
        } rows[] = {
                { &pc, RNG(AT(0, 1, 0)),
                  "rng: PCI address 0000:00:01.0 is taken by machine 'pc-i440fx-7.2'" },
                { &pc, RNG(AT(0, 1, 2)),
                  "controller usb: its PCI address, 0000:00:01.2, is taken by rng (line 8); give another" },
                { &pc, DISK("hda", "ide") RNG(AT(0, 1, 1)),
                  "controller ide: its PCI address, 0000:00:01.1, is taken" },
                { &pc, "<controller type='ide' index='0'>" AT(0, 3, 0) "</controller>",
                  "part of the chipset, at 0000:00:01.1; leave <address> out" },
                { &q35, "<controller type='sata' index='0'>" AT(0, 3, 0) "</controller>",
                  "part of the chipset, at 0000:00:1f.2; leave <address> out" },
                { &pc, RNG(AT(0, 0, 1)), "PCI bus 0, a pci-root, has slots 1 to 31, not 0" },
                { &pc,
                  "<rng model='virtio'><backend model='builtin'/><address type='pci' domain='1' bus='0' "
                  "slot='5' "
                  "function='0'/></rng>",
                  "there is only PCI domain 0, not 1" },
                { &q35, "<controller type='pci' index='1' model='pcie-root-port'/>" RNG(AT(1, 3, 0)),
                  "PCI bus 1, a pcie-root-port, has slots 0 to 0, not 3" },
                { &q35,
                  "<controller type='pci' index='1' model='pcie-root-port'/>\n"
                  "<controller type='pci' index='2' model='pcie-root-port'>" AT(1, 0, 0) "</controller>",
                  "PCI bus 1, a pcie-root-port, does not take a pcie-root-port" },
                { &q35,
                  "<controller type='pci' index='1' model='pcie-root-port'/>\n"
                  "<controller type='pci' index='2' model='pcie-switch-upstream-port'>" AT(
                          1, 0, 0) "</controller>" RNG(AT(2, 0, 0)) RNG(AT(2, 1, 0)),
                  "PCI bus 2, a pcie-switch-upstream-port, does not take a" },
                { &mac99, RNG(AT(0, 11, 0)), "is taken by machine 'mac99'" },
                { &pc, ROOT("pcie-root"), "the PCI controller with index 0 is model 'pci-root' on machine" },
                { &q35, ROOT("pci-root"), "the PCI controller with index 0 is model 'pcie-root' on machine" },
                { &pc, "<controller type='pci' index='300' model='pci-bridge'/>",
                  "index 300 is beyond the 256" },
                { &pc, "<controller type='pci' index='2' model='pci-bridge'>" AT(2, 1, 0) "</controller>",
                  "index 2 must be larger than that of the bus it is on, 2" },
                { &pc,
                  "<controller type='pci' index='1' model='pci-bridge'>" AT(
                          2, 1, 0) "</controller>"
                                   "<controller type='pci' index='2' model='pci-bridge'/>",
                  "index 1 must be larger than that of the bus it is on, 2" },
                { &pseries,
                  "<controller type='pci' index='1' model='pci-root'><target index='0'/></controller>",
                  "target index 0 is that of the controller with index 0" },
                { &pc,
                  "<interface type='user'>" MAC
                  "<model type='virtio'/><address type='ccw' cssid='0xfe' ssid='0' "
                  "devno='1'/></interface>",
                  "machine 'pc-i440fx-7.2' has no ccw addresses; leave <address> out" },
                { &pc, "<watchdog model='i6300esb'><address type='usb' bus='0' port='1'/></watchdog>",
                  "cannot have an address of type 'usb'; leave <address> out" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                fixture_bad(rows[i].board, rows[i].devices, rows[i].message);
}

/* Boards without PCI take nothing that is PCI, and gain nothing that is. */
static void test_no_pci(void)
{
        static const FixtureBoard boards[] = { { "x86_64", "isapc" },        { "x86_64", "microvm" },
                                               { "sparc", "SS-5" },          { "m68k", "virt" },
                                               { "armv7l", "integratorcp" }, { "ppc64", "powernv9" } };
        for (gsize i = 0; i < G_N_ELEMENTS(boards); i++) {
                fixture_bad(&boards[i], "<interface type='user'>" MAC "<model type='e1000'/></interface>",
                            "it is a PCI device, and machine");
                fixture_bad(&boards[i], "<watchdog model='i6300esb'>" AT(0, 3, 0) "</watchdog>",
                            "it is a PCI device, and machine");
                g_autoptr(DmPlan) p = fixture_good(&boards[i], VNC);
                g_assert_cmpuint(dm_domain_count(p->domain, DM_DEVICE_CONTROLLER), ==, 0);
        }
        /* s390x has PCI only when its emulator has zpci. */
        static const FixtureBoard old = { "s390x", "s390-ccw-virtio-2.7", "zpci" };
        fixture_bad(&old, "<interface type='user'>" MAC "<model type='e1000'/></interface>",
                    "it is a PCI device, and machine");
}

/* ---- while the guest runs ---- */

static gboolean plug(const DmPlan *p, const char *address, GError **error)
{
        DmRng *r = dm_domain_add_device(p->domain, DM_DEVICE_RNG);
        r->model = DM_VIRTIO_MODEL_VIRTIO;
        r->backend = DM_RNG_BUILTIN;
        unsigned bus, slot, function;
        if (address) {
                g_assert_cmpint(sscanf(address, "%u:%u.%u", &bus, &slot, &function), ==, 3);
                r->dev.address.type = DM_ADDRESS_PCI;
                r->dev.address.bus = (DmOptU32)DM_OPT(bus);
                r->dev.address.slot = (DmOptU32)DM_OPT(slot);
                r->dev.address.function = (DmOptU32)DM_OPT(function);
        }
        return dm_plan_address_plugged((DmPlan *)p, &r->dev, error);
}

static void test_plugged(void)
{
        static const FixtureBoard micro = { "x86_64", "microvm" };
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_good(&q35, NIC("virtio"));
        /* Into the port that was kept for it; then no port is left, and none can be added. */
        g_assert_true(plug(p, NULL, &error));
        const DmDevice *rng = dm_domain_device(p->domain, DM_DEVICE_RNG, 0);
        g_assert_cmpuint(rng->address.bus.value, ==, 4);
        g_assert_false(plug(p, NULL, &error));
        g_assert_nonnull(strstr(error->message, "no free PCI slot is left"));
        static const struct {
                const FixtureBoard *board;
                const char *devices, *address, *message;
        } rows[] = {
                { &q35, NIC("virtio"), "0:5.0",
                  "PCI bus 0, a pcie-root, takes no devices while the guest runs" },
                { &q35, NIC("virtio"), "4:0.1", "is function 0 of its slot, not 1" },
                { &q35, NIC("virtio"), "1:0.0", "PCI address 0000:01:00.0 is taken by interface" },
                { &q35, NIC("virtio"), "9:0.0", "there is no PCI bus 9, only 0 to 4" },
                { &q35,
                  "<controller type='pci' index='1' model='pcie-root-port'><target "
                  "hotplug='off'/></controller>\n"
                  "<memballoon model='none'/><controller type='usb' model='none'/>",
                  NULL, "no free PCI slot is left" },
                { &micro, "", NULL, "machine 'microvm' takes no virtio devices while the guest runs" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) q = fixture_good(rows[i].board, rows[i].devices);
                g_autoptr(GError) reason = NULL;
                g_assert_false(plug(q, rows[i].address, &reason));
                if (!strstr(reason->message, rows[i].message))
                        g_error("'%s' has no '%s'", reason->message, rows[i].message);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/address/pci/pc", test_pc);
        g_test_add_func("/qemu/address/pci/order", test_order);
        g_test_add_func("/qemu/address/pci/q35", test_q35);
        g_test_add_func("/qemu/address/pci/ports-by-address", test_ports_by_address);
        g_test_add_func("/qemu/address/pci/many-ports", test_many_ports);
        g_test_add_func("/qemu/address/pci/conventional", test_conventional);
        g_test_add_func("/qemu/address/pci/full", test_full);
        g_test_add_func("/qemu/address/pci/usb2", test_usb2);
        g_test_add_func("/qemu/address/pci/boards", test_boards);
        g_test_add_func("/qemu/address/pci/bare-root", test_bare_root);
        g_test_add_func("/qemu/address/pci/zpci", test_zpci);
        g_test_add_func("/qemu/address/pci/given", test_given);
        g_test_add_func("/qemu/address/pci/refused", test_refused);
        g_test_add_func("/qemu/address/pci/no-pci", test_no_pci);
        g_test_add_func("/qemu/address/pci/plugged", test_plugged);
        return g_test_run();
}
