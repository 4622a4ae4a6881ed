/* <metadata>: elements that applications keep in a definition. */
#include "conf/metadata.h"

#include <string.h>

#include "conf/xml_doc.h"
#include "util/error.h"

static xmlDoc *read_metadata(const char *metadata, GError **error)
{
        const char *text = metadata ? metadata : "<metadata/>";
        return dm_xml_doc_read(text, strlen(text), error);
}

static gboolean is_of(const xmlNode *n, const char *uri)
{
        return n->type == XML_ELEMENT_NODE && n->ns && n->ns->href &&
               strcmp((const char *)n->ns->href, uri) == 0;
}

static xmlNode *find(xmlDoc *doc, const char *uri)
{
        xmlNode *root = xmlDocGetRootElement(doc);
        for (xmlNode *n = root->children; n; n = n->next)
                if (is_of(n, uri))
                        return n;
        return NULL;
}

static char *text_of(xmlDoc *doc, xmlNode *node)
{
        xmlBuffer *buffer = xmlBufferCreate();
        xmlNodeDump(buffer, doc, node, 0, 0);
        char *text = g_strdup((const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
        return text;
}

/* The next element below @top in document order; NULL after the last.  A walk without recursion: how deep
 * documents are is up to who wrote them. */
static xmlNode *next_node(const xmlNode *top, xmlNode *n)
{
        if (n->children && n->type == XML_ELEMENT_NODE)
                return n->children;
        while (n != top && !n->next)
                n = n->parent;
        return n == top ? NULL : n->next;
}

static void leave_namespace(xmlNode *top, const char *uri)
{
        for (xmlNode *n = top; n; n = next_node(top, n))
                if (is_of(n, uri))
                        n->ns = NULL;
        for (xmlNs **ns = &top->nsDef; *ns;) {
                xmlNs *def = *ns;
                if (strcmp((const char *)def->href, uri) != 0) {
                        ns = &def->next;
                        continue;
                }
                *ns = def->next;
                def->next = NULL;
                xmlFreeNs(def);
        }
}

char *dm_metadata_get(const char *metadata, const char *uri, GError **error)
{
        g_autoptr(xmlDoc) doc = read_metadata(metadata, error);
        xmlNode *node = doc ? find(doc, uri) : NULL;
        if (!doc)
                return NULL;
        if (!node)
                return dm_fail_null(error, DM_ERROR_NOT_FOUND,
                                    "there is no metadata element of the namespace '%s'", uri);
        g_autoptr(xmlDoc) copy = xmlNewDoc((const xmlChar *)"1.0");
        xmlNode *root = xmlDocCopyNode(node, copy, 1);
        xmlDocSetRootElement(copy, root);
        leave_namespace(root, uri);
        return text_of(copy, root);
}

/* Puts what has no namespace of its own into @uri. */
static gboolean enter_namespace(xmlNode *top, const char *key, const char *uri, GError **error)
{
        xmlNs *ns = xmlNewNs(top, (const xmlChar *)uri, (const xmlChar *)key);
        if (!ns)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "the prefix '%s' is taken inside the element",
                               key);
        for (xmlNode *n = top; n; n = next_node(top, n))
                if (n->type == XML_ELEMENT_NODE && !n->ns)
                        n->ns = ns;
        return TRUE;
}

static gboolean add(xmlDoc *doc, const char *text, const char *key, const char *uri, GError **error)
{
        if (!key || xmlValidateNCName((const xmlChar *)key, 0) != 0)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "'%s' can't be the prefix of a namespace",
                               key ? key : "");
        if (strlen(text) > DM_METADATA_MAX)
                return dm_fail(error, DM_ERROR_NO_MEMORY, "a metadata element has at most %u bytes",
                               DM_METADATA_MAX);
        g_autoptr(xmlDoc) element = dm_xml_doc_read(text, strlen(text), error);
        if (!element || !enter_namespace(xmlDocGetRootElement(element), key, uri, error))
                return FALSE;
        xmlAddChild(xmlDocGetRootElement(doc), xmlDocCopyNode(xmlDocGetRootElement(element), doc, 1));
        return TRUE;
}

gboolean dm_metadata_set(const char *metadata, const char *text, const char *key, const char *uri,
                         char **ret_metadata, GError **error)
{
        g_autoptr(xmlDoc) doc = read_metadata(metadata, error);
        if (!doc)
                return FALSE;
        xmlNode *old = find(doc, uri);
        if (!old && !text)
                return dm_fail(error, DM_ERROR_NOT_FOUND,
                               "there is no metadata element of the namespace '%s'", uri);
        if (old) {
                xmlUnlinkNode(old);
                xmlFreeNode(old);
        }
        if (text && !add(doc, text, key, uri, error))
                return FALSE;
        xmlNode *root = xmlDocGetRootElement(doc);
        *ret_metadata = xmlFirstElementChild(root) ? text_of(doc, root) : NULL;
        return TRUE;
}
