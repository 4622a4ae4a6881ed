/* <vsock>, <crypto>: devices that exist as virtio devices only. */
#include "qemu/build_private.h"

#include "conf/domain_virtio.h"

static gboolean check_board(const DmPlan *p, const DmDevice *device, GError **error)
{
        return dm_plan_virtio(p) ||
               dm_plan_fail(p, device, device, error, "machine '%s' has no virtio", p->board_name);
}

/* ---- vsock ---- */

#define VHOST_VSOCK "/dev/vhost-vsock"

static gboolean vsock_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmVsock *v = (DmVsock *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!v->model) {
                v->model = DM_VIRTIO_MODEL_VIRTIO;
                dm_origins_explain(o, &v->model, "the only one that QEMU has");
        }
        if (!v->auto_cid) {
                v->auto_cid = v->cid.set ? DM_NO : DM_YES;
                dm_origins_explain(o, &v->auto_cid, "%s",
                                   v->cid.set ? "an address is given" : "none is given");
        }
        return TRUE;
}

static DmWants vsock_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmVsock *)device)->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI
                                                                                : DM_WANTS_VIRTIO;
}

static char *vsock_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("vsock%u", n);
}

static gboolean vsock_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        (void)host;
        return check_board(p, device, error);
}

/* Whoever starts the guest takes a free number, and writes it down, before. */
static gboolean vsock_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        return ((const DmVsock *)device)->cid.set ||
               dm_plan_fail(b->plan, device, device, error,
                            "which address is free is known at the start only; give <cid address=>");
}

static DmJson *vsock_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmVsock *v = (const DmVsock *)device;
        g_autofree char *driver = dm_virtio_type(p, device, "vhost-vsock", v->model);
        (void)error;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&v->virtio, props);
        dm_json_add_string(props, "id", device->alias);
        dm_props_u32(props, "guest-cid", v->cid);
        dm_props_address(p, device, props);
        return props;
}

static void vsock_pass(DmBuild *b, const DmDevice *device, DmJson *props)
{
        dm_props_fd(b, device, DM_FD_VSOCK, VHOST_VSOCK, "vhostfd", props);
}

const DmDeviceOps dm_vsock_ops = {
        .order = DM_ORDER_VSOCK,
        .defaults = vsock_defaults,
        .wants = vsock_wants,
        .alias = vsock_alias,
        .check = vsock_check,
        .backend = vsock_backend,
        .props = vsock_props,
        .pass = vsock_pass,
};

/* ---- crypto ---- */

static DmWants crypto_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_VIRTIO;
}

static char *crypto_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("crypto%u", dm_alias_number(p, device));
}

static const char *crypto_object(const DmCrypto *c)
{
        return c->backend == DM_CRYPTO_LKCF ? "cryptodev-backend-lkcf" : "cryptodev-backend-builtin";
}

static gboolean crypto_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmCrypto *c = (const DmCrypto *)device;
        (void)host;
        if (!p->caps->help_era && !dm_caps_has_type(p->caps, crypto_object(c)))
                return dm_plan_fail(p, device, &c->backend, error, "'%s' (QEMU %s) has no '%s'",
                                    p->caps->path, p->caps->version_text, crypto_object(c));
        if (c->backend == DM_CRYPTO_BUILTIN && c->queues.value > 1)
                return dm_plan_fail(p, device, &c->queues, error, "the built-in backend has one queue only");
        return check_board(p, device, error);
}

static gboolean crypto_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmCrypto *c = (const DmCrypto *)device;
        DmJson *object = dm_json_object_new();
        (void)error;
        dm_json_add_string(object, "qom-type", crypto_object(c));
        dm_json_add_stringf(object, "id", "obj%s", device->alias);
        dm_props_u32(object, "queues", c->queues);
        dm_build_object(b, device, NULL, object);
        return TRUE;
}

static DmJson *crypto_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmCrypto *c = (const DmCrypto *)device;
        g_autofree char *driver = dm_virtio_type(p, device, "virtio-crypto", DM_VIRTIO_MODEL_VIRTIO);
        (void)error;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&c->virtio, props);
        dm_json_add_stringf(props, "cryptodev", "obj%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_crypto_ops = {
        .order = DM_ORDER_CRYPTO,
        .wants = crypto_wants,
        .alias = crypto_alias,
        .check = crypto_check,
        .backend = crypto_backend,
        .props = crypto_props,
};
