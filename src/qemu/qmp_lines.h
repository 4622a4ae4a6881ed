/* Lines out of a stream that comes in pieces of any size: one buffer, each byte scanned once, a cap on a
 * line. */
#pragma once

#include <glib.h>

typedef struct DmQmpLines {
        char *buffer;
        gsize capacity;
        gsize start;   /* of the first line that was not yet handed out */
        gsize scanned; /* no newline between start and here */
        gsize end;     /* of what was received */
} DmQmpLines;

typedef enum DmQmpLine {
        DM_QMP_LINE_NONE,     /* more bytes are needed */
        DM_QMP_LINE_COMPLETE, /* without its newline or CR LF; borrowed until the next call of any function
                                 here */
        DM_QMP_LINE_TOO_LONG, /* more than the limit; what is there of it is handed out, for a message */
} DmQmpLine;

/* Room for at least 4 KiB more: where to write and how much.  Then dm_qmp_lines_received() says how much
 * came. */
char *dm_qmp_lines_reserve(DmQmpLines *l, gsize *ret_room);
void dm_qmp_lines_received(DmQmpLines *l, gsize length);
/* The next line of at most @limit bytes. */
DmQmpLine dm_qmp_lines_next(DmQmpLines *l, gsize limit, const char **ret_line, gsize *ret_length);
/* What came of a line that is not complete.  Borrowed. */
const char *dm_qmp_lines_rest(const DmQmpLines *l, gsize *ret_length);
/* Gives back the memory of a large buffer once it is empty. */
void dm_qmp_lines_trim(DmQmpLines *l);
void dm_qmp_lines_clear(DmQmpLines *l);
