/* A call that is answered when a job of the driver's has ended. */
#include "daemon/work.h"

#include "daemon/dispatch.h"

static void end(DmWork *w)
{
        DmServer *server = w->server;
        if (w->free_data)
                w->free_data(w->data);
        g_free(w->ret);
        g_free(w);
        dm_server_end_work(server);
}

void dm_work_give_up(DmWork *w, const GError *error)
{
        dm_handler_answer_error(w->call, error);
        end(w);
}

void dm_work_finish(DmWork *w, DomusDomain *domain)
{
        g_autoptr(GError) error = NULL;
        const DmXdrType *type = dm_rpc_call_proc(w->call)->ret;
        gboolean ok = !w->fill || w->fill(w, domain, &error);
        if (ok)
                dm_rpc_call_reply(w->call, w->ret);
        else
                dm_handler_answer_error(w->call, error);
        dm_record_clear(type, w->ret);
        end(w);
}

static void on_done(DomusDomain *domain, const GError *error, void *data)
{
        DmWork *w = data;
        if (!error && w->autodestroy)
                dm_client_autodestroy_add(w->server, dm_rpc_call_conn(w->call), domain);
        if (error)
                dm_work_give_up(w, error);
        else
                dm_work_finish(w, domain);
}

DmWork *dm_work_begin(DmClient *client, DmRpcCall *call)
{
        DmWork *w = g_new0(DmWork, 1);
        w->server = client->server;
        w->call = call;
        w->ret = g_malloc0(dm_rpc_call_proc(call)->ret->size);
        w->job = (DomusCall){ .cancel = dm_server_ending(client->server), .done = on_done, .data = w };
        dm_server_begin_work(client->server);
        return w;
}

gboolean dm_work_flags(DmRpcCall *call, guint32 flags, guint32 known)
{
        g_autoptr(GError) error = NULL;
        if (dm_handler_flags(flags, known, dm_rpc_call_proc(call)->function, &error))
                return TRUE;
        dm_handler_answer_error(call, error);
        return FALSE;
}
