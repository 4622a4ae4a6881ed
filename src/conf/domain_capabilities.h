/* The document <domainCapabilities>: what one emulator offers a guest of one machine, for clients that build
 * documents.  An option that is missing means "an old driver, guess"; so each is there, with supported='no'
 * if need be. */
#pragma once

#include "conf/device.h"

typedef struct DmDomcapsValue {
        int unused;
        char *text;
} DmDomcapsValue;

typedef struct DmDomcapsEnum {
        int unused;
        char *name;
        GPtrArray *values; /* of DmDomcapsValue */
} DmDomcapsEnum;

/* <disk supported='yes'><enum name='bus'><value>ide</value>… */
typedef struct DmDomcapsOption {
        int unused;
        DmYesNo supported;
        GPtrArray *values; /* of DmDomcapsValue: <loader> only */
        GPtrArray *enums;  /* of DmDomcapsEnum */
} DmDomcapsOption;

typedef struct DmDomcapsModel {
        int unused;
        char *usable, *vendor, *fallback; /* nullable */
        DmYesNo deprecated;
        char *name;
} DmDomcapsModel;

typedef struct DmDomcapsFeature {
        int unused;
        char *policy, *name;
} DmDomcapsFeature;

typedef struct DmDomcapsMode {
        int unused;
        char *name;
        DmYesNo supported;
        GPtrArray *enums;  /* of DmDomcapsEnum */
        GPtrArray *models; /* of DmDomcapsModel */
        char *vendor;
        GPtrArray *features; /* of DmDomcapsFeature */
} DmDomcapsMode;

typedef struct DmDomainCapabilities {
        int unused;
        char *path, *domain, *machine, *arch;
        DmOptU32 max_vcpus;
        DmDomcapsOption iothreads, os, loader;
        GPtrArray *modes; /* of DmDomcapsMode */
        DmDomcapsOption memory_backing;
        /* <devices> */
        DmDomcapsOption disk, graphics, video, hostdev, rng, filesystem, tpm, redirdev, channel;
        /* <features> */
        DmDomcapsOption gic, vmcoreinfo, genid, backing_store_input, backup, s390_pv, sev, sgx, hyperv;
        DmOptU32 sev_cbitpos, sev_reduced_bits, sev_max_guests, sev_max_es_guests;
} DmDomainCapabilities;

extern const DmXmlElement dm_domain_capabilities_element;

DmDomainCapabilities *dm_domain_capabilities_new(void);
void dm_domain_capabilities_free(DmDomainCapabilities *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmDomainCapabilities, dm_domain_capabilities_free)
DmDomainCapabilities *dm_domain_capabilities_parse(const char *text, gsize length, DmFindings *findings,
                                                   GError **error);
/* Owned. */
char *dm_domain_capabilities_format(const DmDomainCapabilities *c);

/* ---- building and asking ---- */
void dm_domcaps_support(DmDomcapsOption *o, gboolean supported);
/* The enum called @name of @enums (an address of a member), added when it is not there.  Borrowed. */
DmDomcapsEnum *dm_domcaps_enum(GPtrArray **enums, const char *name);
void dm_domcaps_add(DmDomcapsEnum *e, const char *value);
/* TRUE when @enums has one called @name with @value. */
gboolean dm_domcaps_has(const GPtrArray *enums, const char *name, const char *value);
const DmDomcapsMode *dm_domcaps_mode(const DmDomainCapabilities *c, const char *name);
