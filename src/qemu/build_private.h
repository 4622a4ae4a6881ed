/* Shared by the files that build a command line (build.c, command_*.c) only. */
#pragma once

#include "qemu/device_ops.h"
#include "qemu/memory_private.h"

/* ---- the sections above the devices ---- */
gboolean dm_build_machine(DmBuild *b, GError **error); /* command_machine.c */
gboolean dm_build_cpu(DmBuild *b, GError **error);     /* command_cpu.c */
gboolean dm_build_memory(DmBuild *b, GError **error);  /* command_memory.c: -m, -smp */
/* command_security.c: the switch of the board, and the object before -sandbox */
gboolean dm_build_security_machine(const DmPlan *p, GString *s, GError **error);
gboolean dm_build_security(DmBuild *b, GError **error);
gboolean dm_build_firmware(DmBuild *b, GError **error); /* command_boot.c: images in flash, before -machine */
gboolean dm_build_rom(DmBuild *b, GError **error);  /* … firmware by -bios, and what flash needs besides */
gboolean dm_build_boot(DmBuild *b, GError **error); /* … -boot -kernel */
gboolean dm_build_iothreads(DmBuild *b, GError **error); /* command_iothread.c */
gboolean dm_build_sysinfo(DmBuild *b, GError **error);   /* command_sysinfo.c */
/* command_passthrough.c: -compat, and words and variables of libvirt's namespace for QEMU */
void dm_build_deprecation(DmBuild *b);
void dm_build_passed_words(DmBuild *b);
void dm_build_passed_environment(DmBuild *b);
void dm_build_terminal(DmBuild *b);                  /* … messages of the firmware on the serial line */
gboolean dm_build_clock(DmBuild *b, GError **error); /* command_clock.c */
/* Emulators of the -help era have a builder of their own (command_old.c). */
gboolean dm_build_old(DmBuild *b, GError **error);

/* ---- decisions that several sections share ---- */
/* <clock> timer @name, or NULL. */
const DmTimer *dm_plan_timer(const DmPlan *p, DmTimerName name);
/* TRUE when the guest is to have no ACPI although the board could. */
gboolean dm_plan_acpi_off(const DmPlan *p);
/* … and the board has a property for it, as QEMU 9 needs. */
gboolean dm_plan_acpi_property(const DmPlan *p);
/* <bios useserial='yes'/>: messages of the firmware go to the serial line; by a property of the board where
 * the emulator has no device for it any more. */
gboolean dm_plan_graphics_off(const DmPlan *p);
/* Letters of <os><boot> as BIOSes count drives ("dc"): a floppy, c disk, d CD, n network.  Owned; NULL when
 * nothing is named. */
char *dm_boot_letters(const DmDomain *d);
/* Node in front of flash image 0 or 1 ("libvirt-pflash0-format"), NULL when there is none.  Static. */
const char *dm_build_flash_node(const DmBuild *b, unsigned unit);
