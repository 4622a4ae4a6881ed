/* Parts of dm_plan_check(), in the order in which they speak. */
#pragma once

#include "qemu/plan.h"

/* Does what the document asks for exist on this board and architecture? */
gboolean dm_plan_check_board(const DmPlan *p, GError **error);
