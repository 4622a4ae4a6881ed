/* <hostdev>: a device of the host that is given to the guest. */
#pragma once

#include "conf/domain_image.h"     /* DmPciAddress, DmNetHost, DmAuth, DmStartupPolicy */
#include "conf/domain_interface.h" /* DmTeaming, DmInterfaceDriver */
#include "conf/domain_disk.h"      /* DmDiskSgio */

typedef enum DmHostdevMode {
        DM_HOSTDEV_MODE_UNSET,
        DM_HOSTDEV_SUBSYSTEM,
        DM_HOSTDEV_CAPABILITIES
} DmHostdevMode;
typedef enum DmHostdevType {
        DM_HOSTDEV_UNSET,
        DM_HOSTDEV_PCI,
        DM_HOSTDEV_USB,
        DM_HOSTDEV_SCSI,
        DM_HOSTDEV_SCSI_HOST,
        DM_HOSTDEV_MDEV,
        DM_HOSTDEV_STORAGE, /* of containers, as the following */
        DM_HOSTDEV_MISC,
        DM_HOSTDEV_NET,
} DmHostdevType;
typedef enum DmMdevModel { DM_MDEV_UNSET, DM_MDEV_VFIO_PCI, DM_MDEV_VFIO_CCW, DM_MDEV_VFIO_AP } DmMdevModel;
typedef enum DmGuestReset {
        DM_GUEST_RESET_UNSET,
        DM_GUEST_RESET_OFF,
        DM_GUEST_RESET_UNINITIALIZED,
        DM_GUEST_RESET_ON,
} DmGuestReset;
typedef enum DmScsiProtocol { DM_SCSI_PROTOCOL_UNSET, DM_SCSI_ADAPTER, DM_SCSI_ISCSI } DmScsiProtocol;
typedef enum DmScsiHostProtocol { DM_SCSI_HOST_PROTOCOL_UNSET, DM_SCSI_HOST_VHOST } DmScsiHostProtocol;
extern const DmEnum dm_hostdev_mode, dm_hostdev_type, dm_mdev_model, dm_guest_reset, dm_scsi_protocol,
        dm_scsi_host_protocol, dm_hostdev_driver;

typedef struct DmHostdev {
        DmDevice dev;
        DmHostdevMode mode;
        DmHostdevType type;
        DmYesNo managed;
        DmDiskSgio sgio; /* scsi, as the next */
        DmYesNo rawio;
        DmVirtioModel model; /* scsi_host */
        DmMdevModel mdev_model;
        DmOnOff display, ramfb; /* mdev */
        DmInterfaceDriver driver;
        DmTeaming teaming;
        char *teaming_persistent;
        /* <source> */
        DmStartupPolicy startup_policy;
        DmYesNo write_filtering;
        DmPciAddress pci;
        DmGuestReset guest_reset;
        DmOptU32 usb_vendor, usb_product, usb_bus, usb_device;
        DmScsiProtocol scsi_protocol;
        char *adapter;
        DmOptU32 scsi_bus, scsi_target;
        DmOptU64 scsi_unit;
        char *iscsi_name, *initiator_iqn;
        GPtrArray *iscsi_hosts; /* of DmNetHost */
        DmAuth *auth;
        DmScsiHostProtocol scsi_host_protocol;
        char *wwpn, *mdev_uuid;
        gboolean readonly, shareable;
        DmOnOff rom_bar;
        DmYesNo rom_enabled;
        char *rom_file;
} DmHostdev;
