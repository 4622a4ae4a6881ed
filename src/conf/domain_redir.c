/* <redirdev>, <redirfilter>, <smartcard>: rows, and the rules between them. */
#include "conf/domain_redir.h"

#include <string.h>

DM_ENUM_TABLE(dm_redir_bus, "redirection bus", [DM_REDIR_USB] = "usb");
DM_ENUM_TABLE(dm_smartcard_mode, "smartcard mode", [DM_SMARTCARD_HOST] = "host",
              [DM_SMARTCARD_CERTIFICATES] = "host-certificates", [DM_SMARTCARD_PASSTHROUGH] = "passthrough");

/* ---- redirdev, redirfilter ---- */

static const DmXmlRow redirdev_rows[] = {
        DM_ENUM(DmRedirdev, bus, "bus", dm_redir_bus, .flags = DM_ABI),
        DM_CHARDEV_TYPE_ROW(DmRedirdev, chardev, .flags = DM_REQUIRED),
        DM_CHARDEV_SOURCE_ROWS(DmRedirdev, chardev),
        DM_DEVICE_BOOT(DmRedirdev),
        DM_DEVICE_TAIL(DmRedirdev),
        { 0 },
};
static void check_redirdev(const void *base, const DmXmlCheck *c)
{
        dm_chardev_check(&((const DmRedirdev *)base)->chardev, c);
}
const DmXmlElement dm_redirdev_schema = {
        "redirdev", redirdev_rows, sizeof(DmRedirdev), "A USB device of the viewer.", .check = check_redirdev,
};

static const DmXmlRow usbdev_rows[] = {
        DM_STRING(DmUsbFilter, usb_class, "class"),
        DM_STRING(DmUsbFilter, vendor, "vendor"),
        DM_STRING(DmUsbFilter, product, "product"),
        DM_STRING(DmUsbFilter, version, "version", .doc = "Such as 2.0."),
        DM_ENUM(DmUsbFilter, allow, "allow", dm_yes_no, .flags = DM_REQUIRED),
        { 0 },
};
static void check_id(char *const *id, guint64 max, const DmXmlCheck *c)
{
        const char *digits = *id && g_str_has_prefix(*id, "0x") ? *id + 2 : *id;
        if (*id && strcmp(*id, "-1") != 0 && !g_ascii_string_to_unsigned(digits, 16, 0, max, NULL, NULL))
                dm_check_fail(c, id, DM_ERROR_INVALID_XML,
                              "'%s' is neither -1 nor a hexadecimal number up to 0x%" G_GINT64_MODIFIER "x",
                              *id, max);
}
static void check_usbdev(const void *base, const DmXmlCheck *c)
{
        const DmUsbFilter *f = base;
        check_id(&f->usb_class, 0xff, c);
        check_id(&f->vendor, 0xffff, c);
        check_id(&f->product, 0xffff, c);
}
static const DmXmlElement usbdev_element = {
        "usbdev",
        usbdev_rows,
        sizeof(DmUsbFilter),
        "A rule; the first that fits counts.",
        .check = check_usbdev,
};
static const DmXmlRow redirfilter_rows[] = { DM_LIST(DmRedirfilter, rules, usbdev_element), { 0 } };
const DmXmlElement dm_redirfilter_schema = {
        "redirfilter",
        redirfilter_rows,
        sizeof(DmRedirfilter),
        "Which USB devices may be redirected.",
};

/* ---- smartcard ---- */

/* QEMU's emulated card has so many slots, and all must be filled. */
#define CERTIFICATES 3

static const DmXmlRow certificate_rows[] = {
        DM_STRING(DmCertificate, name, NULL, .as = DM_AS_TEXT, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement certificate_element = {
        "certificate",
        certificate_rows,
        sizeof(DmCertificate),
        "Name of a certificate in the database.",
};
#define ON(TYPE) DM_WHEN(DmSmartcard, mode, DM_SMARTCARD_##TYPE)
static const DmXmlRow smartcard_rows[] = {
        DM_ENUM(DmSmartcard, mode, "mode", dm_smartcard_mode, .flags = DM_REQUIRED | DM_ABI),
        DM_CHARDEV_TYPE_ROW(DmSmartcard, chardev, .flags = DM_REQUIRED, ON(PASSTHROUGH)),
        DM_LIST(DmSmartcard, certificates, certificate_element, ON(CERTIFICATES)),
        DM_STRING(DmSmartcard, database, "database", .as = DM_AS_ELEMENT, ON(CERTIFICATES)),
        DM_CHARDEV_SOURCE_ROWS(DmSmartcard, chardev),
        DM_REFUSED_EL("target", "a smart card has none; leave it out"),
        DM_DEVICE_TAIL(DmSmartcard),
        { 0 },
};
static void check_smartcard(const void *base, const DmXmlCheck *c)
{
        const DmSmartcard *s = base;
        guint n = s->certificates ? s->certificates->len : 0;
        dm_chardev_check(&s->chardev, c);
        if (s->mode == DM_SMARTCARD_CERTIFICATES && n != CERTIFICATES)
                dm_check_fail(c, s, DM_ERROR_INVALID_XML, "exactly %d certificates are needed, not %u",
                              CERTIFICATES, n);
        if (s->database && !g_path_is_absolute(s->database))
                dm_check_fail(c, &s->database, DM_ERROR_INVALID_XML,
                              "the database's path '%s' must be absolute", s->database);
        for (guint i = 0; i < n; i++) {
                const DmCertificate *one = g_ptr_array_index(s->certificates, i);
                if (one->name && strchr(one->name, ','))
                        dm_check_fail(c, &one->name, DM_ERROR_INVALID_XML,
                                      "the name '%s' must not hold a comma", one->name);
        }
}
static const char *smartcard_label(const void *base)
{
        return dm_enum_name(&dm_smartcard_mode, ((const DmSmartcard *)base)->mode);
}
const DmXmlElement dm_smartcard_schema = {
        "smartcard",     smartcard_rows,           sizeof(DmSmartcard),
        "A smart card.", .check = check_smartcard, .label = smartcard_label,
};
