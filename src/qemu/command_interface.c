/* <interface>: the network card and what it is plugged into. */
#include "qemu/device_ops.h"

#include <string.h>

#include "conf/domain_interface.h"

static gboolean is_virtio(const DmInterface *n)
{
        return n->model && g_str_has_prefix(n->model, "virtio");
}

static DmVirtioModel virtio_model(const DmInterface *n)
{
        if (!strcmp(n->model, "virtio-transitional"))
                return DM_VIRTIO_MODEL_TRANSITIONAL;
        if (!strcmp(n->model, "virtio-non-transitional"))
                return DM_VIRTIO_MODEL_NON_TRANSITIONAL;
        return DM_VIRTIO_MODEL_VIRTIO;
}

/* The card that sits on the board: the first of the board's model. */
static gboolean on_board(const DmPlan *p, const DmInterface *n)
{
        if (!(p->board->flags & DM_BOARD_NIC_ONBOARD) || n->dev.address.type == DM_ADDRESS_PCI)
                return FALSE;
        return !n->model || !p->board->nic_model || !strcmp(n->model, p->board->nic_model);
}

/* ---- defaults ---- */

static const char *default_model(const DmPlan *p, const char **ret_why)
{
        *ret_why = "the board's default";
        if (p->board->nic_model)
                return p->board->nic_model;
        if (p->board->flags & DM_BOARD_CCW)
                return "virtio";
        if (dm_plan_pci(p) && dm_caps_has_type(p->caps, "rtl8139")) {
                *ret_why = "libvirt's default";
                return "rtl8139";
        }
        if (dm_plan_pci(p) && dm_caps_has_type(p->caps, "e1000")) {
                *ret_why = "the emulator has no rtl8139";
                return "e1000";
        }
        return dm_plan_virtio(p) ? "virtio" : NULL;
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmInterface *n = (DmInterface *)device;
        (void)flags;
        (void)error;
        const char *why = NULL, *model = n->model ? NULL : default_model(p, &why);
        if (model) {
                n->model = g_strdup(model);
                dm_origins_explain(p->domain->origins, &n->model, "%s", why);
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmInterface *n = (const DmInterface *)device;
        if (on_board(p, n) || !n->model)
                return DM_WANTS_NOTHING;
        if (!strcmp(n->model, "spapr-vlan"))
                return DM_WANTS_SPAPR_VIO;
        if (!strcmp(n->model, "usb-net"))
                return DM_WANTS_USB;
        if (!strcmp(n->model, "ne2k_isa"))
                return DM_WANTS_ISA;
        if (is_virtio(n))
                return virtio_model(n) == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
        return !strcmp(n->model, "e1000e") || !strcmp(n->model, "igb") ? DM_WANTS_PCIE : DM_WANTS_PCI;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("net%u", dm_alias_number(p, device));
}

/* ---- checks ---- */

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        const DmVirtioOptions *v = &n->virtio;
        (void)host;
        if (n->type && n->type != DM_INTERFACE_USER)
                return dm_plan_fail(p, device, &n->type, error,
                                    "interfaces of type '%s' are not supported; use 'user'",
                                    dm_enum_name(&dm_interface_type, n->type));
        if (n->queues.value > 1)
                return dm_plan_fail(p, device, &n->queues, error,
                                    "an interface of type 'user' has one queue only");
        if ((v->iommu || v->ats || v->packed || v->page_per_vq) && !is_virtio(n))
                return dm_plan_fail(p, device, &n->virtio, error,
                                    "virtio options need <model type='virtio'>");
        if (n->mtu.set && !is_virtio(n))
                return dm_plan_fail(p, device, &n->mtu, error, "an MTU can be told to virtio cards only");
        if (!on_board(p, n) && wants(p, device) == DM_WANTS_PCI && !dm_plan_pci(p))
                return dm_plan_fail(p, device, &n->model, error, "machine '%s' has no PCI for a %s card%s%s",
                                    p->board_name, n->model, p->board->nic_model ? "; its own is " : "",
                                    p->board->nic_model ? p->board->nic_model : "");
        return TRUE;
}

/* ---- command line ---- */

static DmJson *netdev(const DmInterface *n)
{
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "type", "user");
        for (guint i = 0; n->ips && i < n->ips->len; i++) {
                const DmInterfaceIp *ip = g_ptr_array_index(n->ips, i);
                gboolean six = ip->family == DM_FAMILY_IPV6;
                if (six || !ip->prefix.set)
                        dm_json_add_string(j, six ? "ipv6-prefix" : "net", ip->address);
                else
                        dm_json_add_stringf(j, "net", "%s/%u", ip->address, ip->prefix.value);
                if (six)
                        dm_props_u32(j, "ipv6-prefixlen", ip->prefix);
        }
        dm_json_add_stringf(j, "id", "host%s", n->dev.alias);
        return j;
}

/* -nic: the only way to plug a cable into a card that is on the board. */
static void build_nic(DmBuild *b, const DmInterface *n)
{
        g_autoptr(DmJson) props = netdev(n);
        if (b->plan->board->nic_model)
                dm_json_add_string(props, "model", b->plan->board->nic_model);
        dm_json_add_string(props, "mac", n->mac);
        g_autofree char *value = dm_keyval(props, "type");
        dm_command_add(b->command, n, NULL, "-nic", value);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        (void)error;
        if (on_board(b->plan, n))
                build_nic(b, n);
        else
                dm_build_netdev(b, n, netdev(n));
        return TRUE;
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        (void)error;
        if (on_board(p, n) || !n->model)
                return NULL;
        g_autoptr(DmJson) props = dm_json_object_new();
        g_autofree char *virtio =
                is_virtio(n) ? dm_virtio_type(p, device, "virtio-net", virtio_model(n)) : NULL;
        dm_json_add_string(props, "driver", virtio ? virtio : n->model);
        dm_props_virtio(&n->virtio, props);
        dm_props_u32(props, "host_mtu", n->mtu);
        dm_json_add_stringf(props, "netdev", "host%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_json_add_string(props, "mac", n->mac);
        dm_props_boot(p, device, props);
        dm_props_address(p, device, props);
        if (n->rom_enabled == DM_NO) {
                dm_json_add_string(props, "romfile", "");
        } else {
                if (n->rom_bar)
                        dm_json_add_uint(props, "rombar", n->rom_bar == DM_ON);
                dm_json_add_string(props, "romfile", n->rom_file);
        }
        return g_steal_pointer(&props);
}

const DmDeviceOps dm_interface_ops = {
        .order = DM_ORDER_INTERFACE,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
};
