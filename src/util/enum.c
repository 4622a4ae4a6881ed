#include "util/enum.h"

#include <string.h>

/* Longer names are never "near" anything; it bounds the work that a hostile document can ask for. */
#define NEAREST_MAX_LENGTH 40

const char *dm_enum_name(const DmEnum *e, int value)
{
        return value > 0 && value < e->n ? e->names[value] : NULL;
}

int dm_enum_value(const DmEnum *e, const char *name)
{
        for (int i = 1; i < e->n; i++)
                if (e->names[i] && strcmp(e->names[i], name) == 0)
                        return i;
        return -1;
}

char *dm_enum_list(const DmEnum *e)
{
        GString *s = g_string_new(NULL);
        for (int i = 1; i < e->n; i++)
                if (e->names[i])
                        g_string_append_printf(s, "%s%s", s->len ? ", " : "", e->names[i]);
        return g_string_free(s, FALSE);
}

/* Levenshtein distance of two short strings, both at most NEAREST_MAX_LENGTH bytes. */
static unsigned distance(const char *a, const char *b)
{
        unsigned row[NEAREST_MAX_LENGTH + 1];
        size_t na = strlen(a), nb = strlen(b);
        for (size_t j = 0; j <= nb; j++)
                row[j] = (unsigned)j;
        for (size_t i = 1; i <= na; i++) {
                unsigned diagonal = row[0];
                row[0] = (unsigned)i;
                for (size_t j = 1; j <= nb; j++) {
                        unsigned above = row[j];
                        unsigned swap = diagonal + (a[i - 1] != b[j - 1]);
                        row[j] = MIN(MIN(above, row[j - 1]) + 1, swap);
                        diagonal = above;
                }
        }
        return row[nb];
}

const char *dm_nearest_name(const char *name, const char *const *names)
{
        size_t length = strlen(name);
        if (length == 0 || length > NEAREST_MAX_LENGTH)
                return NULL;
        const char *best = NULL;
        unsigned best_distance = length <= 3 ? 2 : 3; /* one more than what is accepted */
        for (; *names; names++) {
                if (g_ascii_strcasecmp(name, *names) == 0)
                        return *names;
                if (strlen(*names) > NEAREST_MAX_LENGTH)
                        continue;
                unsigned d = distance(name, *names);
                if (d < best_distance) {
                        best_distance = d;
                        best = *names;
                }
        }
        return best;
}
