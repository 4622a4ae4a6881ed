/* Making and reading the parts of QMP messages. */
#include "qemu/qmp_message.h"
#include "util/error.h"

#define SHOWN_BYTES 80   /* of a line that broke the protocol */
#define SHOWN_DESC  2000 /* bytes of QEMU's own error message */

char *dm_qmp_command_text(const char *name, DmJson *args, guint64 id)
{
        g_autoptr(DmJson) message = dm_json_object_new();
        dm_json_add_string(message, "execute", name);
        dm_json_add_take(message, "arguments", args);
        dm_json_add_uint(message, "id", id);
        g_autofree char *text = dm_json_to_string(message);
        return g_strconcat(text, "\n", NULL);
}

gint64 dm_qmp_event_time_us(const DmJson *event)
{
        const DmJson *timestamp = dm_json_get(event, "timestamp");
        gint64 seconds = dm_json_get_i64(timestamp, "seconds", -1);
        gint64 us = dm_json_get_i64(timestamp, "microseconds", -1);
        /* QEMU itself says -1 when the host has no clock. */
        if (seconds < 0 || us < 0 || us >= G_USEC_PER_SEC || seconds > G_MAXINT64 / G_USEC_PER_SEC - 1)
                return -1;
        return seconds * G_USEC_PER_SEC + us;
}

GError *dm_qmp_error_new(const char *command, const DmJson *object)
{
        const char *desc = dm_json_get_string(object, "desc");
        const char *qmp_class = dm_json_get_string(object, "class");
        g_autofree char *part = g_strndup(desc ? desc : "it gave no description", SHOWN_DESC);
        g_autofree char *text = g_utf8_make_valid(part, -1); /* it may end inside a character now */
        GError *error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "QEMU refused '%s': %s", command, text);
        dm_error_set_qmp_class(error, qmp_class);
        return error;
}

char *dm_qmp_escape(const char *bytes, gsize length)
{
        GString *s = g_string_new(NULL);
        for (gsize i = 0; i < MIN(length, SHOWN_BYTES); i++) {
                if (g_ascii_isprint(bytes[i]) && bytes[i] != '\\')
                        g_string_append_c(s, bytes[i]);
                else
                        g_string_append_printf(s, "\\x%02x", (unsigned char)bytes[i]);
        }
        if (length > SHOWN_BYTES)
                g_string_append(s, "...");
        return g_string_free(s, FALSE);
}
