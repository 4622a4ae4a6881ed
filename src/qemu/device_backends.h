/* The host's side of devices, as far as several kinds share it: character devices, audio, passed files. */
#pragma once

#include "qemu/device_ops.h"

/* The backend of <audio id=> @id, the first one when that is unset.  NULL: there is none, or the emulator has
 * no names for them.  Owned. */
char *dm_audio_name(const DmPlan *p, DmOptU32 id);
/* Every guest has an audio backend, if only one that is silent. */
void dm_plan_default_audio(DmPlan *p);

/* A character device's host side, "-chardev …,id=char<alias>", shared by the kinds that have one.  @origin:
 * the device in the domain that @c belongs to, or is. */
gboolean dm_build_chardev(DmBuild *b, const DmChardev *c, const void *origin, GError **error);
/* Path of a unix socket of ours: the given one, or one in b->channel_dir.  NULL: neither.  Owned. */
char *dm_chardev_path(const DmBuild *b, const DmChardev *c);
/* Can this emulator have @c as the host's end of @device's line? */
gboolean dm_check_chardev(const DmPlan *p, const DmDevice *device, const DmChardev *c, GError **error);
/* Passes @path as a descriptor if the run wants it so: returns what to write instead, "/dev/fdset/0".  Owned;
 * NULL: the path.  @suffix says what it is for, in QEMU's own lists. */
char *dm_build_fd_path(DmBuild *b, const DmDevice *device, const void *origin, DmFdUse use, const char *path,
                       const char *suffix);
/* "bus" of the SCSI adapter that @device is on, and its numbers there. */
void dm_props_scsi_place(const DmPlan *p, const DmDevice *device, DmJson *props);
/* TRUE when others can be let see all of the guest's memory. */
gboolean dm_plan_memory_shared(const DmPlan *p);
/* The console that shows the first serial line again: no device of its own. */
gboolean dm_console_is_serial(const DmChardev *console);
/* Which ports of spice are to be free ones of the host: of <graphics type='spice'> @device. */
void dm_spice_free_ports(const DmDevice *device, const DmSettings *s, gboolean *ret_plain, gboolean *ret_tls);
