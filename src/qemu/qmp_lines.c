/* The line buffer of the QMP client. */
#include "qemu/qmp_lines.h"

#include <string.h>

#define MIN_ROOM      4096
#define KEPT_CAPACITY 8192 /* an idle connection keeps at most this much */

char *dm_qmp_lines_reserve(DmQmpLines *l, gsize *ret_room)
{
        /* At most one incomplete line is moved, and only once: it then starts at 0. */
        if (l->start > 0) {
                memmove(l->buffer, l->buffer + l->start, l->end - l->start);
                l->scanned -= l->start;
                l->end -= l->start;
                l->start = 0;
        }
        if (l->capacity - l->end < MIN_ROOM) {
                l->capacity = MAX(l->capacity * 2, MIN_ROOM * 2);
                l->buffer = g_realloc(l->buffer, l->capacity);
        }
        *ret_room = l->capacity - l->end;
        return l->buffer + l->end;
}

void dm_qmp_lines_received(DmQmpLines *l, gsize length)
{
        g_assert(length <= l->capacity - l->end);
        l->end += length;
}

DmQmpLine dm_qmp_lines_next(DmQmpLines *l, gsize limit, const char **ret_line, gsize *ret_length)
{
        *ret_line = "";
        *ret_length = 0;
        if (l->start == l->end)
                return DM_QMP_LINE_NONE;
        const char *newline = memchr(l->buffer + l->scanned, '\n', l->end - l->scanned);
        gsize length = newline ? (gsize)(newline - l->buffer) - l->start : l->end - l->start;
        *ret_line = l->buffer + l->start;
        *ret_length = length;
        if (length > limit)
                return DM_QMP_LINE_TOO_LONG;
        if (!newline) {
                l->scanned = l->end;
                return DM_QMP_LINE_NONE;
        }
        if (length > 0 && newline[-1] == '\r')
                *ret_length = length - 1;
        l->start = l->scanned = l->start + length + 1;
        return DM_QMP_LINE_COMPLETE;
}

const char *dm_qmp_lines_rest(const DmQmpLines *l, gsize *ret_length)
{
        *ret_length = l->end - l->start;
        return *ret_length > 0 ? l->buffer + l->start : "";
}

void dm_qmp_lines_trim(DmQmpLines *l)
{
        if (l->start == l->end && l->capacity > KEPT_CAPACITY)
                dm_qmp_lines_clear(l);
}

void dm_qmp_lines_clear(DmQmpLines *l)
{
        g_free(l->buffer);
        *l = (DmQmpLines){ 0 };
}
