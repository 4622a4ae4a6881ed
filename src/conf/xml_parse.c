/* Parsing half of the engine (xml_schema.h): walks the rows of an element's table over a libxml2 node.
 *
 * Attributes and text first, then children, both in table order: so a discriminator stands before what
 * depends on it.  A node that a row has consumed is marked in its _private; what is left unmarked is unknown.
 */
#include "conf/xml_schema.h"

#include <errno.h>
#include <string.h>

#include "conf/xml_doc.h"
#include "conf/xml_private.h"

typedef struct Reader {
        DmXmlParseFlags flags;
        DmXmlCheck check;
} Reader;

/* The address marks a consumed node; its content is of no interest. */
static char consumed;

static void parse_element(Reader *r, xmlNode *node, const DmXmlElement *element, char *base,
                          const DmPlace *place);

static void report(Reader *r, DmSeverity severity, DmErrorCode code, const xmlNode *node, const char *format,
                   ...) G_GNUC_PRINTF(5, 6);

static void report(Reader *r, DmSeverity severity, DmErrorCode code, const xmlNode *node, const char *format,
                   ...)
{
        if (dm_findings_full(r->check.findings))
                return;
        va_list args;
        va_start(args, format);
        g_autofree char *message = g_strdup_vprintf(format, args);
        va_end(args);
        g_autofree char *path = dm_xml_node_path(node);
        dm_findings_add(r->check.findings, severity, code, dm_xml_node_line(node), path, "%s", message);
}

#define bad_value(r, node, ...) report(r, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, node, __VA_ARGS__)

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

/* ---- numbers ---- */

static gboolean parse_number(const char *text, gboolean any_base, guint64 *ret_value)
{
        int base = 10;
        const char *digits = text;
        if (any_base && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
                base = 16;
                digits += 2;
        }
        if (!g_ascii_isxdigit(*digits))
                return FALSE;
        char *end = NULL;
        errno = 0;
        *ret_value = g_ascii_strtoull(digits, &end, base);
        return errno == 0 && *end == 0;
}

static gboolean parse_signed(const char *text, gint64 *ret_value)
{
        const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
        if (!g_ascii_isdigit(*digits))
                return FALSE;
        char *end = NULL;
        errno = 0;
        *ret_value = g_ascii_strtoll(text, &end, 10);
        return errno == 0 && *end == 0;
}

gboolean dm_xml_unit_bytes(const char *unit, guint64 *ret_bytes)
{
        static const struct {
                const char *name;
                guint64 bytes;
        } units[] = {
                { "b", 1 },
                { "byte", 1 },
                { "bytes", 1 },
                { "KB", 1000 },
                { "k", 1024 },
                { "KiB", 1024 },
                { "MB", 1000000 },
                { "M", 1ull << 20 },
                { "MiB", 1ull << 20 },
                { "GB", 1000000000 },
                { "G", 1ull << 30 },
                { "GiB", 1ull << 30 },
                { "TB", 1000000000000 },
                { "T", 1ull << 40 },
                { "TiB", 1ull << 40 },
                { "PB", 1000000000000000 },
                { "P", 1ull << 50 },
                { "PiB", 1ull << 50 },
                { "EB", 1000000000000000000 },
                { "E", 1ull << 60 },
                { "EiB", 1ull << 60 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
                if (g_ascii_strcasecmp(units[i].name, unit) == 0) {
                        *ret_bytes = units[i].bytes;
                        return TRUE;
                }
        return FALSE;
}

static void parse_u64(Reader *r, const DmXmlRow *row, xmlNode *element, xmlNode *where, const char *text,
                      DmOptU64 *member)
{
        guint64 value = 0, scale = row->scale ? row->scale : 1;
        if (!parse_number(text, row->hex > 0, &value)) {
                bad_value(r, where, "'%s' is not a number", text);
                return;
        }
        xmlAttr *unit = row->scale ? xmlHasProp(element, (const xmlChar *)"unit") : NULL;
        if (unit) {
                unit->_private = &consumed;
                const char *name = unit->children ? (const char *)unit->children->content : "";
                if (!dm_xml_unit_bytes(name, &scale)) {
                        bad_value(r, (xmlNode *)unit,
                                  "unknown unit '%s' (expected bytes, KiB, MiB, GiB, TiB, …)", name);
                        return;
                }
        }
        guint64 max = row->max ? row->max : G_MAXUINT64;
        if (value > G_MAXUINT64 / scale || value * scale > max || value * scale < row->min) {
                bad_value(r, where, "'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                          text, row->min / scale, max / scale);
                return;
        }
        *member = (DmOptU64){ TRUE, value * scale };
}

static void parse_u32(Reader *r, const DmXmlRow *row, xmlNode *where, const char *text, DmOptU32 *member)
{
        guint64 value = 0, max = row->max ? row->max : G_MAXUINT32;
        if (!parse_number(text, row->hex > 0, &value) || value < row->min || value > max)
                bad_value(r, where, "'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                          text, row->min, max);
        else
                *member = (DmOptU32){ TRUE, (guint32)value };
}

static void parse_enum(Reader *r, const DmXmlRow *row, xmlNode *where, const char *text, int *member)
{
        int value = dm_enum_value(row->values, text);
        if (value > 0) {
                *member = value;
                return;
        }
        g_autofree char *list = dm_enum_list(row->values);
        bad_value(r, where, "unknown %s '%s' (expected %s)", row->values->what, text, list);
}

static void parse_custom(Reader *r, const DmXmlRow *row, xmlNode *where, const char *text, void *member)
{
        g_autoptr(GError) error = NULL;
        if (row->codec->parse(text, member, &error))
                return;
        row->codec->clear(member);
        memset(member, 0, row->codec->size);
        bad_value(r, where, "'%s' is not %s%s%s", text, row->codec->what, error ? ": " : "",
                  error ? error->message : "");
}

/* @where is the attribute or element that the value stands in, @element the element (which may have @unit).
 */
static void parse_scalar(Reader *r, const DmXmlRow *row, xmlNode *element, xmlNode *where, const char *raw,
                         char *base, const DmPlace *place)
{
        g_autofree char *text = g_strdup(raw ? raw : "");
        if (!(row->flags & DM_KEEP_BLANKS))
                g_strstrip(text);
        void *member = base + row->offset;
        if (!*text && row->type == DM_XML_STRING && !(row->flags & DM_EMPTY_OK))
                return;
        switch (row->type) {
        case DM_XML_STRING:
                g_free(*(char **)member);
                *(char **)member = g_steal_pointer(&text);
                break;
        case DM_XML_ENUM:
                parse_enum(r, row, where, text, member);
                break;
        case DM_XML_U32:
                parse_u32(r, row, where, text, member);
                break;
        case DM_XML_U64:
                parse_u64(r, row, element, where, text, member);
                break;
        case DM_XML_I64: {
                DmOptI64 value = { TRUE, 0 };
                if (parse_signed(text, &value.value))
                        *(DmOptI64 *)member = value;
                else
                        bad_value(r, where, "'%s' is not an integer", text);
                break;
        }
        case DM_XML_CUSTOM:
                parse_custom(r, row, where, text, member);
                break;
        case DM_XML_FLAG:
        case DM_XML_END:
        case DM_XML_VERBATIM:
        case DM_XML_REFUSED:
        case DM_XML_IN:
        case DM_XML_SUB:
        case DM_XML_LIST:
                g_assert_not_reached();
        }
        dm_origins_set(r->check.origins, member, place, row->as == DM_AS_ATTRIBUTE ? row->name : NULL);
}

static gboolean is_blank(const char *s)
{
        return s[strspn(s, " \t\r\n")] == 0;
}

/* The element's own text, without that of its children.  Owned. */
static char *own_text(const xmlNode *node)
{
        GString *s = g_string_new(NULL);
        for (const xmlNode *n = node->children; n; n = n->next)
                if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
                        g_string_append(s, (const char *)n->content);
        return g_string_free(s, FALSE);
}

static gboolean skipped(const Reader *r, const DmXmlRow *row)
{
        return (row->flags & DM_RUNTIME) && !(r->flags & DM_XML_PARSE_RUNTIME);
}

static xmlAttr *find_attribute(const xmlNode *node, const char *name)
{
        for (xmlAttr *a = node->properties; a; a = a->next)
                if (!a->ns && strcmp((const char *)a->name, name) == 0)
                        return a;
        return NULL;
}

static void parse_attribute(Reader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *place)
{
        xmlAttr *attr = find_attribute(node, row->name);
        if (!attr) {
                if (row->flags & DM_REQUIRED)
                        bad_value(r, node, "missing attribute '%s'", row->name);
                if (row->preset) {
                        *(int *)(base + row->offset) = row->preset;
                        dm_origins_set(r->check.origins, base + row->offset, place, NULL);
                }
                return;
        }
        if (attr->_private == &consumed)
                return;
        attr->_private = &consumed;
        if (skipped(r, row))
                return;
        if (row->type == DM_XML_REFUSED) {
                report(r, DM_SEVERITY_ERROR, DM_ERROR_UNSUPPORTED, (xmlNode *)attr,
                       "understood but not supported: %s", row->doc);
                return;
        }
        g_autofree char *joined = NULL;
        const char *text = attr->children ? (const char *)attr->children->content : "";
        if (attr->children && (attr->children->next || attr->children->type != XML_TEXT_NODE)) {
                xmlChar *whole = xmlNodeGetContent((xmlNode *)attr);
                text = joined = g_strdup((const char *)whole);
                xmlFree(whole);
        }
        parse_scalar(r, row, node, (xmlNode *)attr, text, base, place);
}

/* The whole element as text, with the namespace declarations it needs. */
static char *verbatim(xmlNode *node)
{
        xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
        xmlNode *copy = xmlDocCopyNode(node, doc, 1);
        xmlDocSetRootElement(doc, copy);
        xmlReconciliateNs(doc, copy);
        xmlBuffer *buffer = xmlBufferCreate();
        xmlNodeDump(buffer, doc, copy, 0, 0);
        char *text = g_strdup((const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
        xmlFreeDoc(doc);
        return text;
}

static void append_verbatim(xmlNode *node, char **member)
{
        g_autofree char *old = *member, *text = verbatim(node);
        *member = old ? g_strconcat(old, "\n", text, NULL) : g_steal_pointer(&text);
}

static gboolean tag_matches(const xmlNode *node, const DmXmlElement *element)
{
        const xmlAttr *a = find_attribute(node, element->tag.attribute);
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

static void parse_list_item(Reader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *place)
{
        GPtrArray **list = (GPtrArray **)(base + row->offset);
        if (!*list)
                *list = g_ptr_array_new();
        if ((*list)->len == DM_XML_LIST_MAX)
                bad_value(r, node, "more than %d elements of this kind", DM_XML_LIST_MAX);
        if ((*list)->len >= DM_XML_LIST_MAX)
                return;
        char *item = g_malloc0(row->element->size);
        if (row->kind)
                *(int *)item = row->kind;
        g_ptr_array_add(*list, item);
        dm_origins_set(r->check.origins, item, place, NULL);
        parse_element(r, node, row->element, item, place);
}

static void parse_child(Reader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *parent,
                        unsigned index)
{
        if (skipped(r, row))
                return;
        const DmPlace *place = r->check.origins
                                       ? dm_origins_place(r->check.origins, parent, dm_xml_row_name(row),
                                                          index, dm_xml_node_line(node))
                                       : NULL;
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
                break;
        case DM_XML_VERBATIM:
                append_verbatim(node, (char **)member);
                dm_origins_set(r->check.origins, member, place, NULL);
                break;
        case DM_XML_REFUSED:
                report(r, DM_SEVERITY_ERROR, DM_ERROR_UNSUPPORTED, node, "understood but not supported: %s",
                       row->doc);
                break;
        case DM_XML_STRING:
        case DM_XML_ENUM:
        case DM_XML_U32:
        case DM_XML_U64:
        case DM_XML_I64:
        case DM_XML_CUSTOM: {
                g_autofree char *text = own_text(node);
                parse_scalar(r, row, node, node, text, base, place);
                break;
        }
        case DM_XML_END:
                g_assert_not_reached();
        }
}

static gboolean takes_foreign(const DmXmlRow *row)
{
        return row->type == DM_XML_VERBATIM && strcmp(row->name, "*") == 0;
}

static void parse_children(Reader *r, xmlNode *node, const DmXmlRow *row, char *base, const DmPlace *place)
{
        unsigned seen = 0;
        gboolean foreign = takes_foreign(row);
        for (xmlNode *child = node->children; child; child = child->next) {
                if (child->type != XML_ELEMENT_NODE || child->_private == &consumed)
                        continue;
                if (foreign ? !child->ns : !names_match(child, row))
                        continue;
                child->_private = &consumed;
                gboolean repeats = row->type == DM_XML_LIST || row->type == DM_XML_REFUSED || foreign;
                if (seen++ && !repeats) {
                        if (!(row->flags & DM_FIRST))
                                bad_value(r, child, "<%s> is given twice", child->name);
                        continue;
                }
                parse_child(r, child, row, base, place, row->type == DM_XML_LIST ? seen : 0);
                if (dm_findings_full(r->check.findings))
                        return;
        }
        if (!seen && (row->flags & DM_REQUIRED))
                bad_value(r, node, "missing element <%s>", dm_xml_row_name(row));
}

/* ---- what no row has taken ---- */

static void report_unknown(Reader *r, const xmlNode *node, const DmXmlElement *element, DmXmlAs as)
{
        const char *what = as == DM_AS_ATTRIBUTE ? "attribute" : "element", *name = (const char *)node->name;
        if (dm_findings_full(r->check.findings))
                return;
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                const char *row_name = dm_xml_row_name(row);
                if (row->as != as || !row_name)
                        continue;
                if (strcmp(row_name, name) == 0) {
                        report(r, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, node,
                               "%s '%s' has no meaning for this kind of <%s> and is ignored", what, name,
                               element->name);
                        return;
                }
                g_ptr_array_add(names, (void *)row_name);
        }
        g_ptr_array_add(names, NULL);
        const char *near = dm_nearest_name(name, (const char *const *)names->pdata);
        report(r, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, node, "unknown %s '%s' is ignored%s%s%s", what,
               name, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static void report_leftovers(Reader *r, xmlNode *node, const DmXmlElement *element, gboolean has_text)
{
        for (xmlAttr *a = node->properties; a; a = a->next)
                if (a->_private != &consumed && !a->ns)
                        report_unknown(r, (xmlNode *)a, element, DM_AS_ATTRIBUTE);
        gboolean text_reported = has_text;
        for (xmlNode *n = node->children; n; n = n->next) {
                if (n->type == XML_ELEMENT_NODE && n->_private != &consumed)
                        report_unknown(r, n, element, DM_AS_ELEMENT);
                if (n->type == XML_TEXT_NODE && !text_reported && !is_blank((const char *)n->content)) {
                        report(r, DM_SEVERITY_WARNING, DM_ERROR_INVALID_XML, node,
                               "text inside <%s> has no meaning and is ignored", element->name);
                        text_reported = TRUE;
                }
        }
}

static void parse_element(Reader *r, xmlNode *node, const DmXmlElement *element, char *base,
                          const DmPlace *place)
{
        gboolean has_text = FALSE;
        xmlAttr *tag = element->tag.attribute ? find_attribute(node, element->tag.attribute) : NULL;
        if (tag)
                tag->_private = &consumed;
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                if (row->as == DM_AS_ELEMENT || !dm_xml_row_applies(row, base))
                        continue;
                if (row->as == DM_AS_ATTRIBUTE) {
                        parse_attribute(r, node, row, base, place);
                } else if (row->type == DM_XML_FLAG) {
                        *(gboolean *)(base + row->offset) = TRUE;
                        dm_origins_set(r->check.origins, base + row->offset, place, NULL);
                } else {
                        g_autofree char *text = own_text(node);
                        has_text = TRUE;
                        if ((row->flags & DM_REQUIRED) && is_blank(text))
                                bad_value(r, node, "<%s> is empty", element->name);
                        else if (!is_blank(text) || (row->flags & DM_EMPTY_OK))
                                parse_scalar(r, row, node, node, text, base, place);
                }
        }
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (row->as == DM_AS_ELEMENT && dm_xml_row_applies(row, base))
                        parse_children(r, node, row, base, place);
        report_leftovers(r, node, element, has_text);
        if (element->check && !dm_findings_full(r->check.findings))
                element->check(base, &r->check);
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
        Reader r = { flags, { origins, own, base } };
        xmlNode *node = xmlDocGetRootElement(doc);
        if (strcmp((const char *)node->name, root->name) != 0) {
                bad_value(&r, node, "the document's root is <%s>, expected <%s>", node->name, root->name);
        } else {
                const DmPlace *place =
                        origins ? dm_origins_place(origins, NULL, root->name, 0, dm_xml_node_line(node))
                                : NULL;
                dm_origins_set(origins, base, place, NULL);
                parse_element(&r, node, root, base, place);
        }
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
