/* Finding the emulator of an architecture when none is named. */
#pragma once

#include "conf/findings.h"
#include "qemu/virt_type.h"

/* The best emulator for @want guests of @arch: the first candidate (dm_arch_candidates) that answers and can
 * run
 * @arch; a later one only if it has @want and the first has not.  Owned reference, or NULL with
 * «no emulator found for arch 'ia64' (looked for qemu-system-ia64 in PATH)».
 *
 * *ret_why, nullable, is set to the reason of the choice, "first of … that runs x86_64 guests" (owned).
 * Candidates that do not answer are passed over, each with a note in @findings. */
DmCaps *dm_emulator_find(const DmHost *host, DmCapsSource *source, const DmArch *arch, DmVirtType want,
                         char **ret_why, DmFindings *findings, GError **error);
/* Names of the architectures that have a candidate in the search path, "x86_64, i686, …"; nothing is probed.
 * Owned. */
char *dm_emulator_archs(const DmHost *host);
/* Names of the architectures, other than @except, whose emulator offers @machine; NULL when there is none.
 * Probes them all: for messages only.  Owned. */
char *dm_emulator_archs_with_machine(const DmHost *host, DmCapsSource *source, const DmArch *except,
                                     const char *machine);
