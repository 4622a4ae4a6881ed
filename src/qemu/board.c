/* The table of boards.
 *
 * Buses, the slots that are taken on them and the names of on-board NICs were measured with QEMU 7.2 (info
 * qtree, query-pci, -nic model=) on every machine that starts; default models are libvirt's where it has one
 * that works. A row holds for a family of machines through all its versions. */
#include "qemu/board.h"

#include <string.h>

#define SLOT(n)      (1u << (n))
#define BELOW(n)     (SLOT(n) - 1)
#define ARM          "aarch64|armv7l|armv6l"
#define MIPS         "mips|mipsel|mips64|mips64el"
#define SOC          (DM_BOARD_SERIAL_ONBOARD | DM_BOARD_NO_ACPI)
#define PCIE         (DM_BOARD_PCI | DM_BOARD_PCIE)
#define PC           (DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_USB | DM_BOARD_BALLOON)
#define STOCK        "libvirt's defaults; buses measured"
#define MEASURED     "measured"
#define VIRT_DEVICES .disk_bus = DM_DISK_BUS_VIRTIO, .nic_model = "virtio", .video = DM_VIDEO_VIRTIO
#define GPEX         .pci_bus = "pcie.0", .first_slot = 1, .taken_slots = SLOT(0)

/* The first row that fits counts. */
static const DmBoard boards[] = {
        /* ---- x86 ---- */
        { "x86_64|i686", "pc|pc-i440fx-*|pc-?.*|rhel6.*|rhel-6*|xenfv|xenfv-*|ubuntu",
          PC | DM_BOARD_FLOPPY | DM_BOARD_IDE, .pci_bus = "pci.0", .first_slot = 2,
          .taken_slots = SLOT(0) | SLOT(1), .ide_buses = 2, .disk_bus = DM_DISK_BUS_IDE,
          .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS, .usb = DM_USB_PIIX3_UHCI, .note = STOCK },
        { "x86_64|i686", "q35|pc-q35-*|ubuntu-q35", PC | DM_BOARD_PCIE | DM_BOARD_SATA, .pci_bus = "pcie.0",
          .first_slot = 1, .taken_slots = SLOT(0) | SLOT(31), .ide_buses = 6, .disk_bus = DM_DISK_BUS_SATA,
          .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS, .usb = DM_USB_QEMU_XHCI, .note = STOCK },
        { "x86_64|i686", "isapc", DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_FLOPPY | DM_BOARD_IDE,
          .ide_buses = 2, .disk_bus = DM_DISK_BUS_IDE, .nic_model = "ne2k_isa", .video = DM_VIDEO_CIRRUS,
          .note = MEASURED },
        { "x86_64|i686", "microvm", DM_BOARD_ISA | DM_BOARD_VIRTIO_MMIO, VIRT_DEVICES, .note = MEASURED },

        /* ---- boards named virt ---- */
        { ARM, "virt|virt-*", PCIE | DM_BOARD_VIRTIO_MMIO | DM_BOARD_SERIAL_ONBOARD, GPEX, VIRT_DEVICES,
          .note = STOCK },
        { "riscv32|riscv64", "virt|virt-*", PCIE | DM_BOARD_VIRTIO_MMIO | DM_BOARD_BALLOON | SOC, GPEX,
          VIRT_DEVICES, .note = STOCK },
        { "loongarch64", "virt|virt-*", PCIE | DM_BOARD_SERIAL_ONBOARD, GPEX, VIRT_DEVICES,
          .note = MEASURED },
        { "openrisc", "virt|virt-*", PCIE | DM_BOARD_VIRTIO_MMIO | SOC, GPEX, VIRT_DEVICES,
          .note = MEASURED },
        { "xtensa|xtensaeb", "virt|virt-*", PCIE | SOC, GPEX, VIRT_DEVICES, .note = MEASURED },
        { "m68k", "virt|virt-*", DM_BOARD_VIRTIO_MMIO | SOC, VIRT_DEVICES, .note = MEASURED },

        /* ---- ARM.  The default machine of stock libvirt is integratorcp. ---- */
        { ARM, "integratorcp*", DM_BOARD_SD | DM_BOARD_PS2 | DM_BOARD_NIC_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "smc91c111", .note = MEASURED },
        { ARM, "vexpress-*", DM_BOARD_SD | DM_BOARD_VIRTIO_MMIO | DM_BOARD_NIC_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "lan9118", .note = STOCK },
        /* Slots below the bridge's own have no interrupt line on the real board. */
        { ARM, "versatile?b|realview-eb*",
          DM_BOARD_PCI | DM_BOARD_SD | DM_BOARD_PS2 | DM_BOARD_NIC_ONBOARD | SOC, .pci_bus = "pci",
          .first_slot = 12, .taken_slots = SLOT(11), .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "smc91c111",
          .scsi = DM_SCSI_LSILOGIC, .note = STOCK },
        { ARM, "realview-pb*|kzm|smdkc210|mps2-*", DM_BOARD_SD | DM_BOARD_NIC_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "lan9118", .note = MEASURED },
        { ARM, "sbsa-ref", PCIE | DM_BOARD_SATA | DM_BOARD_VGA_ONBOARD | DM_BOARD_USB_ONBOARD | SOC,
          .pci_bus = "pcie.0", .first_slot = 2, .taken_slots = SLOT(0) | SLOT(1), .ide_buses = 6,
          .disk_bus = DM_DISK_BUS_SATA, .nic_model = "e1000e", .note = MEASURED },
        { ARM, "cubieboard", DM_BOARD_SD | DM_BOARD_SATA | DM_BOARD_NIC_ONBOARD | SOC, .ide_buses = 1,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "allwinner-emac", .note = MEASURED },
        { ARM, "orangepi-pc", DM_BOARD_SD | DM_BOARD_NIC_ONBOARD | SOC, .disk_bus = DM_DISK_BUS_SD,
          .nic_model = "allwinner-sun8i-emac", .note = MEASURED },
        { ARM, "highbank|midway", DM_BOARD_SATA | DM_BOARD_NIC_ONBOARD | SOC, .ide_buses = 1,
          .disk_bus = DM_DISK_BUS_SATA, .note = MEASURED },
        { ARM, "xlnx-zcu102", DM_BOARD_SD | DM_BOARD_SATA | DM_BOARD_NIC_ONBOARD | SOC, .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "cadence_gem", .note = MEASURED },
        { ARM, "xilinx-zynq-a9|xlnx-versal-virt", DM_BOARD_SD | DM_BOARD_NIC_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SD, .nic_model = "cadence_gem", .note = MEASURED },
        { ARM, "*", DM_BOARD_SD | DM_BOARD_NIC_ONBOARD | SOC, .disk_bus = DM_DISK_BUS_SD, .note = MEASURED },

        /* ---- POWER ---- */
        { "ppc64|ppc64le", "pseries|pseries-*",
          DM_BOARD_PCI | DM_BOARD_SPAPR_VIO | DM_BOARD_USB | DM_BOARD_BALLOON | DM_BOARD_NO_ACPI,
          .pci_bus = "pci.0", .first_slot = 1, .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "rtl8139",
          .video = DM_VIDEO_VGA, .usb = DM_USB_PCI_OHCI, .scsi = DM_SCSI_IBMVSCSI, .note = STOCK },
        { "ppc64|ppc64le", "powernv*", DM_BOARD_ISA | DM_BOARD_NO_ACPI,
          .note = "measured; its PCI bridges are not offered" },
        { "ppc|ppc64|ppc64le", "g3beige|g3bw",
          DM_BOARD_PCI | DM_BOARD_IDE | DM_BOARD_USB | DM_BOARD_BALLOON | SOC, .pci_bus = "pci.0",
          .first_slot = 1, .taken_slots = SLOT(0) | SLOT(16), .ide_buses = 2, .disk_bus = DM_DISK_BUS_IDE,
          .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS, .usb = DM_USB_PCI_OHCI, .note = STOCK },
        /* The 32 bit binary models the G4 board with three PCI buses: pci.0 is AGP, pci.1 internal. */
        { "ppc", "mac99", DM_BOARD_PCI | DM_BOARD_IDE | DM_BOARD_USB | DM_BOARD_BALLOON | SOC,
          .pci_bus = "pci.2", .first_slot = 13, .taken_slots = SLOT(0) | SLOT(11) | SLOT(12), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .usb = DM_USB_PCI_OHCI, .note = STOCK },
        { "ppc64|ppc64le", "mac99", DM_BOARD_PCI | DM_BOARD_IDE | DM_BOARD_USB | DM_BOARD_BALLOON | SOC,
          .pci_bus = "pci.0", .first_slot = 13, .taken_slots = SLOT(0) | SLOT(11) | SLOT(12), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .usb = DM_USB_PCI_OHCI, .note = STOCK },
        { "ppc|ppc64|ppc64le", "40p|prep",
          DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_FLOPPY | DM_BOARD_SCSI |
                  DM_BOARD_KEEP_DEFAULTS | SOC,
          .pci_bus = "pci.0", .first_slot = 2, .taken_slots = SLOT(0) | SLOT(1) | SLOT(11),
          .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .scsi = DM_SCSI_LSILOGIC, .note = "libvirt's defaults; buses measured with the default devices" },
        { "ppc|ppc64|ppc64le", "bamboo", DM_BOARD_PCI | SOC, .pci_bus = "pci.0", .first_slot = 1,
          .taken_slots = SLOT(0), .disk_bus = DM_DISK_BUS_VIRTIO, .nic_model = "e1000", .video = DM_VIDEO_VGA,
          .note = MEASURED },
        { "ppc|ppc64|ppc64le", "sam460ex", DM_BOARD_PCI | DM_BOARD_USB_ONBOARD | SOC, .pci_bus = "pci.0",
          .first_slot = 1, .taken_slots = SLOT(0) | SLOT(6), .disk_bus = DM_DISK_BUS_VIRTIO,
          .nic_model = "rtl8139", .note = MEASURED },
        { "ppc|ppc64|ppc64le", "pegasos2",
          DM_BOARD_PCI | DM_BOARD_USB_ONBOARD | DM_BOARD_ISA | DM_BOARD_IDE | DM_BOARD_FLOPPY | SOC,
          .pci_bus = "pci.1", .first_slot = 1, .taken_slots = SLOT(0) | SLOT(12), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_VGA, .note = MEASURED },

        /* ---- SPARC ---- */
        { "sparc", "SS-600MP", DM_BOARD_SCSI | DM_BOARD_NIC_ONBOARD | DM_BOARD_VGA_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "lance", .scsi = DM_SCSI_NCR53C90, .note = MEASURED },
        { "sparc", "SS-*|LX|SPARCClassic|SPARCbook|Voyager|sun4m",
          DM_BOARD_SCSI | DM_BOARD_FLOPPY | DM_BOARD_NIC_ONBOARD | DM_BOARD_VGA_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "lance", .scsi = DM_SCSI_NCR53C90, .note = MEASURED },
        /* "pci" takes only the bridges; pciB has four slots, pciA holds the on-board devices. */
        { "sparc64", "sun4u|sun4v",
          DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_FLOPPY | DM_BOARD_IDE | DM_BOARD_VGA_ONBOARD |
                  DM_BOARD_NO_ACPI,
          .pci_bus = "pciB", .first_slot = 0, .taken_slots = ~BELOW(4), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_VGA, .usb = DM_USB_PCI_OHCI,
          .note = "measured; libvirt's default display aborts QEMU" },

        /* ---- MIPS ---- */
        /* Linux knows interrupt lines of slots 10 (PIIX4), 11, 12 and of the four sockets 18 to 21 only. */
        { MIPS, "malta",
          DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_IDE | DM_BOARD_FLOPPY | DM_BOARD_USB |
                  DM_BOARD_BALLOON | SOC,
          .pci_bus = "pci", .first_slot = 18, .taken_slots = SLOT(0) | SLOT(10), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .usb = DM_USB_PIIX3_UHCI, .note = STOCK },
        { MIPS, "fuloong2e",
          DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_IDE | DM_BOARD_FLOPPY | DM_BOARD_VGA_ONBOARD |
                  DM_BOARD_USB_ONBOARD | SOC,
          .pci_bus = "pci", .first_slot = 7, .taken_slots = SLOT(0) | SLOT(5) | SLOT(6), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .note = MEASURED },
        { MIPS, "loongson3-virt", PCIE | SOC, GPEX, VIRT_DEVICES, .note = MEASURED },
        { MIPS, "boston", DM_BOARD_PCI | DM_BOARD_SATA | SOC, .pci_bus = "pci.2", .first_slot = 2,
          .taken_slots = SLOT(0) | SLOT(1), .ide_buses = 6, .disk_bus = DM_DISK_BUS_SATA,
          .nic_model = "rtl8139", .note = MEASURED },
        { MIPS, "magnum|pica61", DM_BOARD_SCSI | DM_BOARD_ISA | DM_BOARD_FLOPPY | DM_BOARD_NIC_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "dp83932", .scsi = DM_SCSI_NCR53C90, .note = MEASURED },
        { MIPS, "mipssim", DM_BOARD_NIC_ONBOARD | SOC, .nic_model = "mipsnet", .note = MEASURED },
        { MIPS, "mips", DM_BOARD_ISA | DM_BOARD_IDE | SOC, .ide_buses = 2, .disk_bus = DM_DISK_BUS_IDE,
          .nic_model = "ne2k_isa", .note = "the board of 2007, without PCI" },

        /* ---- the rest ---- */
        { "s390x", "s390-ccw-*|s390-ccw", DM_BOARD_PCI | DM_BOARD_CCW | DM_BOARD_BALLOON | DM_BOARD_NO_ACPI,
          .pci_bus = "pci.0", .first_slot = 0, .scsi = DM_SCSI_VIRTIO_SCSI, VIRT_DEVICES, .note = STOCK },
        { "alpha", "clipper",
          DM_BOARD_PCI | DM_BOARD_ISA | DM_BOARD_PS2 | DM_BOARD_IDE | DM_BOARD_FLOPPY | DM_BOARD_USB |
                  DM_BOARD_BALLOON | SOC,
          .pci_bus = "pci", .first_slot = 2, .taken_slots = SLOT(0) | SLOT(1) | SLOT(7), .ide_buses = 2,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .usb = DM_USB_PIIX3_UHCI, .note = STOCK },
        { "parisc", "hppa|B160L|C3700",
          DM_BOARD_PCI | DM_BOARD_SCSI | DM_BOARD_PS2 | DM_BOARD_VGA_ONBOARD | SOC, .pci_bus = "pci",
          .first_slot = 1, .taken_slots = SLOT(0), .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "tulip",
          .scsi = DM_SCSI_LSILOGIC, .note = MEASURED },
        { "sh4|sh4eb", "r2d", DM_BOARD_PCI | DM_BOARD_IDE | DM_BOARD_USB | DM_BOARD_BALLOON | SOC,
          .pci_bus = "pci", .first_slot = 1, .taken_slots = SLOT(0), .ide_buses = 1,
          .disk_bus = DM_DISK_BUS_IDE, .nic_model = "rtl8139", .video = DM_VIDEO_CIRRUS,
          .usb = DM_USB_PIIX3_UHCI, .note = STOCK },
        { "m68k", "q800", DM_BOARD_SCSI | DM_BOARD_NIC_ONBOARD | DM_BOARD_VGA_ONBOARD | SOC,
          .disk_bus = DM_DISK_BUS_SCSI, .nic_model = "dp83932", .scsi = DM_SCSI_NCR53C90, .note = MEASURED },
        { "m68k", "mcf5208evb", DM_BOARD_NIC_ONBOARD | SOC, .nic_model = "mcf_fec", .note = MEASURED },
        { "microblaze|microblazeel", "petalogix-s3adsp1800", DM_BOARD_NIC_ONBOARD | SOC,
          .nic_model = "xlnx.xps-ethernetlite", .note = MEASURED },
        { "microblaze|microblazeel", "petalogix-ml605", DM_BOARD_NIC_ONBOARD | SOC,
          .nic_model = "xlnx.axi-ethernet", .note = MEASURED },
        { "openrisc", "or1k-sim", DM_BOARD_NIC_ONBOARD | SOC, .nic_model = "open_eth", .note = MEASURED },
        { "xtensa|xtensaeb", "lx*|kc705*|ml605*", DM_BOARD_NIC_ONBOARD | SOC, .nic_model = "open_eth",
          .note = MEASURED },
        { "riscv32|riscv64", "sifive_u", DM_BOARD_SD | DM_BOARD_NIC_ONBOARD | SOC, .disk_bus = DM_DISK_BUS_SD,
          .nic_model = "cadence_gem", .note = MEASURED },
        { "cris", "axis-dev88", DM_BOARD_NIC_ONBOARD | SOC, .note = MEASURED },
        { NULL, "*", SOC, .note = "nothing is known of it" },
        { 0 },
};

/* The machine when none is given.  libvirt's own choices, save for aarch64, riscv and sh4, where those cannot
 * start.  armv6l and armv7l keep libvirt's. */
static const struct {
        const char *archs, *machine;
} defaults[] = {
        { "x86_64|i686", "pc" },
        { "aarch64|riscv32|riscv64|loongarch64", "virt" },
        { "armv7l|armv6l", "integratorcp" },
        { "alpha", "clipper" },
        { "cris", "axis-dev88" },
        { "m68k", "mcf5208evb" },
        { "microblaze|microblazeel", "petalogix-s3adsp1800" },
        { MIPS, "malta" },
        { "openrisc", "or1k-sim" },
        { "parisc", "hppa" },
        { "ppc", "g3beige" },
        { "ppc64|ppc64le", "pseries" },
        { "s390x", "s390-ccw-virtio" },
        { "sh4|sh4eb", "r2d" },
        { "sparc", "SS-5" },
        { "sparc64", "sun4u" },
        { "xtensa|xtensaeb", "sim" },
};

static const struct {
        const char *archs, *old, *now;
        gboolean replaced; /* other hardware */
} successors[] = {
        { "ppc|ppc64|ppc64le", "g3bw", "g3beige", FALSE }, { "sparc", "sun4m", "SS-5", FALSE },
        { ARM, "integratorcp926", "integratorcp", FALSE }, { ARM, "integratorcp1026", "integratorcp", FALSE },
        { "ppc|ppc64|ppc64le", "prep", "40p", TRUE },      { MIPS, "mips", "malta", TRUE },
};

/* One of the names in @list, which are separated by '|'. */
static gboolean listed(const char *list, const char *name)
{
        gsize length = strlen(name);
        for (const char *s = list; s; s = strchr(s, '|'), s = s ? s + 1 : NULL)
                if (strncmp(s, name, length) == 0 && (s[length] == 0 || s[length] == '|'))
                        return TRUE;
        return FALSE;
}

/* Glob match of [@pattern, @end): '*' any text, '?' one character. */
static gboolean matches(const char *pattern, const char *end, const char *name)
{
        for (; pattern < end; pattern++, name++) {
                if (*pattern == '*') {
                        for (; *name; name++)
                                if (matches(pattern + 1, end, name))
                                        return TRUE;
                        return pattern + 1 == end;
                }
                if (!*name || (*pattern != '?' && *pattern != *name))
                        return FALSE;
        }
        return !*name;
}

static gboolean matches_any(const char *patterns, const char *name)
{
        for (const char *s = patterns;;) {
                const char *end = strchrnul(s, '|');
                if (matches(s, end, name))
                        return TRUE;
                if (!*end)
                        return FALSE;
                s = end + 1;
        }
}

const DmBoard *dm_board_find(const char *arch, const char *machine)
{
        const DmBoard *b = boards;
        while ((b->arch && !listed(b->arch, arch)) || !matches_any(b->machine, machine))
                b++;
        return b;
}

const DmBoard *dm_board_all(void)
{
        return boards;
}

const DmMachine *dm_board_default_machine(const char *arch, const DmCaps *caps)
{
        for (gsize i = 0; i < G_N_ELEMENTS(defaults); i++) {
                const DmMachine *m =
                        listed(defaults[i].archs, arch) ? dm_caps_machine(caps, defaults[i].machine) : NULL;
                if (m)
                        return m;
        }
        return dm_caps_default_machine(caps);
}

const char *dm_board_successor(const char *arch, const char *machine, gboolean *ret_replaced)
{
        for (gsize i = 0; i < G_N_ELEMENTS(successors); i++)
                if (strcmp(successors[i].old, machine) == 0 && listed(successors[i].archs, arch)) {
                        *ret_replaced = successors[i].replaced;
                        return successors[i].now;
                }
        return NULL;
}

gboolean dm_board_unusable(const char *machine)
{
        return strcmp(machine, "none") == 0 || strcmp(machine, "x-remote") == 0;
}
