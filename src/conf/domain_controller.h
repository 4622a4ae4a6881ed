/* <controller>: what other devices sit on. */
#pragma once

#include "conf/device.h"

typedef enum DmControllerType {
        DM_CONTROLLER_UNSET,
        DM_CONTROLLER_IDE,
        DM_CONTROLLER_FDC,
        DM_CONTROLLER_SCSI,
        DM_CONTROLLER_SATA,
        DM_CONTROLLER_VIRTIO_SERIAL,
        DM_CONTROLLER_CCID,
        DM_CONTROLLER_USB,
        DM_CONTROLLER_PCI,
        DM_CONTROLLER_XENBUS,
        DM_CONTROLLER_ISA,
} DmControllerType;

/* All models of all types share one enum; which type a model belongs to is said by dm_controller_models(). */
typedef enum DmControllerModel {
        DM_MODEL_UNSET,
        /* pci */
        DM_PCI_ROOT,
        DM_PCIE_ROOT,
        DM_PCI_BRIDGE,
        DM_DMI_TO_PCI_BRIDGE,
        DM_PCIE_TO_PCI_BRIDGE,
        DM_PCIE_ROOT_PORT,
        DM_PCIE_SWITCH_UPSTREAM_PORT,
        DM_PCIE_SWITCH_DOWNSTREAM_PORT,
        DM_PCI_EXPANDER_BUS,
        DM_PCIE_EXPANDER_BUS,
        /* usb */
        DM_USB_PIIX3_UHCI,
        DM_USB_PIIX4_UHCI,
        DM_USB_EHCI,
        DM_USB_ICH9_EHCI1,
        DM_USB_ICH9_UHCI1,
        DM_USB_ICH9_UHCI2,
        DM_USB_ICH9_UHCI3,
        DM_USB_VT82C686B_UHCI,
        DM_USB_PCI_OHCI,
        DM_USB_NEC_XHCI,
        DM_USB_QEMU_XHCI,
        DM_USB_NONE,
        DM_USB_QUSB1, /* xen */
        DM_USB_QUSB2,
        /* scsi */
        DM_SCSI_AUTO,
        DM_SCSI_BUSLOGIC,
        DM_SCSI_LSILOGIC,
        DM_SCSI_LSISAS1068,
        DM_SCSI_LSISAS1078,
        DM_SCSI_VMPVSCSI,
        DM_SCSI_IBMVSCSI,
        DM_SCSI_VIRTIO_SCSI,
        DM_SCSI_VIRTIO_TRANSITIONAL,
        DM_SCSI_VIRTIO_NON_TRANSITIONAL,
        DM_SCSI_NCR53C90,
        DM_SCSI_DC390,
        DM_SCSI_AM53C974,
        /* ide */
        DM_IDE_PIIX3,
        DM_IDE_PIIX4,
        DM_IDE_ICH6,
        /* virtio-serial */
        DM_VSERIAL_VIRTIO,
        DM_VSERIAL_VIRTIO_TRANSITIONAL,
        DM_VSERIAL_VIRTIO_NON_TRANSITIONAL,
} DmControllerModel;

extern const DmEnum dm_controller_type, dm_pci_model, dm_usb_model, dm_scsi_model, dm_ide_model,
        dm_vserial_model;
/* Names of one type's models; NULL when the type has none. */
const DmEnum *dm_controller_models(DmControllerType type);

typedef struct DmController {
        DmDevice dev;
        DmControllerType type;
        DmOptU32 index;
        DmControllerModel model;
        DmOptU32 ports;   /* usb, virtio-serial */
        DmOptU32 vectors; /* virtio-serial */
        /* usb companions: <master startport='N'/> */
        DmOptU32 master_start_port;
        /* pci: <model name='pcie-root-port'/>, <target chassis= port= busNr= hotplug=>, <pcihole64> */
        enum DmPciModelName {
                DM_PCI_NAME_UNSET,
                DM_PCI_NAME_PCI_BRIDGE,
                DM_PCI_NAME_I82801B11_BRIDGE,
                DM_PCI_NAME_IOH3420,
                DM_PCI_NAME_X3130_UPSTREAM,
                DM_PCI_NAME_XIO3130_DOWNSTREAM,
                DM_PCI_NAME_PXB,
                DM_PCI_NAME_PXB_PCIE,
                DM_PCI_NAME_PCIE_ROOT_PORT,
                DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE,
                DM_PCI_NAME_PCIE_PCI_BRIDGE,
        } pci_name;
        DmOptU32 chassis_nr, chassis, port, bus_nr, target_index;
        DmOptU32 numa_node;
        DmOnOff hotplug;
        DmOptU64 pcihole64; /* bytes */
        /* <driver> */
        DmOptU32 queues, cmd_per_lun, max_sectors;
        DmOptU32 iothread;
        DmOnOff ioeventfd;
        DmVirtioOptions virtio;
        DmOptU32 max_grant_frames, max_event_channels; /* xenbus */
} DmController;

extern const DmEnum dm_pci_model_name;
