/* Elements of libvirt's namespace for QEMU: rows, and the rules between them. */
#include "conf/domain_qemu.h"

#include <string.h>

DM_ENUM_TABLE(dm_qemu_deprecation,
              "deprecation behavior", [DM_DEPRECATION_NONE] = "none", [DM_DEPRECATION_OMIT] = "omit",
              [DM_DEPRECATION_REJECT] = "reject", [DM_DEPRECATION_CRASH] = "crash");
DM_ENUM_TABLE(
        dm_qemu_property_type,
        "property type", [DM_PROPERTY_STRING] = "string", [DM_PROPERTY_SIGNED] = "signed",
        [DM_PROPERTY_UNSIGNED] = "unsigned", [DM_PROPERTY_BOOL] = "bool", [DM_PROPERTY_REMOVE] = "remove");

#define NS .ns = DM_QEMU_NS, .prefix = "qemu"

/* ---- commandline ---- */

static const DmXmlRow arg_rows[] = {
        DM_STRING(DmQemuArg, value, "value", .flags = DM_REQUIRED | DM_EMPTY_OK | DM_KEEP_BLANKS),
        { 0 },
};
static const DmXmlElement arg_element = { "arg", arg_rows, sizeof(DmQemuArg), "One more argument.", NS };
static const DmXmlRow env_rows[] = {
        DM_STRING(DmQemuArg, name, "name", .flags = DM_REQUIRED),
        DM_STRING(DmQemuArg, value, "value", .flags = DM_EMPTY_OK | DM_KEEP_BLANKS),
        { 0 },
};
static void check_env(const void *base, const DmXmlCheck *c)
{
        const DmQemuArg *e = base;
        if (e->name && (g_ascii_isdigit(*e->name) ||
                        e->name[strspn(e->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")] != 0))
                dm_check_fail(c, &e->name, DM_ERROR_INVALID_XML, "'%s' is no name of an environment variable",
                              e->name);
}
static const DmXmlElement env_element = {
        "env", env_rows, sizeof(DmQemuArg), "An environment variable.", NS, .check = check_env,
};
static const DmXmlRow commandline_rows[] = {
        DM_LIST(DmQemuCommandline, args, arg_element),
        DM_LIST(DmQemuCommandline, env, env_element),
        { 0 },
};
const DmXmlElement dm_qemu_commandline_element = {
        "commandline",
        commandline_rows,
        sizeof(DmQemuCommandline),
        "Arguments that QEMU is given as they are.",
        NS,
};

/* ---- capabilities, deprecation ---- */

static const DmXmlRow capability_rows[] = {
        DM_STRING(DmQemuArg, value, "capability", .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement add_element = { "add", capability_rows, sizeof(DmQemuArg), "Assumed to be there.",
                                          NS };
static const DmXmlElement del_element = { "del", capability_rows, sizeof(DmQemuArg), "Assumed to be missing.",
                                          NS };
static const DmXmlRow capabilities_rows[] = {
        DM_LIST(DmQemuCapabilities, added, add_element),
        DM_LIST(DmQemuCapabilities, removed, del_element),
        { 0 },
};
const DmXmlElement dm_qemu_capabilities_element = {
        "capabilities",
        capabilities_rows,
        sizeof(DmQemuCapabilities),
        "Corrections to what QEMU was found to have.",
        NS,
};

static const DmXmlRow deprecation_rows[] = {
        DM_ENUM(DmQemuDeprecated, behavior, "behavior", dm_qemu_deprecation, .flags = DM_REQUIRED),
        { 0 },
};
const DmXmlElement dm_qemu_deprecation_element = {
        "deprecation",
        deprecation_rows,
        sizeof(DmQemuDeprecated),
        "What QEMU does with deprecated commands.",
        NS,
};

/* ---- override ---- */

#define HAS_VALUE                                                                                   \
        DM_WHEN(DmQemuProperty, type, DM_PROPERTY_STRING, DM_PROPERTY_SIGNED, DM_PROPERTY_UNSIGNED, \
                DM_PROPERTY_BOOL)
static const DmXmlRow property_rows[] = {
        DM_STRING(DmQemuProperty, name, "name", .flags = DM_REQUIRED),
        DM_ENUM(DmQemuProperty, type, "type", dm_qemu_property_type, .flags = DM_REQUIRED),
        DM_STRING(DmQemuProperty, value, "value", .flags = DM_REQUIRED | DM_EMPTY_OK | DM_KEEP_BLANKS,
                  HAS_VALUE),
        { 0 },
};
static void check_property(const void *base, const DmXmlCheck *c)
{
        const DmQemuProperty *p = base;
        gboolean good = TRUE;
        if (!p->value)
                return;
        switch (p->type) {
        case DM_PROPERTY_SIGNED:
                good = g_ascii_string_to_signed(p->value, 10, G_MININT64, G_MAXINT64, NULL, NULL);
                break;
        case DM_PROPERTY_UNSIGNED:
                good = g_ascii_string_to_unsigned(p->value, 10, 0, G_MAXUINT64, NULL, NULL);
                break;
        case DM_PROPERTY_BOOL:
                good = strcmp(p->value, "true") == 0 || strcmp(p->value, "false") == 0;
                break;
        case DM_PROPERTY_STRING:
        case DM_PROPERTY_REMOVE:
        case DM_PROPERTY_UNSET:
                break;
        }
        if (!good)
                dm_check_fail(c, &p->value, DM_ERROR_INVALID_XML, "'%s' is not a value of type '%s'",
                              p->value, dm_enum_name(&dm_qemu_property_type, p->type));
}
static const DmXmlElement property_element = {
        "property", property_rows,           sizeof(DmQemuProperty), "A property of QEMU's device.",
        NS,         .check = check_property,
};
static const DmXmlRow frontend_rows[] = { DM_LIST(DmQemuOverrideDevice, properties, property_element),
                                          { 0 } };
static const DmXmlElement frontend_element = { "frontend", frontend_rows, .doc = "What the guest sees.", NS };
static const DmXmlRow device_rows[] = {
        DM_STRING(DmQemuOverrideDevice, alias, "alias", .flags = DM_REQUIRED),
        DM_IN(frontend_element),
        { 0 },
};
static const DmXmlElement device_element = {
        "device", device_rows, sizeof(DmQemuOverrideDevice), "One device, by its alias.", NS,
};
static const DmXmlRow override_rows[] = { DM_LIST(DmQemuOverride, devices, device_element), { 0 } };
const DmXmlElement dm_qemu_override_element = {
        "override", override_rows, sizeof(DmQemuOverride), "Properties of devices that are set as they are.",
        NS,
};
