/* The document <capabilities>: what a host can run, for clients that choose before they define.
 *
 * Written in the order of libvirt's schema; read in any order, so that the documents of the first tools,
 * which put <machine> before <emulator>, are understood too. */
#pragma once

#include "conf/device.h"

typedef struct DmCapsName { /* a name alone: <feature name=…> of a host CPU, <uri_transport>, … */
        int unused;
        char *name;
} DmCapsName;

typedef struct DmCapsPages {
        int unused;
        DmOptU64 size;  /* bytes */
        DmOptU64 count; /* of a cell */
} DmCapsPages;

typedef struct DmCapsCpuId { /* one processor of a cell */
        int unused;
        DmOptU32 id, socket, die, core;
        char *siblings; /* CPU list */
} DmCapsCpuId;

typedef struct DmCapsSibling { /* distance of another cell */
        int unused;
        DmOptU32 id, value;
} DmCapsSibling;

typedef struct DmCapsCell {
        int unused;
        DmOptU32 id;
        DmOptU64 memory;      /* bytes */
        GPtrArray *pages;     /* of DmCapsPages */
        GPtrArray *distances; /* of DmCapsSibling */
        DmOptU32 n_cpus;
        GPtrArray *cpus; /* of DmCapsCpuId */
} DmCapsCell;

typedef struct DmCapsLabel {
        int unused;
        char *type;  /* domain type */
        char *label; /* "+64055:+64055" */
} DmCapsLabel;

typedef struct DmCapsSecurity {
        int unused;
        char *model, *doi;
        GPtrArray *labels; /* of DmCapsLabel */
} DmCapsSecurity;

typedef struct DmCapsHost {
        int unused;
        char *uuid;
        /* <cpu> */
        char *arch, *model, *vendor;
        gboolean flags; /* <features> is there */
        gboolean pae, nonpae, vmx, svm;
        DmOptU32 sockets, dies, cores, threads;
        GPtrArray *cpu_features; /* of DmCapsName */
        GPtrArray *pages;        /* of DmCapsPages */
        gboolean power_management;
        DmYesNo iommu;
        gboolean live_migration;
        GPtrArray *transports; /* of DmCapsName */
        DmOptU32 n_cells;
        GPtrArray *cells;    /* of DmCapsCell */
        GPtrArray *security; /* of DmCapsSecurity */
} DmCapsHost;

typedef struct DmCapsMachine {
        int unused;
        char *name, *canonical; /* canonical: @name is an alias of it */
        DmOptU32 max_cpus;
        DmYesNo deprecated;
} DmCapsMachine;

typedef struct DmCapsDomain {
        int unused;
        char *type;
        char *emulator;      /* nullable: the architecture's */
        char *loader;        /* nullable */
        GPtrArray *machines; /* of DmCapsMachine; NULL: the architecture's */
} DmCapsDomain;

typedef struct DmCapsToggle { /* <acpi default='on' toggle='yes'/> */
        gboolean there;
        DmOnOff by_default;
        DmYesNo toggle;
} DmCapsToggle;

typedef struct DmCapsGuest {
        int unused;
        char *os_type; /* "hvm", "xen" */
        /* <arch> */
        char *arch;
        DmOptU32 wordsize;
        char *emulator, *loader;
        GPtrArray *machines; /* of DmCapsMachine; the first is the default */
        GPtrArray *domains;  /* of DmCapsDomain */
        /* <features> */
        gboolean pae, nonpae, cpuselection, deviceboot;
        DmCapsToggle acpi, apic, disksnapshot;
} DmCapsGuest;

typedef struct DmCapabilities {
        int unused;
        DmCapsHost host;
        GPtrArray *guests; /* of DmCapsGuest */
} DmCapabilities;

extern const DmXmlElement dm_capabilities_element;

DmCapabilities *dm_capabilities_new(void);
void dm_capabilities_free(DmCapabilities *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmCapabilities, dm_capabilities_free)
/* Unknown elements are no errors; they are in @findings (nullable). */
DmCapabilities *dm_capabilities_parse(const char *text, gsize length, DmFindings *findings, GError **error);
/* Owned. */
char *dm_capabilities_format(const DmCapabilities *c);

/* What holds for domains of @type of @g: a value of the domain when it has one of its own, else the
 * architecture's.  Borrowed; NULL when @g has no such domain. */
const DmCapsDomain *dm_caps_guest_domain(const DmCapsGuest *g, const char *type);
const char *dm_caps_guest_emulator(const DmCapsGuest *g, const char *type);
const GPtrArray *dm_caps_guest_machines(const DmCapsGuest *g, const char *type);
/* The guest of @os_type and @arch, or NULL. */
const DmCapsGuest *dm_capabilities_guest(const DmCapabilities *c, const char *os_type, const char *arch);
