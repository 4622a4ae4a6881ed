/* domus check, explain, argv: what can be said of a document without starting it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "driver/offline.h"

static char *option_replay, *option_host;

#define OFFLINE_OPTIONS                                        \
        { "replay",                                            \
          0,                                                   \
          0,                                                   \
          G_OPTION_ARG_FILENAME,                               \
          &option_replay,                                      \
          "A recorded emulator instead of the installed ones", \
          "RECORDING" },                                       \
                { "host",                                      \
                  0,                                           \
                  0,                                           \
                  G_OPTION_ARG_FILENAME,                       \
                  &option_host,                                \
                  "Host facts instead of this machine's",      \
                  "FACTS.json" },                              \
        {                                                      \
                0                                              \
        }

static gboolean option_validate;
GOptionEntry dm_options_check[] = {
        { "validate", 0, 0, G_OPTION_ARG_NONE, &option_validate, "Refuse unknown elements and attributes",
          NULL },
        OFFLINE_OPTIONS,
};
GOptionEntry dm_options_explain[] = { OFFLINE_OPTIONS };
static gboolean option_xml;
GOptionEntry dm_options_argv[] = {
        { "xml", 0, 0, G_OPTION_ARG_NONE, &option_xml, "Print the resolved document instead", NULL },
        OFFLINE_OPTIONS,
};

static DmOffline *offline(const char *path, GError **error)
{
        gsize length = 0;
        g_autofree char *text = dm_read_document(path, &length, error), *cache = dm_cache_dir();
        DmOfflineOptions options = { option_replay, option_host, cache };
        return text ? dm_offline_run(text, length, &options) : NULL;
}

static void print_findings(FILE *to, const DmFindings *f)
{
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                g_autofree char *line = dm_finding_text(dm_findings_at(f, i));
                fprintf(to, "%s\n", line);
        }
        if (dm_findings_dropped(f))
                fprintf(to, "… and %zu more\n", dm_findings_dropped(f));
}

/* {stage, findings} and what a command adds. */
static DmJson *result_json(const DmOffline *o)
{
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "stage", dm_stage_name(o->stage));
        dm_json_add_take(j, "findings", dm_findings_to_json(o->findings));
        if (o->error)
                dm_json_add_take(j, "error", dm_error_json(o->error));
        return j;
}

static int outcome(const DmOffline *o)
{
        return o->stage == DM_STAGE_DONE ? DM_EXIT_OK : dm_exit_code(o->error);
}

static gsize count_warnings(const DmFindings *f)
{
        gsize n = 0;
        for (gsize i = 0; i < dm_findings_count(f); i++)
                n += dm_findings_at(f, i)->severity == DM_SEVERITY_WARNING;
        return n;
}

/* With --validate a warning is as bad as an error. */
static gboolean refused(const DmFindings *f)
{
        return option_validate && count_warnings(f) > 0;
}

/* "vm.xml: ok, 2 warnings" */
static void print_verdict(const char *path, const DmFindings *f)
{
        gsize errors = dm_findings_errors(f), warnings = count_warnings(f);
        printf("%s: ", path);
        if (errors)
                printf("%zu error%s", errors, errors == 1 ? "" : "s");
        else
                printf("%s", refused(f) ? "refused by --validate" : "ok");
        if (warnings)
                printf(", %zu warning%s", warnings, warnings == 1 ? "" : "s");
        printf("\n");
}

int dm_cmd_check(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("check"), "one FILE is needed ('-': standard input)");
        g_autoptr(GError) error = NULL;
        g_autoptr(DmOffline) o = offline(argv[1], &error);
        if (!o)
                return dm_print_error(cli, error);
        if (cli->json) {
                g_autoptr(DmJson) j = result_json(o);
                dm_print_json(j);
        } else {
                print_findings(stdout, o->findings);
                print_verdict(argv[1], o->findings);
        }
        return refused(o->findings) ? DM_EXIT_DOCUMENT : outcome(o);
}

static void print_explanation(const DmJson *j)
{
        const DmJson *decisions = dm_json_get(j, "decisions"), *words = dm_json_get(j, "words");
        printf("Decisions\n");
        for (gsize i = 0; i < dm_json_length(decisions); i++) {
                const DmJson *d = dm_json_at(decisions, i);
                const char *value = dm_json_get_string(d, "value");
                printf("  %s%s%s\n      %s\n", dm_json_get_string(d, "path"), value ? " = " : "",
                       value ? value : "", dm_json_get_string(d, "reason"));
        }
        printf("Command line\n");
        for (gsize i = 0; i < dm_json_length(words); i++) {
                const DmJson *w = dm_json_at(words, i);
                const char *value = dm_json_get_string(w, "value"), *path = dm_json_get_string(w, "path"),
                           *why = dm_json_get_string(w, "why");
                printf("  %s%s%s\n      ", dm_json_get_string(w, "option"), value ? " " : "",
                       value ? value : "");
                if (path)
                        printf("line %d: %s%s", (int)dm_json_get_i64(w, "line", 0), path, why ? "; " : "");
                printf("%s\n", why ? why : "");
        }
}

int dm_cmd_explain(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("explain"), "one FILE is needed ('-': standard input)");
        g_autoptr(GError) error = NULL;
        g_autoptr(DmOffline) o = offline(argv[1], &error);
        if (!o)
                return dm_print_error(cli, error);
        if (cli->json) {
                g_autoptr(DmJson) j = result_json(o);
                if (o->stage == DM_STAGE_DONE)
                        dm_json_add_take(j, "explanation", dm_offline_explain(o));
                dm_print_json(j);
                return outcome(o);
        }
        print_findings(o->stage == DM_STAGE_DONE ? stdout : stderr, o->findings);
        if (o->stage == DM_STAGE_DONE) {
                g_autoptr(DmJson) explanation = dm_offline_explain(o);
                print_explanation(explanation);
        }
        return outcome(o);
}

static int print_argv_json(const DmOffline *o)
{
        g_autoptr(DmJson) j = result_json(o);
        if (o->stage == DM_STAGE_DONE) {
                DmJson *words = dm_json_array_new(), *env = dm_json_array_new();
                g_auto(GStrv) w = dm_command_words(o->command), e = dm_command_environment(o->command);
                for (char **s = w; *s; s++)
                        dm_json_append_string(words, *s);
                for (char **s = e; *s; s++)
                        dm_json_append_string(env, *s);
                dm_json_add_take(j, "environment", env);
                dm_json_add_take(j, "argv", words);
                g_autofree char *xml = dm_domain_format(o->plan->domain, 0);
                dm_json_add_string(j, "xml", xml);
        }
        dm_print_json(j);
        return outcome(o);
}

int dm_cmd_argv(DmCli *cli, int argc, char **argv)
{
        if (argc != 2)
                return dm_usage(cli, dm_command_find("argv"), "one FILE is needed ('-': standard input)");
        g_autoptr(GError) error = NULL;
        g_autoptr(DmOffline) o = offline(argv[1], &error);
        if (!o)
                return dm_print_error(cli, error);
        if (cli->json)
                return print_argv_json(o);
        print_findings(stderr, o->findings);
        if (o->stage == DM_STAGE_DONE) {
                g_autofree char *text =
                        option_xml ? dm_domain_format(o->plan->domain, 0) : dm_command_format(o->command);
                printf("%s", text);
        }
        return outcome(o);
}
