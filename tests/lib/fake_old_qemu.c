#include "lib/fake_old_qemu.h"

#include <string.h>

typedef struct Kind {
        const char *version; /* the first line up to the copyright */
        const char *options; /* of the help */
        gboolean versioned;  /* machines have versions: pc is an alias */
} Kind;

#define COMMON                                                     \
        "-M machine      choose a board (-M ? for a list)\n"       \
        "-cpu cpu        choose a processor (-cpu ? for a list)\n" \
        "-hda file       a disk\n"                                 \
        "-m megs         memory\n"                                 \
        "-S              wait for a command before the start\n"    \
        "-monitor dev    where the monitor is\n"
#define SINCE_0_9                                    \
        "-name string    what the guest is called\n" \
        "-vnc display    show the screen by VNC\n"   \
        "-daemonize      go to the background\n"
#define SINCE_0_10                           \
        "-uuid text      the guest's UUID\n" \
        "-vga [std|cirrus|vmware|none]\n"    \
        "-bios file      firmware\n"         \
        "-no-shutdown    stay after the guest has powered off\n"
#define SINCE_0_12                                           \
        "-nodefaults     nothing that was not asked for\n"   \
        "-device driver[,option]\n"                          \
        "-chardev null,id=id\n"                              \
        "-netdev [user|tap],id=str\n"                        \
        "-qmp dev        a monitor for programs\n"           \
        "-boot [order=drives][,once=drives][,menu=on|off]\n" \
        "-enable-kvm     use KVM\n"
#define OLD_BOOT "-boot [a|c|d|n] boot from floppy, disk, CD or network\n"
#define DRIVE_V2                         \
        "-drive [file=file][,if=type]\n" \
        "       [,cache=writethrough|writeback|none][,format=f][,serial=s]\n"

static const Kind kinds[FAKE_OLD_QEMU_N] = {
        [FAKE_QEMU_0_8_QVM86] = { "QEMU PC emulator version 0.8.2",
                                  COMMON OLD_BOOT "-no-kqemu       do without kqemu\n"
                                                  "-no-qvm86       do without the qvm86 module\n"
                                                  "-vnc display    show the screen by VNC\n" },
        [FAKE_QEMU_0_9_1] = { "QEMU PC emulator version 0.9.1",
                              COMMON SINCE_0_9 OLD_BOOT "-drive [file=file][,if=type][,cache=on|off]\n"
                                                        "-kernel-kqemu   kqemu for the kernel as well\n"
                                                        "-no-kqemu       do without kqemu\n" },
        [FAKE_KVM_74] = { "QEMU PC emulator version 0.9.1 (kvm-74)", COMMON SINCE_0_9 OLD_BOOT
                          "-drive [file=file][,cache=on|off][,format=f][,boot=on|off]\n"
                          "-no-kvm         do without KVM\n"
                          "-no-kvm-irqchip leave interrupts to us\n"
                          "-no-kvm-pit     leave the timer to us\n"
                          "-no-shutdown    stay after the guest has powered off\n" },
        [FAKE_QEMU_0_10_5] = { "QEMU PC emulator version 0.10.5",
                               COMMON SINCE_0_9 SINCE_0_10 OLD_BOOT DRIVE_V2
                               "-kernel-kqemu   kqemu for the kernel as well\n"
                               "-no-kqemu       do without kqemu\n"
                               "-enable-kvm     use KVM\n" },
        [FAKE_QEMU_0_11] = { "QEMU PC emulator version 0.11.0",
                             COMMON SINCE_0_9 SINCE_0_10 DRIVE_V2
                             "-boot [order=drives][,once=drives][,menu=on|off]\n"
                             "-enable-kqemu   use kqemu\n"
                             "-kernel-foo     nothing\n",
                             TRUE },
        [FAKE_QEMU_0_12] = { "QEMU PC emulator version 0.12.3 (qemu-kvm-0.12.3)",
                             COMMON SINCE_0_9 SINCE_0_10 SINCE_0_12 DRIVE_V2, TRUE },
        [FAKE_QEMU_0_15] = { "QEMU emulator version 0.15.1",
                             COMMON SINCE_0_9 SINCE_0_10 SINCE_0_12 DRIVE_V2
                             "-machine [type=]name[,prop[=value][,...]]\n"
                             "                choose a board, by name and properties:\n"
                             "                property accel=accel1[:accel2[:...]] chooses what runs the "
                             "guest\n"
                             "                supported accelerators are kvm, xen, tcg (default: tcg)\n",
                             TRUE },
};

static const char *machines(const char *name, const Kind *kind)
{
        if (g_str_has_suffix(name, "-ppc"))
                return "g3bw       Heathrow based PowerMAC (default)\n"
                       "mac99      Mac99 based PowerMAC\n"
                       "prep       PowerPC PREP platform\n";
        if (g_str_has_suffix(name, "-sparc"))
                return "sun4m      Sun4m platform\n";
        if (g_str_has_suffix(name, "-mips"))
                return "mips       mips r4k platform\n";
        if (kind->versioned)
                return "pc         Standard PC (alias of pc-0.11)\n"
                       "pc-0.11    Standard PC (default)\n"
                       "pc-0.10    Standard PC, qemu 0.10\n"
                       "isapc      ISA-only PC\n";
        return "pc         Standard PC (default)\n"
               "isapc      ISA-only PC\n";
}

static const char *cpus(const char *name)
{
        if (g_str_has_suffix(name, "-ppc"))
                return "PowerPC 601_v1           PVR 00010001\nPowerPC G3               PVR 00080301\n";
        if (g_str_has_suffix(name, "-sparc"))
                return "Sparc  LEON2 IU f2000000 FPU 00080000\n";
        if (g_str_has_suffix(name, "-mips"))
                return "MIPS '4Kc'\nMIPS '24Kf'\n";
        if (g_str_has_suffix(name, "x86_64") || strstr(name, "kvm"))
                return "x86           qemu64\nx86           [qemu32]\nx86              486\n";
        return "x86           qemu32\nx86              486\n";
}

char *fake_old_qemu(const char *dir, const char *name, FakeOldQemu kind)
{
        g_autoptr(GError) error = NULL;
        const Kind *k = &kinds[kind];
        char *path = g_build_filename(dir, name, NULL);
        g_autofree char *text = g_strconcat(
                "#!/bin/sh\n"
                "case \"$1 $2\" in\n"
                "'-help ')\n"
                "cat <<'END'\n",
                k->version, ", Copyright (c) 2003-2008 Somebody\nusage: qemu [options] [disk_image]\n\n",
                k->options,
                "END\n"
                "exit 1 ;;\n"
                "'-M ?')\n"
                "cat <<'END'\n"
                "Supported machines are:\n",
                machines(name, k),
                "END\n"
                "exit 0 ;;\n"
                "'-cpu ?')\n"
                "cat <<'END'\n",
                cpus(name),
                "END\n"
                "exit 1 ;;\n"
                "esac\n"
                "for word; do\n"
                "        case $word in -S | -M | -cpu | -hda | -m | -monitor) ;; -*) break ;; esac\n"
                "done\n"
                "echo \"qemu: invalid option -- '$word'\" >&2\n"
                "exit 1\n",
                NULL);
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, &error);
        g_assert_no_error(error);
        return path;
}
