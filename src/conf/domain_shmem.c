/* <shmem>, <lease>: rows, and the rules between them. */
#include "conf/domain_shmem.h"

#include <string.h>

#define MIB (G_GUINT64_CONSTANT(1) << 20)

DM_ENUM_TABLE(dm_shmem_model, "shmem model", [DM_SHMEM_IVSHMEM] = "ivshmem",
              [DM_SHMEM_PLAIN] = "ivshmem-plain", [DM_SHMEM_DOORBELL] = "ivshmem-doorbell");
DM_ENUM_TABLE(dm_shmem_role, "shmem role", [DM_SHMEM_PEER] = "peer", [DM_SHMEM_MASTER] = "master");

/* ---- shmem ---- */

static const DmXmlRow model_rows[] = {
        DM_ENUM(DmShmem, model, "type", dm_shmem_model, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement model_element = { "model", model_rows, .doc = "Which device." };
static const DmXmlRow server_rows[] = {
        DM_PRESENT(DmShmem, server),
        DM_STRING(DmShmem, path, "path", .doc = "Its socket; by its name when there is none."),
        { 0 },
};
static const DmXmlElement server_element = { "server", server_rows, .doc = "Who hands out the memory." };
static const DmXmlRow msi_rows[] = {
        DM_PRESENT(DmShmem, msi),
        DM_U32(DmShmem, vectors, "vectors", .flags = DM_ABI),
        DM_ENUM(DmShmem, ioeventfd, "ioeventfd", dm_on_off, .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement msi_element = { "msi", msi_rows, .doc = "Interrupts between the guests." };

static const DmXmlRow shmem_rows[] = {
        DM_STRING(DmShmem, name, "name", .flags = DM_REQUIRED | DM_ABI,
                  .doc = "What the guests share it by."),
        DM_ENUM(DmShmem, role, "role", dm_shmem_role, .flags = DM_ABI,
                .doc = "master: the content goes along when the guest moves."),
        DM_IN(model_element),
        DM_U64(DmShmem, size, "size", .as = DM_AS_ELEMENT, .scale = MIB, .unit = "M", .flags = DM_ABI),
        DM_IN(server_element),
        DM_IN(msi_element),
        DM_DEVICE_TAIL(DmShmem),
        { 0 },
};

static void check_server(const DmShmem *d, const DmXmlCheck *c)
{
        if (d->model == DM_SHMEM_DOORBELL && !d->server)
                dm_check_fail(c, &d->model, DM_ERROR_INVALID_XML,
                              "model 'ivshmem-doorbell' needs a <server>");
        if (d->model == DM_SHMEM_PLAIN && d->server)
                dm_check_fail(c, &d->server, DM_ERROR_INVALID_XML, "model 'ivshmem-plain' has no server");
        if (d->model == DM_SHMEM_PLAIN && d->msi)
                dm_check_fail(c, &d->msi, DM_ERROR_INVALID_XML, "model 'ivshmem-plain' has no interrupts");
        if (d->model == DM_SHMEM_DOORBELL && d->size.set)
                dm_check_fail(c, &d->size, DM_ERROR_INVALID_XML,
                              "the server decides the size of 'ivshmem-doorbell'");
}

static void check_shmem(const void *base, const DmXmlCheck *c)
{
        const DmShmem *d = base;
        if (d->name && (strchr(d->name, '/') || !strcmp(d->name, ".") || !strcmp(d->name, "..")))
                dm_check_fail(c, &d->name, DM_ERROR_INVALID_XML, "the name '%s' cannot be that of a file",
                              d->name);
        if (d->size.set && (d->size.value < MIB || d->size.value & (d->size.value - 1)))
                dm_check_fail(c, &d->size, DM_ERROR_INVALID_XML,
                              "the size must be a power of two from 1 MiB on");
        check_server(d, c);
}

static const char *shmem_label(const void *base)
{
        return ((const DmShmem *)base)->name;
}

const DmXmlElement dm_shmem_schema = {
        "shmem",
        shmem_rows,
        sizeof(DmShmem),
        "Memory that several guests see.",
        .check = check_shmem,
        .label = shmem_label,
};

/* ---- lease ---- */

static const DmXmlRow target_rows[] = {
        DM_STRING(DmLease, path, "path", .flags = DM_REQUIRED),
        DM_U64(DmLease, offset, "offset", .doc = "Bytes."),
        { 0 },
};
static const DmXmlElement target_element = { "target", target_rows, .doc = "Where the lock is written." };
static const DmXmlRow lease_rows[] = {
        DM_STRING(DmLease, lockspace, "lockspace", .as = DM_AS_ELEMENT),
        DM_STRING(DmLease, key, "key", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED),
        DM_IN(target_element, .flags = DM_REQUIRED),
        { 0 },
};

static const char *lease_label(const void *base)
{
        return ((const DmLease *)base)->key;
}

const DmXmlElement dm_lease_schema = {
        "lease",
        lease_rows,
        sizeof(DmLease),
        "A lock that the guest holds while it runs.",
        .label = lease_label,
};
