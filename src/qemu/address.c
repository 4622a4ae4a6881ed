/* Bus addresses: where the guest finds each device.  Addresses that were given are kept; the others are taken
 * from what is free, in the order of kinds. */
#include <stdio.h>
#include <string.h>

#include "conf/domain_chardev.h"
#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "qemu/device_ops.h"

#define PCI_SLOTS 32

typedef struct Space {
        DmPlan *plan;
        guint32 slots;       /* of PCI bus 0 that are taken */
        unsigned next_devno; /* ccw */
        unsigned next_port;  /* virtio-serial controller 0 */
        unsigned next_usb;
        unsigned next_drive[8]; /* by DmDiskBus */
} Space;

static DmController *find(const DmPlan *p, DmControllerType type, unsigned index)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                DmController *c = (DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && c->type == type && c->index.value == index)
                        return c;
        }
        return NULL;
}

static DmController *controller(Space *s, DmControllerType type, const char *why)
{
        DmController *c = find(s->plan, type, 0);
        if (c)
                return c;
        c = dm_domain_add_device(s->plan->domain, DM_DEVICE_CONTROLLER);
        c->type = type;
        c->index = (DmOptU32)DM_OPT(0);
        dm_origins_explain(s->plan->domain->origins, c, "%s", why);
        const DmDeviceOps *ops = dm_device_ops(DM_DEVICE_CONTROLLER);
        if (ops->defaults)
                ops->defaults(s->plan, &c->dev, 0, NULL);
        return c;
}

static gboolean give_pci(Space *s, DmDevice *device, GError **error)
{
        DmAddress *a = &device->address;
        for (unsigned slot = MAX(s->plan->board->first_slot, 1); slot < PCI_SLOTS; slot++) {
                if (s->slots & (1u << slot))
                        continue;
                s->slots |= 1u << slot;
                a->type = DM_ADDRESS_PCI;
                a->domain = a->bus = a->function = (DmOptU32)DM_OPT(0);
                a->slot = (DmOptU32)DM_OPT(slot);
                dm_origins_explain(s->plan->domain->origins, a, "first free slot of %s",
                                   s->plan->board->pci_bus);
                return TRUE;
        }
        return dm_plan_fail(s->plan, device, device, error, "no free PCI slot is left on bus '%s'",
                            s->plan->board->pci_bus);
}

static void give_drive(Space *s, DmDisk *d)
{
        static const struct {
                DmControllerType type;
                unsigned per_bus, buses;
        } shapes[] = {
                [DM_DISK_BUS_IDE] = { DM_CONTROLLER_IDE, 2, 2 },
                [DM_DISK_BUS_FDC] = { DM_CONTROLLER_FDC, 2, 1 },
                [DM_DISK_BUS_SCSI] = { DM_CONTROLLER_SCSI, 7, 1 },
                [DM_DISK_BUS_SATA] = { DM_CONTROLLER_SATA, 6, 1 },
        };
        unsigned n = s->next_drive[d->bus]++;
        controller(s, shapes[d->bus].type, "its disks need it");
        DmAddress *a = &d->dev.address;
        a->type = DM_ADDRESS_DRIVE;
        a->controller = (DmOptU32)DM_OPT(0);
        a->bus = (DmOptU32)DM_OPT(n / shapes[d->bus].per_bus);
        a->target = (DmOptU32)DM_OPT(0);
        a->unit = (DmOptU32)DM_OPT(n % shapes[d->bus].per_bus);
        dm_origins_explain(s->plan->domain->origins, a, "next free place of its controller");
}

static gboolean give(Space *s, DmDevice *device, GError **error)
{
        const DmDeviceOps *ops = dm_device_ops(device->kind);
        DmAddress *a = &device->address;
        if (a->type || !ops->wants)
                return TRUE;
        switch (ops->wants(s->plan, device)) {
        case DM_WANTS_VIRTIO:
                if (s->plan->board->flags & DM_BOARD_CCW) {
                        a->type = DM_ADDRESS_CCW;
                        a->cssid = (DmOptU32)DM_OPT(0xfe);
                        a->ssid = (DmOptU32)DM_OPT(0);
                        a->devno = (DmOptU32)DM_OPT(s->next_devno++);
                        return TRUE;
                }
                if (!dm_plan_pci(s->plan)) {
                        a->type = DM_ADDRESS_VIRTIO_MMIO;
                        return TRUE;
                }
                return give_pci(s, device, error);
        case DM_WANTS_PCI:
        case DM_WANTS_PCIE:
        case DM_WANTS_PCIE_ROOT:
                return dm_plan_pci(s->plan)
                               ? give_pci(s, device, error)
                               : dm_plan_fail(s->plan, device, device, error, "machine '%s' has no PCI bus",
                                              s->plan->board_name);
        case DM_WANTS_DRIVE:
                give_drive(s, (DmDisk *)device);
                return TRUE;
        case DM_WANTS_VIRTIO_SERIAL:
                a->type = DM_ADDRESS_VIRTIO_SERIAL;
                a->controller = a->bus = (DmOptU32)DM_OPT(0);
                a->port = (DmOptU32)DM_OPT(++s->next_port);
                return TRUE;
        case DM_WANTS_USB:
                a->type = DM_ADDRESS_USB;
                a->bus = (DmOptU32)DM_OPT(0);
                a->usb_port = g_strdup_printf("%u", ++s->next_usb);
                return TRUE;
        case DM_WANTS_NOTHING:
        case DM_WANTS_SPAPR_VIO:
        case DM_WANTS_ISA:
        case DM_WANTS_CCID:
        case DM_WANTS_DIMM:
                break;
        }
        return TRUE;
}

static gboolean needs_virtio_serial(Space *s)
{
        DM_FOREACH_DEVICE (s->plan->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                if (ops->wants && ops->wants(s->plan, device) == DM_WANTS_VIRTIO_SERIAL)
                        return TRUE;
        }
        return FALSE;
}

gboolean dm_plan_addresses(DmPlan *p, DmFindings *findings G_GNUC_UNUSED, GError **error)
{
        Space s = { .plan = p, .slots = p->board->taken_slots };
        DM_FOREACH_DEVICE (p->domain, device)
                if (device->address.type == DM_ADDRESS_PCI && device->address.bus.value == 0)
                        s.slots |= 1u << device->address.slot.value;
        if (needs_virtio_serial(&s))
                controller(&s, DM_CONTROLLER_VIRTIO_SERIAL, "its ports need it");
        /* Drives first: they may need controllers, which then want addresses themselves. */
        for (guint pass = 0; pass < 2; pass++)
                for (guint i = 0; p->domain->devices && i < p->domain->devices->len; i++) {
                        DmDevice *device = g_ptr_array_index(p->domain->devices, i);
                        gboolean disk = device->kind == DM_DEVICE_DISK &&
                                        dm_device_ops(device->kind)->wants(p, device) == DM_WANTS_DRIVE;
                        guint before = p->domain->devices->len;
                        if (disk == (pass == 0) && !give(&s, device, error))
                                return FALSE;
                        i += p->domain->devices->len - before; /* a controller came in before us */
                }
        return TRUE;
}
