/* <hostdev>: devices of the host that are given to the guest.  Who gives them away (binds them to vfio, makes
 * mediated devices) is not decided here. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"
#include "qemu/image_nodes.h"

#include <string.h>

#include "conf/domain_hostdev.h"

#define VHOST_SCSI "/dev/vhost-scsi"
#define ISCSI_PORT 3260u

/* ---- what is filled in ---- */

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmHostdev *h = (DmHostdev *)device;
        DmOrigins *o = p->domain->origins;
        (void)flags;
        (void)error;
        if (!h->mode) {
                h->mode = DM_HOSTDEV_SUBSYSTEM;
                dm_origins_explain(o, &h->mode, "libvirt's default");
        }
        if (!h->managed) {
                h->managed = DM_NO;
                dm_origins_explain(o, &h->managed, "libvirt's default");
        }
        if (h->type == DM_HOSTDEV_PCI && !h->pci.domain.set) {
                h->pci.domain = (DmOptU32)DM_OPT(0);
                dm_origins_explain(o, &h->pci.domain, "hosts without more have this one");
        }
        if (h->type == DM_HOSTDEV_MDEV && h->mdev_model == DM_MDEV_VFIO_PCI && !h->display) {
                h->display = DM_OFF;
                dm_origins_explain(o, &h->display, "a display of its own only when it is asked for");
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmHostdev *h = (const DmHostdev *)device;
        (void)p;
        switch (h->type) {
        case DM_HOSTDEV_PCI:
                return DM_WANTS_PCIE;
        case DM_HOSTDEV_USB:
                return DM_WANTS_USB;
        case DM_HOSTDEV_SCSI:
                return DM_WANTS_DRIVE;
        case DM_HOSTDEV_SCSI_HOST:
                return h->model == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
        case DM_HOSTDEV_MDEV:
                if (h->mdev_model == DM_MDEV_VFIO_AP)
                        return DM_WANTS_NOTHING;
                /* The boards of vfio-ccw have channels where others have PCI. */
                return h->mdev_model == DM_MDEV_VFIO_CCW ? DM_WANTS_VIRTIO : DM_WANTS_PCIE;
        case DM_HOSTDEV_STORAGE:
        case DM_HOSTDEV_MISC:
        case DM_HOSTDEV_NET:
        case DM_HOSTDEV_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("hostdev%u", dm_alias_number(p, device));
}

/* ---- what is possible ---- */

static gboolean check_pci(const DmPlan *p, const DmHostdev *h, GError **error)
{
        if (h->driver && h->driver != DM_INTERFACE_DRIVER_VFIO)
                return dm_plan_fail(p, &h->dev, &h->driver, error,
                                    "QEMU has no driver '%s' for them any more; use 'vfio'",
                                    dm_enum_name(&dm_hostdev_driver, (int)h->driver));
        if (h->write_filtering)
                return dm_plan_fail(p, &h->dev, &h->write_filtering, error,
                                    "writeFiltering belongs to Xen; leave it out");
        return TRUE;
}

static gboolean check_scsi(const DmPlan *p, const DmHostdev *h, GError **error)
{
        if (h->sgio == DM_SGIO_UNFILTERED)
                return dm_plan_fail(p, &h->dev, &h->sgio, error,
                                    "kernels know unfiltered commands no more; leave sgio out");
        if (h->rawio == DM_YES)
                return dm_plan_fail(p, &h->dev, &h->rawio, error,
                                    "QEMU is not given the right to raw I/O; leave rawio out");
        return TRUE;
}

static gboolean is_wwpn(const char *text)
{
        return g_str_has_prefix(text, "naa.") && strlen(text) == 20 &&
               strspn(text + 4, "0123456789abcdefABCDEF") == 16;
}

static gboolean check_mdev(const DmPlan *p, const DmHostdev *h, GError **error)
{
        const char *model = dm_enum_name(&dm_mdev_model, (int)h->mdev_model);
        gboolean ccw = (p->board->flags & DM_BOARD_CCW) != 0;
        if (h->mdev_model != DM_MDEV_VFIO_PCI && !ccw)
                return dm_plan_fail(p, &h->dev, &h->mdev_model, error, "machine '%s' cannot have a '%s'",
                                    p->board_name, model);
        if (h->display == DM_ON && !dm_domain_count(p->domain, DM_DEVICE_GRAPHICS))
                return dm_plan_fail(p, &h->dev, &h->display, error, "display='on' needs <graphics>");
        DM_FOREACH_DEVICE (p->domain, other) {
                if (other == &h->dev)
                        break;
                if (h->mdev_model == DM_MDEV_VFIO_AP && other->kind == DM_DEVICE_HOSTDEV &&
                    ((const DmHostdev *)other)->mdev_model == DM_MDEV_VFIO_AP)
                        return dm_plan_fail(p, &h->dev, &h->mdev_model, error,
                                            "a guest has one device of model 'vfio-ap' at most");
        }
        return TRUE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmHostdev *h = (const DmHostdev *)device;
        (void)host;
        if (h->mode == DM_HOSTDEV_CAPABILITIES)
                return dm_plan_fail(p, device, &h->mode, error,
                                    "mode='capabilities' is for containers; use mode='subsystem'");
        switch (h->type) {
        case DM_HOSTDEV_PCI:
                return check_pci(p, h, error);
        case DM_HOSTDEV_SCSI:
                return check_scsi(p, h, error);
        case DM_HOSTDEV_SCSI_HOST:
                if (!is_wwpn(h->wwpn))
                        return dm_plan_fail(p, device, &h->wwpn, error,
                                            "'%s' is not naa. and 16 hexadecimal digits", h->wwpn);
                break;
        case DM_HOSTDEV_MDEV:
                return check_mdev(p, h, error);
        case DM_HOSTDEV_USB:
        case DM_HOSTDEV_STORAGE:
        case DM_HOSTDEV_MISC:
        case DM_HOSTDEV_NET:
        case DM_HOSTDEV_UNSET:
                break;
        }
        return TRUE;
}

/* ---- scsi: an image whose commands are passed through ---- */

/* "iqn.1992-01.com.example/3" is unit 3 of the target. */
static void add_iscsi(const DmHostdev *h, DmJson *node)
{
        const DmNetHost *server = g_ptr_array_index(h->iscsi_hosts, 0);
        const char *slash = strchr(h->iscsi_name, '/');
        g_autofree char *target =
                slash ? g_strndup(h->iscsi_name, (gsize)(slash - h->iscsi_name)) : g_strdup(h->iscsi_name);
        guint64 lun = 0;
        if (slash)
                g_ascii_string_to_unsigned(slash + 1, 10, 0, G_MAXUINT16, &lun, NULL);
        gboolean six = strchr(server->name, ':') != NULL;
        dm_json_add_string(node, "driver", "iscsi");
        dm_json_add_stringf(node, "portal", "%s%s%s:%u", six ? "[" : "", server->name, six ? "]" : "",
                            server->port.set ? server->port.value : ISCSI_PORT);
        dm_json_add_string(node, "target", target);
        dm_json_add_uint(node, "lun", lun);
        dm_json_add_string(node, "transport", "tcp");
        if (h->auth) {
                dm_json_add_string(node, "user", h->auth->username);
                dm_json_add_stringf(node, "password-secret", "%s-secret0", h->dev.alias);
        }
        dm_json_add_string(node, "initiator-name", h->initiator_iqn);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmHostdev *h = (const DmHostdev *)device;
        if (h->type != DM_HOSTDEV_SCSI)
                return TRUE;
        g_autoptr(DmJson) node = dm_json_object_new();
        if (h->scsi_protocol == DM_SCSI_ISCSI) {
                g_autofree char *id = g_strconcat(device->alias, "-secret0", NULL);
                if (h->auth && !dm_build_secret(b, h->auth, id, &h->auth->secret, NULL, error))
                        return FALSE;
                add_iscsi(h, node);
        } else {
                g_autofree char *path = b->scsi_generic ? b->scsi_generic(b, device, error) : NULL;
                if (!path && b->scsi_generic)
                        return FALSE;
                if (!path)
                        return dm_plan_fail(b->plan, device, device, error,
                                            "which device of the host it is can be told at the start only");
                dm_json_add_string(node, "driver", "host_device");
                dm_json_add_string(node, "filename", path);
        }
        dm_json_add_stringf(node, "node-name", "libvirt-%s-backend", device->alias);
        dm_json_add_bool(node, "read-only", h->readonly);
        dm_build_blockdev(b, device, g_steal_pointer(&node));
        return TRUE;
}

/* ---- properties ---- */

static void props_pci(const DmHostdev *h, DmJson *props)
{
        const DmPciAddress *a = &h->pci;
        dm_json_add_string(props, "driver", "vfio-pci");
        dm_json_add_stringf(props, "host", "%04x:%02x:%02x.%x", a->domain.value, a->bus.value, a->slot.value,
                            a->function.value);
        dm_json_add_string(props, "id", h->dev.alias);
        dm_json_add_string(props, "failover_pair_id",
                           h->teaming == DM_TEAMING_TRANSIENT ? h->teaming_persistent : NULL);
}

static void props_usb(const DmPlan *p, const DmHostdev *h, DmJson *props)
{
        dm_json_add_string(props, "driver", "usb-host");
        if (h->usb_bus.set && dm_caps_has_prop(p->caps, "usb-host", "hostdevice")) {
                dm_json_add_stringf(props, "hostdevice", "/dev/bus/usb/%03u/%03u", h->usb_bus.value,
                                    h->usb_device.value);
        } else {
                dm_props_u32(props, "hostbus", h->usb_bus);
                dm_props_u32(props, "hostaddr", h->usb_device);
        }
        /* One that is named by what it is is looked for by QEMU itself. */
        if (!h->usb_bus.set) {
                dm_props_u32(props, "vendorid", h->usb_vendor);
                dm_props_u32(props, "productid", h->usb_product);
        }
        dm_json_add_string(props, "id", h->dev.alias);
        if (h->guest_reset)
                dm_json_add_bool(props, "guest-reset", h->guest_reset != DM_GUEST_RESET_OFF);
        if (h->guest_reset && h->guest_reset != DM_GUEST_RESET_OFF)
                dm_json_add_bool(props, "guest-resets-all", h->guest_reset == DM_GUEST_RESET_ON);
}

static void props_scsi(const DmPlan *p, const DmHostdev *h, DmJson *props)
{
        dm_json_add_string(props, "driver", "scsi-generic");
        dm_props_scsi_place(p, &h->dev, props);
        if (h->shareable)
                dm_json_add_bool(props, "share-rw", TRUE);
        dm_json_add_stringf(props, "drive", "libvirt-%s-backend", h->dev.alias);
        dm_json_add_string(props, "id", h->dev.alias);
}

static void props_scsi_host(const DmPlan *p, const DmHostdev *h, DmJson *props)
{
        g_autofree char *driver = dm_virtio_type(p, &h->dev, "vhost-scsi", (DmVirtioModel)h->model);
        dm_json_add_string(props, "driver", driver);
        dm_json_add_string(props, "wwpn", h->wwpn);
        dm_json_add_string(props, "id", h->dev.alias);
}

static void props_mdev(const DmHostdev *h, DmJson *props)
{
        /* The frame buffer of the boot is of a type that cannot be plugged. */
        dm_json_add_string(props, "driver",
                           h->ramfb == DM_ON ? "vfio-pci-nohotplug"
                                             : dm_enum_name(&dm_mdev_model, (int)h->mdev_model));
        dm_json_add_string(props, "id", h->dev.alias);
        dm_json_add_stringf(props, "sysfsdev", "/sys/bus/mdev/devices/%s", h->mdev_uuid);
        /* Of type OnOffAuto in QEMU. */
        dm_json_add_string(props, "display", h->display ? dm_enum_name(&dm_on_off, (int)h->display) : NULL);
        if (h->ramfb == DM_ON)
                dm_json_add_bool(props, "ramfb", TRUE);
}

static void add_rom(const DmHostdev *h, DmJson *props)
{
        if (h->rom_enabled == DM_NO) {
                dm_json_add_string(props, "romfile", "");
                return;
        }
        if (h->rom_bar)
                dm_json_add_uint(props, "rombar", h->rom_bar == DM_ON);
        dm_json_add_string(props, "romfile", h->rom_file);
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmHostdev *h = (const DmHostdev *)device;
        (void)error;
        DmJson *j = dm_json_object_new();
        switch (h->type) {
        case DM_HOSTDEV_PCI:
                props_pci(h, j);
                break;
        case DM_HOSTDEV_USB:
                props_usb(p, h, j);
                break;
        case DM_HOSTDEV_SCSI:
                props_scsi(p, h, j);
                break;
        case DM_HOSTDEV_SCSI_HOST:
                props_scsi_host(p, h, j);
                break;
        case DM_HOSTDEV_MDEV:
                props_mdev(h, j);
                break;
        case DM_HOSTDEV_STORAGE:
        case DM_HOSTDEV_MISC:
        case DM_HOSTDEV_NET:
        case DM_HOSTDEV_UNSET:
                break;
        }
        dm_props_boot(p, device, j);
        dm_props_address(p, device, j);
        if (h->type == DM_HOSTDEV_PCI)
                add_rom(h, j);
        return j;
}

static void pass(DmBuild *b, const DmDevice *device, DmJson *j)
{
        if (((const DmHostdev *)device)->type == DM_HOSTDEV_SCSI_HOST)
                dm_props_fd(b, device, DM_FD_VHOST_SCSI, VHOST_SCSI, "vhostfd", j);
}

const DmDeviceOps dm_hostdev_ops = {
        .order = DM_ORDER_HOSTDEV,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
        .pass = pass,
};
