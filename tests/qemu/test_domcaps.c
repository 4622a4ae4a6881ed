/* <domainCapabilities>: which guest it is about, in libvirt's words where that cannot be, and what is
 * offered. */
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "qemu/capabilities.h"
#include "qemu/seeds_fixture.h"

#define X86   "/usr/bin/qemu-system-x86_64"
#define SPARC "/usr/bin/qemu-system-sparc"
#define PPC   "/usr/bin/qemu-system-ppc"

typedef struct Setup {
        SeedSource source;
        DmHost *host;
        GError *error;
} Setup;

static void set_up(Setup *s, gconstpointer unused)
{
        (void)unused;
        s->host = seed_host(H, &s->source);
}

static void tear_down(Setup *s, gconstpointer unused)
{
        (void)unused;
        dm_host_unref(s->host);
        g_hash_table_unref(s->source.caps);
        g_clear_error(&s->error);
}

static DmDomainCapabilities *ask(Setup *s, const char *emulator, const char *arch, const char *machine,
                                 const char *type)
{
        return dm_domain_capabilities(s->host, &s->source.source, emulator, arch, machine, type, &s->error);
}

static void expect(Setup *s, const char *const question[4], const char *path, const char *domain,
                   const char *machine, const char *arch)
{
        g_autoptr(DmDomainCapabilities) d = ask(s, question[0], question[1], question[2], question[3]);
        g_assert_no_error(s->error);
        g_assert_cmpstr(d->path, ==, path);
        g_assert_cmpstr(d->domain, ==, domain);
        g_assert_cmpstr(d->machine, ==, machine);
        g_assert_cmpstr(d->arch, ==, arch);
        g_assert_cmpuint(d->max_vcpus.value, ==, 255);
        g_autofree char *text = dm_domain_capabilities_format(d);
        g_autoptr(DmDomainCapabilities) again =
                dm_domain_capabilities_parse(text, strlen(text), NULL, &s->error);
        g_assert_no_error(s->error);
        g_autofree char *twice = dm_domain_capabilities_format(again);
        g_assert_cmpstr(text, ==, twice);
}

#define Q(...)                 \
        (const char *const[4]) \
        {                      \
                __VA_ARGS__    \
        }

static void about_what(Setup *s, gconstpointer unused)
{
        (void)unused;
        expect(s, Q(NULL), X86, "kvm", "pc-i440fx-7.2", "x86_64");
        expect(s, Q(NULL, NULL, "q35"), X86, "kvm", "pc-q35-7.2", "x86_64");
        expect(s, Q(NULL, "sparc"), SPARC, "qemu", "SS-5", "sparc");
        expect(s, Q(PPC, NULL, "mac99"), PPC, "qemu", "mac99", "ppc");
        expect(s, Q(X86, "i686", "pc", "qemu"), X86, "qemu", "pc-i440fx-7.2", "i686");
        expect(s, Q(NULL, "i686", NULL, "kvm"), "/usr/bin/qemu-system-i386", "kvm", "pc-i440fx-7.2", "i686");
        seed_set_kind(s->host, H0);
        expect(s, Q(NULL), X86, "qemu", "pc-i440fx-7.2", "x86_64");
}

static void errors(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const struct {
                const char *question[4], *text;
        } rows[] = {
                { { NULL, "sparc", NULL, "kvm" },
                  "the accel 'kvm' is not supported by '" SPARC "' on this host" },
                { { NULL, "ppc", "g3bw" }, "the machine 'g3bw' is not supported by emulator '" PPC "'" },
                { { PPC, "x86_64" },
                  "architecture from emulator 'ppc' doesn't match given architecture 'x86_64'" },
                { { NULL, "amd64" }, "unknown architecture: amd64" },
                { { NULL, "vax" }, "unknown architecture: vax" },
                { { NULL, NULL, NULL, "xen" }, "unknown virttype: xen" },
                { { NULL, "alpha" }, "unable to find any emulator to serve 'alpha' architecture" },
                { { "/bin/true" }, "/bin/true did not answer as QEMU" },
                { { NULL, NULL, "x-remote" }, "the machine 'x-remote' is not supported by emulator" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *const *q = rows[i].question;
                g_autoptr(DmDomainCapabilities) d = ask(s, q[0], q[1], q[2], q[3]);
                g_assert_null(d);
                g_assert_error(s->error, DM_ERROR, DM_ERROR_INVALID_ARG);
                if (!strstr(s->error->message, rows[i].text))
                        g_error("expected «%s» in «%s»", rows[i].text, s->error->message);
                g_clear_error(&s->error);
        }
        seed_set_kind(s->host, H1);
        g_autoptr(DmDomainCapabilities) d = ask(s, NULL, NULL, NULL, "kvm");
        g_assert_null(d);
        g_assert_nonnull(strstr(s->error->message,
                                "the accel 'kvm' is not supported by '" X86 "' on this host: KVM is "
                                "not usable on this host: /dev/kvm: Permission denied"));
}

/* What clients read is there, supported or not: an option that is missing makes them guess. */
static void all_options(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const char *const machines[] = { "pc", "q35", "isapc", "microvm" };
        for (gsize i = 0; i < G_N_ELEMENTS(machines); i++) {
                g_autoptr(DmDomainCapabilities) d = ask(s, NULL, NULL, machines[i], NULL);
                g_assert_no_error(s->error);
                const DmDomcapsOption *options[] = { &d->iothreads,
                                                     &d->os,
                                                     &d->loader,
                                                     &d->memory_backing,
                                                     &d->disk,
                                                     &d->graphics,
                                                     &d->video,
                                                     &d->hostdev,
                                                     &d->rng,
                                                     &d->filesystem,
                                                     &d->tpm,
                                                     &d->redirdev,
                                                     &d->channel,
                                                     &d->gic,
                                                     &d->vmcoreinfo,
                                                     &d->genid,
                                                     &d->backing_store_input,
                                                     &d->backup,
                                                     &d->sev,
                                                     &d->sgx };
                for (gsize j = 0; j < G_N_ELEMENTS(options); j++)
                        g_assert_cmpint(options[j]->supported, !=, DM_YES_NO_UNSET);
                static const char *const modes[] = { "host-passthrough", "maximum", "host-model", "custom" };
                for (gsize j = 0; j < G_N_ELEMENTS(modes); j++)
                        g_assert_nonnull(dm_domcaps_mode(d, modes[j]));
                gboolean pci = i < 2;
                g_assert_true(dm_domcaps_has(d->disk.enums, "bus", "virtio") == pci);
                g_assert_true(dm_domcaps_has(d->disk.enums, "bus", "ide") == (i == 0 || i == 2));
                g_assert_true(dm_domcaps_has(d->disk.enums, "bus", "sata") == (i == 1));
                g_assert_true(dm_domcaps_has(d->video.enums, "modelType", "vga") == pci);
                g_assert_true(dm_domcaps_has(d->graphics.enums, "type", "vnc"));
                g_assert_true(dm_domcaps_has(dm_domcaps_mode(d, "host-passthrough")->enums,
                                             "hostPassthroughMigratable", "on"));
        }
}

static void firmware(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const char text[] = "{\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":\"flash\","
                                   "\"executable\":{\"filename\":"
                                   "\"/fw/code\",\"format\":\"raw\"},\"nvram-template\":{\"filename\":\"/fw/"
                                   "vars\",\"format\":\"raw\"}},"
                                   "\"targets\":[{\"architecture\":\"x86_64\",\"machines\":[\"pc-q35-*\"]}],"
                                   "\"features\":[\"requires-smm\"]}";
        g_ptr_array_add(s->host->firmwares, dm_json_parse(text, strlen(text), NULL));
        g_autoptr(DmDomainCapabilities) q35 = ask(s, NULL, NULL, "q35", NULL);
        g_assert_true(dm_domcaps_has(q35->os.enums, "firmware", "efi"));
        g_assert_true(dm_domcaps_has(q35->loader.enums, "secure", "yes"));
        g_assert_cmpstr(((DmDomcapsValue *)g_ptr_array_index(q35->loader.values, 0))->text, ==, "/fw/code");
        g_autoptr(DmDomainCapabilities) pc = ask(s, NULL, NULL, "pc", NULL);
        g_assert_false(dm_domcaps_has(pc->os.enums, "firmware", "efi"));
        g_assert_false(dm_domcaps_has(pc->loader.enums, "secure", "yes"));
        g_assert_true(dm_domcaps_has(pc->loader.enums, "type", "pflash"));
        g_assert_null(pc->loader.values);
}

/* ---- CPUs ---- */

static void add_model(GPtrArray *models, const char *name, const char *missing)
{
        DmCpuModel *m = g_new0(DmCpuModel, 1);
        m->name = g_strdup(name);
        m->unavailable = g_new0(char *, 2);
        m->unavailable[0] = g_strdup(missing);
        g_ptr_array_add(models, m);
}

static void best_model(void)
{
        g_autoptr(GPtrArray) models = dm_cpu_models_new();
        add_model(models, "qemu64", NULL);
        add_model(models, "pentium3", NULL);
        g_assert_cmpstr(dm_cpu_best_model(models, "GenuineIntel")->name, ==, "qemu64");
        g_assert_cmpstr(dm_cpu_best_model(models, NULL)->name, ==, "qemu64");
        add_model(models, "Icelake-Server", "avx512f");
        add_model(models, "Haswell-noTSX-IBRS", NULL);
        add_model(models, "Haswell", NULL);
        add_model(models, "Nehalem", NULL);
        add_model(models, "EPYC-Rome", NULL);
        add_model(models, "EPYC", NULL);
        g_assert_cmpstr(dm_cpu_best_model(models, "GenuineIntel")->name, ==, "Haswell");
        g_assert_cmpstr(dm_cpu_best_model(models, "AuthenticAMD")->name, ==, "EPYC-Rome");
        g_assert_cmpstr(dm_cpu_best_model(models, "HygonGenuine")->name, ==, "qemu64");
        g_assert_null(dm_cpu_best_model(NULL, "GenuineIntel"));
        g_assert_cmpstr(dm_cpu_model_vendor("EPYC-Milan"), ==, "AMD");
        g_assert_cmpstr(dm_cpu_model_vendor("Skylake-Client-noTSX-IBRS"), ==, "Intel");
        g_assert_cmpstr(dm_cpu_model_vendor("kvm64"), ==, "unknown");
        g_assert_cmpstr(dm_cpu_vendor_name("AuthenticAMD"), ==, "AMD");
        g_assert_cmpstr(dm_cpu_vendor_name(NULL), ==, "unknown");
}

static void feature_names(void)
{
        static const char *const flags[][2] = {
                { "sse4_1", "sse4.1" },
                { "pae", "pae" },
                { "tsc_deadline_timer", "tsc-deadline" },
                { "sha_ni", "sha-ni" },
                { "tsc_adjust", "tsc_adjust" },
                { "cr8_legacy", "cr8legacy" },
                { "avx512_vpopcntdq", "avx512-vpopcntdq" },
                { "nonstop_tsc", "invtsc" },
                { "rep_good", NULL },
                { "cpuid", NULL },
                { "", NULL },
                { "pae svm", NULL },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
                g_assert_cmpstr(dm_cpu_feature_of_flag(flags[i][0]), ==, flags[i][1]);
        g_assert_cmpstr(dm_cpu_feature_of_property("lahf-lm"), ==, "lahf_lm");
        g_assert_cmpstr(dm_cpu_feature_of_property("sse4.2"), ==, "sse4.2");
        g_assert_null(dm_cpu_feature_of_property("kvm-pv-eoi"));
        g_assert_null(dm_cpu_feature_of_property("hv-time"));
}

static const DmDomcapsModel *model_of(const DmDomcapsMode *mode, const char *name)
{
        for (guint i = 0; mode->models && i < mode->models->len; i++) {
                const DmDomcapsModel *m = g_ptr_array_index(mode->models, i);
                if (strcmp(m->name, name) == 0)
                        return m;
        }
        return NULL;
}

static void cpu_modes(Setup *s, gconstpointer unused)
{
        (void)unused;
        DmCaps *caps = g_hash_table_lookup(s->source.caps, X86);
        add_model(caps->cpu_models, "EPYC", NULL);
        add_model(caps->cpu_models, "EPYC-v1", NULL);
        add_model(caps->cpu_models, "Haswell", "rtm");
        add_model(caps->cpu_models, "host", NULL);
        add_model(caps->cpu_models, "max", NULL);
        s->host->cpu_vendor = g_strdup("AuthenticAMD");
        static const char host[] =
                "{\"model\":{\"name\":\"base\",\"props\":{\"svm\":true,\"vmx\":false,\"lahf-lm\":"
                "true,\"kvm-pv-eoi\":true,\"family\":25}}}";
        caps->host_model = dm_json_parse(host, strlen(host), NULL);
        g_autoptr(DmDomainCapabilities) d = ask(s, NULL, NULL, NULL, "kvm");
        g_assert_no_error(s->error);
        const DmDomcapsMode *m = dm_domcaps_mode(d, "host-model");
        g_assert_cmpint(m->supported, ==, DM_YES);
        g_assert_cmpstr(model_of(m, "EPYC")->fallback, ==, "forbid");
        g_assert_cmpstr(m->vendor, ==, "AMD");
        g_assert_cmpuint(m->features->len, ==, 2);
        g_assert_cmpstr(((DmDomcapsFeature *)g_ptr_array_index(m->features, 1))->name, ==, "lahf_lm");
        m = dm_domcaps_mode(d, "custom");
        g_assert_cmpstr(model_of(m, "EPYC")->usable, ==, "yes");
        g_assert_cmpstr(model_of(m, "Haswell")->usable, ==, "no");
        g_assert_cmpstr(model_of(m, "Haswell")->vendor, ==, "Intel");
        g_assert_cmpstr(model_of(m, "qemu64")->usable, ==, "unknown");
        g_assert_null(model_of(m, "host"));
        g_assert_null(model_of(m, "EPYC-v1"));
        g_assert_cmpint(dm_domcaps_mode(d, "maximum")->supported, ==, DM_YES);
        /* With tcg nothing is known of usability until somebody asks it, and there is no host's CPU. */
        g_autoptr(DmDomainCapabilities) tcg = ask(s, NULL, NULL, NULL, "qemu");
        g_assert_cmpint(dm_domcaps_mode(tcg, "host-passthrough")->supported, ==, DM_NO);
        g_assert_cmpint(dm_domcaps_mode(tcg, "host-model")->supported, ==, DM_NO);
        g_assert_cmpstr(model_of(dm_domcaps_mode(tcg, "custom"), "EPYC")->usable, ==, "unknown");
}

/* On this machine: for each architecture, what is said is about the emulator that a guest would get. */
static void this_machine(void)
{
        g_autoptr(DmHost) host = dm_host_load(NULL);
        g_autoptr(DmCapsCache) cache = dm_caps_cache_new(&(DmCapsCacheOptions){ 0 });
        DmCapsSource *source = dm_caps_cache_source(cache);
        unsigned n = 0;
        for (const DmArch *a = dm_arch_all(); a->name; a++) {
                g_autoptr(DmCaps) caps = dm_emulator_find(host, source, a, DM_VIRT_QEMU, NULL, NULL, NULL);
                if (!caps || !dm_virt_has(caps, DM_VIRT_QEMU))
                        continue;
                g_autoptr(GError) error = NULL;
                g_autoptr(DmDomainCapabilities) d =
                        dm_domain_capabilities(host, source, NULL, a->name, NULL, "qemu", &error);
                g_assert_no_error(error);
                g_assert_cmpstr(d->path, ==, caps->path);
                g_assert_true(dm_domcaps_has(d->video.enums, "modelType", "none"));
                const DmDomcapsMode *custom = dm_domcaps_mode(d, "custom");
                /* x86 models: tcg was asked which of them it can run. */
                for (guint i = 0; strcmp(a->target, "x86_64") == 0 && i < custom->models->len; i++)
                        g_assert_cmpstr(((DmDomcapsModel *)g_ptr_array_index(custom->models, i))->usable, !=,
                                        "unknown");
                n++;
        }
        g_test_message("%u architectures", n);
}

#define SCHEMA "/usr/share/libvirt/schemas/domaincaps.rng"

static void schema(Setup *s, gconstpointer unused)
{
        (void)unused;
        static const char *const questions[][3] = { { "x86_64", "pc", "kvm" },   { "x86_64", "q35", "qemu" },
                                                    { "i686", "isapc", "kvm" },  { "sparc", NULL, NULL },
                                                    { "aarch64", "virt", NULL }, { "s390x", NULL, NULL } };
        if (!g_file_test(SCHEMA, G_FILE_TEST_EXISTS)) {
                g_test_skip("libvirt's schemas are not installed");
                return;
        }
        xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(SCHEMA);
        xmlRelaxNG *rng = xmlRelaxNGParse(parser);
        g_assert_nonnull(rng);
        for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
                g_autoptr(DmDomainCapabilities) d =
                        ask(s, NULL, questions[i][0], questions[i][1], questions[i][2]);
                g_assert_no_error(s->error);
                g_autofree char *text = dm_domain_capabilities_format(d);
                xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "domcaps.xml", NULL, XML_PARSE_NONET);
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
        g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add("/qemu/domcaps/" name, Setup, NULL, set_up, fn, tear_down)
        ADD("about-what", about_what);
        ADD("errors", errors);
        ADD("all-options", all_options);
        ADD("firmware", firmware);
        g_test_add_func("/qemu/domcaps/best-model", best_model);
        g_test_add_func("/qemu/domcaps/feature-names", feature_names);
        ADD("cpu-modes", cpu_modes);
        ADD("schema", schema);
        g_test_add_func("/qemu/domcaps/this-machine", this_machine);
        return g_test_run();
}
