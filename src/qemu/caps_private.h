/* Filling a DmCaps: between the files caps*.c.  A DmCaps is written by one thread until it is handed out. */
#pragma once

#include "qemu/caps.h"

/* Rows that read QEMU's query-machines and query-cpu-definitions, and our own files, which keep those words.
 */
extern const DmJsonField dm_machine_fields[];
extern const DmJsonField dm_cpu_model_fields[];

/* Arrays of what the elements of @answer tell; an element without a name is left out.  Owned. */
GPtrArray *dm_machines_read(const DmJson *answer);
GPtrArray *dm_cpu_models_read(const DmJson *answer);
GPtrArray *dm_machines_new(void);
GPtrArray *dm_cpu_models_new(void);

/* Adds to one of the sets of a DmCaps.  Strings are shared by all of them: binaries differ in few. */
void dm_caps_add(GHashTable *set, const char *name);
GHashTable *dm_caps_set_copy(GHashTable *set);
void dm_caps_add_feature(DmCaps *c, const char *scope, char separator, const char *name);
void dm_caps_set_version(DmCaps *c, unsigned major, unsigned minor, unsigned micro, const char *package);
void dm_caps_add_accel(DmCaps *c, DmAccel a);
/* To be called when all is asked: what ran on tcg needs no second start for tcg_models. */
void dm_caps_finish(DmCaps *c);

/* The same emulator under another path (NULL: the same).  What the caller then replaces is the new one's own.
 */
DmCaps *dm_caps_view(const DmCaps *base, const char *path);

/* All that the table of caps_schema.c asks for, out of a reply to query-qmp-schema. */
void dm_caps_take_schema(DmCaps *c, const DmJson *schema);
/* TRUE when @name is in that table. */
gboolean dm_caps_schema_known(const char *name);
void dm_caps_schema_describe(GString *text);

/* Types whose properties are asked for. */
typedef enum DmPropQuery {
        DM_PROP_DEVICE,  /* device-list-properties */
        DM_PROP_OBJECT,  /* qom-list-properties */
        DM_PROP_MACHINE, /* likewise, of the newest version of a family of machines */
} DmPropQuery;

typedef struct DmPropType {
        const char *type;
        DmPropQuery query;
        const char *target; /* only for this target of QEMU; NULL: any */
} DmPropType;
/* Ended by a row without type. */
extern const DmPropType dm_prop_types[];
#define DM_PROP_TYPES_MAX 64
