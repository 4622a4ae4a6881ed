/* Secrets on their way to QEMU: each is a file of the guest's private directory, which QEMU reads while it
 * comes up, and which is removed as soon as it answers.  Nothing of them is in the list of processes. */
#include <string.h>
#include <unistd.h>

#include "qemu/run_private.h"
#include "util/error.h"
#include "util/file.h"

#define SUFFIX ".secret"

gboolean dm_run_give_secret(DmBuild *b, const DmSecretAsk *ask, DmJson *props, GError **error)
{
        const DmRun *run = b->data;
        g_autoptr(GBytes) bytes = NULL;
        if (ask->ref && !run->config.secrets)
                return dm_plan_fail(b->plan, NULL, ask->ref, error,
                                    "the secret '%s' cannot be had: the driver keeps none",
                                    ask->ref->uuid ? ask->ref->uuid : ask->ref->usage);
        if (ask->ref)
                bytes = run->config.secrets->get(run->config.secrets, ask->ref, error);
        else
                bytes = g_bytes_new(ask->text, strlen(ask->text));
        if (!bytes)
                return FALSE;
        g_autofree char *name = g_strconcat(ask->id, SUFFIX, NULL);
        g_autofree char *path = g_build_filename(run->config.dir, name, NULL);
        gsize size = 0;
        const char *data = g_bytes_get_data(bytes, &size);
        if (!dm_file_write_atomic(path, data, size, 0600, DM_FILE_PLAIN, error))
                return FALSE;
        dm_json_add_string(props, "file", path);
        return TRUE;
}

void dm_run_forget_secrets(const DmRun *run)
{
        g_autoptr(GDir) dir = g_dir_open(run->config.dir, 0, NULL);
        const char *name;
        while (dir && (name = g_dir_read_name(dir))) {
                g_autofree char *path = g_build_filename(run->config.dir, name, NULL);
                if (g_str_has_suffix(name, SUFFIX))
                        unlink(path);
        }
}
