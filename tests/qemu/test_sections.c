/* Options above the devices, one by one: what a section of the document becomes, on which emulator. */
#include "plan_fixture.h"

#define NOW 1234567890 /* 2009-02-13T23:31:30 UTC */

typedef struct Row {
        const char *name, *caps, *machine;
        const char *head;   /* elements of <domain> */
        const char *option; /* the first such option … */
        const char *value;  /* … has this value; NULL: there is none such */
} Row;

#define PC  "x86_64-7.2", "pc"
#define Q35 "x86_64-7.2", "q35"

static const Row rows[] = {
        /* time */
        { "rtc/default", PC, "", "-rtc", "base=utc" },
        { "rtc/utc", PC, "<clock offset='utc'/>", "-rtc", "base=utc" },
        { "rtc/utc-adjusted", PC, "<clock offset='utc' adjustment='90'/>", "-rtc",
          "base=2009-02-13T23:33:00" },
        { "rtc/utc-reset", PC, "<clock offset='utc' adjustment='reset'/>", "-rtc", "base=utc" },
        { "rtc/localtime", PC, "<clock offset='localtime'/>", "-rtc", "base=localtime" },
        { "rtc/timezone", PC, "<clock offset='timezone' timezone='Asia/Tokyo'/>", "-rtc", "base=localtime" },
        { "rtc/variable", PC, "<clock offset='variable' adjustment='-86400' basis='utc'/>", "-rtc",
          "base=2009-02-12T23:31:30" },
        { "rtc/variable-local", PC, "<clock offset='variable' adjustment='0' basis='localtime'/>", "-rtc",
          "base=2009-02-14T01:31:30" },
        { "rtc/absolute", PC, "<clock offset='absolute' start='0'/>", "-rtc", "base=1970-01-01T00:00:00" },
        { "rtc/catchup", PC, "<clock offset='utc'><timer name='rtc' tickpolicy='catchup'/></clock>", "-rtc",
          "base=utc,driftfix=slew" },
        { "rtc/wall", PC, "<clock offset='utc'><timer name='rtc' track='wall'/></clock>", "-rtc",
          "base=utc,clock=host" },
        { "pit/delay", PC, "<clock offset='utc'><timer name='pit' tickpolicy='delay'/></clock>", "-global",
          "kvm-pit.lost_tick_policy=delay" },
        { "pit/discard", PC, "<clock offset='utc'><timer name='pit' tickpolicy='discard'/></clock>",
          "-global", "kvm-pit.lost_tick_policy=discard" },
        { "pit/catchup", PC, "<clock offset='utc'><timer name='pit' tickpolicy='catchup'/></clock>",
          "-global", NULL },
        { "hpet/off", PC, "<clock offset='utc'><timer name='hpet' present='no'/></clock>", "-no-hpet", "" },
        { "hpet/on", PC, "<clock offset='utc'><timer name='hpet' present='yes'/></clock>", "-no-hpet", NULL },
        { "hpet/off-9", "x86_64-9.0", "pc", "<clock offset='utc'><timer name='hpet' present='no'/></clock>",
          "-no-hpet", NULL },
        { "hpet/off-9-machine", "x86_64-9.0", "pc",
          "<features><acpi/></features><clock offset='utc'><timer name='hpet' present='no'/></clock>",
          "-machine", "pc-i440fx-9.0,usb=off,dump-guest-core=off,memory-backend=pc.ram,hpet=off" },
        { "hpet/off-arm", "aarch64-7.2", "virt",
          "<clock offset='utc'><timer name='hpet' present='no'/></clock>", "-no-hpet", NULL },
        /* power */
        { "acpi/none", PC, "", "-no-acpi", "" },
        { "acpi/given", PC, "<features><acpi/></features>", "-no-acpi", NULL },
        { "acpi/none-9", "x86_64-9.0", "pc", "", "-machine",
          "pc-i440fx-9.0,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=off" },
        { "acpi/none-9-option", "x86_64-9.0", "pc", "", "-no-acpi", NULL },
        { "acpi/riscv", "riscv64-7.2", "virt", "", "-no-acpi", NULL },
        { "shutdown/default", "x86_64-5.0", "pc", "", "-no-shutdown", "" },
        { "shutdown/destroy", "x86_64-5.0", "pc", "<on_reboot>destroy</on_reboot>", "-no-reboot", "" },
        { "shutdown/destroy-but-crash", "x86_64-5.0", "pc",
          "<on_reboot>destroy</on_reboot><on_crash>preserve</on_crash>", "-no-reboot", NULL },
        { "shutdown/destroy-6.0", "x86_64-6.0", "pc", "<on_reboot>destroy</on_reboot>", "-no-shutdown", "" },
        { "sleep/q35", Q35, "<pm><suspend-to-disk enabled='no'/></pm>", "-global", "ICH9-LPC.disable_s4=1" },
        /* board */
        { "machine/core", PC, "<features><acpi/></features>", "-machine",
          "pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram" },
        { "machine/old-ram", "x86_64-5.0", "pc", "", "-machine",
          "pc-i440fx-5.0,usb=off,dump-guest-core=off" },
        { "machine/ps2", Q35, "<features><ps2 state='off'/></features>", "-machine",
          "pc-q35-7.2,usb=off,i8042=off,dump-guest-core=off,memory-backend=pc.ram" },
        { "machine/gic-host", "aarch64-7.2", "virt", "<features><acpi/><gic version='host'/></features>",
          "-machine", "virt-7.2,usb=off,gic-version=host,dump-guest-core=off,memory-backend=mach-virt.ram" },
        { "machine/compat", "ppc64-7.2", "pseries", "<cpu mode='host-model'><model>power8</model></cpu>",
          "-machine",
          "pseries-7.2,usb=off,dump-guest-core=off,memory-backend=ppc_spapr.ram,max-cpu-compat=power8" },
        { "accel/tcg", PC, "", "-accel", "tcg" },
        { "accel/old", "x86_64-2.8", "pc", "<features><acpi/></features>", "-machine",
          "pc-i440fx-2.8,usb=off,dump-guest-core=off,accel=tcg" },
        { "accel/old-option", "x86_64-2.8", "pc", "", "-accel", NULL },
        /* processor */
        { "cpu/none", PC, "", "-cpu", NULL },
        { "cpu/policies", PC,
          "<cpu mode='custom'><model>qemu64</model><feature policy='force' name='a'/><feature "
          "policy='optional' name='b'/>"
          "<feature policy='forbid' name='c'/></cpu>",
          "-cpu", "qemu64,a=on,b=on,c=off" },
        { "cpu/vendor", PC, "<cpu mode='custom'><model vendor_id='GenuineIntel'>qemu64</model></cpu>", "-cpu",
          "qemu64,vendor=GenuineIntel" },
        { "cpu/max", PC, "<cpu mode='maximum'/>", "-cpu", "max" },
        { "cpu/host-model-without", PC, "<cpu mode='host-model'/>", "-cpu", "max" },
        { "cpu/spinlock", PC,
          "<features><pvspinlock state='on'/></features><cpu mode='custom'><model>qemu64</model></cpu>",
          "-cpu", "qemu64,kvm-pv-unhalt=on" },
        { "cpu/hyperv", PC,
          "<features><hyperv><relaxed state='on'/><vapic state='on'/><spinlocks state='on' retries='4096'/>"
          "<vpindex state='on'/><runtime state='off'/><synic state='on'/><stimer state='on'><direct "
          "state='on'/></stimer><reset state='on'/><vendor_id state='on' value='a b'/><frequencies "
          "state='on'/></hyperv></features><cpu mode='custom'><model>qemu64</model></cpu>",
          "-cpu",
          "qemu64,hv-relaxed=on,hv-vapic=on,hv-vpindex=on,hv-synic=on,hv-stimer=on,hv-stimer-direct=on,"
          "hv-reset=on,hv-frequencies=on,hv-spinlocks=0x1000,hv-vendor-id=a b" },
        { "cpu/hyperv-passthrough", PC,
          "<features><hyperv mode='passthrough'/></features><cpu mode='custom'><model>qemu64</model></cpu>",
          "-cpu", "qemu64,hv-passthrough=on" },
        { "cpu/cache-passthrough", PC, "<cpu mode='maximum'><cache mode='passthrough'/></cpu>", "-cpu",
          "max,host-cache-info=on,l3-cache=off" },
        { "cpu/cache-disable", PC, "<cpu mode='maximum'><cache mode='disable'/></cpu>", "-cpu",
          "max,host-cache-info=off,l3-cache=off" },
        { "cpu/address-passthrough", PC, "<cpu mode='maximum'><maxphysaddr mode='passthrough'/></cpu>",
          "-cpu", "max,host-phys-bits=on" },
        { "machine/pseries", "ppc64-7.2", "pseries",
          "<features><hpt resizing='required'><maxpagesize unit='MiB'>1</maxpagesize></hpt><cfpc "
          "value='broken'/><sbbc value='workaround'/><ibs value='fixed-ccd'/></features>",
          "-machine",
          "pseries-7.2,usb=off,dump-guest-core=off,memory-backend=ppc_spapr.ram,resize-hpt=required,"
          "cap-hpt-max-page-size=1024k,cap-cfpc=broken,cap-sbbc=workaround,cap-ibs=fixed-ccd" },
        { "cpu/power-host", "ppc64-7.2", "pseries", "<cpu mode='host-model'/>", "-cpu", "host" },
        /* memory, number of processors */
        { "smp/default", PC, "", "-smp", "1,sockets=1,cores=1,threads=1" },
        { "smp/current", PC, "<vcpu current='1'>4</vcpu>", "-smp",
          "1,maxcpus=4,sockets=4,cores=1,threads=1" },
        { "smp/plugged", PC,
          "<vcpu current='3'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/>"
          "<vcpu id='1' enabled='yes' hotpluggable='yes'/><vcpu id='2' enabled='yes' hotpluggable='no'/>"
          "<vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>",
          "-smp", "2,maxcpus=4,sockets=4,cores=1,threads=1" },
        { "smp/topology", PC, "<vcpu>8</vcpu><cpu><topology sockets='2' cores='2' threads='2'/></cpu>",
          "-smp", "8,sockets=2,dies=1,cores=2,threads=2" },
        { "smp/topology-old", "x86_64-2.8", "pc",
          "<vcpu>4</vcpu><cpu><topology sockets='1' cores='2' threads='2'/></cpu>", "-smp",
          "4,sockets=1,cores=2,threads=2" },
        { "numa/mem", "x86_64-5.0", "pc",
          "<vcpu>2</vcpu><cpu><numa><cell memory='3' unit='MiB'/></numa></cpu>", "-numa",
          "node,nodeid=0,mem=3" },
        { "numa/size", PC, "<cpu><numa><cell memory='1025'/><cell memory='1'/></numa></cpu>", "-m", "3" },
        { "memory/pages-of-usual-size", PC,
          "<memoryBacking><hugepages><page size='4'/></hugepages></memoryBacking>", "-object",
          "{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\",\"size\":67108864}" },
        { "memory/pages-default", PC, "<memoryBacking><hugepages/></memoryBacking>", "-object",
          "{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/huge/2M\",\"id\":\"pc.ram\","
          "\"x-use-canonical-path-for-ramblock-id\":false,\"prealloc\":true,\"size\":67108864}" },
        { "memory/file", PC, "<memoryBacking><source type='file'/><discard/></memoryBacking>", "-object",
          "{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/ram/pc.ram\",\"discard-data\":true,"
          "\"id\":\"pc.ram\",\"x-use-canonical-path-for-ramblock-id\":false,\"size\":67108864}" },
        { "memory/memfd-pages", PC, "<memoryBacking><hugepages/><source type='memfd'/></memoryBacking>",
          "-object",
          "{\"qom-type\":\"memory-backend-memfd\",\"hugetlb\":true,\"hugetlbsize\":2097152,\"id\":"
          "\"pc.ram\",\"x-use-canonical-path-for-ramblock-id\":false,\"size\":67108864}" },
        { "memory/anonymous", PC, "<memoryBacking><source type='anonymous'/></memoryBacking>", "-object",
          "{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\",\"size\":67108864}" },
        { "memory/nodes", PC, "<numatune><memory mode='preferred' nodeset='1'/></numatune>", "-object",
          "{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\",\"size\":67108864,\"host-nodes\":[1],"
          "\"policy\":\"preferred\"}" },
        { "memory/nodes-auto", PC, "<numatune><memory placement='auto'/></numatune>", "-object",
          "{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\",\"size\":67108864,\"host-nodes\":[0,1],"
          "\"policy\":\"bind\"}" },
        { "memory/path-option", "x86_64-5.0", "pc", "<memoryBacking><hugepages/></memoryBacking>",
          "-mem-path", "/huge/2M" },
        { "memory/path-file", "x86_64-5.0", "pc", "<memoryBacking><source type='file'/></memoryBacking>",
          "-mem-path", "/ram" },
        { "memory/prealloc-option", "x86_64-5.0", "pc",
          "<memoryBacking><allocation mode='immediate'/></memoryBacking>", "-mem-prealloc", "" },
        { "memory/locked", PC, "<memoryBacking><locked/></memoryBacking>", "-overcommit", "mem-lock=on" },
        { "memory/merge", PC, "<memoryBacking><nosharepages/></memoryBacking><features><acpi/></features>",
          "-machine", "pc-i440fx-7.2,usb=off,dump-guest-core=off,mem-merge=off,memory-backend=pc.ram" },
        { "memory/lock-option", "x86_64-2.8", "pc", "", "-realtime", "mlock=off" },
        /* booting */
        { "boot/strict", PC, "", "-boot", "strict=on" },
        { "boot/letters", "ppc-7.2", "g3beige", "", "-boot", "order=dcn,strict=on" },
        { "boot/no-letters", PC, "<os><boot dev='cdrom'/></os>", "-boot", "strict=on" },
        { "sga/device", PC, "<os><bios useserial='yes'/></os>", "-device", "{\"driver\":\"sga\"}" },
        { "loader/rom", PC, "<os><loader>/x.bin</loader></os>", "-bios", "/x.bin" },
        { "loader/stateless", PC,
          "<os><loader type='pflash' readonly='yes' stateless='yes'>/x.fd</loader></os>", "-machine",
          "pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram,pflash0=libvirt-pflash0-format" },
        { "loader/variables", PC, "<os><loader type='pflash' readonly='yes'>/x.fd</loader></os>", "-machine",
          "pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram,pflash0=libvirt-pflash0-format,"
          "pflash1=libvirt-pflash1-format" },
        /* the frame */
        { "display/none", PC, "", "-display", "none" },
        { "defaults/off", PC, "", "-nodefaults", "" },
        { "defaults/40p", "ppc-7.2", "40p", "", "-nodefaults", NULL },
        { "defaults/40p-net", "ppc-7.2", "40p", "", "-nic", "none" },
        { "audio/2.8", "x86_64-2.8", "pc", "", "-audiodev", NULL },
        { "compat/5.0", "x86_64-5.0", "pc", "<qemu:deprecation behavior='crash'/>", "-compat", NULL },
        { "compat/crash", PC, "<qemu:deprecation behavior='crash'/>", "-compat",
          "{\"deprecated-output\":\"hide\",\"deprecated-input\":\"crash\"}" },
};

/* The document of @row: <os> of its own is merged into the frame's. */
static char *document(const char *caps, const char *machine, const char *head)
{
        g_autofree char *arch = g_strndup(caps, strcspn(caps, "-"));
        g_autoptr(GString) s = g_string_new(head);
        const char *boot =
                strcmp(machine, "g3beige") ? "" : "<boot dev='cdrom'/><boot dev='hd'/><boot dev='network'/>";
        g_autofree char *type =
                g_strdup_printf("<os><type arch='%s' machine='%s'>hvm</type>%s", arch, machine, boot);
        if (!strstr(head, "<os>"))
                g_string_append_printf(s, "%s</os>", type);
        else
                g_string_replace(s, "<os>", type, 1);
        return g_strdup_printf(
                "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>t</name>"
                "<uuid>11111111-2222-4333-8444-555555555555</uuid><memory unit='MiB'>64</memory>%s"
                "<devices/></domain>",
                s->str);
}

static DmCommand *build(const char *caps, const char *machine, const char *head, GError **error)
{
        g_autofree char *text = document(caps, machine, head);
        g_autoptr(DmPlan) p = fixture_plan(text, caps, error);
        if (!p)
                return NULL;
        g_autoptr(DmCommand) c = dm_command_new("qemu");
        static const DmHugeDir huge_dirs[] = { { 2 << 20, "/huge/2M" }, { 0 } };
        DmBuild b = {
                .plan = p,
                .command = c,
                .monitor_fd = 3,
                .nvram_dir = "/nvram",
                .ram_dir = "/ram",
                .huge_dirs = huge_dirs,
                .page_size = 4096,
                .auto_nodes = "0-1",
                .now = NOW,
                .utc_offset = 7200,
        };
        return dm_build_command(&b, error) ? g_steal_pointer(&c) : NULL;
}

static void test_row(gconstpointer data)
{
        const Row *row = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmCommand) c = build(row->caps, row->machine, row->head, &error);
        g_assert_no_error(error);
        const DmCommandItem *found = NULL;
        for (gsize i = 0; i < dm_command_count(c) && !found; i++)
                if (!strcmp(dm_command_at(c, i)->option, row->option))
                        found = dm_command_at(c, i);
        if (!row->value) {
                g_assert_null(found);
                return;
        }
        g_assert_nonnull(found);
        g_assert_cmpstr(found->value ? found->value : "", ==, row->value);
}

static void test_timezone_variable(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmCommand) c =
                build("x86_64-7.2", "pc", "<clock offset='timezone' timezone='Asia/Tokyo'/>", &error);
        g_assert_no_error(error);
        g_auto(GStrv) env = dm_command_environment(c);
        g_assert_true(g_strv_contains((const char *const *)env, "TZ=Asia/Tokyo"));
}

/* ---- refusals ---- */

typedef struct Refusal {
        const char *name, *caps, *machine, *head, *expected;
} Refusal;

static const Refusal refusals[] = {
        { "rtc-boot", PC, "<clock offset='utc'><timer name='rtc' track='boot'/></clock>",
          "timer 'rtc' cannot track 'boot'" },
        { "rtc-merge", PC, "<clock offset='utc'><timer name='rtc' tickpolicy='merge'/></clock>",
          "timer 'rtc' cannot 'merge' lost ticks; use 'catchup' or 'delay'" },
        { "pit-merge", PC, "<clock offset='utc'><timer name='pit' tickpolicy='merge'/></clock>",
          "timer 'pit' cannot 'merge' lost ticks" },
        { "hpet-arm", "aarch64-7.2", "virt", "<clock offset='utc'><timer name='hpet' present='yes'/></clock>",
          "timer 'hpet' exists on PCs only" },
        { "clock-range", PC, "<clock offset='absolute' start='9223372036854775807'/>",
          "the clock's time is out of range" },
        { "passthrough", PC, "<cpu mode='host-passthrough'/>",
          "cpu mode 'host-passthrough' needs hardware virtualisation; use 'maximum'" },
        { "features-without-model", "riscv64-7.2", "virt", "<cpu><feature policy='require' name='v'/></cpu>",
          "features of the processor need a <model> of it for machine 'virt'" },
        { "too-many-cpus", "x86_64-7.2", "isapc", "<vcpu>2</vcpu>",
          "machine 'isapc' has 1 virtual CPUs at most, not 2" },
        { "pages-size", PC,
          "<memoryBacking><hugepages><page size='16' unit='MiB'/></hugepages></memoryBacking>",
          "the host has no hugetlbfs for pages of 16384 KiB; mount one with pagesize=" },
        { "pages-node", PC,
          "<memoryBacking><hugepages><page size='2' unit='MiB' nodeset='0-1'/></hugepages></memoryBacking>",
          "huge pages are given for NUMA cell 1, which the guest has not" },
        { "memfd-old", "x86_64-2.8", "pc",
          "<memoryBacking><source type='memfd'/></memoryBacking>"
          "<cpu><numa><cell memory='1024'/></numa></cpu>",
          "QEMU 2.8.0 has no memory of type 'memfd'; use 'file'" },
        { "hmat-old", "x86_64-2.8", "pc",
          "<cpu><numa><cell memory='1024'/><interconnects><latency initiator='0' target='0' type='read' "
          "value='5'/></interconnects></numa></cpu>",
          "QEMU 2.8.0 cannot tell how fast nodes are" },
        { "tseg-pc", PC, "<features><smm state='on'><tseg unit='MiB'>8</tseg></smm></features>",
          "machine 'pc-i440fx-7.2' of QEMU 7.2.0 has no <tseg>" },
        { "smbios-host", PC, "<os><smbios mode='host'/></os>",
          "<smbios mode='host'> is not supported; write what it shall show into <sysinfo>" },
        { "smbios-without", PC, "<os><smbios mode='sysinfo'/></os>", "needs <sysinfo type='smbios'>" },
        { "smbios-board", "riscv64-7.2", "virt",
          "<sysinfo type='smbios'><bios><entry name='vendor'>x</entry></bios></sysinfo><os><smbios "
          "mode='sysinfo'/></os>",
          "machine 'virt' has no SMBIOS" },
        { "smbios-uuid", PC,
          "<sysinfo type='smbios'><system><entry "
          "name='uuid'>22222222-2222-4333-8444-555555555555</entry></system></sysinfo>"
          "<os><smbios mode='sysinfo'/></os>",
          "of <sysinfo> is not the guest's, '11111111-2222-4333-8444-555555555555'" },
        { "sleep", "aarch64-7.2", "virt", "<pm><suspend-to-mem enabled='yes'/></pm>",
          "machine 'virt-7.2' has no sleep states to switch" },
        { "flash-old", "x86_64-2.8", "pc", "<os><loader type='pflash'>/x</loader></os>",
          "firmware in flash needs QEMU 4.2 or later, not 2.8.0; use type 'rom'" },
        { "main-loop", "x86_64-6.0", "pc", "<defaultiothread thread_pool_min='1'/>",
          "QEMU 6.0.0 cannot limit the threads of its main loop" },
};

static void test_refusal(gconstpointer data)
{
        const Refusal *r = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmCommand) c = build(r->caps, r->machine, r->head, &error);
        g_assert_null(c);
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        if (!strstr(error->message, r->expected))
                g_error("message: %s\nexpected: %s", error->message, r->expected);
        g_assert_nonnull(dm_error_path(error));
}

/* What the emulator lacks is missed by name. */
static void test_genid(void)
{
        g_autofree char *text =
                document("x86_64-7.2", "pc", "<genid>11111111-2222-4333-8444-555555555555</genid>");
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_plan(text, "x86_64-7.2", &error);
        g_assert_no_error(error);
        g_autoptr(DmCommand) c = dm_command_new("qemu");
        DmBuild b = { .plan = p, .command = c, .monitor_fd = 3 };
        g_assert_true(g_hash_table_remove(p->caps->types, "vmgenid"));
        g_assert_false(dm_build_command(&b, &error));
        g_assert_nonnull(
                strstr(error->message, "'/usr/bin/qemu-system-x86_64' has no <genid>; leave it out"));
}

/* ---- emulators of the -help era ---- */

#define OLD_OS "<os><type arch='x86_64' machine='pc'>hvm</type></os>"

static void test_old_refusals(void)
{
        static const struct {
                const char *caps, *head, *devices, *expected;
        } cases[] = {
                { "old-0.9.1", OLD_OS "<memoryBacking><locked/></memoryBacking>", "",
                  "has no guest memory but its own" },
                { "old-0.9.1", OLD_OS "<numatune><memory mode='strict' nodeset='0'/></numatune>", "",
                  "has no host nodes for memory" },
                { "old-0.9.1", OLD_OS "<cpu><numa><cell memory='1024'/></numa></cpu>", "",
                  "has no NUMA nodes" },
                { "old-0.9.1", OLD_OS "<features><hyperv mode='passthrough'/></features>", "",
                  "has no Hyper-V features" },
                { "old-0.9.1", OLD_OS "<maxMemory slots='1' unit='GiB'>1</maxMemory>", "",
                  "has no memory to plug" },
                { "old-0.9.1", "<os><type arch='x86_64' machine='pc'>hvm</type><loader>/x</loader></os>", "",
                  "'/usr/local/bin/qemu' (QEMU 0.9.1) has no option for other firmware; choose a newer "
                  "emulator" },
                { "old-0.11.0",
                  "<os><type arch='x86_64' machine='pc'>hvm</type><loader type='pflash'>/x</loader></os>", "",
                  "has no firmware in flash" },
                { "old-0.9.1", OLD_OS "<clock offset='absolute' start='5'/>", "",
                  "has no other clocks than utc and localtime" },
                { "old-0.8.2", OLD_OS, "<disk><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
                  "disk vda: '/usr/local/bin/qemu' (QEMU 0.8.2) has no disks at this place" },
                { "old-0.9.1", OLD_OS, "<disk><source file='/x'/><target dev='sda' bus='usb'/></disk>",
                  "has no disks on this bus" },
                { "old-0.9.1", OLD_OS,
                  "<disk><source file='/x'/><target dev='hda' bus='ide'/><serial>s</serial></disk>",
                  "has no serial numbers of disks" },
                { "old-0.9.1", OLD_OS, "<controller type='sata'/>", "has no controllers of this type" },
                { "old-0.9.1", OLD_OS, "<console type='pty'><target type='virtio'/></console>",
                  "has no consoles but the serial line" },
                { "old-0.9.1", OLD_OS, "<input type='mouse' bus='virtio'/>", "has no inputs on this bus" },
                { "old-0.9.1", OLD_OS, "<video><model type='qxl'/></video>",
                  "has no display adapter of this model" },
                { "old-1.1.0", OLD_OS, "<video><model type='virtio'/></video>",
                  "has no display adapter of this model" },
                { "old-0.9.1", OLD_OS, "<watchdog model='ib700'/>", "has no watchdog" },
                { "old-0.9.1", OLD_OS, "<serial type='unix'/>", "has no lines of this type" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = g_strdup_printf(
                        "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                        "<memory unit='MiB'>64</memory>%s<devices>%s</devices></domain>",
                        cases[i].head, cases[i].devices);
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_plan(text, cases[i].caps, &error);
                g_assert_no_error(error);
                g_autoptr(DmCommand) c = dm_command_new("qemu");
                DmBuild b = { .plan = p, .command = c, .monitor_fd = -1 };
                g_assert_false(dm_build_command(&b, &error));
                if (!strstr(error->message, cases[i].expected))
                        g_error("message: %s\nexpected: %s", error->message, cases[i].expected);
        }
}

/* The accelerator that was resolved is what runs: switched off where it is the default, on where it isn't. */
static void test_old_accelerators(void)
{
        static const struct {
                const char *caps, *type, *option; /* NULL: none */
        } cases[] = {
                { "old-0.9.1", "qemu", "-no-kqemu" },   { "old-0.9.1", "kqemu", NULL },
                { "old-0.11.0", "qemu", NULL },         { "old-0.11.0", "kqemu", "-enable-kqemu" },
                { "old-0.11.0", "kvm", "-enable-kvm" }, { "old-kvm-74", "kvm", NULL },
                { "old-kvm-74", "qemu", "-no-kvm" },
        };
        static const char *const all[] = { "-no-kqemu", "-enable-kqemu", "-no-kvm", "-enable-kvm",
                                           "-kernel-kqemu" };
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = g_strdup_printf(
                        "<domain type='%s'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                        "<memory unit='MiB'>64</memory><os><type arch='x86_64' "
                        "machine='pc'>hvm</type></os><devices/></domain>",
                        cases[i].type);
                g_autoptr(GError) error = NULL;
                g_autoptr(DmPlan) p = fixture_plan(text, cases[i].caps, &error);
                g_assert_no_error(error);
                g_autoptr(DmCommand) c = dm_command_new("qemu");
                DmBuild b = { .plan = p, .command = c, .monitor_fd = -1 };
                g_assert_true(dm_build_command(&b, &error));
                g_auto(GStrv) words = dm_command_words(c);
                for (gsize n = 0; n < G_N_ELEMENTS(all); n++)
                        g_assert_cmpint(g_strv_contains((const char *const *)words, all[n]), ==,
                                        !g_strcmp0(all[n], cases[i].option));
                g_assert_true(g_strv_contains((const char *const *)words, "-M"));
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *name = g_strconcat("/qemu/sections/", rows[i].name, NULL);
                g_test_add_data_func(name, &rows[i], test_row);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
                g_autofree char *name = g_strconcat("/qemu/sections/refused/", refusals[i].name, NULL);
                g_test_add_data_func(name, &refusals[i], test_refusal);
        }
        g_test_add_func("/qemu/sections/refused/genid", test_genid);
        g_test_add_func("/qemu/sections/timezone-variable", test_timezone_variable);
        g_test_add_func("/qemu/sections/old/refusals", test_old_refusals);
        g_test_add_func("/qemu/sections/old/accelerators", test_old_accelerators);
        return g_test_run();
}
