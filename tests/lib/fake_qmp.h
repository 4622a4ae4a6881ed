/* Emulators for tests of probing: shell scripts that speak as much QMP as a probe asks for, and misbehave
 * where the test wants them to. */
#pragma once

#include <glib.h>

/* Writes the script DIR/NAME and returns its path, owned.  @start is shell text that runs first ("sleep 600",
 * "exit 3");
 * @cases are rows of the case over the command's name that come before the usual ones, and may set $answer:
 *         "query-qmp-schema) exit 4 ;;"     "query-target) answer='{\"arch\":\"ppc\"}' ;;"
 * An answer that stays empty is a refusal.  $accel is what it was started with, $0 its path.  Both may be "".
 * As it is: QEMU 7.2.0, x86_64, tcg and kvm, machines pc (alias of pc-1) and isapc, runs on kvm unless $accel
 * is tcg. */
char *fake_qmp(const char *dir, const char *name, const char *start, const char *cases);
/* How many times the script was started. */
guint fake_qmp_starts(const char *path);
/* Asserts that none of its processes is left. */
void fake_qmp_assert_gone(const char *path);
