/* Starting domusd for a root (see owner.h).
 *
 *      we ── spawn ──> domusd --background ── fork ──> domusd, of its own session
 *      we <────────────────── pipe: "ready PID" or the reason ──┘
 *
 * The process that we spawn ends at once, so that the owner is nobody's child who might forget to reap it. */
#include "driver/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/process.h"

#define READY_FD         3
#define READY_TIMEOUT_MS 60000 /* recovery of many guests on a loaded machine */
#define MAX_WORDS        4096

char *dm_owner_program(GError **error)
{
        const char *named = g_getenv("DOMUSD");
        if (named && g_path_is_absolute(named))
                return g_strdup(named);
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *dir = g_path_get_dirname(self ? self : "/");
        g_autofree char *beside = g_build_filename(dir, "domusd", NULL);
        g_autofree char *installed = g_build_filename(dir, "..", "sbin", "domusd", NULL);
        if (g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
                return g_steal_pointer(&beside);
        if (g_file_test(installed, G_FILE_TEST_IS_EXECUTABLE))
                return g_steal_pointer(&installed);
        char *found = g_find_program_in_path("domusd");
        return found ? found
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND,
                                    "domusd is neither '%s' nor in the search path: set DOMUSD to its path",
                                    beside);
}

/* One line, or all until the end of file. */
static gboolean read_words(int fd, int timeout_ms, GString *words, GError **error)
{
        gint64 until = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
        while (!strchr(words->str, '\n') && words->len < MAX_WORDS) {
                struct pollfd p = { fd, POLLIN, 0 };
                gint64 left_ms = MAX(until - g_get_monotonic_time(), 0) / 1000;
                int n = poll(&p, 1, (int)left_ms);
                if (n == 0)
                        return dm_fail(error, DM_ERROR_TIMED_OUT, "domusd was not ready within %d ms",
                                       timeout_ms);
                char chunk[512];
                gssize got = n < 0 ? -1 : read(fd, chunk, sizeof chunk);
                if (got < 0 && errno != EINTR && errno != EAGAIN)
                        return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't hear of domusd");
                if (got == 0)
                        break;
                if (got > 0)
                        g_string_append_len(words, chunk, got);
        }
        return TRUE;
}

/* "busy another process …": the code's name, and what *@ret_reason begins with. */
static DmErrorCode code_of(const char *words, const char **ret_reason)
{
        *ret_reason = words;
        for (DmErrorCode code = 0; code < DM_ERROR_N; code++) {
                const char *name = dm_error_code_name(code);
                if (!g_str_has_prefix(words, name) || words[strlen(name)] != ' ')
                        continue;
                *ret_reason = words + strlen(name) + 1;
                return code;
        }
        return DM_ERROR_FAILED;
}

gboolean dm_owner_await(int fd, int timeout_ms, int *ret_pid, GError **error)
{
        g_autoptr(GString) words = g_string_new(NULL);
        if (!read_words(fd, timeout_ms, words, error))
                return FALSE;
        g_strchomp(words->str);
        if (g_str_has_prefix(words->str, DM_OWNER_READY " ")) {
                if (ret_pid)
                        *ret_pid = (int)g_ascii_strtoll(words->str + strlen(DM_OWNER_READY), NULL, 10);
                return TRUE;
        }
        const char *reason;
        DmErrorCode code = code_of(words->str, &reason);
        return dm_fail(error, code, "%s", *reason ? reason : "domusd ended without a word");
}

gboolean dm_owner_start(const char *root, const char *cache, unsigned timeout_s, GError **error)
{
        g_autofree char *program = dm_owner_program(error);
        if (!program)
                return FALSE;
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a pipe");
        dm_autofd int ours = ends[0], theirs = ends[1];
        g_autofree char *timeout = g_strdup_printf("%u", timeout_s),
                        *fd_word = g_strdup_printf("%d", READY_FD);
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        const char *const fixed[] = { program,     "--background", "--root",     root,
                                      "--timeout", timeout,        "--ready-fd", fd_word };
        for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
                g_ptr_array_add(words, (char *)fixed[i]);
        if (cache) {
                g_ptr_array_add(words, (char *)"--cache");
                g_ptr_array_add(words, (char *)cache);
        }
        g_ptr_array_add(words, NULL);
        const DmSpawnFd fds[] = { { theirs, READY_FD } };
        DmSpawn s = DM_SPAWN_INIT;
        s.words = (char **)words->pdata;
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        g_auto(DmProcess) process = DM_PROCESS_INIT;
        if (!dm_spawn(&s, &process, error))
                return FALSE;
        dm_close_fd(&theirs);
        gboolean ok = dm_owner_await(ours, READY_TIMEOUT_MS, NULL, error);
        dm_process_wait(&process, READY_TIMEOUT_MS, NULL); /* it has ended: see above */
        if (!ok)
                g_prefix_error(error, "%s for '%s': ", program, root);
        return ok;
}
