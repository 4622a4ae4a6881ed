/* What devices need of the host when a guest is started. */
#pragma once

#include "qemu/plan.h"

/* FALSE: a device needs a program beside QEMU (ops->helper), and nobody starts it. */
gboolean dm_run_check_helpers(const DmPlan *p, GError **error);
/* FALSE: a PCI device of the host that is given to the guest is not vfio-pci's, by sysfs below @root (""). */
gboolean dm_run_check_host_pci(const DmPlan *p, const char *root, GError **error);
/* Writes the files that <launchSecurity> of @d needs into @dir. */
gboolean dm_run_write_security(const DmDomain *d, const char *dir, GError **error);
/* Opens /dev/vhost-vsock and takes *@cid with it, or the first free one from 3 on when that is 0.  -1 with
 * the reason. */
int dm_open_vsock(guint32 *cid, GError **error);
/* "/dev/sg3" of unit @unit of @target on @bus of @adapter ("scsi_host0"), by sysfs below @root (""). Owned;
 * NULL with the reason. */
char *dm_find_scsi_generic(const char *root, const char *adapter, unsigned bus, unsigned target, guint64 unit,
                           GError **error);
