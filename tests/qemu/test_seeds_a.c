/* Seed requirements A: the capabilities document. */
#include <glib/gstdio.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <sys/stat.h>

#include "qemu/capabilities.h"
#include "qemu/seeds_fixture.h"

#define SCHEMA "/usr/share/libvirt/schemas/capability.rng"

/* One host that a test asks, with what it answers. */
typedef struct Asked {
        SeedSource source;
        DmHost *host;
        DmCapsSource *used;
        DmFindings *findings;
        DmCapabilities *caps;
        const Seeds *seeds;
} Asked;

static void ask(Asked *a)
{
        dm_capabilities_free(a->caps);
        dm_findings_unref(a->findings);
        a->findings = dm_findings_new();
        a->caps = dm_host_capabilities(a->host, a->used, NULL, a->findings);
}

static void open_injected(Asked *a, SeedHost kind)
{
        *a = (Asked){ 0 };
        a->host = seed_host(kind, &a->source);
        a->used = &a->source.source;
        ask(a);
}

/* This machine, with the emulators of the search path @path (NULL: its own). */
static void open_real(Asked *a, const Seeds *seeds, const char *path)
{
        *a = (Asked){ 0 };
        a->host = path ? dm_host_load(path) : dm_host_copy(seeds->real.host);
        a->used = dm_caps_cache_source(seeds->real.cache);
        ask(a);
}

static void close_asked(Asked *a)
{
        dm_capabilities_free(a->caps);
        dm_findings_unref(a->findings);
        dm_host_unref(a->host);
        if (a->source.caps)
                g_hash_table_unref(a->source.caps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, close_asked)

static const DmCapsGuest *guest(const Asked *a, const char *arch)
{
        return dm_capabilities_guest(a->caps, "hvm", arch);
}

static gboolean has_machine(const GPtrArray *machines, const char *name)
{
        for (guint i = 0; machines && i < machines->len; i++)
                if (strcmp(((DmCapsMachine *)g_ptr_array_index(machines, i))->name, name) == 0)
                        return TRUE;
        return FALSE;
}

static char *types_of(const DmCapsGuest *g)
{
        GString *s = g_string_new(NULL);
        for (guint i = 0; i < g->domains->len; i++)
                g_string_append_printf(s, "%s%s", i ? " " : "",
                                       ((DmCapsDomain *)g_ptr_array_index(g->domains, i))->type);
        return g_string_free(s, FALSE);
}

static void expect_types(const Asked *a, const char *arch, const char *types)
{
        const DmCapsGuest *g = guest(a, arch);
        g_assert_nonnull(g);
        g_autofree char *known = types_of(g);
        g_assert_cmpstr(known, ==, types);
}

/* ---- what holds for any host ---- */

static void check_document(const Asked *a)
{
        /* A1, A2, A24: one host, one guest for an architecture and OS type; it reads back as it was. */
        g_autofree char *text = dm_capabilities_format(a->caps);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmCapabilities) again = dm_capabilities_parse(text, strlen(text), findings, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(dm_findings_count(findings), ==, 0);
        g_autofree char *twice = dm_capabilities_format(again);
        g_assert_cmpstr(text, ==, twice);
        g_assert_cmpstr(a->caps->host.arch, ==, a->host->arch);
        for (guint i = 0; i < a->caps->guests->len; i++) {
                const DmCapsGuest *g = g_ptr_array_index(a->caps->guests, i);
                g_assert_true(dm_capabilities_guest(a->caps, g->os_type, g->arch) == g);
                g_assert_false(has_machine(g->machines, "none"));
        }
        /* A23: words that today's clients do not know. */
        g_assert_null(strstr(text, "qvm86"));
        g_assert_null(strstr(text, "x-remote"));
}

static void check_guest(const Asked *a, const DmCapsGuest *g)
{
        const DmArch *arch = dm_arch_find(g->arch);
        gboolean x86 = strcmp(g->arch, "x86_64") == 0 || strcmp(g->arch, "i686") == 0;
        /* A6, A9, A10, A11, A16. */
        g_assert_cmpuint(g->wordsize.value, ==, arch->wordsize);
        g_assert_true(g_path_is_absolute(g->emulator));
        g_assert_true(dm_host_file(a->host, g->emulator)->executable);
        g_assert_null(g->loader);
        g_assert_nonnull(dm_caps_guest_domain(g, "qemu"));
        g_assert_true(g->pae == x86 && g->nonpae == x86);
        /* A7: the first machine is what a document gets that names none. */
        const DmCapsMachine *first = g_ptr_array_index(g->machines, 0);
        g_autofree char *text = g_strdup_printf(
                "<domain type='qemu'><name>t</name><memory>1</memory><os><type arch='%s'>hvm</type>"
                "</os></domain>",
                g->arch);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        p->domain = dm_domain_parse(text, strlen(text), 0, NULL, &error);
        g_assert_no_error(error);
        dm_resolve_platform(p, a->host, a->used, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(p->domain->os.machine, ==, first->name);
        g_assert_cmpstr(p->domain->emulator, ==, g->emulator);
        g_assert_null(first->canonical);
        for (guint i = 1; i < g->machines->len; i++) {
                const DmCapsMachine *m = g_ptr_array_index(g->machines, i);
                const DmCapsMachine *before = g_ptr_array_index(g->machines, i - 1);
                g_assert_true(!m->canonical || strcmp(m->canonical, before->name) == 0);
        }
}

static void check_all(const Asked *a)
{
        check_document(a);
        for (guint i = 0; i < a->caps->guests->len; i++)
                check_guest(a, g_ptr_array_index(a->caps->guests, i));
}

/* A1, A2, A4 to A9, A11, A16, A20: the whole of a host. */
static void check_host(const Asked *a)
{
        static const char *const archs[] = { "x86_64", "i686", "sparc", "ppc" };
        check_all(a);
        for (gsize i = 0; i < G_N_ELEMENTS(archs); i++)
                g_assert_nonnull(guest(a, archs[i]));
        g_assert_true(g_ptr_array_index(a->caps->guests, 0) == guest(a, "x86_64"));
        g_assert_true(has_machine(guest(a, "x86_64")->machines, "pc"));
        g_assert_true(has_machine(guest(a, "x86_64")->machines, "isapc"));
        g_assert_true(has_machine(guest(a, "i686")->machines, "pc"));
        g_assert_true(has_machine(guest(a, "i686")->machines, "isapc"));
        g_assert_true(has_machine(guest(a, "ppc")->machines, "mac99"));
        g_assert_false(has_machine(guest(a, "sparc")->machines, "pc"));
        g_assert_null(dm_capabilities_guest(a->caps, "xen", "x86_64"));
        for (guint i = 0; i < a->caps->guests->len; i++)
                g_assert_cmpstr(((DmCapsGuest *)g_ptr_array_index(a->caps->guests, i))->os_type, ==, "hvm");
}

static void whole_host(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        g_auto(Asked) injected;
        open_injected(&injected, H);
        check_host(&injected);
        g_assert_cmpstr(guest(&injected, "x86_64")->emulator, ==, "/usr/bin/qemu-system-x86_64");
        g_assert_cmpstr(guest(&injected, "sparc")->emulator, ==, "/usr/bin/qemu-system-sparc");
        seeds->n_injected++;
        if (!seed_real_has(&seeds->real, "x86_64 i386 sparc ppc"))
                return;
        g_auto(Asked) real;
        open_real(&real, seeds, NULL);
        check_host(&real);
        seeds->n_real++;
}

/* A5: every installed emulator that has a name, and no other. */
static void all_archs(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        g_auto(Asked) a;
        open_real(&a, seeds, NULL);
        for (const DmArch *arch = dm_arch_all(); arch->name; arch++) {
                g_autoptr(DmCaps) caps =
                        dm_emulator_find(a.host, a.used, arch, DM_VIRT_QEMU, NULL, NULL, NULL);
                g_assert_true((guest(&a, arch->name) != NULL) == (caps != NULL && arch->listed));
        }
        seeds->n_real++;
}

/* A3, A3b. */
static void cpu_flags(void)
{
        static const struct {
                const char *flags, *features, *names;
        } rows[] = {
                { "fpu pae vmx sse4_1", "<pae/>\n        <vmx/>", "fpu pae vmx sse4.1" },
                { "pae lm constant_tsc rep_good", "<pae/>", "pae lm" },
                { "pae svm avx512_vnni sha_ni", "<pae/>\n        <svm/>", "pae svm avx512vnni sha-ni" },
                { "sse", NULL, "sse" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                SeedSource s;
                g_autoptr(DmHost) host = seed_host(H, &s);
                host->cpu_flags = g_strsplit(rows[i].flags, " ", -1);
                host->cpu_vendor = g_strdup("GenuineIntel");
                g_autoptr(DmCapabilities) c = dm_host_capabilities(host, &s.source, "x86_64", NULL);
                g_autofree char *text = dm_capabilities_format(c);
                g_autofree char *features =
                        rows[i].features
                                ? g_strdup_printf("<features>\n        %s\n      </features>\n      <",
                                                  rows[i].features)
                                : NULL;
                g_assert_true(features ? strstr(text, features) != NULL
                                       : strstr(text, "<arch>x86_64</arch>\n      <f") == NULL);
                GString *names = g_string_new(NULL);
                for (guint j = 0; j < c->host.cpu_features->len; j++)
                        g_string_append_printf(
                                names, "%s%s", j ? " " : "",
                                ((DmCapsName *)g_ptr_array_index(c->host.cpu_features, j))->name);
                g_assert_cmpstr(names->str, ==, rows[i].names);
                g_string_free(names, TRUE);
                g_assert_cmpstr(c->host.vendor, ==, "Intel");
                /* KVM is tested, not guessed from flags. */
                g_assert_nonnull(dm_caps_guest_domain(dm_capabilities_guest(c, "hvm", "x86_64"), "kvm"));
                g_assert_cmpuint(c->guests->len, ==, 1);
                g_hash_table_unref(s.caps);
        }
}

/* A12. */
static void kvm_offered(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        static const SeedHost without[] = { H0, H1, H2, H2B };
        g_auto(Asked) a;
        open_injected(&a, H);
        expect_types(&a, "x86_64", "qemu kvm");
        expect_types(&a, "i686", "qemu kvm");
        expect_types(&a, "sparc", "qemu");
        expect_types(&a, "aarch64", "qemu");
        for (gsize i = 0; i < G_N_ELEMENTS(without); i++) {
                seed_set_kind(a.host, without[i]);
                ask(&a);
                g_autofree char *text = dm_capabilities_format(a.caps);
                g_assert_null(strstr(text, "<domain type='kvm'"));
                const DmFinding *f = dm_findings_at(a.findings, 0);
                g_assert_true(
                        g_str_has_prefix(f->message, "no kvm for x86_64: KVM is not usable on this host: "));
        }
        seeds->n_injected++;
        if (!seed_real_has(&seeds->real, "x86_64 i386 sparc"))
                return;
        g_auto(Asked) real;
        open_real(&real, seeds, NULL);
        gboolean usable = real.host->kvm == DM_KVM_USABLE;
        expect_types(&real, "x86_64", usable ? "qemu kvm" : "qemu");
        expect_types(&real, "i686", usable ? "qemu kvm" : "qemu");
        expect_types(&real, "sparc", "qemu");
        seeds->n_real++;
}

/* A host whose search path is one directory of the emulators from before QMP. */
static void open_old(Asked *a, const Seeds *seeds, const char *name, SeedHost kind)
{
        g_autofree char *path = g_build_filename(seeds->real.dir, name, NULL);
        open_real(a, seeds, path);
        seed_set_kind(a->host, kind);
        ask(a);
}

/* A13: kqemu as far as an emulator, the device and the architecture have it. */
static void kqemu(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        g_auto(Asked) with, without, modern;
        open_old(&with, seeds, "k9", HK);
        expect_types(&with, "x86_64", "qemu kqemu");
        expect_types(&with, "i686", "qemu");
        expect_types(&with, "ppc", "qemu");
        check_document(&with);
        open_old(&without, seeds, "k9", H);
        expect_types(&without, "x86_64", "qemu");
        open_injected(&modern, HK);
        expect_types(&modern, "x86_64", "qemu kvm");
        seeds->n_real += 2;
        seeds->n_injected++;
}

/* A14, A15: a KVM build beside a plain emulator. */
static void kvm_override(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        g_autofree char *both = g_strdup_printf("%s/k9:%s/v74", seeds->real.dir, seeds->real.dir);
        g_autofree char *plain = g_build_filename(seeds->real.dir, "k9/qemu-system-x86_64", NULL);
        g_autofree char *kvm = g_build_filename(seeds->real.dir, "v74/qemu-kvm", NULL);
        g_auto(Asked) a;
        open_real(&a, seeds, both);
        seed_set_kind(a.host, H);
        ask(&a);
        const DmCapsGuest *g = guest(&a, "x86_64");
        g_assert_cmpstr(g->emulator, ==, plain);
        expect_types(&a, "x86_64", "qemu kvm");
        g_assert_cmpstr(dm_caps_guest_domain(g, "kvm")->emulator, ==, kvm);
        g_assert_null(dm_caps_guest_domain(g, "qemu")->emulator);
        /* Clients read the machines of a domain that has children from the children alone. */
        g_assert_true(has_machine(dm_caps_guest_domain(g, "kvm")->machines, "pc"));
        g_assert_cmpstr(dm_caps_guest_emulator(g, "qemu"), ==, plain);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = seed_document(&(SeedRow){ .os = "<type>kvm</type>" });
        g_autoptr(DmPlan) p = seed_resolve(text, a.host, a.used, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(p->domain->emulator, ==, kvm);
        seeds->n_real++;
}

/* ---- Xen ---- */

static void expect_pae(const Asked *a, const char *os_type, const char *arch, gboolean pae, gboolean nonpae)
{
        const DmCapsGuest *g = dm_capabilities_guest(a->caps, os_type, arch);
        g_assert_nonnull(g);
        g_assert_true(g->pae == pae && g->nonpae == nonpae);
        g_assert_nonnull(dm_caps_guest_domain(g, "xen"));
}

static void open_xen(Asked *a, const char *words)
{
        open_injected(a, HX);
        g_free(a->host->xen);
        a->host->xen = g_strdup(words);
        a->host->xen_device_model = g_strdup("/usr/lib/xen/bin/qemu-dm");
        a->host->xen_loader = g_strdup("/usr/lib/xen/boot/hvmloader");
        g_ptr_array_set_size(a->host->programs, 0);
        ask(a);
}

/* A4, A10, A16 to A19. */
static void xen_alone(void)
{
        g_auto(Asked) a;
        open_xen(&a, SEED_XEN);
        g_assert_cmpuint(a.caps->guests->len, ==, 4);
        expect_pae(&a, "xen", "x86_64", TRUE, FALSE);
        expect_pae(&a, "xen", "i686", TRUE, FALSE);
        expect_pae(&a, "hvm", "x86_64", TRUE, TRUE);
        expect_pae(&a, "hvm", "i686", TRUE, TRUE);
        const DmCapsGuest *g = guest(&a, "i686");
        g_assert_cmpstr(g->emulator, ==, "/usr/lib/xen/bin/qemu-dm");
        g_assert_cmpstr(g->loader, ==, "/usr/lib/xen/boot/hvmloader");
        g_assert_true(has_machine(g->machines, "pc") && has_machine(g->machines, "isapc"));
        g_assert_cmpuint(g->wordsize.value, ==, 32);
        g_assert_null(dm_capabilities_guest(a.caps, "xen", "i686")->emulator);
        g_auto(Asked) plain;
        open_xen(&plain, "xen-3.0-x86_32 hvm-3.0-x86_32 rubbish hvm-3.0-vax");
        g_assert_cmpuint(plain.caps->guests->len, ==, 2);
        expect_pae(&plain, "xen", "i686", FALSE, TRUE);
        expect_pae(&plain, "hvm", "i686", FALSE, TRUE);
}

/* On a host that has QEMU as well, Xen is one more domain of the same guest. */
static void xen_beside_qemu(void)
{
        g_auto(Asked) a;
        open_injected(&a, HX);
        a.host->xen_loader = g_strdup("/usr/lib/xen/boot/hvmloader");
        ask(&a);
        expect_types(&a, "x86_64", "qemu kvm xen");
        const DmCapsGuest *g = guest(&a, "x86_64");
        g_assert_null(g->loader);
        g_assert_cmpstr(dm_caps_guest_domain(g, "xen")->loader, ==, "/usr/lib/xen/boot/hvmloader");
        g_assert_true(has_machine(dm_caps_guest_machines(g, "xen"), "isapc"));
        g_assert_nonnull(dm_capabilities_guest(a.caps, "xen", "x86_64"));
        check_document(&a);
}

/* ---- what is missing or broken ---- */

/* A21, A22. */
static void broken(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        const int limit_ms = 1000;
        static const struct {
                const char *name, *script, *reason;
        } rows[] = {
                { "qemu-system-mips", "#!/bin/sh\nexec sleep 100\n", "" },
                { "qemu-system-alpha", "#!/bin/sh\necho oh no >&2\nexit 1\n", "oh no" },
                { "qemu-system-cris", "#!/bin/sh\necho rubbish\nexit 0\n", "" },
        };
        g_autofree char *dir = g_build_filename(seeds->real.dir, "broken", NULL);
        g_autofree char *path = g_strdup_printf("%s:%s/k9", dir, seeds->real.dir);
        g_assert_cmpint(g_mkdir(dir, 0755), ==, 0);
        g_autoptr(GError) error = NULL;
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *file = g_build_filename(dir, rows[i].name, NULL);
                g_file_set_contents_full(file, rows[i].script, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
                g_assert_no_error(error);
        }
        g_autoptr(DmCapsCache) cache =
                dm_caps_cache_new(&(DmCapsCacheOptions){ .probe = { .limit_ms = limit_ms } });
        g_autoptr(DmHost) host = dm_host_load(path);
        g_autoptr(DmFindings) findings = dm_findings_new();
        gint64 began = g_get_monotonic_time();
        g_autoptr(DmCapabilities) c = dm_host_capabilities(host, dm_caps_cache_source(cache), NULL, findings);
        g_assert_cmpint((g_get_monotonic_time() - began) / 1000, <, limit_ms + 10000);
        g_assert_null(dm_capabilities_guest(c, "hvm", "alpha"));
        g_assert_null(dm_capabilities_guest(c, "hvm", "cris"));
        g_assert_null(dm_capabilities_guest(c, "hvm", "s390x"));
        g_assert_nonnull(dm_capabilities_guest(c, "hvm", "sparc"));
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *file = g_build_filename(dir, rows[i].name, NULL);
                gboolean said = FALSE;
                for (gsize j = 0; j < dm_findings_count(findings); j++) {
                        const DmFinding *f = dm_findings_at(findings, j);
                        said = said || (f->severity == DM_SEVERITY_NOTE && strstr(f->message, file) &&
                                        strstr(f->message, rows[i].reason));
                }
                g_assert_true(said);
        }
        seeds->n_real++;
}

/* A26. */
static void changes(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        g_autofree char *dir = g_build_filename(seeds->real.dir, "changing", NULL);
        g_autofree char *file = g_build_filename(dir, "qemu-system-sparc", NULL);
        g_autofree char *from = g_build_filename(seeds->real.dir, "k9/qemu-system-sparc", NULL), *text = NULL;
        g_assert_cmpint(g_mkdir(dir, 0755), ==, 0);
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_get_contents(from, &text, NULL, &error));
        for (int step = 0; step < 4; step++) {
                if (step == 1)
                        g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
                if (step == 2)
                        g_assert_cmpint(chmod(file, 0644), ==, 0);
                if (step == 3) {
                        g_autofree char *other = g_strdup_printf("%s\n", text);
                        memcpy(strstr(other, "sun4m"), "sun5x", strlen("sun5x"));
                        g_file_set_contents_full(file, other, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
                        g_assert_cmpint(chmod(file, 0755), ==, 0);
                }
                g_assert_no_error(error);
                g_auto(Asked) a;
                open_real(&a, seeds, dir);
                const DmCapsGuest *g = a.caps->guests ? guest(&a, "sparc") : NULL;
                g_assert_true((g != NULL) == (step == 1 || step == 3));
                if (g)
                        g_assert_true(has_machine(g->machines, step == 1 ? "sun4m" : "sun5x"));
        }
        seeds->n_real++;
}

/* An emulator that offers nothing on this host makes no guest. */
static void nothing_offered(void)
{
        SeedSource s;
        g_autoptr(DmHost) host = seed_host(H0, &s);
        DmCaps *caps = g_hash_table_lookup(s.caps, "/usr/bin/qemu-system-sparc");
        caps->accels = SEED_KVM;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmCapabilities) c = dm_host_capabilities(host, &s.source, "sparc", findings);
        g_assert_cmpuint(c->guests->len, ==, 0);
        g_assert_cmpstr(dm_findings_at(findings, 0)->message, ==,
                        "no sparc guests: /usr/bin/qemu-system-sparc offers nothing on this host");
        g_hash_table_unref(s.caps);
}

/* ---- A23: libvirt's own schema ---- */

/* Features such as sse4.1: libvirt and its clients call them so, its schema allows no dot. */
static void drop_dotted(DmCapsHost *h)
{
        for (guint i = h->cpu_features ? h->cpu_features->len : 0; i-- > 0;) {
                DmCapsName *name = g_ptr_array_index(h->cpu_features, i);
                if (!strchr(name->name, '.'))
                        continue;
                g_ptr_array_remove_index(h->cpu_features, i);
                g_free(name->name);
                g_free(name);
        }
}

static void schema(gconstpointer data)
{
        Seeds *seeds = (Seeds *)data;
        if (!g_file_test(SCHEMA, G_FILE_TEST_EXISTS)) {
                g_test_skip("libvirt's schemas are not installed");
                return;
        }
        xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(SCHEMA);
        xmlRelaxNG *rng = xmlRelaxNGParse(parser);
        g_assert_nonnull(rng);
        for (int real = 0; real < 2; real++) {
                g_auto(Asked) a;
                if (real)
                        open_real(&a, seeds, NULL);
                else
                        open_injected(&a, HX);
                drop_dotted(&a.caps->host);
                g_autofree char *text = dm_capabilities_format(a.caps);
                xmlDoc *doc =
                        xmlReadMemory(text, (int)strlen(text), "capabilities.xml", NULL, XML_PARSE_NONET);
                xmlRelaxNGValidCtxt *valid = xmlRelaxNGNewValidCtxt(rng);
                g_assert_cmpint(xmlRelaxNGValidateDoc(valid, doc), ==, 0);
                xmlRelaxNGFreeValidCtxt(valid);
                xmlFreeDoc(doc);
        }
        xmlRelaxNGFree(rng);
        xmlRelaxNGFreeParserCtxt(parser);
}

int main(int argc, char **argv)
{
        Seeds seeds = { 0 };
        g_test_init(&argc, &argv, NULL);
        g_test_add_data_func("/seeds/A1-A11/host", &seeds, whole_host);
        g_test_add_data_func("/seeds/A5", &seeds, all_archs);
        g_test_add_func("/seeds/A3", cpu_flags);
        g_test_add_data_func("/seeds/A12", &seeds, kvm_offered);
        g_test_add_data_func("/seeds/A13", &seeds, kqemu);
        g_test_add_data_func("/seeds/A14-A15", &seeds, kvm_override);
        g_test_add_func("/seeds/A16-A19/xen", xen_alone);
        g_test_add_func("/seeds/A18/xen-beside-qemu", xen_beside_qemu);
        g_test_add_data_func("/seeds/A21-A22/broken", &seeds, broken);
        g_test_add_func("/seeds/A22/nothing-offered", nothing_offered);
        g_test_add_data_func("/seeds/A23/schema", &seeds, schema);
        g_test_add_data_func("/seeds/A26", &seeds, changes);
        return seeds_finish(&seeds);
}
