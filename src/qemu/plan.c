/* From a definition to a plan: the stages of resolving, in their order (see plan.h). */
#include "qemu/plan.h"

DmPlan *dm_resolve(DmDomain *d, const DmHost *host, DmCapsSource *source, DmResolveFlags flags,
                   DmFindings *findings, GError **error)
{
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        p->domain = d;
        if (!dm_resolve_platform(p, host, source, findings, error) ||
            !dm_plan_defaults(p, host, flags, findings, error) || !dm_plan_addresses(p, findings, error) ||
            !dm_plan_aliases(p, error) || !dm_plan_check(p, host, error))
                return NULL;
        return g_steal_pointer(&p);
}
