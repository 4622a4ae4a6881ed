/* <pool> and <volume>: rows, and what holds beyond them. */
#include "conf/storage.h"

#include <string.h>

#include "conf/codecs.h"

#define NAME_MAX_BYTES 255

DM_ENUM_TABLE(dm_pool_type, "pool type", [DM_POOL_DIR] = "dir");
DM_ENUM_TABLE(
        dm_volume_type,
        "volume type", [DM_VOLUME_FILE] = "file", [DM_VOLUME_BLOCK] = "block", [DM_VOLUME_FOLDER] = "dir");
DM_ENUM_TABLE(dm_volume_format, "volume format", [DM_VOLUME_RAW] = "raw", [DM_VOLUME_QCOW2] = "qcow2",
              [DM_VOLUME_QED] = "qed", [DM_VOLUME_QCOW] = "qcow", [DM_VOLUME_VMDK] = "vmdk",
              [DM_VOLUME_VDI] = "vdi", [DM_VOLUME_ISO] = "iso", [DM_VOLUME_DIR] = "dir");

static const DmXmlRow permission_rows[] = {
        DM_STRING(DmPermissions, mode, "mode", .as = DM_AS_ELEMENT, .doc = "Octal."),
        DM_STRING(DmPermissions, owner, "owner", .as = DM_AS_ELEMENT),
        DM_STRING(DmPermissions, group, "group", .as = DM_AS_ELEMENT),
        DM_STRING(DmPermissions, label, "label", .as = DM_AS_ELEMENT),
        { 0 },
};
static const DmXmlElement permissions_element = { "permissions", permission_rows, sizeof(DmPermissions),
                                                  "Who may use it." };

/* ---- pool ---- */

static const DmXmlRow pool_source_rows[] = { DM_PRESENT(DmPool, source), { 0 } };
static const DmXmlElement pool_source_element = { "source", pool_source_rows,
                                                  .doc = "A folder has none beside its path." };
static const DmXmlRow pool_target_rows[] = {
        DM_STRING(DmPool, path, "path", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED),
        DM_SUB(DmPool, permissions, permissions_element),
        { 0 },
};
static const DmXmlElement pool_target_element = { "target", pool_target_rows, .doc = "Where it is." };
static const DmXmlRow pool_rows[] = {
        DM_ENUM(DmPool, type, "type", dm_pool_type, .flags = DM_REQUIRED),
        DM_STRING(DmPool, name, "name", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED),
        DM_CUSTOM(DmPool, uuid, "uuid", dm_uuid_codec, .as = DM_AS_ELEMENT),
        DM_BYTES(DmPool, capacity, "capacity", .as = DM_AS_ELEMENT),
        DM_BYTES(DmPool, allocation, "allocation", .as = DM_AS_ELEMENT),
        DM_BYTES(DmPool, available, "available", .as = DM_AS_ELEMENT),
        DM_IN(pool_source_element, .flags = DM_ALWAYS),
        DM_IN(pool_target_element, .flags = DM_REQUIRED),
        { 0 },
};

static void check_pool(const void *base, const DmXmlCheck *c)
{
        const DmPool *p = base;
        if (p->name && !dm_volume_name_ok(p->name))
                dm_check_fail(c, &p->name, DM_ERROR_INVALID_XML, "'%s' can't be the name of a pool", p->name);
        if (p->path && !g_path_is_absolute(p->path))
                dm_check_fail(c, &p->path, DM_ERROR_INVALID_XML, "the path '%s' is not absolute", p->path);
}

static const DmXmlElement pool_element = { "pool", pool_rows, sizeof(DmPool), "A folder of images.",
                                           .check = check_pool };

void dm_pool_free(DmPool *p)
{
        if (p)
                dm_xml_free(&pool_element, p);
}

static gboolean parse(const char *text, gsize length, const DmXmlElement *element, void *base, GError **error)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        return dm_xml_parse(text, length, element, 0, base, NULL, findings, error);
}

DmPool *dm_pool_parse(const char *text, gsize length, GError **error)
{
        g_autoptr(DmPool) p = g_new0(DmPool, 1);
        return parse(text, length, &pool_element, p, error) ? g_steal_pointer(&p) : NULL;
}

char *dm_pool_format(const DmPool *p)
{
        return dm_xml_format(&pool_element, p, 0);
}

/* ---- volume ---- */

static const DmXmlRow volume_source_rows[] = { DM_PRESENT(DmVolume, source), { 0 } };
static const DmXmlElement volume_source_element = { "source", volume_source_rows,
                                                    .doc = "A file has none beside its path." };
static const DmXmlRow format_rows[] = {
        DM_ENUM(DmVolume, format, "type", dm_volume_format),
        { 0 },
};
static const DmXmlElement format_element = { "format", format_rows, .doc = "What is in it." };
static const DmXmlRow volume_target_rows[] = {
        DM_STRING(DmVolume, path, "path", .as = DM_AS_ELEMENT),
        DM_IN(format_element),
        DM_SUB(DmVolume, permissions, permissions_element),
        DM_VERBATIM(DmVolume, timestamps, "timestamps"),
        DM_STRING(DmVolume, compat, "compat", .as = DM_AS_ELEMENT),
        DM_VERBATIM(DmVolume, features, "features"),
        { 0 },
};
static const DmXmlElement volume_target_element = { "target", volume_target_rows, .doc = "Where it is." };
static const DmXmlRow backing_format_rows[] = {
        DM_ENUM(DmBacking, format, "type", dm_volume_format),
        { 0 },
};
static const DmXmlElement backing_format_element = { "format", backing_format_rows, .doc = "What is in it." };
static const DmXmlRow backing_rows[] = {
        DM_STRING(DmBacking, path, "path", .as = DM_AS_ELEMENT),
        DM_IN(backing_format_element),
        { 0 },
};
static const DmXmlElement backing_element = { "backingStore", backing_rows, sizeof(DmBacking),
                                              "The image that it only tells the differences to." };
static const DmXmlRow volume_rows[] = {
        DM_ENUM(DmVolume, type, "type", dm_volume_type),
        DM_STRING(DmVolume, name, "name", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED),
        DM_STRING(DmVolume, key, "key", .as = DM_AS_ELEMENT),
        DM_IN(volume_source_element, .flags = DM_ALWAYS),
        DM_BYTES(DmVolume, capacity, "capacity", .as = DM_AS_ELEMENT),
        DM_BYTES(DmVolume, allocation, "allocation", .as = DM_AS_ELEMENT),
        DM_BYTES(DmVolume, physical, "physical", .as = DM_AS_ELEMENT),
        DM_IN(volume_target_element),
        DM_SUB(DmVolume, backing, backing_element),
        { 0 },
};

gboolean dm_volume_name_ok(const char *name)
{
        if (!*name || strlen(name) > NAME_MAX_BYTES || strchr(name, '/') || strcmp(name, ".") == 0 ||
            strcmp(name, "..") == 0)
                return FALSE;
        for (const char *p = name; *p; p++)
                if (g_ascii_iscntrl(*p))
                        return FALSE;
        return TRUE;
}

static void check_volume(const void *base, const DmXmlCheck *c)
{
        const DmVolume *v = base;
        if (v->name && !dm_volume_name_ok(v->name))
                dm_check_fail(c, &v->name, DM_ERROR_INVALID_XML, "'%s' can't be the name of a file", v->name);
        if (v->backing && v->backing->path && !g_path_is_absolute(v->backing->path))
                dm_check_fail(c, &v->backing, DM_ERROR_INVALID_XML, "the path '%s' is not absolute",
                              v->backing->path);
}

static const DmXmlElement volume_element = { "volume", volume_rows, sizeof(DmVolume), "An image in a folder.",
                                             .check = check_volume };

void dm_volume_free(DmVolume *v)
{
        if (v)
                dm_xml_free(&volume_element, v);
}

DmVolume *dm_volume_parse(const char *text, gsize length, GError **error)
{
        g_autoptr(DmVolume) v = g_new0(DmVolume, 1);
        return parse(text, length, &volume_element, v, error) ? g_steal_pointer(&v) : NULL;
}

char *dm_volume_format_xml(const DmVolume *v)
{
        return dm_xml_format(&volume_element, v, 0);
}
