/* Ids of what a running guest consists of: aliases of devices, numbers of images.  And the check of a device
 * against the emulator. */
#include "qemu/device_ops.h"

#include "conf/domain_disk.h"

#define USER_PREFIX "ua-"

unsigned dm_alias_number(const DmPlan *p, const DmDevice *device)
{
        unsigned n = 0;
        DM_FOREACH_DEVICE (p->domain, other) {
                if (other == device)
                        break;
                n += other->kind == device->kind &&
                     !(other->alias && g_str_has_prefix(other->alias, USER_PREFIX));
        }
        return n;
}

static void raise_next(const DmDisk *d, unsigned *next)
{
        *next = MAX(*next, d->index.value + 1);
        for (const DmImage *i = d->image.backing; i; i = i->backing)
                *next = MAX(*next, i->chain_index.value + 1);
}

static void number_chain(DmDisk *d, unsigned *next)
{
        if (!d->index.set)
                d->index = (DmOptU32)DM_OPT((*next)++);
        for (DmImage *i = d->image.backing; i && i->type; i = i->backing)
                if (!i->chain_index.set)
                        i->chain_index = (DmOptU32)DM_OPT((*next)++);
}

/* Numbers of images count up from the last disk to the first, and down each chain, as libvirt prepares them;
 * those that have one (the guest runs) keep it, and a disk that is added gets the next. */
static void number_images(DmDomain *d)
{
        unsigned next = 1;
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_DISK)
                        raise_next((DmDisk *)device, &next);
        for (guint i = d->devices ? d->devices->len : 0; i-- > 0;) {
                DmDisk *disk = g_ptr_array_index(d->devices, i);
                if (disk->dev.kind != DM_DEVICE_DISK || disk->bus == DM_DISK_BUS_SD)
                        continue;
                if (!disk->transient || disk->share_backing != DM_YES)
                        number_chain(disk, &next);
        }
}

gboolean dm_plan_aliases(DmPlan *p, GError **error)
{
        (void)error;
        unsigned counts[DM_DEVICE_N] = { 0 };
        number_images(p->domain);
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                unsigned n = counts[device->kind]++;
                if (ops->settle)
                        ops->settle(p, device);
                if (!device->alias && ops->alias)
                        device->alias = ops->alias(p, device, n);
        }
        return TRUE;
}

gboolean dm_device_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmDeviceOps *ops = dm_device_ops(device->kind);
        if (ops->check && !ops->check(p, device, host, error))
                return FALSE;
        /* What an emulator of the -help era has as devices is not known by name. */
        if (!ops->props || p->caps->help_era)
                return TRUE;
        g_autoptr(GError) reason = NULL;
        g_autoptr(DmJson) props = ops->props(p, device, &reason);
        if (reason) {
                g_propagate_error(error, g_steal_pointer(&reason));
                return FALSE;
        }
        const char *driver = dm_json_get_string(props, "driver");
        if (driver && !dm_caps_has_driver(p->caps, driver))
                return dm_plan_fail(p, device, device, error,
                                    "'%s' (QEMU %s) has no device '%s'; choose another model", p->caps->path,
                                    p->caps->version_text, driver);
        return TRUE;
}
