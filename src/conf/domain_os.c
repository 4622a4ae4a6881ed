/* <os>: rows.  The text of <type> is kept as it is: which words mean what is the resolver's business. */
#include "conf/domain_os.h"

DM_ENUM_TABLE(dm_boot_dev, "boot device", [DM_BOOT_FLOPPY] = "fd", [DM_BOOT_DISK] = "hd",
              [DM_BOOT_CDROM] = "cdrom", [DM_BOOT_NETWORK] = "network");
DM_ENUM_TABLE(
        dm_loader_type,
        "loader type", [DM_LOADER_ROM] = "rom", [DM_LOADER_PFLASH] = "pflash", [DM_LOADER_NONE] = "none");
DM_ENUM_TABLE(dm_firmware, "firmware", [DM_FIRMWARE_BIOS] = "bios", [DM_FIRMWARE_EFI] = "efi");
DM_ENUM_TABLE(dm_smbios_mode, "smbios mode", [DM_SMBIOS_EMULATE] = "emulate", [DM_SMBIOS_HOST] = "host",
              [DM_SMBIOS_SYSINFO] = "sysinfo");

DM_ENUM_TABLE(dm_firmware_feature, "firmware feature", [DM_FIRMWARE_ENROLLED_KEYS] = "enrolled-keys",
              [DM_FIRMWARE_SECURE_BOOT] = "secure-boot");
DM_ENUM_TABLE(dm_acpi_table_type, "ACPI table", [DM_ACPI_TABLE_SLIC] = "slic");

static const DmXmlRow type_rows[] = {
        DM_STRING(DmOs, arch, "arch", .flags = DM_ABI),
        DM_STRING(DmOs, machine, "machine", .flags = DM_ABI, .doc = "The board."),
        DM_STRING(DmOs, type, NULL, .as = DM_AS_TEXT, .flags = DM_ABI, .doc = "hvm"),
        { 0 },
};
static const DmXmlElement type_element = { "type", type_rows, .doc = "What kind of machine it is." };

static const DmXmlRow loader_rows[] = {
        DM_ENUM(DmOs, loader_readonly, "readonly", dm_yes_no),
        DM_ENUM(DmOs, loader_secure, "secure", dm_yes_no),
        DM_ENUM(DmOs, loader_type, "type", dm_loader_type),
        DM_ENUM(DmOs, loader_stateless, "stateless", dm_yes_no),
        DM_STRING(DmOs, loader_format, "format"),
        DM_STRING(DmOs, loader, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement loader_element = { "loader", loader_rows,
                                             .doc = "Firmware, or (2007) the emulator." };

static const DmXmlRow nvram_rows[] = {
        DM_PRESENT(DmOs, nvram),
        DM_STRING(DmOs, nvram_template, "template", .doc = "What a new store is copied from."),
        DM_STRING(DmOs, nvram_format, "format"),
        DM_ENUM(DmOs, nvram_image.type, "type", dm_disk_type, .doc = "Of <source>."),
        DM_STRING(DmOs, nvram_path, NULL, .as = DM_AS_TEXT,
                  DM_WHEN(DmOs, nvram_image.type, DM_DISK_TYPE_UNSET)),
        DM_AT(DmOs, nvram_image, dm_source_file, DM_WHEN(DmOs, nvram_image.type, DM_DISK_FILE)),
        DM_AT(DmOs, nvram_image, dm_source_block, DM_WHEN(DmOs, nvram_image.type, DM_DISK_BLOCK)),
        DM_AT(DmOs, nvram_image, dm_source_network, DM_WHEN(DmOs, nvram_image.type, DM_DISK_NETWORK)),
        DM_AT(DmOs, nvram_image, dm_source_dir, DM_WHEN(DmOs, nvram_image.type, DM_DISK_DIR)),
        DM_AT(DmOs, nvram_image, dm_source_volume, DM_WHEN(DmOs, nvram_image.type, DM_DISK_VOLUME)),
        DM_AT(DmOs, nvram_image, dm_source_nvme, DM_WHEN(DmOs, nvram_image.type, DM_DISK_NVME)),
        DM_AT(DmOs, nvram_image, dm_source_vhostuser, DM_WHEN(DmOs, nvram_image.type, DM_DISK_VHOSTUSER)),
        { 0 },
};
static const DmXmlElement nvram_element = { "nvram", nvram_rows, .doc = "Where UEFI keeps its variables." };

static const DmXmlRow firmware_feature_rows[] = {
        DM_ENUM(DmFirmwareFeature, enabled, "enabled", dm_yes_no, .flags = DM_REQUIRED),
        DM_ENUM(DmFirmwareFeature, name, "name", dm_firmware_feature, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement firmware_feature_element = {
        "feature",
        firmware_feature_rows,
        sizeof(DmFirmwareFeature),
        "Wanted, or not wanted.",
};
static const DmXmlRow firmware_rows[] = { DM_LIST(DmOs, firmware_features, firmware_feature_element), { 0 } };
static const DmXmlElement firmware_element = { "firmware", firmware_rows,
                                               .doc = "What the chosen loader must have." };

static const DmXmlRow acpi_table_rows[] = {
        DM_ENUM(DmAcpiTable, type, "type", dm_acpi_table_type, .flags = DM_REQUIRED),
        DM_STRING(DmAcpiTable, path, NULL, .as = DM_AS_TEXT, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement acpi_table_element = { "table", acpi_table_rows, sizeof(DmAcpiTable),
                                                 "A file with it." };
static const DmXmlRow acpi_rows[] = { DM_LIST(DmOs, acpi_tables, acpi_table_element), { 0 } };
static const DmXmlElement acpi_element = { "acpi", acpi_rows, .doc = "ACPI tables from files." };

static const DmXmlRow boot_rows[] = {
        DM_ENUM(DmBoot, dev, "dev", dm_boot_dev, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement boot_element = { "boot", boot_rows, sizeof(DmBoot),
                                           "A kind of device to boot from." };

static const DmXmlRow bootmenu_rows[] = {
        DM_ENUM(DmOs, bootmenu, "enable", dm_yes_no, .flags = DM_REQUIRED),
        DM_U32(DmOs, bootmenu_timeout, "timeout", .max = 65535, .doc = "Milliseconds."),
        { 0 },
};
static const DmXmlElement bootmenu_element = { "bootmenu", bootmenu_rows,
                                               .doc = "Whether the firmware asks." };

static const DmXmlRow bios_rows[] = {
        DM_ENUM(DmOs, useserial, "useserial", dm_yes_no, .flags = DM_ABI,
                .doc = "Firmware's output on serial 0."),
        DM_I64(DmOs, reboot_timeout, "rebootTimeout", .doc = "Milliseconds; -1: never."),
        { 0 },
};
static const DmXmlElement bios_element = { "bios", bios_rows, .doc = "Options of the firmware." };

static const DmXmlRow smbios_rows[] = {
        DM_ENUM(DmOs, smbios, "mode", dm_smbios_mode, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement smbios_element = { "smbios", smbios_rows, .doc = "Where SMBIOS tables come from." };

#define CONTAINER "it belongs to containers; leave it out"
static const DmXmlRow os_rows[] = {
        DM_ENUM(DmOs, firmware, "firmware", dm_firmware, .doc = "Let the driver choose the loader."),
        DM_IN(type_element),
        DM_IN(firmware_element),
        DM_REFUSED_EL("init", CONTAINER),
        DM_REFUSED_EL("initarg", CONTAINER),
        DM_REFUSED_EL("initenv", CONTAINER),
        DM_REFUSED_EL("initdir", CONTAINER),
        DM_REFUSED_EL("inituser", CONTAINER),
        DM_REFUSED_EL("initgroup", CONTAINER),
        DM_IN(loader_element),
        DM_IN(nvram_element),
        DM_STRING(DmOs, kernel, "kernel", .as = DM_AS_ELEMENT),
        DM_STRING(DmOs, initrd, "initrd", .as = DM_AS_ELEMENT),
        DM_STRING(DmOs, cmdline, "cmdline", .as = DM_AS_ELEMENT, .flags = DM_KEEP_BLANKS),
        DM_STRING(DmOs, dtb, "dtb", .as = DM_AS_ELEMENT),
        DM_REFUSED_EL("root", "it belongs to Xen; say root= in <cmdline>"),
        DM_IN(acpi_element),
        DM_LIST(DmOs, boot, boot_element),
        DM_IN(bootmenu_element),
        DM_IN(bios_element),
        DM_IN(smbios_element),
        { 0 },
};

static void check_firmware(const DmOs *os, const DmXmlCheck *c)
{
        guint32 seen = 0;
        if (os->firmware_features && !os->firmware)
                dm_check_fail(c, os->firmware_features->pdata[0], DM_ERROR_INVALID_XML,
                              "<firmware> needs <os firmware='efi'>: a loader that is named is not chosen");
        for (guint i = 0; os->firmware_features && i < os->firmware_features->len; i++) {
                const DmFirmwareFeature *f = g_ptr_array_index(os->firmware_features, i);
                if (f->name && (seen & (1u << f->name)))
                        dm_check_fail(c, &f->name, DM_ERROR_INVALID_XML,
                                      "the firmware feature '%s' is given twice",
                                      dm_enum_name(&dm_firmware_feature, f->name));
                seen |= 1u << f->name;
        }
        for (guint i = 0; os->acpi_tables && i < os->acpi_tables->len; i++) {
                const DmAcpiTable *t = g_ptr_array_index(os->acpi_tables, i);
                if (t->path && !g_path_is_absolute(t->path))
                        dm_check_fail(c, &t->path, DM_ERROR_INVALID_XML,
                                      "the table's path '%s' must be absolute", t->path);
        }
}

static void check(const void *base, const DmXmlCheck *c)
{
        const DmOs *os = base;
        if (!os->kernel && (os->initrd || os->cmdline))
                dm_check_fail(c, os->initrd ? &os->initrd : &os->cmdline, DM_ERROR_INVALID_XML,
                              "<initrd>/<cmdline> need <kernel>");
        if (os->reboot_timeout.set && (os->reboot_timeout.value < -1 || os->reboot_timeout.value > 65535))
                dm_check_fail(c, &os->reboot_timeout, DM_ERROR_INVALID_XML,
                              "'%" G_GINT64_FORMAT "' is not from -1 to 65535", os->reboot_timeout.value);
        check_firmware(os, c);
        for (guint i = 0; os->boot && i < os->boot->len; i++)
                for (guint j = 0; j < i; j++) {
                        const DmBoot *a = g_ptr_array_index(os->boot, j), *b = g_ptr_array_index(os->boot, i);
                        if (a->dev && a->dev == b->dev)
                                dm_check_fail(c, &b->dev, DM_ERROR_INVALID_XML,
                                              "boot device '%s' is given twice",
                                              dm_enum_name(&dm_boot_dev, b->dev));
                }
}

const DmXmlElement dm_os_element = {
        "os", os_rows, sizeof(DmOs), "What is booted, by which firmware, on which board.", .check = check,
};
