/* <redirdev>, <redirfilter>, <smartcard>: devices of whoever looks at the guest's screen. */
#pragma once

#include "conf/domain_chardev.h"

typedef enum DmRedirBus { DM_REDIR_BUS_UNSET, DM_REDIR_USB } DmRedirBus;
extern const DmEnum dm_redir_bus;
typedef struct DmRedirdev {
        DmDevice dev;
        DmRedirBus bus;
        DmChardev chardev; /* only its host side */
} DmRedirdev;

/* Numbers as text: hexadecimal, or -1 for any. */
typedef struct DmUsbFilter {
        int unused;
        char *usb_class, *vendor, *product, *version;
        DmYesNo allow;
} DmUsbFilter;
typedef struct DmRedirfilter {
        DmDevice dev;
        GPtrArray *rules; /* of DmUsbFilter */
} DmRedirfilter;

typedef enum DmSmartcardMode {
        DM_SMARTCARD_UNSET,
        DM_SMARTCARD_HOST,
        DM_SMARTCARD_CERTIFICATES,
        DM_SMARTCARD_PASSTHROUGH,
} DmSmartcardMode;
extern const DmEnum dm_smartcard_mode;
typedef struct DmCertificate {
        int unused;
        char *name;
} DmCertificate;
typedef struct DmSmartcard {
        DmDevice dev;
        DmSmartcardMode mode;
        GPtrArray *certificates; /* of DmCertificate: three */
        char *database;
        DmChardev chardev; /* passthrough; only its host side */
} DmSmartcard;
