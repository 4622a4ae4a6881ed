/* What is meant by the sources of disks that leave something open: before the disks' own defaults. */
#include "qemu/plan_private.h"

#include "conf/domain_disk.h"

static void explain_engine(DmPlan *p, DmEncryption *e)
{
        if (!e || e->engine)
                return;
        e->engine = DM_ENCRYPTION_QEMU;
        dm_origins_explain(p->domain->origins, &e->engine, "libvirt's default");
}

static void engines(DmPlan *p, DmDisk *disk)
{
        explain_engine(p, disk->encryption);
        for (DmImage *i = &disk->image; i; i = i->backing)
                explain_engine(p, i->source.encryption);
}

void dm_defaults_images(DmPlan *p)
{
        DmOrigins *o = p->domain->origins;
        DM_FOREACH_DEVICE (p->domain, device) {
                DmDisk *disk = (DmDisk *)device;
                if (device->kind != DM_DEVICE_DISK)
                        continue;
                engines(p, disk);
                if (disk->type == DM_DISK_NETWORK && !disk->image.source.protocol) {
                        disk->type = DM_DISK_FILE;
                        dm_origins_explain(o, &disk->type, "an empty drive comes from no network");
                }
                if (disk->type == DM_DISK_VHOSTUSER && !disk->snapshot) {
                        disk->snapshot = DM_DISK_SNAPSHOT_NO;
                        dm_origins_explain(o, &disk->snapshot, "the content is another program's");
                }
        }
}
