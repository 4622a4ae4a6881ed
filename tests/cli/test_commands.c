/* The commands as a user and a script see them: what they print, as text and as JSON, and their exit codes.
 * `domus run` has a test of its own. */
#include <string.h>

#include "lib/cli.h"
#include "lib/guests.h"
#include "lib/process.h"
#include "qemu/caps_probe.h"
#include "util/file.h"

#define EMULATOR "qemu-system-x86_64"

typedef struct Row {
        const char *name, *arguments, *summary;
        gboolean connects;
} Row;

static const Row rows[] = {
#define DM_COMMAND(name, suffix, arguments, summary)       { name, arguments, summary, FALSE },
#define DM_GUEST_COMMAND(name, suffix, arguments, summary) { name, arguments, summary, TRUE },
#include "cli/commands.def"
};

static const char good_xml[] = "<domain type='qemu'>\n"
                               "  <name>paper</name>\n"
                               "  <uuid>11111111-2222-3333-4444-555555555555</uuid>\n"
                               "  <memory unit='MiB'>64</memory>\n"
                               "  <os><type arch='x86_64' machine='pc'>hvm</type></os>\n"
                               "  <devices><serial type='pty'/></devices>\n"
                               "</domain>\n";
/* Right, but for a name that nobody knows. */
static const char odd_xml[] = "<domain type='qemu'>\n"
                              "  <name>odd</name>\n"
                              "  <memory>65536</memory>\n"
                              "  <memroy>65536</memroy>\n"
                              "  <os><type arch='x86_64'>hvm</type></os>\n"
                              "</domain>\n";
static const char bad_xml[] = "<domain type='qemu'>\n"
                              "  <name>bad</name>\n"
                              "  <memory>65536</memory>\n"
                              "  <os><type arch='x86_64'>hvm</type></os>\n"
                              "  <devices>\n"
                              "    <disk type='file'>\n"
                              "      <source file='/x.img'/>\n"
                              "      <target dev='vda' bus='virtoi'/>\n"
                              "    </disk>\n"
                              "    <hostdevv/>\n"
                              "  </devices>\n"
                              "</domain>\n";
/* Well written, and nothing that this or any host can run. */
static const char unknown_machine_xml[] = "<domain type='qemu'>\n"
                                          "  <name>unknown</name>\n"
                                          "  <memory>65536</memory>\n"
                                          "  <os><type arch='x86_64' machine='pcc'>hvm</type></os>\n"
                                          "</domain>\n";

typedef struct Papers {
        char *dir, *good, *odd, *bad, *unknown_machine;
} Papers;

static void setup(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        g_autoptr(GError) error = NULL;
        p->dir = g_dir_make_tmp("domus-cli-XXXXXX", &error);
        g_assert_no_error(error);
        p->good = cli_file(p->dir, "good.xml", good_xml);
        p->odd = cli_file(p->dir, "odd.xml", odd_xml);
        p->bad = cli_file(p->dir, "bad.xml", bad_xml);
        p->unknown_machine = cli_file(p->dir, "unknown.xml", unknown_machine_xml);
}

static void teardown(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        dm_remove_tree(p->dir, NULL);
        g_free(p->dir);
        g_free(p->good);
        g_free(p->odd);
        g_free(p->bad);
        g_free(p->unknown_machine);
}

/* Documents are resolved against the emulator that is installed. */
#define NEED_EMULATOR()                                                    \
        do {                                                               \
                g_autofree char *found = g_find_program_in_path(EMULATOR); \
                if (!found) {                                              \
                        g_test_skip(EMULATOR " is not installed");         \
                        return;                                            \
                }                                                          \
        } while (0)

static gboolean takes_file(const Row *row)
{
        return strstr(row->arguments, "FILE") != NULL;
}

/* ---- every row ---- */

/* What each command is given to succeed; those about guests, and `run`, have tests of their own. */
static char *sample(const Row *row, const Papers *p)
{
        if (takes_file(row))
                return g_strdup_printf("%s %s", row->name, p->good);
        return g_strdup_printf("%s %s", row->name, row->arguments[0] == '[' ? "" : row->arguments);
}

static void test_json(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *words = sample(&rows[i], p);
                if (strcmp(rows[i].name, "run") == 0 || rows[i].connects)
                        continue;
                g_auto(CliResult) after = cli("domus %s --json", words),
                                  before = cli("domus --json %s", words);
                g_autoptr(DmJson) a = cli_json(&after), b = cli_json(&before);
                g_assert_cmpint(after.code, ==, 0);
                g_assert_cmpint(before.code, ==, 0);
                g_assert_cmpstr(after.err, ==, "");
                g_assert_cmpint(dm_json_kind(a), ==, dm_json_kind(b));
        }
}

static void check_usage(const char *words, const char *row, const char *text)
{
        g_autofree char *said = row ? g_strdup_printf("domus %s: %s\nTry 'domus help %s'.\n", row, text, row)
                                    : g_strdup_printf("domus: %s\nTry 'domus help'.\n", text);
        g_auto(CliResult) r = cli("domus %s", words), j = cli("domus %s --json", words);
        g_assert_cmpint(r.code, ==, 2);
        g_assert_cmpstr(r.out, ==, "");
        g_assert_cmpstr(r.err, ==, said);
        g_autoptr(DmJson) error = cli_json(&j);
        g_assert_cmpint(j.code, ==, 2);
        g_assert_cmpstr(dm_json_string(dm_json_path(error, "error.code")), ==, "invalid-argument");
        g_assert_cmpstr(dm_json_string(dm_json_path(error, "error.message")), ==, text);
}

static void test_usage(Papers *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *name = rows[i].name;
                g_autofree char *unknown = g_strdup_printf("%s --colour", name);
                check_usage(unknown, name, "Unknown option --colour");
                if (takes_file(&rows[i]))
                        check_usage(name, name, "one FILE is needed ('-': standard input)");
                g_autofree char *root = g_strdup_printf("--root /nowhere %s", name);
                if (!rows[i].connects)
                        check_usage(root, name, "it connects to no driver: --root does not apply");
                else if (strcmp(rows[i].arguments, "DOMAIN") == 0)
                        check_usage(root, name, "one DOMAIN is needed");
                g_autofree char *many = g_strdup_printf("%s a b c", name);
                g_auto(CliResult) r = cli("domus %s", many);
                g_assert_cmpint(r.code, ==, 2);
        }
        check_usage("", NULL, "a command is needed");
        check_usage("frob", NULL, "unknown command 'frob'");
        check_usage("--colour", NULL, "unknown option '--colour'");
        check_usage("help frob", NULL, "unknown command 'frob'");
        g_auto(CliResult) bare = cli("domus --root");
        g_assert_cmpint(bare.code, ==, 2);
        g_assert_cmpstr(bare.err, ==, "domus: option '--root' needs a value\nTry 'domus help'.\n");
        check_usage("shutdown x --force", "shutdown", "--force needs --timeout");
        check_usage("wait x asleep", "wait",
                    "unknown state 'asleep' (expected off, running, paused, crashed)");
        check_usage("list --all --inactive", "list", "--all and --inactive exclude each other");
        check_usage("completion fish", "completion", "the shell is expected: bash");
}

static void test_help(Papers *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        g_auto(CliResult) all = cli("domus help"), option = cli("domus --help"),
                          json = cli("domus help --json");
        g_assert_cmpint(all.code, ==, 0);
        g_assert_cmpstr(all.out, ==, option.out);
        g_autoptr(DmJson) list = cli_json(&json);
        g_assert_cmpuint(dm_json_length(list), ==, G_N_ELEMENTS(rows));
        for (int code = 0; code <= 6; code++) {
                g_autofree char *line = g_strdup_printf("\n  %d  ", code);
                cli_assert_has(all.out, line);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *left = g_strdup_printf("%s %s", rows[i].name, rows[i].arguments);
                g_autofree char *line = g_strdup_printf(
                        "\n  %-26s%s%s\n", left, strlen(left) > 26 ? "\n                             " : " ",
                        rows[i].summary);
                cli_assert_has(all.out, line);
                const DmJson *row = dm_json_at(list, i);
                g_assert_cmpstr(dm_json_get_string(row, "name"), ==, rows[i].name);
                g_assert_cmpstr(dm_json_get_string(row, "summary"), ==, rows[i].summary);
                g_auto(CliResult) one = cli("domus help %s", rows[i].name),
                                  same = cli("domus %s --help", rows[i].name);
                g_assert_cmpint(one.code, ==, 0);
                g_assert_cmpstr(one.out, ==, same.out);
                cli_assert_has(one.out, rows[i].summary);
                cli_assert_has(one.out, "--json ");
                const DmJson *options = dm_json_get(row, "options");
                for (gsize k = 0; k < dm_json_length(options); k++)
                        cli_assert_has(one.out, dm_json_get_string(dm_json_at(options, k), "summary"));
        }
}

/* ---- exit codes and findings ---- */

static void test_exit_codes(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        const struct {
                const char *options, *file;
                int code;
                const char *text, *error; /* the code of the error, NULL: none */
        } cases[] = {
                { "", p->good, 0, "good.xml: ok\n", NULL },
                { "", p->odd, 0, "odd.xml: ok, 1 warning\n", NULL },
                { "--validate", p->odd, 3, "odd.xml: refused by --validate, 1 warning\n", NULL },
                { "", p->bad, 3, "bad.xml: 1 error, 1 warning\n", "invalid-xml" },
                { "", p->unknown_machine, 3,
                  "error: line 4: /domain/os/type/@machine: machine 'pcc' is not offered by ",
                  "unsupported" },
                { "", "/nowhere.xml", 1,
                  "domus: error: cannot read '/nowhere.xml': No such file or directory\n", "not-found" },
                { "", p->dir, 1, "it is a directory\n", "failed" },
                { "--host /nowhere.json", p->good, 1, "error: cannot read '/nowhere.json'", "not-found" },
                { "--replay /nowhere.json", p->good, 1, "error: cannot read '/nowhere.json'", "not-found" },
                { "", "- </dev/null", 3, "error: the document is empty\n", "invalid-xml" },
                { "", "- </", 1, "can't read standard input", "failed" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_auto(CliResult) r = cli("domus check %s %s 2>&1", cases[i].options, cases[i].file);
                cli_assert_has(r.out, cases[i].text);
                g_assert_cmpint(r.code, ==, cases[i].code);
                g_auto(CliResult) j = cli("domus check --json %s %s", cases[i].options, cases[i].file);
                g_autoptr(DmJson) json = cli_json(&j);
                g_assert_cmpint(j.code, ==, cases[i].code);
                g_assert_cmpstr(dm_json_string(dm_json_path(json, "error.code")), ==, cases[i].error);
        }
}

static void test_findings(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        static const char disk[] = "/domain/devices/disk[1]/target/@bus";
        static const char unknown[] = "unknown element 'hostdevv' is ignored (did you mean 'hostdev'?)";
        g_auto(CliResult) r = cli("domus check %s", p->bad), j = cli("domus check --json %s", p->bad);
        g_autofree char *first = g_strdup_printf("error: line 8: %s: unknown disk bus 'virtoi' (", disk);
        g_autofree char *second =
                g_strdup_printf("\nwarning: line 10: /domain/devices/hostdevv: %s\n", unknown);
        g_assert_true(g_str_has_prefix(r.out, first));
        cli_assert_has(r.out, second);
        g_autoptr(DmJson) json = cli_json(&j);
        g_assert_cmpstr(dm_json_get_string(json, "stage"), ==, "parse");
        const DmJson *findings = dm_json_get(json, "findings");
        g_assert_cmpuint(dm_json_length(findings), ==, 2);
        const DmJson *error = dm_json_at(findings, 0), *warning = dm_json_at(findings, 1);
        g_assert_cmpstr(dm_json_get_string(error, "severity"), ==, "error");
        g_assert_cmpstr(dm_json_get_string(error, "path"), ==, disk);
        g_assert_cmpint(dm_json_get_i64(error, "line", 0), ==, 8);
        g_assert_cmpstr(dm_json_get_string(warning, "severity"), ==, "warning");
        g_assert_cmpstr(dm_json_get_string(warning, "message"), ==, unknown);
}

static void test_stdin(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        static const char *const commands[] = { "check", "explain", "argv" };
        for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_auto(CliResult) file = cli("domus %s %s", commands[i], p->good);
                g_auto(CliResult) pipe = cli("cat %s | domus %s -", p->good, commands[i]);
                g_assert_cmpint(pipe.code, ==, 0);
                if (i > 0)
                        g_assert_cmpstr(pipe.out, ==, file.out);
                else
                        g_assert_cmpstr(pipe.out, ==, "-: ok\n");
        }
        g_auto(CliResult) wrong = cli("domus check - <%s", p->bad);
        g_assert_cmpint(wrong.code, ==, 3);
        cli_assert_has(wrong.out, "\n-: 1 error, 1 warning\n");
}

/* ---- explain and argv ---- */

static void check_decisions(const DmJson *decisions, const char *text)
{
        g_assert_cmpuint(dm_json_length(decisions), >, 5);
        for (gsize i = 0; i < dm_json_length(decisions); i++) {
                const DmJson *d = dm_json_at(decisions, i);
                const char *path = dm_json_get_string(d, "path"), *value = dm_json_get_string(d, "value"),
                           *reason = dm_json_get_string(d, "reason");
                g_assert_true(g_str_has_prefix(path, "/domain/"));
                if (!value || !*value || !reason || !*reason)
                        g_error("%s: a decision without value or reason", path);
                g_autofree char *lines = g_strdup_printf("\n  %s = %s\n      %s\n", path, value, reason);
                cli_assert_has(text, lines);
        }
}

/* A word stands there because of a place in the document, or for a reason that is told. */
static void check_words(const DmJson *words, const char *text)
{
        g_assert_cmpuint(dm_json_length(words), >, 10);
        for (gsize i = 0; i < dm_json_length(words); i++) {
                const DmJson *w = dm_json_at(words, i);
                const char *option = dm_json_get_string(w, "option"), *value = dm_json_get_string(w, "value"),
                           *path = dm_json_get_string(w, "path"), *why = dm_json_get_string(w, "why");
                if ((!path || dm_json_get_i64(w, "line", 0) < 1) && (!why || !*why))
                        g_error("%s: neither the line that asked for it, nor why it is there", option);
                g_autofree char *line =
                        g_strdup_printf("\n  %s%s%s\n      ", option, value ? " " : "", value ? value : "");
                cli_assert_has(text, line);
        }
}

/* Example documents too: these have more kinds of devices.  Their images need not exist to be described. */
static void test_explain(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        g_autofree char *examples = dm_guest_examples_dir();
        const char *const names[] = { "typical-q35", "ppc64-pseries", "seed-x86_64-qemu", "seed-i686-isapc" };
        for (gsize i = 0; i <= G_N_ELEMENTS(names); i++) {
                g_autofree char *file =
                        i == 0 ? g_strdup(p->good) : g_strdup_printf("%s/%s.xml", examples, names[i - 1]);
                g_auto(CliResult) r = cli("domus explain %s", file), j = cli("domus explain --json %s", file);
                if (i > 0 && strstr(r.err, "no emulator found"))
                        continue; /* the board's emulator is not installed */
                if (r.code != 0)
                        g_error("%s: %s", file, r.err);
                g_autoptr(DmJson) json = cli_json(&j);
                if (i == 0) { /* the same each time: the document has its uuid */
                        check_decisions(dm_json_path(json, "explanation.decisions"), r.out);
                        check_words(dm_json_path(json, "explanation.words"), r.out);
                        cli_assert_has(r.out, "line 2: /domain/name\n");
                        cli_assert_has(r.out, "\n  /domain/os/type/@machine = ");
                        cli_assert_has(r.out, "\n      alias pc of ");
                        continue;
                }
                g_auto(CliResult) again = cli("domus argv --xml %s | domus explain -", file);
                g_assert_cmpint(again.code, ==, 0); /* what was resolved can be resolved */
                const DmJson *words = dm_json_path(json, "explanation.words");
                for (gsize k = 0; k < dm_json_length(words); k++) {
                        const DmJson *w = dm_json_at(words, k);
                        if (!dm_json_get_string(w, "path") && !dm_json_get_string(w, "why"))
                                g_error("%s: %s has no origin", file, dm_json_get_string(w, "option"));
                }
        }
}

/* The text is for a shell: it means the same words as the JSON. */
static void test_argv(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        g_autoptr(GError) error = NULL;
        g_autofree char *quoted =
                cli_file(p->dir, "quoted.xml",
                         "<domain type='qemu'>\n<name>it's</name>\n"
                         "<uuid>11111111-2222-3333-4444-555555555555</uuid>\n"
                         "<memory>65536</memory>\n<os><type arch='x86_64'>hvm</type>\n"
                         "<kernel>/a kernel</kernel>\n<cmdline>a  'b' \"$c\" `d` \\e</cmdline>"
                         "</os>\n</domain>\n");
        g_auto(CliResult) text = cli("domus argv %s", quoted), j = cli("domus argv --json %s", quoted),
                          xml = cli("domus argv --xml %s", quoted);
        g_assert_cmpint(text.code, ==, 0);
        g_assert_cmpstr(text.err, ==, "");
        g_autoptr(DmJson) json = cli_json(&j);
        g_assert_cmpstr(dm_json_get_string(json, "xml"), ==, xml.out);
        const DmJson *env = dm_json_get(json, "environment"), *words = dm_json_get(json, "argv");
        g_autofree char *script = g_strdup_printf("env -i sh -c 'printf \"%%s\\n\" \"$@\"' x %s", text.out);
        g_auto(CliResult) said = cli("%s", script);
        g_autoptr(GString) expected = g_string_new(NULL);
        for (gsize i = 0; i < dm_json_length(env); i++)
                g_string_append_printf(expected, "%s\n", dm_json_string(dm_json_at(env, i)));
        for (gsize i = 0; i < dm_json_length(words); i++)
                g_string_append_printf(expected, "%s\n", dm_json_string(dm_json_at(words, i)));
        g_assert_cmpstr(said.out, ==, expected->str);
        cli_assert_has(expected->str, "\n-append\na  'b' \"$c\" `d` \\e\n");
}

/* A recorded emulator instead of the installed ones: here this machine's, given another machine type. */
static void test_replay(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) lines = g_string_new(NULL);
        g_autofree char *qemu = g_find_program_in_path(EMULATOR);
        DmProbeOptions options = { .record = lines };
        g_autoptr(DmCaps) caps = dm_caps_probe(qemu, &options, &error);
        g_assert_no_error(error);
        g_auto(CliResult) xml = cli("domus argv --xml %s", p->good);
        char *machine = strstr(xml.out, "machine='") + strlen("machine='");
        g_autofree char *installed = g_strndup(machine, strcspn(machine, "'"));
        g_string_replace(lines, installed, "pc-i440fx-99.9", 0);
        g_autofree char *recording = cli_file(p->dir, "recording", lines->str);

        g_auto(CliResult) r = cli("domus argv --replay %s %s", recording, p->good);
        g_assert_cmpint(r.code, ==, 0);
        cli_assert_has(r.out, "\n-machine pc-i440fx-99.9,");
        g_auto(CliResult) wrong = cli("domus argv --replay %s %s", p->good, p->good);
        g_assert_cmpint(wrong.code, ==, 1);
        cli_assert_has(wrong.err, "good.xml': line 1: ");
}

/* ---- the host ---- */

static void test_version(Papers *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        static const char *const packages[][2] = { { "glib", "glib-2.0" },
                                                   { "libxml2", "libxml-2.0" },
                                                   { "json-c", "json-c" },
                                                   { "libnl", "libnl-3.0" },
                                                   { "libcap-ng", "libcap-ng" } };
        g_auto(CliResult) r = cli("domus version"), option = cli("domus --version"),
                          j = cli("domus version --json");
        g_autoptr(DmJson) json = cli_json(&j);
        g_assert_cmpint(r.code, ==, 0);
        g_assert_cmpstr(r.out, ==, option.out);
        g_assert_cmpstr(dm_json_get_string(json, "domus"), ==, DOMUS_VERSION);
        g_assert_true(g_str_has_prefix(r.out, "domus " DOMUS_VERSION "\n"));
        for (gsize i = 0; i < G_N_ELEMENTS(packages); i++) {
                g_auto(CliResult) installed = cli("pkg-config --modversion %s", packages[i][1]);
                const char *version = dm_json_get_string(dm_json_get(json, "libraries"), packages[i][0]);
                g_assert_cmpstr(version, ==, g_strchomp(installed.out));
                g_autofree char *line = g_strdup_printf("  %-10s %s\n", packages[i][0], version);
                cli_assert_has(r.out, line);
        }
}

static void test_capabilities(Papers *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        NEED_EMULATOR();
        static const char *const lines[][3] = {
                { "capabilities", "capabilities", "<capabilities>\n  <host>\n" },
                { "domcapabilities --arch x86_64 --type qemu --machine q35", "domain-capabilities",
                  "<domainCapabilities>\n  <path>" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
                g_auto(CliResult) r = cli("domus %s", lines[i][0]), j = cli("domus %s --json", lines[i][0]);
                g_assert_cmpint(r.code, ==, 0);
                g_assert_true(g_str_has_prefix(r.out, lines[i][2]));
                g_autoptr(DmJson) json = cli_json(&j);
                g_assert_cmpstr(dm_json_get_string(json, lines[i][1]), ==, r.out);
        }
        g_auto(CliResult) arch = cli("domus domcapabilities --arch x87"),
                          emulator = cli("domus domcapabilities --emulator /nowhere/qemu --json");
        g_assert_cmpint(arch.code, ==, 1);
        cli_assert_has(arch.err, "domus: error: unknown architecture: x87");
        g_assert_cmpint(emulator.code, ==, 1);
        g_autoptr(DmJson) json = cli_json(&emulator);
        cli_assert_has(dm_json_string(dm_json_path(json, "error.message")), "/nowhere/qemu");
}

static void test_full_disk(Papers *p G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
        g_auto(CliResult) r = cli("domus help >/dev/full");
        g_assert_cmpint(r.code, ==, 1);
        g_assert_cmpstr(r.err, ==, "domus: can't write to standard output: No space left on device\n");
}

/* ---- completion ---- */

/* What bash would offer for @words (the last is the one that is being typed), sorted, on one line. */
static char *complete(const char *dir, const char *words)
{
        g_auto(CliResult) r =
                cli("cd %s && bash -c 'eval \"$(domus completion bash)\"; COMP_WORDS=(%s); "
                    "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); $(complete -p domus | cut -d\" \" -f3); "
                    "printf \"%%s\\n\" \"${COMPREPLY[@]}\"' | sort | paste -sd ' '",
                    dir, words);
        g_assert_cmpstr(r.err, ==, "");
        return g_strdup(g_strchomp(r.out));
}

static void test_completion(Papers *p, gconstpointer unused G_GNUC_UNUSED)
{
        static const char *const cases[][2] = {
                { "domus ver", "version" },
                { "domus --j", "--json" },
                { "domus --json ver", "version" },
                { "domus help exp", "explain" },
                { "domus completion \"\"", "bash" },
                { "domus check --v", "--validate" },
                { "domus check --rep", "--replay=" },
                { "domus check --replay = go", "good.xml" }, /* as bash takes --replay=go apart */
                { "domus check \"\"", "bad.xml good.xml odd.xml two words.xml unknown.xml" },
                { "domus run --json go", "good.xml" },
                { "domus version go", "" },
                { "domus list --ro", "--root=" },
                { "domus check --ro", "" },
                { "domus --root = /nowhere li", "list" },
                { "domus wait --timeout = 5 x pa", "paused" },
                { "domus define --root /nowhere go", "good.xml" },
                { "domus frob \"\"", "" },
        };
        g_autofree char *blank = cli_file(p->dir, "two words.xml", "");
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *offered = complete(p->dir, cases[i][0]);
                g_assert_cmpstr(offered, ==, cases[i][1]);
        }
        g_autofree char *all = complete(p->dir, "domus \"\"");
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                cli_assert_has(all, rows[i].name);
        g_auto(CliResult) syntax = cli("domus completion bash | bash -n && domus completion bash --json");
        g_assert_cmpint(syntax.code, ==, 0);
        g_autoptr(DmJson) json = cli_json(&syntax);
        g_assert_nonnull(dm_json_get_string(json, "script"));
}

#define ADD(name, fn) g_test_add("/cli/" name, Papers, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        cli_init();
        ADD("json", test_json);
        ADD("usage", test_usage);
        ADD("help", test_help);
        ADD("exit-codes", test_exit_codes);
        ADD("findings", test_findings);
        ADD("stdin", test_stdin);
        ADD("explain", test_explain);
        ADD("argv", test_argv);
        ADD("replay", test_replay);
        ADD("version", test_version);
        ADD("capabilities", test_capabilities);
        ADD("full-disk", test_full_disk);
        ADD("completion", test_completion);
        return g_test_run();
}
