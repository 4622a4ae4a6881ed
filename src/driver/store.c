/* Definitions on disk (see store.h). */
#include "driver/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/json.h"

#define DEFINITION_MAX (16u * 1024 * 1024)
#define FLAGS_MAX      4096
#define FLAGS_VERSION  1
#define UUID_LENGTH    36

static char *file_of(const char *root, const char *uuid, const char *suffix)
{
        g_autofree char *name = g_strconcat(uuid, suffix, NULL);
        return g_build_filename(root, "domains", name, NULL);
}

/* ---- loading ---- */

static void stored_free(void *p)
{
        DmStored *s = p;
        dm_domain_unref(s->domain);
        g_free(s);
}

/* Out of the way, but not lost: UUID.xml.damaged, .damaged.1, … */
static void set_aside(const char *path, const GError *why, DmFindings *findings)
{
        g_autofree char *to = g_strconcat(path, ".damaged", NULL);
        for (unsigned n = 1; g_file_test(to, G_FILE_TEST_EXISTS) && n < 1000; n++) {
                g_free(to);
                to = g_strdup_printf("%s.damaged.%u", path, n);
        }
        gboolean moved = rename(path, to) == 0;
        dm_findings_add(findings, DM_SEVERITY_ERROR, DM_ERROR_INVALID_XML, 0, path, "%s; %s '%s'",
                        why->message, moved ? "it was set aside as" : "it could not be set aside as", to);
}

static DmDomain *load_definition(const char *path, const char *uuid, GError **error)
{
        g_autofree char *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, DEFINITION_MAX, &text, &length, error))
                return NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text, length, 0, NULL, error);
        if (d && g_strcmp0(d->uuid, uuid) != 0)
                return dm_fail_null(error, DM_ERROR_INVALID_XML,
                                    "the definition's uuid is %s, not that of its file",
                                    d->uuid ? d->uuid : "missing");
        return g_steal_pointer(&d);
}

/* Flags that can't be read are set aside and count as unset: the guest itself is not lost for them. */
static gboolean load_autostart(const char *path, DmFindings *findings)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, FLAGS_MAX, &text, &length, &error)) {
                if (!g_error_matches(error, DM_ERROR, DM_ERROR_NOT_FOUND))
                        dm_findings_add(findings, DM_SEVERITY_ERROR, DM_ERROR_DENIED, 0, path, "%s",
                                        error->message);
                return FALSE;
        }
        g_autoptr(DmJson) j = dm_json_parse(text, length, &error);
        if (j && dm_json_get_i64(j, "version", 0) != FLAGS_VERSION)
                dm_fail(&error, DM_ERROR_INVALID_ARG, "its version is not %d", FLAGS_VERSION);
        if (error) {
                set_aside(path, error, findings);
                return FALSE;
        }
        return dm_json_get_bool(j, "autostart", FALSE);
}

static void load_one(const char *root, const char *name, GPtrArray *list, DmFindings *findings)
{
        g_autofree char *uuid = g_strndup(name, UUID_LENGTH);
        if (strlen(name) != UUID_LENGTH + 4 || strcmp(name + UUID_LENGTH, ".xml") != 0 ||
            !g_uuid_string_is_valid(uuid))
                return;
        g_autoptr(GError) error = NULL;
        g_autofree char *path = file_of(root, uuid, ".xml"), *flags = file_of(root, uuid, ".json");
        DmDomain *d = load_definition(path, uuid, &error);
        if (!d && g_error_matches(error, DM_ERROR, DM_ERROR_DENIED)) {
                dm_findings_add(findings, DM_SEVERITY_ERROR, DM_ERROR_DENIED, 0, path, "%s", error->message);
                return;
        }
        if (!d) {
                set_aside(path, error, findings);
                return;
        }
        DmStored *s = g_new(DmStored, 1);
        *s = (DmStored){ d, load_autostart(flags, findings) };
        g_ptr_array_add(list, s);
}

GPtrArray *dm_store_load(const char *root, DmFindings *findings, GError **error)
{
        g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(stored_free);
        g_autofree char *folder = g_build_filename(root, "domains", NULL);
        if (!dm_make_dirs(folder, 0700, error))
                return NULL;
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        if (!dir) {
                dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't read '%s'", folder);
                return NULL;
        }
        for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
                load_one(root, name, list, findings);
        return g_steal_pointer(&list);
}

/* ---- saving ---- */

gboolean dm_store_save(const char *root, const DmDomain *d, GError **error)
{
        g_autofree char *path = file_of(root, d->uuid, ".xml");
        g_autofree char *xml = dm_domain_format(d, DM_XML_FORMAT_SECRET);
        return dm_file_write_atomic(path, xml, strlen(xml), 0600, DM_FILE_SYNC, error);
}

gboolean dm_store_save_flags(const char *root, const char *uuid, gboolean autostart, GError **error)
{
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_int(j, "version", FLAGS_VERSION);
        dm_json_add_bool(j, "autostart", autostart);
        g_autofree char *path = file_of(root, uuid, ".json"), *text = dm_json_to_string(j);
        return dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_SYNC, error);
}

gboolean dm_store_remove(const char *root, const char *uuid, GError **error)
{
        g_autofree char *path = file_of(root, uuid, ".xml"), *flags = file_of(root, uuid, ".json");
        /* The definition first: from here on the guest is not defined, whatever becomes of the flags. */
        if (unlink(path) < 0 && errno != ENOENT)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't remove '%s'", path);
        if (unlink(flags) < 0 && errno != ENOENT)
                return dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't remove '%s'", flags);
        return TRUE;
}
