/* UUID.runs beside the definition (see history.h): a JSON array of the last runs. */
#include "driver/history.h"

#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/json.h"

#define FILE_MAX    65536
#define MESSAGE_MAX 1024 /* bytes of one run's; QEMU's last words may be long */

void dm_history_run_clear(DmHistoryRun *run)
{
        g_clear_pointer(&run->message, g_free);
}

static char *path_of(const char *root, const char *uuid)
{
        g_autofree char *name = g_strconcat(uuid, ".runs", NULL);
        return g_build_filename(root, "domains", name, NULL);
}

static void free_run(gpointer run)
{
        dm_history_run_clear(run);
}

GArray *dm_history_read(const char *root, const char *uuid)
{
        GArray *runs = g_array_new(FALSE, FALSE, sizeof(DmHistoryRun));
        g_array_set_clear_func(runs, free_run);
        g_autofree char *path = path_of(root, uuid), *text = NULL;
        gsize length = 0;
        g_autoptr(DmJson) list =
                dm_file_read(path, FILE_MAX, &text, &length, NULL) ? dm_json_parse(text, length, NULL) : NULL;
        for (gsize i = 0; i < dm_json_length(list) && i < DM_HISTORY_MAX; i++) {
                const DmJson *j = dm_json_at(list, i);
                DmHistoryRun run = { .started_us = dm_json_get_i64(j, "started-us", 0),
                                     .ended_us = dm_json_get_i64(j, "ended-us", 0),
                                     .reason = (int)dm_json_get_i64(j, "reason", 0),
                                     .exit_code = (int)dm_json_get_i64(j, "exit-code", -1),
                                     .exit_signal = (int)dm_json_get_i64(j, "signal", 0),
                                     .message = g_strdup(dm_json_get_string(j, "message")) };
                g_array_append_val(runs, run);
        }
        return runs;
}

static DmJson *to_json(const DmHistoryRun *run)
{
        DmJson *j = dm_json_object_new();
        dm_json_add_int(j, "started-us", run->started_us);
        if (!run->ended_us)
                return j;
        dm_json_add_int(j, "ended-us", run->ended_us);
        dm_json_add_int(j, "reason", run->reason);
        dm_json_add_int(j, "exit-code", run->exit_code);
        dm_json_add_int(j, "signal", run->exit_signal);
        g_autofree char *message = run->message ? g_utf8_make_valid(run->message, -1) : NULL;
        if (message && strlen(message) > MESSAGE_MAX)
                *g_utf8_find_prev_char(message, message + MESSAGE_MAX) = '\0';
        dm_json_add_string(j, "message", message);
        return j;
}

static void write_runs(const char *root, const char *uuid, GArray *runs)
{
        if (runs->len > DM_HISTORY_MAX)
                g_array_remove_range(runs, 0, runs->len - DM_HISTORY_MAX);
        g_autoptr(DmJson) list = dm_json_array_new();
        for (guint i = 0; i < runs->len; i++)
                dm_json_append_take(list, to_json(&g_array_index(runs, DmHistoryRun, i)));
        g_autofree char *path = path_of(root, uuid), *text = dm_json_to_string(list);
        g_autoptr(GError) error = NULL;
        if (!dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_PLAIN, &error))
                g_debug("%s", error->message);
}

void dm_history_started(const char *root, const char *uuid, gint64 started_us)
{
        g_autoptr(GArray) runs = dm_history_read(root, uuid);
        const DmHistoryRun run = { .started_us = started_us, .exit_code = -1 };
        g_array_append_val(runs, run);
        write_runs(root, uuid, runs);
}

void dm_history_ended(const char *root, const char *uuid, const DmHistoryRun *end)
{
        g_autoptr(GArray) runs = dm_history_read(root, uuid);
        DmHistoryRun *last = runs->len ? &g_array_index(runs, DmHistoryRun, runs->len - 1) : NULL;
        DmHistoryRun run = *end;
        run.message = g_strdup(end->message);
        if (last && !last->ended_us && last->started_us) {
                run.started_us = last->started_us;
                dm_history_run_clear(last);
                *last = run;
        } else {
                g_array_append_val(runs, run);
        }
        write_runs(root, uuid, runs);
}

void dm_history_remove(const char *root, const char *uuid)
{
        g_autofree char *path = path_of(root, uuid);
        unlink(path); /* it may never have run */
}
