/* The table of boards: which row a machine gets, and, on the emulators that this machine has, whether the
 * facts in the row hold: each board is started, stopped, with devices on the buses and in the slots that the
 * row names. */
#include <string.h>

#include "qemu/board.h"
#include "qemu/caps_private.h"
#include "qemu/start_fixture.h"

static void expect_bus(const char *arch, const char *machine, const char *bus)
{
        const DmBoard *b = dm_board_find(arch, machine);
        g_assert_nonnull(b);
        g_assert_cmpstr(b->pci_bus, ==, bus);
        g_assert_true(((b->flags & DM_BOARD_PCI) != 0) == (bus != NULL));
}

static void find(void)
{
        expect_bus("x86_64", "pc-i440fx-7.2", "pci.0");
        expect_bus("i686", "pc", "pci.0");
        expect_bus("x86_64", "pc-1.3", "pci.0");
        expect_bus("x86_64", "pc-0.14", "pci.0");
        expect_bus("x86_64", "pc-i440fx-rhel7.6.0", "pci.0");
        expect_bus("x86_64", "pc-q35-7.2", "pcie.0");
        expect_bus("x86_64", "q35", "pcie.0");
        expect_bus("x86_64", "isapc", NULL);
        expect_bus("x86_64", "microvm", NULL);
        expect_bus("aarch64", "virt-7.2", "pcie.0");
        expect_bus("m68k", "virt-7.2", NULL);
        expect_bus("riscv64", "virt", "pcie.0");
        expect_bus("riscv64", "virtual", NULL);
        expect_bus("ppc", "mac99", "pci.2");
        expect_bus("ppc64", "mac99", "pci.0");
        expect_bus("mips64el", "malta", "pci");
        expect_bus("sparc64", "sun4u", "pciB");
        expect_bus("sparc", "SS-5", NULL);
        expect_bus("armv6l", "versatilepb", "pci");
        expect_bus("armv7l", "vexpress-a9", NULL);
        expect_bus("s390x", "s390-ccw-virtio-7.2", "pci.0");
        expect_bus("x86_64", "nosuch", NULL);
        expect_bus("nosuch", "pc", NULL);
        expect_bus("", "", NULL);
}

static void rows(void)
{
        gsize n = 0;
        for (const DmBoard *b = dm_board_all(); b->machine; b++, n++) {
                g_assert_nonnull(b->note);
                g_assert_true(((b->flags & DM_BOARD_PCI) != 0) == (b->pci_bus != NULL));
                g_assert_true(!(b->flags & DM_BOARD_PCIE) || (b->flags & DM_BOARD_PCI));
                g_assert_true(!(b->flags & (DM_BOARD_IDE | DM_BOARD_SATA)) == (b->ide_buses == 0));
                g_assert_true(!(b->flags & DM_BOARD_USB) || b->usb);
                g_assert_false(b->pci_bus && (b->taken_slots >> b->first_slot & 1));
                if (b->flags & (DM_BOARD_USB | DM_BOARD_BALLOON))
                        g_assert_true(b->flags & DM_BOARD_PCI);
        }
        g_assert_cmpuint(n, >, 40);
}

/* ---- defaults ---- */

/* "*" before a name: the emulator's default. */
static DmCaps *caps_with(const char *const *names)
{
        DmCaps *c = dm_caps_new("/q");
        for (; *names; names++) {
                DmMachine *m = g_new0(DmMachine, 1);
                m->is_default = **names == '*';
                m->name = g_strdup(*names + m->is_default);
                g_ptr_array_add(c->machines, m);
        }
        return c;
}
#define CAPS(...) caps_with((const char *const[]){ __VA_ARGS__, NULL })

static void defaults(void)
{
        g_autoptr(DmCaps) arm = CAPS("integratorcp", "virt");
        g_assert_cmpstr(dm_board_default_machine("aarch64", arm)->name, ==, "virt");
        g_assert_cmpstr(dm_board_default_machine("armv7l", arm)->name, ==, "integratorcp");
        g_autoptr(DmCaps) riscv = CAPS("*spike", "virt");
        g_assert_cmpstr(dm_board_default_machine("riscv32", riscv)->name, ==, "virt");
        g_autoptr(DmCaps) odd = CAPS("one", "*two");
        g_assert_cmpstr(dm_board_default_machine("sparc", odd)->name, ==, "two");
        g_assert_cmpstr(dm_board_default_machine("mipsel", odd)->name, ==, "two");
        g_autoptr(DmCaps) none = CAPS("one", "two");
        g_assert_null(dm_board_default_machine("sparc", none));
}

static void successors(void)
{
        gboolean replaced = TRUE;
        g_assert_cmpstr(dm_board_successor("sparc", "sun4m", &replaced), ==, "SS-5");
        g_assert_false(replaced);
        g_assert_cmpstr(dm_board_successor("ppc", "prep", &replaced), ==, "40p");
        g_assert_true(replaced);
        g_assert_cmpstr(dm_board_successor("mips64el", "mips", &replaced), ==, "malta");
        g_assert_null(dm_board_successor("x86_64", "mips", &replaced));
        g_assert_null(dm_board_successor("sparc64", "sun4m", &replaced));
        g_assert_true(dm_board_unusable("none") && dm_board_unusable("x-remote"));
        g_assert_false(dm_board_unusable("pc"));
}

/* ---- on real emulators ---- */

static GPtrArray *command(const char *program, const char *machine, const DmBoard *b)
{
        GPtrArray *w = g_ptr_array_new_with_free_func(g_free);
        const char *const words[] = { program, "-S",    "-display", "none", "-no-user-config",
                                      "-qmp",  "stdio", "-machine", machine };
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
                g_ptr_array_add(w, g_strdup(words[i]));
        const char *const without[] = { "-vga", "none",     "-nic", "none",      "-serial",
                                        "null", "-monitor", "none", "-parallel", "none" };
        if (b->flags & DM_BOARD_KEEP_DEFAULTS)
                for (gsize i = 0; i < G_N_ELEMENTS(without); i++)
                        g_ptr_array_add(w, g_strdup(without[i]));
        else
                g_ptr_array_add(w, g_strdup("-nodefaults"));
        return w;
}

static void add(GPtrArray *w, const char *option, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void add(GPtrArray *w, const char *option, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_ptr_array_add(w, g_strdup(option));
        g_ptr_array_add(w, g_strdup_vprintf(format, args));
        va_end(args);
}

typedef struct Real {
        const char *program, *arch;
        const char *machines[8];
        const char *more[2]; /* option and value that the boards need to start at all */
} Real;

static const char *usb_type(DmControllerModel model)
{
        switch ((int)model) {
        case DM_USB_PIIX3_UHCI:
                return "piix3-usb-uhci";
        case DM_USB_PCI_OHCI:
                return "pci-ohci";
        case DM_USB_QEMU_XHCI:
                return "qemu-xhci";
        }
        g_assert_not_reached();
}

/* Everything that the row says is on the board, used at once. */
static void fill(GPtrArray *w, const DmBoard *b)
{
        unsigned slot = b->first_slot;
        if (b->flags & DM_BOARD_CCW)
                add(w, "-device", "virtio-balloon-ccw");
        else if (b->flags & DM_BOARD_PCI)
                add(w, "-device", "virtio-balloon-pci,bus=%s,addr=0x%x", b->pci_bus, slot++);
        if (b->flags & DM_BOARD_USB)
                add(w, "-device", "%s,bus=%s,addr=0x%x", usb_type(b->usb), b->pci_bus, slot++);
        if (b->flags & DM_BOARD_VIRTIO_MMIO)
                add(w, "-device", "virtio-rng-device");
        for (unsigned i = 0; i < b->ide_buses; i++)
                add(w, "-device", "ide-cd,bus=ide.%u,unit=0", i);
        if (b->flags & DM_BOARD_SCSI)
                add(w, "-device", "scsi-cd,bus=scsi.0,scsi-id=4");
        if (b->flags & DM_BOARD_NIC_ONBOARD)
                add(w, "-nic", b->nic_model ? "user,model=%s" : "user%.0s", b->nic_model);
        if (b->flags & DM_BOARD_SERIAL_ONBOARD && !(b->flags & DM_BOARD_KEEP_DEFAULTS))
                add(w, "-serial", "null");
}

static void check_board(const Real *r, const char *machine)
{
        const DmBoard *b = dm_board_find(r->arch, machine);
        g_autoptr(GPtrArray) w = command(r->program, machine, b);
        if (r->more[0])
                add(w, r->more[0], "%s", r->more[1]);
        fill(w, b);
        g_autofree char *output = NULL;
        if (!start_reaches_prelaunch(w, &output))
                g_error("%s of %s with all that is on it: %s", machine, r->program, output);
        /* Slots that are taken really are: the first one that is. */
        unsigned taken = 0;
        while (taken < 32 && !(b->taken_slots >> taken & 1))
                taken++;
        if (!(b->flags & DM_BOARD_PCI) || taken == 32 || (taken == 0 && b->taken_slots == 1))
                return;
        taken = taken == 0 ? (unsigned)g_bit_nth_lsf(b->taken_slots, 0) : taken;
        g_autoptr(GPtrArray) v = command(r->program, machine, b);
        if (r->more[0])
                add(v, r->more[0], "%s", r->more[1]);
        add(v, "-device", "virtio-balloon-pci,bus=%s,addr=0x%x", b->pci_bus, taken);
        g_autofree char *refusal = NULL;
        if (start_reaches_prelaunch(v, &refusal))
                g_error("%s of %s: slot %u of %s is free", machine, r->program, taken, b->pci_bus);
        g_assert_nonnull(strstr(refusal, "slot"));
}

static void on_real(gconstpointer data)
{
        const Real *r = data;
        g_autofree char *program = g_find_program_in_path(r->program);
        if (!program) {
                g_test_skip("the emulator is not installed");
                return;
        }
        Real found = *r;
        found.program = program;
        for (gsize i = 0; i < G_N_ELEMENTS(r->machines) && r->machines[i]; i++)
                check_board(&found, r->machines[i]);
}

static const Real real[] = {
        { "qemu-system-x86_64", "x86_64", { "pc", "q35", "isapc", "microvm" } },
        { "qemu-system-i386", "i686", { "pc", "q35", "isapc", "microvm" } },
        { "qemu-system-aarch64", "aarch64", { "virt", "sbsa-ref", "xlnx-zcu102" } },
        { "qemu-system-arm",
          "armv7l",
          { "virt", "integratorcp", "vexpress-a9", "versatilepb", "realview-eb", "cubieboard", "orangepi-pc",
            "smdkc210" } },
        { "qemu-system-alpha", "alpha", { "clipper" } },
        { "qemu-system-hppa", "parisc", { "hppa" } },
        { "qemu-system-loongarch64", "loongarch64", { "virt" } },
        { "qemu-system-m68k", "m68k", { "virt" } },
        { "qemu-system-microblaze", "microblaze", { "petalogix-s3adsp1800", "petalogix-ml605" } },
        { "qemu-system-mips", "mips", { "malta", "mipssim" } },
        { "qemu-system-mips64", "mips64", { "malta", "magnum", "pica61" } },
        { "qemu-system-mips64el", "mips64el", { "malta", "fuloong2e" } },
        { "qemu-system-or1k", "openrisc", { "or1k-sim", "virt" } },
        { "qemu-system-ppc", "ppc", { "g3beige", "mac99", "40p", "bamboo", "sam460ex", "pegasos2" } },
        { "qemu-system-ppc64", "ppc64", { "pseries", "mac99", "g3beige", "powernv9" } },
        { "qemu-system-riscv64", "riscv64", { "virt", "spike", "sifive_u" } },
        { "qemu-system-riscv32", "riscv32", { "virt" }, { "-bios", "none" } },
        { "qemu-system-s390x", "s390x", { "s390-ccw-virtio" } },
        { "qemu-system-sh4", "sh4", { "r2d" } },
        { "qemu-system-sparc", "sparc", { "SS-5", "SS-600MP", "LX" } },
        { "qemu-system-sparc64", "sparc64", { "sun4u" } },
        { "qemu-system-xtensa", "xtensa", { "sim", "virt", "lx60" } },
};

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/board/find", find);
        g_test_add_func("/qemu/board/rows", rows);
        g_test_add_func("/qemu/board/defaults", defaults);
        g_test_add_func("/qemu/board/successors", successors);
        for (gsize i = 0; i < G_N_ELEMENTS(real); i++) {
                g_autofree char *name = g_strdup_printf("/qemu/board/real/%s", real[i].program);
                g_test_add_data_func(name, &real[i], on_real);
        }
        return g_test_run();
}
