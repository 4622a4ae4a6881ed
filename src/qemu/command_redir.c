/* <redirdev>, <redirfilter>, <smartcard>: devices of whoever looks at the guest's screen. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include "conf/domain_redir.h"

/* The host's end, as that of a line which is called like the device. */
static DmChardev line_of(const DmDevice *device, const DmChardev *chardev)
{
        DmChardev line = *chardev;
        line.dev = (DmDevice){ .kind = device->kind, .alias = device->alias };
        return line;
}

static char *alias_of(const DmPlan *p, const DmDevice *device, const char *stem)
{
        return g_strdup_printf("%s%u", stem, dm_alias_number(p, device));
}

/* ---- redirdev ---- */

static gboolean redir_defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmRedirdev *r = (DmRedirdev *)device;
        (void)flags;
        (void)error;
        if (r->bus)
                return TRUE;
        r->bus = DM_REDIR_USB;
        dm_origins_explain(p->domain->origins, &r->bus, "the only bus that can be redirected");
        return TRUE;
}

static DmWants redir_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_USB;
}

static char *redir_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)n;
        return alias_of(p, device, "redir");
}

static gboolean redir_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmRedirdev *r = (const DmRedirdev *)device;
        (void)host;
        return dm_check_chardev(p, device, &r->chardev, error);
}

static gboolean redir_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmRedirdev *r = (const DmRedirdev *)device;
        DmChardev line = line_of(device, &r->chardev);
        return dm_build_chardev(b, &line, device, error);
}

static void add_id(GString *s, const char *id, int digits)
{
        guint64 value = 0;
        const char *hex = id && g_str_has_prefix(id, "0x") ? id + 2 : id;
        if (hex && g_ascii_string_to_unsigned(hex, 16, 0, G_MAXUINT16, &value, NULL))
                g_string_append_printf(s, "0x%0*X:", digits, (unsigned)value);
        else
                g_string_append(s, "-1:");
}

/* "1.09" is 0x0109: each digit stands for itself. */
static void add_version(GString *s, const char *version)
{
        g_auto(GStrv) parts = g_strsplit(version ? version : "", ".", 2);
        guint64 major = 0, minor = 0;
        if (g_strv_length(parts) == 2 && g_ascii_string_to_unsigned(parts[0], 10, 0, 99, &major, NULL) &&
            g_ascii_string_to_unsigned(parts[1], 10, 0, 99, &minor, NULL))
                g_string_append_printf(s, "0x%02u%02u:", (unsigned)major, (unsigned)minor);
        else
                g_string_append(s, "-1:");
}

/* "0x08:0x15E1:0x2007:0x0109:1|-1:-1:-1:-1:0": class, vendor, product, version, whether it is allowed. */
static char *filter_of(const DmPlan *p)
{
        const DmRedirfilter *f = dm_domain_device(p->domain, DM_DEVICE_REDIRFILTER, 0);
        if (!f || !f->rules || !f->rules->len)
                return NULL;
        GString *s = g_string_new(NULL);
        for (guint i = 0; i < f->rules->len; i++) {
                const DmUsbFilter *rule = g_ptr_array_index(f->rules, i);
                if (i)
                        g_string_append_c(s, '|');
                add_id(s, rule->usb_class, 2);
                add_id(s, rule->vendor, 4);
                add_id(s, rule->product, 4);
                add_version(s, rule->version);
                g_string_append_c(s, rule->allow == DM_YES ? '1' : '0');
        }
        return g_string_free(s, FALSE);
}

static DmJson *redir_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        g_autofree char *filter = filter_of(p);
        (void)error;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", "usb-redir");
        dm_json_add_stringf(props, "chardev", "char%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_json_add_string(props, "filter", filter);
        dm_props_boot(p, device, props);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_redirdev_ops = {
        .order = DM_ORDER_REDIRDEV,
        .defaults = redir_defaults,
        .wants = redir_wants,
        .alias = redir_alias,
        .check = redir_check,
        .backend = redir_backend,
        .props = redir_props,
};

/* What each redirected port is told; no device by itself. */
const DmDeviceOps dm_redirfilter_ops = {
        .order = DM_ORDER_REDIRDEV,
};

/* ---- smartcard ---- */

#define DEFAULT_DATABASE "/etc/pki/nssdb"

static DmWants card_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        (void)device;
        return DM_WANTS_CCID;
}

static char *card_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("smartcard%u", n);
}

static gboolean card_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmSmartcard *s = (const DmSmartcard *)device;
        (void)host;
        return s->mode != DM_SMARTCARD_PASSTHROUGH || dm_check_chardev(p, device, &s->chardev, error);
}

static gboolean card_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmSmartcard *s = (const DmSmartcard *)device;
        DmChardev line = line_of(device, &s->chardev);
        return s->mode != DM_SMARTCARD_PASSTHROUGH || dm_build_chardev(b, &line, device, error);
}

static void add_certificates(const DmSmartcard *s, DmJson *props)
{
        for (guint i = 0; s->certificates && i < s->certificates->len; i++) {
                const DmCertificate *one = g_ptr_array_index(s->certificates, i);
                g_autofree char *key = g_strdup_printf("cert%u", i + 1);
                dm_json_add_string(props, key, one->name);
        }
        dm_json_add_string(props, "db", s->database ? s->database : DEFAULT_DATABASE);
}

static DmJson *card_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmSmartcard *s = (const DmSmartcard *)device;
        gboolean passthrough = s->mode == DM_SMARTCARD_PASSTHROUGH;
        (void)error;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", passthrough ? "ccid-card-passthru" : "ccid-card-emulated");
        if (s->mode == DM_SMARTCARD_HOST)
                dm_json_add_string(props, "backend", "nss-emulated");
        if (s->mode == DM_SMARTCARD_CERTIFICATES) {
                dm_json_add_string(props, "backend", "certificates");
                add_certificates(s, props);
        }
        if (passthrough)
                dm_json_add_stringf(props, "chardev", "char%s", device->alias);
        dm_json_add_string(props, "id", device->alias);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_smartcard_ops = {
        .order = DM_ORDER_SMARTCARD,
        .wants = card_wants,
        .alias = card_alias,
        .check = card_check,
        .backend = card_backend,
        .props = card_props,
};
