/* <sysinfo>: rows, and the rules between them. */
#include "conf/domain_sysinfo.h"

DM_ENUM_TABLE(dm_sysinfo_type, "sysinfo type", [DM_SYSINFO_SMBIOS] = "smbios", [DM_SYSINFO_FWCFG] = "fwcfg");
DM_ENUM_TABLE(dm_sysinfo_bios, "bios entry", [DM_SYSINFO_VENDOR] = "vendor", [DM_SYSINFO_VERSION] = "version",
              [DM_SYSINFO_DATE] = "date", [DM_SYSINFO_RELEASE] = "release");
DM_ENUM_TABLE(dm_sysinfo_system,
              "system entry", [DM_SYSINFO_MANUFACTURER] = "manufacturer", [DM_SYSINFO_PRODUCT] = "product",
              [DM_SYSINFO_VERSION] = "version", [DM_SYSINFO_SERIAL] = "serial", [DM_SYSINFO_UUID] = "uuid",
              [DM_SYSINFO_SKU] = "sku", [DM_SYSINFO_FAMILY] = "family");
DM_ENUM_TABLE(dm_sysinfo_board,
              "baseBoard entry", [DM_SYSINFO_MANUFACTURER] = "manufacturer", [DM_SYSINFO_PRODUCT] = "product",
              [DM_SYSINFO_VERSION] = "version", [DM_SYSINFO_SERIAL] = "serial", [DM_SYSINFO_ASSET] = "asset",
              [DM_SYSINFO_LOCATION] = "location");
DM_ENUM_TABLE(dm_sysinfo_chassis,
              "chassis entry", [DM_SYSINFO_MANUFACTURER] = "manufacturer", [DM_SYSINFO_VERSION] = "version",
              [DM_SYSINFO_SERIAL] = "serial", [DM_SYSINFO_ASSET] = "asset", [DM_SYSINFO_SKU] = "sku");

/* A table of <entry name='…'> with the names of @table, and its element. */
#define ENTRY_ELEMENT(ident, table, doc_)                                                    \
        static const DmXmlRow ident##_rows[] = {                                             \
                DM_ENUM(DmSysinfoEntry, name, "name", table, .flags = DM_REQUIRED | DM_ABI), \
                DM_STRING(DmSysinfoEntry, value, NULL, .as = DM_AS_TEXT, .flags = DM_ABI),   \
                { 0 },                                                                       \
        };                                                                                   \
        static const DmXmlElement ident = { "entry", ident##_rows, sizeof(DmSysinfoEntry), doc_ }
ENTRY_ELEMENT(bios_entry, dm_sysinfo_bios, "A text of table 0.");
ENTRY_ELEMENT(system_entry, dm_sysinfo_system, "A text of table 1.");
ENTRY_ELEMENT(board_entry, dm_sysinfo_board, "A text of table 2.");
ENTRY_ELEMENT(chassis_entry, dm_sysinfo_chassis, "A text of table 3.");

static const DmXmlRow oem_rows[] = {
        DM_STRING(DmSysinfoEntry, value, NULL, .as = DM_AS_TEXT, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement oem_entry = { "entry", oem_rows, sizeof(DmSysinfoEntry), "Any text." };

static const DmXmlRow bios_rows[] = { DM_LIST(DmSysinfo, bios, bios_entry), { 0 } };
static const DmXmlElement bios_element = { "bios", bios_rows, .doc = "SMBIOS table 0." };
static const DmXmlRow system_rows[] = { DM_LIST(DmSysinfo, system, system_entry), { 0 } };
static const DmXmlElement system_element = { "system", system_rows, .doc = "SMBIOS table 1." };
static const DmXmlRow board_rows[] = { DM_LIST(DmSysinfoBoard, entries, board_entry), { 0 } };
static const DmXmlElement board_element = { "baseBoard", board_rows, sizeof(DmSysinfoBoard),
                                            "SMBIOS table 2." };
static const DmXmlRow chassis_rows[] = { DM_LIST(DmSysinfo, chassis, chassis_entry), { 0 } };
static const DmXmlElement chassis_element = { "chassis", chassis_rows, .doc = "SMBIOS table 3." };
static const DmXmlRow oem_strings_rows[] = { DM_LIST(DmSysinfo, oem_strings, oem_entry), { 0 } };
static const DmXmlElement oem_strings_element = { "oemStrings", oem_strings_rows, .doc = "SMBIOS table 11." };

static const DmXmlRow fwcfg_rows[] = {
        DM_STRING(DmFwcfgEntry, name, "name", .flags = DM_REQUIRED | DM_ABI,
                  .doc = "Such as opt/com.example/x."),
        DM_STRING(DmFwcfgEntry, file, "file", .doc = "Host file with the content."),
        DM_STRING(DmFwcfgEntry, value, NULL, .as = DM_AS_TEXT, .flags = DM_ABI),
        { 0 },
};
static void check_fwcfg(const void *base, const DmXmlCheck *c)
{
        const DmFwcfgEntry *e = base;
        if (e->name && !g_str_has_prefix(e->name, "opt/"))
                dm_check_fail(c, &e->name, DM_ERROR_INVALID_XML,
                              "'%s' must begin with opt/: other names are the firmware's own", e->name);
        if (!e->file == !e->value)
                dm_check_fail(c, e, DM_ERROR_INVALID_XML, "an entry has either a value or a file");
}
static const DmXmlElement fwcfg_entry = {
        "entry",
        fwcfg_rows,
        sizeof(DmFwcfgEntry),
        "Something that the guest can read by name.",
        .check = check_fwcfg,
};

#define ON(TYPE) DM_WHEN(DmSysinfo, type, DM_SYSINFO_##TYPE)
static const DmXmlRow sysinfo_rows[] = {
        DM_ENUM(DmSysinfo, type, "type", dm_sysinfo_type, .flags = DM_REQUIRED),
        DM_IN(bios_element, ON(SMBIOS)),
        DM_IN(system_element, ON(SMBIOS)),
        DM_LIST(DmSysinfo, boards, board_element, ON(SMBIOS)),
        DM_IN(chassis_element, ON(SMBIOS)),
        DM_IN(oem_strings_element, ON(SMBIOS)),
        DM_LIST(DmSysinfo, fwcfg, fwcfg_entry, ON(FWCFG)),
        { 0 },
};
const DmXmlElement dm_sysinfo_element = {
        "sysinfo",
        sysinfo_rows,
        sizeof(DmSysinfo),
        "Texts that the guest's firmware tables show.",
};
