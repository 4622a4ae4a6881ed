/* Shared by the files behind the public API (api*.c, remote*.c, open.c). */
#pragma once

#include <domus/domus.h>

#include "driver/driver.h"
#include "driver/guest_jobs.h"

/* What a connection can do, and who does it: the driver in this process, or that at the other end of a
 * socket. */
typedef struct DmConnOps {
        void (*close)(DomusConn *conn);
        DmEventBus *(*bus)(DomusConn *conn); /* borrowed */
        /* Somebody listens to the bus: from now on it has to hear of everything. */
        void (*listen)(DomusConn *conn);
#define DM_API(result, name, privilege, failure, connection, parameters, arguments) result(*name) parameters;
#include "driver/api.def"
} DmConnOps;

/* Borrow `driver` and `remote` where they are theirs. */
extern const DmConnOps dm_embedded_ops, dm_remote_ops;
#define DM_API(result, name, privilege, failure, connection, parameters, arguments) \
        result dm_embedded_##name parameters;                                       \
        result dm_remote_##name parameters;
#include "driver/api.def"

typedef struct DmRemote DmRemote;

struct DomusConn {
        gatomicrefcount refs;
        char *uri;
        gboolean readonly;
        const DmConnOps *ops;
        DmDriver *driver; /* embedded: owned reference */
        gboolean serves;  /* it is the server's, for clients of other processes */
        DmRemote *remote; /* remote: owned */
};

struct DomusDomain {
        gatomicrefcount refs;
        DomusConn *conn; /* owned reference */
        char *uuid, *name;
};

/* What a call needs; checked once, at the entrance. */
typedef enum DmPrivilege { DM_PRIVILEGE_READ, DM_PRIVILEGE_WRITE, DM_PRIVILEGE_SECRET } DmPrivilege;
gboolean dm_api_allowed(DomusConn *conn, DmPrivilege privilege, GError **error);

/* A connection to @driver (taken). */
DomusConn *dm_api_conn_embedded(const char *uri, DmDriver *driver, gboolean readonly);
/* For the server of @driver (borrowed), which does not keep it open. */
DomusConn *dm_api_conn_serving(DmDriver *driver, gboolean readonly);
/* To the driver whose socket @path is; @uri is what the connection says of itself. */
DomusConn *dm_api_conn_remote(const char *uri, const char *path, gboolean readonly, GError **error);

DomusDomain *dm_api_domain_new(DomusConn *conn, const char *uuid, const char *name);

/* ---- embedded ---- */

DomusDomain *dm_api_domain(DomusConn *conn, DmGuest *guest);
/* The guest behind a name, owned reference; NOT_FOUND when it is no longer there. */
DmGuest *dm_api_guest(DomusDomain *domain, GError **error);
/* Runs @fn as a job of the guest and, unless @call is asynchronous, waits for it.  @args as
 * dm_guest_submit(). */
gboolean dm_api_submit(DomusDomain *domain, DmGuest *guest, DmJobFn fn, void *args, GDestroyNotify free_args,
                       const DomusCall *call, GError **error);
/* The same after finding the guest. */
gboolean dm_api_operate(DomusDomain *domain, DmJobFn fn, void *args, GDestroyNotify free_args,
                        const DomusCall *call, GError **error);
/* Reads a document; with DOMUS_CREATE_VALIDATE its warnings are errors.  Owned. */
DmDomain *dm_api_parse(const char *xml, unsigned flags, GError **error);
