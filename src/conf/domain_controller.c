/* <controller>: rows, and which models each type has. */
#include "conf/domain_controller.h"

DM_ENUM_TABLE(dm_controller_type, "controller type", [DM_CONTROLLER_IDE] = "ide", [DM_CONTROLLER_FDC] = "fdc",
              [DM_CONTROLLER_SCSI] = "scsi", [DM_CONTROLLER_SATA] = "sata",
              [DM_CONTROLLER_VIRTIO_SERIAL] = "virtio-serial", [DM_CONTROLLER_CCID] = "ccid",
              [DM_CONTROLLER_USB] = "usb", [DM_CONTROLLER_PCI] = "pci", [DM_CONTROLLER_XENBUS] = "xenbus",
              [DM_CONTROLLER_ISA] = "isa");
DM_ENUM_TABLE(dm_pci_model, "pci controller model", [DM_PCI_ROOT] = "pci-root", [DM_PCIE_ROOT] = "pcie-root",
              [DM_PCI_BRIDGE] = "pci-bridge", [DM_DMI_TO_PCI_BRIDGE] = "dmi-to-pci-bridge",
              [DM_PCIE_TO_PCI_BRIDGE] = "pcie-to-pci-bridge", [DM_PCIE_ROOT_PORT] = "pcie-root-port",
              [DM_PCIE_SWITCH_UPSTREAM_PORT] = "pcie-switch-upstream-port",
              [DM_PCIE_SWITCH_DOWNSTREAM_PORT] = "pcie-switch-downstream-port",
              [DM_PCI_EXPANDER_BUS] = "pci-expander-bus", [DM_PCIE_EXPANDER_BUS] = "pcie-expander-bus");
DM_ENUM_TABLE(dm_usb_model,
              "usb controller model", [DM_USB_PIIX3_UHCI] = "piix3-uhci", [DM_USB_PIIX4_UHCI] = "piix4-uhci",
              [DM_USB_EHCI] = "ehci", [DM_USB_ICH9_EHCI1] = "ich9-ehci1", [DM_USB_ICH9_UHCI1] = "ich9-uhci1",
              [DM_USB_ICH9_UHCI2] = "ich9-uhci2", [DM_USB_ICH9_UHCI3] = "ich9-uhci3",
              [DM_USB_VT82C686B_UHCI] = "vt82c686b-uhci", [DM_USB_PCI_OHCI] = "pci-ohci",
              [DM_USB_NEC_XHCI] = "nec-xhci", [DM_USB_QEMU_XHCI] = "qemu-xhci", [DM_USB_NONE] = "none",
              [DM_USB_QUSB1] = "qusb1", [DM_USB_QUSB2] = "qusb2");
DM_ENUM_TABLE(
        dm_scsi_model, "scsi controller model", [DM_SCSI_AUTO] = "auto", [DM_SCSI_BUSLOGIC] = "buslogic",
        [DM_SCSI_LSILOGIC] = "lsilogic", [DM_SCSI_LSISAS1068] = "lsisas1068",
        [DM_SCSI_LSISAS1078] = "lsisas1078", [DM_SCSI_VMPVSCSI] = "vmpvscsi", [DM_SCSI_IBMVSCSI] = "ibmvscsi",
        [DM_SCSI_VIRTIO_SCSI] = "virtio-scsi", [DM_SCSI_VIRTIO_TRANSITIONAL] = "virtio-transitional",
        [DM_SCSI_VIRTIO_NON_TRANSITIONAL] = "virtio-non-transitional", [DM_SCSI_NCR53C90] = "ncr53c90",
        [DM_SCSI_DC390] = "dc390", [DM_SCSI_AM53C974] = "am53c974");
DM_ENUM_TABLE(
        dm_ide_model,
        "ide controller model", [DM_IDE_PIIX3] = "piix3", [DM_IDE_PIIX4] = "piix4", [DM_IDE_ICH6] = "ich6");
DM_ENUM_TABLE(dm_vserial_model, "virtio-serial controller model", [DM_VSERIAL_VIRTIO] = "virtio",
              [DM_VSERIAL_VIRTIO_TRANSITIONAL] = "virtio-transitional",
              [DM_VSERIAL_VIRTIO_NON_TRANSITIONAL] = "virtio-non-transitional");
DM_ENUM_TABLE(dm_pci_model_name, "pci controller's model name", [DM_PCI_NAME_PCI_BRIDGE] = "pci-bridge",
              [DM_PCI_NAME_I82801B11_BRIDGE] = "i82801b11-bridge", [DM_PCI_NAME_IOH3420] = "ioh3420",
              [DM_PCI_NAME_X3130_UPSTREAM] = "x3130-upstream",
              [DM_PCI_NAME_XIO3130_DOWNSTREAM] = "xio3130-downstream", [DM_PCI_NAME_PXB] = "pxb",
              [DM_PCI_NAME_PXB_PCIE] = "pxb-pcie", [DM_PCI_NAME_PCIE_ROOT_PORT] = "pcie-root-port",
              [DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE] = "spapr-pci-host-bridge",
              [DM_PCI_NAME_PCIE_PCI_BRIDGE] = "pcie-pci-bridge");

const DmEnum *dm_controller_models(DmControllerType type)
{
        switch (type) {
        case DM_CONTROLLER_IDE:
                return &dm_ide_model;
        case DM_CONTROLLER_SCSI:
                return &dm_scsi_model;
        case DM_CONTROLLER_VIRTIO_SERIAL:
                return &dm_vserial_model;
        case DM_CONTROLLER_USB:
                return &dm_usb_model;
        case DM_CONTROLLER_PCI:
                return &dm_pci_model;
        case DM_CONTROLLER_FDC:
        case DM_CONTROLLER_SATA:
        case DM_CONTROLLER_CCID:
        case DM_CONTROLLER_XENBUS:
        case DM_CONTROLLER_ISA:
        case DM_CONTROLLER_UNSET:
                break;
        }
        return NULL;
}

#define ON(TYPE) DM_WHEN(DmController, type, DM_CONTROLLER_##TYPE)

static const DmXmlRow model_rows[] = {
        DM_ENUM(DmController, pci_name, "name", dm_pci_model_name, .flags = DM_REQUIRED | DM_ABI,
                .doc = "QEMU's device behind the model."),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "pci: which device implements it." };

static const DmXmlRow target_rows[] = {
        DM_U32(DmController, chassis_nr, "chassisNr", .min = 1, .max = 255, .flags = DM_ABI,
               .doc = "Of pci-bridge."),
        DM_U32(DmController, chassis, "chassis", .max = 255, .flags = DM_ABI, .doc = "Of a port."),
        DM_U32(DmController, port, "port", .hex = 1, .max = 255, .flags = DM_ABI),
        DM_U32(DmController, bus_nr, "busNr", .min = 1, .max = 254, .flags = DM_ABI,
               .doc = "Of an expander bus."),
        DM_U32(DmController, target_index, "index", .max = 30, .flags = DM_ABI,
               .doc = "pseries: of a host bridge."),
        DM_ENUM(DmController, hotplug, "hotplug", dm_on_off, .flags = DM_ABI),
        DM_U32(DmController, numa_node, "node", .as = DM_AS_ELEMENT, .flags = DM_ABI,
               .doc = "Guest NUMA node of the bus."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "pci: what the guest sees." };

static const DmXmlRow master_rows[] = {
        DM_U32(DmController, master_start_port, "startport", .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement master_element = { "master", master_rows,
                                             .doc = "usb: a companion's place at its master." };

static const DmXmlRow driver_rows[] = {
        DM_U32(DmController, queues, "queues", .min = 1, .flags = DM_ABI, .doc = "virtio-scsi: queues."),
        DM_U32(DmController, cmd_per_lun, "cmd_per_lun", .flags = DM_ABI),
        DM_U32(DmController, max_sectors, "max_sectors", .flags = DM_ABI),
        DM_ENUM(DmController, ioeventfd, "ioeventfd", dm_on_off, .flags = DM_ABI),
        DM_U32(DmController, iothread, "iothread", .min = 1),
        DM_VIRTIO_ROWS(DmController, virtio),
        { 0 },
};
static const DmXmlElement driver_element = { "driver", driver_rows, .doc = "Tuning of a virtio controller." };

static const DmXmlRow controller_rows[] = {
        DM_ENUM(DmController, type, "type", dm_controller_type, .flags = DM_REQUIRED | DM_ABI),
        DM_U32(DmController, index, "index", .flags = DM_ABI, .doc = "Number among those of its type."),
        DM_ENUM(DmController, model, "model", dm_pci_model, .flags = DM_ABI | DM_REQUIRED, ON(PCI)),
        DM_ENUM(DmController, model, "model", dm_usb_model, .flags = DM_ABI, ON(USB)),
        DM_ENUM(DmController, model, "model", dm_scsi_model, .flags = DM_ABI, ON(SCSI)),
        DM_ENUM(DmController, model, "model", dm_ide_model, .flags = DM_ABI, ON(IDE)),
        DM_ENUM(DmController, model, "model", dm_vserial_model, .flags = DM_ABI, ON(VIRTIO_SERIAL)),
        DM_U32(DmController, ports, "ports", .min = 1, .max = 511, .flags = DM_ABI,
               DM_WHEN(DmController, type, DM_CONTROLLER_USB, DM_CONTROLLER_VIRTIO_SERIAL)),
        DM_U32(DmController, vectors, "vectors", .flags = DM_ABI, ON(VIRTIO_SERIAL)),
        DM_U32(DmController, max_grant_frames, "maxGrantFrames", .flags = DM_ABI, ON(XENBUS)),
        DM_U32(DmController, max_event_channels, "maxEventChannels", .flags = DM_ABI, ON(XENBUS)),
        DM_IN(model_element, ON(PCI)),
        DM_IN(target_element, ON(PCI)),
        DM_IN(driver_element),
        DM_AT(DmController, dev, dm_alias_element),
        DM_IN(master_element, ON(USB)),
        DM_AT(DmController, dev, dm_acpi_element),
        DM_AT(DmController, dev.address, dm_address_element),
        DM_KIB(DmController, pcihole64, "pcihole64", .as = DM_AS_ELEMENT, .flags = DM_ABI, ON(PCI),
               .doc = "Size of the 64-bit hole of a root bus."),
        { 0 },
};

/* What only some pci models have. */
static void check_pci(const DmController *d, const DmXmlCheck *c)
{
        if (d->pcihole64.set && d->model != DM_PCI_ROOT && d->model != DM_PCIE_ROOT)
                dm_check_fail(c, &d->pcihole64, DM_ERROR_INVALID_XML,
                              "<pcihole64> belongs to pci-root and pcie-root only");
        if ((d->model == DM_PCI_ROOT || d->model == DM_PCIE_ROOT) && d->index.set && d->index.value == 0 &&
            d->dev.address.type)
                dm_check_fail(c, &d->dev.address, DM_ERROR_INVALID_XML,
                              "the root bus (index 0) is part of the board and has no address");
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmController *d = base;
        if (d->model && !dm_enum_name(dm_controller_models(d->type), d->model))
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML, "no model of this controller type");
        if (d->type == DM_CONTROLLER_PCI)
                check_pci(d, c);
        if (d->type == DM_CONTROLLER_USB && d->ports.value > 15)
                dm_check_fail(c, &d->ports, DM_ERROR_INVALID_XML, "a usb controller has at most 15 ports");
        if (d->type == DM_CONTROLLER_USB && d->ports.set && d->model != DM_USB_NEC_XHCI &&
            d->model != DM_USB_QEMU_XHCI)
                dm_check_fail(c, &d->ports, DM_ERROR_UNSUPPORTED,
                              "the number of ports can be chosen for the models nec-xhci and qemu-xhci only");
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_controller_type, ((const DmController *)base)->type);
}

const DmXmlElement dm_controller_schema = {
        "controller",   controller_rows, sizeof(DmController), "What other devices sit on.",
        .check = check, .label = label,
};
