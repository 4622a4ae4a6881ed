/* The kinds of devices beyond disks, lines, cards and displays: what is filled in, where they go, what is
 * refused and how.  Their command lines are goldens (test_build.c). */
#include "conf/domain_audio.h"
#include "plan_fixture.h"

#define PC  "x86_64-7.2", "pc"
#define Q35 "x86_64-7.2", "q35"

static char *document(const char *caps, const char *machine, const char *more, const char *devices)
{
        g_autofree char *arch = g_strndup(caps, strcspn(caps, "-"));
        return g_strdup_printf(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='%s' machine='%s'>hvm</type></os>%s"
                "<devices>%s</devices></domain>",
                arch, machine, more, devices);
}

/* As a guest is planned when it is started, with what the board and the devices imply. */
static DmPlan *whole_plan(const char *caps, const char *machine, const char *more, const char *devices,
                          GError **error)
{
        g_autofree char *text = document(caps, machine, more, devices);
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        g_autoptr(DmFindings) findings = dm_findings_new();
        p->domain = fixture_domain(text);
        p->caps = fixture_caps(caps);
        p->arch = dm_arch_find(p->domain->os.arch);
        p->machine = dm_caps_machine(p->caps, p->domain->os.machine);
        g_assert_nonnull(p->machine);
        p->board_name = g_strdup(p->machine->name);
        p->board = dm_board_find(p->arch->name, p->board_name);
        p->accel = DM_ACCEL_TCG;
        if (!dm_plan_defaults(p, NULL, 0, findings, error) || !dm_plan_addresses(p, findings, error) ||
            !dm_plan_aliases(p, error) || !dm_plan_check(p, NULL, error))
                return NULL;
        return g_steal_pointer(&p);
}

static DmPlan *good_plan(const char *caps, const char *machine, const char *more, const char *devices)
{
        g_autoptr(GError) error = NULL;
        DmPlan *p = whole_plan(caps, machine, more, devices, &error);
        g_assert_no_error(error);
        return p;
}

/* ---- refusals ---- */

typedef struct Refusal {
        const char *name, *caps, *machine, *more, *devices, *expected;
} Refusal;

static const Refusal refusals[] = {
        { "sound/ich7", PC, "", "<sound model='ich7'/>", "sound ich7: QEMU has no sound card 'ich7'" },
        { "sound/speaker", "aarch64-7.2", "virt", "", "<sound model='pcspk'/>",
          "machine 'virt-7.2' has no PC speaker" },
        { "sound/isa", "aarch64-7.2", "virt", "", "<sound model='sb16'/>",
          "machine 'virt-7.2' has no ISA bus" },
        { "audio/two", "x86_64-2.8", "pc", "", "<audio id='1' type='none'/><audio id='2' type='alsa'/>",
          "audio alsa: QEMU 2.8.0 can have one audio backend only; 4.2 is the first with more" },
        { "audio/settings", "x86_64-2.8", "pc", "", "<audio id='1' type='alsa'><input voices='1'/></audio>",
          "audio alsa: QEMU 2.8.0 cannot be told settings of a backend; 4.2 is the first" },
        { "iommu/board", PC, "", "<iommu model='intel'/>",
          "iommu intel: machine 'pc-i440fx-7.2' cannot have an IOMMU 'intel'" },
        { "iommu/arm-on-pc", Q35, "", "<iommu model='smmuv3'/>", "cannot have an IOMMU 'smmuv3'" },
        { "iommu/intel-on-arm", "aarch64-7.2", "virt", "", "<iommu model='intel'/>",
          "machine 'virt-7.2' cannot have an IOMMU 'intel'" },
        { "iommu/eim", Q35, "", "<iommu model='intel'><driver intremap='on' eim='on'/></iommu>",
          "iommu intel: QEMU has it with kvm only; leave eim out" },
        { "iommu/bypass", "x86_64-6.0", "q35", "", "<iommu model='virtio'/>",
          "QEMU 6.0.0 cannot boot behind a virtio IOMMU; 7.0 is the first" },
        { "nvram/board", PC, "", "<nvram/>", "machine 'pc-i440fx-7.2' has no such memory; pseries has" },
        { "vsock/board", "x86_64-7.2", "isapc", "", "<vsock/>",
          "vsock: it is a PCI device, and machine 'isapc'" },
        { "crypto/backend", PC, "", "<crypto model='virtio' type='qemu'><backend model='lkcf'/></crypto>",
          "(QEMU 7.2.0) has no 'cryptodev-backend-lkcf'" },
        { "crypto/queues", PC, "",
          "<crypto model='virtio' type='qemu'><backend model='builtin' queues='2'/></crypto>",
          "the built-in backend has one queue only" },
        { "shmem/old", PC, "", "<shmem name='s'/>", "shmem s: QEMU has no 'ivshmem' any more" },
        { "shmem/server", PC, "", "<shmem name='s'><model type='ivshmem-doorbell'/><server/></shmem>",
          "<server> needs a path here" },
        { "lease", PC, "", "<lease><key>k</key><target path='/l'/></lease>",
          "lease k: there is no lock manager that could hold it" },
};

static void test_refusal(gconstpointer data)
{
        const Refusal *r = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = whole_plan(r->caps, r->machine, r->more, r->devices, &error);
        g_assert_null(p);
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        if (!strstr(error->message, r->expected))
                g_error("message: %s\nexpected: %s", error->message, r->expected);
        g_assert_nonnull(dm_error_path(error));
        g_assert_true(g_str_has_prefix(dm_error_path(error), "/domain/devices/"));
}

/* ---- what is filled in ---- */

typedef struct Given {
        const char *name, *caps, *machine, *more, *devices;
        DmDeviceKind kind;    /* of the device that is looked at: the last of its kind */
        const char *expected; /* its element, without blanks at the ends of lines */
} Given;

static const Given givens[] = {
        { "audio/none", PC, "", "", DM_DEVICE_AUDIO, "<audio id='1' type='none'/>" },
        { "audio/vnc", PC, "", "<graphics type='vnc'/>", DM_DEVICE_AUDIO, "<audio id='1' type='none'/>" },
        { "audio/kept", PC, "", "<audio id='5' type='alsa'/>", DM_DEVICE_AUDIO,
          "<audio id='5' type='alsa'/>" },
        { "sound/pci", PC, "", "<sound model='es1370'/>", DM_DEVICE_SOUND,
          "<sound model='es1370'><alias name='sound0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></sound>" },
        { "sound/chipset", Q35, "", "<sound model='ich9'/>", DM_DEVICE_SOUND,
          "<sound model='ich9'><alias name='sound0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x1b' function='0x0'/></sound>" },
        { "sound/second", Q35, "", "<sound model='ich9'/><sound model='ich9'/>", DM_DEVICE_SOUND,
          "<sound model='ich9'><alias name='sound1'/>"
          "<address type='pci' domain='0x0000' bus='0x02' slot='0x01' function='0x0'/></sound>" },
        { "sound/usb", PC, "", "<sound model='usb'/>", DM_DEVICE_SOUND,
          "<sound model='usb'><alias name='sound0'/><address type='usb' bus='0' port='1'/></sound>" },
        { "sound/isa", PC, "", "<sound model='sb16'/>", DM_DEVICE_SOUND,
          "<sound model='sb16'><alias name='sound0'/></sound>" },
        { "iommu/root-bus", Q35, "", "<iommu model='virtio'/>", DM_DEVICE_IOMMU,
          "<iommu model='virtio'><alias name='iommu0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></iommu>" },
        { "nvram/spapr", "ppc64-7.2", "pseries", "", "<nvram/>", DM_DEVICE_NVRAM,
          "<nvram><alias name='nvram'/><address type='spapr-vio' reg='0x00003000'/></nvram>" },
        { "vsock/auto", PC, "", "<vsock/>", DM_DEVICE_VSOCK,
          "<vsock model='virtio'><cid auto='yes'/><alias name='vsock0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/></vsock>" },
        { "vsock/given", "s390x-6.0", "s390-ccw-virtio-6.0", "", "<vsock><cid address='5'/></vsock>",
          DM_DEVICE_VSOCK,
          "<vsock model='virtio'><cid auto='no' address='5'/><alias name='vsock0'/>"
          "<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/></vsock>" },
        { "shmem/plain", PC, "", "<shmem name='s'><model type='ivshmem-plain'/></shmem>", DM_DEVICE_SHMEM,
          "<shmem name='s' role='peer'><model type='ivshmem-plain'/><size unit='M'>4</size>"
          "<alias name='shmem0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/></shmem>" },
        { "shmem/doorbell", PC, "",
          "<shmem name='s'><model type='ivshmem-doorbell'/><server path='/s'/></shmem>", DM_DEVICE_SHMEM,
          "<shmem name='s' role='peer'><model type='ivshmem-doorbell'/><server path='/s'/>"
          "<msi ioeventfd='on'/><alias name='shmem0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/></shmem>" },
};

/* Without line breaks and what indents. */
static char *joined(const char *xml)
{
        g_auto(GStrv) lines = g_strsplit(xml, "\n", -1);
        for (char **l = lines; *l; l++)
                g_strstrip(*l);
        return g_strjoinv("", lines);
}

static void test_given(gconstpointer data)
{
        const Given *g = data;
        g_autoptr(DmPlan) p = good_plan(g->caps, g->machine, g->more, g->devices);
        unsigned n = dm_domain_count(p->domain, g->kind);
        g_assert_cmpuint(n, >, 0);
        const DmDevice *device = dm_domain_device(p->domain, g->kind, n - 1);
        g_autofree char *xml = dm_xml_format(dm_device_schema(g->kind), device, DM_XML_FORMAT_RUNTIME);
        g_autofree char *text = joined(xml);
        g_assert_cmpstr(text, ==, g->expected);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
                g_autofree char *name = g_strconcat("/qemu/kinds/refused/", refusals[i].name, NULL);
                g_test_add_data_func(name, &refusals[i], test_refusal);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(givens); i++) {
                g_autofree char *name = g_strconcat("/qemu/kinds/given/", givens[i].name, NULL);
                g_test_add_data_func(name, &givens[i], test_given);
        }
        return g_test_run();
}
