/* Can this be started here?  What only the whole plan and the host's facts can tell. */
#include "qemu/device_ops.h"

gboolean dm_plan_check(const DmPlan *p, const DmHost *host, GError **error)
{
        if (!dm_domain_check_deferred(p->domain, error))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device)
                if (!dm_device_check(p, device, host, error))
                        return FALSE;
        return TRUE;
}
