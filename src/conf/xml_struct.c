/* What else the rows of an element are good for (xml_schema.h): freeing, copying, comparing, listing. */
#include "conf/xml_schema.h"

#include <string.h>

#include "conf/xml_private.h"

/* ---- clear ---- */

static void clear_list(const DmXmlRow *row, GPtrArray **member)
{
        if (!*member)
                return;
        guint kept = 0;
        for (guint i = 0; i < (*member)->len; i++) {
                void *item = g_ptr_array_index(*member, i);
                if (row->kind && *(const int *)item != row->kind)
                        (*member)->pdata[kept++] = item; /* another row's */
                else
                        dm_xml_free(row->element, item);
        }
        if (kept)
                g_ptr_array_set_size(*member, (gint)kept);
        else
                g_clear_pointer(member, g_ptr_array_unref);
}

void dm_xml_clear(const DmXmlElement *element, void *base)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                void *member = (char *)base + row->offset;
                switch (row->type) {
                case DM_XML_STRING:
                case DM_XML_VERBATIM:
                        g_clear_pointer((char **)member, g_free);
                        break;
                case DM_XML_ENUM:
                        *(int *)member = 0;
                        break;
                case DM_XML_U32:
                        *(DmOptU32 *)member = (DmOptU32){ 0 };
                        break;
                case DM_XML_U64:
                        *(DmOptU64 *)member = (DmOptU64){ 0 };
                        break;
                case DM_XML_I64:
                        *(DmOptI64 *)member = (DmOptI64){ 0 };
                        break;
                case DM_XML_FLAG:
                        *(gboolean *)member = FALSE;
                        break;
                case DM_XML_CUSTOM:
                        row->codec->clear(member);
                        memset(member, 0, row->codec->size);
                        break;
                case DM_XML_IN:
                        dm_xml_clear(row->element, member);
                        break;
                case DM_XML_SUB:
                        dm_xml_free(row->element, *(void **)member);
                        *(void **)member = NULL;
                        break;
                case DM_XML_LIST:
                        clear_list(row, member);
                        break;
                case DM_XML_REFUSED:
                case DM_XML_END:
                        break;
                }
        }
}

void dm_xml_free(const DmXmlElement *element, void *base)
{
        if (!base)
                return;
        dm_xml_clear(element, base);
        g_free(base);
}

/* ---- copy ---- */

static void copy_list(const DmXmlRow *row, const GPtrArray *from, GPtrArray **to, DmOrigins *origins)
{
        for (guint i = 0; from && i < from->len; i++) {
                const void *item = g_ptr_array_index(from, i);
                if (row->kind && *(const int *)item != row->kind)
                        continue;
                if (!*to)
                        *to = g_ptr_array_new();
                void *copy = g_malloc0(row->element->size);
                if (row->kind)
                        *(int *)copy = row->kind;
                g_ptr_array_add(*to, copy);
                dm_xml_copy(row->element, item, copy, origins);
        }
}

static void copy_custom(const DmXmlRow *row, const void *from, void *to)
{
        row->codec->clear(to);
        memset(to, 0, row->codec->size);
        g_autofree char *text = row->codec->format(from);
        if (text && !row->codec->parse(text, to, NULL))
                g_assert_not_reached(); /* a codec must read what it has written */
}

static void copy_row(const DmXmlRow *row, const void *from, void *to, DmOrigins *origins)
{
        switch (row->type) {
        case DM_XML_STRING:
        case DM_XML_VERBATIM:
                g_free(*(char **)to);
                *(char **)to = g_strdup(*(char *const *)from);
                break;
        case DM_XML_ENUM:
        case DM_XML_FLAG:
                *(int *)to = *(const int *)from;
                break;
        case DM_XML_U32:
                *(DmOptU32 *)to = *(const DmOptU32 *)from;
                break;
        case DM_XML_U64:
                *(DmOptU64 *)to = *(const DmOptU64 *)from;
                break;
        case DM_XML_I64:
                *(DmOptI64 *)to = *(const DmOptI64 *)from;
                break;
        case DM_XML_CUSTOM:
                copy_custom(row, from, to);
                break;
        case DM_XML_IN:
                dm_xml_copy(row->element, from, to, origins);
                break;
        case DM_XML_SUB:
                if (*(void *const *)from && !*(void **)to) {
                        *(void **)to = g_malloc0(row->element->size);
                        dm_xml_copy(row->element, *(void *const *)from, *(void **)to, origins);
                }
                break;
        case DM_XML_LIST:
                copy_list(row, *(GPtrArray *const *)from, to, origins);
                break;
        case DM_XML_REFUSED:
        case DM_XML_END:
                break;
        }
}

void dm_xml_copy(const DmXmlElement *element, const void *from, void *to, DmOrigins *origins)
{
        if (origins)
                dm_origins_copy(origins, from, to);
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                if (!dm_xml_row_applies(row, from))
                        continue;
                const void *f = (const char *)from + row->offset;
                void *t = (char *)to + row->offset;
                if (origins && row->type != DM_XML_REFUSED)
                        dm_origins_copy(origins, f, t);
                copy_row(row, f, t, origins);
        }
}

/* ---- compare ---- */

/* Path step of @row followed by @below (taken, nullable). */
static char *join(const DmXmlRow *row, unsigned index, char *below)
{
        g_autofree char *rest = below;
        const char *name = dm_xml_row_name(row);
        if (!name)
                return g_strdup("");
        if (row->as == DM_AS_ATTRIBUTE)
                return g_strdup_printf("@%s", name);
        GString *s = g_string_new(name);
        if (index)
                g_string_append_printf(s, "[%u]", index);
        if (rest && *rest)
                g_string_append_printf(s, "/%s", rest);
        return g_string_free(s, FALSE);
}

/* The @n-th item of the row's kind, or NULL. */
static const void *list_item(const DmXmlRow *row, const GPtrArray *list, guint n)
{
        for (guint i = 0; list && i < list->len; i++) {
                const void *item = g_ptr_array_index(list, i);
                if ((!row->kind || *(const int *)item == row->kind) && n-- == 0)
                        return item;
        }
        return NULL;
}

static char *list_difference(const DmXmlRow *row, const GPtrArray *a, const GPtrArray *b, int flags)
{
        for (guint n = 0;; n++) {
                const void *ia = list_item(row, a, n), *ib = list_item(row, b, n);
                if (!ia && !ib)
                        return NULL;
                if (!ia || !ib)
                        return join(row, n + 1, NULL);
                char *below = dm_xml_difference(row->element, ia, ib, flags);
                if (below)
                        return join(row, n + 1, below);
        }
}

static gboolean scalar_equal(const DmXmlRow *row, const void *a, const void *b)
{
        switch (row->type) {
        case DM_XML_STRING:
        case DM_XML_VERBATIM:
                return g_strcmp0(*(char *const *)a, *(char *const *)b) == 0;
        case DM_XML_ENUM:
        case DM_XML_FLAG:
                return *(const int *)a == *(const int *)b;
        case DM_XML_U32: {
                const DmOptU32 *x = a, *y = b;
                return x->set == y->set && x->value == y->value;
        }
        case DM_XML_U64: {
                const DmOptU64 *x = a, *y = b;
                return x->set == y->set && x->value == y->value;
        }
        case DM_XML_I64: {
                const DmOptI64 *x = a, *y = b;
                return x->set == y->set && x->value == y->value;
        }
        case DM_XML_CUSTOM: {
                g_autofree char *x = row->codec->format(a), *y = row->codec->format(b);
                return g_strcmp0(x, y) == 0;
        }
        case DM_XML_REFUSED:
        case DM_XML_IN:
        case DM_XML_SUB:
        case DM_XML_LIST:
        case DM_XML_END:
                break;
        }
        return TRUE;
}

static char *sub_difference(const DmXmlRow *row, const void *a, const void *b, int flags)
{
        if (!a != !b)
                return g_strdup("");
        return a ? dm_xml_difference(row->element, a, b, flags) : NULL;
}

char *dm_xml_difference(const DmXmlElement *element, const void *a, const void *b, int flags)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                const void *ma = (const char *)a + row->offset, *mb = (const char *)b + row->offset;
                char *below = NULL;
                if (!dm_xml_row_applies(row, a) && !dm_xml_row_applies(row, b))
                        continue;
                if (row->type == DM_XML_LIST) {
                        below = list_difference(row, *(GPtrArray *const *)ma, *(GPtrArray *const *)mb, flags);
                        if (below)
                                return below;
                } else if (row->type == DM_XML_IN) {
                        below = dm_xml_difference(row->element, ma, mb, flags);
                } else if (row->type == DM_XML_SUB) {
                        below = sub_difference(row, *(void *const *)ma, *(void *const *)mb, flags);
                } else if ((!flags || (row->flags & flags)) && !scalar_equal(row, ma, mb)) {
                        below = g_strdup("");
                }
                if (below)
                        return join(row, 0, below);
        }
        return NULL;
}

/* ---- origins ---- */

static void forget_list(const DmXmlRow *row, const GPtrArray *list, DmOrigins *origins)
{
        const void *item;
        for (guint n = 0; (item = list_item(row, list, n)); n++)
                dm_xml_forget(row->element, item, origins);
}

void dm_xml_forget(const DmXmlElement *element, const void *base, DmOrigins *origins)
{
        if (!origins)
                return;
        dm_origins_forget(origins, base, element->size);
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                const void *member = (const char *)base + row->offset;
                if (row->type == DM_XML_IN)
                        dm_xml_forget(row->element, member, origins);
                else if (row->type == DM_XML_SUB && *(void *const *)member)
                        dm_xml_forget(row->element, *(void *const *)member, origins);
                else if (row->type == DM_XML_LIST)
                        forget_list(row, *(GPtrArray *const *)member, origins);
        }
}

/* ---- deferred ---- */

/* The first value that is set at or below the row, or NULL. */
static const void *first_value(const DmXmlRow *row, const void *base)
{
        const void *member = (const char *)base + row->offset;
        if (!dm_xml_row_applies(row, base))
                return NULL;
        switch (row->type) {
        case DM_XML_STRING:
        case DM_XML_VERBATIM:
        case DM_XML_SUB:
                return *(char *const *)member ? member : NULL;
        case DM_XML_ENUM:
        case DM_XML_FLAG:
                return *(const int *)member ? member : NULL;
        case DM_XML_U32:
                return ((const DmOptU32 *)member)->set ? member : NULL;
        case DM_XML_U64:
                return ((const DmOptU64 *)member)->set ? member : NULL;
        case DM_XML_I64:
                return ((const DmOptI64 *)member)->set ? member : NULL;
        case DM_XML_CUSTOM: {
                g_autofree char *text = row->codec->format(member);
                return text ? member : NULL;
        }
        case DM_XML_LIST:
                return list_item(row, *(GPtrArray *const *)member, 0);
        case DM_XML_IN:
                for (const DmXmlRow *below = row->element->rows; below->type != DM_XML_END; below++) {
                        const void *value = first_value(below, member);
                        if (value)
                                return value;
                }
                return NULL;
        case DM_XML_REFUSED:
        case DM_XML_END:
                break;
        }
        return NULL;
}

static void report_deferred(const DmXmlRow *row, const void *value, const DmOrigins *origins,
                            DmFindings *findings)
{
        const char *name = dm_xml_row_name(row);
        g_autofree char *path = dm_origins_path(origins, value);
        dm_findings_add(findings, DM_SEVERITY_ERROR, DM_ERROR_UNSUPPORTED, dm_origins_line(origins, value),
                        path, "%s%s%s is understood and kept, but no guest can be started with it yet",
                        row->as == DM_AS_ELEMENT ? "<" : "'", name ? name : "the text",
                        row->as == DM_AS_ELEMENT ? ">" : "'");
}

void dm_xml_deferred(const DmXmlElement *element, const void *base, int flags, const DmOrigins *origins,
                     DmFindings *findings)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                const void *value = first_value(row, base), *member = (const char *)base + row->offset, *item;
                if (!value)
                        continue;
                if (row->flags & flags) {
                        report_deferred(row, value, origins, findings);
                } else if (row->type == DM_XML_IN) {
                        dm_xml_deferred(row->element, member, flags, origins, findings);
                } else if (row->type == DM_XML_SUB) {
                        dm_xml_deferred(row->element, *(void *const *)member, flags, origins, findings);
                } else if (row->type == DM_XML_LIST) {
                        const GPtrArray *list = *(GPtrArray *const *)member;
                        for (guint n = 0; (item = list_item(row, list, n)); n++)
                                dm_xml_deferred(row->element, item, flags, origins, findings);
                }
        }
}

/* ---- visit ---- */

static void visit(const DmXmlElement *element, DmXmlVisit fn, void *data, GHashTable *done)
{
        if (!g_hash_table_add(done, (void *)element))
                return;
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                fn(element, row, data);
                if (row->element)
                        visit(row->element, fn, data, done);
        }
}

void dm_xml_visit(const DmXmlElement *root, DmXmlVisit fn, void *data)
{
        g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
        visit(root, fn, data, done);
}
