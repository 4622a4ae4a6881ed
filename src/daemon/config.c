/* domusd.conf: one table of keys. */
#include "daemon/config.h"

#include <string.h>

#include "util/error.h"
#include "util/file.h"

#define GROUP      "limits"
#define CONFIG_MAX (256 << 10) /* bytes */

static const struct {
        const char *key;
        gsize offset;
        guint64 min, max;
} keys[] = {
        { "clients", offsetof(DmServerLimits, clients), 1, 100000 },
        { "clients-of-user", offsetof(DmServerLimits, clients_of_user), 1, 100000 },
        { "calls", offsetof(DmServerLimits, calls), 1, 1000 },
        { "keepalive-interval", offsetof(DmServerLimits, keepalive_s), 0, 86400 },
        { "keepalive-count", offsetof(DmServerLimits, keepalive_count), 1, 1000 },
};

static gboolean read_key(const char *path, GKeyFile *file, const char *key, DmServerLimits *limits,
                         GError **error)
{
        g_autofree char *text = g_key_file_get_string(file, GROUP, key, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
                guint64 value;
                if (strcmp(keys[i].key, key) != 0)
                        continue;
                if (!g_ascii_string_to_unsigned(text ? text : "", 10, keys[i].min, keys[i].max, &value, NULL))
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "%s: '%s' is '%s': not a number from %" G_GUINT64_FORMAT
                                       " to %" G_GUINT64_FORMAT,
                                       path, key, text, keys[i].min, keys[i].max);
                G_STRUCT_MEMBER(unsigned, limits, keys[i].offset) = (unsigned)value;
                return TRUE;
        }
        return dm_fail(error, DM_ERROR_INVALID_ARG, "%s: '%s' is no key of [" GROUP "]", path, key);
}

gboolean dm_config_read(const char *path, gboolean required, DmServerLimits *limits, GError **error)
{
        g_autofree char *text = NULL;
        gsize length = 0;
        g_autoptr(GError) reason = NULL;
        g_autoptr(GKeyFile) file = g_key_file_new();
        if (!dm_file_read(path, CONFIG_MAX, &text, &length, &reason)) {
                if (!required && g_error_matches(reason, DM_ERROR, DM_ERROR_NOT_FOUND))
                        return TRUE;
                g_propagate_error(error, g_steal_pointer(&reason));
                return FALSE;
        }
        if (length > 0 && !g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, &reason))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "%s: %s", path, reason->message);
        DmServerLimits changed = *limits;
        g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
        for (char **group = groups; *group; group++)
                if (strcmp(*group, GROUP) != 0)
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "%s: there is no section [%s], only [" GROUP "]", path, *group);
        g_auto(GStrv) names = g_key_file_get_keys(file, GROUP, NULL, NULL);
        for (char **name = names; name && *name; name++)
                if (!read_key(path, file, *name, &changed, error))
                        return FALSE;
        *limits = changed;
        return TRUE;
}
