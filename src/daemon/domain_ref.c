/* Guests on the wire and behind the public API. */
#include "daemon/domain_ref.h"

#include "util/error.h"

char *dm_uuid_of_wire(const guint8 *uuid)
{
        GString *text = g_string_sized_new(36);
        for (guint i = 0; i < DM_RPC_UUID_SIZE; i++)
                g_string_append_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                                       uuid[i]);
        return g_string_free(text, FALSE);
}

void dm_uuid_to_wire(const char *text, guint8 *ret)
{
        for (guint i = 0; i < DM_RPC_UUID_SIZE; i++) {
                if (*text == '-')
                        text++;
                ret[i] = (guint8)(g_ascii_xdigit_value(text[0]) * 16 + g_ascii_xdigit_value(text[1]));
                text += 2;
        }
}

DomusDomain *dm_domain_of_wire(DomusConn *conn, const DmRpcDomain *dom, GError **error)
{
        g_autofree char *uuid = dm_uuid_of_wire(dom->uuid);
        g_autoptr(GError) reason = NULL;
        DomusDomain *domain = domus_lookup_uuid(conn, uuid, &reason);
        if (domain)
                return domain;
        if (g_error_matches(reason, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND))
                return dm_fail_null(error, DM_ERROR_NOT_FOUND, "no domain with matching uuid '%s' (%s)", uuid,
                                    dom->name);
        g_propagate_error(error, g_steal_pointer(&reason));
        return NULL;
}

DomusDomain *dm_domain_info_of_wire(DomusConn *conn, const DmRpcDomain *dom, DomusInfo *ret_info,
                                    GError **error)
{
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(conn, dom, error);
        if (!domain || !domus_domain_info(domain, ret_info, error))
                return NULL;
        return g_steal_pointer(&domain);
}

void dm_domain_to_wire(DomusDomain *domain, DmRpcDomain *ret)
{
        DomusInfo info;
        ret->id = domus_domain_info(domain, &info, NULL) ? info.id : -1;
        ret->name = g_strdup(domus_domain_name(domain));
        dm_uuid_to_wire(domus_domain_uuid(domain), ret->uuid);
}

/* ---- lists ---- */

static const guint32 groups[] = {
        DM_LIST_ACTIVE | DM_LIST_INACTIVE,
        DM_LIST_PERSISTENT | DM_LIST_TRANSIENT,
        DM_LIST_RUNNING | DM_LIST_PAUSED | DM_LIST_SHUTOFF | DM_LIST_OTHER,
        DM_LIST_MANAGED_SAVE | DM_LIST_NO_MANAGED_SAVE,
        DM_LIST_AUTOSTART | DM_LIST_NO_AUTOSTART,
        DM_LIST_SNAPSHOT | DM_LIST_NO_SNAPSHOT,
        DM_LIST_CHECKPOINT | DM_LIST_NO_CHECKPOINT,
};

static guint32 flags_of(const DomusInfo *info)
{
        guint32 flags = DM_LIST_NO_MANAGED_SAVE | DM_LIST_NO_SNAPSHOT | DM_LIST_NO_CHECKPOINT;
        flags |= info->id >= 0 ? DM_LIST_ACTIVE : DM_LIST_INACTIVE;
        flags |= info->persistent ? DM_LIST_PERSISTENT : DM_LIST_TRANSIENT;
        flags |= info->autostart ? DM_LIST_AUTOSTART : DM_LIST_NO_AUTOSTART;
        flags |= info->state == DOMUS_STATE_RUNNING   ? DM_LIST_RUNNING
                 : info->state == DOMUS_STATE_PAUSED  ? DM_LIST_PAUSED
                 : info->state == DOMUS_STATE_SHUTOFF ? DM_LIST_SHUTOFF
                                                      : DM_LIST_OTHER;
        return flags;
}

static gboolean matches(guint32 has, guint32 wanted)
{
        for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
                if ((wanted & groups[i]) && !(has & wanted & groups[i]))
                        return FALSE;
        return TRUE;
}

GPtrArray *dm_domains_select(DomusConn *conn, guint32 wanted, GError **error)
{
        g_autoptr(GPtrArray) all = domus_conn_list(conn, error);
        if (!all || wanted == 0)
                return g_steal_pointer(&all); /* nothing to be asked of each */
        GPtrArray *some = g_ptr_array_new_with_free_func((GDestroyNotify)domus_domain_unref);
        for (guint i = 0; i < all->len; i++) {
                DomusDomain *d = g_ptr_array_index(all, i);
                DomusInfo info;
                /* One that has ended just now is no longer there. */
                if (domus_domain_info(d, &info, NULL) && matches(flags_of(&info), wanted))
                        g_ptr_array_add(some, domus_domain_ref(d));
        }
        return some;
}
