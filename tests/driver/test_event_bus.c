/* Events: order, filters, removal, numbers. */
#include "driver/event_bus.h"

#include <string.h>

typedef struct Seen {
        GString *text;
        guint64 last, epoch;
        gint destroyed;
} Seen;

static void on_event(const DmEvent *e, void *data)
{
        Seen *s = data;
        g_string_append_printf(s->text, "%s:%s:%d ", e->name, dm_event_name(e->type), e->detail);
        g_assert_cmpuint(e->sequence, >, s->last);
        s->last = e->sequence;
        s->epoch = e->epoch;
}

static void on_destroy(gpointer data)
{
        ((Seen *)data)->destroyed++;
}

static void drain(GMainContext *context)
{
        while (g_main_context_iteration(context, FALSE))
                ;
}

static void test_order_and_filter(void)
{
        DmEventBus *bus = dm_event_bus_new(7);
        Seen all = { .text = g_string_new(NULL) }, one = { .text = g_string_new(NULL) };
        dm_event_bus_add(bus, NULL, on_event, &all, on_destroy, NULL);
        dm_event_bus_add(bus, "u1", on_event, &one, on_destroy, NULL);
        dm_event_bus_emit(bus, "u1", "a", DM_EVENT_STARTED, 0, 0, NULL);
        dm_event_bus_emit(bus, "u2", "b", DM_EVENT_STARTED, 0, 0, NULL);
        dm_event_bus_emit(bus, "u1", "a", DM_EVENT_STOPPED, 1, 0, "why");
        g_assert_cmpuint(all.text->len, ==, 0); /* nothing comes from inside emit */
        drain(NULL);
        g_assert_cmpstr(all.text->str, ==, "a:started:0 b:started:0 a:stopped:1 ");
        g_assert_cmpstr(one.text->str, ==, "a:started:0 a:stopped:1 ");
        g_assert_cmpuint(all.epoch, ==, 7);
        dm_event_bus_free(bus);
        g_assert_cmpint(all.destroyed, ==, 1);
        g_assert_cmpint(one.destroyed, ==, 1);
        g_string_free(all.text, TRUE);
        g_string_free(one.text, TRUE);
}

static void test_remove(void)
{
        DmEventBus *bus = dm_event_bus_new(1);
        Seen seen = { .text = g_string_new(NULL) };
        guint id = dm_event_bus_add(bus, NULL, on_event, &seen, on_destroy, NULL);
        dm_event_bus_emit(bus, "u", "a", DM_EVENT_STARTED, 0, 0, NULL);
        dm_event_bus_remove(bus, id); /* also what is on its way */
        drain(NULL);
        g_assert_cmpstr(seen.text->str, ==, "");
        g_assert_cmpint(seen.destroyed, ==, 1);
        dm_event_bus_remove(bus, id); /* a second time is no harm */
        dm_event_bus_free(bus);
        g_string_free(seen.text, TRUE);
}

typedef struct Emitter {
        DmEventBus *bus;
        const char *uuid;
} Emitter;

static gpointer emit_many(gpointer data)
{
        Emitter *e = data;
        for (int i = 0; i < 500; i++)
                dm_event_bus_emit(e->bus, e->uuid, "n", DM_EVENT_REBOOT, i, 0, NULL);
        return NULL;
}

static void count_event(const DmEvent *e, void *data)
{
        guint64 *last = data;
        g_assert_cmpuint(e->sequence, ==, last[0] + 1); /* none lost, none out of order */
        last[0] = e->sequence;
}

static void test_threads(void)
{
        DmEventBus *bus = dm_event_bus_new(1);
        guint64 last = 0;
        dm_event_bus_add(bus, NULL, count_event, &last, NULL, NULL);
        Emitter a = { bus, "a" }, b = { bus, "b" };
        GThread *ta = g_thread_new("a", emit_many, &a), *tb = g_thread_new("b", emit_many, &b);
        g_thread_join(ta);
        g_thread_join(tb);
        drain(NULL);
        g_assert_cmpuint(last, ==, 1000);
        dm_event_bus_free(bus);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/events/order-and-filter", test_order_and_filter);
        g_test_add_func("/driver/events/remove", test_remove);
        g_test_add_func("/driver/events/threads", test_threads);
        return g_test_run();
}
