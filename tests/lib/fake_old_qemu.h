/* Emulators from before QMP, for tests: scripts that print a short help of our own with the words that
 * matter, know -M ? and -cpu ?, and refuse options of later years as those emulators did. */
#pragma once

#include <glib.h>

typedef enum FakeOldQemu {
        FAKE_QEMU_0_8_QVM86, /* with the qvm86 accelerator */
        FAKE_QEMU_0_9_1,     /* kqemu, on unless -no-kqemu */
        FAKE_KVM_74,         /* the KVM fork, on unless -no-kvm */
        FAKE_QEMU_0_10_5,    /* -enable-kvm, and kqemu as before */
        FAKE_QEMU_0_11,      /* kqemu only by -enable-kqemu */
        FAKE_QEMU_0_12,      /* -enable-kvm, QMP, -device, -netdev */
        FAKE_QEMU_0_15,      /* -machine accel= */
        FAKE_OLD_QEMU_N
} FakeOldQemu;

/* Writes DIR/NAME and returns its path, owned.  The name tells which machines it has: "qemu", "qemu-kvm" and
 * "qemu-system-{i386,x86_64}" pc and isapc; "-ppc" g3bw, mac99, prep; "-sparc" sun4m; "-mips" mips. */
char *fake_old_qemu(const char *dir, const char *name, FakeOldQemu kind);
