/* Fuzzing the QMP client: the input is what the server says, mixed with what the client's user does.
 *
 *      make fuzz T=qmp
 *
 * which is clang -fsanitize=fuzzer,address,undefined over this file and the objects of src/util and src/qemu.
 *
 * Byte 0 of the input chooses: bit 0 a finished handshake before the first byte, bit 1 small limits, bits 2-3
 * what the callbacks do.  Then the server's bytes; 0xf8 to 0xff, which are in no UTF-8 text, are acts of the
 * user in between. Checked, besides memory: each command is answered once (never when it was abandoned), the
 * end is told at most once, nothing is delivered after it, and no event or end after dm_qmp_free(). */
#include "qemu/qmp_client.h"
#include "util/error.h"
#include "util/fd.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_COMMANDS 64
#define LONG_MS      3600000 /* a deadline is passed by nobody: the clock is no input */

enum { CALLBACKS_LISTEN, CALLBACKS_SEND, CALLBACKS_HOLD, CALLBACKS_FREE };

typedef struct Run Run;

typedef struct Sent {
        Run *run;
        guint64 id;
        gboolean answered, abandoned;
} Sent;

struct Run {
        GMainContext *context;
        DmQmp *qmp; /* NULL once freed */
        int peer;
        int mode;
        gboolean gone, freeing;
        unsigned corked, held, n_sent;
        Sent commands[MAX_COMMANDS];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void free_client(Run *r)
{
        DmQmp *qmp = g_steal_pointer(&r->qmp);
        r->freeing = TRUE;
        dm_qmp_free(qmp);
}

static void on_reply(DmQmp *qmp, DmJson *value, const GError *error, void *user);

static void send_one(Run *r)
{
        if (r->n_sent == MAX_COMMANDS || r->freeing)
                return;
        unsigned i = r->n_sent++;
        DmJson *args = NULL;
        if (i % 3 == 1) {
                args = dm_json_object_new();
                dm_json_add_string(args, "typename", i % 2 ? "pcie-root-port" : "not \xff UTF-8");
        }
        r->commands[i].run = r;
        if (i % 5 == 4)
                r->commands[i].id = dm_qmp_send_fd(r->qmp, "getfd", args, dup(r->peer), LONG_MS, on_reply,
                                                   &r->commands[i]);
        else
                r->commands[i].id = dm_qmp_send(r->qmp, "device-list-properties", args, LONG_MS, on_reply,
                                                &r->commands[i]);
}

static void act_in_callback(Run *r)
{
        if (!r->qmp || r->freeing)
                return;
        switch (r->mode) {
        case CALLBACKS_SEND:
                send_one(r);
                break;
        case CALLBACKS_HOLD:
                dm_qmp_hold_events(r->qmp);
                r->held++;
                break;
        case CALLBACKS_FREE:
                free_client(r);
                break;
        }
}

static void on_reply(G_GNUC_UNUSED DmQmp *qmp, DmJson *value, const GError *error, void *user)
{
        Sent *command = user;
        g_assert((value != NULL) != (error != NULL));
        g_assert(!command->answered && !command->abandoned);
        command->answered = TRUE;
        act_in_callback(command->run);
}

static void on_event(G_GNUC_UNUSED DmQmp *qmp, const char *name, G_GNUC_UNUSED const DmJson *data,
                     gint64 timestamp_us, void *user)
{
        Run *r = user;
        g_assert(name[0] && timestamp_us >= -1);
        g_assert(!r->gone && !r->freeing && r->held == 0);
        /* Waiting is refused here, whatever the state. */
        g_autoptr(GError) error = NULL;
        g_assert(!dm_qmp_call(r->qmp, "query-status", NULL, LONG_MS, NULL, &error));
        g_assert(g_error_matches(error, DM_ERROR, DM_ERROR_BUSY));
        act_in_callback(r);
}

static void on_gone(DmQmp *qmp, const GError *reason, void *user)
{
        Run *r = user;
        g_assert(!r->gone && !r->freeing && r->held == 0);
        g_assert(dm_qmp_state(qmp) == DM_QMP_GONE && g_utf8_validate(reason->message, -1, NULL));
        r->gone = TRUE;
        act_in_callback(r);
}

static void pump(Run *r)
{
        /* Sending again after each failure has an end: MAX_COMMANDS. */
        while (g_main_context_iteration(r->context, FALSE))
                ;
        char sink[4096];
        while (r->peer >= 0 && recv(r->peer, sink, sizeof sink, MSG_DONTWAIT) > 0)
                ;
}

static void act(Run *r, uint8_t code)
{
        switch (code) {
        case 0xf8:
        case 0xf9:
                send_one(r);
                break;
        case 0xfa:
                dm_qmp_hold_events(r->qmp);
                r->held++;
                break;
        case 0xfb:
                if (r->held > 0) {
                        r->held--;
                        dm_qmp_release_events(r->qmp);
                }
                break;
        case 0xfc:
                dm_qmp_cork(r->qmp);
                r->corked++;
                break;
        case 0xfd:
                if (r->corked > 0) {
                        r->corked--;
                        dm_qmp_uncork(r->qmp);
                }
                break;
        case 0xfe:
                if (r->n_sent > 0 && !r->commands[r->n_sent - 1].answered) {
                        r->commands[r->n_sent - 1].abandoned = TRUE;
                        dm_qmp_abandon(r->qmp, r->commands[r->n_sent - 1].id);
                }
                break;
        default:
                dm_close_fd(&r->peer);
                break;
        }
}

/* The peer's bytes, as many at once as come between two acts. */
static void say(Run *r, const void *bytes, size_t length)
{
        for (size_t done = 0; done < length && r->peer >= 0 && r->qmp;) {
                ssize_t n =
                        send(r->peer, (const char *)bytes + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);
                pump(r);
                if (n < 0 && (!r->qmp || dm_qmp_state(r->qmp) == DM_QMP_GONE))
                        break;
                done += n > 0 ? (size_t)n : 0;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        Run r = { .context = g_main_context_new(), .mode = bytes[0] >> 2 & 3 };
        int fds[2];
        g_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        r.peer = fds[1];
        const DmQmpHandlers handlers = { .event = on_event, .gone = on_gone, .user = &r };
        const DmQmpLimits small = { .line = 300, .output = 400, .unanswered = 5, .events = 3 };
        r.qmp = dm_qmp_new(fds[0], r.context, &handlers);
        if (bytes[0] & 2)
                dm_qmp_set_limits(r.qmp, &small);
        dm_qmp_start(r.qmp, LONG_MS, NULL, NULL);
        static const char handshake[] = "{\"QMP\": {}}\r\n{\"return\": {}, \"id\": 1}\r\n";
        if (bytes[0] & 1)
                say(&r, handshake, strlen(handshake));
        for (size_t at = 1; at < length && r.qmp;) {
                size_t end = at;
                while (end < length && bytes[end] < 0xf8)
                        end++;
                say(&r, bytes + at, end - at);
                if (end < length && r.qmp)
                        act(&r, bytes[end]);
                at = end + 1;
        }
        if (r.qmp) {
                dm_close_fd(&r.peer);
                pump(&r);
        }
        if (r.qmp)
                free_client(&r);
        for (unsigned i = 0; i < r.n_sent; i++)
                g_assert(r.commands[i].answered || r.commands[i].abandoned);
        dm_close_fd(&r.peer);
        g_main_context_unref(r.context);
        return 0;
}
