/* See terminal.h. */
#include "cli/terminal.h"

#include <unistd.h>

gboolean dm_terminal_ours(void)
{
        pid_t foreground = isatty(STDIN_FILENO) ? tcgetpgrp(STDIN_FILENO) : 0;
        return foreground <= 0 || foreground == getpgrp(); /* -1: it is not the one that sends us signals */
}

void dm_terminal_raw(DmTerminal *t)
{
        if (tcgetattr(STDIN_FILENO, &t->saved) < 0)
                return;
        struct termios raw = t->saved;
        cfmakeraw(&raw);
        raw.c_oflag |= OPOST; /* our own messages want line ends */
        t->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void dm_terminal_restore(DmTerminal *t)
{
        if (t->raw)
                tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
        t->raw = FALSE;
}
