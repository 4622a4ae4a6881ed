/* status.json: what has to survive us to find a QEMU again (fields in run.h). */
#include "util/file.h"
#include "util/json.h"

#include <string.h>

#include "qemu/run_private.h"

#define STATUS_VERSION 1
#define STATUS_MAX     65536
#define DOMAIN_MAX     (16u * 1024 * 1024)

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
        dm_json_add_int(j, "state", run->state);
        dm_json_add_int(j, "reason", run->reason);
        g_autofree char *text = dm_json_to_string(j),
                        *path = g_build_filename(run->config.dir, "status.json", NULL);
        return dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_PLAIN, error);
}

void dm_run_note_state(DmRun *run, DmState state, int reason)
{
        if (run->state == state && run->reason == reason)
                return;
        run->state = state;
        run->reason = reason;
        dm_run_write_status(run, "running", NULL); /* it only says why; QEMU itself says what */
}

void dm_run_state(const DmRun *run, DmState *ret_state, int *ret_reason)
{
        *ret_state = run->state;
        *ret_reason = run->reason;
}

gboolean dm_run_status_read(const char *dir, DmRunStatus *ret_status, GError **error)
{
        static const DmJsonField fields[] = {
                { "uuid", DM_JT_STRING, offsetof(DmRunStatus, uuid), TRUE },
                { "name", DM_JT_STRING, offsetof(DmRunStatus, name), TRUE },
                { "token", DM_JT_STRING, offsetof(DmRunStatus, token), TRUE },
                { "boot-id", DM_JT_STRING, offsetof(DmRunStatus, boot_id), TRUE },
                { "phase", DM_JT_STRING, offsetof(DmRunStatus, phase), TRUE },
                { "log", DM_JT_STRING, offsetof(DmRunStatus, log), TRUE },
                { "id", DM_JT_INT, offsetof(DmRunStatus, id), TRUE },
                { "state", DM_JT_INT, offsetof(DmRunStatus, state), FALSE },
                { "reason", DM_JT_INT, offsetof(DmRunStatus, reason), FALSE },
                { 0 },
        };
        g_autofree char *path = g_build_filename(dir, "status.json", NULL), *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, STATUS_MAX, &text, &length, error))
                return FALSE;
        g_autoptr(DmJson) j = dm_json_parse(text, length, error);
        if (j && dm_json_get_i64(j, "version", 0) != STATUS_VERSION)
                return dm_fail(error, DM_ERROR_UNSUPPORTED, "'%s' is not of version %d", path,
                               STATUS_VERSION);
        *ret_status = (DmRunStatus){ 0 };
        return j && dm_json_read(j, fields, ret_status, error);
}

void dm_run_status_clear(DmRunStatus *s)
{
        g_free(s->uuid);
        g_free(s->name);
        g_free(s->token);
        g_free(s->boot_id);
        g_free(s->phase);
        g_free(s->log);
        *s = (DmRunStatus){ 0 };
}

gboolean dm_run_write_domain(DmRun *run, GError **error)
{
        return dm_run_save_domain(run, run->config.plan->domain, error);
}

gboolean dm_run_save_domain(DmRun *run, const DmDomain *d, GError **error)
{
        g_autofree char *path = g_build_filename(run->config.dir, "domain.xml", NULL);
        g_autofree char *xml = dm_domain_format(d, DM_XML_FORMAT_RUNTIME | DM_XML_FORMAT_SECRET);
        return dm_file_write_atomic(path, xml, strlen(xml), 0600, DM_FILE_PLAIN, error);
}

DmDomain *dm_run_domain_read(const char *dir, GError **error)
{
        g_autofree char *path = g_build_filename(dir, "domain.xml", NULL), *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, DOMAIN_MAX, &text, &length, error))
                return NULL;
        return dm_domain_parse(text, length, DM_XML_PARSE_RUNTIME, NULL, error);
}
