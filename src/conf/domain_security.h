/* <seclabel>, <launchSecurity>, <keywrap>: how the guest is protected, from the host and for it. */
#pragma once

#include "conf/device.h"

typedef enum DmSeclabelType {
        DM_SECLABEL_UNSET,
        DM_SECLABEL_DYNAMIC,
        DM_SECLABEL_STATIC,
        DM_SECLABEL_NONE,
} DmSeclabelType;
extern const DmEnum dm_seclabel_type;

typedef struct DmSeclabel {
        int unused;
        DmSeclabelType type;
        char *model; /* selinux, apparmor, dac */
        DmYesNo relabel;
        char *label, *imagelabel, *baselabel;
} DmSeclabel;
extern const DmXmlElement dm_seclabel_element;

/* What a device's source may say for itself. */
typedef struct DmDeviceSeclabel {
        int unused;
        char *model;
        DmYesNo relabel, labelskip;
        char *label;
} DmDeviceSeclabel;
extern const DmXmlElement dm_device_seclabel_element;

typedef enum DmLaunchSecurityType {
        DM_LAUNCH_SECURITY_UNSET,
        DM_LAUNCH_SECURITY_SEV,
        DM_LAUNCH_SECURITY_S390_PV,
} DmLaunchSecurityType;
extern const DmEnum dm_launch_security_type;

typedef struct DmLaunchSecurity {
        int unused;
        DmLaunchSecurityType type;
        DmYesNo kernel_hashes;
        DmOptU32 cbitpos, reduced_phys_bits, policy;
        char *dh_cert, *session;
} DmLaunchSecurity;
extern const DmXmlElement dm_launch_security_element;

typedef enum DmKeywrapCipher { DM_CIPHER_UNSET, DM_CIPHER_AES, DM_CIPHER_DEA } DmKeywrapCipher;
extern const DmEnum dm_keywrap_cipher;
typedef struct DmKeywrapEntry {
        int unused;
        DmKeywrapCipher name;
        DmOnOff state;
} DmKeywrapEntry;
typedef struct DmKeywrap {
        int unused;
        GPtrArray *ciphers; /* of DmKeywrapEntry */
} DmKeywrap;
extern const DmXmlElement dm_keywrap_element;
