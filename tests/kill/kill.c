/* Kills the owner of a root at every system call of an operation, and looks at what the next owner finds.
 *
 *   kill [--effects] [--every N] [OPERATION…]
 *
 * --effects: only at calls that change something outside the process, since a death between two of them
 * leaves the same as a death before the second (make check; make check-kill tries all).  N: at each N-th
 * point only.
 *
 * The operation runs in a process of its own under ptrace.  All its threads' system calls, and those of a
 * child that is about to become QEMU, are counted together from the moment that it says so (a call of
 * getppid); at the wanted one it is killed as by kill -9.  Then the root is opened again:
 *   - every definition is old or new, and whole;      - no name is lost, none is taken by nobody
 *   - every guest runs and is adopted, or is off;     - no QEMU is left that no guest knows of */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <domus/domus.h>

#include "lib/guests.h"
#include "util/file.h"

#define NAME       "subject"
#define RENAMED    "subject-renamed"
#define BOARD      "x86_64-pc"
#define MAX_POINTS 20000

typedef struct Scene {
        char *root, *uri, *xml, *changed; /* the document, and the same with a title */
        char *uuid;
} Scene;

typedef struct Operation {
        const char *name;
        gboolean defined, running; /* before */
        gboolean (*act)(DomusConn *conn, DomusDomain *d, const Scene *s, GError **error);
        /* What the next owner may find, beyond what holds always.  @d: NULL when the guest is not there. */
        const char *(*wrong)(DomusConn *conn, DomusDomain *d, const DomusInfo *info, const Scene *s);
} Operation;

/* ---- operations ---- */

static gboolean act_define(DomusConn *conn, DomusDomain *d G_GNUC_UNUSED, const Scene *s, GError **error)
{
        g_autoptr(DomusDomain) new = domus_define(conn, s->xml, 0, NULL, error);
        return new != NULL;
}

static gboolean act_redefine(DomusConn *conn, DomusDomain *d G_GNUC_UNUSED, const Scene *s, GError **error)
{
        g_autoptr(DomusDomain) same = domus_define(conn, s->changed, 0, NULL, error);
        return same != NULL;
}

static gboolean act_undefine(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                             GError **error)
{
        return domus_domain_undefine(d, NULL, error);
}

static gboolean act_rename(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                           GError **error)
{
        return domus_domain_rename(d, RENAMED, NULL, error);
}

static gboolean act_start(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                          GError **error)
{
        return domus_domain_start(d, 0, NULL, error);
}

static gboolean act_create(DomusConn *conn, DomusDomain *d G_GNUC_UNUSED, const Scene *s, GError **error)
{
        g_autoptr(DomusDomain) new = domus_create(conn, s->xml, 0, NULL, error);
        return new != NULL;
}

static gboolean act_destroy(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                            GError **error)
{
        return domus_domain_destroy(d, 0, NULL, error);
}

static gboolean act_shutdown(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                             GError **error)
{
        DomusCall call = { .timeout_ms = 10000 };
        return domus_domain_shutdown(d, NULL, error) && domus_domain_wait(d, &call, NULL, error);
}

static gboolean act_autostart(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const Scene *s G_GNUC_UNUSED,
                              GError **error)
{
        return domus_domain_set_autostart(d, TRUE, NULL, error);
}

static const char *anything(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d G_GNUC_UNUSED,
                            const DomusInfo *info G_GNUC_UNUSED, const Scene *s G_GNUC_UNUSED)
{
        return NULL;
}

static const char *still_defined(DomusConn *conn G_GNUC_UNUSED, DomusDomain *d, const DomusInfo *info,
                                 const Scene *s G_GNUC_UNUSED)
{
        return !d ? "the definition is lost" : !info->persistent ? "it is no longer persistent" : NULL;
}

static const char *one_name(DomusConn *conn, DomusDomain *d, const DomusInfo *info, const Scene *s)
{
        g_autoptr(DomusDomain) old = domus_lookup_name(conn, NAME, NULL);
        g_autoptr(DomusDomain) renamed = domus_lookup_name(conn, RENAMED, NULL);
        if (!old == !renamed)
                return old ? "it is there under both names" : "it is there under no name";
        return still_defined(conn, d, info, s);
}

static const Operation operations[] = {
        { "define", FALSE, FALSE, act_define, anything },
        { "redefine", TRUE, FALSE, act_redefine, still_defined },
        { "undefine", TRUE, FALSE, act_undefine, anything },
        { "rename", TRUE, FALSE, act_rename, one_name },
        { "autostart", TRUE, FALSE, act_autostart, still_defined },
        { "start", TRUE, FALSE, act_start, still_defined },
        { "create", FALSE, FALSE, act_create, anything },
        { "destroy", TRUE, TRUE, act_destroy, still_defined },
        { "shutdown", TRUE, TRUE, act_shutdown, still_defined },
};

static const Operation *find_operation(const char *name)
{
        for (gsize i = 0; i < G_N_ELEMENTS(operations); i++)
                if (strcmp(operations[i].name, name) == 0)
                        return &operations[i];
        g_error("no operation is called '%s'", name);
}

/* ---- the victim ---- */

/* Marks where counting begins; nothing else here calls it. */
static void mark(void)
{
        syscall(SYS_getppid);
}

static int be_victim(const char *operation, const char *root, const char *uri)
{
        g_autoptr(GError) error = NULL;
        const Operation *o = find_operation(operation);
        g_autofree char *file = g_build_filename(root, "xml", NULL),
                        *changed = g_build_filename(root, "changed", NULL);
        Scene s = { 0 };
        if (!g_file_get_contents(file, &s.xml, NULL, &error) ||
            !g_file_get_contents(changed, &s.changed, NULL, &error))
                g_error("%s", error->message);
        DomusConn *conn = domus_open(uri, 0, &error);
        if (!conn)
                g_error("%s", error->message);
        g_autoptr(DomusDomain) d = o->defined ? domus_lookup_name(conn, NAME, &error) : NULL;
        mark();
        if (!error && o->act(conn, d, &s, &error))
                _exit(0);
        fprintf(stderr, "%s: %s\n", operation, error->message);
        _exit(1);
}

/* ---- the hunter ---- */

typedef struct Hunt {
        pid_t victim;
        gboolean effects;
        unsigned point; /* to kill at; counted from 1 */
        unsigned counted;
        gboolean armed, killed;
        int exit_code;      /* of a victim that got away */
        GHashTable *inside; /* thread ids inside a call: their next stop is the return */
        GHashTable *traced; /* thread ids; empty at the end */
        GHashTable *ended;  /* those that have ended before their maker's report of them came */
} Hunt;

static void resume(pid_t tid, int signal)
{
        ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(gintptr)signal);
}

/* Files, sockets, processes: what others can see.  Memory, waiting and reading are not. */
static gboolean has_effect(const struct __ptrace_syscall_info *info)
{
        static const int calls[] = {
                SYS_write,    SYS_writev,    SYS_pwrite64,  SYS_sendto,    SYS_sendmsg,
                SYS_rename,   SYS_renameat,  SYS_renameat2, SYS_unlink,    SYS_unlinkat,
                SYS_mkdir,    SYS_mkdirat,   SYS_rmdir,     SYS_link,      SYS_linkat,
                SYS_symlink,  SYS_symlinkat, SYS_ftruncate, SYS_fallocate, SYS_fchmod,
                SYS_fchmodat, SYS_fchown,    SYS_fchownat,  SYS_flock,     SYS_fsync,
                SYS_bind,     SYS_listen,    SYS_connect,   SYS_clone,     SYS_clone3,
                SYS_vfork,    SYS_execve,    SYS_kill,      SYS_waitid,    SYS_pidfd_send_signal,
        };
        if (info->entry.nr == SYS_openat)
                return (info->entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
        for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
                if (info->entry.nr == (guint64)calls[i])
                        return TRUE;
        return FALSE;
}

/* A stop of @tid at a system call: entries count. */
static void on_call(Hunt *h, pid_t tid)
{
        if (g_hash_table_remove(h->inside, GINT_TO_POINTER(tid))) {
                resume(tid, 0);
                return;
        }
        g_hash_table_add(h->inside, GINT_TO_POINTER(tid));
        struct __ptrace_syscall_info info;
        long n = ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof info, &info);
        if (n > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getppid)
                h->armed = TRUE;
        else if (h->armed && n > 0 && (!h->effects || has_effect(&info)) && ++h->counted == h->point) {
                kill(h->victim, SIGKILL);
                h->killed = TRUE;
        }
        if (!h->killed || tid != h->victim)
                resume(tid, 0);
}

static void on_end(Hunt *h, pid_t tid, int status)
{
        g_hash_table_remove(h->traced, GINT_TO_POINTER(tid));
        g_hash_table_add(h->ended, GINT_TO_POINTER(tid));
        if (tid == h->victim && WIFEXITED(status))
                h->exit_code = WEXITSTATUS(status);
}

static void on_stop(Hunt *h, pid_t tid, int status)
{
        int signal = WSTOPSIG(status), event = status >> 16;
        unsigned long new_tid = 0;
        g_hash_table_add(h->traced, GINT_TO_POINTER(tid));
        /* A new thread or child is traced from the start, also when its maker dies before we have seen it
         * stop. */
        if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK)
                if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &new_tid) == 0 &&
                    !g_hash_table_contains(h->ended, GUINT_TO_POINTER((guint)new_tid)))
                        g_hash_table_add(h->traced, GUINT_TO_POINTER((guint)new_tid));
        if (signal == (SIGTRAP | 0x80)) {
                on_call(h, tid);
        } else if (event == PTRACE_EVENT_EXEC && tid != h->victim) {
                ptrace(PTRACE_DETACH, tid, NULL, NULL); /* it is QEMU now, and goes its own way */
                g_hash_table_remove(h->traced, GINT_TO_POINTER(tid));
        } else {
                resume(tid, event || signal == SIGSTOP || signal == SIGTRAP ? 0 : signal);
        }
}

/* FALSE when nothing traced is left.  A guest that was started for the scene may be our child as well: it is
 * not waited for, but reaped when it ends. */
static gboolean hunt_step(Hunt *h)
{
        if (g_hash_table_size(h->traced) == 0)
                return FALSE;
        int status = 0;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0)
                return FALSE;
        if (WIFSTOPPED(status))
                on_stop(h, tid, status);
        else
                on_end(h, tid, status);
        return TRUE;
}

/* Runs the operation, killing it at @point; TRUE when it came that far. */
static gboolean hunt(const Operation *o, const Scene *s, gboolean effects, unsigned point,
                     unsigned *ret_counted)
{
        Hunt h = { .effects = effects,
                   .point = point,
                   .exit_code = -1,
                   .inside = g_hash_table_new(NULL, NULL),
                   .traced = g_hash_table_new(NULL, NULL),
                   .ended = g_hash_table_new(NULL, NULL) };
        h.victim = fork();
        if (h.victim == 0) {
                ptrace(PTRACE_TRACEME, 0, NULL, NULL);
                raise(SIGSTOP);
                execl("/proc/self/exe", "kill", "--victim", o->name, s->root, s->uri, NULL);
                _exit(127);
        }
        int status;
        waitpid(h.victim, &status, 0);
        ptrace(PTRACE_SETOPTIONS, h.victim, NULL,
               (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                        PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
        g_hash_table_add(h.traced, GINT_TO_POINTER(h.victim));
        resume(h.victim, 0);
        while (hunt_step(&h))
                ;
        g_hash_table_unref(h.inside);
        g_hash_table_unref(h.traced);
        g_hash_table_unref(h.ended);
        *ret_counted = h.counted;
        if (!h.killed && h.exit_code != 0)
                g_error("%s: it failed by itself with status %d", o->name, h.exit_code);
        return h.killed;
}

/* ---- before and after ---- */

/* Processes on this machine that were started with this scene's uuid. */
static unsigned count_qemus(const Scene *s)
{
        unsigned n = 0;
        g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
        for (const char *name = g_dir_read_name(proc); name; name = g_dir_read_name(proc)) {
                g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", name), *text = NULL;
                gsize length = 0;
                if (!g_ascii_isdigit(*name) || !dm_file_read(path, 65536, &text, &length, NULL))
                        continue;
                for (gsize i = 0; i < length; i += strlen(text + i) + 1)
                        if (strcmp(text + i, s->uuid) == 0) {
                                n++;
                                break;
                        }
        }
        return n;
}

static DomusConn *open_root(const Scene *s)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = domus_open(s->uri, 0, &error);
        if (!conn)
                g_error("%s", error->message);
        return conn;
}

/* A guest that has not come up yet does not hear the power button. */
static void wait_until_up(DomusDomain *d)
{
        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;
        int console = domus_domain_open_console(d, NULL, DOMUS_CONSOLE_HISTORY, NULL);
        const DmGuestBoard *b = dm_guest_board(BOARD);
        if (console < 0 || !dm_guest_expect(console, b->marker, b->deadline_s * 1000, said, &position))
                g_error("the guest does not come up; it said: %s", said->str);
        close(console);
}

static void set_scene(const Operation *o, const Scene *s)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = open_root(s);
        if (o->defined) {
                g_autoptr(DomusDomain) d = domus_define(conn, s->xml, 0, NULL, &error);
                if (!d || (o->running && !domus_domain_start(d, 0, NULL, &error)))
                        g_error("%s", error->message);
                if (o->running)
                        wait_until_up(d);
        }
        domus_conn_unref(conn);
}

/* Probes the emulator, so that no operation does: a probe changes nothing but its cache. */
static void warm_up(const Scene *s)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = open_root(s);
        g_autoptr(DomusDomain) d = domus_define(conn, s->xml, 0, NULL, &error);
        if (!d || !domus_domain_undefine(d, NULL, &error))
                g_error("%s", error->message);
        domus_conn_unref(conn);
}

/* What is wrong with what the next owner finds, or NULL; cleans up. */
static char *judge(const Operation *o, const Scene *s)
{
        g_autoptr(GError) error = NULL;
        DomusConn *conn = open_root(s);
        g_auto(GStrv) messages = domus_conn_messages(conn);
        char *wrong = NULL;
        for (char **m = messages; *m && !wrong; m++)
                if (strstr(*m, "set aside") || strstr(*m, "can't be adopted"))
                        wrong = g_strdup(*m);
        DomusDomain *d = domus_lookup_uuid(conn, s->uuid, NULL);
        DomusInfo info = { .id = -1 };
        /* A guest that was adopted after it had shut down is ended now, as its on_poweroff says. */
        for (int i = 0;
             d && i < 500 && domus_domain_info(d, &info, NULL) && info.state == DOMUS_STATE_SHUTDOWN; i++)
                g_usleep(10000);
        g_autofree char *xml = d ? domus_domain_xml(d, DOMUS_XML_INACTIVE, &error) : NULL;
        if (d && (!xml || !domus_domain_info(d, &info, &error)))
                wrong = g_strdup(error->message);
        const char *special = o->wrong(conn, d, &info, s);
        if (!wrong && special)
                wrong = g_strdup(special);
        unsigned running = d && info.id >= 0, qemus = count_qemus(s);
        if (!wrong && qemus != running)
                wrong = g_strdup_printf("%u QEMUs, %u guests running", qemus, running);
        if (!wrong && running && info.state != DOMUS_STATE_RUNNING && info.state != DOMUS_STATE_PAUSED &&
            info.state != DOMUS_STATE_SHUTDOWN)
                wrong = g_strdup_printf("its state is %s", domus_state_name(info.state));
        if (running && !domus_domain_destroy(d, DOMUS_DESTROY_FORCE, NULL, &error))
                g_clear_error(&error); /* it was just shutting down */
        g_autoptr(DomusDomain) left = domus_lookup_uuid(conn, s->uuid, NULL);
        if (left && !domus_domain_undefine(left, NULL, &error) && !wrong)
                wrong = g_strdup(error->message);
        g_clear_pointer(&d, domus_domain_unref);
        g_clear_pointer(&left, domus_domain_unref);
        domus_conn_unref(conn);
        return wrong;
}

static unsigned try_operation(const Operation *o, const Scene *s, gboolean effects, unsigned every)
{
        unsigned violations = 0, tried = 0, counted = 0;
        gboolean reached = TRUE;
        gint64 start = g_get_monotonic_time();
        for (unsigned point = 1; reached && point < MAX_POINTS; point += every) {
                set_scene(o, s);
                reached = hunt(o, s, effects, point, &counted);
                tried += reached;
                g_autofree char *wrong = judge(o, s);
                if (wrong) {
                        violations++;
                        printf("# %s, killed at call %u: %s\n", o->name, point, wrong);
                }
        }
        printf("# %s: %u %s, %u points tried, %u violations, %.1f s\n", o->name, counted,
               effects ? "system calls with an effect" : "system calls", tried, violations,
               (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
        fflush(stdout);
        return violations;
}

static Scene *scene_new(void)
{
        g_autoptr(GError) error = NULL;
        Scene *s = g_new0(Scene, 1);
        s->root = g_dir_make_tmp("domus-kill-XXXXXX", NULL);
        const char *cache = g_getenv("DOMUS_TEST_CACHE");
        s->uri = g_strdup_printf("qemu:///embed?root=%s/r&cache=%s/cache", s->root, cache ? cache : s->root);
        s->uuid = g_uuid_string_random();
        g_autofree char *board = dm_guest_board_xml(dm_guest_board(BOARD), s->root, &error);
        if (!board)
                g_error("%s", error->message);
        g_autoptr(GString) xml = g_string_new(board);
        g_autofree char *name = g_strdup_printf("<name>" NAME "</name><uuid>%s</uuid>", s->uuid);
        g_string_replace(xml, "<name>" BOARD "</name>", name, 1);
        s->xml = g_strdup(xml->str);
        g_string_replace(xml, "</uuid>", "</uuid><title>new</title>", 1);
        s->changed = g_strdup(xml->str);
        g_autofree char *file = g_build_filename(s->root, "xml", NULL),
                        *changed = g_build_filename(s->root, "changed", NULL);
        if (!g_file_set_contents(file, s->xml, -1, NULL) ||
            !g_file_set_contents(changed, s->changed, -1, NULL))
                g_error("can't write to '%s'", s->root);
        return s;
}

int main(int argc, char **argv)
{
        if (argc == 5 && strcmp(argv[1], "--victim") == 0)
                return be_victim(argv[2], argv[3], argv[4]);
        unsigned every = 1, violations = 0, n = 0;
        int first = 1;
        gboolean effects = argc > first && strcmp(argv[first], "--effects") == 0;
        first += effects;
        if (argc > first + 1 && strcmp(argv[first], "--every") == 0) {
                every = (unsigned)MAX(1, strtol(argv[first + 1], NULL, 10));
                first += 2;
        }
        g_autofree char *reason = NULL;
        if (!dm_guest_available(dm_guest_board(BOARD), &reason)) {
                printf("1..0 # SKIP %s\n", reason);
                return 0;
        }
        Scene *s = scene_new();
        warm_up(s);
        for (gsize i = 0; i < G_N_ELEMENTS(operations); i++) {
                gboolean wanted = first >= argc;
                for (int a = first; a < argc; a++)
                        wanted |= strcmp(argv[a], operations[i].name) == 0;
                if (!wanted)
                        continue;
                unsigned bad = try_operation(&operations[i], s, effects, every);
                printf("%sok %u /kill/%s\n", bad ? "not " : "", ++n, operations[i].name);
                violations += bad;
        }
        printf("1..%u\n", n);
        dm_remove_tree(s->root, NULL);
        return violations ? 1 : 0;
}
