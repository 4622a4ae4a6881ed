/* <devices><memory>: rows, and the rules between them. */
#include "conf/domain_memdev.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_memory_model, "memory model", [DM_MEMORY_DIMM] = "dimm", [DM_MEMORY_NVDIMM] = "nvdimm",
              [DM_MEMORY_VIRTIO_PMEM] = "virtio-pmem", [DM_MEMORY_VIRTIO_MEM] = "virtio-mem",
              [DM_MEMORY_SGX_EPC] = "sgx-epc");

#define ON(...)  DM_WHEN(DmMemoryDevice, model, __VA_ARGS__)
#define VOLATILE ON(DM_MEMORY_DIMM, DM_MEMORY_VIRTIO_MEM)
#define ON_FILE  ON(DM_MEMORY_NVDIMM, DM_MEMORY_VIRTIO_PMEM)
static const DmXmlRow source_rows[] = {
        DM_CUSTOM(DmMemoryDevice, nodemask, "nodemask", dm_nodeset_codec, .as = DM_AS_ELEMENT,
                  ON(DM_MEMORY_DIMM, DM_MEMORY_VIRTIO_MEM, DM_MEMORY_SGX_EPC), .doc = "Host nodes."),
        DM_KIB(DmMemoryDevice, pagesize, "pagesize", .as = DM_AS_ELEMENT, VOLATILE),
        DM_STRING(DmMemoryDevice, path, "path", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED, ON_FILE),
        DM_KIB(DmMemoryDevice, alignsize, "alignsize", .as = DM_AS_ELEMENT, ON(DM_MEMORY_NVDIMM)),
        DM_FLAG(DmMemoryDevice, pmem, "pmem", ON(DM_MEMORY_NVDIMM)),
        { 0 },
};
static const DmXmlElement source_element = { "source", source_rows, .doc = "What it is made of." };

static const DmXmlRow label_rows[] = {
        DM_KIB(DmMemoryDevice, label_size, "size", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement label_element = { "label", label_rows, .doc = "Area for the names of parts." };
static const DmXmlRow target_rows[] = {
        DM_KIB(DmMemoryDevice, size, "size", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED | DM_ABI, .min = 1),
        DM_U32(DmMemoryDevice, node, "node", .as = DM_AS_ELEMENT, .flags = DM_ABI),
        DM_IN(label_element, ON(DM_MEMORY_NVDIMM)),
        DM_FLAG(DmMemoryDevice, readonly, "readonly", .flags = DM_ABI, ON(DM_MEMORY_NVDIMM)),
        DM_KIB(DmMemoryDevice, block, "block", .as = DM_AS_ELEMENT, .flags = DM_ABI,
               ON(DM_MEMORY_VIRTIO_MEM)),
        DM_KIB(DmMemoryDevice, requested, "requested", .as = DM_AS_ELEMENT, .flags = DM_UPDATABLE,
               ON(DM_MEMORY_VIRTIO_MEM)),
        DM_KIB(DmMemoryDevice, current, "current", .as = DM_AS_ELEMENT, .flags = DM_RUNTIME,
               ON(DM_MEMORY_VIRTIO_MEM)),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "What the guest sees." };

static const DmXmlRow memory_rows[] = {
        DM_ENUM(DmMemoryDevice, model, "model", dm_memory_model, .flags = DM_REQUIRED | DM_ABI),
        DM_ENUM(DmMemoryDevice, access, "access", dm_memory_access),
        DM_ENUM(DmMemoryDevice, discard, "discard", dm_yes_no),
        DM_CUSTOM(DmMemoryDevice, uuid, "uuid", dm_uuid_codec, .as = DM_AS_ELEMENT, .flags = DM_ABI,
                  ON(DM_MEMORY_NVDIMM)),
        DM_IN(source_element),
        DM_IN(target_element, .flags = DM_REQUIRED),
        DM_DEVICE_TAIL(DmMemoryDevice),
        { 0 },
};

static void check(const void *base, const DmXmlCheck *c)
{
        const DmMemoryDevice *m = base;
        if ((m->model == DM_MEMORY_NVDIMM || m->model == DM_MEMORY_VIRTIO_PMEM) && !m->path)
                dm_check_fail(c, m, DM_ERROR_INVALID_XML, "model '%s' needs <source><path>",
                              dm_enum_name(&dm_memory_model, m->model));
        if (m->requested.set && m->requested.value > m->size.value)
                dm_check_fail(c, &m->requested, DM_ERROR_INVALID_XML, "more is requested than there is");
        if (m->model == DM_MEMORY_VIRTIO_MEM && (!m->block.set || !m->requested.set))
                dm_check_fail(c, m, DM_ERROR_INVALID_XML, "virtio-mem needs <block> and <requested>");
        if (m->block.value & (m->block.value - 1))
                dm_check_fail(c, &m->block, DM_ERROR_INVALID_XML,
                              "the size of a block must be a power of two");
        if (m->pmem && m->access == DM_MEMORY_PRIVATE)
                dm_check_fail(c, &m->access, DM_ERROR_INVALID_XML,
                              "changes to persistent memory cannot be private");
}

static const char *label(const void *base)
{
        return dm_enum_name(&dm_memory_model, ((const DmMemoryDevice *)base)->model);
}

const DmXmlElement dm_memory_schema = {
        "memory", memory_rows, sizeof(DmMemoryDevice), "A memory module.", .check = check, .label = label,
};
