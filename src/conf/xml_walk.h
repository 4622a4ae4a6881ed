/* Walking the values that a struct holds, by its rows (xml_schema.h). */
#pragma once

#include "conf/xml_schema.h"

/* A value that is present.  @path is that of the document it would be written to
 * ("/domain/devices/disk[2]/target/@bus");
 * @text is the value as text, NULL for elements.  @member is its address.  All borrowed. */
typedef void (*DmXmlValueFn)(const char *path, const char *text, const void *member, void *data);
void dm_xml_walk(const DmXmlElement *root, const void *base, DmXmlValueFn fn, void *data);
