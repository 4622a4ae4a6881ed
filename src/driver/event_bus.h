/* Events on their way from guests to whoever asked: each subscriber gets them in order, in its own context.
 */
#pragma once

#include <glib.h>

#include "qemu/state.h"

typedef struct DmEvent {
        gatomicrefcount refs;
        guint64 epoch, sequence;
        gint64 time_us;
        DmEventType type;
        int detail;
        gint64 value;
        char *uuid, *name; /* of the guest */
        char *text;        /* nullable */
} DmEvent;
void dm_event_unref(DmEvent *e);

typedef struct DmEventBus DmEventBus;
typedef void (*DmEventFn)(const DmEvent *event, void *data);

/* @epoch tells this life of the driver from others. */
DmEventBus *dm_event_bus_new(guint64 epoch);
/* Subscribers still there are dropped, their data destroyed. */
void dm_event_bus_free(DmEventBus *bus);

/* Events of the guest @uuid (NULL: all).  @context NULL: the caller's thread-default one.  Returns a number >
 * 0. */
guint dm_event_bus_add(DmEventBus *bus, const char *uuid, DmEventFn fn, void *data, GDestroyNotify destroy,
                       GMainContext *context);
/* Events that are already on their way to another thread's context may still be dropped there; @fn is not
 * called after a remove in its own thread. */
void dm_event_bus_remove(DmEventBus *bus, guint id);
void dm_event_bus_emit(DmEventBus *bus, const char *uuid, const char *name, DmEventType type, int detail,
                       gint64 value, const char *text);
/* The same for an event that another bus has numbered; @event is copied. */
void dm_event_bus_forward(DmEventBus *bus, const DmEvent *event);
