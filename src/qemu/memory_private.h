/* What the files about memory share; part of build_private.h. */
#pragma once

#include "qemu/command.h"

gboolean dm_build_numa(DmBuild *b, GError **error); /* command_numa.c: nodes of the guest */
gboolean dm_plan_hmat(const DmPlan *p);             /* … with latencies or caches */
gboolean dm_plan_has_numa(const DmPlan *p);
guint64 dm_plan_numa_memory(const DmPlan *p);                 /* bytes of all nodes */
guint64 dm_plan_round_memory(const DmPlan *p, guint64 bytes); /* up to whole blocks of the board */
