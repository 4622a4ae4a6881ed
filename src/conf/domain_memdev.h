/* <devices><memory>: memory modules. */
#pragma once

#include "conf/domain_memory.h"

typedef enum DmMemoryModel {
        DM_MEMORY_MODEL_UNSET,
        DM_MEMORY_DIMM,
        DM_MEMORY_NVDIMM,
        DM_MEMORY_VIRTIO_PMEM,
        DM_MEMORY_VIRTIO_MEM,
        DM_MEMORY_SGX_EPC,
} DmMemoryModel;
extern const DmEnum dm_memory_model;

typedef struct DmMemoryDevice {
        DmDevice dev;
        DmMemoryModel model;
        DmMemoryAccess access;
        DmYesNo discard;
        char *uuid; /* nvdimm on pseries */
        /* <source> */
        DmOptU64 pagesize; /* bytes, as all sizes here */
        char *nodemask;    /* host nodes */
        char *path;
        DmOptU64 alignsize;
        gboolean pmem;
        /* <target> */
        DmOptU64 size;
        DmOptU32 node; /* of the guest */
        DmOptU64 block, requested, current;
        DmOptU64 label_size;
        gboolean readonly;
} DmMemoryDevice;
