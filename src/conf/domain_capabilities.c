/* The document <domainCapabilities>: rows. */
#include "conf/domain_capabilities.h"

#include <string.h>

/* ---- options and their values ---- */

static const DmXmlRow value_rows[] = {
        DM_STRING(DmDomcapsValue, text, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement value_element = { "value", value_rows, sizeof(DmDomcapsValue) };

static const DmXmlRow enum_rows[] = {
        DM_STRING(DmDomcapsEnum, name, "name", .flags = DM_REQUIRED),
        DM_LIST(DmDomcapsEnum, values, value_element),
        { 0 },
};
static const DmXmlElement enum_element = { "enum", enum_rows, sizeof(DmDomcapsEnum),
                                           "Values of an attribute." };

static const DmXmlRow option_rows[] = {
        DM_ENUM(DmDomcapsOption, supported, "supported", dm_yes_no),
        DM_LIST(DmDomcapsOption, values, value_element),
        DM_LIST(DmDomcapsOption, enums, enum_element),
        { 0 },
};
#define OPTION(ident, name) static const DmXmlElement ident = { name, option_rows, sizeof(DmDomcapsOption) }
OPTION(iothreads_element, "iothreads");
OPTION(loader_element, "loader");
OPTION(memory_element, "memoryBacking");
OPTION(disk_element, "disk");
OPTION(graphics_element, "graphics");
OPTION(video_element, "video");
OPTION(hostdev_element, "hostdev");
OPTION(rng_element, "rng");
OPTION(filesystem_element, "filesystem");
OPTION(tpm_element, "tpm");
OPTION(redirdev_element, "redirdev");
OPTION(channel_element, "channel");
OPTION(gic_element, "gic");
OPTION(vmcoreinfo_element, "vmcoreinfo");
OPTION(genid_element, "genid");
OPTION(backing_element, "backingStoreInput");
OPTION(backup_element, "backup");
OPTION(s390_pv_element, "s390-pv");
OPTION(sgx_element, "sgx");
OPTION(hyperv_element, "hyperv");

/* ---- <os> holds <loader>, which the struct keeps beside it ---- */

static const DmXmlRow os_rows[] = {
        DM_ENUM(DmDomainCapabilities, os.supported, "supported", dm_yes_no),
        DM_LIST(DmDomainCapabilities, os.enums, enum_element),
        DM_AT(DmDomainCapabilities, loader, loader_element),
        { 0 },
};
static const DmXmlElement os_element = { "os", os_rows, .doc = "Firmware." };

/* ---- <cpu> ---- */

static const DmXmlRow model_rows[] = {
        DM_STRING(DmDomcapsModel, usable, "usable"),
        DM_STRING(DmDomcapsModel, vendor, "vendor"),
        DM_STRING(DmDomcapsModel, fallback, "fallback"),
        DM_ENUM(DmDomcapsModel, deprecated, "deprecated", dm_yes_no),
        DM_STRING(DmDomcapsModel, name, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, sizeof(DmDomcapsModel), "A CPU model." };

static const DmXmlRow feature_rows[] = {
        DM_STRING(DmDomcapsFeature, policy, "policy"),
        DM_STRING(DmDomcapsFeature, name, "name"),
        { 0 },
};
static const DmXmlElement feature_element = { "feature", feature_rows, sizeof(DmDomcapsFeature) };

static const DmXmlRow mode_rows[] = {
        DM_STRING(DmDomcapsMode, name, "name", .flags = DM_REQUIRED),
        DM_ENUM(DmDomcapsMode, supported, "supported", dm_yes_no),
        DM_LIST(DmDomcapsMode, enums, enum_element),
        DM_LIST(DmDomcapsMode, models, model_element),
        DM_STRING(DmDomcapsMode, vendor, "vendor", .as = DM_AS_ELEMENT),
        DM_LIST(DmDomcapsMode, features, feature_element),
        { 0 },
};
static const DmXmlElement mode_element = { "mode", mode_rows, sizeof(DmDomcapsMode),
                                           "A way to say the CPU." };

static const DmXmlRow cpu_rows[] = { DM_LIST(DmDomainCapabilities, modes, mode_element), { 0 } };
static const DmXmlElement cpu_element = { "cpu", cpu_rows, .doc = "Ways to say which CPU the guest gets." };

/* ---- the document ---- */

static const DmXmlRow vcpu_rows[] = { DM_U32(DmDomainCapabilities, max_vcpus, "max"), { 0 } };
static const DmXmlElement vcpu_element = { "vcpu", vcpu_rows };

static const DmXmlRow devices_rows[] = {
        DM_AT(DmDomainCapabilities, disk, disk_element),
        DM_AT(DmDomainCapabilities, graphics, graphics_element),
        DM_AT(DmDomainCapabilities, video, video_element),
        DM_AT(DmDomainCapabilities, hostdev, hostdev_element),
        DM_AT(DmDomainCapabilities, rng, rng_element),
        DM_AT(DmDomainCapabilities, filesystem, filesystem_element),
        DM_AT(DmDomainCapabilities, tpm, tpm_element),
        DM_AT(DmDomainCapabilities, redirdev, redirdev_element),
        DM_AT(DmDomainCapabilities, channel, channel_element),
        { 0 },
};
static const DmXmlElement devices_element = { "devices", devices_rows };

static const DmXmlRow sev_rows[] = {
        DM_ENUM(DmDomainCapabilities, sev.supported, "supported", dm_yes_no),
        DM_U32(DmDomainCapabilities, sev_cbitpos, "cbitpos", .as = DM_AS_ELEMENT),
        DM_U32(DmDomainCapabilities, sev_reduced_bits, "reducedPhysBits", .as = DM_AS_ELEMENT),
        DM_U32(DmDomainCapabilities, sev_max_guests, "maxGuests", .as = DM_AS_ELEMENT),
        DM_U32(DmDomainCapabilities, sev_max_es_guests, "maxESGuests", .as = DM_AS_ELEMENT),
        { 0 },
};
static const DmXmlElement sev_element = { "sev", sev_rows };

static const DmXmlRow features_rows[] = {
        DM_AT(DmDomainCapabilities, gic, gic_element),
        DM_AT(DmDomainCapabilities, vmcoreinfo, vmcoreinfo_element),
        DM_AT(DmDomainCapabilities, genid, genid_element),
        DM_AT(DmDomainCapabilities, backing_store_input, backing_element),
        DM_AT(DmDomainCapabilities, backup, backup_element),
        DM_AT(DmDomainCapabilities, s390_pv, s390_pv_element),
        DM_IN(sev_element),
        DM_AT(DmDomainCapabilities, sgx, sgx_element),
        DM_AT(DmDomainCapabilities, hyperv, hyperv_element),
        { 0 },
};
static const DmXmlElement features_element = { "features", features_rows };

static const DmXmlRow rows[] = {
        DM_STRING(DmDomainCapabilities, path, "path", .as = DM_AS_ELEMENT),
        DM_STRING(DmDomainCapabilities, domain, "domain", .as = DM_AS_ELEMENT),
        DM_STRING(DmDomainCapabilities, machine, "machine", .as = DM_AS_ELEMENT),
        DM_STRING(DmDomainCapabilities, arch, "arch", .as = DM_AS_ELEMENT),
        DM_IN(vcpu_element),
        DM_AT(DmDomainCapabilities, iothreads, iothreads_element),
        DM_IN(os_element),
        DM_IN(cpu_element),
        DM_AT(DmDomainCapabilities, memory_backing, memory_element),
        DM_IN(devices_element),
        DM_IN(features_element),
        { 0 },
};
const DmXmlElement dm_domain_capabilities_element = { "domainCapabilities", rows,
                                                      sizeof(DmDomainCapabilities),
                                                      "What an emulator offers a guest." };

/* ---- life cycle ---- */

DmDomainCapabilities *dm_domain_capabilities_new(void)
{
        return g_new0(DmDomainCapabilities, 1);
}

void dm_domain_capabilities_free(DmDomainCapabilities *c)
{
        if (c)
                dm_xml_free(&dm_domain_capabilities_element, c);
}

DmDomainCapabilities *dm_domain_capabilities_parse(const char *text, gsize length, DmFindings *findings,
                                                   GError **error)
{
        g_autoptr(DmDomainCapabilities) c = dm_domain_capabilities_new();
        if (!dm_xml_parse(text, length, &dm_domain_capabilities_element, 0, c, NULL, findings, error))
                return NULL;
        return g_steal_pointer(&c);
}

char *dm_domain_capabilities_format(const DmDomainCapabilities *c)
{
        return dm_xml_format(&dm_domain_capabilities_element, c, 0);
}

/* ---- building and asking ---- */

void dm_domcaps_support(DmDomcapsOption *o, gboolean supported)
{
        o->supported = supported ? DM_YES : DM_NO;
}

static DmDomcapsEnum *find_enum(const GPtrArray *enums, const char *name)
{
        for (guint i = 0; enums && i < enums->len; i++) {
                DmDomcapsEnum *e = g_ptr_array_index(enums, i);
                if (strcmp(e->name, name) == 0)
                        return e;
        }
        return NULL;
}

DmDomcapsEnum *dm_domcaps_enum(GPtrArray **enums, const char *name)
{
        DmDomcapsEnum *e = find_enum(*enums, name);
        if (e)
                return e;
        if (!*enums)
                *enums = g_ptr_array_new();
        e = g_new0(DmDomcapsEnum, 1);
        e->name = g_strdup(name);
        g_ptr_array_add(*enums, e);
        return e;
}

void dm_domcaps_add(DmDomcapsEnum *e, const char *value)
{
        DmDomcapsValue *v = g_new0(DmDomcapsValue, 1);
        v->text = g_strdup(value);
        if (!e->values)
                e->values = g_ptr_array_new();
        g_ptr_array_add(e->values, v);
}

gboolean dm_domcaps_has(const GPtrArray *enums, const char *name, const char *value)
{
        const DmDomcapsEnum *e = find_enum(enums, name);
        for (guint i = 0; e && e->values && i < e->values->len; i++)
                if (strcmp(((DmDomcapsValue *)g_ptr_array_index(e->values, i))->text, value) == 0)
                        return TRUE;
        return FALSE;
}

const DmDomcapsMode *dm_domcaps_mode(const DmDomainCapabilities *c, const char *name)
{
        for (guint i = 0; c->modes && i < c->modes->len; i++) {
                const DmDomcapsMode *m = g_ptr_array_index(c->modes, i);
                if (strcmp(m->name, name) == 0)
                        return m;
        }
        return NULL;
}
