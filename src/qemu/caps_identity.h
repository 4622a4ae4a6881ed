/* Whether capabilities that were found out earlier still hold: a text that changes when they may have. */
#pragma once

#include "qemu/caps.h"
#include "qemu/caps_probe.h"

#define DM_KVM_DEVICE "/dev/kvm"

/* What is the same for all emulators: our own questions, the user, kernel and processor.  Made once. */
char *dm_caps_identity_base(const DmProbeOptions *options);

/* Identity of the program at @path: file, what really runs, modules, state of @kvm_device (where the emulator
 * has kvm).  @caps is its last probe, NULL when there was none or it failed.  A few stat(2); owned. */
char *dm_caps_identity(const char *base, const char *path, const char *kvm_device, const DmCaps *caps);
