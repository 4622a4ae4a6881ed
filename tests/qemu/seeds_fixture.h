/* The hosts of the seed requirements, and one row of them as a test.
 *
 * A row gives a document's <os> and what must come of it.  Each row is resolved on an injected host with
 * emulators made by hand; rows of a whole host are resolved on this machine as well, with the real binaries,
 * when it has them.  What resolves must resolve to itself again. */
#pragma once

#include <errno.h>
#include <string.h>

#include "qemu/caps_private.h"
#include "qemu/emulator.h"
#include "qemu/plan.h"
#include "util/error.h"

/* ---- emulators made by hand ---- */

typedef struct SeedSource {
        DmCapsSource source;
        GHashTable *caps; /* path -> DmCaps */
} SeedSource;

static inline DmCaps *seed_source_get(DmCapsSource *source, const char *path, GError **error)
{
        DmCaps *caps = g_hash_table_lookup(((SeedSource *)source)->caps, path);
        if (caps)
                return dm_caps_ref(caps);
        return dm_fail_null(error, DM_ERROR_UNSUPPORTED, "%s did not answer as QEMU: exited with code 0",
                            path);
}

static inline void seed_caps_free(void *caps)
{
        dm_caps_unref(caps);
}

static inline void seed_add_file(DmHost *h, const char *path, const char *real, DmFileKind kind,
                                 gboolean executable, gboolean program)
{
        DmFileFact *f = g_new0(DmFileFact, 1);
        f->kind = kind;
        f->errno_value = kind == DM_FILE_MISSING ? ENOENT : 0;
        f->executable = executable;
        f->program = program;
        f->readable = kind != DM_FILE_MISSING;
        f->real = g_strdup(real ? real : path);
        dm_host_take_fact(h, path, f);
}

/* Adds the emulator at @path.  @machines: "NAME[=ALIAS][:CPUTYPE][*][!] …", * the default, ! deprecated. */
static inline DmCaps *seed_add_emulator(SeedSource *s, DmHost *h, const char *path, const char *target,
                                        unsigned accels, const char *machines)
{
        DmCaps *caps = dm_caps_new(path);
        caps->target = g_strdup(target);
        caps->accels = accels;
        dm_caps_set_version(caps, 7, 2, 22, "Debian");
        g_auto(GStrv) words = g_strsplit(machines, " ", -1);
        for (char **w = words; *w; w++) {
                DmMachine *m = g_new0(DmMachine, 1);
                char *mark = strpbrk(*w, "*!");
                m->is_default = mark && *mark == '*';
                m->deprecated = mark && *mark == '!';
                if (mark)
                        *mark = 0;
                char *cpu = strchr(*w, ':');
                if (cpu)
                        *cpu++ = 0;
                char *alias = strchr(*w, '=');
                if (alias)
                        *alias++ = 0;
                m->name = g_strdup(*w);
                m->alias = g_strdup(alias);
                m->default_cpu_type = g_strdup(cpu);
                m->max_cpus = 255;
                g_ptr_array_add(caps->machines, m);
        }
        g_hash_table_replace(s->caps, g_strdup(path), caps);
        seed_add_file(h, path, NULL, DM_FILE_REGULAR, TRUE, TRUE);
        return caps;
}

#define SEED_TCG   (1u << DM_ACCEL_TCG)
#define SEED_KVM   (1u << DM_ACCEL_KVM)
#define SEED_KQEMU (1u << DM_ACCEL_KQEMU)
#define SEED_QVM86 (1u << DM_ACCEL_QVM86)
#define SEED_PC                                                                                      \
        "pc-i440fx-7.2=pc:qemu64-x86_64-cpu* pc-q35-7.2=q35:qemu64-x86_64-cpu isapc:486-x86_64-cpu " \
        "microvm:qemu64-x86_64-cpu pc-i440fx-1.4:qemu64-x86_64-cpu! x-remote"
#define SEED_PC32   "pc-i440fx-7.2=pc:qemu32-i386-cpu* pc-q35-7.2=q35:qemu32-i386-cpu isapc:486-i386-cpu"
#define SEED_OLD_PC "pc* isapc"

typedef enum SeedHost {
        H,   /* x86_64, KVM usable, emulators of many architectures */
        H0,  /* no /dev/kvm */
        H1,  /* no access to it */
        H2,  /* KVM_CREATE_VM fails */
        H2B, /* API version 11 */
        HX,  /* with Xen's hypervisor */
        H64, /* no qemu-system-i386 */
        HK,  /* H and /dev/kqemu */
        HQ,  /* an i686 host with /dev/qvm86 */
} SeedHost;

static inline void seed_add_program(SeedSource *s, DmHost *h, const char *name, const char *target,
                                    unsigned accels, const char *machines)
{
        g_autofree char *path = g_strdup_printf("/usr/bin/qemu-system-%s", name);
        seed_add_emulator(s, h, path, target, accels, machines);
        dm_host_add_program(h, path);
}

static inline void seed_add_usual(SeedSource *s, DmHost *h, SeedHost kind)
{
        static const struct {
                const char *name, *target;
                unsigned accels;
                const char *machines;
        } rows[] = {
                { "x86_64", "x86_64", SEED_TCG | SEED_KVM, SEED_PC },
                { "i386", "i386", SEED_TCG | SEED_KVM, SEED_PC32 },
                { "sparc", "sparc", SEED_TCG, "SS-5:Fujitsu-MB86904-sparc-cpu* SS-10 leon3_generic" },
                { "ppc", "ppc", SEED_TCG,
                  "g3beige:750_v3.1-powerpc-cpu* mac99:7400_v2.9-powerpc-cpu 40p bamboo" },
                { "ppc64", "ppc64", SEED_TCG,
                  "pseries-7.2=pseries:power9_v2.0-powerpc64-cpu* mac99 g3beige 40p" },
                { "mips", "mips", SEED_TCG, "malta:24Kf-mips-cpu* mipssim" },
                { "arm", "arm", SEED_TCG,
                  "integratorcp:arm926-arm-cpu virt-7.2=virt:cortex-a15-arm-cpu vexpress-a9" },
                { "aarch64", "aarch64", SEED_TCG,
                  "integratorcp:arm926-arm-cpu virt-7.2=virt:cortex-a15-arm-cpu vexpress-a9" },
                { "s390x", "s390x", SEED_TCG,
                  "s390-ccw-virtio-7.2=s390-ccw-virtio:qemu-s390x-cpu* "
                  "s390-ccw-virtio-7.1" },
                { "hppa", "hppa", SEED_TCG, "hppa:hppa-cpu*" },
                { "or1k", "or1k", SEED_TCG, "or1k-sim:or1200-or1k-cpu* virt" },
                { "riscv64", "riscv64", SEED_TCG, "spike:rv64-riscv-cpu* virt:rv64-riscv-cpu" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (kind != H64 || strcmp(rows[i].name, "i386") != 0)
                        seed_add_program(s, h, rows[i].name, rows[i].target, rows[i].accels,
                                         rows[i].machines);
        static const char *const files[] = { "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/seabios/bios.bin",
                                             "/usr/share/OVMF/OVMF_VARS.fd" };
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
                seed_add_file(h, files[i], NULL, DM_FILE_REGULAR, FALSE, FALSE);
        seed_add_file(h, "/usr/share/qemu/openbios-ppc", NULL, DM_FILE_REGULAR, FALSE, TRUE);
        seed_add_file(h, "/usr/share", NULL, DM_FILE_DIRECTORY, FALSE, FALSE);
        seed_add_file(h, "/no/such/file", NULL, DM_FILE_MISSING, FALSE, FALSE);
        seed_add_file(h, "/bin/true", NULL, DM_FILE_REGULAR, TRUE, TRUE);
}

/* The emulators of old that rows name by path, as <loader>. */
static inline void seed_add_old(SeedSource *s, DmHost *h)
{
        static const struct {
                const char *path, *target;
                unsigned accels, help, version;
                const char *machines;
        } rows[] = {
                { "/opt/k9/qemu-system-x86_64", "x86_64", SEED_TCG | SEED_KQEMU, DM_HELP_NO_KQEMU, 9001,
                  SEED_OLD_PC },
                { "/opt/k9/qemu-system-ppc", "ppc", SEED_TCG | SEED_KQEMU, DM_HELP_NO_KQEMU, 9001,
                  "g3bw* mac99 prep" },
                { "/opt/k9/qemu-system-sparc", "sparc", SEED_TCG, 0, 9001, "sun4m*" },
                { "/opt/k9/qemu-system-mips", "mips", SEED_TCG, 0, 9001, "mips*" },
                { "/opt/k11/qemu-system-x86_64", "x86_64", SEED_TCG | SEED_KQEMU, DM_HELP_ENABLE_KQEMU, 11000,
                  SEED_OLD_PC },
                { "/opt/v74/qemu-kvm", "x86_64", SEED_TCG | SEED_KVM, DM_HELP_NO_KVM, 9001, SEED_OLD_PC },
                { "/opt/v10/qemu-system-x86_64", "x86_64", SEED_TCG | SEED_KVM, DM_HELP_ENABLE_KVM, 10005,
                  SEED_OLD_PC },
                { "/opt/qv/qemu", "i386", SEED_TCG | SEED_QVM86, 0, 8002, SEED_OLD_PC },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                DmCaps *caps = seed_add_emulator(s, h, rows[i].path, rows[i].target, rows[i].accels,
                                                 rows[i].machines);
                dm_caps_set_version(caps, 0, rows[i].version / 1000, rows[i].version % 1000, NULL);
                caps->help_era = TRUE;
                caps->help = rows[i].help;
        }
}

static inline DmHost *seed_host(SeedHost kind, SeedSource *s)
{
        DmHost *h = dm_host_new(kind == HQ ? "i686" : "x86_64");
        *s = (SeedSource){ { seed_source_get }, NULL };
        s->caps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, seed_caps_free);
        h->kvm = kind == H0    ? DM_KVM_NO_DEVICE
                 : kind == H1  ? DM_KVM_NO_ACCESS
                 : kind == H2  ? DM_KVM_CREATE_FAILED
                 : kind == H2B ? DM_KVM_BAD_API
                               : DM_KVM_USABLE;
        h->kvm_errno = kind == H0 ? ENOENT : kind == H1 ? EACCES : kind == H2 ? ENOTTY : 0;
        h->kvm_api = kind == H2B ? 11 : 12;
        g_free(h->user);
        h->user = g_strdup("guestrunner");
        h->dev_kqemu = kind == HK;
        h->dev_qvm86 = kind == HQ;
        h->xen = kind == HX ? g_strdup("xen-3.0-x86_64 xen-3.0-x86_32p hvm-3.0-x86_32 hvm-3.0-x86_32p "
                                       "hvm-3.0-x86_64")
                            : NULL;
        seed_add_usual(s, h, kind);
        seed_add_old(s, h);
        return h;
}

/* ---- rows ---- */

typedef struct SeedRow {
        const char *name; /* "/seeds/B1" */
        SeedHost host;
        const char *type;    /* D; NULL: "qemu"; "": the attribute is absent */
        const char *os;      /* inside <os> */
        const char *devices; /* inside <devices>; nullable */
        /* What must come of it: either errors (all substrings) … */
        const char *errors[3];
        /* … or these. */
        const char *want_type, *emulator, *arch, *machine;
        const char *cpu;      /* model; NULL: not looked at */
        const char *warning;  /* substring of a finding; NULL: there must be no warning */
        const char *features; /* inside <features>; nullable */
        unsigned error_line;  /* of the <os> content: 0 not looked at */
} SeedRow;

/* How many rows ran on this machine's emulators, and how many on injected ones; printed at the end. */
typedef struct SeedCount {
        unsigned real, injected;
} SeedCount;

static inline char *seed_document(const SeedRow *row)
{
        g_autofree char *type = g_strdup_printf(" type='%s'", row->type ? row->type : "qemu");
        return g_strdup_printf("<domain%s>\n<name>t</name><memory unit='MiB'>128</memory>\n<os>%s</os>\n"
                               "<features>%s</features><devices>%s</devices></domain>\n",
                               row->type && !*row->type ? "" : type, row->os,
                               row->features ? row->features : "", row->devices ? row->devices : "");
}

/* Resolves what is in @text.  Owned plan, or NULL with @error. */
static inline DmPlan *seed_resolve(const char *text, DmHost *host, DmCapsSource *source, DmFindings *findings,
                                   GError **error)
{
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, findings, error);
        if (!d)
                return NULL;
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        p->domain = d;
        return dm_resolve_platform(p, host, source, findings, error) ? g_steal_pointer(&p) : NULL;
}

static inline void seed_expect_error(const SeedRow *row, const DmPlan *p, const GError *error)
{
        if (p)
                g_test_message("resolved to %s of %s", p->machine->name, p->caps->path);
        g_assert_null(p);
        g_assert_nonnull(error);
        for (gsize i = 0; i < G_N_ELEMENTS(row->errors) && row->errors[i]; i++)
                if (!strstr(error->message, row->errors[i]))
                        g_error("%s: expected «%s» in «%s»", row->name, row->errors[i], error->message);
        g_assert_cmpuint(dm_error_line(error), >, 0);
        g_assert_nonnull(dm_error_path(error));
}

static inline void seed_expect_warning(const SeedRow *row, const DmFindings *findings)
{
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

static inline void seed_expect_plan(const SeedRow *row, const DmPlan *p, const GError *error)
{
        g_assert_no_error(error);
        const DmDomain *d = p->domain;
        const DmMachine *m = dm_caps_machine(p->caps, row->machine);
        g_assert_nonnull(m);
        g_assert_true(p->machine == m);
        g_assert_cmpstr(d->os.machine, ==, m->name);
        g_assert_cmpstr(d->type, ==, row->want_type);
        g_assert_cmpstr(d->os.type, ==, "hvm");
        g_assert_cmpstr(d->os.arch, ==, row->arch);
        g_assert_cmpstr(p->arch->name, ==, row->arch);
        g_assert_cmpstr(d->emulator, ==, row->emulator);
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

static inline void seed_expect_fixpoint(const SeedRow *row, const DmPlan *p, DmHost *host,
                                        DmCapsSource *source)
{
        g_autofree char *once = dm_domain_format(p->domain, 0);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmPlan) again = seed_resolve(once, host, source, findings, &error);
        if (error)
                g_error("%s: the outcome does not resolve: %s\n%s", row->name, error->message, once);
        g_autofree char *twice = dm_domain_format(again->domain, 0);
        g_assert_cmpstr(once, ==, twice);
        g_assert_true(again->machine == p->machine && again->caps == p->caps && again->accel == p->accel);
}

/* Runs one row on one host. */
static inline void seed_run(const SeedRow *row, DmHost *host, DmCapsSource *source)
{
        g_autofree char *text = seed_document(row);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmPlan) p = seed_resolve(text, host, source, findings, &error);
        if (row->errors[0]) {
                seed_expect_error(row, p, error);
                return;
        }
        seed_expect_plan(row, p, error);
        seed_expect_warning(row, findings);
        seed_expect_fixpoint(row, p, host, source);
}

static inline void seed_run_injected(const SeedRow *row)
{
        SeedSource s;
        g_autoptr(DmHost) host = seed_host(row->host, &s);
        seed_run(row, host, &s.source);
        g_hash_table_unref(s.caps);
}

/* ---- as tests ---- */

typedef struct SeedCase {
        const SeedRow *row;
        SeedCount *count;
} SeedCase;

static inline void seed_case(gconstpointer data)
{
        const SeedCase *c = data;
        seed_run_injected(c->row);
        c->count->injected++;
}

static inline void seed_add_rows(const SeedRow *rows, gsize n, SeedCount *count)
{
        for (gsize i = 0; i < n; i++) {
                SeedCase *c = g_new0(SeedCase, 1);
                *c = (SeedCase){ &rows[i], count };
                g_test_add_data_func_full(rows[i].name, c, seed_case, g_free);
        }
}

/* Prints the counts; returns @status. */
static inline int seed_finish(int status, const SeedCount *count)
{
        g_print("# rows on this machine's emulators: %u real; on injected hosts: %u injected\n", count->real,
                count->injected);
        return status;
}
