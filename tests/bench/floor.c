/* See floor.h.  Plain C and system calls only: no library of the project is used, so that none is measured.
 */
#include "bench/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 30000
#define BUFFER   16384

extern char **environ;

static long now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void release(struct Floor *f)
{
        if (f->pid > 0) {
                kill(f->pid, SIGKILL);
                waitpid(f->pid, NULL, 0);
        }
        if (f->pidfd >= 0)
                close(f->pidfd);
        if (f->qmp >= 0)
                close(f->qmp);
        unlink(f->socket);
        f->pid = f->pidfd = f->qmp = -1;
}

/* Leaves the reason, and nothing that runs. */
static int failed(struct Floor *f, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        vsnprintf(f->error, sizeof f->error, format, args);
        va_end(args);
        release(f);
        return -1;
}

/* The descriptor at which argv wants its monitor. */
static int monitor_fd(char *const argv[])
{
        for (; *argv != NULL; argv++) {
                const char *fd = strstr(*argv, "fd=");
                if (fd != NULL && strstr(*argv, "server=on") != NULL)
                        return (int)strtol(fd + strlen("fd="), NULL, 10);
        }
        return -1;
}

static int spawn(struct Floor *f, char *const argv[], int listener, int target, const char *log)
{
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        posix_spawn_file_actions_adddup2(&actions, listener, target);
        int status = posix_spawn(&f->pid, argv[0], &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        if (status != 0)
                f->pid = -1;
        return status;
}

static int say(struct Floor *f, const char *text)
{
        return write(f->qmp, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

/* Reads whole lines until one has text: 0.  At an error reply, the end or the limit: -1. */
static int await(struct Floor *f, const char *text, char buffer[BUFFER])
{
        size_t length = 0;
        while (length < BUFFER - 1) {
                struct pollfd wait = { .fd = f->qmp, .events = POLLIN };
                if (poll(&wait, 1, LIMIT_MS) <= 0)
                        return -1;
                ssize_t got = read(f->qmp, buffer + length, BUFFER - 1 - length);
                if (got <= 0)
                        return -1;
                length += (size_t)got;
                buffer[length] = '\0';
                if (strstr(buffer, "{\"error\"") != NULL)
                        return -1;
                if (buffer[length - 1] == '\n' && strstr(buffer, text) != NULL)
                        return 0;
        }
        return -1;
}

/* Greeting, qmp_capabilities, cont, and query-status until it says running. */
static int run_it(struct Floor *f)
{
        char buffer[BUFFER];
        if (await(f, "{\"QMP\"", buffer) < 0 ||
            say(f, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"cont\"}\n") < 0)
                return -1;
        do {
                if (say(f, "{\"execute\":\"query-status\"}\n") < 0 || await(f, "\"status\": ", buffer) < 0)
                        return -1;
        } while (strstr(buffer, "\"status\": \"running\"") == NULL);
        return 0;
}

int floor_start(struct Floor *f, char *const argv[], const char *dir)
{
        long begin_us = now_us();
        *f = (struct Floor){ .pid = -1, .pidfd = -1, .qmp = -1 };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char log[sizeof f->socket];
        if (snprintf(f->socket, sizeof f->socket, "%s/floor.sock", dir) >= (int)sizeof f->socket)
                return failed(f, "directory name too long: %s", dir);
        snprintf(log, sizeof log, "%s/floor.log", dir);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", f->socket);

        int target = monitor_fd(argv);
        if (target < 3)
                return failed(f, "no word with fd=N and server=on in the command line");
        unlink(f->socket);
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        f->qmp = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (listener < 0 || f->qmp < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
            listen(listener, 1) < 0 || connect(f->qmp, (struct sockaddr *)&address, sizeof address) < 0) {
                int reason = errno;
                if (listener >= 0)
                        close(listener);
                return failed(f, "monitor socket %s: %s", f->socket, strerror(reason));
        }
        int status = spawn(f, argv, listener, target, log);
        close(listener);
        if (status != 0)
                return failed(f, "%s: %s", argv[0], strerror(status));
        f->pidfd = (int)syscall(SYS_pidfd_open, f->pid, 0);
        if (f->pidfd < 0)
                return failed(f, "pidfd_open: %s", strerror(errno));

        if (run_it(f) < 0)
                return failed(f, "not running; what QEMU said is in %s", log);
        f->start_us = now_us() - begin_us;
        return 0;
}

long floor_stop(struct Floor *f)
{
        siginfo_t status;
        struct pollfd wait = { .fd = f->pidfd, .events = POLLIN };
        long begin_us = now_us();
        if (syscall(SYS_pidfd_send_signal, f->pidfd, SIGTERM, NULL, 0) < 0 || poll(&wait, 1, LIMIT_MS) != 1 ||
            waitid(P_PIDFD, (id_t)f->pidfd, &status, WEXITED) < 0)
                return failed(f, "did not end: %s", strerror(errno));
        long end_us = now_us() - begin_us;
        f->pid = -1; /* reaped: nothing left to kill */
        release(f);
        return end_us;
}
