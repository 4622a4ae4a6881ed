/* Firmware: <os firmware='efi'> by the host's descriptors, in QEMU's order of precedence; and which firmware
 * and ACPI go together.  What was chosen is written into <loader> and <nvram>, where it stays: a guest's
 * variables belong to the firmware that wrote them. */
#include <string.h>

#include "qemu/firmware.h"
#include "qemu/resolve_private.h"

/* Bit of a SEV policy: the guest's registers are encrypted too. */
#define SEV_POLICY_ES 4

/* ---- is a descriptor one that can be used? ---- */

gboolean dm_firmware_lists(const DmJson *firmware, const char *key, const char *text)
{
        const DmJson *array = dm_json_get(firmware, key);
        for (gsize i = 0; i < dm_json_length(array); i++) {
                const char *item = dm_json_string(dm_json_at(array, i));
                if (item && strcmp(item, text) == 0)
                        return TRUE;
        }
        return FALSE;
}

static gboolean target_fits(const DmJson *target, const DmArch *arch, const char *machine)
{
        const char *name = dm_json_get_string(target, "architecture");
        const DmJson *machines = dm_json_get(target, "machines");
        if (!name || dm_arch_of_target(name) != arch)
                return FALSE;
        for (gsize i = 0; i < dm_json_length(machines); i++) {
                const char *pattern = dm_json_string(dm_json_at(machines, i));
                if (pattern && g_pattern_match_simple(pattern, machine))
                        return TRUE;
        }
        return FALSE;
}

gboolean dm_firmware_fits(const DmJson *firmware, const DmArch *arch, const char *machine)
{
        const DmJson *targets = dm_json_get(firmware, "targets");
        for (gsize i = 0; i < dm_json_length(targets); i++)
                if (target_fits(dm_json_at(targets, i), arch, machine))
                        return TRUE;
        return FALSE;
}

/* The kind of mapping can be built, and keeps its variables as the document wants it. */
static gboolean fits_mapping(const DmJson *firmware, const DmOs *os)
{
        const DmJson *mapping = dm_json_get(firmware, "mapping");
        const char *device = dm_json_get_string(mapping, "device"),
                   *mode = dm_json_get_string(mapping, "mode");
        gboolean stateless = os->loader_stateless == DM_YES;
        if (!device)
                return FALSE;
        if (strcmp(device, "memory") == 0)
                return os->loader_stateless != DM_NO && dm_json_get_string(mapping, "filename");
        if (strcmp(device, "flash") != 0 || !dm_json_path(mapping, "executable.filename"))
                return FALSE;
        if (mode && strcmp(mode, "stateless") == 0)
                return stateless;
        return !stateless && (!mode || strcmp(mode, "split") == 0) &&
               dm_json_path(mapping, "nvram-template.filename");
}

/* It has what the document wants of it, and of the guest. */
static gboolean fits_features(const DmJson *firmware, const DmDomain *d)
{
        const GPtrArray *wanted = d->os.firmware_features;
        const DmLaunchSecurity *l = d->launch_security;
        gboolean sev = l && l->type == DM_LAUNCH_SECURITY_SEV;
        for (guint i = 0; wanted && i < wanted->len; i++) {
                const DmFirmwareFeature *f = g_ptr_array_index(wanted, i);
                const char *name = dm_enum_name(&dm_firmware_feature, f->name);
                if (dm_firmware_lists(firmware, "features", name) != (f->enabled == DM_YES))
                        return FALSE;
        }
        const struct {
                gboolean wanted;
                const char *feature;
        } needs[] = {
                { d->pm && d->pm->suspend_to_mem == DM_YES, "acpi-s3" },
                { d->pm && d->pm->suspend_to_disk == DM_YES, "acpi-s4" },
                { sev, "amd-sev" },
                { sev && (l->policy.value & SEV_POLICY_ES) != 0, "amd-sev-es" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(needs); i++)
                if (needs[i].wanted && !dm_firmware_lists(firmware, "features", needs[i].feature))
                        return FALSE;
        return TRUE;
}

static gboolean fits(const DmJson *firmware, const DmResolve *r)
{
        const DmOs *os = &r->d->os;
        const DmFeatures *f = r->d->features;
        const char *interface = os->firmware == DM_FIRMWARE_EFI ? "uefi" : "bios";
        gboolean needs_smm = dm_firmware_lists(firmware, "features", "requires-smm");
        if (!dm_firmware_lists(firmware, "interface-types", interface) ||
            !dm_firmware_fits(firmware, r->p->arch, r->p->machine->name) || !fits_mapping(firmware, os) ||
            !fits_features(firmware, r->d))
                return FALSE;
        if (needs_smm && f && f->smm == DM_OFF)
                return FALSE;
        return os->loader_secure != DM_YES || needs_smm;
}

/* ---- taking it ---- */

static void explain(DmResolve *r, const void *value, const DmJson *firmware)
{
        const char *descriptor = dm_json_get_string(firmware, "descriptor");
        dm_origins_explain(r->d->origins, value, "firmware descriptor %s, the first that fits",
                           descriptor ? descriptor : dm_json_get_string(firmware, "description"));
}

/* "raw" is what no format means. */
static void set_format(char **member, const DmJson *file)
{
        const char *format = dm_json_get_string(file, "format");
        if (format && strcmp(format, "raw") != 0)
                dm_resolve_set(member, format);
}

static void take_flash(DmResolve *r, const DmJson *firmware)
{
        DmOs *os = &r->d->os;
        const DmJson *executable = dm_json_path(firmware, "mapping.executable");
        const DmJson *variables = dm_json_path(firmware, "mapping.nvram-template");
        dm_resolve_set(&os->loader, dm_json_get_string(executable, "filename"));
        set_format(&os->loader_format, executable);
        os->loader_type = DM_LOADER_PFLASH;
        os->loader_readonly = DM_YES;
        explain(r, &os->loader, firmware);
        if (!variables)
                return;
        os->nvram = TRUE;
        if (!os->nvram_template) {
                dm_resolve_set(&os->nvram_template, dm_json_get_string(variables, "filename"));
                set_format(&os->nvram_format, variables);
                explain(r, &os->nvram_template, firmware);
        }
}

static void take(DmResolve *r, const DmJson *firmware)
{
        DmDomain *d = r->d;
        const DmJson *mapping = dm_json_get(firmware, "mapping");
        if (strcmp(dm_json_get_string(mapping, "device"), "flash") == 0) {
                take_flash(r, firmware);
        } else {
                dm_resolve_set(&d->os.loader, dm_json_get_string(mapping, "filename"));
                d->os.loader_type = DM_LOADER_ROM;
                explain(r, &d->os.loader, firmware);
        }
        if (!dm_firmware_lists(firmware, "features", "requires-smm"))
                return;
        if (!d->features)
                d->features = g_new0(DmFeatures, 1);
        if (!d->features->smm) {
                d->features->smm = DM_ON;
                dm_origins_explain(d->origins, &d->features->smm, "%s requires it", d->os.loader);
        }
        if (!d->os.loader_secure) {
                d->os.loader_secure = DM_YES;
                dm_origins_explain(d->origins, &d->os.loader_secure, "%s requires SMM", d->os.loader);
        }
}

/* ---- rules ---- */

/* With a descriptor the loader's properties are the descriptor's. */
static gboolean check_choice(const DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        const struct {
                gboolean given;
                const void *value;
                const char *name;
        } refused[] = {
                { os->loader_readonly != DM_YES_NO_UNSET, &os->loader_readonly, "readonly" },
                { os->loader_type != DM_LOADER_UNSET, &os->loader_type, "type" },
                { os->loader_secure == DM_NO, &os->loader_secure, "secure" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
                if (refused[i].given)
                        return dm_resolve_fail(
                                r, refused[i].value, error, DM_ERROR_INVALID_XML,
                                "loader attribute '%s' cannot be specified when firmware autoselection "
                                "is enabled",
                                refused[i].name);
        return TRUE;
}

static gboolean choose(DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        const char *name = dm_enum_name(&dm_firmware, os->firmware);
        if (os->firmware == DM_FIRMWARE_BIOS && os->nvram)
                return dm_resolve_fail(r, &os->nvram, error, DM_ERROR_INVALID_XML,
                                       "firmware type '%s' does not support nvram", name);
        if (!check_choice(r, error))
                return FALSE;
        for (guint i = 0; i < r->host->firmwares->len; i++) {
                const DmJson *firmware = g_ptr_array_index(r->host->firmwares, i);
                if (fits(firmware, r)) {
                        take(r, firmware);
                        return TRUE;
                }
        }
        if (os->firmware == DM_FIRMWARE_BIOS) {
                dm_origins_explain(r->d->origins, &os->firmware, "what %s loads by itself", r->p->caps->path);
                return TRUE;
        }
        return dm_resolve_fail(
                r, &os->firmware, error, DM_ERROR_UNSUPPORTED,
                "Unable to find any firmware to satisfy '%s' for machine '%s' of %s (%u descriptors "
                "were looked at)",
                name, r->p->machine->name, r->p->arch->name, r->host->firmwares->len);
}

/* A firmware of UEFI tells the guest about the hardware by ACPI alone, and on ARM nothing else does. */
static gboolean check_acpi(const DmResolve *r, GError **error)
{
        const DmOs *os = &r->d->os;
        gboolean uefi = os->firmware == DM_FIRMWARE_EFI ||
                        (os->loader && os->loader_type == DM_LOADER_PFLASH && os->loader_readonly == DM_YES);
        gboolean acpi = r->d->features && r->d->features->acpi;
        gboolean x86 = strcmp(r->p->arch->name, "x86_64") == 0 || strcmp(r->p->arch->name, "i686") == 0;
        if (x86 && uefi && !acpi)
                return dm_resolve_fail(r, &os->loader, error, DM_ERROR_UNSUPPORTED,
                                       "UEFI requires ACPI on this architecture: add <acpi/> to <features>");
        if (strcmp(r->p->arch->name, "aarch64") == 0 && acpi && !uefi)
                return dm_resolve_fail(
                        r, &r->d->features->acpi, error, DM_ERROR_UNSUPPORTED,
                        "ACPI requires UEFI on this architecture: add firmware='efi' to <os>, or "
                        "remove <acpi/>");
        return TRUE;
}

gboolean dm_resolve_firmware(DmResolve *r, GError **error)
{
        if (r->d->os.firmware && !r->d->os.loader && !choose(r, error))
                return FALSE;
        return check_acpi(r, error);
}
