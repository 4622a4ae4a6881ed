/* Architectures: libvirt's names, their aliases, QEMU's target names, which runs which.  Pure tables. */
#pragma once

#include <glib.h>

typedef struct DmArch {
        const char *name;   /* libvirt's: "i686", "armv7l", "openrisc" */
        const char *target; /* QEMU's: "i386", "arm", "or1k" */
        unsigned wordsize;  /* 32, 64 */
        gboolean big_endian;
        gboolean listed; /* in capabilities (its name is known to libvirt's schema) */
} DmArch;

/* By libvirt name or alias ("amd64", "x86", "hppa"); NULL when unknown. */
const DmArch *dm_arch_find(const char *name_or_alias);
/* All, ended by a row without name. */
const DmArch *dm_arch_all(void);
/* libvirt's name of a QEMU target ("arm" → "armv7l"); NULL for targets that libvirt has no name for ("avr").
 */
const DmArch *dm_arch_of_target(const char *target);
/* TRUE when a binary of @target can run guests of @arch. */
gboolean dm_arch_target_runs(const char *target, const char *arch);
/* TRUE when a host of @host runs @guest code natively: what KVM needs. */
gboolean dm_arch_native(const char *host, const char *guest);

/* Where to look for an emulator of @guest on a host of @host when none is named: program names in the order
 * of preference ("qemu-system-i386", "qemu-system-x86_64", "qemu", "qemu-kvm", "kvm"); a name with a slash is
 * a full path.  Owned (g_strfreev). */
char **dm_arch_candidates(const char *host, const DmArch *guest);
/* Every name that dm_arch_candidates() can give, each once.  Owned (g_strfreev). */
char **dm_arch_all_candidates(void);
