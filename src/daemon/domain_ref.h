/* Guests on the wire (name, uuid, id) and behind the public API. */
#pragma once

#include <domus/domus.h>

#include "rpc/types.h"

/* The guest that @dom means: by its uuid alone, as libvirt has it.  Owned; "no domain with matching uuid '…'
 * (name)". */
DomusDomain *dm_domain_of_wire(DomusConn *conn, const DmRpcDomain *dom, GError **error);
/* The same with what is known of it. */
DomusDomain *dm_domain_info_of_wire(DomusConn *conn, const DmRpcDomain *dom, DomusInfo *ret_info,
                                    GError **error);
/* Fills @ret (cleared by its owner) with name, uuid and the id it has now. */
void dm_domain_to_wire(DomusDomain *domain, DmRpcDomain *ret);
/* Text of a uuid.  Owned. */
char *dm_uuid_of_wire(const guint8 *uuid);
/* @text is a canonical uuid. */
void dm_uuid_to_wire(const char *text, guint8 *ret);

/* virConnectListAllDomainsFlags, in pairs and fours: of a group of which a bit is set, a guest
 * has to have one of these. */
enum {
        DM_LIST_ACTIVE = 1 << 0,
        DM_LIST_INACTIVE = 1 << 1,
        DM_LIST_PERSISTENT = 1 << 2,
        DM_LIST_TRANSIENT = 1 << 3,
        DM_LIST_RUNNING = 1 << 4,
        DM_LIST_PAUSED = 1 << 5,
        DM_LIST_SHUTOFF = 1 << 6,
        DM_LIST_OTHER = 1 << 7,
        DM_LIST_MANAGED_SAVE = 1 << 8,
        DM_LIST_NO_MANAGED_SAVE = 1 << 9,
        DM_LIST_AUTOSTART = 1 << 10,
        DM_LIST_NO_AUTOSTART = 1 << 11,
        DM_LIST_SNAPSHOT = 1 << 12,
        DM_LIST_NO_SNAPSHOT = 1 << 13,
        DM_LIST_CHECKPOINT = 1 << 14,
        DM_LIST_NO_CHECKPOINT = 1 << 15,
        DM_LIST_ALL_FLAGS = (1 << 16) - 1,
};

/* The guests that @wanted (DM_LIST_*, 0: all) means; an array of DomusDomain that owns them. */
GPtrArray *dm_domains_select(DomusConn *conn, guint32 wanted, GError **error);
