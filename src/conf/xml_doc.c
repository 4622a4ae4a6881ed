/* Reading untrusted XML text into a libxml2 tree (limits in xml_doc.h).
 *
 * Depth and node count are checked in the SAX callbacks that build the tree, so that a hostile document costs
 * no more than what was built until the limit.  A DTD is refused as soon as it starts: no entity of the
 * document's own can exist then. */
#include "conf/xml_doc.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <string.h>

#include "util/error.h"

typedef struct Limits {
        unsigned depth, nodes;
        unsigned line;
        char *refusal; /* owned; why we stopped it */
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

static void start_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nb_ns,
                          const xmlChar **ns, int nb_attributes, int nb_defaulted, const xmlChar **attributes)
{
        xmlParserCtxt *ctxt = ctx;
        Limits *l = ctxt->_private;
        l->nodes += 1 + (unsigned)nb_attributes + (unsigned)nb_ns;
        if (++l->depth > DM_XML_MAX_DEPTH)
                refuse(ctxt, g_strdup_printf("elements are nested more than %u deep", DM_XML_MAX_DEPTH));
        else if (l->nodes > DM_XML_MAX_NODES)
                refuse(ctxt, g_strdup_printf("more than %u elements and attributes", DM_XML_MAX_NODES));
        else
                xmlSAX2StartElementNs(ctx, name, prefix, uri, nb_ns, ns, nb_attributes, nb_defaulted, attributes);
}

static void end_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
        xmlParserCtxt *ctxt = ctx;
        Limits *l = ctxt->_private;
        l->depth--;
        if (!l->refusal)
                xmlSAX2EndElementNs(ctx, name, prefix, uri);
}

static void internal_subset(void *ctx, const xmlChar *name G_GNUC_UNUSED, const xmlChar *external G_GNUC_UNUSED,
                            const xmlChar *system G_GNUC_UNUSED)
{
        refuse(ctx, g_strdup("a document type declaration (<!DOCTYPE …>) is not accepted: remove it"));
}

static gpointer init_libxml(gpointer unused G_GNUC_UNUSED)
{
        xmlInitParser();
        return NULL;
}

xmlDoc *dm_xml_doc_read(const char *text, gsize length, GError **error)
{
        static GOnce once = G_ONCE_INIT;
        g_once(&once, init_libxml, NULL);

        if (length > DM_XML_MAX_BYTES)
                return dm_fail_null(error, DM_ERROR_INVALID_XML,
                                    "the document has %" G_GSIZE_FORMAT " bytes, at most %u are accepted", length,
                                    DM_XML_MAX_BYTES);
        if (length == 0)
                return dm_fail_null(error, DM_ERROR_INVALID_XML, "the document is empty");
        xmlParserCtxt *ctxt = xmlNewParserCtxt();
        if (!ctxt)
                return dm_fail_null(error, DM_ERROR_NO_MEMORY, "libxml2 gave no parser");
        Limits limits = { 0 };
        ctxt->_private = &limits;
        ctxt->sax->startElementNs = start_element;
        ctxt->sax->endElementNs = end_element;
        ctxt->sax->internalSubset = internal_subset;
        xmlDoc *doc = xmlCtxtReadMemory(ctxt, text, (int)length, NULL, NULL,
                                        XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOERROR |
                                                XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
        if (limits.refusal) {
                dm_fail_at(error, DM_ERROR_INVALID_XML, limits.line, NULL, "%s", limits.refusal);
                g_free(limits.refusal);
                g_clear_pointer(&doc, xmlFreeDoc);
        } else if (!doc) {
                const xmlError *e = xmlCtxtGetLastError(ctxt);
                g_autofree char *what = g_strdup(e && e->message ? e->message : "not well-formed");
                dm_fail_at(error, DM_ERROR_INVALID_XML, e ? (unsigned)e->line : 0, NULL, "not well-formed XML: %s",
                           g_strchomp(what));
        }
        xmlFreeParserCtxt(ctxt);
        return doc;
}

static void append_path(GString *s, const xmlNode *node)
{
        if (!node || node->type == XML_DOCUMENT_NODE)
                return;
        append_path(s, node->parent);
        if (node->type == XML_ATTRIBUTE_NODE) {
                g_string_append_printf(s, "/@%s", node->name);
                return;
        }
        const char *prefix = node->ns && node->ns->prefix ? (const char *)node->ns->prefix : NULL;
        g_string_append_printf(s, "/%s%s%s", prefix ? prefix : "", prefix ? ":" : "", node->name);
        unsigned before = 0;
        gboolean repeats = FALSE;
        for (const xmlNode *n = node->prev; n; n = n->prev)
                before += n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, node->name);
        for (const xmlNode *n = node->next; n && !repeats; n = n->next)
                repeats = n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, node->name);
        if (before || repeats)
                g_string_append_printf(s, "[%u]", before + 1);
}

char *dm_xml_node_path(const xmlNode *node)
{
        GString *s = g_string_new(NULL);
        append_path(s, node);
        return g_string_free(s, FALSE);
}

unsigned dm_xml_node_line(const xmlNode *node)
{
        if (node->type == XML_ATTRIBUTE_NODE)
                node = node->parent;
        long line = xmlGetLineNo(node);
        return line > 0 ? (unsigned)line : 0;
}
