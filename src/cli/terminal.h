/* The terminal that we were started on, for a guest to talk to. */
#pragma once

#include <glib.h>
#include <termios.h>

typedef struct DmTerminal {
        gboolean raw; /* it is; else it is as we found it */
        struct termios saved;
} DmTerminal;

/* FALSE when it belongs to somebody else: a terminal of which we are not the foreground may be neither read
 * nor changed.  TRUE also when standard input is none. */
gboolean dm_terminal_ours(void);
/* Keys come one by one, and none is for us: not even Ctrl-C.  Nothing where there is no terminal. */
void dm_terminal_raw(DmTerminal *t);
void dm_terminal_restore(DmTerminal *t);
