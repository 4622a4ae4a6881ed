/* Shared by the files of the XML engine (xml_*.c) only. */
#pragma once

#include "conf/xml_schema.h"

/* TRUE when the row's `when` holds in the struct at @base. */
gboolean dm_xml_row_applies(const DmXmlRow *row, const char *base);
/* The name of the attribute or element; NULL for text rows. */
const char *dm_xml_row_name(const DmXmlRow *row);
/* Bytes of a unit such as "MiB"; FALSE when unknown. */
gboolean dm_xml_unit_bytes(const char *unit, guint64 *ret_bytes);
/* Text of a scalar row's value, NULL when it is absent (and for rows that are no scalars).  Owned. */
char *dm_xml_scalar_text(const DmXmlRow *row, const char *base);
