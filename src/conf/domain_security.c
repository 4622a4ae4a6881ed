/* <seclabel>, <launchSecurity>, <keywrap>: rows, and the rules between them. */
#include "conf/domain_security.h"

DM_ENUM_TABLE(dm_seclabel_type, "seclabel type", [DM_SECLABEL_DYNAMIC] = "dynamic",
              [DM_SECLABEL_STATIC] = "static", [DM_SECLABEL_NONE] = "none");
DM_ENUM_TABLE(dm_launch_security_type,
              "launch security", [DM_LAUNCH_SECURITY_SEV] = "sev", [DM_LAUNCH_SECURITY_S390_PV] = "s390-pv");
DM_ENUM_TABLE(dm_keywrap_cipher, "cipher", [DM_CIPHER_AES] = "aes", [DM_CIPHER_DEA] = "dea");

/* ---- seclabel ---- */

static const DmXmlRow seclabel_rows[] = {
        DM_ENUM(DmSeclabel, type, "type", dm_seclabel_type),
        DM_STRING(DmSeclabel, model, "model", .doc = "selinux, apparmor or dac."),
        DM_ENUM(DmSeclabel, relabel, "relabel", dm_yes_no,
                .doc = "Whether images are given the guest's label."),
        DM_STRING(DmSeclabel, label, "label", .as = DM_AS_ELEMENT,
                  DM_WHEN(DmSeclabel, type, DM_SECLABEL_STATIC)),
        DM_STRING(DmSeclabel, label, "label", .as = DM_AS_ELEMENT, .flags = DM_RUNTIME,
                  DM_WHEN(DmSeclabel, type, DM_SECLABEL_DYNAMIC, DM_SECLABEL_UNSET)),
        DM_STRING(DmSeclabel, imagelabel, "imagelabel", .as = DM_AS_ELEMENT, .flags = DM_RUNTIME),
        DM_STRING(DmSeclabel, baselabel, "baselabel", .as = DM_AS_ELEMENT,
                  DM_WHEN(DmSeclabel, type, DM_SECLABEL_DYNAMIC, DM_SECLABEL_UNSET)),
        { 0 },
};
static void check_seclabel(const void *base, const DmXmlCheck *c)
{
        const DmSeclabel *s = base;
        if (s->type == DM_SECLABEL_STATIC && !s->label)
                dm_check_fail(c, s, DM_ERROR_INVALID_XML, "a static seclabel needs a <label>");
        if (s->type == DM_SECLABEL_DYNAMIC && s->relabel == DM_NO)
                dm_check_fail(c, &s->relabel, DM_ERROR_INVALID_XML, "a dynamic seclabel relabels always");
        if (s->type == DM_SECLABEL_NONE && s->relabel == DM_YES)
                dm_check_fail(c, &s->relabel, DM_ERROR_INVALID_XML,
                              "without a label there is nothing to relabel with");
}
const DmXmlElement dm_seclabel_element = {
        "seclabel",
        seclabel_rows,
        sizeof(DmSeclabel),
        "Label of the guest's process.",
        .check = check_seclabel,
};

static const DmXmlRow device_seclabel_rows[] = {
        DM_STRING(DmDeviceSeclabel, model, "model"),
        DM_ENUM(DmDeviceSeclabel, labelskip, "labelskip", dm_yes_no, .flags = DM_RUNTIME),
        DM_ENUM(DmDeviceSeclabel, relabel, "relabel", dm_yes_no),
        DM_STRING(DmDeviceSeclabel, label, "label", .as = DM_AS_ELEMENT),
        { 0 },
};
const DmXmlElement dm_device_seclabel_element = {
        "seclabel",
        device_seclabel_rows,
        sizeof(DmDeviceSeclabel),
        "Label of this file.",
};

/* ---- launchSecurity ---- */

#define SEV DM_WHEN(DmLaunchSecurity, type, DM_LAUNCH_SECURITY_SEV)
static const DmXmlRow launch_rows[] = {
        DM_ENUM(DmLaunchSecurity, type, "type", dm_launch_security_type, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmLaunchSecurity, kernel_hashes, "kernelHashes", dm_yes_no, SEV),
        DM_U32(DmLaunchSecurity, cbitpos, "cbitpos", .as = DM_AS_ELEMENT, SEV, .doc = "Place of the C-bit."),
        DM_U32(DmLaunchSecurity, reduced_phys_bits, "reducedPhysBits", .as = DM_AS_ELEMENT, SEV),
        DM_U32(DmLaunchSecurity, policy, "policy", .as = DM_AS_ELEMENT, .hex = 4, .flags = DM_REQUIRED, SEV),
        DM_REFUSED_EL("handle", "the firmware gives it out; leave it out", SEV),
        DM_STRING(DmLaunchSecurity, dh_cert, "dhCert", .as = DM_AS_ELEMENT, SEV),
        DM_STRING(DmLaunchSecurity, session, "session", .as = DM_AS_ELEMENT, SEV),
        { 0 },
};
const DmXmlElement dm_launch_security_element = {
        "launchSecurity",
        launch_rows,
        sizeof(DmLaunchSecurity),
        "Memory that the host cannot read.",
};

/* ---- keywrap ---- */

static const DmXmlRow cipher_rows[] = {
        DM_ENUM(DmKeywrapEntry, name, "name", dm_keywrap_cipher, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmKeywrapEntry, state, "state", dm_on_off, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement cipher_element = { "cipher", cipher_rows, sizeof(DmKeywrapEntry), "One cipher." };
static const DmXmlRow keywrap_rows[] = { DM_LIST(DmKeywrap, ciphers, cipher_element), { 0 } };
static void check_keywrap(const void *base, const DmXmlCheck *c)
{
        const DmKeywrap *k = base;
        guint32 seen = 0;
        for (guint i = 0; k->ciphers && i < k->ciphers->len; i++) {
                const DmKeywrapEntry *e = g_ptr_array_index(k->ciphers, i);
                if (e->name && (seen & (1u << e->name)))
                        dm_check_fail(c, &e->name, DM_ERROR_INVALID_XML, "the cipher '%s' is given twice",
                                      dm_enum_name(&dm_keywrap_cipher, e->name));
                seen |= 1u << e->name;
        }
}
const DmXmlElement dm_keywrap_element = {
        "keywrap", keywrap_rows, sizeof(DmKeywrap), "s390x: key wrapping.", .check = check_keywrap,
};
