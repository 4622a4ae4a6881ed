/* Parsing half of the engine (xml_schema.h): walks the rows of an element's table over a libxml2 node.
 *
 * Attributes and text first, then children, both in table order: so a discriminator stands before what
 * depends on it.  A node that a row has consumed is marked in its _private; what is left unmarked is unknown.
 */
#include "conf/xml_reader.h"

#include <string.h>

#include "conf/xml_private.h"

/* The address marks a consumed node that has no place; its content is of no interest. */
static char consumed_mark;

static void parse_element(DmXmlReader *r, xmlNode *node, const DmXmlElement *element, char *base,
                          const DmPlace *place);

void dm_xml_consume(void *node_or_attribute)
{
        ((xmlNode *)node_or_attribute)->_private = &consumed_mark;
}

gboolean dm_xml_consumed(const void *node_or_attribute)
{
        return ((const xmlNode *)node_or_attribute)->_private != NULL;
}

/* As dm_place_path(), also for what has no place of its own.  Owned. */
static char *node_path(const xmlNode *node)
{
        if (!node || node->type == XML_DOCUMENT_NODE)
                return g_strdup("");
        if (node->type == XML_ELEMENT_NODE && node->_private && node->_private != &consumed_mark)
                return dm_place_path(node->_private);
        g_autofree char *parent = node_path(node->parent), *step = dm_xml_node_step(node);
        return g_strconcat(parent, step, NULL);
}

void dm_xml_report(DmXmlReader *r, DmSeverity severity, DmErrorCode code, const xmlNode *node,
                   const char *format, ...)
{
        if (!dm_findings_wants(r->check.findings, severity)) {
                dm_findings_drop(r->check.findings, severity);
                return;
        }
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        g_autofree char *path = node_path(node);
        dm_findings_add(r->check.findings, severity, code, dm_xml_node_line(node), path, "%s", message);
}

gboolean dm_xml_row_applies(const DmXmlRow *row, const char *base)
{
        if (!row->when.mask)
                return TRUE;
        int value = *(const int *)(base + row->when.offset);
        return value >= 0 && value < 64 && (row->when.mask & (G_GUINT64_CONSTANT(1) << value));
}

const char *dm_xml_row_name(const DmXmlRow *row)
{
        return row->element ? row->element->name : row->name;
}

xmlAttr *dm_xml_attribute(const xmlNode *node, const char *name)
{
        for (xmlAttr *a = node->properties; a; a = a->next)
                if (!a->ns && strcmp((const char *)a->name, name) == 0)
                        return a;
        return NULL;
}

static gboolean skipped(const DmXmlReader *r, const DmXmlRow *row)
{
        return (row->flags & DM_RUNTIME) && !(r->flags & DM_XML_PARSE_RUNTIME);
}

static void refuse(DmXmlReader *r, const DmXmlRow *row, const xmlNode *node)
{
        dm_xml_report(r, DM_SEVERITY_ERROR, DM_ERROR_UNSUPPORTED, node, "understood but not supported: %s",
                      row->doc);
}

/* ---- attributes and text ---- */

/* The element's own text, without that of its children.  Owned. */
static char *own_text(const xmlNode *node)
{
        GString *s = g_string_new(NULL);
        for (const xmlNode *n = node->children; n; n = n->next)
                if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
                        g_string_append(s, (const char *)n->content);
        return g_string_free(s, FALSE);
}

/* Owned by libxml2 when *ret_whole is set (xmlFree). */
static const char *attribute_text(const xmlAttr *attr, xmlChar **ret_whole)
{
        const xmlNode *value = attr->children;
        if (!value)
                return "";
        if (!value->next && value->type == XML_TEXT_NODE)
                return (const char *)value->content;
        *ret_whole = xmlNodeGetContent((const xmlNode *)attr);
        return (const char *)*ret_whole;
}

static void attribute_missing(DmXmlReader *r, const xmlNode *node, const DmXmlRow *row, char *base,
                              const DmPlace *place)
{
        if (row->flags & DM_REQUIRED)
                dm_xml_bad_value(r, node, "missing attribute '%s'", row->name);
        if (!row->preset)
                return;
        *(int *)(base + row->offset) = row->preset;
        dm_origins_set(r->check.origins, base + row->offset, place, NULL);
}

static void parse_attribute(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base,
                            const DmPlace *place)
{
        xmlAttr *attr = dm_xml_attribute(node, row->name);
        if (attr && dm_xml_consumed(attr))
                return;
        if (attr)
                dm_xml_consume(attr);
        if (skipped(r, row))
                return;
        if (!attr) {
                attribute_missing(r, node, row, base, place);
                return;
        }
        if (row->type == DM_XML_REFUSED) {
                refuse(r, row, (xmlNode *)attr);
                return;
        }
        xmlChar *whole = NULL;
        const char *text = attribute_text(attr, &whole);
        if (!(row->flags & DM_USER_NAMED) || (r->flags & DM_XML_PARSE_RUNTIME) ||
            g_str_has_prefix(text, DM_USER_NAME_PREFIX))
                dm_xml_scalar_parse(r, row, node, (xmlNode *)attr, text, base, place);
        xmlFree(whole);
}

static void parse_text(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *place)
{
        xmlAttr *unit = row->scale ? dm_xml_attribute(node, "unit") : NULL;
        if (unit)
                dm_xml_consume(unit);
        if (skipped(r, row))
                return;
        g_autofree char *text = own_text(node);
        if (!dm_xml_is_blank(text) || (row->flags & DM_EMPTY_OK))
                dm_xml_scalar_parse(r, row, node, node, text, base, place);
        else if (row->flags & DM_REQUIRED)
                dm_xml_bad_value(r, node, "<%s> is empty", node->name);
}

/* ---- verbatim elements ---- */

/* The whole element as text, with the namespace declarations it needs. */
static void append_verbatim(GString *out, xmlNode *node)
{
        g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
        xmlNode *copy = xmlDocCopyNode(node, doc, 1);
        xmlDocSetRootElement(doc, copy);
        xmlBuffer *buffer = xmlBufferCreate();
        xmlNodeDump(buffer, doc, copy, 0, 0);
        if (out->len)
                g_string_append(out, "\n  "); /* such rows belong to the root */
        g_string_append(out, (const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
}

static gboolean takes_foreign(const DmXmlRow *row)
{
        return row->type == DM_XML_VERBATIM && strcmp(row->name, "*") == 0;
}

/* Every child of a foreign namespace that no other row has taken. */
static void parse_foreign(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base,
                          const DmPlace *place)
{
        g_autoptr(GString) text = g_string_new(NULL);
        unsigned n = 0;
        for (xmlNode *child = node->children; child; child = child->next) {
                if (child->type != XML_ELEMENT_NODE || dm_xml_consumed(child) || !child->ns)
                        continue;
                dm_xml_consume(child);
                /* The size as well: each copy repeats the declaration of its namespace, which may be long. */
                if (n == DM_XML_FOREIGN_MAX || text->len > DM_XML_MAX_BYTES) {
                        dm_xml_bad_value(r, child, "too many elements of foreign namespaces");
                        return;
                }
                n++;
                append_verbatim(text, child);
        }
        if (!text->len)
                return;
        *(char **)(base + row->offset) = g_strdup(text->str);
        dm_origins_set(r->check.origins, base + row->offset, place, NULL);
}

/* ---- child elements ---- */

static gboolean tag_matches(const xmlNode *node, const DmXmlElement *element)
{
        const xmlAttr *a = dm_xml_attribute(node, element->tag.attribute);
        const char *value = a && a->children ? (const char *)a->children->content : NULL;
        return a ? g_strcmp0(value, element->tag.value) == 0 : element->tag.optional;
}

static gboolean names_match(const xmlNode *node, const DmXmlRow *row)
{
        const char *ns = row->element ? row->element->ns : NULL;
        const char *node_ns = node->ns && node->ns->href ? (const char *)node->ns->href : NULL;
        return strcmp((const char *)node->name, dm_xml_row_name(row)) == 0 && g_strcmp0(ns, node_ns) == 0 &&
               (!row->element || !row->element->tag.attribute || tag_matches(node, row->element));
}

static void parse_list_item(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base,
                            const DmPlace *place)
{
        GPtrArray **list = (GPtrArray **)(base + row->offset);
        if (!*list)
                *list = g_ptr_array_new();
        if ((*list)->len >= DM_XML_LIST_MAX) {
                dm_xml_bad_value(r, node, "more than %d elements of this kind", DM_XML_LIST_MAX);
                return;
        }
        char *item = g_malloc0(row->element->size);
        if (row->kind)
                *(int *)item = row->kind;
        g_ptr_array_add(*list, item);
        dm_origins_set(r->check.origins, item, place, NULL);
        parse_element(r, node, row->element, item, place);
}

static void report_leftovers(DmXmlReader *r, xmlNode *node, const DmXmlElement *element, gboolean has_text);

static const DmPlace *place_of(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, const DmPlace *parent,
                               unsigned index)
{
        const char *prefix = row->element ? row->element->prefix : NULL;
        if (!r->check.origins || row->type == DM_XML_REFUSED)
                return NULL;
        g_autofree char *name =
                g_strconcat(prefix ? prefix : "", prefix ? ":" : "", dm_xml_row_name(row), NULL);
        const DmPlace *place =
                dm_origins_place(r->check.origins, parent, name, index, dm_xml_node_line(node));
        node->_private = (void *)place;
        return place;
}

static void parse_child(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *parent,
                        unsigned index)
{
        const DmPlace *place = place_of(r, node, row, parent, index);
        char *member = base + row->offset;
        switch (row->type) {
        case DM_XML_IN:
                if (row->offset)
                        dm_origins_set(r->check.origins, member, place, NULL);
                parse_element(r, node, row->element, member, place);
                break;
        case DM_XML_SUB:
                *(void **)member = g_malloc0(row->element->size);
                dm_origins_set(r->check.origins, member, place, NULL);
                dm_origins_set(r->check.origins, *(void **)member, place, NULL);
                parse_element(r, node, row->element, *(char **)member, place);
                break;
        case DM_XML_LIST:
                parse_list_item(r, node, row, base, place);
                break;
        case DM_XML_FLAG:
                *(gboolean *)member = TRUE;
                dm_origins_set(r->check.origins, member, place, NULL);
                report_leftovers(r, node, NULL, FALSE);
                break;
        case DM_XML_VERBATIM: {
                g_autoptr(GString) text = g_string_new(NULL);
                append_verbatim(text, node);
                *(char **)member = g_strdup(text->str);
                dm_origins_set(r->check.origins, member, place, NULL);
                break;
        }
        case DM_XML_REFUSED:
                refuse(r, row, node);
                break;
        case DM_XML_STRING:
        case DM_XML_ENUM:
        case DM_XML_U32:
        case DM_XML_U64:
        case DM_XML_I64:
        case DM_XML_CUSTOM: {
                g_autofree char *text = own_text(node);
                dm_xml_scalar_parse(r, row, node, node, text, base, place);
                report_leftovers(r, node, NULL, TRUE);
                break;
        }
        case DM_XML_END:
                g_assert_not_reached();
        }
}

static void parse_children(DmXmlReader *r, xmlNode *node, const DmXmlRow *row, char *base,
                           const DmPlace *place)
{
        unsigned seen = 0;
        if (takes_foreign(row)) {
                parse_foreign(r, node, row, base, place);
                return;
        }
        gboolean repeats = row->type == DM_XML_LIST || row->type == DM_XML_REFUSED;
        for (xmlNode *child = node->children; child; child = child->next) {
                if (child->type != XML_ELEMENT_NODE || dm_xml_consumed(child) || !names_match(child, row))
                        continue;
                dm_xml_consume(child);
                if (skipped(r, row))
                        continue;
                if (seen++ && !repeats) {
                        if (!(row->flags & DM_FIRST))
                                dm_xml_bad_value(r, child, "<%s> is given twice", child->name);
                        continue;
                }
                parse_child(r, child, row, base, place, row->type == DM_XML_LIST ? seen : 0);
                if (dm_findings_full(r->check.findings))
                        return;
        }
        if (!seen && (row->flags & DM_REQUIRED) && !skipped(r, row))
                dm_xml_bad_value(r, node, "missing element <%s>", dm_xml_row_name(row));
}

/* ---- what no row has taken ---- */

static DmSeverity unknown_severity(const DmXmlReader *r)
{
        return r->flags & DM_XML_PARSE_STRICT ? DM_SEVERITY_ERROR : DM_SEVERITY_WARNING;
}

static const char *ignored(const DmXmlReader *r)
{
        return r->flags & DM_XML_PARSE_STRICT ? "" : " and is ignored";
}

/* @element NULL: one that has a value only, so that nothing is known of it. */
static void report_unknown(DmXmlReader *r, const xmlNode *node, const DmXmlElement *element, DmXmlAs as)
{
        static const DmXmlRow none[] = { { 0 } };
        const char *what = as == DM_AS_ATTRIBUTE ? "attribute" : "element";
        DmSeverity severity = unknown_severity(r);
        if (!dm_findings_wants(r->check.findings, severity)) {
                dm_findings_drop(r->check.findings, severity);
                return;
        }
        g_autofree char *name = dm_xml_node_name(node);
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (const DmXmlRow *row = element ? element->rows : none; row->type != DM_XML_END; row++) {
                const char *row_name = dm_xml_row_name(row);
                if (row->as != as || !row_name)
                        continue;
                if (strcmp(row_name, name) == 0) {
                        dm_xml_report(r, severity, DM_ERROR_INVALID_XML, node,
                                      "%s '%s' has no meaning for this kind of <%s>%s", what, name,
                                      element->name, ignored(r));
                        return;
                }
                g_ptr_array_add(names, (void *)row_name);
        }
        g_ptr_array_add(names, NULL);
        const char *near = dm_nearest_name(name, (const char *const *)names->pdata);
        dm_xml_report(r, severity, DM_ERROR_INVALID_XML, node, "unknown %s '%s'%s%s%s%s", what, name,
                      severity == DM_SEVERITY_ERROR ? "" : " is ignored", near ? " (did you mean '" : "",
                      near ? near : "", near ? "'?)" : "");
}

static gboolean is_text(const xmlNode *n)
{
        return n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;
}

static void report_leftovers(DmXmlReader *r, xmlNode *node, const DmXmlElement *element, gboolean has_text)
{
        /* xml:space and the like say nothing about the guest. */
        for (xmlAttr *a = node->properties; a; a = a->next)
                if (!dm_xml_consumed(a) && !(a->ns && xmlStrEqual(a->ns->href, XML_XML_NAMESPACE)))
                        report_unknown(r, (xmlNode *)a, element, DM_AS_ATTRIBUTE);
        gboolean text_reported = has_text;
        for (xmlNode *n = node->children; n; n = n->next) {
                if (n->type == XML_ELEMENT_NODE && !dm_xml_consumed(n))
                        report_unknown(r, n, element, DM_AS_ELEMENT);
                if (is_text(n) && !text_reported && !dm_xml_is_blank((const char *)n->content)) {
                        dm_xml_report(r, unknown_severity(r), DM_ERROR_INVALID_XML, node,
                                      "text inside <%s> has no meaning%s", node->name, ignored(r));
                        text_reported = TRUE;
                }
        }
}

/* ---- elements ---- */

static void parse_element(DmXmlReader *r, xmlNode *node, const DmXmlElement *element, char *base,
                          const DmPlace *place)
{
        gboolean has_text = FALSE;
        xmlAttr *tag = element->tag.attribute ? dm_xml_attribute(node, element->tag.attribute) : NULL;
        if (tag)
                dm_xml_consume(tag);
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                if (row->as == DM_AS_ELEMENT || !dm_xml_row_applies(row, base))
                        continue;
                if (row->as == DM_AS_ATTRIBUTE) {
                        parse_attribute(r, node, row, base, place);
                } else if (row->type == DM_XML_FLAG) {
                        *(gboolean *)(base + row->offset) = TRUE;
                        dm_origins_set(r->check.origins, base + row->offset, place, NULL);
                } else {
                        has_text = TRUE;
                        parse_text(r, node, row, base, place);
                }
        }
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (row->as == DM_AS_ELEMENT && dm_xml_row_applies(row, base))
                        parse_children(r, node, row, base, place);
        report_leftovers(r, node, element, has_text);
        if (element->check && !dm_findings_full(r->check.findings))
                element->check(base, &r->check);
}

static void parse_root(DmXmlReader *r, xmlNode *node, const DmXmlElement *root, void *base)
{
        if (strcmp((const char *)node->name, root->name) != 0) {
                dm_xml_bad_value(r, node, "the document's root is <%s>, expected <%s>", node->name,
                                 root->name);
                return;
        }
        if (node->ns && g_strcmp0((const char *)node->ns->href, root->ns) != 0) {
                dm_xml_bad_value(r, node, "<%s> is of the foreign namespace '%s'", node->name,
                                 node->ns->href);
                return;
        }
        DmOrigins *origins = r->check.origins;
        const DmPlace *place =
                origins ? dm_origins_place(origins, NULL, root->name, 0, dm_xml_node_line(node)) : NULL;
        node->_private = (void *)place;
        dm_origins_set(origins, base, place, NULL);
        parse_element(r, node, root, base, place);
}

gboolean dm_xml_parse(const char *text, gsize length, const DmXmlElement *root, DmXmlParseFlags flags,
                      void *base, DmOrigins *origins, DmFindings *findings, GError **error)
{
        g_autoptr(DmFindings) own = findings ? dm_findings_ref(findings) : dm_findings_new();
        gsize before = dm_findings_errors(own);
        g_autoptr(GError) broken = NULL;
        g_autoptr(xmlDoc) doc = dm_xml_doc_read(text, length, &broken);
        if (!doc) {
                dm_findings_add_error(own, broken);
                g_propagate_error(error, g_steal_pointer(&broken));
                return FALSE;
        }
        DmXmlReader r = { flags, { origins, own, base } };
        parse_root(&r, xmlDocGetRootElement(doc), root, base);
        return dm_findings_errors(own) == before || dm_findings_check(own, error);
}

/* ---- for check functions ---- */

static void check_report(const DmXmlCheck *c, const void *value, DmSeverity severity, DmErrorCode code,
                         const char *format, va_list args)
{
        g_autofree char *message = g_strdup_vprintf(format, args);
        g_autofree char *path = dm_origins_path(c->origins, value);
        dm_findings_add(c->findings, severity, code, dm_origins_line(c->origins, value), path, "%s", message);
}

void dm_check_fail(const DmXmlCheck *c, const void *value, DmErrorCode code, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        check_report(c, value, DM_SEVERITY_ERROR, code, format, args);
        va_end(args);
}

void dm_check_warn(const DmXmlCheck *c, const void *value, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        check_report(c, value, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, format, args);
        va_end(args);
}
