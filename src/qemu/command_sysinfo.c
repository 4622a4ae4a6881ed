/* -smbios and -fw_cfg: texts that the guest's firmware shows. */
#include "qemu/build_private.h"

#include <string.h>

#include "conf/domain_sysinfo.h"

/* Boards whose firmware has such tables. */
static gboolean has_smbios(const DmPlan *p)
{
        return dm_plan_x86(p) || !strcmp(p->arch->name, "aarch64") || g_str_has_prefix(p->arch->name, "armv");
}

static const char *entry(const GPtrArray *entries, int name)
{
        for (guint i = 0; entries && i < entries->len; i++) {
                const DmSysinfoEntry *e = g_ptr_array_index(entries, i);
                if ((int)e->name == name)
                        return e->value;
        }
        return NULL;
}

/* "type=1,manufacturer=…" of what is there, in the order of @names; nothing when nothing is. */
static void build_table(DmBuild *b, const void *origin, unsigned type, const DmEnum *names,
                        const GPtrArray *entries)
{
        g_autoptr(GString) s = g_string_new(NULL);
        dm_opts_appendf(s, "type", "%u", type);
        gsize empty = s->len;
        for (int name = 1; name < names->n; name++)
                if (dm_enum_name(names, name) && entry(entries, name))
                        dm_opts_append(s, dm_enum_name(names, name), entry(entries, name));
        if (s->len > empty)
                dm_command_add(b->command, origin, NULL, "-smbios", s->str);
}

static void build_strings(DmBuild *b, const DmSysinfo *info)
{
        g_autoptr(GString) s = g_string_new("type=11");
        for (guint i = 0; info->oem_strings && i < info->oem_strings->len; i++) {
                const DmSysinfoEntry *e = g_ptr_array_index(info->oem_strings, i);
                dm_opts_append(s, "value", e->value);
        }
        if (info->oem_strings && info->oem_strings->len)
                dm_command_add(b->command, info, NULL, "-smbios", s->str);
}

static gboolean build_tables(DmBuild *b, const DmSysinfo *info, GError **error)
{
        const DmPlan *p = b->plan;
        const char *uuid = entry(info->system, DM_SYSINFO_UUID);
        if (uuid && g_ascii_strcasecmp(uuid, p->domain->uuid) != 0)
                return dm_plan_fail(p, NULL, info, error,
                                    "the uuid '%s' of <sysinfo> is not the guest's, '%s'", uuid,
                                    p->domain->uuid);
        build_table(b, info, 0, &dm_sysinfo_bios, info->bios);
        build_table(b, info, 1, &dm_sysinfo_system, info->system);
        for (guint i = 0; info->boards && i < info->boards->len; i++) {
                const DmSysinfoBoard *board = g_ptr_array_index(info->boards, i);
                build_table(b, info, 2, &dm_sysinfo_board, board->entries);
        }
        build_table(b, info, 3, &dm_sysinfo_chassis, info->chassis);
        build_strings(b, info);
        return TRUE;
}

static void build_fwcfg(DmBuild *b, const DmSysinfo *info)
{
        for (guint i = 0; info->fwcfg && i < info->fwcfg->len; i++) {
                const DmFwcfgEntry *e = g_ptr_array_index(info->fwcfg, i);
                g_autoptr(GString) s = g_string_new(NULL);
                dm_opts_append(s, "name", e->name);
                if (e->value)
                        dm_opts_append(s, "string", e->value);
                else
                        dm_opts_append(s, "file", e->file);
                dm_command_add(b->command, e, NULL, "-fw_cfg", s->str);
        }
}

static const DmSysinfo *find(const DmDomain *d, DmSysinfoType type)
{
        for (guint i = 0; d->sysinfo && i < d->sysinfo->len; i++) {
                const DmSysinfo *info = g_ptr_array_index(d->sysinfo, i);
                if (info->type == type)
                        return info;
        }
        return NULL;
}

static gboolean build_smbios(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        const DmSysinfo *info = find(d, DM_SYSINFO_SMBIOS);
        switch (d->os.smbios) {
        case DM_SMBIOS_UNSET:
        case DM_SMBIOS_EMULATE:
                return TRUE;
        case DM_SMBIOS_HOST:
                return dm_plan_fail(
                        p, NULL, &d->os.smbios, error,
                        "<smbios mode='host'> is not supported; write what it shall show into <sysinfo>");
        case DM_SMBIOS_SYSINFO:
                break;
        }
        if (!info)
                return dm_plan_fail(p, NULL, &d->os.smbios, error,
                                    "<smbios mode='sysinfo'> needs <sysinfo type='smbios'>");
        if (!has_smbios(p))
                return dm_plan_fail(p, NULL, &d->os.smbios, error, "machine '%s' has no SMBIOS",
                                    p->board_name);
        return build_tables(b, info, error);
}

gboolean dm_build_sysinfo(DmBuild *b, GError **error)
{
        const DmSysinfo *fwcfg = find(b->plan->domain, DM_SYSINFO_FWCFG);
        if (!build_smbios(b, error))
                return FALSE;
        if (fwcfg)
                build_fwcfg(b, fwcfg);
        return TRUE;
}
