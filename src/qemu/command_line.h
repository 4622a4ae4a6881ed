/* A command line as a value: options in order, each with the place in the document (or the reason) it comes
 * from. */
#pragma once

#include <glib.h>

#include "util/json.h"

typedef struct DmCommand DmCommand;

typedef struct DmCommandItem {
        char *option;       /* "-device"; owned */
        char *value;        /* nullable; owned */
        const void *origin; /* a value inside the domain, for its origins; nullable */
        const char *why;    /* static text where no origin tells; nullable */
} DmCommandItem;

DmCommand *dm_command_new(const char *program);
void dm_command_free(DmCommand *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmCommand, dm_command_free)

/* One option; @value NULL for a switch.  @origin is an address inside the domain (see origins.h) or NULL;
 * then
 * @why says where the option comes from. */
void dm_command_add(DmCommand *c, const void *origin, const char *why, const char *option, const char *value);
void dm_command_addf(DmCommand *c, const void *origin, const char *why, const char *option,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);
void dm_command_env(DmCommand *c, const char *name, const char *value);

gsize dm_command_count(const DmCommand *c);
const DmCommandItem *dm_command_at(const DmCommand *c, gsize i);
/* argv and environment as the kernel wants them.  Owned (g_strfreev). */
char **dm_command_words(const DmCommand *c);
char **dm_command_environment(const DmCommand *c);
/* One option a line, shell-quoted, backslash at line ends; environment first. */
char *dm_command_format(const DmCommand *c);

/* ---- values of options ---- */
/* "a=1,b=on,c.d=x" from an object: commas doubled, booleans on/off, nested objects dotted, lists by repeating
 * the key (an element {"str": "x"} is written as x), as the options of emulators without JSON want it.  The
 * key @implied (nullable) comes first and is written without its name.  Owned. */
char *dm_keyval(const DmJson *object, const char *implied);
/* Appends ",key=value" with commas doubled; without the first comma when @s is empty. */
void dm_opts_append(GString *s, const char *key, const char *value);
void dm_opts_appendf(GString *s, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);
