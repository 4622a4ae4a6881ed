/* Shared by the files of the resolver (resolve*.c) only. */
#pragma once

#include "qemu/emulator.h"
#include "qemu/plan.h"

/* One resolution on its way.  All members are borrowed, save for those of the plan. */
typedef struct DmResolve {
        DmPlan *p;
        DmDomain *d; /* p->domain */
        const DmHost *host;
        DmCapsSource *source;
        DmFindings *findings;
        gboolean seed; /* the syntax of 2007: <os><type> names the accelerator */
        gboolean arch_given, machine_given;
        gboolean loader_is_program;
        DmVirtType want;
} DmResolve;

/* Fails with the place of the first of @value, <os>, <domain> that has one. */
gboolean dm_resolve_fail(const DmResolve *r, const void *value, GError **error, DmErrorCode code,
                         const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Adds @value's place to an error that somebody else made. */
gboolean dm_resolve_place(const DmResolve *r, const void *value, GError **error);
/* A warning or note at the place of @value. */
void dm_resolve_note(const DmResolve *r, DmSeverity severity, const void *value, const char *format, ...)
        G_GNUC_PRINTF(4, 5);
/* Replaces a string of the document.  @text may be the old one. */
void dm_resolve_set(char **member, const char *text);

/* R3: is <loader> a program or firmware? */
gboolean dm_resolve_loader(DmResolve *r, GError **error);
/* R4 and R5: the emulator, the architecture when it follows from that, and whether it offers the domain type.
 */
gboolean dm_resolve_emulator(DmResolve *r, GError **error);
/* R6. */
gboolean dm_resolve_machine(DmResolve *r, GError **error);
/* <os firmware=>: the descriptor that fits. */
gboolean dm_resolve_firmware(DmResolve *r, GError **error);
/* R7. */
gboolean dm_resolve_cpu(DmResolve *r, GError **error);
