/* Reading untrusted XML text into a libxml2 tree (limits in xml_doc.h).
 *
 * Depth, nodes and namespaces are counted in the SAX callbacks that build the tree, so that a hostile
 * document costs no more than what was built until the limit.  A DTD is refused as soon as it starts: no
 * entity of the document's own can exist then.  What libxml2 does before it calls back must be bounded
 * before: it compares each attribute of a tag with all others, so their number is counted on the text.  For
 * that the text must mean what its bytes say, so it must be UTF-8; libvirt's clients send nothing else. */
#include "conf/xml_doc.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <string.h>

#include "util/error.h"

/* In scope for everything below them, and looked through for every name with a prefix. */
#define NAMESPACES_MAX 256u

typedef struct Limits {
        unsigned depth, nodes, namespaces;
        unsigned line;
        char *refusal; /* owned; why we stopped it */
        char *broken;  /* owned; the first thing that libxml2 found wrong */
        unsigned broken_line;
} Limits;

static void refuse(xmlParserCtxt *ctxt, char *reason)
{
        Limits *l = ctxt->_private;
        if (l->refusal) {
                g_free(reason);
                return;
        }
        l->refusal = reason;
        l->line = ctxt->input ? (unsigned)ctxt->input->line : 0;
        xmlStopParser(ctxt);
}

/* Counts @n more nodes.  FALSE: stopped. */
static gboolean count(xmlParserCtxt *ctxt, unsigned n)
{
        Limits *l = ctxt->_private;
        l->nodes += n;
        if (l->nodes > DM_XML_MAX_NODES)
                refuse(ctxt,
                       g_strdup_printf("more than %u elements, attributes and comments", DM_XML_MAX_NODES));
        return !l->refusal;
}

static void start_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int nb_ns, const xmlChar **ns, int nb_attributes, int nb_defaulted,
                          const xmlChar **attributes)
{
        xmlParserCtxt *ctxt = ctx;
        Limits *l = ctxt->_private;
        l->namespaces += (unsigned)nb_ns;
        if (++l->depth > DM_XML_MAX_DEPTH)
                refuse(ctxt, g_strdup_printf("elements are nested more than %u deep", DM_XML_MAX_DEPTH));
        if (l->namespaces > NAMESPACES_MAX)
                refuse(ctxt, g_strdup_printf("more than %u declarations of namespaces", NAMESPACES_MAX));
        if (count(ctxt, 1 + (unsigned)nb_attributes + (unsigned)nb_ns))
                xmlSAX2StartElementNs(ctx, name, prefix, uri, nb_ns, ns, nb_attributes, nb_defaulted,
                                      attributes);
}

static void end_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
        xmlParserCtxt *ctxt = ctx;
        Limits *l = ctxt->_private;
        l->depth--;
        if (!l->refusal)
                xmlSAX2EndElementNs(ctx, name, prefix, uri);
}

static void comment(void *ctx, const xmlChar *value)
{
        if (count(ctx, 1))
                xmlSAX2Comment(ctx, value);
}

static void instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
        if (count(ctx, 1))
                xmlSAX2ProcessingInstruction(ctx, target, data);
}

static void cdata(void *ctx, const xmlChar *value, int length)
{
        if (count(ctx, 1))
                xmlSAX2CDataBlock(ctx, value, length);
}

static void internal_subset(void *ctx, const xmlChar *name G_GNUC_UNUSED,
                            const xmlChar *external G_GNUC_UNUSED, const xmlChar *system G_GNUC_UNUSED)
{
        refuse(ctx, g_strdup("a document type declaration (<!DOCTYPE …>) is not accepted: remove it"));
}

/* Of several errors the first is the cause; libxml2 itself keeps the last. */
static void note_error(void *ctx, xmlError *e)
{
        Limits *l = ((xmlParserCtxt *)ctx)->_private;
        if (l->broken || e->level < XML_ERR_ERROR)
                return;
        l->broken = g_strchomp(g_strdup(e->message ? e->message : "no reason given"));
        l->broken_line = e->line > 0 ? (unsigned)e->line : 0;
}

static gpointer init_libxml(gpointer unused G_GNUC_UNUSED)
{
        xmlInitParser();
        return NULL;
}

static unsigned line_of(const char *text, const char *place)
{
        unsigned line = 1;
        for (; text < place; text++)
                line += *text == '\n';
        return line;
}

static gboolean starts(const char *at, const char *end, const char *prefix)
{
        gsize n = strlen(prefix);
        return (gsize)(end - at) >= n && memcmp(at, prefix, n) == 0;
}

/* @at is behind the beginning of something that ends with @close; returns what follows it. */
static const char *skip(const char *at, const char *end, const char *close)
{
        const char *found = g_strstr_len(at, end - at, close);
        return found ? found + strlen(close) : end;
}

/* Of the start tag behind @at: the number of quoted values (attributes and declarations).  *ret_after: its
 * end. */
static unsigned quoted_values(const char *at, const char *end, const char **ret_after)
{
        unsigned n = 0;
        while (at < end && *at != '>') {
                if (*at == '"' || *at == '\'') {
                        const char *close = memchr(at + 1, *at, (gsize)(end - at - 1));
                        at = close ? close : end - 1;
                        n++;
                }
                at++;
        }
        *ret_after = at;
        return n;
}

static gboolean check_tags(const char *text, gsize length, GError **error)
{
        const char *at = text, *end = text + length;
        while ((at = memchr(at, '<', (gsize)(end - at)))) {
                const char *tag = at;
                if (starts(at, end, "<!--"))
                        at = skip(at + 4, end, "-->");
                else if (starts(at, end, "<![CDATA["))
                        at = skip(at + 9, end, "]]>");
                else if (starts(at, end, "<?"))
                        at = skip(at + 2, end, "?>");
                else if (quoted_values(at + 1, end, &at) > DM_XML_MAX_ATTRIBUTES)
                        return dm_fail_at(error, DM_ERROR_INVALID_XML, line_of(text, tag), NULL,
                                          "an element has more than %u attributes", DM_XML_MAX_ATTRIBUTES);
        }
        return TRUE;
}

static gboolean check_text(const char *text, gsize length, GError **error)
{
        if (length > DM_XML_MAX_BYTES)
                return dm_fail(error, DM_ERROR_INVALID_XML,
                               "the document has %" G_GSIZE_FORMAT " bytes, at most %u are accepted", length,
                               DM_XML_MAX_BYTES);
        if (length == 0)
                return dm_fail(error, DM_ERROR_INVALID_XML, "the document is empty");
        const char *bad = NULL;
        if (!g_utf8_validate_len(text, length, &bad))
                return dm_fail_at(error, DM_ERROR_INVALID_XML, line_of(text, bad), NULL,
                                  "the document is not UTF-8 (byte %u)", (unsigned)(bad - text) + 1);
        return check_tags(text, length, error);
}

xmlDoc *dm_xml_doc_read(const char *text, gsize length, GError **error)
{
        static GOnce once = G_ONCE_INIT;
        g_once(&once, init_libxml, NULL);

        if (!check_text(text, length, error))
                return NULL;

        xmlParserCtxt *ctxt = xmlNewParserCtxt();
        if (!ctxt)
                return dm_fail_null(error, DM_ERROR_NO_MEMORY, "libxml2 gave no parser");
        Limits limits = { 0 };
        ctxt->_private = &limits;
        ctxt->sax->startElementNs = start_element;
        ctxt->sax->endElementNs = end_element;
        ctxt->sax->comment = comment;
        ctxt->sax->processingInstruction = instruction;
        ctxt->sax->cdataBlock = cdata;
        ctxt->sax->internalSubset = internal_subset;
        ctxt->sax->serror = note_error;
        xmlDoc *doc = xmlCtxtReadMemory(ctxt, text, (int)length, NULL, "UTF-8",
                                        XML_PARSE_IGNORE_ENC | XML_PARSE_NONET | XML_PARSE_BIG_LINES |
                                                XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
        if (limits.refusal) {
                dm_fail_at(error, DM_ERROR_INVALID_XML, limits.line, NULL, "%s", limits.refusal);
                g_clear_pointer(&doc, xmlFreeDoc);
        } else if (!doc) {
                dm_fail_at(error, DM_ERROR_INVALID_XML, limits.broken_line, NULL, "not well-formed XML: %s",
                           limits.broken ? limits.broken : "no reason given");
        }
        g_free(limits.refusal);
        g_free(limits.broken);
        xmlFreeParserCtxt(ctxt);
        return doc;
}

char *dm_xml_node_name(const xmlNode *node)
{
        const char *prefix = node->ns ? (const char *)node->ns->prefix : NULL;
        return g_strconcat(prefix ? prefix : "", prefix ? ":" : "", (const char *)node->name, NULL);
}

char *dm_xml_node_step(const xmlNode *node)
{
        g_autofree char *name = dm_xml_node_name(node);
        if (node->type == XML_ATTRIBUTE_NODE)
                return g_strconcat("/@", name, NULL);
        unsigned before = 0;
        gboolean repeats = FALSE;
        for (const xmlNode *n = node->prev; n; n = n->prev)
                before += n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, node->name);
        for (const xmlNode *n = node->next; n && !repeats; n = n->next)
                repeats = n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, node->name);
        return before || repeats ? g_strdup_printf("/%s[%u]", name, before + 1)
                                 : g_strconcat("/", name, NULL);
}

unsigned dm_xml_node_line(const xmlNode *node)
{
        if (node->type == XML_ATTRIBUTE_NODE)
                node = node->parent;
        long line = xmlGetLineNo(node);
        return line > 0 ? (unsigned)line : 0;
}
