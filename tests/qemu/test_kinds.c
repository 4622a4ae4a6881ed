/* The kinds of devices beyond disks, lines, cards and displays: what is filled in, where they go, what is
 * refused and how.  Their command lines are goldens (test_build.c). */
#include "conf/domain_audio.h"
#include "conf/domain_graphics.h"
#include "plan_fixture.h"

#define PC  "x86_64-7.2", "pc"
#define Q35 "x86_64-7.2", "q35"

#define PCI_SOURCE  "<source><address bus='6' slot='18' function='5'/></source>"
#define MDEV_SOURCE "<source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source>"
#define SCSI_SOURCE "<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source>"
#define SHARE       "<source dir='/x'/><target dir='t'/>"
#define TPM         "<tpm><backend type='passthrough'/></tpm>"
#define PROXY       "<tpm model='spapr-tpm-proxy'><backend type='passthrough'/></tpm>"
#define NONE        "<memballoon model='none'/>"

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

/* ---- graphics ---- */

static void test_generated_socket(void)
{
        g_autoptr(DmPlan) p =
                good_plan(PC, "",
                          "<graphics type='vnc' socket='/var/lib/libvirt/qemu/domain-3-t/vnc.sock'/>"
                          "<graphics type='spice'><listen type='socket' "
                          "socket='/mine/domain-3-t/vnc.sock'/></graphics>");
        const DmGraphics *vnc = dm_domain_device(p->domain, DM_DEVICE_GRAPHICS, 0),
                         *spice = dm_domain_device(p->domain, DM_DEVICE_GRAPHICS, 1);
        const DmListen *first = g_ptr_array_index(vnc->listens, 0),
                       *second = g_ptr_array_index(spice->listens, 0);
        g_assert_cmpint(first->type, ==, DM_LISTEN_SOCKET);
        g_assert_null(first->socket);
        g_assert_null(vnc->socket);
        g_assert_cmpstr(second->socket, ==, "/mine/domain-3-t/vnc.sock");
}

static void test_spice_listens(void)
{
        g_autoptr(DmPlan) p = good_plan(PC, "", "<graphics type='spice' listen='127.0.0.1'/>");
        const DmGraphics *g = dm_domain_device(p->domain, DM_DEVICE_GRAPHICS, 0);
        const DmListen *l = g_ptr_array_index(g->listens, 0);
        /* Neither a port nor the wish for a free one. */
        g_assert_cmpint(l->type, ==, DM_LISTEN_NONE);
        g_assert_null(l->address);
        g_autoptr(DmPlan) q = good_plan(PC, "", "<graphics type='spice' port='-1' tlsPort='-1'/>");
        const DmGraphics *h = dm_domain_device(q->domain, DM_DEVICE_GRAPHICS, 0);
        g_assert_cmpint(h->autoport, ==, DM_YES);
        g_assert_false(h->port.set);
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
        { "graphics/rdp", PC, "", "<graphics type='rdp' port='3389'/>",
          "graphics rdp: '/usr/bin/qemu-system-x86_64' (QEMU 7.2.0) has no graphics of type 'rdp'" },
        { "graphics/spice", "x86_64-5.0", "pc", "", "<graphics type='spice' autoport='yes'/>",
          "graphics spice: '/usr/bin/qemu-system-x86_64' (QEMU 5.0.0) has no graphics of type 'spice'" },
        { "memory/room", PC, "", "<memory model='dimm'><target><size unit='MiB'>2</size></target></memory>",
          "memory modules need <maxMemory slots=>" },
        { "memory/sum", PC, "<maxMemory slots='1' unit='MiB'>64</maxMemory>",
          "<memory model='dimm'><target><size unit='MiB'>65</size></target></memory>",
          "memory dimm: all memory together is more than <maxMemory> allows" },
        { "memory/slots", PC, "<maxMemory slots='1' unit='MiB'>640</maxMemory>",
          "<memory model='dimm'><target><size unit='MiB'>2</size></target></memory>"
          "<memory model='dimm'><target><size unit='MiB'>2</size></target></memory>",
          "no memory slot is left; raise <maxMemory slots='1'>" },
        { "memory/slot", PC, "<maxMemory slots='1' unit='MiB'>640</maxMemory>",
          "<memory model='dimm'><target><size unit='MiB'>2</size></target><address type='dimm' "
          "slot='1'/></memory>",
          "slot 1 does not exist: <maxMemory slots='1'>" },
        { "memory/cell", PC, "<maxMemory slots='1' unit='MiB'>640</maxMemory>",
          "<memory model='dimm'><target><size unit='MiB'>2</size><node>1</node></target></memory>",
          "the guest has no NUMA cell 1" },
        { "memory/label", "ppc64-7.2", "pseries", "<maxMemory slots='1' unit='MiB'>6400</maxMemory>",
          "<memory model='nvdimm'><source><path>/n</path></source><target><size "
          "unit='MiB'>512</size></target></memory>",
          "NVDIMMs of pseries need a <label>" },
        { "memory/s390x", "s390x-6.0", "s390-ccw-virtio-6.0",
          "<maxMemory slots='1' unit='MiB'>640</maxMemory>",
          "<memory model='dimm'><target><size unit='MiB'>2</size></target></memory>",
          "machine 's390-ccw-virtio-6.0' has no memory slots" },
        { "hostdev/capabilities", PC, "", "<hostdev mode='capabilities' type='misc'/>",
          "hostdev misc: mode='capabilities' is for containers" },
        { "hostdev/kvm", PC, "", "<hostdev type='pci'><driver name='kvm'/>" PCI_SOURCE "</hostdev>",
          "hostdev pci: QEMU has no driver 'kvm' for them any more; use 'vfio'" },
        { "hostdev/filter", PC, "",
          "<hostdev type='pci'><source writeFiltering='no'><address bus='0' slot='1' function='0'/></source>"
          "</hostdev>",
          "writeFiltering belongs to Xen" },
        { "hostdev/no-pci", "s390x-6.0", "s390-ccw-virtio-6.0", "",
          "<hostdev type='mdev' model='vfio-pci'>" MDEV_SOURCE "<address type='ccw'/></hostdev>",
          "it cannot have an address of type 'ccw'" },
        { "hostdev/sgio", PC, "", "<hostdev type='scsi' sgio='unfiltered'>" SCSI_SOURCE "</hostdev>",
          "kernels know unfiltered commands no more" },
        { "hostdev/rawio", PC, "", "<hostdev type='scsi' rawio='yes'>" SCSI_SOURCE "</hostdev>",
          "QEMU is not given the right to raw I/O" },
        { "hostdev/wwpn", PC, "",
          "<hostdev type='scsi_host'><source protocol='vhost' wwpn='naa.512345678'/></hostdev>",
          "'naa.512345678' is not naa. and 16 hexadecimal digits" },
        { "hostdev/ap-on-pc", PC, "", "<hostdev type='mdev' model='vfio-ap'>" MDEV_SOURCE "</hostdev>",
          "machine 'pc-i440fx-7.2' cannot have a 'vfio-ap'" },
        { "hostdev/two-ap", "s390x-6.0", "s390-ccw-virtio-6.0", "",
          "<hostdev type='mdev' model='vfio-ap'>" MDEV_SOURCE
          "</hostdev><hostdev type='mdev' model='vfio-ap'>"
          "<source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dd'/></source></hostdev>",
          "a guest has one device of model 'vfio-ap' at most" },
        { "hostdev/display", PC, "",
          "<hostdev type='mdev' model='vfio-pci' display='on'>" MDEV_SOURCE "</hostdev>",
          "display='on' needs <graphics>" },
        { "filesystem/type", PC, "",
          "<filesystem type='file'><source file='/x'/><target dir='t'/></filesystem>",
          "filesystem t: type 'file' is for containers; use 'mount' and a directory" },
        { "filesystem/driver", PC, "", "<filesystem><driver type='loop'/>" SHARE "</filesystem>",
          "the driver 'loop' is for containers; use 'path' or 'virtiofs'" },
        { "filesystem/handle", PC, "",
          "<filesystem accessmode='mapped'><driver type='handle'/>" SHARE "</filesystem>",
          "driver 'handle' knows accessmode='passthrough' only" },
        { "filesystem/queue", PC, "", "<filesystem><driver queue='4'/>" SHARE "</filesystem>",
          "a queue size needs driver 'virtiofs'" },
        { "filesystem/format", PC, "", "<filesystem><driver format='raw'/>" SHARE "</filesystem>",
          "a format is for containers" },
        { "filesystem/limit", PC, "",
          "<filesystem>" SHARE "<space_hard_limit unit='bytes'>1</space_hard_limit></filesystem>",
          "limits of space are for containers" },
        { "filesystem/readonly", PC, "",
          "<filesystem><driver type='virtiofs'/>" SHARE "<readonly/></filesystem>",
          "virtiofs cannot be read-only" },
        { "filesystem/virtiofs-model", PC, "",
          "<filesystem model='virtio-transitional'><driver type='virtiofs'/>" SHARE "</filesystem>",
          "virtiofs has no model 'virtio-transitional'" },
        { "filesystem/boot", PC, "",
          "<filesystem><driver type='virtiofs'/>" SHARE "<boot order='1'/></filesystem>",
          "QEMU 7.2.0 cannot boot from virtiofs" },
        { "filesystem/memory", PC, "", "<filesystem><driver type='virtiofs'/>" SHARE "</filesystem>",
          "<memoryBacking> needs <access mode='shared'/>" },
        { "tpm/crb-on-arm", "aarch64-7.2", "virt", "",
          "<tpm model='tpm-crb'><backend type='emulator'/></tpm>",
          "tpm tpm-crb: machine 'virt-7.2' cannot have a 'tpm-crb'" },
        { "tpm/spapr-on-pc", PC, "", "<tpm model='tpm-spapr'><backend type='emulator'/></tpm>",
          "cannot have a 'tpm-spapr'" },
        { "tpm/two", PC, "", TPM TPM, "tpm tpm-tis: a guest has one TPM at most" },
        { "tpm/two-proxies", "ppc64-7.2", "pseries", "", PROXY PROXY, "a guest has one TPM proxy at most" },
        { "redir/spice", PC, "", "<redirdev type='spicevmc'/>",
          "redirdev: type 'spicevmc' needs <graphics type='spice'>" },
        { "smartcard/spice", PC, "", "<smartcard mode='passthrough' type='spicevmc'/>",
          "smartcard passthrough: type 'spicevmc' needs <graphics type='spice'>" },
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
        { "iommu/root-bus", Q35, "<features><acpi/></features>", "<iommu model='virtio'/>", DM_DEVICE_IOMMU,
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
        { "hostdev/pci", Q35, "", NONE "<hostdev type='pci'>" PCI_SOURCE "</hostdev>", DM_DEVICE_HOSTDEV,
          "<hostdev mode='subsystem' type='pci' managed='no'>"
          "<source><address domain='0x0000' bus='0x06' slot='0x12' function='0x5'/></source>"
          "<alias name='hostdev0'/>"
          "<address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></hostdev>" },
        { "hostdev/usb", PC, "",
          "<hostdev type='usb'><source><address bus='1' device='2'/></source></hostdev>", DM_DEVICE_HOSTDEV,
          "<hostdev mode='subsystem' type='usb' managed='no'>"
          "<source><address bus='1' device='2'/></source><alias name='hostdev0'/>"
          "<address type='usb' bus='0' port='1'/></hostdev>" },
        { "hostdev/mdev", PC, "", NONE "<hostdev type='mdev' model='vfio-pci'>" MDEV_SOURCE "</hostdev>",
          DM_DEVICE_HOSTDEV,
          "<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci' display='off'>" MDEV_SOURCE
          "<alias name='hostdev0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></hostdev>" },
        { "hostdev/ccw", "s390x-6.0", "s390-ccw-virtio-6.0", "",
          "<hostdev type='mdev' model='vfio-ccw'>" MDEV_SOURCE "</hostdev>", DM_DEVICE_HOSTDEV,
          "<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-ccw'>" MDEV_SOURCE
          "<alias name='hostdev0'/><address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0000'/></hostdev>" },
        /* Behind the disk on the only adapter, which is added. */
        { "hostdev/scsi", PC, "",
          "<disk type='file' device='disk'><source file='/x'/><target dev='sda' bus='scsi'/></disk>"
          "<hostdev type='scsi'>" SCSI_SOURCE "</hostdev>",
          DM_DEVICE_HOSTDEV,
          "<hostdev mode='subsystem' type='scsi' managed='no'>" SCSI_SOURCE "<alias name='hostdev0'/>"
          "<address type='drive' controller='0' bus='0' target='0' unit='1'/></hostdev>" },
        { "hostdev/scsi-full", PC, "",
          "<disk type='file' device='disk'><source file='/x'/><target dev='sdg' bus='scsi'/></disk>"
          "<hostdev type='scsi'>" SCSI_SOURCE
          "<address type='drive' controller='1' bus='0' target='0' unit='0'/></hostdev>",
          DM_DEVICE_CONTROLLER,
          "<controller type='scsi' index='1' model='lsilogic'><alias name='scsi1'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/></controller>" },
        { "filesystem", PC, "", NONE "<filesystem>" SHARE "</filesystem>", DM_DEVICE_FILESYSTEM,
          "<filesystem type='mount' accessmode='passthrough'>" SHARE "<alias name='fs0'/>"
          "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></filesystem>" },
        { "tpm/pc", PC, "", "<tpm><backend type='emulator'/></tpm>", DM_DEVICE_TPM,
          "<tpm model='tpm-tis'><backend type='emulator' version='1.2'/><alias name='tpm0'/></tpm>" },
        { "tpm/crb", PC, "", "<tpm model='tpm-crb'><backend type='emulator'/></tpm>", DM_DEVICE_TPM,
          "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/><alias name='tpm0'/></tpm>" },
        { "tpm/arm", "aarch64-7.2", "virt", "", "<tpm><backend type='emulator'/></tpm>", DM_DEVICE_TPM,
          "<tpm model='tpm-tis'><backend type='emulator' version='2.0'/><alias name='tpm0'/></tpm>" },
        { "tpm/spapr", "ppc64-7.2", "pseries", "", "<tpm><backend type='emulator'/></tpm>", DM_DEVICE_TPM,
          "<tpm model='tpm-spapr'><backend type='emulator' version='2.0'/><alias name='tpm0'/>"
          "<address type='spapr-vio' reg='0x00004000'/></tpm>" },
        { "tpm/proxy", "ppc64-7.2", "pseries", "", TPM, DM_DEVICE_TPM,
          "<tpm model='spapr-tpm-proxy'><backend type='passthrough'><device path='/dev/tpm0'/></backend>"
          "<alias name='tpm0'/></tpm>" },
        { "redirdev", PC, "", "<redirdev type='null'/>", DM_DEVICE_REDIRDEV,
          "<redirdev bus='usb' type='null'><alias name='redir0'/>"
          "<address type='usb' bus='0' port='1'/></redirdev>" },
        { "smartcard", PC, "", "<smartcard mode='host'/>", DM_DEVICE_SMARTCARD,
          "<smartcard mode='host'><alias name='smartcard0'/>"
          "<address type='ccid' controller='0' slot='0'/></smartcard>" },
        { "smartcard/reader", PC, "", "<smartcard mode='host'/>", DM_DEVICE_CONTROLLER,
          "<controller type='ccid' index='0'><alias name='ccid0'/>"
          "<address type='usb' bus='0' port='1'/></controller>" },
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
        g_test_add_func("/qemu/kinds/graphics/generated-socket", test_generated_socket);
        g_test_add_func("/qemu/kinds/graphics/spice-listens", test_spice_listens);
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
