/* Names of enum values, as they stand in documents and output.  By convention value 0 of every enum that a
 * document can hold is "unset" and has the name NULL. */
#pragma once

#include <glib.h>

typedef struct DmEnum {
        const char *what;         /* what a value is, for messages: "disk bus" */
        const char *const *names; /* n entries; [0] is NULL (unset); a hole is NULL as well */
        int n;
} DmEnum;

/* DM_ENUM_TABLE(dm_disk_bus, "disk bus", [DM_DISK_BUS_IDE] = "ide", ...) defines `const DmEnum dm_disk_bus`.
 */
#define DM_ENUM_TABLE(ident, what_, ...)                            \
        static const char *const ident##_names[] = { __VA_ARGS__ }; \
        const DmEnum ident = { what_, ident##_names, G_N_ELEMENTS(ident##_names) }

/* Name of @value, NULL when unset or out of range.  Borrowed, static. */
const char *dm_enum_name(const DmEnum *e, int value);

/* Value of @name (exact, case-sensitive), or -1. */
int dm_enum_value(const DmEnum *e, const char *name);

/* "ide, scsi, virtio": all names, for messages.  Owned by the caller. */
char *dm_enum_list(const DmEnum *e);

/* The entry of the NULL-terminated @names nearest to @name: equal but for case, else within edit distance 2
 * (1 for names of up to 3 letters).  NULL when nothing is near.  Borrowed from @names. */
const char *dm_nearest_name(const char *name, const char *const *names);
