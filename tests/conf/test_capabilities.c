/* The documents <capabilities> and <domainCapabilities>: read in any order, written in libvirt's. */
#include "conf/capabilities.h"

#include <string.h>

#include "conf/domain_capabilities.h"

/* As the first tools printed it: machines before the emulator, blanks round values, elements of their own. */
static const char first[] =
        "<capabilities><host><cpu><arch>x86_64</arch><features><vmx/><pae/></features></cpu><oddity/></host>"
        "<guest><os_type>hvm</os_type><arch name=\"x86_64\"><wordsize>64</wordsize><machine>pc</machine>"
        "<machine>isapc</machine><emulator> /usr/bin/qemu-system-x86_64 </emulator><domain type=\"qemu\"/>"
        "<domain type=\"kqemu\"/><domain type=\"kvm\"><emulator>/usr/bin/qemu-kvm</emulator></domain></arch>"
        "<features><pae/><nonpae/></features></guest>"
        "<guest><os_type>xen</os_type><arch name=\"i686\"><wordsize>32</wordsize><domain "
        "type=\"xen\"/></arch>"
        "<features><pae/></features></guest>"
        "<guest><os_type>hvm</os_type><arch name=\"i686\"><wordsize>32</wordsize><machine>pc</machine>"
        "<loader>/usr/lib/xen/boot/hvmloader</loader><emulator>/usr/lib/xen/bin/qemu-dm</emulator>"
        "<domain type=\"xen\"/></arch><features><pae/><nonpae/></features></guest></capabilities>";

/* The same in the order of the schema. */
static const char modern[] = "<capabilities>\n"
                             "  <host>\n"
                             "    <cpu>\n"
                             "      <arch>x86_64</arch>\n"
                             "      <features>\n"
                             "        <pae/>\n"
                             "        <vmx/>\n"
                             "      </features>\n"
                             "    </cpu>\n"
                             "  </host>\n"
                             "  <guest>\n"
                             "    <os_type>hvm</os_type>\n"
                             "    <arch name='x86_64'>\n"
                             "      <wordsize>64</wordsize>\n"
                             "      <emulator>/usr/bin/qemu-system-x86_64</emulator>\n"
                             "      <machine>pc</machine>\n"
                             "      <machine>isapc</machine>\n"
                             "      <domain type='qemu'/>\n"
                             "      <domain type='kqemu'/>\n"
                             "      <domain type='kvm'>\n"
                             "        <emulator>/usr/bin/qemu-kvm</emulator>\n"
                             "      </domain>\n"
                             "    </arch>\n"
                             "    <features>\n"
                             "      <pae/>\n"
                             "      <nonpae/>\n"
                             "    </features>\n"
                             "  </guest>\n"
                             "  <guest>\n"
                             "    <os_type>xen</os_type>\n"
                             "    <arch name='i686'>\n"
                             "      <wordsize>32</wordsize>\n"
                             "      <domain type='xen'/>\n"
                             "    </arch>\n"
                             "    <features>\n"
                             "      <pae/>\n"
                             "    </features>\n"
                             "  </guest>\n"
                             "  <guest>\n"
                             "    <os_type>hvm</os_type>\n"
                             "    <arch name='i686'>\n"
                             "      <wordsize>32</wordsize>\n"
                             "      <emulator>/usr/lib/xen/bin/qemu-dm</emulator>\n"
                             "      <loader>/usr/lib/xen/boot/hvmloader</loader>\n"
                             "      <machine>pc</machine>\n"
                             "      <domain type='xen'/>\n"
                             "    </arch>\n"
                             "    <features>\n"
                             "      <pae/>\n"
                             "      <nonpae/>\n"
                             "    </features>\n"
                             "  </guest>\n"
                             "</capabilities>\n";

static DmCapabilities *parse(const char *text, DmFindings *findings)
{
        g_autoptr(GError) error = NULL;
        DmCapabilities *c = dm_capabilities_parse(text, strlen(text), findings, &error);
        g_assert_no_error(error);
        return c;
}

/* Seed requirement A24. */
static void both_orders(void)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmCapabilities) a = parse(first, findings), b = parse(modern, NULL);
        g_autofree char *difference = dm_xml_difference(&dm_capabilities_element, a, b, 0);
        g_assert_cmpstr(difference, ==, NULL);
        g_autofree char *written = dm_capabilities_format(a);
        g_assert_cmpstr(written, ==, modern);
        g_assert_cmpuint(dm_findings_count(findings), ==, 1);
        g_assert_cmpint(dm_findings_at(findings, 0)->severity, ==, DM_SEVERITY_WARNING);
        g_assert_nonnull(strstr(dm_findings_at(findings, 0)->message, "oddity"));
}

/* Seed requirement A15: what a domain does not have, its architecture has. */
static void inheritance(void)
{
        g_autoptr(DmCapabilities) c = parse(modern, NULL);
        const DmCapsGuest *g = dm_capabilities_guest(c, "hvm", "x86_64");
        g_assert_cmpstr(dm_caps_guest_emulator(g, "kvm"), ==, "/usr/bin/qemu-kvm");
        g_assert_cmpstr(dm_caps_guest_emulator(g, "qemu"), ==, "/usr/bin/qemu-system-x86_64");
        g_assert_null(dm_caps_guest_emulator(g, "xen"));
        g_assert_true(dm_caps_guest_machines(g, "kvm") == g->machines);
        g_assert_null(dm_caps_guest_machines(g, "xen"));
        g_assert_null(dm_capabilities_guest(c, "hvm", "sparc"));
        g_assert_nonnull(dm_capabilities_guest(c, "xen", "i686"));
        static const char own[] =
                "<capabilities><guest><os_type>hvm</os_type><arch name='ppc'><machine>a</machine>"
                "<domain type='kvm'><machine canonical='b-1' maxCpus='4' deprecated='yes'>b"
                "</machine></domain></arch></guest></capabilities>";
        g_autoptr(DmCapabilities) d = parse(own, NULL);
        g = dm_capabilities_guest(d, "hvm", "ppc");
        const DmCapsMachine *m = g_ptr_array_index(dm_caps_guest_machines(g, "kvm"), 0);
        g_assert_cmpstr(m->name, ==, "b");
        g_assert_cmpstr(m->canonical, ==, "b-1");
        g_assert_cmpuint(m->max_cpus.value, ==, 4);
        g_assert_cmpint(m->deprecated, ==, DM_YES);
}

static void host_details(void)
{
        static const char text[] =
                "<capabilities><host><uuid>00112233-4455-6677-8899-aabbccddeeff</uuid><cpu><arch>x86_64</"
                "arch>"
                "<model>kvm64</model><vendor>AMD</vendor><topology sockets='1' dies='1' cores='2' "
                "threads='1'/>"
                "<feature name='sse4.1'/><pages unit='KiB' size='4'/></cpu><power_management/><iommu "
                "support='no'/>"
                "<migration_features><live/><uri_transports><uri_transport>tcp</uri_transport></"
                "uri_transports>"
                "</migration_features><topology><cells num='1'><cell id='0'><memory unit='KiB'>1024</memory>"
                "<pages unit='KiB' size='4'>256</pages><distances><sibling id='0' value='10'/></distances>"
                "<cpus num='1'><cpu id='0' socket_id='0' die_id='0' core_id='0' "
                "siblings='0'/></cpus></cell></cells>"
                "</topology><secmodel><model>dac</model><doi>0</doi><baselabel "
                "type='kvm'>+1:+2</baselabel></secmodel>"
                "</host></capabilities>";
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmCapabilities) c = parse(text, findings);
        g_assert_cmpuint(dm_findings_count(findings), ==, 0);
        const DmCapsHost *h = &c->host;
        g_assert_cmpstr(h->uuid, ==, "00112233-4455-6677-8899-aabbccddeeff");
        g_assert_cmpuint(h->cores.value, ==, 2);
        g_assert_true(h->power_management && h->live_migration && h->iommu == DM_NO);
        const DmCapsCell *cell = g_ptr_array_index(h->cells, 0);
        g_assert_cmpuint(cell->memory.value, ==, 1024 * 1024);
        g_assert_cmpstr(((DmCapsCpuId *)g_ptr_array_index(cell->cpus, 0))->siblings, ==, "0");
        g_autofree char *once = dm_capabilities_format(c);
        g_autoptr(DmCapabilities) again = parse(once, NULL);
        g_autofree char *twice = dm_capabilities_format(again);
        g_assert_cmpstr(once, ==, twice);
        g_assert_nonnull(strstr(once, "<pages size='4' unit='KiB'>256</pages>"));
}

static void capabilities_errors(void)
{
        static const char *const rows[][2] = {
                { "<capabilities><guest/></capabilities>", "missing element <os_type>" },
                { "<capabilities><guest><os_type>hvm</os_type><arch/></guest></capabilities>",
                  "missing attribute 'name'" },
                { "<domain/>", "domain" },
                { "<capabilities", "" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmCapabilities) c =
                        dm_capabilities_parse(rows[i][0], strlen(rows[i][0]), NULL, &error);
                g_assert_null(c);
                g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_XML);
                g_assert_nonnull(strstr(error->message, rows[i][1]));
        }
}

/* ---- <domainCapabilities> ---- */

static const char domcaps[] = "<domainCapabilities>\n"
                              "  <path>/q</path>\n"
                              "  <domain>kvm</domain>\n"
                              "  <machine>pc</machine>\n"
                              "  <arch>x86_64</arch>\n"
                              "  <vcpu max='255'/>\n"
                              "  <iothreads supported='no'/>\n"
                              "  <os supported='yes'>\n"
                              "    <enum name='firmware'/>\n"
                              "    <loader supported='yes'>\n"
                              "      <value>/fw</value>\n"
                              "      <enum name='type'>\n"
                              "        <value>rom</value>\n"
                              "      </enum>\n"
                              "    </loader>\n"
                              "  </os>\n"
                              "  <cpu>\n"
                              "    <mode name='host-model' supported='yes'>\n"
                              "      <model fallback='forbid'>EPYC</model>\n"
                              "      <vendor>AMD</vendor>\n"
                              "      <feature policy='require' name='vme'/>\n"
                              "    </mode>\n"
                              "    <mode name='custom' supported='yes'>\n"
                              "      <model usable='no' vendor='Intel' deprecated='yes'>n270</model>\n"
                              "    </mode>\n"
                              "  </cpu>\n"
                              "  <devices>\n"
                              "    <disk supported='yes'>\n"
                              "      <enum name='bus'>\n"
                              "        <value>ide</value>\n"
                              "        <value>scsi</value>\n"
                              "      </enum>\n"
                              "    </disk>\n"
                              "    <tpm supported='no'/>\n"
                              "  </devices>\n"
                              "  <features>\n"
                              "    <gic supported='no'/>\n"
                              "    <sev supported='yes'>\n"
                              "      <cbitpos>51</cbitpos>\n"
                              "    </sev>\n"
                              "  </features>\n"
                              "</domainCapabilities>\n";

static void domain_capabilities(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmDomainCapabilities) d =
                dm_domain_capabilities_parse(domcaps, strlen(domcaps), findings, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(dm_findings_count(findings), ==, 0);
        g_autofree char *text = dm_domain_capabilities_format(d);
        g_assert_cmpstr(text, ==, domcaps);
        g_assert_true(dm_domcaps_has(d->disk.enums, "bus", "scsi"));
        g_assert_false(dm_domcaps_has(d->disk.enums, "bus", "usb"));
        g_assert_false(dm_domcaps_has(d->disk.enums, "model", "virtio"));
        g_assert_cmpint(d->tpm.supported, ==, DM_NO);
        g_assert_cmpint(d->video.supported, ==, DM_YES_NO_UNSET);
        g_assert_cmpuint(d->sev_cbitpos.value, ==, 51);
        g_assert_cmpstr(dm_domcaps_mode(d, "host-model")->vendor, ==, "AMD");
        g_assert_null(dm_domcaps_mode(d, "maximum"));
}

static void building(void)
{
        g_autoptr(DmDomainCapabilities) d = dm_domain_capabilities_new();
        dm_domcaps_support(&d->rng, TRUE);
        DmDomcapsEnum *e = dm_domcaps_enum(&d->rng.enums, "model");
        dm_domcaps_add(e, "virtio");
        g_assert_true(dm_domcaps_enum(&d->rng.enums, "model") == e);
        dm_domcaps_enum(&d->rng.enums, "backendModel");
        g_autofree char *text = dm_domain_capabilities_format(d);
        g_assert_cmpstr(
                text, ==,
                "<domainCapabilities>\n  <devices>\n    <rng supported='yes'>\n      <enum name='model'>\n"
                "        <value>virtio</value>\n      </enum>\n      <enum name='backendModel'/>\n"
                "    </rng>\n  </devices>\n</domainCapabilities>\n");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/conf/capabilities/both-orders", both_orders);
        g_test_add_func("/conf/capabilities/inheritance", inheritance);
        g_test_add_func("/conf/capabilities/host", host_details);
        g_test_add_func("/conf/capabilities/errors", capabilities_errors);
        g_test_add_func("/conf/domain-capabilities/document", domain_capabilities);
        g_test_add_func("/conf/domain-capabilities/building", building);
        return g_test_run();
}
