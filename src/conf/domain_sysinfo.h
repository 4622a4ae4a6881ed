/* <sysinfo>: texts that the guest's firmware tables show. */
#pragma once

#include "conf/device.h"

typedef enum DmSysinfoType { DM_SYSINFO_UNSET, DM_SYSINFO_SMBIOS, DM_SYSINFO_FWCFG } DmSysinfoType;

/* Entries of all blocks share one enum; which a block has is said by its table. */
typedef enum DmSysinfoName {
        DM_SYSINFO_NAME_UNSET,
        DM_SYSINFO_VENDOR,
        DM_SYSINFO_VERSION,
        DM_SYSINFO_DATE,
        DM_SYSINFO_RELEASE,
        DM_SYSINFO_MANUFACTURER,
        DM_SYSINFO_PRODUCT,
        DM_SYSINFO_SERIAL,
        DM_SYSINFO_UUID,
        DM_SYSINFO_SKU,
        DM_SYSINFO_FAMILY,
        DM_SYSINFO_ASSET,
        DM_SYSINFO_LOCATION,
} DmSysinfoName;
extern const DmEnum dm_sysinfo_type, dm_sysinfo_bios, dm_sysinfo_system, dm_sysinfo_board, dm_sysinfo_chassis;

typedef struct DmSysinfoEntry {
        int unused;
        DmSysinfoName name;
        char *value;
} DmSysinfoEntry;

typedef struct DmSysinfoBoard {
        int unused;
        GPtrArray *entries; /* of DmSysinfoEntry */
} DmSysinfoBoard;

typedef struct DmFwcfgEntry {
        int unused;
        char *name, *file, *value; /* either file or value */
} DmFwcfgEntry;

typedef struct DmSysinfo {
        int unused;
        DmSysinfoType type;
        GPtrArray *bios, *system, *chassis, *oem_strings; /* of DmSysinfoEntry */
        GPtrArray *boards;                                /* of DmSysinfoBoard */
        GPtrArray *fwcfg;                                 /* of DmFwcfgEntry */
} DmSysinfo;
extern const DmXmlElement dm_sysinfo_element;
