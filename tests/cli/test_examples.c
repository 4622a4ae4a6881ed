/* What a newcomer copies from: every document of examples/ is good, those of 2007 mean what their modern
 * neighbours mean, and the C programs do what they say with a real guest. */
#include <string.h>

#include "lib/cli.h"
#include "lib/guests.h"
#include "qemu/host.h"
#include "util/file.h"

#define KVM_SEED "seed-x86_64-kvm"

static char *examples;

/* FALSE after a skip: the emulator is not installed, or the document asks for a KVM that is not here. */
static gboolean can_resolve(const char *name)
{
        gboolean on_pc = strcmp(name, "hello") == 0 || strcmp(name, "typical-q35") == 0;
        const DmGuestBoard *board = dm_guest_board(on_pc ? "x86_64-pc" : name);
        g_autofree char *emulator = g_find_program_in_path(board->binary), *reason = NULL;
        int error_number = 0, api = 0;
        if (!emulator)
                reason = g_strdup_printf("%s is not installed", board->binary);
        else if ((board->flags & DM_GUEST_KVM) && dm_host_test_kvm(&error_number, &api) != DM_KVM_USABLE)
                reason = g_strdup("there is no usable KVM");
        if (reason)
                g_test_skip(reason);
        return !reason;
}

/* ---- documents ---- */

/* Nothing to remark: but what an old name has become is told, once, of the machine. */
static void test_check(gconstpointer data)
{
        const char *name = data;
        if (!can_resolve(name))
                return;
        g_auto(CliResult) r = cli("domus check --json %s/%s.xml", examples, name);
        g_autoptr(DmJson) json = cli_json(&r);
        if (r.code != 0)
                g_error("%s: %s", name, r.out);
        const DmJson *findings = dm_json_get(json, "findings");
        g_assert_cmpstr(dm_json_get_string(json, "stage"), ==, "done");
        g_assert_cmpuint(dm_json_length(findings), <=, g_str_has_prefix(name, "seed-") ? 1 : 0);
        for (gsize i = 0; i < dm_json_length(findings); i++) {
                const DmJson *f = dm_json_at(findings, i);
                g_assert_cmpstr(dm_json_get_string(f, "path"), ==, "/domain/os/type/@machine");
                g_assert_cmpstr(dm_json_get_string(f, "severity"), ==, "warning");
        }
}

/* The command line, with the name taken out; a uuid is put in where it is not given. */
static char *command_line(const char *xml, const char *name)
{
        static const char uuid[] = "<uuid>11111111-2222-3333-4444-555555555555</uuid>";
        g_autofree char *dir = g_dir_make_tmp("domus-examples-XXXXXX", NULL);
        g_autoptr(GString) text = g_string_new(xml);
        g_string_replace(text, name, "same", 0);
        char *end = strstr(text->str, "</name>");
        g_assert_nonnull(end);
        g_string_insert(text, end - text->str + (gssize)strlen("</name>"), uuid);
        g_autofree char *path = cli_file(dir, "document.xml", text->str);
        g_auto(CliResult) r = cli("domus argv %s", path);
        if (r.code != 0)
                g_error("%s: %s", name, r.err);
        dm_remove_tree(dir, NULL);
        return g_steal_pointer(&r.out);
}

static char *read_example(const char *name)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_strdup_printf("%s/%s.xml", examples, name);
        char *text = NULL;
        g_file_get_contents(path, &text, NULL, &error);
        g_assert_no_error(error);
        return text;
}

/* How each document of 2007 would be written today: as another example, or with these words in the place of
 * the old ones. */
typedef struct Pair {
        const char *seed, *modern;
        const char *words[4][2];
} Pair;

static const Pair pairs[] = {
        { "seed-ppc-g3bw", "ppc-g3beige" },
        { "seed-ppc-mac99", "ppc-mac99" },
        { "seed-ppc-prep", "ppc-40p" },
        { "seed-mips", "mips-malta" },
        { "seed-sparc-sun4m", "sparc-SS-5" },
        { "seed-x86_64-qemu", NULL, { { "<type>qemu<", "<type arch='x86_64' machine='pc'>hvm<" } } },
        { "seed-i686-isapc",
          NULL,
          { { "<type arch='x86' machine='isapc'>qemu<", "<type arch='i686' machine='isapc'>hvm<" } } },
        { "seed-arm",
          NULL,
          { { "<type arch='arm'>qemu<", "<type arch='armv7l' machine='integratorcp'>hvm<" } } },
        { KVM_SEED, NULL, { { "<domain type='qemu'>", "<domain type='kvm'>" }, { ">kvm<", ">hvm<" } } },
        { KVM_SEED "-loader",
          NULL,
          { { "<domain type='qemu'>", "<domain type='kvm'>" },
            { ">kvm<", ">hvm<" },
            { "<loader>/usr/bin/qemu-system-x86_64</loader>", "" },
            { "<devices>", "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>" } } },
};

static void test_pair(gconstpointer data)
{
        const Pair *p = data;
        if (!can_resolve(p->seed))
                return;
        g_autofree char *old = read_example(p->seed), *other = read_example(p->modern ? p->modern : p->seed);
        g_autoptr(GString) modern = g_string_new(other);
        for (gsize i = 0; i < G_N_ELEMENTS(p->words) && p->words[i][0]; i++)
                g_assert_cmpuint(g_string_replace(modern, p->words[i][0], p->words[i][1], 0), ==, 1);
        g_autofree char *a = command_line(old, p->seed),
                        *b = command_line(modern->str, p->modern ? p->modern : p->seed);
        g_assert_cmpstr(a, ==, b);
        /* And what is stored of it is today's form, which means the same. */
        g_auto(CliResult) again =
                cli("f=$(mktemp) && domus argv --xml %s/%s.xml 2>/dev/null >$f && domus argv $f && "
                    "grep -q '>hvm</type>' $f && ! grep -q '<loader>' $f; s=$?; rm $f; exit $s",
                    examples, p->seed);
        g_assert_cmpint(again.code, ==, 0);
        g_assert_cmpstr(again.err, ==, "");
}

static void test_every_seed_has_a_pair(void)
{
        g_autoptr(GDir) dir = g_dir_open(examples, 0, NULL);
        const char *file;
        gsize seeds = 0;
        while ((file = g_dir_read_name(dir))) {
                gboolean known = !g_str_has_prefix(file, "seed-");
                seeds += !known;
                for (gsize i = 0; i < G_N_ELEMENTS(pairs) && !known; i++) {
                        g_autofree char *name = g_strconcat(pairs[i].seed, ".xml", NULL);
                        known = strcmp(name, file) == 0;
                }
                if (!known)
                        g_error("%s has no modern pair", file);
        }
        g_assert_cmpuint(seeds, ==, G_N_ELEMENTS(pairs));
}

/* ---- programs ---- */

/* A document with this build's images; FALSE after a skip. */
static gboolean guest_document(const char *name, char **ret_dir, char **ret_path)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *reason = NULL;
        if (!dm_guest_available(dm_guest_board("x86_64-pc"), &reason)) {
                g_test_skip(reason);
                return FALSE;
        }
        *ret_dir = g_dir_make_tmp("domus-examples-XXXXXX", NULL);
        g_autofree char *xml = dm_guest_example_xml(name, *ret_dir, &error);
        g_assert_no_error(error);
        *ret_path = cli_file(*ret_dir, "guest.xml", xml);
        return TRUE;
}

static void test_define_and_run(void)
{
        g_autofree char *dir = NULL, *path = NULL;
        if (!guest_document("hello", &dir, &path))
                return;
        g_auto(CliResult) r = cli("$DOMUS_BUILD/examples/define-and-run %s 30", path);
        g_assert_cmpstr(r.err, ==, "");
        g_assert_cmpint(r.code, ==, 0);
        g_assert_true(g_str_has_prefix(r.out, "'hello' runs\n"));
        cli_assert_has(r.out, "Hello from a guest of domus.");
        g_assert_true(g_str_has_suffix(r.out, "\n'hello' ended: the guest shut down\n"));
        g_auto(CliResult) wrong =
                cli("printf '<domain/>' >%s/x; $DOMUS_BUILD/examples/define-and-run %s/x", dir, dir);
        g_assert_cmpint(wrong.code, ==, 1);
        cli_assert_has(wrong.err, "error (invalid-xml): ");
        dm_remove_tree(dir, NULL);
}

static void test_watch_events(void)
{
        g_autofree char *dir = NULL, *path = NULL;
        if (!guest_document("x86_64-pc", &dir, &path))
                return;
        g_auto(CliResult) r = cli("$DOMUS_BUILD/examples/watch-events %s", path);
        g_assert_cmpstr(r.err, ==, "");
        g_assert_cmpint(r.code, ==, 0);
        const char *at = r.out;
        static const char *const order[] = { "started", "suspended", "resumed", "stopped" };
        for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
                g_autofree char *line = g_strdup_printf("x86_64-pc: %s (detail ", order[i]);
                at = strstr(at, line);
                if (!at)
                        g_error("no '%s' where it is expected in: %s", line, r.out);
        }
        dm_remove_tree(dir, NULL);
}

static void test_capabilities(void)
{
        if (!can_resolve("x86_64-pc"))
                return;
        g_auto(CliResult) all = cli("$DOMUS_BUILD/examples/capabilities"),
                          one = cli("$DOMUS_BUILD/examples/capabilities x86_64"),
                          none = cli("$DOMUS_BUILD/examples/capabilities x87");
        g_assert_cmpint(all.code, ==, 0);
        g_assert_true(g_str_has_prefix(all.out, "<capabilities>"));
        cli_assert_has(all.out, "<arch name='x86_64'>");
        g_assert_cmpint(one.code, ==, 0);
        cli_assert_has(one.out, "<arch>x86_64</arch>");
        g_assert_cmpint(none.code, ==, 1);
        cli_assert_has(none.err, "error: unknown architecture: x87");
}

static void add_documents(void)
{
        g_autoptr(GDir) dir = g_dir_open(examples, 0, NULL);
        const char *file;
        while (dir && (file = g_dir_read_name(dir))) {
                if (!g_str_has_suffix(file, ".xml"))
                        continue;
                char *name = g_strndup(file, strlen(file) - strlen(".xml"));
                g_autofree char *path = g_strconcat("/cli/examples/check/", name, NULL);
                g_test_add_data_func_full(path, name, test_check, g_free);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        cli_init();
        examples = dm_guest_examples_dir();
        add_documents();
        for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
                g_autofree char *path = g_strconcat("/cli/examples/pair/", pairs[i].seed, NULL);
                g_test_add_data_func(path, &pairs[i], test_pair);
        }
        g_test_add_func("/cli/examples/pairs", test_every_seed_has_a_pair);
        g_test_add_func("/cli/examples/define-and-run", test_define_and_run);
        g_test_add_func("/cli/examples/watch-events", test_watch_events);
        g_test_add_func("/cli/examples/capabilities", test_capabilities);
        int status = g_test_run();
        g_free(examples);
        return status;
}
