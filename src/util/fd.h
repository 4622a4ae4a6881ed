/* Owned file descriptors: `dm_autofd int fd = -1;` closes at the end of the scope. */
#pragma once

#include <glib.h>
#include <unistd.h>

static inline void dm_close_fd(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static inline int dm_steal_fd(int *fd)
{
        int result = *fd;
        *fd = -1;
        return result;
}

#define dm_autofd __attribute__((cleanup(dm_close_fd)))
