/* Measures the driver on a directory of cases (make corpus CASES=DIR OUT=DIR).
 *
 *   CASES/cases.tsv        one case a line, columns named in its first
 *   CASES/xml, reject      the documents;  CASES/replies  recorded emulators;  CASES/args, outxml  what is
 * expected OUT/args/CASE.args     the command line;  OUT/outxml/NAME  the document as it is shown;  both
 * where there was no error OUT/reject/CASE.txt    exit status, stage, code, path, line, message, separated by
 * tabs
 *
 * No case stops the others.  What the cases assume of the host (directories, numbers of descriptors, the
 * time) is pinned here, so that only the driver's own decisions make a difference. */
#include <stdio.h>
#include <string.h>

#include "conf/domain_virtio.h"
#include "conf/xml_walk.h"
#include "driver/offline.h"
#include "qemu/caps_replay.h"
#include "util/file.h"

#define FILE_MAX   (16u * 1024 * 1024)
#define MONITOR_FD 1729
#define FILE_FD    1750
#define NOW        1234567890
#define UTC_OFFSET 1800
#define NAME_CUT   20
#define VSOCK_CID  42
#define PAGE_SIZE  4096
#define GENERATED  "00010203-0405-4607-8809-0a0b0c0d0e0f"

typedef struct Suite {
        const char *cases, *out;
        GHashTable *columns; /* name -> GINT_TO_POINTER(index) */
        GHashTable *caps;    /* file and flags -> DmCaps */
        guint n, accepted;
} Suite;

typedef struct Case {
        Suite *suite;
        char **fields;
        DmCaps *caps; /* borrowed */
} Case;

static const char *field(const Case *c, const char *name)
{
        gpointer index = NULL;
        if (!g_hash_table_lookup_extended(c->suite->columns, name, NULL, &index))
                return "";
        guint i = GPOINTER_TO_UINT(index);
        return i < g_strv_length(c->fields) ? c->fields[i] : "";
}

/* ---- the recorded emulator ---- */

/* The newest recording of an architecture, for cases that name none. */
static const char *newest(const char *arch)
{
        static const struct {
                const char *arch, *file;
        } recordings[] = {
                { "aarch64", "caps_7.0.0.aarch64" }, { "ppc64", "caps_7.1.0.ppc64" },
                { "ppc64le", "caps_7.1.0.ppc64" },   { "s390x", "caps_6.0.0.s390x" },
                { "riscv64", "caps_5.2.0.riscv64" }, { "sparc", "caps_5.1.0.sparc" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(recordings); i++)
                if (strcmp(recordings[i].arch, arch) == 0)
                        return recordings[i].file;
        return "caps_8.0.0.x86_64";
}

static DmCaps *recording(Case *c, GError **error)
{
        const char *name = field(c, "caps_file");
        if (!*name)
                name = newest(field(c, "arch"));
        DmReplayFlags flags = strcmp(field(c, "class"), "fixed") == 0 ? 0 : DM_REPLAY_NO_ALIASES;
        const char *arch = field(c, "arch");
        g_autofree char *program = g_strdup_printf("/usr/bin/qemu-system-%s", arch);
        g_autofree char *key = g_strdup_printf("%s/%s/%d", name, arch, flags);
        DmCaps *caps = g_hash_table_lookup(c->suite->caps, key);
        if (caps)
                return caps;
        g_autofree char *path = g_strdup_printf("%s/replies/%s.jsonl.gz", c->suite->cases, name);
        caps = dm_caps_replay(path, program, flags, error);
        if (caps)
                g_hash_table_insert(c->suite->caps, g_steal_pointer(&key), caps);
        return caps;
}

typedef struct Source {
        DmCapsSource source;
        DmCaps *caps;
} Source;

static DmCaps *source_get(DmCapsSource *source, const char *path G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
        return dm_caps_ref(((Source *)source)->caps);
}

/* ---- the host ---- */

typedef struct Paths {
        DmJson *files;
        const char *emulator;
} Paths;

/* Every path that the document names is there. */
static void add_path(const char *path G_GNUC_UNUSED, const char *text, const void *member G_GNUC_UNUSED,
                     void *data)
{
        Paths *p = data;
        if (!text || text[0] != '/' || dm_json_has(p->files, text))
                return;
        gboolean program = g_strcmp0(text, p->emulator) == 0;
        DmJson *fact = dm_json_object_new();
        dm_json_add_string(fact, "kind", "regular");
        dm_json_add_bool(fact, "readable", TRUE);
        dm_json_add_bool(fact, "writable", TRUE);
        dm_json_add_bool(fact, "executable", program);
        dm_json_add_bool(fact, "program", program);
        dm_json_add_take(p->files, text, fact);
}

static DmHost *host_for(const Case *c, const DmDomain *d, GError **error)
{
        const char *env = strstr(field(c, "test_env"), "hostarch=");
        /* Native, so that kvm is offered for every architecture. */
        const char *guest = strcmp(field(c, "arch"), "i686") == 0 ? "x86_64" : field(c, "arch");
        g_autofree char *arch = env ? g_strndup(env + 9, strcspn(env + 9, " ")) : g_strdup(guest);
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_string(j, "arch", arch);
        dm_json_add_string(j, "kvm", "usable");
        dm_json_add_string(j, "user", "test");
        DmJson *programs = dm_json_array_new();
        g_autofree char *program = g_strdup_printf("/usr/bin/qemu-system-%s", field(c, "arch"));
        dm_json_append_string(programs, program);
        dm_json_add_take(j, "programs", programs);
        Paths paths = { dm_json_object_new(), d->emulator };
        dm_xml_walk(&dm_domain_element, d, add_path, &paths);
        dm_json_add_take(j, "files", paths.files);
        DmHost *host = dm_host_from_json(j, error);
        g_autofree char *fixtures = g_build_filename(c->suite->cases, "fixtures/firmware", NULL);
        if (host)
                dm_host_load_firmwares(host, fixtures);
        return host;
}

/* ---- one case ---- */

/* What building asks for. */
typedef struct Pinned {
        const char *cases;
        int next_fd;
} Pinned;

static int pass_fd(DmBuild *b, DmFdUse use, const char *path G_GNUC_UNUSED,
                   const DmDevice *device G_GNUC_UNUSED)
{
        Pinned *pinned = b->data;
        return use == DM_FD_LISTEN || use == DM_FD_VHOST_USER ? MONITOR_FD : pinned->next_fd++;
}

/* What is found out when a guest is started. */
static void pin_device(DmDevice *device)
{
        if (device->kind == DM_DEVICE_VSOCK && !((DmVsock *)device)->cid.set)
                ((DmVsock *)device)->cid = (DmOptU32)DM_OPT(VSOCK_CID);
}

static char *scsi_generic(DmBuild *b G_GNUC_UNUSED, const DmDevice *device G_GNUC_UNUSED,
                          GError **error G_GNUC_UNUSED)
{
        return g_strdup("/dev/sg0");
}

/* All secrets exist; what is in them nobody compares. */
static gboolean secret(DmBuild *b G_GNUC_UNUSED, const DmSecretAsk *ask G_GNUC_UNUSED, DmJson *props,
                       GError **error G_GNUC_UNUSED)
{
        dm_json_add_string(props, "data", "c2VjcmV0");
        dm_json_add_string(props, "keyid", "masterKey0");
        dm_json_add_string(props, "iv", "AAECAwQFBgcICQoLDA0ODw==");
        dm_json_add_string(props, "format", "base64");
        return TRUE;
}

/* ---- storage pools ---- */

/* What stands between @before and the next quote in @text.  Owned; NULL: not there. */
static char *quoted(const char *text, const char *before)
{
        const char *at = text ? strstr(text, before) : NULL;
        at = at ? at + strlen(before) : NULL;
        return at ? g_strndup(at, strcspn(at, "'")) : NULL;
}

/* A unit of an iSCSI target, which QEMU opens itself. */
static void fill_direct(DmSource *s, const char *pool, const char *unit)
{
        g_autofree char *target = quoted(pool, "<device path='");
        const char *auth = strstr(pool, "<auth");
        DmNetHost *host = g_new0(DmNetHost, 1);
        host->name = quoted(pool, "<host name='");
        s->protocol = DM_NET_ISCSI;
        s->hosts = g_ptr_array_new();
        g_ptr_array_add(s->hosts, host);
        s->name = g_strconcat(target, "/", strrchr(unit, ':') + 1, NULL);
        if (!auth)
                return;
        s->auth = g_new0(DmAuth, 1);
        s->auth->username = quoted(auth, "username='");
        s->auth->secret = (DmSecretRef){ .type = DM_SECRET_ISCSI, .uuid = quoted(auth, "uuid='") };
}

/* TYPE+NAME is /some/TYPE/device/NAME; units of iSCSI targets are block devices, or are left to QEMU.  Kept
 * until the program ends. */
static const DmImage *volume(DmBuild *b, const DmImage *image, GError **error)
{
        const Pinned *pinned = b->data;
        const DmSource *s = &image->source;
        DmImage *v = g_new0(DmImage, 1);
        g_autofree char *name = g_strconcat(s->pool, ".xml", NULL), *text = NULL;
        g_autofree char *path = g_build_filename(pinned->cases, "fixtures/storagepool", name, NULL);
        gsize length = 0;
        if (!dm_file_read(path, FILE_MAX, &text, &length, error))
                return NULL;
        if (g_str_has_prefix(s->volume, "unit:") && s->mode == DM_VOLUME_DIRECT) {
                v->type = DM_DISK_NETWORK;
                fill_direct(&v->source, text, s->volume);
                return v;
        }
        const char *plus = strchr(s->volume, '+');
        g_autofree char *type = plus ? g_strndup(s->volume, (gsize)(plus - s->volume)) : g_strdup("block");
        char *where = g_strdup_printf("/some/%s/device/%s", type, plus ? plus + 1 : s->volume);
        v->type = dm_enum_value(&dm_disk_type, type);
        *(v->type == DM_DISK_FILE ? &v->file : v->type == DM_DISK_DIR ? &v->source.dir : &v->block) = where;
        return v;
}

/* A word of the column driver_config, "vncSASL=1", or what holds without it. */
static char *config(const Case *c, const char *key, const char *fallback)
{
        g_auto(GStrv) words = g_strsplit(field(c, "driver_config"), " ", -1);
        for (char **w = words; *w; w++)
                if (g_str_has_prefix(*w, key) && (*w)[strlen(key)] == '=')
                        return g_strdup(*w + strlen(key) + 1);
        return g_strdup(fallback);
}

static gboolean config_on(const Case *c, const char *key, gboolean fallback)
{
        g_autofree char *word = config(c, key, fallback ? "1" : "0");
        return strcmp(word, "1") == 0 || strcmp(word, "true") == 0 || strcmp(word, "yes") == 0;
}

static void config_tls(const Case *c, const char *service, gboolean on, GPtrArray *words, DmTlsSettings *tls)
{
        g_autofree char *key = g_strconcat(service, "TLS", NULL),
                        *verify = g_strconcat(service, "TLSx509verify", NULL),
                        *secret = g_strconcat(service, "TLSx509secretUUID", NULL);
        char *dir = g_strconcat("/etc/pki/libvirt-", service, NULL), *uuid = config(c, secret, NULL);
        g_ptr_array_add(words, dir);
        g_ptr_array_add(words, uuid);
        *tls = (DmTlsSettings){
                .on = config_on(c, key, on), .dir = dir, .verify = config_on(c, verify, FALSE), .secret = uuid
        };
}

static void config_settings(const Case *c, GPtrArray *words, DmSettings *s)
{
        config_tls(c, "vnc", FALSE, words, &s->vnc);
        config_tls(c, "spice", TRUE, words, &s->spice);
        config_tls(c, "chardev", FALSE, words, &s->chardev);
        config_tls(c, "nbd", FALSE, words, &s->storage);
        s->storage.dir = "/etc/pki/libvirt-nbd/dummy,path";
        char *vnc = config(c, "vncSASLdir", "/root/.sasl2"),
             *spice = config(c, "spiceSASLdir", "/root/.sasl2");
        g_ptr_array_add(words, vnc);
        g_ptr_array_add(words, spice);
        s->vnc_socket = config_on(c, "vncAutoUnixSocket", FALSE);
        s->spice_socket = config_on(c, "spiceAutoUnixSocket", FALSE);
        s->vnc_sasl = config_on(c, "vncSASL", FALSE);
        s->spice_sasl = config_on(c, "spiceSASL", FALSE);
        s->vnc_sasl_dir = vnc;
        s->spice_sasl_dir = spice;
        s->spice_password = TRUE;
}

static gboolean build(const Case *c, DmPlan *plan, DmCommand *command, GError **error)
{
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        DmSettings settings = { 0 };
        config_settings(c, words, &settings);
        Pinned pinned = { c->suite->cases, FILE_FD };
        static const char *const mounts[] = { "/dev/hugepages2M", "/dev/hugepages1G" };
        DM_FOREACH_DEVICE (plan->domain, device)
                pin_device(device);
        g_autofree char *name = g_strndup(plan->domain->name, NAME_CUT);
        g_autofree char *passt =
                g_strdup_printf("/bad-test-used-env-xdg-runtime-dir/libvirt/qemu/run/passt/-1-%s", name);
        g_autofree char *run = g_strdup_printf("/tmp/lib/domain--1-%s", name);
        g_autofree char *channel = g_strdup_printf("/tmp/channel/domain--1-%s", name);
        g_autofree char *ram = g_strdup_printf("/var/lib/libvirt/qemu/ram/-1-%s", name);
        g_autofree char *huge = g_strdup_printf("%s/libvirt/qemu/-1-%s", mounts[0], name);
        g_autofree char *giant = g_strdup_printf("%s/libvirt/qemu/-1-%s", mounts[1], name);
        const DmHugeDir huge_dirs[] = { { 2 << 20, huge }, { 1 << 30, giant }, { 0 } };
        DmBuild b = {
                .plan = plan,
                .command = command,
                .monitor_fd = MONITOR_FD,
                .master_key = TRUE,
                .run_dir = run,
                .channel_dir = channel,
                .nvram_dir = "/var/lib/libvirt/qemu/nvram",
                .ram_dir = ram,
                .huge_dirs = huge_dirs,
                .page_size = PAGE_SIZE,
                .auto_nodes = "0-3",
                .now = NOW,
                .utc_offset = UTC_OFFSET,
                .render_node = "/dev/dri/foo",
                .settings = &settings,
                .passt_prefix = passt,
                .tpm_socket = "/dev/test",
                .scsi_generic = scsi_generic,
                .secret = secret,
                .volume = volume,
                .fips = strstr(field(c, "test_env"), "host_fips") != NULL,
                .pass_fd = pass_fd,
                .data = &pinned,
        };
        return dm_build_command(&b, error);
}

static void write_out(const Case *c, const char *folder, const char *name, const char *text)
{
        g_autofree char *path = g_build_filename(c->suite->out, folder, name, NULL);
        g_autoptr(GError) error = NULL;
        if (!dm_file_write_atomic(path, text, strlen(text), 0644, DM_FILE_PLAIN, &error))
                g_error("%s", error->message);
}

/* What an old definition is given when it is started, not before: names of devices, and ports of USB devices
 * unless it tells all of them. */
static DmDomain *as_defined(const DmDomain *d)
{
        DmDomain *copy = dm_domain_copy(d);
        gboolean all = TRUE;
        DM_FOREACH_DEVICE (d, device)
                if (device->address.type == DM_ADDRESS_USB && !dm_origins_given(d->origins, &device->address))
                        all = FALSE;
        for (gsize i = 0; dm_domain_nth(d, i); i++) {
                const DmDevice *device = dm_domain_nth(d, i);
                DmDevice *twin = dm_domain_nth(copy, i);
                if (!dm_origins_given(d->origins, &device->alias))
                        g_clear_pointer(&twin->alias, g_free);
                if (!all && device->address.type == DM_ADDRESS_USB &&
                    !dm_origins_given(d->origins, &device->address))
                        dm_xml_clear(&dm_address_element, &twin->address);
        }
        return copy;
}

static void write_outxml(const Case *c, const DmDomain *domain)
{
        g_autoptr(DmDomain) d = as_defined(domain);
        g_auto(GStrv) names = g_strsplit(field(c, "expected_outxml"), ",", -1);
        g_auto(GStrv) when = g_strsplit(field(c, "outxml_when"), ",", -1);
        for (guint i = 0; names[i]; i++) {
                const char *kind = i < g_strv_length(when) ? when[i] : "both";
                g_autofree char *xml = dm_domain_format(
                        d, strcmp(kind, "active") == 0 ? DM_XML_FORMAT_RUNTIME | DM_XML_FORMAT_SECRET
                                                       : DM_XML_FORMAT_SECRET);
                if (*names[i])
                        write_out(c, "outxml", names[i], xml);
        }
}

static gboolean process(Case *c, DmStage *ret_stage, DmFindings *findings, GError **error)
{
        gboolean rejected = strcmp(field(c, "kind"), "argv") != 0;
        g_autofree char *path =
                g_build_filename(c->suite->cases, rejected ? "reject" : "xml", field(c, "xml"), NULL);
        g_autofree char *text = NULL;
        gsize length = 0;
        *ret_stage = DM_STAGE_PARSE;
        if (!dm_file_read(path, FILE_MAX, &text, &length, error))
                return FALSE;
        DmXmlParseFlags flags = strstr(field(c, "outxml_when"), "active,") ? DM_XML_PARSE_RUNTIME : 0;
        g_autoptr(DmDomain) d = dm_domain_parse(text, length, flags, findings, error);
        if (!d)
                return FALSE;
        if (d->genid_wanted && !d->genid)
                d->genid = g_strdup(GENERATED);
        *ret_stage = DM_STAGE_RESOLVE;
        c->caps = recording(c, error);
        g_autoptr(DmHost) host = c->caps ? host_for(c, d, error) : NULL;
        if (!host)
                return FALSE;
        Source source = { { source_get }, c->caps };
        /* As dm_resolve() does, but a document is shown also where its guest could not be started. */
        g_autoptr(DmPlan) plan = g_new0(DmPlan, 1);
        plan->domain = g_steal_pointer(&d);
        if (!dm_resolve_platform(plan, host, &source.source, findings, error) ||
            !dm_plan_defaults(plan, host, 0, findings, error) || !dm_plan_addresses(plan, findings, error) ||
            !dm_plan_aliases(plan, error))
                return FALSE;
        write_outxml(c, plan->domain);
        if (!dm_plan_check(plan, host, error))
                return FALSE;
        *ret_stage = DM_STAGE_BUILD;
        g_autoptr(DmCommand) command = dm_command_new(plan->domain->emulator);
        if (!build(c, plan, command, error))
                return FALSE;
        g_autofree char *args = dm_command_format(command),
                        *name = g_strconcat(field(c, "case"), ".args", NULL);
        write_out(c, "args", name, args);
        *ret_stage = DM_STAGE_DONE;
        return TRUE;
}

/* A finding that the reader of a positive case should not have made. */
static void write_warnings(const Case *c, const DmFindings *findings)
{
        g_autoptr(GString) s = g_string_new(NULL);
        for (gsize i = 0; i < dm_findings_count(findings); i++) {
                g_autofree char *line = dm_finding_text(dm_findings_at(findings, i));
                g_string_append_printf(s, "%s\n", line);
        }
        g_autofree char *name = g_strconcat(field(c, "case"), ".txt", NULL);
        if (s->len)
                write_out(c, "findings", name, s->str);
}

static void run_case(Suite *suite, char **fields)
{
        Case c = { suite, fields, NULL };
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        DmStage stage = DM_STAGE_PARSE;
        gboolean ok = process(&c, &stage, findings, &error);
        const char *path = ok ? NULL : dm_error_path(error);
        g_autofree char *line =
                g_strdup_printf("%d\t%s\t%s\t%s\t%u\t%s\n", ok ? 0 : 3, dm_stage_name(stage),
                                ok ? "-" : dm_error_code_name((DmErrorCode)error->code), path ? path : "-",
                                ok ? 0 : dm_error_line(error), ok ? "" : error->message);
        g_autofree char *name = g_strconcat(field(&c, "case"), ".txt", NULL);
        write_out(&c, "reject", name, line);
        write_warnings(&c, findings);
        suite->n++;
        suite->accepted += ok;
}

int main(int argc, char **argv)
{
        g_autoptr(GError) error = NULL;
        if (argc != 3) {
                fprintf(stderr, "usage: corpus CASES OUT\n");
                return 2;
        }
        g_autofree char *table = g_build_filename(argv[1], "cases.tsv", NULL), *text = NULL;
        gsize length = 0;
        static const char *const folders[] = { "args", "outxml", "reject", "findings" };
        gboolean ok = dm_file_read(table, FILE_MAX, &text, &length, &error);
        for (gsize i = 0; ok && i < G_N_ELEMENTS(folders); i++) {
                g_autofree char *folder = g_build_filename(argv[2], folders[i], NULL);
                ok = dm_make_dirs(folder, 0755, &error);
        }
        if (!ok) {
                fprintf(stderr, "corpus: %s\n", error->message);
                return 1;
        }
        Suite suite = { .cases = argv[1], .out = argv[2] };
        suite.columns = g_hash_table_new(g_str_hash, g_str_equal);
        suite.caps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)dm_caps_unref);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        g_auto(GStrv) head = g_strsplit(lines[0], "\t", -1);
        for (guint i = 0; head[i]; i++)
                g_hash_table_insert(suite.columns, head[i], GUINT_TO_POINTER(i));
        for (char **l = lines + 1; *l; l++) {
                g_auto(GStrv) fields = g_strsplit(*l, "\t", -1);
                if (**l)
                        run_case(&suite, fields);
        }
        printf("corpus: %u cases, %u accepted, %u refused\n", suite.n, suite.accepted,
               suite.n - suite.accepted);
        g_hash_table_unref(suite.columns);
        g_hash_table_unref(suite.caps);
        return 0;
}
