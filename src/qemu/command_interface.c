/* <interface>: the network card.  What it is plugged into is in command_netdev.c. */
#include "qemu/interface_private.h"

#include <string.h>

gboolean dm_interface_virtio(const DmInterface *n)
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

static const char *default_model(const DmPlan *p, const DmInterface *n, const char **ret_why)
{
        *ret_why = "the only kind of card that this type can have";
        if (n->type == DM_INTERFACE_VDPA || n->type == DM_INTERFACE_VHOSTUSER)
                return "virtio";
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
        gboolean card = n->type != DM_INTERFACE_HOSTDEV;
        const char *why = NULL, *model = n->model || !card ? NULL : default_model(p, n, &why);
        if (model) {
                n->model = g_strdup(model);
                dm_origins_explain(p->domain->origins, &n->model, "%s", why);
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmInterface *n = (const DmInterface *)device;
        if (n->type == DM_INTERFACE_HOSTDEV)
                return DM_WANTS_PCIE;
        if (on_board(p, n) || !n->model)
                return DM_WANTS_NOTHING;
        if (!strcmp(n->model, "spapr-vlan"))
                return DM_WANTS_SPAPR_VIO;
        if (!strcmp(n->model, "usb-net"))
                return DM_WANTS_USB;
        if (!strcmp(n->model, "ne2k_isa"))
                return DM_WANTS_ISA;
        if (dm_interface_virtio(n))
                return virtio_model(n) == DM_VIRTIO_MODEL_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
        return !strcmp(n->model, "e1000e") || !strcmp(n->model, "igb") ? DM_WANTS_PCIE : DM_WANTS_PCI;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return g_strdup_printf("net%u", dm_alias_number(p, device));
}

/* ---- checks ---- */

/* What only virtio cards can be told. */
static gboolean check_tuning(const DmPlan *p, const DmInterface *n, GError **error)
{
        const struct {
                gboolean given;
                const void *value;
                const char *name;
        } rows[] = {
                { n->txmode, &n->txmode, "txmode" },
                { n->ioeventfd, &n->ioeventfd, "ioeventfd" },
                { n->event_idx, &n->event_idx, "event_idx" },
                { n->rx_queue_size.set, &n->rx_queue_size, "rx_queue_size" },
                { n->tx_queue_size.set, &n->tx_queue_size, "tx_queue_size" },
                { n->rss, &n->rss, "rss" },
                { n->rss_hash_report, &n->rss_hash_report, "rss_hash_report" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (rows[i].given && n->model && !dm_interface_virtio(n))
                        return dm_plan_fail(p, &n->dev, rows[i].value, error,
                                            "%s needs <model type='virtio'>", rows[i].name);
        if (n->tx_queue_size.set && n->type != DM_INTERFACE_VHOSTUSER)
                return dm_plan_fail(p, &n->dev, &n->tx_queue_size, error,
                                    "tx_queue_size is for interfaces of type 'vhostuser'");
        return TRUE;
}

static gboolean check_host(const DmPlan *p, const DmInterface *n, GError **error)
{
        if (n->driver && n->driver != DM_INTERFACE_DRIVER_VFIO)
                return dm_plan_fail(p, &n->dev, &n->driver, error,
                                    "QEMU has no driver '%s' for cards of the host any more; use 'vfio'",
                                    dm_enum_name(&dm_interface_driver, n->driver));
        return TRUE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        const DmVirtioOptions *v = &n->virtio;
        (void)host;
        if (!dm_check_netdev(p, n, error) || !check_tuning(p, n, error))
                return FALSE;
        if (n->type == DM_INTERFACE_HOSTDEV)
                return check_host(p, n, error);
        if ((v->iommu || v->ats || v->packed || v->page_per_vq) && !dm_interface_virtio(n))
                return dm_plan_fail(p, device, &n->virtio, error,
                                    "virtio options need <model type='virtio'>");
        if (n->mtu.set && !dm_interface_virtio(n))
                return dm_plan_fail(p, device, &n->mtu, error, "an MTU can be told to virtio cards only");
        if (!on_board(p, n) && wants(p, device) == DM_WANTS_PCI && !dm_plan_pci(p))
                return dm_plan_fail(p, device, &n->model, error, "machine '%s' has no PCI for a %s card%s%s",
                                    p->board_name, n->model, p->board->nic_model ? "; its own is " : "",
                                    p->board->nic_model ? p->board->nic_model : "");
        return TRUE;
}

/* ---- command line ---- */

/* -nic: the only way to plug a cable into a card that is on the board. */
static void build_nic(DmBuild *b, const DmInterface *n, DmJson *props)
{
        if (b->plan->board->nic_model)
                dm_json_add_string(props, "model", b->plan->board->nic_model);
        dm_json_add_string(props, "mac", n->mac);
        g_autofree char *value = dm_keyval(props, "type");
        dm_command_add(b->command, n, NULL, "-nic", value);
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        if (n->type == DM_INTERFACE_HOSTDEV)
                return TRUE;
        g_autoptr(DmJson) props = dm_netdev_props(b, n, error);
        if (!props)
                return FALSE;
        if (on_board(b->plan, n))
                build_nic(b, n, props);
        else
                dm_build_netdev(b, n, g_steal_pointer(&props));
        return TRUE;
}

static void props_tuning(const DmPlan *p, const DmInterface *n, DmJson *props)
{
        static const char *const modes[] = { [DM_TXMODE_IOTHREAD] = "bh", [DM_TXMODE_TIMER] = "timer" };
        const struct {
                DmOnOff value;
                const char *key;
        } switches[] = {
                { n->ioeventfd, "ioeventfd" },
                { n->event_idx, "event_idx" },
                { n->host_offloads.csum, "csum" },
                { n->host_offloads.gso, "gso" },
                { n->host_offloads.tso4, "host_tso4" },
                { n->host_offloads.tso6, "host_tso6" },
                { n->host_offloads.ecn, "host_ecn" },
                { n->host_offloads.ufo, "host_ufo" },
                { n->host_offloads.mrg_rxbuf, "mrg_rxbuf" },
                { n->guest_offloads.csum, "guest_csum" },
                { n->guest_offloads.tso4, "guest_tso4" },
                { n->guest_offloads.tso6, "guest_tso6" },
                { n->guest_offloads.ecn, "guest_ecn" },
                { n->guest_offloads.ufo, "guest_ufo" },
                { n->rss, "rss" },
                { n->rss_hash_report, "hash" },
        };
        unsigned queues = dm_interface_queues(n);
        if (n->txmode)
                dm_json_add_string(props, "tx", modes[n->txmode]);
        for (gsize i = 0; i < G_N_ELEMENTS(switches); i++)
                dm_props_onoff(props, switches[i].key, switches[i].value);
        if (queues > 1)
                dm_json_add_bool(props, "mq", TRUE);
        /* One interrupt for each direction of each queue, one for changes, one for control. */
        if (queues > 1 && !(p->board->flags & DM_BOARD_CCW))
                dm_json_add_uint(props, "vectors", 2 * queues + 2);
        dm_props_u32(props, "rx_queue_size", n->rx_queue_size);
        dm_props_u32(props, "tx_queue_size", n->tx_queue_size);
        dm_props_u32(props, "host_mtu", n->mtu);
        if (n->teaming == DM_TEAMING_PERSISTENT)
                dm_json_add_bool(props, "failover", TRUE);
}

static void props_rom(const DmInterface *n, DmJson *props)
{
        if (n->rom_enabled == DM_NO) {
                dm_json_add_string(props, "romfile", "");
                return;
        }
        if (n->rom_bar)
                dm_json_add_uint(props, "rombar", n->rom_bar == DM_ON);
        dm_json_add_string(props, "romfile", n->rom_file);
}

/* A card of the host. */
static DmJson *props_host(const DmPlan *p, const DmInterface *n)
{
        const DmAddress *a = &n->host;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", "vfio-pci");
        dm_json_add_stringf(props, "host", "%04x:%02x:%02x.%u", a->domain.value, a->bus.value, a->slot.value,
                            a->function.value);
        dm_json_add_string(props, "id", n->dev.alias);
        if (n->teaming == DM_TEAMING_TRANSIENT)
                dm_json_add_string(props, "failover_pair_id", n->teaming_persistent);
        dm_props_boot(p, &n->dev, props);
        dm_props_address(p, &n->dev, props);
        props_rom(n, props);
        return props;
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmInterface *n = (const DmInterface *)device;
        (void)error;
        if (n->type == DM_INTERFACE_HOSTDEV)
                return props_host(p, n);
        if (on_board(p, n) || !n->model)
                return NULL;
        g_autoptr(DmJson) props = dm_json_object_new();
        g_autofree char *virtio =
                dm_interface_virtio(n) ? dm_virtio_type(p, device, "virtio-net", virtio_model(n)) : NULL;
        dm_json_add_string(props, "driver", virtio ? virtio : n->model);
        dm_props_virtio(&n->virtio, props);
        if (virtio)
                props_tuning(p, n, props);
        dm_json_add_stringf(props, "netdev", "host%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_json_add_string(props, "mac", n->mac);
        dm_props_boot(p, device, props);
        dm_props_address(p, device, props);
        props_rom(n, props);
        return g_steal_pointer(&props);
}

/* Programs that carry the packets. */
static const char *helper(const DmDevice *device)
{
        const DmInterface *n = (const DmInterface *)device;
        return n->type == DM_INTERFACE_USER && n->backend == DM_BACKEND_PASST ? "passt" : NULL;
}

const DmDeviceOps dm_interface_ops = {
        .order = DM_ORDER_INTERFACE,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
        .helper = helper,
};
