/* <controller>: which device of QEMU is meant, what the board has already, and how they are numbered. */
#include "qemu/build_private.h"

#include "conf/domain_disk.h"

#define PXB_FIRST_BUS 256u /* expander buses are numbered downwards from here */

/* ---- what is on the board ---- */

/* TRUE when the controller is part of the board: no -device, and its buses have names of their own. */
static gboolean on_board(const DmPlan *p, const DmController *c)
{
        unsigned flags = p->board->flags;
        if (c->index.value)
                return FALSE;
        switch (c->type) {
        case DM_CONTROLLER_IDE:
                return (flags & DM_BOARD_IDE) != 0;
        case DM_CONTROLLER_SATA:
                return (flags & DM_BOARD_SATA) != 0;
        case DM_CONTROLLER_FDC:
                return (flags & DM_BOARD_FLOPPY) != 0;
        case DM_CONTROLLER_SCSI:
                return (flags & DM_BOARD_SCSI) &&
                       (!c->model || c->model == DM_SCSI_AUTO || c->model == p->board->scsi);
        case DM_CONTROLLER_PCI:
                return c->model == DM_PCI_ROOT || c->model == DM_PCIE_ROOT || !c->model;
        case DM_CONTROLLER_ISA:
                return TRUE;
        case DM_CONTROLLER_USB:
        case DM_CONTROLLER_VIRTIO_SERIAL:
        case DM_CONTROLLER_CCID:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_UNSET:
                break;
        }
        return FALSE;
}

/* ---- defaults ---- */

static void set_model(DmPlan *p, DmController *c, DmControllerModel model, const char *why)
{
        c->model = model;
        dm_origins_explain(p->domain->origins, &c->model, "%s", why);
}

static void default_scsi(DmPlan *p, DmController *c)
{
        if (c->model && c->model != DM_SCSI_AUTO)
                return;
        if (p->board->scsi)
                set_model(p, c, p->board->scsi, "the board's SCSI adapter");
        else if (p->board->flags & DM_BOARD_SPAPR_VIO)
                set_model(p, c, DM_SCSI_IBMVSCSI, "pseries has virtual SCSI of its own");
        else if (p->board->flags & DM_BOARD_CCW)
                set_model(p, c, DM_SCSI_VIRTIO_SCSI, "virtio is the only SCSI of s390x");
        else if (dm_plan_pci(p) && dm_caps_has_driver(p->caps, "lsi"))
                set_model(p, c, DM_SCSI_LSILOGIC, "libvirt's default");
        else if (dm_plan_virtio(p))
                set_model(p, c, DM_SCSI_VIRTIO_SCSI, "the emulator has no lsi");
}

static void default_usb(DmPlan *p, DmController *c, DmResolveFlags flags)
{
        unsigned board = p->board->flags;
        if (c->model)
                return;
        if (board & DM_BOARD_CCW)
                set_model(p, c, DM_USB_NONE, "s390x has no USB");
        else if (board & DM_BOARD_SPAPR_VIO)
                set_model(p, c, flags & DM_RESOLVE_NEW ? DM_USB_QEMU_XHCI : DM_USB_PCI_OHCI,
                          flags & DM_RESOLVE_NEW ? "the default of new pseries guests"
                                                 : "the default that older pseries guests know");
        else if (dm_plan_x86(p) && board & DM_BOARD_PCI && dm_caps_has_driver(p->caps, "piix3-usb-uhci"))
                set_model(p, c, DM_USB_PIIX3_UHCI, "libvirt's default");
        else if (p->board->usb)
                set_model(p, c, p->board->usb, "the board's default");
        else if (board & DM_BOARD_PCI && dm_caps_has_driver(p->caps, "qemu-xhci"))
                set_model(p, c, DM_USB_QEMU_XHCI, "the board has no USB controller of its own");
}

/* What a model of PCI controller is called by QEMU when the document doesn't say. */
static enum DmPciModelName pci_name(const DmPlan *p, const DmController *c)
{
        if (c->type != DM_CONTROLLER_PCI)
                return DM_PCI_NAME_UNSET;
        if (c->model == DM_PCI_ROOT)
                return p->board->flags & DM_BOARD_SPAPR_VIO ? DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE
                                                            : DM_PCI_NAME_UNSET;
        if (c->model == DM_PCIE_ROOT_PORT)
                return dm_caps_has_driver(p->caps, "pcie-root-port") ? DM_PCI_NAME_PCIE_ROOT_PORT
                                                                     : DM_PCI_NAME_IOH3420;
        static const struct {
                DmControllerModel model;
                enum DmPciModelName name;
        } names[] = {
                { DM_PCI_BRIDGE, DM_PCI_NAME_PCI_BRIDGE },
                { DM_DMI_TO_PCI_BRIDGE, DM_PCI_NAME_I82801B11_BRIDGE },
                { DM_PCIE_TO_PCI_BRIDGE, DM_PCI_NAME_PCIE_PCI_BRIDGE },
                { DM_PCIE_SWITCH_UPSTREAM_PORT, DM_PCI_NAME_X3130_UPSTREAM },
                { DM_PCIE_SWITCH_DOWNSTREAM_PORT, DM_PCI_NAME_XIO3130_DOWNSTREAM },
                { DM_PCI_EXPANDER_BUS, DM_PCI_NAME_PXB },
                { DM_PCIE_EXPANDER_BUS, DM_PCI_NAME_PXB_PCIE },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
                if (names[i].model == c->model)
                        return names[i].name;
        return DM_PCI_NAME_UNSET;
}

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmController *c = (DmController *)device;
        (void)error;
        if (c->type == DM_CONTROLLER_SCSI)
                default_scsi(p, c);
        else if (c->type == DM_CONTROLLER_USB)
                default_usb(p, c, flags);
        if (!c->pci_name && pci_name(p, c)) {
                c->pci_name = pci_name(p, c);
                dm_origins_explain(p->domain->origins, &c->pci_name, "QEMU's device of this model");
        }
        return TRUE;
}

static void set_number(DmPlan *p, DmOptU32 *value, unsigned number, const char *why)
{
        if (value->set)
                return;
        *value = (DmOptU32)DM_OPT(number);
        dm_origins_explain(p->domain->origins, value, "%s", why);
}

static unsigned free_bus_number(const DmPlan *p)
{
        unsigned lowest = PXB_FIRST_BUS;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && c->bus_nr.set)
                        lowest = MIN(lowest, c->bus_nr.value);
        }
        return lowest >= 4 ? lowest - 2 : 2;
}

static unsigned free_target_index(const DmPlan *p)
{
        for (unsigned n = 0;; n++) {
                gboolean taken = FALSE;
                DM_FOREACH_DEVICE (p->domain, device) {
                        const DmController *c = (const DmController *)device;
                        taken |= device->kind == DM_DEVICE_CONTROLLER && c->target_index.set &&
                                 c->target_index.value == n;
                }
                if (!taken)
                        return n;
        }
}

static void settle(DmPlan *p, DmDevice *device)
{
        DmController *c = (DmController *)device;
        const DmAddress *a = &device->address;
        if (c->type != DM_CONTROLLER_PCI)
                return;
        if (c->model == DM_PCI_BRIDGE)
                set_number(p, &c->chassis_nr, c->index.value, "the controller's index");
        if (c->model == DM_PCIE_ROOT_PORT || c->model == DM_PCIE_SWITCH_DOWNSTREAM_PORT)
                set_number(p, &c->chassis, c->index.value, "the controller's index");
        if (c->model == DM_PCIE_ROOT_PORT && a->type == DM_ADDRESS_PCI)
                set_number(p, &c->port, a->slot.value << 3 | a->function.value, "follows from its address");
        if (c->model == DM_PCIE_SWITCH_DOWNSTREAM_PORT && a->type == DM_ADDRESS_PCI)
                set_number(p, &c->port, a->slot.value, "follows from its address");
        if (c->model == DM_PCI_EXPANDER_BUS || c->model == DM_PCIE_EXPANDER_BUS)
                set_number(p, &c->bus_nr, free_bus_number(p), "the next free bus number, downwards");
        if (c->pci_name == DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE)
                set_number(p, &c->target_index, free_target_index(p), "the next free host bridge");
}

/* ---- where it goes ---- */

static DmWants wants_pci(const DmController *c)
{
        switch ((int)c->model) {
        case DM_PCIE_ROOT_PORT:
        case DM_DMI_TO_PCI_BRIDGE:
        case DM_PCIE_EXPANDER_BUS:
                return DM_WANTS_PCIE_ROOT;
        case DM_PCIE_TO_PCI_BRIDGE:
        case DM_PCIE_SWITCH_UPSTREAM_PORT:
        case DM_PCIE_SWITCH_DOWNSTREAM_PORT:
                return DM_WANTS_PCIE;
        case DM_PCI_BRIDGE:
        case DM_PCI_EXPANDER_BUS:
                return DM_WANTS_PCI;
        }
        return DM_WANTS_NOTHING;
}

static DmWants wants_scsi(const DmController *c)
{
        switch ((int)c->model) {
        case DM_SCSI_VIRTIO_SCSI:
        case DM_SCSI_VIRTIO_NON_TRANSITIONAL:
                return DM_WANTS_VIRTIO;
        case DM_SCSI_IBMVSCSI:
                return DM_WANTS_SPAPR_VIO;
        }
        return DM_WANTS_PCI;
}

static DmWants wants_usb(const DmController *c)
{
        switch ((int)c->model) {
        case DM_MODEL_UNSET:
        case DM_USB_NONE:
                return DM_WANTS_NOTHING;
        case DM_USB_NEC_XHCI:
        case DM_USB_QEMU_XHCI:
                return DM_WANTS_PCIE;
        }
        return DM_WANTS_PCI;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmController *c = (const DmController *)device;
        if (on_board(p, c))
                return DM_WANTS_NOTHING;
        switch (c->type) {
        case DM_CONTROLLER_PCI:
                return wants_pci(c);
        case DM_CONTROLLER_SCSI:
                return wants_scsi(c);
        case DM_CONTROLLER_USB:
                return wants_usb(c);
        case DM_CONTROLLER_VIRTIO_SERIAL:
                return c->model == DM_VSERIAL_VIRTIO_TRANSITIONAL ? DM_WANTS_PCI : DM_WANTS_VIRTIO;
        case DM_CONTROLLER_IDE:
        case DM_CONTROLLER_SATA:
                return DM_WANTS_PCI;
        case DM_CONTROLLER_CCID:
                return DM_WANTS_USB;
        case DM_CONTROLLER_FDC:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_ISA:
        case DM_CONTROLLER_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        const DmController *c = (const DmController *)device;
        unsigned index = c->index.value;
        (void)n;
        switch (c->type) {
        case DM_CONTROLLER_PCI:
                if (c->model == DM_PCIE_ROOT)
                        return g_strdup_printf("pcie.%u", index);
                /* Some boards call their only PCI bus "pci"; a bridge behind it has a number all the same. */
                if (!index && !g_strcmp0(p->board->pci_bus, "pci"))
                        return g_strdup("pci");
                return g_strdup_printf("pci.%u", index);
        case DM_CONTROLLER_USB:
                return index ? g_strdup_printf("usb%u", index) : g_strdup("usb");
        case DM_CONTROLLER_IDE:
                return on_board(p, c) ? g_strdup("ide") : g_strdup_printf("ide%u", index);
        case DM_CONTROLLER_SATA:
                return on_board(p, c) ? g_strdup("ide") : g_strdup_printf("sata%u", index);
        case DM_CONTROLLER_SCSI:
                return on_board(p, c) ? g_strdup("scsi") : g_strdup_printf("scsi%u", index);
        case DM_CONTROLLER_FDC:
        case DM_CONTROLLER_VIRTIO_SERIAL:
        case DM_CONTROLLER_CCID:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_ISA:
        case DM_CONTROLLER_UNSET:
                break;
        }
        return g_strdup_printf("%s%u", dm_enum_name(&dm_controller_type, c->type), index);
}

/* The order of libvirt's command lines; what is missing there comes last. */
static int rank(const DmDevice *device)
{
        switch (((const DmController *)device)->type) {
        case DM_CONTROLLER_PCI:
                return 0;
        case DM_CONTROLLER_USB:
                return 1;
        case DM_CONTROLLER_SCSI:
                return 2;
        case DM_CONTROLLER_IDE:
                return 3;
        case DM_CONTROLLER_SATA:
                return 4;
        case DM_CONTROLLER_VIRTIO_SERIAL:
                return 5;
        case DM_CONTROLLER_CCID:
                return 6;
        case DM_CONTROLLER_FDC:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_ISA:
        case DM_CONTROLLER_UNSET:
                break;
        }
        return 7;
}

/* ---- checks ---- */

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmController *c = (const DmController *)device;
        const char *type = dm_enum_name(&dm_controller_type, c->type);
        (void)host;
        gboolean virtio_scsi = c->type == DM_CONTROLLER_SCSI &&
                               (c->model == DM_SCSI_VIRTIO_SCSI || c->model == DM_SCSI_VIRTIO_TRANSITIONAL ||
                                c->model == DM_SCSI_VIRTIO_NON_TRANSITIONAL);
        if (c->type == DM_CONTROLLER_XENBUS)
                return dm_plan_fail(p, device, &c->type, error, "QEMU has no %s controllers without Xen",
                                    type);
        if (c->type == DM_CONTROLLER_IDE && !on_board(p, c))
                return dm_plan_fail(p, device, &c->index, error,
                                    "machine '%s' has %s IDE controller; use bus 'sata' or 'scsi'",
                                    p->board_name, p->board->flags & DM_BOARD_IDE ? "only one" : "no");
        if (c->type == DM_CONTROLLER_SCSI && (c->model == DM_SCSI_BUSLOGIC || c->model == DM_SCSI_NCR53C90) &&
            !on_board(p, c))
                return dm_plan_fail(p, device, &c->model, error,
                                    "QEMU has no %s SCSI controller for machine '%s'",
                                    dm_enum_name(&dm_scsi_model, c->model), p->board_name);
        if (c->type == DM_CONTROLLER_SCSI && !c->model && !on_board(p, c))
                return dm_plan_fail(p, device, &c->model, error, "no SCSI controller fits machine '%s'",
                                    p->board_name);
        if ((c->queues.set || c->cmd_per_lun.set || c->max_sectors.set || c->ioeventfd) && !virtio_scsi)
                return dm_plan_fail(
                        p, device, &c->queues, error,
                        "queues, cmd_per_lun, max_sectors and ioeventfd need a virtio-scsi controller");
        if (c->iothread.set && !virtio_scsi)
                return dm_plan_fail(p, device, &c->iothread, error,
                                    "an iothread needs a virtio-scsi controller");
        if (c->iothread.set && !dm_plan_has_iothread(p, c->iothread.value))
                return dm_plan_fail(p, device, &c->iothread, error, "there is no iothread %u in this guest",
                                    c->iothread.value);
        if (c->type == DM_CONTROLLER_PCI && c->model == DM_PCI_ROOT && c->hotplug &&
            !dm_caps_has_prop(p->caps, "PIIX4_PM", "acpi-root-pci-hotplug"))
                return dm_plan_fail(p, device, &c->hotplug, error,
                                    "plugging into the root bus of machine '%s' cannot be switched",
                                    p->board_name);
        if (c->type == DM_CONTROLLER_PCI && !on_board(p, c) && !dm_plan_pci(p))
                return dm_plan_fail(p, device, &c->model, error, "machine '%s' has no PCI", p->board_name);
        if (c->type == DM_CONTROLLER_PCI && device->address.type == DM_ADDRESS_PCI &&
            device->address.bus.value >= c->index.value)
                return dm_plan_fail(p, device, &c->index, error,
                                    "it sits on bus %u, and must have a higher index than that",
                                    device->address.bus.value);
        if (c->type == DM_CONTROLLER_PCI && c->index.value && c->model == DM_PCI_ROOT &&
            !(p->board->flags & DM_BOARD_SPAPR_VIO))
                return dm_plan_fail(p, device, &c->index, error, "machine '%s' has only one host bridge",
                                    p->board_name);
        return TRUE;
}

/* ---- command line ---- */

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmController *c = (const DmController *)device;
        const DmPlan *p = b->plan;
        (void)error;
        if (c->type == DM_CONTROLLER_USB && !c->model && !(p->board->flags & DM_BOARD_USB_ONBOARD))
                dm_command_add(b->command, device, NULL, "-usb", NULL);
        if (c->type == DM_CONTROLLER_PCI && c->model == DM_PCI_ROOT && !c->index.value && c->hotplug &&
            dm_plan_x86(p))
                dm_command_addf(b->command, &c->hotplug, NULL, "-global", "PIIX4_PM.acpi-root-pci-hotplug=%s",
                                dm_enum_name(&dm_on_off, c->hotplug));
        if (c->type == DM_CONTROLLER_PCI && c->pcihole64.set)
                dm_command_addf(b->command, &c->pcihole64, NULL, "-global",
                                "%s.pci-hole64-size=%" G_GUINT64_FORMAT "K",
                                c->model == DM_PCIE_ROOT ? "q35-pcihost" : "i440FX-pcihost",
                                c->pcihole64.value / 1024);
        return TRUE;
}

static void props_pci(const DmController *c, DmJson *props)
{
        dm_json_add_string(props, "driver", dm_enum_name(&dm_pci_model_name, c->pci_name));
        switch (c->pci_name) {
        case DM_PCI_NAME_PCI_BRIDGE:
                dm_props_u32(props, "chassis_nr", c->chassis_nr);
                break;
        case DM_PCI_NAME_PCIE_ROOT_PORT:
        case DM_PCI_NAME_IOH3420:
        case DM_PCI_NAME_XIO3130_DOWNSTREAM:
                dm_props_u32(props, "port", c->port);
                dm_props_u32(props, "chassis", c->chassis);
                break;
        case DM_PCI_NAME_PXB:
        case DM_PCI_NAME_PXB_PCIE:
                dm_props_u32(props, "bus_nr", c->bus_nr);
                break;
        case DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE:
                dm_props_u32(props, "index", c->target_index);
                break;
        case DM_PCI_NAME_I82801B11_BRIDGE:
        case DM_PCI_NAME_X3130_UPSTREAM:
        case DM_PCI_NAME_PCIE_PCI_BRIDGE:
        case DM_PCI_NAME_UNSET:
                break;
        }
        dm_json_add_string(props, "id", c->dev.alias);
        dm_props_u32(props, "numa_node", c->numa_node);
        dm_props_onoff(props, "hotplug", c->hotplug);
}

/* QEMU's name of a model that the enum's name doesn't tell. */
static const char *usb_driver(DmControllerModel model)
{
        static const struct {
                DmControllerModel model;
                const char *driver;
        } drivers[] = {
                { DM_USB_PIIX3_UHCI, "piix3-usb-uhci" },
                { DM_USB_PIIX4_UHCI, "piix4-usb-uhci" },
                { DM_USB_EHCI, "usb-ehci" },
                { DM_USB_ICH9_EHCI1, "ich9-usb-ehci1" },
                { DM_USB_ICH9_UHCI1, "ich9-usb-uhci1" },
                { DM_USB_ICH9_UHCI2, "ich9-usb-uhci2" },
                { DM_USB_ICH9_UHCI3, "ich9-usb-uhci3" },
                { DM_USB_VT82C686B_UHCI, "vt82c686b-usb-uhci" },
                { DM_USB_PCI_OHCI, "pci-ohci" },
                { DM_USB_NEC_XHCI, "nec-usb-xhci" },
                { DM_USB_QEMU_XHCI, "qemu-xhci" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++)
                if (drivers[i].model == model)
                        return drivers[i].driver;
        return NULL;
}

static void props_usb(const DmPlan *p, const DmController *c, DmJson *props)
{
        dm_json_add_string(props, "driver", usb_driver(c->model));
        dm_props_u32(props, "p2", c->ports);
        dm_props_u32(props, "p3", c->ports);
        if (c->master_start_port.set) {
                g_autofree char *master = dm_controller_name(p, DM_CONTROLLER_USB, c->index.value);
                dm_json_add_stringf(props, "masterbus", "%s.0", master);
                dm_props_u32(props, "firstport", c->master_start_port);
        } else {
                dm_json_add_string(props, "id", c->dev.alias);
        }
}

static DmVirtioModel virtio_model(DmControllerModel model)
{
        if (model == DM_SCSI_VIRTIO_TRANSITIONAL || model == DM_VSERIAL_VIRTIO_TRANSITIONAL)
                return DM_VIRTIO_MODEL_TRANSITIONAL;
        if (model == DM_SCSI_VIRTIO_NON_TRANSITIONAL || model == DM_VSERIAL_VIRTIO_NON_TRANSITIONAL)
                return DM_VIRTIO_MODEL_NON_TRANSITIONAL;
        return DM_VIRTIO_MODEL_UNSET;
}

static const char *scsi_driver(DmControllerModel model)
{
        static const struct {
                DmControllerModel model;
                const char *driver;
        } drivers[] = {
                { DM_SCSI_LSILOGIC, "lsi" },         { DM_SCSI_LSISAS1068, "mptsas1068" },
                { DM_SCSI_LSISAS1078, "megasas" },   { DM_SCSI_VMPVSCSI, "pvscsi" },
                { DM_SCSI_IBMVSCSI, "spapr-vscsi" }, { DM_SCSI_DC390, "dc390" },
                { DM_SCSI_AM53C974, "am53c974" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++)
                if (drivers[i].model == model)
                        return drivers[i].driver;
        return NULL;
}

static void props_scsi(const DmPlan *p, const DmController *c, DmJson *props)
{
        const char *driver = scsi_driver(c->model);
        g_autofree char *virtio =
                driver ? NULL : dm_virtio_type(p, &c->dev, "virtio-scsi", virtio_model(c->model));
        dm_json_add_string(props, "driver", driver ? driver : virtio);
        dm_props_virtio(&c->virtio, props);
        if (c->iothread.set)
                dm_json_add_stringf(props, "iothread", "iothread%u", c->iothread.value);
        dm_json_add_string(props, "id", c->dev.alias);
        dm_props_u32(props, "num_queues", c->queues);
        dm_props_u32(props, "cmd_per_lun", c->cmd_per_lun);
        dm_props_u32(props, "max_sectors", c->max_sectors);
        dm_props_onoff(props, "ioeventfd", c->ioeventfd);
}

/* Boot order of floppies belongs to their controller. */
static void props_fdc(const DmPlan *p, const DmController *c, DmJson *props)
{
        dm_json_add_string(props, "driver", "isa-fdc");
        dm_json_add_string(props, "id", c->dev.alias);
        DM_FOREACH_DEVICE (p->domain, device) {
                unsigned index =
                        device->kind == DM_DEVICE_DISK && ((const DmDisk *)device)->bus == DM_DISK_BUS_FDC
                                ? dm_boot_index(p, device)
                                : 0;
                if (index)
                        dm_json_add_uint(props, device->address.unit.value ? "bootindexB" : "bootindexA",
                                         index);
        }
}

static void props_vserial(const DmPlan *p, const DmController *c, DmJson *props)
{
        g_autofree char *driver = dm_virtio_type(p, &c->dev, "virtio-serial", virtio_model(c->model));
        dm_json_add_string(props, "driver", driver);
        dm_props_virtio(&c->virtio, props);
        dm_json_add_string(props, "id", c->dev.alias);
        dm_props_u32(props, "max_ports", c->ports);
        dm_props_u32(props, "vectors", c->vectors);
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmController *c = (const DmController *)device;
        g_autoptr(DmJson) props = dm_json_object_new();
        (void)error;
        if (on_board(p, c))
                return NULL;
        switch (c->type) {
        case DM_CONTROLLER_PCI:
                props_pci(c, props);
                break;
        case DM_CONTROLLER_USB:
                if (!usb_driver(c->model))
                        return NULL;
                props_usb(p, c, props);
                break;
        case DM_CONTROLLER_SCSI:
                props_scsi(p, c, props);
                break;
        case DM_CONTROLLER_SATA:
                dm_json_add_string(props, "driver", "ahci");
                dm_json_add_string(props, "id", device->alias);
                break;
        case DM_CONTROLLER_FDC:
                props_fdc(p, c, props);
                break;
        case DM_CONTROLLER_VIRTIO_SERIAL:
                props_vserial(p, c, props);
                break;
        case DM_CONTROLLER_CCID:
                dm_json_add_string(props, "driver", "usb-ccid");
                dm_json_add_string(props, "id", device->alias);
                break;
        case DM_CONTROLLER_IDE:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_ISA:
        case DM_CONTROLLER_UNSET:
                return NULL;
        }
        dm_props_address(p, device, props);
        return g_steal_pointer(&props);
}

const DmDeviceOps dm_controller_ops = {
        .order = DM_ORDER_CONTROLLER,
        .rank = rank,
        .defaults = defaults,
        .settle = settle,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
};
