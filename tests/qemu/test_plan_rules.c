/* Rules between a document and the board that it is for: each row breaks one, and is told so at the place of
 * the value. */
#include "address_fixture.h"

static const struct {
        const char *name, *arch, *machine, *type, *head, *devices, *path, *message;
} rows[] = {
        { "disk-addr-lsi-target", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='scsi'/><address type='drive' controller='0' bus='0' target='1' "
          "unit='1'/></disk><controller type='scsi' model='lsilogic'/>",
          "/domain/devices/disk[1]/address/@target",
          "disk sda: the target must be 0 on a controller of model 'lsilogic', not 1" },
        { "disk-addr-lsi-unit", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='scsi'/><address type='drive' controller='0' bus='0' target='0' "
          "unit='8'/></disk><controller type='scsi' model='lsilogic'/>",
          "/domain/devices/disk[1]/address/@unit",
          "disk sda: the unit must be at most 7 on a controller of model 'lsilogic', not 8" },
        { "ctl-2fdc", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<controller type='fdc' index='0'></controller><controller type='fdc' index='1'></controller>",
          "/domain/devices/controller[2]/@index", "controller fdc:" },
        { "ctl-tindex-dup", "ppc64", "pseries-7.2", "kvm", "",
          "<controller type='pci' index='0' model='pci-root'><target index='0'/></controller><controller "
          "type='pci' index='1' model='pci-root'><target index='2'/></controller><controller type='pci' "
          "index='2' model='pci-root'><target index='2'/></controller>",
          "/domain/devices/controller[3]/target/@index",
          "controller pci: the target index 2 is given twice" },
        { "addr-unassigned-if", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<interface type='user'><address type='unassigned'/><model type='virtio'/></interface>",
          "/domain/devices/interface[1]/address",
          "interface 52:54:00:72:13:b8: an address of type 'unassigned' is for devices of the host only" },
        { "addr-zpci-pc", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<interface type='user'><address type='pci' slot='5'><zpci uid='1' fid='1'/></address><model "
          "type='virtio'/></interface>",
          "/domain/devices/interface[1]/address/zpci/@uid",
          "interface 52:54:00:72:13:b8: <zpci> is for s390x guests only; leave it out" },
        { "if-rom-s390", "s390x", "s390-ccw-virtio-7.2", "kvm", "",
          "<interface type='user'><rom bar='on'/><model type='virtio'/></interface>",
          "/domain/devices/interface[1]/rom/@bar",
          "interface 52:54:00:72:13:b8: <rom> is for PCI devices only" },
        { "vid-ramfb-2", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<video><model type='vga'></model></video><video><model type='ramfb'></model></video>",
          "/domain/devices/video[2]/model/@type",
          "video ramfb: model 'ramfb' can only be the primary <video>" },
        { "hd-zpci-pc", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<hostdev mode='subsystem' type='pci' ><source><address domain='0' bus='6' slot='2' "
          "function='0'/></source><address type='pci'><zpci uid='1'/></address></hostdev>",
          "/domain/devices/hostdev[1]/address/zpci/@uid",
          "hostdev pci: <zpci> is for s390x guests only; leave it out" },
        { "panic-hyperv-addr", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<panic model='hyperv'><address type='isa' iobase='0x505'/></panic>",
          "/domain/devices/panic[1]/address",
          "panic hyperv: a panic device of model 'hyperv' has no such address; leave <address> out" },
        { "panic-pseries-addr", "ppc64", "pseries-7.2", "kvm", "",
          "<panic model='pseries'><address type='isa' iobase='0x505'/></panic>",
          "/domain/devices/panic[1]/address",
          "panic pseries: a panic device of model 'pseries' has no such address; leave <address> out" },
        { "panic-s390-addr", "s390x", "s390-ccw-virtio-7.2", "kvm", "",
          "<panic model='s390'><address type='isa' iobase='0x505'/></panic>",
          "/domain/devices/panic[1]/address",
          "panic s390: a panic device of model 's390' has no such address; leave <address> out" },
        { "panic-isa-pci", "x86_64", "pc-i440fx-7.2", "kvm", "",
          "<panic model='isa'><address type='pci' slot='5'/></panic>", "/domain/devices/panic[1]/address",
          "panic isa: a panic device of model 'isa' has no such address; leave <address> out" },
        { "vcpu-ppc-gran", "ppc64", "pseries-7.2", "kvm",
          "<vcpu current='3'>8</vcpu><cpu><topology sockets='1' cores='2' threads='4'/></cpu>", "",
          "/domain/vcpu/@current", "plugs whole cores: 3 CPUs are no multiple of the 4 threads of a core" },
        { "cpu-s390-disable", "s390x", "s390-ccw-virtio-7.2", "kvm",
          "<cpu mode='custom' match='minimum'><model>z13</model></cpu>", "", "/domain/cpu/@match",
          "s390x guests know match='exact' only" },
        { "cpu-s390-force", "s390x", "s390-ccw-virtio-7.2", "kvm",
          "<cpu mode='custom' match='exact'><model>z13</model><feature policy='force' name='te'/></cpu>", "",
          "/domain/cpu/feature[1]/@policy",
          "s390x guests know the policies 'require' and 'disable' only, not 'force'" },
        { "cpu-aarch64-sve-disabled", "aarch64", "virt", "kvm",
          "<cpu mode='host-passthrough'><feature policy='disable' name='sve'/><feature policy='require' "
          "name='sve256'/></cpu>",
          "", "/domain/cpu/feature[2]/@name", "'sve256' is a vector length of sve, which is disabled" },
        { "cpu-aarch64-feature", "aarch64", "virt", "kvm",
          "<cpu mode='custom' match='exact'><model>cortex-a57</model><feature policy='optional' "
          "name='sve'/></cpu>",
          "", "/domain/cpu/feature[1]/@policy",
          "aarch64 guests know the policies 'require' and 'disable' only, not 'optional'" },
        { "ft-gic-x86", "x86_64", "pc-i440fx-7.2", "kvm", "<features><gic version='2'/></features>", "",
          "/domain/features/gic/@version", "<gic> is for ARM guests only, not for" },
        { "ft-ioapic-virt", "aarch64", "virt", "kvm", "<features><ioapic driver='qemu'/></features>", "",
          "/domain/features/ioapic/@driver", "<ioapic> is for x86 guests only, not for" },
        { "ft-hpt-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><hpt resizing='required'/></features>",
          "", "/domain/features/hpt/@resizing", "<hpt> is for" },
        { "ft-hpt-size", "ppc64", "pseries-7.2", "kvm",
          "<features><hpt><maxpagesize unit='KiB'>3</maxpagesize></hpt></features>", "",
          "/domain/features/hpt/maxpagesize", "the page size is a power of two from 64 KiB on" },
        { "ft-htm-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><htm state='on'/></features>", "",
          "/domain/features/htm/@state", "<htm> is for" },
        { "ft-nested-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><nested-hv state='on'/></features>",
          "", "/domain/features/nested-hv/@state", "<nested-hv> is for" },
        { "ft-ccf-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><ccf-assist state='on'/></features>", "",
          "/domain/features/ccf-assist/@state", "<ccf-assist> is for" },
        { "ft-cfpc-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><cfpc value='workaround'/></features>",
          "", "/domain/features/cfpc/@value", "<cfpc> is for" },
        { "ft-ibs-pc", "x86_64", "pc-i440fx-7.2", "kvm", "<features><ibs value='fixed-ibs'/></features>", "",
          "/domain/features/ibs/@value", "<ibs> is for" },
        { "ft-smm-virt", "aarch64", "virt", "kvm", "<features><smm state='on'/></features>", "",
          "/domain/features/smm/@state", "<smm> is for x86 guests only, not for" },
        { "ft-smm-pc-old", "ppc64", "pseries-7.2", "kvm", "<features><smm state='on'/></features>", "",
          "/domain/features/smm/@state", "<smm> is for x86 guests only, not for" },
        { "ft-tseg-frac", "x86_64", "pc-q35-7.2", "kvm",
          "<features><smm state='on'><tseg unit='KiB'>48</tseg></smm></features>", "",
          "/domain/features/smm/tseg", "the size of tseg is whole MiB, at least 1" },
        { "ft-tseg-0", "x86_64", "pc-q35-7.2", "kvm",
          "<features><smm state='on'><tseg unit='MiB'>0</tseg></smm></features>", "",
          "/domain/features/smm/tseg", "the size of tseg is whole MiB, at least 1" },
        { "ft-vmport-virt", "aarch64", "virt", "kvm", "<features><vmport state='on'/></features>", "",
          "/domain/features/vmport/@state", "<vmport> is for x86 guests only, not for" },
        { "ft-tcg-kvm", "x86_64", "pc-i440fx-7.2", "kvm",
          "<features><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>", "",
          "/domain/features/tcg/tb-cache",
          "<tb-cache> is for <domain type='qemu'>: with other accelerators nothing is translated" },
        { "ck-tsc-s390", "s390x", "s390-ccw-virtio-7.2", "kvm",
          "<clock offset='utc'><timer name='tsc' frequency='1000'/></clock>", "",
          "/domain/clock/timer[1]/@name", "the timer 'tsc' cannot be configured" },
        { "ck-pit-virt", "aarch64", "virt", "kvm",
          "<clock offset='utc'><timer name='pit' tickpolicy='delay'/></clock>", "",
          "/domain/clock/timer[1]/@name", "the timer 'pit' cannot be configured" },
        { "ck-kvmclock-s390", "s390x", "s390-ccw-virtio-7.2", "kvm",
          "<clock offset='utc'><timer name='kvmclock' present='yes'/></clock>", "",
          "/domain/clock/timer[1]/@name", "the timer 'kvmclock' cannot be configured" },
        { "ck-armv-pc", "x86_64", "pc-i440fx-7.2", "kvm",
          "<clock offset='utc'><timer name='armvtimer' tickpolicy='discard'/></clock>", "",
          "/domain/clock/timer[1]/@name", "the timer 'armvtimer' cannot be configured" },
        { "ck-platform", "x86_64", "pc-i440fx-7.2", "kvm",
          "<clock offset='utc'><timer name='platform'/></clock>", "", "/domain/clock/timer[1]/@name",
          "QEMU has no timer 'platform'; leave it out" },
};

static void test_rule(gconstpointer data)
{
        gsize n = GPOINTER_TO_SIZE(data);
        const FixtureBoard b = { rows[n].arch, rows[n].machine, .head = rows[n].head, .type = rows[n].type };
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_on(&b, rows[n].devices, &error);
        g_assert_null(p);
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        if (!strstr(error->message, rows[n].message))
                g_error("'%s' has no '%s'", error->message, rows[n].message);
        g_assert_cmpstr(dm_error_path(error), ==, rows[n].path);
        g_assert_cmpuint(dm_error_line(error), >, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("/qemu/rules/%s", rows[i].name);
                g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_rule);
        }
        return g_test_run();
}
