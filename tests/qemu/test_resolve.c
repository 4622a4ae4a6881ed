/* The resolver beyond the seed rows: explanations, places of errors, CPU defaults, the search for emulators.
 */
#include "qemu/seeds_fixture.h"

#define X86 "/usr/bin/qemu-system-x86_64"

typedef struct Setup {
        SeedSource source;
        DmHost *host;
        DmFindings *findings;
        GError *error;
} Setup;

static void set_up(Setup *s, gconstpointer kind)
{
        s->host = seed_host(GPOINTER_TO_INT(kind), &s->source);
        s->findings = dm_findings_new();
}

static void tear_down(Setup *s, gconstpointer kind)
{
        (void)kind;
        dm_host_unref(s->host);
        dm_findings_unref(s->findings);
        g_hash_table_unref(s->source.caps);
        g_clear_error(&s->error);
}

static DmPlan *resolve(Setup *s, const char *type, const char *os)
{
        g_autofree char *text = seed_document(&(SeedRow){ .type = type, .os = os });
        return seed_resolve(text, s->host, &s->source.source, s->findings, &s->error);
}

static void expect_reason(const DmPlan *p, const void *value, const char *reason)
{
        const char *known = dm_origins_reason(p->domain->origins, value);
        g_assert_nonnull(known);
        if (!strstr(known, reason))
                g_error("expected «%s» in «%s»", reason, known);
}

static void explanations(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type machine='pc'>kvm</type>");
        g_assert_no_error(s->error);
        const DmDomain *d = p->domain;
        expect_reason(p, &d->os.arch, "host architecture");
        expect_reason(p, &d->os.machine, "alias pc of pc-i440fx-7.2");
        expect_reason(p, &d->emulator,
                      "first of qemu-system-x86_64, qemu-kvm, kvm, /usr/libexec/qemu-kvm that runs "
                      "x86_64 guests");
        expect_reason(p, &d->type, "os type 'kvm' names the accelerator; tested: KVM can be used by " X86);
        expect_reason(p, &d->cpu->model, "default CPU of machine pc-i440fx-7.2");
        g_autoptr(DmPlan) q = resolve(s, "qemu", "<type arch='arm64'>hvm</type>");
        g_assert_no_error(s->error);
        expect_reason(q, &q->domain->os.arch, "alias arm64 of aarch64");
        expect_reason(q, &q->domain->os.machine, "default machine of aarch64 guests, alias virt");
        expect_reason(q, &q->domain->cpu->model,
                      "64 bit; the default of machine virt-7.2, cortex-a15, is not");
        g_autoptr(DmPlan) r =
                resolve(s, "qemu", "<type>qemu</type><loader>/usr/bin/qemu-system-sparc</loader>");
        g_assert_no_error(s->error);
        expect_reason(r, &r->domain->os.arch, "architecture of /usr/bin/qemu-system-sparc");
        expect_reason(r, &r->domain->emulator, "<loader>, which is the emulator with <type>qemu</type>");
        g_assert_cmpuint(dm_origins_line(r->domain->origins, &r->domain->emulator), ==, 3);
}

static void places(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const struct {
                const char *type, *os, *path;
                unsigned line;
                DmErrorCode code;
        } rows[] = {
                { NULL, "<type\narch='vax'>qemu</type>", "/domain/os/type/@arch", 4, DM_ERROR_UNSUPPORTED },
                { NULL, "<type machine='nosuch'>qemu</type>", "/domain/os/type/@machine", 3,
                  DM_ERROR_UNSUPPORTED },
                { NULL, "<type>foo</type>", "/domain/os/type", 3, DM_ERROR_INVALID_XML },
                { NULL, "", "/domain/os", 3, DM_ERROR_INVALID_XML },
                { "kvm", "<type>qemu</type>", "/domain/@type", 1, DM_ERROR_INVALID_XML },
                { "", "<type>hvm</type>", "/domain", 1, DM_ERROR_INVALID_XML },
                { NULL, "<type>kvm</type>\n<loader>relative</loader>", "/domain/os/loader", 4,
                  DM_ERROR_INVALID_XML },
                { NULL, "<type>kvm</type><loader>/no/such/file</loader>", "/domain/os/loader", 3,
                  DM_ERROR_NOT_FOUND },
                { "kqemu", "<type>hvm</type>", "/domain/@type", 1, DM_ERROR_UNSUPPORTED },
                { NULL, "<type arch='ia64'>qemu</type>", "/domain/os/type/@arch", 3, DM_ERROR_UNSUPPORTED },
                { NULL, "<type>qemu</type><loader>/bin/true</loader>", "/domain/os/loader", 3,
                  DM_ERROR_UNSUPPORTED },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(DmPlan) p = resolve(s, rows[i].type, rows[i].os);
                g_assert_null(p);
                g_assert_error(s->error, DM_ERROR, (int)rows[i].code);
                g_assert_cmpstr(dm_error_path(s->error), ==, rows[i].path);
                g_assert_cmpuint(dm_error_line(s->error), ==, rows[i].line);
                g_clear_error(&s->error);
        }
}

/* The first candidate in the search path is broken: the next one is taken, and a note says so. */
static void broken_candidate(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_hash_table_remove(s->source.caps, "/usr/bin/qemu-system-i386");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type arch='i686'>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(p->domain->emulator, ==, X86);
        g_assert_cmpuint(dm_findings_count(s->findings), ==, 1);
        const DmFinding *f = dm_findings_at(s->findings, 0);
        g_assert_cmpint(f->severity, ==, DM_SEVERITY_NOTE);
        g_assert_cmpstr(f->message, ==,
                        "/usr/bin/qemu-system-i386 is passed over: /usr/bin/qemu-system-i386 did not "
                        "answer as QEMU: exited with code 0");
}

static void only_broken(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_hash_table_remove(s->source.caps, "/usr/bin/qemu-system-s390x");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type arch='s390x'>qemu</type>");
        g_assert_null(p);
        g_assert_cmpstr(s->error->message, ==,
                        "no emulator found for arch 's390x' (looked for qemu-system-s390x in PATH; "
                        "/usr/bin/qemu-system-s390x did not answer as QEMU: exited with code 0)");
}

/* A file that is not executable is none; the same file under two names is asked once. */
static void search_path(Setup *s, gconstpointer unused)
{
        (void)unused;
        seed_add_file(s->host, "/usr/bin/qemu-system-i386", NULL, DM_FILE_REGULAR, FALSE, TRUE);
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type arch='i686'>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(p->domain->emulator, ==, X86);
        dm_host_add_program(s->host, "/opt/bin/qemu-system-s390x");
        seed_add_file(s->host, "/opt/bin/qemu-system-s390x", "/usr/bin/qemu-system-s390x", DM_FILE_REGULAR,
                      TRUE, TRUE);
        g_autoptr(DmPlan) q = resolve(s, NULL, "<type arch='s390x'>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(q->domain->emulator, ==, "/usr/bin/qemu-system-s390x");
}

static void no_default_machine(Setup *s, gconstpointer unused)
{
        (void)unused;
        seed_add_program(&s->source, s->host, "xtensa", "xtensa", SEED_TCG, "lx60 lx200 kc705 ml605 a b c");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type arch='xtensa'>qemu</type>");
        g_assert_null(p);
        g_assert_cmpstr(
                s->error->message, ==,
                "a machine must be given for arch 'xtensa' (/usr/bin/qemu-system-xtensa has no default): "
                "lx60, lx200, kc705, ml605, a, b, …");
}

static void unnamed_target(Setup *s, gconstpointer unused)
{
        (void)unused;
        seed_add_emulator(&s->source, s->host, "/usr/bin/qemu-system-avr", "avr", SEED_TCG, "arduino-uno");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type>qemu</type><loader>/usr/bin/qemu-system-avr</loader>");
        g_assert_null(p);
        g_assert_nonnull(strstr(s->error->message, "is for avr, which no guest can be defined for"));
}

static void no_accelerator(Setup *s, gconstpointer unused)
{
        (void)unused;
        seed_add_emulator(&s->source, s->host, "/opt/microvm", "x86_64", SEED_KVM, "microvm*");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type>qemu</type><loader>/opt/microvm</loader>");
        g_assert_null(p);
        g_assert_cmpstr(
                s->error->message, ==,
                "/opt/microvm has no software emulation (tcg); it has kvm; available domain types: kvm");
        g_clear_error(&s->error);
        s->host->kvm = DM_KVM_NO_DEVICE;
        g_autoptr(DmPlan) q = resolve(s, NULL, "<type>kvm</type><loader>/opt/microvm</loader>");
        g_assert_null(q);
        g_assert_cmpstr(
                s->error->message, ==,
                "KVM is not usable on this host: /dev/kvm does not exist; available for x86_64: nothing");
        g_clear_error(&s->error);
        g_autoptr(DmPlan) r =
                resolve(s, NULL, "<type arch='x86_64'>kvm</type><loader>/opt/k9/qemu-system-x86_64</loader>");
        g_assert_null(r);
        g_assert_nonnull(strstr(s->error->message,
                                "/opt/k9/qemu-system-x86_64 has no kvm support; available for "
                                "x86_64: qemu"));
}

/* A 64 bit ARM host runs 32 bit guests by its own binary, on the host's CPU, on the board that can have it.
 */
static void arm_on_arm(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_free(s->host->arch);
        s->host->arch = g_strdup("aarch64");
        DmCaps *caps = g_hash_table_lookup(s->source.caps, "/usr/bin/qemu-system-aarch64");
        caps->accels |= SEED_KVM;
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type arch='armv7l'>kvm</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(p->domain->emulator, ==, "/usr/bin/qemu-system-aarch64");
        g_assert_cmpstr(p->domain->os.machine, ==, "virt-7.2");
        g_assert_cmpint(p->domain->cpu->mode, ==, DM_CPU_HOST_PASSTHROUGH);
        const DmCpuFeature *f = g_ptr_array_index(p->domain->cpu->features, 0);
        g_assert_cmpstr(f->name, ==, "aarch64");
        g_assert_cmpint(f->policy, ==, DM_POLICY_DISABLE);
        seed_expect_fixpoint("arm", p, s->host, &s->source.source);
}

/* What <cpu> says stays; what it leaves open is the machine's default, written as libvirt does. */
static void cpu_given(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const struct {
                const char *cpu;
                DmCpuMode mode;
                const char *model;
        } rows[] = {
                { "<cpu mode='host-passthrough'/>", DM_CPU_HOST_PASSTHROUGH, NULL },
                { "<cpu><model>core2duo</model></cpu>", DM_CPU_CUSTOM, "core2duo" },
                { "<cpu><topology sockets='1' cores='1' threads='1'/></cpu>", DM_CPU_CUSTOM, "qemu64" },
                { "", DM_CPU_CUSTOM, "qemu64" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text =
                        g_strdup_printf("<domain type='kvm'><name>t</name><memory>1</memory><os>"
                                        "<type>hvm</type></os>%s</domain>",
                                        rows[i].cpu);
                g_autoptr(DmPlan) p = seed_resolve(text, s->host, &s->source.source, NULL, &s->error);
                g_assert_no_error(s->error);
                g_assert_cmpint(p->domain->cpu->mode, ==, rows[i].mode);
                g_assert_cmpstr(p->domain->cpu->model, ==, rows[i].model);
        }
        g_autoptr(DmPlan) p = resolve(s, "kvm", "<type>hvm</type>");
        g_autofree char *text = dm_domain_format(p->domain, 0);
        g_assert_nonnull(strstr(text, "<cpu mode='custom' match='exact' check='none'>"));
        g_assert_nonnull(strstr(text, "<model fallback='forbid'>qemu64</model>"));
}

/* On s390x the default CPU under KVM is the host's. */
static void cpu_s390(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_free(s->host->arch);
        s->host->arch = g_strdup("s390x");
        seed_add_emulator(&s->source, s->host, "/usr/bin/qemu-system-s390x", "s390x", SEED_KVM | SEED_TCG,
                          "s390-ccw-virtio-7.2=s390-ccw-virtio:host-s390x-cpu*");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type>kvm</type>");
        g_assert_no_error(s->error);
        g_assert_cmpint(p->domain->cpu->mode, ==, DM_CPU_HOST_MODEL);
        g_assert_cmpint(p->domain->cpu->check, ==, DM_CHECK_PARTIAL);
        g_autoptr(DmPlan) q = resolve(s, NULL, "<type>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(q->domain->cpu->model, ==, "qemu");
}

/* Libvirt writes no CPU for KVM where only the host's would do. */
static void cpu_absent(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_free(s->host->arch);
        s->host->arch = g_strdup("aarch64");
        DmCaps *caps = g_hash_table_lookup(s->source.caps, "/usr/bin/qemu-system-aarch64");
        caps->accels |= SEED_KVM;
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type machine='virt'>kvm</type>");
        g_assert_no_error(s->error);
        g_assert_null(p->domain->cpu);
        g_autoptr(DmPlan) q = resolve(s, NULL, "<type arch='hppa'>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_null(q->domain->cpu);
}

/* A host whose architecture nothing emulates. */
static void strange_host(Setup *s, gconstpointer unused)
{
        (void)unused;
        g_free(s->host->arch);
        s->host->arch = g_strdup("e2k");
        g_autoptr(DmPlan) p = resolve(s, NULL, "<type>qemu</type>");
        g_assert_null(p);
        g_assert_nonnull(strstr(s->error->message, "the host's architecture 'e2k' has no emulator"));
        g_clear_error(&s->error);
        g_autoptr(DmPlan) q = resolve(s, NULL, "<type arch='x86_64'>qemu</type>");
        g_assert_no_error(s->error);
        g_assert_cmpstr(q->domain->emulator, ==, X86);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add("/qemu/resolve/" name, Setup, GINT_TO_POINTER(H), set_up, fn, tear_down)
        ADD("explanations", explanations);
        ADD("places", places);
        ADD("broken-candidate", broken_candidate);
        ADD("only-broken", only_broken);
        ADD("search-path", search_path);
        ADD("no-default-machine", no_default_machine);
        ADD("unnamed-target", unnamed_target);
        ADD("no-accelerator", no_accelerator);
        ADD("arm-on-arm", arm_on_arm);
        ADD("cpu-given", cpu_given);
        ADD("cpu-s390", cpu_s390);
        ADD("cpu-absent", cpu_absent);
        ADD("strange-host", strange_host);
        return g_test_run();
}
