/* A command line as a value: its options, its environment, and the ways options write their values.  Knows
 * nothing about guests (build.c does). */
#include "qemu/command_line.h"

#include <string.h>

struct DmCommand {
        char *program;
        GArray *items;    /* DmCommandItem */
        GPtrArray *names; /* of the environment, in order; owned */
        GPtrArray *values;
};

static void item_clear(gpointer data)
{
        DmCommandItem *item = data;
        g_free(item->option);
        g_free(item->value);
}

DmCommand *dm_command_new(const char *program)
{
        DmCommand *c = g_new0(DmCommand, 1);
        c->program = g_strdup(program);
        c->items = g_array_new(FALSE, FALSE, sizeof(DmCommandItem));
        g_array_set_clear_func(c->items, item_clear);
        c->names = g_ptr_array_new_with_free_func(g_free);
        c->values = g_ptr_array_new_with_free_func(g_free);
        return c;
}

void dm_command_free(DmCommand *c)
{
        if (!c)
                return;
        g_free(c->program);
        g_array_unref(c->items);
        g_ptr_array_unref(c->names);
        g_ptr_array_unref(c->values);
        g_free(c);
}

void dm_command_add(DmCommand *c, const void *origin, const char *why, const char *option, const char *value)
{
        /* An option that nobody can explain is a bug of the builder. */
        g_assert(origin || why);
        DmCommandItem item = { g_strdup(option), g_strdup(value), origin, why };
        g_array_append_val(c->items, item);
}

void dm_command_addf(DmCommand *c, const void *origin, const char *why, const char *option,
                     const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *value = g_strdup_vprintf(format, args);
        va_end(args);
        dm_command_add(c, origin, why, option, value);
}

void dm_command_env(DmCommand *c, const char *name, const char *value)
{
        g_ptr_array_add(c->names, g_strdup(name));
        g_ptr_array_add(c->values, g_strdup(value));
}

gsize dm_command_count(const DmCommand *c)
{
        return c->items->len;
}

const DmCommandItem *dm_command_at(const DmCommand *c, gsize i)
{
        g_assert(i < c->items->len);
        return &g_array_index(c->items, DmCommandItem, i);
}

char **dm_command_words(const DmCommand *c)
{
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(words, g_strdup(c->program));
        for (gsize i = 0; i < c->items->len; i++) {
                const DmCommandItem *item = dm_command_at(c, i);
                g_ptr_array_add(words, g_strdup(item->option));
                if (item->value)
                        g_ptr_array_add(words, g_strdup(item->value));
        }
        g_ptr_array_add(words, NULL);
        return (char **)g_ptr_array_steal(words, NULL);
}

char **dm_command_environment(const DmCommand *c)
{
        char **all = g_new0(char *, c->names->len + 1);
        for (guint i = 0; i < c->names->len; i++)
                all[i] = g_strconcat(g_ptr_array_index(c->names, i), "=", g_ptr_array_index(c->values, i),
                                     NULL);
        return all;
}

/* Appends @word as a shell reads it back. */
static void append_quoted(GString *s, const char *word)
{
        static const char plain[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%_+=:,./-";
        if (word[0] && !word[strspn(word, plain)]) {
                g_string_append(s, word);
                return;
        }
        g_string_append_c(s, '\'');
        for (const char *p = word; *p; p++) {
                if (*p == '\'')
                        g_string_append(s, "'\\''");
                else
                        g_string_append_c(s, *p);
        }
        g_string_append_c(s, '\'');
}

char *dm_command_format(const DmCommand *c)
{
        GString *s = g_string_new(NULL);
        for (guint i = 0; i < c->names->len; i++) {
                g_string_append_printf(s, "%s=", (const char *)g_ptr_array_index(c->names, i));
                append_quoted(s, g_ptr_array_index(c->values, i));
                g_string_append(s, " \\\n");
        }
        append_quoted(s, c->program);
        for (gsize i = 0; i < c->items->len; i++) {
                const DmCommandItem *item = dm_command_at(c, i);
                g_string_append(s, " \\\n");
                append_quoted(s, item->option);
                if (item->value) {
                        g_string_append_c(s, ' ');
                        append_quoted(s, item->value);
                }
        }
        g_string_append_c(s, '\n');
        return g_string_free(s, FALSE);
}

/* ---- values of options ---- */

static void append_escaped(GString *s, const char *value)
{
        for (const char *p = value; *p; p++) {
                if (*p == ',')
                        g_string_append_c(s, ',');
                g_string_append_c(s, *p);
        }
}

void dm_opts_append(GString *s, const char *key, const char *value)
{
        if (s->len)
                g_string_append_c(s, ',');
        g_string_append_printf(s, "%s=", key);
        append_escaped(s, value);
}

void dm_opts_appendf(GString *s, const char *key, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        g_autofree char *value = g_strdup_vprintf(format, args);
        va_end(args);
        dm_opts_append(s, key, value);
}

/* Text of a scalar as options write it.  Owned. */
static char *scalar(const DmJson *value)
{
        if (dm_json_kind(value) == DM_JSON_STRING)
                return g_strdup(dm_json_string(value));
        char *text = dm_json_to_string(value);
        if (dm_json_kind(value) != DM_JSON_BOOL)
                return text;
        gboolean on = text[0] == 't';
        g_free(text);
        return g_strdup(on ? "on" : "off");
}

typedef struct Keyval {
        GString *s;
        const char *prefix;  /* "" or "a.b." */
        const char *implied; /* already written; nullable */
} Keyval;

static void keyval_value(GString *s, const char *key, DmJson *value);

/* Numbers that follow each other are a range. */
static void keyval_numbers(GString *s, const char *key, const DmJson *list)
{
        gint64 first = 0, last = 0, next = 0;
        for (gsize i = 0; i < dm_json_length(list); i++) {
                dm_json_to_i64(dm_json_at(list, i), &first);
                last = first;
                while (dm_json_to_i64(dm_json_at(list, i + 1), &next) && next == last + 1) {
                        last = next;
                        i++;
                }
                if (last > first)
                        dm_opts_appendf(s, key, "%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, first, last);
                else
                        dm_opts_appendf(s, key, "%" G_GINT64_FORMAT, first);
        }
}

static void keyval_member(const char *key, DmJson *value, void *data)
{
        const Keyval *k = data;
        if (k->implied && !strcmp(key, k->implied))
                return;
        g_autofree char *name = g_strconcat(k->prefix, key, NULL);
        keyval_value(k->s, name, value);
}

static void keyval_value(GString *s, const char *key, DmJson *value)
{
        DmJsonKind kind = dm_json_kind(value);
        if (kind == DM_JSON_OBJECT) {
                g_autofree char *prefix = g_strconcat(key, ".", NULL);
                dm_json_each(value, keyval_member, &(Keyval){ s, prefix, NULL });
        } else if (kind == DM_JSON_ARRAY && dm_json_kind(dm_json_at(value, 0)) == DM_JSON_INT) {
                keyval_numbers(s, key, value);
        } else if (kind == DM_JSON_ARRAY) {
                for (gsize i = 0; i < dm_json_length(value); i++) {
                        DmJson *item = dm_json_at(value, i), *text = dm_json_get(item, "str");
                        keyval_value(s, key, text ? text : item);
                }
        } else {
                g_autofree char *text = scalar(value);
                dm_opts_append(s, key, text);
        }
}

char *dm_keyval(const DmJson *object, const char *implied)
{
        GString *s = g_string_new(NULL);
        const DmJson *first = implied ? dm_json_get(object, implied) : NULL;
        if (first) {
                g_autofree char *text = scalar(first);
                append_escaped(s, text);
        }
        dm_json_each(object, keyval_member, &(Keyval){ s, "", implied });
        return g_string_free(s, FALSE);
}
