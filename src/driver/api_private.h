/* Shared by the files behind the public API (api_*.c). */
#pragma once

#include <domus/domus.h>

#include "driver/driver.h"
#include "driver/guest_jobs.h"

struct DomusConn {
        gatomicrefcount refs;
        char *uri;
        DmDriver *driver; /* owned reference */
        gboolean readonly;
};

struct DomusDomain {
        gatomicrefcount refs;
        DomusConn *conn; /* owned reference */
        char *uuid, *name;
};

/* What a call needs; checked once, at the entrance. */
typedef enum DmPrivilege { DM_PRIVILEGE_READ, DM_PRIVILEGE_WRITE, DM_PRIVILEGE_SECRET } DmPrivilege;
gboolean dm_api_allowed(DomusConn *conn, DmPrivilege privilege, GError **error);

DomusDomain *dm_api_domain(DomusConn *conn, DmGuest *guest);
/* The guest behind a name, owned reference; NOT_FOUND when it is no longer there. */
DmGuest *dm_api_guest(DomusDomain *domain, GError **error);
/* Runs @fn as a job of the guest and, unless @call is asynchronous, waits for it.  @args as
 * dm_guest_submit(). */
gboolean dm_api_submit(DomusDomain *domain, DmGuest *guest, DmJobFn fn, void *args, GDestroyNotify free_args,
                       const DomusCall *call, GError **error);
/* The same after checking the privilege and finding the guest. */
gboolean dm_api_operate(DomusDomain *domain, DmJobFn fn, void *args, GDestroyNotify free_args,
                        const DomusCall *call, GError **error);
/* Reads a document; with DOMUS_CREATE_VALIDATE its warnings are errors.  Owned. */
DmDomain *dm_api_parse(const char *xml, unsigned flags, GError **error);
