/* Waiting on a QMP connection: everything here iterates the owner's context until something has happened. */
#include "qemu/qmp_private.h"
#include "util/error.h"
#include "util/fd.h"

/* ---- one wait ---- */

typedef struct Wait {
        gboolean timed_out;        /* set by the timer */
        GSource *timer;            /* owned, nullable */
        GCancellable *cancellable; /* borrowed, nullable */
        gulong cancel_handler;
} Wait;

static gboolean on_timer(gpointer data)
{
        ((Wait *)data)->timed_out = TRUE;
        return G_SOURCE_REMOVE;
}

/* In whichever thread cancels.  Not a g_cancellable_source_new(): GLib 2.74 leaks one that is destroyed while
 * another thread cancels. */
static void on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer context)
{
        g_main_context_wakeup(context);
}

static void wait_clear(Wait *w)
{
        if (w->timer)
                g_source_destroy(w->timer);
        g_clear_pointer(&w->timer, g_source_unref);
        g_cancellable_disconnect(w->cancellable, w->cancel_handler); /* both may be unset */
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wait, wait_clear)

/* @deadline_ms 0: no deadline of its own, @done will come. */
static void wait_init(Wait *w, GMainContext *context, int deadline_ms, GCancellable *cancellable)
{
        if (deadline_ms > 0) {
                w->timer = g_timeout_source_new((guint)deadline_ms);
                g_source_set_callback(w->timer, on_timer, w, NULL);
                g_source_attach(w->timer, context);
        }
        if (cancellable) {
                w->cancellable = cancellable;
                w->cancel_handler =
                        g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), context, NULL);
        }
}

gboolean dm_qmp_wait(DmQmp *qmp, DmQmpDoneFn done, void *user, const char *what, int deadline_ms,
                     GCancellable *cancellable, GError **error)
{
        g_assert(deadline_ms > 0);
        if (!dm_qmp_wait_begin(qmp, what, cancellable, error))
                return FALSE;
        g_auto(Wait) w = { 0 };
        wait_init(&w, dm_qmp_context(qmp), deadline_ms, cancellable);
        gboolean result;
        while (!(result = done(user)) && !w.timed_out && !g_cancellable_is_cancelled(cancellable) &&
               !dm_qmp_is_silent(qmp))
                g_main_context_iteration(dm_qmp_context(qmp), TRUE);
        if (!result && g_cancellable_is_cancelled(cancellable))
                dm_fail(error, DM_ERROR_CANCELLED, "cancelled while waiting for %s", what);
        else if (!result && dm_qmp_is_silent(qmp))
                dm_fail(error, DM_ERROR_GONE, "%s cannot come any more: %s", what,
                        dm_qmp_gone_reason(qmp)->message);
        else if (!result)
                dm_fail(error, DM_ERROR_TIMED_OUT, "the deadline of %d ms passed while waiting for %s",
                        deadline_ms, what);
        dm_qmp_wait_end(qmp);
        return result;
}

/* ---- commands ---- */

/* What the replies of a call go to.  It lives on the stack of the call, so each command is either answered or
 * abandoned before the call returns. */
typedef struct Answers {
        DmQmpItem *items;
        gsize n, n_answered;
} Answers;

typedef struct Slot {
        Answers *answers;
        DmQmpItem *item;
        guint64 id;
} Slot;

static void on_reply(G_GNUC_UNUSED DmQmp *qmp, DmJson *value, const GError *error, void *user)
{
        Slot *slot = user;
        slot->answers->n_answered++;
        slot->item->reply = dm_json_ref(value);
        slot->item->error = error ? g_error_copy(error) : NULL;
}

static gboolean answered(const DmQmpItem *item)
{
        return item->reply || item->error;
}

/* Waits for all; a command has its own deadline.  What is cancelled gets an error here. */
static void wait_for_answers(DmQmp *qmp, Answers *a, Slot *slots, GCancellable *cancellable)
{
        g_auto(Wait) w = { 0 };
        wait_init(&w, dm_qmp_context(qmp), 0, cancellable);
        while (a->n_answered < a->n && !g_cancellable_is_cancelled(cancellable))
                g_main_context_iteration(dm_qmp_context(qmp), TRUE);
        for (gsize i = a->n; i-- > 0;) {
                if (answered(&a->items[i]))
                        continue;
                const char *rest =
                        dm_qmp_abandon(qmp, slots[i].id) ? "it was not sent" : "it may still be carried out";
                dm_fail(&a->items[i].error, DM_ERROR_CANCELLED, "'%s' was cancelled; %s", a->items[i].command,
                        rest);
        }
}

static void drop_args(DmQmpItem *items, gsize n)
{
        for (gsize i = 0; i < n; i++)
                g_clear_pointer(&items[i].args, dm_json_unref);
}

/* TRUE when QEMU answered; else the first other error is copied. */
static gboolean judge(const DmQmpItem *items, gsize n, GError **error)
{
        for (gsize i = 0; i < n; i++) {
                const GError *e = items[i].error;
                if (!e || g_error_matches(e, DM_ERROR, DM_ERROR_FAILED))
                        continue;
                g_propagate_error(error, g_error_copy(e));
                return FALSE;
        }
        return TRUE;
}

/* Sends all in one write and waits.  @fd goes with the first command.  Takes arguments and @fd.  Every item
 * is answered afterwards. */
static void run(DmQmp *qmp, DmQmpItem *items, gsize n, int fd, int deadline_ms, GCancellable *cancellable)
{
        dm_autofd int owned_fd = fd;
        GError *refused = NULL;
        if (!dm_qmp_wait_begin(qmp, n > 0 ? items[0].command : "nothing", cancellable, &refused)) {
                drop_args(items, n);
                for (gsize i = 0; i < n; i++)
                        items[i].error = g_error_copy(refused);
                g_error_free(refused);
                return;
        }
        Answers answers = { .items = items, .n = n };
        g_autofree Slot *slots = g_new0(Slot, n);
        dm_qmp_cork(qmp);
        for (gsize i = 0; i < n; i++) {
                slots[i] = (Slot){ .answers = &answers, .item = &items[i] };
                slots[i].id = dm_qmp_send_fd(qmp, items[i].command, g_steal_pointer(&items[i].args),
                                             dm_steal_fd(&owned_fd), deadline_ms, on_reply, &slots[i]);
        }
        dm_qmp_uncork(qmp);
        wait_for_answers(qmp, &answers, slots, cancellable);
        dm_qmp_wait_end(qmp);
}

gboolean dm_qmp_pipeline(DmQmp *qmp, DmQmpItem *items, gsize n, int deadline_ms, GCancellable *cancellable,
                         GError **error)
{
        run(qmp, items, n, -1, deadline_ms, cancellable);
        return judge(items, n, error);
}

void dm_qmp_items_clear(DmQmpItem *items, gsize n)
{
        drop_args(items, n);
        for (gsize i = 0; i < n; i++) {
                g_clear_pointer(&items[i].reply, dm_json_unref);
                g_clear_error(&items[i].error);
        }
}

DmJson *dm_qmp_call_fd(DmQmp *qmp, const char *command, DmJson *args, int fd, int deadline_ms,
                       GCancellable *cancellable, GError **error)
{
        DmQmpItem item = { .command = command, .args = args };
        run(qmp, &item, 1, fd, deadline_ms, cancellable);
        if (item.error)
                g_propagate_error(error, item.error);
        return item.reply;
}

DmJson *dm_qmp_call(DmQmp *qmp, const char *command, DmJson *args, int deadline_ms, GCancellable *cancellable,
                    GError **error)
{
        return dm_qmp_call_fd(qmp, command, args, -1, deadline_ms, cancellable, error);
}

/* ---- handshake ---- */

gboolean dm_qmp_handshake(DmQmp *qmp, int deadline_ms, GCancellable *cancellable, GError **error)
{
        DmQmpItem item = { .command = "qmp_capabilities" };
        if (!dm_qmp_wait_begin(qmp, item.command, cancellable, error))
                return FALSE;
        Answers answers = { .items = &item, .n = 1 };
        Slot slot = { .answers = &answers, .item = &item };
        slot.id = dm_qmp_start(qmp, deadline_ms, on_reply, &slot);
        wait_for_answers(qmp, &answers, &slot, cancellable);
        dm_qmp_wait_end(qmp);
        gboolean result = item.reply != NULL;
        if (item.error)
                g_propagate_error(error, g_steal_pointer(&item.error));
        dm_qmp_items_clear(&item, 1);
        return result;
}
