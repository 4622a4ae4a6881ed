/* Shared by the files with rules between the values of a document (domain_check*.c) only. */
#pragma once

#include "conf/domain.h"

/* What no guest can have, and what QEMU guests cannot have. */
#define BAD(value, ...)    dm_check_fail(c, value, DM_ERROR_INVALID_XML, __VA_ARGS__)
#define CANNOT(value, ...) dm_check_fail(c, value, DM_ERROR_UNSUPPORTED, __VA_ARGS__)

static inline gboolean dm_is_power_of_two(guint64 n)
{
        return n && !(n & (n - 1));
}

void dm_check_disks(const DmDomain *d, const DmXmlCheck *c);
void dm_check_interfaces(const DmDomain *d, const DmXmlCheck *c);
void dm_check_lines(const DmDomain *d, const DmXmlCheck *c);    /* character devices */
void dm_check_displays(const DmDomain *d, const DmXmlCheck *c); /* graphics, video, inputs */
void dm_check_others(const DmDomain *d, const DmXmlCheck *c);   /* all other devices, and all addresses */
void dm_check_memory(const DmDomain *d, const DmXmlCheck *c);   /* NUMA cells, processors */
void dm_check_head(const DmDomain *d, const DmXmlCheck *c);     /* sections outside <devices> */
void dm_check_tuning(const DmDomain *d, const DmXmlCheck *c);
