/* Images that cannot be had: by protocol, format, chain, encryption; what a chain's nodes are called. */
#include "conf/domain_disk.h"
#include "plan_fixture.h"

typedef struct Refusal {
        const char *name, *caps, *disk, *expected;
} Refusal;

#define NEW         "x86_64-7.2"
#define OLD         "x86_64-5.0"
#define TARGET      "<target dev='vda' bus='virtio'/>"
#define NET(source) "<disk type='network'>" source TARGET "</disk>"
#define FILE_(driver, source, more) \
        "<disk type='file'><driver name='qemu' type='" driver "'/>" source TARGET more "</disk>"
#define KEY "<secret type='passphrase' usage='k'/>"

static const Refusal refusals[] = {
        { "no-host", NEW, NET("<source protocol='nbd' name='x'/>"), "protocol 'nbd' needs a <host>" },
        { "two-hosts", NEW,
          NET("<source protocol='iscsi' name='x'><host name='a'/><host name='b'/></source>"),
          "protocol 'iscsi' takes one <host> only" },
        { "unix", NEW, NET("<source protocol='ssh' name='x'><host transport='unix' socket='/s'/></source>"),
          "protocol 'ssh' has no transport 'unix'" },
        { "no-name", NEW, NET("<source protocol='ssh'><host name='a'/></source>"),
          "protocol 'ssh' needs a name=" },
        { "gluster-name", NEW, NET("<source protocol='gluster' name='volume'><host name='a'/></source>"),
          "the name 'volume' must be VOLUME/IMAGE" },
        { "rbd-name", NEW, NET("<source protocol='rbd' name='/image'/>"),
          "the name '/image' must be POOL/IMAGE" },
        { "sheepdog", NEW, NET("<source protocol='sheepdog' name='x'><host name='a'/></source>"),
          "QEMU 7.2.0 has no images of protocol 'sheepdog' any more" },
        { "vxhs", NEW, NET("<source protocol='vxhs' name='x'><host name='a'/></source>"),
          "QEMU 7.2.0 has no images of protocol 'vxhs' any more" },
        { "tftp", NEW, NET("<source protocol='tftp' name='x'><host name='a'/></source>"),
          "QEMU 7.2.0 has no images of protocol 'tftp' any more" },
        { "tls-name", OLD, NET("<source protocol='nbd' tls='yes' tlsHostname='h'><host name='a'/></source>"),
          "QEMU 5.0.0 cannot check another name of a TLS server; 7.0 is the first" },
        { "vdpa", NEW, "<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/>" TARGET "</disk>",
          "QEMU 7.2.0 cannot have images of type 'vhostvdpa'; use 'block'" },
        { "nfs-name", NEW,
          NET("<source protocol='nfs' name='x'><host name='a'/><identity user='root'/></source>"),
          "name the user and the group by their numbers, as in '+1000'" },
        { "dir-raw", NEW, "<disk type='dir'><source dir='/d'/>" TARGET "</disk>",
          "a directory is shown as a disk of format 'fat' only" },
        { "format", NEW, FILE_("ploop", "<source file='/x'/>", ""),
          "images of format 'ploop' are not supported" },
        { "luks-key", NEW, FILE_("luks", "<source file='/x'/>", ""),
          "images of format 'luks' are not supported without <encryption>" },
        { "old-encryption", NEW,
          FILE_("qcow2", "<source file='/x'/>", "<encryption format='qcow'>" KEY "</encryption>"),
          "the old encryption of qcow2 is not supported; use format='luks'" },
        { "librbd-file", NEW,
          FILE_("raw", "<source file='/x'/>",
                "<encryption format='luks' engine='librbd'>" KEY "</encryption>"),
          "engine 'librbd' needs protocol 'rbd'" },
        { "librbd-old", OLD,
          NET("<source protocol='rbd' name='p/i'><encryption format='luks' engine='librbd'>" KEY
              "</encryption></source>"),
          "QEMU 5.0.0 has no engine 'librbd'" },
        { "vmdk-encrypted", NEW,
          FILE_("vmdk", "<source file='/x'/>", "<encryption format='luks'>" KEY "</encryption>"),
          "images of format 'vmdk' cannot be encrypted; use raw or qcow2" },
        { "two-keys", NEW,
          FILE_("qcow2", "<source file='/x'/>", "<encryption format='luks'>" KEY KEY "</encryption>"),
          "encryption needs one <secret>" },
        { "raw-chain", NEW,
          FILE_("raw",
                "<source file='/x'/><backingStore type='file'><format type='raw'/><source file='/y'/>"
                "</backingStore>",
                ""),
          "images of format 'raw' have no backing store" },
        { "deep-format", NEW,
          FILE_("qcow2",
                "<source file='/x'/><backingStore type='file'><format type='cow'/><source file='/y'/>"
                "</backingStore>",
                ""),
          "images of format 'cow' are not supported" },
        { "two-slices", NEW,
          FILE_("raw",
                "<source file='/x'><slices><slice type='storage' offset='0' size='512'/>"
                "<slice type='storage' offset='512' size='512'/></slices></source>",
                ""),
          "one <slice> is possible" },
        { "vhostuser-memory", NEW, "<disk type='vhostuser'><source type='unix' path='/s'/>" TARGET "</disk>",
          "a disk of another process needs memory that is shared" },
        { "vhostuser-bus", NEW,
          "<disk type='vhostuser'><source type='unix' path='/s'/><target dev='hda' bus='ide'/></disk>",
          "a disk of another process must have <target bus='virtio'>" },
        { "vhostuser-cache", NEW,
          "<disk type='vhostuser'><driver name='qemu' cache='none'/><source type='unix' path='/s'/>" TARGET
          "</disk>",
          "cache is up to the process with the image: leave it out" },
};

static char *document(const char *disk)
{
        return g_strdup_printf(
                "<domain type='qemu'><name>t</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
                "<devices>%s</devices></domain>",
                disk);
}

static void test_refusal(gconstpointer data)
{
        const Refusal *row = data;
        g_autofree char *text = document(row->disk);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_plan(text, row->caps, &error);
        g_assert_null(p);
        g_assert_nonnull(error);
        if (!strstr(error->message, row->expected))
                g_error("'%s' does not say '%s'", error->message, row->expected);
        g_assert_true(g_str_has_prefix(error->message, "disk "));
        g_assert_cmpuint(dm_error_line(error), ==, 1);
}

/* What cannot be built without somebody's help. */
static const Refusal unhelped[] = {
        { "secret", NEW,
          FILE_("qcow2", "<source file='/x'/>", "<encryption format='luks'>" KEY "</encryption>"),
          "the secret 'k' cannot be had: the driver keeps none" },
        { "cookie", NEW,
          NET("<source protocol='http' name='x'><host name='a'/><cookies><cookie name='c'>v</cookie>"
              "</cookies></source>"),
          "what must be kept secret cannot be had: the driver keeps none" },
        { "certificates", NEW, NET("<source protocol='nbd' tls='yes'><host name='a'/></source>"),
          "there is no directory of certificates for TLS" },
        { "volume", NEW, "<disk type='volume'><source pool='p' volume='v'/>" TARGET "</disk>",
          "the volume 'v' of pool 'p' cannot be had: the driver keeps no pools; name its file or device" },
};

static void test_unhelped(gconstpointer data)
{
        const Refusal *row = data;
        g_autofree char *text = document(row->disk);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_plan(text, row->caps, &error);
        g_assert_no_error(error);
        g_autoptr(DmCommand) c = dm_command_new(p->caps->path);
        DmBuild b = { .plan = p, .command = c, .monitor_fd = -1, .monitor_path = "/m" };
        g_assert_false(dm_build_command(&b, &error));
        g_assert_nonnull(error);
        if (!strstr(error->message, row->expected))
                g_error("'%s' does not say '%s'", error->message, row->expected);
}

/* Numbers count from the last disk, down each chain; those of a guest that runs stay. */
static void test_numbers(void)
{
        g_autofree char *text = document(
                FILE_("qcow2",
                      "<source file='/a'/><backingStore type='file'><format type='qcow2'/><source "
                      "file='/b'/><backingStore/></backingStore>",
                      "") "<disk type='file'><source file='/c'/><target dev='vdb' bus='virtio'/></disk>");
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_plan(text, NEW, &error);
        g_assert_no_error(error);
        DmDisk *first = dm_domain_device(p->domain, DM_DEVICE_DISK, 0);
        DmDisk *second = dm_domain_device(p->domain, DM_DEVICE_DISK, 1);
        g_assert_cmpuint(second->index.value, ==, 1);
        g_assert_cmpuint(first->index.value, ==, 2);
        g_assert_cmpuint(first->image.backing->chain_index.value, ==, 3);
        g_assert_false(first->image.backing->backing->chain_index.set);
        second->index = (DmOptU32){ 0 };
        g_assert_true(dm_plan_aliases(p, &error));
        g_assert_cmpuint(first->index.value, ==, 2);
        g_assert_cmpuint(second->index.value, ==, 4);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
                g_autofree char *name = g_strconcat("/qemu/images/refused/", refusals[i].name, NULL);
                g_test_add_data_func(name, &refusals[i], test_refusal);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(unhelped); i++) {
                g_autofree char *name = g_strconcat("/qemu/images/unhelped/", unhelped[i].name, NULL);
                g_test_add_data_func(name, &unhelped[i], test_unhelped);
        }
        g_test_add_func("/qemu/images/numbers", test_numbers);
        return g_test_run();
}
