/* The commands about guests that are kept: each a process of its own, which leaves the guest running and
 * finds it again.  Real guests under TCG. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/cli.h"
#include "lib/guests.h"
#include "util/file.h"

#define BOARD "x86_64-pc"
#define UUID  "11111111-2222-3333-4444-555555555555"

typedef struct Place {
        char *dir, *root;
} Place;

static void setup(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        p->dir = g_dir_make_tmp("domus-guests-XXXXXX", &error);
        g_assert_no_error(error);
        p->root = g_build_filename(p->dir, "root", NULL);
        /* `domus` means the guests of this place. */
        g_setenv("DOMUS_TEST_ROOT", p->root, TRUE);
}

/* Runs @script in a shell, in which `d` is domus with the root of this test. */
#define d(...) cli("d() { domus --root \"$DOMUS_TEST_ROOT\" \"$@\"; }; " __VA_ARGS__)

/* The domusd that a command has left for the guests of this root; 0: there is none. */
static pid_t owner_of(const Place *p)
{
        g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
        const char *entry;
        while ((entry = g_dir_read_name(proc))) {
                g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", entry), *words = NULL;
                gsize length = 0;
                if (!g_ascii_isdigit(*entry) || !dm_file_read(path, 65536, &words, &length, NULL))
                        continue;
                gboolean domusd = g_str_has_suffix(words, "/domusd");
                for (const char *w = words; domusd && w < words + length; w += strlen(w) + 1)
                        if (strcmp(w, p->root) == 0)
                                return (pid_t)g_ascii_strtoll(entry, NULL, 10);
        }
        return 0;
}

/* As it would end by itself, later. */
static void end_owner(const Place *p, int signal)
{
        pid_t pid = owner_of(p);
        if (pid)
                kill(pid, signal);
        for (int i = 0; owner_of(p) && i < 1000; i++)
                g_usleep(10000);
        g_assert_cmpint(owner_of(p), ==, 0);
}

static void teardown(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_auto(CliResult) r = d("for uuid in $(d list --uuid); do d destroy $uuid --force; done");
        g_assert_cmpstr(r.err, ==, "");
        end_owner(p, SIGTERM);
        dm_remove_tree(p->dir, NULL);
        g_free(p->dir);
        g_free(p->root);
}

/* A document of the guest that obeys; @cmdline tells it what to do by itself.  NULL after a skip.  Owned. */
static char *document(Place *p, const char *name, const char *uuid, const char *cmdline)
{
        g_autofree char *reason = NULL;
        if (!dm_guest_available(dm_guest_board(BOARD), &reason)) {
                g_test_skip(reason);
                return NULL;
        }
        g_autofree char *kernel = dm_guest_image("x86.elf"), *file = g_strconcat(name, ".xml", NULL);
        g_autofree char *xml = g_strdup_printf(
                "<domain type='qemu'>\n<name>%s</name>\n<uuid>%s</uuid>\n<memory unit='MiB'>32</memory>\n"
                "<os><type arch='x86_64' "
                "machine='pc'>hvm</type><kernel>%s</kernel><cmdline>%s</cmdline></os>\n"
                "<features><acpi/></features>\n<devices><serial type='pty'/></devices>\n</domain>\n",
                name, uuid, kernel, cmdline);
        return cli_file(p->dir, file, xml);
}

static void assert_done(const CliResult *r, const char *out)
{
        g_assert_cmpstr(r->err, ==, "");
        g_assert_cmpint(r->code, ==, 0);
        g_assert_cmpstr(r->out, ==, out);
}

static void assert_fails(const CliResult *r, int code, const char *error)
{
        cli_assert_has(r->err, error);
        g_assert_cmpstr(r->out, ==, "");
        g_assert_cmpint(r->code, ==, code);
}

/* "running (booted)" with its reason, "shut off" without: that is not kept on disk. */
static void assert_state(const char *name, const char *state)
{
        g_autofree char *line = g_strconcat(state, "\n", NULL);
        g_auto(CliResult) r = d("d state %s %s", name, strchr(state, '(') ? "--reason" : "");
        assert_done(&r, line);
}

static int pid_of(const char *name)
{
        g_auto(CliResult) r = d("d info %s --json", name);
        g_autoptr(DmJson) j = cli_json(&r);
        return (int)dm_json_get_i64(j, "pid", 0);
}

/* ---- nobody ---- */

/* At once, and without asking an emulator. */
static void test_empty(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *bin = g_build_filename(p->dir, "bin", NULL);
        g_assert_true(dm_make_dirs(bin, 0755, NULL));
        g_autofree char *fake = cli_file(bin, "qemu-system-x86_64", "#!/bin/sh\n: >$DOMUS_TEST_ROOT.asked\n");
        g_auto(CliResult) list = d("chmod +x %s && PATH=%s:$PATH && d list && d list --all", fake, bin);
        static const char nothing[] = " Id   Name  State\n"
                                      "------------------\n"
                                      "\n";
        g_autofree char *twice = g_strconcat(nothing, nothing, NULL),
                        *asked = g_strconcat(p->root, ".asked", NULL);
        assert_done(&list, twice);
        g_assert_false(g_file_test(asked, G_FILE_TEST_EXISTS));
        g_auto(CliResult) json = d("d list --all --json"), names = d("d list --all --name");
        assert_done(&json, "[]\n");
        assert_done(&names, "");
        gint64 began = g_get_monotonic_time();
        g_auto(CliResult) again = d("d list");
        g_assert_cmpint(again.code, ==, 0);
        g_assert_cmpint(g_get_monotonic_time() - began, <, G_USEC_PER_SEC);
}

static void test_not_there(Place *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        static const char *const commands[] = { "undefine", "edit",   "rename x", "autostart", "start",
                                                "shutdown", "reboot", "reset",    "destroy",   "suspend",
                                                "resume",   "info",   "state",    "xml",       "console",
                                                "wait",     "events", "logs" };
        for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_auto(GStrv) words = g_strsplit(commands[i], " ", 2);
                g_auto(CliResult) r = d("d %s nobody %s", words[0], words[1] ? words[1] : ""),
                                  j = d("d %s nobody --json %s", words[0], words[1] ? words[1] : "");
                assert_fails(&r, 1,
                             "domus: error: there is no domain 'nobody', neither by name nor by uuid or id: "
                             "'domus list --all' tells which there are\n");
                g_autoptr(DmJson) json = cli_json(&j);
                if (strcmp(words[0], "console") != 0)
                        g_assert_cmpstr(dm_json_string(dm_json_path(json, "error.code")), ==, "not-found");
        }
        g_auto(CliResult) where = cli("domus list --root relative --connect qemu:///embed?root=/nowhere"),
                          foreign = cli("domus --connect xen:///system list"),
                          variable = cli("DOMUS_URI=xen:///system domus list");
        assert_fails(&where, 1, "--connect and --root both say where: give one of them\n");
        assert_fails(&foreign, 1, "'xen:///system'");
        assert_fails(&variable, 1, "'xen:///system'");
}

/* ---- a life ---- */

static void test_life(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) defined = d("d define %s", path), all = d("d list --all"),
                          none = d("d list --name"), started = d("d start guest"), list = d("d list"),
                          json = d("d list --json");
        assert_done(&defined, "domain 'guest' defined\n");
        assert_done(&all, " Id   Name   State\n"
                          "----------------------\n"
                          " -    guest  shut off\n"
                          "\n");
        assert_done(&none, "");
        assert_done(&started, "domain 'guest' started\n");
        assert_done(&list, " Id   Name   State\n"
                           "---------------------\n"
                           " 1    guest  running\n"
                           "\n");
        g_autoptr(DmJson) j = cli_json(&json);
        g_assert_cmpuint(dm_json_length(j), ==, 1);
        const DmJson *row = dm_json_at(j, 0);
        g_assert_cmpstr(dm_json_get_string(row, "name"), ==, "guest");
        g_assert_cmpstr(dm_json_get_string(row, "uuid"), ==, UUID);
        g_assert_cmpstr(dm_json_get_string(row, "state"), ==, "running");
        g_assert_cmpint(dm_json_get_i64(row, "id", 0), ==, 1);
        int pid = (int)dm_json_get_i64(row, "pid", 0);
        g_autofree char *proc = g_strdup_printf("/proc/%d/cmdline", pid);
        g_autofree char *words = NULL;
        g_assert_true(dm_file_read(proc, 65536, &words, NULL, NULL));
        cli_assert_has(words, "qemu-system-x86_64");

        g_auto(CliResult) suspended = d("d suspend 1"); /* by its id */
        assert_done(&suspended, "domain 'guest' suspended\n");
        assert_state("guest", "paused (user)");
        g_auto(CliResult) resumed = d("d resume " UUID);
        assert_done(&resumed, "domain 'guest' resumed\n");
        assert_state("guest", "running (unpaused)");
        g_auto(CliResult) reset = d("d reset guest"), again = d("d start guest");
        assert_done(&reset, "domain 'guest' reset\n");
        assert_fails(&again, 1, "domus: error: domain 'guest' is running already\n");
        g_assert_cmpint(pid_of("guest"), ==, pid); /* through all of it */

        /* The button is heard once the guest is up. */
        g_auto(CliResult) off =
                d("for i in 1 2 3 4 5 6 7 8; do d shutdown guest --timeout 3 && exit; done; exit 9");
        g_assert_cmpint(off.code, ==, 0);
        g_assert_cmpstr(off.out, ==, "domain 'guest' is shut off\n");
        assert_state("guest", "shut off");
        g_auto(CliResult) inactive = d("d list --inactive --name"), ends = d("d destroy guest");
        assert_done(&inactive, "guest\n");
        assert_fails(&ends, 1, "domus: error: domain 'guest' is not running\n");

        g_auto(CliResult) second = d("d start guest --paused --json"), next = d("d undefine guest"),
                          gone = d("d destroy guest --force && d list --all --name");
        g_autoptr(DmJson) paused = cli_json(&second);
        g_assert_cmpstr(dm_json_get_string(paused, "state"), ==, "paused");
        g_assert_cmpint(dm_json_get_i64(paused, "id", 0), ==, 2);
        assert_done(&next, "domain 'guest' undefined\n");
        assert_done(&gone, "domain 'guest' destroyed\n");
}

/* Who looks after the guests may be killed: the next command finds them. */
static void test_killed_owner(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) started = d("d define %s && d start guest", path);
        g_assert_cmpint(started.code, ==, 0);
        int pid = pid_of("guest");
        g_assert_cmpint(owner_of(p), !=, 0);
        end_owner(p, SIGKILL);
        assert_state("guest", "running (booted)");
        g_assert_cmpint(owner_of(p), ==, 0); /* to look takes nobody */
        g_auto(CliResult) suspended = d("d suspend guest");
        assert_done(&suspended, "domain 'guest' suspended\n");
        g_assert_cmpint(owner_of(p), !=, 0);
        g_assert_cmpint(pid_of("guest"), ==, pid);
}

/* Who watches is told when there is nothing to watch any more. */
static void test_events_lost(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) started = d("d define %s && d start guest", path);
        g_assert_cmpint(started.code, ==, 0);
        g_auto(CliResult) r = d("(sleep 1; kill -9 %d) & d events --timeout 30", (int)owner_of(p));
        assert_fails(&r, 1, "domus: error: ");
}

/* A damaged definition is told of once for those who look, and to who misses it. */
static void test_damaged(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) defined = d("d define %s && echo >$DOMUS_TEST_ROOT/domains/" UUID ".xml", path),
                          missed = d("d start guest"), listed = d("d list --all --name");
        g_assert_cmpint(defined.code, ==, 0);
        assert_fails(&missed, 1, "there is no domain 'guest'");
        cli_assert_has(missed.err, UUID ".xml.damaged'\n");
        g_assert_cmpint(listed.code, ==, 0);
        g_assert_cmpstr(listed.out, ==, "");
        cli_assert_has(listed.err, UUID ".xml.damaged'\n"); /* the owner still knows */
        end_owner(p, SIGTERM);
        g_auto(CliResult) later = d("d list --all --name");
        assert_done(&later, "");
}

/* Without --root and --connect: the user's domusd while it runs, else its guests all the same. */
static void test_default(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        if (geteuid() == 0) {
                g_test_skip("root's guests are the machine's");
                return;
        }
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) r =
                cli("export XDG_RUNTIME_DIR=%s/run XDG_DATA_HOME=%s/data; mkdir $XDG_RUNTIME_DIR; "
                    "domusd --session & "
                    "for i in $(seq 200); do [ -S $XDG_RUNTIME_DIR/domus/domusd-sock-ro ] && break; "
                    "sleep 0.1; done; "
                    "domus define %s && domus list --all --name && kill $! && wait $!; "
                    "domus undefine " UUID " && ls $XDG_DATA_HOME",
                    p->dir, p->dir, path);
        assert_done(&r, "domain 'guest' defined\nguest\ndomain 'guest' undefined\ndomus\n");
}

static void test_reads(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) start = d("d define %s && d start guest", path), info = d("d info guest"),
                          xml = d("d xml guest"), inactive = d("d xml guest --inactive"),
                          json = d("d xml guest --json"), info_json = d("d info guest --json");
        g_assert_cmpint(start.code, ==, 0);
        static const char *const lines[] = { "Id:             1\n",   "Name:           guest\n",
                                             "OS Type:        hvm\n", "State:          running (booted)\n",
                                             "CPU(s):         1\n",   "Max memory:     32768 KiB\n",
                                             "Persistent:     yes\n", "Autostart:      disable\n" };
        for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
                cli_assert_has(info.out, lines[i]);
        cli_assert_has(info.out, "UUID:           " UUID "\n");
        g_assert_true(g_str_has_prefix(xml.out, "<domain type='qemu' id='1'>\n  <name>guest</name>\n"));
        g_assert_true(g_str_has_prefix(inactive.out, "<domain type='qemu'>\n"));
        g_autoptr(DmJson) j = cli_json(&json), i = cli_json(&info_json);
        g_assert_cmpstr(dm_json_get_string(j, "xml"), ==, xml.out);
        g_assert_cmpstr(dm_json_get_string(i, "os-type"), ==, "hvm");
        g_assert_cmpint(dm_json_get_u64(i, "max-memory-kib", 0), ==, 32768);
        /* What is stored resolves to itself. */
        g_auto(CliResult) same = d("d xml guest --inactive | domus argv --xml -");
        g_assert_cmpstr(same.out, ==, inactive.out);
}

/* ---- definitions ---- */

static void test_definitions(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *one = document(p, "one", UUID, ""),
                        *two = one ? document(p, "two", "22222222-2222-3333-4444-555555555555", "") : NULL,
                        *clash = one ? document(p, "three", UUID, "") : NULL;
        if (!one)
                return;
        g_auto(CliResult) both = d("d define %s && d define - <%s", one, two),
                          other = d("d define %s", clash);
        assert_done(&both, "domain 'one' defined\ndomain 'two' defined\n");
        assert_fails(&other, 1, "domus: error: ");
        cli_assert_has(other.err, UUID);
        g_auto(CliResult) taken = d("d rename one two"),
                          renamed = d("d rename one uno && d list --all --name"),
                          auto_on = d("d autostart uno"), on = d("d info uno --json"),
                          off = d("d autostart uno --disable && d info uno");
        assert_fails(&taken, 1, "domain 'two' exists already\n");
        assert_done(&renamed, "domain 'uno' is the new name of 'one'\ntwo\nuno\n");
        assert_done(&auto_on, "domain 'uno' is marked for autostart\n");
        g_autoptr(DmJson) j = cli_json(&on);
        g_assert_true(dm_json_get_bool(j, "autostart", FALSE));
        cli_assert_has(off.out, "Autostart:      disable\n");
        g_autofree char *odd = cli_file(p->dir, "odd.xml",
                                        "<domain type='qemu'><name>odd</name><memroy/><memory>65536</memory>"
                                        "<os><type arch='x86_64'>hvm</type></os></domain>");
        g_auto(CliResult) strict = d("d define --validate %s", odd), warned = d("d define %s", odd),
                          broken = d("printf '<domain' | d define -");
        assert_fails(&strict, 3, "memroy");
        g_assert_cmpint(warned.code, ==, 0);
        cli_assert_has(warned.err, "domus: warning: line 1: /domain/memroy: unknown element");
        assert_fails(&broken, 3, "domus: error: line 1: ");
        g_auto(CliResult) all =
                d("d undefine uno && d undefine odd && d undefine two && d list --all --name");
        assert_done(&all, "domain 'uno' undefined\ndomain 'odd' undefined\ndomain 'two' undefined\n");
}

static void test_autostart(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        static const char uuids[][37] = { "11111111-2222-3333-4444-555555555555",
                                          "22222222-2222-3333-4444-555555555555",
                                          "33333333-2222-3333-4444-555555555555" };
        static const char *const names[] = { "bad", "good", "other" };
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = document(p, names[i], uuids[i], "");
                if (!path)
                        return;
                /* What is not there when it is started does not matter before. */
                g_auto(CliResult) r =
                        d("sed '/<name>bad/,$s|<kernel>[^<]*|<kernel>/nowhere|' %s | d define - && "
                          "[ %s = other ] || d autostart %s",
                          path, names[i], names[i]);
                g_assert_cmpint(r.code, ==, 0);
        }
        g_auto(CliResult) all = d("d start --autostart");
        g_assert_cmpint(all.code, ==, 1);
        g_assert_cmpstr(all.out, ==, "domain 'good' started\n");
        cli_assert_has(all.err, "/nowhere");
        g_auto(CliResult) again = d("d start --autostart --json"), running = d("d list --name");
        g_autoptr(DmJson) j = cli_json(&again); /* the one that does not run */
        g_assert_cmpint(again.code, ==, 1);
        g_assert_cmpuint(dm_json_length(j), ==, 1);
        g_assert_cmpstr(dm_json_get_string(dm_json_at(j, 0), "name"), ==, "bad");
        g_assert_nonnull(dm_json_path(dm_json_at(j, 0), "error.message"));
        assert_done(&running, "good\n");
        g_auto(CliResult) both = d("d start good --autostart"), none = d("d start");
        assert_fails(&both, 2, "--autostart needs no DOMAIN");
        assert_fails(&none, 2, "one DOMAIN is needed");
}

static void test_edit(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_autofree char *tmp = g_build_filename(p->dir, "tmp", NULL);
        g_assert_true(dm_make_dirs(tmp, 0700, NULL));
        g_auto(CliResult) defined = d("d define %s", path),
                          same = d("TMPDIR=%s VISUAL=true d edit guest", tmp),
                          wider = d("TMPDIR=%s EDITOR='sed -i s/32768/49152/g' VISUAL= d edit guest", tmp),
                          fails = d("TMPDIR=%s VISUAL=false d edit guest", tmp), xml = d("d xml guest");
        g_assert_cmpint(defined.code, ==, 0);
        assert_done(&same, "domain 'guest' not changed\n");
        assert_done(&wider, "domain 'guest' changed\n");
        assert_fails(&fails, 1, "the editor 'false' did not end well: nothing is changed");
        cli_assert_has(xml.out, "<memory unit='KiB'>49152</memory>");
        cli_assert_empty(tmp);
        /* What is refused is kept where nobody can be asked … */
        g_auto(CliResult) refused = d("TMPDIR=%s VISUAL='sed -i s/49152/many/' d edit guest </dev/null", tmp);
        assert_fails(&refused, 3, "/domain/memory");
        char *kept = strstr(refused.err, "domus: what you wrote is in '");
        g_assert_nonnull(kept);
        g_auto(CliResult) text = cli("cat %s/domus-*.xml", tmp);
        cli_assert_has(text.out, "<memory unit='KiB'>many</memory>");
        /* … and can be edited again where somebody can. */
        g_autofree char *editor = cli_file(p->dir, "editor",
                                           "#!/bin/sh\n"
                                           "if [ -e $0.seen ]; then sed -i s/many/40960/ \"$1\"\n"
                                           "else : >$0.seen; sed -i s/49152/many/ \"$1\"; fi\n");
        g_auto(CliResult) twice =
                d("chmod +x %s; export VISUAL=%s; printf 'y\\n' | script -qec 'domus --root "
                  "\"$DOMUS_TEST_ROOT\" edit guest' /dev/null",
                  editor, editor);
        cli_assert_has(twice.out, "/domain/memory: ");
        cli_assert_has(twice.out, "Edit again? [Y/n] ");
        cli_assert_has(twice.out, "domain 'guest' changed");
        g_auto(CliResult) now = d("d xml guest");
        cli_assert_has(now.out, "<memory unit='KiB'>40960</memory>");
}

/* ---- shutdown ---- */

static void test_deaf(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "deaf", UUID, "!h");
        if (!path)
                return;
        g_auto(CliResult) asked = d("d define %s && d start deaf && d shutdown deaf", path),
                          late = d("d shutdown deaf --timeout 1"),
                          late_json = d("d shutdown deaf --timeout 1 --json");
        assert_done(&asked,
                    "domain 'deaf' defined\ndomain 'deaf' started\ndomain 'deaf' is asked to shut down\n");
        assert_fails(&late, 6,
                     "domain 'deaf' did not shut down within 1 s, and still runs: 'domus destroy' ends it\n");
        g_autoptr(DmJson) j = cli_json(&late_json);
        g_assert_cmpint(late_json.code, ==, 6);
        g_assert_cmpstr(dm_json_string(dm_json_path(j, "error.code")), ==, "timed-out");
        g_auto(CliResult) wait = d("d wait deaf --timeout 1"), paused = d("d wait deaf paused --timeout 1"),
                          running = d("d wait deaf running --timeout 1");
        assert_fails(&wait, 6, "domain 'deaf' still runs");
        assert_fails(&paused, 6, "domain 'deaf' is running still, not paused, after 1 s\n");
        assert_done(&running, "domain 'deaf' is running\n");
        g_auto(CliResult) forced = d("d shutdown deaf --timeout 1 --force");
        g_assert_cmpint(forced.code, ==, 4);
        g_assert_cmpstr(forced.out, ==, "domain 'deaf' did not shut down within 1 s and was destroyed\n");
        assert_state("deaf", "shut off");
}

/* ---- while it runs ---- */

/* Its end is heard by a command that waits; QEMU is killed behind the driver's back. */
static void test_wait(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) started = d("d define %s && d start guest", path);
        g_assert_cmpint(started.code, ==, 0);
        int pid = pid_of("guest");
        g_auto(CliResult) ended = d("(sleep 1; kill -9 %d) & d wait guest --timeout 30", pid),
                          already = d("d wait guest --json");
        g_assert_cmpint(ended.code, ==, 0);
        g_assert_true(g_str_has_prefix(ended.out, "domain 'guest' is shut off: "));
        g_autoptr(DmJson) j = cli_json(&already);
        g_assert_cmpstr(dm_json_get_string(j, "state"), ==, "shut off");
}

static void test_events(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) started = d("d define %s && d start guest", path);
        int pid = pid_of("guest");
        g_auto(CliResult) r = d("(sleep 1; kill -9 %d) & d events guest --json --count 1 --timeout 30", pid);
        g_assert_cmpint(r.code, ==, 0);
        g_autoptr(DmJson) j = cli_json(&r);
        g_assert_cmpstr(dm_json_get_string(j, "name"), ==, "guest");
        g_assert_cmpstr(dm_json_get_string(j, "uuid"), ==, UUID);
        g_assert_cmpstr(dm_json_get_string(j, "event"), ==, "stopped");
        g_assert_cmpint(dm_json_get_i64(j, "sequence", 0), >, 0);
        g_assert_cmpuint(strlen(r.out), ==, strcspn(r.out, "\n") + 1); /* on one line */
        /* What other commands do, as they do it. */
        g_auto(CliResult) text =
                d("d events --count 4 --timeout 30 & sleep 1; (d start guest; d suspend guest; "
                  "d resume guest; d destroy guest) >/dev/null; wait $!");
        g_assert_cmpint(text.code, ==, 0);
        static const char *const order[] = { "  guest  started", "  guest  suspended", "  guest  resumed",
                                             "  guest  stopped" };
        const char *at = text.out;
        for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
                at = strstr(at, order[i]);
                if (!at)
                        g_error("no '%s' where it is expected in: %s", order[i], text.out);
        }
        g_auto(CliResult) quiet = d("d events --timeout 1");
        assert_done(&quiet, "");
}

/* What is typed gets an answer; the end of the input does not end it, the guest's does. */
static void test_console(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) r = d("d define %s && d start guest >&2 && (sleep 1; printf 'anybody there? !p') | "
                                "timeout 30 domus --root $DOMUS_TEST_ROOT console guest",
                                path);
        g_assert_cmpint(r.code, ==, 0);
        cli_assert_has(r.out, "anybody there? ");
        assert_state("guest", "shut off");
        /* What was said before anybody listened. */
        g_auto(CliResult) history =
                d("d start guest >/dev/null && sleep 2 && timeout 2 domus --root "
                  "$DOMUS_TEST_ROOT console guest --history </dev/null; d destroy guest >&2");
        cli_assert_has(history.out, "DOMUS-GUEST-READY pc");
        g_auto(CliResult) off = d("d console guest"), device = d("d console guest --device serial7");
        assert_fails(&off, 1, "domain 'guest'");
        assert_fails(&device, 1, "domain 'guest'");
}

static void test_logs(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *path = document(p, "guest", UUID, "");
        if (!path)
                return;
        g_auto(CliResult) never = d("d define %s >&2 && d logs guest", path);
        assert_fails(&never, 1, "domain 'guest' has no log, since it was never started (");
        g_auto(CliResult) started = d("d start guest"), all = d("d logs guest"),
                          last = d("d logs guest -n 1"), none = d("d logs guest --lines 0"),
                          json = d("d logs guest --json");
        g_assert_cmpint(all.code, ==, 0);
        cli_assert_has(all.out, "qemu-system-x86_64");
        g_assert_true(g_str_has_suffix(all.out, last.out));
        g_assert_cmpuint(strlen(last.out), ==, strcspn(last.out, "\n") + 1);
        assert_done(&none, "");
        g_autoptr(DmJson) j = cli_json(&json);
        g_assert_cmpstr(dm_json_get_string(j, "text"), ==, all.out);
        /* Others are not kept waiting by whoever follows it. */
        g_auto(CliResult) follow = d("timeout 3 domus --root $DOMUS_TEST_ROOT logs guest -f -n 0 & sleep 1; "
                                     "d destroy guest >/dev/null; echo 'a line' >>%s; wait $!",
                                     dm_json_get_string(j, "path"));
        cli_assert_has(follow.out, "a line\n");
        g_assert_cmpint(follow.code, ==, 124);
}

/* Commands that meet wait for one another. */
static void test_at_once(Place *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autofree char *one = document(p, "one", UUID, ""),
                        *two = one ? document(p, "two", "22222222-2222-3333-4444-555555555555", "") : NULL;
        if (!one)
                return;
        g_auto(CliResult) r = d("d define %s && d define %s && (d start one & d start two & d list & wait) "
                                ">/dev/null && d list --name | sort",
                                one, two);
        assert_done(&r, "domain 'one' defined\ndomain 'two' defined\none\ntwo\n");
        g_auto(CliResult) names = cli("bash -c 'eval \"$(domus completion bash)\"; "
                                      "COMP_WORDS=(domus --root = $DOMUS_TEST_ROOT info t); COMP_CWORD=5; "
                                      "_domus; echo \"${COMPREPLY[@]}\"'");
        assert_done(&names, "two\n");
}

#define ADD(name, fn) g_test_add("/cli/guests/" name, Place, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        cli_init();
        ADD("empty", test_empty);
        ADD("not-there", test_not_there);
        ADD("life", test_life);
        ADD("killed-owner", test_killed_owner);
        ADD("events-lost", test_events_lost);
        ADD("damaged", test_damaged);
        ADD("default", test_default);
        ADD("reads", test_reads);
        ADD("definitions", test_definitions);
        ADD("autostart", test_autostart);
        ADD("edit", test_edit);
        ADD("deaf", test_deaf);
        ADD("wait", test_wait);
        ADD("events", test_events);
        ADD("console", test_console);
        ADD("logs", test_logs);
        ADD("at-once", test_at_once);
        return g_test_run();
}
