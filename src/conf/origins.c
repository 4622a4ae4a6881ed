/* Places of values, by address (see origins.h).  Places are small and many, so they live in one arena. */
#include "conf/origins.h"

struct DmPlace {
        const DmPlace *parent;
        const char *name; /* in the arena's string chunk */
        unsigned index, line;
};

typedef struct Entry {
        const DmPlace *place;  /* nullable: filled in by a default step */
        const char *attribute; /* static, nullable */
        char *reason;          /* owned, nullable */
} Entry;

#define PLACES_PER_BLOCK 128

struct DmOrigins {
        GHashTable *entries; /* address -> Entry */
        GStringChunk *names;
        GPtrArray *blocks; /* of PLACES_PER_BLOCK DmPlace each */
        unsigned used;     /* in the last block */
};

static void entry_free(void *p)
{
        Entry *e = p;
        g_free(e->reason);
        g_free(e);
}

DmOrigins *dm_origins_new(void)
{
        DmOrigins *o = g_new0(DmOrigins, 1);
        o->entries = g_hash_table_new_full(NULL, NULL, NULL, entry_free);
        o->names = g_string_chunk_new(1024);
        o->blocks = g_ptr_array_new_with_free_func(g_free);
        o->used = PLACES_PER_BLOCK;
        return o;
}

void dm_origins_free(DmOrigins *o)
{
        if (!o)
                return;
        g_hash_table_unref(o->entries);
        g_string_chunk_free(o->names);
        g_ptr_array_unref(o->blocks);
        g_free(o);
}

const DmPlace *dm_origins_place(DmOrigins *o, const DmPlace *parent, const char *name, unsigned index,
                                unsigned line)
{
        if (o->used == PLACES_PER_BLOCK) {
                g_ptr_array_add(o->blocks, g_new(DmPlace, PLACES_PER_BLOCK));
                o->used = 0;
        }
        DmPlace *block = g_ptr_array_index(o->blocks, o->blocks->len - 1);
        DmPlace *p = &block[o->used++];
        *p = (DmPlace){ parent, g_string_chunk_insert_const(o->names, name), index, line };
        return p;
}

static void append_path(GString *s, const DmPlace *p)
{
        if (p->parent)
                append_path(s, p->parent);
        g_string_append_printf(s, "/%s", p->name);
        if (p->index)
                g_string_append_printf(s, "[%u]", p->index);
}

char *dm_place_path(const DmPlace *p)
{
        GString *s = g_string_new(NULL);
        append_path(s, p);
        return g_string_free(s, FALSE);
}

unsigned dm_place_line(const DmPlace *p)
{
        return p->line;
}

static Entry *entry(DmOrigins *o, const void *value)
{
        Entry *e = g_hash_table_lookup(o->entries, value);
        if (!e) {
                e = g_new0(Entry, 1);
                g_hash_table_insert(o->entries, (void *)value, e);
        }
        return e;
}

static const Entry *look(const DmOrigins *o, const void *value)
{
        return o ? g_hash_table_lookup(o->entries, value) : NULL;
}

void dm_origins_set(DmOrigins *o, const void *value, const DmPlace *place, const char *attribute)
{
        if (!o)
                return;
        Entry *e = entry(o, value);
        e->place = place;
        e->attribute = attribute;
}

void dm_origins_explain(DmOrigins *o, const void *value, const char *format, ...)
{
        if (!o)
                return;
        Entry *e = entry(o, value);
        va_list args;
        va_start(args, format);
        g_free(e->reason);
        e->reason = g_strdup_vprintf(format, args);
        va_end(args);
}

void dm_origins_copy(DmOrigins *o, const void *from, const void *to)
{
        const Entry *f = look(o, from);
        if (!f)
                return;
        Entry *t = entry(o, to);
        g_free(t->reason);
        *t = (Entry){ f->place, f->attribute, g_strdup(f->reason) };
}

void dm_origins_forget(DmOrigins *o, const void *base, gsize size)
{
        if (!o)
                return;
        for (gsize i = 0; i < size; i++)
                g_hash_table_remove(o->entries, (const char *)base + i);
}

gsize dm_origins_count(const DmOrigins *o)
{
        return g_hash_table_size(o->entries);
}

gboolean dm_origins_given(const DmOrigins *o, const void *value)
{
        const Entry *e = look(o, value);
        return e && e->place;
}

char *dm_origins_path(const DmOrigins *o, const void *value)
{
        const Entry *e = look(o, value);
        if (!e || !e->place)
                return NULL;
        g_autofree char *path = dm_place_path(e->place);
        return e->attribute ? g_strdup_printf("%s/@%s", path, e->attribute) : g_steal_pointer(&path);
}

unsigned dm_origins_line(const DmOrigins *o, const void *value)
{
        const Entry *e = look(o, value);
        return e && e->place ? e->place->line : 0;
}

const char *dm_origins_reason(const DmOrigins *o, const void *value)
{
        const Entry *e = look(o, value);
        return e ? e->reason : NULL;
}
