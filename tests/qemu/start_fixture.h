/* Starting a real emulator, stopped, to see whether it takes a command line. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/process.h"
#include "util/fd.h"

/* What stdin gets; the last word ends the emulator. */
#define START_CONVERSATION \
        "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}{\"execute\":\"quit\"}"

/* Starts QEMU with @words (which has `-qmp stdio` and -S; a NULL is added); TRUE when it gets as far as
 * prelaunch.  *ret_output is owned. */
static inline gboolean start_reaches_prelaunch(GPtrArray *words, char **ret_output)
{
        int in[2], out[2];
        g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
        g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
        const DmSpawnFd fds[] = { { in[0], 0 }, { out[1], 1 }, { out[1], 2 } };
        g_ptr_array_add(words, NULL);
        DmSpawn s = test_spawn_init((char **)words->pdata);
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        g_auto(DmProcess) p = test_spawn(&s);
        dm_close_fd(&in[0]);
        dm_close_fd(&out[1]);
        g_assert_cmpint(write(in[1], START_CONVERSATION, strlen(START_CONVERSATION)), ==,
                        strlen(START_CONVERSATION));
        GString *text = g_string_new(NULL);
        char buffer[4096];
        for (gssize n; (n = read(out[0], buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR);)
                if (n > 0)
                        g_string_append_len(text, buffer, n);
        DmExit e = test_wait(&p);
        dm_close_fd(&in[1]);
        dm_close_fd(&out[0]);
        gboolean ok = e.kind == DM_EXIT_CODE && e.value == 0 && strstr(text->str, "\"prelaunch\"");
        *ret_output = g_string_free(text, FALSE);
        return ok;
}
