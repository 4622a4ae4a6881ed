/* The embedded driver behind the public API: defined guests (docstrings in domus.h). */
#include <string.h>

#include "conf/codecs.h"
#include "driver/api_private.h"

/* libvirt's rule: a document without uuid redefines the guest of its name. */
static void choose_uuid(DomusConn *conn, DmDomain *d)
{
        g_autoptr(DmGuest) same_name = d->uuid ? NULL : dm_driver_find_name(conn->driver, d->name);
        if (!d->uuid)
                d->uuid = same_name ? g_strdup(dm_guest_uuid(same_name)) : dm_uuid_new();
}

DomusDomain *dm_embedded_define(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                                GError **error)
{
        g_autoptr(DmDomain) d = dm_api_parse(xml, flags, error);
        if (!d)
                return NULL;
        choose_uuid(conn, d);
        gboolean new;
        g_autoptr(DmGuest) guest = dm_driver_find_or_reserve(conn->driver, d->uuid, d->name, &new, error);
        if (!guest)
                return NULL;
        DmCreateArgs *args = g_new0(DmCreateArgs, 1);
        args->domain = g_steal_pointer(&d);
        args->reserved = new ? dm_guest_ref(guest) : NULL;
        g_autoptr(DomusDomain) domain = dm_api_domain(conn, guest);
        if (!dm_api_submit(domain, guest, dm_job_define, args, dm_create_args_free, call, error))
                return NULL;
        return g_steal_pointer(&domain);
}

gboolean dm_embedded_domain_undefine(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_undefine, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_start(DomusDomain *domain, unsigned flags, const DomusCall *call, GError **error)
{
        int start = (flags & DOMUS_CREATE_PAUSED ? DM_START_PAUSED : 0) |
                    (flags & DOMUS_CREATE_AUTODESTROY ? DM_START_AUTODESTROY : 0);
        return dm_api_operate(domain, dm_job_start, GINT_TO_POINTER(start), NULL, call, error);
}

gboolean dm_embedded_domain_set_autostart(DomusDomain *domain, gboolean autostart, const DomusCall *call,
                                          GError **error)
{
        return dm_api_operate(domain, dm_job_autostart, GINT_TO_POINTER(autostart != FALSE), NULL, call,
                              error);
}

gboolean dm_embedded_domain_rename(DomusDomain *domain, const char *name, const DomusCall *call,
                                   GError **error)
{
        if (!*name || strchr(name, '/') || strchr(name, '\n') || strlen(name) > DM_DOMAIN_NAME_MAX)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "'%s' can't be a name: it must not be empty, nor hold '/' or a line break",
                               name);
        return dm_api_operate(domain, dm_job_rename, g_strdup(name), g_free, call, error);
}
