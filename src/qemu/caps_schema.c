/* Members of the QMP schema: which we ask for, and how they are looked up.
 *
 * A name in the table is a path through query-qmp-schema:
 *
 *     device_add!json-cli-hotplug          a feature (of what stands before it)
 *     screendump:device                    a member of a command's arguments, or of an event's data
 *     query-display-options>type=dbus      a value of a member of a command's return value
 *     object-add:qom-type=sev-guest:kernel-hashes     a member of the variant that a value selects
 *     ACPI_DEVICE_OST                      the command or event itself
 *
 * Arrays stand for their elements, alternates for all their forms.  Members are found by their names: type
 * names are numbers in the schema, and change with every build of QEMU. */
#include "qemu/caps_private.h"

#include <string.h>

/* Longest path is 5 steps; types may be nested in a circle (a block node inside a block node). */
#define MAX_STEPS     16
#define MAX_WORD      64
#define MAX_TYPE_HOPS 8 /* arrays of arrays, alternates of alternates */

static const char *const schema_names[] = {
        /* how options are written */
        "device_add!json-cli",
        "device_add!json-cli-hotplug",
        "netdev_add:type=dgram",
        "object-add:qom-type=secret",
        /* objects */
        "object-add:qom-type=dbus-vmstate",
        "object-add:qom-type=input-linux",
        "object-add:qom-type=iothread:thread-pool-max",
        "object-add:qom-type=main-loop",
        "object-add:qom-type=memory-backend-epc",
        "object-add:qom-type=memory-backend-file:pmem",
        "object-add:qom-type=memory-backend-file:prealloc-threads",
        "object-add:qom-type=memory-backend-file:reserve",
        "object-add:qom-type=memory-backend-ram:reserve",
        "object-add:qom-type=memory-backend-memfd",
        "object-add:qom-type=pef-guest",
        "object-add:qom-type=qtest",
        "object-add:qom-type=rng-builtin",
        "object-add:qom-type=s390-pv-guest",
        "object-add:qom-type=secret_keyring",
        "object-add:qom-type=sev-guest",
        "object-add:qom-type=sev-guest:kernel-hashes",
        "object-add:qom-type=sev-snp-guest",
        "object-add:qom-type=thread-context",
        "object-add:qom-type=tls-cipher-suites",
        /* networks */
        "netdev_add:type=af-xdp",
        "netdev_add:type=bridge",
        "netdev_add:type=l2tpv3",
        "netdev_add:type=socket",
        "netdev_add:type=stream",
        "netdev_add:type=stream:reconnect",
        "netdev_add:type=user",
        "netdev_add:type=vhost-user",
        "netdev_add:type=vhost-vdpa",
        /* images */
        "blockdev-add:driver=copy-on-read",
        "blockdev-add:driver=file!dynamic-auto-read-only",
        "blockdev-add:driver=file:aio=io_uring",
        "blockdev-add:driver=file:drop-cache",
        "blockdev-add:driver=file:x-check-cache-dropped",
        "blockdev-add:driver=ftp",
        "blockdev-add:driver=ftps",
        "blockdev-add:driver=gluster",
        "blockdev-add:driver=host_cdrom",
        "blockdev-add:driver=host_device:aio=io_uring",
        "blockdev-add:driver=http",
        "blockdev-add:driver=https",
        "blockdev-add:driver=iscsi",
        "blockdev-add:driver=luks",
        "blockdev-add:driver=nbd:open-timeout",
        "blockdev-add:driver=nbd:reconnect-delay",
        "blockdev-add:driver=nbd:tls-hostname",
        "blockdev-add:driver=nfs",
        "blockdev-add:driver=nvme",
        "blockdev-add:driver=qcow2:discard-no-unref",
        "blockdev-add:driver=raw:size",
        "blockdev-add:driver=rbd:encrypt",
        "blockdev-add:driver=rbd:encrypt:format=luks-any",
        "blockdev-add:driver=rbd:encrypt:parent",
        "blockdev-add:driver=rbd:namespace",
        "blockdev-add:driver=replication",
        "blockdev-add:driver=sheepdog",
        "blockdev-add:driver=ssh",
        "blockdev-add:driver=throttle",
        "blockdev-add:driver=virtio-blk-vhost-vdpa",
        "blockdev-add:driver=vxhs",
        "block-commit:base-node",
        "block-export-add:type=fuse",
        "block-export-add:type=nbd",
        "block-export-add:type=vhost-user-blk",
        "block-stream:bottom",
        "block-stream:base-node",
        "blockdev-backup:compress",
        "blockdev-create",
        "blockdev-mirror:copy-mode",
        "blockdev-snapshot!allow-write-only-overlay",
        "nbd-server-start:max-connections",
        "nbd-server-add:bitmap",
        "query-named-block-nodes:flat",
        "transaction:actions:type=block-dirty-bitmap-merge",
        "transaction:actions:type=blockdev-snapshot",
        /* character devices */
        "chardev-add:backend:type=dbus",
        "chardev-add:backend:type=qemu-vdagent",
        "chardev-add:backend:type=spiceport",
        "chardev-add:backend:type=spicevmc",
        "chardev-add:backend:type=socket:data:reconnect",
        "chardev-add:backend:type=socket:data:reconnect-ms",
        "chardev-add:backend:type=file:data:append",
        "chardev-add:backend:type=file:data:logfile",
        /* displays and sound */
        "query-display-options>type=cocoa",
        "query-display-options>type=curses",
        "query-display-options>type=dbus",
        "query-display-options>type=egl-headless",
        "query-display-options>type=egl-headless:rendernode",
        "query-display-options>type=gtk",
        "query-display-options>type=sdl",
        "query-display-options>type=spice-app",
        "screendump:device",
        "screendump:format=png",
        "set_password:protocol=vnc:display",
        "display-reload:type=vnc:tls-certs",
        "query-audiodevs>driver=dbus",
        "query-audiodevs>driver=pipewire",
        /* processors and memory */
        "query-cpu-model-expansion>deprecated-props",
        "query-cpu-definitions>deprecated",
        "query-cpus-fast>target=s390x",
        "query-hotpluggable-cpus>props:cluster-id",
        "query-hotpluggable-cpus>props:die-id",
        "query-memory-devices>type=sgx-epc",
        "query-sgx>sections",
        "set-numa-node:type=hmat-cache",
        "set-numa-node:type=hmat-lb",
        "calc-dirty-rate:mode=dirty-ring",
        "dump-guest-memory:format=kdump-zlib",
        "dump-guest-memory:format=win-dmp",
        /* migration */
        "migrate:channels",
        "migrate-incoming:channels",
        "migrate-set-parameters:block-bitmap-mapping:bitmaps:transform",
        "migrate-set-parameters:downtime-limit",
        "migrate-set-parameters:max-postcopy-bandwidth",
        "migrate-set-parameters:mode=cpr-reboot",
        "migrate-set-parameters:multifd-compression=zstd",
        "migrate-set-parameters:tls-authz",
        "migrate-set-parameters:xbzrle-cache-size",
        "migrate-set-parameters:zero-page-detection",
        "query-migrate>blocked-reasons",
        "query-migrate>vfio",
        /* life cycle and events */
        "set-action:panic=exit-failure",
        "set-action:reboot",
        "set-action:shutdown",
        "SHUTDOWN:reason",
        "RESET:reason",
        "RTC_CHANGE:qom-path",
        "ACPI_DEVICE_OST",
        "BLOCK_WRITE_THRESHOLD",
        "DEVICE_UNPLUG_GUEST_ERROR",
        "DUMP_COMPLETED",
        "FAILOVER_NEGOTIATED",
        "GUEST_CRASHLOADED",
        "MEMORY_DEVICE_SIZE_CHANGE",
        "MEMORY_FAILURE",
        "NETDEV_STREAM_CONNECTED",
        "NETDEV_STREAM_DISCONNECTED",
        "UNPLUG_PRIMARY",
        "query-stats:target=vcpu",
};

gboolean dm_caps_schema_known(const char *name)
{
        for (guint i = 0; i < G_N_ELEMENTS(schema_names); i++)
                if (strcmp(schema_names[i], name) == 0)
                        return TRUE;
        return FALSE;
}

void dm_caps_schema_describe(GString *text)
{
        for (guint i = 0; i < G_N_ELEMENTS(schema_names); i++)
                g_string_append_printf(text, "%s\n", schema_names[i]);
}

/* ---- the schema as an index by name ---- */

typedef GHashTable Schema; /* name -> const DmJson *, borrowed */

static Schema *schema_index(const DmJson *answer)
{
        Schema *s = g_hash_table_new(g_str_hash, g_str_equal);
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                DmJson *entity = dm_json_at(answer, i);
                const char *name = dm_json_get_string(entity, "name");
                if (name)
                        g_hash_table_insert(s, (char *)name, entity);
        }
        return s;
}

static const DmJson *entity(Schema *s, const char *name)
{
        return name ? g_hash_table_lookup(s, name) : NULL;
}

static gboolean is_a(const DmJson *type, const char *meta)
{
        return g_strcmp0(dm_json_get_string(type, "meta-type"), meta) == 0;
}

static gboolean array_has(const DmJson *array, const char *text)
{
        for (gsize i = 0; i < dm_json_length(array); i++)
                if (g_strcmp0(dm_json_string(dm_json_at(array, i)), text) == 0)
                        return TRUE;
        return FALSE;
}

/* Arrays are seen through. */
static const DmJson *see_through(Schema *s, const DmJson *type)
{
        for (int i = 0; i < MAX_TYPE_HOPS && is_a(type, "array"); i++)
                type = entity(s, dm_json_get_string(type, "element-type"));
        return type;
}

/* The member @name of an object type, in itself or in the form of an alternate that has it.  Returns the
 * member, and in *ret_owner the object. */
static const DmJson *find_member(Schema *s, const DmJson *type, const char *name, const DmJson **ret_owner)
{
        type = see_through(s, type);
        if (is_a(type, "alternate")) {
                const DmJson *forms = dm_json_get(type, "members");
                for (gsize i = 0; i < dm_json_length(forms); i++) {
                        const DmJson *form = entity(s, dm_json_get_string(dm_json_at(forms, i), "type"));
                        const DmJson *found =
                                is_a(form, "object") ? find_member(s, form, name, ret_owner) : NULL;
                        if (found)
                                return found;
                }
                return NULL;
        }
        const DmJson *members = is_a(type, "object") ? dm_json_get(type, "members") : NULL;
        for (gsize i = 0; i < dm_json_length(members); i++) {
                const DmJson *member = dm_json_at(members, i);
                if (g_strcmp0(dm_json_get_string(member, "name"), name) == 0) {
                        *ret_owner = type;
                        return member;
                }
        }
        return NULL;
}

/* What @value of the tag selects in the union @owner; NULL when it selects nothing. */
static const DmJson *variant_type(Schema *s, const DmJson *owner, const char *tag, const char *value)
{
        if (g_strcmp0(dm_json_get_string(owner, "tag"), tag) != 0)
                return NULL;
        const DmJson *variants = dm_json_get(owner, "variants");
        for (gsize i = 0; i < dm_json_length(variants); i++) {
                const DmJson *v = dm_json_at(variants, i);
                if (g_strcmp0(dm_json_get_string(v, "case"), value) == 0)
                        return entity(s, dm_json_get_string(v, "type"));
        }
        return NULL;
}

/* ---- walking a path ---- */

typedef struct Place {
        const DmJson *type;   /* where the next member is looked for; NULL: nowhere */
        const DmJson *owner;  /* object of the member we stand on; NULL before the first */
        const DmJson *member; /* command, event or member: what a feature may be of */
} Place;

static gboolean step_member(Schema *s, Place *at, const char *name)
{
        at->member = find_member(s, at->type, name, &at->owner);
        at->type = at->member ? see_through(s, entity(s, dm_json_get_string(at->member, "type"))) : NULL;
        return at->member != NULL;
}

static gboolean step_value(Schema *s, Place *at, const char *value)
{
        if (!at->owner || !is_a(at->type, "enum") || !array_has(dm_json_get(at->type, "values"), value))
                return FALSE;
        const char *tag = dm_json_get_string(at->member, "name");
        at->type = variant_type(s, at->owner, tag, value);
        at->member = NULL;
        return TRUE;
}

static gboolean has_path(Schema *s, const char *path)
{
        Place at = {};
        for (int i = 0; i < MAX_STEPS && *path; i++) {
                char word[MAX_WORD];
                char kind = i == 0 ? '\0' : *path++;
                gsize length = strcspn(path, ":>=!");
                g_assert(length < sizeof(word)); /* a row of our own */
                memcpy(word, path, length);
                word[length] = '\0';
                path += length;
                if (i == 0) {
                        at.member = entity(s, word);
                        if (!at.member)
                                return FALSE;
                        const char *side = *path == '>' ? "ret-type" : "arg-type";
                        at.type = see_through(s, entity(s, dm_json_get_string(at.member, side)));
                } else if (kind == '=') {
                        if (!step_value(s, &at, word))
                                return FALSE;
                } else if (kind == '!') {
                        if (!array_has(dm_json_get(at.member, "features"), word) &&
                            !array_has(dm_json_get(at.type, "features"), word))
                                return FALSE;
                } else if (!step_member(s, &at, word)) {
                        return FALSE;
                }
        }
        return TRUE;
}

void dm_caps_take_schema(DmCaps *c, const DmJson *schema)
{
        g_autoptr(GHashTable) s = schema_index(schema);
        for (guint i = 0; i < G_N_ELEMENTS(schema_names); i++)
                if (has_path(s, schema_names[i]))
                        dm_caps_add_feature(c, "schema", ':', schema_names[i]);
}
