/* <os>: what is booted, by which firmware, on which board. */
#pragma once

#include "conf/domain_image.h"

typedef enum DmBootDev {
        DM_BOOT_UNSET,
        DM_BOOT_FLOPPY,
        DM_BOOT_DISK,
        DM_BOOT_CDROM,
        DM_BOOT_NETWORK
} DmBootDev;
typedef enum DmLoaderType { DM_LOADER_UNSET, DM_LOADER_ROM, DM_LOADER_PFLASH, DM_LOADER_NONE } DmLoaderType;
typedef enum DmSmbiosMode {
        DM_SMBIOS_UNSET,
        DM_SMBIOS_EMULATE,
        DM_SMBIOS_HOST,
        DM_SMBIOS_SYSINFO,
} DmSmbiosMode;
typedef enum DmFirmware { DM_FIRMWARE_UNSET, DM_FIRMWARE_BIOS, DM_FIRMWARE_EFI } DmFirmware;
extern const DmEnum dm_boot_dev, dm_loader_type, dm_firmware, dm_smbios_mode;

typedef struct DmBoot {
        int unused;
        DmBootDev dev;
} DmBoot;

typedef enum DmFirmwareFeatureName {
        DM_FIRMWARE_FEATURE_UNSET,
        DM_FIRMWARE_ENROLLED_KEYS,
        DM_FIRMWARE_SECURE_BOOT,
} DmFirmwareFeatureName;
extern const DmEnum dm_firmware_feature;
typedef struct DmFirmwareFeature {
        int unused;
        DmYesNo enabled;
        DmFirmwareFeatureName name;
} DmFirmwareFeature;

typedef enum DmAcpiTableType { DM_ACPI_TABLE_UNSET, DM_ACPI_TABLE_SLIC } DmAcpiTableType;
extern const DmEnum dm_acpi_table_type;
typedef struct DmAcpiTable {
        int unused;
        DmAcpiTableType type;
        char *path;
} DmAcpiTable;

typedef struct DmOs {
        /* Text of <type>: "hvm", or an accelerator's name in the syntax of 2007; anything is kept, the
         * resolver judges it (unknown names are refused there with what is available). */
        char *type;
        char *arch, *machine;
        DmFirmware firmware;
        /* <loader>: firmware, or in the old syntax the emulator's path */
        char *loader;
        DmLoaderType loader_type;
        DmYesNo loader_readonly, loader_secure, loader_stateless;
        char *loader_format;
        /* <nvram> */
        gboolean nvram;
        char *nvram_path, *nvram_template, *nvram_format;
        DmImage nvram_image;          /* <nvram type=><source/></nvram>: instead of nvram_path */
        GPtrArray *firmware_features; /* of DmFirmwareFeature */
        GPtrArray *acpi_tables;       /* of DmAcpiTable */
        char *kernel, *initrd, *cmdline, *dtb;
        GPtrArray *boot; /* of DmBoot */
        DmYesNo bootmenu;
        DmOptU32 bootmenu_timeout; /* ms */
        DmYesNo useserial;
        DmOptI64 reboot_timeout; /* ms, -1: never */
        DmSmbiosMode smbios;
} DmOs;

extern const DmXmlElement dm_os_element;
