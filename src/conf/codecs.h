/* Scalars that documents share and no plain row type holds. */
#pragma once

#include "conf/xml_schema.h"

extern const DmXmlCodec
        dm_uuid_codec;                /* char *: canonical lower-case text, with or without dashes in input */
extern const DmXmlCodec dm_mac_codec; /* char *: lower-case "52:54:00:12:34:56" */
extern const DmXmlCodec dm_nodeset_codec; /* as dm_cpuset_codec, of NUMA nodes */
extern const DmXmlCodec dm_cpuset_codec;  /* char *: "0-3,5", checked ("^2" taken out), ascending */

/* Numbers in the canonical text of such a set, ascending (unsigned); NULL: none.  Owned. */
GArray *dm_cpuset_members(const char *text);

/* A random (version 4) uuid as text.  Owned. */
char *dm_uuid_new(void);
