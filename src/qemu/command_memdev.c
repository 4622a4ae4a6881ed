/* <devices><memory>: modules that are there from the start, or that grow while the guest runs.  What they are
 * made of is decided as for the guest's main memory (command_ram.c). */
#include "qemu/build_private.h"

#include "conf/domain_memdev.h"

#define MIB           (G_GUINT64_CONSTANT(1) << 20)
#define MODULE_BLOCK  (2 * MIB)
#define PSERIES_BLOCK (256 * MIB)

static gboolean in_slot(const DmMemoryDevice *m)
{
        return m->model == DM_MEMORY_DIMM || m->model == DM_MEMORY_NVDIMM;
}

static const char *driver(const DmMemoryDevice *m)
{
        static const char *const names[] = {
                [DM_MEMORY_DIMM] = "pc-dimm",
                [DM_MEMORY_NVDIMM] = "nvdimm",
                [DM_MEMORY_VIRTIO_PMEM] = "virtio-pmem-pci",
                [DM_MEMORY_VIRTIO_MEM] = "virtio-mem-pci",
                [DM_MEMORY_SGX_EPC] = NULL,
        };
        return names[m->model];
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        const DmMemoryDevice *m = (const DmMemoryDevice *)device;
        (void)p;
        if (in_slot(m))
                return DM_WANTS_DIMM;
        return m->model == DM_MEMORY_SGX_EPC ? DM_WANTS_NOTHING : DM_WANTS_VIRTIO;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        static const char *const stems[] = {
                [DM_MEMORY_DIMM] = "dimm",
                [DM_MEMORY_NVDIMM] = "nvdimm",
                [DM_MEMORY_VIRTIO_PMEM] = "virtiopmem",
                [DM_MEMORY_VIRTIO_MEM] = "virtiomem",
                [DM_MEMORY_SGX_EPC] = "epc",
        };
        const DmMemoryDevice *m = (const DmMemoryDevice *)device;
        unsigned same = 0;
        (void)n;
        if (in_slot(m))
                return g_strdup_printf("%s%u", stems[m->model], device->address.slot.value);
        DM_FOREACH_DEVICE (p->domain, other) {
                if (other == device)
                        break;
                same += other->kind == DM_DEVICE_MEMORY && ((DmMemoryDevice *)other)->model == m->model;
        }
        return g_strdup_printf("%s%u", stems[m->model], same);
}

/* ---- checks ---- */

static gboolean check_room(const DmPlan *p, const DmMemoryDevice *m, GError **error)
{
        const DmDomain *d = p->domain;
        if (m->model == DM_MEMORY_SGX_EPC)
                return TRUE;
        if (!d->max_memory.set)
                return dm_plan_fail(
                        p, &m->dev, m, error,
                        "memory modules need <maxMemory slots=>, which says how much there can be");
        if (in_slot(m) && m->dev.address.slot.value >= d->memory_slots.value)
                return dm_plan_fail(p, &m->dev, &m->dev.address, error,
                                    "slot %u does not exist: <maxMemory slots='%u'>",
                                    m->dev.address.slot.value, d->memory_slots.value);
        guint64 sum = dm_plan_memory(p);
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_MEMORY)
                        sum += ((const DmMemoryDevice *)device)->size.value;
        if (sum > dm_plan_round_memory(p, d->max_memory.value))
                return dm_plan_fail(p, &m->dev, &m->size, error,
                                    "all memory together is more than <maxMemory> allows");
        return TRUE;
}

static gboolean check_node(const DmPlan *p, const DmMemoryDevice *m, GError **error)
{
        const DmNuma *n = p->domain->cpu ? p->domain->cpu->numa : NULL;
        guint cells = dm_plan_has_numa(p) ? n->cells->len : 0;
        if (m->node.set && m->node.value >= MAX(cells, 1))
                return dm_plan_fail(p, &m->dev, &m->node, error, "the guest has no NUMA cell %u",
                                    m->node.value);
        if (!m->node.set && cells && (in_slot(m) || m->model == DM_MEMORY_VIRTIO_MEM))
                return dm_plan_fail(p, &m->dev, m, error, "say with <node> which NUMA cell it belongs to");
        return TRUE;
}

static gboolean check_pseries(const DmPlan *p, const DmMemoryDevice *m, GError **error)
{
        if (!(p->board->flags & DM_BOARD_SPAPR_VIO) || m->model != DM_MEMORY_NVDIMM)
                return TRUE;
        if (!m->label_size.set)
                return dm_plan_fail(p, &m->dev, m, error, "NVDIMMs of pseries need a <label>");
        if (m->size.value < m->label_size.value + PSERIES_BLOCK)
                return dm_plan_fail(p, &m->dev, &m->size, error,
                                    "NVDIMMs of pseries have at least 256 MiB besides their label");
        return TRUE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmMemoryDevice *m = (const DmMemoryDevice *)device;
        (void)host;
        if (m->model == DM_MEMORY_SGX_EPC &&
            !dm_caps_has_schema(p->caps, "object-add:qom-type=memory-backend-epc"))
                return dm_plan_fail(p, device, &m->model, error, "'%s' (QEMU %s) has no SGX memory",
                                    p->caps->path, p->caps->version_text);
        if (p->board->flags & DM_BOARD_CCW && in_slot(m))
                return dm_plan_fail(p, device, &m->model, error, "machine '%s' has no memory slots",
                                    p->board_name);
        return check_room(p, m, error) && check_node(p, m, error) && check_pseries(p, m, error);
}

/* ---- command line ---- */

/* Bytes that it really has. */
static guint64 size_of(const DmPlan *p, const DmMemoryDevice *m)
{
        gboolean pseries = p->board->flags & DM_BOARD_SPAPR_VIO;
        guint64 block = pseries ? PSERIES_BLOCK : MODULE_BLOCK, label = m->label_size.value;
        /* Rounded down: behind the end of the file there is nothing. */
        if (pseries && m->model == DM_MEMORY_NVDIMM)
                return (m->size.value - label) / block * block + label;
        return (m->size.value + block - 1) / block * block;
}

/* Main memory is filled in advance by the host's side, this kind by the device, as it grows. */
static gboolean move_prealloc(const DmPlan *p, const DmMemoryDevice *m)
{
        return m->model == DM_MEMORY_VIRTIO_MEM && dm_caps_has_prop(p->caps, "virtio-mem-pci", "prealloc") &&
               dm_caps_has_prop(p->caps, "memory-backend-file", "reserve");
}

static DmJson *ram_props(DmBuild *b, const DmMemoryDevice *m, const DmRam *ram, GError **error)
{
        gboolean plain;
        DmJson *j = dm_ram_props(b, ram, &plain, error);
        if (!j)
                return NULL;
        if (m->model == DM_MEMORY_SGX_EPC) {
                static const char *const ordinary[] = { "mem-path", "share", "discard-data" };
                dm_json_add_string(j, "qom-type", "memory-backend-epc");
                for (gsize i = 0; i < G_N_ELEMENTS(ordinary); i++)
                        dm_json_remove(j, ordinary[i]);
                dm_json_add_bool(j, "prealloc", TRUE);
        }
        if (move_prealloc(b->plan, m)) {
                dm_json_remove(j, "prealloc");
                dm_json_remove(j, "prealloc-threads");
                dm_json_add_bool(j, "reserve", FALSE);
        }
        if (m->alignsize.set)
                dm_json_add_uint(j, "align", m->alignsize.value);
        if (m->pmem)
                dm_json_add_bool(j, "pmem", TRUE);
        return j;
}

/* Pages of the usual size are no reason for anything. */
static guint64 page_size(const DmBuild *b, const DmMemoryDevice *m)
{
        return m->pagesize.value == b->page_size ? 0 : m->pagesize.value;
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmMemoryDevice *m = (const DmMemoryDevice *)device;
        g_autofree char *id = g_strconcat("mem", device->alias, NULL);
        const DmRam ram = {
                .id = id,
                .origin = m,
                .size = size_of(b->plan, m),
                .node = m->node.set ? (int)m->node.value : -1,
                .path = m->path,
                .page_size = page_size(b, m),
                .host_nodes = m->nodemask,
                .access = m->access,
                .discard = m->discard,
        };
        DmJson *j = ram_props(b, m, &ram, error);
        if (!j)
                return FALSE;
        /* Enclaves are the processor's own memory: no thread can be near it. */
        if (m->model == DM_MEMORY_SGX_EPC)
                dm_build_object(b, m, NULL, j);
        else
                dm_build_ram(b, &ram, j);
        return TRUE;
}

/* TRUE when <memoryBacking>, or pages of its own, would have it filled in advance. */
static gboolean preallocated(const DmPlan *p, const DmMemoryDevice *m)
{
        const DmMemoryBacking *backing = p->domain->memory_backing;
        return m->pagesize.set ||
               (backing && (backing->allocation == DM_MEMORY_IMMEDIATE || backing->hugepages));
}

static void add_bytes(DmJson *props, const char *key, DmOptU64 value)
{
        if (value.set)
                dm_json_add_uint(props, key, value.value);
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmMemoryDevice *m = (const DmMemoryDevice *)device;
        (void)error;
        if (!driver(m))
                return NULL;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", driver(m));
        dm_props_u32(props, "node", m->node);
        add_bytes(props, "label-size", m->label_size);
        add_bytes(props, "block-size", m->block);
        add_bytes(props, "requested-size", m->requested);
        dm_json_add_string(props, "uuid", m->uuid);
        if (m->readonly)
                dm_json_add_bool(props, "unarmed", TRUE);
        dm_json_add_stringf(props, "memdev", "mem%s", device->alias);
        if (move_prealloc(p, m) && preallocated(p, m))
                dm_json_add_bool(props, "prealloc", TRUE);
        dm_json_add_string(props, "id", device->alias);
        dm_props_address(p, device, props);
        return props;
}

const DmDeviceOps dm_memory_ops = {
        .order = DM_ORDER_MEMORY,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
};
