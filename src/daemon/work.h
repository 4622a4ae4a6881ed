/* A call that is answered when a job of the driver's has ended. */
#pragma once

#include "daemon/client.h"

/* Stats and the like: longer than QEMU needs when it is well, shorter than people wait. */
#define DM_WORK_ASK_MS 10000

typedef struct DmWork DmWork;
struct DmWork {
        DmServer *server;
        DmRpcCall *call;
        void *ret; /* owned; a zeroed struct of the reply, for results */
        /* Nullable: the job has succeeded; fills what is still missing of `ret`.  FALSE with the reason. */
        gboolean (*fill)(DmWork *w, DomusDomain *domain, GError **error);
        gpointer data; /* fill's; owned with free_data (nullable) */
        GDestroyNotify free_data;
        gboolean autodestroy; /* when it has succeeded, the guest ends with the client */
        DomusCall job;        /* to be given to the driver */
};

/* From now on the server is not idle.  The driver gets &w->job, or somebody calls dm_work_give_up(). */
DmWork *dm_work_begin(DmClient *client, DmRpcCall *call);
/* The job could not be begun: answers with @error, and frees. */
void dm_work_give_up(DmWork *w, const GError *error);
/* It has ended already, and well: fills, answers, frees. */
void dm_work_finish(DmWork *w, DomusDomain *domain);
/* Refuses @call when @flags has more than @known.  FALSE: it is answered. */
gboolean dm_work_flags(DmRpcCall *call, guint32 flags, guint32 known);
