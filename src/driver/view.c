#include "driver/view.h"

DmView *dm_view_copy(const DmView *from)
{
        DmView *v = g_new0(DmView, 1);
        if (from) {
                *v = *from;
                v->exit_message = g_strdup(from->exit_message);
                if (v->domain)
                        dm_domain_ref(v->domain);
                if (v->next)
                        dm_domain_ref(v->next);
        } else {
                v->state = DM_STATE_SHUTOFF;
                v->id = -1;
                v->exit_code = -1;
        }
        g_atomic_ref_count_init(&v->refs);
        return v;
}

DmView *dm_view_ref(DmView *v)
{
        g_atomic_ref_count_inc(&v->refs);
        return v;
}

void dm_view_unref(DmView *v)
{
        if (!v || !g_atomic_ref_count_dec(&v->refs))
                return;
        dm_domain_unref(v->domain);
        dm_domain_unref(v->next);
        g_free(v->exit_message);
        g_free(v);
}

static void set(DmDomain **member, const DmDomain *d)
{
        DmDomain *old = *member;
        *member = d ? dm_domain_ref(d) : NULL;
        dm_domain_unref(old);
}

void dm_view_set_domain(DmView *v, const DmDomain *d)
{
        set(&v->domain, d);
}

void dm_view_set_next(DmView *v, const DmDomain *d)
{
        set(&v->next, d);
}
