/* Codecs of xml_schema.h for uuid, MAC address and CPU set; each keeps its canonical text. */
#include "conf/codecs.h"

#include <string.h>

#include "util/error.h"

/* Numbers of CPUs and nodes beyond this are refused: the bitmap must stay small. */
#define CPUSET_MAX 65536

static void string_clear(void *member)
{
        g_clear_pointer((char **)member, g_free);
}

static char *string_format(const void *member)
{
        return g_strdup(*(char *const *)member);
}

static gboolean uuid_parse(const char *text, void *member, GError **error)
{
        char digits[33];
        int n = 0;
        for (const char *c = text; *c; c++) {
                if (*c == '-')
                        continue;
                if (!g_ascii_isxdigit(*c) || n == 32)
                        return dm_fail(error, DM_ERROR_INVALID_XML, "expected 32 hexadecimal digits");
                digits[n++] = g_ascii_tolower(*c);
        }
        digits[n] = 0;
        if (n != 32)
                return dm_fail(error, DM_ERROR_INVALID_XML, "expected 32 hexadecimal digits, got %d", n);
        *(char **)member = g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
                                           digits + 16, digits + 20);
        return TRUE;
}
const DmXmlCodec dm_uuid_codec = { "a uuid", uuid_parse, string_format, string_clear, sizeof(char *) };

char *dm_uuid_new(void)
{
        return g_uuid_string_random();
}

static gboolean mac_parse(const char *text, void *member, GError **error)
{
        unsigned char b[6];
        const char *c = text;
        for (int i = 0; i < 6; i++) {
                char *end;
                if (!g_ascii_isxdigit(*c))
                        return dm_fail(error, DM_ERROR_INVALID_XML,
                                       "expected 6 bytes such as 52:54:00:12:34:56");
                guint64 value = g_ascii_strtoull(c, &end, 16);
                if (value > 0xff || end - c > 2 || *end != (i < 5 ? ':' : 0))
                        return dm_fail(error, DM_ERROR_INVALID_XML,
                                       "expected 6 bytes such as 52:54:00:12:34:56");
                b[i] = (unsigned char)value;
                c = end + 1;
        }
        if (b[0] & 1)
                return dm_fail(error, DM_ERROR_INVALID_XML, "it is a multicast address; use a unicast one");
        *(char **)member =
                g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
        return TRUE;
}
const DmXmlCodec dm_mac_codec = { "a MAC address", mac_parse, string_format, string_clear, sizeof(char *) };

static char *cpuset_text(const guint8 *in, unsigned n)
{
        GString *s = g_string_new(NULL);
        for (unsigned i = 0; i < n; i++) {
                if (!in[i])
                        continue;
                unsigned first = i;
                while (i + 1 < n && in[i + 1])
                        i++;
                g_string_append_printf(s, s->len ? ",%u" : "%u", first);
                if (i > first)
                        g_string_append_printf(s, "-%u", i);
        }
        return g_string_free(s, FALSE);
}

static gboolean cpuset_range(const char *item, guint8 *in, GError **error)
{
        gboolean out = *item == '^';
        char *end = NULL;
        const char *c = out ? item + 1 : item;
        if (!g_ascii_isdigit(*c))
                return dm_fail(error, DM_ERROR_INVALID_XML, "'%s' is no number or range", item);
        guint64 first = g_ascii_strtoull(c, &end, 10), last = first;
        if (*end == '-' && !out && g_ascii_isdigit(end[1]))
                last = g_ascii_strtoull(end + 1, &end, 10);
        if (*end || last < first || last >= CPUSET_MAX)
                return dm_fail(error, DM_ERROR_INVALID_XML, "'%s' is no number or range below %d", item,
                               CPUSET_MAX);
        memset(in + first, !out, last - first + 1);
        return TRUE;
}

static gboolean cpuset_parse(const char *text, void *member, GError **error)
{
        g_autofree guint8 *in = g_malloc0(CPUSET_MAX);
        g_auto(GStrv) items = g_strsplit(text, ",", -1);
        for (char **i = items; *i; i++)
                if (!cpuset_range(g_strstrip(*i), in, error))
                        return FALSE;
        g_autofree char *result = cpuset_text(in, CPUSET_MAX);
        if (!*result)
                return dm_fail(error, DM_ERROR_INVALID_XML, "it is empty");
        *(char **)member = g_steal_pointer(&result);
        return TRUE;
}
GArray *dm_cpuset_members(const char *text)
{
        GArray *members = g_array_new(FALSE, FALSE, sizeof(unsigned));
        for (const char *c = text; c && *c;) {
                char *end = NULL;
                unsigned first = (unsigned)g_ascii_strtoull(c, &end, 10), last = first;
                if (*end == '-')
                        last = (unsigned)g_ascii_strtoull(end + 1, &end, 10);
                for (unsigned i = first; i <= last && i < CPUSET_MAX; i++)
                        g_array_append_val(members, i);
                c = *end == ',' ? end + 1 : end + strlen(end);
        }
        return members;
}

const DmXmlCodec dm_cpuset_codec = { "a CPU set", cpuset_parse, string_format, string_clear, sizeof(char *) };
const DmXmlCodec dm_nodeset_codec = { "a set of NUMA nodes", cpuset_parse, string_format, string_clear,
                                      sizeof(char *) };
