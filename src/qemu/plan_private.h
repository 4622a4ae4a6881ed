/* Shared by the files that complete a plan (defaults*.c, address*.c) only. */
#pragma once

#include "conf/domain_chardev.h"
#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "qemu/device_ops.h"

/* Fills in what @device left open, by its own rules (defaults.c). */
gboolean dm_plan_own_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error);

/* Sorts the devices of each group of @kind by @place; what is equal keeps its order.  @together: the groups
 * stand one after another, in the order in which they come up first; else each keeps its places. */
void dm_plan_sort(DmDomain *d, DmDeviceKind kind, gboolean together, int (*group)(const DmDevice *),
                  gint64 (*place)(const DmDevice *));

/* ---- controllers (defaults_controllers.c) ---- */
/* The controller of @type with @index (of USB: the one that is no companion); NULL when there is none. */
DmController *dm_plan_find_controller(const DmPlan *p, DmControllerType type, unsigned index);
/* Adds one behind the others.  Its own defaults are
 * filled in; @why says what needs it.  NULL with the reason. */
DmController *dm_plan_add_controller(DmPlan *p, DmControllerType type, unsigned index,
                                     DmControllerModel model, DmResolveFlags flags, const char *why,
                                     GError **error);
/* The same unless it is there already. */
gboolean dm_plan_need_controller(DmPlan *p, DmControllerType type, unsigned index, const char *why,
                                 GError **error);
/* The lowest index that no controller of @type has. */
unsigned dm_plan_free_index(const DmPlan *p, DmControllerType type);
/* The controllers without an index get one; those of one type are put in order. */
void dm_defaults_number_controllers(DmPlan *p);
/* What the board has, or gets by custom: PCI root, USB, SATA. */
gboolean dm_defaults_board_controllers(DmPlan *p, DmResolveFlags flags, GError **error);

/* ---- devices (defaults_devices.c) ---- */
/* What is meant by a console or serial line without a type: before the devices' own defaults. */
void dm_defaults_chardev_types(DmPlan *p);
/* Inputs, balloon, panic device, console and serial line, display, MAC addresses: what the board or other
 * devices imply.  The devices of the document have their own defaults already. */
gboolean dm_defaults_add_devices(DmPlan *p, DmResolveFlags flags, GError **error);
/* The primary display stands first: before the devices' own defaults. */
void dm_defaults_sort_videos(DmPlan *p);
/* Sources of disks: before the devices' own defaults. */
void dm_defaults_images(DmPlan *p);
/* Disks of one bus stand together, in the order of their names. */
void dm_defaults_sort_disks(DmPlan *p);

/* Names beyond this number are taken for no disk's name. */
#define DM_DISK_INDEX_MAX 65536
/* What libvirt's number of a disk's name is: 0 for "vda", 26 for "sdaa"; -1: no such name. */
int dm_disk_index(const char *name);
