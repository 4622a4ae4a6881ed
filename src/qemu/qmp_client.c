/* The QMP connection: states, lines in, commands out, deadlines.  Waiting is qmp_call.c's, bytes to lines
 * qmp_lines.c's, the looks of messages qmp_message.c's.
 *
 * Theory of operation.  One GSource watches the socket, the nearest deadline, and "something is to be
 * delivered" (ready time 0).  All callbacks are called from its dispatch (and from dm_qmp_free), so senders
 * never find themselves called back.  Commands live in one list in the order of their ids from dm_qmp_send()
 * until their reply, their failure, or the end of the connection:
 *
 *      queued      text set, nothing of it written      abandoned or timed out: leaves the list, was never
 * sent sending     a part is written                     abandoned or timed out: is sent to its end, see
 * below sent        text freed                            reply: callback, leaves the list abandoned callback
 * is NULL                      the late reply is dropped, leaves the list failed      failure set, never sent
 * the next dispatch delivers that, leaves the list
 *
 * QEMU answers in order, so looking up an id from the head of the list is one step.
 *
 * The end of the connection is found by read (EOF, error) or in what was read (violation).  A write that
 * fails only makes the next dispatch read until there is nothing more: QEMU's last words (SHUTDOWN) may be in
 * the socket. */
#include "qemu/qmp_client.h"
#include "qemu/qmp_lines.h"
#include "qemu/qmp_message.h"
#include "qemu/qmp_private.h"
#include "util/error.h"
#include "util/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

#define READ_MAX    (256 * 1024) /* bytes of one dispatch: other sources of the context get their turn */
#define WRITE_PARTS 256          /* commands of one write */

typedef struct Command {
        guint64 id;
        char *name;
        gint64 deadline_us; /* monotonic */
        int deadline_ms;
        DmQmpReplyFn callback; /* NULL: nobody waits */
        void *user;
        gboolean abandoned;
        gboolean is_capabilities;
        char *text; /* NULL once all of it is written */
        gsize length, written;
        int fd;
        GError *failure;
} Command;

typedef struct HeldEvent {
        char *name;
        DmJson *data;
        gint64 timestamp_us;
} HeldEvent;

typedef struct QmpSource {
        GSource base;
        DmQmp *qmp;
} QmpSource;

struct DmQmp {
        int refs; /* the user's, and one for each function below that calls back */
        gboolean freed;
        const GThread *owner;
        GMainContext *context;
        DmQmpHandlers handlers;
        DmQmpLimits limits;
        DmQmpState state;
        GError *gone_reason;
        gboolean gone_told;
        int fd; /* -1 when gone */
        int write_errno;
        QmpSource *source;
        void *fd_tag;
        DmQmpLines lines;
        GQueue commands; /* Command *, all of them, by id */
        GQueue output;   /* Command *, those with text, by id; borrowed from the list above */
        gsize output_bytes;
        guint n_failed;
        guint64 last_id;
        gboolean started;
        guint corked, held;
        GQueue held_events; /* HeldEvent * */
        guint64 events_lost;
        gboolean in_callback, in_wait;
        DmJson *greeting;
        gint64 last_reply_us;
};

static void assert_owner(const DmQmp *qmp)
{
        g_assert(qmp->owner == g_thread_self());
}

static void wake(DmQmp *qmp)
{
        if (!qmp->freed)
                g_source_set_ready_time(&qmp->source->base, 0);
}

static void command_free(Command *c)
{
        dm_close_fd(&c->fd);
        g_free(c->name);
        g_free(c->text);
        g_clear_error(&c->failure);
        g_free(c);
}

static void held_event_free(HeldEvent *e)
{
        g_free(e->name);
        dm_json_unref(e->data);
        g_free(e);
}

static void qmp_unref(DmQmp *qmp)
{
        if (--qmp->refs > 0)
                return;
        g_queue_clear(&qmp->output);
        g_queue_clear_full(&qmp->commands, (GDestroyNotify)command_free);
        g_queue_clear_full(&qmp->held_events, (GDestroyNotify)held_event_free);
        dm_qmp_lines_clear(&qmp->lines);
        dm_json_unref(qmp->greeting);
        g_clear_error(&qmp->gone_reason);
        g_main_context_unref(qmp->context);
        g_free(qmp);
}

/* ---- the end ---- */

/* To DM_QMP_GONE.  @reason is taken.  Callbacks are left to the next dispatch. */
static void become_gone(DmQmp *qmp, GError *reason)
{
        if (qmp->state == DM_QMP_GONE) {
                g_error_free(reason);
                return;
        }
        qmp->state = DM_QMP_GONE;
        qmp->gone_reason = reason;
        if (!qmp->freed)
                g_source_remove_unix_fd(&qmp->source->base, qmp->fd_tag);
        dm_close_fd(&qmp->fd);
        g_queue_clear(&qmp->output);
        qmp->output_bytes = 0;
        dm_qmp_lines_clear(&qmp->lines);
        wake(qmp);
}

static void violation(DmQmp *qmp, const char *line, gsize length, const char *what)
{
        g_autofree char *start = dm_qmp_escape(line, length);
        become_gone(qmp, g_error_new(DM_ERROR, DM_ERROR_GONE,
                                     "QEMU broke the QMP protocol: %s, in the line '%s'", what, start));
}

static const char *moment(DmQmpState state)
{
        switch (state) {
        case DM_QMP_GREETING:
                return " before it sent a greeting";
        case DM_QMP_NEGOTIATING:
                return " before it answered 'qmp_capabilities'";
        case DM_QMP_RUNNING:
        case DM_QMP_GONE:
                return "";
        }
        g_assert_not_reached();
}

/* @errno_value 0: end of file. */
static void closed_by_peer(DmQmp *qmp, int errno_value)
{
        gsize length;
        const char *rest = dm_qmp_lines_rest(&qmp->lines, &length);
        g_autofree char *start = dm_qmp_escape(rest, length);
        g_autofree char *inside = length > 0 ? g_strdup_printf(" inside the line '%s'", start) : g_strdup("");
        g_autofree char *cause =
                errno_value ? g_strdup_printf(": %s", g_strerror(errno_value)) : g_strdup("");
        become_gone(qmp, g_error_new(DM_ERROR, DM_ERROR_GONE, "QEMU closed its monitor connection%s%s%s",
                                     moment(qmp->state), inside, cause));
}

/* ---- commands ---- */

/* Takes @c out of the lists and answers it; @error is borrowed. */
static void settle(DmQmp *qmp, Command *c, DmJson *value, const GError *error)
{
        g_queue_remove(&qmp->commands, c);
        if (g_queue_remove(&qmp->output, c))
                qmp->output_bytes -= c->length - c->written;
        if (c->failure)
                qmp->n_failed--;
        if (c->callback) {
                gboolean outer = qmp->in_callback;
                qmp->in_callback = TRUE;
                c->callback(qmp, value, error, c->user);
                qmp->in_callback = outer;
        }
        command_free(c);
}

/* Nobody waits for @c any more.  TRUE when it was taken back before anything of it was sent; @c is freed
 * then. qmp_capabilities stays: without it the connection could never run. */
static gboolean forget(DmQmp *qmp, Command *c)
{
        c->callback = NULL;
        c->abandoned = TRUE;
        if (!c->failure && (c->written > 0 || !c->text || c->is_capabilities))
                return FALSE;
        settle(qmp, c, NULL, NULL);
        return TRUE;
}

static void expire(DmQmp *qmp)
{
        gint64 now = g_get_monotonic_time();
        for (GList *l = qmp->commands.head; l && !qmp->freed && qmp->state != DM_QMP_GONE;) {
                Command *c = l->data;
                l = l->next;
                if (c->abandoned || c->failure || c->deadline_us > now)
                        continue;
                DmQmpReplyFn callback = c->callback;
                void *user = c->user;
                g_autofree char *name = g_strdup(c->name);
                int deadline_ms = c->deadline_ms;
                const char *rest = forget(qmp, c) ? "; it was not sent" : "; it may still be carried out";
                g_autoptr(GError) error =
                        g_error_new(DM_ERROR, DM_ERROR_TIMED_OUT, "QEMU did not answer '%s' within %d ms%s",
                                    name, deadline_ms, rest);
                if (!callback)
                        continue;
                qmp->in_callback = TRUE;
                callback(qmp, NULL, error, user);
                qmp->in_callback = FALSE;
                l = qmp->commands.head; /* the callback may have changed the list */
        }
}

/* ---- output ---- */

/* One write: commands up to, not including, the next one that carries a descriptor, as a descriptor travels
 * with the first byte of a write.  Returns what sendmsg() does. */
static gssize write_some(DmQmp *qmp)
{
        struct iovec parts[WRITE_PARTS];
        gsize n = 0;
        const Command *first = qmp->output.head->data;
        for (GList *l = qmp->output.head; l && n < WRITE_PARTS; l = l->next) {
                const Command *c = l->data;
                if (n > 0 && c->fd >= 0)
                        break;
                parts[n++] = (struct iovec){ c->text + c->written, c->length - c->written };
        }
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
        if (first->fd >= 0) {
                message.msg_control = control.bytes;
                message.msg_controllen = sizeof control.bytes;
                struct cmsghdr *header = CMSG_FIRSTHDR(&message);
                header->cmsg_level = SOL_SOCKET;
                header->cmsg_type = SCM_RIGHTS;
                header->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(header), &first->fd, sizeof(int));
        }
        return sendmsg(qmp->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void written(DmQmp *qmp, gsize length)
{
        qmp->output_bytes -= length;
        while (length > 0) {
                Command *c = qmp->output.head->data;
                gsize part = MIN(length, c->length - c->written);
                c->written += part;
                length -= part;
                dm_close_fd(&c->fd);
                if (c->written == c->length) {
                        g_clear_pointer(&c->text, g_free);
                        g_queue_pop_head(&qmp->output);
                }
        }
}

static void flush(DmQmp *qmp)
{
        while (qmp->fd >= 0 && qmp->corked == 0 && !qmp->write_errno && !g_queue_is_empty(&qmp->output)) {
                gssize n = write_some(qmp);
                if (n >= 0) {
                        written(qmp, (gsize)n);
                } else if (errno == EAGAIN) {
                        break;
                } else if (errno != EINTR) {
                        qmp->write_errno = errno;
                        wake(qmp);
                }
        }
        if (qmp->fd < 0)
                return;
        gboolean more = !g_queue_is_empty(&qmp->output) && qmp->corked == 0 && !qmp->write_errno;
        g_source_modify_unix_fd(&qmp->source->base, qmp->fd_tag, more ? G_IO_IN | G_IO_OUT : G_IO_IN);
}

/* ---- input ---- */

static void call_event(DmQmp *qmp, const char *name, const DmJson *data, gint64 timestamp_us)
{
        if (!qmp->handlers.event)
                return;
        qmp->in_callback = TRUE;
        qmp->handlers.event(qmp, name, data, timestamp_us, qmp->handlers.user);
        qmp->in_callback = FALSE;
}

static void take_event(DmQmp *qmp, const DmJson *message, const char *line, gsize length)
{
        const char *name = dm_json_get_string(message, "event");
        DmJson *data = dm_json_get(message, "data");
        if (!name || !*name)
                violation(qmp, line, length, "an event without a name");
        else if (data && dm_json_kind(data) != DM_JSON_OBJECT)
                violation(qmp, line, length, "an event with data that is no object");
        else if (qmp->held == 0 && g_queue_is_empty(&qmp->held_events))
                call_event(qmp, name, data, dm_qmp_event_time_us(message));
        else if (qmp->held_events.length >= qmp->limits.events || qmp->events_lost > 0)
                qmp->events_lost++;
        else {
                HeldEvent *e = g_new0(HeldEvent, 1);
                *e = (HeldEvent){ g_strdup(name), dm_json_ref(data), dm_qmp_event_time_us(message) };
                g_queue_push_tail(&qmp->held_events, e);
        }
}

static Command *find(const DmQmp *qmp, guint64 id)
{
        for (GList *l = qmp->commands.head; l; l = l->next) {
                Command *c = l->data;
                if (c->id == id)
                        return c;
        }
        return NULL;
}

static void take_capabilities_reply(DmQmp *qmp, Command *c, DmJson *value, const DmJson *error)
{
        if (error) {
                g_autoptr(GError) refused = dm_qmp_error_new(c->name, error);
                become_gone(qmp, g_error_new(DM_ERROR, DM_ERROR_GONE, "%s", refused->message));
                return; /* and with it all commands fail, @c is one of them */
        }
        qmp->state = DM_QMP_RUNNING;
        settle(qmp, c, value, NULL);
}

static void take_reply(DmQmp *qmp, DmJson *message, const char *line, gsize length)
{
        guint64 id;
        const DmJson *failure = dm_json_get(message, "error");
        if (dm_json_has(message, "return") == dm_json_has(message, "error"))
                return violation(qmp, line, length, "neither a reply nor an event");
        if (dm_json_has(message, "error") && dm_json_kind(failure) != DM_JSON_OBJECT)
                return violation(qmp, line, length, "an error that is no object");
        if (!dm_json_to_u64(dm_json_get(message, "id"), &id))
                return violation(qmp, line, length, "a reply without the id of a command");
        Command *c = find(qmp, id);
        if (!c || c->text || c->failure)
                return violation(qmp, line, length, "a reply to a command that is not under way");
        qmp->last_reply_us = g_get_monotonic_time();
        /* No command of QEMU's returns null; a callback's value is never NULL. */
        DmJson *member = dm_json_get(message, "return");
        g_autoptr(DmJson) value = member ? dm_json_ref(member) : dm_json_object_new();
        if (c->is_capabilities)
                return take_capabilities_reply(qmp, c, value, failure);
        if (!failure)
                return settle(qmp, c, value, NULL);
        g_autoptr(GError) error = dm_qmp_error_new(c->name, failure);
        settle(qmp, c, NULL, error);
}

static void take_greeting(DmQmp *qmp, DmJson *message, const char *line, gsize length)
{
        DmJson *greeting = dm_json_get(message, "QMP");
        if (dm_json_kind(greeting) != DM_JSON_OBJECT)
                return violation(qmp, line, length, "the first line is no greeting");
        qmp->greeting = dm_json_ref(greeting);
        qmp->last_reply_us = g_get_monotonic_time();
        qmp->state = DM_QMP_NEGOTIATING;
}

static void take_line(DmQmp *qmp, const char *line, gsize length)
{
        g_autoptr(GError) error = NULL;
        if (length == 0)
                return;
        g_autoptr(DmJson) message = dm_json_parse(line, length, &error);
        if (!message)
                return violation(qmp, line, length, error->message);
        switch (qmp->state) {
        case DM_QMP_GREETING:
                take_greeting(qmp, message, line, length);
                break;
        case DM_QMP_NEGOTIATING:
        case DM_QMP_RUNNING:
                if (dm_json_has(message, "event"))
                        take_event(qmp, message, line, length);
                else
                        take_reply(qmp, message, line, length);
                break;
        case DM_QMP_GONE:
                break;
        }
}

static void take_lines(DmQmp *qmp)
{
        while (qmp->state != DM_QMP_GONE) { /* a callback can free us, which is GONE as well */
                const char *line;
                gsize length;
                DmQmpLine kind = dm_qmp_lines_next(&qmp->lines, qmp->limits.line, &line, &length);
                if (kind == DM_QMP_LINE_NONE)
                        break;
                if (kind == DM_QMP_LINE_TOO_LONG) {
                        g_autofree char *what = g_strdup_printf("more than %zu bytes", qmp->limits.line);
                        violation(qmp, line, length, what);
                        break;
                }
                /* A callback may receive more only through a wait, and that is refused: @line stays. */
                take_line(qmp, line, length);
        }
        dm_qmp_lines_trim(&qmp->lines);
}

static void receive(DmQmp *qmp)
{
        gsize room;
        char *to = dm_qmp_lines_reserve(&qmp->lines, &room);
        gssize n;
        do
                n = recv(qmp->fd, to, MIN(room, READ_MAX), MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n > 0) {
                dm_qmp_lines_received(&qmp->lines, (gsize)n);
                take_lines(qmp);
        } else if (n == 0) {
                closed_by_peer(qmp, 0);
        } else if (errno != EAGAIN) {
                closed_by_peer(qmp, errno);
        } else if (qmp->write_errno) {
                closed_by_peer(qmp, qmp->write_errno);
        }
}

/* ---- the source ---- */

static void deliver_held_events(DmQmp *qmp)
{
        /* One turn delivers what was there at its start: a callback may hold again. */
        while (!qmp->freed && qmp->held == 0 && !g_queue_is_empty(&qmp->held_events)) {
                HeldEvent *e = g_queue_pop_head(&qmp->held_events);
                call_event(qmp, e->name, e->data, e->timestamp_us);
                held_event_free(e);
        }
        if (qmp->freed || qmp->held > 0 || qmp->events_lost == 0)
                return;
        g_autoptr(DmJson) data = dm_json_object_new();
        dm_json_add_uint(data, "count", qmp->events_lost);
        qmp->events_lost = 0;
        call_event(qmp, DM_QMP_EVENTS_LOST, data, -1);
}

/* Only what is there now, here and below: a callback that sends again and again must not keep us. */
static void deliver_failed(DmQmp *qmp)
{
        guint64 last = qmp->last_id;
        for (GList *l = qmp->commands.head; l && qmp->n_failed > 0 && !qmp->freed;) {
                Command *c = l->data;
                l = l->next;
                if (!c->failure || c->id > last)
                        continue;
                g_autoptr(GError) error = g_error_copy(c->failure);
                settle(qmp, c, NULL, error);
                l = qmp->commands.head;
        }
}

/* All that is left when the connection is gone. */
static void fail_commands(DmQmp *qmp)
{
        guint64 last = qmp->last_id;
        for (Command *c; (c = g_queue_peek_head(&qmp->commands)) && c->id <= last;) {
                g_autoptr(GError) error =
                        c->failure ? g_error_copy(c->failure)
                                   : g_error_new(DM_ERROR, DM_ERROR_GONE, "'%s' got no answer: %s", c->name,
                                                 qmp->gone_reason->message);
                settle(qmp, c, NULL, error);
        }
}

static void deliver_gone(DmQmp *qmp)
{
        fail_commands(qmp);
        if (qmp->freed || qmp->gone_told || qmp->held > 0 || !g_queue_is_empty(&qmp->held_events))
                return;
        qmp->gone_told = TRUE;
        if (!qmp->handlers.gone)
                return;
        qmp->in_callback = TRUE;
        qmp->handlers.gone(qmp, qmp->gone_reason, qmp->handlers.user);
        qmp->in_callback = FALSE;
}

/* Sets when to come back without the socket's asking.  A deadline that nobody waits for is none. */
static void rearm(DmQmp *qmp)
{
        gint64 at = -1;
        for (GList *l = qmp->commands.head; l; l = l->next) {
                const Command *c = l->data;
                if (!c->abandoned && (at < 0 || c->deadline_us < at))
                        at = c->deadline_us;
        }
        gboolean events = qmp->held == 0 && (!g_queue_is_empty(&qmp->held_events) || qmp->events_lost > 0);
        gboolean now = qmp->n_failed > 0 || events || (qmp->write_errno && qmp->fd >= 0);
        g_source_set_ready_time(&qmp->source->base, now ? 0 : at);
}

static gboolean dispatch(GSource *base, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
        DmQmp *qmp = ((QmpSource *)base)->qmp;
        qmp->refs++;
        deliver_held_events(qmp);
        if (!qmp->freed && qmp->fd >= 0) {
                GIOCondition ready = g_source_query_unix_fd(base, qmp->fd_tag);
                flush(qmp);
                if (qmp->write_errno || (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR)))
                        receive(qmp);
        }
        if (!qmp->freed)
                expire(qmp);
        if (!qmp->freed)
                deliver_failed(qmp);
        if (!qmp->freed && qmp->state == DM_QMP_GONE)
                deliver_gone(qmp);
        if (!qmp->freed)
                rearm(qmp);
        qmp_unref(qmp);
        return G_SOURCE_CONTINUE;
}

/* ---- life cycle ---- */

DmQmp *dm_qmp_new(int fd, GMainContext *context, const DmQmpHandlers *handlers)
{
        static const DmQmpLimits default_limits = DM_QMP_DEFAULT_LIMITS;
        static const GSourceFuncs source_funcs = { .dispatch = dispatch };
        g_assert(fd >= 0);
        DmQmp *qmp = g_new0(DmQmp, 1);
        qmp->refs = 1;
        qmp->owner = g_thread_self();
        qmp->context = g_main_context_ref(context ? context : g_main_context_default());
        qmp->handlers = handlers ? *handlers : (DmQmpHandlers){ 0 };
        qmp->limits = default_limits;
        qmp->fd = fd;
        qmp->last_reply_us = g_get_monotonic_time();
        qmp->source = (QmpSource *)g_source_new((GSourceFuncs *)&source_funcs, sizeof(QmpSource));
        qmp->source->qmp = qmp;
        g_source_set_name(&qmp->source->base, "qmp");
        qmp->fd_tag = g_source_add_unix_fd(&qmp->source->base, fd, G_IO_IN);
        g_source_attach(&qmp->source->base, qmp->context);
        return qmp;
}

void dm_qmp_free(DmQmp *qmp)
{
        if (!qmp)
                return;
        assert_owner(qmp);
        g_assert(!qmp->freed);
        qmp->freed = TRUE;
        become_gone(qmp, g_error_new(DM_ERROR, DM_ERROR_GONE, "the monitor connection was closed"));
        g_source_destroy(&qmp->source->base);
        g_source_unref(&qmp->source->base);
        fail_commands(qmp);
        qmp_unref(qmp);
}

void dm_qmp_set_limits(DmQmp *qmp, const DmQmpLimits *limits)
{
        assert_owner(qmp);
        qmp->limits = *limits;
}

DmQmpState dm_qmp_state(const DmQmp *qmp)
{
        assert_owner(qmp);
        return qmp->state;
}

const GError *dm_qmp_gone_reason(const DmQmp *qmp)
{
        assert_owner(qmp);
        return qmp->gone_reason;
}

const DmJson *dm_qmp_greeting(const DmQmp *qmp)
{
        assert_owner(qmp);
        return qmp->greeting;
}

gint64 dm_qmp_last_reply_us(const DmQmp *qmp)
{
        assert_owner(qmp);
        return qmp->last_reply_us;
}

guint dm_qmp_unanswered(const DmQmp *qmp)
{
        assert_owner(qmp);
        return qmp->commands.length - qmp->n_failed;
}

/* ---- sending ---- */

/* Why @c cannot be sent, or NULL. */
static GError *refusal(const DmQmp *qmp, const Command *c)
{
        if (qmp->state == DM_QMP_GONE)
                return g_error_new(DM_ERROR, DM_ERROR_GONE, "'%s' was not sent: %s", c->name,
                                   qmp->gone_reason->message);
        if (!g_utf8_validate_len(c->text, c->length, NULL))
                return g_error_new(DM_ERROR, DM_ERROR_INVALID_ARG,
                                   "'%s' was not sent: an argument is not valid UTF-8", c->name);
        if (qmp->commands.length - qmp->n_failed >= qmp->limits.unanswered)
                return g_error_new(DM_ERROR, DM_ERROR_NO_MEMORY,
                                   "'%s' was not sent: QEMU has %u commands to answer already", c->name,
                                   qmp->limits.unanswered);
        if (c->length > qmp->limits.output - MIN(qmp->output_bytes, qmp->limits.output))
                return g_error_new(DM_ERROR, DM_ERROR_NO_MEMORY,
                                   "'%s' was not sent: %zu bytes wait for QEMU to read them, at most %zu may",
                                   c->name, qmp->output_bytes, qmp->limits.output);
        return NULL;
}

static Command *enqueue(DmQmp *qmp, const char *name, DmJson *args, int fd, int deadline_ms)
{
        g_assert(deadline_ms > 0 && !qmp->freed);
        Command *c = g_new0(Command, 1);
        c->id = ++qmp->last_id;
        c->name = g_strdup(name);
        c->deadline_ms = deadline_ms;
        c->deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
        c->fd = fd;
        c->text = dm_qmp_command_text(name, args, c->id);
        c->length = strlen(c->text);
        c->failure = refusal(qmp, c);
        g_queue_push_tail(&qmp->commands, c);
        if (c->failure) {
                qmp->n_failed++;
                wake(qmp);
                return c;
        }
        g_queue_push_tail(&qmp->output, c);
        qmp->output_bytes += c->length;
        gint64 armed = g_source_get_ready_time(&qmp->source->base);
        if (armed < 0 || armed > c->deadline_us)
                g_source_set_ready_time(&qmp->source->base, c->deadline_us);
        return c;
}

guint64 dm_qmp_start(DmQmp *qmp, int deadline_ms, DmQmpReplyFn callback, void *user)
{
        assert_owner(qmp);
        g_assert(!qmp->started);
        qmp->started = TRUE;
        Command *c = enqueue(qmp, "qmp_capabilities", NULL, -1, deadline_ms);
        c->is_capabilities = TRUE;
        c->callback = callback;
        c->user = user;
        guint64 id = c->id;
        flush(qmp);
        return id;
}

guint64 dm_qmp_send_fd(DmQmp *qmp, const char *command, DmJson *args, int fd, int deadline_ms,
                       DmQmpReplyFn callback, void *user)
{
        assert_owner(qmp);
        g_assert(qmp->started);
        Command *c = enqueue(qmp, command, args, fd, deadline_ms);
        c->callback = callback;
        c->user = user;
        guint64 id = c->id;
        flush(qmp);
        return id;
}

guint64 dm_qmp_send(DmQmp *qmp, const char *command, DmJson *args, int deadline_ms, DmQmpReplyFn callback,
                    void *user)
{
        return dm_qmp_send_fd(qmp, command, args, -1, deadline_ms, callback, user);
}

gboolean dm_qmp_abandon(DmQmp *qmp, guint64 id)
{
        assert_owner(qmp);
        Command *c = find(qmp, id);
        return c && !c->abandoned && forget(qmp, c);
}

void dm_qmp_cork(DmQmp *qmp)
{
        assert_owner(qmp);
        qmp->corked++;
}

void dm_qmp_uncork(DmQmp *qmp)
{
        assert_owner(qmp);
        g_assert(qmp->corked > 0);
        if (--qmp->corked == 0)
                flush(qmp);
}

void dm_qmp_hold_events(DmQmp *qmp)
{
        assert_owner(qmp);
        qmp->held++;
}

void dm_qmp_release_events(DmQmp *qmp)
{
        assert_owner(qmp);
        g_assert(qmp->held > 0);
        if (--qmp->held == 0)
                wake(qmp);
}

/* ---- for qmp_call.c ---- */

gboolean dm_qmp_wait_begin(DmQmp *qmp, const char *what, GCancellable *cancellable, GError **error)
{
        assert_owner(qmp);
        if (qmp->in_callback || qmp->in_wait)
                return dm_fail(error, DM_ERROR_BUSY,
                               "waiting for %s is not possible inside %s of the same connection", what,
                               qmp->in_callback ? "a callback" : "another wait");
        if (g_cancellable_is_cancelled(cancellable))
                return dm_fail(error, DM_ERROR_CANCELLED, "cancelled before waiting for %s", what);
        g_assert(qmp->corked == 0);
        /* A context that another thread runs would never be iterated here. */
        gboolean acquired = g_main_context_acquire(qmp->context);
        g_assert(acquired);
        qmp->in_wait = TRUE;
        qmp->refs++;
        return TRUE;
}

void dm_qmp_wait_end(DmQmp *qmp)
{
        g_main_context_release(qmp->context);
        qmp->in_wait = FALSE;
        qmp_unref(qmp);
}

gboolean dm_qmp_is_silent(const DmQmp *qmp)
{
        return qmp->freed ||
               (qmp->state == DM_QMP_GONE && qmp->commands.length == 0 && (qmp->gone_told || qmp->held > 0));
}

GMainContext *dm_qmp_context(DmQmp *qmp)
{
        return qmp->context;
}
