/* What the machine is doing, as the kernel tells it. */
#pragma once

#include <glib.h>

/* Sets the bits of "0-3,7" in @map of @length bytes.  One more than the highest; 0 when the text is wrong or
 * names processors beyond the map, and then what it began with may be set. */
unsigned dm_cpu_list_parse(const char *text, guint8 *map, gsize length);
