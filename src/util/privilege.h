/* Linux capabilities: what the calling thread has, and dropping them all, also in the child of dm_spawn. */
#pragma once

#include <glib.h>

/* TRUE when the calling thread has @capability (CAP_NET_ADMIN and so on, <linux/capability.h>) effective. */
gboolean dm_privilege_have(unsigned capability);

/* Effective capabilities of the calling thread for messages: "chown, net_admin" or "none".  Owned. */
char *dm_privilege_describe(void);

/* What dropping everything takes, found out beforehand by dm_privilege_prepare_drop so that the child needs
 * only raw system calls. */
typedef struct DmPrivilegeDrop {
        guint64 bounding;        /* bit n: capability n is in the bounding set and can be dropped from it */
        gboolean keeps_bounding; /* the bounding set is not empty and may not be changed (no CAP_SETPCAP) */
} DmPrivilegeDrop;

/* Errors: DM_ERROR_FAILED when the kernel does not tell (no /proc). */
gboolean dm_privilege_prepare_drop(DmPrivilegeDrop *ret_drop, GError **error);

/* The two halves of dropping, for the child between clone and exec; each returns 0 or an errno.  The bounding
 * set comes before a change of the user id (which loses CAP_SETPCAP), the others after it. */
int dm_privilege_drop_bounding(const DmPrivilegeDrop *drop);
int dm_privilege_drop_sets(void);
