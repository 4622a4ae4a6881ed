/* Capabilities out of recorded answers: what each question makes of them, and the way through JSON and back.
 * The recordings are written here, as small as the question allows. */
#include "qemu/caps_replay.h"

#include <gio/gio.h>
#include <string.h>

#include "qemu/caps_private.h"
#include "util/error.h"
#include "util/file.h"

/* ---- recordings ---- */

#define RECORD(session, command, answer) \
        "{\"session\":" session ",\"seq\":0,\"execute\":\"" command "\",\"return\":" answer "}\n"
#define RECORD_ARGS(session, command, args, answer)                                          \
        "{\"session\":" session ",\"seq\":0,\"execute\":\"" command "\",\"arguments\":" args \
        ",\"return\":" answer "}\n"

#define VERSION "{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":22},\"package\":\"Debian 1:7.2\"}"
#define COMMANDS                                                                                           \
        "[{\"name\":\"device_add\"},{\"name\":\"query-qmp-schema\"},{\"name\":\"query-cpu-definitions\"}," \
        "{\"name\":\"device-list-properties\"},{\"name\":\"qom-list-properties\"},"                        \
        "{\"name\":\"query-command-line-options\"},{\"name\":\"query-cpu-model-expansion\"},"              \
        "{\"name\":\"query-migrate-capabilities\"},{\"name\":\"query-gic-capabilities\"}]"
#define MACHINES                                                                            \
        "[{\"name\":\"none\",\"cpu-max\":1},"                                               \
        "{\"name\":\"pc-i440fx-7.2\",\"alias\":\"pc\",\"is-default\":true,\"cpu-max\":255," \
        "\"hotpluggable-cpus\":true,\"numa-mem-supported\":true,\"deprecated\":false,"      \
        "\"default-cpu-type\":\"qemu64-x86_64-cpu\",\"default-ram-id\":\"pc.ram\"},"        \
        "{\"name\":\"isapc\",\"cpu-max\":1,\"deprecated\":true},{\"cpu-max\":4}]"
#define TYPES                                                                                                \
        "[{\"name\":\"accel\",\"parent\":\"object\"},{\"name\":\"kvm-accel\",\"parent\":\"accel\"},"         \
        "{\"name\":\"tcg-accel\",\"parent\":\"accel\"},{\"name\":\"qtest-accel\",\"parent\":\"accel\"},"     \
        "{\"name\":\"virtio-blk-pci\",\"parent\":\"x\"},{\"name\":\"none-machine\",\"parent\":\"machine\"}," \
        "{\"name\":\"memory-backend-file\"}]"

#define BASE                                                            \
        RECORD("0", "query-version", VERSION)                           \
        RECORD("0", "query-target", "{\"arch\":\"x86_64\"}")            \
        RECORD("0", "query-kvm", "{\"enabled\":true,\"present\":true}") \
        RECORD("0", "query-commands", COMMANDS)                         \
        RECORD("0", "query-machines", MACHINES)                         \
        RECORD("0", "qom-list-types", TYPES)
#define CPUS_KVM                                                                                         \
        RECORD("0", "query-cpu-definitions",                                                             \
               "[{\"name\":\"host\",\"typename\":\"host-x86_64-cpu\",\"unavailable-features\":[],"       \
               "\"static\":false,\"migration-safe\":false},"                                             \
               "{\"name\":\"EPYC\",\"typename\":\"EPYC-x86_64-cpu\",\"unavailable-features\":[\"svm\"]," \
               "\"migration-safe\":true},{\"name\":\"odd\"}]")
#define CPUS_TCG                                                                                            \
        RECORD("1", "query-cpu-definitions", "[{\"name\":\"EPYC\",\"unavailable-features\":[]}]")           \
        RECORD_ARGS("1", "query-cpu-model-expansion", "{\"model\":{\"name\":\"max\"},\"type\":\"static\"}", \
                    "{\"model\":{\"name\":\"base\"}}")
#define HOST_MODEL                                                                                           \
        RECORD_ARGS("0", "query-cpu-model-expansion", "{\"model\":{\"name\":\"host\"},\"type\":\"static\"}", \
                    "{\"model\":{\"name\":\"base\",\"props\":{\"x\":18446744073709551615}}}")
#define LISTS                                                                                                \
        RECORD("0", "query-command-line-options",                                                            \
               "[{\"option\":\"machine\",\"parameters\":[{\"name\":\"hpet\",\"type\":\"boolean\"}]},"        \
               "{\"option\":\"drive\",\"parameters\":[{\"name\":\"throttling.bps-total\"}]}]")               \
        RECORD("0", "query-migrate-capabilities", "[{\"capability\":\"multifd\",\"state\":false}]")          \
        RECORD_ARGS("0", "device-list-properties", "{\"typename\":\"virtio-blk-pci\"}",                      \
                    "[{\"name\":\"packed\",\"type\":\"bool\"},{\"name\":\"queue-size\",\"type\":\"u\"}]")    \
        RECORD_ARGS("0", "qom-list-properties", "{\"typename\":\"memory-backend-file\"}",                    \
                    "[{\"name\":\"pmem\"}]")                                                                 \
        "{\"session\":0,\"execute\":\"query-gic-capabilities\",\"error\":{\"class\":\"E\",\"desc\":\"no\"}}" \
        "\n"

static char *write_recording(const char *dir, const char *text)
{
        char *file = g_build_filename(dir, "recording.jsonl", NULL);
        g_assert_true(g_file_set_contents(file, text, -1, NULL));
        return file;
}

static char *make_dir(void)
{
        g_autoptr(GError) error = NULL;
        char *dir = g_dir_make_tmp("domus-caps-XXXXXX", &error);
        g_assert_no_error(error);
        return dir;
}

static DmCaps *replay(const char *text, DmReplayFlags flags)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = make_dir();
        g_autofree char *file = write_recording(dir, text);
        DmCaps *c = dm_caps_replay(file, "/opt/qemu", flags, &error);
        g_assert_no_error(error);
        g_assert_true(dm_remove_tree(dir, NULL));
        return c;
}

static void assert_replay_fails(const char *text, const char *message)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = make_dir();
        g_autofree char *file = write_recording(dir, text);
        g_assert_null(dm_caps_replay(file, "/opt/qemu", 0, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
        g_assert_nonnull(strstr(error->message, message));
        g_assert_nonnull(strstr(error->message, file));
        g_assert_true(dm_remove_tree(dir, NULL));
}

/* ---- questions ---- */

static void test_head(void)
{
        g_autoptr(DmCaps) c = replay(BASE, 0);
        g_assert_cmpstr(c->path, ==, "/opt/qemu");
        g_assert_cmpstr(c->program, ==, "/opt/qemu");
        g_assert_cmpuint(c->version, ==, 7002022);
        g_assert_cmpuint(c->version, ==, DM_QEMU_VERSION(7, 2, 22));
        g_assert_cmpstr(c->version_text, ==, "7.2.22");
        g_assert_cmpstr(c->package, ==, "Debian 1:7.2");
        g_assert_cmpstr(c->target, ==, "x86_64");
        g_assert_true(c->kvm_enabled);
        g_assert_false(c->partial);
        g_assert_false(c->help_era);
        g_assert_true(dm_caps_has_command(c, "device_add"));
        g_assert_false(dm_caps_has_command(c, "device_del"));
        g_assert_true(dm_caps_has_type(c, "virtio-blk-pci"));
        g_assert_false(dm_caps_has_type(c, "virtio-net-pci"));
}

static void test_machines(void)
{
        g_autoptr(DmCaps) c = replay(BASE, 0);
        g_assert_cmpuint(c->machines->len, ==, 2); /* neither "none" nor the one without a name */
        const DmMachine *pc = dm_caps_machine(c, "pc");
        g_assert_nonnull(pc);
        g_assert_true(dm_caps_machine(c, "pc-i440fx-7.2") == pc);
        g_assert_true(dm_caps_default_machine(c) == pc);
        g_assert_cmpstr(pc->name, ==, "pc-i440fx-7.2");
        g_assert_cmpstr(pc->default_cpu_type, ==, "qemu64-x86_64-cpu");
        g_assert_cmpstr(pc->default_ram_id, ==, "pc.ram");
        g_assert_cmpuint(pc->max_cpus, ==, 255);
        g_assert_true(pc->hotpluggable_cpus && pc->numa && !pc->deprecated);
        const DmMachine *isapc = dm_caps_machine(c, "isapc");
        g_assert_true(isapc->deprecated && !isapc->is_default && !isapc->default_ram_id);
        g_assert_null(dm_caps_machine(c, "none"));
        g_assert_null(dm_caps_machine(c, "PC"));
}

static void test_machine_name_before_alias(void)
{
        g_autoptr(DmCaps) c =
                replay(RECORD("0", "query-target", "{\"arch\":\"m68k\"}")
                               RECORD("0", "query-machines",
                                      "[{\"name\":\"new\",\"alias\":\"old\"},{\"name\":\"old\"}]")
                                       RECORD("0", "qom-list-types", "[{\"name\":\"tcg-accel\"}]"),
                       0);
        g_assert_cmpstr(dm_caps_machine(c, "old")->name, ==, "old");
        g_assert_null(dm_caps_default_machine(c));
}

static void test_accels(void)
{
        g_autoptr(DmCaps) c = replay(BASE, 0);
        g_assert_true(dm_caps_has_accel(c, DM_ACCEL_TCG));
        g_assert_true(dm_caps_has_accel(c, DM_ACCEL_KVM));
        g_assert_false(dm_caps_has_accel(c, DM_ACCEL_XEN));
        g_autofree char *list = dm_caps_accel_list(c);
        g_assert_cmpstr(list, ==, "tcg, kvm");
        g_assert_cmpstr(dm_accel_name(DM_ACCEL_QVM86), ==, "qvm86");
        g_assert_null(dm_accel_name(DM_ACCEL_N));
}

/* Accelerators were no types before QEMU 5.0; the microvm binary has kvm only. */
static void test_accels_by_era(void)
{
        static const struct {
                const char *kvm, *types, *expected;
        } rows[] = {
                { "{\"enabled\":false,\"present\":true}", "[{\"name\":\"VGA\"}]", "tcg, kvm" },
                { "{\"enabled\":false,\"present\":false}", "[{\"name\":\"VGA\"}]", "tcg" },
                { "{\"enabled\":true,\"present\":true}", "[{\"name\":\"kvm-accel\"},{\"name\":\"accel\"}]",
                  "kvm" },
                { "{\"enabled\":false,\"present\":false}", "[{\"name\":\"xen-accel\"}]", "xen" },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text = g_strdup_printf(
                        RECORD("0", "query-target", "{\"arch\":\"i386\"}")
                                RECORD("0", "query-machines", "[{\"name\":\"pc\"}]")
                                        RECORD("0", "query-kvm", "%s") RECORD("0", "qom-list-types", "%s"),
                        rows[i].kvm, rows[i].types);
                g_autoptr(DmCaps) c = replay(text, 0);
                g_autofree char *list = dm_caps_accel_list(c);
                g_assert_cmpstr(list, ==, rows[i].expected);
        }
}

static void test_features(void)
{
        g_autoptr(DmCaps) c = replay(BASE LISTS, 0);
        g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci", "packed"));
        g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci-non-transitional", "packed"));
        g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci-transitional", "queue-size"));
        g_assert_false(dm_caps_has_prop(c, "virtio-blk-pci", "iothread"));
        g_assert_false(dm_caps_has_prop(c, "virtio-blk-ccw", "packed"));
        g_assert_true(dm_caps_has_prop(c, "memory-backend-file", "pmem"));
        g_assert_true(dm_caps_has_option(c, "machine", "hpet"));
        g_assert_true(dm_caps_has_option(c, "drive", "throttling.bps-total"));
        g_assert_false(dm_caps_has_option(c, "machine", "bps-total"));
        g_assert_true(dm_caps_has_migration(c, "multifd"));
        g_assert_false(dm_caps_has_migration(c, "rdma"));
        g_assert_null(c->gic); /* refused */
}

static void test_cpu_models(void)
{
        g_autoptr(DmCaps) c = replay(BASE CPUS_KVM HOST_MODEL, 0);
        g_assert_cmpuint(c->cpu_models->len, ==, 3);
        g_assert_true(dm_cpu_model_usable(dm_caps_cpu_model(c, "host")));
        const DmCpuModel *epyc = dm_caps_cpu_model(c, "EPYC");
        g_assert_false(dm_cpu_model_usable(epyc));
        g_assert_cmpstr(epyc->unavailable[0], ==, "svm");
        g_assert_true(epyc->migration_safe && !epyc->is_static);
        g_assert_null(dm_caps_cpu_model(c, "odd")->unavailable); /* not told */
        g_assert_false(dm_cpu_model_usable(dm_caps_cpu_model(c, "odd")));
        g_assert_null(dm_caps_cpu_model(c, "epyc"));
        g_assert_null(c->tcg_models);
        guint64 x = 0;
        g_assert_true(dm_json_to_u64(dm_json_path(c->host_model, "model.props.x"), &x));
        g_assert_cmpuint(x, ==, G_MAXUINT64);
}

static void test_sessions(void)
{
        g_autoptr(DmCaps) kvm = replay(BASE CPUS_KVM HOST_MODEL CPUS_TCG, 0);
        g_assert_cmpuint(kvm->cpu_models->len, ==, 3);
        g_assert_cmpuint(kvm->tcg_models->len, ==, 1);
        g_assert_nonnull(kvm->host_model);
        g_assert_cmpstr(dm_json_get_string(dm_json_get(kvm->tcg_model, "model"), "name"), ==, "base");

        g_autoptr(DmCaps) tcg = replay(BASE CPUS_KVM HOST_MODEL CPUS_TCG, DM_REPLAY_TCG);
        g_assert_false(tcg->kvm_enabled);
        g_assert_true(dm_caps_has_accel(tcg, DM_ACCEL_KVM)); /* compiled in all the same */
        g_assert_cmpuint(tcg->cpu_models->len, ==, 1);
        g_assert_true(tcg->tcg_models == tcg->cpu_models);
        g_assert_null(tcg->host_model);
}

static void test_no_aliases(void)
{
        g_autoptr(DmCaps) c = replay(BASE, DM_REPLAY_NO_ALIASES);
        g_assert_cmpuint(c->machines->len, ==, 3);
        const DmMachine *pc = dm_caps_machine(c, "pc"), *versioned = dm_caps_machine(c, "pc-i440fx-7.2");
        g_assert_cmpstr(pc->name, ==, "pc");
        g_assert_cmpstr(versioned->name, ==, "pc-i440fx-7.2");
        g_assert_true(!pc->alias && !versioned->alias);
        g_assert_cmpstr(pc->default_ram_id, ==, "pc.ram");
        g_assert_true(dm_caps_default_machine(c) == pc);
}

static void test_compressed(void)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *dir = make_dir();
        g_autofree char *file = g_build_filename(dir, "recording.jsonl.gz", NULL);
        g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
        char packed[65536];
        gsize n_read = 0, n_written = 0;
        const char *text = BASE LISTS;
        g_assert_cmpint(g_converter_convert(G_CONVERTER(gzip), text, strlen(text), packed, sizeof(packed),
                                            G_CONVERTER_INPUT_AT_END, &n_read, &n_written, &error),
                        ==, G_CONVERTER_FINISHED);
        g_assert_cmpuint(n_written, <, strlen(text));
        g_assert_true(g_file_set_contents(file, packed, (gssize)n_written, NULL));
        g_autoptr(DmCaps) c = dm_caps_replay(file, "/opt/qemu", 0, &error);
        g_assert_no_error(error);
        g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci", "packed"));

        g_assert_true(g_file_set_contents(file, packed, (gssize)n_written / 2, NULL)); /* cut */
        g_assert_null(dm_caps_replay(file, "/opt/qemu", 0, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, file));
        g_assert_true(dm_remove_tree(dir, NULL));
}

static void test_bad_recordings(void)
{
        assert_replay_fails("", "lacks the answer to query-target, query-machines or qom-list-types");
        assert_replay_fails(RECORD("0", "query-target", "{\"arch\":\"x\"}"), "lacks the answer");
        assert_replay_fails(BASE "{\"session\":0,\n", "line 7: ");
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_caps_replay("/nowhere/recording", "/opt/qemu", 0, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_NOT_FOUND);
}

/* Answers of another shape than QEMU's are as good as none. */
static void test_odd_answers(void)
{
        g_autoptr(DmCaps) c = replay(
                RECORD("0", "query-version", "[7,2]") RECORD("0", "query-target", "{\"arch\":\"x86_64\"}")
                        RECORD("0", "query-kvm",
                               "\"yes\"") RECORD("0", "query-commands",
                                                 "[1,{\"name\":2},{\"name\":\"query-qmp-schema\"},"
                                                 "{\"name\":\"query-command-line-options\"}]")
                                RECORD("0", "query-machines",
                                       "[{\"name\":\"pc\",\"cpu-max\":\"many\"},{\"name\":\"q\"}]")
                                        RECORD("0", "qom-list-types", "[null,{\"name\":\"tcg-accel\"},{}]")
                                                RECORD("0", "query-command-line-options",
                                                       "[{\"parameters\":[{\"name\":\"x\"}]},{\"option\":"
                                                       "\"y\"}]") RECORD("0", "query-qmp-schema",
                                                                         "[{},{\"name\":\"a\"},7]"),
                DM_REPLAY_TCG);
        g_assert_cmpuint(c->version, ==, 0);
        g_assert_false(c->kvm_enabled);
        g_assert_cmpuint(c->machines->len, ==, 1);
        g_assert_cmpuint(g_hash_table_size(c->features), ==, 0);
}

/* ---- the schema ---- */

/* Types are numbers, as in QEMU; one is an array, one an alternate, one contains itself. */
#define SCHEMA                                                                                               \
        "[{\"name\":\"device_add\",\"meta-type\":\"command\",\"arg-type\":\"0\",\"ret-type\":\"0\","         \
        "\"features\":[\"json-cli\",\"json-cli-hotplug\"]},"                                                 \
        "{\"name\":\"0\",\"meta-type\":\"object\",\"members\":[]},"                                          \
        "{\"name\":\"blockdev-add\",\"meta-type\":\"command\",\"arg-type\":\"1\",\"ret-type\":\"0\"},"       \
        "{\"name\":\"1\",\"meta-type\":\"object\",\"tag\":\"driver\",\"members\":[{\"name\":\"driver\","     \
        "\"type\":\"2\"}],\"variants\":[{\"case\":\"file\",\"type\":\"3\"},{\"case\":\"nfs\",\"type\":"      \
        "\"0\"},"                                                                                            \
        "{\"case\":\"rbd\",\"type\":\"5\"}]},"                                                               \
        "{\"name\":\"2\",\"meta-type\":\"enum\",\"values\":[\"file\",\"nfs\",\"rbd\",\"ssh\"]},"             \
        "{\"name\":\"3\",\"meta-type\":\"object\",\"members\":[{\"name\":\"aio\",\"type\":\"4\"}],"          \
        "\"features\":[\"dynamic-auto-read-only\"]},"                                                        \
        "{\"name\":\"4\",\"meta-type\":\"enum\",\"values\":[\"threads\",\"io_uring\"]},"                     \
        "{\"name\":\"5\",\"meta-type\":\"object\",\"members\":[{\"name\":\"encrypt\",\"type\":\"6\"}]},"     \
        "{\"name\":\"6\",\"meta-type\":\"alternate\",\"members\":[{\"type\":\"str\"},{\"type\":\"1\"},"      \
        "{\"type\":\"7\"}]},"                                                                                \
        "{\"name\":\"7\",\"meta-type\":\"object\",\"members\":[{\"name\":\"parent\",\"type\":\"6\"}]},"      \
        "{\"name\":\"query-hotpluggable-cpus\",\"meta-type\":\"command\",\"arg-type\":\"0\",\"ret-type\":"   \
        "\"[8]\"},"                                                                                          \
        "{\"name\":\"[8]\",\"meta-type\":\"array\",\"element-type\":\"8\"},"                                 \
        "{\"name\":\"8\",\"meta-type\":\"object\",\"members\":[{\"name\":\"props\",\"type\":\"9\"}]},"       \
        "{\"name\":\"9\",\"meta-type\":\"object\",\"members\":[{\"name\":\"die-id\",\"type\":\"int\"}]},"    \
        "{\"name\":\"transaction\",\"meta-type\":\"command\",\"arg-type\":\"10\",\"ret-type\":\"0\"},"       \
        "{\"name\":\"10\",\"meta-type\":\"object\",\"members\":[{\"name\":\"actions\",\"type\":\"[11]\"}]}," \
        "{\"name\":\"[11]\",\"meta-type\":\"array\",\"element-type\":\"[11]\"},"                             \
        "{\"name\":\"SHUTDOWN\",\"meta-type\":\"event\",\"arg-type\":\"12\"},"                               \
        "{\"name\":\"12\",\"meta-type\":\"object\",\"members\":[{\"name\":\"reason\",\"type\":\"str\"}]},"   \
        "{\"name\":\"ACPI_DEVICE_OST\",\"meta-type\":\"event\",\"arg-type\":\"0\"}]"

static void test_schema(void)
{
        static const char *const present[] = {
                "device_add!json-cli",
                "device_add!json-cli-hotplug",
                "blockdev-add:driver=nfs",
                "blockdev-add:driver=ssh", /* a value without a variant */
                "blockdev-add:driver=file!dynamic-auto-read-only",
                "blockdev-add:driver=file:aio=io_uring",
                "blockdev-add:driver=rbd:encrypt",
                "blockdev-add:driver=rbd:encrypt:parent", /* in the third form of the alternate */
                "query-hotpluggable-cpus>props:die-id",
                "SHUTDOWN:reason",
                "ACPI_DEVICE_OST",
        };
        static const char *const absent[] = {
                "netdev_add:type=dgram",                           /* no such command */
                "blockdev-add:driver=iscsi",                       /* no such value */
                "blockdev-add:driver=file:drop-cache",             /* no such member */
                "blockdev-add:driver=rbd:encrypt:format=luks-any", /* no form of the alternate has it */
                "blockdev-add:driver=host_device:aio=io_uring",
                "query-hotpluggable-cpus>props:cluster-id",
                "transaction:actions:type=blockdev-snapshot", /* an array of itself */
                "RESET:reason",
                "BLOCK_WRITE_THRESHOLD",
        };
        g_autoptr(DmCaps) c = replay(BASE RECORD("0", "query-qmp-schema", SCHEMA), 0);
        for (guint i = 0; i < G_N_ELEMENTS(present); i++)
                if (!dm_caps_has_schema(c, present[i]))
                        g_error("'%s' was not found", present[i]);
        for (guint i = 0; i < G_N_ELEMENTS(absent); i++)
                if (dm_caps_has_schema(c, absent[i]))
                        g_error("'%s' was found", absent[i]);
}

/* A name that is asked for, but stands in no table, would be "not available" in every emulator. */
static void test_names_in_sources(void)
{
        g_autoptr(GRegex) schema = g_regex_new("dm_caps_has_schema\\([^\"()]*\"([^\"]+)\"", 0, 0, NULL);
        g_autoptr(GRegex) prop = g_regex_new("dm_caps_has_prop\\([^\"()]*\"([^\"]+)\",", 0, 0, NULL);
        g_autoptr(GDir) dir = g_dir_open("src/qemu", 0, NULL);
        g_assert_nonnull(dir); /* to be run in the top directory of the tree */
        const char *name;
        guint files = 0;
        while ((name = g_dir_read_name(dir))) {
                g_autofree char *path = g_build_filename("src/qemu", name, NULL);
                g_autofree char *text = NULL;
                if (!g_str_has_suffix(name, ".c") || !g_file_get_contents(path, &text, NULL, NULL))
                        continue;
                files++;
                g_autoptr(GMatchInfo) m = NULL;
                for (g_regex_match(schema, text, 0, &m); g_match_info_matches(m);
                     g_match_info_next(m, NULL)) {
                        g_autofree char *word = g_match_info_fetch(m, 1);
                        if (!dm_caps_schema_known(word))
                                g_error("%s: '%s' is not in the table of caps_schema.c", path, word);
                }
                g_autoptr(GMatchInfo) p = NULL;
                for (g_regex_match(prop, text, 0, &p); g_match_info_matches(p); g_match_info_next(p, NULL)) {
                        g_autofree char *word = g_match_info_fetch(p, 1);
                        guint i = 0;
                        while (dm_prop_types[i].type && strcmp(dm_prop_types[i].type, word) != 0)
                                i++;
                        if (!dm_prop_types[i].type)
                                g_error("%s: '%s' is not in the table of caps_types.c", path, word);
                }
        }
        g_assert_cmpuint(files, >, 5);
}

/* Types that end QEMU 7.2 when their properties are listed. */
static void test_deadly_types(void)
{
        static const char *const deadly[] = { "microvm-machine", "virtio-gpu-gl-pci", "virtio-gpu-gl-device",
                                              "virtio-vga-gl", "x-rv128-riscv-cpu" };
        guint n = 0;
        for (; dm_prop_types[n].type; n++)
                for (guint i = 0; i < G_N_ELEMENTS(deadly); i++)
                        g_assert_cmpstr(dm_prop_types[n].type, !=, deadly[i]);
        g_assert_cmpuint(n, >, 30);
        g_assert_cmpuint(n, <=, DM_PROP_TYPES_MAX);
}

/* ---- an emulator that dies while it is asked ---- */

#define OPTIONS "[{\"option\":\"machine\",\"parameters\":[{\"name\":\"x\"}]}]"

typedef struct Mortal {
        DmCapsPeer peer;
        const char *deadly; /* command that ends it */
        guint asked;
} Mortal;

static gboolean mortal_ask(DmCapsPeer *peer, DmCapsQuestion *questions, gsize n, GError **error)
{
        Mortal *m = (Mortal *)peer;
        for (gsize i = 0; i < n; i++) {
                m->asked++;
                if (strcmp(questions[i].command, m->deadly) == 0)
                        return dm_fail(error, DM_ERROR_GONE, "it died");
                if (strcmp(questions[i].command, "query-commands") == 0)
                        questions[i].answer = dm_json_parse(COMMANDS, strlen(COMMANDS), NULL);
                else if (strcmp(questions[i].command, "query-command-line-options") == 0)
                        questions[i].answer = dm_json_parse(OPTIONS, strlen(OPTIONS), NULL);
                else
                        questions[i].error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "no");
        }
        return TRUE;
}

static void test_died(void)
{
        g_autoptr(GError) error = NULL;
        Mortal m = { { mortal_ask }, "query-qmp-schema", 0 };
        g_autoptr(DmCaps) c = dm_caps_new("/opt/qemu");
        DmCapsInquiry inquiry = {};
        g_assert_false(dm_caps_ask(c, &inquiry, &m.peer, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        g_assert_true(inquiry.lost);
        g_assert_true(dm_caps_has_option(c, "machine", "x")); /* what came before is kept */
        g_assert_false(dm_caps_is_usable(c));

        guint before = m.asked; /* what is settled is not asked again, neither is the deadly one */
        g_assert_true(dm_caps_ask(c, &inquiry, &m.peer, NULL));
        g_assert_cmpuint(m.asked, >, before);
        before = m.asked;
        g_assert_true(dm_caps_ask(c, &inquiry, &m.peer, NULL));
        g_assert_cmpuint(m.asked, ==, before);
}

/* ---- JSON ---- */

static DmJson *full_json(void)
{
        g_autoptr(DmCaps) c = replay(BASE LISTS CPUS_KVM HOST_MODEL CPUS_TCG, 0);
        c->module_dirs = g_strsplit("/usr/lib/qemu /lib/qemu", " ", -1);
        return dm_caps_to_json(c);
}

static void test_json(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmJson) j = full_json();
        g_autoptr(DmCaps) c = dm_caps_from_json(j, &error);
        g_assert_no_error(error);
        g_autoptr(DmJson) again = dm_caps_to_json(c);
        g_assert_true(dm_json_equal(j, again));
        g_autofree char *text = dm_json_to_string(j), *text2 = dm_json_to_string(again);
        g_assert_cmpstr(text, ==, text2); /* sets are sorted */
        g_assert_cmpstr(c->path, ==, "/opt/qemu");
        g_assert_cmpstr(c->module_dirs[1], ==, "/lib/qemu");
        g_assert_true(dm_caps_has_prop(c, "virtio-blk-pci", "packed"));
        g_assert_true(dm_cpu_model_usable(dm_caps_cpu_model(c, "host")));
        g_assert_null(dm_caps_cpu_model(c, "odd")->unavailable);
        g_assert_cmpuint(c->tcg_models->len, ==, 1);
}

static void test_json_help_era(void)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmCaps) c = dm_caps_new("/opt/old");
        dm_caps_set_version(c, 0, 9, 1, "kvm-74");
        c->target = g_strdup("i386");
        c->help_era = TRUE;
        c->help = DM_HELP_NO_KVM | DM_HELP_DAEMONIZE;
        g_autoptr(DmJson) j = dm_caps_to_json(c);
        g_autoptr(DmCaps) back = dm_caps_from_json(j, &error);
        g_assert_no_error(error);
        g_assert_true(back->help_era);
        g_assert_cmpuint(back->help, ==, DM_HELP_NO_KVM | DM_HELP_DAEMONIZE);
        g_assert_cmpstr(back->package, ==, "kvm-74");
        g_assert_cmpuint(back->version, ==, 9001);
}

static void test_json_damaged(void)
{
        static const struct {
                const char *key, *value, *message;
        } rows[] = {
                { "path", NULL, "path" },
                { "target", NULL, "target" },
                { "version", "\"new\"", "version" },
                { "accelerators", "[\"warp\"]", "'warp' in 'accelerators' is unknown" },
                { "accelerators", "[1]", "'' in 'accelerators' is unknown" },
                { "machines", NULL, "'machines' is no list" },
                { "machines", "[{\"alias\":\"x\"}]", "an element of 'machines' is damaged" },
                { "cpu-models", "{}", "'cpu-models' is no list" },
                { "tcg-cpu-models", "[7]", "an element of 'tcg-cpu-models' is damaged" },
                { "types", "[7]", "'types' holds no name" },
                { "commands", "7", "'commands' is no list" },
                { "features", NULL, "'features' is no list" },
        };
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autoptr(GError) error = NULL;
                g_autoptr(DmJson) j = full_json();
                dm_json_remove(j, rows[i].key);
                if (rows[i].value)
                        dm_json_add_take(j, rows[i].key,
                                         dm_json_parse(rows[i].value, strlen(rows[i].value), NULL));
                g_assert_null(dm_caps_from_json(j, &error));
                g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
                if (!strstr(error->message, rows[i].message))
                        g_error("%s: '%s'", rows[i].key, error->message);
        }
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_caps_from_json(NULL, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INVALID_ARG);
}

/* ---- views ---- */

static void test_view(void)
{
        DmCaps *c = replay(BASE CPUS_KVM LISTS HOST_MODEL, 0);
        DmCaps *view = dm_caps_view(c, "/usr/bin/kvm");
        const char *program = c->program;
        dm_caps_unref(c);
        view->tcg_models = dm_cpu_models_new(); /* its own, where the base has none */
        DmCaps *second = dm_caps_view(view, NULL);
        dm_caps_unref(view);
        g_assert_cmpstr(second->path, ==, "/usr/bin/kvm");
        g_assert_true(second->program == program);
        g_assert_true(dm_caps_has_prop(second, "virtio-blk-pci", "packed"));
        g_assert_cmpuint(second->tcg_models->len, ==, 0);
        g_assert_nonnull(second->host_model);
        dm_caps_unref(second);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/caps/head", test_head);
        g_test_add_func("/qemu/caps/machines", test_machines);
        g_test_add_func("/qemu/caps/machine-name-before-alias", test_machine_name_before_alias);
        g_test_add_func("/qemu/caps/accels", test_accels);
        g_test_add_func("/qemu/caps/accels-by-era", test_accels_by_era);
        g_test_add_func("/qemu/caps/features", test_features);
        g_test_add_func("/qemu/caps/cpu-models", test_cpu_models);
        g_test_add_func("/qemu/caps/sessions", test_sessions);
        g_test_add_func("/qemu/caps/no-aliases", test_no_aliases);
        g_test_add_func("/qemu/caps/compressed", test_compressed);
        g_test_add_func("/qemu/caps/bad-recordings", test_bad_recordings);
        g_test_add_func("/qemu/caps/odd-answers", test_odd_answers);
        g_test_add_func("/qemu/caps/schema", test_schema);
        g_test_add_func("/qemu/caps/names-in-sources", test_names_in_sources);
        g_test_add_func("/qemu/caps/deadly-types", test_deadly_types);
        g_test_add_func("/qemu/caps/died", test_died);
        g_test_add_func("/qemu/caps/json", test_json);
        g_test_add_func("/qemu/caps/json-help-era", test_json_help_era);
        g_test_add_func("/qemu/caps/json-damaged", test_json_damaged);
        g_test_add_func("/qemu/caps/view", test_view);
        return g_test_run();
}
