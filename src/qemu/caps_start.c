/* The process side of a probe: start, conversation, stderr, end.
 *
 * The emulator speaks QMP on its stdin and stdout, which are one end of a socketpair: that needs no file, no
 * option newer than QEMU 1.2, and no name that two probes could fight over.  End of file on stdin does not
 * end a QEMU, so the end is "quit", at most a second of patience, and SIGKILL to its session (a wrapper may
 * wait for the emulator as a child); should we die, the parent death signal does it.  What it writes to
 * stderr is read all the time, lest it blocks, and the end of it is kept for messages. */
#include "qemu/caps_start.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define QUIT_MS        1000
#define EXIT_MS        300     /* until a program that closed its monitor has ended */
#define LINE_BYTES     4194304 /* the longest answer of a QEMU, its schema, has 210 KB */
#define STDERR_KEEP    4096
#define STDERR_ROUNDS  64  /* a full pipe has 16; a child that got away could write for ever */
#define WORDS_MAX      500 /* of its last words in a message */
#define MAPS_BYTES     4194304
#define MODULE_DIR_MAX 16

/* ---- surroundings ---- */

/* Variables that decide which files a program finds. */
static const char *const kept_variables[] = { "PATH", "LD_LIBRARY_PATH", "QEMU_MODULE_DIR", "TMPDIR" };

static char **make_environment(const char *dir)
{
        static const char *const homes[] = { "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
                                             "XDG_RUNTIME_DIR" };
        char **env = g_new0(char *, 1);
        for (guint i = 0; i < G_N_ELEMENTS(kept_variables); i++) {
                const char *value = g_getenv(kept_variables[i]);
                if (value)
                        env = g_environ_setenv(env, kept_variables[i], value, TRUE);
        }
        for (guint i = 0; i < G_N_ELEMENTS(homes); i++)
                env = g_environ_setenv(env, homes[i], dir, TRUE);
        return g_environ_setenv(env, "LC_ALL", "C", TRUE);
}

gboolean dm_probe_home_init(DmProbeHome *home, const DmProbeOptions *options, GError **error)
{
        g_autoptr(GError) reason = NULL;
        home->dir = g_dir_make_tmp("domus-probe-XXXXXX", &reason);
        if (!home->dir)
                return dm_fail(error, DM_ERROR_FAILED, "cannot make a directory to probe in: %s",
                               reason->message);
        home->env = make_environment(home->dir);
        if (options->set_ids && chown(home->dir, options->uid, options->gid) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot give '%s' to user %u", home->dir,
                                     (unsigned)options->uid);
        return TRUE;
}

void dm_probe_home_clear(DmProbeHome *home)
{
        if (home->dir)
                dm_remove_tree(home->dir, NULL); /* what is left of it is in a directory for such things */
        g_clear_pointer(&home->dir, g_free);
        g_clear_pointer(&home->env, g_strfreev);
}

DmSpawn dm_probe_spawn(const DmProbeHome *home, const DmProbeOptions *options)
{
        DmSpawn s = DM_SPAWN_INIT;
        s.env = home->env;
        s.cwd = home->dir;
        s.set_ids = options->set_ids;
        s.uid = options->uid;
        s.gid = options->gid;
        s.groups = options->groups;
        s.n_groups = options->n_groups;
        s.drop_caps = TRUE; /* as a guest will run */
        s.no_new_privs = TRUE;
        s.new_session = TRUE;
        s.parent_death_signal = SIGKILL;
        return s;
}

/* ---- stderr ---- */

static gboolean drain_stderr(int fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
        DmEmulator *e = data;
        char piece[4096];
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return G_SOURCE_CONTINUE;
        if (n <= 0)
                return G_SOURCE_REMOVE;
        g_string_append_len(e->words_kept, piece, n);
        if (e->words_kept->len > STDERR_KEEP)
                g_string_erase(e->words_kept, 0, (gssize)(e->words_kept->len - STDERR_KEEP));
        return G_SOURCE_CONTINUE;
}

/* The last line that is not blank, as printable text; NULL when there is none.  Owned. */
static char *last_words(const DmEmulator *e)
{
        g_auto(GStrv) lines = g_strsplit(e->words_kept->str, "\n", -1);
        for (guint i = g_strv_length(lines); i-- > 0;) {
                g_autofree char *line = g_utf8_make_valid(g_strstrip(lines[i]), -1);
                for (char *c = line; *c; c++)
                        if (g_ascii_iscntrl(*c))
                                *c = ' ';
                if (*line)
                        return g_utf8_strlen(line, -1) > WORDS_MAX ? g_utf8_substring(line, 0, WORDS_MAX)
                                                                   : g_steal_pointer(&line);
        }
        return NULL;
}

static void watch_stderr(DmEmulator *e, int fd)
{
        e->stderr_fd = fd;
        e->stderr_source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
        g_source_set_callback(e->stderr_source, G_SOURCE_FUNC(drain_stderr), e, NULL);
        g_source_attach(e->stderr_source, e->context);
}

/* ---- start ---- */

/* At least 1, as 0 means no limit to some. */
static int left_ms(gint64 deadline_us)
{
        gint64 left = (deadline_us - g_get_monotonic_time()) / 1000;
        return (int)CLAMP(left, 1, G_MAXINT);
}

static gboolean wait_for_exit(const DmProcess *p, int timeout_ms)
{
        struct pollfd fd = { .fd = p->pidfd, .events = POLLIN };
        return poll(&fd, 1, timeout_ms) > 0;
}

/* Kills what is left of the process and its children.  It must not have been reaped: so its number is its
 * own. */
static void kill_session(const DmProcess *p, DmExit *ret_exit)
{
        kill(-p->pid, SIGKILL);
        dm_process_wait(p, DM_PROCESS_KILL_WAIT_MS, ret_exit);
}

/* «PATH did not answer as QEMU: …».  Ends the process; TRUE when it had ended by itself. */
static gboolean fail_start(DmEmulator *e, const char *path, const GError *reason, GError **error)
{
        gboolean late = g_error_matches(reason, DM_ERROR, DM_ERROR_TIMED_OUT);
        gboolean ended = !late && wait_for_exit(&e->process, EXIT_MS);
        DmExit how = { DM_EXIT_UNKNOWN };
        kill_session(&e->process, &how);
        for (int i = 0; i < STDERR_ROUNDS && g_main_context_iteration(e->context, FALSE); i++)
                ; /* the rest of stderr */
        const GError *gone = dm_qmp_gone_reason(e->qmp);
        g_autofree char *silence = g_strdup_printf("it was silent for %d ms and was killed", e->limit_ms);
        g_autofree char *exit_text = ended ? dm_exit_describe(&how) : NULL;
        g_autofree char *last = last_words(e);
        dm_fail(error, late ? DM_ERROR_TIMED_OUT : DM_ERROR_UNSUPPORTED,
                "%s did not answer as QEMU: %s%s%s%s%s", path,
                late   ? silence
                : gone ? gone->message
                       : reason->message,
                exit_text ? "; it " : "", exit_text ? exit_text : "", last ? ": " : "", last ? last : "");
        return ended && !(how.kind == DM_EXIT_SIGNAL && how.value == SIGPIPE); /* we hung up on its rubbish */
}

static gboolean spawn(DmEmulator *e, const char *path, const char *accel, const DmProbeHome *home,
                      const DmProbeOptions *options, GError **error)
{
        int socket[2], errors[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot probe '%s': socketpair", path);
        dm_autofd int ours = socket[0], theirs = socket[1];
        if (pipe2(errors, O_CLOEXEC) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "cannot probe '%s': pipe", path);
        dm_autofd int errors_ours = errors[0], errors_theirs = errors[1];
        if (!g_unix_set_fd_nonblocking(errors_ours, TRUE, error))
                return FALSE;

        g_autofree char *machine = g_strdup_printf("none,accel=%s", accel);
        const char *words[] = { path,   "-S",       "-no-user-config", "-nodefaults", "-display",
                                "none", "-machine", machine,           "-qmp",        "stdio",
                                NULL };
        const DmSpawnFd fds[] = { { theirs, 0 }, { theirs, 1 }, { errors_theirs, 2 } };
        DmSpawn s = dm_probe_spawn(home, options);
        s.words = (char *const *)words;
        s.fds = fds;
        s.n_fds = G_N_ELEMENTS(fds);
        if (!dm_spawn(&s, &e->process, error))
                return FALSE;
        watch_stderr(e, dm_steal_fd(&errors_ours));
        e->qmp = dm_qmp_new(dm_steal_fd(&ours), e->context, &(DmQmpHandlers){});
        dm_qmp_set_limits(
                e->qmp,
                &(DmQmpLimits){ .line = LINE_BYTES, .output = 1 << 20, .unanswered = 256, .events = 256 });
        return TRUE;
}

static gboolean emulator_ask(DmCapsPeer *peer, DmCapsQuestion *questions, gsize n, GError **error)
{
        DmEmulator *e = (DmEmulator *)peer;
        g_autofree DmQmpItem *items = g_new0(DmQmpItem, n);
        for (gsize i = 0; i < n; i++) {
                items[i].command = questions[i].command;
                items[i].args = dm_json_ref(questions[i].args);
        }
        gboolean complete = dm_qmp_pipeline(e->qmp, items, n, left_ms(e->deadline_us), NULL, error);
        for (gsize i = 0; i < n; i++) {
                if (items[i].reply)
                        questions[i].answer = g_steal_pointer(&items[i].reply);
                else if (g_error_matches(items[i].error, DM_ERROR, DM_ERROR_FAILED)) /* QEMU's own no */
                        questions[i].error = g_steal_pointer(&items[i].error);
        }
        dm_qmp_items_clear(items, n);
        return complete;
}

DmEmulator *dm_emulator_start(const char *path, const char *accel, const DmProbeHome *home,
                              const DmProbeOptions *options, gint64 deadline_us, gboolean *ret_ended,
                              GError **error)
{
        g_autoptr(GError) reason = NULL;
        g_autoptr(DmEmulator) e = g_new0(DmEmulator, 1);
        e->peer.ask = emulator_ask;
        e->process = (DmProcess)DM_PROCESS_INIT;
        e->context = g_main_context_new();
        e->stderr_fd = -1;
        e->words_kept = g_string_new(NULL);
        e->deadline_us = deadline_us;
        e->limit_ms = options->limit_ms ? options->limit_ms : DM_PROBE_LIMIT_MS;
        gboolean ended = FALSE;
        gboolean ready = spawn(e, path, accel, home, options, error);
        if (ready && !dm_qmp_handshake(e->qmp, left_ms(e->deadline_us), NULL, &reason)) {
                ended = fail_start(e, path, reason, error);
                ready = FALSE;
        }
        if (!ready && ret_ended)
                *ret_ended = ended;
        return ready ? g_steal_pointer(&e) : NULL;
}

/* ---- end ---- */

/* One that has passed its deadline would not listen. */
static void end_process(DmEmulator *e)
{
        int patience_ms = dm_qmp_state(e->qmp) == DM_QMP_GONE ? EXIT_MS : QUIT_MS;
        gint64 patience = MIN(g_get_monotonic_time() + patience_ms * G_GINT64_CONSTANT(1000), e->deadline_us);
        if (dm_qmp_state(e->qmp) == DM_QMP_RUNNING && g_get_monotonic_time() < patience)
                dm_json_unref(dm_qmp_call(e->qmp, "quit", NULL, left_ms(patience), NULL, NULL));
        if (g_get_monotonic_time() < patience)
                wait_for_exit(&e->process, left_ms(patience));
        kill_session(&e->process, NULL);
}

void dm_emulator_end(DmEmulator *e)
{
        if (!e)
                return;
        if (e->process.pidfd >= 0)
                end_process(e);
        dm_qmp_free(e->qmp);
        if (e->stderr_source) {
                g_source_destroy(e->stderr_source);
                g_source_unref(e->stderr_source);
        }
        dm_close_fd(&e->stderr_fd);
        dm_process_clear(&e->process);
        g_main_context_unref(e->context);
        g_string_free(e->words_kept, TRUE);
        g_free(e);
}

/* ---- what runs ---- */

char *dm_emulator_program(const DmEmulator *e)
{
        g_autofree char *link = g_strdup_printf("/proc/%d/exe", (int)e->process.pid);
        return g_file_read_link(link, NULL);
}

static void add_dir(GPtrArray *dirs, const char *dir)
{
        for (guint i = 0; i < dirs->len; i++)
                if (strcmp(dirs->pdata[i], dir) == 0)
                        return;
        if (dirs->len < MODULE_DIR_MAX)
                g_ptr_array_add(dirs, g_strdup(dir));
}

/* Modules are in a directory "qemu…" among the shared libraries that the program uses, or below its own
 * prefix.  One that is not there today counts as well: installing modules changes what the emulator can do.
 */
static void add_mapped(GPtrArray *dirs, pid_t pid)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/maps", (int)pid);
        g_autofree char *text = NULL;
        if (!dm_file_read(path, MAPS_BYTES, &text, NULL, NULL))
                return;
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                const char *file = strchr(*line, '/');
                if (!file || !strstr(file, ".so"))
                        continue;
                g_autofree char *dir = g_path_get_dirname(file);
                g_autofree char *name = g_path_get_basename(dir);
                g_autofree char *below = g_build_filename(dir, "qemu", NULL);
                add_dir(dirs, g_str_has_prefix(name, "qemu") ? dir : below);
        }
}

static void add_below_prefix(GPtrArray *dirs, const char *program)
{
        g_autofree char *bin = g_path_get_dirname(program);
        g_autofree char *prefix = g_path_get_dirname(bin);
        g_autofree char *dir = g_build_filename(prefix, "lib", "qemu", NULL);
        add_dir(dirs, dir);
}

static int compare_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **dm_emulator_module_dirs(const DmEmulator *e, const char *program)
{
        GPtrArray *dirs = g_ptr_array_new();
        add_mapped(dirs, e->process.pid);
        if (program)
                add_below_prefix(dirs, program);
        g_ptr_array_sort(dirs, compare_text);
        g_ptr_array_add(dirs, NULL);
        return (char **)g_ptr_array_free(dirs, FALSE);
}
