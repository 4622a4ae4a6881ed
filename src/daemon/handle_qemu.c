/* Handlers: what is passed to a guest's QEMU: monitor commands, keys, an NMI; and a picture of its screen. */
#include <unistd.h>

#include "daemon/dispatch.h"
#include "daemon/domain_ref.h"
#include "daemon/work.h"
#include "util/error.h"
#include "util/fd.h"

#define PICTURE_CHUNK 65536

void dm_handle_monitor_command(DmClient *client, DmRpcCall *call, DmRpcDomainCommand *args)
{
        enum { HMP = 1 << 0 };
        if (!dm_work_flags(call, args->flags, HMP))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        DmRpcResultText *ret = w->ret;
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_monitor(domain, args->cmd, args->flags & HMP ? DOMUS_MONITOR_HMP : 0,
                                             &ret->result, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_send_key(DmClient *client, DmRpcCall *call, DmRpcDomainSendKeyArgs *args)
{
        if (!dm_work_flags(call, args->flags, 0))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_send_keys(domain, (DomusKeySet)args->codeset, args->keycodes.items,
                                               args->keycodes.n, args->holdtime, &w->job, &error))
                dm_work_give_up(w, error);
}

void dm_handle_inject_nmi(DmClient *client, DmRpcCall *call, DmRpcDomainFlags *args)
{
        if (!dm_work_flags(call, args->flags, 0))
                return;
        g_autoptr(GError) error = NULL;
        DmWork *w = dm_work_begin(client, call);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_inject_nmi(domain, &w->job, &error))
                dm_work_give_up(w, error);
}

/* ---- screen ---- */

typedef struct Picture {
        DmServer *server;
        DmRpcCall *call; /* until it is answered */
        int fd;          /* in memory: reading it never waits */
        const char *mime;
        DmRpcStream *stream;
} Picture;

static void picture_free(Picture *p)
{
        dm_close_fd(&p->fd);
        g_free(p);
}

/* As much as the client takes. */
static void send_picture(DmRpcStream *s, void *user)
{
        Picture *p = user;
        g_autofree char *chunk = g_malloc(PICTURE_CHUNK);
        gssize n;
        while (p->fd >= 0 && (n = read(p->fd, chunk, PICTURE_CHUNK)) > 0)
                if (!dm_rpc_stream_send(s, chunk, (gsize)n))
                        return;
        if (p->fd < 0)
                return;
        dm_close_fd(&p->fd);
        dm_rpc_stream_end(s);
}

static void on_finish(DmRpcStream *s, void *user)
{
        dm_rpc_stream_finish(s);
        picture_free(user);
}

static void on_closed(DmRpcStream *s G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *user)
{
        picture_free(user);
}

static void on_picture(DomusDomain *domain G_GNUC_UNUSED, const GError *error, void *data)
{
        static const DmRpcStreamHandlers handlers = { .finish = on_finish,
                                                      .writable = send_picture,
                                                      .closed = on_closed };
        Picture *p = data;
        DmServer *server = p->server;
        DmRpcCall *call = g_steal_pointer(&p->call);
        DM_RPC_AUTO(DomainScreenshotRet, ret) = { g_strdup(p->mime) };
        if (error) {
                dm_handler_answer_error(call, error);
        } else if (lseek(p->fd, 0, SEEK_SET) != 0) {
                dm_rpc_call_fail_code(call, DM_RPC_ERR_SYSTEM_ERROR, DM_RPC_FROM_QEMU,
                                      "the picture can't be read");
        } else if (dm_rpc_call_proc(call)->stream) {
                p->stream = dm_rpc_call_reply_stream(call, &ret, &handlers, p);
        } else {
                int fd = dm_steal_fd(&p->fd);
                dm_rpc_call_reply_fds(call, &ret, &fd, 1);
        }
        if (p->stream)
                send_picture(p->stream, p);
        else
                picture_free(p);
        dm_server_end_work(server);
}

void dm_handle_screenshot(DmClient *client, DmRpcCall *call, DmRpcDomainScreenshotArgs *args)
{
        if (!dm_work_flags(call, args->flags, 0))
                return;
        g_autoptr(GError) error = NULL;
        Picture *p = g_new0(Picture, 1);
        *p = (Picture){ .server = client->server, .call = call, .fd = -1 };
        const DomusCall job = { .done = on_picture, .data = p };
        dm_server_begin_work(client->server);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_screenshot(domain, args->screen, &p->fd, &p->mime, &job, &error))
                on_picture(NULL, error, p);
}

/* The same as a descriptor, for our own library. */
void dm_handle_domus_screenshot(DmClient *client, DmRpcCall *call, DmRpcDomainScreenshotArgs *args)
{
        dm_handle_screenshot(client, call, args);
}

/* ---- displays ---- */

typedef struct Display {
        DmServer *server;
        DmRpcCall *call;
        int fd;
} Display;

static void on_display(DomusDomain *domain G_GNUC_UNUSED, const GError *error, void *data)
{
        Display *d = data;
        DmServer *server = d->server;
        const DmRpcVoid ret = { 0 };
        if (error)
                dm_handler_answer_error(d->call, error);
        else
                dm_rpc_call_reply_fds(d->call, &ret, &d->fd, 1);
        g_free(d);
        dm_server_end_work(server);
}

void dm_handle_open_graphics(DmClient *client, DmRpcCall *call, DmRpcDomainIndex *args)
{
        if (!dm_work_flags(call, args->flags, DOMUS_GRAPHICS_NO_PASSWORD))
                return;
        g_autoptr(GError) error = NULL;
        Display *d = g_new(Display, 1);
        *d = (Display){ client->server, call, -1 };
        const DomusCall job = { .done = on_display, .data = d };
        dm_server_begin_work(client->server);
        g_autoptr(DomusDomain) domain = dm_domain_of_wire(client->conn, &args->dom, &error);
        if (!domain || !domus_domain_open_graphics(domain, args->idx, args->flags, &d->fd, &job, &error))
                on_display(NULL, error, d);
}
