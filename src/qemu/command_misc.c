/* Small devices: <memballoon>, <rng>, <watchdog>, <panic>. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include <string.h>

#include "conf/domain_misc.h"

/* ---- memballoon ---- */

static DmVirtioModel balloon_virtio(const DmMemballoon *m)
{
        if (m->model == DM_BALLOON_VIRTIO_TRANSITIONAL)
                return DM_VIRTIO_MODEL_TRANSITIONAL;
        return m->model == DM_BALLOON_VIRTIO_NON_TRANSITIONAL ? DM_VIRTIO_MODEL_NON_TRANSITIONAL
                                                              : DM_VIRTIO_MODEL_VIRTIO;
}

static gboolean balloon_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmMemballoon *m = (DmMemballoon *)device;
        (void)flags;
        (void)error;
        if (m->model)
                return TRUE;
        m->model = dm_plan_virtio(p) ? DM_BALLOON_VIRTIO : DM_BALLOON_NONE;
        dm_origins_explain(p->domain->origins, &m->model,
                           dm_plan_virtio(p) ? "the only balloon that QEMU has" : "the board has no virtio");
        return TRUE;
}

static DmWants balloon_wants(const DmPlan *p, const DmDevice *device)
{
        const DmMemballoon *m = (const DmMemballoon *)device;
        (void)p;
        if (m->model == DM_BALLOON_NONE || m->model == DM_BALLOON_XEN || !m->model)
                return DM_WANTS_NOTHING;
        return m->model == DM_BALLOON_VIRTIO_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
}

static char *balloon_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        const DmMemballoon *m = (const DmMemballoon *)device;
        return m->model == DM_BALLOON_NONE ? NULL : g_strdup_printf("balloon%u", n);
}

static gboolean balloon_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmMemballoon *m = (const DmMemballoon *)device;
        (void)host;
        if (m->model == DM_BALLOON_XEN)
                return dm_plan_fail(p, device, &m->model, error, "QEMU has no balloon 'xen'; use 'virtio'");
        if (m->model != DM_BALLOON_NONE && !dm_plan_virtio(p))
                return dm_plan_fail(p, device, &m->model, error,
                                    "machine '%s' has no virtio; use model 'none'", p->board_name);
        if (m->free_page_reporting && !p->caps->help_era &&
            !dm_caps_has_prop(p->caps, "virtio-balloon-pci", "free-page-reporting") &&
            !dm_caps_has_prop(p->caps, "virtio-balloon-ccw", "free-page-reporting"))
                return dm_plan_fail(p, device, &m->free_page_reporting, error,
                                    "QEMU %s has no free page reporting; 5.1 is the first",
                                    p->caps->version_text);
        return TRUE;
}

static DmJson *balloon_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmMemballoon *m = (const DmMemballoon *)device;
        (void)error;
        if (m->model == DM_BALLOON_NONE)
                return NULL;
        g_autofree char *driver = dm_virtio_type(p, device, "virtio-balloon", balloon_virtio(m));
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&m->virtio, props);
        dm_json_add_string(props, "id", device->alias);
        dm_props_onoff(props, "deflate-on-oom", m->autodeflate);
        dm_props_onoff(props, "free-page-reporting", m->free_page_reporting);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_memballoon_ops = {
        .order = DM_ORDER_BALLOON,
        .defaults = balloon_defaults,
        .wants = balloon_wants,
        .alias = balloon_alias,
        .check = balloon_check,
        .props = balloon_props,
};

/* ---- rng ---- */

#define RNG_PERIOD 1000u /* ms */

static gboolean rng_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmRng *r = (DmRng *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!r->model) {
                r->model = DM_VIRTIO_MODEL_VIRTIO;
                dm_origins_explain(o, &r->model, "the only one that QEMU has");
        }
        if (r->backend == DM_RNG_RANDOM && !r->path) {
                r->path = g_strdup("/dev/random");
                dm_origins_explain(o, &r->path, "libvirt's default");
        }
        if (r->rate_bytes.set && !r->rate_period.set) {
                r->rate_period = (DmOptU32)DM_OPT(RNG_PERIOD);
                dm_origins_explain(o, &r->rate_period, "libvirt's default, one second");
        }
        return TRUE;
}

static DmWants rng_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmRng *)device)->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI
                                                                              : DM_WANTS_VIRTIO;
}

static char *rng_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("rng%u", dm_alias_number(p, device));
}

/* QEMU's object behind the device. */
static const char *rng_object(const DmRng *r)
{
        switch (r->backend) {
        case DM_RNG_RANDOM:
                return "rng-random";
        case DM_RNG_EGD:
                return "rng-egd";
        case DM_RNG_BUILTIN:
                return "rng-builtin";
        case DM_RNG_UNSET:
                break;
        }
        return NULL;
}

static gboolean rng_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmRng *r = (const DmRng *)device;
        const char *object = rng_object(r);
        (void)host;
        if (!dm_plan_virtio(p))
                return dm_plan_fail(p, device, &r->model, error, "machine '%s' has no virtio", p->board_name);
        if (!object)
                return dm_plan_fail(p, device, &r->backend, error, "a <backend> is missing");
        if (r->backend == DM_RNG_EGD && r->egd.type == DM_CHARDEV_UNIX && !r->egd.path)
                return dm_plan_fail(p, device, &r->egd.type, error, "a unix socket needs <source path=>");
        if (!p->caps->help_era && !dm_caps_has_type(p->caps, object))
                return dm_plan_fail(p, device, &r->backend, error, "'%s' (QEMU %s) has no '%s'",
                                    p->caps->path, p->caps->version_text, object);
        return TRUE;
}

/* The line over which an entropy gathering daemon is asked. */
static gboolean rng_line(DmBuild *b, const DmRng *r, GError **error)
{
        DmChardev line = r->egd;
        line.dev.kind = DM_DEVICE_SERIAL;
        line.dev.alias = r->dev.alias;
        return dm_build_chardev(b, &line, r, error);
}

static gboolean rng_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmRng *r = (const DmRng *)device;
        if (r->backend == DM_RNG_EGD && !rng_line(b, r, error))
                return FALSE;
        DmJson *object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", rng_object(r));
        dm_json_add_stringf(object, "id", "obj%s", device->alias);
        if (r->backend == DM_RNG_RANDOM)
                dm_json_add_string(object, "filename", r->path);
        if (r->backend == DM_RNG_EGD)
                dm_json_add_stringf(object, "chardev", "char%s", device->alias);
        dm_build_object(b, device, NULL, object);
        return TRUE;
}

static DmJson *rng_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmRng *r = (const DmRng *)device;
        (void)error;
        g_autofree char *driver = dm_virtio_type(p, device, "virtio-rng", r->model);
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&r->virtio, props);
        dm_json_add_stringf(props, "rng", "obj%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_props_u32(props, "max-bytes", r->rate_bytes);
        if (r->rate_bytes.set)
                dm_props_u32(props, "period", r->rate_period);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_rng_ops = {
        .order = DM_ORDER_RNG,
        .defaults = rng_defaults,
        .wants = rng_wants,
        .alias = rng_alias,
        .check = rng_check,
        .backend = rng_backend,
        .props = rng_props,
};

/* ---- watchdog ---- */

static gboolean watchdog_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmWatchdog *w = (DmWatchdog *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!w->model) {
                gboolean ccw = (p->board->flags & DM_BOARD_CCW) != 0;
                w->model = ccw ? DM_WATCHDOG_DIAG288 : DM_WATCHDOG_I6300ESB;
                dm_origins_explain(o, &w->model, ccw ? "the watchdog of s390x" : "libvirt's default");
        }
        if (!w->action) {
                w->action = DM_WATCHDOG_RESET;
                dm_origins_explain(o, &w->action, "libvirt's default");
        }
        return TRUE;
}

static DmWants watchdog_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmWatchdog *)device)->model == DM_WATCHDOG_I6300ESB ? DM_WANTS_PCI : DM_WANTS_NOTHING;
}

static char *watchdog_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("watchdog%u", n);
}

static gboolean watchdog_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmWatchdog *w = (const DmWatchdog *)device;
        const DmWatchdog *first = dm_domain_device(p->domain, DM_DEVICE_WATCHDOG, 0);
        const char *model = dm_enum_name(&dm_watchdog_model, w->model);
        unsigned flags = p->board->flags;
        (void)host;
        gboolean there = w->model == DM_WATCHDOG_I6300ESB ? (flags & DM_BOARD_PCI) != 0
                         : w->model == DM_WATCHDOG_IB700  ? (flags & DM_BOARD_ISA) != 0
                         : w->model == DM_WATCHDOG_ITCO
                                 ? g_str_has_prefix(p->board_name, "pc-q35") || !strcmp(p->board_name, "q35")
                                 : (flags & DM_BOARD_CCW) != 0;
        if (!there)
                return dm_plan_fail(p, device, &w->model, error, "machine '%s' cannot have a watchdog '%s'",
                                    p->board_name, model);
        /* QEMU knows one action for all of them. */
        if (first->action != w->action)
                return dm_plan_fail(p, device, &w->action, error,
                                    "all watchdogs of a guest must have the same action");
        return TRUE;
}

static gboolean watchdog_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmWatchdog *w = (const DmWatchdog *)device;
        (void)error;
        if (w->model == DM_WATCHDOG_ITCO)
                dm_command_add(b->command, device, NULL, "-global", "ICH9-LPC.noreboot=off");
        if (device != dm_domain_device(b->plan->domain, DM_DEVICE_WATCHDOG, 0))
                return TRUE;
        /* QEMU cannot dump by itself: it pauses, and whoever watches dumps. */
        const char *action =
                w->action == DM_WATCHDOG_DUMP ? "pause" : dm_enum_name(&dm_watchdog_action, w->action);
        dm_command_add(b->command, &w->action, NULL, "-watchdog-action", action);
        return TRUE;
}

static DmJson *watchdog_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmWatchdog *w = (const DmWatchdog *)device;
        (void)error;
        if (w->model == DM_WATCHDOG_ITCO)
                return NULL; /* part of the board's chipset */
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", dm_enum_name(&dm_watchdog_model, w->model));
        dm_json_add_string(props, "id", device->alias);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_watchdog_ops = {
        .order = DM_ORDER_WATCHDOG,
        .defaults = watchdog_defaults,
        .wants = watchdog_wants,
        .alias = watchdog_alias,
        .check = watchdog_check,
        .backend = watchdog_backend,
        .props = watchdog_props,
};

/* ---- panic ---- */

#define PVPANIC_PORT 0x505u

static gboolean panic_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmPanic *d = (DmPanic *)device;
        (void)flags;
        (void)error;
        if (d->model)
                return TRUE;
        if (p->board->flags & DM_BOARD_SPAPR_VIO)
                d->model = DM_PANIC_PSERIES;
        else if (p->board->flags & DM_BOARD_CCW)
                d->model = DM_PANIC_S390;
        else
                d->model = DM_PANIC_ISA;
        dm_origins_explain(p->domain->origins, &d->model, "what the board has");
        return TRUE;
}

static DmWants panic_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmPanic *)device)->model == DM_PANIC_PVPANIC ? DM_WANTS_PCI : DM_WANTS_NOTHING;
}

static gboolean panic_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmPanic *d = (const DmPanic *)device;
        unsigned flags = p->board->flags;
        gboolean there = FALSE;
        (void)host;
        switch (d->model) {
        case DM_PANIC_ISA:
                there = (flags & DM_BOARD_ISA) != 0;
                break;
        case DM_PANIC_PSERIES:
                there = (flags & DM_BOARD_SPAPR_VIO) != 0;
                break;
        case DM_PANIC_S390:
                there = (flags & DM_BOARD_CCW) != 0;
                break;
        case DM_PANIC_PVPANIC:
                there = (flags & DM_BOARD_PCI) != 0;
                break;
        case DM_PANIC_HYPERV:
                there = dm_plan_x86(p);
                break;
        case DM_PANIC_UNSET:
                break;
        }
        if (!there)
                return dm_plan_fail(p, device, &d->model, error,
                                    "machine '%s' cannot have a panic device '%s'", p->board_name,
                                    dm_enum_name(&dm_panic_model, d->model));
        return TRUE;
}

static DmJson *panic_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmPanic *d = (const DmPanic *)device;
        const DmAddress *a = &device->address;
        (void)error;
        if (d->model != DM_PANIC_ISA && d->model != DM_PANIC_PVPANIC)
                return NULL; /* part of the board, or of the processor */
        DmJson *props = dm_json_object_new();
        if (d->model == DM_PANIC_ISA) {
                dm_json_add_string(props, "driver", "pvpanic");
                dm_json_add_uint(props, "ioport", a->iobase.set ? a->iobase.value : PVPANIC_PORT);
        } else {
                dm_json_add_string(props, "driver", "pvpanic-pci");
                dm_props_address(p, device, props);
        }
        return props;
}

const DmDeviceOps dm_panic_ops = {
        .order = DM_ORDER_PANIC,
        .defaults = panic_defaults,
        .wants = panic_wants,
        .check = panic_check,
        .props = panic_props,
};
