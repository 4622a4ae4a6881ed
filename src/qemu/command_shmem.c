/* <shmem>: memory that several guests see.  <lease>: a lock, which nothing on the command line is about. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include "conf/domain_shmem.h"

#define DEFAULT_SIZE (G_GUINT64_CONSTANT(4) << 20)
#define SHM_DIR      "/dev/shm"

static gboolean shmem_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmShmem *s = (DmShmem *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!s->model) {
                s->model = DM_SHMEM_IVSHMEM;
                dm_origins_explain(o, &s->model, "libvirt's default");
        }
        if (!s->role) {
                s->role = DM_SHMEM_PEER;
                dm_origins_explain(o, &s->role, "libvirt's default");
        }
        if (s->model != DM_SHMEM_DOORBELL && !s->size.set) {
                s->size = (DmOptU64)DM_OPT(DEFAULT_SIZE);
                dm_origins_explain(o, &s->size, "libvirt's default");
        }
        if (s->model == DM_SHMEM_DOORBELL && !s->msi) {
                s->msi = TRUE;
                dm_origins_explain(o, &s->msi, "the doorbell is an interrupt");
        }
        if (s->model == DM_SHMEM_DOORBELL && !s->ioeventfd) {
                s->ioeventfd = DM_ON;
                dm_origins_explain(o, &s->ioeventfd, "libvirt's default");
        }
        return TRUE;
}

static DmWants shmem_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_PCI;
}

static char *shmem_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("shmem%u", dm_alias_number(p, device));
}

static gboolean shmem_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmShmem *s = (const DmShmem *)device;
        (void)host;
        if (s->model == DM_SHMEM_IVSHMEM)
                return dm_plan_fail(
                        p, device, &s->model, error,
                        "QEMU has no 'ivshmem' any more; use 'ivshmem-plain' or 'ivshmem-doorbell'");
        if (s->model == DM_SHMEM_DOORBELL && !s->path)
                return dm_plan_fail(p, device, &s->server, error, "<server> needs a path here");
        return TRUE;
}

static gboolean shmem_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmShmem *s = (const DmShmem *)device;
        if (s->model == DM_SHMEM_DOORBELL) {
                DmChardev line = {
                        .dev = { .kind = DM_DEVICE_SERIAL, .alias = device->alias },
                        .type = DM_CHARDEV_UNIX,
                        .mode = DM_CHARDEV_CONNECT,
                        .path = s->path,
                };
                return dm_build_chardev(b, &line, s, error);
        }
        DmJson *object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", "memory-backend-file");
        dm_json_add_stringf(object, "id", "shmmem-%s", device->alias);
        dm_json_add_stringf(object, "mem-path", SHM_DIR "/%s", s->name);
        dm_json_add_uint(object, "size", s->size.value);
        dm_json_add_bool(object, "share", TRUE);
        dm_build_object(b, device, NULL, object);
        return TRUE;
}

static DmJson *shmem_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmShmem *s = (const DmShmem *)device;
        (void)error;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", dm_enum_name(&dm_shmem_model, (int)s->model));
        dm_json_add_string(props, "id", device->alias);
        if (s->model == DM_SHMEM_DOORBELL) {
                dm_json_add_stringf(props, "chardev", "char%s", device->alias);
                dm_props_u32(props, "vectors", s->vectors);
                dm_props_onoff(props, "ioeventfd", s->ioeventfd);
        } else {
                dm_json_add_stringf(props, "memdev", "shmmem-%s", device->alias);
        }
        /* Of type OnOffAuto in QEMU. */
        dm_json_add_string(props, "master", s->role == DM_SHMEM_MASTER ? "on" : "off");
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_shmem_ops = {
        .order = DM_ORDER_SHMEM,
        .defaults = shmem_defaults,
        .wants = shmem_wants,
        .alias = shmem_alias,
        .check = shmem_check,
        .backend = shmem_backend,
        .props = shmem_props,
};

/* ---- lease ---- */

static gboolean lease_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        (void)host;
        return dm_plan_fail(p, device, device, error,
                            "there is no lock manager that could hold it; leave <lease> out");
}

const DmDeviceOps dm_lease_ops = {
        .order = DM_ORDER_END - 1,
        .check = lease_check,
};
