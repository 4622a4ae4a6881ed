/* Event sources of whatever thread the server runs on (see sources.h). */
#include "daemon/sources.h"

static GSource *add(GSource *source, GSourceFunc fn, void *data)
{
        g_source_set_callback(source, fn, data, NULL);
        g_source_attach(source, g_main_context_get_thread_default());
        return source;
}

GSource *dm_source_fd(int fd, GIOCondition condition, GUnixFDSourceFunc fn, void *data)
{
        return add(g_unix_fd_source_new(fd, condition), G_SOURCE_FUNC(fn), data);
}

GSource *dm_source_timeout(guint ms, GSourceFunc fn, void *data)
{
        return add(g_timeout_source_new(ms), fn, data);
}

void dm_source_stop(GSource **source)
{
        if (*source)
                g_source_destroy(*source);
        g_clear_pointer(source, g_source_unref);
}
