#include "driver/event_bus.h"

#include <string.h>

typedef struct Subscriber {
        gatomicrefcount refs;
        guint id;
        char *uuid; /* nullable: all */
        DmEventFn fn;
        void *data;
        GDestroyNotify destroy;
        GMainContext *context;
        gint removed; /* atomic */
} Subscriber;

struct DmEventBus {
        GMutex lock;
        GPtrArray *subscribers; /* owned references */
        guint next_id;
        guint64 epoch, sequence;
};

typedef struct Delivery {
        Subscriber *subscriber;
        DmEvent *event;
} Delivery;

static void subscriber_unref(void *p)
{
        Subscriber *s = p;
        if (!g_atomic_ref_count_dec(&s->refs))
                return;
        if (s->destroy)
                s->destroy(s->data);
        g_main_context_unref(s->context);
        g_free(s->uuid);
        g_free(s);
}

void dm_event_unref(DmEvent *e)
{
        if (!g_atomic_ref_count_dec(&e->refs))
                return;
        g_free(e->uuid);
        g_free(e->name);
        g_free(e->text);
        g_free(e);
}

DmEventBus *dm_event_bus_new(guint64 epoch)
{
        DmEventBus *bus = g_new0(DmEventBus, 1);
        g_mutex_init(&bus->lock);
        bus->subscribers = g_ptr_array_new_with_free_func(subscriber_unref);
        bus->epoch = epoch;
        return bus;
}

void dm_event_bus_free(DmEventBus *bus)
{
        if (!bus)
                return;
        for (guint i = 0; i < bus->subscribers->len; i++)
                g_atomic_int_set(&((Subscriber *)g_ptr_array_index(bus->subscribers, i))->removed, 1);
        g_ptr_array_unref(bus->subscribers);
        g_mutex_clear(&bus->lock);
        g_free(bus);
}

guint dm_event_bus_add(DmEventBus *bus, const char *uuid, DmEventFn fn, void *data, GDestroyNotify destroy,
                       GMainContext *context)
{
        Subscriber *s = g_new0(Subscriber, 1);
        g_atomic_ref_count_init(&s->refs);
        s->uuid = g_strdup(uuid);
        s->fn = fn;
        s->data = data;
        s->destroy = destroy;
        s->context = context ? g_main_context_ref(context) : g_main_context_ref_thread_default();
        g_mutex_lock(&bus->lock);
        s->id = ++bus->next_id;
        g_ptr_array_add(bus->subscribers, s);
        g_mutex_unlock(&bus->lock);
        return s->id;
}

void dm_event_bus_remove(DmEventBus *bus, guint id)
{
        Subscriber *found = NULL;
        g_mutex_lock(&bus->lock);
        for (guint i = 0; i < bus->subscribers->len && !found; i++) {
                Subscriber *s = g_ptr_array_index(bus->subscribers, i);
                if (s->id == id)
                        found = g_ptr_array_steal_index(bus->subscribers, i);
        }
        g_mutex_unlock(&bus->lock);
        if (!found)
                return;
        g_atomic_int_set(&found->removed, 1);
        subscriber_unref(found); /* outside the lock: destroy is the subscriber's code */
}

static gboolean deliver(gpointer data)
{
        Delivery *d = data;
        if (!g_atomic_int_get(&d->subscriber->removed))
                d->subscriber->fn(d->event, d->subscriber->data);
        return G_SOURCE_REMOVE;
}

static void delivery_free(gpointer data)
{
        Delivery *d = data;
        subscriber_unref(d->subscriber);
        dm_event_unref(d->event);
        g_free(d);
}

static void send(Subscriber *s, DmEvent *event)
{
        Delivery *d = g_new(Delivery, 1);
        g_atomic_ref_count_inc(&s->refs);
        g_atomic_ref_count_inc(&event->refs);
        *d = (Delivery){ s, event };
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, deliver, d, delivery_free);
        g_source_attach(source, s->context);
}

/* To all who asked for the guest's.  Under the lock. */
static void distribute(DmEventBus *bus, DmEvent *event)
{
        for (guint i = 0; i < bus->subscribers->len; i++) {
                Subscriber *s = g_ptr_array_index(bus->subscribers, i);
                if (!s->uuid || strcmp(s->uuid, event->uuid) == 0)
                        send(s, event);
        }
}

void dm_event_bus_emit(DmEventBus *bus, const char *uuid, const char *name, DmEventType type, int detail,
                       gint64 value, const char *text)
{
        DmEvent *event = g_new0(DmEvent, 1);
        g_atomic_ref_count_init(&event->refs);
        event->time_us = g_get_real_time();
        event->type = type;
        event->detail = detail;
        event->value = value;
        event->uuid = g_strdup(uuid);
        event->name = g_strdup(name);
        event->text = g_strdup(text);
        /* Numbering and queueing under one lock: every subscriber sees the same order. */
        g_mutex_lock(&bus->lock);
        event->epoch = bus->epoch;
        event->sequence = ++bus->sequence;
        distribute(bus, event);
        g_mutex_unlock(&bus->lock);
        dm_event_unref(event);
}

void dm_event_bus_forward(DmEventBus *bus, const DmEvent *from)
{
        DmEvent *event = g_new(DmEvent, 1);
        *event = *from;
        g_atomic_ref_count_init(&event->refs);
        event->uuid = g_strdup(from->uuid);
        event->name = g_strdup(from->name);
        event->text = g_strdup(from->text);
        g_mutex_lock(&bus->lock);
        distribute(bus, event);
        g_mutex_unlock(&bus->lock);
        dm_event_unref(event);
}
