/* What the parsing files of the XML engine share (xml_parse.c, xml_scalar.c).  Private to them. */
#pragma once

#include "conf/xml_doc.h"
#include "conf/xml_schema.h"

typedef struct DmXmlReader {
        DmXmlParseFlags flags;
        DmXmlCheck check;
} DmXmlReader;

/* The attribute @name of no namespace, or NULL. */
xmlAttr *dm_xml_attribute(const xmlNode *node, const char *name);
/* A consumed node or attribute is not unknown. */
void dm_xml_consume(void *node_or_attribute);
gboolean dm_xml_consumed(const void *node_or_attribute);

/* Adds a finding at @node, unless no more of its kind are kept; then nothing is computed, so that a hostile
 * document cannot buy work with what is wrong in it. */
void dm_xml_report(DmXmlReader *r, DmSeverity severity, DmErrorCode code, const xmlNode *node,
                   const char *format, ...) G_GNUC_PRINTF(5, 6);
#define dm_xml_bad_value(r, node, ...) \
        dm_xml_report(r, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, node, __VA_ARGS__)

/* Reads @raw (nullable: empty) into the row's member.  @where is the attribute or element that the value
 * stands in, @element the element (which may have @unit). */
void dm_xml_scalar_parse(DmXmlReader *r, const DmXmlRow *row, xmlNode *element, xmlNode *where,
                         const char *raw, char *base, const DmPlace *place);
gboolean dm_xml_is_blank(const char *s);
