/* Storage pools on the wire (name, uuid) and in the driver. */
#pragma once

#include "daemon/dispatch.h"

/* The pool that @pool means: by its uuid.  FALSE with libvirt's words. */
gboolean dm_pool_of_wire(DmStorage *storage, const DmRpcStoragePool *pool, DmPoolInfo *ret, GError **error);
void dm_pool_to_wire(const DmPoolInfo *info, DmRpcStoragePool *ret);
/* NOT_FOUND of the driver's as an answer about a pool, about a volume: clients tell these apart.  FALSE. */
gboolean dm_pool_fail(GError **error, GError *reason);
gboolean dm_volume_fail(GError **error, GError *reason);
