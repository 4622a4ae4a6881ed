/* domus_domain_wait() of the embedded driver: the end of a guest, built on events, so that an asynchronous
 * wait parks no thread. */
#include <string.h>

#include "driver/api_private.h"

typedef struct Wait {
        gatomicrefcount refs;
        DomusDomain *domain;
        GMainContext *context;
        DomusDone done; /* NULL: somebody iterates the context until `ended` */
        void *data;
        int timeout_ms;
        guint subscription;
        GSource *timer, *cancelled;
        gboolean ended;
        GError *error;
} Wait;

static void wait_unref(void *p)
{
        Wait *w = p;
        if (!g_atomic_ref_count_dec(&w->refs))
                return;
        domus_domain_unref(w->domain);
        g_main_context_unref(w->context);
        g_clear_error(&w->error);
        g_free(w);
}

static Wait *wait_ref(Wait *w)
{
        g_atomic_ref_count_inc(&w->refs);
        return w;
}

static void stop_source(GSource **source)
{
        if (*source)
                g_source_destroy(*source);
        g_clear_pointer(source, g_source_unref);
}

/* In the wait's context, so exactly one of event, deadline and cancellation is first. */
static void end(Wait *w)
{
        if (w->ended)
                return;
        w->ended = TRUE;
        stop_source(&w->timer);
        stop_source(&w->cancelled);
        dm_event_bus_remove(dm_driver_bus(w->domain->conn->driver), w->subscription);
        if (w->done)
                w->done(w->domain, w->error, w->data);
}

/* The view that tells how it ended; NULL while it runs.  Owned. */
static DmView *final_view(DomusDomain *domain)
{
        DmDriver *driver = domain->conn->driver;
        g_autoptr(DmGuest) guest = dm_driver_find_uuid(driver, domain->uuid);
        if (!guest)
                return dm_driver_last_view(driver, domain->uuid);
        g_autoptr(DmView) v = dm_guest_view(guest);
        /* Without a definition it is just being started. */
        return dm_view_active(v) || !v->domain ? NULL : g_steal_pointer(&v);
}

static void on_event(const DmEvent *event, void *data)
{
        if (event->type == DM_EVENT_STOPPED)
                end(data);
}

static gboolean on_timeout(gpointer data)
{
        Wait *w = data;
        dm_fail(&w->error, DM_ERROR_TIMED_OUT, "domain '%s' still runs after %d ms; it goes on",
                w->domain->name, w->timeout_ms);
        end(w);
        return G_SOURCE_REMOVE;
}

static gboolean on_cancelled(GCancellable *cancel G_GNUC_UNUSED, gpointer data)
{
        Wait *w = data;
        dm_fail(&w->error, DM_ERROR_CANCELLED, "waiting for domain '%s' was cancelled; it goes on",
                w->domain->name);
        end(w);
        return G_SOURCE_REMOVE;
}

static gboolean check_now(gpointer data)
{
        Wait *w = data;
        g_autoptr(DmView) v = final_view(w->domain);
        if (v)
                end(w);
        return G_SOURCE_REMOVE;
}

static GSource *add_source(Wait *w, GSource *source, GSourceFunc fn)
{
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, fn, wait_ref(w), wait_unref);
        g_source_attach(source, w->context);
        return source;
}

static Wait *wait_new(DomusDomain *domain, const DomusCall *c)
{
        Wait *w = g_new0(Wait, 1);
        g_atomic_ref_count_init(&w->refs);
        w->domain = domus_domain_ref(domain);
        w->done = c->done;
        w->data = c->data;
        w->timeout_ms = c->timeout_ms;
        if (!c->done)
                w->context = g_main_context_new();
        else
                w->context =
                        c->context ? g_main_context_ref(c->context) : g_main_context_ref_thread_default();
        if (c->timeout_ms > 0)
                w->timer = add_source(w, g_timeout_source_new((guint)c->timeout_ms), on_timeout);
        if (c->cancel)
                w->cancelled =
                        add_source(w, g_cancellable_source_new(c->cancel), G_SOURCE_FUNC(on_cancelled));
        w->subscription = dm_event_bus_add(dm_driver_bus(domain->conn->driver), domain->uuid, on_event,
                                           wait_ref(w), wait_unref, w->context);
        /* After subscribing: an end before this is seen here, one after it comes as an event. */
        g_source_unref(add_source(w, g_idle_source_new(), check_now));
        return w;
}

static void fill_exit(DomusExit *ret_exit, const DmView *v)
{
        *ret_exit = (DomusExit){ .reason = v->reason, .exit_code = v->exit_code, .signal = v->exit_signal };
        g_strlcpy(ret_exit->message, v->exit_message ? v->exit_message : "", sizeof ret_exit->message);
}

gboolean dm_embedded_domain_wait(DomusDomain *domain, const DomusCall *call, DomusExit *ret_exit,
                                 GError **error)
{
        static const DomusCall none;
        const DomusCall *c = call ? call : &none;
        g_autoptr(DmGuest) guest = dm_driver_find_uuid(domain->conn->driver, domain->uuid);
        g_autoptr(DmView) last = guest ? NULL : dm_driver_last_view(domain->conn->driver, domain->uuid);
        if (!guest && !last)
                return dm_fail(error, DM_ERROR_NOT_FOUND, "domain '%s' (%s) is no longer there", domain->name,
                               domain->uuid);
        Wait *w = wait_new(domain, c);
        if (c->done) {
                wait_unref(w);
                return TRUE;
        }
        while (!w->ended)
                g_main_context_iteration(w->context, TRUE);
        gboolean ok = !w->error;
        if (w->error)
                g_propagate_error(error, g_steal_pointer(&w->error));
        wait_unref(w);
        g_autoptr(DmView) v = ok ? final_view(domain) : NULL;
        if (v && ret_exit)
                fill_exit(ret_exit, v);
        return ok;
}
