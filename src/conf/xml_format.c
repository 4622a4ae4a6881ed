/* Writing half of the engine (xml_schema.h): a struct becomes an indented document, attributes in table
 * order, single quotes, two blanks a level. */
#include "conf/xml_schema.h"

#include <string.h>

#include "conf/xml_private.h"

typedef struct Writer {
        GString *out;
        DmXmlFormatFlags flags;
} Writer;

static void append_escaped(GString *s, const char *text, gboolean attribute)
{
        for (const char *c = text; *c; c++) {
                if (*c == '&')
                        g_string_append(s, "&amp;");
                else if (*c == '<')
                        g_string_append(s, "&lt;");
                else if (*c == '>')
                        g_string_append(s, "&gt;");
                else if (attribute && *c == '\'')
                        g_string_append(s, "&apos;");
                else if (attribute && *c == '"')
                        g_string_append(s, "&quot;");
                else if (*c == '\r' || (attribute && (*c == '\n' || *c == '\t')))
                        g_string_append_printf(s, "&#%d;", *c);
                else
                        g_string_append_c(s, *c);
        }
}

static void indent(GString *s, unsigned depth)
{
        for (unsigned i = 0; i < depth; i++)
                g_string_append(s, "  ");
}

static gboolean hidden(const Writer *w, const DmXmlRow *row)
{
        return ((row->flags & DM_RUNTIME) && !(w->flags & DM_XML_FORMAT_RUNTIME)) ||
               ((row->flags & DM_SECRET) && !(w->flags & DM_XML_FORMAT_SECRET));
}

/* Unit that a size is written in: the row's, or bytes when it is no multiple of that; without one the
 * largest. */
static guint64 output_scale(const DmXmlRow *row, guint64 value, const char **ret_name)
{
        static const char *const names[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
        guint64 scale = 1;
        unsigned n = 0;
        if (row->scale && row->unit && value % row->scale == 0) {
                *ret_name = row->unit;
                return row->scale;
        }
        while (row->scale && !row->unit && value && n + 1 < G_N_ELEMENTS(names) &&
               value % (scale << 10) == 0) {
                scale <<= 10;
                n++;
        }
        *ret_name = names[n];
        return scale;
}

static char *number(const DmXmlRow *row, guint64 value)
{
        return row->hex ? g_strdup_printf("0x%0*" G_GINT64_MODIFIER "x", row->hex, value)
                        : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

char *dm_xml_scalar_text(const DmXmlRow *row, const char *base)
{
        const void *member = base + row->offset;
        switch (row->type) {
        case DM_XML_STRING:
                return g_strdup(*(char *const *)member);
        case DM_XML_ENUM:
                return g_strdup(dm_enum_name(row->values, *(const int *)member));
        case DM_XML_U32: {
                const DmOptU32 *v = member;
                return v->set ? number(row, v->value) : NULL;
        }
        case DM_XML_U64: {
                const DmOptU64 *v = member;
                const char *unit;
                return v->set ? number(row, v->value / output_scale(row, v->value, &unit)) : NULL;
        }
        case DM_XML_I64: {
                const DmOptI64 *v = member;
                return v->set ? g_strdup_printf("%" G_GINT64_FORMAT, v->value) : NULL;
        }
        case DM_XML_CUSTOM:
                return row->codec->format(member);
        case DM_XML_FLAG:
        case DM_XML_VERBATIM:
        case DM_XML_REFUSED:
        case DM_XML_IN:
        case DM_XML_SUB:
        case DM_XML_LIST:
        case DM_XML_END:
                break;
        }
        return NULL;
}

static void write_unit(Writer *w, const DmXmlRow *row, const char *base)
{
        if (row->type != DM_XML_U64 || !row->scale)
                return;
        const DmOptU64 *v = (const void *)(base + row->offset);
        const char *unit;
        output_scale(row, v->value, &unit);
        g_string_append_printf(w->out, " unit='%s'", unit);
}

static gboolean write_element(Writer *w, const DmXmlElement *element, const char *base, unsigned depth,
                              gboolean always);

static gboolean write_list(Writer *w, const DmXmlRow *row, const char *base, unsigned depth)
{
        const GPtrArray *list = *(GPtrArray *const *)(base + row->offset);
        gboolean any = FALSE;
        for (guint i = 0; list && i < list->len; i++) {
                const char *item = g_ptr_array_index(list, i);
                if (row->kind && *(const int *)item != row->kind)
                        continue;
                write_element(w, row->element, item, depth, TRUE);
                any = TRUE;
        }
        return any;
}

static void write_text_element(Writer *w, const DmXmlRow *row, const char *base, const char *text,
                               unsigned depth)
{
        indent(w->out, depth);
        g_string_append_printf(w->out, "<%s", row->name);
        write_unit(w, row, base);
        if (*text) {
                g_string_append_c(w->out, '>');
                append_escaped(w->out, text, FALSE);
                g_string_append_printf(w->out, "</%s>\n", row->name);
        } else {
                g_string_append(w->out, "/>\n");
        }
}

static gboolean write_child(Writer *w, const DmXmlRow *row, const char *base, unsigned depth)
{
        const char *member = base + row->offset;
        switch (row->type) {
        case DM_XML_IN:
                return write_element(w, row->element, member, depth, row->flags & DM_ALWAYS);
        case DM_XML_SUB: {
                const char *sub = *(char *const *)member;
                return sub && write_element(w, row->element, sub, depth, TRUE);
        }
        case DM_XML_LIST:
                return write_list(w, row, base, depth);
        case DM_XML_FLAG:
                if (!*(const gboolean *)member)
                        return FALSE;
                indent(w->out, depth);
                g_string_append_printf(w->out, "<%s/>\n", row->name);
                return TRUE;
        case DM_XML_VERBATIM: {
                const char *text = *(char *const *)member;
                if (!text)
                        return FALSE;
                indent(w->out, depth);
                g_string_append_printf(w->out, "%s\n", text);
                return TRUE;
        }
        case DM_XML_REFUSED:
        case DM_XML_END:
                return FALSE;
        case DM_XML_STRING:
        case DM_XML_ENUM:
        case DM_XML_U32:
        case DM_XML_U64:
        case DM_XML_I64:
        case DM_XML_CUSTOM:
                break;
        }
        g_autofree char *text = dm_xml_scalar_text(row, base);
        if (text)
                write_text_element(w, row, base, text, depth);
        return text != NULL;
}

/* Attributes of the start tag; returns how many were written. */
static unsigned write_attributes(Writer *w, const DmXmlElement *element, const char *base)
{
        unsigned n = 0;
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                if (row->as == DM_AS_ELEMENT || hidden(w, row) || !dm_xml_row_applies(row, base))
                        continue;
                if (row->as == DM_AS_TEXT) {
                        const DmOptU64 *v = (const void *)(base + row->offset);
                        if (row->type == DM_XML_U64 && row->scale && v->set)
                                write_unit(w, row, base);
                        continue;
                }
                g_autofree char *text = dm_xml_scalar_text(row, base);
                if (!text || ((row->flags & DM_USER_NAMED) && !(w->flags & DM_XML_FORMAT_RUNTIME) &&
                              !g_str_has_prefix(text, DM_USER_NAME_PREFIX)))
                        continue;
                g_string_append_printf(w->out, " %s='", row->name);
                append_escaped(w->out, text, TRUE);
                g_string_append_c(w->out, '\'');
                write_unit(w, row, base);
                n++;
        }
        return n;
}

/* The element's text; *ret_present when a DM_PRESENT row says that it is there.  Owned, nullable. */
static char *text_of(Writer *w, const DmXmlElement *element, const char *base, gboolean *ret_present)
{
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++) {
                if (row->as != DM_AS_TEXT || hidden(w, row) || !dm_xml_row_applies(row, base))
                        continue;
                if (row->type == DM_XML_FLAG) {
                        *ret_present = *ret_present || *(const gboolean *)(base + row->offset);
                        continue;
                }
                char *text = dm_xml_scalar_text(row, base);
                if (text)
                        return text;
        }
        return NULL;
}

/* Root only: each namespace is declared where one of its elements will be written. */
static void write_namespaces(Writer *w, const DmXmlElement *root, const char *base)
{
        for (const DmXmlRow *row = root->rows; row->type != DM_XML_END; row++) {
                if (row->type != DM_XML_SUB || !row->element->ns || !*(void *const *)(base + row->offset))
                        continue;
                g_autofree char *declaration =
                        g_strdup_printf(" xmlns:%s='%s'", row->element->prefix, row->element->ns);
                if (!strstr(w->out->str, declaration))
                        g_string_append(w->out, declaration);
        }
}

static gboolean write_children(Writer *w, const DmXmlElement *element, const char *base, unsigned depth)
{
        gboolean any = FALSE;
        for (const DmXmlRow *row = element->rows; row->type != DM_XML_END; row++)
                if (row->as == DM_AS_ELEMENT && !hidden(w, row) && dm_xml_row_applies(row, base))
                        any |= write_child(w, row, base, depth);
        return any;
}

/* FALSE: nothing was written, because nothing is in it and it is not written @always. */
static gboolean write_element(Writer *w, const DmXmlElement *element, const char *base, unsigned depth,
                              gboolean always)
{
        gsize start = w->out->len;
        gboolean present = always || depth == 0;
        g_autofree char *text = text_of(w, element, base, &present);
        const char *prefix = element->prefix ? element->prefix : "", *colon = element->prefix ? ":" : "";

        indent(w->out, depth);
        g_string_append_printf(w->out, "<%s%s%s", prefix, colon, element->name);
        if (element->tag.attribute)
                g_string_append_printf(w->out, " %s='%s'", element->tag.attribute, element->tag.value);
        if (write_attributes(w, element, base))
                present = TRUE;
        if (depth == 0)
                write_namespaces(w, element, base);
        gsize tag_end = w->out->len;
        g_string_append_c(w->out, '>');
        append_escaped(w->out, text ? text : "", FALSE);
        gsize text_end = w->out->len;
        g_string_append_c(w->out, '\n');
        if (write_children(w, element, base, depth + 1)) {
                indent(w->out, depth);
                g_string_append_printf(w->out, "</%s%s%s>\n", prefix, colon, element->name);
                return TRUE;
        }
        if (!text && !present) {
                g_string_truncate(w->out, start);
                return FALSE;
        }
        g_string_truncate(w->out, text && *text ? text_end : tag_end);
        if (text && *text)
                g_string_append_printf(w->out, "</%s%s%s>\n", prefix, colon, element->name);
        else
                g_string_append(w->out, "/>\n");
        return TRUE;
}

char *dm_xml_format(const DmXmlElement *root, const void *base, DmXmlFormatFlags flags)
{
        Writer w = { g_string_sized_new(4096), flags };
        write_element(&w, root, base, 0, TRUE);
        return g_string_free(w.out, FALSE);
}
