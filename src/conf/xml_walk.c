#include "conf/xml_walk.h"

#include "conf/xml_private.h"

typedef struct Walk {
        GString *path;
        DmXmlValueFn fn;
        void *data;
} Walk;

static void walk(Walk *w, const DmXmlElement *element, const char *base);

/* Calls the visitor at the current path extended by @name (and [@index]), then goes below it. */
static void step(Walk *w, const char *name, unsigned index, const char *text, const void *member,
                 const DmXmlElement *below, const char *base)
{
        gsize length = w->path->len;
        g_string_append_printf(w->path, "/%s", name);
        if (index)
                g_string_append_printf(w->path, "[%u]", index);
        w->fn(w->path->str, text, member, w->data);
        if (below)
                walk(w, below, base);
        g_string_truncate(w->path, length);
}

static void walk_list(Walk *w, const DmXmlRow *row, const GPtrArray *list)
{
        unsigned index = 0;
        for (guint i = 0; list && i < list->len; i++) {
                const char *item = g_ptr_array_index(list, i);
                if (!row->kind || *(const int *)item == row->kind)
                        step(w, row->element->name, ++index, NULL, item, row->element, item);
        }
}

static void walk_row(Walk *w, const DmXmlRow *row, const char *base)
{
        const char *member = base + row->offset;
        if (row->type == DM_XML_LIST) {
                walk_list(w, row, *(GPtrArray *const *)member);
        } else if (row->type == DM_XML_IN) {
                step(w, row->element->name, 0, NULL, member, row->element, member);
        } else if (row->type == DM_XML_SUB) {
                const char *sub = *(char *const *)member;
                if (sub)
                        step(w, row->element->name, 0, NULL, sub, row->element, sub);
        } else {
                g_autofree char *text = dm_xml_scalar_text(row, base);
                g_autofree char *name = row->as == DM_AS_ATTRIBUTE
                                                ? g_strdup_printf("@%s", row->name)
                                                : g_strdup(row->name ? row->name : "text()");
                if (text)
                        step(w, name, 0, text, member, NULL, NULL);
        }
}

static void walk(Walk *w, const DmXmlElement *element, const char *base)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (dm_xml_row_applies(row, base))
                        walk_row(w, row, base);
}

void dm_xml_walk(const DmXmlElement *root, const void *base, DmXmlValueFn fn, void *data)
{
        Walk w = { g_string_new("/"), fn, data };
        g_string_append(w.path, root->name);
        fn(w.path->str, NULL, base, data);
        walk(&w, root, base);
        g_string_free(w.path, TRUE);
}
