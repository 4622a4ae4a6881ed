/* The document <domain>: its head and the frame of its sections; the sections have files of their own. */
#include "conf/domain.h"

#include <string.h>

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_action, "lifecycle action", [DM_ACTION_DESTROY] = "destroy", [DM_ACTION_RESTART] = "restart",
              [DM_ACTION_PRESERVE] = "preserve", [DM_ACTION_RENAME_RESTART] = "rename-restart");
DM_ENUM_TABLE(
        dm_crash_action, "crash action", [DM_ACTION_DESTROY] = "destroy", [DM_ACTION_RESTART] = "restart",
        [DM_ACTION_PRESERVE] = "preserve", [DM_ACTION_RENAME_RESTART] = "rename-restart",
        [DM_ACTION_COREDUMP_DESTROY] = "coredump-destroy", [DM_ACTION_COREDUMP_RESTART] = "coredump-restart");
DM_ENUM_TABLE(
        dm_lock_failure,
        "lock failure action", [DM_LOCK_FAILURE_POWEROFF] = "poweroff", [DM_LOCK_FAILURE_RESTART] = "restart",
        [DM_LOCK_FAILURE_PAUSE] = "pause", [DM_LOCK_FAILURE_IGNORE] = "ignore");

static const DmXmlRow genid_rows[] = {
        DM_PRESENT(DmDomain, genid_wanted),
        DM_CUSTOM(DmDomain, genid, NULL, dm_uuid_codec, .as = DM_AS_TEXT, .flags = DM_ABI,
                  .doc = "VM generation id; made up when empty."),
        { 0 },
};
static const DmXmlElement genid_element = { "genid", genid_rows, .doc = "VM generation id." };

static const DmXmlRow max_memory_rows[] = {
        DM_U32(DmDomain, memory_slots, "slots", .flags = DM_ABI),
        DM_KIB(DmDomain, max_memory, NULL, .as = DM_AS_TEXT, .flags = DM_ABI | DM_REQUIRED),
        { 0 },
};
static const DmXmlElement max_memory_element = { "maxMemory", max_memory_rows,
                                                 .doc = "Limit of memory hot-plug." };

static const DmXmlRow memory_rows[] = {
        DM_KIB(DmDomain, memory, NULL, .as = DM_AS_TEXT, .flags = DM_ABI | DM_REQUIRED),
        DM_ENUM(DmDomain, dump_core, "dumpCore", dm_on_off, .doc = "Guest memory in core dumps of QEMU."),
        { 0 },
};
static const DmXmlElement memory_element = { "memory", memory_rows, .doc = "Memory at boot." };

static const DmXmlRow vcpu_rows[] = {
        DM_ENUM(DmDomain, placement, "placement", dm_placement),
        DM_CUSTOM(DmDomain, cpuset, "cpuset", dm_cpuset_codec, .doc = "Host CPUs that vCPUs may use."),
        DM_U32(DmDomain, current_vcpus, "current", .min = 1, .max = 16384),
        DM_U32(DmDomain, vcpus, NULL, .as = DM_AS_TEXT, .min = 1, .max = 16384, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement vcpu_element = { "vcpu", vcpu_rows, .doc = "Number of virtual CPUs." };

static const DmXmlRow devices_rows[] = {
        DM_STRING(DmDomain, emulator, "emulator", .as = DM_AS_ELEMENT, .flags = DM_FIRST,
                  .doc = "Path of the QEMU binary."),
#define DM_DEVICE(KIND, element_, Struct) \
        DM_LIST(DmDomain, devices, dm_##element_##_schema, .kind = DM_DEVICE_##KIND),
#include "conf/device_kinds.def"
#undef DM_DEVICE
        { 0 },
};
static const DmXmlElement devices_element = { "devices", devices_rows, .doc = "The guest's hardware." };

/* What is done beside QEMU, and not done yet. */
#define BESIDE .flags = DM_BESIDE
static const DmXmlRow domain_rows[] = {
        DM_STRING(DmDomain, type, "type", .doc = "Accelerator: qemu (none), kvm, …"),
        DM_U32(DmDomain, id, "id", .flags = DM_RUNTIME, .doc = "Number of the running guest."),
        DM_STRING(DmDomain, name, "name", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED | DM_KEEP_BLANKS),
        DM_CUSTOM(DmDomain, uuid, "uuid", dm_uuid_codec, .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_IN(genid_element),
        DM_STRING(DmDomain, title, "title", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_STRING(DmDomain, description, "description", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_VERBATIM(DmDomain, metadata, "metadata", .flags = DM_UPDATABLE,
                    .doc = "Anything that others store here."),
        DM_IN(max_memory_element),
        DM_IN(memory_element),
        DM_KIB(DmDomain, current_memory, "currentMemory", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE),
        DM_SUB(DmDomain, blkiotune, dm_blkiotune_element, BESIDE),
        DM_SUB(DmDomain, memtune, dm_memtune_element, BESIDE),
        DM_SUB(DmDomain, memory_backing, dm_memory_backing_element),
        DM_IN(vcpu_element),
        DM_SUB(DmDomain, vcpu_list, dm_vcpus_element, BESIDE),
        DM_U32(DmDomain, iothreads, "iothreads", .as = DM_AS_ELEMENT, .max = 1024,
               .doc = "How many I/O threads."),
        DM_SUB(DmDomain, iothread_ids, dm_iothread_ids_element),
        DM_SUB(DmDomain, default_iothread, dm_default_iothread_element),
        DM_SUB(DmDomain, cputune, dm_cputune_element, BESIDE),
        DM_SUB(DmDomain, numatune, dm_numatune_element),
        DM_SUB(DmDomain, resource, dm_resource_element, BESIDE),
        DM_LIST(DmDomain, sysinfo, dm_sysinfo_element),
        DM_REFUSED_EL("bootloader", "it belongs to Xen; use <kernel> or boot from a disk"),
        DM_REFUSED_EL("bootloader_args", "it belongs to Xen; use <cmdline>"),
        DM_AT(DmDomain, os, dm_os_element),
        DM_SUB(DmDomain, idmap, dm_idmap_element),
        DM_SUB(DmDomain, features, dm_features_element),
        DM_SUB(DmDomain, cpu, dm_cpu_element),
        DM_SUB(DmDomain, clock, dm_clock_element),
        DM_ENUM(DmDomain, on_poweroff, "on_poweroff", dm_action, .as = DM_AS_ELEMENT),
        DM_ENUM(DmDomain, on_reboot, "on_reboot", dm_action, .as = DM_AS_ELEMENT),
        DM_ENUM(DmDomain, on_crash, "on_crash", dm_crash_action, .as = DM_AS_ELEMENT),
        DM_ENUM(DmDomain, on_lockfailure, "on_lockfailure", dm_lock_failure, .as = DM_AS_ELEMENT, BESIDE),
        DM_SUB(DmDomain, pm, dm_pm_element),
        DM_SUB(DmDomain, perf, dm_perf_element, BESIDE),
        DM_IN(devices_element),
        DM_LIST(DmDomain, seclabels, dm_seclabel_element, BESIDE),
        DM_SUB(DmDomain, keywrap, dm_keywrap_element),
        DM_SUB(DmDomain, launch_security, dm_launch_security_element),
        DM_SUB(DmDomain, qemu_commandline, dm_qemu_commandline_element),
        DM_SUB(DmDomain, qemu_capabilities, dm_qemu_capabilities_element),
        DM_SUB(DmDomain, qemu_deprecation, dm_qemu_deprecation_element),
        DM_SUB(DmDomain, qemu_override, dm_qemu_override_element),
        DM_VERBATIM(DmDomain, foreign, "*", .doc = "Elements of other namespaces."),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmDomain *d = base;
        if (d->name &&
            (strchr(d->name, '/') || strchr(d->name, '\n') || d->name[strspn(d->name, " \t\r\n")] == 0))
                dm_check_fail(c, &d->name, DM_ERROR_INVALID_XML,
                              "the name '%s' must not be blank nor hold '/' or a line break", d->name);
        if (d->name && strlen(d->name) > DM_DOMAIN_NAME_MAX)
                dm_check_fail(c, &d->name, DM_ERROR_INVALID_XML, "the name has more than %d bytes",
                              DM_DOMAIN_NAME_MAX);
        if (!d->memory.set && !d->max_memory.set && !dm_origins_given(c->origins, &d->memory))
                dm_check_fail(c, d, DM_ERROR_INVALID_XML, "missing element <memory>");
        if (d->vcpus.set && d->current_vcpus.value > d->vcpus.value)
                dm_check_fail(c, &d->current_vcpus, DM_ERROR_INVALID_XML,
                              "%u current virtual CPUs are more than the %u at most", d->current_vcpus.value,
                              d->vcpus.value);
}

const DmXmlElement dm_domain_element = { "domain", domain_rows, sizeof(DmDomain), "A guest.",
                                         .check = check };

/* ---- life cycle ---- */

static DmDomain *domain_new(void)
{
        DmDomain *d = g_new0(DmDomain, 1);
        g_atomic_ref_count_init(&d->refs);
        d->origins = dm_origins_new();
        return d;
}

DmDomain *dm_domain_parse(const char *text, gsize length, DmXmlParseFlags flags, DmFindings *findings,
                          GError **error)
{
        g_autoptr(DmDomain) d = domain_new();
        g_autoptr(DmFindings) own = findings ? dm_findings_ref(findings) : dm_findings_new();
        if (!dm_xml_parse(text, length, &dm_domain_element, flags, d, d->origins, own, error))
                return NULL;
        gsize before = dm_findings_errors(own);
        dm_domain_check(d, own);
        if (dm_findings_errors(own) != before && !dm_findings_check(own, error))
                return NULL;
        return g_steal_pointer(&d);
}

DmDomain *dm_domain_copy(const DmDomain *d)
{
        DmDomain *copy = domain_new();
        dm_xml_copy(&dm_domain_element, d, copy, NULL);
        return copy;
}

DmDomain *dm_domain_ref(const DmDomain *d)
{
        DmDomain *mutable = (DmDomain *)d;
        g_atomic_ref_count_inc(&mutable->refs);
        return mutable;
}

void dm_domain_unref(const DmDomain *d)
{
        DmDomain *mutable = (DmDomain *)d;
        if (!d || !g_atomic_ref_count_dec(&mutable->refs))
                return;
        dm_origins_free(mutable->origins);
        dm_xml_free(&dm_domain_element, mutable);
}

static gboolean check_rows(const DmDomain *d, int flags, GError **error)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        dm_xml_deferred(&dm_domain_element, d, flags, d->origins, findings);
        return dm_findings_check(findings, error);
}

gboolean dm_domain_check_deferred(const DmDomain *d, GError **error)
{
        return check_rows(d, DM_DEFERRED, error);
}

gboolean dm_domain_check_beside(const DmDomain *d, GError **error)
{
        return check_rows(d, DM_BESIDE, error);
}

char *dm_domain_format(const DmDomain *d, DmXmlFormatFlags flags)
{
        return dm_xml_format(&dm_domain_element, d, flags);
}

/* ---- devices ---- */

void *dm_domain_add_device(DmDomain *d, DmDeviceKind kind)
{
        if (!d->devices)
                d->devices = g_ptr_array_new();
        guint at = 0;
        while (at < d->devices->len && ((DmDevice *)g_ptr_array_index(d->devices, at))->kind <= (int)kind)
                at++;
        DmDevice *device = g_malloc0(dm_device_schema(kind)->size);
        device->kind = kind;
        g_ptr_array_insert(d->devices, (gint)at, device);
        return device;
}

void dm_domain_remove_device(DmDomain *d, DmDevice *device)
{
        g_ptr_array_remove(d->devices, device);
        dm_xml_forget(dm_device_schema(device->kind), device, d->origins);
        dm_xml_free(dm_device_schema(device->kind), device);
}

void *dm_domain_device(const DmDomain *d, DmDeviceKind kind, unsigned n)
{
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == (int)kind && n-- == 0)
                        return device;
        return NULL;
}

unsigned dm_domain_count(const DmDomain *d, DmDeviceKind kind)
{
        unsigned n = 0;
        DM_FOREACH_DEVICE (d, device)
                n += device->kind == (int)kind;
        return n;
}

char *dm_device_describe(const DmDevice *device)
{
        const DmXmlElement *schema = dm_device_schema(device->kind);
        const char *which = schema->label ? schema->label(device) : NULL;
        return which ? g_strdup_printf("%s %s", schema->name, which) : g_strdup(schema->name);
}
