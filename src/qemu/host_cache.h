/* The host's facts, looked up again only when something has changed.
 *
 * Loading them takes 3 to 10 ms, most of it for programs and firmware descriptors; asking the kernel whether
 * one of those files has changed takes 0.2 ms.  Used from any thread. */
#pragma once

#include "qemu/host.h"

typedef struct DmHostCache DmHostCache;
DmHostCache *dm_host_cache_new(void);
void dm_host_cache_free(DmHostCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmHostCache, dm_host_cache_free)

/* What is true now, for the caller to gather into.  @test_kvm: KVM is tested anew (0.6 ms), as whoever relies
 * on it wants; otherwise what it was when its device last changed.  Owned. */
DmHost *dm_host_cache_get(DmHostCache *cache, gboolean test_kvm);
