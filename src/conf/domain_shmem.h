/* Things that guests share: <shmem>, memory that several of them see; <lease>, a lock that one of them holds.
 */
#pragma once

#include "conf/device.h"

typedef enum DmShmemModel {
        DM_SHMEM_MODEL_UNSET, /* ivshmem */
        DM_SHMEM_IVSHMEM,
        DM_SHMEM_PLAIN,
        DM_SHMEM_DOORBELL,
} DmShmemModel;
typedef enum DmShmemRole { DM_SHMEM_ROLE_UNSET, DM_SHMEM_PEER, DM_SHMEM_MASTER } DmShmemRole;

typedef struct DmShmem {
        DmDevice dev;
        char *name;
        DmShmemRole role;
        DmShmemModel model;
        DmOptU64 size; /* bytes */
        gboolean server;
        char *path; /* of the server's socket */
        gboolean msi;
        DmOptU32 vectors;
        DmOnOff ioeventfd;
} DmShmem;

typedef struct DmLease {
        DmDevice dev;
        char *lockspace, *key, *path;
        DmOptU64 offset; /* bytes */
} DmLease;

extern const DmEnum dm_shmem_model, dm_shmem_role;
