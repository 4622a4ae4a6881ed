/* Addresses of drives, from the names of their targets, and the controllers that they sit on. */
#include "qemu/address_private.h"

#include "util/error.h"

/* How libvirt counts the places of a bus: so many units on a bus of a controller.  (Seven on SCSI, whatever
 * the adapter could do: the addresses of guests must not depend on its model.) */
typedef struct Shape {
        DmDiskBus bus;
        DmControllerType controller;
        unsigned buses, units;
} Shape;

#define SCSI_UNITS 7

/* In the order in which controllers are added. */
static const Shape shapes[] = {
        { DM_DISK_BUS_SCSI, DM_CONTROLLER_SCSI, 1, SCSI_UNITS },
        { DM_DISK_BUS_FDC, DM_CONTROLLER_FDC, 1, 2 },
        { DM_DISK_BUS_IDE, DM_CONTROLLER_IDE, 2, 2 },
        { DM_DISK_BUS_SATA, DM_CONTROLLER_SATA, 1, 6 },
};

/* More controllers of one type than any guest can use. */
#define CONTROLLER_MAX 255

static const Shape *shape_of(const DmDisk *disk)
{
        for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
                if (shapes[i].bus == disk->bus)
                        return &shapes[i];
        return NULL;
}

static gboolean give(const DmPlan *p, DmDisk *disk, const Shape *shape, GError **error)
{
        DmAddress *a = &disk->dev.address;
        int index = dm_disk_index(disk->dst);
        if (index < 0)
                return dm_plan_fail(
                        p, &disk->dev, &disk->dst, error,
                        "the name '%s' tells no place on bus '%s'; use a name such as '%s', or give an "
                        "<address type='drive'>",
                        disk->dst, dm_enum_name(&dm_disk_bus, (int)disk->bus),
                        disk->bus == DM_DISK_BUS_FDC ? "fda" : "sda");
        unsigned n = (unsigned)index, each = shape->buses * shape->units;
        a->type = DM_ADDRESS_DRIVE;
        a->controller = (DmOptU32)DM_OPT(n / each);
        a->bus = (DmOptU32)DM_OPT(n % each / shape->units);
        a->target = (DmOptU32)DM_OPT(0);
        a->unit = (DmOptU32)DM_OPT(n % shape->units);
        dm_origins_explain(p->domain->origins, a, "follows from the name '%s'", disk->dst);
        return TRUE;
}

/* ---- checks ---- */

/* How many buses and units controller @index of the disk's bus has; FALSE: nothing is known. */
static gboolean capacity(const DmPlan *p, const DmDisk *disk, unsigned *ret_buses, unsigned *ret_units)
{
        unsigned on_board = p->board->ide_buses;
        gboolean own = disk->dev.address.controller.value == 0;
        *ret_buses = 1;
        *ret_units = 2;
        switch ((int)disk->bus) {
        case DM_DISK_BUS_IDE:
                *ret_buses = p->board->flags & DM_BOARD_IDE && on_board ? on_board : 2;
                return TRUE;
        case DM_DISK_BUS_SATA:
                *ret_units = own && p->board->flags & DM_BOARD_SATA && on_board ? on_board : 6;
                return TRUE;
        case DM_DISK_BUS_FDC:
                return TRUE;
        }
        return FALSE;
}

/* A place that follows from a name must exist.  One that was given is the document's own risk, as with
 * libvirt: QEMU refuses it, and it is said beforehand. */
static gboolean check_place(const DmPlan *p, const DmDisk *disk, gboolean given, DmFindings *findings,
                            GError **error)
{
        const DmAddress *a = &disk->dev.address;
        unsigned buses, units;
        const char *bus = dm_enum_name(&dm_disk_bus, (int)disk->bus);
        if (a->controller.value > CONTROLLER_MAX)
                return dm_plan_fail(p, &disk->dev, a, error,
                                    "controller %u is beyond the %d that are possible", a->controller.value,
                                    CONTROLLER_MAX);
        if (disk->bus == DM_DISK_BUS_FDC && a->controller.value)
                return dm_plan_fail(p, &disk->dev, a, error,
                                    "a guest has at most two floppy drives, fda and fdb");
        if (!capacity(p, disk, &buses, &units) || (a->bus.value < buses && a->unit.value < units))
                return TRUE;
        g_autoptr(GError) reason = NULL;
        dm_plan_fail(p, &disk->dev, a, &reason,
                     "bus %u, unit %u of %s controller %u is not there: on machine '%s' it has %u of %u; use "
                     "another "
                     "<target dev=> or <address>",
                     a->bus.value, a->unit.value, bus, a->controller.value, p->board_name, buses, units);
        if (!given) {
                g_propagate_error(error, g_steal_pointer(&reason));
                return FALSE;
        }
        dm_findings_add(findings, DM_SEVERITY_WARNING, DM_ERROR_UNSUPPORTED, dm_error_line(reason),
                        dm_error_path(reason), "%s", reason->message);
        return TRUE;
}

static char *key_of(const DmDevice *device)
{
        DmDiskBus bus = device->kind == DM_DEVICE_DISK ? ((const DmDisk *)device)->bus : DM_DISK_BUS_SCSI;
        g_autofree char *text = dm_address_describe(&device->address);
        return g_strdup_printf("%s %s", dm_enum_name(&dm_disk_bus, (int)bus), text);
}

static gboolean check_unique(const DmPlan *p, GError **error)
{
        g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        DM_FOREACH_DEVICE (p->domain, device) {
                gboolean drive = device->kind == DM_DEVICE_DISK || device->kind == DM_DEVICE_HOSTDEV;
                if (!drive || device->address.type != DM_ADDRESS_DRIVE)
                        continue;
                g_autofree char *key = key_of(device);
                const DmDevice *other = g_hash_table_lookup(taken, key);
                if (other)
                        return dm_address_conflict(p, device, key, other, error);
                g_hash_table_insert(taken, g_steal_pointer(&key), device);
        }
        return TRUE;
}

/* ---- controllers ---- */

static gboolean add_controllers(DmPlan *p, const Shape *shape, GError **error)
{
        int highest = -1;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDisk *disk = (const DmDisk *)device;
                if (device->kind == DM_DEVICE_DISK && disk->bus == shape->bus &&
                    device->address.type == DM_ADDRESS_DRIVE)
                        highest = MAX(highest, (int)device->address.controller.value);
        }
        for (int index = 0; index <= highest; index++)
                if (!dm_plan_need_controller(p, shape->controller, (unsigned)index, "disks are on it", error))
                        return FALSE;
        return TRUE;
}

/* ---- devices of the host: no name tells their place ---- */

static gboolean unit_taken(const DmPlan *p, unsigned controller, unsigned unit)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmAddress *a = &device->address;
                const DmDisk *disk = (const DmDisk *)device;
                gboolean scsi = device->kind == DM_DEVICE_DISK ? disk->bus == DM_DISK_BUS_SCSI
                                                               : device->kind == DM_DEVICE_HOSTDEV;
                if (scsi && a->type == DM_ADDRESS_DRIVE && a->controller.value == controller &&
                    !a->bus.value && !a->target.value && a->unit.value == unit)
                        return TRUE;
        }
        return FALSE;
}

static gboolean place_hostdev(DmPlan *p, DmDevice *device, GError **error)
{
        DmAddress *a = &device->address;
        unsigned controller = 0, unit = 0;
        while (!a->type && unit_taken(p, controller, unit))
                if (++unit == SCSI_UNITS) {
                        unit = 0;
                        controller++;
                }
        if (!a->type) {
                a->type = DM_ADDRESS_DRIVE;
                a->controller = (DmOptU32)DM_OPT(controller);
                a->bus = (DmOptU32)DM_OPT(0);
                a->target = (DmOptU32)DM_OPT(0);
                a->unit = (DmOptU32)DM_OPT(unit);
                dm_origins_explain(p->domain->origins, a, "the first free place on a SCSI bus");
        }
        if (a->controller.value > CONTROLLER_MAX)
                return dm_plan_fail(p, device, a, error, "controller %u is beyond the %d that are possible",
                                    a->controller.value, CONTROLLER_MAX);
        for (unsigned i = 0; i <= a->controller.value; i++)
                if (!dm_plan_need_controller(p, DM_CONTROLLER_SCSI, i, "devices of the host are on it",
                                             error))
                        return FALSE;
        return TRUE;
}

static gboolean place_hostdevs(DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->kind == DM_DEVICE_HOSTDEV && dm_address_wants(p, device) == DM_WANTS_DRIVE &&
                    !place_hostdev(p, device, error))
                        return FALSE;
        return TRUE;
}

gboolean dm_address_drives(DmPlan *p, DmFindings *findings, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                DmDisk *disk = (DmDisk *)device;
                const Shape *shape = device->kind == DM_DEVICE_DISK ? shape_of(disk) : NULL;
                if (!shape)
                        continue;
                gboolean given = device->address.type != DM_ADDRESS_NONE;
                if (!given && !give(p, disk, shape, error))
                        return FALSE;
                if (device->address.type == DM_ADDRESS_DRIVE && !check_place(p, disk, given, findings, error))
                        return FALSE;
        }
        if (!place_hostdevs(p, error) || !check_unique(p, error))
                return FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
                if (!add_controllers(p, &shapes[i], error))
                        return FALSE;
        return TRUE;
}
