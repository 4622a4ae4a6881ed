/* The document <capabilities>: rows.  Their order is that of libvirt's schema. */
#include "conf/capabilities.h"

#include <string.h>

#include "conf/codecs.h"

/* ---- <host><cpu> ---- */

static const DmXmlRow feature_rows[] = {
        DM_STRING(DmCapsName, name, "name", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement feature_element = { "feature", feature_rows, sizeof(DmCapsName), "A CPU feature." };

/* The seed's own flags; libvirt's schema allows these four, in this order. */
static const DmXmlRow flag_rows[] = {
        DM_PRESENT(DmCapsHost, flags),
        DM_FLAG(DmCapsHost, pae, "pae"),
        DM_FLAG(DmCapsHost, nonpae, "nonpae"),
        DM_FLAG(DmCapsHost, vmx, "vmx", .doc = "Intel's virtualisation."),
        DM_FLAG(DmCapsHost, svm, "svm", .doc = "AMD's virtualisation."),
        { 0 },
};
static const DmXmlElement flags_element = { "features", flag_rows, .doc = "Flags of the host's CPU." };

static const DmXmlRow topology_rows[] = {
        DM_U32(DmCapsHost, sockets, "sockets"),
        DM_U32(DmCapsHost, dies, "dies"),
        DM_U32(DmCapsHost, cores, "cores"),
        DM_U32(DmCapsHost, threads, "threads"),
        { 0 },
};
static const DmXmlElement topology_element = { "topology", topology_rows, .doc = "How CPUs are grouped." };

static const DmXmlRow pages_rows[] = {
        DM_KIB(DmCapsPages, size, "size"),
        DM_U64(DmCapsPages, count, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement pages_element = { "pages", pages_rows, sizeof(DmCapsPages), "A size of pages." };

static const DmXmlRow cpu_rows[] = {
        DM_STRING(DmCapsHost, arch, "arch", .as = DM_AS_ELEMENT),
        DM_IN(flags_element),
        DM_STRING(DmCapsHost, model, "model", .as = DM_AS_ELEMENT),
        DM_STRING(DmCapsHost, vendor, "vendor", .as = DM_AS_ELEMENT),
        DM_IN(topology_element),
        DM_LIST(DmCapsHost, cpu_features, feature_element),
        DM_LIST(DmCapsHost, pages, pages_element),
        { 0 },
};
static const DmXmlElement cpu_element = { "cpu", cpu_rows, .doc = "The host's CPUs." };

/* ---- the rest of <host> ---- */

static const DmXmlRow transport_rows[] = {
        DM_STRING(DmCapsName, name, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement transport_element = { "uri_transport", transport_rows, sizeof(DmCapsName),
                                                "How a guest can be sent to another host." };

static const DmXmlRow transports_rows[] = {
        DM_LIST(DmCapsHost, transports, transport_element),
        { 0 },
};
static const DmXmlElement transports_element = { "uri_transports", transports_rows };

static const DmXmlRow migration_rows[] = {
        DM_FLAG(DmCapsHost, live_migration, "live"),
        DM_IN(transports_element),
        { 0 },
};
static const DmXmlElement migration_element = { "migration_features", migration_rows,
                                                .doc = "What migration can do." };

static const DmXmlRow cell_cpu_rows[] = {
        DM_U32(DmCapsCpuId, id, "id"),
        DM_U32(DmCapsCpuId, socket, "socket_id"),
        DM_U32(DmCapsCpuId, die, "die_id"),
        DM_U32(DmCapsCpuId, core, "core_id"),
        DM_STRING(DmCapsCpuId, siblings, "siblings"),
        { 0 },
};
static const DmXmlElement cell_cpu_element = { "cpu", cell_cpu_rows, sizeof(DmCapsCpuId), "A processor." };

static const DmXmlRow cell_cpus_rows[] = {
        DM_U32(DmCapsCell, n_cpus, "num"),
        DM_LIST(DmCapsCell, cpus, cell_cpu_element),
        { 0 },
};
static const DmXmlElement cell_cpus_element = { "cpus", cell_cpus_rows };

static const DmXmlRow sibling_rows[] = {
        DM_U32(DmCapsSibling, id, "id"),
        DM_U32(DmCapsSibling, value, "value"),
        { 0 },
};
static const DmXmlElement sibling_element = { "sibling", sibling_rows, sizeof(DmCapsSibling) };

static const DmXmlRow distances_rows[] = {
        DM_LIST(DmCapsCell, distances, sibling_element),
        { 0 },
};
static const DmXmlElement distances_element = { "distances", distances_rows, .doc = "To the other cells." };

static const DmXmlRow cell_rows[] = {
        DM_U32(DmCapsCell, id, "id"),
        DM_KIB(DmCapsCell, memory, "memory", .as = DM_AS_ELEMENT),
        DM_LIST(DmCapsCell, pages, pages_element),
        DM_IN(distances_element),
        DM_IN(cell_cpus_element),
        { 0 },
};
static const DmXmlElement cell_element = { "cell", cell_rows, sizeof(DmCapsCell), "A NUMA node." };

static const DmXmlRow cells_rows[] = {
        DM_U32(DmCapsHost, n_cells, "num"),
        DM_LIST(DmCapsHost, cells, cell_element),
        { 0 },
};
static const DmXmlElement cells_element = { "cells", cells_rows };

static const DmXmlRow host_topology_rows[] = { DM_IN(cells_element), { 0 } };
static const DmXmlElement host_topology_element = { "topology", host_topology_rows, .doc = "NUMA nodes." };

static const DmXmlRow label_rows[] = {
        DM_STRING(DmCapsLabel, type, "type"),
        DM_STRING(DmCapsLabel, label, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement label_element = { "baselabel", label_rows, sizeof(DmCapsLabel),
                                            "Who guests run as." };

static const DmXmlRow security_rows[] = {
        DM_STRING(DmCapsSecurity, model, "model", .as = DM_AS_ELEMENT),
        DM_STRING(DmCapsSecurity, doi, "doi", .as = DM_AS_ELEMENT),
        DM_LIST(DmCapsSecurity, labels, label_element),
        { 0 },
};
static const DmXmlElement security_element = { "secmodel", security_rows, sizeof(DmCapsSecurity) };

static const DmXmlRow iommu_rows[] = {
        DM_ENUM(DmCapsHost, iommu, "support", dm_yes_no),
        { 0 },
};
static const DmXmlElement iommu_element = { "iommu", iommu_rows, .doc = "Whether the host has one." };

static const DmXmlRow host_rows[] = {
        DM_CUSTOM(DmCapsHost, uuid, "uuid", dm_uuid_codec, .as = DM_AS_ELEMENT),
        DM_IN(cpu_element),
        DM_FLAG(DmCapsHost, power_management, "power_management"),
        DM_IN(iommu_element),
        DM_IN(migration_element),
        DM_IN(host_topology_element),
        DM_LIST(DmCapsHost, security, security_element),
        { 0 },
};
static const DmXmlElement host_element = { "host", host_rows, .doc = "The machine itself." };

/* ---- <guest> ---- */

static const DmXmlRow machine_rows[] = {
        DM_STRING(DmCapsMachine, canonical, "canonical", .doc = "What this name is an alias of."),
        DM_U32(DmCapsMachine, max_cpus, "maxCpus"),
        DM_ENUM(DmCapsMachine, deprecated, "deprecated", dm_yes_no),
        DM_STRING(DmCapsMachine, name, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement machine_element = { "machine", machine_rows, sizeof(DmCapsMachine), "A board." };

static const DmXmlRow domain_rows[] = {
        DM_STRING(DmCapsDomain, type, "type", .flags = DM_REQUIRED),
        DM_STRING(DmCapsDomain, emulator, "emulator", .as = DM_AS_ELEMENT),
        DM_STRING(DmCapsDomain, loader, "loader", .as = DM_AS_ELEMENT),
        DM_LIST(DmCapsDomain, machines, machine_element),
        { 0 },
};
static const DmXmlElement domain_element = { "domain", domain_rows, sizeof(DmCapsDomain),
                                             "A domain type; what it holds replaces the architecture's." };

static const DmXmlRow arch_rows[] = {
        DM_STRING(DmCapsGuest, arch, "name", .flags = DM_REQUIRED),
        DM_U32(DmCapsGuest, wordsize, "wordsize", .as = DM_AS_ELEMENT),
        DM_STRING(DmCapsGuest, emulator, "emulator", .as = DM_AS_ELEMENT),
        DM_STRING(DmCapsGuest, loader, "loader", .as = DM_AS_ELEMENT),
        DM_LIST(DmCapsGuest, machines, machine_element),
        DM_LIST(DmCapsGuest, domains, domain_element),
        { 0 },
};
static const DmXmlElement arch_element = { "arch", arch_rows, .doc = "An architecture." };

static const DmXmlRow toggle_rows[] = {
        DM_PRESENT(DmCapsToggle, there),
        DM_ENUM(DmCapsToggle, by_default, "default", dm_on_off),
        DM_ENUM(DmCapsToggle, toggle, "toggle", dm_yes_no),
        { 0 },
};
static const DmXmlElement acpi_element = { "acpi", toggle_rows, sizeof(DmCapsToggle) };
static const DmXmlElement apic_element = { "apic", toggle_rows, sizeof(DmCapsToggle) };
static const DmXmlElement disksnapshot_element = { "disksnapshot", toggle_rows, sizeof(DmCapsToggle) };

static const DmXmlRow guest_feature_rows[] = {
        DM_FLAG(DmCapsGuest, pae, "pae"),
        DM_FLAG(DmCapsGuest, nonpae, "nonpae"),
        DM_AT(DmCapsGuest, acpi, acpi_element),
        DM_AT(DmCapsGuest, apic, apic_element),
        DM_FLAG(DmCapsGuest, cpuselection, "cpuselection"),
        DM_FLAG(DmCapsGuest, deviceboot, "deviceboot"),
        DM_AT(DmCapsGuest, disksnapshot, disksnapshot_element),
        { 0 },
};
static const DmXmlElement guest_features_element = { "features", guest_feature_rows, .doc = "Of the guest." };

static const DmXmlRow guest_rows[] = {
        DM_STRING(DmCapsGuest, os_type, "os_type", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED),
        DM_IN(arch_element, .flags = DM_REQUIRED),
        DM_IN(guest_features_element),
        { 0 },
};
static const DmXmlElement guest_element = { "guest", guest_rows, sizeof(DmCapsGuest), "A kind of guest." };

static const DmXmlRow capabilities_rows[] = {
        DM_AT(DmCapabilities, host, host_element, .flags = DM_ALWAYS),
        DM_LIST(DmCapabilities, guests, guest_element),
        { 0 },
};
const DmXmlElement dm_capabilities_element = { "capabilities", capabilities_rows, sizeof(DmCapabilities),
                                               "What a host can run." };

/* ---- life cycle ---- */

DmCapabilities *dm_capabilities_new(void)
{
        return g_new0(DmCapabilities, 1);
}

void dm_capabilities_free(DmCapabilities *c)
{
        if (c)
                dm_xml_free(&dm_capabilities_element, c);
}

DmCapabilities *dm_capabilities_parse(const char *text, gsize length, DmFindings *findings, GError **error)
{
        g_autoptr(DmCapabilities) c = dm_capabilities_new();
        if (!dm_xml_parse(text, length, &dm_capabilities_element, 0, c, NULL, findings, error))
                return NULL;
        return g_steal_pointer(&c);
}

char *dm_capabilities_format(const DmCapabilities *c)
{
        return dm_xml_format(&dm_capabilities_element, c, 0);
}

/* ---- questions ---- */

const DmCapsDomain *dm_caps_guest_domain(const DmCapsGuest *g, const char *type)
{
        for (guint i = 0; g->domains && i < g->domains->len; i++) {
                const DmCapsDomain *d = g_ptr_array_index(g->domains, i);
                if (strcmp(d->type, type) == 0)
                        return d;
        }
        return NULL;
}

const char *dm_caps_guest_emulator(const DmCapsGuest *g, const char *type)
{
        const DmCapsDomain *d = dm_caps_guest_domain(g, type);
        return d && d->emulator ? d->emulator : d ? g->emulator : NULL;
}

const GPtrArray *dm_caps_guest_machines(const DmCapsGuest *g, const char *type)
{
        const DmCapsDomain *d = dm_caps_guest_domain(g, type);
        return d && d->machines && d->machines->len ? d->machines : d ? g->machines : NULL;
}

const DmCapsGuest *dm_capabilities_guest(const DmCapabilities *c, const char *os_type, const char *arch)
{
        for (guint i = 0; c->guests && i < c->guests->len; i++) {
                const DmCapsGuest *g = g_ptr_array_index(c->guests, i);
                if (strcmp(g->os_type, os_type) == 0 && strcmp(g->arch, arch) == 0)
                        return g;
        }
        return NULL;
}
