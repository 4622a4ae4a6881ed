/* Addresses apart from PCI: drives, virtio-serial ports, USB, the buses of pseries and s390x, virtio-mmio.
 * And what must hold on every board, whatever is put on it. */
#include "address_fixture.h"

#include "conf/domain_controller.h"

#define MAC "<mac address='52:54:00:00:00:01'/>"
#define DISK(name, bus, more)                                                                          \
        "<disk type='file'><source file='/" name "'/><target dev='" name "' bus='" bus "'/>" more "</" \
        "disk>\n"
#define DRIVE(c, b, u)      "<address type='drive' controller='" #c "' bus='" #b "' target='0' unit='" #u "'/>"
#define CHANNEL(name, more) "<channel type='null'><target type='virtio' name='" name "'/>" more "</channel>\n"
#define VPORT(c, n)         "<address type='virtio-serial' controller='" #c "' bus='0' port='" #n "'/>"
#define USB(port)           "<address type='usb' bus='0' port='" port "'/>"
#define INPUT(type, more)   "<input type='" type "' bus='usb'>" more "</input>\n"

static const FixtureBoard pc = { "x86_64", "pc-i440fx-7.2" }, q35 = { "x86_64", "pc-q35-7.2" },
                          pseries = { "ppc64", "pseries-7.2" }, s390 = { "s390x", "s390-ccw-virtio-7.2" };

/* ---- drives ---- */

static void test_disk_index(void)
{
        static const struct {
                const char *name;
                int index;
        } rows[] = {
                { "vda", 0 },    { "hdd", 3 },  { "sdz", 25 },     { "sdaa", 26 },         { "xvdb", 1 },
                { "ubda", 0 },   { "fdb", 1 },  { "sda1", 0 },     { "sdab12", 27 },       { "sd", -1 },
                { "vd1", -1 },   { "nda", -1 }, { "sdA", -1 },     { "sda1b", -1 },        { "", -1 },
                { "cdrom", -1 }, { NULL, -1 },  { "sdzzzzz", -1 }, { "sdzzzzzzzzzz", -1 }, { "hda-", -1 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                g_assert_cmpint(dm_disk_index(rows[i].name), ==, rows[i].index);
}

static void test_drives(void)
{
        static const struct {
                const FixtureBoard *board;
                const char *name, *bus, *address;
                unsigned controllers;
        } rows[] = {
                { &pc, "hda", "ide", "drive 0:0:0:0", 1 },   { &pc, "hdd", "ide", "drive 0:1:0:1", 1 },
                { &pc, "fdb", "fdc", "drive 0:0:0:1", 1 },   { &pc, "sda", "scsi", "drive 0:0:0:0", 1 },
                { &pc, "sdg", "scsi", "drive 0:0:0:6", 1 },  { &pc, "sdh", "scsi", "drive 1:0:0:0", 2 },
                { &pc, "sdf", "sata", "drive 0:0:0:5", 1 },  { &pc, "sdg", "sata", "drive 1:0:0:0", 2 },
                { &q35, "sdb", "sata", "drive 0:0:0:1", 1 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *devices = g_strdup_printf(
                        "<disk type='file' device='%s'><source file='/a'/><target dev='%s' "
                        "bus='%s'/></disk>",
                        !strcmp(rows[i].bus, "fdc") ? "floppy" : "disk", rows[i].name, rows[i].bus);
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, devices);
                const DmDevice *disk = dm_domain_device(p->domain, DM_DEVICE_DISK, 0);
                g_autofree char *text = dm_address_describe(&disk->address);
                g_assert_cmpstr(text, ==, rows[i].address);
                DmControllerType type = (DmControllerType)dm_enum_value(&dm_controller_type, rows[i].bus);
                unsigned n = 0;
                DM_FOREACH_DEVICE (p->domain, device)
                        n += device->kind == DM_DEVICE_CONTROLLER && ((DmController *)device)->type == type;
                g_assert_cmpuint(n, ==, rows[i].controllers);
                g_assert_cmpstr(dm_origins_reason(p->domain->origins, &disk->address), !=, NULL);
                fixture_fixpoint(rows[i].board, p);
        }
}

static void test_drives_refused(void)
{
        static const FixtureBoard cubie = { "armv7l", "cubieboard" }, r2d = { "sh4", "r2d" };
        static const struct {
                const FixtureBoard *board;
                const char *devices, *message;
        } rows[] = {
                { &pc, DISK("cdrom", "ide", ""),
                  "the name 'cdrom' tells no place on bus 'ide'; use a name such as" },
                { &pc, DISK("sda", "scsi", DRIVE(0, 0, 1)) DISK("sdb", "scsi", ""),
                  "scsi drive 0:0:0:1 is taken by disk sda (line 8)" },
                { &cubie, DISK("sda", "sata", "") DISK("sdb", "sata", ""),
                  "bus 0, unit 1 of sata controller 0 is not there: on machine 'cubieboard' it has 1 of 1" },
                { &r2d, DISK("hdc", "ide", ""), "bus 1, unit 0 of ide controller 0 is not there" },
                { &pc,
                  "<disk type='file' device='floppy'><source file='/a'/><target dev='fdc' bus='fdc'/></disk>",
                  "at most two floppy drives" },
                { &pc, DISK("sda", "scsi", DRIVE(4000, 0, 0)), "controller 4000 is beyond the 255" },
                { &pc, DISK("hda", "ide", "<address type='pci' domain='0' bus='0' slot='3' function='0'/>"),
                  "cannot have an address of type 'pci'" },
                { &pc, DISK("vda", "virtio", DRIVE(0, 0, 0)), "cannot have an address of type 'drive'" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                fixture_bad(rows[i].board, rows[i].devices, rows[i].message);
}

/* A place that QEMU does not have, but that was given, is the document's own risk: it is warned of. */
static void test_drive_warned(void)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_good(&pc, DISK("hda", "ide", DRIVE(0, 2, 0)));
        g_assert_true(dm_plan_addresses(p, findings, &error));
        g_assert_cmpuint(dm_findings_count(findings), ==, 1);
        g_assert_nonnull(strstr(dm_findings_at(findings, 0)->message, "bus 2, unit 0 of ide controller 0"));
        g_assert_cmpint(dm_findings_at(findings, 0)->severity, ==, DM_SEVERITY_WARNING);
}

/* ---- virtio-serial ---- */

static char *ports_of(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_CHANNEL)
                        g_string_append_printf(s, "%s%u:%u", s->len ? " " : "",
                                               device->address.controller.value, device->address.port.value);
        return g_string_free(s, FALSE);
}

static void test_virtio_serial(void)
{
        static const struct {
                const char *devices, *ports;
                unsigned controllers;
        } rows[] = {
                { CHANNEL("a", "") CHANNEL("b", ""), "0:1 0:2", 1 },
                { CHANNEL("a", VPORT(0, 1)) CHANNEL("b", ""), "0:1 0:2", 1 },
                { CHANNEL("a", "") CHANNEL("b", VPORT(0, 1)), "0:2 0:1", 1 },
                { CHANNEL("a", VPORT(2, 5)) CHANNEL("b", ""), "2:5 0:1", 2 },
                { CHANNEL("a", "<address type='virtio-serial' controller='1' bus='0'/>"), "1:1", 1 },
                /* A console takes a port as well: 0, if that is free. */
                { "<serial type='null'/><console type='null'><target type='virtio'/></console>" CHANNEL("a",
                                                                                                        ""),
                  "0:1", 1 },
                { "<console type='null'><target type='virtio'/></console><console type='null'><target "
                  "type='virtio'/></console>" CHANNEL("a", ""),
                  "0:2", 1 },
                { "<controller type='virtio-serial' index='0' ports='2'/>" CHANNEL("a", "") CHANNEL("b", ""),
                  "0:1 1:1", 2 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(&pc, rows[i].devices);
                g_autofree char *ports = ports_of(p);
                g_assert_cmpstr(ports, ==, rows[i].ports);
                unsigned n = 0;
                DM_FOREACH_DEVICE (p->domain, device)
                        n += device->kind == DM_DEVICE_CONTROLLER &&
                             ((DmController *)device)->type == DM_CONTROLLER_VIRTIO_SERIAL;
                g_assert_cmpuint(n, ==, rows[i].controllers);
                fixture_fixpoint(&pc, p);
        }
        fixture_bad(&pc, CHANNEL("a", VPORT(0, 31)),
                    "virtio-serial controller 0 has no port 31, only 0 to 30");
        fixture_bad(&pc, CHANNEL("a", VPORT(999, 1)), "controller 999 is beyond the 255");
        /* 30 channels on a controller, the next ones on another. */
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 40; i++)
                g_string_append_printf(s, "<channel type='null'><target type='virtio' name='c%u'/></channel>",
                                       i);
        g_autoptr(DmPlan) p = fixture_good(&pc, s->str);
        const DmDevice *last = dm_domain_device(p->domain, DM_DEVICE_CHANNEL, 39);
        g_assert_cmpuint(last->address.controller.value, ==, 1);
        g_assert_cmpuint(last->address.port.value, ==, 10);
        fixture_fixpoint(&pc, p);
}

/* ---- USB ---- */

static char *usb_of(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_USB)
                        g_string_append_printf(s, "%s%s%u:%s", s->len ? " " : "",
                                               device->kind == DM_DEVICE_HUB ? "hub " : "",
                                               device->address.bus.value, device->address.usb_port);
        return g_string_free(s, FALSE);
}

static void test_usb(void)
{
        static const FixtureBoard virt = { "aarch64", "virt" };
        static const struct {
                const FixtureBoard *board;
                const char *devices, *ports;
        } rows[] = {
                { &pc, INPUT("tablet", "") INPUT("mouse", ""), "0:1 0:2" },
                { &pc, INPUT("tablet", "") INPUT("mouse", USB("1")), "0:2 0:1" },
                /* Two ports and three devices: a hub. */
                { &pc, INPUT("tablet", "") INPUT("mouse", "") INPUT("keyboard", ""),
                  "0:2 0:1.1 0:1.2 hub 0:1" },
                { &pc, INPUT("tablet", USB("1.3")) "<hub type='usb'>" USB("1") "</hub>", "0:1.3 hub 0:1" },
                { &pc,
                  INPUT("tablet", USB("1.1.8")) "<hub type='usb'>" USB("1.1") "</hub><hub type='usb'>" USB(
                          "1") "</hub>",
                  "0:1.1.8 hub 0:1.1 hub 0:1" },
                /* Disks are plugged in before inputs. */
                { &q35, INPUT("tablet", "") DISK("sda", "usb", ""), "0:1 0:2" },
                { &pc,
                  "<controller type='usb' index='0' model='qemu-xhci' ports='8'/>" INPUT("tablet", "")
                          INPUT("mouse", "") INPUT("keyboard", ""),
                  "0:1 0:2 0:3" },
                /* A second controller is filled before a hub comes. */
                { &pc,
                  "<controller type='usb' index='0'/><controller type='usb' index='1' "
                  "model='qemu-xhci'/>" INPUT("tablet", "") INPUT("mouse", "") INPUT("keyboard", ""),
                  "0:1 0:2 1:1" },
                { &pc,
                  "<controller type='usb' index='0'/><controller type='usb' index='1' "
                  "model='qemu-xhci'/>" INPUT("tablet", "<address type='usb' bus='1'/>"),
                  "1:1" },
                /* A board that gets no controller by itself gets one when something is on USB. */
                { &virt, INPUT("tablet", ""), "0:1" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = fixture_good(rows[i].board, rows[i].devices);
                g_autofree char *ports = usb_of(p);
                g_assert_cmpstr(ports, ==, rows[i].ports);
                fixture_fixpoint(rows[i].board, p);
        }
}

static void test_usb_refused(void)
{
        static const FixtureBoard ss5 = { "sparc", "SS-5" };
        static const struct {
                const FixtureBoard *board;
                const char *devices, *message;
        } rows[] = {
                { &pc, INPUT("tablet", USB("3")),
                  "USB bus 0 has no port '3': the number of ports there is 2" },
                { &pc, INPUT("tablet", USB("1.1")),
                  "USB bus 0 has no port '1.1': there is no hub in port 1" },
                { &pc, "<hub type='usb'>" USB("1") "</hub>" INPUT("tablet", USB("1.9")),
                  "USB bus 0 has no port '1.9': the number of ports there is 8" },
                { &pc, INPUT("tablet", "<address type='usb' bus='4' port='1'/>"),
                  "there is no USB controller with index 4" },
                { &pc, INPUT("tablet", "<address type='usb' bus='4'/>"),
                  "there is no USB controller with index 4" },
                { &pc, "<controller type='usb' model='none'/>" INPUT("tablet", ""),
                  "it is on USB, which <controller type='usb' model='none'/> switches off" },
                { &ss5, INPUT("tablet", ""), "it is on USB, which machine 'SS-5' does not have" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                fixture_bad(rows[i].board, rows[i].devices, rows[i].message);
}

/* Hubs in hubs, until no bus can number more. */
static void test_many_usb(void)
{
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 100; i++)
                g_string_append(s, INPUT("tablet", ""));
        g_autoptr(DmPlan) p = fixture_good(&pc, s->str);
        g_assert_cmpuint(dm_domain_count(p->domain, DM_DEVICE_HUB), ==, 15);
        fixture_fixpoint(&pc, p);
        for (unsigned i = 0; i < 1000; i++)
                g_string_append(s, INPUT("tablet", ""));
        fixture_bad(&pc, s->str, "1100 devices are too many for USB");
}

/* ---- pseries, s390x, virtio-mmio ---- */

static void test_spapr(void)
{
        fixture_expect(&pseries,
                       "<interface type='user'>" MAC "<model type='spapr-vlan'/></interface>\n"
                       "<interface type='user'><mac address='52:54:00:00:00:02'/><model "
                       "type='spapr-vlan'/></interface>\n" DISK(
                               "sda", "scsi", "") "<console type='null'/><memballoon model='none'/>\n"
                                                  "<controller type='usb' model='none'/>\n",
                       "disk sda: drive 0:0:0:0\n"
                       "controller scsi: spapr-vio 0x3000\n"
                       "interface 52:54:00:00:00:01: spapr-vio 0x1000\n"
                       "interface 52:54:00:00:00:02: spapr-vio 0x2000\n"
                       "serial null: spapr-vio 0x30000000\n"
                       "console null: spapr-vio 0x30000000\n");
        fixture_bad(&pc,
                    "<interface type='user'>" MAC "<model type='spapr-vlan'/></interface><serial type='null'>"
                    "<target type='spapr-vio-serial'/><address type='spapr-vio' reg='0x5000'/></serial>",
                    "machine 'pc-i440fx-7.2' has no spapr-vio addresses");
}

static void test_ccw(void)
{
        fixture_expect(&s390,
                       "<input type='tablet'/><graphics type='vnc'/>\n"
                       "<interface type='user'>" MAC "</interface>\n" DISK("vda", "virtio", "")
                               DISK("vdb", "virtio", "<address type='ccw' cssid='0xfe' ssid='0' devno='2'/>")
                                       CHANNEL("a", ""),
                       "disk vda: ccw fe.0.0000\n"
                       "disk vdb: ccw fe.0.0002\n"
                       "controller virtio-serial: ccw fe.0.0004\n"
                       "interface 52:54:00:00:00:01: ccw fe.0.0001\n"
                       "channel a: virtio-serial 0:0:1\n"
                       "input tablet: ccw fe.0.0005\n"
                       "video virtio: ccw fe.0.0003\n"
                       "memballoon: ccw fe.0.0006\n");
}

static void test_mmio(void)
{
        static const FixtureBoard vexpress = { "armv7l", "vexpress-a9" }, virt = { "aarch64", "virt" },
                                  portless = { "aarch64", "virt", "pcie-root-port ioh3420" };
        const char *devices =
                "<interface type='user'>" MAC "<model type='virtio'/></interface>" DISK("vda", "virtio", "");
        const char *all = "disk vda: virtio-mmio\ninterface 52:54:00:00:00:01: virtio-mmio\n";
        fixture_expect(&vexpress, devices, all);
        fixture_expect(&portless, devices, all);
        /* A guest that has one such device gets all its virtio devices there. */
        fixture_expect(&virt,
                       "<interface type='user'>" MAC "<model type='virtio'/></interface>" DISK(
                               "vda", "virtio", "<address type='virtio-mmio'/>"),
                       all);
        g_autoptr(DmPlan) p = fixture_good(&virt, devices);
        g_assert_cmpint(((DmDevice *)dm_domain_device(p->domain, DM_DEVICE_DISK, 0))->address.type, ==,
                        DM_ADDRESS_PCI);
        fixture_bad(&pc, DISK("vda", "virtio", "<address type='virtio-mmio'/>"),
                    "machine 'pc-i440fx-7.2' has no virtio-mmio");
}

/* ---- every board ---- */

/* The first name of a list of patterns, as a machine could be called. */
static char *first_name(const char *patterns)
{
        GString *s = g_string_new(NULL);
        for (; *patterns && *patterns != '|'; patterns++)
                g_string_append_c(s, *patterns == '?' ? 'p' : *patterns == '*' ? 'x' : *patterns);
        return g_string_free(s, FALSE);
}

/* No address twice, none on a slot that the board has taken, nothing PCI without PCI. */
static void check_board(const FixtureBoard *b, const DmPlan *p)
{
        g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        gboolean x86 = dm_plan_x86(p);
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmAddress *a = &device->address;
                if (!a->type || a->type == DM_ADDRESS_VIRTIO_MMIO || device->kind == DM_DEVICE_CONSOLE)
                        continue;
                g_autofree char *text = dm_address_describe(a);
                const char *bus = a->type == DM_ADDRESS_DRIVE
                                          ? dm_enum_name(&dm_disk_bus, (int)((const DmDisk *)device)->bus)
                                          : "";
                char *key = g_strdup_printf("%s %s", bus, text);
                if (!g_hash_table_add(taken, key))
                        g_error("%s %s: '%s' is given twice", b->arch, b->machine, text);
                if (a->type != DM_ADDRESS_PCI)
                        continue;
                g_assert_true(dm_plan_pci(p));
                if (!x86 && !a->bus.value)
                        g_assert_cmpuint(p->board->taken_slots & 1u << a->slot.value, ==, 0);
                if (a->bus.value)
                        g_assert_nonnull(dm_plan_controller(p, DM_CONTROLLER_PCI, a->bus.value));
        }
        if (!dm_plan_pci(p))
                g_assert_null(dm_plan_controller(p, DM_CONTROLLER_PCI, 0));
}

static void try_board(const FixtureBoard *b, const char *devices, gboolean must)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_on(b, devices, &error);
        if (!p && must)
                g_error("%s %s: %s", b->arch, b->machine, error->message);
        if (!p) {
                g_assert_cmpuint(strlen(error->message), >, 0);
                return;
        }
        check_board(b, p);
        fixture_fixpoint(b, p);
}

static void try_many(const FixtureBoard *b)
{
        g_autoptr(GString) s = g_string_new(NULL);
        for (unsigned i = 0; i < 30; i++)
                g_string_append_printf(
                        s, "<disk type='file'><source file='/%u'/><target dev='vd%c%c' bus='virtio'/></disk>",
                        i, 'a' + (char)(i / 26), 'a' + (char)(i % 26));
        const DmBoard *board = dm_board_find(b->arch, b->machine);
        gboolean virtio = board->flags & (DM_BOARD_PCI | DM_BOARD_CCW | DM_BOARD_VIRTIO_MMIO);
        try_board(b, s->str, virtio);
}

static const char *const devices_of_all_kinds[] = {
        "<disk type='file'><source file='/a'/><target dev='hda'/></disk>",
        "<disk type='file' device='cdrom'><target dev='hdc'/></disk>",
        "<disk type='file' device='floppy'><target dev='fda'/></disk>",
        DISK("vda", "virtio", ""),
        DISK("sda", "scsi", ""),
        DISK("sda", "sata", ""),
        DISK("sda", "usb", ""),
        DISK("sda", "sd", ""),
        "<interface type='user'/>",
        "<interface type='user'><model type='e1000'/></interface>",
        "<interface type='user'><model type='e1000e'/></interface>",
        "<interface type='user'><model type='virtio'/></interface>",
        "<controller type='scsi' model='virtio-scsi'/>",
        "<controller type='usb' model='qemu-xhci'/>",
        "<controller type='virtio-serial'/>",
        "<serial type='null'/><serial type='null'/>",
        "<console type='null'/>",
        "<console type='null'><target type='virtio'/></console>",
        "<parallel type='null'/>",
        CHANNEL("a", ""),
        "<input type='tablet'/>",
        "<input type='keyboard' bus='virtio'/>",
        "<graphics type='vnc'/>",
        "<graphics type='vnc'/><video><model type='vga'/></video><video><model type='virtio'/></video>",
        "<hub type='usb'/>",
        "<watchdog model='i6300esb'/>",
        "<memballoon model='virtio'/>",
        "<rng model='virtio'><backend model='builtin'/></rng>",
        "<panic model='pvpanic'/>",
};

static void test_all_boards(void)
{
        unsigned n = 0;
        for (const DmBoard *row = dm_board_all(); row->machine; row++, n++) {
                g_autofree char *machine = first_name(row->machine),
                                *arch = row->arch ? first_name(row->arch) : NULL;
                const FixtureBoard b = { arch ? arch : "cris", machine };
                const FixtureBoard b2 = { b.arch, b.machine, .flags = DM_RESOLVE_NEW };
                try_board(&b, "", TRUE);
                try_board(&b2, "<graphics type='vnc'/>", TRUE);
                try_many(&b);
                for (gsize i = 0; i < G_N_ELEMENTS(devices_of_all_kinds); i++)
                        try_board(&b, devices_of_all_kinds[i], FALSE);
        }
        g_assert_cmpuint(n, >, 40);
}

/* Any mixture of devices: what is completed is free of conflicts and stays as it is. */
static void test_mixtures(void)
{
        static const FixtureBoard boards[] = {
                { "x86_64", "pc-i440fx-7.2" }, { "x86_64", "pc-q35-7.2" }, { "ppc64", "pseries-7.2" },
                { "aarch64", "virt" },         { "mips", "malta" },        { "s390x", "s390-ccw-virtio-7.2" },
                { "x86_64", "microvm" },       { "sparc64", "sun4u" },
        };
        unsigned good = 0;
        for (int round = 0; round < 400; round++) {
                g_autoptr(GString) s = g_string_new(NULL);
                int n = g_test_rand_int_range(1, 25);
                for (int i = 0; i < n; i++) {
                        int kind = g_test_rand_int_range(0, 6);
                        char letter = 'a' + (char)i;
                        if (kind == 0)
                                g_string_append_printf(
                                        s,
                                        "<disk type='file'><source file='/%d'/><target dev='vd%c' "
                                        "bus='virtio'/></disk>",
                                        i, letter);
                        else if (kind == 1)
                                g_string_append_printf(
                                        s,
                                        "<disk type='file'><source file='/%d'/><target dev='sd%c' "
                                        "bus='%s'/></disk>",
                                        i, letter, g_test_rand_bit() ? "scsi" : "usb");
                        else
                                g_string_append(s, devices_of_all_kinds[g_test_rand_int_range(
                                                           8, G_N_ELEMENTS(devices_of_all_kinds))]);
                }
                const FixtureBoard *b = &boards[g_test_rand_int_range(0, G_N_ELEMENTS(boards))];
                g_autofree char *text =
                        g_strdup_printf("<domain type='qemu'><name>t</name><memory>65536</memory><os><type "
                                        "arch='%s' machine='%s'>hvm"
                                        "</type></os><devices>%s</devices></domain>",
                                        b->arch, b->machine, s->str);
                g_autoptr(GError) error = NULL;
                DmDomain *d = dm_domain_parse(text, strlen(text), 0, NULL, &error);
                if (!d)
                        continue; /* two of what there may be one of */
                g_autoptr(DmPlan) p = fixture_complete(b, d, &error);
                if (!p)
                        continue;
                good++;
                check_board(b, p);
                fixture_fixpoint(b, p);
        }
        g_assert_cmpuint(good, >, 50);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/address/disk-index", test_disk_index);
        g_test_add_func("/qemu/address/drives", test_drives);
        g_test_add_func("/qemu/address/drives-refused", test_drives_refused);
        g_test_add_func("/qemu/address/drive-warned", test_drive_warned);
        g_test_add_func("/qemu/address/virtio-serial", test_virtio_serial);
        g_test_add_func("/qemu/address/usb", test_usb);
        g_test_add_func("/qemu/address/usb-refused", test_usb_refused);
        g_test_add_func("/qemu/address/usb-many", test_many_usb);
        g_test_add_func("/qemu/address/spapr", test_spapr);
        g_test_add_func("/qemu/address/ccw", test_ccw);
        g_test_add_func("/qemu/address/mmio", test_mmio);
        g_test_add_func("/qemu/address/all-boards", test_all_boards);
        g_test_add_func("/qemu/address/mixtures", test_mixtures);
        return g_test_run();
}
