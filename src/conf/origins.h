/* Where each value of a document came from: a place in the text, or the default step that filled it in.
 *
 * Keyed by the value's address inside its struct, which never moves.  A value without an entry was not given.
 */
#pragma once

#include <glib.h>

typedef struct DmPlace DmPlace; /* an element: parent, name, index, line; lives as long as its DmOrigins */
typedef struct DmOrigins DmOrigins;

DmOrigins *dm_origins_new(void);
void dm_origins_free(DmOrigins *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmOrigins, dm_origins_free)

/* An element below @parent (NULL: the root).  @name is copied once per name; @index 0 when it cannot repeat,
 * else counted from 1. */
const DmPlace *dm_origins_place(DmOrigins *o, const DmPlace *parent, const char *name, unsigned index,
                                unsigned line);
/* "/domain/devices/disk[2]".  Owned. */
char *dm_place_path(const DmPlace *p);
unsigned dm_place_line(const DmPlace *p);

/* Remembers that @value was read at @place; @attribute is NULL for an element's text or an element itself
 * (borrowed, static). */
void dm_origins_set(DmOrigins *o, const void *value, const DmPlace *place, const char *attribute);
/* Remembers why @value was filled in or changed.  @reason is copied.  The place it was given at stays known.
 */
void dm_origins_explain(DmOrigins *o, const void *value, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* What is known of @from holds for @to. */
void dm_origins_copy(DmOrigins *o, const void *from, const void *to);
/* Forgets [base, base+size): the struct is being freed. */
void dm_origins_forget(DmOrigins *o, const void *base, gsize size);

/* How many values are remembered. */
gsize dm_origins_count(const DmOrigins *o);
/* TRUE when the value was in the text. */
gboolean dm_origins_given(const DmOrigins *o, const void *value);
/* Path ("/domain/os/type/@arch") and line of @value, or NULL and 0.  The path is owned by the caller. */
char *dm_origins_path(const DmOrigins *o, const void *value);
unsigned dm_origins_line(const DmOrigins *o, const void *value);
/* Borrowed; NULL when nobody explained. */
const char *dm_origins_reason(const DmOrigins *o, const void *value);
