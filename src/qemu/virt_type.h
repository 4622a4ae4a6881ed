/* Domain types: what <domain type=> and the seed's <os><type> name, and when an emulator on a host offers
 * them. */
#pragma once

#include "qemu/arch.h"
#include "qemu/caps.h"
#include "qemu/host.h"

typedef enum DmVirtType {
        DM_VIRT_NONE,
        DM_VIRT_QEMU, /* software emulation, tcg */
        DM_VIRT_KVM,
        DM_VIRT_KQEMU,
        DM_VIRT_QVM86,
        DM_VIRT_N
} DmVirtType;
extern const DmEnum dm_virt_type;

DmAccel dm_virt_accel(DmVirtType type);
/* TRUE when the emulator has it compiled in, whatever the host. */
gboolean dm_virt_has(const DmCaps *caps, DmVirtType type);
/* Why @type is not offered for guests of @arch by @caps on @host: one clause; NULL when it is offered. Owned.
 */
char *dm_virt_refusal(DmVirtType type, const DmCaps *caps, const DmArch *arch, const DmHost *host);
/* "qemu, kvm": what is offered; "nothing" when that is so.  Owned. */
char *dm_virt_offered(const DmCaps *caps, const DmArch *arch, const DmHost *host);
/* "/usr/bin/qemu-system-x86_64 (QEMU 7.2.22)".  Owned. */
char *dm_caps_describe(const DmCaps *caps);
