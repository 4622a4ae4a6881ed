/* <tpm>: rows, and the rules between them. */
#include "conf/domain_tpm.h"

#include "conf/codecs.h"

DM_ENUM_TABLE(dm_tpm_model, "tpm model", [DM_TPM_TIS] = "tpm-tis", [DM_TPM_CRB] = "tpm-crb",
              [DM_TPM_SPAPR] = "tpm-spapr", [DM_TPM_SPAPR_PROXY] = "spapr-tpm-proxy");
DM_ENUM_TABLE(dm_tpm_backend, "tpm backend", [DM_TPM_PASSTHROUGH] = "passthrough",
              [DM_TPM_EMULATOR] = "emulator", [DM_TPM_EXTERNAL] = "external");
DM_ENUM_TABLE(dm_tpm_version, "tpm version", [DM_TPM_1_2] = "1.2", [DM_TPM_2_0] = "2.0");
DM_ENUM_TABLE(dm_tpm_source_mode, "source mode", [DM_CHARDEV_CONNECT] = "connect");

static const DmXmlRow device_rows[] = { DM_STRING(DmTpm, path, "path", .flags = DM_REQUIRED), { 0 } };
static const DmXmlElement device_element = { "device", device_rows, .doc = "The host's TPM." };
static const DmXmlRow encryption_rows[] = {
        DM_CUSTOM(DmTpm, secret, "secret", dm_uuid_codec, .flags = DM_REQUIRED),
        { 0 },
};
static const DmXmlElement encryption_element = { "encryption", encryption_rows, .doc = "Of the state." };
static const DmXmlRow bank_rows[] = {
        DM_FLAG(DmTpm, sha1, "sha1"),
        DM_FLAG(DmTpm, sha256, "sha256"),
        DM_FLAG(DmTpm, sha384, "sha384"),
        DM_FLAG(DmTpm, sha512, "sha512"),
        { 0 },
};
static const DmXmlElement bank_element = { "active_pcr_banks", bank_rows, .doc = "Banks that are active." };
static const DmXmlRow source_rows[] = {
        DM_STRING(DmTpm, socket, "path", .flags = DM_REQUIRED),
        DM_ENUM(DmTpm, socket_mode, "mode", dm_tpm_source_mode),
        { 0 },
};
static const DmXmlElement source_element = {
        "source",
        source_rows,
        .doc = "Socket of a running swtpm.",
        .tag = { "type", "unix", FALSE },
};

#define ON(TYPE) DM_WHEN(DmTpm, backend, DM_TPM_##TYPE)
static const DmXmlRow backend_rows[] = {
        DM_ENUM(DmTpm, backend, "type", dm_tpm_backend, .flags = DM_REQUIRED),
        DM_ENUM(DmTpm, version, "version", dm_tpm_version, .flags = DM_ABI, ON(EMULATOR)),
        DM_ENUM(DmTpm, persistent_state, "persistent_state", dm_yes_no, ON(EMULATOR)),
        DM_IN(device_element, ON(PASSTHROUGH)),
        DM_IN(encryption_element, ON(EMULATOR)),
        DM_IN(bank_element, ON(EMULATOR)),
        DM_IN(source_element, .flags = DM_REQUIRED, ON(EXTERNAL)),
        { 0 },
};
static const DmXmlElement backend_element = { "backend", backend_rows, .doc = "Who does the work." };
static const DmXmlRow tpm_rows[] = {
        DM_ENUM(DmTpm, model, "model", dm_tpm_model, .flags = DM_ABI),
        DM_IN(backend_element, .flags = DM_REQUIRED),
        DM_DEVICE_TAIL(DmTpm),
        { 0 },
};
static void check(const void *base, const DmXmlCheck *c)
{
        const DmTpm *t = base;
        if (t->version == DM_TPM_1_2 && t->model == DM_TPM_CRB)
                dm_check_fail(c, &t->version, DM_ERROR_UNSUPPORTED, "tpm-crb needs version 2.0");
        if (t->model == DM_TPM_SPAPR_PROXY && t->backend && t->backend != DM_TPM_PASSTHROUGH)
                dm_check_fail(c, &t->backend, DM_ERROR_UNSUPPORTED,
                              "spapr-tpm-proxy needs <backend type='passthrough'>");
        if (t->version == DM_TPM_1_2 && (t->sha1 || t->sha256 || t->sha384 || t->sha512))
                dm_check_fail(c, &t->version, DM_ERROR_INVALID_XML,
                              "banks can be chosen with version 2.0 only");
}
static const char *label(const void *base)
{
        return dm_enum_name(&dm_tpm_model, ((const DmTpm *)base)->model);
}
const DmXmlElement dm_tpm_schema = {
        "tpm", tpm_rows, sizeof(DmTpm), "A trusted platform module.", .check = check, .label = label,
};
