/* <tpm>: a trusted platform module. */
#pragma once

#include "conf/domain_chardev.h" /* DmChardevMode */

typedef enum DmTpmModel { DM_TPM_UNSET, DM_TPM_TIS, DM_TPM_CRB, DM_TPM_SPAPR, DM_TPM_SPAPR_PROXY } DmTpmModel;
typedef enum DmTpmBackend {
        DM_TPM_BACKEND_UNSET,
        DM_TPM_PASSTHROUGH,
        DM_TPM_EMULATOR,
        DM_TPM_EXTERNAL,
} DmTpmBackend;
typedef enum DmTpmVersion { DM_TPM_VERSION_UNSET, DM_TPM_1_2, DM_TPM_2_0 } DmTpmVersion;
extern const DmEnum dm_tpm_model, dm_tpm_backend, dm_tpm_version, dm_tpm_source_mode;

typedef struct DmTpm {
        DmDevice dev;
        DmTpmModel model;
        DmTpmBackend backend;
        DmTpmVersion version;     /* emulator */
        DmYesNo persistent_state; /* emulator: the state outlives a transient guest */
        char *path;               /* passthrough: /dev/tpm0 */
        char *secret;             /* emulator: uuid of the secret that the state is encrypted with */
        gboolean sha1, sha256, sha384, sha512; /* emulator: banks that are active */
        char *socket;                          /* external */
        DmChardevMode socket_mode;             /* external: always connect */
} DmTpm;
