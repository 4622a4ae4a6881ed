/* Values of the XML engine (xml_schema.h): text becomes a string, enum, number, size or what a codec makes of
 * it. */
#include "conf/xml_reader.h"

#include <errno.h>
#include <string.h>

#include "conf/xml_private.h"

gboolean dm_xml_is_blank(const char *s)
{
        return s[strspn(s, " \t\r\n")] == 0;
}

/* ---- numbers ---- */

/* @any_base: as in C, 0x1f and 037; else decimal. */
static gboolean parse_number(const char *text, gboolean any_base, guint64 *ret_value)
{
        int base = 10;
        const char *digits = text;
        if (any_base && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
                base = 16;
                digits += 2;
        } else if (any_base && digits[0] == '0') {
                base = 8;
        }
        /* strtoull would take blanks, a sign and a second "0x" as well. */
        if (!*digits || digits[strspn(digits, G_CSET_DIGITS "abcdefABCDEF")])
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
                { "k", 1ull << 10 },
                { "KiB", 1ull << 10 },
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

static void out_of_range(DmXmlReader *r, const DmXmlRow *row, const xmlNode *where, const char *text,
                         guint64 min, guint64 max)
{
        if (row->hex)
                dm_xml_bad_value(r, where,
                                 "'%s' is not a number from 0x%" G_GINT64_MODIFIER
                                 "x to 0x%" G_GINT64_MODIFIER "x",
                                 text, min, max);
        else
                dm_xml_bad_value(r, where,
                                 "'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                 text, min, max);
}

/* Bytes of one unit of the value: the element's @unit, else the row's own.  FALSE: reported. */
static gboolean find_scale(DmXmlReader *r, const DmXmlRow *row, const xmlNode *element, guint64 *ret_scale)
{
        xmlAttr *unit = row->scale ? dm_xml_attribute(element, "unit") : NULL;
        *ret_scale = row->scale ? row->scale : 1;
        if (!unit)
                return TRUE;
        dm_xml_consume(unit);
        xmlChar *content = xmlNodeGetContent((xmlNode *)unit);
        g_autofree char *name = g_strstrip(g_strdup((const char *)content));
        xmlFree(content);
        if (!*name || dm_xml_unit_bytes(name, ret_scale))
                return TRUE;
        dm_xml_bad_value(r, (xmlNode *)unit, "unknown unit '%s' (expected bytes, KiB, MiB, GiB, TiB, …)",
                         name);
        return FALSE;
}

static void parse_u64(DmXmlReader *r, const DmXmlRow *row, const xmlNode *element, const xmlNode *where,
                      const char *text, DmOptU64 *member)
{
        guint64 value = 0, scale = 1;
        if (!find_scale(r, row, element, &scale))
                return;
        if (!parse_number(text, row->hex > 0, &value)) {
                dm_xml_bad_value(r, where, "'%s' is not a number", text);
                return;
        }
        guint64 max = row->max ? row->max : G_MAXUINT64;
        if (value > G_MAXUINT64 / scale || value * scale > max || value * scale < row->min)
                out_of_range(r, row, where, text, (row->min + scale - 1) / scale, max / scale);
        else
                *member = (DmOptU64){ TRUE, value * scale };
}

static void parse_u32(DmXmlReader *r, const DmXmlRow *row, const xmlNode *where, const char *text,
                      DmOptU32 *member)
{
        guint64 value = 0, max = row->max ? row->max : G_MAXUINT32;
        if (!parse_number(text, row->hex > 0, &value) || value < row->min || value > max)
                out_of_range(r, row, where, text, row->min, max);
        else
                *member = (DmOptU32){ TRUE, (guint32)value };
}

static void parse_i64(DmXmlReader *r, const xmlNode *where, const char *text, DmOptI64 *member)
{
        gint64 value = 0;
        if (parse_signed(text, &value))
                *member = (DmOptI64){ TRUE, value };
        else
                dm_xml_bad_value(r, where, "'%s' is not an integer", text);
}

/* ---- others ---- */

static void parse_enum(DmXmlReader *r, const DmXmlRow *row, const xmlNode *where, const char *text,
                       int *member)
{
        int value = dm_enum_value(row->values, text);
        if (value > 0) {
                *member = value;
                return;
        }
        g_autofree char *list = dm_enum_list(row->values);
        dm_xml_bad_value(r, where, "unknown %s '%s' (expected %s)", row->values->what, text, list);
}

static void parse_custom(DmXmlReader *r, const DmXmlRow *row, const xmlNode *where, const char *text,
                         void *member)
{
        g_autoptr(GError) error = NULL;
        if (row->codec->parse(text, member, &error))
                return;
        row->codec->clear(member);
        memset(member, 0, row->codec->size);
        dm_xml_bad_value(r, where, "'%s' is not %s%s%s", text, row->codec->what, error ? ": " : "",
                         error ? error->message : "");
}

void dm_xml_scalar_parse(DmXmlReader *r, const DmXmlRow *row, xmlNode *element, xmlNode *where,
                         const char *raw, char *base, const DmPlace *place)
{
        g_autofree char *text = g_strdup(raw ? raw : "");
        if (!(row->flags & DM_KEEP_BLANKS))
                g_strstrip(text);
        void *member = base + row->offset;
        switch (row->type) {
        case DM_XML_STRING:
                if (!*text && !(row->flags & DM_EMPTY_OK)) {
                        if (row->flags & DM_REQUIRED)
                                dm_xml_bad_value(r, where, "it must not be empty");
                        return;
                }
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
        case DM_XML_I64:
                parse_i64(r, where, text, member);
                break;
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
