/* A command line as a value: options in order, each with the place in the document (or the reason) it comes
 * from.  Building is pure; what needs the host (descriptors, directories) comes in through DmBuild. */
#pragma once

#include "qemu/plan.h"
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

/* One option; @value NULL for a switch.  @origin is an address inside the domain (see origins.h) or NULL; then
 * @why says where the option comes from. */
void dm_command_add(DmCommand *c, const void *origin, const char *why, const char *option, const char *value);
void dm_command_addf(DmCommand *c, const void *origin, const char *why, const char *option, const char *format, ...)
        G_GNUC_PRINTF(5, 6);
void dm_command_env(DmCommand *c, const char *name, const char *value);

gsize dm_command_count(const DmCommand *c);
const DmCommandItem *dm_command_at(const DmCommand *c, gsize i);
/* argv and environment as the kernel wants them.  Owned (g_strfreev). */
char **dm_command_words(const DmCommand *c);
char **dm_command_environment(const DmCommand *c);
/* One option a line, shell-quoted, backslash at line ends; environment first. */
char *dm_command_format(const DmCommand *c);

/* ---- values of options ---- */
/* "a=1,b=on,c.d=x" from an object: commas doubled, booleans on/off, nested objects dotted, arrays indexed.  The first key given
 * in @implied (nullable) is written without its name.  Owned. */
char *dm_keyval(const DmJson *object, const char *implied);
/* Appends ",key=value" with commas doubled. */
void dm_opts_append(GString *s, const char *key, const char *value);

/* ---- building ---- */
/* What the command line needs from the run: names of directories, numbers of descriptors. */
typedef struct DmBuild {
        const DmPlan *plan;
        DmCommand *command; /* owned by the caller */
        int monitor_fd;     /* listening QMP socket, -1: by path */
        const char *monitor_path;
        const char *run_dir; /* the guest's private directory */
        const char *channel_dir; /* sockets of channels without a path */
        const char *nvram_dir;
        gboolean incoming;  /* started to receive a saved guest */
        unsigned next_node; /* for blockdev node names: counts down over the images */
        /* A descriptor to be inherited: returns the number to write on the command line.  NULL: paths are used. */
        int (*pass_fd)(struct DmBuild *b, const char *what, const DmDevice *device);
        void *data;
} DmBuild;

/* The whole command line of b->plan into b->command.  Pure.  Errors name the object and its place. */
gboolean dm_build_command(DmBuild *b, GError **error);

/* Adds one device: JSON where the emulator takes it, key=value otherwise.  Takes @props. */
void dm_build_device(DmBuild *b, const void *origin, DmJson *props);
void dm_build_object(DmBuild *b, const void *origin, const char *why, DmJson *props);
void dm_build_netdev(DmBuild *b, const void *origin, DmJson *props);
void dm_build_blockdev(DmBuild *b, const void *origin, DmJson *props);
/* The sections above the devices (command_machine.c and others). */
gboolean dm_build_machine(DmBuild *b, GError **error);
gboolean dm_build_cpu(DmBuild *b, GError **error);
gboolean dm_build_memory(DmBuild *b, GError **error);
gboolean dm_build_boot(DmBuild *b, GError **error);
gboolean dm_build_clock(DmBuild *b, GError **error);
/* Emulators of the -help era have a builder of their own (command_old.c). */
gboolean dm_build_old(DmBuild *b, GError **error);
