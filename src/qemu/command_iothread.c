/* <iothreads>: threads that work for disks. */
#include "qemu/build_private.h"

#include "conf/domain_tune.h"

static const GPtrArray *listed(const DmDomain *d)
{
        return d->iothread_ids ? d->iothread_ids->list : NULL;
}

static const DmIothread *find(const DmDomain *d, unsigned id)
{
        const GPtrArray *list = listed(d);
        for (guint i = 0; list && i < list->len; i++) {
                const DmIothread *t = g_ptr_array_index(list, i);
                if (t->id.value == id)
                        return t;
        }
        return NULL;
}

/* <iothreads> counts all of them; those without an entry get the lowest ids that are free. */
static unsigned unlisted(const DmDomain *d)
{
        const GPtrArray *list = listed(d);
        unsigned count = list ? list->len : 0;
        return d->iothreads.value > count ? d->iothreads.value - count : 0;
}

gboolean dm_plan_has_iothread(const DmPlan *p, unsigned id)
{
        unsigned left = unlisted(p->domain);
        if (find(p->domain, id))
                return TRUE;
        for (unsigned n = 1; left && n <= id; n++) {
                if (find(p->domain, n))
                        continue;
                if (n == id)
                        return TRUE;
                left--;
        }
        return FALSE;
}

static void build_one(DmBuild *b, const void *origin, unsigned id, const DmIothread *t)
{
        DmJson *object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", "iothread");
        dm_json_add_stringf(object, "id", "iothread%u", id);
        if (t) {
                dm_props_u32(object, "thread-pool-min", t->pool_min);
                dm_props_u32(object, "thread-pool-max", t->pool_max);
        }
        dm_build_object(b, origin, NULL, object);
}

gboolean dm_build_iothreads(DmBuild *b, GError **error)
{
        const DmDomain *d = b->plan->domain;
        const GPtrArray *list = listed(d);
        const DmIothread *main_loop = d->default_iothread;
        if (main_loop && !dm_caps_has_schema(b->plan->caps, "object-add:qom-type=main-loop"))
                return dm_plan_fail(b->plan, NULL, main_loop, error,
                                    "QEMU %s cannot limit the threads of its main loop",
                                    b->plan->caps->version_text);
        for (guint i = 0; list && i < list->len; i++) {
                const DmIothread *t = g_ptr_array_index(list, i);
                build_one(b, t, t->id.value, t);
        }
        unsigned left = unlisted(d);
        for (unsigned id = 1; left; id++) {
                if (find(d, id))
                        continue;
                build_one(b, &d->iothreads, id, NULL);
                left--;
        }
        if (!main_loop)
                return TRUE;
        DmJson *object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", "main-loop");
        dm_json_add_string(object, "id", "main-loop");
        dm_props_u32(object, "thread-pool-min", main_loop->pool_min);
        dm_props_u32(object, "thread-pool-max", main_loop->pool_max);
        dm_build_object(b, main_loop, NULL, object);
        return TRUE;
}
