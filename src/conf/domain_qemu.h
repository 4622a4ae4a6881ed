/* Elements of libvirt's namespace for QEMU: what is passed by, for want of anything better. */
#pragma once

#include "conf/device.h"

#define DM_QEMU_NS "http://libvirt.org/schemas/domain/qemu/1.0"

typedef struct DmQemuArg {
        int unused;
        char *name; /* of environment variables */
        char *value;
} DmQemuArg;
typedef struct DmQemuCommandline {
        int unused;
        GPtrArray *args, *env; /* of DmQemuArg */
} DmQemuCommandline;

typedef struct DmQemuCapabilities {
        int unused;
        GPtrArray *added, *removed; /* of DmQemuArg, the name is in value */
} DmQemuCapabilities;

typedef enum DmQemuDeprecation {
        DM_DEPRECATION_UNSET,
        DM_DEPRECATION_NONE,
        DM_DEPRECATION_OMIT,
        DM_DEPRECATION_REJECT,
        DM_DEPRECATION_CRASH,
} DmQemuDeprecation;
typedef struct DmQemuDeprecated {
        int unused;
        DmQemuDeprecation behavior;
} DmQemuDeprecated;

typedef enum DmQemuPropertyType {
        DM_PROPERTY_UNSET,
        DM_PROPERTY_STRING,
        DM_PROPERTY_SIGNED,
        DM_PROPERTY_UNSIGNED,
        DM_PROPERTY_BOOL,
        DM_PROPERTY_REMOVE,
} DmQemuPropertyType;
typedef struct DmQemuProperty {
        int unused;
        char *name, *value;
        DmQemuPropertyType type;
} DmQemuProperty;
typedef struct DmQemuOverrideDevice {
        int unused;
        char *alias;
        GPtrArray *properties; /* of DmQemuProperty, for the frontend */
} DmQemuOverrideDevice;
typedef struct DmQemuOverride {
        int unused;
        GPtrArray *devices; /* of DmQemuOverrideDevice */
} DmQemuOverride;

extern const DmEnum dm_qemu_deprecation, dm_qemu_property_type;
extern const DmXmlElement dm_qemu_commandline_element, dm_qemu_capabilities_element,
        dm_qemu_deprecation_element, dm_qemu_override_element;
