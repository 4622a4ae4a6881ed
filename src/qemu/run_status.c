/* status.json: what has to survive us to find a QEMU again (fields in run.h). */
#include "util/file.h"
#include "util/json.h"

#include <string.h>

#include "qemu/run_private.h"

#define STATUS_VERSION 1

gboolean dm_run_write_status(DmRun *run, const char *phase, GError **error)
{
        const DmDomain *d = run->config.plan->domain;
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_int(j, "version", STATUS_VERSION);
        dm_json_add_string(j, "uuid", d->uuid);
        dm_json_add_string(j, "name", d->name);
        dm_json_add_int(j, "id", run->config.id);
        dm_json_add_string(j, "token", run->token);
        dm_json_add_string(j, "boot-id", dm_boot_id());
        dm_json_add_string(j, "phase", phase);
        if (run->spawned) {
                dm_json_add_int(j, "pid", run->process.pid);
                dm_json_add_uint(j, "start-time", run->process.start_time);
        }
        dm_json_add_string(j, "log", run->config.log_path);
        g_autofree char *text = dm_json_to_string(j),
                        *path = g_build_filename(run->config.dir, "status.json", NULL);
        return dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_PLAIN, error);
}
