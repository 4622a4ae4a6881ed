/* Between process.c and process_spawn.c: /proc/PID/stat read with raw system calls only. */
#pragma once

#include <glib.h>

typedef struct DmProcStat {
        char state;         /* field 3 */
        guint64 start_time; /* field 22 */
} DmProcStat;

/* Reads @path (/proc/PID/stat).  0 or an errno.  Safe in the child between clone and exec. */
int dm_proc_stat_read(const char *path, DmProcStat *ret_stat);
