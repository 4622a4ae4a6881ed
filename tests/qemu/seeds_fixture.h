/* One row of the seed requirements as a test.
 *
 * A row gives a document's <os> and what must come of it.  It is resolved on an injected host with emulators
 * made by hand, and, when this machine has the emulators that the row names in `real`, with those as well
 * (then only the state of KVM, kqemu and Xen is injected).  What resolves must resolve to itself again. */
#pragma once

#include "qemu/command.h"
#include "qemu/plan.h"
#include "qemu/seeds_hosts.h"

typedef struct SeedRow {
        const char *name; /* "/seeds/B1" */
        SeedHost host;
        const char *type;     /* D; NULL: "qemu"; "": the attribute is absent */
        const char *os;       /* inside <os> */
        const char *devices;  /* inside <devices>; nullable */
        const char *features; /* inside <features>; nullable */
        /* What must come of it: either errors (all substrings) … */
        const char *errors[3];
        /* … or these. */
        const char *want_type, *emulator, *arch, *machine;
        const char *canonical; /* with the emulators made by hand; nullable */
        const char *cpu;       /* model; NULL: not looked at */
        const char *warning;   /* substring of a finding; NULL: there must be no warning */
        const char *argv[5]; /* each an "option value" or "option" of the command line, or a beginning "option
                                value…" */
        const char *not_argv[3]; /* no option is called that */
        const char *real; /* emulators that it takes; NULL: only those of the row's own fake programs; "-":
                             never */
} SeedRow;

/* ---- one host ---- */

typedef struct SeedRun {
        const SeedRow *row;
        DmHost *host; /* with all that the row needs */
        DmCapsSource *source;
        const char *opt; /* what stands for /opt */
        gboolean real;
} SeedRun;

/* @text with the paths of this run. */
static inline char *seed_paths(const SeedRun *run, const char *text)
{
        g_auto(GStrv) parts = g_strsplit(text, "/opt/", -1);
        g_autofree char *separator = g_strconcat(run->opt, "/", NULL);
        return g_strjoinv(separator, parts);
}

/* … and the emulator's version. */
static inline char *seed_expected(const SeedRun *run, const char *text)
{
        g_autofree char *with_paths = seed_paths(run, text);
        g_autoptr(DmCaps) caps =
                run->real && strstr(text, "7.2.22")
                        ? dm_caps_source_get(run->source, "/usr/bin/qemu-system-x86_64", NULL)
                        : NULL;
        if (!caps)
                return g_steal_pointer(&with_paths);
        g_auto(GStrv) parts = g_strsplit(with_paths, "7.2.22", -1);
        return g_strjoinv(caps->version_text, parts);
}

#define SEED_UUID "6d6f7273-6f65-4b61-8e6b-000000000001"

static inline char *seed_document(const SeedRow *row)
{
        g_autofree char *type = g_strdup_printf(" type='%s'", row->type ? row->type : "qemu");
        return g_strdup_printf("<domain%s>\n<name>t</name><uuid>" SEED_UUID
                               "</uuid><memory unit='MiB'>128</memory>\n<os>%s</os>\n"
                               "<features>%s</features><devices>%s</devices></domain>\n",
                               row->type && !*row->type ? "" : type, row->os,
                               row->features ? row->features : "", row->devices ? row->devices : "");
}

/* Resolves what is in @text.  Owned plan, or NULL with @error. */
static inline DmPlan *seed_resolve(const char *text, DmHost *host, DmCapsSource *source, DmFindings *findings,
                                   GError **error)
{
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, findings, error);
        return d ? dm_resolve(d, host, source, 0, findings, error) : NULL;
}

/* ---- what must come of it ---- */

static inline void seed_expect_error(const SeedRun *run, const DmPlan *p, const GError *error)
{
        const SeedRow *row = run->row;
        if (p)
                g_error("%s: resolved to %s of %s", row->name, p->machine->name, p->caps->path);
        g_assert_nonnull(error);
        for (gsize i = 0; i < G_N_ELEMENTS(row->errors) && row->errors[i]; i++) {
                g_autofree char *expected = seed_expected(run, row->errors[i]);
                if (!strstr(error->message, expected))
                        g_error("%s: expected «%s» in «%s»", row->name, expected, error->message);
        }
        g_assert_cmpuint(dm_error_line(error), >, 0);
        g_assert_nonnull(dm_error_path(error));
}

static inline void seed_expect_warning(const SeedRun *run, const DmFindings *findings)
{
        const SeedRow *row = run->row;
        gboolean found = FALSE;
        for (gsize i = 0; i < dm_findings_count(findings); i++) {
                const DmFinding *f = dm_findings_at(findings, i);
                if (f->severity != DM_SEVERITY_WARNING)
                        continue;
                if (!row->warning || !strstr(f->message, row->warning))
                        g_error("%s: unexpected warning «%s»", row->name, f->message);
                g_assert_nonnull(f->path);
                found = TRUE;
        }
        g_assert_true(found == (row->warning != NULL));
}

static inline void seed_expect_plan(const SeedRun *run, const DmPlan *p, const GError *error)
{
        const SeedRow *row = run->row;
        if (error)
                g_error("%s: %s", row->name, error->message);
        const DmDomain *d = p->domain;
        const DmMachine *m = dm_caps_machine(p->caps, row->machine);
        g_autofree char *emulator = seed_paths(run, row->emulator);
        g_assert_nonnull(m);
        g_assert_cmpstr(d->os.machine, ==, m->name);
        g_assert_true(p->machine == m);
        if (row->canonical && !run->real)
                g_assert_cmpstr(m->name, ==, row->canonical);
        g_assert_cmpstr(d->type, ==, row->want_type);
        g_assert_cmpstr(d->os.type, ==, "hvm");
        g_assert_cmpstr(d->os.arch, ==, row->arch);
        g_assert_cmpstr(p->arch->name, ==, row->arch);
        g_assert_cmpstr(d->emulator, ==, emulator);
        g_assert_cmpstr(p->board_name, ==, m->name);
        g_assert_true(p->board == dm_board_find(row->arch, m->name));
        if (row->cpu) {
                g_assert_nonnull(d->cpu);
                g_assert_cmpstr(d->cpu->model, ==, row->cpu);
        }
        /* Every decision says why. */
        g_assert_nonnull(dm_origins_reason(d->origins, &d->type));
        const void *decided[] = { &d->os.arch, &d->os.machine, &d->emulator };
        for (gsize i = 0; i < G_N_ELEMENTS(decided); i++)
                g_assert_true(dm_origins_given(d->origins, decided[i]) ||
                              dm_origins_reason(d->origins, decided[i]));
}

/* All of the outcome but devices, whose defaults and addresses have tests of their own.  Owned. */
static inline char *seed_head(const DmPlan *p)
{
        g_autoptr(DmDomain) d = dm_domain_copy(p->domain);
        while (d->devices && d->devices->len)
                dm_domain_remove_device(d, g_ptr_array_index(d->devices, 0));
        return dm_domain_format(d, 0);
}

/* The outcome as it is stored: aliases are of a running guest.  Owned. */
static inline char *seed_stored(const DmPlan *p)
{
        g_autoptr(DmDomain) d = dm_domain_copy(p->domain);
        DM_FOREACH_DEVICE (d, device)
                g_clear_pointer(&device->alias, g_free);
        return dm_domain_format(d, 0);
}

static inline void seed_expect_fixpoint(const char *name, const DmPlan *p, DmHost *host, DmCapsSource *source)
{
        g_autofree char *once = seed_stored(p);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) again = seed_resolve(once, host, source, NULL, &error);
        if (error)
                g_error("%s: the outcome does not resolve: %s\n%s", name, error->message, once);
        g_autofree char *head = seed_head(p), *head_again = seed_head(again);
        g_assert_cmpstr(head, ==, head_again);
        g_assert_cmpstr(again->machine->name, ==, p->machine->name);
        g_assert_cmpstr(again->caps->path, ==, p->caps->path);
        g_assert_cmpint(again->accel, ==, p->accel);
}

static inline DmCommand *seed_command(const DmPlan *p)
{
        DmCommand *command = dm_command_new(p->caps->path);
        DmBuild b = { .plan = p,
                      .command = command,
                      .monitor_fd = -1,
                      .monitor_path = "/run/m",
                      .run_dir = "/run/t",
                      .channel_dir = "/run/c",
                      .nvram_dir = "/run/n" };
        g_autoptr(GError) error = NULL;
        dm_build_command(&b, &error);
        g_assert_no_error(error);
        return command;
}

/* TRUE when an item is @wanted: "option", "option value", or "option value…" for a beginning. */
static inline gboolean seed_has_item(const DmCommand *c, const char *wanted)
{
        gboolean beginning = g_str_has_suffix(wanted, "…");
        gsize length = strlen(wanted) - (beginning ? strlen("…") : 0);
        for (gsize i = 0; i < dm_command_count(c); i++) {
                const DmCommandItem *item = dm_command_at(c, i);
                g_autofree char *text = item->value ? g_strdup_printf("%s %s", item->option, item->value)
                                                    : g_strdup(item->option);
                if (strncmp(text, wanted, length) == 0 && (beginning || !text[length]))
                        return TRUE;
        }
        return FALSE;
}

static inline void seed_expect_argv(const SeedRun *run, const DmPlan *p)
{
        const SeedRow *row = run->row;
        g_autoptr(DmCommand) c = seed_command(p);
        g_autofree char *text = dm_command_format(c);
        for (gsize i = 0; i < G_N_ELEMENTS(row->argv) && row->argv[i]; i++) {
                g_autofree char *expected = seed_paths(run, row->argv[i]);
                if (!seed_has_item(c, expected))
                        g_error("%s: no «%s» in\n%s", row->name, expected, text);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(row->not_argv) && row->not_argv[i]; i++) {
                g_autofree char *unwanted = g_strconcat(row->not_argv[i], "…", NULL);
                if (seed_has_item(c, unwanted))
                        g_error("%s: there is «%s» in\n%s", row->name, row->not_argv[i], text);
        }
}

static inline void seed_run(const SeedRun *run)
{
        const SeedRow *row = run->row;
        g_autofree char *plain = seed_document(row), *text = seed_paths(run, plain);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, findings, &error);
        if (d && run->real)
                dm_host_gather(run->host, d);
        g_autoptr(DmPlan) p = d ? dm_resolve(d, run->host, run->source, 0, findings, &error) : NULL;
        if (row->errors[0]) {
                seed_expect_error(run, p, error);
                return;
        }
        seed_expect_plan(run, p, error);
        seed_expect_warning(run, findings);
        seed_expect_fixpoint(row->name, p, run->host, run->source);
        seed_expect_argv(run, p);
}

/* ---- as tests ---- */

/* How many rows ran on this machine's emulators, and how many on injected ones; printed at the end. */
typedef struct Seeds {
        SeedReal real;
        unsigned n_real, n_injected;
} Seeds;

typedef struct SeedCase {
        const SeedRow *row;
        Seeds *seeds;
} SeedCase;

static inline void seed_case(gconstpointer data)
{
        const SeedCase *c = data;
        SeedSource s;
        g_autoptr(DmHost) injected = seed_host(c->row->host, &s);
        seed_run(&(SeedRun){ c->row, injected, &s.source, "/opt", FALSE });
        g_hash_table_unref(s.caps);
        c->seeds->n_injected++;

        const SeedReal *r = &c->seeds->real;
        if (c->row->real && (strcmp(c->row->real, "-") == 0 || !seed_real_has(r, c->row->real)))
                return;
        g_autoptr(DmHost) real = dm_host_copy(r->host);
        seed_set_kind(real, c->row->host);
        seed_run(&(SeedRun){ c->row, real, dm_caps_cache_source(r->cache), r->dir, TRUE });
        c->seeds->n_real++;
}

static inline void seeds_add_rows(Seeds *seeds, const SeedRow *rows, gsize n)
{
        for (gsize i = 0; i < n; i++) {
                SeedCase *c = g_new0(SeedCase, 1);
                *c = (SeedCase){ &rows[i], seeds };
                g_test_add_data_func_full(rows[i].name, c, seed_case, g_free);
        }
}

/* Runs all that was added; prints the counts. */
static inline int seeds_finish(Seeds *seeds)
{
        seed_real_open(&seeds->real);
        int status = g_test_run();
        seed_real_close(&seeds->real);
        g_print("# seed rows: %u real (emulators of this machine), %u injected\n", seeds->n_real,
                seeds->n_injected);
        return status;
}
