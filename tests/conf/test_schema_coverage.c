/* Every element and attribute of libvirt's schema of domains is known, or refused by name: nothing that stock
 * tools write is left out in silence.  Walks the installed RELAX NG and the tables side by side; the figures
 * are printed (scripts/schema-coverage). */
#include <libxml/parser.h>
#include <string.h>

#include "conf/domain.h"

#define SCHEMAS "/usr/share/libvirt/schemas"

/* What is known of one path. */
typedef enum Answer { UNKNOWN, REFUSED, KNOWN } Answer;

typedef struct Walk {
        GHashTable *defines; /* name -> GPtrArray of xmlNode */
        GHashTable *answers; /* path -> Answer */
        GPtrArray *docs;
        GPtrArray *open; /* names of the defines that are being walked */
} Walk;

/* The tables that an element of the schema may mean; @all: everything below is known (or refused) at once. */
typedef struct Place {
        GPtrArray *tables; /* of const DmXmlElement */
        Answer all;
        const char *path;
} Place;

static void walk(Walk *w, const xmlNode *node, const Place *place);

static char *attribute(const xmlNode *node, const char *name)
{
        xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
        char *copy = g_strdup((char *)value);
        xmlFree(value);
        return copy ? g_strstrip(copy) : NULL;
}

static gboolean is(const xmlNode *node, const char *name)
{
        return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static void add_defines(Walk *w, const xmlNode *parent)
{
        for (const xmlNode *n = parent->children; n; n = n->next) {
                if (is(n, "include") || is(n, "div"))
                        add_defines(w, n);
                g_autofree char *name = is(n, "define") ? attribute(n, "name") : NULL;
                if (!name)
                        continue;
                GPtrArray *list = g_hash_table_lookup(w->defines, name);
                if (!list) {
                        list = g_ptr_array_new();
                        g_hash_table_insert(w->defines, g_steal_pointer(&name), list);
                }
                g_ptr_array_add(list, (void *)n);
        }
}

static xmlNode *load(Walk *w, const char *file)
{
        g_autofree char *path = g_build_filename(SCHEMAS, file, NULL);
        xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
        g_assert_nonnull(doc);
        g_ptr_array_add(w->docs, doc);
        xmlNode *root = xmlDocGetRootElement(doc);
        for (const xmlNode *n = root->children; n; n = n->next) {
                g_autofree char *href = is(n, "include") ? attribute(n, "href") : NULL;
                if (href)
                        load(w, href);
        }
        add_defines(w, root);
        return root;
}

static void answer(Walk *w, const char *path, Answer a)
{
        Answer before = GPOINTER_TO_INT(g_hash_table_lookup(w->answers, path));
        g_hash_table_insert(w->answers, g_strdup(path), GINT_TO_POINTER(MAX(a, before)));
}

/* ---- the tables ---- */

static Answer find_attribute(const GPtrArray *tables, const char *name)
{
        Answer found = UNKNOWN;
        for (guint i = 0; i < tables->len; i++) {
                const DmXmlElement *e = g_ptr_array_index(tables, i);
                if (e->tag.attribute && !strcmp(e->tag.attribute, name))
                        found = KNOWN;
                for (const DmXmlRow *row = e->rows; row->type; row++) {
                        /* A size has a unit beside it. */
                        if (row->as != DM_AS_ELEMENT && row->scale && !strcmp(name, "unit"))
                                found = KNOWN;
                        if (row->as == DM_AS_ATTRIBUTE && row->name && !strcmp(row->name, name))
                                found = MAX(found, row->type == DM_XML_REFUSED ? REFUSED : KNOWN);
                }
        }
        return found;
}

static Answer find_element(const GPtrArray *tables, const char *name, Place *below)
{
        Answer found = UNKNOWN;
        for (guint i = 0; i < tables->len; i++) {
                const DmXmlElement *e = g_ptr_array_index(tables, i);
                for (const DmXmlRow *row = e->rows; row->type; row++) {
                        gboolean child = row->type >= DM_XML_IN;
                        const char *own = child ? row->element->name : row->name;
                        if (row->as != DM_AS_ELEMENT || !own || strcmp(own, name) != 0)
                                continue;
                        found = MAX(found, row->type == DM_XML_REFUSED ? REFUSED : KNOWN);
                        if (child)
                                g_ptr_array_add(below->tables, (void *)row->element);
                        else if (row->type == DM_XML_VERBATIM || row->type == DM_XML_REFUSED ||
                                 (row->scale && row->type == DM_XML_U64))
                                below->all = MAX(below->all, found);
                }
        }
        return found;
}

/* ---- the schema ---- */

static void walk_children(Walk *w, const xmlNode *node, const Place *place)
{
        for (const xmlNode *n = node->children; n; n = n->next)
                walk(w, n, place);
}

/* Names of an element or attribute of the schema: one, or a choice of several.  Owned. */
static GPtrArray *names_of(const xmlNode *node)
{
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        char *name = attribute(node, "name");
        if (name)
                g_ptr_array_add(names, name);
        for (const xmlNode *n = node->children; n && !name; n = n->next)
                for (const xmlNode *k = is(n, "choice") ? n->children : n; k;
                     k = is(n, "choice") ? k->next : NULL)
                        if (is(k, "name")) {
                                xmlChar *text = xmlNodeGetContent(k);
                                g_ptr_array_add(names, g_strstrip(g_strdup((char *)text)));
                                xmlFree(text);
                        }
        return names;
}

static void walk_element(Walk *w, const xmlNode *node, const Place *place)
{
        g_autoptr(GPtrArray) names = names_of(node);
        for (guint i = 0; i < names->len; i++) {
                const char *name = g_ptr_array_index(names, i);
                g_autofree char *path = g_strdup_printf("%s/%s", place->path, name),
                                *ns = attribute(node, "ns");
                if (ns && *ns && !strstr(ns, "/qemu/")) { /* another driver's: kept as it is */
                        answer(w, path, KNOWN);
                        continue;
                }
                g_autoptr(GPtrArray) tables = g_ptr_array_new();
                Place below = { tables, place->all, path };
                Answer a = place->all ? place->all : find_element(place->tables, name, &below);
                answer(w, path, a);
                if (a == UNKNOWN)
                        continue; /* said once, not for all in it */
                walk_children(w, node, &below);
        }
}

static void walk_attribute(Walk *w, const xmlNode *node, const Place *place)
{
        g_autoptr(GPtrArray) names = names_of(node);
        for (guint i = 0; i < names->len; i++) {
                const char *name = g_ptr_array_index(names, i);
                g_autofree char *path = g_strdup_printf("%s/@%s", place->path, name);
                answer(w, path, place->all ? place->all : find_attribute(place->tables, name));
        }
}

static void walk_ref(Walk *w, const xmlNode *node, const Place *place)
{
        g_autofree char *name = attribute(node, "name");
        const GPtrArray *list = g_hash_table_lookup(w->defines, name);
        g_assert_nonnull(list);
        /* A define that holds itself (chains of images) is walked once on each way. */
        for (guint i = 0; i < w->open->len; i++)
                if (!strcmp(g_ptr_array_index(w->open, i), name))
                        return;
        g_ptr_array_add(w->open, name);
        for (guint i = 0; i < list->len; i++)
                walk_children(w, g_ptr_array_index(list, i), place);
        g_ptr_array_remove_index(w->open, w->open->len - 1);
}

static void walk(Walk *w, const xmlNode *node, const Place *place)
{
        if (node->type != XML_ELEMENT_NODE || is(node, "except") || is(node, "value") || is(node, "data"))
                return;
        if (is(node, "element"))
                walk_element(w, node, place);
        else if (is(node, "attribute"))
                walk_attribute(w, node, place);
        else if (is(node, "ref"))
                walk_ref(w, node, place);
        else
                walk_children(w, node, place);
}

static void walk_start(Walk *w)
{
        xmlNode *root = load(w, "domain.rng");
        const DmXmlElement top = {
                .name = "",
                .rows = (const DmXmlRow[]){ { DM_XML_IN, DM_AS_ELEMENT, .element = &dm_domain_element },
                                            { 0 } },
        };
        g_autoptr(GPtrArray) tables = g_ptr_array_new();
        g_ptr_array_add(tables, (void *)&top);
        const Place place = { tables, UNKNOWN, "" };
        for (const xmlNode *n = root->children; n; n = n->next)
                if (is(n, "start"))
                        walk_children(w, n, &place);
}

static void test_coverage(void)
{
        if (!g_file_test(SCHEMAS "/domain.rng", G_FILE_TEST_EXISTS)) {
                g_test_skip("libvirt's schemas are not installed");
                return;
        }
        Walk w = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref),
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                   g_ptr_array_new_with_free_func((GDestroyNotify)xmlFreeDoc), g_ptr_array_new() };
        walk_start(&w);
        guint counts[KNOWN + 1] = { 0 };
        GHashTableIter iter;
        gpointer path = NULL, a = NULL;
        g_hash_table_iter_init(&iter, w.answers);
        while (g_hash_table_iter_next(&iter, &path, &a)) {
                counts[GPOINTER_TO_INT(a)]++;
                if (!a)
                        g_test_message("unknown: %s", (char *)path);
        }
        g_test_message("schema paths: %u known, %u refused by name, %u unknown", counts[KNOWN],
                       counts[REFUSED], counts[UNKNOWN]);
        g_assert_cmpuint(counts[KNOWN], >, 1000);
        g_assert_cmpuint(counts[UNKNOWN], ==, 0);
        g_hash_table_unref(w.answers);
        g_hash_table_unref(w.defines);
        g_ptr_array_unref(w.docs);
        g_ptr_array_unref(w.open);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/schema/coverage", test_coverage);
        return g_test_run();
}
