/* JSON text to values and back: dm_json_parse(), dm_json_to_string(), dm_json_to_pretty().  Values are
 * json.c's.
 *
 * json-c 0.16 in strict mode still clamps integers beyond 64 bits, turns 1e400 into infinity and a lone
 * surrogate into U+FFFD, and takes NaN, Infinity, 'single quotes', "1.", "-01", raw control characters in
 * strings and overlong UTF-8.  So the text passes check_text() first, which knows tokens but no grammar; the
 * grammar is json-c's. */
#include "util/json.h"
#include "util/error.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <string.h>

/* Bytes of a bad token that a message repeats. */
#define SHOWN_BYTES 40
/* Longest number: doubles in the wild have up to 25 characters; the bound keeps strtod() and messages short.
 */
#define NUMBER_MAX_LENGTH 400

/* ---- checking text ---- */

typedef struct Scan {
        const char *text;
        gsize length;
        gsize pos;
        unsigned depth, containers, values;
        GError **error;
} Scan;

static gboolean bad(const Scan *s, gsize at, const char *what)
{
        return dm_fail(s->error, DM_ERROR_INVALID_ARG, "invalid JSON at byte %zu: %s", at, what);
}

static gboolean bad_token(const Scan *s, gsize at, gsize length, const char *what)
{
        g_autofree char *token = g_strndup(s->text + at, MIN(length, SHOWN_BYTES));
        return dm_fail(s->error, DM_ERROR_INVALID_ARG, "invalid JSON at byte %zu: '%s%s' %s", at, token,
                       length > SHOWN_BYTES ? "..." : "", what);
}

static int peek(const Scan *s)
{
        return s->pos < s->length ? (unsigned char)s->text[s->pos] : -1;
}

static gsize skip_digits(Scan *s)
{
        gsize from = s->pos;
        while (s->pos < s->length && g_ascii_isdigit(s->text[s->pos]))
                s->pos++;
        return s->pos - from;
}

/* TRUE when the integer or double that ends before s->pos is one that json-c keeps as it stands. */
static gboolean check_range(Scan *s, gsize from, gboolean is_double)
{
        char number[NUMBER_MAX_LENGTH + 1];
        gsize length = s->pos - from;
        if (length > NUMBER_MAX_LENGTH)
                return bad_token(s, from, length, "is too long for a number");
        memcpy(number, s->text + from, length);
        number[length] = '\0';
        errno = 0;
        if (is_double) {
                double d = g_ascii_strtod(number, NULL);
                return isfinite(d) || bad_token(s, from, length, "is out of the range of a double");
        }
        if (number[0] == '-')
                g_ascii_strtoll(number, NULL, 10);
        else
                g_ascii_strtoull(number, NULL, 10);
        return errno == 0 || bad_token(s, from, length, "is out of the range of 64-bit integers");
}

static gboolean check_number(Scan *s)
{
        gsize from = s->pos;
        gboolean is_double = FALSE;
        if (peek(s) == '-')
                s->pos++;
        gsize first = s->pos, digits = skip_digits(s);
        gboolean ok = digits == 1 || (digits > 1 && s->text[first] != '0');
        if (ok && peek(s) == '.') {
                s->pos++;
                is_double = TRUE;
                ok = skip_digits(s) > 0;
        }
        if (ok && (peek(s) == 'e' || peek(s) == 'E')) {
                s->pos++;
                is_double = TRUE;
                if (peek(s) == '+' || peek(s) == '-')
                        s->pos++;
                ok = skip_digits(s) > 0;
        }
        if (!ok)
                return bad_token(s, from, MAX(s->pos - from, 1), "is not a JSON number");
        return check_range(s, from, is_double);
}

/* Value of the four digits of \uXXXX at @at, -1 when they are none. */
static int hex4(const Scan *s, gsize at)
{
        int value = 0;
        if (s->length - at < 4)
                return -1;
        for (gsize i = at; i < at + 4; i++) {
                int digit = g_ascii_xdigit_value(s->text[i]);
                if (digit < 0)
                        return -1;
                value = value * 16 + digit;
        }
        return value;
}

/* s->pos is behind "\u".  A character outside the BMP is two escapes; one alone would be changed by json-c.
 */
static gboolean check_unicode_escape(Scan *s)
{
        gsize at = s->pos - 2;
        int c = hex4(s, s->pos);
        if (c < 0)
                return bad(s, at, "\\u needs four hexadecimal digits");
        s->pos += 4;
        if (c == 0)
                return bad(s, at, "\\u0000 is not supported in a string");
        if (c >= 0xdc00 && c <= 0xdfff)
                return bad(s, at, "\\u escape is the second half of a surrogate pair without the first");
        if (c < 0xd800 || c > 0xdbff)
                return TRUE;
        gboolean escaped = s->length - s->pos >= 6 && s->text[s->pos] == '\\' && s->text[s->pos + 1] == 'u';
        int low = escaped ? hex4(s, s->pos + 2) : -1;
        if (low < 0xdc00 || low > 0xdfff)
                return bad(s, at, "\\u escape is the first half of a surrogate pair without the second");
        s->pos += 6;
        return TRUE;
}

static gboolean check_string(Scan *s)
{
        gsize from = s->pos++;
        while (s->pos < s->length) {
                unsigned char c = (unsigned char)s->text[s->pos];
                if (c < 0x20)
                        return bad(s, s->pos, "control character in a string");
                s->pos++;
                if (c == '"')
                        return TRUE;
                if (c != '\\')
                        continue;
                int escape = peek(s);
                if (escape <= 0 || !strchr("\"\\/bfnrtu", escape))
                        return bad(s, s->pos - 1, "unknown escape in a string");
                s->pos++;
                if (escape == 'u' && !check_unicode_escape(s))
                        return FALSE;
        }
        return bad(s, from, "string does not end");
}

static gboolean check_word(Scan *s)
{
        gsize from = s->pos;
        while (s->pos < s->length && g_ascii_isalnum(s->text[s->pos]))
                s->pos++;
        gsize length = s->pos - from;
        static const char *const words[] = { "true", "false", "null" };
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
                if (strlen(words[i]) == length && memcmp(s->text + from, words[i], length) == 0)
                        return TRUE;
        return bad_token(s, from, length, "is not a JSON value");
}

/* One token.  Limits on depth and counts are here, before json-c allocates anything. */
static gboolean check_token(Scan *s)
{
        char c = s->text[s->pos];
        if (strchr(" \t\r\n,:", c)) {
                s->pos++;
                return TRUE;
        }
        if (c == ']' || c == '}') {
                s->pos++;
                if (s->depth > 0) /* else it is json-c's syntax error */
                        s->depth--;
                return TRUE;
        }
        if (++s->values > DM_JSON_MAX_VALUES)
                return bad(s, s->pos, "more values than a document may have");
        if (c == '[' || c == '{') {
                if (++s->depth > DM_JSON_MAX_DEPTH)
                        return bad(s, s->pos, "nested too deep");
                if (++s->containers > DM_JSON_MAX_CONTAINERS)
                        return bad(s, s->pos, "more arrays and objects than a document may have");
                s->pos++;
                return TRUE;
        }
        if (c == '"')
                return check_string(s);
        if (c == '-' || g_ascii_isdigit(c))
                return check_number(s);
        if (g_ascii_isalpha(c))
                return check_word(s);
        return bad(s, s->pos, "unexpected character");
}

static gboolean check_text(const char *text, gsize length, GError **error)
{
        Scan s = { .text = text, .length = length, .error = error };
        const char *end = text;
        if (length > INT_MAX)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "invalid JSON: %zu bytes are too many", length);
        if (length > 0 && !g_utf8_validate_len(text, length, &end)) {
                gsize at = (gsize)(end - text);
                return bad(&s, at, text[at] ? "not valid UTF-8" : "NUL byte");
        }
        while (s.pos < length)
                if (!check_token(&s))
                        return FALSE;
        return TRUE;
}

/* ---- parsing ---- */

static DmJson *parse_checked(struct json_tokener *tokener, const char *text, gsize length, GError **error)
{
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
        g_autoptr(DmJson) j = json_tokener_parse_ex(tokener, text, (int)length);
        enum json_tokener_error result = json_tokener_get_error(tokener);
        gsize end = json_tokener_get_parse_end(tokener);
        if (result == json_tokener_continue) {
                /* A number at the end is complete only once the tokener has seen the NUL. */
                j = json_tokener_parse_ex(tokener, "", 1);
                result = json_tokener_get_error(tokener);
                end = length;
        }
        if (result == json_tokener_continue || result == json_tokener_error_parse_eof)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "invalid JSON at byte %zu: %s", length,
                                    length ? "the text ends too early" : "the text is empty");
        if (result != json_tokener_success)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG, "invalid JSON at byte %zu: %s", end,
                                    json_tokener_error_desc(result));
        while (end < length && strchr(" \t\r\n", text[end]))
                end++;
        if (end < length)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                    "invalid JSON at byte %zu: text after the value", end);
        if (!j)
                return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                    "invalid JSON at byte 0: a document of nothing but null");
        return g_steal_pointer(&j);
}

DmJson *dm_json_parse(const char *text, gsize length, GError **error)
{
        if (!check_text(text, length, error))
                return NULL;
        /* json-c's depth counts the scalar inside the innermost array as a level of its own. */
        struct json_tokener *tokener = json_tokener_new_ex(DM_JSON_MAX_DEPTH + 2);
        g_assert(tokener);
        DmJson *j = parse_checked(tokener, text, length, error);
        json_tokener_free(tokener);
        return j;
}

/* ---- printing ----
 * Not json-c's: json_object_to_json_string() leaves the text inside the object, which is a write to a value
 * that threads may share for reading, and doubles what a kept value costs. */

static void print_string(GString *s, const char *value)
{
        g_string_append_c(s, '"');
        for (const char *p = value; *p;) {
                gsize plain = 0;
                while ((unsigned char)p[plain] >= 0x20 && p[plain] != '"' && p[plain] != '\\' &&
                       p[plain] != 0x7f)
                        plain++;
                g_string_append_len(s, p, (gssize)plain);
                p += plain;
                static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
                if (!*p)
                        break;
                const char *at = strchr(from, *p);
                if (at)
                        g_string_append_printf(s, "\\%c", to[at - from]);
                else
                        g_string_append_printf(s, "\\u%04x", (unsigned char)*p);
                p++;
        }
        g_string_append_c(s, '"');
}

/* The shortest text that reads back as the same double and as a double. */
static void print_double(GString *s, double value)
{
        static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
        char text[G_ASCII_DTOSTR_BUF_SIZE];
        for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
                g_ascii_formatd(text, sizeof text, formats[i], value);
                if (g_ascii_strtod(text, NULL) == value)
                        break;
        }
        g_string_append(s, text);
        if (!strpbrk(text, ".e"))
                g_string_append(s, ".0");
}

#define ONE_LINE (-1)

static void new_line(GString *s, int indent)
{
        if (indent != ONE_LINE)
                g_string_append_printf(s, "\n%*s", indent, "");
}

static void print_value(GString *s, const DmJson *j, int indent)
{
        int inner = indent == ONE_LINE ? ONE_LINE : indent + 2;
        guint64 number;
        switch (json_object_get_type(j)) {
        case json_type_null:
                g_string_append(s, "null");
                break;
        case json_type_boolean:
                g_string_append(s, json_object_get_boolean(j) ? "true" : "false");
                break;
        case json_type_int:
                if (dm_json_to_u64(j, &number))
                        g_string_append_printf(s, "%" G_GUINT64_FORMAT, number);
                else
                        g_string_append_printf(s, "%" G_GINT64_FORMAT, json_object_get_int64(j));
                break;
        case json_type_double:
                print_double(s, json_object_get_double(j));
                break;
        case json_type_string:
                print_string(s, dm_json_string(j));
                break;
        case json_type_array:
                g_string_append_c(s, '[');
                for (gsize i = 0; i < dm_json_length(j); i++) {
                        if (i > 0)
                                g_string_append_c(s, ',');
                        new_line(s, inner);
                        print_value(s, dm_json_at(j, i), inner);
                }
                if (dm_json_length(j) > 0)
                        new_line(s, indent);
                g_string_append_c(s, ']');
                break;
        case json_type_object:
                g_string_append_c(s, '{');
                for (struct lh_entry *e = json_object_get_object(j)->head; e; e = e->next) {
                        if (e->prev)
                                g_string_append_c(s, ',');
                        new_line(s, inner);
                        print_string(s, lh_entry_k(e));
                        g_string_append(s, indent == ONE_LINE ? ":" : ": ");
                        print_value(s, lh_entry_v(e), inner);
                }
                if (json_object_object_length(j) > 0)
                        new_line(s, indent);
                g_string_append_c(s, '}');
                break;
        }
}

char *dm_json_to_string(const DmJson *j)
{
        GString *s = g_string_new(NULL);
        print_value(s, j, ONE_LINE);
        return g_string_free(s, FALSE);
}

char *dm_json_to_pretty(const DmJson *j)
{
        GString *s = g_string_new(NULL);
        print_value(s, j, 0);
        return g_string_free(s, FALSE);
}
