/* The outcome of resolving: everything that building the command line needs, and nothing that is not decided.
 */
#pragma once

#include "conf/domain.h"
#include "qemu/arch.h"
#include "qemu/board.h"
#include "qemu/caps.h"
#include "qemu/host.h"

typedef struct DmPlan {
        DmDomain *domain; /* owned; today's form, all defaults and addresses filled in, resolves to itself */
        DmCaps *caps;     /* owned reference */
        const DmArch *arch;
        const DmMachine *machine; /* of caps */
        const DmBoard *board;
        DmAccel accel;
        char *board_name; /* owned; the canonical machine name */
} DmPlan;

typedef enum DmResolveFlags {
        DM_RESOLVE_NEW =
                1 << 0, /* a new definition: choices that old ones must not see changed (e.g. a USB model) */
} DmResolveFlags;

/* Resolves @d (taken: it is changed in place and ends up in the plan, or is freed).  Pure: the host is @host,
 * the emulators are
 * @source.  Every decision is explained in d->origins; substitutions go to @findings as warnings.  NULL with
 * the reason.  The stages are in resolve.c (what runs), defaults.c (what the board and libvirt's rules add),
 * address.c (where). */
DmPlan *dm_resolve(DmDomain *d, const DmHost *host, DmCapsSource *source, DmResolveFlags flags,
                   DmFindings *findings, GError **error);
void dm_plan_free(DmPlan *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmPlan, dm_plan_free)

/* The stages that dm_resolve() runs in this order; each explains itself and is tested by itself. */
gboolean dm_resolve_platform(DmPlan *p, const DmHost *host, DmCapsSource *source, DmFindings *findings,
                             GError **error);
gboolean dm_plan_defaults(DmPlan *p, const DmHost *host, DmResolveFlags flags, DmFindings *findings,
                          GError **error);
gboolean dm_plan_addresses(DmPlan *p, DmFindings *findings, GError **error);
/* The address of @device, which is being plugged into the running guest: it is part of p->domain already, has
 * its own defaults, and all others have addresses.  Only where a running guest can be given devices, and on
 * the controllers that it has.  When it fails, p->domain is not to be used any more: give it a copy. */
gboolean dm_plan_address_plugged(DmPlan *p, DmDevice *device, GError **error);
/* Aliases: ids of the devices in the running guest (disk: "virtio-disk0", …). */
gboolean dm_plan_aliases(DmPlan *p, GError **error);
/* Can the emulator and the board do it?  @host is nullable. */
gboolean dm_plan_check(const DmPlan *p, const DmHost *host, GError **error);
/* Asked at start, not part of dm_resolve(): are images, kernel and firmware there, and what they are said to
 * be? Of files that dm_host_gather() has not looked at nothing is known, so nothing is refused. */
gboolean dm_plan_check_files(const DmPlan *p, const DmHost *host, GError **error);

static inline gboolean dm_plan_pci(const DmPlan *p)
{
        return (p->board->flags & DM_BOARD_PCI) != 0;
}
