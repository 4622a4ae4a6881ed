/* Objects of the public API on the wire, for remote*.c. */
#pragma once

#include "driver/api_private.h"
#include "rpc/types.h"

/* FALSE: @text is no uuid. */
gboolean dm_remote_uuid_to_wire(const char *text, guint8 *ret);
/* Borrows the name. */
DmRpcDomain dm_remote_domain_to_wire(const DomusDomain *domain);
