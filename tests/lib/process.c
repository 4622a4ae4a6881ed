#include "lib/process.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/file.h"

#define OUTPUT_LIMIT 65536
#define END_MS       20000
#define STATE_TRIES  4000
#define STATE_US     5000

DmSpawn test_spawn_init(char *const *words)
{
        DmSpawn s = DM_SPAWN_INIT;
        s.words = words;
        s.parent_death_signal = SIGKILL;
        return s;
}

DmProcess test_spawn(const DmSpawn *s)
{
        g_autoptr(GError) error = NULL;
        DmProcess p = DM_PROCESS_INIT;
        dm_spawn(s, &p, &error);
        g_assert_no_error(error);
        g_assert_cmpint(p.pid, >, 0);
        g_assert_cmpint(p.pidfd, >=, 0);
        return p;
}

DmProcess test_spawn_words(char *const *words)
{
        DmSpawn s = test_spawn_init(words);
        return test_spawn(&s);
}

DmExit test_wait(const DmProcess *p)
{
        DmExit e = { DM_EXIT_UNKNOWN, -1, FALSE };
        g_assert_true(dm_process_wait(p, END_MS, &e));
        g_assert_false(dm_process_alive(p));
        return e;
}

char *test_output_of(const DmSpawn *s)
{
        g_autoptr(GError) error = NULL;
        dm_autofd int out = memfd_create("output", MFD_CLOEXEC);
        g_autofree DmSpawnFd *fds = g_new(DmSpawnFd, s->n_fds + 1);
        for (gsize i = 0; i < s->n_fds; i++)
                fds[i] = s->fds[i];
        fds[s->n_fds] = (DmSpawnFd){ out, STDOUT_FILENO };
        DmSpawn with_output = *s;
        with_output.fds = fds;
        with_output.n_fds = s->n_fds + 1;
        g_auto(DmProcess) p = test_spawn(&with_output);
        DmExit e = test_wait(&p);
        g_assert_cmpint(e.kind, ==, DM_EXIT_CODE);
        g_assert_cmpint(e.value, ==, 0);
        g_assert_cmpint(lseek(out, 0, SEEK_SET), ==, 0);
        char *text = NULL;
        dm_file_read_fd(out, "output", OUTPUT_LIMIT, &text, NULL, &error);
        g_assert_no_error(error);
        return text;
}

void test_await_state(pid_t pid, char state)
{
        for (int i = 0; i < STATE_TRIES && dm_process_state(pid) != state; i++)
                g_usleep(STATE_US);
        g_assert_cmpint(dm_process_state(pid), ==, state);
}

unsigned test_open_fds(void)
{
        g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
        unsigned n = 0;
        while (g_dir_read_name(dir))
                n++;
        return n;
}

void test_assert_no_zombie(void)
{
        g_assert_cmpint(waitpid(0, NULL, WNOHANG), <=, 0);
}

void test_assert_error(const GError *error, DmErrorCode code, const char *text)
{
        g_assert_error(error, DM_ERROR, (int)code);
        if (!strstr(error->message, text))
                g_error("'%s' is not in '%s'", text, error->message);
}
