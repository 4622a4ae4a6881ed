/* libxml2 with our limits: a document is refused before or while it is read, never after it has hurt. */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

#define DM_XML_MAX_BYTES      (16u * 1024 * 1024)
#define DM_XML_MAX_DEPTH      256u
#define DM_XML_MAX_NODES      1200000u /* elements, attributes, comments, CDATA sections */
#define DM_XML_MAX_ATTRIBUTES 256u     /* of one element */

/* Parses @text without network, DTD, entities.  Owned: xmlFreeDoc.  Errors: DM_ERROR_INVALID_XML with the
 * line. */
xmlDoc *dm_xml_doc_read(const char *text, gsize length, GError **error);

/* "name", or "prefix:name".  Owned by the caller. */
char *dm_xml_node_name(const xmlNode *node);
/* Last step of the path of a node or attribute, "/disk[2]" or "/@type"; a node that is alone has no number.
 * Owned by the caller. */
char *dm_xml_node_step(const xmlNode *node);
unsigned dm_xml_node_line(const xmlNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
