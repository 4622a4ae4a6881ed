/* Can this be started here?  What only the whole plan and the host's facts can tell. */
#include "conf/domain_disk.h"
#include "qemu/device_ops.h"

gboolean dm_plan_check(const DmPlan *p, const DmHost *host, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                if (ops->check && !ops->check(p, device, host, error))
                        return FALSE;
        }
        return TRUE;
}
